/* The headgate program: finds the subcommand and runs it. Exit status: 0 done, 1 refused or invalid, 2 wrong
 * usage. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "commands.h"
#include "tree.h"

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *usage, *what, *more;
} commands[] = {
#define COMMAND(name, function, usage, what, more) {name, function, usage, what, more},
    HG_COMMANDS(COMMAND)
#undef COMMAND
};

#define NCOMMANDS (sizeof commands / sizeof commands[0])

static void help(FILE *out)
{
    fputs("Headgate lets many tenants use shared databases over the PostgreSQL protocol, each as if it had "
          "its own.\n\n"
          "usage: headgate COMMAND [ARGUMENTS]\n\n",
          out);
    for (size_t i = 0; i < NCOMMANDS; i++)
        fprintf(out, "  headgate %s\n      %s\n", commands[i].usage, commands[i].what);
    fputs("  headgate --version\n  headgate --help\n\n"
          "A configuration to start from is conf/headgate.yaml; it names the policy and the schema.\n"
          "Exit status: 0 done, 1 refused or invalid, 2 wrong usage.\n",
          out);
}

/* A paragraph in lines that fit a terminal; what stands behind a line break, an example, in one line. */
static void print_wrapped(const char *text)
{
    size_t column = 0;

    while (*text && *text != '\n') {
        size_t word = strcspn(text, " \n");
        if (column && column + 1 + word <= 78)
            column += (size_t)printf(" %.*s", (int)word, text);
        else
            column = (size_t)printf("\n  %.*s", (int)word, text) - 1;
        text += word + (text[word] == ' ');
    }
    if (*text)
        printf("\n\n  %s", text + 1);
    if (column)
        putchar('\n');
}

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

int main(int argc, char **argv)
{
    const char *why;

    /* OpenSSL would free what is its own at the end, while a thread that makes keys may still be at it. */
    (void)OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
    if (argc < 2) {
        help(stderr);
        return HG_EXIT_USAGE;
    }
    if (is_help(argv[1]) || strcmp(argv[1], "help") == 0) {
        help(stdout);
        return HG_EXIT_DONE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("headgate " HG_VERSION);
        return HG_EXIT_DONE;
    }
    for (size_t i = 0; i < NCOMMANDS; i++) {
        if (strcmp(argv[1], commands[i].name) != 0)
            continue;
        if (argc == 3 && is_help(argv[2])) {
            printf("usage: headgate %s\n  %s\n", commands[i].usage, commands[i].what);
            print_wrapped(commands[i].more);
            return HG_EXIT_DONE;
        }
        if (!hg_tree_self_test(&why)) {
            fprintf(stderr, "headgate: the SQL parser does not work as it must: %s\n", why);
            return HG_EXIT_INVALID;
        }
        return commands[i].run(argc - 2, argv + 2);
    }
    fprintf(stderr, "headgate: there is no command \"%s\"; see headgate --help\n", argv[1]);
    return HG_EXIT_USAGE;
}
