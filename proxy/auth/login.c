/* Logging in to a server.
 *
 *               SASL          SASLContinue         keys           SASLFinal          Ok
 *      ASKED ---------> FIRST_SENT ------> CHALLENGED ---> FINAL_SENT --------> PROVED --.
 *        |  cleartext, md5                                                               |
 *        +---------------------------> PASSWORD_SENT ------------------------------ Ok --+
 *        |  Ok: the server trusts us                                                     |
 *        '-------------------------------------------------------------------------------+
 *                                                                                        v
 *                                                      OVER <--ReadyForQuery-- ACCEPTED -'
 *
 * The arrows are the table `moves`; any other Authentication message in any step ends the login. So an Ok
 * that comes before the server has proved that it knows the password too is refused: that would be somebody
 * in between. The server chooses the method; a cleartext password is given only where nobody can listen.
 *
 * Channel binding, as libpq does it: under TLS the certificate that we saw becomes part of what is signed
 * when the server offers SCRAM-SHA-256-PLUS. When it does not, we say that we would have ("y"), so that a
 * server whose offer was cut out on the way notices. Where binding is a must, anything else is refused before
 * it is answered.
 *
 * After Ok the server tells its parameters and its cancel key. Notices are ignored, errors end the login.
 * What the server says is kept as one line for logs, never with the password in it, whatever the server
 * sends. */
#include "login.h"

#include <stdarg.h>
#include <stdio.h>

#include <openssl/crypto.h>

#include "encode.h"
#include "fault.h"
#include "md5.h"

enum { ASKED, FIRST_SENT, CHALLENGED, FINAL_SENT, PROVED, PASSWORD_SENT, ACCEPTED, OVER };

void hg_login_start(struct hg_login *login, struct hg_slice user, struct hg_slice password,
                    const struct hg_login_channel *channel, const char *const *names_and_values,
                    struct hg_bytes *out)
{
    *login = (struct hg_login){.user = user, .password = password, .channel = *channel, .step = ASKED};
    hg_scram_client_init(&login->scram);
    hg_encode_startup(out, user, names_and_values);
}

void hg_login_free(struct hg_login *login)
{
    hg_scram_client_free(&login->scram);
    OPENSSL_cleanse(login->secret, sizeof login->secret);
    login->secret_len = 0;
    login->step = OVER;
}

/* ---- refusing ---- */

/* Sets the outcome; always false. */
static bool HG_PRINTF(3, 4) refuse(struct hg_login *login, const char *sqlstate, const char *format, ...)
{
    va_list arguments;

    snprintf(login->sqlstate, sizeof login->sqlstate, "%s", sqlstate);
    va_start(arguments, format);
    vsnprintf(login->message, sizeof login->message, format, arguments);
    va_end(arguments);
    return false;
}

static bool is_sqlstate(struct hg_slice text)
{
    if (text.len != 5)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (!(text.ptr[i] >= '0' && text.ptr[i] <= '9') && !(text.ptr[i] >= 'A' && text.ptr[i] <= 'Z'))
            return false;
    return true;
}

static bool holds(struct hg_slice text, struct hg_slice part)
{
    for (size_t at = 0; part.len && at < text.len && part.len <= text.len - at; at++)
        if (memcmp(text.ptr + at, part.ptr, part.len) == 0)
            return true;
    return false;
}

/* The server's own refusal, as one line. The password is looked for in what came and in what it was made
 * into. */
