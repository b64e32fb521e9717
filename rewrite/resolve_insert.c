/* INSERT. The list of columns is always written: the tenant's column, which may not be a logical one, takes a
 * place of its own behind them. So it must be known how many values there are; where PostgreSQL would find
 * too many or too few of them, that is said here, since behind the client's columns one more stands.
 *
 * ON CONFLICT takes a key of schema.sql that holds the tenant's column, so that what a row can be in conflict
 * with is a row of the same tenant. It is written by its columns: constraints have other names, maybe, in the
 * physical table. */
#include "build.h"
#include "reflect.h"
#include "resolver.h"

/* ---- where a message points ---- */

static enum hg_walk find_first(ProtobufCMessage *message, ProtobufCMessage *parent,
                               const ProtobufCFieldDescriptor *field, void *argument)
{
    int32_t *first = argument, location = hg_message_location(message);
    (void)parent;
    (void)field;
    if (location >= 0 && (*first < 0 || location < *first))
        *first = location;
    return HG_WALK_INTO;
}

/* Where an expression begins. */
static int32_t begin_of(PgQuery__Node *node)
{
    int32_t first = -1;
    if (!hg_tree_walk(hg_node_message(node), HG_TREE_DEPTH_MOST, find_first, &first))
        return -1;
    return first;
}

/* ---- columns ---- */

static const PgQuery__SelectStmt *source_of(const PgQuery__InsertStmt *insert)
{
    return insert->select_stmt && insert->select_stmt->node_case == PG_QUERY__NODE__NODE_SELECT_STMT
               ? insert->select_stmt->select_stmt
               : NULL;
}

/* VALUES whose values are each for its column. With clauses of a query they are one, whose columns have types
 * of their own. */
static bool is_plain_values(const PgQuery__SelectStmt *source)
{
    return source->n_values_lists && !source->n_sort_clause && !source->limit_count &&
           !source->limit_offset && !source->with_clause;
}

static bool is_plain_select(const PgQuery__SelectStmt *source)
{
    return !source->n_values_lists && source->op == PG_QUERY__SET_OPERATION__SETOP_NONE;
}

/* The n-th value, if it stands there by itself. */
static PgQuery__Node *value_at(const PgQuery__SelectStmt *source, size_t n)
{
    if (source->n_values_lists) {
        const PgQuery__Node *row = source->values_lists[0];
        return row->node_case == PG_QUERY__NODE__NODE_LIST && n < row->list->n_items ? row->list->items[n]
                                                                                     : NULL;
    }
    if (!is_plain_select(source) || n >= source->n_target_list)
        return NULL;
    for (size_t i = 0; i <= n; i++)
        if (hg_is_star(source->target_list[i]->res_target->val))
            return NULL;
    return source->target_list[n]->res_target->val;
}

static bool same_lengths(struct hg_resolver *r, const PgQuery__SelectStmt *source)
{
    for (size_t i = 0; i < source->n_values_lists; i++) {
        PgQuery__Node *row = source->values_lists[i], *first = source->values_lists[0];
        if (row->node_case != PG_QUERY__NODE__NODE_LIST || first->node_case != PG_QUERY__NODE__NODE_LIST ||
            row->list->n_items != first->list->n_items)
            return hg_refuse(r, begin_of(row), HG_SYNTAX_ERROR, "VALUES lists must all be the same length");
    }
    return true;
}

static bool check_width(struct hg_resolver *r, const PgQuery__InsertStmt *insert, size_t columns,
                        const struct hg_names *names)
{
    const PgQuery__SelectStmt *source = source_of(insert);
    if (!same_lengths(r, source))
        return false;
    if (!names->known || names->count == columns)
        return true;
    if (names->count > columns) {
        PgQuery__Node *extra = value_at(source, columns);
        return hg_refuse(r, extra ? begin_of(extra) : -1, HG_SYNTAX_ERROR,
                         "INSERT has more expressions than target columns");
    }
    hg_refuse(r, insert->cols[names->count]->res_target->location, HG_SYNTAX_ERROR,
              "INSERT has more target columns than expressions");
    const PgQuery__Node *only = names->count == 1 ? value_at(source, 0) : NULL;
    if (only && only->node_case == PG_QUERY__NODE__NODE_ROW_EXPR && only->row_expr->n_args == columns)
        hg_refuse_hint(
            r, "The insertion source is a row expression containing the same number of columns expected "
               "by the INSERT. Did you accidentally use extra parentheses?");
    return false;
}

