/* Logging in to a PostgreSQL server, from StartupMessage to the first ReadyForQuery, as a pure state machine:
 * message in, bytes to send out. Used by the asynchronous server connections and by the blocking one of the
 * command line. TLS has been dealt with before. */
#ifndef HG_LOGIN_H
#define HG_LOGIN_H

#include "bytes.h"
#include "decode.h"
#include "protocol.h"
#include "scram.h"

enum hg_login_status { HG_LOGIN_MORE, HG_LOGIN_READY, HG_LOGIN_REFUSED };

struct hg_login {
    struct hg_slice user, password; /* borrowed */
    bool secure; /* under TLS or on a Unix socket: cleartext passwords are allowed only then */
    int step;
    struct hg_scram_client scram;
    int32_t pid; /* of BackendKeyData */
    uint8_t secret[HG_SECRET_MOST];
    size_t secret_len;
    char sqlstate[6];  /* HG_LOGIN_REFUSED: the server's SQLSTATE, or 08P01/28000 of our own */
    char message[512]; /* HG_LOGIN_REFUSED: one line for logs; never holds the password */
};

/* names_and_values: the startup parameters without user (NULL-terminated pairs). Appends the StartupMessage.
 */
void hg_login_start(struct hg_login *login, struct hg_slice user, struct hg_slice password, bool secure,
                    const char *const *names_and_values, struct hg_bytes *out);
/* One whole server message. Calls `status` for each ParameterStatus. */
enum hg_login_status hg_login_message(struct hg_login *login, uint8_t type, struct hg_slice body,
                                      void (*status)(void *argument, struct hg_slice name,
                                                     struct hg_slice value),
                                      void *argument, struct hg_bytes *out);
void hg_login_free(struct hg_login *login); /* wipes secrets */

#endif
