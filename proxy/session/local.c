/* Statements that Headgate answers itself: settings, and what is about the session; control.c has those about
 * transactions.
 *
 * They change the session, so they run only when everything before them has been answered: what came before
 * may fail, and then PostgreSQL would not have run them. Some ask a server on the way and wait; local_at
 * remembers how far they are. */
#include "allow.h"
#include "session.h"

static enum hg_step answer_tag(struct hg_session *session, const struct hg_verdict *verdict)
{
    hg_answer_tag(session, verdict->tag);
    return HG_STEP_DONE;
}

/* ---- settings ---- */

enum hg_step hg_local_set(struct hg_session *session, int setting, struct hg_slice value, bool local)
{
    struct hg_slice canonical = value;

    if (!value.ptr) {
        hg_values_reset(&session->values, setting, local);
        return HG_STEP_DONE;
    }
    if (setting < HG_NSETTINGS && hg_settings[setting].flags & (HG_SETTING_SYNC | HG_SETTING_HERE)) {
        enum hg_step step = hg_carry_canonical(session, setting, value, &canonical);
        if (step != HG_STEP_DONE)
            return step;
    }
    hg_values_set(&session->values, setting, canonical, local);
    return HG_STEP_DONE;
}

int hg_local_setting(struct hg_session *session, struct hg_slice name)
{
    int setting = hg_values_name(&session->values, name);

    if (setting < 0)
        hg_fault_set(&session->fault, hg_session_arena(session), HG_CONFIGURATION_LIMIT,
                     "too many custom parameters: one connection may have %d", HG_CUSTOM_MOST);
    return setting;
}

static enum hg_step set_one(struct hg_session *session, struct hg_slice name, struct hg_slice value,
                            bool local)
{
    int setting = hg_local_setting(session, name);

    return setting < 0 ? HG_STEP_FAILED : hg_local_set(session, setting, value, local);
}

static enum hg_step run_set(struct hg_session *session, const struct hg_verdict *verdict)
{
    while (session->local_at <= verdict->nalso) {
        size_t at = session->local_at;
        struct hg_slice name = at ? verdict->also[at - 1].setting : verdict->setting;
        struct hg_slice value = at ? verdict->also[at - 1].value : verdict->value;
        enum hg_step step = set_one(session, name, value, verdict->is_local);
        if (step != HG_STEP_DONE)
            return step;
        session->local_at++;
    }
    if (verdict->is_local && session->transaction.state == HG_TRANSACTION_NONE)
        hg_answer_warning(session, HG_NO_ACTIVE_TRANSACTION,
                          "SET LOCAL can only be used in transaction blocks");
    return answer_tag(session, verdict);
}

static enum hg_step run_reset(struct hg_session *session, const struct hg_verdict *verdict)
{
    if (verdict->setting.len == 0) {
        hg_values_reset_all(&session->values);
        return answer_tag(session, verdict);
    }
    int setting = hg_local_setting(session, verdict->setting);
    if (setting < 0)
        return HG_STEP_FAILED;
    hg_values_reset(&session->values, setting, false);
    return answer_tag(session, verdict);
}

/* ---- rows ---- */

/* A table of texts: what a statement with rows answers. */
struct table {
    const struct hg_slice *columns, *values; /* row by row */
    uint16_t ncolumns;
    size_t nrows;
    struct hg_slice name, value; /* of one column and one row: they stand here */
};

