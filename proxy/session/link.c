/* The servers of a session: asking for them, sending to them, giving them back or up.
 *
 * A session has two slots, for one data backend and for the catalog, and some more for servers of other data
 * backends on which its transaction is open, too (spread.c), or cursors WITH HOLD are: those change places
 * with the first slot when they have their turn. Only the active slot has replies outstanding, so that the
 * order of what the client gets is never in doubt; changing over is a barrier. A slot keeps its server while
 * a transaction or an extended batch is open on it, and gives it back when the client's batch is over.
 *
 *     empty --hg_link_use()--> waiting --pool--> linked --batch over--> empty    (clean: for the next client)
 *                                 |                 |
 *                                 +--no server------+--lost, doubt----> empty    (closed)
 */
#include "session.h"

#include <stdlib.h>

#include "log.h"

#define PATIENT_S 10 /* of a statement_timeout that needs no care */

const char *hg_link_name(const struct hg_session *session, const struct hg_slot *slot)
{
    return hg_generation_config(session->generation)->backends[slot->backend].name;
}

int hg_session_catalog_index(const struct hg_session *session)
{
    return (int)session->user->role->catalog;
}

struct hg_slot *hg_link_slot(struct hg_session *session, int backend)
{
    return &session->slots[backend == hg_session_catalog_index(session) ? HG_SLOT_CATALOG : HG_SLOT_DATA];
}

/* ---- events of a server's socket ---- */

static void server_readable(void *owner)
{
    struct hg_slot *slot = owner;
    struct hg_session *session = slot->session;
    struct hg_server *server = slot->server;
    size_t cap = slot->want > HG_INBOX_BYTES ? slot->want + slot->accepted : HG_INBOX_BYTES;
    enum hg_io io = hg_inbox_fill(&server->inbox, server->conn, slot->want, cap);

    if (io == HG_IO_AGAIN)
        return;
    session->active_ms = hg_loop_now_ms(session->worker->loop);
    if (io != HG_IO_OK)
        hg_link_lose_text(session, slot, HG_CONNECTION_FAILURE, "was lost");
    hg_session_run(session);
}

static void server_writable(void *owner)
{
    struct hg_slot *slot = owner;

    hg_session_run(slot->session);
}

static const struct hg_conn_events server_events = {server_readable, server_writable};

/* ---- asking for a server ---- */

static void reset(struct hg_slot *slot)
{
    *slot = (struct hg_slot){.session = slot->session, .backend = -1};
}

static void acquired(void *owner, struct hg_server *server, const struct hg_fault *fault)
{
    struct hg_session *session = owner;
    struct hg_slot *slot = session->active;

    slot->waiter = NULL;
    hg_observe_served(session, slot->backend);
    if (server) {
        slot->server = server;
        hg_server_events(server, &server_events, slot);
    } else {
        struct hg_arena *arena = hg_session_arena(session);
        slot->failed = true;
        session->fault = *fault;
        session->fault.message = hg_arena_slice(arena, fault->message);
        session->fault.detail = hg_arena_slice(arena, fault->detail);
        session->fault.hint = hg_arena_slice(arena, fault->hint);
        hg_count_limit(session->worker->metrics, fault->detail);
    }
    hg_session_run(session);
}

void hg_link_forget_turn(struct hg_session *session)
{
    struct hg_slot *slot = session->active;

    if (slot->waiter)
        hg_waiter_cancel(slot->waiter);
    if (slot->failed)
        session->fault = (struct hg_fault){0};
    if (slot->waiter || slot->failed)
        reset(slot);
}

static enum hg_step acquire(struct hg_session *session, struct hg_slot *slot, int backend)
{
    if (slot->waiter)
        return HG_STEP_WAIT;
    if (!slot->failed) {
        const struct hg_claim claim = {.tenant = session->user->tenant->name,
                                       .user = session->user->name,
                                       .tenant_limits = session->user->tenant->limits,
                                       .user_limits = session->user->limits};
        slot->backend = backend;
        struct hg_waiter *waiter = hg_pool_acquire(
            session->worker->pools, session->generation->pools[backend], &claim, session, acquired);
        if (!slot->server && !slot->failed) {
            slot->waiter = waiter;
            hg_observe_waits(session);
            session->active_ms = hg_loop_now_ms(session->worker->loop);
            return HG_STEP_WAIT;
        }
    }
    if (slot->server)
        return HG_STEP_DONE;
    reset(slot);
    return HG_STEP_FAILED;
}

