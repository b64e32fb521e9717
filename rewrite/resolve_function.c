/* Function calls by name, from the list of allow.h. All overloads of a name share one class, so that types
 * need not be known here. What else can be spelled like a call is told apart: a column of a row, and a cast.
 */
#include "build.h"
#include "pattern.h"
#include "resolver.h"

struct hg_slice hg_function_name(const PgQuery__FuncCall *call, struct hg_slice *schema)
{
    *schema = call->n_funcname == 2 ? hg_string_of(call->funcname[0]) : HG_LIT("");
    return call->n_funcname ? hg_string_of(call->funcname[call->n_funcname - 1]) : HG_LIT("");
}

bool hg_is_plain_call(const PgQuery__FuncCall *call)
{
    return !call->n_agg_order && !call->agg_filter && !call->over && !call->agg_within_group &&
           !call->agg_star && !call->agg_distinct && !call->func_variadic;
}

static struct hg_slice text_of(struct hg_resolver *r, struct hg_slice schema, struct hg_slice name)
{
    if (!schema.len)
        return name;
    return hg_arena_printf(r->arena, "%.*s.%.*s", HG_SLICE_FMT(schema), HG_SLICE_FMT(name));
}

bool hg_refuse_function(struct hg_resolver *r, struct hg_slice name, int32_t location)
{
    hg_refuse(r, location, HG_INSUFFICIENT_PRIVILEGE, "permission denied for function %.*s",
              HG_SLICE_FMT(name));
    return hg_refuse_hint(
        r, "Functions that reach files, sequences, locks, other sessions or SQL text, or that wait, are not "
           "available through Headgate.");
}

bool hg_may_call(struct hg_resolver *r, struct hg_slice name, int32_t location)
{
    return hg_role_may_call(r->context->user->role, name) ||
           hg_refuse(r, location, HG_INSUFFICIENT_PRIVILEGE, "permission denied for function %.*s",
                     HG_SLICE_FMT(name));
}

bool hg_unknown_function(struct hg_resolver *r, struct hg_slice schema, struct hg_slice name,
                         int32_t location)
{
    if (!hg_schema_exists(r, schema, location))
        return false;
    struct hg_slice text = text_of(r, schema, name);
    hg_refuse(r, location, HG_UNDEFINED_FUNCTION, "function %.*s does not exist", HG_SLICE_FMT(text));
    return hg_refuse_hint(r, "Only PostgreSQL's built-in functions are available.");
}

bool hg_resolve_attribute(struct hg_resolver *r, struct hg_slice name, int32_t location)
{
    if (!hg_may_call(r, name, location))
        return false;
    if (hg_slice_is(name, "age"))
        return hg_refuse_function(r, name, location); /* it cannot be written as age(current_date, x) there */
    switch (hg_allow_function(HG_LIT(""), name)) {
    case HG_FN_UNKNOWN:
    case HG_FN_ANY:
        return true;
    case HG_FN_CATALOG:
        hg_need_catalog(r, "function", name, location);
        return true;
    case HG_FN_DENIED:
    case HG_FN_IDENTITY:
        break;
    }
    return hg_refuse_function(r, name, location);
}

/* name(rel) is rel.name when there is no such function, and name(x) a cast when name is a type. */
static bool resolve_unknown(struct hg_resolver *r, struct hg_scope *scope, PgQuery__Node *node,
                            PgQuery__FuncCall *call, struct hg_slice schema, struct hg_slice name)
{
    struct hg_name found;
    if (call->n_args != 1 || !hg_is_plain_call(call))
        return hg_unknown_function(r, schema, name, call->location);
    struct hg_scope *at;
    struct hg_item *row = schema.len ? NULL : hg_whole_row(r, scope, call->args[0], &at);
    if (row && hg_item_column(row, name, r->arena, &r->budget, &found) == HG_FOUND) {
        int32_t location = call->location;
        *node = *hg_build_column(r->arena, row->name, name);
        node->column_ref->location = location;
        return hg_resolve_node(r, scope, node);
    }
    if (hg_allow_type(schema, name, false))
        return hg_resolve_children(r, scope, &call->base);
    if (hg_allow_type(schema, name, true)) {
        hg_need_catalog(r, "type", name, call->location);
        return hg_resolve_children(r, scope, &call->base);
    }
    return hg_unknown_function(r, schema, name, call->location);
}

