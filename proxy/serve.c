/* The process: the main thread with its signals, listeners and reloads, and the workers.
 *
 *                 SIGTERM, SIGINT            drained, drain_timeout_ms, or a second signal
 *    RUNNING ------------------------> DRAINING ------------------------------------------> (exit)
 *     |    ^
 *     +----+  SIGHUP: reload
 *
 * A signal's handler only writes its number into a socket pair; everything else happens on the main loop.
 * Accepted sockets go to the workers in turn. While draining nobody is accepted any more, idle clients are
 * told and closed, and transactions may end. */
#include "serve.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cancel.h"
#include "conn.h"
#include "log.h"
#include "reload.h"
#include "tree.h"
#include "worker.h"

#define STACK_MARGIN  ((size_t)1 << 20) /* for what calls the parser */
#define STACK_ROUND   ((size_t)1 << 16)
#define LAST_WORDS_MS 2000u /* after clients were told to go at once */

struct process {
    const char *config_path;
    struct hg_loop *loop;
    struct hg_generation *generation;
    struct hg_shared shared;
    struct hg_worker *workers;
    uint32_t nworkers, started, drained, next;
    struct hg_listener **listeners;
    size_t nlisteners;
    struct hg_conn *signals;
    struct hg_timer drain_timer;
    bool draining, ending, stopping, reloading, reload_again;
};

/* The writing end of the socket pair; the handler can reach nothing else. */
static volatile sig_atomic_t signal_fd = -1;

/* ---- signals ---- */

static void on_signal(int number)
{
    int saved = errno;
    uint8_t byte = (uint8_t)number;

    (void)!send(signal_fd, &byte, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    errno = saved;
}

static void begin_reload(struct process *process);
static void begin_drain(struct process *process);
static void end_all(struct process *process);

static void signals_readable(void *owner)
{
    struct process *process = owner;
    uint8_t numbers[16];
    size_t got;

    if (hg_conn_read(process->signals, numbers, sizeof numbers, &got) != HG_IO_OK)
        return;
    for (size_t i = 0; i < got; i++) {
        if (numbers[i] == SIGHUP)
            begin_reload(process);
        else if (process->draining)
            end_all(process);
        else
            begin_drain(process);
    }
}

static bool watch_signals(struct process *process)
{
    static const struct hg_conn_events events = {signals_readable, signals_readable};
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) != 0)
        return false;
    signal_fd = pair[1];
    process->signals = hg_conn_new(process->loop, pair[0], &events, process);
    hg_conn_want(process->signals, true, false);
    sigfillset(&action.sa_mask);
    return sigaction(SIGTERM, &action, NULL) == 0 && sigaction(SIGINT, &action, NULL) == 0 &&
           sigaction(SIGHUP, &action, NULL) == 0;
}

