/* A fault is what a client is told when something is refused: the parts of an ErrorResponse
 * (PostgreSQL docs, "Error and Notice Message Fields"). */
#ifndef HG_FAULT_H
#define HG_FAULT_H

#include "arena.h"

struct hg_fault {
    char sqlstate[6];        /* "" = no fault */
    struct hg_slice message; /* one line, PostgreSQL's style: lower case, no full stop */
    struct hg_slice detail;  /* may be empty */
    struct hg_slice hint;    /* may be empty */
    uint32_t position;       /* in the client's text, in characters from 1; 0 = none */
    struct hg_slice schema, table, column, datatype, constraint; /* what it is about; may be empty */
    struct hg_slice routine; /* what some drivers know the condition by; may be empty */
};

static inline bool hg_fault_is_set(const struct hg_fault *fault)
{
    return fault->sqlstate[0] != '\0';
}

/* Sets the fault unless one is set already: the first one wins. The texts are made in the arena. Always
 * returns false, so that a failing function can `return hg_fault_set(...)`. */
bool hg_fault_set(struct hg_fault *fault, struct hg_arena *arena, const char *sqlstate, const char *format,
                  ...) HG_PRINTF(4, 5);
void hg_fault_hint(struct hg_fault *fault, struct hg_arena *arena, const char *format, ...) HG_PRINTF(3, 4);
void hg_fault_detail(struct hg_fault *fault, struct hg_arena *arena, const char *format, ...) HG_PRINTF(3, 4);

/* Characters from 1 of byte offset `at` (from 0) in UTF-8 text. */
uint32_t hg_position_of(struct hg_slice text, size_t at);

