/* headgate man: the manual page headgate(8), from the same tables as --help and as the configuration's
 * loader. In the macros of man(7). */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "config_keys.h"
#include "policy_keys.h"

static const struct {
    const char *usage, *what, *more;
} commands[] = {
#define COMMAND(name, function, usage, what, more) {usage, what, more},
    HG_COMMANDS(COMMAND)
#undef COMMAND
};

static const struct {
    const char *name, *what;
} signals[] = {
    {"SIGHUP", "Reloads the configuration, the policy and the schema as one unit: all of it, or nothing."},
    {"SIGTERM, SIGINT", "Ends: idle clients are told, transactions may go on for drain_timeout. A second one "
                        "ends at once."},
    {"SIGUSR2", "Starts the program anew with the listening sockets; when that is ready this process ends as "
                "with SIGTERM, and first answers those who have just come."},
};

/* Text between macros: troff takes a backslash for itself, and a line that begins with a dot or a quote. */
static void text(const char *words)
{
    if (*words == '.' || *words == '\'')
        fputs("\\&", stdout);
    for (; *words; words++) {
        if (*words == '\n')
            fputs("\n.br\n", stdout);
        else if (*words == '\\')
            fputs("\\e", stdout);
        else if (*words == '-')
            fputs("\\-", stdout);
        else
            putchar(*words);
    }
}

static void item(const char *name, const char *what, const char *more)
{
    fputs(".TP\n.B ", stdout);
    text(name);
    putchar('\n');
    text(what);
    fputs(".\n", stdout);
    if (*more) {
        fputs(".IP\n", stdout);
        text(more);
        putchar('\n');
    }
}

static void key(const char *path, const struct hg_key *row)
{
    char name[128];

    snprintf(name, sizeof name, "%s%s%s", path, *path ? "." : "", row->name);
    fputs(".TP\n.B ", stdout);
    text(name);
    fputs("\n", stdout);
    text(row->help);
    if (row->required)
        fputs(". Required", stdout);
    else if (row->initial) {
        fputs(". Default ", stdout);
        text(row->initial);
    }
    fputs(".\n", stdout);
}

static void keys(void)
{
    fputs(".SH CONFIGURATION\n"
          "The file is YAML. Paths in it are relative to its directory. Durations are written 500ms, 15s, "
          "5min, "
          "2h, 1d; sizes 4096, 64kB, 1MiB.\n",
          stdout);
    for (size_t i = 0; i < HG_NSECTIONS; i++)
        for (size_t j = 0; j < hg_config_keys[i].count; j++)
            key(hg_config_keys[i].path, &hg_config_keys[i].keys[j]);
}

static void policy_keys(void)
{
    fputs(".SH POLICY\nThe file that \\fIpolicy\\fR names, YAML too; reloaded as one.\n", stdout);
#define SECTION(function)                                                                                    \
    {                                                                                                        \
        struct hg_policy_section section = function();                                                       \
        for (size_t i = 0; i < section.count; i++)                                                           \
            key(section.path, &section.keys[i]);                                                             \
    }
    HG_POLICY_SECTIONS(SECTION)
#undef SECTION
}

int hg_cmd_man(int argc, char **argv)
{
    if (!hg_options("man", argc, argv, NULL, 0))
        return HG_EXIT_USAGE;
    fputs(".TH HEADGATE 8 \"\" \"Headgate\" \"System administration\"\n"
          ".SH NAME\nheadgate \\- a multi\\-tenant SQL proxy for PostgreSQL clients\n"
          ".SH SYNOPSIS\n.B headgate\n.I COMMAND\n.RI [ ARGUMENTS ]\n"
          ".SH DESCRIPTION\n"
          "Headgate lets many tenants use shared databases over the PostgreSQL protocol, each as if it had "
          "its own: "
          "it parses every statement, puts the tenant's predicate around every table in it, and sends it to "
          "the "
          "database that serves it.\n"
          ".SH COMMANDS\n",
          stdout);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        item(commands[i].usage, commands[i].what, commands[i].more);
    fputs(".SH SIGNALS\n", stdout);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        fputs(".TP\n.B ", stdout);
        text(signals[i].name);
        putchar('\n');
        text(signals[i].what);
        putchar('\n');
    }
    keys();
    policy_keys();
    fputs(".SH FILES\n.TP\n.I /etc/headgate/headgate.yaml\nwhat the systemd unit serves.\n"
          ".TP\n.I /usr/share/doc/headgate/examples\ncommented samples of the three files.\n"
          ".SH EXIT STATUS\n0 done, 1 refused or invalid, 2 wrong usage.\n"
          ".SH SEE ALSO\n.BR psql (1)\n",
          stdout);
    return HG_EXIT_DONE;
}
