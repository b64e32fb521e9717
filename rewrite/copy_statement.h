/* COPY between its parts: the options as they were given, and the table that COPY … FROM fills. */
#ifndef HG_COPY_STATEMENT_H
#define HG_COPY_STATEMENT_H

#include "resolve.h"
#include "statement.h"

/* A value that was not given has ptr or node NULL. */
struct hg_copy_options {
    bool csv, binary, header, match;
    struct hg_slice delimiter, quote, escape, null;
    PgQuery__DefElem *force_quote, *force_not_null, *force_null; /* lists of columns, or a star */
};

/* copy_options.c: reads the options and makes them canonical in the node: each at most once, under its own
 * name, with a string, a list of strings or a star as its value; those that say what is true anyway are gone.
 */
HG_MUST_USE bool hg_copy_options_read(struct hg_statement *statement, PgQuery__CopyStmt *copy,
                                      struct hg_copy_options *options);

/* copy_from.c: the statement as it is sent, after hg_resolve(). */
void hg_restrict_copy_from(const struct hg_write *write, const struct hg_context *context,
                           struct hg_arena *arena);

#endif
