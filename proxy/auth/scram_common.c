/* Keys and attributes of SCRAM.
 *
 *     SaltedPassword = PBKDF2(SASLprep(password), salt, iterations)
 *     ClientKey = HMAC(SaltedPassword, "Client Key")      StoredKey = H(ClientKey)
 *     ServerKey = HMAC(SaltedPassword, "Server Key")
 *
 * A server keeps StoredKey and ServerKey. With them alone nobody can log in as the client, since that takes
 * ClientKey. */
#include "scram_common.h"

#include <limits.h>
#include <stdlib.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "base64.h"
#include "saslprep.h"

#define NONCE_BYTES 18

bool hg_scram_hmac(const uint8_t key[HG_SCRAM_KEY_BYTES], struct hg_slice text,
                   uint8_t out[HG_SCRAM_KEY_BYTES])
{
    unsigned len = HG_SCRAM_KEY_BYTES;

    return HMAC(EVP_sha256(), key, HG_SCRAM_KEY_BYTES, (const unsigned char *)text.ptr, text.len, out, &len);
}

bool hg_scram_hash(const uint8_t in[HG_SCRAM_KEY_BYTES], uint8_t out[HG_SCRAM_KEY_BYTES])
{
    return EVP_Digest(in, HG_SCRAM_KEY_BYTES, out, NULL, EVP_sha256(), NULL);
}

bool hg_scram_keys_derive(struct hg_slice password, const uint8_t *salt, size_t salt_len, uint32_t iterations,
                          struct hg_scram_keys *keys)
{
    uint8_t salted[HG_SCRAM_KEY_BYTES];

    if (password.len > INT_MAX / 32 || salt_len > INT_MAX || iterations > INT_MAX)
        return false;
    char *prepared = hg_saslprep(password);
    struct hg_slice secret = prepared ? hg_slice_cstr(prepared) : password;
    bool ok = PKCS5_PBKDF2_HMAC(secret.ptr, (int)secret.len, salt, (int)salt_len, (int)iterations,
                                EVP_sha256(), sizeof salted, salted) &&
              hg_scram_hmac(salted, HG_LIT("Client Key"), keys->client_key) &&
              hg_scram_hash(keys->client_key, keys->stored_key) &&
              hg_scram_hmac(salted, HG_LIT("Server Key"), keys->server_key);
    OPENSSL_cleanse(salted, sizeof salted);
    if (prepared)
        OPENSSL_cleanse(prepared, secret.len);
    free(prepared);
    return ok;
}

void hg_scram_xor(const uint8_t *a, const uint8_t *b, uint8_t out[HG_SCRAM_KEY_BYTES])
{
    for (size_t i = 0; i < HG_SCRAM_KEY_BYTES; i++)
        out[i] = a[i] ^ b[i];
}

bool hg_scram_nonce(struct hg_bytes *out)
{
    uint8_t bytes[NONCE_BYTES];

    if (RAND_bytes(bytes, sizeof bytes) != 1)
        return false;
    hg_base64_write(out, bytes, sizeof bytes);
    return !out->failed;
}

bool hg_scram_take(struct hg_slice *rest, char *name, struct hg_slice *value)
{
    if (rest->len < 2 || rest->ptr[1] != '=')
        return false;
    const char *start = rest->ptr + 2, *end = rest->ptr + rest->len;
    const char *comma = memchr(start, ',', rest->len - 2);
    const char *stop = comma ? comma : end;

    *name = rest->ptr[0];
    *value = hg_slice_of(start, (size_t)(stop - start));
    const char *next = comma ? comma + 1 : end;
    *rest = hg_slice_of(next, (size_t)(end - next));
    return true;
}

bool hg_scram_expect(struct hg_slice *rest, char name, struct hg_slice *value)
{
    char found;

    return hg_scram_take(rest, &found, value) && found == name;
}

bool hg_scram_is_printable(struct hg_slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < 0x21 || text.ptr[i] > 0x7e || text.ptr[i] == ',')
            return false;
    return text.len > 0;
}

bool hg_scram_iterations(struct hg_slice text, uint32_t *iterations)
{
    *iterations = 0;
    if (text.len == 0 || text.len > 7 || text.ptr[0] == '0')
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        *iterations = *iterations * 10 + (uint32_t)(text.ptr[i] - '0');
    }
    return *iterations <= HG_SCRAM_MOST_ITERATIONS;
}
