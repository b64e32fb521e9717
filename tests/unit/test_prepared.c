/* Names of statements and portals, and the contents that they share. */
#include "check.h"

#include "prepared.h"

static struct hg_statement *make(struct hg_prepared *prepared, const char *name, const char *sql)
{
    struct hg_statement *statement =
        hg_statement_new(hg_slice_cstr(name), hg_slice_cstr(sql), HG_LIT("\0\0\0\x17"));

    statement->content =
        hg_contents_hold(prepared->contents, HG_LIT("environment"), statement->types, statement->text);
    hg_prepared_put(prepared, statement);
    return statement;
}

static void contents(void)
{
    struct hg_contents *table = hg_contents_new();
    struct hg_content *a = hg_contents_hold(table, HG_LIT("e"), HG_LIT(""), HG_LIT("SELECT 1"));
    struct hg_content *b = hg_contents_hold(table, HG_LIT("e"), HG_LIT(""), HG_LIT("SELECT 1"));
    struct hg_content *c = hg_contents_hold(table, HG_LIT("eS"), HG_LIT(""), HG_LIT("ELECT 1"));
    struct hg_content *d = hg_contents_hold(table, HG_LIT("e"), HG_LIT("SELE"), HG_LIT("CT 1"));
    uint64_t id = a->id;

    CHECK(a == b && a != c && a != d && c != d);
    CHECK(a->id && a->id != c->id);
    hg_contents_drop(table, a);
    CHECK(hg_contents_hold(table, HG_LIT("e"), HG_LIT(""), HG_LIT("SELECT 1")) == b);
    hg_contents_drop(table, b);
    hg_contents_drop(table, b);
    a = hg_contents_hold(table, HG_LIT("e"), HG_LIT(""), HG_LIT("SELECT 1"));
    CHECK(a->id != id); /* ids are never used again */
    CHECK_TEXT(a->sql, "SELECT 1");
    hg_contents_drop(table, a);
    hg_contents_drop(table, c);
    hg_contents_drop(table, d);
    hg_contents_drop(table, NULL);
    hg_contents_free(table);
}

static void statements(struct hg_prepared *prepared)
{
    struct hg_statement *s = make(prepared, "s", "SELECT 1"), *unnamed = make(prepared, "", "SELECT 1");

    CHECK(s->content == unnamed->content);
    CHECK(hg_prepared_find(prepared, HG_LIT("s")) == s && hg_prepared_find(prepared, HG_LIT("")) == unnamed);
    CHECK(hg_prepared_find(prepared, HG_LIT("t")) == NULL);
    hg_statement_hold(unnamed);
    struct hg_statement *newer = make(prepared, "", "SELECT 2");
    CHECK_TEXT(unnamed->text, "SELECT 1"); /* still held */
    hg_prepared_withdraw(prepared, unnamed);
    CHECK(hg_prepared_find(prepared, HG_LIT("")) == newer);
    hg_statement_drop(prepared, unnamed);
    hg_prepared_withdraw(prepared, newer);
    CHECK(hg_prepared_find(prepared, HG_LIT("")) == NULL);
    CHECK(hg_prepared_close(prepared, HG_LIT("s")) && !hg_prepared_close(prepared, HG_LIT("s")));
    make(prepared, "", "SELECT 3");
    for (int i = 0; i < 100; i++) {
        char name[16];
        snprintf(name, sizeof name, "s%d", i);
        make(prepared, name, "SELECT 4");
    }
    CHECK_INT(prepared->statements.count, 100);
    hg_prepared_close_all(prepared);
    CHECK_INT(prepared->statements.count, 0);
    CHECK(hg_prepared_find(prepared, HG_LIT("")) != NULL);
}

static void portals(struct hg_prepared *prepared)
{
    struct hg_statement *s = make(prepared, "s", "SELECT 1");

    hg_portal_put(prepared, HG_LIT(""), s);
    hg_portal_put(prepared, HG_LIT("old"), s);
    prepared->batch++;
    hg_portal_put(prepared, HG_LIT("new"), s);
    hg_portal_close_before(prepared, prepared->batch);
    CHECK(!hg_portal_find(prepared, HG_LIT("")) && !hg_portal_find(prepared, HG_LIT("old")) &&
          hg_portal_find(prepared, HG_LIT("new")));
    hg_portal_put(prepared, HG_LIT(""), s);
    hg_portal_put(prepared, HG_LIT(""), s);
    hg_prepared_close(prepared, HG_LIT("s"));
    CHECK_TEXT(hg_portal_find(prepared, HG_LIT("new"))->statement->text,
               "SELECT 1"); /* a portal outlives its statement */
    hg_portal_close(prepared, HG_LIT("nonesuch"));
    hg_portal_close(prepared, HG_LIT("new"));
    CHECK(!hg_portal_find(prepared, HG_LIT("new")));
    hg_portal_close_all(prepared);
    CHECK(!hg_portal_find(prepared, HG_LIT("")));
    hg_portal_put(prepared, HG_LIT("left"), make(prepared, "", "SELECT 5"));
}

int main(void)
{
    struct hg_prepared prepared;
    struct hg_contents *table = hg_contents_new();

    contents();
    hg_prepared_init(&prepared, table);
    statements(&prepared);
    portals(&prepared);
    hg_prepared_free(&prepared);
    hg_contents_free(table);
    return check_end();
}
