/* See pattern.h. Texts may become bytea, which reads backslashes in its own way: a text that holds any is
 * known to end well only where its last character is no part of an escape in either reading. */
#define _GNU_SOURCE 1 /* memmem */
#include "pattern.h"

#include <string.h>

#include "build.h"
#include "reflect.h"
#include "resolver.h"

static bool holds(struct hg_slice text, const char *what)
{
    return text.len && memmem(text.ptr, text.len, what, strlen(what));
}

static bool ends_in(struct hg_slice text, const char *characters)
{
    return text.len && strchr(characters, text.ptr[text.len - 1]);
}

static struct hg_slice operator_of(const PgQuery__AExpr *expression)
{
    return expression->n_name ? hg_string_of(expression->name[expression->n_name - 1]) : HG_LIT("");
}

static bool is_like(struct hg_slice name)
{
    return hg_slice_is(name, "~~") || hg_slice_is(name, "!~~") || hg_slice_is(name, "~~*") ||
           hg_slice_is(name, "!~~*");
}

static bool is_regular(struct hg_slice name)
{
    return hg_slice_is(name, "~") || hg_slice_is(name, "!~") || hg_slice_is(name, "~*") ||
           hg_slice_is(name, "!~*");
}

bool hg_pattern_matches(const PgQuery__AExpr *expression)
{
    struct hg_slice name = operator_of(expression);
    return expression->lexpr && expression->rexpr && (is_like(name) || is_regular(name));
}

/* Without casts to text, which change no literal, and collations. */
static const PgQuery__Node *bare(const PgQuery__Node *node)
{
    while (node) {
        if (node->node_case == PG_QUERY__NODE__NODE_COLLATE_CLAUSE) {
            node = node->collate_clause->arg;
            continue;
        }
        const PgQuery__TypeCast *cast =
            node->node_case == PG_QUERY__NODE__NODE_TYPE_CAST ? node->type_cast : NULL;
        if (!cast || cast->type_name->n_typmods ||
            !hg_slice_is(hg_string_of(cast->type_name->names[cast->type_name->n_names - 1]), "text"))
            break;
        node = cast->arg;
    }
    return node;
}

static bool text_of(const PgQuery__Node *node, struct hg_slice *text)
{
    node = bare(node);
    if (!node || node->node_case != PG_QUERY__NODE__NODE_A_CONST ||
        node->a_const->val_case != PG_QUERY__A__CONST__VAL_SVAL)
        return false;
    *text = hg_slice_cstr(node->a_const->sval->sval);
    return true;
}

static bool ends_well(struct hg_slice text)
{
    return !holds(text, "\\") || ends_in(text, "%_");
}

/* No back reference, nothing that looks ahead or behind. */
static bool is_quick(struct hg_slice text)
{
    for (size_t i = 0; i + 1 < text.len; i++)
        if (text.ptr[i] == '\\' && text.ptr[i + 1] >= '0' && text.ptr[i + 1] <= '9')
            return false;
    return !holds(text, "(?=") && !holds(text, "(?!") && !holds(text, "(?<");
}

/* like_escape('…', '…'), similar_to_escape('…'), which the grammar makes of ESCAPE and SIMILAR TO. */
static bool call_is_plain(const PgQuery__FuncCall *call, bool like)
{
    struct hg_slice name = call->n_funcname ? hg_string_of(call->funcname[call->n_funcname - 1]) : HG_LIT("");
    struct hg_slice text, escape = HG_LIT("");
    bool known = call->n_args >= 1 && call->n_args <= 2 && text_of(call->args[0], &text) &&
                 (call->n_args == 1 || text_of(call->args[1], &escape));
    if (!known || holds(text, "\\") || holds(escape, "\\"))
        return false;
    if (!like)
        return hg_slice_is(name, "similar_to_escape");
    return hg_slice_is(name, "like_escape") &&
           (!escape.len || text.len < escape.len ||
            memcmp(text.ptr + text.len - escape.len, escape.ptr, escape.len) != 0);
}

static bool is_plain(const PgQuery__Node *node, bool like, bool many);

static bool all_are_plain(const PgQuery__AArrayExpr *array, bool like)
{
    for (size_t i = 0; i < array->n_elements; i++)
        if (!is_plain(array->elements[i], like, false))
            return false;
    return true;
}

