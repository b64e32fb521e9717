/* Quoting: the quote is doubled inside, nothing else needs care. */
#include "ddl.h"

static void write_quoted(struct hg_bytes *out, struct hg_slice text, char quote)
{
    hg_write_u8(out, (uint8_t)quote);
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == quote)
            hg_write_u8(out, (uint8_t)quote);
        hg_write_u8(out, (uint8_t)text.ptr[i]);
    }
    hg_write_u8(out, (uint8_t)quote);
}

void hg_ddl_name(struct hg_bytes *out, struct hg_slice name)
{
    write_quoted(out, name, '"');
}

void hg_ddl_qualified(struct hg_bytes *out, struct hg_slice schema, struct hg_slice name)
{
    hg_ddl_name(out, schema);
    hg_write_u8(out, '.');
    hg_ddl_name(out, name);
}

void hg_ddl_literal(struct hg_bytes *out, struct hg_slice text)
{
    write_quoted(out, text, '\'');
}
