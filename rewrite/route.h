/* Route: on which backend does a statement run, and why not on another one? A pure function of the relations
 * that it reads, where the policy says that they are, and what the transaction has done before. */
#ifndef HG_ROUTE_H
#define HG_ROUTE_H

#include "resolve.h"

struct hg_route {
    int backend; /* index in config->backends */
    bool catalog;
    struct hg_slice *reasons; /* one for the backend chosen, then one for each other */
    size_t nreasons;
};

/* The data backends that hold all tables that the statement reads, of those that it writes or locks the one
 * where that is done; all of them when there are none. */
uint32_t hg_route_candidates(const struct hg_resolved *resolved, const struct hg_config *config);

/* All data backends that hold one of its tables. */
uint32_t hg_route_held(const struct hg_resolved *resolved);

/* `together`: the backends that would do for all statements of the same transaction in this text, to be
 * preferred; 0 when there is none. `bound` as in hg_context. False sets the fault. */
HG_MUST_USE bool hg_route_statement(const struct hg_resolved *resolved, const struct hg_context *context,
                                    struct hg_binding bound, uint32_t together, struct hg_slice text,
                                    struct hg_arena *arena, struct hg_route *route, struct hg_fault *fault);

#endif
