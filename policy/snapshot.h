/* What tenants may see, compiled: headgate.yaml + policy.yaml + schema.sql -> one immutable, refcounted
 * snapshot.
 *
 * A snapshot is built aside, validated wholly, and never changes after hg_snapshot_load() returned it; any
 * thread may read it while it holds a reference. Everything it points to lives in its arena. */
#ifndef HG_SNAPSHOT_H
#define HG_SNAPSHOT_H

#include <stdatomic.h>

#include <pg_query/pg_query.pb-c.h>

#include "config.h"
#include "map.h"
#include "tenant_limits.h"

/* A type of a column as DDL spells it. */
struct hg_type {
    struct hg_slice
        schema; /* "pg_catalog" for built-in types, else the schema of an enum or domain of schema.sql */
    struct hg_slice name; /* as in pg_type.typname: "int4", "timestamptz", "order_status" */
    struct hg_slice text; /* whole, printable as DDL: `numeric(12,2)`, `text[]`, `"public"."order_status"` */
    bool array;
};

/* How a column takes numbers from a sequence of its own. */
enum hg_numbering { HG_NUMBERING_NONE, HG_NUMBERING_ALWAYS, HG_NUMBERING_BY_DEFAULT, HG_NUMBERING_SERIAL };

struct hg_column {
    struct hg_slice name;
    struct hg_type type;
    bool not_null;
    bool numbered;  /* by a sequence: serial, identity, nextval() */
    bool generated; /* from other columns: COPY leaves it out, and nobody writes it */
    bool refers; /* a foreign key without the tenant columns holds it: other tenants' rows can be referred to
                  */
    bool in_expression; /* an expression or condition of a unique index reads it */
    /* What follows is for the catalog database only. */
    struct hg_slice default_sql; /* of schema.sql, printed again; empty = none */
    struct hg_slice
        generated_sql; /* what it is generated from, likewise; empty also when that is not shown */
    const struct hg_slice *generated_from; /* the columns that generated_sql names */
    size_t ngenerated_from;
    enum hg_numbering numbering;
    struct hg_slice sequence_name, sequence_options; /* in its table's schema; " START WITH 5" … */
    struct hg_slice comment;
    struct hg_place place;
};

enum hg_table_kind { HG_TABLE_PLAIN, HG_TABLE_MATERIALIZED, HG_TABLE_CONTINUOUS };

/* A primary key, a unique constraint or a unique index as schema.sql has it. What ON CONFLICT may name, and
 * what a duplicate tells. */
struct hg_unique_key {
    struct hg_slice name;    /* of the constraint or index; where schema.sql gives none, as PostgreSQL makes
                                one up */
    const uint16_t *columns; /* indexes of the table's columns[], without an undeclared tenant column */
    size_t ncolumns;
    bool primary;
    bool has_tenant;  /* the tenant column is one of its columns (declared or not): a duplicate is one of the
                         tenant's own rows */
    bool expressions; /* it has expressions or a condition, so that columns[] does not say all */
};

/* One logical relation that tenants know. */
struct hg_table {
    unsigned index; /* of snapshot->tables */
    enum hg_table_kind kind;
    struct hg_slice schema, name; /* logical; schema is "materialized"/"continuous" for those kinds */
    struct hg_slice physical_schema, physical_name; /* what stands in printed SQL */
    bool shared;                                    /* the same rows for every tenant: no predicate */
    bool references_shared;        /* tenants may refer to rows of all; `references: shared` */
    bool numbers_shared;           /* tenants may take numbers of its sequences; `numbers: shared` */
    bool walled;                   /* row security of the database stands behind the predicate; `wall:` */
    struct hg_slice tenant_column; /* physical column of the predicate; empty iff shared */
    int tenant_column_index;       /* of columns[] when schema.sql declares it, else -1 */
    uint32_t backends;             /* bit i: config->backends[i] holds it. Never 0, never catalog */
    struct hg_column *columns;     /* logical columns in the order of schema.sql */
    size_t ncolumns;
    struct hg_map column_index; /* name -> &columns[i] */
    const uint16_t
        *primary_key; /* indexes of columns[]; a key that names an undeclared tenant column lists the rest */
    size_t nprimary_key;
    bool primary_key_has_tenant;       /* the physical key contains the (undeclared) tenant column */
    struct hg_slice primary_key_name;  /* empty when schema.sql gives none */
    struct hg_unique_key *unique_keys; /* the primary key among them */
    size_t nunique_keys;
    bool global_key; /* some unique key lacks the tenant column: whether a row can be added depends on others
                      */
    bool children; /* in schema.sql other tables inherit from it, or it has partitions: ONLY says something */
    bool partitioned;  /* it has partitions there, and no rows besides theirs */
    int write_backend; /* where its rows are written: the first of its backends that speaks the dialect
                          postgresql; -1 = nowhere */
    struct hg_slice comment;
    struct hg_place place; /* in policy.yaml */
};

