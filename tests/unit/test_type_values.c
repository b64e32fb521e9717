/* Numbers of the schema's types inside of binary arrays and rows: replaced there, and nowhere else. */
#include "check.h"

#include "encode.h"
#include "type_values.h"

#include <stdlib.h>

#define THERE 20001u /* on the backend */
#define HERE  30001u /* in the catalog */
#define TEXT  25u

static struct hg_type_pair pairs[] = {{THERE, HERE}, {20002, 30002}};
static const struct hg_type_backend backend = {.known = true, .pairs = pairs, .npairs = 2};

static void write_item(struct hg_bytes *out, const char *text)
{
    hg_write_u32(out, (uint32_t)strlen(text));
    hg_write_text(out, text);
}

/* {sent,NULL,bounced} */
static void write_array(struct hg_bytes *out, uint32_t element)
{
    hg_write_u32(out, 1);
    hg_write_u32(out, 1);
    hg_write_u32(out, element);
    hg_write_u32(out, 3);
    hg_write_u32(out, 1);
    write_item(out, "sent");
    hg_write_u32(out, UINT32_MAX);
    write_item(out, "bounced");
}

/* (sent,{…}), the second of the array's type */
static void write_row(struct hg_bytes *out, uint32_t first, uint32_t second, uint32_t element)
{
    struct hg_bytes array = {0};
    write_array(&array, element);
    hg_write_u32(out, 2);
    hg_write_u32(out, first);
    write_item(out, "sent");
    hg_write_u32(out, second);
    hg_write_u32(out, (uint32_t)array.len);
    hg_write_slice(out, hg_bytes_slice(&array));
    hg_bytes_free(&array);
}

static void write_value(struct hg_bytes *out, const struct hg_bytes *value)
{
    hg_write_u32(out, (uint32_t)value->len);
    hg_write_slice(out, hg_bytes_slice(value));
}

/* A DataRow of: an array, text like an array's beginning, NULL, a row. */
static void write_data(struct hg_bytes *out, uint32_t type, uint32_t other)
{
    struct hg_bytes array = {0}, row = {0};
    write_array(&array, type);
    write_row(&row, type, other, type);
    hg_write_u16(out, 4);
    write_value(out, &array);
    write_item(out, "{sent,bounced}");
    hg_write_u32(out, UINT32_MAX);
    write_value(out, &row);
    hg_bytes_free(&array);
    hg_bytes_free(&row);
}

static bool same(const struct hg_bytes *a, const struct hg_bytes *b)
{
    return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

static void test_results(void)
{
    static const uint16_t all[] = {0, 1, 2, 3}, second[] = {1}, beyond[] = {9};
    struct hg_bytes data = {0}, there = {0}, here = {0};
    write_data(&there, THERE, 20002);
    write_data(&here, HERE, 30002);
    write_data(&data, THERE, 20002);
    hg_types_in_data(&backend, data.data, data.len, second, 1);
    CHECK(same(&data, &there));
    hg_types_in_data(&backend, data.data, data.len, beyond, 1);
    CHECK(same(&data, &there));
    hg_types_in_data(&backend, data.data, data.len, all, 4);
    CHECK(same(&data, &here));
    hg_bytes_free(&data);
    hg_bytes_free(&there);
    hg_bytes_free(&here);
}

/* A byte more or less, or another count: it is no array then, and nothing of it changes. */
static void test_what_is_none(void)
{
    static const uint16_t first[] = {0};
    struct hg_bytes array = {0};
    write_array(&array, THERE);
    for (size_t len = 0; len <= array.len + 1; len++) {
        struct hg_bytes data = {0}, before = {0};
        hg_write_u16(&data, 1);
        hg_write_u32(&data, (uint32_t)len);
        for (size_t i = 0; i < len; i++)
            hg_write_u8(&data, i < array.len ? array.data[i] : 0);
        hg_write_slice(&before, hg_bytes_slice(&data));
        hg_types_in_data(&backend, data.data, data.len, first, 1);
        CHECK(same(&data, &before) == (len != array.len));
        hg_bytes_free(&data);
        hg_bytes_free(&before);
    }
    hg_bytes_free(&array);
}

/* Whatever a server sends: nothing is read or written past its end. */
static void test_nonsense(void)
{
    static const uint16_t all[] = {0, 1, 2, 3};
    struct hg_bytes data = {0};
    write_data(&data, THERE, 2249);
    for (size_t len = 0; len <= data.len; len++)
        for (unsigned change = 0; change < 256; change += 51) {
            uint8_t *copy = hg_malloc(len + 1);
            memcpy(copy, data.data, len);
            if (len)
                copy[len - 1] ^= (uint8_t)change;
            hg_types_in_data(&backend, copy, len, all, 4);
            hg_types_in_bind(&backend, copy, len, HG_LIT(""));
            free(copy);
        }
    CHECK(data.len > 0);
    hg_bytes_free(&data);
}

static void write_bind(struct hg_bytes *out, uint32_t type)
{
    struct hg_bytes array = {0};
    write_array(&array, type);
    hg_write_u16(out, 1);
    hg_write_u16(out, 1);
    hg_write_u16(out, 2);
    write_value(out, &array);
    hg_write_u32(out, UINT32_MAX);
    hg_write_u16(out, 0);
    hg_bytes_free(&array);
}

static void test_parameters(void)
{
    static const char bytea[] = {0, 0, 0, 17, 0, 0, 0, 0}, own[] = {0, 0, 0x75, 0x31};
    struct hg_bytes bind = {0}, here = {0}, there = {0};
    write_bind(&bind, HERE);
    write_bind(&here, HERE);
    write_bind(&there, THERE);
    hg_types_in_bind(&backend, bind.data, bind.len, hg_slice_of(bytea, sizeof bytea));
    CHECK(same(&bind, &here));
    hg_types_in_bind(&backend, bind.data, bind.len, hg_slice_of(own, sizeof own));
    CHECK(same(&bind, &there));
    hg_bytes_clear(&bind);
    write_bind(&bind, HERE);
    hg_types_in_bind(&backend, bind.data, bind.len, HG_LIT(""));
    CHECK(same(&bind, &there));
    hg_bytes_clear(&bind);
    write_bind(&bind, TEXT);
    hg_bytes_clear(&there);
    write_bind(&there, TEXT);
    hg_types_in_bind(&backend, bind.data, bind.len, HG_LIT(""));
    CHECK(same(&bind, &there));
    hg_bytes_free(&bind);
    hg_bytes_free(&here);
    hg_bytes_free(&there);
}

static void test_carriers(void)
{
    static const uint32_t types[] = {23, HERE, 2249, 25, 2287};
    uint16_t columns[3];
    struct hg_bytes row = {0};
    hg_write_u16(&row, 5);
    for (size_t i = 0; i < 5; i++) {
        hg_write_cstr(&row, HG_LIT("column"));
        hg_write_u32(&row, 0);
        hg_write_u16(&row, 0);
        hg_write_u32(&row, types[i]);
        hg_write_u16(&row, 4);
        hg_write_u32(&row, UINT32_MAX);
        hg_write_u16(&row, 1);
    }
    CHECK_INT(hg_type_carriers(hg_bytes_slice(&row), columns, 3), 3);
    CHECK(columns[0] == 1 && columns[1] == 2 && columns[2] == 4);
    CHECK_INT(hg_type_carriers(hg_bytes_slice(&row), columns, 1), 3);
    hg_bytes_free(&row);
}

int main(void)
{
    test_results();
    test_what_is_none();
    test_nonsense();
    test_parameters();
    test_carriers();
    return check_end();
}
