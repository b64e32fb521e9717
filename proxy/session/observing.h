/* The hook where a client's statements begin and end: who counts, limits, remembers or writes them down
 * learns of them here.
 *
 *   simple query     each statement of the text; those that are sent as one run begin together
 *   extended query   each Execute; and what Parse, Bind or Describe is refused for
 *
 *               hg_observe_begin()              hg_observe_sent()             its reply
 *   (a message) ------------------> begun --------------------------> sent ---------------+
 *        |                            |  answered here                                    v
 *        +--- refused ----------------+---------------------------------------------> the end
 *
 * Whatever has begun comes to one end, which is told before the client can read of it. What never began,
 * because it was refused before, has an end all the same. */
#ifndef HG_OBSERVING_H
#define HG_OBSERVING_H

#include "frame.h"
#include "log.h"
#include "record.h"
#include "rewrite.h"
#include "step.h"

struct hg_audit;
struct hg_session;
struct hg_reply;

/* ---- for those who want to know ---- */

/* What is about to run. */
struct hg_beginning {
    int backend; /* in the configuration; -1: Headgate answers it itself. EXECUTE, FETCH, CLOSE by a simple
                    query: not known yet, the verdict's */
    enum hg_statement_kind kind;
    bool writes;
    size_t count;         /* statements that are sent as one text, else 1 */
    bool paid;            /* what led up to it was charged in its stead */
    struct hg_slice text; /* of the first, as the client wrote it */
};

struct hg_ending {
    bool begun; /* hg_watcher.begin() was asked before, of this statement or of the run that it belongs to */
    bool last;  /* begun: and with it all of what began then is over */
    enum hg_statement_kind kind;
};

/* On the session's worker. Set up before workers start; functions that are NULL are not called. */
struct hg_watcher {
    void *argument;
    /* WAIT: asked again when the session runs next, for which the watcher sees to it. FAILED, with
     * session->fault set: the statement is refused; watchers asked before are told by `end`. */
    enum hg_step (*begin)(void *argument, struct hg_session *session, const struct hg_beginning *what);
    /* hg_observe_who() fills in what the record lacks: who it is. */
    void (*end)(void *argument, struct hg_session *session, const struct hg_record *record,
                const struct hg_ending *ending);
    /* The session is gone; nothing of it is under way any more. */
    void (*gone)(void *argument, struct hg_session *session);
};

#define HG_MAX_WATCHERS 4u

/* What all workers share of it. */
struct hg_observers {
    uint64_t started_s; /* when the process started */
    struct hg_series *backends, *tenants;
    struct hg_audit *audit; /* NULL: none */
    struct hg_watcher watchers[HG_MAX_WATCHERS];
    size_t nwatchers;
};

/* Fills in who the client is: user, tenant, role, address, ids. The record borrows the session's texts. */
void hg_observe_who(const struct hg_session *session, struct hg_record *record);

/* ---- a session's part ---- */

struct hg_observing {
    uint64_t session, statements;       /* the session's number on its worker; statements so far */
    unsigned tenant;                    /* its series */
    uint64_t since_us;                  /* when what is under way began */
    uint64_t waits_since_us, queued_us; /* for a server: since then; before */
    uint64_t rows, bytes, received;     /* of the statement at hand */
    bool begun;                         /* and not sent yet */
    size_t asked;                       /* watchers that were asked and said yes */
    bool answered;                      /* the error at hand is a server's */
    enum hg_statement_kind kind;        /* of what has begun */
    struct hg_slice why;                /* of a refusal: its message; of a login's: what only the log says */
    uint64_t login_us;                  /* when it was let in; 0: not yet */
    char ended[6];                      /* SQLSTATE of what it was turned away or cut off with */
    bool goodbye;                       /* it said so */
    struct hg_slice parameters;         /* of the statement at hand, answered here */
    struct hg_slice subject;            /* the text that the message at hand is about; empty: not known */
    char ident[HG_IDENT_BYTES];         /* of the session */
    struct hg_log_subject about;        /* lines of the log */
    char *tenant_name;                  /* for them */
};

void hg_observe_new(struct hg_session *session);
void hg_observe_login(struct hg_session *session); /* it has proved who it is */
/* It is turned away, or cut off, with these words. */
void hg_observe_fatal(struct hg_session *session, const struct hg_fault *fault);
void hg_observe_free(struct hg_session *session); /* what is open is abandoned; watchers are told */

/* A message becomes the current one; it is done. */
void hg_observe_message(struct hg_session *session);
void hg_observe_message_done(struct hg_session *session);

/* Before something runs; called again after WAIT, and harmless when it has begun. */
enum hg_step hg_observe_begin(struct hg_session *session, const struct hg_beginning *what);
/* It was sent, and this is the entry of its reply. */
void hg_observe_sent(struct hg_session *session, struct hg_reply *reply);
/* Headgate has answered it itself. */
void hg_observe_answered(struct hg_session *session, struct hg_slice text, const struct hg_verdict *verdict);
/* session->fault is about to be told to the client, about this text: it gets the statement's id. */
void hg_observe_refused(struct hg_session *session, struct hg_slice text);

/* Of an entry that is `observed`: a server's message that ends a statement, CommandComplete,
 * EmptyQueryResponse, PortalSuspended. */
void hg_observe_completed(struct hg_session *session, struct hg_reply *reply, const struct hg_frame *frame);
/* The entry's statement failed: at the server, with this SQLSTATE. Returns the statement's number. */
uint64_t hg_observe_failed(struct hg_session *session, struct hg_reply *reply, const char *sqlstate);
/* A connection to the backend is given up; and what becomes of an entry that waits for it, which fails with a
 * fault of ours. The fault gets the id of the first one; true when there was a statement to count. */
void hg_observe_loss(struct hg_session *session, int backend);
bool hg_observe_lost(struct hg_session *session, struct hg_reply *reply, int backend, struct hg_fault *fault,
                     bool counted);
/* The entry goes, while its statement is under way (it is `observed`): that ends like this. */
void hg_observe_dropped(struct hg_session *session, struct hg_reply *reply, enum hg_outcome outcome);

/* Waiting for a server of the backend begins, or is over. */
void hg_observe_waits(struct hg_session *session);
void hg_observe_served(struct hg_session *session, int backend);

/* Does an error tell the client the id? Then its text is appended to the detail, in the session's arena. */
struct hg_slice hg_observe_detail(struct hg_session *session, struct hg_slice detail, uint64_t statement);
bool hg_observe_tells(const struct hg_session *session, const struct hg_fault *own); /* NULL: a server's */

#endif
