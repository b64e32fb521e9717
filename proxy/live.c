/* The course of `headgate check --live`: backend by backend, question by question.
 *
 * Each backend is asked by the user that Headgate itself logs in as, so that what is found is what that user
 * can do; nothing is changed (the connection is read-only, but for the catalog's, whose one transaction is
 * rolled back). A question that cannot be asked is an error, not a silence. */
#include "live.h"

#include <stdio.h>
#include <unistd.h>

#include "catalog.h"
#include "ddl.h"
#include "json.h"
#include "walls.h"

/* ---- saying ---- */

static void write_plain(struct hg_bytes *out, struct hg_slice text)
{
    for (size_t i = 0; i < text.len; i++)
        hg_write_u8(out, (unsigned char)text.ptr[i] < ' ' ? ' ' : (uint8_t)text.ptr[i]);
}

/* The catalog of one role. */
static bool is_of_role(const struct hg_live *live)
{
    return live->backend->index >= live->snapshot->config->nbackends;
}

void hg_live_report(struct hg_live *live, enum hg_severity severity, struct hg_slice object,
                    struct hg_slice text, const char *hint)
{
    static const char *const words[] = {[HG_NOTE] = "note", [HG_WARNING] = "warning", [HG_ERROR] = "error"};

    hg_write_format(live->report, "%s: backend \"%s\"", live->path, live->backend->name);
    if (is_of_role(live))
        hg_write_format(live->report, ", database \"%s\"", live->backend->database);
    hg_write_format(live->report, ": %s: ", words[severity]);
    write_plain(live->report, object);
    hg_write_text(live->report, object.len ? ": " : "");
    write_plain(live->report, text);
    hg_write_format(live->report, hint ? " (hint: %s)\n" : "\n", hint);
    live->errors += severity == HG_ERROR;
    live->warnings += severity == HG_WARNING;
}

static void report_fault(struct hg_live *live, struct hg_slice object, const struct hg_fault *fault)
{
    hg_live_report(live, HG_ERROR, object,
                   hg_arena_printf(&live->arena, "%s: %.*s", fault->sqlstate, HG_SLICE_FMT(fault->message)),
                   fault->hint.len ? hg_arena_cstr(&live->arena, fault->hint) : NULL);
}

void hg_live_progress(const struct hg_live *live, const char *id)
{
    if (!isatty(STDERR_FILENO))
        return;
    if (id)
        fprintf(stderr, "\r\033[Kbackend %s, database %s: %s", live->backend->name, live->backend->database,
                id);
    else
        fputs("\r\033[K", stderr);
    fflush(stderr);
}

/* ---- asking ---- */

void hg_live_ask(struct hg_live *live, const struct hg_live_check *check, struct hg_slice sql)
{
    struct hg_result result;
    struct hg_fault fault;

    hg_live_progress(live, check->id);
    if (!hg_blocking_query(live->blocking, sql, &live->arena, &result, &fault)) {
        report_fault(live, hg_arena_printf(&live->arena, "cannot ask about %s", check->id), &fault);
        return;
    }
    for (size_t i = 0; i < result.nrows && result.ncolumns == 2; i++)
        hg_live_report(live, check->severity, result.rows[i][0], result.rows[i][1], check->hint);
}

static struct hg_slice with_prelude(struct hg_live *live, const char *query)
{
    return hg_arena_printf(&live->arena, "%s%s", hg_live_prelude, query);
}

static bool is_catalog(const struct hg_live *live)
{
    return hg_config_is_catalog(live->snapshot->config, live->backend->index);
}

static bool is_asked(const struct hg_live *live, const struct hg_live_check *check)
{
    bool catalog = is_catalog(live);

    if (check->where & HG_LIVE_WALLS)
        return live->backend->walls;
    if ((check->where & HG_LIVE_ONCE) && is_of_role(live))
        return false;
    return check->where & (catalog ? HG_LIVE_CATALOG : HG_LIVE_DATA);
}

/* ---- what is wanted, as JSON ---- */

static void write_member(struct hg_bytes *out, const char *name, struct hg_slice text)
{
    hg_write_format(out, ",\"%s\":", name);
    if (text.ptr)
        hg_write_json(out, text);
    else
        hg_write_text(out, "null");
}

static const char *truth(bool value)
{
    return value ? "true" : "false";
}

