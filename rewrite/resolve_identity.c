/* Functions that tell who and where one is. On the backends they would tell about the service account, its
 * database and its connection; so they are replaced by literals of the types that PostgreSQL gives them, or,
 * where they take a role, lose it, so that the catalog backend answers for the account that stands for the
 * client there.
 *
 * What differs between the users of one role (their name, the process id, the ends of their connection) is marked by a location of its own:
 * it becomes a hole of the cached text. */
#include <strings.h>

#include "build.h"
#include "guard.h"
#include "reflect.h"
#include "resolver.h"
#include "settings.h"
#include "tree.h"

PgQuery__Node *hg_name_literal(struct hg_resolver *r, struct hg_slice text, int32_t location)
{
    return hg_build_cast(r->arena, hg_build_text(r->arena, text, location), HG_LIT("name"));
}

PgQuery__Node *hg_user_name(struct hg_resolver *r)
{
    return hg_name_literal(r, r->context->user->name, HG_LOCATION_USER);
}

static PgQuery__Node *schema_name(struct hg_resolver *r)
{
    struct hg_slice schema = hg_search_path_current(&r->path);
    if (!schema.len)
        return hg_build_cast(r->arena, hg_build_null(r->arena), HG_LIT("name"));
    return hg_name_literal(r, schema, HG_LOCATION_NONE);
}

enum hg_identity hg_identity_of_value(PgQuery__SQLValueFunctionOp op)
{
    switch (op) {
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_ROLE:
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_USER:
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_USER:
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_SESSION_USER:
        return HG_IDENTITY_USER;
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_CATALOG:
        return HG_IDENTITY_DATABASE;
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_SCHEMA:
        return HG_IDENTITY_SCHEMA;
    default:
        return HG_IDENTITY_NONE; /* dates and times stay */
    }
}

/* Who is denied the function is denied the word that stands for it. */
static bool may_name(struct hg_resolver *r, const PgQuery__SQLValueFunction *function)
{
    switch (hg_identity_of_value(function->op)) {
    case HG_IDENTITY_USER:
        return hg_may_call(r,
                           function->op == PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_SESSION_USER
                               ? HG_LIT("session_user")
                               : HG_LIT("current_user"),
                           function->location);
    case HG_IDENTITY_DATABASE:
        return hg_may_call(r, HG_LIT("current_database"), function->location);
    case HG_IDENTITY_SCHEMA:
        return hg_may_call(r, HG_LIT("current_schema"), function->location);
    default:
        return true;
    }
}

/* One end of the client's connection to us; none over a Unix socket. */
static PgQuery__Node *end_of(struct hg_resolver *r, enum hg_end end, struct hg_slice type)
{
    struct hg_slice text = r->context->ends[end];
    PgQuery__Node *value =
        text.ptr ? hg_build_text(r->arena, text, HG_LOCATION_NONE) : hg_build_null(r->arena);
    value->a_const->location = HG_LOCATION_END - (int32_t)end;
    return hg_build_cast(r->arena, value, type);
}

/* When the transaction began, in microseconds. */
static PgQuery__Node *transaction_number(struct hg_resolver *r)
{
    PgQuery__Node *seconds = hg_build_call(r->arena, HG_LIT("date_part"));
    PgQuery__Node *epoch = hg_build_text(r->arena, HG_LIT("epoch"), HG_LOCATION_NONE);
    seconds->func_call->args = hg_build_appended(r->arena, hg_build_appended(r->arena, NULL, 0, epoch), 1,
                                                 hg_time_of_transaction(r));
    seconds->func_call->n_args = 2;
    PgQuery__Node *product =
        hg_build_equal(r->arena, seconds, hg_build_integer(r->arena, 1000000, HG_LOCATION_NONE));
    product->a_expr->name[0] = hg_build_string(r->arena, HG_LIT("*"));
    return hg_build_cast(r->arena, product, HG_LIT("int8"));
}

/* What takes the place of a call without arguments; NULL for the other kinds. */
static PgQuery__Node *literal_of(struct hg_resolver *r, enum hg_identity identity)
{
    switch (identity) {
    case HG_IDENTITY_USER:
        return hg_user_name(r);
    case HG_IDENTITY_DATABASE:
        return hg_name_literal(r, r->snapshot->database, HG_LOCATION_NONE);
    case HG_IDENTITY_SCHEMA:
        return schema_name(r);
    case HG_IDENTITY_PID:
        return hg_build_cast(r->arena, hg_build_integer(r->arena, r->context->pid, HG_LOCATION_PID),
                             HG_LIT("int4"));
    case HG_IDENTITY_CLIENT_ADDRESS:
        return end_of(r, HG_END_CLIENT_ADDRESS, HG_LIT("inet"));
    case HG_IDENTITY_CLIENT_PORT:
        return end_of(r, HG_END_CLIENT_PORT, HG_LIT("int4"));
    case HG_IDENTITY_SERVER_ADDRESS:
        return end_of(r, HG_END_SERVER_ADDRESS, HG_LIT("inet"));
    case HG_IDENTITY_SERVER_PORT:
        return end_of(r, HG_END_SERVER_PORT, HG_LIT("int4"));
    case HG_IDENTITY_START:
        return hg_build_cast(r->arena,
                             hg_build_text(r->arena, HG_LIT("2000-01-01 00:00:00+00"), HG_LOCATION_NONE),
                             HG_LIT("timestamptz"));
    case HG_IDENTITY_TRANSACTION:
        return transaction_number(r);
    default:
        return NULL;
    }
}

