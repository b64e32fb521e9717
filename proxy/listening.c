/* Listeners of the process. A successor gets every socket, is told by HEADGATE_SOCKETS (process/sockets.c),
 * and accepts beside this process until that drains; connections that nobody has accepted yet are in the
 * sockets, which no moment finds closed. */
#define _GNU_SOURCE
#include "listening.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log.h"
#include "service.h"

static void remember_program(struct hg_listening *listening)
{
    ssize_t len = readlink("/proc/self/exe", listening->program, sizeof listening->program - 1);

    listening->program[len > 0 ? len : 0] = '\0';
}

static bool open_one(struct hg_listening *listening, struct hg_loop *loop,
                     const struct hg_listen_address *address, void (*accepted)(void *owner, int fd),
                     void *owner)
{
    char why[256];
    struct hg_listener *listener = hg_listener_new(loop, address->host, address->port, accepted, owner, why);

    if (!listener) {
        hg_log_plainly(HG_LOG_ERROR, "%s", why);
        return false;
    }
    listening->listeners[listening->count++] = listener;
    return true;
}

bool hg_listening_open(struct hg_listening *listening, struct hg_loop *loop, const struct hg_config *config,
                       void (*accepted)(void *owner, int fd), void *owner)
{
    char why[256];

    remember_program(listening);
    if (!hg_sockets_inherit(&listening->inherited, why)) {
        hg_log_plainly(HG_LOG_ERROR, "%s", why);
        return false;
    }
    listening->listeners = hg_calloc(config->nlisten, sizeof(struct hg_listener *));
    if (listening->inherited.count) {
        listening->listeners[listening->count++] =
            hg_listener_adopt(loop, listening->inherited.fds, listening->inherited.count, accepted, owner);
        return true;
    }
    for (size_t i = 0; i < config->nlisten; i++)
        if (!open_one(listening, loop, &config->listen[i], accepted, owner))
            return false;
    return true;
}

void hg_listening_say(const struct hg_listening *listening, const struct hg_config *config)
{
    if (listening->inherited.count) {
        hg_log_plainly(HG_LOG_INFO, "listening on %zu sockets that were passed on, port %u",
                       listening->inherited.count, hg_listener_port(listening->listeners[0]));
        return;
    }
    for (size_t i = 0; i < listening->count; i++)
        hg_log_plainly(HG_LOG_INFO, "listening on %s:%u", config->listen[i].host,
                       hg_listener_port(listening->listeners[i]));
}

void hg_listening_close(struct hg_listening *listening)
{
    for (size_t i = 0; i < listening->count; i++)
        hg_listener_free(listening->listeners[i]);
    free(listening->listeners);
    listening->listeners = NULL;
    listening->count = 0;
}

/* ---- the successor ---- */

static struct hg_sockets sockets_of(const struct hg_listening *listening)
{
    struct hg_sockets sockets = {0};

    for (size_t i = 0; i < listening->count; i++)
        sockets.count += hg_listener_fds(listening->listeners[i], sockets.fds + sockets.count,
                                         HG_MOST_SOCKETS - sockets.count);
    return sockets;
}

void hg_listening_hand_over(struct hg_listening *listening, const char *config_path,
                            struct hg_relatives *relatives)
{
    char *arguments[] = {listening->program, (char *)"serve", (char *)"-c", (char *)config_path, NULL};
    struct hg_sockets sockets = sockets_of(listening);
    char why[256];

    _Static_assert(HG_MOST_ELDERS <= HG_MOST_ELDER_SOCKETS, "all of them are passed on");
    if (listening->successor || !sockets.count)
        return;
    sockets.nelders = hg_relatives_bequeath(relatives, sockets.elders);
    int pid = hg_sockets_pass_on(&sockets, listening->program, arguments, why);
    if (sockets.nelders)
        close(sockets.elders[sockets.nelders - 1]); /* the successor's end */
    if (pid < 0) {
        hg_log(HG_LOG_ERROR, "handing over: %s", why);
        return;
    }
    listening->successor = pid;
    hg_service_hand_over(pid);
    hg_log(HG_LOG_INFO, "handing over to process %d", pid);
}

void hg_listening_reap(struct hg_listening *listening)
{
    int status;

    if (!listening->successor || waitpid(listening->successor, &status, WNOHANG) != listening->successor)
        return;
    listening->successor = 0;
    hg_service_hand_over((int)getpid());
    hg_log(HG_LOG_ERROR, "the process that was to take over has ended; this one goes on");
}
