/* A sub-select is no barrier: PostgreSQL flattens it and sorts the conditions of a scan by cost, and those of
 * equal cost by where they come from, where `tenant_id = '…'` is last, being a member of an equivalence
 * class. `x::boolean` costs as much as that comparison; so it would be evaluated on the rows of others, and
 * its error is the answer to any question that a condition before it asks about them.
 *
 * The cost of a condition is the number of operators and functions in it. Thus nothing that may raise an
 * error and costs more than one operator comes before the predicate; what costs exactly one comes after the
 * guard,
 *
 *     CASE WHEN t.tenant_id = '…' THEN 1 END IS NOT NULL
 *
 * which costs one too, is in no equivalence class, and stands first, since conditions inside are placed
 * before those around them. The planner believes that it turns no row away, so plans stay what they are.
 * Cheaper than one operator, and yet able to fail, are ARRAY[…] (of arrays of different lengths) and
 * operators over the elements of an array: these need a sub-select that is not flattened.
 *
 * What may become a condition of a scan: WHERE, ON and HAVING anywhere, and all of a sub-select, whose
 * columns conditions around it may use. Functions in FROM read rows that a scan has let pass; the select
 * list, GROUP BY, ORDER BY and windows of the outermost SELECT come last of all. Whatever is not known here
 * to be harmless is guarded. */
#include "leak.h"

#include "build.h"
#include "reflect.h"
#include "resolver.h"

struct search {
    enum hg_leak found;
    bool counts;                          /* what is looked at may become a condition */
    const PgQuery__SelectStmt *outermost; /* or an arm of it; NULL inside */
    const ProtobufCMessage *write;        /* an outermost statement that writes; NULL inside */
};

static bool is_aggregation(const ProtobufCMessage *message)
{
    const PgQuery__FuncCall *call = (const PgQuery__FuncCall *)message;
    if (message->descriptor != &pg_query__func_call__descriptor)
        return false;
    return call->over || hg_is_aggregate(call->n_funcname ? hg_string_of(call->funcname[call->n_funcname - 1])
                                                          : HG_LIT(""));
}

static enum hg_walk find_column(ProtobufCMessage *message, ProtobufCMessage *parent,
                                const ProtobufCFieldDescriptor *field, void *argument)
{
    (void)parent;
    (void)field;
    (void)argument;
    return message->descriptor == &pg_query__column_ref__descriptor ? HG_WALK_STOP : HG_WALK_INTO;
}

/* Does it look at a row? What does not tells nothing about one. */
static bool reads_columns(const ProtobufCMessage *message)
{
    return message && !hg_tree_walk((ProtobufCMessage *)message, HG_TREE_DEPTH_MOST, find_column, NULL);
}

static bool is_one_of(struct hg_slice name, const char *const *list)
{
    for (; *list; list++)
        if (hg_slice_is(name, *list))
            return true;
    return false;
}

/* Comparing raises no error; nor does matching with a pattern that is the same for all rows. */
static bool is_harmless(const PgQuery__AExpr *expression)
{
    static const char *const comparisons[] = {"=", "<>", "<", "<=", ">", ">=", NULL};
    static const char *const matches[] = {"~~", "!~~", "~~*", "!~~*", "~", "!~", "~*", "!~*", NULL};
    struct hg_slice name = expression->n_name == 1 ? hg_string_of(expression->name[0]) : HG_LIT("");
    switch (expression->kind) {
    case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN:
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN:
    case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN_SYM:
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN_SYM:
        return true;
    default:
        return is_one_of(name, comparisons) ||
               (is_one_of(name, matches) && expression->lexpr &&
                !reads_columns(expression->rexpr ? hg_node_message(expression->rexpr) : NULL));
    }
}

static enum hg_leak leak_of_expression(const PgQuery__AExpr *expression)
{
    if (is_harmless(expression))
        return HG_LEAK_NONE;
    return expression->kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY ||
                   expression->kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP_ALL
               ? HG_LEAK_FENCE
               : HG_LEAK_GUARD;
}

