/* Which servers may work in one transaction.
 *
 * A transaction stays on the data backend that it used first as long as that can answer. At READ COMMITTED it
 * may use others, too: each statement has a snapshot of its own there, so that one of another server is as
 * good as a later one. Their transactions are opened when they are needed, and end together with the first
 * one (control.c). What keeps this sound:
 *
 *   - It writes, locks rows and declares cursors WITH HOLD on one backend at most. So one COMMIT has
 *     something to do; the others only end what has read, and cannot fail in a way that matters.
 *   - Once it has, no other backend is asked for a table that this one holds, too: what was written is read
 *     where it was written.
 *   - At the higher levels all statements have one snapshot, which two servers do not share: refused.
 *   - When it began is the same for all statements, whatever server answers (now(), CURRENT_DATE …): the
 *     server that tells first is asked when another one has to tell, too, and that stands in the texts from
 *     then on.
 *
 * The rewriter knows all this and prefers where the transaction is (route.c). But the text of a message may
 * begin or end a transaction, and run what was prepared long ago; so the session has the last word, when a
 * statement is about to be sent. The same holds for messages up to a Sync, which are a transaction without a
 * BEGIN. */
#include "session.h"

/* ---- what it has done ---- */

static bool spreads(const struct hg_session *session)
{
    struct hg_slice level = hg_transaction_isolation(&session->transaction);

    if (level.len == 0)
        level = hg_slice_cstr(hg_values_before(&session->values, HG_SET_default_transaction_isolation));
    return hg_slice_is(level, "read committed") || hg_slice_is(level, "read uncommitted");
}

struct hg_binding hg_session_bound(const struct hg_session *session)
{
    const struct hg_claims *claims = &session->transaction.claims;
    struct hg_binding bound = {.first = -1, .spreads = spreads(session)};

    for (int i = 0; i < HG_NSLOTS; i++) {
        const struct hg_slot *slot = &session->slots[i];
        if (i == HG_SLOT_CATALOG || !slot->server || !(slot->in_transaction || slot->batch_open))
            continue;
        if (claims->used && claims->first == slot->backend)
            bound.first = slot->backend;
        else
            bound.others |= UINT32_C(1) << slot->backend;
    }
    if (claims->writes)
        bound.written = UINT32_C(1) << claims->written;
    return bound;
}

struct hg_effect hg_effect_of(const struct hg_verdict *verdict)
{
    return (struct hg_effect){.binds = verdict->writes || verdict->hold,
                              .timed = verdict->timed,
                              .own_time = verdict->own_time,
                              .localized = verdict->localized,
                              .held = verdict->held};
}

struct hg_effect hg_effect_of_both(struct hg_effect a, struct hg_effect b)
{
    return (struct hg_effect){.binds = a.binds || b.binds,
                              .timed = a.timed || b.timed,
                              .own_time = a.own_time || b.own_time,
                              .localized = a.localized || b.localized,
                              .held = a.held | b.held};
}

/* ---- what it may do ---- */

static bool refuse(struct hg_session *session, const char *why, int kept, int wanted, const char *hint)
{
    const struct hg_backend_config *backends = hg_generation_config(session->generation)->backends;
    struct hg_arena *arena = hg_session_arena(session);

    hg_fault_set(&session->fault, arena, HG_FEATURE_NOT_SUPPORTED,
                 "this transaction %s \"%s\", and the statement needs \"%s\"", why, backends[kept].name,
                 backends[wanted].name);
    hg_fault_hint(&session->fault, arena, "%s", hint);
    return false;
}

/* Redshift has one locale, C. */
static bool has_locale(struct hg_session *session, int backend, struct hg_effect effect)
{
    static const int settings[] = {HG_SET_lc_monetary, HG_SET_lc_numeric, HG_SET_lc_time};
    const struct hg_backend_config *config = &hg_generation_config(session->generation)->backends[backend];
    struct hg_arena *arena = hg_session_arena(session);

    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        const char *value = session->values.now[settings[i]];
        if (!effect.localized || config->dialect != HG_DIALECT_REDSHIFT || !value ||
            strcmp(value, "C") == 0 || strcmp(value, "POSIX") == 0 || strncmp(value, "C.", 2) == 0)
            continue;
        const char *name = hg_settings[settings[i]].name;
        hg_fault_set(&session->fault, arena, HG_FEATURE_NOT_SUPPORTED,
                     "%s = \"%s\" is not supported on \"%s\", where the statement runs", name, value,
                     config->name);
        hg_fault_hint(&session->fault, arena,
                      "Redshift has no locales. SET %s = 'C', or do without to_char and the like.", name);
        return false;
    }
    return true;
}

