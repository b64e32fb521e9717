/* Statements about the schema, as a user hears of them who owns nothing and may create nothing: in a private
 * database that is what a customer's user would be. Tools try what they may do, and understand exactly these
 * errors: 42501 permission denied for schema, permission denied to create temporary tables, must be owner of
 * table. What does not exist is told first, as PostgreSQL does; and DROP … IF EXISTS of what does not exist
 * is no error, for tools clean up behind their trials.
 *
 * LOCK TABLE is here, too. The modes up to ROW EXCLUSIVE conflict with none of each other, and no tenant can
 * have a stronger one: that they are granted at once, and hold nobody up, is all that can be seen of them. So
 * nothing is sent. */
#include "allow.h"
#include "build.h"
#include "search_path.h"
#include "statement.h"

#define ROW_EXCLUSIVE 3 /* PostgreSQL's number of the lock mode; ACCESS SHARE is 1 */
#define ACCESS_SHARE  1

static const char SCHEMA_HINT[] = "The schema is the administrator's to change.";
static const char TEMPORARY_HINT[] = "Use a sub-select or WITH in its place.";

/* A relation that a statement names. */
struct found {
    const struct hg_table_view *view; /* NULL: a system relation */
    bool missing, no_schema;
};

/* The error of PostgreSQL has no position. */
static bool deny(struct hg_statement *statement, const char *sqlstate, const char *hint, const char *format,
                 ...) HG_PRINTF(4, 5);

static bool deny(struct hg_statement *statement, const char *sqlstate, const char *hint, const char *format,
                 ...)
{
    va_list args;
    va_start(args, format);
    struct hg_slice message = hg_arena_vprintf(statement->arena, format, args);
    va_end(args);
    hg_statement_refuse(statement, -1, sqlstate, "%.*s", HG_SLICE_FMT(message));
    statement->verdict->fault.position = 0;
    if (hint)
        hg_fault_hint(&statement->verdict->fault, statement->arena, "%s", hint);
    return false;
}

static struct hg_search_path path_of(const struct hg_statement *statement)
{
    return hg_search_path_of(statement->context->search_path, statement->context, statement->arena);
}

/* ---- creating ---- */

static bool deny_schema(struct hg_statement *statement, struct hg_slice schema)
{
    const struct hg_context *context = statement->context;
    if (!schema.len) {
        struct hg_search_path path = path_of(statement);
        schema = hg_search_path_current(&path);
        if (path.unknown)
            return hg_statement_refuse_by_name(statement);
        if (!schema.len)
            return deny(statement, HG_UNDEFINED_SCHEMA, NULL, "no schema has been selected to create in");
    }
    bool system = hg_slice_is(schema, "pg_catalog") || hg_slice_is(schema, "information_schema");
    if (!system && !hg_role_sees_schema(context->snapshot, context->user->role, schema))
        return deny(statement, HG_UNDEFINED_SCHEMA, NULL, "schema \"%.*s\" does not exist",
                    HG_SLICE_FMT(schema));
    return deny(statement, HG_INSUFFICIENT_PRIVILEGE, SCHEMA_HINT, "permission denied for schema %.*s",
                HG_SLICE_FMT(schema));
}

static bool deny_relation(struct hg_statement *statement, const PgQuery__RangeVar *range)
{
    if (!range)
        return hg_statement_refuse_by_name(statement);
    if (strcmp(range->relpersistence, "t") == 0 || strcmp(range->schemaname, "pg_temp") == 0)
        return deny(statement, HG_INSUFFICIENT_PRIVILEGE, TEMPORARY_HINT,
                    "permission denied to create temporary tables in database \"%.*s\"",
                    HG_SLICE_FMT(statement->context->snapshot->database));
    return deny_schema(statement, hg_slice_cstr(range->schemaname));
}

static bool deny_name(struct hg_statement *statement, size_t count, PgQuery__Node *const *name)
{
    if (count > 2)
        return hg_statement_refuse_by_name(statement);
    return deny_schema(statement, count == 2 ? hg_string_of(name[0]) : HG_LIT(""));
}

bool hg_deny_into(struct hg_statement *statement, const PgQuery__SelectStmt *select)
{
    return deny_relation(statement, select->into_clause->rel);
}

/* ---- what is there ---- */

static bool look_in(const struct hg_statement *statement, struct hg_slice schema, struct hg_slice name,
                    struct found *found)
{
    const struct hg_context *context = statement->context;
    const struct hg_table *table = hg_role_table(context->snapshot, context->user->role, schema, name);
    bool system = hg_slice_is(schema, "pg_catalog")
                      ? hg_is_system_relation(name)
                      : hg_slice_is(schema, "information_schema") && hg_allow_catalog_relation(schema, name);
    *found = (struct found){.missing = !table && !system};
    if (table)
        found->view = &context->user->role->views[table->index];
    return !found->missing;
}

