/* The tables of the console: what they are called, what their columns are, and who knows the rows. */
#ifndef HG_CONSOLE_TABLES_H
#define HG_CONSOLE_TABLES_H

#include "columns.h"
#include "config.h"

struct job;
struct hg_worker;

enum table_source {
    TABLE_AT_HAND, /* constants, the generation, and what a mutex protects: filled where SQLite runs */
    TABLE_MAIN,    /* the main thread knows */
    TABLE_WORKERS, /* each worker knows a part */
};

struct table {
    const char *name, *help;
    enum table_source source;
    void (*fill)(struct job *job, struct hg_worker *worker,
                 struct hg_bytes *rows); /* worker: if it needs one */
    const char *needs;                   /* another table that `after` reads; NULL = none */
    const char *after;                   /* SQL of ours, once all tables are filled */
    const struct column *columns;
    size_t ncolumns;
};

#define MOST_TABLES 32u
extern const struct table hg_console_tables[];
extern const size_t hg_console_ntables;

/* The bits of the tables that the text may name: a table whose name does not stand in it, it does not name.
 */
uint32_t tables_named(struct hg_slice text);
const struct table *table_find(struct hg_slice name); /* in any case; NULL when there is none */

/* ---- tables_workers.c ---- */
void fill_sessions(struct job *job, struct hg_worker *worker, struct hg_bytes *rows);
void fill_statements(struct job *job, struct hg_worker *worker, struct hg_bytes *rows);
void fill_refusals(struct job *job, struct hg_worker *worker, struct hg_bytes *rows);
void fill_caches(struct job *job, struct hg_worker *worker, struct hg_bytes *rows);
/* ---- tables_config.c ---- */
void fill_config(struct job *job, struct hg_worker *worker, struct hg_bytes *rows);
void fill_tenants(struct job *job, struct hg_worker *worker, struct hg_bytes *rows);
void fill_users(struct job *job, struct hg_worker *worker, struct hg_bytes *rows);
void fill_backends(struct job *job, struct hg_worker *worker, struct hg_bytes *rows);
void fill_pools(struct job *job, struct hg_worker *worker, struct hg_bytes *rows);
void fill_limits(struct job *job, struct hg_worker *worker, struct hg_bytes *rows);

#endif
