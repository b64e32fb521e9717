/* SHOW headgate.limits and SHOW headgate.usage: what a tenant and its user may ask for, and what they have
 * used of it. A row tells of the session's own tenant or of its own user, never of any other; what is counted
 * of the tenant is of all its users together.
 *
 *   limits   a row for each limit that is set
 *   usage    a row for all that is counted from statement to statement, with a limit or without
 *
 * What is counted on each backend, `concurrent` and `queue`, is that of the backend where it is most. */
#include <stdio.h>
#include <time.h>

#include "session.h"

const struct hg_slice hg_limits_columns[HG_LIMITS_COLUMNS] = {
    {"limit", 5}, {"of", 2}, {"value", 5}, {"used", 4}, {"resets", 6}};

void hg_midnight_text(uint64_t now_s, char buffer[HG_DURATION_BYTES])
{
    time_t next = (time_t)((now_s / HG_DAY_S + 1) * HG_DAY_S);
    struct tm parts;

    gmtime_r(&next, &parts);
    strftime(buffer, HG_DURATION_BYTES, "%Y-%m-%d %H:%M:%S UTC", &parts);
}

bool hg_limits_is_table(struct hg_slice setting)
{
    return hg_slice_is(setting, "headgate.limits") || hg_slice_is(setting, "headgate.usage");
}

static struct hg_slice text_of(struct hg_arena *arena, enum hg_limit limit, uint64_t number)
{
    char buffer[HG_DURATION_BYTES];

    return hg_limit_is_duration(limit) ? hg_arena_slice(arena, hg_duration_text(number, buffer))
                                       : hg_arena_printf(arena, "%llu", (unsigned long long)number);
}

static struct hg_slice resets(struct hg_arena *arena, enum hg_limit limit)
{
    char midnight[HG_DURATION_BYTES];

    switch (limit) {
    case HG_LIMIT_connections:
        return HG_LIT("when a connection is closed");
    case HG_LIMIT_concurrent:
    case HG_LIMIT_queue:
        return HG_LIT("when a statement or transaction ends");
    case HG_LIMIT_rows:
    case HG_LIMIT_bytes:
        return HG_LIT("with each result");
    case HG_LIMIT_rate:
        return HG_LIT("steadily, within a second");
    case HG_LIMIT_daily_time:
        hg_midnight_text((uint64_t)time(NULL), midnight);
        return hg_arena_slice(arena, hg_slice_cstr(midnight));
    default:
        return HG_LIT("with each statement");
    }
}

void hg_limits_read_pools(const struct hg_generation *generation, enum hg_account_kind kind,
                          struct hg_slice name, struct hg_party_use *use)
{
    *use = (struct hg_party_use){0};
    for (size_t i = 0; i < generation->npools; i++) {
        const struct hg_party_use here = hg_pool_use(
            generation->pools[i], kind == HG_ACCOUNT_TENANT ? HG_PARTY_TENANT : HG_PARTY_USER, name);
        use->running = here.running > use->running ? here.running : use->running;
        use->queued = here.queued > use->queued ? here.queued : use->queued;
    }
}

bool hg_limit_used(enum hg_limit limit, const struct hg_limit_reading *reading, uint64_t *used)
{
    switch (limit) {
    case HG_LIMIT_connections:
        *used = reading->account.sessions;
        return true;
    case HG_LIMIT_concurrent:
        *used = reading->pools.running;
        return true;
    case HG_LIMIT_queue:
        *used = reading->pools.queued;
        return true;
    case HG_LIMIT_rate:
        *used = reading->account.taken;
        return true;
    case HG_LIMIT_daily_time:
        *used = reading->account.spent_us / 1000;
        return true;
    default:
        return false;
    }
}

const struct hg_slice *hg_limits_rows(struct hg_session *session, struct hg_slice setting, size_t *rows)
{
    struct hg_arena *arena = hg_session_arena(session);
    struct hg_slice *values =
        HG_NEW_ARRAY(arena, struct hg_slice, (size_t)HG_NACCOUNTS * HG_NLIMITS * HG_LIMITS_COLUMNS);
    const struct hg_limits_of limits = hg_limits_of(session);
    bool usage = hg_slice_is(setting, "headgate.usage");

    *rows = 0;
    for (int i = 0; i < HG_NACCOUNTS; i++) {
        const struct hg_account *account = session->limiting.accounts[i];
        struct hg_limit_reading reading = {.account = hg_account_read(account, limits.of[i]->rate)};
        hg_limits_read_pools(session->worker->generation, account->kind, account->name, &reading.pools);
        for (int j = 0; j < HG_NLIMITS; j++) {
            enum hg_limit limit = (enum hg_limit)j;
            uint64_t value = hg_limit_value(limits.of[i], limit), used = 0;
            bool counted = hg_limit_used(limit, &reading, &used);
            if (usage ? !counted || (limit == HG_LIMIT_rate && !value) : !value)
                continue;
            struct hg_slice *row = values + (*rows)++ * HG_LIMITS_COLUMNS;
            row[0] = hg_slice_cstr(hg_limit_names[limit]);
            row[1] = hg_slice_cstr(hg_account_kinds[i]);
            row[2] = value ? text_of(arena, limit, value) : hg_slice_of(NULL, 0);
            row[3] = counted ? text_of(arena, limit, used) : hg_slice_of(NULL, 0);
            row[4] = resets(arena, limit);
        }
    }
    return values;
}
