/* What a session's server still owes: a FIFO with one entry per request sent, and what becomes of each
 * answer. Pure.
 *
 * Only one server of a session has entries at a time. Messages that Headgate answers itself stand in the same
 * FIFO when something is ahead of them, so that a client gets its answers in the order of its questions. */
#ifndef HG_REPLIES_H
#define HG_REPLIES_H

#include "bytes.h"

/* What the server answers with; the table in replies.c says which messages belong to each. */
enum hg_expect {
    HG_EXPECT_PARSE,
    HG_EXPECT_BIND,
    HG_EXPECT_CLOSE,
    HG_EXPECT_DESCRIBE_STATEMENT,
    HG_EXPECT_DESCRIBE_PORTAL,
    HG_EXPECT_EXECUTE,
    HG_EXPECT_QUERY,
    HG_EXPECT_SYNC,
    HG_EXPECT_NOTHING, /* ours to give: made bytes, or a ReadyForQuery */
};

/* What becomes of the answer.      on success          on an error */
enum hg_verb {
    HG_VERB_FORWARD,    /*          to the client       to the client */
    HG_VERB_QUIET,      /*          dropped             to the client */
    HG_VERB_INTERNAL,   /*          dropped             the server is given up */
    HG_VERB_CAPTURE,    /*          kept for the step that waits for it */
    HG_VERB_DOOM,       /*          the server is given up, an error is what was wanted */
    HG_VERB_SYNTHESIZE, /*          bytes made beforehand go to the client */
    HG_VERB_READY,      /*          our own ReadyForQuery goes to the client */
};

struct hg_statement;
struct hg_tally;
struct hg_spoken;

struct hg_reply {
    uint8_t expect, verb;
    bool ready;               /* SYNC, QUERY: at its end the client gets ReadyForQuery */
    bool failed;              /* an error came */
    bool in_transaction;      /* SYNC, QUERY: the server is in a transaction block afterwards */
    bool declares;            /* EXECUTE: of a DECLARE, `statement` */
    bool syncs_settings;      /* were it skipped, the server's settings would be unknown */
    bool observed;            /* EXECUTE, QUERY: a statement that has begun ends here: observing.h */
    uint8_t kind;             /* of it */
    bool bounded;             /* … whose result may be cut: limiting.h */
    bool rights;              /* access control lists stand in its rows: role_names.h */
    bool cut;                 /* it was: what comes is dropped, and its end is told as an error */
    struct hg_tally *tally;   /* what its portal gave before; held, or NULL */
    struct hg_spoken *spoken; /* EXECUTE: values of its parameters; held, or NULL */
    uint32_t again;   /* BIND, DESCRIBE: behind this byte of what is kept of the batch its message stands,
                               so that it can be sent again; 0 = it cannot. QUERY: not 0 when it can */
    uint32_t bytes;   /* SYNTHESIZE: how many of replies->made */
    bool unnamed;     /* PARSE: as the server's unnamed statement */
    bool makes;       /* SYNTHESIZE: says that `statement` is prepared, which it is not if this is skipped */
    uint64_t content; /* PARSE: what is prepared when it succeeds; CLOSE: what is forgotten; DESCRIBE:
                               what is described */
    struct hg_statement *statement; /* held; whose text an error speaks of. NULL = none */
};

#define HG_REPLIES_INLINE 8u

struct hg_replies {
    struct hg_reply few[HG_REPLIES_INLINE];
    struct hg_reply *many; /* instead of few[] when there are more */
    uint32_t head, count, room;
    struct hg_bytes made;
    size_t made_at, made_from;
};

/* How a server's message stands to the entry at the head. */
enum hg_fit {
    HG_FIT_WRONG, /* it cannot come here */
    HG_FIT_PART,  /* it belongs to the entry, which goes on */
    HG_FIT_END,   /* it ends the entry */
};

void hg_replies_init(struct hg_replies *replies);
void hg_replies_free(struct hg_replies *replies); /* the statements must have been let go */

static inline bool hg_replies_empty(const struct hg_replies *replies)
{
    return replies->count == 0;
}
struct hg_reply *hg_replies_head(struct hg_replies *replies);               /* NULL when empty */
struct hg_reply *hg_replies_at(struct hg_replies *replies, uint32_t index); /* index < count */
struct hg_reply *hg_replies_push(struct hg_replies *replies, enum hg_expect expect, enum hg_verb verb);
void hg_replies_pop(struct hg_replies *replies);
/* Bytes that the client gets when everything before them is answered: written to the buffer that begin
 * returns, between the two calls. */
struct hg_bytes *hg_replies_begin_made(struct hg_replies *replies);
void hg_replies_end_made(struct hg_replies *replies);
/* The bytes of a SYNTHESIZE entry at the head; they are gone with it. */
struct hg_slice hg_replies_made(const struct hg_replies *replies);

/* Not for E, N, A and S, which may come with any entry. `described` tells whether the 't' of a
 * DESCRIBE_STATEMENT has come. */
enum hg_fit hg_reply_fit(enum hg_expect expect, uint8_t type);

#endif
