/* proxy/auth: SCRAM against RFC 7677's example, against itself and against verifiers that PostgreSQL 15 made;
 * every message of an exchange tampered with in turn; the login to backends with the messages of good, odd
 * and hostile servers. */
#include <stdlib.h>

#include "base64.h"
#include "check.h"
#include "encode.h"
#include "login.h"
#include "md5.h"
#include "protocol.h"
#include "saslprep.h"
#include "scram_common.h"

#define PASSWORD     "test-password"
#define MD5_EXPECTED "md5a6928a445749c46000c03964115f67a5" /* for user m and salt 01 02 fe ff */
/* CREATE ROLE … PASSWORD 'test-password' in PostgreSQL 15.20, and the same for a password with umlauts. */
#define POSTGRESQL_VERIFIER                                                                                  \
    "SCRAM-SHA-256$4096:Q+x8HeiDjOSTHxNsYXNTgw==$7rf/xTXcbPciIDA7sQcoLbdgusyTahs66aA662rwe6g=:"              \
    "VC0TnB9bbNDCRHOPNAZPjgRZMsckPCeUSHr6TTiXXAE="
#define UMLAUT_PASSWORD "p\303\244ssw\303\266rd"
#define UMLAUT_VERIFIER                                                                                      \
    "SCRAM-SHA-256$4096:pWaAjW4ZwpSFcFEW4YgJUw==$3VpxEzflVMY+G1FjDaLXiP7qgV/DnrqjbAMJDjIr/oI=:"              \
    "qF0nYIKaWF1eGnVMQY+q05SFQIHU7RDhS3N+Ntk6fuA="

/* ---- base64 ---- */

static bool decodes(const char *text, const char *expected)
{
    uint8_t bytes[8];
    size_t len;

    return hg_base64_decode(hg_slice_cstr(text), bytes, sizeof bytes, &len) &&
           hg_slice_is(hg_slice_of((const char *)bytes, len), expected);
}

static void test_base64(void)
{
    static const char *const pairs[][2] = {{"", ""},        {"f", "Zg=="},        {"fo", "Zm8="},
                                           {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"\373\377", "+/8="}};
    struct hg_bytes out;

    hg_bytes_init(&out, 0);
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        hg_bytes_clear(&out);
        hg_base64_write(&out, pairs[i][0], strlen(pairs[i][0]));
        CHECK_TEXT(hg_bytes_slice(&out), pairs[i][1]);
        CHECK(decodes(pairs[i][1], pairs[i][0]));
    }
    hg_bytes_free(&out);
    CHECK(!decodes("Zg", "f"));
    CHECK(!decodes("Zg=", "f"));
    CHECK(!decodes("Zh==", "f")); /* bits that are thrown away */
    CHECK(!decodes("Zm9=", "fo"));
    CHECK(!decodes("Zg==Zg==", "ff"));
    CHECK(!decodes("====", ""));
    CHECK(!decodes("Z===", ""));
    CHECK(!decodes("Zm 9v", "foo"));
    CHECK(!decodes("Zm9v\n", "foo"));
    CHECK(!decodes("Zm9-", "foo"));
    CHECK(!decodes("Zm9vZm9vZm9v", "foofoofoo")); /* nine bytes into eight */
}

/* ---- verifiers ---- */

static bool parses(const char *text)
{
    struct hg_scram_verifier verifier;

    return hg_scram_verifier_parse(hg_slice_cstr(text), &verifier);
}

static void test_verifier(void)
{
    struct hg_scram_verifier verifier;
    struct hg_bytes out;
    char cut[256];

    CHECK(hg_scram_verifier_parse(HG_LIT(POSTGRESQL_VERIFIER), &verifier));
    CHECK_INT(verifier.iterations, 4096);
    CHECK_INT(verifier.salt_len, 16);
    memcpy(cut, POSTGRESQL_VERIFIER, sizeof POSTGRESQL_VERIFIER);
    for (size_t len = sizeof POSTGRESQL_VERIFIER - 1; len-- > 0;) {
        cut[len] = '\0';
        CHECK(!parses(cut));
    }
    CHECK(!parses("SCRAM-SHA-1"
                  "$4096:AAAA$AAAA:AAAA"));
    CHECK(!parses(POSTGRESQL_VERIFIER "="));
    CHECK(!parses(POSTGRESQL_VERIFIER " "));
    CHECK(!parses("md549a64ecb0b766fe8a328c996ef0cb0a7"));
#define KEYS "$7rf/xTXcbPciIDA7sQcoLbdgusyTahs66aA662rwe6g=:VC0TnB9bbNDCRHOPNAZPjgRZMsckPCeUSHr6TTiXXAE="
    CHECK(parses("SCRAM-SHA-256$1:AAAA" KEYS));
    CHECK(parses("SCRAM-SHA-256$1000000:AAAA" KEYS));
    CHECK(!parses("SCRAM-SHA-256$1000001:AAAA" KEYS));
    CHECK(!parses("SCRAM-SHA-256$0:AAAA" KEYS));
    CHECK(!parses("SCRAM-SHA-256$-1:AAAA" KEYS));
    CHECK(!parses("SCRAM-SHA-256$04096:AAAA" KEYS));
    CHECK(!parses("SCRAM-SHA-256$:AAAA" KEYS));
    CHECK(!parses("SCRAM-SHA-256$4096:" KEYS));
#undef KEYS

    hg_bytes_init(&out, 0);
    CHECK(hg_scram_verifier_make(HG_LIT(PASSWORD), 5000, &out));
    CHECK(hg_scram_verifier_parse(hg_bytes_slice(&out), &verifier) && verifier.iterations == 5000);
    CHECK(!hg_scram_verifier_make(HG_LIT(""), 4096, &out));
    CHECK(!hg_scram_verifier_make(HG_LIT("a\0b"), 4096, &out));
    CHECK(!hg_scram_verifier_make(HG_LIT(PASSWORD), 0, &out));
    hg_bytes_free(&out);
}

/* ---- RFC 7677, section 3 ---- */

#define RFC_CLIENT_FIRST "n=user,r=rOprNGfwEbeRWgbNEkqO"
#define RFC_NONCE        "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
#define RFC_SERVER_FIRST "r=" RFC_NONCE ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
#define RFC_CLIENT_FINAL "c=biws,r=" RFC_NONCE ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
#define RFC_SERVER_FINAL "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="

/* The keys that the challenge asks for, and the last message. */
static bool client_final(struct hg_scram_client *client, struct hg_slice password, struct hg_bytes *out)
{
    struct hg_scram_keys keys;

    CHECK(hg_scram_keys_derive(password, client->salt, client->salt_len, client->iterations, &keys));
    return hg_scram_client_final(client, &keys, out);
}

