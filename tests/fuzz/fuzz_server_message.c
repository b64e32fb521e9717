/* Messages of servers: whole frames one after the other, each to its decoder and all of them to the login.
 * What must hold: an error or a row that is taken is written as the same bytes; taking physical numbers out
 * of a RowDescription changes nothing else about it; a login that was refused stays refused. */
#include <stdlib.h>

#include "encode.h"
#include "frame.h"
#include "login.h"
#include "types.h"

static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static void check_row(struct hg_slice body, struct hg_arena *arena, struct hg_bytes *out)
{
    struct hg_slice *values;
    uint16_t count;

    if (!hg_decode_row(body, arena, &values, &count))
        return;
    hg_bytes_clear(out);
    hg_encode_text_row(out, values, count);
    must(out->len == HG_FRAME_HEADER + body.len &&
         memcmp(out->data + HG_FRAME_HEADER, body.ptr, body.len) == 0);
}

/* Fields may come in another order and unknown ones are dropped: so the second round is what must be stable.
 */
static void check_error(struct hg_slice body, struct hg_bytes *out)
{
    struct hg_error_msg error, same;

    if (!hg_decode_error(body, &error))
        return;
    hg_bytes_clear(out);
    hg_encode_error(out, HG_S_ERROR, &error);
    must(!out->failed && out->len <= HG_FRAME_HEADER + body.len);
    must(
        hg_decode_error(hg_slice_of((char *)out->data + HG_FRAME_HEADER, out->len - HG_FRAME_HEADER), &same));
    must(hg_slice_equal(error.message, same.message) && hg_slice_equal(error.routine, same.routine));
}

/* What is translated in place keeps its form, and nothing of the server's own numbers. */
static void check_row_description(struct hg_slice body)
{
    static const struct hg_type_backend nothing;
    uint8_t *copy = malloc(body.len + 1), *twice = malloc(body.len + 1);
    bool stale = false;

    memcpy(copy, body.ptr, body.len);
    if (hg_types_in_row(&nothing, copy, body.len, &stale)) {
        memcpy(twice, copy, body.len);
        stale = false;
        must(hg_types_in_row(&nothing, twice, body.len, &stale) && !stale &&
             memcmp(copy, twice, body.len) == 0);
    }
    free(copy);
    free(twice);
}

static void check_small(struct hg_slice body)
{
    struct hg_slice name, value;
    struct hg_auth_msg auth;
    int32_t pid;
    uint8_t status;

    if (hg_decode_backend_key(body, &pid, &value))
        must(value.len >= HG_SECRET_LEAST && value.len <= HG_SECRET_MOST);
    if (hg_decode_parameter_status(body, &name, &value))
        must(name.len + value.len + 2 == body.len);
    if (hg_decode_ready(body, &status))
        must(body.len == 1);
    if (hg_decode_auth(body, &auth))
        must(auth.data.len + 4 == body.len);
}

static void ignore_parameter(void *argument, struct hg_slice name, struct hg_slice value)
{
    (void)argument, (void)name, (void)value;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const parameters[] = {"database", "metrics", NULL};
    const struct hg_login_channel channel = {.secure = size & 1,
                                             .tls = size & 1,
                                             .may_bind = size & 2,
                                             .must_bind = size & 4,
                                             .end_point_len = 32};
    const struct hg_scram_keys keys = {0};
    struct hg_arena arena;
    struct hg_bytes out, sent;
    struct hg_login login;
    struct hg_frame frame;
    enum hg_login_status status = HG_LOGIN_MORE;

    hg_arena_init(&arena, 0);
    hg_bytes_init(&out, 0);
    hg_bytes_init(&sent, 1 << 16);
    hg_login_start(&login, HG_LIT("headgate"), HG_LIT("a long secret"), &channel, parameters, &sent);
    for (size_t at = 0; hg_frame_peek(data + at, size - at, 1 << 20, &frame) == HG_FRAME_COMPLETE;
         at += frame.total) {
        check_row(frame.body, &arena, &out);
        check_error(frame.body, &out);
        check_row_description(frame.body);
        check_small(frame.body);
        enum hg_login_status next =
            hg_login_message(&login, frame.type, frame.body, ignore_parameter, NULL, &sent);
        if (next == HG_LOGIN_KEYS)
            next = hg_login_keys(&login, &keys, &sent);
        must(status != HG_LOGIN_REFUSED || next == HG_LOGIN_REFUSED);
        must(next != HG_LOGIN_REFUSED || (login.message[0] && !strstr(login.message, "a long secret")));
        status = next;
    }
    hg_login_free(&login);
    hg_bytes_free(&sent);
    hg_bytes_free(&out);
    hg_arena_free(&arena);
    return 0;
}
