/* What the generation of the configuration says, and the pools' books, which their mutexes protect. Run
 * beside the workers, on a thread of the console. Passwords, verifiers and keys are not among the settings
 * that are shown (policy/config_values.h). */
#include "config_values.h"
#include "dialog.h"
#include "limiting.h"

/* ---- config ---- */

void fill_config(struct job *job, struct hg_worker *worker, struct hg_bytes *rows)
{
    struct hg_config_value *values;
    size_t count = hg_config_values(hg_generation_config(job->generation), &job->arena, &values);

    (void)worker;
    for (size_t i = 0; i < count; i++) {
        put_text(rows, values[i].name);
        put_text(rows, values[i].value);
        put_cstr(rows, values[i].restart ? "restart" : "reload");
        put_cstr(rows, values[i].help);
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
static void put_party(struct job *job, struct hg_bytes *rows, enum hg_account_kind kind, struct hg_slice name,
                      const struct hg_limits *limits)
{
    struct hg_arena *arena = &job->arena;

    if (!limits || memcmp(limits, &hg_no_limits, sizeof *limits) == 0)
        return;
    const char *scope = hg_arena_printf(arena, "%s %.*s", hg_account_kinds[kind], HG_SLICE_FMT(name)).ptr;
    struct hg_limit_reading reading = {
        .account = hg_accounts_read(job->console->shared->accounts, kind, name, limits->rate)};
    if (limits->concurrent || limits->queue)
        hg_limits_read_pools(job->generation, kind, name, &reading.pools);
    for (int i = 0; i < HG_NLIMITS; i++) {
        enum hg_limit limit = (enum hg_limit)i;
        uint64_t value = hg_limit_value(limits, limit), used;
        if (!value)
            continue;
        bool counted = hg_limit_used(limit, &reading, &used);
        put_limit(rows, hg_limit_names[i], scope, value, counted ? (int64_t)used : -1);
    }
}

static void put_parties(struct job *job, struct hg_bytes *rows)
{
    const struct hg_snapshot *snapshot = job->generation->snapshot;

    for (size_t i = 0; i < snapshot->ntenants; i++)
        put_party(job, rows, HG_ACCOUNT_TENANT, snapshot->tenants[i].name, snapshot->tenants[i].limits);
    for (size_t i = 0; i < snapshot->nusers; i++)
        put_party(job, rows, HG_ACCOUNT_USER, snapshot->users[i].name, snapshot->users[i].limits);
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
