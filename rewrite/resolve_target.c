/* Names beside a table that is written. Tables that are read stand behind sub-selects, which offer what the
 * role may see and nothing else; the target of an INSERT, UPDATE or DELETE stands there by itself, with all
 * that the physical table has: the tenant's column, hidden columns, system columns, columns that schema.sql
 * does not know. So where a target is in sight, no name is left for the backend to look up: a bare name is
 * known to be a column of some item, and is qualified by it on the target's own level; a name that might be
 * something else is refused. Masked columns of the target become their masks, qualified likewise. */
#include "build.h"
#include "reflect.h"
#include "resolver.h"

static bool is_star(const PgQuery__Node *node)
{
    return node->node_case == PG_QUERY__NODE__NODE_A_STAR;
}

bool hg_refuse_target_row(struct hg_resolver *r, const struct hg_item *item, int32_t location)
{
    hg_refuse(r, location, HG_FEATURE_NOT_SUPPORTED,
              "the whole row of table \"%.*s\" is not supported in this place of a statement that writes it",
              HG_SLICE_FMT(item->name));
    return hg_refuse_hint(r, "Name its columns, or return the row by RETURNING.");
}

static void set_fields(struct hg_resolver *r, PgQuery__ColumnRef *column, struct hg_slice qualifier,
                       PgQuery__Node *last)
{
    column->fields = HG_NEW_ARRAY(r->arena, PgQuery__Node *, 2);
    column->fields[0] = hg_build_string(r->arena, qualifier);
    column->fields[1] = last;
    column->n_fields = 2;
}

/* ---- masks ---- */

struct masking {
    struct hg_resolver *r;
    struct hg_slice qualifier;
};

static enum hg_walk qualify_column(ProtobufCMessage *message, ProtobufCMessage *parent,
                                   const ProtobufCFieldDescriptor *field, void *argument)
{
    const struct masking *masking = argument;
    PgQuery__ColumnRef *column = (PgQuery__ColumnRef *)message;
    (void)parent;
    (void)field;
    if (message->descriptor != &pg_query__column_ref__descriptor)
        return HG_WALK_INTO;
    set_fields(masking->r, column, masking->qualifier, column->fields[0]);
    return HG_WALK_OVER;
}

static bool use_mask(struct hg_resolver *r, PgQuery__Node *node, const struct hg_item *item,
                     const PgQuery__Node *mask)
{
    struct masking masking = {r, item->printed};
    if (!hg_may_spell_out(r, 1, node->column_ref->location))
        return false;
    PgQuery__Node *copy = (PgQuery__Node *)hg_tree_copy(&mask->base, r->arena);
    if (!copy || !hg_tree_walk(hg_node_message(copy), HG_TREE_DEPTH_MOST, qualify_column, &masking))
        return hg_refuse(r, node->column_ref->location, HG_STATEMENT_TOO_COMPLEX, "statement is too complex");
    hg_edit_for_rows(r, node, copy);
    return true;
}

/* A column of the target. Past an item of the same name a bare one stays bare: nothing in between has it. */
static bool use_column(struct hg_resolver *r, const struct hg_scope *scope, PgQuery__Node *node,
                       struct hg_item *item, size_t column)
{
    const PgQuery__Node *mask = item->view->columns[column].mask;
    if (!mask && node->column_ref->n_fields == 1 && !hg_is_reached(scope, item))
        return true;
    return hg_qualify(r, scope, node->column_ref, item) && (!mask || use_mask(r, node, item, mask));
}

/* ---- rows ---- */

/* As a client would write it: it is resolved like what clients write. */
PgQuery__Node *hg_target_column(struct hg_resolver *r, const struct hg_item *target, struct hg_slice name)
{
    PgQuery__Node *column = hg_build_column(r->arena, target->name, name);
    if (!target->relation.len)
        return column;
    PgQuery__ColumnRef *reference = column->column_ref;
    PgQuery__Node **fields = HG_NEW_ARRAY(r->arena, PgQuery__Node *, 3);
    fields[0] = hg_build_string(r->arena, target->schema);
    fields[1] = reference->fields[0];
    fields[2] = reference->fields[1];
    reference->fields = fields;
    reference->n_fields = 3;
    return column;
}

