/* The accounts of tenants and users.
 *
 * `rate` is kept as one number, the time up to which what was sent is paid for: each statement costs the
 * rate's interval, time pays, and credit is given for a second. That is a bucket of one second's statements
 * which fills steadily, without anybody who fills it. Time that a statement took is added to the day on which
 * it ended; day and time stand in one number, so that a new day begins with nothing, whoever comes first.
 *
 * An account that nobody uses is freed at once when it says nothing about today; the others when a new one is
 * made on a later day. So there are never more of them than names that logged in since yesterday. */
#include "accounts.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "arena.h"
#include "loop.h"
#include "map.h"

#define SECOND_NS UINT64_C(1000000000)
#define DAY_SHIFT 48u /* 65535 days since 1970, and eight years of time spent in one */
#define SPENT(x)  ((x) & ((UINT64_C(1) << DAY_SHIFT) - 1))

const char *const hg_account_kinds[HG_NACCOUNTS] = {"tenant", "user"};

struct hg_accounts {
    pthread_mutex_t mutex;
    struct hg_map by_name[HG_NACCOUNTS];
    uint64_t swept; /* the day on which old ones were looked for last */
};

/* ---- the table ---- */

struct hg_accounts *hg_accounts_new(void)
{
    struct hg_accounts *accounts = hg_calloc(1, sizeof *accounts);

    pthread_mutex_init(&accounts->mutex, NULL);
    for (size_t i = 0; i < HG_NACCOUNTS; i++)
        hg_map_init(&accounts->by_name[i]);
    return accounts;
}

void hg_accounts_free(struct hg_accounts *accounts)
{
    struct hg_slice name;
    void *account;

    for (size_t i = 0; i < HG_NACCOUNTS; i++) {
        for (size_t at = 0; hg_map_next(&accounts->by_name[i], &at, &name, &account);)
            free(account);
        hg_map_free(&accounts->by_name[i]);
    }
    pthread_mutex_destroy(&accounts->mutex);
    free(accounts);
}

static bool says_nothing(const struct hg_account *account, uint64_t day)
{
    return account->references == 0 && atomic_load(&account->spent) >> DAY_SHIFT != day &&
           atomic_load(&account->paid_ns) <= hg_clock_us() * 1000;
}

/* [mutex] */
static void sweep(struct hg_accounts *accounts, uint64_t day)
{
    for (size_t i = 0; i < HG_NACCOUNTS; i++) {
        struct hg_map old = accounts->by_name[i];
        struct hg_slice name;
        void *account;
        hg_map_init(&accounts->by_name[i]);
        for (size_t at = 0; hg_map_next(&old, &at, &name, &account);) {
            if (says_nothing(account, day))
                free(account);
            else
                (void)hg_map_put(&accounts->by_name[i], name, account);
        }
        hg_map_free(&old);
    }
    accounts->swept = day;
}

static struct hg_account *account_new(enum hg_account_kind kind, struct hg_slice name)
{
    struct hg_account *account = hg_calloc(1, sizeof *account + name.len + 1);
    char *copy = (char *)(account + 1);

    memcpy(copy, name.ptr, name.len);
    account->kind = kind;
    account->name = hg_slice_of(copy, name.len);
    return account;
}

struct hg_account *hg_accounts_hold(struct hg_accounts *accounts, enum hg_account_kind kind,
                                    struct hg_slice name)
{
    uint64_t day = (uint64_t)time(NULL) / HG_DAY_S;

    pthread_mutex_lock(&accounts->mutex);
    struct hg_account *account = hg_map_get(&accounts->by_name[kind], name);
    if (!account) {
        if (accounts->swept != day)
            sweep(accounts, day);
        account = account_new(kind, name);
        (void)hg_map_put(&accounts->by_name[kind], account->name, account);
    }
    account->references++;
    pthread_mutex_unlock(&accounts->mutex);
    return account;
}

