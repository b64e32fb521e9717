/* Loading a map by its table of keys. Defaults are texts that go through the same readers as the file's
 * values, so that a table cannot promise what a file could not say. */
#include "keys.h"

#include <assert.h>

#define KEYS_MOST 32 /* of one table */

static bool read_digits(struct hg_slice text, size_t *at, uint64_t *number)
{
    *number = 0;
    for (*at = 0; *at < text.len && text.ptr[*at] >= '0' && text.ptr[*at] <= '9'; ++*at) {
        if (*number > (UINT64_MAX - 9) / 10)
            return false;
        *number = *number * 10 + (uint64_t)(text.ptr[*at] - '0');
    }
    return *at > 0;
}

struct unit {
    const char *name;
    uint64_t factor;
};

/* A number and a unit of the table; the first unit stands for none. */
static bool read_with_unit(struct hg_slice text, const struct unit *units, size_t nunits, uint64_t *number)
{
    size_t at;
    if (!read_digits(text, &at, number))
        return false;
    while (at < text.len && text.ptr[at] == ' ')
        at++;
    struct hg_slice unit = hg_slice_of(text.ptr + at, text.len - at);
    for (size_t i = 0; i < nunits; i++)
        if (hg_slice_is(unit, units[i].name))
            return !__builtin_mul_overflow(*number, units[i].factor, number);
    return false;
}

static bool read_duration(struct hg_slice text, uint64_t *ms)
{
    static const struct unit units[] = {
        {"ms", 1}, {"s", 1000}, {"min", 60 * 1000}, {"h", 3600 * 1000}, {"d", 24 * 3600 * 1000}};
    if (hg_slice_is(text, "0")) {
        *ms = 0;
        return true;
    }
    return read_with_unit(text, units, sizeof units / sizeof units[0], ms);
}

static bool read_size(struct hg_slice text, uint64_t *bytes)
{
    static const struct unit units[] = {{"", 1},         {"B", 1},         {"kB", 1 << 10}, {"KiB", 1 << 10},
                                        {"MB", 1 << 20}, {"MiB", 1 << 20}, {"GB", 1 << 30}, {"GiB", 1 << 30}};
    return read_with_unit(text, units, sizeof units / sizeof units[0], bytes);
}

static bool read_plain(struct hg_slice text, uint64_t *number)
{
    size_t at;
    return read_digits(text, &at, number) && at == text.len;
}

/* What a value of each numeric type is called, how it is read and what it can hold. */
struct reader {
    bool (*read)(struct hg_slice text, uint64_t *number);
    uint64_t most;
    const char *what;
    const char *hint;
};

static const struct reader readers[] = {
    [HG_KEY_NUMBER] = {read_plain, UINT32_MAX, "a number", NULL},
    [HG_KEY_PORT] = {read_plain, UINT16_MAX, "a port number", NULL},
    [HG_KEY_DURATION] = {read_duration, UINT32_MAX, "a duration", "write a unit: 500ms, 15s, 5min, 2h or 1d"},
    [HG_KEY_BYTES] = {read_size, UINT32_MAX, "a number of bytes", "for example 65536, 64kB or 1MiB"},
    [HG_KEY_SIZE] = {read_size, SIZE_MAX, "a number of bytes", "for example 65536, 64kB or 1MiB"},
};

static void store_number(const struct hg_key *key, void *field, uint64_t number)
{
    switch (key->type) {
    case HG_KEY_PORT:
        *(uint16_t *)field = (uint16_t)number;
        break;
    case HG_KEY_SIZE:
        *(size_t *)field = (size_t)number;
        break;
    default:
        *(uint32_t *)field = (uint32_t)number;
        break;
    }
}

static const char *say_bounds(struct hg_load *load, const struct hg_key *key, uint64_t most)
{
    const char *unit = key->type == HG_KEY_DURATION ? " ms" : "";
    return hg_load_text(load, "from %llu to %llu%s", (unsigned long long)key->least, (unsigned long long)most,
                        unit);
}

static bool set_number(struct hg_load *load, const struct hg_key *key, struct hg_slice text,
                       struct hg_place place, void *field)
{
    const struct reader *reader = &readers[key->type];
    uint64_t most = key->most ? key->most : reader->most, number;
    if (!reader->read(text, &number)) {
        hg_load_error(load, place, reader->hint, "\"%s\" must be %s, not \"%.*s\"", key->name, reader->what,
                      HG_SHORT(text));
        return false;
    }
    if (number < key->least || number > most) {
        hg_load_error(load, place, NULL, "\"%s\" must be %s, not \"%.*s\"", key->name,
                      say_bounds(load, key, most), HG_SHORT(text));
        return false;
    }
    store_number(key, field, number);
    return true;
}

