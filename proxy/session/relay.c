/* From a server to the client.
 *
 * The server's inbox is read frame by frame, by the headers alone. Whatever goes to the client unchanged
 * stays where it is and is only counted (slot->accepted); it is written to the client's socket straight from
 * the inbox when the inbox is exhausted or when something has to come between. So a reply of any size costs
 * no copy, and one of ordinary size one write, ReadyForQuery included, whose status byte is replaced in
 * place. Rows may be partly there: they stream.
 *
 *       inbox:  | accepted: for the client | next frame | ... not looked at yet |
 *
 * What the client does not take stays in the inbox, and a server whose inbox has something accepted is not
 * read (session.c decides that): a slow client costs one inbox, whatever the size of the result.
 *
 * Only messages that have to be understood are needed whole: errors, notices, row descriptions, tags, the
 * answers to our own questions, and rows, up to a size, of results in whose values numbers of types or names
 * of roles stand. A message that cannot come at its place means that we no longer know what the
 * server is doing: it is given up. */
#include "session.h"

#include "auditing.h"
#include "frame.h"
#include "role_names.h"
#include "type_values.h"

#define MAX_REPLY_BYTES    0x40000000u /* of one message, as PostgreSQL's own limit */
#define MAX_WHOLE_BYTES    (4u << 20)  /* of one that is needed whole */
#define MAX_CAPTURED       10000u      /* rows of the answer to a question of ours */
#define MAX_CAPTURED_BYTES (64u << 20) /* of the arena, for them */
#define MAX_NOTICES_BYTES                                                                                    \
    (8u << 20)               /* that one client message may take of its arena; later ones are dropped */
#define MOST_CARRIERS 1664u  /* columns of a result */
#define COPY_BYTES    16384u /* so little is copied behind as little that waits, to make one write of two */

/* ---- the client's side ---- */

/* Puts what was accepted out, or behind what waits in the outbox. False while the client does not take it. */
static bool pass_accepted(struct hg_session *session, struct hg_slot *slot)
{
    struct hg_server *server = slot->server;

    while (slot->accepted) {
        const uint8_t *at = hg_inbox_at(&server->inbox);
        size_t put = slot->accepted;
        size_t waiting = hg_outbox_pending(&session->outbox);
        if (waiting && waiting <= COPY_BYTES && slot->accepted <= COPY_BYTES) {
            hg_write(&session->outbox.bytes, at, slot->accepted);
        } else {
            session->patient = 0;
            enum hg_io io = hg_outbox_flush(&session->outbox, session->conn);
            if (io == HG_IO_OK)
                io = hg_conn_write(session->conn, at, slot->accepted, &put);
            if (io == HG_IO_AGAIN)
                return false;
            if (io != HG_IO_OK) {
                hg_session_die(session);
                return false;
            }
            session->active_ms = hg_loop_now_ms(session->worker->loop);
        }
        hg_inbox_consume(&server->inbox, put);
        slot->accepted -= put;
    }
    return true;
}

/* The reply is complete: the server is wanted elsewhere, so what the client has not taken is copied. It is no
 * more than an inbox. */
static void detach_accepted(struct hg_session *session, struct hg_slot *slot)
{
    if (!slot->accepted || pass_accepted(session, slot) || session->phase == HG_PHASE_DEAD)
        return;
    hg_write(&session->outbox.bytes, hg_inbox_at(&slot->server->inbox), slot->accepted);
    hg_inbox_consume(&slot->server->inbox, slot->accepted);
    slot->accepted = 0;
}

/* ---- the FIFO ---- */

void hg_reply_pop(struct hg_session *session)
{
    struct hg_reply *reply = hg_replies_head(&session->replies);

    if (reply->observed)
        hg_observe_dropped(session, reply, HG_OUTCOME_ABANDONED);
    hg_statement_drop(&session->prepared, reply->statement);
    hg_tally_drop(reply->tally);
    hg_spoken_drop(reply->spoken);
    hg_replies_pop(&session->replies);
    if (hg_replies_empty(&session->replies) && session->active->server)
        hg_limits_rest(session);
}

