/* The server's side of SCRAM-SHA-256: a client proves that it knows the password of a verifier.
 *
 *     client-first                                   server-first
 *   n,,n=<user>,r=<nonce>       --> FIRST -->      r=<nonce><ours>,s=<salt>,i=<iterations>
 *     client-final                                   server-final
 *   c=biws,r=<nonces>,p=<proof> --> FINAL --> OVER v=<signature>
 *
 * As in PostgreSQL, the user is the one of the startup packet and the name in client-first is ignored.
 *
 * Channel binding (RFC 5802 section 6; RFC 5929 section 4): under TLS the client may choose
 * SCRAM-SHA-256-PLUS; its first message then begins with "p=tls-server-end-point" and its last one holds the
 * hash of the certificate that it saw, so that nobody in between can pass the exchange on. A client that
 * could, but thinks that we do not offer it ("y"), was lied to about what we offer, and is refused; without
 * TLS it is right, and goes on.
 *
 * The exchange over a mock verifier takes the same steps and the same cryptography as one with a wrong
 * password; the PBKDF2 is the client's work in either case. */
#include <openssl/crypto.h>

#include "base64.h"
#include "scram_common.h"

enum { FIRST, FINAL, OVER };

#define NONCE_CAP 1024u /* of both nonces together */
#define GS2_CAP   64u

void hg_scram_server_init(struct hg_scram_server *server, const struct hg_scram_verifier *verifier, bool mock)
{
    *server = (struct hg_scram_server){.verifier = *verifier, .mock = mock, .step = FIRST};
    hg_bytes_init(&server->auth_message, HG_SCRAM_MESSAGE_CAP);
    hg_bytes_init(&server->nonce, NONCE_CAP);
    hg_bytes_init(&server->gs2_header, GS2_CAP);
}

bool hg_scram_server_choose(struct hg_scram_server *server, struct hg_slice mechanism)
{
    server->plus = server->end_point_len && hg_slice_is(mechanism, HG_SCRAM_MECHANISM_PLUS);
    return server->plus || hg_slice_is(mechanism, HG_SCRAM_MECHANISM);
}

void hg_scram_server_free(struct hg_scram_server *server)
{
    hg_bytes_free(&server->auth_message);
    hg_bytes_free(&server->nonce);
    hg_bytes_free(&server->gs2_header);
    OPENSSL_cleanse(&server->verifier, sizeof server->verifier);
    server->step = OVER;
}

/* The header "n,,", "y,," or, with channel binding, "p=tls-server-end-point,," off the message. An
 * authorization identity between the commas would be one user acting as another: refused. */
static bool take_gs2_header(struct hg_scram_server *server, struct hg_slice *rest)
{
    struct hg_slice header = server->plus                       ? HG_LIT(HG_SCRAM_BOUND_HEADER)
                             : server->end_point_len            ? HG_LIT("n,,")
                             : rest->len && rest->ptr[0] == 'y' ? HG_LIT("y,,")
                                                                : HG_LIT("n,,");
    if (rest->len < header.len || memcmp(rest->ptr, header.ptr, header.len) != 0)
        return false;
    hg_write_slice(&server->gs2_header, header);
    *rest = hg_slice_of(rest->ptr + header.len, rest->len - header.len);
    return true;
}

static enum hg_scram_status take_first(struct hg_scram_server *server, struct hg_slice in,
                                       struct hg_bytes *out)
{
    struct hg_slice bare = in, rest, user, nonce;

    if (!take_gs2_header(server, &bare))
        return HG_SCRAM_MALFORMED;
    rest = bare; /* may go on with extensions, to be ignored; a mandatory one ("m=") would stand before the
                    user */
    if (!hg_scram_expect(&rest, 'n', &user) || !hg_scram_expect(&rest, 'r', &nonce) ||
        !hg_scram_is_printable(nonce))
        return HG_SCRAM_MALFORMED;
    hg_write_slice(&server->nonce, nonce);
    if (!hg_scram_nonce(&server->nonce))
        return HG_SCRAM_MALFORMED;

