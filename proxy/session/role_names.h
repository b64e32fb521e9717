/* Access control lists in results: where the catalog's name a role that stands for the client's user
 * (HG_RIGHTS_NAME of allow.h), his own name is written. Pure. */
#ifndef HG_ROLE_NAMES_H
#define HG_ROLE_NAMES_H

#include "bytes.h"

/* Does the body of a message speak of that role? Most do not. */
bool hg_role_names_stand_in(struct hg_slice body);
/* The DataRow or CopyData message with that body (type: its first byte) as the client gets it. */
void hg_role_names_write(struct hg_bytes *out, uint8_t type, struct hg_slice body, struct hg_slice user);

#endif
