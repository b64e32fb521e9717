/* Metrics and health over HTTP.
 *
 *   /metrics   Prometheus text
 *   /healthz   200 while the loops turn: the main one, since it answers, and each worker's, which was heard
 *              not long ago; else 503. For who restarts processes that hang.
 *   /readyz    200 when it makes sense to send clients here: listening, not draining, backends to be reached,
 *              the audit to be written; else 503 with the reasons. For who balances load. */
#include "endpoint.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "audit.h"
#include "http.h"
#include "log.h"

#define PULSE_MS  1000u
#define SILENT_US UINT64_C(5000000) /* a loop that was not heard for so long hangs */

struct pulse {
    struct hg_letter letter;
    struct hg_worker *worker;
    atomic_bool under_way;
    _Atomic uint64_t heard_us;
};

struct hg_endpoint {
    const struct hg_standing *standing;
    struct hg_loop *loop;
    char host[256]; /* where to listen */
    uint16_t port;  /* 0: none is asked for, or not any more */
    struct hg_http *http;
    bool complained;
    struct hg_timer timer;
    struct pulse *pulses;
};

/* ---- pulse ---- */

static void on_worker(struct hg_letter *letter)
{
    struct pulse *pulse = (struct pulse *)letter;

    hg_worker_read(pulse->worker);
    atomic_store(&pulse->heard_us, hg_clock_us());
    atomic_store(&pulse->under_way, false);
}

/* ---- metrics ---- */

