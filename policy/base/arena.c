/* The arena is a list of chunks, newest first. Only the head is filled further; a request that is large
 * against the size of a chunk gets a chunk of its own behind the head, so that it does not waste the head's
 * remaining room. Chunks double from 4 kB to 64 kB: a small message costs one malloc, a large one few.
 *
 * Under AddressSanitizer each allocation is followed by a poisoned gap, so that an overrun inside a chunk is
 * seen as one of malloc'ed memory would be. */
#define _GNU_SOURCE /* explicit_bzero */
#include "arena.h"

#include <stdio.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#define HG_ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HG_ARENA_ASAN 1
#endif
#endif
#ifdef HG_ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define GAP 16
#else
#define ASAN_POISON_MEMORY_REGION(at, size)   ((void)(at), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
#define GAP                                   0
#endif

#define CHUNK_FIRST 4096
#define CHUNK_LAST  65536
#define ALIGNMENT   _Alignof(max_align_t)

struct hg_arena_chunk {
    struct hg_arena_chunk *next;
    size_t room; /* of bytes[] */
    size_t used;
    _Alignas(max_align_t) char bytes[];
};

static _Noreturn void out_of_memory(size_t size)
{
    fprintf(stderr, "headgate: out of memory (asked for %zu bytes)\n", size);
    abort();
}

void *hg_malloc(size_t size)
{
    void *ptr = malloc(size ? size : 1);
    if (!ptr)
        out_of_memory(size);
    return ptr;
}

void *hg_calloc(size_t count, size_t size)
{
    void *ptr = calloc(count ? count : 1, size ? size : 1);
    if (!ptr)
        out_of_memory(size);
    return ptr;
}

void *hg_realloc(void *ptr, size_t size)
{
    void *grown = realloc(ptr, size ? size : 1);
    if (!grown)
        out_of_memory(size);
    return grown;
}

char *hg_strdup(struct hg_slice text)
{
    char *copy = hg_malloc(text.len + 1);

    if (text.len)
        memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    return copy;
}

static struct hg_arena_chunk *chunk_new(size_t room)
{
    struct hg_arena_chunk *chunk = hg_malloc(sizeof(*chunk) + room);
    *chunk = (struct hg_arena_chunk){.room = room};
    ASAN_POISON_MEMORY_REGION(chunk->bytes, room);
    return chunk;
}

static void chunks_free(struct hg_arena_chunk *chunk)
{
    while (chunk) {
        struct hg_arena_chunk *next = chunk->next;
        ASAN_UNPOISON_MEMORY_REGION(chunk->bytes, chunk->room);
        free(chunk);
        chunk = next;
    }
}

void hg_arena_init(struct hg_arena *arena, size_t soft_limit)
{
    *arena = (struct hg_arena){.limit = soft_limit};
}

void hg_arena_free(struct hg_arena *arena)
{
    chunks_free(arena->head);
    arena->head = NULL;
    arena->used = 0;
}

void hg_arena_wipe(struct hg_arena *arena)
{
    for (struct hg_arena_chunk *chunk = arena->head; chunk; chunk = chunk->next) {
        ASAN_UNPOISON_MEMORY_REGION(chunk->bytes, chunk->room);
        explicit_bzero(chunk->bytes, chunk->room);
    }
    hg_arena_free(arena);
}

void hg_arena_reset(struct hg_arena *arena)
{
    struct hg_arena_chunk *keep = arena->head;
    arena->used = 0;
    if (!keep)
        return;
    chunks_free(keep->next);
    keep->next = NULL;
    if (keep->room > CHUNK_LAST) {
        chunks_free(keep);
        arena->head = NULL;
        return;
    }
    keep->used = 0;
    ASAN_POISON_MEMORY_REGION(keep->bytes, keep->room);
}

/* A chunk with room for `need` bytes: the head, a new head, or one of its own behind the head. */
static struct hg_arena_chunk *chunk_for(struct hg_arena *arena, size_t need)
{
    struct hg_arena_chunk *head = arena->head;
    if (head && need <= head->room - head->used)
        return head;
    size_t room = head && head->room >= CHUNK_FIRST ? head->room * 2 : CHUNK_FIRST;
    if (room > CHUNK_LAST)
        room = CHUNK_LAST;
    bool own = need > room / 4;
    struct hg_arena_chunk *chunk = chunk_new(own && (head || need > room) ? need : room);
    if (own && head) {
        chunk->next = head->next;
        head->next = chunk;
    } else {
        chunk->next = head;
        arena->head = chunk;
    }
    return chunk;
}

void *hg_arena_alloc(struct hg_arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2)
        out_of_memory(size);
    size_t need = ((size ? size : 1) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT + GAP;
    struct hg_arena_chunk *chunk = chunk_for(arena, need);
    void *ptr = chunk->bytes + chunk->used;
    chunk->used += need;
    arena->used += need;
    ASAN_UNPOISON_MEMORY_REGION(ptr, size);
    return memset(ptr, 0, size);
}

void *hg_arena_array(struct hg_arena *arena, size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total))
        out_of_memory(SIZE_MAX);
    return hg_arena_alloc(arena, total);
}

char *hg_arena_cstr(struct hg_arena *arena, struct hg_slice text)
{
    char *copy = hg_arena_alloc(arena, text.len + 1);
    if (text.len)
        memcpy(copy, text.ptr, text.len);
    return copy;
}

struct hg_slice hg_arena_slice(struct hg_arena *arena, struct hg_slice text)
{
    return hg_slice_of(hg_arena_cstr(arena, text), text.len);
}

struct hg_slice hg_arena_vprintf(struct hg_arena *arena, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    char *text = hg_arena_alloc(arena, len < 0 ? 1 : (size_t)len + 1);
    if (len > 0)
        vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return hg_slice_of(text, len < 0 ? 0 : (size_t)len);
}

struct hg_slice hg_arena_printf(struct hg_arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct hg_slice text = hg_arena_vprintf(arena, format, args);
    va_end(args);
    return text;
}
