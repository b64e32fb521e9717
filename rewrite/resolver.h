/* What the files of the resolver share: resolve.c walks, resolve_select.c opens scopes, resolve_from.c fills
 * them, and the rest look names up. */
#ifndef HG_RESOLVER_H
#define HG_RESOLVER_H

#include "resolve.h"
#include "search_path.h"

/* The WITH query that is being resolved, innermost. */
struct hg_recursion {
    const PgQuery__CommonTableExpr *source;
    struct hg_cte *cte;
};

struct hg_resolver {
    const struct hg_context *context;
    const struct hg_snapshot *snapshot;
    struct hg_slice text;
    struct hg_arena *arena;
    struct hg_fault *fault;
    struct hg_search_path path;
    struct hg_resolved *out;
    struct hg_scope_budget budget;
    size_t nitems;     /* FROM items of the whole statement */
    size_t aliases;    /* generated so far */
    size_t renamed;    /* tables whose columns were given other names */
    unsigned counting; /* how many of the levels around us want to know what is read after grouping */
    struct hg_recursion recursion;
    bool casts_rows;  /* what was a row beside a target becomes a cast of it */
    unsigned targets; /* how many of the statements around us write */
};

/* Sets the fault with the position of the byte offset `location` (-1: none). Always false. */
bool hg_refuse(struct hg_resolver *r, int32_t location, const char *sqlstate, const char *format, ...)
    HG_PRINTF(4, 5);
/* Adds a hint to the fault that was just set. Always false. */
bool hg_refuse_hint(struct hg_resolver *r, const char *format, ...) HG_PRINTF(2, 3);

/* Refuses when a name is qualified by a schema that does not exist; an empty one is none. */
HG_MUST_USE bool hg_schema_exists(struct hg_resolver *r, struct hg_slice schema, int32_t location);
/* For what the search path alone can tell: refuses when it is not known. */
HG_MUST_USE bool hg_path_known(struct hg_resolver *r, int32_t location);
void hg_edit_later(struct hg_resolver *r, PgQuery__Node *place, const PgQuery__Node *with);
/* Not where the catalog backend answers, whose plans show what the client wrote. */
void hg_edit_for_rows(struct hg_resolver *r, PgQuery__Node *place, const PgQuery__Node *with);
/* Only the catalog backend can do it; the first such thing is kept for the message. */
void hg_need_catalog(struct hg_resolver *r, const char *kind, struct hg_slice name, int32_t location);

/* resolve.c: any expression; NULL is none. */
HG_MUST_USE bool hg_resolve_node(struct hg_resolver *r, struct hg_scope *scope, PgQuery__Node *node);
HG_MUST_USE bool hg_resolve_list(struct hg_resolver *r, struct hg_scope *scope, size_t count,
                                 PgQuery__Node **list);
HG_MUST_USE bool hg_resolve_children(struct hg_resolver *r, struct hg_scope *scope,
                                     ProtobufCMessage *message);

/* resolve_select.c. `names`: the output columns; may be NULL. */
HG_MUST_USE bool hg_resolve_select(struct hg_resolver *r, struct hg_scope *parent,
                                   PgQuery__SelectStmt *select, struct hg_names *names);
HG_MUST_USE bool hg_resolve_with(struct hg_resolver *r, struct hg_scope *scope, PgQuery__WithClause *with);
HG_MUST_USE bool hg_resolve_targets(struct hg_resolver *r, struct hg_scope *scope, size_t count,
                                    PgQuery__Node **list, struct hg_names *names);

/* resolve_lock.c: FOR UPDATE and the like; `first` and those behind it are what the FROM clause reads. */
HG_MUST_USE bool hg_resolve_locks(struct hg_resolver *r, PgQuery__SelectStmt *select,
                                  struct hg_reference *first);

/* resolve_write.c: INSERT, UPDATE, DELETE. `names`: the columns of RETURNING; may be NULL. */
HG_MUST_USE bool hg_resolve_write(struct hg_resolver *r, struct hg_scope *parent, PgQuery__Node *place,
                                  struct hg_names *names);
/* May the role write, or lock rows of, this table (NULL: a system relation)? */
HG_MUST_USE bool hg_may_write(struct hg_resolver *r, const struct hg_table_view *view,
                              const PgQuery__RangeVar *range);
HG_MUST_USE bool hg_open_target(struct hg_resolver *r, PgQuery__Node *place, PgQuery__RangeVar *range,
                                struct hg_write **write);
/* The column that gets a value; `changes`: one that was there before. */
HG_MUST_USE bool hg_assigned_column(struct hg_resolver *r, const struct hg_write *write,
                                    const PgQuery__ResTarget *target, bool changes, size_t *column);
HG_MUST_USE bool hg_resolve_assignments(struct hg_resolver *r, struct hg_scope *scope,
                                        const struct hg_write *write, size_t count, PgQuery__Node **list);
/* Sees to it that the tenant's column gets its own value or none. `alone`: the value is for that column, and
 * in no list of a query. */
HG_MUST_USE bool hg_own_tenant(struct hg_resolver *r, const struct hg_write *write, PgQuery__Node *value,
                               bool alone);

