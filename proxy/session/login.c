/* The login of a client, from its startup message to ReadyForQuery.
 *
 * Who it is: proof.c. Only who has proved that learns what else is wrong: in the order in which PostgreSQL
 * says it, no rights of replication, too many clients, no such database, too many connections of its own, bad
 * options, bad settings.
 *
 * Administrators log in to the database of the console in the same way; it is their names that are looked at
 * first there. Who comes by the Unix socket, which the kernel vouches for, needs no password and gets nowhere
 * else. For others, and with any other database, administrators do not exist.
 *
 * Its settings: those of `options` and of the startup message are checked like those of SET and become what
 * RESET goes back to. Where PostgreSQL must be asked, the session links a server of the catalog as for any
 * statement. */
#include "session.h"

#include <stdio.h>
#include <stdlib.h>

#include "auditing.h"
#include "frame.h"
#include "guard.h"
#include "options.h"
#include "proof.h"

#define NAME_BYTES 63u /* of a name in PostgreSQL; what goes beyond is cut off */

struct hg_login_state {
    struct hg_proof *proof;
    struct hg_user admin;       /* an administrator, as a user without tenant and role */
    struct hg_startup startup;  /* its texts stand in the session's arena, as all here */
    struct hg_option *settings; /* still to be set */
};

void hg_login_free_state(struct hg_session *session)
{
    if (!session->login)
        return;
    hg_proof_free(session->login->proof);
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

static struct hg_slice clip(struct hg_slice name)
{
    return hg_slice_of(name.ptr, name.len < NAME_BYTES ? name.len : NAME_BYTES);
}

/* ---- who it is ---- */

struct hg_slice hg_login_database(const struct hg_session *session)
{
    struct hg_slice database = hg_startup_get(&session->login->startup, "database");

    return database.len ? clip(database) : hg_slice_cstr(session->user_name);
}

const char *hg_login_method(const struct hg_session *session)
{
    const struct hg_proof *proof = session->login ? session->login->proof : NULL;

    return proof ? hg_proof_method(proof) : "socket"; /* the kernel's word */
}

static void find_user(struct hg_session *session)
{
    struct hg_slice name = hg_slice_cstr(session->user_name);

    if (hg_slice_is(hg_login_database(session), HG_CONSOLE_DATABASE))
        session->admin = hg_config_admin(hg_generation_config(session->generation), name);
    if (session->admin) {
        session->login->admin =
            (struct hg_user){.name = name, .login = HG_LOGIN_BY_SCRAM, .password = session->admin->password};
        session->user = &session->login->admin;
    } else {
        session->user = hg_snapshot_user(session->generation->snapshot, name);
    }
}

/* By the Unix socket there is the console and nothing else. */
static void open_local(struct hg_session *session)
{
    if (!hg_conn_is_trusted(session->conn)) {
        hg_session_fatal_text(session, HG_INVALID_AUTHORIZATION, "this user may not use the console");
    } else if (!hg_slice_is(hg_login_database(session), HG_CONSOLE_DATABASE)) {
        hg_session_fatal_text(session, HG_UNDEFINED_DATABASE,
                              "the only database here is \"" HG_CONSOLE_DATABASE "\", the console");
    } else {
        hg_encode_auth(&session->outbox.bytes, HG_AUTH_OK, HG_LIT(""));
        session->worker->shared->console_ops->open(session, NULL);
    }
}

void hg_login_begin(struct hg_session *session, const struct hg_startup *startup)
{
    session->login = hg_calloc(1, sizeof *session->login);
    session->login->startup = *startup;
    session->user_name = copy_of(clip(hg_startup_get(startup, "user")));
    if (hg_conn_is_local(session->conn)) {
        open_local(session);
        return;
    }
    find_user(session);
    session->phase = HG_PHASE_PROOF;
    session->login->proof = hg_proof_begin(session);
}

/* ---- what it wants ---- */

static bool is_setting(struct hg_slice name)
{
    static const char *const others[] = {"user", "database", "options", "replication"};

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (hg_slice_is(name, others[i]))
            return false;
    return name.len < 5 || memcmp(name.ptr, "_pq_.", 5) != 0;
}

/* The settings in the order in which they count: those of `options` first. */
static bool collect_settings(struct hg_session *session)
{
    const struct hg_startup *startup = &session->login->startup;
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

static bool is_admitted(struct hg_session *session)
{
    struct hg_shared *shared = session->worker->shared;
    const struct hg_generation *generation = session->generation;
    struct hg_slice database = hg_login_database(session);
    struct hg_arena *arena = hg_session_arena(session);

    session->listed = true;
    if (atomic_fetch_add(&shared->clients, 1) >= hg_generation_config(generation)->max_clients)
        return hg_fault_set(&session->fault, arena, HG_TOO_MANY_CONNECTIONS,
                            "sorry, too many clients already");
    if (session->replication)
        return hg_fault_set(&session->fault, arena, HG_INSUFFICIENT_PRIVILEGE,
                            "must be superuser or replication role to start walsender");
    if (!hg_slice_equal(database, generation->snapshot->database))
        return hg_fault_set(&session->fault, arena, HG_UNDEFINED_DATABASE, "database \"%.*s\" does not exist",
                            HG_SLICE_FMT(database));
    return hg_limits_login(session) && collect_settings(session);
}

bool hg_login_step(struct hg_session *session)
{
    if (hg_proof_step(session, session->login->proof) != HG_STEP_DONE)
        return false;
    if (session->admin) {
        session->user = NULL;
        session->worker->shared->console_ops->open(session, session->admin);
        return true;
    }
    if (!is_admitted(session)) {
        hg_session_fatal(session, &session->fault);
        return false;
    }
    session->tenant_value = copy_of(session->user->tenant->value);
    session->phase = HG_PHASE_SETTINGS;
    hg_observe_login(session);
    return true;
}

/* ---- settings ---- */

struct hg_slice hg_login_setting_name(const struct hg_session *session)
{
    return session->login->settings->name;
}

static enum hg_step take_setting(struct hg_session *session, const struct hg_option *option)
{
    struct hg_slice value = option->value, canonical;

    if (!hg_setting_accept(session->user->name, option->name, &value, hg_session_arena(session),
                           &session->fault))
        return HG_STEP_FAILED;
    int setting = hg_local_setting(session, option->name);
    if (setting < 0)
        return HG_STEP_FAILED;
    canonical = value;
    if (setting < HG_NSETTINGS &&
        hg_settings[setting].flags & (HG_SETTING_SYNC | HG_SETTING_VIRTUAL | HG_SETTING_HERE)) {
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
    hg_auditing_login(session);
    hg_login_free_state(session);
    hg_link_forget_turn(session);
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
    session->activity = hg_activity_new(hg_slice_cstr(session->user_name),
                                        hg_slice_cstr(session->tenant_value), hg_conn_peer(session->conn));
    if (!hg_cancel_keys_add(session->worker->shared->keys, session->worker, session, session->activity,
                            &session->pid, session->secret, secret_bytes(session))) {
        hg_activity_free(session->activity);
        session->activity = NULL;
        hg_session_fatal_text(session, HG_INTERNAL_ERROR, "could not make a cancel key");
        return false;
    }
    welcome(session);
    hg_activity_end(session->activity, 'I', session->values.now[HG_SET_application_name]);
    return true;
}
