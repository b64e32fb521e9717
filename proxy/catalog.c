/* Creating or updating the database that holds the logical schema as empty tables, or telling what that would
 * change.
 *
 * One transaction: a workbench schema is made, the wanted types, tables and keys are built in scratch
 * schemas, and the steps of catalog_steps.c let PostgreSQL compare them with what is there and tell what to
 * do. Nothing is printed before the commit; whatever fails leaves the database as it was. A database that
 * cannot be Headgate's is refused: one that holds rows, objects that are never created here, or only tables
 * that the policy does not name. */
#define _GNU_SOURCE 1 /* memmem */
#include "catalog.h"

#include "blocking.h"
#include "catalog_steps.h"
#include "ddl.h"
#include "utf8.h"

struct catalog {
    const struct hg_snapshot *snapshot;
    const struct hg_backend_config *config;
    const struct hg_role *role; /* who is to see it; NULL = those who see everything */
    bool commit;
    struct hg_blocking *blocking;
    struct hg_arena arena;
    struct hg_fault fault;
    const char *doing;
    struct hg_map touched, created; /* wanted tables, by their names as SQL */
    struct hg_bytes report;
    struct hg_diags *diags;
};

/* ---- talking to the server ---- */

static bool query(struct catalog *catalog, struct hg_slice sql, struct hg_result *result)
{
    return hg_blocking_query(catalog->blocking, sql, &catalog->arena, result, &catalog->fault);
}

static bool run(struct catalog *catalog, struct hg_slice sql)
{
    struct hg_result unused;

    return query(catalog, sql, &unused);
}

/* Runs what was written and empties the buffer. */
static bool run_bytes(struct catalog *catalog, struct hg_bytes *sql)
{
    bool done = run(catalog, hg_bytes_slice(sql));

    hg_bytes_clear(sql);
    return done;
}

/* ---- steps ---- */

static bool do_row(struct catalog *catalog, const struct hg_slice *row, bool creates)
{
    struct hg_slice words = row[0], sql = row[1], table = row[2];

    if (!run(catalog, sql))
        return false;
    if (words.ptr && !(table.ptr && hg_map_get(&catalog->created, table)))
        hg_write_format(&catalog->report, "%.*s\n", HG_SLICE_FMT(words));
    if (table.ptr)
        (void)hg_map_put(&catalog->touched, table, catalog);
    if (table.ptr && creates)
        (void)hg_map_put(&catalog->created, table, catalog);
    return true;
}

/* creates: the tables are new, and what later steps do to them goes without saying. */
static bool do_steps_that(struct catalog *catalog, const struct catalog_step *steps, bool creates)
{
    for (const struct catalog_step *step = steps; step->query; step++) {
        struct hg_result result;

        catalog->doing = step->doing;
        if (!query(catalog, hg_slice_cstr(step->query), &result))
            return false;
        for (size_t i = 0; i < result.nrows; i++)
            if (result.ncolumns != 3 || !do_row(catalog, result.rows[i], creates))
                return false;
    }
    return true;
}

static bool do_steps(struct catalog *catalog, const struct catalog_step *steps)
{
    return do_steps_that(catalog, steps, false);
}

/* ---- what is wanted, as SQL ---- */

/* A thing's statement, for real and for the scratch schema. The first qualified name in the statement is that
 * of the thing, or of its table; in quoted form nothing before it can look like it. */
struct wanted {
    const char *kind; /* "type", "table", "key" or "foreign key" */
    struct hg_slice schema, table, name;
    struct hg_slice sql;
};

static struct hg_slice scratch_schema(struct catalog *catalog, struct hg_slice schema)
{
    size_t i = 0;

    while (i < catalog->snapshot->nschemas && !hg_slice_equal(catalog->snapshot->schemas[i], schema))
        i++;
    return hg_arena_printf(&catalog->arena, "_headgate_%zu", i);
}

static void write_values(struct hg_bytes *sql, const struct wanted *wanted)
{
    const struct hg_slice values[] = {hg_slice_cstr(wanted->kind), wanted->schema, wanted->table,
                                      wanted->name, wanted->sql};

    hg_write_text(sql, "INSERT INTO _headgate.ddl VALUES (");
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        hg_write_text(sql, i ? ", " : "");
        hg_ddl_literal(sql, values[i]);
    }
    hg_write_text(sql, "); ");
}

