/* Simple queries: a text of any number of statements, and one ReadyForQuery.
 *
 *          all refused ------------------------------------------+
 *             /                                                    v
 *   START ----> NEXT <---> LOCAL                                 READY --> (done)
 *                | ^                                               ^
 *                v |                          all done             |
 *               RUN ------------------------> END -----------------+
 *                 \                                                |
 *                  +---- error ------------> ABORT ----------------+
 *
 * START takes the text and has all statements rewritten before any runs; while that happens aside, for a
 * long text, the phase is REWRITE. Consecutive statements for one backend are a run: they are
 * sent as one text and PostgreSQL itself gives them its semantics. A text that is one run needs nothing else,
 * and its ReadyForQuery is the server's own. Any other is PostgreSQL's implicit transaction block, of which
 * no server sees the whole: it is opened on each server that is used and ended here, unless a BEGIN in the
 * text makes a block of it that outlives the text.
 *
 * A text in the middle of a batch of the extended protocol belongs to the transaction of that batch, and ends
 * it: it is such a block, too, which begins with what the batch has done so far (hg_control_adopt()).
 *
 * A statement that is refused is one that fails in its turn: those before it run, and what a COMMIT among
 * them made lasting stays. An error in the text's syntax refuses all of it, as PostgreSQL does. */
#include "lexical.h"
#include "session.h"

enum { START, REWRITE, NEXT, RUN, LOCAL, END, ABORT, READY };

/* ---- rewriting ---- */

static enum hg_step refuse(struct hg_session *session, const struct hg_fault *fault)
{
    session->fault = *fault;
    return HG_STEP_FAILED;
}

static enum hg_step rewrite(struct hg_session *session)
{
    struct hg_query *query = &session->query;
    struct hg_verdicts *verdicts = &query->verdicts;
    struct hg_binding bound = hg_session_bound(session);

    if (hg_errand_step(session, query->text, false, bound) == HG_STEP_WAIT)
        return HG_STEP_WAIT;
    query->values_version = session->values.version;
    hg_session_rewrite(session, query->text, false, bound, verdicts);
    if (!query->noticed)
        hg_answer_notices(session, verdicts);
    query->noticed = true;
    if (!hg_session_may_run(session, &verdicts->list[0]))
        return HG_STEP_FAILED;
    if (verdicts->refused && verdicts->first_refusal == 0)
        return refuse(session, &verdicts->list[0].fault);
    if (verdicts->refused) /* nothing behind it runs */
        verdicts->count = verdicts->first_refusal + 1;
    return HG_STEP_DONE;
}

/* ---- runs ---- */

/* Nothing has to be done between it and the statement behind it. */
static bool is_plain(const struct hg_verdict *verdict)
{
    return verdict->kind == HG_FORWARD && verdict->statement == HG_STMT_QUERY;
}

/* The statements from `at` on that can be sent as one text. */
static size_t run_end(const struct hg_query *query)
{
    const struct hg_verdict *list = query->verdicts.list;
    size_t end = query->at + 1;

    while (is_plain(&list[query->at]) && end < query->verdicts.count && is_plain(&list[end]) &&
           list[end].backend == list[query->at].backend)
        end++;
    return end;
}

static void send_run(struct hg_session *session)
{
    struct hg_query *query = &session->query;
    struct hg_bytes *out = &session->active->server->outbox.bytes;
    struct hg_slot *slot = session->active;
    bool last = query->end == query->verdicts.count &&
                session->transaction.state != HG_TRANSACTION_IMPLICIT && !hg_batch_find(session, slot);
    struct hg_reply *reply = hg_replies_push(&session->replies, HG_EXPECT_QUERY, HG_VERB_FORWARD);
    size_t begun = hg_frame_begin(out, HG_C_QUERY);

    for (size_t i = query->at; i < query->end; i++) {
        if (i > query->at)
            hg_write_slice(out, HG_QUERY_SEPARATOR);
        hg_write_slice(out, query->elsewhere.sql.ptr ? query->elsewhere.sql : query->verdicts.list[i].sql);
    }
    hg_write_u8(out, 0);
    hg_frame_end(out, begun);
    if (query->elsewhere.statement) {
        reply->statement = hg_statement_hold(query->elsewhere.statement);
        hg_again_mark(session, slot, query->elsewhere.statement, reply);
    }
    slot->worked = true;
    reply->rights = session->sees & HG_SEES_RIGHTS;
    hg_observe_sent(session, reply);
    hg_limits_sent(session, reply, NULL, 0);
    reply->in_transaction = slot->in_transaction;
    reply->ready = last;
    slot->batch_open = slot->unflushed = false;
    slot->server->unnamed = 0; /* a simple query takes the unnamed statement */
    query->complete = 0;
}

