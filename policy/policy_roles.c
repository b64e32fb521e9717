/* Roles: what may be read and written, and how columns look. Patterns are resolved here, once, so that a role
 * is one view for each table by its index. Column views are shared between roles until a role has a rule of
 * its own. */
#include "keys.h"
#include "policy.h"

struct role_draft {
    const struct hg_yaml *read, *write, *columns, *rows, *catalog, *limits;
    struct hg_grants_draft grants;
};

#define AT(field) .offset = offsetof(struct role_draft, field)
static const struct hg_key role_keys[] = {
    {"read", HG_KEY_NODE, AT(read), .help = "tables that may be read: schema.table, schema.* or *"},
    {"write", HG_KEY_NODE, AT(write), .help = "tables that may be written, likewise"},
    {"columns", HG_KEY_NODE, AT(columns), .help = "schema.table.column: {mask: expression} or {hide: true}"},
    {"rows", HG_KEY_NODE, AT(rows),
     .help = "schema.table: SQL condition that its rows must meet; {user.x} is an attribute of the user"},
    {"catalog", HG_KEY_NODE, AT(catalog),
     .help = "database with the schema as this role sees it; <catalog's database>_<role> without it"},
    {"limits", HG_KEY_NODE, AT(limits), .help = "how much each of its users may ask for"},
    {"statements", HG_KEY_NODE, AT(grants.statements), .help = "kinds of statements; all without it"},
    {"functions", HG_KEY_NODE, AT(grants.functions), .help = "{deny: [names]}: functions not to be called"},
    {"explain", HG_KEY_BOOL, AT(grants.explain), .initial = "true", .help = "may use EXPLAIN"},
    {"explain_rewrite", HG_KEY_BOOL, AT(grants.explain_rewrite), .initial = "false",
     .help = "may use EXPLAIN (REWRITE), which shows what is sent, and where"},
};
#undef AT

struct rule_draft {
    const struct hg_yaml *mask;
    bool hide;
};

#define AT(field) .offset = offsetof(struct rule_draft, field)
static const struct hg_key rule_keys[] = {
    {"mask", HG_KEY_NODE, AT(mask),
     .help = "SQL expression over the table's columns that stands for the column"},
    {"hide", HG_KEY_BOOL, AT(hide), .help = "true: the column does not exist for this role"},
};
#undef AT

/* ---- patterns ---- */

static struct hg_table *find_table(struct hg_policy *policy, struct hg_slice schema, struct hg_slice name)
{
    return (struct hg_table *)hg_snapshot_table(policy->snapshot, schema, name);
}

/* Only rows of one tenant's own can be written, where a backend takes them. */
static bool is_writable(const struct hg_table *table)
{
    return table->write_backend >= 0;
}

static const char *why_not_writable(const struct hg_table *table)
{
    if (table->shared)
        return "shared: tenants cannot write it";
    if (table->kind != HG_TABLE_PLAIN)
        return "precomputed: tenants cannot write it";
    return "on no backend of dialect postgresql: it cannot be written";
}

static void grant(struct hg_table_view *view, bool write)
{
    if (!write)
        view->readable = true;
    else if (is_writable(view->table))
        view->writable = true;
}

static const char *nearest_schema(struct hg_policy *policy, struct hg_slice name)
{
    const struct hg_snapshot *snapshot = policy->snapshot;
    if (!hg_load_hints(policy->load))
        return NULL;
    const char **names = HG_NEW_ARRAY(&policy->load->scratch, const char *, snapshot->nschemas);
    for (size_t i = 0; i < snapshot->nschemas; i++)
        names[i] = snapshot->schemas[i].ptr;
    return hg_load_nearest(policy->load, name, names, snapshot->nschemas);
}

/* `*` and `schema.*`; false when the pattern is none of these. */
static bool apply_wildcard(struct hg_policy *policy, struct hg_role *role, const struct hg_yaml *node,
                           struct hg_slice pattern, bool write)
{
    bool all = hg_slice_is(pattern, "*"), any = all;
    struct hg_slice schema;
    if (!all) {
        if (pattern.len < 3 || memcmp(pattern.ptr + pattern.len - 2, ".*", 2) != 0 ||
            !hg_load_split(policy->load, hg_slice_of(pattern.ptr, pattern.len - 2), &schema, 1))
            return false;
    }
    for (size_t i = 0; i < policy->snapshot->ntables; i++)
        if (all || hg_slice_equal(policy->snapshot->tables[i].schema, schema)) {
            grant(&role->views[i], write);
            any = true;
        }
    if (!any)
        hg_load_error(policy->load, node->place, nearest_schema(policy, schema),
                      "no table of the policy is in schema \"%.*s\"", HG_SHORT(schema));
    return true;
}

