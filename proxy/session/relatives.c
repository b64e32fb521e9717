/* Asking relatives.
 *
 *       (ended)      (draining)      (draining)      serving
 *      process 1 <--- process 2 <--- process 3 <--- process 4      each has sockets to all before it
 *
 * Each process makes a pair of sockets before it starts its successor, keeps one end and leaves it the other,
 * with those that it was left itself: so nobody depends on one in the middle, which may be gone. A request is
 * one packet, the pid and the secret, and with it goes the descriptor of the client's connection: as long as
 * somebody has that, the client waits, as it waits for PostgreSQL to have signalled. Nothing else has to be
 * answered, kept or timed; a process that ends leaves nothing behind.
 *
 * A successor begins to accept before its predecessor has stopped to: for that moment requests go the other
 * way too. What came from a relative is never sent on. Only who was handed one of the sockets can ask; and who
 * asks needs the secret nevertheless.
 *
 * Sockets to elders but the predecessor are shared with those in between and only written to. */
#define _GNU_SOURCE
#include "relatives.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "arena.h"
#include "bytes.h"
#include "conn.h"
#include "worker.h"

#define PACKET_BYTES (sizeof(int32_t) + HG_CANCEL_SECRET_LONG)
#define MOST         (HG_MOST_ELDERS + 1)

struct relative {
    int fd;
    bool elder;
    struct hg_conn *conn; /* owns fd, and listens to it; NULL: the relative is only asked */
    struct hg_relatives *all;
};

struct hg_relatives {
    struct hg_loop *loop;
    struct hg_cancel_keys *keys;
    pthread_mutex_t mutex; /* of the list: workers ask, the main thread changes it */
    struct relative *list[MOST];
    size_t count;
};

struct hg_relatives *hg_relatives_new(struct hg_loop *loop, struct hg_cancel_keys *keys)
{
    struct hg_relatives *relatives = hg_calloc(1, sizeof *relatives);

    relatives->loop = loop;
    relatives->keys = keys;
    pthread_mutex_init(&relatives->mutex, NULL);
    return relatives;
}

/* ---- who they are ---- */

static void forget(struct relative *relative)
{
    struct hg_relatives *all = relative->all;

    pthread_mutex_lock(&all->mutex);
    size_t at = 0;
    while (all->list[at] != relative)
        at++;
    memmove(all->list + at, all->list + at + 1, (all->count - at - 1) * sizeof all->list[0]);
    all->count--;
    pthread_mutex_unlock(&all->mutex);
    if (relative->conn)
        hg_conn_free(relative->conn);
    else
        close(relative->fd);
    free(relative);
}

void hg_relatives_leave(struct hg_relatives *relatives)
{
    while (relatives->count)
        forget(relatives->list[0]);
}

void hg_relatives_free(struct hg_relatives *relatives)
{
    hg_relatives_leave(relatives);
    pthread_mutex_destroy(&relatives->mutex);
    free(relatives);
}

static void readable(void *owner);

static const struct hg_conn_events events = {readable, readable};

static void add(struct hg_relatives *relatives, int fd, bool elder, bool listens)
{
    struct relative *relative = hg_calloc(1, sizeof *relative);

    *relative = (struct relative){.fd = fd, .elder = elder, .all = relatives};
    if (listens) {
        relative->conn = hg_conn_new(relatives->loop, fd, &events, relative);
        hg_conn_want(relative->conn, true, false);
    }
    pthread_mutex_lock(&relatives->mutex);
    relatives->list[relatives->count++] = relative;
    pthread_mutex_unlock(&relatives->mutex);
}

void hg_relatives_inherit(struct hg_relatives *relatives, const int *elders, size_t count)
{
    for (size_t i = 0; i < count; i++)
        add(relatives, elders[i], true, i + 1 == count);
}

/* The other end of all its sockets is closed. */
static bool is_gone(const struct relative *relative)
{
    char byte;

    return recv(relative->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

size_t hg_relatives_bequeath(struct hg_relatives *relatives, int elders[HG_MOST_ELDERS])
{
    int pair[2];
    size_t count = 0;

    for (size_t i = relatives->count; i-- > 0;) /* a successor that never came to anything, too */
        if (is_gone(relatives->list[i]) || !relatives->list[i]->elder)
            forget(relatives->list[i]);
    if (relatives->count == HG_MOST_ELDERS) /* the oldest has drained for that long */
        forget(relatives->list[0]);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) != 0)
        return 0;
    for (size_t i = 0; i < relatives->count; i++)
        elders[count++] = relatives->list[i]->fd;
    elders[count++] = pair[1];
    add(relatives, pair[0], false, true);
    return count;
}

/* ---- asking and being asked ---- */

/* Room for one descriptor beside a packet. */
union beside {
    struct cmsghdr header;
    char room[CMSG_SPACE(sizeof(int))];
};

static void pack(struct hg_bytes *packet, int32_t pid, struct hg_slice secret)
{
    hg_bytes_init(packet, PACKET_BYTES);
    hg_write_u32(packet, (uint32_t)pid);
    hg_write_slice(packet, secret);
}

void hg_relatives_ask(struct hg_relatives *relatives, int32_t pid, struct hg_slice secret, int client)
{
    union beside beside = {.room = {0}};
    struct hg_bytes packet;
    struct iovec part;
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = beside.room, .msg_controllen = sizeof beside.room};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);

    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof client);
    memcpy(CMSG_DATA(header), &client, sizeof client);
    pack(&packet, pid, secret);
    part = (struct iovec){packet.data, packet.len};
    pthread_mutex_lock(&relatives->mutex);
    for (size_t i = 0; i < relatives->count && !packet.failed; i++)
        (void)!sendmsg(relatives->list[i]->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    pthread_mutex_unlock(&relatives->mutex);
    hg_bytes_free(&packet);
}

/* The client's connection, that came with the packet; -1 without one. */
static int take_client(struct msghdr *message)
{
    int client = -1;

    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header; header = CMSG_NXTHDR(message, header))
        if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
            header->cmsg_len == CMSG_LEN(sizeof client))
            memcpy(&client, CMSG_DATA(header), sizeof client);
    return client;
}

static void answer(struct hg_relatives *relatives, struct hg_slice packet)
{
    struct hg_reader reader = hg_reader_of(packet.ptr, packet.len);
    int32_t pid = (int32_t)hg_read_u32(&reader);
    struct hg_slice secret = hg_slice_of(packet.ptr + sizeof pid, packet.len - sizeof pid);
    struct hg_worker *worker = hg_cancel_keys_worker(relatives->keys, pid, secret);

    if (worker)
        hg_worker_cancel(worker, pid);
}

static void readable(void *owner)
{
    struct relative *relative = owner;
    union beside beside;
    char packet[PACKET_BYTES];
    struct iovec part = {packet, sizeof packet};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = beside.room, .msg_controllen = sizeof beside.room};
    ssize_t len = recvmsg(relative->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

    if (len < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (len <= 0) {
        forget(relative);
        return;
    }
    int client = take_client(&message);
    if (len > (ssize_t)sizeof(int32_t))
        answer(relative->all, hg_slice_of(packet, (size_t)len));
    explicit_bzero(packet, sizeof packet);
    if (client >= 0)
        close(client);
}
