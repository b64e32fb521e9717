/* The client's search_path: schemas in which unqualified names are looked up. */
#ifndef HG_SEARCH_PATH_H
#define HG_SEARCH_PATH_H

#include "rewrite.h"

struct hg_search_path {
    struct hg_slice *schemas; /* in order, as PostgreSQL searches: pg_catalog first unless it is named; only
                                 schemas that exist for tenants */
    size_t count;
    bool catalog_named; /* pg_catalog stands in the setting itself, so current_schema may be it */
    bool unknown;       /* the setting is not known here: nothing but pg_catalog may be looked up by it */
};

/* `setting` is what SHOW search_path prints. Schemas that the user's role does not know, "$user" and pg_temp
 * are left out, as PostgreSQL ignores schemas that do not exist. */
struct hg_search_path hg_search_path_of(struct hg_slice setting, const struct hg_context *context,
                                        struct hg_arena *arena);

/* What current_schema answers; empty = NULL. */
struct hg_slice hg_search_path_current(const struct hg_search_path *path);

#endif