void hg_query_end(struct hg_session *session, const struct hg_reply *reply)
{
    if (reply->failed) {
        session->query.failed = true;
        hg_control_failed(session, session->batches_ended);
    }
    session->query.answered = reply->ready;
}

/* ---- the steps ---- */

/* Functions have no text that could be looked at. */
static bool refuse_function_call(struct hg_session *session)
{
    hg_fault_set(&session->fault, hg_session_arena(session), HG_FEATURE_NOT_SUPPORTED,
                 "function calls by protocol are not supported");
    hg_fault_hint(&session->fault, hg_session_arena(session), "Call the function in a SELECT.");
    hg_session_consume(session);
    return false;
}

/* The text is copied, so that the message can go and the inbox be used for what comes next. */
static bool take_text(struct hg_session *session)
{
    struct hg_slice text;

    if (session->message.type == HG_C_FUNCTION_CALL)
        return refuse_function_call(session);
    bool sound = hg_decode_query(hg_session_message(session), &text);
    if (sound)
        session->query.text = hg_arena_slice(hg_session_arena(session), text);
    else
        hg_session_malformed(session);
    hg_session_consume(session);
    return sound && hg_limits_text(session, session->query.text);
}

/* Nothing of the text runs, and what the batch did that it stands in is undone. */
static void fail_whole(struct hg_session *session)
{
    session->query.failed = true;
    hg_observe_refused(session, session->query.text);
    hg_answer_fault(session, &session->fault);
    hg_control_failed(session, session->batches_ended);
    session->query.phase = READY;
    if (!session->executed)
        return;
    hg_transaction_begin(&session->transaction, HG_TRANSACTION_IMPLICIT, HG_LIT("BEGIN"));
    session->query.phase = ABORT;
}

static enum hg_step start(struct hg_session *session)
{
    struct hg_query *query = &session->query;

    if (hg_link_barrier(session) == HG_STEP_WAIT)
        return HG_STEP_WAIT;
    query->phase = REWRITE;
    session->prepared.batch++;
    bool sound = take_text(session);
    if (sound && session->prepared.unnamed && hg_lexical_valid(query->text) == query->text.len)
        (void)hg_prepared_close(&session->prepared,
                                HG_LIT("")); /* as in PostgreSQL: the unnamed statement goes */
    if (!sound || hg_link_batch_is_lost(session))
        fail_whole(session);
    hg_activity_begin(session->activity, session->query.text);
    return HG_STEP_DONE;
}

static enum hg_step analyse(struct hg_session *session)
{
    enum hg_step step = rewrite(session);

    if (step == HG_STEP_WAIT)
        return step;
    session->query.phase = NEXT;
    if (step == HG_STEP_FAILED)
        fail_whole(session);
    return HG_STEP_DONE;
}

/* An error that the client has not been told yet. */
static void fail(struct hg_session *session)
{
    struct hg_query *query = &session->query;

    hg_observe_refused(session, query->verdicts.list[query->at].source);
    if (hg_fault_is_set(&session->fault))
        hg_answer_fault(session, &session->fault);
    session->fault = (struct hg_fault){0};
    query->failed = true;
    hg_control_failed(session, session->batches_ended);
    query->phase = ABORT;
}

/* What the statements of the run are to see. */
static unsigned run_sees(const struct hg_session *session, const struct hg_elsewhere *elsewhere)
{
    const struct hg_query *query = &session->query;
    unsigned sees = elsewhere->statement ? elsewhere->statement->sees : 0;

    for (size_t i = query->at; i < query->end; i++)
        sees |= query->verdicts.list[i].sees;
    return sees;
}

/* Where the statement is to be sent; with those behind it that are sent with it. */
static enum hg_step find_place(struct hg_session *session, const struct hg_verdict *verdict,
                               struct hg_elsewhere *place)
{
    const struct hg_query *query = &session->query;

    *place = (struct hg_elsewhere){
        .backend = verdict->backend, .effect = hg_effect_of(verdict), .told = verdict->told};
    if (hg_execute_renewable(session, verdict) == HG_STEP_WAIT)
        return HG_STEP_WAIT;
    if (hg_runs_elsewhere(verdict)) {
        if (!hg_elsewhere_find(session, verdict, place))
            return HG_STEP_FAILED;
        place->effect = hg_effect_of_both(place->effect, hg_effect_of(verdict)); /* of its arguments */
        place->told &= verdict->told || !verdict->timed;
        return HG_STEP_DONE;
    }
    for (size_t i = query->at + 1; i < query->end; i++)
        place->effect = hg_effect_of_both(place->effect, hg_effect_of(&query->verdicts.list[i]));
    return HG_STEP_DONE;
}

