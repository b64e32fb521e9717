/* Lookups in the generated lists: binary search by bytes in arrays that the compiler lays out from
 * allow_*.def.
 *
 * Every name that PostgreSQL 15 has is in the lists, the denied ones too, so that "does not exist" and "may
 * not be used" are told apart; what is in no list is denied by the caller. */
#include "allow.h"

#include <stdio.h>
#include <stdlib.h>

#include "settings.h"

/* Of any list: entries begin with their name and are sorted by its bytes. */
struct named {
    const char *name;
};

struct function {
    const char *name;
    enum hg_function_class class;
};

struct type {
    const char *name;
    enum hg_function_class class;
    uint32_t oid; /* the same in every PostgreSQL; 0 for information_schema's, which have none of their own */
};

struct identity {
    const char *name;
    enum hg_identity identity;
};

#define NAME_BYTES    63    /* of a name in PostgreSQL */
#define UNKNOWN_OID   705   /* of the type that leaves it to the server */
#define FIRST_OWN_OID 16384 /* below are PostgreSQL's own */

#define DENIED   HG_FN_DENIED
#define ANY      HG_FN_ANY
#define CATALOG  HG_FN_CATALOG
#define IDENTITY HG_FN_IDENTITY

static const struct function functions[] = {
#define HG_FUNCTION(name, class) {name, class},
#define HG_INFORMATION_FUNCTION(name, class)
#include "allow_functions.def"
#undef HG_FUNCTION
#undef HG_INFORMATION_FUNCTION
};

static const struct function information_functions[] = {
#define HG_FUNCTION(name, class)
#define HG_INFORMATION_FUNCTION(name, class) {name, class},
#include "allow_functions.def"
#undef HG_FUNCTION
#undef HG_INFORMATION_FUNCTION
};

static const struct type types[] = {
#define HG_TYPE(name, oid, class) {name, class, oid},
#define HG_INFORMATION_TYPE(name, class)
#include "allow_types.def"
#undef HG_TYPE
#undef HG_INFORMATION_TYPE
};

static const struct type information_types[] = {
#define HG_TYPE(name, oid, class)
#define HG_INFORMATION_TYPE(name, class) {name, class, 0},
#include "allow_types.def"
#undef HG_TYPE
#undef HG_INFORMATION_TYPE
};

static const struct named operators[] = {
#define HG_OPERATOR(name) {name},
#include "allow_operators.def"
#undef HG_OPERATOR
};

#define INTERNAL          HG_CONTEXT_INTERNAL
#define POSTMASTER        HG_CONTEXT_POSTMASTER
#define SIGHUP            HG_CONTEXT_SIGHUP
#define BACKEND           HG_CONTEXT_BACKEND
#define SUPERUSER_BACKEND HG_CONTEXT_BACKEND
#define SUPERUSER         HG_CONTEXT_SUPERUSER
#define USER              HG_CONTEXT_USER
#define HIDDEN            HG_SHOWN_HIDDEN
#define SERVER            HG_SHOWN_SERVER
#define STOCK             HG_SHOWN_STOCK
static const struct hg_known_setting known_settings[] = {
#define HG_KNOWN_SETTING(name, context, shown, stock) {name, context, shown, stock},
#include "allow_settings.def"
#undef HG_KNOWN_SETTING
};

static const struct hg_catalog_relation relations[] = {
#define HG_RELATION(schema, name, allowed, replacement) {schema, name, allowed, replacement, NULL},
#define HG_RIGHTS(schema, name, rights)                 {schema, name, true, NULL, rights},
#include "allow_relations.def"
#undef HG_RELATION
#undef HG_RIGHTS
};

