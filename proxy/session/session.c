/* A session: one client from accept to close, on one worker.
 *
 *   STARTUP --SSLRequest--> TLS --> STARTUP         startup.c
 *      |  StartupMessage
 *      v
 *     PROOF ---> SETTINGS ----> READY               login.c (who it is: proof.c; startup settings)
 *      |            |             |  X, end of input, FATAL
 *      +------------+-------------+----> FLUSH ----> LINGER ----> DEAD
 *      |                          |
 *      +--> CONSOLE (for administrators, in ../admin)
 *
 * Whatever happens, a readable or writable socket, a server that a pool hands over, a timer, ends in
 * hg_session_run(). It goes on until nothing can go on any more: it relays what servers sent, and works on
 * the client's messages, one at a time and in order. A message's handler is a function that may be called
 * again: while it returns HG_STEP_WAIT the message stays the current one. So there is one place where a
 * session waits, and none where it blocks.
 *
 *   query.c, extended.c   messages          link.c     servers of the session
 *   local.c, control.c    own answers       relay.c    from a server to the client
 *   copy.c                rows from a client
 *   carry.c               settings          errors.c   what of an error the client may see
 *
 * Between messages a session that is not in a transaction holds no server and no memory but itself. It is
 * freed at the end of the loop's turn, never under the feet of a caller. */
#include "session.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "frame.h"
#include "log.h"
#include "peer.h"

#define MOST_UNREAD    HG_INBOX_BYTES /* input that is read ahead while a message waits */
#define MOST_UNSENT_UP 1048576u       /* to a server, likewise */
#define MOST_EXPECTED  1024u          /* replies, likewise */
#define TURN_US        2000u          /* a session that goes on for longer lets others have their turn */
#define CLOCK_STEPS    4u             /* the clock is read once in so many steps */

static void run_on(void *argument)
{
    hg_session_run(argument);
}

/* ---- life ---- */

static void free_session(void *argument)
{
    struct hg_session *session = argument;
    struct hg_worker *worker = session->worker;

    hg_later_cancel(&session->more);
    if (session->dialog)
        worker->shared->console_ops->close(session);
    hg_conn_free(session->conn);
    hg_inbox_free(&session->inbox);
    hg_outbox_free(&session->outbox);
    hg_timer_free(&session->timer);
    hg_login_free_state(session);
    hg_replies_free(&session->replies);
    hg_copy_stop(session);
    hg_prepared_free(&session->prepared);
    hg_values_free(&session->values);
    hg_bytes_free(&session->said);
    hg_bytes_free(&session->kept.messages);
    hg_transaction_free(&session->transaction);
    if (session->arena)
        hg_worker_give_arena(worker, session->arena);
    free(session->environment);
    free(session->user_name);
    free(session->tenant_value);
    hg_generation_drop(session->generation);
    hg_worker_remove(worker, session);
    free(session);
}

void hg_session_new(struct hg_worker *worker, int fd)
{
    struct hg_session *session = hg_calloc(1, sizeof *session);

    session->worker = worker;
    session->generation = hg_generation_hold(worker->generation);
    for (int i = 0; i < HG_NSLOTS; i++)
        session->slots[i] = (struct hg_slot){.session = session, .backend = -1};
    session->active = &session->slots[0];
    hg_replies_init(&session->replies);
    hg_values_init(&session->values);
    hg_prepared_init(&session->prepared, worker->shared->contents);
    hg_later_init(&session->later, free_session, session);
    hg_later_init(&session->more, run_on, session);
    hg_session_watch(session);
    hg_observe_new(session);
    session->active_ms = hg_loop_now_ms(worker->loop);
    session->conn = hg_conn_new(worker->loop, fd, &hg_session_client_events, session);
    const struct hg_config *config = hg_generation_config(session->generation);
    hg_conn_keepalive(session->conn,
                      &(struct hg_keepalive){config->keepalive_idle_ms, config->keepalive_interval_ms,
                                             config->keepalive_count, config->tcp_user_timeout_ms});
    hg_conn_want(session->conn, true, false);
    hg_worker_add(worker, session);
    hg_session_arm(session);
}

