/* Expressions, all but operators, calls and types.
 *
 * What counts as an atom is decided in one place, atomicity(); everything else in here prints its operands
 * through hg_put_operand() and so never depends on precedence. Brackets are invisible in the tree, with three
 * exceptions that the code below minds: `(a, b)` is a row, `(SELECT …)` is a sub-select, and in `- 1` the
 * grammar folds the sign into the constant, brackets or not. */
#include "print_internal.h"

enum atomicity { ATOM, CAST, COMPOUND };

static enum atomicity constant_atomicity(const PgQuery__AConst *constant)
{
    bool negative = (constant->val_case == PG_QUERY__A__CONST__VAL_IVAL && constant->ival->ival < 0) ||
                    (constant->val_case == PG_QUERY__A__CONST__VAL_FVAL && constant->fval->fval[0] == '-');
    return negative ? COMPOUND : ATOM;
}

static enum atomicity sublink_atomicity(const PgQuery__SubLink *link)
{
    return link->testexpr ? COMPOUND : ATOM;
}

static enum atomicity atomicity(const PgQuery__Node *node)
{
    switch (node->node_case) {
    case PG_QUERY__NODE__NODE_COLUMN_REF:
    case PG_QUERY__NODE__NODE_PARAM_REF:
    case PG_QUERY__NODE__NODE_A_INDIRECTION:
    case PG_QUERY__NODE__NODE_A_ARRAY_EXPR:
    case PG_QUERY__NODE__NODE_ROW_EXPR:
    case PG_QUERY__NODE__NODE_CASE_EXPR:
    case PG_QUERY__NODE__NODE_COALESCE_EXPR:
    case PG_QUERY__NODE__NODE_MIN_MAX_EXPR:
    case PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION:
    case PG_QUERY__NODE__NODE_GROUPING_FUNC:
    case PG_QUERY__NODE__NODE_XML_SERIALIZE:
        return ATOM;
    case PG_QUERY__NODE__NODE_A_CONST:
        return constant_atomicity(node->a_const);
    case PG_QUERY__NODE__NODE_FUNC_CALL:
        return hg_is_infix_call(node->func_call) ? COMPOUND : ATOM;
    case PG_QUERY__NODE__NODE_SUB_LINK:
        return sublink_atomicity(node->sub_link);
    case PG_QUERY__NODE__NODE_XML_EXPR:
        return node->xml_expr->op == PG_QUERY__XML_EXPR_OP__IS_DOCUMENT ? COMPOUND : ATOM;
    case PG_QUERY__NODE__NODE_TYPE_CAST:
        return CAST;
    case PG_QUERY__NODE__NODE_A_EXPR:
        return node->a_expr->kind == PG_QUERY__A__EXPR__KIND__AEXPR_NULLIF ? ATOM : COMPOUND;
    default:
        return COMPOUND;
    }
}

void hg_put_bracketed(struct hg_printer *p, const PgQuery__Node *node)
{
    hg_put(p, "(");
    hg_put_expression(p, node);
    hg_put(p, ")");
}

void hg_put_operand(struct hg_printer *p, const PgQuery__Node *node)
{
    if (node && atomicity(node) == COMPOUND)
        hg_put_bracketed(p, node);
    else
        hg_put_expression(p, node);
}

void hg_put_primary(struct hg_printer *p, const PgQuery__Node *node)
{
    if (node && atomicity(node) != ATOM)
        hg_put_bracketed(p, node);
    else
        hg_put_expression(p, node);
}

void hg_put_expressions(struct hg_printer *p, size_t count, PgQuery__Node *const *nodes)
{
    for (size_t i = 0; i < count && !p->failed; i++) {
        if (i)
            hg_put(p, ", ");
        hg_put_expression(p, nodes[i]);
    }
}

void hg_put_form(struct hg_printer *p, int32_t location, const char *word, size_t count,
                 PgQuery__Node *const *args)
{
    hg_put_mark(p, location);
    hg_put(p, word);
    hg_put(p, "(");
    hg_put_expressions(p, count, args);
    hg_put(p, ")");
}

