/* A reference to a tenant's table becomes
 *
 *     (SELECT <visible columns; masks as expressions> FROM schema.table WHERE table.tenant_column =
 * '<value>') AS alias
 *
 * whatever the client wrote around it: a wrapped table cannot be widened by an OR, reached around by an outer
 * join, or shadowed by a name. Shared tables are wrapped likewise, without a predicate, so that hidden
 * columns, masks and the order of columns are schema.sql's. PostgreSQL flattens the sub-select to the plan of
 * a hand-written predicate.
 *
 * The predicate's column is qualified by the table's name: should the physical table lack it, the backend
 * fails; it does not find a column of that name in a query around it.
 *
 * In the catalog database, whose tables are empty and whose plans are shown, masks are left out: what they are
 * made of is not the client's to see.
 *
 * A role's `rows:` stand behind the predicate, see rows.h; they are all the predicate that a shared table
 * has.
 *
 * Where a condition of the client could raise an error on a row of others before the predicate turns it away,
 * the predicate gets a guard, or the wrapper is kept from being flattened: see leak.c. */
#include "restrict.h"

#include "build.h"
#include "reflect.h"
#include "replacement.h"
#include "rows.h"

#define MAX_COLUMNS 200000 /* of all wrappers of a statement together */

struct restriction {
    const struct hg_context *context;
    const struct hg_resolved *resolved;
    enum hg_restrict_for where;
    struct hg_arena *arena;
    struct hg_fault *fault;
    size_t columns;
};

static PgQuery__Alias *alias_of(struct restriction *x, const struct hg_reference *reference)
{
    if (reference->range->alias)
        return reference->range->alias;
    return hg_build_alias(x->arena, reference->item->printed);
}

static PgQuery__Node *visible_column(struct restriction *x, const struct hg_column_view *view)
{
    struct hg_slice name = view->column->name;
    if (!view->mask || x->where == HG_FOR_CATALOG)
        return hg_build_target(x->arena, HG_LIT(""), hg_build_column(x->arena, HG_LIT(""), name));
    /* Shared with other threads, and read only by those who come after. */
    return hg_build_target(x->arena, name, (PgQuery__Node *)view->mask);
}

static void add_columns(struct restriction *x, const struct hg_table_view *view, PgQuery__SelectStmt *select)
{
    const struct hg_table *table = view->table;
    select->target_list = HG_NEW_ARRAY(x->arena, PgQuery__Node *, table->ncolumns);
    for (size_t i = 0; i < table->ncolumns; i++)
        if (!view->columns[i].hidden)
            select->target_list[select->n_target_list++] = visible_column(x, &view->columns[i]);
}

bool hg_restrict_inherits(const struct hg_table *table, const PgQuery__RangeVar *range)
{
    return range->inh || !table->children;
}

static PgQuery__Node *from_item(struct restriction *x, const struct hg_reference *reference,
                                struct hg_slice schema, struct hg_slice name)
{
    bool inherits = hg_restrict_inherits(reference->view->table, reference->range);
    PgQuery__Node *table = hg_build_table(x->arena, schema, name, inherits, reference->range->location);
    if (!reference->sample)
        return table;
    PgQuery__RangeTableSample *sample = HG_NEW(x->arena, PgQuery__RangeTableSample);
    *sample = *reference->sample;
    sample->relation = table;
    return hg_build_node(x->arena, PG_QUERY__NODE__NODE_RANGE_TABLE_SAMPLE, sample);
}

/* Grouping sets over a column that is known to be constant come back in the wrong order from PostgreSQL 15,
 * which drops the constant from the sort although grouping nulls it. OFFSET 0 hides that it is constant. */
static bool groups_by_constant(const struct restriction *x, const struct hg_table_view *view)
{
    int tenant = view->table->tenant_column_index;
    return x->resolved->grouping_sets && (view->rows || (tenant >= 0 && !view->columns[tenant].hidden));
}

/* Does even a comparison of some column do more than compare? A mask is an expression; areas overflow; arrays
 * of what has no equality are compared up to their first elements. */
static bool may_fail(const struct hg_column_view *view)
{
    static const char *const names[] = {"box", "circle", "line", "lseg", "path", "point", "polygon"};
    const struct hg_type *type = &view->column->type;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (hg_slice_is(type->name, names[i]) && hg_slice_is(type->schema, "pg_catalog"))
            return true;
    return view->mask || (type->array && (hg_slice_is(type->name, "json") || hg_slice_is(type->name, "xml")));
}

enum hg_leak hg_restrict_leak(const struct hg_resolved *resolved, const struct hg_table_view *view)
{
    enum hg_leak leak = resolved->leak == HG_LEAK_ARRAYS ? HG_LEAK_GUARD : resolved->leak;
    for (size_t i = 0; i < view->table->ncolumns; i++) {
        const struct hg_type *type = &view->table->columns[i].type;
        if (view->columns[i].hidden)
            continue;
        /* An enum or a domain: who knows what stands under it? */
        bool array = type->array || !hg_slice_is(type->schema, "pg_catalog");
        if (resolved->leak == HG_LEAK_ARRAYS && array)
            return HG_LEAK_FENCE;
        if (leak == HG_LEAK_NONE && may_fail(&view->columns[i]))
            leak = HG_LEAK_GUARD;
    }
    return leak;
}

