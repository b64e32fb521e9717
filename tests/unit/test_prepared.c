/* Names of statements and portals, and the contents that they share. */
#include "check.h"

#include "prepared.h"

static struct hg_statement *make(struct hg_prepared *prepared, const char *name, const char *sql)
{
    struct hg_statement *statement =
        hg_statement_new(hg_slice_cstr(name), hg_slice_cstr(sql), HG_LIT("\0\0\0\x17"));

    statement->content =
        hg_contents_hold(prepared->contents, HG_LIT("environment"), 0, statement->types, statement->text);
    hg_prepared_put(prepared, statement);
    return statement;
}

static void contents(void)
{
    struct hg_contents *table = hg_contents_new();
    struct hg_content *a = hg_contents_hold(table, HG_LIT("e"), 0, HG_LIT(""), HG_LIT("SELECT 1"));
    struct hg_content *b = hg_contents_hold(table, HG_LIT("e"), 0, HG_LIT(""), HG_LIT("SELECT 1"));
    struct hg_content *c = hg_contents_hold(table, HG_LIT("eS"), 0, HG_LIT(""), HG_LIT("ELECT 1"));
    struct hg_content *d = hg_contents_hold(table, HG_LIT("e"), 0, HG_LIT("SELE"), HG_LIT("CT 1"));
    struct hg_content *then = hg_contents_hold(table, HG_LIT("e"), 7, HG_LIT(""), HG_LIT("SELECT 1"));
    uint64_t id = a->id;

    CHECK(a == b && a != c && a != d && c != d && a != then && then->moment == 7);
    hg_contents_drop(table, then);
    CHECK(a->id && a->id != c->id);
    hg_contents_drop(table, a);
    CHECK(hg_contents_hold(table, HG_LIT("e"), 0, HG_LIT(""), HG_LIT("SELECT 1")) == b);
    hg_contents_drop(table, b);
    hg_contents_drop(table, b);
    a = hg_contents_hold(table, HG_LIT("e"), 0, HG_LIT(""), HG_LIT("SELECT 1"));
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
    hg_prepared_withdraw(prepared, unnamed, false);
    CHECK(hg_prepared_find(prepared, HG_LIT("")) == newer);
    hg_statement_drop(prepared, unnamed);
    hg_prepared_withdraw(prepared, newer, false);
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

static struct hg_statement *unnamed_of(const struct hg_prepared *prepared)
{
    return hg_prepared_find(prepared, HG_LIT(""));
}

/* What a skipped Parse would have replaced stays; what a failed one would have, goes. */
static void withdrawn(struct hg_prepared *prepared)
{
    struct hg_statement *a = make(prepared, "", "SELECT 1"), *b, *c;

    hg_prepared_settle(prepared, a);
    hg_prepared_withdraw(prepared, a, true); /* parsed again, and skipped */
    CHECK(unnamed_of(prepared) == a);
    b = make(prepared, "", "SELECT 2");
    hg_prepared_withdraw(prepared, b, true);
    CHECK(unnamed_of(prepared) == a);
    b = hg_statement_hold(make(prepared, "", "SELECT 2"));
    c = hg_statement_hold(make(prepared, "", "SELECT 3"));
    hg_prepared_withdraw(prepared, b, true);
    CHECK(unnamed_of(prepared) == c);
    hg_prepared_withdraw(prepared, c, true);
    CHECK(unnamed_of(prepared) == a);
    hg_statement_drop(prepared, b);
    hg_statement_drop(prepared, c);
    b = hg_statement_hold(make(prepared, "", "SELECT 2"));
    c = hg_statement_hold(make(prepared, "", "SELECT 3"));
    hg_prepared_withdraw(prepared, b, false);
    hg_prepared_withdraw(prepared, c, true);
    CHECK(unnamed_of(prepared) == NULL);
    hg_statement_drop(prepared, b);
    hg_statement_drop(prepared, c);
    make(prepared, "", "SELECT 4");
}

static void portals(struct hg_prepared *prepared)
{
    struct hg_statement *s = make(prepared, "s", "SELECT 1");

    hg_portal_put(prepared, HG_LIT(""), s);
    hg_portal_put(prepared, HG_LIT("old"), s);
    prepared->batch++;
    hg_portal_put(prepared, HG_LIT("new"), s);
    hg_portals_end_batches(prepared, prepared->batch);
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

static struct hg_portal *declare(struct hg_prepared *prepared, const char *name, struct hg_statement *s,
                                 size_t mark, bool hold)
{
    struct hg_portal *portal = hg_portal_put(prepared, hg_slice_cstr(name), s);

    portal->cursor = true;
    portal->mark = mark;
    portal->hold = hold;
    portal->backend = hold ? 1 : 0;
    return portal;
}

static bool is_there(const struct hg_prepared *prepared, const char *name)
{
    return hg_portal_find(prepared, hg_slice_cstr(name)) != NULL;
}

static void cursors(struct hg_prepared *prepared)
{
    struct hg_statement *s = make(prepared, "", "DECLARE c CURSOR FOR SELECT 1");

    declare(prepared, "early", s, 1, false);
    declare(prepared, "late", s, 2, false);
    declare(prepared, "held", s, 2, true);
    hg_portals_release(prepared, 1); /* a savepoint that was the transaction's second entry */
    hg_portals_back_to(prepared, 1);
    CHECK(is_there(prepared, "early") && is_there(prepared, "late") && is_there(prepared, "held"));
    declare(prepared, "later", s, 2, true);
    hg_portals_back_to(prepared, 1);
    CHECK(is_there(prepared, "late") && !is_there(prepared, "later"));
    hg_portals_commit(prepared);
    CHECK(!is_there(prepared, "early") && !is_there(prepared, "late") && is_there(prepared, "held"));
    declare(prepared, "other", s, 1, true);
    hg_portals_rollback(prepared);
    CHECK(is_there(prepared, "held") && !is_there(prepared, "other"));
    hg_portals_back_to(prepared, 0);
    CHECK(is_there(prepared, "held") && hg_portals_hold(prepared, 1) && !hg_portals_hold(prepared, 0));
    hg_portals_are_gone(prepared, 0, "of something else");
    CHECK(hg_portals_hold(prepared, -1));
    hg_portals_are_gone(prepared, -1, "it was time");
    CHECK(is_there(prepared, "held") && !hg_portals_hold(prepared, -1));
    hg_portal_close_all(prepared);
}

static void cursors_of_batches(struct hg_prepared *prepared)
{
    struct hg_statement *s = make(prepared, "", "DECLARE c CURSOR WITH HOLD FOR SELECT 1");

    declare(prepared, "first", s, 0, true);
    prepared->batch++;
    declare(prepared, "second", s, 0, true);
    hg_portals_fail_batch(prepared, prepared->batch);
    CHECK(is_there(prepared, "first") && !is_there(prepared, "second"));
    hg_portals_end_batches(prepared, prepared->batch);
    hg_portals_rollback(prepared); /* it is kept */
    CHECK(is_there(prepared, "first"));
    declare(prepared, "third", s, 0, true);
    hg_portals_withdraw(prepared, s);
    CHECK(is_there(prepared, "first") && !is_there(prepared, "third"));
    hg_portal_close_all(prepared);
}

/* Of longer names the first 63 bytes count. */
static void long_names(struct hg_prepared *prepared)
{
    char one[65], two[65];
    memset(one, 'n', sizeof one - 1);
    memset(two, 'n', sizeof two - 1);
    one[63] = 'a';
    two[63] = 'b';
    one[64] = two[64] = '\0';

    struct hg_statement *s = make(prepared, one, "SELECT 1");
    CHECK(hg_prepared_find(prepared, hg_slice_cstr(two)) == s);
    hg_portal_put(prepared, hg_slice_cstr(one), s);
    CHECK(is_there(prepared, two));
    hg_portal_close(prepared, hg_slice_cstr(two));
    CHECK(!is_there(prepared, one) && hg_prepared_close(prepared, hg_slice_cstr(two)));
}

int main(void)
{
    struct hg_prepared prepared;
    struct hg_contents *table = hg_contents_new();

    contents();
    hg_prepared_init(&prepared, table);
    statements(&prepared);
    withdrawn(&prepared);
    portals(&prepared);
    cursors(&prepared);
    cursors_of_batches(&prepared);
    long_names(&prepared);
    hg_prepared_free(&prepared);
    hg_contents_free(table);
    return check_end();
}
