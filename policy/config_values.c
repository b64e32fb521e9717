/* Settings as text. A key whose type says what its value is needs nothing here; those that were read by hand
 * (config.c, config_backend.c) are written by hand. */
#include "config_values.h"

#include "config_keys.h"

struct list {
    struct hg_arena *arena;
    struct hg_config_value *values;
    size_t count, room;
};

static struct hg_config_value *add(struct list *list, struct hg_slice name, struct hg_slice value)
{
    if (list->count == list->room) {
        size_t room = list->room ? list->room * 2 : 128;
        struct hg_config_value *grown = HG_NEW_ARRAY(list->arena, struct hg_config_value, room);
        if (list->count)
            memcpy(grown, list->values, list->count * sizeof *grown);
        list->values = grown;
        list->room = room;
    }
    list->values[list->count] = (struct hg_config_value){.name = name, .value = value};
    return &list->values[list->count++];
}

/* ---- values of keys ---- */

/* In the largest unit that it is a whole number of. */
static struct hg_slice in_units(struct hg_arena *arena, uint64_t number, const struct hg_slice *names,
                                const uint64_t *sizes, size_t count)
{
    size_t unit = 0;

    for (size_t i = 1; i < count && number; i++)
        if (number % sizes[i] == 0)
            unit = i;
    return number ? hg_arena_printf(arena, "%llu%.*s", (unsigned long long)(number / sizes[unit]),
                                    HG_SLICE_FMT(names[unit]))
                  : HG_LIT("0");
}

static struct hg_slice duration(struct hg_arena *arena, uint64_t ms)
{
    static const struct hg_slice names[] = {HG_LIT("ms"), HG_LIT("s"), HG_LIT("min"), HG_LIT("h"),
                                            HG_LIT("d")};
    static const uint64_t sizes[] = {1, 1000, 60000, 3600000, 86400000};

    return in_units(arena, ms, names, sizes, 5);
}

static struct hg_slice size(struct hg_arena *arena, uint64_t bytes)
{
    static const struct hg_slice names[] = {HG_LIT(""), HG_LIT("kB"), HG_LIT("MiB"), HG_LIT("GiB")};
    static const uint64_t sizes[] = {1, 1 << 10, 1 << 20, 1 << 30};

    return in_units(arena, bytes, names, sizes, 4);
}

static struct hg_slice written(const struct hg_key *key, const void *field, struct hg_arena *arena)
{
    const char *text;

    switch (key->type) {
    case HG_KEY_TEXT:
    case HG_KEY_PATH:
        memcpy(&text, field, sizeof text);
        return text ? hg_slice_cstr(text) : HG_LIT("");
    case HG_KEY_BOOL:
        return *(const bool *)field ? HG_LIT("true") : HG_LIT("false");
    case HG_KEY_PORT:
        return hg_arena_printf(arena, "%u", *(const uint16_t *)field);
    case HG_KEY_DURATION:
        return duration(arena, *(const uint32_t *)field);
    case HG_KEY_BYTES:
        return size(arena, *(const uint32_t *)field);
    case HG_KEY_SIZE:
        return size(arena, *(const size_t *)field);
    case HG_KEY_WORD:
        return hg_slice_cstr(key->words[*(const int *)field]);
    default:
        return hg_arena_printf(arena, "%u", *(const uint32_t *)field);
    }
}

/* A section's keys that have a value of their own inside the finished structure, which begins `shift` bytes
 * into the draft that the keys describe and has `size` bytes. */
static void add_section(struct list *list, const char *prefix, enum hg_config_section number,
                        const void *base, size_t shift, size_t bytes)
{
    const struct hg_config_keys *section = &hg_config_keys[number];

    for (size_t i = 0; i < section->count; i++) {
        const struct hg_key *key = &section->keys[i];
        if (key->type == HG_KEY_NODE || key->offset < shift || key->offset >= shift + bytes)
            continue;
        struct hg_slice name =
            hg_arena_printf(list->arena, "%s%s%s", prefix, prefix[0] ? "." : "", key->name);
        const void *field = (const char *)base + key->offset - shift;
        struct hg_config_value *value = add(list, name, written(key, field, list->arena));
        value->help = key->help;
        value->restart = key->restart;
    }
}

/* ---- what was read by hand ---- */

static void add_by_hand(struct list *list, enum hg_config_section section, const char *path, const char *name,
                        struct hg_slice value)
{
    const struct hg_config_keys *keys = &hg_config_keys[section];
    struct hg_config_value *added =
        add(list, hg_arena_printf(list->arena, "%s%s%s", path, path[0] ? "." : "", name), value);

    for (size_t i = 0; i < keys->count; i++)
        if (strcmp(keys->keys[i].name, name) == 0) {
            added->help = keys->keys[i].help;
            added->restart = keys->keys[i].restart;
        }
}