static const struct identity identities[] = {
    {"current_database", HG_IDENTITY_DATABASE},
    {"current_schema", HG_IDENTITY_SCHEMA},
    {"current_schemas", HG_IDENTITY_SCHEMAS},
    {"current_setting", HG_IDENTITY_SETTING},
    {"current_user", HG_IDENTITY_USER},
    {"getpgusername", HG_IDENTITY_USER},
    {"has_any_column_privilege", HG_IDENTITY_PRIVILEGE},
    {"has_column_privilege", HG_IDENTITY_PRIVILEGE},
    {"has_database_privilege", HG_IDENTITY_PRIVILEGE},
    {"has_function_privilege", HG_IDENTITY_PRIVILEGE},
    {"has_language_privilege", HG_IDENTITY_PRIVILEGE},
    {"has_schema_privilege", HG_IDENTITY_PRIVILEGE},
    {"has_sequence_privilege", HG_IDENTITY_PRIVILEGE},
    {"has_table_privilege", HG_IDENTITY_PRIVILEGE},
    {"has_type_privilege", HG_IDENTITY_PRIVILEGE},
    {"inet_client_addr", HG_IDENTITY_CLIENT_ADDRESS},
    {"inet_client_port", HG_IDENTITY_CLIENT_PORT},
    {"inet_server_addr", HG_IDENTITY_SERVER_ADDRESS},
    {"inet_server_port", HG_IDENTITY_SERVER_PORT},
    {"pg_backend_pid", HG_IDENTITY_PID},
    {"pg_conf_load_time", HG_IDENTITY_START},
    {"pg_database_size", HG_IDENTITY_SIZE},
    {"pg_get_userbyid", HG_IDENTITY_USER_BY_ID},
    {"pg_has_role", HG_IDENTITY_MEMBER},
    {"pg_indexes_size", HG_IDENTITY_TABLE_SIZE},
    {"pg_postmaster_start_time", HG_IDENTITY_START},
    {"pg_relation_size", HG_IDENTITY_TABLE_SIZE},
    {"pg_stat_get_numscans", HG_IDENTITY_SIZE},
    {"pg_table_size", HG_IDENTITY_TABLE_SIZE},
    {"pg_tablespace_location", HG_IDENTITY_PLACE},
    {"pg_tablespace_size", HG_IDENTITY_SIZE},
    {"pg_total_relation_size", HG_IDENTITY_TABLE_SIZE},
    {"session_user", HG_IDENTITY_USER},
    {"shobj_description", HG_IDENTITY_COMMENT},
    {"txid_current", HG_IDENTITY_TRANSACTION},
};

static int compare_name(struct hg_slice key, const char *name)
{
    size_t len = strlen(name);
    int order = memcmp(key.ptr, name, key.len < len ? key.len : len);
    if (order == 0)
        order = (key.len > len) - (key.len < len);
    return order;
}

static int compare_entry(const void *key, const void *entry)
{
    return compare_name(*(const struct hg_slice *)key, ((const struct named *)entry)->name);
}

static const void *find(struct hg_slice name, const void *list, size_t count, size_t size)
{
    return name.len ? bsearch(&name, list, count, size, compare_entry) : NULL;
}

#define FIND(name, list) find((name), (list), sizeof(list) / sizeof((list)[0]), sizeof((list)[0]))

static bool is_catalog_schema(struct hg_slice schema)
{
    return schema.len == 0 || hg_slice_is(schema, "pg_catalog");
}

enum hg_function_class hg_allow_function(struct hg_slice schema, struct hg_slice name)
{
    const struct function *function;
    if (is_catalog_schema(schema))
        function = FIND(name, functions);
    else if (hg_slice_is(schema, "information_schema"))
        function = FIND(name, information_functions);
    else
        return HG_FN_DENIED;
    return function ? function->class : HG_FN_UNKNOWN;
}

const char *hg_allow_function_at(size_t index)
{
    return index < sizeof(functions) / sizeof(functions[0]) ? functions[index].name : NULL;
}

enum hg_identity hg_allow_identity(struct hg_slice name)
{
    const struct identity *found = FIND(name, identities);
    return found ? found->identity : HG_IDENTITY_NONE;
}

unsigned hg_privilege_arguments(struct hg_slice name)
{
    if (hg_allow_identity(name) != HG_IDENTITY_PRIVILEGE)
        return 0;
    return hg_slice_is(name, "has_column_privilege") ? 3 : 2;
}

bool hg_allow_type(struct hg_slice schema, struct hg_slice name, bool catalog)
{
    const struct type *type = NULL;
    if (is_catalog_schema(schema))
        type = FIND(name, types);
    else if (hg_slice_is(schema, "information_schema"))
        type = FIND(name, information_types);
    return type && (type->class == HG_FN_ANY || (type->class == HG_FN_CATALOG && catalog));
}

