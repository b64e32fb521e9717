/* Rows and parameters with the numbers of types inside of binary arrays and rows, as a hostile server or
 * client may write them. What must hold: nothing is written outside of the message, and nothing but four
 * bytes at a time that were the number of a type and are then its other number; what was translated once has
 * nothing left to translate; and time does not grow faster than the message. */
#include <stdlib.h>

#include "encode.h"
#include "type_values.h"

#define THERE 20001u
#define HERE  30001u

static struct hg_type_pair pairs[] = {{THERE, HERE}, {20002, 30002}, {0x41414141, 0x42424242}};
static const struct hg_type_backend backend = {.known = true, .pairs = pairs, .npairs = 3};

static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static uint32_t number_at(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Does a number of the first kind stand there, and its pair in the other text? */
static bool is_replaced(const uint8_t *before, const uint8_t *after, bool to_here)
{
    for (size_t i = 0; i < backend.npairs; i++) {
        uint32_t from = to_here ? pairs[i].there : pairs[i].here;
        uint32_t to = to_here ? pairs[i].here : pairs[i].there;
        if (number_at(before) == from && number_at(after) == to)
            return true;
    }
    return false;
}

static void compare(const uint8_t *before, const uint8_t *after, size_t len, bool to_here)
{
    for (size_t i = 0; i < len;) {
        size_t begin = i >= 3 ? i - 3 : 0, end = i;
        if (before[i] == after[i]) {
            i++;
            continue;
        }
        while (begin <= i && !(begin + 4 <= len && is_replaced(before + begin, after + begin, to_here)))
            begin++;
        must(begin <= i);
        end = begin + 4;
        i = end;
    }
}

static uint8_t *copy_of(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1); /* of that size, so that the sanitizer sees the end */

    if (!copy)
        abort();
    if (size)
        memcpy(copy, data, size);
    return copy;
}

static void check_row(const uint8_t *data, size_t size, const uint16_t *columns, size_t count)
{
    uint8_t *once = copy_of(data, size), *twice;

    hg_types_in_data(&backend, once, size, columns, count);
    compare(data, once, size, true);
    twice = copy_of(once, size);
    hg_types_in_data(&backend, twice, size, columns, count);
    must(memcmp(once, twice, size) == 0);
    free(once);
    free(twice);
}

static void check_bind(const uint8_t *data, size_t size)
{
    uint8_t *once = copy_of(data, size);

    hg_types_in_bind(&backend, once, size, HG_LIT(""));
    compare(data, once, size, false);
    free(once);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint16_t columns[] = {0, 1, 2, 5};
    uint16_t found[4];

    check_row(data, size, columns, 4);
    check_row(data, size, columns, 1);
    check_bind(data, size);
    must(hg_type_carriers(hg_slice_of((const char *)data, size), found, 4) <= UINT16_MAX);
    return 0;
}
