/* rewrite/verify: texts that a broken or tricked rewriter might make, each of which must fail for its own
 * reason, beside those that must pass. What is meant is the text itself but where the two are to differ: then
 * the proof alone decides. */
#include "policy_texts.h"
#include "verify.h"

static const char config[] = "listen: 127.0.0.1:6432\n"
                             "policy: policy.yaml\n"
                             "backends:\n"
                             "  aurora: {dialect: postgresql, host: a, database: d, user: u}\n"
                             "  catalog: {dialect: postgresql, host: c, database: d, user: u}\n";

static const char policy[] =
    "database: analytics\n"
    "schema: schema.sql\n"
    "tenant_column: tenant_id\n"
    "tables:\n"
    "  public.messages: {backends: [aurora]}\n"
    "  public.contacts: {backends: [aurora]}\n"
    "  public.secrets: {backends: [aurora]}\n"
    "  public.orders: {backends: [aurora], tenant_column: customer, physical: shop.orders_v2}\n"
    "  public.channels: {backends: [aurora], shared: true}\n"
    "materialized:\n"
    "  prefix: _m_\n"
    "  tables:\n"
    "    daily: {backends: [aurora]}\n"
    "roles:\n"
    "  analyst:\n"
    "    read: [public.messages, public.contacts, public.orders, public.channels, materialized.*]\n"
    "    columns:\n"
    "      public.contacts.phone: {mask: \"'***' || right(phone, 4)\"}\n"
    "      public.contacts.email: {hide: true}\n"
    "tenants:\n"
    "  acme: {value: acme}\n"
    "  globex: {value: globex}\n"
    "users:\n"
    "  ann: {tenant: acme, role: analyst, password: \"" TEST_VERIFIER "\"}\n";

static const char schema[] =
    "CREATE TYPE public.mood AS ENUM ('good', 'bad');\n"
    "CREATE TABLE public.messages (id bigint PRIMARY KEY, body text, version integer);\n"
    "CREATE TABLE public.contacts (id bigint PRIMARY KEY, phone text, email text);\n"
    "CREATE TABLE public.secrets (id bigint);\n"
    "CREATE TABLE public.orders (id bigint, total numeric);\n"
    "CREATE TABLE public.channels (id integer, name text);\n"
    "CREATE TABLE materialized.daily (day date, sent bigint);\n";

#define MESSAGES                                                                                             \
    "(SELECT id, body, version FROM public.messages WHERE messages.tenant_id = 'acme') AS messages"

