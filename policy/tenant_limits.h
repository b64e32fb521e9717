/* How much a tenant or a user may ask for: `limits:` of the policy. 0 is no limit. */
#ifndef HG_TENANT_LIMITS_H
#define HG_TENANT_LIMITS_H

#include "slice.h"

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
    X(rate, uint32_t, HG_KEY_NUMBER, "statements in a second")                                               \
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

#endif
