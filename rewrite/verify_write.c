/* INSERT, UPDATE and DELETE in the text that is about to be sent.
 *
 * What is written is a table that the role may write, on the one backend where its rows are written, and:
 * - each row that INSERT adds gets the tenant's value in the tenant column, whatever its source: the literal,
 *   or a CASE that gives the literal or fails;
 * - UPDATE, DELETE and ON CONFLICT DO UPDATE reach rows under the tenant's predicate, which comes first in
 *   their WHERE, with what else restricts the role;
 * - no assignment gives the tenant column anything else, nor reaches a column that the role does not see as
 *   it is, or by which its rows are told;
 * - ON CONFLICT infers a key that holds the tenant column;
 * - what is read of the table is proved column by column, in verify_reference.c.
 *
 * On the catalog backend, for EXPLAIN, the same statements name logical tables, which are empty. */
#include "verify_internal.h"

#include "reflect.h"

struct write {
    struct hg_proof *proof;
    struct hg_written written;
    struct hg_proof_scope with;  /* WITH alone */
    struct hg_proof_scope scope; /* in it: what is written, and FROM */
    const ProtobufCMessage *message;
};

/* What is written. */

static const struct hg_table_view *written_view(struct hg_proof *proof, const PgQuery__RangeVar *relation)
{
    const struct hg_context *context = proof->context;
    if (!proof->catalog)
        return hg_proved_table(proof, relation);
    const struct hg_table *table = hg_snapshot_table(context->snapshot, hg_slice_cstr(relation->schemaname),
                                                     hg_slice_cstr(relation->relname));
    if (table && context->user->role->views[table->index].readable)
        return &context->user->role->views[table->index];
    (void)hg_unproved(proof, "relation %s.%s may not be written", relation->schemaname, relation->relname);
    return NULL;
}

static bool open_write(struct write *write, const PgQuery__RangeVar *relation, enum hg_grant grant)
{
    struct hg_proof *proof = write->proof;
    const struct hg_config *config = proof->context->snapshot->config;
    if (!relation || *relation->catalogname || !*relation->schemaname ||
        (relation->alias ? relation->alias->n_colnames != 0 : !proof->catalog))
        return hg_unproved(proof, "what is written is named in another way than by its schema and an alias");
    const struct hg_table_view *view = written_view(proof, relation);
    if (!view)
        return false;
    if (!view->writable || view->table->shared || view->table->kind != HG_TABLE_PLAIN ||
        !hg_role_may(proof->context->user->role, grant))
        return hg_unproved(proof, "relation %s.%s may not be written", relation->schemaname,
                           relation->relname);
    write->written.view = view;
    if (proof->catalog)
        return true;
    if (view->table->write_backend != proof->backend ||
        config->backends[proof->backend].dialect != HG_DIALECT_POSTGRESQL)
        return hg_unproved(proof, "relation %s.%s is not written on this backend", relation->schemaname,
                           relation->relname);
    proof->writes = true;
    write->written.alias = hg_slice_cstr(relation->alias->aliasname);
    write->scope.written = &write->written;
    return hg_qualify_masks(proof, &write->written);
}

static bool is_tenant_column(const struct write *write, struct hg_slice name)
{
    return !write->proof->catalog && hg_slice_equal(name, write->written.view->table->tenant_column);
}

/* Values of the tenant column. */

static bool is_tenant_literal(const struct write *write, const PgQuery__Node *node)
{
    return node && node->node_case == PG_QUERY__NODE__NODE_A_CONST && !node->a_const->isnull &&
           node->a_const->val_case == PG_QUERY__A__CONST__VAL_SVAL &&
           hg_slice_is(write->proof->context->user->tenant->value, node->a_const->sval->sval);
}

/* A cast that cannot make another value of it: to the column's own type, or to one that cuts nothing off. */
static bool keeps_values(const struct write *write, const PgQuery__TypeName *type)
{
    static const char *const types[] = {"text", "varchar", "bpchar", "uuid",
                                        "int2", "int4",    "int8",   "numeric"};
    if (!type || type->n_names == 0 || type->n_names > 2 || type->n_typmods || type->n_array_bounds)
        return false;
    struct hg_slice schema = type->n_names == 2 ? hg_proof_text(type->names[0]) : HG_LIT("pg_catalog");
    struct hg_slice name = hg_proof_text(type->names[type->n_names - 1]);
    const struct hg_user_type *own = hg_snapshot_type(write->proof->context->snapshot, schema, name);
    if (own)
        return own->kind == HG_TYPE_ENUM;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (hg_slice_is(schema, "pg_catalog") && hg_slice_is(name, types[i]))
            return true;
    return false;
}

