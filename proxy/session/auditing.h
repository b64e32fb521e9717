/* What the audit hears of sessions beside their statements: who came in and how, who was not let in and why,
 * who went. Without an audit these do nothing. */
#ifndef HG_AUDITING_H
#define HG_AUDITING_H

#include "audit.h"
#include "fault.h"

struct hg_portal;
struct hg_reply;
struct hg_session;

/* Who the session is, as the audit calls it; an administrator, too. */
void hg_auditing_who(const struct hg_session *session, struct hg_record *who);

void hg_auditing_login(struct hg_session *session);
/* It has said who it is, and is turned away with these words. */
void hg_auditing_failed(struct hg_session *session, const struct hg_fault *fault);
void hg_auditing_gone(struct hg_session *session); /* after hg_auditing_login() */

/* Values of a statement's parameters, where the audit takes them: kept by portals and expected replies. */
struct hg_spoken {
    uint32_t references;
    size_t len;
    char bytes[];
};
/* `values`: formats and values of a Bind. */
void hg_auditing_bound(const struct hg_session *session, struct hg_portal *portal, struct hg_slice values);
void hg_auditing_sent(struct hg_reply *reply, const struct hg_portal *portal);
void hg_spoken_drop(struct hg_spoken *spoken); /* NULL is harmless */

#endif
