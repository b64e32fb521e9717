/* INSERT, UPDATE and DELETE.
 *
 * Only in PostgreSQL's dialect: nothing is written to other engines. An assignment to several columns at
 * once, `(a, b) = source`, is one target per column to the grammar, each with a source of its own; it is put
 * together again only from neighbours that say just that. */
#include "print_internal.h"

#include "reflect.h"

/* The relation that is written, with the name that the statement has for it. */
static void put_written(struct hg_printer *p, const PgQuery__RangeVar *relation, bool may_be_only)
{
    if (!relation || (relation->alias && relation->alias->n_colnames) || (!relation->inh && !may_be_only)) {
        hg_put_refuse(p, "this form of what is written to is not supported");
        return;
    }
    hg_put(p, relation->inh ? "" : "ONLY ");
    hg_put_relation(p, relation);
    if (relation->alias) {
        hg_put(p, " AS ");
        hg_put_name(p, relation->alias->aliasname);
    }
}

static const PgQuery__ResTarget *target_of(struct hg_printer *p, const PgQuery__Node *node)
{
    if (node && node->node_case == PG_QUERY__NODE__NODE_RES_TARGET && *node->res_target->name)
        return node->res_target;
    hg_put_refuse_node(p, node);
    return NULL;
}

/* A column that gets a value, or elements of it. */
static void put_column_target(struct hg_printer *p, const PgQuery__ResTarget *target)
{
    hg_put_mark(p, target->location);
    hg_put_name(p, target->name);
    hg_put_parts(p, target->n_indirection, target->indirection);
}

static void put_columns(struct hg_printer *p, size_t count, PgQuery__Node *const *columns)
{
    for (size_t i = 0; i < count && !p->failed; i++) {
        const PgQuery__ResTarget *target = target_of(p, columns[i]);
        hg_put(p, i ? ", " : " (");
        if (target && !target->val)
            put_column_target(p, target);
        else if (target)
            hg_put_refuse_node(p, target->val);
    }
    hg_put(p, count ? ")" : "");
}

/* SET. */

static const PgQuery__MultiAssignRef *multiple_of(const PgQuery__Node *node)
{
    const PgQuery__Node *value =
        node && node->node_case == PG_QUERY__NODE__NODE_RES_TARGET ? node->res_target->val : NULL;
    return value && value->node_case == PG_QUERY__NODE__NODE_MULTI_ASSIGN_REF ? value->multi_assign_ref
                                                                              : NULL;
}

/* Do so many targets, from the first on, share out one source? */
static bool is_one_assignment(struct hg_printer *p, size_t count, PgQuery__Node *const *targets,
                              const PgQuery__MultiAssignRef *first)
{
    struct hg_slice why;
    size_t columns = first->ncolumns > 0 ? (size_t)first->ncolumns : 0;
    if (first->colno != 1 || columns == 0 || columns > count || !first->source)
        return false;
    for (size_t i = 1; i < columns; i++) {
        const PgQuery__MultiAssignRef *other = multiple_of(targets[i]);
        if (!other || other->colno != (int32_t)i + 1 || other->ncolumns != first->ncolumns || !other->source)
            return false;
        if (other->source != first->source &&
            !hg_tree_equal(&other->source->base, &first->source->base, p->arena, &why))
            return false;
    }
    return true;
}

/* Returns how many targets that took. */
static size_t put_multiple(struct hg_printer *p, size_t count, PgQuery__Node *const *targets,
                           const PgQuery__MultiAssignRef *first)
{
    if (!is_one_assignment(p, count, targets, first)) {
        hg_put_refuse(p, "this assignment to several columns is not supported");
        return count;
    }
    size_t columns = (size_t)first->ncolumns;
    for (size_t i = 0; i < columns && !p->failed; i++) {
        const PgQuery__ResTarget *target = target_of(p, targets[i]);
        hg_put(p, i ? ", " : "(");
        if (target)
            put_column_target(p, target);
    }
    hg_put(p, ") = ");
    hg_put_expression(p, first->source);
    return columns;
}

static void put_assignments(struct hg_printer *p, size_t count, PgQuery__Node *const *targets)
{
    if (count == 0)
        hg_put_refuse(p, "an empty SET is not supported");
    for (size_t i = 0; i < count && !p->failed;) {
        const PgQuery__MultiAssignRef *multiple = multiple_of(targets[i]);
        hg_put(p, i ? ", " : " SET ");
        if (multiple) {
            i += put_multiple(p, count - i, targets + i, multiple);
            continue;
        }
        const PgQuery__ResTarget *target = target_of(p, targets[i++]);
        if (!target)
            return;
        put_column_target(p, target);
        hg_put(p, " = ");
        hg_put_expression(p, target->val);
    }
}

static void put_where(struct hg_printer *p, const PgQuery__Node *condition)
{
    if (!condition)
        return;
    hg_put(p, " WHERE ");
    hg_put_expression(p, condition);
}

static void put_returning(struct hg_printer *p, size_t count, PgQuery__Node *const *targets)
{
    if (count == 0)
        return;
    hg_put(p, " RETURNING");
    hg_put_targets(p, count, targets);
}

/* INSERT. */

