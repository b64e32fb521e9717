/* The statements of one client on its servers: what the rewriter makes of them, whether that still holds, and
 * how they come to stand prepared where they are needed.
 *
 * Statements have the client's names here and `hg_<id>` on a server, where an id stands for a content
 * (contents.h) that other clients may have prepared before; one that the server at hand lacks is prepared on
 * the way. The unnamed statement is the server's unnamed one. */
#include "allow.h"
#include "session.h"

#include <stdio.h>

#define MOST_BYTES (32u << 20) /* texts of named statements of one client */

/* ---- what it is ---- */

const struct hg_verdict *hg_statement_verdict(struct hg_session *session, struct hg_slice text)
{
    struct hg_message *message = &session->message;

    if (!message->rewritten)
        hg_session_rewrite(session, text, true, hg_session_bound(session), &message->verdicts);
    message->rewritten = true;
    return &message->verdicts.list[0];
}

enum hg_step hg_statement_verdict_step(struct hg_session *session, struct hg_slice text)
{
    if (session->message.rewritten)
        return HG_STEP_DONE;
    return hg_errand_step(session, text, true, hg_session_bound(session));
}

static void write_number(uint8_t *at, uint32_t number)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(number >> (24 - 8 * i));
}

/* The parameter types that are sent for those that the client declared. A data backend has other numbers for
 * the types of the schema; where they are not known it is left to find out by itself. False: a type that
 * clients may not declare. */
static bool send_types(struct hg_session *session, struct hg_slice declared, int backend,
                       struct hg_slice *sent)
{
    bool catalog = backend == hg_session_catalog_index(session);
    const struct hg_type_backend *types = catalog ? NULL : hg_session_numbers(session, backend);
    struct hg_arena *arena = hg_session_arena(session);
    struct hg_reader reader = hg_reader_of(declared.ptr, declared.len);
    char *copy = hg_arena_cstr(arena, declared);

    *sent = hg_slice_of(copy, declared.len);
    for (size_t i = 0; i < declared.len; i += 4) {
        uint32_t oid = hg_read_u32(&reader);
        if (!catalog && oid >= HG_FIRST_USER_OID)
            write_number((uint8_t *)copy + i, types ? hg_types_there(types, oid) : 0);
        else if (!hg_allow_parameter(oid, catalog))
            return hg_fault_set(&session->fault, arena, HG_FEATURE_NOT_SUPPORTED,
                                "parameter $%zu cannot be declared as type %u", i / 4 + 1, oid);
    }
    return true;
}

static bool is_retired(const struct hg_statement *statement)
{
    return statement->content && atomic_load(&statement->content->retired);
}

/* Something has happened that may give it another result. */
static bool is_another(const struct hg_session *session, const struct hg_statement *statement)
{
    return is_retired(statement) || statement->generation != session->generation->snapshot->generation;
}

/* PostgreSQL reads a statement by the settings of its Parse, and by those of the day when it has to read it
 * anew: when its tables were changed, or the search_path. */
static struct hg_slice environment_of(struct hg_session *session, const struct hg_statement *statement)
{
    if (statement->content && !is_retired(statement) &&
        statement->path_version == session->values.path_version)
        return statement->content->environment;
    return hg_session_environment(session);
}

bool hg_statement_settle(struct hg_session *session, struct hg_statement *statement,
                         const struct hg_verdict *verdict)
{
    struct hg_contents *contents = session->prepared.contents;
    struct hg_content *content = NULL;
    bool catalog = verdict->backend == hg_session_catalog_index(session);
    struct hg_slice types;

    statement->kind = statement->by_sql ? HG_STMT_QUERY : verdict->statement;
    statement->local = verdict->kind != HG_FORWARD || statement->kind == HG_STMT_PREPARE;
    bool acts = verdict->statement == HG_STMT_SET_CONFIG || verdict->statement == HG_STMT_SIGNAL;
    if (acts && !send_types(session, statement->types, true, &types))
        return false;
    statement->elsewhere = !statement->by_sql && hg_runs_elsewhere(verdict);
    if (!statement->local && !statement->elsewhere) {
        if (!send_types(session, statement->types, verdict->backend, &types))
            return false;
        content = hg_contents_hold(contents, environment_of(session, statement),
                                   verdict->dated ? statement->made : 0, types, verdict->sql);
    }
    statement->reshaped |=
        statement->content && content != statement->content && is_another(session, statement);
    hg_contents_drop(contents, statement->content);
    hg_statement_copies(statement, verdict->copy_in);
    statement->content = content;
    statement->backend = verdict->backend;
    statement->catalog = catalog;
    statement->sees = verdict->sees;
    statement->fleeting = verdict->fleeting;
    statement->values_version = session->values.version;
    statement->effect = hg_effect_of(verdict);
    statement->bound = verdict->bound;
    memcpy(statement->time, session->transaction.claims.time, sizeof statement->time);
    statement->writes = verdict->writes;
    statement->generation = session->generation->snapshot->generation;
    statement->path_version = session->values.path_version;
    return true;
}

