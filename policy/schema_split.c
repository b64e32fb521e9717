/* Finds the statements of a schema file, so that each is parsed alone: memory and stack stay those of one
 * statement, and every syntax error of the file is found in one run.
 *
 * This reads as much of SQL's lexical rules as ends of statements need: quotes of all kinds, comments,
 * brackets, and bodies of functions between BEGIN ATOMIC and END. Lines of psql's own commands (`\connect`,
 * `\restrict`) and the data of COPY, which other programs than the server read, are passed over. */
#define _GNU_SOURCE /* memmem */
#include "schema.h"

#include <strings.h>

struct scan {
    const char *at, *end;
    size_t words;
    bool create, routine, begin; /* CREATE …, … FUNCTION or PROCEDURE; the last word was BEGIN */
    bool copy, stdin_seen;       /* COPY … FROM STDIN */
    int brackets, blocks;        /* open brackets; BEGIN ATOMIC and CASE in the body of a routine */
};

static bool is_word_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

static bool is_word(char c)
{
    return is_word_start(c) || (c >= '0' && c <= '9') || c == '$';
}

static const char *line_end(const char *at, const char *end)
{
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    return newline ? newline : end;
}

/* Behind a comment that nests; at the end of the text when it does not end. */
static const char *skip_block_comment(const char *at, const char *end)
{
    int depth = 0;
    while (at < end) {
        if (end - at >= 2 && at[0] == '/' && at[1] == '*') {
            depth++;
            at += 2;
        } else if (end - at >= 2 && at[0] == '*' && at[1] == '/') {
            at += 2;
            if (--depth == 0)
                break;
        } else {
            at++;
        }
    }
    return at;
}

/* Behind a quoted text; a doubled quote is met as two texts, which ends at the same place. */
static const char *skip_quoted(const char *at, const char *end, bool escapes)
{
    char quote = *at++;
    while (at < end && *at != quote)
        at += escapes && *at == '\\' && end - at >= 2 ? 2 : 1;
    return at < end ? at + 1 : end;
}

/* Behind $tag$ … $tag$; NULL when the dollar opens no such text. */
static const char *skip_dollar(const char *at, const char *end)
{
    const char *tag_end = at + 1;
    if (tag_end < end && is_word_start(*tag_end))
        while (tag_end < end && is_word(*tag_end) && *tag_end != '$')
            tag_end++;
    if (tag_end == end || *tag_end != '$')
        return NULL;
    size_t tag = (size_t)(tag_end + 1 - at);
    const char *close = memmem(at + tag, (size_t)(end - at) - tag, at, tag);
    return close ? close + tag : end;
}

static bool word_is(struct hg_slice word, const char *name)
{
    return word.len == strlen(name) && strncasecmp(word.ptr, name, word.len) == 0;
}

/* What words mean for the end of the statement. */
static void see_word(struct scan *scan, struct hg_slice word)
{
    size_t nth = scan->words++;
    if (nth == 0) {
        scan->create = word_is(word, "create");
        scan->copy = word_is(word, "copy");
    }
    if (scan->create && nth <= 3 && (word_is(word, "function") || word_is(word, "procedure")))
        scan->routine = true;
    if (scan->copy && word_is(word, "stdin"))
        scan->stdin_seen = true;
    if (!scan->routine || scan->brackets)
        return;
    if (scan->blocks ? word_is(word, "case") : scan->begin && word_is(word, "atomic"))
        scan->blocks++;
    else if (scan->blocks && word_is(word, "end"))
        scan->blocks--;
    scan->begin = word_is(word, "begin");
}

static void pass_word(struct scan *scan)
{
    const char *begin = scan->at;
    while (scan->at < scan->end && is_word(*scan->at))
        scan->at++;
    struct hg_slice word = hg_slice_of(begin, (size_t)(scan->at - begin));
    if (word_is(word, "e") && scan->at < scan->end && *scan->at == '\'')
        scan->at = skip_quoted(scan->at, scan->end, true);
    else
        see_word(scan, word);
}

/* Passes one token, quote or comment. */
static void pass_token(struct scan *scan)
{
    const char *at = scan->at, *end = scan->end;
    const char *dollar = *at == '$' ? skip_dollar(at, end) : NULL;
    if (dollar)
        scan->at = dollar;
    else if (*at == '\'' || *at == '"')
        scan->at = skip_quoted(at, end, false);
    else if (end - at >= 2 && at[0] == '-' && at[1] == '-')
        scan->at = line_end(at, end);
    else if (end - at >= 2 && at[0] == '/' && at[1] == '*')
        scan->at = skip_block_comment(at, end);
    else if (is_word_start(*at))
        pass_word(scan);
    else if (*at >= '0' && *at <= '9')
        while (scan->at < end && is_word(*scan->at))
            scan->at++;
    else {
        scan->brackets += (*at == '(') - (*at == ')' && scan->brackets > 0);
        scan->at++;
    }
}

/* Spaces, comments, empty statements, and lines of psql's commands before a statement. */
static const char *skip_between(const char *at, const char *end)
{
    while (at < end) {
        if (strchr(" \t\r\n\f\v;", *at) && *at)
            at++;
        else if (*at == '\\' || (end - at >= 2 && at[0] == '-' && at[1] == '-'))
            at = line_end(at, end);
        else if (end - at >= 2 && at[0] == '/' && at[1] == '*')
            at = skip_block_comment(at, end);
        else
            break;
    }
    return at;
}

/* Behind the line `\.` that ends the data of COPY. */
static const char *skip_data(const char *at, const char *end)
{
    for (at = line_end(at, end); at < end; at = line_end(at, end)) {
        at++;
        if (end - at >= 2 && at[0] == '\\' && at[1] == '.')
            return at + 2;
    }
    return end;
}

bool hg_schema_next(struct hg_schema_splitter *splitter, struct hg_slice *statement)
{
    const char *end = splitter->text.ptr + splitter->text.len;
    const char *begin = skip_between(splitter->text.ptr + splitter->at, end);
    struct scan scan = {.at = begin, .end = end};
    while (scan.at < end && !(*scan.at == ';' && !scan.brackets && !scan.blocks))
        pass_token(&scan);
    *statement = hg_slice_of(begin, (size_t)(scan.at - begin));
    if (scan.at < end && scan.copy && scan.stdin_seen)
        scan.at = skip_data(scan.at, end);
    splitter->at = (size_t)(scan.at - splitter->text.ptr);
    return begin < end;
}
