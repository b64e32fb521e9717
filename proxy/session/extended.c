/* The extended protocol: Parse, Bind, Describe, Execute, Close, Flush, Sync.
 *
 * Statements have the client's names here and `hg_<id>` on a server, where an id stands for a content
 * (contents.h) that other clients may have prepared before; one that the server at hand lacks is prepared on
 * the way, ahead of the Bind or Describe that needs it. The unnamed statement is the server's unnamed one.
 * Portals live within a transaction or batch, for which the server is held, so they bear the client's names
 * there too.
 *
 * Messages are sent on without waiting for answers. Only what changes the session itself waits until
 * everything before it is answered: PostgreSQL would have skipped it after an error. Each handler can be
 * called again when it had to wait; up to then it has changed nothing. */
#include "allow.h"
#include "auditing.h"
#include "lexical.h"
#include "session.h"
#include "type_values.h"

#include <stdio.h>

#define NO_PORTAL HG_LIT("hg_none")
#define MOST_SAID 8192u
#define TEXT_OID  25u

/* ---- refusals ---- */

static enum hg_step malformed(struct hg_session *session)
{
    hg_session_malformed(session);
    return HG_STEP_FAILED;
}

/* Is it UTF-8? A name that exists is; others would come back in an error. */
static bool is_text(struct hg_session *session, struct hg_slice name)
{
    return hg_lexical_encoding(name, hg_session_arena(session), &session->fault);
}

static enum hg_step no_portal(struct hg_session *session, struct hg_slice name)
{
    hg_fault_set(&session->fault, hg_session_arena(session), HG_UNDEFINED_CURSOR,
                 "portal \"%.*s\" does not exist", HG_SLICE_FMT(name));
    return HG_STEP_FAILED;
}

/* A forwarded statement cannot run in a failed transaction. */
static bool may_forward(struct hg_session *session)
{
    const struct hg_verdict any = {.kind = HG_FORWARD};

    return hg_session_may_run(session, &any);
}

/* ---- what it costs ---- */

static bool charge(struct hg_session *session, const struct hg_statement *statement, uint64_t *paid_us)
{
    return hg_limits_charge(session, statement->local ? -1 : statement->backend, statement->kind, paid_us);
}

/* What a portal costs, its Parse may have paid. */
static bool charge_portal(struct hg_session *session, struct hg_statement *statement, uint64_t *paid_us)
{
    uint64_t then_us = statement->paid_us;

    if (!hg_limits_is_paid(session, &statement->paid_us))
        return charge(session, statement, paid_us);
    *paid_us = then_us;
    return true;
}

/* What it is may be asked once for nothing. */
static bool charge_describing(struct hg_session *session, const struct hg_statement *statement,
                              bool *described)
{
    uint64_t paid_us;

    if (*described && !charge(session, statement, &paid_us))
        return false;
    *described = true;
    return true;
}

/* ---- Parse ---- */

/* Many drivers send the same unnamed statement again and again: then it is as it was. */
static bool is_repeated(struct hg_session *session, const struct hg_parse_msg *parse)
{
    const struct hg_statement *unnamed = session->prepared.unnamed;

    return parse->name.len == 0 && unnamed && !unnamed->local && !unnamed->elsewhere && !unnamed->noticed &&
           session->transaction.state != HG_TRANSACTION_FAILED && hg_slice_equal(unnamed->text, parse->sql) &&
           hg_slice_equal(unnamed->types, parse->types) && hg_statement_is_current(session, unnamed) &&
           !unnamed->content->moment &&
           hg_slice_equal(unnamed->content->environment, hg_session_environment(session));
}

static enum hg_step repeat(struct hg_session *session)
{
    struct hg_statement *unnamed = session->prepared.unnamed;
    enum hg_step step = hg_spread_use(session, unnamed->backend, (struct hg_effect){0});

    if (step != HG_STEP_DONE)
        return step;
    if (!hg_limits_charge(session, unnamed->backend, unnamed->kind, &unnamed->paid_us))
        return HG_STEP_FAILED;
    unnamed->described = false;
    hg_shape_forget(unnamed);
    if (!hg_statement_prepare(session, session->active, unnamed, HG_VERB_FORWARD))
        hg_answer_empty(session, HG_S_PARSE_COMPLETE);
    return HG_STEP_DONE;
}

