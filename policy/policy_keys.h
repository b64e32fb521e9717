/* The keys of policy.yaml, section by section, as its loaders know them: for documentation. */
#ifndef HG_POLICY_KEYS_H
#define HG_POLICY_KEYS_H

#include "keys.h"

struct hg_policy_section {
    const char *path; /* "", "tables.<schema.name>", "users.<name>", … */
    const struct hg_key *keys;
    size_t count;
};

/* X(function that gives the section) */
#define HG_POLICY_SECTIONS(X)                                                                                \
    X(hg_policy_top_keys)                                                                                    \
    X(hg_policy_table_keys)                                                                                  \
    X(hg_policy_family_keys)                                                                                 \
    X(hg_policy_role_keys)                                                                                   \
    X(hg_policy_rule_keys)                                                                                   \
    X(hg_policy_function_keys)                                                                               \
    X(hg_policy_tenant_keys)                                                                                 \
    X(hg_policy_user_keys)                                                                                   \
    X(hg_policy_limit_keys)

#define HG_DECLARE_SECTION(function) struct hg_policy_section function(void);
HG_POLICY_SECTIONS(HG_DECLARE_SECTION)
#undef HG_DECLARE_SECTION

#endif
