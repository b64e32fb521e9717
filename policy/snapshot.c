/* Loading, sharing and looking up snapshots. Loading builds everything in the snapshot's own arena and gives
 * the snapshot away only when no file had an error; after that nothing but the reference count changes. */
#include "snapshot.h"

#include <stdlib.h>
#include <sys/random.h>

#include "load.h"
#include "schema.h"

static struct hg_snapshot *new_snapshot(const char *config_path)
{
    struct hg_snapshot *snapshot = hg_calloc(1, sizeof *snapshot);
    atomic_init(&snapshot->references, 1);
    hg_arena_init(&snapshot->arena, 0);
    hg_map_init(&snapshot->table_map);
    hg_map_init(&snapshot->type_map);
    hg_map_init(&snapshot->user_map);
    snapshot->config_path = hg_arena_cstr(&snapshot->arena, hg_slice_cstr(config_path));
    return snapshot;
}

static void free_snapshot(struct hg_snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->ntables; i++)
        hg_map_free(&snapshot->tables[i].column_index);
    for (size_t i = 0; i < snapshot->nroles; i++)
        hg_map_free(&snapshot->roles[i].denied);
    hg_map_free(&snapshot->table_map);
    hg_map_free(&snapshot->type_map);
    hg_map_free(&snapshot->user_map);
    hg_arena_free(&snapshot->arena);
    free(snapshot);
}

/* What sets a good snapshot apart from every other: its number, and its secret. */
static bool finish(struct hg_snapshot *snapshot)
{
    static atomic_uint_fast64_t generations;
    snapshot->generation = atomic_fetch_add(&generations, 1) + 1;
    return getrandom(snapshot->mock_secret, sizeof snapshot->mock_secret, 0) ==
           (ssize_t)sizeof snapshot->mock_secret;
}

static struct hg_snapshot *load_from(struct hg_sources from, bool offline, const char *config_path,
                                     struct hg_diags *diags)
{
    size_t errors = diags->errors;
    struct hg_snapshot *snapshot = new_snapshot(config_path);
    struct hg_load load = {
        .snapshot = snapshot, .arena = &snapshot->arena, .diags = diags, .from = from, .offline = offline};
    hg_arena_init(&load.scratch, 0);
    hg_load_config(&load, snapshot->config_path);
    if (snapshot->policy_path)
        hg_load_policy(&load, snapshot->policy_path);
    if (diags->errors == errors && !finish(snapshot))
        hg_load_error(&load, (struct hg_place){0}, NULL, "the system gives no random bytes");
    hg_arena_free(&load.scratch);
    if (diags->errors == errors)
        return snapshot;
    free_snapshot(snapshot);
    return NULL;
}

struct hg_snapshot *hg_snapshot_load(const char *config_path, struct hg_diags *diags)
{
    return load_from((struct hg_sources){0}, false, config_path, diags);
}

struct hg_snapshot *hg_snapshot_load_offline(const char *config_path, struct hg_diags *diags)
{
    return load_from((struct hg_sources){0}, true, config_path, diags);
}

struct hg_snapshot *hg_snapshot_load_texts(const struct hg_source *files, size_t count,
                                           const char *config_path, struct hg_diags *diags)
{
    return load_from((struct hg_sources){.given = files, .ngiven = count}, false, config_path, diags);
}

size_t hg_snapshot_stack_bytes(void)
{
    return hg_tree_stack_bytes(HG_SCHEMA_STATEMENT_BYTES);
}

struct hg_snapshot *hg_snapshot_hold(const struct hg_snapshot *snapshot)
{
    struct hg_snapshot *held = (struct hg_snapshot *)snapshot; /* only the count changes */
    atomic_fetch_add_explicit(&held->references, 1, memory_order_relaxed);
    return held;
}

void hg_snapshot_drop(const struct hg_snapshot *snapshot)
{
    struct hg_snapshot *held = (struct hg_snapshot *)snapshot;
    if (held && atomic_fetch_sub_explicit(&held->references, 1, memory_order_acq_rel) == 1)
        free_snapshot(held);
}

/* ---- lookups ---- */

const char *const hg_grant_names[HG_NGRANTS] = {
    [HG_GRANT_SELECT] = "select", [HG_GRANT_INSERT] = "insert",   [HG_GRANT_UPDATE] = "update",
    [HG_GRANT_DELETE] = "delete", [HG_GRANT_LOCK] = "lock",       [HG_GRANT_COPY] = "copy",
    [HG_GRANT_CURSOR] = "cursor", [HG_GRANT_PREPARE] = "prepare", [HG_GRANT_EXPLAIN] = "explain",
};

bool hg_role_may_call(const struct hg_role *role, struct hg_slice function)
{
    return !hg_map_get(&role->denied, function);
}

bool hg_role_sees_table(const struct hg_role *role, const struct hg_table *table)
{
    return !role || role->views[table->index].readable || role->views[table->index].writable;
}

/* What is written and not read has no hidden columns: columns' rules speak of reading. */
bool hg_role_sees_column(const struct hg_role *role, const struct hg_table *table, size_t column)
{
    const struct hg_column_view *columns = role ? role->views[table->index].columns : NULL;
    return hg_role_sees_table(role, table) && !(columns && columns[column].hidden);
}

