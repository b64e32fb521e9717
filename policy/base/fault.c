/* Faults: the first one wins, since what follows an error is usually its consequence. */
#include "fault.h"

#include <stdarg.h>

bool hg_fault_set(struct hg_fault *fault, struct hg_arena *arena, const char *sqlstate, const char *format,
                  ...)
{
    if (hg_fault_is_set(fault))
        return false;
    va_list args;
    va_start(args, format);
    *fault = (struct hg_fault){.message = hg_arena_vprintf(arena, format, args)};
    va_end(args);
    memcpy(fault->sqlstate, sqlstate, strnlen(sqlstate, sizeof fault->sqlstate - 1));
    return false;
}

void hg_fault_hint(struct hg_fault *fault, struct hg_arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fault->hint = hg_arena_vprintf(arena, format, args);
    va_end(args);
}

void hg_fault_detail(struct hg_fault *fault, struct hg_arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fault->detail = hg_arena_vprintf(arena, format, args);
    va_end(args);
}

uint32_t hg_position_of(struct hg_slice text, size_t at)
{
    uint32_t position = 1;
    for (size_t i = 0; i < at && i < text.len; i++)
        position += ((unsigned char)text.ptr[i] & 0xc0) != 0x80; /* a continuation byte starts no character */
    return position;
}
