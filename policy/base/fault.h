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

/* One X-macro table for every SQLSTATE that Headgate itself raises. */
#define HG_SQLSTATES(X)                                                                                      \
    X(SYNTAX_ERROR, "42601")                                                                                 \
    X(INSUFFICIENT_PRIVILEGE, "42501")                                                                       \
    X(FEATURE_NOT_SUPPORTED, "0A000")                                                                        \
    X(UNDEFINED_TABLE, "42P01")                                                                              \
    X(UNDEFINED_COLUMN, "42703")                                                                             \
    X(UNDEFINED_FUNCTION, "42883")                                                                           \
    X(UNDEFINED_OBJECT, "42704")                                                                             \
    X(UNDEFINED_SCHEMA, "3F000")                                                                             \
    X(AMBIGUOUS_ALIAS, "42P09")                                                                              \
    X(AMBIGUOUS_COLUMN, "42702")                                                                             \
    X(DUPLICATE_ALIAS, "42712")                                                                              \
    X(INVALID_COLUMN_REFERENCE, "42P10")                                                                     \
    X(UNDEFINED_PARAMETER, "42P02")                                                                          \
    X(STATEMENT_TOO_LONG, "54000")                                                                           \
    X(STATEMENT_TOO_COMPLEX, "54001")                                                                        \
    X(CHARACTER_NOT_IN_REPERTOIRE, "22021")                                                                  \
    X(INVALID_PARAMETER_VALUE, "22023")                                                                      \
    X(OBJECT_NOT_IN_STATE, "55000")                                                                          \
    X(CANT_CHANGE_RUNTIME_PARAM, "55P02")                                                                    \
    X(IN_FAILED_TRANSACTION, "25P02")                                                                        \
    X(ACTIVE_TRANSACTION, "25001")                                                                           \
    X(NO_ACTIVE_TRANSACTION, "25P01")                                                                        \
    X(INVALID_SAVEPOINT, "3B001")                                                                            \
    X(UNDEFINED_STATEMENT, "26000")                                                                          \
    X(DUPLICATE_STATEMENT, "42P05")                                                                          \
    X(UNDEFINED_CURSOR, "34000")                                                                             \
    X(DUPLICATE_CURSOR, "42P03")                                                                             \
    X(PROTOCOL_VIOLATION, "08P01")                                                                           \
    X(CONNECTION_FAILURE, "08006")                                                                           \
    X(CANNOT_CONNECT, "08001")                                                                               \
    X(INVALID_PASSWORD, "28P01")                                                                             \
    X(INVALID_AUTHORIZATION, "28000")                                                                        \
    X(UNDEFINED_DATABASE, "3D000")                                                                           \
    X(TOO_MANY_CONNECTIONS, "53300")                                                                         \
    X(DISK_FULL, "53100")                                                                                    \
    X(CONFIGURATION_LIMIT, "53400")                                                                          \
    X(QUERY_CANCELED, "57014")                                                                               \
    X(ADMIN_SHUTDOWN, "57P01")                                                                               \
    X(CANNOT_CONNECT_NOW, "57P03")                                                                           \
    X(IDLE_TIMEOUT, "57P05")                                                                                 \
    X(OUT_OF_MEMORY, "53200")                                                                                \
    X(CONFIG_FILE_ERROR, "F0000")                                                                            \
    X(STORAGE_FAILURE, "58030")                                                                              \
    X(INTERNAL_ERROR, "XX000")

#define HG_SQLSTATE_CONST(name, code) static const char HG_##name[6] __attribute__((unused)) = code;
HG_SQLSTATES(HG_SQLSTATE_CONST)
#undef HG_SQLSTATE_CONST

#endif
