/* The generations of the configuration that a process has had: the current one, loading the next one, and
 * going back. Whoever wants one (a signal, an administrator, a file that changed) asks here, and all go the
 * same way: loaded aside, checked in full, then taken up as a whole, or nothing changes. On the main thread.
 */
#ifndef HG_GENERATIONS_H
#define HG_GENERATIONS_H

#include "console.h"
#include "recent.h"
#include "reload.h"

struct hg_generations;

enum hg_wish { HG_WISH_RELOAD, HG_WISH_DRY_RUN, HG_WISH_ROLL_BACK };
struct hg_wished {
    enum hg_wish wish;
    const char *by; /* a literal: "signal", "files", "console" */
};

/* What the process does with a new one. */
struct hg_generations_events {
    void (*begins)(void *owner);
    /* `old` is retired and dropped afterwards. */
    void (*taken_up)(void *owner, struct hg_generation *old, struct hg_generation *current);
    /* Over; NULL: it could not begin. */
    void (*over)(void *owner, const struct hg_wished *what, const struct hg_reload_outcome *outcome);
    void (*closed)(void *owner); /* hg_generations_close() waited for this */
};

/* Takes over the first generation. `recent` is tried on new ones by a dry run. */
struct hg_generations *hg_generations_new(struct hg_loop *loop, const char *config_path,
                                          struct hg_generation *first, struct hg_recent *recent,
                                          const struct hg_generations_events *events, void *owner);

/* `answer`: NULL when nobody waits. HG_WISH_ROLL_BACK: to generation `number`. Those who ask for the same at
 * the same time are served by one load, which begins after they asked. */
void hg_generations_ask(struct hg_generations *generations, struct hg_wished what, uint64_t number,
                        struct hg_console_answer *answer);

/* The i-th that is known, from the latest; false when there are no more. */
bool hg_generations_list(const struct hg_generations *generations, size_t i,
                         struct hg_console_generation *out);

/* Nobody's wish is taken any more; those who wait are told. False while a load is under way: `closed` is
 * called when that is over. */
HG_MUST_USE bool hg_generations_close(struct hg_generations *generations);
void hg_generations_free(struct hg_generations *generations);

#endif
