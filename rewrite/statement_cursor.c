/* DECLARE, FETCH, MOVE and CLOSE. A cursor's query goes the way of any other; what moves the cursor is names
 * and numbers only, and where it is sent is known to the session. */
#include "cursor_options.h"
#include "statement.h"

bool hg_classify_declare(struct hg_statement *statement, PgQuery__DeclareCursorStmt *declare,
                         PgQuery__Node **query, struct hg_carrier *carrier)
{
    if (!hg_statement_may(statement, HG_GRANT_CURSOR))
        return false;
    if (declare->options & ~HG_CURSOR_ALL || !declare->query ||
        declare->query->node_case != PG_QUERY__NODE__NODE_SELECT_STMT)
        return hg_statement_refuse_by_name(statement);
    carrier->kind = HG_CARRIER_DECLARE;
    statement->verdict->statement = HG_STMT_DECLARE;
    statement->verdict->name = hg_arena_slice(statement->arena, hg_slice_cstr(declare->portalname));
    statement->verdict->hold = declare->options & HG_CURSOR_HOLD;
    *query = declare->query;
    return true;
}

static bool classify_cursor(struct hg_statement *statement, enum hg_statement_kind kind, const char *name,
                            struct hg_carrier *carrier)
{
    if (!hg_statement_may(statement, HG_GRANT_CURSOR))
        return false;
    carrier->kind = HG_CARRIER_CURSOR;
    statement->verdict->statement = kind;
    statement->verdict->name = hg_arena_slice(statement->arena, hg_slice_cstr(name));
    return true;
}

bool hg_classify_fetch(struct hg_statement *statement, const PgQuery__FetchStmt *fetch,
                       struct hg_carrier *carrier)
{
    return classify_cursor(statement, HG_STMT_FETCH, fetch->portalname, carrier);
}

bool hg_classify_close(struct hg_statement *statement, const PgQuery__ClosePortalStmt *close,
                       struct hg_carrier *carrier)
{
    if (*close->portalname)
        return classify_cursor(statement, HG_STMT_CLOSE, close->portalname, carrier);
    return hg_statement_local(statement, HG_STMT_CLOSE, "CLOSE CURSOR ALL");
}
