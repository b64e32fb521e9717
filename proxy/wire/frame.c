/* Cutting a byte stream into frames.
 *
 * Every message but the first of a connection is a type byte, an int32 length that counts itself, and a body.
 * The first one of a client has no type byte. A frame is judged as soon as its header is there, so that a
 * length that lies is refused before anybody makes room for it: the caller grows its buffer only for
 * HG_FRAME_PARTIAL, by an amount that max_total bounds.
 *
 * After HG_FRAME_BAD there is no way to find the next message: the connection is lost. */
#include "frame.h"

#include <endian.h>

#define LENGTH_BYTES       4u /* of the length itself, which it counts */
#define STARTUP_LEAST_BODY 4u /* the protocol version or request code */

/* What a length that was read means, `before` bytes into the buffer. */
static enum hg_frame_status cut(const uint8_t *buffer, size_t len, uint32_t before, uint32_t least,
                                uint32_t most_total, struct hg_frame *frame)
{
    uint32_t length;

    memcpy(&length, buffer + before, sizeof length);
    length = be32toh(length);
    if (length < least || most_total < before || length > most_total - before)
        return HG_FRAME_BAD;
    frame->total = before + length;
    if (len < frame->total)
        return HG_FRAME_PARTIAL;
    frame->body = hg_slice_of((const char *)buffer + before + LENGTH_BYTES, length - LENGTH_BYTES);
    return HG_FRAME_COMPLETE;
}

enum hg_frame_status hg_frame_peek(const void *buffer, size_t len, uint32_t max_total, struct hg_frame *frame)
{
    *frame = (struct hg_frame){0};
    if (len < HG_FRAME_HEADER)
        return HG_FRAME_SHORT;
    frame->type = *(const uint8_t *)buffer;
    return cut(buffer, len, HG_FRAME_HEADER - LENGTH_BYTES, LENGTH_BYTES, max_total, frame);
}

enum hg_frame_status hg_frame_peek_startup(const void *buffer, size_t len, struct hg_frame *frame)
{
    *frame = (struct hg_frame){0};
    if (len < LENGTH_BYTES)
        return HG_FRAME_SHORT;
    return cut(buffer, len, 0, LENGTH_BYTES + STARTUP_LEAST_BODY, LENGTH_BYTES + HG_STARTUP_MAX_BYTES, frame);
}
