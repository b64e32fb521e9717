/* The relations of the policy: `tables`, `materialized` and `continuous`. Each must stand in schema.sql, on
 * at least one backend, and have a tenant column or say that it is shared: what is not said cannot be guessed
 * here. */
#include "keys.h"
#include "policy.h"

struct table_draft {
    const struct hg_yaml *backends, *tenant_column, *physical;
    bool shared;
    int wall, numbers, references;
};

static const char *const off_or_on[] = {"off", "on", NULL};
static const char *const refuse_or_share[] = {"refuse", "shared", NULL};

#define AT(field) .offset = offsetof(struct table_draft, field)
static const struct hg_key table_keys[] = {
    {"backends", HG_KEY_NODE, AT(backends), .help = "names of the backends that hold it"},
    {"tenant_column", HG_KEY_NODE, AT(tenant_column), .help = "its own tenant column"},
    {"shared", HG_KEY_BOOL, AT(shared), .help = "true: the same rows for every tenant"},
    {"physical", HG_KEY_NODE, AT(physical), .help = "schema.name in the backends, when it is another one"},
    {"wall", HG_KEY_WORD, AT(wall), .initial = "on", .words = off_or_on,
     .help = "off: row security of the database does without this table"},
    {"references", HG_KEY_WORD, AT(references), .initial = "refuse", .words = refuse_or_share,
     .help = "shared: tenants may set columns of foreign keys that lack the tenant column"},
    {"numbers", HG_KEY_WORD, AT(numbers), .initial = "refuse", .words = refuse_or_share,
     .help = "shared: tenants may take numbers of its sequences, which tell how many rows others add"},
};
#undef AT

/* A section of relations that share a schema and a prefix: materialized, continuous. */
struct family {
    enum hg_table_kind kind;
    const char *name; /* of the section and of the logical schema */
    const struct hg_yaml *prefix_node, *schema_node, *tables;
    struct hg_slice prefix, schema;
};

#define AT(field) .offset = offsetof(struct family, field)
static const struct hg_key family_keys[] = {
    {"prefix", HG_KEY_NODE, AT(prefix_node), .help = "what the physical names begin with"},
    {"schema", HG_KEY_NODE, AT(schema_node), .help = "the physical schema; public without it"},
    {"tables", HG_KEY_NODE, AT(tables), .help = "the relations, by their logical names"},
};
#undef AT

/* ---- names ---- */

static const char *nearest_schema_table(struct hg_policy *policy, const struct hg_table *table)
{
    struct hg_load *load = policy->load;
    if (!hg_load_hints(load))
        return NULL;
    const char **names = HG_NEW_ARRAY(&load->scratch, const char *, policy->schema.ntables + 1);
    for (size_t i = 0; i < policy->schema.ntables; i++)
        names[i] = hg_load_text(load, "%.*s.%.*s", HG_SLICE_FMT(policy->schema.tables[i]->schema),
                                HG_SLICE_FMT(policy->schema.tables[i]->name));
    struct hg_slice name = hg_slice_cstr(
        hg_load_text(load, "%.*s.%.*s", HG_SLICE_FMT(table->schema), HG_SLICE_FMT(table->name)));
    return hg_load_nearest(load, name, names, policy->schema.ntables);
}

const char *hg_policy_nearest_table(struct hg_policy *policy, struct hg_slice name)
{
    struct hg_load *load = policy->load;
    if (!hg_load_hints(load))
        return NULL;
    const char **names = HG_NEW_ARRAY(&load->scratch, const char *, policy->snapshot->ntables + 1);
    for (size_t i = 0; i < policy->snapshot->ntables; i++)
        if (hg_slice_equal(policy->snapshot->tables[i].name, name)) /* its schema was forgotten */
            return hg_load_text(load, "did you mean \"%.*s.%.*s\"?",
                                HG_SLICE_FMT(policy->snapshot->tables[i].schema), HG_SLICE_FMT(name));
    for (size_t i = 0; i < policy->snapshot->ntables; i++)
        names[i] = hg_load_text(load, "%.*s.%.*s", HG_SLICE_FMT(policy->snapshot->tables[i].schema),
                                HG_SLICE_FMT(policy->snapshot->tables[i].name));
    return hg_load_nearest(load, name, names, policy->snapshot->ntables);
}

/* ---- backends ---- */