void hg_relay_settle(struct hg_session *session)
{
    struct hg_slot *slot = session->active;
    struct hg_reply *head;

    while ((head = hg_replies_head(&session->replies)) != NULL) {
        if (head->verb != HG_VERB_SYNTHESIZE && head->verb != HG_VERB_READY)
            return;
        if (slot->server && !pass_accepted(session, slot))
            return;
        if (head->verb == HG_VERB_SYNTHESIZE) {
            hg_write_slice(&session->outbox.bytes, hg_replies_made(&session->replies));
            if (head->makes) {
                head->statement->unsure = false;
                hg_prepared_settle(&session->prepared, head->statement);
            }
        } else {
            hg_batch_end(session);
            hg_answer_ready(session);
        }
        hg_reply_pop(session);
    }
    if (slot->server)
        detach_accepted(session, slot);
}

/* The server never did what this entry stands for: neither did we, then. It failed, or was skipped. */
static void unmake(struct hg_session *session, const struct hg_reply *reply, bool skipped)
{
    struct hg_server *server = session->active->server;

    if (reply->expect == HG_EXPECT_PARSE && reply->content) {
        if (reply->unnamed)
            server->unnamed = 0;
        else
            hg_server_forget_prepared(server, reply->content);
        if (reply->verb == HG_VERB_FORWARD && reply->statement)
            hg_prepared_withdraw(&session->prepared, reply->statement, skipped);
    }
    if (reply->makes)
        hg_prepared_withdraw(&session->prepared, reply->statement, skipped);
    if (reply->expect == HG_EXPECT_CLOSE && reply->content)
        (void)hg_server_add_prepared(server, reply->content, SIZE_MAX);
    if (reply->declares)
        hg_portals_withdraw(&session->prepared, reply->statement);
    if (reply->syncs_settings)
        hg_server_forget_settings(server);
}

/* After an error: entries up to the next Sync were skipped by the server. */
static void skip_replies(struct hg_session *session)
{
    struct hg_reply *head;

    while ((head = hg_replies_head(&session->replies)) != NULL && head->expect != HG_EXPECT_SYNC &&
           head->verb != HG_VERB_READY) {
        unmake(session, head, true);
        if (head->observed)
            hg_observe_dropped(session, head, HG_OUTCOME_SKIPPED);
        hg_reply_pop(session);
    }
    if (head)
        return;
    session->skip_to_sync = true;
    session->doomed |= session->transaction.state == HG_TRANSACTION_NONE;
}

/* ---- whole messages ---- */

static void tell_limit(struct hg_session *session, const struct hg_slot *slot, struct hg_reply *reply,
                       struct hg_fault *fault)
{
    (void)hg_observe_lost(session, reply, slot->backend, fault, false);
    hg_encode_fault(&session->outbox.bytes, HG_S_ERROR, "ERROR", fault);
}

static void lose_nonsense(struct hg_session *session, struct hg_slot *slot)
{
    hg_link_lose_text(session, slot, HG_CONNECTION_FAILURE, "was closed: it broke the protocol");
}

static void drop_frame(struct hg_slot *slot, const struct hg_frame *frame)
{
    hg_inbox_consume(&slot->server->inbox, frame->total);
}

/* Whose words a client hears: those of its own statements. */
static bool is_heard(const struct hg_reply *reply)
{
    return reply && (reply->verb == HG_VERB_FORWARD || reply->verb == HG_VERB_QUIET);
}

static void take_notice(struct hg_session *session, struct hg_slot *slot, const struct hg_reply *reply,
                        const struct hg_frame *frame)
{
    struct hg_error_msg notice;

    if (!hg_decode_error(frame->body, &notice)) {
        lose_nonsense(session, slot);
        return;
    }
    if (is_heard(reply) && !hg_error_is_of_function(slot, &notice) &&
        hg_session_arena(session)->used < MAX_NOTICES_BYTES) {
        hg_error_clean(session, slot, reply, &notice);
        hg_encode_error(&session->outbox.bytes, HG_S_NOTICE, &notice);
    }
    drop_frame(slot, frame);
}

