/* One statement of a client as logs, the audit and others hear of it: who, what, where, how it ended. The
 * texts are borrowed, for the time of the call. */
#ifndef HG_RECORD_H
#define HG_RECORD_H

#include "ident.h"
#include "metrics.h"

#define HG_SHAPE_BYTES 8192u

enum hg_outcome {
    HG_OUTCOME_OK,
    HG_OUTCOME_ERROR,     /* a backend said so: sqlstate */
    HG_OUTCOME_REFUSED,   /* Headgate said so: sqlstate */
    HG_OUTCOME_ABANDONED, /* the client went away, or was closed, before the end */
    HG_OUTCOME_SKIPPED,   /* it was sent, but one before it failed: it never ran */
};

struct hg_record {
    struct hg_ident session;
    uint64_t statement; /* its number in the session */
    const char *peer;   /* the client's address */
    struct hg_slice user, tenant, role, database, application;
    struct hg_slice text;      /* what the client sent: of a text of several statements its own part */
    uint64_t shape;            /* hg_shape() of the beginning of that, at most HG_SHAPE_BYTES: for watchers */
    struct hg_slice context;   /* where comments about it may stand: the whole text */
    struct hg_slice rewritten; /* what was sent to the backend; empty: nothing was */
    struct hg_slice parameters; /* as the Bind says them, formats and values, as much as is kept; or empty */
    const char *backend;        /* NULL: none */
    uint64_t generation;
    enum hg_answered answered;
    enum hg_outcome outcome;
    char sqlstate[6]; /* "00000" when OK */
    bool writes;
    uint64_t ended_us;    /* of the real clock, since 1970 */
    uint64_t total_us;    /* from its first message to its end */
    uint64_t queued_us;   /* of that, waiting for a server */
    uint64_t rows, bytes; /* that went to the client; rows: or were changed */
    uint64_t received;    /* bytes of COPY … FROM STDIN */
};

#endif
