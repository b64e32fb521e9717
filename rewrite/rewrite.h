/* SQL text + identity + snapshot -> verdicts. Pure: no sockets, no clock, no threads, no globals.
 *
 * parse -> guard -> resolve -> redirect -> restrict -> route -> print -> verify. A verdict starts as "refuse"
 * and only the last step of the pipeline changes it. */
#ifndef HG_REWRITE_H
#define HG_REWRITE_H

#include "fault.h"
#include "snapshot.h"

/* The data backends that a transaction has used. */
struct hg_binding {
    int first;        /* the one that it used first, or -1; by index in the configuration */
    uint32_t others;  /* bit i: backend i likewise, after that */
    uint32_t written; /* bit i: it has written there, or locked rows; one at most */
    bool spreads;     /* what only reads may use one more: each statement has a snapshot of its own */
};

static inline bool hg_binding_equal(struct hg_binding a, struct hg_binding b)
{
    return a.first == b.first && a.others == b.others && a.written == b.written && a.spreads == b.spreads;
}

struct hg_setting_value {
    struct hg_slice setting, value;
};

/* The two ends of the client's connection. */
enum hg_end {
    HG_END_CLIENT_ADDRESS,
    HG_END_CLIENT_PORT,
    HG_END_SERVER_ADDRESS,
    HG_END_SERVER_PORT,
    HG_NENDS
};

/* What of a session changes the meaning of a text. */
struct hg_context {
    const struct hg_snapshot *snapshot;
    const struct hg_user *user;
    struct hg_slice search_path;       /* canonical: what SHOW search_path prints, e.g. `"$user", public` */
    struct hg_slice reset_search_path; /* what RESET makes of it; ptr NULL: not known */
    bool search_path_settled; /* it was not set in the transaction that is open, so that its end does not
                                 change it */
    int32_t pid;              /* what pg_backend_pid() answers: the pid of BackendKeyData */
    struct hg_slice ends[HG_NENDS]; /* as text; ptr NULL: over a Unix socket there are none */
    struct hg_binding bound;
    struct hg_slice time; /* when the transaction began, as another server of it said; empty: a server's own
                             answer will do */
    bool extended;        /* from a Parse message: one statement only, $n allowed */
    const struct hg_setting_value *own; /* settings, in lower case, that no server knows: those that have
                                           another value than at first, and all of the client's own naming */
    size_t nown;
};

/* Index of the catalog backend that shows the user's role what it may see. */
static inline int hg_context_catalog(const struct hg_context *context)
{
    return (int)context->user->role->catalog;
}

enum hg_verdict_kind { HG_REFUSE = 0, HG_FORWARD, HG_LOCAL };

