/* The first packet of a connection: a wish for encryption, a cancel request, or the startup message.
 *
 * The handshake may also come first, at once (direct TLS).
 *
 * Bytes that came in before the TLS handshake could have been put there by anybody on the way and would later
 * be taken for the client's: when any stand behind an SSLRequest that we grant, the connection ends. */
#include "session.h"

#include <stdio.h>
#include <strings.h>

#include "frame.h"
#include "log.h"
#include "peer.h"
#include "relatives.h"

#define FORWARD_MS 5000u

/* ---- encryption ---- */

static void handshake_done(void *owner, const char *why)
{
    struct hg_session *session = owner;

    if (why) {
        hg_log(HG_LOG_INFO, "client %s: TLS: %s", hg_conn_peer(session->conn), why);
        hg_session_die(session);
        return;
    }
    if (session->direct_tls && !hg_conn_has_alpn(session->conn)) {
        hg_log(HG_LOG_INFO, "client %s: began with TLS, without the ALPN protocol \"postgresql\"",
               hg_conn_peer(session->conn));
        hg_session_die(session);
        return;
    }
    session->phase = HG_PHASE_STARTUP;
    hg_session_run(session);
}

static bool decline(struct hg_session *session)
{
    hg_write_u8(&session->outbox.bytes, 'N');
    return true;
}

/* A client may begin with the handshake itself, without asking: then it has to name the protocol by ALPN, so
 * that no other one can be talked into speaking to us (PostgreSQL docs, "SSL Session Encryption"). Nothing
 * has been read of the connection yet. */
bool hg_startup_is_direct_tls(struct hg_session *session)
{
    struct hg_tls *tls = session->generation->tls;
    uint8_t byte;

    if (!tls || session->asked_tls || session->asked_gss || hg_conn_is_tls(session->conn) ||
        hg_inbox_len(&session->inbox) || !hg_conn_peek(session->conn, &byte) || byte != HG_TLS_HANDSHAKE)
        return false;
    session->asked_tls = true;
    session->direct_tls = true;
    session->phase = HG_PHASE_TLS;
    hg_conn_tls(session->conn, tls, true, NULL, handshake_done);
    return true;
}

static bool ssl_request(struct hg_session *session)
{
    struct hg_tls *tls = session->generation->tls;
    size_t put;

    if (session->asked_tls || hg_conn_is_tls(session->conn)) {
        hg_session_fatal_text(session, HG_PROTOCOL_VIOLATION, "unexpected request for TLS");
        return false;
    }
    session->asked_tls = true;
    if (!tls)
        return decline(session);
    if (hg_inbox_len(&session->inbox) || hg_outbox_pending(&session->outbox)) {
        hg_log(HG_LOG_WARNING, "client %s: sent unencrypted data behind its request for TLS",
               hg_conn_peer(session->conn));
        hg_session_die(session);
        return false;
    }
    if (hg_conn_write(session->conn, "S", 1, &put) != HG_IO_OK || put != 1) {
        hg_session_die(session);
        return false;
    }
    session->phase = HG_PHASE_TLS;
    hg_conn_tls(session->conn, tls, true, NULL, handshake_done);
    return false;
}

static bool gss_request(struct hg_session *session)
{
    if (session->asked_gss || hg_conn_is_tls(session->conn)) {
        hg_session_fatal_text(session, HG_PROTOCOL_VIOLATION, "unexpected request for GSSAPI");
        return false;
    }
    session->asked_gss = true;
    return decline(session);
}

/* ---- cancel ---- */

static void forwarded(void *owner)
{
    struct hg_session *session = owner;

    session->forward = NULL;
    session->input_ended = true;
    hg_session_close(session);
    hg_session_run(session);
}

/* To the instance that gave the key out, if that is another one, once. Our client's connection stays until
 * that one has hung up: it takes the end for the sign that the request has arrived. */
static bool forward(struct hg_session *session, int32_t pid, struct hg_slice secret)
{
    const struct hg_config *config = hg_generation_config(session->generation);
    uint32_t instance = hg_cancel_instance(pid);

    if (instance == config->instance || instance >= HG_MOST_INSTANCES || !config->peers[instance].name)
        return false;
    session->phase = HG_PHASE_FORWARD;
    session->forward =
        hg_peer_cancel_start(session->worker->loop, &config->peers[instance], config->tls != HG_TLS_DISABLE,
                             pid, secret, FORWARD_MS, forwarded, session);
    return true;
}

/* There is never an answer: whoever asks must not learn whether the key was good. */
static bool cancel_request(struct hg_session *session, const struct hg_startup *startup)
{
    struct hg_slice secret = startup->cancel_secret;
    bool marked = hg_peer_take_mark(&secret, HG_CANCEL_SECRET_SHORT, HG_CANCEL_SECRET_LONG);
    struct hg_worker *worker =
        hg_cancel_keys_worker(session->worker->shared->keys, startup->cancel_pid, secret);

    if (!worker && !marked && forward(session, startup->cancel_pid, secret))
        return false;
    if (worker)
        hg_worker_cancel(worker, startup->cancel_pid);
    else
        hg_relatives_ask(session->worker->shared->relatives, startup->cancel_pid, secret,
                         hg_conn_fd(session->conn));
    session->input_ended = true;
    hg_session_close(session);
    return false;
}

