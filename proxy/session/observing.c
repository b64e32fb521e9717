/* Where statements begin and end. A statement's time runs from the first message of its batch that nothing
 * was under way before, or from the end of the statement before it, to what ends its reply: the clock is the
 * one that the loop over the session's work reads anyway, so that a forwarded statement costs no clock of its
 * own. Rows and bytes are counted by the relay; only one statement of a session has answers at a time.
 *
 * Counting touches nothing but the worker's own counters. Only for the audit, slow statements and watchers
 * the record is made whole. */
#include "observing.h"

#include <stdlib.h>
#include <time.h>

#include "audit.h"
#include "auditing.h"
#include "map.h"
#include "redact.h"
#include "session.h"
#include "trace.h"

#define LOGGED_BYTES 8192u /* of a statement's text */

/* ---- who ---- */

static struct hg_observers *observers(const struct hg_session *session)
{
    return &session->worker->shared->observers;
}

#define SESSION_BITS 50 /* ten characters of an id */

static struct hg_metrics *metrics(const struct hg_session *session)
{
    return session->worker->metrics;
}

static struct hg_ident ident(const struct hg_session *session)
{
    return (struct hg_ident){.started_s = observers(session)->started_s,
                             .worker = session->worker->number,
                             .session = session->observing.session};
}

static const struct hg_log_config *log_config(const struct hg_session *session)
{
    return &hg_generation_config(session->generation)->log;
}

/* Clients read it in errors: a plain count would tell each how many others come. Its hash, with a key that
 * nobody knows, does not; of a million sessions two may have the same with a probability of 1 in 2000. */
static uint64_t session_number(struct hg_worker *worker)
{
    uint64_t count = ++worker->sessions_ever;

    return hg_hash(&count, sizeof count) >> (64 - SESSION_BITS);
}

void hg_observe_new(struct hg_session *session)
{
    struct hg_observing *observing = &session->observing;
    const struct hg_ident name = {observers(session)->started_s, session->worker->number,
                                  session_number(session->worker)};

    observing->session = name.session;
    (void)hg_ident_write(&name, 0, observing->ident);
    observing->about.session = observing->ident;
    hg_count(&metrics(session)->counters[HG_M_CLIENTS_ACCEPTED], 1);
}

void hg_observe_login(struct hg_session *session)
{
    struct hg_observing *observing = &session->observing;

    observing->tenant = hg_series_of(observers(session)->tenants, session->user->tenant->name);
    observing->about.user = session->user_name;
    observing->tenant_name = strndup(session->user->tenant->name.ptr, session->user->tenant->name.len);
    observing->about.tenant = observing->tenant_name;
    hg_count(&metrics(session)->counters[HG_M_LOGINS], 1);
}

void hg_observe_who(const struct hg_session *session, struct hg_record *record)
{
    const char *application = session->values.now[HG_SET_application_name];

    record->session = ident(session);
    record->peer = hg_conn_peer(session->conn);
    record->user = hg_slice_cstr(session->user_name);
    record->application = hg_slice_cstr(application);
    if (session->user && session->user->tenant) { /* an administrator has none */
        record->tenant = session->user->tenant->name;
        record->role = session->user->role->name;
    }
    record->database = session->generation->snapshot->database;
}

/* ---- ids in errors ---- */

/* A refusal that says what PostgreSQL says stays word for word as a private database would give it. Those
 * that only Headgate makes are about its own limits and backends, or have a hint that says what else to do.
 */
static bool is_ours_alone(const struct hg_fault *fault)
{
    static const char *const ours[] = {
        HG_STATEMENT_TOO_LONG, HG_STATEMENT_TOO_COMPLEX, HG_CONNECTION_FAILURE,
        HG_CANNOT_CONNECT,     HG_TOO_MANY_CONNECTIONS,  HG_CONFIGURATION_LIMIT,
        HG_DISK_FULL,          HG_STORAGE_FAILURE,       HG_INTERNAL_ERROR};
    bool refuses = memcmp(fault->sqlstate, HG_FEATURE_NOT_SUPPORTED, 5) == 0 ||
                   memcmp(fault->sqlstate, HG_INSUFFICIENT_PRIVILEGE, 5) == 0;

    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
        if (memcmp(ours[i], fault->sqlstate, 5) == 0)
            return true;
    return refuses && fault->hint.len > 0;
}

