/* Asking servers for the numbers of their types (types.h), once per worker, backend and generation, by the
 * first session that uses the backend. Where the schema creates no types nobody asks. */
#include "session.h"

#define ASK_AGAIN_MS 60000u

static const char question[] =
    "SELECT t.oid::pg_catalog.text || ' ' || pg_catalog.quote_ident(n.nspname) || '.' || "
    "pg_catalog.quote_ident(t.typname)"
    " FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace"
    " LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem"
    " WHERE t.typtype IN ('e', 'd') OR e.typtype IN ('e', 'd')";

/* Sends the question and waits for the answer, which is then in session->captured. */
static enum hg_step ask(struct hg_session *session, int backend)
{
    if (!session->asking) {
        enum hg_step step = hg_link_use_plainly(session, backend);
        if (step != HG_STEP_DONE)
            return step;
        session->captured = (struct hg_captured){0};
        hg_link_query(session, session->active, hg_slice_cstr(question), HG_VERB_CAPTURE);
        session->asking = true;
    }
    if (hg_link_barrier(session) == HG_STEP_WAIT)
        return HG_STEP_WAIT;
    session->asking = false;
    return session->captured.failed ? HG_STEP_FAILED : HG_STEP_DONE;
}

void hg_loading_is_stale(struct hg_worker *worker, int backend)
{
    struct hg_types *types = &worker->types;

    if (hg_loop_now_ms(worker->loop) - types->backends[backend].asked_ms < ASK_AGAIN_MS)
        return;
    types->catalog_known = types->backends[backend].known = false; /* the others follow from the catalog's */
}

enum hg_step hg_loading_step(struct hg_session *session, int backend)
{
    struct hg_types *types = &session->worker->types;
    int catalog = hg_session_catalog_index(session);

    if (backend == catalog || types->backends[backend].known || session->generation->snapshot->ntypes == 0 ||
        session->generation != session->worker->generation || hg_link_slot(session, backend)->batch_open)
        return HG_STEP_DONE;
    if (!types->catalog_known) {
        enum hg_step step = ask(session, catalog);
        if (step != HG_STEP_DONE)
            return step;
        hg_types_take_catalog(types, session->captured.rows, session->captured.nrows);
    }
    enum hg_step step = ask(session, backend);
    types->backends[backend].asked_ms = hg_loop_now_ms(session->worker->loop);
    if (step == HG_STEP_DONE)
        hg_types_take_backend(types, backend, session->generation->pools[backend], session->captured.rows,
                              session->captured.nrows);
    return step;
}
