/* The rules, in order:
 *
 *   1. System relations, and functions and types that read them, are the catalog backend's alone. A statement
 *      cannot read both those and tables.
 *   2. A statement that reads no relation runs on the catalog backend, or on the data backend that the
 *      transaction used first.
 *   3. Else the candidates are the data backends that hold all of its tables. A transaction stays on those
 *      that it has used, first of all where it has written. If it may, it goes to one more, but not to read
 *      what might be among what it has written elsewhere, nor to write on a second one.
 *   4. What a statement writes or locks is on one backend, and there the statement runs.
 *   5. COPY runs where it can send rows to the client.
 *   6. Of several, a role reads the tables that it may write where it writes them.
 *   7. Else precomputed and shared tables go to the first in the order of headgate.yaml, and whatever
 *      reads raw rows to the last: list the backend for precomputed metrics before the warehouse. */
#include "route.h"

#include <stdio.h>

/* A table, where what the statement does with it can be done, and where it stands in the text. */
struct use {
    const struct hg_table *table;
    uint32_t backends;
    int32_t location;
    bool writes; /* or locks */
};

struct router {
    const struct hg_resolved *resolved;
    const struct hg_config *config;
    const struct hg_role *role;
    struct hg_arena *arena;
    struct hg_route *route;
    struct use *uses;
    size_t nuses;
    uint32_t candidates;
};

static bool is_data(const struct hg_config *config, size_t backend)
{
    return !hg_config_is_catalog(config, backend);
}

static uint32_t backend_of_writes(const struct hg_table *table)
{
    return table->write_backend < 0 ? 0 : UINT32_C(1) << table->write_backend;
}

static uint32_t backends_of(const struct hg_reference *reference)
{
    const struct hg_table *table = reference->view->table;
    return reference->locked ? backend_of_writes(table) : table->backends;
}

static bool can_copy(const struct hg_backend_config *backend)
{
    return backend->dialect == HG_DIALECT_POSTGRESQL;
}

uint32_t hg_route_candidates(const struct hg_resolved *resolved, const struct hg_config *config)
{
    uint32_t mask = 0;
    for (size_t i = 0; i < config->nbackends; i++)
        if (is_data(config, i) && (!resolved->copies || can_copy(&config->backends[i])))
            mask |= UINT32_C(1) << config->backends[i].index;
    for (const struct hg_reference *one = resolved->references; one; one = one->next)
        if (one->view)
            mask &= backends_of(one);
    for (const struct hg_write *one = resolved->writes; one; one = one->next)
        mask &= backend_of_writes(one->view->table);
    return mask;
}

uint32_t hg_route_held(const struct hg_resolved *resolved)
{
    uint32_t mask = 0;
    for (const struct hg_reference *one = resolved->references; one; one = one->next)
        if (one->view)
            mask |= one->view->table->backends;
    for (const struct hg_write *one = resolved->writes; one; one = one->next)
        mask |= one->view->table->backends;
    return mask;
}

static void list_uses(struct router *router)
{
    const struct hg_resolved *resolved = router->resolved;
    router->uses = HG_NEW_ARRAY(router->arena, struct use, resolved->nreferences + resolved->nwrites);
    for (const struct hg_write *one = resolved->writes; one; one = one->next)
        router->uses[router->nuses++] =
            (struct use){one->view->table, backend_of_writes(one->view->table), one->range->location, true};
    for (const struct hg_reference *one = resolved->references; one; one = one->next)
        if (one->view)
            router->uses[router->nuses++] =
                (struct use){one->view->table, backends_of(one), one->range->location, one->locked};
}

static const struct hg_reference *first_catalog(const struct hg_resolved *resolved)
{
    const struct hg_reference *one = resolved->references;
    while (one && !one->catalog)
        one = one->next;
    return one;
}

static const struct hg_table *first_raw(const struct router *router)
{
    for (size_t i = 0; i < router->nuses; i++)
        if (router->uses[i].table->kind == HG_TABLE_PLAIN && !router->uses[i].table->shared)
            return router->uses[i].table;
    return NULL;
}

static void add_reason(struct router *router, struct hg_slice reason)
{
    router->route->reasons[router->route->nreasons++] = reason;
}

/* The first use of a table for which a backend will not do. */
static const struct use *missing_use(const struct router *router, const struct hg_backend_config *backend)
{
    for (size_t i = 0; i < router->nuses; i++)
        if (!(router->uses[i].backends >> backend->index & 1))
            return &router->uses[i];
    return NULL;
}

