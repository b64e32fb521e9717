/* Everything that a statement can call or name besides relations, against the lists and the logical schema.
 * The lists are shared with the rewriter, being data; what is asked of them is said here again. */
#include "verify_internal.h"

#include "allow.h"
#include "reflect.h"
#include "settings.h"

#define QUALIFIED(schema, name) HG_SLICE_FMT(schema), (schema).len ? "." : "", HG_SLICE_FMT(name)

/* The name in one part or two; false for any other number. */
static bool split(size_t count, PgQuery__Node *const *names, struct hg_slice *schema, struct hg_slice *name)
{
    *schema = count == 2 ? hg_proof_text(names[0]) : HG_LIT("");
    *name = count ? hg_proof_text(names[count - 1]) : HG_LIT("");
    return (count == 1 || count == 2) && name->len && (count == 1 || schema->len);
}

/* Is the name one that some column has: in the logical schema, by an alias in this very statement, or because
 * it stands there bare, where it can be no call? */

static void note(struct hg_proof *proof, struct hg_slice name)
{
    if (name.len)
        (void)hg_map_put(&proof->columns, name, proof);
}

static void note_all(struct hg_proof *proof, size_t count, PgQuery__Node *const *names)
{
    for (size_t i = 0; i < count; i++)
        note(proof, hg_proof_text(names[i]));
}

static enum hg_walk gather(ProtobufCMessage *message, ProtobufCMessage *parent,
                           const ProtobufCFieldDescriptor *field, void *argument)
{
    struct hg_proof *proof = argument;
    (void)parent;
    (void)field;
    if (message->descriptor == &pg_query__res_target__descriptor)
        note(proof, hg_slice_cstr(((PgQuery__ResTarget *)message)->name));
    else if (message->descriptor == &pg_query__column_ref__descriptor)
        note_all(proof, ((PgQuery__ColumnRef *)message)->n_fields == 1,
                 ((PgQuery__ColumnRef *)message)->fields);
    else if (message->descriptor == &pg_query__column_def__descriptor)
        note(proof, hg_slice_cstr(((PgQuery__ColumnDef *)message)->colname));
    else if (message->descriptor == &pg_query__alias__descriptor)
        note_all(proof, ((PgQuery__Alias *)message)->n_colnames, ((PgQuery__Alias *)message)->colnames);
    else if (message->descriptor == &pg_query__common_table_expr__descriptor)
        note_all(proof, ((PgQuery__CommonTableExpr *)message)->n_aliascolnames,
                 ((PgQuery__CommonTableExpr *)message)->aliascolnames);
    return HG_WALK_INTO;
}

static bool is_some_column(struct hg_proof *proof, struct hg_slice name)
{
    const struct hg_snapshot *snapshot = proof->context->snapshot;
    if (!proof->gathered && !hg_tree_walk(&proof->statement->base, HG_TREE_DEPTH_MOST, gather, proof))
        return false;
    proof->gathered = true;
    if (hg_map_get(&proof->columns, name))
        return true;
    for (size_t i = 0; i < snapshot->ntables; i++)
        if (hg_table_column(&snapshot->tables[i], name) >= 0) {
            note(proof, name);
            return true;
        }
    return false;
}

/* `x.name` is a call of name(x) when x has no such column. Which columns x has is the business of resolve;
 * here a name that may not be called must at least be some column's. */
static bool prove_attribute(struct hg_proof *proof, struct hg_slice name)
{
    switch (hg_allow_function(HG_LIT(""), name)) {
    case HG_FN_UNKNOWN:
        return true;
    case HG_FN_ANY:
        if (!proof->catalog || !hg_slice_is(name, "age"))
            return true;
        break;
    case HG_FN_CATALOG:
        if (proof->catalog)
            return true;
        break;
    case HG_FN_DENIED:
    case HG_FN_IDENTITY:
        break;
    }
    return is_some_column(proof, name) ||
           hg_unproved(proof, "the attribute %.*s may be a call", HG_SLICE_FMT(name));
}

