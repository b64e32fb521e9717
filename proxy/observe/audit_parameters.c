/* Values of parameters in a line of the audit, from what was kept of the Bind: formats, then values with their
 * lengths. A value in text is a string, one in binary its bytes in hexadecimal digits behind \\x, NULL is null.
 * What was kept may end anywhere: then "parameters_cut" says so. */
#include "audit_private.h"
#include "json.h"

/* The format of value i, where 0, 1 or all formats are given. */
static bool is_binary(struct hg_slice formats, size_t i)
{
    size_t at = formats.len == 2 ? 0 : i * 2;

    return at + 2 <= formats.len && (formats.ptr[at] || formats.ptr[at + 1]);
}

static void write_value(struct hg_bytes *out, struct hg_slice value, bool binary)
{
    if (!binary) {
        hg_write_json(out, value);
        return;
    }
    hg_write_text(out, "\"\\\\x");
    for (size_t i = 0; i < value.len; i++)
        hg_write_format(out, "%02x", (unsigned char)value.ptr[i]);
    hg_write_u8(out, '"');
}

void audit_write_parameters(struct hg_bytes *out, struct hg_slice bound, bool redacts)
{
    struct hg_reader reader = hg_reader_of(bound.ptr, bound.len);
    uint16_t nformats = hg_read_u16(&reader);
    struct hg_slice formats = hg_read_bytes(&reader, (size_t)nformats * 2);
    uint16_t count = hg_read_u16(&reader);

    hg_write_text(out, ",\"parameters\":[");
    for (size_t i = 0; i < count && !reader.failed; i++) {
        uint32_t len = hg_read_u32(&reader);
        size_t left = hg_reader_left(&reader);
        if (reader.failed)
            break;
        struct hg_slice value = hg_read_bytes(&reader, len == UINT32_MAX ? 0 : len < left ? len : left);
        if (i)
            hg_write_u8(out, ',');
        if (redacts)
            hg_write_text(out, "\"?\"");
        else if (len == UINT32_MAX)
            hg_write_text(out, "null");
        else
            write_value(out, value, is_binary(formats, i));
        reader.failed |= len != UINT32_MAX && len > left;
    }
    hg_write_text(out, reader.failed ? "],\"parameters_cut\":true" : "]");
}
