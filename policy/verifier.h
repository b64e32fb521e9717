/* The form of a stored SCRAM-SHA-256 verifier, as PostgreSQL keeps it:
 * SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>. */
#ifndef HG_VERIFIER_H
#define HG_VERIFIER_H

#include "slice.h"

/* Whether the text has that form; *why says what is wrong with it without quoting any of it. */
HG_MUST_USE bool hg_verifier_check(struct hg_slice text, const char **why);

#endif
