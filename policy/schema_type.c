/* Types of columns: which there are, and how DDL spells them.
 *
 * Built-in types are a fixed list, those of PostgreSQL 15 that hold data. Types of extensions, composite
 * types, and types that are names of catalog objects are not in it: they are not known to be safe or to exist
 * in the catalog database, so that a column of such a type does not exist for tenants. */
#include <stdlib.h>

#include "ddl.h"
#include "schema.h"

/* Sorted by name. SQL's own spelling, split where modifiers stand; NULL where it is the name. */
static const struct builtin {
    const char *name, *before, *after;
} builtins[] = {
    {"bit", NULL, ""},
    {"bool", "boolean", ""},
    {"box", NULL, ""},
    {"bpchar", "character", ""},
    {"bytea", NULL, ""},
    {"char", "\"char\"", ""},
    {"cidr", NULL, ""},
    {"circle", NULL, ""},
    {"date", NULL, ""},
    {"datemultirange", NULL, ""},
    {"daterange", NULL, ""},
    {"float4", "real", ""},
    {"float8", "double precision", ""},
    {"inet", NULL, ""},
    {"int2", "smallint", ""},
    {"int4", "integer", ""},
    {"int4multirange", NULL, ""},
    {"int4range", NULL, ""},
    {"int8", "bigint", ""},
    {"int8multirange", NULL, ""},
    {"int8range", NULL, ""},
    {"interval", "pg_catalog.\"interval\"", ""},
    {"json", NULL, ""},
    {"jsonb", NULL, ""},
    {"jsonpath", NULL, ""},
    {"line", NULL, ""},
    {"lseg", NULL, ""},
    {"macaddr", NULL, ""},
    {"macaddr8", NULL, ""},
    {"money", NULL, ""},
    {"name", NULL, ""},
    {"numeric", NULL, ""},
    {"nummultirange", NULL, ""},
    {"numrange", NULL, ""},
    {"path", NULL, ""},
    {"point", NULL, ""},
    {"polygon", NULL, ""},
    {"text", NULL, ""},
    {"time", "time", " without time zone"},
    {"timestamp", "timestamp", " without time zone"},
    {"timestamptz", "timestamp", " with time zone"},
    {"timetz", "time", " with time zone"},
    {"tsmultirange", NULL, ""},
    {"tsquery", NULL, ""},
    {"tsrange", NULL, ""},
    {"tstzmultirange", NULL, ""},
    {"tstzrange", NULL, ""},
    {"tsvector", NULL, ""},
    {"uuid", NULL, ""},
    {"varbit", "bit varying", ""},
    {"varchar", "character varying", ""},
    {"xml", NULL, ""},
};

static int compare_builtin(const void *key, const void *row)
{
    const struct hg_slice *name = key;
    const char *other = ((const struct builtin *)row)->name;
    size_t len = strlen(other);
    int order = memcmp(name->ptr, other, name->len < len ? name->len : len);
    return order ? order : (name->len > len) - (name->len < len);
}

static const struct builtin *find_builtin(struct hg_slice name)
{
    return bsearch(&name, builtins, sizeof builtins / sizeof builtins[0], sizeof builtins[0],
                   compare_builtin);
}

static const struct hg_user_type *find_user_type(const struct hg_schema_reader *reader,
                                                 struct hg_slice schema, struct hg_slice name)
{
    return hg_map_get(&reader->schema->type_map, hg_load_pair(&reader->load->scratch, schema, name));
}

/* `(12,2)`; false when a modifier is anything but a number, as only types of extensions have. */
static bool write_modifiers(struct hg_bytes *out, const PgQuery__TypeName *from)
{
    for (size_t i = 0; i < from->n_typmods; i++) {
        const PgQuery__Node *node = from->typmods[i];
        if (node->node_case != PG_QUERY__NODE__NODE_A_CONST ||
            node->a_const->val_case != PG_QUERY__A__CONST__VAL_IVAL)
            return false;
        hg_write_format(out, "%s%d", i ? "," : "(", node->a_const->ival->ival);
    }
    if (from->n_typmods)
        hg_write_u8(out, ')');
    return true;
}