void hg_session_die(struct hg_session *session)
{
    if (session->phase == HG_PHASE_DEAD)
        return;
    hg_link_abandon_all(session);
    hg_observe_free(session);
    hg_errands_drop(session);
    if (session->forward)
        hg_peer_cancel_stop(session->forward);
    session->forward = NULL;
    session->phase = HG_PHASE_DEAD;
    if (session->pid)
        hg_cancel_keys_remove(session->worker->shared->keys, session->pid);
    session->pid = 0;
    session->activity = NULL;
    if (session->listed)
        atomic_fetch_sub(&session->worker->shared->clients, 1);
    session->listed = false;
    hg_timer_stop(&session->timer);
    hg_conn_want(session->conn, false, false);
    hg_later_ask(&session->later, session->worker->loop);
}

void hg_session_close(struct hg_session *session)
{
    if (session->phase >= HG_PHASE_FLUSH)
        return;
    hg_link_abandon_all(session);
    session->phase = HG_PHASE_FLUSH;
    session->active_ms = hg_loop_now_ms(session->worker->loop);
    hg_session_run(session);
}

void hg_session_fatal(struct hg_session *session, const struct hg_fault *fault)
{
    if (session->phase >= HG_PHASE_FLUSH)
        return;
    if (session->phase == HG_PHASE_TLS) { /* nothing can be said in the middle of a handshake */
        hg_session_die(session);
        return;
    }
    bool torn = hg_link_is_torn(session);
    hg_observe_fatal(session, fault);
    hg_link_abandon_all(session);
    if (!torn)
        hg_encode_fault(&session->outbox.bytes, HG_S_ERROR, "FATAL", fault);
    hg_session_close(session);
}

void hg_session_fatal_text(struct hg_session *session, const char *sqlstate, const char *text)
{
    struct hg_fault fault = {.message = hg_slice_cstr(text)};

    memcpy(fault.sqlstate, sqlstate, sizeof fault.sqlstate);
    hg_session_fatal(session, &fault);
}

struct hg_arena *hg_session_arena(struct hg_session *session)
{
    if (!session->arena)
        session->arena = hg_worker_take_arena(session->worker);
    return session->arena;
}

/* ---- reloading and ending ---- */

/* Nothing is owed to the client, no transaction is open and no server is linked. */
static bool is_idle(const struct hg_session *session)
{
    if (session->phase != HG_PHASE_READY || session->message.active || session->skip_to_sync ||
        session->transaction.state != HG_TRANSACTION_NONE || !hg_replies_empty(&session->replies))
        return false;
    for (int i = 0; i < HG_NSLOTS; i++)
        if (session->slots[i].waiter ||
            (session->slots[i].server && !hg_link_is_resting(session, &session->slots[i])))
            return false;
    return true;
}

/* As it logged in; NULL when the policy has no such user of that tenant any more. */
static const struct hg_user *same_user(const struct hg_session *session, const struct hg_snapshot *snapshot)
{
    const struct hg_user *user = hg_snapshot_user(snapshot, hg_slice_cstr(session->user_name));

    return user && hg_slice_is(user->tenant->value, session->tenant_value) ? user : NULL;
}

static void removed(struct hg_session *session)
{
    hg_session_fatal_text(session, HG_ADMIN_SHUTDOWN,
                          "terminating connection because the user is no longer what it was at login");
}

/* To the worker's current generation, when idle. False when the session had to be ended. */
static bool renew(struct hg_session *session)
{
    struct hg_generation *current = session->worker->generation;

    session->outdated = false;
    if (session->generation == current)
        return true;
    const struct hg_user *user = same_user(session, current->snapshot);
    if (!user) {
        removed(session);
        return false;
    }
    hg_cursors_give_up(session, "the configuration was reloaded");
    hg_generation_drop(session->generation);
    session->generation = hg_generation_hold(current);
    session->user = user;
    hg_limits_renew(session);
    return true;
}

void hg_session_reloaded(struct hg_session *session)
{
    const struct hg_snapshot *snapshot = session->worker->generation->snapshot;

    if (is_idle(session))
        (void)renew(session);
    else if (session->phase == HG_PHASE_READY && snapshot->cut_off_now && !same_user(session, snapshot))
        removed(session);
    else
        session->outdated = true;
}

void hg_session_end_soon(struct hg_session *session)
{
    session->ending = true;
    if (session->worker->relieved && session->batches_ended == 0)
        return; /* it came to be served: somebody else serves it the next time */
    if (session->phase < HG_PHASE_READY || is_idle(session))
        hg_session_fatal_text(session, HG_ADMIN_SHUTDOWN,
                              "terminating connection due to administrator command");
}