static bool write_scratch(struct catalog *catalog, struct hg_bytes *sql, const struct wanted *wanted)
{
    struct hg_slice owner = wanted->table.len ? wanted->table : wanted->name;
    struct hg_bytes qualified;
    const char *at;

    hg_bytes_init(&qualified, 0);
    hg_ddl_qualified(&qualified, wanted->schema, owner);
    at = memmem(wanted->sql.ptr, wanted->sql.len, qualified.data, qualified.len);
    if (at) {
        size_t before = (size_t)(at - wanted->sql.ptr), after = before + qualified.len;

        hg_write(sql, wanted->sql.ptr, before);
        hg_ddl_qualified(sql, scratch_schema(catalog, wanted->schema), owner);
        hg_write(sql, wanted->sql.ptr + after, wanted->sql.len - after);
    }
    hg_bytes_free(&qualified);
    return at || hg_fault_set(&catalog->fault, &catalog->arena, HG_INTERNAL_ERROR,
                              "a statement does not name what it creates: %.*s", HG_SLICE_FMT(wanted->sql));
}

/* Whether the role sees all that the column is generated from. */
static bool shows_generated(struct catalog *catalog, const struct hg_table *table,
                            const struct hg_column *column)
{
    for (size_t i = 0; i < column->ngenerated_from; i++) {
        int from = hg_table_column(table, column->generated_from[i]);

        if (from < 0 || !hg_role_sees_column(catalog->role, table, (size_t)from))
            return false;
    }
    return column->generated_sql.len != 0;
}

static struct hg_slice table_sql(struct catalog *catalog, const struct hg_table *table)
{
    struct hg_bytes sql;
    struct hg_slice text;

    hg_bytes_init(&sql, 0);
    hg_write_text(&sql, "CREATE TABLE ");
    hg_ddl_qualified(&sql, table->schema, table->name);
    hg_write_text(&sql, " (");
    for (size_t i = 0, written = 0; i < table->ncolumns; i++) {
        const struct hg_column *column = &table->columns[i];

        if (!hg_role_sees_column(catalog->role, table, i))
            continue;
        hg_write_text(&sql, written++ ? ", " : "");
        hg_ddl_name(&sql, column->name);
        hg_write_format(&sql, " %.*s", HG_SLICE_FMT(column->type.text));
        if (shows_generated(catalog, table, column))
            hg_write_format(&sql, " GENERATED ALWAYS AS (%.*s) STORED", HG_SLICE_FMT(column->generated_sql));
        else if (column->default_sql.len)
            hg_write_format(&sql, " DEFAULT %.*s", HG_SLICE_FMT(column->default_sql));
        hg_write_text(&sql, column->not_null ? " NOT NULL" : "");
    }
    hg_write_u8(&sql, ')');
    text = hg_arena_slice(&catalog->arena, hg_bytes_slice(&sql));
    hg_bytes_free(&sql);
    return text;
}

static struct hg_slice primary_key_name(struct catalog *catalog, const struct hg_table *table)
{
    struct hg_slice stem = table->name;

    if (table->primary_key_name.len)
        return table->primary_key_name;
    stem.len = hg_utf8_cut(stem, 58); /* of 63 */
    return hg_arena_printf(&catalog->arena, "%.*s_pkey", HG_SLICE_FMT(stem));
}

static struct wanted primary_key(struct catalog *catalog, const struct hg_table *table)
{
    struct wanted wanted = {"key", table->schema, table->name, primary_key_name(catalog, table), {0}};
    struct hg_bytes sql;

    hg_bytes_init(&sql, 0);
    hg_write_text(&sql, "ALTER TABLE ONLY ");
    hg_ddl_qualified(&sql, table->schema, table->name);
    hg_write_text(&sql, " ADD CONSTRAINT ");
    hg_ddl_name(&sql, wanted.name);
    for (size_t i = 0; i < table->nprimary_key; i++) {
        hg_write_text(&sql, i ? ", " : " PRIMARY KEY (");
        hg_ddl_name(&sql, table->columns[table->primary_key[i]].name);
    }
    hg_write_u8(&sql, ')');
    wanted.sql = hg_arena_slice(&catalog->arena, hg_bytes_slice(&sql));
    hg_bytes_free(&sql);
    return wanted;
}