/* One X-macro table for every SQLSTATE that Headgate itself raises: name, code, what it tells a client. */
#define HG_SQLSTATES(X)                                                                                      \
    X(SYNTAX_ERROR, "42601", "the text is no SQL that PostgreSQL 15 reads")                                  \
    X(INSUFFICIENT_PRIVILEGE, "42501",                                                                       \
      "the user's role may not do that; the hint says what could be changed in the policy")                  \
    X(FEATURE_NOT_SUPPORTED, "0A000",                                                                        \
      "a construct that Headgate does not pass on; the message names it, the hint says what to do instead")  \
    X(UNDEFINED_TABLE, "42P01", "there is no such relation for this user")                                   \
    X(UNDEFINED_COLUMN, "42703", "there is no such column for this user")                                    \
    X(UNDEFINED_FUNCTION, "42883", "there is no such function or operator, or not for these types")          \
    X(UNDEFINED_OBJECT, "42704", "there is no such setting, type, role or session")                          \
    X(UNDEFINED_SCHEMA, "3F000", "there is no such schema for this user")                                    \
    X(AMBIGUOUS_ALIAS, "42P09", "a name stands for several items of FROM")                                   \
    X(AMBIGUOUS_COLUMN, "42702", "a name stands for several columns")                                        \
    X(DUPLICATE_ALIAS, "42712", "two items of FROM have one name")                                           \
    X(DUPLICATE_COLUMN, "42701", "a column is named twice")                                                  \
    X(WRONG_OBJECT_TYPE, "42809", "a relation of another kind than that is for")                             \
    X(DATATYPE_MISMATCH, "42804", "a value of a type that cannot stand there")                               \
    X(INVALID_COLUMN_REFERENCE, "42P10",                                                                     \
      "a column that may not stand there; ON CONFLICT that fits no unique key")                              \
    X(UNDEFINED_PARAMETER, "42P02", "$n where there are no parameters")                                      \
    X(STATEMENT_TOO_LONG, "54000",                                                                           \
      "a text above max_statement_bytes, a result of the console above its bound, or a tenant's or user's "  \
      "statement_bytes")                                                                                     \
    X(STATEMENT_TOO_COMPLEX, "54001", "nested deeper than max_nesting, or more than can be held")            \
    X(CHARACTER_NOT_IN_REPERTOIRE, "22021", "bytes that are no UTF-8")                                       \
    X(INVALID_PARAMETER_VALUE, "22023", "a value that a setting cannot have")                                \
    X(OBJECT_NOT_IN_STATE, "55000",                                                                          \
      "something that is not in the state for that, such as a generation that is not kept")                  \
    X(INVALID_NAME, "42602", "that is no name for a setting")                                                \
    X(NULL_NOT_ALLOWED, "22004", "NULL where a value has to be")                                             \
    X(INVALID_TEXT, "22P02", "a parameter of the console that is no value of its type")                      \
    X(INVALID_BINARY, "22P03", "the same in binary")                                                         \
    X(CANT_CHANGE_RUNTIME_PARAM, "55P02", "a setting that clients cannot change")                            \
    X(IN_FAILED_TRANSACTION, "25P02", "the transaction has failed: only its end is accepted")                \
    X(ACTIVE_TRANSACTION, "25001",                                                                           \
      "what can only be done outside of a transaction, or before its first query")                           \
    X(NO_ACTIVE_TRANSACTION, "25P01", "what can only be done in a transaction block")                        \
    X(INVALID_SAVEPOINT, "3B001", "there is no such savepoint")                                              \
    X(UNDEFINED_STATEMENT, "26000", "there is no such prepared statement")                                   \
    X(DUPLICATE_STATEMENT, "42P05", "there is a prepared statement of that name")                            \
    X(UNDEFINED_CURSOR, "34000", "there is no such portal or cursor")                                        \
    X(NAME_TOO_LONG, "42622", "a name in the statement is cut at 63 bytes (a notice)")                       \
    X(DUPLICATE_CURSOR, "42P03", "there is a cursor of that name")                                           \
    X(PROTOCOL_VIOLATION, "08P01", "a message that the protocol does not allow there")                       \
    X(CONNECTION_FAILURE, "08006", "the connection to a backend was lost")                                   \
    X(CANNOT_CONNECT, "08001", "a backend cannot be reached")                                                \
    X(INVALID_PASSWORD, "28P01", "the login failed; for unknown users, too")                                 \
    X(INVALID_AUTHORIZATION, "28000",                                                                        \
      "this way of logging in is not allowed, or the certificate does not fit")                              \
    X(UNDEFINED_DATABASE, "3D000", "there is no such database")                                              \
    X(TOO_MANY_CONNECTIONS, "53300",                                                                         \
      "max_clients, a limit on connections, or all connections to a backend in use for too long")            \
    X(DISK_FULL, "53100", "the audit log cannot be written, and must be")                                    \
    X(CONFIGURATION_LIMIT, "53400",                                                                          \
      "a limit; the detail names it, its value, what was used and when it resets")                           \
    X(QUERY_CANCELED, "57014", "cancelled by the user, or over its time")                                    \
    X(ADMIN_SHUTDOWN, "57P01",                                                                               \
      "Headgate ends, an administrator ended the session, or the user is no longer in the policy")           \
    X(CANNOT_CONNECT_NOW, "57P03", "Headgate is starting or ending")                                         \
    X(IDLE_IN_TRANSACTION_TIMEOUT, "25P03", "the client was idle inside a transaction for too long")         \
    X(IDLE_TIMEOUT, "57P05", "the client was idle for too long")                                             \
    X(OUT_OF_MEMORY, "53200", "more than a bound on memory allows")                                          \
    X(CONFIG_FILE_ERROR, "F0000", "a reload failed; the detail lists every error with its place")            \
    X(STORAGE_FAILURE, "58030", "the audit log cannot be written, and must be")                              \
    X(SQL_WARNING, "01000", "a warning, of a session that is not there for example")                         \
    X(INTERNAL_ERROR, "XX000", "Headgate could not prove its own work, and sent nothing: please report it")

#define HG_SQLSTATE_CONST(name, code, meaning) static const char HG_##name[6] __attribute__((unused)) = code;
HG_SQLSTATES(HG_SQLSTATE_CONST)
#undef HG_SQLSTATE_CONST

#endif
