/* Rows of COPY FROM STDIN under any options. What must hold:
 * - how the bytes are cut into pieces does not matter;
 * - a reader of its own, which sees all of the output at once and splits it into fields the way PostgreSQL
 *   describes the formats, finds the tenant's value in the first field of every row;
 * - it finds as many rows as in the input, and the same bytes in the rest of each. */
#include "copy_rows.h"

static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

/* ---- the reader ---- */

struct format {
    bool csv;
    char delimiter, quote, escape;
    const char *eol; /* what ended the first line; "" = none has ended yet */
};

static const char *eol_at(const struct format *format, struct hg_slice text, size_t at)
{
    static const char *const all[] = {"\r\n", "\r", "\n"};
    for (size_t i = 0; i < 3; i++)
        if (text.len - at >= strlen(all[i]) && memcmp(text.ptr + at, all[i], strlen(all[i])) == 0 &&
            (!*format->eol || strcmp(format->eol, all[i]) == 0))
            return all[i];
    return NULL;
}

/* Where the line at `at` ends: behind its newline, *eol being where that begins. Newlines of another kind
 * than the first one end nothing; the server refuses them. A quote takes away the meaning of newlines up to
 * the next one that no escape precedes; in the text format a backslash takes away that of one byte. */
static size_t line_end(struct format *format, struct hg_slice text, size_t at, size_t *eol)
{
    bool quoted = false;
    const char *end;
    for (; at < text.len; at++) {
        char c = text.ptr[at];
        if (!format->csv && c == '\\' && at + 1 < text.len) {
            at++;
        } else if (format->csv && quoted && c == format->escape && at + 1 < text.len &&
                   (text.ptr[at + 1] == format->quote || text.ptr[at + 1] == format->escape)) {
            at++;
        } else if (format->csv && c == format->quote) {
            quoted = !quoted;
        } else if (!quoted && (end = eol_at(format, text, at)) != NULL) {
            *eol = at;
            format->eol = end;
            return at + strlen(end);
        }
    }
    *eol = text.len;
    return text.len;
}

static int octal(char c)
{
    return c >= '0' && c <= '7' ? c - '0' : -1;
}

/* Decodes the first field of a line into `out` (of `room` bytes); what stands behind its delimiter begins at
 * the result. 0: there is no delimiter, or it is too long. */
static size_t first_field(const struct format *format, struct hg_slice line, char *out, size_t room,
                          size_t *len)
{
    bool quoted = false;
    *len = 0;
    for (size_t at = 0; at < line.len && *len < room; at++) {
        char c = line.ptr[at];
        if (!quoted && c == format->delimiter)
            return at + 1;
        if (format->csv && quoted && c == format->escape && at + 1 < line.len &&
            (line.ptr[at + 1] == format->quote || line.ptr[at + 1] == format->escape)) {
            out[(*len)++] = line.ptr[++at];
        } else if (format->csv && c == format->quote) {
            quoted = !quoted;
        } else if (!format->csv && c == '\\' && at + 3 < line.len && octal(line.ptr[at + 1]) >= 0) {
            int value = 0;
            for (int i = 1; i <= 3; i++)
                value = value * 8 + octal(line.ptr[at + (size_t)i]);
            out[(*len)++] = (char)value;
            at += 3;
        } else {
            out[(*len)++] = c;
        }
    }
    return 0;
}

static void check_lines(struct format *format, struct hg_slice input, struct hg_slice output,
                        struct hg_slice tenant, bool header, bool sound)
{
    size_t in = 0, out = 0;
    while (out < output.len) {
        char value[600];
        size_t len, in_eol, out_eol;
        size_t in_next = line_end(format, input, in, &in_eol),
               out_next = line_end(format, output, out, &out_eol);
        struct hg_slice line = hg_slice_of(output.ptr + out, out_eol - out);
        size_t rest = first_field(format, line, value, sizeof value, &len);
        must(rest > 0);
        must(hg_slice_equal(hg_slice_of(value, len), out == 0 && header ? HG_LIT("Tenant \"id\"") : tenant));
        struct hg_slice passed = hg_slice_of(line.ptr + rest, line.len - rest);
        if (!sound && out_next == output.len) /* shown to the server, so that it refuses what stands before */
            while (passed.len && (passed.ptr[passed.len - 1] & 0x80 || passed.ptr[passed.len - 1] == ' '))
                passed.len--;
        must(passed.len <= input.len - in &&
             (!passed.len || !memcmp(passed.ptr, input.ptr + in, passed.len)));
        /* What follows an end marker, or what the server must refuse, is not passed on. */
        must(passed.len == in_eol - in || out_next == output.len);
        in = in_next;
        out = out_next;
    }
}

/* ---- the target ---- */

static bool convert(const struct hg_copy_in *plan, struct hg_slice tenant, struct hg_slice data, size_t piece,
                    struct hg_bytes *out)
{
    struct hg_copy_rows rows;
    hg_copy_rows_init(&rows, plan, tenant);
    for (size_t at = 0; at < data.len; at += piece) {
        size_t len = piece < data.len - at ? piece : data.len - at;
        hg_copy_rows_write(&rows, hg_slice_of(data.ptr + at, len), out);
    }
    bool sound = hg_copy_rows_end(&rows, out);
    hg_copy_rows_free(&rows);
    return sound;
}

/* Options that PostgreSQL takes. */
static bool choose(const uint8_t *data, struct hg_copy_in *plan)
{
    static const char delimiters[] = "\t,;|\\.a \"'A0", quotes[] = "\"'\\|a,.";
    *plan = (struct hg_copy_in){.prefixed = true,
                                .csv = data[0] & 1,
                                .header = data[0] >> 1 & 1,
                                .delimiter = delimiters[data[1] % (sizeof delimiters - 1)],
                                .quote = quotes[data[2] % (sizeof quotes - 1)],
                                .null = data[0] >> 2 & 1 ? HG_LIT("acme") : HG_LIT("\\N"),
                                .tenant_column = HG_LIT("Tenant \"id\"")};
    plan->escape = data[0] >> 3 & 1 ? plan->quote : quotes[data[3] % (sizeof quotes - 1)];
    if (plan->csv)
        return plan->delimiter != plan->quote;
    return !strchr("\\.abcdefghijklmnopqrstuvwxyz0123456789", plan->delimiter);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const tenants[] = {"acme",          "a,b|\"c",          "N", "\\N", ".",
                                          "o'hara \\ \t;", "\xc3\xa9t\xc3\xa9"};
    struct hg_bytes whole = {0}, pieces = {0};
    struct hg_copy_in plan;

    if (size < 6 || !choose(data, &plan))
        return 0;
    struct hg_slice tenant = hg_slice_cstr(tenants[data[4] % (sizeof tenants / sizeof tenants[0])]);
    struct hg_slice input = hg_slice_of((const char *)data + 6, size - 6);
    bool sound = convert(&plan, tenant, input, input.len + 1, &whole);
    must(convert(&plan, tenant, input, 1u + data[5] % 9, &pieces) == sound);
    must(hg_slice_equal(hg_bytes_slice(&whole), hg_bytes_slice(&pieces)));
    struct format format = {plan.csv, plan.delimiter, plan.quote, plan.escape, ""};
    check_lines(&format, input, hg_bytes_slice(&whole), tenant, plan.header, sound);
    hg_bytes_free(&whole);
    hg_bytes_free(&pieces);
    return 0;
}
