/* A catalog database brought to what schema.sql and the policy want: all that tenants know of, or what one
 * role sees of it. */
#ifndef HG_CATALOG_H
#define HG_CATALOG_H

#include "diag.h"
#include "fault.h"
#include "snapshot.h"

struct hg_catalog_outcome {
    const char *doing;       /* what it was at when it failed, for "while <doing>" */
    struct hg_fault fault;   /* when it failed */
    struct hg_slice changes; /* a line for each */
    size_t unchanged;        /* tables */
};

/* `config` is the catalog backend, or a role's. One transaction, which is committed, or rolled back when
 * nothing but the answer is wanted. The database is only created if it commits. The outcome lives in the
 * arena. diags gets a warning for each check or index that is left out, because the server has not what it is
 * made of (an extension's operators). */
HG_MUST_USE bool hg_catalog_bring(const struct hg_snapshot *snapshot, const struct hg_backend_config *config,
                                  bool commit, struct hg_arena *arena, struct hg_catalog_outcome *outcome,
                                  struct hg_diags *diags);

#endif
