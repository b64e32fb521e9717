/* Asking servers for the numbers of their types and tables (types.h), once per worker, catalog, backend
 * and generation, by the first session that uses the backend. */
#include "session.h"

#define ASK_AGAIN_MS 60000u

static const char types_question[] =
    "SELECT t.oid::pg_catalog.text || ' ' || pg_catalog.quote_ident(n.nspname) || '.' || "
    "pg_catalog.quote_ident(t.typname)"
    " FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace"
    " LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem"
    " WHERE t.typtype IN ('e', 'd') OR e.typtype IN ('e', 'd')";

/* Sends the question and waits for the answer, which is then in session->captured. */
static enum hg_step ask(struct hg_session *session, int backend, struct hg_slice question)
{
    if (!session->asking) {
        enum hg_step step = hg_link_use_plainly(session, backend);
        if (step != HG_STEP_DONE)
            return step;
        session->captured = (struct hg_captured){0};
        hg_link_query(session, session->active, question, HG_VERB_CAPTURE);
        session->asking = true;
    }
    if (hg_link_barrier(session) == HG_STEP_WAIT)
        return HG_STEP_WAIT;
    session->asking = false;
    return session->captured.failed ? HG_STEP_FAILED : HG_STEP_DONE;
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

    if (!session->types_asked &&
        (step = ask(session, backend, hg_slice_cstr(types_question))) == HG_STEP_DONE) {
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

enum hg_step hg_loading_step(struct hg_session *session, int backend)
{
    struct hg_types *types = hg_session_types(session);
    int catalog = hg_session_catalog_index(session);

    if (backend == catalog || types->backends[backend].known ||
        session->generation != session->worker->generation || hg_link_slot(session, backend)->batch_open)
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