/* No server is asked. But when one owes an answer, that may be an error, and PostgreSQL would skip this. */
static void answer_parsed(struct hg_session *session, struct hg_statement *statement)
{
    if (!hg_replies_empty(&session->replies)) {
        struct hg_reply *reply = hg_replies_push(&session->replies, HG_EXPECT_NOTHING, HG_VERB_SYNTHESIZE);
        reply->makes = statement->unsure = true;
        statement->batch = session->prepared.batch;
        reply->statement = hg_statement_hold(statement);
    } else {
        hg_prepared_settle(&session->prepared, statement);
    }
    hg_answer_empty(session, HG_S_PARSE_COMPLETE);
}

static enum hg_step parse_message(struct hg_session *session, const struct hg_parse_msg *parse)
{
    hg_activity_begin(session->activity, parse->sql);
    if (is_repeated(session, parse))
        return repeat(session);
    if (hg_statement_verdict_step(session, parse->sql) == HG_STEP_WAIT)
        return HG_STEP_WAIT;
    const struct hg_verdict *verdict = hg_statement_verdict(session, parse->sql);
    if (!session->message.noticed)
        hg_answer_notices(session, &session->message.verdicts);
    session->message.noticed = true;
    if (hg_runs_elsewhere(verdict) && hg_link_barrier(session) == HG_STEP_WAIT)
        return HG_STEP_WAIT; /* no server is asked now: whether the transaction has failed must be known */
    if (!hg_session_may_run(session, verdict))
        return HG_STEP_FAILED;
    if (verdict->kind == HG_REFUSE) {
        session->fault = verdict->fault;
        return HG_STEP_FAILED;
    }
    if (!hg_statement_name_is_free(session, parse->name))
        return HG_STEP_FAILED;
    if (verdict->kind == HG_FORWARD && !hg_runs_elsewhere(verdict)) {
        enum hg_step step = hg_spread_use(session, verdict->backend, (struct hg_effect){0});
        if (step != HG_STEP_DONE)
            return step;
    }
    struct hg_statement *statement =
        hg_statement_new(parse->name, parse->sql, hg_act_types(session, verdict, parse->types));
    statement->noticed = session->message.verdicts.nnotices > 0;
    if (!hg_statement_settle(session, statement, verdict) ||
        !charge(session, statement, &statement->paid_us)) {
        hg_statement_drop(&session->prepared, statement);
        return HG_STEP_FAILED;
    }
    hg_prepared_put(&session->prepared, statement);
    if (statement->local || statement->elsewhere ||
        !hg_statement_prepare(session, session->active, statement, HG_VERB_FORWARD))
        answer_parsed(session, statement);
    return HG_STEP_DONE;
}

static enum hg_step parse(struct hg_session *session)
{
    struct hg_parse_msg parse;

    if (!hg_decode_parse(hg_session_message(session), &parse))
        return malformed(session);
    if (!is_text(session, parse.name))
        return HG_STEP_FAILED;
    session->observing.subject = parse.sql;
    enum hg_step step = hg_limits_text(session, parse.sql) ? parse_message(session, &parse) : HG_STEP_FAILED;
    if (step == HG_STEP_DONE)
        hg_count(&session->worker->metrics->counters[HG_M_PARSES], 1);
    /* What was to be replaced is gone in any case, once it is certain that PostgreSQL would come to this. */
    if (step == HG_STEP_FAILED && parse.name.len == 0 && hg_replies_empty(&session->replies))
        (void)hg_prepared_close(&session->prepared, parse.name);
    return step;
}

/* Another batch knows a statement when it is sure that there is one. */
static bool must_wait_for(struct hg_session *session, const struct hg_statement *statement)
{
    return statement->unsure && statement->batch != session->prepared.batch &&
           hg_link_barrier(session) == HG_STEP_WAIT;
}

/* ---- Bind ---- */

static void prepare_quietly(struct hg_session *session, struct hg_statement *statement)
{
    if (statement->kind == HG_STMT_EXECUTE)
        (void)hg_statement_prepare(session, session->active, statement->inner, HG_VERB_QUIET);
    (void)hg_statement_prepare(session, session->active, statement, HG_VERB_QUIET);
}

/* Past the formats and values of the parameters, to those of the results. */
static struct hg_reader behind_parameters(const struct hg_bind_msg *bind)
{
    struct hg_reader reader = hg_reader_of(bind->rest.ptr, bind->rest.len);
    uint16_t formats = hg_read_u16(&reader);

