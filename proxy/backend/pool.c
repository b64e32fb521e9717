/* The books of a pool: how many servers there are and where, who waits, and when to try again.
 *
 * Everything that several workers decide about is here, under one mutex that is held for a few assignments.
 * The rules:
 *
 * - Tenants are served in turn, each in the order of its waiters, whichever worker they are on (parties.c).
 *   An idle server of the waiter's own worker is simply lent; one of another worker is taken off its loop and
 *   travels with the waiter's letter (queue.c).
 * - While waiters are left, new connections are opened up to pool_size, each meant for nobody in particular:
 *   whoever is first when it is ready gets it. At the limit, or while connecting fails, other workers are
 *   asked for idle servers.
 * - An attempt tries the hosts in turn (hosts.c). After one that failed nothing is tried for 100 ms, doubling
 *   to 5 s; then one attempt at a time until one succeeds. When no server is left meanwhile, all waiters are
 *   told at once that the backend cannot be reached. */
#include "pool.h"

#include <stdio.h>
#include <stdlib.h>

#include "arena.h"
#include "pool_private.h"

/* ---- servers ---- */

static unsigned *counter_of(struct hg_pool *pool, enum place place)
{
    switch (place) {
    case OPENING:
        return &pool->stats.connecting;
    case IDLE:
        return &pool->stats.idle;
    case LENT:
        return &pool->stats.lent;
    default:
        return NULL;
    }
}

static void link_idle_last(struct side *side, struct hg_server *server)
{
    server->next = NULL;
    server->previous = side->idle_last;
    *(side->idle_last ? &side->idle_last->next : &side->idle_first) = server;
    side->idle_last = server;
    side->nidle++;
}

static void link_idle(struct side *side, struct hg_server *server)
{
    if (server_private(server)->at_back) {
        link_idle_last(side, server);
        return;
    }
    server->previous = NULL;
    server->next = side->idle_first;
    if (side->idle_first)
        side->idle_first->previous = server;
    else
        side->idle_last = server;
    side->idle_first = server;
    side->nidle++;
}

static void unlink_idle(struct side *side, struct hg_server *server)
{
    if (server->previous)
        server->previous->next = server->next;
    else
        side->idle_first = server->next;
    if (server->next)
        server->next->previous = server->previous;
    else
        side->idle_last = server->previous;
    server->next = server->previous = NULL;
    side->nidle--;
}

void pool_move(struct hg_server *server, enum place place)
{
    struct server_private *private = server_private(server);
    struct side *side = private->side;
    unsigned *from = counter_of(side->pool, private->place), *to = counter_of(side->pool, place);

    if (private->place == IDLE)
        unlink_idle(side, server);
    if (private->place == LENT)
        pool_give(side->pool, server);
    if (place == IDLE)
        link_idle(side, server);
    if (from) {
        --*from;
        side->pool->total--;
        side->nservers--;
    }
    if (to) {
        ++*to;
        side->pool->total++;
        side->nservers++;
    }
    private->place = place;
}

/* ---- waiters ---- */

void pool_settle(struct hg_waiter *waiter, enum settled how, struct hg_server *server)
{
    pool_dequeue(waiter, server);
    waiter->server = server;
    waiter->settled = how;
    if (!waiter->watched)
        hg_loop_post(waiter->side->worker->loop, &waiter->letter);
}

/* A server that goes to another worker leaves this loop here; nobody touches it until that worker opens the
 * letter. */
static void lend(struct hg_server *server, struct hg_waiter *waiter)
{
    struct server_private *private = server_private(server);

    pool_move(server, NOWHERE);
    if (private->side != waiter->side) {
        hg_conn_detach(server->conn);
        private->travels = true;
        private->side = waiter->side;
    }
    pool_move(server, LENT);
    pool_settle(waiter, SERVED, server);
}

void pool_serve(struct side *side)
{
    struct hg_waiter *waiter;

    while (!side->pool->paused && side->idle_first && (waiter = pool_next_waiter(side->pool)))
        lend(side->idle_first, waiter);
}

/* ---- what to do for those who still wait ---- */

static uint64_t now_ms(void)
{
    return hg_clock_us() / 1000;
}

void pool_back_off(struct hg_pool *pool)
{
    uint64_t now = now_ms();

    pool->stats.failed++;
    if (now < pool->retry_at_ms)
        return; /* one of several attempts of the same round */
    pool->retry_at_ms = now + back_off_ms(pool->failures);
    pool->failures++;
}

/* How many connections to open for `missing` waiters. */
static unsigned openable(const struct hg_pool *pool, unsigned missing)
{
    unsigned room = pool->config.pool_size > pool->total ? pool->config.pool_size - pool->total : 0;

    if (pool->failures && now_ms() < pool->retry_at_ms)
        return 0;
    if (pool->failures)
        return pool->stats.connecting || !room ? 0 : 1;
    return missing < room ? missing : room;
}

