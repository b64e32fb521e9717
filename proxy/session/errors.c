/* A backend's errors and notices, made fit for the client: they speak of the rewritten statement, of physical
 * names, and at times of values that are not the client's.
 *
 *   - File, line, routine and the fields about internal statements never pass. From a data backend neither do
 *     context and, but for violated constraints, the fields that name schema, table, column, type and
 *     constraint.
 *   - The position is mapped back to the client's text, or dropped.
 *   - Physical names are replaced by the logical ones, types that the client's search_path finds lose their
 *     schema; `hg_<id>` by the client's name of the statement.
 *   - Violated constraints (class 23) and permissions are told in the terms of the logical schema: see
 *     naming.c.
 *   - Class 22 of a data backend, and what triggers raise, quotes data, perhaps of a row that the planner
 *     looked at before the tenant's predicate. What stands between the first and the last quote of such a
 *     text passes only when it occurs, as a whole, in the client's own statement or among the values that it
 *     bound; in pieces it could be put together from data that itself holds quotes.
 *   - What functions of the database say, triggers above all, may be about any tenant's rows: they run as the
 *     service account, and put into words whatever they find. The client learns that, and with which
 *     SQLSTATE, but not what; notices of theirs it does not hear.
 *   - An error about a row that the client copies quotes that row: see copy_errors.c.
 *   - Errors about the server's own condition (files, corrupted data) are for the administrator's log only.
 */
#define _GNU_SOURCE 1 /* memmem, memrchr */
#include "session.h"

#include <stdio.h>

#include "log.h"
#include "naming.h"

struct origin {
    struct hg_slice text;             /* the client's; empty when the statement is ours */
    struct hg_slice values;           /* what it bound of late */
    const struct hg_verdict *verdict; /* what was sent for it; NULL = not known */
    uint32_t offset;                  /* characters before it in what was sent */
    struct hg_slice inner_text;       /* of what the statement runs: a prepared one, a cursor's */
    const struct hg_verdict *inner;   /* what was sent for that */
};

/* ---- whose statement it was ---- */

static uint32_t characters(struct hg_slice text)
{
    return hg_position_of(text, text.len) - 1;
}

static void origin_of_query(const struct hg_session *session, struct origin *origin)
{
    const struct hg_query *query = &session->query;
    size_t which = query->at + query->complete;

    origin->text = query->text;
    if (which >= query->end)
        return;
    origin->verdict = &query->verdicts.list[which];
    for (size_t i = query->at; i < which; i++)
        origin->offset += characters(query->verdicts.list[i].sql) + (uint32_t)HG_QUERY_SEPARATOR.len;
    if (query->elsewhere.sql.ptr) /* with another name in it */
        origin->offset += characters(query->elsewhere.sql) - characters(origin->verdict->sql);
}

/* What the statement as a whole would be rewritten to now; NULL: nothing is sent for it. */
static const struct hg_verdict *verdict_of(struct hg_session *session, const struct hg_statement *statement)
{
    struct hg_verdicts verdicts;

    if (hg_errand_is_needed(statement->text)) /* nobody shall wait for that */
        return NULL;
    hg_session_rewrite(session, statement->text, true, statement->bound, &verdicts);
    return verdicts.count == 1 && verdicts.list[0].kind == HG_FORWARD ? &verdicts.list[0] : NULL;
}

static void inner_origin(struct hg_session *session, const struct hg_statement *statement,
                         struct origin *origin)
{
    origin->inner_text = statement->text;
    origin->inner = verdict_of(session, statement);
}

static void origin_of_statement(struct hg_session *session, const struct hg_statement *statement,
                                struct origin *origin)
{
    origin->text = statement->text;
    origin->verdict = verdict_of(session, statement);
    if (statement->inner)
        inner_origin(session, statement->inner, origin);
    if (statement->elsewhere && statement->content && origin->verdict)
        origin->offset = characters(statement->content->sql) - characters(origin->verdict->sql);
}

static struct origin find_origin(struct hg_session *session, const struct hg_reply *reply)
{
    struct origin origin = {.values = hg_bytes_slice(&session->said)};

    if (reply && reply->expect == HG_EXPECT_QUERY && reply->verb == HG_VERB_FORWARD) {
        origin_of_query(session, &origin);
        if (reply->statement)
            inner_origin(session, reply->statement, &origin);
    } else if (reply && reply->statement) {
        origin_of_statement(session, reply->statement, &origin);
    }
    return origin;
}