/* own: NULL for an error of a server. */
bool hg_observe_tells(const struct hg_session *session, const struct hg_fault *own)
{
    enum hg_ids_in_errors which = log_config(session)->statement_ids;

    return which == HG_IDS_ALL || (which == HG_IDS_OWN && own && is_ours_alone(own));
}

struct hg_slice hg_observe_detail(struct hg_session *session, struct hg_slice detail, uint64_t statement)
{
    const struct hg_ident name = ident(session);
    char buffer[HG_IDENT_BYTES];

    (void)hg_ident_write(&name, statement, buffer);
    return hg_arena_printf(hg_session_arena(session), "%.*s%sThe statement's id is %s.", HG_SLICE_FMT(detail),
                           detail.len ? " " : "", buffer);
}

/* ---- the end ---- */

static uint64_t real_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void count(struct hg_session *session, const struct hg_record *record, int backend)
{
    struct hg_metrics *counted = metrics(session);
    _Atomic uint64_t *tenant = counted->tenants[session->observing.tenant];
    size_t series = backend >= 0 ? session->generation->series[backend] : HG_MAX_SERIES;

    hg_histogram_add(&counted->latency[series][record->answered], record->total_us);
    hg_count(&tenant[HG_M_TENANT_STATEMENTS], 1);
    hg_count(&tenant[HG_M_TENANT_US], record->total_us);
    hg_count(&tenant[HG_M_TENANT_ROWS], record->rows);
    hg_count(&tenant[HG_M_TENANT_BYTES], record->bytes);
    if (record->outcome == HG_OUTCOME_REFUSED) {
        hg_count(&tenant[HG_M_TENANT_REFUSED], 1);
        hg_count_refusal(counted, record->sqlstate);
    }
    if (record->outcome == HG_OUTCOME_ERROR)
        hg_count(&tenant[HG_M_TENANT_ERRORS], 1);
    if (record->answered != HG_ANSWERED_FORWARD || backend < 0)
        return;
    _Atomic uint64_t *server = counted->backends[series];
    hg_count(&server[HG_M_BACKEND_STATEMENTS], 1);
    hg_count(&server[HG_M_BACKEND_ROWS], record->rows);
    hg_count(&server[HG_M_BACKEND_BYTES], record->bytes);
    if (record->outcome == HG_OUTCOME_ERROR)
        hg_count(&server[HG_M_BACKEND_ERRORS], 1);
}

static void log_statement(const struct hg_session *session, const struct hg_record *record,
                          enum hg_log_level level, const char *event, const char *message)
{
    struct hg_trace trace = hg_trace_find(record->context);
    char id[HG_IDENT_BYTES];
    struct hg_bytes redacted;

    hg_bytes_init(&redacted, 0);
    struct hg_slice text = record->text;
    if (text.len > LOGGED_BYTES)
        text.len = LOGGED_BYTES;
    if (log_config(session)->redact == HG_REDACT_LITERALS) {
        hg_redact(text, &redacted);
        text = hg_bytes_slice(&redacted);
    }
    const struct hg_log_field fields[] = {
        {"statement", hg_ident_write(&record->session, record->statement, id), 0},
        {"backend", hg_slice_cstr(record->backend ? record->backend : ""), 0},
        {"sqlstate", hg_slice_cstr(record->sqlstate), 0},
        {"ms", {0}, record->total_us / 1000},
        {"queued_ms", {0}, record->queued_us / 1000},
        {"rows", {0}, record->rows},
        {"trace_id", hg_slice_cstr(trace.trace_id), 0},
        {"span_id", hg_slice_cstr(trace.span_id), 0},
        {"sql", text.ptr ? text : HG_LIT(""), 0},
    };
    hg_log_event(level, event, fields, sizeof fields / sizeof fields[0], "%s", message);
    hg_bytes_free(&redacted);
}

/* Does the message say what stands in the text, where texts are shown without their literals only? */
static bool quotes_values(const struct hg_session *session, const struct hg_record *record)
{
    bool quotes = memcmp(record->sqlstate, HG_SYNTAX_ERROR, 5) == 0 || memcmp(record->sqlstate, "22", 2) == 0;

    return quotes && session->observing.why.len && log_config(session)->redact == HG_REDACT_LITERALS;
}

static void log_refusal(struct hg_session *session, const struct hg_record *record)
{
    struct hg_slice why = session->observing.why;
    char message[512];

    const char *quote = quotes_values(session, record) ? memchr(why.ptr, '"', why.len) : NULL;
    size_t whole = quote ? (size_t)(quote - why.ptr) : why.len;
    size_t len = whole < sizeof message - 16 ? whole : sizeof message - 16;
    snprintf(message, sizeof message, "refused: %.*s%s", (int)len, len ? why.ptr : "", quote ? "…" : "");
    log_statement(session, record, HG_LOG_INFO, "refused", message);
}

