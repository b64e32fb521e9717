/* One event loop per thread: timers, deferred calls, and a mailbox through which other threads hand it work.
 * Wraps libevent's event_base; nothing outside net/ includes libevent. */
#ifndef HG_LOOP_H
#define HG_LOOP_H

#include "slice.h"

struct hg_loop;
struct event;
struct event_base;

struct hg_loop *hg_loop_new(void); /* also makes the process ignore SIGPIPE */
/* Letters that nobody has opened yet are opened here, so that what they carry can be freed. */
void hg_loop_free(struct hg_loop *loop);
void hg_loop_run(struct hg_loop *loop);  /* until hg_loop_stop() */
void hg_loop_stop(struct hg_loop *loop); /* from the loop's own thread; others post a letter that does it */
uint64_t hg_loop_now_ms(struct hg_loop *loop);         /* monotonic, read at most once per turn of the loop */
uint64_t hg_clock_us(void);                            /* monotonic, read now */
struct event_base *hg_loop_base(struct hg_loop *loop); /* for net/ itself */

/* A letter: `open(letter)` runs on the loop's thread. The letter is the sender's memory, embedded in what it
 * carries; it is the receiver's from the moment it is opened. hg_loop_post() may be called from any thread;
 * letters from one thread are opened in order. Letters posted after the loop has been freed are the caller's
 * bug. */
struct hg_letter {
    struct hg_letter *next;
    void (*open)(struct hg_letter *letter);
};
void hg_loop_post(struct hg_loop *loop, struct hg_letter *letter);

/* A call that is put off to the end of the loop's turn, embedded by its owner; same thread only. Asking twice
 * is one call. One that is asked for during such a call waits for the next turn, so nobody can starve the
 * sockets. */
struct hg_later {
    struct hg_later *next, *previous; /* NULL while not asked for */
    void (*run)(void *argument);
    void *argument;
};
void hg_later_init(struct hg_later *later, void (*run)(void *argument), void *argument);
void hg_later_ask(struct hg_later *later, struct hg_loop *loop);
void hg_later_cancel(struct hg_later *later);

/* A one-shot timer, embedded by its owner. The owner may stop, restart or free it while it fires. */
struct hg_timer {
    struct event *event; /* made at first start */
    struct hg_loop *loop;
    void (*fire)(void *argument);
    void *argument;
};
void hg_timer_init(struct hg_timer *timer, struct hg_loop *loop, void (*fire)(void *argument),
                   void *argument);
void hg_timer_start(struct hg_timer *timer, uint64_t after_ms); /* restarts a running one */
void hg_timer_stop(struct hg_timer *timer);
void hg_timer_free(struct hg_timer *timer);

#endif
