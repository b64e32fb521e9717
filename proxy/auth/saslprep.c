/* As PostgreSQL and libpq do it, since verifiers wander between us and passwords are typed on both sides:
 * ASCII is left alone, controls and all; any other text is prepared; and where that is not possible (it is
 * not UTF-8, it holds something that may not stand there, or is not assigned, or nothing would be left) its
 * bytes are taken as they are. The tables are those of libidn. */
#include "saslprep.h"

#include <stdlib.h>

#include <openssl/crypto.h>
#include <stringprep.h>

#include "arena.h"

static bool is_plain(struct hg_slice password)
{
    for (size_t i = 0; i < password.len; i++)
        if ((unsigned char)password.ptr[i] > 0x7f)
            return false;
    return true;
}

char *hg_saslprep(struct hg_slice password)
{
    char *prepared = NULL;

    if (is_plain(password) || memchr(password.ptr, '\0', password.len))
        return NULL;
    char *text = hg_malloc(password.len + 1);
    memcpy(text, password.ptr, password.len);
    text[password.len] = '\0';
    if (stringprep_profile(text, &prepared, "SASLprep", STRINGPREP_NO_UNASSIGNED) != STRINGPREP_OK)
        prepared = NULL;
    OPENSSL_cleanse(text, password.len);
    free(text);
    if (prepared && !*prepared) {
        free(prepared);
        prepared = NULL;
    }
    return prepared;
}
