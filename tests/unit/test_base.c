/* policy/base: arena, bytes, map, faults and diagnostics. */
#include <stdlib.h>

#include "arena.h"
#include "bytes.h"
#include "check.h"
#include "diag.h"
#include "fault.h"
#include "map.h"

static bool all_zero(const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (bytes[i])
            return false;
    return true;
}

static void test_arena(void)
{
    struct hg_arena arena;
    hg_arena_init(&arena, 100000);
    for (size_t size = 0; size < 3000; size += 7) {
        char *bytes = hg_arena_alloc(&arena, size);
        CHECK((uintptr_t)bytes % _Alignof(max_align_t) == 0);
        CHECK(all_zero(bytes, size));
        memset(bytes, 0xff, size);
    }
    CHECK(hg_arena_over(&arena));
    hg_arena_reset(&arena);
    CHECK(!hg_arena_over(&arena));
    CHECK(arena.head != NULL);
    CHECK(all_zero(hg_arena_alloc(&arena, 4000), 4000)); /* also memory that is used again */
    char *large = hg_arena_alloc(&arena, 1 << 20);
    memset(large, 1, 1 << 20);
    CHECK_TEXT(hg_arena_printf(&arena, "%d-%s", 12, "x"), "12-x");
    CHECK_TEXT(hg_arena_slice(&arena, HG_LIT("some text")), "some text");
    CHECK(strcmp(hg_arena_cstr(&arena, hg_slice_of(NULL, 0)), "") == 0);
    CHECK_INT(large[(1 << 20) - 1], 1);
    hg_arena_free(&arena);
    hg_arena_alloc(&arena, 1 << 20);
    hg_arena_reset(&arena);
    CHECK(arena.head == NULL); /* a chunk that large is not kept */
    hg_arena_free(&arena);
}

static void test_reader(void)
{
    static const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 'a', 'b', 0, 9};
    struct hg_reader reader = hg_reader_of(bytes, sizeof bytes);
    CHECK_INT(hg_read_u8(&reader), 1);
    CHECK_INT(hg_read_u16(&reader), 0x0203);
    CHECK_INT(hg_read_u32(&reader), 0x04050607);
    CHECK_TEXT(hg_read_cstr(&reader), "ab");
    CHECK_INT(hg_reader_left(&reader), 1);
    CHECK(!reader.failed);
    CHECK_TEXT(hg_read_cstr(&reader), ""); /* no NUL */
    CHECK(reader.failed);
    CHECK_INT(hg_read_u8(&reader), 0); /* although a byte was there */
    CHECK_INT(hg_reader_left(&reader), 0);

    reader = hg_reader_of(bytes, 3);
    CHECK_INT(hg_read_u32(&reader), 0);
    CHECK(reader.failed);
    reader = hg_reader_of(bytes, 3);
    CHECK_INT(hg_read_bytes(&reader, SIZE_MAX).len, 0);
    CHECK(reader.failed);
    reader = hg_reader_of("", 1);
    CHECK_TEXT(hg_read_cstr(&reader), "");
    CHECK(!reader.failed);
    reader = hg_reader_of(NULL, 0);
    CHECK_INT(hg_read_bytes(&reader, 0).len, 0);
    CHECK(!reader.failed);
}

