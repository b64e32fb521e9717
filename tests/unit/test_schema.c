/* schema.sql: what pg_dump prints, which statements shape tables, where statements end, what is skipped and
 * what is refused. fixtures/pg_dump.sql is what pg_dump 15 prints for a database with one of nearly
 * everything. */
#include "policy_texts.h"
#include "schema.h"

/* ---- a dump ---- */

static const char dump_policy[] =
    "database: analytics\n"
    "schema: schema.sql\n"
    "tenant_column: tenant_id\n"
    "tables:\n"
    "  public.customers: {backends: [aurora]}\n"
    "  public.orders: {backends: [aurora]}\n"
    "  public.events: {backends: [aurora]}\n"
    "  public.dogs: {backends: [aurora]}\n"
    "  public.animals: {backends: [aurora], shared: true}\n"
    "  Odd Schema.Odd Table: {backends: [aurora], tenant_column: \"quo\\\"te\"}\n"
    "materialized:\n"
    "  tables:\n"
    "    daily: {backends: [aurora]}\n"
    "roles: {r: {read: [\"*\"]}}\n"
    "tenants: {t: {value: v}}\n"
    "users: {}\n";

static char *read_fixture(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = calloc(1, 1 << 16);
    size_t len = file && text ? fread(text, 1, (1 << 16) - 1, file) : 0;
    CHECK(len > 1000);
    if (file)
        fclose(file);
    return text;
}

static const struct hg_table *table(const struct hg_snapshot *snapshot, const char *schema, const char *name)
{
    static const struct hg_table none;
    const struct hg_table *found = hg_snapshot_table(snapshot, hg_slice_cstr(schema), hg_slice_cstr(name));
    check_one(found != NULL, name, __FILE__, __LINE__);
    return found ? found : &none;
}

static const struct {
    const char *name, *type, *text, *by_default;
    bool array, not_null;
} customers[] = {
    {"tenant_id", "text", "text", "", false, true},
    {"id", "int8", "bigint", "", false, true},
    {"name", "varchar", "character varying(200)", "CAST('nobody; nothing' AS character varying)", false,
     true},
    {"email", "email", "\"public\".\"email\"", "", false, false},
    {"balance", "numeric", "numeric(12,2)", "CAST('-1.5' AS numeric)", false, false},
    {"score", "int2", "smallint", "CAST('-1' AS integer)", false, false},
    {"flags", "bit", "bit(3)", "", false, false},
    {"mask", "varbit", "bit varying(9)", "", false, false},
    {"one", "bpchar", "character(1)", "", false, false},
    {"padded", "bpchar", "character(10)", "", false, false},
    {"c", "char", "\"char\"", "CAST('x' AS \"char\")", false, false},
    {"active", "bool", "boolean", "true", false, true},
    {"tags", "text", "text[]", "CAST('{}' AS text[])", true, true},
    {"grid", "int4", "integer[]", "", true, false},
    {"born", "date", "date", "CURRENT_DATE", false, false},
    {"seen", "timestamptz", "timestamp(3) with time zone", "pg_catalog.now()", false, false},
    {"at", "time", "time without time zone", "", false, false},
    {"at_tz", "timetz", "time(2) with time zone", "", false, false},
    {"updated_at", "timestamp", "timestamp without time zone",
     "pg_catalog.timezone(CAST('utc' AS text), pg_catalog.now())", false, false},
    {"span", "interval", "interval", "", false, false},
    {"years", "interval", "pg_catalog.\"interval\"(6)", "", false, false},
    {"fine", "interval", "pg_catalog.\"interval\"(4096,3)", "", false, false},
    {"precise", "interval", "pg_catalog.\"interval\"(32767,2)", "", false, false},
    {"ratio", "float4", "real", "", false, false},
    {"big", "float8", "double precision", "", false, false},
    {"doc", "json", "json", "", false, false},
    {"docb", "jsonb", "jsonb", "CAST('{}' AS jsonb)", false, false},
    {"raw", "bytea", "bytea", "", false, false},
    {"ip", "inet", "inet", "", false, false},
    {"id2", "uuid", "uuid", "pg_catalog.gen_random_uuid()", false, false},
    {"range", "tstzrange", "tstzrange", "", false, false},
    {"cash", "money", "money", "", false, false},
    {"x", "xml", "xml", "", false, false},
    {"n", "name", "name", "", false, false},
    {"loc", "point", "point", "", false, false},
    {"total", "numeric", "numeric", "", false, false},
    {"ident", "int4", "integer", "", false, true},
    {"word", "text", "text", "", false, false},
    {"long_default", "text", "text",
     "((CAST('a' AS text) || CAST('b' AS text)) || pg_catalog.upper(CAST('c' AS text)))", false, false},
};