static void ask_others(struct side *side, unsigned missing)
{
    for (struct side *other = side->pool->sides; other && missing; other = other->next_of_pool) {
        if (other == side || !other->nidle)
            continue;
        side_post_look(other);
        missing -= other->nidle < missing ? other->nidle : missing;
    }
}

static void retry_later(struct side *side)
{
    uint64_t now = now_ms();

    if (side->retry_timer_runs || now >= side->pool->retry_at_ms)
        return;
    side->retry_timer_runs = true;
    hg_timer_start(&side->retry_timer, side->pool->retry_at_ms - now + 1);
}

/* More servers than waiters ask for, up to pool_min. */
static unsigned wanted(struct hg_pool *pool)
{
    unsigned eligible = pool_eligible(pool);
    unsigned missing = eligible > pool->stats.connecting ? eligible - pool->stats.connecting : 0;
    unsigned few = pool->config.pool_min > pool->total ? pool->config.pool_min - pool->total : 0;

    return missing > few || pool->retired ? missing : few;
}

struct hg_server *pool_balance(struct side *side)
{
    struct hg_pool *pool = side->pool;
    struct hg_server *servers = NULL;
    struct hg_waiter *waiter;
    unsigned missing = wanted(pool);

    if (!missing || pool->paused)
        return NULL;
    for (unsigned count = openable(pool, missing); count; count--, missing--) {
        struct hg_server *server = server_new(side);

        pool_move(server, OPENING);
        server->next = servers;
        servers = server;
    }
    if (!missing)
        return servers;
    ask_others(side, missing);
    if (pool->total == 0) {
        while ((waiter = pool_any_waiter(pool)))
            pool_settle(waiter, UNREACHABLE, NULL);
    } else if (pool->failures && pool->total < pool->config.pool_size) {
        retry_later(side);
    }
    return servers;
}

/* ---- life ---- */

static const char *copy(struct hg_pool *pool, const char *text)
{
    return text ? hg_arena_cstr(&pool->arena, hg_slice_cstr(text)) : NULL;
}

/* In the pool's own arena; lists end with NULL where the configuration's do. */
static void copy_hosts(struct hg_pool *pool, const struct hg_backend_config *config)
{
    struct hg_host *hosts = HG_NEW_ARRAY(&pool->arena, struct hg_host, config->nhosts);

    for (size_t i = 0; i < config->nhosts; i++)
        hosts[i] = (struct hg_host){copy(pool, config->hosts[i].name), config->hosts[i].port};
    pool->config.hosts = hosts;
    pool->config.host = hosts[0].name;
}

