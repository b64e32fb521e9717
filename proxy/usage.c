/* How commands are called, from the one table of commands: reading their options, and saying what is wrong. */
#include <stdio.h>
#include <string.h>

#include "commands.h"

static const struct {
    const char *name, *usage;
} usages[] = {
#define USAGE(name, function, usage, what, more) {name, usage},
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

static bool refuse(const char *command, const char *before, const char *word, const char *behind)
{
    char why[256];

    snprintf(why, sizeof why, "%s\"%s\"%s", before, word, behind);
    hg_usage(command, why);
    return false;
}

static const struct hg_option *option_of(const struct hg_option *options, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(options[i].name, word) == 0 || (options[i].also && strcmp(options[i].also, word) == 0))
            return &options[i];
    return NULL;
}

bool hg_options(const char *command, int argc, char **argv, const struct hg_option *options, size_t count)
{
    for (int i = 0; i < argc; i++) {
        const struct hg_option *option = option_of(options, count, argv[i]);
        if (!option)
            return refuse(command, argv[i][0] == '-' ? "unknown option " : "unexpected argument ", argv[i],
                          "");
        if (option->flag)
            *option->flag = true;
        else if (i + 1 == argc)
            return refuse(command, "", argv[i], " needs a value");
        else
            *option->value = argv[++i];
    }
    for (size_t i = 0; i < count; i++)
        if (options[i].required && !*options[i].value)
            return refuse(command, "", options[i].name, " is missing");
    return true;
}