static void check_columns(const struct hg_table *found)
{
    size_t count = sizeof customers / sizeof customers[0];
    CHECK_INT(found->ncolumns, count);
    for (size_t i = 0; i < found->ncolumns && i < count; i++) {
        const struct hg_column *column = &found->columns[i];
        CHECK_TEXT(column->name, customers[i].name);
        CHECK_TEXT(column->type.name, customers[i].type);
        CHECK_TEXT(column->type.text, customers[i].text);
        CHECK_TEXT(column->default_sql, customers[i].by_default);
        CHECK_INT(column->type.array, customers[i].array);
        CHECK_INT(column->not_null, customers[i].not_null);
        CHECK_TEXT(column->type.schema, strcmp(customers[i].type, "email") == 0 ? "public" : "pg_catalog");
    }
}

static void check_tables(const struct hg_snapshot *snapshot)
{
    const struct hg_table *found = table(snapshot, "public", "customers");
    check_columns(found);
    CHECK_TEXT(found->comment, "Who buys; semicolons -- and dashes");
    CHECK_TEXT(found->columns[2].comment, "It's the name");
    CHECK_TEXT(found->primary_key_name, "customers_pkey");
    CHECK_INT(found->nprimary_key, 2);
    CHECK_INT(found->tenant_column_index, 0);
    CHECK(!found->primary_key_has_tenant);

    const struct hg_column *total = &found->columns[hg_table_column(found, HG_LIT("total"))];
    CHECK_TEXT(total->generated_sql, "(1 + 1)");
    const struct hg_column *ident = &found->columns[hg_table_column(found, HG_LIT("ident"))];
    CHECK_INT(ident->numbering, HG_NUMBERING_BY_DEFAULT);
    CHECK_TEXT(ident->sequence_name, "customers_ident_seq");
    CHECK_TEXT(ident->sequence_options, " START WITH 1 INCREMENT BY 1 CACHE 1");
    CHECK_INT(found->columns[1].numbering, HG_NUMBERING_SERIAL);
    CHECK_TEXT(found->columns[1].sequence_name, "customers_id_seq");

    found = table(snapshot, "public", "dogs");
    CHECK_INT(found->ncolumns, 3);
    CHECK_TEXT(found->columns[1].default_sql, "4");
    CHECK_TEXT(found->columns[2].name, "tricks");

    found = table(snapshot, "Odd Schema", "Odd Table");
    CHECK_INT(found->ncolumns, 4);
    CHECK_TEXT(found->columns[0].name, "Odd Column");
    CHECK_INT(found->tenant_column_index, 2);
    CHECK_INT(found->nprimary_key, 1);
    CHECK_INT(found->primary_key[0], 1);
    CHECK_TEXT(table(snapshot, "materialized", "daily")->physical_name, "_materialized_daily");
}

#define POSITIVE                                                                                             \
    "ALTER TABLE ONLY \"public\".\"customers\" ADD CONSTRAINT \"positive\" CHECK ((\"balance\" > "           \
    "CAST(CAST('-100' AS integer) AS numeric)))"

