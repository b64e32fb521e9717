/* Words. The same rules cut a text into statements and read a command's arguments; queries are read by
 * SQLite, each for itself, so that nothing depends on the two agreeing on where a query ends: text behind one
 * is an error. */
#include "words.h"

#include <strings.h>

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool begins_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

static bool is_name(char c)
{
    return begins_name(c) || is_digit(c) || c == '$';
}

/* Bytes of white space and comments at the front. */
static size_t blank_length(struct hg_slice text)
{
    size_t at = 0;

    for (;;) {
        while (at < text.len && is_space(text.ptr[at]))
            at++;
        if (at + 1 < text.len && text.ptr[at] == '-' && text.ptr[at + 1] == '-') {
            while (at < text.len && text.ptr[at] != '\n')
                at++;
        } else if (at + 1 < text.len && text.ptr[at] == '/' && text.ptr[at + 1] == '*') {
            at += 2;
            while (at < text.len && !(text.ptr[at] == '*' && at + 1 < text.len && text.ptr[at + 1] == '/'))
                at++;
            at = at + 2 < text.len ? at + 2 : text.len;
        } else {
            return at;
        }
    }
}

static size_t name_length(struct hg_slice text)
{
    size_t at = 0;

    while (at < text.len && is_name(text.ptr[at]))
        at++;
    return at;
}

/* Bytes of a quoted text that begins at the front; 0 when it does not end. */
static size_t quoted_length(struct hg_slice text, bool escapes)
{
    char quote = text.ptr[0];

    for (size_t at = 1; at < text.len; at++) {
        if (escapes && text.ptr[at] == '\\')
            at++;
        else if (text.ptr[at] == quote && at + 1 < text.len && text.ptr[at + 1] == quote)
            at++;
        else if (text.ptr[at] == quote)
            return at + 1;
    }
    return 0;
}

/* Bytes of the `$tag$` at the front; 0 when there is none. */
static size_t tag_length(struct hg_slice text)
{
    size_t at = 1;

    if (at < text.len && begins_name(text.ptr[at]))
        while (at < text.len && text.ptr[at] != '$' && is_name(text.ptr[at]))
            at++;
    return at < text.len && text.ptr[at] == '$' ? at + 1 : 0;
}

static size_t dollar_length(struct hg_slice text, size_t tag)
{
    for (size_t at = tag; at + tag <= text.len; at++)
        if (memcmp(text.ptr + at, text.ptr, tag) == 0)
            return at + tag;
    return 0;
}

static struct hg_slice unquote(struct hg_slice text, bool escapes, struct hg_arena *arena)
{
    char quote = text.ptr[0], *made;
    size_t len = 0;

    if (!arena)
        return hg_slice_of(text.ptr + 1, text.len - 2);
    made = hg_arena_alloc(arena, text.len);
    for (size_t at = 1; at + 1 < text.len; at++) {
        if ((escapes && text.ptr[at] == '\\') || text.ptr[at] == quote)
            at++;
        made[len++] = text.ptr[at];
    }
    return hg_slice_of(made, len);
}

static struct word take(struct hg_slice *text, size_t len, enum word_kind kind, struct hg_slice value)
{
    *text = hg_slice_of(text->ptr + len, text->len - len);
    return (struct word){.kind = kind, .text = value};
}

static struct word bad(struct hg_slice *text)
{
    return take(text, text->len, WORD_BAD, *text);
}

static struct word take_quoted(struct hg_slice *text, size_t prefix, struct hg_arena *arena)
{
    struct hg_slice quoted = hg_slice_of(text->ptr + prefix, text->len - prefix);
    size_t len = quoted_length(quoted, prefix > 0);
    bool name = quoted.ptr[0] != '\'';

    if (len == 0)
        return bad(text);
    struct hg_slice value = unquote(hg_slice_of(quoted.ptr, len), prefix > 0, arena);
    struct word word = take(text, prefix + len, name ? WORD_NAME : WORD_STRING, value);
    word.quoted = true;
    return word;
}

static struct word take_dollar(struct hg_slice *text)
{
    size_t tag = tag_length(*text), len = 1;

    if (tag) {
        len = dollar_length(*text, tag);
        return len ? take(text, len, WORD_STRING, hg_slice_of(text->ptr + tag, len - 2 * tag)) : bad(text);
    }
    while (len < text->len && is_digit(text->ptr[len]))
        len++;
    return take(text, len, len > 1 ? WORD_PARAMETER : WORD_SYMBOL, hg_slice_of(text->ptr, len));
}

struct word word_next(struct hg_slice *text, struct hg_arena *arena)
{
    size_t blank = blank_length(*text), len = 0;

    *text = hg_slice_of(text->ptr + blank, text->len - blank);
    if (text->len == 0)
        return (struct word){.kind = WORD_END, .text = *text};
    char c = text->ptr[0];
    if ((c == 'e' || c == 'E') && text->len > 1 && text->ptr[1] == '\'')
        return take_quoted(text, 1, arena);
    if (c == '\'' || c == '"' || c == '`')
        return take_quoted(text, 0, arena);
    if (c == '$')
        return take_dollar(text);
    if (begins_name(c)) {
        len = name_length(*text);
        return take(text, len, WORD_NAME, hg_slice_of(text->ptr, len));
    }
    while (len < text->len && is_digit(text->ptr[len]))
        len++;
    if (len)
        return take(text, len, WORD_NUMBER, hg_slice_of(text->ptr, len));
    return take(text, 1, WORD_SYMBOL, hg_slice_of(text->ptr, 1));
}

size_t statement_length(struct hg_slice text)
{
    struct hg_slice rest = text;

    for (;;) {
        struct word word = word_next(&rest, NULL);
        if (word.kind == WORD_END)
            return text.len;
        if (word.kind == WORD_SYMBOL && word.text.ptr[0] == ';')
            return (size_t)(word.text.ptr - text.ptr);
    }
}

bool slice_is_word(struct hg_slice text, const char *name)
{
    return text.len == strlen(name) && strncasecmp(text.ptr, name, text.len) == 0;
}

bool word_is(const struct word *word, const char *name)
{
    return word->kind == WORD_NAME && !word->quoted && slice_is_word(word->text, name);
}
