/* SASLprep (RFC 4013): the one form of a password that can be typed in several ways. */
#ifndef HG_SASLPREP_H
#define HG_SASLPREP_H

#include "slice.h"

/* The password in that form, terminated, to be wiped and freed by the caller. NULL: its bytes count as they
 * are. */
HG_MUST_USE char *hg_saslprep(struct hg_slice password);

#endif
