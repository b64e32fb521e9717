/* Which kinds of statements a role may run: `statements:` of the policy. What carries a query (COPY, EXPLAIN,
 * a cursor, a prepared statement) is asked for where it is classified; what the query does, here, by a walk
 * over all of it, since WITH may hide an INSERT inside of a SELECT, and a SELECT feeds an INSERT.
 *
 * Whoever may not SELECT may read no relation in a FROM clause, in whatever statement; a list of VALUES that
 * is inserted, and the table that is changed itself, are no reading of that kind. */
#include "statement.h"

#include "reflect.h"

static const char *const kinds[HG_NGRANTS] = {
    [HG_GRANT_SELECT] = "SELECT",
    [HG_GRANT_INSERT] = "INSERT",
    [HG_GRANT_UPDATE] = "UPDATE",
    [HG_GRANT_DELETE] = "DELETE",
    [HG_GRANT_LOCK] = "SELECT FOR UPDATE/SHARE",
    [HG_GRANT_COPY] = "COPY",
    [HG_GRANT_CURSOR] = "cursors",
    [HG_GRANT_PREPARE] = "PREPARE",
    [HG_GRANT_EXPLAIN] = "EXPLAIN",
};

bool hg_statement_may(struct hg_statement *statement, enum hg_grant grant)
{
    return hg_role_may(statement->context->user->role, grant) ||
           hg_statement_refuse(statement, -1, HG_INSUFFICIENT_PRIVILEGE, "permission denied for %s",
                               kinds[grant]);
}

struct search {
    struct hg_statement *statement;
    const ProtobufCMessage *whole;
};

static bool reads(const struct search *search, const PgQuery__SelectStmt *select)
{
    return select->n_from_clause || &select->base == search->whole;
}

/* What this one message does, without what is inside of it. */
static bool may_do(const struct search *search, const ProtobufCMessage *message)
{
    struct hg_statement *statement = search->statement;
    const ProtobufCMessageDescriptor *type = message->descriptor;
    if (type == &pg_query__select_stmt__descriptor)
        return !reads(search, (const PgQuery__SelectStmt *)message) ||
               hg_statement_may(statement, HG_GRANT_SELECT);
    if (type == &pg_query__locking_clause__descriptor)
        return hg_statement_may(statement, HG_GRANT_LOCK);
    if (type == &pg_query__insert_stmt__descriptor)
        return hg_statement_may(statement, HG_GRANT_INSERT);
    if (type == &pg_query__on_conflict_clause__descriptor)
        return ((const PgQuery__OnConflictClause *)message)->action !=
                   PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_UPDATE ||
               hg_statement_may(statement, HG_GRANT_UPDATE);
    if (type == &pg_query__update_stmt__descriptor)
        return hg_statement_may(statement, HG_GRANT_UPDATE) &&
               (!((const PgQuery__UpdateStmt *)message)->n_from_clause ||
                hg_statement_may(statement, HG_GRANT_SELECT));
    if (type == &pg_query__delete_stmt__descriptor)
        return hg_statement_may(statement, HG_GRANT_DELETE) &&
               (!((const PgQuery__DeleteStmt *)message)->n_using_clause ||
                hg_statement_may(statement, HG_GRANT_SELECT));
    return true;
}

static enum hg_walk look_at(ProtobufCMessage *message, ProtobufCMessage *parent,
                            const ProtobufCFieldDescriptor *field, void *argument)
{
    (void)parent;
    (void)field;
    return may_do(argument, message) ? HG_WALK_INTO : HG_WALK_STOP;
}

bool hg_statement_may_query(struct hg_statement *statement, PgQuery__Node *query)
{
    const uint32_t all = (UINT32_C(1) << HG_NGRANTS) - 1;
    if ((statement->context->user->role->grants & all) == all)
        return true;
    struct search search = {statement, hg_node_message(query)};
    if (hg_tree_walk((ProtobufCMessage *)search.whole, HG_TREE_DEPTH_MOST, look_at, &search))
        return true;
    return hg_fault_is_set(&statement->verdict->fault)
               ? false
               : hg_statement_refuse(statement, -1, HG_STATEMENT_TOO_COMPLEX, "statement is too complex");
}
