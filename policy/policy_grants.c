/* What a role may do apart from which tables: kinds of statements, functions. Whether a denied function is
 * one that there is, the floor above says: it has the list. */
#include "keys.h"
#include "policy.h"

struct functions_draft {
    const struct hg_yaml *deny;
};

static const struct hg_key function_keys[] = {
    {"deny", HG_KEY_NODE, .offset = offsetof(struct functions_draft, deny),
     .help = "names of functions that the role may not call"},
};

static void add_statement(struct hg_load *load, struct hg_role *role, const struct hg_yaml *node)
{
    struct hg_slice name;
    if (!hg_load_scalar(load, node, "an entry of \"statements\"", &name))
        return;
    for (unsigned i = 0; i < HG_NGRANTS; i++)
        if (hg_slice_is(name, hg_grant_names[i])) {
            role->grants |= UINT32_C(1) << i;
            return;
        }
    const char *hint = hg_load_nearest(load, name, hg_grant_names, HG_NGRANTS);
    hg_load_error(load, node->place,
                  hint ? hint : "one of select, insert, update, delete, lock, copy, cursor, prepare, explain",
                  "there is no kind of statement \"%.*s\"", HG_SHORT(name));
}

static void read_statements(struct hg_load *load, struct hg_role *role, const struct hg_yaml *list)
{
    if (!list) {
        role->grants = (UINT32_C(1) << HG_NGRANTS) - 1;
        return;
    }
    if (!hg_load_list(load, list, "\"statements\""))
        return;
    for (const struct hg_yaml *entry = list->first; entry; entry = entry->next)
        add_statement(load, role, entry);
}

static void deny_function(struct hg_load *load, struct hg_role *role, const struct hg_yaml *node)
{
    struct hg_slice name;
    if (!hg_load_scalar(load, node, "an entry of \"deny\"", &name))
        return;
    struct hg_denial *denial = &role->denials[role->ndenials++];
    *denial = (struct hg_denial){hg_arena_slice(load->arena, name), node->place};
    if (hg_map_put(&role->denied, denial->name, denial))
        hg_load_error(load, node->place, NULL, "function \"%.*s\" stands twice", HG_SHORT(name));
}

static void read_functions(struct hg_load *load, struct hg_role *role, const struct hg_yaml *map)
{
    struct functions_draft draft = {0};
    if (!map || !hg_keys_load(load, map, "\"functions\"", function_keys, 1, &draft) || !draft.deny ||
        !hg_load_list(load, draft.deny, "\"deny\""))
        return;
    role->denials = HG_NEW_ARRAY(load->arena, struct hg_denial, draft.deny->count + 1);
    for (const struct hg_yaml *entry = draft.deny->first; entry; entry = entry->next)
        deny_function(load, role, entry);
}

void hg_policy_grants(struct hg_policy *policy, struct hg_role *role, const struct hg_grants_draft *draft)
{
    read_statements(policy->load, role, draft->statements);
    read_functions(policy->load, role, draft->functions);
    if (!draft->explain)
        role->grants &= ~(UINT32_C(1) << HG_GRANT_EXPLAIN);
    role->explain_rewrite = draft->explain_rewrite;
}

struct hg_policy_section hg_policy_function_keys(void)
{
    return (struct hg_policy_section){"roles.<name>.functions", function_keys,
                                      sizeof function_keys / sizeof function_keys[0]};
}
