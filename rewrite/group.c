/* GROUP BY a primary key. `SELECT c.id, c.name, count(*) … GROUP BY c.id` is legal when id is the primary key
 * of c, and tools write it. A sub-select has no primary key, so the backend would refuse; c.name is added to
 * GROUP BY instead. That changes no group: the rows of one group agree in the key, so they stem from one row
 * of c (or, in an outer join, from none), and agree in all of its columns. It needs the key as it is stored:
 * a masked key column is no key.
 *
 * Columns inside aggregates need not be added, and are not: a type without equality may stand there. Where
 * such a type is needed itself, the statement is refused by name. */
#include <stdlib.h>

#include "build.h"
#include "resolver.h"

/* SELECT DISTINCT proname FROM pg_proc WHERE prokind = 'a' ORDER BY 1 COLLATE "C", PostgreSQL 15. */
static const char *const aggregates[] = {
    "array_agg",
    "avg",
    "bit_and",
    "bit_or",
    "bit_xor",
    "bool_and",
    "bool_or",
    "corr",
    "count",
    "covar_pop",
    "covar_samp",
    "cume_dist",
    "dense_rank",
    "every",
    "json_agg",
    "json_object_agg",
    "jsonb_agg",
    "jsonb_object_agg",
    "max",
    "min",
    "mode",
    "percent_rank",
    "percentile_cont",
    "percentile_disc",
    "range_agg",
    "range_intersect_agg",
    "rank",
    "regr_avgx",
    "regr_avgy",
    "regr_count",
    "regr_intercept",
    "regr_r2",
    "regr_slope",
    "regr_sxx",
    "regr_sxy",
    "regr_syy",
    "stddev",
    "stddev_pop",
    "stddev_samp",
    "string_agg",
    "sum",
    "var_pop",
    "var_samp",
    "variance",
    "xmlagg",
};

static int compare_name(const void *key, const void *entry)
{
    const struct hg_slice *name = key;
    const char *text = *(const char *const *)entry;
    int order = strncmp(name->ptr, text, name->len);
    return order ? order : -(text[name->len] != '\0');
}

bool hg_is_aggregate(struct hg_slice name)
{
    return name.len && bsearch(&name, aggregates, sizeof aggregates / sizeof aggregates[0],
                               sizeof aggregates[0], compare_name);
}

static size_t words_of(const struct hg_item *item)
{
    return item->view->table->ncolumns / 64 + 1;
}

bool hg_group_begins(struct hg_scope *scope, const PgQuery__SelectStmt *select)
{
    bool has_key = false;
    for (size_t i = 0; i < select->n_group_clause; i++)
        if (select->group_clause[i]->node_case == PG_QUERY__NODE__NODE_GROUPING_SET)
            return false;
    for (size_t i = 0; i < scope->nitems && !has_key; i++)
        has_key = scope->items[i]->kind == HG_ITEM_TABLE && scope->items[i]->view->table->nprimary_key;
    scope->counting = has_key && select->n_group_clause;
    return scope->counting;
}

void hg_group_needs(struct hg_resolver *r, struct hg_scope *at, struct hg_name column)
{
    if (!at->counting || at->aggregates || !column.base)
        return;
    if (!column.base->needed)
        column.base->needed = HG_NEW_ARRAY(r->arena, uint64_t, words_of(column.base));
    column.base->needed[column.column / 64] |= UINT64_C(1) << column.column % 64;
}

void hg_group_needs_row(struct hg_scope *at, struct hg_item *item)
{
    if (at->counting && !at->aggregates)
        item->needs_row = true;
}

void hg_group_needs_all(struct hg_resolver *r, struct hg_scope *at, struct hg_item *item)
{
    if (!at->counting || at->aggregates)
        return;
    const struct hg_names *names = hg_item_names(item, r->arena, &r->budget);
    for (size_t i = 0; i < names->count; i++)
        hg_group_needs(r, at, names->list[i]);
}

/* What GROUP BY names, one bit per column, per item of the level. */
struct grouping {
    struct hg_resolver *r;
    struct hg_scope *scope;
    const PgQuery__SelectStmt *select;
    uint64_t **grouped; /* by the item's place in the scope; NULL = nothing */
};

