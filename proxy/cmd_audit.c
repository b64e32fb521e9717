/* headgate audit verify: reads audit logs, in the order in which they were written, and says where the chain
 * of their lines breaks. What was cut off at the end only shows when one knows where it ended: --last. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chain.h"
#include "commands.h"
#include "socket.h"

struct verifying {
    struct hg_chain chain;
    const char *last; /* what the last line's hash has to be; NULL = anything */
    bool begun;       /* a line was seen */
    unsigned long long first, lines, wrong;
};

static void check_line(struct verifying *verifying, const char *path, unsigned long long at,
                       struct hg_slice text)
{
    const char *wrong = hg_chain_follow(&verifying->chain, text, !verifying->begun);

    if (wrong && !verifying->wrong++)
        printf("%s:%llu: this line %s\n", path, at, wrong);
    if (!verifying->begun)
        verifying->first = verifying->chain.lines;
    verifying->begun = true;
    verifying->lines++;
}

static bool check_file(struct verifying *verifying, const char *path)
{
    FILE *file = fopen(path, "re");
    unsigned long long at = 0;
    char *line = NULL;
    size_t room = 0;
    ssize_t len;

    if (!file) {
        fprintf(stderr, "headgate audit: cannot read \"%s\": %s\n", path, hg_errno_text(errno));
        return false;
    }
    while ((len = getline(&line, &room, file)) > 0) {
        bool whole = line[len - 1] == '\n';
        at++;
        if (whole)
            check_line(verifying, path, at, hg_slice_of(line, (size_t)len - 1));
        else if (!verifying->wrong++)
            printf("%s:%llu: this line is not whole\n", path, at);
    }
    bool read = !ferror(file);
    if (!read)
        fprintf(stderr, "headgate audit: cannot read \"%s\": %s\n", path, hg_errno_text(errno));
    free(line);
    fclose(file);
    return read;
}

static int report(struct verifying *verifying)
{
    if (!verifying->wrong && verifying->last && strcmp(verifying->last, verifying->chain.last) != 0) {
        verifying->wrong = 1;
        printf("the log does not end with %s: lines at its end were removed\n", verifying->last);
    }
    if (verifying->wrong || !verifying->begun) {
        printf(verifying->wrong ? "NOT SOUND: %llu of %llu lines\n" : "there are no lines\n",
               verifying->wrong, verifying->lines);
        return HG_EXIT_INVALID;
    }
    printf("sound: %llu lines, %llu to %llu; the last is %s\n", verifying->lines, verifying->first,
           (unsigned long long)verifying->chain.lines, verifying->chain.last);
    if (verifying->first != 1)
        printf("note: what came before line %llu was not given\n", verifying->first);
    return HG_EXIT_DONE;
}

/* Options before files. */
static const char *read_options(struct verifying *verifying, int argc, char **argv, int *at)
{
    static char why[512];

    for (*at = 1; *at + 1 < argc && strncmp(argv[*at], "--", 2) == 0; *at += 2) {
        if (strcmp(argv[*at], "--last") == 0)
            verifying->last = argv[*at + 1];
        else if (strcmp(argv[*at], "--key-file") != 0)
            return "unknown option";
        else if (!hg_chain_key(&verifying->chain, argv[*at + 1], why))
            return why;
    }
    return *at < argc && strncmp(argv[*at], "--", 2) != 0 ? NULL : "no file given";
}

int hg_cmd_audit(int argc, char **argv)
{
    struct verifying verifying = {0};
    bool good = true;
    int at;

    hg_chain_init(&verifying.chain);
    if (argc < 1 || strcmp(argv[0], "verify") != 0)
        return hg_usage("audit", argc < 1 ? "\"verify\" is missing" : "there is only \"verify\" to do");
    const char *why = read_options(&verifying, argc, argv, &at);
    if (why)
        return hg_usage("audit", why);
    for (; at < argc && good; at++)
        good = check_file(&verifying, argv[at]);
    int status = good ? report(&verifying) : HG_EXIT_INVALID;
    hg_chain_wipe(&verifying.chain);
    return status;
}
