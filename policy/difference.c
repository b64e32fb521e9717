/* The difference of two snapshots, thing by thing and by name: what is only in the new one was added, what is
 * only in the old one removed, and of what is in both each part that matters is compared as text. */
#include "difference.h"

#include "config_values.h"
#include "keys.h"
#include "utf8.h"

#define LONGEST_SHOWN 120u

struct compare {
    struct hg_arena *arena;
    struct hg_difference *difference;
    const struct hg_snapshot *old, *new;
};

/* For "%.*s": of long texts their beginning. */
#define HG_SHOWN(s) (int)hg_utf8_cut(s, LONGEST_SHOWN), (s).ptr

static void HG_PRINTF(2, 3) say(struct compare *compare, const char *format, ...)
{
    struct hg_difference *difference = compare->difference;
    va_list arguments;

    if (difference->count++ >= HG_MOST_CHANGES)
        return;
    struct hg_change *change = HG_NEW(compare->arena, struct hg_change);
    va_start(arguments, format);
    change->text = hg_arena_vprintf(compare->arena, format, arguments);
    va_end(arguments);
    *(difference->last ? &difference->last->next : &difference->first) = change;
    difference->last = change;
    difference->listed++;
}

static void only(struct compare *compare, const char *kind, struct hg_slice name, bool added)
{
    say(compare, "%s \"%.*s\": %s", kind, HG_SLICE_FMT(name), added ? "added" : "removed");
}

static void differs(struct compare *compare, const char *kind, struct hg_slice name, const char *what,
                    struct hg_slice old, struct hg_slice new)
{
    if (!hg_slice_equal(old, new))
        say(compare, "%s \"%.*s\": %s from \"%.*s\" to \"%.*s\"", kind, HG_SLICE_FMT(name), what,
            HG_SHOWN(old), HG_SHOWN(new));
}

/* ---- settings ---- */

static const struct hg_config_value *value_of(const struct hg_map *map, struct hg_slice name)
{
    return hg_map_get(map, name);
}

static void index_values(struct hg_map *map, struct hg_config_value *values, size_t count)
{
    hg_map_init(map);
    for (size_t i = 0; i < count; i++)
        (void)hg_map_put(map, values[i].name, &values[i]);
}

static bool is_secret_changed(const struct hg_backend_config *old, const struct hg_backend_config *new)
{
    return strcmp(old->password ? old->password : "", new->password ? new->password : "") != 0;
}

static void compare_secrets(struct compare *compare)
{
    const struct hg_config *old = compare->old->config, *new = compare->new->config;

    for (size_t i = 0; i < new->nbackends; i++)
        for (size_t j = 0; j < old->nbackends; j++)
            if (strcmp(new->backends[i].name, old->backends[j].name) == 0 &&
                is_secret_changed(&old->backends[j], &new->backends[i]))
                say(compare, "setting \"backends.%s\": another password", new->backends[i].name);
    for (size_t i = 0; i < new->nadmins; i++) {
        const struct hg_admin *admin = hg_config_admin(old, new->admins[i].name);
        if (admin && !hg_slice_equal(admin->password, new->admins[i].password))
            say(compare, "administrator \"%.*s\": another password", HG_SLICE_FMT(admin->name));
    }
}

static void compare_settings(struct compare *compare)
{
    struct hg_config_value *old, *new;
    size_t nold = hg_config_values(compare->old->config, compare->arena, &old);
    size_t nnew = hg_config_values(compare->new->config, compare->arena, &new);
    struct hg_map olds, news;

    index_values(&olds, old, nold);
    index_values(&news, new, nnew);
    for (size_t i = 0; i < nold; i++)
        if (!value_of(&news, old[i].name))
            only(compare, "setting", old[i].name, false);
    for (size_t i = 0; i < nnew; i++) {
        const struct hg_config_value *before = value_of(&olds, new[i].name);
        if (!before)
            say(compare, "setting \"%.*s\": added, \"%.*s\"", HG_SLICE_FMT(new[i].name),
                HG_SHOWN(new[i].value));
        else
            differs(compare, "setting", new[i].name, "changed", before->value, new[i].value);
    }
    hg_map_free(&olds);
    hg_map_free(&news);
    compare_secrets(compare);
}

struct hg_slice hg_config_fixed(const struct hg_config *old, const struct hg_config *new,
                                struct hg_arena *arena)
{
    struct hg_config_value *before, *after;
    size_t nbefore = hg_config_values(old, arena, &before), nafter = hg_config_values(new, arena, &after);
    struct hg_slice names = HG_LIT("");
    struct hg_map map;

