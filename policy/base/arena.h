/* A chunked bump allocator: many small allocations, one release. Not thread-safe.
 *
 * The process cannot go on without memory, so a failed malloc prints a line and aborts; nobody checks for
 * NULL. What a peer can make us allocate is bounded before it gets here (statement length, message length,
 * nesting); as a second line an arena can carry a soft limit that the owner asks about between steps. */
#ifndef HG_ARENA_H
#define HG_ARENA_H

#include <stdarg.h>

#include "slice.h"

struct hg_arena_chunk;

struct hg_arena {
    struct hg_arena_chunk *head; /* newest chunk; NULL while empty */
    size_t used;                 /* bytes handed out since init or reset */
    size_t limit;                /* soft limit in bytes; 0 = none */
};

void hg_arena_init(struct hg_arena *arena, size_t soft_limit);
void hg_arena_free(struct hg_arena *arena);  /* releases all chunks; the arena may be used again */
void hg_arena_wipe(struct hg_arena *arena);  /* like free, and overwrites what was there: for secrets */
void hg_arena_reset(struct hg_arena *arena); /* like free, but keeps one chunk (of at most 64 kB) for reuse */

/* True once more than the soft limit was handed out. */
static inline bool hg_arena_over(const struct hg_arena *arena)
{
    return arena->limit && arena->used > arena->limit;
}

/* Zeroed memory, aligned for any type. Never NULL. */
void *hg_arena_alloc(struct hg_arena *arena, size_t size)
    __attribute__((returns_nonnull, malloc, alloc_size(2)));
void *hg_arena_array(struct hg_arena *arena, size_t count, size_t size) __attribute__((returns_nonnull));

#define HG_NEW(arena, type)              ((type *)hg_arena_alloc((arena), sizeof(type)))
#define HG_NEW_ARRAY(arena, type, count) ((type *)hg_arena_array((arena), (count), sizeof(type)))

/* Copies; the copy is terminated with a NUL that is not counted. */
struct hg_slice hg_arena_slice(struct hg_arena *arena, struct hg_slice text);
char *hg_arena_cstr(struct hg_arena *arena, struct hg_slice text);
struct hg_slice hg_arena_printf(struct hg_arena *arena, const char *format, ...) HG_PRINTF(2, 3);
struct hg_slice hg_arena_vprintf(struct hg_arena *arena, const char *format, va_list args) HG_PRINTF(2, 0);

/* malloc/realloc that abort instead of returning NULL, for memory that outlives any arena. */
void *hg_malloc(size_t size) __attribute__((returns_nonnull, malloc));
void *hg_calloc(size_t count, size_t size) __attribute__((returns_nonnull));
char *hg_strdup(struct hg_slice text) __attribute__((returns_nonnull)); /* terminated with a NUL */
void *hg_realloc(void *ptr, size_t size) __attribute__((returns_nonnull));

#endif
