/* The SQL of the second wall: a user of the backend that can do no more than the policy needs, and row
 * security that shows it one tenant's rows. Pure: from a snapshot to text. */
#ifndef HG_WALLS_H
#define HG_WALLS_H

#include "bytes.h"
#include "needs.h"

/* For one backend: a script for its administrator, to be run as often as one likes. */
void hg_walls_write(const struct hg_snapshot *snapshot, const struct hg_backend_config *backend,
                    struct hg_bytes *out);

/* Server connections in the pools of all backends whose user is this one's, at the same server. */
uint32_t hg_walls_pool_sizes(const struct hg_config *config, const struct hg_backend_config *backend);
/* How many of them it may have at once: twice as many, because a reload keeps a pool until its last statement
 * is over. */
uint32_t hg_walls_connections(const struct hg_config *config, const struct hg_backend_config *backend);

/* The section of a Redshift backend, below the common head. */
void hg_walls_redshift(const struct hg_needs *needs, uint32_t connections, struct hg_bytes *out);

/* The fixed texts of PostgreSQL's. */
extern const char hg_walls_user[], hg_walls_owner[], hg_walls_revoke[], hg_walls_sequences[],
    hg_walls_functions[], hg_walls_catalog[];

/* A name inside a comment: on one line. */
void hg_walls_comment(struct hg_bytes *out, struct hg_slice text);
/* `GRANT <kind> (<columns>) ON <table> TO <user>;` when any column needs it. */
void hg_walls_grant(const struct hg_need *need, unsigned kind, struct hg_slice user, struct hg_bytes *out);

#endif