/* `many`: an array of patterns, whose text has backslashes of its own. */
static bool is_plain(const PgQuery__Node *node, bool like, bool many)
{
    struct hg_slice text;
    node = bare(node);
    if (!node)
        return false;
    if (text_of(node, &text))
        return many ? !holds(text, "\\") && is_quick(text) : like ? ends_well(text) : is_quick(text);
    switch (node->node_case) {
    case PG_QUERY__NODE__NODE_A_CONST:
        return true;
    case PG_QUERY__NODE__NODE_A_ARRAY_EXPR:
        return many && all_are_plain(node->a_array_expr, like);
    case PG_QUERY__NODE__NODE_FUNC_CALL:
        return !many && call_is_plain(node->func_call, like);
    case PG_QUERY__NODE__NODE_A_EXPR: /* … || '%' */
        return like && !many && hg_slice_is(operator_of(node->a_expr), "||") &&
               text_of(node->a_expr->rexpr, &text) && text.len && ends_well(text);
    default:
        return false;
    }
}

static bool is_many(const PgQuery__AExpr *expression)
{
    return expression->kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY ||
           expression->kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP_ALL;
}

bool hg_pattern_is_plain(const PgQuery__AExpr *expression)
{
    return is_plain(expression->rexpr, is_like(operator_of(expression)), is_many(expression));
}

/* What depends on rows, or on a query, is known to no planner as it is; an aggregate could not move. */
static enum hg_walk find_rows(ProtobufCMessage *message, ProtobufCMessage *parent,
                              const ProtobufCFieldDescriptor *field, void *argument)
{
    const PgQuery__FuncCall *call = (const PgQuery__FuncCall *)message;
    (void)parent;
    (void)field;
    (void)argument;
    if (message->descriptor == &pg_query__func_call__descriptor)
        return call->over || (call->n_funcname &&
                              hg_is_aggregate(hg_string_of(call->funcname[call->n_funcname - 1])))
                   ? HG_WALK_STOP
                   : HG_WALK_INTO;
    return message->descriptor == &pg_query__column_ref__descriptor ||
                   message->descriptor == &pg_query__sub_link__descriptor
               ? HG_WALK_STOP
               : HG_WALK_INTO;
}

/* CAST(value AS text[]) */
static PgQuery__Node *texts(struct hg_arena *arena, PgQuery__Node *value)
{
    PgQuery__Node *cast = hg_build_cast(arena, value, HG_LIT("text"));
    PgQuery__Integer *any = HG_NEW(arena, PgQuery__Integer);
    *any = (PgQuery__Integer)PG_QUERY__INTEGER__INIT;
    any->ival = -1;
    cast->type_cast->type_name->array_bounds =
        hg_build_appended(arena, NULL, 0, hg_build_node(arena, PG_QUERY__NODE__NODE_INTEGER, any));
    cast->type_cast->type_name->n_array_bounds = 1;
    return cast;
}

static PgQuery__Node *asked_for(struct hg_arena *arena, PgQuery__Node *value)
{
    PgQuery__SelectStmt *select = hg_build_select(arena);
    PgQuery__SubLink *link = HG_NEW(arena, PgQuery__SubLink);
    select->target_list = hg_build_appended(arena, NULL, 0, hg_build_target(arena, HG_LIT(""), value));
    select->n_target_list = 1;
    *link = (PgQuery__SubLink)PG_QUERY__SUB_LINK__INIT;
    link->sub_link_type = PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK;
    link->subselect = hg_build_node(arena, PG_QUERY__NODE__NODE_SELECT_STMT, select);
    link->location = HG_LOCATION_NONE;
    return hg_build_node(arena, PG_QUERY__NODE__NODE_SUB_LINK, link);
}

PgQuery__Node *hg_pattern_hidden(struct hg_arena *arena, const PgQuery__AExpr *expression)
{
    if (!hg_pattern_matches(expression) || hg_pattern_is_plain(expression) ||
        !hg_tree_walk(hg_node_message(expression->rexpr), HG_TREE_DEPTH_MOST, find_rows, NULL))
        return NULL;
    PgQuery__AExpr *hidden = HG_NEW(arena, PgQuery__AExpr);
    *hidden = *expression;
    if (is_many(expression)) /* ANY ((SELECT …)) would be a query's rows */
        hidden->rexpr = texts(arena, asked_for(arena, texts(arena, expression->rexpr)));
    else
        hidden->rexpr = asked_for(arena, expression->rexpr);
    return hg_build_node(arena, PG_QUERY__NODE__NODE_A_EXPR, hidden);
}

bool hg_pattern_calls(struct hg_slice function)
{
    static const char *const functions[] = {
        "like",          "textlike",        "texticlike",  "bpcharlike",    "bpchariclike",
        "namelike",      "nameiclike",      "bytealike",   "textregexeq",   "texticregexeq",
        "bpcharregexeq", "bpcharicregexeq", "nameregexeq", "nameicregexeq",
    };
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
        if (hg_slice_is(function, functions[i]))
            return true;
    return false;
}
