/* Resolve: what does every name in a statement mean, by SQL's own scoping rules?
 *
 * Relations end as a CTE, a logical table, a catalog relation, or a refusal. Columns qualified by schema or
 * database become alias.column of the right item. Functions, types, operators and collations must be on the
 * lists of allow.h. The walk goes over every field of every message by reflection, so that no corner of a
 * statement is skipped; only what opens or fills a scope has code of its own.
 *
 * Nothing is replaced while names are looked up: what is to be replaced is noted, and done afterwards by
 * hg_restrict(), once the backend is known. */
#ifndef HG_RESOLVE_H
#define HG_RESOLVE_H

#include "allow.h"
#include "leak.h"
#include "rewrite.h"
#include "scope.h"

/* One place in a FROM clause where a relation is read that is no CTE. */
struct hg_reference {
    struct hg_reference *next;
    PgQuery__Node *place; /* of the RangeVar, or of the RangeTableSample around it */
    PgQuery__RangeVar *range;
    PgQuery__RangeTableSample *sample; /* or NULL */
    struct hg_item *item;
    const struct hg_table_view *view;          /* a logical table, or */
    const struct hg_catalog_relation *catalog; /* a catalog relation */
    bool locked;                               /* its rows, by FOR UPDATE or the like */
};

/* One INSERT, UPDATE or DELETE, wherever it stands. */
struct hg_write {
    struct hg_write *next;
    PgQuery__Node *place;     /* of the statement */
    PgQuery__RangeVar *range; /* what it writes */
    struct hg_item *item;
    const struct hg_table_view *view;
    bool gets_tenant; /* INSERT: the tenant's column is not among the client's */
    bool apart; /* INSERT … SELECT: the source is made a sub-select, since it would see a column more in its
                   list */
    int checked; /* INSERT … SELECT: the column of its source that must hold the tenant's value; -1: none,
                    or the value stands there by itself */
};

/* A value for the tenant's column that nobody knows before it is computed. */
struct hg_tenant_value {
    struct hg_tenant_value *next;
    PgQuery__Node *place;
    const struct hg_type *type; /* of the column */
};

/* A node that becomes another one. */
struct hg_edit {
    struct hg_edit *next;
    PgQuery__Node *place;
    PgQuery__Node with;
    bool rows_only; /* not where the catalog backend answers */
};

/* Something that only the catalog backend can do. */
struct hg_catalog_need {
    struct hg_slice what; /* "function pg_get_viewdef", "type regclass"; empty = nothing */
    int32_t location;
};

/* The name of the first output column of a select list that begins with a star: see colname.c. */
struct hg_first_name {
    struct hg_first_name *next;
    const PgQuery__SelectStmt *select;
    struct hg_slice name;
};

/* How a statement reads access control lists: see access_list.h. */
enum hg_access { HG_ACCESS_NONE, HG_ACCESS_SHOWN, HG_ACCESS_EXPLODED };

struct hg_resolved {
    struct hg_reference *references; /* in the order in which they were resolved */
    struct hg_reference **last;
    size_t nreferences;
    struct hg_write *writes; /* likewise */
    struct hg_write **last_write;
    size_t nwrites;
    struct hg_tenant_value *tenant_values;
    bool timed;     /* it tells when the transaction began */
    bool own_time;  /* … in a way that only its server can */
    bool dated;     /* a constant may tell when it was parsed */
    bool localized; /* it calls what a locale can change: to_char … */
    bool locks;     /* some references are locked */
    bool copies;    /* COPY carries it: only the dialect postgresql sends rows to its client by COPY */
    struct hg_edit *edits;
    size_t nedits;
    struct hg_catalog_need need;
    struct hg_first_name *first_names;
    bool grouping_sets; /* there are some anywhere in the statement */
    enum hg_leak leak;  /* what its tables need besides their predicate */
    bool personal;      /* another user of the same role might get another verdict: not to be cached */
    bool fleeting;      /* it would be another one if the session had other settings: likewise */
    unsigned sees;      /* enum hg_sees: what it asks for besides what its relations do */
    enum hg_access access;
    bool access_system; /* … and system columns beside them */
};

/* What the statements of a text may make us do, together. */
struct hg_scope_budget hg_resolve_budget(struct hg_slice text);

/* Resolves one SELECT, INSERT, UPDATE or DELETE in place. `text` is the whole text that the client sent.
 * False sets the fault. */
HG_MUST_USE bool hg_resolve(PgQuery__Node *query, const struct hg_context *context, struct hg_slice text,
                            struct hg_scope_budget *budget, struct hg_arena *arena,
                            struct hg_resolved *resolved, struct hg_fault *fault);

#endif
