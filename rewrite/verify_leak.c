/* Guards and fences, demanded of the text itself.
 *
 * leak.c decides for the statement that the client wrote what its tables need besides their predicate; here
 * the statement that is about to be sent is asked, in other words, whether something in it may raise an error
 * on a row. A place is a condition, which PostgreSQL may evaluate on any row of a table, unless it is in the
 * select list (or in GROUP BY, ORDER BY …) of the outermost SELECT, in what a statement assigns or returns,
 * inside of an aggregate or of a function in FROM. At such a place only what is known to be total may look at
 * a column: comparisons, patterns that are known and harmless, and what combines them. A sub-select may fail,
 * or take its time, when the first row asks for its value. Nor may a planner know a pattern that is not
 * harmless: it would try it on everybody's values.
 *
 * What was proved word by word needs no judgement: wrappers, masks, predicates, the role's rows. */
#include "verify_internal.h"

#include "pattern.h"
#include "reflect.h"
#include "resolver.h"

enum need { NOTHING, A_GUARD, NO_ARRAYS, A_FENCE };

struct judge {
    struct hg_proof *proof;
    enum need need;
    bool tries; /* a planner could try a pattern */
};

void hg_note_fence(struct hg_proof *proof, const struct hg_fence *fence)
{
    struct hg_fence *copy = HG_NEW(proof->arena, struct hg_fence);
    *copy = *fence;
    copy->next = proof->fences;
    proof->fences = copy;
}

/* What is no expression of the client's. */

static bool is_wrapper(const ProtobufCMessage *message)
{
    return message->descriptor == &pg_query__select_stmt__descriptor &&
           hg_wrapped_relation((const PgQuery__SelectStmt *)message);
}

static bool is_mask(const struct judge *judge, const PgQuery__Node *node)
{
    struct hg_slice why;
    for (const struct hg_fence *fence = judge->proof->fences; fence; fence = fence->next)
        for (size_t i = 0; i < fence->nmasks; i++)
            if (fence->masks[i]->node_case == node->node_case &&
                hg_tree_equal(&fence->masks[i]->base, &node->base, judge->proof->arena, &why))
                return true;
    return false;
}

static enum hg_walk find_column(ProtobufCMessage *message, ProtobufCMessage *parent,
                                const ProtobufCFieldDescriptor *field, void *argument)
{
    (void)parent;
    (void)field;
    (void)argument;
    if (message->descriptor == &pg_query__column_ref__descriptor ||
        message->descriptor == &pg_query__sub_link__descriptor)
        return HG_WALK_STOP;
    return is_wrapper(message) ? HG_WALK_OVER : HG_WALK_INTO;
}

static bool reads_columns(const ProtobufCMessage *message)
{
    return !hg_tree_walk((ProtobufCMessage *)message, HG_TREE_DEPTH_MOST, find_column, NULL);
}

/* What an expression needs by itself. */

static bool is_one_of(struct hg_slice name, const char *const *list)
{
    for (; *list; list++)
        if (hg_slice_is(name, *list))
            return true;
    return false;
}

static bool is_total(const PgQuery__AExpr *expression)
{
    static const char *const comparisons[] = {"=", "<>", "<", "<=", ">", ">=", NULL};
    struct hg_slice symbol = expression->n_name == 1 ? hg_proof_text(expression->name[0]) : HG_LIT("");
    bool between = expression->kind >= PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN &&
                   expression->kind <= PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN_SYM;
    return between || is_one_of(symbol, comparisons) ||
           (expression->n_name == 1 && hg_pattern_matches(expression) && hg_pattern_is_plain(expression));
}

static enum need need_of_operator(struct judge *judge, const PgQuery__AExpr *expression)
{
    bool elements = expression->kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY ||
                    expression->kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP_ALL;
    judge->tries |= hg_pattern_hidden(judge->proof->arena, expression) != NULL;
    if (is_total(expression))
        return NOTHING;
    return elements ? A_FENCE : A_GUARD;
}

static enum need need_of(struct judge *judge, const ProtobufCMessage *message)
{
    static const ProtobufCMessageDescriptor *const computing[] = {
        &pg_query__func_call__descriptor,    &pg_query__type_cast__descriptor,
        &pg_query__case_expr__descriptor,    &pg_query__coalesce_expr__descriptor,
        &pg_query__min_max_expr__descriptor, &pg_query__a__indirection__descriptor,
        &pg_query__xml_expr__descriptor,     &pg_query__xml_serialize__descriptor,
        &pg_query__sub_link__descriptor,
    };
    if (message->descriptor == &pg_query__a__expr__descriptor)
        return need_of_operator(judge, (const PgQuery__AExpr *)message);
    if (message->descriptor == &pg_query__a__array_expr__descriptor)
        return NO_ARRAYS;
    for (size_t i = 0; i < sizeof computing / sizeof *computing; i++)
        if (message->descriptor == computing[i])
            return A_GUARD;
    return NOTHING;
}

