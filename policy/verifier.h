/* The form of stored verifiers, as PostgreSQL keeps them:
 * SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>, or md5<32 hexadecimal digits>. */
#ifndef HG_VERIFIER_H
#define HG_VERIFIER_H

#include "slice.h"

/* Whether the text has the form of the first; *why says what is wrong with it without quoting any of it. */
HG_MUST_USE bool hg_verifier_check(struct hg_slice text, const char **why);
/* Of the second? */
bool hg_verifier_is_md5(struct hg_slice text);

#endif
