/* Names of tables and types inside of string constants: 'database.schema.table'::regclass, to_regclass('…'),
 * has_table_privilege('…', …). The server's database may bear another name than the one that clients know: so
 * theirs is taken out where it stands in front, and any other is refused, as PostgreSQL does. */
#include "resolver.h"

/* Where the first part of a dotted name ends, at its dot, and how many parts there are. */
static size_t first_part(struct hg_slice text, size_t *parts)
{
    size_t first = text.len;
    bool quoted = false;
    *parts = 1;
    for (size_t i = 0; i < text.len; i++) {
        quoted ^= text.ptr[i] == '"';
        if (quoted || text.ptr[i] != '.')
            continue;
        if (*parts == 1)
            first = i;
        ++*parts;
    }
    return first;
}

/* Does the identifier, as it is written, mean that name? */
static bool means(struct hg_slice written, struct hg_slice name)
{
    while (written.len && written.ptr[0] == ' ')
        written = hg_slice_of(written.ptr + 1, written.len - 1);
    while (written.len && written.ptr[written.len - 1] == ' ')
        written.len--;
    bool quoted = written.len >= 2 && written.ptr[0] == '"' && written.ptr[written.len - 1] == '"';
    if (quoted)
        return hg_slice_equal(hg_slice_of(written.ptr + 1, written.len - 2), name);
    if (written.len != name.len)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = written.ptr[i];
        if ((c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c) != name.ptr[i])
            return false;
    }
    return true;
}

static PgQuery__AConst *constant_of(PgQuery__Node *node)
{
    while (node && node->node_case == PG_QUERY__NODE__NODE_TYPE_CAST)
        node = node->type_cast->arg;
    if (!node || node->node_case != PG_QUERY__NODE__NODE_A_CONST ||
        node->a_const->val_case != PG_QUERY__A__CONST__VAL_SVAL)
        return NULL;
    return node->a_const;
}

bool hg_resolve_name_in_text(struct hg_resolver *r, PgQuery__Node *node)
{
    PgQuery__AConst *constant = constant_of(node);
    size_t parts;
    if (!constant)
        return true;
    struct hg_slice text = hg_slice_cstr(constant->sval->sval);
    size_t at = first_part(text, &parts);
    if (parts != 3)
        return true;
    if (!means(hg_slice_of(text.ptr, at), r->snapshot->database))
        return hg_refuse(r, constant->location, HG_FEATURE_NOT_SUPPORTED,
                         "cross-database references are not implemented: \"%.*s\"", HG_SLICE_FMT(text));
    constant->sval->sval = hg_arena_cstr(r->arena, hg_slice_of(text.ptr + at + 1, text.len - at - 1));
    return true;
}

bool hg_takes_name(struct hg_slice function)
{
    static const char *const names[] = {"to_regclass",
                                        "to_regtype",
                                        "pg_get_serial_sequence",
                                        "has_table_privilege",
                                        "has_any_column_privilege",
                                        "has_column_privilege",
                                        "has_sequence_privilege",
                                        "pg_relation_size",
                                        "pg_table_size",
                                        "pg_indexes_size",
                                        "pg_total_relation_size"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (hg_slice_is(function, names[i]))
            return true;
    return false;
}
