/* What a new policy and configuration change, in words: for whoever is about to reload them. */
#ifndef HG_DIFFERENCE_H
#define HG_DIFFERENCE_H

#include "snapshot.h"

struct hg_change {
    struct hg_slice text; /* "user \"acme_bi\": role from \"analyst\" to \"writer\"" */
    struct hg_change *next;
};

struct hg_difference {
    struct hg_change *first, *last;
    size_t count;  /* all of them */
    size_t listed; /* those in the list; further ones are counted only */
};

#define HG_MOST_CHANGES 1000

/* Settings, tables, roles with what they see and may do, tenants, users, limits. Secrets are said to have
 * changed, not how. Texts live in the arena. */
void hg_snapshot_difference(const struct hg_snapshot *old, const struct hg_snapshot *new,
                            struct hg_arena *arena, struct hg_difference *difference);

/* Settings that differ and that only a restart changes: their names, a comma between them; empty when there
 * are none. */
struct hg_slice hg_config_fixed(const struct hg_config *old, const struct hg_config *new,
                                struct hg_arena *arena);

#endif