/* ---- texts ---- */

static bool holds(struct hg_slice text, struct hg_slice what)
{
    return what.len == 0 || (text.len && memmem(text.ptr, text.len, what.ptr, what.len));
}

/* Did the client say it itself? */
static bool is_own(const struct origin *origin, struct hg_slice what)
{
    return holds(origin->text, what) || holds(origin->values, what) || holds(origin->inner_text, what);
}

/* Between the first and the last double quote; ptr NULL when there are no two. */
static struct hg_slice quoted(struct hg_slice text)
{
    const char *first = text.len ? memchr(text.ptr, '"', text.len) : NULL;
    const char *last = text.len ? memrchr(text.ptr, '"', text.len) : NULL;

    return first && last > first ? hg_slice_of(first + 1, (size_t)(last - first) - 1) : hg_slice_of(NULL, 0);
}

/* "0x.." of single bytes, as encoding errors spell them. */
static struct hg_slice hide_bytes(struct hg_arena *arena, struct hg_slice text)
{
    const char *first = text.len ? memmem(text.ptr, text.len, "0x", 2) : NULL;

    return first ? hg_arena_printf(arena, "%.*s\xe2\x80\xa6", (int)(first - text.ptr), text.ptr) : text;
}

static struct hg_slice redact(struct hg_arena *arena, struct hg_slice text, const struct origin *origin)
{
    struct hg_slice inner = quoted(text);

    if (!inner.ptr || is_own(origin, inner))
        return hide_bytes(arena, text);
    const char *behind = inner.ptr + inner.len;
    return hg_arena_printf(arena, "%.*s\xe2\x80\xa6%.*s", (int)(inner.ptr - text.ptr), text.ptr,
                           (int)(text.ptr + text.len - behind), behind);
}

static struct hg_slice replace_all(struct hg_arena *arena, struct hg_slice text, struct hg_slice from,
                                   struct hg_slice to)
{
    struct hg_bytes out = {0};
    const char *at = text.ptr, *end = text.ptr + text.len, *hit;

    if (!from.len || !text.len || !memmem(text.ptr, text.len, from.ptr, from.len))
        return text;
    while (at < end && (hit = memmem(at, (size_t)(end - at), from.ptr, from.len)) != NULL) {
        hg_write(&out, at, (size_t)(hit - at));
        hg_write_slice(&out, to);
        at = hit + from.len;
    }
    hg_write(&out, at, (size_t)(end - at));
    struct hg_slice result = hg_arena_slice(arena, hg_bytes_slice(&out));
    hg_bytes_free(&out);
    return result;
}

static struct hg_slice name_tables(struct hg_arena *arena, struct hg_slice text,
                                   const struct hg_verdict *verdict)
{
    for (size_t i = 0; verdict && i < verdict->ninternal; i++)
        text = replace_all(arena, text, verdict->internal_names[2 * i], verdict->internal_names[2 * i + 1]);
    return text;
}

static struct hg_slice name_statement(struct hg_arena *arena, struct hg_slice text,
                                      const struct hg_statement *statement)
{
    char name[32];

    if (!statement || !statement->content)
        return text;
    snprintf(name, sizeof name, "\"%s\"", statement->content->name);
    struct hg_slice theirs = hg_arena_printf(arena, "\"%.*s\"", HG_SLICE_FMT(statement->name));
    return replace_all(arena, text, hg_slice_cstr(name), theirs);
}

static struct hg_slice translate(struct hg_session *session, struct hg_slice text,
                                 const struct origin *origin, const struct hg_reply *reply)
{
    struct hg_arena *arena = hg_session_arena(session);
    const struct hg_statement *statement = reply ? reply->statement : NULL;

    text = name_tables(arena, text, origin->verdict);
    text = name_tables(arena, text, origin->inner);
    text = name_statement(arena, text, statement);
    return name_statement(arena, text, statement ? statement->inner : NULL);
}

static bool in_class(const struct hg_error_msg *error, const char *class)
{
    return error->sqlstate.len == 5 && memcmp(error->sqlstate.ptr, class, 2) == 0;
}

/* ---- fields ---- */

