/* The top of policy.yaml: what it is called, which schema it describes, and the order in which its sections
 * are read. */
#include "policy.h"

#include "keys.h"

static const char *const removals[] = {"transaction", "now", NULL};

#define AT(field) .offset = offsetof(struct hg_policy, field)
static const struct hg_key policy_keys[] = {
    {"database", HG_KEY_NODE, AT(database), .required = true, .help = "the name that clients connect to"},
    {"schema", HG_KEY_NODE, AT(schema_file), .required = true, .help = "file with the logical schema as DDL"},
    {"tenant_column", HG_KEY_NODE, AT(tenant_column),
     .help = "the column that says whose a row is, unless a table names its own"},
    {"tables", HG_KEY_NODE, AT(tables), .help = "tables, as schema.name"},
    {"materialized", HG_KEY_NODE, AT(materialized), .help = "tables that are refreshed as a whole"},
    {"continuous", HG_KEY_NODE, AT(continuous), .help = "rollups with a stored and an open part"},
    {"roles", HG_KEY_NODE, AT(roles), .required = true,
     .help = "what may be read and written, and how columns look"},
    {"tenants", HG_KEY_NODE, AT(tenants), .required = true, .help = "whose rows there are"},
    {"login", HG_KEY_NODE, AT(login), .help = "how users log in that do not say it themselves"},
    {"limits", HG_KEY_NODE, AT(limits), .help = "how much each tenant may ask for"},
    {"on_removal", HG_KEY_WORD, AT(on_removal), .initial = "transaction", .words = removals,
     .help =
         "when a user who is removed, or gets another tenant, is cut off: at the end of the transaction, or "
         "now"},
    {"users", HG_KEY_NODE, AT(users), .required = true, .help = "who may log in"},
};
#undef AT

static void read_schema(struct hg_policy *policy)
{
    struct hg_load *load = policy->load;
    struct hg_slice name;
    struct hg_source source;
    if (!hg_load_scalar(load, policy->schema_file, "\"schema\"", &name))
        return;
    const char *path = hg_source_beside(load->arena, policy->schema_file->place.file, name);
    load->snapshot->schema_path = path;
    if (!hg_load_read(load, policy->schema_file->place, path, HG_SCHEMA_BYTES, &source))
        return;
    size_t errors = load->diags->errors;
    hg_schema_read(load, &source, &policy->schema);
    policy->schema_read = load->diags->errors == errors;
}

static void read_database(struct hg_policy *policy)
{
    struct hg_load *load = policy->load;
    struct hg_slice name;
    if (policy->database && hg_load_scalar(load, policy->database, "\"database\"", &name) &&
        hg_load_name(load, name, policy->database->place, "the database's name"))
        load->snapshot->database = hg_arena_slice(load->arena, name);
    if (hg_slice_is(load->snapshot->database, HG_CONSOLE_DATABASE))
        hg_load_error(load, policy->database->place, NULL,
                      "the database \"" HG_CONSOLE_DATABASE "\" is the console of administrators");
}

static void read_tenant_column(struct hg_policy *policy)
{
    struct hg_load *load = policy->load;
    struct hg_slice name;
    if (policy->tenant_column && hg_load_scalar(load, policy->tenant_column, "\"tenant_column\"", &name) &&
        hg_load_name(load, name, policy->tenant_column->place, "the tenant column's name"))
        policy->default_tenant_column = hg_arena_slice(load->arena, name);
}

static void add_schema_name(struct hg_snapshot *snapshot, struct hg_slice name)
{
    if (!hg_snapshot_has_schema(snapshot, name))
        snapshot->schemas[snapshot->nschemas++] = name;
}

/* The schemas that tenants see: those in which they see something. */
static void collect_schemas(struct hg_load *load)
{
    struct hg_snapshot *snapshot = load->snapshot;
    snapshot->schemas = HG_NEW_ARRAY(load->arena, struct hg_slice, 1 + snapshot->ntables + snapshot->ntypes);
    add_schema_name(snapshot, HG_LIT("public"));
    for (size_t i = 0; i < snapshot->ntables; i++)
        add_schema_name(snapshot, snapshot->tables[i].schema);
    for (size_t i = 0; i < snapshot->ntypes; i++)
        add_schema_name(snapshot, snapshot->types[i].schema);
}

static void read_sections(struct hg_policy *policy)
{
    struct hg_load *load = policy->load;
    read_database(policy);
    read_tenant_column(policy);
    if (policy->schema_file)
        read_schema(policy);
    hg_policy_tables(policy);
    hg_schema_finish(load, &policy->schema);
    collect_schemas(load);
    hg_policy_roles(policy);
    hg_policy_tenants(policy);
    hg_policy_login_default(policy);
    hg_policy_users(policy);
    if (policy->schema_read)
        hg_policy_lint(policy);
}

void hg_load_policy(struct hg_load *load, const char *path)
{
    struct hg_source source;
    struct hg_policy policy = {.load = load, .snapshot = load->snapshot};
    if (!hg_load_read(load, load->policy_place, path, HG_POLICY_BYTES, &source))
        return;
    const struct hg_yaml *root = hg_yaml_parse(&source, &load->scratch, load->diags);
    if (!root)
        return;
    hg_map_init(&policy.physical_map);
    hg_map_init(&policy.role_map);
    hg_map_init(&policy.tenant_map);
    (void)hg_keys_load(load, root, "the policy", policy_keys, sizeof policy_keys / sizeof policy_keys[0],
                       &policy);
    load->snapshot->cut_off_now = policy.on_removal == 1;
    read_sections(&policy);
    hg_schema_free(&policy.schema);
    hg_map_free(&policy.physical_map);
    hg_map_free(&policy.role_map);
    hg_map_free(&policy.tenant_map);
}

struct hg_policy_section hg_policy_top_keys(void)
{
    return (struct hg_policy_section){"", policy_keys, sizeof policy_keys / sizeof policy_keys[0]};
}
