/* TLS contexts (OpenSSL 3): made once per snapshot for clients, once per backend for servers; shared between
 * threads. */
#ifndef HG_TLS_H
#define HG_TLS_H

#include "slice.h"

struct hg_tls; /* a refcounted SSL_CTX */

/* Server side; TLS 1.2 at least. NULL and *why (static or malloc-free buffer of 256 bytes given by the
 * caller) on failure. */
struct hg_tls *hg_tls_server(const char *certificate_file, const char *key_file, char why[256]);
/* Client side. verify: chain and host name are checked (ca_file NULL = the system's roots). */
struct hg_tls *hg_tls_client(bool verify, const char *ca_file, char why[256]);
struct hg_tls *hg_tls_hold(struct hg_tls *tls);
void hg_tls_drop(struct hg_tls *tls); /* NULL is harmless */

#endif
