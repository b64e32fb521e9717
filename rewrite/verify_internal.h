/* What the proof's files share; nobody else includes it. */
#ifndef HG_VERIFY_INTERNAL_H
#define HG_VERIFY_INTERNAL_H

#include "map.h"
#include "verify.h"

struct hg_rights_lists;

struct hg_proof {
    const struct hg_context *context;
    int backend;  /* for which it is */
    bool catalog; /* that is the catalog backend */
    struct hg_arena *arena;
    struct hg_fault *fault;
    PgQuery__Node *statement; /* the whole of it */
    PgQuery__Node *query;     /* the SELECT, INSERT, UPDATE or DELETE that it carries, or NULL */
    struct hg_map columns;    /* names that some column has, see verify_name.c */
    bool gathered;            /* those that stand in the statement are in it */
    bool writes;              /* something that is written was met: references are looked at */
    struct hg_fence
        *fences; /* what stands between each tenant's table and the statement, see verify_leak.c */
    struct hg_rights_lists *rights; /* once asked for */
};

/* A table that was proved to stand under its predicate. */
struct hg_fence {
    struct hg_fence *next;
    const struct hg_table_view *view;
    struct hg_slice alias;              /* that qualifies its columns */
    const PgQuery__SelectStmt *wrapper; /* or NULL: it is written */
    PgQuery__Node *const *conditions;   /* joined by AND; the client's come behind those that were proved */
    size_t nconditions, nproved;
    const PgQuery__Node **masks; /* of what is written */
    size_t nmasks;
};

/* A table that is written: it stands there itself, without a wrapper, under a name of its own. */
struct hg_written {
    const struct hg_table_view *view;
    struct hg_slice alias;
    bool excluded;               /* the row that was to be inserted is visible, too */
    const PgQuery__Node **masks; /* of masked columns, qualified by the alias and, behind those, by
                                    `excluded` */
    size_t nmasks;
};

/* What names mean at a place of the statement: a chain on the stack, innermost first. */
struct hg_proof_scope {
    const struct hg_proof_scope *outer;
    PgQuery__Node *const *ctes; /* WITH queries that are visible */
    size_t count;
    PgQuery__Node *const *from; /* items of FROM that are visible */
    size_t nfrom;
    const PgQuery__SelectStmt *outputs; /* whose columns ORDER BY and GROUP BY may name; or NULL */
    const struct hg_written *written;   /* or NULL */
    bool closed;                        /* nothing around is referred to from here */
};

/* Sets the fault, XX000 with this detail. Always false. */
bool hg_unproved(struct hg_proof *proof, const char *format, ...) HG_PRINTF(2, 3);
struct hg_slice hg_proof_text(const PgQuery__Node *node); /* of a String node; empty for any other */

/* verify.c: the walk, for the parts of a statement that have a form of their own. */
HG_MUST_USE bool hg_prove_nodes(struct hg_proof *proof, size_t count, PgQuery__Node *const *nodes,
                                const struct hg_proof_scope *scope, const ProtobufCMessage *parent);
/* An expression, a statement, whatever may stand there; NULL is none. */
HG_MUST_USE bool hg_prove_node(struct hg_proof *proof, const PgQuery__Node *node,
                               const struct hg_proof_scope *scope, const ProtobufCMessage *parent);
/* A WITH, which may be NULL; its queries are visible in the scope afterwards. */
HG_MUST_USE bool hg_prove_with(struct hg_proof *proof, const PgQuery__WithClause *with,
                               struct hg_proof_scope *scope);
/* The items of a FROM or USING. */
HG_MUST_USE bool hg_prove_from(struct hg_proof *proof, size_t count, PgQuery__Node *const *items,
                               const struct hg_proof_scope *scope, const ProtobufCMessage *parent);
/* The WITH query of that name; NULL when none is in scope. */
const PgQuery__CommonTableExpr *hg_visible_cte(const struct hg_proof_scope *scope, const char *name);

/* verify_write.c: INSERT, UPDATE and DELETE. */
HG_MUST_USE bool hg_prove_write(struct hg_proof *proof, const PgQuery__Node *statement,
                                const struct hg_proof_scope *outer);

/* verify_leak.c */
/* Notes a table under its predicate. */
void hg_note_fence(struct hg_proof *proof, const struct hg_fence *fence);
/* Could a condition raise an error on a row before the predicate of its table turns it away? */
HG_MUST_USE bool hg_prove_fences(struct hg_proof *proof);

/* verify_lock.c */
HG_MUST_USE bool hg_prove_locks(struct hg_proof *proof, const PgQuery__SelectStmt *select);

