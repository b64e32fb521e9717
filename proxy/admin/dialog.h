/* What the files of this folder know of each other: plans, jobs, dialogs. console.c explains how they work
 * together. */
#ifndef HG_CONSOLE_DIALOG_H
#define HG_CONSOLE_DIALOG_H

#include "columns.h"
#include "console.h"
#include "console_commands.h"
#include "session.h"
#include "tables.h"

#define CONSOLE_THREADS 2u
/* What clients are told: the protocol and settings are those of PostgreSQL 15, whatever stands behind. */
#define HG_CONSOLE_SERVER_VERSION     "15.0 (Headgate)"
#define HG_CONSOLE_SERVER_VERSION_NUM "150000"
#define MOST_STATEMENT_BYTES          1048576u /* of one message */
#define MOST_PARAMETERS               1000u
#define MOST_COLUMNS                  200u
#define MOST_PREPARED                 1000u                /* statements, and portals, of one dialog */
#define MOST_RESULT_BYTES             ((size_t)16 << 20)   /* of one statement */
#define MOST_RESULTS_BYTES            ((size_t)256 << 20)  /* that wait for all administrators together */
#define MOST_ROWS_BYTES               ((size_t)64 << 20)   /* of one table */
#define MOST_SQLITE_BYTES             ((int64_t)256 << 20) /* of SQLite as a whole */
#define MOST_QUERY_MS                 5000u                /* SQLite for one statement */

struct hg_console {
    struct hg_shared *shared;
    struct hg_loop *main_loop;
    struct hg_console_host host;
    struct hg_worker *workers;
    uint32_t nworkers;
    uint64_t started_us; /* since 1970 */
    struct seen **seen;  /* by worker */
    struct console_thread *threads[CONSOLE_THREADS];
    atomic_uint next_thread;
    atomic_uint dialogs;
    atomic_uint jobs; /* under way */
    atomic_size_t result_bytes;
    atomic_bool stopping;
};

/* ---- plan.c: what a text asks for ---- */

struct argument {
    struct hg_slice text;
    unsigned parameter; /* 0: the text; else the value of $n */
};

struct plan {
    struct hg_arena arena;
    unsigned references;           /* counted on the dialog's worker */
    const struct command *command; /* NULL: an empty statement */
    struct hg_slice text;          /* the statement */
    struct hg_slice sql;           /* SELECT, SHOW of a table: for SQLite */
    bool from_client;              /* the client's own SQL, so that places in it mean something */
    const char *tag;
    struct argument arguments[2];
    struct hg_slice value; /* SHOW of a setting: its value; ptr NULL otherwise */
    struct column *columns;
    size_t ncolumns;
    uint32_t *types; /* of parameters, as the client gave them; 0 = not given */
    size_t nparameters;
};

/* Reads one statement. NULL, and the fault set, when it is none or not for this role. */
struct plan *plan_new(struct hg_slice text, enum hg_admin_role role, struct hg_arena *arena,
                      struct hg_fault *fault);
struct plan *plan_hold(struct plan *plan);
void plan_drop(struct plan *plan);
static inline bool plan_is_query(const struct plan *plan)
{
    return plan->sql.ptr != NULL;
}
/* The value of an argument. */
struct hg_slice plan_argument(const struct plan *plan, size_t i, const struct value *parameters, size_t count,
                              struct hg_arena *arena);

/* ---- job.c: what is done elsewhere ---- */

enum job_task { JOB_PREPARE, JOB_RUN };

struct job {
    struct hg_letter letter;
    struct console_thread *thread; /* a query's */
    struct job *next;              /* that waits for that thread */
    struct hg_console *console;
    struct hg_worker *home;
    struct hg_session *session; /* NULL: it has gone; its worker's alone */
    enum job_task task;
    struct plan *plan;
    struct hg_generation *generation;
    enum hg_admin_role role;
    int32_t pid; /* of the session */
    const struct value *parameters;
    size_t nparameters;
    bool *binary; /* format of each column; NULL: text */
    atomic_bool cancelled;
    uint32_t next_worker; /* which one is to be asked next */
    uint32_t tables;
    struct hg_bytes rows[MOST_TABLES];
    struct hg_console_answer answer;
    struct hg_record *who; /* for the audit, which is to have a line of it; NULL: none */
    /* What came of it: */
    struct hg_arena arena;
    struct hg_fault fault;
    int64_t fault_at;    /* byte of plan->text, -1 = none */
    struct hg_bytes out; /* DataRow messages, or a report */
    uint64_t count;      /* of rows */
    size_t charged;      /* of console->result_bytes */
};