static void test_writer(void)
{
    struct hg_bytes bytes;
    hg_bytes_init(&bytes, 0);
    hg_write_u8(&bytes, 'a');
    hg_write_u16(&bytes, 0x6263);
    hg_write_u32(&bytes, 0x64656667);
    hg_write_text(&bytes, "h");
    hg_write_slice(&bytes, HG_LIT("ij"));
    hg_write_slice(&bytes, hg_slice_of(NULL, 0));
    hg_write_format(&bytes, "%d", 12);
    CHECK_TEXT(hg_bytes_slice(&bytes), "abcdefghij12");
    hg_write_cstr(&bytes, HG_LIT("k"));
    CHECK_INT(bytes.len, 14);
    CHECK_INT(bytes.data[13], 0);
    hg_bytes_clear(&bytes);
    hg_write_format(&bytes, "%01000d", 7);
    CHECK_INT(bytes.len, 1000);
    hg_bytes_free(&bytes);

    for (size_t cap = 1; cap < 600; cap += 13) {
        hg_bytes_init(&bytes, cap);
        while (!bytes.failed)
            hg_write_text(&bytes, "x");
        CHECK_INT(bytes.len, cap);
        CHECK(bytes.room <= cap);
        hg_bytes_clear(&bytes);
        hg_write_format(&bytes, "%0*d", (int)cap, 0); /* all of the cap, without room for a NUL */
        CHECK_INT(bytes.len, cap);
        hg_write_u8(&bytes, 1);
        hg_write_u8(&bytes, 1);
        CHECK(bytes.failed && bytes.len == cap);
        hg_bytes_free(&bytes);
    }
}

static void test_map(void)
{
    enum { COUNT = 5000 };
    struct hg_arena arena;
    struct hg_map map;
    hg_arena_init(&arena, 0);
    hg_map_init(&map);
    CHECK(hg_map_get(&map, HG_LIT("none")) == NULL);
    CHECK(hg_map_remove(&map, HG_LIT("none")) == NULL);
    int *values = hg_arena_array(&arena, COUNT, sizeof *values);
    for (int i = 0; i < COUNT; i++)
        CHECK(hg_map_put(&map, hg_arena_printf(&arena, "key %d", i), &values[i]) == NULL);
    CHECK_INT(map.count, COUNT);
    for (int i = 0; i < COUNT; i++)
        CHECK(hg_map_get(&map, hg_arena_printf(&arena, "key %d", i)) == &values[i]);
    CHECK(hg_map_get(&map, HG_LIT("key")) == NULL);
    CHECK(hg_map_put(&map, HG_LIT("key 7"), &values[8]) == &values[7]);
    CHECK(hg_map_get(&map, HG_LIT("key 7")) == &values[8]);
    CHECK(hg_map_put(&map, HG_LIT(""), &values[0]) == NULL);
    CHECK(hg_map_get(&map, hg_slice_of(NULL, 0)) == &values[0]);
    CHECK(hg_map_remove(&map, HG_LIT("")) == &values[0]);

    size_t at = 0, seen = 0;
    struct hg_slice key;
    void *value;
    while (hg_map_next(&map, &at, &key, &value))
        seen += value == hg_map_get(&map, key);
    CHECK_INT(seen, COUNT);

    /* Put and remove for long: tombstones must neither fill the table nor hide a key. */
    for (int i = 0; i < COUNT; i++)
        CHECK(hg_map_remove(&map, hg_arena_printf(&arena, "key %d", i)) != NULL);
    CHECK_INT(map.count, 0);
    for (int i = 0; i < 4 * COUNT; i++) {
        struct hg_slice name = hg_arena_printf(&arena, "again %d", i);
        CHECK(hg_map_put(&map, name, &values[0]) == NULL);
        CHECK(hg_map_remove(&map, name) == &values[0]);
    }
    CHECK(map.room <= 4 * COUNT);
    hg_map_free(&map);
    hg_arena_free(&arena);
}

static void test_hash(void)
{
    char text[] = "0123456789abcdef0123456789abcdef";
    uint64_t hash = hg_hash(text, 32);
    CHECK(hash == hg_hash(text, 32));
    CHECK(hash != hg_hash(text, 31));
    text[31] ^= 1;
    CHECK(hash != hg_hash(text, 32));
    CHECK(hg_hash("\0", 1) != hg_hash("\0\0", 2));
}