static void put_bool_expr(struct hg_printer *p, const PgQuery__BoolExpr *expr)
{
    if (expr->boolop == PG_QUERY__BOOL_EXPR_TYPE__NOT_EXPR && expr->n_args == 1) {
        hg_put_mark(p, expr->location);
        hg_put(p, "NOT ");
        hg_put_operand(p, expr->args[0]);
        return;
    }
    bool is_and = expr->boolop == PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR;
    if ((!is_and && expr->boolop != PG_QUERY__BOOL_EXPR_TYPE__OR_EXPR) || expr->n_args < 2) {
        hg_put_refuse(p, "a boolean expression of kind %d is not supported", (int)expr->boolop);
        return;
    }
    for (size_t i = 0; i < expr->n_args && !p->failed; i++) {
        if (i) {
            hg_put(p, " ");
            hg_put_mark(p, i == 1 ? expr->location : HG_NO_SOURCE);
            hg_put(p, is_and ? "AND " : "OR ");
        }
        hg_put_operand(p, expr->args[i]);
    }
}

/* `a IS …`. */
static void put_test(struct hg_printer *p, const PgQuery__Node *arg, int32_t location, const char *test)
{
    hg_put_operand(p, arg);
    hg_put(p, " ");
    hg_put_mark(p, location);
    hg_put(p, test);
}

static void put_null_test(struct hg_printer *p, const PgQuery__NullTest *test)
{
    bool is_null = test->nulltesttype == PG_QUERY__NULL_TEST_TYPE__IS_NULL;
    if ((!is_null && test->nulltesttype != PG_QUERY__NULL_TEST_TYPE__IS_NOT_NULL) || test->argisrow)
        hg_put_refuse(p, "a test for NULL of kind %d is not supported", (int)test->nulltesttype);
    put_test(p, test->arg, test->location, is_null ? "IS NULL" : "IS NOT NULL");
}

static void put_boolean_test(struct hg_printer *p, const PgQuery__BooleanTest *test)
{
    static const char *const texts[] = {
        [PG_QUERY__BOOL_TEST_TYPE__IS_TRUE] = "IS TRUE",
        [PG_QUERY__BOOL_TEST_TYPE__IS_NOT_TRUE] = "IS NOT TRUE",
        [PG_QUERY__BOOL_TEST_TYPE__IS_FALSE] = "IS FALSE",
        [PG_QUERY__BOOL_TEST_TYPE__IS_NOT_FALSE] = "IS NOT FALSE",
        [PG_QUERY__BOOL_TEST_TYPE__IS_UNKNOWN] = "IS UNKNOWN",
        [PG_QUERY__BOOL_TEST_TYPE__IS_NOT_UNKNOWN] = "IS NOT UNKNOWN",
    };
    unsigned kind = (unsigned)test->booltesttype;
    if (kind >= sizeof texts / sizeof *texts || !texts[kind])
        hg_put_refuse(p, "a boolean test of kind %u is not supported", kind);
    else
        put_test(p, test->arg, test->location, texts[kind]);
}

/* References. */

static bool is_star(const PgQuery__Node *node)
{
    return node && node->node_case == PG_QUERY__NODE__NODE_A_STAR;
}

static void put_column(struct hg_printer *p, const PgQuery__ColumnRef *column)
{
    size_t names = column->n_fields;
    bool star = names && is_star(column->fields[names - 1]);
    hg_put_mark(p, column->location);
    if (star)
        names--;
    if (names || !star)
        hg_put_dotted(p, names, column->fields);
    if (star)
        hg_put(p, names ? ".*" : "*");
}

static void put_subscript(struct hg_printer *p, const PgQuery__AIndices *indices)
{
    if (!indices->is_slice && (indices->lidx || !indices->uidx))
        hg_put_refuse(p, "this subscript is not supported");
    hg_put(p, "[");
    if (indices->lidx)
        hg_put_expression(p, indices->lidx);
    if (indices->is_slice)
        hg_put(p, " : ");
    if (indices->uidx)
        hg_put_expression(p, indices->uidx);
    hg_put(p, "]");
}

void hg_put_parts(struct hg_printer *p, size_t count, PgQuery__Node *const *parts)
{
    for (size_t i = 0; i < count && !p->failed; i++) {
        if (parts[i]->node_case == PG_QUERY__NODE__NODE_A_INDICES) {
            put_subscript(p, parts[i]->a_indices);
        } else if (is_star(parts[i]) && i + 1 == count) {
            hg_put(p, ".*");
        } else {
            hg_put(p, ".");
            hg_put_name(p, hg_put_string_of(p, parts[i]));
        }
    }
}