/* For a data backend. NULL: must be proved; else what the detail must say. */
static const struct {
    const char *sql, *detail;
} on_data[] = {
    {"SELECT 1", NULL},
    {"SELECT id FROM " MESSAGES, NULL},
    {"SELECT messages.id FROM " MESSAGES " WHERE (body = 'x') OR TRUE", NULL},
    {"SELECT 1 FROM (SELECT FROM public.messages WHERE messages.tenant_id = 'acme') AS m", NULL},
    {"SELECT 1 FROM (SELECT id FROM ONLY public.messages WHERE messages.tenant_id = 'acme') AS m", NULL},
    {"SELECT 1 FROM (SELECT id FROM public.messages TABLESAMPLE bernoulli (10) WHERE messages.tenant_id = "
     "'acme') AS m",
     NULL},
    {"SELECT 1 FROM (SELECT id FROM public.messages WHERE messages.tenant_id = 'acme' OFFSET 0) AS m", NULL},
    {"SELECT 1 FROM (SELECT id, total FROM shop.orders_v2 WHERE orders_v2.customer = 'acme') AS orders",
     NULL},
    {"SELECT 1 FROM (SELECT day FROM public._m_daily WHERE _m_daily.tenant_id = 'acme') AS daily", NULL},
    {"SELECT 1 FROM (SELECT id, name FROM public.channels) AS channels", NULL},
    {"SELECT 1 FROM (SELECT id, '***' || \"right\"(phone, 4) AS phone FROM public.contacts WHERE "
     "contacts.tenant_id = 'acme' AND CASE WHEN contacts.tenant_id = 'acme' THEN 1 END IS NOT NULL) AS c",
     NULL},
    {"SELECT (SELECT max(id) FROM " MESSAGES "), EXISTS (SELECT 1 FROM " MESSAGES " WHERE id = 1)", NULL},
    {"SELECT 1 UNION (SELECT id FROM " MESSAGES " ORDER BY id LIMIT 1)", NULL},

    /* The predicate. */
    {"SELECT id FROM public.messages", "stands without its predicate"},
    {"SELECT 1 FROM (SELECT id FROM public.messages) AS m", "stands without its predicate"},
    {"SELECT 1 FROM (SELECT id FROM public.messages WHERE messages.tenant_id = 'globex') AS m",
     "stands without its predicate"},
    {"SELECT 1 FROM (SELECT id FROM public.messages WHERE messages.tenant_id = '') AS m",
     "stands without its predicate"},
    {"SELECT 1 FROM (SELECT id FROM public.messages WHERE messages.tenant_id = NULL) AS m",
     "stands without its predicate"},
    {"SELECT 1 FROM (SELECT id FROM public.messages WHERE messages.tenant_id = 'acme'::text) AS m",
     "stands without its predicate"},
    {"SELECT 1 FROM (SELECT id FROM public.messages WHERE messages.tenant_id = $1) AS m",
     "stands without its predicate"},
    {"SELECT 1 FROM (SELECT id FROM public.messages WHERE messages.tenant_id <> 'acme') AS m",
     "stands without its predicate"},
    {"SELECT 1 FROM (SELECT id FROM public.messages WHERE messages.tenant_id IN ('acme')) AS m",
     "stands without its predicate"},
    {"SELECT 1 FROM (SELECT id FROM public.messages WHERE messages.tenant_id IS DISTINCT FROM 'acme') AS m",
     "stands without its predicate"},
    {"SELECT 1 FROM (SELECT id FROM public.messages WHERE 'acme' = messages.tenant_id) AS m",
     "stands without its predicate"},
    {"SELECT 1 FROM (SELECT id FROM public.messages WHERE 'acme' = 'acme') AS m",
     "stands without its predicate"},
    {"SELECT 1 FROM (SELECT id FROM public.messages WHERE tenant_id = 'acme') AS m",
     "stands without its predicate"},
    {"SELECT 1 FROM (SELECT id FROM public.messages WHERE other.tenant_id = 'acme') AS m",
     "stands without its predicate"},
    {"SELECT 1 FROM (SELECT id FROM public.messages WHERE public.messages.tenant_id = 'acme') AS m",
     "stands without its predicate"},
    {"SELECT 1 FROM (SELECT id FROM public.messages WHERE messages.body = 'acme') AS m",
     "stands without its predicate"},
    {"SELECT 1 FROM (SELECT id FROM public.messages WHERE messages.tenant_id OPERATOR(public.=) 'acme') AS m",
     "stands without its predicate"},
    {"SELECT 1 FROM (SELECT id FROM public.messages WHERE (messages.tenant_id = 'acme') OR TRUE) AS m",
     "stands without its predicate"},
    {"SELECT 1 FROM (SELECT id FROM public.messages WHERE (messages.tenant_id = 'acme') AND TRUE) AS m",
     "stands without its predicate"},
    {"SELECT 1 FROM (SELECT id FROM public.messages WHERE (messages.tenant_id = 'acme') IS NOT NULL) AS m",
     "stands without its predicate"},
    {"SELECT 1 FROM (SELECT id FROM public.messages WHERE messages.tenant_id = ANY ('{acme}')) AS m",
     "stands without its predicate"},
    {"SELECT 1 FROM (SELECT id FROM public.messages WHERE (messages.tenant_id = 'acme') AND (CASE WHEN "
     "messages.tenant_id = 'acme' THEN 1 END IS NOT NULL)) AS m",
     NULL},
    {"SELECT 1 FROM (SELECT id FROM public.messages WHERE CASE WHEN messages.tenant_id = 'acme' THEN 1 END "
     "IS "
     "NOT NULL) AS m",
     "stands without its predicate"},
    {"SELECT 1 FROM (SELECT id FROM public.messages WHERE (messages.tenant_id = 'acme') OR (CASE WHEN "
     "messages.tenant_id = 'acme' THEN 1 END IS NOT NULL)) AS m",
     "stands without its predicate"},
    {"SELECT 1 FROM (SELECT id FROM public.messages WHERE (messages.tenant_id = 'acme') AND (CASE WHEN "
     "messages.tenant_id = 'acme' THEN 1 END IS NULL)) AS m",
     "stands without its predicate"},
    {"SELECT 1 FROM (SELECT id FROM public.messages WHERE (messages.tenant_id = 'acme') AND (CASE WHEN "
     "messages.tenant_id = 'globex' THEN 1 END IS NOT NULL)) AS m",
     "stands without its predicate"},
    {"SELECT 1 FROM (SELECT id FROM public.messages WHERE (messages.tenant_id = 'acme') AND (CASE WHEN "
     "messages.tenant_id = 'acme' THEN 1 ELSE 2 END IS NOT NULL)) AS m",
     "stands without its predicate"},
    {"SELECT 1 FROM (SELECT id FROM public.messages WHERE (messages.tenant_id = 'acme') AND (CASE WHEN "
     "messages.tenant_id = 'acme' THEN body END IS NOT NULL)) AS m",
     "stands without its predicate"},
    {"SELECT 1 FROM (SELECT id, total FROM shop.orders_v2 WHERE orders_v2.tenant_id = 'acme') AS orders",
     "stands without its predicate"},
    {"SELECT 1 FROM (SELECT id FROM public.channels WHERE channels.id = 1) AS c",
     "stands without its predicate"},
    {"SELECT id FROM public.messages WHERE messages.tenant_id = 'acme'", NULL},

    /* The wrapper's other clauses. */
    {"SELECT 1 FROM (SELECT id FROM public.messages AS messages WHERE messages.tenant_id = 'acme') AS m",
     "another way"},
    {"SELECT 1 FROM (SELECT id FROM public.messages AS messages (tenant_id) WHERE messages.tenant_id = "
     "'acme') AS m",
     "another way"},
    {"SELECT 1 FROM (SELECT id FROM d.public.messages WHERE messages.tenant_id = 'acme') AS m",
     "another way"},
    {"SELECT 1 FROM (SELECT id FROM public.messages, " MESSAGES " WHERE messages.tenant_id = 'acme') AS m",
     "outside of its wrapper"},
    {"SELECT 1 FROM (SELECT id FROM public.messages JOIN public.channels ON TRUE WHERE messages.tenant_id = "
     "'acme') AS m",
     "outside of its wrapper"},
    {"SELECT 1 FROM (SELECT id FROM public.messages WHERE messages.tenant_id = 'acme' OFFSET 1) AS m",
     "another clause"},
    {"SELECT 1 FROM (SELECT id FROM public.messages WHERE messages.tenant_id = 'acme' LIMIT 1) AS m",
     "another clause"},
    {"SELECT 1 FROM (SELECT id FROM public.messages WHERE messages.tenant_id = 'acme' ORDER BY id) AS m",
     "another clause"},
    {"SELECT 1 FROM (SELECT DISTINCT id FROM public.messages WHERE messages.tenant_id = 'acme') AS m",
     "another clause"},
    {"SELECT 1 FROM (SELECT id FROM public.messages WHERE messages.tenant_id = 'acme' GROUP BY id) AS m",
     "another clause"},
    {"SELECT 1 FROM (SELECT id FROM public.messages WHERE messages.tenant_id = 'acme' HAVING TRUE) AS m",
     "another clause"},
    {"SELECT 1 FROM (SELECT id FROM public.messages WHERE messages.tenant_id = 'acme' FOR UPDATE) AS m",
     "another clause"},
    {"SELECT 1 FROM (WITH w AS (SELECT 1) SELECT id FROM public.messages WHERE messages.tenant_id = 'acme') "
     "AS m",
     "another clause"},
    {"SELECT 1 FROM (SELECT id FROM public.messages TABLESAMPLE system (10) WHERE messages.tenant_id = "
     "'acme') AS m",
     "sampling method"},
    {"SELECT 1 FROM (SELECT id FROM public.messages TABLESAMPLE bernoulli (10) REPEATABLE (1) WHERE "
     "messages.tenant_id = 'acme') AS m",
     "sampling method"},
    {"SELECT 1 FROM (SELECT id FROM public.messages TABLESAMPLE s.bernoulli (10) WHERE messages.tenant_id = "
     "'acme') AS m",
     "sampling method"},

    /* Columns. */
    {"SELECT 1 FROM (SELECT * FROM public.messages WHERE messages.tenant_id = 'acme') AS m",
     "not as the role may see it"},
    {"SELECT 1 FROM (SELECT messages FROM public.messages WHERE messages.tenant_id = 'acme') AS m",
     "not as the role may see it"},
    {"SELECT 1 FROM (SELECT tenant_id FROM public.messages WHERE messages.tenant_id = 'acme') AS m",
     "not as the role may see it"},
    {"SELECT 1 FROM (SELECT ctid FROM public.messages WHERE messages.tenant_id = 'acme') AS m",
     "not as the role may see it"},
    {"SELECT 1 FROM (SELECT id AS body FROM public.messages WHERE messages.tenant_id = 'acme') AS m",
     "not as the role may see it"},
    {"SELECT 1 FROM (SELECT count(*) FROM public.messages WHERE messages.tenant_id = 'acme') AS m",
     "not as the role may see it"},
    {"SELECT 1 FROM (SELECT email FROM public.contacts WHERE contacts.tenant_id = 'acme') AS c",
     "not as the role may see it"},
    {"SELECT 1 FROM (SELECT phone FROM public.contacts WHERE contacts.tenant_id = 'acme') AS c",
     "not as the role may see it"},
    {"SELECT 1 FROM (SELECT phone AS phone FROM public.contacts WHERE contacts.tenant_id = 'acme') AS c",
     "not as the role may see it"},
    {"SELECT 1 FROM (SELECT '***' || \"right\"(phone, 5) AS phone FROM public.contacts WHERE "
     "contacts.tenant_id = 'acme') AS c",
     "not as the role may see it"},
    {"SELECT 1 FROM (SELECT '***' || \"right\"(phone, 4) AS id FROM public.contacts WHERE contacts.tenant_id "
     "= 'acme') AS c",
     "not as the role may see it"},
    {"SELECT 1 FROM (SELECT email AS id FROM public.contacts WHERE contacts.tenant_id = 'acme') AS c",
     "not as the role may see it"},
    {"SELECT 1 FROM (SELECT (SELECT 1) FROM public.messages WHERE messages.tenant_id = 'acme') AS c",
     "not as the role may see it"},

    /* Relations. */
    {"SELECT 1 FROM (SELECT id FROM public.secrets WHERE secrets.tenant_id = 'acme') AS s",
     "not readable for the role"},
    {"SELECT 1 FROM (SELECT id FROM public.unknown WHERE unknown.tenant_id = 'acme') AS s",
     "not in the policy"},
    {"SELECT 1 FROM (SELECT id FROM public.orders WHERE orders.customer = 'acme') AS s", "not in the policy"},
    {"SELECT 1 FROM (SELECT day FROM materialized.daily WHERE daily.tenant_id = 'acme') AS s",
     "not in the policy"},
    {"SELECT 1 FROM pg_catalog.pg_class", "not in the policy"},
    {"SELECT 1 FROM messages", "is no WITH item in scope"},
    {"SELECT 1 FROM (SELECT id FROM messages WHERE messages.tenant_id = 'acme') AS m",
     "is no WITH item in scope"},
    {"SELECT 1 FROM pg_class", "is no WITH item in scope"},
    {"SELECT 1 FROM pg_temp.messages", "not in the policy"},
    {"SELECT 1 WHERE 1 IN (SELECT id FROM secrets)", "is no WITH item in scope"},
    {"SELECT 1 ORDER BY (SELECT id FROM secrets)", "is no WITH item in scope"},
    {"SELECT 1 LIMIT (SELECT id FROM secrets)", "is no WITH item in scope"},
    {"SELECT count(*) FILTER (WHERE EXISTS (SELECT 1 FROM secrets))", "is no WITH item in scope"},
    {"SELECT sum(1) OVER (ORDER BY (SELECT id FROM secrets))", "is no WITH item in scope"},
    {"VALUES ((SELECT id FROM secrets))", "is no WITH item in scope"},
    {"SELECT 1 FROM (SELECT 1) AS a JOIN (SELECT 2) AS b ON EXISTS (TABLE secrets)",
     "is no WITH item in scope"},
    {"SELECT 1 FROM unnest(ARRAY(SELECT id FROM secrets)) AS u", "is no WITH item in scope"},
    {"SELECT 1 GROUP BY GROUPING SETS ((SELECT id FROM secrets))", "is no WITH item in scope"},
    {"SELECT 1 UNION SELECT id FROM public.messages", "stands without its predicate"},
    {"SELECT 1 FROM (SELECT 1) AS a, public.messages", "outside of its wrapper"},
    {"SELECT 1 FROM (SELECT 1) AS a, LATERAL (SELECT 1 FROM a AS b, public.channels) AS c",
     "is no WITH item in scope"},

    /* WITH. */
    {"WITH a AS (SELECT 1) SELECT * FROM a", NULL},
    {"WITH a AS (SELECT 1), b AS (SELECT * FROM a) SELECT * FROM b, a", NULL},
    {"WITH a AS (SELECT 1) SELECT (SELECT (SELECT 1 FROM a)) FROM (SELECT * FROM a) AS x WHERE EXISTS (TABLE "
     "a)",
     NULL},
    {"WITH a AS (SELECT 1) (SELECT * FROM a) UNION (SELECT * FROM a ORDER BY (SELECT 1 FROM a))", NULL},
    {"WITH RECURSIVE a AS (SELECT 1 UNION ALL SELECT * FROM a) SELECT * FROM a", NULL},
    {"WITH RECURSIVE a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a", NULL},
    {"WITH a AS (WITH a AS (SELECT 1) SELECT * FROM a) SELECT * FROM a", NULL},
    {"WITH messages AS (SELECT * FROM " MESSAGES ") SELECT * FROM messages", NULL},
    {"WITH a AS (SELECT * FROM a) SELECT * FROM a", "is no WITH item in scope"},
    {"WITH a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a", "is no WITH item in scope"},
    {"WITH messages AS (SELECT * FROM messages) SELECT * FROM messages", "is no WITH item in scope"},
    {"SELECT (WITH a AS (SELECT 1) SELECT 1 FROM a), (SELECT 1 FROM a)", "is no WITH item in scope"},
    {"SELECT 1 FROM (WITH a AS (SELECT 1) SELECT * FROM a) AS x, a", "is no WITH item in scope"},
    {"(WITH a AS (SELECT 1) SELECT * FROM a) UNION SELECT * FROM a", "is no WITH item in scope"},
    {"WITH a AS (WITH inner_one AS (SELECT 1) SELECT * FROM inner_one) SELECT * FROM inner_one",
     "is no WITH item in scope"},
    {"WITH b AS (WITH RECURSIVE a AS (SELECT 1) SELECT 1), c AS (SELECT * FROM a) SELECT 1",
     "is no WITH item in scope"},
    {"WITH a AS (SELECT 1) SELECT * FROM \"A\"", "is no WITH item in scope"},
    {"WITH messages AS (SELECT 1) SELECT * FROM public.messages", "has another clause"},
    {"WITH a AS (SELECT * FROM public.messages) SELECT 1", "stands without its predicate"},
    {"WITH a AS (DELETE FROM public.messages RETURNING id) SELECT * FROM a",
     "in another way than by its schema and an alias"},
    {"WITH a AS (SELECT 1) SELECT * FROM public.a", "not in the policy"},

    /* Names. */
    {"SELECT lower('A'), pg_catalog.upper('a'), CURRENT_DATE, now()", NULL},
    {"SELECT int4('1'), text(1)", NULL},
    {"SELECT 'good'::public.mood, 1::int, '{1}'::int[], NULL::numeric(3, 1)", NULL},
    {"SELECT messages.version FROM " MESSAGES, NULL},
    {"SELECT s.pg_sleep FROM (SELECT 1 AS pg_sleep) AS s", NULL},
    {"SELECT s.lo_import FROM (SELECT 1) AS s (lo_import)", NULL},
    {"SELECT t.lo_import FROM (SELECT lo_import FROM (SELECT 1) AS s (lo_import)) AS t", NULL},
    {"SELECT x.lo_import, t.lo_import FROM unnest(ARRAY['a']) AS x", "the attribute lo_import may be a call"},
    {"SELECT 1 + 1, 1 OPERATOR(pg_catalog.+) 1, 'a' COLLATE \"C\", 'a' COLLATE pg_catalog.\"C\"", NULL},
    {"SELECT pg_read_file('/etc/passwd')", "the function pg_read_file may not be called"},
    {"SELECT pg_catalog.set_config('role', 'x', false)",
     "the function pg_catalog.set_config may not be called"},
    {"SELECT public.lower('A')", "the function public.lower may not be called"},
    {"SELECT d.public.lower('A')", "a function named by 3 parts"},
    {"SELECT no_such_function(1)", "the function no_such_function may not be called"},
    {"SELECT query_to_xml('SELECT 1', true, true, '')", "may not be called"},
    {"SELECT * FROM pg_ls_dir('.') AS f", "may not be called"},
    {"SELECT * FROM ROWS FROM (generate_series(1, 2), dblink('x')) AS f", "may not be called"},
    {"SELECT nextval('s')", "may not be called"},
    {"SELECT pg_get_viewdef(1::oid)", "may not be called"},
    {"SELECT current_setting('role')", "may not be called"},
    {"SELECT current_database()", "may not be called"},
    {"SELECT pg_backend_pid()", "may not be called"},
    {"SELECT CURRENT_USER", "a value that tells"},
    {"SELECT CURRENT_SCHEMA", "a value that tells"},
    {"SELECT CURRENT_CATALOG", "a value that tells"},
    {"SELECT x.pg_read_file FROM unnest(ARRAY['/etc/passwd']) AS x",
     "the attribute pg_read_file may be a call"},
    {"SELECT ('/etc/passwd'::text).pg_read_file", "the attribute pg_read_file may be a call"},
    {"SELECT (x).lo_import FROM (SELECT 1) AS x", "the attribute lo_import may be a call"},
    {"SELECT a.b.c FROM (SELECT 1) AS b", "a column named by 3 parts"},
    {"SELECT 'pg_class'::regclass", "the type regclass may not be named"},
    {"SELECT NULL::public.messages", "the type public.messages may not be named"},
    {"SELECT NULL::mood", "the type mood may not be named"},
    {"SELECT NULL::information_schema.sql_identifier", "may not be named"},
    {"SELECT 1::s.int4", "the type s.int4 may not be named"},
    {"SELECT 1::a.b.c", "this form of type name"},
    {"SELECT * FROM json_to_record('{}') AS r (a public.messages)",
     "the type public.messages may not be named"},
    {"SELECT 1 OPERATOR(public.+) 1", "the operator public.+ may not be used"},
    {"SELECT 1 === 1", "the operator === may not be used"},
    {"SELECT 1 OPERATOR(public.=) ANY (SELECT 1)", "the operator public.= may not be used"},
    {"SELECT 1 ORDER BY 1 USING OPERATOR(public.<)", "the operator public.< may not be used"},
    {"SELECT 'a' COLLATE public.mine", "the collation public.mine may not be named"},

    /* Statements. */
    {"SELECT 1 INTO t", "a IntoClause in SelectStmt"},
    {"SELECT 1 FROM " MESSAGES " FOR UPDATE", "public.messages may not be locked"},
    {"INSERT INTO public.messages VALUES (1)", "in another way than by its schema and an alias"},
    {"DELETE FROM public.messages WHERE messages.tenant_id = 'acme'",
     "in another way than by its schema and an alias"},
    {"SET role TO x", "a statement of a kind that is not known"},
    {"EXPLAIN SELECT 1", "EXPLAIN on a data backend"},
    {"SELECT 1; SELECT 2", "not exactly one statement"},
    {"", "not exactly one statement"},
    {"SELECT 1 FROM FROM", "does not parse"},
    {"SELECT xmltable.* FROM XMLTABLE('/x' PASSING '<x/>' COLUMNS a text)", "a RangeTableFunc in SelectStmt"},
    {"VALUES (DEFAULT)", "a SetToDefault in List"},
};

