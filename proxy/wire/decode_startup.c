/* The first packet of a client: StartupMessage, CancelRequest, SSLRequest or GSSENCRequest.
 *
 * It comes from a peer that nobody knows yet. Its size is bounded by the frame (HG_STARTUP_MAX_BYTES); here
 * its shape is checked to the last byte. Parameters are counted first, so that the lists take exactly what
 * they need: a pair is at least three bytes on the wire.
 *
 * Only major version 3 has parameters that we can read. Minor versions and _pq_ options are the caller's to
 * negotiate; of any other code the body is left unread. */
#include "body.h"
#include "decode.h"
#include "protocol.h"

/* Reads name and value pairs up to the empty name that ends them; with lists given, keeps them. False at a
 * broken pair. */
static bool read_pairs(struct hg_reader *reader, struct hg_slice *names, struct hg_slice *values,
                       size_t *npairs)
{
    for (*npairs = 0;; ++*npairs) {
        struct hg_slice name = hg_read_cstr(reader);
        if (reader->failed)
            return false;
        if (name.len == 0)
            return hg_reader_left(reader) == 0;
        struct hg_slice value = hg_read_cstr(reader);
        if (reader->failed)
            return false;
        if (names) {
            names[*npairs] = name;
            values[*npairs] = value;
        }
    }
}

static bool decode_parameters(struct hg_reader reader, struct hg_arena *arena, struct hg_startup *startup)
{
    struct hg_reader again = reader;

    if (!read_pairs(&reader, NULL, NULL, &startup->npairs))
        return false;
    if (startup->npairs == 0)
        return true;
    startup->names = HG_NEW_ARRAY(arena, struct hg_slice, startup->npairs);
    startup->values = HG_NEW_ARRAY(arena, struct hg_slice, startup->npairs);
    return read_pairs(&again, startup->names, startup->values, &startup->npairs);
}

static bool decode_cancel(struct hg_reader reader, struct hg_startup *startup)
{
    startup->cancel_pid = (int32_t)hg_read_u32(&reader);
    startup->cancel_secret = hg_body_rest(&reader);
    return !reader.failed && startup->cancel_secret.len >= HG_SECRET_LEAST &&
           startup->cancel_secret.len <= HG_SECRET_MOST;
}

bool hg_decode_startup(struct hg_slice body, struct hg_arena *arena, struct hg_startup *startup)
{
    struct hg_reader reader = hg_reader_of(body.ptr, body.len);

    *startup = (struct hg_startup){.code = hg_read_u32(&reader)};
    if (reader.failed)
        return false;
    if (startup->code == HG_CODE_CANCEL)
        return decode_cancel(reader, startup);
    if (startup->code == HG_CODE_SSL || startup->code == HG_CODE_GSSENC)
        return hg_reader_left(&reader) == 0;
    if (HG_PROTOCOL_MAJOR(startup->code) == HG_PROTOCOL_MAJOR(HG_PROTOCOL_3_0))
        return decode_parameters(reader, arena, startup);
    return true;
}

struct hg_slice hg_startup_get(const struct hg_startup *startup, const char *name)
{
    for (size_t i = startup->npairs; i > 0; i--)
        if (hg_slice_is(startup->names[i - 1], name))
            return startup->values[i - 1];
    return (struct hg_slice){0};
}
