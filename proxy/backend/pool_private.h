/* What the files of this folder know of pools: the books (pool.c), the queue of waiters (queue.c), a worker's
 * side (side.c), the life of a connection (server.c), hosts and their health (hosts.c, health.c), cancelling
 * (cancel.c). Nobody else includes this.
 *
 * What is marked [m] belongs to the pool's mutex; the rest to the thread of the side's worker. The mutex is
 * held for assignments, to take a socket off its loop and to post a letter; never while anything is opened or
 * closed, or an owner called. */
#ifndef HG_POOL_PRIVATE_H
#define HG_POOL_PRIVATE_H

#include <pthread.h>

#include "opening.h"
#include "pool.h"

/* Where a server is in the books; the counters of struct hg_pool_stats follow it. */
enum place { NOWHERE, OPENING, IDLE, LENT };

/* What a server said of itself at login. */
enum standby { UNKNOWN, PRIMARY, STANDBY };

struct host_state {
    unsigned failures; /* since the last success */
    uint64_t retry_at_ms;
    bool in_clear; /* TLS, which is preferred, is not to be had: it was said */
};

struct hg_pool {
    pthread_mutex_t mutex;
    struct hg_arena arena;           /* of the strings of config */
    struct hg_backend_config config; /* its own copy */
    struct hg_tls *tls;              /* NULL: plain only */
    struct credentials *credentials; /* maybe shared with other pools */
    unsigned users;                  /* [m] references given out by hg_pool_new(), and successors */
    unsigned references;       /* [m] one for all users together, one per side, one per cancel request */
    bool retired;              /* [m] */
    bool paused;               /* [m] nobody is served, nothing is opened, nothing is kept idle */
    bool replaced;             /* [m] while it was paused */
    struct hg_pool *successor; /* [m] replaced: who wants a server gets one there; held; NULL = of nobody */

    struct side *sides;                   /* [m] one per worker that uses the pool */
    struct hg_map parties;                /* [m] 't' or 'u' and a name -> struct party */
    struct party *line_first, *line_last; /* [m] tenants with waiters */
    uint64_t turns;                       /* [m] */
    uint64_t rounds;                      /* [m] of counting waiters */
    unsigned total;                       /* [m] servers that are somewhere; at most config.pool_size */
    struct hg_pool_stats stats;           /* [m] */

    struct host_state hosts[HG_MAX_HOSTS]; /* [m] as config.hosts */
    unsigned failures;                     /* [m] rounds of failed attempts since the last success */
    uint64_t retry_at_ms;                  /* [m] no attempt before this */
};

/* A tenant, or a user, that uses the pool. [m] */
struct party {
    char *key;
    size_t key_len;
    unsigned running, queued, most_running; /* 0 = no limit */
    uint64_t turn;                          /* of a tenant: when it was served last */
    uint64_t round;                         /* of a user: in which its waiters were counted last */
    unsigned counted;
    struct hg_waiter *first, *last; /* of a tenant: in order */
    struct party *next, *previous;  /* of a tenant: in the line */
};

struct hg_pools {
    struct hg_loop *loop;
    struct side *sides;
    struct cancel *cancels; /* requests on their way */
};

/* One worker's part of one pool. */
struct side {
    struct hg_pool *pool;
    struct hg_pools *worker;   /* [m] NULL once the worker has closed its side */
    struct side *next_of_pool; /* [m] */
    struct side *next_of_worker;

    struct hg_server *idle_first, *idle_last; /* most recently used first */
    struct hg_server *opening_first;
    unsigned nidle;    /* [m] */
    unsigned nservers; /* [m] here or on their way here */
    unsigned nwaiters; /* [m] of this worker, not freed yet */

    struct hg_letter look; /* "look at your side": others wait for idle servers, or the pool was retired */
    bool look_posted;      /* [m] */
    struct hg_timer idle_timer, retry_timer;
    bool idle_timer_runs, retry_timer_runs;

    /* health.c */
    struct hg_timer tick, ping_timer;
    struct hg_server *pinged;
    struct opening *probe;
    unsigned probed; /* the host */
    enum standby probe_standby;
};

enum settled { QUEUED, SERVED, UNREACHABLE, MOVED };

/* Why a waiter goes away with nothing. */
enum refusal {
    NO_SERVER,
    PAUSED,
    REPLACED, /* while it was paused, by something else */
    POOL_FULL,
    OUT_OF_PATIENCE, /* full, and the tenant's or user's queue_wait was shorter than the pool's own timeout */
    TENANT_FULL,
    USER_FULL,
    TENANT_QUEUE,
    USER_QUEUE
};

struct hg_waiter {
    struct hg_letter letter; /* first member: tells the waiter's worker that it is settled */
    struct side *side;
    struct hg_claim claim;
    struct party *tenant, *user;       /* [m] while queued */
    struct hg_waiter *next, *previous; /* [m] while queued */
    enum settled settled;              /* [m] */
    struct hg_server *server;          /* [m] when SERVED */
    bool watched;                      /* [m] its worker looks at it right now: no letter is needed */
    bool cancelled;
    struct hg_timer timer;
    uint64_t begun_ms, deadline_ms;
    const struct hg_limits
        *impatient; /* whose queue_wait the deadline is: the claim's; NULL = the pool's own */
    unsigned used;  /* of the limit that it is refused for */
    void *owner;
    void (*done)(void *owner, struct hg_server *server, const struct hg_fault *fault);
};

