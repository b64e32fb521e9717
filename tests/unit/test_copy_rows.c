/* Rows of COPY FROM STDIN made one field longer: each case whole, byte by byte, and cut at every place. */
#include "check.h"

#include "copy_rows.h"

static const struct hg_copy_in text_plan = {
    .prefixed = true, .delimiter = '\t', .null = HG_LIT("\\N"), .tenant_column = HG_LIT("tenant_id")};
static const struct hg_copy_in csv_plan = {.prefixed = true,
                                           .csv = true,
                                           .delimiter = ',',
                                           .quote = '"',
                                           .escape = '"',
                                           .null = HG_LIT(""),
                                           .tenant_column = HG_LIT("tenant_id")};

static bool convert(const struct hg_copy_in *plan, const char *tenant, struct hg_slice data, size_t first,
                    size_t more, struct hg_bytes *out)
{
    struct hg_copy_rows rows;
    size_t at = 0;

    hg_bytes_clear(out);
    hg_copy_rows_init(&rows, plan, hg_slice_cstr(tenant));
    for (size_t len = first; at < data.len; at += len, len = more) {
        if (len > data.len - at)
            len = data.len - at;
        hg_copy_rows_write(&rows, hg_slice_of(data.ptr + at, len), out);
    }
    bool sound = hg_copy_rows_end(&rows, out);
    hg_copy_rows_free(&rows);
    return sound;
}

static void expect(const struct hg_copy_in *plan, const char *tenant, struct hg_slice data,
                   struct hg_slice expected, bool sound)
{
    struct hg_bytes out = {0};

    CHECK_INT(convert(plan, tenant, data, data.len + 1, 1, &out), sound);
    CHECK(hg_slice_equal(hg_bytes_slice(&out), expected));
    CHECK_INT(convert(plan, tenant, data, 1, 1, &out), sound);
    CHECK(hg_slice_equal(hg_bytes_slice(&out), expected));
    for (size_t cut = 1; cut < data.len; cut++) {
        CHECK_INT(convert(plan, tenant, data, cut, data.len, &out), sound);
        CHECK(hg_slice_equal(hg_bytes_slice(&out), expected));
    }
    hg_bytes_free(&out);
}

#define ROWS(plan, data, expected)   expect(plan, "acme", HG_LIT(data), HG_LIT(expected), true)
#define DOOMED(plan, data, expected) expect(plan, "acme", HG_LIT(data), HG_LIT(expected "    "), false)

static void lines_of_text(void)
{
    ROWS(&text_plan, "", "");
    ROWS(&text_plan, "1\ta\n2\tb\n", "acme\t1\ta\nacme\t2\tb\n");
    ROWS(&text_plan, "1\ta\n2\tb", "acme\t1\ta\nacme\t2\tb");
    ROWS(&text_plan, "\n\n", "acme\t\nacme\t\n");
    ROWS(&text_plan, "1\r2\r", "acme\t1\racme\t2\r");
    ROWS(&text_plan, "1\r\n2\r\n", "acme\t1\r\nacme\t2\r\n");
    ROWS(&text_plan, "a\\\nb\n", "acme\ta\\\nb\n");
    ROWS(&text_plan, "a\\\rb\n", "acme\ta\\\rb\n");
    ROWS(&text_plan, "\\\n\n", "acme\t\\\n\n");
    ROWS(&text_plan, "\\\\\nb\n", "acme\t\\\\\nacme\tb\n");
    ROWS(&text_plan, "\\", "acme\t\\");
    ROWS(&text_plan, "a\\", "acme\ta\\");
    DOOMED(&text_plan, "1\n2\r3\n", "acme\t1\nacme\t2\r ");
    DOOMED(&text_plan, "1\r2\n3\r", "acme\t1\racme\t2\n");
    DOOMED(&text_plan, "1\r\n2\n3\r\n", "acme\t1\r\nacme\t2\n");
    DOOMED(&text_plan, "1\r\n2\r3\r\n", "acme\t1\r\nacme\t2\r3");
    ROWS(&text_plan, "1\r\n2\r", "acme\t1\r\nacme\t2\r"); /* the server sees the end, too */
    DOOMED(&text_plan, "1\r\n2\r\xc3\xa9" "3\r\n", "acme\t1\r\nacme\t2\r\xc3\xa9");
    DOOMED(&text_plan, "a\nb\0c\n", "acme\ta\nacme\tb\0");
}

static void ends_of_text(void)
{
    ROWS(&text_plan, "\\.\n", "");
    ROWS(&text_plan, "\\.\nglobex\t1\n", "");
    ROWS(&text_plan, "1\n\\.\nglobex\t1\n", "acme\t1\n");
    ROWS(&text_plan, "1\r\n\\.\r\nglobex\t1\r\n", "acme\t1\r\n");
    ROWS(&text_plan, "1\r\\.\rglobex\t1\r", "acme\t1\r");
    ROWS(&text_plan, "1\n2\\.\nglobex\t1\n", "acme\t1\nacme\t2"); /* behind a field: a row all the same */
    ROWS(&text_plan, "\\\\.\n", "acme\t\\\\.\n");
    ROWS(&text_plan, "\\.", "acme\t\\.");
    DOOMED(&text_plan, "\\.x\nglobex\t1\n", "acme\t\\.x");
    DOOMED(&text_plan, "1\n\\.\rglobex\t1\n", "acme\t1\nacme\t\\.\r");
    DOOMED(&text_plan, "1\r\n\\.\nglobex\t1\r\n", "acme\t1\r\nacme\t\\.\n");
    DOOMED(&text_plan, "1\r\n\\.\rglobex\t1\r\n", "acme\t1\r\nacme\t\\.\rg");
}

