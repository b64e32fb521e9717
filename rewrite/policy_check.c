/* What a policy writes in SQL, masks and conditions on rows, checked as strictly as a tenant's statement:
 * allowed constructs, functions that read nothing but their arguments, columns of their own table, no
 * sub-selects. They run inside every wrapper, beside the predicate, so one that could read anything else
 * would read it for everyone. A condition may speak of attributes, as parameters; a mask may not.
 *
 * Also: that what a role is denied is something that there is. */
#include "build.h"
#include "guard.h"
#include "reflect.h"
#include "resolver.h"

#define COLUMNS_MOST   1600 /* of a table of PostgreSQL */
#define FUNCTIONS_MOST 4096 /* that PostgreSQL's names are looked through for a hint */

struct expression {
    const struct hg_table *table;
    const struct hg_column *masked; /* NULL: a condition on rows */
    const PgQuery__Node *node;
    struct hg_slice sql;
    struct hg_place place;
    size_t nattributes;
    struct hg_diags *diags;
};

static enum hg_walk complain_hinted(const struct expression *expression, const char *hint, const char *what,
                                    struct hg_slice name)
{
    struct hg_slice column = expression->masked ? expression->masked->name : HG_LIT("");
    hg_diag_add(expression->diags, HG_ERROR, expression->place, hint, "%s %.*s.%.*s%s%.*s: %s%s%.*s",
                expression->masked ? "mask of" : "rows of", HG_SLICE_FMT(expression->table->schema),
                HG_SLICE_FMT(expression->table->name), column.len ? "." : "", HG_SLICE_FMT(column), what,
                name.len ? " " : "", HG_SLICE_FMT(name));
    return HG_WALK_OVER;
}

static enum hg_walk complain(const struct expression *expression, const char *what, struct hg_slice name)
{
    return complain_hinted(expression, NULL, what, name);
}

/* `nearest` may be NULL: nothing is like the name. */
static enum hg_walk complain_unknown(const struct expression *expression, const char *what,
                                     struct hg_slice name, const char *nearest)
{
    char hint[128];
    snprintf(hint, sizeof hint, "did you mean \"%s\"?", nearest ? nearest : "");
    return complain_hinted(expression, nearest ? hint : NULL, what, name);
}

static struct hg_slice last_name(size_t count, PgQuery__Node *const *names, struct hg_slice *schema)
{
    *schema = count == 2 ? hg_string_of(names[0]) : HG_LIT("");
    return count && count <= 2 ? hg_string_of(names[count - 1]) : HG_LIT("");
}

static const char *nearest_column(const struct hg_table *table, struct hg_slice name)
{
    const char *names[COLUMNS_MOST];
    size_t count = 0;
    for (; count < table->ncolumns && count < COLUMNS_MOST; count++)
        names[count] = table->columns[count].name.ptr;
    return hg_nearest(name, names, count);
}

static enum hg_walk check_column(const struct expression *expression, const PgQuery__ColumnRef *column)
{
    struct hg_slice name = column->n_fields ? hg_string_of(column->fields[column->n_fields - 1]) : HG_LIT("");
    if (column->n_fields != 1)
        return complain(expression, "columns of the table itself are named bare, and no others; not", name);
    if (hg_table_column(expression->table, name) < 0)
        return complain_unknown(expression, "the table has no column", name,
                                nearest_column(expression->table, name));
    return HG_WALK_INTO;
}