/* ---- messages ---- */

struct hg_slice hg_session_message(const struct hg_session *session)
{
    const char *at = (const char *)hg_inbox_at(&session->inbox);

    return hg_slice_of(at + HG_FRAME_HEADER, session->message.total - HG_FRAME_HEADER);
}

void hg_session_malformed(struct hg_session *session)
{
    char text[HG_COMPLAINT_BYTES];

    hg_decode_complaint(session->message.type, hg_session_message(session), text);
    hg_fault_set(&session->fault, hg_session_arena(session), HG_PROTOCOL_VIOLATION, "%s", text);
}

void hg_session_consume(struct hg_session *session)
{
    hg_inbox_consume(&session->inbox, session->message.total);
    session->message.total = 0;
}

static void message_done(struct hg_session *session)
{
    hg_observe_message_done(session);
    hg_again_keep(session);
    if (session->message.total)
        hg_session_consume(session);
    session->message = (struct hg_message){0};
    session->copying.asked = false;
    hg_errands_drop(session);
    hg_link_forget_turn(session);
    session->fault = (struct hg_fault){0};
    session->local_begun = session->asking = session->types_asked = false;
    session->checking = 0;
    session->asking_time = false;
    if (session->arena)
        hg_arena_reset(session->arena);
    session->active_ms = hg_loop_now_ms(session->worker->loop);
}

/* Too much is on its way already: the sockets' events bring us back. */
static bool is_congested(const struct hg_session *session)
{
    const struct hg_server *server = session->active->server;

    return hg_outbox_pending(&session->outbox) > HG_MOST_UNSENT || session->replies.count > MOST_EXPECTED ||
           (server && hg_outbox_pending(&server->outbox) > MOST_UNSENT_UP) || hg_copy_is_blocked(session);
}

/* The client has gone or said goodbye: what it asked for before is still answered. */
static bool goodbye(struct hg_session *session)
{
    if (hg_link_barrier(session) == HG_STEP_WAIT)
        return false;
    session->input_ended = true;
    hg_session_close(session);
    return true;
}

/* Makes the next message the current one. False when there is none. */
static bool next_message(struct hg_session *session)
{
    struct hg_frame frame;
    uint32_t most = hg_generation_config(session->generation)->max_message_bytes;

    if (is_congested(session))
        return false;
    while (hg_copy_drop(session))
        ; /* left over from a copy that failed: PostgreSQL ignores them too */
    enum hg_frame_status status =
        hg_inbox_len(&session->inbox)
            ? hg_frame_peek(hg_inbox_at(&session->inbox), hg_inbox_len(&session->inbox), most, &frame)
            : HG_FRAME_SHORT;
    if (status == HG_FRAME_BAD) { /* what stood before it is still answered */
        if (hg_link_barrier(session) == HG_STEP_DONE)
            hg_session_fatal_text(session, HG_PROTOCOL_VIOLATION, "invalid message length");
        return false;
    }
    session->want = status == HG_FRAME_PARTIAL ? frame.total : 0;
    if (status != HG_FRAME_COMPLETE)
        return session->input_ended && goodbye(session);
    if (is_idle(session)) {
        if (session->ending)
            hg_session_end_soon(session);
        else
            (void)renew(session);
    }
    session->message = (struct hg_message){.active = true, .type = frame.type, .total = frame.total};
    hg_observe_message(session);
    return session->phase == HG_PHASE_READY;
}

/* An extended message was refused here: PostgreSQL would now skip to the Sync. */
static enum hg_step refuse(struct hg_session *session)
{
    hg_observe_refused(session, session->observing.subject);
    if (hg_fault_is_set(&session->fault))
        hg_answer_fault(session, &session->fault);
    session->doomed |= session->transaction.state == HG_TRANSACTION_NONE;
    hg_control_failed(session, session->prepared.batch);
    session->skip_to_sync = true;
    return HG_STEP_DONE;
}

/* What was sent before may fail, or change what this message means: it is looked at again behind that. */
static enum hg_step refuse_in_turn(struct hg_session *session)
{
    if (hg_link_barrier(session) == HG_STEP_DONE)
        return refuse(session);
    session->fault = (struct hg_fault){0};
    session->message.rewritten = false;
    return HG_STEP_WAIT;
}

