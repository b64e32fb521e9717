/* Default deny over the whole tree, by reflection: message types, fields and enum values that are not on the
 * list are refused by name. Also classifies statements: what is a query to be resolved, what is answered by
 * the session itself. */
#ifndef HG_GUARD_H
#define HG_GUARD_H

#include "rewrite.h"

/* Checks one statement (RawStmt.stmt) of kind HG_STMT_QUERY or an expression of a mask: every message in it
 * is of an allowed type with allowed fields. Functions, types, operators and relations are checked by name
 * later, in resolve, where scopes are known. False sets the fault: 0A000 (42501 for statements that only
 * privileges would allow), the construct's SQL name, position (through `text`), hint. */
HG_MUST_USE bool hg_guard(const PgQuery__Node *statement, struct hg_slice text,
                          const struct hg_context *context, struct hg_arena *arena, struct hg_fault *fault);

/* Tells what the statement is. For local kinds it fills the verdict wholly (kind HG_LOCAL, statement, tag,
 * sql, name, setting, value…); for queries it sets verdict->statement and *query to the node to
 * resolve: a SelectStmt, InsertStmt, UpdateStmt or DeleteStmt, by itself or inside of a statement that
 * carries it, whose own options are then checked and made canonical in its node. A refusal sets
 * verdict->fault and returns false. verdict->source must be set: its first token is the position of a refusal
 * that has no better one. */
enum hg_carrier_kind {
    HG_CARRIER_NONE,
    HG_CARRIER_EXPLAIN, /* without ANALYZE: sent around the statement, to the catalog */
    HG_CARRIER_REWRITE, /* EXPLAIN (REWRITE): never sent */
    HG_CARRIER_COPY,    /* COPY (query) TO STDOUT; a COPY of a table was made one of these */
    HG_CARRIER_PREPARE, /* not sent: what is prepared is the statement itself */
    HG_CARRIER_DECLARE, /* a cursor: sent around the statement */
    HG_CARRIER_EXECUTE, /* sent with its arguments; *query is a SELECT of them, made to be resolved */
    HG_CARRIER_ACT,     /* a SELECT of functions that act on sessions: the query computes their arguments */
    HG_CARRIER_CURSOR,  /* FETCH, MOVE, CLOSE: sent as it is, without any query */
};
struct hg_carrier {
    enum hg_carrier_kind kind;
    struct hg_slice function; /* HG_CARRIER_ACT: what is asked of the catalog */
};
HG_MUST_USE bool hg_classify(PgQuery__Node *statement, struct hg_slice text, const struct hg_context *context,
                             struct hg_arena *arena, struct hg_verdict *verdict, PgQuery__Node **query,
                             struct hg_carrier *carrier);

#define HG_CUSTOM_NAME_MOST 127 /* bytes */

/* A name with a dot: a setting of a client's own naming, or Headgate's. */
bool hg_is_custom_setting(struct hg_slice name);
/* Those by which servers are told whom they work for. */
bool hg_is_reserved_setting(struct hg_slice name);

/* May the user give this setting (a name in any case) this value, by SET or at login? Makes *value what the
 * setting is then to be, of settings that take one value only; PostgreSQL itself checks the values of the
 * others. False sets the fault: 42704, 42501, 55P02, 0A000, 22023. */
HG_MUST_USE bool hg_setting_accept(struct hg_slice user, struct hg_slice name, struct hg_slice *value,
                                   struct hg_arena *arena, struct hg_fault *fault);

#endif
