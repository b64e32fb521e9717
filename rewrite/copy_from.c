/* COPY table (columns) FROM STDIN becomes
 *
 *     COPY schema.table (tenant_column, columns) FROM STDIN
 *     WHERE CASE WHEN table.tenant_column = '<value>' THEN TRUE
 *                ELSE CAST(pg_catalog.current_setting('headgate.foreign_tenant') AS bool) END
 *
 * The list of columns is always written. When the client's has no tenant column it comes first, and the proxy
 * puts its value in front of each row; else the client's rows have it themselves. In either case it is
 * PostgreSQL that looks at each row as it understood it: one that is not the tenant's fails the whole of the
 * COPY, since there is no such setting (the error that this makes is translated on its way to the client).
 * So the tenant's value in what is stored does not hang on how anybody reads quotes and newlines.
 *
 * Every column named, be it in an option, is one that the role sees as it is. */
#include "build.h"
#include "copy_statement.h"
#include "resolver.h"

/* ---- resolving ---- */

/* PostgreSQL gives no positions for columns of COPY. */
static bool check_column(struct hg_resolver *r, const struct hg_write *write, const char *name,
                         size_t *column)
{
    PgQuery__ResTarget target = PG_QUERY__RES_TARGET__INIT;
    if (hg_is_system_column(hg_slice_cstr(name)))
        return hg_refuse(r, -1, HG_UNDEFINED_COLUMN, "column \"%s\" of relation \"%.*s\" does not exist",
                         name, HG_SLICE_FMT(write->view->table->name));
    target.name = (char *)name;
    target.location = -1;
    return hg_assigned_column(r, write, &target, false, column);
}

static bool check_columns(struct hg_resolver *r, struct hg_write *write, const PgQuery__CopyStmt *copy)
{
    bool *named = HG_NEW_ARRAY(r->arena, bool, write->view->table->ncolumns);
    for (size_t i = 0; i < copy->n_attlist; i++) {
        const char *name = hg_string_of(copy->attlist[i]).ptr;
        size_t column;
        if (!check_column(r, write, name, &column))
            return false;
        if (write->view->table->columns[column].generated) {
            hg_refuse(r, -1, HG_INVALID_COLUMN_REFERENCE, "column \"%s\" is a generated column", name);
            hg_fault_detail(r->fault, r->arena, "Generated columns cannot be used in COPY.");
            return false;
        }
        if (named[column])
            return hg_refuse(r, -1, HG_DUPLICATE_COLUMN, "column \"%s\" specified more than once", name);
        named[column] = true;
        if (!hg_may_refer(r, write, column, NULL, -1))
            return false;
        if ((int)column == write->view->table->tenant_column_index)
            write->gets_tenant = false;
    }
    return hg_given_numbers(r, write, named);
}

/* Without a list: all columns that are not computed, in schema.sql's order. */
static bool name_all(struct hg_resolver *r, const struct hg_write *write, PgQuery__CopyStmt *copy)
{
    const struct hg_table_view *view = write->view;
    copy->attlist = HG_NEW_ARRAY(r->arena, PgQuery__Node *, view->table->ncolumns + 1);
    for (size_t i = 0; i < view->table->ncolumns; i++) {
        struct hg_slice name = view->columns[i].column->name;
        if (!view->columns[i].hidden && !view->columns[i].column->generated)
            copy->attlist[copy->n_attlist++] = hg_build_string(r->arena, name);
    }
    return true;
}

static bool is_named(const PgQuery__CopyStmt *copy, const char *name)
{
    for (size_t i = 0; i < copy->n_attlist; i++)
        if (hg_slice_is(hg_string_of(copy->attlist[i]), name))
            return true;
    return false;
}

/* FORCE_NULL, FORCE_NOT_NULL. */
static bool check_option(struct hg_resolver *r, const struct hg_write *write, const PgQuery__CopyStmt *copy,
                         const PgQuery__DefElem *option)
{
    bool null = strcmp(option->defname, "force_null") == 0;
    if (!null && strcmp(option->defname, "force_not_null") != 0)
        return true;
    for (size_t i = 0; i < option->arg->list->n_items; i++) {
        const char *name = hg_string_of(option->arg->list->items[i]).ptr;
        size_t column;
        if (!check_column(r, write, name, &column))
            return false;
        if (!is_named(copy, name))
            return hg_refuse(r, -1, HG_INVALID_COLUMN_REFERENCE, "%s column \"%s\" not referenced by COPY",
                             null ? "FORCE_NULL" : "FORCE_NOT_NULL", name);
    }
    return true;
}

