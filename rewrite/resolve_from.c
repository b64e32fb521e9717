/* The FROM clause: each item is resolved in the scope of what stands left of it (which only LATERAL items
 * see), and pushed onto the level's stack. A join works on the top of that stack: its sides stay there, with
 * their columns hidden behind the join's own, or go away when the join has an alias. */
#include "build.h"
#include "resolver.h"

#define MAX_ITEMS 1000 /* relations in one statement */

static bool resolve_item(struct hg_resolver *r, struct hg_scope *scope, PgQuery__Node *node);

static struct hg_item *item_new(struct hg_resolver *r, enum hg_item_kind kind, const PgQuery__Alias *alias,
                                struct hg_slice default_name)
{
    struct hg_item *item = HG_NEW(r->arena, struct hg_item);
    item->kind = kind;
    item->name = alias ? hg_slice_cstr(alias->aliasname) : default_name;
    item->printed = item->name;
    item->rel_visible = item->cols_visible = true;
    return item;
}

/* Names that are known at once, with the alias's column list over them. */
static void set_names(struct hg_resolver *r, struct hg_item *item, struct hg_names names,
                      const PgQuery__Alias *alias)
{
    if (alias)
        names = hg_names_renamed(names, alias->n_colnames, alias->colnames, r->arena, &r->budget);
    item->names = names;
    item->named = true;
}

static bool count_item(struct hg_resolver *r, int32_t location)
{
    if (++r->nitems <= MAX_ITEMS)
        return true;
    return hg_refuse(r, location, HG_STATEMENT_TOO_COMPLEX, "more than %d relations in one statement",
                     MAX_ITEMS);
}

/* Is there another relation of this name, of another schema, that a schema-qualified reference could mean? */
static bool has_namesake(const struct hg_scope *scope, const struct hg_item *item)
{
    for (; scope; scope = scope->parent)
        for (size_t i = 0; i < scope->nitems; i++) {
            const struct hg_item *one = scope->items[i];
            if (one->relation.len && hg_slice_equal(one->relation, item->relation) &&
                !hg_slice_equal(one->schema, item->schema))
                return true;
        }
    return false;
}

static bool is_taken(const struct hg_scope *scope, struct hg_slice name)
{
    for (; scope; scope = scope->parent)
        for (size_t i = 0; i < scope->nitems; i++)
            if (hg_slice_equal(scope->items[i]->printed, name))
                return true;
    return false;
}

static size_t count_named(const struct hg_scope *scope, struct hg_slice name)
{
    size_t count = 0;
    for (; scope; scope = scope->parent)
        for (size_t i = 0; i < scope->nitems; i++)
            count += hg_slice_equal(scope->items[i]->name, name);
    return count;
}

/* FROM a.x, b.x is legal while both stand without an alias, and so is a sub-select over b.x that refers to
 * a.x of the query around it; as sub-selects the second needs a name of its own. It holds a character that
 * only a quoted identifier can, and is the same wherever the same text stands in the same scope: an
 * expression of GROUP BY must equal its repetitions. */
static void make_alias(struct hg_resolver *r, const struct hg_scope *scope, struct hg_item *item)
{
    size_t keep = item->name.len;
    if (!has_namesake(scope, item))
        return;
    if (keep > 50) /* identifiers are cut at 63 bytes */
        for (keep = 50; keep > 0 && (item->name.ptr[keep] & 0xC0) == 0x80;)
            keep--;
    size_t number = count_named(scope, item->name);
    do
        item->printed = hg_arena_printf(r->arena, "%.*s#%zu", (int)keep, item->name.ptr, ++number);
    while (is_taken(scope, item->printed));
    r->aliases++;
}

static void add_reference(struct hg_resolver *r, PgQuery__Node *place, PgQuery__RangeVar *range,
                          PgQuery__RangeTableSample *sample, struct hg_item *item,
                          const struct hg_relation *relation)
{
    struct hg_reference *reference = HG_NEW(r->arena, struct hg_reference);
    *reference = (struct hg_reference){.place = place, .range = range, .sample = sample, .item = item};
    reference->view = relation->view;
    reference->catalog = relation->catalog;
    *r->out->last = reference;
    r->out->last = &reference->next;
    r->out->nreferences++;
}