static bool write_builtin(struct hg_bytes *out, const struct builtin *builtin, const PgQuery__TypeName *from)
{
    bool bare = from->n_typmods == 0;
    if (bare && (strcmp(builtin->name, "bpchar") == 0 || strcmp(builtin->name, "interval") == 0)) {
        hg_write_text(out, builtin->name);
        return true;
    }
    hg_write_text(out, builtin->before ? builtin->before : builtin->name);
    if (!write_modifiers(out, from))
        return false;
    hg_write_text(out, builtin->after);
    return true;
}

/* Finds the type, built-in ones first as PostgreSQL does, and writes it without array brackets. */
static bool resolve(const struct hg_schema_reader *reader, const PgQuery__TypeName *from,
                    struct hg_type *type, struct hg_bytes *out)
{
    bool qualified = from->n_names > 1;
    struct hg_slice schema, name;
    if (!hg_schema_qualified(reader, from->names, from->n_names, &schema, &name))
        return false;
    const struct builtin *builtin =
        !qualified || hg_slice_is(schema, "pg_catalog") ? find_builtin(name) : NULL;
    if (builtin) {
        type->schema = HG_LIT("pg_catalog");
        type->name = hg_slice_cstr(builtin->name);
        return write_builtin(out, builtin, from);
    }
    const struct hg_user_type *user = find_user_type(reader, schema, name);
    if (!user || from->n_typmods)
        return false;
    type->schema = user->schema;
    type->name = user->name;
    hg_ddl_qualified(out, user->schema, user->name);
    return true;
}

bool hg_schema_type(const struct hg_schema_reader *reader, const PgQuery__TypeName *from,
                    struct hg_type *type)
{
    struct hg_bytes out;
    *type = (struct hg_type){0};
    if (!from || from->setof || from->pct_type)
        return false;
    hg_bytes_init(&out, 0);
    bool found = resolve(reader, from, type, &out);
    type->array = from->n_array_bounds != 0;
    if (type->array)
        hg_write_text(&out, "[]");
    type->text = hg_arena_slice(reader->load->arena, hg_bytes_slice(&out));
    hg_bytes_free(&out);
    return found;
}

const char *hg_schema_serial(const PgQuery__TypeName *from)
{
    static const char *const serials[][2] = {{"smallserial", "int2"}, {"serial2", "int2"},
                                             {"serial", "int4"},      {"serial4", "int4"},
                                             {"bigserial", "int8"},   {"serial8", "int8"}};
    if (!from || from->n_names != 1 || from->n_array_bounds)
        return NULL;
    for (size_t i = 0; i < sizeof serials / sizeof serials[0]; i++)
        if (hg_slice_is(hg_schema_string(from->names[0]), serials[i][0]))
            return serials[i][1];
    return NULL;
}

/* ---- types that the schema creates ---- */

static void add_type(struct hg_schema_reader *reader, enum hg_user_type_kind kind, struct hg_slice schema,
                     struct hg_slice name, struct hg_slice ddl, struct hg_type base, bool checked)
{
    struct hg_schema *all = reader->schema;
    struct hg_arena *arena = reader->load->arena;
    struct hg_user_type *type = HG_NEW(arena, struct hg_user_type);
    type->kind = kind;
    type->schema = hg_arena_slice(arena, schema);
    type->name = hg_arena_slice(arena, name);
    type->ddl = hg_arena_slice(arena, ddl);
    type->base = base;
    type->checked = checked;
    if (hg_map_put(&all->type_map, hg_load_pair(&reader->load->scratch, schema, name), type)) {
        hg_load_error(reader->load, hg_schema_place(reader, -1), NULL, "type \"%.*s.%.*s\" is created twice",
                      HG_SHORT(schema), HG_SHORT(name));
        return;
    }
    if (all->ntypes == all->types_room) {
        all->types_room = all->types_room ? all->types_room * 2 : 16;
        all->types = hg_realloc(all->types, all->types_room * sizeof(struct hg_user_type *));
    }
    all->types[all->ntypes++] = type;
}

