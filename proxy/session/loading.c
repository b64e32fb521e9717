/* Asking servers for the numbers of their types and tables (types.h), once per worker, catalog, backend
 * and generation, by the first session that uses the backend. */
#include "log.h"
#include "session.h"

#define ASK_AGAIN_MS 60000u

static const char types_question[] =
    "SELECT t.oid::pg_catalog.text || ' ' || pg_catalog.quote_ident(n.nspname) || '.' || "
    "pg_catalog.quote_ident(t.typname)"
    " FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace"
    " LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem"
    " WHERE t.typtype IN ('e', 'd') OR e.typtype IN ('e', 'd')";

/* Outside of the client's transaction, which is none of the questions' business, unless it is open there
 * already. A question that a server cannot answer has no answer: it may speak another dialect, or let its
 * user see little. */
static enum hg_step take_answer(struct hg_session *session)
{
    const struct hg_slot *slot = session->active;

    if (!session->captured.failed)
        return HG_STEP_DONE;
    if (!slot->server || slot->in_transaction)
        return HG_STEP_FAILED;
    hg_log(HG_LOG_WARNING, "backend \"%s\" does not tell the numbers of its types and tables: %.*s",
           hg_link_name(session, slot), HG_SLICE_FMT(session->fault.message));
    session->fault = (struct hg_fault){0};
    session->captured = (struct hg_captured){0};
    return HG_STEP_DONE;
}

/* Sends the question and waits for the answer, which is then in session->captured. */
static enum hg_step ask(struct hg_session *session, int backend, struct hg_slice question)
{
    if (!session->asking) {
        enum hg_step step = hg_link_reach(session, backend);
        if (step != HG_STEP_DONE)
            return step;
        session->captured = (struct hg_captured){0};
        hg_link_query(session, session->active, question, HG_VERB_CAPTURE);
        session->asking = true;
    }
    if (hg_link_barrier(session) == HG_STEP_WAIT)
        return HG_STEP_WAIT;
    session->asking = false;
    return take_answer(session);
}

static enum hg_step ask_types(struct hg_session *session, int backend)
{
    if (session->generation->snapshot->ntypes)
        return ask(session, backend, hg_slice_cstr(types_question));
    session->captured = (struct hg_captured){0};
    return HG_STEP_DONE;
}

static enum hg_step ask_origins(struct hg_session *session, int backend, bool catalog)
{
    struct hg_bytes sql = {0};

    if (!session->asking) /* else it was sent before */
        hg_origins_question(session->generation->snapshot, catalog, &sql);
    enum hg_step step = ask(session, backend, hg_bytes_slice(&sql));
    hg_bytes_free(&sql);
    return step;
}

struct hg_types *hg_session_types(struct hg_session *session)
{
    return hg_types_of(&session->worker->types,
                       session->generation->pools[hg_session_catalog_index(session)]);
}

const struct hg_type_backend *hg_session_numbers(struct hg_session *session, int backend)
{
    const struct hg_type_backend *types = &hg_session_types(session)->backends[backend];

    return types->pool == session->generation->pools[backend] ? types : NULL;
}

void hg_loading_is_stale(struct hg_session *session, int backend)
{
    struct hg_types *types = hg_session_types(session);

    if (hg_loop_now_ms(session->worker->loop) - types->backends[backend].asked_ms < ASK_AGAIN_MS)
        return;
    types->catalog_known = types->backends[backend].known = false; /* the others follow from the catalog's */
}

/* The two questions of a backend in turn: types, origins. */
static enum hg_step ask_both(struct hg_session *session, int backend, bool catalog)
{
    const struct hg_snapshot *snapshot = session->generation->snapshot;
    struct hg_types *types = hg_session_types(session);
    struct hg_captured *captured = &session->captured;
    enum hg_step step = HG_STEP_DONE;

    if (!session->types_asked && (step = ask_types(session, backend)) == HG_STEP_DONE) {
        if (catalog)
            hg_types_take_catalog(types, captured->rows, captured->nrows);
        else
            hg_types_take_backend(types, backend, session->generation->pools[backend], captured->rows,
                                  captured->nrows);
        session->types_asked = true;
    }
    if (step == HG_STEP_DONE && (step = ask_origins(session, backend, catalog)) == HG_STEP_DONE) {
        if (catalog)
            hg_origins_take_catalog(&types->catalog_origins, snapshot, captured->rows, captured->nrows);
        else
            hg_origins_take_backend(&types->backends[backend].origins, &types->catalog_origins, snapshot,
                                    captured->rows, captured->nrows);
    }
    if (step != HG_STEP_WAIT)
        session->types_asked = false;
    return step;
}

/* A question would end the client's batch there, or fail its transaction. */
static bool is_in_the_way(const struct hg_session *session, int backend)
{
    struct hg_binding bound = hg_session_bound(session);

    return session->slots[HG_SLOT_CATALOG].batch_open || bound.first == backend ||
           (bound.others >> backend & 1);
}

enum hg_step hg_loading_step(struct hg_session *session, int backend)
{
    struct hg_types *types = hg_session_types(session);
    int catalog = hg_session_catalog_index(session);

    if (backend == catalog || types->backends[backend].known ||
        session->generation != session->worker->generation || is_in_the_way(session, backend))
        return HG_STEP_DONE;
    if (!types->catalog_known) {
        enum hg_step step = ask_both(session, catalog, true);
        if (step != HG_STEP_DONE)
            return step;
        types->catalog_known = true;
    }
    enum hg_step step = ask_both(session, backend, false);
    types->backends[backend].asked_ms = hg_loop_now_ms(session->worker->loop);
    types->backends[backend].known = step == HG_STEP_DONE;
    return step;
}
