/* Messages of clients: a type byte, then a body. What must hold: what a decoder takes, its encoder writes as
 * the same bytes, so that nothing in a body can mean one thing to us and another to a server. */
#include "decode.h"
#include "encode.h"
#include "protocol.h"

static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

/* Encodes again what was decoded; false when it was refused. */
static bool again(uint8_t type, struct hg_slice body, struct hg_bytes *out)
{
    struct hg_slice text;
    struct hg_parse_msg parse;
    struct hg_bind_msg bind;
    struct hg_target_msg target;
    struct hg_execute_msg execute;

    if (type == HG_C_QUERY && hg_decode_query(body, &text))
        hg_encode_query(out, text);
    else if (type == HG_C_PARSE && hg_decode_parse(body, &parse))
        hg_encode_parse(out, parse.name, parse.sql, parse.ntypes, parse.types);
    else if (type == HG_C_BIND && hg_decode_bind(body, &bind))
        hg_encode_bind(out, bind.portal, bind.statement, bind.rest);
    else if ((type == HG_C_DESCRIBE || type == HG_C_CLOSE) && hg_decode_target(body, &target))
        hg_encode_target(out, type, target.kind, target.name);
    else if (type == HG_C_EXECUTE && hg_decode_execute(body, &execute))
        hg_encode_execute(out, execute.portal, execute.max_rows);
    else if (type == HG_C_PASSWORD && hg_decode_password(body, &text))
        hg_encode_password(out, text);
    else
        return false;
    return true;
}

static void check_sasl(struct hg_slice body, struct hg_bytes *out)
{
    struct hg_sasl_initial initial;

    if (!hg_decode_sasl_initial(body, &initial) || !initial.data.ptr)
        return;
    hg_bytes_clear(out);
    hg_encode_sasl_initial(out, initial.mechanism, initial.data);
    must(out->len == HG_FRAME_HEADER + body.len &&
         memcmp(out->data + HG_FRAME_HEADER, body.ptr, body.len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hg_bytes out;

    if (size == 0)
        return 0;
    struct hg_slice body = hg_slice_of((const char *)data + 1, size - 1);
    hg_bytes_init(&out, 0);
    if (again(data[0], body, &out)) {
        must(!out.failed && out.data[0] == data[0] && out.len == HG_FRAME_HEADER + body.len);
        must(memcmp(out.data + HG_FRAME_HEADER, body.ptr, body.len) == 0);
    }
    if (data[0] == HG_C_PASSWORD)
        check_sasl(body, &out);
    hg_bytes_free(&out);
    return 0;
}
