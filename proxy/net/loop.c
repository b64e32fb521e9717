/* The event loop.
 *
 * A turn is: wait for sockets and timers, call back for each that is ready, then make the deferred calls that
 * were asked for meanwhile. libevent runs one turn at a time (EVLOOP_ONCE) so that the clock can be read once
 * per turn and so that deferred calls stand between turns, where they can starve nobody.
 *
 * The mailbox is a list under a mutex and an eventfd. Only the letter that finds the list empty rings the
 * eventfd; the loop takes the whole list at once and opens the letters without holding the mutex. An
 * event_base is touched by its own thread alone, so libevent needs no locks. */
#include "loop.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "arena.h"
#include "socket.h"

struct hg_loop {
    struct event_base *base;
    uint64_t now_ms; /* 0 = not yet read in this turn */
    bool stopped;
    struct hg_later later; /* sentinel of the ring of deferred calls */

    struct event *bell;
    int bell_fd;
    pthread_mutex_t mutex; /* protects the two below */
    struct hg_letter *first;
    struct hg_letter **last;
};

/* Without a loop nothing works: as with memory, its absence ends the process. */
static void must(bool held, const char *what)
{
    if (held)
        return;
    fprintf(stderr, "headgate: %s: %s\n", what, hg_errno_text(errno));
    abort();
}

/* ---- mailbox ---- */

static struct hg_letter *take_letters(struct hg_loop *loop)
{
    struct hg_letter *first;

    pthread_mutex_lock(&loop->mutex);
    first = loop->first;
    loop->first = NULL;
    loop->last = &loop->first;
    pthread_mutex_unlock(&loop->mutex);
    return first;
}

static void open_letters(struct hg_loop *loop)
{
    struct hg_letter *letter = take_letters(loop);

    while (letter) {
        struct hg_letter *next = letter->next;

        letter->open(letter);
        letter = next;
    }
}

static void on_bell(evutil_socket_t fd, short what, void *argument)
{
    uint64_t count;

    (void)what;
    /* Silence the bell before taking the list: a letter that comes in between rings it again. */
    if (read(fd, &count, sizeof count) == (ssize_t)sizeof count || errno == EAGAIN)
        open_letters(argument);
}

void hg_loop_post(struct hg_loop *loop, struct hg_letter *letter)
{
    const uint64_t one = 1;
    bool was_empty;

    letter->next = NULL;
    pthread_mutex_lock(&loop->mutex);
    was_empty = loop->first == NULL;
    *loop->last = letter;
    loop->last = &letter->next;
    /* Inside the mutex, so that a loop may be freed as soon as its last letter has been opened. */
    if (was_empty)
        must(write(loop->bell_fd, &one, sizeof one) == (ssize_t)sizeof one, "eventfd");
    pthread_mutex_unlock(&loop->mutex);
}

/* ---- the loop ---- */

static struct event_base *make_base(void)
{
    struct event_config *config = event_config_new();
    struct event_base *base;

    must(config != NULL, "event_config_new");
    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
    base = event_base_new_with_config(config);
    event_config_free(config);
    must(base != NULL, "event_base_new");
    return base;
}

struct hg_loop *hg_loop_new(void)
{
    struct hg_loop *loop = hg_calloc(1, sizeof *loop);

    signal(SIGPIPE, SIG_IGN); /* OpenSSL writes with write(2), which has no MSG_NOSIGNAL */
    loop->base = make_base();
    loop->later.next = loop->later.previous = &loop->later;
    loop->last = &loop->first;
    pthread_mutex_init(&loop->mutex, NULL);
    loop->bell_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    must(loop->bell_fd >= 0, "eventfd");
    loop->bell = event_new(loop->base, loop->bell_fd, EV_READ | EV_PERSIST, on_bell, loop);
    must(loop->bell && event_add(loop->bell, NULL) == 0, "event_add");
    return loop;
}

void hg_loop_free(struct hg_loop *loop)
{
    open_letters(loop);
    event_free(loop->bell);
    close(loop->bell_fd);
    event_base_free(loop->base);
    pthread_mutex_destroy(&loop->mutex);
    free(loop);
}

static void run_later(struct hg_loop *loop)
{
    struct hg_later ring;

    if (loop->later.next == &loop->later)
        return;
    ring = loop->later; /* moves the whole ring to a sentinel of our own */
    ring.next->previous = ring.previous->next = &ring;
    loop->later.next = loop->later.previous = &loop->later;
    while (ring.next != &ring) {
        struct hg_later *later = ring.next;

        hg_later_cancel(later);
        later->run(later->argument);
    }
}

void hg_loop_run(struct hg_loop *loop)
{
    loop->stopped = false;
    while (!loop->stopped) {
        bool idle = loop->later.next == &loop->later;

        loop->now_ms = 0;
        must(event_base_loop(loop->base, EVLOOP_ONCE | (idle ? 0 : EVLOOP_NONBLOCK)) >= 0, "event_base_loop");
        run_later(loop);
    }
}

void hg_loop_stop(struct hg_loop *loop)
{
    loop->stopped = true;
}

uint64_t hg_clock_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

uint64_t hg_loop_now_ms(struct hg_loop *loop)
{
    if (loop->now_ms == 0)
        loop->now_ms = hg_clock_us() / 1000;
    return loop->now_ms;
}

struct event_base *hg_loop_base(struct hg_loop *loop)
{
    return loop->base;
}

/* ---- deferred calls ---- */

void hg_later_init(struct hg_later *later, void (*run)(void *argument), void *argument)
{
    *later = (struct hg_later){.run = run, .argument = argument};
}

void hg_later_ask(struct hg_later *later, struct hg_loop *loop)
{
    if (later->next)
        return;
    later->next = &loop->later;
    later->previous = loop->later.previous;
    later->previous->next = later;
    loop->later.previous = later;
}

void hg_later_cancel(struct hg_later *later)
{
    if (!later->next)
        return;
    later->previous->next = later->next;
    later->next->previous = later->previous;
    later->next = later->previous = NULL;
}

/* ---- timers ---- */

static void on_timer(evutil_socket_t fd, short what, void *argument)
{
    struct hg_timer *timer = argument;

    (void)fd;
    (void)what;
    timer->fire(timer->argument);
}

void hg_timer_init(struct hg_timer *timer, struct hg_loop *loop, void (*fire)(void *argument), void *argument)
{
    *timer = (struct hg_timer){.loop = loop, .fire = fire, .argument = argument};
}

void hg_timer_start(struct hg_timer *timer, uint64_t after_ms)
{
    struct timeval after = {.tv_sec = (time_t)(after_ms / 1000),
                            .tv_usec = (suseconds_t)(after_ms % 1000 * 1000)};

    if (!timer->event) {
        timer->event = evtimer_new(timer->loop->base, on_timer, timer);
        must(timer->event != NULL, "evtimer_new");
    }
    must(evtimer_add(timer->event, &after) == 0, "evtimer_add");
}

void hg_timer_stop(struct hg_timer *timer)
{
    if (timer->event)
        evtimer_del(timer->event);
}

void hg_timer_free(struct hg_timer *timer)
{
    if (timer->event)
        event_free(timer->event);
    timer->event = NULL;
}
