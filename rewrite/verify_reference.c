/* What a statement reads of the table that it writes.
 *
 * That table stands there itself: unlike a wrapper it offers every physical column, the hidden ones, the
 * masked ones, the tenant's and the system's. So each column is looked up once more, by SQL's rules and by
 * name alone, from the innermost FROM outwards. Where a name certainly means something else, all is well;
 * where it may mean the written table, it must be a column that the role sees as it is. Masks are known by
 * their whole expression.
 *
 * Where it is not certain what a FROM item has to offer (`*`, functions), the answer is "perhaps", which
 * never excuses a column that the role must not see. */
#include "verify_internal.h"

#include "reflect.h"

enum offer { NO, PERHAPS, YES };

static enum offer larger(enum offer a, enum offer b)
{
    return a > b ? a : b;
}

static bool is_among(size_t count, PgQuery__Node *const *names, struct hg_slice name)
{
    for (size_t i = 0; i < count; i++)
        if (hg_slice_equal(hg_proof_text(names[i]), name))
            return true;
    return false;
}

/* What FROM items offer. */

static enum offer offer_of_targets(size_t count, PgQuery__Node *const *targets, size_t skipped,
                                   struct hg_slice name)
{
    enum offer offer = NO;
    for (size_t i = 0; i < count; i++) {
        const PgQuery__ResTarget *target =
            targets[i]->node_case == PG_QUERY__NODE__NODE_RES_TARGET ? targets[i]->res_target : NULL;
        const PgQuery__ColumnRef *column =
            target && target->val && target->val->node_case == PG_QUERY__NODE__NODE_COLUMN_REF
                ? target->val->column_ref
                : NULL;
        struct hg_slice called = target ? hg_slice_cstr(target->name) : HG_LIT("");
        if (!called.len && column)
            called = hg_proof_text(column->fields[column->n_fields - 1]);
        if (!called.len)
            offer = larger(offer, PERHAPS); /* a star, or an expression whose name is not known here */
        else if (hg_slice_equal(called, name))
            offer = larger(offer, i < skipped ? PERHAPS : YES);
    }
    return offer;
}

static enum offer offer_of_query(const PgQuery__Node *query, size_t skipped, struct hg_slice name);

/* `x.*`, where x is a sub-select with columns of its own: what that certainly has. */
static bool is_in_star(const PgQuery__SelectStmt *select, const PgQuery__Node *target, struct hg_slice name)
{
    const PgQuery__Node *value =
        target->node_case == PG_QUERY__NODE__NODE_RES_TARGET ? target->res_target->val : NULL;
    if (!value || value->node_case != PG_QUERY__NODE__NODE_COLUMN_REF || value->column_ref->n_fields != 2 ||
        value->column_ref->fields[1]->node_case != PG_QUERY__NODE__NODE_A_STAR)
        return false;
    for (size_t i = 0; i < select->n_from_clause; i++) {
        const PgQuery__Node *item = select->from_clause[i];
        const PgQuery__RangeSubselect *sub =
            item->node_case == PG_QUERY__NODE__NODE_RANGE_SUBSELECT ? item->range_subselect : NULL;
        if (sub && sub->alias && !sub->alias->n_colnames &&
            hg_slice_is(hg_proof_text(value->column_ref->fields[0]), sub->alias->aliasname))
            return offer_of_query(sub->subquery, 0, name) == YES;
    }
    return false;
}

static enum offer offer_of_select(const PgQuery__SelectStmt *select, size_t skipped, struct hg_slice name)
{
    while (select->larg)
        select = select->larg;
    if (select->n_values_lists)
        return name.len > 6 && memcmp(name.ptr, "column", 6) == 0 ? PERHAPS : NO;
    for (size_t i = 0; i < select->n_target_list && !skipped; i++)
        if (is_in_star(select, select->target_list[i], name))
            return YES;
    return offer_of_targets(select->n_target_list, select->target_list, skipped, name);
}

static enum offer offer_of_query(const PgQuery__Node *query, size_t skipped, struct hg_slice name)
{
    switch (query ? query->node_case : PG_QUERY__NODE__NODE__NOT_SET) {
    case PG_QUERY__NODE__NODE_SELECT_STMT:
        return offer_of_select(query->select_stmt, skipped, name);
    case PG_QUERY__NODE__NODE_INSERT_STMT:
        return offer_of_targets(query->insert_stmt->n_returning_list, query->insert_stmt->returning_list,
                                skipped, name);
    case PG_QUERY__NODE__NODE_UPDATE_STMT:
        return offer_of_targets(query->update_stmt->n_returning_list, query->update_stmt->returning_list,
                                skipped, name);
    case PG_QUERY__NODE__NODE_DELETE_STMT:
        return offer_of_targets(query->delete_stmt->n_returning_list, query->delete_stmt->returning_list,
                                skipped, name);
    default:
        return PERHAPS;
    }
}

