/* The queue of waiters, fair between tenants.
 *
 * Each tenant has its own queue, in the order of arrival. Whenever a server is to be had, it goes to the
 * tenant that has the fewest in use, and of those with equally few to the one that was served least recently:
 * whoever floods the queue waits behind its own statements, not before those of others. A tenant, or a user,
 * that has as many as its limit allows is passed over until it gives one back, even if servers are unused.
 *
 * A party, a tenant or a user, is known while it has servers in use or waiters in the queue, and longer while
 * there are few: most come again at once. All of it with the pool's mutex held. */
#include <stdlib.h>

#include "arena.h"
#include "pool_private.h"

#define KEY_BYTES (1 + 255)
#define FEW       1000u /* parties */

/* ---- parties ---- */

/* Names of tenants and users are of two kinds: the key says which. */
static struct hg_slice key_of(char buffer[KEY_BYTES], enum hg_party_kind kind, struct hg_slice name)
{
    size_t len = name.len < KEY_BYTES - 1 ? name.len : KEY_BYTES - 1;

    buffer[0] = (char)kind;
    if (len)
        memcpy(buffer + 1, name.ptr, len);
    return hg_slice_of(buffer, len + 1);
}

struct party *pool_find_party(const struct hg_pool *pool, enum hg_party_kind kind, struct hg_slice name)
{
    char buffer[KEY_BYTES];

    return hg_map_get(&pool->parties, key_of(buffer, kind, name));
}

static struct party *party_of(struct hg_pool *pool, enum hg_party_kind kind, struct hg_slice name)
{
    struct party *party = pool_find_party(pool, kind, name);
    char buffer[KEY_BYTES];

    if (party)
        return party;
    struct hg_slice key = key_of(buffer, kind, name);
    party = hg_calloc(1, sizeof *party);
    party->key = hg_strdup(key);
    party->key_len = key.len;
    (void)hg_map_put(&pool->parties, hg_slice_of(party->key, key.len), party);
    return party;
}

static void party_free(struct party *party)
{
    free(party->key);
    free(party);
}

static void forget_if_gone(struct hg_pool *pool, struct party *party)
{
    if (party->running || party->queued || pool->parties.count <= FEW)
        return;
    (void)hg_map_remove(&pool->parties, hg_slice_of(party->key, party->key_len));
    party_free(party);
}

void pool_forget_parties(struct hg_pool *pool)
{
    struct hg_slice key;
    void *party;

    for (size_t at = 0; hg_map_next(&pool->parties, &at, &key, &party);)
        party_free(party);
    hg_map_free(&pool->parties);
}

static bool is_full(const struct party *party)
{
    return party->most_running && party->running >= party->most_running;
}

void pool_take(struct hg_pool *pool, struct hg_server *server, struct hg_waiter *waiter)
{
    struct server_private *private = server_private(server);

    private->tenant = waiter->tenant;
    private->user = waiter->user;
    private->tenant->running++;
    private->user->running++;
    private->tenant->turn = ++pool->turns;
}

void pool_give(struct hg_pool *pool, struct hg_server *server)
{
    struct server_private *private = server_private(server);

    if (!private->tenant)
        return;
    private->tenant->running--;
    private->user->running--;
    forget_if_gone(pool, private->tenant);
    forget_if_gone(pool, private->user);
    private->tenant = private->user = NULL;
}

/* ---- queues ---- */

static void join_line(struct hg_pool *pool, struct party *tenant)
{
    tenant->next = NULL;
    tenant->previous = pool->line_last;
    *(pool->line_last ? &pool->line_last->next : &pool->line_first) = tenant;
    pool->line_last = tenant;
}

static void leave_line(struct hg_pool *pool, struct party *tenant)
{
    *(tenant->previous ? &tenant->previous->next : &pool->line_first) = tenant->next;
    *(tenant->next ? &tenant->next->previous : &pool->line_last) = tenant->previous;
    tenant->next = tenant->previous = NULL;
}

