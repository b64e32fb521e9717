/* SHOW headgate.limits and SHOW headgate.usage: what a tenant and its user may ask for, and what they have
 * used of it. A row tells of the session's own tenant or of its own user, never of any other; what is counted
 * of the tenant is of all its users together.
 *
 *   limits   a row for each limit that is set
 *   usage    a row for all that is counted from statement to statement, with a limit or without */
#include <stdio.h>
#include <time.h>

#include "session.h"

const struct hg_slice hg_limits_columns[HG_LIMITS_COLUMNS] = {
    {"limit", 5}, {"of", 2}, {"value", 5}, {"used", 4}, {"resets", 6}};

uint64_t hg_limit_value(const struct hg_limits *limits, enum hg_limit limit)
{
    switch (limit) {
#define LIMIT_CASE(field, ...)                                                                               \
    case HG_LIMIT_##field:                                                                                   \
        return limits->field;
        HG_LIMITS(LIMIT_CASE)
#undef LIMIT_CASE
    default:
        return 0;
    }
}

struct hg_slice hg_duration_text(uint64_t ms, char buffer[HG_DURATION_BYTES])
{
    static const struct {
        uint64_t ms;
        const char *unit;
    } units[] = {{86400000, "d"}, {3600000, "h"}, {60000, "min"}, {1000, "s"}, {1, "ms"}};
    size_t i = 0;

    while (ms % units[i].ms)
        i++;
    snprintf(buffer, HG_DURATION_BYTES, "%llu%s", (unsigned long long)(ms / units[i].ms),
             ms ? units[i].unit : "");
    return hg_slice_cstr(buffer);
}

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

static bool is_duration(enum hg_limit limit)
{
    return limit == HG_LIMIT_queue_wait || limit == HG_LIMIT_statement_time || limit == HG_LIMIT_daily_time;
}

static struct hg_slice text_of(struct hg_arena *arena, enum hg_limit limit, uint64_t number)
{
    char buffer[HG_DURATION_BYTES];

    return is_duration(limit) ? hg_arena_slice(arena, hg_duration_text(number, buffer))
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

bool hg_limit_used(enum hg_limit limit, const struct hg_account_reading *reading, uint64_t *used)
{
    switch (limit) {
    case HG_LIMIT_connections:
        *used = reading->sessions;
        return true;
    case HG_LIMIT_rate:
        *used = reading->taken;
        return true;
    case HG_LIMIT_daily_time:
        *used = reading->spent_us / 1000;
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
        struct hg_account_reading reading =
            hg_account_read(session->limiting.accounts[i], limits.of[i]->rate);
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
