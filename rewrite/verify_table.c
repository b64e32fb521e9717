/* Which relations may be read, and what must stand between them and the statement.
 *
 * On a data backend a physical table is read only by
 *
 *     SELECT <columns> FROM [ONLY] schema.table [TABLESAMPLE …]
 *     WHERE table.tenant_column = '<value>' [AND <guard>] [[AND <guard>…] AND <rows>] [OFFSET 0]
 *
 * and by nothing that differs in any other clause. Each column is one that the role sees as it is, or carries
 * exactly the role's mask under the column's name. <rows> is exactly the role's condition, or
 * CASE WHEN table.tenant_column = '<value>' THEN <rows> END. Shared tables have no predicate but that. The
 * predicate's columns are qualified: bare, and missing in the table, they could mean columns of a query
 * around it. */
#include "verify_internal.h"

#include "allow.h"
#include "bytes.h"
#include "reflect.h"
#include "rights.h"

const PgQuery__RangeVar *hg_wrapped_relation(const PgQuery__SelectStmt *select)
{
    if (select->n_from_clause != 1)
        return NULL;
    const PgQuery__Node *from = select->from_clause[0];
    if (from->node_case == PG_QUERY__NODE__NODE_RANGE_TABLE_SAMPLE)
        from = from->range_table_sample->relation;
    bool qualified =
        from && from->node_case == PG_QUERY__NODE__NODE_RANGE_VAR && *from->range_var->schemaname;
    return qualified ? from->range_var : NULL;
}

/* Nothing but a select list, FROM, WHERE and an offset of zero. */
static bool has_only_what_it_may(const PgQuery__SelectStmt *select)
{
    const PgQuery__Node *offset = select->limit_offset;
    bool no_offset = !offset || (offset->node_case == PG_QUERY__NODE__NODE_A_CONST &&
                                 offset->a_const->val_case == PG_QUERY__A__CONST__VAL_IVAL &&
                                 offset->a_const->ival->ival == 0);
    return no_offset && !select->n_distinct_clause && !select->into_clause && !select->n_group_clause &&
           !select->group_distinct && !select->having_clause && !select->n_window_clause &&
           !select->n_values_lists && !select->n_sort_clause && !select->limit_count &&
           !select->n_locking_clause && !select->with_clause &&
           select->op == PG_QUERY__SET_OPERATION__SETOP_NONE && !select->all && !select->larg &&
           !select->rarg;
}

static bool is_comparison(const PgQuery__Node *node, const struct hg_table *table, struct hg_slice qualifier,
                          const struct hg_tenant *tenant)
{
    if (!node || node->node_case != PG_QUERY__NODE__NODE_A_EXPR)
        return false;
    const PgQuery__AExpr *equal = node->a_expr;
    if (equal->kind != PG_QUERY__A__EXPR__KIND__AEXPR_OP || equal->n_name != 1 ||
        !hg_slice_is(hg_proof_text(equal->name[0]), "=") || !equal->lexpr || !equal->rexpr ||
        equal->lexpr->node_case != PG_QUERY__NODE__NODE_COLUMN_REF ||
        equal->rexpr->node_case != PG_QUERY__NODE__NODE_A_CONST)
        return false;
    const PgQuery__ColumnRef *column = equal->lexpr->column_ref;
    const PgQuery__AConst *value = equal->rexpr->a_const;
    return column->n_fields == 2 && hg_slice_equal(hg_proof_text(column->fields[0]), qualifier) &&
           table->tenant_column.len &&
           hg_slice_equal(hg_proof_text(column->fields[1]), table->tenant_column) && !value->isnull &&
           value->val_case == PG_QUERY__A__CONST__VAL_SVAL && tenant->value.len &&
           hg_slice_is(tenant->value, value->sval->sval);
}

const PgQuery__Node *hg_guarded_by(const PgQuery__Node *node)
{
    if (node->node_case != PG_QUERY__NODE__NODE_NULL_TEST ||
        node->null_test->nulltesttype != PG_QUERY__NULL_TEST_TYPE__IS_NOT_NULL || !node->null_test->arg ||
        node->null_test->arg->node_case != PG_QUERY__NODE__NODE_CASE_EXPR)
        return NULL;
    const PgQuery__CaseExpr *chosen = node->null_test->arg->case_expr;
    bool guard = !chosen->arg && !chosen->defresult && chosen->n_args == 1 &&
                 chosen->args[0]->node_case == PG_QUERY__NODE__NODE_CASE_WHEN &&
                 chosen->args[0]->case_when->result &&
                 chosen->args[0]->case_when->result->node_case == PG_QUERY__NODE__NODE_A_CONST &&
                 !chosen->args[0]->case_when->result->a_const->isnull;
    return guard ? chosen->args[0]->case_when->expr : NULL;
}

