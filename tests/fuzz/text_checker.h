/* Is a text that would be sent safe, by eyes that are not the rewriter's? */
#ifndef HG_TEST_CHECKER_H
#define HG_TEST_CHECKER_H

#include "snapshot.h"

struct checked {
    const struct hg_snapshot *snapshot;
    const struct hg_user *user; /* who sends it */
    bool catalog;               /* to the catalog backend; else to one with data */
};

/* NULL, or why not (in the arena). */
const char *check_sent(const struct checked *checked, struct hg_slice sql, struct hg_arena *arena);

#endif