static enum offer offer_of_cte(const PgQuery__RangeVar *relation, const struct hg_proof_scope *scope,
                               struct hg_slice name)
{
    const PgQuery__CommonTableExpr *cte = hg_visible_cte(scope, relation->relname);
    if (!cte || cte->search_clause || cte->cycle_clause || (relation->alias && relation->alias->n_colnames))
        return PERHAPS;
    if (is_among(cte->n_aliascolnames, cte->aliascolnames, name))
        return YES;
    return offer_of_query(cte->ctequery, cte->n_aliascolnames, name);
}

/* A function of one plain column, which is called like the item; nothing else is known of any function. */
static bool has_column_of_its_name(const PgQuery__RangeFunction *range)
{
    static const char *const names[] = {"generate_series",   "generate_subscripts",   "json_object_keys",
                                        "jsonb_object_keys", "regexp_split_to_table", "string_to_table"};
    const PgQuery__Node *pair = range->n_functions == 1 ? range->functions[0] : NULL;
    const PgQuery__Node *first = pair && pair->node_case == PG_QUERY__NODE__NODE_LIST && pair->list->n_items
                                     ? pair->list->items[0]
                                     : NULL;
    if (!first || first->node_case != PG_QUERY__NODE__NODE_FUNC_CALL || range->n_coldeflist ||
        !range->alias || range->alias->n_colnames)
        return false;
    const PgQuery__FuncCall *call = first->func_call;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (hg_slice_is(hg_proof_text(call->funcname[call->n_funcname - 1]), names[i]))
            return true;
    return false;
}

static enum offer offer_of_item(const PgQuery__Node *item, const struct hg_proof_scope *scope,
                                struct hg_slice name)
{
    const PgQuery__Alias *alias = NULL;
    enum offer offer = PERHAPS;
    switch (item->node_case) {
    case PG_QUERY__NODE__NODE_RANGE_VAR:
        alias = item->range_var->alias;
        offer = offer_of_cte(item->range_var, scope, name);
        break;
    case PG_QUERY__NODE__NODE_RANGE_SUBSELECT:
        alias = item->range_subselect->alias;
        offer = offer_of_query(item->range_subselect->subquery, alias ? alias->n_colnames : 0, name);
        break;
    case PG_QUERY__NODE__NODE_RANGE_FUNCTION:
        alias = item->range_function->alias;
        if (has_column_of_its_name(item->range_function) && hg_slice_is(name, alias->aliasname))
            return YES;
        break;
    case PG_QUERY__NODE__NODE_JOIN_EXPR:
        alias = item->join_expr->alias;
        offer = larger(offer_of_item(item->join_expr->larg, scope, name),
                       offer_of_item(item->join_expr->rarg, scope, name));
        if (alias && alias->n_colnames)
            offer = offer == NO ? NO : PERHAPS;
        break;
    default:
        break;
    }
    return alias && is_among(alias->n_colnames, alias->colnames, name) ? YES : offer;
}

static bool is_bound_by(const PgQuery__Node *item, struct hg_slice qualifier)
{
    const PgQuery__Alias *alias = NULL;
    switch (item->node_case) {
    case PG_QUERY__NODE__NODE_RANGE_VAR:
        alias = item->range_var->alias;
        if (!alias)
            return hg_slice_is(qualifier, item->range_var->relname);
        break;
    case PG_QUERY__NODE__NODE_RANGE_SUBSELECT:
        alias = item->range_subselect->alias;
        break;
    case PG_QUERY__NODE__NODE_RANGE_FUNCTION:
        alias = item->range_function->alias;
        break;
    case PG_QUERY__NODE__NODE_JOIN_EXPR:
        alias = item->join_expr->join_using_alias;
        if (alias && hg_slice_is(qualifier, alias->aliasname))
            return true;
        alias = item->join_expr->alias;
        if (!alias)
            return is_bound_by(item->join_expr->larg, qualifier) ||
                   is_bound_by(item->join_expr->rarg, qualifier);
        break;
    default:
        break;
    }
    return alias && hg_slice_is(qualifier, alias->aliasname);
}

static bool is_bound(const struct hg_proof_scope *scope, struct hg_slice qualifier)
{
    for (size_t i = 0; i < scope->nfrom; i++)
        if (is_bound_by(scope->from[i], qualifier))
            return true;
    return false;
}

static enum offer offer_of_scope(const struct hg_proof_scope *scope, struct hg_slice name)
{
    enum offer offer = scope->outputs ? offer_of_select(scope->outputs, 0, name) : NO;
    for (size_t i = 0; i < scope->nfrom; i++)
        offer = larger(offer, offer_of_item(scope->from[i], scope, name));
    return offer;
}

