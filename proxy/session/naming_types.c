/* Names of types in the errors of a data backend. Its search_path is pg_catalog alone, so it qualifies the
 * enums and domains of the schema: `public.status`. PostgreSQL would say `status` where the client's own
 * search_path finds the type by that: its first schema that has a type of the name, tables included, has this
 * one. What stands between double quotes is data or a name by itself, and stays. */
#include "bytes.h"
#include "ddl.h"
#include "naming.h"
#include "search_path.h"

static bool is_plain(struct hg_slice name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!(c >= 'a' && c <= 'z') && c != '_' && !(i && c >= '0' && c <= '9'))
            return false;
    }
    return name.len > 0;
}

static void write_name(struct hg_bytes *out, struct hg_slice name)
{
    if (is_plain(name))
        hg_write_slice(out, name);
    else
        hg_ddl_name(out, name);
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || c == '.' || (unsigned char)c >= 0x80;
}

static bool is_found(const struct hg_naming *naming, const struct hg_search_path *path,
                     const struct hg_user_type *type)
{
    for (size_t i = 0; i < path->count; i++) {
        struct hg_slice schema = path->schemas[i];
        if (hg_slice_equal(schema, type->schema))
            return true;
        if (hg_snapshot_type(naming->snapshot, schema, type->name) ||
            hg_snapshot_table(naming->snapshot, schema, type->name))
            return false;
    }
    return false;
}

/* A type's qualified name as the server writes it, where it stands at the front of the text, as a whole. */
static bool begins_with_type(struct hg_slice text, const struct hg_user_type *type, size_t *len)
{
    struct hg_bytes name;
    hg_bytes_init(&name, 0);
    write_name(&name, type->schema);
    hg_write_u8(&name, '.');
    write_name(&name, type->name);
    *len = name.len;
    bool there = text.len >= name.len && memcmp(text.ptr, name.data, name.len) == 0 &&
                 (text.len == name.len || !is_word(text.ptr[name.len]));
    hg_bytes_free(&name);
    return there;
}

static const struct hg_user_type *type_at(const struct hg_naming *naming, struct hg_slice text, size_t *len)
{
    for (size_t i = 0; i < naming->snapshot->ntypes; i++)
        if (begins_with_type(text, &naming->snapshot->types[i], len))
            return &naming->snapshot->types[i];
    return NULL;
}

static bool names_a_schema(const struct hg_naming *naming, struct hg_slice text)
{
    for (size_t i = 0; naming->snapshot->ntypes && i + 1 < text.len; i++)
        if (text.ptr[i] == '.' && text.ptr[i + 1] != ' ')
            return true;
    return false;
}

struct hg_slice hg_naming_types(const struct hg_naming *naming, struct hg_slice text)
{
    const struct hg_context context = {.snapshot = naming->snapshot, .user = naming->user};
    struct hg_bytes out;
    bool quoted = false;
    if (!names_a_schema(naming, text))
        return text;
    struct hg_search_path path = hg_search_path_of(naming->search_path, &context, naming->arena);
    hg_bytes_init(&out, 0);
    for (size_t at = 0; at < text.len;) {
        const struct hg_user_type *type = NULL;
        size_t len = 0;
        if (!quoted && (at == 0 || !is_word(text.ptr[at - 1])))
            type = type_at(naming, hg_slice_of(text.ptr + at, text.len - at), &len);
        if (type && is_found(naming, &path, type)) {
            write_name(&out, type->name);
            at += len;
            continue;
        }
        quoted ^= text.ptr[at] == '"';
        hg_write_u8(&out, (uint8_t)text.ptr[at++]);
    }
    struct hg_slice result = hg_arena_slice(naming->arena, hg_bytes_slice(&out));
    hg_bytes_free(&out);
    return result;
}
