/* Tenants and users: many, so that each costs a few map lookups and no text is made unless there is an error.
 */
#include "keys.h"
#include "policy.h"

struct tenant_draft {
    const struct hg_yaml *value, *attributes, *limits;
};

#define AT(field) .offset = offsetof(struct tenant_draft, field)
static const struct hg_key tenant_keys[] = {
    {"value", HG_KEY_NODE, AT(value), .required = true,
     .help = "what stands in the tenant column of its rows"},
    {"limits", HG_KEY_NODE, AT(limits),
     .help = "how much all its users together may ask for; keys not written are as at the top"},
    {"attributes", HG_KEY_NODE, AT(attributes), .help = "values for {tenant.x} in rows: of roles"},
};
#undef AT

struct user_draft {
    const struct hg_yaml *tenant, *role, *attributes, *limits;
    struct hg_login_draft login;
};

#define AT(field) .offset = offsetof(struct user_draft, field)
static const struct hg_key user_keys[] = {
    {"tenant", HG_KEY_NODE, AT(tenant), .required = true, .help = "whose rows the user sees"},
    {"role", HG_KEY_NODE, AT(role), .required = true, .help = "what the user may do"},
    {"password", HG_KEY_NODE, AT(login.password),
     .help = "verifier of the password; `headgate password` makes one"},
    {"login", HG_KEY_NODE, AT(login.login),
     .help = "scram, md5, cleartext or certificate; otherwise as at the top"},
    {"certificate", HG_KEY_NODE, AT(login.certificate),
     .help = "name that the client's TLS certificate must bear"},
    {"attributes", HG_KEY_NODE, AT(attributes), .help = "values for {user.x} in rows: of roles"},
    {"limits", HG_KEY_NODE, AT(limits),
     .help = "how much the user may ask for; keys not written are as the role's"},
};
#undef AT

#define VALUE_BYTES 255

/* ---- tenants ---- */

bool hg_policy_is_plain(struct hg_slice value)
{
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        bool c1_control = c == 0xc2 && i + 1 < value.len && (unsigned char)value.ptr[i + 1] < 0xa0;
        if (c < 0x20 || c == 0x7f || c == '\'' || c == '"' || c == '\\' || c1_control)
            return false;
    }
    return true;
}

static void read_tenant(struct hg_policy *policy, const struct hg_yaml *entry, struct hg_map *values)
{
    struct hg_load *load = policy->load;
    struct tenant_draft draft = {0};
    if (!hg_load_name(load, entry->key, entry->key_place, "a tenant's name"))
        return;
    struct hg_tenant *tenant = &policy->snapshot->tenants[policy->snapshot->ntenants++];
    tenant->name = hg_arena_slice(load->arena, entry->key);
    (void)hg_map_put(&policy->tenant_map, tenant->name, tenant);
    bool read = hg_keys_load(load, entry, "the tenant", tenant_keys,
                             sizeof tenant_keys / sizeof tenant_keys[0], &draft);
    tenant->limits = hg_policy_limits(policy, draft.limits, policy->tenant_limits);
    policy->tenant_values[policy->snapshot->ntenants - 1] = hg_policy_values(policy, draft.attributes);
    if (!read || !hg_load_scalar(load, draft.value, "\"value\"", &tenant->value))
        return;
    tenant->value = hg_arena_slice(load->arena, tenant->value);
    if (tenant->value.len > VALUE_BYTES || !hg_policy_is_plain(tenant->value))
        hg_load_error(
            load, draft.value->place, NULL,
            "a tenant's value is text of at most %d bytes without quotes, backslashes and control characters",
            VALUE_BYTES);
    const struct hg_tenant *other = hg_map_put(values, tenant->value, tenant);
    if (other)
        hg_load_error(load, draft.value->place, NULL, "tenants \"%.*s\" and \"%.*s\" have the same value",
                      HG_SHORT(other->name), HG_SHORT(tenant->name));
}

