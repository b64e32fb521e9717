/* Operators, in all the forms that the grammar has for them: A_Expr.
 *
 * An operator is the one kind of name that quotes cannot protect, so its characters are checked. The forms
 * with keywords (LIKE, BETWEEN, IN …) carry the name of the operator that they stand for; another name than
 * the grammar gives them is a fault. */
#include "print_internal.h"

/* The lexer's own words among the operators: these, unlike all others, have no prefix form but plus and
 * minus. */
static bool is_mathematical(const char *name)
{
    static const char *const names[] = {"+", "-", "*", "/", "%", "^", "<", ">", "=", "<=", ">=", "<>"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/* The symbol of an operator; checked, because unlike a name it cannot be quoted. */
static const char *symbol_of(struct hg_printer *p, const PgQuery__Node *node)
{
    const char *symbol = hg_put_string_of(p, node);
    size_t len = strspn(symbol, "+-*/<>=~!@#%^&|`?");
    if (len == 0 || symbol[len] != '\0' || strstr(symbol, "--") || strstr(symbol, "/*") ||
        strcmp(symbol, "=>") == 0)
        hg_put_refuse(p, "this operator is not supported");
    return symbol;
}

static void put_qualified_operator(struct hg_printer *p, size_t count, PgQuery__Node *const *name)
{
    hg_put(p, "OPERATOR(");
    if (count > 1) {
        hg_put_dotted(p, count - 1, name);
        hg_put(p, ".");
    }
    hg_put(p, symbol_of(p, name[count - 1]));
    hg_put(p, ")");
}

void hg_put_operator(struct hg_printer *p, size_t count, PgQuery__Node *const *name)
{
    if (count == 0)
        hg_put_refuse(p, "an operator without a name is not supported");
    else if (count == 1)
        hg_put(p, symbol_of(p, name[0]));
    else
        put_qualified_operator(p, count, name);
}

static bool is_number(const PgQuery__AConst *constant)
{
    return constant->val_case == PG_QUERY__A__CONST__VAL_IVAL ||
           constant->val_case == PG_QUERY__A__CONST__VAL_FVAL;
}

static void put_prefix(struct hg_printer *p, const PgQuery__AExpr *expr)
{
    const char *symbol = expr->n_name == 1 ? symbol_of(p, expr->name[0]) : "";
    bool minus = strcmp(symbol, "-") == 0, plus = strcmp(symbol, "+") == 0;
    const PgQuery__AConst *constant = NULL;
    if (minus && expr->rexpr && expr->rexpr->node_case == PG_QUERY__NODE__NODE_A_CONST)
        constant = expr->rexpr->a_const;
    if (constant)
        hg_put_mark(p, constant->location); /* the grammar moves a constant to its sign */
    hg_put_mark(p, expr->location);
    if (expr->n_name && ((constant && is_number(constant)) || (is_mathematical(symbol) && !plus && !minus)))
        put_qualified_operator(p, expr->n_name, expr->name);
    else
        hg_put_operator(p, expr->n_name, expr->name);
    hg_put(p, " ");
    hg_put_operand(p, expr->rexpr);
}

static void put_binary(struct hg_printer *p, const PgQuery__AExpr *expr)
{
    if (!expr->lexpr) {
        put_prefix(p, expr);
        return;
    }
    hg_put_operand(p, expr->lexpr);
    hg_put(p, " ");
    hg_put_mark(p, expr->location);
    hg_put_operator(p, expr->n_name, expr->name);
    hg_put(p, " ");
    hg_put_operand(p, expr->rexpr);
}

/* `a op ANY (b)`. */
static void put_quantified(struct hg_printer *p, const PgQuery__AExpr *expr, const char *quantifier)
{
    hg_put_operand(p, expr->lexpr);
    hg_put(p, " ");
    hg_put_mark(p, expr->location);
    hg_put_operator(p, expr->n_name, expr->name);
    hg_put(p, quantifier);
    hg_put_bracketed(p, expr->rexpr);
}

static bool is_named(const PgQuery__AExpr *expr, const char *name)
{
    return expr->n_name == 1 && expr->name[0]->node_case == PG_QUERY__NODE__NODE_STRING &&
           strcmp(expr->name[0]->string->sval, name) == 0;
}

/* `a KEYWORDS b` for expressions whose operator is implied by their kind. */
static void put_implied(struct hg_printer *p, const PgQuery__AExpr *expr, const char *operator,
                        const char * keywords)
{
    if (!is_named(expr, operator))
        hg_put_refuse(p, "this operator is not supported with %s", keywords);
    hg_put_operand(p, expr->lexpr);
    hg_put(p, " ");
    hg_put_mark(p, expr->location);
    hg_put(p, keywords);
    hg_put(p, " ");
    hg_put_operand(p, expr->rexpr);
}

/* The call of pg_catalog.<name> that the grammar makes of a pattern with ESCAPE, or NULL. */
static const PgQuery__FuncCall *escape_call(const PgQuery__Node *node, const char *name)
{
    if (!node || node->node_case != PG_QUERY__NODE__NODE_FUNC_CALL)
        return NULL;
    const PgQuery__FuncCall *call = node->func_call;
    bool plain = call->funcformat == PG_QUERY__COERCION_FORM__COERCE_EXPLICIT_CALL && call->n_funcname == 2 &&
                 call->funcname[0]->node_case == PG_QUERY__NODE__NODE_STRING &&
                 call->funcname[1]->node_case == PG_QUERY__NODE__NODE_STRING &&
                 strcmp(call->funcname[0]->string->sval, "pg_catalog") == 0 &&
                 strcmp(call->funcname[1]->string->sval, name) == 0 && !call->n_agg_order &&
                 !call->agg_filter && !call->over && !call->agg_within_group && !call->agg_star &&
                 !call->agg_distinct && !call->func_variadic;
    for (size_t i = 0; plain && i < call->n_args; i++)
        if (call->args[i]->node_case == PG_QUERY__NODE__NODE_NAMED_ARG_EXPR)
            plain = false;
    return plain ? call : NULL;
}

static void put_escape(struct hg_printer *p, const PgQuery__FuncCall *call)
{
    hg_put_operand(p, call->args[0]);
    if (call->n_args == 2) {
        hg_put(p, " ESCAPE ");
        hg_put_operand(p, call->args[1]);
    }
}

static void put_like(struct hg_printer *p, const PgQuery__AExpr *expr, const char *operator,
                     const char * negated, const char *keyword)
{
    bool is_not = is_named(expr, negated);
    if (!is_not && !is_named(expr, operator))
        hg_put_refuse(p, "this operator is not supported with %s", keyword);
    bool similar = expr->kind == PG_QUERY__A__EXPR__KIND__AEXPR_SIMILAR;
    const PgQuery__FuncCall *call = escape_call(expr->rexpr, similar ? "similar_to_escape" : "like_escape");
    bool escape = call && (call->n_args == 2 || (similar && call->n_args == 1));
    hg_put_operand(p, expr->lexpr);
    hg_put(p, " ");
    hg_put_mark(p,
                escape ? call->location : HG_NO_SOURCE); /* the grammar gives the call the operator's place */
    hg_put_mark(p, expr->location);
    hg_put(p, is_not ? "NOT " : "");
    hg_put(p, keyword);
    hg_put(p, " ");
    if (escape)
        put_escape(p, call);
    else if (similar)
        hg_put_refuse(p, "this pattern is not supported with SIMILAR TO");
    else
        hg_put_operand(p, expr->rexpr);
}

static void put_in(struct hg_printer *p, const PgQuery__AExpr *expr)
{
    bool is_not = is_named(expr, "<>");
    if (!is_not && !is_named(expr, "="))
        hg_put_refuse(p, "this operator is not supported with IN");
    if (!expr->rexpr || expr->rexpr->node_case != PG_QUERY__NODE__NODE_LIST || !expr->rexpr->list->n_items) {
        hg_put_refuse_node(p, expr->rexpr);
        return;
    }
    hg_put_operand(p, expr->lexpr);
    hg_put(p, " ");
    hg_put_mark(p, expr->location);
    hg_put(p, is_not ? "NOT IN (" : "IN (");
    hg_put_expressions(p, expr->rexpr->list->n_items, expr->rexpr->list->items);
    hg_put(p, ")");
}

static void put_between(struct hg_printer *p, const PgQuery__AExpr *expr, const char *keywords)
{
    if (!is_named(expr, keywords))
        hg_put_refuse(p, "this operator is not supported with %s", keywords);
    if (!expr->rexpr || expr->rexpr->node_case != PG_QUERY__NODE__NODE_LIST ||
        expr->rexpr->list->n_items != 2) {
        hg_put_refuse_node(p, expr->rexpr);
        return;
    }
    hg_put_operand(p, expr->lexpr);
    hg_put(p, " ");
    hg_put_mark(p, expr->location);
    hg_put(p, keywords);
    hg_put(p, " ");
    hg_put_operand(p, expr->rexpr->list->items[0]);
    hg_put(p, " AND ");
    hg_put_operand(p, expr->rexpr->list->items[1]);
}

static void put_nullif(struct hg_printer *p, const PgQuery__AExpr *expr)
{
    if (!is_named(expr, "="))
        hg_put_refuse(p, "this operator is not supported with NULLIF");
    hg_put_form(p, expr->location, "NULLIF", 2, (PgQuery__Node *[2]){expr->lexpr, expr->rexpr});
}

void hg_put_a_expr(struct hg_printer *p, const PgQuery__AExpr *expr)
{
    switch (expr->kind) {
    case PG_QUERY__A__EXPR__KIND__AEXPR_OP:
        put_binary(p, expr);
        break;
    case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY:
        put_quantified(p, expr, " ANY ");
        break;
    case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ALL:
        put_quantified(p, expr, " ALL ");
        break;
    case PG_QUERY__A__EXPR__KIND__AEXPR_DISTINCT:
        put_implied(p, expr, "=", "IS DISTINCT FROM");
        break;
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_DISTINCT:
        put_implied(p, expr, "=", "IS NOT DISTINCT FROM");
        break;
    case PG_QUERY__A__EXPR__KIND__AEXPR_NULLIF:
        put_nullif(p, expr);
        break;
    case PG_QUERY__A__EXPR__KIND__AEXPR_IN:
        put_in(p, expr);
        break;
    case PG_QUERY__A__EXPR__KIND__AEXPR_LIKE:
        put_like(p, expr, "~~", "!~~", "LIKE");
        break;
    case PG_QUERY__A__EXPR__KIND__AEXPR_ILIKE:
        put_like(p, expr, "~~*", "!~~*", "ILIKE");
        break;
    case PG_QUERY__A__EXPR__KIND__AEXPR_SIMILAR:
        put_like(p, expr, "~", "!~", "SIMILAR TO");
        break;
    case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN:
        put_between(p, expr, "BETWEEN");
        break;
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN:
        put_between(p, expr, "NOT BETWEEN");
        break;
    case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN_SYM:
        put_between(p, expr, "BETWEEN SYMMETRIC");
        break;
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN_SYM:
        put_between(p, expr, "NOT BETWEEN SYMMETRIC");
        break;
    default:
        hg_put_refuse(p, "an operator expression of kind %d is not supported", (int)expr->kind);
        break;
    }
}
