/* The rows that a client sends to COPY … FROM STDIN, each made one field longer: the tenant's value in front.
 * Pure: bytes in, bytes out, however they are cut into pieces, with a memory of a few bytes.
 *
 * Lines are found exactly as PostgreSQL's copyfromparse.c finds them, in its text format and in CSV; what it
 * would refuse is passed on up to the byte that makes it refuse. Fields are not looked at: the server splits,
 * counts and converts them, and says what is wrong with them. */
#ifndef HG_COPY_ROWS_H
#define HG_COPY_ROWS_H

#include "bytes.h"
#include "rewrite.h"

enum hg_copy_eol { HG_EOL_UNKNOWN, HG_EOL_NL, HG_EOL_CR, HG_EOL_CRNL };

enum hg_copy_state {
    HG_COPY_LINE,      /* at the beginning of a line, whose prefix is still to be written */
    HG_COPY_BODY,      /* within a line */
    HG_COPY_CR,        /* behind a \r that ends a line; a \n belongs to it */
    HG_COPY_BACKSLASH, /* behind a backslash, which is held back */
    HG_COPY_DOT,       /* behind \. */
    HG_COPY_DOT_CR,    /* behind \. and a \r */
    HG_COPY_OVER,      /* the end marker came: PostgreSQL ignores the rest */
    HG_COPY_DOOMED,    /* the server has been given what it must refuse */
};

struct hg_copy_rows {
    struct hg_bytes prefix, header; /* of rows; of the header line */
    bool csv, in_header;            /* the line at hand is the header */
    uint8_t quote, escape;          /* escape: 0 when it is the quote, too */
    enum hg_copy_state state;
    enum hg_copy_eol eol;
    bool line_is_empty;        /* what is held back stands at the beginning of a line */
    bool in_quote, was_escape; /* CSV: within quotes; behind an escape */
};

void hg_copy_rows_init(struct hg_copy_rows *rows, const struct hg_copy_in *plan, struct hg_slice tenant);
void hg_copy_rows_free(struct hg_copy_rows *rows); /* zeroed memory is harmless */

/* Appends what becomes of the bytes. */
void hg_copy_rows_write(struct hg_copy_rows *rows, struct hg_slice data, struct hg_bytes *out);
/* At the end of the data: what was held back. False: the server should have refused it by now, and must not
 * be told that this was all. */
HG_MUST_USE bool hg_copy_rows_end(struct hg_copy_rows *rows, struct hg_bytes *out);

#endif