#define ROW_ALIAS HG_LIT("written")

/* (SELECT written.*::record FROM (SELECT t.a, t.b …) AS written): the row of a target with its columns'
 * names. */
static PgQuery__Node *row_of(struct hg_resolver *r, const struct hg_item *target)
{
    const struct hg_table *table = target->view->table;
    PgQuery__SelectStmt *columns = hg_build_select(r->arena), *select = hg_build_select(r->arena);
    columns->target_list = HG_NEW_ARRAY(r->arena, PgQuery__Node *, table->ncolumns);
    for (size_t i = 0; i < table->ncolumns; i++)
        if (!target->view->columns[i].hidden)
            columns->target_list[columns->n_target_list++] =
                hg_build_target(r->arena, HG_LIT(""), hg_target_column(r, target, table->columns[i].name));
    PgQuery__Node *row = hg_build_cast(r->arena, hg_build_row(r->arena, ROW_ALIAS), HG_LIT("record"));
    select->target_list = hg_build_appended(r->arena, NULL, 0, hg_build_target(r->arena, HG_LIT(""), row));
    select->n_target_list = 1;
    select->from_clause = hg_build_appended(
        r->arena, NULL, 0, hg_build_subselect(r->arena, columns, hg_build_alias(r->arena, ROW_ALIAS)));
    select->n_from_clause = 1;
    PgQuery__SubLink *link = HG_NEW(r->arena, PgQuery__SubLink);
    *link = (PgQuery__SubLink)PG_QUERY__SUB_LINK__INIT;
    link->sub_link_type = PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK;
    link->subselect = hg_build_node(r->arena, PG_QUERY__NODE__NODE_SELECT_STMT, select);
    link->location = HG_LOCATION_NONE;
    return hg_build_node(r->arena, PG_QUERY__NODE__NODE_SUB_LINK, link);
}

/* A bare name that means the row of an item: written so that it cannot be a column that a target might have.
 */
static bool use_row(struct hg_resolver *r, struct hg_scope *scope, PgQuery__Node *node, struct hg_scope *at,
                    struct hg_item *item)
{
    PgQuery__ColumnRef *column = node->column_ref;
    r->casts_rows = true;
    if (item->target) {
        if (!hg_may_spell_out(r, item->view->table->ncolumns, column->location))
            return false;
        PgQuery__Node *row = row_of(r, item);
        hg_edit_later(r, node, row);
        return hg_resolve_node(r, scope, row);
    }
    if (item->renamed || !hg_is_reached(scope, item))
        return hg_refuse_target_row(r, item, column->location);
    hg_group_needs_row(at, item);
    hg_edit_later(r, node,
                  item->scalar
                      ? hg_build_column(r->arena, item->printed, item->names.list[0].name)
                      : hg_build_cast(r->arena, hg_build_row(r->arena, item->printed), HG_LIT("record")));
    return true;
}

/* ---- bare names ---- */

/* The item of this level that has the column, if it can be named. */
static struct hg_item *owner_of(struct hg_resolver *r, struct hg_scope *at, struct hg_slice name)
{
    struct hg_name found;
    for (size_t i = at->first; i < at->nitems; i++) {
        struct hg_item *item = at->items[i];
        if (!item->cols_visible || (item->lateral_only && !at->lateral_active))
            continue;
        if (hg_item_column(item, name, r->arena, &r->budget, &found) != HG_FOUND)
            continue;
        if (item->rel_visible && item->name.len)
            return item;
        return found.base && hg_slice_equal(found.name, name) && found.base->rel_visible ? found.base : NULL;
    }
    return NULL;
}

/* A column that JOIN … USING merged has no qualifier; it must not share its name with what the target has
 * besides its visible columns. */