static void unknown_backend(struct hg_policy *policy, const struct hg_yaml *node, struct hg_slice name)
{
    const struct hg_config *config = policy->snapshot->config;
    const char *names[HG_MAX_BACKENDS];
    for (size_t i = 0; i < config->nbackends; i++)
        names[i] = config->backends[i].name;
    hg_load_error(policy->load, node->place, hg_load_nearest(policy->load, name, names, config->nbackends),
                  "there is no backend \"%.*s\"", HG_SHORT(name));
}

static void add_backend(struct hg_policy *policy, struct hg_table *table, const struct hg_yaml *node)
{
    const struct hg_config *config = policy->snapshot->config;
    struct hg_slice name;
    if (!hg_load_scalar(policy->load, node, "a backend's name", &name))
        return;
    for (size_t i = 0; i < config->nbackends; i++) {
        if (!config->backends[i].name || !hg_slice_is(name, config->backends[i].name))
            continue;
        if (&config->backends[i] == config->catalog)
            hg_load_error(policy->load, node->place, NULL, "the catalog backend holds no rows");
        else
            table->backends |= UINT32_C(1) << i;
        return;
    }
    unknown_backend(policy, node, name);
}

static void read_backends(struct hg_policy *policy, struct hg_table *table, const struct hg_yaml *list)
{
    size_t errors = policy->load->diags->errors;
    if (!policy->snapshot->config || !policy->snapshot->config->nbackends)
        return; /* its own errors say why */
    if (list && !hg_load_list(policy->load, list, "\"backends\""))
        return;
    for (const struct hg_yaml *entry = list ? list->first : NULL; entry; entry = entry->next)
        add_backend(policy, table, entry);
    if (!table->backends && policy->load->diags->errors == errors)
        hg_load_error(policy->load, list ? list->place : table->place, "for example backends: [aurora]",
                      "table \"%.*s.%.*s\" is on no backend", HG_SHORT(table->schema), HG_SHORT(table->name));
}

/* ---- whose rows ---- */

static void read_tenant_column(struct hg_policy *policy, struct hg_table *table,
                               const struct table_draft *draft)
{
    struct hg_load *load = policy->load;
    struct hg_slice name = policy->default_tenant_column;
    if (draft->tenant_column) {
        if (draft->shared)
            hg_load_error(load, draft->tenant_column->key_place, "keep one of them",
                          "table \"%.*s.%.*s\" has a tenant column and is shared", HG_SHORT(table->schema),
                          HG_SHORT(table->name));
        if (!hg_load_scalar(load, draft->tenant_column, "\"tenant_column\"", &name) ||
            !hg_load_name(load, name, draft->tenant_column->place, "the tenant column's name"))
            return;
    } else if (!name.len && !draft->shared && !policy->tenant_column) {
        hg_load_error(
            load, table->place, "give it a tenant_column, or shared: true if its rows are for every tenant",
            "table \"%.*s.%.*s\" has no tenant column", HG_SHORT(table->schema), HG_SHORT(table->name));
    }
    int declared = hg_table_column(table, name);
    if (draft->shared) {
        if (name.len && declared >= 0)
            hg_load_warning(load, table->place, "every tenant sees all its rows; is that meant?",
                            "table \"%.*s.%.*s\" is shared, although it has the column \"%.*s\"",
                            HG_SHORT(table->schema), HG_SHORT(table->name), HG_SHORT(name));
        return;
    }
    table->tenant_column = hg_arena_slice(load->arena, name);
    table->tenant_column_index = declared;
}

/* ---- physical names ---- */

static void read_physical(struct hg_policy *policy, struct hg_table *table, const struct hg_yaml *node)
{
    struct hg_slice text, names[2];
    if (!hg_load_scalar(policy->load, node, "\"physical\"", &text))
        return;
    if (!hg_load_split(policy->load, text, names, 2)) {
        hg_load_error(policy->load, node->place, NULL,
                      "\"physical\" must be a schema and a name, not \"%.*s\"", HG_SHORT(text));
        return;
    }
    table->physical_schema = names[0];
    table->physical_name = names[1];
}