static const struct {
    const char *sql, *detail;
} on_catalog[] = {
    {"SELECT 1", NULL},
    {"SELECT * FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace",
     NULL},
    {"SELECT * FROM information_schema.columns AS columns", "may not be read as it is"},
    {"SELECT * FROM information_schema.sql_features AS f", NULL},
    {"EXPLAIN (costs 'off', \"verbose\") SELECT id FROM public.messages AS messages", NULL},
    {"EXPLAIN SELECT id FROM (SELECT id FROM public.contacts) AS contacts", NULL},
    {"EXPLAIN SELECT day FROM materialized.daily AS daily", NULL},
    {"SELECT 'messages'::regclass, pg_get_viewdef(1::oid), current_schema(), current_schemas(true)", NULL},
    {"SELECT current_setting('TimeZone'), current_setting('no_such', true)", NULL},
    {"SELECT has_table_privilege('messages', 'SELECT'), "
     "has_database_privilege(pg_catalog.current_database(), 'CONNECT')",
     NULL},
    {"SELECT * FROM (SELECT CAST('ann' AS information_schema.sql_identifier) AS role_name) AS enabled_roles",
     NULL},
    {"SELECT * FROM (SELECT groname, grosysid, grolist FROM pg_catalog.pg_group WHERE false) AS pg_group",
     NULL},
    {"SELECT * FROM (SELECT schemaname, viewname, CAST('ann' AS pg_catalog.name) AS viewowner, definition "
     "FROM pg_catalog.pg_views) AS pg_views",
     NULL},

    {"SELECT * FROM pg_catalog.pg_views", "may not be read as it is"},
    {"SELECT * FROM (SELECT schemaname, viewname, CAST('bob' AS pg_catalog.name) AS viewowner, definition "
     "FROM pg_catalog.pg_views) AS pg_views",
     "may not be read as it is"},
    {"SELECT * FROM (SELECT schemaname, viewname, viewowner, definition FROM pg_catalog.pg_views) AS "
     "pg_views",
     "may not be read as it is"},
    {"SELECT * FROM (SELECT groname, grosysid, grolist FROM pg_catalog.pg_group WHERE true) AS pg_group",
     "may not be read as it is"},
    {"SELECT groname, grosysid, grolist FROM pg_catalog.pg_group WHERE false", "may not be read as it is"},
    {"SELECT * FROM (SELECT rolname FROM pg_catalog.pg_roles) AS r", "may not be read as it is"},
    {"SELECT * FROM pg_catalog.pg_authid", "may not be read as it is"},
    {"SELECT * FROM pg_catalog.pg_statistic", "may not be read as it is"},
    {"SELECT * FROM pg_class", "is no WITH item in scope"},
    {"SELECT * FROM postgres.pg_catalog.pg_class", "names a database"},
    {"SELECT * FROM public.secrets", "may not be read as it is"},
    {"SELECT * FROM shop.orders_v2", "may not be read as it is"},
    {"SELECT * FROM public._m_daily", "may not be read as it is"},
    {"SELECT current_database()", "the function current_database may not be called"},
    {"SELECT current_user", "a value that tells"},
    {"SELECT pg_get_userbyid(10)", "may not be called"},
    {"SELECT current_setting('headgate.sessions', true)", "may not be called"},
    {"SELECT pg_has_role('x', 'USAGE')", "may not be called"},
    {"SELECT current_setting('data_directory')", "may not be called"},
    {"SELECT current_setting('data_' || 'directory')", "may not be called"},
    {"SELECT has_table_privilege('postgres', 'messages', 'SELECT')", "may not be called"},
    {"SELECT pg_read_file('x')", "may not be called"},
    {"EXPLAIN (\"analyze\") SELECT 1", "an option of EXPLAIN that is not known"},
    {"EXPLAIN INSERT INTO public.messages VALUES (1)", "may not be written"},
    {"EXPLAIN SELECT 1 FROM public.secrets", "may not be read as it is"},
};

