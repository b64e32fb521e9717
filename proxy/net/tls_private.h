/* What tls.c tells conn_tls.c. Nobody else includes this. */
#ifndef HG_TLS_PRIVATE_H
#define HG_TLS_PRIVATE_H

#include <openssl/ssl.h>

#include "tls.h"

SSL *tls_session(struct hg_tls *tls); /* a new session of the context; NULL when OpenSSL refuses */
bool tls_verifies(const struct hg_tls *tls);
/* "<what>: <the oldest error in OpenSSL's queue>"; the queue is empty afterwards. */
void tls_reason(char why[256], const char *what);

#endif
