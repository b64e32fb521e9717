/* What both sides of SCRAM and its verifiers share: the keys, and the attributes that its messages are made
 * of. */
#ifndef HG_SCRAM_COMMON_H
#define HG_SCRAM_COMMON_H

#include "scram.h"

#define HG_SCRAM_MESSAGE_CAP 8192u /* bytes of all messages of one exchange together */

/* How the first message of a client begins that binds its channel. */
#define HG_SCRAM_BOUND_HEADER "p=tls-server-end-point,,"

/* ---- keys; false only when OpenSSL fails ---- */
HG_MUST_USE bool hg_scram_hmac(const uint8_t key[HG_SCRAM_KEY_BYTES], struct hg_slice text,
                               uint8_t out[HG_SCRAM_KEY_BYTES]);
HG_MUST_USE bool hg_scram_hash(const uint8_t in[HG_SCRAM_KEY_BYTES], uint8_t out[HG_SCRAM_KEY_BYTES]);
/* out = a XOR b; out may be either. */
void hg_scram_xor(const uint8_t *a, const uint8_t *b, uint8_t out[HG_SCRAM_KEY_BYTES]);
/* 18 random bytes as 24 characters. */
HG_MUST_USE bool hg_scram_nonce(struct hg_bytes *out);

/* ---- messages: attributes `<letter>=<value>` separated by commas ---- */
/* The next attribute, taken off `rest` with the comma behind it. */
HG_MUST_USE bool hg_scram_take(struct hg_slice *rest, char *name, struct hg_slice *value);
/* The same for one that must be this one. */
HG_MUST_USE bool hg_scram_expect(struct hg_slice *rest, char name, struct hg_slice *value);
/* Printable ASCII without commas, not empty: what a nonce may hold. */
bool hg_scram_is_printable(struct hg_slice text);
/* A count of iterations: decimal, from 1 to HG_SCRAM_MOST_ITERATIONS, no sign, no leading zero. */
HG_MUST_USE bool hg_scram_iterations(struct hg_slice text, uint32_t *iterations);

#endif
