/* What the client's user may do: has_*_privilege, pg_has_role, pg_get_userbyid.
 *
 * The catalog backend answers for the account that works there for everybody. That account owns the logical
 * schema, so what exists it may read and write and more; the client's user may read what exists for his role,
 * and write what the policy says. So the call stays, for what exists and for PostgreSQL's own objects, and
 * where it says yes the policy has the last word:
 *
 *   CASE WHEN has_table_privilege(t, 'INSERT') THEN t::regclass = ANY ('{…}'::regclass[]) ELSE … END
 *
 * Nobody creates anything here, takes numbers of sequences by himself, or passes rights on. */
#include <strings.h>

#include "build.h"
#include "resolver.h"
#include "rights.h"

/* Kinds of rights that a text names. */
enum {
    READS = 1, /* SELECT; USAGE; CONNECT */
    INSERTS = 2,
    UPDATES = 4,
    DELETES = 8,
    WRITES = INSERTS | UPDATES | DELETES,
    NEVER = 16, /* what nobody has */
    UNKNOWN = 32,
};

/* Does the expression name the client's own user? */
static bool is_own_user(struct hg_resolver *r, const PgQuery__Node *node)
{
    struct hg_slice text, schema;
    while (node && node->node_case == PG_QUERY__NODE__NODE_TYPE_CAST)
        node = node->type_cast->arg;
    if (!node)
        return false;
    if (node->node_case == PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION)
        return hg_identity_of_value(node->sqlvalue_function->op) == HG_IDENTITY_USER;
    if (node->node_case == PG_QUERY__NODE__NODE_FUNC_CALL && node->func_call->n_args == 0) {
        struct hg_slice name = hg_function_name(node->func_call, &schema);
        return hg_allow_function(schema, name) == HG_FN_IDENTITY &&
               hg_allow_identity(name) == HG_IDENTITY_USER;
    }
    if (!hg_literal_text(node, &text))
        return false;
    r->out->personal = true;
    return hg_slice_equal(text, r->context->user->name);
}

/* Roles that every PostgreSQL has. */
static bool is_system_role(struct hg_slice name)
{
    return hg_slice_is(name, "postgres") || hg_slice_is(name, "public") ||
           (name.len > 3 && memcmp(name.ptr, "pg_", 3) == 0);
}

/* Another role's name: of those that every PostgreSQL has nothing is told, the others do not exist. */
static bool refuse_role(struct hg_resolver *r, const PgQuery__Node *role, struct hg_slice function,
                        int32_t location)
{
    struct hg_slice name;
    if (hg_literal_text(role, &name) && !is_system_role(name)) {
        hg_refuse(r, location, HG_UNDEFINED_OBJECT, "role \"%.*s\" does not exist", HG_SLICE_FMT(name));
        r->fault->position = 0; /* as PostgreSQL, which finds out when it runs */
        return false;
    }
    hg_refuse(r, location, HG_INSUFFICIENT_PRIVILEGE, "%.*s is answered for the own user only",
              HG_SLICE_FMT(function));
    return hg_refuse_hint(r, "Leave the role out, or write current_user.");
}

/* ---- which rights ---- */

static unsigned right_of(struct hg_slice word)
{
    static const struct {
        const char *word;
        unsigned right;
    } rights[] = {{"SELECT", READS},   {"USAGE", READS},    {"CONNECT", READS},   {"EXECUTE", READS},
                  {"INSERT", INSERTS}, {"UPDATE", UPDATES}, {"DELETE", DELETES},  {"TRUNCATE", NEVER},
                  {"CREATE", NEVER},   {"TEMP", NEVER},     {"TEMPORARY", NEVER}, {"REFERENCES", NEVER},
                  {"TRIGGER", NEVER}};
    for (size_t i = 0; i < sizeof rights / sizeof rights[0]; i++)
        if (word.len == strlen(rights[i].word) && strncasecmp(word.ptr, rights[i].word, word.len) == 0)
            return rights[i].right;
    return word.len > 13 && strncasecmp(word.ptr + word.len - 13, " GRANT OPTION", 13) == 0 ? NEVER : UNKNOWN;
}

/* A list of rights: any of them is enough. */
static unsigned rights_of(struct hg_slice text)
{
    unsigned rights = 0;
    for (size_t from = 0; from <= text.len;) {
        size_t to = from;
        while (to < text.len && text.ptr[to] != ',')
            to++;
        struct hg_slice word = hg_slice_of(text.ptr + from, to - from);
        while (word.len && strchr(" \t\n\r\f\v", *word.ptr))
            word = hg_slice_of(word.ptr + 1, word.len - 1);
        while (word.len && strchr(" \t\n\r\f\v", word.ptr[word.len - 1]))
            word.len--;
        rights |= right_of(word);
        from = to + 1;
    }
    return rights;
}