static void put_override(struct hg_printer *p, PgQuery__OverridingKind override)
{
    switch (override) {
    case PG_QUERY__OVERRIDING_KIND__OVERRIDING_NOT_SET:
        break;
    case PG_QUERY__OVERRIDING_KIND__OVERRIDING_USER_VALUE:
        hg_put(p, " OVERRIDING USER VALUE");
        break;
    case PG_QUERY__OVERRIDING_KIND__OVERRIDING_SYSTEM_VALUE:
        hg_put(p, " OVERRIDING SYSTEM VALUE");
        break;
    default:
        hg_put_refuse(p, "an OVERRIDING of kind %d is not supported", (int) override);
        break;
    }
}

static void put_key_column(struct hg_printer *p, const PgQuery__Node *node)
{
    const PgQuery__IndexElem *key =
        node && node->node_case == PG_QUERY__NODE__NODE_INDEX_ELEM ? node->index_elem : NULL;
    if (!key || key->expr || *key->indexcolname || key->n_collation || key->n_opclass || key->n_opclassopts ||
        key->ordering != PG_QUERY__SORT_BY_DIR__SORTBY_DEFAULT ||
        key->nulls_ordering != PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_DEFAULT) {
        hg_put_refuse(p, "this target of ON CONFLICT is not supported");
        return;
    }
    hg_put_name(p, key->name);
}

static void put_inferred(struct hg_printer *p, const PgQuery__InferClause *infer)
{
    if (infer->where_clause || (infer->n_index_elems != 0) == (*infer->conname != '\0')) {
        hg_put_refuse(p, "this target of ON CONFLICT is not supported");
        return;
    }
    hg_put(p, " ");
    hg_put_mark(p, infer->location);
    if (*infer->conname) {
        hg_put(p, "ON CONSTRAINT ");
        hg_put_name(p, infer->conname);
        return;
    }
    for (size_t i = 0; i < infer->n_index_elems && !p->failed; i++) {
        hg_put(p, i ? ", " : "(");
        put_key_column(p, infer->index_elems[i]);
    }
    hg_put(p, ")");
}

static void put_conflict(struct hg_printer *p, const PgQuery__OnConflictClause *conflict)
{
    hg_put(p, " ");
    hg_put_mark(p, conflict->location);
    hg_put(p, "ON CONFLICT");
    if (conflict->infer)
        put_inferred(p, conflict->infer);
    switch (conflict->action) {
    case PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_NOTHING:
        if (conflict->n_target_list || conflict->where_clause)
            hg_put_refuse(p, "ON CONFLICT DO NOTHING with a body is not supported");
        hg_put(p, " DO NOTHING");
        break;
    case PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_UPDATE:
        hg_put(p, " DO UPDATE");
        put_assignments(p, conflict->n_target_list, conflict->target_list);
        put_where(p, conflict->where_clause);
        break;
    default:
        hg_put_refuse(p, "an action of ON CONFLICT of kind %d is not supported", (int)conflict->action);
        break;
    }
}

static void put_insert(struct hg_printer *p, const PgQuery__InsertStmt *insert)
{
    if (insert->with_clause)
        hg_put_with(p, insert->with_clause);
    hg_put(p, "INSERT INTO ");
    put_written(p, insert->relation, false);
    put_columns(p, insert->n_cols, insert->cols);
    put_override(p, insert->override);
    if (!insert->select_stmt) {
        if (insert->n_cols || insert->override != PG_QUERY__OVERRIDING_KIND__OVERRIDING_NOT_SET)
            hg_put_refuse(p, "an INSERT of columns without values is not supported");
        hg_put(p, " DEFAULT VALUES");
    } else if (insert->select_stmt->node_case != PG_QUERY__NODE__NODE_SELECT_STMT) {
        hg_put_refuse_node(p, insert->select_stmt);
    } else {
        hg_put(p, " ");
        hg_put_select(p, insert->select_stmt->select_stmt);
    }
    if (insert->on_conflict_clause)
        put_conflict(p, insert->on_conflict_clause);
    put_returning(p, insert->n_returning_list, insert->returning_list);
}

static void put_update(struct hg_printer *p, const PgQuery__UpdateStmt *update)
{
    if (update->with_clause)
        hg_put_with(p, update->with_clause);
    hg_put(p, "UPDATE ");
    put_written(p, update->relation, true);
    put_assignments(p, update->n_target_list, update->target_list);
    hg_put_from(p, " FROM ", update->n_from_clause, update->from_clause);
    put_where(p, update->where_clause);
    put_returning(p, update->n_returning_list, update->returning_list);
}

static void put_delete(struct hg_printer *p, const PgQuery__DeleteStmt *delete)
{
    if (delete->with_clause)
        hg_put_with(p, delete->with_clause);
    hg_put(p, "DELETE FROM ");
    put_written(p, delete->relation, true);
    hg_put_from(p, " USING ", delete->n_using_clause, delete->using_clause);
    put_where(p, delete->where_clause);
    put_returning(p, delete->n_returning_list, delete->returning_list);
}

void hg_put_write(struct hg_printer *p, const PgQuery__Node *node)
{
    if (p->failed)
        return;
    if (p->dialect != HG_DIALECT_POSTGRESQL) {
        hg_put_refuse(p, "writing is not supported on this backend");
        return;
    }
    switch (node->node_case) {
    case PG_QUERY__NODE__NODE_INSERT_STMT:
        put_insert(p, node->insert_stmt);
        break;
    case PG_QUERY__NODE__NODE_UPDATE_STMT:
        put_update(p, node->update_stmt);
        break;
    case PG_QUERY__NODE__NODE_DELETE_STMT:
        put_delete(p, node->delete_stmt);
        break;
    default:
        hg_put_refuse_node(p, node);
        break;
    }
}
