/* `admin:` of headgate.yaml: who may log in to the console. Administrators are the process's, not the
 * policy's: who changes what tenants see is not decided in the file that says what tenants see. */
#include "config_keys.h"
#include "verifier.h"

static void load_password(struct hg_load *load, struct hg_admin_draft *draft)
{
    struct hg_slice text;
    const char *why;
    if (!hg_load_scalar(load, draft->password, "\"password\"", &text))
        return;
    if (hg_verifier_check(text, &why))
        draft->admin.password = hg_arena_slice(load->arena, text);
    else
        hg_load_error(load, draft->password->place, "`headgate password` makes one",
                      "the password is no SCRAM-SHA-256 verifier: %s", why);
}

static void load_user(struct hg_load *load, const struct hg_yaml *entry, struct hg_config *config)
{
    struct hg_admin_draft draft = {0};
    if (!hg_load_name(load, entry->key, entry->key_place, "an administrator's name") ||
        !hg_load_section(load, entry, "the administrator", HG_SECTION_ADMIN_USER, &draft))
        return;
    load_password(load, &draft);
    draft.admin.name = hg_arena_slice(load->arena, entry->key);
    config->admins[config->nadmins++] = draft.admin;
}

void hg_load_admin(struct hg_load *load, struct hg_config_draft *draft)
{
    static const struct hg_yaml nothing = {.kind = HG_YAML_MAP};
    struct hg_config *config = &draft->config;
    if (!hg_load_section(load, draft->admin ? draft->admin : &nothing, "admin", HG_SECTION_ADMIN, draft) ||
        !draft->admin_users || !hg_load_map(load, draft->admin_users, "\"users\""))
        return;
    config->admins = HG_NEW_ARRAY(load->arena, struct hg_admin, draft->admin_users->count + 1);
    for (const struct hg_yaml *entry = draft->admin_users->first; entry; entry = entry->next)
        load_user(load, entry, config);
}

const struct hg_admin *hg_config_admin(const struct hg_config *config, struct hg_slice name)
{
    for (size_t i = 0; i < config->nadmins; i++)
        if (hg_slice_equal(config->admins[i].name, name))
            return &config->admins[i];
    return NULL;
}
