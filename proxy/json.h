/* Strings in JSON that Headgate prints. */
#ifndef HG_JSON_H
#define HG_JSON_H

#include "bytes.h"

void hg_write_json(struct hg_bytes *out, struct hg_slice text); /* quoted; valid UTF-8 is assumed */

#endif
