/* Numbers of types. The lists are short (the enums and domains of one schema, and their arrays), so they are
 * searched from front to end; most fields have a built-in type and are never looked up. */
#include "types.h"

#include <stdlib.h>

#include "bytes.h"

#define TEXT_OID 25u

void hg_types_init(struct hg_types *types)
{
    *types = (struct hg_types){0};
}

void hg_types_free(struct hg_types *types)
{
    hg_arena_free(&types->arena);
    hg_catalog_origins_free(&types->catalog_origins);
    for (size_t i = 0; i < HG_MAX_BACKENDS; i++) {
        free(types->backends[i].pairs);
        hg_origins_free(&types->backends[i].origins);
    }
    hg_types_init(types);
}

void hg_types_forget(struct hg_types *types)
{
    types->catalog_known = false;
    for (size_t i = 0; i < HG_MAX_BACKENDS; i++)
        types->backends[i].known = false;
}

struct hg_types *hg_types_of(struct hg_types **list, const void *pool)
{
    struct hg_types *types = *list;

    while (types && types->pool != pool)
        types = types->next;
    if (types)
        return types;
    types = hg_calloc(1, sizeof *types);
    types->pool = pool;
    types->next = *list;
    *list = types;
    return types;
}

void hg_types_keep(struct hg_types **list, const void *const *pools, size_t npools)
{
    while (*list) {
        struct hg_types *types = *list;
        size_t i = 0;

        while (i < npools && pools[i] != types->pool)
            i++;
        if (i < npools) {
            hg_types_forget(types);
            list = &types->next;
            continue;
        }
        *list = types->next;
        hg_types_free(types);
        free(types);
    }
}

/* `<oid> <name>` */
static bool read_row(struct hg_slice row, struct hg_type_number *number)
{
    uint64_t oid = 0;
    size_t at = 0;

    while (at < row.len && at < 10 && row.ptr[at] >= '0' && row.ptr[at] <= '9')
        oid = oid * 10 + (uint64_t)(row.ptr[at++] - '0');
    if (at == 0 || at + 1 >= row.len || row.ptr[at] != ' ' || oid > UINT32_MAX)
        return false;
    *number = (struct hg_type_number){hg_slice_of(row.ptr + at + 1, row.len - at - 1), (uint32_t)oid};
    return true;
}

void hg_types_take_catalog(struct hg_types *types, const struct hg_slice *rows, size_t count)
{
    struct hg_type_number number;

    hg_types_forget(types);
    hg_arena_free(&types->arena);
    types->catalog = HG_NEW_ARRAY(&types->arena, struct hg_type_number, count + 1);
    types->ncatalog = 0;
    for (size_t i = 0; i < count; i++) {
        if (!read_row(rows[i], &number))
            continue;
        number.name = hg_arena_slice(&types->arena, number.name);
        types->catalog[types->ncatalog++] = number;
    }
}

static uint32_t in_catalog(const struct hg_types *types, struct hg_slice name)
{
    for (size_t i = 0; i < types->ncatalog; i++)
        if (hg_slice_equal(types->catalog[i].name, name))
            return types->catalog[i].oid;
    return 0;
}

void hg_types_take_backend(struct hg_types *types, int backend, const void *pool, const struct hg_slice *rows,
                           size_t count)
{
    struct hg_type_backend *entry = &types->backends[backend];
    struct hg_type_number number;

    free(entry->pairs);
    entry->pairs = hg_calloc(count, sizeof *entry->pairs);
    entry->npairs = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t here = read_row(rows[i], &number) ? in_catalog(types, number.name) : 0;
        if (here)
            entry->pairs[entry->npairs++] = (struct hg_type_pair){number.oid, here};
    }
    entry->pool = pool;
}

uint32_t hg_types_here(const struct hg_type_backend *backend, uint32_t oid, bool *stale)
{
    if (oid < HG_FIRST_USER_OID)
        return oid;
    for (size_t i = 0; i < backend->npairs; i++)
        if (backend->pairs[i].there == oid)
            return backend->pairs[i].here;
    *stale = true;
    return TEXT_OID;
}

uint32_t hg_types_there(const struct hg_type_backend *backend, uint32_t oid)
{
    for (size_t i = 0; i < backend->npairs; i++)
        if (backend->pairs[i].here == oid)
            return backend->pairs[i].there;
    return 0;
}

static void write_number(uint8_t *at, uint32_t number, int bytes)
{
    while (bytes > 0) {
        at[--bytes] = (uint8_t)number;
        number >>= 8;
    }
}

/* Replaces the table and the column that the reader stands before. */
static void replace_origin(const struct hg_type_backend *backend, struct hg_reader *reader)
{
    uint8_t *at = (uint8_t *)reader->at;
    struct hg_origin origin = {.table = hg_read_u32(reader)};

    origin.column = hg_read_u16(reader);
    if (reader->failed)
        return;
    origin = hg_origins_here(&backend->origins, origin);
    write_number(at, origin.table, 4);
    write_number(at + 4, origin.column, 2);
}

/* Replaces the number of a type that the reader stands before. */
static void replace_type(const struct hg_type_backend *backend, struct hg_reader *reader, bool *stale)
{
    uint8_t *at = (uint8_t *)reader->at;
    uint32_t oid = hg_read_u32(reader);

    if (reader->failed || oid < HG_FIRST_USER_OID)
        return;
    write_number(at, hg_types_here(backend, oid, stale), 4);
}

bool hg_types_in_row(const struct hg_type_backend *backend, void *body, size_t len, bool *stale)
{
    struct hg_reader reader = hg_reader_of(body, len);

    for (uint16_t count = hg_read_u16(&reader); count > 0 && !reader.failed; count--) {
        hg_read_cstr(&reader);
        replace_origin(backend, &reader);
        replace_type(backend, &reader, stale);
        hg_read_bytes(&reader, 2 + 4 + 2); /* length, modifier, format */
    }
    return !reader.failed && hg_reader_left(&reader) == 0;
}

bool hg_types_in_parameters(const struct hg_type_backend *backend, void *body, size_t len, bool *stale)
{
    struct hg_reader reader = hg_reader_of(body, len);

    for (uint16_t count = hg_read_u16(&reader); count > 0 && !reader.failed; count--)
        replace_type(backend, &reader, stale);
    return !reader.failed && hg_reader_left(&reader) == 0;
}