static bool is_known(struct hg_resolver *r, enum hg_identity identity, int32_t location)
{
    return identity != HG_IDENTITY_SCHEMA || hg_path_known(r, location);
}

bool hg_resolve_value_function(struct hg_resolver *r, PgQuery__Node *node,
                               PgQuery__SQLValueFunction *function)
{
    if (!may_name(r, function))
        return false;
    enum hg_identity identity = hg_identity_of_value(function->op);
    PgQuery__Node *literal =
        identity == HG_IDENTITY_NONE ? hg_time_of_word(r, function) : literal_of(r, identity);
    if (literal)
        hg_edit_later(r, node, literal);
    return is_known(r, identity, function->location);
}

bool hg_identity_in_from(struct hg_resolver *r, const PgQuery__Node *function, PgQuery__Node **literal)
{
    struct hg_slice schema, name;
    *literal = NULL;
    if (!function)
        return true;
    if (function->node_case == PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION) {
        enum hg_identity asked = hg_identity_of_value(function->sqlvalue_function->op);
        *literal = asked == HG_IDENTITY_NONE ? hg_time_of_word(r, function->sqlvalue_function)
                                             : literal_of(r, asked);
        return may_name(r, function->sqlvalue_function) &&
               is_known(r, asked, function->sqlvalue_function->location);
    }
    if (function->node_case != PG_QUERY__NODE__NODE_FUNC_CALL || function->func_call->n_funcname > 2)
        return true;
    const PgQuery__FuncCall *call = function->func_call;
    name = hg_function_name(call, &schema);
    if (hg_allow_function(schema, name) == HG_FN_ANY)
        *literal = hg_time_of_call(r, call);
    if (hg_allow_function(schema, name) != HG_FN_IDENTITY)
        return !*literal || hg_may_call(r, name, call->location);
    if (!hg_may_call(r, name, call->location))
        return false;
    enum hg_identity identity = hg_allow_identity(name);
    if (identity == HG_IDENTITY_SCHEMAS)
        return true;
    if (identity == HG_IDENTITY_TRANSACTION)
        hg_need_catalog(r, "function", name, call->location);
    *literal = call->n_args == 0 && hg_is_plain_call(call) ? literal_of(r, identity) : NULL;
    if (*literal)
        return is_known(r, identity, call->location);
    hg_refuse(r, call->location, HG_FEATURE_NOT_SUPPORTED, "function %.*s in FROM is not supported",
              HG_SLICE_FMT(name));
    return hg_refuse_hint(r, "Call it in the select list.");
}

bool hg_literal_text(const PgQuery__Node *node, struct hg_slice *text)
{
    while (node && node->node_case == PG_QUERY__NODE__NODE_TYPE_CAST)
        node = node->type_cast->arg;
    if (!node || node->node_case != PG_QUERY__NODE__NODE_A_CONST ||
        node->a_const->val_case != PG_QUERY__A__CONST__VAL_SVAL)
        return false;
    *text = hg_slice_cstr(node->a_const->sval->sval);
    return true;
}

static PgQuery__Node *text_literal(struct hg_resolver *r, struct hg_slice text, int32_t location)
{
    return hg_build_cast(r->arena, hg_build_text(r->arena, text, location), HG_LIT("text"));
}

/* The value of a setting that no server knows; ptr NULL: the session has nothing to say of it. */
static struct hg_slice own_value(struct hg_resolver *r, struct hg_slice name)
{
    const struct hg_context *context = r->context;
    r->out->fleeting = true;
    for (size_t i = 0; i < context->nown; i++)
        if (context->own[i].setting.len == name.len &&
            strncasecmp(context->own[i].setting.ptr, name.ptr, name.len) == 0)
            return context->own[i].value;
    return (struct hg_slice){NULL, 0};
}

/* A setting that does not exist, or has a dot in its name. No server is asked for those: servers are told by
 * such whom they work for, and what an earlier client was told may still stand there. */
