/* What Headgate itself says to a client. Everything goes between hg_answer_begin() and hg_answer_end(), which
 * keep the order: when a server still owes something, the bytes wait in the FIFO behind it.
 *
 * Answers without a body say that a step of a batch is done. PostgreSQL keeps them until the batch ends or the
 * client asks for them; so they need not be written ahead of what a server is about to answer, but go out
 * with it: session->patient. */
#include "session.h"

struct hg_bytes *hg_answer_begin(struct hg_session *session)
{
    if (hg_replies_empty(&session->replies))
        return &session->outbox.bytes;
    return hg_replies_begin_made(&session->replies);
}

void hg_answer_end(struct hg_session *session)
{
    if (!hg_replies_empty(&session->replies))
        hg_replies_end_made(&session->replies);
}

void hg_answer_empty(struct hg_session *session, uint8_t type)
{
    bool first = hg_replies_empty(&session->replies);
    bool patient = hg_outbox_pending(&session->outbox) == session->patient;

    hg_encode_empty(hg_answer_begin(session), type);
    hg_answer_end(session);
    if (first && patient)
        session->patient = hg_outbox_pending(&session->outbox);
}

void hg_answer_tag(struct hg_session *session, const char *tag)
{
    hg_encode_tag(hg_answer_begin(session), hg_slice_cstr(tag));
    hg_answer_end(session);
}

void hg_answer_fault(struct hg_session *session, const struct hg_fault *fault)
{
    hg_encode_fault(hg_answer_begin(session), HG_S_ERROR, "ERROR", fault);
    hg_answer_end(session);
}

/* Does the client want to hear of it? */
static bool is_heard(const struct hg_session *session, bool warning)
{
    const char *least = session->values.now[HG_SET_client_min_messages];

    return strcmp(least, "error") != 0 && (warning || strcmp(least, "warning") != 0);
}

static void answer_notice(struct hg_session *session, const char *sqlstate, struct hg_slice text)
{
    struct hg_fault fault = {.message = text};

    if (!is_heard(session, false))
        return;
    memcpy(fault.sqlstate, sqlstate, sizeof fault.sqlstate);
    hg_encode_fault(hg_answer_begin(session), HG_S_NOTICE, "NOTICE", &fault);
    hg_answer_end(session);
}

void hg_answer_warning(struct hg_session *session, const char *sqlstate, const char *text)
{
    struct hg_fault fault = {.message = hg_slice_cstr(text)};

    if (!is_heard(session, true))
        return;
    memcpy(fault.sqlstate, sqlstate, sizeof fault.sqlstate);
    hg_encode_fault(hg_answer_begin(session), HG_S_NOTICE, "WARNING", &fault);
    hg_answer_end(session);
}

void hg_answer_notice(struct hg_session *session, struct hg_slice text)
{
    answer_notice(session, "00000", text);
}

void hg_answer_notices(struct hg_session *session, const struct hg_verdicts *verdicts)
{
    for (size_t i = 0; i < verdicts->nnotices; i++)
        answer_notice(session, HG_NAME_TOO_LONG, verdicts->notices[i]);
}

uint8_t hg_ready_status(const struct hg_session *session)
{
    switch (session->transaction.state) {
    case HG_TRANSACTION_BLOCK:
        return 'T';
    case HG_TRANSACTION_FAILED:
        return 'E';
    default:
        return 'I';
    }
}

void hg_answer_ready(struct hg_session *session)
{
    struct hg_bytes *out = &session->outbox.bytes;
    int setting;

    while ((setting = hg_values_next_report(&session->values)) >= 0)
        hg_encode_parameter_status(out, hg_slice_cstr(hg_settings[setting].name),
                                   hg_slice_cstr(session->values.now[setting]));
    hg_encode_ready(out, hg_ready_status(session));
}

/* The client may have sent the next batch already, with portals of its own. */
void hg_batch_end(struct hg_session *session)
{
    session->batches_ended++;
    hg_activity_end(session->activity, hg_ready_status(session),
                    session->values.now[HG_SET_application_name]);
    if (session->transaction.state != HG_TRANSACTION_NONE)
        return;
    hg_values_commit(&session->values);
    hg_portals_end_batches(&session->prepared, session->batches_ended);
}