/* False: it has no rows. */
static bool rows_of(struct hg_session *session, const struct hg_verdict *verdict, struct table *table)
{
    *table = (struct table){.columns = &table->name, .ncolumns = 1, .values = &table->value, .nrows = 1};
    if (verdict->statement == HG_STMT_EXPLAIN_REWRITE) {
        table->name = HG_LIT("QUERY PLAN");
        table->values = verdict->rows;
        table->nrows = verdict->nrows;
        return true;
    }
    if (verdict->statement == HG_STMT_SHOW && hg_limits_is_table(verdict->setting)) {
        table->columns = hg_limits_columns;
        table->ncolumns = HG_LIMITS_COLUMNS;
        table->values = hg_limits_rows(session, verdict->setting, &table->nrows);
        return true;
    }
    if (verdict->statement != HG_STMT_SHOW)
        return false;
    int setting = hg_values_find(&session->values, verdict->setting);
    const struct hg_known_setting *known = setting < 0 ? hg_known_setting(verdict->setting) : NULL;
    if (setting < 0 && !known)
        return false;
    table->name =
        setting >= 0 && setting < HG_NSETTINGS ? hg_slice_cstr(hg_settings[setting].name) : verdict->setting;
    table->value = hg_slice_cstr(known ? known->stock : hg_values_get(&session->values, setting));
    return true;
}

static bool has_texts(enum hg_statement_kind kind)
{
    return kind == HG_STMT_SHOW || kind == HG_STMT_EXPLAIN_REWRITE;
}

bool hg_local_has_rows(enum hg_statement_kind kind)
{
    return has_texts(kind) || kind == HG_STMT_SET_CONFIG || kind == HG_STMT_SIGNAL;
}

uint16_t hg_local_columns(const struct hg_verdict *verdict)
{
    if (!has_texts(verdict->statement))
        return 0;
    return hg_limits_is_table(verdict->setting) ? HG_LIMITS_COLUMNS : 1;
}

void hg_local_describe(struct hg_session *session, const struct hg_verdict *verdict, uint16_t format)
{
    struct table table;

    if (verdict->statement == HG_STMT_SET_CONFIG || verdict->statement == HG_STMT_SIGNAL) {
        hg_act_describe(session, verdict, format);
        return;
    }
    if (!rows_of(session, verdict, &table)) {
        hg_answer_empty(session, HG_S_NO_DATA);
        return;
    }
    struct hg_bytes *out = hg_answer_begin(session);
    hg_encode_text_columns(out, table.columns, table.ncolumns, format);
    hg_answer_end(session);
}

static enum hg_step run_rows(struct hg_session *session, const struct hg_verdict *verdict,
                             struct hg_portal *portal, int32_t max_rows)
{
    struct table table;

    if (portal && portal->format > 1) {
        hg_fault_set(&session->fault, hg_session_arena(session), HG_INVALID_PARAMETER_VALUE,
                     "unsupported format code: %d", (int16_t)portal->format);
        return HG_STEP_FAILED;
    }
    if (!rows_of(session, verdict, &table)) {
        hg_fault_set(&session->fault, hg_session_arena(session), HG_UNDEFINED_OBJECT,
                     "unrecognized configuration parameter \"%.*s\"", HG_SLICE_FMT(verdict->setting));
        return HG_STEP_FAILED;
    }
    size_t count = table.nrows, at = portal && portal->row < count ? portal->row : portal ? count : 0;
    if (!portal)
        hg_local_describe(session, verdict, 0);
    size_t end = max_rows > 0 && (size_t)max_rows < count - at ? at + (size_t)max_rows : count;
    bool suspended = max_rows > 0 && end - at == (size_t)max_rows;
    for (; at < end; at++) {
        hg_encode_text_row(hg_answer_begin(session), &table.values[at * table.ncolumns], table.ncolumns);
        hg_answer_end(session);
    }
    if (portal)
        portal->row = at;
    if (suspended)
        hg_answer_empty(session, HG_S_PORTAL_SUSPENDED);
    else
        hg_answer_tag(session, verdict->tag);
    return HG_STEP_DONE;
}

/* ---- the session ---- */

