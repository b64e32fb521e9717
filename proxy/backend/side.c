/* A worker's side of its pools: idle servers, servers being opened, and what other workers ask for.
 *
 * Idle servers are watched on the worker's loop. They have nothing to say: any byte, or the end, and the
 * server is closed. Another worker that needs one posts the `look` letter; on opening it this worker serves
 * the common queue from its own idle servers. The same letter tells of a pool that was retired. A side lives
 * until its pool is retired or its worker closes it, and nothing is left that points to it: servers, waiters,
 * a letter on its way. */
#include <stdlib.h>

#include "arena.h"
#include "pool_private.h"

/* ---- idle servers ---- */

static void idle_readable(void *owner)
{
    struct hg_server *server = owner;

    if (server_private(server)->place == IDLE) /* else a letter is on the way to whoever it is lent to */
        side_lose(server);
}

static void idle_writable(void *owner)
{
    (void)owner; /* never asked for */
}

const struct hg_conn_events side_idle_events = {idle_readable, idle_writable};

void side_discard(struct hg_server *server)
{
    struct hg_pool *pool = server->pool;

    pthread_mutex_lock(&pool->mutex);
    pool_move(server, NOWHERE);
    pthread_mutex_unlock(&pool->mutex);
    server_free(server);
}

static void arm_idle_timer(struct side *side)
{
    uint64_t now, due;

    if (side->idle_timer_runs || !side->idle_last || !side->pool->config.idle_timeout_ms || !side->worker)
        return;
    now = hg_clock_us() / 1000;
    due = server_private(side->idle_last)->idle_since_ms + side->pool->config.idle_timeout_ms;
    side->idle_timer_runs = true;
    hg_timer_start(&side->idle_timer, due > now ? due - now : 0);
}

/* There are more than pool_min asks for. */
static bool is_spare(struct hg_pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    bool spare = pool->total > pool->config.pool_min;
    pthread_mutex_unlock(&pool->mutex);
    return spare;
}

static bool is_aged(struct hg_server *server)
{
    uint64_t retire_at_ms = server_private(server)->retire_at_ms;

    return retire_at_ms && retire_at_ms <= hg_clock_us() / 1000;
}

void side_close_aged(struct side *side)
{
    for (struct hg_server *server = side->idle_first, *next; server; server = next) {
        next = server->next;
        if (is_aged(server))
            side_discard(server);
    }
}

static void on_idle_timer(void *argument)
{
    struct side *side = argument;
    uint64_t now = hg_clock_us() / 1000;

    side->idle_timer_runs = false;
    while (side->idle_last &&
           server_private(side->idle_last)->idle_since_ms + side->pool->config.idle_timeout_ms <= now) {
        if (is_spare(side->pool))
            side_discard(side->idle_last);
        else
            server_private(side->idle_last)->idle_since_ms = now;
    }
    arm_idle_timer(side);
}

/* Those who wait for a retired pool, with the configuration of before, are still served. */
static bool is_unwanted(struct hg_pool *pool)
{
    return pool->paused || (pool->retired && !pool_eligible(pool));
}

/* `since_ms`: when it was used last. */
static void put(struct hg_server *server, uint64_t since_ms, bool at_back)
{
    struct side *side = server_private(server)->side;
    struct hg_pool *pool = side->pool;
    struct hg_server *servers;

    server->lent_to = NULL;
    server->cancels_over = NULL;
    server_private(server)->idle_since_ms = since_ms;
    server_private(server)->at_back = at_back;
    pthread_mutex_lock(&pool->mutex);
    if (is_unwanted(pool) || !side->worker || is_aged(server)) {
        pool_move(server, NOWHERE);
        servers = side->worker ? pool_balance(side) : NULL;
        pthread_mutex_unlock(&pool->mutex);
        server_free(server);
    } else {
        hg_conn_owner(server->conn, &side_idle_events, server);
        hg_conn_want(server->conn, true, false);
        pool_move(server, IDLE);
        pool_serve(side);
        servers = pool_balance(side);
        pthread_mutex_unlock(&pool->mutex); /* from here on the server may be another worker's */
        arm_idle_timer(side);
    }
    side_begin(side, servers);
    side_collect(side);
}

void side_put_idle(struct hg_server *server)
{
    const struct side *side = server_private(server)->side;

    put(server, side->worker ? hg_loop_now_ms(side->worker->loop) : 0, false);
}

void side_put_back(struct hg_server *server)
{
    put(server, server_private(server)->idle_since_ms, true);
}

/* ---- opening and losing ---- */

void side_begin(struct side *side, struct hg_server *servers)
{
    while (servers) {
        struct hg_server *server = servers;

        servers = server->next;
        server->previous = NULL;
        server->next = side->opening_first;
        if (side->opening_first)
            side->opening_first->previous = server;
        side->opening_first = server;
        server_begin(server);
    }
}

