/* Does the system grant what the configuration may ask for? Checked at the start, when somebody looks, rather
 * than found out on the day when all clients are there. */
#ifndef HG_BUDGET_H
#define HG_BUDGET_H

#include "config.h"

struct hg_budget {
    uint64_t descriptors, may_open; /* needed at most; RLIMIT_NOFILE */
    uint64_t bytes, may_hold; /* expected with all clients there; of the control group, or the machine */
};

/* Raises the soft limit of descriptors to the hard one and adds up. `stack_bytes`: of each worker. */
struct hg_budget hg_budget_of(const struct hg_config *config, size_t stack_bytes);

/* False, with a line on stderr that says what to change, when there are too few descriptors: clients would be
 * refused for want of them. Too little memory is a warning: limits are seldom reached all at once. */
HG_MUST_USE bool hg_budget_check(const struct hg_budget *budget);

#endif