/* A type that schema.sql creates. */
enum hg_user_type_kind { HG_TYPE_ENUM, HG_TYPE_DOMAIN };
struct hg_user_type {
    enum hg_user_type_kind kind;
    struct hg_slice schema, name;
    struct hg_slice ddl; /* the CREATE TYPE / CREATE DOMAIN statement as text, for the catalog database */
    struct hg_type base; /* of a domain */
    bool checked;        /* a domain with a CHECK, which is only shown: what it refuses is not known here */
    struct hg_slice comment;
};

/* A column that a key or an index is made of. */
struct hg_schema_part {
    const struct hg_table *table;
    uint16_t column;
};

/* Statements of schema.sql that the catalog database needs besides tables, columns and types: keys, indexes.
 */
struct hg_schema_object {
    struct hg_slice kind; /* "index", "constraint" of keys, "check" */
    struct hg_slice schema, table, name;
    struct hg_slice ddl;
    const struct hg_schema_part
        *parts; /* its columns, at least one; of a foreign key also those of the key it refers to */
    size_t nparts;
    struct hg_place place; /* in schema.sql */
};

/* How one role sees one column. */
struct hg_column_view {
    const struct hg_column *column;
    bool hidden;
    struct hg_slice mask_sql; /* the expression as written; empty = none */
    const PgQuery__Node
        *mask; /* parsed; its ColumnRefs are bare column names of the table. NULL = none. Read-only */
    struct hg_place mask_place;
};

/* How one role sees one table. */
struct hg_table_view {
    const struct hg_table *table;
    bool readable;
    bool writable;                  /* from `write:` */
    struct hg_column_view *columns; /* table->ncolumns of them, same order; NULL when not readable */
    struct hg_slice rows_sql;       /* `rows:`: a condition beside the tenant's, as written; empty = none */
    const PgQuery__Node *rows; /* parsed; its ColumnRefs are bare column names of the table (hidden and masked
                                  ones are read as they are), its ParamRef n stands for
                                  role->attributes[n - 1]. NULL = none. Read-only */
    struct hg_place rows_place;
};

/* What a role may do, apart from which tables: `statements:` of a role, default all of them. */
enum hg_grant {
    HG_GRANT_SELECT,
    HG_GRANT_INSERT,
    HG_GRANT_UPDATE,
    HG_GRANT_DELETE,
    HG_GRANT_LOCK,    /* SELECT … FOR UPDATE | SHARE …; of tables in `write:` only */
    HG_GRANT_COPY,    /* COPY, besides what it does: reading or inserting */
    HG_GRANT_CURSOR,  /* DECLARE, FETCH, MOVE, CLOSE */
    HG_GRANT_PREPARE, /* PREPARE, EXECUTE, DEALLOCATE (the extended protocol is no statement) */
    HG_GRANT_EXPLAIN,
    HG_NGRANTS
};
extern const char *const hg_grant_names[HG_NGRANTS]; /* as the policy spells them: "select" … */