/* The text is to be rewritten with what is known now. Of statements that have run nothing may change. */
static enum hg_step begin_again(struct hg_session *session)
{
    struct hg_query *query = &session->query;

    if (query->at == 0) {
        query->phase = REWRITE;
        return HG_STEP_WAIT;
    }
    hg_fault_set(&session->fault, hg_session_arena(session), HG_FEATURE_NOT_SUPPORTED,
                 "statements of one message tell the time on several backends");
    hg_fault_hint(&session->fault, hg_session_arena(session), "Send them one by one.");
    return HG_STEP_FAILED;
}

/* The statements up to `end` are about to run. */
static enum hg_step begin(struct hg_session *session, const struct hg_verdict *verdict)
{
    const struct hg_query *query = &session->query;
    struct hg_beginning what = {.backend = verdict->kind == HG_FORWARD ? verdict->backend : -1,
                                .kind = verdict->statement,
                                .count = query->end - query->at,
                                .text = verdict->source};

    for (size_t i = query->at; i < query->end; i++)
        what.writes |= query->verdicts.list[i].writes;
    session->observing.subject = verdict->source;
    return hg_observe_begin(session, &what);
}

/* One statement alone is no block, not even where a batch makes one of it. */
static bool may_declare(struct hg_session *session, const struct hg_verdict *verdict)
{
    if (session->query.alone && !verdict->hold)
        return hg_fault_set(&session->fault, hg_session_arena(session), HG_NO_ACTIVE_TRANSACTION,
                            "DECLARE CURSOR can only be used in transaction blocks");
    return hg_cursor_may_be_declared(session, verdict);
}

/* Finds out where the statement is to be sent, and makes that server ready for it. */
static enum hg_step approach(struct hg_session *session, const struct hg_verdict *verdict)
{
    struct hg_elsewhere *place = &session->query.elsewhere;
    bool again = true;
    enum hg_step step;

    while (again) {
        step = find_place(session, verdict, place);
        if (step == HG_STEP_DONE)
            step = hg_spread_time(session, place->backend, place->effect, place->told, &again);
        if (step != HG_STEP_DONE)
            return step;
        if (again && (verdict->timed || !hg_runs_elsewhere(verdict)))
            return begin_again(session);
    }
    session->sees = run_sees(session, place);
    if (verdict->statement == HG_STMT_DECLARE && !may_declare(session, verdict))
        return HG_STEP_FAILED;
    step = session->preparing ? HG_STEP_DONE : hg_spread_use(session, place->backend, place->effect);
    if (step == HG_STEP_DONE && verdict->statement == HG_STMT_EXECUTE)
        step = hg_statement_stand(session, place->statement, false);
    return step;
}

/* Were its result cut, what it has written must not last. */
static bool may_write(const struct hg_verdict *verdict)
{
    return verdict->kind == HG_FORWARD && (verdict->writes || verdict->statement == HG_STMT_EXECUTE);
}

/* Settings stand in it as literals, and a statement in front of it has changed some. */
static bool is_stale(struct hg_session *session, const struct hg_verdict *verdict)
{
    if (!verdict->fleeting || session->query.values_version == session->values.version)
        return false;
    hg_fault_set(
        &session->fault, hg_session_arena(session), HG_FEATURE_NOT_SUPPORTED,
        "current_setting beside others behind a change of settings in the same message is not supported");
    hg_fault_hint(&session->fault, hg_session_arena(session), "Send them one by one.");
    return true;
}

static enum hg_step next(struct hg_session *session)
{
    struct hg_query *query = &session->query;

    if (query->at == query->verdicts.count) {
        query->phase = END;
        return HG_STEP_DONE;
    }
    const struct hg_verdict *verdict = &query->verdicts.list[query->at];
    bool bound = hg_limits_bound(session);
    query->end = verdict->kind == HG_FORWARD && !bound ? run_end(query) : query->at + 1;
    bool whole = query->at == 0 && query->end == query->verdicts.count && !(bound && may_write(verdict));
    if (session->transaction.state == HG_TRANSACTION_NONE && (!whole || session->executed)) {
        hg_transaction_begin(&session->transaction, HG_TRANSACTION_IMPLICIT, HG_LIT("BEGIN"));
        query->alone = whole && query->verdicts.count == 1;
    }
    if (session->executed && hg_control_adopt(session) == HG_STEP_WAIT)
        return HG_STEP_WAIT;
    if (!hg_session_may_run(session, verdict) || is_stale(session, verdict) || verdict->kind == HG_REFUSE) {
        if (!hg_fault_is_set(&session->fault))
            session->fault = verdict->fault;
        fail(session);
        return HG_STEP_DONE;
    }
    enum hg_step step = begin(session, verdict);
    if (step == HG_STEP_DONE && (verdict->kind != HG_FORWARD || verdict->statement == HG_STMT_PREPARE)) {
        query->phase = LOCAL;
        return HG_STEP_DONE;
    }
    if (step == HG_STEP_DONE)
        step = approach(session, verdict);
    if (query->phase == REWRITE)
        return HG_STEP_DONE;
    if (step == HG_STEP_FAILED) {
        fail(session);
        return HG_STEP_DONE;
    }
    if (step == HG_STEP_DONE) {
        send_run(session);
        session->active->holding |= verdict->hold;
        query->phase = RUN;
    }
    return step;
}

