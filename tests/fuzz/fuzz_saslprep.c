/* Passwords in any bytes. What must hold: what has a form is UTF-8 in and out, and its form is its own form (or
 * counts as it is); ASCII is left alone. */
#include <stdlib.h>

#include <stringprep.h>

#include "arena.h"
#include "bytes.h"
#include "saslprep.h"

static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static bool is_utf8(const char *text, size_t len)
{
    uint32_t *characters = stringprep_utf8_to_ucs4(text, (ssize_t)len, NULL);

    free(characters);
    return characters != NULL;
}

static bool is_ascii(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (data[i] > 0x7f)
            return false;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = hg_malloc(size ? size : 1); /* a byte beyond it is seen */

    memcpy(copy, data, size);
    char *form = hg_saslprep(hg_slice_of(copy, size));
    if (form) {
        must(!is_ascii(data, size) && is_utf8(copy, size) && is_utf8(form, strlen(form)) && form[0]);
        char *again = hg_saslprep(hg_slice_cstr(form));
        must(!again || strcmp(again, form) == 0);
        free(again);
    }
    free(form);
    free(copy);
    return 0;
}