static void lose_internal(struct hg_session *session, struct hg_slot *slot, const struct hg_error_msg *error)
{
    struct hg_fault fault = {0};

    memcpy(fault.sqlstate, HG_CONNECTION_FAILURE, sizeof fault.sqlstate);
    if (error->sqlstate.len == 5)
        memcpy(fault.sqlstate, error->sqlstate.ptr, 5);
    hg_canonical_free(&session->worker->canonical); /* perhaps it knows other names by now */
    fault.message = hg_arena_printf(hg_session_arena(session),
                                    "backend \"%s\" could not be prepared for this session: %.*s",
                                    hg_link_name(session, slot), HG_SLICE_FMT(error->message));
    hg_link_lose(session, slot, &fault);
}

static void take_farewell(struct hg_session *session, struct hg_slot *slot, const struct hg_error_msg *error)
{
    struct hg_fault fault;

    /* The client's own setting: it would have ended its connection. */
    if (hg_slice_is(error->sqlstate, HG_IDLE_IN_TRANSACTION_TIMEOUT)) {
        hg_error_to_fault(session, error, &fault);
        hg_session_fatal(session, &fault);
        return;
    }
    hg_link_lose_text(session, slot, HG_CONNECTION_FAILURE, "was closed by the server");
}

/* The tables of a prepared statement were changed: see again.c. False: the client has to know. */
static bool send_again(struct hg_session *session, struct hg_slot *slot, struct hg_reply *reply)
{
    bool skipping = session->skip_to_sync, doomed = session->doomed;
    uint32_t again = reply->again;

    if (reply->expect == HG_EXPECT_QUERY && again) {
        hg_server_forget_settings(slot->server);
        hg_again_query(session, slot, reply);
        return true;
    }
    if (!hg_again_can(session, reply))
        return false;
    hg_server_forget_settings(slot->server);
    unmake(session, reply, false);
    hg_reply_pop(session);
    skip_replies(session);
    session->skip_to_sync = skipping;
    session->doomed = doomed;
    hg_again_batch(session, slot, again - 1);
    return true;
}

/* Drivers look at the SQLSTATE and the routine. */
static void reword(struct hg_error_msg *error)
{
    error->message = HG_LIT("the result of a prepared statement has other types than when it was prepared");
    error->detail = HG_LIT("Its tables were changed.");
    error->hint = HG_LIT("Prepare it again.");
}

/* The client is told of the entry's error, in the server's words or in ours. */
static void tell_error(struct hg_session *session, const struct hg_slot *slot, struct hg_reply *reply,
                       struct hg_error_msg *error)
{
    struct hg_fault fault;

    if (hg_limits_explain(session, reply, error, &fault)) {
        tell_limit(session, slot, reply, &fault);
        return;
    }
    uint64_t number = hg_observe_failed(session, reply, error->sqlstate.ptr);
    hg_error_clean(session, slot, reply, error);
    if (hg_observe_tells(session, NULL))
        error->detail = hg_observe_detail(session, error->detail, number);
    hg_encode_error(&session->outbox.bytes, HG_S_ERROR, error);
}

/* The entry's error is told or kept; then whatever the server skips because of it. */
static void settle_error(struct hg_session *session, struct hg_slot *slot, struct hg_reply *reply,
                         struct hg_error_msg *error)
{
    enum hg_verb verb = (enum hg_verb)reply->verb;
    bool goes_on = reply->expect == HG_EXPECT_QUERY || reply->expect == HG_EXPECT_SYNC;