static bool is_foreign_key(const struct hg_schema_object *object)
{
    struct hg_bytes start;
    bool is;

    hg_bytes_init(&start, 0);
    hg_write_text(&start, "ALTER TABLE ONLY ");
    hg_ddl_qualified(&start, object->schema, object->table);
    hg_write_text(&start, " ADD CONSTRAINT ");
    hg_ddl_name(&start, object->name);
    hg_write_text(&start, " FOREIGN KEY");
    is = object->ddl.len > start.len && memcmp(object->ddl.ptr, start.data, start.len) == 0;
    hg_bytes_free(&start);
    return is;
}

/* ---- building it ---- */

/* The workbench, and in it the wanted tables' own statements: the refusals look at those. */
static bool make_workbench(struct catalog *catalog, struct hg_bytes *sql)
{
    const struct hg_snapshot *snapshot = catalog->snapshot;

    catalog->doing = "making the workbench";
    hg_write_text(sql, catalog_workbench);
    for (size_t i = 0; i < snapshot->nschemas; i++) {
        if (!hg_role_sees_schema(snapshot, catalog->role, snapshot->schemas[i]))
            continue;
        hg_write_format(sql, "CREATE SCHEMA _headgate_%zu; INSERT INTO _headgate.pairs VALUES (", i);
        hg_ddl_literal(sql, snapshot->schemas[i]);
        hg_write_format(sql, ", '_headgate_%zu'); ", i);
    }
    for (size_t i = 0; i < snapshot->ntables; i++) {
        const struct hg_table *table = &snapshot->tables[i];
        bool seen = hg_role_sees_table(catalog->role, table);
        struct wanted wanted = {seen ? "table" : "hidden table",
                                table->schema,
                                {0},
                                table->name,
                                seen ? table_sql(catalog, table) : HG_LIT("")};

        write_values(sql, &wanted);
    }
    return run_bytes(catalog, sql);
}

static void write_comment(struct catalog *catalog, struct hg_bytes *sql, const char *kind,
                          struct hg_slice schema, struct hg_slice name, struct hg_slice column,
                          struct hg_slice comment)
{
    if (!comment.len)
        return;
    hg_write_format(sql, "; COMMENT ON %s ", kind);
    hg_ddl_qualified(sql, scratch_schema(catalog, schema), name);
    if (column.len) {
        hg_write_u8(sql, '.');
        hg_ddl_name(sql, column);
    }
    hg_write_text(sql, " IS ");
    hg_ddl_literal(sql, comment);
}

/* Types one by one: a later one may be made of an earlier one, in its final form. */
static bool make_types(struct catalog *catalog, struct hg_bytes *sql)
{
    for (size_t i = 0; i < catalog->snapshot->ntypes; i++) {
        const struct hg_user_type *type = &catalog->snapshot->types[i];
        struct wanted wanted = {"type", type->schema, {0}, type->name, type->ddl};

        if (!hg_role_sees_type(catalog->snapshot, catalog->role, type))
            continue;
        catalog->doing = "building the wanted types";
        write_values(sql, &wanted);
        if (!write_scratch(catalog, sql, &wanted))
            return false;
        write_comment(catalog, sql, "TYPE", type->schema, type->name, (struct hg_slice){0}, type->comment);
        if (!run_bytes(catalog, sql) || !do_steps(catalog, catalog_type_steps))
            return false;
    }
    return true;
}

/* A sequence is made in the scratch schema only: the steps make the real one of what they find there. */
static void write_sequence(struct catalog *catalog, struct hg_bytes *sql, const struct hg_table *table,
                           const struct hg_column *column)
{
    struct hg_slice schema = scratch_schema(catalog, table->schema);
    bool serial = column->numbering == HG_NUMBERING_SERIAL;
    struct hg_bytes name;

    hg_bytes_init(&name, 0);
    hg_ddl_qualified(&name, schema, column->sequence_name);
    if (serial)
        hg_write_format(sql, "; CREATE SEQUENCE %.*s%.*s", HG_SLICE_FMT(hg_bytes_slice(&name)),
                        HG_SLICE_FMT(column->sequence_options));
    hg_write_text(sql, "; ALTER TABLE ");
    hg_ddl_qualified(sql, schema, table->name);
    hg_write_text(sql, " ALTER COLUMN ");
    hg_ddl_name(sql, column->name);
    if (serial) {
        hg_write_text(sql, " SET DEFAULT nextval(");
        hg_ddl_literal(sql, hg_bytes_slice(&name));
        hg_write_format(sql, "); ALTER SEQUENCE %.*s OWNED BY ", HG_SLICE_FMT(hg_bytes_slice(&name)));
        hg_ddl_qualified(sql, schema, table->name);
        hg_write_u8(sql, '.');
        hg_ddl_name(sql, column->name);
    } else
        hg_write_format(sql, " ADD GENERATED %s AS IDENTITY (SEQUENCE NAME %.*s%.*s)",
                        column->numbering == HG_NUMBERING_ALWAYS ? "ALWAYS" : "BY DEFAULT",
                        HG_SLICE_FMT(hg_bytes_slice(&name)), HG_SLICE_FMT(column->sequence_options));
    hg_bytes_free(&name);
}

