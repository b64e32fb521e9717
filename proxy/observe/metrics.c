/* Counting, and writing what was counted. A family is written as a whole: HELP, TYPE, then its samples; a
 * label's value may hold anything and is escaped. Series of a backend or a tenant appear once they have been
 * seen. */
#include "metrics.h"

#include <stdlib.h>

#include "arena.h"

#define PREFIX "headgate_"

static const uint64_t bounds_us[HG_NBUCKETS - 1] = HG_BUCKETS_US;

static const char *const answered_words[HG_NANSWERED] = {"forward", "local", "refused"};

static const struct {
    const char *name, *sqlstate;
} conditions[] = {
#define CONDITION(name, code, meaning) {#name, code},
    HG_SQLSTATES(CONDITION)
#undef CONDITION
};

/* ---- counting ---- */

struct hg_metrics *hg_metrics_new(size_t tenants)
{
    struct hg_metrics *metrics = hg_calloc(1, sizeof *metrics);

    metrics->ntenants = tenants + 1;
    metrics->tenants = hg_calloc(metrics->ntenants, sizeof *metrics->tenants);
    metrics->refusals = hg_calloc(HG_NREFUSALS, sizeof *metrics->refusals);
    return metrics;
}

void hg_metrics_free(struct hg_metrics *metrics)
{
    if (!metrics)
        return;
    free(metrics->tenants);
    free(metrics->refusals);
    free(metrics);
}

void hg_histogram_add(struct hg_histogram *histogram, uint64_t us)
{
    size_t at = 0;

    while (at < HG_NBUCKETS - 1 && us > bounds_us[at])
        at++;
    hg_count(&histogram->buckets[at], 1);
    hg_count(&histogram->sum_us, us);
}

void hg_count_refusal(struct hg_metrics *metrics, const char *sqlstate)
{
    size_t at = 0;

    while (at < HG_NREFUSALS - 1 && memcmp(conditions[at].sqlstate, sqlstate, 5) != 0)
        at++;
    hg_count(&metrics->refusals[at], 1);
}

void hg_count_limit(struct hg_metrics *metrics, struct hg_slice detail)
{
    static const char begun[] = "Limit \"";
    size_t at = sizeof begun - 1;

    for (size_t i = 0; i < HG_NLIMITS; i++) {
        size_t len = strlen(hg_limit_names[i]);
        if (detail.len > at + len && memcmp(detail.ptr, begun, at) == 0 &&
            memcmp(detail.ptr + at, hg_limit_names[i], len) == 0 && detail.ptr[at + len] == '"')
            hg_count(&metrics->limits[i], 1);
    }
}

/* ---- families ---- */

static void family(struct hg_bytes *out, const char *name, const char *type, const char *help)
{
    hg_write_format(out, "# HELP " PREFIX "%s %s\n# TYPE " PREFIX "%s %s\n", name, help, name, type);
}

static void label(struct hg_bytes *out, const char *value)
{
    hg_write_u8(out, '"');
    for (; *value; value++) {
        if (*value == '\\' || *value == '"')
            hg_write_u8(out, '\\');
        if (*value == '\n')
            hg_write_text(out, "\\n");
        else
            hg_write_u8(out, (uint8_t)*value);
    }
    hg_write_u8(out, '"');
}

static void labelled(struct hg_bytes *out, const char *name, const char *key, const char *value)
{
    hg_write_format(out, PREFIX "%s{%s=", name, key);
    label(out, value);
    hg_write_text(out, "} ");
}

static void number(struct hg_bytes *out, double value)
{
    hg_write_format(out, "%.17g\n", value);
}

static void seconds(struct hg_bytes *out, uint64_t us)
{
    hg_write_format(out, "%llu.%06llu\n", (unsigned long long)(us / 1000000),
                    (unsigned long long)(us % 1000000));
}

