/* Functions that tell who and where one is. On the backends they would tell about the service account, its
 * database and its connection; so they are replaced by literals of the types that PostgreSQL gives them, or,
 * where they take a role, lose it, so that the catalog backend answers for the account that stands for the
 * client there.
 *
 * What differs between the users of one role (their name, the process id) is marked by a location of its own:
 * it becomes a hole of the cached text. */
#include "build.h"
#include "resolver.h"
#include "settings.h"

static PgQuery__Node *name_literal(struct hg_resolver *r, struct hg_slice text, int32_t location)
{
    return hg_build_cast(r->arena, hg_build_text(r->arena, text, location), HG_LIT("name"));
}

static PgQuery__Node *user_name(struct hg_resolver *r)
{
    return name_literal(r, r->context->user->name, HG_LOCATION_USER);
}

static PgQuery__Node *schema_name(struct hg_resolver *r)
{
    struct hg_slice schema = hg_search_path_current(&r->path);
    if (!schema.len)
        return hg_build_cast(r->arena, hg_build_null(r->arena), HG_LIT("name"));
    return name_literal(r, schema, HG_LOCATION_NONE);
}

static enum hg_identity identity_of_value(PgQuery__SQLValueFunctionOp op)
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
    switch (identity_of_value(function->op)) {
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

/* What takes the place of a call without arguments; NULL for the other kinds. */
static PgQuery__Node *literal_of(struct hg_resolver *r, enum hg_identity identity)
{
    switch (identity) {
    case HG_IDENTITY_USER:
        return user_name(r);
    case HG_IDENTITY_DATABASE:
        return name_literal(r, r->snapshot->database, HG_LOCATION_NONE);
    case HG_IDENTITY_SCHEMA:
        return schema_name(r);
    case HG_IDENTITY_PID:
        return hg_build_cast(r->arena, hg_build_integer(r->arena, r->context->pid, HG_LOCATION_PID),
                             HG_LIT("int4"));
    case HG_IDENTITY_ADDRESS:
        return hg_build_cast(r->arena, hg_build_null(r->arena), HG_LIT("inet"));
    case HG_IDENTITY_PORT:
        return hg_build_cast(r->arena, hg_build_null(r->arena), HG_LIT("int4"));
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
    enum hg_identity identity = identity_of_value(function->op);
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
        enum hg_identity asked = identity_of_value(function->sqlvalue_function->op);
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
    *literal = call->n_args == 0 && hg_is_plain_call(call) ? literal_of(r, identity) : NULL;
    if (*literal)
        return is_known(r, identity, call->location);
    hg_refuse(r, call->location, HG_FEATURE_NOT_SUPPORTED, "function %.*s in FROM is not supported",
              HG_SLICE_FMT(name));
    return hg_refuse_hint(r, "Call it in the select list.");
}

/* The text of a string literal, cast or not; false for anything else. */
static bool literal_text(const PgQuery__Node *node, struct hg_slice *text)
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

/* current_setting('x'): settings that cannot be changed, or whose value on a backend is the service
 * account's, are answered here; the others by the catalog backend, which has the client's values. */
static bool resolve_setting(struct hg_resolver *r, struct hg_scope *scope, PgQuery__Node *node,
                            PgQuery__FuncCall *call)
{
    struct hg_slice name;
    if (!literal_text(call->n_args ? call->args[0] : NULL, &name)) {
        hg_refuse(r, call->location, HG_FEATURE_NOT_SUPPORTED,
                  "current_setting of a computed name is not supported");
        return hg_refuse_hint(r, "Write the setting's name as a constant.");
    }
    if (!name.len)
        return hg_refuse(r, call->location, HG_UNDEFINED_OBJECT, "unrecognized configuration parameter \"\"");
    int id = hg_setting_find(name);
    if (id < 0 && hg_is_known_setting(name)) {
        hg_refuse(r, call->location, HG_INSUFFICIENT_PRIVILEGE, "permission denied to examine \"%.*s\"",
                  HG_SLICE_FMT(name));
        return hg_refuse_hint(r, "This setting of the servers is not available through Headgate.");
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
    if (id >= 0 && (hg_settings[id].flags & HG_SETTING_HERE)) { /* no backend knows it */
        hg_refuse(r, call->location, HG_FEATURE_NOT_SUPPORTED, "current_setting of \"%s\" is not supported",
                  hg_settings[id].name);
        return hg_refuse_hint(r, "SHOW tells it.");
    }
    hg_need_catalog(r, "function", HG_LIT("current_setting"), call->location);
    return hg_resolve_children(r, scope, &call->base);
}

/* Does the expression name the client's own user? */
static bool is_own_user(struct hg_resolver *r, const PgQuery__Node *node)
{
    struct hg_slice text, schema;
    while (node && node->node_case == PG_QUERY__NODE__NODE_TYPE_CAST)
        node = node->type_cast->arg;
    if (!node)
        return false;
    if (node->node_case == PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION)
        return identity_of_value(node->sqlvalue_function->op) == HG_IDENTITY_USER;
    if (node->node_case == PG_QUERY__NODE__NODE_FUNC_CALL && node->func_call->n_args == 0) {
        struct hg_slice name = hg_function_name(node->func_call, &schema);
        return hg_allow_function(schema, name) == HG_FN_IDENTITY &&
               hg_allow_identity(name) == HG_IDENTITY_USER;
    }
    if (!literal_text(node, &text))
        return false;
    r->out->personal = true;
    return hg_slice_equal(text, r->context->user->name);
}

/* Does the expression name the one database that there is, by a constant or by asking? */
static bool is_own_database(struct hg_resolver *r, const PgQuery__Node *node)
{
    struct hg_slice text, schema;
    while (node->node_case == PG_QUERY__NODE__NODE_TYPE_CAST && node->type_cast->arg)
        node = node->type_cast->arg;
    if (node->node_case == PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION)
        return identity_of_value(node->sqlvalue_function->op) == HG_IDENTITY_DATABASE;
    if (node->node_case == PG_QUERY__NODE__NODE_FUNC_CALL && node->func_call->n_args == 0) {
        struct hg_slice name = hg_function_name(node->func_call, &schema);
        return hg_allow_function(schema, name) == HG_FN_IDENTITY &&
               hg_allow_identity(name) == HG_IDENTITY_DATABASE;
    }
    return literal_text(node, &text) && hg_slice_equal(text, r->snapshot->database);
}

/* has_database_privilege: on the server the database may bear another name, and there may be others, of which
 * a computed name or number would tell whether they exist. */
static bool resolve_database(struct hg_resolver *r, PgQuery__FuncCall *call)
{
    struct hg_slice name;
    PgQuery__Node *database = call->args[0];
    if (is_own_database(r, database) || database->node_case == PG_QUERY__NODE__NODE_COLUMN_REF) {
        call->args = hg_build_appended(r->arena, call->args, call->n_args - 1, call->args[call->n_args - 1]);
        call->args[0] = hg_build_call(r->arena, HG_LIT("current_database"));
        return true;
    }
    if (literal_text(database, &name))
        return hg_refuse(r, call->location, HG_UNDEFINED_DATABASE, "database \"%.*s\" does not exist",
                         HG_SLICE_FMT(name));
    hg_refuse(r, call->location, HG_FEATURE_NOT_SUPPORTED,
              "has_database_privilege of a computed database is not supported");
    return hg_refuse_hint(r, "Write current_database(), or a column of pg_database.");
}

/* has_table_privilege([role,] table, privilege): answered by the catalog backend for its own account. */
static bool resolve_privilege(struct hg_resolver *r, struct hg_scope *scope, PgQuery__FuncCall *call,
                              struct hg_slice name)
{
    hg_need_catalog(r, "function", name, call->location);
    if (call->n_args == hg_privilege_arguments(name) + 1) {
        if (!is_own_user(r, call->args[0])) {
            hg_refuse(r, call->location, HG_INSUFFICIENT_PRIVILEGE, "%.*s is answered for the own user only",
                      HG_SLICE_FMT(name));
            return hg_refuse_hint(r, "Leave the role out, or write current_user.");
        }
        call->args++;
        call->n_args--;
    }
    if (call->n_args != hg_privilege_arguments(name))
        return hg_unknown_function(r, HG_LIT(""), name, call->location);
    if (!hg_slice_is(name, "has_database_privilege"))
        return hg_resolve_children(r, scope, &call->base);
    if (!resolve_database(r, call))
        return false;
    const PgQuery__Node *database = call->args[0];
    bool asked = database->node_case == PG_QUERY__NODE__NODE_FUNC_CALL && is_own_database(r, database);
    return hg_resolve_list(r, scope, call->n_args - asked, call->args + asked);
}

/* pg_get_userbyid(x): who owns the system's own things has the same number everywhere; the rest is the
 * client's, as it is in pg_roles. */
static PgQuery__Node *owner_name(struct hg_resolver *r, PgQuery__Node *number)
{
    static const struct {
        int32_t oid;
        const char *name;
    } owners[] = {{6171, "pg_database_owner"}, {10, "postgres"}};
    PgQuery__Node *name = user_name(r);
    for (size_t i = 0; i < sizeof owners / sizeof owners[0]; i++) {
        PgQuery__Node *oid = hg_build_integer(r->arena, owners[i].oid, HG_LOCATION_NONE);
        PgQuery__Node *other = name_literal(r, hg_slice_cstr(owners[i].name), HG_LOCATION_NONE);
        name = hg_build_choice(r->arena, hg_build_equal(r->arena, number, oid), other, name);
    }
    return hg_build_unless_null(r->arena, number, name);
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
    if (literal) {
        hg_edit_later(r, node, literal);
        return is_known(r, identity, call->location);
    }
    switch (identity) {
    case HG_IDENTITY_SCHEMAS:
        hg_need_catalog(r, "function", name, call->location);
        return hg_resolve_children(r, scope, &call->base);
    case HG_IDENTITY_USER_BY_ID:
        if (call->n_args != 1)
            return hg_unknown_function(r, schema, name, call->location);
        if (!hg_resolve_node(r, scope, call->args[0]))
            return false;
        hg_edit_later(r, node, owner_name(r, hg_build_cast(r->arena, call->args[0], HG_LIT("oid"))));
        return true;
    case HG_IDENTITY_SETTING:
        return resolve_setting(r, scope, node, call);
    case HG_IDENTITY_COMMENT:
        if (!hg_resolve_children(r, scope, &call->base))
            return false;
        hg_edit_later(r, node, hg_build_cast(r->arena, hg_build_null(r->arena), HG_LIT("text")));
        return true;
    case HG_IDENTITY_PRIVILEGE:
        return resolve_privilege(r, scope, call, name);
    case HG_IDENTITY_TABLE_SIZE:
    case HG_IDENTITY_SIZE:
    case HG_IDENTITY_PLACE:
        return resolve_size(r, scope, node, call, identity);
    default:
        return hg_refuse_function(r, name, call->location);
    }
}
