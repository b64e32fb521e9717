/* Messages of servers.
 *
 * A backend is not trusted more than a client: it may be hostile, broken, or something else that listens on
 * that port. The same rules hold as for clients: a body is exactly well formed or refused, and what is
 * allocated (the list of a row's values) is in proportion to the body that is there. */
#include "body.h"
#include "decode.h"
#include "protocol.h"

/* Names of SASL mechanisms, each terminated, up to an empty one; at least one. */
static bool mechanisms_ok(struct hg_slice list)
{
    struct hg_reader reader = hg_reader_of(list.ptr, list.len);
    size_t count = 0;

    while (hg_read_cstr(&reader).len > 0)
        count++;
    return hg_body_done(&reader) && count > 0;
}

bool hg_decode_auth(struct hg_slice body, struct hg_auth_msg *auth)
{
    struct hg_reader reader = hg_reader_of(body.ptr, body.len);

    auth->code = hg_read_u32(&reader);
    auth->data = hg_body_rest(&reader);
    if (reader.failed)
        return false;
    switch (auth->code) {
    case HG_AUTH_OK:
    case HG_AUTH_CLEARTEXT:
        return auth->data.len == 0;
    case HG_AUTH_MD5:
        return auth->data.len == 4;
    case HG_AUTH_SASL:
        return mechanisms_ok(auth->data);
    default:
        return true;
    }
}

bool hg_decode_backend_key(struct hg_slice body, int32_t *pid, struct hg_slice *secret)
{
    struct hg_reader reader = hg_reader_of(body.ptr, body.len);

    *pid = (int32_t)hg_read_u32(&reader);
    *secret = hg_body_rest(&reader);
    return !reader.failed && secret->len >= HG_SECRET_LEAST && secret->len <= HG_SECRET_MOST;
}

bool hg_decode_parameter_status(struct hg_slice body, struct hg_slice *name, struct hg_slice *value)
{
    struct hg_reader reader = hg_reader_of(body.ptr, body.len);

    *name = hg_read_cstr(&reader);
    *value = hg_read_cstr(&reader);
    return hg_body_done(&reader);
}

bool hg_decode_ready(struct hg_slice body, uint8_t *status)
{
    struct hg_reader reader = hg_reader_of(body.ptr, body.len);

    *status = hg_read_u8(&reader);
    return hg_body_done(&reader) && (*status == 'I' || *status == 'T' || *status == 'E');
}

/* Where a field goes by its code; NULL for one that we do not know, which the protocol tells us to ignore. */
static struct hg_slice *field_of(struct hg_error_msg *error, uint8_t code)
{
    static const struct {
        uint8_t code;
        size_t offset;
    } fields[] = {
#define FIELD(letter, name) {letter, offsetof(struct hg_error_msg, name)},
        HG_ERROR_FIELDS(FIELD)
#undef FIELD
    };

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (fields[i].code == code)
            return (struct hg_slice *)((char *)error + fields[i].offset);
    return NULL;
}

bool hg_decode_error(struct hg_slice body, struct hg_error_msg *error)
{
    struct hg_reader reader = hg_reader_of(body.ptr, body.len);

    *error = (struct hg_error_msg){0};
    for (uint8_t code; (code = hg_read_u8(&reader)) != 0;) {
        struct hg_slice text = hg_read_cstr(&reader);
        struct hg_slice *field = field_of(error, code);
        if (field)
            *field = text;
    }
    return hg_body_done(&reader);
}

bool hg_decode_row(struct hg_slice body, struct hg_arena *arena, struct hg_slice **values, uint16_t *count)
{
    struct hg_reader reader = hg_reader_of(body.ptr, body.len);

    *values = NULL;
    *count = hg_read_u16(&reader);
    if (reader.failed || (size_t)*count * 4 > hg_reader_left(&reader))
        return false;
    *values = HG_NEW_ARRAY(arena, struct hg_slice, *count);
    for (uint16_t i = 0; i < *count && !reader.failed; i++) {
        uint32_t len = hg_read_u32(&reader);
        if (len != HG_NULL_LENGTH)
            (*values)[i] = hg_read_bytes(&reader, len);
    }
    return hg_body_done(&reader);
}
