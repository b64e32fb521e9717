/* The statements that control transactions, as the client sees them (transaction.h) and as the servers are
 * told.
 *
 * A statement is sent to every server that has the transaction open, one after the other, and its outcome is
 * captured; with no such server it is answered without any. A COMMIT that fails on the server that has
 * written rolls the others back; it comes first, and no other holds anything that could be lost (spread.c).
 */
#include "session.h"

static enum hg_step fail(struct hg_session *session, const char *sqlstate, const char *format,
                         const char *what)
{
    struct hg_arena *arena = hg_session_arena(session);

    memcpy(session->fault.sqlstate, sqlstate, sizeof session->fault.sqlstate);
    session->fault.message = hg_arena_printf(arena, "%s%s", what, format);
    return HG_STEP_FAILED;
}

static enum hg_step only_in_block(struct hg_session *session, const char *what)
{
    return fail(session, HG_NO_ACTIVE_TRANSACTION, " can only be used in transaction blocks", what);
}

/* ---- to every server of the transaction ---- */

/* One server's turn. */
static enum hg_step one_turn(struct hg_session *session, struct hg_slot *slot, struct hg_slice sql, bool ends)
{
    if (!session->round_sent) {
        if (hg_link_barrier(session) == HG_STEP_WAIT || !hg_link_is_calm(slot))
            return HG_STEP_WAIT;
        session->active = slot;
        session->captured = (struct hg_captured){0};
        if (ends)
            slot->in_transaction = slot->worked = false;
        hg_link_query(session, slot, sql, HG_VERB_CAPTURE);
        session->round_sent = true;
    }
    if (hg_link_barrier(session) == HG_STEP_WAIT)
        return HG_STEP_WAIT;
    session->round_sent = false;
    return session->captured.failed ? HG_STEP_FAILED : HG_STEP_DONE;
}

/* The statement goes round; stops at the first server that refuses it. */
static enum hg_step go_round(struct hg_session *session, struct hg_slice sql)
{
    while (session->round_at < HG_NSLOTS) {
        struct hg_slot *slot = &session->slots[session->round_at];
        enum hg_step step =
            session->round_sent || slot->in_transaction ? one_turn(session, slot, sql, false) : HG_STEP_DONE;
        if (step == HG_STEP_WAIT)
            return HG_STEP_WAIT;
        session->round_at++;
        if (step == HG_STEP_FAILED) {
            session->round_at = 0;
            return HG_STEP_FAILED;
        }
    }
    session->round_at = 0;
    return HG_STEP_DONE;
}

/* A server on which the transaction is open; first of all that on which it has written. */
static struct hg_slot *next_open(struct hg_session *session)
{
    const struct hg_claims *claims = &session->transaction.claims;
    struct hg_slot *found = NULL;

    for (int i = 0; i < HG_NSLOTS; i++) {
        struct hg_slot *slot = &session->slots[i];
        if (!slot->in_transaction)
            continue;
        if (claims->writes && i != HG_SLOT_CATALOG && slot->backend == claims->written)
            return slot;
        if (!found)
            found = slot;
    }
    return found;
}

/* COMMIT or ROLLBACK goes round: to the end in any case, as ROLLBACK once a COMMIT has failed. FAILED: so it
 * was. What has written is committed first: after that nothing is left that could matter. */
static enum hg_step end_round(struct hg_session *session, bool commit)
{
    struct hg_slot *slot;

    while ((slot = session->round_sent ? session->active : next_open(session)) != NULL) {
        bool commits = commit && !session->round_failed;
        enum hg_step step = one_turn(session, slot, commits ? HG_LIT("COMMIT") : HG_LIT("ROLLBACK"), true);
        if (step == HG_STEP_WAIT)
            return HG_STEP_WAIT;
        bool first = session->round_at++ == 0;
        if (commits && step == HG_STEP_FAILED && (first || !session->transaction.claims.writes)) {
            session->round_failed = true;
            session->round_fault = session->fault;
        }
    }
    bool failed = session->round_failed;
    session->round_at = 0;
    session->round_failed = false;
    session->fault = failed ? session->round_fault : (struct hg_fault){0};
    return failed ? HG_STEP_FAILED : HG_STEP_DONE;
}

/* ---- what follows ---- */

/* Settings that reached a server inside a transaction that was rolled back are not there any more. */
static void forget_settings(struct hg_session *session)
{
    for (int i = 0; i < HG_NSLOTS; i++)
        if (session->slots[i].server && session->slots[i].settings_in_transaction)
            hg_server_forget_settings(session->slots[i].server);
}

/* The modes that the transaction had by default, if its commit makes others the default: as a BEGIN. */
static struct hg_slice default_modes(struct hg_session *session)
{
    const struct hg_values *values = &session->values;
    const int isolation = HG_SET_default_transaction_isolation,
              read_only = HG_SET_default_transaction_read_only,
              deferrable = HG_SET_default_transaction_deferrable;

