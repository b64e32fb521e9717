/* Opening a connection to a backend.
 *
 *   FETCHING --(user and password came)--+   <----(refused, and there may be others: once)---- LOGGING_IN
 *                                        |
 *      +---------------------------------+
 *      v          connected;                      'S'                 shaken
 *   DIALLING -----------------------> ASKING ------------> SHAKING -----------------+
 *      |      TLS is to be asked for    |                                           |
 *      |                                | 'N', and TLS is only preferred            |
 *      |  connected; plain              v                                           v
 *      +----------------------------------------------> (secured or plain enough) --+
 *                                                          |                |
 *                                          a login is meant|                |a cancel request is meant
 *                                                          v                v
 *                                   DERIVING <------> LOGGING_IN       CANCELLING
 *                          the password's keys|  ReadyForQuery|                |the server hung up
 *                          are made aside                  v                v
 *                                                        OVER             OVER
 *
 * from SHAKING and LOGGING_IN back to DIALLING, in clear text: when TLS is only preferred, and the handshake
 * fails, or the server refuses a login under TLS before it has asked for a password (pg_hba.conf: hostnossl).
 * libpq does that with any refusal; but no other reason has to do with TLS, and once a password is asked for, it may be channel binding that fails,
 * and nobody in between is to gain by that.
 *
 * And from every state to OVER, with a reason: refused, hung up, out of time, or a peer that breaks the
 * protocol. The arrows are the table `moves`; happen() is the one place that follows them. A byte behind the
 * 'S' was sent before the handshake, by somebody who would like it to be read as if it came from inside TLS:
 * that ends it. A server that answers the SSLRequest with an ErrorResponse instead (it has no more room) is
 * told by its type byte. */
#include "opening.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "encode.h"
#include "frame.h"
#include "login.h"

#define LOGIN_MESSAGE_MAX 65536u

enum state { FETCHING, DIALLING, ASKING, SHAKING, LOGGING_IN, DERIVING, CANCELLING, OVER };
enum happening { FETCHED, CONNECTED, SHAKEN, UNSHAKEN, KEYED, READABLE, WRITABLE, FAILED, NEVENTS };

struct opening {
    struct hg_loop *loop;
    struct opening_plan plan;
    const struct opening_events *events;
    void *owner;
    enum state state;
    struct credentials_wish *wish; /* FETCHING */
    char *user, *password;
    uint64_t version;      /* of both */
    bool refused;          /* others were refused before */
    struct hg_timer timer; /* all but fetching takes at most connect_timeout_ms */
    struct hg_dial *dial;  /* DIALLING */
    struct hg_conn *conn;  /* from then on */
    struct hg_inbox inbox;
    struct hg_outbox outbox;
    struct hg_login login;
    bool in_login;             /* login was started, and holds secrets */
    struct keyring_wish *keys; /* DERIVING */
    bool in_clear;             /* TLS was tried before */
    char why_clear[600];
    bool failed;
    char why[600];
};

/* ---- small parts ---- */

static enum state HG_PRINTF(2, 3) fail(struct opening *opening, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(opening->why, sizeof opening->why, format, arguments);
    va_end(arguments);
    opening->failed = true;
    return OVER;
}

static bool is_local(const struct opening *opening)
{
    return opening->plan.host->name[0] == '/';
}

static bool may_be_clear(const struct opening *opening)
{
    return opening->plan.config->tls == HG_TLS_PREFER && !opening->plan.insists;
}

/* Writes what is queued; goes to `next` unless that fails. */
static enum state flush(struct opening *opening, enum state next)
{
    switch (hg_outbox_flush(&opening->outbox, opening->conn)) {
    case HG_IO_OK:
        hg_conn_want(opening->conn, true, false);
        return next;
    case HG_IO_AGAIN:
        hg_conn_want(opening->conn, true, true);
        return next;
    default:
        return fail(opening, "%s", hg_conn_last_error(opening->conn));
    }
}

/* The startup parameters besides the user. What is pinned here never changes on the connection: text is
 * UTF-8, a backslash in a literal is a backslash, and on data backends no name but those of pg_catalog is
 * found without its schema. Redshift knows no standard_conforming_strings and refuses what it does not know;
 * it gets no literal with a backslash. */
