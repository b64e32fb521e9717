/* What PostgreSQL says of a body that is not the message that its type promises.
 *
 * It reads a body from left to right and complains of the first thing that is not there: a string without its
 * end, a number or value beyond the end, something left. Here the same is done once more for a body that a
 * decoder has refused, by a pattern of the message: s string, b byte, i int32, T list of int32, F list of
 * int16, V list of values. */
#include <stdio.h>
#include <string.h>

#include "body.h"
#include "decode.h"
#include "protocol.h"

static const char *pattern_of(uint8_t type)
{
    switch (type) {
    case HG_C_QUERY:
        return "s";
    case HG_C_PARSE:
        return "ssT";
    case HG_C_BIND:
        return "ssFVF";
    case HG_C_DESCRIBE:
    case HG_C_CLOSE:
        return "bs";
    case HG_C_EXECUTE:
        return "si";
    default:
        return "";
    }
}

/* How many, or -1 when they are not all there. */
static int read_list(struct hg_reader *reader, char what)
{
    uint16_t count = hg_read_u16(reader);

    for (uint16_t i = 0; i < count && !reader->failed; i++) {
        uint32_t len = what == 'V' ? hg_read_u32(reader) : what == 'T' ? 4 : 2;
        if (what != 'V' || len != HG_NULL_LENGTH)
            (void)hg_read_bytes(reader, len);
    }
    return reader->failed ? -1 : count;
}

void hg_decode_complaint(uint8_t type, struct hg_slice body, char text[HG_COMPLAINT_BYTES])
{
    struct hg_reader reader = hg_reader_of(body.ptr, body.len);
    const char *complaint = NULL;
    int formats = -1, kind = 0;

    for (const char *at = pattern_of(type); *at && !complaint; at++) {
        int count = 0;
        if (*at == 's')
            (void)hg_read_cstr(&reader);
        else if (*at == 'b')
            kind = hg_read_u8(&reader);
        else if (*at == 'i')
            (void)hg_read_u32(&reader);
        else
            count = read_list(&reader, *at);
        if (reader.failed)
            complaint = *at == 's'   ? "invalid string in message"
                        : *at == 'b' ? "no data left in message"
                                     : "insufficient data left in message";
        else if (*at == 'V' && formats > 1 && formats != count) {
            snprintf(text, HG_COMPLAINT_BYTES, "bind message has %d parameter formats but %d parameters",
                     formats, count);
            return;
        }
        formats = *at == 'F' ? count : formats;
    }
    if (!complaint && hg_reader_left(&reader) == 0 && (type == HG_C_DESCRIBE || type == HG_C_CLOSE)) {
        snprintf(text, HG_COMPLAINT_BYTES, "invalid %s message subtype %d",
                 type == HG_C_CLOSE ? "CLOSE" : "DESCRIBE", kind);
        return;
    }
    snprintf(text, HG_COMPLAINT_BYTES, "%s", complaint ? complaint : "invalid message format");
}