bool hg_is_own_rows(struct hg_proof *proof, const struct hg_table_view *view, struct hg_slice qualifier,
                    const PgQuery__Node *node)
{
    if (node->node_case != PG_QUERY__NODE__NODE_CASE_EXPR)
        return false;
    const PgQuery__CaseExpr *chosen = node->case_expr;
    return !chosen->arg && !chosen->defresult && chosen->n_args == 1 &&
           chosen->args[0]->node_case == PG_QUERY__NODE__NODE_CASE_WHEN &&
           is_comparison(chosen->args[0]->case_when->expr, view->table, qualifier,
                         proof->context->user->tenant) &&
           hg_is_rows(proof, view, qualifier, chosen->args[0]->case_when->result);
}

size_t hg_proved_conditions(struct hg_proof *proof, const struct hg_table_view *view,
                            struct hg_slice qualifier, size_t count, PgQuery__Node *const *conditions)
{
    const struct hg_table *table = view->table;
    const struct hg_tenant *tenant = proof->context->user->tenant;
    size_t proved = 0;
    if (!table->shared) {
        if (count == 0 || !is_comparison(conditions[0], table, qualifier, tenant))
            return 0;
        proved++;
        if (proved < count && is_comparison(hg_guarded_by(conditions[proved]), table, qualifier, tenant))
            proved++;
    }
    if (!view->rows)
        return proved;
    while (proved < count && hg_is_part_of_rows(proof, view, qualifier, hg_guarded_by(conditions[proved])))
        proved++;
    bool rows =
        proved < count && (hg_is_rows(proof, view, qualifier, conditions[proved]) ||
                           (!table->shared && hg_is_own_rows(proof, view, qualifier, conditions[proved])));
    return rows ? proved + 1 : 0;
}

/* Does the WHERE of a wrapper hold all that it must, and nothing else? */
static bool is_predicate(struct hg_proof *proof, const struct hg_table_view *view, PgQuery__Node *where)
{
    struct hg_slice qualifier = view->table->physical_name;
    if (!where)
        return view->table->shared && !view->rows;
    if (view->table->shared && hg_is_rows(proof, view, qualifier, where))
        return true;
    if (where->node_case != PG_QUERY__NODE__NODE_BOOL_EXPR ||
        where->bool_expr->boolop != PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR)
        return hg_proved_conditions(proof, view, qualifier, 1, &where) == 1;
    const PgQuery__BoolExpr *all = where->bool_expr;
    return hg_proved_conditions(proof, view, qualifier, all->n_args, all->args) == all->n_args;
}

bool hg_is_own_tenant(struct hg_proof *proof, const struct hg_table_view *view, struct hg_slice qualifier,
                      const PgQuery__Node *node)
{
    return is_comparison(node, view->table, qualifier, proof->context->user->tenant);
}

const PgQuery__Node *hg_fenced_condition(struct hg_proof *proof, const struct hg_table_view *view,
                                         struct hg_slice qualifier, const PgQuery__Node *node)
{
    const PgQuery__CaseExpr *chosen =
        node->node_case == PG_QUERY__NODE__NODE_CASE_EXPR ? node->case_expr : NULL;
    if (!chosen || chosen->arg || chosen->defresult || chosen->n_args != 1 ||
        chosen->args[0]->node_case != PG_QUERY__NODE__NODE_CASE_WHEN || !chosen->args[0]->case_when->expr)
        return NULL;
    PgQuery__Node *const *when = &chosen->args[0]->case_when->expr;
    bool both = (*when)->node_case == PG_QUERY__NODE__NODE_BOOL_EXPR &&
                (*when)->bool_expr->boolop == PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR;
    size_t count = both ? (*when)->bool_expr->n_args : 1;
    PgQuery__Node *const *conditions = both ? (*when)->bool_expr->args : when;
    return hg_proved_conditions(proof, view, qualifier, count, conditions) == count
               ? chosen->args[0]->case_when->result
               : NULL;
}

static void note_wrapper(struct hg_proof *proof, const struct hg_table_view *view,
                         const PgQuery__SelectStmt *select)
{
    PgQuery__Node *const where = select->where_clause;
    if (!where)
        return;
    bool both = where->node_case == PG_QUERY__NODE__NODE_BOOL_EXPR &&
                where->bool_expr->boolop == PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR;
    const struct hg_fence fence = {
        .view = view,
        .alias = view->table->physical_name,
        .wrapper = select,
        .conditions = both ? where->bool_expr->args : &select->where_clause,
        .nconditions = both ? where->bool_expr->n_args : 1,
        .nproved = both ? where->bool_expr->n_args : 1,
    };
    hg_note_fence(proof, &fence);
}

