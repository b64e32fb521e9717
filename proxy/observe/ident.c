/* Names of sessions and statements. */
#include "ident.h"

#define EPOCH_S UINT64_C(1577836800) /* 2020: two characters less */

static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";

static size_t put(char *at, uint64_t number)
{
    char backwards[13];
    size_t len = 0;

    do
        backwards[len++] = digits[number & 31];
    while (number >>= 5);
    for (size_t i = 0; i < len; i++)
        at[i] = backwards[len - 1 - i];
    return len;
}

struct hg_slice hg_ident_write(const struct hg_ident *ident, uint64_t statement, char buffer[HG_IDENT_BYTES])
{
    const uint64_t parts[] = {ident->started_s > EPOCH_S ? ident->started_s - EPOCH_S : 0, ident->worker,
                              ident->session, statement};
    size_t len = 0, count = statement ? 4 : 3;

    for (size_t i = 0; i < count; i++) {
        if (i)
            buffer[len++] = '-';
        len += put(buffer + len, parts[i]);
    }
    buffer[len] = '\0';
    return hg_slice_of(buffer, len);
}