/* resolve_insert.c */
HG_MUST_USE bool hg_resolve_insert(struct hg_resolver *r, struct hg_scope *scope, PgQuery__Node *place,
                                   struct hg_names *names);

/* copy_from.c: what becomes of it is written by hg_restrict_copy_from(), see copy_statement.h. */
HG_MUST_USE bool hg_resolve_copy_from(struct hg_resolver *r, PgQuery__Node *place);

/* resolve_returning.c */
HG_MUST_USE bool hg_resolve_returning(struct hg_resolver *r, struct hg_scope *scope, size_t *count,
                                      PgQuery__Node ***list, struct hg_names *names);

/* resolve_target.c: names where a statement around them writes. */
HG_MUST_USE bool hg_resolve_beside_target(struct hg_resolver *r, struct hg_scope *scope, PgQuery__Node *node);
/* `(t).name` of a target becomes t.name. */
void hg_target_field(struct hg_resolver *r, struct hg_scope *scope, PgQuery__Node *node);
PgQuery__Node *hg_target_column(struct hg_resolver *r, const struct hg_item *target, struct hg_slice name);
/* f(t.*) of a target becomes f of a sub-select that gives the row. */
HG_MUST_USE bool hg_name_row_arguments(struct hg_resolver *r, struct hg_scope *scope,
                                       PgQuery__FuncCall *call);
bool hg_refuse_target_row(struct hg_resolver *r, const struct hg_item *item, int32_t location);

/* resolve_from.c: the items of one FROM clause, pushed onto the scope. */
HG_MUST_USE bool hg_resolve_from(struct hg_resolver *r, struct hg_scope *scope, size_t count,
                                 PgQuery__Node **list);

/* function_columns.c: what a function in FROM gives, if that is known; to be asked before it is resolved. */
struct hg_names hg_function_columns(struct hg_resolver *r, struct hg_scope *scope,
                                    const PgQuery__RangeFunction *range);

/* resolve_relation.c */
struct hg_relation {
    const struct hg_cte *cte;
    const struct hg_table_view *view;
    const struct hg_catalog_relation *catalog;
};
HG_MUST_USE bool hg_find_relation(struct hg_resolver *r, const struct hg_scope *scope,
                                  const PgQuery__RangeVar *range, struct hg_relation *relation);

/* resolve_column.c */
HG_MUST_USE bool hg_resolve_column(struct hg_resolver *r, struct hg_scope *scope, PgQuery__ColumnRef *column);
HG_MUST_USE bool hg_resolve_indirection(struct hg_resolver *r, struct hg_scope *scope,
                                        PgQuery__AIndirection *indirection);
/* `x.*` as an output column; *item is NULL when the backend may say that there is no x. */
HG_MUST_USE bool hg_resolve_row(struct hg_resolver *r, struct hg_scope *scope, PgQuery__ColumnRef *column,
                                struct hg_item **item);
/* The item whose whole row a bare column reference means, or NULL. */
bool hg_is_system_column(struct hg_slice name);
/* Does the item's printed name mean it, from here? A name in between may hide it. */
bool hg_is_reached(const struct hg_scope *scope, const struct hg_item *item);
/* Makes the reference alias.column. */
HG_MUST_USE bool hg_qualify(struct hg_resolver *r, const struct hg_scope *scope, PgQuery__ColumnRef *column,
                            const struct hg_item *item);
struct hg_item *hg_whole_row(struct hg_resolver *r, struct hg_scope *scope, const PgQuery__Node *node,
                             struct hg_scope **at);

/* resolve_function.c */
HG_MUST_USE bool hg_resolve_function(struct hg_resolver *r, struct hg_scope *scope, PgQuery__Node *node,
                                     PgQuery__FuncCall *call);
/* A function that a name stands for in `x.name`, which PostgreSQL reads as name(x) when x has no such column.
 */
HG_MUST_USE bool hg_resolve_attribute(struct hg_resolver *r, struct hg_slice name, int32_t location);
/* Refuses what `functions: {deny: […]}` of the policy takes away from the role. */
HG_MUST_USE bool hg_may_call(struct hg_resolver *r, struct hg_slice name, int32_t location);
struct hg_slice hg_function_name(const PgQuery__FuncCall *call, struct hg_slice *schema);
/* A constant that names a text search configuration without a schema. */
bool hg_is_configuration(const PgQuery__Node *node);
/* Without DISTINCT, ORDER BY, FILTER, OVER, VARIADIC, *. */
bool hg_is_plain_call(const PgQuery__FuncCall *call);
/* Both set the fault and return false. */
bool hg_refuse_function(struct hg_resolver *r, struct hg_slice name, int32_t location);
bool hg_unknown_function(struct hg_resolver *r, struct hg_slice schema, struct hg_slice name,
                         int32_t location);

/* resolve_identity.c: what tells who and where one is. */
HG_MUST_USE bool hg_resolve_identity(struct hg_resolver *r, struct hg_scope *scope, PgQuery__Node *node,
                                     PgQuery__FuncCall *call);
HG_MUST_USE bool hg_resolve_value_function(struct hg_resolver *r, PgQuery__Node *node,
                                           PgQuery__SQLValueFunction *function);
