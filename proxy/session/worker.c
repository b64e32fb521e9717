/* Workers. A worker's thread has the stack that the parser needs for the longest statement, most of it
 * address space only.
 *
 * What others ask of it comes as letters, opened on its own loop between the events of its sessions; each
 * letter owns what it carries until then. */
#include "worker.h"

#include <stdlib.h>
#include <unistd.h>

#include "aside.h"
#include "cancel.h"
#include "log.h"
#include "session.h"
#include "thread.h"

#define MAX_UNKNOWN_CLIENTS                                                                                  \
    1000u /* connections beyond max_clients, for those who log in, cancel, or are turned away */

struct task {
    struct hg_letter letter;
    struct hg_worker *worker;
    int fd;
    bool relieved;                    /* accept */
    int32_t pid;                      /* cancel */
    struct hg_generation *generation; /* renew */
};

static void post(struct hg_worker *worker, void (*open)(struct hg_letter *letter), const struct task *what)
{
    struct task *task = hg_malloc(sizeof *task);

    *task = *what;
    task->letter = (struct hg_letter){.open = open};
    task->worker = worker;
    hg_loop_post(worker->loop, &task->letter);
}

/* ---- the thread ---- */

static void attend(struct hg_worker *worker)
{
    for (size_t i = 0; i < worker->generation->npools; i++)
        hg_pool_attend(worker->pools, worker->generation->pools[i]);
}

static void *work(void *argument)
{
    struct hg_worker *worker = argument;

    attend(worker);
    hg_loop_run(worker->loop);
    return NULL;
}

static void free_all(struct hg_worker *worker)
{
    hg_aside_stop(worker->aside);
    while (worker->nspare_arenas) {
        struct hg_arena *arena = worker->spare_arenas[--worker->nspare_arenas];
        hg_arena_free(arena);
        free(arena);
    }
    hg_parting_end_all(worker);
    hg_pools_free(worker->pools);
    hg_rewriter_free(worker->rewriter);
    worker->rewriter = NULL;
    hg_canonical_free(&worker->canonical);
    hg_types_keep(&worker->types, NULL, 0);
    hg_generation_drop(worker->generation);
    hg_loop_free(worker->loop);
    hg_metrics_free(worker->metrics);
}

bool hg_worker_start(struct hg_worker *worker, struct hg_generation *generation)
{
    worker->loop = hg_loop_new();
    worker->rewriter = hg_rewriter_new(hg_generation_config(generation)->rewrite_cache_bytes);
    worker->pools = hg_pools_new(worker->loop);
    worker->metrics = hg_metrics_new(hg_generation_config(generation)->metrics_tenants);
    worker->generation = hg_generation_hold(generation);
    hg_canonical_init(&worker->canonical);
    worker->aside = hg_aside_start(worker);
    bool made = worker->aside && hg_thread_start(&worker->thread, worker->stack_bytes, work, worker) == 0;
    if (!made)
        free_all(worker);
    return made;
}

static void open_stop(struct hg_letter *letter)
{
    struct task *task = (struct task *)letter;

    hg_loop_stop(task->worker->loop);
    free(task);
}

/* Those that are left, administrators above all, are told. */
void hg_worker_stop(struct hg_worker *worker)
{
    hg_worker_end_all(worker);
    post(worker, open_stop, &(struct task){0});
    pthread_join(worker->thread, NULL);
    free_all(worker);
}

/* ---- clients ---- */

static void open_accept(struct hg_letter *letter)
{
    struct task *task = (struct task *)letter;
    struct hg_worker *worker = task->worker;

    if (worker->draining) {
        close(task->fd);
        atomic_fetch_sub(&worker->shared->connections, 1);
    } else {
        hg_session_new(worker, task->fd);
    }
    free(task);
}

void hg_worker_accept(struct hg_worker *worker, int fd)
{
    unsigned most = atomic_load(&worker->shared->max_clients) + MAX_UNKNOWN_CLIENTS;

    if (atomic_fetch_add(&worker->shared->connections, 1) >= most) {
        atomic_fetch_sub(&worker->shared->connections, 1);
        close(fd);
        return;
    }
    post(worker, open_accept, &(struct task){.fd = fd});
}

void hg_worker_add(struct hg_worker *worker, struct hg_session *session)
{
    session->next = worker->sessions;
    if (session->next)
        session->next->previous = session;
    worker->sessions = session;
    worker->nsessions++;
}

static void report_drained(struct hg_letter *letter)
{
    struct hg_worker *worker =
        (struct hg_worker *)((char *)letter - offsetof(struct hg_worker, drained_letter));

    worker->drained(worker->drained_argument);
}

static void check_drained(struct hg_worker *worker)
{
    if (!worker->draining || worker->nsessions > worker->nconsoles || worker->drained_letter.open)
        return;
    worker->drained_letter.open = report_drained;
    hg_loop_post(worker->main_loop, &worker->drained_letter);
}

void hg_worker_remove(struct hg_worker *worker, struct hg_session *session)
{
    if (session->previous)
        session->previous->next = session->next;
    else
        worker->sessions = session->next;
    if (session->next)
        session->next->previous = session->previous;
    worker->nsessions--;
    atomic_fetch_sub(&worker->shared->connections, 1);
    check_drained(worker);
}

