/* TLS contexts (OpenSSL 3): made once per snapshot for clients, once per backend for servers; shared between
 * threads. */
#ifndef HG_TLS_H
#define HG_TLS_H

#include "slice.h"

struct hg_tls; /* a refcounted SSL_CTX */

/* Server side; TLS 1.2 at least. NULL and *why (static or malloc-free buffer of 256 bytes given by the
 * caller) on failure. */
struct hg_tls *hg_tls_server(const char *certificate_file, const char *key_file, char why[256]);
/* Clients are asked for a certificate, to be set before the context is used. One that these roots did not
 * sign, that has expired or is on one of the lists of revoked ones (NULL: there are none) ends the handshake;
 * none at all does not. False, and why, when the files cannot be used. */
HG_MUST_USE bool hg_tls_ask_clients(struct hg_tls *tls, const char *ca_file, const char *crl_file,
                                    char why[256]);
/* Client side. verify: chain and host name are checked (ca_file NULL = the system's roots). */
struct hg_tls *hg_tls_client(bool verify, const char *ca_file, char why[256]);
struct hg_tls *hg_tls_hold(struct hg_tls *tls);
void hg_tls_drop(struct hg_tls *tls); /* NULL is harmless */

#endif
