/* Connections: which events are watched, who is called, and plain sockets.
 *
 * The owner states an interest in reading and writing; conn_watch() translates it into what the event_base
 * watches. The two differ only under TLS, where reading may have to wait until the socket takes bytes and the
 * reverse, and while a handshake runs, when the owner hears nothing. Bytes that OpenSSL has taken from the
 * socket are invisible to epoll: conn_announce() calls the owner for those on every turn as long as it wants
 * to read.
 *
 * An owner may free or detach the connection inside any callback. The function that calls points conn->gone
 * at a flag on its own stack, which hg_conn_free() and hg_conn_detach() set; it touches nothing after that.
 */
#define _GNU_SOURCE 1 /* struct ucred */
#include "conn.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "arena.h"
#include "conn_private.h"
#include "socket.h"

/* ---- plain sockets ---- */

static enum hg_io io_of_errno(struct hg_conn *conn)
{
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
        return HG_IO_AGAIN;
    conn_set_error(conn, hg_errno_text(errno));
    return HG_IO_ERROR;
}

static enum hg_io plain_read(struct hg_conn *conn, void *buffer, size_t room, size_t *got)
{
    ssize_t n = recv(conn->fd, buffer, room, 0);

    if (n < 0)
        return io_of_errno(conn);
    *got = (size_t)n;
    return n == 0 ? HG_IO_EOF : HG_IO_OK;
}

static enum hg_io plain_write(struct hg_conn *conn, const void *data, size_t len, size_t *put)
{
    ssize_t n = send(conn->fd, data, len, MSG_NOSIGNAL);

    if (n < 0)
        return io_of_errno(conn);
    *put = (size_t)n;
    return HG_IO_OK;
}

static bool plain_pending(const struct hg_conn *conn)
{
    (void)conn;
    return false;
}

static bool plain_quiet(struct hg_conn *conn)
{
    char byte;

    return recv(conn->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

static void plain_close(struct hg_conn *conn)
{
    close(conn->fd);
}

static const struct conn_ops plain_ops = {plain_read, plain_write, plain_pending, plain_quiet, plain_close};

/* ---- callbacks ---- */

/* Calls the owner; false when the connection is no longer ours afterwards. */
static bool call_owner(struct hg_conn *conn, void (*event)(void *owner))
{
    bool gone = false;

    conn->gone = &gone;
    event(conn->owner);
    if (gone)
        return false;
    conn->gone = NULL;
    return true;
}

static void ask_announce(struct hg_conn *conn)
{
    if (conn->loop && conn->want_read && !conn->handshake_done && conn->ops->pending(conn))
        hg_later_ask(&conn->announce, conn->loop);
}

static void conn_announce(void *argument)
{
    struct hg_conn *conn = argument;

    if (conn->handshake_done) { /* one that could not even begin */
        (void)conn_handshake_step(conn);
        return;
    }
    if (conn->want_read && conn->ops->pending(conn) && call_owner(conn, conn->events->readable))
        ask_announce(conn);
}

static void on_readable(evutil_socket_t fd, short what, void *argument)
{
    struct hg_conn *conn = argument;

    (void)fd;
    (void)what;
    if (conn->handshake_done) {
        if (conn_handshake_step(conn))
            ask_announce(conn);
        return;
    }
    if (conn->write_waits_for_read) {
        conn->write_waits_for_read = false;
        conn_watch(conn);
        if (conn->want_write && !call_owner(conn, conn->events->writable))
            return;
    }
    if (conn->want_read && !call_owner(conn, conn->events->readable))
        return;
    ask_announce(conn);
}

static void on_writable(evutil_socket_t fd, short what, void *argument)
{
    struct hg_conn *conn = argument;

    (void)fd;
    (void)what;
    if (conn->handshake_done) {
        if (conn_handshake_step(conn))
            ask_announce(conn);
        return;
    }
    if (conn->read_waits_for_write) {
        conn->read_waits_for_write = false;
        conn_watch(conn);
        if (conn->want_read && !call_owner(conn, conn->events->readable))
            return;
        ask_announce(conn);
    }
    if (conn->want_write)
        (void)call_owner(conn, conn->events->writable);
}

/* ---- interest ---- */

static void watch(struct event *event, bool *watched, bool wanted)
{
    if (*watched == wanted)
        return;
    *watched = wanted;
    if ((wanted ? event_add(event, NULL) : event_del(event)) != 0) {
        fprintf(stderr, "headgate: the event loop refuses a socket: %s\n", hg_errno_text(errno));
        abort();
    }
}

void conn_watch(struct hg_conn *conn)
{
    bool read, write;

    if (!conn->loop)
        return;
    if (conn->handshake_done) {
        read = conn->handshake_waits == CONN_WAITS_FOR_READ;
        write = conn->handshake_waits == CONN_WAITS_FOR_WRITE;
    } else {
        read = (conn->want_read && !conn->read_waits_for_write) ||
               (conn->want_write && conn->write_waits_for_read);
        write = (conn->want_write && !conn->write_waits_for_read) ||
                (conn->want_read && conn->read_waits_for_write);
    }
    watch(&conn->read_event, &conn->watches_read, read);
    watch(&conn->write_event, &conn->watches_write, write);
}

void hg_conn_want(struct hg_conn *conn, bool read, bool write)
{
    conn->want_read = read;
    conn->want_write = write;
    conn_watch(conn);
    ask_announce(conn);
}

/* ---- life ---- */

void conn_set_error(struct hg_conn *conn, const char *text)
{
    size_t len = strlen(text);

    free(conn->error);
    conn->error = hg_malloc(len + 1);
    memcpy(conn->error, text, len + 1);
}

/* One end of the connection, as getpeername() or getsockname() tells. */
static void name_end(int fd, int (*ask)(int, struct sockaddr *, socklen_t *), char *name, size_t room)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof address;
    char host[INET6_ADDRSTRLEN];

    snprintf(name, room, "local");
    if (ask(fd, (struct sockaddr *)&address, &len) != 0)
        return;
    if (address.ss_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)&address;

        inet_ntop(AF_INET, &in->sin_addr, host, sizeof host);
        snprintf(name, room, "%s:%u", host, ntohs(in->sin_port));
    } else if (address.ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&address;

        inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof host);
        snprintf(name, room, "[%s]:%u", host, ntohs(in6->sin6_port));
    }
}

