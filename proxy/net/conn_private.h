/* What conn.c (events, plain sockets) and conn_tls.c share. Nobody else includes this. */
#ifndef HG_CONN_PRIVATE_H
#define HG_CONN_PRIVATE_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <openssl/ssl.h>

#include "conn.h"

/* How bytes move. A plain connection starts with the plain table; hg_conn_tls() puts the other one in place.
 */
struct conn_ops {
    enum hg_io (*read)(struct hg_conn *conn, void *buffer, size_t room, size_t *got);
    enum hg_io (*write)(struct hg_conn *conn, const void *data, size_t len, size_t *put);
    bool (*pending)(const struct hg_conn *conn); /* bytes that the socket will not announce any more */
    bool (*quiet)(struct hg_conn *conn);
    void (*close)(struct hg_conn *conn);
};

enum conn_blocked { CONN_FREE, CONN_WAITS_FOR_READ, CONN_WAITS_FOR_WRITE };

struct hg_conn {
    const struct conn_ops *ops;
    struct hg_loop *loop; /* NULL while detached */
    const struct hg_conn_events *events;
    void *owner;
    int fd;

    bool want_read, want_write;           /* the owner's interest */
    bool watches_read, watches_write;     /* what the event_base was told */
    struct event read_event, write_event; /* of the present loop */
    struct hg_later announce;             /* tells of bytes that ops->pending() knows of */
    bool *gone; /* set while a callback runs: becomes true when that callback freed or detached the connection
                 */
    char *error;

    /* TLS only. */
    SSL *ssl;
    struct hg_tls *tls;
    void (*handshake_done)(void *owner, const char *why); /* NULL once the handshake is over */
    enum conn_blocked handshake_waits;
    bool read_waits_for_write, write_waits_for_read;
    bool more;      /* the last read ended because the buffer was full: OpenSSL may hold further bytes */
    bool broken;    /* after a fatal error OpenSSL must not be called again */
    enum hg_io end; /* HG_IO_EOF or HG_IO_ERROR once reading is over: told again by every read */

    char peer[64], here[64];
};

void conn_watch(struct hg_conn *conn); /* brings the event_base in line with the interest */
void conn_set_error(struct hg_conn *conn, const char *text); /* copies */
bool conn_handshake_step(struct hg_conn *conn);              /* conn_tls.c; false when conn is gone */

#endif
