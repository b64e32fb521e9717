/* Which of the names in a server's texts tenants know, and what they call them. A name between double quotes
 * is looked up among the physical tables; other words are too many to look up, but for the columns that tell
 * tenants apart. What the client said itself is no news to it, and stays.
 */
#define _GNU_SOURCE 1 /* memmem, memrchr */
#include "naming_private.h"

#include "bytes.h"

#define RLS    HG_LIT("new row violates row-level security policy")
#define DENIED HG_LIT("permission denied for table ")
#define SIGN   "unrecognized configuration parameter \"headgate.foreign_tenant\""

bool naming_said(const struct hg_naming *naming, struct hg_slice what)
{
    if (what.len == 0)
        return true;
    for (size_t i = 0; i < sizeof naming->said / sizeof naming->said[0]; i++)
        if (find(naming->said[i], what))
            return true;
    return false;
}

struct hg_slice naming_last_quoted(struct hg_slice text)
{
    if (!ends(text, HG_LIT("\".")))
        return none;
    struct hg_slice before = hg_slice_of(text.ptr, text.len - 2);
    const char *open = before.len ? memrchr(before.ptr, '"', before.len) : NULL;
    return open ? rest_of(before, open + 1) : none;
}

struct hg_slice naming_first_quoted(struct hg_slice text)
{
    const char *open = find(text, HG_LIT("\""));
    if (!open)
        return none;
    struct hg_slice inside = rest_of(text, open + 1);
    const char *close = find(inside, HG_LIT("\""));
    return close ? hg_slice_of(inside.ptr, (size_t)(close - inside.ptr)) : none;
}

struct hg_slice naming_renamed(const struct hg_naming *naming, struct hg_slice text,
                               struct hg_slice (*called)(const void *about, struct hg_slice name),
                               const void *about)
{
    struct hg_bytes out;
    hg_bytes_init(&out, 0);
    for (const char *open; (open = find(text, HG_LIT("\""))) != NULL;) {
        struct hg_slice inside = rest_of(text, open + 1);
        const char *close = find(inside, HG_LIT("\""));
        if (!close)
            break;
        hg_write(&out, text.ptr, (size_t)(inside.ptr - text.ptr));
        hg_write_slice(&out, called(about, hg_slice_of(inside.ptr, (size_t)(close - inside.ptr))));
        hg_write_u8(&out, '"');
        text = rest_of(text, close + 1);
    }
    hg_write_slice(&out, text);
    struct hg_slice result = hg_arena_slice(naming->arena, hg_bytes_slice(&out));
    hg_bytes_free(&out);
    return result;
}

/* ---- tables and columns ---- */

static const struct hg_table_view *view_of(const struct hg_naming *naming, const struct hg_table *table)
{
    return &naming->user->role->views[table->index];
}

const struct hg_table *naming_table(const struct hg_naming *naming, struct hg_slice schema,
                                    struct hg_slice name)
{
    const struct hg_table *found = NULL;
    for (size_t i = 0; i < naming->snapshot->ntables; i++) {
        const struct hg_table *table = &naming->snapshot->tables[i];
        if (!hg_slice_equal(table->physical_name, name) ||
            (schema.len && !hg_slice_equal(table->physical_schema, schema)))
            continue;
        if (found && !hg_slice_equal(found->name, table->name))
            return NULL;
        found = table;
    }
    return found;
}

bool naming_is_readable(const struct hg_naming *naming, const struct hg_table *table)
{
    return table && view_of(naming, table)->readable;
}

bool naming_is_visible(const struct hg_naming *naming, const struct hg_table *table, struct hg_slice column,
                       bool values)
{
    int at = table ? hg_table_column(table, column) : -1;
    if (at < 0 || !naming_is_readable(naming, table))
        return false;
    const struct hg_column_view *view = &view_of(naming, table)->columns[at];
    return !view->hidden && !(values && view->mask);
}

/* ---- other texts ---- */

static bool is_schema(const struct hg_naming *naming, struct hg_slice name)
{
    for (size_t i = 0; i < naming->snapshot->ntables; i++)
        if (hg_slice_equal(naming->snapshot->tables[i].physical_schema, name))
            return !hg_snapshot_has_schema(naming->snapshot, name);
    return false;
}

