/* See build.h. Every field whose value in a parsed tree differs from protobuf-c's default is set here, in one
 * place per node type: locations (a default of 0 would claim the first byte of the client's text),
 * relpersistence, type modifiers, enum values. */
#include "build.h"

PgQuery__Node *hg_build_node(struct hg_arena *arena, PgQuery__Node__NodeCase what, void *message)
{
    PgQuery__Node *node = HG_NEW(arena, PgQuery__Node);
    *node = (PgQuery__Node)PG_QUERY__NODE__INIT;
    node->node_case = what;
    node->select_stmt = message; /* all members of the union are pointers to messages */
    return node;
}

PgQuery__Node *hg_build_string(struct hg_arena *arena, struct hg_slice text)
{
    PgQuery__String *string = HG_NEW(arena, PgQuery__String);
    *string = (PgQuery__String)PG_QUERY__STRING__INIT;
    string->sval = hg_arena_cstr(arena, text);
    return hg_build_node(arena, PG_QUERY__NODE__NODE_STRING, string);
}

PgQuery__Node *hg_build_column(struct hg_arena *arena, struct hg_slice qualifier, struct hg_slice name)
{
    PgQuery__ColumnRef *column = HG_NEW(arena, PgQuery__ColumnRef);
    *column = (PgQuery__ColumnRef)PG_QUERY__COLUMN_REF__INIT;
    column->location = HG_LOCATION_NONE;
    column->fields = HG_NEW_ARRAY(arena, PgQuery__Node *, 2);
    if (qualifier.len)
        column->fields[column->n_fields++] = hg_build_string(arena, qualifier);
    column->fields[column->n_fields++] = hg_build_string(arena, name);
    return hg_build_node(arena, PG_QUERY__NODE__NODE_COLUMN_REF, column);
}

PgQuery__Node *hg_build_star(struct hg_arena *arena)
{
    PgQuery__AStar *star = HG_NEW(arena, PgQuery__AStar);
    *star = (PgQuery__AStar)PG_QUERY__A__STAR__INIT;
    PgQuery__ColumnRef *column = HG_NEW(arena, PgQuery__ColumnRef);
    *column = (PgQuery__ColumnRef)PG_QUERY__COLUMN_REF__INIT;
    column->location = HG_LOCATION_NONE;
    column->fields =
        hg_build_appended(arena, NULL, 0, hg_build_node(arena, PG_QUERY__NODE__NODE_A_STAR, star));
    column->n_fields = 1;
    return hg_build_node(arena, PG_QUERY__NODE__NODE_COLUMN_REF, column);
}

static PgQuery__AConst *constant_new(struct hg_arena *arena, int32_t location)
{
    PgQuery__AConst *constant = HG_NEW(arena, PgQuery__AConst);
    *constant = (PgQuery__AConst)PG_QUERY__A__CONST__INIT;
    constant->location = location;
    return constant;
}

PgQuery__Node *hg_build_row(struct hg_arena *arena, struct hg_slice name)
{
    PgQuery__AStar *star = HG_NEW(arena, PgQuery__AStar);
    *star = (PgQuery__AStar)PG_QUERY__A__STAR__INIT;
    PgQuery__Node *row = hg_build_column(arena, name, HG_LIT("*"));
    row->column_ref->fields[row->column_ref->n_fields - 1] =
        hg_build_node(arena, PG_QUERY__NODE__NODE_A_STAR, star);
    return row;
}

PgQuery__Node *hg_build_text(struct hg_arena *arena, struct hg_slice text, int32_t location)
{
    PgQuery__AConst *constant = constant_new(arena, location);
    constant->val_case = PG_QUERY__A__CONST__VAL_SVAL;
    constant->sval = HG_NEW(arena, PgQuery__String);
    *constant->sval = (PgQuery__String)PG_QUERY__STRING__INIT;
    constant->sval->sval = hg_arena_cstr(arena, text);
    return hg_build_node(arena, PG_QUERY__NODE__NODE_A_CONST, constant);
}

