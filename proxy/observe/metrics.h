/* Counters and histograms: what there is stands in the tables below, one row each, and from them come
 * storage, the Prometheus text and its documentation.
 *
 * Each worker counts in a struct hg_metrics of its own, which only its thread writes: a count is a relaxed
 * load and a relaxed store, without locks and without memory of its own. Others read at any time and add up.
 * What is not counted but looked up (pools, clients, generation) is filled in by whoever answers the request.
 */
#ifndef HG_METRICS_H
#define HG_METRICS_H

#include <stdatomic.h>

#include "bytes.h"
#include "fault.h"
#include "series.h"
#include "tenant_limits.h"

/* ---- the tables: X(ID, name without prefix, help) ---- */

/* Counters without labels. */
#define HG_METRICS_COUNTERS(X)                                                                               \
    X(CLIENTS_ACCEPTED, "clients_accepted_total", "Connections that clients made")                           \
    X(LOGINS, "logins_total", "Clients that logged in")                                                      \
    X(LOGIN_FAILURES, "login_failures_total", "Logins that failed: wrong passwords and unknown users")       \
    X(CANCELS, "cancels_total", "Cancel requests of clients that reached their session")                     \
    X(PARSES, "parses_total",                                                                                \
      "Statements that clients prepared, by Parse or PREPARE, unnamed ones included")                        \
    X(AUDIT_REFUSALS, "audit_refusals_total",                                                                \
      "Statements refused because the audit log could not take them")                                        \
    X(AUDIT_DROPPED, "audit_dropped_total", "Statements that the audit log lacks because it was full")       \
    X(SLOW_STATEMENTS, "slow_statements_total", "Statements that took longer than log.slow_statement")

/* Read off a worker about once a second. */
#define HG_METRICS_READINGS(X)                                                                               \
    X(CACHE_HITS, counter, "rewrite_cache_hits_total", "Texts whose rewriting was known")                    \
    X(CACHE_MISSES, counter, "rewrite_cache_misses_total", "Texts that had to be rewritten")                 \
    X(CACHE_EVICTIONS, counter, "rewrite_cache_evictions_total", "Rewritings that went to make room")        \
    X(CACHE_BYTES, gauge, "rewrite_cache_bytes", "Memory of rewritings that are kept")                       \
    X(CACHE_TEXTS, gauge, "rewrite_cache_texts", "Rewritings that are kept")                                 \
    X(VERIFY_FAILURES, counter, "verify_failures_total",                                                     \
      "ALARM: rewritten statements whose proof failed; they were refused")                                   \
    X(SESSIONS, gauge, "sessions", "Clients that are connected, whether logged in or not")

/* Counters with the label `backend`. */
#define HG_METRICS_BACKEND(X)                                                                                \
    X(BACKEND_STATEMENTS, "backend_statements_total",                                                        \
      "Statements sent to the backend that came to their end")                                               \
    X(BACKEND_ERRORS, "backend_errors_total",                                                                \
      "Of those, statements that the backend answered with an error")                                        \
    X(BACKEND_ROWS, "backend_rows_total", "Rows that the backend returned to clients")                       \
    X(BACKEND_BYTES, "backend_bytes_total", "Bytes of answers that the backend returned to clients")         \
    X(BACKEND_LOST, "backend_connections_lost_total", "Connections given up while a client used them")

/* Counters with the label `tenant`: of tenants beyond metrics.tenants together as "other". */
#define HG_METRICS_TENANT(X)                                                                                 \
    X(TENANT_STATEMENTS, "tenant_statements_total", "Statements that came to their end, refused ones too")   \
    X(TENANT_REFUSED, "tenant_refused_total", "Of those, statements that Headgate refused")                  \
    X(TENANT_ERRORS, "tenant_errors_total", "Of those, statements that a backend answered with an error")    \
    X(TENANT_ROWS, "tenant_rows_total", "Rows returned")                                                     \
    X(TENANT_BYTES, "tenant_bytes_total", "Bytes of answers returned")                                       \
    X(TENANT_US, "tenant_statement_seconds_total", "Time that statements took, waiting for a server included")

/* Of each pool, looked up when asked for: label `backend`. */
#define HG_METRICS_POOL(X)                                                                                   \
    X(POOL_SIZE, gauge, "pool_size", "Connections that the pool may have")                                   \
    X(POOL_LENT, gauge, "pool_lent", "Connections at work for a client")                                     \
    X(POOL_IDLE, gauge, "pool_idle", "Connections that wait for work")                                       \
    X(POOL_CONNECTING, gauge, "pool_connecting", "Connections that are being made")                          \
    X(POOL_WAITING, gauge, "pool_waiting", "Clients that wait for a connection")                             \
    X(POOL_OPENED, counter, "pool_opened_total", "Connections that were made")                               \
    X(POOL_FAILED, counter, "pool_failed_total", "Attempts to connect that failed")                          \
    X(POOL_HOSTS, gauge, "pool_hosts", "Hosts that the backend has")                                         \
    X(POOL_FAILED_HOSTS, gauge, "pool_failed_hosts", "Hosts that cannot be reached, as far as is known")

