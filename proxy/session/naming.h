/* What a data backend's errors say of tables, columns, constraints and rows, in the terms of the logical
 * schema. */
#ifndef HG_NAMING_H
#define HG_NAMING_H

#include "decode.h"
#include "snapshot.h"

struct hg_naming {
    const struct hg_snapshot *snapshot;
    const struct hg_user *user;
    const struct hg_table *written; /* by the statement; NULL = none, several, or not known */
    struct hg_slice said[4];        /* texts and values of the client's own */
    struct hg_slice search_path;    /* the client's */
    struct hg_arena *arena;
};

/* An error of class 23. Its fields become logical ones, or are removed; its message names nothing that the
 * client does not know; its detail stays where all values are of the client's own row and columns that it
 * sees. */
void hg_naming_violation(const struct hg_naming *naming, struct hg_error_msg *error);

/* Any other text: names of physical tables and schemas, and of tenant columns that are not declared. */
struct hg_slice hg_naming_text(const struct hg_naming *naming, struct hg_slice text);

/* Enums and domains without their schema, where the client's search_path finds them. */
struct hg_slice hg_naming_types(const struct hg_naming *naming, struct hg_slice text);

/* An error 42501: about a table, about rows that row security refuses, about something that the client named,
 * or about what else the service account may not do. False: the last, which is of no use to the client. */
HG_MUST_USE bool hg_naming_permission(const struct hg_naming *naming, struct hg_error_msg *error);

/* Is it what the server makes of a tenant column's value that is not the own one? Then it says so afterwards.
 */
bool hg_naming_foreign_tenant(const struct hg_naming *naming, struct hg_error_msg *error);

#endif
