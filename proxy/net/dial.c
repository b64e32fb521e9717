/* Connecting without waiting.
 *
 *   start --(an address in numbers, or a Unix socket)------------------------+
 *     |                                                                      v
 *     +--(a name)--> lookup, on a thread of its own --letter--> addresses -> TRYING --connected--> done(fd)
 *                                                                            | ^ |
 *                               refused, or its share of the time is over:   +-+ +-none left--> done(-1, why)
 *                               the next address
 *
 * getaddrinfo() has no honest asynchronous form, so a name is looked up on a detached thread that owns
 * nothing but the lookup. Dial and lookup know each other under the lookup's mutex: cancelling a dial cuts
 * the thread loose, which then frees the lookup itself; otherwise it posts the lookup back as a letter. Each
 * address gets an equal share of the time that is left, so one that swallows packets does not eat the time of
 * the others. done() is always called from the loop, never from within hg_dial_start(). */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/event.h>

#include "arena.h"
#include "conn.h"
#include "socket.h"
#include "thread.h"

struct lookup {
    struct hg_letter letter; /* first member: opened as a lookup */
    pthread_mutex_t mutex;
    struct hg_dial *dial; /* NULL once the dial was cancelled; changed under the mutex */
    char *host;
    char port[8];
    int error; /* of getaddrinfo */
    struct addrinfo *addresses;
};

struct hg_dial {
    struct hg_loop *loop;
    void (*done)(void *owner, int fd, const char *why);
    void *owner;
    uint64_t deadline_ms;
    struct hg_timer timer; /* the lookup's or the present address's time */
    struct lookup *lookup; /* while it runs */
    struct addrinfo *addresses;
    struct addrinfo *next; /* to try after the present one */
    struct event *event;
    int fd;
    char why[256]; /* why the last address failed */
};

/* ---- looking a name up ---- */

static void lookup_free(struct lookup *lookup)
{
    if (lookup->addresses)
        freeaddrinfo(lookup->addresses);
    pthread_mutex_destroy(&lookup->mutex);
    free(lookup->host);
    free(lookup);
}

static int look_up(const char *host, const char *port, int flags, struct addrinfo **addresses)
{
    const struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = flags | AI_NUMERICSERV};

    *addresses = NULL;
    return getaddrinfo(host, port, &hints, addresses);
}

static void *lookup_thread(void *argument)
{
    struct lookup *lookup = argument;
    bool wanted;

    lookup->error = look_up(lookup->host, lookup->port, 0, &lookup->addresses);
    pthread_mutex_lock(&lookup->mutex);
    wanted = lookup->dial != NULL;
    if (wanted)
        hg_loop_post(lookup->dial->loop, &lookup->letter);
    pthread_mutex_unlock(&lookup->mutex);
    if (!wanted)
        lookup_free(lookup);
    return NULL;
}

/* The letter came, so the thread is past its last use of the lookup but for unlocking: taking the mutex waits
 * for that. */
static struct hg_dial *lookup_dial(struct lookup *lookup)
{
    struct hg_dial *dial;

    pthread_mutex_lock(&lookup->mutex);
    dial = lookup->dial;
    pthread_mutex_unlock(&lookup->mutex);
    return dial;
}

static void try_next(struct hg_dial *dial);

static void on_letter(struct hg_letter *letter)
{
    struct lookup *lookup = (struct lookup *)letter;
    struct hg_dial *dial = lookup_dial(lookup);

    if (dial) {
        dial->lookup = NULL;
        if (lookup->error)
            snprintf(dial->why, sizeof dial->why, "cannot resolve \"%s\": %s", lookup->host,
                     gai_strerror(lookup->error));
        dial->addresses = dial->next = lookup->addresses;
        lookup->addresses = NULL;
        try_next(dial);
    }
    lookup_free(lookup);
}

static bool start_lookup(struct hg_dial *dial, const char *host, const char *port)
{
    struct lookup *lookup = hg_calloc(1, sizeof *lookup);
    size_t len = strlen(host) + 1;

    lookup->letter.open = on_letter;
    lookup->dial = dial;
    lookup->host = hg_malloc(len);
    memcpy(lookup->host, host, len);
    snprintf(lookup->port, sizeof lookup->port, "%s", port);
    pthread_mutex_init(&lookup->mutex, NULL);
    dial->lookup = lookup;
    int error = hg_thread_detach(lookup_thread, lookup);
    if (error == 0)
        return true;
    snprintf(dial->why, sizeof dial->why, "cannot start a thread: %s", hg_errno_text(error));
    dial->lookup = NULL;
    lookup_free(lookup);
    return false;
}

static void abandon_lookup(struct hg_dial *dial)
{
    struct lookup *lookup = dial->lookup;

    if (!lookup)
        return;
    pthread_mutex_lock(&lookup->mutex);
    lookup->dial = NULL; /* the thread frees it, or the letter that is already on its way */
    pthread_mutex_unlock(&lookup->mutex);
    dial->lookup = NULL;
}

/* ---- trying addresses ---- */

