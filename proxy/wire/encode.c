/* Structs to whole messages.
 *
 * A message is written straight into the caller's buffer: type, four bytes for the length, the body, and then
 * the length is filled in. The writer remembers its first failure (its cap), so nothing is checked between
 * steps; whoever sends the buffer looks at `failed` once.
 *
 * Texts on the wire end in a NUL. One that holds a NUL would end early and turn its tail into other fields,
 * so it makes the writer fail instead. */
#include "encode.h"

#include <stdio.h>

#include "body.h"
#include "protocol.h"

#define TEXT_OID 25u

static void write_text(struct hg_bytes *out, struct hg_slice text)
{
    if (text.len && memchr(text.ptr, '\0', text.len))
        out->failed = true;
    hg_write_cstr(out, text);
}

/* ---- frames ---- */

/* Room for a length; returns where it stands. */
static size_t begin_length(struct hg_bytes *out)
{
    size_t begun = out->len;

    hg_write_u32(out, 0);
    return begun;
}

size_t hg_frame_begin(struct hg_bytes *out, uint8_t type)
{
    hg_write_u8(out, type);
    return begin_length(out);
}

void hg_frame_end(struct hg_bytes *out, size_t begun)
{
    if (out->failed)
        return;
    size_t length = out->len - begun; /* fits: a writer holds at most 1 GiB */
    for (size_t i = 0; i < 4; i++)
        out->data[begun + i] = (uint8_t)(length >> (24 - 8 * i));
}

/* A message whose body is one text. */
static void encode_text(struct hg_bytes *out, uint8_t type, struct hg_slice text)
{
    size_t begun = hg_frame_begin(out, type);

    write_text(out, text);
    hg_frame_end(out, begun);
}

/* ---- to a server ---- */

void hg_encode_startup(struct hg_bytes *out, struct hg_slice user, const char *const *names_and_values)
{
    size_t begun = begin_length(out);

    hg_write_u32(out, HG_PROTOCOL_3_0);
    write_text(out, HG_LIT("user"));
    write_text(out, user);
    for (const char *const *pair = names_and_values; pair[0]; pair += 2) {
        write_text(out, hg_slice_cstr(pair[0]));
        write_text(out, hg_slice_cstr(pair[1]));
    }
    hg_write_u8(out, 0);
    hg_frame_end(out, begun);
}

void hg_encode_ssl_request(struct hg_bytes *out)
{
    size_t begun = begin_length(out);

    hg_write_u32(out, HG_CODE_SSL);
    hg_frame_end(out, begun);
}

void hg_encode_cancel(struct hg_bytes *out, int32_t pid, struct hg_slice secret)
{
    size_t begun = begin_length(out);

    hg_write_u32(out, HG_CODE_CANCEL);
    hg_write_u32(out, (uint32_t)pid);
    hg_write_slice(out, secret);
    hg_frame_end(out, begun);
}

void hg_encode_query(struct hg_bytes *out, struct hg_slice sql)
{
    encode_text(out, HG_C_QUERY, sql);
}

void hg_encode_parse(struct hg_bytes *out, struct hg_slice name, struct hg_slice sql, uint16_t ntypes,
                     struct hg_slice types)
{
    size_t begun = hg_frame_begin(out, HG_C_PARSE);

    write_text(out, name);
    write_text(out, sql);
    hg_write_u16(out, ntypes);
    hg_write_slice(out, types);
    hg_frame_end(out, begun);
}

void hg_encode_bind(struct hg_bytes *out, struct hg_slice portal, struct hg_slice statement,
                    struct hg_slice rest)
{
    size_t begun = hg_frame_begin(out, HG_C_BIND);

    write_text(out, portal);
    write_text(out, statement);
    hg_write_slice(out, rest);
    hg_frame_end(out, begun);
}

void hg_encode_target(struct hg_bytes *out, uint8_t type, uint8_t kind, struct hg_slice name)
{
    size_t begun = hg_frame_begin(out, type);

    hg_write_u8(out, kind);
    write_text(out, name);
    hg_frame_end(out, begun);
}

void hg_encode_execute(struct hg_bytes *out, struct hg_slice portal, int32_t max_rows)
{
    size_t begun = hg_frame_begin(out, HG_C_EXECUTE);

    write_text(out, portal);
    hg_write_u32(out, (uint32_t)max_rows);
    hg_frame_end(out, begun);
}

void hg_encode_empty(struct hg_bytes *out, uint8_t type)
{
    hg_frame_end(out, hg_frame_begin(out, type));
}

void hg_encode_password(struct hg_bytes *out, struct hg_slice password)
{
    encode_text(out, HG_C_PASSWORD, password);
}

void hg_encode_sasl_initial(struct hg_bytes *out, struct hg_slice mechanism, struct hg_slice data)
{
    size_t begun = hg_frame_begin(out, HG_C_PASSWORD);

    write_text(out, mechanism);
    hg_write_u32(out, (uint32_t)data.len);
    hg_write_slice(out, data);
    hg_frame_end(out, begun);
}

void hg_encode_sasl_response(struct hg_bytes *out, struct hg_slice data)
{
    size_t begun = hg_frame_begin(out, HG_C_PASSWORD);

    hg_write_slice(out, data);
    hg_frame_end(out, begun);
}

/* ---- to a client ---- */

