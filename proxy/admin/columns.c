/* Values in their formats. Rows in memory are bytes, one value behind the other, a byte for the kind first:
 * they are made on one thread and read on another, and a million of them is one allocation. Times are text
 * that sorts as it should and that SQLite's own functions understand; the zone, always UTC, is added where a
 * client reads them. */
#include "columns.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "activity.h"

#define SECONDS_TO_2000 INT64_C(946684800)
#define MICROS          INT64_C(1000000)

/* ---- types ---- */

static const struct {
    const char *name;
    uint32_t oid;
    int16_t size;
} types[NTYPES] = {
    [COLUMN_UNKNOWN] = {"text", 25, -1}, [COLUMN_TEXT] = {"text", 25, -1},
    [COLUMN_INT8] = {"int8", 20, 8},     [COLUMN_FLOAT8] = {"float8", 701, 8},
    [COLUMN_BOOL] = {"bool", 16, 1},     [COLUMN_TIMESTAMPTZ] = {"timestamptz", 1184, 8},
};

const char *column_type_name(enum column_type type)
{
    return types[type].name;
}

uint32_t column_type_oid(enum column_type type)
{
    return types[type].oid;
}

int16_t column_type_size(enum column_type type)
{
    return types[type].size;
}

enum column_type column_type_find(struct hg_slice name)
{
    for (int i = COLUMN_TEXT; i < NTYPES; i++)
        if (hg_slice_is(name, types[i].name))
            return (enum column_type)i;
    return COLUMN_UNKNOWN;
}

/* ---- time ---- */

uint64_t time_now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

void time_text(uint64_t us_since_1970, char text[TIME_BYTES])
{
    time_t seconds = (time_t)(us_since_1970 / 1000000u);
    struct tm parts;

    gmtime_r(&seconds, &parts);
    size_t len = strftime(text, TIME_BYTES, "%Y-%m-%d %H:%M:%S", &parts);
    snprintf(text + len, TIME_BYTES - len, ".%06u", (unsigned)(us_since_1970 % 1000000u));
}

/* A number of `len` digits at `at`; -1 when there is none. */
static int digits(struct hg_slice text, size_t at, size_t len)
{
    int number = 0;

    if (at + len > text.len)
        return -1;
    for (size_t i = at; i < at + len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return -1;
        number = number * 10 + (text.ptr[i] - '0');
    }
    return number;
}

/* Microseconds since 2000, as time_text() wrote it. */
static bool time_read(struct hg_slice text, int64_t *us)
{
    int year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
    int hour = digits(text, 11, 2), minute = digits(text, 14, 2), second = digits(text, 17, 2);
    int micros = text.len == 26 ? digits(text, 20, 6) : -1;

    if (year < 0 || month < 0 || day < 0 || hour < 0 || minute < 0 || second < 0 || micros < 0)
        return false;
    struct tm parts = {.tm_year = year - 1900,
                       .tm_mon = month - 1,
                       .tm_mday = day,
                       .tm_hour = hour,
                       .tm_min = minute,
                       .tm_sec = second};
    *us = ((int64_t)timegm(&parts) - SECONDS_TO_2000) * MICROS + micros;
    return true;
}

/* ---- rows in memory ---- */

void put_null(struct hg_bytes *rows)
{
    hg_write_u8(rows, VALUE_NULL);
}

void put_int(struct hg_bytes *rows, int64_t value)
{
    hg_write_u8(rows, VALUE_INT);
    hg_write(rows, &value, sizeof value);
}

void put_bool(struct hg_bytes *rows, bool value)
{
    put_int(rows, value);
}

void put_float(struct hg_bytes *rows, double value)
{
    hg_write_u8(rows, VALUE_FLOAT);
    hg_write(rows, &value, sizeof value);
}

void put_text(struct hg_bytes *rows, struct hg_slice text)
{
    if (!text.ptr) {
        put_null(rows);
        return;
    }
    hg_write_u8(rows, VALUE_TEXT);
    hg_write_u32(rows, (uint32_t)text.len);
    hg_write_slice(rows, text);
}

void put_cstr(struct hg_bytes *rows, const char *text)
{
    put_text(rows, hg_slice_cstr(text));
}

void put_valid(struct hg_bytes *rows, struct hg_slice text)
{
    struct hg_bytes clean;

    hg_bytes_init(&clean, 0);
    hg_activity_clean(text, &clean);
    put_text(rows, clean.data ? hg_bytes_slice(&clean) : HG_LIT(""));
    hg_bytes_free(&clean);
}

void put_time(struct hg_bytes *rows, uint64_t us_since_1970)
{
    char text[TIME_BYTES];

    if (us_since_1970 == 0) {
        put_null(rows);
        return;
    }
    time_text(us_since_1970, text);
    put_cstr(rows, text);
}

struct value take_value(struct hg_reader *rows)
{
    struct value value = {.kind = (enum value_kind)hg_read_u8(rows)};
    struct hg_slice raw;

