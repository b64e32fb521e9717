/* Settings on their way to a server, and what PostgreSQL makes of a value.
 *
 * A server connection works for many clients, so before a statement its settings are compared with those of
 * the client, and what differs is set by one statement, pipelined ahead: no round trip is added. It is sent
 * in the extended protocol under names of ours, without a Sync where it can be: when it fails, PostgreSQL
 * then skips the client's statement too, so nothing ever runs under settings that are not its client's. When
 * the client's statement fails, PostgreSQL takes the settings back: what is recorded of the server is
 * forgotten (relay.c), and the next batch waits until it is known (link.c). A Sync of its own it gets ahead
 * of BEGIN, and when what it sets counts from the next transaction only. Of such a setting the server is told
 * first what it was when the transaction began, which may have been long before a server was needed.
 *
 * Where walls are on, the tenant is one more setting of that kind, which no client can name: the database's
 * own row security compares it with each row. It differs whenever the connection worked for another tenant,
 * and whenever it is not certain what it is; a value that were left over by mistake would show a tenant no
 * rows at all, since the rewritten statement names its own.
 *
 * Values are the server's to judge: a client's value is tried out with set_config() on the catalog backend,
 * whose answer is its canonical spelling, and whose refusal is PostgreSQL's own error. What acts in Headgate
 * alone, or nowhere, is tried out for the time of that statement only, so that it does not act there. Names of
 * locales and the like, which another server need not know, are tried out on that one, too, before anything
 * is sent along with them. */
#include "session.h"

#include <ctype.h>
#include <stdlib.h>

/* Of the private statement and portal; extended.c keeps clients from portals of that kind. */
#define CARRY_NAME HG_LIT("hg_carry")

static const int environment_settings[] = {HG_SET_datestyle, HG_SET_intervalstyle, HG_SET_lc_monetary,
                                           HG_SET_timezone,  HG_SET_xmloption,     HG_SET_search_path};
#define NENVIRONMENT (sizeof environment_settings / sizeof environment_settings[0])
#define SEPARATOR    '\x1f' /* none of the values but the last one can hold it */

/* Empty: the server's own. */
static struct hg_slice value_now(const struct hg_session *session, int setting)
{
    const char *value = session->values.now[setting];

    return value ? hg_slice_cstr(value) : HG_LIT("");
}

/* ---- the environment of a statement (contents.h) ---- */

struct hg_slice hg_session_environment(struct hg_session *session)
{
    if (session->environment && session->environment_version == session->values.version)
        return hg_slice_cstr(session->environment);
    struct hg_bytes text = {0};
    for (size_t i = 0; i < NENVIRONMENT; i++) {
        if (i)
            hg_write_u8(&text, SEPARATOR);
        hg_write_slice(&text, value_now(session, environment_settings[i]));
    }
    hg_write_u8(&text, 0);
    free(session->environment);
    session->environment = (char *)text.data;
    session->environment_version = session->values.version;
    return hg_slice_cstr(session->environment);
}

/* The value of a setting in an environment; ptr NULL when that says nothing of it. */
static struct hg_slice environment_value(struct hg_slice environment, int setting)
{
    struct hg_slice rest = environment;

    for (size_t i = 0; rest.ptr && i < NENVIRONMENT; i++) {
        const char *end = i + 1 < NENVIRONMENT ? memchr(rest.ptr, SEPARATOR, rest.len) : rest.ptr + rest.len;
        if (!end)
            break;
        if (environment_settings[i] == setting)
            return hg_slice_of(rest.ptr, (size_t)(end - rest.ptr));
        rest = hg_slice_of(end + 1, (size_t)(rest.ptr + rest.len - end) - (i + 1 < NENVIRONMENT));
    }
    return hg_slice_of(NULL, 0);
}

/* ---- carrying ---- */

static bool is_carried(const struct hg_session *session, const struct hg_slot *slot, int setting)
{
    unsigned flags = hg_settings[setting].flags;
    const struct hg_backend_config *backends = hg_generation_config(session->generation)->backends;

    if ((flags & HG_SETTING_LOCALE) && backends[slot->backend].dialect == HG_DIALECT_REDSHIFT)
        return false;
    return (flags & HG_SETTING_SYNC) ||
           ((flags & HG_SETTING_VIRTUAL) && slot == &session->slots[HG_SLOT_CATALOG]);
}

