/* One client of the proxy: its connection, its state, and the servers that work for it. This header is what
 * the files of this folder know of each other; session.c explains how they work together.
 *
 * Everything here runs on the session's one worker and never blocks: what cannot go on returns HG_STEP_WAIT
 * and is called again when something has happened. */
#ifndef HG_SESSION_H
#define HG_SESSION_H

#include "cancel.h"
#include "copy.h"
#include "decode.h"
#include "encode.h"
#include "generation.h"
#include "limiting.h"
#include "observing.h"
#include "prepared.h"
#include "protocol.h"
#include "replies.h"
#include "rewrite.h"
#include "transaction.h"
#include "values.h"
#include "worker.h"

enum hg_phase {
    HG_PHASE_STARTUP,  /* waiting for the startup packet */
    HG_PHASE_FORWARD,  /* a cancel request is being sent on to the instance that it is for */
    HG_PHASE_TLS,      /* the handshake runs */
    HG_PHASE_PROOF,    /* login: the client is proving who it is */
    HG_PHASE_SETTINGS, /* login: startup settings are being checked */
    HG_PHASE_READY,
    HG_PHASE_CONSOLE, /* an administrator's: what it says is for the floor above */
    HG_PHASE_FLUSH,   /* closing: the last bytes are on their way, no input is looked at any more */
    HG_PHASE_LINGER,  /* closing: our side is shut; the client's close is waited for, so that it reads all */
    HG_PHASE_DEAD,    /* to be freed at the end of the loop's turn */
};

/* The two servers that may work for a session: one that holds data, and the catalog. And other data servers,
 * put aside while the session works with the first: the transaction is open on them, too, or cursors WITH
 * HOLD are. */
enum { HG_SLOT_DATA, HG_SLOT_CATALOG, HG_SLOT_ASIDE, HG_NSLOTS = HG_SLOT_ASIDE + 3 };

struct hg_slot {
    struct hg_session *session;
    struct hg_server *server; /* NULL = none linked */
    struct hg_waiter *waiter; /* asked for one */
    int backend;              /* index in the configuration, of the server or of what is asked for */
    bool in_transaction;      /* BEGIN was sent */
    bool batch_open;          /* extended messages were sent since the last Sync or Query */
    bool unflushed;           /* of those, some since the last Flush */
    bool worked;              /* the client\'s statements were, in the transaction or batch */
    bool failed;              /* none could be had: session->fault says why */
    bool holding; /* a DECLARE … WITH HOLD was sent to the server: it must be cleaned before others get it */
    bool settings_in_transaction; /* settings were carried over inside its transaction */
    bool settings_in_batch; /* settings were carried over in the batch that was sent last, without a Sync of
                               their own: an error in it takes them back */
    uint32_t want;          /* bytes of a reply message that has to be there whole */
    uint32_t rest;          /* bytes of the reply message at hand that are still to be passed on or dropped */
    bool dropping;
    size_t accepted; /* bytes at the front of its inbox that go to the client as they are */
};

/* What a captured reply brought. In the session's arena. */
struct hg_captured {
    bool failed;           /* then session->fault is set */
    struct hg_slice *rows; /* the first column of each */
    size_t nrows, room, bytes;
    uint64_t shape; /* of a described statement */
};

/* Bytes to the client that may wait in its outbox; with more, no message of its own and none of a server is
 * worked on. */
#define HG_MOST_UNSENT 262144u

/* Between the statements of a simple query that are sent as one text. */
#define HG_QUERY_SEPARATOR HG_LIT(";\n")

/* EXECUTE, FETCH, MOVE, CLOSE: what is sent for them, and where. */
struct hg_elsewhere {
    int backend;
    struct hg_slice sql;
    struct hg_statement *statement; /* EXECUTE: to be prepared there first. Else the cursor's */
    struct hg_effect effect;
    bool told; /* see hg_spread_time() */
};

/* A statement that acts on sessions (act.c), under way. */
struct hg_acting {
    bool asked, told;      /* the catalog is being asked; it has answered */
    bool ended;            /* the session has ended itself; a letter will say so */
    struct hg_slice *rows; /* what it said */
    size_t nrows, at;      /* how many of them; how far they are done */
    struct hg_slice *answers;
};

