/* Limits of tenants and users.
 *
 *   connections      at login, once the client has proved who it is           53300
 *   statement_bytes  each text of Query and Parse, before it is parsed         54000
 *   rate             when a statement begins, or is prepared for nothing; what is refused counts, too
 *                                                                              53400
 *   daily_time       when a statement begins or is prepared, and while it runs 53400
 *   statement_time   while it runs                                             57014
 *   rows, bytes      while its result passes by                                53400
 *
 * Both the tenant's and the user's hold: whichever is exceeded first. They are those of the worker's current
 * generation, also in a session that still works with an older one.
 *
 * The time of a statement. Servers are told statement_time as their statement_timeout (carry.c), so that they
 * stop by themselves; and a little later the session cancels, in case they do not. The error that follows is
 * told in our words. A server that does not react to that either is given up.
 *
 * A result that is too long is cut: the entry of its reply is marked, what comes for it is dropped instead of
 * passed on, the server is told to cancel, and the client gets our error in place of the server's. When
 * the server was quicker and has completed the statement, the client is told that error all the same, and the
 * transaction fails here. So that nothing lasts of which the client believes that it failed, nothing that
 * could write is on its way behind a result that may be cut: see hg_limits_bound() and extended.c. What is on
 * its way in batches of its own must not be hit by a cancel request: then the rest is only dropped. */
#include "limiting.h"

#include <stdlib.h>
#include <time.h>

#include "session.h"

#define PAID_US     UINT64_C(1000000) /* so long a Parse pays for a Bind, and a Bind for an Execute */
#define GRACE_MS    250u              /* the server's own timeout comes first */
#define PATIENCE_MS 5000u             /* for what a cancel request does */
#define COPY_EXTRA  2u /* messages of COPY that are no rows: a header, the end of the binary format */

/* ---- which ---- */

struct hg_limits_of hg_limits_of(const struct hg_session *session)
{
    const struct hg_user *user = session->user;

    if (session->generation != session->worker->generation) {
        const struct hg_user *now =
            hg_snapshot_user(session->worker->generation->snapshot, hg_slice_cstr(session->user_name));
        if (now && session->tenant_value && hg_slice_is(now->tenant->value, session->tenant_value))
            user = now;
    }
    return (struct hg_limits_of){{user->tenant->limits, user->limits}};
}

/* The smaller one; 0 = none. */
static struct hg_excess tightest(const struct hg_limits_of *limits, enum hg_limit limit)
{
    struct hg_excess found = {.limit = limit};

    for (int i = 0; i < HG_NACCOUNTS; i++) {
        uint64_t value = hg_limit_value(limits->of[i], limit);
        if (value && (!found.value || value < found.value)) {
            found.value = value;
            found.of = (enum hg_account_kind)i;
        }
    }
    return found;
}

/* ---- words ---- */

/* What is told of each, beside whose it is, its name, value and use. */
static const struct words {
    const char *sqlstate, *message, *resets, *hint;
} words[HG_NLIMITS] = {
    [HG_LIMIT_connections] = {HG_TOO_MANY_CONNECTIONS, "too many connections",
                              "It is free again when one of them is closed.",
                              "Close connections that are not needed, or share them in a pool."},
    [HG_LIMIT_statement_bytes] = {HG_STATEMENT_TOO_LONG, "statement is too long",
                                  "It counts for each text anew.",
                                  "Send values as parameters, or several shorter statements."},
    [HG_LIMIT_rate] = {HG_CONFIGURATION_LIMIT, "too many statements in a second", NULL,
                       "Send statements more slowly."},
    [HG_LIMIT_daily_time] = {HG_CONFIGURATION_LIMIT, "backend time of the day is used up", NULL,
                             "Try again tomorrow, by UTC."},
    [HG_LIMIT_statement_time] = {HG_QUERY_CANCELED, "canceling statement: it runs too long",
                                 "It counts for each statement anew.",
                                 "Ask for less at once, by a narrower condition for example."},
    [HG_LIMIT_rows] = {HG_CONFIGURATION_LIMIT, "result has too many rows", "It counts for each result anew.",
                       "Ask for fewer rows, by LIMIT or a narrower condition, or fetch them in parts with a "
                       "cursor."},
    [HG_LIMIT_bytes] = {HG_CONFIGURATION_LIMIT, "result has too many bytes",
                        "It counts for each result anew.",
                        "Ask for fewer rows or columns, or fetch them in parts with a cursor."},
};

