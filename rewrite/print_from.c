/* FROM: relations, joins, sub-selects, functions. */
#include "print_internal.h"

static void put_from_item(struct hg_printer *p, const PgQuery__Node *node);

void hg_put_relation(struct hg_printer *p, const PgQuery__RangeVar *relation)
{
    if (*relation->catalogname && !*relation->schemaname)
        hg_put_refuse(p, "a relation of a database without a schema is not supported");
    if (strcmp(relation->relpersistence, "p") != 0)
        hg_put_refuse(p, "a temporary relation is not supported here");
    hg_put_mark(p, relation->location);
    if (*relation->catalogname) {
        hg_put_name(p, relation->catalogname);
        hg_put(p, ".");
    }
    if (*relation->schemaname) {
        hg_put_name(p, relation->schemaname);
        hg_put(p, ".");
    }
    hg_put_name(p, relation->relname);
}

static void put_alias(struct hg_printer *p, const PgQuery__Alias *alias)
{
    if (!alias)
        return;
    hg_put(p, " AS ");
    hg_put_name(p, alias->aliasname);
    if (alias->n_colnames == 0)
        return;
    hg_put(p, " (");
    hg_put_names(p, alias->n_colnames, alias->colnames);
    hg_put(p, ")");
}

static void put_range_var(struct hg_printer *p, const PgQuery__RangeVar *relation)
{
    if (!relation->inh)
        hg_put(p, "ONLY ");
    hg_put_relation(p, relation);
    put_alias(p, relation->alias);
}

static void put_sample(struct hg_printer *p, const PgQuery__RangeTableSample *sample)
{
    if (!sample->relation || sample->relation->node_case != PG_QUERY__NODE__NODE_RANGE_VAR) {
        hg_put_refuse_node(p, sample->relation);
        return;
    }
    put_range_var(p, sample->relation->range_var);
    hg_put(p, " TABLESAMPLE ");
    hg_put_mark(p, sample->location);
    hg_put_dotted(p, sample->n_method, sample->method);
    hg_put(p, " (");
    hg_put_expressions(p, sample->n_args, sample->args);
    hg_put(p, ")");
    if (sample->repeatable) {
        hg_put(p, " REPEATABLE (");
        hg_put_expression(p, sample->repeatable);
        hg_put(p, ")");
    }
}

static void put_range_subselect(struct hg_printer *p, const PgQuery__RangeSubselect *range)
{
    hg_put(p, range->lateral ? "LATERAL " : "");
    hg_put_subselect(p, range->subquery);
    put_alias(p, range->alias);
}

/* Joins. */

/* A join on the left nests by itself; on the right, or with an alias, it needs brackets. */
static void put_joined(struct hg_printer *p, const PgQuery__Node *node, bool left)
{
    bool bare = !node || node->node_case != PG_QUERY__NODE__NODE_JOIN_EXPR || node->join_expr->alias || left;
    hg_put(p, bare ? "" : "(");
    put_from_item(p, node);
    hg_put(p, bare ? "" : ")");
}

static void put_join_words(struct hg_printer *p, const PgQuery__JoinExpr *join)
{
    bool cross = !join->is_natural && !join->quals && !join->n_using_clause;
    if (cross && join->jointype != PG_QUERY__JOIN_TYPE__JOIN_INNER)
        hg_put_refuse(p, "an outer join without a condition is not supported");
    hg_put(p, join->is_natural ? " NATURAL" : "");
    switch (join->jointype) {
    case PG_QUERY__JOIN_TYPE__JOIN_INNER:
        hg_put(p, cross ? " CROSS JOIN " : " JOIN ");
        break;
    case PG_QUERY__JOIN_TYPE__JOIN_LEFT:
        hg_put(p, " LEFT JOIN ");
        break;
    case PG_QUERY__JOIN_TYPE__JOIN_FULL:
        hg_put(p, " FULL JOIN ");
        break;
    case PG_QUERY__JOIN_TYPE__JOIN_RIGHT:
        hg_put(p, " RIGHT JOIN ");
        break;
    default:
        hg_put_refuse(p, "a join of kind %d is not supported", (int)join->jointype);
        break;
    }
}

static void put_join_condition(struct hg_printer *p, const PgQuery__JoinExpr *join)
{
    if ((join->is_natural && (join->quals || join->n_using_clause)) ||
        (join->quals && join->n_using_clause) ||
        (join->join_using_alias && (!join->n_using_clause || join->join_using_alias->n_colnames)) ||
        join->rtindex)
        hg_put_refuse(p, "this form of join is not supported");
    if (join->quals) {
        hg_put(p, " ON ");
        hg_put_expression(p, join->quals);
    }
    if (join->n_using_clause) {
        hg_put(p, " USING (");
        hg_put_names(p, join->n_using_clause, join->using_clause);
        hg_put(p, ")");
        put_alias(p, join->join_using_alias);
    }
}

static void put_join(struct hg_printer *p, const PgQuery__JoinExpr *join)
{
    hg_put(p, join->alias ? "(" : "");
    put_joined(p, join->larg, true);
    put_join_words(p, join);
    put_joined(p, join->rarg, false);
    put_join_condition(p, join);
    if (join->alias) {
        hg_put(p, ")");
        put_alias(p, join->alias);
    }
}