/* What is written. */

bool hg_is_shown(const struct hg_table_view *view, struct hg_slice name)
{
    int at = hg_table_column(view->table, name);
    return at >= 0 && !view->columns[at].hidden && !view->columns[at].mask;
}

static bool is_called(const struct hg_written *written, struct hg_slice name)
{
    return hg_slice_equal(name, written->alias) || (written->excluded && hg_slice_is(name, "excluded"));
}

/* A column that the table has and the role does not see as it is. */
static bool is_kept_back(const struct hg_table_view *view, struct hg_slice name)
{
    static const char *const system[] = {"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid", "oid"};
    for (size_t i = 0; i < sizeof system / sizeof *system; i++)
        if (hg_slice_is(name, system[i]))
            return true;
    return hg_table_column(view->table, name) >= 0 || hg_slice_equal(name, view->table->tenant_column);
}

static bool prove_qualified(struct hg_proof *proof, const struct hg_proof_scope *scope,
                            struct hg_slice qualifier, struct hg_slice name)
{
    for (; scope && !scope->closed; scope = scope->outer) {
        if (is_bound(scope, qualifier))
            return true;
        if (scope->written && is_called(scope->written, qualifier))
            return hg_is_shown(scope->written->view, name) ||
                   hg_unproved(proof, "column %.*s.%.*s of what is written is not as the role may see it",
                               HG_SLICE_FMT(qualifier), HG_SLICE_FMT(name.len ? name : HG_LIT("*")));
    }
    return true;
}

/* The written table is the last that a bare name can mean: what stands around it, its WITH, does not see it.
 */
static bool prove_bare_of(struct hg_proof *proof, const struct hg_written *written, struct hg_slice name,
                          enum offer offer, bool bound)
{
    if (hg_is_shown(written->view, name))
        return true;
    if (is_kept_back(written->view, name))
        return hg_unproved(proof, "column %.*s may be one of what is written that the role does not see",
                           HG_SLICE_FMT(name));
    if (is_called(written, name) && !bound)
        return hg_unproved(proof, "%.*s may be a whole row of what is written", HG_SLICE_FMT(name));
    return offer != NO || bound || hg_unproved(proof, "column %.*s is nobody's", HG_SLICE_FMT(name));
}

static bool prove_bare(struct hg_proof *proof, const struct hg_proof_scope *scope, struct hg_slice name)
{
    enum offer offer = NO;
    bool bound = false;
    for (; scope && !scope->closed; scope = scope->outer) {
        enum offer here = offer_of_scope(scope, name);
        if (here == YES && !scope->written)
            return true;
        offer = larger(offer, here);
        bound |= is_bound(scope, name);
        if (scope->written)
            return prove_bare_of(proof, scope->written, name, offer, bound);
    }
    return true;
}

bool hg_prove_reference(struct hg_proof *proof, const struct hg_proof_scope *scope,
                        const PgQuery__ColumnRef *column)
{
    struct hg_slice first = hg_proof_text(column->fields[0]);
    if (!proof->writes)
        return true;
    if (column->n_fields == 2)
        return prove_qualified(proof, scope, first, hg_proof_text(column->fields[1]));
    if (first.len)
        return prove_bare(proof, scope, first);
    return !scope || !scope->written || hg_unproved(proof, "all columns of what is written");
}

/* Masks. */

bool hg_qualify_masks(struct hg_proof *proof, struct hg_written *written)
{
    const struct hg_table_view *view = written->view;
    size_t count = view->table->ncolumns;
    written->masks = HG_NEW_ARRAY(proof->arena, const PgQuery__Node *, 2 * count);
    for (size_t i = 0; i < count; i++) {
        const PgQuery__Node *mask = view->columns[i].hidden ? NULL : view->columns[i].mask;
        if (!mask)
            continue;
        const PgQuery__Node *own = hg_proof_qualified(proof, mask, written->alias);
        const PgQuery__Node *given = hg_proof_qualified(proof, mask, HG_LIT("excluded"));
        if (!own || !given)
            return hg_unproved(proof, "the mask of a column cannot be qualified");
        written->masks[written->nmasks++] = own;
        written->masks[written->nmasks++] = given;
    }
    return true;
}

bool hg_is_written_mask(struct hg_proof *proof, const struct hg_proof_scope *scope,
                        const PgQuery__Node *expression)
{
    struct hg_slice why;
    if (!proof->writes)
        return false;
    for (; scope && !scope->closed; scope = scope->outer)
        for (size_t i = 0; scope->written && i < scope->written->nmasks; i++)
            if (scope->written->masks[i]->node_case == expression->node_case &&
                hg_tree_equal(&scope->written->masks[i]->base, &expression->base, proof->arena, &why))
                return true;
    return false;
}