/* Is it computed of rows that conditions have let pass? */
static bool comes_after(const ProtobufCMessage *message)
{
    const PgQuery__FuncCall *call = (const PgQuery__FuncCall *)message;
    if (message->descriptor == &pg_query__range_function__descriptor)
        return true;
    return message->descriptor == &pg_query__func_call__descriptor &&
           (call->over ||
            (call->n_funcname && hg_is_aggregate(hg_proof_text(call->funcname[call->n_funcname - 1]))));
}

/* The walk. `condition`: what stands here may be evaluated on any row. */

static void judge_message(struct judge *judge, const ProtobufCMessage *message, bool condition);

static void judge_child(struct judge *judge, const ProtobufCMessage *child, bool condition)
{
    if (child && child->descriptor == &pg_query__node__descriptor) {
        PgQuery__Node *node = (PgQuery__Node *)child;
        child = is_mask(judge, node) ? NULL : hg_node_message(node);
    }
    if (child)
        judge_message(judge, child, condition);
}

static void judge_field(struct judge *judge, const ProtobufCMessage *message,
                        const ProtobufCFieldDescriptor *field, bool condition)
{
    const char *at = (const char *)message + field->offset;
    bool chosen = !(field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) ||
                  *(const uint32_t *)((const char *)message + field->quantifier_offset) == field->id;
    if (field->type != PROTOBUF_C_TYPE_MESSAGE || !chosen)
        return;
    if (field->label != PROTOBUF_C_LABEL_REPEATED) {
        judge_child(judge, *(ProtobufCMessage *const *)at, condition);
        return;
    }
    size_t count = *(const size_t *)((const char *)message + field->quantifier_offset);
    for (size_t i = 0; i < count; i++)
        judge_child(judge, (*(ProtobufCMessage *const *const *)at)[i], condition);
}

static void judge_fields(struct judge *judge, const ProtobufCMessage *message, bool condition)
{
    for (unsigned i = 0; i < message->descriptor->n_fields; i++)
        judge_field(judge, message, &message->descriptor->fields[i], condition);
}

/* Of an outermost statement: the fields whose names are given are conditions. */
static void judge_some(struct judge *judge, const ProtobufCMessage *message, const char *const *conditions,
                       const char *const *skipped)
{
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        struct hg_slice name = hg_slice_cstr(field->name);
        if (field->type == PROTOBUF_C_TYPE_MESSAGE && !is_one_of(name, skipped))
            judge_field(judge, message, field, is_one_of(name, conditions));
    }
}

/* Nothing but a select list over one sub-select: that is as far outside as the SELECT itself. */
static const PgQuery__SelectStmt *passed_through(const PgQuery__SelectStmt *select)
{
    const PgQuery__Node *item = select->n_from_clause == 1 ? select->from_clause[0] : NULL;
    if (!item || item->node_case != PG_QUERY__NODE__NODE_RANGE_SUBSELECT || select->where_clause ||
        select->having_clause || !item->range_subselect->subquery ||
        item->range_subselect->subquery->node_case != PG_QUERY__NODE__NODE_SELECT_STMT)
        return NULL;
    return item->range_subselect->subquery->select_stmt;
}

static void judge_outermost(struct judge *judge, const PgQuery__SelectStmt *select)
{
    static const char *const conditions[] = {"with_clause", "from_clause", "where_clause", "having_clause",
                                             NULL};
    static const char *const arms[] = {"larg", "rarg", NULL};
    static const char *const from[] = {"from_clause", NULL};
    const PgQuery__SelectStmt *inner = passed_through(select);
    if (is_wrapper(&select->base))
        return;
    if (select->larg)
        judge_outermost(judge, select->larg);
    if (select->rarg)
        judge_outermost(judge, select->rarg);
    if (inner)
        judge_outermost(judge, inner);
    judge_some(judge, &select->base, conditions, inner ? from : arms);
}

static void judge_conditions(struct judge *judge, const struct hg_fence *fence)
{
    for (size_t i = fence->nproved; i < fence->nconditions; i++) {
        const PgQuery__Node *inner =
            hg_fenced_condition(judge->proof, fence->view, fence->alias, fence->conditions[i]);
        judge_child(judge, inner ? &inner->base : &fence->conditions[i]->base, true);
    }
}

/* Their conditions are judged as they were noted. What is inserted comes from a SELECT of its own. */
static void judge_write(struct judge *judge, const ProtobufCMessage *message)
{
    static const char *const conditions[] = {"with_clause", "from_clause", "using_clause", NULL};
    static const char *const skipped[] = {"where_clause", "select_stmt", NULL};
    const PgQuery__InsertStmt *insert = (const PgQuery__InsertStmt *)message;
    if (message->descriptor == &pg_query__insert_stmt__descriptor && insert->select_stmt &&
        insert->select_stmt->node_case == PG_QUERY__NODE__NODE_SELECT_STMT)
        judge_outermost(judge, insert->select_stmt->select_stmt);
    judge_some(judge, message, conditions, skipped);
}

static bool writes(const ProtobufCMessage *message)
{
    return message->descriptor == &pg_query__insert_stmt__descriptor ||
           message->descriptor == &pg_query__update_stmt__descriptor ||
           message->descriptor == &pg_query__delete_stmt__descriptor;
}

