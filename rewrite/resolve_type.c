/* Types, operators and collations by name. What PostgreSQL itself brings is allowed by lists; of the logical
 * schema there are its enums and domains, which are sent schema-qualified since the backend searches
 * pg_catalog alone. Row types of tables do not exist behind a sub-select and are refused by name. */
#include "build.h"
#include "resolver.h"

static bool no_such_type(struct hg_resolver *r, struct hg_slice name, int32_t location)
{
    return hg_refuse(r, location, HG_UNDEFINED_OBJECT, "type \"%.*s\" does not exist", HG_SLICE_FMT(name));
}

static bool is_row_type(struct hg_resolver *r, struct hg_slice name, int32_t location)
{
    hg_refuse(r, location, HG_FEATURE_NOT_SUPPORTED, "the row type of table %.*s is not supported",
              HG_SLICE_FMT(name));
    return hg_refuse_hint(r, "Name the columns, or use a record.");
}

static void set_names(struct hg_resolver *r, PgQuery__TypeName *type, struct hg_slice schema,
                      struct hg_slice name)
{
    type->names = HG_NEW_ARRAY(r->arena, PgQuery__Node *, 2);
    type->names[0] = hg_build_string(r->arena, schema);
    type->names[1] = hg_build_string(r->arena, name);
    type->n_names = 2;
}

/* A type of pg_catalog, or one of information_schema's domains, which only the catalog backend has to have.
 */
static bool is_system_type(struct hg_resolver *r, PgQuery__TypeName *type, struct hg_slice schema,
                           struct hg_slice name)
{
    bool information = hg_slice_is(schema, "information_schema");
    bool anywhere = !information && hg_allow_type(schema, name, false);
    if (!anywhere && !hg_allow_type(schema, name, true))
        return false;
    if (!anywhere)
        hg_need_catalog(r, "type", name, type->location);
    if (information)
        set_names(r, type, schema, name);
    return true;
}

/* A cast to a domain runs its CHECK, which may call what a statement may not: on a data backend it would see
 * everybody's rows, and the catalog backend's domains have none. */
static bool use_own_type(struct hg_resolver *r, PgQuery__TypeName *type, const struct hg_user_type *own)
{
    if (own->kind == HG_TYPE_DOMAIN && own->checked) {
        hg_refuse(r, type->location, HG_FEATURE_NOT_SUPPORTED, "a cast to domain %.*s is not supported",
                  HG_SLICE_FMT(own->name));
        return hg_refuse_hint(r, "Cast to the type that the domain is made of.");
    }
    set_names(r, type, own->schema, own->name);
    return true;
}

/* Looks in one schema. `*found` tells whether the search ends there. */
static bool type_in_schema(struct hg_resolver *r, PgQuery__TypeName *type, struct hg_slice schema,
                           struct hg_slice name, bool *found)
{
    *found = true;
    if (is_system_type(r, type, schema, name))
        return true;
    const struct hg_user_type *own = hg_role_type(r->snapshot, r->context->user->role, schema, name);
    if (own)
        return use_own_type(r, type, own);
    if (hg_role_table(r->snapshot, r->context->user->role, schema, name))
        return is_row_type(r, name, type->location);
    *found = false;
    return true;
}

static bool resolve_name(struct hg_resolver *r, PgQuery__TypeName *type)
{
    struct hg_slice name = hg_string_of(type->names[type->n_names - 1]);
    bool found;
    if (type->n_names > 2)
        return hg_refuse(r, type->location, HG_FEATURE_NOT_SUPPORTED,
                         "a type name of %zu parts is not supported", type->n_names);
    if (type->n_names == 2) {
        struct hg_slice schema = hg_string_of(type->names[0]);
        if (!type_in_schema(r, type, schema, name, &found))
            return false;
        if (found)
            return true;
        if (!hg_schema_exists(r, schema, type->location))
            return false;
        return no_such_type(r,
                            hg_arena_printf(r->arena, "%.*s.%.*s", HG_SLICE_FMT(schema), HG_SLICE_FMT(name)),
                            type->location);
    }
    for (size_t i = 0; i < r->path.count; i++) {
        if (!type_in_schema(r, type, r->path.schemas[i], name, &found))
            return false;
        if (found)
            return true;
    }
    return hg_path_known(r, type->location) && no_such_type(r, name, type->location);
}

bool hg_resolve_type(struct hg_resolver *r, struct hg_scope *scope, PgQuery__TypeName *type)
{
    if (type->pct_type || type->setof)
        return hg_refuse(r, type->location, HG_FEATURE_NOT_SUPPORTED, "%s is not supported here",
                         type->pct_type ? "%TYPE" : "SETOF");
    if (type->n_names && !resolve_name(r, type))
        return false;
    return hg_resolve_list(r, scope, type->n_typmods, type->typmods);
}

bool hg_resolve_operator(struct hg_resolver *r, size_t count, PgQuery__Node **name, int32_t location)
{
    struct hg_slice last = count ? hg_string_of(name[count - 1]) : HG_LIT("");
    struct hg_slice schema = count == 2 ? hg_string_of(name[0]) : HG_LIT("");
    if (count >= 1 && count <= 2 && hg_allow_operator(schema, last))
        return true;
    if (!hg_schema_exists(r, schema, location))
        return false;
    return hg_refuse(r, location, HG_UNDEFINED_FUNCTION, "operator does not exist: %.*s%s%.*s",
                     HG_SLICE_FMT(schema), schema.len ? "." : "", HG_SLICE_FMT(last));
}

bool hg_resolve_collation(struct hg_resolver *r, PgQuery__CollateClause *collate)
{
    size_t count = collate->n_collname;
    if (count == 1 || (count == 2 && hg_slice_is(hg_string_of(collate->collname[0]), "pg_catalog")))
        return true;
    struct hg_slice name = count ? hg_string_of(collate->collname[count - 1]) : HG_LIT("");
    if (count == 2 && !hg_schema_exists(r, hg_string_of(collate->collname[0]), collate->location))
        return false;
    return hg_refuse(r, collate->location, HG_UNDEFINED_OBJECT,
                     "collation \"%.*s\" for encoding \"UTF8\" does not exist", HG_SLICE_FMT(name));
}