static void mark_grouped(struct grouping *grouping, struct hg_name column)
{
    struct hg_scope *scope = grouping->scope;
    for (size_t i = 0; i < scope->nitems; i++) {
        if (scope->items[i] != column.base)
            continue;
        if (!grouping->grouped[i])
            grouping->grouped[i] = HG_NEW_ARRAY(grouping->r->arena, uint64_t, words_of(column.base));
        grouping->grouped[i][column.column / 64] |= UINT64_C(1) << column.column % 64;
    }
}

/* A column of this level's input; qualified references carry the printed alias by now. */
static bool input_column(const struct grouping *grouping, const PgQuery__ColumnRef *column,
                         struct hg_name *found)
{
    struct hg_resolver *r = grouping->r;
    struct hg_scope *at;
    struct hg_slice name = hg_string_of(column->fields[column->n_fields - 1]);
    if (column->n_fields == 1)
        return hg_scope_column(grouping->scope, name, r->arena, &r->budget, found, &at) == HG_FOUND &&
               at == grouping->scope;
    for (size_t i = 0; i < grouping->scope->nitems; i++) {
        struct hg_item *item = grouping->scope->items[i];
        if (item->rel_visible && hg_slice_equal(item->printed, hg_string_of(column->fields[0])))
            return hg_item_column(item, name, r->arena, &r->budget, found) == HG_FOUND;
    }
    return false;
}

static const PgQuery__Node *target_named(const PgQuery__SelectStmt *select, struct hg_slice name)
{
    for (size_t i = 0; i < select->n_target_list; i++)
        if (select->target_list[i]->node_case == PG_QUERY__NODE__NODE_RES_TARGET &&
            hg_slice_is(name, select->target_list[i]->res_target->name))
            return select->target_list[i]->res_target->val;
    return NULL;
}

/* GROUP BY 2; NULL when a star before it makes the count another one. */
static const PgQuery__Node *target_numbered(const PgQuery__SelectStmt *select, int32_t number)
{
    if (number < 1 || (size_t)number > select->n_target_list)
        return NULL;
    for (int32_t i = 0; i < number; i++)
        if (select->target_list[i]->node_case != PG_QUERY__NODE__NODE_RES_TARGET ||
            hg_is_star(select->target_list[i]->res_target->val))
            return NULL;
    return select->target_list[number - 1]->res_target->val;
}

/* `(x).name`, which PostgreSQL reads as x.name. */
static bool field_of_row(const struct grouping *grouping, PgQuery__AIndirection *indirection,
                         struct hg_name *found)
{
    struct hg_resolver *r = grouping->r;
    struct hg_scope *at;
    if (indirection->n_indirection != 1 || !hg_string_of(indirection->indirection[0]).len)
        return false;
    struct hg_item *row = hg_whole_row(r, grouping->scope, indirection->arg, &at);
    return row && at == grouping->scope &&
           hg_item_column(row, hg_string_of(indirection->indirection[0]), r->arena, &r->budget, found) ==
               HG_FOUND;
}

static void add_column(struct grouping *grouping, const PgQuery__Node *node)
{
    struct hg_name found;
    if (node && node->node_case == PG_QUERY__NODE__NODE_A_INDIRECTION &&
        field_of_row(grouping, node->a_indirection, &found))
        mark_grouped(grouping, found);
    if (node && node->node_case == PG_QUERY__NODE__NODE_COLUMN_REF &&
        input_column(grouping, node->column_ref, &found))
        mark_grouped(grouping, found);
}

static void add_element(struct grouping *grouping, const PgQuery__Node *node)
{
    struct hg_name found;
    if (node->node_case == PG_QUERY__NODE__NODE_ROW_EXPR) {
        for (size_t i = 0; i < node->row_expr->n_args; i++)
            add_column(grouping, node->row_expr->args[i]);
    } else if (node->node_case == PG_QUERY__NODE__NODE_A_CONST) {
        if (node->a_const->val_case == PG_QUERY__A__CONST__VAL_IVAL)
            add_column(grouping, target_numbered(grouping->select, node->a_const->ival->ival));
    } else if (node->node_case == PG_QUERY__NODE__NODE_COLUMN_REF) {
        const PgQuery__ColumnRef *column = node->column_ref;
        if (column->n_fields == 1 && !input_column(grouping, column, &found))
            add_column(grouping, target_named(grouping->select, hg_string_of(column->fields[0])));
        else
            add_column(grouping, node);
    } else {
        add_column(grouping, node);
    }
}

