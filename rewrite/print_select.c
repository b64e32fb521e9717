/* SELECT, VALUES, set operations, and the clauses around them. */
#include "print_internal.h"

/* ORDER BY. */

static void put_sort_direction(struct hg_printer *p, const PgQuery__SortBy *sort)
{
    switch (sort->sortby_dir) {
    case PG_QUERY__SORT_BY_DIR__SORTBY_DEFAULT:
        break;
    case PG_QUERY__SORT_BY_DIR__SORTBY_ASC:
        hg_put(p, " ASC");
        break;
    case PG_QUERY__SORT_BY_DIR__SORTBY_DESC:
        hg_put(p, " DESC");
        break;
    case PG_QUERY__SORT_BY_DIR__SORTBY_USING:
        hg_put(p, " USING ");
        hg_put_mark(p, sort->location);
        hg_put_operator(p, sort->n_use_op, sort->use_op);
        break;
    default:
        hg_put_refuse(p, "a sort direction of kind %d is not supported", (int)sort->sortby_dir);
        break;
    }
    if (sort->n_use_op && sort->sortby_dir != PG_QUERY__SORT_BY_DIR__SORTBY_USING)
        hg_put_refuse(p, "this form of ORDER BY is not supported");
}

static void put_sort(struct hg_printer *p, const PgQuery__Node *node)
{
    if (!node || node->node_case != PG_QUERY__NODE__NODE_SORT_BY) {
        hg_put_refuse_node(p, node);
        return;
    }
    const PgQuery__SortBy *sort = node->sort_by;
    hg_put_expression(p, sort->node);
    put_sort_direction(p, sort);
    switch (sort->sortby_nulls) {
    case PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_DEFAULT:
        break;
    case PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST:
        hg_put(p, " NULLS FIRST");
        break;
    case PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_LAST:
        hg_put(p, " NULLS LAST");
        break;
    default:
        hg_put_refuse(p, "an order of NULLs of kind %d is not supported", (int)sort->sortby_nulls);
        break;
    }
}

void hg_put_order(struct hg_printer *p, size_t count, PgQuery__Node *const *items)
{
    if (count == 0)
        hg_put_refuse(p, "an empty ORDER BY is not supported");
    hg_put(p, "ORDER BY ");
    for (size_t i = 0; i < count && !p->failed; i++) {
        if (i)
            hg_put(p, ", ");
        put_sort(p, items[i]);
    }
}

/* WITH. */

static void put_search(struct hg_printer *p, const PgQuery__CTESearchClause *search)
{
    hg_put(p, " ");
    hg_put_mark(p, search->location);
    hg_put(p, search->search_breadth_first ? "SEARCH BREADTH FIRST BY " : "SEARCH DEPTH FIRST BY ");
    hg_put_names(p, search->n_search_col_list, search->search_col_list);
    hg_put(p, " SET ");
    hg_put_name(p, search->search_seq_column);
}

static void put_cycle_value(struct hg_printer *p, const PgQuery__Node *node)
{
    if (node && node->node_case == PG_QUERY__NODE__NODE_A_CONST)
        hg_put_constant(p, node->a_const);
    else if (node && node->node_case == PG_QUERY__NODE__NODE_TYPE_CAST)
        hg_put_typed_constant(p, node->type_cast);
    else
        hg_put_refuse_node(p, node);
}

static void put_cycle(struct hg_printer *p, const PgQuery__CTECycleClause *cycle)
{
    hg_put(p, " ");
    hg_put_mark(p, cycle->location);
    hg_put(p, "CYCLE ");
    hg_put_names(p, cycle->n_cycle_col_list, cycle->cycle_col_list);
    hg_put(p, " SET ");
    hg_put_name(p, cycle->cycle_mark_column);
    hg_put(p, " TO ");
    put_cycle_value(p, cycle->cycle_mark_value);
    hg_put(p, " DEFAULT ");
    put_cycle_value(p, cycle->cycle_mark_default);
    hg_put(p, " USING ");
    hg_put_name(p, cycle->cycle_path_column);
}

static void put_materialized(struct hg_printer *p, PgQuery__CTEMaterialize materialized)
{
    switch (materialized) {
    case PG_QUERY__CTEMATERIALIZE__CTEMaterializeDefault:
        break;
    case PG_QUERY__CTEMATERIALIZE__CTEMaterializeAlways:
        hg_put(p, "MATERIALIZED ");
        break;
    case PG_QUERY__CTEMATERIALIZE__CTEMaterializeNever:
        hg_put(p, "NOT MATERIALIZED ");
        break;
    default:
        hg_put_refuse(p, "a materialization of kind %d is not supported", (int)materialized);
        break;
    }
}

