/* headgate catalog: creates or updates the catalog database, and those of roles that do not see everything,
 * and says what was changed. Each is a transaction of its own; the first that fails ends it. */
#include <stdio.h>

#include "catalog.h"
#include "commands.h"
#include "tree.h"

struct command {
    const char *path;
    struct hg_diags diags;
    int status;
};

static void print_fault(const struct hg_catalog_outcome *outcome, const char *database)
{
    const struct hg_fault *fault = &outcome->fault;

    fprintf(stderr, "headgate catalog: database %s: while %s: %s: %.*s\n", database, outcome->doing,
            fault->sqlstate, HG_SLICE_FMT(fault->message));
    if (fault->detail.len)
        fprintf(stderr, "  detail: %.*s\n", HG_SLICE_FMT(fault->detail));
    if (fault->hint.len)
        fprintf(stderr, "  hint: %.*s\n", HG_SLICE_FMT(fault->hint));
}

static bool bring(const struct hg_snapshot *snapshot, const struct hg_backend_config *catalog, bool alone)
{
    struct hg_arena arena;
    struct hg_catalog_outcome outcome;

    struct hg_diags diags;

    hg_arena_init(&arena, 0);
    hg_diags_init(&diags);
    bool done = hg_catalog_bring(snapshot, catalog, true, &arena, &outcome, &diags);
    hg_diags_print(&diags, stderr);
    hg_diags_free(&diags);
    if (done && !alone)
        printf("database %s:\n", catalog->database);
    if (done)
        printf("%.*sunchanged: %zu tables\n", HG_SLICE_FMT(outcome.changes), outcome.unchanged);
    else
        print_fault(&outcome, catalog->database);
    fflush(stdout);
    hg_arena_free(&arena);
    return done;
}

static int work(const struct hg_snapshot *snapshot)
{
    const struct hg_config *config = snapshot->config;
    bool alone = config->nservers == config->nbackends;
    bool done = bring(snapshot, config->catalog, alone);

    for (size_t i = config->nbackends; done && i < config->nservers; i++)
        done = bring(snapshot, &config->backends[i], alone);
    return done ? HG_EXIT_DONE : HG_EXIT_INVALID;
}

static void run_command(void *argument)
{
    struct command *command = argument;
    struct hg_snapshot *snapshot = hg_snapshot_load(command->path, &command->diags);

    hg_diags_print(&command->diags, stderr);
    if (!snapshot)
        return;
    command->status = work(snapshot);
    hg_snapshot_drop(snapshot);
}

int hg_cmd_catalog(int argc, char **argv)
{
    struct command command = {.status = HG_EXIT_INVALID};

    if (!hg_options("catalog", argc, argv, &HG_OPTION_CONFIG(command.path), 1))
        return HG_EXIT_USAGE;
    hg_diags_init(&command.diags);
    if (!hg_tree_run_with_stack(hg_snapshot_stack_bytes(), run_command, &command))
        fputs("headgate catalog: cannot make a thread\n", stderr);
    hg_diags_free(&command.diags);
    return command.status;
}