static void unwatch_signals(struct process *process)
{
    int fd = signal_fd;

    signal(SIGTERM, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    signal(SIGHUP, SIG_IGN);
    signal_fd = -1;
    if (process->signals)
        hg_conn_free(process->signals);
    if (fd >= 0)
        close(fd);
}

/* ---- reload ---- */

static void reloaded(void *argument, struct hg_generation *generation)
{
    struct process *process = argument;

    process->reloading = false;
    if (process->stopping) {
        hg_generation_drop(generation);
        hg_loop_stop(process->loop);
        return;
    }
    if (!generation) {
        hg_log(HG_LOG_ERROR, "reload of %s failed; the configuration of before stays", process->config_path);
    } else {
        struct hg_generation *old = process->generation;
        process->generation = generation;
        atomic_store(&process->shared.max_clients, hg_generation_config(generation)->max_clients);
        for (uint32_t i = 0; i < process->started; i++)
            hg_worker_renew(&process->workers[i], generation);
        hg_generation_retire(old, generation);
        hg_generation_drop(old);
        hg_log(HG_LOG_INFO, "reloaded %s", process->config_path);
    }
    if (process->reload_again && !process->draining)
        begin_reload(process);
}

static void begin_reload(struct process *process)
{
    process->reload_again = process->reloading;
    if (process->reloading || process->draining)
        return;
    process->reloading =
        hg_reload_start(process->loop, process->config_path, process->generation, reloaded, process);
    if (!process->reloading)
        hg_log(HG_LOG_ERROR, "reload: cannot make a thread");
}

/* ---- drain ---- */

static void stop_listening(struct process *process)
{
    for (size_t i = 0; i < process->nlisteners; i++)
        hg_listener_free(process->listeners[i]);
    process->nlisteners = 0;
}

static void worker_drained(void *argument)
{
    struct process *process = argument;

    if (++process->drained == process->started)
        hg_loop_stop(process->loop);
}

static void begin_drain(struct process *process)
{
    process->draining = true;
    hg_log(HG_LOG_INFO, "ending: waiting for open transactions");
    stop_listening(process);
    for (uint32_t i = 0; i < process->started; i++)
        hg_worker_drain(&process->workers[i]);
    hg_timer_start(&process->drain_timer, hg_generation_config(process->generation)->drain_timeout_ms);
}

static void end_all(struct process *process)
{
    if (process->ending) {
        hg_loop_stop(process->loop);
        return;
    }
    process->ending = true;
    for (uint32_t i = 0; i < process->started; i++)
        hg_worker_end_all(&process->workers[i]);
    hg_timer_start(&process->drain_timer, LAST_WORDS_MS);
}

static void drain_time_is_up(void *argument)
{
    struct process *process = argument;

    if (!process->ending)
        hg_log(HG_LOG_WARNING, "ending: closing what is still open");
    end_all(process);
}

/* ---- start and end ---- */

static void accepted(void *owner, int fd)
{
    struct process *process = owner;

    hg_worker_accept(&process->workers[process->next++ % process->nworkers], fd);
}

static bool listen_all(struct process *process)
{
    const struct hg_config *config = hg_generation_config(process->generation);
    char why[256];

    process->listeners = hg_calloc(config->nlisten, sizeof(struct hg_listener *));
    for (size_t i = 0; i < config->nlisten; i++) {
        const struct hg_listen_address *address = &config->listen[i];
        process->listeners[i] =
            hg_listener_new(process->loop, address->host, address->port, accepted, process, why);
        if (!process->listeners[i]) {
            fprintf(stderr, "headgate: %s\n", why);
            return false;
        }
        process->nlisteners++;
    }
    return true;
}

static bool start_workers(struct process *process)
{
    const struct hg_config *config = hg_generation_config(process->generation);
    size_t stack = hg_tree_stack_bytes(config->max_statement_bytes) + STACK_MARGIN;

    process->nworkers = config->workers;
    process->workers = hg_calloc(process->nworkers, sizeof *process->workers);
    for (uint32_t i = 0; i < process->nworkers; i++) {
        struct hg_worker *worker = &process->workers[i];
        worker->number = i;
        worker->shared = &process->shared;
        worker->main_loop = process->loop;
        worker->drained = worker_drained;
        worker->drained_argument = process;
        worker->stack_bytes = (stack + STACK_ROUND - 1) / STACK_ROUND * STACK_ROUND;
        if (!hg_worker_start(worker, process->generation)) {
            fprintf(stderr, "headgate: cannot make worker threads with a stack of %zu bytes\n",
                    worker->stack_bytes);
            return false;
        }
        process->started++;
    }
    return true;
}

static void say_ready(const struct process *process)
{
    const struct hg_config *config = hg_generation_config(process->generation);

    for (size_t i = 0; i < process->nlisteners; i++)
        fprintf(stderr, "headgate: listening on %s:%u\n", config->listen[i].host,
                hg_listener_port(process->listeners[i]));
}

static void raise_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

static void end(struct process *process)
{
    process->stopping = true;
    while (process->reloading) /* its thread still needs the loop */
        hg_loop_run(process->loop);
    stop_listening(process);
    free(process->listeners);
    unwatch_signals(process);
    for (uint32_t i = 0; i < process->started; i++)
        hg_worker_stop(&process->workers[i]);
    free(process->workers);
    hg_timer_free(&process->drain_timer);
    hg_generation_drop(process->generation);
    hg_cancel_keys_free(process->shared.keys);
    hg_contents_free(process->shared.contents);
    hg_loop_free(process->loop);
}

int hg_serve(const char *config_path, struct hg_generation *generation)
{
    struct process process = {.config_path = config_path, .generation = generation};
    bool good;

    raise_descriptors();
    process.loop = hg_loop_new();
    process.shared.keys = hg_cancel_keys_new();
    process.shared.contents = hg_contents_new();
    atomic_init(&process.shared.max_clients, hg_generation_config(generation)->max_clients);
    hg_timer_init(&process.drain_timer, process.loop, drain_time_is_up, &process);
    good = watch_signals(&process) && start_workers(&process) && listen_all(&process);
    if (good) {
        say_ready(&process);
        hg_loop_run(process.loop);
    }
    end(&process);
    return good ? 0 : 1;
}
