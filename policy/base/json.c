/* Strings in JSON. Most bytes need nothing: they are written in runs. */
#include "json.h"

#include "utf8.h"

void hg_write_json(struct hg_bytes *out, struct hg_slice text)
{
    const unsigned char *bytes = (const unsigned char *)text.ptr;
    size_t at = 0, run = 0;

    hg_write_u8(out, '"');
    while (at < text.len) {
        size_t len = hg_utf8_character(bytes + at, text.len - at);
        if (len > 1 ||
            (len == 1 && bytes[at] >= 0x20 && bytes[at] != '"' && bytes[at] != '\\' && bytes[at] != 0x7f)) {
            at += len;
            continue;
        }
        hg_write(out, text.ptr + run, at - run);
        if (len == 0)
            hg_write_text(out, "\\ufffd");
        else if (bytes[at] == '"' || bytes[at] == '\\')
            hg_write_format(out, "\\%c", bytes[at]);
        else
            hg_write_format(out, "\\u%04x", bytes[at]);
        run = ++at;
    }
    hg_write(out, text.ptr + run, at - run);
    hg_write_u8(out, '"');
}
