/* The login of a client, from its startup message to ReadyForQuery.
 *
 * Who it is: SCRAM-SHA-256, under TLS bound to its channel if the client can, against the user's verifier. A
 * user that does not exist gets a verifier made from its name, which no password fits: the same messages, the
 * same work, the same words at the end. Only who has proved its password learns whether the database exists.
 *
 * Its settings: those of `options` and of the startup message are checked like those of SET and become what
 * RESET goes back to. Where PostgreSQL must be asked, the session links a server of the catalog as for any
 * statement. */
#include "session.h"

#include <stdio.h>
#include <stdlib.h>

#include "frame.h"
#include "guard.h"
#include "log.h"
#include "options.h"
#include "scram.h"

#define MAX_SASL_BYTES 16384u

struct hg_login_state {
    struct hg_scram_server scram;
    bool answered; /* the client's first message has come */
    struct hg_slice database;
    struct hg_option *settings; /* still to be set; in the session's arena, as all here */
};

void hg_login_free_state(struct hg_session *session)
{
    if (!session->login)
        return;
    hg_scram_server_free(&session->login->scram);
    free(session->login);
    session->login = NULL;
}

static char *copy_of(struct hg_slice text)
{
    char *copy = hg_malloc(text.len + 1);
    if (text.len)
        memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    return copy;
}

/* ---- the startup message ---- */

static bool is_setting(struct hg_slice name)
{
    static const char *const others[] = {"user", "database", "options", "replication"};

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (hg_slice_is(name, others[i]))
            return false;
    return name.len < 5 || memcmp(name.ptr, "_pq_.", 5) != 0;
}

/* The settings in the order in which they count: those of `options` first. */
static bool collect_settings(struct hg_session *session, const struct hg_startup *startup)
{
    struct hg_arena *arena = hg_session_arena(session);
    struct hg_option **last = &session->login->settings;
    struct hg_slice options = hg_startup_get(startup, "options");

    if (options.ptr && !hg_options_parse(options, arena, last, &session->fault))
        return false;
    while (*last)
        last = &(*last)->next;
    for (size_t i = 0; i < startup->npairs; i++) {
        if (!is_setting(startup->names[i]))
            continue;
        *last = HG_NEW(arena, struct hg_option);
        (*last)->name = startup->names[i];
        (*last)->value = startup->values[i];
        last = &(*last)->next;
    }
    return true;
}

static void begin_scram(struct hg_session *session)
{
    struct hg_scram_verifier verifier;
    const struct hg_snapshot *snapshot = session->generation->snapshot;
    struct hg_slice name = hg_slice_cstr(session->user_name);

    session->user = hg_snapshot_user(snapshot, name);
    bool real = session->user && hg_scram_verifier_parse(session->user->password, &verifier);
    if (!real)
        hg_scram_verifier_mock(snapshot->mock_secret, name, &verifier);
    hg_scram_server_init(&session->login->scram, &verifier, !real);
    session->login->scram.end_point_len = hg_conn_end_point(session->conn, session->login->scram.end_point,
                                                            sizeof session->login->scram.end_point);
    explicit_bzero(&verifier, sizeof verifier);
}

void hg_login_begin(struct hg_session *session, const struct hg_startup *startup)
{
    static const char *const mechanisms[] = {HG_SCRAM_MECHANISM_PLUS, HG_SCRAM_MECHANISM, NULL};
    struct hg_slice database = hg_startup_get(startup, "database");

    session->login = hg_calloc(1, sizeof *session->login);
    session->user_name = copy_of(hg_startup_get(startup, "user"));
    session->login->database = database.len ? database : hg_slice_cstr(session->user_name);
    if (!collect_settings(session, startup)) {
        hg_session_fatal(session, &session->fault);
        return;
    }
    begin_scram(session);
    hg_encode_auth_sasl(&session->outbox.bytes,
                        session->login->scram.end_point_len ? mechanisms : mechanisms + 1);
    session->phase = HG_PHASE_SASL;
}