/* age(x) is age(current_date, x) for dates and times. Written so it cannot be the age of a transaction
 * number, which counts what others do. */
static void date_age(struct hg_resolver *r, PgQuery__FuncCall *call, struct hg_slice name)
{
    if (!hg_slice_is(name, "age") || call->n_args != 1)
        return;
    call->args = hg_build_appended(r->arena, call->args, 1, call->args[0]);
    call->args[0] = hg_build_current_date(r->arena);
    call->n_args = 2;
}

static bool is_system_relation(struct hg_resolver *r, struct hg_scope *scope, struct hg_slice alias)
{
    struct hg_item *item = NULL;
    struct hg_scope *at;
    hg_scope_item(scope, alias, &r->budget, &item, &at);
    return item && item->kind == HG_ITEM_CATALOG;
}

/* A transaction's number: xmin, a column of a system relation, or a constant that is made one. */
static bool is_transaction(struct hg_resolver *r, struct hg_scope *scope, const PgQuery__Node *node)
{
    static const char *const names[] = {"transactionid", "relfrozenxid", "datfrozenxid"};
    if (node->node_case == PG_QUERY__NODE__NODE_TYPE_CAST) {
        const PgQuery__TypeName *type = node->type_cast->type_name;
        return type->n_names && !type->n_array_bounds &&
               (type->n_names == 1 || hg_slice_is(hg_string_of(type->names[0]), "pg_catalog")) &&
               hg_slice_is(hg_string_of(type->names[type->n_names - 1]), "xid");
    }
    if (node->node_case != PG_QUERY__NODE__NODE_COLUMN_REF || !node->column_ref->n_fields)
        return false;
    const PgQuery__ColumnRef *column = node->column_ref;
    struct hg_slice name = hg_string_of(column->fields[column->n_fields - 1]);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (column->n_fields == 2 && hg_slice_is(name, names[i]))
            return is_system_relation(r, scope, hg_string_of(column->fields[0]));
    return hg_slice_is(name, "xmin");
}

/* age(xmin) counts what all sessions of the server have done since the row of a system relation was written:
 * as if that were nothing. */
static bool is_age_of_transaction(struct hg_resolver *r, struct hg_scope *scope,
                                  const PgQuery__FuncCall *call, struct hg_slice name)
{
    return hg_slice_is(name, "age") && call->n_args == 1 && hg_is_plain_call(call) &&
           is_transaction(r, scope, call->args[0]);
}

static bool resolve_age_of_transaction(struct hg_resolver *r, struct hg_scope *scope, PgQuery__Node *node,
                                       PgQuery__Node *number)
{
    PgQuery__Node *age = hg_build_integer(r->arena, 0, HG_LOCATION_NONE);
    if (!hg_resolve_node(r, scope, number))
        return false;
    hg_edit_later(r, node, hg_build_unless_null(r->arena, number, age));
    return true;
}

/* A role may stand before the table. */
static bool resolve_names(struct hg_resolver *r, const PgQuery__FuncCall *call)
{
    for (size_t i = 0; i < call->n_args && i < 2; i++)
        if (!hg_resolve_name_in_text(r, call->args[i]))
            return false;
    return true;
}

bool hg_is_configuration(const PgQuery__Node *node)
{
    if (!node || node->node_case != PG_QUERY__NODE__NODE_A_CONST ||
        node->a_const->val_case != PG_QUERY__A__CONST__VAL_SVAL)
        return false;
    const char *word = node->a_const->sval->sval;
    return *word && word[strspn(word, "abcdefghijklmnopqrstuvwxyz_")] == '\0';
}

/* Could it be a configuration with a schema, or one given as a number? Beside a document, which may stand in
 * the same place, only constants can. */