/* The machines draw their nonces themselves, so each is put where it stands after its first message. */
static void test_rfc_client(void)
{
    struct hg_scram_client client;
    struct hg_bytes out;

    hg_bytes_init(&out, 0);
    hg_scram_client_init(&client);
    CHECK(hg_scram_client_first(&client, HG_SCRAM_UNBOUND, hg_slice_of(NULL, 0), &out));
    hg_bytes_clear(&client.auth_message);
    hg_bytes_clear(&client.nonce);
    hg_bytes_clear(&out);
    hg_write_text(&client.auth_message, RFC_CLIENT_FIRST);
    hg_write_text(&client.nonce, "rOprNGfwEbeRWgbNEkqO");
    CHECK(hg_scram_client_challenge(&client, HG_LIT(RFC_SERVER_FIRST)));
    CHECK(client_final(&client, HG_LIT("pencil"), &out));
    CHECK_TEXT(hg_bytes_slice(&out), RFC_CLIENT_FINAL);
    CHECK(hg_scram_client_verify(&client, HG_LIT(RFC_SERVER_FINAL)));
    hg_scram_client_free(&client);
    hg_bytes_free(&out);
}

static void test_rfc_server(void)
{
    struct hg_scram_verifier verifier = {.iterations = 4096};
    struct hg_scram_server server;
    struct hg_scram_keys keys;
    struct hg_bytes out;

    CHECK(hg_base64_decode(HG_LIT("W22ZaJ0SNY7soEsUEjb6gQ=="), verifier.salt, sizeof verifier.salt,
                           &verifier.salt_len));
    CHECK(hg_scram_keys_derive(HG_LIT("pencil"), verifier.salt, verifier.salt_len, 4096, &keys));
    memcpy(verifier.stored_key, keys.stored_key, sizeof keys.stored_key);
    memcpy(verifier.server_key, keys.server_key, sizeof keys.server_key);
    hg_bytes_init(&out, 0);
    hg_scram_server_init(&server, &verifier, false);
    CHECK_INT(hg_scram_server_step(&server, HG_LIT("n,," RFC_CLIENT_FIRST), &out), HG_SCRAM_CONTINUE);
    hg_bytes_clear(&server.auth_message);
    hg_bytes_clear(&server.nonce);
    hg_bytes_clear(&out);
    hg_write_text(&server.auth_message, RFC_CLIENT_FIRST "," RFC_SERVER_FIRST);
    hg_write_text(&server.nonce, RFC_NONCE);
    CHECK_INT(hg_scram_server_step(&server, HG_LIT(RFC_CLIENT_FINAL), &out), HG_SCRAM_DONE);
    CHECK_TEXT(hg_bytes_slice(&out), RFC_SERVER_FINAL);
    hg_scram_server_free(&server);
    hg_bytes_free(&out);
}

/* ---- whole exchanges ---- */

enum message { CLIENT_FIRST, SERVER_FIRST, CLIENT_FINAL, SERVER_FINAL, NOBODYS };

struct exchange {
    struct hg_scram_client client;
    struct hg_slice password;
    enum hg_scram_binding binding; /* of the client, to: */
    struct hg_slice end_point;
    struct hg_scram_server server;
    struct hg_bytes message;
    enum message tampered; /* whose byte `at` is changed on the way */
    size_t at;
    size_t lengths[4];
};

static void tamper(struct exchange *exchange, enum message which)
{
    exchange->lengths[which] = exchange->message.len;
    if (exchange->tampered == which && exchange->at < exchange->message.len)
        exchange->message.data[exchange->at] ^= 1;
}

/* How far it came: NOBODYS when both sides are content, else the message that the receiver refused. */
static enum message run(struct exchange *exchange)
{
    struct hg_bytes answer;
    enum message end = CLIENT_FIRST;

    hg_bytes_init(&answer, 0);
    hg_bytes_init(&exchange->message, 0);
    CHECK(
        hg_scram_client_first(&exchange->client, exchange->binding, exchange->end_point, &exchange->message));
    tamper(exchange, CLIENT_FIRST);
    if (hg_scram_server_step(&exchange->server, hg_bytes_slice(&exchange->message), &answer) !=
        HG_SCRAM_CONTINUE)
        goto done;
    end = SERVER_FIRST;
    hg_bytes_clear(&exchange->message);
    hg_write_slice(&exchange->message, hg_bytes_slice(&answer));
    tamper(exchange, SERVER_FIRST);
    hg_bytes_clear(&answer);
    if (!hg_scram_client_challenge(&exchange->client, hg_bytes_slice(&exchange->message)))
        goto done;
    CHECK(client_final(&exchange->client, exchange->password, &answer));
    end = CLIENT_FINAL;
    hg_bytes_clear(&exchange->message);
    hg_write_slice(&exchange->message, hg_bytes_slice(&answer));
    tamper(exchange, CLIENT_FINAL);
    hg_bytes_clear(&answer);
    if (hg_scram_server_step(&exchange->server, hg_bytes_slice(&exchange->message), &answer) !=
        HG_SCRAM_DONE) {
        CHECK_INT(answer.len, 0); /* no signature for somebody who has not proved anything */
        goto done;
    }
    end = SERVER_FINAL;
    hg_bytes_clear(&exchange->message);
    hg_write_slice(&exchange->message, hg_bytes_slice(&answer));
    tamper(exchange, SERVER_FINAL);
    if (hg_scram_client_verify(&exchange->client, hg_bytes_slice(&exchange->message)))
        end = NOBODYS;
done:
    hg_bytes_free(&answer);
    hg_bytes_free(&exchange->message);
    return end;
}

static enum message exchange_with(const char *verifier_text, const char *password, bool mock,
                                  enum message tampered, size_t at, size_t lengths[4])
{
    struct exchange exchange = {.password = hg_slice_cstr(password), .tampered = tampered, .at = at};
    struct hg_scram_verifier verifier;

    CHECK(hg_scram_verifier_parse(hg_slice_cstr(verifier_text), &verifier));
    hg_scram_client_init(&exchange.client);
    hg_scram_server_init(&exchange.server, &verifier, mock);
    enum message end = run(&exchange);
    hg_scram_client_free(&exchange.client);
    hg_scram_server_free(&exchange.server);
    if (lengths)
        memcpy(lengths, exchange.lengths, sizeof exchange.lengths);
    return end;
}

