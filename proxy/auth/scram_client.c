/* The client's side of SCRAM-SHA-256, towards backends:
 *
 *   START --first()--> FIRST_SENT --final()--> FINAL_SENT --verify()--> PROVED
 *
 * Each function does its step once, in this order; anything else is false. The server is held to its part:
 * its nonce must go on from ours (so that an old exchange cannot be played back), its iterations are bounded
 * (so that it cannot keep us busy), and its signature must show that it knows the verifier before its "ok"
 * counts.
 *
 * The user's name stays empty in the message, as libpq does it: a PostgreSQL server takes that of the startup
 * packet. */
#include <openssl/crypto.h>

#include "base64.h"
#include "scram_common.h"

enum { START, FIRST_SENT, FINAL_SENT, PROVED, BROKEN };

#define GS2_HEADER        "n,,"
#define GS2_HEADER_BASE64 "biws"
#define NONCE_CAP         1024u

void hg_scram_client_init(struct hg_scram_client *client, struct hg_slice password)
{
    *client = (struct hg_scram_client){.password = password, .step = START};
    hg_bytes_init(&client->auth_message, HG_SCRAM_MESSAGE_CAP);
    hg_bytes_init(&client->nonce, NONCE_CAP);
}

void hg_scram_client_free(struct hg_scram_client *client)
{
    hg_bytes_free(&client->auth_message);
    hg_bytes_free(&client->nonce);
    OPENSSL_cleanse(client->server_signature, sizeof client->server_signature);
    client->step = BROKEN;
}

bool hg_scram_client_first(struct hg_scram_client *client, struct hg_bytes *out)
{
    if (client->step != START)
        return false;
    client->step = BROKEN;
    if (!hg_scram_nonce(&client->nonce))
        return false;
    hg_write_text(&client->auth_message, "n=,r=");
    hg_write_slice(&client->auth_message, hg_bytes_slice(&client->nonce));
    hg_write_text(out, GS2_HEADER);
    hg_write_slice(out, hg_bytes_slice(&client->auth_message));
    client->step = FIRST_SENT;
    return true;
}

/* What server-first says, once it is worth working on. */
struct challenge {
    struct hg_slice nonce;
    uint8_t salt[HG_SCRAM_SALT_CAP];
    size_t salt_len;
    uint32_t iterations;
};

static bool read_challenge(const struct hg_scram_client *client, struct hg_slice in,
                           struct challenge *challenge)
{
    struct hg_slice rest = in, salt, iterations, ours = hg_bytes_slice(&client->nonce);

    return hg_scram_expect(&rest, 'r', &challenge->nonce) && challenge->nonce.len > ours.len &&
           memcmp(challenge->nonce.ptr, ours.ptr, ours.len) == 0 && hg_scram_is_printable(challenge->nonce) &&
           hg_scram_expect(&rest, 's', &salt) &&
           hg_base64_decode(salt, challenge->salt, sizeof challenge->salt, &challenge->salt_len) &&
           challenge->salt_len > 0 && hg_scram_expect(&rest, 'i', &iterations) &&
           hg_scram_iterations(iterations, &challenge->iterations);
}

/* Signs the exchange: the proof for the server, and the signature that we expect from it. */
static bool sign(struct hg_scram_client *client, const struct challenge *challenge,
                 uint8_t proof[HG_SCRAM_KEY_BYTES])
{
    struct hg_scram_keys keys;
    struct hg_slice signed_text = hg_bytes_slice(&client->auth_message);
    bool ok = hg_scram_keys_derive(client->password, challenge->salt, challenge->salt_len,
                                   challenge->iterations, &keys) &&
              hg_scram_hmac(keys.stored_key, signed_text, proof) &&
              hg_scram_hmac(keys.server_key, signed_text, client->server_signature);

    if (ok)
        hg_scram_xor(proof, keys.client_key, proof);
    OPENSSL_cleanse(&keys, sizeof keys);
    return ok;
}

bool hg_scram_client_final(struct hg_scram_client *client, struct hg_slice in, struct hg_bytes *out)
{
    struct challenge challenge;
    uint8_t proof[HG_SCRAM_KEY_BYTES];

    if (client->step != FIRST_SENT)
        return false;
    client->step = BROKEN;
    if (!read_challenge(client, in, &challenge))
        return false;
    hg_write_text(&client->auth_message, ",");
    hg_write_slice(&client->auth_message, in);
    hg_write_text(&client->auth_message, ",");
    size_t without_proof_at = client->auth_message.len;
    hg_write_text(&client->auth_message, "c=" GS2_HEADER_BASE64 ",r=");
    hg_write_slice(&client->auth_message, challenge.nonce);
    if (client->auth_message.failed || !sign(client, &challenge, proof))
        return false;
    hg_write(out, client->auth_message.data + without_proof_at, client->auth_message.len - without_proof_at);
    hg_write_text(out, ",p=");
    hg_base64_write(out, proof, sizeof proof);
    client->step = FINAL_SENT;
    return true;
}

bool hg_scram_client_verify(struct hg_scram_client *client, struct hg_slice in)
{
    struct hg_slice rest = in, value;
    uint8_t signature[HG_SCRAM_KEY_BYTES];
    size_t len;

    if (client->step != FINAL_SENT)
        return false;
    client->step = BROKEN;
    if (!hg_scram_expect(&rest, 'v', &value) || !hg_base64_decode(value, signature, sizeof signature, &len) ||
        len != sizeof signature || CRYPTO_memcmp(signature, client->server_signature, sizeof signature) != 0)
        return false;
    client->step = PROVED;
    return true;
}
