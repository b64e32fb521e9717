/* What is said to the console, cut into statements and words. */
#ifndef HG_CONSOLE_WORDS_H
#define HG_CONSOLE_WORDS_H

#include "arena.h"

enum word_kind {
    WORD_END,
    WORD_NAME,   /* select, headgate, "a name" */
    WORD_STRING, /* 'text', E'text', $$text$$ */
    WORD_NUMBER,
    WORD_PARAMETER, /* $1 */
    WORD_SYMBOL,    /* one character */
    WORD_BAD,       /* a quote that is not closed, up to the end */
};

struct word {
    enum word_kind kind;
    struct hg_slice text; /* a name or string without its quotes; else as written */
    bool quoted;
};

/* The next word of the text, which then begins behind it. Quoted ones are made in the arena; NULL: they are
 * left as they are written. */
struct word word_next(struct hg_slice *text, struct hg_arena *arena);

/* Bytes up to the semicolon that ends the first statement, or of all. */
size_t statement_length(struct hg_slice text);

bool word_is(const struct word *word, const char *name); /* a name without quotes, in any case */
bool slice_is_word(struct hg_slice text, const char *name);

#endif
