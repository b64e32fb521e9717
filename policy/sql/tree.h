/* SQL text to libpg_query's typed tree, taken before the library packs it.
 *
 * tree.c is the only file that calls libpg_query. The typed structs (pg_query/pg_query.pb-c.h) are built by
 * the library in one of its memory contexts, which belongs to the thread that opened it, and live until
 * hg_tree_close(). Link-time wraps of the pack functions hand the tree over; hg_tree_self_test() proves at
 * start that they do.
 *
 * The library keeps no limits of its own: text length, nesting and the memory that one parse may take are
 * bounded here, and a parse must run on a thread with a stack of at least hg_tree_stack_bytes(). */
#ifndef HG_TREE_H
#define HG_TREE_H

#include <pg_query.h>
#include <pg_query/pg_query.pb-c.h>

#include "fault.h"

struct hg_tree_limits {
    size_t max_bytes;   /* of text; beyond: 54000 */
    size_t max_nesting; /* of brackets, CASE, comments, and of the tree; beyond: 54001 */
    size_t max_memory;  /* bytes that the library may allocate for one parse; beyond: 54001; 0 = 64 MiB */
};

struct hg_tree {
    PgQuery__ParseResult *result; /* NULL when closed or failed. May be edited in place */
    void *context;                /* the library's memory context; opaque */
};

/* Stack that a thread needs to parse and walk text of at most max_bytes. */
size_t hg_tree_stack_bytes(size_t max_bytes);

/* Runs `run(argument)` on a fresh thread with the given stack and waits for it: for programs' main threads
 * and for tests. Returns false when the thread cannot be made. */
HG_MUST_USE bool hg_tree_run_with_stack(size_t stack_bytes, void (*run)(void *), void *argument);

/* Checks, once per process, that the capture hook works: a known statement is captured exactly once and has
 * the right tree. False and a message otherwise; a process for which it fails must not go on. */
HG_MUST_USE bool hg_tree_self_test(const char **why);

/* Parses all statements of the text. On failure sets the fault (22021 for a NUL or invalid UTF-8, 54000,
 * 54001, 42601 as PostgreSQL words it, position in characters) in `arena` and returns false; the tree is then
 * closed. Trees nest like a stack: close in the reverse order of opening. */
HG_MUST_USE bool hg_tree_open(struct hg_tree *tree, struct hg_slice text, const struct hg_tree_limits *limits,
                              struct hg_arena *arena, struct hg_fault *fault);
void hg_tree_close(struct hg_tree *tree); /* harmless on a closed tree */

#endif
