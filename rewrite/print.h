/* A typed tree to SQL text in one backend's dialect.
 *
 * Conservative by design: every identifier that is not a plain lower-case non-reserved word is quoted, every
 * operand that is not atomic is put in brackets, and a node, a field or an enum value that the printer does
 * not know is a fault, never a guess. It is the second allow-list of the pipeline: what cannot be printed
 * cannot be sent. */
#ifndef HG_PRINT_H
#define HG_PRINT_H

#include <pg_query/pg_query.pb-c.h>

#include "bytes.h"
#include "config.h"
#include "fault.h"

/* The `location` of nodes that stem from nowhere in the client's text; any negative number says the same. */
#define HG_NO_SOURCE (-1)

/* A string constant that is to be a hole of the template is printed like any other; its place is recorded. */
struct hg_print_hole {
    const void *node; /* the PgQuery__AConst whose literal this is */
    size_t at, len;   /* bytes of the whole literal, quotes included */
};

struct hg_print_mark {
    uint32_t output; /* byte offset in the printed text */
    uint32_t source; /* byte offset in the client's text */
};

struct hg_printed {
    struct hg_slice sql;
    struct hg_print_mark *marks; /* ascending by output */
    size_t nmarks;
    struct hg_print_hole *holes; /* same order as the text */
    size_t nholes;
};

/* Prints one statement (the `stmt` of a RawStmt). `is_hole` tells for an A_Const whether to record it (NULL:
 * none). A mark stands where PostgreSQL will say that the node is: at the operator of an operator expression,
 * at the first byte of a name or a call. Nodes whose location is HG_NO_SOURCE give no mark. On a fault, which
 * has no position, the last mark of `printed` tells where in the client's text the printer stopped. */
HG_MUST_USE bool hg_print(const PgQuery__Node *statement, enum hg_dialect dialect,
                          bool (*is_hole)(const PgQuery__AConst *constant, void *argument), void *argument,
                          struct hg_arena *arena, struct hg_printed *printed, struct hg_fault *fault);

/* `name`, quoted if it must be (in PostgreSQL's dialect; a quoted name reads alike in both). */
void hg_print_identifier(struct hg_bytes *out, struct hg_slice name);
/* A string literal that both dialects read alike; false when there is none (a NUL; in Redshift's, a
 * backslash). */
HG_MUST_USE bool hg_print_literal(struct hg_bytes *out, struct hg_slice value, enum hg_dialect dialect);

#endif
