/* headgate walls: prints what an administrator runs in the databases behind, so that they, too, keep tenants
 * apart. Connects to nothing. */
#include <stdio.h>

#include "commands.h"
#include "tree.h"
#include "walls.h"

struct walls {
    const char *path, *backend; /* backend: NULL = all */
    struct hg_diags diags;
    struct hg_bytes out;
    bool done;
};

/* The catalog of a role is `catalog:database`. */
static bool is_wanted(const struct walls *walls, const struct hg_config *config,
                      const struct hg_backend_config *backend)
{
    const char *wanted = walls->backend;
    size_t len = strlen(backend->name);

    if (!wanted || backend->index < config->nbackends)
        return !wanted || strcmp(wanted, backend->name) == 0;
    return strncmp(wanted, backend->name, len) == 0 && wanted[len] == ':' &&
           strcmp(wanted + len + 1, backend->database) == 0;
}

static void run(void *argument)
{
    struct walls *walls = argument;
    struct hg_snapshot *snapshot = hg_snapshot_load_offline(walls->path, &walls->diags);

    if (!snapshot)
        return;
    for (size_t i = 0; i < snapshot->config->nservers; i++) {
        const struct hg_backend_config *backend = &snapshot->config->backends[i];
        if (!is_wanted(walls, snapshot->config, backend))
            continue;
        hg_write_text(&walls->out, walls->done ? "\n\n" : "");
        hg_walls_write(snapshot, backend, &walls->out);
        walls->done = true;
    }
    if (!walls->done)
        fprintf(stderr, "headgate walls: there is no backend \"%s\"\n", walls->backend);
    hg_snapshot_drop(snapshot);
}

int hg_cmd_walls(int argc, char **argv)
{
    struct walls walls = {0};
    const struct hg_option options[] = {HG_OPTION_CONFIG(walls.path),
                                        {.name = "--backend", .value = &walls.backend}};

    if (!hg_options("walls", argc, argv, options, 2))
        return HG_EXIT_USAGE;
    hg_diags_init(&walls.diags);
    hg_bytes_init(&walls.out, 0);
    if (!hg_tree_run_with_stack(hg_snapshot_stack_bytes(), run, &walls))
        fputs("headgate walls: cannot make a thread\n", stderr);
    if (walls.diags.errors)
        hg_diags_print(&walls.diags, stderr);
    bool done = walls.done && fwrite(walls.out.data, 1, walls.out.len, stdout) == walls.out.len;
    hg_bytes_free(&walls.out);
    hg_diags_free(&walls.diags);
    return done && fflush(stdout) == 0 ? HG_EXIT_DONE : HG_EXIT_INVALID;
}