/* A value that `rows:` of a role speaks of: {user.region}, {tenant.region}, {user.name}, {tenant.name}. */
struct hg_attribute {
    bool of_tenant;
    bool needs_list, needs_one; /* by how a condition uses it; neither: not known */
    struct hg_slice name;
    struct hg_place place; /* where the role first speaks of it */
};

/* A function that a role may not call. */
struct hg_denial {
    struct hg_slice name;
    struct hg_place place;
};

struct hg_role {
    struct hg_slice name;
    struct hg_table_view *views; /* snapshot->ntables, by table->index */
    uint32_t grants;             /* bit i: enum hg_grant i */
    bool explain_rewrite; /* may use EXPLAIN (REWRITE), which shows physical names: `explain_rewrite:` */
    struct hg_map denied; /* `functions: {deny: […]}`: name in pg_catalog -> struct hg_denial */
    struct hg_denial *denials;
    size_t ndenials;
    struct hg_attribute *attributes; /* what its `rows:` speak of */
    size_t nattributes;
    unsigned catalog; /* of config->backends: the database that shows this role what it may see, and no more.
                         `catalog` itself for those who see everything */
    const bool *schemas,
        *types; /* by index of snapshot->schemas and ->types: those that it sees. NULL = all */
    const struct hg_limits *limits; /* of each user that says nothing else */
};

static inline bool hg_role_may(const struct hg_role *role, enum hg_grant grant)
{
    return role->grants >> grant & 1;
}
/* False when the policy takes this function (its name in pg_catalog) away from the role. */
bool hg_role_may_call(const struct hg_role *role, struct hg_slice function);

/* What exists for a role: what it reads or writes, without hidden columns; keys and indexes of which it sees
 * every column; the schemas of all that. A role that is NULL sees everything. */
bool hg_role_sees_table(const struct hg_role *role, const struct hg_table *table);
bool hg_role_sees_column(const struct hg_role *role, const struct hg_table *table, size_t column);
bool hg_role_sees_primary_key(const struct hg_role *role, const struct hg_table *table);
bool hg_role_sees_object(const struct hg_role *role, const struct hg_schema_object *object);

struct hg_tenant {
    struct hg_slice name;
    struct hg_slice value; /* of the tenant column; checked at load: 1-255 bytes UTF-8, no control characters,
                              no backslash, no quote: it becomes a literal in both dialects unchanged */
    const struct hg_limits *limits; /* of all its users together */
};

/* How a client proves that it is the user: `login:`. The server chooses, so there is one way for each user.
 */
enum hg_login_by {
    HG_LOGIN_BY_SCRAM,
    HG_LOGIN_BY_MD5,
    HG_LOGIN_BY_CLEARTEXT,   /* under TLS only */
    HG_LOGIN_BY_CERTIFICATE, /* of the client's TLS, and no password */
    HG_NLOGINS
};
extern const char *const hg_login_names[HG_NLOGINS + 1]; /* as the policy spells them; ends with NULL */

struct hg_user {
    struct hg_slice name;
    const struct hg_tenant *tenant;
    const struct hg_role *role;
    const struct hg_limits *limits;
    enum hg_login_by login;
    struct hg_slice password; /* a verifier that suits `login`, checked at load; empty: by certificate */
    struct hg_slice
        certificate; /* the name that the client's certificate must bear; empty: none is asked for */
    struct hg_slice *attributes; /* role->nattributes values, each the content of one literal: of a list, the
                                    text of an array, with its own double quotes. Otherwise the same
                                    characters as a tenant's value, checked at load */
};

struct hg_snapshot {
    atomic_uint_fast64_t references;
    uint64_t generation; /* unique in the process, increasing; set by hg_snapshot_load */
    struct hg_arena arena;

    struct hg_config *config;
    const char *config_path;
    const char *policy_path;
    const char *schema_path;