static void put_cte_query(struct hg_printer *p, const PgQuery__Node *query)
{
    if (!query || query->node_case == PG_QUERY__NODE__NODE_SELECT_STMT) {
        hg_put_subselect(p, query);
        return;
    }
    hg_put(p, "(");
    hg_put_write(p, query);
    hg_put(p, ")");
}

static void put_cte(struct hg_printer *p, const PgQuery__Node *node)
{
    if (!node || node->node_case != PG_QUERY__NODE__NODE_COMMON_TABLE_EXPR) {
        hg_put_refuse_node(p, node);
        return;
    }
    const PgQuery__CommonTableExpr *cte = node->common_table_expr;
    hg_put_mark(p, cte->location);
    hg_put_name(p, cte->ctename);
    if (cte->n_aliascolnames) {
        hg_put(p, " (");
        hg_put_names(p, cte->n_aliascolnames, cte->aliascolnames);
        hg_put(p, ")");
    }
    hg_put(p, " AS ");
    put_materialized(p, cte->ctematerialized);
    put_cte_query(p, cte->ctequery);
    if (cte->search_clause)
        put_search(p, cte->search_clause);
    if (cte->cycle_clause)
        put_cycle(p, cte->cycle_clause);
}

void hg_put_with(struct hg_printer *p, const PgQuery__WithClause *with)
{
    if (with->n_ctes == 0)
        hg_put_refuse(p, "an empty WITH is not supported");
    hg_put_mark(p, with->location);
    hg_put(p, with->recursive ? "WITH RECURSIVE " : "WITH ");
    for (size_t i = 0; i < with->n_ctes && !p->failed; i++) {
        if (i)
            hg_put(p, ", ");
        put_cte(p, with->ctes[i]);
    }
    hg_put(p, " ");
}

/* What is selected. */

static void put_distinct(struct hg_printer *p, const PgQuery__SelectStmt *select)
{
    if (select->n_distinct_clause == 0)
        return;
    hg_put(p, " DISTINCT");
    /* Plain DISTINCT is a list of one empty node. */
    if (select->n_distinct_clause == 1 &&
        select->distinct_clause[0]->node_case == PG_QUERY__NODE__NODE__NOT_SET)
        return;
    hg_put(p, " ON (");
    hg_put_expressions(p, select->n_distinct_clause, select->distinct_clause);
    hg_put(p, ")");
}

static void put_target(struct hg_printer *p, const PgQuery__Node *node)
{
    if (!node || node->node_case != PG_QUERY__NODE__NODE_RES_TARGET || node->res_target->n_indirection) {
        hg_put_refuse_node(p, node);
        return;
    }
    const PgQuery__Node *value = node->res_target->val;
    hg_put_expression(p, value);
    if (*node->res_target->name) {
        if (value && value->node_case == PG_QUERY__NODE__NODE_COLUMN_REF &&
            value->column_ref->n_fields == 1 &&
            value->column_ref->fields[0]->node_case == PG_QUERY__NODE__NODE_A_STAR)
            hg_put_refuse(p, "a name for all columns is not supported");
        hg_put(p, " AS ");
        hg_put_name(p, node->res_target->name);
    }
}

void hg_put_targets(struct hg_printer *p, size_t count, PgQuery__Node *const *targets)
{
    for (size_t i = 0; i < count && !p->failed; i++) {
        hg_put(p, i ? ", " : " ");
        put_target(p, targets[i]);
    }
}

static void put_values(struct hg_printer *p, const PgQuery__SelectStmt *select)
{
    hg_put(p, "VALUES ");
    for (size_t i = 0; i < select->n_values_lists && !p->failed; i++) {
        const PgQuery__Node *row = select->values_lists[i];
        if (row->node_case != PG_QUERY__NODE__NODE_LIST || row->list->n_items == 0) {
            hg_put_refuse_node(p, row);
            return;
        }
        hg_put(p, i ? ", (" : "(");
        hg_put_expressions(p, row->list->n_items, row->list->items);
        hg_put(p, ")");
    }
}

/* GROUP BY and WINDOW. */

static void put_grouping(struct hg_printer *p, size_t count, PgQuery__Node *const *items);

static void put_grouping_set(struct hg_printer *p, const PgQuery__GroupingSet *set)
{
    hg_put_mark(p, set->location);
    switch (set->kind) {
    case PG_QUERY__GROUPING_SET_KIND__GROUPING_SET_EMPTY:
        break;
    case PG_QUERY__GROUPING_SET_KIND__GROUPING_SET_ROLLUP:
        hg_put(p, "ROLLUP ");
        break;
    case PG_QUERY__GROUPING_SET_KIND__GROUPING_SET_CUBE:
        hg_put(p, "CUBE ");
        break;
    case PG_QUERY__GROUPING_SET_KIND__GROUPING_SET_SETS:
        hg_put(p, "GROUPING SETS ");
        break;
    default:
        hg_put_refuse(p, "a grouping set of kind %d is not supported", (int)set->kind);
        return;
    }
    if ((set->kind == PG_QUERY__GROUPING_SET_KIND__GROUPING_SET_EMPTY) != (set->n_content == 0))
        hg_put_refuse(p, "this grouping set is not supported");
    hg_put(p, "(");
    put_grouping(p, set->n_content, set->content);
    hg_put(p, ")");
}

