/* COPY … FROM STDIN: the part of a session that takes rows from its client while a server waits for them. */
#ifndef HG_COPY_SESSION_H
#define HG_COPY_SESSION_H

#include "copy_rows.h"
#include "decode.h"
#include "frame.h"

struct hg_session;
struct hg_slot;
struct hg_reply;

struct hg_copying {
    bool asked; /* by Execute; what the server makes of it is not known yet */
    bool on;    /* the server takes rows */
    bool out;   /* it gives rows */
    bool prefixed;
    struct hg_copy_rows rows;
    uint32_t rest; /* bytes of a client's CopyData that are still to come, to be passed on or dropped */
};

/* A CopyInResponse: tells the client, in its own terms. False when none could come here. */
HG_MUST_USE bool hg_copy_begin(struct hg_session *session, const struct hg_reply *reply,
                               const struct hg_frame *frame);
/* May a message of this type come now, as far as COPY is concerned? */
HG_MUST_USE bool hg_copy_fits(struct hg_session *session, const struct hg_reply *reply, uint8_t type);
/* The server takes no more: it failed, or is lost. Harmless otherwise. */
void hg_copy_stop(struct hg_session *session);
/* Passes on what the client has sent, as long as there is any and the server takes it. */
void hg_copy_pump(struct hg_session *session);
/* Drops what of a CopyData has come, when it is one that nobody waits for any more. False when there is none
 * at the front of the inbox. */
bool hg_copy_drop(struct hg_session *session);
/* An error about a row of COPY FROM, in the client's terms: what it quotes is the client's own. False: it is
 * about something else. */
bool hg_copy_clean_error(struct hg_session *session, const struct hg_verdict *verdict,
                         struct hg_error_msg *error);
/* The server's outbox has to be written out before more goes into it. */
bool hg_copy_is_blocked(const struct hg_session *session);

#endif
