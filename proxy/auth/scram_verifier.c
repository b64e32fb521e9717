/* Verifiers: what is stored of a password, in the very text that PostgreSQL stores, so that either's can be
 * given to the other:
 *
 *     SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>
 *
 * A client may also send the password itself (under TLS only, where the policy says so): it fits when it
 * gives the same keys. That is the work that SCRAM leaves to clients, too much for a thread that serves
 * others. */
#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "base64.h"
#include "scram_common.h"

#define SALT_BYTES 16 /* as PostgreSQL's */

/* Takes `text` up to and with the separator off `rest`; false when that is not there. */
static bool take_until(struct hg_slice *rest, char separator, struct hg_slice *text)
{
    const char *at = rest->len ? memchr(rest->ptr, separator, rest->len) : NULL;

    if (!at)
        return false;
    *text = hg_slice_of(rest->ptr, (size_t)(at - rest->ptr));
    *rest = hg_slice_of(at + 1, rest->len - text->len - 1);
    return true;
}

static bool decode_key(struct hg_slice text, uint8_t key[HG_SCRAM_KEY_BYTES])
{
    size_t len;

    return hg_base64_decode(text, key, HG_SCRAM_KEY_BYTES, &len) && len == HG_SCRAM_KEY_BYTES;
}

bool hg_scram_verifier_parse(struct hg_slice text, struct hg_scram_verifier *verifier)
{
    struct hg_slice mechanism, iterations, salt, stored_key, rest = text;

    *verifier = (struct hg_scram_verifier){0};
    return take_until(&rest, '$', &mechanism) && hg_slice_is(mechanism, HG_SCRAM_MECHANISM) &&
           take_until(&rest, ':', &iterations) && hg_scram_iterations(iterations, &verifier->iterations) &&
           take_until(&rest, '$', &salt) &&
           hg_base64_decode(salt, verifier->salt, sizeof verifier->salt, &verifier->salt_len) &&
           verifier->salt_len > 0 && take_until(&rest, ':', &stored_key) &&
           decode_key(stored_key, verifier->stored_key) && decode_key(rest, verifier->server_key);
}

bool hg_scram_verifier_make(struct hg_slice password, uint32_t iterations, struct hg_bytes *out)
{
    uint8_t salt[SALT_BYTES];
    struct hg_scram_keys keys;
    bool ok = iterations >= 1 && iterations <= HG_SCRAM_MOST_ITERATIONS && password.len > 0 &&
              !memchr(password.ptr, '\0', password.len) && RAND_bytes(salt, sizeof salt) == 1 &&
              hg_scram_keys_derive(password, salt, sizeof salt, iterations, &keys);

    if (ok) {
        hg_write_format(out, HG_SCRAM_MECHANISM "$%u:", (unsigned)iterations);
        hg_base64_write(out, salt, sizeof salt);
        hg_write_text(out, "$");
        hg_base64_write(out, keys.stored_key, sizeof keys.stored_key);
        hg_write_text(out, ":");
        hg_base64_write(out, keys.server_key, sizeof keys.server_key);
    }
    OPENSSL_cleanse(&keys, sizeof keys);
    return ok && !out->failed;
}

bool hg_scram_verifier_fits(const struct hg_scram_verifier *verifier, struct hg_slice password)
{
    struct hg_scram_keys keys;
    bool fits =
        hg_scram_keys_derive(password, verifier->salt, verifier->salt_len, verifier->iterations, &keys);

    fits = fits && CRYPTO_memcmp(keys.stored_key, verifier->stored_key, sizeof keys.stored_key) == 0;
    OPENSSL_cleanse(&keys, sizeof keys);
    return fits;
}

void hg_scram_verifier_mock(const uint8_t secret[HG_SCRAM_KEY_BYTES], struct hg_slice user,
                            const struct hg_scram_verifier *like, struct hg_scram_verifier *verifier)
{
    uint8_t seed[HG_SCRAM_KEY_BYTES];

    *verifier = (struct hg_scram_verifier){.iterations = like ? like->iterations : HG_SCRAM_ITERATIONS,
                                           .salt_len = like ? like->salt_len : SALT_BYTES};
    if (!hg_scram_hmac(secret, user, seed) || !hg_scram_hmac(seed, HG_LIT("Salt"), verifier->salt) ||
        !hg_scram_hmac(seed, HG_LIT("More Salt"), verifier->salt + HG_SCRAM_KEY_BYTES) ||
        !hg_scram_hmac(seed, HG_LIT("Stored Key"), verifier->stored_key) ||
        !hg_scram_hmac(seed, HG_LIT("Server Key"), verifier->server_key))
        verifier->salt_len = 0;
    OPENSSL_cleanse(seed, sizeof seed);
}
