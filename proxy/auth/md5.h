/* md5 password authentication towards backends (PostgreSQL docs, "Protocol Flow"): "md5" +
 * hex(md5(hex(md5(password user)) salt)). */
#ifndef HG_MD5_H
#define HG_MD5_H

#include "slice.h"

#define HG_MD5_RESPONSE_BYTES 36 /* terminated */

HG_MUST_USE bool hg_md5_response(struct hg_slice user, struct hg_slice password, const uint8_t salt[4],
                                 char out[HG_MD5_RESPONSE_BYTES]);

#endif