static bool holds_cursors(const struct hg_session *session, const struct hg_slot *slot)
{
    return slot->holding && hg_portals_hold(&session->prepared, slot->backend);
}

bool hg_link_is_resting(const struct hg_session *session, const struct hg_slot *slot)
{
    return slot->server && !slot->in_transaction && !slot->batch_open && holds_cursors(session, slot);
}

static void stand_in(struct hg_slot *slot, struct hg_slot content)
{
    *slot = content;
    if (slot->server)
        hg_server_events(slot->server, &server_events, slot);
}

static void exchange(struct hg_slot *a, struct hg_slot *b)
{
    struct hg_slot content = *a;

    stand_in(a, *b);
    stand_in(b, content);
}

/* Among those put aside: the one with a server of that backend, -1: one without a server. */
static struct hg_slot *find_aside(struct hg_session *session, int backend)
{
    for (int i = HG_SLOT_ASIDE; i < HG_NSLOTS; i++)
        if (session->slots[i].backend == backend && !session->slots[i].server == (backend < 0))
            return &session->slots[i];
    return NULL;
}

/* Another data backend has its turn: its server comes from aside, if it is there. The one that stands in its
 * place goes to its pool; aside, when the transaction is open on it, or cursors are. */
static enum hg_step take_place(struct hg_session *session, struct hg_slot *slot, int backend)
{
    if (hg_link_barrier(session) == HG_STEP_WAIT)
        return HG_STEP_WAIT;
    bool needed = slot->in_transaction || slot->batch_open || holds_cursors(session, slot);
    if (slot->server && !needed)
        hg_link_release(session, slot);
    struct hg_slot *aside = find_aside(session, backend);
    if (!aside && slot->server)
        aside = find_aside(session, -1);
    if (aside) {
        exchange(slot, aside);
        return HG_STEP_DONE;
    }
    if (!slot->server)
        return HG_STEP_DONE;
    hg_fault_set(&session->fault, hg_session_arena(session), HG_CONFIGURATION_LIMIT,
                 "the transaction and cursors WITH HOLD use too many backends");
    return HG_STEP_FAILED;
}

enum hg_step hg_link_turn(struct hg_session *session, int backend)
{
    struct hg_slot *slot = hg_link_slot(session, backend);

    if (slot->backend == backend || !find_aside(session, backend))
        return HG_STEP_DONE;
    return take_place(session, slot, backend);
}

/* Whether the settings that the batch before carried have stayed is known when it has been answered. */
static bool settings_are_sure(struct hg_session *session, struct hg_slot *slot)
{
    if (!slot->settings_in_batch || slot->batch_open)
        return true;
    if (hg_link_barrier(session) == HG_STEP_WAIT)
        return false;
    slot->settings_in_batch = false;
    return true;
}

enum hg_step hg_link_reach(struct hg_session *session, int backend)
{
    struct hg_slot *slot = hg_link_slot(session, backend);

    if (session->active->backend != backend)
        hg_link_forget_turn(session);
    if (slot->server ? slot->backend != backend : find_aside(session, backend) != NULL) {
        enum hg_step step = take_place(session, slot, backend);
        if (step != HG_STEP_DONE)
            return step;
    }
    if (session->active != slot) {
        if (hg_link_barrier(session) == HG_STEP_WAIT)
            return HG_STEP_WAIT;
        session->active = slot;
    }
    if (!slot->server) {
        enum hg_step step = acquire(session, slot, backend);
        if (step != HG_STEP_DONE)
            return step;
    }
    return hg_link_is_calm(slot) && settings_are_sure(session, slot) ? HG_STEP_DONE : HG_STEP_WAIT;
}

enum hg_step hg_link_use_plainly(struct hg_session *session, int backend)
{
    struct hg_slot *slot = hg_link_slot(session, backend);
    enum hg_step step = hg_link_reach(session, backend);

