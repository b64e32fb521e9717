/* Bounded reader and capped writer for bytes on the wire. Integers are big-endian (network order).
 *
 * Both remember their first failure and turn every later call into a no-op, so a decoder or encoder is
 * written as a straight line and checked once at its end. Bounds are compared as `need > end - at`, never `at
 * + need > end`. */
#ifndef HG_BYTES_H
#define HG_BYTES_H

#include "slice.h"

struct hg_reader {
    const uint8_t *at;
    const uint8_t *end;
    bool failed; /* something was asked for that is not there; all later results are zero or empty */
};

struct hg_reader hg_reader_of(const void *bytes, size_t len);
static inline size_t hg_reader_left(const struct hg_reader *reader)
{
    return (size_t)(reader->end - reader->at);
}
uint8_t hg_read_u8(struct hg_reader *reader);
uint16_t hg_read_u16(struct hg_reader *reader);
uint32_t hg_read_u32(struct hg_reader *reader);
struct hg_slice hg_read_bytes(struct hg_reader *reader, size_t len); /* points into the input */
struct hg_slice hg_read_cstr(struct hg_reader *reader); /* up to a NUL, which is consumed, not counted */

/* Grows by realloc up to `cap` bytes in all; beyond that it sets `failed` and writes nothing more. */
struct hg_bytes {
    uint8_t *data; /* NULL while nothing was written; owned, hg_bytes_free() */
    size_t len;
    size_t room;
    size_t cap; /* 0 = 1 GiB */
    bool failed;
};

void hg_bytes_init(struct hg_bytes *bytes, size_t cap);
void hg_bytes_free(struct hg_bytes *bytes);
void hg_bytes_clear(struct hg_bytes *bytes); /* len = 0, failed = false; keeps the memory */
void hg_write_u8(struct hg_bytes *bytes, uint8_t value);
void hg_write_u16(struct hg_bytes *bytes, uint16_t value);
void hg_write_u32(struct hg_bytes *bytes, uint32_t value);
void hg_write(struct hg_bytes *bytes, const void *data, size_t len);
void hg_write_slice(struct hg_bytes *bytes, struct hg_slice text); /* no terminator */
void hg_write_cstr(struct hg_bytes *bytes, struct hg_slice text);  /* with terminating NUL */
void hg_write_text(struct hg_bytes *bytes, const char *text);      /* no terminator */
void hg_write_format(struct hg_bytes *bytes, const char *format, ...) HG_PRINTF(2, 3); /* no terminator */
static inline struct hg_slice hg_bytes_slice(const struct hg_bytes *bytes)
{
    return hg_slice_of((const char *)bytes->data, bytes->len);
}

#endif