bool hg_prove_column(struct hg_proof *proof, const PgQuery__ColumnRef *column)
{
    size_t n = column->n_fields;
    if (n > 2)
        return hg_unproved(proof, "a column named by %zu parts", n);
    return n < 2 || column->fields[1]->node_case == PG_QUERY__NODE__NODE_A_STAR ||
           prove_attribute(proof, hg_proof_text(column->fields[1]));
}

bool hg_prove_indirection(struct hg_proof *proof, const PgQuery__AIndirection *indirection)
{
    for (size_t i = 0; i < indirection->n_indirection; i++) {
        const PgQuery__Node *part = indirection->indirection[i];
        if (part->node_case == PG_QUERY__NODE__NODE_STRING && !prove_attribute(proof, hg_proof_text(part)))
            return false;
    }
    return true;
}

/* Functions. */

/* The text of a string constant, cast or not; empty for anything else. */
static struct hg_slice constant_text(const PgQuery__Node *node)
{
    while (node && node->node_case == PG_QUERY__NODE__NODE_TYPE_CAST)
        node = node->type_cast->arg;
    bool text = node && node->node_case == PG_QUERY__NODE__NODE_A_CONST &&
                node->a_const->val_case == PG_QUERY__A__CONST__VAL_SVAL;
    return text ? hg_slice_cstr(node->a_const->sval->sval) : HG_LIT("");
}

/* Settings of the catalog server: the client's, and those about its database. */
static bool may_show(struct hg_slice setting)
{
    const struct hg_known_setting *known = hg_known_setting(setting);
    return setting.len && !memchr(setting.ptr, '.', setting.len) &&
           (!known || known->shown == HG_SHOWN_SERVER || hg_setting_find(setting) >= 0);
}

/* (ARRAY['a', 'b'])[i] */
static bool is_choice(const PgQuery__Node *node)
{
    const PgQuery__AIndirection *chosen =
        node->node_case == PG_QUERY__NODE__NODE_A_INDIRECTION ? node->a_indirection : NULL;
    if (!chosen || chosen->n_indirection != 1 || !chosen->arg ||
        chosen->arg->node_case != PG_QUERY__NODE__NODE_A_ARRAY_EXPR ||
        chosen->indirection[0]->node_case != PG_QUERY__NODE__NODE_A_INDICES ||
        chosen->indirection[0]->a_indices->is_slice)
        return false;
    const PgQuery__AArrayExpr *list = chosen->arg->a_array_expr;
    for (size_t i = 0; i < list->n_elements; i++)
        if (!may_show(constant_text(list->elements[i])))
            return false;
    return list->n_elements > 0;
}

/* 'headgate.unknown.' || x, which is nobody's name. */
static bool is_unknown(const PgQuery__Node *node)
{
    if (node->node_case != PG_QUERY__NODE__NODE_A_EXPR || node->a_expr->n_name != 1 || !node->a_expr->lexpr)
        return false;
    return hg_slice_is(hg_proof_text(node->a_expr->name[0]), "||") &&
           hg_slice_is(constant_text(node->a_expr->lexpr), "headgate.unknown.");
}

/* The arguments of current_setting; what the server was told of the session is the session's to see. */
static bool may_ask(const PgQuery__FuncCall *call)
{
    const PgQuery__Node *name = call->n_args ? call->args[0] : NULL;
    return name && (may_show(constant_text(name)) || is_choice(name) || is_unknown(name) ||
                    (call->n_args == 1 && hg_slice_is(constant_text(name), "headgate.settings")));
}

static bool is_argument_of(const ProtobufCMessage *parent, const char *function)
{
    const PgQuery__FuncCall *call = (const PgQuery__FuncCall *)parent;
    return parent->descriptor == &pg_query__func_call__descriptor && call->n_funcname &&
           hg_slice_is(hg_proof_text(call->funcname[call->n_funcname - 1]), function);
}

/* Any other database may be somebody's. */
static bool asks_own_database(const PgQuery__FuncCall *call)
{
    const PgQuery__Node *database = call->n_args == 2 ? call->args[0] : NULL;
    if (!database || database->node_case != PG_QUERY__NODE__NODE_FUNC_CALL)
        return false;
    const PgQuery__FuncCall *asked = database->func_call;
    return asked->n_funcname &&
           hg_slice_is(hg_proof_text(asked->funcname[asked->n_funcname - 1]), "current_database");
}

