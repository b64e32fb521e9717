/* Printed text with holes: what differs between the users of one role (tenant's value, user's name, process
 * id, the time of the transaction, the ends of his connection, attributes that `rows:` speaks of) is cut out of it, so that a text that
 * is kept holds nothing of anyone, and is filled in for each caller. */
#ifndef HG_TEMPLATE_H
#define HG_TEMPLATE_H

#include "print.h"
#include "rewrite.h"

struct hg_template_hole {
    uint32_t at; /* byte offset in the text without the holes' contents */
    uint32_t
        filling; /* which of the caller's literals: an enum hg_hole_kind, attribute n: HG_HOLE_ATTRIBUTE + n
                  */
};

struct hg_template {
    struct hg_slice text;
    struct hg_template_hole *holes;
    size_t nholes;
    struct hg_print_mark *marks; /* `output` counts in the text without the holes' contents */
    size_t nmarks;
};

/* For hg_verdict_position(): the template's marks and holes, and how long each filling is. */
struct hg_position_map {
    const struct hg_print_mark *marks;
    size_t nmarks;
    const struct hg_template_hole *holes;
    size_t nholes;
    const size_t *filled; /* by hg_template_hole.filling */
};

/* Is this constant a hole? For hg_print(). */
bool hg_template_is_hole(const PgQuery__AConst *constant, void *argument);

/* Cuts the holes out. The marks of `printed` are changed in place. */
void hg_template_make(const struct hg_printed *printed, struct hg_arena *arena, struct hg_template *out);

/* The text for this caller, and its position map. False when a value has no literal in the dialect. */
HG_MUST_USE bool hg_template_fill(const struct hg_template *made, const struct hg_context *context,
                                  enum hg_dialect dialect, struct hg_arena *arena, struct hg_slice *sql,
                                  const struct hg_position_map **positions);

/* A copy in another arena. */
struct hg_template hg_template_copy(const struct hg_template *made, struct hg_arena *arena);

#endif
