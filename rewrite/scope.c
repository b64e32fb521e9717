/* See scope.h. Visibility follows PostgreSQL: a join hides the columns of its sides behind its own, an
 * aliased join hides them wholly; left siblings are seen only while a LATERAL item is resolved; the innermost
 * level that has the name wins, and two matches in one level are ambiguous.
 *
 * Joins make their list of columns when somebody asks, since only the outermost join of a FROM clause is ever
 * asked. Lists longer than what a PostgreSQL row can hold, and lists beyond the statement's budget, are "not
 * known". */
#include "scope.h"

#include "build.h"

#define MAX_NAMES 1664 /* columns of a row (MaxTupleAttributeNumber); a backend refuses more */

void hg_scope_push(struct hg_scope *scope, struct hg_item *item, struct hg_arena *arena)
{
    if (scope->nitems == scope->room) {
        size_t room = scope->room ? scope->room * 2 : 8;
        struct hg_item **items = HG_NEW_ARRAY(arena, struct hg_item *, room);
        if (scope->nitems)
            memcpy(items, scope->items, scope->nitems * sizeof(*items));
        scope->items = items;
        scope->room = room;
    }
    scope->items[scope->nitems++] = item;
}

const struct hg_cte *hg_scope_cte(const struct hg_scope *scope, struct hg_slice name)
{
    for (; scope; scope = scope->parent)
        for (const struct hg_cte *cte = scope->ctes; cte; cte = cte->next)
            if (hg_slice_equal(cte->name, name))
                return cte;
    return NULL;
}

static bool spend(size_t *left, size_t cost)
{
    if (*left < cost) {
        *left = 0;
        return false;
    }
    *left -= cost;
    return true;
}

static bool in_sight(const struct hg_scope *level, const struct hg_item *item)
{
    return !item->lateral_only || level->lateral_active;
}

const struct hg_item *hg_scope_target(const struct hg_scope *level)
{
    for (size_t i = level->first; i < level->nitems && level->items[i]->target; i++) /* they come first */
        if (in_sight(level, level->items[i]))
            return level->items[i];
    return NULL;
}

bool hg_scope_sees_target(const struct hg_scope *scope)
{
    for (; scope; scope = scope->parent)
        if (hg_scope_target(scope))
            return true;
    return false;
}

enum hg_found hg_scope_item(struct hg_scope *scope, struct hg_slice name, struct hg_scope_budget *budget,
                            struct hg_item **item, struct hg_scope **at)
{
    *item = NULL;
    for (struct hg_scope *level = scope; level && !*item; level = level->parent) {
        spend(&budget->looks, level->nitems - level->first);
        for (size_t i = level->first; i < level->nitems; i++) {
            struct hg_item *one = level->items[i];
            if (!one->rel_visible || !in_sight(level, one) || !hg_slice_equal(one->name, name))
                continue;
            if (*item)
                return HG_FOUND_TWICE;
            *item = one;
            *at = level;
        }
    }
    return *item ? HG_FOUND : HG_NOT_FOUND;
}

enum hg_found hg_scope_relation(struct hg_scope *scope, struct hg_slice schema, struct hg_slice relation,
                                struct hg_scope_budget *budget, struct hg_item **item, struct hg_scope **at)
{
    *item = NULL;
    for (struct hg_scope *level = scope; level && !*item; level = level->parent) {
        spend(&budget->looks, level->nitems - level->first);
        for (size_t i = level->first; i < level->nitems; i++) {
            struct hg_item *one = level->items[i];
            if (!one->rel_visible || !one->relation.len || !in_sight(level, one))
                continue;
            if (!hg_slice_equal(one->relation, relation) || !hg_slice_equal(one->schema, schema))
                continue;
            if (*item)
                return HG_FOUND_TWICE;
            *item = one;
            *at = level;
        }
    }
    return *item ? HG_FOUND : HG_NOT_FOUND;
}

enum hg_found hg_scope_column(struct hg_scope *scope, struct hg_slice name, struct hg_arena *arena,
                              struct hg_scope_budget *budget, struct hg_name *found, struct hg_scope **at)
{
    for (struct hg_scope *level = scope; level; level = level->parent) {
        enum hg_found result = HG_NOT_FOUND;
        for (size_t i = level->first; i < level->nitems; i++) {
            struct hg_item *item = level->items[i];
            if (!item->cols_visible || !in_sight(level, item))
                continue;
            enum hg_found one = hg_item_column(item, name, arena, budget, found);
            if (one == HG_FOUND_TWICE || (one == HG_FOUND && result == HG_FOUND))
                return HG_FOUND_TWICE;
            if (one == HG_FOUND || (one == HG_FOUND_MAYBE && result == HG_NOT_FOUND))
                result = one;
        }
        if (result != HG_NOT_FOUND) {
            *at = level;
            return result;
        }
    }
    return HG_NOT_FOUND;
}

static enum hg_found table_column(struct hg_item *item, struct hg_slice name, struct hg_name *found)
{
    int at = hg_table_column(item->view->table, name);
    if (at < 0 || item->view->columns[at].hidden)
        return HG_NOT_FOUND;
    *found = (struct hg_name){.name = name, .base = item, .column = (size_t)at};
    return HG_FOUND;
}

