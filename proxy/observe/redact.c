/* The scan follows PostgreSQL's lexer with standard_conforming_strings on, which is how Headgate reads all
 * text: '…', E'…' with backslashes, B'…', X'…', N'…', U&'…', $tag$…$tag$, numbers, names in double quotes,
 * comments. A string that does not end goes to the end of the text.
 *
 * A literal becomes `?`. Names stay, quoted ones too: they are the schema's. For the fingerprint words are
 * folded, parameters lose their numbers, and `(?, ?, ?)` becomes `(?)`. */
#include "redact.h"

#include <openssl/sha.h>

struct scan {
    const char *at, *end;
    struct hg_bytes *out;
    bool folds;  /* for the fingerprint */
    bool spaced; /* white space stands before what comes next */
};

static bool is_word(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
}

static bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static bool is_space(unsigned char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool starts(const struct scan *scan, const char *two)
{
    return scan->end - scan->at >= 2 && memcmp(scan->at, two, 2) == 0;
}

/* In a fingerprint white space only counts between two words. */
static void space(struct scan *scan)
{
    unsigned char last = scan->out->len ? scan->out->data[scan->out->len - 1] : ' ';
    bool counts = !scan->folds || is_word(last) || is_digit(last) || last == '"' || last == '?';

    if (scan->spaced && scan->out->len && counts)
        hg_write_u8(scan->out, ' ');
    scan->spaced = false;
}

static bool ends_with(const struct hg_bytes *out, const char *text)
{
    size_t len = strlen(text);

    return out->len >= len && memcmp(out->data + out->len - len, text, len) == 0;
}

/* Of lists of literals the first stands for all. */
static void literal(struct scan *scan)
{
    if (scan->folds) {
        if (ends_with(scan->out, "?,")) {
            scan->out->len--;
            scan->spaced = false;
            return;
        }
        scan->spaced = false;
    }
    space(scan);
    hg_write_u8(scan->out, '?');
}

/* ---- comments ---- */

static void line_comment(struct scan *scan)
{
    while (scan->at < scan->end && *scan->at != '\n' && *scan->at != '\r')
        scan->at++;
    scan->spaced = true;
}

static void block_comment(struct scan *scan)
{
    size_t depth = 0;

    do {
        if (starts(scan, "/*")) {
            depth++;
            scan->at += 2;
        } else if (starts(scan, "*/")) {
            depth--;
            scan->at += 2;
        } else {
            scan->at++;
        }
    } while (depth && scan->at < scan->end);
    scan->spaced = true;
}

/* ---- strings ---- */

/* Two parts of one string may stand on different lines: the second is no string of its own kind. */
static bool goes_on(struct scan *scan)
{
    const char *at = scan->at;
    bool newline = false;

    for (; at < scan->end && is_space((unsigned char)*at); at++)
        newline |= *at == '\n' || *at == '\r';
    if (!newline || at == scan->end || *at != '\'')
        return false;
    scan->at = at;
    return true;
}

/* Standing at the quote. */
static void string(struct scan *scan, bool escapes)
{
    do {
        scan->at++;
        while (scan->at < scan->end && *scan->at != '\'')
            scan->at += escapes && *scan->at == '\\' && scan->end - scan->at > 1 ? 2 : 1;
        if (scan->at >= scan->end) {
            scan->at = scan->end;
            break;
        }
        scan->at++;
    } while ((scan->at < scan->end && *scan->at == '\'') || goes_on(scan));
    literal(scan);
}

/* $tag$…$tag$, or a parameter. */
static void dollar(struct scan *scan)
{
    const char *at = scan->at + 1, *tag = scan->at;

    while (at < scan->end && (is_word((unsigned char)*at) || (at > tag + 1 && is_digit((unsigned char)*at))))
        at++;
    if (at < scan->end && *at == '$') {
        size_t len = (size_t)(at + 1 - tag);
        for (at++; at < scan->end && ((size_t)(scan->end - at) < len || memcmp(at, tag, len) != 0);) {
            const char *next = memchr(at + 1, '$', (size_t)(scan->end - at - 1));
            at = next ? next : scan->end;
        }
        scan->at = at < scan->end ? at + len : scan->end;
        literal(scan);
        return;
    }
    for (at = tag + 1; at < scan->end && is_digit((unsigned char)*at);)
        at++;
    if (scan->folds) {
        literal(scan);
    } else {
        space(scan);
        hg_write(scan->out, tag, (size_t)(at - tag));
    }
    scan->at = at;
}

/* ---- words, names, numbers ---- */

static void quoted_name(struct scan *scan)
{
    const char *begun = scan->at++;

    while (scan->at < scan->end && *scan->at != '"')
        scan->at++;
    space(scan);
    if (scan->at == scan->end) { /* never closed: who knows what it is */
        hg_write_u8(scan->out, '?');
        return;
    }
    scan->at++;
    hg_write(scan->out, begun, (size_t)(scan->at - begun));
}

static void word(struct scan *scan)
{
    const char *begun = scan->at;

    while (scan->at < scan->end &&
           (is_word((unsigned char)*scan->at) || is_digit((unsigned char)*scan->at) || *scan->at == '$'))
        scan->at++;
    size_t len = (size_t)(scan->at - begun);
    if (len == 1 && strchr("eEbBxXnN", *begun) && scan->at < scan->end && *scan->at == '\'') {
        string(scan, *begun == 'e' || *begun == 'E');
        return;
    }
    if (len == 1 && (*begun == 'u' || *begun == 'U') && starts(scan, "&'")) {
        scan->at++;
        string(scan, false);
        return;
    }
    space(scan);
    for (; begun < scan->at; begun++)
        hg_write_u8(scan->out, scan->folds && *begun >= 'A' && *begun <= 'Z' ? (uint8_t)(*begun + ('a' - 'A'))
                                                                             : (uint8_t)*begun);
}

/* A sign that belongs to the exponent before it. */
static bool is_exponent_sign(const struct scan *scan)
{
    return (*scan->at == '+' || *scan->at == '-') && (scan->at[-1] | 0x20) == 'e' &&
           scan->end - scan->at > 1 && is_digit((unsigned char)scan->at[1]);
}

/* Whatever hangs on a digit: fraction, exponent, junk. */
static void number(struct scan *scan)
{
    do
        scan->at++;
    while (scan->at < scan->end && (is_digit((unsigned char)*scan->at) || is_word((unsigned char)*scan->at) ||
                                    *scan->at == '.' || is_exponent_sign(scan)));
    literal(scan);
}

static void sign(struct scan *scan)
{
    if (!scan->folds)
        space(scan);
    scan->spaced = false;
    hg_write_u8(scan->out, (uint8_t)*scan->at++);
}

static void token(struct scan *scan)
{
    unsigned char c = (unsigned char)*scan->at;
    bool fraction = c == '.' && scan->end - scan->at >= 2 && is_digit((unsigned char)scan->at[1]);

    if (is_space(c)) {
        scan->at++;
        scan->spaced = true;
    } else if (starts(scan, "--")) {
        line_comment(scan);
    } else if (starts(scan, "/*")) {
        block_comment(scan);
    } else if (c == '\'') {
        string(scan, false);
    } else if (c == '"') {
        quoted_name(scan);
    } else if (c == '$') {
        dollar(scan);
    } else if (is_digit(c) || fraction) {
        number(scan);
    } else if (is_word(c)) {
        word(scan);
    } else {
        sign(scan);
    }
}

static void run(struct hg_slice text, bool folds, struct hg_bytes *out)
{
    const char *start = text.len ? text.ptr : ""; /* an empty text may stand nowhere */
    struct scan scan = {.at = start, .end = start + text.len, .out = out, .folds = folds};

    while (scan.at < scan.end)
        token(&scan);
}

void hg_redact(struct hg_slice text, struct hg_bytes *out)
{
    run(text, false, out);
}

void hg_fingerprint(struct hg_slice text, char out[17])
{
    static const char hex[] = "0123456789abcdef";
    unsigned char digest[SHA256_DIGEST_LENGTH];
    struct hg_bytes folded;

    hg_bytes_init(&folded, 0);
    run(text, true, &folded);
    while (folded.len && folded.data[folded.len - 1] == ';')
        folded.len--;
    SHA256(folded.data ? folded.data : (const unsigned char *)"", folded.len, digest);
    hg_bytes_free(&folded);
    for (size_t i = 0; i < 8; i++) {
        out[2 * i] = hex[digest[i] >> 4];
        out[2 * i + 1] = hex[digest[i] & 15];
    }
    out[16] = '\0';
}

/* ---- shapes: quicker than a fingerprint, and not quite as sure ---- */

static bool in_name(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '$' || c >= 0x80;
}

/* Behind the string whose quote stands at `at`; E'…' has escapes. */
static size_t string_end(struct hg_slice text, size_t at)
{
    bool escapes =
        at > 0 && (text.ptr[at - 1] | 0x20) == 'e' && (at == 1 || !in_name((unsigned char)text.ptr[at - 2]));

    for (at++; at < text.len && text.ptr[at] != '\''; at++)
        at += escapes && text.ptr[at] == '\\';
    return at + 1;
}

/* Behind the comment at `at`; `at` itself when there is none. */
static size_t comment_end(struct hg_slice text, size_t at)
{
    char c = text.ptr[at], next = at + 1 < text.len ? text.ptr[at + 1] : '\0';

    if (c == '-' && next == '-') {
        while (at < text.len && text.ptr[at] != '\n')
            at++;
    } else if (c == '/' && next == '*') {
        size_t depth = 1;
        for (at += 2; at + 1 < text.len && depth; at++) {
            bool opens = text.ptr[at] == '/' && text.ptr[at + 1] == '*';
            bool closes = text.ptr[at] == '*' && text.ptr[at + 1] == '/';
            depth = depth + opens - closes;
            at += opens || closes;
        }
    }
    return at;
}

static uint64_t mix(uint64_t hash, unsigned char c)
{
    return (hash ^ c) * UINT64_C(0x100000001b3);
}

uint64_t hg_shape(struct hg_slice text)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    unsigned char before = ' ';

    for (size_t at = 0; at < text.len;) {
        unsigned char c = (unsigned char)text.ptr[at];
        size_t end = comment_end(text, at);
        if (end > at) {
            c = ' ';
            at = end;
        } else if (c == '\'') {
            at = string_end(text, at);
            c = '?';
        } else if (c >= '0' && c <= '9' && !in_name(before)) {
            while (at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9')
                at++;
            c = '?';
        } else if (c == '"') {
            for (hash = mix(hash, c), at++; at < text.len && text.ptr[at] != '"'; at++)
                hash = mix(hash, (unsigned char)text.ptr[at]);
            at++;
        } else {
            at++;
        }
        hash = mix(hash, c);
        before = c;
    }
    return hash;
}
