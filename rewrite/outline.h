/* A text without its numbers and dates.
 *
 * Programs and dashboards send one text again and again with other values in it: `… WHERE id = 17`, `… AND day
 * >= '2026-11-01'`. Where the values are such that nothing but the database looks at them, they are holes of
 * the template like the tenant's literal, and what was proved for one text is what all others get that differ
 * in them alone.
 *
 * Why that is sound, in three steps:
 *
 *   1. The outline of a text is the text with some literals cut out: whole numbers that stand alone, and what
 *      stands in quotes and consists of digits and the signs of dates and times. Texts with one outline
 *      differ in such characters only, at places where the lexer goes the same way for all of them.
 *   2. A literal is free when it is, in the tree that was proved, a constant at just that place with just that
 *      value, and is compared with a column by one of six operators, IN or BETWEEN, in a WHERE or ON.
 *      Numbers of an outline are canonical and fit into an integer; so the tree of the other text is this one
 *      but for that value. No step of the pipeline reads the values of constants there: names, types, routes
 *      and conditions do not depend on them, and no word like 'today' can be made of those characters.
 *      Literals anywhere else (in strings and comments, of columns, of LIMIT, of types) are part of what a
 *      text is known by.
 *   3. It is believed of a text only after another one with other values has gone the whole way, and its
 *      proof, and became the same template (cache.c). */
#ifndef HG_OUTLINE_H
#define HG_OUTLINE_H

#include <pg_query/pg_query.pb-c.h>

#include "arena.h"

#define HG_MOST_LITERALS 32u /* of a text; what follows is part of its outline */

struct hg_outline {
    struct hg_slice text;
    struct hg_slice skeleton;                   /* the text with one byte for each literal */
    struct hg_slice literals[HG_MOST_LITERALS]; /* in the text, with their quotes */
    size_t count;
    uint32_t free; /* bit i: literal i is */
};

/* Of a text that lives as long as the outline. */
void hg_outline_make(struct hg_outline *outline, struct hg_slice text, struct hg_arena *arena);

/* Finds the free ones: `query` is the parsed text's. */
void hg_outline_find_free(struct hg_outline *outline, PgQuery__Node *query);

/* The free literal that this constant is; -1: it is none. */
int hg_outline_literal_of(const struct hg_outline *outline, const PgQuery__AConst *constant);

/* From an offset in the text to that in the skeleton, and back. */
size_t hg_outline_to_skeleton(const struct hg_outline *outline, size_t at);
size_t hg_outline_to_text(const struct hg_outline *outline, size_t at);

#endif