static void write_table(struct hg_bytes *out, size_t number, const struct hg_need *need)
{
    const struct hg_table *table = need->table;
    unsigned any = hg_need_any(need);

    hg_write_format(out, "%s{\"t\":%zu", number ? "," : "", number);
    write_member(out, "schema", table->physical_schema);
    write_member(out, "name", table->physical_name);
    write_member(out, "tenant", table->shared ? hg_slice_of(NULL, 0) : table->tenant_column);
    hg_write_format(out, ",\"walled\":%s,\"inserts\":%s,\"updates\":%s,\"deletes\":%s,\"global_key\":%s}",
                    truth(table->walled), truth(any & HG_NEED_INSERT), truth(any & HG_NEED_UPDATE),
                    truth(need->deletes), truth(table->global_key));
}

static void write_column(struct hg_bytes *out, size_t number, const struct hg_column *column, unsigned need)
{
    const struct hg_type *type = &column->type;

    hg_write_format(out, "{\"t\":%zu", number);
    write_member(out, "col", column->name);
    write_member(out, "type", type->text);
    write_member(out, "type_schema", type->schema);
    write_member(out, "type_name", type->name);
    hg_write_format(out, ",\"is_array\":%s,\"not_null\":%s,\"declared\":true,\"need\":%u},",
                    truth(type->array), truth(column->not_null), need);
}

static void write_columns(struct hg_bytes *out, size_t number, const struct hg_need *need)
{
    for (size_t i = 0; i < need->table->ncolumns; i++)
        write_column(out, number, &need->table->columns[i], need->columns[i]);
    if (!need->tenant)
        return;
    hg_write_format(out, "{\"t\":%zu", number);
    write_member(out, "col", need->table->tenant_column);
    hg_write_format(out, ",\"declared\":false,\"need\":%u},", need->tenant);
}

static void write_names(struct hg_bytes *out, const char *name, const struct hg_slice *list, size_t count)
{
    hg_write_format(out, ",\"%s\":[", name);
    for (size_t i = 0; i < count; i++) {
        hg_write_text(out, i ? "," : "");
        hg_write_json(out, list[i]);
    }
    hg_write_u8(out, ']');
}

static void write_wanted(const struct hg_live *live, struct hg_bytes *out)
{
    const struct hg_needs *needs = &live->needs;

    hg_write_text(out, "{\"tables\":[");
    for (size_t i = 0; i < needs->count; i++)
        write_table(out, i, &needs->list[i]);
    hg_write_text(out, "],\"columns\":[");
    for (size_t i = 0; i < needs->count; i++)
        write_columns(out, i, &needs->list[i]);
    if (out->data[out->len - 1] == ',')
        out->len--;
    hg_write_u8(out, ']');
    write_names(out, "schemas", needs->schemas, needs->nschemas);
    hg_write_text(out, ",\"tenants\":[");
    for (size_t i = 0; i < live->snapshot->ntenants; i++) {
        hg_write_text(out, i ? "," : "");
        hg_write_json(out, live->snapshot->tenants[i].value);
    }
    hg_write_text(out, "]}");
}

static bool tell_wanted(struct hg_live *live)
{
    struct hg_bytes wanted, sql;
    struct hg_result unused;
    struct hg_fault fault;

    hg_bytes_init(&wanted, 0);
    hg_bytes_init(&sql, 0);
    write_wanted(live, &wanted);
    hg_write_text(&sql,
                  "SET default_transaction_read_only = on; SET statement_timeout = '5min';"
                  " SET search_path = pg_catalog; SET jit = off; SELECT set_config('headgate.wanted', ");
    hg_ddl_literal(&sql, hg_bytes_slice(&wanted));
    hg_write_format(&sql, ", false), set_config('headgate.walls', '%s', false),",
                    live->backend->walls ? "on" : "off");
    hg_write_format(&sql, " set_config('headgate.connections', '%u', false)",
                    hg_walls_pool_sizes(live->snapshot->config, live->backend));
    bool done = hg_blocking_query(live->blocking, hg_bytes_slice(&sql), &live->arena, &unused, &fault);
    if (!done)
        report_fault(live, HG_LIT("cannot ask"), &fault);
    hg_bytes_free(&wanted);
    hg_bytes_free(&sql);
    return done;
}

/* ---- tenants' values ---- */

