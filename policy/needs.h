/* What Headgate's own user of a backend needs there, and no more: what some role of the policy reads or
 * writes, what masks and row conditions read, and the tenant column. `headgate walls` grants it, `headgate
 * check --live` compares it with what the database grants. */
#ifndef HG_NEEDS_H
#define HG_NEEDS_H

#include "snapshot.h"

enum {
    HG_NEED_SELECT = 1,
    HG_NEED_INSERT = 2,
    HG_NEED_UPDATE = 4,
};

/* Of one table. */
struct hg_need {
    const struct hg_table *table;
    uint8_t *columns; /* table->ncolumns of HG_NEED_* */
    uint8_t tenant;   /* of the tenant column where the schema does not declare it */
    bool deletes;
};

struct hg_needs {
    const struct hg_backend_config *backend;
    struct hg_need *list; /* tables that some role reads or writes there, in the order of the policy */
    size_t count;
    struct hg_slice *schemas; /* physical, distinct: of those tables and of the schema's own types */
    size_t nschemas;
};

/* Of one data backend; lives in the arena, points into the snapshot. */
struct hg_needs hg_needs_of(const struct hg_snapshot *snapshot, const struct hg_backend_config *backend,
                            struct hg_arena *arena);

/* All of HG_NEED_* that any column of the table needs. */
unsigned hg_need_any(const struct hg_need *need);

#endif