static void test_exchanges(void)
{
    struct hg_bytes made;
    char long_password[2000];

    CHECK_INT(exchange_with(POSTGRESQL_VERIFIER, PASSWORD, false, NOBODYS, 0, NULL), NOBODYS);
    CHECK_INT(exchange_with(UMLAUT_VERIFIER, UMLAUT_PASSWORD, false, NOBODYS, 0, NULL), NOBODYS);
    CHECK_INT(exchange_with(POSTGRESQL_VERIFIER, "test-passwore", false, NOBODYS, 0, NULL), CLIENT_FINAL);
    CHECK_INT(exchange_with(POSTGRESQL_VERIFIER, "", false, NOBODYS, 0, NULL), CLIENT_FINAL);
    CHECK_INT(exchange_with(POSTGRESQL_VERIFIER, PASSWORD, true, NOBODYS, 0, NULL), CLIENT_FINAL);

    hg_bytes_init(&made, 0);
    memset(long_password, 'x', sizeof long_password - 1);
    long_password[sizeof long_password - 1] = '\0';
    CHECK(hg_scram_verifier_make(hg_slice_cstr(long_password), 4096, &made));
    hg_write_u8(&made, 0);
    CHECK_INT(exchange_with((const char *)made.data, long_password, false, NOBODYS, 0, NULL), NOBODYS);
    hg_bytes_free(&made);
}

/* One bit changed at any place of any message: both sides are never content with it. (The client's header and
 * its nonce stand in a message that nobody signs, but both come again in signed ones.) */
static void test_tampering(void)
{
    struct hg_bytes verifier;
    size_t lengths[4] = {0};

    hg_bytes_init(&verifier, 0);
    CHECK(hg_scram_verifier_make(HG_LIT(PASSWORD), 1, &verifier));
    hg_write_u8(&verifier, 0);
    const char *text = (const char *)verifier.data;
    CHECK_INT(exchange_with(text, PASSWORD, false, NOBODYS, 0, lengths), NOBODYS);
    for (enum message which = CLIENT_FIRST; which < NOBODYS; which++) {
        CHECK(lengths[which] > 0);
        for (size_t at = 0; at < lengths[which]; at++)
            if (!CHECK(exchange_with(text, PASSWORD, false, which, at, NULL) != NOBODYS))
                fprintf(stderr, "  message %d, byte %zu\n", (int)which, at);
    }
    hg_bytes_free(&verifier);
}

static enum hg_scram_status first_step(const char *client_first)
{
    struct hg_scram_verifier verifier;
    struct hg_scram_server server;
    struct hg_bytes out;

    CHECK(hg_scram_verifier_parse(HG_LIT(POSTGRESQL_VERIFIER), &verifier));
    hg_bytes_init(&out, 0);
    hg_scram_server_init(&server, &verifier, false);
    enum hg_scram_status status = hg_scram_server_step(&server, hg_slice_cstr(client_first), &out);
    if (status != HG_SCRAM_CONTINUE)
        CHECK_INT(out.len, 0);
    hg_scram_server_free(&server);
    hg_bytes_free(&out);
    return status;
}

static void test_server_first_step(void)
{
    char long_nonce[4096];

    CHECK_INT(first_step("n,,n=,r=abc"), HG_SCRAM_CONTINUE);
    CHECK_INT(first_step("y,,n=somebody,r=abc"), HG_SCRAM_CONTINUE);
    CHECK_INT(first_step("n,,n=,r=abc,x=an extension"), HG_SCRAM_CONTINUE);
    CHECK_INT(first_step("p=tls-server-end-point,,n=,r=abc"), HG_SCRAM_MALFORMED);
    CHECK_INT(first_step("n,a=admin,n=,r=abc"), HG_SCRAM_MALFORMED);
    CHECK_INT(first_step("n,,m=must,n=,r=abc"), HG_SCRAM_MALFORMED);
    CHECK_INT(first_step("n,,n=,r="), HG_SCRAM_MALFORMED);
    CHECK_INT(first_step("n,,n=,r=a b"), HG_SCRAM_MALFORMED);
    CHECK_INT(first_step("n,,n=,r=\303\244"), HG_SCRAM_MALFORMED);
    CHECK_INT(first_step("n,,r=abc,n="), HG_SCRAM_MALFORMED);
    CHECK_INT(first_step("n,,n=,"), HG_SCRAM_MALFORMED);
    CHECK_INT(first_step("n,,"), HG_SCRAM_MALFORMED);
    CHECK_INT(first_step("n"), HG_SCRAM_MALFORMED);
    CHECK_INT(first_step(""), HG_SCRAM_MALFORMED);
    memset(long_nonce, 'a', sizeof long_nonce - 1);
    memcpy(long_nonce, "n,,n=,r=", 8);
    long_nonce[sizeof long_nonce - 1] = '\0';
    CHECK_INT(first_step(long_nonce), HG_SCRAM_MALFORMED);
}

/* A client-final for a server that is waiting for it; FORMAT gets the nonce. */
static enum hg_scram_status final_step(const char *before_nonce, const char *behind_nonce)
{
    struct hg_scram_verifier verifier;
    struct hg_scram_server server;
    struct hg_bytes out, final;

    CHECK(hg_scram_verifier_parse(HG_LIT(POSTGRESQL_VERIFIER), &verifier));
    hg_bytes_init(&out, 0);
    hg_bytes_init(&final, 0);
    hg_scram_server_init(&server, &verifier, false);
    CHECK_INT(hg_scram_server_step(&server, HG_LIT("n,,n=,r=abc"), &out), HG_SCRAM_CONTINUE);
    hg_write_text(&final, before_nonce);
    hg_write_slice(&final, hg_bytes_slice(&server.nonce));
    hg_write_text(&final, behind_nonce);
    enum hg_scram_status status = hg_scram_server_step(&server, hg_bytes_slice(&final), &out);
    CHECK_INT(hg_scram_server_step(&server, hg_bytes_slice(&final), &out),
              HG_SCRAM_MALFORMED); /* it is over */
    hg_scram_server_free(&server);
    hg_bytes_free(&final);
    hg_bytes_free(&out);
    return status;
}

