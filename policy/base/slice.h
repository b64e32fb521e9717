/* A slice is a borrowed run of bytes: not terminated, not owned. Text in slices is UTF-8 unless a header says
 * otherwise. */
#ifndef HG_SLICE_H
#define HG_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define HG_MUST_USE                    __attribute__((warn_unused_result))
#define HG_PRINTF(format_at, first_at) __attribute__((format(printf, format_at, first_at)))

struct hg_slice {
    const char *ptr;
    size_t len;
};

#define HG_SLICE_FMT(s) (int)(s).len, (s).ptr /* for "%.*s" */
#define HG_LIT(literal) ((struct hg_slice){(literal), sizeof(literal) - 1})

static inline struct hg_slice hg_slice_of(const char *ptr, size_t len)
{
    return (struct hg_slice){ptr, len};
}

/* A terminated string as a slice; NULL gives the empty slice. */
static inline struct hg_slice hg_slice_cstr(const char *text)
{
    return (struct hg_slice){text, text ? strlen(text) : 0};
}

static inline bool hg_slice_equal(struct hg_slice a, struct hg_slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool hg_slice_is(struct hg_slice a, const char *text)
{
    return hg_slice_equal(a, hg_slice_cstr(text));
}

#endif