void hg_encode_auth(struct hg_bytes *out, uint32_t code, struct hg_slice data)
{
    size_t begun = hg_frame_begin(out, HG_S_AUTHENTICATION);

    hg_write_u32(out, code);
    hg_write_slice(out, data);
    hg_frame_end(out, begun);
}

void hg_encode_auth_sasl(struct hg_bytes *out, const char *const *mechanisms)
{
    size_t begun = hg_frame_begin(out, HG_S_AUTHENTICATION);

    hg_write_u32(out, HG_AUTH_SASL);
    for (; *mechanisms; mechanisms++)
        write_text(out, hg_slice_cstr(*mechanisms));
    hg_write_u8(out, 0);
    hg_frame_end(out, begun);
}

void hg_encode_backend_key(struct hg_bytes *out, int32_t pid, struct hg_slice secret)
{
    size_t begun = hg_frame_begin(out, HG_S_BACKEND_KEY);

    hg_write_u32(out, (uint32_t)pid);
    hg_write_slice(out, secret);
    hg_frame_end(out, begun);
}

void hg_encode_parameter_status(struct hg_bytes *out, struct hg_slice name, struct hg_slice value)
{
    size_t begun = hg_frame_begin(out, HG_S_PARAMETER_STATUS);

    write_text(out, name);
    write_text(out, value);
    hg_frame_end(out, begun);
}

void hg_encode_ready(struct hg_bytes *out, uint8_t status)
{
    size_t begun = hg_frame_begin(out, HG_S_READY);

    hg_write_u8(out, status);
    hg_frame_end(out, begun);
}

void hg_encode_tag(struct hg_bytes *out, struct hg_slice tag)
{
    encode_text(out, HG_S_COMMAND_COMPLETE, tag);
}

void hg_encode_negotiate_version(struct hg_bytes *out, uint32_t minor, const struct hg_slice *unknown,
                                 size_t count)
{
    size_t begun = hg_frame_begin(out, HG_S_NEGOTIATE_VERSION);

    /* The documentation long said "minor version"; servers send the whole one, and clients read it so. */
    hg_write_u32(out, HG_PROTOCOL_3_0 + minor);
    hg_write_u32(out, (uint32_t)count);
    for (size_t i = 0; i < count; i++)
        write_text(out, unknown[i]);
    hg_frame_end(out, begun);
}

static void write_field(struct hg_bytes *out, uint8_t code, struct hg_slice text)
{
    hg_write_u8(out, code);
    write_text(out, text);
}

static void set_object(struct hg_error_msg *error, const struct hg_fault *fault)
{
    struct hg_slice *const fields[] = {&error->schema,   &error->table,      &error->column,
                                       &error->datatype, &error->constraint, &error->routine};
    const struct hg_slice texts[] = {fault->schema,   fault->table,      fault->column,
                                     fault->datatype, fault->constraint, fault->routine};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i].len)
            *fields[i] = texts[i];
}

void hg_encode_fault(struct hg_bytes *out, uint8_t type, const char *severity, const struct hg_fault *fault)
{
    char digits[16];
    struct hg_error_msg error = {
        .severity = hg_slice_cstr(severity),
        .severity_raw = hg_slice_cstr(severity),
        .sqlstate = hg_slice_cstr(fault->sqlstate),
        .message = fault->message,
    };

    if (fault->detail.len)
        error.detail = fault->detail;
    if (fault->hint.len)
        error.hint = fault->hint;
    set_object(&error, fault);
    if (fault->position) {
        int len = snprintf(digits, sizeof digits, "%u", (unsigned)fault->position);
        error.position = hg_slice_of(digits, (size_t)len);
    }
    hg_encode_error(out, type, &error);
}

void hg_encode_error(struct hg_bytes *out, uint8_t type, const struct hg_error_msg *error)
{
    size_t begun = hg_frame_begin(out, type);

#define FIELD(letter, name)                                                                                  \
    if (error->name.ptr)                                                                                     \
        write_field(out, letter, error->name);
    HG_ERROR_FIELDS(FIELD)
#undef FIELD
    hg_write_u8(out, 0);
    hg_frame_end(out, begun);
}

void hg_encode_text_columns(struct hg_bytes *out, const struct hg_slice *names, uint16_t count,
                            uint16_t format)
{
    size_t begun = hg_frame_begin(out, HG_S_ROW_DESCRIPTION);

    hg_write_u16(out, count);
    for (uint16_t i = 0; i < count; i++) {
        write_text(out, names[i]);
        hg_write_u32(out, 0); /* table */
        hg_write_u16(out, 0); /* attribute number */
        hg_write_u32(out, TEXT_OID);
        hg_write_u16(out, UINT16_MAX); /* length -1: varying */
        hg_write_u32(out, UINT32_MAX); /* modifier -1: none */
        hg_write_u16(out, format);
    }
    hg_frame_end(out, begun);
}

void hg_encode_text_row(struct hg_bytes *out, const struct hg_slice *values, uint16_t count)
{
    size_t begun = hg_frame_begin(out, HG_S_DATA_ROW);

    hg_write_u16(out, count);
    for (uint16_t i = 0; i < count; i++) {
        hg_write_u32(out, values[i].ptr ? (uint32_t)values[i].len : HG_NULL_LENGTH);
        hg_write_slice(out, values[i]);
    }
    hg_frame_end(out, begun);
}