static bool resolve_custom(struct hg_resolver *r, PgQuery__Node *node, const PgQuery__FuncCall *call,
                           struct hg_slice name)
{
    const PgQuery__Node *missing_ok = call->n_args == 2 ? call->args[1] : NULL;
    struct hg_slice value = hg_is_reserved_setting(name) ? (struct hg_slice){NULL, 0} : own_value(r, name);
    if (value.ptr) {
        hg_edit_later(r, node, text_literal(r, value, HG_LOCATION_NONE));
        return true;
    }
    bool known = missing_ok && missing_ok->node_case == PG_QUERY__NODE__NODE_A_CONST &&
                 missing_ok->a_const->val_case == PG_QUERY__A__CONST__VAL_BOOLVAL;
    if (!missing_ok || (known && !missing_ok->a_const->boolval->boolval))
        return hg_refuse(r, -1, HG_UNDEFINED_OBJECT, "unrecognized configuration parameter \"%.*s\"",
                         HG_SLICE_FMT(name));
    if (!known)
        return hg_refuse(r, call->location, HG_FEATURE_NOT_SUPPORTED,
                         "current_setting with a computed missing_ok is not supported");
    hg_edit_later(r, node, hg_build_cast(r->arena, hg_build_null(r->arena), HG_LIT("text")));
    return true;
}

/* current_setting of a computed name, on the catalog: what the session knows and has told that server, else
 * one of the few that the server knows, else an error of the kind that PostgreSQL has for an unknown name. */
#define COMPUTED                                                                                             \
    "SELECT "                                                                                                \
    "COALESCE(pg_catalog.json_extract_path_text(CAST(pg_catalog.current_setting('headgate.settings') "       \
    "AS pg_catalog.json), pg_catalog.lower(CAST($1 AS pg_catalog.text)), '0'), "                             \
    "pg_catalog.current_setting((ARRAY[" HG_SERVER_SETTINGS                                                  \
    "])[pg_catalog.array_position(ARRAY[" HG_SERVER_SETTINGS                                                 \
    "], pg_catalog.lower(CAST($1 AS pg_catalog.text)))]), "                                                  \
    "pg_catalog.current_setting('headgate.unknown.' || CAST($1 AS pg_catalog.text)"

static enum hg_walk put_arguments(ProtobufCMessage *message, ProtobufCMessage *parent,
                                  const ProtobufCFieldDescriptor *field, void *argument)
{
    const PgQuery__FuncCall *call = argument;
    PgQuery__TypeCast *cast = (PgQuery__TypeCast *)message;
    (void)parent;
    (void)field;
    if (message->descriptor != &pg_query__type_cast__descriptor ||
        cast->arg->node_case != PG_QUERY__NODE__NODE_PARAM_REF)
        return HG_WALK_INTO;
    cast->arg = call->args[cast->arg->param_ref->number - 1];
    return HG_WALK_OVER;
}

static bool resolve_computed(struct hg_resolver *r, struct hg_scope *scope, PgQuery__Node *node,
                             PgQuery__FuncCall *call)
{
    struct hg_tree tree;
    struct hg_tree_limits limits = {.max_bytes = 65536, .max_nesting = 100};
    struct hg_fault fault = {0};
    struct hg_slice text =
        call->n_args == 2 ? HG_LIT(COMPUTED ", CAST($2 AS pg_catalog.bool)))") : HG_LIT(COMPUTED "))");
    hg_need_catalog(r, "function", HG_LIT("current_setting"), call->location);
    if (!hg_resolve_children(r, scope, &call->base) || !hg_tree_open(&tree, text, &limits, r->arena, &fault))
        return false;
    ProtobufCMessage *copy = hg_tree_copy(
        &tree.result->stmts[0]->stmt->select_stmt->target_list[0]->res_target->val->base, r->arena);
    hg_tree_close(&tree);
    if (!copy)
        return false;
    hg_tree_forget_locations(copy);
    if (!hg_tree_walk(copy, HG_TREE_DEPTH_MOST, put_arguments, call))
        return false;
    r->out->sees |= HG_SEES_SETTINGS;
    hg_edit_later(r, node, (PgQuery__Node *)copy);
    return true;
}

/* current_setting('x'): settings that cannot be changed, that only the session knows, or whose value on a
 * backend is the service account's, are answered here; the others by the catalog backend, which has the
 * client's values. */