    (void)hg_read_bytes(&reader, (size_t)formats * 2);
    for (uint16_t values = hg_read_u16(&reader); values > 0; values--) {
        uint32_t len = hg_read_u32(&reader);
        if (len != UINT32_MAX)
            (void)hg_read_bytes(&reader, len);
    }
    return reader;
}

static struct hg_slice parameters_of(const struct hg_bind_msg *bind)
{
    struct hg_reader reader = behind_parameters(bind);

    return hg_slice_of(bind->rest.ptr, bind->rest.len - hg_reader_left(&reader));
}

static bool portal_name_is_free(struct hg_session *session, struct hg_slice name)
{
    struct hg_arena *arena = hg_session_arena(session);

    if (name.len == 0)
        return true;
    if (!hg_cursor_name_is_allowed(session, name))
        return false;
    if (hg_portal_find(&session->prepared, name))
        return hg_fault_set(&session->fault, arena, HG_DUPLICATE_CURSOR, "cursor \"%.*s\" already exists",
                            HG_SLICE_FMT(name));
    if (session->prepared.portals.count >= hg_generation_config(session->generation)->max_prepared)
        return hg_fault_set(&session->fault, arena, HG_CONFIGURATION_LIMIT, "too many portals");
    return true;
}

static struct hg_portal *open_portal(struct hg_session *session, struct hg_slice name,
                                     struct hg_statement *statement, uint64_t paid_us, struct hg_slice values)
{
    struct hg_portal *portal = hg_portal_put(&session->prepared, name, statement);

    portal->mark = session->transaction.count;
    portal->backend = statement->backend;
    portal->content = statement->content ? statement->content->id : 0;
    portal->paid_us = paid_us;
    hg_auditing_bound(session, portal, values);
    return portal;
}

/* PostgreSQL binds nothing else in a failed transaction, not even an empty statement. */
static bool ends_transaction(const struct hg_statement *statement)
{
    return statement->kind == HG_STMT_COMMIT || statement->kind == HG_STMT_ROLLBACK ||
           statement->kind == HG_STMT_ROLLBACK_TO;
}

static enum hg_step bind_local(struct hg_session *session, const struct hg_bind_msg *bind,
                               struct hg_statement *statement)
{
    size_t wanted = statement->types.len / 4;

    if (bind->nvalues != wanted) {
        hg_fault_set(&session->fault, hg_session_arena(session), HG_PROTOCOL_VIOLATION,
                     "bind message supplies %u parameters, but prepared statement \"%.*s\" requires %zu",
                     bind->nvalues, HG_SLICE_FMT(statement->name), wanted);
        return HG_STEP_FAILED;
    }
    if (!ends_transaction(statement) && session->transaction.state != HG_TRANSACTION_NONE &&
        hg_link_barrier(session) == HG_STEP_WAIT)
        return HG_STEP_WAIT; /* whether it has failed must be known */
    if (!ends_transaction(statement) && !may_forward(session))
        return HG_STEP_FAILED;
    if (bind->nresults > 1 &&
        (statement->kind == HG_STMT_SHOW || statement->kind == HG_STMT_EXPLAIN_REWRITE)) {
        if (hg_statement_verdict_step(session, statement->text) == HG_STEP_WAIT)
            return HG_STEP_WAIT;
        uint16_t columns = hg_local_columns(hg_statement_verdict(session, statement->text));
        if (columns && columns != bind->nresults) {
            hg_fault_set(&session->fault, hg_session_arena(session), HG_PROTOCOL_VIOLATION,
                         "bind message has %u result formats but query has %u columns", bind->nresults,
                         columns);
            return HG_STEP_FAILED;
        }
    }
    uint64_t paid_us;
    if (!charge_portal(session, statement, &paid_us))
        return HG_STEP_FAILED;
    struct hg_reader formats = hg_reader_of(bind->results.ptr, bind->results.len);
    struct hg_portal *portal = open_portal(session, bind->portal, statement, paid_us, parameters_of(bind));
    portal->format = bind->nresults ? hg_read_u16(&formats) : 0;
    if (wanted)
        hg_write_slice(&portal->bound, parameters_of(bind));
    hg_answer_empty(session, HG_S_BIND_COMPLETE);
    return HG_STEP_DONE;
}

/* Short values are kept until the client is idle: an error that quotes one tells the client nothing new. */
static void remember(struct hg_session *session, struct hg_slice values)
{
    if (hg_replies_empty(&session->replies))
        hg_bytes_clear(&session->said);
    if (values.len <= MOST_SAID / 8 && session->said.len + values.len <= MOST_SAID)
        hg_write_slice(&session->said, values);
}

