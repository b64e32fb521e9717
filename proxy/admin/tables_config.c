/* What the generation of the configuration says, and the pools' books, which their mutexes protect. Run
 * beside the workers, on a thread of the console. Passwords, verifiers and keys are not among the settings
 * that are shown: a setting is shown when its type says that it is plain, or when it stands here by name. */
#include "config_keys.h"
#include "dialog.h"

/* ---- config ---- */

static void put_value(struct hg_bytes *rows, const struct hg_key *key, const char *base, size_t shift,
                      struct hg_arena *arena)
{
    const void *field = base + key->offset - shift;
    const char *text;

    switch (key->type) {
    case HG_KEY_TEXT:
    case HG_KEY_PATH:
        memcpy(&text, field, sizeof text);
        put_cstr(rows, text);
        break;
    case HG_KEY_BOOL:
        put_cstr(rows, *(const bool *)field ? "true" : "false");
        break;
    case HG_KEY_PORT:
        put_text(rows, hg_arena_printf(arena, "%u", *(const uint16_t *)field));
        break;
    case HG_KEY_SIZE:
        put_text(rows, hg_arena_printf(arena, "%zu", *(const size_t *)field));
        break;
    case HG_KEY_WORD:
        put_cstr(rows, key->words[*(const int *)field]);
        break;
    default:
        put_text(rows, hg_arena_printf(arena, "%u", *(const uint32_t *)field));
    }
}

/* A section's keys that have a value of their own inside the finished structure, which begins `shift` bytes
 * into the draft that the keys describe and has `size` bytes. */
static void put_section(struct job *job, struct hg_bytes *rows, const char *prefix,
                        const struct hg_config_keys *section, const void *base, size_t shift, size_t size)
{
    for (size_t i = 0; i < section->count; i++) {
        const struct hg_key *key = &section->keys[i];
        if (key->type == HG_KEY_NODE || key->offset < shift || key->offset >= shift + size)
            continue;
        put_text(rows, hg_arena_printf(&job->arena, "%s%s%s", prefix, prefix[0] ? "." : "", key->name));
        put_value(rows, key, base, shift, &job->arena);
        put_cstr(rows, key->help);
    }
}

static void put_listen(struct job *job, struct hg_bytes *rows, const struct hg_config *config)
{
    for (size_t i = 0; i < config->nlisten; i++) {
        put_cstr(rows, "listen");
        put_text(rows, hg_arena_printf(&job->arena, "%s:%u", config->listen[i].host, config->listen[i].port));
        put_cstr(rows, "address and port");
    }
}

static void put_admins(struct job *job, struct hg_bytes *rows, const struct hg_config *config)
{
    for (size_t i = 0; i < config->nadmins; i++) {
        put_text(rows,
                 hg_arena_printf(&job->arena, "admin.users.%.*s.role", HG_SLICE_FMT(config->admins[i].name)));
        put_cstr(rows, hg_admin_role_names[config->admins[i].role]);
        put_cstr(rows, "viewer, operator or admin");
    }
}

void fill_config(struct job *job, struct hg_worker *worker, struct hg_bytes *rows)
{
    const struct hg_config *config = hg_generation_config(job->generation);
    const size_t config_at = offsetof(struct hg_config_draft, config);
    const size_t backend_at = offsetof(struct hg_backend_draft, backend);
    const struct {
        enum hg_config_section section;
        const void *base;
        size_t shift, size;
    } sections[] = {
        {HG_SECTION_TOP, config, config_at, sizeof *config},
        {HG_SECTION_TLS, config, config_at, sizeof *config},
        {HG_SECTION_KEEPALIVE, config, config_at, sizeof *config},
        {HG_SECTION_ADMIN, config, config_at, sizeof *config},
        {HG_SECTION_METRICS, config, 0, sizeof *config},
        {HG_SECTION_LOG, &config->log, 0, sizeof config->log},
        {HG_SECTION_AUDIT, &config->audit, 0, sizeof config->audit},
        {HG_SECTION_LIMITS, config, config_at, sizeof *config},
    };

    (void)worker;
    put_listen(job, rows, config);
    for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++)
        put_section(job, rows, hg_config_keys[sections[i].section].path, &hg_config_keys[sections[i].section],
                    sections[i].base, sections[i].shift, sections[i].size);
    put_admins(job, rows, config);
    for (size_t i = 0; i < config->nbackends; i++) {
        struct hg_slice prefix = hg_arena_printf(&job->arena, "backends.%s", config->backends[i].name);
        put_section(job, rows, prefix.ptr, &hg_config_keys[HG_SECTION_BACKEND], &config->backends[i],
                    backend_at, sizeof config->backends[i]);
    }
}