/* ---- the policy's last word ---- */

static PgQuery__Node *boolean(struct hg_resolver *r, bool value)
{
    return hg_build_cast(r->arena,
                         hg_build_text(r->arena, value ? HG_LIT("true") : HG_LIT("false"), HG_LOCATION_NONE),
                         HG_LIT("bool"));
}

static PgQuery__Node *operation(struct hg_resolver *r, const char *operator, PgQuery__Node * left,
                                PgQuery__Node *right)
{
    PgQuery__Node *node = hg_build_equal(r->arena, left, right);
    node->a_expr->name[0] = hg_build_string(r->arena, hg_slice_cstr(operator));
    return node;
}

/* '{…}'::regclass[] of the tables that the role may write so; NULL: of none. */
static PgQuery__Node *written_tables(struct hg_resolver *r, unsigned rights)
{
    static const struct {
        unsigned right;
        enum hg_grant grant;
    } grants[] = {{INSERTS, HG_GRANT_INSERT}, {UPDATES, HG_GRANT_UPDATE}, {DELETES, HG_GRANT_DELETE}};
    unsigned wanted = 0;
    for (size_t i = 0; i < sizeof grants / sizeof grants[0]; i++)
        wanted |= rights & grants[i].right ? 1u << grants[i].grant : 0;
    struct hg_slice tables = hg_rights_tables(r->snapshot, r->context->user->role, wanted, r->arena);
    if (hg_slice_is(tables, "{}"))
        return NULL;
    PgQuery__Node *list = hg_build_text(r->arena, tables, HG_LOCATION_NONE);
    PgQuery__Node *cast = hg_build_cast(r->arena, list, HG_LIT("regclass")), *bound;
    PgQuery__TypeName *type = cast->type_cast->type_name;
    bound = HG_NEW(r->arena, PgQuery__Node);
    *bound = (PgQuery__Node)PG_QUERY__NODE__INIT;
    bound->node_case = PG_QUERY__NODE__NODE_INTEGER;
    bound->integer = HG_NEW(r->arena, PgQuery__Integer);
    *bound->integer = (PgQuery__Integer)PG_QUERY__INTEGER__INIT;
    bound->integer->ival = -1;
    type->array_bounds = hg_build_appended(r->arena, NULL, 0, bound);
    type->n_array_bounds = 1;
    return cast;
}

/* A table by name or number, whatever its type: no type can be cast so in both cases. */
static PgQuery__Node *as_regclass(struct hg_resolver *r, PgQuery__Node *table)
{
    PgQuery__Node *text = hg_build_cast(r->arena, table, HG_LIT("text"));
    PgQuery__Node *digits = hg_build_text(r->arena, HG_LIT("^[0-9]+$"), HG_LOCATION_NONE);
    PgQuery__Node *number = hg_build_cast(r->arena, text, HG_LIT("oid"));
    return hg_build_choice(r->arena, operation(r, "~", text, digits),
                           hg_build_cast(r->arena, number, HG_LIT("regclass")),
                           hg_build_cast(r->arena, text, HG_LIT("regclass")));
}

/* Is it one of the tables that the role may write so? */
static PgQuery__Node *is_written(struct hg_resolver *r, PgQuery__Node *table, unsigned rights)
{
    PgQuery__Node *list = written_tables(r, rights);
    if (!list)
        return boolean(r, false);
    PgQuery__Node *any = operation(r, "=", as_regclass(r, table), list);
    any->a_expr->kind = PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY;
    return any;
}

/* upper(text) ~ 'pattern' */
static PgQuery__Node *names_right(struct hg_resolver *r, PgQuery__Node *rights, const char *pattern)
{
    PgQuery__Node *upper = hg_build_call(r->arena, HG_LIT("upper"));
    upper->func_call->args =
        hg_build_appended(r->arena, NULL, 0, hg_build_cast(r->arena, rights, HG_LIT("text")));
    upper->func_call->n_args = 1;
    return operation(r, "~", upper, hg_build_text(r->arena, hg_slice_cstr(pattern), HG_LOCATION_NONE));
}

/* What the policy says where PostgreSQL says yes; NULL: yes. `table`: NULL when it is about none. */
static PgQuery__Node *policy_says(struct hg_resolver *r, PgQuery__Node *table, PgQuery__Node *text,
                                  bool sequence)
{
    struct hg_slice words;
    if (sequence)
        return boolean(r, false);
    if (hg_literal_text(text, &words)) {
        unsigned rights = rights_of(words);
        if (rights & (READS | UNKNOWN))
            return NULL;
        return table ? is_written(r, table, rights) : boolean(r, false);
    }
    PgQuery__Node *otherwise = boolean(r, false);
    if (table)
        otherwise = hg_build_choice(r->arena, names_right(r, text, "(INSERT|UPDATE|DELETE)[[:space:]]*(,|$)"),
                                    is_written(r, table, WRITES), otherwise);
    return hg_build_choice(r->arena, names_right(r, text, "(SELECT|USAGE|CONNECT|EXECUTE)[[:space:]]*(,|$)"),
                           boolean(r, true), otherwise);
}