static void write_down(struct hg_session *session, struct hg_record *record)
{
    const struct hg_observers *all = observers(session);
    uint32_t slow = log_config(session)->slow_statement_ms;
    bool is_slow = slow && record->total_us / 1000 >= slow;
    bool refused = record->outcome == HG_OUTCOME_REFUSED;

    if (!all->audit && !is_slow && !refused)
        return;
    hg_observe_who(session, record);
    record->ended_us = real_us();
    if (all->audit && !hg_audit_push(all->audit, session->worker->number, record))
        hg_count(&metrics(session)->counters[HG_M_AUDIT_DROPPED], 1);
    if (refused)
        log_refusal(session, record);
    if (!is_slow)
        return;
    hg_count(&metrics(session)->counters[HG_M_SLOW_STATEMENTS], 1);
    log_statement(session, record, HG_LOG_WARNING, "slow_statement", "slow statement");
}

static uint64_t shape_of(struct hg_slice text)
{
    return hg_shape(hg_slice_of(text.ptr, text.len < HG_SHAPE_BYTES ? text.len : HG_SHAPE_BYTES));
}

/* `backend`: in the configuration, or -1. */
static void end(struct hg_session *session, struct hg_record *record, int backend,
                const struct hg_ending *ending)
{
    struct hg_observing *observing = &session->observing;
    const struct hg_observers *all = observers(session);
    bool relayed = record->answered == HG_ANSWERED_FORWARD;
    uint64_t now = relayed ? session->turn_us : hg_clock_us();

    record->statement = observing->statements;
    record->total_us = observing->since_us && now > observing->since_us ? now - observing->since_us : 0;
    record->queued_us = observing->queued_us;
    record->rows = observing->rows;
    record->bytes = observing->bytes;
    record->received = observing->received;
    record->generation = session->generation->snapshot->generation;
    record->backend = backend >= 0 ? hg_generation_config(session->generation)->backends[backend].name : NULL;
    if (record->outcome != HG_OUTCOME_SKIPPED) {
        count(session, record, backend);
        write_down(session, record);
    }
    if (!record->shape)
        record->shape = shape_of(record->text);
    for (size_t i = 0; i < all->nwatchers; i++)
        if (all->watchers[i].end)
            all->watchers[i].end(all->watchers[i].argument, session, record, ending);
    observing->since_us = now;
    observing->queued_us = observing->rows = observing->bytes = observing->received = 0;
    observing->why = observing->parameters = (struct hg_slice){0};
}

static void set_state(struct hg_record *record, const char *sqlstate)
{
    memcpy(record->sqlstate, sqlstate, 5);
    record->sqlstate[5] = '\0';
}

/* ---- what begins ---- */

void hg_observe_message(struct hg_session *session)
{
    session->observing.subject = (struct hg_slice){0};
    if (!hg_replies_empty(&session->replies))
        return;
    session->observing.since_us = session->turn_us;
    session->observing.queued_us = 0;
}

static enum hg_step admit(struct hg_session *session)
{
    struct hg_audit *audit = observers(session)->audit;

    if (!audit || hg_audit_admits(audit, session->worker->number, &session->fault))
        return HG_STEP_DONE;
    hg_count(&metrics(session)->counters[HG_M_AUDIT_REFUSALS], 1);
    return HG_STEP_FAILED;
}

enum hg_step hg_observe_begin(struct hg_session *session, const struct hg_beginning *what)
{
    const struct hg_observers *all = observers(session);
    struct hg_observing *observing = &session->observing;

    if (observing->begun)
        return HG_STEP_DONE;
    if (observing->asked == 0 && admit(session) == HG_STEP_FAILED)
        return HG_STEP_FAILED;
    observing->kind = what->kind;
    while (observing->asked < all->nwatchers) {
        const struct hg_watcher *watcher = &all->watchers[observing->asked];
        enum hg_step step = watcher->begin ? watcher->begin(watcher->argument, session, what) : HG_STEP_DONE;
        if (step != HG_STEP_DONE)
            return step;
        observing->asked++;
    }
    observing->begun = true;
    return HG_STEP_DONE;
}

