/* Sending a cancel request on, by the same opening as those to backends (opening.c). */
#include "peer.h"

#include <stdlib.h>

#include "arena.h"
#include "log.h"
#include "opening.h"
#include "protocol.h"

#define MARK 0x01 /* behind the secret */

struct hg_peer_cancel {
    struct hg_backend_config config;
    struct hg_tls *tls;
    struct opening *opening;
    uint8_t secret[HG_SECRET_MOST];
    void (*done)(void *owner);
    void *owner;
};

static void on_status(void *owner, struct hg_slice name, struct hg_slice value)
{
    (void)owner; /* nobody logs in */
    (void)name;
    (void)value;
}

static void cancel_free(struct hg_peer_cancel *cancel)
{
    explicit_bzero(cancel->secret, sizeof cancel->secret);
    hg_tls_drop(cancel->tls);
    free(cancel);
}

static void on_done(void *owner, const struct opened *opened)
{
    struct hg_peer_cancel *cancel = owner;
    void (*done)(void *) = cancel->done;
    void *caller = cancel->owner;

    if (opened->why)
        hg_log(HG_LOG_WARNING, "peer %s:%u: a cancel request could not be sent on: %s",
               cancel->config.hosts->name, cancel->config.hosts->port, opened->why);
    cancel_free(cancel);
    done(caller);
}

struct hg_peer_cancel *hg_peer_cancel_start(struct hg_loop *loop, const struct hg_host *peer, bool tls,
                                            int32_t pid, struct hg_slice secret, uint32_t timeout_ms,
                                            void (*done)(void *owner), void *owner)
{
    static const struct opening_events events = {on_status, on_done};
    struct hg_peer_cancel *cancel = hg_calloc(1, sizeof *cancel);
    size_t len = secret.len < sizeof cancel->secret - 1 ? secret.len : sizeof cancel->secret - 1;
    char why[256];

    memcpy(cancel->secret, secret.ptr, len);
    cancel->secret[len] = MARK;
    cancel->done = done;
    cancel->owner = owner;
    cancel->config = (struct hg_backend_config){.name = "peer",
                                                .hosts = (struct hg_host *)peer,
                                                .nhosts = 1,
                                                .tls = tls ? HG_TLS_PREFER : HG_TLS_DISABLE,
                                                .connect_timeout_ms = timeout_ms};
    if (!opening_tls(&cancel->config, &cancel->tls, why)) {
        hg_log(HG_LOG_WARNING, "peer %s: in clear text, because TLS cannot be set up: %s", peer->name, why);
        cancel->config.tls = HG_TLS_DISABLE;
    }
    struct opening_plan plan = {.config = &cancel->config,
                                .host = peer,
                                .tls = cancel->tls,
                                .cancels = true,
                                .pid = pid,
                                .secret = cancel->secret,
                                .secret_len = len + 1};
    cancel->opening = opening_start(loop, &plan, &events, cancel);
    return cancel;
}

void hg_peer_cancel_stop(struct hg_peer_cancel *cancel)
{
    opening_cancel(cancel->opening);
    cancel_free(cancel);
}

bool hg_peer_take_mark(struct hg_slice *secret, size_t short_len, size_t long_len)
{
    bool marked =
        (secret->len == short_len + 1 || secret->len == long_len + 1) && secret->ptr[secret->len - 1] == MARK;

    if (marked)
        secret->len--;
    return marked;
}