static void copy_command(struct hg_pool *pool, char *const *command)
{
    size_t count = 0;

    while (command && command[count])
        count++;
    char **words = command ? HG_NEW_ARRAY(&pool->arena, char *, count + 1) : NULL;
    for (size_t i = 0; i < count; i++)
        words[i] = (char *)copy(pool, command[i]);
    pool->config.credential_command = words;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_hosts(const struct hg_backend_config *a, const struct hg_backend_config *b)
{
    if (a->nhosts != b->nhosts)
        return false;
    for (size_t i = 0; i < a->nhosts; i++)
        if (a->hosts[i].port != b->hosts[i].port || !same_text(a->hosts[i].name, b->hosts[i].name))
            return false;
    return true;
}

static bool same_words(char *const *a, char *const *b)
{
    if (!a || !b)
        return a == b;
    for (; *a && *b; a++, b++)
        if (!same_text(*a, *b))
            return false;
    return *a == *b;
}

/* Everything that a connection or the pool's behaviour depends on. */
static bool same_config(const struct hg_backend_config *a, const struct hg_backend_config *b,
                        const char *b_database)
{
    return same_text(a->name, b->name) && a->index == b->index && a->dialect == b->dialect &&
           same_hosts(a, b) && a->target == b->target && same_text(a->database, b_database) &&
           same_text(a->password_file, b->password_file) &&
           same_words(a->credential_command, b->credential_command) && a->pool_min == b->pool_min &&
           a->max_age_ms == b->max_age_ms && a->health_interval_ms == b->health_interval_ms &&
           same_text(a->user, b->user) && same_text(a->password, b->password) && a->tls == b->tls &&
           a->channel_binding == b->channel_binding && same_text(a->tls_ca, b->tls_ca) &&
           a->tls_ca_stamp == b->tls_ca_stamp && a->walls == b->walls && a->pool_size == b->pool_size &&
           a->connect_timeout_ms == b->connect_timeout_ms && a->queue_timeout_ms == b->queue_timeout_ms &&
           a->idle_timeout_ms == b->idle_timeout_ms && a->query_timeout_ms == b->query_timeout_ms;
}

static struct hg_pool *hold(struct hg_pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    pool->users++;
    pthread_mutex_unlock(&pool->mutex);
    return pool;
}

struct hg_pool *hg_pool_new(const struct hg_backend_config *config, const char *database_default,
                            struct hg_pool *same_as, struct hg_pool *kin, char why[256])
{
    const char *database = config->database ? config->database : database_default;
    struct hg_pool *pool;
    struct hg_tls *tls;

    if (same_as && same_config(&same_as->config, config, database))
        return hold(same_as);
    if (!opening_tls(config, &tls, why))
        return NULL;
    pool = hg_calloc(1, sizeof *pool);
    pthread_mutex_init(&pool->mutex, NULL);
    hg_arena_init(&pool->arena, 0);
    hg_map_init(&pool->parties);
    pool->config = *config;
    pool->config.name = copy(pool, config->name);
    copy_hosts(pool, config);
    copy_command(pool, config->credential_command);
    pool->config.password_file = copy(pool, config->password_file);
    pool->config.database = copy(pool, database);
    pool->config.user = copy(pool, config->user);
    pool->config.password = copy(pool, config->password);
    pool->config.tls_ca = copy(pool, config->tls_ca);
    pool->tls = tls;
    pool->credentials = kin ? credentials_hold(kin->credentials) : credentials_new(&pool->config);
    pool->users = pool->references = 1;
    return pool;
}

static void pool_free(struct hg_pool *pool)
{
    char *password = (char *)pool->config.password; /* our own copy in the arena */

    if (password)
        explicit_bzero(password, strlen(password));
    hg_tls_drop(pool->tls);
    pool_forget_parties(pool);
    hg_pool_drop(pool->successor);
    credentials_drop(pool->credentials);
    hg_arena_free(&pool->arena);
    pthread_mutex_destroy(&pool->mutex);
    free(pool);
}

void pool_drop_unlock(struct hg_pool *pool)
{
    bool last = --pool->references == 0;

    pthread_mutex_unlock(&pool->mutex);
    if (last)
        pool_free(pool);
}

/* Each worker that has a side is asked to look at it, and finds the pool retired. */
static void retire(struct hg_pool *pool)
{
    pool->retired = true;
    for (struct side *side = pool->sides; side; side = side->next_of_pool)
        side_post_look(side);
}

/* Workers see to what changes: those with idle servers close them, those with waiters have them served. */
void hg_pool_pause(struct hg_pool *pool, bool paused)
{
    pthread_mutex_lock(&pool->mutex);
    pool->paused = paused;
    for (struct side *side = pool->sides; side; side = side->next_of_pool)
        side_post_look(side);
    pthread_mutex_unlock(&pool->mutex);
}

/* What was rewritten for the one can be sent to the other. */
static bool is_same_database(const struct hg_backend_config *a, const struct hg_backend_config *b)
{
    return a->dialect == b->dialect && a->walls == b->walls && same_text(a->database, b->database);
}

void hg_pool_replace_paused(struct hg_pool *pool, struct hg_pool *by)
{
    struct hg_pool *successor = by && is_same_database(&pool->config, &by->config) ? hold(by) : NULL;
    struct hg_waiter *waiter;

    pthread_mutex_lock(&pool->mutex);
    pool->replaced = true;
    pool->successor = successor;
    while ((waiter = pool_any_waiter(pool)))
        pool_settle(waiter, MOVED, NULL);
    pthread_mutex_unlock(&pool->mutex);
}

void hg_pool_retire(struct hg_pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    retire(pool);
    pthread_mutex_unlock(&pool->mutex);
}

void hg_pool_drop(struct hg_pool *pool)
{
    if (!pool)
        return;
    pthread_mutex_lock(&pool->mutex);
    if (--pool->users) {
        pthread_mutex_unlock(&pool->mutex);
        return;
    }
    retire(pool);
    pool_drop_unlock(pool);
}

const struct hg_backend_config *hg_pool_config(const struct hg_pool *pool)
{
    return &pool->config;
}

struct hg_party_use hg_pool_use(struct hg_pool *pool, enum hg_party_kind kind, struct hg_slice name)
{
    struct hg_party_use use = {0};

    pthread_mutex_lock(&pool->mutex);
    const struct party *party = pool_find_party(pool, kind, name);
    if (party)
        use = (struct hg_party_use){party->running, party->queued};
    pthread_mutex_unlock(&pool->mutex);
    return use;
}

struct hg_pool_stats hg_pool_stats(struct hg_pool *pool)
{
    struct hg_pool_stats stats;

    pthread_mutex_lock(&pool->mutex);
    stats = pool->stats;
    stats.hosts = (unsigned)pool->config.nhosts;
    stats.failed_hosts = pool_failed_hosts(pool);
    stats.paused = pool->paused;
    pthread_mutex_unlock(&pool->mutex);
    return stats;
}
