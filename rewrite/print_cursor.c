/* What carries a query, or runs one that is elsewhere: DECLARE, FETCH, MOVE, CLOSE, EXECUTE. */
#include "cursor_options.h"
#include "print_internal.h"

void hg_put_declare(struct hg_printer *p, const PgQuery__DeclareCursorStmt *declare)
{
    static const struct {
        enum hg_cursor_option option;
        const char *words;
    } options[] = {
        {HG_CURSOR_BINARY, "BINARY "},         {HG_CURSOR_SCROLL, "SCROLL "},
        {HG_CURSOR_NO_SCROLL, "NO SCROLL "},   {HG_CURSOR_INSENSITIVE, "INSENSITIVE "},
        {HG_CURSOR_ASENSITIVE, "ASENSITIVE "},
    };
    if (declare->options & ~HG_CURSOR_ALL ||
        (p->dialect == HG_DIALECT_REDSHIFT && declare->options & ~HG_CURSOR_FAST))
        hg_put_refuse(p, "this option of DECLARE CURSOR is not supported on this backend");
    hg_put(p, "DECLARE ");
    hg_put_name(p, declare->portalname);
    hg_put(p, " ");
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (declare->options & (int)options[i].option)
            hg_put(p, options[i].words);
    hg_put(p, declare->options & HG_CURSOR_HOLD ? "CURSOR WITH HOLD FOR " : "CURSOR FOR ");
    hg_put_query(p, declare->query);
}

void hg_put_fetch(struct hg_printer *p, const PgQuery__FetchStmt *fetch)
{
    static const char *const directions[] = {
        [PG_QUERY__FETCH_DIRECTION__FETCH_FORWARD] = "FORWARD ",
        [PG_QUERY__FETCH_DIRECTION__FETCH_BACKWARD] = "BACKWARD ",
        [PG_QUERY__FETCH_DIRECTION__FETCH_ABSOLUTE] = "ABSOLUTE ",
        [PG_QUERY__FETCH_DIRECTION__FETCH_RELATIVE] = "RELATIVE ",
    };
    const char *direction = NULL;
    if ((size_t)fetch->direction < sizeof directions / sizeof *directions)
        direction = directions[fetch->direction];
    if (!direction) {
        hg_put_refuse(p, "this direction of FETCH is not supported");
        return;
    }
    hg_put(p, fetch->ismove ? "MOVE " : "FETCH ");
    hg_put(p, direction);
    if (fetch->how_many == INT64_MAX)
        hg_put(p, "ALL");
    else
        hg_write_format(&p->out, "%lld", (long long)fetch->how_many);
    hg_put(p, " FROM ");
    hg_put_name(p, fetch->portalname);
}

void hg_put_close(struct hg_printer *p, const PgQuery__ClosePortalStmt *close)
{
    hg_put(p, "CLOSE ");
    hg_put_name(p, close->portalname);
}

void hg_put_execute(struct hg_printer *p, const PgQuery__ExecuteStmt *execute)
{
    hg_put(p, "EXECUTE ");
    hg_put_name(p, execute->name);
    if (!execute->n_params)
        return;
    hg_put(p, "(");
    hg_put_expressions(p, execute->n_params, execute->params);
    hg_put(p, ")");
}
