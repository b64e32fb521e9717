/* SCRAM-SHA-256 (RFC 5802, RFC 7677; PostgreSQL docs, "SASL Authentication"), both sides, as pure state machines: bytes in, bytes
 * out. Crypto by OpenSSL; comparisons in constant time; secrets are wiped. No channel binding (yet). */
#ifndef HG_SCRAM_H
#define HG_SCRAM_H

#include "bytes.h"

#define HG_SCRAM_KEY_BYTES 32

/* A stored verifier: SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>, base64. */
struct hg_scram_verifier {
    uint32_t iterations;
    uint8_t salt[64];
    size_t salt_len;
    uint8_t stored_key[HG_SCRAM_KEY_BYTES];
    uint8_t server_key[HG_SCRAM_KEY_BYTES];
};
HG_MUST_USE bool hg_scram_verifier_parse(struct hg_slice text, struct hg_scram_verifier *verifier);
/* A fresh verifier for a password (UTF-8; SASLprep is applied where the password is ASCII, else the bytes are taken as PostgreSQL
 * does for text that SASLprep rejects… documented in scram.c), random salt of 16 bytes. */
HG_MUST_USE bool hg_scram_verifier_make(struct hg_slice password, uint32_t iterations, struct hg_bytes *out);
/* A verifier that no password fits, for users that do not exist: salt = HMAC(secret, name), so that it is the same at each try, as a
 * real user's; the exchange costs the same as a real one. */
void hg_scram_verifier_mock(const uint8_t secret[32], struct hg_slice user, struct hg_scram_verifier *verifier);

/* ---- server side (towards clients) ---- */
enum hg_scram_status { HG_SCRAM_CONTINUE, HG_SCRAM_DONE, HG_SCRAM_WRONG, HG_SCRAM_MALFORMED };
struct hg_scram_server {
    struct hg_scram_verifier verifier;
    bool mock; /* always ends in HG_SCRAM_WRONG, after the same work */
    int step;
    struct hg_bytes auth_message; /* client-first-bare , server-first , client-final-without-proof */
    struct hg_bytes nonce;        /* client's + ours */
    char gs2_flag;
};
void hg_scram_server_init(struct hg_scram_server *server, const struct hg_scram_verifier *verifier, bool mock);
/* One message of the client in, our answer appended to `out` (SASLContinue or SASLFinal data, not framed).
 * HG_SCRAM_CONTINUE after client-first, HG_SCRAM_DONE after a good client-final. */
enum hg_scram_status hg_scram_server_step(struct hg_scram_server *server, struct hg_slice in, struct hg_bytes *out);
void hg_scram_server_free(struct hg_scram_server *server);

/* ---- client side (towards backends) ---- */
struct hg_scram_client {
    struct hg_slice password; /* borrowed */
    int step;
    struct hg_bytes auth_message;
    struct hg_bytes nonce;
    uint8_t server_signature[HG_SCRAM_KEY_BYTES];
};
void hg_scram_client_init(struct hg_scram_client *client, struct hg_slice password);
HG_MUST_USE bool hg_scram_client_first(struct hg_scram_client *client, struct hg_bytes *out);
/* server-first in, client-final out. Refuses more than 1,000,000 iterations. */
HG_MUST_USE bool hg_scram_client_final(struct hg_scram_client *client, struct hg_slice in, struct hg_bytes *out);
/* server-final in: true when the server proved that it knows the verifier. */
HG_MUST_USE bool hg_scram_client_verify(struct hg_scram_client *client, struct hg_slice in);
void hg_scram_client_free(struct hg_scram_client *client);

#endif
