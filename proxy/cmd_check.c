/* headgate check: loads the three files as `serve` would, and says everything that is wrong with them in one
 * run; with --live also what is wrong in the databases. Diagnostics go to stderr; one line on stdout says
 * that all is well. */
#include <stdio.h>

#include "commands.h"
#include "live.h"
#include "rewrite.h"
#include "tree.h"

struct check {
    const char *path;
    bool live;
    struct hg_diags diags;
    struct hg_bytes found; /* in the databases */
    bool good;
    size_t ntables, nroles, ntenants, nusers;
};

static void run(void *argument)
{
    struct check *check = argument;
    struct hg_snapshot *snapshot = check->live ? hg_snapshot_load(check->path, &check->diags)
                                               : hg_snapshot_load_offline(check->path, &check->diags);
    if (!snapshot)
        return;
    hg_rewrite_check(snapshot, &check->diags);
    check->good = check->diags.errors == 0;
    if (check->good && check->live)
        check->good = hg_live_check(snapshot, check->path, &check->found) == 0;
    check->ntables = snapshot->ntables;
    check->nroles = snapshot->nroles;
    check->ntenants = snapshot->ntenants;
    check->nusers = snapshot->nusers;
    hg_snapshot_drop(snapshot);
}

int hg_cmd_check(int argc, char **argv)
{
    struct check check = {0};
    const struct hg_option options[] = {HG_OPTION_CONFIG(check.path),
                                        {.name = "--live", .flag = &check.live}};
    if (!hg_options("check", argc, argv, options, 2))
        return HG_EXIT_USAGE;
    hg_diags_init(&check.diags);
    hg_bytes_init(&check.found, 0);
    bool ran = hg_tree_run_with_stack(hg_snapshot_stack_bytes(), run, &check);
    if (!ran)
        fputs("headgate check: cannot make a thread\n", stderr);
    hg_diags_print(&check.diags, stderr);
    hg_diags_free(&check.diags);
    if (check.found.len)
        (void)!fwrite(check.found.data, 1, check.found.len, stderr);
    hg_bytes_free(&check.found);
    if (!ran || !check.good)
        return HG_EXIT_INVALID;
    printf("%s: ok (tables: %zu, roles: %zu, tenants: %zu, users: %zu)%s\n", check.path, check.ntables,
           check.nroles, check.ntenants, check.nusers, check.live ? "; the databases agree" : "");
    return HG_EXIT_DONE;
}