static void whole(struct hg_bytes *out, uint64_t value)
{
    hg_write_format(out, "%llu\n", (unsigned long long)value);
}

/* The same counter of all workers; `at` is where it is in each. */
static uint64_t sum(const struct hg_scrape *scrape, size_t at)
{
    uint64_t total = 0;

    for (size_t i = 0; i < scrape->nworkers; i++)
        total +=
            atomic_load_explicit((_Atomic uint64_t *)((char *)scrape->workers[i] + at), memory_order_relaxed);
    return total;
}

static void write_plain(const struct hg_scrape *scrape, struct hg_bytes *out)
{
#define COUNTER(id, name, help)                                                                              \
    family(out, name, "counter", help);                                                                      \
    hg_write_text(out, PREFIX name " ");                                                                     \
    whole(out, sum(scrape, offsetof(struct hg_metrics, counters) + sizeof(uint64_t) * HG_M_##id));
    HG_METRICS_COUNTERS(COUNTER)
#undef COUNTER
#define READING(id, type, name, help)                                                                        \
    family(out, name, #type, help);                                                                          \
    hg_write_text(out, PREFIX name " ");                                                                     \
    whole(out, sum(scrape, offsetof(struct hg_metrics, readings) + sizeof(uint64_t) * HG_M_##id));
    HG_METRICS_READINGS(READING)
#undef READING
#define PROCESS(id, type, name, help)                                                                        \
    family(out, name, #type, help);                                                                          \
    hg_write_text(out, PREFIX name " ");                                                                     \
    number(out, scrape->process[HG_M_##id]);
    HG_METRICS_PROCESS(PROCESS)
#undef PROCESS
}

/* ---- backends ---- */

/* The one that stands for others is shown when there can be some. */
static size_t first_backend(const struct hg_scrape *scrape)
{
    return hg_series_count(scrape->backends) < HG_MAX_SERIES ? HG_SERIES_OTHER + 1 : HG_SERIES_OTHER;
}

static void write_backend(const struct hg_scrape *scrape, struct hg_bytes *out, const char *name,
                          const char *help, size_t which)
{
    family(out, name, "counter", help);
    for (size_t i = first_backend(scrape); i < hg_series_count(scrape->backends); i++) {
        labelled(out, name, "backend", hg_series_name(scrape->backends, i));
        whole(out, sum(scrape, offsetof(struct hg_metrics, backends) +
                                   sizeof(uint64_t) * (HG_NBACKEND_COUNTERS * i + which)));
    }
}

static bool is_first_of_name(const struct hg_scrape *scrape, size_t pool)
{
    for (size_t i = 0; i < pool; i++)
        if (strcmp(scrape->pools[i].backend, scrape->pools[pool].backend) == 0)
            return false;
    return true;
}

static void write_pool(const struct hg_scrape *scrape, struct hg_bytes *out, const char *name,
                       const char *type, const char *help, enum hg_pool_value which)
{
    family(out, name, type, help);
    for (size_t i = 0; i < scrape->npools; i++) {
        double total = 0;

        if (!is_first_of_name(scrape, i))
            continue;
        for (size_t j = i; j < scrape->npools; j++)
            if (strcmp(scrape->pools[i].backend, scrape->pools[j].backend) == 0)
                total += scrape->pools[j].values[which];
        labelled(out, name, "backend", scrape->pools[i].backend);
        number(out, total);
    }
}

static void write_backends(const struct hg_scrape *scrape, struct hg_bytes *out)
{
#define BACKEND(id, name, help) write_backend(scrape, out, name, help, HG_M_##id);
    HG_METRICS_BACKEND(BACKEND)
#undef BACKEND
#define POOL(id, type, name, help) write_pool(scrape, out, name, #type, help, HG_M_##id);
    HG_METRICS_POOL(POOL)
#undef POOL
}

/* ---- tenants ---- */

static void write_tenant(const struct hg_scrape *scrape, struct hg_bytes *out, const char *name,
                         const char *help, size_t which)
{
    size_t count = hg_series_count(scrape->tenants);

    family(out, name, "counter", help);
    for (size_t i = 0; i < count; i++) {
        uint64_t total = 0;

        for (size_t j = 0; j < scrape->nworkers; j++)
            if (i < scrape->workers[j]->ntenants)
                total += atomic_load_explicit(&scrape->workers[j]->tenants[i][which], memory_order_relaxed);
        labelled(out, name, "tenant", hg_series_name(scrape->tenants, i));
        if (which == HG_M_TENANT_US)
            seconds(out, total);
        else
            whole(out, total);
    }
}

static void write_tenants(const struct hg_scrape *scrape, struct hg_bytes *out)
{
#define TENANT(id, name, help) write_tenant(scrape, out, name, help, HG_M_##id);
    HG_METRICS_TENANT(TENANT)
#undef TENANT
}

/* ---- refusals ---- */

#define REFUSALS "refusals_total"
#define REFUSALS_HELP                                                                                        \
    "Statements and clients that Headgate turned away, by SQLSTATE and the name of its condition"

static void write_refusals(const struct hg_scrape *scrape, struct hg_bytes *out)
{
    family(out, REFUSALS, "counter", REFUSALS_HELP);
    for (size_t i = 0; i < HG_NREFUSALS; i++) {
        bool known = i < HG_NREFUSALS - 1;
        uint64_t total = 0;

        for (size_t j = 0; j < scrape->nworkers; j++)
            total += atomic_load_explicit(&scrape->workers[j]->refusals[i], memory_order_relaxed);
        hg_write_format(out, PREFIX REFUSALS "{sqlstate=\"%s\",reason=\"",
                        known ? conditions[i].sqlstate : "");
        for (const char *at = known ? conditions[i].name : "OTHER"; *at; at++)
            hg_write_u8(out, (uint8_t)(*at >= 'A' && *at <= 'Z' ? *at + ('a' - 'A') : *at));
        hg_write_text(out, "\"} ");
        whole(out, total);
    }
}

#define LIMITED "limit_refusals_total"
#define LIMITED_HELP                                                                                         \
    "Of those, because a tenant or a user exceeded a limit of the policy, by the limit's name"

static void write_limits(const struct hg_scrape *scrape, struct hg_bytes *out)
{
    family(out, LIMITED, "counter", LIMITED_HELP);
    for (size_t i = 0; i < HG_NLIMITS; i++) {
        uint64_t total = 0;

        for (size_t j = 0; j < scrape->nworkers; j++)
            total += atomic_load_explicit(&scrape->workers[j]->limits[i], memory_order_relaxed);
        hg_write_format(out, PREFIX LIMITED "{limit=\"%s\"} ", hg_limit_names[i]);
        whole(out, total);
    }
}

/* ---- histograms ---- */

#define LATENCY      "statement_duration_seconds"
#define LATENCY_HELP "From a statement's first message to its end, waiting for a server included"
#define QUEUE        "queue_duration_seconds"
#define QUEUE_HELP   "How long clients waited for a connection of the backend's pool"

/* `labels` without braces. */
static void write_histogram(const struct hg_scrape *scrape, struct hg_bytes *out, const char *name,
                            const struct hg_bytes *labels, size_t at)
{
    uint64_t count = 0;

    for (size_t i = 0; i < HG_NBUCKETS; i++) {
        count += sum(scrape, at + offsetof(struct hg_histogram, buckets) + i * sizeof(uint64_t));
        hg_write_format(out, PREFIX "%s_bucket{%.*s,le=\"", name, (int)labels->len, (char *)labels->data);
        if (i < HG_NBUCKETS - 1)
            hg_write_format(out, "%g\"} ", (double)bounds_us[i] / 1e6);
        else
            hg_write_text(out, "+Inf\"} ");
        whole(out, count);
    }
    hg_write_format(out, PREFIX "%s_sum{%.*s} ", name, (int)labels->len, (char *)labels->data);
    seconds(out, sum(scrape, at + offsetof(struct hg_histogram, sum_us)));
    hg_write_format(out, PREFIX "%s_count{%.*s} ", name, (int)labels->len, (char *)labels->data);
    whole(out, count);
}

static void set_labels(struct hg_bytes *labels, const char *backend, const char *verdict)
{
    hg_bytes_clear(labels);
    hg_write_text(labels, "backend=");
    label(labels, backend);
    if (verdict)
        hg_write_format(labels, ",verdict=\"%s\"", verdict);
}

static void write_histograms(const struct hg_scrape *scrape, struct hg_bytes *out)
{
    size_t count = hg_series_count(scrape->backends);
    struct hg_bytes labels;

    hg_bytes_init(&labels, 0);
    family(out, LATENCY, "histogram", LATENCY_HELP);
    for (size_t i = first_backend(scrape); i <= count; i++)
        for (size_t j = 0; j < HG_NANSWERED; j++) {
            size_t which = i < count ? i : HG_MAX_SERIES;

            if (j == (i < count ? HG_ANSWERED_LOCAL : HG_ANSWERED_FORWARD))
                continue; /* a backend answers nothing locally, and nothing is forwarded without one */
            set_labels(&labels, i < count ? hg_series_name(scrape->backends, i) : "", answered_words[j]);
            write_histogram(scrape, out, LATENCY, &labels,
                            offsetof(struct hg_metrics, latency) +
                                (which * HG_NANSWERED + j) * sizeof(struct hg_histogram));
        }
    family(out, QUEUE, "histogram", QUEUE_HELP);
    for (size_t i = first_backend(scrape); i < count; i++) {
        set_labels(&labels, hg_series_name(scrape->backends, i), NULL);
        write_histogram(scrape, out, QUEUE, &labels,
                        offsetof(struct hg_metrics, queue) + i * sizeof(struct hg_histogram));
    }
    hg_bytes_free(&labels);
}

void hg_metrics_write(const struct hg_scrape *scrape, struct hg_bytes *out)
{
    write_plain(scrape, out);
    write_backends(scrape, out);
    write_tenants(scrape, out);
    write_refusals(scrape, out);
    write_limits(scrape, out);
    write_histograms(scrape, out);
}

/* ---- documentation ---- */

static void describe(struct hg_bytes *out, const char *name, const char *type, const char *labels,
                     const char *help)
{
    hg_write_format(out, "| `" PREFIX "%s` | %s | %s | %s |\n", name, type, labels, help);
}

void hg_metrics_describe(struct hg_bytes *out)
{
    hg_write_text(out, "| metric | type | labels | meaning |\n|---|---|---|---|\n");
#define COUNTER(id, name, help)     describe(out, name, "counter", "", help);
#define TYPED(id, type, name, help) describe(out, name, #type, "", help);
#define BACKEND(id, name, help)     describe(out, name, "counter", "backend", help);
#define TENANT(id, name, help)      describe(out, name, "counter", "tenant", help);
#define POOL(id, type, name, help)  describe(out, name, #type, "backend", help);
    HG_METRICS_COUNTERS(COUNTER)
    HG_METRICS_READINGS(TYPED)
    HG_METRICS_PROCESS(TYPED)
    HG_METRICS_BACKEND(BACKEND)
    HG_METRICS_POOL(POOL)
    HG_METRICS_TENANT(TENANT)
    describe(out, REFUSALS, "counter", "sqlstate, reason", REFUSALS_HELP);
    describe(out, LIMITED, "counter", "limit", LIMITED_HELP);
    describe(out, LATENCY, "histogram", "backend, verdict", LATENCY_HELP);
    describe(out, QUEUE, "histogram", "backend", QUEUE_HELP);
}
