/* Redirect and restrict: every reference that resolve found is replaced by what the backend may read. */
#ifndef HG_RESTRICT_H
#define HG_RESTRICT_H

#include "resolve.h"

enum hg_restrict_for {
    HG_FOR_DATA,    /* a data backend: physical tables, each behind its predicate */
    HG_FOR_CATALOG, /* the catalog backend: system relations, and (for EXPLAIN) the empty logical tables */
};

/* Changes the tree of `resolved` in place; new nodes are in the arena. False: the fault says what cannot stand
 * behind a predicate. */
HG_MUST_USE bool hg_restrict(struct hg_resolved *resolved, const struct hg_context *context,
                             enum hg_restrict_for where, struct hg_arena *arena, struct hg_fault *fault);

/* What a table needs besides its predicate, see leak.h. */
enum hg_leak hg_restrict_leak(const struct hg_resolved *resolved, const struct hg_table_view *view);

/* ONLY of a table that has no children as far as tenants know: the physical table may have some, or
 * partitions, which hold its rows. So they are read, too. */
bool hg_restrict_inherits(const struct hg_table *table, const PgQuery__RangeVar *range);

/* restrict_write.c: what is written, after the rest. */
void hg_restrict_writes(struct hg_resolved *resolved, const struct hg_context *context,
                        enum hg_restrict_for where, struct hg_arena *arena);

#endif
