/* What a character of UTF-8 is, by the ranges of its first two bytes. */
#include "utf8.h"

size_t hg_utf8_character(const void *bytes, size_t len)
{
    const unsigned char *at = bytes;
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