/* What the statement is by now. FAILED: it is refused. */
static enum hg_step renew(struct hg_session *session, struct hg_statement *statement)
{
    bool again = true;

    while (again) {
        if (hg_statement_renewable(session, statement) == HG_STEP_WAIT)
            return HG_STEP_WAIT;
        if (!hg_statement_renew(session, statement))
            return HG_STEP_FAILED;
        if (statement->local)
            return HG_STEP_DONE;
        enum hg_step step =
            hg_spread_time(session, statement->backend, statement->effect, statement->time[0], &again);
        if (step != HG_STEP_DONE)
            return step;
    }
    return HG_STEP_DONE;
}

/* Is one of the values in binary format? */
static bool has_binary(struct hg_slice values)
{
    struct hg_reader reader = hg_reader_of(values.ptr, values.len);

    for (uint16_t formats = hg_read_u16(&reader); formats > 0 && !reader.failed; formats--)
        if (hg_read_u16(&reader) != 0)
            return true;
    return false;
}

/* The values for a data backend, in which types of the schema have its numbers. */
static struct hg_slice values_for(struct hg_session *session, const struct hg_statement *statement,
                                  struct hg_slice values)
{
    const struct hg_type_backend *types =
        statement->catalog ? NULL : hg_session_numbers(session, statement->backend);

    if (!types || types->npairs == 0 || !has_binary(values))
        return values;
    char *copy = hg_arena_cstr(hg_session_arena(session), values);
    hg_types_in_bind(types, copy, values.len, statement->types);
    return hg_slice_of(copy, values.len);
}

static enum hg_step bind(struct hg_session *session)
{
    struct hg_bind_msg bind;

    bool sound = hg_decode_bind(hg_session_message(session), &bind);
    if (!sound && !bind.statement.ptr)
        return malformed(session);
    if (!is_text(session, bind.portal) || !is_text(session, bind.statement))
        return HG_STEP_FAILED;
    struct hg_statement *statement = hg_prepared_find(&session->prepared, bind.statement);
    if (!statement)
        return hg_statement_missing(session, bind.statement);
    if (must_wait_for(session, statement))
        return HG_STEP_WAIT;
    if (!sound)
        return malformed(session);
    hg_activity_begin(session->activity, statement->text);
    session->observing.subject = statement->text;
    bool failed = session->transaction.state == HG_TRANSACTION_FAILED && !ends_transaction(statement);
    if (!failed && !portal_name_is_free(session, bind.portal)) /* that it has failed is said first */
        return HG_STEP_FAILED;
    /* First what was asked: if it failed, the server answers nothing more before the Sync. */
    bool asked = session->message.shape_asked;
    enum hg_step step = asked ? hg_shape_step(session, statement, bind.portal) : HG_STEP_DONE;
    if (step == HG_STEP_DONE)
        step = renew(session, statement);
    if (step != HG_STEP_DONE)
        return step;
    if (statement->local)
        return bind_local(session, &bind, statement);
    if (!may_forward(session))
        return HG_STEP_FAILED;
    session->sees = statement->sees;
    step = hg_spread_use(session, statement->backend, statement->effect);
    if (step == HG_STEP_DONE && !asked)
        step = hg_shape_step(session, statement, bind.portal);
    if (step != HG_STEP_DONE)
        return step;
    struct hg_slot *slot = session->active;
    uint64_t paid_us;
    if (!charge_portal(session, statement, &paid_us))
        return HG_STEP_FAILED;
    if (!statement->catalog)
        remember(session, bind.rest);
    prepare_quietly(session, statement);
    hg_encode_bind(&slot->server->outbox.bytes, bind.portal, hg_statement_server_name(statement),
                   values_for(session, statement, bind.rest));
    struct hg_reply *reply = hg_link_expect(session, slot, HG_EXPECT_BIND, HG_VERB_FORWARD);
    reply->statement = hg_statement_hold(statement);
    hg_again_mark(session, slot, statement, reply);
    slot->worked = true;
    const struct hg_portal *portal =
        open_portal(session, bind.portal, statement, paid_us, parameters_of(&bind));
    hg_auditing_sent(reply, portal); /* what binding fails for may be a value */
    return HG_STEP_DONE;
}

/* ---- Describe ---- */