/* ---- the proof of the password ---- */

static void reject(struct hg_session *session)
{
    struct hg_fault fault = {0};

    hg_log(HG_LOG_INFO, "client %s: password authentication failed for user \"%s\"%s",
           hg_conn_peer(session->conn), session->user_name, session->user ? "" : ", which does not exist");
    hg_fault_set(&fault, hg_session_arena(session), HG_INVALID_PASSWORD,
                 "password authentication failed for user \"%s\"", session->user_name);
    hg_session_fatal(session, &fault);
}

static bool accept_client(struct hg_session *session)
{
    struct hg_shared *shared = session->worker->shared;
    const struct hg_generation *generation = session->generation;
    struct hg_slice database = session->login->database;

    if (!hg_slice_equal(database, generation->snapshot->database)) {
        struct hg_fault fault = {0};
        hg_fault_set(&fault, hg_session_arena(session), HG_UNDEFINED_DATABASE,
                     "database \"%.*s\" does not exist", HG_SLICE_FMT(database));
        hg_session_fatal(session, &fault);
        return false;
    }
    session->listed = true;
    if (atomic_fetch_add(&shared->clients, 1) >= hg_generation_config(generation)->max_clients) {
        hg_session_fatal_text(session, HG_TOO_MANY_CONNECTIONS, "sorry, too many clients already");
        return false;
    }
    session->tenant_value = copy_of(session->user->tenant->value);
    session->phase = HG_PHASE_SETTINGS;
    return true;
}

static bool scram_step(struct hg_session *session, struct hg_slice data)
{
    struct hg_bytes out = {0};
    enum hg_scram_status status = hg_scram_server_step(&session->login->scram, data, &out);
    struct hg_bytes *answers = &session->outbox.bytes;

    if (status == HG_SCRAM_CONTINUE)
        hg_encode_auth(answers, HG_AUTH_SASL_CONTINUE, hg_bytes_slice(&out));
    if (status == HG_SCRAM_DONE) {
        hg_encode_auth(answers, HG_AUTH_SASL_FINAL, hg_bytes_slice(&out));
        hg_encode_auth(answers, HG_AUTH_OK, HG_LIT(""));
    }
    hg_bytes_free(&out);
    switch (status) {
    case HG_SCRAM_CONTINUE:
        return true;
    case HG_SCRAM_DONE:
        return accept_client(session);
    case HG_SCRAM_WRONG:
        reject(session);
        return false;
    default:
        hg_session_fatal_text(session, HG_PROTOCOL_VIOLATION, "malformed SCRAM message");
        return false;
    }
}

static bool sasl_message(struct hg_session *session, struct hg_slice body)
{
    struct hg_sasl_initial initial;

    if (session->login->answered)
        return scram_step(session, body);
    session->login->answered = true;
    if (!hg_decode_sasl_initial(body, &initial) ||
        !hg_scram_server_choose(&session->login->scram, initial.mechanism) || !initial.data.ptr) {
        hg_session_fatal_text(session, HG_PROTOCOL_VIOLATION,
                              "client selected an invalid SASL authentication mechanism");
        return false;
    }
    return scram_step(session, initial.data);
}

bool hg_sasl_step(struct hg_session *session)
{
    struct hg_frame frame;
    size_t len = hg_inbox_len(&session->inbox);

    if (len == 0)
        return false;
    enum hg_frame_status status = hg_frame_peek(hg_inbox_at(&session->inbox), len, MAX_SASL_BYTES, &frame);
    if (status == HG_FRAME_SHORT || (status == HG_FRAME_PARTIAL && frame.type == HG_C_PASSWORD))
        return false;
    if (status != HG_FRAME_COMPLETE || frame.type != HG_C_PASSWORD) {
        hg_session_fatal_text(session, HG_PROTOCOL_VIOLATION, "expected a SASL response");
        return false;
    }
    struct hg_slice body = hg_arena_slice(hg_session_arena(session), frame.body);
    hg_inbox_consume(&session->inbox, frame.total);
    return sasl_message(session, body);
}