static struct found find(const struct hg_statement *statement, struct hg_slice schema, struct hg_slice name)
{
    const struct hg_context *context = statement->context;
    struct found found = {.missing = true};
    if (schema.len) {
        bool system = hg_slice_is(schema, "pg_catalog") || hg_slice_is(schema, "information_schema");
        if (!look_in(statement, schema, name, &found))
            found.no_schema = !system && !hg_role_sees_schema(context->snapshot, context->user->role, schema);
        return found;
    }
    struct hg_search_path path = path_of(statement);
    for (size_t i = 0; i < path.count; i++)
        if (look_in(statement, path.schemas[i], name, &found))
            break;
    return found;
}

static struct found find_range(const struct hg_statement *statement, const PgQuery__RangeVar *range)
{
    return find(statement, hg_slice_cstr(range->schemaname), hg_slice_cstr(range->relname));
}

static bool deny_missing(struct hg_statement *statement, const PgQuery__RangeVar *range)
{
    return deny(statement, HG_UNDEFINED_TABLE, NULL, "relation \"%s%s%s\" does not exist", range->schemaname,
                *range->schemaname ? "." : "", range->relname);
}

static bool deny_owner(struct hg_statement *statement, const char *kind, struct hg_slice name)
{
    return deny(statement, HG_INSUFFICIENT_PRIVILEGE, SCHEMA_HINT, "must be owner of %s %.*s", kind,
                HG_SLICE_FMT(name));
}

/* ALTER TABLE, CREATE INDEX …: of the owner alone. */
static bool deny_change(struct hg_statement *statement, const PgQuery__RangeVar *range, const char *kind,
                        bool missing_ok)
{
    if (!range || missing_ok)
        return hg_statement_refuse_by_name(statement);
    if (find_range(statement, range).missing)
        return deny_missing(statement, range);
    return deny_owner(statement, kind, hg_slice_cstr(range->relname));
}

/* ---- DROP, COMMENT ---- */

/* What was left to say of names that do not exist. */
static bool skip(struct hg_statement *statement, struct hg_slice notice)
{
    struct hg_verdict *verdict = statement->verdict;
    verdict->rows[verdict->nrows++] = notice;
    return true;
}

/* One name of a DROP. True: it does not exist, and need not. */
static bool drop_relation(struct hg_statement *statement, const PgQuery__Node *object, const char *kind,
                          bool missing_ok)
{
    if (object->node_case != PG_QUERY__NODE__NODE_LIST || object->list->n_items < 1 ||
        object->list->n_items > 2)
        return hg_statement_refuse_by_name(statement);
    struct hg_slice name = hg_string_of(object->list->items[object->list->n_items - 1]);
    struct hg_slice schema = object->list->n_items == 2 ? hg_string_of(object->list->items[0]) : HG_LIT("");
    struct found found = find(statement, schema, name);
    bool table = strcmp(kind, "table") == 0;
    struct hg_slice what = found.no_schema ? schema : name;
    if (found.no_schema)
        kind = "schema";
    if (!found.missing && table)
        return deny_owner(statement, "table", name);
    if (!found.missing)
        return deny(statement, HG_WRONG_OBJECT_TYPE, NULL, "\"%.*s\" is not a %s", HG_SLICE_FMT(name), kind);
    if (missing_ok)
        return skip(statement, hg_arena_printf(statement->arena, "%s \"%.*s\" does not exist, skipping", kind,
                                               HG_SLICE_FMT(what)));
    return deny(statement, found.no_schema ? HG_UNDEFINED_SCHEMA : HG_UNDEFINED_TABLE, NULL,
                "%s \"%.*s%s%.*s\" does not exist", kind, HG_SLICE_FMT(found.no_schema ? HG_LIT("") : schema),
                schema.len && !found.no_schema ? "." : "", HG_SLICE_FMT(what));
}

static bool drop_schema(struct hg_statement *statement, const PgQuery__Node *object, bool missing_ok)
{
    const struct hg_context *context = statement->context;
    struct hg_slice name = hg_string_of(object);
    if (hg_role_sees_schema(context->snapshot, context->user->role, name) ||
        hg_slice_is(name, "pg_catalog") || hg_slice_is(name, "information_schema"))
        return deny_owner(statement, "schema", name);
    if (missing_ok)
        return skip(statement, hg_arena_printf(statement->arena, "schema \"%.*s\" does not exist, skipping",
                                               HG_SLICE_FMT(name)));
    return deny(statement, HG_UNDEFINED_SCHEMA, NULL, "schema \"%.*s\" does not exist", HG_SLICE_FMT(name));
}

