/* A parent for the one case of process 1. It holds all signals back and takes them one at a time, so there
 * are no handlers and no races: SIGCHLD is reaping, anything else goes to the child as it is. */
#define _GNU_SOURCE
#include "init.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define BY_SIGNAL 128

/* Reaps all that have ended. The exit status when the child is among them, else -1. */
static int reap(pid_t child)
{
    int status, result = -1;
    pid_t ended;

    while ((ended = waitpid(-1, &status, WNOHANG)) > 0)
        if (ended == child)
            result = WIFEXITED(status) ? WEXITSTATUS(status) : BY_SIGNAL + WTERMSIG(status);
    return result;
}

static void watch_over(pid_t child, const sigset_t *all)
{
    for (;;) {
        int number = 0, result;

        if (sigwait(all, &number) != 0)
            continue;
        if (number != SIGCHLD)
            (void)kill(child, number);
        else if ((result = reap(child)) >= 0)
            exit(result);
    }
}

void hg_init_if_first(void)
{
    sigset_t all, before;
    pid_t child;

    if (getpid() != 1)
        return;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
    child = fork();
    if (child > 0)
        watch_over(child, &all);
    if (child < 0) { /* then as it is: better than not at all */
        fputs("headgate: cannot make a child process; nobody reaps orphans\n", stderr);
    } else {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
}
