/* Jobs: what cannot be done on the worker of the administrator, or not at once. A job is a letter that goes
 * round and comes home:
 *
 *   query     home worker -> a thread of the console, where it waits for its turn
 *             -> main thread (if it has rows) -> each worker in turn (if they have)
 *             -> that thread: SQLite -> home
 *   REWRITE   home worker -> a thread of the console -> home
 *   KILL      home worker -> each worker in turn, until one has the session -> home
 *   others    home worker -> main thread -> home
 *
 * At each place only the thread that has opened the letter touches the job, but for `cancelled`. What was
 * collected is of one moment per worker, not one for all: nobody stops for it. Workers only write down their
 * rows; what takes long happens on the console's own threads, which are nice, and as many queries as there
 * are such threads hold rows at a time. Commands do not wait behind queries. While the process ends no job
 * begins, and the workers are only stopped when the last one is home (hg_console_stop). */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "cancel.h"
#include "dialog.h"
#include "encode.h"
#include "log.h"
#include "thread.h"

#define NICE 5

struct console_thread {
    struct hg_loop *loop;
    pthread_t thread;
    /* The thread's own: */
    struct job *at_work;      /* a query that is being collected for; NULL = none */
    struct job *first, *last; /* that wait for it */
};

/* ---- life ---- */

struct job *job_new(struct hg_session *session, enum job_task task, struct plan *plan)
{
    struct hg_dialog *dialog = session->dialog;
    struct job *job = hg_calloc(1, sizeof *job);

    job->console = dialog->console;
    job->home = session->worker;
    job->session = session;
    job->task = task;
    job->plan = plan_hold(plan);
    job->generation = hg_generation_hold(session->generation);
    job->role = dialog->role;
    job->pid = session->pid;
    job->fault_at = -1;
    hg_arena_init(&job->arena, 0);
    hg_bytes_init(&job->out, MOST_RESULT_BYTES);
    for (size_t i = 0; i < hg_console_ntables; i++)
        hg_bytes_init(&job->rows[i], MOST_ROWS_BYTES);
    if (plan_is_query(plan))
        job->tables = tables_named(plan->sql);
    return job;
}

/* On the home worker. */
void job_free(struct job *job)
{
    plan_drop(job->plan);
    hg_generation_drop(job->generation);
    hg_arena_free(&job->arena);
    hg_bytes_free(&job->out);
    for (size_t i = 0; i < hg_console_ntables; i++)
        hg_bytes_free(&job->rows[i]);
    atomic_fetch_sub(&job->console->result_bytes, job->charged);
    free(job);
}

bool job_over(const struct job *job)
{
    return atomic_load(&job->cancelled) || atomic_load(&job->console->stopping);
}

void job_charge(struct job *job)
{
    job->charged = job->out.len;
    if (atomic_fetch_add(&job->console->result_bytes, job->charged) + job->charged > MOST_RESULTS_BYTES)
        hg_fault_set(&job->fault, &job->arena, HG_OUT_OF_MEMORY,
                     "the results that wait for administrators take more than %zu MiB",
                     MOST_RESULTS_BYTES >> 20);
}

void job_add_row(struct job *job, const struct value *values)
{
    const struct plan *plan = job->plan;
    size_t begun = hg_frame_begin(&job->out, HG_S_DATA_ROW);

    hg_write_u16(&job->out, (uint16_t)plan->ncolumns);
    for (size_t i = 0; i < plan->ncolumns; i++)
        if (!encode_value(&job->out, &values[i], plan->columns[i].type, job->binary && job->binary[i]))
            hg_fault_set(&job->fault, &job->arena, HG_INTERNAL_ERROR,
                         "a value of another type in column \"%s\"", plan->columns[i].name);
    hg_frame_end(&job->out, begun);
    job->count++;
}

/* ---- home ---- */

struct stopped {
    struct hg_letter letter;
    struct hg_loop *loop;
};