static uint32_t position_in(const struct hg_error_msg *error)
{
    uint32_t position = 0;

    for (size_t i = 0; i < error->position.len && i < 9; i++)
        if (error->position.ptr[i] >= '0' && error->position.ptr[i] <= '9')
            position = position * 10 + (uint32_t)(error->position.ptr[i] - '0');
    return position;
}

static void clean_position(struct hg_session *session, const struct origin *origin,
                           struct hg_error_msg *error)
{
    uint32_t position = position_in(error);

    error->position = hg_slice_of(NULL, 0);
    if (position <= origin->offset || !origin->verdict || !origin->verdict->positions)
        return;
    position = hg_verdict_position(origin->verdict, origin->text, position - origin->offset);
    if (position)
        error->position = hg_arena_printf(hg_session_arena(session), "%u", position);
}

/* Details that tell of other sessions, of rows or of documents, without quotes: deadlocks, what is locked,
 * sizes of rows and indexes, what triggers raise, and the XML errors 2200L to 2200T. */
static bool details_are_foreign(const struct hg_error_msg *error)
{
    const char *code = error->sqlstate.ptr;

    return in_class(error, "40") || in_class(error, "54") || in_class(error, "55") || in_class(error, "P0") ||
           (in_class(error, "22") && code[2] == '0' && code[3] == '0' && code[4] >= 'L');
}

static const struct hg_table *written_by(const struct hg_verdict *verdict)
{
    return verdict ? verdict->written : NULL;
}

static struct hg_naming naming_of(struct hg_session *session, const struct origin *origin)
{
    const struct hg_table *written = written_by(origin->verdict);

    return (struct hg_naming){
        .snapshot = session->generation->snapshot,
        .user = session->user,
        .written = written ? written : written_by(origin->inner),
        .said = {origin->text, origin->values, origin->inner_text},
        .search_path = hg_slice_cstr(session->values.now[HG_SET_search_path]),
        .arena = hg_session_arena(session),
    };
}

/* What went wrong inside the server is for the administrator. */
static void hide_condition(struct hg_session *session, const struct hg_slot *slot, struct hg_error_msg *error)
{
    const struct hg_slice none = {NULL, 0};

    hg_log(HG_LOG_ERROR, "backend \"%s\": %.*s: %.*s", hg_link_name(session, slot),
           HG_SLICE_FMT(error->sqlstate), HG_SLICE_FMT(error->message));
    error->message = hg_arena_printf(hg_session_arena(session), "internal error in backend \"%s\"",
                                     hg_link_name(session, slot));
    error->detail = error->hint = error->where = none;
}

/* "portal "p" parameter $1 = '...'", and that alone: which of the client's own values was no good. */
static bool is_about_a_value(struct hg_slice where)
{
    const char *parameter = where.len ? memmem(where.ptr, where.len, " parameter $", 12) : NULL;

    if (!parameter ||
        (memcmp(where.ptr, "unnamed portal parameter $", 15) != 0 && memcmp(where.ptr, "portal \"", 8) != 0))
        return false;
    struct hg_slice rest = hg_slice_of(parameter + 12, (size_t)(where.ptr + where.len - parameter) - 12);
    while (rest.len && rest.ptr[0] >= '0' && rest.ptr[0] <= '9')
        rest = hg_slice_of(rest.ptr + 1, rest.len - 1);
    return rest.len == 0 || hg_slice_is(rest, " = '...'");
}

static void clean_data_fields(struct hg_session *session, const struct hg_slot *slot,
                              const struct origin *origin, struct hg_error_msg *error)
{
    const struct hg_slice none = {NULL, 0};
    struct hg_arena *arena = hg_session_arena(session);
    struct hg_naming naming = naming_of(session, origin);
    bool copied =
        origin->verdict && origin->verdict->copy_in && hg_copy_clean_error(session, origin->verdict, error);

    if (!copied && !is_about_a_value(error->where))
        error->where = none;
    error->message = hg_naming_types(&naming, error->message);
    if (in_class(error, "23")) {
        hg_naming_violation(&naming, error);
        return;
    }
    error->schema = error->table = error->column = error->datatype = error->constraint = none;
    if (hg_naming_foreign_tenant(&naming, error))
        return;
    if (hg_slice_is(error->sqlstate, HG_INSUFFICIENT_PRIVILEGE) && !copied) {
        if (!hg_naming_permission(&naming, error))
            hide_condition(session, slot, error);
        return;
    }
    if ((in_class(error, "22") || in_class(error, "P0")) && !copied) {
        error->message = redact(arena, error->message, origin);
        error->detail = redact(arena, error->detail, origin);
    }
    if (details_are_foreign(error))
        error->detail = none;
    struct hg_slice inner = quoted(error->hint);
    if (in_class(error, "P0") || (inner.ptr && !is_own(origin, inner)))
        error->hint = none;
    if (in_class(error, "22"))
        return;
    error->message = hg_naming_text(&naming, error->message);
    error->detail = hg_naming_text(&naming, error->detail);
    error->hint = hg_naming_text(&naming, error->hint);
}

