/* The columns of functions in FROM. A function that returns a value gives one column, named after the alias,
 * else after the function; some built-in ones name their columns; and what some return is known only to a
 * backend. Where nothing is said here, the item does not know its columns, and names are left to the backend.
 *
 * Knowing them is what tells apart a column of a function from a whole row, or from the column of a table
 * beside it. */
#include "build.h"
#include "resolver.h"

#define MOST_COLUMNS 4

/* SELECT proname, proargnames, proargmodes FROM pg_proc WHERE proargmodes && '{o,t}' OR prorettype IN
 * ('record'::regtype, 'anyelement'::regtype): those that may be called; PostgreSQL 15. No name: it depends on
 * the arguments. */
static const struct {
    const char *function;
    const char *columns[MOST_COLUMNS];
} shapes[] = {
    {"aclexplode", {"grantor", "grantee", "privilege_type", "is_grantable"}},
    {"json_array_elements", {"value"}},
    {"json_array_elements_text", {"value"}},
    {"json_each", {"key", "value"}},
    {"json_each_text", {"key", "value"}},
    {"json_populate_record", {NULL}},
    {"json_populate_recordset", {NULL}},
    {"json_to_record", {NULL}},
    {"json_to_recordset", {NULL}},
    {"jsonb_array_elements", {"value"}},
    {"jsonb_array_elements_text", {"value"}},
    {"jsonb_each", {"key", "value"}},
    {"jsonb_each_text", {"key", "value"}},
    {"jsonb_populate_record", {NULL}},
    {"jsonb_populate_recordset", {NULL}},
    {"jsonb_to_record", {NULL}},
    {"jsonb_to_recordset", {NULL}},
    {"pg_get_keywords", {NULL}},
    {"pg_options_to_table", {"option_name", "option_value"}},
    {"pg_partition_ancestors", {"relid"}},
    {"pg_partition_tree", {"relid", "parentrelid", "isleaf", "level"}},
    {"pg_sequence_parameters", {NULL}},
    {"ts_debug", {NULL}},
    {"ts_parse", {"tokid", "token"}},
    {"ts_token_type", {"tokid", "alias", "description"}},
};

/* The columns of one FROM item, as far as they are known. */
struct columns {
    struct hg_resolver *r;
    struct hg_scope *scope;
    struct hg_name *list;
    size_t count, room;
    bool exact; /* these they are, in this order; else there are no others */
};

static void add_name(struct columns *columns, struct hg_slice name)
{
    columns->list[columns->count++].name = name;
}

static bool is_array_column(const struct columns *columns, const PgQuery__ColumnRef *column)
{
    struct hg_resolver *r = columns->r;
    struct hg_scope *at;
    struct hg_item *item;
    struct hg_name found = {0};
    size_t n = column->n_fields;
    if (!n || column->fields[n - 1]->node_case != PG_QUERY__NODE__NODE_STRING)
        return false;
    struct hg_slice name = hg_string_of(column->fields[n - 1]);
    if (n == 1) {
        if (hg_scope_column(columns->scope, name, r->arena, &r->budget, &found, &at) != HG_FOUND)
            return false;
    } else {
        enum hg_found one =
            n == 2 ? hg_scope_item(columns->scope, hg_string_of(column->fields[0]), &r->budget, &item, &at)
                   : hg_scope_relation(columns->scope, hg_string_of(column->fields[n - 3]),
                                       hg_string_of(column->fields[n - 2]), &r->budget, &item, &at);
        if (one != HG_FOUND || hg_item_column(item, name, r->arena, &r->budget, &found) != HG_FOUND)
            return false;
    }
    return found.base && found.base->view->table->columns[found.column].type.array;
}

/* `(x).tags`, which PostgreSQL reads as x.tags. */
static bool is_array_field(const struct columns *columns, const PgQuery__AIndirection *field)
{
    struct hg_resolver *r = columns->r;
    struct hg_scope *at;
    struct hg_name found = {0};
    if (field->n_indirection != 1 || !hg_string_of(field->indirection[0]).len)
        return false;
    struct hg_item *row = hg_whole_row(r, columns->scope, field->arg, &at);
    return row &&
           hg_item_column(row, hg_string_of(field->indirection[0]), r->arena, &r->budget, &found) ==
               HG_FOUND &&
           found.base && found.base->view->table->columns[found.column].type.array;
}

static bool is_array(const struct columns *columns, const PgQuery__Node *node);

/* Of values that must be of one type, one that is certain tells of all. */
static bool some_is_array(const struct columns *columns, size_t count, PgQuery__Node *const *nodes)
{
    for (size_t i = 0; i < count; i++)
        if (is_array(columns, nodes[i]))
            return true;
    return false;
}

static bool is_array_case(const struct columns *columns, const PgQuery__CaseExpr *expr)
{
    if (expr->defresult && is_array(columns, expr->defresult))
        return true;
    for (size_t i = 0; i < expr->n_args; i++)
        if (is_array(columns, expr->args[i]->case_when->result))
            return true;
    return false;
}

/* An array with something put to it, and NULLIF. */
static bool is_array_operation(const struct columns *columns, const PgQuery__AExpr *expr)
{
    bool appends = expr->kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP && expr->n_name == 1 &&
                   hg_slice_is(hg_string_of(expr->name[0]), "||") && expr->lexpr;
    if (appends)
        return is_array(columns, expr->lexpr) || is_array(columns, expr->rexpr);
    return expr->kind == PG_QUERY__A__EXPR__KIND__AEXPR_NULLIF && is_array(columns, expr->lexpr);
}

