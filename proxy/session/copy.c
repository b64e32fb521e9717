/* COPY … FROM STDIN.
 *
 *            CopyInResponse                       CopyDone, CopyFail
 *   (asked) ----------------> on: rows go through -----------------> (the reply goes on as any other)
 *                              |  error of the server, server lost
 *                              +--> off: what the client still sends is dropped, to its next Sync in the
 *                                   extended protocol
 *
 * While the server takes rows the statement's own message is under way (query.c, extended.c), so the client's
 * next messages stand at the front of its inbox, and hg_copy_pump() takes them from there. Of a CopyData only
 * the header is needed whole: rows are passed on as they come, in messages of our own, because PostgreSQL
 * does not care where one ends. What the server does not take fills its outbox up to MOST_UNSENT; then the
 * client is not read any more.
 *
 * Nothing is committed unless the client says CopyDone: one that goes away takes its server with it. */
#include "copy.h"

#include "session.h"

#define MOST_UNSENT   262144u
#define MOST_COPYDATA 0x40000000u /* PostgreSQL's own limits of these messages */
#define MOST_SMALL    10000u

/* ---- beginning and ending ---- */

/* The statement of a simple query that the server is at; NULL: none. */
static const struct hg_verdict *verdict_at(const struct hg_query *query)
{
    size_t which = query->at + query->complete;

    return which < query->end ? &query->verdicts.list[which] : NULL;
}

/* What is to become of the rows; NULL: the statement takes none. */
static const struct hg_copy_in *plan_of(const struct hg_session *session, const struct hg_reply *reply)
{
    const struct hg_verdict *verdict = verdict_at(&session->query);

    if (reply->statement)
        return reply->statement->copy_in;
    return reply->expect == HG_EXPECT_QUERY && verdict ? verdict->copy_in : NULL;
}

/* Is it one that gives rows by COPY? */
static bool gives_rows(const struct hg_session *session, const struct hg_reply *reply)
{
    const struct hg_verdict *verdict = verdict_at(&session->query);

    if (reply->statement)
        return reply->statement->kind == HG_STMT_COPY_OUT;
    return reply->expect == HG_EXPECT_QUERY && verdict && verdict->statement == HG_STMT_COPY_OUT;
}

bool hg_copy_fits(struct hg_session *session, const struct hg_reply *reply, uint8_t type)
{
    struct hg_copying *copying = &session->copying;

    switch (type) {
    case HG_S_COPY_OUT:
        copying->out = !copying->out && reply->verb == HG_VERB_FORWARD && gives_rows(session, reply);
        return copying->out;
    case HG_S_COPY_DATA:
        return copying->out;
    case HG_S_COPY_DONE: {
        bool was = copying->out;
        copying->out = false;
        return was;
    }
    case HG_S_COMMAND_COMPLETE:
    case HG_S_DATA_ROW:
        return !copying->on && !copying->out;
    default:
        return true;
    }
}

/* The client's number of columns: without the one that it does not send. */
static bool answer(struct hg_session *session, struct hg_slice body, bool prefixed)
{
    struct hg_reader reader = hg_reader_of(body.ptr, body.len);
    struct hg_bytes *out = &session->outbox.bytes;
    uint8_t format = hg_read_u8(&reader);
    uint16_t columns = hg_read_u16(&reader);

    if (prefixed && hg_read_u16(&reader) == 0 && columns > 0)
        columns--;
    else if (prefixed)
        return false;
    struct hg_slice formats = hg_read_bytes(&reader, 2u * columns);
    if (reader.failed || hg_reader_left(&reader))
        return false;
    size_t begun = hg_frame_begin(out, HG_S_COPY_IN);
    hg_write_u8(out, format);
    hg_write_u16(out, columns);
    hg_write_slice(out, formats);
    hg_frame_end(out, begun);
    return true;
}

bool hg_copy_begin(struct hg_session *session, const struct hg_reply *reply, const struct hg_frame *frame)
{
    struct hg_copying *copying = &session->copying;
    const struct hg_copy_in *plan = reply->verb == HG_VERB_FORWARD ? plan_of(session, reply) : NULL;

    if (!plan || copying->on || !answer(session, frame->body, plan->prefixed))
        return false;
    copying->on = true;
    copying->prefixed = plan->prefixed;
    if (plan->prefixed)
        hg_copy_rows_init(&copying->rows, plan, session->user->tenant->value);
    return true;
}

void hg_copy_stop(struct hg_session *session)
{
    hg_copy_rows_free(&session->copying.rows);
    session->copying.on = session->copying.out = false;
}

/* ---- rows ---- */

static void pass_rows(struct hg_session *session, struct hg_slice data)
{
    struct hg_copying *copying = &session->copying;
    struct hg_bytes *out = &session->active->server->outbox.bytes;
    size_t before = out->len, begun = hg_frame_begin(out, HG_C_COPY_DATA), empty = out->len;

    if (copying->prefixed)
        hg_copy_rows_write(&copying->rows, data, out);
    else
        hg_write_slice(out, data);
    if (out->len > empty)
        hg_frame_end(out, begun);
    else
        out->len = before;
}

/* The server's answer to the end is a part of the batch, if there is one: it comes when it is asked for. The
 * Flush that was sent behind the statement was lost in the rows. */
static void answer_is_due(struct hg_session *session)
{
    session->active->unflushed = session->active->batch_open;
    hg_copy_stop(session);
}

