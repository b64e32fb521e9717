/* The limits of a session's tenant and of its user (policy/tenant_limits.h), as far as sessions enforce them:
 * all but concurrent, queue and queue_wait, which pools do. limiting.c explains. */
#ifndef HG_LIMITING_H
#define HG_LIMITING_H

#include "accounts.h"
#include "fault.h"
#include "frame.h"
#include "generation.h"
#include "rewrite.h"
#include "tenant_limits.h"

struct hg_error_msg;
struct hg_portal;
struct hg_reply;
struct hg_session;
struct hg_slot;
struct hg_watcher;
struct hg_bytes;

/* A limit that was exceeded, and by how much. */
struct hg_excess {
    enum hg_limit limit;
    enum hg_account_kind of;
    uint64_t value, used;
};

/* A session's part. */
struct hg_limiting {
    struct hg_account *accounts[HG_NACCOUNTS]; /* since login */
    bool counted;                              /* among their sessions */
    bool bounded; /* an Execute was sent whose result may be cut: nothing of its batch may follow */
    bool written; /* something of the batch may have written */
    struct hg_excess excess;               /* why the reply at the head is cut */
    uint64_t charged_us, charged_since_us; /* of daily_time: of what has been under way since then, so much */
    uint64_t stopped_us; /* what began to run then was cancelled for its time, by `stopping` */
    struct hg_excess stopping;
};

/* ---- login and end ---- */
HG_MUST_USE bool
hg_limits_login(struct hg_session *session);      /* false: too many connections; the fault is set */
void hg_limits_renew(struct hg_session *session); /* the user may be another tenant's by name */
/* `rate` and `daily_time`; and the end of it all. `accounts` as argument. */
struct hg_watcher hg_limits_watcher(struct hg_accounts *accounts);

/* ---- statements ---- */
/* Before it is parsed. False: the fault is set. */
HG_MUST_USE bool hg_limits_text(struct hg_session *session, struct hg_slice text);
/* Parse, Bind and Describe cost a statement of the rate each, but not one that an Execute will cost anyway: what
 * the one has paid, the next one need not, if it comes soon. False: the fault is set. */
HG_MUST_USE bool hg_limits_charge(struct hg_session *session, int backend, enum hg_statement_kind kind,
                                  uint64_t *paid_us);
/* Was it paid a moment ago? That counts once. */
HG_MUST_USE bool hg_limits_is_paid(const struct hg_session *session, uint64_t *paid_us);
/* Everything that was sent to the active server is answered: its time belongs to the day's. */
void hg_limits_rest(struct hg_session *session);
/* In milliseconds; 0 = none. */
uint32_t hg_limits_statement_time(const struct hg_session *session);

/* ---- time ---- */
/* When the server is to be told to stop what it is at, in the loop's milliseconds; 0 = never. And doing it.
 */
uint64_t hg_limits_deadline(struct hg_session *session);
void hg_limits_time_is_up(struct hg_session *session);

/* ---- results ---- */
/* May results be too long? Then a text's statements are sent one by one, and those that write in a
 * transaction, so that what is cut never lasts. */
bool hg_limits_bound(const struct hg_session *session);
/* The entry's statement was sent just now; `portal` is NULL for a simple query. */
void hg_limits_sent(struct hg_session *session, struct hg_reply *reply, struct hg_portal *portal,
                    int32_t max_rows);
/* Of an entry that is `bounded`: a message came, which has been counted. Cuts the reply if it is too much. */
void hg_limits_check(struct hg_session *session, struct hg_slot *slot, struct hg_reply *reply, uint8_t type);
/* … PortalSuspended is about to be counted. */
void hg_limits_suspended(const struct hg_session *session, struct hg_reply *reply);
/* The server's error comes of a limit: then what the client is told. `reply` is at the head. */
HG_MUST_USE bool hg_limits_explain(struct hg_session *session, const struct hg_reply *reply,
                                   const struct hg_error_msg *error, struct hg_fault *fault);

/* As the policy has them now. */
struct hg_limits_of {
    const struct hg_limits *of[HG_NACCOUNTS];
};
struct hg_limits_of hg_limits_of(const struct hg_session *session);

/* ---- asking: limit_rows.c ---- */
/* SHOW headgate.limits, headgate.usage. */
#define HG_LIMITS_COLUMNS 5u
bool hg_limits_is_table(struct hg_slice setting);
extern const struct hg_slice hg_limits_columns[HG_LIMITS_COLUMNS];
/* The values row by row, in the session's arena. */
const struct hg_slice *hg_limits_rows(struct hg_session *session, struct hg_slice setting, size_t *rows);
/* What an account says, and what the generation's pools do: of each the most that there is on one backend. */
struct hg_limit_reading {
    struct hg_account_reading account;
    struct hg_party_use pools;
};
void hg_limits_read_pools(const struct hg_generation *generation, enum hg_account_kind kind,
                          struct hg_slice name, struct hg_party_use *use);
/* Is it counted from statement to statement? Then how much, durations in milliseconds. */
bool hg_limit_used(enum hg_limit limit, const struct hg_limit_reading *reading, uint64_t *used);

/* When the day ends. */
void hg_midnight_text(uint64_t now_s, char buffer[HG_DURATION_BYTES]);

#endif