    index_values(&map, before, nbefore);
    for (size_t i = 0; i < nafter; i++) {
        const struct hg_config_value *was = value_of(&map, after[i].name);
        if (after[i].restart && was && !hg_slice_equal(was->value, after[i].value))
            names = hg_arena_printf(arena, "%.*s%s\"%.*s\"", HG_SLICE_FMT(names), names.len ? ", " : "",
                                    HG_SLICE_FMT(after[i].name));
    }
    hg_map_free(&map);
    return names;
}

/* ---- limits ---- */

static void compare_limits(struct compare *compare, const char *kind, struct hg_slice name,
                           const struct hg_limits *old, const struct hg_limits *new)
{
#define LIMIT(field, type, key, what)                                                                        \
    if (old->field != new->field)                                                                            \
        say(compare, "%s \"%.*s\": limit \"" #field "\" from %llu to %llu (0 is none)", kind,                \
            HG_SLICE_FMT(name), (unsigned long long)old->field, (unsigned long long)new->field);
    HG_LIMITS(LIMIT)
#undef LIMIT
}

/* ---- tables ---- */

static struct hg_slice table_name(struct compare *compare, const struct hg_table *table)
{
    return hg_arena_printf(compare->arena, "%.*s.%.*s", HG_SLICE_FMT(table->schema),
                           HG_SLICE_FMT(table->name));
}

static struct hg_slice backends_of(struct compare *compare, const struct hg_snapshot *snapshot,
                                   const struct hg_table *table)
{
    struct hg_slice text = HG_LIT("");

    for (size_t i = 0; i < snapshot->config->nbackends; i++)
        if (table->backends >> i & 1)
            text = hg_arena_printf(compare->arena, "%.*s%s%s", HG_SLICE_FMT(text), text.len ? ", " : "",
                                   snapshot->config->backends[i].name);
    return text;
}

static struct hg_slice sharing_of(const struct hg_table *table)
{
    return table->shared ? HG_LIT("shared by all tenants") : table->tenant_column;
}

static struct hg_slice column_text(struct compare *compare, const struct hg_column *column)
{
    return hg_arena_printf(compare->arena, "%.*s%s", HG_SLICE_FMT(column->type.text),
                           column->not_null ? " NOT NULL" : "");
}

static void compare_columns(struct compare *compare, struct hg_slice name, const struct hg_table *old,
                            const struct hg_table *new)
{
    for (size_t i = 0; i < old->ncolumns; i++)
        if (hg_table_column(new, old->columns[i].name) < 0)
            say(compare, "table \"%.*s\": column \"%.*s\" removed", HG_SLICE_FMT(name),
                HG_SLICE_FMT(old->columns[i].name));
    for (size_t i = 0; i < new->ncolumns; i++) {
        const struct hg_column *column = &new->columns[i];
        int at = hg_table_column(old, column->name);
        struct hg_slice is = column_text(compare, column);
        struct hg_slice was = at < 0 ? is : column_text(compare, &old->columns[at]);
        if (at < 0)
            say(compare, "table \"%.*s\": column \"%.*s\" added", HG_SLICE_FMT(name),
                HG_SLICE_FMT(column->name));
        else if (!hg_slice_equal(was, is))
            say(compare, "table \"%.*s\": column \"%.*s\" from %.*s to %.*s", HG_SLICE_FMT(name),
                HG_SLICE_FMT(column->name), HG_SHOWN(was), HG_SHOWN(is));
    }
}

static void compare_table(struct compare *compare, const struct hg_table *old, const struct hg_table *new)
{
    struct hg_slice name = table_name(compare, new);

    differs(compare, "table", name, "backends", backends_of(compare, compare->old, old),
            backends_of(compare, compare->new, new));
    differs(compare, "table", name, "tenant column", sharing_of(old), sharing_of(new));
    differs(compare, "table", name, "physical schema", old->physical_schema, new->physical_schema);
    differs(compare, "table", name, "physical name", old->physical_name, new->physical_name);
    if (old->walled != new->walled)
        say(compare, "table \"%.*s\": wall %s", HG_SLICE_FMT(name), new->walled ? "on" : "off");
    if (old->numbers_shared != new->numbers_shared)
        say(compare, "table \"%.*s\": numbers %s", HG_SLICE_FMT(name),
            new->numbers_shared ? "shared" : "not shared");
    if (old->references_shared != new->references_shared)
        say(compare, "table \"%.*s\": references %s", HG_SLICE_FMT(name),
            new->references_shared ? "shared" : "not shared");
    compare_columns(compare, name, old, new);
}

