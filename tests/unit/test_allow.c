/* The lists: order, lookups, and what an attacker would try first. That they are complete, and that
 * replacements have the row types of the originals, tests/lint/allow_lists.py proves on a real PostgreSQL. */
#include "allow.h"

#include "check.h"
#include "settings.h"

static enum hg_function_class function(const char *name)
{
    return hg_allow_function(hg_slice_of(NULL, 0), hg_slice_cstr(name));
}

static void check_all(const char *const *names, enum hg_function_class class)
{
    for (; *names; names++)
        if (!check_one(function(*names) == class, "class", __FILE__, __LINE__))
            fprintf(stderr, "  %s is %d, expected %d\n", *names, function(*names), class);
}

static void functions(void)
{
    static const char *const any[] = {"abs",
                                      "lower",
                                      "upper",
                                      "now",
                                      "random",
                                      "clock_timestamp",
                                      "gen_random_uuid",
                                      "count",
                                      "sum",
                                      "string_agg",
                                      "row_number",
                                      "percentile_cont",
                                      "date_trunc",
                                      "date_bin",
                                      "to_char",
                                      "generate_series",
                                      "unnest",
                                      "jsonb_path_query",
                                      "json_to_recordset",
                                      "to_tsvector",
                                      "xpath",
                                      "md5",
                                      "sha256",
                                      "hashtext",
                                      "int4",
                                      "text",
                                      "float8",
                                      "age",
                                      "array_agg",
                                      "regexp_matches",
                                      "width_bucket",
                                      "inet_merge",
                                      "isempty",
                                      "range_merge",
                                      "xmlagg",
                                      "jsonb_exists",
                                      "statement_timestamp",
                                      NULL};
    static const char *const catalog[] = {"pg_get_viewdef",
                                          "pg_get_constraintdef",
                                          "pg_table_is_visible",
                                          "format_type",
                                          "obj_description",
                                          "col_description",
                                          "to_regclass",
                                          "version",
                                          "pg_typeof",
                                          "regclass",
                                          "pg_relation_is_publishable",
                                          "pg_get_serial_sequence",
                                          "regtype",
                                          NULL};
    static const char *const identity[] = {"current_database",    "current_schema",
                                           "current_schemas",     "current_setting",
                                           "current_user",        "session_user",
                                           "pg_backend_pid",      "inet_server_addr",
                                           "pg_get_userbyid",     "pg_has_role",
                                           "has_table_privilege", "has_database_privilege",
                                           "shobj_description",   NULL};
    static const char *const denied[] = {"query_to_xml",
                                         "query_to_xml_and_xmlschema",
                                         "table_to_xml",
                                         "cursor_to_xml",
                                         "schema_to_xml",
                                         "database_to_xml",
                                         "ts_stat",
                                         "ts_rewrite",
                                         "lo_import",
                                         "lo_export",
                                         "lo_get",
                                         "loread",
                                         "pg_read_file",
                                         "pg_read_binary_file",
                                         "pg_ls_dir",
                                         "pg_stat_file",
                                         "set_config",
                                         "currval",
                                         "nextval",
                                         "lastval",
                                         "setval",
                                         "pg_sleep",
                                         "pg_sleep_for",
                                         "pg_advisory_lock",
                                         "pg_notify",
                                         "pg_current_xact_id",
                                         "pg_current_snapshot",
                                         "pg_export_snapshot",
                                         "pg_terminate_backend",
                                         "pg_cancel_backend",
                                         "pg_stat_get_live_tuples",
                                         "pg_stat_reset",
                                         "current_query",
                                         "pg_column_size",
                                         "pg_logical_emit_message",
                                         "pg_create_logical_replication_slot",
                                         "pg_reload_conf",
                                         "pg_rotate_logfile",
                                         "to_regrole",
                                         "regrole",
                                         "aclitem",
                                         "makeaclitem",
                                         "acldefault",
                                         "aclitemin",
                                         "regclassin",
                                         "array_in",
                                         "record_out",
                                         "int4send",
                                         "satisfies_hash_partition",
                                         "currtid2",
                                         "setseed",
                                         "pg_describe_object",
                                         "pg_identify_object",
                                         "xid",
                                         "mxid_age",
                                         "pg_class",
                                         "pg_authid",
                                         "_aclitem",
                                         "pg_show_all_settings",
                                         NULL};
    check_all(any, HG_FN_ANY);
    check_all(catalog, HG_FN_CATALOG);
    check_all(identity, HG_FN_IDENTITY);
    for (size_t i = 0; denied[i]; i++)
        CHECK(function(denied[i]) == HG_FN_DENIED);
    CHECK_INT(function("dblink"), HG_FN_UNKNOWN);
    CHECK_INT(function("absx"), HG_FN_UNKNOWN);
    CHECK_INT(function(""), HG_FN_UNKNOWN);
    CHECK_INT(function("ABS"), HG_FN_UNKNOWN);
    CHECK_INT(hg_allow_function(HG_LIT("pg_catalog"), HG_LIT("abs")), HG_FN_ANY);
    CHECK_INT(hg_allow_function(HG_LIT("public"), HG_LIT("abs")), HG_FN_DENIED);
    CHECK_INT(hg_allow_function(HG_LIT("pg_temp"), HG_LIT("abs")), HG_FN_DENIED);
    CHECK_INT(hg_allow_function(HG_LIT("information_schema"), HG_LIT("_pg_truetypid")), HG_FN_CATALOG);
    CHECK_INT(hg_allow_function(HG_LIT("information_schema"), HG_LIT("abs")), HG_FN_UNKNOWN);
    CHECK_INT(hg_allow_function(HG_LIT("pg_catalog"), hg_slice_of("abs\0x", 5)), HG_FN_UNKNOWN);
}

