/* What statements are called that Headgate does not run. The names are PostgreSQL's command tags; a name that
 * ends with a blank is completed by the kind of object that the statement is about ("DROP " + "TABLE"). A
 * statement that is missing here is refused under the name of its node. */
#include "statement.h"

#define CASE(name) PG_QUERY__NODE__NODE_##name

static const char WRITES[] = "Use INSERT, UPDATE and DELETE.";
static const char SCHEMA[] = "The schema is the administrator's to change.";
static const char MAINTENANCE[] = "Maintenance is the administrator's task.";
static const char CURSOR[] =
    "Run the query itself; a row limit in the extended protocol fetches its rows in parts.";
static const char PREPARED[] = "Use the prepared statements of the extended protocol.";
static const char NOTIFICATION[] = "Sessions do not notify each other here.";
static const char CODE[] = "Procedures and blocks of code are not run: send their statements one by one.";

static const struct {
    PgQuery__Node__NodeCase node;
    const char *name, *hint;
} names[] = {
    {CASE(MERGE_STMT), "MERGE", WRITES},
    {CASE(TRUNCATE_STMT), "TRUNCATE TABLE", WRITES},
    {CASE(PREPARE_STMT), "PREPARE", PREPARED},
    {CASE(EXECUTE_STMT), "EXECUTE", PREPARED},
    {CASE(DECLARE_CURSOR_STMT), "DECLARE CURSOR", CURSOR},
    {CASE(FETCH_STMT), "FETCH", CURSOR},
    {CASE(CLOSE_PORTAL_STMT), "CLOSE CURSOR", CURSOR},
    {CASE(LISTEN_STMT), "LISTEN", NOTIFICATION},
    {CASE(NOTIFY_STMT), "NOTIFY", NOTIFICATION},
    {CASE(UNLISTEN_STMT), "UNLISTEN", NOTIFICATION},
    {CASE(LOCK_STMT), "LOCK TABLE", "Rows are read without locks."},
    {CASE(DO_STMT), "DO", CODE},
    {CASE(CALL_STMT), "CALL", CODE},
    {CASE(LOAD_STMT), "LOAD", MAINTENANCE},
    {CASE(CONSTRAINTS_SET_STMT), "SET CONSTRAINTS", WRITES},
    {CASE(VACUUM_STMT), "VACUUM", MAINTENANCE},
    {CASE(CLUSTER_STMT), "CLUSTER", MAINTENANCE},
    {CASE(REINDEX_STMT), "REINDEX", MAINTENANCE},
    {CASE(CHECK_POINT_STMT), "CHECKPOINT", MAINTENANCE},
    {CASE(REFRESH_MAT_VIEW_STMT), "REFRESH MATERIALIZED VIEW", MAINTENANCE},
    {CASE(ALTER_SYSTEM_STMT), "ALTER SYSTEM", MAINTENANCE},
    {CASE(CREATE_STMT), "CREATE TABLE", SCHEMA},
    {CASE(CREATE_TABLE_AS_STMT), "CREATE TABLE AS", SCHEMA},
    {CASE(CREATE_FOREIGN_TABLE_STMT), "CREATE FOREIGN TABLE", SCHEMA},
    {CASE(CREATE_SCHEMA_STMT), "CREATE SCHEMA", SCHEMA},
    {CASE(CREATE_SEQ_STMT), "CREATE SEQUENCE", SCHEMA},
    {CASE(CREATE_DOMAIN_STMT), "CREATE DOMAIN", SCHEMA},
    {CASE(CREATE_ENUM_STMT), "CREATE TYPE", SCHEMA},
    {CASE(CREATE_RANGE_STMT), "CREATE TYPE", SCHEMA},
    {CASE(COMPOSITE_TYPE_STMT), "CREATE TYPE", SCHEMA},
    {CASE(INDEX_STMT), "CREATE INDEX", SCHEMA},
    {CASE(VIEW_STMT), "CREATE VIEW", SCHEMA},
    {CASE(RULE_STMT), "CREATE RULE", SCHEMA},
    {CASE(CREATE_TRIG_STMT), "CREATE TRIGGER", SCHEMA},
    {CASE(CREATE_EVENT_TRIG_STMT), "CREATE EVENT TRIGGER", SCHEMA},
    {CASE(CREATE_FUNCTION_STMT), "CREATE FUNCTION", SCHEMA},
    {CASE(CREATE_PLANG_STMT), "CREATE LANGUAGE", SCHEMA},
    {CASE(CREATE_POLICY_STMT), "CREATE POLICY", SCHEMA},
    {CASE(CREATE_EXTENSION_STMT), "CREATE EXTENSION", SCHEMA},
    {CASE(CREATE_CAST_STMT), "CREATE CAST", SCHEMA},
    {CASE(CREATE_CONVERSION_STMT), "CREATE CONVERSION", SCHEMA},
    {CASE(CREATE_TRANSFORM_STMT), "CREATE TRANSFORM", SCHEMA},
    {CASE(CREATE_AM_STMT), "CREATE ACCESS METHOD", SCHEMA},
    {CASE(CREATE_OP_CLASS_STMT), "CREATE OPERATOR CLASS", SCHEMA},
    {CASE(CREATE_OP_FAMILY_STMT), "CREATE OPERATOR FAMILY", SCHEMA},
    {CASE(CREATE_STATS_STMT), "CREATE STATISTICS", SCHEMA},
    {CASE(CREATE_FDW_STMT), "CREATE FOREIGN DATA WRAPPER", SCHEMA},
    {CASE(CREATE_FOREIGN_SERVER_STMT), "CREATE SERVER", SCHEMA},
    {CASE(CREATE_USER_MAPPING_STMT), "CREATE USER MAPPING", SCHEMA},
    {CASE(CREATE_PUBLICATION_STMT), "CREATE PUBLICATION", SCHEMA},
    {CASE(CREATE_SUBSCRIPTION_STMT), "CREATE SUBSCRIPTION", SCHEMA},
    {CASE(CREATE_TABLE_SPACE_STMT), "CREATE TABLESPACE", SCHEMA},
    {CASE(CREATE_ROLE_STMT), "CREATE ROLE", SCHEMA},
    {CASE(CREATEDB_STMT), "CREATE DATABASE", SCHEMA},
    {CASE(DEFINE_STMT), "CREATE ", SCHEMA},
    {CASE(DROP_STMT), "DROP ", SCHEMA},
    {CASE(DROP_ROLE_STMT), "DROP ROLE", SCHEMA},
    {CASE(DROPDB_STMT), "DROP DATABASE", SCHEMA},
    {CASE(DROP_TABLE_SPACE_STMT), "DROP TABLESPACE", SCHEMA},
    {CASE(DROP_OWNED_STMT), "DROP OWNED", SCHEMA},
    {CASE(DROP_SUBSCRIPTION_STMT), "DROP SUBSCRIPTION", SCHEMA},
    {CASE(DROP_USER_MAPPING_STMT), "DROP USER MAPPING", SCHEMA},
    {CASE(REASSIGN_OWNED_STMT), "REASSIGN OWNED", SCHEMA},
    {CASE(ALTER_TABLE_STMT), "ALTER ", SCHEMA},
    {CASE(ALTER_TABLE_MOVE_ALL_STMT), "ALTER ", SCHEMA},
    {CASE(RENAME_STMT), "ALTER ", SCHEMA},
    {CASE(ALTER_OBJECT_SCHEMA_STMT), "ALTER ", SCHEMA},
    {CASE(ALTER_OBJECT_DEPENDS_STMT), "ALTER ", SCHEMA},
    {CASE(ALTER_OWNER_STMT), "ALTER ", SCHEMA},
    {CASE(ALTER_FUNCTION_STMT), "ALTER ", SCHEMA},
    {CASE(ALTER_DOMAIN_STMT), "ALTER DOMAIN", SCHEMA},
    {CASE(ALTER_ENUM_STMT), "ALTER TYPE", SCHEMA},
    {CASE(ALTER_TYPE_STMT), "ALTER TYPE", SCHEMA},
    {CASE(ALTER_SEQ_STMT), "ALTER SEQUENCE", SCHEMA},
    {CASE(ALTER_DATABASE_STMT), "ALTER DATABASE", SCHEMA},
    {CASE(ALTER_DATABASE_SET_STMT), "ALTER DATABASE", SCHEMA},
    {CASE(ALTER_DATABASE_REFRESH_COLL_STMT), "ALTER DATABASE", SCHEMA},
    {CASE(ALTER_ROLE_STMT), "ALTER ROLE", SCHEMA},
    {CASE(ALTER_ROLE_SET_STMT), "ALTER ROLE", SCHEMA},
    {CASE(ALTER_DEFAULT_PRIVILEGES_STMT), "ALTER DEFAULT PRIVILEGES", SCHEMA},
    {CASE(ALTER_EXTENSION_STMT), "ALTER EXTENSION", SCHEMA},
    {CASE(ALTER_EXTENSION_CONTENTS_STMT), "ALTER EXTENSION", SCHEMA},
    {CASE(ALTER_EVENT_TRIG_STMT), "ALTER EVENT TRIGGER", SCHEMA},
    {CASE(ALTER_POLICY_STMT), "ALTER POLICY", SCHEMA},
    {CASE(ALTER_COLLATION_STMT), "ALTER COLLATION", SCHEMA},
    {CASE(ALTER_STATS_STMT), "ALTER STATISTICS", SCHEMA},
    {CASE(ALTER_OPERATOR_STMT), "ALTER OPERATOR", SCHEMA},
    {CASE(ALTER_OP_FAMILY_STMT), "ALTER OPERATOR FAMILY", SCHEMA},
    {CASE(ALTER_FDW_STMT), "ALTER FOREIGN DATA WRAPPER", SCHEMA},
    {CASE(ALTER_FOREIGN_SERVER_STMT), "ALTER SERVER", SCHEMA},
    {CASE(ALTER_USER_MAPPING_STMT), "ALTER USER MAPPING", SCHEMA},
    {CASE(ALTER_PUBLICATION_STMT), "ALTER PUBLICATION", SCHEMA},
    {CASE(ALTER_SUBSCRIPTION_STMT), "ALTER SUBSCRIPTION", SCHEMA},
    {CASE(ALTER_TABLE_SPACE_OPTIONS_STMT), "ALTER TABLESPACE", SCHEMA},
    {CASE(ALTER_TSDICTIONARY_STMT), "ALTER TEXT SEARCH DICTIONARY", SCHEMA},
    {CASE(ALTER_TSCONFIGURATION_STMT), "ALTER TEXT SEARCH CONFIGURATION", SCHEMA},
    {CASE(IMPORT_FOREIGN_SCHEMA_STMT), "IMPORT FOREIGN SCHEMA", SCHEMA},
    {CASE(COMMENT_STMT), "COMMENT", SCHEMA},
    {CASE(SEC_LABEL_STMT), "SECURITY LABEL", SCHEMA},
    {CASE(GRANT_STMT), "GRANT", SCHEMA},
    {CASE(GRANT_ROLE_STMT), "GRANT ROLE", SCHEMA},
};