static void apply_pattern(struct hg_policy *policy, struct hg_role *role, const struct hg_yaml *node,
                          bool write)
{
    struct hg_load *load = policy->load;
    struct hg_slice pattern, names[2];
    if (!hg_load_scalar(load, node, write ? "an entry of \"write\"" : "an entry of \"read\"", &pattern) ||
        apply_wildcard(policy, role, node, pattern, write))
        return;
    const struct hg_table *table =
        hg_load_split(load, pattern, names, 2) ? find_table(policy, names[0], names[1]) : NULL;
    if (!table)
        hg_load_error(load, node->place, hg_policy_nearest_table(policy, pattern),
                      "there is no table \"%.*s\" in the policy", HG_SHORT(pattern));
    else if (write && !is_writable(table))
        hg_load_error(load, node->place, NULL, "table \"%.*s\" is %s", HG_SHORT(pattern),
                      why_not_writable(table));
    else
        grant(&role->views[table->index], write);
}

static void apply_patterns(struct hg_policy *policy, struct hg_role *role, const struct hg_yaml *list,
                           bool write)
{
    if (!list || !hg_load_list(policy->load, list, write ? "\"write\"" : "\"read\""))
        return;
    for (const struct hg_yaml *entry = list->first; entry; entry = entry->next)
        apply_pattern(policy, role, entry, write);
}

/* ---- columns ---- */

static struct hg_column_view *new_columns(struct hg_policy *policy, const struct hg_table *table)
{
    struct hg_column_view *columns =
        HG_NEW_ARRAY(policy->load->arena, struct hg_column_view, table->ncolumns + 1);
    for (size_t i = 0; i < table->ncolumns; i++)
        columns[i].column = &table->columns[i];
    return columns;
}

static void show_columns(struct hg_policy *policy, struct hg_role *role)
{
    for (size_t i = 0; i < policy->snapshot->ntables; i++) {
        if (!role->views[i].readable)
            continue;
        if (!policy->plain_columns[i])
            policy->plain_columns[i] = new_columns(policy, &policy->snapshot->tables[i]);
        role->views[i].columns = policy->plain_columns[i];
    }
}

static void apply_rule(struct hg_policy *policy, struct hg_column_view *view, const struct hg_yaml *entry)
{
    struct hg_load *load = policy->load;
    struct rule_draft draft = {0};
    struct hg_slice sql;
    const char *what = hg_load_text(load, "column \"%.*s\"", HG_SHORT(entry->key));
    if (!hg_keys_load(load, entry, what, rule_keys, sizeof rule_keys / sizeof rule_keys[0], &draft))
        return;
    if (view->hidden || view->mask)
        hg_load_error(load, entry->key_place, NULL, "%s stands twice", what);
    else if (draft.hide == (draft.mask != NULL))
        hg_load_error(load, entry->place, NULL, "%s needs either \"mask\" or \"hide: true\"", what);
    view->hidden = draft.hide;
    if (!draft.mask || !hg_load_scalar(load, draft.mask, "\"mask\"", &sql))
        return;
    view->mask_sql = hg_arena_slice(load->arena, sql);
    view->mask_place = draft.mask->place;
    view->mask = hg_policy_expression(policy, draft.mask, sql, "the mask");
}

static const char *nearest_column(struct hg_load *load, const struct hg_table *table, struct hg_slice name)
{
    if (!hg_load_hints(load))
        return NULL;
    const char **names = HG_NEW_ARRAY(&load->scratch, const char *, table->ncolumns + 1);
    for (size_t i = 0; i < table->ncolumns; i++)
        names[i] = table->columns[i].name.ptr;
    return hg_load_nearest(load, name, names, table->ncolumns);
}

