/* Names of sessions and statements, short and unique: `3k7qv2-1-2f` is a session, `3k7qv2-1-2f-3` its third
 * statement. The parts, in base 32 without letters that look alike: when the process started (seconds), the
 * worker, a number of the session there that tells nothing of others, the statement's number in the session. */
#ifndef HG_IDENT_H
#define HG_IDENT_H

#include "slice.h"

#define HG_IDENT_BYTES 64u

struct hg_ident {
    uint64_t started_s; /* since 1970 */
    uint32_t worker;
    uint64_t session;
};

/* Written to the buffer, terminated. statement 0: of the session itself. */
struct hg_slice hg_ident_write(const struct hg_ident *ident, uint64_t statement, char buffer[HG_IDENT_BYTES]);

#endif