/* Nothing has begun any more; whether something had. */
static bool take_begun(struct hg_session *session)
{
    bool begun = session->observing.begun || session->observing.asked > 0;

    session->observing.begun = false;
    session->observing.asked = 0;
    return begun;
}

void hg_observe_sent(struct hg_session *session, struct hg_reply *reply)
{
    reply->observed = take_begun(session);
    reply->kind = (uint8_t)session->observing.kind;
}

/* ---- what ends here ---- */

void hg_observe_answered(struct hg_session *session, struct hg_slice text, const struct hg_verdict *verdict)
{
    struct hg_record record = {
        .text = text, .context = text, .answered = HG_ANSWERED_LOCAL, .sqlstate = "00000"};
    record.parameters = session->observing.parameters;
    struct hg_ending ending = {.last = true, .kind = verdict->statement};

    ending.begun = take_begun(session);
    session->observing.statements++;
    end(session, &record, -1, &ending);
}

void hg_observe_refused(struct hg_session *session, struct hg_slice text)
{
    struct hg_fault *fault = &session->fault;
    struct hg_record record = {.text = text, .context = text, .answered = HG_ANSWERED_REFUSED};
    struct hg_ending ending = {.last = true, .kind = session->observing.kind};
    bool theirs = session->observing.answered;

    if (!hg_fault_is_set(fault)) /* it has been told and counted */
        return;
    session->observing.why = fault->message;
    record.outcome = theirs ? HG_OUTCOME_ERROR : HG_OUTCOME_REFUSED;
    set_state(&record, fault->sqlstate);
    ending.begun = take_begun(session);
    session->observing.statements++;
    session->observing.answered = false;
    end(session, &record, -1, &ending);
    if (hg_observe_tells(session, theirs ? NULL : fault))
        fault->detail = hg_observe_detail(session, fault->detail, session->observing.statements);
}

/* Something has begun, and nobody will answer it. */
static void abandon(struct hg_session *session)
{
    struct hg_record record = {.outcome = HG_OUTCOME_ABANDONED, .answered = HG_ANSWERED_LOCAL};
    struct hg_ending ending = {.begun = true, .last = true, .kind = session->observing.kind};

    record.text = record.context = session->observing.subject;
    set_state(&record, HG_CONNECTION_FAILURE);
    session->observing.statements++;
    end(session, &record, -1, &ending);
}

void hg_observe_message_done(struct hg_session *session)
{
    session->observing.answered = false;
    if (take_begun(session))
        abandon(session);
}

void hg_observe_free(struct hg_session *session)
{
    const struct hg_observers *all = observers(session);

    hg_observe_message_done(session);
    hg_auditing_gone(session);
    for (size_t i = 0; i < all->nwatchers; i++)
        if (all->watchers[i].gone)
            all->watchers[i].gone(all->watchers[i].argument, session);
    hg_log_about(NULL);
    session->observing.about = (struct hg_log_subject){0};
    free(session->observing.tenant_name);
}

void hg_observe_fatal(struct hg_session *session, const struct hg_fault *fault)
{
    hg_count_refusal(metrics(session), fault->sqlstate);
    memcpy(session->observing.ended, fault->sqlstate, sizeof session->observing.ended);
    if (!session->observing.login_us)
        hg_auditing_failed(session, fault);
    if (session->phase < HG_PHASE_READY && (memcmp(fault->sqlstate, HG_INVALID_PASSWORD, 5) == 0 ||
                                            memcmp(fault->sqlstate, HG_INVALID_AUTHORIZATION, 5) == 0))
        hg_count(&metrics(session)->counters[HG_M_LOGIN_FAILURES], 1);
}

/* ---- what ends at a server ---- */

/* What the entry's statement is: the text, what was sent for it, and whether it is the last of its run. */
static bool describe(const struct hg_session *session, const struct hg_reply *reply, struct hg_record *record)
{
    const struct hg_query *query = &session->query;
    size_t which = query->at + query->complete;

    record->answered = HG_ANSWERED_FORWARD;
    if (reply->expect != HG_EXPECT_QUERY) {
        struct hg_statement *statement = reply->statement;
        if (!statement->text_shape)
            statement->text_shape = shape_of(statement->text);
        record->shape = statement->text_shape;
        record->text = record->context = statement->text;
        record->rewritten = statement->content ? statement->content->sql : HG_LIT("");
        record->writes = statement->writes;
        if (reply->spoken)
            record->parameters = hg_slice_of(reply->spoken->bytes, reply->spoken->len);
        return true;
    }
    if (which >= query->end)
        return true;
    const struct hg_verdict *verdict = &query->verdicts.list[which];
    record->text = verdict->source;
    record->context = query->text;
    record->rewritten = query->elsewhere.sql.ptr ? query->elsewhere.sql : verdict->sql;
    record->writes = verdict->writes || (reply->statement && reply->statement->writes);
    return which + 1 == query->end;
}

