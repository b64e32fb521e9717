/* Logging in to a PostgreSQL server, from StartupMessage to the first ReadyForQuery, as a pure state machine:
 * message in, bytes to send out. Used by the asynchronous server connections and by the blocking one of the
 * command line. TLS has been dealt with before. What SCRAM makes of the password is made by the caller,
 * because that is slow: the login asks for it. */
#ifndef HG_LOGIN_H
#define HG_LOGIN_H

#include "bytes.h"
#include "decode.h"
#include "protocol.h"
#include "scram.h"

enum hg_login_status { HG_LOGIN_MORE, HG_LOGIN_KEYS, HG_LOGIN_READY, HG_LOGIN_REFUSED };

/* What the login goes over. */
struct hg_login_channel {
    bool secure;              /* under TLS or on a Unix socket: cleartext passwords are allowed only then */
    bool tls;                 /* under TLS: the login can be bound to the certificate that we saw */
    bool may_bind, must_bind; /* channel_binding: disable is neither, prefer the first, require both */
    uint8_t end_point[HG_SCRAM_END_POINT_CAP]; /* hash of that certificate */
    size_t end_point_len;                      /* 0 = there is none */
};

struct hg_login {
    struct hg_slice user, password; /* borrowed */
    struct hg_login_channel channel;
    bool asked; /* the server has said how it wants us to prove who we are */
    int step;
    struct hg_scram_client scram;
    int32_t pid; /* of BackendKeyData */
    uint8_t secret[HG_SECRET_MOST];
    size_t secret_len;
    /* HG_LOGIN_REFUSED: */
    bool by_server;    /* it is the server that refuses, not we */
    char sqlstate[6];  /* the server's SQLSTATE, or 08P01/28000 of our own */
    char message[512]; /* one line for logs; never holds the password */
};

/* names_and_values: the startup parameters without user (NULL-terminated pairs). Appends the StartupMessage.
 */
void hg_login_start(struct hg_login *login, struct hg_slice user, struct hg_slice password,
                    const struct hg_login_channel *channel, const char *const *names_and_values,
                    struct hg_bytes *out);
/* One whole server message. Calls `status` for each ParameterStatus. After HG_LOGIN_KEYS no message may come
 * before hg_login_keys(): what login->scram says of salt and iterations makes the password's keys. */
enum hg_login_status hg_login_message(struct hg_login *login, uint8_t type, struct hg_slice body,
                                      void (*status)(void *argument, struct hg_slice name,
                                                     struct hg_slice value),
                                      void *argument, struct hg_bytes *out);
enum hg_login_status hg_login_keys(struct hg_login *login, const struct hg_scram_keys *keys,
                                   struct hg_bytes *out);
void hg_login_free(struct hg_login *login); /* wipes secrets */

#endif
