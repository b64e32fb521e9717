/* What the proof's files share; nobody else includes it. */
#ifndef HG_VERIFY_INTERNAL_H
#define HG_VERIFY_INTERNAL_H

#include "map.h"
#include "verify.h"

struct hg_proof {
    const struct hg_context *context;
    bool catalog; /* for the catalog backend */
    struct hg_arena *arena;
    struct hg_fault *fault;
    PgQuery__Node *statement; /* the whole of it */
    struct hg_map columns;    /* names that some column has, see verify_name.c */
    bool gathered;            /* those that stand in the statement are in it */
};

/* Sets the fault, XX000 with this detail. Always false. */
bool hg_unproved(struct hg_proof *proof, const char *format, ...) HG_PRINTF(2, 3);
struct hg_slice hg_proof_text(const PgQuery__Node *node); /* of a String node; empty for any other */

/* verify_name.c: by name, each false with the fault set. */
HG_MUST_USE bool hg_prove_call(struct hg_proof *proof, const PgQuery__FuncCall *call,
                               const ProtobufCMessage *parent);
HG_MUST_USE bool hg_prove_value_function(struct hg_proof *proof, const PgQuery__SQLValueFunction *function);
HG_MUST_USE bool hg_prove_column(struct hg_proof *proof, const PgQuery__ColumnRef *column);
HG_MUST_USE bool hg_prove_indirection(struct hg_proof *proof, const PgQuery__AIndirection *indirection);
HG_MUST_USE bool hg_prove_type(struct hg_proof *proof, const PgQuery__TypeName *type,
                               const ProtobufCMessage *parent);
HG_MUST_USE bool hg_prove_operator(struct hg_proof *proof, size_t count, PgQuery__Node *const *name);
HG_MUST_USE bool hg_prove_expression(struct hg_proof *proof, const PgQuery__AExpr *expression);
HG_MUST_USE bool hg_prove_collation(struct hg_proof *proof, const PgQuery__CollateClause *clause);
HG_MUST_USE bool hg_prove_sample(struct hg_proof *proof, const PgQuery__RangeTableSample *sample);

/* verify_copy.c: all of a COPY but the query that it sends to the client. */
HG_MUST_USE bool hg_prove_copy(struct hg_proof *proof, const PgQuery__CopyStmt *copy);

/* verify_table.c */
/* Is the SELECT one over a single relation that is named with its schema? */
const PgQuery__RangeVar *hg_wrapped_relation(const PgQuery__SelectStmt *select);
/* Is it exactly what may stand between that physical table and the statement? */
HG_MUST_USE bool hg_prove_wrapper(struct hg_proof *proof, const PgQuery__SelectStmt *select,
                                  const PgQuery__RangeVar *relation);
/* How many of these conditions, which are joined by AND, are what must stand, first of all, between the table
 * and the statement: the tenant's predicate with its guard, the role's rows with theirs. Columns are
 * qualified by `qualifier`. 0: it is not there (or, for a shared table without rows, nothing needs to be). */
size_t hg_proved_conditions(struct hg_proof *proof, const struct hg_table_view *view,
                            struct hg_slice qualifier, size_t count, PgQuery__Node *const *conditions);
/* A relation with a schema, on the catalog backend, outside of any replacement. */
HG_MUST_USE bool hg_prove_catalog_relation(struct hg_proof *proof, const PgQuery__RangeVar *relation);
/* Is this sub-select exactly what stands for a system relation? (Not an error if it is not.) */
bool hg_is_replacement(struct hg_proof *proof, const PgQuery__SelectStmt *select);

/* verify_rows.c */
/* Is it the role's condition on the table, for this caller, columns qualified? Not an error if it is not. */
bool hg_is_rows(struct hg_proof *proof, const struct hg_table_view *view, struct hg_slice qualifier,
                const PgQuery__Node *said);
/* Is it that, or one of the parts that it joins by AND? `said` may be NULL. */
bool hg_is_part_of_rows(struct hg_proof *proof, const struct hg_table_view *view, struct hg_slice qualifier,
                        const PgQuery__Node *said);

#endif