static bool make_table(struct catalog *catalog, struct hg_bytes *sql, const struct hg_table *table)
{
    struct wanted wanted = {"table", table->schema, {0}, table->name, table_sql(catalog, table)};

    if (!write_scratch(catalog, sql, &wanted))
        return false;
    write_comment(catalog, sql, "TABLE", table->schema, table->name, (struct hg_slice){0}, table->comment);
    for (size_t i = 0; i < table->ncolumns; i++) {
        if (!hg_role_sees_column(catalog->role, table, i))
            continue;
        write_comment(catalog, sql, "COLUMN", table->schema, table->name, table->columns[i].name,
                      table->columns[i].comment);
        if (table->columns[i].numbering != HG_NUMBERING_NONE)
            write_sequence(catalog, sql, table, &table->columns[i]);
    }
    if (!run_bytes(catalog, sql))
        return false;
    if (!hg_role_sees_primary_key(catalog->role, table))
        return true;
    wanted = primary_key(catalog, table);
    write_values(sql, &wanted);
    return write_scratch(catalog, sql, &wanted) && run_bytes(catalog, sql);
}

static bool make_tables(struct catalog *catalog, struct hg_bytes *sql)
{
    catalog->doing = "building the wanted tables";
    for (size_t i = 0; i < catalog->snapshot->ntables; i++)
        if (hg_role_sees_table(catalog->role, &catalog->snapshot->tables[i]) &&
            !make_table(catalog, sql, &catalog->snapshot->tables[i]))
            return false;
    return true;
}

/* Made of what the server has not, or not so: undefined functions, operators, types, or values that do not fit
 * them. */
static bool is_undefined(const struct hg_fault *fault)
{
    return memcmp(fault->sqlstate, "42", 2) == 0 || memcmp(fault->sqlstate, "22", 2) == 0;
}

/* A check or an index only describes: the catalog can do without it. */
static bool make_optional(struct catalog *catalog, struct hg_bytes *sql, const struct wanted *wanted,
                          const struct hg_schema_object *object)
{
    hg_write_text(sql, "SAVEPOINT optional; ");
    write_values(sql, wanted);
    if (!write_scratch(catalog, sql, wanted))
        return false;
    hg_write_text(sql, "; RELEASE optional");
    if (run_bytes(catalog, sql))
        return true;
    if (!is_undefined(&catalog->fault))
        return false;
    hg_diag_add(
        catalog->diags, HG_WARNING, object->place,
        "create what it needs, for example an extension, in the catalog database, if clients are to see it",
        "the catalog database %s does without the %.*s \"%.*s\" of \"%.*s.%.*s\": %.*s",
        catalog->config->database, HG_SLICE_FMT(object->kind), HG_SLICE_FMT(object->name),
        HG_SLICE_FMT(object->schema), HG_SLICE_FMT(object->table), HG_SLICE_FMT(catalog->fault.message));
    catalog->fault = (struct hg_fault){0};
    return run(catalog, HG_LIT("ROLLBACK TO optional; RELEASE optional"));
}

static bool is_optional(const struct hg_schema_object *object)
{
    return hg_slice_is(object->kind, "check") || hg_slice_is(object->kind, "index");
}

