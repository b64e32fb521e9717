/* What can be said to the console: one table, the truth for recognizing a command, for who may use it, for
 * SHOW HELP and for the documentation. What is not here is refused. */
#ifndef HG_CONSOLE_COMMANDS_H
#define HG_CONSOLE_COMMANDS_H

#include "config.h"

/* How a command is answered. */
enum command_kind {
    KIND_SELECT,  /* SQL for SQLite */
    KIND_SHOW,    /* a table, or a setting of an ordinary server */
    KIND_IGNORED, /* what clients say to any server; there is nothing to it here */
    KIND_BEGIN,
    KIND_COMMIT,
    KIND_ROLLBACK,
    KIND_DEALLOCATE,
    KIND_MAIN,    /* the main thread does it */
    KIND_KILL,    /* the worker of the session does it */
    KIND_REWRITE, /* the console's own thread does it */
};

/* X(id, kind, words, arguments, minimum role, tag, columns, help)
 * columns: those of its result, as in SQL; NULL = none. An argument in capitals is a word, another one a
 * value. */
#define HG_CONSOLE_COMMANDS(X)                                                                               \
    X(SELECT, KIND_SELECT, "SELECT", "…", HG_ADMIN_VIEWER, "SELECT", NULL,                                   \
      "any query over the tables below, in SQLite's dialect; WITH and VALUES too")                           \
    X(WITH, KIND_SELECT, "WITH", "…", HG_ADMIN_VIEWER, "SELECT", NULL, "a query that begins with WITH")      \
    X(VALUES, KIND_SELECT, "VALUES", "…", HG_ADMIN_VIEWER, "SELECT", NULL, "rows of constants")              \
    X(SHOW, KIND_SHOW, "SHOW", "table", HG_ADMIN_VIEWER, "SHOW", NULL,                                       \
      "all of a table, as SELECT * FROM headgate.table; or a setting that drivers ask for")                  \
    X(REWRITE, KIND_REWRITE, "REWRITE", "'sql' AS user", HG_ADMIN_OPERATOR, "REWRITE",                       \
      "statement int8, verdict text, backend text, sql text, reasons text, sqlstate text, message text, "    \
      "detail text, hint text, position int8",                                                               \
      "what becomes of that SQL when that user sends it; nothing is sent")                                   \
    X(KILL, KIND_KILL, "KILL", "session", HG_ADMIN_OPERATOR, "KILL", NULL,                                   \
      "ends a session at once, by its id in SHOW SESSIONS; consoles only as admin")                          \
    X(PAUSE, KIND_MAIN, "PAUSE", "backend", HG_ADMIN_OPERATOR, "PAUSE", NULL,                                \
      "no statement gets a connection to that backend (ALL: to any) until RESUME; each waits for "           \
      "queue_timeout, over reloads too. Idle connections are closed, busy ones at the end of their "         \
      "transaction")                                                                                         \
    X(RESUME, KIND_MAIN, "RESUME", "backend", HG_ADMIN_OPERATOR, "RESUME", NULL, "ends PAUSE")               \
    X(RELOAD_DRY_RUN, KIND_MAIN, "RELOAD DRY RUN", "", HG_ADMIN_OPERATOR, "RELOAD", "report text",           \
      "loads and checks the configuration, says what it would change and what would become of recent "       \
      "statements, and changes nothing")                                                                     \
    X(RELOAD, KIND_MAIN, "RELOAD", "", HG_ADMIN_ADMIN, "RELOAD", "report text",                              \
      "loads the configuration again; with any error nothing changes and the errors are told")               \
    X(ROLLBACK_TO_GENERATION, KIND_MAIN, "ROLLBACK TO GENERATION", "number", HG_ADMIN_ADMIN, "ROLLBACK",     \
      "report text", "back to a generation that is kept, by its number in SHOW GENERATIONS")                 \
    X(DRAIN, KIND_MAIN, "DRAIN", "", HG_ADMIN_ADMIN, "DRAIN", NULL,                                          \
      "as SIGTERM: nobody new is let in, transactions may end, then the process does")                       \
    X(BEGIN, KIND_BEGIN, "BEGIN", "…", HG_ADMIN_VIEWER, "BEGIN", NULL, "nothing; for drivers")               \
    X(START, KIND_BEGIN, "START TRANSACTION", "…", HG_ADMIN_VIEWER, "START TRANSACTION", NULL,               \
      "nothing; for drivers")                                                                                \
    X(COMMIT, KIND_COMMIT, "COMMIT", "…", HG_ADMIN_VIEWER, "COMMIT", NULL, "nothing; for drivers")           \
    X(END, KIND_COMMIT, "END", "…", HG_ADMIN_VIEWER, "COMMIT", NULL, "nothing; for drivers")                 \
    X(ROLLBACK_TO, KIND_IGNORED, "ROLLBACK TO", "…", HG_ADMIN_VIEWER, "ROLLBACK", NULL,                      \
      "nothing; for drivers")                                                                                \
    X(ROLLBACK, KIND_ROLLBACK, "ROLLBACK", "…", HG_ADMIN_VIEWER, "ROLLBACK", NULL,                           \
      "nothing; for drivers. What a command did stays done")                                                 \
    X(ABORT, KIND_ROLLBACK, "ABORT", "…", HG_ADMIN_VIEWER, "ROLLBACK", NULL, "nothing; for drivers")         \
    X(SAVEPOINT, KIND_IGNORED, "SAVEPOINT", "…", HG_ADMIN_VIEWER, "SAVEPOINT", NULL, "nothing; for drivers") \
    X(RELEASE, KIND_IGNORED, "RELEASE", "…", HG_ADMIN_VIEWER, "RELEASE", NULL, "nothing; for drivers")       \
    X(SET, KIND_IGNORED, "SET", "…", HG_ADMIN_VIEWER, "SET", NULL,                                           \
      "nothing; for drivers. Times are in UTC, in ISO format")                                               \
    X(RESET, KIND_IGNORED, "RESET", "…", HG_ADMIN_VIEWER, "RESET", NULL, "nothing; for drivers")             \
    X(DISCARD, KIND_IGNORED, "DISCARD", "…", HG_ADMIN_VIEWER, "DISCARD", NULL, "nothing; for drivers")       \
    X(UNLISTEN, KIND_IGNORED, "UNLISTEN", "…", HG_ADMIN_VIEWER, "UNLISTEN", NULL, "nothing; for drivers")    \
    X(CLOSE, KIND_IGNORED, "CLOSE", "…", HG_ADMIN_VIEWER, "CLOSE CURSOR", NULL, "nothing; for drivers")      \
    X(DEALLOCATE, KIND_DEALLOCATE, "DEALLOCATE", "name", HG_ADMIN_VIEWER, "DEALLOCATE", NULL,                \
      "forgets a prepared statement; ALL: all of them")

enum command_id {
#define COMMAND_ID(id, ...) COMMAND_##id,
    HG_CONSOLE_COMMANDS(COMMAND_ID)
#undef COMMAND_ID
        NCOMMANDS
};

struct command {
    enum command_id id;
    enum command_kind kind;
    const char *words, *arguments;
    enum hg_admin_role role;
    const char *tag, *columns, *help;
};

extern const struct command hg_console_commands[NCOMMANDS];

#endif