/* Values in binary form are the client's own; one could be put before them only in the column's type. */
static bool check_format(struct hg_resolver *r, const struct hg_write *write, const PgQuery__DefElem *option)
{
    if (!write->gets_tenant || strcmp(option->defname, "format") != 0 ||
        !hg_slice_is(hg_string_of(option->arg), "binary"))
        return true;
    hg_refuse(r, option->location, HG_FEATURE_NOT_SUPPORTED, "COPY FROM in binary format is not supported");
    return hg_refuse_hint(r, "Send the rows as text or as CSV.");
}

static bool check_rows(struct hg_resolver *r, const struct hg_write *write)
{
    if (!write->view->rows)
        return true;
    hg_refuse(r, write->range->location, HG_INSUFFICIENT_PRIVILEGE, "permission denied for table %s",
              write->range->relname);
    return hg_refuse_hint(r, "Only some of its rows are visible here, and new ones might not be.");
}

bool hg_resolve_copy_from(struct hg_resolver *r, PgQuery__Node *place)
{
    PgQuery__CopyStmt *copy = place->copy_stmt;
    struct hg_write *write;
    if (!hg_open_target(r, place, copy->relation, &write) || !check_rows(r, write))
        return false;
    write->gets_tenant = true;
    if ((copy->n_attlist == 0 && !name_all(r, write, copy)) || !check_columns(r, write, copy))
        return false;
    for (size_t i = 0; i < copy->n_options; i++)
        if (!check_option(r, write, copy, copy->options[i]->def_elem) ||
            !check_format(r, write, copy->options[i]->def_elem))
            return false;
    return true;
}

/* ---- restricting ---- */

static PgQuery__Node *truth(struct hg_arena *arena)
{
    PgQuery__AConst *constant = HG_NEW(arena, PgQuery__AConst);
    *constant = (PgQuery__AConst)PG_QUERY__A__CONST__INIT;
    constant->location = HG_LOCATION_NONE;
    constant->val_case = PG_QUERY__A__CONST__VAL_BOOLVAL;
    constant->boolval = HG_NEW(arena, PgQuery__Boolean);
    *constant->boolval = (PgQuery__Boolean)PG_QUERY__BOOLEAN__INIT;
    constant->boolval->boolval = true;
    return hg_build_node(arena, PG_QUERY__NODE__NODE_A_CONST, constant);
}

/* CASE WHEN … as above. */
static PgQuery__Node *check_of(const struct hg_table *table, const struct hg_context *context,
                               struct hg_arena *arena)
{
    PgQuery__Node *call = hg_build_call(arena, HG_LIT("current_setting"));
    PgQuery__Node *name = hg_build_text(arena, HG_LIT("headgate.foreign_tenant"), HG_LOCATION_NONE);
    call->func_call->args = hg_build_appended(arena, NULL, 0, name);
    call->func_call->n_args = 1;
    PgQuery__Node *column = hg_build_column(arena, table->physical_name, table->tenant_column);
    PgQuery__Node *value = hg_build_text(arena, context->user->tenant->value, HG_LOCATION_TENANT);
    return hg_build_choice(arena, hg_build_equal(arena, column, value), truth(arena),
                           hg_build_cast(arena, call, HG_LIT("bool")));
}

void hg_restrict_copy_from(const struct hg_write *write, const struct hg_context *context,
                           struct hg_arena *arena)
{
    const struct hg_table *table = write->view->table;
    PgQuery__CopyStmt *copy = write->place->copy_stmt;
    copy->relation->catalogname = (char *)protobuf_c_empty_string;
    copy->relation->schemaname = hg_arena_cstr(arena, table->physical_schema);
    copy->relation->relname = hg_arena_cstr(arena, table->physical_name);
    copy->where_clause = check_of(table, context, arena);
    if (!write->gets_tenant)
        return;
    PgQuery__Node **all = HG_NEW_ARRAY(arena, PgQuery__Node *, copy->n_attlist + 1);
    all[0] = hg_build_string(arena, table->tenant_column);
    memcpy(all + 1, copy->attlist, copy->n_attlist * sizeof *all);
    copy->attlist = all;
    copy->n_attlist++;
}
