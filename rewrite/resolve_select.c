/* One SELECT: WITH, then FROM, then everything that sees the FROM items, in the order in which PostgreSQL
 * opens the scopes. Set operations and VALUES are levels of their own, whose ORDER BY sees nothing but their
 * output columns. */
#include "build.h"
#include "resolver.h"

/* What a WITH query's own body and its siblings know of it. */
static struct hg_cte *cte_new(struct hg_resolver *r, struct hg_scope *scope,
                              const PgQuery__CommonTableExpr *source)
{
    struct hg_cte *cte = HG_NEW(r->arena, struct hg_cte);
    *cte = (struct hg_cte){.next = scope->ctes, .name = hg_slice_cstr(source->ctename)};
    return cte;
}

/* SEARCH and CYCLE add columns, which `*` does not give everywhere. */
static void add_path_columns(struct hg_resolver *r, const PgQuery__CommonTableExpr *source,
                             struct hg_names *names)
{
    const PgQuery__CTESearchClause *search = source->search_clause;
    const PgQuery__CTECycleClause *cycle = source->cycle_clause;
    if (!names->known || (!search && !cycle))
        return;
    struct hg_name *list = HG_NEW_ARRAY(r->arena, struct hg_name, names->count + 3);
    size_t count = names->count;
    if (count)
        memcpy(list, names->list, count * sizeof(*list));
    if (search)
        list[count++].name = hg_slice_cstr(search->search_seq_column);
    if (cycle)
        list[count++].name = hg_slice_cstr(cycle->cycle_mark_column);
    if (cycle)
        list[count++].name = hg_slice_cstr(cycle->cycle_path_column);
    *names = (struct hg_names){list, count, false, true};
}

static bool resolve_cte_query(struct hg_resolver *r, struct hg_scope *scope,
                              const PgQuery__CommonTableExpr *source, struct hg_names *names)
{
    switch (source->ctequery ? source->ctequery->node_case : PG_QUERY__NODE__NODE__NOT_SET) {
    case PG_QUERY__NODE__NODE_SELECT_STMT:
        return hg_resolve_select(r, scope, source->ctequery->select_stmt, names);
    case PG_QUERY__NODE__NODE_INSERT_STMT:
    case PG_QUERY__NODE__NODE_UPDATE_STMT:
    case PG_QUERY__NODE__NODE_DELETE_STMT:
        return hg_resolve_write(r, scope, source->ctequery, names);
    default:
        return hg_refuse(r, source->location, HG_FEATURE_NOT_SUPPORTED,
                         "this kind of WITH query is not supported");
    }
}

static struct hg_names cte_names(struct hg_resolver *r, const PgQuery__CommonTableExpr *source,
                                 struct hg_names names)
{
    return hg_names_renamed(names, source->n_aliascolnames, source->aliascolnames, r->arena, &r->budget);
}

static bool resolve_cte(struct hg_resolver *r, struct hg_scope *scope, PgQuery__CommonTableExpr *source,
                        struct hg_cte *cte)
{
    struct hg_recursion around = r->recursion;
    struct hg_names names;
    r->recursion = (struct hg_recursion){source, cte};
    if (!resolve_cte_query(r, scope, source, &names))
        return false;
    r->recursion = around;
    cte->names = cte_names(r, source, names);
    add_path_columns(r, source, &cte->names);
    return !source->cycle_clause || hg_resolve_children(r, scope, &source->cycle_clause->base);
}

/* WITH RECURSIVE: all names are seen by all queries. Else each sees only those before it, so that
 * `WITH t AS (SELECT * FROM t)` reads the table t. */
bool hg_resolve_with(struct hg_resolver *r, struct hg_scope *scope, PgQuery__WithClause *with)
{
    struct hg_cte **ctes = HG_NEW_ARRAY(r->arena, struct hg_cte *, with->n_ctes);
    for (size_t i = 0; i < with->n_ctes; i++) {
        if (with->ctes[i]->node_case != PG_QUERY__NODE__NODE_COMMON_TABLE_EXPR)
            return hg_refuse(r, with->location, HG_FEATURE_NOT_SUPPORTED,
                             "this kind of WITH query is not supported");
        ctes[i] = cte_new(r, scope, with->ctes[i]->common_table_expr);
        if (with->recursive)
            scope->ctes = ctes[i];
    }
    for (size_t i = 0; i < with->n_ctes; i++) {
        if (!resolve_cte(r, scope, with->ctes[i]->common_table_expr, ctes[i]))
            return false;
        if (with->recursive)
            continue;
        ctes[i]->next = scope->ctes;
        scope->ctes = ctes[i];
    }
    return true;
}