static void open_stopped(struct hg_letter *letter)
{
    hg_loop_stop(((struct stopped *)letter)->loop);
    free(letter);
}

/* The last job of a console that stops says so. */
static void job_ended(struct hg_console *console)
{
    if (atomic_fetch_sub(&console->jobs, 1) != 1 || !atomic_load(&console->stopping))
        return;
    struct stopped *stopped = hg_calloc(1, sizeof *stopped);
    stopped->letter.open = open_stopped;
    stopped->loop = console->main_loop;
    hg_loop_post(console->main_loop, &stopped->letter);
}

static void open_home(struct hg_letter *letter)
{
    struct job *job = (struct job *)letter;
    struct hg_console *console = job->console;
    struct hg_session *session = job->session;

    audit_job_ends(job);
    if (session) {
        session->dialog->job = NULL;
        session->dialog->done = job;
        hg_session_run(session);
    } else {
        job_free(job);
    }
    job_ended(console);
}

static void go(struct job *job, struct hg_loop *loop, void (*open)(struct hg_letter *letter))
{
    job->letter.open = open;
    hg_loop_post(loop, &job->letter);
}

static void go_home(struct job *job)
{
    go(job, job->home->loop, open_home);
}

/* ---- the console's threads ---- */

static void *work(void *argument)
{
    struct console_thread *thread = argument;

    (void)setpriority(PRIO_PROCESS, 0, NICE); /* on Linux: of this thread */
    hg_loop_run(thread->loop);
    return NULL;
}

struct console_thread *console_thread_start(size_t stack_bytes)
{
    struct console_thread *thread = hg_calloc(1, sizeof *thread);

    thread->loop = hg_loop_new();
    if (hg_thread_start(&thread->thread, stack_bytes, work, thread) == 0)
        return thread;
    hg_loop_free(thread->loop);
    free(thread);
    return NULL;
}

struct stop {
    struct hg_letter letter;
    struct console_thread *thread;
};

static void open_stop(struct hg_letter *letter)
{
    hg_loop_stop(((struct stop *)letter)->thread->loop);
}

void console_thread_stop(struct console_thread *thread)
{
    struct stop stop = {.letter = {.open = open_stop}, .thread = thread};

    if (!thread)
        return;
    hg_loop_post(thread->loop, &stop.letter);
    pthread_join(thread->thread, NULL);
    hg_loop_free(thread->loop);
    free(thread);
}

static void fill_from(struct job *job, enum table_source source, struct hg_worker *worker)
{
    for (size_t i = 0; i < hg_console_ntables; i++)
        if (job->tables >> i & 1 && hg_console_tables[i].source == source)
            hg_console_tables[i].fill(job, worker, &job->rows[i]);
}

static bool needs(const struct job *job, enum table_source source)
{
    for (size_t i = 0; i < hg_console_ntables; i++)
        if (job->tables >> i & 1 && hg_console_tables[i].source == source)
            return true;
    return false;
}

static void open_collected(struct hg_letter *letter);
static void open_at_worker(struct hg_letter *letter);

static void ask_workers(struct job *job)
{
    if (needs(job, TABLE_WORKERS) && job->next_worker < job->console->nworkers && !job_over(job))
        go(job, job->console->workers[job->next_worker].loop, open_at_worker);
    else
        go(job, job->thread->loop, open_collected);
}

static void open_at_worker(struct hg_letter *letter)
{
    struct job *job = (struct job *)letter;

    fill_from(job, TABLE_WORKERS, &job->console->workers[job->next_worker++]);
    ask_workers(job);
}

static void open_at_main(struct hg_letter *letter)
{
    struct job *job = (struct job *)letter;

    fill_from(job, TABLE_MAIN, NULL);
    ask_workers(job);
}