/* x::pg_catalog.oid */
static bool is_number(const PgQuery__Node *node)
{
    if (node->node_case != PG_QUERY__NODE__NODE_TYPE_CAST)
        return false;
    const PgQuery__TypeName *type = node->type_cast->type_name;
    return type->n_names && !type->n_array_bounds &&
           hg_slice_is(hg_proof_text(type->names[type->n_names - 1]), "oid");
}

/* Functions that tell who and where one is may stay on the catalog backend alone, and only where their answer
 * there is the client's own. */
static bool may_identify(struct hg_proof *proof, const PgQuery__FuncCall *call, struct hg_slice name,
                         const ProtobufCMessage *parent)
{
    if (!proof->catalog)
        return false;
    switch (hg_allow_identity(name)) {
    case HG_IDENTITY_SCHEMA:
    case HG_IDENTITY_SCHEMAS:
        return true;
    case HG_IDENTITY_SETTING:
        return may_ask(call);
    case HG_IDENTITY_PRIVILEGE:
        return call->n_args <= hg_privilege_arguments(name) &&
               (!hg_slice_is(name, "has_database_privilege") || asks_own_database(call));
    case HG_IDENTITY_MEMBER: /* a name would tell which other roles there are */
        return call->n_args == 2 && is_number(call->args[0]);
    case HG_IDENTITY_DATABASE:
        return is_argument_of(parent, "has_database_privilege");
    default:
        return false;
    }
}

/* A data backend must not look up a schema for a client: the first of so many arguments, or more, is the name
 * of a text search configuration. */
static bool may_name_schema(const PgQuery__FuncCall *call, struct hg_slice name)
{
    static const struct {
        const char *name;
        size_t arguments;
    } functions[] = {{"to_tsquery", 2},       {"to_tsvector", 2},      {"phraseto_tsquery", 2},
                     {"plainto_tsquery", 2},  {"ts_headline", 3},      {"websearch_to_tsquery", 2},
                     {"json_to_tsvector", 3}, {"jsonb_to_tsvector", 3}};
    bool takes_one = false;
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
        takes_one |= call->n_args >= functions[i].arguments && hg_slice_is(name, functions[i].name);
    if (!takes_one)
        return false;
    const PgQuery__Node *first = call->args[0];
    if (first->node_case == PG_QUERY__NODE__NODE_PARAM_REF)
        return true;
    return first->node_case == PG_QUERY__NODE__NODE_A_CONST &&
           first->a_const->val_case == PG_QUERY__A__CONST__VAL_SVAL &&
           strchr(first->a_const->sval->sval, '.');
}

bool hg_always_fails(const PgQuery__FuncCall *call)
{
    return call->n_funcname == 2 && hg_slice_is(hg_proof_text(call->funcname[0]), "pg_catalog") &&
           hg_slice_is(hg_proof_text(call->funcname[1]), "current_setting") && call->n_args == 1 &&
           call->args[0]->node_case == PG_QUERY__NODE__NODE_A_CONST &&
           call->args[0]->a_const->val_case == PG_QUERY__A__CONST__VAL_SVAL &&
           strcmp(call->args[0]->a_const->sval->sval, "headgate.foreign_tenant") == 0;
}

bool hg_prove_call(struct hg_proof *proof, const PgQuery__FuncCall *call, const ProtobufCMessage *parent)
{
    struct hg_slice schema, name;
    if (!split(call->n_funcname, call->funcname, &schema, &name))
        return hg_unproved(proof, "a function named by %zu parts", call->n_funcname);
    if (hg_always_fails(call))
        return true;
    if (!proof->catalog && may_name_schema(call, name))
        return hg_unproved(proof, "the configuration of %.*s may name a schema", HG_SLICE_FMT(name));
    if (proof->catalog && hg_slice_is(name, "age") && call->n_args == 1)
        return hg_unproved(proof, "the age of a transaction number");
    switch (hg_allow_function(schema, name)) {
    case HG_FN_ANY:
        return true;
    case HG_FN_CATALOG:
        if (proof->catalog)
            return true;
        break;
    case HG_FN_IDENTITY:
        if (may_identify(proof, call, name, parent))
            return true;
        break;
    case HG_FN_UNKNOWN: /* perhaps a cast in the form of a call */
        if (call->n_args == 1 && hg_allow_type(schema, name, proof->catalog))
            return true;
        break;
    case HG_FN_DENIED:
        break;
    }
    return hg_unproved(proof, "the function %.*s%s%.*s may not be called", QUALIFIED(schema, name));
}