/* The client's list. *tenant: the place of the tenant's column in it, or -1. */
static bool check_columns(struct hg_resolver *r, struct hg_scope *scope, const struct hg_write *write,
                          const PgQuery__InsertStmt *insert, int *tenant)
{
    size_t column;
    for (size_t i = 0; i < insert->n_cols; i++) {
        if (insert->cols[i]->node_case != PG_QUERY__NODE__NODE_RES_TARGET)
            return hg_refuse(r, -1, HG_FEATURE_NOT_SUPPORTED, "this kind of column is not supported");
        const PgQuery__ResTarget *target = insert->cols[i]->res_target;
        if (!hg_assigned_column(r, write, target, false, &column) ||
            !hg_resolve_list(r, scope, target->n_indirection, target->indirection))
            return false;
        if ((int)column != write->view->table->tenant_column_index)
            continue;
        if (*tenant >= 0)
            return hg_refuse(r, target->location, HG_DUPLICATE_COLUMN,
                             "column \"%s\" specified more than once", target->name);
        *tenant = (int)i;
    }
    return true;
}

/* No list of columns: as many as there are values, in schema.sql's order. */
static bool name_columns(struct hg_resolver *r, struct hg_scope *scope, const struct hg_write *write,
                         PgQuery__InsertStmt *insert, const struct hg_names *names, int *tenant)
{
    const struct hg_table *table = write->view->table;
    if (!names->known) {
        hg_refuse(
            r, -1, HG_FEATURE_NOT_SUPPORTED,
            "INSERT without a list of columns is not supported from a query whose columns are not known");
        return hg_refuse_hint(r, "Name the columns of \"%.*s\".", HG_SLICE_FMT(table->name));
    }
    insert->cols = HG_NEW_ARRAY(r->arena, PgQuery__Node *, table->ncolumns);
    for (size_t i = 0; i < table->ncolumns && insert->n_cols < names->count; i++)
        if (!write->view->columns[i].hidden)
            insert->cols[insert->n_cols++] = hg_build_target(r->arena, table->columns[i].name, NULL);
    return check_columns(r, scope, write, insert, tenant);
}

/* ---- the tenant's column ---- */

static bool own_in_values(struct hg_resolver *r, const struct hg_write *write,
                          const PgQuery__SelectStmt *source, size_t at)
{
    for (size_t i = 0; i < source->n_values_lists; i++) {
        const PgQuery__Node *row = source->values_lists[i];
        if (row->node_case == PG_QUERY__NODE__NODE_LIST && at < row->list->n_items &&
            !hg_own_tenant(r, write, row->list->items[at], is_plain_values(source)))
            return false;
    }
    return true;
}

static bool is_unknown(const PgQuery__Node *value)
{
    return value->node_case == PG_QUERY__NODE__NODE_PARAM_REF ||
           (value->node_case == PG_QUERY__NODE__NODE_A_CONST &&
            (value->a_const->isnull || value->a_const->val_case == PG_QUERY__A__CONST__VAL_SVAL));
}

/* DISTINCT would take the column as one more by which rows differ, and gives constants a type. */
static bool is_distinct(const PgQuery__SelectStmt *source)
{
    return source->n_distinct_clause &&
           source->distinct_clause[0]->node_case == PG_QUERY__NODE__NODE__NOT_SET;
}