/* `resets` NULL: as always. */
static void set_fault(struct hg_session *session, const struct hg_excess *excess, const char *resets,
                      struct hg_fault *fault)
{
    struct hg_arena *arena = hg_session_arena(session);
    const struct words *what = &words[excess->limit];
    struct hg_slice name = session->limiting.accounts[excess->of]->name;
    const char *kind = hg_account_kinds[excess->of];

    *fault = (struct hg_fault){0};
    memcpy(fault->sqlstate, what->sqlstate, sizeof fault->sqlstate);
    fault->message = hg_arena_printf(arena, "%s for %s \"%.*s\"", what->message, kind, HG_SLICE_FMT(name));
    hg_limit_tell(fault, arena, &(struct hg_limit_use){excess->limit, kind, excess->value, excess->used},
                  resets ? resets : what->resets, what->hint);
    hg_count_limit(session->worker->metrics, fault->detail);
}

static void set_daily_fault(struct hg_session *session, const struct hg_excess *excess,
                            struct hg_fault *fault)
{
    char midnight[HG_DURATION_BYTES];

    hg_midnight_text((uint64_t)time(NULL), midnight);
    struct hg_slice resets =
        hg_arena_printf(hg_session_arena(session), "It counts anew from %s on.", midnight);
    set_fault(session, excess, resets.ptr, fault);
}

/* ---- login and end ---- */

static struct hg_accounts *accounts_of(const struct hg_session *session)
{
    return session->worker->shared->accounts;
}

static void hold(struct hg_session *session, enum hg_account_kind kind, struct hg_slice name)
{
    struct hg_account **account = &session->limiting.accounts[kind];

    *account = hg_accounts_hold(accounts_of(session), kind, name);
    atomic_fetch_add(&(*account)->sessions, 1);
}

static void drop(struct hg_accounts *accounts, struct hg_session *session, enum hg_account_kind kind)
{
    struct hg_account **account = &session->limiting.accounts[kind];

    if (*account)
        atomic_fetch_sub(&(*account)->sessions, 1);
    hg_accounts_drop(accounts, *account);
    *account = NULL;
}

bool hg_limits_login(struct hg_session *session)
{
    const struct hg_limits_of limits = hg_limits_of(session);

    hold(session, HG_ACCOUNT_TENANT, session->user->tenant->name);
    hold(session, HG_ACCOUNT_USER, session->user->name);
    for (int i = 0; i < HG_NACCOUNTS; i++) {
        struct hg_excess excess = {
            .limit = HG_LIMIT_connections, .of = (enum hg_account_kind)i, .value = limits.of[i]->connections};
        excess.used = atomic_load(&session->limiting.accounts[i]->sessions) - 1; /* without this one */
        if (excess.value && excess.used >= excess.value) {
            set_fault(session, &excess, NULL, &session->fault);
            return false;
        }
    }
    return true;
}

void hg_limits_renew(struct hg_session *session)
{
    struct hg_account *tenant = session->limiting.accounts[HG_ACCOUNT_TENANT];

    if (!tenant || hg_slice_equal(tenant->name, session->user->tenant->name))
        return;
    drop(accounts_of(session), session, HG_ACCOUNT_TENANT);
    hold(session, HG_ACCOUNT_TENANT, session->user->tenant->name);
}

static void gone(void *argument, struct hg_session *session)
{
    for (int i = 0; i < HG_NACCOUNTS; i++)
        drop(argument, session, (enum hg_account_kind)i);
}

/* ---- before a statement ---- */

bool hg_limits_text(struct hg_session *session, struct hg_slice text)
{
    const struct hg_limits_of limits = hg_limits_of(session);
    struct hg_excess excess = tightest(&limits, HG_LIMIT_statement_bytes);

    if (!excess.value || text.len <= excess.value)
        return true;
    excess.used = text.len;
    set_fault(session, &excess, NULL, &session->fault);
    return false;
}

uint32_t hg_limits_statement_time(const struct hg_session *session)
{
    const struct hg_limits_of limits = hg_limits_of(session);
    uint32_t of_tenant = limits.of[HG_ACCOUNT_TENANT]->statement_time,
             of_user = limits.of[HG_ACCOUNT_USER]->statement_time;

    return of_tenant && (!of_user || of_tenant < of_user) ? of_tenant : of_user;
}