static void open_cancel(struct hg_letter *letter)
{
    struct task *task = (struct task *)letter;
    struct hg_session *session = hg_cancel_keys_session(task->worker->shared->keys, task->pid, task->worker);

    if (session) {
        hg_count(&task->worker->metrics->counters[HG_M_CANCELS], 1);
        hg_session_cancel(session);
    }
    free(task);
}

void hg_worker_cancel(struct hg_worker *worker, int32_t pid)
{
    post(worker, open_cancel, &(struct task){.pid = pid});
}

static void open_terminate(struct hg_letter *letter)
{
    struct task *task = (struct task *)letter;
    struct hg_session *session = hg_cancel_keys_session(task->worker->shared->keys, task->pid, task->worker);

    if (session)
        hg_session_fatal_text(session, HG_ADMIN_SHUTDOWN,
                              "terminating connection due to administrator command");
    free(task);
}

void hg_worker_terminate(struct hg_worker *worker, int32_t pid)
{
    post(worker, open_terminate, &(struct task){.pid = pid});
}

/* ---- reload, drain ---- */

static void open_renew(struct hg_letter *letter)
{
    struct task *task = (struct task *)letter;
    struct hg_worker *worker = task->worker;
    struct hg_session *next;

    hg_generation_drop(worker->generation);
    worker->generation = task->generation;
    worker->server_version[0] = '\0';
    attend(worker);
    hg_types_keep(&worker->types, (const void *const *)worker->generation->pools, worker->generation->npools);
    free(task);
    for (struct hg_session *session = worker->sessions; session; session = next) {
        next = session->next; /* sessions are freed at the end of the turn, not here */
        if (session->phase == HG_PHASE_CONSOLE)
            worker->shared->console_ops->renew(session);
        else
            hg_session_reloaded(session);
    }
}

void hg_worker_renew(struct hg_worker *worker, struct hg_generation *generation)
{
    post(worker, open_renew, &(struct task){.generation = hg_generation_hold(generation)});
}

static void open_drain(struct hg_letter *letter)
{
    struct task *task = (struct task *)letter;
    struct hg_worker *worker = task->worker;

    worker->draining = true;
    worker->relieved = task->relieved;
    free(task);
    for (struct hg_session *session = worker->sessions; session; session = session->next)
        hg_session_end_soon(session);
    check_drained(worker);
}

void hg_worker_drain(struct hg_worker *worker, bool relieved)
{
    post(worker, open_drain, &(struct task){.relieved = relieved});
}

static void open_end_all(struct hg_letter *letter)
{
    struct task *task = (struct task *)letter;

    for (struct hg_session *session = task->worker->sessions; session; session = session->next) {
        hg_session_fatal_text(session, HG_ADMIN_SHUTDOWN,
                              "terminating connection due to administrator command");
        hg_session_die(session);
    }
    free(task);
}

void hg_worker_end_all(struct hg_worker *worker)
{
    post(worker, open_end_all, &(struct task){0});
}

/* ---- seeing ---- */

static void set(struct hg_worker *worker, enum hg_reading which, uint64_t value)
{
    atomic_store_explicit(&worker->metrics->readings[which], value, memory_order_relaxed);
}

void hg_worker_read(struct hg_worker *worker)
{
    if (!worker->rewriter) /* it ends: letters that nobody has opened are opened last */
        return;
    struct hg_rewriter_stats own = hg_rewriter_stats(worker->rewriter), aside = hg_aside_stats(worker->aside);
    uint64_t failures = own.verify_failures + aside.verify_failures;
    uint64_t before =
        atomic_load_explicit(&worker->metrics->readings[HG_M_VERIFY_FAILURES], memory_order_relaxed);

    if (failures > before)
        hg_log(HG_LOG_ERROR,
               "ALARM: %llu rewritten statements could not be proved and were refused: this is a defect of "
               "Headgate; please report it",
               (unsigned long long)(failures - before));
    set(worker, HG_M_CACHE_HITS, own.hits + aside.hits);
    set(worker, HG_M_CACHE_MISSES, own.misses + aside.misses);
    set(worker, HG_M_CACHE_EVICTIONS, own.evictions + aside.evictions);
    set(worker, HG_M_CACHE_BYTES, own.cached_bytes + aside.cached_bytes);
    set(worker, HG_M_CACHE_TEXTS, own.cached_texts + aside.cached_texts);
    set(worker, HG_M_VERIFY_FAILURES, failures);
    set(worker, HG_M_SESSIONS, worker->nsessions);
}

/* ---- arenas ---- */

struct hg_arena *hg_worker_take_arena(struct hg_worker *worker)
{
    if (worker->nspare_arenas)
        return worker->spare_arenas[--worker->nspare_arenas];
    struct hg_arena *arena = hg_malloc(sizeof *arena);
    hg_arena_init(arena, 0);
    return arena;
}

void hg_worker_give_arena(struct hg_worker *worker, struct hg_arena *arena)
{
    if (worker->nspare_arenas == HG_SPARE_ARENAS) {
        hg_arena_free(arena);
        free(arena);
        return;
    }
    hg_arena_reset(arena);
    worker->spare_arenas[worker->nspare_arenas++] = arena;
}