static void identities(void)
{
    CHECK_INT(hg_allow_identity(HG_LIT("current_database")), HG_IDENTITY_DATABASE);
    CHECK_INT(hg_allow_identity(HG_LIT("pg_backend_pid")), HG_IDENTITY_PID);
    CHECK_INT(hg_allow_identity(HG_LIT("abs")), HG_IDENTITY_NONE);
    CHECK_INT(hg_privilege_arguments(HG_LIT("has_table_privilege")), 2);
    CHECK_INT(hg_privilege_arguments(HG_LIT("has_column_privilege")), 3);
    CHECK_INT(hg_privilege_arguments(HG_LIT("has_any_column_privilege")), 2);
    CHECK_INT(hg_privilege_arguments(HG_LIT("abs")), 0);
    /* Every function that is replaced is known how to. */
#define HG_FUNCTION(name, class)                                                                             \
    CHECK((class) != HG_FN_IDENTITY || hg_allow_identity(HG_LIT(name)) != HG_IDENTITY_NONE);
#define HG_INFORMATION_FUNCTION(name, class) CHECK((class) == HG_FN_CATALOG);
#define DENIED                               HG_FN_DENIED
#define ANY                                  HG_FN_ANY
#define CATALOG                              HG_FN_CATALOG
#define IDENTITY                             HG_FN_IDENTITY
#include "allow_functions.def"
}

static bool type(const char *name, bool catalog)
{
    return hg_allow_type(hg_slice_of(NULL, 0), hg_slice_cstr(name), catalog);
}

static void types(void)
{
    static const char *const any[] = {"int4", "text", "timestamptz", "numeric", "_int4", "jsonb",
                                      "char", "name", "oid",         "record",  NULL};
    static const char *const catalog[] = {"regclass",  "regtype", "regproc", "_regclass", "regnamespace",
                                          "regconfig", "xid",     "_xid",    NULL};
    static const char *const never[] = {
        "regrole",   "aclitem",      "_aclitem",    "cstring",    "internal", "pg_class",
        "pg_authid", "pg_node_tree", "pg_snapshot", "anyelement", "trigger",  "unknown",
        "",          "nosuch",       NULL};
    for (size_t i = 0; any[i]; i++)
        CHECK(type(any[i], false) && type(any[i], true));
    for (size_t i = 0; catalog[i]; i++)
        CHECK(!type(catalog[i], false) && type(catalog[i], true));
    for (size_t i = 0; never[i]; i++)
        CHECK(!type(never[i], false) && !type(never[i], true));
    CHECK(hg_allow_type(HG_LIT("pg_catalog"), HG_LIT("int4"), false));
    CHECK(hg_allow_parameter(0, false) && hg_allow_parameter(705, false) && hg_allow_parameter(23, false));
    CHECK(!hg_allow_parameter(2205, false) && hg_allow_parameter(2205, true));        /* regclass */
    CHECK(!hg_allow_parameter(3734, false) && hg_allow_parameter(3734, true));        /* regconfig */
    CHECK(!hg_allow_parameter(4096, true) && !hg_allow_parameter(28, false));         /* regrole, xid */
    CHECK(!hg_allow_parameter(2275, true) && !hg_allow_parameter(4294967295, false)); /* cstring */
    CHECK(!hg_allow_parameter(16384, false) && hg_allow_parameter(16384, true));
    CHECK(!hg_allow_type(HG_LIT("public"), HG_LIT("int4"), true));
    CHECK(hg_allow_type(HG_LIT("information_schema"), HG_LIT("cardinal_number"), true));
    CHECK(!hg_allow_type(HG_LIT("information_schema"), HG_LIT("cardinal_number"), false));
    CHECK(!hg_allow_type(HG_LIT("information_schema"), HG_LIT("tables"), true));
}

static void operators(void)
{
    CHECK(hg_allow_operator(hg_slice_of(NULL, 0), HG_LIT("+")));
    CHECK(hg_allow_operator(hg_slice_of(NULL, 0), HG_LIT("~~*")));
    CHECK(hg_allow_operator(HG_LIT("pg_catalog"), HG_LIT("->>")));
    CHECK(!hg_allow_operator(HG_LIT("public"), HG_LIT("+")));
    CHECK(!hg_allow_operator(hg_slice_of(NULL, 0), HG_LIT("###")));
    CHECK(!hg_allow_operator(hg_slice_of(NULL, 0), HG_LIT("")));
}