void pool_enqueue(struct hg_waiter *waiter, bool at_front)
{
    struct hg_pool *pool = waiter->side->pool;
    struct party *tenant = party_of(pool, HG_PARTY_TENANT, waiter->claim.tenant),
                 *user = party_of(pool, HG_PARTY_USER, waiter->claim.user);

    tenant->most_running = waiter->claim.tenant_limits->concurrent; /* as of now: a reload may change it */
    user->most_running = waiter->claim.user_limits->concurrent;
    waiter->tenant = tenant;
    waiter->user = user;
    waiter->settled = QUEUED;
    waiter->server = NULL;
    waiter->previous = at_front ? NULL : tenant->last;
    waiter->next = at_front ? tenant->first : NULL;
    *(waiter->previous ? &waiter->previous->next : &tenant->first) = waiter;
    *(waiter->next ? &waiter->next->previous : &tenant->last) = waiter;
    if (tenant->queued++ == 0)
        join_line(pool, tenant);
    user->queued++;
    pool->stats.waiting++;
}

void pool_dequeue(struct hg_waiter *waiter, struct hg_server *server)
{
    struct hg_pool *pool = waiter->side->pool;
    struct party *tenant = waiter->tenant, *user = waiter->user;

    *(waiter->previous ? &waiter->previous->next : &tenant->first) = waiter->next;
    *(waiter->next ? &waiter->next->previous : &tenant->last) = waiter->previous;
    waiter->next = waiter->previous = NULL;
    if (--tenant->queued == 0)
        leave_line(pool, tenant);
    user->queued--;
    pool->stats.waiting--;
    if (server)
        pool_take(pool, server, waiter);
    forget_if_gone(pool, tenant);
    forget_if_gone(pool, user);
    waiter->tenant = waiter->user = NULL;
}

/* The first of the tenant's whose user may have one more. */
static struct hg_waiter *first_of(const struct party *tenant)
{
    for (struct hg_waiter *waiter = tenant->first; waiter; waiter = waiter->next)
        if (!is_full(waiter->user))
            return waiter;
    return NULL;
}

static bool is_before(const struct party *a, const struct party *b)
{
    return a->running != b->running ? a->running < b->running : a->turn < b->turn;
}

struct hg_waiter *pool_next_waiter(const struct hg_pool *pool)
{
    const struct party *best = NULL;
    struct hg_waiter *found = NULL;

    for (const struct party *tenant = pool->line_first; tenant; tenant = tenant->next) {
        if (is_full(tenant) || (best && !is_before(tenant, best)))
            continue;
        struct hg_waiter *waiter = first_of(tenant);
        if (waiter) {
            best = tenant;
            found = waiter;
        }
    }
    return found;
}

struct hg_waiter *pool_any_waiter(const struct hg_pool *pool)
{
    return pool->line_first ? pool->line_first->first : NULL;
}

/* One more of the waiters counted in this round, if the user may have one more. */
static bool takes_one(struct party *user, uint64_t round)
{
    if (user->round != round)
        user->counted = 0;
    user->round = round;
    if (user->most_running && user->running + user->counted >= user->most_running)
        return false;
    user->counted++;
    return true;
}

/* More than fit into the pool are not counted. Who waits for his own limit must not be: servers would be
 * opened, and other workers asked for theirs, again and again, to no use. */
unsigned pool_eligible(struct hg_pool *pool)
{
    unsigned count = 0, most = pool->config.pool_size;
    uint64_t round = ++pool->rounds;

    for (const struct party *tenant = pool->line_first; tenant && count < most; tenant = tenant->next) {
        unsigned room = most - count;
        if (tenant->most_running && tenant->running >= tenant->most_running)
            continue;
        if (tenant->most_running && tenant->most_running - tenant->running < room)
            room = tenant->most_running - tenant->running;
        for (struct hg_waiter *waiter = tenant->first; waiter && room; waiter = waiter->next)
            if (takes_one(waiter->user, round)) {
                room--;
                count++;
            }
    }
    return count;
}
