/* What a side looks after without being asked: each `health_interval` a tick.
 *
 *   tick --> unused servers that are over their age are closed
 *        --> too few servers (pool_min): more are opened
 *        --> a host that has failed: a login of its own tells whether it is back      (a probe)
 *        --> an unused server that nobody has heard of for the interval: Sync, and    (a ping)
 *            ReadyForQuery, or it is closed; its host has failed if nothing came within connect_timeout
 *
 * One probe and one ping at a time. A server that is being pinged counts as lent, to nobody. */
#include <stdlib.h>

#include "arena.h"
#include "encode.h"
#include "frame.h"
#include "log.h"
#include "pool_private.h"
#include "protocol.h"

#define DEFAULT_TICK_MS 30000u /* where health_interval is 0: age and pool_min are still seen to */
#define READY_BYTES     6u

static uint64_t now_ms(void)
{
    return hg_clock_us() / 1000;
}

/* ---- pings ---- */

/* Unused, and not heard of, for the interval; the least recently used first. */
static struct hg_server *silent_server(struct side *side)
{
    uint64_t interval = side->pool->config.health_interval_ms, now = now_ms();

    for (struct hg_server *server = side->idle_last; server; server = server->previous) {
        struct server_private *private = server_private(server);
        if (private->idle_since_ms + interval <= now && private->heard_ms + interval <= now)
            return server;
    }
    return NULL;
}

static void ping_next(struct side *side);

enum pong { ALIVE, DOUBTFUL, SILENT };

/* A server that hangs up, or says something else, is none to be lent; but there is somebody at home. */
static void ping_over(struct side *side, enum pong pong)
{
    struct hg_server *server = side->pinged;
    struct hg_pool *pool = side->pool;

    side->pinged = NULL;
    hg_timer_stop(&side->ping_timer);
    if (pong == ALIVE) {
        hg_inbox_consume(&server->inbox, READY_BYTES);
        side_put_back(server);
        ping_next(side);
        return;
    }
    if (pong == SILENT) {
        hg_log(HG_LOG_WARNING, "backend \"%s\": an unused connection to %s does not answer",
               pool->config.name, pool->config.hosts[server_private(server)->host].name);
        pthread_mutex_lock(&pool->mutex);
        pool_host_failed(pool, server_private(server)->host);
        pthread_mutex_unlock(&pool->mutex);
    }
    side_lose(server);
}

static void on_pong(void *owner)
{
    struct hg_server *server = owner;
    struct side *side = server_private(server)->side;
    enum hg_io io = hg_inbox_fill(&server->inbox, server->conn, 0, HG_INBOX_BYTES);
    struct hg_frame frame;

    if (io == HG_IO_AGAIN)
        return;
    if (io != HG_IO_OK) {
        ping_over(side, io == HG_IO_EOF ? DOUBTFUL : SILENT);
        return;
    }
    enum hg_frame_status status =
        hg_frame_peek(hg_inbox_at(&server->inbox), hg_inbox_len(&server->inbox), READY_BYTES, &frame);
    if (status != HG_FRAME_COMPLETE && status != HG_FRAME_BAD)
        return;
    bool good = status == HG_FRAME_COMPLETE && frame.type == HG_S_READY && frame.body.len == 1 &&
                frame.body.ptr[0] == 'I' && hg_inbox_len(&server->inbox) == READY_BYTES;
    ping_over(side, good ? ALIVE : DOUBTFUL);
}

static void on_ping_writable(void *owner)
{
    struct hg_server *server = owner;
    enum hg_io io = hg_outbox_flush(&server->outbox, server->conn);

    if (io == HG_IO_OK || io == HG_IO_AGAIN)
        hg_conn_want(server->conn, true, io == HG_IO_AGAIN);
    else
        ping_over(server_private(server)->side, SILENT);
}

static void on_ping_timer(void *argument)
{
    ping_over(argument, SILENT);
}

