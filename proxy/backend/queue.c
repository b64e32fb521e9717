/* Waiting for a server.
 *
 *                   enqueued             served, or the backend cannot be reached
 *   hg_pool_acquire ---------> QUEUED ------------------------------------------> settled --> done()
 *                               |  ^                                                |
 *             queue_timeout_ms, |  +------ the server turned out to be dead --------+
 *             cancelled         v
 *                         done(), nothing
 *
 * Any worker may settle any waiter, under the pool's mutex; done() is called by the waiter's own worker, at
 * once when the waiter was settled while that looked at it, else when it opens the letter. Before a server is
 * handed over its socket is looked at: one that has hung up, or that said something nobody asked for, is
 * closed, and the waiter goes back to the front of the queue, so that no statement is lost to a connection
 * that was dead before. */
#include <stdlib.h>

#include "arena.h"
#include "pool_private.h"

/* ---- telling ---- */

static void waiter_free(struct hg_waiter *waiter)
{
    struct side *side = waiter->side;

    hg_timer_free(&waiter->timer);
    free(waiter);
    pthread_mutex_lock(&side->pool->mutex);
    side->nwaiters--;
    pthread_mutex_unlock(&side->pool->mutex);
    side_collect(side);
}

/* A limit of the policy: which, of whom, how much. `count` is both the limit and what is used. */
static void set_limit_fault(struct hg_fault *fault, struct hg_arena *arena, const struct hg_waiter *waiter,
                            enum refusal why)
{
    const char *backend = waiter->side->pool->config.name;
    bool of_tenant = why == TENANT_FULL || why == TENANT_QUEUE;
    struct hg_slice name = of_tenant ? waiter->claim.tenant : waiter->claim.user;
    const struct hg_limits *limits = of_tenant ? waiter->claim.tenant_limits : waiter->claim.user_limits;
    const char *kind = of_tenant ? "tenant" : "user";

    if (why == TENANT_QUEUE || why == USER_QUEUE) {
        hg_fault_set(fault, arena, HG_CONFIGURATION_LIMIT,
                     "%s \"%.*s\" has %u statements waiting for backend \"%s\", and may have no more", kind,
                     HG_SLICE_FMT(name), limits->queue, backend);
        hg_fault_detail(fault, arena, "Limit \"queue\": %u, waiting: %u.", limits->queue, limits->queue);
    } else {
        hg_fault_set(fault, arena, HG_CONFIGURATION_LIMIT,
                     "%s \"%.*s\" uses %u connections to backend \"%s\", and may use no more", kind,
                     HG_SLICE_FMT(name), limits->concurrent, backend);
        hg_fault_detail(fault, arena, "Limit \"concurrent\": %u, in use: %u. None became free within %u ms.",
                        limits->concurrent, limits->concurrent,
                        (unsigned)(waiter->deadline_ms - waiter->begun_ms));
    }
    hg_fault_hint(fault, arena, "Try again when statements and transactions of this %s have ended.", kind);
}

static void set_fault(struct hg_fault *fault, struct hg_arena *arena, const struct hg_waiter *waiter,
                      enum refusal why)
{
    const struct hg_backend_config *config = &waiter->side->pool->config;

    if (why == PAUSED) {
        hg_fault_set(fault, arena, HG_CANNOT_CONNECT_NOW, "backend \"%s\" is paused by the administrator",
                     config->name);
        hg_fault_detail(fault, arena, "It was not resumed within %u ms.",
                        (unsigned)(waiter->deadline_ms - waiter->begun_ms));
        hg_fault_hint(fault, arena, "Try again later.");
        return;
    }
    if (why == NO_SERVER) {
        hg_fault_set(fault, arena, HG_CANNOT_CONNECT, "cannot connect to backend \"%s\"", config->name);
        hg_fault_hint(fault, arena, "Try again later; the administrator finds the reason in Headgate's log.");
        return;
    }
    if (why != POOL_FULL) {
        set_limit_fault(fault, arena, waiter, why);
        return;
    }
    hg_fault_set(fault, arena, HG_TOO_MANY_CONNECTIONS, "all %u connections to backend \"%s\" are in use",
                 config->pool_size, config->name);
    hg_fault_detail(fault, arena, "None became free within %u ms.",
                    (unsigned)(waiter->deadline_ms - waiter->begun_ms));
    hg_fault_hint(fault, arena, "Try again later; the limit is the backend's pool_size.");
}

static void tell_failure(struct hg_waiter *waiter, enum refusal why)
{
    void (*done)(void *, struct hg_server *, const struct hg_fault *) = waiter->done;
    void *owner = waiter->owner;
    struct hg_fault fault = {0};
    struct hg_arena arena;

    hg_arena_init(&arena, 0);
    set_fault(&fault, &arena, waiter, why);
    waiter_free(waiter);
    done(owner, NULL, &fault);
    hg_arena_free(&arena);
}

static void tell_server(struct hg_waiter *waiter, struct hg_server *server)
{
    void (*done)(void *, struct hg_server *, const struct hg_fault *) = waiter->done;

    server->lent_to = waiter->owner;
    waiter_free(waiter);
    done(server->lent_to, server, NULL);
}

/* A server from another worker comes into this one's loop. */
static void arrive(struct hg_server *server, struct side *side)
{
    struct server_private *private = server_private(server);

    if (!private->travels || !side->worker)
        return;
    private->travels = false;
    server->worker = side->worker;
    hg_conn_attach(server->conn, side->worker->loop, &side_idle_events, server);
    hg_conn_want(server->conn, true, false);
}

