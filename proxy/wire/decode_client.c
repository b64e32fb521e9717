/* Messages of clients.
 *
 * Each decoder is a straight line over a bounded reader and ends in hg_body_done(). Nothing is copied
 * or allocated. What only a server can judge (type OIDs, format codes other than 0 and 1, the bytes of a
 * value) is passed on as it came; what decides where one part ends and the next begins is checked here, so
 * that both sides of the proxy read the same message. */
#include "body.h"
#include "decode.h"

bool hg_decode_query(struct hg_slice body, struct hg_slice *sql)
{
    struct hg_reader reader = hg_reader_of(body.ptr, body.len);

    *sql = hg_read_cstr(&reader);
    return hg_body_done(&reader);
}

bool hg_decode_parse(struct hg_slice body, struct hg_parse_msg *parse)
{
    struct hg_reader reader = hg_reader_of(body.ptr, body.len);

    *parse = (struct hg_parse_msg){0};
    parse->name = hg_read_cstr(&reader);
    parse->sql = hg_read_cstr(&reader);
    parse->ntypes = hg_read_u16(&reader);
    parse->types = hg_read_bytes(&reader, (size_t)parse->ntypes * 4);
    return hg_body_done(&reader);
}

/* A list of int16 format codes; returns how many. */
static uint16_t read_formats(struct hg_reader *reader, struct hg_slice *codes)
{
    uint16_t count = hg_read_u16(reader);

    *codes = hg_read_bytes(reader, (size_t)count * 2);
    return count;
}

/* A list of values, each with its length before it. A length below -1 is larger than any body, so it fails as
 * one. */
static uint16_t skip_values(struct hg_reader *reader)
{
    uint16_t count = hg_read_u16(reader);

    for (uint16_t i = 0; i < count && !reader->failed; i++) {
        uint32_t len = hg_read_u32(reader);
        if (len != HG_NULL_LENGTH)
            hg_read_bytes(reader, len);
    }
    return count;
}

bool hg_decode_bind(struct hg_slice body, struct hg_bind_msg *bind)
{
    struct hg_reader reader = hg_reader_of(body.ptr, body.len);

    *bind = (struct hg_bind_msg){0};
    bind->portal = hg_read_cstr(&reader);
    bind->statement = hg_read_cstr(&reader);
    struct hg_reader again = reader;
    bind->rest = hg_body_rest(&again);

    struct hg_slice formats;
    uint16_t nformats = read_formats(&reader, &formats);
    bind->nvalues = skip_values(&reader);
    bind->nresults =
        read_formats(&reader, &bind->results); /* only the server knows how many columns there are */
    return hg_body_done(&reader) && (nformats <= 1 || nformats == bind->nvalues);
}

bool hg_decode_target(struct hg_slice body, struct hg_target_msg *target)
{
    struct hg_reader reader = hg_reader_of(body.ptr, body.len);

    target->kind = hg_read_u8(&reader);
    target->name = hg_read_cstr(&reader);
    return hg_body_done(&reader) && (target->kind == 'S' || target->kind == 'P');
}

bool hg_decode_execute(struct hg_slice body, struct hg_execute_msg *execute)
{
    struct hg_reader reader = hg_reader_of(body.ptr, body.len);

    execute->portal = hg_read_cstr(&reader);
    execute->max_rows = (int32_t)hg_read_u32(&reader);
    return hg_body_done(&reader);
}

bool hg_decode_sasl_initial(struct hg_slice body, struct hg_sasl_initial *initial)
{
    struct hg_reader reader = hg_reader_of(body.ptr, body.len);

    *initial = (struct hg_sasl_initial){0};
    initial->mechanism = hg_read_cstr(&reader);
    uint32_t len = hg_read_u32(&reader);
    if (len != HG_NULL_LENGTH)
        initial->data = hg_read_bytes(&reader, len);
    return hg_body_done(&reader);
}

bool hg_decode_password(struct hg_slice body, struct hg_slice *password)
{
    struct hg_reader reader = hg_reader_of(body.ptr, body.len);

    *password = hg_read_cstr(&reader);
    return hg_body_done(&reader);
}
