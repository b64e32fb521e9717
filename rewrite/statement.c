/* What is a statement? One switch over the kinds that Headgate knows; all others are refused by name.
 *
 * Queries go on to be resolved. What is about the session (transactions, settings, prepared statements) is
 * answered by Headgate itself, and the verdict says all that the session needs for that. */
#include "statement.h"

#include <stdarg.h>

/* The byte offset of the statement's first token: behind blanks and comments. */
static int32_t first_token(const struct hg_statement *statement)
{
    struct hg_slice source = statement->verdict->source;
    size_t at = 0, depth = 0;
    if (!source.ptr || source.ptr < statement->text.ptr ||
        source.ptr > statement->text.ptr + statement->text.len)
        return -1;
    for (; at < source.len; at++) {
        bool two = at + 1 < source.len;
        if (two && source.ptr[at] == '/' && source.ptr[at + 1] == '*') {
            depth++;
            at++;
        } else if (two && depth && source.ptr[at] == '*' && source.ptr[at + 1] == '/') {
            depth--;
            at++;
        } else if (two && !depth && source.ptr[at] == '-' && source.ptr[at + 1] == '-') {
            while (at < source.len && source.ptr[at] != '\n' && source.ptr[at] != '\r')
                at++;
        } else if (!depth && !strchr(" \t\n\r\f\v;", source.ptr[at])) {
            break;
        }
    }
    return (int32_t)(source.ptr - statement->text.ptr + (ptrdiff_t)at);
}

bool hg_statement_refuse(struct hg_statement *statement, int32_t location, const char *sqlstate,
                         const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct hg_slice message = hg_arena_vprintf(statement->arena, format, args);
    va_end(args);

    struct hg_fault *fault = &statement->verdict->fault;
    statement->verdict->kind = HG_REFUSE;
    hg_fault_set(fault, statement->arena, sqlstate, "%.*s", HG_SLICE_FMT(message));
    if (location < 0)
        location = first_token(statement);
    if (location >= 0)
        fault->position = hg_position_of(statement->text, (size_t)location);
    return false;
}

bool hg_statement_local(struct hg_statement *statement, enum hg_statement_kind kind, const char *tag)
{
    statement->verdict->kind = HG_LOCAL;
    statement->verdict->statement = kind;
    statement->verdict->tag = tag;
    return true;
}

bool hg_statement_is_query(const PgQuery__Node *node)
{
    switch (node ? node->node_case : PG_QUERY__NODE__NODE__NOT_SET) {
    case PG_QUERY__NODE__NODE_SELECT_STMT:
    case PG_QUERY__NODE__NODE_INSERT_STMT:
    case PG_QUERY__NODE__NODE_UPDATE_STMT:
    case PG_QUERY__NODE__NODE_DELETE_STMT:
        return true;
    default:
        return false;
    }
}

static bool may_write(const struct hg_context *context)
{
    for (size_t i = 0; i < context->snapshot->ntables; i++)
        if (context->user->role->views[i].writable)
            return true;
    return false;
}

bool hg_statement_refuse_by_name(struct hg_statement *statement)
{
    struct hg_statement_name name = hg_statement_name_of(statement->node, statement->arena);
    if (name.writes && !may_write(statement->context)) {
        hg_statement_refuse(statement, -1, HG_INSUFFICIENT_PRIVILEGE, "permission denied for %.*s",
                            HG_SLICE_FMT(name.name));
        name.hint = "The data can be read, not changed.";
    } else {
        hg_statement_refuse(statement, -1, HG_FEATURE_NOT_SUPPORTED, "%.*s is not supported",
                            HG_SLICE_FMT(name.name));
    }
    if (name.hint)
        hg_fault_hint(&statement->verdict->fault, statement->arena, "%s", name.hint);
    return false;
}

static bool classify_discard(struct hg_statement *statement, const PgQuery__DiscardStmt *discard)
{
    static const struct {
        PgQuery__DiscardMode mode;
        struct hg_slice what;
        const char *tag;
    } modes[] = {
        {PG_QUERY__DISCARD_MODE__DISCARD_ALL, HG_LIT("all"), "DISCARD ALL"},
        {PG_QUERY__DISCARD_MODE__DISCARD_PLANS, HG_LIT("plans"), "DISCARD PLANS"},
        {PG_QUERY__DISCARD_MODE__DISCARD_SEQUENCES, HG_LIT("sequences"), "DISCARD SEQUENCES"},
        {PG_QUERY__DISCARD_MODE__DISCARD_TEMP, HG_LIT("temp"), "DISCARD TEMP"},
    };
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
        if (modes[i].mode == discard->target) {
            statement->verdict->setting = modes[i].what;
            return hg_statement_local(statement, HG_STMT_DISCARD, modes[i].tag);
        }
    return hg_statement_refuse_by_name(statement);
}

