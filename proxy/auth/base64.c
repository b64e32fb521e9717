/* Base64. Decoding is strict: a length that is no multiple of four, white space, padding in the middle and
 * bits that are thrown away are all refused, so that equal bytes have equal texts and a text that was changed
 * is not the same message any more. */
#include "base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void hg_base64_write(struct hg_bytes *out, const void *data, size_t len)
{
    const uint8_t *in = data;

    for (size_t at = 0; at < len; at += 3) {
        size_t left = len - at;
        uint32_t bits =
            (uint32_t)in[at] << 16 | (left > 1 ? (uint32_t)in[at + 1] << 8 : 0) | (left > 2 ? in[at + 2] : 0);
        char quad[4] = {alphabet[bits >> 18], alphabet[bits >> 12 & 63],
                        left > 1 ? alphabet[bits >> 6 & 63] : '=', left > 2 ? alphabet[bits & 63] : '='};
        hg_write(out, quad, sizeof quad);
    }
}

/* The six bits of a character; 64 for one that is not of the alphabet. */
static uint32_t value_of(char c)
{
    const char *at = c ? strchr(alphabet, c) : NULL;

    return at ? (uint32_t)(at - alphabet) : 64;
}

/* Four characters, of which the last `padding` are '=', to three bytes less padding. */
static bool decode_quad(const char *quad, size_t padding, uint8_t bytes[3])
{
    uint32_t bits = 0;

    for (size_t i = 0; i < 4; i++) {
        uint32_t value = i < 4 - padding ? value_of(quad[i]) : 0;
        if (value > 63)
            return false;
        bits = bits << 6 | value;
    }
    for (size_t i = 0; i < 3; i++)
        bytes[i] = (uint8_t)(bits >> (16 - 8 * i));
    return (padding < 1 || bytes[2] == 0) && (padding < 2 || bytes[1] == 0);
}

bool hg_base64_decode(struct hg_slice text, uint8_t *out, size_t room, size_t *len)
{
    *len = 0;
    if (text.len % 4)
        return false;
    for (size_t at = 0; at < text.len; at += 4) {
        const char *quad = text.ptr + at;
        size_t padding = at + 4 < text.len || quad[3] != '=' ? 0 : quad[2] != '=' ? 1 : 2;
        uint8_t bytes[3];
        if (!decode_quad(quad, padding, bytes) || 3 - padding > room - *len)
            return false;
        memcpy(out + *len, bytes, 3 - padding);
        *len += 3 - padding;
    }
    return true;
}
