/* Masks of the policy, checked as strictly as a tenant's statement: allowed constructs, functions that read
 * nothing but their arguments, columns of their own table, no sub-selects, no parameters. They run inside
 * every wrapper, beside the predicate, so a mask that could read anything else would read it for everyone. */
#include "build.h"
#include "guard.h"
#include "reflect.h"
#include "resolver.h"

struct mask {
    const struct hg_table *table;
    const struct hg_column_view *view;
    struct hg_diags *diags;
};

static enum hg_walk complain(const struct mask *mask, const char *what, struct hg_slice name)
{
    hg_diag_add(mask->diags, HG_ERROR, mask->view->mask_place, NULL, "mask of %.*s.%.*s.%.*s: %s%s%.*s",
                HG_SLICE_FMT(mask->table->schema), HG_SLICE_FMT(mask->table->name),
                HG_SLICE_FMT(mask->view->column->name), what, name.len ? " " : "", HG_SLICE_FMT(name));
    return HG_WALK_OVER;
}

static struct hg_slice last_name(size_t count, PgQuery__Node *const *names, struct hg_slice *schema)
{
    *schema = count == 2 ? hg_string_of(names[0]) : HG_LIT("");
    return count && count <= 2 ? hg_string_of(names[count - 1]) : HG_LIT("");
}

static enum hg_walk check_column(const struct mask *mask, const PgQuery__ColumnRef *column)
{
    if (column->n_fields != 1 || hg_table_column(mask->table, hg_string_of(column->fields[0])) < 0)
        return complain(mask, "only columns of the table itself may be named, bare; not",
                        column->n_fields ? hg_string_of(column->fields[column->n_fields - 1]) : HG_LIT(""));
    return HG_WALK_INTO;
}

static enum hg_walk check_function(const struct mask *mask, const PgQuery__FuncCall *call)
{
    struct hg_slice schema, name = last_name(call->n_funcname, call->funcname, &schema);
    if (hg_is_aggregate(name) || !hg_is_plain_call(call))
        return complain(mask, "no aggregate or window function may be called, as", name);
    if (hg_allow_function(schema, name) != HG_FN_ANY)
        return complain(mask, "only functions that read nothing but their arguments may be called, not",
                        name);
    if (hg_slice_is(name, "age") && call->n_args == 1) /* see date_age() in resolve_function.c */
        return complain(mask, "write current_date as the first argument of", name);
    return HG_WALK_INTO;
}

static enum hg_walk check_type(const struct mask *mask, const PgQuery__TypeName *type)
{
    struct hg_slice schema, name = last_name(type->n_names, type->names, &schema);
    if (type->setof || type->pct_type || !hg_allow_type(schema, name, false))
        return complain(mask, "only built-in types may be named, not", name);
    return HG_WALK_INTO;
}

static enum hg_walk check_operator(const struct mask *mask, const PgQuery__AExpr *expression)
{
    struct hg_slice schema, name = last_name(expression->n_name, expression->name, &schema);
    if (expression->kind >= PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN)
        return HG_WALK_INTO; /* BETWEEN is spelled out in the operator's place */
    return hg_allow_operator(schema, name) ? HG_WALK_INTO : complain(mask, "unknown operator", name);
}

/* `(x).name` may call a function. */
static enum hg_walk check_indirection(const struct mask *mask, const PgQuery__AIndirection *indirection)
{
    for (size_t i = 0; i < indirection->n_indirection; i++)
        if (indirection->indirection[i]->node_case != PG_QUERY__NODE__NODE_A_INDICES)
            return complain(mask,
                            "a field of a row may not be named:", hg_string_of(indirection->indirection[i]));
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
        return complain(argument, "no parameter may stand in it", HG_LIT(""));
    if (type == &pg_query__sqlvalue_function__descriptor &&
        ((const PgQuery__SQLValueFunction *)message)->op >=
            PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_ROLE)
        return complain(argument, "the current user, database or schema may not be asked for", HG_LIT(""));
    return HG_WALK_INTO;
}

static void check_mask(const struct hg_snapshot *snapshot, const struct hg_table *table,
                       const struct hg_column_view *view, struct hg_diags *diags)
{
    struct mask mask = {table, view, diags};
    struct hg_context context = {.snapshot = snapshot, .pid = 1, .bound_backend = -1};
    struct hg_arena arena;
    struct hg_fault fault = {0};
    PgQuery__Node *node = (PgQuery__Node *)view->mask; /* is read only */
    hg_arena_init(&arena, 0);
    if (!hg_guard(node, view->mask_sql, &context, &arena, &fault))
        complain(&mask, "", fault.message);
    else if (!hg_tree_walk(hg_node_message(node), snapshot->config->max_nesting, check_message, &mask))
        complain(&mask, "too deeply nested", HG_LIT(""));
    hg_arena_free(&arena);
}

void hg_rewrite_check(const struct hg_snapshot *snapshot, struct hg_diags *diags)
{
    for (size_t i = 0; i < snapshot->nroles; i++)
        for (size_t k = 0; k < snapshot->ntables; k++) {
            const struct hg_table_view *view = &snapshot->roles[i].views[k];
            for (size_t c = 0; view->readable && c < view->table->ncolumns; c++)
                if (view->columns[c].mask)
                    check_mask(snapshot, view->table, &view->columns[c], diags);
        }
}