static void explain_other(struct router *router, const struct hg_backend_config *backend,
                          const char *preferred)
{
    const struct use *missing = missing_use(router, backend);
    if (backend == router->config->catalog)
        add_reason(router, hg_arena_printf(router->arena, "not %s: it holds no rows", backend->name));
    else if (missing)
        add_reason(router,
                   hg_arena_printf(router->arena, "not %s: it does not hold %s%.*s.%.*s", backend->name,
                                   missing->writes ? "what is written of " : "",
                                   HG_SLICE_FMT(missing->table->schema), HG_SLICE_FMT(missing->table->name)));
    else if (router->resolved->copies && !can_copy(backend))
        add_reason(router,
                   hg_arena_printf(router->arena, "not %s: it cannot copy to the client", backend->name));
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
        if (i == backend || (router->route->catalog && !is_data(config, i)))
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
    const struct hg_reference *catalog = first_catalog(resolved);
    struct hg_slice what = resolved->need.what;
    int32_t location = resolved->need.location;
    if (catalog) {
        what = hg_arena_printf(router->arena, "system relation %s.%s", catalog->catalog->schema,
                               catalog->catalog->name);
        location = catalog->range->location;
    }
    if (router->nuses) {
        const struct hg_table *table = router->uses[0].table;
        hg_fault_set(fault, router->arena, HG_FEATURE_NOT_SUPPORTED,
                     "%.*s and table %.*s.%.*s in one statement are not supported", HG_SLICE_FMT(what),
                     HG_SLICE_FMT(table->schema), HG_SLICE_FMT(table->name));
        hg_fault_hint(fault, router->arena,
                      "Questions about the schema are answered by another database than "
                      "those about its rows. Ask them in two statements.");
        if (location >= 0)
            fault->position = hg_position_of(text, (size_t)location);
        return false;
    }
    choose(router, (size_t)hg_context_catalog(context),
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
    for (size_t i = 0; i < router->nuses; i++) {
        const struct use *use = &router->uses[i];
        if ((common & use->backends) == common && common != UINT32_MAX)
            continue; /* does not narrow the choice */
        list_backends(router->config, use->backends, where, sizeof where);
        detail = hg_arena_printf(router->arena, "%.*s%s%.*s.%.*s %s on %s", HG_SLICE_FMT(detail),
                                 detail.len ? "; " : "", HG_SLICE_FMT(use->table->schema),
                                 HG_SLICE_FMT(use->table->name), use->writes ? "is written" : "is", where);
        common &= use->backends;
        if (common == 0 && !hg_fault_is_set(fault)) {
            hg_fault_set(fault, router->arena, HG_FEATURE_NOT_SUPPORTED,
                         "no backend holds all tables of this statement");
            if (use->location >= 0)
                fault->position = hg_position_of(text, (size_t)use->location);
            break;
        }
    }
    hg_fault_detail(fault, router->arena, "%.*s.", HG_SLICE_FMT(detail));
    hg_fault_hint(fault, router->arena, "Ask for them in two statements.");
    return false;
}

/* The transaction is at work elsewhere, and may not come here. */
static bool refuse_bound(struct router *router, const char *why, struct hg_binding bound, int kept,
                         struct hg_slice text, struct hg_fault *fault)
{
    const struct hg_config *config = router->config;
    char others[512];
    list_backends(config, router->candidates, others, sizeof others);
    hg_fault_set(fault, router->arena, HG_FEATURE_NOT_SUPPORTED,
                 "this transaction %s \"%s\", and the statement needs \"%s\"", why,
                 config->backends[kept].name, others);
    const struct use *missing = missing_use(router, &config->backends[kept]);
    if (missing && missing->location >= 0)
        fault->position = hg_position_of(text, (size_t)missing->location);
    hg_fault_hint(fault, router->arena, bound.spreads ? HG_HINT_ONE_WRITES : HG_HINT_READ_COMMITTED);
    return false;
}

static int number_of(uint32_t mask)
{
    int number = 0;
    while (!(mask >> number & 1))
        number++;
    return number;
}

/* What the transaction has written on one backend is not to be seen on another one, and only one backend has
 * anything to commit. */
static bool is_kept_back(const struct router *router, struct hg_binding bound)
{
    for (size_t i = 0; bound.written && i < router->nuses; i++)
        if (router->uses[i].writes || (router->uses[i].table->backends & bound.written))
            return true;
    return false;
}

/* Of the backends of the transaction, in the order in which it prefers them; else -1. */
static int find_bound(const struct router *router, struct hg_binding bound)
{
    uint32_t first = UINT32_C(1) << bound.first;
    if (router->candidates & bound.written)
        return number_of(bound.written);
    if (router->candidates & first)
        return bound.first;
    return router->candidates & bound.others ? number_of(router->candidates & bound.others) : -1;
}

/* Stays where the transaction is, when it can. *another: it goes to one more backend. */
static bool choose_bound(struct router *router, struct hg_binding bound, bool *another, struct hg_slice text,
                         struct hg_fault *fault)
{
    int backend = find_bound(router, bound);
    if (!(router->candidates & bound.written) && is_kept_back(router, bound))
        return refuse_bound(router, "has written on", bound, number_of(bound.written), text, fault);
    *another = backend < 0;
    if (*another)
        return bound.spreads || refuse_bound(router, "runs on", bound, bound.first, text, fault);
    choose(router, (size_t)backend, HG_LIT("the transaction runs there"), "the transaction runs elsewhere");
    return true;
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

/* Where the role finds what it has written of the tables of the statement. */
static uint32_t home_of(const struct router *router)
{
    uint32_t mask = UINT32_MAX;
    for (size_t i = 0; i < router->nuses; i++)
        if (router->role->views[router->uses[i].table->index].writable)
            mask &= backend_of_writes(router->uses[i].table);
    return mask;
}

static void choose_preferred(struct router *router, uint32_t together)
{
    const struct hg_table *raw = first_raw(router);
    uint32_t mask = router->candidates, home = home_of(router);
    if (together & mask)
        mask &= together;
    bool at_home = (home & mask) && (home & mask) != mask;
    if (at_home)
        mask &= home;
    size_t backend = pick(router->config, mask, raw != NULL);
    if (router->nuses && router->uses[0].writes)
        choose(router, backend, HG_LIT("rows are written or locked there"), "");
    else if ((router->candidates & (router->candidates - 1)) == 0)
        choose(router, backend, HG_LIT("the only backend that holds all tables of the statement"), "");
    else if (at_home)
        choose(router, backend, HG_LIT("tables that the role may write are read where they are written"),
               "tables that the role may write are read where they are written");
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

static bool has_other_backend(const struct router *router)
{
    struct hg_resolved query = *router->resolved;
    query.copies = false;
    return hg_route_candidates(&query, router->config) != 0;
}

static bool refuse_copy(const struct router *router, struct hg_fault *fault)
{
    const struct hg_table *table = router->uses[0].table;
    hg_fault_set(fault, router->arena, HG_FEATURE_NOT_SUPPORTED,
                 "COPY of table \"%.*s\" to the client is not supported", HG_SLICE_FMT(table->name));
    hg_fault_hint(fault, router->arena,
                  "The database that holds it cannot copy rows to a client. Use SELECT to read them.");
    return false;
}

bool hg_route_statement(const struct hg_resolved *resolved, const struct hg_context *context,
                        struct hg_binding bound, uint32_t together, struct hg_slice text,
                        struct hg_arena *arena, struct hg_route *route, struct hg_fault *fault)
{
    const struct hg_config *config = context->snapshot->config;
    struct router router = {.resolved = resolved, .config = config, .arena = arena, .route = route};
    router.role = context->user->role;
    router.candidates = hg_route_candidates(resolved, config);
    list_uses(&router);
    *route = (struct hg_route){.reasons = HG_NEW_ARRAY(arena, struct hg_slice, config->nbackends)};
    if (first_catalog(resolved) || resolved->need.what.len)
        return choose_catalog(&router, context, text, fault);
    if (!router.nuses) {
        size_t catalog = (size_t)hg_context_catalog(context);
        if (bound.first >= 0)
            choose(&router, (size_t)bound.first,
                   HG_LIT("the statement reads no table, and the transaction runs there"),
                   "the transaction runs elsewhere");
        else
            choose(&router, catalog, HG_LIT("the statement reads no table"), "the statement reads no table");
        return true;
    }
    if (router.candidates == 0 && resolved->copies && has_other_backend(&router))
        return refuse_copy(&router, fault);
    if (router.candidates == 0)
        return refuse_no_backend(&router, text, fault);
    bool another = true;
    if (bound.first >= 0 && !choose_bound(&router, bound, &another, text, fault))
        return false;
    if (another)
        choose_preferred(&router, together);
    return true;
}
