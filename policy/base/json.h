/* Strings in JSON that Headgate prints. */
#ifndef HG_JSON_H
#define HG_JSON_H

#include "bytes.h"

/* In quotes. What JSON does not take inside a string is escaped, DEL too, for terminals; a byte that is no
 * part of a UTF-8 character becomes U+FFFD. */
void hg_write_json(struct hg_bytes *out, struct hg_slice text);

#endif
