/* Proving who a client is.
 *
 *     scram          SCRAM-SHA-256, under TLS bound to its channel if the client can
 *     md5            AuthenticationMD5Password
 *     cleartext      AuthenticationCleartextPassword, never asked for without TLS; compared aside (checker.c)
 *     certificate    what TLS has verified, and nothing more
 *
 * Where the policy names a certificate besides a password, one that is trusted has to be there before a
 * password is asked for: so nobody can try passwords without one. With one of another name every password is
 * wrong.
 *
 * A user that does not exist is asked in the way that the policy's top names, over a verifier made from its
 * name that no password fits: the same messages, the same work, the same words at the end. */
#include "proof.h"

#include <stdlib.h>

#include <openssl/rand.h>

#include "cleartext.h"
#include "frame.h"
#include "log.h"
#include "md5.h"
#include "scram.h"

#define MAX_ANSWER_BYTES 16384u
#define MD5_SALT_BYTES   4
#define MODELS_MOST      32u /* users that are looked at to find a model */

struct hg_proof {
    enum hg_login_by login;
    const char *why; /* no answer can be right, and that is why: for the log */
    bool given;
    bool answered; /* SCRAM: the client's first message has come */
    struct hg_scram_server scram;
    struct hg_scram_verifier verifier; /* cleartext */
    struct hg_check *check;            /* cleartext, under way */
    uint8_t salt[MD5_SALT_BYTES];
};

void hg_proof_free(struct hg_proof *proof)
{
    if (!proof)
        return;
    hg_scram_server_free(&proof->scram);
    explicit_bzero(&proof->verifier, sizeof proof->verifier);
    hg_check_drop(proof->check);
    free(proof);
}

const char *hg_proof_method(const struct hg_proof *proof)
{
    return proof->login == HG_LOGIN_BY_SCRAM && proof->scram.plus ? "scram, bound to TLS"
                                                                  : hg_login_names[proof->login];
}

static enum hg_step refuse(struct hg_session *session, const char *sqlstate, const char *text)
{
    hg_session_fatal_text(session, sqlstate, text);
    return HG_STEP_FAILED;
}

/* ---- what the client's answer is compared with ---- */

/* What verifiers of users that do not exist resemble: those that do, one of them for each name, so that
 * rounds and lengths of salts tell nothing either. */
static bool find_model(const struct hg_snapshot *snapshot, struct hg_slice name,
                       struct hg_scram_verifier *model)
{
    uint64_t number;

    if (!snapshot->nusers)
        return false;
    hg_scram_verifier_mock(snapshot->mock_secret, name, NULL, model);
    memcpy(&number, model->server_key, sizeof number);
    for (size_t i = 0; i < snapshot->nusers && i < MODELS_MOST; i++) {
        const struct hg_user *user = &snapshot->users[(number + i) % snapshot->nusers];
        if (user->login == snapshot->login && hg_scram_verifier_parse(user->password, model))
            return true;
    }
    return false;
}

static void find_verifier(struct hg_session *session, struct hg_scram_verifier *verifier)
{
    const struct hg_snapshot *snapshot = session->generation->snapshot;
    struct hg_slice name = hg_slice_cstr(session->user_name);
    struct hg_scram_verifier model;

    if (session->user && hg_scram_verifier_parse(session->user->password, verifier))
        return;
    bool found = find_model(snapshot, name, &model);
    hg_scram_verifier_mock(snapshot->mock_secret, name, found ? &model : NULL, verifier);
    explicit_bzero(&model, sizeof model);
}

/* ---- asking ---- */

static void ask_scram(struct hg_session *session, struct hg_proof *proof)
{
    static const char *const mechanisms[] = {HG_SCRAM_MECHANISM_PLUS, HG_SCRAM_MECHANISM, NULL};
    struct hg_scram_verifier verifier;

    find_verifier(session, &verifier);
    hg_scram_server_init(&proof->scram, &verifier, proof->why != NULL);
    proof->scram.end_point_len =
        hg_conn_end_point(session->conn, proof->scram.end_point, sizeof proof->scram.end_point);
    explicit_bzero(&verifier, sizeof verifier);
    hg_encode_auth_sasl(&session->outbox.bytes, proof->scram.end_point_len ? mechanisms : mechanisms + 1);
}

