/* SELECT set_config(…), pg_cancel_backend(…), pg_terminate_backend(…): the catalog computes their arguments
 * (statement_act.c of the rewriter), what they do is done here, and answered as the function would.
 *
 * Settings are those that SET takes, under the same rules. Sessions are those of the same user; of any other
 * pid the client hears what PostgreSQL says of one that does not exist. */
#include "guard.h"
#include "session.h"

#include <stdio.h>
#include <stdlib.h>

#define TYPE_BOOL 16u
#define TYPE_TEXT 25u
#define MANY      9999u /* values that the catalog may tell; of more not all are kept */

static bool is_act(const struct hg_verdict *verdict)
{
    return verdict->statement == HG_STMT_SET_CONFIG || verdict->statement == HG_STMT_SIGNAL;
}

/* ---- parameters ---- */

/* Those that the client declared, and what is known of the others. */
struct hg_slice hg_act_types(struct hg_session *session, const struct hg_verdict *verdict,
                             struct hg_slice declared)
{
    char *types = hg_arena_cstr(hg_session_arena(session), verdict->types);
    static const char none[4];

    if (!is_act(verdict) || declared.len > verdict->types.len)
        return declared;
    for (size_t i = 0; i < declared.len; i += 4)
        if (memcmp(declared.ptr + i, none, 4) != 0)
            memcpy(types + i, declared.ptr + i, 4);
    return hg_slice_of(types, verdict->types.len);
}

/* ---- asking ---- */

static enum hg_step ask(struct hg_session *session, const struct hg_verdict *verdict,
                        const struct hg_portal *portal)
{
    struct hg_slot *slot = hg_link_slot(session, verdict->backend);

    if (!session->acting.asked) {
        bool client_batch = slot->batch_open;
        session->sees = verdict->sees;
        enum hg_step step = hg_link_use(session, verdict->backend);
        if (step != HG_STEP_DONE)
            return step;
        hg_carry_ask(session, slot, verdict->sql, portal ? portal->statement->types : HG_LIT(""),
                     portal ? hg_bytes_slice(&portal->bound) : HG_LIT(""));
        if (!client_batch)
            hg_link_sync(session, slot, HG_VERB_CAPTURE, false);
        session->acting.asked = true;
    }
    if (hg_link_barrier(session) == HG_STEP_WAIT)
        return HG_STEP_WAIT;
    session->fault.position = 0; /* in a text of ours */
    if (session->captured.failed)
        return HG_STEP_FAILED;
    session->acting.told = true;
    session->acting.rows = session->captured.rows;
    session->acting.nrows = session->captured.nrows;
    return HG_STEP_DONE;
}

/* ---- answering ---- */

void hg_act_describe(struct hg_session *session, const struct hg_verdict *verdict, uint16_t format)
{
    bool text = verdict->statement == HG_STMT_SET_CONFIG;
    struct hg_bytes *out = hg_answer_begin(session);
    size_t begun = hg_frame_begin(out, HG_S_ROW_DESCRIPTION);

    hg_write_u16(out, (uint16_t)verdict->nrows);
    for (size_t i = 0; i < verdict->nrows; i++) {
        hg_write_cstr(out, verdict->rows[i]);
        hg_write_u32(out, 0); /* no table */
        hg_write_u16(out, 0);
        hg_write_u32(out, text ? TYPE_TEXT : TYPE_BOOL);
        hg_write_u16(out, text ? UINT16_MAX : 1);
        hg_write_u32(out, UINT32_MAX);
        hg_write_u16(out, format);
    }
    hg_frame_end(out, begun);
    hg_answer_end(session);
}

static void answer_row(struct hg_session *session, const struct hg_slice *values, size_t count)
{
    hg_encode_text_row(hg_answer_begin(session), values, (uint16_t)count);
    hg_answer_end(session);
}

