/* Generations of the configuration. A new one is built aside and costs nothing that is live: pools of
 * backends that did not change are shared with the previous one, and the previous one goes when the last
 * session has let it go. */
#include "generation.h"

#include <stdio.h>
#include <stdlib.h>

/* Catalogs of roles have the name of the backend that they are copies of. */
static struct hg_pool *pool_like(const struct hg_generation *previous,
                                 const struct hg_backend_config *backend)
{
    for (size_t i = 0; previous && i < previous->npools; i++) {
        const struct hg_backend_config *other = hg_pool_config(previous->pools[i]);
        if (strcmp(other->name, backend->name) == 0 && strcmp(other->database, backend->database) == 0)
            return previous->pools[i];
    }
    return NULL;
}

/* Another pool of that backend in this generation. */
static struct hg_pool *kin_of(const struct hg_generation *generation, const struct hg_backend_config *backend)
{
    for (size_t i = 0; i < generation->npools; i++)
        if (strcmp(hg_pool_config(generation->pools[i])->name, backend->name) == 0)
            return generation->pools[i];
    return NULL;
}

static bool make_pools(struct hg_generation *generation, const struct hg_generation *previous, char why[512])
{
    const struct hg_config *config = generation->snapshot->config;
    char reason[256] = "";

    generation->pools = hg_calloc(config->nservers, sizeof *generation->pools);
    for (size_t i = 0; i < config->nservers; i++) {
        const struct hg_backend_config *backend = &config->backends[i];
        generation->pools[i] = hg_pool_new(backend, backend->database, pool_like(previous, backend),
                                           kin_of(generation, backend), reason);
        if (!generation->pools[i]) {
            snprintf(why, 512, "backend \"%s\": %s", backend->name, reason);
            return false;
        }
        generation->npools++;
    }
    return true;
}

static bool make_tls(struct hg_generation *generation, char why[512])
{
    const struct hg_config *config = generation->snapshot->config;
    char reason[256] = "";

    if (config->tls == HG_TLS_DISABLE)
        return true;
    generation->tls = hg_tls_server(config->tls_certificate, config->tls_key, reason);
    bool made = generation->tls &&
                (!config->tls_client_ca ||
                 hg_tls_ask_clients(generation->tls, config->tls_client_ca, config->tls_client_crl, reason));
    if (!made)
        snprintf(why, 512, "TLS for clients: %s", reason);
    return made;
}

struct hg_generation *hg_generation_new(struct hg_snapshot *snapshot, const struct hg_generation *previous,
                                        char why[512])
{
    struct hg_generation *generation = hg_calloc(1, sizeof *generation);

    atomic_init(&generation->references, 1);
    generation->snapshot = snapshot;
    if (make_tls(generation, why) && make_pools(generation, previous, why))
        return generation;
    hg_generation_drop(generation);
    return NULL;
}

void hg_generation_number(struct hg_generation *generation, struct hg_series *backends)
{
    if (generation->series)
        return;
    generation->series = hg_calloc(generation->npools, sizeof *generation->series);
    for (size_t i = 0; i < generation->npools; i++)
        generation->series[i] =
            hg_series_of(backends, hg_slice_cstr(hg_pool_config(generation->pools[i])->name));
}

struct hg_generation *hg_generation_hold(struct hg_generation *generation)
{
    atomic_fetch_add_explicit(&generation->references, 1, memory_order_relaxed);
    return generation;
}

void hg_generation_drop(struct hg_generation *generation)
{
    if (!generation || atomic_fetch_sub_explicit(&generation->references, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < generation->npools; i++)
        hg_pool_drop(generation->pools[i]);
    hg_tls_drop(generation->tls);
    hg_snapshot_drop(generation->snapshot);
    free(generation->pools);
    free(generation->series);
    free(generation);
}

void hg_generation_retire(struct hg_generation *old, const struct hg_generation *current)
{
    for (size_t i = 0; i < old->npools; i++) {
        bool kept = false;
        for (size_t j = 0; j < current->npools && !kept; j++)
            kept = current->pools[j] == old->pools[i];
        if (!kept)
            hg_pool_retire(old->pools[i]);
    }
}