static void start_login(struct opening *opening)
{
    const struct hg_backend_config *config = opening->plan.config;
    struct hg_login_channel channel = {.tls = hg_conn_is_tls(opening->conn),
                                       .may_bind = config->channel_binding != HG_BINDING_DISABLE,
                                       .must_bind = config->channel_binding == HG_BINDING_REQUIRE};
    const char *parameters[16] = {"database", opening->plan.database, "client_encoding",
                                  "UTF8",     "application_name",     "headgate"};
    size_t n = 6;

    if (config->dialect == HG_DIALECT_POSTGRESQL) {
        parameters[n++] = "standard_conforming_strings";
        parameters[n++] = "on";
    }
    if (strcmp(config->name, "catalog") != 0) {
        parameters[n++] = "search_path";
        parameters[n++] = "pg_catalog";
    }
    channel.secure = channel.tls || is_local(opening);
    channel.end_point_len = hg_conn_end_point(opening->conn, channel.end_point, sizeof channel.end_point);
    hg_login_start(&opening->login, hg_slice_cstr(opening->user), hg_slice_cstr(opening->password), &channel,
                   parameters, &opening->outbox.bytes);
    opening->in_login = true;
}

static enum state greet(struct opening *opening)
{
    const struct opening_plan *plan = &opening->plan;

    if (!plan->cancels) {
        start_login(opening);
        return flush(opening, LOGGING_IN);
    }
    hg_encode_cancel(&opening->outbox.bytes, plan->pid,
                     hg_slice_of((const char *)plan->secret, plan->secret_len));
    return flush(opening, CANCELLING);
}

/* ---- the moves ---- */

static enum state ask_for_tls(struct opening *opening)
{
    if (!opening->plan.tls || opening->in_clear || is_local(opening))
        return greet(opening);
    hg_encode_ssl_request(&opening->outbox.bytes);
    return flush(opening, ASKING);
}

static void on_shaken(void *owner, const char *why);

static enum state read_tls_answer(struct opening *opening)
{
    char answer[2];
    size_t got;
    enum hg_io io = hg_conn_read(opening->conn, answer, sizeof answer, &got);

    if (io == HG_IO_AGAIN)
        return ASKING;
    if (io != HG_IO_OK)
        return fail(opening, "connection closed in answer to the request for TLS");
    if (got > 1)
        return fail(opening,
                    "the server sent bytes between its answer to the request for TLS and the handshake");
    if (answer[0] == 'N' && may_be_clear(opening))
        return greet(opening);
    if (answer[0] == 'N')
        return fail(opening, "the server does not offer TLS");
    if (answer[0] != 'S')
        return fail(opening, "unexpected answer to the request for TLS (byte 0x%02x)",
                    (unsigned char)answer[0]);
    hg_conn_tls(opening->conn, opening->plan.tls, false, opening->plan.host->name, on_shaken);
    return SHAKING;
}

static enum state shaken(struct opening *opening)
{
    return greet(opening);
}

static void happen(struct opening *opening, enum happening what);
static void on_dialled(void *owner, int fd, const char *why);
static void ask_credentials(struct opening *opening);

static enum state dial(struct opening *opening)
{
    const struct opening_plan *plan = &opening->plan;
    const char *address = plan->address && plan->address[0] ? plan->address : plan->host->name;
    uint32_t within_ms = plan->config->connect_timeout_ms;

    hg_timer_start(&opening->timer, within_ms);
    opening->dial = hg_dial_start(opening->loop, address, plan->host->port, within_ms, on_dialled, opening);
    return DIALLING;
}

static void wipe_secret(struct opening *opening)
{
    if (opening->password)
        explicit_bzero(opening->password, strlen(opening->password));
    free(opening->password);
    free(opening->user);
    opening->user = opening->password = NULL;
}

/* Everything of this attempt goes, but user and password. */
static void hang_up(struct opening *opening)
{
    if (opening->keys)
        keyring_cancel(opening->keys);
    if (opening->dial)
        hg_dial_cancel(opening->dial);
    if (opening->conn)
        hg_conn_free(opening->conn);
    if (opening->in_login)
        hg_login_free(&opening->login);
    if (opening->outbox.bytes.data) /* it held the password */
        explicit_bzero(opening->outbox.bytes.data, opening->outbox.bytes.room);
    hg_outbox_free(&opening->outbox);
    hg_inbox_free(&opening->inbox);
    hg_timer_stop(&opening->timer);
    opening->keys = NULL;
    opening->dial = NULL;
    opening->conn = NULL;
    opening->in_login = false;
    opening->outbox = (struct hg_outbox){0};
    opening->inbox = (struct hg_inbox){0};
    opening->login.sqlstate[0] = '\0';
}

static void tear_down(struct opening *opening)
{
    hang_up(opening);
    wipe_secret(opening);
}

/* Once more, without TLS. */
static enum state dial_in_clear(struct opening *opening, const char *why)
{
    snprintf(opening->why_clear, sizeof opening->why_clear, "%s", why);
    opening->in_clear = true;
    opening->failed = false;
    hang_up(opening);
    return dial(opening);
}

