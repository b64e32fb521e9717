/* The life of one server connection: opened on behalf of a pool, lent and given back, closed.
 *
 *              server_begin()             logged in                   lent
 *   NOWHERE -------------------> OPENING -----------> (first waiter) <------> IDLE
 *      ^                            | failed               |                    | idle too long, hung up,
 *      +----------------------------+                      | released           | unasked bytes, pool retired
 *      +---------------------------------------------------+ with doubt         |
 *      +------------------------------------------------------------------------+
 *
 * The places are moved through by pool_move() alone. What is known of the connection's state is in struct
 * hg_server: settings as last told or set, prepared statements. Doubt about anything else closes it, because
 * nothing that one tenant left on it may meet another. */
#include <stdlib.h>

#include "arena.h"
#include "encode.h"
#include "log.h"
#include "pool_private.h"
#include "protocol.h"

struct whole {
    struct hg_server server; /* first member */
    struct server_private part;
};

/* ---- what is known of the settings ---- */

static void replace(char **place, struct hg_slice value)
{
    char *text = hg_malloc(value.len + 1);

    if (value.len)
        memcpy(text, value.ptr, value.len);
    text[value.len] = '\0';
    free(*place);
    *place = text;
}

void hg_server_set(struct hg_server *server, int setting, struct hg_slice value)
{
    replace(&server->settings[setting], value);
    server->settings_stamp = 0;
}

void hg_server_set_tenant(struct hg_server *server, struct hg_slice value)
{
    replace(&server->tenant, value);
}

void hg_server_forget_settings(struct hg_server *server)
{
    server->settings_stamp = 0;
    for (int i = 0; i < HG_NCARRIED; i++) {
        if (!(hg_settings[i].flags & (HG_SETTING_SYNC | HG_SETTING_VIRTUAL)))
            continue; /* what the server itself is does not change */
        free(server->settings[i]);
        server->settings[i] = NULL;
    }
    free(server->tenant);
    server->tenant = NULL;
}

static void on_status(void *owner, struct hg_slice name, struct hg_slice value)
{
    struct hg_server *server = owner;
    int setting = hg_setting_find(name);

    if (hg_slice_is(name, "in_hot_standby"))
        server_private(server)->standby = hg_slice_is(value, "on") ? STANDBY : PRIMARY;
    if (setting >= 0 && setting < HG_NCARRIED)
        hg_server_set(owner, setting, value);
}

/* ---- opening ---- */

static void leave_opening(struct hg_server *server)
{
    struct side *side = server_private(server)->side;

    if (server->previous)
        server->previous->next = server->next;
    else
        side->opening_first = server->next;
    if (server->next)
        server->next->previous = server->previous;
    server->next = server->previous = NULL;
}

const char *fits_target(const struct hg_backend_config *config, enum standby standby)
{
    if (config->target == HG_TARGET_ANY)
        return NULL;
    if (standby == UNKNOWN)
        return "it does not say whether it is a standby (PostgreSQL 14 and later do)";
    if (standby == STANDBY)
        return config->target == HG_TARGET_PRIMARY ? "it is a standby" : NULL;
    return config->target == HG_TARGET_STANDBY ? "it is no standby" : NULL;
}

static void say_failure(const struct hg_server *server, const struct opened *opened, const char *why)
{
    const struct hg_backend_config *config = &server->pool->config;
    const struct hg_host *host = &config->hosts[((struct server_private *)server->private_state)->host];

    hg_log(HG_LOG_ERROR, "backend \"%s\": cannot connect to %s:%u as \"%s\": %s%s%s", config->name,
           host->name, host->port, config->user, opened->sqlstate, opened->sqlstate[0] ? " " : "", why);
}

static void say_in_clear(const struct hg_server *server, const char *why)
{
    const struct hg_backend_config *config = &server->pool->config;
    const struct hg_host *host = &config->hosts[((struct server_private *)server->private_state)->host];

    hg_log(HG_LOG_WARNING,
           "backend \"%s\": connections to %s:%u are in clear text, because TLS, which is only preferred, "
           "failed: "
           "%s",
           config->name, host->name, host->port, why);
}

/* True when another host is being tried. */
static bool try_another(struct hg_server *server)
{
    struct server_private *private = server_private(server);
    struct hg_pool *pool = server->pool;
    bool another;

    pthread_mutex_lock(&pool->mutex);
    pool_host_failed(pool, private->host);
    another = !pool->retired && pool_choose_host(pool, private->tried) >= 0;
    if (!another)
        pool_back_off(pool);
    pthread_mutex_unlock(&pool->mutex);
    if (another)
        server_begin(server);
    return another;
}