/* A simple query under way. */
struct hg_query {
    struct hg_slice text;
    struct hg_verdicts verdicts;
    int phase;
    size_t at, end;                /* the statements of the run that is being sent: at <= i < end */
    uint64_t values_version;       /* of the settings when it was rewritten */
    size_t complete;               /* statements of the run that have completed */
    struct hg_elsewhere elsewhere; /* what is sent for the statement at `at`; sql.ptr NULL: its verdict's */
    bool alone;                    /* one statement, in a block only because of the batch that it stands in */
    bool failed;                   /* the client has been told */
    bool answered;                 /* ReadyForQuery went out with the server's last bytes */
    bool again;                    /* the statement is to be sent again */
    bool noticed;                  /* the notices of its text were given */
};

/* What the client has sent of its batch: again.c. */
struct hg_again {
    struct hg_bytes messages;
    uint64_t batch; /* which one, from 1 */
    bool whole;     /* all of it is kept, and nothing of a later one was worked on */
    unsigned times; /* that something of it was sent again */
};

/* The client message that is being worked on. */
struct hg_message {
    bool active;
    uint8_t type;
    uint32_t total;              /* bytes to consume when it is done; 0: consumed already */
    struct hg_verdicts verdicts; /* Parse, and local statements: once rewritten */
    bool rewritten;
    bool noticed;     /* Parse: the notices of its text were given */
    bool shape_asked; /* Bind: what the result of its statement looks like by now */
};

struct hg_login_state; /* login.c */

struct hg_session {
    struct hg_worker *worker;
    struct hg_session *next, *previous; /* worker's list */
    struct hg_conn *conn;
    struct hg_inbox inbox;
    struct hg_outbox outbox;
    size_t patient; /* when all of the outbox: it may wait for what a server is about to answer (answer.c) */
    enum hg_phase phase;
    bool running, again; /* hg_session_run() is on the stack; it has to look once more */
    bool listed;         /* counted among the authenticated clients */
    bool input_ended;    /* the client will send no more */
    uint32_t want;       /* bytes of the message that is being received; 0 = not known */
    bool skip_to_sync;   /* after an error in an extended batch */
    bool batch_lost;     /* a server that had worked in the batch went while nothing ran */
    bool executed;       /* something of the batch at hand, which its Sync, or COMMIT, would make lasting */
    bool doomed;         /* of that batch: what its servers did must not be committed by Sync */
    bool asked_tls, asked_gss, direct_tls;
    bool replication; /* it asked for such a connection */
    bool outdated;    /* there is another generation: to be taken as soon as it is between transactions */
    bool ending;      /* it ends as soon as it is between transactions */
    struct hg_later later, more; /* to be freed; to go on with what was put off */
    struct hg_timer timer;
    uint64_t timer_at;               /* when the timer fires; 0 = not running */
    uint64_t accepted_ms, active_ms; /* when it began; when something last happened */
    uint64_t turn_us;                /* when hg_session_run() began what it is at */

    struct hg_generation *generation;
    const struct hg_user *user;     /* in the generation's snapshot */
    char *user_name, *tenant_value; /* as at login: a reload must not change them */
    int32_t pid;
    struct hg_activity *activity; /* with the pid; owned by the table of cancel keys */
    uint8_t secret[HG_CANCEL_SECRET_LONG];
    uint16_t minor;                 /* of the protocol that was agreed on: 3.minor */
    struct hg_login_state *login;   /* until HG_PHASE_READY */
    const struct hg_admin *admin;   /* in the generation's configuration: who wants to use the console */
    struct hg_dialog *dialog;       /* with it, in HG_PHASE_CONSOLE */
    struct hg_peer_cancel *forward; /* HG_PHASE_FORWARD */

    struct hg_values values;
    char *environment;            /* see contents.h; NULL = to be made */
    uint64_t environment_version; /* of the values that it was made from */
    struct hg_prepared prepared;
    uint64_t batches_ended; /* of those in prepared.batch, the answered ones */
    struct hg_transaction transaction;

    struct hg_bytes said; /* values that the client bound of late: its own words, too (errors.c) */
    struct hg_slot slots[HG_NSLOTS];
    struct hg_slot *active; /* whose entries stand in `replies` */
    struct hg_replies replies;