static enum hg_step unknown_type(struct hg_session *session)
{
    char text[64];

    if (hg_link_barrier(session) == HG_STEP_WAIT)
        return HG_STEP_WAIT;
    snprintf(text, sizeof text, "invalid frontend message type %u", session->message.type);
    hg_session_fatal_text(session, HG_PROTOCOL_VIOLATION, text);
    return HG_STEP_WAIT;
}

static enum hg_step message_step(struct hg_session *session)
{
    uint8_t type = session->message.type;
    enum hg_step step;

    if (type != HG_C_QUERY)
        session->observing.subject = (struct hg_slice){0}; /* while it waited its statement may have gone */
    if (session->skip_to_sync && type != HG_C_SYNC && type != HG_C_TERMINATE)
        return HG_STEP_DONE;
    switch (type) {
    case HG_C_QUERY:
    case HG_C_FUNCTION_CALL:
        return hg_query_step(session);
    case HG_C_PARSE:
    case HG_C_BIND:
    case HG_C_DESCRIBE:
    case HG_C_EXECUTE:
    case HG_C_CLOSE:
    case HG_C_FLUSH:
    case HG_C_SYNC:
        step = hg_extended_step(session);
        return step == HG_STEP_FAILED ? refuse_in_turn(session) : step;
    case HG_C_COPY_DONE:
    case HG_C_COPY_FAIL:
        return HG_STEP_DONE; /* likewise */
    case HG_C_TERMINATE:
        session->observing.goodbye = true;
        (void)goodbye(session);
        return HG_STEP_WAIT;
    default:
        return unknown_type(session);
    }
}

/* ---- the loop ---- */

static bool advance_ready(struct hg_session *session)
{
    bool progress = hg_relay(session);

    if (session->phase != HG_PHASE_READY)
        return false;
    if (!session->message.active && !next_message(session))
        return progress;
    if (session->phase != HG_PHASE_READY || message_step(session) == HG_STEP_WAIT)
        return progress;
    message_done(session);
    return true;
}

static bool advance(struct hg_session *session)
{
    switch (session->phase) {
    case HG_PHASE_STARTUP:
        return hg_startup_step(session);
    case HG_PHASE_PROOF:
        return hg_login_step(session);
    case HG_PHASE_SETTINGS:
        return hg_settings_step(session);
    case HG_PHASE_READY:
        return advance_ready(session);
    case HG_PHASE_CONSOLE:
        return session->worker->shared->console_ops->step(session);
    default:
        return false;
    }
}

/* Outside a transaction, with nothing under way, the servers go back. */
static void release_servers(struct hg_session *session)
{
    if (session->phase != HG_PHASE_READY || session->message.active ||
        session->transaction.state != HG_TRANSACTION_NONE || !hg_replies_empty(&session->replies))
        return;
    for (int i = 0; i < HG_NSLOTS; i++)
        if (session->slots[i].batch_open)
            return;
    hg_link_release_all(session);
}

/* Nothing waits for the client but answers that go out with the next one of a server. */
static bool is_patient(const struct hg_session *session)
{
    return session->patient && session->patient == hg_outbox_pending(&session->outbox) &&
           session->phase == HG_PHASE_READY && !session->input_ended && !hg_replies_empty(&session->replies);
}

static void flush_client(struct hg_session *session)
{
    if (session->phase == HG_PHASE_TLS || session->phase >= HG_PHASE_LINGER)
        return;
    if (session->outbox.bytes.failed) {
        hg_session_die(session);
        return;
    }
    if (is_patient(session))
        return;
    session->patient = 0;
    enum hg_io io =
        hg_outbox_pending(&session->outbox) ? hg_outbox_flush(&session->outbox, session->conn) : HG_IO_OK;
    if (io == HG_IO_ERROR || io == HG_IO_EOF) {
        hg_session_die(session);
        return;
    }
    if (io == HG_IO_AGAIN || session->phase != HG_PHASE_FLUSH)
        return;
    if (session->input_ended || hg_conn_is_tls(session->conn)) {
        hg_session_die(session);
        return;
    }
    /* Closing with unread input would make the kernel reset the connection and drop our last words. */
    shutdown(hg_conn_fd(session->conn), SHUT_WR);
    session->phase = HG_PHASE_LINGER;
    hg_inbox_free(&session->inbox);
}

