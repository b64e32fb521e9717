/* Bodies of first packets. What must hold: whatever is decoded lies in the body and, written out again, is
 * that body. */
#include "decode.h"
#include "encode.h"
#include "protocol.h"

static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

/* The packet again, without its length. */
static void write_again(struct hg_bytes *out, const struct hg_startup *startup)
{
    hg_write_u32(out, startup->code);
    if (startup->code == HG_CODE_CANCEL) {
        hg_write_u32(out, (uint32_t)startup->cancel_pid);
        hg_write_slice(out, startup->cancel_secret);
    }
    for (size_t i = 0; i < startup->npairs; i++) {
        hg_write_cstr(out, startup->names[i]);
        hg_write_cstr(out, startup->values[i]);
    }
    if (HG_PROTOCOL_MAJOR(startup->code) == 3)
        hg_write_u8(out, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hg_slice body = hg_slice_of((const char *)data, size);
    struct hg_arena arena;
    struct hg_startup startup;
    struct hg_bytes out;

    hg_arena_init(&arena, 0);
    hg_bytes_init(&out, 0);
    if (hg_decode_startup(body, &arena, &startup)) {
        must(arena.used <= 32 * size);
        write_again(&out, &startup);
        if (HG_PROTOCOL_MAJOR(startup.code) == 3 || startup.code == HG_CODE_CANCEL ||
            startup.code == HG_CODE_SSL || startup.code == HG_CODE_GSSENC)
            must(hg_slice_equal(hg_bytes_slice(&out), body)); /* of other codes the body is not read */
        struct hg_slice user = hg_startup_get(&startup, "user");
        must(!user.ptr || (user.ptr >= body.ptr && user.ptr + user.len < body.ptr + body.len));
    }
    hg_bytes_free(&out);
    hg_arena_free(&arena);
    return 0;
}