static bool take(struct hg_session *session, const struct hg_limits_of *limits, uint64_t count)
{
    uint32_t wait_ms;

    if (!limits->of[HG_ACCOUNT_TENANT]->rate && !limits->of[HG_ACCOUNT_USER]->rate)
        return true;
    uint64_t now = hg_clock_us();
    for (int i = 0; i < HG_NACCOUNTS; i++) {
        uint32_t rate = limits->of[i]->rate;
        if (!rate || hg_account_take(session->limiting.accounts[i], now, rate, count, &wait_ms))
            continue;
        if (i == HG_ACCOUNT_USER && limits->of[HG_ACCOUNT_TENANT]->rate)
            hg_account_give_back(session->limiting.accounts[HG_ACCOUNT_TENANT],
                                 limits->of[HG_ACCOUNT_TENANT]->rate, count);
        struct hg_excess excess = {.limit = HG_LIMIT_rate, .of = (enum hg_account_kind)i, .value = rate};
        excess.used = hg_account_taken(session->limiting.accounts[i], now, rate);
        struct hg_slice resets =
            wait_ms == UINT32_MAX
                ? hg_arena_printf(hg_session_arena(session), "The text has %llu statements.",
                                  (unsigned long long)count)
                : hg_arena_printf(hg_session_arena(session), "There is room for this in %u ms.", wait_ms);
        set_fault(session, &excess, resets.ptr, &session->fault);
        return false;
    }
    return true;
}

/* What is left of the day, in microseconds, and of whom the least; UINT64_MAX = no limit. */
static uint64_t left_today(const struct hg_session *session, const struct hg_limits_of *limits,
                           struct hg_excess *excess)
{
    uint64_t least = UINT64_MAX, now_s = 0;

    for (int i = 0; i < HG_NACCOUNTS; i++) {
        uint64_t value = (uint64_t)limits->of[i]->daily_time * 1000;
        if (!value)
            continue;
        now_s = now_s ? now_s : (uint64_t)time(NULL);
        uint64_t spent = hg_account_spent_us(session->limiting.accounts[i], now_s);
        uint64_t left = spent < value ? value - spent : 0;
        if (left >= least)
            continue;
        least = left;
        *excess = (struct hg_excess){.limit = HG_LIMIT_daily_time,
                                     .of = (enum hg_account_kind)i,
                                     .value = value / 1000,
                                     .used = spent / 1000};
    }
    return least;
}

/* They end what is open, and must be had. */
static bool is_way_out(enum hg_statement_kind kind)
{
    return kind == HG_STMT_COMMIT || kind == HG_STMT_ROLLBACK || kind == HG_STMT_ROLLBACK_TO ||
           kind == HG_STMT_CLOSE;
}

static enum hg_step begin(void *argument, struct hg_session *session, const struct hg_beginning *what)
{
    const struct hg_limits_of limits = hg_limits_of(session);
    bool works = what->backend >= 0 || what->kind == HG_STMT_EXECUTE || what->kind == HG_STMT_FETCH;
    struct hg_excess excess;

    (void)argument;
    if (is_way_out(what->kind))
        return HG_STEP_DONE;
    if (works && left_today(session, &limits, &excess) == 0) {
        set_daily_fault(session, &excess, &session->fault);
        return HG_STEP_FAILED;
    }
    return what->paid || take(session, &limits, what->count) ? HG_STEP_DONE : HG_STEP_FAILED;
}

/* ---- what leads up to a statement ---- */

bool hg_limits_charge(struct hg_session *session, int backend, enum hg_statement_kind kind, uint64_t *paid_us)
{
    const struct hg_limits_of limits = hg_limits_of(session);
    struct hg_excess excess;

    *paid_us = 0;
    if (is_way_out(kind))
        return true;
    if (backend >= 0 && left_today(session, &limits, &excess) == 0) {
        set_daily_fault(session, &excess, &session->fault);
        return false;
    }
    if (!take(session, &limits, 1))
        return false;
    *paid_us = session->turn_us;
    return true;
}

bool hg_limits_is_paid(const struct hg_session *session, uint64_t *paid_us)
{
    bool paid = *paid_us && session->turn_us < *paid_us + PAID_US;

    *paid_us = 0;
    return paid;
}

/* ---- the day's time ---- */

static void spend(struct hg_session *session, uint64_t us)
{
    uint64_t now_s = (uint64_t)time(NULL);

    for (int i = 0; i < HG_NACCOUNTS; i++)
        hg_account_spend(session->limiting.accounts[i], now_s, us);
}

/* Of what has been under way since then. */
static uint64_t charged_us(const struct hg_session *session, uint64_t since_us)
{
    return session->limiting.charged_since_us == since_us ? session->limiting.charged_us : 0;
}

void hg_limits_rest(struct hg_session *session)
{
    struct hg_limiting *limiting = &session->limiting;
    const struct hg_observing *observing = &session->observing;
    uint64_t charged = charged_us(session, observing->since_us) + observing->queued_us;

    if (!limiting->accounts[HG_ACCOUNT_TENANT] || !observing->since_us ||
        session->turn_us <= observing->since_us + charged)
        return;
    uint64_t more = session->turn_us - observing->since_us - charged;
    spend(session, more);
    limiting->charged_us = charged_us(session, observing->since_us) + more;
    limiting->charged_since_us = observing->since_us;
}

