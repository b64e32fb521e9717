/* One stream connection, plain or TLS, behind one ops table; non-blocking; belongs to one loop at a time.
 *
 * Reading: the owner keeps its own buffer (hg_inbox below) and asks for bytes when the connection is
 * readable. Writing: hg_conn_write() tries the socket at once; the owner sees how much was taken and keeps
 * the rest where it is: relayed rows are never copied into a queue. Small synthesized messages go through an
 * outbox. */
#ifndef HG_CONN_H
#define HG_CONN_H

#include "bytes.h"
#include "loop.h"
#include "tls.h"

struct hg_conn;

enum hg_io { HG_IO_OK, HG_IO_AGAIN, HG_IO_EOF, HG_IO_ERROR };

struct hg_conn_events {
    void (*readable)(void *owner);
    void (*writable)(void *owner);
};

/* Takes over a connected (or connecting) non-blocking socket. No interest at first. */
struct hg_conn *hg_conn_new(struct hg_loop *loop, int fd, const struct hg_conn_events *events, void *owner);
/* Closes at once (a TLS close_notify is tried, not waited for). Events no longer come. */
void hg_conn_free(struct hg_conn *conn);
void hg_conn_owner(struct hg_conn *conn, const struct hg_conn_events *events, void *owner);
int hg_conn_fd(const struct hg_conn *conn);

/* How a peer that vanished is noticed; idle_ms 0: not at all. user_timeout_ms 0: as the system does. */
struct hg_keepalive {
    uint32_t idle_ms, interval_ms, count, user_timeout_ms;
};
void hg_conn_keepalive(const struct hg_conn *conn, const struct hg_keepalive *keepalive);

/* Interest. Level-triggered by contract: TLS bytes that are already decrypted count as readable and are
 * announced on the next turn. */
void hg_conn_want(struct hg_conn *conn, bool read, bool write);

/* At most `room` bytes; *got > 0 on HG_IO_OK. */
enum hg_io hg_conn_read(struct hg_conn *conn, void *buffer, size_t room, size_t *got);
/* *put may be less than len on HG_IO_OK; HG_IO_AGAIN = nothing was taken, wait for writable. A TLS write that
 * was not taken must be repeated with the same bytes (they may have moved) and at least the same length. */
enum hg_io hg_conn_write(struct hg_conn *conn, const void *data, size_t len, size_t *put);

/* Starts a TLS handshake on the connection; until it is done `readable` and `writable` are not called.
 * done(owner, NULL) on success, else a reason. host: the name to verify and to send as SNI (client side; NULL
 * = none). */
void hg_conn_tls(struct hg_conn *conn, struct hg_tls *tls, bool server_side, const char *host,
                 void (*done)(void *owner, const char *why));
bool hg_conn_is_tls(const struct hg_conn *conn);
/* Server side, after the handshake: did the client name the protocol "postgresql" (ALPN)? */
bool hg_conn_has_alpn(const struct hg_conn *conn);
/* After the handshake: the tls-server-end-point channel binding (RFC 5929 section 4) of the server's
 * certificate, as seen from either side. The number of bytes; 0 without TLS, and for certificates whose
 * signature names no hash. */
size_t hg_conn_end_point(const struct hg_conn *conn, uint8_t *out, size_t room);
/* Server side: has the client shown a certificate that is trusted? */
bool hg_conn_has_certificate(const struct hg_conn *conn);
/* Does it bear this name? `acme_bi` and `cn:acme_bi` are its common name, `dns:…`, `email:…` and `uri:…` one
 * of its alternative names, `dn:…` its whole subject as RFC 2253 writes it. Compared byte by byte. */
bool hg_conn_certificate_bears(const struct hg_conn *conn, struct hg_slice name);
/* The first byte that waits in a plain connection's socket, left there. False when there is none. */
bool hg_conn_peek(struct hg_conn *conn, uint8_t *byte);
#define HG_TLS_HANDSHAKE 0x16u                              /* the first byte of a TLS ClientHello's record */
const char *hg_conn_last_error(const struct hg_conn *conn); /* words for the log after HG_IO_ERROR */
/* "127.0.0.1:51234", "[::1]:…" or "local". */
const char *hg_conn_peer(const struct hg_conn *conn);
/* Likewise its own end. */
const char *hg_conn_here(const struct hg_conn *conn);
/* Such a name in parts; false, and both NULL, for "local". */
bool hg_conn_name_parts(const char *name, struct hg_slice *address, struct hg_slice *port);

/* Did it come in over a Unix socket? */
bool hg_conn_is_local(const struct hg_conn *conn);
/* Over a Unix socket, from a process of root's or of this one's own user. */
bool hg_conn_is_trusted(const struct hg_conn *conn);

/* Leaves its loop, keeping socket and TLS state, to be attached on another thread's loop; not during a
 * handshake. No interest afterwards. Like freeing, this is allowed inside the connection's own callbacks. */