static bool resolve_relation(struct hg_resolver *r, struct hg_scope *scope, PgQuery__Node *place,
                             PgQuery__RangeVar *range, PgQuery__RangeTableSample *sample)
{
    struct hg_relation relation;
    if (!hg_find_relation(r, scope, range, &relation))
        return false;
    struct hg_slice name = hg_slice_cstr(range->relname);
    if (relation.cte) {
        if (sample)
            return hg_refuse(r, sample->location, HG_WRONG_OBJECT_TYPE,
                             "TABLESAMPLE clause can only be applied to tables");
        struct hg_item *item = item_new(r, HG_ITEM_QUERY, range->alias, name);
        set_names(r, item, relation.cte->names, range->alias);
        hg_scope_push(scope, item, r->arena);
        return true;
    }
    struct hg_item *item = item_new(r, relation.view ? HG_ITEM_TABLE : HG_ITEM_CATALOG, range->alias, name);
    item->view = relation.view;
    if (relation.catalog) {
        item->named = true; /* its columns are not known here */
    } else if (range->alias && range->alias->n_colnames) {
        set_names(r, item, *hg_item_names(item, r->arena, &r->budget), range->alias);
        item->renamed = true;
        r->renamed++;
    }
    if (!range->alias) {
        item->schema = relation.view ? relation.view->table->schema : hg_slice_cstr(relation.catalog->schema);
        item->relation = name;
        make_alias(r, scope, item);
    }
    add_reference(r, place, range, sample, item, &relation);
    hg_scope_push(scope, item, r->arena);
    return true;
}

static bool is_constant(const PgQuery__Node *node)
{
    if (node->node_case == PG_QUERY__NODE__NODE_TYPE_CAST)
        return node->type_cast->arg && is_constant(node->type_cast->arg);
    return node->node_case == PG_QUERY__NODE__NODE_A_CONST;
}

/* BERNOULLI picks each row by itself, so a sample of a tenant's rows is the same thing among others' rows.
 * SYSTEM picks blocks, which hold others' rows too, and REPEATABLE fixes the choice by a row's place among
 * others'. */
static bool check_sample(struct hg_resolver *r, const PgQuery__RangeTableSample *sample)
{
    struct hg_slice method = sample->n_method == 1 ? hg_string_of(sample->method[0]) : HG_LIT("");
    if (sample->n_method == 2 && hg_slice_is(hg_string_of(sample->method[0]), "pg_catalog"))
        method = hg_string_of(sample->method[1]);
    if (sample->repeatable || !hg_slice_is(method, "bernoulli")) {
        hg_refuse(r, sample->location, HG_FEATURE_NOT_SUPPORTED, "%s is not supported",
                  sample->repeatable ? "TABLESAMPLE ... REPEATABLE" : "this TABLESAMPLE method");
        return hg_refuse_hint(r, "Use TABLESAMPLE BERNOULLI (percentage).");
    }
    for (size_t i = 0; i < sample->n_args; i++)
        if (!is_constant(sample->args[i]))
            return hg_refuse(r, sample->location, HG_FEATURE_NOT_SUPPORTED,
                             "the argument of TABLESAMPLE must be a constant");
    return true;
}

static bool resolve_sample(struct hg_resolver *r, struct hg_scope *scope, PgQuery__Node *node)
{
    PgQuery__RangeTableSample *sample = node->range_table_sample;
    if (!sample->relation || sample->relation->node_case != PG_QUERY__NODE__NODE_RANGE_VAR)
        return hg_refuse(r, sample->location, HG_FEATURE_NOT_SUPPORTED,
                         "TABLESAMPLE clause can only be applied to tables");
    return check_sample(r, sample) && hg_resolve_list(r, scope, sample->n_args, sample->args) &&
           resolve_relation(r, scope, node, sample->relation->range_var, sample);
}