/* The source becomes a sub-select, where constants get the types that they have by themselves. */
static bool check_constants(struct hg_resolver *r, const PgQuery__SelectStmt *source, size_t tenant)
{
    if (!is_plain_select(source) || is_distinct(source))
        return true; /* that is what they have already */
    for (size_t i = 0; i < source->n_target_list; i++) {
        PgQuery__Node *value = source->target_list[i]->res_target->val;
        if (i == tenant || !is_unknown(value))
            continue;
        hg_refuse(r, begin_of(value), HG_FEATURE_NOT_SUPPORTED,
                  "a constant without a type is not supported here");
        return hg_refuse_hint(r,
                              "Cast it to the type of its column, or name columns instead of a star, and do "
                              "without grouping sets.");
    }
    return true;
}

/* Does an item of GROUP BY, ORDER BY or DISTINCT ON mean a place in the list, or a name, that only a column
 * more would have? Grouping sets might even take that column's value away. */
static bool means_more(const PgQuery__Node *item, const struct hg_names *names)
{
    if (item->node_case == PG_QUERY__NODE__NODE_SORT_BY)
        item = item->sort_by->node;
    if (item->node_case == PG_QUERY__NODE__NODE_A_CONST)
        return item->a_const->val_case == PG_QUERY__A__CONST__VAL_IVAL &&
               (!names->known || (size_t)item->a_const->ival->ival > names->count);
    if (item->node_case == PG_QUERY__NODE__NODE_COLUMN_REF)
        return item->column_ref->n_fields == 1 &&
               hg_slice_is(hg_string_of(item->column_ref->fields[0]), "?column?");
    return item->node_case == PG_QUERY__NODE__NODE_GROUPING_SET;
}

static bool some_mean_more(size_t count, PgQuery__Node *const *items, const struct hg_names *names)
{
    for (size_t i = 0; i < count; i++)
        if (means_more(items[i], names))
            return true;
    return false;
}

static bool stands_apart(const PgQuery__SelectStmt *source, const struct hg_names *names)
{
    return is_distinct(source) || some_mean_more(source->n_group_clause, source->group_clause, names) ||
           some_mean_more(source->n_sort_clause, source->sort_clause, names) ||
           some_mean_more(source->n_distinct_clause, source->distinct_clause, names);
}

static bool own_in_source(struct hg_resolver *r, struct hg_write *write, const PgQuery__InsertStmt *insert,
                          size_t at)
{
    const PgQuery__SelectStmt *source = source_of(insert);
    if (source->n_values_lists)
        return own_in_values(r, write, source, at);
    PgQuery__Node *value = write->apart ? NULL : value_at(source, at);
    if (value) { /* ORDER BY may name it */
        PgQuery__ResTarget *target = source->target_list[at]->res_target;
        if (!target->name[0])
            target->name = hg_arena_cstr(r->arena, hg_column_name(value, r->out->first_names));
        return hg_own_tenant(r, write, value, false);
    }
    write->checked = (int)at;
    return check_constants(r, source, at);
}

static bool resolve_source(struct hg_resolver *r, struct hg_scope *scope, struct hg_write *write,
                           PgQuery__InsertStmt *insert)
{
    struct hg_names names = {0};
    bool listed = insert->n_cols > 0;
    int tenant = -1;
    write->gets_tenant = true;
    if (!check_columns(r, scope, write, insert, &tenant))
        return false;
    if (!insert->select_stmt)
        return true; /* DEFAULT VALUES */
    if (!source_of(insert))
        return hg_refuse(r, -1, HG_FEATURE_NOT_SUPPORTED, "this source of INSERT is not supported");
    if (!hg_resolve_select(r, scope, insert->select_stmt->select_stmt, &names) ||
        (!listed && !name_columns(r, scope, write, insert, &names, &tenant)) ||
        !check_width(r, insert, insert->n_cols, &names))
        return false;
    write->gets_tenant = tenant < 0;
    write->apart = !is_plain_values(source_of(insert)) &&
                   (!is_plain_select(source_of(insert)) || stands_apart(source_of(insert), &names));
    return tenant < 0 || own_in_source(r, write, insert, (size_t)tenant);
}

/* ---- ON CONFLICT ---- */

static bool has_column(const struct hg_unique_key *key, size_t column)
{
    for (size_t i = 0; i < key->ncolumns; i++)
        if (key->columns[i] == column)
            return true;
    return false;
}

