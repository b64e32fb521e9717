/* The name of an output column that has no AS, as PostgreSQL's FigureColname() finds it: the name in the
 * expression that is nearest to its surface, with a strength: a weak name (of a cast's type, of CASE) gives
 * way to a stronger one inside. */
#include "build.h"
#include "resolver.h"

enum strength { NAME_NONE, NAME_WEAK, NAME_STRONG };

static enum strength find_name(const PgQuery__Node *node, const struct hg_first_name *first_names,
                               struct hg_slice *name);

static enum strength strong(struct hg_slice *name, const char *text)
{
    *name = hg_slice_cstr(text);
    return NAME_STRONG;
}

/* The last name among fields that may also be stars and subscripts. */
static enum strength last_string(size_t count, PgQuery__Node *const *fields, struct hg_slice *name)
{
    for (size_t i = count; i-- > 0;) {
        if (fields[i]->node_case != PG_QUERY__NODE__NODE_STRING)
            continue;
        *name = hg_string_of(fields[i]);
        return NAME_STRONG;
    }
    return NAME_NONE;
}

bool hg_is_star(const PgQuery__Node *value)
{
    size_t n = 0;
    PgQuery__Node **fields = NULL;
    if (value && value->node_case == PG_QUERY__NODE__NODE_COLUMN_REF) {
        n = value->column_ref->n_fields;
        fields = value->column_ref->fields;
    } else if (value && value->node_case == PG_QUERY__NODE__NODE_A_INDIRECTION) {
        n = value->a_indirection->n_indirection;
        fields = value->a_indirection->indirection;
    }
    return n && fields[n - 1]->node_case == PG_QUERY__NODE__NODE_A_STAR;
}

/* What the first column of a select list that begins with a star is called: noted when the list was resolved.
 */
static enum strength star_name(const PgQuery__SelectStmt *select, const struct hg_first_name *noted,
                               struct hg_slice *name)
{
    while (noted && noted->select != select)
        noted = noted->next;
    *name = noted ? noted->name : HG_LIT("");
    return name->len ? NAME_STRONG : NAME_NONE;
}

/* `(SELECT x …)` is named like its first output column. */
static enum strength select_name(const PgQuery__SelectStmt *select, const struct hg_first_name *first_names,
                                 struct hg_slice *name)
{
    while (select->larg)
        select = select->larg;
    if (select->n_values_lists)
        return strong(name, "column1");
    if (!select->n_target_list || select->target_list[0]->node_case != PG_QUERY__NODE__NODE_RES_TARGET)
        return NAME_NONE;
    const PgQuery__ResTarget *target = select->target_list[0]->res_target;
    if (target->name[0])
        return strong(name, target->name);
    if (hg_is_star(target->val))
        return star_name(select, first_names, name);
    if (find_name(target->val, first_names, name) == NAME_NONE)
        return strong(name, "?column?");
    return NAME_STRONG;
}

static enum strength sublink_name(const PgQuery__SubLink *link, const struct hg_first_name *first_names,
                                  struct hg_slice *name)
{
    switch (link->sub_link_type) {
    case PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK:
        return strong(name, "exists");
    case PG_QUERY__SUB_LINK_TYPE__ARRAY_SUBLINK:
        return strong(name, "array");
    case PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK:
        if (link->subselect && link->subselect->node_case == PG_QUERY__NODE__NODE_SELECT_STMT)
            return select_name(link->subselect->select_stmt, first_names, name);
        return NAME_NONE;
    default:
        return NAME_NONE;
    }
}

static enum strength value_function_name(const PgQuery__SQLValueFunction *function, struct hg_slice *name)
{
    switch (function->op) {
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_DATE:
        return strong(name, "current_date");
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME:
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME_N:
        return strong(name, "current_time");
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP:
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP_N:
        return strong(name, "current_timestamp");
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME:
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME_N:
        return strong(name, "localtime");
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP:
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP_N:
        return strong(name, "localtimestamp");
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_ROLE:
        return strong(name, "current_role");
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_USER:
        return strong(name, "current_user");
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_USER:
        return strong(name, "user");
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_SESSION_USER:
        return strong(name, "session_user");
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_CATALOG:
        return strong(name, "current_catalog");
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_SCHEMA:
        return strong(name, "current_schema");
    default:
        return NAME_NONE;
    }
}