    if (step != HG_STEP_DONE)
        return step;
    step = hg_carry_names(session, slot);
    if (step != HG_STEP_DONE)
        return step;
    hg_link_open_transaction(session, slot);
    if (!slot->in_transaction && !slot->batch_open)
        hg_carry_settings(session, slot, hg_slice_of(NULL, 0), HG_CARRY_AHEAD);
    hg_carry_settings(session, slot, hg_slice_of(NULL, 0), HG_CARRY_ALONG);
    if (hg_link_is_data(slot) && !session->transaction.claims.used) {
        session->transaction.claims.used = true;
        session->transaction.claims.first = backend;
    }
    return HG_STEP_DONE;
}

enum hg_step hg_link_use(struct hg_session *session, int backend)
{
    enum hg_step step = hg_loading_step(session, backend);

    return step == HG_STEP_DONE ? hg_link_use_plainly(session, backend) : step;
}

static void calmed(void *lent_to)
{
    hg_session_run(lent_to);
}

bool hg_link_is_calm(struct hg_slot *slot)
{
    if (slot->server->cancels == 0)
        return true;
    slot->server->cancels_over = calmed;
    return false;
}

enum hg_step hg_link_barrier(struct hg_session *session)
{
    struct hg_slot *slot = session->active;

    if (hg_replies_empty(&session->replies))
        return HG_STEP_DONE;
    if (slot->server && slot->unflushed) {
        hg_encode_empty(&slot->server->outbox.bytes, HG_C_FLUSH);
        slot->unflushed = false;
    }
    return HG_STEP_WAIT;
}

/* ---- sending ---- */

struct hg_reply *hg_link_query(struct hg_session *session, struct hg_slot *slot, struct hg_slice sql,
                               enum hg_verb verb)
{
    struct hg_reply *reply = hg_replies_push(&session->replies, HG_EXPECT_QUERY, verb);

    hg_encode_query(&slot->server->outbox.bytes, sql);
    reply->in_transaction = slot->in_transaction;
    slot->batch_open = slot->unflushed = false;
    slot->server->unnamed = 0; /* a simple query takes the unnamed statement */
    return reply;
}

struct hg_reply *hg_link_expect(struct hg_session *session, struct hg_slot *slot, enum hg_expect expect,
                                enum hg_verb verb)
{
    slot->batch_open = slot->unflushed = true;
    return hg_replies_push(&session->replies, expect, verb);
}

void hg_link_sync(struct hg_session *session, struct hg_slot *slot, enum hg_verb verb, bool ready)
{
    struct hg_reply *reply = hg_replies_push(&session->replies, HG_EXPECT_SYNC, verb);

    hg_encode_empty(&slot->server->outbox.bytes, HG_C_SYNC);
    reply->in_transaction = slot->in_transaction;
    reply->ready = ready;
    slot->batch_open = slot->unflushed = false;
    slot->worked &= slot->in_transaction;
}

/* The settings go first, in a transaction of their own: a rollback must not undo them, and BEGIN's options
 * must come before any query. In the middle of a batch there is no such place, and none is needed: BEGIN
 * turns what is open into the block. */
void hg_link_open_transaction(struct hg_session *session, struct hg_slot *slot)
{
    const struct hg_transaction *transaction = &session->transaction;

    if (slot->in_transaction || transaction->state == HG_TRANSACTION_NONE ||
        transaction->state == HG_TRANSACTION_FAILED)
        return;
    if (slot->batch_open)
        slot->settings_in_transaction = true; /* those that the batch carried, if it did */
    else
        hg_carry_settings(session, slot, hg_slice_of(NULL, 0), HG_CARRY_BEFORE);
    slot->in_transaction = true;
    for (size_t i = 0; i < transaction->count; i++)
        hg_link_query(session, slot, hg_slice_cstr(transaction->list[i].sql), HG_VERB_INTERNAL);
}

/* Writes as much as the sockets take. A socket that fails is a server lost. */
void hg_link_flush(struct hg_session *session)
{
    for (int i = 0; i < HG_NSLOTS; i++) {
        struct hg_slot *slot = &session->slots[i];
        struct hg_server *server = slot->server;
        if (!server)
            continue;
        if (server->outbox.bytes.failed) {
            hg_link_lose_text(session, slot, HG_STATEMENT_TOO_LONG,
                              "was given more than it can take at once");
            continue;
        }
        if (!hg_outbox_pending(&server->outbox))
            continue;
        if (hg_outbox_flush(&server->outbox, server->conn) == HG_IO_ERROR)
            hg_link_lose_text(session, slot, HG_CONNECTION_FAILURE, "was lost");
    }
}

