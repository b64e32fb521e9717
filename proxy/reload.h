/* Loading the configuration: at the start, and again aside of what is live. */
#ifndef HG_RELOAD_H
#define HG_RELOAD_H

#include "diag.h"
#include "generation.h"
#include "loop.h"
#include "recent.h"

/* A generation from the files, checked in full. Diagnostics and a summary go to stderr or the log. NULL when
 * there was any error. Runs the load on a thread with the stack that it needs, and waits for it. */
struct hg_generation *hg_load_generation(const char *config_path, const struct hg_generation *previous);

/* What came of loading aside. */
struct hg_reload_outcome {
    struct hg_generation *generation; /* NULL when there was any error; the receiver's */
    struct hg_slice report;           /* every diagnostic, and what changes, a line each */
    size_t errors;
};

/* What is to be loaded, aside of what is live. */
struct hg_reload_plan {
    const char *config_path;
    struct hg_generation *previous; /* held meanwhile */
    const struct hg_snapshot
        *snapshot;            /* NULL: from the files; else this one is taken up again. Held meanwhile */
    struct hg_recent *recent; /* tried on what was loaded, for the report; NULL: nothing is */
};

/* done(argument, outcome) is called on the loop. One at a time. The report says what would change. False when
 * no thread can be made. */
HG_MUST_USE bool hg_reload_start(struct hg_loop *loop, const struct hg_reload_plan *plan,
                                 void (*done)(void *argument, const struct hg_reload_outcome *outcome),
                                 void *argument);

#endif
