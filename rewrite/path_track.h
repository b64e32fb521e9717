/* search_path within one text: `SET search_path = crm; SELECT * FROM contacts` reads crm.contacts. */
#ifndef HG_PATH_TRACK_H
#define HG_PATH_TRACK_H

#include "rewrite.h"

/* A path whose ptr is NULL is not known here. */
struct hg_path_track {
    struct hg_slice now;       /* what the next statement sees */
    struct hg_slice committed; /* what it becomes when the transaction commits, */
    struct hg_slice before;    /* and when it is rolled back */
    struct hg_slice reset;     /* what RESET makes of it */
};

struct hg_path_track hg_path_track_of(const struct hg_context *context);
/* It may be anything from now on. */
void hg_path_track_forget(struct hg_path_track *track);
/* What a statement that is answered locally changes. */
void hg_path_track_step(struct hg_path_track *track, const struct hg_verdict *verdict);

#endif
