/* The rules, in order:
 *
 *   1. System relations, and functions and types that read them, are the catalog backend's alone. A statement
 * cannot read both those and tables.
 *   2. A statement that reads no relation runs on the catalog backend, or on the data backend that the
 * transaction is bound to.
 *   3. Else the candidates are the data backends that hold all of its tables. A transaction stays on the one
 * that it is bound to.
 *   4. Of several, precomputed and shared tables go to the first in the order of headgate.yaml, and whatever
 * reads raw rows to the last: list the backend for precomputed metrics before the warehouse. */
#include "route.h"

#include <stdio.h>

struct router {
    const struct hg_resolved *resolved;
    const struct hg_config *config;
    struct hg_arena *arena;
    struct hg_route *route;
    uint32_t candidates;
};

static bool is_data(const struct hg_config *config, size_t backend)
{
    return &config->backends[backend] != config->catalog;
}

uint32_t hg_route_candidates(const struct hg_resolved *resolved, const struct hg_config *config)
{
    uint32_t mask = 0;
    for (size_t i = 0; i < config->nbackends; i++)
        if (is_data(config, i))
            mask |= UINT32_C(1) << config->backends[i].index;
    for (const struct hg_reference *one = resolved->references; one; one = one->next)
        if (one->view)
            mask &= one->view->table->backends;
    return mask;
}

static const struct hg_reference *first_table(const struct hg_resolved *resolved)
{
    const struct hg_reference *one = resolved->references;
    while (one && !one->view)
        one = one->next;
    return one;
}

static const struct hg_reference *first_catalog(const struct hg_resolved *resolved)
{
    const struct hg_reference *one = resolved->references;
    while (one && !one->catalog)
        one = one->next;
    return one;
}

static const struct hg_table *first_raw(const struct hg_resolved *resolved)
{
    for (const struct hg_reference *one = resolved->references; one; one = one->next)
        if (one->view && one->view->table->kind == HG_TABLE_PLAIN && !one->view->table->shared)
            return one->view->table;
    return NULL;
}

static void add_reason(struct router *router, struct hg_slice reason)
{
    router->route->reasons[router->route->nreasons++] = reason;
}

/* The first table that a backend does not hold. */
static const struct hg_table *missing_table(const struct hg_resolved *resolved,
                                            const struct hg_backend_config *backend)
{
    for (const struct hg_reference *one = resolved->references; one; one = one->next)
        if (one->view && !(one->view->table->backends >> backend->index & 1))
            return one->view->table;
    return NULL;
}

static void explain_other(struct router *router, const struct hg_backend_config *backend,
                          const char *preferred)
{
    const struct hg_table *missing = missing_table(router->resolved, backend);
    if (backend == router->config->catalog)
        add_reason(router, hg_arena_printf(router->arena, "not %s: it holds no rows", backend->name));
    else if (missing)
        add_reason(router, hg_arena_printf(router->arena, "not %s: it does not hold %.*s.%.*s", backend->name,
                                           HG_SLICE_FMT(missing->schema), HG_SLICE_FMT(missing->name)));
    else
        add_reason(router, hg_arena_printf(router->arena, "not %s: %s", backend->name, preferred));
}

static void choose(struct router *router, size_t backend, struct hg_slice why, const char *why_not)
{
    const struct hg_config *config = router->config;
    router->route->backend = (int)backend;
    router->route->catalog = !is_data(config, backend);
    add_reason(router,
               hg_arena_printf(router->arena, "%s: %.*s", config->backends[backend].name, HG_SLICE_FMT(why)));
    for (size_t i = 0; i < config->nbackends; i++) {
        if (i == backend)
            continue;
        if (router->route->catalog)
            add_reason(router,
                       hg_arena_printf(router->arena, "not %s: %s", config->backends[i].name, why_not));
        else
            explain_other(router, &config->backends[i], why_not);
    }
}

/* Which statements the catalog backend has to answer; it cannot read tables as well. */
static bool choose_catalog(struct router *router, const struct hg_context *context, struct hg_slice text,
                           struct hg_fault *fault)
{
    const struct hg_resolved *resolved = router->resolved;
    const struct hg_reference *catalog = first_catalog(resolved), *table = first_table(resolved);
    struct hg_slice what = resolved->need.what;
    int32_t location = resolved->need.location;
    if (catalog) {
        what = hg_arena_printf(router->arena, "system relation %s.%s", catalog->catalog->schema,
                               catalog->catalog->name);
        location = catalog->range->location;
    }
    if (table) {
        hg_fault_set(fault, router->arena, HG_FEATURE_NOT_SUPPORTED,
                     "%.*s and table %.*s.%.*s in one statement are not supported", HG_SLICE_FMT(what),
                     HG_SLICE_FMT(table->view->table->schema), HG_SLICE_FMT(table->view->table->name));
        hg_fault_hint(fault, router->arena,
                      "Questions about the schema are answered by another database than "
                      "those about its rows. Ask them in two statements.");
        if (location >= 0)
            fault->position = hg_position_of(text, (size_t)location);
        return false;
    }
    choose(router, (size_t)(context->snapshot->config->catalog - context->snapshot->config->backends),
           hg_arena_printf(router->arena, "it answers %.*s", HG_SLICE_FMT(what)),
           "it knows nothing of the logical schema");
    return true;
}