PgQuery__Node *hg_build_integer(struct hg_arena *arena, int32_t value, int32_t location)
{
    PgQuery__AConst *constant = constant_new(arena, location);
    constant->val_case = PG_QUERY__A__CONST__VAL_IVAL;
    constant->ival = HG_NEW(arena, PgQuery__Integer);
    *constant->ival = (PgQuery__Integer)PG_QUERY__INTEGER__INIT;
    constant->ival->ival = value;
    return hg_build_node(arena, PG_QUERY__NODE__NODE_A_CONST, constant);
}

PgQuery__Node *hg_build_null(struct hg_arena *arena)
{
    PgQuery__AConst *constant = constant_new(arena, HG_LOCATION_NONE);
    constant->isnull = true;
    return hg_build_node(arena, PG_QUERY__NODE__NODE_A_CONST, constant);
}

PgQuery__Node *hg_build_cast_to(struct hg_arena *arena, PgQuery__Node *value, PgQuery__TypeName *type)
{
    PgQuery__TypeCast *cast = HG_NEW(arena, PgQuery__TypeCast);
    *cast = (PgQuery__TypeCast)PG_QUERY__TYPE_CAST__INIT;
    cast->arg = value;
    cast->type_name = type;
    cast->location = HG_LOCATION_NONE;
    return hg_build_node(arena, PG_QUERY__NODE__NODE_TYPE_CAST, cast);
}

PgQuery__Node *hg_build_cast(struct hg_arena *arena, PgQuery__Node *value, struct hg_slice type)
{
    PgQuery__TypeName *name = HG_NEW(arena, PgQuery__TypeName);
    *name = (PgQuery__TypeName)PG_QUERY__TYPE_NAME__INIT;
    name->names = HG_NEW_ARRAY(arena, PgQuery__Node *, 2);
    name->names[name->n_names++] = hg_build_string(arena, HG_LIT("pg_catalog"));
    name->names[name->n_names++] = hg_build_string(arena, type);
    name->typemod = -1;
    name->location = HG_LOCATION_NONE;
    return hg_build_cast_to(arena, value, name);
}

PgQuery__Node *hg_build_call(struct hg_arena *arena, struct hg_slice name)
{
    PgQuery__FuncCall *call = HG_NEW(arena, PgQuery__FuncCall);
    *call = (PgQuery__FuncCall)PG_QUERY__FUNC_CALL__INIT;
    call->funcname = HG_NEW_ARRAY(arena, PgQuery__Node *, 2);
    call->funcname[call->n_funcname++] = hg_build_string(arena, HG_LIT("pg_catalog"));
    call->funcname[call->n_funcname++] = hg_build_string(arena, name);
    call->funcformat = PG_QUERY__COERCION_FORM__COERCE_EXPLICIT_CALL;
    call->location = HG_LOCATION_NONE;
    return hg_build_node(arena, PG_QUERY__NODE__NODE_FUNC_CALL, call);
}

PgQuery__Node *hg_build_current_date(struct hg_arena *arena)
{
    PgQuery__SQLValueFunction *date = HG_NEW(arena, PgQuery__SQLValueFunction);
    *date = (PgQuery__SQLValueFunction)PG_QUERY__SQLVALUE_FUNCTION__INIT;
    date->op = PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_DATE;
    date->typmod = -1;
    date->location = HG_LOCATION_NONE;
    return hg_build_node(arena, PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION, date);
}