static void test_server_final_step(void)
{
#define PROOF "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
    CHECK_INT(final_step("c=biws,r=", "," PROOF), HG_SCRAM_WRONG);
    CHECK_INT(final_step("c=biws,r=", ",x=y," PROOF), HG_SCRAM_WRONG);
    CHECK_INT(final_step("c=eSws,r=", "," PROOF), HG_SCRAM_MALFORMED); /* "y,," though it was "n,," */
    CHECK_INT(final_step("c=,r=", "," PROOF), HG_SCRAM_MALFORMED);
    CHECK_INT(final_step("r=", "," PROOF), HG_SCRAM_MALFORMED);
    CHECK_INT(final_step("c=biws,r=x", "," PROOF), HG_SCRAM_MALFORMED);
    CHECK_INT(final_step("c=biws,r=", "x," PROOF), HG_SCRAM_MALFORMED);
    CHECK_INT(final_step("c=biws,r=", ""), HG_SCRAM_MALFORMED);
    CHECK_INT(final_step("c=biws,r=", ","), HG_SCRAM_MALFORMED);
    CHECK_INT(final_step("c=biws,r=", "," PROOF ","), HG_SCRAM_MALFORMED);
    CHECK_INT(final_step("c=biws,r=", "," PROOF ",x=y"), HG_SCRAM_MALFORMED);
    CHECK_INT(final_step("c=biws,r=", ",p="), HG_SCRAM_MALFORMED);
    CHECK_INT(final_step("c=biws,r=", ",p=AAAA"), HG_SCRAM_MALFORMED);
    CHECK_INT(final_step("c=biws,r=", ",p=%%%%"), HG_SCRAM_MALFORMED);
#undef PROOF
}

/* A server-first for a client; `nonce` goes behind the client's own unless `own` is false. */
static bool client_takes(bool own, const char *nonce, const char *rest)
{
    const struct hg_slice nothing = hg_slice_of(NULL, 0);
    struct hg_scram_keys keys = {0};
    struct hg_scram_client client;
    struct hg_bytes out, first;

    hg_bytes_init(&out, 0);
    hg_bytes_init(&first, 0);
    hg_scram_client_init(&client);
    CHECK(!hg_scram_client_challenge(&client, HG_LIT(""))); /* not its turn: this spoils nothing */
    CHECK(!hg_scram_client_final(&client, &keys, &out));
    CHECK(hg_scram_client_first(&client, HG_SCRAM_UNBOUND, nothing, &out));
    CHECK(!hg_scram_client_first(&client, HG_SCRAM_UNBOUND, nothing, &out));
    CHECK(!hg_scram_client_final(&client, &keys, &out));
    hg_bytes_clear(&out);
    hg_write_text(&first, "r=");
    if (own)
        hg_write_slice(&first, hg_bytes_slice(&client.nonce));
    hg_write_text(&first, nonce);
    hg_write_text(&first, rest);
    bool ok = hg_scram_client_challenge(&client, hg_bytes_slice(&first));
    CHECK(ok == hg_scram_client_final(&client, &keys, &out));
    CHECK(ok == (out.len > 0));
    CHECK(!hg_scram_client_verify(&client, HG_LIT(RFC_SERVER_FINAL)));
    CHECK(!hg_scram_client_verify(&client, HG_LIT(RFC_SERVER_FINAL)));
    hg_scram_client_free(&client);
    hg_bytes_free(&first);
    hg_bytes_free(&out);
    return ok;
}

static void test_client_final_step(void)
{
    CHECK(client_takes(true, "more", ",s=AAAA,i=1"));
    CHECK(client_takes(true, "more", ",s=AAAA,i=4096,x=an extension"));
    CHECK(!client_takes(true, "", ",s=AAAA,i=1")); /* adds nothing of its own */
    CHECK(!client_takes(false, "another nonce that is long enough", ",s=AAAA,i=1"));
    CHECK(!client_takes(true, "more", ",s=AAAA"));
    CHECK(!client_takes(true, "more", ",s=,i=1"));
    CHECK(!client_takes(true, "more", ",s=AAA,i=1"));
    CHECK(!client_takes(true, "more", ",i=1,s=AAAA"));
    CHECK(!client_takes(true, "more", ",s=AAAA,i=0"));
    CHECK(!client_takes(true, "more", ",s=AAAA,i=-1"));
    CHECK(!client_takes(true, "more", ",s=AAAA,i=1000001"));
    CHECK(!client_takes(true, "more", ",s=AAAA,i=4294967297"));
    CHECK(!client_takes(true, "mo\001re", ",s=AAAA,i=1"));
    CHECK(!client_takes(true, "more", ",m=must,s=AAAA,i=1"));
}

static void test_mock(void)
{
    static const uint8_t secret[HG_SCRAM_KEY_BYTES] = {1, 2, 3}, other[HG_SCRAM_KEY_BYTES] = {4};
    struct hg_scram_verifier a, again, b, c;

    hg_scram_verifier_mock(secret, HG_LIT("ann"), NULL, &a);
    hg_scram_verifier_mock(secret, HG_LIT("ann"), NULL, &again);
    hg_scram_verifier_mock(secret, HG_LIT("bob"), NULL, &b);
    hg_scram_verifier_mock(other, HG_LIT("ann"), NULL, &c);
    CHECK(memcmp(&a, &again, sizeof a) == 0);
    CHECK_INT(a.iterations, 4096);
    CHECK_INT(a.salt_len, 16);
    CHECK(memcmp(a.salt, b.salt, 16) != 0 && memcmp(a.salt, c.salt, 16) != 0);
    CHECK(memcmp(a.stored_key, b.stored_key, sizeof a.stored_key) != 0);
}

/* A mock looks like the real one it is told of, and nothing more. */
static void test_mock_like(void)
{
    static const uint8_t secret[HG_SCRAM_KEY_BYTES] = {1, 2, 3};
    struct hg_scram_verifier model = {.iterations = 12345, .salt_len = HG_SCRAM_SALT_CAP}, mock, again;

    memset(model.salt, 7, sizeof model.salt);
    hg_scram_verifier_mock(secret, HG_LIT("ann"), &model, &mock);
    hg_scram_verifier_mock(secret, HG_LIT("ann"), &model, &again);
    CHECK_INT(mock.iterations, 12345);
    CHECK_INT(mock.salt_len, HG_SCRAM_SALT_CAP);
    CHECK(memcmp(&mock, &again, sizeof mock) == 0);
    CHECK(memcmp(mock.salt, mock.salt + 32, 32) != 0 && memcmp(mock.salt, model.salt, 16) != 0);
}

static void test_clear_passwords(void)
{
    struct hg_scram_verifier verifier;

    CHECK(hg_scram_verifier_parse(HG_LIT(UMLAUT_VERIFIER), &verifier));
    CHECK(hg_scram_verifier_fits(&verifier, HG_LIT(UMLAUT_PASSWORD)));
    CHECK(hg_scram_verifier_fits(&verifier, HG_LIT("pa\314\210ssw\303\266rd"))); /* the accent by itself */
    CHECK(!hg_scram_verifier_fits(&verifier, HG_LIT("passw\303\266rd")));
    CHECK(!hg_scram_verifier_fits(&verifier, HG_LIT("")));
    verifier.stored_key[31] ^= 1;
    CHECK(!hg_scram_verifier_fits(&verifier, HG_LIT(UMLAUT_PASSWORD)));
}