static struct hg_slice addresses(struct hg_arena *arena, const struct hg_listen_address *list, size_t count)
{
    struct hg_slice text = HG_LIT("");

    for (size_t i = 0; i < count; i++)
        text = hg_arena_printf(arena, "%.*s%s%s:%u", HG_SLICE_FMT(text), i ? ", " : "", list[i].host,
                               list[i].port);
    return text;
}

static struct hg_slice hosts(struct hg_arena *arena, const struct hg_backend_config *backend)
{
    struct hg_slice text = HG_LIT("");

    for (size_t i = 0; i < backend->nhosts; i++)
        text = hg_arena_printf(arena, "%.*s%s%s:%u", HG_SLICE_FMT(text), i ? ", " : "",
                               backend->hosts[i].name, backend->hosts[i].port);
    return text;
}

static struct hg_slice command(struct hg_arena *arena, char *const *words)
{
    struct hg_slice text = HG_LIT("");

    for (size_t i = 0; words && words[i]; i++)
        text = hg_arena_printf(arena, "%.*s%s%s", HG_SLICE_FMT(text), i ? " " : "", words[i]);
    return text;
}

static struct hg_slice path_text(const char *path)
{
    return path ? hg_slice_cstr(path) : HG_LIT("");
}

static void add_backend(struct list *list, const struct hg_backend_config *backend)
{
    const char *path = hg_arena_printf(list->arena, "backends.%s", backend->name).ptr;

    add_by_hand(list, HG_SECTION_BACKEND, path, "host", hosts(list->arena, backend));
    add_section(list, path, HG_SECTION_BACKEND, backend, offsetof(struct hg_backend_draft, backend),
                sizeof *backend);
    add_by_hand(list, HG_SECTION_BACKEND, path, "password_file", path_text(backend->password_file));
    add_by_hand(list, HG_SECTION_BACKEND, path, "credential_command",
                command(list->arena, backend->credential_command));
    add_by_hand(list, HG_SECTION_BACKEND, path, "tls_ca", path_text(backend->tls_ca));
    add_by_hand(list, HG_SECTION_BACKEND, path, "walls", backend->walls ? HG_LIT("on") : HG_LIT("off"));
}

static void add_peers(struct list *list, const struct hg_config *config)
{
    for (size_t i = 0; i < HG_MOST_INSTANCES; i++)
        if (config->peers[i].name)
            add(list, hg_arena_printf(list->arena, "peers.%zu", i),
                hg_arena_printf(list->arena, "%s:%u", config->peers[i].name, config->peers[i].port))
                ->help = "where that instance listens";
}

static void add_admins(struct list *list, const struct hg_config *config)
{
    for (size_t i = 0; i < config->nadmins; i++) {
        const char *path =
            hg_arena_printf(list->arena, "admin.users.%.*s", HG_SLICE_FMT(config->admins[i].name)).ptr;
        add_by_hand(list, HG_SECTION_ADMIN_USER, path, "role",
                    hg_slice_cstr(hg_admin_role_names[config->admins[i].role]));
    }
}

size_t hg_config_values(const struct hg_config *config, struct hg_arena *arena,
                        struct hg_config_value **values)
{
    const size_t at = offsetof(struct hg_config_draft, config);
    struct list list = {.arena = arena};

    add_by_hand(&list, HG_SECTION_TOP, "", "listen", addresses(arena, config->listen, config->nlisten));
    add_by_hand(&list, HG_SECTION_TOP, "", "policy", path_text(config->policy_path));
    add_by_hand(&list, HG_SECTION_TOP, "", "http", addresses(arena, config->http, config->http ? 1 : 0));
    add_section(&list, "", HG_SECTION_TOP, config, at, sizeof *config);
    add_peers(&list, config);
    add_section(&list, "tls", HG_SECTION_TLS, config, at, sizeof *config);
    add_section(&list, "keepalive", HG_SECTION_KEEPALIVE, config, at, sizeof *config);
    add_section(&list, "admin", HG_SECTION_ADMIN, config, at, sizeof *config);
    add_admins(&list, config);
    add_section(&list, "limits", HG_SECTION_LIMITS, config, at, sizeof *config);
    add_section(&list, "log", HG_SECTION_LOG, &config->log, 0, sizeof config->log);
    add_section(&list, "audit", HG_SECTION_AUDIT, &config->audit, 0, sizeof config->audit);
    add_section(&list, "metrics", HG_SECTION_METRICS, config, 0, sizeof *config);
    for (size_t i = 0; i < config->nbackends; i++)
        add_backend(&list, &config->backends[i]);
    *values = list.values;
    return list.count;
}
