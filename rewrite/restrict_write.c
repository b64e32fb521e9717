/* What is written gets its physical name, under the name that the statement has for it, and
 *
 *     UPDATE, DELETE   WHERE t.tenant_column = '<value>' [AND <guard>] [AND <rows:>]
 *                      [AND (<client's condition>)]
 *     INSERT           (<client's columns>, tenant_column), and '<value>' behind the values of each row
 *     ON CONFLICT      the tenant's column among those of the key; DO UPDATE like UPDATE
 *
 * A target cannot be kept from being flattened. Where a table that is read would need OFFSET 0 (see leak.c),
 * the client's condition is put into a CASE, which PostgreSQL evaluates in order.
 *
 * When a value for a declared tenant column is computed, PostgreSQL checks it:
 *
 *     CASE WHEN CAST(<value> AS <type>) = '<own>' THEN '<own>'
 *          ELSE CAST(pg_catalog.current_setting('headgate.foreign_tenant') AS <type>) END
 *
 * There is no such setting, and the error that this makes is translated on its way to the client.
 *
 * On the catalog backend, for EXPLAIN, only names change. */
#include "restrict.h"

#include "build.h"
#include "copy_statement.h"
#include "rows.h"

#define FOREIGN_TENANT HG_LIT("headgate.foreign_tenant")
#define SOURCE_ALIAS   HG_LIT("source")

struct writing {
    const struct hg_resolved *resolved;
    const struct hg_context *context;
    struct hg_arena *arena;
};

static PgQuery__Node *own_value(const struct writing *x)
{
    return hg_build_text(x->arena, x->context->user->tenant->value, HG_LOCATION_TENANT);
}

/* CASE WHEN … as above. */
static PgQuery__Node *checked_value(const struct writing *x, PgQuery__Node *value, const struct hg_type *type)
{
    PgQuery__Node *call = hg_build_call(x->arena, HG_LIT("current_setting"));
    call->func_call->args =
        hg_build_appended(x->arena, NULL, 0, hg_build_text(x->arena, FOREIGN_TENANT, HG_LOCATION_NONE));
    call->func_call->n_args = 1;
    PgQuery__Node *is_own =
        hg_build_equal(x->arena, hg_build_cast(x->arena, value, type->name), own_value(x));
    return hg_build_choice(x->arena, is_own, own_value(x), hg_build_cast(x->arena, call, type->name));
}

/* ---- UPDATE, DELETE ---- */

static PgQuery__Node *tenant_is(const struct writing *x, const struct hg_write *write)
{
    PgQuery__Node *column =
        hg_build_column(x->arena, write->item->printed, write->view->table->tenant_column);
    return hg_build_equal(x->arena, column, own_value(x));
}

static PgQuery__Node *rows_and(const struct writing *x, const struct hg_write *write, bool guard,
                               PgQuery__Node *where)
{
    return hg_rows_and(write->view, x->context, write->item->printed, guard, where, tenant_is(x, write),
                       x->arena);
}

/* The client's condition behind the predicate. */
static PgQuery__Node *own_rows(const struct writing *x, const struct hg_write *write,
                               PgQuery__Node *condition)
{
    enum hg_leak leak = hg_restrict_leak(x->resolved, write->view);
    bool guard = leak == HG_LEAK_GUARD && hg_rows_guardable(write->view);
    PgQuery__Node *where = tenant_is(x, write);
    if (guard)
        where = hg_build_and(x->arena, where, hg_build_guard(x->arena, tenant_is(x, write)));
    where = rows_and(x, write, guard, where);
    if (!condition)
        return where;
    if (leak != HG_LEAK_NONE && !guard)
        condition =
            hg_build_choice(x->arena, rows_and(x, write, false, tenant_is(x, write)), condition, NULL);
    return hg_build_and(x->arena, where, condition);
}

/* ---- INSERT ---- */

static void append_value(const struct writing *x, size_t *count, PgQuery__Node ***list, PgQuery__Node *value)
{
    *list = hg_build_appended(x->arena, *list, *count, value);
    (*count)++;
}

static void append_to_values(const struct writing *x, PgQuery__SelectStmt *source)
{
    for (size_t i = 0; i < source->n_values_lists; i++) {
        PgQuery__List *row = source->values_lists[i]->list;
        append_value(x, &row->n_items, &row->items, own_value(x));
    }
}

/* DEFAULT VALUES: all other columns get theirs by not being named. */
static PgQuery__SelectStmt *values_of_nothing(const struct writing *x)
{
    PgQuery__SelectStmt *source = hg_build_select(x->arena);
    PgQuery__List *row = HG_NEW(x->arena, PgQuery__List);
    *row = (PgQuery__List)PG_QUERY__LIST__INIT;
    source->values_lists =
        hg_build_appended(x->arena, NULL, 0, hg_build_node(x->arena, PG_QUERY__NODE__NODE_LIST, row));
    source->n_values_lists = 1;
    return source;
}

/* SELECT FROM (source) AS source. */
static PgQuery__SelectStmt *select_from(const struct writing *x, PgQuery__Node *source, PgQuery__Alias *alias)
{
    PgQuery__SelectStmt *select = hg_build_select(x->arena);
    select->from_clause =
        hg_build_appended(x->arena, NULL, 0, hg_build_subselect(x->arena, source->select_stmt, alias));
    select->n_from_clause = 1;
    return select;
}

static void add_target(const struct writing *x, PgQuery__SelectStmt *select, PgQuery__Node *value)
{
    append_value(x, &select->n_target_list, &select->target_list,
                 hg_build_target(x->arena, HG_LIT(""), value));
}

