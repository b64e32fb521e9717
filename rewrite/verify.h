/* The last step: the printed text is parsed again and proved. Shares no code with restrict. */
#ifndef HG_VERIFY_H
#define HG_VERIFY_H

#include "rewrite.h"
#include "tree.h"

/* Parses `sql` and proves that (1) it is exactly one statement whose tree equals `meant` but for locations;
 * (2) every relation in it is a CTE in scope by SQL's rules, or a physical relation of the snapshot that the
 * user's role may read and that stands under `SELECT <columns> FROM <it> WHERE <tenant column> = '<tenant
 * value>'` (shared tables without the WHERE), or that is written under such a predicate (verify_write.c), or,
 * when the backend is the catalog, a relation of pg_catalog, information_schema or the logical schema; (3) no
 * function, operator or type in it is schema-qualified into anything but pg_catalog (information_schema on
 * the catalog), or the logical schema's types. False sets an XX000 fault whose detail names what failed. */
HG_MUST_USE bool hg_verify(struct hg_slice sql, const PgQuery__Node *meant, const struct hg_context *context,
                           int backend, struct hg_arena *arena, struct hg_fault *fault);

#endif