    hg_write_slice(&server->auth_message, bare);
    hg_write_text(&server->auth_message, ",");
    size_t answer_at = server->auth_message.len;
    hg_write_text(&server->auth_message, "r=");
    hg_write_slice(&server->auth_message, hg_bytes_slice(&server->nonce));
    hg_write_text(&server->auth_message, ",s=");
    hg_base64_write(&server->auth_message, server->verifier.salt, server->verifier.salt_len);
    hg_write_format(&server->auth_message, ",i=%u", (unsigned)server->verifier.iterations);
    if (server->auth_message.failed)
        return HG_SCRAM_MALFORMED;
    hg_write(out, server->auth_message.data + answer_at, server->auth_message.len - answer_at);
    server->step = FINAL;
    return HG_SCRAM_CONTINUE;
}

/* The base64 of the header that came first: nobody has changed it on the way; and of the certificate's hash:
 * nobody has put himself between. */
static bool is_bound(const struct hg_scram_server *server, struct hg_slice binding)
{
    uint8_t seen[GS2_CAP + sizeof server->end_point];
    struct hg_slice header = hg_bytes_slice(&server->gs2_header);
    size_t hash = server->plus ? server->end_point_len : 0, len;

    return hg_base64_decode(binding, seen, sizeof seen, &len) && len == header.len + hash &&
           memcmp(seen, header.ptr, header.len) == 0 &&
           CRYPTO_memcmp(seen + header.len, server->end_point, hash) == 0;
}

/* Checks all of client-final but the proof, which is handed out with the part that it signs. */
static bool read_final(const struct hg_scram_server *server, struct hg_slice in,
                       struct hg_slice *without_proof, uint8_t proof[HG_SCRAM_KEY_BYTES])
{
    struct hg_slice rest = in, binding, nonce, value;
    const char *start;
    char name;
    size_t len;

    if (!hg_scram_expect(&rest, 'c', &binding) || !hg_scram_expect(&rest, 'r', &nonce))
        return false;
    if (!is_bound(server, binding) || !hg_slice_equal(nonce, hg_bytes_slice(&server->nonce)))
        return false;
    do { /* extensions are ignored */
        start = rest.ptr;
        if (!hg_scram_take(&rest, &name, &value))
            return false;
    } while (name != 'p');
    *without_proof = hg_slice_of(in.ptr, (size_t)(start - in.ptr) - 1);
    return value.ptr + value.len == in.ptr + in.len &&
           hg_base64_decode(value, proof, HG_SCRAM_KEY_BYTES, &len) && len == HG_SCRAM_KEY_BYTES;
}

static enum hg_scram_status take_final(struct hg_scram_server *server, struct hg_slice in,
                                       struct hg_bytes *out)
{
    uint8_t proof[HG_SCRAM_KEY_BYTES], signature[HG_SCRAM_KEY_BYTES], key[HG_SCRAM_KEY_BYTES];
    struct hg_slice without_proof;

    server->step = OVER;
    if (!read_final(server, in, &without_proof, proof))
        return HG_SCRAM_MALFORMED;
    hg_write_text(&server->auth_message, ",");
    hg_write_slice(&server->auth_message, without_proof);
    if (server->auth_message.failed)
        return HG_SCRAM_MALFORMED;

    struct hg_slice signed_text = hg_bytes_slice(&server->auth_message);
    bool ok = hg_scram_hmac(server->verifier.stored_key, signed_text, signature);
    hg_scram_xor(proof, signature, proof); /* now the client's key, if it is right */
    ok = hg_scram_hash(proof, key) && ok;
    ok = hg_scram_hmac(server->verifier.server_key, signed_text, signature) && ok;
    bool right = CRYPTO_memcmp(key, server->verifier.stored_key, sizeof key) == 0;
    OPENSSL_cleanse(proof, sizeof proof);
    if (!ok || !right || server->mock)
        return HG_SCRAM_WRONG;
    hg_write_text(out, "v=");
    hg_base64_write(out, signature, sizeof signature);
    return HG_SCRAM_DONE;
}

enum hg_scram_status hg_scram_server_step(struct hg_scram_server *server, struct hg_slice in,
                                          struct hg_bytes *out)
{
    enum hg_scram_status status = HG_SCRAM_MALFORMED;

    if (server->step == FIRST)
        status = take_first(server, in, out);
    else if (server->step == FINAL)
        status = take_final(server, in, out);
    if (status != HG_SCRAM_CONTINUE)
        server->step = OVER;
    return status;
}