struct bench {
    struct hg_snapshot *snapshot;
    struct hg_context context;
    struct hg_arena arena;
    int data; /* the backend that is no catalog */
};

static const struct hg_tree_limits limits = {.max_bytes = 1 << 20, .max_nesting = 500};

/* Verifies `sql` against the tree of `meant`, or of itself when that does not parse into one statement. */
static bool verify(struct bench *bench, const char *sql, const char *meant, bool catalog,
                   struct hg_fault *fault)
{
    static PgQuery__Node nothing = PG_QUERY__NODE__INIT;
    struct hg_tree tree;
    struct hg_fault ignored = {0};
    *fault = (struct hg_fault){0};
    bool parsed = hg_tree_open(&tree, hg_slice_cstr(meant), &limits, &bench->arena, &ignored);
    const PgQuery__Node *node = parsed && tree.result->n_stmts ? tree.result->stmts[0]->stmt : &nothing;
    int backend = catalog ? hg_context_catalog(&bench->context) : bench->data;
    bool proved = hg_verify(hg_slice_cstr(sql), node, &bench->context, backend, &bench->arena, fault);
    hg_tree_close(&tree);
    return proved;
}

static bool contains(struct hg_slice text, const char *part)
{
    size_t len = strlen(part);
    for (size_t i = 0; i + len <= text.len; i++)
        if (memcmp(text.ptr + i, part, len) == 0)
            return true;
    return false;
}