static bool resolve_setting(struct hg_resolver *r, struct hg_scope *scope, PgQuery__Node *node,
                            PgQuery__FuncCall *call)
{
    struct hg_slice schema, name = hg_function_name(call, &schema);
    if (call->n_args < 1 || call->n_args > 2)
        return hg_unknown_function(r, schema, name, call->location);
    if (!hg_literal_text(call->args[0], &name))
        return resolve_computed(r, scope, node, call);
    if (!name.len)
        return hg_refuse(r, -1, HG_UNDEFINED_OBJECT, "unrecognized configuration parameter \"\"");
    int id = hg_setting_find(name);
    const struct hg_known_setting *known = hg_known_setting(name);
    if (!known)
        return resolve_custom(r, node, call, name);
    if (known->shown == HG_SHOWN_HIDDEN)
        return hg_refuse(r, -1, HG_INSUFFICIENT_PRIVILEGE,
                         "must be superuser or have privileges of pg_read_all_settings to examine \"%s\"",
                         known->name);
    if (id < 0 && known->shown == HG_SHOWN_STOCK) {
        hg_edit_later(r, node, text_literal(r, hg_slice_cstr(known->stock), HG_LOCATION_NONE));
        return true;
    }
    if (id == HG_SET_session_authorization) {
        hg_edit_later(r, node, text_literal(r, r->context->user->name, HG_LOCATION_USER));
        return true;
    }
    if (id >= 0 && (hg_settings[id].flags & (HG_SETTING_READONLY | HG_SETTING_FIXED)) &&
        hg_settings[id].initial) {
        hg_edit_later(r, node, text_literal(r, hg_slice_cstr(hg_settings[id].initial), HG_LOCATION_NONE));
        return true;
    }
    if (id >= 0 && (hg_settings[id].flags & HG_SETTING_HERE)) {
        struct hg_slice value = own_value(r, name);
        value = value.ptr ? value : hg_slice_cstr(hg_settings[id].initial);
        hg_edit_later(r, node, text_literal(r, value, HG_LOCATION_NONE));
        return true;
    }
    hg_need_catalog(r, "function", HG_LIT("current_setting"), call->location);
    return hg_resolve_children(r, scope, &call->base);
}

/* pg_relation_size(x) and the like: what it is of, is read as ever; the answer is always the same. */
static bool resolve_size(struct hg_resolver *r, struct hg_scope *scope, PgQuery__Node *node,
                         const PgQuery__FuncCall *call, enum hg_identity identity)
{
    size_t most = identity == HG_IDENTITY_TABLE_SIZE ? 2 : 1;
    struct hg_slice schema, name = hg_function_name(call, &schema);
    if (call->n_args < 1 || call->n_args > most)
        return hg_unknown_function(r, schema, name, call->location);
    if (!hg_resolve_list(r, scope, call->n_args, call->args))
        return false;
    hg_need_catalog(r, "function", name, call->location);
    PgQuery__Node *of = call->args[0];
    if (identity == HG_IDENTITY_TABLE_SIZE)
        of = hg_build_cast(r->arena, of, HG_LIT("regclass"));
    PgQuery__Node *answer =
        identity == HG_IDENTITY_PLACE
            ? text_literal(r, HG_LIT(""), HG_LOCATION_NONE)
            : hg_build_cast(r->arena, hg_build_integer(r->arena, 0, HG_LOCATION_NONE), HG_LIT("int8"));
    hg_edit_later(r, node, hg_build_unless_null(r->arena, of, answer));
    return true;
}

bool hg_resolve_identity(struct hg_resolver *r, struct hg_scope *scope, PgQuery__Node *node,
                         PgQuery__FuncCall *call)
{
    struct hg_slice schema, name = hg_function_name(call, &schema);
    enum hg_identity identity = hg_allow_identity(name);
    PgQuery__Node *literal = literal_of(r, identity);
    if (!hg_is_plain_call(call) || (literal && call->n_args))
        return hg_unknown_function(r, schema, name, call->location);
    if (literal && identity == HG_IDENTITY_TRANSACTION)
        hg_need_catalog(r, "function", name, call->location);
    if (literal) {
        hg_edit_later(r, node, literal);
        return is_known(r, identity, call->location);
    }
    switch (identity) {
    case HG_IDENTITY_SCHEMAS:
        hg_need_catalog(r, "function", name, call->location);
        return hg_resolve_children(r, scope, &call->base);
    case HG_IDENTITY_USER_BY_ID:
        return hg_resolve_owner(r, scope, node, call);
    case HG_IDENTITY_MEMBER:
        return hg_resolve_member(r, scope, node, call);
    case HG_IDENTITY_SETTING:
        return resolve_setting(r, scope, node, call);
    case HG_IDENTITY_COMMENT:
        if (!hg_resolve_children(r, scope, &call->base))
            return false;
        hg_edit_later(r, node, hg_build_cast(r->arena, hg_build_null(r->arena), HG_LIT("text")));
        return true;
    case HG_IDENTITY_PRIVILEGE:
        return hg_resolve_privilege(r, scope, node, call, name);
    case HG_IDENTITY_TABLE_SIZE:
    case HG_IDENTITY_SIZE:
    case HG_IDENTITY_PLACE:
        return resolve_size(r, scope, node, call, identity);
    default:
        return hg_refuse_function(r, name, call->location);
    }
}