/* ---- giving back and giving up ---- */

/* Bytes that are the client's outlive the server that they came from. */
static void keep_accepted(struct hg_session *session, struct hg_slot *slot)
{
    if (slot->accepted)
        hg_write(&session->outbox.bytes, hg_inbox_at(&slot->server->inbox), slot->accepted);
    slot->accepted = 0;
}

bool hg_link_is_torn(const struct hg_session *session)
{
    for (int i = 0; i < HG_NSLOTS; i++)
        if (session->slots[i].rest > 0 && !session->slots[i].dropping)
            return true;
    return false;
}

static bool is_clean(const struct hg_slot *slot)
{
    const struct hg_server *server = slot->server;

    return server->status == 'I' && !slot->in_transaction && !slot->batch_open && slot->rest == 0 &&
           slot->accepted == 0 && hg_inbox_len(&server->inbox) == 0 &&
           hg_outbox_pending(&server->outbox) == 0;
}

/* So short a statement_timeout could end what is done to make the server ready for its next client, who would
 * be told of it. */
static bool is_hasty(const struct hg_server *server)
{
    const char *timeout = server->settings[HG_SET_statement_timeout];
    char *unit;

    if (!timeout)
        return true;
    if (strcmp(timeout, "0") == 0)
        return false;
    long number = strtol(timeout, &unit, 10);
    return number > 0 && (strcmp(unit, "ms") == 0 || (strcmp(unit, "s") == 0 && number < PATIENT_S));
}

/* What of its client's has to go first: empty when nothing has. */
static void write_farewell(struct hg_bytes *sql, const struct hg_slot *slot)
{
    if (slot->in_transaction)
        hg_write_slice(sql, HG_LIT("ROLLBACK;"));
    if (slot->holding)
        hg_write_slice(sql, HG_LIT("CLOSE ALL;"));
    if (is_hasty(slot->server))
        hg_write_slice(sql, HG_LIT("SET statement_timeout = 0;"));
}

static void part(struct hg_session *session, struct hg_slot *slot)
{
    struct hg_bytes sql = {0};

    write_farewell(&sql, slot);
    if (is_hasty(slot->server))
        hg_server_set(slot->server, HG_SET_statement_timeout, HG_LIT("0"));
    if (sql.len)
        hg_parting_begin(session->worker, slot->server, hg_bytes_slice(&sql));
    else
        hg_server_release(slot->server, true);
    hg_bytes_free(&sql);
}

void hg_link_release(struct hg_session *session, struct hg_slot *slot)
{
    if (is_clean(slot))
        part(session, slot);
    else
        hg_server_release(slot->server, false);
    reset(slot);
}

void hg_link_release_all(struct hg_session *session)
{
    for (int i = 0; i < HG_NSLOTS; i++) {
        struct hg_slot *slot = &session->slots[i];
        if (slot->server && !holds_cursors(session, slot))
            hg_link_release(session, slot);
    }
}

/* Nothing is outstanding, but its transaction is open. */
static bool is_in_idle_transaction(const struct hg_slot *slot)
{
    const struct hg_server *server = slot->server;

    return server->status != 'I' && slot->in_transaction && !slot->batch_open && slot->rest == 0 &&
           slot->accepted == 0 && server->cancels == 0 && hg_inbox_len(&server->inbox) == 0 &&
           hg_outbox_pending(&server->outbox) == 0;
}

static void abandon(struct hg_session *session, struct hg_slot *slot)
{
    struct hg_server *server = slot->server;
    bool busy = slot == session->active && !hg_replies_empty(&session->replies);

    keep_accepted(session, slot);
    if (busy)
        hg_server_cancel(server);
    if (!busy && is_in_idle_transaction(slot)) {
        if (slot->settings_in_transaction)
            hg_server_forget_settings(server);
        part(session, slot);
        reset(slot);
    } else if (!busy) {
        hg_link_release(session, slot);
    } else {
        hg_server_release(server, false);
        reset(slot);
    }
}

