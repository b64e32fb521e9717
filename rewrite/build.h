/* Makers of the tree nodes that the rewriter adds, spelled exactly as the grammar would deliver them, so that
 * what is printed parses back to an equal tree. All live in the arena; texts are copied. */
#ifndef HG_BUILD_H
#define HG_BUILD_H

#include <pg_query/pg_query.pb-c.h>

#include "arena.h"

/* Locations of nodes that do not stem from the client's text. The constants that differ between the callers
 * of one cached text are told apart by a location of their own, which no parse delivers. */
enum hg_location {
    HG_LOCATION_NONE = -1,
    HG_LOCATION_TENANT = -2,     /* the literal of a tenant's value */
    HG_LOCATION_USER = -3,       /* the literal of a user's name */
    HG_LOCATION_PID = -4,        /* the number that pg_backend_pid() answers */
    HG_LOCATION_TIME = -5,       /* when the transaction began */
    HG_LOCATION_END = -6,        /* minus n: context->ends[n] */
    HG_LOCATION_ATTRIBUTE = -10, /* minus n: the literal of user->attributes[n] */
};

PgQuery__Node *hg_build_node(struct hg_arena *arena, PgQuery__Node__NodeCase what, void *message);
PgQuery__Node *hg_build_string(struct hg_arena *arena, struct hg_slice text);
/* name, or qualifier.name when the qualifier is not empty. */
PgQuery__Node *hg_build_column(struct hg_arena *arena, struct hg_slice qualifier, struct hg_slice name);
PgQuery__Node *hg_build_star(struct hg_arena *arena); /* the column reference `*` */
/* name.* */
PgQuery__Node *hg_build_row(struct hg_arena *arena, struct hg_slice name);
PgQuery__Node *hg_build_text(struct hg_arena *arena, struct hg_slice text, int32_t location);
PgQuery__Node *hg_build_integer(struct hg_arena *arena, int32_t value, int32_t location);
PgQuery__Node *hg_build_null(struct hg_arena *arena);
/* value::pg_catalog.type */
PgQuery__Node *hg_build_cast(struct hg_arena *arena, PgQuery__Node *value, struct hg_slice type);
/* CAST(value AS type); the type is not copied. */
PgQuery__Node *hg_build_cast_to(struct hg_arena *arena, PgQuery__Node *value, PgQuery__TypeName *type);
/* pg_catalog.name() */
PgQuery__Node *hg_build_call(struct hg_arena *arena, struct hg_slice name);
PgQuery__Node *hg_build_current_date(struct hg_arena *arena);
PgQuery__Node *hg_build_equal(struct hg_arena *arena, PgQuery__Node *left, PgQuery__Node *right);
/* As the grammar has it: what is already an AND on the left gets one more part. */
PgQuery__Node *hg_build_and(struct hg_arena *arena, PgQuery__Node *left, PgQuery__Node *right);
/* CASE WHEN condition THEN 1 END IS NOT NULL */
PgQuery__Node *hg_build_guard(struct hg_arena *arena, PgQuery__Node *condition);
/* CASE WHEN value IS NULL THEN NULL ELSE otherwise END */
PgQuery__Node *hg_build_unless_null(struct hg_arena *arena, PgQuery__Node *value, PgQuery__Node *otherwise);
/* CASE WHEN condition THEN result ELSE otherwise END; without ELSE when that is NULL */
PgQuery__Node *hg_build_choice(struct hg_arena *arena, PgQuery__Node *condition, PgQuery__Node *result,
                               PgQuery__Node *otherwise);
/* An item of a select list; an empty name is none. */
PgQuery__Node *hg_build_target(struct hg_arena *arena, struct hg_slice name, PgQuery__Node *value);
/* A column of a key that ON CONFLICT names. */
PgQuery__Node *hg_build_index_element(struct hg_arena *arena, struct hg_slice name);
PgQuery__Alias *hg_build_alias(struct hg_arena *arena, struct hg_slice name);
PgQuery__Node *hg_build_table(struct hg_arena *arena, struct hg_slice schema, struct hg_slice name,
                              bool inherit, int32_t location);
PgQuery__SelectStmt *hg_build_select(struct hg_arena *arena);
/* (select) AS alias, for a FROM clause. */
PgQuery__Node *hg_build_subselect(struct hg_arena *arena, PgQuery__SelectStmt *select, PgQuery__Alias *alias);
/* The list with one more node; a copy. */
PgQuery__Node **hg_build_appended(struct hg_arena *arena, PgQuery__Node **list, size_t count,
                                  PgQuery__Node *last);

/* The text of a String node; empty for any other node. */
struct hg_slice hg_string_of(const PgQuery__Node *node);

#endif
