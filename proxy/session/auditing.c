/* Lines of the audit about sessions. A user and a database that somebody only claims stand in login_failed,
 * and nothing of what the policy says of such a user. */
#include "auditing.h"

#include <stdlib.h>

#include "session.h"

#define MOST_SPOKEN 8192u /* bytes of the parameters of one run */
#define FEW_SPOKEN  256u  /* … and of one among many, so that a session's stay bounded */
#define MANY        64u   /* portals, or answers that are awaited */

static struct hg_audit *audit_of(const struct hg_session *session)
{
    return session->worker->shared->observers.audit;
}

void hg_auditing_who(const struct hg_session *session, struct hg_record *who)
{
    hg_observe_who(session, who);
    if (session->phase < HG_PHASE_CONSOLE && session->login)
        who->database = hg_login_database(session);
    if (!session->dialog)
        return;
    who->database = HG_LIT(HG_CONSOLE_DATABASE);
    who->role = hg_slice_cstr(hg_admin_role_names[session->admin ? session->admin->role : HG_ADMIN_ADMIN]);
}

static void tell(struct hg_session *session, const char *event, const struct hg_record *who,
                 const struct hg_log_field *fields, size_t count, bool bounded)
{
    const struct hg_audit_event what = {event, who, fields, count, bounded};

    if (!hg_audit_tell(audit_of(session), session->worker->number, &what))
        hg_count(&session->worker->metrics->counters[HG_M_AUDIT_DROPPED], 1);
}

/* ---- coming and going ---- */

void hg_auditing_login(struct hg_session *session)
{
    struct hg_record who = {0};

    session->observing.login_us = hg_clock_us();
    if (!audit_of(session))
        return;
    hg_auditing_who(session, &who);
    const struct hg_log_field fields[] = {
        {"method", hg_slice_cstr(hg_login_method(session)), 0},
        {"tls", hg_slice_cstr(hg_conn_is_tls(session->conn) ? "yes" : "no"), 0},
        {"generation", {0}, session->generation->snapshot->generation},
    };
    tell(session, "login", &who, fields, sizeof fields / sizeof fields[0], false);
}

void hg_auditing_failed(struct hg_session *session, const struct hg_fault *fault)
{
    struct hg_record who = {0};

    if (!audit_of(session) || !session->user_name)
        return;
    hg_auditing_who(session, &who);
    who.tenant = who.role = (struct hg_slice){0};
    const struct hg_log_field fields[] = {
        {"tls", hg_slice_cstr(hg_conn_is_tls(session->conn) ? "yes" : "no"), 0},
        {"sqlstate", hg_slice_cstr(fault->sqlstate), 0},
        {"message", fault->message, 0},
        {"reason", session->observing.why.ptr ? session->observing.why : HG_LIT(""), 0},
        {"generation", {0}, session->generation->snapshot->generation},
    };
    tell(session, "login_failed", &who, fields, sizeof fields / sizeof fields[0], true);
}

void hg_auditing_gone(struct hg_session *session)
{
    const struct hg_observing *observing = &session->observing;
    const char *how = observing->ended[0] ? "terminated" : observing->goodbye ? "closed" : "lost";
    struct hg_record who = {0};

    if (!audit_of(session) || !observing->login_us)
        return;
    hg_auditing_who(session, &who);
    const struct hg_log_field fields[] = {
        {"outcome", hg_slice_cstr(how), 0},
        {"sqlstate", hg_slice_cstr(observing->ended), 0},
        {"statements", {0}, observing->statements},
        {"connected_ms", {0}, (hg_clock_us() - observing->login_us) / 1000},
    };
    tell(session, "disconnect", &who, fields, sizeof fields / sizeof fields[0], false);
}

/* ---- parameters ---- */

void hg_auditing_bound(const struct hg_session *session, struct hg_portal *portal, struct hg_slice values)
{
    const struct hg_audit *audit = audit_of(session);
    bool many = session->prepared.portals.count > MANY || session->replies.count > MANY;
    size_t most = many ? FEW_SPOKEN : MOST_SPOKEN, len = values.len < most ? values.len : most;

    if (!audit || !hg_audit_takes_parameters(audit))
        return;
    portal->spoken = hg_malloc(sizeof *portal->spoken + len);
    portal->spoken->references = 1;
    portal->spoken->len = len;
    memcpy(portal->spoken->bytes, values.ptr, len);
}

void hg_auditing_sent(struct hg_reply *reply, const struct hg_portal *portal)
{
    reply->spoken = portal->spoken;
    if (reply->spoken)
        reply->spoken->references++;
}

void hg_spoken_drop(struct hg_spoken *spoken)
{
    if (spoken && --spoken->references == 0)
        free(spoken);
}