    if (hg_again_is_wanted(error)) {
        hg_again_retire(session, reply->statement);
        if (send_again(session, slot, reply))
            return;
        reword(error);
    }
    reply->failed = true;
    hg_copy_stop(session);
    /* Settings that were carried ahead of the statement, without a Sync between, are rolled back with it. */
    hg_server_forget_settings(slot->server);
    if (is_heard(reply)) {
        tell_error(session, slot, reply, error);
        if (reply->expect != HG_EXPECT_QUERY)
            hg_control_failed(session, session->batches_ended);
    } else if (verb == HG_VERB_CAPTURE) {
        hg_error_clean(session, slot, reply, error);
        session->observing.answered = !hg_limits_explain(session, reply, error, &session->fault);
        if (session->observing.answered)
            hg_error_to_fault(session, error, &session->fault);
        session->captured.failed = true;
    }
    if (goes_on)
        return;
    unmake(session, reply, false);
    hg_reply_pop(session);
    bool skipping = session->skip_to_sync, doomed = session->doomed;
    skip_replies(session);
    if (verb == HG_VERB_CAPTURE || verb == HG_VERB_DOOM) { /* their Sync is ours */
        session->skip_to_sync = skipping;
        session->doomed = doomed;
    }
}

static void take_error(struct hg_session *session, struct hg_slot *slot, struct hg_reply *reply,
                       const struct hg_frame *frame)
{
    struct hg_error_msg error;

    if (!hg_decode_error(frame->body, &error) || error.sqlstate.len != 5) {
        lose_nonsense(session, slot);
        return;
    }
    if (hg_error_is_farewell(&error)) {
        take_farewell(session, slot, &error);
        return;
    }
    if (!reply || reply->expect == HG_EXPECT_NOTHING) {
        lose_nonsense(session, slot);
        return;
    }
    if (reply->verb == HG_VERB_INTERNAL) {
        lose_internal(session, slot, &error);
        return;
    }
    settle_error(session, slot, reply, &error);
    drop_frame(slot, frame);
    hg_relay_settle(session);
}

static void take_ready(struct hg_session *session, struct hg_slot *slot, struct hg_reply *reply,
                       struct hg_frame *frame)
{
    uint8_t status;

    if (reply && reply->verb == HG_VERB_DOOM) { /* it had failed before: the doom was skipped */
        hg_reply_pop(session);
        reply = hg_replies_head(&session->replies);
    }
    if (!reply || hg_reply_fit((enum hg_expect)reply->expect, HG_S_READY) != HG_FIT_END ||
        !hg_decode_ready(frame->body, &status)) {
        lose_nonsense(session, slot);
        return;
    }
    slot->server->status = status;
    hg_copy_stop(session);
    if ((status != 'I') != reply->in_transaction) {
        hg_link_lose_text(session, slot, HG_CONNECTION_FAILURE,
                          "was closed: its transaction is not the client's");
        return;
    }
    if (reply->expect == HG_EXPECT_QUERY && reply->verb == HG_VERB_FORWARD)
        hg_query_end(session, reply);
    if (!reply->ready) {
        drop_frame(slot, frame);
    } else {
        hg_batch_end(session);
        if (session->values.unreported) {
            hg_answer_ready(session);
            drop_frame(slot, frame);
        } else {
            ((uint8_t *)frame->body.ptr)[0] = hg_ready_status(session);
            slot->accepted += frame->total;
        }
    }
    hg_reply_pop(session);
    hg_relay_settle(session);
}

static void capture(struct hg_session *session, const struct hg_frame *frame)
{
    struct hg_arena *arena = hg_session_arena(session);
    struct hg_captured *captured = &session->captured;
    struct hg_slice *values;
    uint16_t count;

    if (frame->type != HG_S_DATA_ROW || captured->nrows == MAX_CAPTURED ||
        captured->bytes > MAX_CAPTURED_BYTES || !hg_decode_row(frame->body, arena, &values, &count) ||
        count == 0)
        return;
    captured->bytes += frame->total + count * sizeof *values;
    if (captured->nrows == captured->room) {
        struct hg_slice *old = captured->rows;
        captured->room = captured->room ? captured->room * 2 : 4;
        captured->rows = HG_NEW_ARRAY(arena, struct hg_slice, captured->room);
        if (old)
            memcpy(captured->rows, old, captured->nrows * sizeof *old);
    }
    captured->rows[captured->nrows++] = values[0].ptr ? hg_arena_slice(arena, values[0]) : values[0];
}

