/* What a client was told of the results of its prepared statements.
 *
 * Drivers ask once what the rows of a statement look like, and from then on send Bind and Execute alone. When
 * a reload of the policy, or a change of the tables, gives the statement other columns, PostgreSQL refuses
 * the next Bind, and the driver prepares it again. Here most clients need not hear of that (again.c), for
 * they have not asked, or ask with every Bind; but rows of another shape than the client was told are a wrong
 * answer. So a statement that has become another text in one of these ways, or is new to the server at hand,
 * is described to us ahead of a Bind that no Describe of the client's follows, and compared with what the
 * client knows.
 *
 * A shape is names and types, in order: what is needed to read the rows. */
#include "frame.h"
#include "map.h"
#include "session.h"

#define NO_ROWS 1u

/* ---- shapes ---- */

static uint64_t shape_of(const struct hg_frame *frame)
{
    struct hg_reader reader = hg_reader_of(frame->body.ptr, frame->body.len);
    uint64_t shape = NO_ROWS;

    if (frame->type != HG_S_ROW_DESCRIPTION)
        return NO_ROWS;
    uint16_t count = hg_read_u16(&reader);
    for (uint16_t i = 0; i < count && !reader.failed; i++) {
        struct hg_slice name = hg_read_cstr(&reader);
        hg_read_bytes(&reader, 4 + 2); /* its origin */
        uint64_t type = hg_read_u32(&reader);
        hg_read_bytes(&reader, 2 + 4 + 2); /* length, modifier, format */
        const uint64_t column[] = {shape, hg_hash(name.ptr, name.len), type};
        shape = hg_hash(column, sizeof column);
    }
    return shape > NO_ROWS ? shape : NO_ROWS + 1;
}

void hg_shape_take(struct hg_session *session, const struct hg_reply *reply, const struct hg_frame *frame)
{
    bool described =
        reply->expect == HG_EXPECT_DESCRIBE_STATEMENT || reply->expect == HG_EXPECT_DESCRIBE_PORTAL;
    struct hg_statement *statement = reply->statement;

    if (!described || !statement || (frame->type != HG_S_ROW_DESCRIPTION && frame->type != HG_S_NO_DATA))
        return;
    uint64_t shape = shape_of(frame);
    if (reply->verb == HG_VERB_CAPTURE) {
        session->captured.shape = shape;
    } else if (reply->verb == HG_VERB_FORWARD) {
        statement->shape = shape;
        statement->reshaped = !statement->content || statement->content->id != reply->content;
    }
}

void hg_shape_forget(struct hg_statement *statement)
{
    statement->shape = 0;
    statement->reshaped = false;
}

/* ---- what comes behind a Bind ---- */

enum next { NEXT_UNKNOWN, NEXT_TELLS, NEXT_OTHER };

/* Does the client ask, right behind it, what the portal's rows look like? */
static enum next look_ahead(const struct hg_session *session, struct hg_slice portal)
{
    size_t here = session->message.total;
    size_t len = hg_inbox_len(&session->inbox);
    struct hg_target_msg target;
    struct hg_frame frame;

    if (len <= here)
        return NEXT_UNKNOWN;
    enum hg_frame_status status =
        hg_frame_peek(hg_inbox_at(&session->inbox) + here, len - here, HG_INBOX_BYTES, &frame);
    if (status == HG_FRAME_SHORT || (status == HG_FRAME_PARTIAL && frame.type == HG_C_DESCRIBE))
        return NEXT_UNKNOWN;
    bool tells = status == HG_FRAME_COMPLETE && frame.type == HG_C_DESCRIBE &&
                 hg_decode_target(frame.body, &target) && target.kind == 'P' &&
                 hg_slice_equal(target.name, portal);
    return tells ? NEXT_TELLS : NEXT_OTHER;
}

/* Nothing is answered before something else comes, but what does not fit in is not read. */
static bool may_come(const struct hg_session *session)
{
    return !session->input_ended && hg_inbox_len(&session->inbox) < HG_INBOX_BYTES / 2;
}

/* ---- the question ---- */

/* A statement without rows never has any. */
static bool may_be_another(const struct hg_session *session, const struct hg_statement *statement)
{
    if (statement->elsewhere)
        return false;
    return statement->reshaped ||
           (statement->shape > NO_ROWS && !hg_statement_is_prepared(session->active->server, statement));
}

static void ask(struct hg_session *session, struct hg_statement *statement)
{
    struct hg_slot *slot = session->active;

    session->captured = (struct hg_captured){0};
    (void)hg_statement_prepare(session, slot, statement, HG_VERB_CAPTURE);
    hg_encode_target(&slot->server->outbox.bytes, HG_C_DESCRIBE, 'S', hg_statement_server_name(statement));
    hg_link_expect(session, slot, HG_EXPECT_DESCRIBE_STATEMENT, HG_VERB_CAPTURE)->statement =
        hg_statement_hold(statement);
    session->message.shape_asked = true;
}

/* Drivers look at the SQLSTATE and the routine. */
static enum hg_step refuse(struct hg_session *session)
{
    struct hg_arena *arena = hg_session_arena(session);

    hg_fault_set(&session->fault, arena, HG_FEATURE_NOT_SUPPORTED,
                 "the result of a prepared statement has other columns than when it was described");
    hg_fault_hint(&session->fault, arena, "Prepare it again.");
    session->fault.routine = HG_LIT("RevalidateCachedQuery");
    return HG_STEP_FAILED;
}

enum hg_step hg_shape_step(struct hg_session *session, struct hg_statement *statement, struct hg_slice portal)
{
    if (!session->message.shape_asked) {
        if (!may_be_another(session, statement))
            return HG_STEP_DONE;
        enum next next = look_ahead(session, portal);
        if (next == NEXT_UNKNOWN && may_come(session))
            return HG_STEP_WAIT;
        if (next == NEXT_TELLS)
            return HG_STEP_DONE;
        if (hg_link_barrier(session) == HG_STEP_WAIT)
            return HG_STEP_WAIT; /* answers to what the client asked before */
        if (statement->shape <= NO_ROWS) {
            statement->reshaped = false;
            return HG_STEP_DONE;
        }
        ask(session, statement);
    }
    if (hg_link_barrier(session) == HG_STEP_WAIT)
        return HG_STEP_WAIT;
    session->message.shape_asked = false;
    if (session->captured.failed)
        return HG_STEP_FAILED;
    statement->reshaped = session->captured.shape != statement->shape;
    return statement->reshaped ? refuse(session) : HG_STEP_DONE;
}
