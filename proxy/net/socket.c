/* Socket options. A peer that vanished without a word (a machine without power, a dropped NAT entry) is
 * noticed by keepalive: the first probe after 60 s of silence, then every 10 s, given up after 6, unless
 * hg_conn_keepalive() says otherwise. */
#define _GNU_SOURCE 1 /* strerrordesc_np */
#include "socket.h"
#include "conn.h"

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

/* The kernel counts whole seconds. */
static int seconds(uint32_t ms)
{
    return (int)((ms + 999) / 1000);
}

void hg_conn_keepalive(const struct hg_conn *conn, const struct hg_keepalive *keepalive)
{
    int fd = hg_conn_fd(conn);

    set(fd, SOL_SOCKET, SO_KEEPALIVE, keepalive->idle_ms > 0);
    if (keepalive->idle_ms) {
        set(fd, IPPROTO_TCP, TCP_KEEPIDLE, seconds(keepalive->idle_ms));
        set(fd, IPPROTO_TCP, TCP_KEEPINTVL, seconds(keepalive->interval_ms));
        set(fd, IPPROTO_TCP, TCP_KEEPCNT, (int)keepalive->count);
    }
    if (keepalive->user_timeout_ms)
        set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, (int)keepalive->user_timeout_ms);
}

const char *hg_errno_text(int error)
{
    const char *text = strerrordesc_np(error);

    return text ? text : "unknown error";
}
