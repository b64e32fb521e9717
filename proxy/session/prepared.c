/* A client's prepared statements and portals. Statements are counted by reference: one that was closed or
 * replaced while an answer about it is still to come lives until that answer came. A statement and its texts
 * are one allocation. */
#include "prepared.h"

#include "auditing.h"

#include <stdlib.h>
#include <time.h>

#include "arena.h"

#define NAME_BYTES 63u

void hg_prepared_init(struct hg_prepared *prepared, struct hg_contents *contents)
{
    *prepared = (struct hg_prepared){.contents = contents};
    hg_map_init(&prepared->statements);
    hg_map_init(&prepared->portals);
}

void hg_prepared_free(struct hg_prepared *prepared)
{
    hg_portal_close_all(prepared);
    hg_prepared_close_all(prepared);
    hg_prepared_close(prepared, HG_LIT(""));
}

/* ---- statements ---- */

/* What of a name counts, as in PostgreSQL: its first 63 bytes. */
static struct hg_slice key_of(struct hg_slice name)
{
    return hg_slice_of(name.ptr, name.len < NAME_BYTES ? name.len : NAME_BYTES);
}

static struct hg_slice append(char **at, struct hg_slice part)
{
    struct hg_slice copy = hg_slice_of(*at, part.len);

    if (part.len)
        memcpy(*at, part.ptr, part.len);
    *at += part.len;
    return copy;
}

struct hg_statement *hg_statement_new(struct hg_slice name, struct hg_slice text, struct hg_slice types)
{
    struct hg_statement *statement = hg_malloc(sizeof *statement + name.len + text.len + types.len);
    char *at = (char *)(statement + 1);

    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    *statement = (struct hg_statement){.references = 1, .backend = -1, .bound.first = -1};
    statement->made = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
    statement->name = append(&at, name);
    statement->text = append(&at, text);
    statement->types = append(&at, types);
    return statement;
}

struct hg_statement *hg_statement_hold(struct hg_statement *statement)
{
    statement->references++;
    return statement;
}

bool hg_statement_shows_rights(const struct hg_statement *statement)
{
    return (statement->sees | (statement->inner ? statement->inner->sees : 0)) & HG_SEES_RIGHTS;
}

void hg_statement_copies(struct hg_statement *statement, const struct hg_copy_in *plan)
{
    free(statement->copy_in);
    statement->copy_in = NULL;
    if (!plan)
        return;
    struct hg_copy_in *copy = hg_malloc(sizeof *copy + plan->null.len + plan->tenant_column.len);
    char *at = (char *)(copy + 1);
    *copy = *plan;
    copy->null = append(&at, plan->null);
    copy->tenant_column = append(&at, plan->tenant_column);
    statement->copy_in = copy;
}

void hg_statement_carries(struct hg_statement *statement, const uint16_t *columns, size_t count)
{
    free(statement->carriers);
    statement->carriers = NULL;
    statement->ncarriers = count;
    if (count == 0)
        return;
    statement->carriers = hg_malloc(count * sizeof *columns);
    memcpy(statement->carriers, columns, count * sizeof *columns);
}

void hg_statement_drop(struct hg_prepared *prepared, struct hg_statement *statement)
{
    if (!statement || --statement->references > 0)
        return;
    hg_contents_drop(prepared->contents, statement->content);
    free(statement->copy_in);
    free(statement->carriers);
    hg_statement_drop(prepared, statement->inner);
    hg_statement_drop(prepared, statement->before);
    free(statement);
}

struct hg_statement *hg_prepared_find(const struct hg_prepared *prepared, struct hg_slice name)
{
    return name.len ? hg_map_get(&prepared->statements, key_of(name)) : prepared->unnamed;
}

void hg_prepared_put(struct hg_prepared *prepared, struct hg_statement *statement)
{
    if (statement->name.len) {
        hg_map_put(&prepared->statements, key_of(statement->name), statement);
        prepared->bytes += statement->text.len;
        return;
    }
    statement->before = prepared->unnamed;
    prepared->unnamed = statement;
}