static bool classify_deallocate(struct hg_statement *statement, const PgQuery__DeallocateStmt *deallocate)
{
    statement->verdict->name = hg_arena_slice(statement->arena, hg_slice_cstr(deallocate->name));
    return hg_statement_local(statement, HG_STMT_DEALLOCATE,
                              statement->verdict->name.len ? "DEALLOCATE" : "DEALLOCATE ALL");
}

static bool classify_query(struct hg_statement *statement, PgQuery__Node **query)
{
    statement->verdict->statement = HG_STMT_QUERY;
    *query = statement->node;
    return true;
}

/* INTO stands in the first SELECT of several. */
static bool classify_select(struct hg_statement *statement, PgQuery__Node **query)
{
    const PgQuery__SelectStmt *first = statement->node->select_stmt;
    while (first->larg)
        first = first->larg;
    return first->into_clause ? hg_deny_into(statement, first) : classify_query(statement, query);
}

static bool classify(struct hg_statement *statement, PgQuery__Node **query, struct hg_carrier *carrier)
{
    PgQuery__Node *node = statement->node;
    switch (node->node_case) {
    case PG_QUERY__NODE__NODE_SELECT_STMT:
        if (hg_is_act(node->select_stmt))
            return hg_classify_act(statement, node->select_stmt, query, carrier);
        return classify_select(statement, query);
    case PG_QUERY__NODE__NODE_INSERT_STMT:
    case PG_QUERY__NODE__NODE_UPDATE_STMT:
    case PG_QUERY__NODE__NODE_DELETE_STMT:
        return classify_query(statement, query);
    case PG_QUERY__NODE__NODE_EXPLAIN_STMT:
        return hg_classify_explain(statement, node->explain_stmt, query, carrier);
    case PG_QUERY__NODE__NODE_COPY_STMT:
        return hg_classify_copy(statement, node->copy_stmt, query, carrier);
    case PG_QUERY__NODE__NODE_TRANSACTION_STMT:
        return hg_classify_transaction(statement, node->transaction_stmt);
    case PG_QUERY__NODE__NODE_VARIABLE_SET_STMT:
        return hg_classify_set(statement, node->variable_set_stmt);
    case PG_QUERY__NODE__NODE_VARIABLE_SHOW_STMT:
        return hg_classify_show(statement, node->variable_show_stmt);
    case PG_QUERY__NODE__NODE_DISCARD_STMT:
        return classify_discard(statement, node->discard_stmt);
    case PG_QUERY__NODE__NODE_DEALLOCATE_STMT:
        return classify_deallocate(statement, node->deallocate_stmt);
    case PG_QUERY__NODE__NODE_PREPARE_STMT:
        return hg_classify_prepare(statement, node->prepare_stmt, query, carrier);
    case PG_QUERY__NODE__NODE_EXECUTE_STMT:
        return hg_classify_execute(statement, node->execute_stmt, query, carrier);
    case PG_QUERY__NODE__NODE_DECLARE_CURSOR_STMT:
        return hg_classify_declare(statement, node->declare_cursor_stmt, query, carrier);
    case PG_QUERY__NODE__NODE_FETCH_STMT:
        return hg_classify_fetch(statement, node->fetch_stmt, carrier);
    case PG_QUERY__NODE__NODE_CLOSE_PORTAL_STMT:
        return hg_classify_close(statement, node->close_portal_stmt, carrier);
    case PG_QUERY__NODE__NODE_UNLISTEN_STMT: /* there is nothing that could be listened to */
        statement->verdict->setting = HG_LIT("notifications");
        return hg_statement_local(statement, HG_STMT_DISCARD, "UNLISTEN");
    default:
        return hg_classify_denied(statement);
    }
}

bool hg_classify(PgQuery__Node *node, struct hg_slice text, const struct hg_context *context,
                 struct hg_arena *arena, struct hg_verdict *verdict, PgQuery__Node **query,
                 struct hg_carrier *carrier)
{
    struct hg_statement statement = {node, text, context, arena, verdict};
    *query = NULL;
    *carrier = (struct hg_carrier){0};
    if (!classify(&statement, query, carrier))
        return false;
    return !*query || carrier->kind == HG_CARRIER_EXECUTE || hg_statement_may_query(&statement, *query);
}
