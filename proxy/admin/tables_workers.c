/* What workers know: their sessions, caches, and the statements that they saw. Each function runs on the
 * worker whose rows it writes, between two events of its loop, and reads nothing but memory. */
#include "dialog.h"
#include "seen.h"

/* ---- sessions ---- */

static const char *state_of(const struct hg_session *session)
{
    const struct hg_dialog *dialog = session->dialog;

    if (session->phase < HG_PHASE_READY)
        return "login";
    if (session->phase > HG_PHASE_CONSOLE)
        return "closing";
    if (dialog)
        return dialog->job ? "active" : "idle";
    for (int i = 0; i < HG_NSLOTS; i++)
        if (session->slots[i].waiter)
            return "waiting";
    if (session->message.active || !hg_replies_empty(&session->replies))
        return "active";
    switch (session->transaction.state) {
    case HG_TRANSACTION_BLOCK:
        return "idle in transaction";
    case HG_TRANSACTION_FAILED:
        return "idle in transaction (aborted)";
    default:
        return "idle";
    }
}

static void put_backends(struct hg_bytes *rows, const struct hg_session *session, struct hg_arena *arena)
{
    struct hg_slice names = {0};

    for (int i = 0; i < HG_NSLOTS && !session->dialog; i++) {
        const struct hg_slot *slot = &session->slots[i];
        if (slot->server || slot->waiter)
            names = hg_arena_printf(arena, "%.*s%s%s", HG_SLICE_FMT(names), names.len ? ", " : "",
                                    hg_link_name(session, slot));
    }
    put_text(rows, names);
}

/* What it says is the tenant's: for operators and admins. */
static void put_activity(struct hg_bytes *rows, const struct job *job, const struct hg_session *session)
{
    struct hg_activity_times times = {0};
    struct hg_bytes query;

    hg_bytes_init(&query, 0);
    if (session->activity)
        times = hg_activity_read(session->activity, &query);
    put_time(rows, times.transaction_us);
    put_time(rows, times.statement_us);
    if (times.statement_us && job->role >= HG_ADMIN_OPERATOR)
        put_text(rows, hg_bytes_slice(&query));
    else
        put_null(rows);
    hg_bytes_free(&query);
}

static void put_identity(struct hg_bytes *rows, const struct hg_session *session)
{
    const struct hg_user *user = session->phase >= HG_PHASE_READY ? session->user : NULL;

    put_cstr(rows, session->phase >= HG_PHASE_READY ? session->user_name : NULL);
    put_text(rows, user ? user->tenant->name : hg_slice_of(NULL, 0));
    if (session->dialog)
        put_cstr(rows, hg_admin_role_names[session->dialog->role]);
    else
        put_text(rows, user ? user->role->name : hg_slice_of(NULL, 0));
}

static void put_session(struct hg_bytes *rows, struct job *job, const struct hg_session *session,
                        uint64_t zero_us)
{
    if (session->pid)
        put_int(rows, session->pid);
    else
        put_null(rows);
    put_int(rows, session->worker->number);
    put_cstr(rows, session->dialog ? "console" : "client");
    put_identity(rows, session);
    put_cstr(rows, session->dialog ? "" : session->values.now[HG_SET_application_name]);
    put_cstr(rows, hg_conn_peer(session->conn));
    put_bool(rows, hg_conn_is_tls(session->conn));
    put_cstr(rows, state_of(session));
    put_backends(rows, session, &job->arena);
    put_time(rows, zero_us + session->accepted_ms * 1000u);
    put_time(rows, zero_us + session->active_ms * 1000u);
    put_int(rows, (int64_t)session->generation->snapshot->generation);
    put_int(rows, (int64_t)session->prepared.statements.count);
    put_int(rows, (int64_t)hg_outbox_pending(&session->outbox));
    put_activity(rows, job, session);
}

void fill_sessions(struct job *job, struct hg_worker *worker, struct hg_bytes *rows)
{
    uint64_t zero_us = time_now_us() - hg_clock_us(); /* of the monotonic clock, since 1970 */

    for (const struct hg_session *session = worker->sessions; session; session = session->next)
        if (session->phase != HG_PHASE_DEAD)
            put_session(rows, job, session, zero_us);
}

/* ---- statements, refusals ---- */

void fill_statements(struct job *job, struct hg_worker *worker, struct hg_bytes *rows)
{
    seen_put_statements(job->console->seen[worker->number], rows, job->role >= HG_ADMIN_OPERATOR);
}

void fill_refusals(struct job *job, struct hg_worker *worker, struct hg_bytes *rows)
{
    seen_put_refusals(job->console->seen[worker->number], rows, job->role >= HG_ADMIN_OPERATOR);
}

/* ---- caches ---- */

void fill_caches(struct job *job, struct hg_worker *worker, struct hg_bytes *rows)
{
    struct hg_rewriter_stats stats = hg_rewriter_stats(worker->rewriter);

    (void)job;
    put_int(rows, worker->number);
    put_cstr(rows, "rewrite");
    put_int(rows, (int64_t)stats.hits);
    put_int(rows, (int64_t)stats.misses);
    put_int(rows, (int64_t)stats.evictions);
    put_int(rows, (int64_t)stats.cached_texts);
    put_int(rows, (int64_t)stats.cached_bytes);
    put_int(rows, (int64_t)stats.verify_failures);
}