static enum strength xml_name(const PgQuery__XmlExpr *xml, struct hg_slice *name)
{
    switch (xml->op) {
    case PG_QUERY__XML_EXPR_OP__IS_XMLCONCAT:
        return strong(name, "xmlconcat");
    case PG_QUERY__XML_EXPR_OP__IS_XMLELEMENT:
        return strong(name, "xmlelement");
    case PG_QUERY__XML_EXPR_OP__IS_XMLFOREST:
        return strong(name, "xmlforest");
    case PG_QUERY__XML_EXPR_OP__IS_XMLPARSE:
        return strong(name, "xmlparse");
    case PG_QUERY__XML_EXPR_OP__IS_XMLPI:
        return strong(name, "xmlpi");
    case PG_QUERY__XML_EXPR_OP__IS_XMLROOT:
        return strong(name, "xmlroot");
    default:
        return NAME_NONE;
    }
}

/* The name inside, unless it is weak: then that of the wrapping construct. */
static enum strength inner_name(const PgQuery__Node *inner, const struct hg_first_name *first_names,
                                struct hg_slice outer, struct hg_slice *name)
{
    enum strength found = find_name(inner, first_names, name);
    if (found > NAME_WEAK)
        return found;
    *name = outer;
    return NAME_WEAK;
}

static enum strength find_name(const PgQuery__Node *node, const struct hg_first_name *first_names,
                               struct hg_slice *name)
{
    if (!node)
        return NAME_NONE;
    switch (node->node_case) {
    case PG_QUERY__NODE__NODE_COLUMN_REF:
        return last_string(node->column_ref->n_fields, node->column_ref->fields, name);
    case PG_QUERY__NODE__NODE_A_INDIRECTION: {
        const PgQuery__AIndirection *part = node->a_indirection;
        if (last_string(part->n_indirection, part->indirection, name) != NAME_NONE)
            return NAME_STRONG;
        return find_name(part->arg, first_names, name);
    }
    case PG_QUERY__NODE__NODE_FUNC_CALL:
        return last_string(node->func_call->n_funcname, node->func_call->funcname, name);
    case PG_QUERY__NODE__NODE_A_EXPR:
        return node->a_expr->kind == PG_QUERY__A__EXPR__KIND__AEXPR_NULLIF ? strong(name, "nullif")
                                                                           : NAME_NONE;
    case PG_QUERY__NODE__NODE_TYPE_CAST: {
        const PgQuery__TypeName *type = node->type_cast->type_name;
        struct hg_slice outer =
            type && type->n_names ? hg_string_of(type->names[type->n_names - 1]) : HG_LIT("");
        return inner_name(node->type_cast->arg, first_names, outer, name);
    }
    case PG_QUERY__NODE__NODE_COLLATE_CLAUSE:
        return find_name(node->collate_clause->arg, first_names, name);
    case PG_QUERY__NODE__NODE_GROUPING_FUNC:
        return strong(name, "grouping");
    case PG_QUERY__NODE__NODE_SUB_LINK:
        return sublink_name(node->sub_link, first_names, name);
    case PG_QUERY__NODE__NODE_CASE_EXPR:
        return inner_name(node->case_expr->defresult, first_names, HG_LIT("case"), name);
    case PG_QUERY__NODE__NODE_A_ARRAY_EXPR:
        return strong(name, "array");
    case PG_QUERY__NODE__NODE_ROW_EXPR:
        return strong(name, "row");
    case PG_QUERY__NODE__NODE_COALESCE_EXPR:
        return strong(name, "coalesce");
    case PG_QUERY__NODE__NODE_MIN_MAX_EXPR:
        return strong(name,
                      node->min_max_expr->op == PG_QUERY__MIN_MAX_OP__IS_GREATEST ? "greatest" : "least");
    case PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION:
        return value_function_name(node->sqlvalue_function, name);
    case PG_QUERY__NODE__NODE_XML_EXPR:
        return xml_name(node->xml_expr, name);
    case PG_QUERY__NODE__NODE_XML_SERIALIZE:
        return strong(name, "xmlserialize");
    default:
        return NAME_NONE;
    }
}

struct hg_slice hg_column_name(const PgQuery__Node *node, const struct hg_first_name *first_names)
{
    struct hg_slice name = HG_LIT("");
    if (find_name(node, first_names, &name) == NAME_NONE)
        return HG_LIT("");
    return name;
}