/* What they were when a transaction began counts in it. */
static bool counts_from_next_transaction(int setting)
{
    return setting == HG_SET_default_transaction_isolation ||
           setting == HG_SET_default_transaction_read_only ||
           setting == HG_SET_default_transaction_deferrable;
}

/* The client's own, or what its limits let it have at most. */
static struct hg_slice timeout(struct hg_session *session)
{
    uint32_t own = hg_session_duration(session, HG_SET_statement_timeout);
    uint32_t most = hg_limits_statement_time(session);
    char buffer[HG_DURATION_BYTES];

    if (!most || (own && own <= most))
        return hg_slice_cstr(session->values.now[HG_SET_statement_timeout]);
    return hg_arena_slice(hg_session_arena(session), hg_duration_text(most, buffer));
}

static struct hg_slice wanted(struct hg_session *session, struct hg_slice environment, int setting,
                              enum hg_carry_time when)
{
    struct hg_slice value = environment_value(environment, setting);

    if (value.ptr)
        return value;
    if (setting == HG_SET_statement_timeout)
        return timeout(session);
    if (when != HG_CARRY_ALONG && counts_from_next_transaction(setting))
        return hg_slice_cstr(hg_values_before(&session->values, setting));
    return value_now(session, setting);
}

static bool differs(const struct hg_slot *slot, int setting, struct hg_slice value)
{
    const char *there = slot->server->settings[setting];

    return !there || !hg_slice_is(value, there);
}

static bool lacks_tenant(const struct hg_session *session, const struct hg_slot *slot)
{
    const char *there = slot->server->tenant;

    return hg_generation_config(session->generation)->backends[slot->backend].walls &&
           !(there && strcmp(there, session->tenant_value) == 0);
}

/* System relations read these settings on the catalog, where no client can name them (allow_relations.sql).
 * They are told anew each time. */
static const struct sight {
    enum hg_sees sees;
    const char *setting;
    void (*write)(struct hg_session *session, struct hg_bytes *out);
} sights[] = {{HG_SEES_SESSIONS, "headgate.sessions", hg_sight_sessions},
              {HG_SEES_SETTINGS, "headgate.settings", hg_sight_settings},
              {HG_SEES_STATEMENTS, "headgate.statements", hg_sight_statements}};
#define NSIGHTS (sizeof sights / sizeof sights[0])

static bool wants_sight(const struct hg_session *session, const struct hg_slot *slot,
                        const struct sight *sight)
{
    return session->sees & sight->sees && slot == &session->slots[HG_SLOT_CATALOG];
}

/* The server was told all of the client's values, and none has changed since: nothing need be compared. What
 * counts from the next transaction may have to be told as it was before, and a limit, which is no value of the
 * client's, may have become another one. */
static bool is_as_wanted(struct hg_session *session, const struct hg_slot *slot, struct hg_slice environment,
                         enum hg_carry_time when)
{
    static const int later[] = {HG_SET_default_transaction_isolation, HG_SET_default_transaction_read_only,
                                HG_SET_default_transaction_deferrable};

    if (environment.ptr || slot->server->settings_stamp != session->values.version)
        return false;
    for (size_t i = 0; when != HG_CARRY_ALONG && i < sizeof later / sizeof later[0]; i++)
        if (hg_values_unsettled(&session->values, later[i]))
            return false;
    return !differs(slot, HG_SET_statement_timeout, timeout(session)) && !lacks_tenant(session, slot) &&
           !(session->sees && slot == &session->slots[HG_SLOT_CATALOG]);
}

/* Parse, Bind and Execute of `SELECT set_config($1,$2,false), …`, each parameter in text. A statement that is
 * left over from one that failed half-way is closed first. */
