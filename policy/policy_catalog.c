/* Which catalog database a role has. One that sees everything has the backend `catalog` as it is configured;
 * each other role one of its own, in which what is hidden from it does not exist. Such a database is one more
 * entry of config->backends, behind those of the configuration.
 *
 * A type is seen where a column that is seen needs it; one that no column of the policy's tables has is seen
 * like a schema's other things: where the schema is `public`, or has a table that is seen. */
#include "policy.h"

void hg_policy_catalogs(struct hg_policy *policy, size_t nroles)
{
    struct hg_config *config = policy->snapshot->config;
    if (!config || !config->catalog)
        return;
    struct hg_backend_config *backends =
        HG_NEW_ARRAY(policy->load->arena, struct hg_backend_config, config->nbackends + nroles);
    memcpy(backends, config->backends, config->nbackends * sizeof *backends);
    config->catalog = &backends[config->catalog->index];
    config->backends = backends;
}

static bool sees_everything(const struct hg_snapshot *snapshot, const struct hg_role *role)
{
    for (size_t i = 0; i < snapshot->ntables; i++) {
        const struct hg_table *table = &snapshot->tables[i];
        if (!hg_role_sees_table(role, table))
            return false;
        for (size_t j = 0; j < table->ncolumns; j++)
            if (!hg_role_sees_column(role, table, j))
                return false;
    }
    return true;
}

/* ---- types ---- */

static void show_type(const struct hg_snapshot *snapshot, bool *types, const struct hg_type *type)
{
    const struct hg_user_type *own = hg_snapshot_type(snapshot, type->schema, type->name);
    for (size_t depth = 0; own && depth <= snapshot->ntypes; depth++) {
        types[own - snapshot->types] = true;
        own =
            own->kind == HG_TYPE_DOMAIN ? hg_snapshot_type(snapshot, own->base.schema, own->base.name) : NULL;
    }
}

static bool has_table_in(const struct hg_snapshot *snapshot, const struct hg_role *role,
                         struct hg_slice schema)
{
    for (size_t i = 0; i < snapshot->ntables; i++)
        if (hg_slice_equal(snapshot->tables[i].schema, schema) &&
            hg_role_sees_table(role, &snapshot->tables[i]))
            return true;
    return hg_slice_is(schema, "public");
}

static void find_types(struct hg_policy *policy, struct hg_role *role)
{
    const struct hg_snapshot *snapshot = policy->snapshot;
    bool *seen = HG_NEW_ARRAY(policy->load->arena, bool, snapshot->ntypes + 1);
    bool *used = HG_NEW_ARRAY(&policy->load->scratch, bool, snapshot->ntypes + 1);
    for (size_t i = 0; i < snapshot->ntables; i++)
        for (size_t j = 0; j < snapshot->tables[i].ncolumns; j++) {
            const struct hg_type *type = &snapshot->tables[i].columns[j].type;
            show_type(snapshot, used, type);
            if (hg_role_sees_column(role, &snapshot->tables[i], j))
                show_type(snapshot, seen, type);
        }
    for (size_t i = 0; i < snapshot->ntypes; i++) {
        const struct hg_user_type *type = &snapshot->types[i];
        const struct hg_type itself = {.schema = type->schema, .name = type->name};
        if (!used[i] && has_table_in(snapshot, role, type->schema) &&
            !(type->kind == HG_TYPE_DOMAIN && hg_snapshot_type(snapshot, type->base.schema, type->base.name)))
            show_type(snapshot, seen, &itself);
    }
    role->types = seen;
}

static void find_schemas(struct hg_policy *policy, struct hg_role *role)
{
    const struct hg_snapshot *snapshot = policy->snapshot;
    bool *seen = HG_NEW_ARRAY(policy->load->arena, bool, snapshot->nschemas);
    for (size_t i = 0; i < snapshot->nschemas; i++) {
        seen[i] = has_table_in(snapshot, role, snapshot->schemas[i]);
        for (size_t j = 0; j < snapshot->ntypes && !seen[i]; j++)
            seen[i] = role->types[j] && hg_slice_equal(snapshot->types[j].schema, snapshot->schemas[i]);
    }
    role->schemas = seen;
}

/* ---- the database ---- */

static struct hg_slice name_database(struct hg_policy *policy, const struct hg_role *role,
                                     const struct hg_yaml *named, const struct hg_yaml *entry)
{
    struct hg_load *load = policy->load;
    struct hg_slice name = hg_arena_printf(
        load->arena, "%s_%.*s", policy->snapshot->config->catalog->database, HG_SLICE_FMT(role->name));
    if (named)
        return hg_load_scalar(load, named, "\"catalog\"", &name) &&
                       hg_load_name(load, name, named->place, "a catalog database's name")
                   ? name
                   : HG_LIT("");
    if (name.len <= HG_NAME_BYTES)
        return name;
    hg_load_error(load, entry->key_place, "give it one: catalog: name",
                  "the catalog database of role \"%.*s\", \"%.*s\", would have a name of more than %d bytes",
                  HG_SHORT(role->name), HG_SHORT(name), HG_NAME_BYTES);
    return HG_LIT("");
}

static bool is_taken(const struct hg_config *config, struct hg_slice name)
{
    for (size_t i = 0; i < config->nservers; i++) {
        const struct hg_backend_config *other = &config->backends[i];
        if (other->database && hg_slice_is(name, other->database) && other->host && config->catalog->host &&
            strcmp(other->host, config->catalog->host) == 0 && other->port == config->catalog->port)
            return true;
    }
    return false;
}

static void add_catalog(struct hg_policy *policy, struct hg_role *role, struct hg_slice database,
                        struct hg_place place)
{
    struct hg_config *config = policy->snapshot->config;
    struct hg_backend_config *backend = &config->backends[config->nservers];
    if (is_taken(config, database))
        hg_load_error(policy->load, place, "another name: catalog: name",
                      "the catalog database of role \"%.*s\", \"%.*s\", is used for something else",
                      HG_SHORT(role->name), HG_SHORT(database));
    *backend = *config->catalog;
    backend->index = (unsigned)config->nservers++;
    backend->database = hg_arena_cstr(policy->load->arena, database);
    role->catalog = backend->index;
}

void hg_policy_catalog(struct hg_policy *policy, struct hg_role *role, const struct hg_yaml *named,
                       const struct hg_yaml *entry)
{
    const struct hg_config *config = policy->snapshot->config;
    if (!config || !config->catalog || !config->catalog->database)
        return;
    role->catalog = config->catalog->index;
    if (sees_everything(policy->snapshot, role)) {
        if (named)
            hg_load_warning(policy->load, named->key_place, NULL,
                            "role \"%.*s\" sees everything: it has no catalog database of its own",
                            HG_SHORT(role->name));
        return;
    }
    find_types(policy, role);
    find_schemas(policy, role);
    struct hg_slice database = name_database(policy, role, named, entry);
    if (database.len)
        add_catalog(policy, role, database, named ? named->place : entry->key_place);
}