    if (!hg_values_unsettled(values, isolation) && !hg_values_unsettled(values, read_only) &&
        !hg_values_unsettled(values, deferrable))
        return HG_LIT("");
    return hg_arena_printf(hg_session_arena(session), "BEGIN ISOLATION LEVEL %s, READ %s, %sDEFERRABLE",
                           hg_values_before(values, isolation),
                           strcmp(hg_values_before(values, read_only), "on") == 0 ? "ONLY" : "WRITE",
                           strcmp(hg_values_before(values, deferrable), "on") == 0 ? "" : "NOT ");
}

static void over(struct hg_session *session, bool commit, bool chain)
{
    struct hg_slice modes = chain && commit ? default_modes(session) : HG_LIT("");

    if (commit) {
        hg_values_commit(&session->values);
        hg_portals_commit(&session->prepared);
    } else {
        hg_values_undo(&session->values, 0);
        hg_portals_rollback(&session->prepared);
        forget_settings(session);
    }
    for (int i = 0; i < HG_NSLOTS; i++)
        session->slots[i].settings_in_transaction = false;
    if (chain)
        hg_transaction_chain(&session->transaction, modes);
    else
        hg_transaction_end(&session->transaction);
}

void hg_control_failed(struct hg_session *session, uint64_t batch)
{
    if (session->transaction.state == HG_TRANSACTION_BLOCK) {
        session->transaction.state = HG_TRANSACTION_FAILED;
        hg_values_undo(&session->values, hg_transaction_mark(&session->transaction));
    }
    if (session->transaction.state != HG_TRANSACTION_NONE)
        return;
    hg_values_undo(&session->values, 0);
    hg_portals_fail_batch(&session->prepared, batch);
}

static enum hg_step end_transaction(struct hg_session *session, bool commit, bool chain)
{
    enum hg_step step = end_round(session, commit);

    if (step == HG_STEP_WAIT)
        return step;
    bool committed = commit && step == HG_STEP_DONE;
    over(session, committed, chain && step == HG_STEP_DONE);
    return step;
}

enum hg_step hg_control_adopt(struct hg_session *session)
{
    for (int i = 0; i < HG_NSLOTS; i++) {
        struct hg_slot *slot = &session->slots[i];
        if (!slot->server || !slot->batch_open || slot->in_transaction)
            continue;
        if (hg_link_barrier(session) == HG_STEP_WAIT || !hg_link_is_calm(slot))
            return HG_STEP_WAIT;
        session->active = slot;
        hg_link_open_transaction(session, slot);
    }
    session->executed = false;
    return HG_STEP_DONE;
}

enum hg_step hg_control_end_implicit(struct hg_session *session, bool commit)
{
    return end_transaction(session, commit, false);
}

/* ---- the statements ---- */

static bool has_options(struct hg_slice sql)
{
    return !hg_slice_is(sql, "BEGIN") && !hg_slice_is(sql, "START TRANSACTION");
}

/* What changes the transaction that is open already: SET TRANSACTION, and the options of a second BEGIN. */
static enum hg_step change(struct hg_session *session, struct hg_slice sql)
{
    enum hg_step step = go_round(session, sql);

    if (step == HG_STEP_DONE && !hg_transaction_add(&session->transaction, sql))
        return fail(session, HG_STATEMENT_TOO_LONG, "too many statements about one transaction", "");
    return step;
}

static enum hg_step run_begin(struct hg_session *session, const struct hg_verdict *verdict)
{
    enum hg_transaction_state state = session->transaction.state;
    enum hg_step step = HG_STEP_DONE;

    if (state == HG_TRANSACTION_NONE) {
        hg_transaction_begin(&session->transaction, HG_TRANSACTION_BLOCK, verdict->sql);
        session->local_at = 1;
    }
    if (session->local_at == 1)
        return hg_control_adopt(session);
    if (has_options(verdict->sql))
        step = change(session, verdict->sql);
    if (step != HG_STEP_DONE)
        return step;
    if (state == HG_TRANSACTION_BLOCK)
        hg_answer_warning(session, HG_ACTIVE_TRANSACTION, "there is already a transaction in progress");
    session->transaction.state = HG_TRANSACTION_BLOCK;
    return HG_STEP_DONE;
}

/* COMMIT and ROLLBACK. The tag says what became of it. */
static enum hg_step run_end(struct hg_session *session, const struct hg_verdict *verdict, const char **tag)
{
    bool commit = verdict->statement == HG_STMT_COMMIT;
    enum hg_transaction_state state = session->transaction.state;