static void encode_call(struct hg_bytes *out, struct hg_slice sql, const struct hg_bytes *values,
                        uint16_t nvalues)
{
    struct hg_bytes rest = {0};

    hg_encode_target(out, HG_C_CLOSE, 'S', CARRY_NAME);
    hg_encode_parse(out, CARRY_NAME, sql, 0, HG_LIT(""));
    hg_write_u16(&rest, 0);
    hg_write_u16(&rest, nvalues);
    hg_write_slice(&rest, hg_bytes_slice(values));
    hg_write_u16(&rest, 0);
    hg_encode_bind(out, CARRY_NAME, CARRY_NAME, hg_bytes_slice(&rest));
    hg_bytes_free(&rest);
    hg_encode_execute(out, CARRY_NAME, 0);
    hg_encode_target(out, HG_C_CLOSE, 'P', CARRY_NAME);
    hg_encode_target(out, HG_C_CLOSE, 'S', CARRY_NAME);
}

static void expect_call(struct hg_session *session, struct hg_slot *slot, enum hg_verb verb)
{
    hg_link_expect(session, slot, HG_EXPECT_CLOSE, verb);
    hg_link_expect(session, slot, HG_EXPECT_PARSE, verb);
    hg_link_expect(session, slot, HG_EXPECT_BIND, verb);
    hg_link_expect(session, slot, HG_EXPECT_EXECUTE, verb)->syncs_settings = true;
    hg_link_expect(session, slot, HG_EXPECT_CLOSE, verb);
    hg_link_expect(session, slot, HG_EXPECT_CLOSE, verb);
}

/* NULL: what RESET would make of the setting. */
static void write_value(struct hg_bytes *out, struct hg_slice value)
{
    hg_write_u32(out, value.ptr ? (uint32_t)value.len : UINT32_MAX);
    hg_write_slice(out, value);
}

/* One of `SELECT set_config(…), …`; number: of its parameter, from 1. */
static void write_assignment(struct hg_bytes *sql, const char *name, unsigned number)
{
    hg_write_format(sql, "%s pg_catalog.set_config('%s', $%u, false)", number > 1 ? "," : "SELECT", name,
                    number);
}

/* The value of a setting that stands for the server's own. */
static bool is_own(int setting, struct hg_slice value)
{
    return value.len == 0 && hg_settings[setting].flags & HG_SETTING_LOCALE;
}

void hg_carry_settings(struct hg_session *session, struct hg_slot *slot, struct hg_slice environment,
                       enum hg_carry_time when)
{
    struct hg_bytes sql = {0}, values = {0};
    uint16_t count = 0;
    bool alone = when == HG_CARRY_BEFORE;

    if (is_as_wanted(session, slot, environment, when))
        return;
    for (int i = 0; i < HG_NCARRIED; i++) {
        if (!is_carried(session, slot, i))
            continue;
        struct hg_slice value = wanted(session, environment, i, when);
        if (!differs(slot, i, value))
            continue;
        write_assignment(&sql, hg_settings[i].name, ++count);
        write_value(&values, is_own(i, value) ? hg_slice_of(NULL, 0) : value);
        hg_server_set(slot->server, i, value);
        alone |= when == HG_CARRY_AHEAD && counts_from_next_transaction(i);
    }
    if (lacks_tenant(session, slot)) {
        struct hg_slice tenant = hg_slice_cstr(session->tenant_value);
        write_assignment(&sql, HG_WALL_SETTING, ++count);
        write_value(&values, tenant);
        hg_server_set_tenant(slot->server, tenant);
    }
    for (size_t i = 0; i < NSIGHTS; i++) {
        if (!wants_sight(session, slot, &sights[i]))
            continue;
        struct hg_bytes text = {0};
        sights[i].write(session, &text);
        write_assignment(&sql, sights[i].setting, ++count);
        write_value(&values, hg_bytes_slice(&text));
        hg_bytes_free(&text);
        session->sees &= ~(unsigned)sights[i].sees;
    }
    if (count) {
        encode_call(&slot->server->outbox.bytes, hg_bytes_slice(&sql), &values, count);
        expect_call(session, slot, HG_VERB_INTERNAL);
        slot->settings_in_transaction |= slot->in_transaction;
        if (alone)
            hg_link_sync(session, slot, HG_VERB_INTERNAL, false);
        else
            slot->settings_in_batch = true;
    }
    if (when == HG_CARRY_ALONG && !environment.ptr)
        slot->server->settings_stamp = session->values.version;
    hg_bytes_free(&sql);
    hg_bytes_free(&values);
}

void hg_carry_call(struct hg_session *session, struct hg_slot *slot, struct hg_slice sql)
{
    const struct hg_bytes none = {0};

    encode_call(&slot->server->outbox.bytes, sql, &none, 0);
    expect_call(session, slot, HG_VERB_CAPTURE);
}

