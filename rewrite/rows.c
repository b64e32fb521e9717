/* See rows.h. A guard costs PostgreSQL one operator when what it guards is one comparison of a column with a
 * constant of no other type, or less; only then does it come before every condition of a client that may fail
 * (leak.c tells why). A condition of more than such comparisons, joined by AND, cannot be guarded. */
#include "rows.h"

#include "build.h"
#include "leak.h"
#include "reflect.h"

/* ---- the policy's tree made the caller's ---- */

struct making {
    const struct hg_context *context;
    struct hg_slice qualifier;
    struct hg_arena *arena;
};

/* The Node of the parent that holds this message. */
static PgQuery__Node *holder_of(ProtobufCMessage *message, ProtobufCMessage *parent,
                                const ProtobufCFieldDescriptor *field)
{
    void *at = (char *)parent + field->offset;
    if (field->label != PROTOBUF_C_LABEL_REPEATED)
        return *(PgQuery__Node **)at;
    size_t i = 0;
    PgQuery__Node **list = *(PgQuery__Node ***)at;
    while (hg_node_message(list[i]) != message)
        i++;
    return list[i];
}

static void qualify(const struct making *making, PgQuery__ColumnRef *column)
{
    PgQuery__Node **fields = HG_NEW_ARRAY(making->arena, PgQuery__Node *, 2);
    fields[0] = hg_build_string(making->arena, making->qualifier);
    fields[1] = column->fields[0];
    column->fields = fields;
    column->n_fields = 2;
}

static enum hg_walk make_own(ProtobufCMessage *message, ProtobufCMessage *parent,
                             const ProtobufCFieldDescriptor *field, void *argument)
{
    const struct making *making = argument;
    if (message->descriptor == &pg_query__column_ref__descriptor) {
        qualify(making, (PgQuery__ColumnRef *)message);
        return HG_WALK_OVER;
    }
    if (message->descriptor != &pg_query__param_ref__descriptor || !parent)
        return HG_WALK_INTO;
    int32_t number = ((PgQuery__ParamRef *)message)->number;
    struct hg_slice value = making->context->user->attributes[number - 1];
    *holder_of(message, parent, field) =
        *hg_build_text(making->arena, value, HG_LOCATION_ATTRIBUTE - (number - 1));
    return HG_WALK_OVER;
}

static PgQuery__Node *made_own(const struct making *making, const PgQuery__Node *node)
{
    PgQuery__Node *copy = (PgQuery__Node *)hg_tree_copy(&node->base, making->arena);
    if (copy->node_case == PG_QUERY__NODE__NODE_COLUMN_REF)
        qualify(making, copy->column_ref);
    else if (!hg_tree_walk(hg_node_message(copy), HG_TREE_DEPTH_MOST, make_own, (void *)making))
        return NULL; /* cannot be: what was loaded is not as deep */
    return copy;
}

/* ---- its parts ---- */

static const PgQuery__BoolExpr *all_of(const PgQuery__Node *node)
{
    bool all = node->node_case == PG_QUERY__NODE__NODE_BOOL_EXPR &&
               node->bool_expr->boolop == PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR;
    return all ? node->bool_expr : NULL;
}

static size_t count_parts(const PgQuery__Node *node)
{
    const PgQuery__BoolExpr *all = all_of(node);
    return all ? all->n_args : 1;
}

static const PgQuery__Node *part_of(const PgQuery__Node *node, size_t i)
{
    const PgQuery__BoolExpr *all = all_of(node);
    return all ? all->args[i] : node;
}

static bool is_column(const PgQuery__Node *node)
{
    return node && node->node_case == PG_QUERY__NODE__NODE_COLUMN_REF;
}

/* Takes the column's type, or is converted once and for all. */
static bool is_constant(const PgQuery__Node *node)
{
    if (!node || node->node_case == PG_QUERY__NODE__NODE_PARAM_REF)
        return node != NULL;
    return node->node_case == PG_QUERY__NODE__NODE_A_CONST && !node->a_const->isnull &&
           (node->a_const->val_case == PG_QUERY__A__CONST__VAL_SVAL ||
            node->a_const->val_case == PG_QUERY__A__CONST__VAL_IVAL ||
            node->a_const->val_case == PG_QUERY__A__CONST__VAL_BOOLVAL);
}

