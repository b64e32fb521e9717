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
#include "session.h"

#include <stdio.h>

#define RESERVED   HG_LIT("hg_") /* how names of our own begin on a server */
#define NO_PORTAL  HG_LIT("hg_none")
#define MOST_SAID  8192u
#define MOST_BYTES (32u << 20) /* texts of named statements of one client */

/* ---- refusals ---- */

static enum hg_step malformed(struct hg_session *session)
{
    hg_fault_set(&session->fault, hg_session_arena(session), HG_PROTOCOL_VIOLATION, "invalid message format");
    return HG_STEP_FAILED;
}

static enum hg_step no_statement(struct hg_session *session, struct hg_slice name)
{
    if (name.len)
        hg_fault_set(&session->fault, hg_session_arena(session), HG_UNDEFINED_STATEMENT,
                     "prepared statement \"%.*s\" does not exist", HG_SLICE_FMT(name));
    else
        hg_fault_set(&session->fault, hg_session_arena(session), HG_UNDEFINED_STATEMENT,
                     "unnamed prepared statement does not exist");
    return HG_STEP_FAILED;
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

/* ---- statements ---- */

/* The text as the rewriter reads it now; once per message. */
static const struct hg_verdict *rewritten(struct hg_session *session, struct hg_slice text)
{
    struct hg_message *message = &session->message;

    if (!message->rewritten)
        hg_session_rewrite(session, text, true, hg_session_bound(session), &message->verdicts);
    message->rewritten = true;
    return &message->verdicts.list[0];
}

/* The parameter types that are sent for those that the client declared. A data backend has other numbers for
 * the types of the schema: it is left to find out by itself. False: a type that clients may not declare. */
static bool send_types(struct hg_session *session, struct hg_slice declared, bool catalog,
                       struct hg_slice *sent)
{
    struct hg_arena *arena = hg_session_arena(session);
    struct hg_reader reader = hg_reader_of(declared.ptr, declared.len);
    char *copy = hg_arena_cstr(arena, declared);

    *sent = hg_slice_of(copy, declared.len);
    for (size_t i = 0; i < declared.len; i += 4) {
        uint32_t oid = hg_read_u32(&reader);
        if (!catalog && oid >= HG_FIRST_USER_OID)
            memset(copy + i, 0, 4);
        else if (!hg_allow_parameter(oid, catalog))
            return hg_fault_set(&session->fault, arena, HG_FEATURE_NOT_SUPPORTED,
                                "parameter $%zu cannot be declared as type %u", i / 4 + 1, oid);
    }
    return true;
}

/* What the verdict makes of the statement. */
static bool settle(struct hg_session *session, struct hg_statement *statement,
                   const struct hg_verdict *verdict)
{
    struct hg_contents *contents = session->prepared.contents;
    struct hg_content *content = NULL;
    bool catalog = verdict->backend == hg_session_catalog_index(session);
    struct hg_slice types;

    if (verdict->kind == HG_FORWARD) {
        if (!send_types(session, statement->types, catalog, &types))
            return false;
        content = hg_contents_hold(contents, hg_session_environment(session), types, verdict->sql);
    }
    hg_contents_drop(contents, statement->content);
    hg_statement_copies(statement, verdict->copy_in);
    statement->content = content;
    statement->local = verdict->kind != HG_FORWARD;
    statement->backend = verdict->backend;
    statement->catalog = catalog;
    statement->bound = hg_session_bound(session);
    statement->generation = session->generation->snapshot->generation;
    statement->path_version = session->values.path_version;
    return true;
}

/* Would it be rewritten as it was? Within a transaction it must go where that is; outside, it need not stay
 * there. */
static bool is_current(const struct hg_session *session, const struct hg_statement *statement)
{
    int bound = hg_session_bound(session);

    if (statement->generation != session->generation->snapshot->generation ||
        statement->path_version != session->values.path_version)
        return false;
    if (statement->local || statement->bound == bound)
        return true;
    return statement->bound < 0 && (statement->catalog || statement->backend == bound);
}

/* Rewrites a statement again whose policy, search_path or transaction is another by now. False: refused. */
static bool renew(struct hg_session *session, struct hg_statement *statement)
{
    if (is_current(session, statement))
        return true;
    const struct hg_verdict *verdict = rewritten(session, statement->text);
    if (verdict->kind == HG_REFUSE) {
        session->fault = verdict->fault;
        session->fault.position = 0; /* the client sent that text long ago */
        return false;
    }
    return settle(session, statement, verdict);
}

static struct hg_slice server_name(const struct hg_statement *statement, char buffer[32])
{
    if (statement->name.len == 0)
        return HG_LIT("");
    return hg_slice_of(buffer,
                       (size_t)snprintf(buffer, 32, "hg_%llu", (unsigned long long)statement->content->id));
}

static bool is_prepared(struct hg_server *server, const struct hg_statement *statement)
{
    if (statement->name.len == 0)
        return server->unnamed == statement->content->id;
    return hg_server_has_prepared(server, statement->content->id);
}

static void send_parse(struct hg_session *session, struct hg_slot *slot, struct hg_statement *statement,
                       enum hg_verb verb)
{
    const struct hg_content *content = statement->content;
    struct hg_server *server = slot->server;
    char buffer[32];