/* Kinds of objects that are not called as their enum value is. */
static const struct {
    PgQuery__ObjectType type;
    const char *name;
} objects[] = {
    {PG_QUERY__OBJECT_TYPE__OBJECT_ATTRIBUTE, "TYPE"},
    {PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN, "TABLE"},
    {PG_QUERY__OBJECT_TYPE__OBJECT_DOMCONSTRAINT, "DOMAIN"},
    {PG_QUERY__OBJECT_TYPE__OBJECT_FDW, "FOREIGN DATA WRAPPER"},
    {PG_QUERY__OBJECT_TYPE__OBJECT_FOREIGN_SERVER, "SERVER"},
    {PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW, "MATERIALIZED VIEW"},
    {PG_QUERY__OBJECT_TYPE__OBJECT_OPCLASS, "OPERATOR CLASS"},
    {PG_QUERY__OBJECT_TYPE__OBJECT_OPFAMILY, "OPERATOR FAMILY"},
    {PG_QUERY__OBJECT_TYPE__OBJECT_STATISTIC_EXT, "STATISTICS"},
    {PG_QUERY__OBJECT_TYPE__OBJECT_TABCONSTRAINT, "TABLE"},
    {PG_QUERY__OBJECT_TYPE__OBJECT_TSCONFIGURATION, "TEXT SEARCH CONFIGURATION"},
    {PG_QUERY__OBJECT_TYPE__OBJECT_TSDICTIONARY, "TEXT SEARCH DICTIONARY"},
    {PG_QUERY__OBJECT_TYPE__OBJECT_TSPARSER, "TEXT SEARCH PARSER"},
    {PG_QUERY__OBJECT_TYPE__OBJECT_TSTEMPLATE, "TEXT SEARCH TEMPLATE"},
};

