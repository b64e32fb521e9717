/* SQL text without its literals, and a fingerprint of what is left: for logs and the audit. By characters
 * alone, so that it takes any text, also one that no parser does; what cannot be told from a literal counts
 * as one. */
#ifndef HG_REDACT_H
#define HG_REDACT_H

#include "bytes.h"

/* The text with `?` for each string and number, without comments, white space as single blanks. */
void hg_redact(struct hg_slice text, struct hg_bytes *out);

/* Sixteen hexadecimal digits and a NUL: equal for texts that differ in literals, parameters' numbers,
 * comments, white space, case of unquoted words and the length of lists of literals. */
void hg_fingerprint(struct hg_slice text, char out[17]);

/* A quick hash (FNV-1a) of the text without its strings, numbers and comments: equal for texts that differ in
 * those alone. Not for what has to be sure: anybody can make two texts with one shape. */
uint64_t hg_shape(struct hg_slice text);

#endif
