/* Reader and writer for the wire. After a failure the reader stands at its end, so that loops over what is
 * left end too; the writer keeps what it had. The writer grows by doubling, never past its cap. */
#include "bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "arena.h"

#define WRITER_FIRST ((size_t)256)
#define WRITER_CAP   ((size_t)1 << 30)

struct hg_reader hg_reader_of(const void *bytes, size_t len)
{
    const uint8_t *at = len ? bytes : (const uint8_t *)"";
    return (struct hg_reader){.at = at, .end = at + len};
}

/* `len` bytes, or NULL and a failed reader. */
static const uint8_t *reader_take(struct hg_reader *reader, size_t len)
{
    if (reader->failed || len > hg_reader_left(reader)) {
        reader->failed = true;
        reader->at = reader->end;
        return NULL;
    }
    const uint8_t *bytes = reader->at;
    reader->at += len;
    return bytes;
}

uint8_t hg_read_u8(struct hg_reader *reader)
{
    const uint8_t *b = reader_take(reader, 1);
    return b ? b[0] : 0;
}

uint16_t hg_read_u16(struct hg_reader *reader)
{
    const uint8_t *b = reader_take(reader, 2);
    return b ? (uint16_t)(b[0] << 8 | b[1]) : 0;
}

uint32_t hg_read_u32(struct hg_reader *reader)
{
    const uint8_t *b = reader_take(reader, 4);
    return b ? (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3] : 0;
}

struct hg_slice hg_read_bytes(struct hg_reader *reader, size_t len)
{
    const uint8_t *b = reader_take(reader, len);
    return b ? hg_slice_of((const char *)b, len) : hg_slice_of("", 0);
}

struct hg_slice hg_read_cstr(struct hg_reader *reader)
{
    size_t left = hg_reader_left(reader);
    const uint8_t *end = left ? memchr(reader->at, 0, left) : NULL;
    struct hg_slice text = hg_read_bytes(reader, end ? (size_t)(end - reader->at) + 1 : SIZE_MAX);
    if (text.len)
        text.len--; /* the NUL */
    return text;
}

void hg_bytes_init(struct hg_bytes *bytes, size_t cap)
{
    *bytes = (struct hg_bytes){.cap = cap};
}

void hg_bytes_free(struct hg_bytes *bytes)
{
    free(bytes->data);
    *bytes = (struct hg_bytes){.cap = bytes->cap};
}

void hg_bytes_clear(struct hg_bytes *bytes)
{
    bytes->len = 0;
    bytes->failed = false;
}

/* Makes room for `more` bytes; false, and failed, beyond the cap. */
static bool writer_room(struct hg_bytes *bytes, size_t more)
{
    size_t cap = bytes->cap ? bytes->cap : WRITER_CAP;
    if (bytes->failed || more > cap - bytes->len) {
        bytes->failed = true;
        return false;
    }
    if (more <= bytes->room - bytes->len)
        return true;
    size_t need = bytes->len + more;
    size_t room = bytes->room > cap / 2 ? cap : bytes->room * 2;
    if (room < WRITER_FIRST)
        room = WRITER_FIRST;
    if (room > cap)
        room = cap;
    if (room < need)
        room = need;
    bytes->data = hg_realloc(bytes->data, room);
    bytes->room = room;
    return true;
}

void hg_write(struct hg_bytes *bytes, const void *data, size_t len)
{
    if (len == 0 || !writer_room(bytes, len))
        return;
    memcpy(bytes->data + bytes->len, data, len);
    bytes->len += len;
}

void hg_write_u8(struct hg_bytes *bytes, uint8_t value)
{
    hg_write(bytes, &value, 1);
}

void hg_write_u16(struct hg_bytes *bytes, uint16_t value)
{
    hg_write(bytes, (uint8_t[2]){(uint8_t)(value >> 8), (uint8_t)value}, 2);
}

void hg_write_u32(struct hg_bytes *bytes, uint32_t value)
{
    hg_write(
        bytes,
        (uint8_t[4]){(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value},
        4);
}

void hg_write_slice(struct hg_bytes *bytes, struct hg_slice text)
{
    hg_write(bytes, text.ptr, text.len);
}

void hg_write_cstr(struct hg_bytes *bytes, struct hg_slice text)
{
    hg_write(bytes, text.ptr, text.len);
    hg_write_u8(bytes, 0);
}

void hg_write_text(struct hg_bytes *bytes, const char *text)
{
    hg_write(bytes, text, strlen(text));
}

void hg_write_format(struct hg_bytes *bytes, const char *format, ...)
{
    char small[256];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    if (len <= 0)
        return;
    if ((size_t)len < sizeof small) {
        hg_write(bytes, small, (size_t)len);
    } else if (writer_room(bytes, (size_t)len)) {
        /* Not in place: for vsnprintf's NUL the cap may leave no room. */
        char *text = hg_malloc((size_t)len + 1);
        va_start(args, format);
        vsnprintf(text, (size_t)len + 1, format, args);
        va_end(args);
        hg_write(bytes, text, (size_t)len);
        free(text);
    }
}