/* Does the target show what the role may see: a column as it is, or a masked one by its mask? */
static bool is_visible(struct hg_proof *proof, const PgQuery__Node *node, const struct hg_table_view *view)
{
    const PgQuery__ResTarget *target =
        node->node_case == PG_QUERY__NODE__NODE_RES_TARGET ? node->res_target : NULL;
    if (!target || !target->val || target->n_indirection)
        return false;
    if (!*target->name) {
        if (target->val->node_case != PG_QUERY__NODE__NODE_COLUMN_REF ||
            target->val->column_ref->n_fields != 1)
            return false;
        int at = hg_table_column(view->table, hg_proof_text(target->val->column_ref->fields[0]));
        return at >= 0 && !view->columns[at].hidden && !view->columns[at].mask;
    }
    struct hg_slice why;
    int at = hg_table_column(view->table, hg_slice_cstr(target->name));
    return at >= 0 && !view->columns[at].hidden && view->columns[at].mask &&
           hg_tree_equal(&view->columns[at].mask->base, &target->val->base, proof->arena, &why);
}

const struct hg_table_view *hg_proved_table(struct hg_proof *proof, const PgQuery__RangeVar *relation)
{
    const struct hg_table *table = hg_snapshot_physical_table(
        proof->context->snapshot, hg_slice_cstr(relation->schemaname), hg_slice_cstr(relation->relname));
    const char *fault = !table ? "in the policy" : NULL;
    if (table && (proof->catalog || !(table->backends >> proof->backend & 1)))
        fault = "on this backend";
    if (table && !proof->context->user->role->views[table->index].readable)
        fault = "readable for the role";
    if (!fault)
        return &proof->context->user->role->views[table->index];
    (void)hg_unproved(proof, "relation %s.%s is not %s", relation->schemaname, relation->relname, fault);
    return NULL;
}

bool hg_prove_wrapper(struct hg_proof *proof, const PgQuery__SelectStmt *select,
                      const PgQuery__RangeVar *relation)
{
    if (*relation->catalogname || relation->alias)
        return hg_unproved(proof, "relation %s.%s is named in another way than by its schema",
                           relation->schemaname, relation->relname);
    const struct hg_table_view *view = hg_proved_table(proof, relation);
    if (!view)
        return false;
    if (!has_only_what_it_may(select))
        return hg_unproved(proof, "the wrapper of %s.%s has another clause", relation->schemaname,
                           relation->relname);
    if (!is_predicate(proof, view, select->where_clause))
        return hg_unproved(proof, "relation %s.%s stands without its predicate", relation->schemaname,
                           relation->relname);
    for (size_t i = 0; i < select->n_target_list; i++)
        if (!is_visible(proof, select->target_list[i], view))
            return hg_unproved(proof, "column %zu of %s.%s is not as the role may see it", i + 1,
                               relation->schemaname, relation->relname);
    note_wrapper(proof, view, select);
    return true;
}

/* The catalog backend. Its tables are the logical ones, and empty. */

bool hg_prove_catalog_relation(struct hg_proof *proof, const PgQuery__RangeVar *relation)
{
    struct hg_slice schema = hg_slice_cstr(relation->schemaname), name = hg_slice_cstr(relation->relname);
    const struct hg_table *table = hg_snapshot_table(proof->context->snapshot, schema, name);
    if (hg_slice_is(schema, "pg_catalog") || hg_slice_is(schema, "information_schema")) {
        const struct hg_catalog_relation *system = hg_allow_catalog_relation(schema, name);
        if (system && !system->replacement)
            return true;
    } else if (table && proof->context->user->role->views[table->index].readable) {
        return true;
    }
    return hg_unproved(proof, "relation %s.%s may not be read as it is", relation->schemaname,
                       relation->relname);
}

static void put_literal(struct hg_bytes *out, struct hg_slice text)
{
    hg_write_u8(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\'')
            hg_write_u8(out, '\'');
        hg_write_u8(out, (uint8_t)text.ptr[i]);
    }
    hg_write_u8(out, '\'');
}

/* A replacement as it may stand in a statement: see HG_RIGHTS_ROLE of allow.h. */
struct form {
    const char *role, *system;
};

static void put_list(struct hg_proof *proof, struct hg_bytes *out, const char *placeholder)
{
    if (!proof->rights) {
        proof->rights = HG_NEW(proof->arena, struct hg_rights_lists);
        *proof->rights = hg_rights_lists(proof->context->snapshot, proof->context->user->role, proof->arena);
    }
    switch (placeholder[1]) {
    case 'i':
        put_literal(out, proof->rights->inserts);
        break;
    case 'd':
        put_literal(out, proof->rights->deletes);
        break;
    default:
        put_literal(out, placeholder[2] == 'n' ? proof->rights->unread : proof->rights->updates);
    }
}