/* Would it be rewritten as it was? Within a transaction it must go where that is; outside, it need not stay
 * there. */
bool hg_statement_is_current(const struct hg_session *session, const struct hg_statement *statement)
{
    struct hg_binding bound = hg_session_bound(session);

    if (statement->elsewhere || statement->generation != session->generation->snapshot->generation ||
        statement->path_version != session->values.path_version)
        return false;
    if (statement->fleeting && statement->values_version != session->values.version)
        return false;
    if (is_retired(statement))
        return false;
    if (statement->effect.timed && strcmp(statement->time, session->transaction.claims.time) != 0)
        return false;
    if (statement->local || hg_binding_equal(statement->bound, bound))
        return true;
    if (statement->bound.first >= 0)
        return false;
    return bound.first < 0 || statement->catalog ||
           (bound.written ? bound.written >> statement->backend & 1 : statement->backend == bound.first);
}

/* EXECUTE, FETCH, MOVE and CLOSE: what they are about may have become another thing since. */
static bool settle_elsewhere(struct hg_session *session, struct hg_statement *statement,
                             const struct hg_verdict *verdict)
{
    struct hg_contents *contents = session->prepared.contents;
    struct hg_elsewhere found;

    if (!hg_elsewhere_find(session, verdict, &found))
        return false;
    struct hg_content *content =
        hg_contents_hold(contents, hg_session_environment(session), 0, HG_LIT(""), found.sql);
    hg_contents_drop(contents, statement->content);
    hg_statement_hold(found.statement);
    hg_statement_drop(&session->prepared, statement->inner);
    statement->content = content;
    statement->inner = found.statement;
    statement->writes = found.statement && found.statement->writes;
    statement->backend = found.backend;
    statement->effect = found.effect;
    statement->catalog = found.backend == hg_session_catalog_index(session);
    return true;
}

enum hg_step hg_statement_renewable(struct hg_session *session, const struct hg_statement *statement)
{
    struct hg_verdicts verdicts;

    if (hg_statement_is_current(session, statement))
        return HG_STEP_DONE;
    enum hg_step step = hg_errand_step(session, statement->text, true, hg_session_bound(session));
    if (step == HG_STEP_WAIT || !statement->elsewhere)
        return step;
    hg_session_rewrite(session, statement->text, true, hg_session_bound(session), &verdicts);
    return hg_execute_renewable(session, &verdicts.list[0]);
}

bool hg_statement_renew(struct hg_session *session, struct hg_statement *statement)
{
    struct hg_verdicts verdicts;

    if (hg_statement_is_current(session, statement))
        return true;
    hg_session_rewrite(session, statement->text, true, hg_session_bound(session), &verdicts);
    const struct hg_verdict *verdict = &verdicts.list[0];
    if (verdict->kind == HG_REFUSE) {
        session->fault = verdict->fault;
        session->fault.position = 0; /* the client sent that text long ago */
        return false;
    }
    if (statement->elsewhere)
        return settle_elsewhere(session, statement, verdict);
    return hg_statement_settle(session, statement, verdict);
}

/* ---- where it is prepared ---- */

/* As the unnamed statement, one that has no name, and one whose result may be another each time. */
static bool is_unnamed(const struct hg_statement *statement)
{
    return statement->name.len == 0 || statement->elsewhere;
}

struct hg_slice hg_statement_server_name(const struct hg_statement *statement)
{
    return is_unnamed(statement) ? HG_LIT("") : hg_slice_cstr(statement->content->name);
}