static bool resolve_subselect(struct hg_resolver *r, struct hg_scope *scope, PgQuery__RangeSubselect *range)
{
    struct hg_names names;
    bool was_active = scope->lateral_active;
    if (!range->subquery || range->subquery->node_case != PG_QUERY__NODE__NODE_SELECT_STMT)
        return hg_refuse(r, -1, HG_FEATURE_NOT_SUPPORTED, "this kind of sub-select in FROM is not supported");
    scope->lateral_active = range->lateral;
    if (!hg_resolve_select(r, scope, range->subquery->select_stmt, &names))
        return false;
    scope->lateral_active = was_active;
    struct hg_item *item = item_new(r, HG_ITEM_QUERY, range->alias, HG_LIT(""));
    set_names(r, item, names, range->alias);
    hg_scope_push(scope, item, r->arena);
    return true;
}

static struct hg_names column_definitions(struct hg_resolver *r, size_t count, PgQuery__Node **definitions)
{
    struct hg_name *list = HG_NEW_ARRAY(r->arena, struct hg_name, count);
    for (size_t i = 0; i < count; i++) {
        if (definitions[i]->node_case != PG_QUERY__NODE__NODE_COLUMN_DEF)
            return (struct hg_names){0};
        list[i] = (struct hg_name){.name = hg_slice_cstr(definitions[i]->column_def->colname)};
    }
    return (struct hg_names){list, count, true, true};
}

/* An item of RangeFunction.functions is a list of the call and its column definitions, if any. */
static PgQuery__Node *call_of(const PgQuery__Node *function)
{
    if (function->node_case == PG_QUERY__NODE__NODE_LIST && function->list->n_items)
        return function->list->items[0];
    return NULL;
}

/* FROM current_user: `(SELECT literal) AS current_user (current_user)`. */
static bool replace_function(struct hg_resolver *r, PgQuery__Node *node, PgQuery__Node *value,
                             struct hg_slice name)
{
    const PgQuery__RangeFunction *range = node->range_function;
    if (range->ordinality || range->n_functions != 1 || range->n_coldeflist) {
        hg_refuse(r, -1, HG_FEATURE_NOT_SUPPORTED, "%.*s in this form in FROM is not supported",
                  HG_SLICE_FMT(name));
        return hg_refuse_hint(r, "Call it in the select list.");
    }
    PgQuery__SelectStmt *select = hg_build_select(r->arena);
    PgQuery__Node *target = hg_build_target(r->arena, HG_LIT(""), value);
    select->target_list = hg_build_appended(r->arena, NULL, 0, target);
    select->n_target_list = 1;
    PgQuery__Alias *alias =
        hg_build_alias(r->arena, range->alias ? hg_slice_cstr(range->alias->aliasname) : name);
    PgQuery__Node *column = hg_build_string(r->arena, hg_slice_cstr(alias->aliasname));
    if (range->alias && range->alias->n_colnames) {
        alias->colnames = range->alias->colnames;
        alias->n_colnames = range->alias->n_colnames;
    } else {
        alias->colnames = hg_build_appended(r->arena, NULL, 0, column);
        alias->n_colnames = 1;
    }
    hg_edit_later(r, node, hg_build_subselect(r->arena, select, alias));
    return true;
}

/* x.name is name(x) where x has no such column, and the proof does not know what columns a function has: if
 * it could take one for a call that is denied, nobody knows them. */
static bool is_column_safe(struct hg_slice name)
{
    enum hg_function_class class = hg_allow_function(HG_LIT(""), name);
    return class == HG_FN_UNKNOWN || class == HG_FN_ANY;
}

static struct hg_names safe_names(struct hg_names names)
{
    for (size_t i = 0; i < names.count; i++)
        if (!is_column_safe(names.list[i].name))
            return (struct hg_names){0};
    return names;
}

/* FROM pg_show_all_settings() is what the view pg_settings is made of: it is read instead. */
static bool is_settings(const PgQuery__RangeFunction *range, const PgQuery__Node *first)
{
    struct hg_slice schema;
    if (first->node_case != PG_QUERY__NODE__NODE_FUNC_CALL || range->n_functions != 1 || range->ordinality ||
        range->is_rowsfrom || range->n_coldeflist || first->func_call->n_args ||
        first->func_call->n_funcname > 2 || !hg_is_plain_call(first->func_call))
        return false;
    struct hg_slice name = hg_function_name(first->func_call, &schema);
    return hg_slice_is(name, "pg_show_all_settings") && (!schema.len || hg_slice_is(schema, "pg_catalog"));
}

