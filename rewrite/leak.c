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
 * A sub-select that reads nothing of the row is run when its value is first asked for, which costs nothing:
 * `name LIKE 'x%' AND id > (SELECT 1 / 0)` fails, or takes its time, when there is such a name. So a
 * sub-select is guarded, whatever it consists of, and where no operator takes its value a guard comes too
 * late. Rows are compared column by column, and fail when the types of two that are reached are not the same:
 * neither is a condition that compares whole rows flattened, which may cost half an operator.
 *
 * What may become a condition of a scan: WHERE, ON and HAVING anywhere, and all of a sub-select, whose
 * columns conditions around it may use. Functions in FROM read rows that a scan has let pass; the select
 * list, GROUP BY, ORDER BY and windows of the outermost SELECT come last of all. Whatever is not known here
 * to be harmless is guarded. */
#include "leak.h"

#include "build.h"
#include "pattern.h"
#include "reflect.h"
#include "resolver.h"

/* Names of FROM items. */
#define NAMES_MOST 64

struct names {
    struct hg_slice list[NAMES_MOST];
    size_t count;
    bool some; /* there are more */
};

struct search {
    const struct names *items; /* of the whole statement; NULL: it has none */
    bool renamed;              /* they are not what will stand in the text */
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

/* A pattern that is not plain will be asked for by a sub-select. */
static bool becomes_sub_select(const ProtobufCMessage *message)
{
    const PgQuery__AExpr *expression = (const PgQuery__AExpr *)message;
    return message->descriptor == &pg_query__a__expr__descriptor && hg_pattern_matches(expression) &&
           !hg_pattern_is_plain(expression);
}

static enum hg_walk find_column(ProtobufCMessage *message, ProtobufCMessage *parent,
                                const ProtobufCFieldDescriptor *field, void *argument)
{
    (void)parent;
    (void)field;
    (void)argument;
    return message->descriptor == &pg_query__column_ref__descriptor ||
                   message->descriptor == &pg_query__sub_link__descriptor || becomes_sub_select(message)
               ? HG_WALK_STOP
               : HG_WALK_INTO;
}

/* Does it look at a row, or wait for one? What does neither tells nothing about one. */
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

/* Comparing raises no error; nor does matching with a plain pattern. */
static bool is_harmless(const PgQuery__AExpr *expression)
{
    static const char *const comparisons[] = {"=", "<>", "<", "<=", ">", ">=", NULL};
    struct hg_slice name = expression->n_name == 1 ? hg_string_of(expression->name[0]) : HG_LIT("");
    switch (expression->kind) {
    case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN:
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN:
    case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN_SYM:
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN_SYM:
        return true;
    default:
        return is_one_of(name, comparisons) ||
               (expression->n_name == 1 && hg_pattern_matches(expression) && hg_pattern_is_plain(expression));
    }
}

/* ---- rows ---- */

static bool is_row(const PgQuery__Node *node)
{
    return node && node->node_case == PG_QUERY__NODE__NODE_ROW_EXPR;
}

static bool all_are_rows(const PgQuery__Node *node)
{
    if (!node || node->node_case != PG_QUERY__NODE__NODE_LIST)
        return is_row(node);
    for (size_t i = 0; i < node->list->n_items; i++)
        if (!is_row(node->list->items[i]))
            return false;
    return true;
}

/* ROW(…) beside ROW(…) is a comparison of their columns, each by itself; with anything else it is one of
 * rows. */
static bool compares_rows(const PgQuery__AExpr *expression)
{
    bool query = expression->rexpr && expression->rexpr->node_case == PG_QUERY__NODE__NODE_SUB_LINK;
    switch (expression->kind) {
    case PG_QUERY__A__EXPR__KIND__AEXPR_OP:
    case PG_QUERY__A__EXPR__KIND__AEXPR_IN:
    case PG_QUERY__A__EXPR__KIND__AEXPR_DISTINCT:
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_DISTINCT:
    case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN:
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN:
        return is_row(expression->lexpr) ? !query && !all_are_rows(expression->rexpr)
                                         : is_row(expression->rexpr);
    default:
        return is_row(expression->lexpr) || is_row(expression->rexpr);
    }
}

static bool lists_rows(const PgQuery__SelectStmt *select)
{
    for (size_t i = 0; i < select->n_values_lists; i++) {
        const PgQuery__Node *values = select->values_lists[i];
        for (size_t k = 0; values->node_case == PG_QUERY__NODE__NODE_LIST && k < values->list->n_items; k++)
            if (is_row(values->list->items[k]))
                return true;
    }
    return false;
}

static void add_name(struct names *names, const char *name)
{
    if (names->count < NAMES_MOST)
        names->list[names->count++] = hg_slice_cstr(name);
    else
        names->some = true;
}

static bool is_named(const struct names *names, struct hg_slice name)
{
    for (size_t i = 0; i < names->count; i++)
        if (hg_slice_equal(names->list[i], name))
            return true;
    return names->some;
}

/* Functions are not flattened into anything that reads a table. */
static enum hg_walk find_name(ProtobufCMessage *message, ProtobufCMessage *parent,
                              const ProtobufCFieldDescriptor *field, void *argument)
{
    (void)field;
    if (message->descriptor == &pg_query__range_var__descriptor &&
        !((const PgQuery__RangeVar *)message)->alias)
        add_name(argument, ((const PgQuery__RangeVar *)message)->relname);
    else if (message->descriptor == &pg_query__alias__descriptor &&
             parent->descriptor != &pg_query__range_function__descriptor)
        add_name(argument, ((const PgQuery__Alias *)message)->aliasname);
    return HG_WALK_INTO;
}

/* Whether it means the row of a FROM item; a column of that name is taken for one. */
static bool means_row(const struct names *items, const PgQuery__ColumnRef *column)
{
    const PgQuery__Node *last = column->n_fields ? column->fields[column->n_fields - 1] : NULL;
    if (last && last->node_case == PG_QUERY__NODE__NODE_A_STAR)
        return column->n_fields > 1;
    return items && column->n_fields == 1 && is_named(items, hg_string_of(last));
}

/* Does what holds it take a row apart, or as an argument? */
static bool takes_rows(const ProtobufCMessage *parent, bool star)
{
    const ProtobufCMessageDescriptor *type = parent ? parent->descriptor : NULL;
    return !type || type == &pg_query__func_call__descriptor || type == &pg_query__null_test__descriptor ||
           type == &pg_query__a__indirection__descriptor || type == &pg_query__select_stmt__descriptor ||
           type == &pg_query__multi_assign_ref__descriptor || type == &pg_query__sort_by__descriptor ||
           type == &pg_query__window_def__descriptor ||
           (star && (type == &pg_query__res_target__descriptor || type == &pg_query__row_expr__descriptor));
}

static enum hg_leak leak_of_row(const struct search *search, const ProtobufCMessage *message,
                                const ProtobufCMessage *parent)
{
    const PgQuery__ColumnRef *column = (const PgQuery__ColumnRef *)message;
    if (message->descriptor == &pg_query__row_expr__descriptor)
        return takes_rows(parent, false) || parent->descriptor == &pg_query__a__expr__descriptor ||
                       parent->descriptor == &pg_query__list__descriptor ||
                       parent->descriptor == &pg_query__sub_link__descriptor
                   ? HG_LEAK_NONE
                   : HG_LEAK_FENCE;
    bool star = column->n_fields > 1 &&
                column->fields[column->n_fields - 1]->node_case == PG_QUERY__NODE__NODE_A_STAR;
    return means_row(search->items, column) && !takes_rows(parent, star) ? HG_LEAK_FENCE : HG_LEAK_NONE;
}

/* ---- sub-selects ---- */

struct outward {
    struct names inner;
    bool found;
};

static enum hg_walk find_outward(ProtobufCMessage *message, ProtobufCMessage *parent,
                                 const ProtobufCFieldDescriptor *field, void *argument)
{
    struct outward *outward = argument;
    const PgQuery__ColumnRef *column = (const PgQuery__ColumnRef *)message;
    (void)parent;
    (void)field;
    if (message->descriptor == &pg_query__column_ref__descriptor && column->n_fields == 2 &&
        !is_named(&outward->inner, hg_string_of(column->fields[0])))
        outward->found = true;
    return outward->found ? HG_WALK_STOP : HG_WALK_INTO;
}

/* Is it surely run anew for each row? What it names of the row is qualified, for all that we know. */
static bool reads_the_row(const struct search *search, const PgQuery__SubLink *link)
{
    struct outward outward = {0};
    ProtobufCMessage *select = hg_node_message(link->subselect);
    if (search->renamed || !hg_tree_walk(select, HG_TREE_DEPTH_MOST, find_name, &outward.inner))
        return false;
    (void)!hg_tree_walk(select, HG_TREE_DEPTH_MOST, find_outward, &outward);
    return outward.found;
}

static bool is_one_of_types(const ProtobufCMessageDescriptor *type,
                            const ProtobufCMessageDescriptor *const *types)
{
    for (; *types; types++)
        if (*types == type)
            return true;
    return false;
}

struct idle {
    const struct search *search;
    const ProtobufCMessage *top;
};

/* Through what costs nothing. */
static enum hg_walk find_idle(ProtobufCMessage *message, ProtobufCMessage *parent,
                              const ProtobufCFieldDescriptor *field, void *argument)
{
    static const ProtobufCMessageDescriptor *const free_of_charge[] = {&pg_query__bool_expr__descriptor,
                                                                       &pg_query__null_test__descriptor,
                                                                       &pg_query__boolean_test__descriptor,
                                                                       &pg_query__case_expr__descriptor,
                                                                       &pg_query__case_when__descriptor,
                                                                       &pg_query__coalesce_expr__descriptor,
                                                                       &pg_query__type_cast__descriptor,
                                                                       &pg_query__a__indices__descriptor,
                                                                       NULL};
    const struct idle *idle = argument;
    const PgQuery__SubLink *link = (const PgQuery__SubLink *)message;
    (void)parent;
    (void)field;
    if (message == idle->top || is_one_of_types(message->descriptor, free_of_charge))
        return HG_WALK_INTO;
    return message->descriptor == &pg_query__sub_link__descriptor &&
                   (link->sub_link_type == PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK ||
                    link->sub_link_type == PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK) &&
                   !reads_the_row(idle->search, link)
               ? HG_WALK_STOP
               : HG_WALK_OVER;
}

/* AND, by itself or as NOT of a sub-select, makes conditions of their own. */
static bool is_one_condition(const PgQuery__BoolExpr *expression)
{
    switch (expression->boolop) {
    case PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR:
        return false;
    case PG_QUERY__BOOL_EXPR_TYPE__NOT_EXPR:
        return expression->n_args != 1 || expression->args[0]->node_case != PG_QUERY__NODE__NODE_SUB_LINK;
    default:
        return true;
    }
}

/* A condition that asks some rows for the value of a sub-select, and no operator: it costs nothing, and stands
 * before any guard. */
static bool asks_for_nothing(const struct search *search, ProtobufCMessage *message)
{
    static const ProtobufCMessageDescriptor *const choices[] = {&pg_query__case_expr__descriptor,
                                                                &pg_query__coalesce_expr__descriptor,
                                                                &pg_query__res_target__descriptor,
                                                                &pg_query__row_expr__descriptor,
                                                                &pg_query__a__array_expr__descriptor,
                                                                &pg_query__a__indirection__descriptor,
                                                                NULL};
    struct idle idle = {search, message};
    bool asks = message->descriptor == &pg_query__bool_expr__descriptor
                    ? is_one_condition((const PgQuery__BoolExpr *)message)
                    : is_one_of_types(message->descriptor, choices);
    return asks && !hg_tree_walk(message, HG_TREE_DEPTH_MOST, find_idle, &idle);
}

/* ---- all of them ---- */

static enum hg_leak leak_of_expression(const PgQuery__AExpr *expression)
{
    if (compares_rows(expression))
        return HG_LEAK_FENCE;
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
        &pg_query__select_stmt__descriptor,
        &pg_query__bool_expr__descriptor,
        &pg_query__null_test__descriptor,
        &pg_query__boolean_test__descriptor,
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
static enum hg_leak leak_of(const struct search *search, const ProtobufCMessage *message,
                            const ProtobufCMessage *parent)
{
    if (asks_for_nothing(search, (ProtobufCMessage *)message)) /* is only read */
        return HG_LEAK_FENCE;
    if (message->descriptor == &pg_query__column_ref__descriptor ||
        message->descriptor == &pg_query__row_expr__descriptor)
        return leak_of_row(search, message, parent);
    if (message->descriptor == &pg_query__select_stmt__descriptor &&
        lists_rows((const PgQuery__SelectStmt *)message))
        return HG_LEAK_FENCE;
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
    struct search inner = *search;
    inner.counts = counts && !comes_after(message);
    inner.outermost = NULL;
    inner.write = NULL;
    if (!hg_tree_walk(message, HG_TREE_DEPTH_MOST, look_at, &inner))
        inner.found = HG_LEAK_FENCE; /* stopped by that, or too deep to know */
    search->found = inner.found;
}

static void look_at_outermost(struct search *search, const PgQuery__SelectStmt *select)
{
    struct search inner = *search;
    inner.outermost = select;
    inner.write = NULL;
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
        enum hg_leak leak = search->counts ? leak_of(search, message, parent) : HG_LEAK_NONE;
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
    struct search inner = *search;
    inner.write = message;
    if (!hg_tree_walk(message, HG_TREE_DEPTH_MOST, look_at, &inner))
        inner.found = HG_LEAK_FENCE;
    search->found = inner.found;
}

enum hg_leak hg_leak_of(const PgQuery__Node *query, bool renamed)
{
    struct names items = {0};
    struct search search = {.items = &items, .renamed = renamed};
    if (!hg_tree_walk(hg_node_message((PgQuery__Node *)query), HG_TREE_DEPTH_MOST, find_name, &items))
        return HG_LEAK_FENCE;
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