/* ---- SASLprep ---- */

/* expected NULL: the bytes count as they are. */
static void prepares(const char *password, const char *expected)
{
    char *prepared = hg_saslprep(hg_slice_cstr(password));

    CHECK((prepared == NULL) == (expected == NULL));
    if (prepared && expected)
        CHECK_TEXT(hg_slice_cstr(prepared), expected);
    free(prepared);
}

static void test_saslprep(void)
{
    prepares("", NULL);
    prepares("plain\001 ", NULL);
    prepares("I\302\255X", "IX"); /* the examples of RFC 4013 */
    prepares("\302\252", "a");
    prepares("\342\205\250", "IX");
    prepares("\303\251\007", NULL); /* a control */
    prepares("\330\2471", NULL);    /* from right to left, and not to its end */
    prepares("a\302\240b\343\200\200c", "a b c");
    prepares("e\314\201", "\303\251");
    prepares("\302\255", NULL); /* nothing would be left */
    prepares("\310\241", NULL); /* not assigned in Unicode 3.2 */
    prepares("caf\351", NULL);  /* not UTF-8 */
    prepares("\355\240\200", NULL);
    prepares("\300\200", NULL);
    prepares("\303\251\303", NULL); /* cut off */
    prepares("\364\220\200\200", NULL);
    prepares("\315\200\303\251", NULL);     /* may not stand there, though what it stands for may */
    prepares("\342\204\265a", "\327\220a"); /* and the other way round */
    CHECK(hg_saslprep(HG_LIT("\303\251\0\303\251")) == NULL);
}

/* Whatever comes: nothing is read beyond its end, and what comes out is bounded. */
static void test_saslprep_at_random(void)
{
    static const char letters[] = "\303\251\342\204\265\314\201\302\255\327\220 a";
    char text[48];

    srandom(1);
    for (int round = 0; round < 20000; round++) {
        size_t len = (size_t)random() % sizeof text;
        for (size_t i = 0; i < len; i++)
            text[i] = round % 2 ? (char)random() : letters[(size_t)random() % sizeof letters];
        char *copy = malloc(len + 1);
        memcpy(copy, text, len);
        char *prepared = hg_saslprep(hg_slice_of(copy, len));
        if (prepared)
            CHECK(*prepared != '\0' && strlen(prepared) <= 18 * 4 * len);
        free(prepared);
        free(copy);
    }
}

/* ---- md5 ---- */

static void test_md5(void)
{
    char out[HG_MD5_RESPONSE_BYTES];

    CHECK(hg_md5_response(HG_LIT("m"), HG_LIT(PASSWORD), (const uint8_t[]){1, 2, 254, 255}, out));
    CHECK_TEXT(hg_slice_cstr(out), MD5_EXPECTED);
}

static void test_md5_server(void)
{
    static const uint8_t salt[4] = {1, 2, 254, 255}, other[4] = {1, 2, 254, 254};
    char verifier[HG_MD5_RESPONSE_BYTES], another[HG_MD5_RESPONSE_BYTES];

    CHECK(hg_md5_verifier(HG_LIT("m"), HG_LIT(PASSWORD), verifier));
    CHECK(hg_md5_verifier(HG_LIT("n"), HG_LIT(PASSWORD), another));
    CHECK(hg_md5_fits(hg_slice_cstr(verifier), salt, HG_LIT(MD5_EXPECTED)));
    CHECK(!hg_md5_fits(hg_slice_cstr(verifier), other, HG_LIT(MD5_EXPECTED)));
    CHECK(!hg_md5_fits(hg_slice_cstr(another), salt, HG_LIT(MD5_EXPECTED)));
    CHECK(!hg_md5_fits(hg_slice_cstr(verifier), salt, hg_slice_cstr(verifier)));
    CHECK(!hg_md5_fits(hg_slice_cstr(verifier), salt, HG_LIT("")));
    CHECK(!hg_md5_fits(hg_slice_cstr(verifier), salt, hg_slice_of(MD5_EXPECTED, 34)));
    CHECK(!hg_md5_fits(HG_LIT(""), salt, HG_LIT(MD5_EXPECTED)));
}

/* ---- the login to a backend ---- */

struct talk {
    struct hg_login login;
    struct hg_bytes out, body;
    size_t parameters;
};

static void count_parameter(void *argument, struct hg_slice name, struct hg_slice value)
{
    size_t *count = argument;

    CHECK(name.len > 0 && value.len > 0);
    ++*count;
}

static void begin_over(struct talk *talk, const char *password, const struct hg_login_channel *channel)
{
    static const char *const parameters[] = {"database", "metrics", NULL};

    *talk = (struct talk){0};
    hg_bytes_init(&talk->out, 0);
    hg_bytes_init(&talk->body, 0);
    hg_login_start(&talk->login, HG_LIT("m"), hg_slice_cstr(password), channel, parameters, &talk->out);
    CHECK(talk->out.len > 8);
    hg_bytes_clear(&talk->out);
}

static void begin(struct talk *talk, const char *password, bool secure)
{
    begin_over(talk, password, &(struct hg_login_channel){.secure = secure, .tls = secure, .may_bind = true});
}

static void end(struct talk *talk)
{
    hg_login_free(&talk->login);
    hg_bytes_free(&talk->out);
    hg_bytes_free(&talk->body);
}

static enum hg_login_status say(struct talk *talk, uint8_t type, struct hg_slice body)
{
    hg_bytes_clear(&talk->out);
    return hg_login_message(&talk->login, type, body, count_parameter, &talk->parameters, &talk->out);
}

static enum hg_login_status say_auth(struct talk *talk, uint32_t code, struct hg_slice data)
{
    hg_bytes_clear(&talk->body);
    hg_write_u32(&talk->body, code);
    hg_write_slice(&talk->body, data);
    return say(talk, HG_S_AUTHENTICATION, hg_bytes_slice(&talk->body));
}

#define SASL_OFFER      hg_slice_of("SCRAM-SHA-256\0", 15)
#define SASL_OFFER_PLUS hg_slice_of("SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0", 34)

/* What the login waits for, behind a challenge. */
static enum hg_login_status give_keys(struct talk *talk, const char *password)
{
    const struct hg_scram_client *scram = &talk->login.scram;
    struct hg_scram_keys keys;

