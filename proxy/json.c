/* What JSON does not take inside a string is escaped, DEL too, for terminals. */
#include "json.h"

void hg_write_json(struct hg_bytes *out, struct hg_slice text)
{
    hg_write_u8(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c == '"' || c == '\\')
            hg_write_format(out, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            hg_write_format(out, "\\u%04x", c);
        else
            hg_write_u8(out, c);
    }
    hg_write_u8(out, '"');
}