void hg_prepared_settle(struct hg_prepared *prepared, struct hg_statement *statement)
{
    hg_statement_drop(prepared, statement->before);
    statement->before = NULL;
    statement->settled = true;
}

bool hg_prepared_close(struct hg_prepared *prepared, struct hg_slice name)
{
    struct hg_statement *statement;

    if (name.len) {
        statement = hg_map_remove(&prepared->statements, key_of(name));
        prepared->bytes -= statement ? statement->text.len : 0;
    } else {
        statement = prepared->unnamed;
        prepared->unnamed = NULL;
    }
    hg_statement_drop(prepared, statement);
    return statement != NULL;
}

/* A later one may stand before it by now, which is withdrawn in its turn. */
static void withdraw_unnamed(struct hg_prepared *prepared, struct hg_statement *statement, bool skipped)
{
    statement->withdrawn = true;
    if (!skipped)
        hg_prepared_settle(prepared, statement);
    while (prepared->unnamed && prepared->unnamed->withdrawn) {
        struct hg_statement *last = prepared->unnamed;
        prepared->unnamed = last->before;
        last->before = NULL;
        hg_statement_drop(prepared, last);
    }
}

void hg_prepared_withdraw(struct hg_prepared *prepared, struct hg_statement *statement, bool skipped)
{
    if (skipped && statement->settled) /* it was to be parsed once more */
        return;
    if (statement->name.len == 0)
        withdraw_unnamed(prepared, statement, skipped);
    else if (hg_prepared_find(prepared, statement->name) == statement)
        hg_prepared_close(prepared, statement->name);
}

void hg_prepared_close_all(struct hg_prepared *prepared)
{
    size_t at = 0;
    struct hg_slice name;
    void *value;

    while (hg_map_next(&prepared->statements, &at, &name, &value))
        hg_statement_drop(prepared, value);
    hg_map_free(&prepared->statements);
    hg_map_init(&prepared->statements);
    prepared->bytes = 0;
}

/* ---- portals ---- */

void hg_tally_drop(struct hg_tally *tally)
{
    if (tally && --tally->references == 0)
        free(tally);
}

static void portal_free(struct hg_prepared *prepared, struct hg_portal *portal)
{
    if (!portal)
        return;
    hg_statement_drop(prepared, portal->statement);
    hg_bytes_free(&portal->bound);
    hg_tally_drop(portal->tally);
    hg_spoken_drop(portal->spoken);
    free(portal);
}

struct hg_portal *hg_portal_find(const struct hg_prepared *prepared, struct hg_slice name)
{
    return name.len ? hg_map_get(&prepared->portals, key_of(name)) : prepared->unnamed_portal;
}

struct hg_portal *hg_portal_put(struct hg_prepared *prepared, struct hg_slice name,
                                struct hg_statement *statement)
{
    struct hg_portal *portal = hg_malloc(sizeof *portal + name.len);
    char *at = (char *)(portal + 1);

    *portal = (struct hg_portal){.statement = hg_statement_hold(statement), .batch = prepared->batch};
    portal->name = append(&at, name);
    if (name.len) {
        hg_map_put(&prepared->portals, key_of(portal->name), portal);
    } else {
        portal_free(prepared, prepared->unnamed_portal);
        prepared->unnamed_portal = portal;
    }
    return portal;
}

void hg_portal_close(struct hg_prepared *prepared, struct hg_slice name)
{
    if (name.len) {
        portal_free(prepared, hg_map_remove(&prepared->portals, key_of(name)));
        return;
    }
    portal_free(prepared, prepared->unnamed_portal);
    prepared->unnamed_portal = NULL;
}