static void stop_trying(struct hg_dial *dial)
{
    if (dial->event)
        event_free(dial->event);
    dial->event = NULL;
    if (dial->fd >= 0)
        close(dial->fd);
    dial->fd = -1;
}

static void dial_free(struct hg_dial *dial)
{
    abandon_lookup(dial);
    stop_trying(dial);
    hg_timer_free(&dial->timer);
    if (dial->addresses)
        freeaddrinfo(dial->addresses);
    free(dial);
}

static void finish(struct hg_dial *dial)
{
    void (*done)(void *owner, int fd, const char *why) = dial->done;
    void *owner = dial->owner;
    int fd = dial->fd;
    char why[256];

    memcpy(why, dial->why, sizeof why);
    dial->fd = -1;
    dial_free(dial);
    done(owner, fd, fd >= 0 ? NULL : why);
}

static void on_connected(evutil_socket_t fd, short what, void *argument)
{
    struct hg_dial *dial = argument;
    int error = 0;
    socklen_t len = sizeof error;

    (void)what;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
        error = errno;
    if (error == 0) {
        event_free(dial->event);
        dial->event = NULL;
        finish(dial);
        return;
    }
    snprintf(dial->why, sizeof dial->why, "%s", hg_errno_text(error));
    try_next(dial);
}

static bool try_address(struct hg_dial *dial, int family, const struct sockaddr *address, socklen_t len)
{
    dial->fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (dial->fd >= 0 && family != AF_UNIX)
        hg_socket_tune(dial->fd);
    if (dial->fd < 0 || (connect(dial->fd, address, len) != 0 && errno != EINPROGRESS)) {
        snprintf(dial->why, sizeof dial->why, "%s", hg_errno_text(errno));
        stop_trying(dial);
        return false;
    }
    dial->event = event_new(hg_loop_base(dial->loop), dial->fd, EV_WRITE, on_connected, dial);
    if (dial->event && event_add(dial->event, NULL) == 0)
        return true;
    snprintf(dial->why, sizeof dial->why, "the event loop refuses the socket");
    stop_trying(dial);
    return false;
}

/* What is left of the time, divided among the addresses that are left. */
static uint64_t share_ms(const struct hg_dial *dial, const struct addrinfo *first)
{
    uint64_t now = hg_clock_us() / 1000, count = 0;

    for (const struct addrinfo *address = first; address; address = address->ai_next)
        count++;
    return now < dial->deadline_ms && count ? (dial->deadline_ms - now) / count : 0;
}

static void try_next(struct hg_dial *dial)
{
    stop_trying(dial);
    while (dial->next) {
        struct addrinfo *address = dial->next;

        hg_timer_start(&dial->timer, share_ms(dial, address));
        dial->next = address->ai_next;
        if (try_address(dial, address->ai_family, address->ai_addr, address->ai_addrlen))
            return;
    }
    finish(dial);
}

static void on_timer(void *argument)
{
    struct hg_dial *dial = argument;

    if (dial->lookup) {
        abandon_lookup(dial);
        snprintf(dial->why, sizeof dial->why, "resolving the name took too long");
    } else if (dial->event) {
        snprintf(dial->why, sizeof dial->why, "%s", hg_errno_text(ETIMEDOUT));
    }
    try_next(dial);
}

/* ---- the interface ---- */

static bool start_unix(struct hg_dial *dial, const char *directory, uint16_t port)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int len = snprintf(address.sun_path, sizeof address.sun_path, "%s/.s.PGSQL.%u", directory, port);

    if (len < 0 || (size_t)len >= sizeof address.sun_path) {
        snprintf(dial->why, sizeof dial->why, "the path of the Unix socket is too long");
        return false;
    }
    return try_address(dial, AF_UNIX, (const struct sockaddr *)&address, sizeof address);
}

static bool start_tcp(struct hg_dial *dial, const char *host, uint16_t port)
{
    char service[8];

    snprintf(service, sizeof service, "%u", port);
    if (look_up(host, service, AI_NUMERICHOST, &dial->addresses) != 0)
        return start_lookup(dial, host, service);
    dial->next = dial->addresses->ai_next;
    return try_address(dial, dial->addresses->ai_family, dial->addresses->ai_addr,
                       dial->addresses->ai_addrlen);
}

struct hg_dial *hg_dial_start(struct hg_loop *loop, const char *host, uint16_t port, uint32_t timeout_ms,
                              void (*done)(void *owner, int fd, const char *why), void *owner)
{
    struct hg_dial *dial = hg_calloc(1, sizeof *dial);
    bool started;

    dial->loop = loop;
    dial->done = done;
    dial->owner = owner;
    dial->fd = -1;
    dial->deadline_ms = hg_clock_us() / 1000 + timeout_ms;
    hg_timer_init(&dial->timer, loop, on_timer, dial);
    started = host[0] == '/' ? start_unix(dial, host, port) : start_tcp(dial, host, port);
    hg_timer_start(&dial->timer, started ? timeout_ms : 0); /* the failure is told from the loop */
    return dial;
}

void hg_dial_cancel(struct hg_dial *dial)
{
    dial_free(dial);
}