/* The output of a set operation, or of VALUES, as the only thing that ORDER BY sees. */
static bool resolve_output(struct hg_resolver *r, struct hg_scope *scope, PgQuery__SelectStmt *select,
                           struct hg_names names)
{
    struct hg_item *item = HG_NEW(r->arena, struct hg_item);
    *item = (struct hg_item){.kind = HG_ITEM_QUERY, .names = names, .named = true, .cols_visible = true};
    hg_scope_push(scope, item, r->arena);
    return hg_resolve_list(r, scope, select->n_sort_clause, select->sort_clause) &&
           hg_resolve_node(r, scope, select->limit_offset) && hg_resolve_node(r, scope, select->limit_count);
}

/* The first arm of a recursive query says what columns the second one sees of it. */
static void note_recursion(struct hg_resolver *r, const PgQuery__SelectStmt *select, struct hg_names names)
{
    const PgQuery__CommonTableExpr *source = r->recursion.source;
    if (source && source->ctequery->node_case == PG_QUERY__NODE__NODE_SELECT_STMT &&
        source->ctequery->select_stmt == select)
        r->recursion.cte->names = cte_names(r, source, names);
}

static bool resolve_set_operation(struct hg_resolver *r, struct hg_scope *scope, PgQuery__SelectStmt *select,
                                  struct hg_names *names)
{
    if (!select->larg || !select->rarg)
        return hg_refuse(r, -1, HG_FEATURE_NOT_SUPPORTED, "a set operation of one side is not supported");
    if (!hg_resolve_select(r, scope, select->larg, names))
        return false;
    note_recursion(r, select, *names);
    return hg_resolve_select(r, scope, select->rarg, NULL) && resolve_output(r, scope, select, *names);
}

static struct hg_names values_names(struct hg_resolver *r, const PgQuery__SelectStmt *select)
{
    const PgQuery__Node *row = select->values_lists[0];
    if (row->node_case != PG_QUERY__NODE__NODE_LIST)
        return (struct hg_names){0};
    struct hg_name *list = HG_NEW_ARRAY(r->arena, struct hg_name, row->list->n_items);
    for (size_t i = 0; i < row->list->n_items; i++)
        list[i].name = hg_arena_printf(r->arena, "column%zu", i + 1);
    return (struct hg_names){list, row->list->n_items, true, true};
}

static bool resolve_values(struct hg_resolver *r, struct hg_scope *scope, PgQuery__SelectStmt *select,
                           struct hg_names *names)
{
    if (!hg_resolve_list(r, scope, select->n_values_lists, select->values_lists))
        return false;
    *names = values_names(r, select);
    return resolve_output(r, scope, select, *names);
}

/* The output names of one select list, gathered as they are resolved. */
struct outputs {
    struct hg_name *list;
    size_t count, room;
    bool known, all; /* as in hg_names */
};

#define MAX_OUTPUTS 1664 /* a backend refuses more */

static void add_outputs(struct hg_resolver *r, struct outputs *out, const struct hg_names *names)
{
    out->known = out->known && names->known;
    if (!names->all || out->count + names->count > MAX_OUTPUTS || r->budget.names < names->count)
        out->known = out->all = false;
    if (!out->all)
        return;
    if (out->count + names->count > out->room) {
        size_t room = (out->count + names->count) * 2;
        struct hg_name *list = HG_NEW_ARRAY(r->arena, struct hg_name, room);
        if (out->count)
            memcpy(list, out->list, out->count * sizeof(*list));
        out->list = list;
        out->room = room;
    }
    r->budget.names -= names->count;
    for (size_t i = 0; i < names->count; i++)
        out->list[out->count++].name = names->list[i].name;
}