static void ping_next(struct side *side)
{
    static const struct hg_conn_events events = {on_pong, on_ping_writable};
    struct hg_server *server = side->pinged ? NULL : silent_server(side);

    if (!server || !side->pool->config.health_interval_ms)
        return;
    pthread_mutex_lock(&side->pool->mutex);
    pool_move(server, LENT);
    pthread_mutex_unlock(&side->pool->mutex);
    side->pinged = server;
    server->lent_to = side;
    server_private(server)->heard_ms = now_ms();
    hg_server_events(server, &events, server);
    hg_timer_start(&side->ping_timer, side->pool->config.connect_timeout_ms);
    hg_encode_empty(&server->outbox.bytes, HG_C_SYNC);
    on_ping_writable(server);
}

/* ---- probes ---- */

static void on_probe_status(void *owner, struct hg_slice name, struct hg_slice value)
{
    struct side *side = owner;

    if (hg_slice_is(name, "in_hot_standby"))
        side->probe_standby = hg_slice_is(value, "on") ? STANDBY : PRIMARY;
}

static void on_probed(void *owner, const struct opened *opened)
{
    struct side *side = owner;
    struct hg_pool *pool = side->pool;
    bool good = opened->conn && fits_target(&pool->config, side->probe_standby) == NULL;

    side->probe = NULL;
    pthread_mutex_lock(&pool->mutex);
    if (good)
        pool_host_good(pool, side->probed);
    else
        pool_host_failed(pool, side->probed);
    pthread_mutex_unlock(&pool->mutex);
    if (opened->conn)
        hg_conn_free(opened->conn);
    if (!good)
        return;
    hg_log(HG_LOG_INFO, "backend \"%s\": %s is back", pool->config.name,
           pool->config.hosts[side->probed].name);
    side_balance(side);
}

/* A failed host whose time has come, unless somebody tries one anyway. */
static int host_to_probe(const struct hg_pool *pool)
{
    uint64_t now = now_ms();

    for (unsigned i = 0; i < pool->config.nhosts && !pool->stats.connecting; i++)
        if (pool->hosts[i].failures && pool->hosts[i].retry_at_ms <= now)
            return (int)i;
    return -1;
}

static void probe(struct side *side)
{
    static const struct opening_events events = {on_probe_status, on_probed};
    struct hg_pool *pool = side->pool;
    int host;

    pthread_mutex_lock(&pool->mutex);
    host = side->probe || !pool->config.health_interval_ms ? -1 : host_to_probe(pool);
    if (host >= 0) /* other sides leave it alone meanwhile */
        pool->hosts[host].retry_at_ms = now_ms() + pool->config.connect_timeout_ms;
    pthread_mutex_unlock(&pool->mutex);
    if (host < 0)
        return;
    struct opening_plan plan = {.config = &pool->config,
                                .host = &pool->config.hosts[host],
                                .credentials = pool->credentials,
                                .database = pool->config.database,
                                .tls = pool->tls};
    side->probed = (unsigned)host;
    side->probe_standby = UNKNOWN;
    side->probe = opening_start(side->worker->loop, &plan, &events, side);
}

/* ---- the tick ---- */

static void arm(struct side *side)
{
    uint32_t interval = side->pool->config.health_interval_ms;

    hg_timer_start(&side->tick, interval ? interval : DEFAULT_TICK_MS);
}

static void on_tick(void *argument)
{
    struct side *side = argument;

    side_close_aged(side);
    side_balance(side);
    probe(side);
    ping_next(side);
    arm(side);
}

void health_begin(struct side *side)
{
    hg_timer_init(&side->tick, side->worker->loop, on_tick, side);
    hg_timer_init(&side->ping_timer, side->worker->loop, on_ping_timer, side);
    arm(side);
}

void health_end(struct side *side)
{
    if (side->probe)
        opening_cancel(side->probe);
    side->probe = NULL;
    if (side->pinged)
        side_discard(side->pinged);
    side->pinged = NULL;
    hg_timer_free(&side->tick);
    hg_timer_free(&side->ping_timer);
}
