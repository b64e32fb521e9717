/* What a name in a FROM clause means: a CTE in scope (unqualified names only), then the schemas of the search
 * path with pg_catalog first unless it is named, or the schema that is given. Names are compared as bytes, as
 * the parser folded and cut them. Physical names are not logical names: they do not exist here; nor does, for
 * its role, a table that it neither reads nor writes. */
#include "resolver.h"

/* Whether the catalog shows the role a sequence of this name. */
static bool is_sequence(const struct hg_resolver *r, struct hg_slice schema, struct hg_slice name)
{
    for (size_t t = 0; t < r->snapshot->ntables; t++) {
        const struct hg_table *table = &r->snapshot->tables[t];
        for (size_t i = 0; hg_slice_equal(table->schema, schema) && i < table->ncolumns; i++)
            if (table->columns[i].numbering != HG_NUMBERING_NONE &&
                hg_slice_equal(table->columns[i].sequence_name, name) &&
                hg_role_sees_column(r->context->user->role, table, i))
                return true;
    }
    return false;
}

static bool is_sequence_in_path(const struct hg_resolver *r, struct hg_slice name)
{
    for (size_t i = 0; i < r->path.count; i++)
        if (is_sequence(r, r->path.schemas[i], name))
            return true;
    return false;
}

/* A sequence of the catalog database is as it was made: what stands in it is nobody's number. */
static bool no_such_relation(struct hg_resolver *r, const PgQuery__RangeVar *range)
{
    struct hg_slice schema = hg_slice_cstr(range->schemaname), name = hg_slice_cstr(range->relname);
    if (schema.len ? is_sequence(r, schema, name) : is_sequence_in_path(r, name)) {
        hg_refuse(r, range->location, HG_INSUFFICIENT_PRIVILEGE, "permission denied for sequence %s",
                  range->relname);
        return hg_refuse_hint(r, "It numbers the rows of all tenants together.");
    }
    return hg_refuse(r, range->location, HG_UNDEFINED_TABLE, "relation \"%s%s%s\" does not exist",
                     range->schemaname, range->schemaname[0] ? "." : "", range->relname);
}

static bool use_table(struct hg_resolver *r, const PgQuery__RangeVar *range, const struct hg_table *table,
                      struct hg_relation *relation)
{
    const struct hg_table_view *view = &r->context->user->role->views[table->index];
    if (!view->readable)
        return hg_refuse(r, range->location, HG_INSUFFICIENT_PRIVILEGE, "permission denied for table %s",
                         range->relname);
    relation->view = view;
    return true;
}

/* A relation of pg_catalog or information_schema that exists, allowed or not. */
static bool use_catalog(struct hg_resolver *r, const PgQuery__RangeVar *range, struct hg_slice schema,
                        struct hg_relation *relation)
{
    relation->catalog = hg_allow_catalog_relation(schema, hg_slice_cstr(range->relname));
    if (relation->catalog)
        return true;
    hg_refuse(r, range->location, HG_INSUFFICIENT_PRIVILEGE, "permission denied for relation %s",
              range->relname);
    return hg_refuse_hint(r,
                          "This system relation shows more than one customer's database, or internals of the "
                          "servers, and is not available through Headgate.");
}

/* Looks in one schema; *found tells whether the search ends there. */
static bool find_in_schema(struct hg_resolver *r, const PgQuery__RangeVar *range, struct hg_slice schema,
                           struct hg_relation *relation, bool *found)
{
    struct hg_slice name = hg_slice_cstr(range->relname);
    *found = true;
    if (hg_slice_is(schema, "pg_catalog")) {
        if (hg_is_system_relation(name) || hg_allow_catalog_relation(schema, name))
            return use_catalog(r, range, schema, relation);
    } else if (hg_slice_is(schema, "information_schema")) {
        relation->catalog = hg_allow_catalog_relation(schema, name);
        if (relation->catalog)
            return true;
    } else {
        const struct hg_table *table = hg_role_table(r->snapshot, r->context->user->role, schema, name);
        if (table)
            return use_table(r, range, table, relation);
    }
    *found = false;
    return true;
}

static bool is_other_database(struct hg_resolver *r, const PgQuery__RangeVar *range)
{
    if (!range->catalogname[0] || hg_slice_is(r->snapshot->database, range->catalogname))
        return false;
    hg_refuse(r, range->location, HG_FEATURE_NOT_SUPPORTED,
              "cross-database references are not implemented: \"%s.%s.%s\"", range->catalogname,
              range->schemaname, range->relname);
    return true;
}

bool hg_find_relation(struct hg_resolver *r, const struct hg_scope *scope, const PgQuery__RangeVar *range,
                      struct hg_relation *relation)
{
    bool found;
    *relation = (struct hg_relation){0};
    if (is_other_database(r, range))
        return false;
    if (range->schemaname[0]) {
        if (!find_in_schema(r, range, hg_slice_cstr(range->schemaname), relation, &found))
            return false;
        return found || no_such_relation(r, range);
    }
    relation->cte = hg_scope_cte(scope, hg_slice_cstr(range->relname));
    if (relation->cte)
        return true;
    for (size_t i = 0; i < r->path.count; i++) {
        if (!find_in_schema(r, range, r->path.schemas[i], relation, &found))
            return false;
        if (found)
            return true;
    }
    return hg_path_known(r, range->location) && no_such_relation(r, range);
}