static bool is_tenant_constant(const struct write *write, const PgQuery__Node *node)
{
    if (node && node->node_case == PG_QUERY__NODE__NODE_TYPE_CAST)
        return keeps_values(write, node->type_cast->type_name) &&
               is_tenant_literal(write, node->type_cast->arg);
    return is_tenant_literal(write, node);
}

/* CASE WHEN … THEN <the constant> ELSE <what fails> END */
static bool is_tenant_or_fails(const struct write *write, const PgQuery__Node *node)
{
    if (!node || node->node_case != PG_QUERY__NODE__NODE_CASE_EXPR)
        return false;
    const PgQuery__CaseExpr *chosen = node->case_expr;
    const PgQuery__Node *otherwise = chosen->defresult;
    if (otherwise && otherwise->node_case == PG_QUERY__NODE__NODE_TYPE_CAST)
        otherwise = otherwise->type_cast->arg;
    return !chosen->arg && chosen->n_args == 1 &&
           chosen->args[0]->node_case == PG_QUERY__NODE__NODE_CASE_WHEN &&
           is_tenant_constant(write, chosen->args[0]->case_when->result) && otherwise &&
           otherwise->node_case == PG_QUERY__NODE__NODE_FUNC_CALL && hg_always_fails(otherwise->func_call);
}

static bool is_tenant_value(const struct write *write, const PgQuery__Node *node)
{
    return is_tenant_constant(write, node) || is_tenant_or_fails(write, node);
}

/* Assignments. */

static enum hg_walk find_column(ProtobufCMessage *message, ProtobufCMessage *parent,
                                const ProtobufCFieldDescriptor *field, void *argument)
{
    const struct hg_slice *name = argument;
    (void)parent;
    (void)field;
    const PgQuery__ColumnRef *column = (const PgQuery__ColumnRef *)message;
    return message->descriptor == &pg_query__column_ref__descriptor &&
                   hg_slice_equal(hg_proof_text(column->fields[0]), *name)
               ? HG_WALK_STOP
               : HG_WALK_INTO;
}

/* Do the role's rows depend on the column? */
static bool tells_rows(const struct hg_table_view *view, struct hg_slice name)
{
    return view->rows &&
           !hg_tree_walk((ProtobufCMessage *)&view->rows->base, HG_TREE_DEPTH_MOST, find_column, &name);
}

/* The column, which may be the tenant's, and the subscripts behind it. */
static const PgQuery__ResTarget *prove_column_target(struct write *write, const PgQuery__Node *node)
{
    const PgQuery__ResTarget *target =
        node->node_case == PG_QUERY__NODE__NODE_RES_TARGET ? node->res_target : NULL;
    struct hg_slice name = target ? hg_slice_cstr(target->name) : HG_LIT("");
    bool proved = target && (is_tenant_column(write, name) ? target->n_indirection == 0
                                                           : hg_is_shown(write->written.view, name));
    for (size_t i = 0; proved && i < target->n_indirection; i++)
        proved = target->indirection[i]->node_case == PG_QUERY__NODE__NODE_A_INDICES;
    if (!proved)
        (void)hg_unproved(write->proof, "column %.*s may not be written", HG_SLICE_FMT(name));
    else
        proved = hg_prove_nodes(write->proof, target->n_indirection, target->indirection, &write->scope,
                                &target->base);
    return proved ? target : NULL;
}

static bool prove_values(struct write *write, size_t count, PgQuery__Node *const *values,
                         const struct hg_proof_scope *scope)
{
    for (size_t i = 0; i < count; i++)
        if (values[i]->node_case != PG_QUERY__NODE__NODE_SET_TO_DEFAULT &&
            !hg_prove_node(write->proof, values[i], scope, write->message))
            return false;
    return true;
}

/* Each target has a copy of the source of its own. */
static bool prove_multiple(struct write *write, const PgQuery__MultiAssignRef *multiple, bool tenant)
{
    const PgQuery__Node *source = multiple->source;
    const PgQuery__RowExpr *row =
        source && source->node_case == PG_QUERY__NODE__NODE_ROW_EXPR ? source->row_expr : NULL;
    bool inside = multiple->colno >= 1 && multiple->colno <= multiple->ncolumns;
    if (!source || !inside || (row && row->n_args != (size_t)multiple->ncolumns))
        return hg_unproved(write->proof, "an assignment to several columns that is none");
    if (tenant && (!row || !is_tenant_value(write, row->args[multiple->colno - 1])))
        return hg_unproved(write->proof, "the tenant column may get another value");
    return row ? prove_values(write, row->n_args, row->args, &write->scope)
               : hg_prove_node(write->proof, source, &write->scope, write->message);
}

