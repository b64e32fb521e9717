/* COPY … TO STDOUT and COPY … FROM STDIN.
 *
 * COPY (query) TO carries its query around, which goes the way of any query. COPY table TO is first made
 * COPY (SELECT columns FROM ONLY table) TO, so that only what a SELECT may show can leave. COPY table FROM
 * names its target, which copy_from.c resolves.
 *
 * Files and programs are the servers' own, and refused by name. */
#include "build.h"
#include "copy_statement.h"
#include "search_path.h"

static bool refuse_place(struct hg_statement *statement, const PgQuery__CopyStmt *copy)
{
    const char *what = copy->is_program ? "an external program" : "a file";
    hg_statement_refuse(statement, -1, HG_INSUFFICIENT_PRIVILEGE, "permission denied to COPY to or from %s",
                        what);
    hg_fault_hint(&statement->verdict->fault, statement->arena,
                  "COPY … TO STDOUT and FROM STDIN transfer to and from the client, as psql's \\copy does.");
    return false;
}

/* What the table's name will mean, when it means a table of schema.sql; what else it may mean has no
 * generated columns. */
static const struct hg_table *table_of(const struct hg_statement *statement, const PgQuery__RangeVar *range)
{
    const struct hg_context *context = statement->context;
    const struct hg_role *role = context->user->role;
    struct hg_slice name = hg_slice_cstr(range->relname);
    if (*range->schemaname)
        return hg_role_table(context->snapshot, role, hg_slice_cstr(range->schemaname), name);
    struct hg_search_path path = hg_search_path_of(context->search_path, context, statement->arena);
    for (size_t i = 0; i < path.count; i++) {
        const struct hg_table *table = hg_role_table(context->snapshot, role, path.schemas[i], name);
        if (table)
            return table;
    }
    return NULL;
}

/* A column that is computed from others is not copied. */
static void list_columns(const struct hg_statement *statement, PgQuery__CopyStmt *copy)
{
    const struct hg_table *table = table_of(statement, copy->relation);
    const struct hg_role *role = statement->context->user->role;
    size_t generated = 0;
    for (size_t i = 0; table && i < table->ncolumns; i++)
        generated += table->columns[i].generated;
    if (generated == 0 || !role->views[table->index].readable)
        return;
    copy->attlist = HG_NEW_ARRAY(statement->arena, PgQuery__Node *, table->ncolumns);
    for (size_t i = 0; i < table->ncolumns; i++)
        if (!table->columns[i].generated && !role->views[table->index].columns[i].hidden)
            copy->attlist[copy->n_attlist++] = hg_build_string(statement->arena, table->columns[i].name);
}

/* Errors without a position, as PostgreSQL's are. */
static bool refuse_listed(struct hg_statement *statement, const char *code, const char *what,
                          struct hg_slice name, const char *detail)
{
    hg_statement_refuse(statement, -1, code, "column \"%.*s\" %s", HG_SLICE_FMT(name), what);
    statement->verdict->fault.position = 0;
    if (detail)
        hg_fault_detail(&statement->verdict->fault, statement->arena, "%s", detail);
    return false;
}

static bool check_listed(struct hg_statement *statement, const PgQuery__CopyStmt *copy)
{
    const struct hg_table *table = table_of(statement, copy->relation);
    const struct hg_table_view *view = table ? &statement->context->user->role->views[table->index] : NULL;
    if (!table || !view->readable)
        return true;
    bool *named = HG_NEW_ARRAY(statement->arena, bool, table->ncolumns);
    for (size_t i = 0; i < copy->n_attlist; i++) {
        struct hg_slice name = hg_string_of(copy->attlist[i]);
        int at = hg_table_column(table, name);
        if (at < 0 || view->columns[at].hidden)
            continue;
        if (table->columns[at].generated)
            return refuse_listed(statement, HG_INVALID_COLUMN_REFERENCE, "is a generated column", name,
                                 "Generated columns cannot be used in COPY.");
        if (named[at])
            return refuse_listed(statement, HG_DUPLICATE_COLUMN, "specified more than once", name, NULL);
        named[at] = true;
    }
    return true;
}

/* PostgreSQL copies what is in the table itself. */
static bool has_own_rows(struct hg_statement *statement, const PgQuery__RangeVar *range)
{
    const struct hg_table *table = table_of(statement, range);
    if (!table || !table->partitioned || !statement->context->user->role->views[table->index].readable)
        return true;
    hg_statement_refuse(statement, -1, HG_WRONG_OBJECT_TYPE, "cannot copy from partitioned table \"%s\"",
                        range->relname);
    statement->verdict->fault.position = 0;
    hg_fault_hint(&statement->verdict->fault, statement->arena, "Try the COPY (SELECT ...) TO variant.");
    return false;
}

