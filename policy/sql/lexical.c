/* A scan over SQL text that knows just enough of PostgreSQL's lexer (standard_conforming_strings on) to tell
 * code from strings, quoted names and comments.
 *
 * It is a safeguard of time and stack, not a judge of syntax: text that the lexer refuses may pass here. What
 * it must not do is to lose track of where strings and comments begin and end, since then a statement could
 * hide its nesting. So words, numbers and parameters are read whole (`a$b$c` is one name, `1e5$x$` a number
 * before a dollar quote), and a string that is continued on a new line keeps its kind (E'…' newline '…\'…').
 *
 * The lexer takes the longest run of operator characters and then gives back all but one token, so `-+-+-+…`
 * and slash-star star-slash repeated cost the square of their length, as nested comments do. The scan adds up
 * how many characters would be read again and refuses when the sum is out of proportion. */
#include "lexical.h"

#include <stdio.h>
#include <strings.h>

#include "utf8.h"

#define PARAMETER_MOST 65535    /* Bind counts parameters in 16 bits */
#define REREAD_MOST    10000000 /* characters; some 20 ms in the lexer */

/* The last three are what a word goes on with. */
enum kind { PLAIN, OPERATOR, SINGLE, DOUBLE, OPEN, CLOSE, SEMICOLON, DOLLAR, DIGIT, WORD };

/* clang-format off */
static const uint8_t kinds[256] = {
    ['a' ... 'z'] = WORD, ['A' ... 'Z'] = WORD, ['_'] = WORD, [0x80 ... 0xff] = WORD, ['0' ... '9'] = DIGIT,
    ['~'] = OPERATOR, ['!'] = OPERATOR, ['@'] = OPERATOR, ['#'] = OPERATOR, ['^'] = OPERATOR, ['&'] = OPERATOR,
    ['|'] = OPERATOR, ['`'] = OPERATOR, ['?'] = OPERATOR, ['+'] = OPERATOR, ['-'] = OPERATOR, ['*'] = OPERATOR,
    ['/'] = OPERATOR, ['%'] = OPERATOR, ['<'] = OPERATOR, ['>'] = OPERATOR, ['='] = OPERATOR,
    ['\''] = SINGLE, ['"'] = DOUBLE, ['$'] = DOLLAR, [';'] = SEMICOLON,
    ['('] = OPEN, ['['] = OPEN, [')'] = CLOSE, [']'] = CLOSE,
};
/* clang-format on */

/* What is to be said of names that are too long. */
struct names {
    struct hg_arena *arena;
    struct hg_slice *said;
    size_t count, room;
};

struct scan {
    const uint8_t *at, *end, *start;
    size_t brackets, cases, comments; /* open at this point */
    size_t max_nesting;
    uint64_t reread;      /* characters that the lexer reads more than once */
    const char *sqlstate; /* NULL, or why the scan stopped */
    const char *message;
    const uint8_t *where;
    struct names *names;       /* NULL = not asked for */
    struct hg_slice parameter; /* the number that is too large, if that is why */
};

static void stop(struct scan *scan, const char *sqlstate, const char *message)
{
    if (scan->sqlstate)
        return;
    scan->sqlstate = sqlstate;
    scan->message = message;
    scan->where = scan->at;
}

static void nested(struct scan *scan)
{
    if (scan->brackets + scan->cases > scan->max_nesting || scan->comments > scan->max_nesting)
        stop(scan, HG_STATEMENT_TOO_COMPLEX, "statement is nested too deeply");
}

static bool next_is(const struct scan *scan, const uint8_t *at, uint8_t first, uint8_t second)
{
    return scan->end - at >= 2 && at[0] == first && at[1] == second;
}

static const uint8_t *skip_kind(const uint8_t *at, const uint8_t *end, enum kind kind)
{
    while (at < end && kinds[*at] == kind)
        at++;
    return at;
}

/* Past the next `quote`. A doubled quote ends one string and starts the next, which comes to the same. */
static void skip_quoted(struct scan *scan, char quote)
{
    const uint8_t *close = memchr(scan->at + 1, quote, (size_t)(scan->end - scan->at - 1));
    scan->at = close ? close + 1 : scan->end;
}