/* For a function in FROM: the literal that takes its place, or NULL when it is an ordinary function. False
 * when it may not stand there. */
HG_MUST_USE bool hg_identity_in_from(struct hg_resolver *r, const PgQuery__Node *function,
                                     PgQuery__Node **literal);

/* resolve_time.c: when the transaction began. What takes the place of the call or word; NULL: it stays. */
PgQuery__Node *hg_time_of_call(struct hg_resolver *r, const PgQuery__FuncCall *call);
PgQuery__Node *hg_time_of_transaction(struct hg_resolver *r); /* as a timestamptz */
PgQuery__Node *hg_time_of_word(struct hg_resolver *r, const PgQuery__SQLValueFunction *function);
void hg_note_time_in_constant(struct hg_resolver *r, const PgQuery__AConst *constant);
void hg_note_time_in_defaults(struct hg_resolver *r);

/* The text of a string literal, cast or not; false for anything else. */
bool hg_literal_text(const PgQuery__Node *node, struct hg_slice *text);
PgQuery__Node *hg_name_literal(struct hg_resolver *r, struct hg_slice text, int32_t location);
PgQuery__Node *hg_user_name(struct hg_resolver *r);
enum hg_identity hg_identity_of_value(PgQuery__SQLValueFunctionOp op);

/* resolve_privilege.c: has_*_privilege, pg_has_role, pg_get_userbyid. */
HG_MUST_USE bool hg_resolve_privilege(struct hg_resolver *r, struct hg_scope *scope, PgQuery__Node *node,
                                      PgQuery__FuncCall *call, struct hg_slice name);
HG_MUST_USE bool hg_resolve_member(struct hg_resolver *r, struct hg_scope *scope, PgQuery__Node *node,
                                   PgQuery__FuncCall *call);
HG_MUST_USE bool hg_resolve_owner(struct hg_resolver *r, struct hg_scope *scope, PgQuery__Node *node,
                                  PgQuery__FuncCall *call);

/* resolve_name.c: a constant that names a table or type: without the client's database in front. */
HG_MUST_USE bool hg_resolve_name_in_text(struct hg_resolver *r, PgQuery__Node *node);
bool hg_takes_name(struct hg_slice function); /* in its first arguments */

/* resolve_type.c */
HG_MUST_USE bool hg_resolve_type(struct hg_resolver *r, struct hg_scope *scope, PgQuery__TypeName *type);
HG_MUST_USE bool hg_resolve_operator(struct hg_resolver *r, size_t count, PgQuery__Node **name,
                                     int32_t location);
HG_MUST_USE bool hg_resolve_collation(struct hg_resolver *r, PgQuery__CollateClause *collate);

/* resolve_write.c: 42501 for a column of what is written. Always false. */
bool hg_refuse_column(struct hg_resolver *r, const struct hg_write *write, struct hg_slice name,
                      int32_t location, const char *hint);

/* sharing.c: refuses a statement that would take a number of a sequence of all tenants, or refer to their
 * rows. */
/* DEFAULT for a column. */
HG_MUST_USE bool hg_default_number(struct hg_resolver *r, const struct hg_write *write, size_t column,
                                   const PgQuery__Node *value, int32_t location);
/* given[i]: the statement brings a value for the table's columns[i]. */
HG_MUST_USE bool hg_given_numbers(struct hg_resolver *r, const struct hg_write *write, const bool *given);
/* A value for a column: NULL is one that is computed. */
HG_MUST_USE bool hg_may_refer(struct hg_resolver *r, const struct hg_write *write, size_t column,
                              const PgQuery__Node *value, int32_t location);
/* Both for all columns of an INSERT, once its list of them is written. */
HG_MUST_USE bool hg_may_insert_values(struct hg_resolver *r, const struct hg_write *write,
                                      const PgQuery__InsertStmt *insert);

/* colname.c: the output name of an expression without AS, by PostgreSQL's rules; empty for "?column?". */
struct hg_slice hg_column_name(const PgQuery__Node *node, const struct hg_first_name *first_names);
/* So many columns are about to be spelled out for the client. False: it is too much. */
HG_MUST_USE bool hg_may_spell_out(struct hg_resolver *r, size_t columns, int32_t location);
/* `*`, `x.*` or `(x).*`, which expand to several output columns. */
bool hg_is_star(const PgQuery__Node *node);

/* group.c: PostgreSQL lets a query that groups by a table's primary key use its other columns; a sub-select
 * has no primary key, so the columns that are used are added to GROUP BY, which changes no group. */
bool hg_group_begins(struct hg_scope *scope, const PgQuery__SelectStmt *select);
void hg_group_needs(struct hg_resolver *r, struct hg_scope *at, struct hg_name column);
void hg_group_needs_row(struct hg_scope *at, struct hg_item *item);
void hg_group_needs_all(struct hg_resolver *r, struct hg_scope *at, struct hg_item *item);
HG_MUST_USE bool hg_group_by_key(struct hg_resolver *r, struct hg_scope *scope, PgQuery__SelectStmt *select);
bool hg_is_aggregate(struct hg_slice name);

#endif