static void put_grouping(struct hg_printer *p, size_t count, PgQuery__Node *const *items)
{
    for (size_t i = 0; i < count && !p->failed; i++) {
        if (i)
            hg_put(p, ", ");
        if (items[i]->node_case == PG_QUERY__NODE__NODE_GROUPING_SET)
            put_grouping_set(p, items[i]->grouping_set);
        else
            hg_put_expression(p, items[i]);
    }
}

static void put_windows(struct hg_printer *p, const PgQuery__SelectStmt *select)
{
    for (size_t i = 0; i < select->n_window_clause && !p->failed; i++) {
        const PgQuery__Node *node = select->window_clause[i];
        if (node->node_case != PG_QUERY__NODE__NODE_WINDOW_DEF) {
            hg_put_refuse_node(p, node);
            return;
        }
        hg_put(p, i ? ", " : " WINDOW ");
        hg_put_name(p, node->window_def->name);
        hg_put(p, " AS ");
        hg_put_window(p, node->window_def);
    }
}

/* LIMIT and locks. */

static void put_limit(struct hg_printer *p, const PgQuery__SelectStmt *select)
{
    bool ties = select->limit_option == PG_QUERY__LIMIT_OPTION__LIMIT_OPTION_WITH_TIES;
    bool is_none = select->limit_option == PG_QUERY__LIMIT_OPTION__LIMIT_OPTION_DEFAULT;
    bool is_count = select->limit_option == PG_QUERY__LIMIT_OPTION__LIMIT_OPTION_COUNT;
    bool any = select->limit_count || select->limit_offset;
    if ((!ties && !is_none && !is_count) || any == is_none || (ties && !select->limit_count)) {
        hg_put_refuse(p, "a limit of kind %d is not supported here", (int)select->limit_option);
        return;
    }
    if (select->limit_count) {
        hg_put(p, ties ? " FETCH FIRST " : " LIMIT ");
        if (ties)
            hg_put_primary(p, select->limit_count);
        else
            hg_put_expression(p, select->limit_count);
        hg_put(p, ties ? " ROWS WITH TIES" : "");
    }
    if (select->limit_offset) {
        hg_put(p, " OFFSET ");
        hg_put_expression(p, select->limit_offset);
    }
}

static void put_locked_relations(struct hg_printer *p, const PgQuery__LockingClause *lock)
{
    for (size_t i = 0; i < lock->n_locked_rels && !p->failed; i++) {
        const PgQuery__Node *relation = lock->locked_rels[i];
        hg_put(p, i ? ", " : " OF ");
        if (relation->node_case == PG_QUERY__NODE__NODE_RANGE_VAR && !relation->range_var->alias)
            hg_put_relation(p, relation->range_var);
        else
            hg_put_refuse_node(p, relation);
    }
}

static void put_lock(struct hg_printer *p, const PgQuery__Node *node, bool ties)
{
    if (p->dialect != HG_DIALECT_POSTGRESQL)
        hg_put_refuse(p, "locking rows is not supported on this backend");
    if (node->node_case != PG_QUERY__NODE__NODE_LOCKING_CLAUSE) {
        hg_put_refuse_node(p, node);
        return;
    }
    const PgQuery__LockingClause *lock = node->locking_clause;
    if (ties && lock->wait_policy == PG_QUERY__LOCK_WAIT_POLICY__LockWaitSkip)
        hg_put_refuse(
            p, "SKIP LOCKED and WITH TIES cannot be used together"); /* brackets hide it from the grammar */
    switch (lock->strength) {
    case PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORKEYSHARE:
        hg_put(p, " FOR KEY SHARE");
        break;
    case PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORSHARE:
        hg_put(p, " FOR SHARE");
        break;
    case PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORNOKEYUPDATE:
        hg_put(p, " FOR NO KEY UPDATE");
        break;
    case PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORUPDATE:
        hg_put(p, " FOR UPDATE");
        break;
    default:
        hg_put_refuse(p, "a lock of kind %d is not supported", (int)lock->strength);
        break;
    }
    put_locked_relations(p, lock);
    switch (lock->wait_policy) {
    case PG_QUERY__LOCK_WAIT_POLICY__LockWaitBlock:
        break;
    case PG_QUERY__LOCK_WAIT_POLICY__LockWaitSkip:
        hg_put(p, " SKIP LOCKED");
        break;
    case PG_QUERY__LOCK_WAIT_POLICY__LockWaitError:
        hg_put(p, " NOWAIT");
        break;
    default:
        hg_put_refuse(p, "a lock wait of kind %d is not supported", (int)lock->wait_policy);
        break;
    }
}

