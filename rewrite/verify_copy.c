/* The proof of COPY: to or from the client and nowhere else, with options that only say how rows are
 * written. The query of COPY TO is proved like any other, by verify.c. What COPY FROM fills is a table that
 * the role may write, on its one backend; its columns are the tenant's and others that the role sees as they
 * are; and each row is checked to be the tenant's. */
#include "verify_internal.h"

static bool prove_option(struct hg_proof *proof, const PgQuery__Node *node)
{
    static const char *const names[] = {"format", "delimiter",   "null",           "header",    "quote",
                                        "escape", "force_quote", "force_not_null", "force_null"};
    if (node->node_case != PG_QUERY__NODE__NODE_DEF_ELEM)
        return hg_unproved(proof, "an option of COPY that is none");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(node->def_elem->defname, names[i]) == 0)
            return true;
    return hg_unproved(proof, "option %s of COPY", node->def_elem->defname);
}

static bool prove_to(struct hg_proof *proof, const PgQuery__CopyStmt *copy)
{
    return (copy->query && !copy->relation && copy->n_attlist == 0 && !copy->where_clause) ||
           hg_unproved(proof, "COPY TO of something else than a query");
}

/* A column that may be written, or the tenant's. */
static bool prove_column(struct hg_proof *proof, const struct hg_table_view *view, struct hg_slice name)
{
    if (hg_slice_equal(name, view->table->tenant_column))
        return true;
    int at = hg_table_column(view->table, name);
    return (at >= 0 && !view->columns[at].hidden && !view->columns[at].mask) ||
           hg_unproved(proof, "column %.*s may not be written", HG_SLICE_FMT(name));
}

static bool prove_columns(struct hg_proof *proof, const struct hg_table_view *view, size_t count,
                          PgQuery__Node *const *names, size_t *tenants)
{
    for (size_t i = 0; i < count; i++) {
        struct hg_slice name = hg_proof_text(names[i]);
        if (!prove_column(proof, view, name))
            return false;
        *tenants += hg_slice_equal(name, view->table->tenant_column);
    }
    return true;
}

/* Columns that options name are columns, too. */
static bool prove_forced(struct hg_proof *proof, const struct hg_table_view *view,
                         const PgQuery__CopyStmt *copy)
{
    size_t tenants = 0;
    for (size_t i = 0; i < copy->n_options; i++) {
        const PgQuery__Node *arg = copy->options[i]->def_elem->arg;
        if (arg && arg->node_case == PG_QUERY__NODE__NODE_LIST &&
            !prove_columns(proof, view, arg->list->n_items, arg->list->items, &tenants))
            return false;
    }
    return tenants == 0 || view->table->tenant_column_index >= 0 ||
           hg_unproved(proof, "an option that names the tenant column");
}

static bool is_own_tenant(const struct hg_proof *proof, const struct hg_table *table,
                          const PgQuery__Node *node)
{
    const PgQuery__AExpr *equal =
        node && node->node_case == PG_QUERY__NODE__NODE_A_EXPR ? node->a_expr : NULL;
    if (!equal || equal->kind != PG_QUERY__A__EXPR__KIND__AEXPR_OP || equal->n_name != 1 || !equal->lexpr ||
        !equal->rexpr || !hg_slice_is(hg_proof_text(equal->name[0]), "=") ||
        equal->lexpr->node_case != PG_QUERY__NODE__NODE_COLUMN_REF ||
        equal->rexpr->node_case != PG_QUERY__NODE__NODE_A_CONST)
        return false;
    const PgQuery__ColumnRef *column = equal->lexpr->column_ref;
    const PgQuery__AConst *value = equal->rexpr->a_const;
    return column->n_fields == 2 && hg_slice_equal(hg_proof_text(column->fields[0]), table->physical_name) &&
           hg_slice_equal(hg_proof_text(column->fields[1]), table->tenant_column) && !value->isnull &&
           value->val_case == PG_QUERY__A__CONST__VAL_SVAL &&
           hg_slice_is(proof->context->user->tenant->value, value->sval->sval);
}

static bool is_true(const PgQuery__Node *node)
{
    return node && node->node_case == PG_QUERY__NODE__NODE_A_CONST &&
           node->a_const->val_case == PG_QUERY__A__CONST__VAL_BOOLVAL && node->a_const->boolval->boolval;
}

/* A row is the tenant's, or fails. */
static bool prove_check(struct hg_proof *proof, const struct hg_table *table, const PgQuery__Node *where)
{
    const PgQuery__CaseExpr *check =
        where && where->node_case == PG_QUERY__NODE__NODE_CASE_EXPR ? where->case_expr : NULL;
    const PgQuery__Node *otherwise = check ? check->defresult : NULL;
    if (otherwise && otherwise->node_case == PG_QUERY__NODE__NODE_TYPE_CAST)
        otherwise = otherwise->type_cast->arg;
    bool proved = check && !check->arg && check->n_args == 1 &&
                  check->args[0]->node_case == PG_QUERY__NODE__NODE_CASE_WHEN &&
                  is_own_tenant(proof, table, check->args[0]->case_when->expr) &&
                  is_true(check->args[0]->case_when->result) && otherwise &&
                  otherwise->node_case == PG_QUERY__NODE__NODE_FUNC_CALL &&
                  hg_always_fails(otherwise->func_call);
    return proved || hg_unproved(proof, "rows that are copied are not checked");
}

static bool may_fill(const struct hg_proof *proof, const struct hg_table_view *view)
{
    const struct hg_config *config = proof->context->snapshot->config;
    return view->writable && !view->rows && !view->table->shared && view->table->kind == HG_TABLE_PLAIN &&
           hg_role_may(proof->context->user->role, HG_GRANT_INSERT) &&
           view->table->write_backend == proof->backend &&
           config->backends[proof->backend].dialect == HG_DIALECT_POSTGRESQL;
}

static bool prove_from(struct hg_proof *proof, const PgQuery__CopyStmt *copy)
{
    const PgQuery__RangeVar *relation = copy->relation;
    size_t tenants = 0;
    if (copy->query || proof->catalog || !relation || *relation->catalogname || relation->alias)
        return hg_unproved(proof, "COPY FROM into something else than a table");
    const struct hg_table_view *view = hg_proved_table(proof, relation);
    if (!view)
        return false;
    if (!may_fill(proof, view))
        return hg_unproved(proof, "relation %s.%s may not be written", relation->schemaname,
                           relation->relname);
    if (!prove_columns(proof, view, copy->n_attlist, copy->attlist, &tenants) ||
        !prove_forced(proof, view, copy))
        return false;
    if (tenants != 1)
        return hg_unproved(proof, "COPY FROM with %zu tenant columns", tenants);
    return prove_check(proof, view->table, copy->where_clause);
}

bool hg_prove_copy(struct hg_proof *proof, const PgQuery__CopyStmt *copy)
{
    if (copy->is_program || *copy->filename)
        return hg_unproved(proof, "COPY with a file or a program");
    if (!hg_role_may(proof->context->user->role, HG_GRANT_COPY))
        return hg_unproved(proof, "COPY is not granted");
    for (size_t i = 0; i < copy->n_options; i++)
        if (!prove_option(proof, copy->options[i]))
            return false;
    return copy->is_from ? prove_from(proof, copy) : prove_to(proof, copy);
}
