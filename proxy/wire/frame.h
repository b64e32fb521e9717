/* Cutting a byte stream into frames. Pure; nothing is copied. */
#ifndef HG_FRAME_H
#define HG_FRAME_H

#include "protocol.h"
#include "slice.h"

enum hg_frame_status {
    HG_FRAME_COMPLETE, /* the whole message is in the buffer */
    HG_FRAME_PARTIAL,  /* the header is there and sane; not all of the body */
    HG_FRAME_SHORT,    /* fewer bytes than a header */
    HG_FRAME_BAD,      /* a length below 4, negative, or above the limit: the stream is lost */
};

struct hg_frame {
    uint8_t type;
    uint32_t total;       /* bytes of the whole message, header included */
    struct hg_slice body; /* HG_FRAME_COMPLETE: behind the header */
};

/* The frame at the start of the buffer. max_total bounds `total`. */
enum hg_frame_status hg_frame_peek(const void *buffer, size_t len, uint32_t max_total,
                                   struct hg_frame *frame);

/* The same for a startup packet, which has no type byte: `total` = its length, body behind the length. */
enum hg_frame_status hg_frame_peek_startup(const void *buffer, size_t len, struct hg_frame *frame);

#endif
