/* Loading and going back, one at a time.
 *
 *            asked                    loaded aside, good
 *   IDLE --------------> LOADING ---------------------------> taken up: the workers are told
 *    ^                      |  bad: every error is told            |
 *    |                      |  a dry run: what would change        |
 *    +----------------------+--------------------------------------+  the next wish
 *
 * Snapshots of the latest generations are kept, so that one can go back to them: what a snapshot says is
 * taken up again with pools and TLS of today. With `reload: on-change` the files are looked at each second;
 * when they have changed, and then stayed as they are for a second, somebody has asked. */
#include "generations.h"

#include <stdlib.h>
#include <time.h>

#include "files.h"
#include "log.h"

#define REMEMBERED 16u
#define KEPT       5u /* of those, with their snapshots */
#define LOOK_MS    1000u

struct request {
    struct request *next;
    struct hg_wished what;
    uint64_t number;
    struct hg_console_answer *answer;
};

struct past {
    struct hg_console_generation what;
    const struct hg_snapshot *snapshot; /* NULL: not kept any more */
};

struct hg_generations {
    struct hg_loop *loop;
    const char *config_path;
    struct hg_generation *current;
    struct hg_recent *recent;
    const struct hg_generations_events *events;
    void *owner;
    struct request *requests, *served; /* that wait; that the load under way is for */
    struct past past[REMEMBERED];      /* the latest first */
    size_t npast;
    struct hg_timer look;
    uint64_t stamp, seen; /* of the files: of what was loaded last; at the last look */
    bool loading, closing;
};

/* ---- the past ---- */

static struct past *find_past(struct hg_generations *generations, uint64_t number)
{
    for (size_t i = 0; i < generations->npast; i++)
        if (generations->past[i].what.number == number)
            return &generations->past[i];
    return NULL;
}

static void forget(struct past *past)
{
    hg_snapshot_drop(past->snapshot);
    past->snapshot = NULL;
    past->what.kept = false;
}

static uint64_t now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

/* The one that is current now goes to the front; one that was there before does not stand there twice. */
static void remember(struct hg_generations *generations)
{
    const struct hg_snapshot *snapshot = generations->current->snapshot;
    struct past *again = find_past(generations, snapshot->generation);
    size_t from = again ? (size_t)(again - generations->past) : generations->npast;

    if (again)
        forget(again);
    else if (generations->npast < REMEMBERED)
        generations->npast++;
    else
        forget(&generations->past[from = REMEMBERED - 1]);
    memmove(generations->past + 1, generations->past, from * sizeof generations->past[0]);
    generations->past[0] = (struct past){.snapshot = hg_snapshot_hold(snapshot),
                                         .what = {.number = snapshot->generation,
                                                  .loaded_us = now_us(),
                                                  .kept = true,
                                                  .tenants = snapshot->ntenants,
                                                  .users = snapshot->nusers,
                                                  .roles = snapshot->nroles,
                                                  .tables = snapshot->ntables}};
    for (size_t i = 0; i < generations->npast; i++) {
        generations->past[i].what.current = i == 0;
        if (i >= KEPT)
            forget(&generations->past[i]);
    }
}

bool hg_generations_list(const struct hg_generations *generations, size_t i,
                         struct hg_console_generation *out)
{
    if (i >= generations->npast)
        return false;
    *out = generations->past[i].what;
    return true;
}

/* ---- answers ---- */

static void answer_request(struct request *request, const struct hg_reload_outcome *outcome, uint64_t current)
{
    struct hg_console_answer *answer = request->answer;

    if (answer && !outcome) {
        hg_fault_set(answer->fault, answer->arena, HG_CANNOT_CONNECT_NOW, "Headgate is ending");
    } else if (answer && !outcome->generation) {
        hg_fault_set(answer->fault, answer->arena, HG_CONFIG_FILE_ERROR,
                     "the configuration has %zu errors; nothing was changed", outcome->errors);
        hg_fault_detail(answer->fault, answer->arena, "%.*s", HG_SLICE_FMT(outcome->report));
    } else if (answer) {
        hg_write_slice(answer->report, outcome->report);
        if (request->what.wish == HG_WISH_DRY_RUN)
            hg_write_text(answer->report, "the configuration could be loaded");
        else
            hg_write_format(answer->report, "generation %llu is current", (unsigned long long)current);
    }
    if (answer)
        hg_console_answer(answer);
    free(request);
}

static void answer_all(struct request **list, const struct hg_reload_outcome *outcome, uint64_t current)
{
    while (*list) {
        struct request *request = *list;
        *list = request->next;
        answer_request(request, outcome, current);
    }
}

static void not_kept(struct request *request)
{
    struct hg_console_answer *answer = request->answer;

    hg_fault_set(answer->fault, answer->arena, HG_OBJECT_NOT_IN_STATE, "generation %llu is not kept",
                 (unsigned long long)request->number);
    hg_fault_hint(answer->fault, answer->arena, "SHOW GENERATIONS tells which are.");
    hg_console_answer(answer);
    free(request);
}

/* ---- one at a time ---- */

static void begin(struct hg_generations *generations);

