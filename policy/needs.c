/* Columns, not tables, are what is counted: a hidden column is needed when a mask reads it, a masked one is
 * needed only if its mask reads it. Roles count whether or not a user has them: the next reload may bring
 * one. */
#include "needs.h"

#include <assert.h>

#include "reflect.h"

/* ---- columns that an expression reads ---- */

static enum hg_walk take_column(ProtobufCMessage *message, ProtobufCMessage *parent,
                                const ProtobufCFieldDescriptor *field, void *argument)
{
    struct hg_need *need = argument;
    (void)parent;
    (void)field;
    if (message->descriptor != &pg_query__column_ref__descriptor)
        return HG_WALK_INTO;
    const PgQuery__ColumnRef *ref = (const PgQuery__ColumnRef *)message;
    for (size_t i = 0; i < ref->n_fields; i++) {
        if (ref->fields[i]->node_case != PG_QUERY__NODE__NODE_STRING)
            continue;
        int column = hg_table_column(need->table, hg_slice_cstr(ref->fields[i]->string->sval));
        if (column >= 0)
            need->columns[column] |= HG_NEED_SELECT;
    }
    return HG_WALK_OVER;
}

static void take_expression(struct hg_need *need, const PgQuery__Node *expression)
{
    ProtobufCMessage *root = expression ? hg_node_message((PgQuery__Node *)expression) : NULL;
    /* Never too deep: the policy's loader bounds expressions. */
    if (root && !hg_tree_walk(root, HG_TREE_DEPTH_MOST, take_column, need))
        assert(false);
}

/* ---- one role's view of a table ---- */

static void take_reads(struct hg_need *need, const struct hg_table_view *view)
{
    for (size_t i = 0; i < need->table->ncolumns; i++) {
        const struct hg_column_view *column = &view->columns[i];
        if (column->hidden)
            continue;
        if (column->mask)
            take_expression(need, column->mask);
        else
            need->columns[i] |= HG_NEED_SELECT;
    }
    take_expression(need, view->rows);
}

static void add_tenant(struct hg_need *need, unsigned bits)
{
    if (need->table->tenant_column_index >= 0)
        need->columns[need->table->tenant_column_index] |= (uint8_t)bits;
    else
        need->tenant |= (uint8_t)bits;
}

/* A tenant's statement writes what its role sees unmasked; Headgate adds the tenant column. */
static void take_writes(struct hg_need *need, const struct hg_role *role, const struct hg_table_view *view)
{
    const struct hg_table *table = need->table;
    bool updates = hg_role_may(role, HG_GRANT_UPDATE);
    unsigned bits =
        (hg_role_may(role, HG_GRANT_INSERT) ? HG_NEED_INSERT : 0) | (updates ? HG_NEED_UPDATE : 0);
    for (size_t i = 0; i < table->ncolumns; i++)
        if (!view->columns || !(view->columns[i].hidden || view->columns[i].mask))
            need->columns[i] |= (uint8_t)bits;
    need->deletes |= hg_role_may(role, HG_GRANT_DELETE);
    add_tenant(need, bits & HG_NEED_INSERT);
    if (table->tenant_column_index >= 0) /* SET of the own value is taken */
        add_tenant(need, bits & HG_NEED_UPDATE);
    if (hg_role_may(role, HG_GRANT_LOCK) && !updates) /* FOR UPDATE wants the right to update some column */
        add_tenant(need, HG_NEED_UPDATE);
    for (size_t i = 0; i < table->nunique_keys; i++) /* what ON CONFLICT finds a row by */
        for (size_t j = 0; j < table->unique_keys[i].ncolumns; j++)
            need->columns[table->unique_keys[i].columns[j]] |= HG_NEED_SELECT;
}

unsigned hg_need_any(const struct hg_need *need)
{
    unsigned bits = need->tenant;
    for (size_t i = 0; i < need->table->ncolumns; i++)
        bits |= need->columns[i];
    return bits;
}

static bool take_table(const struct hg_snapshot *snapshot, const struct hg_backend_config *backend,
                       const struct hg_table *table, struct hg_arena *arena, struct hg_need *need)
{
    *need = (struct hg_need){.table = table, .columns = HG_NEW_ARRAY(arena, uint8_t, table->ncolumns + 1)};
    bool used = false;
    for (size_t i = 0; i < snapshot->nroles; i++) {
        const struct hg_role *role = &snapshot->roles[i];
        const struct hg_table_view *view = &role->views[table->index];
        bool writes = view->writable && table->write_backend == (int)backend->index;
        if (view->readable)
            take_reads(need, view);
        if (writes)
            take_writes(need, role, view);
        used |= view->readable || writes;
    }
    if (used && !table->shared)
        add_tenant(need, HG_NEED_SELECT);
    return used;
}

/* ---- the whole ---- */

static void add_schema(struct hg_needs *needs, struct hg_slice schema)
{
    for (size_t i = 0; i < needs->nschemas; i++)
        if (hg_slice_equal(needs->schemas[i], schema))
            return;
    needs->schemas[needs->nschemas++] = schema;
}

struct hg_needs hg_needs_of(const struct hg_snapshot *snapshot, const struct hg_backend_config *backend,
                            struct hg_arena *arena)
{
    struct hg_needs needs = {.backend = backend};
    needs.list = HG_NEW_ARRAY(arena, struct hg_need, snapshot->ntables + 1);
    needs.schemas = HG_NEW_ARRAY(arena, struct hg_slice, snapshot->ntables + snapshot->ntypes + 1);
    for (size_t i = 0; i < snapshot->ntables; i++) {
        const struct hg_table *table = &snapshot->tables[i];
        if (!(table->backends >> backend->index & 1) ||
            !take_table(snapshot, backend, table, arena, &needs.list[needs.count]))
            continue;
        needs.count++;
        add_schema(&needs, table->physical_schema);
        for (size_t j = 0; j < table->ncolumns; j++)
            if (!hg_slice_is(table->columns[j].type.schema, "pg_catalog"))
                add_schema(&needs, table->columns[j].type.schema);
    }
    return needs;
}