/* What kind of statement a verdict is for: sessions act on these. */
enum hg_statement_kind {
    HG_STMT_EMPTY,     /* no statement at all: EmptyQueryResponse (only when the whole text is empty) */
    HG_STMT_QUERY,     /* SELECT, VALUES, TABLE, EXPLAIN, INSERT, UPDATE, DELETE: forwarded */
    HG_STMT_COPY_OUT,  /* COPY … TO STDOUT: forwarded */
    HG_STMT_COPY_IN,   /* COPY … FROM STDIN: forwarded; `copy_in` says what becomes of the data */
    HG_STMT_PREPARE,   /* forwarded as a Parse: name; sql = the statement that is prepared; `types`; tag */
    HG_STMT_EXECUTE,   /* forwarded where the statement is prepared: name; sql begins with HG_EXECUTE_HEAD,
                          whose name is to be replaced; only to the catalog when uses_catalog. Not to `backend`
                        */
    HG_STMT_DECLARE,   /* forwarded: name, `hold` */
    HG_STMT_FETCH,     /* FETCH, MOVE: forwarded to where the cursor is, not to `backend`: name */
    HG_STMT_CLOSE,     /* of a cursor, likewise: name. Of all: local, no name */
    HG_STMT_BEGIN,     /* local: sql holds the printed BEGIN with its options, for when a backend is bound */
    HG_STMT_COMMIT,    /* local: `chain` */
    HG_STMT_ROLLBACK,  /* local: `chain` */
    HG_STMT_SAVEPOINT, /* local: name, sql */
    HG_STMT_RELEASE,   /* local: name, sql */
    HG_STMT_ROLLBACK_TO,     /* local: name, sql */
    HG_STMT_SET_TRANSACTION, /* SET TRANSACTION ...: local: sql, for the transaction's backends */
    HG_STMT_SET,             /* local: setting, value, is_local */
    HG_STMT_RESET,           /* local: setting, or all settings when its name is empty */
    HG_STMT_SHOW,            /* local: setting; tag SHOW */
    HG_STMT_DISCARD,         /* local: DISCARD ALL | PLANS | TEMP | SEQUENCES; setting = which, lower case;
                                and UNLISTEN, "notifications" */
    HG_STMT_NOTHING,         /* local: nothing is done; `rows` are notices; in_block */
    HG_STMT_DEALLOCATE,      /* local: name; empty name = ALL */
    HG_STMT_SET_CONFIG, /* SELECT set_config(…) …: local. sql, for the catalog, gives rows of one column
                           in groups of three: the setting's name, the value, "true" when it is local;
                           or NULL, a value to be shown, "value"; or a
                           setting's name, NULL, "show" or "show if any". One group for each of the columns
                           `rows`, of type text. types: of its parameters. setting: "search_path" when
                           that may be among them */
    HG_STMT_SIGNAL,     /* SELECT pg_cancel_backend(…) …: local. sql likewise gives process ids; is_local:
                           these sessions are to end. One column, `rows[0]`, of type boolean */
    HG_STMT_EXPLAIN_REWRITE, /* local: text rows in `rows`, one column "QUERY PLAN" of type text */
};

/* Why a transaction may not use another backend: what its client can do. */
#define HG_HINT_READ_COMMITTED                                                                               \
    "Only transactions at READ COMMITTED may read from several backends. End the transaction first, or "     \
    "begin it with the statement that can run on fewer backends."
#define HG_HINT_ONE_WRITES                                                                                   \
    "A transaction writes on one backend, and reads what that one holds nowhere else from then on. End the " \
    "transaction first."

/* The name that EXECUTE has in what is proved and printed, and how that begins. */
#define HG_EXECUTE_NAME HG_LIT("hg")
#define HG_EXECUTE_HEAD HG_LIT("EXECUTE hg")

/* The parts of a forwarded text that differ between callers; each stands at a byte offset of the template. */
enum hg_hole_kind {
    HG_HOLE_TENANT,
    HG_HOLE_USER,
    HG_HOLE_PID,
    HG_HOLE_TIME,
    HG_HOLE_END,
    HG_HOLE_ATTRIBUTE = HG_HOLE_END + HG_NENDS
};

/* What of a session system relations show: the catalog server is told of it. */
enum hg_sees {
    HG_SEES_SESSIONS = 1,   /* the sessions of the user: pg_stat_activity */
    HG_SEES_SETTINGS = 2,   /* its settings: pg_settings */
    HG_SEES_STATEMENTS = 4, /* its prepared statements: pg_prepared_statements */
    HG_SEES_RIGHTS =
        8, /* access control lists: nothing has to be told, but the client's name is to be written
                           into what comes (HG_RIGHTS_NAME) */
};

/* COPY … FROM STDIN: how the client's rows come. The database itself checks the tenant column of each row
 * that arrives; `prefixed` says how a row gets it. */
struct hg_copy_in {
    bool prefixed; /* each row gets one more field, the first: the tenant's value. Else rows pass as they are:
                      the client sends that column itself */
    /* of prefixed rows */
    bool csv;    /* else PostgreSQL's text format */
    bool header; /* a first line of column names, which gets that of the tenant column */
    char delimiter, quote, escape;
    struct hg_slice null; /* what stands for NULL */
    struct hg_slice tenant_column;
};

