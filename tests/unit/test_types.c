/* Numbers of the schema's types: a backend's become the catalog's, in descriptions of rows and parameters. */
#include "check.h"

#include "encode.h"
#include "types.h"

static void frame_of_row(struct hg_bytes *out, const uint32_t *oids, uint16_t count)
{
    hg_write_u16(out, count);
    for (uint16_t i = 0; i < count; i++) {
        hg_write_cstr(out, HG_LIT("column"));
        hg_write_u32(out, 1);
        hg_write_u16(out, 2);
        hg_write_u32(out, oids[i]);
        hg_write_u16(out, 4);
        hg_write_u32(out, UINT32_MAX);
        hg_write_u16(out, 0);
    }
}

static uint32_t oid_at(const struct hg_bytes *row, size_t column)
{
    struct hg_reader reader = hg_reader_of(row->data, row->len);

    hg_read_bytes(&reader, 2 + column * 25 + 7 + 6);
    return hg_read_u32(&reader);
}

/* ---- tables and columns ---- */

static struct hg_column columns[] = {{.name = HG_LIT("id")}, {.name = HG_LIT("na me")}};
static struct hg_table tables[] = {
    {.index = 0,
     .schema = HG_LIT("public"),
     .name = HG_LIT("a"),
     .physical_schema = HG_LIT("public"),
     .physical_name = HG_LIT("a"),
     .columns = columns,
     .ncolumns = 2},
    {.index = 1,
     .schema = HG_LIT("materialized"),
     .name = HG_LIT("a"),
     .physical_schema = HG_LIT("public"),
     .physical_name = HG_LIT("_m_a"),
     .columns = columns,
     .ncolumns = 2},
};

static void make_snapshot(struct hg_snapshot *snapshot)
{
    *snapshot = (struct hg_snapshot){.tables = tables, .ntables = 2};
    hg_map_init(&snapshot->table_map);
    hg_map_init(&tables[0].column_index);
    CHECK(hg_map_put(&snapshot->table_map, HG_LIT("public\0a"), &tables[0]) == NULL);
    CHECK(hg_map_put(&snapshot->table_map, HG_LIT("materialized\0a"), &tables[1]) == NULL);
    for (size_t i = 0; i < 2; i++)
        CHECK(hg_map_put(&tables[0].column_index, columns[i].name, &columns[i]) == NULL);
    tables[1].column_index = tables[0].column_index;
}

static void origins(void)
{
    const struct hg_slice catalog[] = {HG_LIT("16400 1 6 1 publicaid"),
                                       HG_LIT("16400 3 6 1 publicana me"),
                                       HG_LIT("16500 7 12 1 materializedaid"),
                                       HG_LIT("1 1 99 1 publicaid"),
                                       HG_LIT("1 1 6 1"),
                                       HG_LIT(""),
                                       HG_LIT("16400 70000 6 1 publicaid")};
    const struct hg_slice backend[] = {HG_LIT("501 2 6 4 public_m_aid"), HG_LIT("502 5 6 1 publicana me"),
                                       HG_LIT("502 9 6 1 publicatenant_id"), HG_LIT("503 1 5 1 otheraid")};
    struct hg_snapshot snapshot;
    struct hg_catalog_origins known = {0};
    struct hg_origins list = {0};
    struct hg_bytes sql = {0};

    make_snapshot(&snapshot);
    hg_origins_question(&snapshot, false, &sql);
    CHECK(sql.len > 0 && !sql.failed && strstr((const char *)sql.data, "'_m_a'"));
    hg_bytes_free(&sql);
    hg_origins_take_catalog(&known, &snapshot, catalog, sizeof catalog / sizeof catalog[0]);
    hg_origins_take_backend(&list, &known, &snapshot, backend, sizeof backend / sizeof backend[0]);
    CHECK_INT(list.npairs, 2);
    struct hg_origin here = hg_origins_here(&list, (struct hg_origin){501, 2});
    CHECK(here.table == 16500 && here.column == 7);
    here = hg_origins_here(&list, (struct hg_origin){502, 5});
    CHECK(here.table == 16400 && here.column == 3);
    static const struct hg_origin strange[] = {{502, 9}, {503, 1}, {501, 1}, {0, 0}, {UINT32_MAX, 65535}};
    for (size_t i = 0; i < sizeof strange / sizeof strange[0]; i++) {
        here = hg_origins_here(&list, strange[i]);
        CHECK(here.table == 0 && here.column == 0);
    }
    hg_origins_free(&list);
    hg_catalog_origins_free(&known);
    hg_map_free(&snapshot.table_map);
    hg_map_free(&tables[0].column_index);
}

int main(void)
{
    origins();
    const struct hg_slice catalog[] = {HG_LIT("16400 public.mood"),
                                       HG_LIT("16399 public._mood"),
                                       HG_LIT("x"),
                                       HG_LIT(""),
                                       HG_LIT("99999999999 public.big"),
                                       HG_LIT("7"),
                                       HG_LIT("8 ")};
    const struct hg_slice backend[] = {HG_LIT("20001 public.mood"), HG_LIT("20000 public._mood"),
                                       HG_LIT("20002 public.other")};
    struct hg_types types;
    struct hg_bytes row = {0}, parameters = {0};
    bool stale = false;

    hg_types_init(&types);
    hg_types_take_catalog(&types, catalog, sizeof catalog / sizeof catalog[0]);
    CHECK_INT(types.ncatalog, 2);
    hg_types_take_backend(&types, 3, &types, backend, sizeof backend / sizeof backend[0]);
    CHECK_INT(hg_types_here(&types.backends[3], 25, &stale), 25);
    CHECK_INT(hg_types_here(&types.backends[3], 20001, &stale), 16400);
    CHECK(!stale);
    CHECK_INT(hg_types_here(&types.backends[3], 20002, &stale), 25);
    CHECK(stale);
    stale = false;
    CHECK_INT(hg_types_here(&types.backends[2], 20001, &stale), 25);
    CHECK(stale);

    stale = false;
    frame_of_row(&row, (const uint32_t[]){23, 20000, 20001}, 3);
    CHECK(hg_types_in_row(&types.backends[3], row.data, row.len, &stale) && !stale);
    CHECK(oid_at(&row, 0) == 23 && oid_at(&row, 1) == 16399 && oid_at(&row, 2) == 16400);
    for (size_t len = 0; len < row.len; len++)
        CHECK(!hg_types_in_row(&types.backends[3], row.data, len, &stale));

    hg_write_u16(&parameters, 2);
    hg_write_u32(&parameters, 20001);
    hg_write_u32(&parameters, 1043);
    CHECK(hg_types_in_parameters(&types.backends[3], parameters.data, parameters.len, &stale));
    CHECK(memcmp(parameters.data, "\0\2\0\0\x40\x10\0\0\x04\x13", 10) == 0);
    CHECK(!hg_types_in_parameters(&types.backends[3], parameters.data, parameters.len - 1, &stale));
    hg_bytes_free(&row);
    hg_bytes_free(&parameters);
    types.catalog_known = types.backends[3].known = true;
    hg_types_forget(&types);
    CHECK(!types.catalog_known && !types.backends[3].known);
    CHECK_INT(hg_types_here(&types.backends[3], 20001, &stale), 16400); /* until it is asked for again */
    hg_types_take_catalog(&types, catalog, 1);
    hg_types_take_backend(&types, 3, &types, backend, 2);
    CHECK_INT(types.backends[3].npairs, 1);
    hg_types_free(&types);
    return check_end();
}
