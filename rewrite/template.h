/* Printed text with holes: what differs between the users of one role (tenant's value, user's name, process
 * id, the time of the transaction, the ends of his connection, attributes that `rows:` speaks of) is cut out
 * of it, so that a text that is kept holds nothing of anyone, and is filled in for each caller. So are the
 * free literals of the client's text (outline.h). */
#ifndef HG_TEMPLATE_H
#define HG_TEMPLATE_H

#include "outline.h"
#include "print.h"
#include "rewrite.h"

struct hg_template_hole {
    uint32_t at;      /* byte offset in the text without the holes' contents */
    uint32_t filling; /* which of the caller's literals: an enum hg_hole_kind, attribute n: HG_HOLE_ATTRIBUTE
                         + n; behind all attributes the literals of the outline */
};

struct hg_template {
    struct hg_slice text;
    struct hg_template_hole *holes;
    size_t nholes;
    struct hg_print_mark *marks; /* `output` counts in the text without the holes' contents, `source` in the
                                    skeleton of the client's */
    size_t nmarks;
};

/* For hg_verdict_position(): the template's marks and holes, and how long each filling is. */
struct hg_position_map {
    const struct hg_print_mark *marks;
    size_t nmarks;
    const struct hg_template_hole *holes;
    size_t nholes;
    const size_t *filled; /* by hg_template_hole.filling */
    const struct hg_outline *outline;
};

/* Is this constant a hole? For hg_print(); the argument is the struct hg_outline of the text. */
bool hg_template_is_hole(const PgQuery__AConst *constant, void *argument);

/* Cuts the holes out. The marks of `printed` are changed in place. */
void hg_template_make(const struct hg_printed *printed, const struct hg_context *context,
                      const struct hg_outline *outline, struct hg_arena *arena, struct hg_template *out);

/* Those free literals of the outline, by bit, that are holes. */
uint32_t hg_template_literals(const struct hg_template *made, const struct hg_context *context);

/* The text for this caller, with the literals of his text, and its position map, to which the outline belongs
 * from now on. False when a value has no literal in the dialect. */
HG_MUST_USE bool hg_template_fill(const struct hg_template *made, const struct hg_context *context,
                                  const struct hg_outline *outline, enum hg_dialect dialect,
                                  struct hg_arena *arena, struct hg_slice *sql,
                                  const struct hg_position_map **positions);

/* Do both give the same texts? */
bool hg_template_equal(const struct hg_template *a, const struct hg_template *b);

/* A copy in another arena. */
struct hg_template hg_template_copy(const struct hg_template *made, struct hg_arena *arena);

#endif