static void test_fault(void)
{
    struct hg_arena arena;
    struct hg_fault fault = {0};
    hg_arena_init(&arena, 0);
    CHECK(!hg_fault_is_set(&fault));
    CHECK(!hg_fault_set(&fault, &arena, HG_UNDEFINED_TABLE, "relation \"%s\" does not exist", "t"));
    CHECK(!hg_fault_set(&fault, &arena, HG_INTERNAL_ERROR, "later"));
    hg_fault_hint(&fault, &arena, "look %s", "elsewhere");
    hg_fault_detail(&fault, &arena, "it is %s", "not there");
    CHECK(strcmp(fault.sqlstate, "42P01") == 0);
    CHECK_TEXT(fault.message, "relation \"t\" does not exist");
    CHECK_TEXT(fault.hint, "look elsewhere");
    CHECK_TEXT(fault.detail, "it is not there");
    hg_arena_free(&arena);

    CHECK_INT(hg_position_of(HG_LIT("abc"), 0), 1);
    CHECK_INT(hg_position_of(HG_LIT("é€x"), 5), 3);
    CHECK_INT(hg_position_of(HG_LIT("abc"), 99), 4);
}

static void check_printed(struct hg_diags *diags, const char *expected)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    hg_diags_print(diags, out);
    fclose(out);
    CHECK_TEXT(hg_slice_of(text, len), expected);
    free(text);
}

static void test_diag(void)
{
    struct hg_diags diags;
    hg_diags_init(&diags);
    hg_diag_add(&diags, HG_ERROR, (struct hg_place){"b.yaml", 2, 3}, "try %s", "unknown key '%s'", "x\ny");
    hg_diag_add(&diags, HG_WARNING, (struct hg_place){"b.yaml", 2, 1}, NULL, "first");
    hg_diag_add(&diags, HG_NOTE, (struct hg_place){"a.yaml", 10, 0}, NULL, "second");
    hg_diag_add(&diags, HG_NOTE, (struct hg_place){"a.yaml", 10, 0}, NULL, "third");
    hg_diag_add(&diags, HG_ERROR, (struct hg_place){NULL, 0, 0}, NULL, "anywhere");
    hg_diag_add(&diags, HG_ERROR, (struct hg_place){"a.yaml", 0, 0}, NULL, "whole file");
    CHECK_INT(diags.errors, 3);
    check_printed(&diags, "error: anywhere\n"
                          "a.yaml: error: whole file\n"
                          "a.yaml:10: note: second\n"
                          "a.yaml:10: note: third\n"
                          "b.yaml:2:1: warning: first\n"
                          "b.yaml:2:3: error: unknown key 'x y' (hint: try %s)\n");
    hg_diags_free(&diags);

    for (int i = 0; i < 1500; i++)
        hg_diag_add(&diags, HG_ERROR, (struct hg_place){"a", 1, 1}, NULL, "%d", i);
    CHECK_INT(diags.count, 1000);
    CHECK_INT(diags.errors, 1500);
    hg_diags_free(&diags);
}

static void test_nearest(void)
{
    static const char *const keys[] = {"tables", "materialized", "tenants", "roles",
                                       "users",  "schema",       "tls"};
    const size_t count = sizeof keys / sizeof *keys;
    CHECK_TEXT(hg_slice_cstr(hg_nearest(HG_LIT("table"), keys, count)), "tables");
    CHECK_TEXT(hg_slice_cstr(hg_nearest(HG_LIT("matreialized"), keys, count)), "materialized");
    CHECK_TEXT(hg_slice_cstr(hg_nearest(HG_LIT("Tenants"), keys, count)), "tenants");
    CHECK_TEXT(hg_slice_cstr(hg_nearest(HG_LIT("shcema"), keys, count)), "schema");
    CHECK_TEXT(hg_slice_cstr(hg_nearest(HG_LIT("tsl"), keys, count)), "tls");
    CHECK(hg_nearest(HG_LIT("listen"), keys, count) == NULL);
    CHECK(hg_nearest(HG_LIT(""), keys, count) == NULL);
    CHECK(hg_nearest(HG_LIT("x"), keys, count) == NULL);
    char huge[200];
    memset(huge, 'a', sizeof huge);
    CHECK(hg_nearest(hg_slice_of(huge, sizeof huge), keys, count) == NULL);
}

int main(void)
{
    test_arena();
    test_reader();
    test_writer();
    test_map();
    test_hash();
    test_fault();
    test_diag();
    test_nearest();
    return check_end();
}
