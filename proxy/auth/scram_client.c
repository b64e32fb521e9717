/* The client's side of SCRAM-SHA-256, towards backends:
 *
 *   START --first()--> FIRST_SENT --challenge()--> CHALLENGED --final()--> FINAL_SENT --verify()--> PROVED
 *
 * Each function does its step once, in this order; anything else is false. The server is held to its part:
 * its nonce must go on from ours (so that an old exchange cannot be played back), its iterations are bounded
 * (so that it cannot keep us busy), and its signature must show that it knows the verifier before its "ok"
 * counts. The slow part, from the challenge to the keys, is the caller's, to be done aside or kept.
 *
 * The user's name stays empty in the message, as libpq does it: a PostgreSQL server takes that of the startup
 * packet. */
#include <openssl/crypto.h>

#include "base64.h"
#include "scram_common.h"

enum { START, FIRST_SENT, CHALLENGED, FINAL_SENT, PROVED, BROKEN };

#define NONCE_CAP 1024u

void hg_scram_client_init(struct hg_scram_client *client)
{
    *client = (struct hg_scram_client){.step = START};
    hg_bytes_init(&client->auth_message, HG_SCRAM_MESSAGE_CAP);
    hg_bytes_init(&client->nonce, NONCE_CAP);
    hg_bytes_init(&client->binding, sizeof HG_SCRAM_BOUND_HEADER + HG_SCRAM_END_POINT_CAP);
}

void hg_scram_client_free(struct hg_scram_client *client)
{
    hg_bytes_free(&client->auth_message);
    hg_bytes_free(&client->nonce);
    hg_bytes_free(&client->binding);
    OPENSSL_cleanse(client->server_signature, sizeof client->server_signature);
    client->step = BROKEN;
}

bool hg_scram_client_first(struct hg_scram_client *client, enum hg_scram_binding binding,
                           struct hg_slice end_point, struct hg_bytes *out)
{
    static const char *const headers[] = {
        [HG_SCRAM_UNBOUND] = "n,,", [HG_SCRAM_UNOFFERED] = "y,,", [HG_SCRAM_BOUND] = HG_SCRAM_BOUND_HEADER};

    if (client->step != START)
        return false;
    client->step = BROKEN;
    if (!hg_scram_nonce(&client->nonce) || (binding == HG_SCRAM_BOUND) != (end_point.len > 0))
        return false;
    hg_write_text(&client->binding, headers[binding]);
    hg_write_slice(out, hg_bytes_slice(&client->binding));
    hg_write_slice(&client->binding, end_point);
    hg_write_text(&client->auth_message, "n=,r=");
    hg_write_slice(&client->auth_message, hg_bytes_slice(&client->nonce));
    hg_write_slice(out, hg_bytes_slice(&client->auth_message));
    if (client->binding.failed)
        return false;
    client->step = FIRST_SENT;
    return true;
}

/* What server-first says. The nonce of both stands in the place of ours from then on. */
static bool read_challenge(struct hg_scram_client *client, struct hg_slice in)
{
    struct hg_slice rest = in, nonce, salt, iterations, ours = hg_bytes_slice(&client->nonce);

    if (!hg_scram_expect(&rest, 'r', &nonce) || nonce.len <= ours.len ||
        memcmp(nonce.ptr, ours.ptr, ours.len) != 0 || !hg_scram_is_printable(nonce) ||
        !hg_scram_expect(&rest, 's', &salt) ||
        !hg_base64_decode(salt, client->salt, sizeof client->salt, &client->salt_len) ||
        client->salt_len == 0 || !hg_scram_expect(&rest, 'i', &iterations) ||
        !hg_scram_iterations(iterations, &client->iterations))
        return false;
    hg_bytes_clear(&client->nonce);
    hg_write_slice(&client->nonce, nonce);
    return !client->nonce.failed;
}

bool hg_scram_client_challenge(struct hg_scram_client *client, struct hg_slice in)
{
    if (client->step != FIRST_SENT)
        return false;
    client->step = BROKEN;
    if (!read_challenge(client, in))
        return false;
    hg_write_text(&client->auth_message, ",");
    hg_write_slice(&client->auth_message, in);
    client->step = CHALLENGED;
    return true;
}

/* Signs the exchange: the proof for the server, and the signature that we expect from it. */
static bool sign(struct hg_scram_client *client, const struct hg_scram_keys *keys,
                 uint8_t proof[HG_SCRAM_KEY_BYTES])
{
    struct hg_slice signed_text = hg_bytes_slice(&client->auth_message);

    if (!hg_scram_hmac(keys->stored_key, signed_text, proof) ||
        !hg_scram_hmac(keys->server_key, signed_text, client->server_signature))
        return false;
    hg_scram_xor(proof, keys->client_key, proof);
    return true;
}

bool hg_scram_client_final(struct hg_scram_client *client, const struct hg_scram_keys *keys,
                           struct hg_bytes *out)
{
    struct hg_bytes *message = &client->auth_message;
    uint8_t proof[HG_SCRAM_KEY_BYTES];

    if (client->step != CHALLENGED)
        return false;
    client->step = BROKEN;
    hg_write_text(message, ",");
    size_t without_proof_at = message->len;
    hg_write_text(message, "c=");
    hg_base64_write(message, client->binding.data, client->binding.len);
    hg_write_text(message, ",r=");
    hg_write_slice(message, hg_bytes_slice(&client->nonce));
    if (message->failed || !sign(client, keys, proof))
        return false;
    hg_write(out, message->data + without_proof_at, message->len - without_proof_at);
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