/* hg_server.private_state */
struct server_private {
    struct side *side;
    enum place place;        /* [m] */
    struct opening *opening; /* while OPENING */
    unsigned host;           /* index in config.hosts */
    uint32_t tried;          /* while OPENING: the hosts, by bit */
    enum standby standby;
    uint64_t idle_since_ms, heard_ms;
    uint64_t retire_at_ms;       /* then it is closed when nobody uses it; 0 = never */
    struct party *tenant, *user; /* [m] while LENT: whose; NULL while it is looked at by health.c */
    bool at_back;                /* goes idle as the least recently used one */
    bool travels;      /* lent to a waiter of another worker: in no loop until that opens its letter */
    bool cancelled;    /* a cancel request was sent to it: never lent again */
    bool cancel_again; /* another one was asked for meanwhile */
};

static inline struct server_private *server_private(struct hg_server *server)
{
    return (struct server_private *)server->private_state;
}

/* ---- pool.c, the books: each with the mutex held ---- */
/* The waiter waits no longer: its worker is told. */
void pool_settle(struct hg_waiter *waiter, enum settled how, struct hg_server *server);
/* The one place that moves a server about in the books. */
void pool_move(struct hg_server *server, enum place place);
void pool_drop_unlock(
    struct hg_pool *pool); /* gives one of `references` back and unlocks; frees the pool at the last one */
/* Lets the waiters at the front have this side's idle servers. */
void pool_serve(struct side *side);
/* Looks after the waiters that are left: asks other workers for idle servers, or tells them all that there is
 * no way. Returns new servers, linked by `next`, for the caller to begin with side_begin() after unlocking.
 */
HG_MUST_USE struct hg_server *pool_balance(struct side *side);
/* An attempt to connect failed. */
void pool_back_off(struct hg_pool *pool);

/* ---- parties.c: each with the mutex held ---- */
struct party *pool_find_party(const struct hg_pool *pool, enum hg_party_kind kind, struct hg_slice name);
void pool_enqueue(struct hg_waiter *waiter, bool at_front);
void pool_dequeue(struct hg_waiter *waiter, struct hg_server *server); /* with what it gets; NULL = nothing */
struct hg_waiter *pool_next_waiter(const struct hg_pool *pool); /* who is to have the next server; or NULL */
struct hg_waiter *pool_any_waiter(const struct hg_pool *pool);
unsigned pool_eligible(struct hg_pool *pool); /* waiters that their limits let have one; pool_size at most */
void pool_forget_parties(struct hg_pool *pool); /* all, when the pool goes */
void pool_take(struct hg_pool *pool, struct hg_server *server, struct hg_waiter *waiter);
void pool_give(struct hg_pool *pool, struct hg_server *server); /* it is not that party's any more */

/* ---- hosts.c: each but the first two with the mutex held ---- */
uint64_t random_up_to(uint64_t most); /* so that many do not do the same at the same moment */
uint64_t back_off_ms(unsigned failures);
/* For a new connection, of those not tried yet; -1 when all were. */
int pool_choose_host(const struct hg_pool *pool, uint32_t tried);
void pool_host_failed(struct hg_pool *pool, unsigned host);
void pool_host_good(struct hg_pool *pool, unsigned host);
/* A connection was opened under TLS or, where that is only preferred, not. True when that is news. */
bool pool_host_in_clear(struct hg_pool *pool, unsigned host, bool in_clear);
unsigned pool_failed_hosts(const struct hg_pool *pool);

/* ---- health.c ---- */
void health_begin(struct side *side);
void health_end(struct side *side);

/* ---- side.c ---- */
struct side *side_of(struct hg_pools *pools, struct hg_pool *pool); /* made when needed */
void side_begin(struct side *side, struct hg_server *servers);
void side_put_idle(
    struct hg_server *server); /* one that is nobody's now: for the first waiter, or to be kept */
/* Takes a server out of the books and frees it; a connection may be opened in its stead. */
void side_lose(struct hg_server *server);
void side_put_back(struct hg_server *server); /* was not used: stays the least recently used one */
void side_discard(struct hg_server *server);  /* out of the books, closed and freed */
void side_close_aged(struct side *side);      /* unused servers that are over their age */
void side_balance(struct side *side);         /* sees to the waiters, and to pool_min */
void side_post_look(struct side *side);       /* [m] */
void side_collect(struct side *side);         /* frees it when nothing is left that could need it */
extern const struct hg_conn_events side_idle_events;

/* ---- server.c ---- */
struct hg_server *server_new(struct side *side);
void server_begin(struct hg_server *server);
/* NULL when a server of that kind will do, else why not. */
const char *fits_target(const struct hg_backend_config *config, enum standby standby);
void server_free(struct hg_server *server); /* closes; out of the books already */

/* ---- prepared.c ---- */
void prepared_forget_all(struct hg_server *server);

/* ---- cancel.c ---- */
void cancel_orphan(struct hg_server *server); /* the server goes; its cancel requests go on without it */
void cancel_all(struct hg_pools *pools);

#endif