static void answer_parameters(struct hg_session *session, const struct hg_statement *statement)
{
    struct hg_reader types = hg_reader_of(statement->types.ptr, statement->types.len);
    struct hg_bytes *out = hg_answer_begin(session);
    size_t begun = hg_frame_begin(out, HG_S_PARAMETER_DESCRIPTION);

    hg_write_u16(out, (uint16_t)(statement->types.len / 4));
    for (size_t i = 0; i < statement->types.len; i += 4) {
        uint32_t type = hg_read_u32(&types);
        hg_write_u32(out, type ? type : TEXT_OID); /* nobody has asked for it so far */
    }
    hg_frame_end(out, begun);
    hg_answer_end(session);
}

static enum hg_step describe_statement(struct hg_session *session, struct hg_slice name)
{
    struct hg_statement *statement = hg_prepared_find(&session->prepared, name);

    if (!statement)
        return hg_statement_missing(session, name);
    if (must_wait_for(session, statement))
        return HG_STEP_WAIT;
    session->observing.subject = statement->text;
    if (hg_statement_renewable(session, statement) == HG_STEP_WAIT)
        return HG_STEP_WAIT;
    if (!hg_statement_renew(session, statement))
        return HG_STEP_FAILED;
    if (statement->local) {
        if (hg_statement_verdict_step(session, statement->text) == HG_STEP_WAIT)
            return HG_STEP_WAIT;
        if ((hg_local_has_rows(statement->kind) && !may_forward(session)) ||
            !charge_describing(session, statement, &statement->described))
            return HG_STEP_FAILED;
        answer_parameters(session, statement);
        hg_local_describe(session, hg_statement_verdict(session, statement->text), 0);
        return HG_STEP_DONE;
    }
    if (!may_forward(session))
        return HG_STEP_FAILED;
    enum hg_step step = hg_spread_use(session, statement->backend, (struct hg_effect){0});
    if (step != HG_STEP_DONE)
        return step;
    if (!charge_describing(session, statement, &statement->described))
        return HG_STEP_FAILED;
    prepare_quietly(session, statement);
    hg_encode_target(&session->active->server->outbox.bytes, HG_C_DESCRIBE, 'S',
                     hg_statement_server_name(statement));
    struct hg_reply *reply =
        hg_link_expect(session, session->active, HG_EXPECT_DESCRIBE_STATEMENT, HG_VERB_FORWARD);
    reply->statement = hg_statement_hold(statement);
    reply->content = statement->content->id;
    hg_again_mark(session, session->active, statement, reply);
    return HG_STEP_DONE;
}

/* Where a forwarded portal is. DONE makes that slot the active one; FAILED: its server is gone, and with it
 * the portal. */
static enum hg_step go_to_portal(struct hg_session *session, const struct hg_portal *portal)
{
    struct hg_slot *slot = hg_link_slot(session, portal->backend);

    if (portal->gone)
        return no_portal(session, portal->name);
    enum hg_step step = portal->kept /* the transaction may not be open there */
                            ? hg_spread_use(session, portal->backend, (struct hg_effect){0})
                            : hg_link_turn(session, portal->backend);
    if (step != HG_STEP_DONE)
        return step;
    if (!slot->server || slot->backend != portal->backend)
        return no_portal(session, portal->name);
    if (!hg_link_is_calm(slot) || (session->active != slot && hg_link_barrier(session) == HG_STEP_WAIT))
        return HG_STEP_WAIT;
    session->active = slot;
    return HG_STEP_DONE;
}

static enum hg_step describe(struct hg_session *session)
{
    struct hg_target_msg target;

    if (!hg_decode_target(hg_session_message(session), &target))
        return malformed(session);
    if (!is_text(session, target.name))
        return HG_STEP_FAILED;
    if (target.kind == 'S')
        return describe_statement(session, target.name);
    struct hg_portal *portal = hg_portal_find(&session->prepared, target.name);
    if (!portal)
        return no_portal(session, target.name);
    session->observing.subject = portal->statement->text;
    if (portal->statement->local) {
        if (hg_statement_verdict_step(session, portal->statement->text) == HG_STEP_WAIT)
            return HG_STEP_WAIT;
        if ((hg_local_has_rows(portal->statement->kind) && !may_forward(session)) ||
            !charge_describing(session, portal->statement, &portal->described))
            return HG_STEP_FAILED;
        hg_local_describe(session, hg_statement_verdict(session, portal->statement->text), portal->format);
        return HG_STEP_DONE;
    }
    if (!may_forward(session))
        return HG_STEP_FAILED;
    enum hg_step step = go_to_portal(session, portal);
    if (step != HG_STEP_DONE)
        return step;
    if (!charge_describing(session, portal->statement, &portal->described))
        return HG_STEP_FAILED;
    hg_encode_target(&session->active->server->outbox.bytes, HG_C_DESCRIBE, 'P', target.name);
    struct hg_reply *reply =
        hg_link_expect(session, session->active, HG_EXPECT_DESCRIBE_PORTAL, HG_VERB_FORWARD);
    reply->statement = hg_statement_hold(portal->statement);
    reply->content = portal->content;
    return HG_STEP_DONE;
}

