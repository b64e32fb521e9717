/* TLS on a connection: the handshake, and the second table of operations.
 *
 * OpenSSL's answers become ours in one place, io_of_ssl(). Three things need care. Its error queue belongs to
 * the thread, so it is emptied before each call, or an old error would be taken for a new one. Either
 * direction may ask for the other (WANT_WRITE while reading); conn_watch() turns that into what is watched.
 * And it reads ahead, so that one read(2) takes several records: what it holds then is told by tls_pending(),
 * but only while the last read ended for want of room; after WANT_READ it holds at most a part of a record,
 * which nobody can use. */
#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <unistd.h>

#include "conn_private.h"
#include "socket.h"
#include "tls_private.h"

/* A TLS record. Larger pieces are never offered to OpenSSL, so that a repeated write need not be longer than
 * this. */
#define RECORD_BYTES 16384u

static bool is_unexpected_eof(void)
{
    unsigned long code = ERR_peek_error();

    return ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
}

static void set_tls_error(struct hg_conn *conn, int system_errno)
{
    char why[256];
    long verdict = SSL_get_verify_result(conn->ssl);

    if (verdict != X509_V_OK && (SSL_get_verify_mode(conn->ssl) & SSL_VERIFY_PEER)) {
        snprintf(why, sizeof why, "certificate verify failed: %s", X509_verify_cert_error_string(verdict));
    } else if (ERR_peek_error() && !is_unexpected_eof()) {
        tls_reason(why, "TLS");
    } else {
        snprintf(why, sizeof why, "%s", system_errno ? hg_errno_text(system_errno) : "connection closed");
    }
    ERR_clear_error();
    conn_set_error(conn, why);
}

/* What a call that returned `result` <= 0 means. *blocked: which direction it waits for on HG_IO_AGAIN. A
 * peer that hangs up without a close_notify is an ordinary end: the protocol above has its own lengths and
 * farewells. */
static enum hg_io io_of_ssl(struct hg_conn *conn, int result, enum conn_blocked *blocked)
{
    int system_errno = errno;

    switch (SSL_get_error(conn->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        *blocked = CONN_WAITS_FOR_READ;
        return HG_IO_AGAIN;
    case SSL_ERROR_WANT_WRITE:
        *blocked = CONN_WAITS_FOR_WRITE;
        return HG_IO_AGAIN;
    case SSL_ERROR_ZERO_RETURN:
        conn->end = HG_IO_EOF;
        break;
    default:
        conn->broken = true;
        conn->end = is_unexpected_eof() ? HG_IO_EOF : HG_IO_ERROR;
        set_tls_error(conn, system_errno);
        break;
    }
    return conn->end;
}

/* ---- bytes ---- */

static int piece(size_t len)
{
    return (int)(len < RECORD_BYTES ? len : RECORD_BYTES);
}

/* Fills the room as far as OpenSSL can without waiting: it hands out one record at a time. */
static enum hg_io tls_read(struct hg_conn *conn, void *buffer, size_t room, size_t *got)
{
    enum conn_blocked blocked = CONN_FREE;
    enum hg_io io = HG_IO_OK;
    int n;

    if (conn->end != HG_IO_OK)
        return conn->end;
    do {
        ERR_clear_error();
        errno = 0;
        n = SSL_read(conn->ssl, (char *)buffer + *got, piece(room - *got));
        if (n > 0)
            *got += (size_t)n;
    } while (n > 0 && *got < room && SSL_has_pending(conn->ssl));
    conn->more = n > 0;
    if (n <= 0) {
        io = io_of_ssl(conn, n, &blocked);
        conn->read_waits_for_write = blocked == CONN_WAITS_FOR_WRITE;
        conn_watch(conn);
    }
    return *got ? HG_IO_OK : io; /* an end behind bytes is told by the next read */
}

static enum hg_io tls_write(struct hg_conn *conn, const void *data, size_t len, size_t *put)
{
    enum conn_blocked blocked = CONN_FREE;
    enum hg_io io;
    int n;