static bool may_stay_bare(const struct hg_scope *at, struct hg_slice name)
{
    const struct hg_item *target = hg_scope_target(at);
    return hg_table_column(target->view->table, name) < 0 &&
           !hg_slice_equal(target->view->table->tenant_column, name);
}

static bool refuse_unqualified(struct hg_resolver *r, const PgQuery__ColumnRef *column, struct hg_slice name)
{
    hg_refuse(r, column->location, HG_FEATURE_NOT_SUPPORTED,
              "it is not certain which table column \"%.*s\" belongs to", HG_SLICE_FMT(name));
    return hg_refuse_hint(r, "Qualify it by the name of its table.");
}

static bool use_found(struct hg_resolver *r, const struct hg_scope *scope, struct hg_scope *at,
                      PgQuery__Node *node, struct hg_name found)
{
    PgQuery__ColumnRef *column = node->column_ref;
    if (found.base && found.base->target)
        return use_column(r, scope, node, found.base, found.column);
    struct hg_item *owner = owner_of(r, at, found.name);
    if (owner && hg_is_reached(scope, owner))
        return hg_qualify(r, scope, column, owner);
    return may_stay_bare(at, found.name) || refuse_unqualified(r, column, found.name);
}

/* An item in between does not know its columns. If the name is none of its, it is one of a target: harmless
 * when all targets show that column as it is. */
static bool is_harmless(const struct hg_scope *scope, struct hg_slice name)
{
    for (; scope; scope = scope->parent) {
        const struct hg_item *target = hg_scope_target(scope);
        int at = target ? hg_table_column(target->view->table, name) : 0;
        if (target && (at < 0 || target->view->columns[at].hidden || target->view->columns[at].mask))
            return false;
    }
    return true;
}

/* Does a target have a column of this name that the role does not know? */
static bool is_covert(const struct hg_scope *scope, struct hg_slice name)
{
    for (; scope; scope = scope->parent) {
        const struct hg_item *target = hg_scope_target(scope);
        int at = target ? hg_table_column(target->view->table, name) : -1;
        if (target && (at < 0 ? hg_slice_equal(target->view->table->tenant_column, name)
                              : target->view->columns[at].hidden))
            return true;
    }
    return false;
}

/* Found on a level between the target and here: no doubt is left to whoever reads the text again. */
static bool use_inner(struct hg_resolver *r, struct hg_scope *scope, struct hg_scope *at,
                      PgQuery__ColumnRef *column, struct hg_slice name)
{
    const struct hg_item *owner = is_covert(scope, name) ? owner_of(r, at, name) : NULL;
    if (!hg_resolve_column(r, scope, column)) /* while it is bare: two items may bear the owner's name */
        return false;
    return !owner || !hg_is_reached(scope, owner) || hg_qualify(r, scope, column, owner);
}

static bool no_such_column(struct hg_resolver *r, const PgQuery__ColumnRef *column, struct hg_slice name)
{
    return hg_refuse(r, column->location, HG_UNDEFINED_COLUMN, "column \"%.*s\" does not exist",
                     HG_SLICE_FMT(name));
}

static bool resolve_bare(struct hg_resolver *r, struct hg_scope *scope, PgQuery__Node *node)
{
    PgQuery__ColumnRef *column = node->column_ref;
    struct hg_slice name = hg_string_of(column->fields[0]);
    struct hg_name found;
    struct hg_scope *at;
    struct hg_item *item;
    switch (hg_scope_column(scope, name, r->arena, &r->budget, &found, &at)) {
    case HG_FOUND:
        return hg_scope_target(at) ? use_found(r, scope, at, node, found)
                                   : use_inner(r, scope, at, column, name);
    case HG_FOUND_TWICE:
        return true; /* the backend says so */
    case HG_FOUND_MAYBE:
        return is_harmless(scope, name) || refuse_unqualified(r, column, name);
    case HG_NOT_FOUND:
        break;
    }
    if (hg_is_system_column(name)) /* of the target, or of a table around it */
        return hg_resolve_column(r, scope, column);
    if (hg_scope_item(scope, name, &r->budget, &item, &at) == HG_NOT_FOUND)
        return no_such_column(r, column, name);
    return use_row(r, scope, node, at, item);
}