static void lines_of_csv(void)
{
    ROWS(&csv_plan, "1,a\n2,b", "\"acme\",1,a\n\"acme\",2,b");
    ROWS(&csv_plan, "\n", "\"acme\",\n");
    ROWS(&csv_plan, "1,\"a\nb\"\n2,c\n", "\"acme\",1,\"a\nb\"\n\"acme\",2,c\n");
    ROWS(&csv_plan, "1,\"a\"\"\nb\"\n2\n", "\"acme\",1,\"a\"\"\nb\"\n\"acme\",2\n");
    ROWS(&csv_plan, "1\r\n\"a\rb\"\r\n", "\"acme\",1\r\n\"acme\",\"a\rb\"\r\n");
    ROWS(&csv_plan, "\"a\n\\.\n\"\n", "\"acme\",\"a\n\\.\n\"\n"); /* within quotes it ends nothing */
    ROWS(&csv_plan, "a\\.\nb\n", "\"acme\",a\\.\n\"acme\",b\n");
    ROWS(&csv_plan, "\\.\nglobex,1\n", "");
    ROWS(&csv_plan, "1\n\\.\nglobex,1\n", "\"acme\",1\n");
    ROWS(&csv_plan, "1\r\n\\.\r\nglobex,1\n", "\"acme\",1\r\n");
    ROWS(&csv_plan, "\\.x\n2\n", "\"acme\",\\.x\n\"acme\",2\n");
    ROWS(&csv_plan, "\\.", "\"acme\",\\.");
    ROWS(&csv_plan, "\\x\n", "\"acme\",\\x\n");
    ROWS(&csv_plan, "\"a", "\"acme\",\"a");
    DOOMED(&csv_plan, "1\n2\r3\n", "\"acme\",1\n\"acme\",2\r ");
    DOOMED(&csv_plan, "1\r\n\\.\rx", "\"acme\",1\r\n\"acme\",\\.\rx");
}

static void other_quotes(void)
{
    struct hg_copy_in plan = csv_plan;

    plan.escape = '\\';
    ROWS(&plan, "\"a\\\"\nb\"\nc\n", "\"acme\",\"a\\\"\nb\"\n\"acme\",c\n");
    ROWS(&plan, "\"a\\\\\"\nb\n", "\"acme\",\"a\\\\\"\n\"acme\",b\n");
    ROWS(&plan, "a\\\"b\nc\"\nd\n",
         "\"acme\",a\\\"b\nc\"\n\"acme\",d\n"); /* outside of quotes it escapes nothing */
    plan.quote = plan.escape = '\'';
    ROWS(&plan, "'a\n'\n\"b\n", "'acme','a\n'\n'acme',\"b\n");
    plan.quote = plan.escape = '\\';
    ROWS(&plan, "\\a\n\\\nb\n", "\\acme\\,\\a\n\\\n\\acme\\,b\n");
    ROWS(&plan, "\\.\nx\n", "");
}

static void headers(void)
{
    struct hg_copy_in plan = text_plan;

    plan.header = true;
    ROWS(&plan, "id\tn\n1\t2\n", "tenant_id\tid\tn\nacme\t1\t2\n");
    ROWS(&plan, "\\.\n1\n", "tenant_id\t"); /* an empty header */
    ROWS(&plan, "", "tenant_id\t");
    plan = csv_plan;
    plan.header = true;
    plan.tenant_column = HG_LIT("a \"b\"");
    ROWS(&plan, "\"i\nd\",n\n1,2\n", "\"a \"\"b\"\"\",\"i\nd\",n\n\"acme\",1,2\n");
}

/* Whatever the options, the prefix is the tenant's value. */
static void values(void)
{
    struct hg_copy_in plan = text_plan;

    expect(&plan, "a\tb", HG_LIT("1"), HG_LIT("a\\011b\t1"), true);
    expect(&plan, "\\N", HG_LIT("1"), HG_LIT("\\134N\t1"), true);
    plan.null = HG_LIT("acme");
    expect(&plan, "acme", HG_LIT("1"), HG_LIT("\\141\\143\\155\\145\t1"), true);
    plan.null = HG_LIT("\xc3\xa9");
    expect(&plan, "\xc3\xa9", HG_LIT("1"), HG_LIT("\\303\\251\t1"), true);
    plan.null = HG_LIT("N");
    plan.delimiter = 'N';
    expect(&plan, "N", HG_LIT("1"), HG_LIT("\\116N1"), true);
    plan = csv_plan;
    plan.null = HG_LIT("acme");
    expect(&plan, "acme", HG_LIT("1"), HG_LIT("\"acme\",1"), true);
    expect(&plan, "a\"b,c", HG_LIT("1"), HG_LIT("\"a\"\"b,c\",1"), true);
    plan.escape = 'c';
    expect(&plan, "acme \"", HG_LIT("1"), HG_LIT("\"accme c\"\",1"), true);
    plan.quote = plan.escape = 'a';
    expect(&plan, "acme", HG_LIT("1"), HG_LIT("aaacmea,1"), true);
}

int main(void)
{
    lines_of_text();
    ends_of_text();
    lines_of_csv();
    other_quotes();
    headers();
    values();
    return check_end();
}