    struct hg_slice database; /* the name that clients connect to */
    struct hg_table *tables;
    size_t ntables;
    struct hg_map table_map;  /* "schema\0name" -> struct hg_table */
    struct hg_slice *schemas; /* logical schemas, distinct; "public" always among them */
    size_t nschemas;
    struct hg_user_type *types;
    size_t ntypes;
    struct hg_map type_map; /* "schema\0name" -> struct hg_user_type */
    struct hg_schema_object *objects;
    size_t nobjects;
    struct hg_role *roles;
    size_t nroles;
    struct hg_tenant *tenants;
    size_t ntenants;
    struct hg_user *users;
    size_t nusers;
    struct hg_map user_map;  /* name -> struct hg_user */
    bool cut_off_now;        /* whoever is removed is cut off at once, not at the end of the transaction */
    enum hg_login_by login;  /* of users that do not say, and of those that do not exist */
    uint8_t mock_secret[32]; /* per snapshot, random: salts of users that do not exist */
};

/* Loads all three files. Collects every error, warning and note in diags. NULL when there was any error; else
 * a snapshot with one reference, the caller's. Reads environment variables and password files named by the
 * config. Parses SQL: run it on a thread with a stack of at least hg_snapshot_stack_bytes(). */
HG_MUST_USE struct hg_snapshot *hg_snapshot_load(const char *config_path, struct hg_diags *diags);
size_t hg_snapshot_stack_bytes(void);

/* The same for who will not connect to a backend: an environment variable for a password that is not set is a
 * warning. */
HG_MUST_USE struct hg_snapshot *hg_snapshot_load_offline(const char *config_path, struct hg_diags *diags);

/* The same from texts: `files` stands for the disk, and nothing else is read. */
struct hg_source;
HG_MUST_USE struct hg_snapshot *hg_snapshot_load_texts(const struct hg_source *files, size_t count,
                                                       const char *config_path, struct hg_diags *diags);

/* One more reference, from any thread; the same pointer. */
struct hg_snapshot *hg_snapshot_hold(const struct hg_snapshot *snapshot);
void hg_snapshot_drop(const struct hg_snapshot *snapshot); /* frees at the last reference; NULL is harmless */

const struct hg_user *hg_snapshot_user(const struct hg_snapshot *snapshot,
                                       struct hg_slice name); /* or NULL */
/* Does a unique key without the tenant column depend on columns[column]? A duplicate there tells of others'
 * rows. */
bool hg_table_in_global_key(const struct hg_table *table, size_t column);
/* Exact names, bytes as PostgreSQL folds and truncates them; NULL when there is none. */
const struct hg_table *hg_snapshot_table(const struct hg_snapshot *snapshot, struct hg_slice schema,
                                         struct hg_slice name);
const struct hg_user_type *hg_snapshot_type(const struct hg_snapshot *snapshot, struct hg_slice schema,
                                            struct hg_slice name);
/* The table that stands under this name in the backends. */
const struct hg_table *hg_snapshot_physical_table(const struct hg_snapshot *snapshot, struct hg_slice schema,
                                                  struct hg_slice name);
bool hg_snapshot_has_schema(const struct hg_snapshot *snapshot, struct hg_slice schema);
/* The same for what the role sees. */
const struct hg_table *hg_role_table(const struct hg_snapshot *snapshot, const struct hg_role *role,
                                     struct hg_slice schema, struct hg_slice name);
const struct hg_user_type *hg_role_type(const struct hg_snapshot *snapshot, const struct hg_role *role,
                                        struct hg_slice schema, struct hg_slice name);
/* For which role a catalog is; NULL for the one of those who see everything. */
const struct hg_role *hg_snapshot_catalog_role(const struct hg_snapshot *snapshot, unsigned backend);
bool hg_role_sees_type(const struct hg_snapshot *snapshot, const struct hg_role *role,
                       const struct hg_user_type *type);
bool hg_role_sees_schema(const struct hg_snapshot *snapshot, const struct hg_role *role,
                         struct hg_slice schema);
/* Index in table->columns, or -1. */
int hg_table_column(const struct hg_table *table, struct hg_slice name);

#endif
