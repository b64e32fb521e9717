/* Can a statement raise an error on a row before the tenant's predicate has turned the row away? */
#ifndef HG_LEAK_H
#define HG_LEAK_H

#include <pg_query/pg_query.pb-c.h>
#include <stdbool.h>

enum hg_leak {
    HG_LEAK_NONE,  /* its conditions only compare */
    HG_LEAK_GUARD, /* the predicate needs a guard beside it, which is evaluated first */
    HG_LEAK_ARRAYS, /* tables that have arrays must not be flattened into it either: ARRAY[…] comes before any
                       guard */
    HG_LEAK_FENCE, /* no table may be flattened into it */
};

/* Of a SELECT, INSERT, UPDATE or DELETE as the client wrote it, names resolved. `renamed`: some of its FROM
 * items will have other names. */
enum hg_leak hg_leak_of(const PgQuery__Node *query, bool renamed);

/* Of one condition, wherever it stands. */
enum hg_leak hg_leak_of_condition(const PgQuery__Node *condition);

#endif