/* Values of which columns hold numbers of types is known from here on. */
static void note_carriers(const struct hg_reply *reply, const struct hg_frame *frame)
{
    uint16_t columns[MOST_CARRIERS];
    size_t count = hg_type_carriers(frame->body, columns, MOST_CARRIERS);

    if (reply->statement && reply->expect != HG_EXPECT_QUERY)
        hg_statement_carries(reply->statement, columns, count < MOST_CARRIERS ? count : MOST_CARRIERS);
}

static bool holds_type_numbers(const struct hg_reply *reply)
{
    return reply && reply->expect == HG_EXPECT_EXECUTE && reply->statement && reply->statement->ncarriers;
}

/* What a data server says of columns, parameters and values: its tables and types by the catalog's numbers.
 */
static bool make_logical(struct hg_session *session, const struct hg_slot *slot, const struct hg_reply *reply,
                         const struct hg_frame *frame)
{
    static const struct hg_type_backend nothing;
    const struct hg_type_backend *types = &hg_session_types(session)->backends[slot->backend];
    void *body = (void *)frame->body.ptr;
    size_t len = frame->body.len;
    bool stale = false, sound = true;

    if (types->pool != slot->server->pool)
        types = &nothing;
    if (frame->type == HG_S_ROW_DESCRIPTION)
        sound = hg_types_in_row(types, body, len, &stale);
    else if (frame->type == HG_S_PARAMETER_DESCRIPTION)
        sound = hg_types_in_parameters(types, body, len, &stale);
    else if (frame->type == HG_S_DATA_ROW && holds_type_numbers(reply))
        hg_types_in_data(types, body, len, reply->statement->carriers, reply->statement->ncarriers);
    if (frame->type == HG_S_ROW_DESCRIPTION && sound)
        note_carriers(reply, frame);
    if (stale)
        hg_loading_is_stale(session, slot->backend);
    return sound;
}

/* A message of a statement's result, counted once. */
static void count(struct hg_session *session, struct hg_slot *slot, struct hg_reply *reply,
                  const struct hg_frame *frame)
{
    session->observing.bytes += frame->total;
    session->observing.rows +=
        frame->type == HG_S_DATA_ROW || (frame->type == HG_S_COPY_DATA && reply->bounded);
    if (reply->bounded && !reply->cut && strchr("DdT", frame->type))
        hg_limits_check(session, slot, reply, frame->type);
}

/* The server has completed what we had cut: the client is told of an error all the same. */
static void end_cut(struct hg_session *session, struct hg_slot *slot, struct hg_reply *reply, bool ends)
{
    const struct hg_error_msg none = {.sqlstate = HG_LIT("")};
    struct hg_fault fault;

    if (hg_limits_explain(session, reply, &none, &fault))
        tell_limit(session, slot, reply, &fault);
    reply->failed = true;
    if (!ends)
        return;
    hg_control_failed(session, session->batches_ended);
    hg_reply_pop(session);
    skip_replies(session);
    hg_relay_settle(session);
}

static bool is_row(uint8_t type)
{
    return type == HG_S_DATA_ROW || type == HG_S_COPY_DATA;
}

/* A row with access control lists in which the client's name is to stand. */
static bool write_role_names(struct hg_session *session, const struct hg_slot *slot,
                             const struct hg_reply *reply, const struct hg_frame *frame)
{
    if (!reply->rights || !is_row(frame->type) || slot->accepted || !hg_role_names_stand_in(frame->body))
        return false;
    hg_role_names_write(&session->outbox.bytes, frame->type, frame->body, hg_slice_cstr(session->user_name));
    return true;
}