static bool only_combines(const ProtobufCMessageDescriptor *type)
{
    static const ProtobufCMessageDescriptor *const types[] = {
        &pg_query__column_ref__descriptor,
        &pg_query__select_stmt__descriptor,
        &pg_query__bool_expr__descriptor,
        &pg_query__null_test__descriptor,
        &pg_query__boolean_test__descriptor,
        &pg_query__sub_link__descriptor,
        &pg_query__row_expr__descriptor,
        &pg_query__list__descriptor,
        &pg_query__collate_clause__descriptor,
        &pg_query__res_target__descriptor,
        &pg_query__sort_by__descriptor,
        &pg_query__window_def__descriptor,
        &pg_query__grouping_set__descriptor,
        &pg_query__grouping_func__descriptor,
        &pg_query__with_clause__descriptor,
        &pg_query__common_table_expr__descriptor,
        &pg_query__range_subselect__descriptor,
        &pg_query__join_expr__descriptor,
        &pg_query__range_table_sample__descriptor,
        &pg_query__ctesearch_clause__descriptor,
        &pg_query__ctecycle_clause__descriptor,
        &pg_query__insert_stmt__descriptor,
        &pg_query__update_stmt__descriptor,
        &pg_query__delete_stmt__descriptor,
        &pg_query__on_conflict_clause__descriptor,
        &pg_query__multi_assign_ref__descriptor,
        &pg_query__locking_clause__descriptor,
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (types[i] == type)
            return true;
    return false;
}

/* If it reads columns. */
static enum hg_leak leak_of(const ProtobufCMessage *message)
{
    if (message->descriptor == &pg_query__a__expr__descriptor)
        return leak_of_expression((const PgQuery__AExpr *)message);
    if (only_combines(message->descriptor))
        return HG_LEAK_NONE;
    return message->descriptor == &pg_query__a__array_expr__descriptor ? HG_LEAK_ARRAYS : HG_LEAK_GUARD;
}

/* Does it stand after the conditions of what it reads? */
static bool comes_after(const ProtobufCMessage *message)
{
    return message->descriptor == &pg_query__range_function__descriptor || is_aggregation(message);
}

static hg_visit look_at;

static void look(struct search *search, ProtobufCMessage *message, bool counts)
{
    struct search inner = {.found = search->found, .counts = counts && !comes_after(message)};
    if (!hg_tree_walk(message, HG_TREE_DEPTH_MOST, look_at, &inner))
        inner.found = HG_LEAK_FENCE; /* stopped by that, or too deep to know */
    search->found = inner.found;
}

static void look_at_outermost(struct search *search, const PgQuery__SelectStmt *select)
{
    struct search inner = {.found = search->found, .outermost = select};
    if (!hg_tree_walk((ProtobufCMessage *)&select->base, HG_TREE_DEPTH_MOST, look_at, &inner))
        inner.found = HG_LEAK_FENCE;
    search->found = inner.found;
}

/* A part of the outermost SELECT. */
static void look_at_part(struct search *search, ProtobufCMessage *message, unsigned field)
{
    switch (field) {
    case offsetof(PgQuery__SelectStmt, larg):
    case offsetof(PgQuery__SelectStmt, rarg):
        look_at_outermost(search, (const PgQuery__SelectStmt *)message);
        break;
    case offsetof(PgQuery__SelectStmt, with_clause):
    case offsetof(PgQuery__SelectStmt, from_clause):
    case offsetof(PgQuery__SelectStmt, where_clause):
    case offsetof(PgQuery__SelectStmt, having_clause):
        look(search, message, true);
        break;
    default:
        look(search, message, false);
    }
}

/* A part of the outermost statement, which writes. */
static void look_at_written(struct search *search, ProtobufCMessage *message, const char *field)
{
    if (strcmp(field, "select_stmt") == 0)
        look_at_outermost(search, (const PgQuery__SelectStmt *)message);
    else
        look(search, message,
             strcmp(field, "with_clause") == 0 || strcmp(field, "from_clause") == 0 ||
                 strcmp(field, "using_clause") == 0 || strcmp(field, "where_clause") == 0);
}

static enum hg_walk look_at(ProtobufCMessage *message, ProtobufCMessage *parent,
                            const ProtobufCFieldDescriptor *field, void *argument)
{
    struct search *search = argument;
    const ProtobufCMessageDescriptor *type = message->descriptor;
    if (parent && search->write) {
        look_at_written(search, message, field->name);
    } else if (parent && search->outermost) {
        look_at_part(search, message, field->offset);
    } else if (parent &&
               (search->counts ? comes_after(message) : type == &pg_query__select_stmt__descriptor)) {
        look(search, message, true);
    } else if (type != &pg_query__a__const__descriptor) {
        enum hg_leak leak = search->counts ? leak_of(message) : HG_LEAK_NONE;
        if (leak > search->found && !reads_columns(message))
            return HG_WALK_OVER;
        search->found = leak > search->found ? leak : search->found;
        return search->found == HG_LEAK_FENCE ? HG_WALK_STOP : HG_WALK_INTO;
    }
    return search->found == HG_LEAK_FENCE ? HG_WALK_STOP : HG_WALK_OVER;
}

/* A statement that writes: what it assigns and returns is computed of rows that its conditions have let pass.
 */
static void look_at_write(struct search *search, ProtobufCMessage *message)
{
    struct search inner = {.found = search->found, .write = message};
    if (!hg_tree_walk(message, HG_TREE_DEPTH_MOST, look_at, &inner))
        inner.found = HG_LEAK_FENCE;
    search->found = inner.found;
}

enum hg_leak hg_leak_of(const PgQuery__Node *query)
{
    struct search search = {0};
    if (query->node_case == PG_QUERY__NODE__NODE_SELECT_STMT)
        look_at_outermost(&search, query->select_stmt);
    else
        look_at_write(&search, hg_node_message((PgQuery__Node *)query)); /* is only read */
    return search.found;
}

enum hg_leak hg_leak_of_condition(const PgQuery__Node *condition)
{
    struct search search = {0};
    look(&search, hg_node_message((PgQuery__Node *)condition), true); /* is only read */
    return search.found;
}