static bool make_objects(struct catalog *catalog, struct hg_bytes *sql, bool foreign)
{
    catalog->doing = foreign ? "building the wanted foreign keys" : "building the wanted keys and indexes";
    for (size_t i = 0; i < catalog->snapshot->nobjects; i++) {
        const struct hg_schema_object *object = &catalog->snapshot->objects[i];
        struct wanted wanted = {foreign ? "foreign key" : "key", object->schema, object->table, object->name,
                                object->ddl};

        if (is_foreign_key(object) != foreign || !hg_role_sees_object(catalog->role, object))
            continue;
        if (is_optional(object)) {
            if (!make_optional(catalog, sql, &wanted, object))
                return false;
            continue;
        }
        write_values(sql, &wanted);
        if (!write_scratch(catalog, sql, &wanted) || !run_bytes(catalog, sql))
            return false;
    }
    return true;
}

/* ---- refusing ---- */

static bool refuse(struct catalog *catalog, struct hg_slice reason)
{
    hg_fault_set(&catalog->fault, &catalog->arena, HG_INSUFFICIENT_PRIVILEGE,
                 "database \"%s\" does not look like a catalog database: %.*s", catalog->config->database,
                 HG_SLICE_FMT(reason));
    hg_fault_hint(&catalog->fault, &catalog->arena,
                  catalog->role ? "Nothing was changed. The role's catalog must be a database of its own, "
                                  "not one that holds data."
                                : "Nothing was changed. backends.catalog must name a database of its own, "
                                  "not one that holds data.");
    return false;
}

static bool check_empty(struct catalog *catalog)
{
    struct hg_result tables, rows;

    catalog->doing = "looking for rows";
    if (!query(catalog, hg_slice_cstr(catalog_tables_there), &tables))
        return false;
    for (size_t i = 0; i < tables.nrows; i++) {
        struct hg_slice name = tables.rows[i][0];

        if (!query(catalog,
                   hg_arena_printf(&catalog->arena, "SELECT 1 FROM ONLY %.*s LIMIT 1", HG_SLICE_FMT(name)),
                   &rows))
            return false;
        if (rows.nrows)
            return refuse(catalog,
                          hg_arena_printf(&catalog->arena, "its table %.*s holds rows", HG_SLICE_FMT(name)));
    }
    return true;
}

static bool check_ours(struct catalog *catalog)
{
    for (const struct catalog_step *step = catalog_refusals; step->query; step++) {
        struct hg_result result;

        catalog->doing = step->doing;
        if (!query(catalog, hg_slice_cstr(step->query), &result))
            return false;
        if (result.nrows)
            return refuse(catalog, result.rows[0][0]);
    }
    return check_empty(catalog);
}

/* ---- the whole ---- */

static bool update(struct catalog *catalog)
{
    struct hg_bytes sql;
    bool done;

    hg_bytes_init(&sql, 0);
    catalog->doing = "beginning";
    /* Of what the transaction has just made PostgreSQL has no statistics: it would take tens of thousands of
     * columns for a few, and compare each with each, or compile what it believes to be endless. */
    done = run(catalog, HG_LIT("BEGIN; SET LOCAL search_path = pg_catalog; SET LOCAL lock_timeout = '30s';"
                               " SET LOCAL client_min_messages = warning; SET LOCAL enable_nestloop = off; "
                               "SET LOCAL jit = off;"
                               " SELECT pg_advisory_xact_lock(hashtext('headgate catalog'))")) &&
           make_workbench(catalog, &sql) && check_ours(catalog) && do_steps(catalog, catalog_schema_steps) &&
           make_types(catalog, &sql) && make_tables(catalog, &sql) && make_objects(catalog, &sql, false) &&
           do_steps_that(catalog, catalog_create_steps, true) && do_steps(catalog, catalog_table_steps) &&
           make_objects(catalog, &sql, true) && do_steps(catalog, catalog_foreign_steps) &&
           do_steps(catalog, catalog_last_steps);
    if (done) {
        catalog->doing = "committing";
        done = run(catalog, catalog->commit ? HG_LIT("COMMIT") : HG_LIT("ROLLBACK"));
    }
    hg_bytes_free(&sql);
    return done;
}

/* An administrator has to do it. */
static void say_what_to_create(struct catalog *catalog)
{
    struct hg_bytes sql;

    hg_bytes_init(&sql, 0);
    hg_write_text(&sql, "Let an administrator run: CREATE DATABASE ");
    hg_ddl_name(&sql, hg_slice_cstr(catalog->config->database));
    hg_write_text(&sql, " OWNER ");
    hg_ddl_name(&sql, hg_slice_cstr(catalog->config->user));
    hg_write_text(&sql, " TEMPLATE template0 ENCODING 'UTF8'");
    hg_fault_hint(&catalog->fault, &catalog->arena, "%.*s", HG_SLICE_FMT(hg_bytes_slice(&sql)));
    hg_bytes_free(&sql);
}