static bool bit(const uint64_t *bits, size_t at)
{
    return bits && (bits[at / 64] >> at % 64 & 1);
}

static bool key_is_grouped(const struct hg_item *item, const uint64_t *grouped)
{
    const struct hg_table *table = item->view->table;
    bool some = false;
    for (size_t i = 0; i < table->nprimary_key; i++) {
        size_t at = table->primary_key[i];
        const struct hg_column_view *column = &item->view->columns[at];
        if (column->hidden && (int)at == table->tenant_column_index)
            continue; /* one value for all rows that there are */
        if (column->hidden || column->mask || !bit(grouped, at))
            return false;
        some = true;
    }
    return some;
}

static bool lacks_equality(const struct hg_type *type)
{
    static const char *const names[] = {"json", "xml",  "point", "box",   "polygon",
                                        "line", "lseg", "path",  "circle"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (hg_slice_is(type->name, names[i]) && hg_slice_is(type->schema, "pg_catalog"))
            return true;
    return false;
}

static void append(struct hg_resolver *r, PgQuery__SelectStmt *select, PgQuery__Node *node)
{
    select->group_clause = hg_build_appended(r->arena, select->group_clause, select->n_group_clause, node);
    select->n_group_clause++;
}

/* A column's name here, which an alias may have changed. */
static struct hg_slice name_here(struct hg_resolver *r, struct hg_item *item, size_t column)
{
    const struct hg_names *names = hg_item_names(item, r->arena, &r->budget);
    for (size_t i = 0; i < names->count; i++)
        if (names->list[i].column == column)
            return names->list[i].name;
    return item->view->table->columns[column].name;
}

static bool add_dependent(struct hg_resolver *r, PgQuery__SelectStmt *select, struct hg_item *item,
                          const uint64_t *grouped)
{
    const struct hg_table *table = item->view->table;
    for (size_t i = 0; i < table->ncolumns; i++) {
        const struct hg_column_view *column = &item->view->columns[i];
        bool needed = bit(item->needed, i) && !bit(grouped, i);
        bool in_row = item->needs_row && !column->hidden;
        if ((needed || in_row) && !column->mask && lacks_equality(&table->columns[i].type)) {
            hg_refuse(r, -1, HG_FEATURE_NOT_SUPPORTED,
                      "column \"%.*s\" of type %.*s cannot be selected from a query that groups by the key "
                      "of \"%.*s\"",
                      HG_SLICE_FMT(table->columns[i].name), HG_SLICE_FMT(table->columns[i].type.text),
                      HG_SLICE_FMT(item->name));
            return hg_refuse_hint(r, "Group in a sub-select and join the table to it.");
        }
        if (needed)
            append(r, select, hg_build_column(r->arena, item->printed, name_here(r, item, i)));
    }
    if (!item->needs_row)
        return true;
    append(r, select, hg_build_row(r->arena, item->printed));
    return true;
}

bool hg_group_by_key(struct hg_resolver *r, struct hg_scope *scope, PgQuery__SelectStmt *select)
{
    struct grouping grouping = {r, scope, select, HG_NEW_ARRAY(r->arena, uint64_t *, scope->nitems)};
    size_t written = select->n_group_clause;
    for (size_t i = 0; i < written; i++)
        add_element(&grouping, select->group_clause[i]);
    for (size_t i = 0; i < scope->nitems; i++) {
        struct hg_item *item = scope->items[i];
        if (item->kind != HG_ITEM_TABLE || (!item->needed && !item->needs_row))
            continue;
        if (key_is_grouped(item, grouping.grouped[i]) && !add_dependent(r, select, item, grouping.grouped[i]))
            return false;
    }
    return true;
}
