/* A role's `rows:` in the text that is about to be sent: the policy's own tree, with each column qualified by
 * the table and each attribute the caller's value, said here again without the code that wrote it. */
#include "verify_internal.h"

#include "reflect.h"

struct filling {
    struct hg_proof *proof;
    struct hg_slice qualifier;
    bool good;
};

static PgQuery__Node *string_node(struct hg_proof *proof, struct hg_slice text)
{
    PgQuery__Node *node = HG_NEW(proof->arena, PgQuery__Node);
    *node = (PgQuery__Node)PG_QUERY__NODE__INIT;
    node->node_case = PG_QUERY__NODE__NODE_STRING;
    node->string = HG_NEW(proof->arena, PgQuery__String);
    *node->string = (PgQuery__String)PG_QUERY__STRING__INIT;
    node->string->sval = hg_arena_cstr(proof->arena, text);
    return node;
}

static void fill_column(struct filling *filling, PgQuery__ColumnRef *column)
{
    PgQuery__Node **fields = HG_NEW_ARRAY(filling->proof->arena, PgQuery__Node *, 2);
    fields[0] = string_node(filling->proof, filling->qualifier);
    fields[1] = column->fields[0];
    filling->good &= column->n_fields == 1;
    column->fields = fields;
    column->n_fields = 2;
}

static void fill_attribute(struct filling *filling, PgQuery__Node *node)
{
    const struct hg_user *user = filling->proof->context->user;
    int32_t number = node->param_ref->number;
    if (number < 1 || (size_t)number > user->role->nattributes) {
        filling->good = false;
        return;
    }
    PgQuery__AConst *value = HG_NEW(filling->proof->arena, PgQuery__AConst);
    *value = (PgQuery__AConst)PG_QUERY__A__CONST__INIT;
    value->val_case = PG_QUERY__A__CONST__VAL_SVAL;
    value->sval = string_node(filling->proof, user->attributes[number - 1])->string;
    node->node_case = PG_QUERY__NODE__NODE_A_CONST;
    node->a_const = value;
}

static void fill_node(struct filling *filling, PgQuery__Node *node)
{
    if (node->node_case == PG_QUERY__NODE__NODE_COLUMN_REF)
        fill_column(filling, node->column_ref);
    else if (node->node_case == PG_QUERY__NODE__NODE_PARAM_REF)
        fill_attribute(filling, node);
}

/* Fills what the message holds. A column that was filled holds nothing but names. */
static enum hg_walk fill_inside(ProtobufCMessage *message, ProtobufCMessage *parent,
                                const ProtobufCFieldDescriptor *from, void *argument)
{
    (void)parent;
    (void)from;
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        char *at = (char *)message + field->offset;
        if (field->descriptor != &pg_query__node__descriptor)
            continue;
        if (field->label != PROTOBUF_C_LABEL_REPEATED) {
            if (*(PgQuery__Node **)at)
                fill_node(argument, *(PgQuery__Node **)at);
            continue;
        }
        size_t count = *(const size_t *)((char *)message + field->quantifier_offset);
        for (size_t k = 0; k < count; k++)
            fill_node(argument, (*(PgQuery__Node ***)at)[k]);
    }
    return HG_WALK_INTO;
}

PgQuery__Node *hg_proof_qualified(struct hg_proof *proof, const PgQuery__Node *part,
                                  struct hg_slice qualifier)
{
    struct filling filling = {proof, qualifier, true};
    PgQuery__Node *copy = (PgQuery__Node *)hg_tree_copy(&part->base, proof->arena);
    if (!copy)
        return NULL;
    fill_node(&filling, copy);
    return hg_tree_walk(&copy->base, HG_TREE_DEPTH_MOST, fill_inside, &filling) && filling.good ? copy : NULL;
}

static bool is_meant(struct hg_proof *proof, const PgQuery__Node *part, struct hg_slice qualifier,
                     const PgQuery__Node *said)
{
    struct hg_slice why;
    const PgQuery__Node *meant = hg_proof_qualified(proof, part, qualifier);
    return meant && hg_tree_equal(&meant->base, &said->base, proof->arena, &why);
}

bool hg_is_rows(struct hg_proof *proof, const struct hg_table_view *view, struct hg_slice qualifier,
                const PgQuery__Node *said)
{
    return view->rows && said && is_meant(proof, view->rows, qualifier, said);
}

/* The parts that the condition joins by AND, or itself. */
static PgQuery__Node *const *parts_of(const struct hg_table_view *view, PgQuery__Node *const *whole,
                                      size_t *count)
{
    const PgQuery__Node *rows = view->rows;
    if (rows->node_case == PG_QUERY__NODE__NODE_BOOL_EXPR &&
        rows->bool_expr->boolop == PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR) {
        *count = rows->bool_expr->n_args;
        return rows->bool_expr->args;
    }
    *count = 1;
    return whole;
}

bool hg_is_part_of_rows(struct hg_proof *proof, const struct hg_table_view *view, struct hg_slice qualifier,
                        const PgQuery__Node *said)
{
    size_t count;
    if (hg_is_rows(proof, view, qualifier, said))
        return true;
    if (!view->rows || !said)
        return false;
    PgQuery__Node *const whole = (PgQuery__Node *)view->rows; /* is only read */
    PgQuery__Node *const *parts = parts_of(view, &whole, &count);
    for (size_t i = 0; i < count; i++)
        if (is_meant(proof, parts[i], qualifier, said))
            return true;
    return false;
}

static enum hg_walk count_operators(ProtobufCMessage *message, ProtobufCMessage *parent,
                                    const ProtobufCFieldDescriptor *field, void *argument)
{
    static const ProtobufCMessageDescriptor *const free_of_cost[] = {
        &pg_query__column_ref__descriptor,   &pg_query__param_ref__descriptor,
        &pg_query__a__const__descriptor,     &pg_query__null_test__descriptor,
        &pg_query__boolean_test__descriptor, &pg_query__string__descriptor,
        &pg_query__integer__descriptor,      &pg_query__boolean__descriptor,
    };
    size_t *operators = argument;
    (void)parent;
    (void)field;
    if (message->descriptor == &pg_query__a__expr__descriptor &&
        ((PgQuery__AExpr *)message)->kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP)
        return ++*operators > 1 ? HG_WALK_STOP : HG_WALK_INTO;
    for (size_t i = 0; i < sizeof free_of_cost / sizeof *free_of_cost; i++)
        if (message->descriptor == free_of_cost[i])
            return HG_WALK_INTO;
    return HG_WALK_STOP;
}

static bool is_cheap(const PgQuery__Node *part)
{
    size_t operators = 0;
    return hg_tree_walk((ProtobufCMessage *)&part->base, HG_TREE_DEPTH_MOST, count_operators, &operators);
}

bool hg_guards_rows(struct hg_proof *proof, const struct hg_table_view *view, struct hg_slice qualifier,
                    size_t count, PgQuery__Node *const *conditions)
{
    size_t nparts;
    if (!view->rows)
        return true;
    PgQuery__Node *const whole = (PgQuery__Node *)view->rows; /* is only read */
    PgQuery__Node *const *parts = parts_of(view, &whole, &nparts);
    for (size_t i = 0; i < nparts; i++) {
        size_t at = 0;
        while (at < count && !(hg_guarded_by(conditions[at]) &&
                               is_meant(proof, parts[i], qualifier, hg_guarded_by(conditions[at]))))
            at++;
        if (at == count || !is_cheap(parts[i]))
            return false;
    }
    return true;
}
