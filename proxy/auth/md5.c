/* md5 passwords: towards backends that still ask for them, and for clients that know nothing better, where
 * the policy says so. Whoever has a verifier can answer with it: it is worth the password. */
#include "md5.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#define DIGEST_BYTES 16
#define HEX_BYTES    32

/* The md5 of two texts one after the other, as 32 hexadecimal digits. False where md5 is not to be had
 * (FIPS). */
static bool md5_hex(const void *a, size_t a_len, const void *b, size_t b_len, char hex[HEX_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t digest[DIGEST_BYTES];
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool ok = context && EVP_DigestInit_ex(context, EVP_md5(), NULL) && EVP_DigestUpdate(context, a, a_len) &&
              EVP_DigestUpdate(context, b, b_len) && EVP_DigestFinal_ex(context, digest, NULL);

    EVP_MD_CTX_free(context);
    for (size_t i = 0; ok && i < DIGEST_BYTES; i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 15];
    }
    OPENSSL_cleanse(digest, sizeof digest);
    return ok;
}

bool hg_md5_verifier(struct hg_slice user, struct hg_slice password, char out[HG_MD5_RESPONSE_BYTES])
{
    memcpy(out, "md5", 4);
    out[HG_MD5_RESPONSE_BYTES - 1] = '\0';
    return md5_hex(password.ptr, password.len, user.ptr, user.len, out + 3);
}

/* What the verifier, of full length, answers to the salt. */
static bool respond(const char *verifier, const uint8_t salt[4], char out[HG_MD5_RESPONSE_BYTES])
{
    memcpy(out, "md5", 4);
    out[HG_MD5_RESPONSE_BYTES - 1] = '\0';
    return md5_hex(verifier + 3, HEX_BYTES, salt, 4, out + 3);
}

bool hg_md5_response(struct hg_slice user, struct hg_slice password, const uint8_t salt[4],
                     char out[HG_MD5_RESPONSE_BYTES])
{
    char stored[HG_MD5_RESPONSE_BYTES];
    bool ok = hg_md5_verifier(user, password, stored) && respond(stored, salt, out);

    OPENSSL_cleanse(stored, sizeof stored);
    return ok;
}

bool hg_md5_fits(struct hg_slice verifier, const uint8_t salt[4], struct hg_slice response)
{
    char expected[HG_MD5_RESPONSE_BYTES];
    bool fits = verifier.len == HG_MD5_RESPONSE_BYTES - 1 && respond(verifier.ptr, salt, expected) &&
                response.len == verifier.len && CRYPTO_memcmp(expected, response.ptr, response.len) == 0;

    OPENSSL_cleanse(expected, sizeof expected);
    return fits;
}
