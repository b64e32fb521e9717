/* Listening sockets: one for each address of the host, one owner.
 *
 * Each wake-up accepts a bounded number of connections, so that a flood of them cannot keep the loop from
 * everything else. When the process or the system is out of descriptors accept() fails while the socket stays
 * readable: the listener then stops watching for 100 ms instead of spinning, and says so, once a minute at
 * most; who connects meanwhile waits. Any other failure concerns only the connection that failed (it was reset
 * before we came to it).
 *
 * A Unix socket is made by bind() and closed to others by chmod() before anybody can connect, which listen()
 * allows. Its file is removed with the listener unless another process has put its own there meanwhile. */
#define _GNU_SOURCE 1 /* accept4 */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/event.h>

#include "arena.h"
#include "conn.h"
#include "log.h"
#include "socket.h"

#define ACCEPTS_PER_TURN 64
#define BACKLOG          1024
#define PAUSE_MS         100
#define SAY_AGAIN_US     UINT64_C(60000000)

struct hg_listener {
    struct hg_loop *loop;
    void (*accepted)(void *owner, int fd);
    void *owner;
    struct event *events[HG_LISTENER_SOCKETS];
    int fds[HG_LISTENER_SOCKETS];
    size_t count;
    struct hg_timer pause;
    uint64_t said_us;         /* when it last said that nobody can be accepted; 0: never */
    struct sockaddr_un local; /* of a Unix socket; else its path is empty */
    dev_t device;             /* and which file it is */
    ino_t inode;
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

static void say_shortage(struct hg_listener *listener, int error)
{
    uint64_t now = hg_clock_us();

    if (listener->said_us && now - listener->said_us < SAY_AGAIN_US)
        return;
    listener->said_us = now;
    hg_log(HG_LOG_ERROR, "cannot accept connections: %s; those that come wait until there is room",
           hg_errno_text(error));
}

static void on_connection(evutil_socket_t fd, short what, void *argument)
{
    struct hg_listener *listener = argument;
    bool gone = false;

    (void)what;
    for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
        int accepted = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (accepted < 0) {
            int error = errno;

            if (error == ECONNABORTED || error == EINTR)
                continue;
            if (is_shortage(error)) {
                pause_all(listener);
                say_shortage(listener, error);
            }
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

/* ---- Unix sockets ---- */

/* Nobody listens behind the file: the process that made it has ended without removing it. */
static bool is_left_over(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    bool refused;

    if (fd < 0)
        return false;
    refused = connect(fd, (const struct sockaddr *)address, sizeof *address) != 0 && errno == ECONNREFUSED;
    close(fd);
    return refused;
}

static bool bind_local(int fd, const struct sockaddr_un *address, bool replace)
{
    if (bind(fd, (const struct sockaddr *)address, sizeof *address) == 0)
        return true;
    if (errno != EADDRINUSE)
        return false;
    if (!replace && !is_left_over(address)) {
        errno = EADDRINUSE;
        return false;
    }
    return unlink(address->sun_path) == 0 && bind(fd, (const struct sockaddr *)address, sizeof *address) == 0;
}

static bool open_local(struct hg_listener *listener, bool replace)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), saved;
    struct stat file;

    if (fd < 0)
        return false;
    if (bind_local(fd, &listener->local, replace)) {
        if (chmod(listener->local.sun_path, 0600) == 0 && stat(listener->local.sun_path, &file) == 0 &&
            listen(fd, BACKLOG) == 0) {
            listener->device = file.st_dev;
            listener->inode = file.st_ino;
            add(listener, fd);
            return true;
        }
        saved = errno;
        (void)unlink(listener->local.sun_path);
        errno = saved;
    }
    saved = errno;
    close(fd);
    errno = saved;
    return false;
}

struct hg_listener *hg_listener_local(struct hg_loop *loop, const char *directory, uint16_t port,
                                      bool replace, void (*accepted)(void *owner, int fd), void *owner,
                                      char why[256])
{
    struct hg_listener *listener = make(loop, accepted, owner);
    size_t room = sizeof listener->local.sun_path;

    listener->local.sun_family = AF_UNIX;
    int len = snprintf(listener->local.sun_path, room, "%s/.s.PGSQL.%u", directory, port);
    bool fits = len > 0 && (size_t)len < room;
    if (fits && open_local(listener, replace)) {
        watch_all(listener);
        return listener;
    }
    snprintf(why, 256, "cannot listen in \"%s\": %s", directory,
             fits ? hg_errno_text(errno) : "the name is too long for a Unix socket");
    listener->local.sun_path[0] = '\0';
    hg_listener_free(listener);
    return NULL;
}

static void remove_file(const struct hg_listener *listener)
{
    struct stat file;

    if (listener->local.sun_path[0] && stat(listener->local.sun_path, &file) == 0 &&
        file.st_dev == listener->device && file.st_ino == listener->inode)
        (void)unlink(listener->local.sun_path);
}

uint16_t hg_listener_port(const struct hg_listener *listener)
{
    return (uint16_t)port_of(listener->fds[0]);
}

void hg_listener_free(struct hg_listener *listener)
{
    if (listener->gone)
        *listener->gone = true;
    remove_file(listener);
    for (size_t i = 0; i < listener->count; i++) {
        event_free(listener->events[i]);
        close(listener->fds[i]);
    }
    hg_timer_free(&listener->pause);
    free(listener);
}
