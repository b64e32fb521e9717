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
#include "replay.h"
#include "rewrite.h"
#include "thread.h"
#include "tree.h"

#define REPLAY_BYTES (1u << 20)
#define STACK_MARGIN ((size_t)1 << 20) /* for what calls the parser */

struct reload {
    struct hg_letter letter;
    pthread_t thread;
    struct hg_loop *loop;
    struct hg_reload_plan plan; /* previous NULL: at the start */
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

/* ---- the report ---- */

static void report_changes(struct reload *reload, const struct hg_snapshot *new, FILE *report)
{
    struct hg_difference difference;
    struct hg_arena arena;

    hg_arena_init(&arena, 0);
    hg_snapshot_difference(reload->plan.previous->snapshot, new, &arena, &difference);
    for (const struct hg_change *change = difference.first; change; change = change->next)
        fprintf(report, "%.*s\n", HG_SLICE_FMT(change->text));
    if (difference.count > difference.listed)
        fprintf(report, "and %zu changes more\n", difference.count - difference.listed);
    if (!difference.count)
        fputs("no changes of the policy or of settings\n", report);
    hg_arena_free(&arena);
}

static void report_replay(struct reload *reload, const struct hg_snapshot *new, FILE *report)
{
    struct hg_recent_statement *list;
    struct hg_arena arena;
    struct hg_bytes text;

    hg_arena_init(&arena, 0);
    hg_bytes_init(&text, REPLAY_BYTES);
    size_t count = hg_recent_list(reload->plan.recent, &arena, &list);
    hg_replay(reload->plan.previous->snapshot, new, list, count, &text);
    fwrite(text.data, 1, text.len, report);
    hg_bytes_free(&text);
    hg_arena_free(&arena);
}

static void log_one(void *unused, const struct hg_diag *diag)
{
    static const enum hg_log_level levels[] = {
        [HG_NOTE] = HG_LOG_INFO, [HG_WARNING] = HG_LOG_WARNING, [HG_ERROR] = HG_LOG_ERROR};
    struct hg_log_field fields[4];
    size_t count = 0;

    (void)unused;
    if (diag->place.file)
        fields[count++] = (struct hg_log_field){"file", hg_slice_cstr(diag->place.file), 0};
    if (diag->place.line)
        fields[count++] = (struct hg_log_field){"line", {0}, diag->place.line};
    if (diag->place.column)
        fields[count++] = (struct hg_log_field){"column", {0}, diag->place.column};
    if (diag->hint.len)
        fields[count++] = (struct hg_log_field){"hint", diag->hint, 0};
    hg_log_each(levels[diag->severity], "configuration", fields, count, "%.*s", HG_SLICE_FMT(diag->message));
}

/* As lines of the log where that is JSON, else as a reader at a terminal wants them. */
static void say(struct hg_diags *diags)
{
    if (hg_log_format() == HG_LOG_JSON) {
        hg_diags_each(diags, log_one, NULL);
        if (diags->dropped)
            hg_log_each(HG_LOG_WARNING, "configuration", NULL, 0, "%zu more not shown", diags->dropped);
    } else {
        hg_diags_print(diags, stderr);
        fflush(stderr);
    }
}

/* The diagnostics to stderr; all of it for whoever asked. */
static void report(struct reload *reload, struct hg_diags *diags, const struct hg_snapshot *new)
{
    FILE *memory = open_memstream(&reload->report, &reload->report_len);

    say(diags);
    reload->errors = diags->errors;
    if (!memory)
        return;
    hg_diags_print(diags, memory);
    if (new && reload->plan.previous)
        report_changes(reload, new, memory);
    if (new && reload->plan.recent)
        report_replay(reload, new, memory);
    fclose(memory);
}

/* ---- loading ---- */

static struct hg_snapshot *read_snapshot(const struct reload *reload, struct hg_diags *diags)
{
    if (reload->plan.snapshot)
        return hg_snapshot_hold(reload->plan.snapshot);
    struct hg_snapshot *snapshot = hg_snapshot_load(reload->plan.config_path, diags);
    if (snapshot)
        hg_rewrite_check(snapshot, diags);
    return snapshot;
}

/* At the start nobody has said yet how lines shall be. */
static void begin_log(const char *config_path)
{
    struct hg_log_config log;

    if (hg_config_read_log(config_path, &log))
        hg_log_configure((enum hg_log_format)log.format, (enum hg_log_level)log.level, log.most);
}

static void load(void *argument)
{
    struct reload *reload = argument;
    struct hg_diags diags;
    char why[512];

    hg_diags_init(&diags);
    struct hg_snapshot *snapshot = read_snapshot(reload, &diags);
    if (snapshot && reload->plan.previous)
        check_fixed(reload->plan.config_path, hg_generation_config(reload->plan.previous), snapshot->config,
                    &diags);
    if (snapshot && !diags.errors) {
        reload->result = hg_generation_new(snapshot, reload->plan.previous, why);
        snapshot = NULL;
        if (!reload->result)
            hg_diag_add(&diags, HG_ERROR, (struct hg_place){.file = reload->plan.config_path}, NULL, "%s",
                        why);
    }
    hg_snapshot_drop(snapshot);
    if (!reload->plan.previous)
        begin_log(reload->plan.config_path);
    report(reload, &diags, reload->result ? reload->result->snapshot : NULL);
    hg_diags_free(&diags);
}

struct hg_generation *hg_load_generation(const char *config_path, const struct hg_generation *previous)
{
    struct reload reload = {
        .plan = {.config_path = config_path, .previous = (struct hg_generation *)previous}};

    if (!hg_tree_run_with_stack(hg_snapshot_stack_bytes(), load, &reload))
        hg_log(HG_LOG_ERROR, "cannot make a thread to load the configuration");
    free(reload.report);
    return reload.result;
}

static void reload_free(struct reload *reload)
{
    hg_generation_drop(reload->plan.previous);
    hg_snapshot_drop(reload->plan.snapshot);
    free(reload->report);
    free(reload);
}

/* Enough to load, and to rewrite what is replayed. */
static size_t stack_bytes(void)
{
    size_t loading = hg_snapshot_stack_bytes(),
           rewriting = hg_tree_stack_bytes(HG_RECENT_LONGEST) + STACK_MARGIN;

    return loading > rewriting ? loading : rewriting;
}

static void reload_finished(struct hg_letter *letter)
{
    struct reload *reload = (struct reload *)letter;

    pthread_join(reload->thread, NULL);
    const struct hg_reload_outcome outcome = {.generation = reload->result,
                                              .report = hg_slice_of(reload->report, reload->report_len),
                                              .errors = reload->errors};
    reload->done(reload->argument, &outcome);
    reload_free(reload);
}

static void *reload_thread(void *argument)
{
    struct reload *reload = argument;

    load(reload);
    hg_loop_post(reload->loop, &reload->letter);
    return NULL;
}

bool hg_reload_start(struct hg_loop *loop, const struct hg_reload_plan *plan,
                     void (*done)(void *argument, const struct hg_reload_outcome *outcome), void *argument)
{
    struct reload *reload = hg_calloc(1, sizeof *reload);

    *reload = (struct reload){
        .letter = {.open = reload_finished}, .loop = loop, .plan = *plan, .done = done, .argument = argument};
    (void)hg_generation_hold(plan->previous);
    if (plan->snapshot)
        (void)hg_snapshot_hold(plan->snapshot);
    bool made = hg_thread_start(&reload->thread, stack_bytes(), reload_thread, reload) == 0;
    if (!made)
        reload_free(reload);
    return made;
}