static void check_physical(struct hg_policy *policy, struct hg_table *table)
{
    struct hg_load *load = policy->load;
    struct hg_slice schema = table->physical_schema, name = table->physical_name;
    if (name.len > HG_NAME_BYTES || schema.len > HG_NAME_BYTES)
        hg_load_error(load, table->place, NULL, "the physical name \"%.*s.%.*s\" is longer than %d bytes",
                      HG_SHORT(schema), HG_SHORT(name), HG_NAME_BYTES);
    else if (hg_slice_is(schema, "pg_catalog") || hg_slice_is(schema, "information_schema"))
        hg_load_error(load, table->place, NULL, "\"%.*s.%.*s\" stands in a schema of PostgreSQL's own",
                      HG_SHORT(schema), HG_SHORT(name));
    const struct hg_table *other =
        hg_map_put(&policy->physical_map, hg_load_pair(&load->scratch, schema, name), table);
    if (other)
        hg_load_error(load, table->place, NULL,
                      "tables \"%.*s.%.*s\" and \"%.*s.%.*s\" stand for the same physical table",
                      HG_SHORT(other->schema), HG_SHORT(other->name), HG_SHORT(table->schema),
                      HG_SHORT(table->name));
}

/* ---- one relation ---- */

static void take_columns(struct hg_policy *policy, struct hg_table *table)
{
    struct hg_schema_table *from = hg_schema_find(&policy->schema, table->schema, table->name);
    if (!from) {
        if (policy->schema_read)
            hg_load_error(policy->load, table->place, nearest_schema_table(policy, table),
                          "table \"%.*s.%.*s\" is not in the schema", HG_SHORT(table->schema),
                          HG_SHORT(table->name));
        return;
    }
    from->table = table;
    table->columns = from->columns;
    table->ncolumns = from->ncolumns;
    table->comment = from->comment;
    table->children = from->children;
    table->partitioned = from->partitioned;
    for (size_t i = 0; i < table->ncolumns; i++)
        (void)hg_map_put(&table->column_index, table->columns[i].name, &table->columns[i]);
}

/* Where tenants' rows of it can be written: -1 for nowhere. */
static int find_write_backend(const struct hg_config *config, const struct hg_table *table)
{
    if (table->kind != HG_TABLE_PLAIN || table->shared)
        return -1;
    for (size_t i = 0; config && i < config->nbackends; i++)
        if ((table->backends >> i & 1) && config->backends[i].dialect == HG_DIALECT_POSTGRESQL)
            return (int)i;
    return -1;
}

/* A relation whose names and place are set. It counts even when it has errors, so that others can name it. */
static void read_table(struct hg_policy *policy, struct hg_table *table, const struct hg_yaml *entry)
{
    struct hg_load *load = policy->load;
    struct table_draft draft = {0};
    const char *what =
        hg_load_text(load, "table \"%.*s.%.*s\"", HG_SLICE_FMT(table->schema), HG_SLICE_FMT(table->name));
    if (hg_map_put(&policy->snapshot->table_map, hg_load_pair(load->arena, table->schema, table->name),
                   table))
        hg_load_error(load, table->place, NULL, "%s stands twice", what);
    table->index = (unsigned)policy->snapshot->ntables++;
    table->tenant_column_index = -1;
    hg_map_init(&table->column_index);
    (void)hg_keys_load(load, entry, what, table_keys, sizeof table_keys / sizeof table_keys[0], &draft);
    table->shared = draft.shared;
    table->walled = draft.wall && !draft.shared;
    table->numbers_shared = draft.numbers;
    table->references_shared = draft.references;
    if (draft.physical)
        read_physical(policy, table, draft.physical);
    check_physical(policy, table);
    take_columns(policy, table);
    read_backends(policy, table, draft.backends);
    table->write_backend = find_write_backend(policy->snapshot->config, table);
    read_tenant_column(policy, table, &draft);
}

static struct hg_table *next_table(struct hg_policy *policy, const struct hg_yaml *entry)
{
    struct hg_table *table = &policy->snapshot->tables[policy->snapshot->ntables];
    *table = (struct hg_table){.place = entry->key_place};
    return table;
}

static void read_tables(struct hg_policy *policy)
{
    struct hg_load *load = policy->load;
    if (!policy->tables || !hg_load_map(load, policy->tables, "\"tables\""))
        return;
    for (const struct hg_yaml *entry = policy->tables->first; entry; entry = entry->next) {
        struct hg_slice names[2];
        if (!hg_load_split(load, entry->key, names, 2)) {
            hg_load_error(load, entry->key_place, "for example public.messages",
                          "a table must be a schema and a name, not \"%.*s\"", HG_SHORT(entry->key));
            continue;
        }
        if (hg_slice_is(names[0], "materialized") || hg_slice_is(names[0], "continuous")) {
            hg_load_error(load, entry->key_place, NULL, "table \"%.*s\" belongs under \"%.*s\"",
                          HG_SHORT(entry->key), HG_SHORT(names[0]));
            continue;
        }
        struct hg_table *table = next_table(policy, entry);
        table->kind = HG_TABLE_PLAIN;
        table->schema = table->physical_schema = names[0];
        table->name = table->physical_name = names[1];
        read_table(policy, table, entry);
    }
}