static void skip_line_comment(struct scan *scan)
{
    while (scan->at < scan->end && *scan->at != '\n' && *scan->at != '\r')
        scan->at++;
}

/* Between two parts of one string: white space with at least one newline. (PostgreSQL allows line comments
 * there as well, the library does not: to it that is a syntax error.) */
static bool string_continues(struct scan *scan)
{
    const uint8_t *at = scan->at;
    bool newline = false;
    while (at < scan->end && *at && strchr(" \t\n\r\f", *at)) {
        newline |= *at == '\n' || *at == '\r';
        at++;
    }
    if (!newline || at == scan->end || *at != '\'')
        return false;
    scan->at = at;
    return true;
}

/* E'…', standing at the quote: a backslash takes the next character with it. */
static void skip_escape_string(struct scan *scan)
{
    do {
        scan->at++;
        while (scan->at < scan->end && *scan->at != '\'')
            scan->at += *scan->at == '\\' && scan->end - scan->at > 1 ? 2 : 1;
        if (scan->at == scan->end)
            return;
        scan->at++;
    } while ((scan->at < scan->end && *scan->at == '\'') || string_continues(scan));
}

static void skip_block_comment(struct scan *scan)
{
    scan->comments = 0;
    do {
        if (next_is(scan, scan->at, '/', '*')) {
            scan->reread += (uint64_t)(skip_kind(scan->at, scan->end, OPERATOR) - scan->at);
            scan->comments++;
            nested(scan);
            if (scan->reread > REREAD_MOST)
                stop(scan, HG_STATEMENT_TOO_COMPLEX, "statement has too many adjoining comments");
            scan->at += 2;
        } else if (next_is(scan, scan->at, '*', '/')) {
            scan->comments--;
            scan->at += 2;
        } else {
            scan->at++;
        }
    } while (scan->comments > 0 && scan->at < scan->end && !scan->sqlstate);
}

/* A run of operator characters, up to the comment that may start in it. */
static void scan_operators(struct scan *scan)
{
    const uint8_t *run_end = skip_kind(scan->at, scan->end, OPERATOR), *at = scan->at;
    while (at < run_end && !next_is(scan, at, '/', '*') && !next_is(scan, at, '-', '-'))
        at++;
    /* At worst each character before the comment is a token of its own, for which the whole run was read. */
    scan->reread += (uint64_t)(at - scan->at) * (uint64_t)(run_end - scan->at - 1);
    if (scan->reread > REREAD_MOST)
        stop(scan, HG_STATEMENT_TOO_COMPLEX, "statement has too many adjoining operators");
    scan->at = at;
    if (at == run_end)
        return;
    if (*at == '/')
        skip_block_comment(scan);
    else
        skip_line_comment(scan);
}

/* ---- names that are too long ---- */

static void say_cut(struct names *names, struct hg_slice name)
{
    if (names->count == names->room) {
        struct hg_slice *old = names->said;
        names->room = names->room ? names->room * 2 : 4;
        names->said = HG_NEW_ARRAY(names->arena, struct hg_slice, names->room);
        if (old)
            memcpy(names->said, old, names->count * sizeof *old);
    }
    struct hg_slice cut = hg_slice_of(name.ptr, hg_utf8_cut(name, HG_NAME_MOST));
    names->said[names->count++] =
        hg_arena_printf(names->arena, "identifier \"%.*s\" will be truncated to \"%.*s\"", HG_SLICE_FMT(name),
                        HG_SLICE_FMT(cut));
}

static void note_word(struct scan *scan, const char *word, size_t len)
{
    if (!scan->names || len <= HG_NAME_MOST)
        return;
    char *lower = hg_arena_cstr(scan->names->arena, hg_slice_of(word, len));
    for (char *at = lower; *at; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at + ('a' - 'A'));
    say_cut(scan->names, hg_slice_of(lower, len));
}