static bool is_comparison(const PgQuery__AExpr *expression)
{
    static const char *const names[] = {"=", "<>", "<", "<=", ">", ">="};
    struct hg_slice name = expression->n_name == 1 ? hg_string_of(expression->name[0]) : HG_LIT("");
    if (expression->kind != PG_QUERY__A__EXPR__KIND__AEXPR_OP)
        return false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (hg_slice_is(name, names[i]))
            return true;
    return false;
}

/* At most one operator, and none that may fail. */
static bool is_cheap(const PgQuery__Node *node)
{
    switch (node->node_case) {
    case PG_QUERY__NODE__NODE_COLUMN_REF:
        return true;
    case PG_QUERY__NODE__NODE_NULL_TEST:
        return is_column(node->null_test->arg);
    case PG_QUERY__NODE__NODE_BOOLEAN_TEST:
        return is_column(node->boolean_test->arg);
    case PG_QUERY__NODE__NODE_A_EXPR:
        return is_comparison(node->a_expr) &&
               ((is_column(node->a_expr->lexpr) && is_constant(node->a_expr->rexpr)) ||
                (is_constant(node->a_expr->lexpr) && is_column(node->a_expr->rexpr)));
    default:
        return false;
    }
}

bool hg_rows_guardable(const struct hg_table_view *view)
{
    for (size_t i = 0; view->rows && i < count_parts(view->rows); i++)
        if (!is_cheap(part_of(view->rows, i)))
            return false;
    return true;
}

/* ---- put together ---- */

static PgQuery__Node *join(struct hg_arena *arena, PgQuery__Node *where, PgQuery__Node *with)
{
    return where ? hg_build_and(arena, where, with) : with;
}

PgQuery__Node *hg_rows_and(const struct hg_table_view *view, const struct hg_context *context,
                           struct hg_slice qualifier, bool guard, PgQuery__Node *where,
                           PgQuery__Node *predicate, struct hg_arena *arena)
{
    struct making making = {context, qualifier, arena};
    if (!view->rows)
        return where;
    for (size_t i = 0; guard && i < count_parts(view->rows); i++)
        where = join(arena, where, hg_build_guard(arena, made_own(&making, part_of(view->rows, i))));
    PgQuery__Node *condition = made_own(&making, view->rows);
    if (predicate && hg_leak_of_condition(view->rows) != HG_LEAK_NONE)
        condition = hg_build_choice(arena, predicate, condition, NULL);
    return join(arena, where, condition);
}

static enum hg_walk find_name(ProtobufCMessage *message, ProtobufCMessage *parent,
                              const ProtobufCFieldDescriptor *field, void *argument)
{
    const struct hg_column *column = argument;
    (void)parent;
    (void)field;
    if (message->descriptor != &pg_query__column_ref__descriptor)
        return HG_WALK_INTO;
    return hg_slice_equal(hg_string_of(((PgQuery__ColumnRef *)message)->fields[0]), column->name)
               ? HG_WALK_STOP
               : HG_WALK_OVER;
}

bool hg_rows_name(const struct hg_table_view *view, const struct hg_column *column)
{
    return view->rows && !hg_tree_walk(hg_node_message((PgQuery__Node *)view->rows), HG_TREE_DEPTH_MOST,
                                       find_name, (void *)column);
}

bool hg_rows_key(const struct hg_table_view *view, const struct hg_column *column)
{
    const struct hg_table *table = view->table;
    int at = (int)(column - table->columns);
    for (size_t i = 0; view->rows && at != table->tenant_column_index && i < table->nunique_keys; i++) {
        const struct hg_unique_key *key = &table->unique_keys[i];
        for (size_t k = 0; k < key->ncolumns; k++)
            if (key->columns[k] == at)
                return true;
        if (key->expressions)
            return true;
    }
    return false;
}
