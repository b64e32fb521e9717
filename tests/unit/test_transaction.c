/* What a server is replayed to be in the client's transaction. */
#include "check.h"

#include "transaction.h"

static void add(struct hg_transaction *transaction, const char *name, size_t mark)
{
    CHECK(hg_transaction_savepoint(transaction, hg_slice_cstr(name), hg_slice_cstr(name), mark));
}

/* The list as one text. */
static void check_list(const struct hg_transaction *transaction, const char *expected)
{
    char text[256] = "";
    size_t len = 0;

    for (size_t i = 0; i < transaction->count; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%s;", transaction->list[i].sql);
    CHECK_TEXT(hg_slice_of(text, len), expected);
}

int main(void)
{
    struct hg_transaction transaction = {0};

    CHECK(!hg_transaction_is_block(&transaction));
    hg_transaction_begin(&transaction, HG_TRANSACTION_IMPLICIT, HG_LIT("BEGIN"));
    CHECK(!hg_transaction_is_block(&transaction));
    hg_transaction_end(&transaction);
    CHECK_INT(transaction.count, 0);

    hg_transaction_begin(&transaction, HG_TRANSACTION_BLOCK, HG_LIT("BEGIN READ ONLY"));
    add(&transaction, "a", 1);
    CHECK(hg_transaction_add(&transaction, HG_LIT("SET TRANSACTION")));
    add(&transaction, "b", 2);
    add(&transaction, "a", 3);
    check_list(&transaction, "BEGIN READ ONLY;a;SET TRANSACTION;b;a;");
    CHECK(hg_transaction_find(&transaction, HG_LIT("c")) == NULL);
    CHECK_INT(hg_transaction_find(&transaction, HG_LIT("a"))->mark, 3); /* the newest of the name */
    hg_transaction_back_to(&transaction, hg_transaction_find(&transaction, HG_LIT("b")));
    check_list(&transaction, "BEGIN READ ONLY;a;SET TRANSACTION;b;");
    add(&transaction, "c", 4);
    hg_transaction_release(&transaction, hg_transaction_find(&transaction, HG_LIT("a")));
    check_list(&transaction, "BEGIN READ ONLY;SET TRANSACTION;");
    add(&transaction, "d", 5);
    transaction.state = HG_TRANSACTION_FAILED;
    transaction.lost = true;
    hg_transaction_chain(&transaction, HG_LIT(""));
    check_list(&transaction, "BEGIN READ ONLY;SET TRANSACTION;");
    CHECK_INT(transaction.state, HG_TRANSACTION_BLOCK);
    CHECK(!transaction.lost);
    struct hg_slice modes = HG_LIT("BEGIN ISOLATION LEVEL serializable, READ WRITE, NOT DEFERRABLE");
    for (int i = 0; i < 2; i++) { /* it is said once */
        hg_transaction_chain(&transaction, modes);
        check_list(&transaction, "BEGIN ISOLATION LEVEL serializable, READ WRITE, NOT DEFERRABLE;BEGIN READ "
                                 "ONLY;SET TRANSACTION;");
        CHECK_TEXT(hg_transaction_isolation(&transaction), "serializable");
    }
    while (transaction.count < HG_MAX_REPLAY)
        CHECK(hg_transaction_savepoint(&transaction, HG_LIT("x"), HG_LIT("x"), 0));
    CHECK(!hg_transaction_savepoint(&transaction, HG_LIT("x"), HG_LIT("x"), 0));
    CHECK(!hg_transaction_add(&transaction, HG_LIT("x")));
    hg_transaction_free(&transaction);
    return check_end();
}
