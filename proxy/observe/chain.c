/* Making and checking the chain. */
#include "chain.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "socket.h"

#define KEY_LEAST 16u
#define KEY_MOST  4096u
#define HEAD      HG_LIT("{\"seq\":")
#define PREVIOUS  HG_LIT(",\"prev\":\"")
#define HASH      HG_LIT(",\"hash\":\"")
#define MAC       HG_LIT(",\"mac\":\"")
#define TAIL      HG_LIT("\"}")

void hg_chain_init(struct hg_chain *chain)
{
    *chain = (struct hg_chain){0};
    memset(chain->last, '0', HG_CHAIN_HEX);
}

static bool read_key(struct hg_chain *chain, int fd, const char *path, char why[512])
{
    uint8_t content[KEY_MOST + 1];
    ssize_t len = read(fd, content, sizeof content);
    bool fits = len >= (ssize_t)KEY_LEAST && len <= (ssize_t)KEY_MOST;

    if (fits) {
        SHA256(content, (size_t)len, chain->key);
        chain->keyed = true;
    } else {
        snprintf(why, 512, "\"%s\" must hold a secret of %u to %u bytes", path, KEY_LEAST, KEY_MOST);
    }
    OPENSSL_cleanse(content, sizeof content);
    return fits;
}

bool hg_chain_key(struct hg_chain *chain, const char *path, char why[512])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    struct stat about;
    bool read = false;

    if (fd < 0 || fstat(fd, &about) != 0)
        snprintf(why, 512, "cannot read \"%s\": %s", path, hg_errno_text(errno));
    else if (!S_ISREG(about.st_mode))
        snprintf(why, 512, "\"%s\" is no file", path);
    else if (about.st_mode & S_IRWXO)
        snprintf(why, 512, "everybody on this machine can use \"%s\": chmod o-rwx", path);
    else
        read = read_key(chain, fd, path, why);
    if (fd >= 0)
        close(fd);
    return read;
}

void hg_chain_wipe(struct hg_chain *chain)
{
    OPENSSL_cleanse(chain, sizeof *chain);
}

/* ---- making ---- */

static void digest(const struct hg_chain *chain, struct hg_slice text, char hex[HG_CHAIN_HEX + 1])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t out[SHA256_DIGEST_LENGTH];
    unsigned len = sizeof out;

    if (chain->keyed)
        HMAC(EVP_sha256(), chain->key, sizeof chain->key, (const uint8_t *)text.ptr, text.len, out, &len);
    else
        SHA256((const uint8_t *)text.ptr, text.len, out);
    for (size_t i = 0; i < sizeof out; i++) {
        hex[2 * i] = digits[out[i] >> 4];
        hex[2 * i + 1] = digits[out[i] & 15];
    }
    hex[HG_CHAIN_HEX] = '\0';
}

void hg_chain_begin(const struct hg_chain *chain, struct hg_bytes *out)
{
    hg_write_slice(out, HEAD);
    hg_write_format(out, "%llu", (unsigned long long)(chain->lines + 1));
}

void hg_chain_end(struct hg_chain *chain, struct hg_bytes *out, size_t begun)
{
    hg_write_slice(out, PREVIOUS);
    hg_write_text(out, chain->last);
    hg_write_u8(out, '"');
    digest(chain, hg_slice_of((const char *)out->data + begun, out->len - begun), chain->last);
    hg_write_slice(out, chain->keyed ? MAC : HASH);
    hg_write_text(out, chain->last);
    hg_write_slice(out, TAIL);
    hg_write_u8(out, '\n');
    chain->lines++;
}

/* ---- checking ---- */

/* Takes `part` off the end of the text. */
static bool take_end(struct hg_slice *text, struct hg_slice part)
{
    if (text->len < part.len || memcmp(text->ptr + text->len - part.len, part.ptr, part.len) != 0)
        return false;
    text->len -= part.len;
    return true;
}

static bool take_hex(struct hg_slice *text, char hex[HG_CHAIN_HEX + 1])
{
    if (text->len < HG_CHAIN_HEX)
        return false;
    text->len -= HG_CHAIN_HEX;
    memcpy(hex, text->ptr + text->len, HG_CHAIN_HEX);
    hex[HG_CHAIN_HEX] = '\0';
    return strspn(hex, "0123456789abcdef") == HG_CHAIN_HEX;
}

static bool take_number(struct hg_slice text, uint64_t *number)
{
    size_t at = HEAD.len;

    *number = 0;
    if (text.len <= HEAD.len || memcmp(text.ptr, HEAD.ptr, HEAD.len) != 0)
        return false;
    for (; at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9' && *number < UINT64_MAX / 16; at++)
        *number = *number * 10 + (uint64_t)(text.ptr[at] - '0');
    return at > HEAD.len && at < text.len && text.ptr[at] == ',';
}

const char *hg_chain_read(const struct hg_chain *chain, struct hg_slice text, struct hg_chain_line *line)
{
    char real[HG_CHAIN_HEX + 1];
    struct hg_slice rest = text;

    if (!take_number(text, &line->number) || !take_end(&rest, TAIL) || !take_hex(&rest, line->own))
        return "is no line of an audit log";
    struct hg_slice other = rest;
    if (!take_end(&rest, chain->keyed ? MAC : HASH)) {
        if (take_end(&other, chain->keyed ? HASH : MAC))
            return chain->keyed ? "bears a hash, not a MAC" : "bears a MAC: its key is needed";
        return "is no line of an audit log";
    }
    digest(chain, rest, real);
    if (!take_end(&rest, HG_LIT("\"")) || !take_hex(&rest, line->previous) || !take_end(&rest, PREVIOUS))
        return "is no line of an audit log";
    return CRYPTO_memcmp(real, line->own, HG_CHAIN_HEX) == 0 ? NULL : "was changed";
}

const char *hg_chain_follow(struct hg_chain *chain, struct hg_slice text, bool first)
{
    struct hg_chain_line line;
    const char *wrong = hg_chain_read(chain, text, &line);

    if (wrong)
        return wrong;
    if (!first && line.number > chain->lines + 1)
        wrong = "does not follow the line before: lines were removed";
    else if (!first && line.number != chain->lines + 1)
        wrong = "does not follow the line before: it was moved or repeated";
    else if (!first && memcmp(line.previous, chain->last, HG_CHAIN_HEX) != 0)
        wrong = "does not follow the line before: that one was replaced";
    else if (line.number == 1 && strspn(line.previous, "0") != HG_CHAIN_HEX)
        wrong = "is not the first of its log, but has its number";
    chain->lines = line.number;
    memcpy(chain->last, line.own, sizeof chain->last);
    return wrong;
}