/* PostgreSQL's own words, also when a trigger was at work: conflicts of transactions, resources, cancels. */
static bool is_about_the_server(const struct hg_error_msg *error)
{
    static const char *const classes[] = {"25", "40", "53", "54", "55", "57", "58", "XX"};

    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
        if (in_class(error, classes[i]))
            return !hg_slice_is(error->routine, "exec_stmt_raise") &&
                   !hg_slice_is(error->routine, "exec_stmt_assert");
    return false;
}

/* The context names the procedural language, in whatever tongue. No statement of a client calls a function of
 * that kind; but a line that it copies is part of the context, too. */
bool hg_error_is_of_function(const struct hg_slot *slot, const struct hg_error_msg *error)
{
    struct hg_slice where = error->where;
    const char *copied = where.len ? memmem(where.ptr, where.len, "COPY ", 5) : NULL;

    if (copied)
        where.len = (size_t)(copied - where.ptr);
    return hg_link_is_data(slot) && where.len && holds(where, HG_LIT("PL/")) && !is_about_the_server(error);
}

static void hide_function(struct hg_error_msg *error)
{
    const struct hg_slice none = {NULL, 0};

    error->message = HG_LIT("a function of the database, such as a trigger, has raised an error");
    error->hint = HG_LIT("Its words are not shown, for they may be about rows of others.");
    error->detail = error->where = none;
    error->schema = error->table = error->column = error->datatype = error->constraint = none;
}

void hg_error_clean(struct hg_session *session, const struct hg_slot *slot, const struct hg_reply *reply,
                    struct hg_error_msg *error)
{
    const struct hg_slice none = {NULL, 0};
    struct origin origin = find_origin(session, reply);

    if (hg_error_is_of_function(slot, error))
        hide_function(error);
    if (!hg_again_is_wanted(error)) /* by the routine, too, drivers know what to prepare again */
        error->routine = none;
    error->file = error->line = none;
    error->internal_position = error->internal_query = none;
    clean_position(session, &origin, error);
    if (in_class(error, "XX") || in_class(error, "58") || in_class(error, "53"))
        hide_condition(session, slot, error);
    if (hg_link_is_data(slot))
        clean_data_fields(session, slot, &origin, error);
    error->message = translate(session, error->message, &origin, reply);
    error->detail = translate(session, error->detail, &origin, reply);
    error->hint = translate(session, error->hint, &origin, reply);
}

bool hg_error_is_farewell(const struct hg_error_msg *error)
{
    struct hg_slice severity = error->severity_raw.ptr ? error->severity_raw : error->severity;

    return hg_slice_is(severity, "FATAL") || hg_slice_is(severity, "PANIC") ||
           hg_slice_is(error->sqlstate, "57P01") || hg_slice_is(error->sqlstate, "57P02") ||
           hg_slice_is(error->sqlstate, "57P03");
}

void hg_error_to_fault(struct hg_session *session, const struct hg_error_msg *error, struct hg_fault *fault)
{
    struct hg_arena *arena = hg_session_arena(session);

    *fault = (struct hg_fault){0};
    memcpy(fault->sqlstate, error->sqlstate.ptr, sizeof fault->sqlstate - 1);
    fault->message = hg_arena_slice(arena, error->message);
    fault->detail = hg_arena_slice(arena, error->detail);
    fault->hint = hg_arena_slice(arena, error->hint);
    fault->schema = hg_arena_slice(arena, error->schema);
    fault->table = hg_arena_slice(arena, error->table);
    fault->column = hg_arena_slice(arena, error->column);
    fault->datatype = hg_arena_slice(arena, error->datatype);
    fault->constraint = hg_arena_slice(arena, error->constraint);
    fault->routine = hg_arena_slice(arena, error->routine);
    fault->position = position_in(error);
}
