/* What clients sent of late, role by role: so that a new policy can be tried on it before it is taken up.
 *
 * Statements that differ in their literals alone count as one. Bounded in number, in bytes, and in how many
 * are taken in a second, so that it costs next to nothing. In memory only; what is in it are tenants' texts.
 */
#ifndef HG_RECENT_H
#define HG_RECENT_H

#include "arena.h"
#include "observing.h"

struct hg_recent;

#define HG_RECENT_LONGEST 8192u /* bytes of a text; longer ones are not kept */

struct hg_recent_statement {
    struct hg_slice role, user, search_path, text;
    bool extended;
};

struct hg_recent *hg_recent_new(uint32_t nworkers);
void hg_recent_free(struct hg_recent *recent); /* NULL is harmless */
struct hg_watcher hg_recent_watcher(struct hg_recent *recent);

/* From any thread: copies, the oldest first. */
size_t hg_recent_list(struct hg_recent *recent, struct hg_arena *arena, struct hg_recent_statement **list);

#endif