/* The next query that is still wanted has its turn. */
static void next_query(struct console_thread *thread)
{
    while (thread->first && !thread->at_work) {
        struct job *job = thread->first;
        thread->first = job->next;
        if (job_over(job)) {
            go_home(job);
            continue;
        }
        thread->at_work = job;
        if (needs(job, TABLE_MAIN))
            go(job, job->console->main_loop, open_at_main);
        else
            ask_workers(job);
    }
}

static void open_query(struct hg_letter *letter)
{
    struct job *job = (struct job *)letter;
    struct console_thread *thread = job->thread;

    job->next = NULL;
    *(thread->first ? &thread->last->next : &thread->first) = job;
    thread->last = job;
    next_query(thread);
}

static void open_collected(struct hg_letter *letter)
{
    struct job *job = (struct job *)letter;
    struct console_thread *thread = job->thread;

    if (!job_over(job)) {
        fill_from(job, TABLE_AT_HAND, NULL);
        query_run(job);
    }
    thread->at_work = NULL;
    go_home(job);
    next_query(thread);
}

static void open_rewrite(struct hg_letter *letter)
{
    struct job *job = (struct job *)letter;
    struct hg_rewriter *rewriter = hg_rewriter_new(0);

    if (!job_over(job))
        rewrite_run(job, rewriter);
    hg_rewriter_free(rewriter);
    go_home(job);
}

static void go_to_thread(struct job *job, void (*open)(struct hg_letter *letter))
{
    unsigned next = atomic_fetch_add(&job->console->next_thread, 1);

    job->thread = job->console->threads[next % CONSOLE_THREADS];
    go(job, job->thread->loop, open);
}

/* ---- commands of the main thread ---- */

/* Each line of the report is a row. */
static void report_rows(struct job *job)
{
    struct hg_bytes report = job->out;

    hg_bytes_init(&job->out, MOST_RESULT_BYTES);
    struct hg_slice rest = hg_bytes_slice(&report);
    while (rest.len && job->plan->ncolumns && !job->fault.sqlstate[0]) {
        const char *end = memchr(rest.ptr, '\n', rest.len);
        size_t len = end ? (size_t)(end - rest.ptr) : rest.len;
        job_add_row(job, &(struct value){.kind = VALUE_TEXT, .text = hg_slice_of(rest.ptr, len)});
        rest = hg_slice_of(rest.ptr + len + (end != NULL), rest.len - len - (end != NULL));
    }
    hg_bytes_free(&report);
}

static void open_answered(struct hg_letter *letter)
{
    struct job *job = (struct job *)letter;

    report_rows(job);
    open_home(letter);
}

void hg_console_answer(struct hg_console_answer *answer)
{
    answer->letter->open = open_answered;
    hg_loop_post(answer->loop, answer->letter);
}

static bool read_generation(struct job *job, struct hg_slice text, uint64_t *number)
{
    *number = 0;
    for (size_t i = 0; i < text.len && i < 18 && text.ptr[i] >= '0' && text.ptr[i] <= '9'; i++) {
        *number = *number * 10 + (uint64_t)(text.ptr[i] - '0');
        if (i + 1 == text.len)
            return true;
    }
    return hg_fault_set(&job->fault, &job->arena, HG_SYNTAX_ERROR,
                        "the number of a generation is written in digits");
}

static void open_command(struct hg_letter *letter)
{
    struct job *job = (struct job *)letter;
    const struct hg_console_host *host = &job->console->host;
    struct hg_console_answer *answer = &job->answer;
    struct hg_slice argument = plan_argument(job->plan, 0, job->parameters, job->nparameters, &job->arena);
    uint64_t generation;

    *answer = (struct hg_console_answer){.arena = &job->arena,
                                         .fault = &job->fault,
                                         .report = &job->out,
                                         .letter = letter,
                                         .loop = job->home->loop};
    if (job_over(job)) {
        hg_console_answer(answer);
        return;
    }
    switch (job->plan->command->id) {
    case COMMAND_PAUSE:
    case COMMAND_RESUME:
        host->pause(host->process, argument, job->plan->command->id == COMMAND_PAUSE, answer);
        break;
    case COMMAND_DRAIN:
        host->drain(host->process, answer);
        break;
    case COMMAND_ROLLBACK_TO_GENERATION:
        if (read_generation(job, argument, &generation))
            host->roll_back(host->process, generation, answer);
        else
            hg_console_answer(answer);
        break;
    default:
        host->reload(host->process, job->plan->command->id == COMMAND_RELOAD_DRY_RUN, answer);
    }
}