/* ---- Execute ---- */

static enum hg_step begin(struct hg_session *session, struct hg_portal *portal)
{
    const struct hg_statement *statement = portal->statement;
    const struct hg_beginning what = {.backend = statement->local ? -1 : statement->backend,
                                      .kind = statement->kind,
                                      .writes = statement->writes,
                                      .count = 1,
                                      .paid = hg_limits_is_paid(session, &portal->paid_us),
                                      .text = statement->text};

    return hg_observe_begin(session, &what);
}

/* Behind these PostgreSQL commits, or is in a block. */
static bool ends_batch(const struct hg_verdict *verdict)
{
    return verdict->statement == HG_STMT_BEGIN || verdict->statement == HG_STMT_COMMIT ||
           verdict->statement == HG_STMT_ROLLBACK ||
           (verdict->statement == HG_STMT_DISCARD && hg_slice_is(verdict->setting, "all"));
}

static enum hg_step execute_local(struct hg_session *session, struct hg_portal *portal, int32_t max_rows)
{
    const struct hg_verdict *verdict = hg_statement_verdict(session, portal->statement->text);
    struct hg_slice name = hg_arena_slice(hg_session_arena(session), portal->name);

    if (verdict->kind == HG_REFUSE) {
        session->fault = verdict->fault;
        return HG_STEP_FAILED;
    }
    if (verdict->kind == HG_FORWARD && verdict->statement != HG_STMT_PREPARE)
        return no_portal(session, name);
    if (!session->local_begun) {
        if (!hg_session_may_run(session, verdict))
            return HG_STEP_FAILED;
        if (portal->done) {
            hg_fault_set(&session->fault, hg_session_arena(session), HG_OBJECT_NOT_IN_STATE,
                         "portal \"%.*s\" cannot be run", HG_SLICE_FMT(name));
            return HG_STEP_FAILED;
        }
    }
    enum hg_step step = begin(session, portal);
    if (step != HG_STEP_DONE)
        return step;
    struct hg_statement *statement = hg_statement_hold(portal->statement);
    if (portal->spoken)
        session->observing.parameters = hg_arena_slice(
            hg_session_arena(session), hg_slice_of(portal->spoken->bytes, portal->spoken->len));
    step = hg_local_run(session, verdict, portal, max_rows);
    if (step == HG_STEP_DONE)
        hg_observe_answered(session, statement->text, verdict);
    hg_statement_drop(&session->prepared, statement);
    portal = hg_portal_find(&session->prepared, name); /* COMMIT closes portals, its own too */
    if (step == HG_STEP_DONE && portal && verdict->statement != HG_STMT_SHOW &&
        verdict->statement != HG_STMT_SET_CONFIG && verdict->statement != HG_STMT_SIGNAL &&
        verdict->statement != HG_STMT_EXPLAIN_REWRITE && verdict->statement != HG_STMT_EMPTY)
        portal->done = true;
    session->executed |=
        step == HG_STEP_DONE && session->transaction.state == HG_TRANSACTION_NONE && !ends_batch(verdict);
    return step;
}

/* Of a portal that will make or close a cursor: which one. Else NULL. */
static const struct hg_verdict *carried(struct hg_session *session, const struct hg_portal *portal)
{
    enum hg_statement_kind kind = portal->statement->kind;

    return !portal->cursor && (kind == HG_STMT_DECLARE || kind == HG_STMT_CLOSE)
               ? hg_statement_verdict(session, portal->statement->text)
               : NULL;
}

/* COPY … FROM STDIN. Whether the messages behind it are rows is known when the server has answered, so it is
 * waited for, and the message stays the current one until the client has sent them all. */
static enum hg_step await_copy(struct hg_session *session)
{
    bool begun = session->copying.on;

    hg_copy_pump(session);
    if (session->phase != HG_PHASE_READY)
        return HG_STEP_WAIT;
    if (begun &&
        !session->copying.on) /* the rows are out: what the server says of them is waited for by none */
        return HG_STEP_DONE;
    return hg_link_barrier(session);
}

