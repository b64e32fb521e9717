/* Socket options. A peer that vanished without a word (a machine without power, a dropped NAT entry) is
 * noticed by keepalive: the first probe after 60 s of silence, then every 10 s, given up after 6. */
#define _GNU_SOURCE 1 /* strerrordesc_np */
#include "socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

static void set(int fd, int level, int option, int value)
{
    (void)setsockopt(fd, level, option, &value, sizeof value); /* each is an improvement, none is a need */
}

void hg_socket_tune(int fd)
{
    set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set(fd, IPPROTO_TCP, TCP_KEEPIDLE, 60);
    set(fd, IPPROTO_TCP, TCP_KEEPINTVL, 10);
    set(fd, IPPROTO_TCP, TCP_KEEPCNT, 6);
}

const char *hg_errno_text(int error)
{
    const char *text = strerrordesc_np(error);

    return text ? text : "unknown error";
}
