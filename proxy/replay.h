/* Recent statements under a new policy: which would be refused, go elsewhere, or mean something else. */
#ifndef HG_REPLAY_H
#define HG_REPLAY_H

#include "bytes.h"
#include "recent.h"

#define HG_REPLAY_LINES 200u

/* Each statement is rewritten under both snapshots, as the first one of a session of its user, and what
 * differs is written to `report`, a line each, at most HG_REPLAY_LINES, and a summary. Nothing is sent
 * anywhere. Needs the stack of a rewriter. */
void hg_replay(const struct hg_snapshot *old, const struct hg_snapshot *new,
               const struct hg_recent_statement *list, size_t count, struct hg_bytes *report);

#endif