static void put_indirection(struct hg_printer *p, const PgQuery__AIndirection *indirection)
{
    bool subscript = indirection->n_indirection &&
                     indirection->indirection[0]->node_case == PG_QUERY__NODE__NODE_A_INDICES;
    const PgQuery__Node *arg = indirection->arg;
    if (!indirection->n_indirection || !arg) {
        hg_put_refuse(p, "a reference to a part of nothing is not supported");
        return;
    }
    /* `a[1]` and `(a)[1]` are one tree, `a.b` and `(a).b` are not; a sub-select brings its own brackets. */
    bool bare_column = subscript && arg->node_case == PG_QUERY__NODE__NODE_COLUMN_REF &&
                       !is_star(arg->column_ref->fields[arg->column_ref->n_fields - 1]);
    bool subselect = arg->node_case == PG_QUERY__NODE__NODE_SUB_LINK &&
                     arg->sub_link->sub_link_type == PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK;
    if (bare_column || subselect)
        hg_put_expression(p, arg);
    else
        hg_put_bracketed(p, arg);
    hg_put_parts(p, indirection->n_indirection, indirection->indirection);
}

static void put_parameter(struct hg_printer *p, const PgQuery__ParamRef *parameter)
{
    if (parameter->number < 0)
        hg_put_refuse(p, "a parameter with a negative number is not supported");
    hg_put_mark(p, parameter->location);
    hg_write_format(&p->out, "$%d", parameter->number);
}

/* Sub-selects. */

static void put_tested_sublink(struct hg_printer *p, const PgQuery__SubLink *link)
{
    bool is_all = link->sub_link_type == PG_QUERY__SUB_LINK_TYPE__ALL_SUBLINK;
    if (is_all && !link->n_oper_name)
        hg_put_refuse(p, "ALL without an operator is not supported");
    hg_put_operand(p, link->testexpr);
    hg_put(p, " ");
    hg_put_mark(p, link->location);
    if (link->n_oper_name) {
        hg_put_operator(p, link->n_oper_name, link->oper_name);
        hg_put(p, is_all ? " ALL " : " ANY ");
    } else {
        hg_put(p, "IN ");
    }
    hg_put_subselect(p, link->subselect);
}

static void put_sublink(struct hg_printer *p, const PgQuery__SubLink *link)
{
    bool tested = link->sub_link_type == PG_QUERY__SUB_LINK_TYPE__ANY_SUBLINK ||
                  link->sub_link_type == PG_QUERY__SUB_LINK_TYPE__ALL_SUBLINK;
    if (tested != (link->testexpr != NULL) || (!tested && link->n_oper_name) || link->sub_link_id) {
        hg_put_refuse(p, "this form of sub-select is not supported");
        return;
    }
    if (tested) {
        put_tested_sublink(p, link);
        return;
    }
    hg_put_mark(p, link->location);
    switch (link->sub_link_type) {
    case PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK:
        hg_put(p, "EXISTS ");
        break;
    case PG_QUERY__SUB_LINK_TYPE__ARRAY_SUBLINK:
        hg_put(p, "ARRAY");
        break;
    case PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK:
        break;
    default:
        hg_put_refuse(p, "a sub-select of kind %d is not supported", (int)link->sub_link_type);
        break;
    }
    hg_put_subselect(p, link->subselect);
}

/* The rest. */

static void put_case_when(struct hg_printer *p, const PgQuery__Node *node)
{
    if (!node || node->node_case != PG_QUERY__NODE__NODE_CASE_WHEN) {
        hg_put_refuse_node(p, node);
        return;
    }
    hg_put(p, " ");
    hg_put_mark(p, node->case_when->location);
    hg_put(p, "WHEN ");
    hg_put_expression(p, node->case_when->expr);
    hg_put(p, " THEN ");
    hg_put_expression(p, node->case_when->result);
}

static void put_case(struct hg_printer *p, const PgQuery__CaseExpr *expr)
{
    if (!expr->n_args)
        hg_put_refuse(p, "CASE without WHEN is not supported");
    hg_put_mark(p, expr->location);
    hg_put(p, "CASE");
    if (expr->arg) {
        hg_put(p, " ");
        hg_put_expression(p, expr->arg);
    }
    for (size_t i = 0; i < expr->n_args && !p->failed; i++)
        put_case_when(p, expr->args[i]);
    if (expr->defresult) {
        hg_put(p, " ELSE ");
        hg_put_expression(p, expr->defresult);
    }
    hg_put(p, " END");
}

