/* What is said of limits, whoever enforces them: sessions, and pools. The DETAIL of an error begins alike for
 * all, `Limit "rows" of the tenant: 100 rows, used: 101 rows.`: metrics know by it which one it was. */
#include <stdio.h>

#include "tenant_limits.h"

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

bool hg_limit_is_duration(enum hg_limit limit)
{
    return limit == HG_LIMIT_queue_wait || limit == HG_LIMIT_statement_time || limit == HG_LIMIT_daily_time;
}

static struct hg_slice amount(struct hg_arena *arena, enum hg_limit limit, uint64_t number)
{
    char buffer[HG_DURATION_BYTES];

    if (hg_limit_is_duration(limit))
        return hg_arena_slice(arena, hg_duration_text(number, buffer));
    switch (limit) {
    case HG_LIMIT_bytes:
    case HG_LIMIT_statement_bytes:
        return hg_arena_printf(arena, "%llu bytes", (unsigned long long)number);
    case HG_LIMIT_rows:
        return hg_arena_printf(arena, "%llu rows", (unsigned long long)number);
    case HG_LIMIT_rate:
        return hg_arena_printf(arena, "%llu statements in a second", (unsigned long long)number);
    default:
        return hg_arena_printf(arena, "%llu", (unsigned long long)number);
    }
}

void hg_limit_tell(struct hg_fault *fault, struct hg_arena *arena, const struct hg_limit_use *use,
                   const char *resets, const char *hint)
{
    hg_fault_detail(fault, arena, "Limit \"%s\" of the %s: %.*s, used: %.*s. %s", hg_limit_names[use->limit],
                    use->of, HG_SLICE_FMT(amount(arena, use->limit, use->value)),
                    HG_SLICE_FMT(amount(arena, use->limit, use->used)), resets);
    hg_fault_hint(fault, arena, "%s SHOW headgate.limits tells all limits.", hint);
}