    hg_encode_parse(&server->outbox.bytes, server_name(statement, buffer), content->sql,
                    (uint16_t)(content->types.len / 4), content->types);
    struct hg_reply *reply = hg_link_expect(session, slot, HG_EXPECT_PARSE, verb);
    reply->statement = hg_statement_hold(statement);
    reply->content = content->id;
    reply->unnamed = statement->name.len == 0;
    if (reply->unnamed) {
        server->unnamed = content->id;
        return;
    }
    uint64_t evicted = hg_server_add_prepared(server, content->id,
                                              hg_generation_config(session->generation)->max_server_prepared);
    if (!evicted)
        return;
    struct hg_slice name =
        hg_slice_of(buffer, (size_t)snprintf(buffer, sizeof buffer, "hg_%llu", (unsigned long long)evicted));
    hg_encode_target(&server->outbox.bytes, HG_C_CLOSE, 'S', name);
    hg_link_expect(session, slot, HG_EXPECT_CLOSE, HG_VERB_INTERNAL)->content = evicted;
}

/* Prepared where it is needed now. One whose settings of that time are not those of today is prepared under
 * those of that time. False when it was there already. */
static bool prepare(struct hg_session *session, struct hg_slot *slot, struct hg_statement *statement,
                    enum hg_verb verb)
{
    if (is_prepared(slot->server, statement))
        return false;
    bool other = !hg_slice_equal(statement->content->environment, hg_session_environment(session));
    if (other)
        hg_carry_settings(session, slot, statement->content->environment, false);
    send_parse(session, slot, statement, verb);
    if (other)
        hg_carry_settings(session, slot, hg_slice_of(NULL, 0), false);
    return true;
}

/* ---- Parse ---- */

static enum hg_step refuse_name(struct hg_session *session, struct hg_slice name)
{
    struct hg_arena *arena = hg_session_arena(session);
    uint32_t most = hg_generation_config(session->generation)->max_prepared;

    if (name.len == 0)
        return HG_STEP_DONE;
    if (hg_prepared_find(&session->prepared, name)) {
        hg_fault_set(&session->fault, arena, HG_DUPLICATE_STATEMENT,
                     "prepared statement \"%.*s\" already exists", HG_SLICE_FMT(name));
        return HG_STEP_FAILED;
    }
    if (session->prepared.statements.count < most && session->prepared.bytes < MOST_BYTES)
        return HG_STEP_DONE;
    hg_fault_set(&session->fault, arena, HG_CONFIGURATION_LIMIT, "too many prepared statements");
    hg_fault_detail(&session->fault, arena, "One connection may have %u, of %u MB together.", most,
                    MOST_BYTES >> 20);
    return HG_STEP_FAILED;
}

/* Many drivers send the same unnamed statement again and again: then it is as it was. */
static bool is_repeated(struct hg_session *session, const struct hg_parse_msg *parse)
{
    const struct hg_statement *unnamed = session->prepared.unnamed;

    return parse->name.len == 0 && unnamed && !unnamed->local &&
           session->transaction.state != HG_TRANSACTION_FAILED && hg_slice_equal(unnamed->text, parse->sql) &&
           hg_slice_equal(unnamed->types, parse->types) && is_current(session, unnamed) &&
           hg_slice_equal(unnamed->content->environment, hg_session_environment(session));
}

static enum hg_step repeat(struct hg_session *session)
{
    struct hg_statement *unnamed = session->prepared.unnamed;
    enum hg_step step = hg_link_use(session, unnamed->backend);