static void take_up(struct hg_generations *generations, struct hg_generation *generation)
{
    struct hg_generation *old = generations->current;

    generations->current = generation;
    generations->events->taken_up(generations->owner, old, generation);
    hg_generation_retire(old, generation);
    hg_generation_drop(old);
    remember(generations);
}

static void loaded(void *argument, const struct hg_reload_outcome *outcome)
{
    struct hg_generations *generations = argument;
    const struct hg_wished what = generations->served->what; /* of the first who asked */
    bool dry_run = what.wish == HG_WISH_DRY_RUN;

    generations->loading = false;
    if (outcome->generation && !generations->closing && !dry_run)
        take_up(generations, outcome->generation);
    generations->events->over(generations->owner, &what, outcome);
    if (generations->closing || dry_run)
        hg_generation_drop(outcome->generation);
    answer_all(&generations->served, generations->closing ? NULL : outcome,
               generations->current->snapshot->generation);
    if (generations->closing)
        generations->events->closed(generations->owner);
    else
        begin(generations);
}

static bool is_same(const struct request *a, const struct request *b)
{
    return a->what.wish == b->what.wish && a->number == b->number;
}

/* The first, and those who wish for the same. */
static void take_requests(struct hg_generations *generations)
{
    struct request **at = &generations->requests, **last = &generations->served;

    while (*at) {
        struct request *request = *at;
        if (generations->served && !is_same(generations->served, request)) {
            at = &request->next;
            continue;
        }
        *at = request->next;
        request->next = NULL;
        *last = request;
        last = &request->next;
    }
}

/* The snapshot to go back to; the request is answered when there is none. */
static bool find_snapshot(struct hg_generations *generations, const struct hg_snapshot **snapshot)
{
    const struct request *request = generations->served;

    *snapshot = NULL;
    if (request->what.wish != HG_WISH_ROLL_BACK)
        return true;
    struct past *past = find_past(generations, request->number);
    if (past && past->snapshot) {
        *snapshot = past->snapshot;
        return true;
    }
    while (generations->served) {
        struct request *next = generations->served->next;
        not_kept(generations->served);
        generations->served = next;
    }
    return false;
}

static void begin(struct hg_generations *generations)
{
    const struct hg_snapshot *snapshot;

    while (!generations->loading && generations->requests && !generations->closing) {
        take_requests(generations);
        if (!find_snapshot(generations, &snapshot))
            continue;
        const struct hg_reload_plan plan = {
            .config_path = generations->config_path,
            .previous = generations->current,
            .snapshot = snapshot,
            .recent = generations->served->what.wish == HG_WISH_DRY_RUN ? generations->recent : NULL};
        generations->events->begins(generations->owner);
        generations->loading = hg_reload_start(generations->loop, &plan, loaded, generations);
        if (!generations->loading) {
            hg_log(HG_LOG_ERROR, "reload: cannot make a thread");
            generations->events->over(generations->owner, &generations->served->what, NULL);
            answer_all(&generations->served, NULL, 0);
        }
    }
}

void hg_generations_ask(struct hg_generations *generations, struct hg_wished what, uint64_t number,
                        struct hg_console_answer *answer)
{
    struct request *request = hg_calloc(1, sizeof *request), **last = &generations->requests;

    *request = (struct request){.what = what, .number = number, .answer = answer};
    while (*last)
        last = &(*last)->next;
    *last = request;
    if (generations->closing)
        answer_all(&generations->requests, NULL, 0);
    else
        begin(generations);
}

/* ---- files that change ---- */

static void look(void *argument)
{
    struct hg_generations *generations = argument;
    const struct hg_snapshot *snapshot = generations->current->snapshot;

    if (generations->closing)
        return;
    if (snapshot->config->reload == HG_RELOAD_ON_CHANGE) {
        uint64_t stamp = hg_files_stamp(snapshot);
        if (stamp != generations->stamp && stamp == generations->seen) {
            generations->stamp = stamp;
            hg_log(HG_LOG_INFO, "the files have changed");
            hg_generations_ask(generations, (struct hg_wished){HG_WISH_RELOAD, "files"}, 0, NULL);
        }
        generations->seen = stamp;
    }
    hg_timer_start(&generations->look, LOOK_MS);
}

/* ---- life ---- */

struct hg_generations *hg_generations_new(struct hg_loop *loop, const char *config_path,
                                          struct hg_generation *first, struct hg_recent *recent,
                                          const struct hg_generations_events *events, void *owner)
{
    struct hg_generations *generations = hg_calloc(1, sizeof *generations);

    generations->loop = loop;
    generations->config_path = config_path;
    generations->current = first;
    generations->recent = recent;
    generations->events = events;
    generations->owner = owner;
    generations->stamp = generations->seen = hg_files_stamp(first->snapshot);
    remember(generations);
    hg_timer_init(&generations->look, loop, look, generations);
    hg_timer_start(&generations->look, LOOK_MS);
    return generations;
}

bool hg_generations_close(struct hg_generations *generations)
{
    generations->closing = true;
    hg_timer_stop(&generations->look);
    answer_all(&generations->requests, NULL, 0);
    return !generations->loading;
}

void hg_generations_free(struct hg_generations *generations)
{
    for (size_t i = 0; i < generations->npast; i++)
        forget(&generations->past[i]);
    hg_timer_free(&generations->look);
    hg_generation_drop(generations->current);
    free(generations);
}
