/* Server connections and the pools that lend them.
 *
 * A pool belongs to one backend and is shared by all workers: its size is counted over all of them. A worker
 * keeps the idle connections that it last used (their sockets watched on its own loop); a connection changes
 * worker only when a waiter of another worker is first in the queue: it is then detached from its loop and
 * travels with the letter that tells the waiter.
 *
 *            a waiter               login done
 *   (none) ----------> OPENING ------------------> LENT <------> IDLE (on a worker's loop)
 *           is left,      | failed                   |             | idle or alive too long, hung up,
 *           pool_min      v                          v             v unasked bytes, pool retired
 *                      (freed)    (freed: released with doubt)  (freed)
 */
#ifndef HG_POOL_H
#define HG_POOL_H

#include <stdatomic.h>

#include "conn.h"
#include "fault.h"
#include "settings.h"
#include "snapshot.h"

struct hg_pool;
struct hg_pools; /* one worker's side of all pools */
struct hg_waiter;

#define HG_SERVER_SECRET_BYTES 256u

/* A statement kept prepared on a server connection under the name `hg_<id>`. */
struct hg_server_prepared;

struct hg_server {
    struct hg_pool *pool;
    struct hg_pools *worker; /* whose loop it is on */
    struct hg_conn *conn;
    struct hg_inbox inbox;   /* replies, read by whoever has it lent */
    struct hg_outbox outbox; /* requests */
    int32_t pid;             /* the backend's own key: for cancelling, never shown */
    uint8_t secret[HG_SERVER_SECRET_BYTES];
    size_t secret_len;
    uint8_t status; /* of the last ReadyForQuery: 'I', 'T', 'E' */
    uint64_t connected_us;

    /* What the settings are on the server; NULL = unknown. Owned. At first those that the server reported at
     * login, so server_version is known too; later what hg_server_set() records. */
    char *settings[HG_NCARRIED];
    uint64_t settings_stamp; /* the user's, for that they are as it wants them; any change makes it 0 */

    /* The tenant that HG_WALL_SETTING names there, where walls are on; NULL = unknown: to be set before any
     * statement. */
    char *tenant;

    /* Prepared statements there, least recently used first. */
    struct hg_server_prepared *prepared_first, *prepared_last;
    struct hg_map prepared; /* 8 bytes of id -> struct hg_server_prepared */
    size_t nprepared;
    uint64_t unnamed; /* id of the statement that its unnamed statement holds; 0 = none of ours */

    unsigned cancels; /* cancel requests on their way to it; once there was one it is closed at its release */
    void (*cancels_over)(void *lent_to); /* set by the session when it waits until `cancels` is 0 before it
                                            sends the next statement; or NULL */
    void *lent_to;                       /* the session, NULL when idle */
    struct hg_server *next, *previous;   /* lists of the pool */
    void *private_state;                 /* of this folder: pool_private.h */
};

/* ---- pools, made once per generation of the configuration ---- */

/* One pool; `same_as` (may be NULL) is a pool of the previous generation: when its configuration is equal the
 * very same pool is returned with one more reference. `kin` (may be NULL) is another pool of the same
 * backend, for another database: both use the same credentials, which are fetched once. NULL and why when its
 * TLS context cannot be made. */
HG_MUST_USE struct hg_pool *hg_pool_new(const struct hg_backend_config *config, const char *database_default,
                                        struct hg_pool *same_as, struct hg_pool *kin, char why[256]);
void hg_pool_drop(struct hg_pool *pool); /* at the last reference the pool retires; NULL is harmless */
const struct hg_backend_config *hg_pool_config(const struct hg_pool *pool); /* its own deep copy */
/* A pool that is no longer current: idle connections go at once, lent ones when released. */
void hg_pool_retire(struct hg_pool *pool);

/* While paused no server is lent: who asks waits, up to queue_timeout_ms. Idle connections are closed at
 * once, lent ones when they come back. From any thread. */
void hg_pool_pause(struct hg_pool *pool, bool paused);
/* A reload replaces a pool while it is paused. `by` is paused, too, and whoever waits, or still asks the old
 * one, waits there from now on; when that is no pool of the same database any more, or NULL, they are told.
 */