static enum state unshaken(struct opening *opening)
{
    return may_be_clear(opening) ? dial_in_clear(opening, opening->why) : OVER;
}

static bool is_about_credentials(const char *sqlstate)
{
    return strcmp(sqlstate, HG_INVALID_PASSWORD) == 0 || strcmp(sqlstate, HG_INVALID_AUTHORIZATION) == 0;
}

/* A token that has expired, or a password that was changed: another one may be had. */
static enum state refused(struct opening *opening)
{
    const struct hg_login *login = &opening->login;

    if (login->by_server && !login->asked && strcmp(login->sqlstate, HG_INVALID_AUTHORIZATION) == 0 &&
        hg_conn_is_tls(opening->conn) && may_be_clear(opening))
        return dial_in_clear(opening, login->message);
    if (login->by_server && !opening->refused && is_about_credentials(opening->login.sqlstate) &&
        credentials_refused(opening->plan.credentials, opening->version)) {
        opening->refused = true;
        tear_down(opening);
        ask_credentials(opening);
        return FETCHING;
    }
    return fail(opening, "%s", opening->login.message);
}

static enum state derive(struct opening *opening);

static enum state take_messages(struct opening *opening)
{
    struct hg_frame frame = {0};
    enum hg_frame_status status;

    while ((status = hg_frame_peek(hg_inbox_at(&opening->inbox), hg_inbox_len(&opening->inbox),
                                   LOGIN_MESSAGE_MAX, &frame)) == HG_FRAME_COMPLETE) {
        enum hg_login_status login =
            hg_login_message(&opening->login, frame.type, frame.body, opening->events->status, opening->owner,
                             &opening->outbox.bytes);

        if (login == HG_LOGIN_REFUSED)
            return refused(opening);
        hg_inbox_consume(&opening->inbox, frame.total);
        if (login == HG_LOGIN_KEYS)
            return derive(opening);
        if (login == HG_LOGIN_READY)
            return hg_inbox_len(&opening->inbox) ? fail(opening, "the server sent more than it should have")
                                                 : OVER;
    }
    if (status == HG_FRAME_BAD)
        return fail(opening, "a message with an impossible length during the login");
    return flush(opening, LOGGING_IN);
}

static enum state read_login(struct opening *opening)
{
    switch (hg_inbox_fill(&opening->inbox, opening->conn, 0, HG_INBOX_BYTES)) {
    case HG_IO_EOF:
        return fail(opening, "the server hung up during the login");
    case HG_IO_ERROR:
        return fail(opening, "%s", hg_conn_last_error(opening->conn));
    default:
        return take_messages(opening);
    }
}

static void on_keys(void *owner, const struct hg_scram_keys *keys)
{
    struct opening *opening = owner;

    opening->keys = NULL;
    if (!keys)
        (void)fail(opening, "the keys for SCRAM cannot be made");
    else if (hg_login_keys(&opening->login, keys, &opening->outbox.bytes) == HG_LOGIN_REFUSED)
        (void)fail(opening, "%s", opening->login.message);
    happen(opening, opening->failed ? FAILED : KEYED);
}

/* The server waits for us; what it says meanwhile, waits. */
static enum state derive(struct opening *opening)
{
    const struct hg_scram_client *scram = &opening->login.scram;
    struct keyring_origin origin = {
        .version = opening->version, .salt_len = scram->salt_len, .iterations = scram->iterations};

    memcpy(origin.salt, scram->salt, scram->salt_len);
    hg_conn_want(opening->conn, false, false);
    opening->keys = keyring_ask(credentials_keyring(opening->plan.credentials), opening->loop, &origin,
                                hg_slice_cstr(opening->password), on_keys, opening);
    return DERIVING;
}

/* The server answers a cancel request by hanging up, after it has signalled. */
static enum state read_farewell(struct opening *opening)
{
    char byte;
    size_t got;
    enum hg_io io = hg_conn_read(opening->conn, &byte, 1, &got);

    return io == HG_IO_AGAIN || io == HG_IO_OK ? CANCELLING : OVER;
}

static enum state write_more(struct opening *opening)
{
    return flush(opening, opening->state);
}

static enum state give_up(struct opening *opening)
{
    opening->failed = true;
    return OVER;
}

static enum state (*const moves[OVER][NEVENTS])(struct opening *opening) = {
    [FETCHING] = {[FETCHED] = dial, [FAILED] = give_up},
    [DIALLING] = {[CONNECTED] = ask_for_tls, [FAILED] = give_up},
    [ASKING] = {[READABLE] = read_tls_answer, [WRITABLE] = write_more, [FAILED] = give_up},
    [SHAKING] = {[SHAKEN] = shaken, [UNSHAKEN] = unshaken, [FAILED] = give_up},
    [LOGGING_IN] = {[READABLE] = read_login, [WRITABLE] = write_more, [FAILED] = give_up},
    [DERIVING] = {[KEYED] = take_messages, [FAILED] = give_up},
    [CANCELLING] = {[READABLE] = read_farewell, [WRITABLE] = write_more, [FAILED] = give_up},
};

