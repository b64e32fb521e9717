/* The trace that a statement belongs to, as SQLCommenter writes it into the text: a comment at its beginning
 * or end with `traceparent='00-<32 hex>-<16 hex>-<2 hex>'`. Only such comments are looked at, of at most some
 * kilobytes, and only hexadecimal digits are taken from them. */
#ifndef HG_TRACE_H
#define HG_TRACE_H

#include "slice.h"

struct hg_trace {
    char trace_id[33]; /* "" = there is none */
    char span_id[17];
};

struct hg_trace hg_trace_find(struct hg_slice text);

#endif