/* verify_reference.c: what is read of a table that is written. */
/* Does the column, by all that SQL's rules may make of it, show only what the role sees? */
HG_MUST_USE bool hg_prove_reference(struct hg_proof *proof, const struct hg_proof_scope *scope,
                                    const PgQuery__ColumnRef *column);
/* Is the expression the role's mask of a column of something that is written? */
bool hg_is_written_mask(struct hg_proof *proof, const struct hg_proof_scope *scope,
                        const PgQuery__Node *expression);
/* Finds the masks of `written`, whose other members are set. */
HG_MUST_USE bool hg_qualify_masks(struct hg_proof *proof, struct hg_written *written);
/* The table's column of this name, as it is? */
bool hg_is_shown(const struct hg_table_view *view, struct hg_slice name);

/* verify_name.c: by name, each false with the fault set. */
HG_MUST_USE bool hg_prove_call(struct hg_proof *proof, const PgQuery__FuncCall *call,
                               const ProtobufCMessage *parent);
/* A call that does nothing but raise an error: what stands for a tenant's value that is not the own one. */
bool hg_always_fails(const PgQuery__FuncCall *call);
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
/* The physical table of that name that the role may read, on this backend; NULL with the fault set. */
const struct hg_table_view *hg_proved_table(struct hg_proof *proof, const PgQuery__RangeVar *relation);
/* Is it exactly what may stand between that physical table and the statement? */
HG_MUST_USE bool hg_prove_wrapper(struct hg_proof *proof, const PgQuery__SelectStmt *select,
                                  const PgQuery__RangeVar *relation);
/* CASE WHEN <the tenant's predicate> THEN <the role's rows> END? */
bool hg_is_own_rows(struct hg_proof *proof, const struct hg_table_view *view, struct hg_slice qualifier,
                    const PgQuery__Node *node);
/* What is guarded by CASE WHEN <it> THEN 1 END IS NOT NULL; NULL when the node is no guard. */
const PgQuery__Node *hg_guarded_by(const PgQuery__Node *node);
/* How many of these conditions, which are joined by AND, are what must stand, first of all, between the table
 * and the statement: the tenant's predicate with its guard, the role's rows with theirs. Columns are
 * qualified by `qualifier`. 0: it is not there (or, for a shared table without rows, nothing needs to be). */
size_t hg_proved_conditions(struct hg_proof *proof, const struct hg_table_view *view,
                            struct hg_slice qualifier, size_t count, PgQuery__Node *const *conditions);
/* Is it `qualifier.tenant_column = '<own value>'`? `node` may be NULL. */
bool hg_is_own_tenant(struct hg_proof *proof, const struct hg_table_view *view, struct hg_slice qualifier,
                      const PgQuery__Node *node);
/* CASE WHEN <all of those conditions> THEN <it> END, which keeps it from other rows; NULL: no such CASE. */
const PgQuery__Node *hg_fenced_condition(struct hg_proof *proof, const struct hg_table_view *view,
                                         struct hg_slice qualifier, const PgQuery__Node *node);
/* A relation with a schema, on the catalog backend, outside of any replacement. */
HG_MUST_USE bool hg_prove_catalog_relation(struct hg_proof *proof, const PgQuery__RangeVar *relation);
/* Is this sub-select exactly what stands for a system relation? (Not an error if it is not.) */
bool hg_is_replacement(struct hg_proof *proof, const PgQuery__SelectStmt *select);

/* verify_rows.c */
/* A copy of a condition or a mask with each column qualified and each attribute the caller's; NULL: it cannot
 * be made. */
PgQuery__Node *hg_proof_qualified(struct hg_proof *proof, const PgQuery__Node *part,
                                  struct hg_slice qualifier);
/* Is it the role's condition on the table, for this caller, columns qualified? Not an error if it is not. */
bool hg_is_rows(struct hg_proof *proof, const struct hg_table_view *view, struct hg_slice qualifier,
                const PgQuery__Node *said);
/* Do these conditions hold a guard of each of its parts, none of which costs more than one operator? Those
 * come before whatever else may fail on a row. True when the role has no condition. */
bool hg_guards_rows(struct hg_proof *proof, const struct hg_table_view *view, struct hg_slice qualifier,
                    size_t count, PgQuery__Node *const *conditions);
/* Is it that, or one of the parts that it joins by AND? `said` may be NULL. */
bool hg_is_part_of_rows(struct hg_proof *proof, const struct hg_table_view *view, struct hg_slice qualifier,
                        const PgQuery__Node *said);

#endif
