/* Running a program for what it prints. It gets no input, no descriptor but the pipe, its own process group
 * (so that what it starts goes with it when time is up), default signals, and Headgate's environment and
 * stderr.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena.h"
#include "credentials.h"

#define WAIT_MS 10 /* between looks at a program that has closed its output and not ended */

extern char **environ;

static uint64_t now_ms(void)
{
    return hg_clock_us() / 1000;
}

static int spawn(char *const *command, int output, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    int error;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    error = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (!error)
        error = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    if (!error)
        error = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                          POSIX_SPAWN_SETPGROUP);
    if (!error)
        error = posix_spawnattr_setsigmask(&attributes, &none) ||
                posix_spawnattr_setsigdefault(&attributes, &all);
    if (!error)
        error = posix_spawn(pid, command[0], &actions, &attributes, command, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

/* Reads to the end. NULL, or what went wrong. */
static const char *read_all(int fd, uint64_t deadline_ms, char *text, size_t most, size_t *len)
{
    *len = 0;
    for (;;) {
        uint64_t now = now_ms();
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        if (now >= deadline_ms || poll(&wait, 1, (int)(deadline_ms - now)) == 0)
            return "took too long";
        ssize_t got = read(fd, text + *len, most + 1 - *len);
        if (got == 0)
            return NULL;
        if (got < 0 && errno != EINTR)
            return "could not be read from";
        if (got > 0 && (*len += (size_t)got) > most)
            return "printed too much";
    }
}

/* NULL, or what went wrong; the program is gone then. */
static const char *await(pid_t pid, uint64_t deadline_ms, const char *why)
{
    int status = 0;

    while (!why && waitpid(pid, &status, WNOHANG) == 0) {
        if (now_ms() >= deadline_ms)
            why = "took too long";
        else
            poll(NULL, 0, WAIT_MS);
    }
    if (why) {
        (void)kill(-pid, SIGKILL);
        (void)waitpid(pid, &status, 0);
        return why;
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? NULL : "ended with an error";
}

bool command_output(char *const *command, uint32_t timeout_ms, size_t most, char **text, size_t *len,
                    char why[256])
{
    uint64_t deadline_ms = now_ms() + timeout_ms;
    const char *wrong = "cannot be started";
    int ends[2];
    pid_t pid;

    *text = hg_malloc(most + 2);
    if (pipe2(ends, O_CLOEXEC) == 0) {
        int error = spawn(command, ends[1], &pid);
        close(ends[1]);
        if (!error) {
            wrong = read_all(ends[0], deadline_ms, *text, most, len);
            wrong = await(pid, deadline_ms, wrong);
        }
        close(ends[0]);
    }
    if (!wrong) {
        (*text)[*len] = '\0';
        return true;
    }
    snprintf(why, 256, "the credential_command %s", wrong);
    explicit_bzero(*text, most + 2);
    free(*text);
    *text = NULL;
    return false;
}
