/* Waiting for a server.
 *
 *                   enqueued             served, or the backend cannot be reached
 *   hg_pool_acquire ---------> QUEUED ------------------------------------------> settled --> done()
 *                               |  ^                                                |
 *             queue_timeout_ms, |  +------ the server turned out to be dead --------+
 *             cancelled         v
 *                         done(), nothing
 *
 * A pool that is replaced while it is paused gives those who wait to its successor: MOVED, by the same letter,
 * they are queued there, and still have until their time is up.
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

/* Another side counts it. */
static void join(struct hg_waiter *waiter, struct side *side)
{
    waiter->side = side;
    pthread_mutex_lock(&side->pool->mutex);
    side->nwaiters++;
    pthread_mutex_unlock(&side->pool->mutex);
}

static void leave(struct side *side)
{
    pthread_mutex_lock(&side->pool->mutex);
    side->nwaiters--;
    pthread_mutex_unlock(&side->pool->mutex);
    side_collect(side);
}

static void waiter_free(struct hg_waiter *waiter)
{
    struct side *side = waiter->side;

    hg_timer_free(&waiter->timer);
    free(waiter);
    leave(side);
}

static const char *impatient_kind(const struct hg_waiter *waiter)
{
    return waiter->impatient == waiter->claim.tenant_limits ? "tenant" : "user";
}

/* How long it waited, and by whose limit no longer. */
static const char *within(struct hg_arena *arena, const struct hg_waiter *waiter)
{
    char buffer[HG_DURATION_BYTES];
    const char *patience = hg_duration_text(waiter->deadline_ms - waiter->begun_ms, buffer).ptr;

    return waiter->impatient ? hg_arena_printf(arena, "within %s, the limit \"queue_wait\" of the %s",
                                               patience, impatient_kind(waiter))
                                   .ptr
                             : hg_arena_printf(arena, "within %s", patience).ptr;
}

/* The loop's clock, which the timer follows, may be a little ahead of this one. */
static uint64_t waited_ms(const struct hg_waiter *waiter)
{
    uint64_t now = hg_clock_us() / 1000;

    return (now > waiter->deadline_ms ? now : waiter->deadline_ms) - waiter->begun_ms;
}

/* A limit of the policy, in the words of all limits. */
static void set_limit_fault(struct hg_fault *fault, struct hg_arena *arena, const struct hg_waiter *waiter,
                            enum refusal why)
{
    const struct hg_backend_config *config = &waiter->side->pool->config;
    bool of_tenant = why == TENANT_FULL || why == TENANT_QUEUE ||
                     (why == OUT_OF_PATIENCE && waiter->impatient == waiter->claim.tenant_limits);
    struct hg_slice name = of_tenant ? waiter->claim.tenant : waiter->claim.user;
    const struct hg_limits *limits = of_tenant ? waiter->claim.tenant_limits : waiter->claim.user_limits;
    const char *kind = of_tenant ? "tenant" : "user", *hint = "Try again when some of them have ended.",
               *resets;
    struct hg_limit_use use = {.of = kind, .used = waiter->used};

    if (why == OUT_OF_PATIENCE) {
        use.limit = HG_LIMIT_queue_wait;
        use.used = waited_ms(waiter);
        hg_fault_set(fault, arena, HG_CONFIGURATION_LIMIT,
                     "a statement of %s \"%.*s\" waited too long for backend \"%s\"", kind,
                     HG_SLICE_FMT(name), config->name);
        resets = "It counts for each statement anew. No connection to the backend became free by then.";
        hint = "Try again later.";
    } else if (why == TENANT_QUEUE || why == USER_QUEUE) {
        use.limit = HG_LIMIT_queue;
        hg_fault_set(fault, arena, HG_CONFIGURATION_LIMIT,
                     "too many statements of %s \"%.*s\" wait for backend \"%s\"", kind, HG_SLICE_FMT(name),
                     config->name);
        resets = "It is free again when one of them has got its connection.";
    } else {
        use.limit = HG_LIMIT_concurrent;
        hg_fault_set(fault, arena, HG_CONFIGURATION_LIMIT,
                     "too many statements and transactions of %s \"%.*s\" use backend \"%s\"", kind,
                     HG_SLICE_FMT(name), config->name);
        resets = hg_arena_printf(arena, "None of them ended %s.", within(arena, waiter)).ptr;
    }
    use.value = hg_limit_value(limits, use.limit);
    hg_limit_tell(fault, arena, &use, resets, hint);
}

/* The pool's own reasons. */
static void set_fault(struct hg_fault *fault, struct hg_arena *arena, const struct hg_waiter *waiter,
                      enum refusal why)
{
    const struct hg_backend_config *config = &waiter->side->pool->config;

