/* The subcommands of the headgate program. Each takes the arguments behind its own name and returns the
 * exit status: 0 done, 1 refused or invalid, 2 wrong usage. */
#ifndef HG_COMMANDS_H
#define HG_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>

#define HG_EXIT_DONE    0
#define HG_EXIT_INVALID 1
#define HG_EXIT_USAGE   2

/* X(name, function, usage, what it does, what else there is to know, with an example behind a line
 * break). --help and the manual page are made of it. */
#define HG_COMMANDS(X)                                                                                       \
    X("serve", hg_cmd_serve, "serve -c FILE", "run the proxy",                                               \
      "SIGHUP reloads the configuration, SIGTERM drains and ends, SIGUSR2 has the installed program take "   \
      "over without refusing anybody. The log goes to standard error.")                                      \
    X("check", hg_cmd_check, "check -c FILE [--live]",                                                       \
      "validate configuration, policy and schema; print every error; --live: in the databases, too",         \
      "Each line names its place, file:line:column, and is an error, a warning or a note; only errors make " \
      "the exit status 1. Without --live nothing is connected to. --live asks the databases as Headgate's "  \
      "own users, and changes nothing.")                                                                     \
    X("reload", hg_cmd_reload, "reload -c FILE [--dry-run]",                                                 \
      "have the running proxy load its configuration again; print every error, which changes nothing",       \
      "Asks the process at its Unix socket (admin.socket). --dry-run tells what would change, and which "    \
      "of the last statements of clients would be refused, go elsewhere or be rewritten differently.")       \
    X("rewrite", hg_cmd_rewrite, "rewrite -c FILE --user NAME [--json]",                                     \
      "read SQL on standard input; print backend and rewritten SQL, or the refusal",                         \
      "Behind each statement stand the reasons for its backend, and against the others. Needs no database, " \
      "nor a running Headgate. --json: an object a line, with verdict (forward, local, refuse), backend, "   \
      "sql, reasons, and of a refusal error (sqlstate, message, detail, hint, position). Exit status 1: "    \
      "something was refused.\n"                                                                             \
      "Example: echo 'SELECT * FROM campaigns' | headgate rewrite -c conf/headgate.yaml --user acme_bi")     \
    X("catalog", hg_cmd_catalog, "catalog -c FILE",                                                          \
      "create or update the catalog databases from schema and policy",                                       \
      "Run it when the schema changes, or what a role sees, before the reload. Prints what was changed; "    \
      "when its user may not create a database, what an administrator has to run.")                          \
    X("walls", hg_cmd_walls, "walls -c FILE [--backend NAME]",                                               \
      "print the SQL of the second wall: users of the databases with few rights, and row security",          \
      "Connects to nothing. To be read, and then run by an administrator of the database: it is one "        \
      "transaction, and can be run again. First set walls: on and reload: row security shows nothing to "    \
      "who names no tenant.\n"                                                                               \
      "Example: headgate walls -c FILE --backend aurora | psql -h HOST -U postgres -d metrics")              \
    X("audit", hg_cmd_audit, "audit verify [--key-file FILE] [--last HASH] FILE...",                         \
      "look for the first line of audit logs that was changed, removed or moved",                            \
      "The files in their order, oldest first. --key-file: the secret of audit.key_file. --last: the hash "  \
      "that the log must end with, as Headgate logged it.")                                                  \
    X("metrics", hg_cmd_metrics, "metrics", "print what /metrics shows, as a table", "")                     \
    X("password", hg_cmd_password, "password [--md5 USER]",                                                  \
      "read a password; print the SCRAM verifier for policy.yaml, or the md5 one of that user",              \
      "Asks at a terminal, and reads a line from anything else.")                                            \
    X("man", hg_cmd_man, "man", "print the manual page headgate(8), as man -l - reads it", "")

#define HG_COMMAND_DECLARE(name, function, usage, what, more) int function(int argc, char **argv);
HG_COMMANDS(HG_COMMAND_DECLARE)
#undef HG_COMMAND_DECLARE

/* What is wrong with the arguments of a command (may be NULL), and its usage, on stderr; returns
 * HG_EXIT_USAGE. */
int hg_usage(const char *command, const char *why);

struct hg_option {
    const char *name, *also; /* "-c" and "--config"; the name is that of the usage; also may be NULL */
    const char **value;      /* where the word behind it goes; NULL: it has none */
    bool *flag;              /* becomes true; NULL: it has a value */
    bool required;
};

#define HG_OPTION_CONFIG(path) ((struct hg_option){"-c", "--config", &(path), NULL, true})

/* Takes all arguments for options of the command, in any order. False: one is unknown, lacks its value or is
 * missing; that and the usage are on stderr. */
bool hg_options(const char *command, int argc, char **argv, const struct hg_option *options, size_t count);

#endif