static void compare_tables(struct compare *compare)
{
    for (size_t i = 0; i < compare->old->ntables; i++) {
        const struct hg_table *old = &compare->old->tables[i];
        if (!hg_snapshot_table(compare->new, old->schema, old->name))
            only(compare, "table", table_name(compare, old), false);
    }
    for (size_t i = 0; i < compare->new->ntables; i++) {
        const struct hg_table *new = &compare->new->tables[i];
        const struct hg_table *old = hg_snapshot_table(compare->old, new->schema, new->name);
        if (old)
            compare_table(compare, old, new);
        else
            only(compare, "table", table_name(compare, new), true);
    }
}

/* ---- roles ---- */

static const struct hg_role *role_of(const struct hg_snapshot *snapshot, struct hg_slice name)
{
    for (size_t i = 0; i < snapshot->nroles; i++)
        if (hg_slice_equal(snapshot->roles[i].name, name))
            return &snapshot->roles[i];
    return NULL;
}

static const char *access_of(const struct hg_table_view *view)
{
    if (!view || (!view->readable && !view->writable))
        return "nothing";
    return !view->writable ? "read" : view->readable ? "read and write" : "write";
}

static struct hg_slice look_of(struct compare *compare, const struct hg_column_view *view)
{
    if (view->hidden)
        return HG_LIT("hidden");
    return view->mask_sql.len ? hg_arena_printf(compare->arena, "masked as %.*s", HG_SHOWN(view->mask_sql))
                              : HG_LIT("plain");
}

static void compare_looks(struct compare *compare, const struct hg_role *role, struct hg_slice table,
                          const struct hg_table_view *old, const struct hg_table_view *new)
{
    for (size_t i = 0; i < new->table->ncolumns; i++) {
        struct hg_slice name = new->table->columns[i].name;
        int at = hg_table_column(old->table, name);
        struct hg_slice was = at < 0 ? HG_LIT("plain") : look_of(compare, &old->columns[at]);
        struct hg_slice is = look_of(compare, &new->columns[i]);
        if (!hg_slice_equal(was, is))
            say(compare, "role \"%.*s\": column \"%.*s.%.*s\" from %.*s to %.*s", HG_SLICE_FMT(role->name),
                HG_SLICE_FMT(table), HG_SLICE_FMT(name), HG_SHOWN(was), HG_SHOWN(is));
    }
}

static void compare_view(struct compare *compare, const struct hg_role *role, const struct hg_table_view *old,
                         const struct hg_table_view *new)
{
    const struct hg_table *table = new ? new->table : old->table;
    struct hg_slice name = table_name(compare, table);
    const char *was = access_of(old), *is = access_of(new);

    if (strcmp(was, is) != 0)
        say(compare, "role \"%.*s\": table \"%.*s\" from %s to %s", HG_SLICE_FMT(role->name),
            HG_SLICE_FMT(name), was, is);
    if (!old || !new)
        return;
    if (!hg_slice_equal(old->rows_sql, new->rows_sql))
        say(compare, "role \"%.*s\": rows of \"%.*s\" from \"%.*s\" to \"%.*s\"", HG_SLICE_FMT(role->name),
            HG_SLICE_FMT(name), HG_SHOWN(old->rows_sql), HG_SHOWN(new->rows_sql));
    if (old->columns && new->columns)
        compare_looks(compare, role, name, old, new);
}

static void compare_grants(struct compare *compare, const struct hg_role *old, const struct hg_role *new)
{
    for (unsigned i = 0; i < HG_NGRANTS; i++)
        if (hg_role_may(old, (enum hg_grant)i) != hg_role_may(new, (enum hg_grant)i))
            say(compare, "role \"%.*s\": statement \"%s\" %s", HG_SLICE_FMT(new->name), hg_grant_names[i],
                hg_role_may(new, (enum hg_grant)i) ? "allowed" : "taken away");
    if (old->explain_rewrite != new->explain_rewrite)
        say(compare, "role \"%.*s\": explain_rewrite %s", HG_SLICE_FMT(new->name),
            new->explain_rewrite ? "on" : "off");
    for (size_t i = 0; i < new->ndenials; i++)
        if (!hg_map_get(&old->denied, new->denials[i].name))
            say(compare, "role \"%.*s\": function \"%.*s\" taken away", HG_SLICE_FMT(new->name),
                HG_SLICE_FMT(new->denials[i].name));
    for (size_t i = 0; i < old->ndenials; i++)
        if (!hg_map_get(&new->denied, old->denials[i].name))
            say(compare, "role \"%.*s\": function \"%.*s\" allowed", HG_SLICE_FMT(new->name),
                HG_SLICE_FMT(old->denials[i].name));
}