    struct hg_arena *arena; /* of the message under way; NULL between messages */
    struct hg_message message;
    struct hg_query query;
    struct hg_copying copying;
    struct hg_acting acting;
    unsigned sees; /* enum hg_sees: what the catalog is to be told of before its next statement */
    struct hg_again kept;
    bool local_begun; /* a local statement is under way */
    bool preparing;   /* a statement is being prepared for EXECUTE, or by PREPARE */
    size_t local_at;
    int round_at; /* of a statement sent to each server of the transaction in turn */
    bool round_sent, round_failed;
    struct hg_fault round_fault;
    int checking;              /* 1 + the setting a value of which is on its way to be checked; 0 = none is */
    bool asking_time;          /* when the transaction began: spread.c */
    bool asking;               /* types or tables are being asked for: loading.c */
    bool types_asked;          /* of the two, types are known already */
    struct hg_errand *errands; /* long texts of the message, being rewritten aside */
    struct hg_captured captured;
    struct hg_fault fault;
    struct hg_observing observing;
    struct hg_limiting limiting;
};

/* ---- session.c: life, events, the loop over messages ---- */
void hg_session_new(struct hg_worker *worker, int fd);
void hg_session_run(struct hg_session *session);
void hg_session_die(struct hg_session *session);   /* at once */
void hg_session_close(struct hg_session *session); /* after what was written is out */
void hg_session_fatal(struct hg_session *session, const struct hg_fault *fault); /* FATAL, then close */
void hg_session_fatal_text(struct hg_session *session, const char *sqlstate, const char *text);
struct hg_arena *hg_session_arena(struct hg_session *session);        /* of the message under way */
struct hg_slice hg_session_message(const struct hg_session *session); /* its body; moves when more is read */
void hg_session_malformed(struct hg_session *session); /* sets the fault that says so of the message */
void hg_session_consume(struct hg_session *session);   /* the body is not needed any more */
/* The worker has another generation: an idle session takes it at once; a user who is gone is cut off, now or
 * when idle, as the policy says. */
void hg_session_reloaded(struct hg_session *session);
/* The administrator shuts the proxy down: ends now when idle, else at the end of the transaction. */
void hg_session_end_soon(struct hg_session *session);
int hg_session_catalog_index(const struct hg_session *session);
extern const struct hg_conn_events hg_session_client_events;

/* ---- answers to the client (answer.c) ---- */
/* Bytes to the client, behind all that is owed before them: written to the buffer that begin returns. */
struct hg_bytes *hg_answer_begin(struct hg_session *session);
void hg_answer_end(struct hg_session *session);
void hg_answer_empty(struct hg_session *session, uint8_t type);
void hg_answer_tag(struct hg_session *session, const char *tag);
void hg_answer_fault(struct hg_session *session, const struct hg_fault *fault);
void hg_answer_notice(struct hg_session *session, struct hg_slice text);
void hg_answer_notices(struct hg_session *session, const struct hg_verdicts *verdicts); /* of the text */
void hg_answer_warning(struct hg_session *session, const char *sqlstate, const char *text);
/* ReadyForQuery, changed settings before it, straight to the outbox: only when nothing is owed. */
void hg_answer_ready(struct hg_session *session);
uint8_t hg_ready_status(const struct hg_session *session);
/* A server on which the client's batch is open, `but` this one, or NULL; and its end there. */
struct hg_slot *hg_batch_find(struct hg_session *session, const struct hg_slot *but);
enum hg_step hg_batch_end_on(struct hg_session *session, struct hg_slot *slot);
/* What follows from the end of a batch: outside a transaction settings last and portals go. Before
 * ReadyForQuery is written. */
void hg_batch_end(struct hg_session *session);

/* ---- startup.c, login.c ---- */
bool hg_startup_step(struct hg_session *session); /* false: nothing more to do for now */
/* Starts the handshake when the client begins with it. */
bool hg_startup_is_direct_tls(struct hg_session *session);
bool hg_login_step(struct hg_session *session);
bool hg_settings_step(struct hg_session *session);
void hg_login_begin(struct hg_session *session, const struct hg_startup *startup);
void hg_login_free_state(struct hg_session *session);
/* In HG_PHASE_SETTINGS: what the client calls the setting that is being checked. */
struct hg_slice hg_login_setting_name(const struct hg_session *session);
/* Until it is logged in: the database that it asks for, and by what it has proved who it is. */
struct hg_slice hg_login_database(const struct hg_session *session);
const char *hg_login_method(const struct hg_session *session);

