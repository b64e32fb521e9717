/* Attributes of users and tenants: `attributes: {region: eu, regions: [eu, us]}`. Each becomes the content of
 * one literal, which stands for it wherever the role's `rows:` speak of it: of a list, that is the text of an
 * array. What a literal of both dialects could not hold as it stands is refused here, so that nothing has to
 * be escaped later. */
#include "policy.h"

#define VALUE_BYTES 255  /* of one value */
#define LIST_BYTES  8192 /* of the text of an array */

static struct hg_slice read_one(struct hg_policy *policy, const struct hg_yaml *node)
{
    struct hg_slice text;
    if (!hg_load_scalar(policy->load, node, "an attribute", &text))
        return HG_LIT("");
    if (text.len > VALUE_BYTES || !hg_policy_is_plain(text))
        hg_load_error(
            policy->load, node->place, NULL,
            "an attribute's value is text of at most %d bytes without quotes, backslashes and control "
            "characters",
            VALUE_BYTES);
    return text;
}

/* An element of an array that means itself without quotes. */
static bool is_word(struct hg_slice text)
{
    bool null = text.len == 4 && (text.ptr[0] | 32) == 'n' && (text.ptr[1] | 32) == 'u' &&
                (text.ptr[2] | 32) == 'l' && (text.ptr[3] | 32) == 'l';
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!(c >= '0' && c <= '9') && !((c | 32) >= 'a' && (c | 32) <= 'z') && !strchr("_-.", c))
            return false;
    }
    return !null;
}

static struct hg_slice read_list(struct hg_policy *policy, const struct hg_yaml *node)
{
    struct hg_bytes out;
    hg_bytes_init(&out, 0);
    hg_write_u8(&out, '{');
    for (const struct hg_yaml *entry = node->first; entry; entry = entry->next) {
        struct hg_slice text = read_one(policy, entry);
        const char *quote = is_word(text) ? "" : "\"";
        hg_write_format(&out, "%s%s%.*s%s", entry == node->first ? "" : ",", quote, HG_SLICE_FMT(text),
                        quote);
    }
    hg_write_u8(&out, '}');
    if (out.len > LIST_BYTES)
        hg_load_error(policy->load, node->place, NULL, "a list of attributes takes at most %d bytes",
                      LIST_BYTES);
    struct hg_slice text = hg_arena_slice(policy->load->arena, hg_bytes_slice(&out));
    hg_bytes_free(&out);
    return text;
}

static bool is_name(struct hg_slice name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!((c | 32) >= 'a' && (c | 32) <= 'z') && c != '_' && (i == 0 || !(c >= '0' && c <= '9')))
            return false;
    }
    return name.len && name.len <= HG_NAME_BYTES;
}

struct hg_values hg_policy_values(struct hg_policy *policy, const struct hg_yaml *map)
{
    struct hg_load *load = policy->load;
    struct hg_values values = {0};
    if (!map || !hg_load_map(load, map, "\"attributes\"") || !map->count)
        return values;
    values.list = HG_NEW_ARRAY(&load->scratch, struct hg_value, map->count);
    for (const struct hg_yaml *entry = map->first; entry; entry = entry->next) {
        struct hg_value *value = &values.list[values.count++];
        value->name = entry->key;
        value->list = entry->kind == HG_YAML_LIST;
        value->text =
            value->list ? read_list(policy, entry) : hg_arena_slice(load->arena, read_one(policy, entry));
        if (!is_name(entry->key))
            hg_load_error(load, entry->key_place, "letters, digits and underscores",
                          "\"%.*s\" cannot be the name of an attribute", HG_SHORT(entry->key));
        else if (hg_slice_is(entry->key, "name"))
            hg_load_error(load, entry->key_place, "{user.name} and {tenant.name} are what they are called",
                          "no attribute can be called \"name\"");
    }
    return values;
}

/* ---- what a role speaks of ---- */

static const struct hg_value *find_value(const struct hg_values *values, struct hg_slice name)
{
    for (size_t i = 0; i < values->count; i++)
        if (hg_slice_equal(values->list[i].name, name))
            return &values->list[i];
    return NULL;
}

static const char *where(struct hg_load *load, const struct hg_attribute *attribute)
{
    return hg_load_text(load, "its role speaks of it in %s:%u:%u", attribute->place.file,
                        attribute->place.line, attribute->place.column);
}

/* Whether the value is of the kind that the conditions need; says so when not. */
static void check_value(struct hg_load *load, const struct hg_attribute *attribute,
                        const struct hg_value *value, const struct hg_yaml *entry)
{
    bool plain = attribute->needs_list || value->list || hg_policy_is_plain(value->text);
    const char *owner = attribute->of_tenant ? "tenant" : "user";
    if (attribute->needs_list && !value->list)
        hg_load_error(load, entry->key_place, where(load, attribute),
                      "the attribute \"%.*s\" of this user's %s must be a list", HG_SHORT(attribute->name),
                      owner);
    else if (attribute->needs_one && value->list)
        hg_load_error(load, entry->key_place, where(load, attribute),
                      "the attribute \"%.*s\" of this user's %s must be one value, not a list",
                      HG_SHORT(attribute->name), owner);
    else if (!plain)
        hg_load_error(
            load, entry->key_place, where(load, attribute),
            "the name of this %s cannot be used in a condition: it has quotes, backslashes or control "
            "characters",
            owner);
}

void hg_policy_attributes(struct hg_policy *policy, struct hg_user *user, const struct hg_values *own,
                          const struct hg_yaml *entry)
{
    struct hg_load *load = policy->load;
    const struct hg_role *role = user->role;
    if (!role->nattributes)
        return;
    user->attributes = HG_NEW_ARRAY(load->arena, struct hg_slice, role->nattributes);
    for (size_t i = 0; i < role->nattributes; i++) {
        const struct hg_attribute *attribute = &role->attributes[i];
        const struct hg_values *values =
            attribute->of_tenant ? &policy->tenant_values[user->tenant - policy->snapshot->tenants] : own;
        struct hg_value name = {.name = HG_LIT("name"),
                                .text = attribute->of_tenant ? user->tenant->name : user->name};
        const struct hg_value *value =
            hg_slice_is(attribute->name, "name") ? &name : find_value(values, attribute->name);
        if (value) {
            user->attributes[i] = value->text;
            check_value(load, attribute, value, entry);
        } else {
            hg_load_error(load, entry->key_place, where(load, attribute),
                          "this user%s has no attribute \"%.*s\"", attribute->of_tenant ? "'s tenant" : "",
                          HG_SHORT(attribute->name));
        }
    }
}
