/* Base64 (RFC 4648, section 4) as SCRAM uses it: one canonical spelling, padding included, nothing else. */
#ifndef HG_BASE64_H
#define HG_BASE64_H

#include "bytes.h"

void hg_base64_write(struct hg_bytes *out, const void *data, size_t len);
/* False on anything but canonical base64, or when it holds more than `room` bytes. */
HG_MUST_USE bool hg_base64_decode(struct hg_slice text, uint8_t *out, size_t room, size_t *len);

#endif