static void take_part(struct hg_session *session, struct hg_slot *slot, struct hg_reply *reply,
                      struct hg_frame *frame)
{
    enum hg_fit fit = reply ? hg_reply_fit((enum hg_expect)reply->expect, frame->type) : HG_FIT_WRONG;
    bool data = hg_link_is_data(slot);

    if (fit == HG_FIT_WRONG || !hg_copy_fits(session, reply, frame->type) ||
        (data && !make_logical(session, slot, reply, frame))) {
        lose_nonsense(session, slot);
        return;
    }
    if (frame->type == HG_S_COPY_IN) {
        if (hg_copy_begin(session, reply, frame))
            drop_frame(slot, frame);
        else
            lose_nonsense(session, slot);
        return;
    }
    hg_shape_take(session, reply, frame);
    if (reply->verb == HG_VERB_CAPTURE)
        capture(session, frame);
    bool drops = reply->cut;
    if (reply->observed)
        count(session, slot, reply, frame);
    if (drops || (reply->cut && frame->type == HG_S_DATA_ROW)) {
        bool over = strchr("CIs", frame->type) != NULL;
        drop_frame(slot, frame);
        if (over)
            end_cut(session, slot, reply, fit == HG_FIT_END);
        return;
    }
    if (frame->type == HG_S_PORTAL_SUSPENDED)
        hg_limits_suspended(session, reply);
    if (reply->observed && strchr("CIs", frame->type))
        hg_observe_completed(session, reply, frame);
    if (reply->expect == HG_EXPECT_QUERY && reply->verb == HG_VERB_FORWARD && /* a BEGIN of ours counts not */
        (frame->type == HG_S_COMMAND_COMPLETE || frame->type == HG_S_EMPTY_QUERY))
        session->query.complete++;
    if (reply->verb == HG_VERB_FORWARD && !write_role_names(session, slot, reply, frame))
        slot->accepted += frame->total;
    else
        drop_frame(slot, frame);
    if (fit == HG_FIT_END) {
        if (reply->expect == HG_EXPECT_PARSE && reply->verb == HG_VERB_FORWARD && reply->statement)
            hg_prepared_settle(&session->prepared, reply->statement);
        hg_reply_pop(session);
        hg_relay_settle(session);
    }
}

static void take_whole(struct hg_session *session, struct hg_slot *slot, struct hg_reply *reply,
                       struct hg_frame *frame)
{
    switch (frame->type) {
    case HG_S_NOTICE:
        take_notice(session, slot, reply, frame);
        break;
    case HG_S_PARAMETER_STATUS: /* settings are the client's own: see values.h */
    case HG_S_NOTIFICATION:
        drop_frame(slot, frame);
        break;
    case HG_S_ERROR:
        take_error(session, slot, reply, frame);
        break;
    case HG_S_READY:
        take_ready(session, slot, reply, frame);
        break;
    default:
        take_part(session, slot, reply, frame);
    }
}

/* ---- frames ---- */

/* Bytes of a message that streams. False when none are there, or cannot be moved yet. */
static bool stream(struct hg_session *session, struct hg_slot *slot, size_t available)
{
    uint32_t len = available < slot->rest ? (uint32_t)available : slot->rest;

    if (len == 0)
        return false;
    if (slot->dropping) {
        if (!pass_accepted(session, slot))
            return false;
        hg_inbox_consume(&slot->server->inbox, len);
    } else {
        slot->accepted += len;
    }
    slot->rest -= len;
    return true;
}

static bool stays_in_place(const struct hg_session *session, const struct hg_reply *reply, uint8_t type)
{
    if (!reply || reply->verb != HG_VERB_FORWARD || strchr("ENSAG", type))
        return false;
    if (reply->rights && is_row(type))
        return false;
    if (reply->cut || (reply->bounded && type == HG_S_DATA_ROW))
        return type == HG_S_READY && reply->ready && !session->values.unreported;
    return type != HG_S_READY || (reply->ready && !session->values.unreported);
}

