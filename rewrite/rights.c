/* See rights.h. */
#include "rights.h"

#include "bytes.h"
#include "print.h"

/* grant: HG_GRANT_SELECT, INSERT, UPDATE or DELETE. */
static bool has_right(const struct hg_role *role, const struct hg_table_view *view, enum hg_grant grant)
{
    if (!hg_role_may(role, grant))
        return false;
    if (grant == HG_GRANT_SELECT)
        return view->readable;
    return view->writable && !view->table->shared && view->table->kind == HG_TABLE_PLAIN &&
           view->table->write_backend >= 0;
}

/* An element of an array's text: "public.\"Mixed Case\"" */
static void write_element(struct hg_bytes *out, const struct hg_table *table)
{
    struct hg_bytes name;
    hg_bytes_init(&name, 0);
    hg_print_identifier(&name, table->schema);
    hg_write_u8(&name, '.');
    hg_print_identifier(&name, table->name);
    hg_write_u8(out, '"');
    for (size_t i = 0; i < name.len; i++) {
        if (name.data[i] == '"' || name.data[i] == '\\')
            hg_write_u8(out, '\\');
        hg_write_u8(out, name.data[i]);
    }
    hg_write_u8(out, '"');
    hg_bytes_free(&name);
}

static bool has_any(const struct hg_role *role, const struct hg_table_view *view, unsigned grants)
{
    for (unsigned grant = 0; grants >> grant; grant++)
        if (grants >> grant & 1 && has_right(role, view, (enum hg_grant)grant))
            return true;
    return false;
}

/* Of the tables that the role sees, those that have any of the rights, or those that have none. */
static struct hg_slice list(const struct hg_snapshot *snapshot, const struct hg_role *role, unsigned grants,
                            bool any, struct hg_arena *arena)
{
    struct hg_bytes out;
    hg_bytes_init(&out, 0);
    hg_write_u8(&out, '{');
    for (size_t i = 0; i < snapshot->ntables; i++) {
        const struct hg_table_view *view = &role->views[i];
        if (!hg_role_sees_table(role, view->table) || has_any(role, view, grants) != any)
            continue;
        hg_write_text(&out, out.len > 1 ? "," : "");
        write_element(&out, view->table);
    }
    hg_write_u8(&out, '}');
    struct hg_slice text = hg_arena_slice(arena, hg_bytes_slice(&out));
    hg_bytes_free(&out);
    return text;
}

struct hg_slice hg_rights_tables(const struct hg_snapshot *snapshot, const struct hg_role *role,
                                 unsigned grants, struct hg_arena *arena)
{
    return list(snapshot, role, grants, true, arena);
}

struct hg_rights_lists hg_rights_lists(const struct hg_snapshot *snapshot, const struct hg_role *role,
                                       struct hg_arena *arena)
{
    return (struct hg_rights_lists){
        .unread = list(snapshot, role, 1u << HG_GRANT_SELECT, false, arena),
        .inserts = list(snapshot, role, 1u << HG_GRANT_INSERT, true, arena),
        .updates = list(snapshot, role, 1u << HG_GRANT_UPDATE, true, arena),
        .deletes = list(snapshot, role, 1u << HG_GRANT_DELETE, true, arena),
    };
}