/* ---- tenants, users ---- */

void fill_tenants(struct job *job, struct hg_worker *worker, struct hg_bytes *rows)
{
    const struct hg_snapshot *snapshot = job->generation->snapshot;
    size_t *users = HG_NEW_ARRAY(&job->arena, size_t, snapshot->ntenants + 1);

    (void)worker;
    for (size_t i = 0; i < snapshot->nusers; i++)
        users[snapshot->users[i].tenant - snapshot->tenants]++;
    for (size_t i = 0; i < snapshot->ntenants; i++) {
        put_text(rows, snapshot->tenants[i].name);
        put_text(rows, snapshot->tenants[i].value);
        put_int(rows, (int64_t)users[i]);
        put_int(rows, 0);
    }
}

void fill_users(struct job *job, struct hg_worker *worker, struct hg_bytes *rows)
{
    const struct hg_snapshot *snapshot = job->generation->snapshot;
    const struct hg_config *config = snapshot->config;

    (void)worker;
    for (size_t i = 0; i < snapshot->nusers; i++) {
        put_text(rows, snapshot->users[i].name);
        put_cstr(rows, "tenant");
        put_text(rows, snapshot->users[i].tenant->name);
        put_text(rows, snapshot->users[i].role->name);
        put_int(rows, 0);
    }
    for (size_t i = 0; i < config->nadmins; i++) {
        put_text(rows, config->admins[i].name);
        put_cstr(rows, "administrator");
        put_null(rows);
        put_cstr(rows, hg_admin_role_names[config->admins[i].role]);
        put_int(rows, 0);
    }
}

/* ---- backends, pools ---- */

static int64_t tables_on(const struct hg_snapshot *snapshot, size_t backend)
{
    int64_t count = 0;

    for (size_t i = 0; i < snapshot->ntables; i++)
        count += snapshot->tables[i].backends >> backend & 1;
    return count;
}

static struct hg_slice hosts_of(const struct hg_backend_config *backend, struct hg_arena *arena)
{
    struct hg_slice text = HG_LIT("");

    for (size_t i = 0; i < backend->nhosts; i++)
        text = hg_arena_printf(arena, "%.*s%s%s:%u", HG_SLICE_FMT(text), i ? ", " : "",
                               backend->hosts[i].name, backend->hosts[i].port);
    return text;
}

void fill_backends(struct job *job, struct hg_worker *worker, struct hg_bytes *rows)
{
    static const char *const dialects[] = {"postgresql", "redshift"};
    static const char *const modes[] = {"disable", "prefer", "require", "verify-full"};
    const struct hg_snapshot *snapshot = job->generation->snapshot;
    const struct hg_config *config = snapshot->config;

    (void)worker;
    for (size_t i = 0; i < config->nbackends; i++) {
        const struct hg_backend_config *backend = &config->backends[i];
        struct hg_pool_stats stats = hg_pool_stats(job->generation->pools[i]);
        put_cstr(rows, backend->name);
        put_cstr(rows, dialects[backend->dialect]);
        put_text(rows, hosts_of(backend, &job->arena));
        put_int(rows, stats.failed_hosts);
        put_cstr(rows, backend->database);
        put_cstr(rows, backend->user);
        put_cstr(rows, modes[backend->tls]);
        put_bool(rows, hg_config_is_catalog(config, i));
        put_bool(rows, backend->walls);
        put_int(rows, hg_config_is_catalog(config, i) ? (int64_t)snapshot->ntables : tables_on(snapshot, i));
        put_bool(rows, stats.paused);
    }
}

