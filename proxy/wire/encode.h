/* Structs to whole messages (header included), appended to a writer. A text that holds a NUL makes the writer
 * fail. */
#ifndef HG_ENCODE_H
#define HG_ENCODE_H

#include "bytes.h"
#include "decode.h"
#include "fault.h"

/* A frame of any type: begin, write the body with hg_write_*, end. begin returns what end needs. */
size_t hg_frame_begin(struct hg_bytes *out, uint8_t type);
void hg_frame_end(struct hg_bytes *out, size_t begun);

/* ---- to a server ---- */
/* The parameters besides user are NULL-terminated pairs. */
void hg_encode_startup(struct hg_bytes *out, struct hg_slice user, const char *const *names_and_values);
void hg_encode_ssl_request(struct hg_bytes *out);
void hg_encode_cancel(struct hg_bytes *out, int32_t pid, struct hg_slice secret);
void hg_encode_query(struct hg_bytes *out, struct hg_slice sql);
void hg_encode_parse(struct hg_bytes *out, struct hg_slice name, struct hg_slice sql, uint16_t ntypes,
                     struct hg_slice types);
void hg_encode_bind(struct hg_bytes *out, struct hg_slice portal, struct hg_slice statement,
                    struct hg_slice rest);
void hg_encode_target(struct hg_bytes *out, uint8_t type, uint8_t kind,
                      struct hg_slice name); /* Describe, Close */
void hg_encode_execute(struct hg_bytes *out, struct hg_slice portal, int32_t max_rows);
void hg_encode_empty(struct hg_bytes *out, uint8_t type); /* Sync, Flush, Terminate; ParseComplete, NoData… */
void hg_encode_password(struct hg_bytes *out, struct hg_slice password);
void hg_encode_sasl_initial(struct hg_bytes *out, struct hg_slice mechanism, struct hg_slice data);
void hg_encode_sasl_response(struct hg_bytes *out, struct hg_slice data);

/* ---- to a client ---- */
void hg_encode_auth(struct hg_bytes *out, uint32_t code, struct hg_slice data);
void hg_encode_auth_sasl(struct hg_bytes *out, const char *const *mechanisms); /* NULL-terminated */
void hg_encode_backend_key(struct hg_bytes *out, int32_t pid, struct hg_slice secret);
void hg_encode_parameter_status(struct hg_bytes *out, struct hg_slice name, struct hg_slice value);
void hg_encode_ready(struct hg_bytes *out, uint8_t status);
void hg_encode_tag(struct hg_bytes *out, struct hg_slice tag);
/* What we speak, 3.<minor>, and the _pq_ options that we do not know. */
void hg_encode_negotiate_version(struct hg_bytes *out, uint32_t minor, const struct hg_slice *unknown,
                                 size_t count);
/* Severity "ERROR", "FATAL" or "PANIC"; for notices "WARNING", "NOTICE"… and type HG_S_NOTICE. */
void hg_encode_fault(struct hg_bytes *out, uint8_t type, const char *severity, const struct hg_fault *fault);
/* All set fields of `error`. */
void hg_encode_error(struct hg_bytes *out, uint8_t type, const struct hg_error_msg *error);
/* A RowDescription of text columns (type OID 25) in that format, and a DataRow of text values (ptr NULL =
 * NULL). */
void hg_encode_text_columns(struct hg_bytes *out, const struct hg_slice *names, uint16_t count,
                            uint16_t format);
void hg_encode_text_row(struct hg_bytes *out, const struct hg_slice *values, uint16_t count);

#endif