struct hg_verdict {
    enum hg_verdict_kind kind;
    enum hg_statement_kind statement;
    const char *tag;         /* CommandComplete tag of a local answer, e.g. "BEGIN", "SET" */
    struct hg_binding bound; /* the context's, for which it was reached; by who asked */
    int backend;             /* HG_FORWARD: index in config->backends */
    struct hg_slice sql;     /* HG_FORWARD: what is sent, complete. Local: see the kinds above */
    struct hg_slice name;    /* savepoint or prepared statement */
    struct hg_slice setting; /* lower-case name of the setting */
    struct hg_slice value; /* SET: the value as text, as set_config() takes it; ptr NULL = SET … TO DEFAULT */
    struct hg_setting_value
        *also; /* SET: what the same statement sets besides (SET SESSION CHARACTERISTICS) */
    size_t nalso;
    struct hg_slice types;            /* of parameters, their numbers, 4 bytes each. PREPARE: as declared */
    const struct hg_copy_in *copy_in; /* HG_STMT_COPY_IN */
    bool hold;                        /* DECLARE … WITH HOLD: the cursor outlives its transaction */
    bool writes;                      /* it changes or locks rows */
    bool told;                        /* the context knew that time; by who asked */
    bool timed;                       /* it tells when the transaction began: now(), CURRENT_DATE … */
    bool own_time;  /* … in a way that only its server can: 'today'::date, the default of a column */
    bool dated;     /* a constant may tell when it was parsed: 'today'::date */
    bool localized; /* it calls what a locale can change: to_char … */
    uint32_t held;  /* bit i: backend i holds some table that the statement reads or writes */
    const struct hg_table *written; /* the one table whose rows it changes; NULL: none, or several */
    bool is_local;                  /* SET LOCAL */
    bool chain;                     /* COMMIT/ROLLBACK AND CHAIN */
    bool in_block;                  /* it is an error outside of a transaction */
    unsigned sees;                  /* enum hg_sees: what the catalog is to be told of before */
    bool fleeting;                  /* values that the session can change stand in it as literals */
    bool uses_catalog;              /* runs on the catalog backend */
    struct hg_slice *reasons;       /* why this backend, and why not each other one; why a refusal */
    size_t nreasons;
    struct hg_slice *rows; /* HG_STMT_EXPLAIN_REWRITE: the answer. SET_CONFIG, SIGNAL: names of columns;
                              NOTHING: notices */
    size_t nrows;
    struct hg_fault fault;                   /* HG_REFUSE */
    struct hg_slice source;                  /* the statement's own part of the client's text */
    const struct hg_position_map *positions; /* for hg_verdict_position(); NULL when nothing is forwarded */
    struct hg_slice
        *internal_names; /* pairs physical, logical: to translate in backend messages; 2 * ninternal */
    size_t ninternal;
};

struct hg_verdicts {
    struct hg_verdict *list; /* one per statement; exactly one HG_STMT_EMPTY for an empty text */
    size_t count;
    bool refused; /* some verdict is a refusal: nothing of the text may run from `first_refusal` on */
    size_t first_refusal;
    struct hg_slice *notices; /* what is said of names in the text that are too long: 42622 */
    size_t nnotices;
};

struct hg_rewriter; /* cache and scratch of one thread */

struct hg_rewriter *hg_rewriter_new(size_t cache_bytes); /* 0: nothing is remembered */
void hg_rewriter_free(struct hg_rewriter *rewriter);

struct hg_rewriter_stats {
    uint64_t hits, misses, evictions, verify_failures;
    size_t cached_bytes, cached_texts;
};
struct hg_rewriter_stats hg_rewriter_stats(const struct hg_rewriter *rewriter);

/* Rewrites every statement of the text. The verdicts and all they point to live in `arena`, except `source`,
 * which points into the text. Must run on a thread with hg_tree_stack_bytes(max_statement_bytes) of stack. A
 * syntax error, or a limit, gives one refusal. */
void hg_rewrite(struct hg_rewriter *rewriter, const struct hg_context *context, struct hg_slice text,
                struct hg_arena *arena, struct hg_verdicts *verdicts);

/* A backend's error position (characters from 1 in verdict->sql) as a position in the client's whole text
 * (characters from 1), or 0 when nothing there stems from the client. */
uint32_t hg_verdict_position(const struct hg_verdict *verdict, struct hg_slice client_text,
                             uint32_t backend_position);

/* Checks what the policy floor cannot: that masks use only allowed functions and columns of their table, that
 * every allow-listed name is well formed. Errors go to diags. */
void hg_rewrite_check(const struct hg_snapshot *snapshot, struct hg_diags *diags);

#endif
