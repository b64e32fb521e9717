/* An item of such a list reads `grantee=arwd/grantor`. It is looked for in texts, because lists are shown in
 * many ways: as arrays, joined, inside of rows. A name that PostgreSQL would quote is written as it would be
 * in an array, in JSON, or by itself; where it would be quoted in some other way, the role stays. */
#define _GNU_SOURCE 1 /* memmem */
#include "role_names.h"

#include <string.h>

#include "allow.h"
#include "encode.h"
#include "protocol.h"

#define NAME    HG_LIT(HG_RIGHTS_NAME)
#define LETTERS "arwdDxtXUCTcsAm*"

/* From `at` on, the first item that may be one; NULL: there is none. */
static const char *find(const char *at, const char *end)
{
    return memmem(at, (size_t)(end - at), HG_RIGHTS_NAME "=", NAME.len + 1);
}

bool hg_role_names_stand_in(struct hg_slice body)
{
    return find(body.ptr, body.ptr + body.len) != NULL;
}

/* `=arwd/` of the item that begins at `at`; len 0: it is none. */
static struct hg_slice letters_of(const char *at, const char *end)
{
    const char *from = at + NAME.len, *to = from + 1;

    while (to < end && *to && strchr(LETTERS, *to))
        to++;
    if ((size_t)(end - to) < 1 + NAME.len || *to != '/' || memcmp(to + 1, NAME.ptr, NAME.len) != 0)
        return HG_LIT("");
    return hg_slice_of(from, (size_t)(to + 1 - from));
}

/* ---- spelling a name ---- */

enum around { BY_ITSELF, IN_ARRAY, IN_JSON, ELSEWHERE };

static bool is_plain(struct hg_slice name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        if (!plain)
            return false;
    }
    return true;
}

static enum around around_of(struct hg_slice text, const char *at, const char *end)
{
    char before = at > text.ptr ? at[-1] : '\0', after = end < text.ptr + text.len ? *end : '\0';

    if (before == '"' && after == '"')
        return IN_JSON;
    if (*text.ptr == '{')
        return (before == '{' || before == ',') && (after == '}' || after == ',') ? IN_ARRAY : ELSEWHERE;
    return *text.ptr == '(' ? ELSEWHERE : BY_ITSELF;
}

static void write_escaped(struct hg_bytes *out, char c, enum around around)
{
    if (around != BY_ITSELF && (c == '"' || c == '\\'))
        hg_write_u8(out, '\\');
    hg_write_u8(out, (uint8_t)c);
}

static void write_quoted(struct hg_bytes *out, struct hg_slice name, enum around around)
{
    write_escaped(out, '"', around);
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == '"')
            write_escaped(out, '"', around);
        write_escaped(out, name.ptr[i], around);
    }
    write_escaped(out, '"', around);
}

static void write_item(struct hg_bytes *out, struct hg_slice letters, struct hg_slice user,
                       enum around around)
{
    bool plain = is_plain(user);

    hg_write_text(out, !plain && around == IN_ARRAY ? "\"" : "");
    for (int i = 0; i < 2; i++) {
        if (plain)
            hg_write_slice(out, user);
        else
            write_quoted(out, user, around);
        if (i == 0)
            hg_write_slice(out, letters);
    }
    hg_write_text(out, !plain && around == IN_ARRAY ? "\"" : "");
}

/* ---- values and messages ---- */

static void write_value(struct hg_bytes *out, struct hg_slice value, struct hg_slice user, bool copied)
{
    const char *from = value.ptr, *end = value.ptr + value.len, *at;

    while ((at = find(from, end)) != NULL) {
        struct hg_slice letters = letters_of(at, end);
        const char *behind = at + NAME.len + (letters.len ? letters.len + NAME.len : 1);
        enum around around = copied ? ELSEWHERE : around_of(value, at, behind);
        hg_write(out, from, (size_t)(at - from));
        if (letters.len && (is_plain(user) || around != ELSEWHERE))
            write_item(out, letters, user, around);
        else
            hg_write(out, at, (size_t)(behind - at));
        from = behind;
    }
    hg_write(out, from, (size_t)(end - from));
}

static void write_length(struct hg_bytes *out, size_t at)
{
    uint32_t len = (uint32_t)(out->len - at - 4);

    for (size_t i = 0; !out->failed && i < 4; i++)
        out->data[at + i] = (uint8_t)(len >> (24 - 8 * i));
}

static void write_row(struct hg_bytes *out, struct hg_slice body, struct hg_slice user)
{
    struct hg_reader reader = hg_reader_of(body.ptr, body.len);
    uint16_t count = hg_read_u16(&reader);

    hg_write_u16(out, count);
    for (uint16_t i = 0; i < count && !reader.failed; i++) {
        uint32_t len = hg_read_u32(&reader);
        size_t at = out->len;
        hg_write_u32(out, len);
        if (len == UINT32_MAX)
            continue;
        write_value(out, hg_read_bytes(&reader, len), user, false);
        write_length(out, at);
    }
}

void hg_role_names_write(struct hg_bytes *out, uint8_t type, struct hg_slice body, struct hg_slice user)
{
    size_t begun = hg_frame_begin(out, type);

    if (type == HG_S_DATA_ROW)
        write_row(out, body, user);
    else
        write_value(out, body, user, true);
    hg_frame_end(out, begun);
}
