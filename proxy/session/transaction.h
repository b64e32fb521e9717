/* What a client knows of its transaction, and what a server has to be told to be in the same one. Pure.
 *
 *              BEGIN              error
 *     NONE ------------> BLOCK ----------> FAILED
 *      ^ \                 |  <----------    |
 *      |  \ several        |   ROLLBACK TO   |
 *      |   \ statements    |                 |
 *      |    > IMPLICIT ----+ BEGIN           |
 *      |         |         |                 |
 *      +---------+---------+-----------------+   COMMIT, ROLLBACK, end of the message
 *
 * BEGIN is lazy: it is kept, with SET TRANSACTION and savepoints, in a list that is replayed to a server when
 * that is first used in the transaction. */
#ifndef HG_TRANSACTION_H
#define HG_TRANSACTION_H

#include "slice.h"

enum hg_transaction_state {
    HG_TRANSACTION_NONE,
    HG_TRANSACTION_IMPLICIT, /* several statements of one simple query */
    HG_TRANSACTION_BLOCK,
    HG_TRANSACTION_FAILED,
};

struct hg_replay {
    char *sql;
    char *savepoint; /* its name; NULL = no savepoint */
    size_t mark;     /* savepoint: where the settings stood */
};

#define HG_MAX_REPLAY 10000u

/* What the transaction has done so far that ties it to a server, also one without BEGIN: the messages up to
 * the next Sync. */
#define HG_TIME_SIZE 40

struct hg_claims {
    bool used;               /* some data backend, first of all … */
    int first;               /* … this one */
    bool writes;             /* it has written, locked rows or declared a cursor WITH HOLD … */
    int written;             /* … on this backend: COMMIT has something to do there, and nowhere else */
    size_t writes_mark;      /* how far the transaction was then */
    bool timed;              /* it has told when it began … */
    int told_by;             /* … from this backend, the catalog among them */
    char time[HG_TIME_SIZE]; /* what that is, once another one has to tell the same; else empty */
};

struct hg_transaction {
    enum hg_transaction_state state;
    struct hg_claims claims;
    bool spelled;     /* the list begins with a BEGIN that names all modes: see hg_transaction_chain() */
    bool lost;        /* a server that had worked in it is gone: it can only be rolled back whole */
    bool lost_untold; /* it went while nothing ran: the next statement is the first to hear of it */
    struct hg_replay *list;
    size_t count, room;
};

static inline bool hg_transaction_is_block(const struct hg_transaction *transaction)
{
    return transaction->state == HG_TRANSACTION_BLOCK || transaction->state == HG_TRANSACTION_FAILED;
}

void hg_transaction_begin(struct hg_transaction *transaction, enum hg_transaction_state state,
                          struct hg_slice sql);
void hg_transaction_end(struct hg_transaction *transaction);
void hg_transaction_free(struct hg_transaction *transaction);
/* SET TRANSACTION and the like. False when the list is full. */
HG_MUST_USE bool hg_transaction_add(struct hg_transaction *transaction, struct hg_slice sql);
HG_MUST_USE bool hg_transaction_savepoint(struct hg_transaction *transaction, struct hg_slice name,
                                          struct hg_slice sql, size_t mark);
/* The newest savepoint of the name, or NULL. */
const struct hg_replay *hg_transaction_find(const struct hg_transaction *transaction, struct hg_slice name);
/* Of the newest savepoint; 0 when there is none. */
size_t hg_transaction_mark(const struct hg_transaction *transaction);
/* Forgets it and the later savepoints; what came after it. */
void hg_transaction_release(struct hg_transaction *transaction, const struct hg_replay *savepoint);
void hg_transaction_back_to(struct hg_transaction *transaction, const struct hg_replay *savepoint);
/* Where it writes. */
void hg_transaction_claim(struct hg_transaction *transaction, int backend);
/* The isolation level that was asked for, e.g. "serializable"; empty: the default. */
struct hg_slice hg_transaction_isolation(const struct hg_transaction *transaction);
/* AND CHAIN: a new transaction of the same kind. `modes`: a BEGIN that says what was the default when this one
 * began, when it is another one by now; else empty. */
void hg_transaction_chain(struct hg_transaction *transaction, struct hg_slice modes);

#endif