/* `*`: the columns of all items in sight. */
static void expand_star(struct hg_resolver *r, struct hg_scope *scope, struct outputs *out)
{
    for (size_t i = 0; i < scope->nitems; i++) {
        struct hg_item *item = scope->items[i];
        if (!item->cols_visible)
            continue;
        add_outputs(r, out, hg_item_names(item, r->arena, &r->budget));
        hg_group_needs_all(r, scope, item);
    }
}

/* A select list that begins with a star lends its first name to `SELECT (SELECT * …)`. */
static void note_first_name(struct hg_resolver *r, const PgQuery__SelectStmt *select,
                            const struct hg_names *names)
{
    if (!names->known || !names->count)
        return;
    struct hg_first_name *first = HG_NEW(r->arena, struct hg_first_name);
    *first = (struct hg_first_name){r->out->first_names, select, names->list[0].name};
    r->out->first_names = first;
}

static bool resolve_star(struct hg_resolver *r, struct hg_scope *scope, PgQuery__ColumnRef *column,
                         struct outputs *out)
{
    struct hg_item *item;
    if (column->n_fields == 1) {
        expand_star(r, scope, out);
        return true;
    }
    if (!hg_resolve_row(r, scope, column, &item))
        return false;
    if (item)
        add_outputs(r, out, hg_item_names(item, r->arena, &r->budget));
    else
        out->known = out->all = false;
    return true;
}

/* `(row).*` of anything but an item of FROM: nobody knows which columns. */
static void add_row(struct hg_resolver *r, struct hg_scope *scope, const PgQuery__AIndirection *value,
                    struct outputs *out)
{
    static const struct hg_names unknown = {0};
    struct hg_scope *at;
    struct hg_item *row = value->n_indirection == 1 ? hg_whole_row(r, scope, value->arg, &at) : NULL;
    add_outputs(r, out, row ? hg_item_names(row, r->arena, &r->budget) : &unknown);
}

/* An output column without AS keeps the name that it had when what it is named after is replaced by a
 * literal. */
static bool resolve_target(struct hg_resolver *r, struct hg_scope *scope, PgQuery__Node *node,
                           struct outputs *out)
{
    if (node->node_case != PG_QUERY__NODE__NODE_RES_TARGET || !node->res_target->val)
        return hg_refuse(r, -1, HG_FEATURE_NOT_SUPPORTED, "this kind of output column is not supported");
    PgQuery__ResTarget *target = node->res_target;
    PgQuery__Node *value = target->val;
    if (hg_is_star(value) && value->node_case == PG_QUERY__NODE__NODE_COLUMN_REF)
        return resolve_star(r, scope, value->column_ref, out);
    size_t edits = r->out->nedits;
    if (!hg_resolve_node(r, scope, value))
        return false;
    struct hg_name name = {.name = hg_slice_cstr(target->name)};
    if (!name.name.len)
        name.name = hg_column_name(value, r->out->first_names);
    if (r->out->nedits != edits && !target->name[0] && name.name.len)
        target->name = hg_arena_cstr(r->arena, name.name);
    if (hg_is_star(value)) {
        add_row(r, scope, value->a_indirection, out);
        return true;
    }
    if (!name.name.len)
        name.name = HG_LIT("?column?");
    add_outputs(r, out, &(struct hg_names){&name, 1, true, true});
    return true;
}

bool hg_resolve_targets(struct hg_resolver *r, struct hg_scope *scope, size_t count, PgQuery__Node **list,
                        struct hg_names *names)
{
    struct outputs out = {.known = true, .all = true};
    for (size_t i = 0; i < count; i++)
        if (!resolve_target(r, scope, list[i], &out))
            return false;
    *names = (struct hg_names){out.list, out.all ? out.count : 0, out.known, out.all};
    return true;
}

/* Is it the bare name of an output column? ORDER BY and DISTINCT ON take that first, GROUP BY when the
 * level's own items have no such column. */
