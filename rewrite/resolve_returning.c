/* RETURNING sees the rows that were written, and those of FROM or USING. What means all columns of a target
 * is spelled out first, for the physical table has others: `*` and `t.*` become the columns that the role
 * sees. The rest is a select list like any other. */
#include "build.h"
#include "resolver.h"

struct spelling {
    struct hg_resolver *r;
    struct hg_scope *scope;
    PgQuery__Node **list;
    size_t count, room;
    struct hg_slice *rows; /* names of output columns that are rows of the target */
    size_t nrows;
};

static void add(struct spelling *out, PgQuery__Node *target)
{
    if (out->count == out->room) {
        size_t room = out->room * 2 + 8;
        PgQuery__Node **list = HG_NEW_ARRAY(out->r->arena, PgQuery__Node *, room);
        if (out->count)
            memcpy(list, out->list, out->count * sizeof(*list));
        out->list = list;
        out->room = room;
    }
    out->list[out->count++] = target;
}

static bool add_columns(struct spelling *out, const struct hg_item *target, int32_t location)
{
    const struct hg_table *table = target->view->table;
    if (!hg_may_spell_out(out->r, table->ncolumns, location))
        return false;
    for (size_t i = 0; i < table->ncolumns; i++)
        if (!target->view->columns[i].hidden)
            add(out, hg_build_target(out->r->arena, HG_LIT(""),
                                     hg_target_column(out->r, target, table->columns[i].name)));
    return true;
}

static bool add_item(struct spelling *out, struct hg_item *item, int32_t location)
{
    if (item->target)
        return add_columns(out, item, location);
    if (item->kind == HG_ITEM_JOIN && !item->rel_visible) {
        if (!item->join->is_natural && !item->join->n_using_clause)
            return add_item(out, item->left, location) && add_item(out, item->right, location);
        hg_refuse(out->r, location, HG_FEATURE_NOT_SUPPORTED,
                  "RETURNING * is not supported beside a join that merges columns");
        return hg_refuse_hint(out->r, "Name the columns, or give the join an alias.");
    }
    add(out, hg_build_target(out->r->arena, HG_LIT(""), hg_build_row(out->r->arena, item->printed)));
    return true;
}

static bool add_all(struct spelling *out, int32_t location)
{
    for (size_t i = 0; i < out->scope->nitems; i++)
        if (out->scope->items[i]->cols_visible && !add_item(out, out->scope->items[i], location))
            return false;
    return true;
}

/* The target of `(t).*`, or NULL. */
static struct hg_item *spread_target(struct spelling *out, const PgQuery__Node *value)
{
    struct hg_scope *at;
    const PgQuery__AIndirection *spread =
        value && value->node_case == PG_QUERY__NODE__NODE_A_INDIRECTION ? value->a_indirection : NULL;
    if (!spread || spread->n_indirection != 1 ||
        spread->indirection[0]->node_case != PG_QUERY__NODE__NODE_A_STAR)
        return NULL;
    struct hg_item *row = hg_whole_row(out->r, out->scope, spread->arg, &at);
    return row && row->target ? row : NULL;
}

/* One item of the client's list. */
static bool spell(struct spelling *out, PgQuery__Node *node)
{
    const PgQuery__Node *value =
        node->node_case == PG_QUERY__NODE__NODE_RES_TARGET ? node->res_target->val : NULL;
    struct hg_scope *at;
    struct hg_item *spread = spread_target(out, value);
    if (spread)
        return add_columns(out, spread, node->res_target->location);
    if (!value || value->node_case != PG_QUERY__NODE__NODE_COLUMN_REF) {
        add(out, node);
        return true;
    }
    bool star = hg_is_star(value);
    if (star && value->column_ref->n_fields == 1)
        return add_all(out, value->column_ref->location);
    struct hg_item *row = hg_whole_row(out->r, out->scope, value, &at);
    if (row && row->target && star)
        return add_columns(out, row, value->column_ref->location);
    if (row && row->target)
        out->rows[out->nrows++] =
            node->res_target->name[0] ? hg_slice_cstr(node->res_target->name) : row->name;
    add(out, node);
    return true;
}

/* Marks the names of those output columns that are rows of the target. */
static void mark_rows(const struct spelling *out, struct hg_names *names)
{
    struct hg_name *list = HG_NEW_ARRAY(out->r->arena, struct hg_name, names->count);
    for (size_t i = 0; i < names->count; i++) {
        list[i] = names->list[i];
        for (size_t k = 0; k < out->nrows; k++)
            list[i].row |= hg_slice_equal(list[i].name, out->rows[k]);
    }
    names->list = list;
}

bool hg_resolve_returning(struct hg_resolver *r, struct hg_scope *scope, size_t *count, PgQuery__Node ***list,
                          struct hg_names *names)
{
    struct spelling out = {.r = r, .scope = scope, .rows = HG_NEW_ARRAY(r->arena, struct hg_slice, *count)};
    *names = (struct hg_names){.known = true, .all = true};
    for (size_t i = 0; i < *count; i++)
        if (!spell(&out, (*list)[i]))
            return false;
    *list = out.list;
    *count = out.count;
    if (out.count && !hg_resolve_targets(r, scope, out.count, out.list, names))
        return false;
    if (out.nrows)
        mark_rows(&out, names);
    return true;
}