static void compare_role(struct compare *compare, const struct hg_role *old, const struct hg_role *new)
{
    for (size_t i = 0; i < compare->old->ntables; i++) {
        const struct hg_table *table = &compare->old->tables[i];
        const struct hg_table *now = hg_snapshot_table(compare->new, table->schema, table->name);
        if (now) /* that a table is gone was said */
            compare_view(compare, new, &old->views[i], &new->views[now->index]);
    }
    for (size_t i = 0; i < compare->new->ntables; i++) {
        const struct hg_table *table = &compare->new->tables[i];
        if (!hg_snapshot_table(compare->old, table->schema, table->name))
            compare_view(compare, new, NULL, &new->views[i]);
    }
    compare_grants(compare, old, new);
    compare_limits(compare, "role", new->name, old->limits, new->limits);
}

static void compare_roles(struct compare *compare)
{
    for (size_t i = 0; i < compare->old->nroles; i++)
        if (!role_of(compare->new, compare->old->roles[i].name))
            only(compare, "role", compare->old->roles[i].name, false);
    for (size_t i = 0; i < compare->new->nroles; i++) {
        const struct hg_role *new = &compare->new->roles[i], *old = role_of(compare->old, new->name);
        if (old)
            compare_role(compare, old, new);
        else
            only(compare, "role", new->name, true);
    }
}

/* ---- tenants and users ---- */

static void compare_tenants(struct compare *compare)
{
    struct hg_map olds, news;

    hg_map_init(&olds);
    hg_map_init(&news);
    for (size_t i = 0; i < compare->old->ntenants; i++)
        (void)hg_map_put(&olds, compare->old->tenants[i].name, &compare->old->tenants[i]);
    for (size_t i = 0; i < compare->new->ntenants; i++)
        (void)hg_map_put(&news, compare->new->tenants[i].name, &compare->new->tenants[i]);
    for (size_t i = 0; i < compare->old->ntenants; i++)
        if (!hg_map_get(&news, compare->old->tenants[i].name))
            only(compare, "tenant", compare->old->tenants[i].name, false);
    for (size_t i = 0; i < compare->new->ntenants; i++) {
        const struct hg_tenant *new = &compare->new->tenants[i], *old = hg_map_get(&olds, new->name);
        if (!old) {
            only(compare, "tenant", new->name, true);
            continue;
        }
        differs(compare, "tenant", new->name, "value", old->value, new->value);
        compare_limits(compare, "tenant", new->name, old->limits, new->limits);
    }
    hg_map_free(&olds);
    hg_map_free(&news);
}

static void compare_user(struct compare *compare, const struct hg_user *old, const struct hg_user *new)
{
    differs(compare, "user", new->name, "tenant", old->tenant->name, new->tenant->name);
    differs(compare, "user", new->name, "role", old->role->name, new->role->name);
    differs(compare, "user", new->name, "login", hg_slice_cstr(hg_login_names[old->login]),
            hg_slice_cstr(hg_login_names[new->login]));
    differs(compare, "user", new->name, "certificate", old->certificate, new->certificate);
    if (!hg_slice_equal(old->password, new->password))
        say(compare, "user \"%.*s\": another password", HG_SLICE_FMT(new->name));
    if (old->role->nattributes == new->role->nattributes)
        for (size_t i = 0; i < new->role->nattributes; i++)
            if (!hg_slice_equal(old->attributes[i], new->attributes[i])) {
                say(compare, "user \"%.*s\": other attributes", HG_SLICE_FMT(new->name));
                break;
            }
    if (hg_slice_equal(old->role->name, new->role->name) && new->limits != new->role->limits)
        compare_limits(compare, "user", new->name, old->limits, new->limits);
}

static void compare_users(struct compare *compare)
{
    for (size_t i = 0; i < compare->old->nusers; i++)
        if (!hg_snapshot_user(compare->new, compare->old->users[i].name))
            only(compare, "user", compare->old->users[i].name, false);
    for (size_t i = 0; i < compare->new->nusers; i++) {
        const struct hg_user *new = &compare->new->users[i], *old = hg_snapshot_user(compare->old, new->name);
        if (old)
            compare_user(compare, old, new);
        else
            only(compare, "user", new->name, true);
    }
}

void hg_snapshot_difference(const struct hg_snapshot *old, const struct hg_snapshot *new,
                            struct hg_arena *arena, struct hg_difference *difference)
{
    struct compare compare = {.arena = arena, .difference = difference, .old = old, .new = new};

    *difference = (struct hg_difference){0};
    compare_settings(&compare);
    differs(&compare, "database", HG_LIT("of clients"), "name", old->database, new->database);
    compare_tables(&compare);
    compare_roles(&compare);
    compare_tenants(&compare);
    compare_users(&compare);
}