static const char *const dump_types[] = {
    "CREATE DOMAIN \"Odd Schema\".\"Weird \"\"dom\" AS numeric(8,3)",
    "CREATE DOMAIN \"public\".\"email\" AS character varying(320) NOT NULL DEFAULT CAST('none' AS character "
    "varying) CONSTRAINT \"email_check\" CHECK ((CAST(VALUE AS text) ~~ CAST('%@%' AS text)))",
    "CREATE TYPE \"public\".\"order_status\" AS ENUM ('new', 'paid', 'can''t ship', 'back\\slash')",
};

static const char *const dump_objects[] = {
    "CREATE INDEX \"orders_placed\" ON \"public\".\"orders\" USING btree (\"tenant_id\", \"placed\" DESC, "
    "\"status\") "
    "INCLUDE (\"customer_id\")",
    POSITIVE,
    "ALTER TABLE ONLY \"public\".\"customers\" ADD CONSTRAINT \"customers_id2_ratio_key\" UNIQUE NULLS NOT "
    "DISTINCT "
    "(\"id2\") INCLUDE (\"ratio\")",
    "ALTER TABLE ONLY \"public\".\"customers\" ADD CONSTRAINT \"customers_tenant_id_name_key\" UNIQUE "
    "(\"tenant_id\", "
    "\"name\")",
    "CREATE INDEX \"customers_doc\" ON \"public\".\"customers\" USING gin (\"docb\")",
    "CREATE INDEX \"events_at\" ON \"public\".\"events\" USING btree (\"at\" DESC NULLS LAST)",
    "ALTER TABLE ONLY \"public\".\"orders\" ADD CONSTRAINT \"orders_tenant_id_customer_id_fkey\" FOREIGN KEY "
    "(\"tenant_id\", \"customer_id\") REFERENCES \"public\".\"customers\" (\"tenant_id\", \"id\") ON UPDATE "
    "CASCADE ON "
    "DELETE SET NULL DEFERRABLE INITIALLY DEFERRED",
};

/* The same keys where the tenant column is not declared. */
static const char *const dump_objects_without[] = {
    "CREATE INDEX \"orders_placed\" ON \"public\".\"orders\" USING btree (\"placed\" DESC, \"status\") "
    "INCLUDE "
    "(\"customer_id\")",
    POSITIVE,
    "ALTER TABLE ONLY \"public\".\"customers\" ADD CONSTRAINT \"customers_id2_ratio_key\" UNIQUE NULLS NOT "
    "DISTINCT "
    "(\"id2\") INCLUDE (\"ratio\")",
    "ALTER TABLE ONLY \"public\".\"customers\" ADD CONSTRAINT \"customers_tenant_id_name_key\" UNIQUE "
    "(\"name\")",
    "CREATE INDEX \"customers_doc\" ON \"public\".\"customers\" USING gin (\"docb\")",
    "CREATE INDEX \"events_at\" ON \"public\".\"events\" USING btree (\"at\" DESC NULLS LAST)",
    "ALTER TABLE ONLY \"public\".\"orders\" ADD CONSTRAINT \"orders_tenant_id_customer_id_fkey\" FOREIGN KEY "
    "(\"customer_id\") REFERENCES \"public\".\"customers\" (\"id\") ON UPDATE CASCADE ON DELETE SET NULL "
    "DEFERRABLE "
    "INITIALLY DEFERRED",
};

static void check_objects(const struct hg_snapshot *snapshot, const char *const *expected, size_t count)
{
    CHECK_INT(snapshot->nobjects, count);
    for (size_t i = 0; i < snapshot->nobjects && i < count; i++)
        CHECK_TEXT(snapshot->objects[i].ddl, expected[i]);
}

static void check_types(const struct hg_snapshot *snapshot)
{
    size_t count = sizeof dump_types / sizeof dump_types[0];
    CHECK_INT(snapshot->ntypes, count);
    for (size_t i = 0; i < snapshot->ntypes && i < count; i++)
        CHECK_TEXT(snapshot->types[i].ddl, dump_types[i]);
    const struct hg_user_type *status = hg_snapshot_type(snapshot, HG_LIT("public"), HG_LIT("order_status"));
    if (CHECK(status != NULL))
        CHECK_TEXT(status->comment, "Where an order stands");
}

