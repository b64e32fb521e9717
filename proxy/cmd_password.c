/* headgate password: a password in, its verifier out, so that policy.yaml never holds a password.
 *
 * On a terminal it is asked for twice and not shown; the terminal's echo is put back also when a signal ends
 * the program meanwhile. Otherwise it is one line of standard input. The questions go to stderr, so that the
 * verifier can be redirected. Bytes are read one by one into one buffer, past stdio, so that there is one
 * copy to wipe. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "commands.h"
#include "md5.h"
#include "scram.h"

#define PASSWORD_CAP 4096

/* For the signal handler, which has no other way to know. */
static struct termios terminal_before;

static void restore_and_die(int signal_number)
{
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &terminal_before);
    raise(signal_number); /* with the default action, which SA_RESETHAND has put back */
}

static bool hide_typing(void)
{
    static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    struct sigaction action = {.sa_handler = restore_and_die, .sa_flags = SA_RESETHAND | SA_NODEFER};
    struct termios hidden;

    if (tcgetattr(STDIN_FILENO, &terminal_before) != 0)
        return false;
    for (size_t i = 0; i < sizeof ending / sizeof ending[0]; i++)
        sigaction(ending[i], &action, NULL);
    hidden = terminal_before;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    hidden.c_lflag |= ECHONL;
    return tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0;
}

/* One line without its end, at most PASSWORD_CAP bytes; false at a longer one, and when there is none. */
static bool read_line(char line[PASSWORD_CAP], size_t *len)
{
    for (*len = 0;;) {
        char c;
        ssize_t got = read(STDIN_FILENO, &c, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return *len > 0;
        if (c == '\n')
            return true;
        if (*len == PASSWORD_CAP)
            return false;
        line[(*len)++] = c;
    }
}

/* Asks for it twice on a terminal. NULL, or what is wrong. */
static const char *read_twice(char password[PASSWORD_CAP], size_t *len)
{
    char again[PASSWORD_CAP];
    size_t again_len;
    const char *why = NULL;

    if (!hide_typing())
        return "cannot turn off the terminal's echo";
    fputs("Password: ", stderr);
    if (!read_line(password, len))
        why = "no password given, or one that is too long";
    if (!why)
        fputs("Once more: ", stderr);
    if (!why && (!read_line(again, &again_len) || again_len != *len || memcmp(again, password, *len) != 0))
        why = "the two passwords are not the same";
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &terminal_before);
    explicit_bzero(again, sizeof again);
    return why;
}

static const char *read_password(char password[PASSWORD_CAP], size_t *len)
{
    const char *why = NULL;

    if (isatty(STDIN_FILENO))
        why = read_twice(password, len);
    else if (!read_line(password, len))
        why = "no password on standard input, or one that is too long";
    if (!why && *len == 0)
        why = "an empty password lets nobody in";
    return why;
}

/* Prints the verifier; user: whose md5 verifier is wanted, NULL: SCRAM's. NULL, or what is wrong. */
static const char *print_verifier(struct hg_slice password, const char *user)
{
    char md5[HG_MD5_RESPONSE_BYTES];
    struct hg_bytes verifier;
    const char *why = NULL;

    if (memchr(password.ptr, '\0', password.len))
        return "the password holds a NUL";
    hg_bytes_init(&verifier, 0);
    if (user && hg_md5_verifier(hg_slice_cstr(user), password, md5))
        hg_write_text(&verifier, md5);
    else if (user)
        why = "there is no md5 on this machine";
    else if (!hg_scram_verifier_make(password, HG_SCRAM_ITERATIONS, &verifier))
        why = "cannot make a verifier: there are no random numbers";
    if (!why && (printf("%.*s\n", HG_SLICE_FMT(hg_bytes_slice(&verifier))) < 0 || fflush(stdout) != 0))
        why = "cannot write";
    hg_bytes_free(&verifier);
    return why;
}

int hg_cmd_password(int argc, char **argv)
{
    char password[PASSWORD_CAP];
    const char *user = NULL;
    size_t len = 0;

    if (!hg_options("password", argc, argv, &(struct hg_option){.name = "--md5", .value = &user}, 1))
        return HG_EXIT_USAGE;
    if (user && !*user)
        return hg_usage("password", "an md5 verifier needs its user's name");
    const char *why = read_password(password, &len);
    if (!why)
        why = print_verifier(hg_slice_of(password, len), user);
    explicit_bzero(password, sizeof password);
    if (why)
        fprintf(stderr, "headgate password: %s\n", why);
    return why ? HG_EXIT_INVALID : HG_EXIT_DONE;
}
