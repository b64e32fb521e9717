/* Checks form and lengths only; the login computes with the verifier. The bounds on iterations are those that
 * a login accepts: fewer protect nothing, more let every login cost the server seconds. */
#include "verifier.h"

#define ITERATIONS_LEAST 4096
#define ITERATIONS_MOST  1000000
#define SALT_MOST        64
#define KEY_BYTES        32
#define MD5_BYTES        35

/* Takes what stands before the separator off the front of the text. */
static bool take(struct hg_slice *text, char separator, struct hg_slice *part)
{
    const char *end = text->len ? memchr(text->ptr, separator, text->len) : NULL;
    if (!end)
        return false;
    *part = hg_slice_of(text->ptr, (size_t)(end - text->ptr));
    *text = hg_slice_of(end + 1, text->len - part->len - 1);
    return true;
}

static bool is_base64(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

/* Number of bytes that padded base64 stands for; 0 when it is none. */
static size_t base64_bytes(struct hg_slice text)
{
    size_t letters = text.len;
    if (text.len == 0 || text.len % 4)
        return 0;
    while (letters && text.len - letters < 2 && text.ptr[letters - 1] == '=')
        letters--;
    for (size_t i = 0; i < letters; i++)
        if (!is_base64(text.ptr[i]))
            return 0;
    return text.len / 4 * 3 - (text.len - letters);
}

static bool is_iterations(struct hg_slice text)
{
    unsigned long number = 0;
    if (text.len == 0 || text.len > 7)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        number = number * 10 + (unsigned long)(text.ptr[i] - '0');
    }
    return number >= ITERATIONS_LEAST && number <= ITERATIONS_MOST;
}

bool hg_verifier_check(struct hg_slice text, const char **why)
{
    struct hg_slice name, iterations, salt, stored_key;
    if (!take(&text, '$', &name) || !hg_slice_is(name, "SCRAM-SHA-256"))
        *why = "it does not begin with SCRAM-SHA-256$";
    else if (!take(&text, ':', &iterations) || !take(&text, '$', &salt) || !take(&text, ':', &stored_key))
        *why = "it does not have the form SCRAM-SHA-256$iterations:salt$stored:server";
    else if (!is_iterations(iterations))
        *why = "its iterations must be 4096 to 1000000";
    else if (!base64_bytes(salt) || base64_bytes(salt) > SALT_MOST)
        *why = "its salt is not base64 of 1 to 64 bytes";
    else if (base64_bytes(stored_key) != KEY_BYTES || base64_bytes(text) != KEY_BYTES)
        *why = "its keys are not base64 of 32 bytes";
    else
        return true;
    return false;
}

bool hg_verifier_is_md5(struct hg_slice text)
{
    if (text.len != MD5_BYTES || memcmp(text.ptr, "md5", 3) != 0)
        return false;
    for (size_t i = 3; i < text.len; i++)
        if (!(text.ptr[i] >= '0' && text.ptr[i] <= '9') && !(text.ptr[i] >= 'a' && text.ptr[i] <= 'f'))
            return false;
    return true;
}
