/* What the files of hg_classify() share. */
#ifndef HG_STATEMENT_H
#define HG_STATEMENT_H

#include "bytes.h"
#include "guard.h"
#include "utf8.h"

/* One call of hg_classify(). */
struct hg_statement {
    PgQuery__Node *node;
    struct hg_slice text;
    const struct hg_context *context;
    struct hg_arena *arena;
    struct hg_verdict *verdict;
};

/* Of a client's value, as much as belongs into a message. */
static inline struct hg_slice hg_clip(struct hg_slice text)
{
    text.len = hg_utf8_cut(text, 100);
    return text;
}

/* Sets verdict->fault; `location` is a byte offset in the text, -1: the statement's first token. Always
 * false. */
bool hg_statement_refuse(struct hg_statement *statement, int32_t location, const char *sqlstate,
                         const char *format, ...) HG_PRINTF(4, 5);
/* As a kind of statement that is not run here. Always false. */
bool hg_statement_refuse_by_name(struct hg_statement *statement);
/* SELECT, INSERT, UPDATE or DELETE, which other statements may carry; NULL is none. */
bool hg_statement_is_query(const PgQuery__Node *node);
/* Fills what all local verdicts have. Always true. */
bool hg_statement_local(struct hg_statement *statement, enum hg_statement_kind kind, const char *tag);

/* statement_grants.c: may the role run statements of this kind? False sets the fault: 42501. To be asked for
 * COPY, cursors, PREPARE, EXPLAIN where they are classified; what a query itself does, hg_classify() asks for
 * all of them. */
HG_MUST_USE bool hg_statement_may(struct hg_statement *statement, enum hg_grant grant);
HG_MUST_USE bool hg_statement_may_query(struct hg_statement *statement, PgQuery__Node *query);

/* statement_transaction.c */
HG_MUST_USE bool hg_classify_transaction(struct hg_statement *statement,
                                         const PgQuery__TransactionStmt *transaction);
/* The modes of BEGIN and SET TRANSACTION in SQL, each with `separator` in front; false: one of them is not
 * known. */
HG_MUST_USE bool hg_transaction_modes(struct hg_statement *statement, size_t count, PgQuery__Node **modes,
                                      struct hg_bytes *out);
/* One mode as a setting's name without "default_", and its value; false: not known. */
HG_MUST_USE bool hg_transaction_mode(const PgQuery__Node *node, struct hg_setting_value *mode);

/* statement_set.c */
HG_MUST_USE bool hg_classify_set(struct hg_statement *statement, const PgQuery__VariableSetStmt *set);
HG_MUST_USE bool hg_classify_show(struct hg_statement *statement, const PgQuery__VariableShowStmt *show);

/* statement_act.c: a SELECT of functions that act on sessions, which is to be asked first. */
bool hg_is_act(const PgQuery__SelectStmt *select);
HG_MUST_USE bool hg_classify_act(struct hg_statement *statement, PgQuery__SelectStmt *select,
                                 PgQuery__Node **query, struct hg_carrier *carrier);

/* statement_explain.c */
HG_MUST_USE bool hg_classify_explain(struct hg_statement *statement, PgQuery__ExplainStmt *node,
                                     PgQuery__Node **query, struct hg_carrier *carrier);

/* statement_prepare.c */
HG_MUST_USE bool hg_classify_prepare(struct hg_statement *statement, PgQuery__PrepareStmt *prepare,
                                     PgQuery__Node **query, struct hg_carrier *carrier);
HG_MUST_USE bool hg_classify_execute(struct hg_statement *statement, PgQuery__ExecuteStmt *execute,
                                     PgQuery__Node **query, struct hg_carrier *carrier);

/* statement_cursor.c */
HG_MUST_USE bool hg_classify_declare(struct hg_statement *statement, PgQuery__DeclareCursorStmt *declare,
                                     PgQuery__Node **query, struct hg_carrier *carrier);
HG_MUST_USE bool hg_classify_fetch(struct hg_statement *statement, const PgQuery__FetchStmt *fetch,
                                   struct hg_carrier *carrier);
HG_MUST_USE bool hg_classify_close(struct hg_statement *statement, const PgQuery__ClosePortalStmt *close,
                                   struct hg_carrier *carrier);

/* statement_copy.c */
HG_MUST_USE bool hg_classify_copy(struct hg_statement *statement, PgQuery__CopyStmt *copy,
                                  PgQuery__Node **query, struct hg_carrier *carrier);

/* statement_denied.c: what no client may do with the schema, in PostgreSQL's words; and LOCK TABLE. */
HG_MUST_USE bool hg_classify_denied(struct hg_statement *statement);
/* SELECT INTO. Always false. */
bool hg_deny_into(struct hg_statement *statement, const PgQuery__SelectStmt *select);

/* statement_name.c: the name of a statement that is not supported, as its command tag has it, and a hint (or
 * NULL). */
struct hg_statement_name {
    struct hg_slice name;
    const char *hint;
    bool writes; /* rows of tables */
};
struct hg_statement_name hg_statement_name_of(const PgQuery__Node *node, struct hg_arena *arena);

#endif
