/* What a session waits for, and for how long; and cancelling.
 *
 *   logging in                     login_timeout: FATAL
 *   between messages               client_idle_timeout, or its own idle_session_timeout: FATAL 57P05
 *   between messages of a block    idle_transaction_timeout, or its own idle_in_transaction_session_timeout:
 *                                  FATAL 25P03
 *   for rows of COPY               idle_transaction_timeout: likewise
 *   with cursors WITH HOLD open    idle_transaction_timeout: they and their servers are given up
 *   for its turn at a server       its own statement_timeout, which the server then counts from zero: 57014
 *   for a server's reply           query_timeout of its backend, when nothing came and nothing could be passed
 *                                  on: the statement is cancelled, the connection given up, the client gets
 *                                  57014
 *                                  statement_time and daily_time of the policy: limiting.c
 *   for the client to close        LINGER_MS, FLUSH_MS
 *   the end of what a client asked for that will send no more
 *                                  PROBE_MS, then it is asked whether it is still there
 *
 * A client that only shuts its side waits for its answers, as with PostgreSQL; one that has gone does not,
 * and its statements should not run on. Both look alike from here, until something is written to it: one that
 * has gone then resets the connection. So from time to time it is told a parameter that it knows already,
 * which the protocol allows at any time.
 *
 * The timer is lazy: activity only writes down the time. When it fires too early it is set again for the
 * rest. */
#include "session.h"

#include <stdlib.h>

#define FLUSH_MS  10000u
#define LINGER_MS 2000u
#define PROBE_MS  2000u

enum wait {
    WAIT_NOTHING,
    WAIT_LOGIN,
    WAIT_IDLE,
    WAIT_IDLE_BLOCK,
    WAIT_IDLE_CURSOR,
    WAIT_TURN,
    WAIT_SERVER,
    WAIT_GONE,
    WAIT_CLOSE
};

/* ---- what is waited for ---- */

/* A duration as PostgreSQL spells it: `0`, `500ms`, `10s`, `5min`, `2h`, `1d`. */
static uint32_t duration_ms(const char *text)
{
    static const struct {
        const char *unit;
        uint64_t ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"min", 60000}, {"h", 3600000}, {"d", 86400000}};
    char *unit;

    if (text[0] == '0' && text[1] == '\0') /* as most are, and each statement asks for some */
        return 0;
    uint64_t number = strtoull(text, &unit, 10), most = INT32_MAX;

    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strcmp(unit, units[i].unit) == 0)
            number = number < most / units[i].ms ? number * units[i].ms : most;
    return (uint32_t)(number < most ? number : most);
}

uint32_t hg_session_duration(const struct hg_session *session, int setting)
{
    return duration_ms(session->values.now[setting]);
}

/* The shorter of what the administrator and the client want; 0 = never. */
static uint32_t shorter(uint32_t configured, const struct hg_session *session, int setting)
{
    uint32_t own = hg_session_duration(session, setting);

    return own && (!configured || own < configured) ? own : configured;
}

/* PostgreSQL counts from its ReadyForQuery on, not in the middle of a batch. */
static bool is_ready_for_query(const struct hg_session *session)
{
    for (int i = 0; i < HG_NSLOTS; i++)
        if (session->slots[i].batch_open)
            return false;
    return true;
}

static enum wait waits_in_ready(const struct hg_session *session, uint32_t *limit)
{
    const struct hg_config *config = hg_generation_config(session->generation);

    if (session->input_ended) {
        *limit = PROBE_MS;
        return WAIT_GONE;
    }
    if (session->copying.on && !hg_outbox_pending(&session->active->server->outbox)) {
        *limit = config->idle_transaction_timeout_ms;
        return WAIT_IDLE_BLOCK;
    }
    if (session->active->waiter) {
        *limit = hg_session_duration(session, HG_SET_statement_timeout);
        return WAIT_TURN;
    }
    if (!hg_replies_empty(&session->replies) && session->active->server) {
        *limit = config->backends[session->active->backend].query_timeout_ms;
        return WAIT_SERVER;
    }
    if (session->message.active || hg_outbox_pending(&session->outbox))
        return WAIT_NOTHING;
    bool block = session->transaction.state != HG_TRANSACTION_NONE, held = false;
    for (int i = 0; i < HG_NSLOTS; i++) {
        bool resting = hg_link_is_resting(session, &session->slots[i]);
        block |= session->slots[i].server && !resting;
        held |= resting;
    }
    uint32_t patience = config->idle_transaction_timeout_ms, idle = config->client_idle_timeout_ms;
    if (is_ready_for_query(session) && block)
        patience = shorter(patience, session, HG_SET_idle_in_transaction_session_timeout);
    else if (is_ready_for_query(session))
        idle = shorter(idle, session, HG_SET_idle_session_timeout);
    held = held && patience && (!idle || patience < idle);
    *limit = block || held ? patience : idle;
    return block ? WAIT_IDLE_BLOCK : held ? WAIT_IDLE_CURSOR : WAIT_IDLE;
}