/* SELECT columns FROM table, without those that inherit from it; without columns all that the client sees. */
static PgQuery__Node *select_of(struct hg_statement *statement, const PgQuery__CopyStmt *copy)
{
    struct hg_arena *arena = statement->arena;
    PgQuery__SelectStmt *select = hg_build_select(arena);
    select->target_list = HG_NEW_ARRAY(arena, PgQuery__Node *, copy->n_attlist + 1);
    for (size_t i = 0; i < copy->n_attlist; i++)
        select->target_list[select->n_target_list++] = hg_build_target(
            arena, HG_LIT(""), hg_build_column(arena, HG_LIT(""), hg_string_of(copy->attlist[i])));
    if (copy->n_attlist == 0)
        select->target_list[select->n_target_list++] =
            hg_build_target(arena, HG_LIT(""), hg_build_star(arena));
    const struct hg_table *known = table_of(statement, copy->relation);
    if (known && known->children)
        copy->relation->inh = false;
    PgQuery__Node *table = hg_build_node(arena, PG_QUERY__NODE__NODE_RANGE_VAR, copy->relation);
    select->from_clause = hg_build_appended(arena, NULL, 0, table);
    select->n_from_clause = 1;
    return hg_build_node(arena, PG_QUERY__NODE__NODE_SELECT_STMT, select);
}

static bool classify_to(struct hg_statement *statement, PgQuery__CopyStmt *copy, PgQuery__Node **query,
                        struct hg_carrier *carrier)
{
    if (copy->query && !hg_statement_is_query(copy->query))
        return hg_statement_refuse(statement, -1, HG_FEATURE_NOT_SUPPORTED, "COPY (%.*s) is not supported",
                                   HG_SLICE_FMT(hg_statement_name_of(copy->query, statement->arena).name));
    if (!copy->query) {
        if (!has_own_rows(statement, copy->relation) || !check_listed(statement, copy))
            return false;
        if (copy->n_attlist == 0)
            list_columns(statement, copy);
        copy->query = select_of(statement, copy);
        copy->relation = NULL;
        copy->n_attlist = 0;
    }
    statement->verdict->statement = HG_STMT_COPY_OUT;
    carrier->kind = HG_CARRIER_COPY;
    *query = copy->query;
    return true;
}

/* The one byte of an option. PostgreSQL refuses other numbers of them, before any row. */
static char byte_of(struct hg_slice given, char otherwise)
{
    return given.ptr ? (given.len ? given.ptr[0] : '\0') : otherwise;
}

/* Lines that begin or end within a quote that is itself a newline are more than anybody should have to think
 * about. */
static bool check_quote(struct hg_statement *statement, char byte, const char *name)
{
    return (byte != '\n' && byte != '\r') ||
           hg_statement_refuse(statement, -1, HG_INVALID_PARAMETER_VALUE,
                               "COPY %s cannot be newline or carriage return", name);
}

static bool plan_of(struct hg_statement *statement, const struct hg_copy_options *options,
                    struct hg_copy_in *plan)
{
    struct hg_slice null = options->csv ? HG_LIT("") : HG_LIT("\\N");
    *plan = (struct hg_copy_in){.csv = options->csv, .header = options->header};
    plan->delimiter = byte_of(options->delimiter, options->csv ? ',' : '\t');
    plan->quote = byte_of(options->quote, '"');
    plan->escape = byte_of(options->escape, plan->quote);
    plan->null = hg_arena_slice(statement->arena, options->null.ptr ? options->null : null);
    return check_quote(statement, plan->quote, "quote") && check_quote(statement, plan->escape, "escape");
}

/* What the table adds to the plan is known when it has been resolved. */
static bool classify_from(struct hg_statement *statement, const PgQuery__CopyStmt *copy,
                          const struct hg_copy_options *options, PgQuery__Node **query,
                          struct hg_carrier *carrier)
{
    if (!hg_statement_may(statement, HG_GRANT_INSERT))
        return false;
    if (copy->where_clause) {
        hg_statement_refuse(statement, -1, HG_FEATURE_NOT_SUPPORTED, "COPY FROM with WHERE is not supported");
        hg_fault_hint(&statement->verdict->fault, statement->arena, "Leave rows out before they are sent.");
        return false;
    }
    struct hg_copy_in *plan = HG_NEW(statement->arena, struct hg_copy_in);
    if (!plan_of(statement, options, plan))
        return false;
    statement->verdict->statement = HG_STMT_COPY_IN;
    statement->verdict->copy_in = plan;
    carrier->kind = HG_CARRIER_COPY;
    *query = statement->node;
    return true;
}

bool hg_classify_copy(struct hg_statement *statement, PgQuery__CopyStmt *copy, PgQuery__Node **query,
                      struct hg_carrier *carrier)
{
    struct hg_copy_options options;
    if (!hg_statement_may(statement, HG_GRANT_COPY))
        return false;
    if (copy->is_program || copy->filename != (const char *)protobuf_c_empty_string)
        return refuse_place(statement, copy);
    if (!hg_copy_options_read(statement, copy, &options))
        return false;
    if (copy->relation)
        copy->relation->location = HG_LOCATION_NONE; /* PostgreSQL gives no positions for it */
    return copy->is_from ? classify_from(statement, copy, &options, query, carrier)
                         : classify_to(statement, copy, query, carrier);
}