/* ---- query.c, extended.c, local.c ---- */
enum hg_step hg_query_step(struct hg_session *session);
/* A QUERY entry of the client's ended; before its ReadyForQuery goes out. */
void hg_query_end(struct hg_session *session, const struct hg_reply *reply);
enum hg_step hg_extended_step(struct hg_session *session);
/* A statement that Headgate answers itself, run to its CommandComplete. */
enum hg_step hg_local_run(struct hg_session *session, const struct hg_verdict *verdict,
                          struct hg_portal *portal, int32_t max_rows);
/* Describes its result: RowDescription or NoData. */
bool hg_local_has_rows(enum hg_statement_kind kind);
uint16_t hg_local_columns(const struct hg_verdict *verdict); /* of texts; 0: it has other rows, or none */
void hg_local_describe(struct hg_session *session, const struct hg_verdict *verdict, uint16_t format);

/* The number of a setting by its name, which may be of the client's own naming. -1 sets the fault. */
int hg_local_setting(struct hg_session *session, struct hg_slice name);
/* SET; a value without ptr is DEFAULT. */
enum hg_step hg_local_set(struct hg_session *session, int setting, struct hg_slice value, bool local);

/* ---- act.c: SELECT of functions that act on sessions ---- */
enum hg_step hg_act_run(struct hg_session *session, const struct hg_verdict *verdict,
                        struct hg_portal *portal, int32_t max_rows);
void hg_act_describe(struct hg_session *session, const struct hg_verdict *verdict, uint16_t format);
/* The types of the statement's parameters: of other statements those that were declared. */
struct hg_slice hg_act_types(struct hg_session *session, const struct hg_verdict *verdict,
                             struct hg_slice declared);

/* ---- statements.c: prepared statements ---- */
/* The text as the rewriter reads it now; once per message. */
const struct hg_verdict *hg_statement_verdict(struct hg_session *session, struct hg_slice text);
/* DONE when that will not take long. */
enum hg_step hg_statement_verdict_step(struct hg_session *session, struct hg_slice text);
/* What the verdict makes of the statement. False: refused. */
bool hg_statement_settle(struct hg_session *session, struct hg_statement *statement,
                         const struct hg_verdict *verdict);
bool hg_statement_is_current(const struct hg_session *session, const struct hg_statement *statement);
/* Rewrites a statement again whose policy, search_path or transaction is another by now. False: refused. */
bool hg_statement_renew(struct hg_session *session, struct hg_statement *statement);
/* DONE when that will not take long. */
enum hg_step hg_statement_renewable(struct hg_session *session, const struct hg_statement *statement);
bool hg_statement_is_prepared(struct hg_server *server, const struct hg_statement *statement);
/* Prepared where it is needed now. One whose settings of that time are not those of today is prepared under
 * those of that time. False when it was there already. */
bool hg_statement_prepare(struct hg_session *session, struct hg_slot *slot, struct hg_statement *statement,
                          enum hg_verb verb);
/* The same on the active server, and DONE only when that has answered. In the middle of the client's batch no
 * Sync is sent. */
enum hg_step hg_statement_stand(struct hg_session *session, struct hg_statement *statement,
                                bool client_batch);
struct hg_slice hg_statement_server_name(const struct hg_statement *statement);
enum hg_step hg_statement_missing(struct hg_session *session, struct hg_slice name); /* FAILED */
bool hg_statement_name_is_free(struct hg_session *session, struct hg_slice name);

/* ---- shapes.c: what clients were told of the results of their statements ---- */
/* The end of the answer to a Describe. */
void hg_shape_take(struct hg_session *session, const struct hg_reply *reply, const struct hg_frame *frame);
/* In Bind, with the statement as it is by now: DONE when the client knows what its rows look like, or will
 * ask. FAILED: it would be mistaken. */
enum hg_step hg_shape_step(struct hg_session *session, struct hg_statement *statement,
                           struct hg_slice portal);
/* It is prepared anew by the client, which has been told nothing of it so far. */
void hg_shape_forget(struct hg_statement *statement);