bool hg_statement_is_prepared(struct hg_server *server, const struct hg_statement *statement)
{
    if (statement->elsewhere)
        return false;
    if (statement->name.len == 0)
        return server->unnamed == statement->content->id;
    return hg_server_has_prepared(server, statement->content->id);
}

static void send_parse(struct hg_session *session, struct hg_slot *slot, struct hg_statement *statement,
                       enum hg_verb verb)
{
    const struct hg_content *content = statement->content;
    struct hg_server *server = slot->server;
    char evicted_name[HG_CONTENT_NAME];

    hg_encode_parse(&server->outbox.bytes, hg_statement_server_name(statement), content->sql,
                    (uint16_t)(content->types.len / 4), content->types);
    struct hg_reply *reply = hg_link_expect(session, slot, HG_EXPECT_PARSE, verb);
    reply->statement = hg_statement_hold(statement);
    reply->content = content->id;
    reply->unnamed = is_unnamed(statement);
    if (reply->unnamed) {
        server->unnamed = content->id;
        return;
    }
    uint64_t evicted = hg_server_add_prepared(server, content->id,
                                              hg_generation_config(session->generation)->max_server_prepared);
    if (!evicted)
        return;
    hg_encode_target(&server->outbox.bytes, HG_C_CLOSE, 'S', hg_content_name(evicted, evicted_name));
    hg_link_expect(session, slot, HG_EXPECT_CLOSE, HG_VERB_INTERNAL)->content = evicted;
}

bool hg_statement_prepare(struct hg_session *session, struct hg_slot *slot, struct hg_statement *statement,
                          enum hg_verb verb)
{
    if (hg_statement_is_prepared(slot->server, statement))
        return false;
    bool other = !hg_slice_equal(statement->content->environment, hg_session_environment(session));
    if (other)
        hg_carry_settings(session, slot, statement->content->environment, HG_CARRY_ALONG);
    send_parse(session, slot, statement, verb);
    if (other)
        hg_carry_settings(session, slot, hg_slice_of(NULL, 0), HG_CARRY_ALONG);
    return true;
}

enum hg_step hg_statement_stand(struct hg_session *session, struct hg_statement *statement, bool client_batch)
{
    struct hg_slot *slot = session->active;

    if (!session->preparing) {
        session->captured = (struct hg_captured){0};
        if (!hg_statement_prepare(session, slot, statement, HG_VERB_CAPTURE))
            return HG_STEP_DONE;
        if (!client_batch)
            hg_link_sync(session, slot, HG_VERB_CAPTURE, false);
        session->preparing = true;
    }
    if (hg_link_barrier(session) == HG_STEP_WAIT)
        return HG_STEP_WAIT;
    session->preparing = false;
    return session->captured.failed ? HG_STEP_FAILED : HG_STEP_DONE;
}

/* ---- refusals ---- */

enum hg_step hg_statement_missing(struct hg_session *session, struct hg_slice name)
{
    if (name.len)
        hg_fault_set(&session->fault, hg_session_arena(session), HG_UNDEFINED_STATEMENT,
                     "prepared statement \"%.*s\" does not exist", HG_SLICE_FMT(name));
    else
        hg_fault_set(&session->fault, hg_session_arena(session), HG_UNDEFINED_STATEMENT,
                     "unnamed prepared statement does not exist");
    return HG_STEP_FAILED;
}

bool hg_statement_name_is_free(struct hg_session *session, struct hg_slice name)
{
    struct hg_arena *arena = hg_session_arena(session);
    uint32_t most = hg_generation_config(session->generation)->max_prepared;

    if (name.len == 0)
        return true;
    if (hg_prepared_find(&session->prepared, name))
        return hg_fault_set(&session->fault, arena, HG_DUPLICATE_STATEMENT,
                            "prepared statement \"%.*s\" already exists", HG_SLICE_FMT(name));
    if (session->prepared.statements.count < most && session->prepared.bytes < MOST_BYTES)
        return true;
    hg_fault_set(&session->fault, arena, HG_CONFIGURATION_LIMIT, "too many prepared statements");
    hg_fault_detail(&session->fault, arena, "One connection may have %u, of %u MB together.", most,
                    MOST_BYTES >> 20);
    return false;
}
