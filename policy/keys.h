/* Tables of keys: one row says a key's name, type, default, bounds and meaning, and from these rows come
 * loading, defaults, errors, nearest-name hints and documentation. */
#ifndef HG_KEYS_H
#define HG_KEYS_H

#include "load.h"

enum hg_key_type {
    HG_KEY_TEXT,     /* const char * */
    HG_KEY_PATH,     /* const char *, relative to the directory of the file that names it */
    HG_KEY_BOOL,     /* bool */
    HG_KEY_NUMBER,   /* uint32_t */
    HG_KEY_PORT,     /* uint16_t */
    HG_KEY_DURATION, /* uint32_t, milliseconds: `500ms`, `15s`, `5min`, `2h`, `1d`, or 0 */
    HG_KEY_BYTES,    /* uint32_t: `4096`, `64kB`, `1MiB`; a kB is 1024 bytes, as in PostgreSQL */
    HG_KEY_SIZE,     /* size_t, as HG_KEY_BYTES */
    HG_KEY_WORD,     /* enum: the index in `words` */
    HG_KEY_NODE,     /* const struct hg_yaml *, whatever stands there; the caller looks into it */
};

struct hg_key {
    const char *name;
    enum hg_key_type type;
    size_t offset; /* in the structure that is filled */
    bool required;
    const char *initial;      /* as it would be written; NULL = zero */
    uint64_t least, most;     /* numbers, durations in ms and sizes; most 0 = what the type holds */
    const char *const *words; /* ends with NULL */
    const char *help;
    bool restart; /* a change takes effect when the process starts anew, and only then */
};

/* Fills `into` from the map: defaults first, then what is written. `what` names the map in errors, as in `the
 * limits` or `backend "aurora"`. Reports unknown keys, bad values and missing ones; false when there were
 * any. */
bool hg_keys_load(struct hg_load *load, const struct hg_yaml *map, const char *what,
                  const struct hg_key *keys, size_t count, void *into);

#endif