static bool create_database(struct catalog *catalog)
{
    struct hg_bytes sql;
    bool done;

    catalog->doing = "connecting to database \"postgres\", to create the catalog database";
    catalog->blocking = hg_blocking_open(catalog->config, "postgres", &catalog->arena, &catalog->fault);
    if (!catalog->blocking) {
        say_what_to_create(catalog);
        return false;
    }
    catalog->doing = "creating the catalog database";
    hg_bytes_init(&sql, 0);
    hg_write_text(&sql, "CREATE DATABASE ");
    hg_ddl_name(&sql, hg_slice_cstr(catalog->config->database));
    hg_write_text(&sql, " TEMPLATE template0 ENCODING 'UTF8'");
    done = run_bytes(catalog, &sql);
    hg_bytes_free(&sql);
    hg_blocking_close(catalog->blocking);
    catalog->blocking = NULL;
    if (!done)
        say_what_to_create(catalog);
    if (done)
        hg_write_format(&catalog->report, "created database %s\n", catalog->config->database);
    return done;
}

static bool open_database(struct catalog *catalog)
{
    catalog->doing = "connecting to the catalog backend";
    catalog->blocking = hg_blocking_open(catalog->config, NULL, &catalog->arena, &catalog->fault);
    if (catalog->blocking)
        return true;
    if (!catalog->commit || strcmp(catalog->fault.sqlstate, HG_UNDEFINED_DATABASE) != 0)
        return false;
    catalog->fault = (struct hg_fault){0};
    if (!create_database(catalog))
        return false;
    catalog->doing = "connecting to the new catalog database";
    catalog->blocking = hg_blocking_open(catalog->config, NULL, &catalog->arena, &catalog->fault);
    return catalog->blocking != NULL;
}

/* What outlives the work. */
static void take_outcome(const struct catalog *catalog, struct hg_arena *arena,
                         struct hg_catalog_outcome *outcome)
{
    const struct hg_fault *fault = &catalog->fault;

    *outcome = (struct hg_catalog_outcome){.doing = catalog->doing, .fault = *fault};
    outcome->fault.message = hg_arena_slice(arena, fault->message);
    outcome->fault.detail = hg_arena_slice(arena, fault->detail);
    outcome->fault.hint = hg_arena_slice(arena, fault->hint);
    outcome->changes = hg_arena_slice(arena, hg_bytes_slice(&catalog->report));
    for (size_t i = 0; i < catalog->snapshot->ntables; i++)
        outcome->unchanged += hg_role_sees_table(catalog->role, &catalog->snapshot->tables[i]);
    outcome->unchanged -= catalog->touched.count;
}

bool hg_catalog_bring(const struct hg_snapshot *snapshot, const struct hg_backend_config *config, bool commit,
                      struct hg_arena *arena, struct hg_catalog_outcome *outcome, struct hg_diags *diags)
{
    struct catalog catalog = {.snapshot = snapshot,
                              .config = config,
                              .role = hg_snapshot_catalog_role(snapshot, config->index),
                              .commit = commit,
                              .diags = diags};
    bool done;

    hg_arena_init(&catalog.arena, 0);
    hg_bytes_init(&catalog.report, 0);
    hg_map_init(&catalog.touched);
    hg_map_init(&catalog.created);
    catalog.doing = "comparing the configuration";
    if (catalog.role || hg_slice_is(snapshot->database, config->database))
        done = open_database(&catalog) && update(&catalog);
    else
        done = hg_fault_set(
            &catalog.fault, &catalog.arena, HG_UNDEFINED_DATABASE,
            "backends.catalog.database is \"%s\", but clients connect to \"%.*s\": they must be the same",
            config->database, HG_SLICE_FMT(snapshot->database));
    take_outcome(&catalog, arena, outcome);
    if (catalog.blocking)
        hg_blocking_close(catalog.blocking);
    hg_map_free(&catalog.touched);
    hg_map_free(&catalog.created);
    hg_bytes_free(&catalog.report);
    hg_arena_free(&catalog.arena);
    return done;
}