static void put_row(struct hg_printer *p, const PgQuery__RowExpr *row)
{
    bool is_explicit = row->row_format == PG_QUERY__COERCION_FORM__COERCE_EXPLICIT_CALL;
    bool is_implicit = row->row_format == PG_QUERY__COERCION_FORM__COERCE_IMPLICIT_CAST;
    if ((!is_explicit && !is_implicit) || (is_implicit && row->n_args < 2) || row->n_colnames)
        hg_put_refuse(p, "this form of row is not supported");
    hg_put_form(p, row->location, is_explicit ? "ROW" : "", row->n_args, row->args);
}

static void put_array(struct hg_printer *p, const PgQuery__AArrayExpr *array)
{
    hg_put_mark(p, array->location);
    hg_put(p, "ARRAY[");
    hg_put_expressions(p, array->n_elements, array->elements);
    hg_put(p, "]");
}

static void put_min_max(struct hg_printer *p, const PgQuery__MinMaxExpr *expr)
{
    bool greatest = expr->op == PG_QUERY__MIN_MAX_OP__IS_GREATEST;
    if (!greatest && expr->op != PG_QUERY__MIN_MAX_OP__IS_LEAST)
        hg_put_refuse(p, "an expression like GREATEST of kind %d is not supported", (int)expr->op);
    hg_put_form(p, expr->location, greatest ? "GREATEST" : "LEAST", expr->n_args, expr->args);
}

static void put_value_function(struct hg_printer *p, const PgQuery__SQLValueFunction *function)
{
    static const struct {
        const char *text;
        bool precision;
    } forms[] = {
        [PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_DATE] = {"CURRENT_DATE", false},
        [PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME] = {"CURRENT_TIME", false},
        [PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME_N] = {"CURRENT_TIME", true},
        [PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP] = {"CURRENT_TIMESTAMP", false},
        [PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP_N] = {"CURRENT_TIMESTAMP", true},
        [PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME] = {"LOCALTIME", false},
        [PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME_N] = {"LOCALTIME", true},
        [PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP] = {"LOCALTIMESTAMP", false},
        [PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP_N] = {"LOCALTIMESTAMP", true},
        [PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_ROLE] = {"CURRENT_ROLE", false},
        [PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_USER] = {"CURRENT_USER", false},
        [PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_USER] = {"USER", false},
        [PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_SESSION_USER] = {"SESSION_USER", false},
        [PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_CATALOG] = {"CURRENT_CATALOG", false},
        [PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_SCHEMA] = {"CURRENT_SCHEMA", false},
    };
    unsigned op = (unsigned)function->op;
    if (op >= sizeof forms / sizeof *forms || !forms[op].text ||
        (forms[op].precision && function->typmod < 0)) {
        hg_put_refuse(p, "a value function of kind %u is not supported", op);
        return;
    }
    hg_put_mark(p, function->location);
    hg_put(p, forms[op].text);
    if (forms[op].precision)
        hg_write_format(&p->out, "(%d)", function->typmod);
}

static void put_cast(struct hg_printer *p, const PgQuery__TypeCast *cast)
{
    if (!cast->type_name) {
        hg_put_refuse(p, "a cast without a type is not supported");
        return;
    }
    hg_put_operand(p, cast->arg);
    hg_put_mark(p, cast->location);
    hg_put(p, "::");
    hg_put_type(p, cast->type_name);
}

void hg_put_collation(struct hg_printer *p, const PgQuery__CollateClause *clause)
{
    hg_put(p, " ");
    hg_put_mark(p, clause->location);
    hg_put(p, "COLLATE ");
    hg_put_dotted(p, clause->n_collname, clause->collname);
}

static void put_collate(struct hg_printer *p, const PgQuery__CollateClause *clause)
{
    hg_put_operand(p, clause->arg);
    hg_put_collation(p, clause);
}