    CHECK(hg_scram_keys_derive(hg_slice_cstr(password), scram->salt, scram->salt_len, scram->iterations,
                               &keys));
    hg_bytes_clear(&talk->out);
    return hg_login_keys(&talk->login, &keys, &talk->out);
}

/* From Ok to the first ReadyForQuery. */
static void say_the_rest(struct talk *talk)
{
    CHECK_INT(say(talk, HG_S_NOTICE, HG_LIT("SNOTICE\0\0")), HG_LOGIN_MORE);
    CHECK_INT(say(talk, HG_S_PARAMETER_STATUS, HG_LIT("TimeZone\0UTC\0")), HG_LOGIN_MORE);
    CHECK_INT(say(talk, HG_S_PARAMETER_STATUS, HG_LIT("server_version\00015.20\0")), HG_LOGIN_MORE);
    CHECK_INT(say(talk, HG_S_BACKEND_KEY, HG_LIT("\0\0\0\7\1\2\3\4")), HG_LOGIN_MORE);
    CHECK_INT(say(talk, HG_S_READY, HG_LIT("I")), HG_LOGIN_READY);
    CHECK_INT(talk->parameters, 2);
    CHECK_INT(talk->login.pid, 7);
    CHECK_INT(talk->login.secret_len, 4);
    CHECK_INT(talk->out.len, 0);
}

static void refused(struct talk *talk, enum hg_login_status status, const char *sqlstate)
{
    CHECK_INT(status, HG_LOGIN_REFUSED);
    CHECK_TEXT(hg_slice_cstr(talk->login.sqlstate), sqlstate);
    CHECK(talk->login.message[0] != '\0');
    CHECK_INT(say(talk, HG_S_READY, HG_LIT("I")), HG_LOGIN_REFUSED);
    end(talk);
}

static void test_login_trust(void)
{
    struct talk talk;

    begin(&talk, PASSWORD, false);
    CHECK_INT(say_auth(&talk, HG_AUTH_OK, HG_LIT("")), HG_LOGIN_MORE);
    say_the_rest(&talk);
    end(&talk);
}

static void test_login_passwords(void)
{
    struct talk talk;
    struct hg_slice sent;
    char long_password[1500];

    begin(&talk, PASSWORD, false);
    CHECK_INT(say_auth(&talk, HG_AUTH_MD5, HG_LIT("\1\2\376\377")), HG_LOGIN_MORE);
    CHECK(hg_decode_password(hg_slice_of((char *)talk.out.data + 5, talk.out.len - 5), &sent));
    CHECK_TEXT(sent, MD5_EXPECTED);
    CHECK_INT(say_auth(&talk, HG_AUTH_OK, HG_LIT("")), HG_LOGIN_MORE);
    say_the_rest(&talk);
    end(&talk);

    memset(long_password, 'x', sizeof long_password - 1);
    long_password[sizeof long_password - 1] = '\0';
    begin(&talk, long_password, true);
    CHECK_INT(say_auth(&talk, HG_AUTH_CLEARTEXT, HG_LIT("")), HG_LOGIN_MORE);
    CHECK(hg_decode_password(hg_slice_of((char *)talk.out.data + 5, talk.out.len - 5), &sent));
    CHECK_TEXT(sent, long_password);
    CHECK_INT(say_auth(&talk, HG_AUTH_OK, HG_LIT("")), HG_LOGIN_MORE);
    say_the_rest(&talk);
    end(&talk);

    begin(&talk, PASSWORD, false);
    refused(&talk, say_auth(&talk, HG_AUTH_CLEARTEXT, HG_LIT("")), "28000");
}

/* Goes through SCRAM with our own server up to and with the SASLContinue; out holds the client's last
 * message. */
static void scram_until_final(struct talk *talk, struct hg_scram_server *server, struct hg_bytes *challenge)
{
    struct hg_scram_verifier verifier;
    struct hg_sasl_initial initial;

    CHECK(hg_scram_verifier_parse(HG_LIT(POSTGRESQL_VERIFIER), &verifier));
    hg_scram_server_init(server, &verifier, false);
    begin(talk, PASSWORD, false);
    CHECK_INT(say_auth(talk, HG_AUTH_SASL, SASL_OFFER), HG_LOGIN_MORE);
    CHECK(hg_decode_sasl_initial(hg_slice_of((char *)talk->out.data + 5, talk->out.len - 5), &initial));
    CHECK_TEXT(initial.mechanism, "SCRAM-SHA-256");
    CHECK_INT(hg_scram_server_step(server, initial.data, challenge), HG_SCRAM_CONTINUE);
}

static void test_login_scram(void)
{
    struct talk talk;
    struct hg_scram_server server;
    struct hg_bytes answer;

    hg_bytes_init(&answer, 0);
    scram_until_final(&talk, &server, &answer);
    CHECK_INT(say_auth(&talk, HG_AUTH_SASL_CONTINUE, hg_bytes_slice(&answer)), HG_LOGIN_KEYS);
    CHECK_INT(give_keys(&talk, PASSWORD), HG_LOGIN_MORE);
    hg_bytes_clear(&answer);
    CHECK_INT(
        hg_scram_server_step(&server, hg_slice_of((char *)talk.out.data + 5, talk.out.len - 5), &answer),
        HG_SCRAM_DONE);
    CHECK_INT(say_auth(&talk, HG_AUTH_SASL_FINAL, hg_bytes_slice(&answer)), HG_LOGIN_MORE);
    CHECK_INT(talk.out.len, 0);
    CHECK_INT(say_auth(&talk, HG_AUTH_OK, HG_LIT("")), HG_LOGIN_MORE);
    say_the_rest(&talk);
    end(&talk);
    hg_scram_server_free(&server);
    hg_bytes_free(&answer);
}