/* The number of rows is known before anything is done, so a limit that they all fit in is kept. */
static enum hg_step begin_answer(struct hg_session *session, const struct hg_verdict *verdict,
                                 const struct hg_portal *portal, int32_t max_rows, size_t rows)
{
    struct hg_arena *arena = hg_session_arena(session);

    if (session->acting.nrows > MANY) {
        hg_fault_set(&session->fault, arena, HG_FEATURE_NOT_SUPPORTED, "so many rows are not supported here");
        hg_fault_hint(&session->fault, arena, "Call the function for fewer rows at a time.");
        return HG_STEP_FAILED;
    }
    if (max_rows > 0 && rows > (size_t)max_rows) {
        hg_fault_set(&session->fault, arena, HG_FEATURE_NOT_SUPPORTED,
                     "a limit below the number of rows is not supported here");
        return HG_STEP_FAILED;
    }
    if (!portal)
        hg_act_describe(session, verdict, 0);
    return HG_STEP_DONE;
}

static enum hg_step end_answer(struct hg_session *session, const struct hg_verdict *verdict,
                               struct hg_portal *portal, int32_t max_rows, size_t rows)
{
    char tag[32];
    bool shows = strcmp(verdict->tag, "SHOW") == 0; /* ALL */

    if (portal)
        portal->row = rows;
    if (portal && max_rows > 0 && rows == (size_t)max_rows) {
        hg_answer_empty(session, HG_S_PORTAL_SUSPENDED);
        return HG_STEP_DONE;
    }
    snprintf(tag, sizeof tag, "SELECT %zu", rows);
    hg_answer_tag(session, shows ? "SHOW" : tag);
    return HG_STEP_DONE;
}

/* ---- set_config ---- */

static enum hg_step set_one(struct hg_session *session, struct hg_slice name, struct hg_slice value,
                            bool local, struct hg_slice *answer)
{
    struct hg_arena *arena = hg_session_arena(session);
    if (!name.ptr) {
        hg_fault_set(&session->fault, arena, HG_NULL_NOT_ALLOWED, "SET requires parameter name");
        return HG_STEP_FAILED;
    }
    if (!hg_setting_accept(session->user->name, name, &value, arena, &session->fault))
        return HG_STEP_FAILED;
    int setting = hg_local_setting(session, name);
    enum hg_step step = setting < 0 ? HG_STEP_FAILED : HG_STEP_DONE;
    if (setting == HG_SET_search_path && value.ptr) /* SET makes a list that is sound by itself */
        step = hg_carry_canonical(session, setting, value, &value);
    if (step == HG_STEP_DONE)
        step = hg_local_set(session, setting, value, local);
    if (step == HG_STEP_DONE)
        *answer = hg_arena_slice(arena, hg_slice_cstr(hg_values_get(&session->values, setting)));
    return step;
}

static enum hg_step show_one(struct hg_session *session, struct hg_slice name, bool missing_ok,
                             struct hg_slice *answer)
{
    struct hg_arena *arena = hg_session_arena(session);
    int setting = hg_values_find(&session->values, name);

    *answer = hg_slice_of(NULL, 0);
    if (setting < 0 && missing_ok)
        return HG_STEP_DONE;
    if (setting < 0) {
        hg_fault_set(&session->fault, arena, HG_UNDEFINED_OBJECT,
                     "unrecognized configuration parameter \"%.*s\"", HG_SLICE_FMT(name));
        return HG_STEP_FAILED;
    }
    *answer = hg_arena_slice(arena, hg_slice_cstr(hg_values_get(&session->values, setting)));
    return HG_STEP_DONE;
}

static enum hg_step run_settings(struct hg_session *session, const struct hg_verdict *verdict,
                                 struct hg_portal *portal, int32_t max_rows)
{
    struct hg_acting *acting = &session->acting;
    size_t values = acting->nrows / 3, columns = verdict->nrows, rows = values / columns;

    if (!acting->answers) { /* else the first value was waited for */
        if (begin_answer(session, verdict, portal, max_rows, rows) == HG_STEP_FAILED)
            return HG_STEP_FAILED;
        acting->answers = HG_NEW_ARRAY(hg_session_arena(session), struct hg_slice, values);
    }
    for (; acting->at < values; acting->at++) {
        const struct hg_slice *group = acting->rows + 3 * acting->at;
        struct hg_slice *answer = &acting->answers[acting->at];
        enum hg_step step = HG_STEP_DONE;
        if (hg_slice_is(group[2], "value"))
            *answer = group[1];
        else if (hg_slice_is(group[2], "show"))
            step = show_one(session, group[0], false, answer);
        else if (hg_slice_is(group[2], "show if any"))
            step = show_one(session, group[0], true, answer);
        else
            step = set_one(session, group[0], group[1], hg_slice_is(group[2], "true"), answer);
        if (step != HG_STEP_DONE)
            return step;
        if ((acting->at + 1) % columns == 0)
            answer_row(session, answer + 1 - columns, columns);
    }
    return end_answer(session, verdict, portal, max_rows, rows);
}