    if (step == HG_STEP_DONE && !prepare(session, session->active, unnamed, HG_VERB_FORWARD))
        hg_answer_empty(session, HG_S_PARSE_COMPLETE);
    return step;
}

static enum hg_step parse_message(struct hg_session *session, const struct hg_parse_msg *parse)
{
    if (is_repeated(session, parse))
        return repeat(session);
    const struct hg_verdict *verdict = rewritten(session, parse->sql);
    if (!hg_session_may_run(session, verdict))
        return HG_STEP_FAILED;
    if (verdict->kind == HG_REFUSE) {
        session->fault = verdict->fault;
        return HG_STEP_FAILED;
    }
    if (refuse_name(session, parse->name) == HG_STEP_FAILED)
        return HG_STEP_FAILED;
    if (verdict->kind == HG_FORWARD) {
        enum hg_step step = hg_link_use(session, verdict->backend);
        if (step != HG_STEP_DONE)
            return step;
    }
    struct hg_statement *statement = hg_statement_new(parse->name, parse->sql, parse->types);
    if (!settle(session, statement, verdict)) {
        hg_statement_drop(&session->prepared, statement);
        return HG_STEP_FAILED;
    }
    hg_prepared_put(&session->prepared, statement);
    if (statement->local || !prepare(session, session->active, statement, HG_VERB_FORWARD))
        hg_answer_empty(session, HG_S_PARSE_COMPLETE);
    return HG_STEP_DONE;
}

static enum hg_step parse(struct hg_session *session)
{
    struct hg_parse_msg parse;

