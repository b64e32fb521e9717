/* Accounts of tenants and users: the rate's bucket, the day's time, and when they are forgotten. */
#include "accounts.h"

#include <pthread.h>
#include <time.h>

#include "check.h"

#define DAY(n) ((uint64_t)(n)*HG_DAY_S)

static void test_rate(struct hg_account *account)
{
    uint64_t now = UINT64_C(1000000000000);
    uint32_t wait;

    for (int i = 0; i < 10; i++)
        CHECK(hg_account_take(account, now, 10, 1, &wait));
    CHECK(!hg_account_take(account, now, 10, 1, &wait));
    CHECK(wait >= 100 && wait <= 101);
    CHECK_INT(hg_account_taken(account, now, 10), 10);
    CHECK(!hg_account_take(account, now + 99000, 10, 1, &wait));
    CHECK(hg_account_take(account, now + 100000, 10, 1, &wait));
    CHECK(!hg_account_take(account, now + 100000, 10, 1, &wait));
    CHECK_INT(hg_account_taken(account, now + 600000, 10), 5);
    CHECK(hg_account_take(account, now + 600000, 10, 5, &wait));
    CHECK(!hg_account_take(account, now + 600000, 10, 1, &wait));
    hg_account_give_back(account, 10, 5);
    CHECK_INT(hg_account_taken(account, now + 600000, 10), 5);
    now += 3600000000; /* nobody saves up for longer than a second */
    CHECK_INT(hg_account_taken(account, now, 10), 0);
    CHECK(!hg_account_take(account, now, 10, 11, &wait));
    CHECK_INT(wait, UINT32_MAX);
    CHECK(hg_account_take(account, now, 10, 10, &wait));
    CHECK(!hg_account_take(account, now, 10, 1, &wait));
    CHECK(hg_account_take(account, now + 2000000, UINT32_MAX, UINT32_MAX / 8, &wait));
}

static void test_days(struct hg_account *account)
{
    CHECK_INT(hg_account_spent_us(account, DAY(20000)), 0);
    hg_account_spend(account, DAY(20000) + 5, 700);
    hg_account_spend(account, DAY(20001) - 1, 300);
    CHECK_INT(hg_account_spent_us(account, DAY(20000) + 77), 1000);
    CHECK_INT(hg_account_spent_us(account, DAY(20001)), 0);
    hg_account_spend(account, DAY(20001), 5);
    CHECK_INT(hg_account_spent_us(account, DAY(20001) + 1), 5);
    hg_account_spend(account, DAY(20001), UINT64_C(1) << 47);
    hg_account_spend(account, DAY(20001), UINT64_C(1) << 47);
    hg_account_spend(account, DAY(20001), 1);
    CHECK_INT(hg_account_spent_us(account, DAY(20001)), (INT64_C(1) << 48) - 1); /* full, and stays so */
    CHECK_INT(hg_account_spent_us(account, DAY(20002)), 0);
}

static void test_names(struct hg_accounts *accounts)
{
    struct hg_account *tenant = hg_accounts_hold(accounts, HG_ACCOUNT_TENANT, HG_LIT("acme"));
    struct hg_account *user = hg_accounts_hold(accounts, HG_ACCOUNT_USER, HG_LIT("acme"));

    CHECK(tenant != user);
    CHECK(hg_accounts_hold(accounts, HG_ACCOUNT_TENANT, HG_LIT("acme")) == tenant);
    CHECK_INT(hg_accounts_count(accounts), 2);
    hg_account_spend(user, (uint64_t)time(NULL), 12);
    hg_accounts_drop(accounts, tenant);
    hg_accounts_drop(accounts, tenant);
    hg_accounts_drop(accounts, user);
    CHECK_INT(hg_accounts_count(accounts), 1); /* who has used something today is remembered */
    CHECK_INT(hg_accounts_read(accounts, HG_ACCOUNT_USER, HG_LIT("acme"), 0).spent_us, 12);
    CHECK_INT(hg_accounts_read(accounts, HG_ACCOUNT_TENANT, HG_LIT("acme"), 7).spent_us, 0);
    user = hg_accounts_hold(accounts, HG_ACCOUNT_USER, HG_LIT("acme"));
    CHECK_INT(hg_account_spent_us(user, (uint64_t)time(NULL)), 12);
    hg_account_spend(user, (uint64_t)time(NULL) - HG_DAY_S, 1); /* as if it had been yesterday */
    hg_accounts_drop(accounts, user);
    CHECK_INT(hg_accounts_count(accounts), 0);
    for (int i = 0; i < 5000; i++) {
        char name[32];
        snprintf(name, sizeof name, "user %d", i);
        hg_accounts_drop(accounts, hg_accounts_hold(accounts, HG_ACCOUNT_USER, hg_slice_cstr(name)));
    }
    CHECK_INT(hg_accounts_count(accounts), 0);
}

/* ---- several threads ---- */

struct crowd {
    struct hg_accounts *accounts;
    uint64_t had;
};

static void *ask(void *argument)
{
    struct crowd *crowd = argument;
    uint32_t wait;

    for (int i = 0; i < 20000; i++) {
        struct hg_account *account = hg_accounts_hold(crowd->accounts, HG_ACCOUNT_TENANT, HG_LIT("crowd"));
        crowd->had += hg_account_take(account, 5000000, 1000, 1, &wait);
        hg_account_spend(account, (uint64_t)time(NULL), 1);
        hg_accounts_drop(crowd->accounts, account);
    }
    return NULL;
}

static void test_crowd(struct hg_accounts *accounts)
{
    struct hg_account *account = hg_accounts_hold(accounts, HG_ACCOUNT_TENANT, HG_LIT("crowd"));
    struct crowd crowds[4] = {{accounts, 0}, {accounts, 0}, {accounts, 0}, {accounts, 0}};
    pthread_t threads[4];
    uint64_t had = 0;

    for (int i = 0; i < 4; i++)
        CHECK(pthread_create(&threads[i], NULL, ask, &crowds[i]) == 0);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        had += crowds[i].had;
    }
    CHECK_INT(had, 1000);
    CHECK_INT(hg_account_spent_us(account, (uint64_t)time(NULL)), 80000);
    hg_accounts_drop(accounts, account);
}

int main(void)
{
    struct hg_accounts *accounts = hg_accounts_new();
    struct hg_account *account = hg_accounts_hold(accounts, HG_ACCOUNT_TENANT, HG_LIT("t"));

    test_rate(account);
    test_days(account);
    hg_accounts_drop(accounts, account);
    hg_accounts_free(accounts);
    accounts = hg_accounts_new();
    test_names(accounts);
    test_crowd(accounts);
    hg_accounts_free(accounts);
    return check_end();
}