static struct hg_slice object_name(PgQuery__ObjectType type, struct hg_arena *arena)
{
    static const char prefix[] = "OBJECT_";
    for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++)
        if (objects[i].type == type)
            return hg_slice_cstr(objects[i].name);
    const ProtobufCEnumValue *value =
        protobuf_c_enum_descriptor_get_value(&pg_query__object_type__descriptor, (int)type);
    if (!value || strncmp(value->name, prefix, sizeof(prefix) - 1) != 0)
        return HG_LIT("OBJECT");
    char *name = hg_arena_cstr(arena, hg_slice_cstr(value->name + sizeof(prefix) - 1));
    for (char *at = name; *at; at++)
        if (*at == '_')
            *at = ' ';
    return hg_slice_cstr(name);
}

/* The first field of a statement that says what kind of object it is about. */
static PgQuery__ObjectType object_type(const PgQuery__Node *node)
{
    const ProtobufCMessage *message = &node->alias->base; /* of whatever case: all are pointers to messages */
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        if (field->type == PROTOBUF_C_TYPE_ENUM && field->descriptor == &pg_query__object_type__descriptor)
            return *(const PgQuery__ObjectType *)((const char *)message + field->offset);
    }
    return PG_QUERY__OBJECT_TYPE__OBJECT_TYPE_UNDEFINED;
}