/* ---- sql_prepared.c, cursors.c: PREPARE, EXECUTE; DECLARE, FETCH, MOVE, CLOSE ---- */
static inline bool hg_runs_elsewhere(const struct hg_verdict *verdict)
{
    return verdict->kind == HG_FORWARD &&
           (verdict->statement == HG_STMT_EXECUTE || verdict->statement == HG_STMT_FETCH ||
            verdict->statement == HG_STMT_CLOSE);
}
HG_MUST_USE bool hg_elsewhere_find(struct hg_session *session, const struct hg_verdict *verdict,
                                   struct hg_elsewhere *found);
/* EXECUTE: what it runs can be rewritten again at once. */
enum hg_step hg_execute_renewable(struct hg_session *session, const struct hg_verdict *verdict);
HG_MUST_USE bool hg_execute_find(struct hg_session *session, const struct hg_verdict *verdict,
                                 struct hg_elsewhere *found);
enum hg_step hg_prepare_run(struct hg_session *session, const struct hg_verdict *verdict,
                            struct hg_slice text);
/* For portals and cursors; some names are our own. */
HG_MUST_USE bool hg_cursor_name_is_allowed(struct hg_session *session, struct hg_slice name);
/* The name that DECLARE gives is free. */
HG_MUST_USE bool hg_cursor_may_be_declared(struct hg_session *session, const struct hg_verdict *verdict);
/* DECLARE was sent, in that batch, to the active server. */
void hg_cursor_declare(struct hg_session *session, const struct hg_verdict *verdict,
                       struct hg_statement *statement, uint64_t batch);
enum hg_step hg_cursor_close_all(struct hg_session *session); /* CLOSE ALL */
/* All cursors WITH HOLD go, and with them the servers that are kept for them. */
void hg_cursors_give_up(struct hg_session *session, const char *why);

/* ---- verdict.c ---- */
/* hg_rewrite() in the session's context; SHOW of what only a server knows becomes a forwarded statement. */
void hg_session_rewrite(struct hg_session *session, struct hg_slice text, bool extended,
                        struct hg_binding bound, struct hg_verdicts *verdicts);
struct hg_context hg_session_context(const struct hg_session *session, bool extended,
                                     struct hg_binding bound);
/* False, and the fault set, when the transaction has failed and the statement does not end it. */
bool hg_session_may_run(struct hg_session *session, const struct hg_verdict *verdict);

/* ---- spread.c: the servers of one transaction ---- */
/* The data backends of the transaction or of the open batch. */
struct hg_binding hg_session_bound(const struct hg_session *session);
struct hg_effect hg_effect_of(const struct hg_verdict *verdict);
struct hg_effect hg_effect_of_both(struct hg_effect a, struct hg_effect b);
/* hg_link_use() for a statement that does this; FAILED when the transaction cannot have that. */
enum hg_step hg_spread_use(struct hg_session *session, int backend, struct hg_effect effect);
/* Before that. The statement may tell when the transaction began, by its server's word or, where it is
 * `told`, as its text has it: is that the same for all? *again: it has to be rewritten, with what is known
 * now. */
enum hg_step hg_spread_time(struct hg_session *session, int backend, struct hg_effect effect, bool told,
                            bool *again);

/* ---- again.c: statements whose tables were changed while they stood prepared ---- */
/* Is that what the error says? */
bool hg_again_is_wanted(const struct hg_error_msg *error);
/* Nobody uses any more what servers have of it. */
void hg_again_retire(struct hg_session *session, const struct hg_statement *statement);
void hg_again_keep(struct hg_session *session); /* the message that is done, to be called before it goes */
/* A Bind, a Describe or a Query that runs it was sent: could it be sent again? */
void hg_again_mark(struct hg_session *session, const struct hg_slot *slot,
                   const struct hg_statement *statement, struct hg_reply *reply);
bool hg_again_can(struct hg_session *session, const struct hg_reply *reply);
void hg_again_batch(struct hg_session *session, struct hg_slot *slot, uint32_t from);
void hg_again_query(struct hg_session *session, struct hg_slot *slot, struct hg_reply *reply);

/* ---- aside.c: long texts are rewritten on another thread ---- */
/* DONE when hg_session_rewrite() with the same arguments will not take long. */
enum hg_step hg_errand_step(struct hg_session *session, struct hg_slice text, bool extended,
                            struct hg_binding bound);