PgQuery__Node *hg_build_equal(struct hg_arena *arena, PgQuery__Node *left, PgQuery__Node *right)
{
    PgQuery__AExpr *expression = HG_NEW(arena, PgQuery__AExpr);
    *expression = (PgQuery__AExpr)PG_QUERY__A__EXPR__INIT;
    expression->kind = PG_QUERY__A__EXPR__KIND__AEXPR_OP;
    expression->name = HG_NEW_ARRAY(arena, PgQuery__Node *, 1);
    expression->name[expression->n_name++] = hg_build_string(arena, HG_LIT("="));
    expression->lexpr = left;
    expression->rexpr = right;
    expression->location = HG_LOCATION_NONE;
    return hg_build_node(arena, PG_QUERY__NODE__NODE_A_EXPR, expression);
}

PgQuery__Node *hg_build_and(struct hg_arena *arena, PgQuery__Node *left, PgQuery__Node *right)
{
    PgQuery__BoolExpr *both = HG_NEW(arena, PgQuery__BoolExpr);
    *both = (PgQuery__BoolExpr)PG_QUERY__BOOL_EXPR__INIT;
    both->boolop = PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR;
    both->location = HG_LOCATION_NONE;
    if (left->node_case == PG_QUERY__NODE__NODE_BOOL_EXPR &&
        left->bool_expr->boolop == PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR) {
        both->args = hg_build_appended(arena, left->bool_expr->args, left->bool_expr->n_args, right);
        both->n_args = left->bool_expr->n_args + 1;
    } else {
        both->args = HG_NEW_ARRAY(arena, PgQuery__Node *, 2);
        both->args[both->n_args++] = left;
        both->args[both->n_args++] = right;
    }
    return hg_build_node(arena, PG_QUERY__NODE__NODE_BOOL_EXPR, both);
}

static PgQuery__Node *null_test(struct hg_arena *arena, PgQuery__Node *value, PgQuery__NullTestType type)
{
    PgQuery__NullTest *test = HG_NEW(arena, PgQuery__NullTest);
    *test = (PgQuery__NullTest)PG_QUERY__NULL_TEST__INIT;
    test->arg = value;
    test->nulltesttype = type;
    test->location = HG_LOCATION_NONE;
    return hg_build_node(arena, PG_QUERY__NODE__NODE_NULL_TEST, test);
}

PgQuery__Node *hg_build_choice(struct hg_arena *arena, PgQuery__Node *condition, PgQuery__Node *result,
                               PgQuery__Node *otherwise)
{
    PgQuery__CaseWhen *when = HG_NEW(arena, PgQuery__CaseWhen);
    *when = (PgQuery__CaseWhen)PG_QUERY__CASE_WHEN__INIT;
    when->expr = condition;
    when->result = result;
    when->location = HG_LOCATION_NONE;
    PgQuery__CaseExpr *chosen = HG_NEW(arena, PgQuery__CaseExpr);
    *chosen = (PgQuery__CaseExpr)PG_QUERY__CASE_EXPR__INIT;
    chosen->args = HG_NEW_ARRAY(arena, PgQuery__Node *, 1);
    chosen->args[chosen->n_args++] = hg_build_node(arena, PG_QUERY__NODE__NODE_CASE_WHEN, when);
    chosen->defresult = otherwise;
    chosen->location = HG_LOCATION_NONE;
    return hg_build_node(arena, PG_QUERY__NODE__NODE_CASE_EXPR, chosen);
}

PgQuery__Node *hg_build_guard(struct hg_arena *arena, PgQuery__Node *condition)
{
    PgQuery__Node *one = hg_build_integer(arena, 1, HG_LOCATION_NONE);
    return null_test(arena, hg_build_choice(arena, condition, one, NULL),
                     PG_QUERY__NULL_TEST_TYPE__IS_NOT_NULL);
}

PgQuery__Node *hg_build_unless_null(struct hg_arena *arena, PgQuery__Node *value, PgQuery__Node *otherwise)
{
    PgQuery__Node *is_null = null_test(arena, value, PG_QUERY__NULL_TEST_TYPE__IS_NULL);
    return hg_build_choice(arena, is_null, hg_build_null(arena), otherwise);
}