void hg_link_abandon_all(struct hg_session *session)
{
    hg_copy_stop(session);
    for (uint32_t i = 0; i < session->replies.count; i++)
        if (hg_replies_at(&session->replies, i)->observed)
            hg_observe_dropped(session, hg_replies_at(&session->replies, i), HG_OUTCOME_ABANDONED);
    for (int i = 0; i < HG_NSLOTS; i++) {
        struct hg_slot *slot = &session->slots[i];
        if (slot->waiter)
            hg_waiter_cancel(slot->waiter);
        if (slot->server)
            abandon(session, slot);
        else
            reset(slot);
    }
    while (!hg_replies_empty(&session->replies))
        hg_reply_pop(session);
}

/* Answers every batch that waited for the lost server: an error where its first answer would stand, then what
 * ends it. */
static void fail_replies(struct hg_session *session, int backend, struct hg_fault *fault)
{
    bool told = false, ended = true, counted = false;
    struct hg_reply *reply;

    while ((reply = hg_replies_head(&session->replies)) != NULL) {
        enum hg_verb verb = (enum hg_verb)reply->verb;
        bool query = reply->expect == HG_EXPECT_QUERY && verb == HG_VERB_FORWARD;
        bool ends = verb == HG_VERB_READY || (reply->expect == HG_EXPECT_SYNC && reply->ready);
        counted |= hg_observe_lost(session, reply, backend, fault, counted);
        hg_reply_pop(session);
        if (verb == HG_VERB_CAPTURE) {
            session->captured.failed = true;
            session->fault = *fault;
            told = true;
        } else if (!told && verb != HG_VERB_SYNTHESIZE && !ends) {
            told = true;
            hg_encode_fault(&session->outbox.bytes, HG_S_ERROR, "ERROR", fault);
            hg_control_failed(session, session->batches_ended);
        }
        if (query)
            session->query.failed = true;
        if (ends) {
            if (!told)
                hg_encode_fault(&session->outbox.bytes, HG_S_ERROR, "ERROR", fault);
            hg_batch_end(session);
            hg_answer_ready(session);
            told = false;
        }
        ended = ends || query || verb == HG_VERB_CAPTURE;
    }
    if (ended)
        return;
    session->skip_to_sync = true;
    session->doomed |= session->transaction.state == HG_TRANSACTION_NONE;
}

void hg_link_lose(struct hg_session *session, struct hg_slot *slot, const struct hg_fault *fault)
{
    struct hg_server *server = slot->server;
    bool torn = slot->rest > 0 && !slot->dropping;
    bool owed = slot == session->active && !hg_replies_empty(&session->replies);

    hg_log_about(&session->observing.about);
    hg_log(HG_LOG_WARNING, "user \"%s\": backend \"%s\": %.*s", session->user_name ? session->user_name : "",
           hg_link_name(session, slot), HG_SLICE_FMT(fault->message));
    keep_accepted(session, slot);
    hg_copy_stop(session);
    if (slot->in_transaction)
        session->transaction.lost = true;
    else if (slot->batch_open && !owed)
        session->batch_lost = true;
    bool block = slot->in_transaction;
    if (slot->holding)
        hg_portals_are_gone(&session->prepared, slot->backend, "the connection to its backend was lost");
    int backend = slot->backend;
    struct hg_fault words = *fault;
    hg_observe_loss(session, backend);
    hg_server_release(server, false);
    reset(slot);
    if (torn) { /* half a message is out: nothing that we could say would be understood */
        hg_session_close(session);
        return;
    }
    if (owed)
        fail_replies(session, backend, &words);
    if (block && session->transaction.state == HG_TRANSACTION_BLOCK) {
        session->transaction.state = HG_TRANSACTION_FAILED;
        session->transaction.lost_untold = true;
    }
}

bool hg_link_batch_is_lost(struct hg_session *session)
{
    if (!session->batch_lost)
        return false;
    session->batch_lost = false;
    return !hg_fault_set(&session->fault, hg_session_arena(session), HG_CONNECTION_FAILURE,
                         "the transaction lost the connection to its backend");
}

void hg_link_lose_text(struct hg_session *session, struct hg_slot *slot, const char *sqlstate,
                       const char *text)
{
    struct hg_fault fault = {0};

    hg_fault_set(&fault, hg_session_arena(session), sqlstate, "the connection to backend \"%s\" %s",
                 hg_link_name(session, slot), text);
    hg_link_lose(session, slot, &fault);
}