/* What each socket is watched for. */
static void set_interest(struct hg_session *session)
{
    bool unsent = hg_outbox_pending(&session->outbox) > 0 && !is_patient(session);

    if (session->phase == HG_PHASE_DEAD || session->phase == HG_PHASE_TLS)
        return;
    for (int i = 0; i < HG_NSLOTS; i++) {
        const struct hg_slot *slot = &session->slots[i];
        if (!slot->server)
            continue;
        unsent |= slot->accepted > 0;
        bool read = slot->accepted == 0 && hg_outbox_pending(&session->outbox) <= HG_MOST_UNSENT;
        hg_conn_want(slot->server->conn, read, hg_outbox_pending(&slot->server->outbox) > 0);
    }
    bool full =
        hg_inbox_len(&session->inbox) >= MOST_UNREAD && hg_inbox_len(&session->inbox) >= session->want;
    bool read = !session->input_ended && !full && session->phase != HG_PHASE_FLUSH;
    hg_conn_want(session->conn, read, unsent);
}

static void rest(struct hg_session *session)
{
    if (session->message.active || session->phase == HG_PHASE_SETTINGS || session->phase == HG_PHASE_PROOF)
        return;
    if (session->arena) {
        hg_worker_give_arena(session->worker, session->arena);
        session->arena = NULL;
    }
    if (!hg_outbox_pending(&session->outbox))
        hg_outbox_free(&session->outbox);
    if (hg_replies_empty(&session->replies))
        hg_bytes_free(&session->said);
    if (session->kept.batch <= session->batches_ended)
        hg_bytes_free(&session->kept.messages);
    hg_inbox_trim(&session->inbox);
}

void hg_session_run(struct hg_session *session)
{
    if (session->running) {
        session->again = true;
        return;
    }
    session->running = true;
    session->turn_us = hg_clock_us();
    hg_log_about(&session->observing.about);
    do {
        session->again = false;
        for (unsigned steps = 1; advance(session); steps++) {
            if (steps % CLOCK_STEPS || hg_clock_us() < session->turn_us + TURN_US)
                continue;
            hg_later_ask(&session->more, session->worker->loop);
            break;
        }
        bool congested = is_congested(session);
        hg_link_flush(session);
        flush_client(session);
        session->again |= congested && !is_congested(session);
    } while (session->again);
    session->running = false;
    release_servers(session);
    if (session->phase == HG_PHASE_READY && session->ending && is_idle(session))
        hg_session_end_soon(session);
    if (session->outdated && is_idle(session))
        (void)renew(session);
    set_interest(session);
    if (session->phase != HG_PHASE_DEAD) {
        rest(session);
        hg_session_arm(session);
    }
    hg_log_about(NULL);
}

/* ---- events of the client's socket ---- */

/* After our last words: what still comes is thrown away. */
static void linger(struct hg_session *session)
{
    uint8_t waste[4096];
    size_t got;

    enum hg_io io = hg_conn_read(session->conn, waste, sizeof waste, &got);
    if (io == HG_IO_EOF || io == HG_IO_ERROR)
        hg_session_die(session);
}

static void client_readable(void *owner)
{
    struct hg_session *session = owner;

    if (session->phase == HG_PHASE_LINGER) {
        linger(session);
        return;
    }
    if (session->phase == HG_PHASE_STARTUP && hg_startup_is_direct_tls(session))
        return;
    size_t cap = session->want > HG_INBOX_BYTES ? session->want : HG_INBOX_BYTES;
    switch (hg_inbox_fill(&session->inbox, session->conn, session->want, cap)) {
    case HG_IO_OK:
        break;
    case HG_IO_AGAIN:
        return;
    case HG_IO_EOF:
        session->input_ended = true;
        break;
    case HG_IO_ERROR:
        hg_session_die(session);
        return;
    }
    if (session->input_ended && session->phase < HG_PHASE_SETTINGS && session->phase != HG_PHASE_FORWARD) {
        hg_session_die(session);
        return;
    }
    hg_session_run(session);
}

static void client_writable(void *owner)
{
    struct hg_session *session = owner;

    session->active_ms = hg_loop_now_ms(session->worker->loop);
    hg_session_run(session);
}

const struct hg_conn_events hg_session_client_events = {client_readable, client_writable};
