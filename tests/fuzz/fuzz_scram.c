/* SCRAM in both directions, and verifiers. An input is lines of text; each line is a message to our server
 * and to our client, with every '@' replaced by the nonce that the peer would have to know. What must hold:
 * without the password nobody is let in, and no server proves itself; a verifier that is taken is the one
 * spelling of what it says. */
#include "base64.h"
#include "scram_common.h"

#define VERIFIER                                                                                             \
    "SCRAM-SHA-256$4096:Q+x8HeiDjOSTHxNsYXNTgw==$7rf/xTXcbPciIDA7sQcoLbdgusyTahs66aA662rwe6g=:"              \
    "VC0TnB9bbNDCRHOPNAZPjgRZMsckPCeUSHr6TTiXXAE="

static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static void fill_in(struct hg_bytes *message, struct hg_slice line, const struct hg_bytes *nonce)
{
    hg_bytes_clear(message);
    for (size_t i = 0; i < line.len; i++) {
        if (line.ptr[i] == '@')
            hg_write_slice(message, hg_bytes_slice(nonce));
        else
            hg_write_u8(message, (uint8_t)line.ptr[i]);
    }
}

static void to_server(struct hg_scram_server *server, struct hg_slice line)
{
    struct hg_bytes message, out;

    hg_bytes_init(&message, 1 << 20);
    hg_bytes_init(&out, 0);
    fill_in(&message, line, &server->nonce);
    enum hg_scram_status status = hg_scram_server_step(server, hg_bytes_slice(&message), &out);
    must(status != HG_SCRAM_DONE);
    must((status == HG_SCRAM_CONTINUE) == (out.len > 0));
    must(server->auth_message.len <= HG_SCRAM_MESSAGE_CAP);
    hg_bytes_free(&message);
    hg_bytes_free(&out);
}

static void to_client(struct hg_scram_client *client, struct hg_slice line)
{
    static const struct hg_scram_keys keys = {.client_key = "another one"}; /* made without iterations */
    struct hg_bytes message, out;

    hg_bytes_init(&message, 1 << 20);
    hg_bytes_init(&out, 0);
    fill_in(&message, line, &client->nonce);
    if (!hg_scram_client_challenge(client, hg_bytes_slice(&message))) {
        must(!hg_scram_client_final(client, &keys, &out));
        must(out.len == 0);
        must(!hg_scram_client_verify(client, hg_bytes_slice(&message)));
    } else {
        must(client->salt_len && client->iterations && client->iterations <= HG_SCRAM_MOST_ITERATIONS);
        must(hg_scram_client_final(client, &keys, &out) && out.len);
    }
    hg_bytes_free(&message);
    hg_bytes_free(&out);
}

static void check_verifier(struct hg_slice text)
{
    struct hg_scram_verifier verifier;
    struct hg_bytes out;

    if (!hg_scram_verifier_parse(text, &verifier))
        return;
    hg_bytes_init(&out, 0);
    hg_write_format(&out, "SCRAM-SHA-256$%u:", (unsigned)verifier.iterations);
    hg_base64_write(&out, verifier.salt, verifier.salt_len);
    hg_write_text(&out, "$");
    hg_base64_write(&out, verifier.stored_key, sizeof verifier.stored_key);
    hg_write_text(&out, ":");
    hg_base64_write(&out, verifier.server_key, sizeof verifier.server_key);
    must(hg_slice_equal(hg_bytes_slice(&out), text));
    hg_bytes_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hg_scram_verifier verifier;
    struct hg_scram_server server;
    struct hg_scram_client client;
    struct hg_bytes first;
    const char *at = (const char *)data, *end = at + size;

    must(hg_scram_verifier_parse(HG_LIT(VERIFIER), &verifier));
    hg_bytes_init(&first, 0);
    hg_scram_server_init(&server, &verifier, size & 1);
    hg_scram_client_init(&client);
    must(hg_scram_client_first(&client, size & 1 ? HG_SCRAM_BOUND : HG_SCRAM_UNBOUND,
                               hg_slice_of("a hash", size & 1 ? 6 : 0), &first));
    for (int lines = 0; at < end && lines < 8; lines++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        struct hg_slice line = hg_slice_of(at, (size_t)((newline ? newline : end) - at));
        check_verifier(line);
        to_server(&server, line);
        to_client(&client, line);
        at += line.len + (newline != NULL);
    }
    hg_scram_client_free(&client);
    hg_scram_server_free(&server);
    hg_bytes_free(&first);
    return 0;
}
