/* headgate check: loads the three files as `serve` would, and says everything that is wrong with them in one
 * run. Diagnostics go to stderr; one line on stdout says that all is well. */
#include <stdio.h>

#include "commands.h"
#include "rewrite.h"
#include "tree.h"

struct check {
    const char *path;
    struct hg_diags diags;
    bool good;
    size_t ntables, nroles, ntenants, nusers;
};

static void run(void *argument)
{
    struct check *check = argument;
    struct hg_snapshot *snapshot = hg_snapshot_load_offline(check->path, &check->diags);
    if (!snapshot)
        return;
    hg_rewrite_check(snapshot, &check->diags);
    check->good = check->diags.errors == 0;
    check->ntables = snapshot->ntables;
    check->nroles = snapshot->nroles;
    check->ntenants = snapshot->ntenants;
    check->nusers = snapshot->nusers;
    hg_snapshot_drop(snapshot);
}

int hg_cmd_check(int argc, char **argv)
{
    struct check check = {.path = hg_config_argument("check", argc, argv)};
    if (!check.path)
        return HG_EXIT_USAGE;
    hg_diags_init(&check.diags);
    bool ran = hg_tree_run_with_stack(hg_snapshot_stack_bytes(), run, &check);
    if (!ran)
        fputs("headgate check: cannot make a thread\n", stderr);
    hg_diags_print(&check.diags, stderr);
    hg_diags_free(&check.diags);
    if (!ran || !check.good)
        return HG_EXIT_INVALID;
    printf("%s: ok: %zu tables, %zu roles, %zu tenants, %zu users\n", check.path, check.ntables, check.nroles,
           check.ntenants, check.nusers);
    return HG_EXIT_DONE;
}
