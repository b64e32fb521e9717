/* The console of administrators: the database `headgate`.
 *
 *   session (login.c) -> dialog: one administrator's side of the protocol, on the session's worker
 *                          |  each statement becomes a plan (plan.c), by the table of console_commands.h
 *                          v
 *                        job (job.c): a letter that goes to the main thread, the workers, and a thread of the
 *                          |          console, where SQLite answers queries (query.c) over rows that were
 *                          v          written down for it (tables*.c)
 *                        rows for the client
 *
 * The session floor knows it by the ops table below only. An administrator is no tenant: a dialog has no
 * user, no tenant, no server connection, and needs none, so that it works when no backend does. Nothing that
 * is asked here blocks a worker, or is executed by any database behind. */
#include "console.h"

#include <stdlib.h>

#include "dialog.h"
#include "seen.h"

static void statement_ended(void *argument, struct hg_session *session, const struct hg_record *record,
                            const struct hg_ending *ending)
{
    const struct hg_console *console = argument;

    (void)ending;
    seen_statement(console->seen[session->worker->number], session, record);
}

/* Before the workers start. */
static void watch_statements(struct hg_console *console)
{
    struct hg_observers *observers = &console->shared->observers;

    console->seen = hg_calloc(console->nworkers, sizeof *console->seen);
    for (uint32_t i = 0; i < console->nworkers; i++)
        console->seen[i] = seen_new();
    if (observers->nwatchers < HG_MAX_WATCHERS)
        observers->watchers[observers->nwatchers++] =
            (struct hg_watcher){.argument = console, .end = statement_ended};
}

struct hg_console *hg_console_start(struct hg_shared *shared, struct hg_loop *main_loop,
                                    const struct hg_console_host *host, struct hg_worker *workers,
                                    uint32_t nworkers, size_t stack_bytes)
{
    struct hg_console *console = hg_calloc(1, sizeof *console);

    console->shared = shared;
    console->main_loop = main_loop;
    console->host = *host;
    console->workers = workers;
    console->nworkers = nworkers;
    console->started_us = time_now_us();
    query_setup();
    watch_statements(console);
    for (size_t i = 0; i < CONSOLE_THREADS; i++) {
        console->threads[i] = console_thread_start(stack_bytes);
        if (!console->threads[i]) {
            hg_console_free(console);
            return NULL;
        }
    }
    shared->console = console;
    shared->console_ops = &dialog_ops;
    return console;
}

bool hg_console_stop(struct hg_console *console)
{
    atomic_store(&console->stopping, true);
    return atomic_load(&console->jobs) == 0;
}

void hg_console_free(struct hg_console *console)
{
    if (!console)
        return;
    for (size_t i = 0; i < CONSOLE_THREADS; i++)
        console_thread_stop(console->threads[i]);
    for (uint32_t i = 0; console->seen && i < console->nworkers; i++)
        seen_free(console->seen[i]);
    free(console->seen);
    free(console);
}
