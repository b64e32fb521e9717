/* Listening sockets that outlive the process that serves them, so that a restart refuses nobody: connections
 * that arrive in between wait in the socket.
 *
 * They come from systemd (a .socket unit: sd_listen_fds(3), LISTEN_FDS and LISTEN_PID) or from a predecessor
 * of the same program (SIGUSR2), which names them in HEADGATE_SOCKETS; and in HEADGATE_ELDERS those by which it
 * and its own predecessors can be asked. */
#ifndef HG_SOCKETS_H
#define HG_SOCKETS_H

#include "slice.h"

#define HG_MOST_SOCKETS       64
#define HG_MOST_ELDER_SOCKETS 8

struct hg_sockets {
    int fds[HG_MOST_SOCKETS];
    size_t count;
    int predecessor;                   /* pid of the process that waits to be relieved; 0 = none */
    int elders[HG_MOST_ELDER_SOCKETS]; /* connected sockets to predecessors */
    size_t nelders;
};

/* What was passed on to this process; the environment forgets it, and each socket is close-on-exec and
 * non-blocking afterwards. False and why when something was passed that cannot be used. Once, at the start,
 * while there is one thread. */
HG_MUST_USE bool hg_sockets_inherit(struct hg_sockets *sockets, char why[256]);

/* Starts `program` with the arguments and the sockets. The new process, or -1 and why. */
int hg_sockets_pass_on(const struct hg_sockets *sockets, const char *program, char *const *arguments,
                       char why[256]);

/* This process is ready: the predecessor may end. Only if it is really this process's parent. */
void hg_sockets_relieve(const struct hg_sockets *sockets);

#endif