/* ---- settings ---- */

static enum hg_step take_setting(struct hg_session *session, const struct hg_option *option)
{
    struct hg_slice value = option->value, canonical;

    if (!hg_setting_accept(option->name, &value, hg_session_arena(session), &session->fault))
        return HG_STEP_FAILED;
    int setting = hg_setting_find(option->name);
    canonical = value;
    if (hg_settings[setting].flags & (HG_SETTING_SYNC | HG_SETTING_VIRTUAL)) {
        enum hg_step step = hg_carry_canonical(session, setting, value, &canonical);
        if (step != HG_STEP_DONE)
            return step;
    }
    hg_values_startup(&session->values, setting, canonical);
    return HG_STEP_DONE;
}

/* The version that clients are told is that of the catalog's server: it is the one that answers for the
 * schema. */
static enum hg_step take_version(struct hg_session *session)
{
    struct hg_worker *worker = session->worker;

    if (!worker->server_version[0]) {
        enum hg_step step = hg_link_use(session, hg_session_catalog_index(session));
        if (step != HG_STEP_DONE)
            return step;
        const char *version = session->active->server->settings[HG_SET_server_version];
        snprintf(worker->server_version, sizeof worker->server_version, "%s", version ? version : "");
    }
    hg_values_startup(&session->values, HG_SET_server_version, hg_slice_cstr(worker->server_version));
    return HG_STEP_DONE;
}

static enum hg_step take_settings(struct hg_session *session)
{
    struct hg_login_state *login = session->login;

    while (login->settings) {
        enum hg_step step = take_setting(session, login->settings);
        if (step != HG_STEP_DONE)
            return step;
        login->settings = login->settings->next;
    }
    return take_version(session);
}

static size_t secret_bytes(const struct hg_session *session)
{
    return session->minor >= 2 ? HG_CANCEL_SECRET_LONG : HG_CANCEL_SECRET_SHORT;
}

static void welcome(struct hg_session *session)
{
    struct hg_bytes *out = &session->outbox.bytes;

    hg_values_startup(&session->values, HG_SET_session_authorization, hg_slice_cstr(session->user_name));
    for (int i = 0; i < HG_NSETTINGS; i++)
        if ((hg_settings[i].flags & HG_SETTING_REPORT) && session->values.now[i])
            hg_encode_parameter_status(out, hg_slice_cstr(hg_settings[i].name),
                                       hg_slice_cstr(session->values.now[i]));
    hg_values_reported_all(&session->values);
    hg_encode_backend_key(out, session->pid,
                          hg_slice_of((const char *)session->secret, secret_bytes(session)));
    hg_encode_ready(out, 'I');
    hg_login_free_state(session);
    session->phase = HG_PHASE_READY;
    session->active_ms = hg_loop_now_ms(session->worker->loop);
}

bool hg_settings_step(struct hg_session *session)
{
    bool progress = hg_relay(session);

    if (session->phase != HG_PHASE_SETTINGS)
        return false;
    switch (take_settings(session)) {
    case HG_STEP_WAIT:
        return progress;
    case HG_STEP_FAILED:
        hg_session_fatal(session, &session->fault);
        return false;
    default:
        break;
    }
    /* What carried the settings has to be answered before the first message comes. */
    if (hg_link_barrier(session) == HG_STEP_WAIT)
        return progress;
    if (!hg_cancel_keys_add(session->worker->shared->keys, session->worker, session, &session->pid,
                            session->secret, secret_bytes(session))) {
        hg_session_fatal_text(session, HG_INTERNAL_ERROR, "could not make a cancel key");
        return false;
    }
    welcome(session);
    return true;
}