/* A union and the like: SELECT source.*, '<value>' FROM (…) AS source. */
static PgQuery__Node *beside_tenant(const struct writing *x, PgQuery__Node *source)
{
    PgQuery__SelectStmt *select = select_from(x, source, hg_build_alias(x->arena, SOURCE_ALIAS));
    add_target(x, select, hg_build_row(x->arena, SOURCE_ALIAS));
    add_target(x, select, own_value(x));
    return hg_build_node(x->arena, PG_QUERY__NODE__NODE_SELECT_STMT, select);
}

/* The source's n-th column is the tenant's: SELECT source.c1, CASE … source.cn … FROM (…) AS source (c1, …).
 */
static PgQuery__Node *with_checked(const struct writing *x, const struct hg_write *write,
                                   const PgQuery__InsertStmt *insert)
{
    const struct hg_table *table = write->view->table;
    PgQuery__Alias *alias = hg_build_alias(x->arena, SOURCE_ALIAS);
    PgQuery__SelectStmt *select = select_from(x, insert->select_stmt, alias);
    for (size_t i = 0; i < insert->n_cols; i++) {
        struct hg_slice name = hg_arena_printf(x->arena, "c%zu", i + 1);
        PgQuery__Node *value = hg_build_column(x->arena, SOURCE_ALIAS, name);
        append_value(x, &alias->n_colnames, &alias->colnames, hg_build_string(x->arena, name));
        if ((int)i == write->checked)
            value = checked_value(x, value, &table->columns[table->tenant_column_index].type);
        add_target(x, select, value);
    }
    return hg_build_node(x->arena, PG_QUERY__NODE__NODE_SELECT_STMT, select);
}

static void add_tenant(const struct writing *x, const struct hg_write *write, PgQuery__InsertStmt *insert)
{
    append_value(x, &insert->n_cols, &insert->cols,
                 hg_build_target(x->arena, write->view->table->tenant_column, NULL));
    if (!insert->select_stmt)
        insert->select_stmt = hg_build_node(x->arena, PG_QUERY__NODE__NODE_SELECT_STMT, values_of_nothing(x));
    PgQuery__SelectStmt *source = insert->select_stmt->select_stmt;
    if (write->apart)
        insert->select_stmt = beside_tenant(x, insert->select_stmt);
    else if (source->n_values_lists)
        append_to_values(x, source);
    else
        add_target(x, source, own_value(x));
}

static void add_to_key(const struct writing *x, const struct hg_write *write, PgQuery__InferClause *infer)
{
    struct hg_slice tenant = write->view->table->tenant_column;
    for (size_t i = 0; i < infer->n_index_elems; i++)
        if (hg_slice_is(tenant, infer->index_elems[i]->index_elem->name))
            return;
    append_value(x, &infer->n_index_elems, &infer->index_elems, hg_build_index_element(x->arena, tenant));
}

static void restrict_insert(const struct writing *x, const struct hg_write *write,
                            PgQuery__InsertStmt *insert)
{
    PgQuery__OnConflictClause *conflict = insert->on_conflict_clause;
    if (write->gets_tenant)
        add_tenant(x, write, insert);
    else if (write->checked >= 0)
        insert->select_stmt = with_checked(x, write, insert);
    if (conflict && conflict->infer)
        add_to_key(x, write, conflict->infer);
    if (conflict && conflict->action == PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_UPDATE)
        conflict->where_clause = own_rows(x, write, conflict->where_clause);
}

/* ---- all of them ---- */

static void name_target(const struct writing *x, const struct hg_write *write, bool physical)
{
    const struct hg_table *table = write->view->table;
    PgQuery__RangeVar *range = write->range;
    range->catalogname = (char *)protobuf_c_empty_string;
    range->schemaname = hg_arena_cstr(x->arena, physical ? table->physical_schema : table->schema);
    range->relname = hg_arena_cstr(x->arena, physical ? table->physical_name : table->name);
    range->inh = hg_restrict_inherits(table, range);
    if (!range->alias)
        range->alias = hg_build_alias(x->arena, write->item->printed);
}

static void restrict_one(const struct writing *x, const struct hg_write *write)
{
    PgQuery__Node *place = write->place;
    if (place->node_case == PG_QUERY__NODE__NODE_INSERT_STMT)
        restrict_insert(x, write, place->insert_stmt);
    else if (place->node_case == PG_QUERY__NODE__NODE_UPDATE_STMT)
        place->update_stmt->where_clause = own_rows(x, write, place->update_stmt->where_clause);
    else
        place->delete_stmt->where_clause = own_rows(x, write, place->delete_stmt->where_clause);
}

void hg_restrict_writes(struct hg_resolved *resolved, const struct hg_context *context,
                        enum hg_restrict_for where, struct hg_arena *arena)
{
    struct writing x = {resolved, context, arena};
    if (resolved->writes && resolved->writes->place->node_case == PG_QUERY__NODE__NODE_COPY_STMT) {
        hg_restrict_copy_from(resolved->writes, context, arena);
        return;
    }
    for (const struct hg_write *one = resolved->writes; one; one = one->next)
        name_target(&x, one, where == HG_FOR_DATA);
    if (where != HG_FOR_DATA)
        return;
    for (const struct hg_tenant_value *one = resolved->tenant_values; one; one = one->next) {
        PgQuery__Node *value = HG_NEW(arena, PgQuery__Node);
        *value = *one->place;
        *one->place = *checked_value(&x, value, one->type);
    }
    for (const struct hg_write *one = resolved->writes; one; one = one->next)
        restrict_one(&x, one);
}