/* Statements that share a node and differ in a flag. */
static const char *other_name(const PgQuery__Node *node)
{
    switch (node->node_case) {
    case PG_QUERY__NODE__NODE_VACUUM_STMT:
        return node->vacuum_stmt->is_vacuumcmd ? NULL : "ANALYZE";
    case PG_QUERY__NODE__NODE_FETCH_STMT:
        return node->fetch_stmt->ismove ? "MOVE" : NULL;
    case PG_QUERY__NODE__NODE_GRANT_STMT:
        return node->grant_stmt->is_grant ? NULL : "REVOKE";
    case PG_QUERY__NODE__NODE_GRANT_ROLE_STMT:
        return node->grant_role_stmt->is_grant ? NULL : "REVOKE ROLE";
    case PG_QUERY__NODE__NODE_CREATE_FUNCTION_STMT:
        return node->create_function_stmt->is_procedure ? "CREATE PROCEDURE" : NULL;
    case PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT:
        return node->create_table_as_stmt->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW
                   ? "CREATE MATERIALIZED VIEW"
                   : NULL;
    default:
        return NULL;
    }
}

static const char *transaction_name(PgQuery__TransactionStmtKind kind)
{
    switch (kind) {
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_PREPARE:
        return "PREPARE TRANSACTION";
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT_PREPARED:
        return "COMMIT PREPARED";
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK_PREPARED:
        return "ROLLBACK PREPARED";
    default:
        return "this form of transaction";
    }
}

struct hg_statement_name hg_statement_name_of(const PgQuery__Node *node, struct hg_arena *arena)
{
    struct hg_statement_name result = {0};
    if (node->node_case == PG_QUERY__NODE__NODE__NOT_SET) {
        result.name = HG_LIT("this statement");
        return result;
    }
    if (node->node_case == PG_QUERY__NODE__NODE_TRANSACTION_STMT) {
        result.name = hg_slice_cstr(transaction_name(node->transaction_stmt->kind));
        result.hint = "Use BEGIN, COMMIT and ROLLBACK.";
        return result;
    }
    const char *name = node->alias->base.descriptor->short_name;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].node == node->node_case) {
            const char *other = other_name(node);
            name = other ? other : names[i].name;
            result.hint = names[i].hint;
            result.writes = names[i].hint == WRITES;
        }
    size_t len = strlen(name);
    if (name[len - 1] == ' ') {
        struct hg_slice object = object_name(object_type(node), arena);
        result.name = hg_arena_printf(arena, "%s%.*s", name, HG_SLICE_FMT(object));
    } else {
        result.name = hg_slice_of(name, len);
    }
    return result;
}