/* Goes through all portals and closes those that `goes` says. It may change the others. */
static void sift(struct hg_prepared *prepared, bool (*goes)(struct hg_portal *portal, uint64_t argument),
                 uint64_t argument)
{
    struct hg_map old = prepared->portals;
    size_t at = 0;
    struct hg_slice name;
    void *value;

    if (prepared->unnamed_portal && goes(prepared->unnamed_portal, argument))
        hg_portal_close(prepared, HG_LIT(""));
    if (old.room == 0)
        return;
    hg_map_init(&prepared->portals);
    while (hg_map_next(&old, &at, &name, &value)) {
        struct hg_portal *portal = value;
        if (goes(portal, argument))
            portal_free(prepared, portal);
        else
            hg_map_put(&prepared->portals, key_of(portal->name), portal);
    }
    hg_map_free(&old);
}

static bool goes_always(struct hg_portal *portal, uint64_t argument)
{
    (void)portal, (void)argument;
    return true;
}

void hg_portal_close_all(struct hg_prepared *prepared)
{
    sift(prepared, goes_always, 0);
}

static bool goes_with_batches(struct hg_portal *portal, uint64_t batch)
{
    if (portal->batch < batch && portal->hold)
        portal->kept = true;
    return portal->batch < batch && !portal->kept;
}

void hg_portals_end_batches(struct hg_prepared *prepared, uint64_t batch)
{
    sift(prepared, goes_with_batches, batch);
}

static bool goes_with_failure(struct hg_portal *portal, uint64_t batch)
{
    return portal->cursor && !portal->kept && portal->batch == batch;
}

void hg_portals_fail_batch(struct hg_prepared *prepared, uint64_t batch)
{
    sift(prepared, goes_with_failure, batch);
}

static bool goes_at_commit(struct hg_portal *portal, uint64_t argument)
{
    (void)argument;
    portal->kept |= portal->hold;
    return !portal->kept;
}

void hg_portals_commit(struct hg_prepared *prepared)
{
    sift(prepared, goes_at_commit, 0);
}

static bool goes_at_rollback(struct hg_portal *portal, uint64_t argument)
{
    (void)argument;
    return !portal->kept;
}

void hg_portals_rollback(struct hg_prepared *prepared)
{
    sift(prepared, goes_at_rollback, 0);
}

static bool goes_behind(struct hg_portal *portal, uint64_t mark)
{
    return !portal->kept && portal->mark > mark;
}

void hg_portals_back_to(struct hg_prepared *prepared, size_t mark)
{
    sift(prepared, goes_behind, mark);
}

static bool moves_to(struct hg_portal *portal, uint64_t mark)
{
    if (portal->mark > mark)
        portal->mark = mark;
    return false;
}

void hg_portals_release(struct hg_prepared *prepared, size_t mark)
{
    sift(prepared, moves_to, mark);
}

static bool is_left(struct hg_portal *portal, uint64_t backend)
{
    return !portal->cursor && !portal->kept && portal->backend == (int)backend;
}

void hg_portals_leave(struct hg_prepared *prepared, int backend)
{
    sift(prepared, is_left, (uint64_t)backend);
}

void hg_portals_withdraw(struct hg_prepared *prepared, const struct hg_statement *statement)
{
    size_t at = 0;
    struct hg_slice name;
    void *value;

    while (hg_map_next(&prepared->portals, &at, &name, &value)) {
        const struct hg_portal *portal = value;
        if (portal->cursor && !portal->kept && portal->statement == statement) {
            hg_portal_close(prepared, portal->name);
            return;
        }
    }
}

/* ---- cursors WITH HOLD ---- */

static bool is_open_on(const struct hg_portal *portal, int backend)
{
    return portal->hold && !portal->gone && (backend < 0 || portal->backend == backend);
}

bool hg_portals_hold(const struct hg_prepared *prepared, int backend)
{
    size_t at = 0;
    struct hg_slice name;
    void *value;

    while (hg_map_next(&prepared->portals, &at, &name, &value))
        if (is_open_on(value, backend))
            return true;
    return false;
}

void hg_portals_are_gone(struct hg_prepared *prepared, int backend, const char *why)
{
    size_t at = 0;
    struct hg_slice name;
    void *value;

    while (hg_map_next(&prepared->portals, &at, &name, &value))
        if (is_open_on(value, backend))
            ((struct hg_portal *)value)->gone = why;
}