static PgQuery__Node *tenant_is(struct restriction *x, const struct hg_table *table)
{
    PgQuery__Node *column = hg_build_column(x->arena, table->physical_name, table->tenant_column);
    PgQuery__Node *value = hg_build_text(x->arena, x->context->user->tenant->value, HG_LOCATION_TENANT);
    return hg_build_equal(x->arena, column, value);
}

static void add_predicate(struct restriction *x, const struct hg_table_view *view,
                          PgQuery__SelectStmt *select)
{
    const struct hg_table *table = view->table;
    enum hg_leak leak = hg_restrict_leak(x->resolved, view);
    if (leak == HG_LEAK_GUARD && !hg_rows_guardable(view))
        leak = HG_LEAK_FENCE;
    if (!table->shared)
        select->where_clause = tenant_is(x, table);
    if (!table->shared && leak == HG_LEAK_GUARD)
        select->where_clause =
            hg_build_and(x->arena, select->where_clause, hg_build_guard(x->arena, tenant_is(x, table)));
    select->where_clause =
        hg_rows_and(view, x->context, table->physical_name, leak == HG_LEAK_GUARD, select->where_clause,
                    table->shared ? NULL : tenant_is(x, table), x->arena);
    if (leak == HG_LEAK_FENCE || groups_by_constant(x, view)) {
        select->limit_offset = hg_build_integer(x->arena, 0, HG_LOCATION_NONE);
        select->limit_option =
            PG_QUERY__LIMIT_OPTION__LIMIT_OPTION_COUNT; /* as the grammar has it with OFFSET */
    }
}

static bool wrap(struct restriction *x, const struct hg_reference *reference)
{
    const struct hg_table *table = reference->view->table;
    bool physical = x->where == HG_FOR_DATA;
    struct hg_slice schema = physical ? table->physical_schema : table->schema;
    struct hg_slice name = physical ? table->physical_name : table->name;
    PgQuery__SelectStmt *select = hg_build_select(x->arena);
    x->columns += table->ncolumns;
    if (x->columns > MAX_COLUMNS)
        return hg_fault_set(x->fault, x->arena, HG_STATEMENT_TOO_COMPLEX,
                            "the tables of this statement have more than %d columns together", MAX_COLUMNS);
    add_columns(x, reference->view, select);
    select->from_clause = hg_build_appended(x->arena, NULL, 0, from_item(x, reference, schema, name));
    select->n_from_clause = 1;
    if (physical && (!table->shared || reference->view->rows))
        add_predicate(x, reference->view, select);
    *reference->place = *hg_build_subselect(x->arena, select, alias_of(x, reference));
    return true;
}

static bool shows_all(const struct hg_table_view *view)
{
    for (size_t i = 0; i < view->table->ncolumns; i++)
        if (view->columns[i].hidden)
            return false;
    return true;
}

static void qualify(struct restriction *x, const struct hg_reference *reference, struct hg_slice schema)
{
    PgQuery__RangeVar *range = reference->range;
    range->catalogname = (char *)protobuf_c_empty_string;
    range->schemaname = hg_arena_cstr(x->arena, schema);
    range->alias = alias_of(x, reference);
}

static bool use_catalog_relation(struct restriction *x, const struct hg_reference *reference)
{
    PgQuery__SelectStmt *select;
    if (reference->sample)
        return hg_fault_set(x->fault, x->arena, HG_FEATURE_NOT_SUPPORTED,
                            "TABLESAMPLE of a system relation is not supported");
    if (!hg_replacement_of(reference->catalog, x->resolved, x->context, x->arena, &select, x->fault))
        return false;
    if (!select)
        qualify(x, reference, hg_slice_cstr(reference->catalog->schema));
    else
        *reference->place = *hg_build_subselect(x->arena, select, alias_of(x, reference));
    return true;
}

bool hg_restrict(struct hg_resolved *resolved, const struct hg_context *context, enum hg_restrict_for where,
                 struct hg_arena *arena, struct hg_fault *fault)
{
    struct restriction x = {context, resolved, where, arena, fault, 0};
    for (const struct hg_reference *one = resolved->references; one; one = one->next) {
        if (one->catalog) {
            if (!use_catalog_relation(&x, one))
                return false;
        } else if (where == HG_FOR_CATALOG && !one->sample && shows_all(one->view)) {
            qualify(&x, one, one->view->table->schema);
        } else if (!wrap(&x, one)) {
            return false;
        }
    }
    for (const struct hg_edit *edit = resolved->edits; edit; edit = edit->next)
        if (where == HG_FOR_DATA || !edit->rows_only)
            *edit->place = edit->with;
    hg_restrict_writes(resolved, context, where, arena);
    return true;
}