/* `quoted` has its quotes, and doubled ones in it. */
static void note_quoted(struct scan *scan, struct hg_slice quoted)
{
    if (!scan->names || quoted.len <= HG_NAME_MOST + 2 || quoted.ptr[quoted.len - 1] != '"')
        return;
    char *name = hg_arena_cstr(scan->names->arena, hg_slice_of(quoted.ptr + 1, quoted.len - 2));
    size_t len = 0;
    for (size_t i = 1; i + 1 < quoted.len; i += quoted.ptr[i] == '"' ? 2 : 1)
        name[len++] = quoted.ptr[i];
    if (len > HG_NAME_MOST)
        say_cut(scan->names, hg_slice_of(name, len));
}

/* "…" */
static void scan_quoted_name(struct scan *scan)
{
    const uint8_t *from = scan->at;
    bool escaped = from - scan->start >= 2 && from[-1] == '&' && (from[-2] | 0x20) == 'u';
    do
        skip_quoted(scan, '"');
    while (scan->at < scan->end && *scan->at == '"');
    if (!escaped)
        note_quoted(scan, hg_slice_of((const char *)from, (size_t)(scan->at - from)));
}

static void scan_word(struct scan *scan)
{
    const char *word = (const char *)scan->at;
    const uint8_t *at = scan->at;
    while (at < scan->end && kinds[*at] >= DOLLAR)
        at++;
    scan->at = at;
    size_t len = (size_t)((const char *)at - word);
    note_word(scan, word, len);
    if (len == 1 && (*word == 'e' || *word == 'E') && scan->at < scan->end && *scan->at == '\'') {
        skip_escape_string(scan);
    } else if (len == 4 && strncasecmp(word, "case", 4) == 0) {
        scan->cases++;
        nested(scan);
    } else if (len == 3 && scan->cases > 0 && strncasecmp(word, "end", 3) == 0) {
        scan->cases--;
    }
}

/* Digits, a fraction, an exponent. */
static void scan_number(struct scan *scan)
{
    scan->at = skip_kind(scan->at, scan->end, DIGIT);
    if (scan->at < scan->end && *scan->at == '.')
        scan->at = skip_kind(scan->at + 1, scan->end, DIGIT);
    if (scan->at == scan->end || (*scan->at | 0x20) != 'e')
        return;
    const uint8_t *exponent = scan->at + 1;
    if (exponent < scan->end && (*exponent == '+' || *exponent == '-'))
        exponent++;
    if (exponent < scan->end && kinds[*exponent] == DIGIT)
        scan->at = skip_kind(exponent, scan->end, DIGIT);
}

static void scan_parameter(struct scan *scan)
{
    const uint8_t *digits = scan->at + 1, *end = skip_kind(digits, scan->end, DIGIT);
    uint32_t number = 0;
    for (const uint8_t *at = digits; at < end && number <= PARAMETER_MOST; at++)
        number = number * 10 + (uint32_t)(*at - '0');
    if (number <= PARAMETER_MOST) {
        scan->at = end;
        return;
    }
    stop(scan, HG_UNDEFINED_PARAMETER, "there is no such parameter");
    scan->parameter = hg_slice_of((const char *)digits, (size_t)(end - digits));
}

/* $tag$…$tag$, standing at the first dollar of a tag of `len` bytes. Linear, since a tag has no dollar
 * inside. */
static void skip_dollar_string(struct scan *scan, size_t len)
{
    const uint8_t *tag = scan->at, *at = tag + len;
    while ((at = memchr(at, '$', (size_t)(scan->end - at)))) {
        if ((size_t)(scan->end - at) >= len && memcmp(at, tag, len) == 0) {
            scan->at = at + len;
            return;
        }
        at++;
    }
    scan->at = scan->end;
}

/* A parameter, the start of $tag$…$tag$, or a dollar that is an error. */
static void scan_dollar(struct scan *scan)
{
    const uint8_t *tag = scan->at, *at = tag + 1;
    if (at < scan->end && kinds[*at] == DIGIT) {
        scan_parameter(scan);
        return;
    }
    while (at < scan->end && kinds[*at] > DOLLAR)
        at++;
    if (at == scan->end || *at != '$') {
        scan->at++;
        return;
    }
    skip_dollar_string(scan, (size_t)(at + 1 - tag));
}