static void list_backends(const struct hg_config *config, uint32_t mask, char *out, size_t room)
{
    size_t at = 0;
    out[0] = '\0';
    for (size_t i = 0; i < config->nbackends && at < room; i++)
        if (mask >> config->backends[i].index & 1)
            at += (size_t)snprintf(out + at, room - at, "%s%s", at ? ", " : "", config->backends[i].name);
}

/* No backend holds them all: which tables are where? */
static bool refuse_no_backend(struct router *router, struct hg_slice text, struct hg_fault *fault)
{
    char where[512];
    struct hg_slice detail = HG_LIT("");
    uint32_t common = UINT32_MAX;
    for (const struct hg_reference *one = router->resolved->references; one; one = one->next) {
        const struct hg_table *table = one->view->table;
        if ((common & table->backends) == common && common != UINT32_MAX)
            continue; /* does not narrow the choice */
        list_backends(router->config, table->backends, where, sizeof where);
        detail = hg_arena_printf(router->arena, "%.*s%s%.*s.%.*s is on %s", HG_SLICE_FMT(detail),
                                 detail.len ? "; " : "", HG_SLICE_FMT(table->schema),
                                 HG_SLICE_FMT(table->name), where);
        common &= table->backends;
        if (common == 0 && !hg_fault_is_set(fault)) {
            hg_fault_set(fault, router->arena, HG_FEATURE_NOT_SUPPORTED,
                         "no backend holds all tables of this statement");
            if (one->range->location >= 0)
                fault->position = hg_position_of(text, (size_t)one->range->location);
            break;
        }
    }
    hg_fault_detail(fault, router->arena, "%.*s.", HG_SLICE_FMT(detail));
    hg_fault_hint(fault, router->arena, "Ask for them in two statements.");
    return false;
}

static bool choose_bound(struct router *router, int bound, struct hg_slice text, struct hg_fault *fault)
{
    const struct hg_config *config = router->config;
    char others[512];
    if (router->candidates >> config->backends[bound].index & 1) {
        choose(router, (size_t)bound, HG_LIT("the transaction runs there"), "the transaction runs elsewhere");
        return true;
    }
    list_backends(config, router->candidates, others, sizeof others);
    hg_fault_set(fault, router->arena, HG_FEATURE_NOT_SUPPORTED,
                 "this transaction runs on \"%s\", and the statement needs \"%s\"",
                 config->backends[bound].name, others);
    for (const struct hg_reference *one = router->resolved->references; one; one = one->next)
        if (one->view->table == missing_table(router->resolved, &config->backends[bound])) {
            fault->position = hg_position_of(text, (size_t)one->range->location);
            break;
        }
    hg_fault_hint(fault, router->arena,
                  "End the transaction first, or begin it with the statement that can run on "
                  "fewer backends.");
    return false;
}

/* The first or the last in the order of the configuration. */
static size_t pick(const struct hg_config *config, uint32_t mask, bool last)
{
    size_t found = 0;
    for (size_t i = 0; i < config->nbackends; i++)
        if (mask >> config->backends[i].index & 1) {
            found = i;
            if (!last)
                break;
        }
    return found;
}

static void choose_preferred(struct router *router, uint32_t together)
{
    const struct hg_table *raw = first_raw(router->resolved);
    uint32_t mask = router->candidates;
    if (together & mask)
        mask &= together;
    size_t backend = pick(router->config, mask, raw != NULL);
    if ((router->candidates & (router->candidates - 1)) == 0)
        choose(router, backend, HG_LIT("the only backend that holds all tables of the statement"), "");
    else if ((mask & (mask - 1)) == 0)
        choose(router, backend, HG_LIT("it holds the tables of all statements that were sent together"),
               "it does not hold the tables of all statements that were sent together");
    else if (raw)
        choose(router, backend,
               hg_arena_printf(router->arena,
                               "raw rows (of %.*s.%.*s) are read from the last backend that holds them",
                               HG_SLICE_FMT(raw->schema), HG_SLICE_FMT(raw->name)),
               "raw rows are read from the last backend that holds them");
    else
        choose(router, backend,
               HG_LIT("precomputed and shared tables are read from the first backend that holds them"),
               "precomputed and shared tables are read from the first backend that holds them");
}

bool hg_route_statement(const struct hg_resolved *resolved, const struct hg_context *context, int bound,
                        uint32_t together, struct hg_slice text, struct hg_arena *arena,
                        struct hg_route *route, struct hg_fault *fault)
{
    const struct hg_config *config = context->snapshot->config;
    struct router router = {resolved, config, arena, route, hg_route_candidates(resolved, config)};
    *route = (struct hg_route){.reasons = HG_NEW_ARRAY(arena, struct hg_slice, config->nbackends)};
    if (first_catalog(resolved) || resolved->need.what.len)
        return choose_catalog(&router, context, text, fault);
    if (!first_table(resolved)) {
        size_t catalog = (size_t)(config->catalog - config->backends);
        if (bound >= 0)
            choose(&router, (size_t)bound,
                   HG_LIT("the statement reads no table, and the transaction runs there"),
                   "the transaction runs elsewhere");
        else
            choose(&router, catalog, HG_LIT("the statement reads no table"), "the statement reads no table");
        return true;
    }
    if (router.candidates == 0)
        return refuse_no_backend(&router, text, fault);
    if (bound >= 0)
        return choose_bound(&router, bound, text, fault);
    choose_preferred(&router, together);
    return true;
}
