/* Trace context in comments (W3C Trace Context; SQLCommenter's `key='value',…`, values percent-encoded, which
 * changes no character of a traceparent). */
#define _GNU_SOURCE 1 /* memmem */
#include "trace.h"

#define COMMENT_BYTES 4096u /* of a comment; longer ones are not looked at */
#define KEY           HG_LIT("traceparent='")
#define VALUE_BYTES   55u /* 00-…32…-…16…-01 */

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

static bool is_hex(const char *at, size_t len)
{
    bool any = false;

    for (size_t i = 0; i < len; i++) {
        if (!((at[i] >= '0' && at[i] <= '9') || (at[i] >= 'a' && at[i] <= 'f')))
            return false;
        any |= at[i] != '0';
    }
    return any;
}

/* Version 00 only; all zeros are no ids. */
static bool take(struct hg_slice value, struct hg_trace *trace)
{
    const char *at = value.ptr;

    if (value.len <= VALUE_BYTES || memcmp(at, "00-", 3) != 0 || at[35] != '-' || at[52] != '-' ||
        at[VALUE_BYTES] != '\'' || !is_hex(at + 3, 32) || !is_hex(at + 36, 16))
        return false;
    memcpy(trace->trace_id, at + 3, 32);
    memcpy(trace->span_id, at + 36, 16);
    return true;
}

static bool search(struct hg_slice comment, struct hg_trace *trace)
{
    const char *end = comment.ptr + comment.len, *at = comment.ptr;

    while (at < end && (at = memmem(at, (size_t)(end - at), KEY.ptr, KEY.len)) != NULL) {
        at += KEY.len;
        if (take(hg_slice_of(at, (size_t)(end - at)), trace))
            return true;
    }
    return false;
}

static struct hg_slice trimmed(struct hg_slice text)
{
    while (text.len && is_space(*text.ptr)) {
        text.ptr++;
        text.len--;
    }
    while (text.len && (is_space(text.ptr[text.len - 1]) || text.ptr[text.len - 1] == ';'))
        text.len--;
    return text;
}

static struct hg_slice head(struct hg_slice text)
{
    size_t most = text.len < COMMENT_BYTES ? text.len : COMMENT_BYTES;
    bool block = text.len >= 2 && memcmp(text.ptr, "/*", 2) == 0;
    bool line = text.len >= 2 && memcmp(text.ptr, "--", 2) == 0;
    const char *end = block  ? memmem(text.ptr + 2, most - 2, "*/", 2)
                      : line ? memchr(text.ptr, '\n', most)
                             : NULL;

    return hg_slice_of(text.ptr, end ? (size_t)(end - text.ptr) : 0);
}

/* The last thing in the text that opens a comment which goes to its end. */
static struct hg_slice tail(struct hg_slice text)
{
    size_t most = text.len < COMMENT_BYTES ? text.len : COMMENT_BYTES;
    const char *end = text.ptr + text.len, *least = end - most;
    bool block = text.len >= 4 && memcmp(end - 2, "*/", 2) == 0;

    for (const char *at = end - 2; text.len >= 2 && at >= least; at--) {
        if (memcmp(at, block ? "/*" : "--", 2) == 0)
            return hg_slice_of(at, (size_t)(end - at));
        if (!block && *at == '\n')
            break;
    }
    return hg_slice_of(end, 0);
}

struct hg_trace hg_trace_find(struct hg_slice text)
{
    struct hg_trace trace = {{0}, {0}};
    struct hg_slice whole = trimmed(text);

    if (whole.len && !search(tail(whole), &trace))
        (void)search(head(whole), &trace);
    return trace;
}
