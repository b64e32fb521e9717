/* Cancelling what a server runs: a CancelRequest over a connection of its own.
 *
 * The request goes over TLS if the connection does: its key is as secret as that.
 *
 * A request cannot be called back, and the server says nothing about it but hanging up after it has
 * signalled. So the server connection counts its requests until then: while the count is not 0 its session
 * must not send it another statement, and after that the session may go on, but nobody else ever gets the
 * connection. One request is on its way at a time: those that come meanwhile, however many, are one more
 * behind it, in case the first came before the statement. A request outlives its server connection without harm: the key fits no other process. */
#include <stdlib.h>

#include "arena.h"
#include "log.h"
#include "pool_private.h"

struct cancel {
    struct cancel *next;
    struct hg_pools *worker;
    struct hg_pool *pool;     /* one of its references */
    struct hg_server *server; /* NULL when it was closed meanwhile */
    struct opening *opening;
    struct hg_host host; /* the very machine, whatever its name leads to by now */
    char address[64];
    uint8_t secret[HG_SERVER_SECRET_BYTES];
};

static void cancel_free(struct cancel *cancel)
{
    struct cancel **at = &cancel->worker->cancels;
    struct hg_pool *pool = cancel->pool;

    while (*at != cancel)
        at = &(*at)->next;
    *at = cancel->next;
    explicit_bzero(cancel->secret, sizeof cancel->secret);
    free(cancel);
    pthread_mutex_lock(&pool->mutex);
    pool_drop_unlock(pool);
}

static void on_status(void *owner, struct hg_slice name, struct hg_slice value)
{
    (void)owner; /* nobody logs in */
    (void)name;
    (void)value;
}

static void send_request(struct hg_server *server);

/* One more is of no use when the statement has ended: the session waits to go on. */
static void request_over(struct hg_server *server)
{
    void (*over)(void *lent_to) = server->cancels_over;
    bool again = server_private(server)->cancel_again;

    server->cancels--;
    server->cancels_over = NULL;
    server_private(server)->cancel_again = false;
    if (over)
        over(server->lent_to);
    else if (again)
        send_request(server);
}

static void on_done(void *owner, const struct opened *opened)
{
    struct cancel *cancel = owner;
    struct hg_server *server = cancel->server;

    if (opened->why)
        hg_log(HG_LOG_WARNING, "backend \"%s\": a cancel request failed: %s", cancel->pool->config.name,
               opened->why);
    cancel_free(cancel);
    if (server)
        request_over(server);
}

/* A name may lead to several machines; the one that the server is on is known by its address. */
static void aim(struct cancel *cancel, const struct hg_server *server)
{
    const char *peer = hg_conn_peer(server->conn), *colon = strrchr(peer, ':');
    const struct server_private *private = server->private_state;
    bool bracketed = peer[0] == '[';
    size_t len = colon ? (size_t)(colon - peer) : 0;

    cancel->host = cancel->pool->config.hosts[private->host];
    if (!colon || len < 3 || len >= sizeof cancel->address)
        return; /* a Unix socket */
    memcpy(cancel->address, peer + bracketed, len - 2 * bracketed);
    cancel->address[len - 2 * bracketed] = '\0';
}

static void send_request(struct hg_server *server)
{
    static const struct opening_events events = {on_status, on_done};
    struct cancel *cancel = hg_calloc(1, sizeof *cancel);
    struct hg_pool *pool = server->pool;
    struct opening_plan plan = {.config = &pool->config,
                                .host = &cancel->host,
                                .address = cancel->address,
                                .tls = hg_conn_is_tls(server->conn) ? pool->tls : NULL,
                                .insists = true,
                                .cancels = true,
                                .pid = server->pid,
                                .secret = cancel->secret,
                                .secret_len = server->secret_len};

    memcpy(cancel->secret, server->secret, server->secret_len);
    cancel->worker = server->worker;
    cancel->pool = pool;
    cancel->server = server;
    aim(cancel, server);
    cancel->next = cancel->worker->cancels;
    cancel->worker->cancels = cancel;
    pthread_mutex_lock(&pool->mutex);
    pool->references++;
    pthread_mutex_unlock(&pool->mutex);
    server->cancels++;
    server_private(server)->cancelled = true;
    cancel->opening = opening_start(cancel->worker->loop, &plan, &events, cancel);
}

void hg_server_cancel(struct hg_server *server)
{
    if (server->cancels)
        server_private(server)->cancel_again = true;
    else
        send_request(server);
}

void cancel_orphan(struct hg_server *server)
{
    if (!server->cancels)
        return;
    for (struct cancel *cancel = server->worker->cancels; cancel; cancel = cancel->next)
        if (cancel->server == server)
            cancel->server = NULL;
}

void cancel_all(struct hg_pools *pools)
{
    while (pools->cancels) {
        opening_cancel(pools->cancels->opening);
        cancel_free(pools->cancels);
    }
}
