/* How much a tenant or a user may ask for: `limits:` of the policy. 0 is no limit. */
#ifndef HG_TENANT_LIMITS_H
#define HG_TENANT_LIMITS_H

#include "fault.h"

/* X(field, its C type, enum hg_key_type, what it bounds) */
#define HG_LIMITS(X)                                                                                         \
    X(connections, uint32_t, HG_KEY_NUMBER, "client connections at the same time")                           \
    X(concurrent, uint32_t, HG_KEY_NUMBER, "server connections in use at the same time, on each backend")    \
    X(queue, uint32_t, HG_KEY_NUMBER, "statements that wait for a server connection, on each backend")       \
    X(queue_wait, uint32_t, HG_KEY_DURATION, "how long a statement waits for a server connection")           \
    X(statement_time, uint32_t, HG_KEY_DURATION, "how long a statement runs")                                \
    X(rows, uint32_t, HG_KEY_NUMBER, "rows of one result")                                                   \
    X(bytes, size_t, HG_KEY_SIZE, "bytes of one result, as they are sent to the client")                     \
    X(statement_bytes, uint32_t, HG_KEY_BYTES, "length of an SQL text")                                      \
    X(rate, uint32_t, HG_KEY_NUMBER, "statements in a second, those that are only prepared too")             \
    X(daily_time, uint32_t, HG_KEY_DURATION, "time that statements run on backends, in a day of UTC")

/* Durations are in milliseconds. */
struct hg_limits {
#define HG_LIMIT_FIELD(field, type, key, what) type field;
    HG_LIMITS(HG_LIMIT_FIELD)
#undef HG_LIMIT_FIELD
};

extern const struct hg_limits hg_no_limits;

#define HG_LIMIT_ID(field, ...) HG_LIMIT_##field,
enum hg_limit { HG_LIMITS(HG_LIMIT_ID) HG_NLIMITS };
#undef HG_LIMIT_ID
extern const char *const hg_limit_names[HG_NLIMITS];

/* As the policy gives it, 0 = none; of a duration in milliseconds. */
uint64_t hg_limit_value(const struct hg_limits *limits, enum hg_limit limit);
bool hg_limit_is_duration(enum hg_limit limit);

#define HG_DURATION_BYTES 32u
/* A duration as PostgreSQL spells it, exactly. */
struct hg_slice hg_duration_text(uint64_t ms, char buffer[HG_DURATION_BYTES]);

/* A limit that was exceeded. */
struct hg_limit_use {
    enum hg_limit limit;
    const char *of; /* "tenant" or "user" */
    uint64_t value, used;
};
/* Detail and hint of the fault: which limit, whose, its value, what was used, when it counts anew (sentences),
 * and what to do. */
void hg_limit_tell(struct hg_fault *fault, struct hg_arena *arena, const struct hg_limit_use *use,
                   const char *resets, const char *hint);

#endif