static void check_one_text(struct bench *bench, const char *sql, const char *detail, bool catalog)
{
    struct hg_fault fault;
    bool proved = verify(bench, sql, sql, catalog, &fault);
    bool right =
        detail ? !proved && contains(fault.detail, detail) && strcmp(fault.sqlstate, HG_INTERNAL_ERROR) == 0
               : proved && !hg_fault_is_set(&fault);
    if (!CHECK(right))
        fprintf(stderr, "  %s\n  %s: %.*s\n", sql, proved ? "proved" : "not proved",
                HG_SLICE_FMT(fault.detail));
}

/* The text must say exactly what was meant. */
static void test_meant(struct bench *bench)
{
    static const struct {
        const char *meant, *sql;
    } pairs[] = {
        {"SELECT 1", "SELECT 2"},
        {"SELECT 1", "SELECT 1, 1"},
        {"SELECT 1 AS a", "SELECT 1 AS b"},
        {"SELECT (TRUE OR x)::bool AND y FROM (SELECT 1) AS z",
         "SELECT TRUE OR x::bool AND y FROM (SELECT 1) AS z"},
        {"SELECT 1 FROM (SELECT 1) AS a", "SELECT 1 FROM (SELECT 1) AS a WHERE TRUE"},
        {"SELECT substring('a' FROM 1)", "SELECT substring('a', 1)"},
        {"SELECT 1", "EXPLAIN SELECT 1"},
    };
    struct hg_fault fault;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        CHECK(!verify(bench, pairs[i].sql, pairs[i].meant, true, &fault));
        CHECK(contains(fault.detail, "something else than was meant"));
    }
    CHECK(verify(bench, "select /* x */ 1  as a", "SELECT 1 AS a", false, &fault));
}

