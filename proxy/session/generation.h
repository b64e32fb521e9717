/* What a reload replaces as one: the snapshot of configuration and policy, the TLS context for clients, and a
 * pool per backend. Immutable and refcounted; sessions hold the one that they work with. */
#ifndef HG_GENERATION_H
#define HG_GENERATION_H

#include "pool.h"
#include "series.h"
#include "tls.h"

struct hg_generation {
    atomic_uint_fast64_t references;
    const struct hg_snapshot *snapshot;
    struct hg_tls *tls;     /* NULL when clients get none */
    struct hg_pool **pools; /* by backend index, catalogs of roles too */
    size_t npools;
    unsigned *series; /* likewise: numbers of their names in metrics */
};

/* Takes over the caller's reference of the snapshot, also when it fails. Backends whose configuration equals
 * one of `previous` (may be NULL) keep their pool. NULL and why on failure. */
struct hg_generation *hg_generation_new(struct hg_snapshot *snapshot, const struct hg_generation *previous,
                                        char why[512]);
/* Before anybody else sees it. */
void hg_generation_number(struct hg_generation *generation, struct hg_series *backends);
struct hg_generation *hg_generation_hold(struct hg_generation *generation);
void hg_generation_drop(struct hg_generation *generation); /* NULL is harmless */
/* Retires the pools of `old` that `current` does not have: their idle connections go. */
void hg_generation_retire(struct hg_generation *old, const struct hg_generation *current);

static inline const struct hg_config *hg_generation_config(const struct hg_generation *generation)
{
    return generation->snapshot->config;
}

#endif
