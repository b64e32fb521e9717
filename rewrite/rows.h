/* `rows:` of the policy: a condition beside the tenant's that the rows of a table meet for a role.
 *
 * The policy's tree is shared and has bare columns and numbered attributes; what is sent has columns of the
 * table by its printed name, and the caller's values. It is put together the same way behind a wrapper's
 * predicate and behind that of a table that is changed:
 *
 *     <predicate> [AND <its guard>] [AND <guard of a part of the condition>]… AND (<condition>)
 *
 * A condition that may raise an error is evaluated on the tenant's own rows only:
 * CASE WHEN <predicate> THEN <condition> END. */
#ifndef HG_ROWS_H
#define HG_ROWS_H

#include "rewrite.h"

/* Do guards of its parts come before whatever else may fail on a row, see leak.c? Otherwise a client's
 * conditions that may fail need a fence (OFFSET 0), or must stand inside of a CASE behind the parts. */
bool hg_rows_guardable(const struct hg_table_view *view);

/* `where` AND the condition, and before it guards of its parts when asked for. `where` may be NULL;
 * `predicate` is the tenant's once more, NULL for a shared table. */
PgQuery__Node *hg_rows_and(const struct hg_table_view *view, const struct hg_context *context,
                           struct hg_slice qualifier, bool guard, PgQuery__Node *where,
                           PgQuery__Node *predicate, struct hg_arena *arena);

/* Does the condition name this column? Changing it could move a row out of sight, or into it. */
bool hg_rows_name(const struct hg_table_view *view, const struct hg_column *column);
/* Has the role a condition, and the table a key that this column may be part of? A duplicate would tell of
 * rows out of sight. */
bool hg_rows_key(const struct hg_table_view *view, const struct hg_column *column);

#endif
