/* TLS contexts. One context serves all connections of a listener or of a backend, on every thread; OpenSSL
 * counts its users and so do we. Settings that both sides share: TLS 1.2 at least, no renegotiation, no
 * compression, no resumption (as PostgreSQL: it saves little here and keeps secrets in memory), buffers
 * released while idle, and writes that may be taken in part and repeated from another place, which the
 * connections rely on. */
#include "tls.h"

#include <openssl/err.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "arena.h"
#include "tls_private.h"

struct hg_tls {
    atomic_uint references;
    SSL_CTX *context;
    bool verifies; /* client side: a connection without a name to verify is refused */
};

void tls_reason(char why[256], const char *what)
{
    unsigned long code = ERR_get_error();
    const char *reason = code ? ERR_reason_error_string(code) : NULL;

    snprintf(why, 256, "%s: %s", what, reason ? reason : code ? "unknown TLS error" : "no reason given");
    ERR_clear_error();
}

/* A key with a passphrase would make OpenSSL ask on the terminal. */
static int no_passphrase(char *buffer, int size, int writing, void *argument)
{
    (void)buffer;
    (void)size;
    (void)writing;
    (void)argument;
    return -1;
}

static struct hg_tls *make(const SSL_METHOD *method, char why[256])
{
    SSL_CTX *context;
    struct hg_tls *tls;

    ERR_clear_error();
    context = SSL_CTX_new(method);
    if (!context) {
        tls_reason(why, "cannot make a TLS context");
        return NULL;
    }
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_default_passwd_cb(context, no_passphrase);
    tls = hg_calloc(1, sizeof *tls);
    tls->context = context;
    atomic_init(&tls->references, 1);
    return tls;
}

/* ALPN (RFC 7301): a client that names protocols has to name ours. */
static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                           const unsigned char *in, unsigned in_len, void *argument)
{
    static const unsigned char ours[] = "\x0apostgresql";
    unsigned char *chosen;

    (void)ssl;
    (void)argument;
    if (SSL_select_next_proto(&chosen, out_len, ours, sizeof ours - 1, in, in_len) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

struct hg_tls *hg_tls_server(const char *certificate_file, const char *key_file, char why[256])
{
    struct hg_tls *tls = make(TLS_server_method(), why);
    char what[200];

    if (!tls)
        return NULL;
    SSL_CTX_set_alpn_select_cb(tls->context, choose_protocol, NULL);
    if (SSL_CTX_use_certificate_chain_file(tls->context, certificate_file) != 1) {
        snprintf(what, sizeof what, "cannot use the certificate file \"%s\"", certificate_file);
    } else if (SSL_CTX_use_PrivateKey_file(tls->context, key_file, SSL_FILETYPE_PEM) != 1) {
        snprintf(what, sizeof what, "cannot use the key file \"%s\"", key_file);
    } else if (SSL_CTX_check_private_key(tls->context) != 1) {
        snprintf(what, sizeof what, "the key file \"%s\" does not belong to the certificate", key_file);
    } else {
        return tls;
    }
    tls_reason(why, what);
    hg_tls_drop(tls);
    return NULL;
}

/* A server that asks for certificates names the roots that it trusts, so that a client can choose one. */
static bool name_roots(SSL_CTX *context, const char *ca_file)
{
    STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(ca_file);

    SSL_CTX_set_client_CA_list(context, names); /* which owns them now */
    return names != NULL;
}

/* As in PostgreSQL, each certificate of a chain is looked for: a list of each issuer has to be there. */
static bool take_revoked(SSL_CTX *context, const char *crl_file)
{
    X509_STORE *store = SSL_CTX_get_cert_store(context);

    return X509_STORE_load_file(store, crl_file) == 1 &&
           X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL) == 1;
}

bool hg_tls_ask_clients(struct hg_tls *tls, const char *ca_file, const char *crl_file, char why[256])
{
    char what[200];

    ERR_clear_error();
    if (SSL_CTX_load_verify_file(tls->context, ca_file) != 1 || !name_roots(tls->context, ca_file)) {
        snprintf(what, sizeof what, "cannot use the file of clients' roots \"%s\"", ca_file);
    } else if (crl_file && !take_revoked(tls->context, crl_file)) {
        snprintf(what, sizeof what, "cannot use the file of revoked certificates \"%s\"", crl_file);
    } else {
        SSL_CTX_set_verify(tls->context, SSL_VERIFY_PEER | SSL_VERIFY_CLIENT_ONCE, NULL);
        return true;
    }
    tls_reason(why, what);
    return false;
}

struct hg_tls *hg_tls_client(bool verify, const char *ca_file, char why[256])
{
    struct hg_tls *tls = make(TLS_client_method(), why);
    char what[200];

    if (!tls || !verify)
        return tls;
    tls->verifies = true;
    SSL_CTX_set_verify(tls->context, SSL_VERIFY_PEER, NULL);
    if (ca_file ? SSL_CTX_load_verify_file(tls->context, ca_file) == 1
                : SSL_CTX_set_default_verify_paths(tls->context) == 1)
        return tls;
    snprintf(what, sizeof what, "cannot use the file of trusted roots \"%s\"",
             ca_file ? ca_file : "(the system's)");
    tls_reason(why, what);
    hg_tls_drop(tls);
    return NULL;
}

struct hg_tls *hg_tls_hold(struct hg_tls *tls)
{
    atomic_fetch_add_explicit(&tls->references, 1, memory_order_relaxed);
    return tls;
}

void hg_tls_drop(struct hg_tls *tls)
{
    if (!tls || atomic_fetch_sub_explicit(&tls->references, 1, memory_order_acq_rel) != 1)
        return;
    SSL_CTX_free(tls->context);
    free(tls);
}

SSL *tls_session(struct hg_tls *tls)
{
    return SSL_new(tls->context);
}

bool tls_verifies(const struct hg_tls *tls)
{
    return tls->verifies;
}
