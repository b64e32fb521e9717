/* schema.sql as it was read: tables, types and keys, before policy.yaml says which of them tenants see.
 *
 * The text is plain DDL by hand, or what `pg_dump --schema-only` prints. What shapes no table is skipped with
 * one note per kind. schema.c goes through the statements, schema_split.c finds them, schema_table.c,
 * schema_type.c, schema_sequence.c, schema_expr.c and schema_keys.c read their parts; schema_finish.c
 * makes keys, checks and indexes of them once the policy is known. */
#ifndef HG_SCHEMA_H
#define HG_SCHEMA_H

#include "bytes.h"
#include "load.h"
#include "tree.h"

#define HG_SCHEMA_BYTES           (16 << 20) /* of the file */
#define HG_SCHEMA_STATEMENT_BYTES (1 << 20)
#define HG_SCHEMA_NESTING         500
#define HG_SCHEMA_COLUMNS         1600 /* as PostgreSQL */

enum hg_schema_key_kind {
    HG_SCHEMA_PRIMARY,
    HG_SCHEMA_UNIQUE,
    HG_SCHEMA_FOREIGN,
    HG_SCHEMA_INDEX,
    HG_SCHEMA_CHECK /* no key: its columns[] are those that its condition names */
};

struct hg_key_column {
    struct hg_slice name;
    const char *order; /* behind an index's column: "", " DESC NULLS LAST" … */
    struct hg_slice
        other; /* of a foreign key: the column that it refers to; empty = the other table's primary key */
};

/* A primary, unique or foreign key, an index on plain columns, or a CHECK. */
struct hg_schema_key {
    enum hg_schema_key_kind kind;
    struct hg_slice name; /* empty when none was given */
    struct hg_place place;
    struct hg_key_column *columns;
    size_t ncolumns;
    struct hg_slice *include; /* INCLUDE (…) of unique keys and indexes */
    size_t ninclude;
    const char *method; /* of an index */
    bool unique;        /* of an index */
    bool nulls_not_distinct, deferrable, deferred;
    bool beyond;     /* it has expressions, a condition or operators, which columns[] do not tell */
    bool has_tenant; /* set by hg_schema_finish: the tenant column is one of columns[], declared or not;
                        of a foreign key: on both sides */
    struct hg_slice other_schema, other_table; /* of a foreign key */
    const char *actions;                       /* of a foreign key: ` MATCH FULL ON DELETE CASCADE` … */
    struct hg_slice condition;                 /* of a CHECK, with what stands behind it */
    bool usable;                           /* set by hg_schema_finish: all its columns exist for tenants */
    const struct hg_table *referred_table; /* likewise: what a foreign key refers to */
    const struct hg_schema_key *referred;
    struct hg_schema_key *next;
};

struct hg_schema_table {
    struct hg_slice schema, name;
    struct hg_column *columns;
    size_t ncolumns, room;
    struct hg_schema_key *keys, **keys_end; /* in the order of the file */
    struct hg_slice comment;
    struct hg_place place;
    bool partition;               /* of another table */
    bool children;                /* other tables inherit from it, or are its partitions */
    bool partitioned;             /* its rows are all in partitions */
    const struct hg_table *table; /* what the policy made of it; NULL while no policy names it */
};

/* A kind of statement that is not used. */
struct hg_schema_skip {
    const char *what;
    struct hg_place first;
    size_t count;
};

struct hg_schema {
    struct hg_schema_table **tables; /* in the order of the file */
    size_t ntables, tables_room;
    struct hg_map table_map; /* "schema\0name" -> struct hg_schema_table */
    struct hg_user_type **types;
    size_t ntypes, types_room;
    struct hg_map type_map; /* "schema\0name" -> struct hg_user_type */
};

/* Reads the text. Everything that the snapshot keeps is made in its arena, the rest in the scratch arena. */
void hg_schema_read(struct hg_load *load, const struct hg_source *source, struct hg_schema *schema);
void hg_schema_free(struct hg_schema *schema);
struct hg_schema_table *hg_schema_find(const struct hg_schema *schema, struct hg_slice schema_name,
                                       struct hg_slice name);

/* After the policy's tables are in the snapshot: primary keys into them, other keys and indexes as DDL,
 * types. */
void hg_schema_finish(struct hg_load *load, struct hg_schema *schema);

/* ---- between the schema's own files ---- */