static bool prove_assignment(struct write *write, const PgQuery__Node *node)
{
    const PgQuery__ResTarget *target = prove_column_target(write, node);
    if (!target)
        return false;
    struct hg_slice name = hg_slice_cstr(target->name);
    bool tenant = is_tenant_column(write, name);
    if (!target->val || tells_rows(write->written.view, name) ||
        (tenant && !hg_is_shown(write->written.view, name)))
        return hg_unproved(write->proof, "column %.*s may not be changed", HG_SLICE_FMT(name));
    if (target->val->node_case == PG_QUERY__NODE__NODE_MULTI_ASSIGN_REF)
        return prove_multiple(write, target->val->multi_assign_ref, tenant);
    if (tenant && !is_tenant_value(write, target->val))
        return hg_unproved(write->proof, "the tenant column may get another value");
    return prove_values(write, 1, &target->val, &write->scope);
}

static bool prove_assignments(struct write *write, size_t count, PgQuery__Node *const *targets)
{
    for (size_t i = 0; i < count; i++)
        if (!prove_assignment(write, targets[i]))
            return false;
    return count > 0 || hg_unproved(write->proof, "a SET of nothing");
}

/* Rows in conflict are found by a key of the tenant's own; all others are looked for by the conditions. */
static void note_conditions(struct write *write, size_t count, PgQuery__Node *const *conditions,
                            size_t proved)
{
    if (write->message->descriptor == &pg_query__insert_stmt__descriptor)
        return;
    const struct hg_fence fence = {.view = write->written.view,
                                   .alias = write->written.alias,
                                   .conditions = conditions,
                                   .nconditions = count,
                                   .nproved = proved,
                                   .masks = write->written.masks,
                                   .nmasks = write->written.nmasks};
    hg_note_fence(write->proof, &fence);
}

/* Conditions: the tenant's predicate and what goes with it come first. */
static bool prove_where(struct write *write, PgQuery__Node *const *at)
{
    PgQuery__Node *const where = *at;
    struct hg_proof *proof = write->proof;
    if (proof->catalog)
        return hg_prove_node(proof, where, &write->scope, write->message);
    bool both = where && where->node_case == PG_QUERY__NODE__NODE_BOOL_EXPR &&
                where->bool_expr->boolop == PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR;
    size_t count = both ? where->bool_expr->n_args : where != NULL;
    PgQuery__Node *const *conditions = both ? where->bool_expr->args : at;
    size_t proved = hg_proved_conditions(proof, write->written.view, write->written.alias, count, conditions);
    if (proved == 0)
        return hg_unproved(proof, "what is written stands without its predicate");
    note_conditions(write, count, conditions, proved);
    for (; proved < count; proved++) {
        const PgQuery__Node *inner =
            hg_fenced_condition(proof, write->written.view, write->written.alias, conditions[proved]);
        if (!hg_prove_node(proof, inner ? inner : conditions[proved], &write->scope, write->message))
            return false;
    }
    return true;
}

static bool prove_returning(struct write *write, size_t count, PgQuery__Node *const *targets)
{
    return hg_prove_nodes(write->proof, count, targets, &write->scope, write->message);
}

/* INSERT. */

static bool is_star(const PgQuery__Node *node)
{
    const PgQuery__Node *value =
        node->node_case == PG_QUERY__NODE__NODE_RES_TARGET ? node->res_target->val : NULL;
    const PgQuery__Node *last = NULL;
    if (value && value->node_case == PG_QUERY__NODE__NODE_COLUMN_REF)
        last = value->column_ref->fields[value->column_ref->n_fields - 1];
    else if (value && value->node_case == PG_QUERY__NODE__NODE_A_INDIRECTION &&
             value->a_indirection->n_indirection)
        last = value->a_indirection->indirection[value->a_indirection->n_indirection - 1];
    return last && last->node_case == PG_QUERY__NODE__NODE_A_STAR;
}

static bool has_star(PgQuery__Node *const *from, PgQuery__Node *const *to)
{
    for (; from < to; from++)
        if (is_star(*from))
            return true;
    return false;
}

/* The item of a select list that gives column `at` of `width`: PostgreSQL takes just as many as there are
 * columns, so that it can be counted from either end if there is no star between. */
