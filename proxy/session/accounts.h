/* What a tenant or a user has used of its limits: one account of each, for the whole process, found by its
 * name at login. Reloads do not touch them, and neither does logging in anew: an account is kept while
 * anybody uses it, and after that for as long as there is something to remember of the day.
 *
 * Any thread. What statements change is atomic; the table has a mutex, which logins and ends of sessions
 * take. */
#ifndef HG_ACCOUNTS_H
#define HG_ACCOUNTS_H

#include <stdatomic.h>

#include "slice.h"

struct hg_accounts;

enum hg_account_kind { HG_ACCOUNT_TENANT, HG_ACCOUNT_USER, HG_NACCOUNTS };
extern const char *const hg_account_kinds[HG_NACCOUNTS]; /* "tenant", "user" */

struct hg_account {
    enum hg_account_kind kind;
    struct hg_slice name;
    uint64_t references;           /* under the table's mutex */
    atomic_uint_fast64_t sessions; /* logged in now */
    atomic_uint_fast64_t paid_ns;  /* of `rate`: until then what it has sent is paid for by the rate */
    atomic_uint_fast64_t spent; /* of `daily_time`: the day in the upper bits, microseconds in the others */
};

struct hg_accounts *hg_accounts_new(void);
void hg_accounts_free(struct hg_accounts *accounts);

/* Found or made, with one more reference. */
struct hg_account *hg_accounts_hold(struct hg_accounts *accounts, enum hg_account_kind kind,
                                    struct hg_slice name);
void hg_accounts_drop(struct hg_accounts *accounts, struct hg_account *account); /* NULL is harmless */
size_t hg_accounts_count(struct hg_accounts *accounts);                          /* that are remembered */

/* ---- rate ---- */

/* A bucket that holds what `rate` allows in a second. Takes `count` statements out of it, or says, in
 * milliseconds, when they could be had: UINT32_MAX = never. `now_us` is of the monotonic clock. */
bool hg_account_take(struct hg_account *account, uint64_t now_us, uint32_t rate, uint64_t count,
                     uint32_t *wait_ms);
void hg_account_give_back(struct hg_account *account, uint32_t rate, uint64_t count);
/* Statements of the bucket that are not to be had now. */
uint64_t hg_account_taken(const struct hg_account *account, uint64_t now_us, uint32_t rate);

/* ---- daily_time; `now_s` is of the real clock ---- */

#define HG_DAY_S 86400u
/* Adds to what was used on the day of now_s. */
void hg_account_spend(struct hg_account *account, uint64_t now_s, uint64_t us);
uint64_t hg_account_spent_us(const struct hg_account *account, uint64_t now_s); /* on its day */

/* ---- for those who only look ---- */

struct hg_account_reading {
    uint64_t sessions, taken, spent_us; /* taken: of a rate; without one 0 */
};
struct hg_account_reading hg_account_read(const struct hg_account *account, uint32_t rate);
/* All zero when there is no such account. */
struct hg_account_reading hg_accounts_read(struct hg_accounts *accounts, enum hg_account_kind kind,
                                           struct hg_slice name, uint32_t rate);

#endif