void hg_carry_ask(struct hg_session *session, struct hg_slot *slot, struct hg_slice sql,
                  struct hg_slice types, struct hg_slice bound)
{
    struct hg_bytes *out = &slot->server->outbox.bytes, rest = {0};

    hg_encode_target(out, HG_C_CLOSE, 'S', CARRY_NAME);
    hg_encode_parse(out, CARRY_NAME, sql, (uint16_t)(types.len / 4), types);
    hg_write_slice(&rest, bound);
    if (!bound.len)
        hg_write_u32(&rest, 0); /* neither formats nor values */
    hg_write_u16(&rest, 0);     /* results as text */
    hg_encode_bind(out, CARRY_NAME, CARRY_NAME, hg_bytes_slice(&rest));
    hg_bytes_free(&rest);
    hg_encode_execute(out, CARRY_NAME, 0);
    hg_encode_target(out, HG_C_CLOSE, 'P', CARRY_NAME);
    hg_encode_target(out, HG_C_CLOSE, 'S', CARRY_NAME);
    session->captured = (struct hg_captured){0};
    expect_call(session, slot, HG_VERB_CAPTURE);
}

/* ---- the canonical value ---- */

/* As a client's SET would name it: some errors repeat that. */
static struct hg_slice in_lower_case(struct hg_arena *arena, const char *name)
{
    struct hg_slice lower = hg_arena_slice(arena, hg_slice_cstr(name));

    for (char *at = (char *)lower.ptr; at < lower.ptr + lower.len; at++)
        *at = (char)tolower((unsigned char)*at);
    return lower;
}

/* A value of which no server shall know is tried out and taken back at once: a transaction may be open. */
#define TRY_SQL                                                                                              \
    "SELECT pg_catalog.set_config($1, $2, true), pg_catalog.set_config($1, s.was, true) "                    \
    "FROM (SELECT pg_catalog.current_setting($1) AS was OFFSET 0) AS s"

/* A value that is tried out on a server, which is linked and active. */
struct trial {
    struct hg_slot *slot;
    bool client_batch; /* in the middle of a batch of the client's */
    int setting;
    struct hg_slice before, value; /* before: what else the result depends on */
};

static void send_check(struct hg_session *session, const struct trial *trial)
{
    struct hg_slot *slot = trial->slot;
    int setting = trial->setting;
    struct hg_bytes values = {0};

    write_value(&values, session->phase == HG_PHASE_SETTINGS
                             ? hg_login_setting_name(session)
                             : in_lower_case(hg_session_arena(session), hg_settings[setting].name));
    write_value(&values, trial->value);
    struct hg_slice sql = hg_settings[setting].flags & HG_SETTING_HERE
                              ? HG_LIT(TRY_SQL)
                              : HG_LIT("SELECT pg_catalog.set_config($1, $2, false)");
    encode_call(&slot->server->outbox.bytes, sql, &values, 2);
    hg_bytes_free(&values);
    session->captured = (struct hg_captured){0};
    expect_call(session, slot, HG_VERB_CAPTURE);
    slot->settings_in_transaction |= slot->in_transaction;
    if (!trial->client_batch)
        hg_link_sync(session, slot, HG_VERB_CAPTURE, false);
    else
        slot->settings_in_batch = true;
}

/* Text search configurations of the operator's own are none of the client's database. */
static bool is_of_client(int setting, struct hg_slice canonical)
{
    static const char everywhere[] = "pg_catalog.";
    size_t len = sizeof everywhere - 1;

    return setting != HG_SET_default_text_search_config ||
           (canonical.len > len && memcmp(canonical.ptr, everywhere, len) == 0);
}

static enum hg_step take_check(struct hg_session *session, const struct trial *trial,
                               struct hg_slice *canonical)
{
    struct hg_arena *arena = hg_session_arena(session);
    int setting = trial->setting;