/* Before it: nothing else is under way, and how its rows come is still what it was when the server was told.
 */
static enum hg_step prepare_copy(struct hg_session *session, const struct hg_portal *portal)
{
    if (portal->content == portal->statement->content->id)
        return hg_link_barrier(session);
    hg_fault_set(&session->fault, hg_session_arena(session), HG_OBJECT_NOT_IN_STATE,
                 "portal \"%.*s\" was made before its statement changed", HG_SLICE_FMT(portal->name));
    return HG_STEP_FAILED;
}

static enum hg_step execute(struct hg_session *session)
{
    struct hg_execute_msg execute;

    if (session->copying.asked)
        return await_copy(session);
    if (!hg_decode_execute(hg_session_message(session), &execute))
        return malformed(session);
    if (!is_text(session, execute.portal))
        return HG_STEP_FAILED;
    struct hg_portal *portal = hg_portal_find(&session->prepared, execute.portal);
    if (!portal)
        return no_portal(session, execute.portal);
    const struct hg_statement *statement = portal->statement;
    session->observing.subject = statement->text;
    bool is_read = statement->local || statement->kind == HG_STMT_DECLARE || statement->kind == HG_STMT_CLOSE;
    if (is_read && hg_statement_verdict_step(session, statement->text) == HG_STEP_WAIT)
        return HG_STEP_WAIT;
    if (statement->local)
        return execute_local(session, portal, execute.max_rows);
    if (!may_forward(session) || begin(session, portal) == HG_STEP_FAILED)
        return HG_STEP_FAILED;
    enum hg_step step = session->observing.begun ? go_to_portal(session, portal) : HG_STEP_WAIT;
    if (step == HG_STEP_DONE && portal->statement->copy_in)
        step = prepare_copy(session, portal);
    if (step != HG_STEP_DONE)
        return step;
    bool copies = portal->statement->copy_in != NULL;
    const struct hg_verdict *verdict = carried(session, portal);
    if (verdict && verdict->statement == HG_STMT_DECLARE && !hg_cursor_may_be_declared(session, verdict))
        return HG_STEP_FAILED;
    hg_encode_execute(&session->active->server->outbox.bytes, execute.portal, execute.max_rows);
    session->executed |= session->transaction.state == HG_TRANSACTION_NONE;
    struct hg_reply *reply = hg_link_expect(session, session->active, HG_EXPECT_EXECUTE, HG_VERB_FORWARD);
    reply->statement = hg_statement_hold(portal->statement);
    reply->rights = hg_statement_shows_rights(portal->statement);
    hg_observe_sent(session, reply);
    hg_limits_sent(session, reply, portal, execute.max_rows);
    hg_auditing_sent(reply, portal);
    if (verdict && verdict->statement == HG_STMT_DECLARE) {
        reply->declares = true;
        hg_cursor_declare(session, verdict, portal->statement, session->prepared.batch);
    } else if (verdict) {
        hg_portal_close(&session->prepared, verdict->name);
    }
    if (!copies)
        return HG_STEP_DONE;
    hg_session_consume(session);
    session->copying.asked = true;
    return await_copy(session);
}

/* ---- Close, Flush, Sync ---- */

static enum hg_step close_portal(struct hg_session *session, struct hg_slice name)
{
    struct hg_portal *portal = hg_portal_find(&session->prepared, name);

    if (!portal || portal->statement->local || portal->gone) {
        hg_answer_empty(session, HG_S_CLOSE_COMPLETE);
    } else {
        enum hg_step step = go_to_portal(session, portal);
        if (step == HG_STEP_WAIT)
            return step;
        if (step == HG_STEP_DONE) {
            hg_encode_target(&session->active->server->outbox.bytes, HG_C_CLOSE, 'P', name);
            hg_link_expect(session, session->active, HG_EXPECT_CLOSE, HG_VERB_FORWARD);
        } else {
            hg_answer_empty(session, HG_S_CLOSE_COMPLETE);
        }
    }
    hg_portal_close(&session->prepared, name);
    return HG_STEP_DONE;
}

static enum hg_step close_target(struct hg_session *session)
{
    struct hg_target_msg target;

