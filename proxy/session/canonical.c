/* A map that is emptied when it is full: clients use a handful of values, and one who makes up new ones all
 * the time gains nothing but the work of asking again. Long values are not kept. */
#include "canonical.h"

#include <stdlib.h>

#include "arena.h"

#define LONGEST 256u

struct entry {
    size_t result_len;
    char bytes[]; /* key, then result */
};

void hg_canonical_init(struct hg_canonical *canonical)
{
    hg_map_init(&canonical->map);
}

void hg_canonical_free(struct hg_canonical *canonical)
{
    size_t at = 0;
    struct hg_slice key;
    void *value;

    while (hg_map_next(&canonical->map, &at, &key, &value))
        free(value);
    hg_map_free(&canonical->map);
    hg_map_init(&canonical->map);
}

/* setting, length of `before`, before, value; `out` has room for it. */
static size_t write_key(char *out, int setting, struct hg_slice before, struct hg_slice value)
{
    out[0] = (char)setting;
    out[1] = (char)(before.len & 0xff);
    out[2] = (char)(before.len >> 8);
    if (before.len)
        memcpy(out + 3, before.ptr, before.len);
    if (value.len)
        memcpy(out + 3 + before.len, value.ptr, value.len);
    return 3 + before.len + value.len;
}

struct hg_slice hg_canonical_get(const struct hg_canonical *canonical, int setting, struct hg_slice before,
                                 struct hg_slice value)
{
    char key[3 + 2 * LONGEST];

    if (before.len > LONGEST || value.len > LONGEST)
        return hg_slice_of(NULL, 0);
    size_t len = write_key(key, setting, before, value);
    const struct entry *entry = hg_map_get(&canonical->map, hg_slice_of(key, len));
    return entry ? hg_slice_of(entry->bytes + len, entry->result_len) : hg_slice_of(NULL, 0);
}

void hg_canonical_put(struct hg_canonical *canonical, int setting, struct hg_slice before,
                      struct hg_slice value, struct hg_slice result)
{
    if (before.len > LONGEST || value.len > LONGEST || result.len > LONGEST)
        return;
    if (canonical->map.count >= HG_CANONICAL_MOST)
        hg_canonical_free(canonical);
    struct entry *entry = hg_malloc(sizeof *entry + 3 + before.len + value.len + result.len);
    size_t len = write_key(entry->bytes, setting, before, value);
    entry->result_len = result.len;
    if (result.len)
        memcpy(entry->bytes + len, result.ptr, result.len);
    /* A key that is there already keeps its own memory: only its entry may hold it. */
    free(hg_map_remove(&canonical->map, hg_slice_of(entry->bytes, len)));
    hg_map_put(&canonical->map, hg_slice_of(entry->bytes, len), entry);
}
