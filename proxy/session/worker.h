/* One of the threads that do the work: a loop, a rewriter, its side of the pools, and the sessions that live
 * and die on it. Other threads reach it by letters only. */
#ifndef HG_WORKER_H
#define HG_WORKER_H

#include <pthread.h>
#include <stdatomic.h>

#include "arena.h"
#include "canonical.h"
#include "contents.h"
#include "generation.h"
#include "loop.h"
#include "observing.h"
#include "rewrite.h"
#include "types.h"

struct hg_accounts;
struct hg_aside;
struct hg_session;
struct hg_parting;
struct hg_cancel_keys;
struct hg_checker;

/* The console, which stands on the floor above: it owns what is said with an administrator's session from its
 * login on. On the session's worker. */
struct hg_console_ops {
    /* Logged in; `admin` is NULL for who came by the Unix socket. */
    void (*open)(struct hg_session *session, const struct hg_admin *admin);
    bool (*step)(struct hg_session *session); /* works on the inbox; false: nothing more to do for now */
    void (*cancel)(struct hg_session *session);
    void (*renew)(struct hg_session *session); /* the worker has a new generation */
    void (*close)(struct hg_session *session); /* the session is being freed */
};

/* What all workers share. */
struct hg_shared {
    const struct hg_console_ops *console_ops;
    struct hg_console *console;
    struct hg_cancel_keys *keys;
    struct hg_relatives *relatives; /* who may have a session that has no key here */
    struct hg_contents *contents;
    struct hg_checker *checker; /* of passwords in clear text */
    atomic_uint connections;    /* accepted ones */
    atomic_uint clients;        /* of those, logged in */
    atomic_uint max_clients;    /* of the current configuration */
    struct hg_observers observers;
    struct hg_accounts *accounts; /* what tenants and users have used of their limits */
};

#define HG_SPARE_ARENAS 8u

struct hg_worker {
    /* Set by the main thread before the worker starts: */
    unsigned number;
    struct hg_shared *shared;
    struct hg_loop *main_loop;
    void (*drained)(void *argument); /* called on the main loop when a draining worker has no tenant's
                                         session left */
    void *drained_argument;
    size_t stack_bytes;
    /* The worker's own: */
    pthread_t thread;
    struct hg_loop *loop;
    struct hg_rewriter *rewriter;
    struct hg_aside *aside; /* rewrites long texts */
    struct hg_pools *pools;
    struct hg_generation *generation; /* the current one, held */
    struct hg_session *sessions;
    size_t nsessions;
    size_t nconsoles; /* of those: administrators, who do not keep a draining worker from its end */
    struct hg_parting *partings; /* servers that clients left in a transaction */
    struct hg_arena *spare_arenas[HG_SPARE_ARENAS];
    size_t nspare_arenas;
    struct hg_canonical canonical; /* settings: what PostgreSQL makes of a value */
    struct hg_types *types;        /* of the current generation's backends, by catalog */
    char server_version[64];       /* of the catalog backend; "" = not asked yet */
    bool draining, relieved;
    struct hg_letter drained_letter;
    struct hg_metrics *metrics;
    uint64_t sessions_ever;
};

/* Starts the thread; holds the generation. False when the thread cannot be made. */
HG_MUST_USE bool hg_worker_start(struct hg_worker *worker, struct hg_generation *generation);
/* From the main thread, by letter: */
void hg_worker_accept(struct hg_worker *worker, int fd);
void hg_worker_renew(struct hg_worker *worker, struct hg_generation *generation);
/* Idle sessions end, no session begins a transaction. `relieved`: another process serves from now on; whoever
 * came in here before gets its first answer here. */
void hg_worker_drain(struct hg_worker *worker, bool relieved);
void hg_worker_end_all(struct hg_worker *worker); /* every session ends now */
void hg_worker_stop(struct hg_worker *worker);    /* its loop ends; joins the thread and frees what it had */

/* From any worker's thread: a cancel request for the session `pid` that lives on `worker`. */
void hg_worker_cancel(struct hg_worker *worker, int32_t pid);
/* … or it is to end. */
void hg_worker_terminate(struct hg_worker *worker, int32_t pid);

/* On the worker's own thread: writes down for metrics what is not counted as it happens. */
void hg_worker_read(struct hg_worker *worker);
/* For sessions, likewise: */
void hg_worker_add(struct hg_worker *worker, struct hg_session *session);
void hg_worker_remove(struct hg_worker *worker, struct hg_session *session);
struct hg_arena *hg_worker_take_arena(struct hg_worker *worker);
void hg_worker_give_arena(struct hg_worker *worker, struct hg_arena *arena);

#endif