static const char dump_said[] =
#include "schema_said.inc"
    ;

static void check_dump(void)
{
    char *dump = read_fixture(HG_SOURCE_DIR "/tests/unit/fixtures/pg_dump.sql");
    struct test_load load = {.config = test_config, .policy = dump_policy, .schema = dump};
    test_load_run(&load);
    CHECK_TEXT(hg_slice_cstr(load.said), dump_said);
    if (CHECK(load.snapshot != NULL)) {
        check_tables(load.snapshot);
        check_types(load.snapshot);
        check_objects(load.snapshot, dump_objects, sizeof dump_objects / sizeof dump_objects[0]);
    }
    test_load_free(&load);

    for (char *at; (at = strstr(dump, "    tenant_id text NOT NULL,\n"));)
        memset(at, ' ', strlen("    tenant_id text NOT NULL,"));
    test_load_run(&load);
    if (CHECK(load.snapshot != NULL)) {
        check_objects(load.snapshot, dump_objects_without,
                      sizeof dump_objects_without / sizeof dump_objects_without[0]);
        CHECK_INT(table(load.snapshot, "public", "customers")->nprimary_key, 1);
        CHECK(table(load.snapshot, "public", "customers")->primary_key_has_tenant);
        CHECK(!table(load.snapshot, "public", "events")->primary_key_has_tenant);
    }
    test_load_free(&load);
    free(dump);
}

/* ---- single statements ---- */

static const struct {
    const char *sql;  /* after the small schema, from its line 4 */
    const char *said; /* about it */
} statements[] = {
#include "schema_statements.inc"
};

static void check_statements(void)
{
    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
        char schema[4096];
        snprintf(schema, sizeof schema, "%s%s", test_schema, statements[i].sql);
        struct test_load load = {.config = test_config, .policy = test_policy, .schema = schema};
        test_load_run(&load);
        check_text(hg_slice_cstr(load.said), statements[i].said, statements[i].sql, __FILE__, __LINE__);
        test_load_free(&load);
    }
}

/* ---- where statements end ---- */

static void check_split(void)
{
    static const char text[] =
        "\\restrict x;y\n"
        "  -- a comment; with a semicolon\n"
        "/* one /* in; another */ ; */ SELECT ';' , \";\" , $$;$$ , $a$;$b$;$a$ , E'\\';' ;;\n"
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END;\n"
        "CREATE FUNCTION begin() RETURNS int AS 'x' LANGUAGE sql;\n"
        "COPY t FROM stdin;\n"
        "1\t;;\n"
        "\\.\n"
        "CREATE RULE r AS ON DELETE TO t DO (SELECT 1; SELECT 2);\n"
        "SELECT a$b;$b$1 FROM x -- last; comment\n";
    static const char *const expected[] = {
        "SELECT ';' , \";\" , $$;$$ , $a$;$b$;$a$ , E'\\';' ",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END",
        "CREATE FUNCTION begin() RETURNS int AS 'x' LANGUAGE sql",
        "COPY t FROM stdin",
        "CREATE RULE r AS ON DELETE TO t DO (SELECT 1; SELECT 2)",
        "SELECT a$b",
        "$b$1 FROM x -- last; comment\n",
    };
    struct hg_schema_splitter splitter = {.text = HG_LIT(text)};
    struct hg_slice statement;
    size_t count = 0;
    while (hg_schema_next(&splitter, &statement)) {
        CHECK_TEXT(statement, count < sizeof expected / sizeof expected[0] ? expected[count] : "nothing");
        count++;
    }
    CHECK_INT(count, sizeof expected / sizeof expected[0]);
    splitter = (struct hg_schema_splitter){.text = HG_LIT("")};
    CHECK(!hg_schema_next(&splitter, &statement));
}

static void run(void *unused)
{
    (void)unused;
    check_split();
    check_statements();
    check_dump();
}

int main(void)
{
    CHECK(hg_tree_run_with_stack(hg_snapshot_stack_bytes(), run, NULL));
    return check_end();
}