static void finish(struct hg_session *session, struct hg_reply *reply, int backend, struct hg_record *record,
                   bool last)
{
    struct hg_ending ending = {
        .begun = reply->observed, .last = last, .kind = (enum hg_statement_kind)reply->kind};

    if (last)
        reply->observed = false;
    session->observing.statements++;
    end(session, record, backend, &ending);
}

/* The number at the end of a tag: of rows that were changed. */
static uint64_t tag_number(struct hg_slice body)
{
    const char *at = body.ptr + body.len;
    uint64_t number = 0, unit = 1;

    if (at > body.ptr && at[-1] == '\0')
        at--;
    for (; at > body.ptr && at[-1] >= '0' && at[-1] <= '9' && unit < UINT64_C(1000000000000000000);
         unit *= 10)
        number += unit * (uint64_t)(*--at - '0');
    return number;
}

void hg_observe_completed(struct hg_session *session, struct hg_reply *reply, const struct hg_frame *frame)
{
    struct hg_record record = {.sqlstate = "00000"};

    bool last = describe(session, reply, &record);
    bool copied =
        frame->body.len > 5 && memcmp(frame->body.ptr, "COPY ", 5) == 0; /* its messages are no rows */
    if (frame->type == HG_S_COMMAND_COMPLETE && (session->observing.rows == 0 || copied))
        session->observing.rows = tag_number(frame->body);
    finish(session, reply, session->active->backend, &record, last);
}

/* Of statements that a client has prepared, but not run. */
static bool is_of_client(const struct hg_reply *reply)
{
    return reply->observed ||
           (reply->statement &&
            (reply->expect == HG_EXPECT_PARSE || reply->expect == HG_EXPECT_BIND ||
             reply->expect == HG_EXPECT_DESCRIBE_STATEMENT || reply->expect == HG_EXPECT_DESCRIBE_PORTAL));
}

uint64_t hg_observe_failed(struct hg_session *session, struct hg_reply *reply, const char *sqlstate)
{
    struct hg_record record = {.outcome = HG_OUTCOME_ERROR};

    if (!is_of_client(reply))
        return session->observing.statements;
    (void)describe(session, reply, &record);
    set_state(&record, sqlstate);
    finish(session, reply, session->active->backend, &record, true);
    return session->observing.statements;
}

void hg_observe_loss(struct hg_session *session, int backend)
{
    hg_count(&metrics(session)->backends[session->generation->series[backend]][HG_M_BACKEND_LOST], 1);
}

bool hg_observe_lost(struct hg_session *session, struct hg_reply *reply, int backend, struct hg_fault *fault,
                     bool counted)
{
    struct hg_record record = {.outcome = HG_OUTCOME_REFUSED};

    if (counted ? !reply->observed : !is_of_client(reply))
        return false;
    (void)describe(session, reply, &record);
    record.answered = HG_ANSWERED_REFUSED;
    session->observing.why = fault->message;
    set_state(&record, fault->sqlstate);
    finish(session, reply, backend, &record, true);
    if (!counted && hg_observe_tells(session, fault))
        fault->detail = hg_observe_detail(session, fault->detail, session->observing.statements);
    return true;
}

void hg_observe_dropped(struct hg_session *session, struct hg_reply *reply, enum hg_outcome outcome)
{
    struct hg_record record = {.outcome = outcome};

    (void)describe(session, reply, &record);
    set_state(&record, HG_CONNECTION_FAILURE);
    finish(session, reply, session->active->backend, &record, true);
}

/* ---- waiting for a server ---- */

void hg_observe_waits(struct hg_session *session)
{
    session->observing.waits_since_us = hg_clock_us();
}

void hg_observe_served(struct hg_session *session, int backend)
{
    struct hg_observing *observing = &session->observing;
    uint64_t waited = observing->waits_since_us ? hg_clock_us() - observing->waits_since_us : 0;

    observing->waits_since_us = 0;
    observing->queued_us += waited;
    hg_histogram_add(&metrics(session)->queue[session->generation->series[backend]], waited);
}