/* Servers that skip or fake their own part of SCRAM. */
static void test_login_impostors(void)
{
    struct talk talk;
    struct hg_scram_server server;
    struct hg_bytes answer;

    hg_bytes_init(&answer, 0);
    scram_until_final(&talk, &server, &answer);
    refused(&talk, say_auth(&talk, HG_AUTH_OK, HG_LIT("")), "28000");
    hg_scram_server_free(&server);

    hg_bytes_clear(&answer);
    scram_until_final(&talk, &server, &answer);
    CHECK_INT(say_auth(&talk, HG_AUTH_SASL_CONTINUE, hg_bytes_slice(&answer)), HG_LOGIN_KEYS);
    CHECK_INT(give_keys(&talk, PASSWORD), HG_LOGIN_MORE);
    refused(&talk, say_auth(&talk, HG_AUTH_OK, HG_LIT("")), "28000");
    hg_scram_server_free(&server);

    hg_bytes_clear(&answer);
    scram_until_final(&talk, &server, &answer);
    CHECK_INT(say_auth(&talk, HG_AUTH_SASL_CONTINUE, hg_bytes_slice(&answer)), HG_LOGIN_KEYS);
    CHECK_INT(give_keys(&talk, PASSWORD), HG_LOGIN_MORE);
    refused(&talk, say_auth(&talk, HG_AUTH_SASL_FINAL, HG_LIT(RFC_SERVER_FINAL)), "28000");
    hg_scram_server_free(&server);

    begin(&talk, PASSWORD, true); /* takes the exchange for a reason to send the password itself? */
    CHECK_INT(say_auth(&talk, HG_AUTH_SASL, SASL_OFFER), HG_LOGIN_MORE);
    refused(&talk, say_auth(&talk, HG_AUTH_CLEARTEXT, HG_LIT("")), "08P01");

    begin(&talk, PASSWORD, false);
    CHECK_INT(say_auth(&talk, HG_AUTH_SASL, SASL_OFFER), HG_LOGIN_MORE);
    refused(&talk, say_auth(&talk, HG_AUTH_SASL_CONTINUE, HG_LIT(RFC_SERVER_FIRST)), "08P01");
    hg_bytes_free(&answer);
}

#define BODY(literal)                                                                                        \
    {                                                                                                        \
        (literal), sizeof(literal) - 1                                                                       \
    }

#define END_POINT "thirty-two bytes of certificate!"

static struct hg_login_channel bound_channel(bool may, bool must)
{
    struct hg_login_channel channel = {
        .secure = true, .tls = true, .may_bind = may, .must_bind = must, .end_point_len = 32};

    memcpy(channel.end_point, END_POINT, 32);
    return channel;
}

/* How the client's first message begins, after what the server offers; "" when it sends none. */
static const char *chosen(struct hg_login_channel channel, struct hg_slice offer)
{
    static char text[64];
    struct hg_sasl_initial initial;
    struct talk talk;

    text[0] = '\0';
    begin_over(&talk, PASSWORD, &channel);
    if (say_auth(&talk, HG_AUTH_SASL, offer) == HG_LOGIN_MORE) {
        CHECK(hg_decode_sasl_initial(hg_slice_of((char *)talk.out.data + 5, talk.out.len - 5), &initial));
        const char *comma = memchr(initial.data.ptr, ',', initial.data.len);
        snprintf(text, sizeof text, "%.*s %.*s", HG_SLICE_FMT(initial.mechanism),
                 (int)(comma - initial.data.ptr), initial.data.ptr);
    } else {
        CHECK_TEXT(hg_slice_cstr(talk.login.sqlstate), "28000");
        CHECK_INT(talk.out.len, 0);
    }
    end(&talk);
    return text;
}

static void test_login_chooses_binding(void)
{
    struct hg_login_channel prefer = bound_channel(true, false), require = bound_channel(true, true),
                            disable = bound_channel(false, false), odd = prefer, plain = {.may_bind = true},
                            plain_disable = {0};
    const struct hg_slice neither = hg_slice_of("SCRAM-SHA-1\0", 13),
                          plus_alone = hg_slice_of("SCRAM-SHA-256-PLUS\0", 20);

    odd.end_point_len = 0; /* a certificate that has no hash */
    CHECK_TEXT(hg_slice_cstr(chosen(prefer, SASL_OFFER_PLUS)), "SCRAM-SHA-256-PLUS p=tls-server-end-point");
    CHECK_TEXT(hg_slice_cstr(chosen(prefer, plus_alone)), "SCRAM-SHA-256-PLUS p=tls-server-end-point");
    CHECK_TEXT(hg_slice_cstr(chosen(prefer, SASL_OFFER)), "SCRAM-SHA-256 y");
    CHECK_TEXT(hg_slice_cstr(chosen(prefer, neither)), "");
    CHECK_TEXT(hg_slice_cstr(chosen(require, SASL_OFFER_PLUS)), "SCRAM-SHA-256-PLUS p=tls-server-end-point");
    CHECK_TEXT(hg_slice_cstr(chosen(require, SASL_OFFER)), "");
    CHECK_TEXT(hg_slice_cstr(chosen(disable, SASL_OFFER_PLUS)), "SCRAM-SHA-256 n");
    CHECK_TEXT(hg_slice_cstr(chosen(disable, SASL_OFFER)), "SCRAM-SHA-256 n");
    CHECK_TEXT(hg_slice_cstr(chosen(disable, plus_alone)), "");
    CHECK_TEXT(hg_slice_cstr(chosen(odd, SASL_OFFER_PLUS)), "");
    CHECK_TEXT(hg_slice_cstr(chosen(odd, SASL_OFFER)), "SCRAM-SHA-256 y");
    CHECK_TEXT(hg_slice_cstr(chosen(plain, SASL_OFFER)), "SCRAM-SHA-256 n");
    CHECK_TEXT(hg_slice_cstr(chosen(plain, SASL_OFFER_PLUS)), ""); /* TLS was taken off on the way */
    CHECK_TEXT(hg_slice_cstr(chosen(plain_disable, SASL_OFFER_PLUS)), "SCRAM-SHA-256 n");
}

static void test_login_must_bind(void)
{
    struct hg_login_channel require = bound_channel(true, true);
    static const struct {
        uint32_t code;
        struct hg_slice data;
        const char *words;
    } cases[] = {
        {HG_AUTH_OK, BODY(""), "channel_binding is required, and the server asks for no password at all"},
        {HG_AUTH_CLEARTEXT, BODY(""),
         "channel_binding is required, and the server asks for a cleartext password"},
        {HG_AUTH_MD5, BODY("salt"), "channel_binding is required, and the server asks for an md5 password"},
        {7, BODY(""), "channel_binding is required, and the server asks for something else than SCRAM"},
    };
    struct talk talk;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        begin_over(&talk, PASSWORD, &require);
        enum hg_login_status status = say_auth(&talk, cases[i].code, cases[i].data);
        CHECK_TEXT(hg_slice_cstr(talk.login.message), cases[i].words);
        CHECK(!talk.login.by_server && talk.out.len == 0);
        refused(&talk, status, "28000");
    }
}

/* Both sides of ours: the end points are equal, or somebody is in between; or he has changed what is offered
 * or chosen. */