/* Selects. */

/* WITH, ORDER BY, LIMIT and locks bind looser than a set operation. */
static bool has_tail(const PgQuery__SelectStmt *select)
{
    return select->with_clause || select->n_sort_clause || select->limit_count || select->limit_offset ||
           select->n_locking_clause;
}

static bool has_body(const PgQuery__SelectStmt *select)
{
    return select->n_distinct_clause || select->n_target_list || select->n_from_clause ||
           select->where_clause || select->n_group_clause || select->group_distinct ||
           select->having_clause || select->n_window_clause;
}

/* A chain of one operation nests to the left by itself and needs no brackets, however long it is. */
static void put_arm(struct hg_printer *p, const PgQuery__SelectStmt *arm, bool chained)
{
    if (!arm) {
        hg_put_refuse(p, "a set operation without its operand is not supported");
        return;
    }
    bool bare = !has_tail(arm) && (chained || arm->op == PG_QUERY__SET_OPERATION__SETOP_NONE);
    hg_put(p, bare ? "" : "(");
    hg_put_select(p, arm);
    hg_put(p, bare ? "" : ")");
}

static void put_set_operation(struct hg_printer *p, const PgQuery__SelectStmt *select)
{
    if (has_body(select) || select->n_values_lists)
        hg_put_refuse(p, "a set operation with a body is not supported");
    put_arm(p, select->larg, select->larg && select->larg->op == select->op);
    switch (select->op) {
    case PG_QUERY__SET_OPERATION__SETOP_UNION:
        hg_put(p, " UNION ");
        break;
    case PG_QUERY__SET_OPERATION__SETOP_INTERSECT:
        hg_put(p, " INTERSECT ");
        break;
    case PG_QUERY__SET_OPERATION__SETOP_EXCEPT:
        hg_put(p, " EXCEPT ");
        break;
    default:
        hg_put_refuse(p, "a set operation of kind %d is not supported", (int)select->op);
        break;
    }
    hg_put(p, select->all ? "ALL " : "");
    put_arm(p, select->rarg, false);
}

static void put_plain_select(struct hg_printer *p, const PgQuery__SelectStmt *select)
{
    hg_put(p, "SELECT");
    put_distinct(p, select);
    hg_put_targets(p, select->n_target_list, select->target_list);
    hg_put_from(p, " FROM ", select->n_from_clause, select->from_clause);
    if (select->where_clause) {
        hg_put(p, " WHERE ");
        hg_put_expression(p, select->where_clause);
    }
    if (select->n_group_clause) {
        hg_put(p, select->group_distinct ? " GROUP BY DISTINCT " : " GROUP BY ");
        put_grouping(p, select->n_group_clause, select->group_clause);
    }
    if (select->having_clause) {
        hg_put(p, " HAVING ");
        hg_put_expression(p, select->having_clause);
    }
    put_windows(p, select);
}

static void put_simple_select(struct hg_printer *p, const PgQuery__SelectStmt *select)
{
    if (select->larg || select->rarg || select->all || (select->n_values_lists && has_body(select)))
        hg_put_refuse(p, "this form of SELECT is not supported");
    if (select->n_values_lists)
        put_values(p, select);
    else
        put_plain_select(p, select);
}

void hg_put_select(struct hg_printer *p, const PgQuery__SelectStmt *select)
{
    if (p->failed)
        return;
    if (select->into_clause)
        hg_put_refuse(p, "SELECT INTO is not supported here");
    if (select->with_clause)
        hg_put_with(p, select->with_clause);
    if (select->op == PG_QUERY__SET_OPERATION__SETOP_NONE)
        put_simple_select(p, select);
    else
        put_set_operation(p, select);
    if (select->n_sort_clause) {
        hg_put(p, " ");
        hg_put_order(p, select->n_sort_clause, select->sort_clause);
    }
    put_limit(p, select);
    for (size_t i = 0; i < select->n_locking_clause && !p->failed; i++)
        put_lock(p, select->locking_clause[i],
                 select->limit_option == PG_QUERY__LIMIT_OPTION__LIMIT_OPTION_WITH_TIES);
}

void hg_put_subselect(struct hg_printer *p, const PgQuery__Node *node)
{
    if (!node || node->node_case != PG_QUERY__NODE__NODE_SELECT_STMT) {
        hg_put_refuse_node(p, node);
        return;
    }
    hg_put(p, "(");
    hg_put_select(p, node->select_stmt);
    hg_put(p, ")");
}
