/* SCRAM-SHA-256 (RFC 5802, RFC 7677; PostgreSQL docs, "SASL Authentication"), both sides, as pure state
 * machines: bytes in, bytes out. Crypto by OpenSSL; comparisons in constant time; secrets are wiped.
 * Channel binding (SCRAM-SHA-256-PLUS, tls-server-end-point of RFC 5929) on both sides. */
#ifndef HG_SCRAM_H
#define HG_SCRAM_H

#include "bytes.h"

#define HG_SCRAM_MECHANISM       "SCRAM-SHA-256"
#define HG_SCRAM_MECHANISM_PLUS  "SCRAM-SHA-256-PLUS"
#define HG_SCRAM_KEY_BYTES       32
#define HG_SCRAM_SALT_CAP        64    /* bytes; PostgreSQL's are 16 */
#define HG_SCRAM_ITERATIONS      4096u /* of verifiers that we make, as PostgreSQL's */
#define HG_SCRAM_MOST_ITERATIONS 1000000u
#define HG_SCRAM_END_POINT_CAP   64 /* bytes of a certificate's hash */

/* What a password becomes with a salt and a count of iterations; slowly. */
struct hg_scram_keys {
    uint8_t client_key[HG_SCRAM_KEY_BYTES];
    uint8_t stored_key[HG_SCRAM_KEY_BYTES]; /* H(client_key) */
    uint8_t server_key[HG_SCRAM_KEY_BYTES];
};
/* Takes as long as there are iterations: milliseconds at the least, not for loops. False only when OpenSSL
 * fails. */
HG_MUST_USE bool hg_scram_keys_derive(struct hg_slice password, const uint8_t *salt, size_t salt_len,
                                      uint32_t iterations, struct hg_scram_keys *keys);

/* A stored verifier: SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>, base64. */
struct hg_scram_verifier {
    uint32_t iterations;
    uint8_t salt[HG_SCRAM_SALT_CAP];
    size_t salt_len;
    uint8_t stored_key[HG_SCRAM_KEY_BYTES];
    uint8_t server_key[HG_SCRAM_KEY_BYTES];
};
HG_MUST_USE bool hg_scram_verifier_parse(struct hg_slice text, struct hg_scram_verifier *verifier);
/* A fresh verifier for a password, with a random salt of 16 bytes. The password is any text but an empty one.
 */
HG_MUST_USE bool hg_scram_verifier_make(struct hg_slice password, uint32_t iterations, struct hg_bytes *out);
/* Is that the password? Takes as long as the verifier has iterations: milliseconds at the least. */
HG_MUST_USE bool hg_scram_verifier_fits(const struct hg_scram_verifier *verifier, struct hg_slice password);
/* A verifier that no password fits, for users that do not exist. It depends on the secret and the name, so
 * that it is the same at each try, as a real user's. `like`: a real one that it resembles in what clients
 * see, or NULL. */
void hg_scram_verifier_mock(const uint8_t secret[HG_SCRAM_KEY_BYTES], struct hg_slice user,
                            const struct hg_scram_verifier *like, struct hg_scram_verifier *verifier);

/* ---- server side (towards clients) ---- */
enum hg_scram_status { HG_SCRAM_CONTINUE, HG_SCRAM_DONE, HG_SCRAM_WRONG, HG_SCRAM_MALFORMED };
struct hg_scram_server {
    struct hg_scram_verifier verifier;
    bool mock; /* always ends in HG_SCRAM_WRONG, after the same work */
    int step;
    struct hg_bytes auth_message; /* client-first-bare , server-first , client-final-without-proof */
    struct hg_bytes nonce;        /* client's + ours */
    struct hg_bytes gs2_header;   /* as the client sent it: client-final has to repeat it */
    /* Hash of our certificate, to be set before the first step. 0 bytes: there is no TLS, and no channel
     * binding is offered. */
    uint8_t end_point[HG_SCRAM_END_POINT_CAP];
    size_t end_point_len;
    bool plus; /* the client chose SCRAM-SHA-256-PLUS */
};
void hg_scram_server_init(struct hg_scram_server *server, const struct hg_scram_verifier *verifier,
                          bool mock);
/* The mechanism that the client names; false when it was not offered. */
HG_MUST_USE bool hg_scram_server_choose(struct hg_scram_server *server, struct hg_slice mechanism);
/* One message of the client in, our answer appended to `out` (SASLContinue or SASLFinal data, not framed).
 * HG_SCRAM_CONTINUE after client-first, HG_SCRAM_DONE after a good client-final. */
enum hg_scram_status hg_scram_server_step(struct hg_scram_server *server, struct hg_slice in,
                                          struct hg_bytes *out);
void hg_scram_server_free(struct hg_scram_server *server);

/* ---- client side (towards backends) ---- */
enum hg_scram_binding {
    HG_SCRAM_UNBOUND,   /* we do not: "n" */
    HG_SCRAM_UNOFFERED, /* we would, but the server did not offer it, which it will deny if that is a lie: "y"
                         */
    HG_SCRAM_BOUND,     /* with SCRAM-SHA-256-PLUS, "p=tls-server-end-point" */
};
struct hg_scram_client {
    int step;
    struct hg_bytes auth_message;
    struct hg_bytes nonce;
    struct hg_bytes
        binding; /* what the last message repeats: how the first began, and the certificate's hash */
    /* What the server wants the keys to be made with: there once it was challenged. */
    uint8_t salt[HG_SCRAM_SALT_CAP];
    size_t salt_len;
    uint32_t iterations;
    uint8_t server_signature[HG_SCRAM_KEY_BYTES];
};
void hg_scram_client_init(struct hg_scram_client *client);
/* end_point: the hash of the server's certificate, for HG_SCRAM_BOUND; else nothing. */
HG_MUST_USE bool hg_scram_client_first(struct hg_scram_client *client, enum hg_scram_binding binding,
                                       struct hg_slice end_point, struct hg_bytes *out);
/* server-first in. Refuses more than HG_SCRAM_MOST_ITERATIONS. */
HG_MUST_USE bool hg_scram_client_challenge(struct hg_scram_client *client, struct hg_slice in);
/* client-final out, with the keys that the password makes with what the challenge asks for. */
HG_MUST_USE bool hg_scram_client_final(struct hg_scram_client *client, const struct hg_scram_keys *keys,
                                       struct hg_bytes *out);
/* server-final in: true when the server proved that it knows the verifier. */
HG_MUST_USE bool hg_scram_client_verify(struct hg_scram_client *client, struct hg_slice in);
void hg_scram_client_free(struct hg_scram_client *client);

#endif
