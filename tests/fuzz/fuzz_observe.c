/* Texts that reach logs and the audit, and files that claim to be one. What must hold: a text without literals has
 * none left, neither quotes nor numbers, and is stable; JSON is one line; what is taken for trace context is hexadecimal. */
#include "../../policy/base/json.h" /* this folder has another of that name */
#include "audit_private.h"
#include "chain.h"
#include "redact.h"
#include "trace.h"

static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static bool is_name(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' || c >= 0x80;
}

static void check_redacted(const struct hg_bytes *out)
{
    for (size_t i = 0; i < out->len; i++) {
        must(out->data[i] != '\'');
        if (out->data[i] >= '0' && out->data[i] <= '9')
            must(i > 0 && is_name(out->data[i - 1])); /* of a name, or a parameter */
    }
}

static void redact(struct hg_slice text)
{
    struct hg_bytes once = {0}, twice = {0};
    char fingerprint[17];

    hg_redact(text, &once);
    hg_redact(hg_bytes_slice(&once), &twice);
    if (!memchr(text.ptr, '"', text.len) && !memchr(text.ptr, '$', text.len)) {
        check_redacted(&once);
        must(hg_slice_equal(hg_bytes_slice(&once), hg_bytes_slice(&twice)));
    }
    hg_fingerprint(text, fingerprint);
    must(strspn(fingerprint, "0123456789abcdef") == 16);
    hg_bytes_free(&once);
    hg_bytes_free(&twice);
}

/* What a Bind said, cut anywhere, is a list in one line. */
static void parameters(struct hg_slice bound, bool redacts)
{
    static const char begin[] = ",\"parameters\":[", cut[] = "],\"parameters_cut\":true";
    struct hg_bytes out = {0};

    audit_write_parameters(&out, bound, redacts);
    must(out.len > strlen(begin) && memcmp(out.data, begin, strlen(begin)) == 0);
    must(out.data[out.len - 1] == ']' ||
         (out.len > strlen(cut) && memcmp(out.data + out.len - strlen(cut), cut, strlen(cut)) == 0));
    for (size_t i = 0; i < out.len; i++)
        must(out.data[i] >= 0x20 && out.data[i] != 0x7f);
    hg_bytes_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hg_slice text = hg_slice_of((const char *)data, size);
    struct hg_trace trace = hg_trace_find(text);
    struct hg_bytes out = {0};
    struct hg_chain_line line;
    struct hg_chain chain;

    if (size == 0)
        return 0;
    redact(text);
    parameters(text, false);
    parameters(text, true);
    if (trace.trace_id[0])
        must(strspn(trace.trace_id, "0123456789abcdef") == 32 && strspn(trace.span_id, "0123456789abcdef") == 16);
    hg_write_json(&out, text);
    for (size_t i = 0; i < out.len; i++)
        must(out.data[i] >= 0x20 && out.data[i] != 0x7f);
    hg_bytes_free(&out);
    hg_chain_init(&chain);
    (void)hg_chain_read(&chain, text, &line);
    (void)hg_chain_follow(&chain, text, true);
    return 0;
}