/* Statements that are refused take part in the rate; those that the rate itself refuses do not, or who is too
 * fast would never be let in again. */
static void charge_refusal(struct hg_session *session)
{
    const struct hg_limits_of limits = hg_limits_of(session);
    uint32_t wait_ms;

    for (int i = 0; i < HG_NACCOUNTS; i++)
        if (limits.of[i]->rate) /* when none is left, the rate refuses what comes next */
            (void)hg_account_take(session->limiting.accounts[i], hg_clock_us(), limits.of[i]->rate, 1,
                                  &wait_ms);
}

static void end(void *argument, struct hg_session *session, const struct hg_record *record,
                const struct hg_ending *ending)
{
    (void)argument;
    if (!session->limiting.accounts[HG_ACCOUNT_TENANT])
        return;
    if (!ending->begun && record->outcome == HG_OUTCOME_REFUSED &&
        memcmp(record->sqlstate, HG_CONFIGURATION_LIMIT, 5) != 0)
        charge_refusal(session);
    uint64_t charged = record->queued_us + charged_us(session, session->observing.since_us);
    if (record->backend && record->total_us > charged)
        spend(session, record->total_us - charged);
}

struct hg_watcher hg_limits_watcher(struct hg_accounts *accounts)
{
    return (struct hg_watcher){.argument = accounts, .begin = begin, .end = end, .gone = gone};
}

/* ---- time ---- */

/* Something of the client's is what the server is at. */
static bool is_at_work(const struct hg_session *session, const struct hg_reply *reply)
{
    return reply && session->active->server &&
           (reply->verb == HG_VERB_FORWARD || reply->verb == HG_VERB_QUIET) &&
           reply->expect != HG_EXPECT_SYNC && reply->expect != HG_EXPECT_NOTHING;
}

static uint64_t began_us(const struct hg_session *session)
{
    return session->observing.since_us + session->observing.queued_us;
}

/* What comes first, and when; 0 = nothing. */
static uint64_t time_limit(const struct hg_session *session, struct hg_excess *excess)
{
    const struct hg_limits_of limits = hg_limits_of(session);
    struct hg_excess of_day = {0};
    uint64_t left = left_today(session, &limits, &of_day), deadline = 0;

    *excess = tightest(&limits, HG_LIMIT_statement_time);
    if (excess->value)
        deadline = began_us(session) + (excess->value + GRACE_MS) * 1000;
    if (left == UINT64_MAX || (deadline && began_us(session) + left >= deadline))
        return deadline;
    *excess = of_day;
    return began_us(session) + left;
}

static bool has_time_limit(const struct hg_session *session)
{
    const struct hg_limits_of limits = hg_limits_of(session);

    for (int i = 0; i < HG_NACCOUNTS; i++)
        if (limits.of[i]->statement_time || limits.of[i]->daily_time)
            return true;
    return false;
}

uint64_t hg_limits_deadline(struct hg_session *session)
{
    struct hg_excess excess;

    if (session->phase != HG_PHASE_READY || hg_replies_empty(&session->replies) || !has_time_limit(session) ||
        !is_at_work(session, hg_replies_head(&session->replies)))
        return 0;
    uint64_t deadline = time_limit(session, &excess);
    if (session->limiting.stopped_us == began_us(session))
        deadline += PATIENCE_MS * 1000;
    return deadline / 1000 + 1;
}

static uint64_t elapsed_ms(const struct hg_session *session)
{
    uint64_t now = hg_clock_us(), began = began_us(session);

    return now > began ? (now - began) / 1000 : 0;
}

static void set_time_fault(struct hg_session *session, struct hg_excess excess, struct hg_fault *fault)
{
    if (excess.limit == HG_LIMIT_daily_time) {
        excess.used += elapsed_ms(session);
        set_daily_fault(session, &excess, fault);
    } else {
        excess.used = elapsed_ms(session);
        set_fault(session, &excess, NULL, fault);
    }
}

void hg_limits_time_is_up(struct hg_session *session)
{
    struct hg_limiting *limiting = &session->limiting;
    struct hg_slot *slot = session->active;
    struct hg_fault fault;

    if (limiting->stopped_us != began_us(session)) {
        (void)time_limit(session, &limiting->stopping);
        limiting->stopped_us = began_us(session);
        hg_server_cancel(slot->server);
        return;
    }
    set_time_fault(session, limiting->stopping, &fault);
    hg_server_cancel(slot->server);
    hg_link_lose(session, slot, &fault);
    hg_session_run(session);
}