/* ---- the startup message ---- */

static bool is_option(struct hg_slice name)
{
    return name.len > 5 && memcmp(name.ptr, "_pq_.", 5) == 0;
}

/* A newer minor version than ours, or options of the protocol that we do not know: the client is told what
 * there is, and decides. */
static void negotiate(struct hg_session *session, const struct hg_startup *startup)
{
    struct hg_slice *unknown = HG_NEW_ARRAY(hg_session_arena(session), struct hg_slice, startup->npairs + 1);
    size_t count = 0;

    for (size_t i = 0; i < startup->npairs; i++)
        if (is_option(startup->names[i]))
            unknown[count++] = startup->names[i];
    uint32_t minor = HG_PROTOCOL_MINOR(startup->code);
    session->minor = (uint16_t)(minor < HG_PROTOCOL_NEWEST ? minor : HG_PROTOCOL_NEWEST);
    if (count || minor > HG_PROTOCOL_NEWEST)
        hg_encode_negotiate_version(&session->outbox.bytes, session->minor, unknown, count);
}

/* A boolean as PostgreSQL reads one, any beginning of a word that can be no other one's, or `database`. */
static bool read_replication(struct hg_session *session, struct hg_slice value)
{
    static const struct {
        const char *word;
        size_t least;
        bool on;
    } words[] = {{"true", 1, true}, {"false", 1, false}, {"yes", 1, true}, {"no", 1, false},
                 {"on", 2, true},   {"off", 2, false},   {"1", 1, true},   {"0", 1, false}};

    session->replication = hg_slice_is(value, "database");
    if (!value.ptr || session->replication)
        return true;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (value.len < words[i].least || value.len > strlen(words[i].word) ||
            strncasecmp(value.ptr, words[i].word, value.len) != 0)
            continue;
        session->replication = words[i].on;
        return true;
    }
    struct hg_arena *arena = hg_session_arena(session);
    hg_fault_set(&session->fault, arena, HG_INVALID_PARAMETER_VALUE,
                 "invalid value for parameter \"replication\": \"%.*s\"", HG_SLICE_FMT(value));
    hg_fault_hint(&session->fault, arena, "Valid values are: \"false\", 0, \"true\", 1, \"database\".");
    hg_session_fatal(session, &session->fault);
    return false;
}

static bool startup_message(struct hg_session *session, const struct hg_startup *startup)
{
    /* A reload may have come since the connection was accepted. */
    hg_generation_drop(session->generation);
    session->generation = hg_generation_hold(session->worker->generation);
    if (startup->code >> 16 != HG_PROTOCOL_3_0 >> 16) {
        char text[96];
        snprintf(text, sizeof text, "unsupported frontend protocol %u.%u: server supports 3.0 to 3.2",
                 startup->code >> 16, startup->code & 0xffff);
        hg_session_fatal_text(session, HG_FEATURE_NOT_SUPPORTED, text);
    } else if (hg_startup_get(startup, "user").len == 0) {
        hg_session_fatal_text(session, HG_INVALID_AUTHORIZATION,
                              "no PostgreSQL user name specified in startup packet");
    } else if (hg_generation_config(session->generation)->tls == HG_TLS_REQUIRE &&
               !hg_conn_is_tls(session->conn) && !hg_conn_is_local(session->conn)) {
        hg_session_fatal_text(session, HG_INVALID_AUTHORIZATION, "connections must be encrypted with TLS");
    } else if (read_replication(session, hg_startup_get(startup, "replication"))) {
        negotiate(session, startup);
        hg_login_begin(session, startup);
        return true;
    }
    return false;
}

bool hg_startup_step(struct hg_session *session)
{
    struct hg_frame frame;
    struct hg_startup startup;
    size_t len = hg_inbox_len(&session->inbox);

    if (len == 0)
        return false;
    switch (hg_frame_peek_startup(hg_inbox_at(&session->inbox), len, &frame)) {
    case HG_FRAME_COMPLETE:
        break;
    case HG_FRAME_BAD:
        hg_session_die(session);
        return false;
    default:
        return false;
    }
    struct hg_slice body = hg_arena_slice(hg_session_arena(session), frame.body);
    hg_inbox_consume(&session->inbox, frame.total);
    if (!hg_decode_startup(body, hg_session_arena(session), &startup)) {
        hg_session_fatal_text(session, HG_PROTOCOL_VIOLATION,
                              "invalid startup packet layout: expected terminator as last byte");
        return false;
    }
    switch (startup.code) {
    case HG_CODE_SSL:
        return ssl_request(session);
    case HG_CODE_GSSENC:
        return gss_request(session);
    case HG_CODE_CANCEL:
        return cancel_request(session, &startup);
    default:
        return startup_message(session, &startup);
    }
}