/* ---- qualified names ---- */

static struct hg_item *target_named(struct hg_resolver *r, struct hg_scope *scope,
                                    const PgQuery__ColumnRef *column)
{
    size_t n = column->n_fields;
    struct hg_item *item = NULL;
    struct hg_scope *at;
    struct hg_slice relation = hg_string_of(column->fields[n - 2]);
    if (n == 2)
        hg_scope_item(scope, relation, &r->budget, &item, &at);
    else if (n <= 4)
        hg_scope_relation(scope, hg_string_of(column->fields[n - 3]), relation, &r->budget, &item, &at);
    return item && item->target ? item : NULL;
}

static bool resolve_qualified(struct hg_resolver *r, struct hg_scope *scope, PgQuery__Node *node)
{
    PgQuery__ColumnRef *column = node->column_ref;
    struct hg_slice name = hg_string_of(column->fields[column->n_fields - 1]);
    struct hg_item *target = target_named(r, scope, column);
    struct hg_name found;
    if (!target || !name.len || hg_is_system_column(name))
        return hg_resolve_column(r, scope, column);
    if (hg_item_column(target, name, r->arena, &r->budget, &found) != HG_FOUND)
        return hg_refuse(r, column->location, HG_UNDEFINED_COLUMN, "column %.*s.%.*s does not exist",
                         HG_SLICE_FMT(target->name), HG_SLICE_FMT(name));
    return hg_resolve_column(r, scope, column) && use_column(r, scope, node, target, found.column);
}

bool hg_resolve_beside_target(struct hg_resolver *r, struct hg_scope *scope, PgQuery__Node *node)
{
    PgQuery__ColumnRef *column = node->column_ref;
    if (!hg_scope_sees_target(scope) || !column->n_fields ||
        (column->n_fields == 1 && is_star(column->fields[0])))
        return hg_resolve_column(r, scope, column);
    return column->n_fields == 1 ? resolve_bare(r, scope, node) : resolve_qualified(r, scope, node);
}

/* ---- what is written as a row, and is none ---- */

void hg_target_field(struct hg_resolver *r, struct hg_scope *scope, PgQuery__Node *node)
{
    PgQuery__AIndirection *indirection = node->a_indirection;
    struct hg_scope *at;
    struct hg_item *row = hg_whole_row(r, scope, indirection->arg, &at);
    if (!row || !row->target || !indirection->n_indirection || !hg_string_of(indirection->indirection[0]).len)
        return;
    PgQuery__Node *column = hg_build_column(r->arena, row->name, hg_string_of(indirection->indirection[0]));
    column->column_ref->location = hg_message_location(hg_node_message(indirection->arg));
    if (indirection->n_indirection == 1) {
        *node = *column;
        return;
    }
    indirection->arg = column;
    indirection->indirection++;
    indirection->n_indirection--;
}

bool hg_name_row_arguments(struct hg_resolver *r, struct hg_scope *scope, PgQuery__FuncCall *call)
{
    struct hg_slice schema, name = hg_function_name(call, &schema);
    struct hg_scope *at;
    if (hg_allow_function(schema, name) == HG_FN_UNKNOWN)
        return true; /* a column, maybe: name(t) is t.name */
    for (size_t i = 0; i < call->n_args; i++) {
        if (!hg_is_star(call->args[i]))
            continue;
        const struct hg_item *row = hg_whole_row(r, scope, call->args[i], &at);
        if (!row || !row->target)
            continue;
        if (!hg_may_spell_out(r, row->view->table->ncolumns, call->location))
            return false;
        call->args[i] = row_of(r, row);
    }
    return true;
}
