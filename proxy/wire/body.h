/* What the decoders share: how a body ends, and the numbers of the protocol that mean "none". */
#ifndef HG_BODY_H
#define HG_BODY_H

#include "bytes.h"

#define HG_NULL_LENGTH UINT32_MAX /* -1 on the wire: a value that is NULL, data that was not given */

/* Nothing that was asked for was missing, and nothing is left: the body was exactly that. */
static inline bool hg_body_done(const struct hg_reader *reader)
{
    return !reader->failed && hg_reader_left(reader) == 0;
}

static inline struct hg_slice hg_body_rest(struct hg_reader *reader)
{
    return hg_read_bytes(reader, hg_reader_left(reader));
}

#endif