    switch (value.kind) {
    case VALUE_INT:
        raw = hg_read_bytes(rows, sizeof value.integer);
        if (raw.len)
            memcpy(&value.integer, raw.ptr, sizeof value.integer);
        break;
    case VALUE_FLOAT:
        raw = hg_read_bytes(rows, sizeof value.real);
        if (raw.len)
            memcpy(&value.real, raw.ptr, sizeof value.real);
        break;
    case VALUE_TEXT:
        value.text = hg_read_bytes(rows, hg_read_u32(rows));
        break;
    default:
        break;
    }
    return value;
}

/* ---- to the client ---- */

static void write_u64(struct hg_bytes *out, uint64_t value)
{
    hg_write_u32(out, (uint32_t)(value >> 32));
    hg_write_u32(out, (uint32_t)value);
}

static void float_text(double real, char text[40])
{
    if (isnan(real) || isinf(real)) {
        snprintf(text, 40, "%s", isnan(real) ? "NaN" : real > 0 ? "Infinity" : "-Infinity");
        return;
    }
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(text, 40, "%.*g", precision, real);
        if (strtod(text, NULL) == real)
            return;
    }
}

static struct hg_slice value_text(const struct value *value, char scratch[40])
{
    switch (value->kind) {
    case VALUE_INT:
        snprintf(scratch, 40, "%lld", (long long)value->integer);
        return hg_slice_cstr(scratch);
    case VALUE_FLOAT:
        float_text(value->real, scratch);
        return hg_slice_cstr(scratch);
    default:
        return value->text;
    }
}

static void write_value(struct hg_bytes *out, struct hg_slice text)
{
    hg_write_u32(out, (uint32_t)text.len);
    hg_write_slice(out, text);
}

static bool encode_int8(struct hg_bytes *out, const struct value *value, bool binary)
{
    char scratch[40];

    if (value->kind != VALUE_INT)
        return false;
    if (!binary) {
        write_value(out, value_text(value, scratch));
        return true;
    }
    hg_write_u32(out, 8);
    write_u64(out, (uint64_t)value->integer);
    return true;
}

static bool encode_float8(struct hg_bytes *out, const struct value *value, bool binary)
{
    struct value real = *value;
    char scratch[40];
    uint64_t bits;

    if (value->kind == VALUE_TEXT)
        return false;
    if (value->kind == VALUE_INT)
        real = (struct value){.kind = VALUE_FLOAT, .real = (double)value->integer};
    if (!binary) {
        write_value(out, value_text(&real, scratch));
        return true;
    }
    memcpy(&bits, &real.real, sizeof bits);
    hg_write_u32(out, 8);
    write_u64(out, bits);
    return true;
}

static bool encode_bool(struct hg_bytes *out, const struct value *value, bool binary)
{
    if (value->kind != VALUE_INT)
        return false;
    hg_write_u32(out, 1);
    hg_write_u8(out, binary ? value->integer != 0 : value->integer ? 't' : 'f');
    return true;
}

static bool encode_timestamptz(struct hg_bytes *out, const struct value *value, bool binary)
{
    int64_t us;

    if (value->kind != VALUE_TEXT || !time_read(value->text, &us))
        return false;
    if (!binary) {
        hg_write_u32(out, (uint32_t)value->text.len + 3);
        hg_write_slice(out, value->text);
        hg_write_text(out, "+00");
        return true;
    }
    hg_write_u32(out, 8);
    write_u64(out, (uint64_t)us);
    return true;
}

bool encode_value(struct hg_bytes *out, const struct value *value, enum column_type type, bool binary)
{
    char scratch[40];

    if (value->kind == VALUE_NULL) {
        hg_write_u32(out, UINT32_MAX);
        return true;
    }
    switch (type) {
    case COLUMN_INT8:
        return encode_int8(out, value, binary);
    case COLUMN_FLOAT8:
        return encode_float8(out, value, binary);
    case COLUMN_BOOL:
        return encode_bool(out, value, binary);
    case COLUMN_TIMESTAMPTZ:
        return encode_timestamptz(out, value, binary);
    default:
        write_value(out, value_text(value, scratch));
        return true;
    }
}

/* ---- parameters ---- */

enum { OID_BOOL = 16, OID_INT8 = 20, OID_INT2 = 21, OID_INT4 = 23, OID_TEXT = 25, OID_OID = 26 };
enum { OID_FLOAT4 = 700, OID_FLOAT8 = 701, OID_UNKNOWN = 705, OID_BPCHAR = 1042, OID_VARCHAR = 1043 };
enum { OID_TIMESTAMP = 1114, OID_TIMESTAMPTZ = 1184, OID_NAME = 19 };

bool column_oid_is_number(uint32_t oid)
{
    return oid == OID_BOOL || oid == OID_INT2 || oid == OID_INT4 || oid == OID_INT8 || oid == OID_OID ||
           oid == OID_FLOAT4 || oid == OID_FLOAT8;
}

