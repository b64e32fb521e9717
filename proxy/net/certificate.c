/* Names in the certificate of a client. That it is trusted is known already: with roots set (tls.c), OpenSSL
 * ends the handshake of any other.
 *
 * A certificate may say several things of who it is for, and only the kind that the policy names counts.
 * Texts in it are what their issuer wrote there: they are compared with their lengths, so that a NUL inside
 * ends nothing, and a subject with two common names has none. */
#include <string.h>

#include <openssl/x509v3.h>

#include "conn_private.h"

/* The client's certificate, borrowed; NULL without one. */
static X509 *certificate_of(const struct hg_conn *conn)
{
    X509 *certificate = conn->ssl ? SSL_get0_peer_certificate(conn->ssl) : NULL;

    return certificate && SSL_get_verify_mode(conn->ssl) != SSL_VERIFY_NONE &&
                   SSL_get_verify_result(conn->ssl) == X509_V_OK
               ? certificate
               : NULL;
}

bool hg_conn_has_certificate(const struct hg_conn *conn)
{
    return certificate_of(conn) != NULL;
}

static bool is_common_name(X509 *certificate, struct hg_slice name)
{
    X509_NAME *subject = X509_get_subject_name(certificate);
    int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    unsigned char *text = NULL;

    if (at < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, at) >= 0)
        return false;
    int len = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    bool same = len > 0 && hg_slice_equal(hg_slice_of((const char *)text, (size_t)len), name);
    OPENSSL_free(text);
    return same;
}

static bool is_subject(X509 *certificate, struct hg_slice name)
{
    BIO *printed = BIO_new(BIO_s_mem());
    char *text;
    bool same = false;

    /* Anything but printable ASCII is escaped, so that nothing can stand for what it is not. */
    if (printed && X509_NAME_print_ex(printed, X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253) > 0) {
        long len = BIO_get_mem_data(printed, &text);
        same = hg_slice_equal(hg_slice_of(text, (size_t)len), name);
    }
    BIO_free(printed);
    return same;
}

static bool is_alternative_name(X509 *certificate, int type, struct hg_slice name)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    bool found = false;

    for (int i = 0; !found && i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *entry = sk_GENERAL_NAME_value(names, i);
        if (entry->type != type)
            continue;
        const ASN1_IA5STRING *text = entry->d.ia5; /* that of dns, email and uri alike */
        found = hg_slice_equal(
            hg_slice_of((const char *)ASN1_STRING_get0_data(text), (size_t)ASN1_STRING_length(text)), name);
    }
    GENERAL_NAMES_free(names);
    return found;
}

/* Takes the prefix off the name. */
static bool takes(struct hg_slice *name, const char *prefix)
{
    size_t len = strlen(prefix);

    if (name->len < len || memcmp(name->ptr, prefix, len) != 0)
        return false;
    *name = hg_slice_of(name->ptr + len, name->len - len);
    return true;
}

bool hg_conn_certificate_bears(const struct hg_conn *conn, struct hg_slice name)
{
    X509 *certificate = certificate_of(conn);

    if (!certificate)
        return false;
    if (takes(&name, "dn:"))
        return is_subject(certificate, name);
    if (takes(&name, "dns:"))
        return is_alternative_name(certificate, GEN_DNS, name);
    if (takes(&name, "email:"))
        return is_alternative_name(certificate, GEN_EMAIL, name);
    if (takes(&name, "uri:"))
        return is_alternative_name(certificate, GEN_URI, name);
    (void)takes(&name, "cn:");
    return is_common_name(certificate, name);
}
