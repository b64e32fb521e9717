/* How users log in: which proof `login:` asks of them, and whether what they have suits it.
 *
 *     login         password                          certificate
 *     scram         a SCRAM verifier                  besides it, where `certificate:` names one
 *     md5           an md5 verifier                   likewise
 *     cleartext     a SCRAM verifier                  likewise
 *     certificate   none                              the user's name, or what `certificate:` names
 *
 * It is PostgreSQL's pg_hba.conf in small. The server names the way before the client says anything about
 * itself but its name, so a user has one way and no choice of several. What cannot work is an error here and
 * not a riddle at the login. */
#include "keys.h"
#include "policy.h"
#include "verifier.h"

#define CERTIFICATE_BYTES 1024

const char *const hg_login_names[HG_NLOGINS + 1] = {[HG_LOGIN_BY_SCRAM] = "scram",
                                                    [HG_LOGIN_BY_MD5] = "md5",
                                                    [HG_LOGIN_BY_CLEARTEXT] = "cleartext",
                                                    [HG_LOGIN_BY_CERTIFICATE] = "certificate",
                                                    NULL};

/* What the way needs of headgate.yaml. */
static void check_tls(struct hg_policy *policy, enum hg_login_by login, bool certificate,
                      const struct hg_yaml *node)
{
    const struct hg_config *config = policy->load->snapshot->config;

    if (!config)
        return;
    if (certificate && !config->tls_client_ca)
        hg_load_error(policy->load, node->place,
                      "tls: {client_ca: …} in headgate.yaml names who may sign them",
                      "clients are asked for no certificates");
    else if ((certificate || login == HG_LOGIN_BY_CLEARTEXT) && config->tls == HG_TLS_DISABLE)
        hg_load_error(policy->load, node->place, "see tls: in headgate.yaml",
                      "such a login needs TLS, and clients get none");
}

static void read_login(struct hg_policy *policy, const struct hg_yaml *node, enum hg_login_by *login)
{
    struct hg_load *load = policy->load;
    struct hg_slice text;

    if (!hg_load_scalar(load, node, "\"login\"", &text))
        return;
    for (int i = 0; i < HG_NLOGINS; i++) {
        if (!hg_slice_is(text, hg_login_names[i]))
            continue;
        *login = i;
        check_tls(policy, *login, *login == HG_LOGIN_BY_CERTIFICATE, node);
        return;
    }
    const char *hint = hg_load_nearest(load, text, hg_login_names, HG_NLOGINS);
    hg_load_error(load, node->place, hint,
                  "\"login\" must be scram, md5, cleartext or certificate, not \"%.*s\"", HG_SHORT(text));
}

void hg_policy_login_default(struct hg_policy *policy)
{
    policy->snapshot->login = HG_LOGIN_BY_SCRAM;
    if (policy->login)
        read_login(policy, policy->login, &policy->snapshot->login);
}

static void warn_of_md5(struct hg_policy *policy, const struct hg_yaml *node)
{
    if (policy->warned_of_md5)
        return;
    policy->warned_of_md5 = true;
    hg_load_warning(
        policy->load, node->place, "scram wherever the clients can",
        "md5 is weak: who reads this file can log in with it, and who listens can guess passwords");
}

static void read_password(struct hg_policy *policy, struct hg_user *user, const struct hg_yaml *node)
{
    struct hg_load *load = policy->load;
    struct hg_slice text;
    const char *why;

    if (!hg_load_scalar(load, node, "\"password\"", &text))
        return;
    bool md5 = hg_verifier_is_md5(text), by_md5 = user->login == HG_LOGIN_BY_MD5;
    user->password = hg_arena_slice(load->arena, text);
    if (user->login == HG_LOGIN_BY_CERTIFICATE)
        hg_load_error(load, node->place, "login: scram with certificate: asks for both",
                      "login: certificate asks for no password");
    else if (md5 && !by_md5)
        hg_load_error(load, node->place, "`headgate password` makes a SCRAM verifier",
                      "an md5 verifier serves login: md5 only");
    else if (!md5 && by_md5)
        hg_load_error(load, node->place, "`headgate password --md5 USER` makes one",
                      "login: md5 needs an md5 verifier");
    else if (md5)
        warn_of_md5(policy, node);
    else if (!hg_verifier_check(text, &why))
        hg_load_error(load, node->place, "`headgate password` makes one",
                      "the password is no SCRAM-SHA-256 verifier: %s", why);
}

/* A plain name is a common name; others bear a prefix, behind which something must stand. */
static void read_certificate(struct hg_policy *policy, struct hg_user *user, const struct hg_yaml *node)
{
    struct hg_load *load = policy->load;
    struct hg_slice text;

    if (!hg_load_scalar(load, node, "\"certificate\"", &text))
        return;
    if (text.len > CERTIFICATE_BYTES || text.ptr[text.len - 1] == ':')
        hg_load_error(load, node->place, "for example acme_bi, dns:bi.acme.example or uri:spiffe://acme/bi",
                      "\"certificate\" must be a name of at most %d bytes", CERTIFICATE_BYTES);
    user->certificate = hg_arena_slice(load->arena, text);
    check_tls(policy, user->login, true, node);
}

void hg_policy_login(struct hg_policy *policy, struct hg_user *user, const struct hg_login_draft *draft,
                     const struct hg_yaml *entry)
{
    user->login = policy->snapshot->login;
    if (draft->login)
        read_login(policy, draft->login, &user->login);
    if (draft->certificate)
        read_certificate(policy, user, draft->certificate);
    else if (user->login == HG_LOGIN_BY_CERTIFICATE)
        user->certificate = hg_arena_printf(policy->load->arena, "cn:%.*s", HG_SLICE_FMT(user->name));
    if (draft->password)
        read_password(policy, user, draft->password);
    else if (user->login != HG_LOGIN_BY_CERTIFICATE)
        hg_load_error(policy->load, entry->place, NULL, "the user has no \"password\"");
}