static uint64_t read_number(struct hg_slice raw)
{
    uint64_t number = 0;

    for (size_t i = 0; i < raw.len; i++)
        number = number << 8 | (unsigned char)raw.ptr[i];
    return number;
}

static bool wrong_length(struct hg_fault *fault, struct hg_arena *arena)
{
    return hg_fault_set(fault, arena, HG_INVALID_BINARY, "incorrect binary data format in a parameter");
}

static bool decode_binary_float(struct hg_slice raw, bool small, struct value *value)
{
    uint64_t bits = read_number(raw);
    uint32_t bits32 = (uint32_t)bits;
    float single;

    if (raw.len != (small ? 4 : 8))
        return false;
    value->kind = VALUE_FLOAT;
    memcpy(&single, &bits32, sizeof single);
    memcpy(&value->real, &bits, sizeof value->real);
    if (small)
        value->real = single;
    return true;
}

static bool decode_binary_int(struct hg_slice raw, size_t size, struct value *value)
{
    uint64_t number = read_number(raw);

    if (raw.len != size)
        return false;
    value->kind = VALUE_INT;
    value->integer = size == 2 ? (int16_t)number : size == 4 ? (int32_t)number : (int64_t)number;
    return true;
}

static bool decode_binary_time(struct hg_slice raw, struct hg_arena *arena, struct value *value)
{
    int64_t us = (int64_t)read_number(raw) + SECONDS_TO_2000 * MICROS;
    char text[TIME_BYTES];

    if (raw.len != 8 || us < 0 || us > INT64_C(253402300799) * MICROS)
        return false;
    time_text((uint64_t)us, text);
    value->kind = VALUE_TEXT;
    value->text = hg_arena_slice(arena, hg_slice_cstr(text));
    return true;
}

static bool decode_binary(struct hg_slice raw, uint32_t oid, struct hg_arena *arena, struct value *value,
                          struct hg_arena *said, struct hg_fault *fault)
{
    bool good;

    switch (oid) {
    case OID_BOOL:
        good = decode_binary_int(raw, 1, value);
        break;
    case OID_INT2:
        good = decode_binary_int(raw, 2, value);
        break;
    case OID_INT4:
    case OID_OID:
        good = decode_binary_int(raw, 4, value);
        break;
    case OID_INT8:
        good = decode_binary_int(raw, 8, value);
        break;
    case OID_FLOAT4:
    case OID_FLOAT8:
        good = decode_binary_float(raw, oid == OID_FLOAT4, value);
        break;
    case OID_TIMESTAMP:
    case OID_TIMESTAMPTZ:
        good = decode_binary_time(raw, arena, value);
        break;
    case 0:
    case OID_NAME:
    case OID_TEXT:
    case OID_UNKNOWN:
    case OID_BPCHAR:
    case OID_VARCHAR:
        value->kind = VALUE_TEXT;
        value->text = hg_arena_slice(arena, raw);
        return true;
    default:
        hg_fault_set(fault, said, HG_FEATURE_NOT_SUPPORTED,
                     "a parameter of type %u in binary format is not supported here", oid);
        return false;
    }
    return good || wrong_length(fault, said);
}

static bool is_true(struct hg_slice text)
{
    return text.len && (strchr("tTyY1", text.ptr[0]) || (text.len == 2 && (text.ptr[1] | 0x20) == 'n'));
}

static bool bad_text(struct hg_fault *fault, struct hg_arena *arena, const char *type)
{
    return hg_fault_set(fault, arena, HG_INVALID_TEXT, "invalid input syntax for a parameter of type %s",
                        type);
}

bool decode_parameter(struct hg_slice raw, uint32_t oid, bool binary, struct hg_arena *arena,
                      struct value *value, struct hg_arena *said, struct hg_fault *fault)
{
    char *end;

    *value = (struct value){0};
    if (!raw.ptr)
        return true;
    if (binary)
        return decode_binary(raw, oid, arena, value, said, fault);
    if (memchr(raw.ptr, '\0', raw.len))
        return hg_fault_set(fault, said, HG_CHARACTER_NOT_IN_REPERTOIRE,
                            "invalid byte sequence for encoding \"UTF8\": 0x00");
    value->kind = VALUE_TEXT;
    value->text = hg_arena_slice(arena, raw);
    switch (oid) {
    case OID_BOOL:
        value->kind = VALUE_INT;
        value->integer = is_true(raw);
        return true;
    case OID_INT2:
    case OID_INT4:
    case OID_INT8:
    case OID_OID:
        value->kind = VALUE_INT;
        value->integer = strtoll(value->text.ptr, &end, 10);
        return (raw.len && *end == '\0') || bad_text(fault, said, "integer");
    case OID_FLOAT4:
    case OID_FLOAT8:
        value->kind = VALUE_FLOAT;
        value->real = strtod(value->text.ptr, &end);
        return (raw.len && *end == '\0') || bad_text(fault, said, "double precision");
    default:
        return true;
    }
}