static bool refused_by_server(struct hg_login *login, struct hg_slice body)
{
    struct hg_error_msg error;

    if (!hg_decode_error(body, &error))
        return refuse(login, HG_PROTOCOL_VIOLATION, "the server sent a malformed error");
    login->by_server = true;
    char sqlstate[6] = "08006";
    if (is_sqlstate(error.sqlstate))
        memcpy(sqlstate, error.sqlstate.ptr, 5);
    if (error.message.len == 0)
        return refuse(login, sqlstate, "the server refused the login without a reason");
    size_t len = error.message.len < sizeof login->message ? error.message.len : sizeof login->message - 1;
    refuse(login, sqlstate, "%.*s", (int)len, error.message.ptr);
    for (char *at = login->message; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            *at = ' ';
    if (holds(error.message, login->password) || holds(hg_slice_cstr(login->message), login->password))
        return refuse(login, sqlstate, "the server refused the login, in words that hold the password");
    return false;
}

/* ---- authentication ---- */

static bool answer_nothing(struct hg_login *login, struct hg_slice data, struct hg_bytes *out)
{
    (void)login, (void)data, (void)out;
    return true;
}

static bool answer_cleartext(struct hg_login *login, struct hg_slice data, struct hg_bytes *out)
{
    (void)data;
    if (!login->channel.secure)
        return refuse(login, HG_INVALID_AUTHORIZATION,
                      "the server asks for a cleartext password over a connection without TLS");
    hg_encode_password(out, login->password);
    return true;
}

static bool answer_md5(struct hg_login *login, struct hg_slice data, struct hg_bytes *out)
{
    char response[HG_MD5_RESPONSE_BYTES];

    if (!hg_md5_response(login->user, login->password, (const uint8_t *)data.ptr, response))
        return refuse(login, HG_INVALID_AUTHORIZATION,
                      "the server asks for an md5 password, and md5 is not available");
    hg_encode_password(out, hg_slice_cstr(response));
    OPENSSL_cleanse(response, sizeof response);
    return true;
}

static bool offers(struct hg_slice mechanisms, const char *wanted)
{
    struct hg_reader reader = hg_reader_of(mechanisms.ptr, mechanisms.len);

    for (struct hg_slice name; (name = hg_read_cstr(&reader)).len > 0;)
        if (hg_slice_is(name, wanted))
            return true;
    return false;
}

/* How, of what the server offers. */
static bool choose_binding(struct hg_login *login, struct hg_slice mechanisms, enum hg_scram_binding *binding)
{
    const struct hg_login_channel *channel = &login->channel;
    bool plus = offers(mechanisms, HG_SCRAM_MECHANISM_PLUS);

    *binding = !channel->tls || !channel->may_bind ? HG_SCRAM_UNBOUND
               : plus                              ? HG_SCRAM_BOUND
                                                   : HG_SCRAM_UNOFFERED;
    if (channel->must_bind && *binding != HG_SCRAM_BOUND)
        return refuse(login, HG_INVALID_AUTHORIZATION,
                      "channel_binding is required, and the server does not offer " HG_SCRAM_MECHANISM_PLUS);
    if (*binding == HG_SCRAM_BOUND && !channel->end_point_len)
        return refuse(
            login, HG_INVALID_AUTHORIZATION,
            "the server's certificate has a signature without a hash (as Ed25519), to which no login "
            "can be bound: with channel_binding: disable none is");
    if (plus && channel->may_bind && !channel->tls)
        return refuse(login, HG_INVALID_AUTHORIZATION,
                      "the server offers " HG_SCRAM_MECHANISM_PLUS
                      " without TLS: somebody in between may have "
                      "taken it off");
    if (*binding != HG_SCRAM_BOUND && !offers(mechanisms, HG_SCRAM_MECHANISM))
        return refuse(login, HG_INVALID_AUTHORIZATION,
                      "the server offers no SASL mechanism that is supported (" HG_SCRAM_MECHANISM " is)");
    return true;
}

static bool answer_sasl(struct hg_login *login, struct hg_slice data, struct hg_bytes *out)
{
    const struct hg_login_channel *channel = &login->channel;
    enum hg_scram_binding binding;
    struct hg_bytes first;

    if (!choose_binding(login, data, &binding))
        return false;
    bool bound = binding == HG_SCRAM_BOUND;
    hg_bytes_init(&first, 0);
    bool ok = hg_scram_client_first(
        &login->scram, binding,
        hg_slice_of((const char *)channel->end_point, bound ? channel->end_point_len : 0), &first);
    if (ok)
        hg_encode_sasl_initial(out, bound ? HG_LIT(HG_SCRAM_MECHANISM_PLUS) : HG_LIT(HG_SCRAM_MECHANISM),
                               hg_bytes_slice(&first));
    hg_bytes_free(&first);
    return ok || refuse(login, HG_INTERNAL_ERROR, "no random numbers for SCRAM");
}

static bool take_challenge(struct hg_login *login, struct hg_slice data, struct hg_bytes *out)
{
    (void)out; /* once the keys are there */
    return hg_scram_client_challenge(&login->scram, data) ||
           refuse(login, HG_PROTOCOL_VIOLATION,
                  "the server's SCRAM message is malformed, not an answer to ours, or asks for more than "
                  "%u iterations",
                  HG_SCRAM_MOST_ITERATIONS);
}

static bool answer_sasl_final(struct hg_login *login, struct hg_slice data, struct hg_bytes *out)
{
    (void)out;
    return hg_scram_client_verify(&login->scram, data) ||
           refuse(login, HG_INVALID_AUTHORIZATION,
                  "the server did not prove that it knows the password: it may be an impostor");
}

static const struct {
    int step;
    uint32_t code;
    bool (*answer)(struct hg_login *login, struct hg_slice data, struct hg_bytes *out);
    int next;
} moves[] = {
    {ASKED, HG_AUTH_OK, answer_nothing, ACCEPTED},
    {ASKED, HG_AUTH_CLEARTEXT, answer_cleartext, PASSWORD_SENT},
    {ASKED, HG_AUTH_MD5, answer_md5, PASSWORD_SENT},
    {ASKED, HG_AUTH_SASL, answer_sasl, FIRST_SENT},
    {FIRST_SENT, HG_AUTH_SASL_CONTINUE, take_challenge, CHALLENGED},
    {FINAL_SENT, HG_AUTH_SASL_FINAL, answer_sasl_final, PROVED},
    {PROVED, HG_AUTH_OK, answer_nothing, ACCEPTED},
    {PASSWORD_SENT, HG_AUTH_OK, answer_nothing, ACCEPTED},
};

/* An Authentication message for which there is no move. */
static bool refuse_move(struct hg_login *login, uint32_t code)
{
    if (login->step == ASKED)
        return refuse(login, HG_INVALID_AUTHORIZATION,
                      "the server asks for authentication method %u, which is not supported "
                      "(SCRAM-SHA-256, md5 and cleartext are)",
                      (unsigned)code);
    if (code == HG_AUTH_OK && login->step != ACCEPTED)
        return refuse(login, HG_INVALID_AUTHORIZATION,
                      "the server accepted the login before it proved that it knows the password: it may be "
                      "an impostor");
    return refuse(login, HG_PROTOCOL_VIOLATION, "the server sent authentication message %u out of order",
                  (unsigned)code);
}

/* What has no channel to be bound to is not even answered. */
static bool refuse_unbound(struct hg_login *login, uint32_t code)
{
    return refuse(login, HG_INVALID_AUTHORIZATION, "channel_binding is required, and the server asks for %s",
                  code == HG_AUTH_OK          ? "no password at all"
                  : code == HG_AUTH_CLEARTEXT ? "a cleartext password"
                  : code == HG_AUTH_MD5       ? "an md5 password"
                                              : "something else than SCRAM");
}

static bool authenticate(struct hg_login *login, struct hg_slice body, struct hg_bytes *out)
{
    struct hg_auth_msg auth;

    if (!hg_decode_auth(body, &auth))
        return refuse(login, HG_PROTOCOL_VIOLATION, "the server sent a malformed authentication message");
    if (login->channel.must_bind && login->step == ASKED && auth.code != HG_AUTH_SASL)
        return refuse_unbound(login, auth.code);
    login->asked = true;
    for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++) {
        if (moves[i].step != login->step || moves[i].code != auth.code)
            continue;
        if (!moves[i].answer(login, auth.data, out))
            return false;
        login->step = moves[i].next;
        return !out->failed || refuse(login, HG_INTERNAL_ERROR, "the answer to the server cannot be sent");
    }
    return refuse_move(login, auth.code);
}

