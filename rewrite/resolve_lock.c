/* SELECT … FOR UPDATE | NO KEY UPDATE | SHARE | KEY SHARE [OF …]. The clause stays on its level: PostgreSQL
 * applies it to the tables inside of sub-selects, and so to the tables behind the predicates, which turn the
 * rows of others away before anything is locked. To lock rows is to be able to keep others waiting, so it
 * takes the right to write the table; nobody may lock the rows that all tenants share. */
#include "resolver.h"

static const char *name_of(PgQuery__LockClauseStrength strength)
{
    switch (strength) {
    case PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORKEYSHARE:
        return "FOR KEY SHARE";
    case PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORSHARE:
        return "FOR SHARE";
    case PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORNOKEYUPDATE:
        return "FOR NO KEY UPDATE";
    default:
        return "FOR UPDATE";
    }
}

static bool lock(struct hg_resolver *r, struct hg_reference *reference)
{
    reference->locked = r->out->locks = true;
    return hg_may_write(r, reference->view, reference->range);
}

/* Everything that the FROM clause reads, be it inside of sub-selects. */
static bool lock_all(struct hg_resolver *r, struct hg_reference *first)
{
    for (struct hg_reference *one = first; one; one = one->next)
        if (!lock(r, one))
            return false;
    return true;
}

static bool lock_one(struct hg_resolver *r, struct hg_reference *first, PgQuery__RangeVar *named,
                     const char *clause)
{
    if (named->schemaname[0])
        return hg_refuse(r, named->location, HG_SYNTAX_ERROR, "%s must specify unqualified relation names",
                         clause);
    for (struct hg_reference *one = first; one; one = one->next) {
        if (!hg_slice_is(one->item->name, named->relname))
            continue;
        named->relname = hg_arena_cstr(r->arena, one->item->printed);
        return lock(r, one);
    }
    return lock_all(r, first); /* a sub-select, or nothing, which the backend says */
}

bool hg_resolve_locks(struct hg_resolver *r, PgQuery__SelectStmt *select, struct hg_reference *first)
{
    r->out->locks = true;
    for (size_t i = 0; i < select->n_locking_clause; i++) {
        const PgQuery__Node *node = select->locking_clause[i];
        if (node->node_case != PG_QUERY__NODE__NODE_LOCKING_CLAUSE)
            return hg_refuse(r, -1, HG_FEATURE_NOT_SUPPORTED, "this way to lock rows is not supported");
        const PgQuery__LockingClause *clause = node->locking_clause;
        const char *name = name_of(clause->strength);
        if (select->op != PG_QUERY__SET_OPERATION__SETOP_NONE)
            return hg_refuse(r, -1, HG_FEATURE_NOT_SUPPORTED, "%s is not allowed with UNION/INTERSECT/EXCEPT",
                             name);
        if (select->n_values_lists)
            return hg_refuse(r, -1, HG_FEATURE_NOT_SUPPORTED, "%s cannot be applied to VALUES", name);
        if (!clause->n_locked_rels && !lock_all(r, first))
            return false;
        for (size_t k = 0; k < clause->n_locked_rels; k++)
            if (clause->locked_rels[k]->node_case != PG_QUERY__NODE__NODE_RANGE_VAR ||
                !lock_one(r, first, clause->locked_rels[k]->range_var, name))
                return hg_refuse(r, -1, HG_FEATURE_NOT_SUPPORTED, "this way to lock rows is not supported");
    }
    return true;
}