/* Of the process, looked up when asked for. */
#define HG_METRICS_PROCESS(X)                                                                                \
    X(CONNECTIONS, gauge, "connections", "Client connections that are open")                                 \
    X(CLIENTS, gauge, "clients", "Clients that are logged in")                                               \
    X(CLIENTS_MOST, gauge, "clients_max", "limits.max_clients")                                              \
    X(WORKERS, gauge, "workers", "Threads that serve clients")                                               \
    X(DRAINING, gauge, "draining", "1 once the process has been told to end")                                \
    X(GENERATION, gauge, "generation", "The generation of configuration and policy that is current")         \
    X(GENERATION_TIME, gauge, "generation_timestamp_seconds", "When it became current")                      \
    X(RELOADS, counter, "reloads_total", "Reloads that succeeded")                                           \
    X(RELOAD_FAILURES, counter, "reload_failures_total", "Reloads that failed and changed nothing")          \
    X(AUDIT_LINES, counter, "audit_lines_total", "Lines written to the audit log")                           \
    X(AUDIT_QUEUED, gauge, "audit_queued_bytes", "Memory of lines that wait to be written to it")            \
    X(AUDIT_FAILING, gauge, "audit_failing", "1 while the audit log cannot be written")                      \
    X(START_TIME, gauge, "start_time_seconds", "When the process started")                                   \
    X(MEMORY, gauge, "resident_memory_bytes", "Memory that the process has in RAM")                          \
    X(DESCRIPTORS, gauge, "open_fds", "File descriptors that are open")

/* ---- storage ---- */

#define HG_METRICS_ID(id, ...) HG_M_##id,
enum hg_counter { HG_METRICS_COUNTERS(HG_METRICS_ID) HG_NCOUNTERS };
enum hg_reading { HG_METRICS_READINGS(HG_METRICS_ID) HG_NREADINGS };
enum hg_backend_counter { HG_METRICS_BACKEND(HG_METRICS_ID) HG_NBACKEND_COUNTERS };
enum hg_tenant_counter { HG_METRICS_TENANT(HG_METRICS_ID) HG_NTENANT_COUNTERS };
enum hg_pool_value { HG_METRICS_POOL(HG_METRICS_ID) HG_NPOOL_VALUES };
enum hg_process_value { HG_METRICS_PROCESS(HG_METRICS_ID) HG_NPROCESS_VALUES };
#undef HG_METRICS_ID

/* Who answered a statement: the histogram of latencies has it as the label `verdict`. */
enum hg_answered { HG_ANSWERED_FORWARD, HG_ANSWERED_LOCAL, HG_ANSWERED_REFUSED, HG_NANSWERED };

/* Upper bounds of the buckets, in microseconds, and one without. */
#define HG_BUCKETS_US                                                                                        \
    {                                                                                                        \
        100, 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000,      \
            5000000, 10000000, 30000000, 60000000                                                            \
    }
#define HG_NBUCKETS 19u

struct hg_histogram {
    _Atomic uint64_t buckets[HG_NBUCKETS]; /* not added up */
    _Atomic uint64_t sum_us;
};

/* One SQLSTATE more than HG_SQLSTATES has: any other. */
#define HG_ONE(...)  +1
#define HG_NREFUSALS ((size_t)(0 HG_SQLSTATES(HG_ONE)) + 1)

struct hg_metrics {
    _Atomic uint64_t counters[HG_NCOUNTERS];
    _Atomic uint64_t readings[HG_NREADINGS];
    _Atomic uint64_t backends[HG_MAX_SERIES][HG_NBACKEND_COUNTERS];
    _Atomic uint64_t (*tenants)[HG_NTENANT_COUNTERS]; /* as many as the series of tenants has room for */
    size_t ntenants;
    _Atomic uint64_t *refusals;          /* HG_NREFUSALS */
    _Atomic uint64_t limits[HG_NLIMITS]; /* of these, because of a limit of the policy */
    struct hg_histogram latency[HG_MAX_SERIES + 1][HG_NANSWERED]; /* the last one: without a backend */
    struct hg_histogram queue[HG_MAX_SERIES];
};

/* For a worker; `tenants`: room of the series of tenants. */
struct hg_metrics *hg_metrics_new(size_t tenants);
void hg_metrics_free(struct hg_metrics *metrics);

/* By the thread whose storage it is, and by no other. */
static inline void hg_count(_Atomic uint64_t *counter, uint64_t by)
{
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + by,
                          memory_order_relaxed);
}

void hg_histogram_add(struct hg_histogram *histogram, uint64_t us);
void hg_count_refusal(struct hg_metrics *metrics, const char *sqlstate);
/* The detail of a fault, which begins with the limit's name if it is because of one: Limit "rate" … */
void hg_count_limit(struct hg_metrics *metrics, struct hg_slice detail);

/* ---- the Prometheus text ---- */

struct hg_pool_reading {
    const char *backend; /* several pools of one name are added up */
    double values[HG_NPOOL_VALUES];
};

struct hg_scrape {
    struct hg_metrics *const *workers;
    size_t nworkers;
    const struct hg_series *backends, *tenants;
    const struct hg_pool_reading *pools;
    size_t npools;
    double process[HG_NPROCESS_VALUES];
};

/* Text format 0.0.4. */
void hg_metrics_write(const struct hg_scrape *scrape, struct hg_bytes *out);
/* The same tables as documentation: Markdown. */
void hg_metrics_describe(struct hg_bytes *out);

#endif