/* Sends a job on its way; session->dialog->job is it until dialog_job_done(). `parameters` and `binary` live
 * in the job's arena. */
struct job *job_new(struct hg_session *session, enum job_task task, struct plan *plan);
void job_start(struct job *job);
void job_free(struct job *job);
bool job_over(const struct job *job); /* it is of no use to go on */

/* ---- audited.c: on the home worker ---- */
void audit_job_begins(struct job *job);
void audit_job_ends(struct job *job);
void audit_refusal(struct hg_dialog *dialog, const struct hg_fault *fault); /* of a command, or harmless */

void job_add_row(struct job *job,
                 const struct value *values); /* of a command's result; text format or as asked */
void job_charge(struct job *job); /* the result now waits for the client; too many: the fault is set */

/* On a thread of the console. */
struct console_thread *console_thread_start(size_t stack_bytes);
void console_thread_stop(struct console_thread *thread);

/* ---- query.c: SQLite ---- */
void query_setup(void); /* once per process */
void query_run(struct job *job);

/* ---- rewriting.c: REWRITE ---- */
struct hg_rewriter;
void rewrite_run(struct job *job, struct hg_rewriter *rewriter);

/* ---- dialog.c, extended.c: one administrator ---- */

struct prepared {
    char *name;
    struct plan *plan;
};

struct portal {
    char *name;
    struct plan *plan;
    struct hg_arena arena;
    struct value *parameters;
    size_t nparameters;
    bool *binary; /* of plan->ncolumns */
    bool ran;
    struct hg_bytes rows; /* DataRow messages */
    size_t at;
    uint64_t left;
    size_t charged;
};

enum doing { DOING_NOTHING, DOING_QUERY, DOING_PARSE, DOING_EXECUTE };

struct hg_dialog {
    struct hg_session *session;
    struct hg_console *console;
    enum hg_admin_role role;
    bool local;
    uint8_t status; /* 'I', 'T', 'E' */
    bool skip_to_sync;
    enum doing doing;
    struct job *job;       /* under way */
    struct job *done;      /* come back */
    struct hg_bytes query; /* a simple query's text */
    size_t statement_at;   /* of which the statement that is worked on, */
    size_t query_at;       /* and what is left of it */
    bool query_any;        /* it had a statement */
    struct hg_arena arena; /* of the message */
    struct hg_map statements, portals;
    struct prepared *parsing; /* DOING_PARSE */
    struct portal *executing;
    int32_t most_rows;
};

extern const struct hg_console_ops dialog_ops;

struct hg_bytes *dialog_out(struct hg_dialog *dialog);
void dialog_fault(struct hg_dialog *dialog, const struct hg_fault *fault);
/* The command's own part in the transaction that clients believe in. NULL, or the tag to say. */
const char *dialog_transaction(struct hg_dialog *dialog, const struct plan *plan);
/* False, and the fault set: in a failed transaction only its end is heard. */
bool dialog_may_run(struct hg_dialog *dialog, const struct plan *plan, struct hg_fault *fault);
void dialog_columns(struct hg_dialog *dialog, const struct plan *plan, const bool *binary);
void dialog_complete(struct hg_dialog *dialog, const struct plan *plan, uint64_t count);
/* Where the fault is in the client's text. */
void dialog_place(struct hg_fault *fault, struct hg_slice whole, struct hg_slice part, int64_t at);
/* One row that the dialog makes itself: the value of SHOW. */
void dialog_value(struct hg_dialog *dialog, const struct plan *plan);
void dialog_forget(struct hg_dialog *dialog, struct hg_slice name); /* DEALLOCATE */

void extended_message(struct hg_dialog *dialog, uint8_t type, struct hg_slice body);
void extended_done(struct hg_dialog *dialog, struct job *job);
void extended_free(struct hg_dialog *dialog);

#endif