void hg_policy_tenants(struct hg_policy *policy)
{
    struct hg_map values;
    if (!policy->tenants || !hg_load_map(policy->load, policy->tenants, "\"tenants\""))
        return;
    policy->snapshot->tenants =
        HG_NEW_ARRAY(policy->load->arena, struct hg_tenant, policy->tenants->count + 1);
    policy->tenant_values =
        HG_NEW_ARRAY(&policy->load->scratch, struct hg_values, policy->tenants->count + 1);
    policy->tenant_limits = hg_policy_limits(policy, policy->limits, &hg_no_limits);
    hg_map_init(&values);
    for (const struct hg_yaml *entry = policy->tenants->first; entry; entry = entry->next)
        read_tenant(policy, entry, &values);
    hg_map_free(&values);
}

/* ---- users ---- */

static const char *nearest_tenant(struct hg_load *load, struct hg_slice name)
{
    const struct hg_snapshot *snapshot = load->snapshot;
    if (!hg_load_hints(load))
        return NULL;
    const char **names = HG_NEW_ARRAY(&load->scratch, const char *, snapshot->ntenants + 1);
    for (size_t i = 0; i < snapshot->ntenants; i++)
        names[i] = snapshot->tenants[i].name.ptr;
    return hg_load_nearest(load, name, names, snapshot->ntenants);
}

static const char *nearest_role(struct hg_load *load, struct hg_slice name)
{
    const struct hg_snapshot *snapshot = load->snapshot;
    if (!hg_load_hints(load))
        return NULL;
    const char **names = HG_NEW_ARRAY(&load->scratch, const char *, snapshot->nroles + 1);
    for (size_t i = 0; i < snapshot->nroles; i++)
        names[i] = snapshot->roles[i].name.ptr;
    return hg_load_nearest(load, name, names, snapshot->nroles);
}

static void read_references(struct hg_policy *policy, struct hg_user *user, const struct user_draft *draft)
{
    struct hg_load *load = policy->load;
    struct hg_slice name;
    if (hg_load_scalar(load, draft->tenant, "\"tenant\"", &name)) {
        user->tenant = hg_map_get(&policy->tenant_map, name);
        if (!user->tenant)
            hg_load_error(load, draft->tenant->place, nearest_tenant(load, name),
                          "there is no tenant \"%.*s\"", HG_SHORT(name));
    }
    if (hg_load_scalar(load, draft->role, "\"role\"", &name)) {
        user->role = hg_map_get(&policy->role_map, name);
        if (!user->role)
            hg_load_error(load, draft->role->place, nearest_role(load, name), "there is no role \"%.*s\"",
                          HG_SHORT(name));
    }
}

static void read_user(struct hg_policy *policy, const struct hg_yaml *entry)
{
    struct hg_load *load = policy->load;
    struct user_draft draft = {0};
    if (!hg_load_name(load, entry->key, entry->key_place, "a user's name"))
        return;
    struct hg_user *user = &policy->snapshot->users[policy->snapshot->nusers++];
    user->name = hg_arena_slice(load->arena, entry->key);
    (void)hg_map_put(&policy->snapshot->user_map, user->name, user);
    if (!hg_keys_load(load, entry, "the user", user_keys, sizeof user_keys / sizeof user_keys[0], &draft))
        return;
    read_references(policy, user, &draft);
    user->limits = hg_policy_limits(policy, draft.limits, user->role ? user->role->limits : &hg_no_limits);
    hg_policy_login(policy, user, &draft.login, entry);
    struct hg_values values = hg_policy_values(policy, draft.attributes);
    if (user->tenant && user->role)
        hg_policy_attributes(policy, user, &values, entry);
}

void hg_policy_users(struct hg_policy *policy)
{
    if (!policy->users || !hg_load_map(policy->load, policy->users, "\"users\""))
        return;
    policy->snapshot->users = HG_NEW_ARRAY(policy->load->arena, struct hg_user, policy->users->count + 1);
    for (const struct hg_yaml *entry = policy->users->first; entry; entry = entry->next)
        read_user(policy, entry);
}

/* ---- for documentation ---- */

struct hg_policy_section hg_policy_tenant_keys(void)
{
    return (struct hg_policy_section){"tenants.<name>", tenant_keys,
                                      sizeof tenant_keys / sizeof tenant_keys[0]};
}

struct hg_policy_section hg_policy_user_keys(void)
{
    return (struct hg_policy_section){"users.<name>", user_keys, sizeof user_keys / sizeof user_keys[0]};
}
