/* The SELECT that stands for a system relation of which a private database would show something else. */
#ifndef HG_REPLACEMENT_H
#define HG_REPLACEMENT_H

#include "resolve.h"

/* A fresh tree in the arena, the client's own names in it; none of its nodes has a location. *select is NULL
 * when this statement may read the relation as it is. */
HG_MUST_USE bool hg_replacement_of(const struct hg_catalog_relation *relation,
                                   const struct hg_resolved *resolved, const struct hg_context *context,
                                   struct hg_arena *arena, PgQuery__SelectStmt **select,
                                   struct hg_fault *fault);

#endif
