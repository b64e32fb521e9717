/* `limits:` at the top (of each tenant), of a tenant, of a role (of each of its users) and of a user. A key
 * that is not written is as where the limits come from: a tenant's from the top, a user's from its role.
 * Whoever writes no limits shares those. */
#include "keys.h"
#include "policy.h"

const struct hg_limits hg_no_limits = {0};

#define LIMIT_NAME(field, ...) #field,
const char *const hg_limit_names[HG_NLIMITS] = {HG_LIMITS(LIMIT_NAME)};
#undef LIMIT_NAME

#define LIMIT(field, ctype, kind, what)                                                                      \
    {.name = #field, .type = kind, .offset = offsetof(struct hg_limits, field), .help = what},
static const struct hg_key limit_keys[] = {HG_LIMITS(LIMIT)};
#undef LIMIT

#define NKEYS (sizeof limit_keys / sizeof limit_keys[0])

#define LIMIT(field, ctype, kind, what) sizeof(ctype),
static const size_t sizes[] = {HG_LIMITS(LIMIT)};
#undef LIMIT

static bool stands_in(const struct hg_yaml *map, const char *key)
{
    for (const struct hg_yaml *entry = map->first; entry; entry = entry->next)
        if (hg_slice_is(entry->key, key))
            return true;
    return false;
}

const struct hg_limits *hg_policy_limits(struct hg_policy *policy, const struct hg_yaml *map,
                                         const struct hg_limits *base)
{
    struct hg_load *load = policy->load;

    if (!map || !hg_load_map(load, map, "\"limits\""))
        return base;
    struct hg_limits *limits = HG_NEW(load->arena, struct hg_limits);
    if (!hg_keys_load(load, map, "the limits", limit_keys, NKEYS, limits))
        return base;
    for (size_t i = 0; i < NKEYS; i++)
        if (!stands_in(map, limit_keys[i].name))
            memcpy((char *)limits + limit_keys[i].offset, (const char *)base + limit_keys[i].offset,
                   sizes[i]);
    return limits;
}

struct hg_policy_section hg_policy_limit_keys(void)
{
    return (struct hg_policy_section){"<any>.limits", limit_keys, sizeof limit_keys / sizeof limit_keys[0]};
}