static const struct hg_catalog_relation *relation(const char *schema, const char *name)
{
    return hg_allow_catalog_relation(hg_slice_cstr(schema), hg_slice_cstr(name));
}

static void relations(void)
{
    static const char *const denied[] = {"pg_authid",
                                         "pg_shadow",
                                         "pg_statistic",
                                         "pg_largeobject",
                                         "pg_hba_file_rules",
                                         "pg_file_settings",
                                         "pg_backend_memory_contexts",
                                         "pg_user_mapping",
                                         "pg_config",
                                         "pg_cursors",
                                         "pg_stat_bgwriter",
                                         NULL};
    for (size_t i = 0; denied[i]; i++)
        CHECK(!relation("pg_catalog", denied[i]) && hg_is_system_relation(hg_slice_cstr(denied[i])));
    CHECK(relation("pg_catalog", "pg_class") && !relation("pg_catalog", "pg_class")->replacement);
    const struct hg_catalog_relation *tables = relation("information_schema", "tables");
    CHECK(tables && tables->replacement && strstr(tables->replacement, "THEN $database"));
    CHECK(!relation("information_schema", "sql_features")->replacement);
    const struct hg_catalog_relation *database = relation("pg_catalog", "pg_database");
    CHECK(database && database->replacement && strstr(database->replacement, "$database"));
    const struct hg_catalog_relation *settings = relation("pg_catalog", "pg_settings");
    CHECK(settings && settings->replacement);
    const struct hg_known_setting *known;
    for (size_t i = 0; settings && (known = hg_known_setting_at(i)); i++) {
        char quoted[80];
        snprintf(quoted, sizeof(quoted), "IN ('%s', ", known->name);
        bool first = strstr(settings->replacement, quoted);
        snprintf(quoted, sizeof(quoted), ", '%s'", known->name);
        bool named = first || strstr(strstr(settings->replacement, "IN ('block_size'"), quoted);
        CHECK(named == (known->shown == HG_SHOWN_SERVER));
    }
    CHECK(!relation("public", "pg_class"));
    CHECK(!relation("pg_toast", "pg_class"));
    CHECK(!relation("", "pg_class"));
    CHECK(!relation("pg_catalog", "pg_stat_statements"));
    CHECK(!hg_is_system_relation(HG_LIT("tables")));
    CHECK(!hg_is_system_relation(HG_LIT("messages")));
    CHECK(!hg_is_system_relation(HG_LIT("")));
}

static void known_settings(void)
{
    CHECK(hg_known_setting(HG_LIT("work_mem")));
    CHECK(hg_known_setting(HG_LIT("DateStyle")));
    CHECK(hg_known_setting(HG_LIT("SESSION_AUTHORIZATION")));
    CHECK(!hg_known_setting(HG_LIT("no_such")));
    CHECK(!hg_known_setting(HG_LIT("")));
    CHECK(!hg_known_setting(
        HG_LIT("a_name_that_is_longer_than_the_longest_that_postgresql_itself_has_for_a_setting")));
    for (int id = 0; id < HG_NSETTINGS; id++)
        CHECK(hg_known_setting(hg_slice_cstr(hg_settings[id].name)));
    /* What a session begins with is what a PostgreSQL shows that was just installed. */
    for (int id = HG_NCARRIED; id < HG_NSETTINGS; id++) {
        const struct hg_known_setting *one = hg_known_setting(hg_slice_cstr(hg_settings[id].name));
        bool of_socket = strncmp(one->name, "tcp_keepalives", 14) == 0;
        CHECK(one->context == HG_CONTEXT_USER && one->shown == HG_SHOWN_STOCK);
        CHECK(of_socket || strcmp(one->stock, hg_settings[id].initial) == 0);
    }
    CHECK(hg_known_setting(HG_LIT("data_directory"))->shown == HG_SHOWN_HIDDEN);
    CHECK_TEXT(hg_slice_cstr(hg_known_setting(HG_LIT("listen_addresses"))->stock), "localhost");
}

/* bsearch relies on it. */
static void order(void)
{
    static const char *const names[] = {
#define HG_OPERATOR(name) name,
#include "allow_operators.def"
    };
    static const char *const relation_names[] = {
#define HG_RELATION(schema, name, allowed, replacement) schema "." name,
#define HG_RIGHTS(schema, name, rights)                 schema "." name,
#include "allow_relations.def"
    };
    for (size_t i = 1; i < sizeof(names) / sizeof(names[0]); i++)
        CHECK(strcmp(names[i - 1], names[i]) < 0);
    for (size_t i = 1; i < sizeof(relation_names) / sizeof(relation_names[0]); i++)
        CHECK(strcmp(relation_names[i - 1], relation_names[i]) < 0);
}

int main(void)
{
    functions();
    identities();
    types();
    operators();
    relations();
    known_settings();
    order();
    return check_end();
}