bool hg_errand_is_needed(struct hg_slice text);
bool hg_errand_result(struct hg_session *session, struct hg_slice text, bool extended,
                      struct hg_binding bound, struct hg_verdicts *verdicts);
void hg_errands_drop(struct hg_session *session); /* the message is done, or the session dies */

/* ---- link.c: servers ---- */
/* Everybody's rows are there, and what it says is to be cleaned: all but the catalog. */
static inline bool hg_link_is_data(const struct hg_slot *slot)
{
    return slot != &slot->session->slots[HG_SLOT_CATALOG];
}
/* Ready to send for that backend: a server is linked, in the transaction, and has the client's settings. */
enum hg_step hg_link_use(struct hg_session *session, int backend);
struct hg_slot *hg_link_slot(struct hg_session *session, int backend);
/* A server of that backend that was put aside comes to its slot. */
enum hg_step hg_link_turn(struct hg_session *session, int backend);
/* No cancel request is on its way to the slot's server, which would hit the next statement instead. Else the
 * session is called again when they are over. */
bool hg_link_is_calm(struct hg_slot *slot);
/* DONE when nothing is owed by the active server. Makes it answer what it has buffered. */
enum hg_step hg_link_barrier(struct hg_session *session);
/* Nothing of it is under way; it is kept for cursors WITH HOLD alone. */
bool hg_link_is_resting(const struct hg_session *session, const struct hg_slot *slot);
void hg_link_release(struct hg_session *session, struct hg_slot *slot); /* to its pool, or closed */
void hg_link_release_all(struct hg_session *session); /* between transactions: back to their pools */
void hg_link_abandon_all(struct hg_session *session); /* the session dies: cancels, destroys */
/* Sets the fault when the batch has lost a server and the client does not know. */
bool hg_link_batch_is_lost(struct hg_session *session);
/* The client has got a part of a message: nothing else can be said to it. */
bool hg_link_is_torn(const struct hg_session *session);
/* Gives the server up; the client is told `fault` where it waits for that server. */
void hg_link_lose(struct hg_session *session, struct hg_slot *slot, const struct hg_fault *fault);
void hg_link_lose_text(struct hg_session *session, struct hg_slot *slot, const char *sqlstate,
                       const char *text);
const char *hg_link_name(const struct hg_session *session, const struct hg_slot *slot); /* of the backend */
/* A simple query, and the entry for its reply. */
struct hg_reply *hg_link_query(struct hg_session *session, struct hg_slot *slot, struct hg_slice sql,
                               enum hg_verb verb);
/* For an extended message just written to the server's outbox: its entry. */
struct hg_reply *hg_link_expect(struct hg_session *session, struct hg_slot *slot, enum hg_expect expect,
                                enum hg_verb verb);
void hg_link_sync(struct hg_session *session, struct hg_slot *slot, enum hg_verb verb, bool ready);
/* BEGIN and what followed it, when the transaction is not yet open there. */
void hg_link_open_transaction(struct hg_session *session, struct hg_slot *slot);
void hg_link_flush(struct hg_session *session); /* writes what is in the servers' outboxes */

/* A server that was asked for, or refused, is not wanted any more: meanwhile another session has learned what
 * it was to tell. */
void hg_link_forget_turn(struct hg_session *session);

/* A server is linked and active, and no more: neither in the transaction nor with the client's settings. */
enum hg_step hg_link_reach(struct hg_session *session, int backend);
/* The same as hg_link_use() without what loading.c does before. */
enum hg_step hg_link_use_plainly(struct hg_session *session, int backend);

/* ---- loading.c ---- */
/* What has to be known of a backend before it is used. */
enum hg_step hg_loading_step(struct hg_session *session, int backend);
/* A type came that was not among them: they are asked for again, but not all the time. */
void hg_loading_is_stale(struct hg_session *session, int backend);
struct hg_types *hg_session_types(struct hg_session *session); /* by the numbers of its own catalog */
const struct hg_type_backend *hg_session_numbers(struct hg_session *session,
                                                 int backend); /* NULL: not known */

/* ---- parting.c ---- */
/* Takes over a server on which nothing runs: sends the statement that cleans it, ROLLBACK or CLOSE ALL, then
 * gives it back to its pool. */
