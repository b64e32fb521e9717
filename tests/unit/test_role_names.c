/* Access control lists on their way to a client: whose name stands in them, in each of the ways in which a
 * name is spelled. */
#include "allow.h"
#include "check.h"
#include "encode.h"
#include "protocol.h"
#include "role_names.h"

#define HG HG_RIGHTS_NAME

/* A row of one value, as it comes and as it goes. */
static void check_row(const char *value, const char *user, const char *expected)
{
    struct hg_bytes row = {0}, out = {0}, wanted = {0};
    size_t begun = hg_frame_begin(&wanted, HG_S_DATA_ROW);
    hg_write_u16(&row, 2);
    hg_write_u32(&row, (uint32_t)strlen(value));
    hg_write_text(&row, value);
    hg_write_u32(&row, UINT32_MAX);
    hg_write_u16(&wanted, 2);
    hg_write_u32(&wanted, (uint32_t)strlen(expected));
    hg_write_text(&wanted, expected);
    hg_write_u32(&wanted, UINT32_MAX);
    hg_frame_end(&wanted, begun);
    hg_role_names_write(&out, HG_S_DATA_ROW, hg_bytes_slice(&row), hg_slice_cstr(user));
    CHECK(hg_slice_equal(hg_bytes_slice(&out), hg_bytes_slice(&wanted)));
    if (out.len > 11)
        CHECK_TEXT(hg_slice_of((const char *)out.data + 11, out.len - 15), expected);
    hg_bytes_free(&row);
    hg_bytes_free(&out);
    hg_bytes_free(&wanted);
}

static void names(void)
{
    check_row("{" HG "=r/" HG "}", "acme_bi", "{acme_bi=r/acme_bi}");
    check_row("{" HG "=arwd/" HG ",=r/postgres}", "acme_bi", "{acme_bi=arwd/acme_bi,=r/postgres}");
    check_row(HG "=r*w/" HG "\n" HG "=d/" HG, "a", "a=r*w/a\na=d/a");
    check_row("", "a", "");
    check_row("nothing of the kind", "a", "nothing of the kind");
}

/* As PostgreSQL's own output of a list, and of an array of them. */
static void quoted_names(void)
{
    check_row(HG "=r/" HG, "a-b", "\"a-b\"=r/\"a-b\"");
    check_row(HG "=r/" HG, "a\"b", "\"a\"\"b\"=r/\"a\"\"b\"");
    check_row("{" HG "=r/" HG "}", "a-b", "{\"\\\"a-b\\\"=r/\\\"a-b\\\"\"}");
    check_row("{" HG "=r/" HG "}", "a\\b", "{\"\\\"a\\\\b\\\"=r/\\\"a\\\\b\\\"\"}");
    check_row("[\"" HG "=r/" HG "\"]", "a-b", "[\"\\\"a-b\\\"=r/\\\"a-b\\\"\"]");
    check_row("(1,{" HG "=r/" HG "})", "a-b", "(1,{" HG "=r/" HG "})"); /* not spelled by us */
    check_row("(1,{" HG "=r/" HG "})", "ab", "(1,{ab=r/ab})");
}

/* What only looks like one stays. */
static void others(void)
{
    check_row(HG, "a", HG);
    check_row(HG "=", "a", HG "=");
    check_row(HG "=r/", "a", HG "=r/");
    check_row(HG "=r/postgres", "a", HG "=r/postgres");
    check_row(HG "=r x/" HG, "a", HG "=r x/" HG);
    check_row(HG "=" HG "=r/" HG, "a", HG "=a=r/a");
}

static void copied(void)
{
    struct hg_bytes out = {0};
    CHECK(hg_role_names_stand_in(HG_LIT("x {" HG "=r/" HG "}")) && !hg_role_names_stand_in(HG_LIT("x " HG)));
    hg_role_names_write(&out, HG_S_COPY_DATA, HG_LIT("1\t{" HG "=r/" HG "}\n"), HG_LIT("a"));
    CHECK_TEXT(hg_slice_of((const char *)out.data + 5, out.len - 5), "1\t{a=r/a}\n");
    hg_bytes_free(&out);
}

/* A row that is cut short, whatever it says of its lengths. */
static void broken(void)
{
    static const char row[] = "\0\3\0\0\0\2ab\0\0\1\0" HG "=r/" HG;
    for (size_t len = 0; len < sizeof row; len++) {
        struct hg_bytes out = {0};
        hg_role_names_write(&out, HG_S_DATA_ROW, hg_slice_of(row, len), HG_LIT("a"));
        CHECK(out.len >= 5);
        hg_bytes_free(&out);
    }
}

int main(void)
{
    names();
    quoted_names();
    others();
    copied();
    broken();
    return check_end();
}
