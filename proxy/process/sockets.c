/* Taking and passing on sockets. The successor is spawned, not forked: a process of several threads may do
 * little between fork() and exec(). Its sockets keep their numbers; only close-on-exec is taken off, and only
 * in the child, by the file action that duplicates a descriptor to itself (POSIX.1-2024 posix_spawn, as glibc
 * has done it since 2.29). */
#define _GNU_SOURCE
#include "sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "arena.h"
#include "bytes.h"

#define OURS        "HEADGATE_SOCKETS" /* "pid:3,4,5" */
#define ELDERS      "HEADGATE_ELDERS"  /* ":6,7" */
#define LEAST_FD    3
#define ERRNO_BYTES 128
#define LIST_BYTES  4096 /* of HG_MOST_SOCKETS numbers */

extern char **environ;

static const char *errno_words(int error, char buffer[ERRNO_BYTES])
{
    return strerror_r(error, buffer, ERRNO_BYTES);
}

static bool set_up(long fd, char why[256])
{
    int flags = fcntl((int)fd, F_GETFL);

    if (fcntl((int)fd, F_SETFL, flags | O_NONBLOCK) == 0 && fcntl((int)fd, F_SETFD, FD_CLOEXEC) == 0)
        return true;
    snprintf(why, 256, "descriptor %ld, which was passed on, cannot be set up", fd);
    return false;
}

/* Is it a socket, for which that option has that value? */
static bool is_socket(long fd, int option, int wanted)
{
    int value = 0;
    socklen_t len = sizeof value;

    return fd >= LEAST_FD && fd <= INT32_MAX && getsockopt((int)fd, SOL_SOCKET, option, &value, &len) == 0 &&
           value == wanted;
}

static bool take(struct hg_sockets *sockets, long fd, char why[256])
{
    if (!is_socket(fd, SO_ACCEPTCONN, 1)) {
        snprintf(why, 256, "descriptor %ld, which was passed on, is no listening socket", fd);
        return false;
    }
    if (sockets->count == HG_MOST_SOCKETS) {
        snprintf(why, 256, "more than %d sockets were passed on", HG_MOST_SOCKETS);
        return false;
    }
    sockets->fds[sockets->count++] = (int)fd;
    return set_up(fd, why);
}

static bool take_elder(struct hg_sockets *sockets, long fd, char why[256])
{
    if (!is_socket(fd, SO_TYPE, SOCK_SEQPACKET) || sockets->nelders == HG_MOST_ELDER_SOCKETS) {
        snprintf(why, 256, "descriptor %ld, which was passed on, is no predecessor's socket, or one too many",
                 fd);
        return false;
    }
    sockets->elders[sockets->nelders++] = (int)fd;
    return set_up(fd, why);
}

/* Each number behind the character that `at` points to, and behind the commas between them. */
static bool take_list(struct hg_sockets *sockets, const char *name, char *at,
                      bool (*take_one)(struct hg_sockets *sockets, long fd, char why[256]), char why[256])
{
    while (*at) {
        const char *number = at + 1;
        long fd = strtol(number, &at, 10);
        if (at == number || (*at && *at != ',')) {
            snprintf(why, 256, "%s is no list of descriptors", name);
            return false;
        }
        if (!take_one(sockets, fd, why))
            return false;
    }
    return true;
}

static bool from_predecessor(struct hg_sockets *sockets, const char *list, char why[256])
{
    char *at, *elders = getenv(ELDERS);
    long pid = strtol(list, &at, 10);

    if (pid <= 0 || pid > INT32_MAX || *at != ':') {
        snprintf(why, 256, "%s does not say whose sockets they are", OURS);
        return false;
    }
    sockets->predecessor = (int)pid;
    return take_list(sockets, OURS, at, take, why) &&
           (!elders || take_list(sockets, ELDERS, elders, take_elder, why));
}

static bool from_systemd(struct hg_sockets *sockets, char why[256])
{
    int count = sd_listen_fds(1);

    for (int i = 0; i < count; i++)
        if (!take(sockets, SD_LISTEN_FDS_START + i, why))
            return false;
    return true;
}

bool hg_sockets_inherit(struct hg_sockets *sockets, char why[256])
{
    const char *list = getenv(OURS);

    *sockets = (struct hg_sockets){0};
    bool good = list ? from_predecessor(sockets, list, why) : from_systemd(sockets, why);
    unsetenv(OURS);
    unsetenv(ELDERS);
    return good;
}

/* ---- passing on ---- */

static void write_list(struct hg_bytes *text, const int *fds, size_t count)
{
    for (size_t i = 0; i < count; i++)
        hg_write_format(text, "%c%d", i ? ',' : ':', fds[i]);
    hg_write_u8(text, '\0');
}

/* This process's environment, and the sockets. */
static char **environment(const struct hg_sockets *sockets, struct hg_bytes *list)
{
    size_t count = 0;

    hg_write_format(list, "%s=%d", OURS, (int)getpid());
    write_list(list, sockets->fds, sockets->count);
    size_t elders_at = list->len;
    hg_write_text(list, ELDERS "=");
    write_list(list, sockets->elders, sockets->nelders);
    while (environ[count])
        count++;
    char **all = hg_calloc(count + 3, sizeof *all);
    for (size_t i = 0; i < count; i++)
        all[i] = environ[i];
    all[count] = (char *)list->data;
    all[count + 1] = (char *)list->data + elders_at;
    return all;
}

static int spawn(const struct hg_sockets *sockets, const char *program, char *const *arguments, char **env,
                 int *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    int error = 0;

    sigemptyset(&none);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    for (size_t i = 0; i < sockets->count && !error; i++)
        error = posix_spawn_file_actions_adddup2(&actions, sockets->fds[i], sockets->fds[i]);
    for (size_t i = 0; i < sockets->nelders && !error; i++)
        error = posix_spawn_file_actions_adddup2(&actions, sockets->elders[i], sockets->elders[i]);
    if (!error)
        error = posix_spawnattr_setsigmask(&attributes, &none);
    if (!error)
        error = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    if (!error)
        error = posix_spawn(pid, program, &actions, &attributes, arguments, env);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

int hg_sockets_pass_on(const struct hg_sockets *sockets, const char *program, char *const *arguments,
                       char why[256])
{
    struct hg_bytes list;
    char words[ERRNO_BYTES];
    int pid, error;

    hg_bytes_init(&list, LIST_BYTES);
    char **env = environment(sockets, &list);
    error = spawn(sockets, program, arguments, env, &pid);

    free(env);
    hg_bytes_free(&list);
    if (!error)
        return pid;
    snprintf(why, 256, "cannot start %s: %s", program, errno_words(error, words));
    return -1;
}

void hg_sockets_relieve(const struct hg_sockets *sockets)
{
    if (sockets->predecessor > 0 && getppid() == sockets->predecessor)
        (void)kill(sockets->predecessor, SIGTERM);
}