void hg_pool_replace_paused(struct hg_pool *pool, struct hg_pool *by);

struct hg_pool_stats {
    bool paused;
    unsigned lent, idle, connecting, waiting;
    uint64_t opened, failed;
    unsigned hosts, failed_hosts; /* all failed: the backend cannot be reached, as far as is known */
};
struct hg_pool_stats hg_pool_stats(struct hg_pool *pool);

/* How many connections a tenant or a user has in use, and how many of its statements wait. From any thread. */
enum hg_party_kind { HG_PARTY_TENANT = 't', HG_PARTY_USER = 'u' };
struct hg_party_use {
    unsigned running, queued;
};
struct hg_party_use hg_pool_use(struct hg_pool *pool, enum hg_party_kind kind, struct hg_slice name);

/* ---- one worker's side ---- */
struct hg_pools *hg_pools_new(struct hg_loop *loop);
/* Closes what is idle; nothing may be lent and nobody may wait. On the worker's thread or after it has ended;
 * before hg_loop_free(). */
void hg_pools_free(struct hg_pools *pools);

/* From now on this worker looks after the pool: opens what pool_min asks for, asks failed hosts whether they
 * are back. Else that begins with the first hg_pool_acquire(). */
void hg_pool_attend(struct hg_pools *pools, struct hg_pool *pool);

/* On whose behalf a server is wanted. All borrowed: they must live until done() was called or the waiter
 * cancelled. */
struct hg_claim {
    struct hg_slice tenant, user; /* their names */
    const struct hg_limits *tenant_limits, *user_limits;
};

/* Asks for a server connection. done is called later, or before this returns when one is at hand: with a
 * server, lent to `owner`; or with NULL and a fault (53300 pool full for queue_timeout_ms; 53400 a limit of
 * the tenant or user; 08001 cannot connect; 28P01… as 08001 with an internal log line: the text for clients
 * names the backend and says nothing of its host, user or password). Tenants are served in turn, each in the
 * order of its waiters. Returns NULL when done was called already. A server that is handed over is in status
 * 'I', its socket is silent, and its conn wants to read: call hg_server_events() inside done. */
struct hg_waiter *
hg_pool_acquire(struct hg_pools *pools, struct hg_pool *pool, const struct hg_claim *claim, void *owner,
                void (*done)(void *owner, struct hg_server *server, const struct hg_fault *fault));
void hg_waiter_cancel(struct hg_waiter *waiter); /* done will not be called */

/* While lent, the owner's callbacks get the socket's events. It changes the conn's interest with
 * hg_conn_want(). */
void hg_server_events(struct hg_server *server, const struct hg_conn_events *events, void *owner);

/* Gives a server back. `clean` must be true only when it is in status 'I', with nothing outstanding in either
 * direction and no state of its user's in it but settings and prepared statements that are recorded above;
 * anything else closes it. A server that still runs something goes on running it when it is closed: cancel it
 * before. May be called inside the conn's callbacks. */
void hg_server_release(struct hg_server *server, bool clean);

/* ---- prepared statements on a server ---- */
/* True when statement `id` is there (and marks it used). */
bool hg_server_has_prepared(struct hg_server *server, uint64_t id);
/* Records it; when that exceeds `most`, the least recently used one is forgotten and its id returned: send
 * Close for it (0 = none). */
uint64_t hg_server_add_prepared(struct hg_server *server, uint64_t id, size_t most);
void hg_server_forget_prepared(struct hg_server *server, uint64_t id);
void hg_server_set(struct hg_server *server, int setting, struct hg_slice value); /* records a value */
void hg_server_set_tenant(struct hg_server *server, struct hg_slice value);       /* records it */
/* Settings with SYNC or VIRTUAL, and the tenant, are unknown now. */
void hg_server_forget_settings(struct hg_server *server);

/* ---- cancelling ---- */
/* Sends a CancelRequest for what the server runs now, over a connection of its own (TLS as the pool's). Until
 * that is over server->cancels counts it; a server that was cancelled is closed at its release. The server
 * may be released or freed before the cancel request has gone out. */
void hg_server_cancel(struct hg_server *server);

#endif