static enum message exchange_bound(enum hg_scram_binding binding, const char *seen, const char *real)
{
    struct exchange exchange = {.password = HG_LIT(PASSWORD), .binding = binding, .tampered = NOBODYS};
    struct hg_scram_verifier verifier;

    exchange.end_point = hg_slice_of(seen, binding == HG_SCRAM_BOUND ? 32 : 0);
    CHECK(hg_scram_verifier_parse(HG_LIT(POSTGRESQL_VERIFIER), &verifier));
    hg_scram_client_init(&exchange.client);
    hg_scram_server_init(&exchange.server, &verifier, false);
    exchange.server.end_point_len = real ? 32 : 0;
    if (real)
        memcpy(exchange.server.end_point, real, 32);
    CHECK(hg_scram_server_choose(&exchange.server, binding == HG_SCRAM_BOUND && real
                                                       ? HG_LIT(HG_SCRAM_MECHANISM_PLUS)
                                                       : HG_LIT(HG_SCRAM_MECHANISM)));
    enum message end = run(&exchange);
    hg_scram_client_free(&exchange.client);
    hg_scram_server_free(&exchange.server);
    return end;
}

static void test_bound_exchanges(void)
{
    CHECK_INT(exchange_bound(HG_SCRAM_BOUND, END_POINT, END_POINT), NOBODYS);
    CHECK_INT(exchange_bound(HG_SCRAM_BOUND, "another certificate, 32 bytes ..", END_POINT), CLIENT_FINAL);
    CHECK_INT(exchange_bound(HG_SCRAM_BOUND, END_POINT, NULL), CLIENT_FIRST);
    CHECK_INT(exchange_bound(HG_SCRAM_UNOFFERED, "", NULL), NOBODYS);
    CHECK_INT(exchange_bound(HG_SCRAM_UNOFFERED, "", END_POINT), CLIENT_FIRST); /* its offer was cut out */
    CHECK_INT(exchange_bound(HG_SCRAM_UNBOUND, "", END_POINT), NOBODYS);
    CHECK_INT(exchange_bound(HG_SCRAM_UNBOUND, "", NULL), NOBODYS);
}

static void test_login_refusals(void)
{
    static const struct {
        uint8_t type;
        struct hg_slice body;
        const char *sqlstate;
    } cases[] = {
        {'E', BODY("SFATAL\0C28P01\0Mpassword authentication failed for user \"m\"\0\0"), "28P01"},
        {'E', BODY("SFATAL\0C3D000\0Mdatabase \"x\"\ndoes not\texist\0\0"), "3D000"},
        {'E', BODY("SFATAL\0Mno code\0\0"), "08006"},
        {'E', BODY("SFATAL\0C28\"01\0Mbad code\0\0"), "08006"},
        {'E', BODY("SFATAL\0C28000\0\0"), "28000"}, /* without a message */
        {'E', BODY("SFATAL\0"), "08P01"},
        {'R', BODY("\0\0\0\7"), "28000"},
        {'R', BODY("\0\0\0\12GSSAPI\0\0"), "28000"},
        {'R', BODY("\0\0\0\12GSSAPI\0"), "08P01"},
        {'R', BODY("\0\0"), "08P01"},
        {'R', BODY("\0\0\0\13x"), "28000"},
        {'Z', BODY("I"), "08P01"},
        {'S', BODY("a\0b\0"), "08P01"},
        {'K', BODY("\0\0\0\7\1\2\3\4"), "08P01"},
        {'T', BODY("\0\0"), "08P01"},
        {'v', BODY("\0\3\0\0\0\0\0\0"), "08P01"},
    };
    struct talk talk;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        begin(&talk, PASSWORD, false);
        enum hg_login_status status = say(&talk, cases[i].type, cases[i].body);
        CHECK(strpbrk(talk.login.message, "\n\t") == NULL);
        refused(&talk, status, cases[i].sqlstate);
    }
}

/* After the Ok: errors, broken messages, another Authentication, a server that is not idle. */
static void test_login_late_refusals(void)
{
    static const struct {
        uint8_t type;
        struct hg_slice body;
        const char *sqlstate;
    } cases[] = {
        {'E', BODY("SFATAL\0C53300\0Mtoo many clients\0\0"), "53300"},
        {'R', BODY("\0\0\0\0"), "08P01"},
        {'R', BODY("\0\0\0\3"), "08P01"},
        {'Z', BODY("T"), "08P01"},
        {'Z', BODY(""), "08P01"},
        {'S', BODY("a\0"), "08P01"},
        {'K', BODY("\0\0\0\7\1\2\3"), "08P01"},
        {'D', BODY("\0\0"), "08P01"},
    };
    struct talk talk;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        begin(&talk, PASSWORD, false);
        CHECK_INT(say_auth(&talk, HG_AUTH_OK, HG_LIT("")), HG_LOGIN_MORE);
        refused(&talk, say(&talk, cases[i].type, cases[i].body), cases[i].sqlstate);
    }
}

/* What is logged never holds the password, whatever the server says; and it is cut, not overrun. */
static void test_login_message(void)
{
    static const char echo[] = "SFATAL\0C28P01\0Myou said " PASSWORD "\0";
    struct talk talk;
    struct hg_bytes body;

    begin(&talk, PASSWORD, true);
    enum hg_login_status status = say(&talk, HG_S_ERROR, hg_slice_of(echo, sizeof echo));
    CHECK(strstr(talk.login.message, PASSWORD) == NULL);
    refused(&talk, status, "28P01");

    hg_bytes_init(&body, 0);
    hg_write_text(&body, "M");
    for (int i = 0; i < 1000; i++)
        hg_write_text(&body, "x\n");
    hg_write_u16(&body, 0);
    begin(&talk, PASSWORD, true);
    status = say(&talk, HG_S_ERROR, hg_bytes_slice(&body));
    CHECK_INT(strlen(talk.login.message), sizeof talk.login.message - 1);
    refused(&talk, status, "08006");
    hg_bytes_free(&body);
}

int main(void)
{
    test_base64();
    test_verifier();
    test_rfc_client();
    test_rfc_server();
    test_exchanges();
    test_tampering();
    test_server_first_step();
    test_server_final_step();
    test_client_final_step();
    test_mock();
    test_mock_like();
    test_clear_passwords();
    test_saslprep();
    test_saslprep_at_random();
    test_md5();
    test_md5_server();
    test_login_trust();
    test_login_passwords();
    test_login_scram();
    test_login_impostors();
    test_login_chooses_binding();
    test_login_must_bind();
    test_bound_exchanges();
    test_login_refusals();
    test_login_late_refusals();
    test_login_message();
    return check_end();
}