/* Functions. */

/* The node also serves CREATE TABLE; here only a name, a type and a collation can be. */
static bool is_plain_column(const PgQuery__ColumnDef *column)
{
    return !*column->compression && !column->inhcount && !column->is_not_null && !column->is_from_type &&
           !*column->storage && !column->raw_default && !column->cooked_default && !*column->identity &&
           !column->identity_sequence && !*column->generated && !column->coll_oid && !column->n_constraints &&
           !column->n_fdwoptions && !(column->coll_clause && column->coll_clause->arg);
}

static void put_column_definition(struct hg_printer *p, const PgQuery__Node *node)
{
    if (!node || node->node_case != PG_QUERY__NODE__NODE_COLUMN_DEF) {
        hg_put_refuse_node(p, node);
        return;
    }
    const PgQuery__ColumnDef *column = node->column_def;
    if (!column->type_name || !is_plain_column(column)) {
        hg_put_refuse(p, "this form of column definition is not supported here");
        return;
    }
    hg_put_mark(p, column->location);
    hg_put_name(p, column->colname);
    hg_put(p, " ");
    hg_put_type(p, column->type_name);
    if (column->coll_clause)
        hg_put_collation(p, column->coll_clause);
}

/* `(a integer, b text)`. */
static void put_column_definitions(struct hg_printer *p, size_t count, PgQuery__Node *const *columns)
{
    hg_put(p, "(");
    for (size_t i = 0; i < count && !p->failed; i++) {
        if (i)
            hg_put(p, ", ");
        put_column_definition(p, columns[i]);
    }
    hg_put(p, ")");
}

/* The columns of one function of ROWS FROM: an empty node, or a list. */
static void put_rows_from_columns(struct hg_printer *p, const PgQuery__Node *columns)
{
    if (columns->node_case == PG_QUERY__NODE__NODE__NOT_SET)
        return;
    if (columns->node_case != PG_QUERY__NODE__NODE_LIST || columns->list->n_items == 0) {
        hg_put_refuse_node(p, columns);
        return;
    }
    hg_put(p, " AS ");
    put_column_definitions(p, columns->list->n_items, columns->list->items);
}

static void put_functions(struct hg_printer *p, const PgQuery__RangeFunction *range)
{
    for (size_t i = 0; i < range->n_functions && !p->failed; i++) {
        const PgQuery__Node *pair = range->functions[i];
        if (pair->node_case != PG_QUERY__NODE__NODE_LIST || pair->list->n_items != 2) {
            hg_put_refuse_node(p, pair);
            return;
        }
        if (i)
            hg_put(p, ", ");
        hg_put_table_function(p, pair->list->items[0]);
        if (!range->is_rowsfrom && pair->list->items[1]->node_case != PG_QUERY__NODE__NODE__NOT_SET)
            hg_put_refuse_node(p, pair->list->items[1]);
        put_rows_from_columns(p, pair->list->items[1]);
    }
}

static void put_range_function(struct hg_printer *p, const PgQuery__RangeFunction *range)
{
    if (range->n_functions == 0 || (range->n_functions > 1 && !range->is_rowsfrom) ||
        (range->alias && range->alias->n_colnames && range->n_coldeflist))
        hg_put_refuse(p, "this form of function in FROM is not supported");
    hg_put(p, range->lateral ? "LATERAL " : "");
    hg_put(p, range->is_rowsfrom ? "ROWS FROM (" : "");
    put_functions(p, range);
    hg_put(p, range->is_rowsfrom ? ")" : "");
    hg_put(p, range->ordinality ? " WITH ORDINALITY" : "");
    put_alias(p, range->alias);
    if (range->n_coldeflist) {
        hg_put(p, range->alias ? " " : " AS ");
        put_column_definitions(p, range->n_coldeflist, range->coldeflist);
    }
}

static void put_from_item(struct hg_printer *p, const PgQuery__Node *node)
{
    if (p->failed)
        return;
    switch (node ? node->node_case : PG_QUERY__NODE__NODE__NOT_SET) {
    case PG_QUERY__NODE__NODE_RANGE_VAR:
        put_range_var(p, node->range_var);
        break;
    case PG_QUERY__NODE__NODE_RANGE_SUBSELECT:
        put_range_subselect(p, node->range_subselect);
        break;
    case PG_QUERY__NODE__NODE_JOIN_EXPR:
        put_join(p, node->join_expr);
        break;
    case PG_QUERY__NODE__NODE_RANGE_FUNCTION:
        put_range_function(p, node->range_function);
        break;
    case PG_QUERY__NODE__NODE_RANGE_TABLE_SAMPLE:
        put_sample(p, node->range_table_sample);
        break;
    default:
        hg_put_refuse_node(p, node);
        break;
    }
}

void hg_put_from(struct hg_printer *p, const char *word, size_t count, PgQuery__Node *const *items)
{
    for (size_t i = 0; i < count && !p->failed; i++) {
        hg_put(p, i ? ", " : word);
        put_from_item(p, items[i]);
    }
}
