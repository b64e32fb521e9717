/* Diagnostics about files: `file:line:col: error: message (hint: …)`. They are collected, so that one run
 * reports all. */
#ifndef HG_DIAG_H
#define HG_DIAG_H

#include <stdio.h>

#include "arena.h"

enum hg_severity { HG_NOTE, HG_WARNING, HG_ERROR };

struct hg_place {
    const char *file; /* NULL = no file; hg_diag_add keeps a copy */
    uint32_t line;    /* from 1; 0 = unknown */
    uint32_t column;  /* from 1; 0 = unknown */
};

struct hg_diag {
    enum hg_severity severity;
    struct hg_place place;
    struct hg_slice message;
    struct hg_slice hint; /* may be empty */
};

struct hg_diags {
    struct hg_arena arena;
    struct hg_diag *list;
    size_t count; /* of list */
    size_t room;
    size_t dropped; /* found but not kept */
    size_t errors;  /* how many of severity HG_ERROR, kept or not */
};

void hg_diags_init(struct hg_diags *diags);
void hg_diags_free(struct hg_diags *diags);
/* hint: NULL or a finished text. After 1,000 diagnostics further ones are counted, not kept. */
void hg_diag_add(struct hg_diags *diags, enum hg_severity severity, struct hg_place place, const char *hint,
                 const char *format, ...) HG_PRINTF(5, 6);
/* Each in the order of file, line and column. */
void hg_diags_each(const struct hg_diags *diags, void (*tell)(void *argument, const struct hg_diag *diag),
                   void *argument);
/* Prints all in that order. */
void hg_diags_print(struct hg_diags *diags, FILE *out);

/* The candidate nearest to `name` by edit distance, for "did you mean"; NULL when none is near. */
const char *hg_nearest(struct hg_slice name, const char *const *candidates, size_t count);

#endif
