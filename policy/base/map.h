/* A hash map from byte strings to pointers: open addressing, seeded SipHash-1-3 so that a peer who chooses
 * keys cannot choose collisions. Keys are borrowed: they must live as long as the map. Not thread-safe for
 * writing. */
#ifndef HG_MAP_H
#define HG_MAP_H

#include "slice.h"

struct hg_map_slot;

struct hg_map {
    struct hg_map_slot *slots;
    size_t room; /* power of two, or 0 */
    size_t count;
    size_t filled; /* count plus tombstones */
};

void hg_map_init(struct hg_map *map);
void hg_map_free(struct hg_map *map);
void *hg_map_get(const struct hg_map *map, struct hg_slice key); /* NULL when absent */
/* Returns the value that stood there before, which is replaced together with its key; NULL when the key is
 * new. value != NULL. */
void *hg_map_put(struct hg_map *map, struct hg_slice key, void *value);
void *hg_map_remove(struct hg_map *map, struct hg_slice key); /* what was there, or NULL */
/* Iterates in no particular order: start with *at = 0; false at the end. */
bool hg_map_next(const struct hg_map *map, size_t *at, struct hg_slice *key, void **value);

/* The hash itself, keyed with a per-process random seed. */
uint64_t hg_hash(const void *data, size_t len);

#endif