/* Values that are no value of a tenant column's type fail the statements of their tenants. */
static void check_values(struct hg_live *live)
{
    static const char types[] =
        "SELECT format_type(base, -1), string_agg(label, ', ' ORDER BY t) FROM walls"
        " WHERE base <> ALL (ARRAY['text', 'varchar', 'bpchar']::regtype[]) GROUP BY base";
    static const char try_type[] =
        "SELECT count(v::%.*s) FROM given, json_array_elements_text(j -> 'tenants') v";
    struct hg_result result, unused;
    struct hg_fault fault;

    hg_live_progress(live, "tenant values");
    if (!hg_blocking_query(live->blocking, with_prelude(live, types), &live->arena, &result, &fault)) {
        report_fault(live, HG_LIT("cannot ask about tenant columns"), &fault);
        return;
    }
    for (size_t i = 0; i < result.nrows; i++) {
        const char *query = hg_arena_printf(&live->arena, try_type, HG_SLICE_FMT(result.rows[i][0])).ptr;
        if (!hg_blocking_query(live->blocking, with_prelude(live, query), &live->arena, &unused, &fault))
            hg_live_report(
                live, HG_ERROR, hg_arena_printf(&live->arena, "table %.*s", HG_SLICE_FMT(result.rows[i][1])),
                hg_arena_printf(&live->arena, "a tenant's value does not fit the tenant column: %.*s",
                                HG_SLICE_FMT(fault.message)),
                "tenants' values in the policy must be of the column's type");
    }
}

/* ---- the catalog ---- */

static void check_catalog(struct hg_live *live)
{
    struct hg_catalog_outcome outcome;
    struct hg_diags left_out;

    hg_live_progress(live, "the catalog database");
    hg_diags_init(&left_out); /* `headgate catalog` has told of them */
    bool done = hg_catalog_bring(live->snapshot, live->backend, false, &live->arena, &outcome, &left_out);
    hg_diags_free(&left_out);
    if (!done) {
        report_fault(live, hg_arena_printf(&live->arena, "while %s", outcome.doing), &outcome.fault);
        return;
    }
    for (struct hg_slice rest = outcome.changes; rest.len;) {
        const char *end = memchr(rest.ptr, '\n', rest.len);
        size_t len = end ? (size_t)(end - rest.ptr) : rest.len;
        hg_live_report(live, HG_ERROR, HG_LIT("headgate catalog would say"), hg_slice_of(rest.ptr, len),
                       "run headgate catalog");
        len += end != NULL;
        rest = hg_slice_of(rest.ptr + len, rest.len - len);
    }
}

/* ---- the whole ---- */

static void check_postgresql(struct hg_live *live)
{
    if (!tell_wanted(live))
        return;
    for (const struct hg_live_check *check = hg_live_checks; check->id; check++)
        if (is_asked(live, check))
            hg_live_ask(live, check, with_prelude(live, check->query));
    if (!is_catalog(live))
        check_values(live);
}

static void check_backend(struct hg_live *live)
{
    struct hg_fault fault;

    hg_live_progress(live, "connecting");
    live->blocking = hg_blocking_open(live->backend, NULL, &live->arena, &fault);
    if (!live->blocking) {
        const struct hg_host *last = &live->backend->hosts[live->backend->nhosts - 1];
        report_fault(live,
                     hg_arena_printf(&live->arena, "cannot connect to %s:%u as \"%s\"", last->name,
                                     last->port, live->backend->user),
                     &fault);
        return;
    }
    if (!is_catalog(live))
        live->needs = hg_needs_of(live->snapshot, live->backend, &live->arena);
    if (live->backend->dialect == HG_DIALECT_REDSHIFT)
        hg_live_redshift(live);
    else
        check_postgresql(live);
    if (!is_catalog(live))
        hg_live_policy(live);
    hg_blocking_close(live->blocking);
    if (is_catalog(live))
        check_catalog(live);
}

size_t hg_live_check(const struct hg_snapshot *snapshot, const char *path, struct hg_bytes *report)
{
    size_t errors = 0, warnings = 0;

    for (size_t i = 0; i < snapshot->config->nservers; i++) {
        struct hg_live live = {
            .snapshot = snapshot, .backend = &snapshot->config->backends[i], .report = report, .path = path};
        hg_arena_init(&live.arena, 0);
        check_backend(&live);
        hg_live_progress(&live, NULL);
        hg_arena_free(&live.arena);
        errors += live.errors;
        warnings += live.warnings;
    }
    if (errors + warnings)
        hg_write_format(report, "%s: live: %zu errors, %zu warnings\n", path, errors, warnings);
    return errors;
}
