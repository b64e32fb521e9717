/* Open addressing with linear probing, at most three quarters full. A removed slot becomes a tombstone, which
 * ends no probe; tombstones go away when the table is built anew. The hash is kept in the slot, so that a
 * probe compares bytes only when all 64 bits agree, and building anew hashes nothing.
 *
 * The hash is SipHash-1-3 (Aumasson and Bernstein; one round per word and three at the end, the variant that
 * hash tables of several languages use) under a key of 128 random bits that is drawn once per process. */
#include "map.h"

#include <endian.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "arena.h"

#define ROOM_FIRST 16

struct hg_map_slot {
    struct hg_slice key;
    uint64_t hash;
    void *value; /* NULL = empty; TOMBSTONE = removed */
};

static const char tombstone;
#define TOMBSTONE ((void *)&tombstone)

static pthread_once_t seed_once = PTHREAD_ONCE_INIT;
static uint64_t seed[2];

static void seed_draw(void)
{
    ssize_t got;
    do
        got = getrandom(seed, sizeof seed, 0);
    while (got < 0 && errno == EINTR);
    if (got != (ssize_t)sizeof seed) {
        perror("headgate: getrandom");
        abort();
    }
}

static inline uint64_t rotate(uint64_t word, int bits)
{
    return word << bits | word >> (64 - bits);
}

static inline void sip_round(uint64_t v[4])
{
    v[0] += v[1], v[1] = rotate(v[1], 13) ^ v[0], v[0] = rotate(v[0], 32);
    v[2] += v[3], v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3], v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1], v[1] = rotate(v[1], 17) ^ v[2], v[2] = rotate(v[2], 32);
}

/* Eight bytes as a little-endian word: one load. */
static inline uint64_t whole_word(const uint8_t *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return le64toh(word);
}

/* Fewer than eight, likewise. */
static inline uint64_t word_of(const uint8_t *bytes, size_t len)
{
    uint64_t word = 0;
    for (size_t i = 0; i < len; i++)
        word |= (uint64_t)bytes[i] << (8 * i);
    return word;
}

uint64_t hg_hash(const void *data, size_t len)
{
    pthread_once(&seed_once, seed_draw);
    const uint8_t *at = data;
    uint64_t v[4] = {seed[0] ^ 0x736f6d6570736575, seed[1] ^ 0x646f72616e646f6d, seed[0] ^ 0x6c7967656e657261,
                     seed[1] ^ 0x7465646279746573};
    uint64_t last = (uint64_t)len << 56;
    for (; len >= 8; len -= 8, at += 8) {
        uint64_t word = whole_word(at);
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    }
    last |= word_of(at, len);
    v[3] ^= last;
    sip_round(v);
    v[0] ^= last;
    v[2] ^= 0xff;
    sip_round(v);
    sip_round(v);
    sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

void hg_map_init(struct hg_map *map)
{
    *map = (struct hg_map){0};
}

void hg_map_free(struct hg_map *map)
{
    free(map->slots);
    *map = (struct hg_map){0};
}

/* The slot that holds the key, or NULL. */
static struct hg_map_slot *slot_find(const struct hg_map *map, struct hg_slice key, uint64_t hash)
{
    if (map->count == 0)
        return NULL;
    for (size_t i = hash & (map->room - 1);; i = (i + 1) & (map->room - 1)) {
        struct hg_map_slot *slot = &map->slots[i];
        if (!slot->value)
            return NULL;
        if (slot->hash == hash && slot->value != TOMBSTONE && hg_slice_equal(slot->key, key))
            return slot;
    }
}

static void slot_insert(struct hg_map *map, struct hg_map_slot entry)
{
    size_t i = entry.hash & (map->room - 1);
    while (map->slots[i].value)
        i = (i + 1) & (map->room - 1);
    map->slots[i] = entry;
    map->count++;
    map->filled++;
}

/* Room for one more, with at least one slot in four left empty. */
static void map_grow(struct hg_map *map)
{
    if (map->filled + 1 <= map->room / 4 * 3)
        return;
    struct hg_map old = *map;
    size_t room = ROOM_FIRST;
    while (room / 2 < map->count + 1)
        room *= 2;
    *map = (struct hg_map){.slots = hg_calloc(room, sizeof *map->slots), .room = room};
    for (size_t i = 0; i < old.room; i++)
        if (old.slots[i].value && old.slots[i].value != TOMBSTONE)
            slot_insert(map, old.slots[i]);
    free(old.slots);
}

void *hg_map_get(const struct hg_map *map, struct hg_slice key)
{
    if (map->count == 0)
        return NULL;
    const struct hg_map_slot *slot = slot_find(map, key, hg_hash(key.ptr, key.len));
    return slot ? slot->value : NULL;
}

void *hg_map_put(struct hg_map *map, struct hg_slice key, void *value)
{
    uint64_t hash = hg_hash(key.ptr, key.len);
    struct hg_map_slot *slot = slot_find(map, key, hash);
    if (slot) {
        void *before = slot->value;
        slot->key = key; /* the old key may live in the old value, which the caller now may free */
        slot->value = value;
        return before;
    }
    map_grow(map);
    slot_insert(map, (struct hg_map_slot){key, hash, value});
    return NULL;
}

void *hg_map_remove(struct hg_map *map, struct hg_slice key)
{
    struct hg_map_slot *slot = slot_find(map, key, hg_hash(key.ptr, key.len));
    if (!slot)
        return NULL;
    void *before = slot->value;
    *slot = (struct hg_map_slot){.value = TOMBSTONE};
    map->count--;
    return before;
}

bool hg_map_next(const struct hg_map *map, size_t *at, struct hg_slice *key, void **value)
{
    for (; *at < map->room; ++*at) {
        const struct hg_map_slot *slot = &map->slots[*at];
        if (!slot->value || slot->value == TOMBSTONE)
            continue;
        *key = slot->key;
        *value = slot->value;
        ++*at;
        return true;
    }
    return false;
}