/* The end, as the client wants it. What the server should have refused by now is never completed. */
static void pass_end(struct hg_session *session)
{
    struct hg_copying *copying = &session->copying;
    struct hg_bytes *out = &session->active->server->outbox.bytes;
    size_t before = out->len, begun = hg_frame_begin(out, HG_C_COPY_DATA), empty = out->len;
    bool sound = !copying->prefixed || hg_copy_rows_end(&copying->rows, out);

    if (out->len > empty)
        hg_frame_end(out, begun);
    else
        out->len = before;
    if (sound) {
        hg_encode_empty(out, HG_C_COPY_DONE);
    } else {
        begun = hg_frame_begin(out, HG_C_COPY_FAIL);
        hg_write_cstr(out, HG_LIT("the rows are malformed"));
        hg_frame_end(out, begun);
    }
    answer_is_due(session);
}

static void pass_failure(struct hg_session *session, struct hg_slice body)
{
    struct hg_bytes *out = &session->active->server->outbox.bytes;
    size_t begun = hg_frame_begin(out, HG_C_COPY_FAIL);

    hg_write_slice(out, body);
    hg_frame_end(out, begun);
    answer_is_due(session);
}

/* ---- the client's messages ---- */

/* Neither rows nor their end: PostgreSQL closes the connection, too, with these two errors. */
static void refuse_message(struct hg_session *session, uint8_t type)
{
    struct hg_fault fault = {0};

    hg_fault_set(&fault, hg_session_arena(session), HG_PROTOCOL_VIOLATION,
                 "unexpected message type 0x%02X during COPY from stdin", type);
    hg_encode_fault(&session->outbox.bytes, HG_S_ERROR, "ERROR", &fault);
    hg_session_fatal_text(session, HG_PROTOCOL_VIOLATION,
                          "terminating connection because protocol synchronization was lost");
}

static void goodbye(struct hg_session *session)
{
    session->input_ended = true;
    hg_session_close(session);
}

static void take_small(struct hg_session *session, const struct hg_frame *frame)
{
    bool terminated = frame->body.len && frame->body.ptr[frame->body.len - 1] == '\0';

    switch (frame->type) {
    case HG_C_COPY_DONE:
        pass_end(session);
        break;
    case HG_C_COPY_FAIL:
        if (!terminated) {
            hg_session_fatal_text(session, HG_PROTOCOL_VIOLATION, "invalid message format");
            return;
        }
        pass_failure(session, frame->body);
        break;
    default: /* Flush and Sync mean nothing here */
        break;
    }
    hg_inbox_consume(&session->inbox, frame->total);
}

/* What has come of the CopyData at hand. */
static void take_rest(struct hg_session *session)
{
    struct hg_copying *copying = &session->copying;
    size_t len = hg_inbox_len(&session->inbox);

    if (len > copying->rest)
        len = copying->rest;
    if (copying->on) {
        session->observing.received += len;
        pass_rows(session, hg_slice_of((const char *)hg_inbox_at(&session->inbox), len));
    }
    hg_inbox_consume(&session->inbox, len);
    copying->rest -= (uint32_t)len;
    session->active_ms = hg_loop_now_ms(session->worker->loop);
}

/* One message, or a part of it. False when nothing is there. */
static bool take(struct hg_session *session)
{
    struct hg_frame frame;

    if (!hg_inbox_len(&session->inbox))
        return false;
    if (session->copying.rest) {
        take_rest(session);
        return true;
    }
    enum hg_frame_status status =
        hg_frame_peek(hg_inbox_at(&session->inbox), hg_inbox_len(&session->inbox), MOST_COPYDATA, &frame);
    if (status == HG_FRAME_SHORT)
        return false;
    if (!strchr("dcfHSX", frame.type) || !frame.type) {
        refuse_message(session, frame.type);
        return false;
    }
    if (status == HG_FRAME_BAD || (frame.type != HG_C_COPY_DATA && frame.total > MOST_SMALL)) {
        hg_session_fatal_text(session, HG_PROTOCOL_VIOLATION, "invalid message length");
        return false;
    }
    if (frame.type == HG_C_TERMINATE) {
        goodbye(session);
        return false;
    }
    if (frame.type == HG_C_COPY_DATA) {
        hg_inbox_consume(&session->inbox, HG_FRAME_HEADER);
        session->copying.rest = frame.total - HG_FRAME_HEADER;
        return true;
    }
    if (status == HG_FRAME_PARTIAL)
        return false;
    take_small(session, &frame);
    return true;
}

bool hg_copy_is_blocked(const struct hg_session *session)
{
    const struct hg_server *server = session->active->server;

    /* What is partly sent stays where it is until all of it is out: see net/outbox.c. */
    return session->copying.on && server &&
           (server->outbox.sent || hg_outbox_pending(&server->outbox) >= MOST_UNSENT);
}

void hg_copy_pump(struct hg_session *session)
{
    while (session->phase == HG_PHASE_READY && session->copying.on && !hg_copy_is_blocked(session))
        if (!take(session))
            break;
    if (session->phase == HG_PHASE_READY && session->copying.on && session->input_ended &&
        !hg_copy_is_blocked(session))
        goodbye(session);
}

bool hg_copy_drop(struct hg_session *session)
{
    struct hg_frame frame;
    bool dropped = false;

    if (!session->copying.rest && hg_inbox_len(&session->inbox) &&
        *hg_inbox_at(&session->inbox) == HG_C_COPY_DATA &&
        hg_frame_peek(hg_inbox_at(&session->inbox), hg_inbox_len(&session->inbox), MOST_COPYDATA, &frame) !=
            HG_FRAME_SHORT &&
        frame.total >= HG_FRAME_HEADER && frame.total <= MOST_COPYDATA) {
        hg_inbox_consume(&session->inbox, HG_FRAME_HEADER);
        session->copying.rest = frame.total - HG_FRAME_HEADER;
        dropped = true; /* though it may be empty */
    }
    if (!session->copying.rest || !hg_inbox_len(&session->inbox))
        return dropped;
    take_rest(session);
    return true;
}