uint32_t hg_allow_type_number(struct hg_slice name, bool array)
{
    char buffer[NAME_BYTES + 1];
    if (array) { /* PostgreSQL's own name of an array's type */
        int len = snprintf(buffer, sizeof buffer, "_%.*s", HG_SLICE_FMT(name));
        if (len < 0 || (size_t)len >= sizeof buffer)
            return 0;
        name = hg_slice_of(buffer, (size_t)len);
    }
    const struct type *type = FIND(name, types);
    return type && (type->class == HG_FN_ANY || type->class == HG_FN_CATALOG) ? type->oid : 0;
}

bool hg_allow_parameter(uint32_t oid, bool catalog)
{
    if (oid == 0 || oid == UNKNOWN_OID)
        return true;
    if (oid >= FIRST_OWN_OID)
        return catalog;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (types[i].oid == oid)
            return types[i].class == HG_FN_ANY || (types[i].class == HG_FN_CATALOG && catalog);
    return false;
}

bool hg_allow_operator(struct hg_slice schema, struct hg_slice name)
{
    return is_catalog_schema(schema) && FIND(name, operators);
}

struct relation_key {
    struct hg_slice schema, name;
};

static int compare_relation(const void *key, const void *entry)
{
    const struct relation_key *wanted = key;
    const struct hg_catalog_relation *relation = entry;
    int order = compare_name(wanted->schema, relation->schema);
    return order ? order : compare_name(wanted->name, relation->name);
}

static const struct hg_catalog_relation *find_relation(struct hg_slice schema, struct hg_slice name)
{
    struct relation_key key = {schema, name};
    if (schema.len == 0 || name.len == 0)
        return NULL;
    return bsearch(&key, relations, sizeof(relations) / sizeof(relations[0]), sizeof(relations[0]),
                   compare_relation);
}

const struct hg_catalog_relation *hg_allow_catalog_relation(struct hg_slice schema, struct hg_slice name)
{
    const struct hg_catalog_relation *relation = find_relation(schema, name);
    return relation && relation->allowed ? relation : NULL;
}

const struct hg_catalog_relation *hg_catalog_relation_at(size_t index)
{
    return index < sizeof(relations) / sizeof(relations[0]) ? &relations[index] : NULL;
}

bool hg_is_system_relation(struct hg_slice name)
{
    return find_relation(HG_LIT("pg_catalog"), name) != NULL;
}

const struct hg_known_setting *hg_known_setting(struct hg_slice name)
{
    char lower[64];
    if (name.len == 0 || name.len > sizeof(lower))
        return NULL;
    for (size_t i = 0; i < name.len; i++)
        lower[i] = (char)(name.ptr[i] >= 'A' && name.ptr[i] <= 'Z' ? name.ptr[i] + ('a' - 'A') : name.ptr[i]);
    return FIND(hg_slice_of(lower, name.len), known_settings);
}

const struct hg_known_setting *hg_known_setting_at(size_t index)
{
    return index < sizeof(known_settings) / sizeof(known_settings[0]) ? &known_settings[index] : NULL;
}

/* ---- roles ---- */

const struct hg_known_role hg_known_roles[HG_KNOWN_ROLES] = {
    {10, "postgres"},
    {6171, "pg_database_owner"},
    {6181, "pg_read_all_data"},
    {6182, "pg_write_all_data"},
    {3373, "pg_monitor"},
    {3374, "pg_read_all_settings"},
    {3375, "pg_read_all_stats"},
    {3377, "pg_stat_scan_tables"},
    {4569, "pg_read_server_files"},
    {4570, "pg_write_server_files"},
    {4571, "pg_execute_server_program"},
    {4200, "pg_signal_backend"},
    {4544, "pg_checkpoint"},
};

bool hg_is_known_role(struct hg_slice name)
{
    for (size_t i = 0; i < HG_KNOWN_ROLES; i++)
        if (hg_slice_is(name, hg_known_roles[i].name))
            return true;
    return false;
}