bool hg_role_sees_primary_key(const struct hg_role *role, const struct hg_table *table)
{
    for (size_t i = 0; i < table->nprimary_key; i++)
        if (!hg_role_sees_column(role, table, table->primary_key[i]))
            return false;
    return table->nprimary_key != 0;
}

bool hg_role_sees_object(const struct hg_role *role, const struct hg_schema_object *object)
{
    for (size_t i = 0; i < object->nparts; i++)
        if (!hg_role_sees_column(role, object->parts[i].table, object->parts[i].column))
            return false;
    return true;
}

bool hg_role_sees_type(const struct hg_snapshot *snapshot, const struct hg_role *role,
                       const struct hg_user_type *type)
{
    return !role || !role->types || role->types[type - snapshot->types];
}

bool hg_role_sees_schema(const struct hg_snapshot *snapshot, const struct hg_role *role,
                         struct hg_slice schema)
{
    for (size_t i = 0; i < snapshot->nschemas; i++)
        if (hg_slice_equal(snapshot->schemas[i], schema))
            return !role || !role->schemas || role->schemas[i];
    return false;
}

const struct hg_table *hg_role_table(const struct hg_snapshot *snapshot, const struct hg_role *role,
                                     struct hg_slice schema, struct hg_slice name)
{
    const struct hg_table *table = hg_snapshot_table(snapshot, schema, name);
    return table && hg_role_sees_table(role, table) ? table : NULL;
}

const struct hg_user_type *hg_role_type(const struct hg_snapshot *snapshot, const struct hg_role *role,
                                        struct hg_slice schema, struct hg_slice name)
{
    const struct hg_user_type *type = hg_snapshot_type(snapshot, schema, name);
    return type && hg_role_sees_type(snapshot, role, type) ? type : NULL;
}

const struct hg_role *hg_snapshot_catalog_role(const struct hg_snapshot *snapshot, unsigned backend)
{
    for (size_t i = 0; backend != snapshot->config->catalog->index && i < snapshot->nroles; i++)
        if (snapshot->roles[i].catalog == backend)
            return &snapshot->roles[i];
    return NULL;
}

const struct hg_user *hg_snapshot_user(const struct hg_snapshot *snapshot, struct hg_slice name)
{
    return hg_map_get(&snapshot->user_map, name);
}

static void *find_pair(const struct hg_map *map, struct hg_slice schema, struct hg_slice name)
{
    char key[2 * HG_NAME_BYTES + 1];
    if (schema.len > HG_NAME_BYTES || name.len > HG_NAME_BYTES || !schema.len || !name.len)
        return NULL;
    memcpy(key, schema.ptr, schema.len);
    key[schema.len] = '\0';
    memcpy(key + schema.len + 1, name.ptr, name.len);
    return hg_map_get(map, hg_slice_of(key, schema.len + 1 + name.len));
}

const struct hg_table *hg_snapshot_table(const struct hg_snapshot *snapshot, struct hg_slice schema,
                                         struct hg_slice name)
{
    return find_pair(&snapshot->table_map, schema, name);
}

const struct hg_user_type *hg_snapshot_type(const struct hg_snapshot *snapshot, struct hg_slice schema,
                                            struct hg_slice name)
{
    return find_pair(&snapshot->type_map, schema, name);
}

static bool is_called(const struct hg_table *table, struct hg_slice schema, struct hg_slice name)
{
    return hg_slice_equal(table->physical_name, name) && hg_slice_equal(table->physical_schema, schema);
}

/* Most tables bear the same name on both sides; the others are looked for one by one. */
const struct hg_table *hg_snapshot_physical_table(const struct hg_snapshot *snapshot, struct hg_slice schema,
                                                  struct hg_slice name)
{
    const struct hg_table *table = hg_snapshot_table(snapshot, schema, name);
    if (table && is_called(table, schema, name))
        return table;
    for (size_t i = 0; i < snapshot->ntables; i++)
        if (is_called(&snapshot->tables[i], schema, name))
            return &snapshot->tables[i];
    return NULL;
}

bool hg_snapshot_has_schema(const struct hg_snapshot *snapshot, struct hg_slice schema)
{
    for (size_t i = 0; i < snapshot->nschemas; i++)
        if (hg_slice_equal(snapshot->schemas[i], schema))
            return true;
    return false;
}

bool hg_table_in_global_key(const struct hg_table *table, size_t column)
{
    for (size_t i = 0; !table->shared && i < table->nunique_keys; i++) {
        const struct hg_unique_key *key = &table->unique_keys[i];
        if (key->has_tenant)
            continue;
        if (key->expressions && table->columns[column].in_expression)
            return true;
        for (size_t k = 0; k < key->ncolumns; k++)
            if (key->columns[k] == column)
                return true;
    }
    return false;
}

int hg_table_column(const struct hg_table *table, struct hg_slice name)
{
    const struct hg_column *column = hg_map_get(&table->column_index, name);
    return column ? (int)(column - table->columns) : -1;
}
