/* Where columns of results come from: a RowDescription names a table and a column by numbers, which on a data
 * backend are those of physical tables, and clients look them up in the catalog. Pure; loading.c fills it. */
#ifndef HG_ORIGINS_H
#define HG_ORIGINS_H

#include "bytes.h"
#include "snapshot.h"

struct hg_origin {
    uint32_t table;  /* pg_class.oid; 0 = no column of a table */
    uint16_t column; /* pg_attribute.attnum */
};

struct hg_origin_pair {
    struct hg_origin there, here; /* on the data backend, in the catalog */
};

/* The catalog's numbers of all columns of the snapshot's tables. */
struct hg_catalog_origins {
    struct hg_origin **tables; /* by table->index; NULL = not there */
    size_t ntables;
};

/* Of one data backend, sorted by `there`. */
struct hg_origins {
    struct hg_origin_pair *pairs;
    size_t npairs;
};

/* The statement that asks a server for its numbers: of the logical tables (the catalog's server), or of the
 * physical ones. Its rows are in one column, and are only for the functions below. */
void hg_origins_question(const struct hg_snapshot *snapshot, bool catalog, struct hg_bytes *sql);
/* Rows that do not fit the snapshot are passed over. */
void hg_origins_take_catalog(struct hg_catalog_origins *catalog, const struct hg_snapshot *snapshot,
                             const struct hg_slice *rows, size_t count);
void hg_origins_take_backend(struct hg_origins *origins, const struct hg_catalog_origins *catalog,
                             const struct hg_snapshot *snapshot, const struct hg_slice *rows, size_t count);
void hg_catalog_origins_free(struct hg_catalog_origins *catalog);
void hg_origins_free(struct hg_origins *origins);

/* What the client is to see instead; zeros for what it cannot know. */
struct hg_origin hg_origins_here(const struct hg_origins *origins, struct hg_origin there);

#endif