    if (!hg_decode_target(hg_session_message(session), &target))
        return malformed(session);
    if (!is_text(session, target.name))
        return HG_STEP_FAILED;
    if (target.kind == 'P')
        return close_portal(session, target.name);
    if (hg_link_barrier(session) == HG_STEP_WAIT)
        return HG_STEP_WAIT;
    (void)hg_prepared_close(&session->prepared, target.name);
    hg_answer_empty(session, HG_S_CLOSE_COMPLETE);
    return HG_STEP_DONE;
}

/* Ends the batch on one server. When something of it was refused here, the server does not know: a request
 * that must fail makes it abort what the batch did. */
static void sync_one(struct hg_session *session, struct hg_slot *slot, enum hg_verb verb, bool ready)
{
    if (session->doomed && !slot->in_transaction) {
        hg_encode_execute(&slot->server->outbox.bytes, NO_PORTAL, 0);
        hg_link_expect(session, slot, HG_EXPECT_EXECUTE, HG_VERB_DOOM);
    }
    hg_link_sync(session, slot, verb, ready);
}

struct hg_slot *hg_batch_find(struct hg_session *session, const struct hg_slot *but)
{
    for (int i = 0; i < HG_NSLOTS; i++) {
        struct hg_slot *slot = &session->slots[i];
        if (slot->server && slot->batch_open && slot != but)
            return slot;
    }
    return NULL;
}

/* Its answer brings us back, for the other ones. */
enum hg_step hg_batch_end_on(struct hg_session *session, struct hg_slot *slot)
{
    if (hg_link_barrier(session) == HG_STEP_DONE) {
        session->active = slot;
        sync_one(session, slot, HG_VERB_QUIET, false);
    }
    return HG_STEP_WAIT;
}

/* A Sync that is malformed is one all the same, for else the two sides would wait for each other; and one
 * that ends a batch of which a part is lost cannot make the rest last. */
static void check_sync(struct hg_session *session)
{
    if (session->skip_to_sync)
        return;
    if (!hg_link_batch_is_lost(session)) {
        if (hg_session_message(session).len == 0)
            return;
        (void)malformed(session);
    }
    hg_answer_fault(session, &session->fault);
    session->doomed |= session->transaction.state == HG_TRANSACTION_NONE;
    hg_control_failed(session, session->prepared.batch);
    session->skip_to_sync = true;
}

static enum hg_step sync(struct hg_session *session)
{
    check_sync(session);
    struct hg_slot *other = hg_batch_find(session, session->active);
    if (other)
        return hg_batch_end_on(session, other);
    if (session->active->server && session->active->batch_open)
        sync_one(session, session->active, HG_VERB_FORWARD, true);
    else
        (void)hg_replies_push(&session->replies, HG_EXPECT_NOTHING, HG_VERB_READY);
    session->skip_to_sync = session->doomed = session->executed = false;
    session->prepared.batch++;
    if (session->transaction.state == HG_TRANSACTION_NONE)
        session->transaction.claims = (struct hg_claims){0};
    hg_relay_settle(session);
    return HG_STEP_DONE;
}

static enum hg_step flush(struct hg_session *session)
{
    if (hg_session_message(session).len)
        return malformed(session);
    (void)hg_link_barrier(session);
    session->patient = 0; /* what is answered already goes out at once */
    return HG_STEP_DONE;
}

/* Behind a result that may be cut: what follows in its batch waits, so that it is skipped then; its Sync only
 * where there is something that would last. */
static enum hg_step await_result(struct hg_session *session)
{
    struct hg_limiting *limiting = &session->limiting;
    bool ends = session->message.type == HG_C_SYNC;

    if (session->message.type == HG_C_FLUSH)
        return HG_STEP_DONE;
    if (limiting->bounded && (!ends || limiting->written) && hg_link_barrier(session) == HG_STEP_WAIT)
        return HG_STEP_WAIT;
    limiting->bounded = false;
    limiting->written &= !ends;
    return HG_STEP_DONE;
}

enum hg_step hg_extended_step(struct hg_session *session)
{
    if (await_result(session) == HG_STEP_WAIT)
        return HG_STEP_WAIT;
    if (session->message.type != HG_C_SYNC && hg_link_batch_is_lost(session))
        return HG_STEP_FAILED;
    switch (session->message.type) {
    case HG_C_PARSE:
        return parse(session);
    case HG_C_BIND:
        return bind(session);
    case HG_C_DESCRIBE:
        return describe(session);
    case HG_C_EXECUTE:
        return execute(session);
    case HG_C_CLOSE:
        return close_target(session);
    case HG_C_FLUSH:
        return flush(session);
    default:
        return sync(session);
    }
}