static void take_over(struct hg_server *server, const struct opened *opened)
{
    const struct hg_backend_config *config = &server->pool->config;
    struct server_private *private = server_private(server);
    uint64_t age = config->max_age_ms, now = hg_clock_us();

    server->conn = opened->conn;
    server->pid = opened->pid;
    server->secret_len = opened->secret_len;
    memcpy(server->secret, opened->secret, opened->secret_len);
    server->status = 'I';
    server->connected_us = now;
    private->heard_ms = now / 1000;
    private->retire_at_ms = age ? now / 1000 + age - age / 10 + random_up_to(age / 5) : 0;
}

static void open_done(void *owner, const struct opened *opened)
{
    struct hg_server *server = owner;
    struct hg_pool *pool = server->pool;
    struct server_private *private = server_private(server);
    const char *why = opened->conn ? fits_target(&pool->config, private->standby) : opened->why;

    private->opening = NULL;
    if (why) {
        say_failure(server, opened, why);
        if (opened->conn)
            hg_conn_free(opened->conn);
        if (try_another(server))
            return;
        leave_opening(server);
        side_lose(server);
        return;
    }
    leave_opening(server);
    take_over(server, opened);
    pthread_mutex_lock(&pool->mutex);
    pool_host_good(pool, private->host);
    bool news = pool_host_in_clear(pool, private->host, opened->why_clear != NULL);
    pool->stats.opened++;
    pthread_mutex_unlock(&pool->mutex);
    if (news)
        say_in_clear(server, opened->why_clear);
    side_put_idle(server);
}

struct hg_server *server_new(struct side *side)
{
    struct whole *whole = hg_calloc(1, sizeof *whole);
    struct hg_server *server = &whole->server;

    server->private_state = &whole->part;
    server->pool = side->pool;
    server->worker = side->worker;
    server_private(server)->side = side;
    hg_map_init(&server->prepared);
    return server;
}

void server_begin(struct hg_server *server)
{
    static const struct opening_events events = {on_status, open_done};
    struct server_private *private = server_private(server);
    struct hg_pool *pool = server->pool;

    pthread_mutex_lock(&pool->mutex);
    private->host = (unsigned)pool_choose_host(pool, private->tried);
    pthread_mutex_unlock(&pool->mutex);
    private->tried |= 1u << private->host;
    private->standby = UNKNOWN;
    struct opening_plan plan = {.config = &pool->config,
                                .host = &pool->config.hosts[private->host],
                                .credentials = pool->credentials,
                                .database = pool->config.database,
                                .tls = pool->tls};
    private->opening = opening_start(server->worker->loop, &plan, &events, server);
}

/* ---- closing ---- */

/* A polite end where it costs nothing: the server then logs no lost connection. */
static void say_goodbye(struct hg_server *server)
{
    struct hg_bytes bytes;
    size_t put;

    if (server->status != 'I' || hg_outbox_pending(&server->outbox) || !hg_conn_is_quiet(server->conn))
        return;
    hg_bytes_init(&bytes, 0);
    hg_encode_empty(&bytes, HG_C_TERMINATE);
    (void)hg_conn_write(server->conn, bytes.data, bytes.len, &put);
    hg_bytes_free(&bytes);
}

void server_free(struct hg_server *server)
{
    struct server_private *private = server_private(server);

    if (private->opening) {
        opening_cancel(private->opening);
        private->opening = NULL;
        leave_opening(server);
    }
    cancel_orphan(server);
    if (server->conn) {
        say_goodbye(server);
        hg_conn_free(server->conn);
    }
    hg_inbox_free(&server->inbox);
    hg_outbox_free(&server->outbox);
    for (int i = 0; i < HG_NCARRIED; i++)
        free(server->settings[i]);
    free(server->tenant);
    prepared_forget_all(server);
    explicit_bzero(server->secret, sizeof server->secret);
    free(server);
}

/* ---- lending ---- */

void hg_server_events(struct hg_server *server, const struct hg_conn_events *events, void *owner)
{
    hg_conn_owner(server->conn, events, owner);
}

void hg_server_release(struct hg_server *server, bool clean)
{
    if (clean && server->status == 'I' && !server_private(server)->cancelled &&
        hg_inbox_len(&server->inbox) == 0 && hg_outbox_pending(&server->outbox) == 0)
        side_put_idle(server);
    else
        side_lose(server);
}
