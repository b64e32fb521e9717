/* A value is taken for an array or a row only when all of it reads as one: counts, lengths and numbers fit to
 * the last byte. Text never does, for it would have to begin with three zero bytes. So formats need not be
 * known; and what does not fit stays as it is. */
#include "type_values.h"

#include "bytes.h"

#define RECORD       2249u
#define RECORD_ARRAY 2287u
#define DEPTH_MOST   8
#define FIELDS_MOST  1664u /* PostgreSQL's own limit for a row */
#define DIMENSIONS   6u

typedef uint32_t translate(const struct hg_type_backend *backend, uint32_t oid);

struct walk {
    const struct hg_type_backend *backend;
    translate *translate;
    bool write; /* else it is only read, to see whether it fits */
};

static uint32_t to_catalog(const struct hg_type_backend *backend, uint32_t oid)
{
    for (size_t i = 0; i < backend->npairs; i++)
        if (backend->pairs[i].there == oid)
            return backend->pairs[i].here;
    return oid;
}

static uint32_t to_backend(const struct hg_type_backend *backend, uint32_t oid)
{
    uint32_t there = hg_types_there(backend, oid);

    return there ? there : oid;
}

static void replace(const struct walk *walk, uint8_t *at, uint32_t oid)
{
    uint32_t other = oid < HG_FIRST_USER_OID ? oid : walk->translate(walk->backend, oid);

    for (int i = 0; walk->write && other != oid && i < 4; i++)
        at[i] = (uint8_t)(other >> (24 - 8 * i));
}

static bool walk_value(const struct walk *walk, struct hg_slice value, uint32_t type, int depth);

/* A length and as many bytes: one value, of that type. */
static bool walk_item(const struct walk *walk, struct hg_reader *reader, uint32_t type, int depth)
{
    uint32_t len = hg_read_u32(reader);

    if (len == UINT32_MAX)
        return !reader->failed;
    struct hg_slice value = hg_read_bytes(reader, len);
    if (reader->failed)
        return false;
    if (type == RECORD || type == RECORD_ARRAY || type >= HG_FIRST_USER_OID)
        (void)walk_value(walk, value, type, depth + 1);
    return true;
}

static bool walk_array(const struct walk *walk, struct hg_slice value, int depth)
{
    struct hg_reader reader = hg_reader_of(value.ptr, value.len);
    uint32_t dimensions = hg_read_u32(&reader), nulls = hg_read_u32(&reader);
    uint8_t *at = (uint8_t *)reader.at;
    uint32_t element = hg_read_u32(&reader);
    uint64_t count = dimensions ? 1 : 0;

    if (reader.failed || dimensions > DIMENSIONS || nulls > 1)
        return false;
    for (uint32_t i = 0; i < dimensions; i++) {
        count *= hg_read_u32(&reader);
        (void)hg_read_u32(&reader); /* its lower bound */
        if (reader.failed || count > value.len)
            return false;
    }
    for (uint64_t i = 0; i < count; i++)
        if (!walk_item(walk, &reader, element, depth))
            return false;
    if (reader.failed || hg_reader_left(&reader) != 0)
        return false;
    replace(walk, at, element);
    return true;
}

static bool walk_row(const struct walk *walk, struct hg_slice value, int depth)
{
    struct hg_reader reader = hg_reader_of(value.ptr, value.len);
    uint32_t fields = hg_read_u32(&reader);

    if (reader.failed || fields > FIELDS_MOST)
        return false;
    for (uint32_t i = 0; i < fields; i++) {
        uint8_t *at = (uint8_t *)reader.at;
        uint32_t type = hg_read_u32(&reader);
        if (!walk_item(walk, &reader, type, depth))
            return false;
        replace(walk, at, type);
    }
    return !reader.failed && hg_reader_left(&reader) == 0;
}

/* Twice: what does not fit as a whole stays untouched. */
static bool walk_value(const struct walk *walk, struct hg_slice value, uint32_t type, int depth)
{
    struct walk trial = *walk;
    bool (*by)(const struct walk *, struct hg_slice, int) = type == RECORD ? walk_row : walk_array;

    trial.write = false;
    if (depth > DEPTH_MOST || !by(&trial, value, depth))
        return false;
    return !walk->write || by(walk, value, depth);
}

/* ---- results ---- */

size_t hg_type_carriers(struct hg_slice row_description, uint16_t *columns, size_t most)
{
    struct hg_reader reader = hg_reader_of(row_description.ptr, row_description.len);
    uint16_t count = hg_read_u16(&reader);
    size_t found = 0;

    for (uint16_t i = 0; i < count && !reader.failed; i++) {
        hg_read_cstr(&reader);
        hg_read_bytes(&reader, 4 + 2); /* its origin */
        uint32_t type = hg_read_u32(&reader);
        hg_read_bytes(&reader, 2 + 4 + 2); /* length, modifier, format */
        bool carrier = type >= HG_FIRST_USER_OID || type == RECORD || type == RECORD_ARRAY;
        if (!carrier || reader.failed)
            continue;
        if (found < most)
            columns[found] = i;
        found++;
    }
    return found;
}

/* A column's own type need not be known: a value is a row or an array, if it is anything. */
static void translate_value(const struct walk *walk, struct hg_slice value)
{
    if (!walk_value(walk, value, RECORD_ARRAY, 0))
        (void)walk_value(walk, value, RECORD, 0);
}

void hg_types_in_data(const struct hg_type_backend *backend, void *body, size_t len, const uint16_t *columns,
                      size_t count)
{
    struct hg_reader reader = hg_reader_of(body, len);
    const struct walk walk = {backend, to_catalog, true};
    uint16_t values = hg_read_u16(&reader);

    for (uint16_t i = 0; i < values && count > 0 && !reader.failed; i++) {
        uint32_t size = hg_read_u32(&reader);
        struct hg_slice value = size == UINT32_MAX ? HG_LIT("") : hg_read_bytes(&reader, size);
        if (i != *columns)
            continue;
        if (!reader.failed && value.len)
            translate_value(&walk, value);
        columns++;
        count--;
    }
}

/* ---- parameters ---- */

/* The type that the client declared for it; 0 = none. */
static uint32_t declared_type(struct hg_slice declared, uint16_t parameter)
{
    struct hg_reader reader = hg_reader_of(declared.ptr, declared.len);

    (void)hg_read_bytes(&reader, (size_t)parameter * 4);
    uint32_t type = hg_read_u32(&reader);
    return reader.failed ? 0 : type;
}

void hg_types_in_bind(const struct hg_type_backend *backend, void *rest, size_t len, struct hg_slice declared)
{
    struct hg_reader reader = hg_reader_of(rest, len);
    const struct walk walk = {backend, to_backend, true};

    (void)hg_read_bytes(&reader, (size_t)hg_read_u16(&reader) * 2); /* formats */
    uint16_t values = hg_read_u16(&reader);
    for (uint16_t i = 0; i < values && !reader.failed; i++) {
        uint32_t size = hg_read_u32(&reader), type = declared_type(declared, i);
        struct hg_slice value = size == UINT32_MAX ? HG_LIT("") : hg_read_bytes(&reader, size);
        if (!reader.failed && value.len && (type == 0 || type >= HG_FIRST_USER_OID))
            (void)walk_value(&walk, value, RECORD_ARRAY, 0);
    }
}
