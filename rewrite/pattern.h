/* What LIKE and regular expressions match with.
 *
 * A planner that knows the pattern tries it on the values that it keeps of the column, which are everybody's,
 * before any predicate is asked. Most patterns tell nothing by that. But `LIKE 'ab\'` fails on a value that
 * begins with `ab` and on no other, and a regular expression with back references may take minutes for some
 * values and no time for others. So a pattern is plain, or it is asked for by a sub-select, `(SELECT …)`, and
 * no planner knows it; when it is matched the guard has been asked, as for any sub-select (leak.h). */
#ifndef HG_PATTERN_H
#define HG_PATTERN_H

#include <pg_query/pg_query.pb-c.h>

#include "arena.h"

/* Is it LIKE, ILIKE, SIMILAR TO, ~ and so on, also with NOT, ANY and ALL? */
bool hg_pattern_matches(const PgQuery__AExpr *expression);

/* Is the pattern known by its text, and harmless on whatever value? */
bool hg_pattern_is_plain(const PgQuery__AExpr *expression);

/* The expression with a pattern that no planner knows; NULL: it needs no change. What is in it is shared. */
PgQuery__Node *hg_pattern_hidden(struct hg_arena *arena, const PgQuery__AExpr *expression);

/* Is it a function under LIKE or ~, which planners know as these operators? */
bool hg_pattern_calls(struct hg_slice function);

#endif
