/* SQL's scopes, as PostgreSQL's parse_relation.c has them: a chain on the stack, innermost first, each with
 * the CTEs and the FROM items that its level offers.
 *
 * Items know their column names where these follow from the schema or from the text; where they do not
 * (functions, catalog relations), the item says so, and checks by name do not apply to it. That is safe: a
 * name that we do not understand is resolved by the backend, where physical tables stand behind their
 * predicates already. */
#ifndef HG_SCOPE_H
#define HG_SCOPE_H

#include "snapshot.h"

struct hg_item;

/* A column that an item offers. `base` and `column` say where it comes from when it is nothing but a column
 * of a table of the same level (also through a join); base is NULL for anything else. */
struct hg_name {
    struct hg_slice name;
    struct hg_item *base;
    size_t column; /* of base->view */
    bool row; /* the row of a table that RETURNING gave: a backend does not know the names of its columns */
};

struct hg_names {
    const struct hg_name *list;
    size_t count;
    bool known; /* these they are, in this order */
    bool all; /* there are no others, as far as `known` is not true: some may be missing or have other places
               */
};

enum hg_item_kind {
    HG_ITEM_TABLE,   /* a logical table: `view` */
    HG_ITEM_CATALOG, /* a relation of pg_catalog or information_schema */
    HG_ITEM_QUERY,   /* a CTE, a sub-select, VALUES, the result of a set operation */
    HG_ITEM_FUNCTION,
    HG_ITEM_JOIN,
};

struct hg_item {
    enum hg_item_kind kind;
    struct hg_slice name; /* `name.column` finds it; empty = it has no name */
    struct hg_slice schema,
        relation;            /* `schema.relation.column` finds it: a relation without an alias; else empty */
    struct hg_slice printed; /* its name in the text that is sent */
    const struct hg_table_view *view; /* HG_ITEM_TABLE */
    struct hg_names names;            /* for a table without column aliases and a join: made when asked for */
    bool named;                       /* `names` is made */
    bool renamed;                     /* a table some of whose columns have other names here */
    struct hg_item *left, *right;     /* HG_ITEM_JOIN */
    PgQuery__JoinExpr *join;
    bool rel_visible, cols_visible, lateral_only;
    bool scalar; /* a function that returns values: its row is its column */
    bool target; /* what a statement writes, or `excluded`: no sub-select stands before it */

    /* What the query level reads of it after grouping: see group.c. */
    uint64_t *needed; /* one bit per column of the view */
    bool needs_row;
};

struct hg_cte {
    struct hg_cte *next;
    struct hg_slice name;
    struct hg_names names;
};

struct hg_scope {
    struct hg_scope *parent;
    struct hg_cte *ctes;
    struct hg_item **items;
    size_t nitems, room;
    size_t first;        /* items before it are out of sight (ON sees only the two sides of its join) */
    bool lateral_active; /* a LATERAL item is being resolved: it sees its left siblings */
    bool counting;       /* references are read after grouping: group.c wants to know them */
    unsigned aggregates; /* how many aggregate calls of this level we are inside of */
};

/* Bounds what one statement may make us do: names made and items looked at. */
struct hg_scope_budget {
    size_t names, looks;
};

enum hg_found {
    HG_FOUND,
    HG_NOT_FOUND,
    HG_FOUND_TWICE,
    HG_FOUND_MAYBE /* some item does not know its columns */
};

/* One more item of FROM, in its order. */
void hg_scope_push(struct hg_scope *scope, struct hg_item *item, struct hg_arena *arena);
/* What WITH calls by that name, in this scope or the nearest around it; NULL = nothing. */
const struct hg_cte *hg_scope_cte(const struct hg_scope *scope, struct hg_slice name);

/* The item that `name.column` means, by the innermost level that has one; *at is that level. */
enum hg_found hg_scope_item(struct hg_scope *scope, struct hg_slice name, struct hg_scope_budget *budget,
                            struct hg_item **item, struct hg_scope **at);
/* The item that `schema.relation.column` means. */
enum hg_found hg_scope_relation(struct hg_scope *scope, struct hg_slice schema, struct hg_slice relation,
                                struct hg_scope_budget *budget, struct hg_item **item, struct hg_scope **at);
/* The column that a bare name means. On HG_FOUND, *name is it. */
enum hg_found hg_scope_column(struct hg_scope *scope, struct hg_slice name, struct hg_arena *arena,
                              struct hg_scope_budget *budget, struct hg_name *found, struct hg_scope **at);

/* The target that is seen on this level, or NULL; and whether there is one on any. */
const struct hg_item *hg_scope_target(const struct hg_scope *level);
bool hg_scope_sees_target(const struct hg_scope *scope);

/* One column of one item. */
enum hg_found hg_item_column(struct hg_item *item, struct hg_slice name, struct hg_arena *arena,
                             struct hg_scope_budget *budget, struct hg_name *found);
/* All columns of an item in order, as `item.*` expands. */
const struct hg_names *hg_item_names(struct hg_item *item, struct hg_arena *arena,
                                     struct hg_scope_budget *budget);

/* The first names are replaced by those of an alias's column list. A list that is too long leaves `names`. */
struct hg_names hg_names_renamed(struct hg_names names, size_t naliases, PgQuery__Node *const *aliases,
                                 struct hg_arena *arena, struct hg_scope_budget *budget);

#endif