/* The table and column of `schema.table.column`; NULL after an error. */
static const struct hg_table *find_column(struct hg_policy *policy, const struct hg_yaml *entry, int *column)
{
    struct hg_load *load = policy->load;
    struct hg_slice names[3];
    if (!hg_load_split(load, entry->key, names, 3)) {
        hg_load_error(load, entry->key_place, "for example public.contacts.phone",
                      "a column must be a schema, a table and a column, not \"%.*s\"", HG_SHORT(entry->key));
        return NULL;
    }
    const struct hg_table *table = find_table(policy, names[0], names[1]);
    if (!table) {
        struct hg_slice name =
            hg_slice_cstr(hg_load_text(load, "%.*s.%.*s", HG_SLICE_FMT(names[0]), HG_SLICE_FMT(names[1])));
        hg_load_error(load, entry->key_place, hg_policy_nearest_table(policy, name),
                      "there is no table \"%.*s\" in the policy", HG_SHORT(name));
        return NULL;
    }
    *column = hg_table_column(table, names[2]);
    if (*column >= 0)
        return table;
    if (table->columns)
        hg_load_error(load, entry->key_place, nearest_column(load, table, names[2]),
                      "table \"%.*s.%.*s\" has no column \"%.*s\"", HG_SHORT(names[0]), HG_SHORT(names[1]),
                      HG_SHORT(names[2]));
    return NULL;
}

static void read_rules(struct hg_policy *policy, struct hg_role *role, const struct hg_yaml *map)
{
    if (!map || !hg_load_map(policy->load, map, "\"columns\""))
        return;
    for (const struct hg_yaml *entry = map->first; entry; entry = entry->next) {
        int column;
        const struct hg_table *table = find_column(policy, entry, &column);
        if (!table)
            continue;
        struct hg_table_view *view = &role->views[table->index];
        if (!view->readable)
            hg_load_warning(policy->load, entry->key_place, NULL,
                            "role \"%.*s\" cannot read this table, so that the rule has no effect",
                            HG_SHORT(role->name));
        if (!view->columns || view->columns == policy->plain_columns[table->index])
            view->columns = new_columns(policy, table);
        apply_rule(policy, &view->columns[column], entry);
        if (!view->readable)
            view->columns = NULL;
    }
}

/* ---- roles ---- */

static void read_role(struct hg_policy *policy, const struct hg_yaml *entry)
{
    struct hg_load *load = policy->load;
    struct hg_snapshot *snapshot = policy->snapshot;
    struct role_draft draft = {0};
    if (!hg_load_name(load, entry->key, entry->key_place, "a role's name"))
        return;
    struct hg_role *role = &snapshot->roles[snapshot->nroles++];
    role->name = hg_arena_slice(load->arena, entry->key);
    role->views = HG_NEW_ARRAY(load->arena, struct hg_table_view, snapshot->ntables + 1);
    for (size_t i = 0; i < snapshot->ntables; i++)
        role->views[i].table = &snapshot->tables[i];
    const char *what = hg_load_text(load, "role \"%.*s\"", HG_SLICE_FMT(role->name));
    (void)hg_keys_load(load, entry, what, role_keys, sizeof role_keys / sizeof role_keys[0], &draft);
    hg_map_init(&role->denied);
    hg_policy_grants(policy, role, &draft.grants);
    apply_patterns(policy, role, draft.read, false);
    apply_patterns(policy, role, draft.write, true);
    show_columns(policy, role);
    read_rules(policy, role, draft.columns);
    hg_policy_rows(policy, role, draft.rows);
    role->limits = hg_policy_limits(policy, draft.limits, &hg_no_limits);
    hg_policy_catalog(policy, role, draft.catalog, entry);
    (void)hg_map_put(&policy->role_map, role->name, role);
}

void hg_policy_roles(struct hg_policy *policy)
{
    struct hg_snapshot *snapshot = policy->snapshot;
    if (!policy->roles || !hg_load_map(policy->load, policy->roles, "\"roles\""))
        return;
    policy->plain_columns =
        HG_NEW_ARRAY(&policy->load->scratch, struct hg_column_view *, snapshot->ntables + 1);
    snapshot->roles = HG_NEW_ARRAY(policy->load->arena, struct hg_role, policy->roles->count + 1);
    hg_policy_catalogs(policy, policy->roles->count);
    for (const struct hg_yaml *entry = policy->roles->first; entry; entry = entry->next)
        read_role(policy, entry);
}

/* ---- for documentation ---- */

struct hg_policy_section hg_policy_role_keys(void)
{
    return (struct hg_policy_section){"roles.<name>", role_keys, sizeof role_keys / sizeof role_keys[0]};
}

struct hg_policy_section hg_policy_rule_keys(void)
{
    return (struct hg_policy_section){"roles.<name>.columns.<schema.table.column>", rule_keys,
                                      sizeof rule_keys / sizeof rule_keys[0]};
}