static bool set_bool(struct hg_load *load, const struct hg_key *key, struct hg_slice text,
                     struct hg_place place, bool *field)
{
    *field = hg_slice_is(text, "true");
    if (*field || hg_slice_is(text, "false"))
        return true;
    hg_load_error(load, place, NULL, "\"%s\" must be true or false, not \"%.*s\"", key->name, HG_SHORT(text));
    return false;
}

static bool set_word(struct hg_load *load, const struct hg_key *key, struct hg_slice text,
                     struct hg_place place, int *field)
{
    struct hg_slice all = {0};
    for (int i = 0; key->words[i]; i++) {
        if (hg_slice_is(text, key->words[i])) {
            *field = i;
            return true;
        }
        all = hg_arena_printf(&load->scratch, "%s%s%s", i ? all.ptr : "", i ? ", " : "", key->words[i]);
    }
    hg_load_error(load, place, hg_load_text(load, "one of %s", all.ptr), "\"%s\" cannot be \"%.*s\"",
                  key->name, HG_SHORT(text));
    return false;
}

static bool set_text(struct hg_load *load, const struct hg_key *key, struct hg_slice text,
                     struct hg_place place, void *into)
{
    void *field = (char *)into + key->offset;
    switch (key->type) {
    case HG_KEY_TEXT:
        *(const char **)field = hg_arena_cstr(load->arena, text);
        return true;
    case HG_KEY_PATH:
        *(const char **)field = hg_source_beside(load->arena, place.file, text);
        return true;
    case HG_KEY_BOOL:
        return set_bool(load, key, text, place, field);
    case HG_KEY_WORD:
        return set_word(load, key, text, place, field);
    default:
        return set_number(load, key, text, place, field);
    }
}

static bool set_value(struct hg_load *load, const struct hg_key *key, const struct hg_yaml *entry, void *into)
{
    struct hg_slice text;
    if (key->type == HG_KEY_NODE) {
        *(const struct hg_yaml **)((char *)into + key->offset) = entry;
        return true;
    }
    return hg_load_scalar(load, entry, hg_load_text(load, "\"%s\"", key->name), &text) &&
           set_text(load, key, text, entry->place, into);
}

static bool refuse_unknown(struct hg_load *load, const struct hg_yaml *entry, const char *what,
                           const struct hg_key *keys, size_t count)
{
    const char *names[KEYS_MOST];
    for (size_t i = 0; i < count; i++)
        names[i] = keys[i].name;
    const char *hint = hg_load_hints(load) ? hg_load_nearest(load, entry->key, names, count) : NULL;
    hg_load_error(load, entry->key_place, hint, "unknown key \"%.*s\" in %s", HG_SHORT(entry->key), what);
    return false;
}

static const struct hg_key *find_key(const struct hg_key *keys, size_t count, struct hg_slice name)
{
    for (size_t i = 0; i < count; i++)
        if (hg_slice_is(name, keys[i].name))
            return &keys[i];
    return NULL;
}

static bool check_required(struct hg_load *load, const struct hg_yaml *map, const char *what,
                           const struct hg_key *keys, size_t count, const bool *seen)
{
    bool good = true;
    for (size_t i = 0; i < count; i++)
        if (keys[i].required && !seen[i]) {
            hg_load_error(load, map->place, NULL, "%s has no \"%s\"", what, keys[i].name);
            good = false;
        }
    return good;
}

bool hg_keys_load(struct hg_load *load, const struct hg_yaml *map, const char *what,
                  const struct hg_key *keys, size_t count, void *into)
{
    bool seen[KEYS_MOST] = {false};
    assert(count <= KEYS_MOST);
    bool good = true;
    for (size_t i = 0; i < count; i++)
        if (keys[i].initial)
            good &= set_text(load, &keys[i], hg_slice_cstr(keys[i].initial), (struct hg_place){0}, into);
    if (!hg_load_map(load, map, what))
        return false;
    for (const struct hg_yaml *entry = map->first; entry; entry = entry->next) {
        const struct hg_key *key = find_key(keys, count, entry->key);
        if (key)
            seen[key - keys] = true;
        good &= key ? set_value(load, key, entry, into) : refuse_unknown(load, entry, what, keys, count);
    }
    return check_required(load, map, what, keys, count, seen) && good;
}