/* ---- signals ---- */

/* False: there is no session with this pid that is the client's own to touch. */
static bool signal_session(struct hg_session *session, int32_t pid, bool terminates)
{
    struct hg_worker *worker =
        hg_cancel_keys_own(session->worker->shared->keys, pid, hg_slice_cstr(session->user_name),
                           hg_slice_cstr(session->tenant_value));

    if (worker && terminates)
        hg_worker_terminate(worker, pid);
    else if (worker)
        hg_worker_cancel(worker, pid);
    return worker != NULL;
}

static enum hg_step signal_one(struct hg_session *session, struct hg_slice text, bool terminates, bool *sent)
{
    char number[16];
    struct hg_arena *arena = hg_session_arena(session);
    int32_t pid = 0;

    if (text.len < sizeof number) {
        memcpy(number, text.ptr, text.len);
        number[text.len] = '\0';
        pid = (int32_t)strtol(number, NULL, 10);
    }
    if (pid == session->pid && !terminates) {
        hg_fault_set(&session->fault, arena, HG_QUERY_CANCELED, "canceling statement due to user request");
        return HG_STEP_FAILED;
    }
    *sent = signal_session(session, pid, terminates);
    if (*sent && pid == session->pid)
        return HG_STEP_WAIT; /* for the letter that ends it */
    if (!*sent)
        hg_answer_warning(session, HG_SQL_WARNING,
                          hg_arena_printf(arena, "PID %d is not a PostgreSQL backend process", pid).ptr);
    return HG_STEP_DONE;
}

static enum hg_step run_signals(struct hg_session *session, const struct hg_verdict *verdict,
                                struct hg_portal *portal, int32_t max_rows)
{
    static const char bytes[] = {0, 1};
    struct hg_acting *acting = &session->acting;

    if (acting->ended)
        return HG_STEP_WAIT;
    if (acting->at == 0 && begin_answer(session, verdict, portal, max_rows, acting->nrows) == HG_STEP_FAILED)
        return HG_STEP_FAILED;
    for (; acting->at < acting->nrows; acting->at++) {
        struct hg_slice pid = acting->rows[acting->at], answer = {NULL, 0};
        bool sent = false;
        enum hg_step step = pid.ptr ? signal_one(session, pid, verdict->is_local, &sent) : HG_STEP_DONE;
        acting->ended = step == HG_STEP_WAIT;
        if (step != HG_STEP_DONE)
            return step;
        if (pid.ptr)
            answer = portal && portal->format == 1 ? hg_slice_of(bytes + sent, 1)
                     : sent                        ? HG_LIT("t")
                                                   : HG_LIT("f");
        answer_row(session, &answer, 1);
    }
    return end_answer(session, verdict, portal, max_rows, acting->nrows);
}

enum hg_step hg_act_run(struct hg_session *session, const struct hg_verdict *verdict,
                        struct hg_portal *portal, int32_t max_rows)
{
    if (portal && portal->row) { /* all rows were given */
        hg_answer_tag(session, "SELECT 0");
        return HG_STEP_DONE;
    }
    if (session->local_at == 0) {
        session->acting = (struct hg_acting){0};
        session->local_at = 1;
    }
    if (!session->acting.told) {
        if (!session->acting.asked)
            session->captured = (struct hg_captured){0};
        enum hg_step step = ask(session, verdict, portal);
        if (step != HG_STEP_DONE)
            return step;
    }
    return verdict->statement == HG_STMT_SIGNAL ? run_signals(session, verdict, portal, max_rows)
                                                : run_settings(session, verdict, portal, max_rows);
}
