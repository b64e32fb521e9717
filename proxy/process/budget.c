/* The sums. Descriptors: each client and each server connection is one, a cancel request or a dial may stand
 * beside each server connection for a moment, and each worker's loop has a few. Memory: what an idle client
 * holds was measured (tests/bench prints it); a busy one holds its buffers, and as many are busy as there are
 * server connections. */
#include "budget.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "log.h"

#define OF_PROCESS        64u /* logs, listeners, files that are read, libraries */
#define OF_WORKER         16u
#define IDLE_CLIENT_BYTES (48u << 10) /* with TLS */
#define BUSY_BYTES        (512u << 10)
#define OF_PROCESS_BYTES  (64u << 20)
#define MIB               (1u << 20)

static uint64_t raise_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return UINT64_MAX;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : UINT64_MAX;
}

/* memory.max of the control group that a container or a unit is (cgroup v2, seen from inside as the root). */
static uint64_t group_limit(void)
{
    FILE *file = fopen("/sys/fs/cgroup/memory.max", "re");
    uint64_t bytes = UINT64_MAX;

    if (!file)
        return bytes;
    if (fscanf(file, "%" SCNu64, &bytes) != 1) /* "max" */
        bytes = UINT64_MAX;
    fclose(file);
    return bytes;
}

static uint64_t machine_memory(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);

    return pages > 0 && size > 0 ? (uint64_t)pages * (uint64_t)size : UINT64_MAX;
}

static uint64_t server_connections(const struct hg_config *config)
{
    uint64_t count = 0;

    for (size_t i = 0; i < config->nservers; i++)
        count += config->backends[i].pool_size;
    return count;
}

/* Administrators come beside max_clients. */
static uint64_t consoles(const struct hg_config *config)
{
    return config->nadmins || config->admin_socket ? config->max_consoles : 0;
}

struct hg_budget hg_budget_of(const struct hg_config *config, size_t stack_bytes)
{
    uint64_t servers = server_connections(config), group = group_limit(), machine = machine_memory();

    return (struct hg_budget){
        .descriptors =
            config->max_clients + consoles(config) + 2 * servers + config->workers * OF_WORKER + OF_PROCESS,
        .may_open = raise_descriptors(),
        .bytes = config->max_clients * (uint64_t)IDLE_CLIENT_BYTES + servers * BUSY_BYTES +
                 config->workers * (config->rewrite_cache_bytes * 3 / 2 + stack_bytes / 4) + OF_PROCESS_BYTES,
        .may_hold = group < machine ? group : machine,
    };
}

bool hg_budget_check(const struct hg_budget *budget)
{
    if (budget->descriptors > budget->may_open) {
        hg_log_plainly(HG_LOG_ERROR,
                       "the limits in the configuration need up to %" PRIu64
                       " file descriptors, and this process "
                       "may open %" PRIu64
                       ": raise its limit (ulimit -n, LimitNOFILE=), or lower max_clients or pool_size",
                       budget->descriptors, budget->may_open);
        return false;
    }
    if (budget->bytes > budget->may_hold)
        hg_log(HG_LOG_WARNING,
               "with all of max_clients there, some %" PRIu64
               " MiB of memory would be needed, and there are %" PRIu64
               ": lower max_clients, pool_size or rewrite_cache",
               budget->bytes / MIB, budget->may_hold / MIB);
    return true;
}