static int ask_peer(int fd, struct sockaddr *address, socklen_t *len)
{
    return getpeername(fd, address, len);
}

static int ask_here(int fd, struct sockaddr *address, socklen_t *len)
{
    return getsockname(fd, address, len);
}

bool hg_conn_name_parts(const char *name, struct hg_slice *address, struct hg_slice *port)
{
    const char *colon = strrchr(name, ':');
    bool bracket = *name == '[' && colon && colon[-1] == ']';

    *address = *port = (struct hg_slice){NULL, 0};
    if (!colon)
        return false;
    *address = hg_slice_of(name + bracket, (size_t)(colon - name) - 2 * (size_t)bracket);
    *port = hg_slice_cstr(colon + 1);
    return true;
}

struct hg_conn *hg_conn_new(struct hg_loop *loop, int fd, const struct hg_conn_events *events, void *owner)
{
    struct hg_conn *conn = hg_calloc(1, sizeof *conn);

    conn->ops = &plain_ops;
    conn->fd = fd;
    hg_later_init(&conn->announce, conn_announce, conn);
    name_end(fd, ask_peer, conn->peer, sizeof conn->peer);
    name_end(fd, ask_here, conn->here, sizeof conn->here);
    hg_conn_attach(conn, loop, events, owner);
    return conn;
}

static void leave_loop(struct hg_conn *conn)
{
    conn->want_read = conn->want_write = false;
    conn_watch(conn);
    if (conn->handshake_done) { /* conn_watch() goes by the handshake then */
        watch(&conn->read_event, &conn->watches_read, false);
        watch(&conn->write_event, &conn->watches_write, false);
    }
    hg_later_cancel(&conn->announce);
    conn->loop = NULL;
    if (conn->gone)
        *conn->gone = true;
    conn->gone = NULL;
}

void hg_conn_free(struct hg_conn *conn)
{
    if (conn->loop)
        leave_loop(conn);
    conn->ops->close(conn);
    free(conn->error);
    free(conn);
}

void hg_conn_detach(struct hg_conn *conn)
{
    leave_loop(conn);
    conn->events = NULL;
    conn->owner = NULL;
}

void hg_conn_attach(struct hg_conn *conn, struct hg_loop *loop, const struct hg_conn_events *events,
                    void *owner)
{
    conn->loop = loop;
    hg_conn_owner(conn, events, owner);
    event_assign(&conn->read_event, hg_loop_base(loop), conn->fd, EV_READ | EV_PERSIST, on_readable, conn);
    event_assign(&conn->write_event, hg_loop_base(loop), conn->fd, EV_WRITE | EV_PERSIST, on_writable, conn);
}

void hg_conn_owner(struct hg_conn *conn, const struct hg_conn_events *events, void *owner)
{
    conn->events = events;
    conn->owner = owner;
}

/* ---- the rest of the interface ---- */

enum hg_io hg_conn_read(struct hg_conn *conn, void *buffer, size_t room, size_t *got)
{
    enum hg_io io;

    *got = 0;
    if (room == 0)
        return HG_IO_AGAIN;
    io = conn->ops->read(conn, buffer, room, got);
    ask_announce(conn);
    return io;
}

enum hg_io hg_conn_write(struct hg_conn *conn, const void *data, size_t len, size_t *put)
{
    *put = 0;
    return len == 0 ? HG_IO_OK : conn->ops->write(conn, data, len, put);
}

bool hg_conn_is_quiet(struct hg_conn *conn)
{
    return conn->ops->quiet(conn);
}

int hg_conn_fd(const struct hg_conn *conn)
{
    return conn->fd;
}

bool hg_conn_is_tls(const struct hg_conn *conn)
{
    return conn->ssl != NULL;
}

const char *hg_conn_last_error(const struct hg_conn *conn)
{
    return conn->error ? conn->error : "no error";
}

bool hg_conn_peek(struct hg_conn *conn, uint8_t *byte)
{
    return !conn->ssl && recv(conn->fd, byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
}

bool hg_conn_is_local(const struct hg_conn *conn)
{
    int domain = AF_UNSPEC;
    socklen_t len = sizeof domain;

    return getsockopt(conn->fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 && domain == AF_UNIX;
}

bool hg_conn_is_trusted(const struct hg_conn *conn)
{
    struct ucred peer;
    socklen_t len = sizeof peer;

    return hg_conn_is_local(conn) && getsockopt(conn->fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
           (peer.uid == 0 || peer.uid == geteuid());
}

const char *hg_conn_peer(const struct hg_conn *conn)
{
    return conn->peer;
}

const char *hg_conn_here(const struct hg_conn *conn)
{
    return conn->here;
}
