/* Loading the configuration: at the start, and again aside of what is live. */
#ifndef HG_RELOAD_H
#define HG_RELOAD_H

#include "diag.h"
#include "generation.h"
#include "loop.h"

/* A generation from the files, checked in full. Diagnostics and a summary go to stderr or the log. NULL when
 * there was any error. Runs the load on a thread with the stack that it needs, and waits for it. */
struct hg_generation *hg_load_generation(const char *config_path, const struct hg_generation *previous);

/* The same without waiting: done(argument, generation or NULL) is called on the loop. One at a time.
 * `previous` is held meanwhile. False when no thread can be made. */
HG_MUST_USE bool hg_reload_start(struct hg_loop *loop, const char *config_path,
                                 struct hg_generation *previous,
                                 void (*done)(void *argument, struct hg_generation *generation),
                                 void *argument);

#endif
