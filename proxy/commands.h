/* The subcommands of the headgate program. Each takes the arguments behind its own name and returns the
 * exit status: 0 done, 1 refused or invalid, 2 wrong usage. */
#ifndef HG_COMMANDS_H
#define HG_COMMANDS_H

#define HG_EXIT_DONE    0
#define HG_EXIT_INVALID 1
#define HG_EXIT_USAGE   2

/* X(name, function, usage, what it does) */
#define HG_COMMANDS(X)                                                                                       \
    X("serve", hg_cmd_serve, "serve -c FILE", "run the proxy")                                               \
    X("check", hg_cmd_check, "check -c FILE [--live]",                                                       \
      "validate configuration, policy and schema; print every error; --live: in the databases, too")         \
    X("reload", hg_cmd_reload, "reload -c FILE [--dry-run]",                                                 \
      "have the running proxy load its configuration again; print every error, which changes nothing")       \
    X("rewrite", hg_cmd_rewrite, "rewrite -c FILE --user NAME [--json]",                                     \
      "read SQL on standard input; print backend and rewritten SQL, or the refusal")                         \
    X("catalog", hg_cmd_catalog, "catalog -c FILE", "create or update the catalog database from the schema") \
    X("walls", hg_cmd_walls, "walls -c FILE [--backend NAME]",                                               \
      "print the SQL of the second wall: users of the databases with few rights, and row security")          \
    X("audit", hg_cmd_audit, "audit verify [--key-file FILE] [--last HASH] FILE...",                         \
      "look for the first line of audit logs that was changed, removed or moved")                            \
    X("metrics", hg_cmd_metrics, "metrics", "print what /metrics shows, as a table")                         \
    X("password", hg_cmd_password, "password [--md5 USER]",                                                  \
      "read a password; print the SCRAM verifier for policy.yaml, or the md5 one of that user")              \
    X("man", hg_cmd_man, "man", "print the manual page headgate(8), as man -l - reads it")

#define HG_COMMAND_DECLARE(name, function, usage, what) int function(int argc, char **argv);
HG_COMMANDS(HG_COMMAND_DECLARE)
#undef HG_COMMAND_DECLARE

/* One line of usage for the command on stderr; returns HG_EXIT_USAGE. */
int hg_usage(const char *command, const char *why);

/* -c FILE from the arguments of a command that takes only that; NULL after having printed the usage. */
const char *hg_config_argument(const char *command, int argc, char **argv);

#endif