PgQuery__Node *hg_build_target(struct hg_arena *arena, struct hg_slice name, PgQuery__Node *value)
{
    PgQuery__ResTarget *target = HG_NEW(arena, PgQuery__ResTarget);
    *target = (PgQuery__ResTarget)PG_QUERY__RES_TARGET__INIT;
    if (name.len)
        target->name = hg_arena_cstr(arena, name);
    target->val = value;
    target->location = HG_LOCATION_NONE;
    return hg_build_node(arena, PG_QUERY__NODE__NODE_RES_TARGET, target);
}

PgQuery__Node *hg_build_index_element(struct hg_arena *arena, struct hg_slice name)
{
    PgQuery__IndexElem *element = HG_NEW(arena, PgQuery__IndexElem);
    *element = (PgQuery__IndexElem)PG_QUERY__INDEX_ELEM__INIT;
    element->name = hg_arena_cstr(arena, name);
    element->ordering = PG_QUERY__SORT_BY_DIR__SORTBY_DEFAULT;
    element->nulls_ordering = PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_DEFAULT;
    return hg_build_node(arena, PG_QUERY__NODE__NODE_INDEX_ELEM, element);
}

PgQuery__Alias *hg_build_alias(struct hg_arena *arena, struct hg_slice name)
{
    PgQuery__Alias *alias = HG_NEW(arena, PgQuery__Alias);
    *alias = (PgQuery__Alias)PG_QUERY__ALIAS__INIT;
    alias->aliasname = hg_arena_cstr(arena, name);
    return alias;
}

PgQuery__Node *hg_build_table(struct hg_arena *arena, struct hg_slice schema, struct hg_slice name,
                              bool inherit, int32_t location)
{
    PgQuery__RangeVar *table = HG_NEW(arena, PgQuery__RangeVar);
    *table = (PgQuery__RangeVar)PG_QUERY__RANGE_VAR__INIT;
    table->schemaname = hg_arena_cstr(arena, schema);
    table->relname = hg_arena_cstr(arena, name);
    table->inh = inherit;
    table->relpersistence = hg_arena_cstr(arena, HG_LIT("p"));
    table->location = location;
    return hg_build_node(arena, PG_QUERY__NODE__NODE_RANGE_VAR, table);
}

PgQuery__SelectStmt *hg_build_select(struct hg_arena *arena)
{
    PgQuery__SelectStmt *select = HG_NEW(arena, PgQuery__SelectStmt);
    *select = (PgQuery__SelectStmt)PG_QUERY__SELECT_STMT__INIT;
    select->op = PG_QUERY__SET_OPERATION__SETOP_NONE;
    select->limit_option = PG_QUERY__LIMIT_OPTION__LIMIT_OPTION_DEFAULT;
    return select;
}

PgQuery__Node *hg_build_subselect(struct hg_arena *arena, PgQuery__SelectStmt *select, PgQuery__Alias *alias)
{
    PgQuery__RangeSubselect *item = HG_NEW(arena, PgQuery__RangeSubselect);
    *item = (PgQuery__RangeSubselect)PG_QUERY__RANGE_SUBSELECT__INIT;
    item->subquery = hg_build_node(arena, PG_QUERY__NODE__NODE_SELECT_STMT, select);
    item->alias = alias;
    return hg_build_node(arena, PG_QUERY__NODE__NODE_RANGE_SUBSELECT, item);
}

PgQuery__Node **hg_build_appended(struct hg_arena *arena, PgQuery__Node **list, size_t count,
                                  PgQuery__Node *last)
{
    PgQuery__Node **longer = HG_NEW_ARRAY(arena, PgQuery__Node *, count + 1);
    if (count)
        memcpy(longer, list, count * sizeof(*list));
    longer[count] = last;
    return longer;
}

struct hg_slice hg_string_of(const PgQuery__Node *node)
{
    if (!node || node->node_case != PG_QUERY__NODE__NODE_STRING)
        return HG_LIT("");
    return hg_slice_cstr(node->string->sval);
}