static bool classify_drop(struct hg_statement *statement, const PgQuery__DropStmt *drop)
{
    static const struct {
        PgQuery__ObjectType type;
        const char *kind, *tag;
    } kinds[] = {{PG_QUERY__OBJECT_TYPE__OBJECT_TABLE, "table", "DROP TABLE"},
                 {PG_QUERY__OBJECT_TYPE__OBJECT_VIEW, "view", "DROP VIEW"},
                 {PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW, "materialized view", "DROP MATERIALIZED VIEW"},
                 {PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA, "schema", "DROP SCHEMA"}};
    size_t k = 0, n = sizeof kinds / sizeof kinds[0];
    while (k < n && kinds[k].type != drop->remove_type)
        k++;
    if (k == n || path_of(statement).unknown)
        return hg_statement_refuse_by_name(statement);
    statement->verdict->rows = HG_NEW_ARRAY(statement->arena, struct hg_slice, drop->n_objects);
    for (size_t i = 0; i < drop->n_objects; i++)
        if (drop->remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA
                ? !drop_schema(statement, drop->objects[i], drop->missing_ok)
                : !drop_relation(statement, drop->objects[i], kinds[k].kind, drop->missing_ok))
            return false;
    return hg_statement_local(statement, HG_STMT_NOTHING, kinds[k].tag);
}

static bool classify_comment(struct hg_statement *statement, const PgQuery__CommentStmt *comment)
{
    const struct hg_context *context = statement->context;
    const PgQuery__Node *object = comment->object;
    bool column = comment->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN;
    if (comment->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA &&
        hg_role_sees_schema(context->snapshot, context->user->role, hg_string_of(object)))
        return deny_owner(statement, "schema", hg_string_of(object));
    if (comment->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_DATABASE &&
        hg_slice_equal(hg_string_of(object), context->snapshot->database))
        return deny_owner(statement, "database", context->snapshot->database);
    if ((!column && comment->objtype != PG_QUERY__OBJECT_TYPE__OBJECT_TABLE) ||
        object->node_case != PG_QUERY__NODE__NODE_LIST || object->list->n_items < 1 + (size_t)column ||
        object->list->n_items > 2 + (size_t)column)
        return hg_statement_refuse_by_name(statement);
    size_t n = object->list->n_items - column;
    struct hg_slice name = hg_string_of(object->list->items[n - 1]);
    struct hg_slice schema = n == 2 ? hg_string_of(object->list->items[0]) : HG_LIT("");
    if (find(statement, schema, name).missing)
        return deny(statement, HG_UNDEFINED_TABLE, NULL, "relation \"%.*s%s%.*s\" does not exist",
                    HG_SLICE_FMT(schema), schema.len ? "." : "", HG_SLICE_FMT(name));
    return deny_owner(statement, column ? "relation" : "table", name);
}

static bool classify_truncate(struct hg_statement *statement, const PgQuery__TruncateStmt *truncate)
{
    const PgQuery__RangeVar *range =
        truncate->n_relations && truncate->relations[0]->node_case == PG_QUERY__NODE__NODE_RANGE_VAR
            ? truncate->relations[0]->range_var
            : NULL;
    if (!range || path_of(statement).unknown)
        return hg_statement_refuse_by_name(statement);
    if (find_range(statement, range).missing)
        return deny_missing(statement, range);
    return deny(statement, HG_INSUFFICIENT_PRIVILEGE, "DELETE removes rows.",
                "permission denied for table %s", range->relname);
}

/* ---- LOCK ---- */

static bool may_lock(struct hg_statement *statement, const PgQuery__RangeVar *range, int32_t mode)
{
    struct found found = find_range(statement, range);
    if (found.missing)
        return deny_missing(statement, range);
    bool changes = found.view && found.view->writable && !found.view->table->shared &&
                   found.view->table->kind == HG_TABLE_PLAIN;
    bool system = hg_allow_catalog_relation(HG_LIT("pg_catalog"), hg_slice_cstr(range->relname)) != NULL;
    bool reads = found.view ? found.view->readable : system;
    if (mode == ACCESS_SHARE ? !reads : !changes)
        return deny(statement, HG_INSUFFICIENT_PRIVILEGE, NULL, "permission denied for table %s",
                    range->relname);
    if (mode <= ROW_EXCLUSIVE)
        return true;
    deny(statement, HG_FEATURE_NOT_SUPPORTED, "SELECT … FOR UPDATE locks rows.",
         "LOCK TABLE in a mode above ROW EXCLUSIVE is not supported");
    return false;
}

