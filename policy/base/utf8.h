/* Characters of UTF-8: RFC 3629, without overlong forms and surrogates. */
#ifndef HG_UTF8_H
#define HG_UTF8_H

#include "slice.h"

/* Bytes of the character at the start of the `len` > 0 bytes; 0 when they do not begin with one. */
size_t hg_utf8_character(const void *bytes, size_t len);

/* The length of the text's beginning, at most `most` bytes, that does not end within a character. */
static inline size_t hg_utf8_cut(struct hg_slice text, size_t most)
{
    size_t len = text.len < most ? text.len : most;

    while (len && len < text.len && ((unsigned char)text.ptr[len] & 0xc0) == 0x80)
        len--;
    return len;
}

#endif