static const PgQuery__Node *target_at(const PgQuery__SelectStmt *select, size_t at, size_t width)
{
    PgQuery__Node *const *targets = select->target_list;
    size_t count = select->n_target_list, behind = width - 1 - at;
    size_t place = at;
    if (at >= count || has_star(targets, targets + at + 1)) {
        if (behind >= count || has_star(targets + (count - 1 - behind), targets + count))
            return NULL;
        place = count - 1 - behind;
    } else if (count != width && !has_star(targets, targets + count)) {
        return NULL;
    }
    return targets[place]->node_case == PG_QUERY__NODE__NODE_RES_TARGET ? targets[place]->res_target->val
                                                                        : NULL;
}

/* Grouping sets turn what they group by into NULL, a constant, too. */
static bool has_grouping_sets(const PgQuery__SelectStmt *select)
{
    for (size_t i = 0; i < select->n_group_clause; i++)
        if (select->group_clause[i]->node_case == PG_QUERY__NODE__NODE_GROUPING_SET)
            return true;
    return false;
}

/* Has each row of the source the tenant's value in column `at` of `width`? */
static bool gives_tenant(const struct write *write, const PgQuery__SelectStmt *select, size_t at,
                         size_t width)
{
    if (select->op != PG_QUERY__SET_OPERATION__SETOP_NONE)
        return select->larg && select->rarg && gives_tenant(write, select->larg, at, width) &&
               gives_tenant(write, select->rarg, at, width);
    for (size_t i = 0; i < select->n_values_lists; i++) {
        const PgQuery__Node *row = select->values_lists[i];
        if (row->node_case != PG_QUERY__NODE__NODE_LIST || row->list->n_items != width ||
            !is_tenant_value(write, row->list->items[at]))
            return false;
    }
    if (select->n_values_lists)
        return true;
    return !has_grouping_sets(select) && is_tenant_value(write, target_at(select, at, width));
}

/* VALUES as it is: where DEFAULT may stand. */
static bool is_plain_values(const PgQuery__SelectStmt *select)
{
    return select->n_values_lists && select->op == PG_QUERY__SET_OPERATION__SETOP_NONE &&
           !select->with_clause && !select->n_sort_clause && !select->limit_count && !select->limit_offset &&
           !select->n_locking_clause && !select->n_target_list && !select->n_from_clause &&
           !select->where_clause && !select->n_group_clause && !select->having_clause &&
           !select->n_window_clause && !select->n_distinct_clause && !select->into_clause;
}

static bool prove_source(struct write *write, const PgQuery__Node *source)
{
    if (!source && write->proof->catalog)
        return true;
    if (!source || source->node_case != PG_QUERY__NODE__NODE_SELECT_STMT)
        return hg_unproved(write->proof, "an INSERT from something else than rows");
    const PgQuery__SelectStmt *select = source->select_stmt;
    if (!is_plain_values(select))
        return hg_prove_node(write->proof, source, &write->with, write->message);
    for (size_t i = 0; i < select->n_values_lists; i++) {
        const PgQuery__Node *row = select->values_lists[i];
        if (row->node_case != PG_QUERY__NODE__NODE_LIST ||
            !prove_values(write, row->list->n_items, row->list->items, &write->with))
            return hg_unproved(write->proof, "a row of values that is none");
    }
    return true;
}

/* The columns, among them once the tenant's, which each row fills. */
static bool prove_filled(struct write *write, const PgQuery__InsertStmt *insert)
{
    size_t tenant = 0, found = 0;
    for (size_t i = 0; i < insert->n_cols; i++) {
        const PgQuery__ResTarget *target = prove_column_target(write, insert->cols[i]);
        if (!target || target->val)
            return hg_unproved(write->proof, "a column of INSERT that is none");
        if (is_tenant_column(write, hg_slice_cstr(target->name))) {
            tenant = i;
            found++;
        }
    }
    if (write->proof->catalog)
        return true;
    if (found != 1)
        return hg_unproved(write->proof, "the tenant column is filled %zu times", found);
    const PgQuery__Node *source = insert->select_stmt;
    return (source && source->node_case == PG_QUERY__NODE__NODE_SELECT_STMT &&
            gives_tenant(write, source->select_stmt, tenant, insert->n_cols)) ||
           hg_unproved(write->proof, "the tenant column may get another value");
}