static bool may_use(struct hg_session *session, int backend, struct hg_effect effect)
{
    const struct hg_claims *claims = &session->transaction.claims;
    struct hg_binding bound = hg_session_bound(session);

    if (claims->writes && claims->written != backend && (effect.binds || (effect.held & bound.written)))
        return refuse(session, "has written on", claims->written, backend, HG_HINT_ONE_WRITES);
    if (bound.first < 0 || bound.first == backend || (bound.others >> backend & 1) || bound.spreads)
        return true;
    return refuse(session, "runs on", bound.first, backend, HG_HINT_READ_COMMITTED);
}

/* A batch before this one has set what this one begins with: it counts when that one has ended well. */
static bool is_unsettled(const struct hg_session *session)
{
    return session->transaction.state == HG_TRANSACTION_NONE && session->message.type != HG_C_QUERY &&
           session->prepared.batch != session->batches_ended && session->values.logged > 0;
}

enum hg_step hg_spread_use(struct hg_session *session, int backend, struct hg_effect effect)
{
    struct hg_claims *claims = &session->transaction.claims;
    bool data = backend != hg_session_catalog_index(session);

    if (is_unsettled(session) && hg_link_barrier(session) == HG_STEP_WAIT)
        return HG_STEP_WAIT;
    if (data && (!may_use(session, backend, effect) || !has_locale(session, backend, effect)))
        return HG_STEP_FAILED;
    enum hg_step step = hg_link_use(session, backend);
    if (step != HG_STEP_DONE)
        return step;
    if (data && effect.binds)
        hg_transaction_claim(&session->transaction, backend);
    if (effect.timed && !claims->timed) {
        claims->timed = true;
        claims->told_by = backend;
    }
    return HG_STEP_DONE;
}

/* ---- when it began ---- */

/* Read alike under every DateStyle and TimeZone. */
#define TIME_QUESTION                                                                                        \
    HG_LIT("SELECT pg_catalog.to_char(pg_catalog.timezone('UTC', pg_catalog.now()), "                        \
           "'YYYY-MM-DD\"T\"HH24:MI:SS.US') || '+00'")

static bool take_time(struct hg_session *session)
{
    const struct hg_captured *captured = &session->captured;
    struct hg_claims *claims = &session->transaction.claims;
    struct hg_slice time = captured->nrows ? captured->rows[0] : HG_LIT("");

    if (captured->failed)
        return false;
    if (!time.ptr || time.len == 0 || time.len >= sizeof claims->time)
        return hg_fault_set(&session->fault, hg_session_arena(session), HG_INTERNAL_ERROR,
                            "backend \"%s\" does not tell the time",
                            hg_generation_config(session->generation)->backends[claims->told_by].name);
    memcpy(claims->time, time.ptr, time.len);
    claims->time[time.len] = '\0';
    return true;
}

/* Asks the server that has told first. */
static enum hg_step ask_time(struct hg_session *session)
{
    if (!session->asking_time) {
        enum hg_step step = hg_link_use_plainly(session, session->transaction.claims.told_by);
        if (step != HG_STEP_DONE)
            return step;
        bool client_batch = session->active->batch_open && !session->active->in_transaction;
        session->captured = (struct hg_captured){0};
        hg_carry_call(session, session->active, TIME_QUESTION);
        if (!client_batch)
            hg_link_sync(session, session->active, HG_VERB_CAPTURE, false);
        session->asking_time = true;
    }
    if (hg_link_barrier(session) == HG_STEP_WAIT)
        return HG_STEP_WAIT;
    session->asking_time = false;
    return take_time(session) ? HG_STEP_DONE : HG_STEP_FAILED;
}

/* In these words only the server itself can tell it. */
static enum hg_step refuse_time(struct hg_session *session, int backend)
{
    const struct hg_backend_config *backends = hg_generation_config(session->generation)->backends;
    struct hg_arena *arena = hg_session_arena(session);

    hg_fault_set(&session->fault, arena, HG_FEATURE_NOT_SUPPORTED,
                 "this transaction has told the time on \"%s\", and the statement would on \"%s\"",
                 backends[session->transaction.claims.told_by].name, backends[backend].name);
    hg_fault_hint(
        &session->fault, arena,
        "Write now() or CURRENT_DATE instead of 'now' or 'today', give columns whose default is the "
        "time a value, or end the transaction first.");
    return HG_STEP_FAILED;
}

enum hg_step hg_spread_time(struct hg_session *session, int backend, struct hg_effect effect, bool told,
                            bool *again)
{
    const struct hg_claims *claims = &session->transaction.claims;

    *again = false;
    if (!effect.timed || !claims->timed || claims->told_by == backend)
        return HG_STEP_DONE;
    if (effect.own_time)
        return refuse_time(session, backend);
    if (told)
        return HG_STEP_DONE;
    enum hg_step step = claims->time[0] ? HG_STEP_DONE : ask_time(session);
    *again = step == HG_STEP_DONE;
    return step;
}
