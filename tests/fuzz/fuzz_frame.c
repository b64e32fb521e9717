/* Frames of any stream, under any limit. What must hold: a complete frame lies in the buffer; and what a
 * longer buffer says about the first frame, a shorter one never contradicts: it only knows less. */
#include "frame.h"

static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static void check_prefixes(const uint8_t *data, size_t size, uint32_t max_total, enum hg_frame_status whole,
                           const struct hg_frame *frame)
{
    for (size_t len = 0; len < size && len < 64; len++) {
        struct hg_frame early;
        enum hg_frame_status status = hg_frame_peek(data, len, max_total, &early);
        if (status == HG_FRAME_BAD || whole == HG_FRAME_BAD)
            must(status == whole || status == HG_FRAME_SHORT);
        else if (status != HG_FRAME_SHORT)
            must(early.total == frame->total && early.type == frame->type);
        if (status == HG_FRAME_COMPLETE)
            must(len >= frame->total);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hg_frame frame;
    enum hg_frame_status status = hg_frame_peek_startup(data, size, &frame);

    if (status == HG_FRAME_COMPLETE)
        must(frame.total <= size && frame.body.len == frame.total - 4 && frame.body.len >= 4);
    if (status == HG_FRAME_PARTIAL)
        must(frame.total > size && frame.total <= HG_STARTUP_MAX_BYTES + 4);
    if (size == 0)
        return 0;
    uint32_t max_total = (uint32_t)1 << (data[0] & 31);
    for (size_t at = 1; at < size; at += frame.total) {
        status = hg_frame_peek(data + at, size - at, max_total, &frame);
        check_prefixes(data + at, size - at, max_total, status, &frame);
        if (status != HG_FRAME_COMPLETE)
            break;
        must(frame.total <= max_total && frame.total <= size - at && frame.total >= HG_FRAME_HEADER);
        must((const uint8_t *)frame.body.ptr == data + at + HG_FRAME_HEADER &&
             frame.body.len == frame.total - HG_FRAME_HEADER);
    }
    return 0;
}
