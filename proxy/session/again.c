/* Statements whose tables were changed while they stood prepared.
 *
 * PostgreSQL refuses to run a prepared statement whose result would have other types than when it was
 * prepared: "cached plan must not change result type". Its own client would have to prepare it again. Here
 * that is not the client's affair: it may never have asked that server to prepare anything. What servers have
 * prepared of the text is of no use any more, for nobody (contents.h), and the statement is sent again, in a
 * transaction of its own or in a new one that has seen nothing else:
 *
 *     Bind or Describe -> error ... [Sync, if the client has not sent it] [ROLLBACK, if in a block]
 *          -> what the client sent, from that message on, is put back to the front of what is to be read
 *
 * That is done when nobody can tell: nothing of the reply has gone out, the transaction has done nothing on
 * that server that would be lost, and no later batch is on its way. Else the client is told, with what
 * drivers look at to prepare a statement again by themselves. The messages of a batch are kept for this while
 * they are few. */
#include "session.h"

#define MOST_KEPT  16384u
#define MOST_TIMES 20u /* in one batch: a server that still says so would for ever */

bool hg_again_is_wanted(const struct hg_error_msg *error)
{
    return hg_slice_is(error->sqlstate, HG_FEATURE_NOT_SUPPORTED) &&
           hg_slice_is(error->routine, "RevalidateCachedQuery");
}

void hg_again_retire(struct hg_session *session, const struct hg_statement *statement)
{
    const struct hg_statement *of = statement && statement->inner ? statement->inner : statement;

    if (of && of->content)
        hg_contents_retire(session->prepared.contents, of->content);
}

/* ---- keeping ---- */

/* Numbers of batches count from one here: 0 is none. */
static uint64_t batch_of(const struct hg_session *session, uint8_t type)
{
    bool ends = type == HG_C_SYNC || type == HG_C_QUERY || type == HG_C_FUNCTION_CALL;

    return session->prepared.batch + !ends;
}

void hg_again_keep(struct hg_session *session)
{
    struct hg_again *again = &session->kept;
    uint8_t type = session->message.type;
    uint64_t batch = batch_of(session, type);

    if (again->batch != batch) {
        hg_bytes_clear(&again->messages);
        again->whole = batch == session->batches_ended + 1;
        again->batch = batch;
        again->times = 0;
    }
    if (session->message.total == 0 || again->messages.len + session->message.total > MOST_KEPT) {
        again->whole = false;
        hg_bytes_free(&again->messages);
    }
    if (again->whole)
        hg_write(&again->messages, hg_inbox_at(&session->inbox), session->message.total);
}

void hg_again_mark(struct hg_session *session, const struct hg_slot *slot,
                   const struct hg_statement *statement, struct hg_reply *reply)
{
    const struct hg_again *again = &session->kept;
    const struct hg_claims *claims = &session->transaction.claims;
    bool kept = again->batch == batch_of(session, 0);
    bool harmless = !statement->effect.binds && !(claims->writes && claims->written == slot->backend) &&
                    !(claims->timed && claims->told_by == slot->backend) &&
                    session->prepared.portals.count == 0 && hg_session_bound(session).spreads;

    if ((slot->worked && !harmless) || again->times >= MOST_TIMES)
        return;
    if (reply->expect == HG_EXPECT_QUERY)
        reply->again = 1;
    else if (kept ? again->whole : session->prepared.batch == session->batches_ended)
        reply->again = (uint32_t)(kept ? again->messages.len : 0) + 1;
}

/* ---- sending again ---- */

/* The server is in no transaction then. */
static void leave(struct hg_session *session, struct hg_slot *slot)
{
    if (slot->in_transaction) {
        slot->in_transaction = slot->settings_in_transaction = false;
        hg_link_query(session, slot, HG_LIT("ROLLBACK"), HG_VERB_INTERNAL);
    }
    slot->worked = false;
}

void hg_again_query(struct hg_session *session, struct hg_slot *slot, struct hg_reply *reply)
{
    if (reply->observed)
        hg_observe_dropped(session, reply, HG_OUTCOME_SKIPPED);
    reply->verb = HG_VERB_INTERNAL;
    reply->ready = false;
    session->query.again = true;
    session->kept.times++;
    leave(session, slot);
}

/* A message that is being worked on and has changed nothing yet. */
static bool is_untouched(const struct hg_session *session)
{
    return !session->message.active || (session->message.total && !session->message.shape_asked &&
                                        !session->local_begun && !session->preparing && !session->checking &&
                                        !session->asking && !session->asking_time && !session->round_sent);
}

/* Its Sync stands behind it, or was not sent yet. */
static bool find_sync(struct hg_session *session, bool *synced)
{
    *synced = false;
    for (uint32_t i = 1; i < session->replies.count && !*synced; i++) {
        const struct hg_reply *reply = hg_replies_at(&session->replies, i);
        if (reply->verb == HG_VERB_READY || (reply->expect == HG_EXPECT_SYNC && !reply->ready))
            return false;
        *synced = reply->expect == HG_EXPECT_SYNC;
    }
    return true;
}

bool hg_again_can(struct hg_session *session, const struct hg_reply *reply)
{
    const struct hg_again *again = &session->kept;
    bool synced;

    return reply->again && again->whole && again->batch == session->batches_ended + 1 &&
           is_untouched(session) && !session->copying.on && !session->copying.asked &&
           find_sync(session, &synced) &&
           hg_inbox_len(&session->inbox) + again->messages.len <= HG_INBOX_BYTES;
}

/* The entries up to the Sync are gone. */
void hg_again_batch(struct hg_session *session, struct hg_slot *slot, uint32_t from)
{
    struct hg_again *again = &session->kept;
    struct hg_reply *sync = hg_replies_head(&session->replies);

    if (sync) {
        sync->verb = HG_VERB_QUIET;
        sync->ready = false;
        session->prepared.batch--;
    } else {
        hg_link_sync(session, slot, HG_VERB_QUIET, false);
    }
    leave(session, slot);
    hg_portals_leave(&session->prepared, slot->backend);
    if (!hg_inbox_unread(&session->inbox, again->messages.data + from, again->messages.len - from)) {
        hg_session_fatal_text(session, HG_INTERNAL_ERROR, "a statement could not be sent again");
        return;
    }
    again->messages.len = from;
    again->times++;
    hg_errands_drop(session);
    session->message = (struct hg_message){0};
}