enum hg_found hg_item_column(struct hg_item *item, struct hg_slice name, struct hg_arena *arena,
                             struct hg_scope_budget *budget, struct hg_name *found)
{
    spend(&budget->looks, 1);
    if (item->kind == HG_ITEM_TABLE && !item->named)
        return table_column(item, name, found);
    const struct hg_names *names = hg_item_names(item, arena, budget);
    if (!names->all)
        return HG_FOUND_MAYBE;
    spend(&budget->looks, names->count / 8);
    enum hg_found result = HG_NOT_FOUND;
    for (size_t i = 0; i < names->count; i++) {
        if (!hg_slice_equal(names->list[i].name, name))
            continue;
        if (result == HG_FOUND)
            return HG_FOUND_TWICE;
        *found = names->list[i];
        result = HG_FOUND;
    }
    return result;
}

static struct hg_names table_names(struct hg_item *item, struct hg_arena *arena,
                                   struct hg_scope_budget *budget)
{
    const struct hg_table *table = item->view->table;
    if (!spend(&budget->names, table->ncolumns))
        return (struct hg_names){0};
    struct hg_name *list = HG_NEW_ARRAY(arena, struct hg_name, table->ncolumns);
    size_t count = 0;
    for (size_t i = 0; i < table->ncolumns; i++)
        if (!item->view->columns[i].hidden)
            list[count++] = (struct hg_name){.name = table->columns[i].name, .base = item, .column = i};
    return (struct hg_names){list, count, true, true};
}

static const struct hg_name *name_in(const struct hg_names *names, struct hg_slice name)
{
    for (size_t i = 0; i < names->count; i++)
        if (hg_slice_equal(names->list[i].name, name))
            return &names->list[i];
    return NULL;
}

/* Is it one of the columns that JOIN … USING, or NATURAL JOIN, merges? */
static bool is_merged(const PgQuery__JoinExpr *join, const struct hg_names *other, struct hg_slice name)
{
    if (join->is_natural)
        return name_in(other, name) != NULL;
    for (size_t i = 0; i < join->n_using_clause; i++)
        if (hg_slice_equal(hg_string_of(join->using_clause[i]), name))
            return true;
    return false;
}

/* Which side a merged column comes from: PostgreSQL takes the left one but for RIGHT JOIN; FULL JOIN makes a
 * COALESCE of both, which is no column of any table. */
static struct hg_name merged(const PgQuery__JoinExpr *join, const struct hg_name *left,
                             const struct hg_name *right)
{
    struct hg_name name = join->jointype == PG_QUERY__JOIN_TYPE__JOIN_RIGHT && right ? *right : *left;
    if (join->jointype == PG_QUERY__JOIN_TYPE__JOIN_FULL)
        name.base = NULL;
    return name;
}

/* The merged columns in the order in which they were named, for NATURAL in the order of the left side. */
static size_t add_merged(const PgQuery__JoinExpr *join, const struct hg_names *left,
                         const struct hg_names *right, struct hg_name *list)
{
    size_t count = 0;
    for (size_t i = 0; !join->is_natural && i < join->n_using_clause; i++) {
        struct hg_slice name = hg_string_of(join->using_clause[i]);
        const struct hg_name *one = name_in(left, name);
        if (one)
            list[count++] = merged(join, one, name_in(right, name));
    }
    for (size_t i = 0; join->is_natural && i < left->count; i++) {
        const struct hg_name *other = name_in(right, left->list[i].name);
        if (other)
            list[count++] = merged(join, &left->list[i], other);
    }
    return count;
}

static struct hg_names join_names(struct hg_item *item, struct hg_arena *arena,
                                  struct hg_scope_budget *budget)
{
    const struct hg_names *left = hg_item_names(item->left, arena, budget);
    const struct hg_names *right = hg_item_names(item->right, arena, budget);
    size_t most = left->count + right->count;
    bool known = left->known && right->known;
    if (!left->all || !right->all || most > MAX_NAMES || !spend(&budget->names, most))
        return (struct hg_names){0};
    if (item->join->is_natural)
        spend(&budget->looks, left->count * right->count / 8);
    struct hg_name *list = HG_NEW_ARRAY(arena, struct hg_name, most + item->join->n_using_clause);
    size_t count = add_merged(item->join, left, right, list);
    for (size_t i = 0; i < left->count; i++)
        if (!is_merged(item->join, right, left->list[i].name))
            list[count++] = left->list[i];
    for (size_t i = 0; i < right->count; i++)
        if (!is_merged(item->join, left, right->list[i].name))
            list[count++] = right->list[i];
    struct hg_names names = {list, count, known, true};
    if (!item->join->alias)
        return names;
    return hg_names_renamed(names, item->join->alias->n_colnames, item->join->alias->colnames, arena, budget);
}

const struct hg_names *hg_item_names(struct hg_item *item, struct hg_arena *arena,
                                     struct hg_scope_budget *budget)
{
    if (!item->named && item->kind == HG_ITEM_TABLE)
        item->names = table_names(item, arena, budget);
    else if (!item->named && item->kind == HG_ITEM_JOIN)
        item->names = join_names(item, arena, budget);
    item->named = true;
    return &item->names;
}

/* Where it is not certain which columns there are, nor is it which of them are renamed. */
struct hg_names hg_names_renamed(struct hg_names names, size_t naliases, PgQuery__Node *const *aliases,
                                 struct hg_arena *arena, struct hg_scope_budget *budget)
{
    size_t from = names.known ? 0 : names.count;
    size_t count = names.known ? names.count : names.count + naliases;
    if (naliases == 0 || !names.all || from + naliases > count)
        return names;
    if (!spend(&budget->names, count))
        return (struct hg_names){0};
    struct hg_name *list = HG_NEW_ARRAY(arena, struct hg_name, count);
    if (names.count)
        memcpy(list, names.list, names.count * sizeof(*list));
    for (size_t i = 0; i < naliases; i++)
        list[from + i].name = hg_string_of(aliases[i]);
    return (struct hg_names){list, count, names.known, true};
}