/* What the quoted name is called by tenants: itself, if it is nothing of ours. */
static struct hg_slice logical_name(const void *about, struct hg_slice name)
{
    const struct hg_naming *naming = about;
    const char *dot = find(name, HG_LIT("."));
    struct hg_slice schema = dot ? hg_slice_of(name.ptr, (size_t)(dot - name.ptr)) : none;
    const struct hg_table *table = naming_table(naming, schema, dot ? rest_of(name, dot + 1) : name);
    if (naming_is_readable(naming, table))
        return dot ? hg_arena_printf(naming->arena, "%.*s.%.*s", HG_SLICE_FMT(table->schema),
                                     HG_SLICE_FMT(table->name))
                   : table->name;
    bool ours = (table && !hg_slice_equal(table->name, table->physical_name)) || is_schema(naming, name);
    return ours && !naming_said(naming, name) ? HG_LIT(ELLIPSIS) : name;
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (unsigned char)c >= 0x80;
}

/* Each time that it stands there as a whole word. */
static struct hg_slice without_word(const struct hg_naming *naming, struct hg_slice text,
                                    struct hg_slice word)
{
    struct hg_bytes out;
    const char *hit, *from = text.ptr;
    if (!word.len || !find(text, word) || naming_said(naming, word))
        return text;
    hg_bytes_init(&out, 0);
    while ((hit = find(rest_of(text, from), word))) {
        const char *behind = hit + word.len, *end = text.ptr + text.len;
        bool whole = (hit == text.ptr || !is_word(hit[-1])) && (behind == end || !is_word(*behind));
        hg_write(&out, from, (size_t)(hit - from));
        hg_write_slice(&out, whole ? HG_LIT(ELLIPSIS) : word);
        from = behind;
    }
    hg_write_slice(&out, rest_of(text, from));
    struct hg_slice result = hg_arena_slice(naming->arena, hg_bytes_slice(&out));
    hg_bytes_free(&out);
    return result;
}

struct hg_slice hg_naming_text(const struct hg_naming *naming, struct hg_slice text)
{
    if (!text.len)
        return text;
    if (find(text, HG_LIT("\"")))
        text = naming_renamed(naming, text, logical_name, naming);
    for (size_t i = 0; i < naming->snapshot->ntables; i++) {
        const struct hg_table *table = &naming->snapshot->tables[i];
        if (table->tenant_column_index < 0)
            text = without_word(naming, text, table->tenant_column);
    }
    return text;
}

/* ---- permissions ---- */

bool hg_naming_foreign_tenant(const struct hg_naming *naming, struct hg_error_msg *error)
{
    const struct hg_table *table = naming->written;
    if (!hg_slice_is(error->sqlstate, "42704") || !hg_slice_is(error->message, SIGN))
        return false;
    error->sqlstate = hg_slice_cstr(HG_INSUFFICIENT_PRIVILEGE);
    error->message =
        table && table->tenant_column_index >= 0
            ? hg_arena_printf(naming->arena, "column \"%.*s\" takes only the value of your own tenant",
                              HG_SLICE_FMT(table->tenant_column))
            : HG_LIT("the column of the tenant takes only the value of your own tenant");
    error->detail = error->hint = none;
    return true;
}

bool hg_naming_permission(const struct hg_naming *naming, struct hg_error_msg *error)
{
    bool refused = begins(error->message, RLS), denied = begins(error->message, DENIED);
    struct hg_slice name = none;
    if (denied)
        name = rest_of(error->message, error->message.ptr + DENIED.len);
    else if (refused && ends(error->message, HG_LIT("\"")))
        name = naming_last_quoted(hg_arena_printf(naming->arena, "%.*s.", HG_SLICE_FMT(error->message)));
    const struct hg_table *table = naming_table(naming, none, name);
    if (refused && !table)
        table = naming->written;
    struct hg_slice other = refused || denied ? none : naming_first_quoted(error->message);
    error->detail = error->hint = none;
    if (other.len && naming_said(naming, other)) /* a setting, say */
        return true;
    if (!naming_is_readable(naming, table))
        return false;
    error->message =
        refused ? hg_arena_printf(naming->arena, "%.*s for table \"%.*s\"", HG_SLICE_FMT(RLS),
                                  HG_SLICE_FMT(table->name))
                : hg_arena_printf(naming->arena, "%.*s%.*s", HG_SLICE_FMT(DENIED), HG_SLICE_FMT(table->name));
    return true;
}