static bool names_output(struct hg_resolver *r, struct hg_scope *scope, const PgQuery__Node *item,
                         const struct hg_names *names, bool own_first)
{
    struct hg_name found;
    struct hg_scope *at;
    if (item->node_case == PG_QUERY__NODE__NODE_SORT_BY)
        item = item->sort_by->node;
    if (item->node_case != PG_QUERY__NODE__NODE_COLUMN_REF || item->column_ref->n_fields != 1)
        return false;
    struct hg_slice name = hg_string_of(item->column_ref->fields[0]);
    if (own_first && hg_scope_column(scope, name, r->arena, &r->budget, &found, &at) != HG_NOT_FOUND &&
        at == scope)
        return false;
    for (size_t i = 0; i < names->count; i++)
        if (hg_slice_equal(names->list[i].name, name))
            return true;
    return false;
}

/* ORDER BY x USING <operator> */
static bool resolve_using(struct hg_resolver *r, const PgQuery__Node *item)
{
    const PgQuery__SortBy *sort = item->node_case == PG_QUERY__NODE__NODE_SORT_BY ? item->sort_by : NULL;
    return !sort || !sort->n_use_op || hg_resolve_operator(r, sort->n_use_op, sort->use_op, sort->location);
}

/* Where a table is written no name is left to the backend that is not known, see resolve_target.c; those of
 * output columns are. */
static bool resolve_by_output(struct hg_resolver *r, struct hg_scope *scope, size_t count,
                              PgQuery__Node **list, const struct hg_names *names, bool own_first)
{
    if (!r->targets)
        return hg_resolve_list(r, scope, count, list);
    for (size_t i = 0; i < count; i++)
        if (!(names_output(r, scope, list[i], names, own_first) ? resolve_using(r, list[i])
                                                                : hg_resolve_node(r, scope, list[i])))
            return false;
    return true;
}

/* Clauses whose columns are read from the groups, if there are any. */
static bool resolve_after_grouping(struct hg_resolver *r, struct hg_scope *scope, PgQuery__SelectStmt *select,
                                   struct hg_names *names)
{
    if (!hg_resolve_targets(r, scope, select->n_target_list, select->target_list, names))
        return false;
    if (select->n_target_list && hg_is_star(select->target_list[0]->res_target->val))
        note_first_name(r, select, names);
    return hg_resolve_node(r, scope, select->having_clause) &&
           resolve_by_output(r, scope, select->n_distinct_clause, select->distinct_clause, names, false) &&
           hg_resolve_list(r, scope, select->n_window_clause, select->window_clause) &&
           resolve_by_output(r, scope, select->n_sort_clause, select->sort_clause, names, false);
}

static bool resolve_plain(struct hg_resolver *r, struct hg_scope *scope, PgQuery__SelectStmt *select,
                          struct hg_names *names)
{
    struct hg_reference **first = r->out->last;
    if (!hg_resolve_from(r, scope, select->n_from_clause, select->from_clause) ||
        (select->n_locking_clause && !hg_resolve_locks(r, select, *first)))
        return false;
    bool counting = hg_group_begins(scope, select);
    r->counting += counting;
    if (!resolve_after_grouping(r, scope, select, names))
        return false;
    r->counting -= counting;
    scope->counting = false;
    if (!hg_resolve_node(r, scope, select->where_clause) ||
        !resolve_by_output(r, scope, select->n_group_clause, select->group_clause, names, true) ||
        !hg_resolve_node(r, scope, select->limit_offset) || !hg_resolve_node(r, scope, select->limit_count))
        return false;
    return !counting || hg_group_by_key(r, scope, select);
}

bool hg_resolve_select(struct hg_resolver *r, struct hg_scope *parent, PgQuery__SelectStmt *select,
                       struct hg_names *names)
{
    struct hg_scope scope = {.parent = parent};
    struct hg_names own = {0};
    if (!names)
        names = &own;
    if (select->into_clause)
        return hg_refuse(r, -1, HG_FEATURE_NOT_SUPPORTED, "SELECT INTO is not supported");
    if (select->with_clause && !hg_resolve_with(r, &scope, select->with_clause))
        return false;
    bool plain = select->op == PG_QUERY__SET_OPERATION__SETOP_NONE && !select->n_values_lists;
    if (select->n_locking_clause && !plain && !hg_resolve_locks(r, select, NULL))
        return false;
    if (select->op != PG_QUERY__SET_OPERATION__SETOP_NONE)
        return resolve_set_operation(r, &scope, select, names);
    if (select->n_values_lists)
        return resolve_values(r, &scope, select, names);
    return resolve_plain(r, &scope, select, names);
}