/* A limit of the parse is told as such. */
static void test_limits(struct bench *bench)
{
    static char deep[40000];
    struct hg_fault fault;
    size_t n = 0;
    n += (size_t)snprintf(deep, sizeof deep, "SELECT ");
    memset(deep + n, '(', 10000);
    deep[n + 10000] = '1';
    memset(deep + n + 10001, ')', 10000);
    CHECK(!verify(bench, deep, "SELECT 1", false, &fault));
    CHECK_TEXT(hg_slice_cstr(fault.sqlstate), HG_STATEMENT_TOO_COMPLEX);
}

static void run(void *argument)
{
    struct bench *bench = argument;
    hg_arena_init(&bench->arena, 0);
    bench->snapshot = test_snapshot(config, policy, schema);
    if (bench->snapshot) {
        bench->context = (struct hg_context){.snapshot = bench->snapshot,
                                             .user = hg_snapshot_user(bench->snapshot, HG_LIT("ann")),
                                             .pid = 77,
                                             .bound.first = -1};
        bench->data = bench->snapshot->config->catalog == &bench->snapshot->config->backends[0];
        for (size_t i = 0; i < sizeof on_data / sizeof *on_data; i++)
            check_one_text(bench, on_data[i].sql, on_data[i].detail, false);
        for (size_t i = 0; i < sizeof on_catalog / sizeof *on_catalog; i++)
            check_one_text(bench, on_catalog[i].sql, on_catalog[i].detail, true);
        test_meant(bench);
        test_limits(bench);
        hg_snapshot_drop(bench->snapshot);
    }
    hg_arena_free(&bench->arena);
}

int main(void)
{
    struct bench bench = {0};
    CHECK(hg_tree_run_with_stack(hg_snapshot_stack_bytes(), run, &bench));
    return check_end();
}
