/* SELECT … FOR UPDATE and the like. It locks rows of every table that stands in the FROM, or of those under
 * one name there, sub-selects included; WITH queries it passes over. Only what may be written may be
 * locked. */
#include "verify_internal.h"

static bool prove_locked(struct hg_proof *proof, const PgQuery__RangeVar *relation)
{
    const struct hg_context *context = proof->context;
    const struct hg_table_view *view = NULL;
    if (!*relation->schemaname)
        return true;
    if (!proof->catalog) {
        view = hg_proved_table(proof, relation);
        if (!view)
            return false;
    } else {
        const struct hg_table *table = hg_snapshot_table(
            context->snapshot, hg_slice_cstr(relation->schemaname), hg_slice_cstr(relation->relname));
        view = table ? &context->user->role->views[table->index] : NULL;
    }
    return (view && view->writable && !view->table->shared) ||
           hg_unproved(proof, "relation %s.%s may not be locked", relation->schemaname, relation->relname);
}

static bool prove_items(struct hg_proof *proof, size_t count, PgQuery__Node *const *items);

static bool prove_item(struct hg_proof *proof, const PgQuery__Node *item)
{
    switch (item->node_case) {
    case PG_QUERY__NODE__NODE_RANGE_VAR:
        return prove_locked(proof, item->range_var);
    case PG_QUERY__NODE__NODE_RANGE_TABLE_SAMPLE:
        return prove_item(proof, item->range_table_sample->relation);
    case PG_QUERY__NODE__NODE_JOIN_EXPR:
        return prove_item(proof, item->join_expr->larg) && prove_item(proof, item->join_expr->rarg);
    case PG_QUERY__NODE__NODE_RANGE_SUBSELECT: {
        const PgQuery__Node *query = item->range_subselect->subquery;
        if (!query || query->node_case != PG_QUERY__NODE__NODE_SELECT_STMT || query->select_stmt->larg)
            return hg_unproved(proof, "a lock on something else than tables");
        return prove_items(proof, query->select_stmt->n_from_clause, query->select_stmt->from_clause);
    }
    case PG_QUERY__NODE__NODE_RANGE_FUNCTION:
        return true;
    default:
        return hg_unproved(proof, "a lock on something that is not known");
    }
}

static bool prove_items(struct hg_proof *proof, size_t count, PgQuery__Node *const *items)
{
    for (size_t i = 0; i < count; i++)
        if (!prove_item(proof, items[i]))
            return false;
    return true;
}

static const char *name_of(const PgQuery__Node *item)
{
    const PgQuery__Alias *alias = NULL;
    if (item->node_case == PG_QUERY__NODE__NODE_RANGE_SUBSELECT)
        alias = item->range_subselect->alias;
    else if (item->node_case == PG_QUERY__NODE__NODE_RANGE_FUNCTION)
        alias = item->range_function->alias;
    else if (item->node_case == PG_QUERY__NODE__NODE_JOIN_EXPR)
        alias = item->join_expr->alias;
    else if (item->node_case == PG_QUERY__NODE__NODE_RANGE_VAR)
        return item->range_var->alias ? item->range_var->alias->aliasname : item->range_var->relname;
    return alias ? alias->aliasname : "";
}

/* The items that have this name; a join without a name offers those of its sides. */
static bool prove_named(struct hg_proof *proof, const PgQuery__Node *item, const char *name)
{
    if (strcmp(name_of(item), name) == 0)
        return prove_item(proof, item);
    if (item->node_case != PG_QUERY__NODE__NODE_JOIN_EXPR)
        return true;
    return prove_named(proof, item->join_expr->larg, name) && prove_named(proof, item->join_expr->rarg, name);
}

static bool prove_lock(struct hg_proof *proof, const PgQuery__SelectStmt *select,
                       const PgQuery__LockingClause *lock)
{
    if (lock->n_locked_rels == 0)
        return prove_items(proof, select->n_from_clause, select->from_clause);
    for (size_t i = 0; i < lock->n_locked_rels; i++) {
        const PgQuery__Node *name = lock->locked_rels[i];
        if (name->node_case != PG_QUERY__NODE__NODE_RANGE_VAR || *name->range_var->schemaname ||
            *name->range_var->catalogname || name->range_var->alias)
            return hg_unproved(proof, "a lock on something else than a name");
        for (size_t k = 0; k < select->n_from_clause; k++)
            if (!prove_named(proof, select->from_clause[k], name->range_var->relname))
                return false;
    }
    return true;
}

bool hg_prove_locks(struct hg_proof *proof, const PgQuery__SelectStmt *select)
{
    const struct hg_backend_config *backend = &proof->context->snapshot->config->backends[proof->backend];
    if (select->n_locking_clause == 0)
        return true;
    if (!hg_role_may(proof->context->user->role, HG_GRANT_LOCK) || backend->dialect != HG_DIALECT_POSTGRESQL)
        return hg_unproved(proof, "rows may not be locked here");
    for (size_t i = 0; i < select->n_locking_clause; i++) {
        const PgQuery__Node *lock = select->locking_clause[i];
        if (lock->node_case != PG_QUERY__NODE__NODE_LOCKING_CLAUSE ||
            !prove_lock(proof, select, lock->locking_clause))
            return hg_unproved(proof, "a lock that is none");
    }
    return true;
}