/* ---- KILL ---- */

static bool read_session(struct hg_slice text, int32_t *pid)
{
    int64_t number = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9' || number > INT32_MAX)
            return false;
        number = number * 10 + (text.ptr[i] - '0');
    }
    *pid = (int32_t)number;
    return text.len && number > 0 && number <= INT32_MAX;
}

static void no_such_session(struct job *job, struct hg_slice text)
{
    hg_fault_set(&job->fault, &job->arena, HG_UNDEFINED_OBJECT, "there is no session %.*s",
                 (int)(text.len > 40 ? 40 : text.len), text.ptr);
    hg_fault_hint(&job->fault, &job->arena, "SHOW SESSIONS lists them by id.");
}

/* On each worker in turn, until one has it. */
static void open_kill(struct hg_letter *letter)
{
    struct job *job = (struct job *)letter;
    struct hg_worker *worker = &job->console->workers[job->next_worker++];
    struct hg_slice text = plan_argument(job->plan, 0, job->parameters, job->nparameters, &job->arena);
    struct hg_session *session = NULL;
    int32_t pid;

    if (read_session(text, &pid))
        session = hg_cancel_keys_session(worker->shared->keys, pid, worker);
    if (!session && job->next_worker < job->console->nworkers) {
        go(job, job->console->workers[job->next_worker].loop, open_kill);
        return;
    }
    if (!session)
        no_such_session(job, text);
    else if (session->dialog && job->role < HG_ADMIN_ADMIN)
        hg_fault_set(&job->fault, &job->arena, HG_INSUFFICIENT_PRIVILEGE,
                     "permission denied: session %d is an administrator's", (int)pid);
    else
        hg_session_fatal_text(session, HG_ADMIN_SHUTDOWN,
                              "terminating connection due to administrator command");
    go_home(job);
}

/* ---- beginning ---- */

/* Who did what; a text for REWRITE is not for the log. */
static void log_command(const struct job *job)
{
    const struct command *command = job->plan->command;
    struct hg_slice argument = HG_LIT("");
    struct hg_arena arena;

    hg_arena_init(&arena, 0);
    if (command->kind != KIND_REWRITE)
        argument = plan_argument(job->plan, 0, job->parameters, job->nparameters, &arena);
    hg_log_each(HG_LOG_INFO, "message", NULL, 0, "console: %s, from %s: %s%s%.*s", job->session->user_name,
                hg_conn_peer(job->session->conn), command->words, argument.len ? " " : "",
                (int)(argument.len > 80 ? 80 : argument.len), argument.len ? argument.ptr : "");
    hg_arena_free(&arena);
}

static void start_command(struct job *job)
{
    log_command(job);
    audit_job_begins(job);
    switch (job->plan->command->kind) {
    case KIND_KILL:
        go(job, job->console->workers[0].loop, open_kill);
        break;
    case KIND_REWRITE:
        go_to_thread(job, open_rewrite);
        break;
    default:
        go(job, job->console->main_loop, open_command);
    }
}

void job_start(struct job *job)
{
    struct hg_console *console = job->console;

    job->session->dialog->job = job;
    atomic_fetch_add(&console->jobs, 1);
    if (atomic_load(&console->stopping)) {
        hg_fault_set(&job->fault, &job->arena, HG_ADMIN_SHUTDOWN, "Headgate is ending");
        go_home(job);
    } else if (plan_is_query(job->plan)) {
        go_to_thread(job, open_query);
    } else {
        start_command(job);
    }
}
