/* The settings of one client: what SHOW answers and what its server connections are made to have. Pure.
 *
 * PostgreSQL's transactional rules: SET lasts when the transaction commits, SET LOCAL ends with it, both are
 * undone when the transaction or the savepoint that they stand in is rolled back. So each setting has a
 * session value and, on top of it, perhaps a local one; every change writes what stood there before to an
 * undo log, and a savepoint is no more than a mark in that log.
 *
 *    what counts: local, else session, else startup (the connection's options), else the table's initial */
#ifndef HG_VALUES_H
#define HG_VALUES_H

#include "settings.h"

struct hg_value {
    int setting;
    char *startup, *session, *local; /* NULL: see the level below */
    char *reported; /* what ParameterStatus last said; NULL: the initial value, or nothing yet */
};

struct hg_undo {
    int setting;
    char *session, *local;
};

/* A setting of the client's own naming. Its number is HG_NSETTINGS plus its place. As in PostgreSQL it is
 * there from its first SET on, whatever becomes of the transaction, and empty at first. */
struct hg_custom {
    char *name; /* in lower case */
    const char *now;
};

#define HG_CUSTOM_MOST 100

struct hg_values {
    struct hg_value *list; /* only settings that ever left their initial value */
    size_t count, room;
    struct hg_undo *log;
    size_t logged, log_room;
    size_t mark;                   /* the newest one: behind it a setting stands in the log once at most */
    const char *now[HG_NSETTINGS]; /* what counts; NULL = unknown here */
    struct hg_custom *custom;
    size_t ncustom;
    uint64_t version;      /* another one after every change of now[]; of one session only */
    uint64_t path_version; /* grows when search_path does */
    bool unreported;       /* some reported setting may have changed */
};

void hg_values_init(struct hg_values *values);
void hg_values_free(struct hg_values *values);

static inline const char *hg_values_get(const struct hg_values *values, int setting)
{
    return setting < HG_NSETTINGS ? values->now[setting] : values->custom[setting - HG_NSETTINGS].now;
}

/* The number of a setting by its name in any case: PostgreSQL's, or one that the client has named; or -1. */
int hg_values_find(const struct hg_values *values, struct hg_slice name);
/* Likewise; a name with a dot is a new setting. -1: there are HG_CUSTOM_MOST already. */
int hg_values_name(struct hg_values *values, struct hg_slice name);

/* Where its value comes from, as pg_settings says it. */
const char *hg_values_source(const struct hg_values *values, int setting);

/* What RESET makes of the setting; NULL = unknown here. */
const char *hg_values_initial(const struct hg_values *values, int setting);
/* What counted before the transaction that is open, or the batch, began. */
const char *hg_values_before(const struct hg_values *values, int setting);
/* Was it set in the transaction that is open, so that the transaction's end may change it? */
bool hg_values_unsettled(const struct hg_values *values, int setting);

/* What RESET goes back to; before the client's first transaction only. */
void hg_values_startup(struct hg_values *values, int setting, struct hg_slice value);
void hg_values_set(struct hg_values *values, int setting, struct hg_slice value, bool local);
void hg_values_reset(struct hg_values *values, int setting, bool local);
/* RESET ALL: all but who the client is. */
void hg_values_reset_all(struct hg_values *values);

static inline size_t hg_values_mark(struct hg_values *values)
{
    return values->mark = values->logged;
}
void hg_values_undo(struct hg_values *values, size_t mark); /* back to how it was at the mark */
/* Marks behind this one are not gone back to any more. */
void hg_values_release(struct hg_values *values, size_t mark);
void hg_values_commit(struct hg_values *values); /* local values end, the rest stays */

/* The next reported setting whose value the client does not know yet, which is then taken as reported; -1
 * when none. */
int hg_values_next_report(struct hg_values *values);
/* Every HG_SETTING_REPORT setting is taken as just reported: after the login has sent them all. */
void hg_values_reported_all(struct hg_values *values);

#endif
