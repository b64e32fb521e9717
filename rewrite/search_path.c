/* See search_path.h. The setting is a comma-separated list of identifiers, quoted where they must be; one
 * that does not parse (the session canonicalises it, so none should) ends the list: fewer schemas are seen,
 * never more. */
#include "search_path.h"

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/* Reads one identifier at *at into the room at *room; false at the end or at something else. */
static bool next_name(struct hg_slice text, size_t *at, char **room, struct hg_slice *name)
{
    while (*at < text.len && (is_space(text.ptr[*at]) || text.ptr[*at] == ','))
        ++*at;
    if (*at >= text.len)
        return false;
    char *copy = *room;
    size_t len = 0;
    bool quoted = text.ptr[*at] == '"';
    for (size_t i = *at + quoted; i <= text.len; i++) {
        char c = i < text.len ? text.ptr[i] : '\0';
        bool twice = quoted && c == '"' && i + 1 < text.len && text.ptr[i + 1] == '"';
        if (i == text.len || (quoted ? c == '"' && !twice : c == ',' || is_space(c))) {
            *at = i + quoted;
            *name = hg_slice_of(copy, len);
            *room += len;
            return i < text.len || !quoted;
        }
        if (!quoted && c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        copy[len++] = c;
        i += twice;
    }
    return false;
}

struct hg_search_path hg_search_path_of(struct hg_slice setting, const struct hg_snapshot *snapshot,
                                        struct hg_arena *arena)
{
    size_t most = 2;
    for (size_t i = 0; i < setting.len; i++)
        most += setting.ptr[i] == ',';
    struct hg_search_path path = {.schemas = HG_NEW_ARRAY(arena, struct hg_slice, most)};
    char *room = hg_arena_alloc(arena, setting.len + 1);
    struct hg_slice name;
    path.unknown = setting.ptr == NULL;
    path.count = 1; /* room for pg_catalog, which comes first unless it is named */
    path.schemas[0] = HG_LIT("pg_catalog");
    for (size_t at = 0; next_name(setting, &at, &room, &name) && path.count < most;) {
        bool catalog = hg_slice_is(name, "pg_catalog");
        if (!catalog && !hg_slice_is(name, "information_schema") && !hg_snapshot_has_schema(snapshot, name))
            continue;
        path.catalog_named |= catalog;
        path.schemas[path.count++] = name;
    }
    if (path.catalog_named) {
        path.schemas++;
        path.count--;
    }
    return path;
}

struct hg_slice hg_search_path_current(const struct hg_search_path *path)
{
    size_t first = path->catalog_named ? 0 : 1;
    return first < path->count ? path->schemas[first] : HG_LIT("");
}