/* A statement about cursors has done what it says. */
static void take_note(struct hg_session *session, const struct hg_verdict *verdict)
{
    if (verdict->statement == HG_STMT_DECLARE) {
        struct hg_statement *statement = hg_statement_new(HG_LIT(""), verdict->source, HG_LIT(""));
        statement->bound = hg_session_bound(session);
        statement->sees = verdict->sees & HG_SEES_RIGHTS; /* of the rest it was told when it was declared */
        hg_cursor_declare(session, verdict, statement, session->prepared.batch - 1);
        hg_statement_drop(&session->prepared, statement);
        if (session->transaction.state == HG_TRANSACTION_NONE) /* the batch is over already */
            hg_portals_end_batches(&session->prepared, session->batches_ended);
    } else if (verdict->statement == HG_STMT_CLOSE && verdict->kind == HG_FORWARD) {
        hg_portal_close(&session->prepared, verdict->name);
    }
}

static enum hg_step run(struct hg_session *session)
{
    struct hg_query *query = &session->query;

    hg_copy_pump(session);
    if (session->phase != HG_PHASE_READY || !hg_replies_empty(&session->replies))
        return HG_STEP_WAIT;
    query->phase = query->failed ? ABORT : NEXT;
    if (query->again) {
        query->again = false;
        return HG_STEP_DONE;
    }
    if (!query->failed)
        take_note(session, &query->verdicts.list[query->at]);
    query->elsewhere = (struct hg_elsewhere){0};
    query->at = query->end;
    query->complete = 0;
    return HG_STEP_DONE;
}

static enum hg_step local(struct hg_session *session)
{
    struct hg_query *query = &session->query;
    enum hg_step step = hg_local_run(session, &query->verdicts.list[query->at], NULL, 0);

    if (step == HG_STEP_WAIT)
        return step;
    query->phase = NEXT;
    if (step == HG_STEP_FAILED)
        fail(session);
    else
        hg_observe_answered(session, query->verdicts.list[query->at].source,
                            &query->verdicts.list[query->at]);
    query->at++;
    return HG_STEP_DONE;
}

/* The implicit block ends with the text. */
static enum hg_step end(struct hg_session *session, bool commit)
{
    struct hg_query *query = &session->query;

    if (session->transaction.state == HG_TRANSACTION_IMPLICIT) {
        if (session->executed && hg_control_adopt(session) == HG_STEP_WAIT)
            return HG_STEP_WAIT;
        enum hg_step step = hg_control_end_implicit(session, commit);
        if (step == HG_STEP_WAIT)
            return step;
        if (step == HG_STEP_FAILED && commit) {
            hg_observe_refused(session, query->text);
            hg_answer_fault(session, &session->fault);
        }
    }
    query->phase = READY;
    return HG_STEP_DONE;
}

/* Messages before the query, without a Sync, are of one transaction with it, whatever server they went to. */
static enum hg_step end_batches(struct hg_session *session)
{
    struct hg_slot *open = hg_batch_find(session, NULL);

    session->doomed = session->query.failed && open;
    return open ? hg_batch_end_on(session, open) : hg_link_barrier(session);
}

static enum hg_step ready(struct hg_session *session)
{
    if (!session->query.answered) {
        if (end_batches(session) == HG_STEP_WAIT)
            return HG_STEP_WAIT;
        hg_batch_end(session);
        hg_answer_ready(session);
    }
    if (session->transaction.state == HG_TRANSACTION_NONE)
        session->transaction.claims = (struct hg_claims){0};
    session->query = (struct hg_query){0};
    return HG_STEP_DONE;
}

enum hg_step hg_query_step(struct hg_session *session)
{
    enum hg_step step = HG_STEP_DONE;

    while (step == HG_STEP_DONE && session->phase == HG_PHASE_READY) {
        switch (session->query.phase) {
        case START:
            step = start(session);
            break;
        case REWRITE:
            step = analyse(session);
            break;
        case NEXT:
            step = next(session);
            break;
        case RUN:
            step = run(session);
            break;
        case LOCAL:
            step = local(session);
            break;
        case END:
        case ABORT:
            step = end(session, session->query.phase == END);
            break;
        default:
            return ready(session);
        }
    }
    return HG_STEP_WAIT;
}
