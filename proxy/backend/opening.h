/* Opening a connection to a backend: name, address, TLS, then either a login up to the first ReadyForQuery or
 * a CancelRequest. Private to this folder; used by the pools, by cancelling and by the blocking connection.
 */
#ifndef HG_OPENING_H
#define HG_OPENING_H

#include "conn.h"
#include "credentials.h"

struct opening;

/* What to open. Everything is borrowed until `done` was called or the opening cancelled. */
struct opening_plan {
    const struct hg_backend_config *config;
    const struct hg_host *host;
    const char
        *address; /* to connect to instead of the host's name, which TLS still asks for; NULL or "" = none */
    struct credentials *credentials; /* NULL for a cancel request */
    const char *database;
    struct hg_tls *tls; /* NULL: plain */
    bool insists;       /* on TLS, even where the configuration only prefers it */
    bool cancels; /* instead of logging in, send a CancelRequest with the key below and wait until the server
                     hangs up */
    int32_t pid;
    const uint8_t *secret;
    size_t secret_len;
};

/* How it went. Lives during the call of `done` only. */
struct opened {
    struct hg_conn *conn; /* logged in, the receiver's now; NULL when it failed or was a cancel request */
    int32_t pid;
    const uint8_t *secret;
    size_t secret_len;
    const char *why;       /* one line for logs, no password in it; NULL when all went well */
    const char *why_clear; /* why TLS, which is preferred, could not be had; NULL when that was not tried */
    const char *sqlstate;  /* the server's, when it refused the login; "" otherwise */
};

struct opening_events {
    void (*status)(void *owner, struct hg_slice name,
                   struct hg_slice value);                  /* ParameterStatus during the login */
    void (*done)(void *owner, const struct opened *opened); /* never from within opening_start() */
};

struct opening *opening_start(struct hg_loop *loop, const struct opening_plan *plan,
                              const struct opening_events *events, void *owner);
void opening_cancel(struct opening *opening); /* done is not called */

/* The TLS context that a backend's `tls` asks for; *tls is NULL when it asks for none. False and why. */
HG_MUST_USE bool opening_tls(const struct hg_backend_config *config, struct hg_tls **tls, char why[256]);

#endif
