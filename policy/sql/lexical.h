/* What must hold for SQL text before the parser may see it: checks that the parser does not make, or makes
 * too late. */
#ifndef HG_LEXICAL_H
#define HG_LEXICAL_H

#include "fault.h"

/* Valid UTF-8 without a NUL (else 22021), brackets, CASE and comments nested at most max_nesting deep (else
 * 54001), no run of operators or comments that the lexer would read again and again (else 54001), and no
 * parameter above $65535 (else 42P02). On failure false, and the fault is set in the arena. */
HG_MUST_USE bool hg_lexical_check(struct hg_slice text, size_t max_nesting, struct hg_arena *arena,
                                  struct hg_fault *fault);

/* What PostgreSQL's lexer says of names that it cuts, for they are longer than HG_NAME_MOST bytes: of those that
 * begin before the byte `end`. Texts in the arena. Names in U&"…" are passed over. */
#define HG_NAME_MOST 63
size_t hg_lexical_truncated(struct hg_slice text, size_t end, struct hg_arena *arena, struct hg_slice **said);

/* Valid UTF-8? If not (22021) false, and the fault is set. */
HG_MUST_USE bool hg_lexical_encoding(struct hg_slice text, struct hg_arena *arena, struct hg_fault *fault);

/* Offset of the first byte that starts no whole character of UTF-8, or is NUL; else the length. */
size_t hg_lexical_valid(struct hg_slice text);

#endif