void hg_accounts_drop(struct hg_accounts *accounts, struct hg_account *account)
{
    if (!account)
        return;
    pthread_mutex_lock(&accounts->mutex);
    account->references--;
    if (says_nothing(account, (uint64_t)time(NULL) / HG_DAY_S)) {
        (void)hg_map_remove(&accounts->by_name[account->kind], account->name);
        free(account);
    }
    pthread_mutex_unlock(&accounts->mutex);
}

size_t hg_accounts_count(struct hg_accounts *accounts)
{
    size_t count = 0;

    pthread_mutex_lock(&accounts->mutex);
    for (size_t i = 0; i < HG_NACCOUNTS; i++)
        count += accounts->by_name[i].count;
    pthread_mutex_unlock(&accounts->mutex);
    return count;
}

/* ---- rate ---- */

static uint64_t interval_ns(uint32_t rate)
{
    return rate < SECOND_NS ? SECOND_NS / rate : 1;
}

bool hg_account_take(struct hg_account *account, uint64_t now_us, uint32_t rate, uint64_t count,
                     uint32_t *wait_ms)
{
    uint64_t now = now_us * 1000, price = count * interval_ns(rate), next;
    uint64_t paid = atomic_load_explicit(&account->paid_ns, memory_order_relaxed);

    *wait_ms = UINT32_MAX;
    if (count > rate)
        return false;
    do {
        next = (paid > now ? paid : now) + price;
        if (next > now + SECOND_NS) {
            *wait_ms = (uint32_t)((next - now - SECOND_NS) / 1000000 + 1);
            return false;
        }
    } while (!atomic_compare_exchange_weak(&account->paid_ns, &paid, next));
    return true;
}

void hg_account_give_back(struct hg_account *account, uint32_t rate, uint64_t count)
{
    atomic_fetch_sub(&account->paid_ns, count * interval_ns(rate));
}

uint64_t hg_account_taken(const struct hg_account *account, uint64_t now_us, uint32_t rate)
{
    uint64_t now = now_us * 1000, paid = atomic_load_explicit(&account->paid_ns, memory_order_relaxed);

    if (paid <= now)
        return 0;
    uint64_t taken = (paid - now + interval_ns(rate) - 1) / interval_ns(rate);
    return taken < rate ? taken : rate;
}

/* ---- daily_time ---- */

static uint64_t spent_on(uint64_t spent, uint64_t now_s)
{
    return spent >> DAY_SHIFT == now_s / HG_DAY_S ? SPENT(spent) : 0;
}

void hg_account_spend(struct hg_account *account, uint64_t now_s, uint64_t us)
{
    uint64_t spent = atomic_load_explicit(&account->spent, memory_order_relaxed), next;

    do {
        uint64_t sum = spent_on(spent, now_s) + us;
        next = now_s / HG_DAY_S << DAY_SHIFT | (sum == SPENT(sum) ? sum : SPENT(UINT64_MAX));
    } while (!atomic_compare_exchange_weak_explicit(&account->spent, &spent, next, memory_order_relaxed,
                                                    memory_order_relaxed));
}

uint64_t hg_account_spent_us(const struct hg_account *account, uint64_t now_s)
{
    return spent_on(atomic_load_explicit(&account->spent, memory_order_relaxed), now_s);
}

/* ---- looking ---- */

struct hg_account_reading hg_accounts_read(struct hg_accounts *accounts, enum hg_account_kind kind,
                                           struct hg_slice name, uint32_t rate)
{
    struct hg_account_reading reading = {0};

    pthread_mutex_lock(&accounts->mutex);
    const struct hg_account *account = hg_map_get(&accounts->by_name[kind], name);
    if (account)
        reading = hg_account_read(account, rate);
    pthread_mutex_unlock(&accounts->mutex);
    return reading;
}

struct hg_account_reading hg_account_read(const struct hg_account *account, uint32_t rate)
{
    return (struct hg_account_reading){.sessions =
                                           atomic_load_explicit(&account->sessions, memory_order_relaxed),
                                       .taken = rate ? hg_account_taken(account, hg_clock_us(), rate) : 0,
                                       .spent_us = hg_account_spent_us(account, (uint64_t)time(NULL))};
}