    if (session->captured.failed)
        return HG_STEP_FAILED;
    *canonical = session->captured.nrows ? session->captured.rows[0] : hg_slice_of(NULL, 0);
    if (!canonical->ptr) {
        hg_fault_set(&session->fault, arena, HG_INTERNAL_ERROR, "backend \"%s\" does not tell what \"%s\" is",
                     hg_link_name(session, trial->slot), hg_settings[setting].name);
        return HG_STEP_FAILED;
    }
    if (trial->slot->server && !(hg_settings[setting].flags & HG_SETTING_HERE))
        hg_server_set(trial->slot->server, setting, *canonical);
    if (!is_of_client(setting, *canonical)) {
        hg_fault_set(&session->fault, arena, HG_INVALID_PARAMETER_VALUE,
                     "invalid value for parameter \"%s\": \"%.*s\"", hg_settings[setting].name,
                     HG_SLICE_FMT(trial->value));
        return HG_STEP_FAILED;
    }
    hg_canonical_put(&session->worker->canonical, setting, trial->before, trial->value, *canonical);
    return HG_STEP_DONE;
}

static enum hg_step try_out(struct hg_session *session, const struct trial *trial, struct hg_slice *canonical)
{
    if (!session->checking)
        send_check(session, trial);
    session->checking = 1 + trial->setting;
    if (hg_link_barrier(session) == HG_STEP_WAIT)
        return HG_STEP_WAIT;
    session->checking = 0;
    return take_check(session, trial, canonical);
}

enum hg_step hg_carry_canonical(struct hg_session *session, int setting, struct hg_slice value,
                                struct hg_slice *canonical)
{
    int catalog = hg_session_catalog_index(session);
    struct hg_slot *slot = hg_link_slot(session, catalog);
    struct hg_slice before =
        setting == HG_SET_datestyle ? hg_slice_cstr(session->values.now[setting]) : HG_LIT("");
    const struct trial trial = {slot, slot->batch_open, setting, before, value};

    *canonical = value;
    if (setting == HG_SET_role) /* which no server knows */
        return HG_STEP_DONE;
    if (!session->checking) {
        *canonical = hg_canonical_get(&session->worker->canonical, setting, before, value);
        if (canonical->ptr)
            return HG_STEP_DONE;
        enum hg_step step = hg_link_use(session, catalog);
        if (step != HG_STEP_DONE)
            return step;
    }
    return try_out(session, &trial, canonical);
}

/* The backend's refusal, as what it is about. */
static void explain_unknown(struct hg_session *session, const struct trial *trial)
{
    struct hg_fault *fault = &session->fault;
    struct hg_arena *arena = hg_session_arena(session);

    if (strcmp(fault->sqlstate, HG_INVALID_PARAMETER_VALUE) != 0)
        return;
    *fault = (struct hg_fault){0};
    hg_fault_set(fault, arena, HG_INVALID_PARAMETER_VALUE, "backend \"%s\" does not know %s = \"%.*s\"",
                 hg_link_name(session, trial->slot), hg_settings[trial->setting].name,
                 HG_SLICE_FMT(trial->value));
    hg_fault_hint(fault, arena, "Set another value, or RESET %s.", hg_settings[trial->setting].name);
}

static bool is_doubtful(const struct hg_session *session, const struct trial *trial)
{
    bool names = hg_settings[trial->setting].flags & HG_SETTING_NAMES &&
                 is_carried(session, trial->slot, trial->setting);

    return names && !is_own(trial->setting, trial->value) &&
           differs(trial->slot, trial->setting, trial->value) &&
           !hg_canonical_get(&session->worker->canonical, trial->setting, trial->before, trial->value).ptr;
}

enum hg_step hg_carry_names(struct hg_session *session, struct hg_slot *slot)
{
    struct hg_slice backend = hg_slice_cstr(hg_link_name(session, slot)), canonical;

    if (!hg_link_is_data(slot) || slot->server->settings_stamp == session->values.version)
        return HG_STEP_DONE;
    for (int i = 0; i < HG_NCARRIED; i++) {
        struct hg_slice value = value_now(session, i);
        const struct trial trial = {slot, slot->batch_open, i, backend, value};
        if (session->checking ? session->checking != 1 + i : !is_doubtful(session, &trial))
            continue;
        enum hg_step step = try_out(session, &trial, &canonical);
        if (step == HG_STEP_FAILED)
            explain_unknown(session, &trial);
        if (step != HG_STEP_DONE)
            return step;
    }
    return HG_STEP_DONE;
}