/* ---- materialized and continuous ---- */

static void read_family_tables(struct hg_policy *policy, const struct family *family)
{
    struct hg_load *load = policy->load;
    if (!family->tables || !hg_load_map(load, family->tables, "\"tables\""))
        return;
    for (const struct hg_yaml *entry = family->tables->first; entry; entry = entry->next) {
        struct hg_slice name;
        if (!hg_load_split(load, entry->key, &name, 1)) {
            hg_load_error(load, entry->key_place, hg_load_text(load, "the schema is always %s", family->name),
                          "a %s table must be one name, not \"%.*s\"", family->name, HG_SHORT(entry->key));
            continue;
        }
        struct hg_table *table = next_table(policy, entry);
        table->kind = family->kind;
        table->schema = hg_slice_cstr(family->name);
        table->name = name;
        table->physical_schema = family->schema;
        table->physical_name =
            hg_arena_printf(load->arena, "%.*s%.*s", HG_SLICE_FMT(family->prefix), HG_SLICE_FMT(name));
        read_table(policy, table, entry);
    }
}

static void read_family(struct hg_policy *policy, const struct hg_yaml *node, struct family *family)
{
    struct hg_load *load = policy->load;
    struct hg_slice text;
    if (!node)
        return;
    (void)hg_keys_load(load, node, hg_load_text(load, "\"%s\"", family->name), family_keys,
                       sizeof family_keys / sizeof family_keys[0], family);
    family->prefix = hg_slice_cstr(hg_load_text(load, "_%s_", family->name));
    family->schema = HG_LIT("public");
    if (family->prefix_node && hg_load_scalar(load, family->prefix_node, "\"prefix\"", &text))
        family->prefix = text;
    if (family->schema_node && hg_load_scalar(load, family->schema_node, "\"schema\"", &text))
        family->schema = hg_arena_slice(load->arena, text);
    read_family_tables(policy, family);
}

/* ---- all ---- */

static size_t count_entries(const struct hg_yaml *map)
{
    return map && map->kind == HG_YAML_MAP ? map->count : 0;
}

static size_t count_family(const struct hg_yaml *node)
{
    size_t count = 0;
    if (count_entries(node))
        for (const struct hg_yaml *entry = node->first; entry; entry = entry->next)
            count += hg_slice_is(entry->key, "tables") ? count_entries(entry) : 0;
    return count;
}

static void report_unnamed(struct hg_policy *policy)
{
    for (size_t i = 0; i < policy->schema.ntables; i++) {
        const struct hg_schema_table *table = policy->schema.tables[i];
        if (!table->table && !table->partition)
            hg_load_warning(policy->load, table->place, NULL,
                            "table \"%.*s.%.*s\" stands in no policy: tenants do not see it",
                            HG_SHORT(table->schema), HG_SHORT(table->name));
    }
}

void hg_policy_tables(struct hg_policy *policy)
{
    struct family materialized = {.kind = HG_TABLE_MATERIALIZED, .name = "materialized"};
    struct family continuous = {.kind = HG_TABLE_CONTINUOUS, .name = "continuous"};
    size_t count =
        count_entries(policy->tables) + count_family(policy->materialized) + count_family(policy->continuous);
    policy->snapshot->tables = HG_NEW_ARRAY(policy->load->arena, struct hg_table, count + 1);
    read_tables(policy);
    read_family(policy, policy->materialized, &materialized);
    read_family(policy, policy->continuous, &continuous);
    report_unnamed(policy);
}

/* ---- for documentation ---- */

struct hg_policy_section hg_policy_table_keys(void)
{
    return (struct hg_policy_section){"tables.<schema.name>", table_keys,
                                      sizeof table_keys / sizeof table_keys[0]};
}

struct hg_policy_section hg_policy_family_keys(void)
{
    return (struct hg_policy_section){"materialized", family_keys,
                                      sizeof family_keys / sizeof family_keys[0]};
}