static enum hg_step run_discard(struct hg_session *session, const struct hg_verdict *verdict)
{
    if (!hg_slice_is(verdict->setting, "all"))
        return answer_tag(session, verdict);
    if (session->transaction.state != HG_TRANSACTION_NONE && !session->query.alone) {
        hg_fault_set(&session->fault, hg_session_arena(session), HG_ACTIVE_TRANSACTION,
                     "DISCARD ALL cannot run inside a transaction block");
        return HG_STEP_FAILED;
    }
    if (session->executed || session->query.alone) {
        hg_fault_set(&session->fault, hg_session_arena(session), HG_ACTIVE_TRANSACTION,
                     "DISCARD ALL cannot be executed within a pipeline");
        return HG_STEP_FAILED;
    }
    hg_values_reset_all(&session->values);
    hg_values_reset(&session->values, HG_SET_session_authorization, false);
    hg_prepared_close_all(&session->prepared);
    hg_portal_close_all(&session->prepared);
    return answer_tag(session, verdict);
}

/* DROP … IF EXISTS of what does not exist, LOCK TABLE. */
static enum hg_step run_nothing(struct hg_session *session, const struct hg_verdict *verdict)
{
    if (verdict->in_block && session->transaction.state == HG_TRANSACTION_NONE) {
        hg_fault_set(&session->fault, hg_session_arena(session), HG_NO_ACTIVE_TRANSACTION,
                     "%s can only be used in transaction blocks", verdict->tag);
        return HG_STEP_FAILED;
    }
    for (size_t i = 0; i < verdict->nrows; i++)
        hg_answer_notice(session, verdict->rows[i]);
    return answer_tag(session, verdict);
}

static enum hg_step run_close_all(struct hg_session *session, const struct hg_verdict *verdict)
{
    enum hg_step step = hg_cursor_close_all(session);

    return step == HG_STEP_DONE ? answer_tag(session, verdict) : step;
}

static enum hg_step run_deallocate(struct hg_session *session, const struct hg_verdict *verdict)
{
    if (verdict->name.len == 0) {
        hg_prepared_close_all(&session->prepared);
    } else if (!hg_prepared_close(&session->prepared, verdict->name)) {
        hg_fault_set(&session->fault, hg_session_arena(session), HG_UNDEFINED_STATEMENT,
                     "prepared statement \"%.*s\" does not exist", HG_SLICE_FMT(verdict->name));
        return HG_STEP_FAILED;
    }
    return answer_tag(session, verdict);
}

static enum hg_step run(struct hg_session *session, const struct hg_verdict *verdict,
                        struct hg_portal *portal, int32_t max_rows)
{
    switch (verdict->statement) {
    case HG_STMT_EMPTY:
        hg_answer_empty(session, HG_S_EMPTY_QUERY);
        return HG_STEP_DONE;
    case HG_STMT_SET:
        return run_set(session, verdict);
    case HG_STMT_RESET:
        return run_reset(session, verdict);
    case HG_STMT_SHOW:
    case HG_STMT_EXPLAIN_REWRITE:
        return run_rows(session, verdict, portal, max_rows);
    case HG_STMT_SET_CONFIG:
    case HG_STMT_SIGNAL:
        return hg_act_run(session, verdict, portal, max_rows);
    case HG_STMT_DISCARD:
        return run_discard(session, verdict);
    case HG_STMT_NOTHING:
        return run_nothing(session, verdict);
    case HG_STMT_DEALLOCATE:
        return run_deallocate(session, verdict);
    case HG_STMT_CLOSE:
        return run_close_all(session, verdict);
    case HG_STMT_PREPARE:
        return hg_prepare_run(session, verdict, portal ? portal->statement->text : session->query.text);
    default:
        return hg_control_run(session, verdict);
    }
}

enum hg_step hg_local_run(struct hg_session *session, const struct hg_verdict *verdict,
                          struct hg_portal *portal, int32_t max_rows)
{
    if (!session->local_begun) {
        if (hg_link_barrier(session) == HG_STEP_WAIT)
            return HG_STEP_WAIT;
        session->local_begun = true;
        session->local_at = 0;
    }
    enum hg_step step = run(session, verdict, portal, max_rows);
    if (step != HG_STEP_WAIT)
        session->local_begun = false;
    return step;
}