static void let_policy_decide(struct hg_resolver *r, PgQuery__Node *node, PgQuery__FuncCall *call,
                              struct hg_slice name)
{
    bool table = hg_slice_is(name, "has_table_privilege") || hg_slice_is(name, "has_column_privilege") ||
                 hg_slice_is(name, "has_any_column_privilege");
    bool sequence = hg_slice_is(name, "has_sequence_privilege");
    if (!table && !sequence && !hg_slice_is(name, "has_schema_privilege") &&
        !hg_slice_is(name, "has_database_privilege"))
        return;
    PgQuery__Node *says =
        policy_says(r, table ? call->args[0] : NULL, call->args[call->n_args - 1], sequence);
    if (!says)
        return;
    PgQuery__Node *asked = HG_NEW(r->arena, PgQuery__Node);
    *asked = *node;
    hg_edit_later(r, node, hg_build_choice(r->arena, asked, says, asked));
}

/* ---- databases ---- */

/* Does the expression name the one database that there is, by a constant or by asking? */
static bool is_own_database(struct hg_resolver *r, const PgQuery__Node *node)
{
    struct hg_slice text, schema;
    while (node->node_case == PG_QUERY__NODE__NODE_TYPE_CAST && node->type_cast->arg)
        node = node->type_cast->arg;
    if (node->node_case == PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION)
        return hg_identity_of_value(node->sqlvalue_function->op) == HG_IDENTITY_DATABASE;
    if (node->node_case == PG_QUERY__NODE__NODE_FUNC_CALL && node->func_call->n_args == 0) {
        struct hg_slice name = hg_function_name(node->func_call, &schema);
        return hg_allow_function(schema, name) == HG_FN_IDENTITY &&
               hg_allow_identity(name) == HG_IDENTITY_DATABASE;
    }
    return hg_literal_text(node, &text) && hg_slice_equal(text, r->snapshot->database);
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
    if (hg_literal_text(database, &name))
        return hg_refuse(r, call->location, HG_UNDEFINED_DATABASE, "database \"%.*s\" does not exist",
                         HG_SLICE_FMT(name));
    hg_refuse(r, call->location, HG_FEATURE_NOT_SUPPORTED,
              "has_database_privilege of a computed database is not supported");
    return hg_refuse_hint(r, "Write current_database(), or a column of pg_database.");
}

/* ---- the functions ---- */

/* has_table_privilege([role,] table, privilege) and its like. */
bool hg_resolve_privilege(struct hg_resolver *r, struct hg_scope *scope, PgQuery__Node *node,
                          PgQuery__FuncCall *call, struct hg_slice name)
{
    hg_need_catalog(r, "function", name, call->location);
    if (call->n_args == hg_privilege_arguments(name) + 1) {
        if (!is_own_user(r, call->args[0]))
            return refuse_role(r, call->args[0], name, call->location);
        call->args++;
        call->n_args--;
    }
    if (call->n_args != hg_privilege_arguments(name))
        return hg_unknown_function(r, HG_LIT(""), name, call->location);
    bool asked = false;
    if (hg_slice_is(name, "has_database_privilege")) {
        if (!resolve_database(r, call))
            return false;
        const PgQuery__Node *database = call->args[0];
        asked = database->node_case == PG_QUERY__NODE__NODE_FUNC_CALL && is_own_database(r, database);
    }
    if (!hg_resolve_list(r, scope, call->n_args - asked, call->args + asked))
        return false;
    let_policy_decide(r, node, call, name);
    return true;
}

/* Of oneself: a member, who cannot pass that on. */
static bool own_membership(struct hg_resolver *r, PgQuery__Node *node, const PgQuery__FuncCall *call)
{
    struct hg_slice words;
    if (!hg_literal_text(call->args[1], &words))
        return hg_refuse(r, call->location, HG_FEATURE_NOT_SUPPORTED,
                         "pg_has_role with a computed privilege is not supported");
    bool known = words.len >= 5 && (strncasecmp(words.ptr, "usage", 5) == 0 ||
                                    (words.len >= 6 && strncasecmp(words.ptr, "member", 6) == 0));
    if (!known)
        return hg_refuse(r, call->location, HG_INVALID_PARAMETER_VALUE,
                         "unrecognized privilege type: \"%.*s\"", HG_SLICE_FMT(words));
    hg_edit_later(r, node, boolean(r, words.len <= 6));
    return true;
}