    *tag = commit && state != HG_TRANSACTION_FAILED ? "COMMIT" : "ROLLBACK";
    if (!hg_transaction_is_block(&session->transaction) && verdict->chain)
        return only_in_block(session, commit ? "COMMIT AND CHAIN" : "ROLLBACK AND CHAIN");
    if (state == HG_TRANSACTION_NONE && !session->executed) {
        hg_answer_warning(session, HG_NO_ACTIVE_TRANSACTION, "there is no transaction in progress");
        if (!commit)
            hg_values_undo(&session->values, 0);
        return HG_STEP_DONE;
    }
    if (state == HG_TRANSACTION_NONE)
        hg_transaction_begin(&session->transaction, HG_TRANSACTION_IMPLICIT, HG_LIT("BEGIN"));
    if (hg_control_adopt(session) == HG_STEP_WAIT)
        return HG_STEP_WAIT;
    enum hg_step step = end_transaction(session, commit && state != HG_TRANSACTION_FAILED, verdict->chain);
    if (step == HG_STEP_DONE && (state == HG_TRANSACTION_IMPLICIT || state == HG_TRANSACTION_NONE))
        hg_answer_warning(session, HG_NO_ACTIVE_TRANSACTION, "there is no transaction in progress");
    return step;
}

static enum hg_step no_such_savepoint(struct hg_session *session, struct hg_slice name)
{
    memcpy(session->fault.sqlstate, HG_INVALID_SAVEPOINT, sizeof session->fault.sqlstate);
    session->fault.message =
        hg_arena_printf(hg_session_arena(session), "savepoint \"%.*s\" does not exist", HG_SLICE_FMT(name));
    return HG_STEP_FAILED;
}

static enum hg_step run_savepoint(struct hg_session *session, const struct hg_verdict *verdict)
{
    if (!hg_transaction_is_block(&session->transaction))
        return only_in_block(session, "SAVEPOINT");
    enum hg_step step = go_round(session, verdict->sql);
    if (step == HG_STEP_DONE && !hg_transaction_savepoint(&session->transaction, verdict->name, verdict->sql,
                                                          hg_values_mark(&session->values)))
        return fail(session, HG_STATEMENT_TOO_LONG, "too many savepoints in one transaction", "");
    return step;
}

static enum hg_step run_release(struct hg_session *session, const struct hg_verdict *verdict)
{
    if (!hg_transaction_is_block(&session->transaction))
        return only_in_block(session, "RELEASE SAVEPOINT");
    const struct hg_replay *savepoint = hg_transaction_find(&session->transaction, verdict->name);
    if (!savepoint)
        return no_such_savepoint(session, verdict->name);
    enum hg_step step = go_round(session, verdict->sql);
    if (step == HG_STEP_DONE) {
        hg_portals_release(&session->prepared, (size_t)(savepoint - session->transaction.list));
        hg_transaction_release(&session->transaction, savepoint);
        hg_values_release(&session->values, hg_transaction_mark(&session->transaction));
    }
    return step;
}

static enum hg_step run_back_to(struct hg_session *session, const struct hg_verdict *verdict)
{
    if (!hg_transaction_is_block(&session->transaction))
        return only_in_block(session, "ROLLBACK TO SAVEPOINT");
    const struct hg_replay *savepoint = hg_transaction_find(&session->transaction, verdict->name);
    if (!savepoint)
        return no_such_savepoint(session, verdict->name);
    if (session->transaction.lost)
        return fail(session, HG_CONNECTION_FAILURE,
                    "the transaction lost its backend and can only be rolled back as a whole", "");
    enum hg_step step = go_round(session, verdict->sql);
    if (step != HG_STEP_DONE)
        return step;
    hg_values_undo(&session->values, savepoint->mark);
    forget_settings(session);
    hg_portals_back_to(&session->prepared, (size_t)(savepoint - session->transaction.list));
    hg_transaction_back_to(&session->transaction, savepoint);
    session->transaction.state = HG_TRANSACTION_BLOCK;
    return HG_STEP_DONE;
}

static enum hg_step run_set_transaction(struct hg_session *session, const struct hg_verdict *verdict)
{
    if (session->transaction.state != HG_TRANSACTION_NONE)
        return change(session, verdict->sql);
    hg_answer_warning(session, HG_NO_ACTIVE_TRANSACTION,
                      "SET TRANSACTION can only be used in transaction blocks");
    return HG_STEP_DONE;
}

enum hg_step hg_control_run(struct hg_session *session, const struct hg_verdict *verdict)
{
    const char *tag = verdict->tag;
    enum hg_step step;

    switch (verdict->statement) {
    case HG_STMT_BEGIN:
        step = run_begin(session, verdict);
        break;
    case HG_STMT_COMMIT:
    case HG_STMT_ROLLBACK:
        step = run_end(session, verdict, &tag);
        break;
    case HG_STMT_SAVEPOINT:
        step = run_savepoint(session, verdict);
        break;
    case HG_STMT_RELEASE:
        step = run_release(session, verdict);
        break;
    case HG_STMT_ROLLBACK_TO:
        step = run_back_to(session, verdict);
        break;
    default:
        step = run_set_transaction(session, verdict);
    }
    if (step == HG_STEP_DONE)
        hg_answer_tag(session, tag);
    return step;
}
