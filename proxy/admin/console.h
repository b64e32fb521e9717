/* The console: the database `headgate`, for administrators. What the process offers to it, and how it is
 * started and stopped; dialog.h is what the files of this folder know of each other. */
#ifndef HG_CONSOLE_H
#define HG_CONSOLE_H

#include "bytes.h"
#include "fault.h"
#include "worker.h"

struct hg_console;
struct console_rows;

/* The answer to a command that the main thread works on. It is somebody else's again once it was given. */
struct hg_console_answer {
    struct hg_arena *arena;
    struct hg_fault *fault;  /* when it is set, the command has failed with it */
    struct hg_bytes *report; /* lines for the administrator */
    struct hg_letter *letter;
    struct hg_loop *loop;
};
/* Gives the answer; the pointer is not good any more. */
void hg_console_answer(struct hg_console_answer *answer);

/* What one generation of the configuration was, for SHOW GENERATIONS. */
struct hg_console_generation {
    uint64_t number;
    uint64_t loaded_us; /* since 1970 */
    bool current, kept; /* ROLLBACK TO GENERATION can go back to it */
    size_t tenants, users, roles, tables;
};

/* What the process can do when the console asks. Called on the main thread; each command gives its answer at
 * once or later, on the main thread too. */
struct hg_console_host {
    void *process;
    void (*reload)(void *process, bool dry_run, struct hg_console_answer *answer);
    void (*roll_back)(void *process, uint64_t generation, struct hg_console_answer *answer);
    void (*pause)(void *process, struct hg_slice backend, bool paused, struct hg_console_answer *answer);
    void (*drain)(void *process, struct hg_console_answer *answer);
    /* The i-th generation that is known, from the latest; false when there are no more. */
    bool (*generation)(void *process, size_t i, struct hg_console_generation *generation);
};

/* Before the workers start: sets `shared`'s part. The workers may be started later, but before the first
 * administrator comes. `stack_bytes` is what rewriting needs. NULL when its threads cannot be made. */
HG_MUST_USE struct hg_console *hg_console_start(struct hg_shared *shared, struct hg_loop *main_loop,
                                                const struct hg_console_host *host, struct hg_worker *workers,
                                                uint32_t nworkers, size_t stack_bytes);
/* Nothing new is begun from now on, and what is under way ends soon. To be called, and the main loop to be
 * run, until it returns true; only then may workers be stopped. When the last thing has ended it stops the
 * main loop. */
HG_MUST_USE bool hg_console_stop(struct hg_console *console);
/* When the workers have been stopped. NULL is harmless. */
void hg_console_free(struct hg_console *console);

#endif