static bool is_array_function(const PgQuery__FuncCall *call)
{
    static const char *const functions[] = {"array_agg",     "array_append",          "array_cat",
                                            "array_fill",    "array_prepend",         "array_remove",
                                            "array_replace", "regexp_split_to_array", "string_to_array"};
    struct hg_slice schema, name = hg_function_name(call, &schema);
    if (schema.len && !hg_slice_is(schema, "pg_catalog"))
        return false;
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
        if (hg_slice_is(name, functions[i]))
            return true;
    return false;
}

/* Certainly an array? */
static bool is_array(const struct columns *columns, const PgQuery__Node *node)
{
    switch (node->node_case) {
    case PG_QUERY__NODE__NODE_COALESCE_EXPR:
        return some_is_array(columns, node->coalesce_expr->n_args, node->coalesce_expr->args);
    case PG_QUERY__NODE__NODE_MIN_MAX_EXPR:
        return some_is_array(columns, node->min_max_expr->n_args, node->min_max_expr->args);
    case PG_QUERY__NODE__NODE_CASE_EXPR:
        return is_array_case(columns, node->case_expr);
    case PG_QUERY__NODE__NODE_A_EXPR:
        return is_array_operation(columns, node->a_expr);
    case PG_QUERY__NODE__NODE_FUNC_CALL:
        return is_array_function(node->func_call);
    case PG_QUERY__NODE__NODE_A_ARRAY_EXPR:
        return true;
    case PG_QUERY__NODE__NODE_TYPE_CAST:
        return node->type_cast->type_name && node->type_cast->type_name->n_array_bounds;
    case PG_QUERY__NODE__NODE_SUB_LINK:
        return node->sub_link->sub_link_type == PG_QUERY__SUB_LINK_TYPE__ARRAY_SUBLINK;
    case PG_QUERY__NODE__NODE_COLUMN_REF:
        return is_array_column(columns, node->column_ref);
    case PG_QUERY__NODE__NODE_A_INDIRECTION:
        return is_array_field(columns, node->a_indirection);
    default:
        return false;
    }
}

/* unnest(a, b) stands for ROWS FROM (unnest(a), unnest(b)). That of an array gives one column, that of a
 * tsvector three: unless it is certain, all that there could be. */
static bool add_unnested(struct columns *columns, const PgQuery__FuncCall *call, struct hg_slice name)
{
    static const char *const lexeme[] = {"lexeme", "positions", "weights"};
    for (size_t i = 0; i < call->n_args; i++) {
        if (columns->count + MOST_COLUMNS >= columns->room)
            return false;
        add_name(columns, name);
        if (is_array(columns, call->args[i]))
            continue;
        for (size_t k = 0; k < 3; k++)
            add_name(columns, hg_slice_cstr(lexeme[k]));
        columns->exact = false;
    }
    return call->n_args > 0;
}

/* alias: what a single column is called when the function does not say; empty = after the function. */
static bool add_function(struct columns *columns, const PgQuery__Node *function, struct hg_slice alias)
{
    struct hg_slice schema;
    if (function->node_case != PG_QUERY__NODE__NODE_FUNC_CALL)
        return false;
    struct hg_slice name = hg_function_name(function->func_call, &schema);
    struct hg_slice first = alias.len ? alias : name;
    if (schema.len && !hg_slice_is(schema, "pg_catalog"))
        return false;
    if (hg_slice_is(name, "unnest"))
        return add_unnested(columns, function->func_call, function->func_call->n_args == 1 ? first : name);
    if (columns->count + MOST_COLUMNS >= columns->room)
        return false;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        if (!hg_slice_is(name, shapes[i].function))
            continue;
        for (size_t k = 0; k < MOST_COLUMNS && shapes[i].columns[k]; k++)
            add_name(columns, hg_slice_cstr(shapes[i].columns[k]));
        return shapes[i].columns[0] != NULL;
    }
    add_name(columns, first);
    return true;
}

struct hg_names hg_function_columns(struct hg_resolver *r, struct hg_scope *scope,
                                    const PgQuery__RangeFunction *range)
{
    struct columns columns = {.r = r, .scope = scope, .exact = true};
    struct hg_slice alias = range->alias && range->n_functions == 1 ? hg_slice_cstr(range->alias->aliasname)
                                                                    : (struct hg_slice){0};
    columns.room = range->n_functions * MOST_COLUMNS + 64; /* the arguments of an unnest() count, too */
    if (range->n_coldeflist || r->budget.names < columns.room)
        return (struct hg_names){0};
    r->budget.names -= columns.room;
    columns.list = HG_NEW_ARRAY(r->arena, struct hg_name, columns.room);
    for (size_t i = 0; i < range->n_functions; i++) {
        const PgQuery__Node *function = range->functions[i];
        if (function->node_case != PG_QUERY__NODE__NODE_LIST || function->list->n_items == 0)
            return (struct hg_names){0};
        bool defined = function->list->n_items > 1 &&
                       function->list->items[1]->node_case == PG_QUERY__NODE__NODE_LIST &&
                       function->list->items[1]->list->n_items;
        if (defined || !add_function(&columns, function->list->items[0], alias))
            return (struct hg_names){0};
    }
    if (range->ordinality)
        add_name(&columns, HG_LIT("ordinality"));
    return (struct hg_names){columns.list, columns.count, columns.exact, true};
}