void fill_pools(struct job *job, struct hg_worker *worker, struct hg_bytes *rows)
{
    (void)worker;
    for (size_t i = 0; i < job->generation->npools; i++) {
        const struct hg_backend_config *backend = hg_pool_config(job->generation->pools[i]);
        struct hg_pool_stats stats = hg_pool_stats(job->generation->pools[i]);
        put_cstr(rows, backend->name);
        put_cstr(rows, backend->database);
        put_cstr(rows, backend->user);
        put_int(rows, backend->pool_size);
        put_int(rows, stats.lent);
        put_int(rows, stats.idle);
        put_int(rows, stats.connecting);
        put_int(rows, stats.waiting);
        put_int(rows, (int64_t)stats.opened);
        put_int(rows, (int64_t)stats.failed);
        put_bool(rows, stats.paused);
    }
}

/* ---- limits ---- */

static void put_limit(struct hg_bytes *rows, const char *name, const char *scope, uint64_t value,
                      int64_t used)
{
    put_cstr(rows, name);
    put_cstr(rows, scope);
    put_int(rows, (int64_t)value);
    if (used >= 0)
        put_int(rows, used);
    else
        put_null(rows);
}

/* Those of `limits` that are set. Connections are counted later, over the sessions. */
static void put_party(struct hg_bytes *rows, const char *kind, struct hg_slice name,
                      const struct hg_limits *limits, struct hg_arena *arena)
{
    if (!limits)
        return;
    const char *scope = hg_arena_printf(arena, "%s %.*s", kind, HG_SLICE_FMT(name)).ptr;
#define PUT_LIMIT(field, type, key, what)                                                                    \
    if (limits->field)                                                                                       \
        put_limit(rows, #field, scope, limits->field, strcmp(#field, "connections") == 0 ? 0 : -1);
    HG_LIMITS(PUT_LIMIT)
#undef PUT_LIMIT
}

static void put_parties(struct job *job, struct hg_bytes *rows)
{
    const struct hg_snapshot *snapshot = job->generation->snapshot;

    for (size_t i = 0; i < snapshot->ntenants; i++)
        put_party(rows, "tenant", snapshot->tenants[i].name, snapshot->tenants[i].limits, &job->arena);
    for (size_t i = 0; i < snapshot->nusers; i++)
        put_party(rows, "user", snapshot->users[i].name, snapshot->users[i].limits, &job->arena);
}

void fill_limits(struct job *job, struct hg_worker *worker, struct hg_bytes *rows)
{
    const struct hg_config *config = hg_generation_config(job->generation);

    (void)worker;
    put_limit(rows, "max_clients", "process", config->max_clients,
              atomic_load(&job->console->shared->clients));
    put_limit(rows, "admin.max_connections", "process", config->max_consoles,
              atomic_load(&job->console->dialogs));
    put_limit(rows, "max_statement_bytes", "statement", config->max_statement_bytes, -1);
    put_limit(rows, "max_nesting", "statement", config->max_nesting, -1);
    put_limit(rows, "max_message_bytes", "session", config->max_message_bytes, -1);
    put_limit(rows, "max_prepared", "session", config->max_prepared, -1);
    put_limit(rows, "login_timeout", "session", config->login_timeout_ms, -1);
    put_limit(rows, "client_idle_timeout", "session", config->client_idle_timeout_ms, -1);
    put_limit(rows, "idle_transaction_timeout", "session", config->idle_transaction_timeout_ms, -1);
    put_limit(rows, "max_server_prepared", "server connection", config->max_server_prepared, -1);
    for (size_t i = 0; i < config->nbackends; i++) {
        const struct hg_backend_config *backend = &config->backends[i];
        struct hg_pool_stats stats = hg_pool_stats(job->generation->pools[i]);
        const char *scope = hg_arena_printf(&job->arena, "backend %s", backend->name).ptr;
        put_limit(rows, "pool_size", scope, backend->pool_size, stats.lent + stats.idle + stats.connecting);
        put_limit(rows, "queue_timeout", scope, backend->queue_timeout_ms, -1);
        put_limit(rows, "query_timeout", scope, backend->query_timeout_ms, -1);
    }
    put_parties(job, rows);
}
