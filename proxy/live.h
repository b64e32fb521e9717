/* headgate check --live: is what stands in the databases what the policy believes, and can Headgate's users
 * there do no more than they need? */
#ifndef HG_LIVE_H
#define HG_LIVE_H

#include "blocking.h"
#include "bytes.h"
#include "diag.h"
#include "needs.h"

/* One question: its query gives a row for each finding, what it is about and what is wrong with it. */
struct hg_live_check {
    const char *id;
    enum hg_severity severity;
    unsigned where;
    const char *hint;
    const char *query; /* behind the prelude */
};

enum {
    HG_LIVE_DATA = 1,
    HG_LIVE_CATALOG = 2,
    HG_LIVE_WALLS = 4, /* data backends with walls on */
    HG_LIVE_ALL = HG_LIVE_DATA | HG_LIVE_CATALOG,
    HG_LIVE_ONCE = 8, /* about the server or the user: catalogs of roles have those of the catalog */
};

/* For PostgreSQL; the list ends with a check without an id. */
extern const char hg_live_prelude[];
extern const struct hg_live_check hg_live_checks[];

/* One backend being looked at. */
struct hg_live {
    const struct hg_snapshot *snapshot;
    const struct hg_backend_config *backend;
    struct hg_needs needs; /* of a data backend */
    struct hg_blocking *blocking;
    struct hg_arena arena;
    struct hg_bytes *report;
    const char *path; /* of the configuration, in front of each line */
    size_t errors, warnings;
};

/* Looks at all backends, and writes the findings, a line each. Returns how many of them are errors. */
HG_MUST_USE size_t hg_live_check(const struct hg_snapshot *snapshot, const char *path,
                                 struct hg_bytes *report);

/* ---- for the files that ask ---- */
void hg_live_report(struct hg_live *live, enum hg_severity severity, struct hg_slice object,
                    struct hg_slice text, const char *hint);
/* Rows of (object, text); a query that fails is a finding, too. */
void hg_live_ask(struct hg_live *live, const struct hg_live_check *check, struct hg_slice sql);
void hg_live_progress(const struct hg_live *live, const char *id); /* on a terminal; NULL: clears the line */

void hg_live_redshift(struct hg_live *live);
void hg_live_policy(struct hg_live *live); /* masks and conditions on rows, of a data backend */

#endif
