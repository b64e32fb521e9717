/* Which tables the policy lets a role read and change: what stands in access control lists, and what
 * has_*_privilege answers. Nobody passes a right on. */
#ifndef HG_RIGHTS_H
#define HG_RIGHTS_H

#include "snapshot.h"

/* The text of an array with the names of tables, each as to_regclass() takes it. */
struct hg_rights_lists {
    struct hg_slice unread; /* tables that the role sees but may not read */
    struct hg_slice inserts, updates, deletes;
};
struct hg_rights_lists hg_rights_lists(const struct hg_snapshot *snapshot, const struct hg_role *role,
                                       struct hg_arena *arena);
/* Likewise those for which any of the rights holds: bits HG_GRANT_SELECT, INSERT, UPDATE, DELETE. */
struct hg_slice hg_rights_tables(const struct hg_snapshot *snapshot, const struct hg_role *role,
                                 unsigned grants, struct hg_arena *arena);

#endif
