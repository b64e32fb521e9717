/* Listening sockets: one for each address of the host, one owner.
 *
 * Each wake-up accepts a bounded number of connections, so that a flood of them cannot keep the loop from
 * everything else. When the process or the system is out of descriptors accept() fails while the socket stays
 * readable: the listener then stops watching for 100 ms instead of spinning. Any other failure concerns only
 * the connection that failed (it was reset before we came to it). */
#define _GNU_SOURCE 1 /* accept4 */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "arena.h"
#include "conn.h"
#include "socket.h"

#define ACCEPTS_PER_TURN 64
#define BACKLOG          1024
#define PAUSE_MS         100

struct hg_listener {
    struct hg_loop *loop;
    void (*accepted)(void *owner, int fd);
    void *owner;
    struct event *events[HG_LISTENER_SOCKETS];
    int fds[HG_LISTENER_SOCKETS];
    size_t count;
    struct hg_timer pause;
    bool *gone; /* set while accepted() runs */
};

/* ---- accepting ---- */

static void watch_all(void *argument)
{
    struct hg_listener *listener = argument;

    for (size_t i = 0; i < listener->count; i++)
        (void)event_add(listener->events[i], NULL);
}

static void pause_all(struct hg_listener *listener)
{
    for (size_t i = 0; i < listener->count; i++)
        event_del(listener->events[i]);
    hg_timer_start(&listener->pause, PAUSE_MS);
}

static bool is_shortage(int error)
{
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

static void on_connection(evutil_socket_t fd, short what, void *argument)
{
    struct hg_listener *listener = argument;
    bool gone = false;

    (void)what;
    for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
        int accepted = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (accepted < 0) {
            if (is_shortage(errno))
                pause_all(listener);
            if (errno == ECONNABORTED || errno == EINTR)
                continue;
            return;
        }
        hg_socket_tune(accepted);
        listener->gone = &gone;
        listener->accepted(listener->owner, accepted);
        if (gone)
            return;
        listener->gone = NULL;
    }
}

/* ---- opening ---- */

static int port_of(int fd)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof address;

    if (getsockname(fd, (struct sockaddr *)&address, &len) != 0)
        return 0;
    if (address.ss_family == AF_INET6)
        return ntohs(((const struct sockaddr_in6 *)&address)->sin6_port);
    return ntohs(((const struct sockaddr_in *)&address)->sin_port);
}

/* The second address of a host gets the port that the first one was given when any port would do. */
static void put_port(struct sockaddr *address, uint16_t port)
{
    if (address->sa_family == AF_INET6)
        ((struct sockaddr_in6 *)address)->sin6_port = htons(port);
    else
        ((struct sockaddr_in *)address)->sin_port = htons(port);
}

static int open_socket(const struct addrinfo *address)
{
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1, saved;

    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (address->ai_family == AF_INET6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

/* A machine without IPv6 still knows ::1 by name: an address that does not exist here is left out. */
static bool is_absent(int error)
{
    return error == EAFNOSUPPORT || error == EADDRNOTAVAIL;
}

static void add(struct hg_listener *listener, int fd)
{
    listener->fds[listener->count] = fd;
    listener->events[listener->count] =
        event_new(hg_loop_base(listener->loop), fd, EV_READ | EV_PERSIST, on_connection, listener);
    listener->count++;
}

static bool open_all(struct hg_listener *listener, struct addrinfo *addresses, uint16_t port)
{
    for (struct addrinfo *address = addresses; address && listener->count < HG_LISTENER_SOCKETS;
         address = address->ai_next) {
        int fd;

        if (port == 0 && listener->count)
            put_port(address->ai_addr, (uint16_t)port_of(listener->fds[0]));
        fd = open_socket(address);
        if (fd < 0 && is_absent(errno))
            continue;
        if (fd < 0)
            return false;
        add(listener, fd);
    }
    return listener->count > 0;
}

static struct hg_listener *make(struct hg_loop *loop, void (*accepted)(void *owner, int fd), void *owner)
{
    struct hg_listener *listener = hg_calloc(1, sizeof *listener);

    listener->loop = loop;
    listener->accepted = accepted;
    listener->owner = owner;
    hg_timer_init(&listener->pause, loop, watch_all, listener);
    return listener;
}

struct hg_listener *hg_listener_new(struct hg_loop *loop, const char *host, uint16_t port,
                                    void (*accepted)(void *owner, int fd), void *owner, char why[256])
{
    const struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct hg_listener *listener;
    struct addrinfo *addresses;
    char service[8];
    int error;

    snprintf(service, sizeof service, "%u", port);
    error = getaddrinfo(strcmp(host, "*") == 0 ? NULL : host, service, &hints, &addresses);
    if (error) {
        snprintf(why, 256, "cannot listen on \"%s\": %s", host, gai_strerror(error));
        return NULL;
    }
    listener = make(loop, accepted, owner);
    if (open_all(listener, addresses, port)) {
        watch_all(listener);
    } else {
        snprintf(why, 256, "cannot listen on %s:%u: %s", host, port, hg_errno_text(errno));
        hg_listener_free(listener);
        listener = NULL;
    }
    freeaddrinfo(addresses);
    return listener;
}

struct hg_listener *hg_listener_adopt(struct hg_loop *loop, const int *fds, size_t count,
                                      void (*accepted)(void *owner, int fd), void *owner)
{
    struct hg_listener *listener = make(loop, accepted, owner);

    for (size_t i = 0; i < count && i < HG_LISTENER_SOCKETS; i++)
        add(listener, fds[i]);
    watch_all(listener);
    return listener;
}

size_t hg_listener_fds(const struct hg_listener *listener, int *fds, size_t room)
{
    size_t count = listener->count < room ? listener->count : room;

    memcpy(fds, listener->fds, count * sizeof *fds);
    return count;
}

uint16_t hg_listener_port(const struct hg_listener *listener)
{
    return (uint16_t)port_of(listener->fds[0]);
}

void hg_listener_free(struct hg_listener *listener)
{
    if (listener->gone)
        *listener->gone = true;
    for (size_t i = 0; i < listener->count; i++) {
        event_free(listener->events[i]);
        close(listener->fds[i]);
    }
    hg_timer_free(&listener->pause);
    free(listener);
}
