/* A state machine over bytes, one for both formats; states are in copy_rows.h.
 *
 * What ends a line is settled by the first one (\n, \r or \r\n); another kind later is an error, except
 * within quotes in CSV. In the text format a backslash takes away the meaning of the byte behind it, be it a
 * newline; in CSV, quotes are counted, so that a line may go on behind a newline. `\.` ends the data: in the
 * text format anywhere, even behind fields, if a newline follows; in CSV only alone on a line, and is data
 * otherwise. It is acted upon here and not passed on: later versions of PostgreSQL take it for data in CSV.
 *
 * The prefix is written as late as at a line's first byte: an end without a row must not get one. It is
 * written in a form that the format's options cannot turn into something else: in CSV always in quotes, with
 * quotes and escapes escaped; in the text format with the delimiter, backslashes and control characters as
 * \ooo, and never as the string that stands for NULL. */
#include "copy_rows.h"

/* ---- the prefix ---- */

/* `all`: no byte stands for itself. */
static void write_bytes(struct hg_bytes *out, const struct hg_copy_in *plan, struct hg_slice value, bool all)
{
    for (size_t i = 0; i < value.len; i++) {
        uint8_t byte = (uint8_t)value.ptr[i];
        if (all || byte < 0x20 || byte == 0x7f || byte == '\\' || byte == (uint8_t)plan->delimiter)
            hg_write_format(out, "\\%03o", byte);
        else
            hg_write_u8(out, byte);
    }
}

/* What stands for NULL does so before anything is decoded, so it is written in another way. */
static void write_text(struct hg_bytes *out, const struct hg_copy_in *plan, struct hg_slice value)
{
    write_bytes(out, plan, value, false);
    if (hg_slice_equal(hg_bytes_slice(out), plan->null)) {
        hg_bytes_clear(out);
        write_bytes(out, plan, value, true);
    }
}

static void write_csv(struct hg_bytes *out, const struct hg_copy_in *plan, struct hg_slice value)
{
    hg_write_u8(out, (uint8_t)plan->quote);
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] == plan->quote || value.ptr[i] == plan->escape)
            hg_write_u8(out, (uint8_t)plan->escape);
        hg_write_u8(out, (uint8_t)value.ptr[i]);
    }
    hg_write_u8(out, (uint8_t)plan->quote);
}

/* `out` is empty. */
static void make_prefix(struct hg_bytes *out, const struct hg_copy_in *plan, struct hg_slice value)
{
    hg_bytes_init(out, 0);
    if (plan->csv)
        write_csv(out, plan, value);
    else
        write_text(out, plan, value);
    hg_write_u8(out, (uint8_t)plan->delimiter);
}

void hg_copy_rows_init(struct hg_copy_rows *rows, const struct hg_copy_in *plan, struct hg_slice tenant)
{
    *rows = (struct hg_copy_rows){.csv = plan->csv,
                                  .in_header = plan->header,
                                  .quote = (uint8_t)plan->quote,
                                  .escape = plan->escape == plan->quote ? 0 : (uint8_t)plan->escape};
    make_prefix(&rows->prefix, plan, tenant);
    make_prefix(&rows->header, plan, plan->tenant_column);
}

void hg_copy_rows_free(struct hg_copy_rows *rows)
{
    hg_bytes_free(&rows->prefix);
    hg_bytes_free(&rows->header);
    *rows = (struct hg_copy_rows){0};
}

/* ---- lines ---- */

static void begin_line(struct hg_copy_rows *rows, struct hg_bytes *out)
{
    hg_write_slice(out, hg_bytes_slice(rows->in_header ? &rows->header : &rows->prefix));
    rows->state = HG_COPY_BODY;
    rows->in_quote = rows->was_escape = false;
}

static void end_line(struct hg_copy_rows *rows)
{
    rows->state = HG_COPY_LINE;
    rows->in_header = false;
}