/* ---- the end ---- */

static void opening_free(struct opening *opening)
{
    if (opening->wish)
        credentials_cancel(opening->wish);
    tear_down(opening);
    hg_timer_free(&opening->timer);
    free(opening);
}

static void finish(struct opening *opening)
{
    struct opened opened = {
        .pid = opening->login.pid,
        .secret = opening->login.secret,
        .secret_len = opening->login.secret_len,
        .why = opening->failed ? opening->why : NULL,
        .why_clear = opening->in_clear ? opening->why_clear : NULL,
        .sqlstate = opening->login.sqlstate,
    };

    if (!opening->failed && !opening->plan.cancels) {
        opened.conn = opening->conn;
        opening->conn = NULL;
        hg_conn_want(opened.conn, false, false);
    }
    hg_timer_stop(&opening->timer);
    opening->events->done(opening->owner, &opened);
    opening_free(opening);
}

static void happen(struct opening *opening, enum happening what)
{
    enum state (*move)(struct opening *) = opening->state == OVER ? NULL : moves[opening->state][what];

    if (!move)
        return;
    opening->state = move(opening);
    if (opening->state == OVER)
        finish(opening);
}

/* ---- what happens ---- */

static void on_readable(void *owner)
{
    happen(owner, READABLE);
}

static void on_writable(void *owner)
{
    happen(owner, WRITABLE);
}

static const struct hg_conn_events conn_events = {on_readable, on_writable};

static void on_dialled(void *owner, int fd, const char *why)
{
    struct opening *opening = owner;

    opening->dial = NULL;
    if (fd < 0) {
        (void)fail(opening, "%s", why);
        happen(opening, FAILED);
        return;
    }
    opening->conn = hg_conn_new(opening->loop, fd, &conn_events, opening);
    happen(opening, CONNECTED);
}

static void on_credential(void *owner, const struct credential *credential, const char *why)
{
    struct opening *opening = owner;

    opening->wish = NULL;
    if (!credential) {
        (void)fail(opening, "%s", why);
        happen(opening, FAILED);
        return;
    }
    opening->user = hg_strdup(credential->user);
    opening->password = hg_strdup(credential->password);
    opening->version = credential->version;
    happen(opening, FETCHED);
}

static void ask_credentials(struct opening *opening)
{
    opening->wish = credentials_ask(opening->plan.credentials, opening->loop, on_credential, opening);
}

static void on_shaken(void *owner, const char *why)
{
    struct opening *opening = owner;

    if (why)
        (void)fail(opening, "%s", why);
    happen(opening, why ? UNSHAKEN : SHAKEN);
}

static void on_timer(void *argument)
{
    static const char *const doing[OVER] = {
        [FETCHING] = "asking for the password",
        [DIALLING] = "connecting",
        [ASKING] = "asking for TLS",
        [SHAKING] = "the TLS handshake",
        [LOGGING_IN] = "the login",
        [DERIVING] = "the login",
        [CANCELLING] = "cancelling",
    };
    struct opening *opening = argument;

    (void)fail(opening, "%s took longer than %u ms", doing[opening->state],
               opening->plan.config->connect_timeout_ms);
    happen(opening, FAILED);
}

/* ---- the interface ---- */

struct opening *opening_start(struct hg_loop *loop, const struct opening_plan *plan,
                              const struct opening_events *events, void *owner)
{
    struct opening *opening = hg_calloc(1, sizeof *opening);

    opening->loop = loop;
    opening->plan = *plan;
    opening->events = events;
    opening->owner = owner;
    hg_timer_init(&opening->timer, loop, on_timer, opening);
    if (plan->credentials)
        ask_credentials(opening);
    else
        opening->state = dial(opening);
    return opening;
}

void opening_cancel(struct opening *opening)
{
    opening_free(opening);
}

static bool all_local(const struct hg_backend_config *config)
{
    for (size_t i = 0; i < config->nhosts; i++)
        if (config->hosts[i].name[0] != '/')
            return false;
    return true;
}

bool opening_tls(const struct hg_backend_config *config, struct hg_tls **tls, char why[256])
{
    *tls = NULL;
    if (config->tls == HG_TLS_DISABLE || all_local(config))
        return true;
    *tls = hg_tls_client(config->tls == HG_TLS_VERIFY_FULL, config->tls_ca, why);
    return *tls != NULL;
}