/* ---- after the Ok ---- */

static bool keep_key(struct hg_login *login, struct hg_slice body)
{
    struct hg_slice secret;

    if (!hg_decode_backend_key(body, &login->pid, &secret))
        return refuse(login, HG_PROTOCOL_VIOLATION, "the server sent a malformed cancel key");
    memcpy(login->secret, secret.ptr, secret.len);
    login->secret_len = secret.len;
    return true;
}

static bool pass_parameter(struct hg_login *login, struct hg_slice body,
                           void (*status)(void *argument, struct hg_slice name, struct hg_slice value),
                           void *argument)
{
    struct hg_slice name, value;

    if (!hg_decode_parameter_status(body, &name, &value))
        return refuse(login, HG_PROTOCOL_VIOLATION, "the server sent a malformed parameter");
    status(argument, name, value);
    return true;
}

static bool finish(struct hg_login *login, struct hg_slice body)
{
    uint8_t status;

    if (!hg_decode_ready(body, &status) || status != 'I')
        return refuse(login, HG_PROTOCOL_VIOLATION, "the server is not idle after the login");
    login->step = OVER;
    return true;
}

static bool unexpected(struct hg_login *login, uint8_t type)
{
    return refuse(login, HG_PROTOCOL_VIOLATION, "the server sent message 0x%02x during the login", type);
}

enum hg_login_status hg_login_message(struct hg_login *login, uint8_t type, struct hg_slice body,
                                      void (*status)(void *argument, struct hg_slice name,
                                                     struct hg_slice value),
                                      void *argument, struct hg_bytes *out)
{
    bool accepted = login->step == ACCEPTED, ok;

    if (login->step == OVER)
        ok = unexpected(login, type);
    else if (type == HG_S_AUTHENTICATION)
        ok = authenticate(login, body, out);
    else if (type == HG_S_ERROR)
        ok = refused_by_server(login, body);
    else if (type == HG_S_NOTICE)
        ok = true;
    else if (accepted && type == HG_S_PARAMETER_STATUS)
        ok = pass_parameter(login, body, status, argument);
    else if (accepted && type == HG_S_BACKEND_KEY)
        ok = keep_key(login, body);
    else if (accepted && type == HG_S_READY)
        ok = finish(login, body);
    else
        ok = unexpected(login, type);

    if (!ok)
        login->step = OVER;
    return !ok                         ? HG_LOGIN_REFUSED
           : login->step == OVER       ? HG_LOGIN_READY
           : login->step == CHALLENGED ? HG_LOGIN_KEYS
                                       : HG_LOGIN_MORE;
}

enum hg_login_status hg_login_keys(struct hg_login *login, const struct hg_scram_keys *keys,
                                   struct hg_bytes *out)
{
    struct hg_bytes final;

    hg_bytes_init(&final, 0);
    bool ok = hg_scram_client_final(&login->scram, keys, &final);
    if (ok)
        hg_encode_sasl_response(out, hg_bytes_slice(&final));
    hg_bytes_free(&final);
    if (!ok)
        (void)refuse(login, HG_INTERNAL_ERROR, "the SCRAM message for the server cannot be made");
    login->step = ok ? FINAL_SENT : OVER;
    return ok ? HG_LOGIN_MORE : HG_LOGIN_REFUSED;
}
