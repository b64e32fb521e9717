/* The process: the main thread with its signals, listeners and reloads, and the workers.
 *
 *                 SIGTERM, SIGINT            drained, drain_timeout_ms, or a second signal
 *    RUNNING ------------------------> DRAINING ------------------------------------------> (exit)
 *     |    ^                            ^
 *     +----+  SIGHUP: reload            |  SIGTERM from the successor, when that is ready
 *     +------ SIGUSR2: hand over -------+
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
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "audit.h"
#include "budget.h"
#include "cancel.h"
#include "cleartext.h"
#include "console.h"
#include "endpoint.h"
#include "generations.h"
#include "limiting.h"
#include "listening.h"
#include "log.h"
#include "privileges.h"
#include "relatives.h"
#include "service.h"
#include "tree.h"
#include "worker.h"

#define STACK_MARGIN  ((size_t)1 << 20) /* for what calls the parser */
#define STACK_ROUND   ((size_t)1 << 16)
#define LOG_MS        1000u /* how often it is said how many lines were left out */
#define LAST_WORDS_MS 2000u /* after clients were told to go at once */

struct process {
    const char *config_path;
    struct hg_loop *loop;
    struct hg_generations *generations;
    struct hg_generation *generation; /* the current one, held by those */
    struct hg_recent *recent;
    struct hg_shared shared;
    struct hg_worker *workers;
    uint32_t nworkers, started, drained, next;
    size_t stack_bytes;
    struct hg_listening listening;
    struct hg_watchdog watchdog;
    struct hg_conn *signals;
    struct hg_timer drain_timer, log_timer;
    struct hg_standing standing;
    struct hg_endpoint *endpoint;
    struct hg_console *console;
    struct hg_listener *console_listener; /* its Unix socket; NULL = none */
    bool draining, ending, stopping, loads_are_over;
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

static void ask(struct process *process, enum hg_wish wish, uint64_t number,
                struct hg_console_answer *answer);
static void begin_drain(struct process *process);
static void hand_over(struct process *process);
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
            ask(process, HG_WISH_RELOAD, 0, NULL);
        else if (numbers[i] == SIGUSR2)
            hand_over(process);
        else if (numbers[i] == SIGCHLD)
            hg_listening_reap(&process->listening);
        else if (process->draining)
            end_all(process);
        else
            begin_drain(process);
    }
}

static const int handled[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR2, SIGCHLD};

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
    for (size_t i = 0; i < sizeof handled / sizeof handled[0]; i++)
        if (sigaction(handled[i], &action, NULL) != 0)
            return false;
    return true;
}

