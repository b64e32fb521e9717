/* Message bodies to structs. Every function returns false on a body that is not exactly well formed; slices
 * point into the body. Lists are handed out as readers or in an arena, never as unbounded arrays on the
 * stack. */
#ifndef HG_DECODE_H
#define HG_DECODE_H

#include "arena.h"
#include "bytes.h"

/* ---- startup packets ---- */
struct hg_startup {
    uint32_t code; /* HG_PROTOCOL_3_0 | HG_CODE_CANCEL | HG_CODE_SSL | HG_CODE_GSSENC | anything else */
    int32_t cancel_pid;
    struct hg_slice cancel_secret;
    struct hg_slice *names, *values; /* parameters in order, npairs of each */
    size_t npairs;
};
HG_MUST_USE bool hg_decode_startup(struct hg_slice body, struct hg_arena *arena, struct hg_startup *startup);
/* The last value given for a parameter; ptr NULL when absent. */
struct hg_slice hg_startup_get(const struct hg_startup *startup, const char *name);

/* ---- client messages ---- */
HG_MUST_USE bool hg_decode_query(struct hg_slice body, struct hg_slice *sql);

struct hg_parse_msg {
    struct hg_slice name, sql;
    uint16_t ntypes;
    struct hg_slice types; /* ntypes * 4 bytes as they came */
};
HG_MUST_USE bool hg_decode_parse(struct hg_slice body, struct hg_parse_msg *parse);

struct hg_bind_msg {
    struct hg_slice portal, statement;
    struct hg_slice rest; /* formats, values, result formats: checked for shape, forwarded as they are */
    uint16_t nvalues, nresults;
    struct hg_slice results; /* nresults format codes, an int16 each */
};
HG_MUST_USE bool hg_decode_bind(struct hg_slice body, struct hg_bind_msg *bind);

struct hg_target_msg { /* Describe and Close */
    uint8_t kind;      /* 'S' or 'P'; anything else is malformed */
    struct hg_slice name;
};
HG_MUST_USE bool hg_decode_target(struct hg_slice body, struct hg_target_msg *target);

struct hg_execute_msg {
    struct hg_slice portal;
    int32_t max_rows;
};
HG_MUST_USE bool hg_decode_execute(struct hg_slice body, struct hg_execute_msg *execute);

#define HG_COMPLAINT_BYTES 96

/* What PostgreSQL says of a body that one of the decoders above has refused. */
void hg_decode_complaint(uint8_t type, struct hg_slice body, char text[HG_COMPLAINT_BYTES]);

struct hg_sasl_initial {
    struct hg_slice mechanism;
    struct hg_slice data; /* ptr NULL when length was -1 */
};
HG_MUST_USE bool hg_decode_sasl_initial(struct hg_slice body, struct hg_sasl_initial *initial);
HG_MUST_USE bool hg_decode_password(struct hg_slice body, struct hg_slice *password);

/* ---- server messages ---- */
struct hg_auth_msg {
    uint32_t code;
    struct hg_slice data; /* salt, mechanisms or SASL data */
};
HG_MUST_USE bool hg_decode_auth(struct hg_slice body, struct hg_auth_msg *auth);
HG_MUST_USE bool hg_decode_backend_key(struct hg_slice body, int32_t *pid, struct hg_slice *secret);
HG_MUST_USE bool hg_decode_parameter_status(struct hg_slice body, struct hg_slice *name,
                                            struct hg_slice *value);
HG_MUST_USE bool hg_decode_ready(struct hg_slice body, uint8_t *status); /* 'I', 'T' or 'E' */

/* ErrorResponse and NoticeResponse. A field that did not come has ptr NULL. X(code, member), in the order of
 * sending. */
#define HG_ERROR_FIELDS(X)                                                                                   \
    X('S', severity)                                                                                         \
    X('V', severity_raw)                                                                                     \
    X('C', sqlstate)                                                                                         \
    X('M', message)                                                                                          \
    X('D', detail)                                                                                           \
    X('H', hint)                                                                                             \
    X('P', position)                                                                                         \
    X('p', internal_position)                                                                                \
    X('q', internal_query)                                                                                   \
    X('W', where)                                                                                            \
    X('s', schema)                                                                                           \
    X('t', table)                                                                                            \
    X('c', column)                                                                                           \
    X('d', datatype)                                                                                         \
    X('n', constraint)                                                                                       \
    X('F', file)                                                                                             \
    X('L', line)                                                                                             \
    X('R', routine)

struct hg_error_msg {
#define HG_ERROR_FIELD(code, name) struct hg_slice name;
    HG_ERROR_FIELDS(HG_ERROR_FIELD)
#undef HG_ERROR_FIELD
};
HG_MUST_USE bool hg_decode_error(struct hg_slice body, struct hg_error_msg *error);

/* First column of the first field of a DataRow etc. are read with this: field count, then each value (ptr
 * NULL = NULL). */
HG_MUST_USE bool hg_decode_row(struct hg_slice body, struct hg_arena *arena, struct hg_slice **values,
                               uint16_t *count);

#endif