    switch (why) {
    case PAUSED:
        hg_fault_set(fault, arena, HG_CANNOT_CONNECT_NOW, "backend \"%s\" is paused by the administrator",
                     config->name);
        hg_fault_detail(fault, arena, "It was not resumed %s.", within(arena, waiter));
        hg_fault_hint(fault, arena, "Try again later.");
        break;
    case REPLACED:
        hg_fault_set(fault, arena, HG_CANNOT_CONNECT_NOW,
                     "backend \"%s\" was paused by the administrator, and is another one by now",
                     config->name);
        hg_fault_hint(fault, arena, "Send the statement again, outside of the transaction.");
        break;
    case NO_SERVER:
        hg_fault_set(fault, arena, HG_CANNOT_CONNECT, "cannot connect to backend \"%s\"", config->name);
        hg_fault_hint(fault, arena, "Try again later; the administrator finds the reason in Headgate's log.");
        break;
    case POOL_FULL:
        hg_fault_set(fault, arena, HG_TOO_MANY_CONNECTIONS, "all %u connections to backend \"%s\" are in use",
                     config->pool_size, config->name);
        hg_fault_detail(fault, arena, "None became free %s.", within(arena, waiter));
        hg_fault_hint(fault, arena, "Try again later; the limit is the backend's pool_size.");
        break;
    default:
        set_limit_fault(fault, arena, waiter, why);
    }
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

/* The pool that serves who asks for this one: it may have been replaced while it was paused. */
static struct hg_pool *pool_of_now(struct hg_pool *pool)
{
    for (struct hg_pool *next = pool; next;) {
        pool = next;
        pthread_mutex_lock(&pool->mutex);
        next = pool->successor;
        pthread_mutex_unlock(&pool->mutex);
    }
    return pool;
}

/* True when it is told that there is nowhere to go. */
static bool move_on(struct hg_waiter *waiter)
{
    struct side *side = waiter->side;
    struct hg_pool *pool = pool_of_now(side->pool);

    if (pool == side->pool) {
        tell_failure(waiter, REPLACED);
        return true;
    }
    join(waiter, side_of(side->worker, pool));
    leave(side);
    return false;
}

/* True when the waiter is over with; false when its server was dead, or its pool replaced, and it has to be
 * queued again. */
static bool deliver(struct hg_waiter *waiter)
{
    struct hg_server *server = waiter->server;

    if (server)
        arrive(server, waiter->side);
    if (waiter->cancelled) {
        if (server)
            side_put_idle(server);
        waiter_free(waiter);
    } else if (waiter->settled == MOVED) {
        return move_on(waiter);
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
    if (side->pool->replaced)
        pool_settle(waiter, MOVED, NULL);
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

/* It is settled. True when it is over with; false when it waits again. */
static bool conclude(struct hg_waiter *waiter)
{
    bool at_front;

    do {
        at_front = waiter->settled != MOVED; /* among those of another pool it is the last one */
        if (deliver(waiter))
            return true;
    } while (enqueue(waiter, at_front));
    return false;
}

static void on_letter(struct hg_letter *letter)
{
    struct hg_waiter *waiter = (struct hg_waiter *)letter;

    if (!conclude(waiter))
        start_timer(waiter);
}

/* [m] What keeps it waiting. */
static enum refusal why_waiting(struct hg_waiter *waiter)
{
    const struct hg_pool *pool = waiter->side->pool;
    const struct party *parties[] = {waiter->tenant, waiter->user};
    static const enum refusal full[] = {TENANT_FULL, USER_FULL};

    if (pool->paused)
        return PAUSED;
    for (size_t i = 0; i < 2; i++) {
        waiter->used = parties[i]->running;
        if (parties[i]->most_running && parties[i]->running >= parties[i]->most_running)
            return full[i];
    }
    if (pool->failures > 0 && pool->total < pool->config.pool_size)
        return NO_SERVER;
    return waiter->impatient ? OUT_OF_PATIENCE : POOL_FULL;
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
    struct hg_pool *pool = waiter->side->pool; /* by now another one, maybe */
    uint32_t of_tenant = waiter->claim.tenant_limits->queue, of_user = waiter->claim.user_limits->queue;
    bool over = false;

    if (!of_tenant && !of_user)
        return false;
    pthread_mutex_lock(&pool->mutex);
    if (waiter->settled == QUEUED) {
        *why = of_tenant && waiter->tenant->queued > of_tenant ? TENANT_QUEUE : USER_QUEUE;
        over = *why == TENANT_QUEUE || (of_user && waiter->user->queued > of_user);
        if (over) {
            waiter->used = (*why == TENANT_QUEUE ? waiter->tenant : waiter->user)->queued - 1;
            pool_dequeue(waiter, NULL);
        }
    }
    pthread_mutex_unlock(&pool->mutex);
    return over;
}

/* The shortest of the backend's patience, the tenant's and the user's counts. */
static void set_deadline(struct hg_waiter *waiter, const struct hg_pool *pool)
{
    const struct hg_limits *all[] = {waiter->claim.tenant_limits, waiter->claim.user_limits};
    uint32_t ms = pool->config.queue_timeout_ms;

    for (size_t i = 0; i < 2; i++) {
        if (!all[i]->queue_wait || all[i]->queue_wait >= ms)
            continue;
        ms = all[i]->queue_wait;
        waiter->impatient = all[i];
    }
    waiter->begun_ms = hg_clock_us() / 1000;
    waiter->deadline_ms = waiter->begun_ms + ms;
}

struct hg_waiter *
hg_pool_acquire(struct hg_pools *pools, struct hg_pool *pool, const struct hg_claim *claim, void *owner,
                void (*done)(void *owner, struct hg_server *server, const struct hg_fault *fault))
{
    struct hg_waiter *waiter = hg_calloc(1, sizeof *waiter);
    enum refusal why;

    waiter->claim = *claim;
    waiter->letter.open = on_letter;
    waiter->owner = owner;
    waiter->done = done;
    set_deadline(waiter, pool);
    hg_timer_init(&waiter->timer, pools->loop, on_timer, waiter);
    join(waiter, side_of(pools, pool));
    if (enqueue(waiter, false) && conclude(waiter))
        return NULL;
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