static void unwatch_signals(struct process *process)
{
    int fd = signal_fd;

    signal(SIGTERM, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    signal(SIGHUP, SIG_IGN);
    signal(SIGUSR2, SIG_IGN);
    signal(SIGCHLD, SIG_DFL);
    signal_fd = -1;
    if (process->signals)
        hg_conn_free(process->signals);
    if (fd >= 0)
        close(fd);
}

/* ---- reload ---- */

/* The generation is the current one, from now on. */
static void take_up(struct process *process, struct hg_generation *generation)
{
    const struct hg_config *config = hg_generation_config(generation);
    struct hg_audit *audit = process->shared.observers.audit;

    hg_generation_number(generation, process->shared.observers.backends);
    atomic_store(&process->shared.max_clients, config->max_clients);
    hg_log_configure((enum hg_log_format)config->log.format, (enum hg_log_level)config->log.level,
                     config->log.most);
    if (audit)
        hg_audit_configure(audit, &config->audit);
    process->generation = generation;
    process->standing.generation = generation;
    process->standing.generation_s = (uint64_t)time(NULL);
}

static bool is_named(const struct hg_pool *pool, const char *name)
{
    return strcmp(hg_pool_config(pool)->name, name) == 0;
}

static bool is_current(const struct hg_generation *generation, const struct hg_pool *pool)
{
    for (size_t i = 0; i < generation->npools; i++)
        if (generation->pools[i] == pool)
            return true;
    return false;
}

/* A backend that is paused stays so, whatever else of it has changed, and those who wait for it wait for what
 * it is now. Catalogs of roles bear the name of the backend that they are copies of: which one it is, the
 * database says. */
static void keep_paused(const struct hg_generation *old, const struct hg_generation *current)
{
    for (size_t j = 0; j < old->npools; j++) {
        const struct hg_backend_config *config = hg_pool_config(old->pools[j]);
        struct hg_pool *successor = NULL;
        if (!hg_pool_stats(old->pools[j]).paused || is_current(current, old->pools[j]))
            continue;
        for (size_t i = 0; i < current->npools; i++) {
            if (!is_named(current->pools[i], config->name))
                continue;
            hg_pool_pause(current->pools[i], true);
            if (strcmp(hg_pool_config(current->pools[i])->database, config->database) == 0)
                successor = current->pools[i];
        }
        hg_pool_replace_paused(old->pools[j], successor);
    }
}

static void reload_begins(void *owner)
{
    (void)owner;
    hg_service_tell(HG_SERVICE_RELOADING, "reloading");
}

static void taken_up(void *owner, struct hg_generation *old, struct hg_generation *current)
{
    struct process *process = owner;

    keep_paused(old, current);
    take_up(process, current);
    process->standing.reloads++;
    for (uint32_t i = 0; i < process->started; i++)
        hg_worker_renew(&process->workers[i], current);
    hg_log_each(HG_LOG_INFO, "message", NULL, 0, "reloaded %s", process->config_path);
}

static void audit_reload(struct process *process, const struct hg_wished *what,
                         const struct hg_reload_outcome *outcome)
{
    static const char *const words[] = {
        [HG_WISH_RELOAD] = "reload", [HG_WISH_DRY_RUN] = "dry run", [HG_WISH_ROLL_BACK] = "roll back"};
    bool good = outcome && outcome->generation;
    const struct hg_log_field fields[] = {
        {"wish", hg_slice_cstr(words[what->wish]), 0},
        {"by", hg_slice_cstr(what->by), 0},
        {"outcome", good ? HG_LIT("ok") : HG_LIT("error"), 0},
        {"errors", {0}, outcome ? outcome->errors : 1},
        {"generation", {0}, process->generation->snapshot->generation}, /* the one that is current now */
    };
    const struct hg_audit_event event = {"reload", NULL, fields, sizeof fields / sizeof fields[0], false};

    if (process->shared.observers.audit)
        (void)hg_audit_tell(process->shared.observers.audit, HG_AUDIT_MAIN,
                            &event); /* it counts what it drops */
}

static void reload_over(void *owner, const struct hg_wished *what, const struct hg_reload_outcome *outcome)
{
    struct process *process = owner;
    bool good = (outcome && outcome->generation) || what->wish == HG_WISH_DRY_RUN;

    audit_reload(process, what, outcome);
    hg_service_tell(HG_SERVICE_READY, good ? "serving" : "serving; the last reload failed, see the log");
    if (good)
        return;
    process->standing.reload_failures++;
    hg_log_each(HG_LOG_ERROR, "message", NULL, 0, "reload of %s failed; the configuration of before stays",
                process->config_path);
}

static void reloads_closed(void *owner)
{
    struct process *process = owner;

    process->loads_are_over = true;
    hg_loop_stop(process->loop);
}

static const struct hg_generations_events generations_events = {reload_begins, taken_up, reload_over,
                                                                reloads_closed};

static void ask(struct process *process, enum hg_wish wish, uint64_t number, struct hg_console_answer *answer)
{
    const struct hg_wished what = {wish, answer ? "console" : "signal"};

    if (process->shared.observers.audit && wish == HG_WISH_RELOAD)
        hg_audit_reopen(process->shared.observers.audit);
    hg_generations_ask(process->generations, what, number, answer);
}

/* ---- what the console asks for ---- */

static void console_reload(void *argument, bool dry_run, struct hg_console_answer *answer)
{
    ask(argument, dry_run ? HG_WISH_DRY_RUN : HG_WISH_RELOAD, 0, answer);
}

static void console_roll_back(void *argument, uint64_t generation, struct hg_console_answer *answer)
{
    ask(argument, HG_WISH_ROLL_BACK, generation, answer);
}

static void console_pause(void *argument, struct hg_slice backend, bool paused,
                          struct hg_console_answer *answer)
{
    struct process *process = argument;
    bool all = backend.len == 3 && strncasecmp(backend.ptr, "all", 3) == 0, found = false;

    for (size_t i = 0; i < process->generation->npools; i++) {
        struct hg_pool *pool = process->generation->pools[i];
        if (!all && !hg_slice_is(backend, hg_pool_config(pool)->name))
            continue;
        hg_pool_pause(pool, paused);
        found = true;
    }
    if (!found)
        hg_fault_set(answer->fault, answer->arena, HG_UNDEFINED_OBJECT, "there is no backend \"%.*s\"",
                     (int)(backend.len > 63 ? 63 : backend.len), backend.ptr);
    hg_console_answer(answer);
}

static void console_drain(void *argument, struct hg_console_answer *answer)
{
    struct process *process = argument;

    if (!process->draining)
        begin_drain(process);
    hg_console_answer(answer);
}

static bool console_generation(void *argument, size_t i, struct hg_console_generation *generation)
{
    const struct process *process = argument;

    return hg_generations_list(process->generations, i, generation);
}

static bool start_console(struct process *process)
{
    const struct hg_console_host host = {.process = process,
                                         .reload = console_reload,
                                         .roll_back = console_roll_back,
                                         .pause = console_pause,
                                         .drain = console_drain,
                                         .generation = console_generation};

    process->console = hg_console_start(&process->shared, process->loop, &host, process->workers,
                                        process->nworkers, process->stack_bytes);
    if (!process->console)
        hg_log_plainly(HG_LOG_ERROR, "cannot make threads for the console");
    return process->console != NULL;
}

static void close_console_socket(struct process *process)
{
    if (process->console_listener)
        hg_listener_free(process->console_listener);
    process->console_listener = NULL;
}

/* ---- drain ---- */

static void hand_over(struct process *process)
{
    if (!process->draining)
        hg_listening_hand_over(&process->listening, process->config_path, process->shared.relatives);
}

static void worker_drained(void *argument)
{
    struct process *process = argument;

    if (++process->drained == process->started)
        hg_loop_stop(process->loop);
}

static void begin_drain(struct process *process)
{
    process->draining = process->standing.draining = true;
    hg_log(HG_LOG_INFO, "ending: waiting for open transactions");
    hg_service_tell(HG_SERVICE_STOPPING, "waiting for open transactions");
    hg_listening_close(&process->listening);
    if (process->listening.successor)
        hg_endpoint_leave(process->endpoint);
    close_console_socket(process);
    process->loads_are_over = hg_generations_close(process->generations);
    for (uint32_t i = 0; i < process->started; i++)
        hg_worker_drain(&process->workers[i], process->listening.successor != 0);
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

static bool start_workers(struct process *process)
{
    const struct hg_config *config = hg_generation_config(process->generation);

    process->shared.checker = hg_checker_start();
    if (!process->shared.checker) {
        hg_log_plainly(HG_LOG_ERROR, "cannot make a thread");
        return false;
    }
    process->nworkers = config->workers;
    process->workers = hg_calloc(process->nworkers, sizeof *process->workers);
    if (!start_console(process))
        return false;
    for (uint32_t i = 0; i < process->nworkers; i++) {
        struct hg_worker *worker = &process->workers[i];
        worker->number = i;
        worker->shared = &process->shared;
        worker->main_loop = process->loop;
        worker->drained = worker_drained;
        worker->drained_argument = process;
        worker->stack_bytes = process->stack_bytes;
        if (!hg_worker_start(worker, process->generation)) {
            hg_log_plainly(HG_LOG_ERROR, "cannot make worker threads with a stack of %zu bytes",
                           worker->stack_bytes);
            return false;
        }
        process->started++;
    }
    return true;
}

static void settle_log(void *argument)
{
    struct process *process = argument;

    hg_log_settle(false);
    hg_timer_start(&process->log_timer, LOG_MS);
}

static void begin_seeing(struct process *process, const struct hg_generation *generation)
{
    struct hg_observers *observers = &process->shared.observers;

    observers->started_s = process->standing.started_s = (uint64_t)time(NULL);
    observers->backends = hg_series_new(HG_MAX_SERIES - 1);
    observers->tenants = hg_series_new(hg_generation_config(generation)->metrics_tenants);
    process->shared.accounts = hg_accounts_new();
    observers->watchers[observers->nwatchers++] = hg_limits_watcher(process->shared.accounts);
}

static void begin_remembering(struct process *process, struct hg_generation *generation)
{
    struct hg_observers *observers = &process->shared.observers;

    process->recent = hg_recent_new(hg_generation_config(generation)->workers);
    observers->watchers[observers->nwatchers++] = hg_recent_watcher(process->recent);
    process->generations = hg_generations_new(process->loop, process->config_path, generation,
                                              process->recent, &generations_events, process);
}

static bool start_audit(struct process *process)
{
    const struct hg_config *config = hg_generation_config(process->generation);
    char why[512] = "";

    if (!config->audit.file)
        return true;
    process->shared.observers.audit = hg_audit_open(&config->audit, config->workers, why);
    if (!process->shared.observers.audit)
        hg_log_plainly(HG_LOG_ERROR, "%s", why);
    return process->shared.observers.audit != NULL;
}

static void start_endpoint(struct process *process)
{
    process->standing.workers = process->workers;
    process->standing.nworkers = process->nworkers;
    process->standing.shared = &process->shared;
    process->standing.listening = true;
    process->endpoint = hg_endpoint_new(process->loop, &process->standing);
}

/* The main loop turns, or nobody would ask; do the workers? */
static bool is_well(void *argument)
{
    const struct process *process = argument;

    return !process->endpoint || hg_endpoint_is_well(process->endpoint);
}

static void say_ready(struct process *process)
{
    hg_listening_say(&process->listening, hg_generation_config(process->generation));
    hg_watchdog_start(&process->watchdog, process->loop, is_well, process);
    hg_service_tell(HG_SERVICE_READY, "serving");
    hg_sockets_relieve(&process->listening.inherited);
}

/* As who the process is by then: its file belongs to the user that it runs as. */
static bool open_console_socket(struct process *process)
{
    const struct hg_config *config = hg_generation_config(process->generation);
    char why[256];

    if (!config->admin_socket)
        return true;
    process->console_listener =
        hg_listener_local(process->loop, config->admin_socket, config->listen[0].port,
                          process->listening.inherited.count > 0, accepted, process, why);
    if (!process->console_listener)
        hg_log_plainly(HG_LOG_ERROR, "admin.socket: %s", why);
    return process->console_listener != NULL;
}

/* What the system has to grant: enough descriptors, the ports, and then as little as possible. The threads of
 * workers are made as who the process is from then on. */
static bool settle_in(struct process *process)
{
    const struct hg_config *config = hg_generation_config(process->generation);
    size_t stack = hg_tree_stack_bytes(config->max_statement_bytes) + STACK_MARGIN;
    char why[256];

    process->stack_bytes = (stack + STACK_ROUND - 1) / STACK_ROUND * STACK_ROUND;
    struct hg_budget budget = hg_budget_of(config, process->stack_bytes);
    if (!hg_budget_check(&budget) ||
        !hg_listening_open(&process->listening, process->loop, config, accepted, process))
        return false;
    hg_relatives_inherit(process->shared.relatives, process->listening.inherited.elders,
                         process->listening.inherited.nelders);
    if (config->run_as && !hg_privileges_drop(config->run_as, why)) {
        hg_log_plainly(HG_LOG_ERROR, "%s", why);
        return false;
    }
    if (!open_console_socket(process))
        return false;
    hg_privileges_confine(config->core_dumps);
    return true;
}

static void end(struct process *process)
{
    process->stopping = true;
    process->loads_are_over = hg_generations_close(process->generations);
    while ((process->console && !hg_console_stop(process->console)) || !process->loads_are_over)
        hg_loop_run(process->loop); /* the threads of both still need it */
    hg_listening_close(&process->listening);
    close_console_socket(process);
    if (process->watchdog.timer.loop)
        hg_watchdog_stop(&process->watchdog);
    unwatch_signals(process);
    hg_endpoint_stop(process->endpoint);
    hg_relatives_leave(process->shared.relatives);
    if (process->shared.checker)
        hg_checker_stop(process->shared.checker);
    for (uint32_t i = 0; i < process->started; i++)
        hg_worker_stop(&process->workers[i]);
    hg_checker_free(process->shared.checker);
    hg_endpoint_free(process->endpoint);
    hg_audit_close(process->shared.observers.audit);
    hg_series_free(process->shared.observers.backends);
    hg_series_free(process->shared.observers.tenants);
    hg_accounts_free(process->shared.accounts);
    hg_timer_free(&process->drain_timer);
    hg_timer_free(&process->log_timer);
    hg_log_settle(true);
    hg_generations_free(process->generations);
    hg_recent_free(process->recent);
    hg_relatives_free(process->shared.relatives);
    hg_cancel_keys_free(process->shared.keys);
    hg_contents_free(process->shared.contents);
    hg_loop_free(process->loop); /* opens what workers have still posted, and that lies within them */
    free(process->workers);
    hg_console_free(process->console);
}

int hg_serve(const char *config_path, struct hg_generation *generation)
{
    struct process process = {.config_path = config_path};
    bool good;

    process.loop = hg_loop_new();
    process.shared.keys = hg_cancel_keys_new(hg_generation_config(generation)->instance);
    process.shared.relatives = hg_relatives_new(process.loop, process.shared.keys);
    process.shared.contents = hg_contents_new();
    begin_seeing(&process, generation);
    take_up(&process, generation);
    begin_remembering(&process, generation);
    hg_timer_init(&process.drain_timer, process.loop, drain_time_is_up, &process);
    hg_timer_init(&process.log_timer, process.loop, settle_log, &process);
    hg_timer_start(&process.log_timer, LOG_MS);
    good = watch_signals(&process) && settle_in(&process) && start_audit(&process) && start_workers(&process);
    if (good) {
        start_endpoint(&process);
        say_ready(&process);
        hg_loop_run(process.loop);
    }
    end(&process);
    return good ? 0 : 1;
}