/* The server stopped because its statement_timeout, which is our limit and not the client's own, was over. */
static bool is_server_timeout(struct hg_session *session, const struct hg_error_msg *error,
                              struct hg_excess *excess)
{
    const struct hg_limits_of limits = hg_limits_of(session);
    uint32_t own = hg_session_duration(session, HG_SET_statement_timeout);

    *excess = tightest(&limits, HG_LIMIT_statement_time);
    if (!excess->value || (own && own <= excess->value))
        return false;
    return elapsed_ms(session) >= excess->value ||
           hg_slice_is(error->message, "canceling statement due to statement timeout");
}

/* The cancel request was for one of the client's statements before, which had ended by then; this one had no time
 * left either. */
static bool is_out_of_time(struct hg_session *session, struct hg_excess *excess)
{
    const struct hg_limits_of limits = hg_limits_of(session);

    return left_today(session, &limits, excess) == 0;
}

bool hg_limits_explain(struct hg_session *session, const struct hg_reply *reply,
                       const struct hg_error_msg *error, struct hg_fault *fault)
{
    struct hg_excess excess;

    if (reply->cut) {
        set_fault(session, &session->limiting.excess, NULL, fault);
        return true;
    }
    if (!session->limiting.accounts[HG_ACCOUNT_TENANT] || !hg_slice_is(error->sqlstate, HG_QUERY_CANCELED))
        return false;
    if (session->limiting.stopped_us == began_us(session))
        set_time_fault(session, session->limiting.stopping, fault);
    else if (is_server_timeout(session, error, &excess) || is_out_of_time(session, &excess))
        set_time_fault(session, excess, fault);
    else
        return false;
    return true;
}

/* ---- results ---- */

bool hg_limits_bound(const struct hg_session *session)
{
    const struct hg_limits_of limits = hg_limits_of(session);

    for (int i = 0; i < HG_NACCOUNTS; i++)
        if (limits.of[i]->rows || limits.of[i]->bytes)
            return true;
    return false;
}

static bool may_write(const struct hg_statement *statement)
{
    return statement->writes || (statement->inner && statement->inner->writes);
}

void hg_limits_sent(struct hg_session *session, struct hg_reply *reply, struct hg_portal *portal,
                    int32_t max_rows)
{
    if (!hg_limits_bound(session))
        return;
    if (portal && may_write(portal->statement))
        session->limiting.written = true;
    if (portal && portal->statement->copy_in)
        return;
    reply->bounded = true;
    if (!portal)
        return;
    session->limiting.bounded = true;
    if (max_rows > 0 && !portal->tally) {
        portal->tally = hg_calloc(1, sizeof *portal->tally);
        portal->tally->references = 1;
    }
    if (portal->tally) {
        reply->tally = portal->tally;
        reply->tally->references++;
    }
}

/* Is the client's next batch on its way? Its statements would be hit by a cancel request that comes late. */
static bool has_followers(struct hg_session *session)
{
    uint32_t i = 1;

    while (i < session->replies.count && hg_replies_at(&session->replies, i)->expect != HG_EXPECT_SYNC)
        i++;
    return i + 1 < session->replies.count;
}

static void cut(struct hg_session *session, struct hg_slot *slot, struct hg_reply *reply,
                const struct hg_excess *excess)
{
    session->limiting.excess = *excess;
    reply->cut = true;
    if (!has_followers(session))
        hg_server_cancel(slot->server);
}

void hg_limits_check(struct hg_session *session, struct hg_slot *slot, struct hg_reply *reply, uint8_t type)
{
    const struct hg_limits_of limits = hg_limits_of(session);
    struct hg_excess rows = tightest(&limits, HG_LIMIT_rows), bytes = tightest(&limits, HG_LIMIT_bytes);

    rows.used = session->observing.rows + (reply->tally ? reply->tally->rows : 0);
    bytes.used = session->observing.bytes + (reply->tally ? reply->tally->bytes : 0);
    if (rows.value && rows.used > rows.value + (type == HG_S_COPY_DATA ? COPY_EXTRA : 0))
        cut(session, slot, reply, &rows);
    else if (bytes.value && bytes.used > bytes.value)
        cut(session, slot, reply, &bytes);
}

void hg_limits_suspended(const struct hg_session *session, struct hg_reply *reply)
{
    if (!reply->tally)
        return;
    reply->tally->rows += session->observing.rows;
    reply->tally->bytes += session->observing.bytes;
}