static void count_quotes(struct hg_copy_rows *rows, uint8_t byte)
{
    bool escape = rows->escape && byte == rows->escape;

    if (rows->in_quote && escape)
        rows->was_escape = !rows->was_escape;
    if (byte == rows->quote && !rows->was_escape)
        rows->in_quote = !rows->in_quote;
    if (!escape)
        rows->was_escape = false;
}

static void carriage_return(struct hg_copy_rows *rows, struct hg_bytes *out)
{
    if (rows->eol == HG_EOL_NL) {
        hg_write_u8(out, ' '); /* PostgreSQL looks at what comes behind it before it judges */
        rows->state = HG_COPY_DOOMED;
    } else if (rows->eol == HG_EOL_CR) {
        end_line(rows);
    } else {
        rows->state = HG_COPY_CR;
    }
}

static void newline(struct hg_copy_rows *rows)
{
    if (rows->eol == HG_EOL_CR || rows->eol == HG_EOL_CRNL) {
        rows->state = HG_COPY_DOOMED;
        return;
    }
    rows->eol = HG_EOL_NL;
    end_line(rows);
}

static void body(struct hg_copy_rows *rows, uint8_t byte, struct hg_bytes *out)
{
    if (rows->csv)
        count_quotes(rows, byte);
    if (byte == '\\' && !rows->csv) {
        rows->state = HG_COPY_BACKSLASH;
        rows->line_is_empty = false;
        return;
    }
    hg_write_u8(out, byte);
    if (byte == '\0') /* in no text */
        rows->state = HG_COPY_DOOMED;
    else if (byte == '\r' && !rows->in_quote)
        carriage_return(rows, out);
    else if (byte == '\n' && !rows->in_quote)
        newline(rows);
}

static void line(struct hg_copy_rows *rows, uint8_t byte, struct hg_bytes *out)
{
    if (byte == '\\') {
        rows->state = HG_COPY_BACKSLASH;
        rows->line_is_empty = true;
        return;
    }
    begin_line(rows, out);
    body(rows, byte, out);
}

/* Behind the \r of a line's end. */
static void after_return(struct hg_copy_rows *rows, uint8_t byte, struct hg_bytes *out)
{
    if (byte == '\n') {
        hg_write_u8(out, byte);
        rows->eol = HG_EOL_CRNL;
        end_line(rows);
    } else if (rows->eol == HG_EOL_CRNL) {
        hg_write_u8(out, byte);
        rows->state = HG_COPY_DOOMED;
    } else {
        rows->eol = HG_EOL_CR;
        end_line(rows);
        line(rows, byte, out);
    }
}

/* ---- the end marker ---- */

/* What was held back was data after all, or is what the server must refuse. */
static void release(struct hg_copy_rows *rows, struct hg_slice held, struct hg_bytes *out)
{
    if (rows->line_is_empty)
        begin_line(rows, out);
    rows->state = HG_COPY_BODY;
    if (!rows->csv) {
        hg_write_slice(out, held);
        return;
    }
    for (size_t i = 0; i < held.len && rows->state == HG_COPY_BODY; i++)
        body(rows, (uint8_t)held.ptr[i], out);
}

/* No marker. In CSV that is data; else the server is shown why, and refuses. */
static void no_marker(struct hg_copy_rows *rows, struct hg_slice held, uint8_t byte, struct hg_bytes *out)
{
    release(rows, held, out);
    if (!rows->csv) {
        hg_write_u8(out, byte);
        rows->state = HG_COPY_DOOMED;
    } else {
        hg_copy_rows_write(rows, hg_slice_of((const char *)&byte, 1), out);
    }
}

static void after_backslash(struct hg_copy_rows *rows, uint8_t byte, struct hg_bytes *out)
{
    if (byte == '.') {
        rows->state = HG_COPY_DOT;
        return;
    }
    release(rows, HG_LIT("\\"), out);
    if (rows->csv) {
        body(rows, byte, out);
        return;
    }
    hg_write_u8(out, byte); /* whatever it is, it has no meaning of its own */
    if (byte == '\0')
        rows->state = HG_COPY_DOOMED;
}

