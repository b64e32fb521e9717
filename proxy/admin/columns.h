/* Columns, and values on their way: from who knows them to SQLite, and from SQLite or a client in the formats
 * of the protocol. */
#ifndef HG_CONSOLE_COLUMNS_H
#define HG_CONSOLE_COLUMNS_H

#include "arena.h"
#include "bytes.h"
#include "fault.h"

enum column_type {
    COLUMN_UNKNOWN, /* SQLite cannot say: by the first value that comes */
    COLUMN_TEXT,
    COLUMN_INT8,
    COLUMN_FLOAT8,
    COLUMN_BOOL,
    COLUMN_TIMESTAMPTZ, /* kept as text, YYYY-MM-DD HH:MM:SS.ffffff, in UTC */
    NTYPES
};

struct column {
    const char *name;
    enum column_type type;
    const char *help;
};

enum value_kind { VALUE_NULL, VALUE_INT, VALUE_FLOAT, VALUE_TEXT };

struct value {
    enum value_kind kind;
    int64_t integer;
    double real;
    struct hg_slice text;
};

const char *column_type_name(enum column_type type); /* as PostgreSQL calls it */
uint32_t column_type_oid(enum column_type type);
int16_t column_type_size(enum column_type type);
bool column_oid_is_number(uint32_t oid);                 /* or a boolean */
enum column_type column_type_find(struct hg_slice name); /* COLUMN_UNKNOWN when there is none */

/* ---- rows in memory: values one behind the other ---- */
void put_null(struct hg_bytes *rows);
void put_int(struct hg_bytes *rows, int64_t value);
void put_bool(struct hg_bytes *rows, bool value);
void put_float(struct hg_bytes *rows, double value);
void put_text(struct hg_bytes *rows, struct hg_slice text); /* ptr NULL: NULL */
void put_cstr(struct hg_bytes *rows, const char *text);
void put_valid(struct hg_bytes *rows, struct hg_slice text);  /* a client's text, made valid UTF-8 */
void put_time(struct hg_bytes *rows, uint64_t us_since_1970); /* 0: NULL */
struct value take_value(struct hg_reader *rows);

/* ---- the protocol ---- */
/* One value of a DataRow. False when it cannot be one of that type. */
HG_MUST_USE bool encode_value(struct hg_bytes *out, const struct value *value, enum column_type type,
                              bool binary);
/* A parameter of a Bind message, by its type's number (0: not given) and format; raw.ptr NULL: NULL. The
 * value lives in `arena`, what is wrong with it in `said`. */
HG_MUST_USE bool decode_parameter(struct hg_slice raw, uint32_t oid, bool binary, struct hg_arena *arena,
                                  struct value *value, struct hg_arena *said, struct hg_fault *fault);

/* YYYY-MM-DD HH:MM:SS.ffffff */
#define TIME_BYTES 32u
void time_text(uint64_t us_since_1970, char text[TIME_BYTES]);
uint64_t time_now_us(void);

#endif
