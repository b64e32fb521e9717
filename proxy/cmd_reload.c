/* headgate reload: tells the Headgate that runs with this configuration to load it again, by the console's
 * Unix socket, and waits for what comes of it: every error is printed, and then nothing has changed. The same
 * path as the console's RELOAD and SIGHUP take. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blocking.h"
#include "commands.h"
#include "snapshot.h"
#include "tree.h"

struct task {
    const char *path;
    bool dry_run;
    struct hg_diags diags;
    struct hg_snapshot *snapshot;
};

static void load(void *argument)
{
    struct task *task = argument;
    task->snapshot = hg_snapshot_load_offline(task->path, &task->diags);
}

static void print_fault(const struct hg_fault *fault)
{
    fprintf(stderr, "%.*s", HG_SLICE_FMT(fault->detail));
    fprintf(stderr, "headgate reload: %.*s\n", HG_SLICE_FMT(fault->message));
    if (fault->hint.len)
        fprintf(stderr, "(hint: %.*s)\n", HG_SLICE_FMT(fault->hint));
}

static bool ask(const struct hg_backend_config *console, bool dry_run)
{
    struct hg_slice sql = dry_run ? HG_LIT("RELOAD DRY RUN") : HG_LIT("RELOAD");
    struct hg_fault fault = {0};
    struct hg_result result;
    struct hg_arena arena;
    bool good = false;

    hg_arena_init(&arena, 0);
    struct hg_blocking *blocking = hg_blocking_open(console, NULL, &arena, &fault);
    if (blocking)
        good = hg_blocking_query(blocking, sql, &arena, &result, &fault);
    for (size_t i = 0; good && i < result.nrows; i++)
        printf("%.*s\n", HG_SLICE_FMT(result.rows[i][0]));
    if (!good)
        print_fault(&fault);
    hg_blocking_close(blocking);
    hg_arena_free(&arena);
    return good;
}

static int reload(const struct task *task)
{
    const struct hg_config *config = task->snapshot->config;
    struct hg_host host = {.name = config->admin_socket, .port = config->listen[0].port};
    struct hg_backend_config console = {.name = "console",
                                        .hosts = &host,
                                        .nhosts = 1,
                                        .database = HG_CONSOLE_DATABASE,
                                        .user = "headgate",
                                        .password = "",
                                        .connect_timeout_ms = 5000};

    if (!config->admin_socket) {
        fprintf(stderr,
                "headgate reload: %s names no \"admin.socket\"; send the process SIGHUP, or use the "
                "console\n",
                task->path);
        return HG_EXIT_INVALID;
    }
    char *directory = realpath(config->admin_socket, NULL);
    if (directory)
        host.name = directory;
    bool good = ask(&console, task->dry_run);
    free(directory);
    return good ? HG_EXIT_DONE : HG_EXIT_INVALID;
}

int hg_cmd_reload(int argc, char **argv)
{
    struct task task = {0};

    const struct hg_option options[] = {HG_OPTION_CONFIG(task.path),
                                        {.name = "--dry-run", .flag = &task.dry_run}};
    if (!hg_options("reload", argc, argv, options, 2))
        return HG_EXIT_USAGE;
    hg_diags_init(&task.diags);
    bool ran = hg_tree_run_with_stack(hg_snapshot_stack_bytes(), load, &task);
    if (!task.snapshot)
        hg_diags_print(&task.diags, stderr);
    hg_diags_free(&task.diags);
    if (!ran || !task.snapshot)
        return HG_EXIT_INVALID;
    int status = reload(&task);
    hg_snapshot_drop(task.snapshot);
    return status;
}