void side_balance(struct side *side)
{
    struct hg_server *servers;

    pthread_mutex_lock(&side->pool->mutex);
    pool_serve(side);
    servers = pool_balance(side);
    pthread_mutex_unlock(&side->pool->mutex);
    side_begin(side, servers);
}

void side_lose(struct hg_server *server)
{
    struct side *side = server_private(server)->side;

    side_discard(server);
    side_balance(side);
    side_collect(side);
}

static void on_retry_timer(void *argument)
{
    struct side *side = argument;

    side->retry_timer_runs = false;
    side_balance(side);
}

/* ---- looking ---- */

void side_post_look(struct side *side)
{
    if (side->look_posted || !side->worker)
        return;
    side->look_posted = true;
    hg_loop_post(side->worker->loop, &side->look);
}

static void close_idle(struct side *side)
{
    while (side->idle_first)
        side_discard(side->idle_first);
}

static void on_look(struct hg_letter *letter)
{
    struct side *side = (struct side *)((char *)letter - offsetof(struct side, look));
    bool retired, paused, closed;

    pthread_mutex_lock(&side->pool->mutex);
    side->look_posted = false;
    retired = side->pool->retired;
    paused = side->pool->paused;
    closed = side->worker == NULL;
    pthread_mutex_unlock(&side->pool->mutex);
    if (!closed)
        side_balance(side);
    if (retired && !closed)
        health_end(side);
    if ((retired || paused) && !closed)
        close_idle(side);
    side_collect(side);
}

/* ---- life ---- */

static struct side *side_new(struct hg_pools *pools, struct hg_pool *pool)
{
    struct side *side = hg_calloc(1, sizeof *side);

    side->pool = pool;
    side->worker = pools;
    side->look.open = on_look;
    hg_timer_init(&side->idle_timer, pools->loop, on_idle_timer, side);
    hg_timer_init(&side->retry_timer, pools->loop, on_retry_timer, side);
    side->next_of_worker = pools->sides;
    pools->sides = side;
    pthread_mutex_lock(&pool->mutex);
    side->next_of_pool = pool->sides;
    pool->sides = side;
    pool->references++;
    pthread_mutex_unlock(&pool->mutex);
    health_begin(side);
    return side;
}

struct side *side_of(struct hg_pools *pools, struct hg_pool *pool)
{
    for (struct side *side = pools->sides; side; side = side->next_of_worker)
        if (side->pool == pool)
            return side;
    return side_new(pools, pool);
}

static void leave_worker(struct side *side, struct hg_pools *pools)
{
    struct side **at = &pools->sides;

    while (*at && *at != side)
        at = &(*at)->next_of_worker;
    if (*at)
        *at = side->next_of_worker;
}

void hg_pool_attend(struct hg_pools *pools, struct hg_pool *pool)
{
    side_balance(side_of(pools, pool));
}

void side_collect(struct side *side)
{
    struct hg_pool *pool = side->pool;
    struct side **at = &pool->sides;

    pthread_mutex_lock(&pool->mutex);
    if ((side->worker && !pool->retired) || side->nservers || side->nwaiters || side->look_posted) {
        pthread_mutex_unlock(&pool->mutex);
        return;
    }
    while (*at != side)
        at = &(*at)->next_of_pool;
    *at = side->next_of_pool;
    if (side->worker)
        leave_worker(side, side->worker);
    health_end(side);
    hg_timer_free(&side->idle_timer);
    hg_timer_free(&side->retry_timer);
    free(side);
    pool_drop_unlock(pool);
}

struct hg_pools *hg_pools_new(struct hg_loop *loop)
{
    struct hg_pools *pools = hg_calloc(1, sizeof *pools);

    pools->loop = loop;
    return pools;
}

/* Other workers' waiters may have counted on a connection that was being opened here. */
static void pass_on(struct side *side)
{
    for (struct side *other = side->pool->sides; other; other = other->next_of_pool)
        if (other->nwaiters)
            side_post_look(other);
}

static void close_side(struct side *side)
{
    health_end(side);
    close_idle(side);
    while (side->opening_first)
        side_discard(side->opening_first);
    pthread_mutex_lock(&side->pool->mutex);
    side->worker = NULL;
    pass_on(side);
    pthread_mutex_unlock(&side->pool->mutex);
    hg_timer_free(&side->idle_timer);
    hg_timer_free(&side->retry_timer);
    side_collect(side);
}

void hg_pools_free(struct hg_pools *pools)
{
    cancel_all(pools);
    while (pools->sides) {
        struct side *side = pools->sides;

        pools->sides = side->next_of_worker;
        close_side(side);
    }
    free(pools);
}
