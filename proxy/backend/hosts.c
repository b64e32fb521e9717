/* Which of a backend's hosts a new connection goes to, and how long what failed is left alone.
 *
 * The first host of the list that has not failed is taken. One that has failed is passed over by those who
 * need a connection, whatever its back-off: it is for health.c to find out that it is back, so that nobody
 * waits for it. Only when all have failed are they tried again by their place in the list. */
#include "pool_private.h"

#define BACK_OFF_FIRST_MS 100u
#define BACK_OFF_MOST_MS  5000u

/* The clock's microseconds are random enough. */
uint64_t random_up_to(uint64_t most)
{
    return hg_clock_us() * UINT64_C(2654435761) % (most + 1);
}

/* Between a half and one and a half: what failed at the same moment for many is not repeated at the same
 * moment by all. */
static uint64_t with_jitter(uint64_t delay_ms)
{
    return delay_ms / 2 + random_up_to(delay_ms);
}

uint64_t back_off_ms(unsigned failures)
{
    uint64_t delay = BACK_OFF_FIRST_MS;

    for (unsigned i = 0; i < failures && delay < BACK_OFF_MOST_MS; i++)
        delay *= 2;
    return with_jitter(delay < BACK_OFF_MOST_MS ? delay : BACK_OFF_MOST_MS);
}

int pool_choose_host(const struct hg_pool *pool, uint32_t tried)
{
    int failed = -1;

    for (unsigned i = 0; i < pool->config.nhosts; i++) {
        if (tried & (1u << i))
            continue;
        if (!pool->hosts[i].failures)
            return (int)i;
        if (failed < 0)
            failed = (int)i;
    }
    return failed;
}

void pool_host_failed(struct hg_pool *pool, unsigned host)
{
    struct host_state *state = &pool->hosts[host];
    uint64_t now = hg_clock_us() / 1000;

    if (state->failures && now < state->retry_at_ms)
        return; /* one of several attempts of the same round */
    state->retry_at_ms = now + back_off_ms(state->failures);
    state->failures++;
}

void pool_host_good(struct hg_pool *pool, unsigned host)
{
    pool->hosts[host].failures = 0;
    pool->hosts[host].retry_at_ms = 0;
    pool->failures = 0;
    pool->retry_at_ms = 0;
}

bool pool_host_in_clear(struct hg_pool *pool, unsigned host, bool in_clear)
{
    bool news = in_clear && !pool->hosts[host].in_clear;

    pool->hosts[host].in_clear = in_clear;
    return news;
}

unsigned pool_failed_hosts(const struct hg_pool *pool)
{
    unsigned count = 0;

    for (unsigned i = 0; i < pool->config.nhosts; i++)
        count += pool->hosts[i].failures > 0;
    return count;
}