/* What stands for the `$…` at `at`; how many bytes of the text that took. */
static size_t put_placeholder(struct hg_proof *proof, struct hg_bytes *out, const char *at,
                              const struct form *form)
{
    static const char *const placeholders[] = {"$user",    "$database", "$pid",  "$unread", "$inserts",
                                               "$updates", "$deletes",  "$role", "$system"};
    const size_t count = sizeof placeholders / sizeof placeholders[0];
    size_t i = 0;
    while (i < count && strncmp(at, placeholders[i], strlen(placeholders[i])) != 0)
        i++;
    switch (i) {
    case 0:
        put_literal(out, proof->context->user->name);
        break;
    case 1:
        put_literal(out, proof->context->snapshot->database);
        break;
    case 2:
        hg_write_format(out, "%d", proof->context->pid);
        break;
    case 7:
        hg_write_text(out, form->role);
        break;
    case 8:
        hg_write_text(out, form->system);
        break;
    default:
        if (i == count) {
            hg_write_u8(out, '$');
            return 1;
        }
        put_list(proof, out, placeholders[i]);
    }
    return strlen(placeholders[i]);
}

static struct hg_slice replacement_text(struct hg_proof *proof, const char *text, const struct form *form)
{
    struct hg_bytes out;
    hg_bytes_init(&out, 0);
    while (*text) {
        size_t run = strcspn(text, "$");
        hg_write(&out, text, run);
        text += run;
        if (*text)
            text += put_placeholder(proof, &out, text, form);
    }
    struct hg_slice whole = hg_arena_slice(proof->arena, hg_bytes_slice(&out));
    hg_bytes_free(&out);
    return whole;
}

static bool equals_text(struct hg_proof *proof, const PgQuery__SelectStmt *select, struct hg_slice text)
{
    const struct hg_tree_limits limits = {.max_bytes = 1 << 20, .max_nesting = 1000};
    struct hg_fault ignored = {0};
    struct hg_tree tree;
    struct hg_slice why;
    if (!hg_tree_open(&tree, text, &limits, proof->arena, &ignored))
        return false;
    const PgQuery__Node *statement = tree.result->n_stmts == 1 ? tree.result->stmts[0]->stmt : NULL;
    bool equal = statement && statement->node_case == PG_QUERY__NODE__NODE_SELECT_STMT &&
                 hg_tree_equal(&statement->select_stmt->base, &select->base, proof->arena, &why);
    hg_tree_close(&tree);
    return equal;
}

/* How many columns its select list has. */
static size_t width_of(const char *text)
{
    size_t count = 1;
    for (int depth = 0; *text && (depth || strncmp(text, " FROM ", 6) != 0); text++) {
        depth += (*text == '(') - (*text == ')');
        count += depth == 0 && *text == ',';
    }
    return count;
}

static bool is_rights(struct hg_proof *proof, const PgQuery__SelectStmt *select, const char *rights)
{
    bool system = select->n_target_list > width_of(rights);
    const struct form shown = {HG_RIGHTS_ROLE, system ? HG_RIGHTS_SYSTEM : ""};
    const struct form exploded = {HG_RIGHTS_ACCOUNT, system ? HG_RIGHTS_SYSTEM : ""};
    return select->n_target_list >= width_of(rights) &&
           (equals_text(proof, select, replacement_text(proof, rights, &shown)) ||
            equals_text(proof, select, replacement_text(proof, rights, &exploded)));
}

/* A replacement reads its own relation, or another one that has a replacement itself, first in its FROM. One
 * that reads neither needs no permission of this kind. */
bool hg_is_replacement(struct hg_proof *proof, const PgQuery__SelectStmt *select)
{
    static const struct form plain = {HG_RIGHTS_ROLE, ""};
    const PgQuery__Node *from_first = select->n_from_clause ? select->from_clause[0] : NULL;
    if (!from_first || from_first->node_case != PG_QUERY__NODE__NODE_RANGE_VAR)
        return false;
    const PgQuery__RangeVar *first = from_first->range_var;
    const struct hg_catalog_relation *read =
        hg_allow_catalog_relation(hg_slice_cstr(first->schemaname), hg_slice_cstr(first->relname));
    if (!read || (!read->replacement && !read->rights))
        return false;
    if (read->rights)
        return is_rights(proof, select, read->rights);
    struct hg_slice from = hg_arena_printf(proof->arena, " FROM %s.%s", read->schema, read->name);
    const struct hg_catalog_relation *one;
    for (size_t i = 0; (one = hg_catalog_relation_at(i)); i++)
        if (one->allowed && one->replacement && strstr(one->replacement, from.ptr) &&
            equals_text(proof, select, replacement_text(proof, one->replacement, &plain)))
            return true;
    return false;
}
