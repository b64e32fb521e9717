/* As PostgreSQL and libpq do it, since verifiers wander between us and passwords are typed on both sides:
 * ASCII is left alone, controls and all; any other text is prepared; and where that is not possible (it is
 * not UTF-8, it holds something that may not stand there, or is not assigned, or nothing would be left) its
 * bytes are taken as they are.
 *
 * The tables are those of libidn, the order of the steps is PostgreSQL's: what may stand there is judged
 * before the text is normalized, RFC 4013 says behind it. That differs for letters like U+0340 and U+2135,
 * which normalizing turns into others. */
#include "saslprep.h"

#include <stdlib.h>

#include <openssl/crypto.h>
#include <stringprep.h>

#include "arena.h"

#define STEPS_MOST  32u
#define GROWTH_MOST 18u /* of one character by NFKC */

static bool is_plain(struct hg_slice password)
{
    for (size_t i = 0; i < password.len; i++)
        if ((unsigned char)password.ptr[i] > 0x7f)
            return false;
    return true;
}

/* libidn's profile, with normalization as its last step. */
static void take_steps(Stringprep_profile steps[STEPS_MOST])
{
    size_t count = 0;

    for (const Stringprep_profile *step = stringprep_saslprep; step->operation && count < STEPS_MOST - 2;
         step++)
        if (step->operation != STRINGPREP_NFKC)
            steps[count++] = *step;
    steps[count++] = (Stringprep_profile){.operation = STRINGPREP_NFKC};
    steps[count] = (Stringprep_profile){0};
}

/* In place, of so many characters; NULL when that is not possible or nothing is left. */
static char *prepare(uint32_t *characters, size_t len, size_t room)
{
    Stringprep_profile steps[STEPS_MOST];
    size_t written;

    take_steps(steps);
    if (stringprep_4i(characters, &len, room, STRINGPREP_NO_UNASSIGNED, steps) != STRINGPREP_OK || len == 0)
        return NULL;
    return stringprep_ucs4_to_utf8(characters, (ssize_t)len, NULL, &written);
}

char *hg_saslprep(struct hg_slice password)
{
    size_t len;

    if (is_plain(password) || memchr(password.ptr, '\0', password.len))
        return NULL;
    uint32_t *read = stringprep_utf8_to_ucs4(password.ptr, (ssize_t)password.len, &len);
    if (!read)
        return NULL;
    size_t room = len * GROWTH_MOST + 1;
    uint32_t *characters = hg_calloc(room, sizeof *characters);
    memcpy(characters, read, len * sizeof *read);
    char *prepared = prepare(characters, len, room);
    OPENSSL_cleanse(read, len * sizeof *read);
    OPENSSL_cleanse(characters, room * sizeof *characters);
    free(read);
    free(characters);
    return prepared;
}