/* True when the waiter is over with; false when its server was dead and it has to be queued again. */
static bool deliver(struct hg_waiter *waiter)
{
    struct hg_server *server = waiter->server;

    if (server)
        arrive(server, waiter->side);
    if (waiter->cancelled) {
        if (server)
            side_put_idle(server);
        waiter_free(waiter);
    } else if (!server) {
        tell_failure(waiter, NO_SERVER);
    } else if (!hg_conn_is_quiet(server->conn)) {
        side_lose(server);
        return false;
    } else {
        tell_server(waiter, server);
    }
    return true;
}

/* ---- queueing ---- */

/* Queues the waiter and does for it what can be done at once; true when that settled it. */
static bool enqueue(struct hg_waiter *waiter, bool at_front)
{
    struct side *side = waiter->side;
    struct hg_server *servers;
    bool settled;

    pthread_mutex_lock(&side->pool->mutex);
    pool_enqueue(waiter, at_front);
    waiter->watched = true;
    pool_serve(side);
    servers = pool_balance(side);
    settled = waiter->settled != QUEUED;
    waiter->watched = false;
    pthread_mutex_unlock(&side->pool->mutex);
    side_begin(side, servers);
    return settled;
}

static void start_timer(struct hg_waiter *waiter)
{
    uint64_t now = hg_clock_us() / 1000;

    hg_timer_start(&waiter->timer, now < waiter->deadline_ms ? waiter->deadline_ms - now : 0);
}

static void on_letter(struct hg_letter *letter)
{
    struct hg_waiter *waiter = (struct hg_waiter *)letter;

    do {
        if (deliver(waiter))
            return;
    } while (enqueue(waiter, true));
    start_timer(waiter);
}

/* [m] What keeps it waiting. */
static enum refusal why_waiting(const struct hg_waiter *waiter)
{
    const struct hg_pool *pool = waiter->side->pool;

    if (pool->paused)
        return PAUSED;
    if (waiter->tenant->most_running && waiter->tenant->running >= waiter->tenant->most_running)
        return TENANT_FULL;
    if (waiter->user->most_running && waiter->user->running >= waiter->user->most_running)
        return USER_FULL;
    return pool->failures > 0 && pool->total < pool->config.pool_size ? NO_SERVER : POOL_FULL;
}

static void on_timer(void *argument)
{
    struct hg_waiter *waiter = argument;
    struct hg_pool *pool = waiter->side->pool;
    enum refusal why = POOL_FULL;
    bool queued;

    pthread_mutex_lock(&pool->mutex);
    queued = waiter->settled == QUEUED;
    if (queued) {
        why = why_waiting(waiter);
        pool_dequeue(waiter, NULL);
    }
    pthread_mutex_unlock(&pool->mutex);
    if (queued) /* else its letter is on the way */
        tell_failure(waiter, why);
}

/* A queue that is longer than its limit loses who has just come. True when that is this one. */
static bool is_one_too_many(struct hg_waiter *waiter, enum refusal *why)
{
    struct hg_pool *pool = waiter->side->pool;
    uint32_t of_tenant = waiter->claim.tenant_limits->queue, of_user = waiter->claim.user_limits->queue;
    bool over = false;

    if (!of_tenant && !of_user)
        return false;
    pthread_mutex_lock(&pool->mutex);
    if (waiter->settled == QUEUED) {
        *why = of_tenant && waiter->tenant->queued > of_tenant ? TENANT_QUEUE : USER_QUEUE;
        over = *why == TENANT_QUEUE || (of_user && waiter->user->queued > of_user);
        if (over)
            pool_dequeue(waiter, NULL);
    }
    pthread_mutex_unlock(&pool->mutex);
    return over;
}

/* The shortest of the backend's patience, the tenant's and the user's. */
static uint32_t patience_ms(const struct hg_pool *pool, const struct hg_claim *claim)
{
    uint32_t ms = pool->config.queue_timeout_ms;

    if (claim->tenant_limits->queue_wait && claim->tenant_limits->queue_wait < ms)
        ms = claim->tenant_limits->queue_wait;
    if (claim->user_limits->queue_wait && claim->user_limits->queue_wait < ms)
        ms = claim->user_limits->queue_wait;
    return ms;
}

struct hg_waiter *
hg_pool_acquire(struct hg_pools *pools, struct hg_pool *pool, const struct hg_claim *claim, void *owner,
                void (*done)(void *owner, struct hg_server *server, const struct hg_fault *fault))
{
    struct hg_waiter *waiter = hg_calloc(1, sizeof *waiter);
    enum refusal why;
    bool at_front = false;

    waiter->claim = *claim;
    waiter->letter.open = on_letter;
    waiter->side = side_of(pools, pool);
    waiter->owner = owner;
    waiter->done = done;
    waiter->begun_ms = hg_clock_us() / 1000;
    waiter->deadline_ms = waiter->begun_ms + patience_ms(pool, claim);
    hg_timer_init(&waiter->timer, pools->loop, on_timer, waiter);
    pthread_mutex_lock(&pool->mutex);
    waiter->side->nwaiters++;
    pthread_mutex_unlock(&pool->mutex);
    while (enqueue(waiter, at_front)) {
        if (deliver(waiter))
            return NULL;
        at_front = true;
    }
    if (is_one_too_many(waiter, &why)) {
        tell_failure(waiter, why);
        return NULL;
    }
    start_timer(waiter);
    return waiter;
}

void hg_waiter_cancel(struct hg_waiter *waiter)
{
    struct hg_pool *pool = waiter->side->pool;
    bool queued;

    pthread_mutex_lock(&pool->mutex);
    queued = waiter->settled == QUEUED;
    if (queued)
        pool_dequeue(waiter, NULL);
    pthread_mutex_unlock(&pool->mutex);
    if (queued) {
        waiter_free(waiter);
        return;
    }
    waiter->cancelled = true; /* its letter is on the way and frees it */
    hg_timer_stop(&waiter->timer);
}