/* pg_has_role([role,] role, privilege): names are answered here, numbers by the catalog backend, where the
 * account's number stands for the client. */
bool hg_resolve_member(struct hg_resolver *r, struct hg_scope *scope, PgQuery__Node *node,
                       PgQuery__FuncCall *call)
{
    struct hg_slice schema, text, name = hg_function_name(call, &schema);
    if (call->n_args == 3) {
        if (!is_own_user(r, call->args[0]))
            return refuse_role(r, call->args[0], name, call->location);
        call->args++;
        call->n_args--;
    }
    if (call->n_args != 2)
        return hg_unknown_function(r, schema, name, call->location);
    if (is_own_user(r, call->args[0]))
        return own_membership(r, node, call);
    if (hg_literal_text(call->args[0], &text)) {
        if (!is_system_role(text))
            return refuse_role(r, call->args[0], name, call->location);
        hg_edit_later(r, node, boolean(r, false));
        return true;
    }
    hg_need_catalog(r, "function", name, call->location);
    if (!hg_resolve_list(r, scope, call->n_args, call->args))
        return false;
    call->args = hg_build_appended(r->arena, call->args, 1, call->args[1]);
    call->args[0] = hg_build_cast(r->arena, call->args[0], HG_LIT("oid"));
    return true;
}

/* ---- pg_get_userbyid ---- */

static PgQuery__Node *when(struct hg_resolver *r, int32_t number, const char *name)
{
    PgQuery__CaseWhen *one = HG_NEW(r->arena, PgQuery__CaseWhen);
    *one = (PgQuery__CaseWhen)PG_QUERY__CASE_WHEN__INIT;
    one->expr = hg_build_integer(r->arena, number, HG_LOCATION_NONE);
    one->result = hg_name_literal(r, hg_slice_cstr(name), HG_LOCATION_NONE);
    one->location = HG_LOCATION_NONE;
    return hg_build_node(r->arena, PG_QUERY__NODE__NODE_CASE_WHEN, one);
}

/* Who is no role of every PostgreSQL is the client, if the account that works for him has that number, else
 * nobody. */
static PgQuery__Node *other_owner(struct hg_resolver *r, PgQuery__Node *number)
{
    PgQuery__Node *is_own = hg_build_call(r->arena, HG_LIT("pg_has_role"));
    PgQuery__Node *member = hg_build_text(r->arena, HG_LIT("MEMBER"), HG_LOCATION_NONE);
    is_own->func_call->args =
        hg_build_appended(r->arena, hg_build_appended(r->arena, NULL, 0, number), 1, member);
    is_own->func_call->n_args = 2;
    PgQuery__Node *text = hg_build_cast(r->arena, number, HG_LIT("text"));
    text = operation(r, "||", hg_build_text(r->arena, HG_LIT("unknown (OID="), HG_LOCATION_NONE), text);
    text = operation(r, "||", text, hg_build_text(r->arena, HG_LIT(")"), HG_LOCATION_NONE));
    return hg_build_choice(r->arena, is_own, hg_user_name(r), hg_build_cast(r->arena, text, HG_LIT("name")));
}

/* pg_get_userbyid(x): roles that every PostgreSQL has have the same numbers everywhere. */
bool hg_resolve_owner(struct hg_resolver *r, struct hg_scope *scope, PgQuery__Node *node,
                      PgQuery__FuncCall *call)
{
    struct hg_slice schema, name = hg_function_name(call, &schema);
    if (call->n_args != 1)
        return hg_unknown_function(r, schema, name, call->location);
    if (!hg_resolve_node(r, scope, call->args[0]))
        return false;
    hg_need_catalog(r, "function", name, call->location);
    PgQuery__Node *number = hg_build_cast(r->arena, call->args[0], HG_LIT("oid"));
    PgQuery__CaseExpr *owner = HG_NEW(r->arena, PgQuery__CaseExpr);
    *owner = (PgQuery__CaseExpr)PG_QUERY__CASE_EXPR__INIT;
    owner->arg = number;
    owner->args = HG_NEW_ARRAY(r->arena, PgQuery__Node *, HG_KNOWN_ROLES);
    while (owner->n_args < HG_KNOWN_ROLES) {
        const struct hg_known_role *role = &hg_known_roles[owner->n_args];
        owner->args[owner->n_args++] = when(r, role->oid, role->name);
    }
    owner->defresult = other_owner(r, number);
    owner->location = HG_LOCATION_NONE;
    hg_edit_later(r, node, hg_build_node(r->arena, PG_QUERY__NODE__NODE_CASE_EXPR, owner));
    return true;
}
