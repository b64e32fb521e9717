/* The SQL/XML functions, each with a syntax of its own: XmlExpr and XmlSerialize. */
#include "print_internal.h"

static const char *option_word(struct hg_printer *p, PgQuery__XmlOptionType option)
{
    if (option == PG_QUERY__XML_OPTION_TYPE__XMLOPTION_DOCUMENT)
        return "DOCUMENT ";
    if (option != PG_QUERY__XML_OPTION_TYPE__XMLOPTION_CONTENT)
        hg_put_refuse(p, "an XML option of kind %d is not supported", (int)option);
    return "CONTENT ";
}

/* `a AS b, c`. */
static void put_named(struct hg_printer *p, size_t count, PgQuery__Node *const *nodes)
{
    for (size_t i = 0; i < count && !p->failed; i++) {
        const PgQuery__Node *node = nodes[i];
        if (node->node_case != PG_QUERY__NODE__NODE_RES_TARGET || node->res_target->n_indirection) {
            hg_put_refuse_node(p, node);
            return;
        }
        hg_put(p, i ? ", " : "");
        hg_put_expression(p, node->res_target->val);
        if (*node->res_target->name) {
            hg_put(p, " AS ");
            hg_put_name(p, node->res_target->name);
        }
    }
}

static void put_element(struct hg_printer *p, const PgQuery__XmlExpr *expr)
{
    hg_put(p, "XMLELEMENT(NAME ");
    hg_put_name(p, expr->name);
    if (expr->n_named_args) {
        hg_put(p, ", XMLATTRIBUTES(");
        put_named(p, expr->n_named_args, expr->named_args);
        hg_put(p, ")");
    }
    hg_put(p, expr->n_args ? ", " : "");
    hg_put_expressions(p, expr->n_args, expr->args);
}

static void put_forest(struct hg_printer *p, const PgQuery__XmlExpr *expr)
{
    hg_put(p, "XMLFOREST(");
    put_named(p, expr->n_named_args, expr->named_args);
}

static void put_instruction(struct hg_printer *p, const PgQuery__XmlExpr *expr)
{
    hg_put(p, "XMLPI(NAME ");
    hg_put_name(p, expr->name);
    hg_put(p, expr->n_args ? ", " : "");
    hg_put_expressions(p, expr->n_args, expr->args);
}

static void put_concatenation(struct hg_printer *p, const PgQuery__XmlExpr *expr)
{
    hg_put(p, "XMLCONCAT(");
    hg_put_expressions(p, expr->n_args, expr->args);
}

/* The second argument is the grammar's own: whether white space is preserved. */
static void put_parse(struct hg_printer *p, const PgQuery__XmlExpr *expr)
{
    const PgQuery__Node *preserve = expr->n_args == 2 ? expr->args[1] : NULL;
    if (!preserve || preserve->node_case != PG_QUERY__NODE__NODE_A_CONST ||
        preserve->a_const->val_case != PG_QUERY__A__CONST__VAL_BOOLVAL) {
        hg_put_refuse(p, "this form of XMLPARSE is not supported");
        return;
    }
    hg_put(p, "XMLPARSE(");
    hg_put(p, option_word(p, expr->xmloption));
    hg_put_operand(p, expr->args[0]);
    hg_put(p, preserve->a_const->boolval->boolval ? " PRESERVE WHITESPACE" : "");
}

/* The third argument is the grammar's own: a number for what was written of STANDALONE. */
static void put_root(struct hg_printer *p, const PgQuery__XmlExpr *expr)
{
    static const char *const standalone[] = {", STANDALONE YES", ", STANDALONE NO", ", STANDALONE NO VALUE",
                                             ""};
    const PgQuery__Node *written = expr->n_args == 3 ? expr->args[2] : NULL;
    if (!written || written->node_case != PG_QUERY__NODE__NODE_A_CONST ||
        written->a_const->val_case != PG_QUERY__A__CONST__VAL_IVAL || written->a_const->ival->ival < 0 ||
        written->a_const->ival->ival > 3) {
        hg_put_refuse(p, "this form of XMLROOT is not supported");
        return;
    }
    hg_put(p, "XMLROOT(");
    hg_put_expression(p, expr->args[0]);
    hg_put(p, ", VERSION ");
    hg_put_expression(p, expr->args[1]);
    hg_put(p, standalone[written->a_const->ival->ival]);
}

static void put_is_document(struct hg_printer *p, const PgQuery__XmlExpr *expr)
{
    if (expr->n_args != 1) {
        hg_put_refuse(p, "this form of IS DOCUMENT is not supported");
        return;
    }
    hg_put_operand(p, expr->args[0]);
    hg_put(p, " ");
    hg_put_mark(p, expr->location);
    hg_put(p, "IS DOCUMENT");
}

/* Only some forms have a name, named arguments, or an option. */
static bool has_only_its_own(const PgQuery__XmlExpr *expr)
{
    bool element = expr->op == PG_QUERY__XML_EXPR_OP__IS_XMLELEMENT;
    bool name = element || expr->op == PG_QUERY__XML_EXPR_OP__IS_XMLPI;
    bool named = element || expr->op == PG_QUERY__XML_EXPR_OP__IS_XMLFOREST;
    return (name || !*expr->name) && (named || !expr->n_named_args) && !expr->n_arg_names &&
           (expr->op == PG_QUERY__XML_EXPR_OP__IS_XMLPARSE ||
            expr->xmloption == PG_QUERY__XML_OPTION_TYPE__XMLOPTION_DOCUMENT);
}

void hg_put_xml(struct hg_printer *p, const PgQuery__XmlExpr *expr)
{
    if (!has_only_its_own(expr))
        hg_put_refuse(p, "this form of XML expression is not supported");
    if (expr->op == PG_QUERY__XML_EXPR_OP__IS_DOCUMENT) {
        put_is_document(p, expr);
        return;
    }
    hg_put_mark(p, expr->location);
    switch (expr->op) {
    case PG_QUERY__XML_EXPR_OP__IS_XMLCONCAT:
        put_concatenation(p, expr);
        break;
    case PG_QUERY__XML_EXPR_OP__IS_XMLELEMENT:
        put_element(p, expr);
        break;
    case PG_QUERY__XML_EXPR_OP__IS_XMLFOREST:
        put_forest(p, expr);
        break;
    case PG_QUERY__XML_EXPR_OP__IS_XMLPARSE:
        put_parse(p, expr);
        break;
    case PG_QUERY__XML_EXPR_OP__IS_XMLPI:
        put_instruction(p, expr);
        break;
    case PG_QUERY__XML_EXPR_OP__IS_XMLROOT:
        put_root(p, expr);
        break;
    default:
        hg_put_refuse(p, "an XML expression of kind %d is not supported", (int)expr->op);
        break;
    }
    hg_put(p, ")");
}

void hg_put_xml_serialize(struct hg_printer *p, const PgQuery__XmlSerialize *serialize)
{
    if (!serialize->type_name || serialize->type_name->n_array_bounds) {
        hg_put_refuse(p, "this form of XMLSERIALIZE is not supported");
        return;
    }
    hg_put_mark(p, serialize->location);
    hg_put(p, "XMLSERIALIZE(");
    hg_put(p, option_word(p, serialize->xmloption));
    hg_put_operand(p, serialize->expr);
    hg_put(p, " AS ");
    hg_put_type(p, serialize->type_name);
    hg_put(p, ")");
}