void hg_put_expression(struct hg_printer *p, const PgQuery__Node *node)
{
    if (p->failed)
        return;
    if (!node) {
        hg_put_refuse_node(p, node);
        return;
    }
    switch (node->node_case) {
    case PG_QUERY__NODE__NODE_A_CONST:
        hg_put_constant(p, node->a_const);
        break;
    case PG_QUERY__NODE__NODE_COLUMN_REF:
        put_column(p, node->column_ref);
        break;
    case PG_QUERY__NODE__NODE_SET_TO_DEFAULT:
        hg_put_mark(p, node->set_to_default->location);
        hg_put(p, "DEFAULT");
        break;
    case PG_QUERY__NODE__NODE_PARAM_REF:
        put_parameter(p, node->param_ref);
        break;
    case PG_QUERY__NODE__NODE_A_EXPR:
        hg_put_a_expr(p, node->a_expr);
        break;
    case PG_QUERY__NODE__NODE_BOOL_EXPR:
        put_bool_expr(p, node->bool_expr);
        break;
    case PG_QUERY__NODE__NODE_FUNC_CALL:
        hg_put_call(p, node->func_call);
        break;
    case PG_QUERY__NODE__NODE_TYPE_CAST:
        put_cast(p, node->type_cast);
        break;
    case PG_QUERY__NODE__NODE_COLLATE_CLAUSE:
        put_collate(p, node->collate_clause);
        break;
    case PG_QUERY__NODE__NODE_A_INDIRECTION:
        put_indirection(p, node->a_indirection);
        break;
    case PG_QUERY__NODE__NODE_A_ARRAY_EXPR:
        put_array(p, node->a_array_expr);
        break;
    case PG_QUERY__NODE__NODE_ROW_EXPR:
        put_row(p, node->row_expr);
        break;
    case PG_QUERY__NODE__NODE_SUB_LINK:
        put_sublink(p, node->sub_link);
        break;
    case PG_QUERY__NODE__NODE_CASE_EXPR:
        put_case(p, node->case_expr);
        break;
    case PG_QUERY__NODE__NODE_NULL_TEST:
        put_null_test(p, node->null_test);
        break;
    case PG_QUERY__NODE__NODE_BOOLEAN_TEST:
        put_boolean_test(p, node->boolean_test);
        break;
    case PG_QUERY__NODE__NODE_MIN_MAX_EXPR:
        put_min_max(p, node->min_max_expr);
        break;
    case PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION:
        put_value_function(p, node->sqlvalue_function);
        break;
    case PG_QUERY__NODE__NODE_XML_EXPR:
        hg_put_xml(p, node->xml_expr);
        break;
    case PG_QUERY__NODE__NODE_XML_SERIALIZE:
        hg_put_xml_serialize(p, node->xml_serialize);
        break;
    case PG_QUERY__NODE__NODE_COALESCE_EXPR:
        hg_put_form(p, node->coalesce_expr->location, "COALESCE", node->coalesce_expr->n_args,
                    node->coalesce_expr->args);
        break;
    case PG_QUERY__NODE__NODE_GROUPING_FUNC:
        hg_put_form(p, node->grouping_func->location, "GROUPING", node->grouping_func->n_args,
                    node->grouping_func->args);
        break;
    default:
        hg_put_refuse_node(p, node);
        break;
    }
}

/* The atoms that the grammar counts among the functions. */
static bool is_function_form(PgQuery__Node__NodeCase node_case)
{
    switch (node_case) {
    case PG_QUERY__NODE__NODE_FUNC_CALL:
    case PG_QUERY__NODE__NODE_A_EXPR: /* NULLIF */
    case PG_QUERY__NODE__NODE_COALESCE_EXPR:
    case PG_QUERY__NODE__NODE_MIN_MAX_EXPR:
    case PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION:
    case PG_QUERY__NODE__NODE_XML_EXPR:
    case PG_QUERY__NODE__NODE_XML_SERIALIZE:
        return true;
    default:
        return false;
    }
}

void hg_put_table_function(struct hg_printer *p, const PgQuery__Node *node)
{
    bool is_cast = node && node->node_case == PG_QUERY__NODE__NODE_TYPE_CAST && node->type_cast->type_name;
    bool is_function = node && atomicity(node) == ATOM && is_function_form(node->node_case);
    if (is_cast) {
        hg_put_mark(p, node->type_cast->location);
        hg_put(p, "CAST(");
        hg_put_expression(p, node->type_cast->arg);
        hg_put(p, " AS ");
        hg_put_type(p, node->type_cast->type_name);
        hg_put(p, ")");
    } else if (is_function) {
        hg_put_expression(p, node);
    } else {
        hg_put_refuse_node(p, node);
    }
}
