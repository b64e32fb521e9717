/* md5 password authentication (PostgreSQL docs, "Protocol Flow"): a server keeps the verifier "md5" +
 * hex(md5(password user)), and a client answers its salt with "md5" + hex(md5(hex(md5(password user)) salt)).
 */
#ifndef HG_MD5_H
#define HG_MD5_H

#include "slice.h"

#define HG_MD5_RESPONSE_BYTES 36 /* terminated */

/* The verifier; false where md5 is not to be had (FIPS), here and below. */
HG_MUST_USE bool hg_md5_verifier(struct hg_slice user, struct hg_slice password,
                                 char out[HG_MD5_RESPONSE_BYTES]);
/* As a client. */
HG_MUST_USE bool hg_md5_response(struct hg_slice user, struct hg_slice password, const uint8_t salt[4],
                                 char out[HG_MD5_RESPONSE_BYTES]);

/* As a server: is this the answer of one who knows the verifier? */
HG_MUST_USE bool hg_md5_fits(struct hg_slice verifier, const uint8_t salt[4], struct hg_slice response);

#endif