static void scan_token(struct scan *scan)
{
    switch ((enum kind)kinds[*scan->at]) {
    case PLAIN:
        scan->at++;
        break;
    case WORD:
        scan_word(scan);
        break;
    case DIGIT:
        scan_number(scan);
        break;
    case OPERATOR:
        scan_operators(scan);
        break;
    case SINGLE:
        skip_quoted(scan, '\'');
        break;
    case DOUBLE:
        scan_quoted_name(scan);
        break;
    case DOLLAR:
        scan_dollar(scan);
        break;
    case OPEN:
        scan->brackets++;
        nested(scan);
        scan->at++;
        break;
    case CLOSE:
        if (scan->brackets > 0)
            scan->brackets--;
        scan->at++;
        break;
    case SEMICOLON:
        if (scan->brackets == 0)
            scan->cases = 0; /* a label named "case" has no END */
        scan->at++;
        break;
    }
}

/* Eight bytes of ASCII at a time. */
size_t hg_lexical_valid(struct hg_slice text)
{
    size_t at = 0;
    while (at < text.len) {
        uint64_t word;
        if (text.len - at >= sizeof word) {
            memcpy(&word, text.ptr + at, sizeof word);
            bool ascii = (word & 0x8080808080808080) == 0;
            bool has_nul = ((word - 0x0101010101010101) & ~word & 0x8080808080808080) != 0;
            if (ascii && !has_nul) {
                at += sizeof word;
                continue;
            }
        }
        size_t length = text.ptr[at] ? hg_utf8_character(text.ptr + at, text.len - at) : 0;
        if (length == 0)
            return at;
        at += length;
    }
    return text.len;
}

/* As PostgreSQL words it: the bytes that the lead byte announces. */
static bool refuse_encoding(struct hg_slice text, size_t at, struct hg_arena *arena, struct hg_fault *fault)
{
    uint8_t lead = (uint8_t)text.ptr[at];
    size_t announced = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf8 ? 4 : 1;
    char bytes[4 * 5 + 1] = "";
    for (size_t i = 0; i < announced && at + i < text.len; i++)
        snprintf(bytes + 5 * i, 6, "0x%02x ", (uint8_t)text.ptr[at + i]);
    struct hg_slice shown = hg_slice_of(bytes, strlen(bytes) - 1);
    return hg_fault_set(fault, arena, HG_CHARACTER_NOT_IN_REPERTOIRE,
                        "invalid byte sequence for encoding \"UTF8\": %.*s", HG_SLICE_FMT(shown));
}

bool hg_lexical_encoding(struct hg_slice text, struct hg_arena *arena, struct hg_fault *fault)
{
    size_t valid = hg_lexical_valid(text);

    return valid == text.len || refuse_encoding(text, valid, arena, fault);
}

size_t hg_lexical_truncated(struct hg_slice text, size_t end, struct hg_arena *arena, struct hg_slice **said)
{
    const uint8_t *start = (const uint8_t *)text.ptr;
    struct names names = {.arena = arena};
    struct scan scan = {
        .at = start, .end = start + text.len, .start = start, .max_nesting = SIZE_MAX, .names = &names};

    while (scan.at < scan.end && (size_t)(scan.at - start) < end && !scan.sqlstate)
        scan_token(&scan);
    *said = names.said;
    return names.count;
}

bool hg_lexical_check(struct hg_slice text, size_t max_nesting, struct hg_arena *arena,
                      struct hg_fault *fault)
{
    const uint8_t *start = (const uint8_t *)text.ptr;
    if (!hg_lexical_encoding(text, arena, fault))
        return false;
    struct scan scan = {.at = start, .end = start + text.len, .start = start, .max_nesting = max_nesting};
    while (scan.at < scan.end && !scan.sqlstate)
        scan_token(&scan);
    if (!scan.sqlstate)
        return true;
    if (scan.parameter.len)
        hg_fault_set(fault, arena, scan.sqlstate, "there is no parameter $%.*s",
                     HG_SLICE_FMT(scan.parameter));
    else
        hg_fault_set(fault, arena, scan.sqlstate, "%s", scan.message);
    fault->position = hg_position_of(text, (size_t)(scan.where - start));
    return false;
}