static bool ends_line(const struct hg_copy_rows *rows, uint8_t byte)
{
    switch (rows->eol) {
    case HG_EOL_UNKNOWN:
        return byte == '\n' || byte == '\r';
    case HG_EOL_NL:
        return byte == '\n';
    case HG_EOL_CR:
        return byte == '\r';
    default:
        return false;
    }
}

/* An empty header is one, too, and not what was to match. */
static void end_data(struct hg_copy_rows *rows, struct hg_bytes *out)
{
    if (rows->in_header && rows->line_is_empty)
        begin_line(rows, out);
    rows->state = HG_COPY_OVER;
}

static void after_dot(struct hg_copy_rows *rows, uint8_t byte, struct hg_bytes *out)
{
    if (rows->eol == HG_EOL_CRNL && byte == '\r')
        rows->state = HG_COPY_DOT_CR;
    else if (ends_line(rows, byte))
        end_data(rows, out);
    else
        no_marker(rows, HG_LIT("\\."), byte, out);
}

static void after_dot_return(struct hg_copy_rows *rows, uint8_t byte, struct hg_bytes *out)
{
    if (byte == '\n')
        end_data(rows, out);
    else
        no_marker(rows, HG_LIT("\\.\r"), byte, out);
}

/* ---- all together ---- */

static void step(struct hg_copy_rows *rows, uint8_t byte, struct hg_bytes *out)
{
    switch (rows->state) {
    case HG_COPY_LINE:
        line(rows, byte, out);
        break;
    case HG_COPY_BODY:
        body(rows, byte, out);
        break;
    case HG_COPY_CR:
        after_return(rows, byte, out);
        break;
    case HG_COPY_BACKSLASH:
        after_backslash(rows, byte, out);
        break;
    case HG_COPY_DOT:
        after_dot(rows, byte, out);
        break;
    case HG_COPY_DOT_CR:
        after_dot_return(rows, byte, out);
        break;
    case HG_COPY_DOOMED:
        if ((byte & 0xc0) == 0x80) /* the rest of a character */
            hg_write_u8(out, byte);
        break;
    case HG_COPY_OVER:
        break;
    }
}

/* How many bytes at the front mean nothing within a line. */
static size_t plain_run(const struct hg_copy_rows *rows, const char *at, size_t len)
{
    const uint8_t first = rows->csv ? rows->quote : '\\', second = rows->csv ? rows->escape : '\\';
    size_t run = 0;

    while (run < len) {
        uint8_t byte = (uint8_t)at[run];
        if (byte == '\n' || byte == '\r' || byte == '\0' || byte == first || byte == second)
            break;
        run++;
    }
    return run;
}

void hg_copy_rows_write(struct hg_copy_rows *rows, struct hg_slice data, struct hg_bytes *out)
{
    const char *at = data.ptr, *end = data.ptr + data.len;

    while (at < end && rows->state != HG_COPY_OVER) {
        size_t run = rows->state == HG_COPY_BODY ? plain_run(rows, at, (size_t)(end - at)) : 0;
        if (run) {
            rows->was_escape = false;
            hg_write(out, at, run);
            at += run;
        } else {
            step(rows, (uint8_t)*at++, out);
        }
    }
}

bool hg_copy_rows_end(struct hg_copy_rows *rows, struct hg_bytes *out)
{
    switch (rows->state) {
    case HG_COPY_BACKSLASH:
        release(rows, HG_LIT("\\"), out);
        break;
    case HG_COPY_DOT:
        release(rows, HG_LIT("\\."), out);
        break;
    case HG_COPY_DOT_CR:
        release(rows, HG_LIT("\\.\r"), out);
        break;
    case HG_COPY_DOOMED: /* so many bytes may be needed for a character */
        hg_write_slice(out, HG_LIT("    "));
        return false;
    case HG_COPY_LINE:
        rows->line_is_empty = true;
        end_data(rows, out);
        break;
    default:
        break;
    }
    rows->state = HG_COPY_OVER;
    return true;
}