    if (conn->broken)
        return HG_IO_ERROR;
    do {
        ERR_clear_error();
        errno = 0;
        n = SSL_write(conn->ssl, (const char *)data + *put, piece(len - *put));
        if (n > 0)
            *put += (size_t)n;
    } while (n > 0 && *put < len);
    if (n > 0)
        return HG_IO_OK;
    io = io_of_ssl(conn, n, &blocked);
    conn->write_waits_for_read = blocked == CONN_WAITS_FOR_READ;
    conn_watch(conn);
    return *put ? HG_IO_OK : io == HG_IO_AGAIN ? HG_IO_AGAIN : HG_IO_ERROR;
}

static bool tls_pending(const struct hg_conn *conn)
{
    return conn->end != HG_IO_OK || (conn->more && SSL_has_pending(conn->ssl));
}

static bool tls_quiet(struct hg_conn *conn)
{
    char byte;
    int n;

    if (conn->end != HG_IO_OK || conn->broken)
        return false;
    ERR_clear_error();
    n = SSL_peek(conn->ssl, &byte, 1);
    if (n > 0)
        return false;
    if (SSL_get_error(conn->ssl, n) == SSL_ERROR_WANT_READ)
        return true;
    conn->broken = true;
    conn->end = HG_IO_ERROR;
    ERR_clear_error();
    return false;
}

static void tls_close(struct hg_conn *conn)
{
    ERR_clear_error();
    if (!conn->broken && !conn->handshake_done)
        (void)SSL_shutdown(conn->ssl);
    ERR_clear_error();
    SSL_free(conn->ssl);
    hg_tls_drop(conn->tls);
    close(conn->fd);
}

static const struct conn_ops tls_ops = {tls_read, tls_write, tls_pending, tls_quiet, tls_close};

/* ---- handshake ---- */

/* False when the connection is gone: done() may free it. */
static bool finish_handshake(struct hg_conn *conn, bool succeeded)
{
    void (*done)(void *owner, const char *why_not) = conn->handshake_done;
    bool gone = false;
    char why[256];

    snprintf(why, sizeof why, "%s", conn->error ? conn->error : "connection closed");
    conn->handshake_done = NULL;
    conn->more = true; /* application data may have come together with the last handshake message */
    conn_watch(conn);
    conn->gone = &gone;
    done(conn->owner, succeeded ? NULL : why);
    if (gone)
        return false;
    conn->gone = NULL;
    return true;
}

static bool fail_handshake(struct hg_conn *conn)
{
    conn->broken = true;
    conn->end = HG_IO_ERROR;
    return finish_handshake(conn, false);
}

bool conn_handshake_step(struct hg_conn *conn)
{
    int n;

    if (conn->broken)
        return fail_handshake(conn);
    ERR_clear_error();
    errno = 0;
    n = SSL_do_handshake(conn->ssl);
    if (n == 1)
        return finish_handshake(conn, true);
    if (io_of_ssl(conn, n, &conn->handshake_waits) != HG_IO_AGAIN)
        return fail_handshake(conn);
    conn_watch(conn);
    return true;
}

/* The name that the peer's certificate must bear, and, for a name that is no address, SNI (RFC 6066 section
 * 3). */
static bool set_host(struct hg_conn *conn, const char *host)
{
    uint8_t address[sizeof(struct in6_addr)];
    bool is_address =
        host && (inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1);

    if (!host)
        return !tls_verifies(conn->tls);
    if (is_address)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(conn->ssl), host) == 1;
    SSL_set_hostflags(conn->ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(conn->ssl, host) == 1 && SSL_set_tlsext_host_name(conn->ssl, host) == 1;
}

bool hg_conn_has_alpn(const struct hg_conn *conn)
{
    const unsigned char *name;
    unsigned len;

    if (!conn->ssl)
        return false;
    SSL_get0_alpn_selected(conn->ssl, &name, &len);
    return len > 0;
}

size_t hg_conn_end_point(const struct hg_conn *conn, uint8_t *out, size_t room)
{
    const X509 *certificate = !conn->ssl                 ? NULL
                              : SSL_is_server(conn->ssl) ? SSL_get_certificate(conn->ssl)
                                                         : SSL_get0_peer_certificate(conn->ssl);
    uint8_t hash[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    int digest;

    if (!certificate || X509_get_signature_info((X509 *)certificate, &digest, NULL, NULL, NULL) != 1)
        return 0;
    if (digest == NID_md5 || digest == NID_sha1) /* too weak to stand for the certificate */
        digest = NID_sha256;
    const EVP_MD *algorithm = digest == NID_undef ? NULL : EVP_get_digestbynid(digest);
    if (!algorithm || X509_digest(certificate, algorithm, hash, &len) != 1 || len > room)
        return 0;
    memcpy(out, hash, len);
    return len;
}

void hg_conn_tls(struct hg_conn *conn, struct hg_tls *tls, bool server_side, const char *host,
                 void (*done)(void *owner, const char *why))
{
    conn->handshake_done = done;
    conn->handshake_waits = CONN_FREE;
    conn->tls = hg_tls_hold(tls);
    conn->ssl = tls_session(tls);
    conn->ops = &tls_ops;
    if (conn->ssl && SSL_set_fd(conn->ssl, conn->fd) == 1 && (server_side || set_host(conn, host))) {
        /* The client speaks first; its first step too is made from the loop, so that done() is never called
         * in here. */
        conn->handshake_waits = server_side ? CONN_WAITS_FOR_READ : CONN_WAITS_FOR_WRITE;
        if (server_side)
            SSL_set_accept_state(conn->ssl);
        else
            SSL_set_connect_state(conn->ssl);
    } else {
        conn_set_error(conn, "cannot set up TLS: there is no host name to verify, or no memory");
        conn->broken = true;
        hg_later_ask(&conn->announce, conn->loop);
    }
    conn_watch(conn);
}