struct hg_schema_reader {
    struct hg_load *load;
    struct hg_schema *schema;
    const char *file;
    struct hg_slice text; /* of the file */
    size_t *lines;        /* offset of each line's begin */
    size_t nlines;
    size_t statement;        /* offset of the statement at hand */
    struct hg_slice current; /* schema of unqualified names: `public`, or what SET search_path said */
    struct hg_schema_skip *skips;
    size_t nskips, skips_room;
    struct loose *sequences; /* of schema_sequence.c: those that CREATE SEQUENCE made … */
    struct taker *takers;    /* … and the columns that take numbers from them */
};

/* The place of a location in the statement at hand; -1 is its begin. */
struct hg_place hg_schema_place(const struct hg_schema_reader *reader, int32_t location);
void hg_schema_skip(struct hg_schema_reader *reader, const char *what, int32_t location);
void hg_schema_skip_at(struct hg_schema_reader *reader, const char *what, struct hg_place place);

/* The text of String nodes, "" for anything else. */
struct hg_slice hg_schema_string(const PgQuery__Node *node);
/* `name` or `schema.name` of a list of String nodes; false when it is anything else. */
HG_MUST_USE bool hg_schema_qualified(const struct hg_schema_reader *reader, PgQuery__Node *const *names,
                                     size_t count, struct hg_slice *schema, struct hg_slice *name);
struct hg_schema_table *hg_schema_relation(const struct hg_schema_reader *reader,
                                           const PgQuery__RangeVar *relation);

/* schema_split.c: statements of a text, without their semicolons, comments before them, and psql's own
 * commands. */
struct hg_schema_splitter {
    struct hg_slice text;
    size_t at;
};
HG_MUST_USE bool hg_schema_next(struct hg_schema_splitter *splitter, struct hg_slice *statement);

/* schema_table.c */
void hg_schema_create_table(struct hg_schema_reader *reader, const PgQuery__CreateStmt *stmt);
void hg_schema_alter_table(struct hg_schema_reader *reader, const PgQuery__AlterTableStmt *stmt);
int hg_schema_column(const struct hg_schema_table *table, struct hg_slice name); /* index or -1 */

/* schema_type.c. False for a type that is neither built in nor created above. */
HG_MUST_USE bool hg_schema_type(const struct hg_schema_reader *reader, const PgQuery__TypeName *from,
                                struct hg_type *type);
/* smallserial, serial, bigserial as the integer type that they stand for; NULL for any other type. */
const char *hg_schema_serial(const PgQuery__TypeName *from);
void hg_schema_create_enum(struct hg_schema_reader *reader, const PgQuery__CreateEnumStmt *stmt);
void hg_schema_create_domain(struct hg_schema_reader *reader, const PgQuery__CreateDomainStmt *stmt);

/* schema_expr.c. An expression as text that says the same; false when it has what is not shown. */
enum hg_schema_scope { HG_SCHEMA_SCOPE_NOTHING, HG_SCHEMA_SCOPE_TABLE, HG_SCHEMA_SCOPE_DOMAIN };
struct hg_schema_expression {
    struct hg_slice sql;
    struct hg_slice *columns; /* that it names, each once; of any table whether it has them or not */
    size_t ncolumns;
};
HG_MUST_USE bool hg_schema_expression(const struct hg_schema_reader *reader, const PgQuery__Node *node,
                                      enum hg_schema_scope scope, struct hg_slice table,
                                      struct hg_schema_expression *expression);
HG_MUST_USE bool hg_schema_default(const struct hg_schema_reader *reader, const PgQuery__Node *node,
                                   struct hg_slice *sql);

/* schema_sequence.c */
void hg_schema_identity(struct hg_schema_reader *reader, const struct hg_schema_table *table,
                        struct hg_column *column, const PgQuery__Constraint *constraint);
void hg_schema_serial_sequence(struct hg_schema_reader *reader, const struct hg_schema_table *table,
                               struct hg_column *column);
void hg_schema_create_sequence(struct hg_schema_reader *reader, const PgQuery__CreateSeqStmt *stmt);
void hg_schema_alter_sequence(struct hg_schema_reader *reader, const PgQuery__AlterSeqStmt *stmt);
/* A column's default is nextval(); false when the sequence is not named there. */
HG_MUST_USE bool hg_schema_next_number(struct hg_schema_reader *reader, struct hg_schema_table *table,
                                       struct hg_slice column, const PgQuery__FuncCall *call,
                                       int32_t location);
/* At the end of the file: gives columns their sequences. */
void hg_schema_settle_sequences(struct hg_schema_reader *reader);

/* schema_keys.c */
void hg_schema_add_constraint(struct hg_schema_reader *reader, struct hg_schema_table *table,
                              const PgQuery__Constraint *constraint, struct hg_slice column);
void hg_schema_add_index(struct hg_schema_reader *reader, const PgQuery__IndexStmt *stmt);

#endif