static bool resolve_settings(struct hg_resolver *r, struct hg_scope *scope, PgQuery__Node *node,
                             const PgQuery__FuncCall *call)
{
    struct hg_slice schema, name = hg_function_name(call, &schema);
    PgQuery__Alias *alias = node->range_function->alias;
    PgQuery__Node *view =
        hg_build_table(r->arena, HG_LIT("pg_catalog"), HG_LIT("pg_settings"), true, call->location);
    if (!hg_may_call(r, name, call->location))
        return false;
    view->range_var->alias = alias ? alias : hg_build_alias(r->arena, name);
    *node = *view;
    return resolve_relation(r, scope, node, node->range_var, NULL);
}

static bool resolve_range_function(struct hg_resolver *r, struct hg_scope *scope, PgQuery__Node *node)
{
    PgQuery__RangeFunction *range = node->range_function;
    const PgQuery__Node *first = range->n_functions ? call_of(range->functions[0]) : NULL;
    if (!first)
        return hg_refuse(r, -1, HG_FEATURE_NOT_SUPPORTED, "this kind of function in FROM is not supported");
    if (is_settings(range, first))
        return resolve_settings(r, scope, node, first->func_call);
    bool was_active = scope->lateral_active;
    struct hg_slice name = hg_column_name(first, NULL);
    scope->lateral_active = true;
    struct hg_names names = hg_function_columns(r, scope, range);
    for (size_t i = 0; i < range->n_functions; i++) {
        PgQuery__Node *literal;
        if (!hg_identity_in_from(r, call_of(range->functions[i]), &literal))
            return false;
        if (literal ? !replace_function(r, node, literal, name)
                    : !hg_resolve_node(r, scope, range->functions[i]))
            return false;
    }
    if (!hg_resolve_list(r, scope, range->n_coldeflist, range->coldeflist))
        return false;
    scope->lateral_active = was_active;
    struct hg_item *item = item_new(r, HG_ITEM_FUNCTION, range->alias, name);
    if (range->n_coldeflist && range->n_functions == 1 && !range->ordinality)
        names = column_definitions(r, range->n_coldeflist, range->coldeflist);
    set_names(r, item, names, range->alias);
    item->names = safe_names(item->names);
    item->scalar = range->n_functions == 1 && !range->n_coldeflist && !range->ordinality &&
                   item->names.known && item->names.count == 1;
    hg_scope_push(scope, item, r->arena);
    return true;
}

/* XMLTABLE. */
static bool resolve_table_function(struct hg_resolver *r, struct hg_scope *scope,
                                   PgQuery__RangeTableFunc *range)
{
    struct hg_name *list = HG_NEW_ARRAY(r->arena, struct hg_name, range->n_columns);
    bool was_active = scope->lateral_active;
    scope->lateral_active = true;
    if (!hg_resolve_children(r, scope, &range->base))
        return false;
    scope->lateral_active = was_active;
    for (size_t i = 0; i < range->n_columns; i++)
        if (range->columns[i]->node_case == PG_QUERY__NODE__NODE_RANGE_TABLE_FUNC_COL)
            list[i].name = hg_slice_cstr(range->columns[i]->range_table_func_col->colname);
    struct hg_item *item = item_new(r, HG_ITEM_FUNCTION, range->alias, HG_LIT("xmltable"));
    set_names(r, item, (struct hg_names){list, range->n_columns, true, true}, range->alias);
    hg_scope_push(scope, item, r->arena);
    return true;
}

static void set_lateral(struct hg_scope *scope, size_t from, bool lateral_only)
{
    for (size_t i = from; i < scope->nitems; i++)
        scope->items[i]->lateral_only = lateral_only;
}

/* Two items of one level must differ in name, unless both are relations of different schemas without an
 * alias. */
static bool names_differ(struct hg_resolver *r, const struct hg_scope *scope, size_t first, size_t second)
{
    for (size_t i = first; i < second; i++)
        for (size_t k = second; k < scope->nitems; k++) {
            const struct hg_item *a = scope->items[i], *b = scope->items[k];
            bool relations = a->relation.len && b->relation.len && !hg_slice_equal(a->schema, b->schema);
            if (a->rel_visible && b->rel_visible && !relations && hg_slice_equal(a->name, b->name))
                return hg_refuse(r, -1, HG_DUPLICATE_ALIAS, "table name \"%.*s\" specified more than once",
                                 HG_SLICE_FMT(b->name));
        }
    return true;
}