static void judge_message(struct judge *judge, const ProtobufCMessage *message, bool condition)
{
    if (is_wrapper(message) || message->descriptor == &pg_query__a__const__descriptor)
        return;
    if (writes(message)) {
        judge_write(judge, message);
        return;
    }
    if (message->descriptor == &pg_query__select_stmt__descriptor)
        condition = true;
    else if (comes_after(message))
        condition = false;
    enum need need = condition ? need_of(judge, message) : NOTHING;
    if (need > judge->need) {
        if (!reads_columns(message))
            return;
        judge->need = need;
    }
    judge_fields(judge, message, condition);
}

/* The verdict. */

/* CASE WHEN <the predicate> THEN 1 END IS NOT NULL; what was proved behind the predicate can be no other
 * test. */
static bool has_own_guard(struct hg_proof *proof, const struct hg_fence *fence)
{
    if (fence->view->table->shared)
        return true;
    const PgQuery__Node *second = fence->nproved > 1 ? fence->conditions[1] : NULL;
    const PgQuery__Node *guard =
        second && second->node_case == PG_QUERY__NODE__NODE_NULL_TEST ? second->null_test->arg : NULL;
    if (!guard || guard->node_case != PG_QUERY__NODE__NODE_CASE_EXPR || guard->case_expr->n_args != 1)
        return false;
    const PgQuery__Node *when = guard->case_expr->args[0];
    return when->node_case == PG_QUERY__NODE__NODE_CASE_WHEN &&
           hg_is_own_tenant(proof, fence->view, fence->alias, when->case_when->expr);
}

static bool has_guard(struct hg_proof *proof, const struct hg_fence *fence)
{
    return has_own_guard(proof, fence) &&
           hg_guards_rows(proof, fence->view, fence->alias, fence->nproved, fence->conditions);
}

/* Is the table kept from being flattened, or is each condition of the client's on it in a CASE? */
static bool has_fence(struct hg_proof *proof, const struct hg_fence *fence)
{
    if (fence->wrapper)
        return fence->wrapper->limit_offset != NULL;
    for (size_t i = fence->nproved; i < fence->nconditions; i++)
        if (!hg_fenced_condition(proof, fence->view, fence->alias, fence->conditions[i]))
            return false;
    return true;
}

/* Comparing areas may overflow, and arrays of json fail; a mask is an expression. */
static bool is_dangerous(const struct hg_column_view *view)
{
    static const char *const areas[] = {"box", "circle", "line", "lseg", "path", "point", "polygon", NULL};
    static const char *const unequal[] = {"json", "xml", NULL};
    const struct hg_type *type = &view->column->type;
    return view->mask || (hg_slice_is(type->schema, "pg_catalog") &&
                          (is_one_of(type->name, areas) || (type->array && is_one_of(type->name, unequal))));
}

static enum need need_of_table(const struct hg_table_view *view, enum need need)
{
    for (size_t i = 0; i < view->table->ncolumns; i++) {
        const struct hg_type *type = &view->table->columns[i].type;
        if (view->columns[i].hidden)
            continue;
        if (need == NO_ARRAYS && (type->array || !hg_slice_is(type->schema, "pg_catalog")))
            return A_FENCE;
        if (need == NOTHING && is_dangerous(&view->columns[i]))
            need = A_GUARD;
    }
    return need;
}

/* A condition of the role's that may fail stands behind the tenant's predicate, in one CASE. */
static bool keeps_rows(struct hg_proof *proof, const struct hg_fence *fence)
{
    struct judge judge = {.proof = proof};
    const struct hg_table_view *view = fence->view;
    if (!view->rows || view->table->shared)
        return true;
    judge_child(&judge, &view->rows->base, true);
    return judge.need == NOTHING ||
           hg_is_own_rows(proof, view, fence->alias, fence->conditions[fence->nproved - 1]);
}

bool hg_prove_fences(struct hg_proof *proof)
{
    struct judge judge = {.proof = proof};
    if (!proof->fences)
        return true;
    if (proof->query->node_case == PG_QUERY__NODE__NODE_SELECT_STMT)
        judge_outermost(&judge, proof->query->select_stmt);
    else
        judge_write(&judge, hg_node_message(proof->query));
    for (const struct hg_fence *fence = proof->fences; fence; fence = fence->next)
        if (!fence->wrapper)
            judge_conditions(&judge, fence);
    if (judge.tries)
        return hg_unproved(proof, "a pattern may be tried on values of others");
    for (const struct hg_fence *fence = proof->fences; fence; fence = fence->next) {
        enum need need = need_of_table(fence->view, judge.need);
        if (!keeps_rows(proof, fence))
            return hg_unproved(proof, "the role's rows of %.*s may be asked for on rows of others",
                               HG_SLICE_FMT(fence->view->table->physical_name));
        if (need != NOTHING && !has_fence(proof, fence) && (need == A_FENCE || !has_guard(proof, fence)))
            return hg_unproved(proof, "a condition may be evaluated on rows of %.*s before its predicate",
                               HG_SLICE_FMT(fence->view->table->physical_name));
    }
    return true;
}
