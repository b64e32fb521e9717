/* Column references. Clients qualify columns by table, by schema and table, and by database; behind a
 * sub-select only alias.column is left of that, so a qualified reference is resolved to its item and written
 * anew. A bare name is left as it is: the backend resolves it among the same names.
 *
 * Two things hide behind `x.name` when x has no such column: a system column of the table, which a sub-select
 * does not offer, and a call of name(x), which must be on the list of functions like any other. */
#include "build.h"
#include "reflect.h"
#include "resolver.h"

bool hg_is_system_column(struct hg_slice name)
{
    static const char *const names[] = {"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (hg_slice_is(name, names[i]))
            return true;
    return false;
}

static bool refuse_system_column(struct hg_resolver *r, struct hg_slice name, const struct hg_item *item,
                                 int32_t location)
{
    hg_refuse(r, location, HG_FEATURE_NOT_SUPPORTED,
              "system column \"%.*s\" of table \"%.*s\" is not available", HG_SLICE_FMT(name),
              HG_SLICE_FMT(item->name));
    return hg_refuse_hint(r, "Use the table's key to tell its rows apart.");
}

static bool is_star(const PgQuery__Node *node)
{
    return node->node_case == PG_QUERY__NODE__NODE_A_STAR;
}

/* A bare system column means one of the nearest table, unless an item has a real column of that name. */
static bool check_bare_system_column(struct hg_resolver *r, const struct hg_scope *scope,
                                     struct hg_slice name, int32_t location)
{
    for (; scope; scope = scope->parent)
        for (size_t i = scope->first; i < scope->nitems; i++)
            if (scope->items[i]->kind == HG_ITEM_TABLE)
                return refuse_system_column(r, name, scope->items[i], location);
    return true;
}

/* Does the item's printed name mean it, from here? A name in between may hide it. */
bool hg_is_reached(const struct hg_scope *scope, const struct hg_item *item)
{
    for (; scope; scope = scope->parent)
        for (size_t i = scope->first; i < scope->nitems; i++) {
            const struct hg_item *one = scope->items[i];
            if (one->rel_visible && (!one->lateral_only || scope->lateral_active) &&
                hg_slice_equal(one->printed, item->printed))
                return one == item;
        }
    return false;
}

bool hg_qualify(struct hg_resolver *r, const struct hg_scope *scope, PgQuery__ColumnRef *column,
                const struct hg_item *item)
{
    PgQuery__Node *last = column->fields[column->n_fields - 1];
    if (column->n_fields == 2 && hg_slice_equal(hg_string_of(column->fields[0]), item->printed))
        return true;
    if (!hg_is_reached(scope, item)) {
        hg_refuse(r, column->location, HG_FEATURE_NOT_SUPPORTED,
                  "a reference to table \"%.*s\" past another one of the same name is not supported",
                  HG_SLICE_FMT(item->name));
        return hg_refuse_hint(r, "Give one of them an alias.");
    }
    column->fields = HG_NEW_ARRAY(r->arena, PgQuery__Node *, 2);
    column->fields[0] = hg_build_string(r->arena, item->printed);
    column->fields[1] = last;
    column->n_fields = 2;
    return true;
}

static bool refuse_ambiguous(struct hg_resolver *r, const PgQuery__ColumnRef *column,
                             struct hg_slice relation)
{
    return hg_refuse(r, column->location, HG_AMBIGUOUS_ALIAS, "table reference \"%.*s\" is ambiguous",
                     HG_SLICE_FMT(relation));
}

/* The row of `t AS x(a)` has t's own names for columns in PostgreSQL, and those of x when t is a sub-select.
 */
static bool row_is_whole(struct hg_resolver *r, const struct hg_item *item, int32_t location)
{
    if (item->target)
        return hg_refuse_target_row(r, item, location);
    if (!item->renamed)
        return true;
    hg_refuse(r, location, HG_FEATURE_NOT_SUPPORTED,
              "the whole row of table \"%.*s\" with renamed columns is not supported",
              HG_SLICE_FMT(item->name));
    return hg_refuse_hint(r, "Leave the list of column names out.");
}

static bool resolve_bare(struct hg_resolver *r, struct hg_scope *scope, PgQuery__ColumnRef *column)
{
    struct hg_slice name = hg_string_of(column->fields[0]);
    bool system = hg_is_system_column(name);
    struct hg_name found;
    struct hg_item *item;
    struct hg_scope *at;
    if (!system && !r->counting && !r->aliases && !r->renamed)
        return true; /* nothing depends on what it means */
    switch (hg_scope_column(scope, name, r->arena, &r->budget, &found, &at)) {
    case HG_FOUND:
        hg_group_needs(r, at, found);
        return true;
    case HG_FOUND_MAYBE:
    case HG_FOUND_TWICE:
        return true;
    case HG_NOT_FOUND:
        break;
    }
    enum hg_found row = hg_scope_item(scope, name, &r->budget, &item, &at);
    if (row == HG_FOUND_TWICE)
        return refuse_ambiguous(r, column, name);
    if (row == HG_FOUND) {
        if (!row_is_whole(r, item, column->location))
            return false;
        hg_group_needs_row(at, item);
        if (!hg_slice_equal(item->printed, name)) /* later: an output column is named after it */
            hg_edit_later(r, column->fields[0], hg_build_string(r->arena, item->printed));
        return true;
    }
    return !system || check_bare_system_column(r, scope, name, column->location);
}

static bool no_such_item(struct hg_resolver *r, const PgQuery__ColumnRef *column, struct hg_slice relation)
{
    return hg_refuse(r, column->location, HG_UNDEFINED_TABLE, "missing FROM-clause entry for table \"%.*s\"",
                     HG_SLICE_FMT(relation));
}

/* The item that all but the last field name. *item is NULL when the backend may say that there is none. */
static bool find_item(struct hg_resolver *r, struct hg_scope *scope, const PgQuery__ColumnRef *column,
                      struct hg_item **item, struct hg_scope **at)
{
    size_t n = column->n_fields;
    struct hg_slice relation = hg_string_of(column->fields[n - 2]);
    enum hg_found found;
    if (n > 4)
        return hg_refuse(r, column->location, HG_SYNTAX_ERROR,
                         "improper qualified name (too many dotted names)");
    if (n == 4 && !hg_slice_equal(hg_string_of(column->fields[0]), r->snapshot->database))
        return hg_refuse(r, column->location, HG_FEATURE_NOT_SUPPORTED,
                         "cross-database references are not implemented: %.*s",
                         HG_SLICE_FMT(hg_string_of(column->fields[0])));
    if (n == 2)
        found = hg_scope_item(scope, relation, &r->budget, item, at);
    else
        found = hg_scope_relation(scope, hg_string_of(column->fields[n - 3]), relation, &r->budget, item, at);
    if (found == HG_FOUND_TWICE)
        return refuse_ambiguous(r, column, relation);
    return found == HG_FOUND || n == 2 || no_such_item(r, column, relation);
}

static bool resolve_qualified(struct hg_resolver *r, struct hg_scope *scope, PgQuery__ColumnRef *column)
{
    struct hg_item *item;
    struct hg_scope *at;
    struct hg_name found;
    if (!find_item(r, scope, column, &item, &at))
        return false;
    PgQuery__Node *last = column->fields[column->n_fields - 1];
    if (!item)
        return is_star(last) || hg_resolve_attribute(r, hg_string_of(last), column->location);
    if (!hg_qualify(r, scope, column, item))
        return false;
    if (is_star(last)) {
        if (!row_is_whole(r, item, column->location))
            return false;
        hg_group_needs_all(r, at, item);
        hg_group_needs_row(at, item);
        return true;
    }
    struct hg_slice name = hg_string_of(last);
    if (hg_item_column(item, name, r->arena, &r->budget, &found) == HG_FOUND) {
        hg_group_needs(r, at, found);
        return true;
    }
    if (item->kind == HG_ITEM_TABLE && hg_is_system_column(name))
        return refuse_system_column(r, name, item, column->location);
    return hg_resolve_attribute(r, name, column->location);
}

bool hg_resolve_row(struct hg_resolver *r, struct hg_scope *scope, PgQuery__ColumnRef *column,
                    struct hg_item **item)
{
    struct hg_scope *at;
    if (!find_item(r, scope, column, item, &at))
        return false;
    if (!*item)
        return true;
    if ((*item)->target)
        return hg_refuse_target_row(r, *item, column->location);
    if (!hg_qualify(r, scope, column, *item))
        return false;
    hg_group_needs_all(r, at, *item);
    return true;
}

bool hg_resolve_column(struct hg_resolver *r, struct hg_scope *scope, PgQuery__ColumnRef *column)
{
    if (r->budget.looks == 0)
        return hg_refuse(r, column->location, HG_STATEMENT_TOO_COMPLEX, "statement is too complex");
    if (column->n_fields == 0)
        return hg_refuse(r, column->location, HG_SYNTAX_ERROR, "a column reference without a name");
    if (column->n_fields == 1)
        return is_star(column->fields[0]) || resolve_bare(r, scope, column);
    return resolve_qualified(r, scope, column);
}

struct hg_item *hg_whole_row(struct hg_resolver *r, struct hg_scope *scope, const PgQuery__Node *node,
                             struct hg_scope **at)
{
    struct hg_item *item = NULL;
    struct hg_name found;
    if (!node || node->node_case != PG_QUERY__NODE__NODE_COLUMN_REF)
        return NULL;
    const PgQuery__ColumnRef *column = node->column_ref;
    size_t n = column->n_fields;
    if (n == 1 && !is_star(column->fields[0])) {
        struct hg_slice name = hg_string_of(column->fields[0]);
        if (hg_scope_column(scope, name, r->arena, &r->budget, &found, at) != HG_NOT_FOUND)
            return NULL;
        hg_scope_item(scope, name, &r->budget, &item, at);
    } else if (n == 2 && is_star(column->fields[1])) {
        hg_scope_item(scope, hg_string_of(column->fields[0]), &r->budget, &item, at);
    } else if (n >= 3 && is_star(column->fields[n - 1])) {
        hg_scope_relation(scope, hg_string_of(column->fields[n - 3]), hg_string_of(column->fields[n - 2]),
                          &r->budget, &item, at);
    }
    return item;
}

/* `(x).name`: a column of x, or a field of its value, or a function. */
static bool resolve_field(struct hg_resolver *r, struct hg_item *row, struct hg_scope *at,
                          struct hg_slice name, int32_t location)
{
    struct hg_name found;
    if (row && hg_item_column(row, name, r->arena, &r->budget, &found) == HG_FOUND) {
        hg_group_needs(r, at, found);
        return true;
    }
    if (row && row->kind == HG_ITEM_TABLE && hg_is_system_column(name))
        return refuse_system_column(r, name, row, location);
    return hg_resolve_attribute(r, name, location);
}

/* The row of which `(x).name` reads one column: not read as a whole. */
static bool resolve_row_of_field(struct hg_resolver *r, struct hg_scope *scope, PgQuery__Node *arg,
                                 struct hg_item *row)
{
    struct hg_item before = *row;
    row->renamed = false;
    bool good = hg_resolve_node(r, scope, arg);
    row->renamed = before.renamed;
    row->needs_row = before.needs_row;
    return good;
}

/* Does it mean a row that RETURNING gave? */
static bool is_returned_row(struct hg_resolver *r, struct hg_scope *scope, const PgQuery__Node *node)
{
    struct hg_name found;
    struct hg_item *item;
    struct hg_scope *at;
    if (!node || node->node_case != PG_QUERY__NODE__NODE_COLUMN_REF || hg_is_star(node))
        return false;
    const PgQuery__ColumnRef *column = node->column_ref;
    if (column->n_fields == 1)
        return hg_scope_column(scope, hg_string_of(column->fields[0]), r->arena, &r->budget, &found, &at) ==
                   HG_FOUND &&
               found.row;
    return column->n_fields == 2 &&
           hg_scope_item(scope, hg_string_of(column->fields[0]), &r->budget, &item, &at) == HG_FOUND &&
           hg_item_column(item, hg_string_of(column->fields[1]), r->arena, &r->budget, &found) == HG_FOUND &&
           found.row;
}

static bool refuse_returned_row(struct hg_resolver *r, int32_t location)
{
    hg_refuse(r, location, HG_FEATURE_NOT_SUPPORTED,
              "the columns of a whole row that was returned by RETURNING are not known");
    return hg_refuse_hint(r, "Return the columns themselves.");
}

bool hg_resolve_indirection(struct hg_resolver *r, struct hg_scope *scope, PgQuery__AIndirection *indirection)
{
    struct hg_scope *at = NULL;
    struct hg_item *row = hg_whole_row(r, scope, indirection->arg, &at);
    int32_t location = indirection->arg ? hg_message_location(hg_node_message(indirection->arg)) : -1;
    bool field = indirection->n_indirection && hg_string_of(indirection->indirection[0]).len;
    if (r->out->nwrites && is_returned_row(r, scope, indirection->arg))
        return refuse_returned_row(r, location);
    if (row && field && !resolve_row_of_field(r, scope, indirection->arg, row))
        return false;
    if (!(row && field) && !hg_resolve_node(r, scope, indirection->arg))
        return false;
    for (size_t i = 0; i < indirection->n_indirection; i++) {
        PgQuery__Node *part = indirection->indirection[i];
        bool good = part->node_case == PG_QUERY__NODE__NODE_STRING
                        ? resolve_field(r, i == 0 ? row : NULL, at, hg_string_of(part), location)
                        : hg_resolve_node(r, scope, part);
        if (!good)
            return false;
    }
    return true;
}