static double resident_bytes(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    unsigned long long pages = 0;

    if (file) {
        if (fscanf(file, "%*u %llu", &pages) != 1)
            pages = 0;
        fclose(file);
    }
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static double open_descriptors(void)
{
    DIR *directory = opendir("/proc/self/fd");
    double count = -3; /* . and .., and the directory itself */

    if (!directory)
        return 0;
    while (readdir(directory))
        count++;
    closedir(directory);
    return count;
}

static void read_process(const struct hg_standing *standing, double values[HG_NPROCESS_VALUES])
{
    const struct hg_shared *shared = standing->shared;

    values[HG_M_CONNECTIONS] = atomic_load(&shared->connections);
    values[HG_M_CLIENTS] = atomic_load(&shared->clients);
    values[HG_M_CLIENTS_MOST] = atomic_load(&shared->max_clients);
    values[HG_M_WORKERS] = standing->nworkers;
    values[HG_M_DRAINING] = standing->draining;
    values[HG_M_GENERATION] = (double)standing->generation->snapshot->generation;
    values[HG_M_GENERATION_TIME] = (double)standing->generation_s;
    values[HG_M_RELOADS] = (double)standing->reloads;
    values[HG_M_RELOAD_FAILURES] = (double)standing->reload_failures;
    values[HG_M_START_TIME] = (double)standing->started_s;
    values[HG_M_MEMORY] = resident_bytes();
    values[HG_M_DESCRIPTORS] = open_descriptors();
    if (!shared->observers.audit)
        return;
    struct hg_audit_reading audit = hg_audit_read(shared->observers.audit);
    values[HG_M_AUDIT_LINES] = (double)audit.lines;
    values[HG_M_AUDIT_QUEUED] = (double)audit.queued_bytes;
    values[HG_M_AUDIT_FAILING] = audit.failing;
}

static void read_pool(struct hg_pool *pool, struct hg_pool_reading *reading)
{
    struct hg_pool_stats stats = hg_pool_stats(pool);

    reading->backend = hg_pool_config(pool)->name;
    reading->values[HG_M_POOL_SIZE] = hg_pool_config(pool)->pool_size;
    reading->values[HG_M_POOL_LENT] = stats.lent;
    reading->values[HG_M_POOL_IDLE] = stats.idle;
    reading->values[HG_M_POOL_CONNECTING] = stats.connecting;
    reading->values[HG_M_POOL_WAITING] = stats.waiting;
    reading->values[HG_M_POOL_OPENED] = (double)stats.opened;
    reading->values[HG_M_POOL_FAILED] = (double)stats.failed;
    reading->values[HG_M_POOL_HOSTS] = stats.hosts;
    reading->values[HG_M_POOL_FAILED_HOSTS] = stats.failed_hosts;
}

static void write_metrics(const struct hg_standing *standing, struct hg_bytes *out)
{
    const struct hg_generation *generation = standing->generation;
    struct hg_metrics **workers = hg_calloc(standing->nworkers, sizeof(struct hg_metrics *));
    struct hg_pool_reading *pools = hg_calloc(generation->npools, sizeof *pools);
    struct hg_scrape scrape = {.workers = workers,
                               .nworkers = standing->nworkers,
                               .backends = standing->shared->observers.backends,
                               .tenants = standing->shared->observers.tenants,
                               .pools = pools,
                               .npools = generation->npools};

    for (uint32_t i = 0; i < standing->nworkers; i++)
        workers[i] = standing->workers[i].metrics;
    for (size_t i = 0; i < generation->npools; i++)
        read_pool(generation->pools[i], &pools[i]);
    read_process(standing, scrape.process);
    hg_metrics_write(&scrape, out);
    free(workers);
    free(pools);
}

/* ---- health ---- */

/* For how long the worker has not answered; 0 = it has, lately. */
static uint64_t silence_us(const struct hg_endpoint *endpoint, uint32_t worker)
{
    uint64_t now = hg_clock_us(), heard = atomic_load(&endpoint->pulses[worker].heard_us);

    return now > heard && now - heard >= SILENT_US ? now - heard : 0;
}

bool hg_endpoint_is_well(const struct hg_endpoint *endpoint)
{
    for (uint32_t i = 0; i < endpoint->standing->nworkers; i++)
        if (silence_us(endpoint, i))
            return false;
    return true;
}

static int check_health(const struct hg_endpoint *endpoint, struct hg_bytes *out)
{
    int status = 200;

    for (uint32_t i = 0; i < endpoint->standing->nworkers; i++) {
        uint64_t silent = silence_us(endpoint, i);
        if (!silent)
            continue;
        hg_write_format(out, "worker %u has not answered for %llu ms\n", i,
                        (unsigned long long)(silent / 1000));
        status = 503;
    }
    return status;
}

static int check_readiness(const struct hg_endpoint *endpoint, struct hg_bytes *out)
{
    const struct hg_standing *standing = endpoint->standing;
    struct hg_audit *audit = standing->shared->observers.audit;
    int status = check_health(endpoint, out);

    if (!standing->listening || standing->draining) {
        hg_write_text(out, standing->draining ? "draining\n" : "not listening yet\n");
        status = 503;
    }
    for (size_t i = 0; i < standing->generation->npools; i++) {
        struct hg_pool *pool = standing->generation->pools[i];
        struct hg_pool_stats stats = hg_pool_stats(pool);
        if (stats.failed_hosts < stats.hosts)
            continue;
        hg_write_format(out, "backend \"%s\" cannot be reached\n", hg_pool_config(pool)->name);
        status = 503;
    }
    if (audit && hg_audit_read(audit).failing &&
        hg_generation_config(standing->generation)->audit.on_full == 0) {
        hg_write_text(out, "the audit log cannot be written\n");
        status = 503;
    }
    return status;
}

static struct hg_http_answer answer(void *argument, struct hg_slice path)
{
    const struct hg_endpoint *endpoint = argument;
    struct hg_http_answer made = {.status = 200, .type = "text/plain; charset=utf-8"};

    hg_bytes_init(&made.body, 0);
    if (hg_slice_is(path, "/metrics")) {
        made.type = "text/plain; version=0.0.4; charset=utf-8";
        write_metrics(endpoint->standing, &made.body);
        return made;
    }
    if (hg_slice_is(path, "/healthz"))
        made.status = check_health(endpoint, &made.body);
    else if (hg_slice_is(path, "/readyz"))
        made.status = check_readiness(endpoint, &made.body);
    else
        made.status = 404;
    if (made.status == 200)
        hg_write_text(&made.body, "ok\n");
    return made;
}

/* ---- life ---- */

static void listen(struct hg_endpoint *endpoint)
{
    char why[256];

    if (endpoint->http || !endpoint->port)
        return;
    endpoint->http = hg_http_new(endpoint->loop, endpoint->host, endpoint->port, answer, endpoint, why);
    if (endpoint->http)
        hg_log(HG_LOG_INFO, "metrics and health on %s:%u", endpoint->host, endpoint->port);
    else if (!endpoint->complained)
        hg_log(HG_LOG_WARNING, "metrics and health: %s; trying again", why);
    endpoint->complained = true;
}

static void beat(void *argument)
{
    struct hg_endpoint *endpoint = argument;

    listen(endpoint);
    for (uint32_t i = 0; i < endpoint->standing->nworkers; i++)
        if (!atomic_exchange(&endpoint->pulses[i].under_way, true))
            hg_loop_post(endpoint->pulses[i].worker->loop, &endpoint->pulses[i].letter);
    hg_timer_start(&endpoint->timer, PULSE_MS);
}

struct hg_endpoint *hg_endpoint_new(struct hg_loop *loop, const struct hg_standing *standing)
{
    const struct hg_listen_address *address = hg_generation_config(standing->generation)->http;
    struct hg_endpoint *endpoint = hg_calloc(1, sizeof *endpoint);

    endpoint->standing = standing;
    endpoint->loop = loop;
    if (address) {
        snprintf(endpoint->host, sizeof endpoint->host, "%s", address->host);
        endpoint->port = address->port;
    }
    endpoint->pulses = hg_calloc(standing->nworkers, sizeof *endpoint->pulses);
    for (uint32_t i = 0; i < standing->nworkers; i++) {
        endpoint->pulses[i].letter.open = on_worker;
        endpoint->pulses[i].worker = &standing->workers[i];
        atomic_init(&endpoint->pulses[i].heard_us, hg_clock_us());
    }
    hg_timer_init(&endpoint->timer, loop, beat, endpoint);
    beat(endpoint);
    return endpoint;
}

void hg_endpoint_leave(struct hg_endpoint *endpoint)
{
    if (!endpoint)
        return;
    hg_http_free(endpoint->http);
    endpoint->http = NULL;
    endpoint->port = 0;
}

void hg_endpoint_stop(struct hg_endpoint *endpoint)
{
    if (!endpoint)
        return;
    hg_endpoint_leave(endpoint);
    hg_timer_free(&endpoint->timer);
}

void hg_endpoint_free(struct hg_endpoint *endpoint)
{
    if (!endpoint)
        return;
    free(endpoint->pulses);
    free(endpoint);
}
