/* What the program says about how to call it, from the one table of commands. */
#include <stdio.h>
#include <string.h>

#include "commands.h"

static const struct {
    const char *name, *usage;
} usages[] = {
#define USAGE(name, function, usage, what) {name, usage},
    HG_COMMANDS(USAGE)
#undef USAGE
};

int hg_usage(const char *command, const char *why)
{
    if (why)
        fprintf(stderr, "headgate %s: %s\n", command, why);
    for (size_t i = 0; i < sizeof usages / sizeof usages[0]; i++)
        if (strcmp(usages[i].name, command) == 0)
            fprintf(stderr, "usage: headgate %s\n", usages[i].usage);
    return HG_EXIT_USAGE;
}

const char *hg_config_argument(const char *command, int argc, char **argv)
{
    if (argc == 2 && (strcmp(argv[0], "-c") == 0 || strcmp(argv[0], "--config") == 0))
        return argv[1];
    hg_usage(command, argc == 0 ? "no configuration file given" : "unexpected arguments");
    return NULL;
}
