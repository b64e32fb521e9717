/* Columns whose values reach beyond the tenant's rows, since all tenants share a table, its sequences and its
 * keys.
 *
 *   - Columns that number themselves (serial, identity, nextval()): each number of the one sequence tells how
 *     many rows the others have added since the last one, and no private database would give it. A statement
 *     has to bring these values itself, unless the policy says `numbers: shared` of the table.
 *   - Columns of a foreign key that lacks the tenant columns: the database finds the rows of all tenants, so
 *     that a value tells whether such a row is there, and keeps its owner from deleting it. They may be NULL,
 *     unless the policy says `references: shared` of the table. */
#include "resolver.h"

static bool refuse_number(struct hg_resolver *r, const struct hg_write *write, size_t column,
                          int32_t location)
{
    const struct hg_table *table = write->view->table;
    hg_refuse(r, location, HG_FEATURE_NOT_SUPPORTED,
              "column \"%.*s\" of relation \"%.*s\" is numbered for all customers together",
              HG_SLICE_FMT(table->columns[column].name), HG_SLICE_FMT(table->name));
    return hg_refuse_hint(
        r, "Its next number would tell of other customers' rows: give it a value. An administrator can "
           "allow it, by \"numbers: shared\" of the table.");
}

static bool numbers_itself(const struct hg_table *table, size_t column)
{
    return table->columns[column].numbered && !table->numbers_shared;
}

bool hg_default_number(struct hg_resolver *r, const struct hg_write *write, size_t column,
                       const PgQuery__Node *value, int32_t location)
{
    if (!value || value->node_case != PG_QUERY__NODE__NODE_SET_TO_DEFAULT ||
        !numbers_itself(write->view->table, column))
        return true;
    return refuse_number(r, write, column, location);
}

bool hg_given_numbers(struct hg_resolver *r, const struct hg_write *write, const bool *given)
{
    const struct hg_table *table = write->view->table;
    for (size_t i = 0; i < table->ncolumns; i++)
        if (!given[i] && numbers_itself(table, i))
            return refuse_number(r, write, i, write->range->location);
    return true;
}

bool hg_may_refer(struct hg_resolver *r, const struct hg_write *write, size_t column,
                  const PgQuery__Node *value, int32_t location)
{
    const struct hg_table *table = write->view->table;
    if (!table->columns[column].refers || table->references_shared ||
        (value && (value->node_case == PG_QUERY__NODE__NODE_SET_TO_DEFAULT ||
                   (value->node_case == PG_QUERY__NODE__NODE_A_CONST && value->a_const->isnull))))
        return true;
    return hg_refuse_column(
        r, write, table->columns[column].name, location,
        "A foreign key that lacks the tenant's column depends on it: it would find other customers' "
        "rows. An administrator can allow it, by \"references: shared\" of the table.");
}

/* The values for the n-th column of the list: no DEFAULT for a number, no reference. */
static bool check_values(struct hg_resolver *r, const struct hg_write *write,
                         const PgQuery__SelectStmt *source, size_t n, size_t column)
{
    int32_t location = write->range->location;
    for (size_t i = 0; source && i < source->n_values_lists; i++) {
        const PgQuery__Node *row = source->values_lists[i];
        const PgQuery__Node *value = row->node_case == PG_QUERY__NODE__NODE_LIST && n < row->list->n_items
                                         ? row->list->items[n]
                                         : NULL;
        if (!hg_default_number(r, write, column, value, location) ||
            !hg_may_refer(r, write, column, value, location))
            return false;
    }
    return !source || source->n_values_lists || hg_may_refer(r, write, column, NULL, location);
}

bool hg_may_insert_values(struct hg_resolver *r, const struct hg_write *write,
                          const PgQuery__InsertStmt *insert)
{
    const struct hg_table *table = write->view->table;
    const PgQuery__SelectStmt *source = insert->select_stmt ? insert->select_stmt->select_stmt : NULL;
    bool *given = HG_NEW_ARRAY(r->arena, bool, table->ncolumns + 1);
    bool kept =
        insert->override != PG_QUERY__OVERRIDING_KIND__OVERRIDING_USER_VALUE; /* else values are not used */
    for (size_t i = 0; i < insert->n_cols && kept; i++) {
        int column = hg_table_column(table, hg_slice_cstr(insert->cols[i]->res_target->name));
        if (column < 0)
            continue;
        given[column] = true;
        if (!check_values(r, write, source, i, (size_t)column))
            return false;
    }
    return hg_given_numbers(r, write, given);
}