static void ask_md5(struct hg_session *session, struct hg_proof *proof)
{
    if (RAND_bytes(proof->salt, sizeof proof->salt) != 1) {
        hg_session_fatal_text(session, HG_INTERNAL_ERROR, "could not generate random MD5 salt");
        return;
    }
    hg_encode_auth(&session->outbox.bytes, HG_AUTH_MD5,
                   hg_slice_of((const char *)proof->salt, sizeof proof->salt));
}

static void ask(struct hg_session *session, struct hg_proof *proof)
{
    switch (proof->login) {
    case HG_LOGIN_BY_MD5:
        ask_md5(session, proof);
        break;
    case HG_LOGIN_BY_CLEARTEXT:
        find_verifier(session, &proof->verifier);
        hg_encode_auth(&session->outbox.bytes, HG_AUTH_CLEARTEXT, HG_LIT(""));
        break;
    case HG_LOGIN_BY_CERTIFICATE:
        proof->given = true;
        break;
    default:
        ask_scram(session, proof);
    }
}

/* ---- refusing ---- */

static enum hg_step reject(struct hg_session *session, const struct hg_proof *proof)
{
    bool certificate = proof->login == HG_LOGIN_BY_CERTIFICATE;
    const char *what = certificate ? "certificate" : "password";
    struct hg_fault fault = {0};

    hg_log(HG_LOG_INFO, "client %s: %s authentication failed for user \"%s\"%s%s",
           hg_conn_peer(session->conn), what, session->user_name, proof->why ? ", " : "",
           proof->why ? proof->why : "");
    session->observing.why = hg_slice_cstr(proof->why);
    hg_fault_set(&fault, hg_session_arena(session),
                 certificate ? HG_INVALID_AUTHORIZATION : HG_INVALID_PASSWORD,
                 "%s authentication failed for user \"%s\"", what, session->user_name);
    hg_session_fatal(session, &fault);
    return HG_STEP_FAILED;
}

/* What can be seen before anything is asked. */
static bool lacks(struct hg_session *session, struct hg_proof *proof)
{
    const struct hg_user *user = session->user;
    bool certificate = user ? user->certificate.len > 0 : proof->login == HG_LOGIN_BY_CERTIFICATE;

    if ((certificate || proof->login == HG_LOGIN_BY_CLEARTEXT) && !hg_conn_is_tls(session->conn)) {
        hg_session_fatal_text(session, HG_INVALID_AUTHORIZATION, "connections must be encrypted with TLS");
        return true;
    }
    if (certificate && !hg_conn_has_certificate(session->conn)) {
        hg_session_fatal_text(session, HG_INVALID_AUTHORIZATION,
                              "connection requires a valid client certificate");
        return true;
    }
    if (!user)
        proof->why = "which does not exist";
    else if (certificate && !hg_conn_certificate_bears(session->conn, user->certificate))
        proof->why = "whose certificate has another name";
    if (!proof->why || proof->login != HG_LOGIN_BY_CERTIFICATE)
        return false;
    (void)reject(session, proof);
    return true;
}

struct hg_proof *hg_proof_begin(struct hg_session *session)
{
    struct hg_proof *proof = hg_calloc(1, sizeof *proof);

    proof->login = session->user ? session->user->login : session->generation->snapshot->login;
    if (!lacks(session, proof))
        ask(session, proof);
    return proof;
}

/* ---- answers ---- */

static enum hg_step scram_step(struct hg_session *session, struct hg_proof *proof, struct hg_slice data)
{
    struct hg_bytes out = {0};
    enum hg_scram_status status = hg_scram_server_step(&proof->scram, data, &out);

    if (status == HG_SCRAM_CONTINUE)
        hg_encode_auth(&session->outbox.bytes, HG_AUTH_SASL_CONTINUE, hg_bytes_slice(&out));
    if (status == HG_SCRAM_DONE)
        hg_encode_auth(&session->outbox.bytes, HG_AUTH_SASL_FINAL, hg_bytes_slice(&out));
    hg_bytes_free(&out);
    switch (status) {
    case HG_SCRAM_CONTINUE:
        return HG_STEP_WAIT;
    case HG_SCRAM_DONE:
        proof->given = true;
        return HG_STEP_DONE;
    case HG_SCRAM_WRONG:
        return reject(session, proof);
    default:
        return refuse(session, HG_PROTOCOL_VIOLATION, "malformed SCRAM message");
    }
}