void hg_schema_create_enum(struct hg_schema_reader *reader, const PgQuery__CreateEnumStmt *stmt)
{
    struct hg_slice schema, name;
    struct hg_bytes out;
    if (!hg_schema_qualified(reader, stmt->type_name, stmt->n_type_name, &schema, &name))
        return;
    hg_bytes_init(&out, 0);
    hg_write_text(&out, "CREATE TYPE ");
    hg_ddl_qualified(&out, schema, name);
    hg_write_text(&out, " AS ENUM (");
    for (size_t i = 0; i < stmt->n_vals; i++) {
        if (i)
            hg_write_text(&out, ", ");
        hg_ddl_literal(&out, hg_schema_string(stmt->vals[i]));
    }
    hg_write_u8(&out, ')');
    add_type(reader, HG_TYPE_ENUM, schema, name, hg_bytes_slice(&out), (struct hg_type){0}, false);
    hg_bytes_free(&out);
}

/* A domain's CHECK is shown, but what it refuses is for the data's own server to know. */
static void write_check(struct hg_schema_reader *reader, const PgQuery__Constraint *constraint,
                        struct hg_bytes *out)
{
    struct hg_schema_expression condition;
    if (!hg_schema_expression(reader, constraint->raw_expr, HG_SCHEMA_SCOPE_DOMAIN, (struct hg_slice){0},
                              &condition)) {
        hg_schema_skip(reader, "CHECK", constraint->location);
        return;
    }
    if (constraint->conname && *constraint->conname) {
        hg_write_text(out, " CONSTRAINT ");
        hg_ddl_name(out, hg_slice_cstr(constraint->conname));
    }
    hg_write_format(out, " CHECK (%.*s)", HG_SLICE_FMT(condition.sql));
}

/* DEFAULT, NOT NULL and CHECK of a domain. */
static void write_domain_constraint(struct hg_schema_reader *reader, const PgQuery__Constraint *constraint,
                                    struct hg_bytes *out, bool *checked)
{
    struct hg_slice sql;
    switch (constraint->contype) {
    case PG_QUERY__CONSTR_TYPE__CONSTR_NOTNULL:
        hg_write_text(out, " NOT NULL");
        break;
    case PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT:
        if (hg_schema_default(reader, constraint->raw_expr, &sql))
            hg_write_format(out, " DEFAULT %.*s", HG_SLICE_FMT(sql));
        else
            hg_schema_skip(reader, "a default that is more than a constant", constraint->location);
        break;
    case PG_QUERY__CONSTR_TYPE__CONSTR_CHECK:
        write_check(reader, constraint, out);
        *checked = true;
        break;
    default:
        break;
    }
}

void hg_schema_create_domain(struct hg_schema_reader *reader, const PgQuery__CreateDomainStmt *stmt)
{
    struct hg_slice schema, name;
    struct hg_type base;
    struct hg_bytes out;
    bool checked = false;
    if (!hg_schema_qualified(reader, stmt->domainname, stmt->n_domainname, &schema, &name))
        return;
    if (!hg_schema_type(reader, stmt->type_name, &base)) {
        hg_schema_skip(reader, "a domain over a type that is not built in", -1);
        return;
    }
    hg_bytes_init(&out, 0);
    hg_write_text(&out, "CREATE DOMAIN ");
    hg_ddl_qualified(&out, schema, name);
    hg_write_format(&out, " AS %.*s", HG_SLICE_FMT(base.text));
    if (stmt->coll_clause)
        hg_schema_skip(reader, "COLLATE", stmt->coll_clause->location);
    for (size_t i = 0; i < stmt->n_constraints; i++)
        if (stmt->constraints[i]->node_case == PG_QUERY__NODE__NODE_CONSTRAINT)
            write_domain_constraint(reader, stmt->constraints[i]->constraint, &out, &checked);
    add_type(reader, HG_TYPE_DOMAIN, schema, name, hg_bytes_slice(&out), base, checked);
    hg_bytes_free(&out);
}
