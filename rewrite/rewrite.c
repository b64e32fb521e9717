/* The pipeline, for all statements of one text.
 *
 *   parse -> classify -> guard -> resolve   each statement by itself: what does it mean, read and write?
 *   route                                   in order: a transaction stays on its first backend where it can
 *   restrict -> print -> verify -> fill     the text for that backend
 *
 * What is resolved is a query: a SELECT, INSERT, UPDATE or DELETE. It is sent by itself, or inside of the
 * statement that carries it.
 *
 * A verdict is HG_REFUSE from its making until its text has passed verify; each step that fails leaves it so,
 * with its fault. */
#include <stdlib.h>

#include "build.h"
#include "cache.h"
#include "guard.h"
#include "lexical.h"
#include "path_track.h"
#include "reflect.h"
#include "restrict.h"
#include "route.h"
#include "tree.h"
#include "verify.h"

/* What a text may cost, in proportion to its length: what costs much must at least be long. */
#define TREE_FIRST       ((size_t)2 << 20) /* bytes of memory for its tree */
#define TREE_PER_BYTE    ((size_t)512)
#define TREE_MOST        ((size_t)64 << 20)
#define PRINTED_FIRST    ((size_t)128 << 10) /* bytes of the texts that are made of it */
#define PRINTED_PER_BYTE ((size_t)16)
#define PRINTED_MOST     ((size_t)8 << 20)

struct hg_rewriter {
    struct hg_cache *cache;
    uint64_t verify_failures;
};

/* One statement on its way. */
struct statement {
    PgQuery__Node *node;  /* as parsed: the query, or what carries it */
    PgQuery__Node *query; /* to resolve; NULL: refused, or answered without one */
    struct hg_carrier carrier;
    struct hg_resolved resolved;
    uint32_t candidates;
    uint32_t together; /* the backends that would do for it and all others until the transaction ends */
};

struct work {
    struct hg_rewriter *rewriter;
    const struct hg_context *context;
    struct hg_slice text;
    struct hg_outline *outline; /* of the text */
    struct hg_arena *arena;
    struct hg_path_track path;
    struct statement *statements;
    struct hg_outcome *outcomes;
    size_t count;
    struct hg_scope_budget budget;
    size_t printed; /* bytes of text made so far */
    struct hg_slice *notices;
    size_t nnotices;
};

struct hg_rewriter *hg_rewriter_new(size_t cache_bytes)
{
    struct hg_rewriter *rewriter = hg_calloc(1, sizeof(*rewriter));
    rewriter->cache = hg_cache_new(cache_bytes);
    return rewriter;
}

void hg_rewriter_free(struct hg_rewriter *rewriter)
{
    if (!rewriter)
        return;
    hg_cache_free(rewriter->cache);
    free(rewriter);
}

