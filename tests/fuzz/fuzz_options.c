/* The `options` of startup messages. What must hold: settings that were found, written out again with every
 * character escaped that means something, are the same settings; a fault comes exactly with a refusal. */
#include <stdlib.h>

#include "bytes.h"
#include "options.h"

static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static void write_escaped(struct hg_bytes *out, struct hg_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        hg_write_u8(out, '\\');
        hg_write_u8(out, (uint8_t)text.ptr[i]);
    }
}

static void write_again(struct hg_bytes *out, const struct hg_option *option)
{
    for (; option; option = option->next) {
        hg_write_text(out, " --");
        write_escaped(out, option->name);
        hg_write_text(out, "=");
        write_escaped(out, option->value);
    }
}

static void compare(const struct hg_option *one, const struct hg_option *other)
{
    for (; one && other; one = one->next, other = other->next) {
        must(hg_slice_equal(one->name, other->name) && hg_slice_equal(one->value, other->value));
        must(!one->name.len ||
             (!memchr(one->name.ptr, '-', one->name.len) && !memchr(one->name.ptr, '=', one->name.len)));
    }
    must(!one && !other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hg_option *options, *again;
    struct hg_fault fault = {0};
    struct hg_bytes out = {0};
    struct hg_arena arena;

    if (size == 0 || memchr(data, 0, size)) /* what comes is a string of C */
        return 0;
    char *copy = hg_malloc(size); /* a byte beyond it is seen */
    memcpy(copy, data, size);
    hg_arena_init(&arena, 0);
    bool good = hg_options_parse(hg_slice_of(copy, size), &arena, &options, &fault);
    must(good == !hg_fault_is_set(&fault));
    if (good) {
        write_again(&out, options);
        must(hg_options_parse(hg_bytes_slice(&out), &arena, &again, &fault));
        compare(options, again);
    }
    hg_bytes_free(&out);
    hg_arena_free(&arena);
    free(copy);
    return 0;
}