static bool classify_lock(struct hg_statement *statement, const PgQuery__LockStmt *lock)
{
    if (path_of(statement).unknown)
        return hg_statement_refuse_by_name(statement);
    for (size_t i = 0; i < lock->n_relations; i++)
        if (lock->relations[i]->node_case != PG_QUERY__NODE__NODE_RANGE_VAR ||
            !may_lock(statement, lock->relations[i]->range_var, lock->mode))
            return false;
    statement->verdict->in_block = true;
    return hg_statement_local(statement, HG_STMT_NOTHING, "LOCK TABLE");
}

/* ---- all of them ---- */

static const char *kind_of(PgQuery__ObjectType type)
{
    switch (type) {
    case PG_QUERY__OBJECT_TYPE__OBJECT_TABLE:
    case PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN:
    case PG_QUERY__OBJECT_TYPE__OBJECT_TABCONSTRAINT:
        return "table";
    default:
        return NULL;
    }
}

static bool deny_alter(struct hg_statement *statement, PgQuery__ObjectType type,
                       const PgQuery__RangeVar *range, bool missing_ok)
{
    const char *kind = kind_of(type);
    return kind ? deny_change(statement, range, kind, missing_ok) : hg_statement_refuse_by_name(statement);
}

static bool deny_right(struct hg_statement *statement, const char *what)
{
    return deny(statement, HG_INSUFFICIENT_PRIVILEGE, SCHEMA_HINT, "permission denied %s", what);
}

bool hg_classify_denied(struct hg_statement *statement)
{
    const PgQuery__Node *node = statement->node;
    struct hg_slice database = statement->context->snapshot->database;
    switch (node->node_case) {
    case PG_QUERY__NODE__NODE_CREATE_STMT:
        return deny_relation(statement, node->create_stmt->relation);
    case PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT:
        return deny_relation(statement, node->create_table_as_stmt->into->rel);
    case PG_QUERY__NODE__NODE_VIEW_STMT:
        return deny_relation(statement, node->view_stmt->view);
    case PG_QUERY__NODE__NODE_CREATE_SEQ_STMT:
        return deny_relation(statement, node->create_seq_stmt->sequence);
    case PG_QUERY__NODE__NODE_COMPOSITE_TYPE_STMT:
        return deny_relation(statement, node->composite_type_stmt->typevar);
    case PG_QUERY__NODE__NODE_CREATE_DOMAIN_STMT:
        return deny_name(statement, node->create_domain_stmt->n_domainname,
                         node->create_domain_stmt->domainname);
    case PG_QUERY__NODE__NODE_CREATE_ENUM_STMT:
        return deny_name(statement, node->create_enum_stmt->n_type_name, node->create_enum_stmt->type_name);
    case PG_QUERY__NODE__NODE_CREATE_FUNCTION_STMT:
        return deny_name(statement, node->create_function_stmt->n_funcname,
                         node->create_function_stmt->funcname);
    case PG_QUERY__NODE__NODE_CREATE_SCHEMA_STMT:
        return deny(statement, HG_INSUFFICIENT_PRIVILEGE, SCHEMA_HINT, "permission denied for database %.*s",
                    HG_SLICE_FMT(database));
    case PG_QUERY__NODE__NODE_CREATE_EXTENSION_STMT:
        return deny(statement, HG_INSUFFICIENT_PRIVILEGE, SCHEMA_HINT,
                    "permission denied to create extension \"%s\"", node->create_extension_stmt->extname);
    case PG_QUERY__NODE__NODE_CREATEDB_STMT:
        return deny_right(statement, "to create database");
    case PG_QUERY__NODE__NODE_CREATE_ROLE_STMT:
        return deny_right(statement, "to create role");
    case PG_QUERY__NODE__NODE_DROP_ROLE_STMT:
        return deny_right(statement, "to drop role");
    case PG_QUERY__NODE__NODE_INDEX_STMT:
        return deny_change(statement, node->index_stmt->relation, "table", false);
    case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT:
        return deny_alter(statement, node->alter_table_stmt->objtype, node->alter_table_stmt->relation,
                          node->alter_table_stmt->missing_ok);
    case PG_QUERY__NODE__NODE_RENAME_STMT:
        return deny_alter(statement, node->rename_stmt->rename_type, node->rename_stmt->relation,
                          node->rename_stmt->missing_ok);
    case PG_QUERY__NODE__NODE_DROP_STMT:
        return classify_drop(statement, node->drop_stmt);
    case PG_QUERY__NODE__NODE_COMMENT_STMT:
        return classify_comment(statement, node->comment_stmt);
    case PG_QUERY__NODE__NODE_TRUNCATE_STMT:
        return classify_truncate(statement, node->truncate_stmt);
    case PG_QUERY__NODE__NODE_LOCK_STMT:
        return classify_lock(statement, node->lock_stmt);
    default:
        return hg_statement_refuse_by_name(statement);
    }
}
