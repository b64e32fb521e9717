/* PREPARE and EXECUTE as statements. They share the name space of Parse and Close: what PREPARE makes is a
 * statement like those, whose text is the PREPARE itself, so that it can be rewritten again when the policy
 * or the search_path is another.
 *
 * An EXECUTE goes to where its statement is prepared, with the name that it has there. */
#include "session.h"

#include <stdio.h>

/* ---- PREPARE ---- */

/* Positions are in the statement's own part of the client's text. */
static enum hg_step fail(struct hg_session *session, const struct hg_verdict *verdict, struct hg_slice text)
{
    uint32_t *position = &session->fault.position;

    (void)hg_prepared_close(&session->prepared, verdict->name);
    if (*position)
        *position += hg_position_of(text, (size_t)(verdict->source.ptr - text.ptr)) - 1;
    return HG_STEP_FAILED;
}

static enum hg_step begin(struct hg_session *session, const struct hg_verdict *verdict, bool *client_batch)
{
    if (!hg_statement_name_is_free(session, verdict->name))
        return HG_STEP_FAILED;
    *client_batch = hg_link_slot(session, verdict->backend)->batch_open;
    enum hg_step step = hg_spread_use(session, verdict->backend, (struct hg_effect){0});
    if (step != HG_STEP_DONE)
        return step;
    struct hg_statement *statement = hg_statement_new(verdict->name, verdict->source, verdict->types);
    statement->by_sql = true;
    if (!hg_statement_settle(session, statement, verdict)) {
        hg_statement_drop(&session->prepared, statement);
        return HG_STEP_FAILED;
    }
    hg_prepared_put(&session->prepared, statement);
    session->local_at = 1;
    return HG_STEP_DONE;
}

enum hg_step hg_prepare_run(struct hg_session *session, const struct hg_verdict *verdict,
                            struct hg_slice text)
{
    bool client_batch = false;

    if (session->local_at == 0) {
        enum hg_step step = begin(session, verdict, &client_batch);
        if (step != HG_STEP_DONE)
            return step;
    }
    struct hg_statement *statement = hg_prepared_find(&session->prepared, verdict->name);
    enum hg_step step = hg_statement_stand(session, statement, client_batch);
    if (step == HG_STEP_FAILED)
        return fail(session, verdict, text);
    struct hg_slot *slot = session->active;
    if (step == HG_STEP_DONE && session->message.type == HG_C_QUERY && slot->server && slot->batch_open)
        hg_link_sync(session, slot, HG_VERB_INTERNAL, false); /* settings went ahead, and nothing came */
    if (step == HG_STEP_DONE)
        step = hg_link_barrier(session); /* it was there already, but a BEGIN may have been sent */
    if (step == HG_STEP_DONE)
        hg_answer_tag(session, verdict->tag);
    return step;
}

/* ---- EXECUTE ---- */

static bool refuse(struct hg_session *session, const char *why, const char *hint)
{
    struct hg_arena *arena = hg_session_arena(session);

    hg_fault_set(&session->fault, arena, HG_FEATURE_NOT_SUPPORTED, "%s", why);
    hg_fault_hint(&session->fault, arena, "%s", hint);
    return false;
}

/* The arguments were printed for a PostgreSQL. */
static bool may_execute(struct hg_session *session, const struct hg_verdict *verdict,
                        const struct hg_statement *statement)
{
    const struct hg_config *config = hg_generation_config(session->generation);
    bool redshift = config->backends[statement->backend].dialect == HG_DIALECT_REDSHIFT;

    if (verdict->uses_catalog && !statement->catalog)
        return refuse(
            session, "arguments of EXECUTE that ask about the schema are not supported here",
            "Questions about the schema are answered by another database than those about its rows.");
    if (redshift && memchr(verdict->sql.ptr, '\\', verdict->sql.len))
        return refuse(session, "a backslash in a string constant is not supported on this backend",
                      "Build the string with chr(92).");
    return true;
}

enum hg_step hg_execute_renewable(struct hg_session *session, const struct hg_verdict *verdict)
{
    const struct hg_statement *statement =
        verdict->statement == HG_STMT_EXECUTE ? hg_prepared_find(&session->prepared, verdict->name) : NULL;

    return statement && !statement->elsewhere ? hg_statement_renewable(session, statement) : HG_STEP_DONE;
}

bool hg_execute_find(struct hg_session *session, const struct hg_verdict *verdict, struct hg_elsewhere *found)
{
    struct hg_statement *statement = hg_prepared_find(&session->prepared, verdict->name);

    if (!statement || statement->name.len == 0)
        return hg_statement_missing(session, verdict->name) == HG_STEP_DONE;
    if (statement->local || statement->kind != HG_STMT_QUERY) /* it might even be this EXECUTE */
        return refuse(session, "EXECUTE of such a statement is not supported",
                      "Bind and execute it by the protocol.");
    if (!hg_statement_renew(session, statement) || !may_execute(session, verdict, statement))
        return false;
    struct hg_slice name = hg_statement_server_name(statement);
    struct hg_slice arguments =
        hg_slice_of(verdict->sql.ptr + HG_EXECUTE_HEAD.len, verdict->sql.len - HG_EXECUTE_HEAD.len);
    *found = (struct hg_elsewhere){.backend = statement->backend,
                                   .statement = statement,
                                   .effect = statement->effect,
                                   .told = statement->time[0]};
    found->sql = hg_arena_printf(hg_session_arena(session), "EXECUTE \"%.*s\"%.*s", HG_SLICE_FMT(name),
                                 HG_SLICE_FMT(arguments));
    return true;
}