struct hg_rewriter_stats hg_rewriter_stats(const struct hg_rewriter *rewriter)
{
    struct hg_rewriter_stats stats = {.verify_failures = rewriter->verify_failures};
    hg_cache_stats(rewriter->cache, &stats);
    return stats;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The statement's own part of the text, without the white space around it. */
static struct hg_slice source_of(const PgQuery__RawStmt *raw, struct hg_slice text)
{
    size_t from = raw->stmt_location > 0 ? (size_t)raw->stmt_location : 0;
    size_t to = raw->stmt_len > 0 ? from + (size_t)raw->stmt_len : text.len;
    if (from > text.len || to > text.len)
        return text;
    while (from < to && is_space(text.ptr[from]))
        from++;
    while (to > from && is_space(text.ptr[to - 1]))
        to--;
    return hg_slice_of(text.ptr + from, to - from);
}

/* How the rows of a COPY FROM come, now that its table is known. */
static const struct hg_copy_in *plan_of_copy(struct work *work, const struct hg_copy_in *options,
                                             const struct hg_write *write)
{
    struct hg_copy_in *plan = HG_NEW(work->arena, struct hg_copy_in);
    *plan = *options;
    plan->prefixed = write->gets_tenant;
    plan->tenant_column = hg_arena_slice(work->arena, write->view->table->tenant_column);
    return plan;
}

/* Its arguments are the catalog's to compute; what it sets may be the search_path of what follows. */
static void ask_catalog(struct work *work, struct statement *statement, const struct hg_verdict *verdict)
{
    if (!statement->resolved.need.what.len)
        statement->resolved.need = (struct hg_catalog_need){statement->carrier.function, -1};
    if (verdict->setting.len)
        hg_path_track_forget(&work->path);
}

/* What does it mean, what does it read? */
static void analyse(struct work *work, size_t i, PgQuery__RawStmt *raw)
{
    struct statement *statement = &work->statements[i];
    struct hg_verdict *verdict = &work->outcomes[i].verdict;
    struct hg_context context = *work->context;
    PgQuery__Node *query = NULL;
    context.search_path = work->path.now;
    verdict->source = source_of(raw, work->text);
    statement->node = raw->stmt;
    if (!hg_classify(raw->stmt, work->text, &context, work->arena, verdict, &query, &statement->carrier)) {
        verdict->kind = HG_REFUSE;
        return;
    }
    if (!query && statement->carrier.kind != HG_CARRIER_CURSOR) { /* answered here */
        hg_path_track_step(&work->path, verdict);
        return;
    }
    verdict->kind = HG_REFUSE;
    if (!query)
        return;
    if (statement->carrier.kind == HG_CARRIER_NONE && work->count == 1)
        hg_outline_find_free(work->outline, query);
    if (statement->carrier.kind == HG_CARRIER_PREPARE)
        context.extended = true;
    if (statement->carrier.kind == HG_CARRIER_EXECUTE)
        context.extended = false;
    bool resolved = hg_guard(query, work->text, &context, work->arena, &verdict->fault) &&
                    hg_resolve(query, &context, work->text, &work->budget, work->arena, &statement->resolved,
                               &verdict->fault);
    work->outcomes[i].fleeting = verdict->fleeting = statement->resolved.fleeting;
    if (!resolved)
        return;
    if (verdict->copy_in)
        verdict->copy_in = plan_of_copy(work, verdict->copy_in, statement->resolved.writes);
    statement->query = query;
    if (statement->carrier.kind == HG_CARRIER_ACT)
        ask_catalog(work, statement, verdict);
    statement->resolved.copies = statement->carrier.kind == HG_CARRIER_COPY;
    statement->candidates = hg_route_candidates(&statement->resolved, work->context->snapshot->config);
    work->outcomes[i].personal = statement->resolved.personal;
}

static bool ends_transaction(const struct hg_verdict *verdict)
{
    return verdict->statement == HG_STMT_COMMIT || verdict->statement == HG_STMT_ROLLBACK;
}

/* Only the session knows where. */
static bool runs_elsewhere(const struct statement *statement)
{
    return statement->carrier.kind == HG_CARRIER_CURSOR || statement->carrier.kind == HG_CARRIER_EXECUTE;
}

/* From the last statement to the first: which backends would do for all from there to the end of the
 * transaction? */
static void find_together(struct work *work)
{
    uint32_t mask = UINT32_MAX;
    for (size_t i = work->count; i-- > 0;) {
        if (ends_transaction(&work->outcomes[i].verdict))
            mask = UINT32_MAX;
        else if (work->statements[i].query && !runs_elsewhere(&work->statements[i]))
            mask &= work->statements[i].candidates;
        work->statements[i].together = mask;
    }
}

static void name_internal(struct hg_verdict *verdict, const struct hg_table *table)
{
    size_t known = 0;
    if (hg_slice_equal(table->physical_name, table->name))
        return;
    while (known < verdict->ninternal &&
           !hg_slice_equal(verdict->internal_names[2 * known], table->physical_name))
        known++;
    if (known < verdict->ninternal)
        return;
    verdict->internal_names[2 * known] = table->physical_name;
    verdict->internal_names[2 * known + 1] = table->name;
    verdict->ninternal++;
}

static void name_internals(struct work *work, const struct hg_resolved *resolved, struct hg_verdict *verdict)
{
    size_t most = resolved->nreferences + resolved->nwrites;
    verdict->internal_names = HG_NEW_ARRAY(work->arena, struct hg_slice, 2 * most);
    for (const struct hg_reference *one = resolved->references; one; one = one->next)
        if (one->view)
            name_internal(verdict, one->view->table);
    for (const struct hg_write *one = resolved->writes; one; one = one->next)
        name_internal(verdict, one->view->table);
}

/* Many short statements over wide tables make long texts. */
static bool may_print(struct work *work, size_t bytes, struct hg_fault *fault)
{
    size_t most = PRINTED_FIRST + work->text.len * PRINTED_PER_BYTE;
    work->printed += bytes;
    if (work->printed <= (most < PRINTED_MOST ? most : PRINTED_MOST))
        return true;
    return hg_fault_set(fault, work->arena, HG_STATEMENT_TOO_COMPLEX, "statement is too complex");
}

/* restrict -> print -> verify -> fill. The verdict's sql is set only when all of it held. */
static bool make_text(struct work *work, size_t i, const PgQuery__Node *meant, int backend, bool catalog)
{
    const struct hg_context *context = work->context;
    struct hg_outcome *outcome = &work->outcomes[i];
    struct hg_verdict *verdict = &outcome->verdict;
    enum hg_dialect dialect = context->snapshot->config->backends[backend].dialect;
    struct hg_printed printed;
    struct hg_slice sql;
    if (!may_print(work, 0, &verdict->fault))
        return false;
    if (!hg_restrict(&work->statements[i].resolved, context, catalog ? HG_FOR_CATALOG : HG_FOR_DATA,
                     work->arena, &verdict->fault))
        return false;
    if (!hg_print(meant, dialect, hg_template_is_hole, work->outline, work->arena, &printed,
                  &verdict->fault)) {
        if (printed.nmarks)
            verdict->fault.position = hg_position_of(work->text, printed.marks[printed.nmarks - 1].source);
        return false;
    }
    if (!may_print(work, printed.sql.len, &verdict->fault))
        return false;
    if (!hg_verify(printed.sql, meant, context, backend, work->arena, &verdict->fault)) {
        work->rewriter->verify_failures++;
        return false;
    }
    hg_template_make(&printed, context, work->outline, work->arena, &outcome->made);
    outcome->free = hg_template_literals(&outcome->made, context);
    if (!hg_template_fill(&outcome->made, context, work->outline, dialect, work->arena, &sql,
                          &verdict->positions) ||
        !hg_slice_equal(sql, printed.sql)) {
        work->rewriter->verify_failures++;
        return hg_fault_set(&verdict->fault, work->arena, HG_INTERNAL_ERROR,
                            "the rewritten statement is not what was proved");
    }
    verdict->sql = sql;
    return true;
}

/* EXPLAIN (REWRITE): the answer is made here. */
static void explain_rewrite(struct work *work, struct hg_verdict *verdict, const struct hg_route *route)
{
    const char *backend = work->context->snapshot->config->backends[route->backend].name;
    verdict->rows = HG_NEW_ARRAY(work->arena, struct hg_slice, route->nreasons + 2);
    verdict->rows[verdict->nrows++] = hg_arena_printf(work->arena, "Backend: %s", backend);
    for (size_t i = 0; i < route->nreasons; i++)
        verdict->rows[verdict->nrows++] =
            hg_arena_printf(work->arena, "Reason: %.*s", HG_SLICE_FMT(route->reasons[i]));
    verdict->rows[verdict->nrows++] = hg_arena_printf(work->arena, "SQL: %.*s", HG_SLICE_FMT(verdict->sql));
    verdict->kind = HG_LOCAL;
    verdict->statement = HG_STMT_EXPLAIN_REWRITE;
    verdict->tag = "EXPLAIN";
    verdict->sql = (struct hg_slice){0};
    verdict->positions = NULL;
}

/* EXPLAIN runs over the empty tables of the catalog backend, whose plans tell of nobody's data. */
static void route_explain(struct work *work, struct hg_route *route)
{
    const struct hg_config *config = work->context->snapshot->config;
    const char *other = config->backends[route->backend].name;
    bool elsewhere = !route->catalog;
    struct hg_slice *reasons = HG_NEW_ARRAY(work->arena, struct hg_slice, 2);
    reasons[0] =
        hg_arena_printf(work->arena, "%s: EXPLAIN is answered over the empty tables of the logical schema",
                        config->catalog->name);
    reasons[1] = hg_arena_printf(work->arena, "not %s: the statement itself would run there", other);
    *route = (struct hg_route){hg_context_catalog(work->context), true, reasons, elsewhere ? 2 : 1};
}

struct blindness {
    const struct hg_table_view *view;
    bool found;
};

static enum hg_walk find_hidden(ProtobufCMessage *message, ProtobufCMessage *parent,
                                const ProtobufCFieldDescriptor *field, void *argument)
{
    struct blindness *blindness = argument;
    (void)parent;
    (void)field;
    if (message->descriptor != &pg_query__column_ref__descriptor)
        return HG_WALK_INTO;
    const PgQuery__ColumnRef *ref = (const PgQuery__ColumnRef *)message;
    int at = ref->n_fields == 1 ? hg_table_column(blindness->view->table, hg_string_of(ref->fields[0])) : -1;
    blindness->found |= at >= 0 && blindness->view->columns[at].hidden;
    return HG_WALK_INTO;
}

/* Is a column shown that is made of a hidden one, which the role's catalog does not have? */
static bool shows_hidden(const struct hg_table_view *view)
{
    struct blindness blindness = {view, false};
    for (size_t i = 0; i < view->table->ncolumns; i++)
        if (view->columns[i].mask && !view->columns[i].hidden)
            blindness.found |= !hg_tree_walk((ProtobufCMessage *)&view->columns[i].mask->base, 1000,
                                             find_hidden, &blindness);
    return blindness.found;
}

static bool may_explain_table(struct work *work, const struct hg_table_view *view,
                              const PgQuery__RangeVar *range, struct hg_fault *fault)
{
    if (!view || !view->columns || !shows_hidden(view))
        return true;
    hg_fault_set(fault, work->arena, HG_FEATURE_NOT_SUPPORTED, "EXPLAIN of table %.*s is not supported",
                 HG_SLICE_FMT(view->table->name));
    if (range->location >= 0)
        fault->position = hg_position_of(work->text, (size_t)range->location);
    return false;
}

/* Replaced for the name of the database alone: it costs what the relation itself costs. */
static bool is_only_named(const char *replacement)
{
    return strstr(replacement, "$database") && !strstr(replacement, "$user") &&
           !strstr(replacement, " WHERE ");
}

/* The costs of reading a relation that is replaced tell how many databases and roles the server has. */
static bool may_explain(struct work *work, const struct hg_resolved *resolved, struct hg_fault *fault)
{
    for (const struct hg_write *one = resolved->writes; one; one = one->next)
        if (!may_explain_table(work, one->view, one->range, fault))
            return false;
    for (const struct hg_reference *one = resolved->references; one; one = one->next) {
        if (!may_explain_table(work, one->view, one->range, fault))
            return false;
        if (!one->catalog || !one->catalog->replacement || is_only_named(one->catalog->replacement))
            continue;
        hg_fault_set(fault, work->arena, HG_FEATURE_NOT_SUPPORTED,
                     "EXPLAIN of system relation %s.%s is not supported", one->catalog->schema,
                     one->catalog->name);
        if (one->range->location >= 0)
            fault->position = hg_position_of(work->text, (size_t)one->range->location);
        return false;
    }
    return true;
}

/* What is sent: the statement around the query, or the query alone. */
static const PgQuery__Node *meant_by(const struct statement *statement)
{
    switch (statement->carrier.kind) {
    case HG_CARRIER_EXPLAIN:
    case HG_CARRIER_COPY:
    case HG_CARRIER_DECLARE:
    case HG_CARRIER_EXECUTE:
    case HG_CARRIER_CURSOR:
        return statement->node;
    case HG_CARRIER_NONE:
    case HG_CARRIER_REWRITE:
    case HG_CARRIER_PREPARE:
    case HG_CARRIER_ACT:
        break;
    }
    return statement->query;
}

static void bind(struct hg_binding *bound, const struct hg_verdict *verdict)
{
    if (bound->first < 0)
        bound->first = verdict->backend;
    else if (verdict->backend != bound->first)
        bound->others |= UINT32_C(1) << verdict->backend;
    if ((verdict->writes || verdict->hold) && verdict->statement != HG_STMT_PREPARE)
        bound->written |= UINT32_C(1) << verdict->backend;
}

static unsigned sees(const struct hg_resolved *resolved)
{
    static const struct {
        const char *relation;
        enum hg_sees sees;
    } sights[] = {{"pg_stat_activity", HG_SEES_SESSIONS},
                  {"pg_settings", HG_SEES_SETTINGS},
                  {"pg_prepared_statements", HG_SEES_STATEMENTS}};
    unsigned found = resolved->sees | (resolved->access == HG_ACCESS_SHOWN ? HG_SEES_RIGHTS : 0);
    for (const struct hg_reference *one = resolved->references; one; one = one->next)
        for (size_t i = 0; one->catalog && i < sizeof sights / sizeof sights[0]; i++)
            if (strcmp(one->catalog->name, sights[i].relation) == 0)
                found |= sights[i].sees;
    return found;
}

/* Routes and rewrites one query; *bound are the data backends of the transaction so far. */
static void finish(struct work *work, size_t i, struct hg_binding *bound)
{
    struct statement *statement = &work->statements[i];
    struct hg_verdict *verdict = &work->outcomes[i].verdict;
    struct hg_route route;
    uint32_t together = bound->first < 0 ? statement->together : 0;
    if (!hg_route_statement(&statement->resolved, work->context, *bound, together, work->text, work->arena,
                            &route, &verdict->fault))
        return;
    bool explain = statement->carrier.kind == HG_CARRIER_EXPLAIN;
    if (explain && !may_explain(work, &statement->resolved, &verdict->fault))
        return;
    if (explain)
        route_explain(work, &route);
    if (route.catalog || statement->resolved.nwrites || statement->resolved.locks)
        work->outline->free = 0; /* of rows that are read alone */
    if (!make_text(work, i, meant_by(statement), route.backend, route.catalog))
        return;
    if (statement->carrier.kind == HG_CARRIER_REWRITE) {
        explain_rewrite(work, verdict, &route);
        return;
    }
    verdict->kind = statement->carrier.kind == HG_CARRIER_ACT ? HG_LOCAL : HG_FORWARD;
    verdict->backend = route.backend;
    verdict->uses_catalog = route.catalog;
    verdict->sees = sees(&statement->resolved);
    verdict->fleeting = statement->resolved.fleeting;
    verdict->writes = !explain && (statement->resolved.nwrites || statement->resolved.locks);
    verdict->timed = !explain && statement->resolved.timed;
    verdict->own_time = statement->resolved.own_time;
    verdict->dated = statement->resolved.dated;
    verdict->localized = statement->resolved.localized;
    if (!explain && statement->resolved.nwrites == 1)
        verdict->written = statement->resolved.writes->view->table;
    verdict->reasons = route.reasons;
    verdict->nreasons = route.nreasons;
    verdict->held = hg_route_held(&statement->resolved);
    if (!route.catalog) {
        bind(bound, verdict);
        name_internals(work, &statement->resolved, verdict);
    }
}

/* What is proved for a data backend may be sent to the catalog, too. */
static int some_data_backend(const struct hg_context *context)
{
    const struct hg_config *config = context->snapshot->config;
    for (size_t i = 0; i < config->nbackends; i++)
        if (!hg_config_is_catalog(config, i) && config->backends[i].dialect == HG_DIALECT_POSTGRESQL)
            return (int)i;
    return hg_context_catalog(context);
}

/* FETCH, MOVE, CLOSE and EXECUTE: the text, to be sent to where the cursor or the statement is. */
static void finish_elsewhere(struct work *work, size_t i)
{
    struct statement *statement = &work->statements[i];
    struct hg_verdict *verdict = &work->outcomes[i].verdict;
    int own_catalog = hg_context_catalog(work->context);
    bool catalog = statement->query && statement->resolved.need.what.len;
    int backend = catalog ? own_catalog : some_data_backend(work->context);
    if (hg_fault_is_set(&verdict->fault) || !make_text(work, i, meant_by(statement), backend, catalog))
        return;
    verdict->kind = HG_FORWARD;
    verdict->backend = own_catalog;
    verdict->uses_catalog = catalog;
    verdict->timed = statement->resolved.timed;
    verdict->own_time = statement->resolved.own_time;
    verdict->dated = statement->resolved.dated;
    verdict->localized = statement->resolved.localized;
}

static void run(struct work *work, const PgQuery__ParseResult *result)
{
    struct hg_binding bound = work->context->bound;
    for (size_t i = 0; i < work->count; i++)
        analyse(work, i, result->stmts[i]);
    find_together(work);
    for (size_t i = 0; i < work->count; i++) {
        if (ends_transaction(&work->outcomes[i].verdict))
            bound = (struct hg_binding){.first = -1, .spreads = work->context->bound.spreads};
        else if (runs_elsewhere(&work->statements[i]))
            finish_elsewhere(work, i);
        else if (work->statements[i].query)
            finish(work, i, &bound);
    }
}

/* A text that is refused as a whole, or is empty, has one outcome. */
static void run_whole(struct work *work, const struct hg_fault *fault)
{
    work->count = 1;
    work->outcomes = HG_NEW(work->arena, struct hg_outcome);
    struct hg_verdict *verdict = &work->outcomes->verdict;
    verdict->source = work->text;
    verdict->statement = fault ? HG_STMT_QUERY : HG_STMT_EMPTY;
    verdict->kind = fault ? HG_REFUSE : HG_LOCAL;
    verdict->tag = "";
    if (fault)
        verdict->fault = *fault;
}

static size_t tree_memory(struct hg_slice text)
{
    size_t most = TREE_FIRST + text.len * TREE_PER_BYTE;
    return most < TREE_MOST ? most : TREE_MOST;
}

/* Of the character at a position, from 1: the offset behind its first byte. */
static size_t offset_behind(struct hg_slice text, uint32_t position)
{
    size_t at = 0;
    for (uint32_t seen = 0; at < text.len && seen < position; at++)
        seen += ((uint8_t)text.ptr[at] & 0xc0) != 0x80;
    return position ? at : text.len;
}

/* The lexer is through with the text up to there. */
static void note_names(struct work *work, size_t end)
{
    work->nnotices = hg_lexical_truncated(work->text, end, work->arena, &work->notices);
}

static void rewrite_text(struct work *work)
{
    const struct hg_config *config = work->context->snapshot->config;
    struct hg_tree_limits limits = {.max_bytes = config->max_statement_bytes,
                                    .max_nesting = config->max_nesting,
                                    .max_memory = tree_memory(work->text)};
    struct hg_fault fault = {0};
    struct hg_tree tree;
    if (!hg_tree_open(&tree, work->text, &limits, work->arena, &fault)) {
        if (memcmp(fault.sqlstate, HG_SYNTAX_ERROR, 5) == 0)
            note_names(work, offset_behind(work->text, fault.position));
        run_whole(work, &fault);
        return;
    }
    note_names(work, work->text.len);
    work->count = tree.result->n_stmts;
    if (work->count == 0) {
        run_whole(work, NULL);
    } else if (work->context->extended && work->count > 1) {
        hg_fault_set(&fault, work->arena, HG_SYNTAX_ERROR,
                     "cannot insert multiple commands into a prepared statement");
        run_whole(work, &fault);
    } else {
        work->statements = HG_NEW_ARRAY(work->arena, struct statement, work->count);
        work->outcomes = HG_NEW_ARRAY(work->arena, struct hg_outcome, work->count);
        work->budget = hg_resolve_budget(work->text);
        run(work, tree.result);
    }
    hg_tree_close(&tree);
}

static void give_verdicts(const struct work *work, struct hg_verdicts *verdicts)
{
    *verdicts = (struct hg_verdicts){.list = HG_NEW_ARRAY(work->arena, struct hg_verdict, work->count),
                                     .count = work->count,
                                     .notices = work->notices,
                                     .nnotices = work->nnotices};
    for (size_t i = 0; i < work->count; i++) {
        verdicts->list[i] = work->outcomes[i].verdict;
        if (verdicts->list[i].kind != HG_REFUSE || verdicts->refused)
            continue;
        verdicts->refused = true;
        verdicts->first_refusal = i;
    }
}

void hg_rewrite(struct hg_rewriter *rewriter, const struct hg_context *context, struct hg_slice text,
                struct hg_arena *arena, struct hg_verdicts *verdicts)
{
    struct work work = {.rewriter = rewriter, .context = context, .text = text, .arena = arena};
    work.path = hg_path_track_of(context);
    work.outline = HG_NEW(arena, struct hg_outline); /* verdicts point to it */
    hg_outline_make(work.outline, text, arena);
    if (hg_cache_get(rewriter->cache, context, work.outline, arena, verdicts))
        return;
    rewrite_text(&work);
    if (!work.nnotices) /* which are said each time */
        hg_cache_put(rewriter->cache, context, work.outline, work.outcomes, work.count);
    give_verdicts(&work, verdicts);
}
