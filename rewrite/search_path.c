/* See search_path.h. The setting is a comma-separated list of identifiers, quoted where they must be; one
 * that does not parse (the session canonicalises it, so none should) ends the list: fewer schemas are seen,
 * never more. */
#include "search_path.h"

#define NAME_MOST  63 /* bytes, as in PostgreSQL */
#define FIRST_ROOM 8

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/* Reads one identifier at *at into `room`, which has NAME_MOST bytes: a longer one is the name of no schema,
 * and reads as none. False at the end or at something else. */
static bool next_name(struct hg_slice text, size_t *at, char *room, struct hg_slice *name)
{
    while (*at < text.len && (is_space(text.ptr[*at]) || text.ptr[*at] == ','))
        ++*at;
    if (*at >= text.len)
        return false;
    size_t len = 0;
    bool quoted = text.ptr[*at] == '"';
    for (size_t i = *at + quoted; i <= text.len; i++) {
        char c = i < text.len ? text.ptr[i] : '\0';
        bool twice = quoted && c == '"' && i + 1 < text.len && text.ptr[i + 1] == '"';
        if (i == text.len || (quoted ? c == '"' && !twice : c == ',' || is_space(c))) {
            *at = i + quoted;
            *name = hg_slice_of(room, len <= NAME_MOST ? len : 0);
            return i < text.len || !quoted;
        }
        if (!quoted && c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if (len < NAME_MOST)
            room[len] = c;
        len++;
        i += twice;
    }
    return false;
}

/* The first is pg_catalog's place. */
static bool is_listed(const struct hg_search_path *path, struct hg_slice name)
{
    for (size_t i = 1; i < path->count; i++)
        if (hg_slice_equal(path->schemas[i], name))
            return true;
    return false;
}

static void add(struct hg_search_path *path, size_t *room, struct hg_slice name, struct hg_arena *arena)
{
    if (path->count == *room) {
        struct hg_slice *schemas = HG_NEW_ARRAY(arena, struct hg_slice, *room * 2);
        memcpy(schemas, path->schemas, path->count * sizeof(*schemas));
        path->schemas = schemas;
        *room *= 2;
    }
    path->schemas[path->count++] = hg_arena_slice(arena, name);
}

/* Each schema once: what a name means does not change by looking a second time, and clients may write long
 * lists. */
struct hg_search_path hg_search_path_of(struct hg_slice setting, const struct hg_context *context,
                                        struct hg_arena *arena)
{
    char name_room[NAME_MOST];
    size_t room = FIRST_ROOM;
    struct hg_search_path path = {.schemas = HG_NEW_ARRAY(arena, struct hg_slice, FIRST_ROOM)};
    struct hg_slice name;
    path.unknown = setting.ptr == NULL;
    path.count = 1; /* room for pg_catalog, which comes first unless it is named */
    path.schemas[0] = HG_LIT("pg_catalog");
    for (size_t at = 0; next_name(setting, &at, name_room, &name);) {
        bool catalog = hg_slice_is(name, "pg_catalog");
        if (!catalog && !hg_slice_is(name, "information_schema") &&
            !hg_role_sees_schema(context->snapshot, context->user->role, name))
            continue;
        if (is_listed(&path, name))
            continue;
        path.catalog_named |= catalog;
        add(&path, &room, name, arena);
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
