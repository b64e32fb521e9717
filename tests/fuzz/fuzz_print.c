/* Any text that parses and prints must parse again to the same tree, in both dialects. */
#include <stdio.h>
#include <stdlib.h>

#include "print.h"
#include "reflect.h"
#include "tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct hg_tree_limits limits = {.max_bytes = 4096, .max_nesting = 100};
/* Each level of the tree may become one of brackets. */
static const struct hg_tree_limits printed_limits = {.max_bytes = 1 << 20, .max_nesting = 2000};

static void check(PgQuery__Node *statement, enum hg_dialect dialect, struct hg_arena *arena)
{
    struct hg_printed printed;
    struct hg_fault fault = {0};
    struct hg_tree again;
    struct hg_slice why = {0};
    if (!hg_print(statement, dialect, NULL, NULL, arena, &printed, &fault))
        return;
    bool same = hg_tree_open(&again, printed.sql, &printed_limits, arena, &fault) &&
                again.result->n_stmts == 1 &&
                hg_tree_equal(&statement->base, &again.result->stmts[0]->stmt->base, arena, &why);
    if (!same) {
        fprintf(stderr, "printed: %.*s\n%.*s%.*s\n", HG_SLICE_FMT(printed.sql), HG_SLICE_FMT(fault.message),
                HG_SLICE_FMT(why));
        abort();
    }
    hg_tree_close(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hg_arena arena;
    struct hg_tree tree;
    struct hg_fault fault = {0};
    hg_arena_init(&arena, 0);
    if (hg_tree_open(&tree, hg_slice_of((const char *)data, size), &limits, &arena, &fault)) {
        for (size_t i = 0; i < tree.result->n_stmts; i++) {
            check(tree.result->stmts[i]->stmt, HG_DIALECT_POSTGRESQL, &arena);
            check(tree.result->stmts[i]->stmt, HG_DIALECT_REDSHIFT, &arena);
        }
        hg_tree_close(&tree);
    }
    hg_arena_free(&arena);
    return 0;
}