static enum wait waits_for(const struct hg_session *session, uint32_t *limit)
{
    *limit = 0;
    switch (session->phase) {
    case HG_PHASE_READY:
        return waits_in_ready(session, limit);
    case HG_PHASE_FLUSH:
        *limit = FLUSH_MS;
        return WAIT_CLOSE;
    case HG_PHASE_LINGER:
        *limit = LINGER_MS;
        return WAIT_CLOSE;
    case HG_PHASE_CONSOLE:
        *limit = PROBE_MS;
        return session->input_ended ? WAIT_GONE : WAIT_NOTHING;
    case HG_PHASE_DEAD:
        return WAIT_NOTHING;
    default:
        *limit = hg_generation_config(session->generation)->login_timeout_ms;
        return WAIT_LOGIN;
    }
}

/* When it began to wait. */
static uint64_t since(const struct hg_session *session)
{
    return session->phase < HG_PHASE_READY ? session->accepted_ms : session->active_ms;
}

/* ---- what follows ---- */

static void give_up_server(struct hg_session *session)
{
    struct hg_slot *slot = session->active;
    struct hg_fault fault = {0};

    hg_fault_set(&fault, hg_session_arena(session), HG_QUERY_CANCELED,
                 "canceling statement: backend \"%s\" did not answer within %u ms",
                 hg_link_name(session, slot),
                 hg_generation_config(session->generation)->backends[slot->backend].query_timeout_ms);
    hg_server_cancel(slot->server);
    hg_link_lose(session, slot, &fault);
    hg_session_run(session);
}

/* The statement that waits for a server is not run. */
static void give_up_turn(struct hg_session *session, const char *why)
{
    struct hg_slot *slot = session->active;

    hg_waiter_cancel(slot->waiter);
    slot->waiter = NULL;
    slot->failed = true;
    session->fault = (struct hg_fault){.message = hg_slice_cstr(why)};
    memcpy(session->fault.sqlstate, HG_QUERY_CANCELED, sizeof session->fault.sqlstate);
    hg_session_run(session);
}

/* Unless something is on its way to it, which tells as well. */
static void probe(struct hg_session *session)
{
    bool quiet = !hg_link_is_torn(session) && !hg_outbox_pending(&session->outbox);

    for (int i = 0; i < HG_NSLOTS; i++)
        quiet &= session->slots[i].accepted == 0;
    if (quiet)
        hg_encode_parameter_status(&session->outbox.bytes, HG_LIT("integer_datetimes"), HG_LIT("on"));
    session->active_ms = hg_loop_now_ms(session->worker->loop);
    hg_session_run(session);
}

static void time_is_up(struct hg_session *session, enum wait wait)
{
    switch (wait) {
    case WAIT_LOGIN:
        hg_session_fatal_text(session, HG_QUERY_CANCELED, "canceling authentication due to timeout");
        break;
    case WAIT_IDLE:
        hg_session_fatal_text(session, HG_IDLE_TIMEOUT, "terminating connection due to idle-session timeout");
        break;
    case WAIT_IDLE_BLOCK:
        hg_session_fatal_text(session, HG_IDLE_IN_TRANSACTION_TIMEOUT,
                              "terminating connection due to idle-in-transaction timeout");
        break;
    case WAIT_IDLE_CURSOR:
        hg_cursors_give_up(session, "the session was idle for longer than idle_transaction_timeout");
        hg_session_arm(session);
        break;
    case WAIT_TURN:
        give_up_turn(session, "canceling statement due to statement timeout");
        break;
    case WAIT_SERVER:
        give_up_server(session);
        break;
    case WAIT_GONE:
        probe(session);
        break;
    default:
        hg_session_die(session);
    }
}

static void fired(void *argument)
{
    struct hg_session *session = argument;
    uint32_t limit;
    enum wait wait = waits_for(session, &limit);

    uint64_t bound = hg_limits_deadline(session);

    session->timer_at = 0;
    if (bound && hg_loop_now_ms(session->worker->loop) >= bound) {
        hg_limits_time_is_up(session);
        hg_session_arm(session);
    } else if (wait != WAIT_NOTHING && limit &&
               hg_loop_now_ms(session->worker->loop) >= since(session) + limit)
        time_is_up(session, wait);
    else
        hg_session_arm(session);
}

void hg_session_watch(struct hg_session *session)
{
    hg_timer_init(&session->timer, session->worker->loop, fired, session);
    session->accepted_ms = hg_loop_now_ms(session->worker->loop);
}

void hg_session_arm(struct hg_session *session)
{
    uint32_t limit;

    bool waits = waits_for(session, &limit) != WAIT_NOTHING && limit > 0;
    uint64_t deadline = hg_limits_deadline(session), now = hg_loop_now_ms(session->worker->loop);
    if (waits && (!deadline || since(session) + limit < deadline))
        deadline = since(session) + limit;
    if (!deadline)
        return;
    if (session->timer_at && session->timer_at <= deadline)
        return;
    session->timer_at = deadline;
    hg_timer_start(&session->timer, deadline > now ? deadline - now : 0);
}

/* ---- cancelling ---- */

/* The statement that runs is the client's own, or stands before it in its name. */
static bool runs_something(const struct hg_session *session)
{
    return session->active->server && !hg_replies_empty(&session->replies);
}

void hg_session_cancel(struct hg_session *session)
{
    struct hg_slot *slot = session->active;

    if (session->phase == HG_PHASE_CONSOLE)
        session->worker->shared->console_ops->cancel(session);
    if (session->phase != HG_PHASE_READY)
        return;
    if (slot->waiter)
        give_up_turn(session, "canceling statement due to user request");
    else if (runs_something(session))
        hg_server_cancel(slot->server);
}