static bool resolve_quals(struct hg_resolver *r, struct hg_scope *scope, const PgQuery__JoinExpr *join,
                          size_t start)
{
    size_t first = scope->first;
    scope->first = start;
    set_lateral(scope, start, false);
    if (!hg_resolve_node(r, scope, join->quals))
        return false;
    scope->first = first;
    return true;
}

/* `JOIN b USING (x) AS j`: j.x is another name for the merged columns. */
static void push_using_alias(struct hg_resolver *r, struct hg_scope *scope, const PgQuery__JoinExpr *join)
{
    struct hg_item *item = item_new(r, HG_ITEM_QUERY, join->join_using_alias, HG_LIT(""));
    struct hg_name *list = HG_NEW_ARRAY(r->arena, struct hg_name, join->n_using_clause);
    for (size_t i = 0; i < join->n_using_clause; i++)
        list[i].name = hg_string_of(join->using_clause[i]);
    set_names(r, item, (struct hg_names){list, join->n_using_clause, true, true}, NULL);
    item->cols_visible = false;
    hg_scope_push(scope, item, r->arena);
}

static bool resolve_join(struct hg_resolver *r, struct hg_scope *scope, PgQuery__JoinExpr *join)
{
    size_t start = scope->nitems;
    if (!join->larg || !join->rarg)
        return hg_refuse(r, -1, HG_FEATURE_NOT_SUPPORTED, "a join of one side is not supported");
    if (!resolve_item(r, scope, join->larg))
        return false;
    struct hg_item *left = scope->items[scope->nitems - 1];
    size_t middle = scope->nitems;
    set_lateral(scope, start, true);
    if (!resolve_item(r, scope, join->rarg) || !names_differ(r, scope, start, middle))
        return false;
    struct hg_item *right = scope->items[scope->nitems - 1];
    if (join->join_using_alias)
        push_using_alias(r, scope, join);
    if (!resolve_quals(r, scope, join, start))
        return false;
    struct hg_item *item = item_new(r, HG_ITEM_JOIN, join->alias, HG_LIT(""));
    item->left = left;
    item->right = right;
    item->join = join;
    item->rel_visible = join->alias != NULL;
    for (size_t i = start; i < scope->nitems; i++)
        scope->items[i]->cols_visible = false;
    if (join->alias)
        scope->nitems = start;
    hg_scope_push(scope, item, r->arena);
    return true;
}

/* The item itself is the last one that it pushes. */
static bool resolve_item(struct hg_resolver *r, struct hg_scope *scope, PgQuery__Node *node)
{
    if (!count_item(r, -1))
        return false;
    switch (node->node_case) {
    case PG_QUERY__NODE__NODE_RANGE_VAR:
        return resolve_relation(r, scope, node, node->range_var, NULL);
    case PG_QUERY__NODE__NODE_RANGE_SUBSELECT:
        return resolve_subselect(r, scope, node->range_subselect);
    case PG_QUERY__NODE__NODE_RANGE_FUNCTION:
        return resolve_range_function(r, scope, node);
    case PG_QUERY__NODE__NODE_RANGE_TABLE_SAMPLE:
        return resolve_sample(r, scope, node);
    case PG_QUERY__NODE__NODE_RANGE_TABLE_FUNC:
        return resolve_table_function(r, scope, node->range_table_func);
    case PG_QUERY__NODE__NODE_JOIN_EXPR:
        return resolve_join(r, scope, node->join_expr);
    default:
        return hg_refuse(r, -1, HG_FEATURE_NOT_SUPPORTED, "this kind of item in FROM is not supported");
    }
}

bool hg_resolve_from(struct hg_resolver *r, struct hg_scope *scope, size_t count, PgQuery__Node **list)
{
    for (size_t i = 0; i < count; i++) {
        size_t start = scope->nitems;
        if (!resolve_item(r, scope, list[i]) || !names_differ(r, scope, 0, start))
            return false;
        set_lateral(scope, start, true);
    }
    set_lateral(scope, 0, false);
    return true;
}
