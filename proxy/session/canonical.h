/* What PostgreSQL makes of the value of a setting ("utc" -> "UTC"), remembered per worker, bounded. Pure. */
#ifndef HG_CANONICAL_H
#define HG_CANONICAL_H

#include "map.h"

#define HG_CANONICAL_MOST 1024u

struct hg_canonical {
    struct hg_map map; /* setting, what it was before, value -> canonical value */
};

void hg_canonical_init(struct hg_canonical *canonical);
void hg_canonical_free(struct hg_canonical *canonical);
/* `before`: the present value, of settings that change in part only (DateStyle); else empty. ptr NULL when
 * not known. */
struct hg_slice hg_canonical_get(const struct hg_canonical *canonical, int setting, struct hg_slice before,
                                 struct hg_slice value);
void hg_canonical_put(struct hg_canonical *canonical, int setting, struct hg_slice before,
                      struct hg_slice value, struct hg_slice result);

#endif
