/* DECLARE, FETCH, MOVE and CLOSE. A cursor lives on the server on which it was declared, under the client's
 * name, in the name space of the protocol's portals; what is known of it here is just where that is. FETCH
 * and its like are sent there.
 *
 * A cursor WITH HOLD outlives its transaction. While one is open its server stays with the session, which may
 * use it for whatever else it sends; a server that had one is told CLOSE ALL before its pool gets it back. */
#include "session.h"

static bool no_cursor(struct hg_session *session, struct hg_slice name, const char *why)
{
    struct hg_arena *arena = hg_session_arena(session);

    hg_fault_set(&session->fault, arena, HG_UNDEFINED_CURSOR, "cursor \"%.*s\" does not exist",
                 HG_SLICE_FMT(name));
    if (why)
        hg_fault_detail(&session->fault, arena, "It was closed because %s.", why);
    return false;
}

bool hg_elsewhere_find(struct hg_session *session, const struct hg_verdict *verdict,
                       struct hg_elsewhere *found)
{
    if (verdict->statement == HG_STMT_EXECUTE)
        return hg_execute_find(session, verdict, found);
    const struct hg_portal *portal = hg_portal_find(&session->prepared, verdict->name);
    if (!portal || portal->statement->local || portal->gone)
        return no_cursor(session, verdict->name, portal ? portal->gone : NULL);
    *found = (struct hg_elsewhere){
        .backend = portal->backend, .sql = verdict->sql, .statement = portal->statement};
    return true;
}

/* ---- DECLARE ---- */

#define RESERVED HG_LIT("hg_") /* how names of our own begin on a server */

bool hg_cursor_name_is_allowed(struct hg_session *session, struct hg_slice name)
{
    return name.len < RESERVED.len || memcmp(name.ptr, RESERVED.ptr, RESERVED.len) != 0 ||
           hg_fault_set(&session->fault, hg_session_arena(session), HG_DUPLICATE_CURSOR,
                        "portal name \"%.*s\" is reserved", HG_SLICE_FMT(name));
}

/* Outside of a transaction: the server will refuse it. */
static bool is_hopeless(const struct hg_session *session, const struct hg_verdict *verdict)
{
    return session->transaction.state == HG_TRANSACTION_NONE && !verdict->hold;
}

bool hg_cursor_may_be_declared(struct hg_session *session, const struct hg_verdict *verdict)
{
    struct hg_arena *arena = hg_session_arena(session);
    struct hg_slice name = verdict->name;
    const struct hg_portal *portal = hg_portal_find(&session->prepared, name);

    if (!hg_cursor_name_is_allowed(session, name))
        return false;
    if (is_hopeless(session, verdict))
        return true;
    if (portal && !portal->gone)
        return hg_fault_set(&session->fault, arena, HG_DUPLICATE_CURSOR, "cursor \"%.*s\" already exists",
                            HG_SLICE_FMT(name));
    if (session->prepared.portals.count >= hg_generation_config(session->generation)->max_prepared)
        return hg_fault_set(&session->fault, arena, HG_CONFIGURATION_LIMIT, "too many portals");
    hg_portal_close(&session->prepared, name);
    return true;
}

void hg_cursor_declare(struct hg_session *session, const struct hg_verdict *verdict,
                       struct hg_statement *statement, uint64_t batch)
{
    if (is_hopeless(session, verdict))
        return;
    struct hg_portal *portal = hg_portal_put(&session->prepared, verdict->name, statement);

    portal->batch = batch;
    portal->mark = session->transaction.count;
    portal->backend = session->active->backend;
    portal->cursor = true;
    portal->hold = verdict->hold;
    session->active->holding |= verdict->hold;
}

/* ---- CLOSE ALL ---- */

/* One server's turn. */
static enum hg_step close_on(struct hg_session *session, struct hg_slot *slot)
{
    if (!session->round_sent) {
        if (hg_link_barrier(session) == HG_STEP_WAIT || !hg_link_is_calm(slot))
            return HG_STEP_WAIT;
        bool client_batch = slot->batch_open;
        session->active = slot;
        session->captured = (struct hg_captured){0};
        hg_carry_call(session, slot, HG_LIT("CLOSE ALL"));
        if (!client_batch)
            hg_link_sync(session, slot, HG_VERB_CAPTURE, false);
        session->round_sent = true;
    }
    if (hg_link_barrier(session) == HG_STEP_WAIT)
        return HG_STEP_WAIT;
    session->round_sent = false;
    return session->captured.failed ? HG_STEP_FAILED : HG_STEP_DONE;
}

enum hg_step hg_cursor_close_all(struct hg_session *session)
{
    while (session->round_at < HG_NSLOTS) {
        struct hg_slot *slot = &session->slots[session->round_at];
        bool open = slot->server && (slot->in_transaction || slot->batch_open || slot->holding);
        enum hg_step step = session->round_sent || open ? close_on(session, slot) : HG_STEP_DONE;
        if (step == HG_STEP_WAIT)
            return HG_STEP_WAIT;
        session->round_at++;
        if (step == HG_STEP_FAILED) {
            session->round_at = 0;
            return HG_STEP_FAILED;
        }
    }
    session->round_at = 0;
    hg_portal_close_all(&session->prepared);
    return HG_STEP_DONE;
}

/* ---- WITH HOLD ---- */

void hg_cursors_give_up(struct hg_session *session, const char *why)
{
    hg_portals_are_gone(&session->prepared, -1, why);
    for (int i = 0; i < HG_NSLOTS; i++)
        if (session->slots[i].server && session->slots[i].holding)
            hg_link_release(session, &session->slots[i]);
}