void hg_parting_begin(struct hg_worker *worker, struct hg_server *server, struct hg_slice sql);
void hg_parting_end_all(struct hg_worker *worker);

/* ---- relay.c ---- */
/* Works on what the active server sent. True when something changed that others may have waited for. */
bool hg_relay(struct hg_session *session);
/* The entry at the head is over: it, and entries of ours behind it, are settled. */
void hg_relay_settle(struct hg_session *session);
void hg_reply_pop(struct hg_session *session);

/* ---- errors.c ---- */
/* An ErrorResponse or NoticeResponse of a server, cleaned for the client. */
void hg_error_clean(struct hg_session *session, const struct hg_slot *slot, const struct hg_reply *reply,
                    struct hg_error_msg *error);
/* Was it made inside a function of the database? Then its words are not for the client. */
bool hg_error_is_of_function(const struct hg_slot *slot, const struct hg_error_msg *error);
/* The server says that it goes, not that the statement failed. */
bool hg_error_is_farewell(const struct hg_error_msg *error);
void hg_error_to_fault(struct hg_session *session, const struct hg_error_msg *error, struct hg_fault *fault);

/* ---- carry.c: settings to servers, and their canonical form ---- */
/* Where in what is sent. */
enum hg_carry_time {
    HG_CARRY_BEFORE, /* a BEGIN: in a transaction of its own */
    HG_CARRY_AHEAD,  /* of a statement outside a transaction; in one of its own, if need be */
    HG_CARRY_ALONG,  /* with what is open there already */
};
/* Pipelines what makes the server's settings equal to the client's. `environment`: values that override, see
 * contents.h. */
void hg_carry_settings(struct hg_session *session, struct hg_slot *slot, struct hg_slice environment,
                       enum hg_carry_time when);
/* The settings that decide what a statement means when it is prepared, one behind the other (contents.h); the
 * session's, until the next call. */
struct hg_slice hg_session_environment(struct hg_session *session);
/* A statement of ours without parameters or rows, in the batch that is open; its answer is captured. */
void hg_carry_call(struct hg_session *session, struct hg_slot *slot, struct hg_slice sql);
/* A statement of ours with rows of one column, captured; `types` of parameters, and the formats and values of
 * a Bind, or nothing. */
void hg_carry_ask(struct hg_session *session, struct hg_slot *slot, struct hg_slice sql,
                  struct hg_slice types, struct hg_slice bound);
/* The value as PostgreSQL spells it, or its error. */
enum hg_step hg_carry_canonical(struct hg_session *session, int setting, struct hg_slice value,
                                struct hg_slice *canonical);
/* Before settings are carried to a data backend: does it know the names that are among them? FAILED: it does
 * not know one, and the fault says so. */
enum hg_step hg_carry_names(struct hg_session *session, struct hg_slot *slot);

/* ---- sights.c ---- */
/* As JSON, for the statements that replace system relations: what each shows of this session and of its
 * user's other ones. */
void hg_sight_sessions(struct hg_session *session, struct hg_bytes *out);
void hg_sight_settings(struct hg_session *session, struct hg_bytes *out);
void hg_sight_statements(struct hg_session *session, struct hg_bytes *out);

/* ---- control.c: BEGIN, COMMIT … ---- */
enum hg_step hg_control_run(struct hg_session *session, const struct hg_verdict *verdict);
/* At the end of a simple query. */
enum hg_step hg_control_end_implicit(struct hg_session *session, bool commit);
/* What the batch of the extended protocol has done so far becomes part of the transaction that was just
 * begun. */
enum hg_step hg_control_adopt(struct hg_session *session);
/* An error ended what ran, in that batch: a block fails; of an implicit transaction settings and cursors go.
 */
void hg_control_failed(struct hg_session *session, uint64_t batch);

/* ---- watch.c: time, and the wish to cancel ---- */
void hg_session_watch(struct hg_session *session); /* makes the timer */
void hg_session_arm(struct hg_session *session);   /* sets it for what the session waits for now */
void hg_session_cancel(struct hg_session *session);
/* The value of a setting that is a duration, in milliseconds; 0 = never. */
uint32_t hg_session_duration(const struct hg_session *session, int setting);

#endif