/* Does the key have a column that the role does not see? The tenant's column is everybody's. */
static size_t seen_columns(const struct hg_table_view *view, const struct hg_unique_key *key)
{
    size_t count = 0;
    for (size_t i = 0; i < key->ncolumns; i++)
        count +=
            key->columns[i] != view->table->tenant_column_index || !view->columns[key->columns[i]].hidden;
    return count;
}

/* Are these columns (each once) all of the key's? */
static bool is_key(const struct hg_table_view *view, const struct hg_unique_key *key, size_t count,
                   const size_t *columns)
{
    if (key->expressions || seen_columns(view, key) != count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!has_column(key, columns[i]))
            return false;
    return true;
}

static bool refuse_key(struct hg_resolver *r, const PgQuery__InferClause *infer, const char *why)
{
    hg_refuse(r, infer->location, HG_FEATURE_NOT_SUPPORTED, "ON CONFLICT with this key is not supported");
    return hg_refuse_hint(r, "%s", why);
}

static bool may_conflict(struct hg_resolver *r, const PgQuery__InferClause *infer,
                         const struct hg_unique_key *key)
{
    if (key->expressions)
        return refuse_key(r, infer, "Only keys of plain columns are supported.");
    return key->has_tenant ||
           refuse_key(r, infer, "Whether a value of it is taken depends on rows of other customers.");
}

/* The columns that ON CONFLICT names, each once. */
static bool conflict_columns(struct hg_resolver *r, const struct hg_write *write,
                             const PgQuery__InferClause *infer, size_t *columns, size_t *count)
{
    const struct hg_table *table = write->view->table;
    for (size_t i = 0; i < infer->n_index_elems; i++) {
        const PgQuery__Node *node = infer->index_elems[i];
        if (node->node_case != PG_QUERY__NODE__NODE_INDEX_ELEM || !node->index_elem->name[0])
            return refuse_key(r, infer, "Only keys of plain columns are supported.");
        int at = hg_table_column(table, hg_slice_cstr(node->index_elem->name));
        if (at < 0 || write->view->columns[at].hidden)
            return hg_refuse(r, infer->location, HG_UNDEFINED_COLUMN, "column \"%s\" does not exist",
                             node->index_elem->name);
        size_t known = 0;
        while (known < *count && columns[known] != (size_t)at)
            known++;
        if (known == *count)
            columns[(*count)++] = (size_t)at;
    }
    return true;
}

static bool infer_by_columns(struct hg_resolver *r, struct hg_write *write, PgQuery__InferClause *infer)
{
    const struct hg_table *table = write->view->table;
    size_t count = 0, *columns = HG_NEW_ARRAY(r->arena, size_t, infer->n_index_elems);
    const struct hg_unique_key *found = NULL;
    if (!conflict_columns(r, write, infer, columns, &count))
        return false;
    for (size_t i = 0; i < table->nunique_keys; i++) {
        const struct hg_unique_key *key = &table->unique_keys[i];
        if (!is_key(write->view, key, count, columns))
            continue;
        found = key;
        if (!may_conflict(r, infer, key))
            return false;
    }
    if (!found)
        return hg_refuse(r, -1, HG_INVALID_COLUMN_REFERENCE,
                         "there is no unique or exclusion constraint matching the ON CONFLICT specification");
    return true;
}

/* ON CONSTRAINT: the same key by its columns. */
static bool infer_by_name(struct hg_resolver *r, struct hg_write *write, PgQuery__InferClause *infer)
{
    const struct hg_table *table = write->view->table;
    const struct hg_unique_key *key = NULL;
    for (size_t i = 0; i < table->nunique_keys && !key; i++)
        if (hg_slice_is(table->unique_keys[i].name, infer->conname))
            key = &table->unique_keys[i];
    if (!key)
        return hg_refuse(r, -1, HG_UNDEFINED_OBJECT, "constraint \"%s\" for table \"%.*s\" does not exist",
                         infer->conname, HG_SLICE_FMT(table->name));
    if (!may_conflict(r, infer, key))
        return false;
    infer->conname = (char *)protobuf_c_empty_string;
    infer->index_elems = HG_NEW_ARRAY(r->arena, PgQuery__Node *, key->ncolumns);
    for (size_t i = 0; i < key->ncolumns; i++)
        infer->index_elems[infer->n_index_elems++] =
            hg_build_index_element(r->arena, table->columns[key->columns[i]].name);
    return true;
}

