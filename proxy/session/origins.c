/* Numbers of tables and columns. A server answers with `<oid> <attnum> <bytes of schema> <bytes of table> `
 * and then the three names, one behind the other, so that no name needs quoting. */
#include "origins.h"

#include <stdlib.h>

#include "ddl.h"

static struct hg_slice schema_of(const struct hg_table *table, bool catalog)
{
    return catalog ? table->schema : table->physical_schema;
}

static struct hg_slice name_of(const struct hg_table *table, bool catalog)
{
    return catalog ? table->name : table->physical_name;
}

/* More than is wanted, where one schema has a table of another one's name: what comes is looked up anyway. */
void hg_origins_question(const struct hg_snapshot *snapshot, bool catalog, struct hg_bytes *sql)
{
    hg_write_text(
        sql, "SELECT c.oid::pg_catalog.text || ' ' || a.attnum::pg_catalog.text || ' ' || "
             "pg_catalog.octet_length(n.nspname::pg_catalog.text)::pg_catalog.text || ' ' || "
             "pg_catalog.octet_length(c.relname::pg_catalog.text)::pg_catalog.text || ' ' || "
             "n.nspname::pg_catalog.text || c.relname::pg_catalog.text || a.attname::pg_catalog.text "
             "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
             "JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
             "WHERE c.relname IN (''");
    for (size_t i = 0; i < snapshot->ntables; i++) {
        hg_write_text(sql, ", ");
        hg_ddl_literal(sql, name_of(&snapshot->tables[i], catalog));
    }
    hg_write_text(sql, ") AND n.nspname IN (''");
    for (size_t i = 0; i < snapshot->ntables; i++) {
        if (i > 0 && hg_slice_equal(schema_of(&snapshot->tables[i], catalog),
                                    schema_of(&snapshot->tables[i - 1], catalog)))
            continue;
        hg_write_text(sql, ", ");
        hg_ddl_literal(sql, schema_of(&snapshot->tables[i], catalog));
    }
    hg_write_text(sql, ")");
}

/* ---- answers ---- */

struct row {
    struct hg_origin origin;
    struct hg_slice schema, table, column;
};

/* A decimal number and the blank behind it, taken off the row. */
static bool take_number(struct hg_slice *row, uint64_t most, uint64_t *number)
{
    size_t at = 0;

    for (*number = 0; at < row->len && at < 10 && row->ptr[at] >= '0' && row->ptr[at] <= '9'; at++)
        *number = *number * 10 + (uint64_t)(row->ptr[at] - '0');
    if (at == 0 || at == row->len || row->ptr[at] != ' ' || *number > most)
        return false;
    *row = hg_slice_of(row->ptr + at + 1, row->len - at - 1);
    return true;
}

static struct hg_slice take_name(struct hg_slice *row, uint64_t len)
{
    struct hg_slice name = hg_slice_of(row->ptr, (size_t)len);

    *row = hg_slice_of(row->ptr + len, row->len - (size_t)len);
    return name;
}

static bool read_row(struct hg_slice text, struct row *row)
{
    uint64_t oid, attnum, schema, table;

    if (!take_number(&text, UINT32_MAX, &oid) || !take_number(&text, INT16_MAX, &attnum) ||
        !take_number(&text, text.len, &schema) || !take_number(&text, text.len, &table) ||
        schema + table > text.len)
        return false;
    row->origin = (struct hg_origin){(uint32_t)oid, (uint16_t)attnum};
    row->schema = take_name(&text, schema);
    row->table = take_name(&text, table);
    row->column = text;
    return true;
}

void hg_catalog_origins_free(struct hg_catalog_origins *catalog)
{
    for (size_t i = 0; i < catalog->ntables; i++)
        free(catalog->tables[i]);
    free(catalog->tables);
    *catalog = (struct hg_catalog_origins){0};
}

void hg_origins_take_catalog(struct hg_catalog_origins *catalog, const struct hg_snapshot *snapshot,
                             const struct hg_slice *rows, size_t count)
{
    struct row row;

    hg_catalog_origins_free(catalog);
    catalog->tables = hg_calloc(snapshot->ntables + 1, sizeof *catalog->tables);
    catalog->ntables = snapshot->ntables;
    for (size_t i = 0; i < count; i++) {
        const struct hg_table *table =
            read_row(rows[i], &row) ? hg_snapshot_table(snapshot, row.schema, row.table) : NULL;
        int column = table ? hg_table_column(table, row.column) : -1;
        if (column < 0)
            continue;
        struct hg_origin **columns = &catalog->tables[table->index];
        if (!*columns)
            *columns = hg_calloc(table->ncolumns, sizeof **columns);
        (*columns)[column] = row.origin;
    }
}

static int compare(struct hg_origin a, struct hg_origin b)
{
    return a.table != b.table ? (a.table < b.table ? -1 : 1) : (int)a.column - (int)b.column;
}

static int compare_pairs(const void *a, const void *b)
{
    return compare(((const struct hg_origin_pair *)a)->there, ((const struct hg_origin_pair *)b)->there);
}

void hg_origins_free(struct hg_origins *origins)
{
    free(origins->pairs);
    *origins = (struct hg_origins){0};
}

void hg_origins_take_backend(struct hg_origins *origins, const struct hg_catalog_origins *catalog,
                             const struct hg_snapshot *snapshot, const struct hg_slice *rows, size_t count)
{
    struct row row;

    hg_origins_free(origins);
    origins->pairs = hg_calloc(count + 1, sizeof *origins->pairs);
    for (size_t i = 0; i < count; i++) {
        const struct hg_table *table =
            read_row(rows[i], &row) ? hg_snapshot_physical_table(snapshot, row.schema, row.table) : NULL;
        int column = table ? hg_table_column(table, row.column) : -1;
        const struct hg_origin *columns =
            table && table->index < catalog->ntables ? catalog->tables[table->index] : NULL;
        if (column >= 0 && columns && columns[column].table)
            origins->pairs[origins->npairs++] = (struct hg_origin_pair){row.origin, columns[column]};
    }
    qsort(origins->pairs, origins->npairs, sizeof *origins->pairs, compare_pairs);
}

struct hg_origin hg_origins_here(const struct hg_origins *origins, struct hg_origin there)
{
    size_t from = 0, to = there.table ? origins->npairs : 0;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = compare(there, origins->pairs[middle].there);
        if (order == 0)
            return origins->pairs[middle].here;
        if (order < 0)
            to = middle;
        else
            from = middle + 1;
    }
    return (struct hg_origin){0};
}