/* A key that holds the tenant column is a key of the tenant's own rows. */
static bool prove_inferred(struct write *write, const PgQuery__InferClause *infer)
{
    const struct hg_table_view *view = write->written.view;
    bool tenant = write->proof->catalog;
    if (*infer->conname || infer->where_clause || !infer->n_index_elems)
        return write->proof->catalog ||
               hg_unproved(write->proof, "ON CONFLICT by something else than columns");
    for (size_t i = 0; i < infer->n_index_elems; i++) {
        const PgQuery__IndexElem *key = infer->index_elems[i]->node_case == PG_QUERY__NODE__NODE_INDEX_ELEM
                                            ? infer->index_elems[i]->index_elem
                                            : NULL;
        struct hg_slice name = key ? hg_slice_cstr(key->name) : HG_LIT("");
        if (!key || key->expr || key->n_collation || key->n_opclass || key->n_opclassopts ||
            !(is_tenant_column(write, name) || hg_table_column(view->table, name) >= 0))
            return hg_unproved(write->proof, "ON CONFLICT by something else than columns");
        tenant |= is_tenant_column(write, name);
    }
    return tenant || hg_unproved(write->proof, "ON CONFLICT by a key without the tenant column");
}

static bool prove_conflict(struct write *write, const PgQuery__OnConflictClause *conflict)
{
    if (!conflict)
        return true;
    if (conflict->infer && !prove_inferred(write, conflict->infer))
        return false;
    bool all_own = conflict->infer || write->proof->catalog || !write->written.view->table->global_key;
    if (conflict->action == PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_NOTHING)
        return (all_own && !conflict->n_target_list && !conflict->where_clause) ||
               hg_unproved(write->proof, "ON CONFLICT by any key, of which one is without the tenant column");
    if (conflict->action != PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_UPDATE || !conflict->infer)
        return hg_unproved(write->proof, "an action of ON CONFLICT that is not known");
    write->written.excluded = true;
    bool proved = prove_assignments(write, conflict->n_target_list, conflict->target_list) &&
                  prove_where(write, &conflict->where_clause);
    write->written.excluded = false;
    return proved;
}

static bool prove_insert(struct write *write, const PgQuery__InsertStmt *insert)
{
    if (!open_write(write, insert->relation, HG_GRANT_INSERT))
        return false;
    if (write->written.view->rows)
        return hg_unproved(write->proof, "an INSERT by a role that sees a part of the rows only");
    return hg_prove_with(write->proof, insert->with_clause, &write->with) && prove_filled(write, insert) &&
           prove_source(write, insert->select_stmt) && prove_conflict(write, insert->on_conflict_clause) &&
           prove_returning(write, insert->n_returning_list, insert->returning_list);
}

/* UPDATE and DELETE. */

/* The FROM does not see what is written, all else sees both. */
static bool open_from(struct write *write, size_t count, PgQuery__Node *const *items)
{
    write->scope.from = items;
    write->scope.nfrom = count;
    return hg_prove_from(write->proof, count, items, &write->with, write->message);
}

static bool prove_update(struct write *write, const PgQuery__UpdateStmt *update)
{
    return open_write(write, update->relation, HG_GRANT_UPDATE) &&
           hg_prove_with(write->proof, update->with_clause, &write->with) &&
           open_from(write, update->n_from_clause, update->from_clause) &&
           prove_assignments(write, update->n_target_list, update->target_list) &&
           prove_where(write, &update->where_clause) &&
           prove_returning(write, update->n_returning_list, update->returning_list);
}

static bool prove_delete(struct write *write, const PgQuery__DeleteStmt *delete)
{
    return open_write(write, delete->relation, HG_GRANT_DELETE) &&
           hg_prove_with(write->proof, delete->with_clause, &write->with) &&
           open_from(write, delete->n_using_clause, delete->using_clause) &&
           prove_where(write, &delete->where_clause) &&
           prove_returning(write, delete->n_returning_list, delete->returning_list);
}

bool hg_prove_write(struct hg_proof *proof, const PgQuery__Node *statement,
                    const struct hg_proof_scope *outer)
{
    struct write write = {.proof = proof, .with = {.outer = outer}};
    write.scope.outer = &write.with;
    switch (statement->node_case) {
    case PG_QUERY__NODE__NODE_INSERT_STMT:
        write.message = &statement->insert_stmt->base;
        return prove_insert(&write, statement->insert_stmt);
    case PG_QUERY__NODE__NODE_UPDATE_STMT:
        write.message = &statement->update_stmt->base;
        return prove_update(&write, statement->update_stmt);
    case PG_QUERY__NODE__NODE_DELETE_STMT:
        write.message = &statement->delete_stmt->base;
        return prove_delete(&write, statement->delete_stmt);
    default:
        return hg_unproved(proof, "a statement that writes in another way");
    }
}
