/* /metrics, /healthz and /readyz, where `http:` says; and the pulse of the workers, which both need: each is
 * asked every second to write down its readings, and so shows that its loop turns. On the main loop. */
#ifndef HG_ENDPOINT_H
#define HG_ENDPOINT_H

#include "worker.h"

/* What the process knows of itself; the owner keeps it right. */
struct hg_standing {
    const struct hg_generation *generation; /* the current one */
    struct hg_worker *workers;
    uint32_t nworkers;
    const struct hg_shared *shared;
    uint64_t started_s, generation_s; /* since 1970 */
    uint64_t reloads, reload_failures;
    bool listening, draining;
};

struct hg_endpoint;

/* After the workers were started. Where it cannot listen, because the process before still does, it tries
 * again each second. */
struct hg_endpoint *hg_endpoint_new(struct hg_loop *loop, const struct hg_standing *standing);
void hg_endpoint_leave(struct hg_endpoint *endpoint); /* listens no more: a successor wants to */
void hg_endpoint_stop(struct hg_endpoint *endpoint);  /* before the workers are stopped; NULL is harmless */
void hg_endpoint_free(struct hg_endpoint *endpoint);  /* after that; NULL is harmless */
/* Every worker has answered lately. */
bool hg_endpoint_is_well(const struct hg_endpoint *endpoint);

#endif