static bool infer_nothing(struct hg_resolver *r, const struct hg_write *write,
                          const PgQuery__OnConflictClause *conflict)
{
    if (!write->view->table->global_key)
        return true;
    hg_refuse(r, conflict->location, HG_FEATURE_NOT_SUPPORTED,
              "ON CONFLICT without a key is not supported for table \"%.*s\"",
              HG_SLICE_FMT(write->view->table->name));
    return hg_refuse_hint(r,
                          "Whether a value of one of its keys is taken depends on rows of other customers. "
                          "Name a key that does not.");
}

static bool resolve_infer(struct hg_resolver *r, struct hg_write *write, PgQuery__OnConflictClause *conflict)
{
    PgQuery__InferClause *infer = conflict->infer;
    if (!infer && conflict->action == PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_UPDATE) {
        hg_refuse(r, conflict->location, HG_SYNTAX_ERROR,
                  "ON CONFLICT DO UPDATE requires inference specification or constraint name");
        return hg_refuse_hint(r, "For example, ON CONFLICT (column_name).");
    }
    if (!infer)
        return infer_nothing(r, write, conflict);
    if (infer->where_clause)
        return refuse_key(r, infer, "Only keys without a condition are supported.");
    return infer->conname[0] ? infer_by_name(r, write, infer) : infer_by_columns(r, write, infer);
}

static struct hg_item *excluded_of(struct hg_resolver *r, const struct hg_write *write)
{
    struct hg_item *item = HG_NEW(r->arena, struct hg_item);
    *item = (struct hg_item){.kind = HG_ITEM_TABLE, .view = write->view, .target = true};
    item->name = item->printed = HG_LIT("excluded");
    item->rel_visible = item->cols_visible = true;
    return item;
}

/* DO UPDATE sees the row that is there and, as `excluded`, the one that was to be inserted. */
static bool resolve_conflict(struct hg_resolver *r, struct hg_scope *scope, struct hg_write *write,
                             PgQuery__OnConflictClause *conflict)
{
    if (!resolve_infer(r, write, conflict))
        return false;
    if (conflict->action != PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_UPDATE)
        return true;
    hg_scope_push(scope, excluded_of(r, write), r->arena);
    if (!hg_resolve_assignments(r, scope, write, conflict->n_target_list, conflict->target_list) ||
        !hg_resolve_node(r, scope, conflict->where_clause))
        return false;
    scope->nitems--;
    return true;
}

/* Rows that the role would not see may not be made by it. */
static bool may_insert(struct hg_resolver *r, const struct hg_write *write)
{
    if (!write->view->rows)
        return true;
    hg_refuse(r, write->range->location, HG_INSUFFICIENT_PRIVILEGE, "permission denied for table %s",
              write->range->relname);
    return hg_refuse_hint(r, "Only some of its rows are visible here, and new ones might not be.");
}

bool hg_resolve_insert(struct hg_resolver *r, struct hg_scope *scope, PgQuery__Node *place,
                       struct hg_names *names)
{
    PgQuery__InsertStmt *insert = place->insert_stmt;
    struct hg_write *write;
    if ((insert->with_clause && !hg_resolve_with(r, scope, insert->with_clause)) ||
        !hg_open_target(r, place, insert->relation, &write) || !may_insert(r, write) ||
        !resolve_source(r, scope, write, insert) || !hg_may_insert_values(r, write, insert))
        return false;
    hg_scope_push(scope, write->item, r->arena);
    return (!insert->on_conflict_clause || resolve_conflict(r, scope, write, insert->on_conflict_clause)) &&
           hg_resolve_returning(r, scope, &insert->n_returning_list, &insert->returning_list, names);
}