/* Of the allowed functions, those that return sets: they would make several rows of one. */
static bool returns_set(struct hg_slice name)
{
    static const char *const names[] = {"generate_series",
                                        "generate_subscripts",
                                        "json_array_elements",
                                        "json_array_elements_text",
                                        "json_each",
                                        "json_each_text",
                                        "json_object_keys",
                                        "json_populate_recordset",
                                        "json_to_recordset",
                                        "jsonb_array_elements",
                                        "jsonb_array_elements_text",
                                        "jsonb_each",
                                        "jsonb_each_text",
                                        "jsonb_object_keys",
                                        "jsonb_path_query",
                                        "jsonb_path_query_tz",
                                        "jsonb_populate_recordset",
                                        "jsonb_to_recordset",
                                        "regexp_matches",
                                        "regexp_split_to_table",
                                        "string_to_table",
                                        "unnest"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (hg_slice_is(name, names[i]))
            return true;
    return false;
}

static const char *nearest_function(struct hg_slice name)
{
    const char *names[FUNCTIONS_MOST];
    size_t count = 0;
    for (size_t i = 0; count < FUNCTIONS_MOST && hg_allow_function_at(i); i++)
        if (hg_allow_function(HG_LIT(""), hg_slice_cstr(hg_allow_function_at(i))) != HG_FN_DENIED)
            names[count++] = hg_allow_function_at(i);
    return hg_nearest(name, names, count);
}

static enum hg_walk check_function(const struct expression *expression, const PgQuery__FuncCall *call)
{
    struct hg_slice schema, name = last_name(call->n_funcname, call->funcname, &schema);
    if (hg_is_aggregate(name) || !hg_is_plain_call(call))
        return complain(expression, "no aggregate or window function may be called, as", name);
    if (hg_allow_function(schema, name) == HG_FN_UNKNOWN)
        return complain_unknown(expression, "there is no function", name, nearest_function(name));
    if (hg_allow_function(schema, name) != HG_FN_ANY)
        return complain(expression, "only functions that read nothing but their arguments may be called, not",
                        name);
    if (returns_set(name))
        return complain(expression, "no function that returns a set may be called, as", name);
    if (hg_slice_is(name, "age") && call->n_args == 1) /* see date_age() in resolve_function.c */
        return complain(expression, "write current_date as the first argument of", name);
    return HG_WALK_INTO;
}

static enum hg_walk check_type(const struct expression *expression, const PgQuery__TypeName *type)
{
    struct hg_slice schema, name = last_name(type->n_names, type->names, &schema);
    if (type->setof || type->pct_type || !hg_allow_type(schema, name, false))
        return complain(expression, "only built-in types may be named, not", name);
    return HG_WALK_INTO;
}

static enum hg_walk check_operator(const struct expression *expression, const PgQuery__AExpr *operation)
{
    struct hg_slice schema, name = last_name(operation->n_name, operation->name, &schema);
    if (operation->kind >= PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN)
        return HG_WALK_INTO; /* BETWEEN is spelled out in the operator's place */
    return hg_allow_operator(schema, name) ? HG_WALK_INTO : complain(expression, "unknown operator", name);
}

/* `(x).name` may call a function. */
static enum hg_walk check_indirection(const struct expression *expression,
                                      const PgQuery__AIndirection *indirection)
{
    for (size_t i = 0; i < indirection->n_indirection; i++)
        if (indirection->indirection[i]->node_case != PG_QUERY__NODE__NODE_A_INDICES)
            return complain(expression,
                            "a field of a row may not be named:", hg_string_of(indirection->indirection[i]));
    return HG_WALK_INTO;
}

static enum hg_walk check_parameter(const struct expression *expression, const PgQuery__ParamRef *parameter)
{
    if (parameter->number < 1 || (size_t)parameter->number > expression->nattributes)
        return complain(expression, "no parameter may stand in it", HG_LIT(""));
    return HG_WALK_INTO;
}

static enum hg_walk check_message(ProtobufCMessage *message, ProtobufCMessage *parent,
                                  const ProtobufCFieldDescriptor *field, void *argument)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;
    (void)parent;
    (void)field;
    if (type == &pg_query__column_ref__descriptor)
        return check_column(argument, (const PgQuery__ColumnRef *)message);
    if (type == &pg_query__func_call__descriptor)
        return check_function(argument, (const PgQuery__FuncCall *)message);
    if (type == &pg_query__type_name__descriptor)
        return check_type(argument, (const PgQuery__TypeName *)message);
    if (type == &pg_query__a__expr__descriptor)
        return check_operator(argument, (const PgQuery__AExpr *)message);
    if (type == &pg_query__a__indirection__descriptor)
        return check_indirection(argument, (const PgQuery__AIndirection *)message);
    if (type == &pg_query__sub_link__descriptor || type == &pg_query__select_stmt__descriptor)
        return complain(argument, "no sub-select may stand in it", HG_LIT(""));
    if (type == &pg_query__param_ref__descriptor)
        return check_parameter(argument, (const PgQuery__ParamRef *)message);
    if (type == &pg_query__sqlvalue_function__descriptor &&
        ((const PgQuery__SQLValueFunction *)message)->op >=
            PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_ROLE)
        return complain(argument, "the current user, database or schema may not be asked for", HG_LIT(""));
    return HG_WALK_INTO;
}

/* The guard lets parameters pass where statements may have them. */
static void check_expression(const struct hg_snapshot *snapshot, struct expression *expression)
{
    struct hg_context context = {
        .snapshot = snapshot, .pid = 1, .bound.first = -1, .extended = expression->masked == NULL};
    struct hg_arena arena;
    struct hg_fault fault = {0};
    PgQuery__Node *node = (PgQuery__Node *)expression->node; /* is read only */
    hg_arena_init(&arena, 0);
    if (!hg_guard(node, expression->sql, &context, &arena, &fault))
        complain(expression, "", fault.message);
    else if (!hg_tree_walk(hg_node_message(node), snapshot->config->max_nesting, check_message, expression))
        complain(expression, "too deeply nested", HG_LIT(""));
    hg_arena_free(&arena);
}

static void check_view(const struct hg_snapshot *snapshot, const struct hg_role *role,
                       const struct hg_table_view *view, struct hg_diags *diags)
{
    for (size_t c = 0; view->readable && c < view->table->ncolumns; c++) {
        const struct hg_column_view *column = &view->columns[c];
        if (column->mask)
            check_expression(snapshot, &(struct expression){view->table, column->column, column->mask,
                                                            column->mask_sql, column->mask_place, 0, diags});
    }
    if (view->rows)
        check_expression(snapshot, &(struct expression){view->table, NULL, view->rows, view->rows_sql,
                                                        view->rows_place, role->nattributes, diags});
}

/* ---- functions ---- */

static void check_denial(const struct hg_denial *denial, struct hg_diags *diags)
{
    char hint[128];
    if (hg_allow_function(HG_LIT(""), denial->name) != HG_FN_UNKNOWN)
        return;
    const char *nearest = nearest_function(denial->name);
    snprintf(hint, sizeof hint, "did you mean \"%s\"?", nearest ? nearest : "");
    hg_diag_add(diags, HG_ERROR, denial->place, nearest ? hint : NULL, "there is no function \"%.*s\"",
                HG_SLICE_FMT(denial->name));
}

void hg_rewrite_check(const struct hg_snapshot *snapshot, struct hg_diags *diags)
{
    for (size_t i = 0; i < snapshot->nroles; i++) {
        const struct hg_role *role = &snapshot->roles[i];
        for (size_t k = 0; k < snapshot->ntables; k++)
            check_view(snapshot, role, &role->views[k], diags);
        for (size_t k = 0; k < role->ndenials; k++)
            check_denial(&role->denials[k], diags);
    }
}
