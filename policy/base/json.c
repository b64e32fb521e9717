/* Strings in JSON. Most bytes need nothing: they are written in runs. */
#include "json.h"

/* Length of the character at the start, 0 when it is none: RFC 3629, without overlong forms and surrogates.
 */
static size_t character(const unsigned char *at, size_t len)
{
    size_t need = at[0] < 0x80                     ? 1
                  : at[0] >= 0xc2 && at[0] <= 0xdf ? 2
                  : at[0] >= 0xe0 && at[0] <= 0xef ? 3
                                                   : 4;

    if (need == 1)
        return 1;
    if (at[0] < 0xc2 || at[0] > 0xf4 || len < need)
        return 0;
    for (size_t i = 1; i < need; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f) ||
        (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f))
        return 0;
    return need;
}

void hg_write_json(struct hg_bytes *out, struct hg_slice text)
{
    const unsigned char *bytes = (const unsigned char *)text.ptr;
    size_t at = 0, run = 0;

    hg_write_u8(out, '"');
    while (at < text.len) {
        size_t len = character(bytes + at, text.len - at);
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