static enum hg_step take_scram(struct hg_session *session, struct hg_proof *proof, struct hg_slice body)
{
    struct hg_sasl_initial initial;

    if (proof->answered)
        return scram_step(session, proof, body);
    proof->answered = true;
    if (!hg_decode_sasl_initial(body, &initial) ||
        !hg_scram_server_choose(&proof->scram, initial.mechanism) || !initial.data.ptr)
        return refuse(session, HG_PROTOCOL_VIOLATION,
                      "client selected an invalid SASL authentication mechanism");
    return scram_step(session, proof, initial.data);
}

static enum hg_step take_md5(struct hg_session *session, struct hg_proof *proof, struct hg_slice answer)
{
    char mock[] = "md5"
                  "00112233445566778899aabbccddeeff";
    struct hg_slice verifier = session->user ? session->user->password : hg_slice_cstr(mock);

    proof->given = hg_md5_fits(verifier, proof->salt, answer) && !proof->why;
    return proof->given ? HG_STEP_DONE : reject(session, proof);
}

static enum hg_step take_password(struct hg_session *session, struct hg_proof *proof, struct hg_slice body)
{
    struct hg_slice password;

    if (!hg_decode_password(body, &password))
        return refuse(session, HG_PROTOCOL_VIOLATION, "invalid password packet size");
    if (password.len == 0)
        return refuse(session, HG_INVALID_PASSWORD, "empty password returned by client");
    if (proof->login == HG_LOGIN_BY_MD5)
        return take_md5(session, proof, password);
    proof->check = hg_check_begin(session, &proof->verifier, password);
    explicit_bzero((char *)password.ptr, password.len); /* the arena's copy */
    return HG_STEP_WAIT;
}

static enum hg_step take_check(struct hg_session *session, struct hg_proof *proof)
{
    if (!hg_check_is_done(proof->check))
        return HG_STEP_WAIT;
    proof->given = hg_check_fits(proof->check) && !proof->why;
    hg_check_drop(proof->check);
    proof->check = NULL;
    return proof->given ? HG_STEP_DONE : reject(session, proof);
}

/* The next message's body, copied off the inbox. */
static enum hg_step next_answer(struct hg_session *session, const struct hg_proof *proof,
                                struct hg_slice *body)
{
    bool scram = proof->login == HG_LOGIN_BY_SCRAM;
    struct hg_frame frame;
    size_t len = hg_inbox_len(&session->inbox);

    if (len == 0)
        return HG_STEP_WAIT;
    enum hg_frame_status status = hg_frame_peek(hg_inbox_at(&session->inbox), len, MAX_ANSWER_BYTES, &frame);
    if (status == HG_FRAME_SHORT || (status == HG_FRAME_PARTIAL && frame.type == HG_C_PASSWORD))
        return HG_STEP_WAIT;
    if (status != HG_FRAME_COMPLETE || frame.type != HG_C_PASSWORD)
        return refuse(session, HG_PROTOCOL_VIOLATION,
                      scram ? "expected a SASL response" : "expected password response");
    *body = hg_arena_slice(hg_session_arena(session), frame.body);
    explicit_bzero(hg_inbox_at(&session->inbox), frame.total);
    hg_inbox_consume(&session->inbox, frame.total);
    return HG_STEP_DONE;
}

enum hg_step hg_proof_step(struct hg_session *session, struct hg_proof *proof)
{
    enum hg_step step = HG_STEP_WAIT;
    struct hg_slice body;

    if (proof->check)
        step = take_check(session, proof);
    while (step == HG_STEP_WAIT && !proof->given && !proof->check) {
        step = next_answer(session, proof, &body);
        if (step != HG_STEP_DONE)
            break;
        step = proof->login == HG_LOGIN_BY_SCRAM ? take_scram(session, proof, body)
                                                 : take_password(session, proof, body);
    }
    if (!proof->given)
        return step;
    hg_encode_auth(&session->outbox.bytes, HG_AUTH_OK, HG_LIT(""));
    return HG_STEP_DONE;
}
