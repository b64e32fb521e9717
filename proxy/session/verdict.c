/* What the rewriter says of a client's text, in the context of this session. */
#include "allow.h"
#include "session.h"

/* Of settings that depend on the server or on the transaction only a server knows the value. The catalog is
 * asked: it is in the same kind of transaction, because it was replayed the same BEGIN. */
static void forward_show(const struct hg_session *session, struct hg_arena *arena, struct hg_verdict *verdict)
{
    int setting = hg_setting_find(verdict->setting);
    const struct hg_known_setting *known = hg_known_setting(verdict->setting);

    if (setting >= 0 ? hg_values_get(&session->values, setting) != NULL
                     : !known || known->shown != HG_SHOWN_SERVER)
        return;
    verdict->kind = HG_FORWARD;
    verdict->statement = HG_STMT_QUERY;
    verdict->backend = hg_session_catalog_index(session);
    verdict->uses_catalog = true;
    verdict->sql = hg_arena_printf(arena, "SHOW %s", known->name);
}

/* Of the settings that no server knows, those that the client has changed or named. */
static size_t own_settings(const struct hg_session *session, struct hg_arena *arena,
                           struct hg_setting_value **list)
{
    const struct hg_values *values = &session->values;
    size_t count = 0;

    for (size_t i = 0; i < values->count; i++) {
        int setting = values->list[i].setting;
        if (setting >= HG_NSETTINGS || !(hg_settings[setting].flags & HG_SETTING_HERE))
            continue;
        if (!*list)
            *list = HG_NEW_ARRAY(arena, struct hg_setting_value, values->count + values->ncustom);
        (*list)[count++] = (struct hg_setting_value){hg_slice_cstr(hg_settings[setting].name),
                                                     hg_slice_cstr(values->now[setting])};
    }
    if (values->ncustom && !*list)
        *list = HG_NEW_ARRAY(arena, struct hg_setting_value, values->ncustom);
    for (size_t i = 0; i < values->ncustom; i++)
        (*list)[count++] = (struct hg_setting_value){hg_slice_cstr(values->custom[i].name),
                                                     hg_slice_cstr(values->custom[i].now)};
    return count;
}

struct hg_context hg_session_context(const struct hg_session *session, bool extended, struct hg_binding bound)
{
    struct hg_setting_value *own = NULL;
    size_t nown = own_settings(session, hg_session_arena((struct hg_session *)session), &own);

    struct hg_context context = {
        .snapshot = session->generation->snapshot,
        .user = session->user,
        .search_path = hg_slice_cstr(session->values.now[HG_SET_search_path]),
        .reset_search_path = hg_slice_cstr(hg_values_initial(&session->values, HG_SET_search_path)),
        .search_path_settled = !hg_values_unsettled(&session->values, HG_SET_search_path),
        .pid = session->pid,
        .bound = bound,
        .time = hg_slice_cstr(session->transaction.claims.time),
        .extended = extended,
        .own = own,
        .nown = nown,
    };
    (void)hg_conn_name_parts(hg_conn_peer(session->conn), &context.ends[HG_END_CLIENT_ADDRESS],
                             &context.ends[HG_END_CLIENT_PORT]);
    (void)hg_conn_name_parts(hg_conn_here(session->conn), &context.ends[HG_END_SERVER_ADDRESS],
                             &context.ends[HG_END_SERVER_PORT]);
    return context;
}

void hg_session_rewrite(struct hg_session *session, struct hg_slice text, bool extended,
                        struct hg_binding bound, struct hg_verdicts *verdicts)
{
    struct hg_arena *arena = hg_session_arena(session);
    const struct hg_context context = hg_session_context(session, extended, bound);

    if (!hg_errand_result(session, text, extended, bound, verdicts))
        hg_rewrite(session->worker->rewriter, &context, text, arena, verdicts);
    for (size_t i = 0; i < verdicts->count; i++) {
        verdicts->list[i].bound = bound;
        verdicts->list[i].told = context.time.len > 0;
        if (verdicts->list[i].kind == HG_LOCAL && verdicts->list[i].statement == HG_STMT_SHOW)
            forward_show(session, arena, &verdicts->list[i]);
    }
}

/* What PostgreSQL lets through in a failed transaction, and what it says to all else. A mistake in the text
 * comes first, for parsing comes first. */
bool hg_session_may_run(struct hg_session *session, const struct hg_verdict *verdict)
{
    if (session->transaction.state != HG_TRANSACTION_FAILED)
        return true;
    if (verdict->kind == HG_LOCAL &&
        (verdict->statement == HG_STMT_COMMIT || verdict->statement == HG_STMT_ROLLBACK ||
         verdict->statement == HG_STMT_ROLLBACK_TO || verdict->statement == HG_STMT_EMPTY))
        return true;
    if (verdict->kind == HG_REFUSE &&
        (memcmp(verdict->fault.sqlstate, HG_SYNTAX_ERROR, 5) == 0 ||
         memcmp(verdict->fault.sqlstate, HG_CHARACTER_NOT_IN_REPERTOIRE, 5) == 0)) {
        session->fault = verdict->fault;
        return false;
    }
    if (session->transaction.lost_untold) {
        session->transaction.lost_untold = false;
        hg_fault_set(&session->fault, hg_session_arena(session), HG_CONNECTION_FAILURE,
                     "the transaction lost the connection to its backend");
        hg_fault_hint(&session->fault, hg_session_arena(session), "Roll back and try again.");
        return false;
    }
    session->fault = (struct hg_fault){
        .message = HG_LIT("current transaction is aborted, commands ignored until end of transaction block")};
    memcpy(session->fault.sqlstate, HG_IN_FAILED_TRANSACTION, sizeof session->fault.sqlstate);
    return false;
}