void hg_conn_detach(struct hg_conn *conn);
void hg_conn_attach(struct hg_conn *conn, struct hg_loop *loop, const struct hg_conn_events *events,
                    void *owner);
/* Without waiting: has the peer closed, or sent bytes that nobody asked for? For parked connections. */
bool hg_conn_is_quiet(struct hg_conn *conn);

/* Connects to host:port (host beginning with '/' is a Unix socket directory). Names are resolved on a helper
 * thread, never on the loop; addresses are tried in turn. done(owner, fd, NULL) or done(owner, -1, why).
 * Returns a handle for cancelling. */
struct hg_dial;
struct hg_dial *hg_dial_start(struct hg_loop *loop, const char *host, uint16_t port, uint32_t timeout_ms,
                              void (*done)(void *owner, int fd, const char *why), void *owner);
void hg_dial_cancel(struct hg_dial *dial); /* done is not called any more; only before it was */

/* Listens on every address of the host ("*" = all), SO_REUSEADDR, backlog 1024; accepted(owner, fd) is called
 * on the loop's thread with a non-blocking, close-on-exec, TCP_NODELAY socket. NULL and why on failure. Names
 * are resolved here and now: this is for the start of the process. Out of descriptors: pauses for 100 ms,
 * never spins. accepted() may free the listener. */
struct hg_listener;
struct hg_listener *hg_listener_new(struct hg_loop *loop, const char *host, uint16_t port,
                                    void (*accepted)(void *owner, int fd), void *owner, char why[256]);
/* The same on sockets that listen already, which it takes over: at most HG_LISTENER_SOCKETS of them. */
#define HG_LISTENER_SOCKETS 64
struct hg_listener *hg_listener_adopt(struct hg_loop *loop, const int *fds, size_t count,
                                      void (*accepted)(void *owner, int fd), void *owner);
/* On a Unix socket `<directory>/.s.PGSQL.<port>` that only this user and root can open. A socket that is left
 * over from a process that ended is replaced, with `replace` also one that is in use; freeing the listener
 * removes its own. */
struct hg_listener *hg_listener_local(struct hg_loop *loop, const char *directory, uint16_t port,
                                      bool replace, void (*accepted)(void *owner, int fd), void *owner,
                                      char why[256]);
uint16_t hg_listener_port(const struct hg_listener *listener); /* the real one when 0 was asked for */
/* Its sockets, which stay its own: their number, at most `room`. */
size_t hg_listener_fds(const struct hg_listener *listener, int *fds, size_t room);
void hg_listener_free(struct hg_listener *listener);

/* A read buffer that exists only while it holds bytes: idle connections own no memory. */
struct hg_inbox {
    uint8_t *data; /* NULL while empty */
    size_t start, end, room;
};
#define HG_INBOX_BYTES 65536u
/* Reads what is there. `want` is the length of the incomplete message at the start, 0 while that is unknown:
 * only a buffer that is full with less than that grows, by doubling, so that a peer has to send what it makes
 * us hold; `cap` (at least HG_INBOX_BYTES) bounds it, HG_IO_ERROR beyond. */
HG_MUST_USE enum hg_io hg_inbox_fill(struct hg_inbox *inbox, struct hg_conn *conn, size_t want, size_t cap);
static inline size_t hg_inbox_len(const struct hg_inbox *inbox)
{
    return inbox->end - inbox->start;
}
static inline uint8_t *hg_inbox_at(const struct hg_inbox *inbox)
{
    return inbox->data ? inbox->data + inbox->start : NULL;
}
void hg_inbox_consume(struct hg_inbox *inbox,
                      size_t len); /* releases the memory (to a per-thread spare) when empty */
/* Puts bytes that were consumed back to the front. False when they are too many. */
HG_MUST_USE bool hg_inbox_unread(struct hg_inbox *inbox, const uint8_t *bytes, size_t len);
/* For an owner that goes to wait with a few bytes of an incomplete message: moves them to a buffer of their
 * size. */
void hg_inbox_trim(struct hg_inbox *inbox);
void hg_inbox_free(struct hg_inbox *inbox);

/* A queue of bytes to write, for synthesized messages: bytes in hg_bytes plus how far they were sent. Zeroed
 * memory is an empty one. */
struct hg_outbox {
    struct hg_bytes bytes;
    size_t sent;
};
/* Writes what it can; HG_IO_OK when all is out (memory released when above 4 kB), HG_IO_AGAIN otherwise. */
enum hg_io hg_outbox_flush(struct hg_outbox *outbox, struct hg_conn *conn);
static inline size_t hg_outbox_pending(const struct hg_outbox *outbox)
{
    return outbox->bytes.len - outbox->sent;
}
void hg_outbox_free(struct hg_outbox *outbox);

#endif