static bool is_doubtful(const PgQuery__Node *node, bool or_document)
{
    while (node->node_case == PG_QUERY__NODE__NODE_COLLATE_CLAUSE && node->collate_clause->arg)
        node = node->collate_clause->arg;
    if (hg_is_configuration(node))
        return false;
    if (or_document)
        return node->node_case == PG_QUERY__NODE__NODE_A_CONST ||
               node->node_case == PG_QUERY__NODE__NODE_PARAM_REF;
    if (node->node_case != PG_QUERY__NODE__NODE_TYPE_CAST)
        return true;
    const PgQuery__TypeName *type = node->type_cast->type_name; /* regconfig is looked at where it is named */
    return !hg_slice_is(hg_string_of(type->names[type->n_names - 1]), "regconfig");
}

/* The first argument of these is a text search configuration once there are so many. It could tell which
 * schemas and configurations a data backend has. */
static void check_configuration(struct hg_resolver *r, const PgQuery__FuncCall *call, struct hg_slice name)
{
    static const struct {
        const char *name;
        size_t from;
    } functions[] = {{"to_tsvector", 2},       {"to_tsquery", 2},          {"plainto_tsquery", 2},
                     {"phraseto_tsquery", 2},  {"ts_headline", 3},         {"json_to_tsvector", 3},
                     {"jsonb_to_tsvector", 3}, {"websearch_to_tsquery", 2}};
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
        if (hg_slice_is(name, functions[i].name) && call->n_args >= functions[i].from &&
            is_doubtful(call->args[0], hg_slice_is(name, "ts_headline")))
            hg_need_catalog(r, "the text search configuration of", name, call->location);
}

/* Its patterns have separators, names of months and the like that are those of a locale. */
static bool takes_locale(struct hg_slice name)
{
    return hg_slice_is(name, "to_char") || hg_slice_is(name, "to_number") || hg_slice_is(name, "to_date") ||
           hg_slice_is(name, "to_timestamp");
}

static bool resolve_arguments(struct hg_resolver *r, struct hg_scope *scope, PgQuery__FuncCall *call,
                              struct hg_slice name)
{
    bool aggregate = scope && scope->counting && !call->over && hg_is_aggregate(name);
    if (aggregate)
        scope->aggregates++;
    if (!hg_resolve_children(r, scope, &call->base))
        return false;
    if (aggregate)
        scope->aggregates--;
    return true;
}

static bool refuse_match(struct hg_resolver *r, struct hg_slice name, int32_t location)
{
    hg_refuse(r, location, HG_INSUFFICIENT_PRIVILEGE, "permission denied for function %.*s",
              HG_SLICE_FMT(name));
    return hg_refuse_hint(r, "Use LIKE, ILIKE, ~ or ~*.");
}

bool hg_resolve_function(struct hg_resolver *r, struct hg_scope *scope, PgQuery__Node *node,
                         PgQuery__FuncCall *call)
{
    struct hg_slice schema, name = hg_function_name(call, &schema);
    PgQuery__Node *literal;
    if (call->n_funcname > 2)
        return hg_refuse(r, call->location, HG_FEATURE_NOT_SUPPORTED,
                         "a function name of %zu parts is not supported", call->n_funcname);
    if (!hg_may_call(r, name, call->location))
        return false;
    if (hg_takes_name(name) && !resolve_names(r, call))
        return false;
    switch (hg_allow_function(schema, name)) {
    case HG_FN_ANY:
        if (hg_pattern_calls(name))
            return refuse_match(r, name, call->location);
        if (is_age_of_transaction(r, scope, call, name))
            return resolve_age_of_transaction(r, scope, node, call->args[0]);
        literal = hg_time_of_call(r, call);
        if (literal)
            hg_edit_later(r, node, literal);
        date_age(r, call, name);
        check_configuration(r, call, name);
        r->out->localized |= takes_locale(name);
        return resolve_arguments(r, scope, call, name);
    case HG_FN_CATALOG:
        hg_need_catalog(r, "function", name, call->location);
        return resolve_arguments(r, scope, call, name);
    case HG_FN_IDENTITY:
        return hg_resolve_identity(r, scope, node, call);
    case HG_FN_UNKNOWN:
        return resolve_unknown(r, scope, node, call, schema, name);
    case HG_FN_DENIED:
        break;
    }
    if (schema.len && !hg_slice_is(schema, "pg_catalog") && !hg_slice_is(schema, "information_schema"))
        return hg_unknown_function(r, schema, name, call->location);
    return hg_refuse_function(r, name, call->location);
}