bool hg_prove_value_function(struct hg_proof *proof, const PgQuery__SQLValueFunction *function)
{
    switch (function->op) {
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_DATE:
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME:
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME_N:
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP:
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP_N:
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME:
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME_N:
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP:
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP_N:
        return true;
    default:
        return hg_unproved(proof, "a value that tells of the service account");
    }
}

/* Types, operators, collations, samples. */

/* 'english'::regconfig, which looks at no schema. */
static bool is_plain_configuration(const PgQuery__TypeName *type, struct hg_slice name,
                                   const ProtobufCMessage *parent)
{
    const PgQuery__TypeCast *cast = (const PgQuery__TypeCast *)parent;
    if (!hg_slice_is(name, "regconfig") || type->n_array_bounds ||
        parent->descriptor != &pg_query__type_cast__descriptor || !cast->arg ||
        cast->arg->node_case != PG_QUERY__NODE__NODE_A_CONST)
        return false;
    const PgQuery__AConst *constant = cast->arg->a_const;
    return constant->val_case == PG_QUERY__A__CONST__VAL_SVAL && !strchr(constant->sval->sval, '.') &&
           !strpbrk(constant->sval->sval, "0123456789");
}

bool hg_prove_type(struct hg_proof *proof, const PgQuery__TypeName *type, const ProtobufCMessage *parent)
{
    struct hg_slice schema, name;
    if (type->setof || type->pct_type || !split(type->n_names, type->names, &schema, &name))
        return hg_unproved(proof, "this form of type name");
    bool built_in = !schema.len || hg_slice_is(schema, "pg_catalog") ||
                    (proof->catalog && hg_slice_is(schema, "information_schema"));
    if (built_in ? hg_allow_type(schema, name, proof->catalog) || is_plain_configuration(type, name, parent)
                 : hg_snapshot_type(proof->context->snapshot, schema, name) != NULL)
        return true;
    return hg_unproved(proof, "the type %.*s%s%.*s may not be named", QUALIFIED(schema, name));
}

bool hg_prove_operator(struct hg_proof *proof, size_t count, PgQuery__Node *const *name)
{
    struct hg_slice schema, symbol;
    if (split(count, name, &schema, &symbol) && (!schema.len || hg_slice_is(schema, "pg_catalog")) &&
        hg_allow_operator(schema, symbol))
        return true;
    return hg_unproved(proof, "the operator %.*s%s%.*s may not be used", QUALIFIED(schema, symbol));
}

bool hg_prove_expression(struct hg_proof *proof, const PgQuery__AExpr *expression)
{
    switch (expression->kind) {
    case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN: /* has words in the place of an operator */
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN:
    case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN_SYM:
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN_SYM:
        return true;
    default:
        return hg_prove_operator(proof, expression->n_name, expression->name);
    }
}

bool hg_prove_collation(struct hg_proof *proof, const PgQuery__CollateClause *clause)
{
    struct hg_slice schema, name;
    if (split(clause->n_collname, clause->collname, &schema, &name) &&
        (!schema.len || hg_slice_is(schema, "pg_catalog")))
        return true;
    return hg_unproved(proof, "the collation %.*s%s%.*s may not be named", QUALIFIED(schema, name));
}

/* A sample by blocks tells how many rows of others lie between. */
bool hg_prove_sample(struct hg_proof *proof, const PgQuery__RangeTableSample *sample)
{
    struct hg_slice schema, name;
    if (split(sample->n_method, sample->method, &schema, &name) &&
        (!schema.len || hg_slice_is(schema, "pg_catalog")) && hg_slice_is(name, "bernoulli") &&
        !sample->repeatable)
        return true;
    return hg_unproved(proof, "the sampling method %.*s%s%.*s may not be used", QUALIFIED(schema, name));
}