/* The parameters of a statement are told before what its rows look like; if an error comes instead, after
 * which the question is sent again, they would be told twice. So they wait for the byte behind them: WAIT
 * until it is there, FAILED when they are not to be told. */
static enum hg_step parameters_step(struct hg_session *session, struct hg_slot *slot,
                                    const struct hg_reply *reply, uint32_t total, size_t available)
{
    slot->want = total + 1;
    if (available <= total)
        return HG_STEP_WAIT;
    slot->want = 0;
    bool failed = hg_inbox_at(&slot->server->inbox)[slot->accepted + total] == HG_S_ERROR;
    return failed && hg_again_can(session, reply) ? HG_STEP_FAILED : HG_STEP_DONE;
}

/* One frame, or a part of one. False when there is nothing to do for now. */
static bool one_frame(struct hg_session *session, struct hg_slot *slot)
{
    struct hg_server *server = slot->server;
    struct hg_reply *reply = slot == session->active ? hg_replies_head(&session->replies) : NULL;
    size_t available = hg_inbox_len(&server->inbox) - slot->accepted;
    struct hg_frame frame;

    if (available == 0)
        return false;
    if (slot->rest)
        return stream(session, slot, available);
    enum hg_frame_status status =
        hg_frame_peek(hg_inbox_at(&server->inbox) + slot->accepted, available, MAX_REPLY_BYTES, &frame);
    if (status == HG_FRAME_SHORT)
        return false;
    bool rows = is_row(frame.type);
    bool streams = rows && reply && reply->verb != HG_VERB_CAPTURE &&
                   hg_reply_fit((enum hg_expect)reply->expect, frame.type) == HG_FIT_PART &&
                   hg_copy_fits(session, reply, frame.type);
    if (rows && reply && reply->rights && frame.total <= MAX_WHOLE_BYTES)
        streams = false;
    if (slot != &session->slots[HG_SLOT_CATALOG] && holds_type_numbers(reply) &&
        frame.total <= MAX_WHOLE_BYTES)
        streams = false;
    if (status == HG_FRAME_BAD || frame.type == 0 || (!streams && frame.total > MAX_WHOLE_BYTES)) {
        lose_nonsense(session, slot);
        return true;
    }
    if (streams) {
        slot->rest = frame.total;
        if (reply->observed)
            count(session, slot, reply, &frame);
        slot->dropping = reply->verb != HG_VERB_FORWARD || reply->cut;
        return true;
    }
    slot->want = status == HG_FRAME_PARTIAL ? frame.total : 0;
    if (status == HG_FRAME_PARTIAL)
        return false;
    enum hg_step step = HG_STEP_DONE;
    if (frame.type == HG_S_PARAMETER_DESCRIPTION && reply && reply->again)
        step = parameters_step(session, slot, reply, frame.total, available);
    bool stays = step == HG_STEP_DONE && stays_in_place(session, reply, frame.type);
    if (step == HG_STEP_WAIT || (!stays && !pass_accepted(session, slot)))
        return false;
    if (step == HG_STEP_FAILED) {
        drop_frame(slot, &frame);
        return true;
    }
    /* Passing may have moved nothing, but the frame's place is now the front of the inbox or where it was. */
    (void)hg_frame_peek(hg_inbox_at(&server->inbox) + slot->accepted,
                        hg_inbox_len(&server->inbox) - slot->accepted, MAX_REPLY_BYTES, &frame);
    take_whole(session, slot, reply, &frame);
    return true;
}

bool hg_relay(struct hg_session *session)
{
    bool progress = false;

    hg_relay_settle(session);
    for (int i = 0; i < HG_NSLOTS; i++) {
        struct hg_slot *slot = &session->slots[i];
        while (slot->server && session->phase <= HG_PHASE_READY &&
               hg_outbox_pending(&session->outbox) <= HG_MOST_UNSENT && one_frame(session, slot))
            progress = true;
        if (slot->server && session->phase <= HG_PHASE_READY)
            (void)pass_accepted(session, slot);
    }
    return progress;
}
