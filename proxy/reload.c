/* Loading. All three files are read, parsed, checked and compiled before anything that runs is touched; each
 * error is said with its place. What a running process cannot change (listeners, workers, the length of
 * statements, for which its threads' stacks were made) is refused when it differs, so that nobody believes
 * that it took effect. */
#include "reload.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "difference.h"
#include "log.h"
#include "rewrite.h"
#include "tree.h"

struct reload {
    struct hg_letter letter;
    pthread_t thread;
    struct hg_loop *loop;
    const char *config_path;
    struct hg_generation *previous; /* NULL at the start */
    struct hg_generation *result;
    char *report; /* the diagnostics, as they are printed */
    size_t report_len, errors;
    void (*done)(void *argument, const struct hg_reload_outcome *outcome);
    void *argument;
};

/* What only a restart changes is refused, so that nobody believes that it took effect. */
static void check_fixed(const char *path, const struct hg_config *old, const struct hg_config *new,
                        struct hg_diags *diags)
{
    const struct hg_place place = {.file = path};
    struct hg_arena arena;

    hg_arena_init(&arena, 0);
    struct hg_slice names = hg_config_fixed(old, new, &arena);
    if (names.len)
        hg_diag_add(diags, HG_ERROR, place, "restart the process for it", "%.*s cannot change while running",
                    HG_SLICE_FMT(names));
    hg_arena_free(&arena);
    if (new->max_statement_bytes > old->max_statement_bytes)
        hg_diag_add(diags, HG_ERROR, place, "restart the process for it",
                    "\"max_statement_bytes\" cannot grow while running");
}

/* To stderr, and kept for whoever asked. */
static void print_diags(struct reload *reload, struct hg_diags *diags)
{
    FILE *memory = open_memstream(&reload->report, &reload->report_len);

    hg_diags_print(diags, stderr);
    fflush(stderr);
    reload->errors = diags->errors;
    if (!memory)
        return;
    hg_diags_print(diags, memory);
    fclose(memory);
}

static void load(void *argument)
{
    struct reload *reload = argument;
    struct hg_diags diags;
    char why[512];

    hg_diags_init(&diags);
    struct hg_snapshot *snapshot = hg_snapshot_load(reload->config_path, &diags);
    if (snapshot)
        hg_rewrite_check(snapshot, &diags);
    if (snapshot && reload->previous)
        check_fixed(reload->config_path, hg_generation_config(reload->previous), snapshot->config, &diags);
    if (snapshot && !diags.errors) {
        reload->result = hg_generation_new(snapshot, reload->previous, why);
        snapshot = NULL;
        if (!reload->result)
            hg_diag_add(&diags, HG_ERROR, (struct hg_place){.file = reload->config_path}, NULL, "%s", why);
    }
    hg_snapshot_drop(snapshot);
    print_diags(reload, &diags);
    hg_diags_free(&diags);
}

struct hg_generation *hg_load_generation(const char *config_path, const struct hg_generation *previous)
{
    struct reload reload = {.config_path = config_path, .previous = (struct hg_generation *)previous};

    if (!hg_tree_run_with_stack(hg_snapshot_stack_bytes(), load, &reload))
        hg_log(HG_LOG_ERROR, "cannot make a thread to load the configuration");
    free(reload.report);
    return reload.result;
}

static void reload_finished(struct hg_letter *letter)
{
    struct reload *reload = (struct reload *)letter;

    pthread_join(reload->thread, NULL);
    const struct hg_reload_outcome outcome = {.generation = reload->result,
                                              .report = hg_slice_of(reload->report, reload->report_len),
                                              .errors = reload->errors};
    reload->done(reload->argument, &outcome);
    hg_generation_drop(reload->previous);
    free(reload->report);
    free(reload);
}

static void *reload_thread(void *argument)
{
    struct reload *reload = argument;

    load(reload);
    hg_loop_post(reload->loop, &reload->letter);
    return NULL;
}

bool hg_reload_start(struct hg_loop *loop, const char *config_path, struct hg_generation *previous,
                     void (*done)(void *argument, const struct hg_reload_outcome *outcome), void *argument)
{
    struct reload *reload = hg_calloc(1, sizeof *reload);
    pthread_attr_t attributes;

    *reload = (struct reload){.letter = {.open = reload_finished},
                              .loop = loop,
                              .config_path = config_path,
                              .previous = hg_generation_hold(previous),
                              .done = done,
                              .argument = argument};
    pthread_attr_init(&attributes);
    bool made = pthread_attr_setstacksize(&attributes, hg_snapshot_stack_bytes()) == 0 &&
                pthread_create(&reload->thread, &attributes, reload_thread, reload) == 0;
    pthread_attr_destroy(&attributes);
    if (!made) {
        hg_generation_drop(reload->previous);
        free(reload);
    }
    return made;
}
