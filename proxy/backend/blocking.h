/* A blocking connection to a backend, for the command line (headgate catalog, headgate check --live): simple
 * queries only. */
#ifndef HG_BLOCKING_H
#define HG_BLOCKING_H

#include "arena.h"
#include "config.h"
#include "fault.h"

struct hg_blocking;

/* database: NULL = the configured one. NULL and a fault on failure (3D000 when the database is not there). */
struct hg_blocking *hg_blocking_open(const struct hg_backend_config *config, const char *database,
                                     struct hg_arena *arena, struct hg_fault *fault);
struct hg_result {
    struct hg_slice **rows; /* rows[i][j]; ptr NULL = NULL; text format */
    size_t nrows;
    uint16_t ncolumns;
};
/* Runs one or more statements; the rows of the last one that has any. False and the server's error as a fault
 * (its position refers to sql). */
HG_MUST_USE bool hg_blocking_query(struct hg_blocking *blocking, struct hg_slice sql, struct hg_arena *arena,
                                   struct hg_result *result, struct hg_fault *fault);
void hg_blocking_close(struct hg_blocking *blocking);

#endif