    if (!hg_decode_parse(hg_session_message(session), &parse))
        return malformed(session);
    enum hg_step step = parse_message(session, &parse);
    if (step == HG_STEP_FAILED && parse.name.len == 0)
        (void)hg_prepared_close(&session->prepared,
                                parse.name); /* it was to be replaced, and is gone in any case */
    return step;
}

/* ---- Bind ---- */

/* Does a local statement's client want results in binary format? They have one column. */
static bool wants_binary(const struct hg_bind_msg *bind)
{
    struct hg_reader reader = hg_reader_of(bind->rest.ptr, bind->rest.len);
    uint16_t formats = hg_read_u16(&reader);

    (void)hg_read_bytes(&reader, (size_t)formats * 2);
    for (uint16_t values = hg_read_u16(&reader); values > 0; values--) {
        uint32_t len = hg_read_u32(&reader);
        if (len != UINT32_MAX)
            (void)hg_read_bytes(&reader, len);
    }
    return hg_read_u16(&reader) > 0 && hg_read_u16(&reader) == 1 && !reader.failed;
}

static bool portal_name_is_free(struct hg_session *session, struct hg_slice name)
{
    struct hg_arena *arena = hg_session_arena(session);

    if (name.len == 0)
        return true;
    if (name.len >= RESERVED.len && memcmp(name.ptr, RESERVED.ptr, RESERVED.len) == 0)
        return hg_fault_set(&session->fault, arena, HG_DUPLICATE_CURSOR, "portal name \"%.*s\" is reserved",
                            HG_SLICE_FMT(name));
    if (hg_portal_find(&session->prepared, name))
        return hg_fault_set(&session->fault, arena, HG_DUPLICATE_CURSOR, "cursor \"%.*s\" already exists",
                            HG_SLICE_FMT(name));
    if (session->prepared.portals.count >= hg_generation_config(session->generation)->max_prepared)
        return hg_fault_set(&session->fault, arena, HG_CONFIGURATION_LIMIT, "too many portals");
    return true;
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
    hg_portal_put(&session->prepared, bind->portal, statement)->binary = wants_binary(bind);
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

static enum hg_step bind(struct hg_session *session)
{
    struct hg_bind_msg bind;

    if (!hg_decode_bind(hg_session_message(session), &bind))
        return malformed(session);
    struct hg_statement *statement = hg_prepared_find(&session->prepared, bind.statement);
    if (!statement)
        return no_statement(session, bind.statement);
    if (!portal_name_is_free(session, bind.portal) || !renew(session, statement))
        return HG_STEP_FAILED;
    if (statement->local)
        return bind_local(session, &bind, statement);
    if (!may_forward(session))
        return HG_STEP_FAILED;
    enum hg_step step = hg_link_use(session, statement->backend);
    if (step != HG_STEP_DONE)
        return step;
    struct hg_slot *slot = session->active;
    char buffer[32];
    if (!statement->catalog)
        remember(session, bind.rest);
    prepare(session, slot, statement, HG_VERB_QUIET);
    hg_encode_bind(&slot->server->outbox.bytes, bind.portal, server_name(statement, buffer), bind.rest);
    hg_link_expect(session, slot, HG_EXPECT_BIND, HG_VERB_FORWARD)->statement = hg_statement_hold(statement);
    hg_portal_put(&session->prepared, bind.portal, statement);
    return HG_STEP_DONE;
}

/* ---- Describe ---- */

static void answer_parameters(struct hg_session *session, const struct hg_statement *statement)
{
    struct hg_bytes *out = hg_answer_begin(session);
    size_t begun = hg_frame_begin(out, HG_S_PARAMETER_DESCRIPTION);

    hg_write_u16(out, (uint16_t)(statement->types.len / 4));
    hg_write_slice(out, statement->types);
    hg_frame_end(out, begun);
    hg_answer_end(session);
}

static enum hg_step describe_statement(struct hg_session *session, struct hg_slice name)
{
    struct hg_statement *statement = hg_prepared_find(&session->prepared, name);
    char buffer[32];

    if (!statement)
        return no_statement(session, name);
    if (!renew(session, statement))
        return HG_STEP_FAILED;
    if (statement->local) {
        answer_parameters(session, statement);
        hg_local_describe(session, rewritten(session, statement->text), false);
        return HG_STEP_DONE;
    }
    if (!may_forward(session))
        return HG_STEP_FAILED;
    enum hg_step step = hg_link_use(session, statement->backend);
    if (step != HG_STEP_DONE)
        return step;
    prepare(session, session->active, statement, HG_VERB_QUIET);
    hg_encode_target(&session->active->server->outbox.bytes, HG_C_DESCRIBE, 'S',
                     server_name(statement, buffer));
    hg_link_expect(session, session->active, HG_EXPECT_DESCRIBE_STATEMENT, HG_VERB_FORWARD)->statement =
        hg_statement_hold(statement);
    return HG_STEP_DONE;
}

/* Where a forwarded portal is. DONE makes that slot the active one; FAILED: its server is gone, and with it
 * the portal. */
static enum hg_step go_to_portal(struct hg_session *session, const struct hg_portal *portal)
{
    struct hg_slot *slot = &session->slots[portal->statement->catalog ? HG_SLOT_CATALOG : HG_SLOT_DATA];

    if (!may_forward(session))
        return HG_STEP_FAILED;
    if (!slot->server)
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
    if (target.kind == 'S')
        return describe_statement(session, target.name);
    struct hg_portal *portal = hg_portal_find(&session->prepared, target.name);
    if (!portal)
        return no_portal(session, target.name);
    if (portal->statement->local) {
        hg_local_describe(session, rewritten(session, portal->statement->text), portal->binary);
        return HG_STEP_DONE;
    }
    enum hg_step step = go_to_portal(session, portal);
    if (step != HG_STEP_DONE)
        return step;
    hg_encode_target(&session->active->server->outbox.bytes, HG_C_DESCRIBE, 'P', target.name);
    hg_link_expect(session, session->active, HG_EXPECT_DESCRIBE_PORTAL, HG_VERB_FORWARD)->statement =
        hg_statement_hold(portal->statement);
    return HG_STEP_DONE;
}

/* ---- Execute ---- */

static enum hg_step execute_local(struct hg_session *session, struct hg_portal *portal, int32_t max_rows)
{
    const struct hg_verdict *verdict = rewritten(session, portal->statement->text);
    struct hg_slice name = hg_arena_slice(hg_session_arena(session), portal->name);

    if (verdict->kind == HG_REFUSE) {
        session->fault = verdict->fault;
        return HG_STEP_FAILED;
    }
    if (verdict->kind == HG_FORWARD)
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
    enum hg_step step = hg_local_run(session, verdict, portal, max_rows);
    portal = hg_portal_find(&session->prepared, name); /* COMMIT closes portals, its own too */
    if (step == HG_STEP_DONE && portal && verdict->statement != HG_STMT_SHOW &&
        verdict->statement != HG_STMT_EXPLAIN_REWRITE)
        portal->done = true;
    return step;
}

/* COPY … FROM STDIN. Whether the messages behind it are rows is known when the server has answered, so it is
 * waited for, and the message stays the current one until the client has sent them all. */
static enum hg_step await_copy(struct hg_session *session)
{
    bool begun = session->copying.on;

    hg_copy_pump(session);
    if (session->phase != HG_PHASE_READY)
        return HG_STEP_WAIT;
    if (begun && !session->copying.on) /* the rows are out: what the server says of them is waited for by none */
        return HG_STEP_DONE;
    return hg_link_barrier(session);
}

static enum hg_step execute(struct hg_session *session)
{
    struct hg_execute_msg execute;

    if (session->copying.asked)
        return await_copy(session);
    if (!hg_decode_execute(hg_session_message(session), &execute))
        return malformed(session);
    struct hg_portal *portal = hg_portal_find(&session->prepared, execute.portal);
    if (!portal)
        return no_portal(session, execute.portal);
    if (portal->statement->local)
        return execute_local(session, portal, execute.max_rows);
    enum hg_step step = go_to_portal(session, portal);
    if (step == HG_STEP_DONE && portal->statement->copy_in)
        step = hg_link_barrier(session);
    if (step != HG_STEP_DONE)
        return step;
    hg_encode_execute(&session->active->server->outbox.bytes, execute.portal, execute.max_rows);
    hg_link_expect(session, session->active, HG_EXPECT_EXECUTE, HG_VERB_FORWARD)->statement =
        hg_statement_hold(portal->statement);
    if (!portal->statement->copy_in)
        return HG_STEP_DONE;
    hg_session_consume(session);
    session->copying.asked = true;
    return await_copy(session);
}

/* ---- Close, Flush, Sync ---- */

static enum hg_step close_portal(struct hg_session *session, struct hg_slice name)
{
    struct hg_portal *portal = hg_portal_find(&session->prepared, name);
    struct hg_slot *slot =
        portal ? &session->slots[portal->statement->catalog ? HG_SLOT_CATALOG : HG_SLOT_DATA] : NULL;

    if (!portal || portal->statement->local || !slot->server) {
        hg_answer_empty(session, HG_S_CLOSE_COMPLETE);
    } else {
        if (session->active != slot && hg_link_barrier(session) == HG_STEP_WAIT)
            return HG_STEP_WAIT;
        session->active = slot;
        hg_encode_target(&slot->server->outbox.bytes, HG_C_CLOSE, 'P', name);
        hg_link_expect(session, slot, HG_EXPECT_CLOSE, HG_VERB_FORWARD);
    }
    hg_portal_close(&session->prepared, name);
    return HG_STEP_DONE;
}

static enum hg_step close_target(struct hg_session *session)
{
    struct hg_target_msg target;

    if (!hg_decode_target(hg_session_message(session), &target))
        return malformed(session);
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

/* A Sync that is malformed is one all the same, for else the two sides would wait for each other. */
static void check_sync(struct hg_session *session)
{
    if (hg_session_message(session).len == 0 || session->skip_to_sync)
        return;
    (void)malformed(session);
    hg_answer_fault(session, &session->fault);
    session->doomed |= session->transaction.state == HG_TRANSACTION_NONE;
    hg_control_failed(session);
    session->skip_to_sync = true;
}

static enum hg_step sync(struct hg_session *session)
{
    check_sync(session);
    for (int i = 0; i < HG_NSLOTS; i++) {
        struct hg_slot *slot = &session->slots[i];
        if (!slot->server || !slot->batch_open || slot == session->active)
            continue;
        if (hg_link_barrier(session) == HG_STEP_WAIT)
            return HG_STEP_WAIT;
        session->active = slot;
        sync_one(session, slot, HG_VERB_QUIET, false);
        return HG_STEP_WAIT; /* its answer brings us back, for the other one */
    }
    if (session->active->server && session->active->batch_open)
        sync_one(session, session->active, HG_VERB_FORWARD, true);
    else
        (void)hg_replies_push(&session->replies, HG_EXPECT_NOTHING, HG_VERB_READY);
    session->skip_to_sync = session->doomed = false;
    session->prepared.batch++;
    hg_relay_settle(session);
    return HG_STEP_DONE;
}

static enum hg_step flush(struct hg_session *session)
{
    if (hg_session_message(session).len)
        return malformed(session);
    (void)hg_link_barrier(session);
    return HG_STEP_DONE;
}

enum hg_step hg_extended_step(struct hg_session *session)
{
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
