/* headgate serve: loads the configuration, saying everything that is wrong with it, and runs the proxy. That
 * the parser's hook works has been proved before any command runs (main.c). */
#include "commands.h"
#include "init.h"
#include "reload.h"
#include "serve.h"

int hg_cmd_serve(int argc, char **argv)
{
    const char *path = NULL;

    if (!hg_options("serve", argc, argv, &HG_OPTION_CONFIG(path), 1))
        return HG_EXIT_USAGE;
    hg_init_if_first();
    struct hg_generation *generation = hg_load_generation(path, NULL);
    if (!generation)
        return HG_EXIT_INVALID;
    return hg_serve(path, generation) == 0 ? HG_EXIT_DONE : HG_EXIT_INVALID;
}
