/* The guard and the classification: tables of statements and what is said about each. */
#include "guard.h"

#include "check.h"
#include "settings.h"
#include "tree.h"

static struct hg_snapshot snapshot;
static struct hg_role role = {.name = HG_LIT("analyst"), .grants = ~0u, .explain_rewrite = true};
static struct hg_user user = {.name = HG_LIT("acme_bi"), .role = &role};
static struct hg_context context = {.snapshot = &snapshot, .user = &user, .bound.first = -1};

static const struct hg_tree_limits limits = {.max_bytes = 1 << 20, .max_nesting = 500};

static bool parse(struct hg_tree *tree, const char *sql, struct hg_arena *arena)
{
    struct hg_fault fault = {0};
    if (hg_tree_open(tree, hg_slice_cstr(sql), &limits, arena, &fault))
        return true;
    check_one(false, "parses", __FILE__, __LINE__);
    fprintf(stderr, "  %s: %.*s\n", sql, HG_SLICE_FMT(fault.message));
    return false;
}

/* ---- the guard ---- */

static bool guard(const char *sql, bool extended, struct hg_fault *fault, struct hg_arena *arena)
{
    struct hg_tree tree;
    bool passed = false;
    *fault = (struct hg_fault){0};
    context.extended = extended;
    if (parse(&tree, sql, arena)) {
        passed = hg_guard(tree.result->stmts[0]->stmt, hg_slice_cstr(sql), &context, arena, fault);
        hg_tree_close(&tree);
    }
    return passed;
}

static const char *const passing[] = {
    "SELECT",
    "SELECT 1, 1.5, 'x', true, NULL, B'101', X'1f', U&'\\0061', $$x$$",
    "SELECT DISTINCT a FROM t",
    "SELECT DISTINCT ON (a, b) * FROM t ORDER BY a, b DESC NULLS LAST",
    "SELECT ALL a FROM ONLY t AS x(c, d), u *, LATERAL (SELECT 1) y, d.s.t",
    "SELECT * FROM t JOIN u USING (a) AS j LEFT JOIN v ON true NATURAL FULL JOIN w CROSS JOIN z RIGHT JOIN q "
    "ON a = b",
    "SELECT * FROM (t JOIN u ON true) AS j",
    "SELECT * FROM generate_series(1, 2) WITH ORDINALITY AS g(n, o)",
    "SELECT * FROM ROWS FROM (generate_series(1, 2), json_to_recordset('[]') AS (a int, b text COLLATE "
    "\"C\")) WITH ORDINALITY",
    "SELECT * FROM json_to_record('{}') AS x(a int, b numeric(10, 2)[], c timestamp(3) with time zone)",
    "SELECT * FROM t TABLESAMPLE BERNOULLI (10) REPEATABLE (1)",
    "SELECT * FROM t TABLESAMPLE system (10)",
    "SELECT count(*), count(DISTINCT a), sum(a) FILTER (WHERE b), f(VARIADIC c), g(x => 1), h(y := 2) FROM t",
    "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a), string_agg(a, ',' ORDER BY b) FROM t",
    "SELECT sum(a) OVER w, rank() OVER (w ORDER BY b), avg(a) OVER (PARTITION BY c ORDER BY d RANGE BETWEEN "
    "'1 day' PRECEDING AND "
    "CURRENT ROW EXCLUDE TIES), first_value(a) OVER (ORDER BY b GROUPS 1 PRECEDING) FROM t WINDOW w AS "
    "(PARTITION BY x ROWS UNBOUNDED PRECEDING)",
    "SELECT a FROM t GROUP BY a, ROLLUP (b, c), CUBE (d), GROUPING SETS ((), (a), (a, b)) HAVING grouping(a) "
    "= 0",
    "SELECT a FROM t GROUP BY DISTINCT a",
    "SELECT a FROM t ORDER BY a USING <, b USING OPERATOR(pg_catalog.>) LIMIT 1 OFFSET 2",
    "SELECT a FROM t ORDER BY a FETCH FIRST 2 ROWS WITH TIES",
    "SELECT a FROM t LIMIT ALL",
    "SELECT 1 UNION SELECT 2 UNION ALL (SELECT 3 INTERSECT SELECT 4) EXCEPT ALL VALUES (1), (2) ORDER BY 1",
    "VALUES (1, 'a'), (2, 'b')",
    "TABLE t",
    "WITH a AS (SELECT 1), b(x) AS MATERIALIZED (SELECT 2), c AS NOT MATERIALIZED (TABLE b) SELECT * FROM a, "
    "b, c",
    "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SEARCH DEPTH FIRST BY n SET o CYCLE n "
    "SET c TO 'y' DEFAULT 'n' USING p "
    "SELECT * FROM r",
    "SELECT a + b, - a, a OPERATOR(pg_catalog.*) b, a IS DISTINCT FROM b, NULLIF(a, b), a IN (1, 2), a NOT "
    "IN (SELECT 1), a LIKE b ESCAPE '!', "
    "a NOT ILIKE b, a SIMILAR TO b, a BETWEEN 1 AND 2, a NOT BETWEEN SYMMETRIC 1 AND 2, a ~ b, a = ANY (c), "
    "a > ALL (ARRAY[1]) FROM t",
    "SELECT a AND b OR NOT c, a IS NULL, a IS NOT NULL, a IS TRUE, a IS NOT UNKNOWN, a NOTNULL FROM t",
    "SELECT EXISTS (SELECT 1), (SELECT 1), ARRAY(SELECT 1), (1, 2) = (SELECT 1, 2), 1 = SOME (SELECT 1), "
    "ROW(1, 2) < (3, 4), ROW()",
    "SELECT CASE WHEN a THEN 1 ELSE 2 END, CASE a WHEN 1 THEN 2 END, COALESCE(a, b), GREATEST(a, b), "
    "LEAST(a) FROM t",
    "SELECT current_date, current_time(2), current_timestamp, localtime, localtimestamp(1), current_user, "
    "user, session_user, current_role, "
    "current_catalog, current_schema",
    "SELECT a.b.c[1], a[1:2], a[:], (f(x)).y, (x).*, t.*, ARRAY[[1, 2], [3, 4]], a COLLATE \"C\" FROM t",
    "SELECT CAST(a AS varchar(10)), a::int[3][], a::pg_catalog.int4, interval '1' day, interval(3) '1 s', "
    "double precision '1', bit(3) '101' FROM t",
    "SELECT extract(year FROM a), substring(a FROM 1 FOR 2), position('a' IN b), trim(BOTH 'x' FROM a), "
    "overlay(a PLACING b FROM 1), "
    "a AT TIME ZONE 'UTC', normalize(a, NFC), a IS NFC NORMALIZED, (a, b) OVERLAPS (c, d), collation for (a) "
    "FROM t",
    "SELECT xmlelement(name a, xmlattributes(b AS c), d), xmlconcat(a, b), xmlforest(a AS b), "
    "xmlparse(document '<a/>'), "
    "xmlserialize(content a AS text), xmlpi(name php), xmlroot(a, version '1.0', standalone yes), a IS "
    "DOCUMENT FROM t",
    "INSERT INTO t DEFAULT VALUES",
    "INSERT INTO s.t AS x (a, b[1], c[1:2]) OVERRIDING USER VALUE VALUES (1, DEFAULT, 2), (DEFAULT, a, NULL) "
    "ON CONFLICT (a, b) DO UPDATE SET a = DEFAULT, (b, c) = (DEFAULT, 1), (d, e) = (SELECT 1, 2) WHERE x.a "
    "RETURNING x.*, a AS b",
    "WITH w AS (SELECT 1) INSERT INTO t OVERRIDING SYSTEM VALUE SELECT 1 UNION SELECT 2 ON CONFLICT ON "
    "CONSTRAINT k "
    "DO NOTHING",
    "WITH x AS (UPDATE ONLY t SET (a, b) = ROW(1, DEFAULT), c[1] = 2 FROM u JOIN v ON true WHERE a RETURNING "
    "*), "
    "y AS (DELETE FROM t AS z USING u WHERE z.a RETURNING z.*) SELECT * FROM x, y",
    "SELECT * FROM t, u WHERE a FOR UPDATE OF t NOWAIT FOR SHARE OF u SKIP LOCKED",
    "SELECT (SELECT 1 FROM t FOR KEY SHARE) FROM t FOR NO KEY UPDATE",
};

static void guard_passes(void)
{
    for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++) {
        struct hg_arena arena;
        struct hg_fault fault;
        hg_arena_init(&arena, 0);
        if (!check_one(guard(passing[i], false, &fault, &arena), "passes", __FILE__, __LINE__))
            fprintf(stderr, "  %s\n  %s %.*s\n", passing[i], fault.sqlstate, HG_SLICE_FMT(fault.message));
        hg_arena_free(&arena);
    }
}

static const struct {
    const char *sql, *sqlstate, *message;
    uint32_t position;
} refused[] = {
    {"SELECT * INTO x FROM t", "0A000", "SELECT INTO is not supported", 15},
    {"SELECT 'é' INTO TEMP x", "0A000", "SELECT INTO is not supported", 22},
    {"WITH x AS (MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE) SELECT 1", "0A000",
     "MERGE in WITH is not supported", 23},
    {"DELETE FROM t WHERE CURRENT OF c", "0A000", "WHERE CURRENT OF is not supported", 13},
    {"UPDATE t SET a = 1 WHERE CURRENT OF c", "0A000", "WHERE CURRENT OF is not supported", 18},
    {"INSERT INTO t VALUES (1) ON CONFLICT (a) WHERE b DO NOTHING", "0A000",
     "a condition in the target of ON CONFLICT is not supported", 48},
    {"INSERT INTO t VALUES (1) ON CONFLICT (lower(a)) DO NOTHING", "0A000",
     "an expression in the target of ON CONFLICT is not supported", 39},
    {"INSERT INTO t VALUES (1) ON CONFLICT (a COLLATE \"C\") DO NOTHING", "0A000",
     "COLLATE in the target of ON CONFLICT is not supported", 38},
    {"INSERT INTO t VALUES (1) ON CONFLICT (a text_ops) DO NOTHING", "0A000",
     "an operator class in the target of ON CONFLICT is not supported", 38},
    {"INSERT INTO t VALUES (1) ON CONFLICT (a DESC) DO NOTHING", "0A000", "SORTBY_DESC is not supported", 38},
    {"UPDATE t SET a.* = 1", "0A000", "assignment to a row is not supported", 14},
    {"INSERT INTO t VALUES (a = DEFAULT)", "42601", "DEFAULT is not allowed in this context", 27},
    {"INSERT INTO t VALUES ((SELECT DEFAULT))", "42601", "DEFAULT is not allowed in this context", 31},
    {"INSERT INTO t VALUES (DEFAULT) ORDER BY 1", "42601", "DEFAULT is not allowed in this context", 23},
    {"INSERT INTO t SELECT DEFAULT", "42601", "DEFAULT is not allowed in this context", 22},
    {"UPDATE t SET a = 1 + DEFAULT", "42601", "DEFAULT is not allowed in this context", 22},
    {"UPDATE t SET (a, b) = (1, 1 + DEFAULT)", "42601", "DEFAULT is not allowed in this context", 31},
    {"DELETE FROM t RETURNING DEFAULT", "42601", "DEFAULT is not allowed in this context", 25},
    {"SELECT * FROM xmltable('/a' PASSING b COLUMNS c int)", "0A000", "XMLTABLE is not supported", 15},
    {"SELECT * FROM t TABLESAMPLE tsm_leak (1)", "0A000", "this TABLESAMPLE method is not supported", 29},
    {"SELECT * FROM t TABLESAMPLE pg_temp.system (1)", "0A000", "this TABLESAMPLE method is not supported",
     29},
    {"VALUES (1, DEFAULT)", "42601", "DEFAULT is not allowed in this context", 12},
    {"SELECT * FROM f() AS x(a SETOF int)", "0A000", "SETOF is not supported", 32},
    {"SELECT 1::SETOF int", "0A000", "SETOF is not supported", 17},
    {"SELECT $1", "42P02", "there is no parameter $1", 8},
    {"SELECT 'ü', $2 + 1", "42P02", "there is no parameter $2", 13},
};

static void guard_refuses(void)
{
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        struct hg_arena arena;
        struct hg_fault fault;
        hg_arena_init(&arena, 0);
        bool right = !guard(refused[i].sql, false, &fault, &arena) &&
                     strcmp(fault.sqlstate, refused[i].sqlstate) == 0 &&
                     hg_slice_is(fault.message, refused[i].message) && fault.position == refused[i].position;
        if (!check_one(right, "refused", __FILE__, __LINE__))
            fprintf(stderr, "  %s\n  %s %.*s at %u\n", refused[i].sql, fault.sqlstate,
                    HG_SLICE_FMT(fault.message), fault.position);
        hg_arena_free(&arena);
    }
}

static void guard_parameters(void)
{
    struct hg_arena arena;
    struct hg_fault fault;
    hg_arena_init(&arena, 0);
    CHECK(guard("SELECT $1, $65535", true, &fault, &arena));
    hg_arena_free(&arena);
}

/* What no grammar makes: trees changed by hand. */
static void guard_odd_trees(void)
{
    struct hg_arena arena;
    struct hg_tree tree;
    struct hg_fault fault = {0};
    PgQuery__Node empty = PG_QUERY__NODE__INIT;
    hg_arena_init(&arena, 0);
    CHECK(!hg_guard(&empty, HG_LIT(""), &context, &arena, &fault));
    const char *sql = "SELECT a, f(b) FROM t WHERE c IS NULL";
    struct hg_slice text = hg_slice_cstr(sql);
    if (!parse(&tree, sql, &arena))
        return;
    PgQuery__SelectStmt *select = tree.result->stmts[0]->stmt->select_stmt;
    PgQuery__Node *statement = tree.result->stmts[0]->stmt, *where = select->where_clause,
                  *item = select->target_list[1];
    fault = (struct hg_fault){0};
    CHECK(hg_guard(statement, text, &context, &arena, &fault));

    select->where_clause = &empty;
    CHECK(!hg_guard(statement, text, &context, &arena, &fault));
    CHECK_TEXT(fault.message, "SelectStmt.where_clause is not supported");
    select->where_clause = where;

    fault = (struct hg_fault){0};
    select->target_list[1] = &empty;
    CHECK(!hg_guard(statement, text, &context, &arena, &fault));
    select->target_list[1] = item;

    fault = (struct hg_fault){0};
    where->null_test->nulltesttype = (PgQuery__NullTestType)7;
    CHECK(!hg_guard(statement, text, &context, &arena, &fault));
    where->null_test->nulltesttype = PG_QUERY__NULL_TEST_TYPE__NULL_TEST_TYPE_UNDEFINED;
    fault = (struct hg_fault){0};
    CHECK(!hg_guard(statement, text, &context, &arena, &fault));
    where->null_test->nulltesttype = PG_QUERY__NULL_TEST_TYPE__IS_NULL;

    fault = (struct hg_fault){0};
    where->null_test->argisrow = true; /* only analysis sets it */
    CHECK(!hg_guard(statement, text, &context, &arena, &fault));
    CHECK_TEXT(fault.message, "NullTest.argisrow is not supported");
    where->null_test->argisrow = false;

    fault = (struct hg_fault){0};
    PgQuery__Var var = PG_QUERY__VAR__INIT;
    PgQuery__Node wrapped = PG_QUERY__NODE__INIT;
    wrapped.node_case = PG_QUERY__NODE__NODE_VAR;
    wrapped.var = &var;
    select->where_clause = &wrapped;
    CHECK(!hg_guard(statement, text, &context, &arena, &fault));
    CHECK_TEXT(fault.message, "Var is not supported");
    select->where_clause = where;
    fault = (struct hg_fault){0};
    CHECK(hg_guard(statement, text, &context, &arena, &fault));
    hg_tree_close(&tree);
    hg_arena_free(&arena);
}

/* ---- classification ---- */

/* The verdict as one line, so that tables can hold it. */
static struct hg_slice describe(const struct hg_verdict *verdict, bool accepted,
                                const struct hg_carrier *carrier, const PgQuery__Node *statement,
                                const PgQuery__Node *query, struct hg_arena *arena)
{
    static const char *const kinds[] = {
        "empty",       "query",           "copy out", "copy in",        "prepare",  "execute",   "declare",
        "fetch",       "close",           "begin",    "commit",         "rollback", "savepoint", "release",
        "rollback to", "set transaction", "set",      "reset",          "show",     "discard",   "nothing",
        "deallocate",  "set config",      "signal",   "explain rewrite"};
    if (!accepted)
        return hg_arena_printf(arena, "%s %.*s @%u", verdict->fault.sqlstate,
                               HG_SLICE_FMT(verdict->fault.message), verdict->fault.position);
    struct hg_slice line = hg_arena_printf(arena, "%s", kinds[verdict->statement]);
    if (carrier->kind == HG_CARRIER_EXPLAIN)
        return hg_arena_printf(arena, "explain %zu", statement->explain_stmt->n_options);
    if (query)
        return line;
    line = hg_arena_printf(arena, "%.*s|%s", HG_SLICE_FMT(line), verdict->tag);
    if (verdict->sql.len)
        line = hg_arena_printf(arena, "%.*s|%.*s", HG_SLICE_FMT(line), HG_SLICE_FMT(verdict->sql));
    if (verdict->name.len)
        line = hg_arena_printf(arena, "%.*s|name %.*s", HG_SLICE_FMT(line), HG_SLICE_FMT(verdict->name));
    if (verdict->setting.len)
        line = hg_arena_printf(arena, "%.*s|%.*s", HG_SLICE_FMT(line), HG_SLICE_FMT(verdict->setting));
    if (verdict->value.ptr)
        line = hg_arena_printf(arena, "%.*s=%.*s", HG_SLICE_FMT(line), HG_SLICE_FMT(verdict->value));
    for (size_t i = 0; i < verdict->nalso; i++)
        line = hg_arena_printf(arena, "%.*s, %.*s=%.*s", HG_SLICE_FMT(line),
                               HG_SLICE_FMT(verdict->also[i].setting), HG_SLICE_FMT(verdict->also[i].value));
    if (verdict->is_local)
        line = hg_arena_printf(arena, "%.*s|local", HG_SLICE_FMT(line));
    if (verdict->chain)
        line = hg_arena_printf(arena, "%.*s|chain", HG_SLICE_FMT(line));
    return line;
}

static const struct {
    const char *sql, *expected;
} statements[] = {
    {"SELECT 1", "query"},
    {"VALUES (1)", "query"},
    {"BEGIN", "begin|BEGIN|BEGIN"},
    {"BEGIN WORK", "begin|BEGIN|BEGIN"},
    {"START TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY, DEFERRABLE",
     "begin|START TRANSACTION|BEGIN ISOLATION LEVEL repeatable read, READ ONLY, DEFERRABLE"},
    {"BEGIN READ WRITE NOT DEFERRABLE", "begin|BEGIN|BEGIN READ WRITE, NOT DEFERRABLE"},
    {"COMMIT", "commit|COMMIT"},
    {"END AND CHAIN", "commit|COMMIT|chain"},
    {"COMMIT AND NO CHAIN", "commit|COMMIT"},
    {"ROLLBACK", "rollback|ROLLBACK"},
    {"ABORT AND CHAIN", "rollback|ROLLBACK|chain"},
    {"SAVEPOINT a", "savepoint|SAVEPOINT|SAVEPOINT a|name a"},
    {"SAVEPOINT \"x; DROP TABLE t\"",
     "savepoint|SAVEPOINT|SAVEPOINT \"x; DROP TABLE t\"|name x; DROP TABLE t"},
    {"RELEASE \"_pg3_1\"", "release|RELEASE|RELEASE SAVEPOINT _pg3_1|name _pg3_1"},
    {"ROLLBACK TO SAVEPOINT \"A\"\"b\"", "rollback to|ROLLBACK|ROLLBACK TO SAVEPOINT \"A\"\"b\"|name A\"b"},
    {"PREPARE TRANSACTION 'x'", "0A000 PREPARE TRANSACTION is not supported @1"},
    {"COMMIT PREPARED ''", "0A000 COMMIT PREPARED is not supported @1"},
    {"SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
     "set transaction|SET|SET TRANSACTION ISOLATION LEVEL serializable"},
    {"SET TRANSACTION READ ONLY", "set transaction|SET|SET TRANSACTION READ ONLY"},
    {"SET TRANSACTION SNAPSHOT 'x'", "0A000 SET TRANSACTION SNAPSHOT is not supported @1"},
    {"SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ UNCOMMITTED",
     "set|SET|default_transaction_isolation=read uncommitted"},
    {"SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY, DEFERRABLE",
     "set|SET|default_transaction_read_only=on, default_transaction_deferrable=on"},
    {"SET DateStyle = 'ISO'", "set|SET|datestyle=ISO"},
    {"SET datestyle TO iso, dmy", "set|SET|datestyle=iso, dmy"},
    {"SET LOCAL statement_timeout TO 5000", "set|SET|statement_timeout=5000|local"},
    {"SET SESSION statement_timeout = '5s'", "set|SET|statement_timeout=5s"},
    {"SET extra_float_digits = -3", "set|SET|extra_float_digits=-3"},
    {"SET \"TimeZone\" TO DEFAULT", "set|SET|timezone"},
    {"SET TIME ZONE 'Europe/Berlin'", "set|SET|timezone=Europe/Berlin"},
    {"SET TIME ZONE LOCAL", "set|SET|timezone"},
    {"SET TIME ZONE -7.5", "set|SET|timezone=-7.5"},
    {"SET TIME ZONE INTERVAL '+00:00' HOUR TO MINUTE", "set|SET|timezone=INTERVAL '00:00:00'"},
    {"SET TIME ZONE INTERVAL '-5:30' HOUR TO MINUTE", "set|SET|timezone=INTERVAL '-05:30:00'"},
    {"SET TIME ZONE INTERVAL '2' HOUR", "set|SET|timezone=INTERVAL '02:00:00'"},
    {"SET TIME ZONE INTERVAL '2'", "0A000 this value for parameter \"timezone\" is not supported @1"},
    {"SET TIME ZONE INTERVAL '1 day'", "0A000 this value for parameter \"timezone\" is not supported @1"},
    {"SET NAMES 'UTF8'", "set|SET|client_encoding=UTF8"},
    {"SET client_encoding TO 'utf-8'", "set|SET|client_encoding=UTF8"},
    {"SET client_encoding TO \"'Unicode'\"", "set|SET|client_encoding=UTF8"},
    {"SET client_encoding TO 'LATIN1'", "0A000 client_encoding = \"LATIN1\" is not supported @0"},
    {"SET client_encoding TO DEFAULT", "set|SET|client_encoding"},
    {"SET standard_conforming_strings = yes", "set|SET|standard_conforming_strings=on"},
    {"SET standard_conforming_strings = 1", "set|SET|standard_conforming_strings=on"},
    {"SET standard_conforming_strings = off",
     "0A000 standard_conforming_strings = \"off\" is not supported @0"},
    {"SELECT 1; SET standard_conforming_strings = off", "query"},
    {"SET row_security TO 'off'", "0A000 row_security = \"off\" is not supported @0"},
    {"SET search_path TO public, \"Mixed Case\", \"$user\"",
     "set|SET|search_path=public, \"Mixed Case\", \"$user\""},
    {"SET search_path = ''", "set|SET|search_path=\"\""},
    {"SET search_path = 'a, b'", "set|SET|search_path=\"a, b\""},
    {"SET SCHEMA 'x'", "set|SET|search_path=x"},
    {"SET statement_timeout TO 1, 2", "22023 SET statement_timeout takes only one argument @1"},
    {"SET client_min_messages TO warning", "set|SET|client_min_messages=warning"},
    {"SET client_min_messages TO debug5", "42501 client_min_messages = \"debug5\" is not allowed @0"},
    {"SET client_min_messages TO Log", "42501 client_min_messages = \"log\" is not allowed @0"},
    {"SET client_min_messages TO INFO", "set|SET|client_min_messages=info"},
    {"SET client_min_messages TO DEBUG", "42501 client_min_messages = \"debug\" is not allowed @0"},
    {"SET client_min_messages TO loud",
     "22023 invalid value for parameter \"client_min_messages\": \"loud\" @0"},
    {"SET server_version TO '9'", "55P02 parameter \"server_version\" cannot be changed @0"},
    {"SET work_mem TO '1GB'", "set|SET|work_mem=1GB"},
    {"SET session_replication_role = replica",
     "42501 permission denied to set parameter \"session_replication_role\" @0"},
    {"SET app.tenant_id = 'globex'", "set|SET|app.tenant_id=globex"},
    {"RESET app.tenant_id", "reset|RESET|app.tenant_id"},
    {"SET \"HeadGate\".tenant_id = 'globex'",
     "0A000 custom parameter \"headgate.tenant_id\" is not supported @0"},
    {"RESET headgate.tenant", "0A000 custom parameter \"headgate.tenant\" is not supported @0"},
    {"SET nosuch = 1", "42704 unrecognized configuration parameter \"nosuch\" @0"},
    {"SET ROLE NONE", "set|SET|role=none"},
    {"SET ROLE acme_bi", "set|SET|role=acme_bi"},
    {"RESET ROLE", "reset|RESET|role"},
    {"SET ROLE globex", "22023 role \"globex\" does not exist @0"},
    {"SET role = 'globex'", "22023 role \"globex\" does not exist @0"},
    {"SET SESSION AUTHORIZATION DEFAULT", "set|SET|session_authorization"},
    {"SET SESSION AUTHORIZATION acme_bi", "set|SET|session_authorization=acme_bi"},
    {"SET SESSION AUTHORIZATION globex_bi", "22023 role \"globex_bi\" does not exist @0"},
    {"RESET SESSION AUTHORIZATION", "reset|RESET|session_authorization"},
    {"RESET timezone", "reset|RESET|timezone"},
    {"RESET ALL", "reset|RESET"},
    {"RESET server_version", "55P02 parameter \"server_version\" cannot be changed @0"},
    {"SET timezone FROM CURRENT", "0A000 SET FROM CURRENT is not supported @1"},
    {"SET transaction_isolation = 'serializable'",
     "0A000 changing parameter \"transaction_isolation\" by name is not supported @1"},
    {"RESET TRANSACTION ISOLATION LEVEL",
     "0A000 changing parameter \"transaction_isolation\" by name is not supported @1"},
    {"SET client_encoding = "
     "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxééé"
     "é'",
     "0A000 client_encoding = "
     "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\""
     " is not supported @0"},
    {"SHOW SERVER_VERSION", "show|SHOW|server_version"},
    {"SHOW \"DateStyle\"", "show|SHOW|datestyle"},
    {"SHOW TIME ZONE", "show|SHOW|timezone"},
    {"SHOW TRANSACTION ISOLATION LEVEL", "show|SHOW|transaction_isolation"},
    {"SHOW SESSION AUTHORIZATION", "show|SHOW|session_authorization"},
    {"SHOW data_directory",
     "42501 must be superuser or have privileges of pg_read_all_settings to examine \"data_directory\" @0"},
    {"SHOW nosuch", "42704 unrecognized configuration parameter \"nosuch\" @0"},
    {"SHOW app.tenant", "show|SHOW|app.tenant"},
    {"SHOW headgate.tenant", "42704 unrecognized configuration parameter \"headgate.tenant\" @0"},
    {"DISCARD ALL", "discard|DISCARD ALL|all"},
    {"DISCARD PLANS", "discard|DISCARD PLANS|plans"},
    {"DISCARD TEMPORARY", "discard|DISCARD TEMP|temp"},
    {"DISCARD SEQUENCES", "discard|DISCARD SEQUENCES|sequences"},
    {"DEALLOCATE ALL", "deallocate|DEALLOCATE ALL"},
    {"DEALLOCATE PREPARE \"_PLAN0x1\"", "deallocate|DEALLOCATE|name _PLAN0x1"},
    {"EXPLAIN SELECT 1", "explain 0"},
    {"EXPLAIN VERBOSE SELECT 1", "explain 1"},
    {"EXPLAIN (FORMAT JSON, COSTS off, ANALYZE false) SELECT 1", "explain 2"},
    {"EXPLAIN (REWRITE) SELECT 1", "explain rewrite"},
    {"EXPLAIN (REWRITE off) SELECT 1", "explain 0"},
    {"EXPLAIN ANALYZE SELECT 1", "0A000 EXPLAIN (ANALYZE) is not supported @9"},
    {"EXPLAIN (COSTS, BUFFERS) SELECT 1", "0A000 EXPLAIN (BUFFERS) is not supported @17"},
    {"EXPLAIN (WAL 1) SELECT 1", "0A000 EXPLAIN (WAL) is not supported @10"},
    {"EXPLAIN (ANALYZE 2) SELECT 1", "42601 analyze requires a Boolean value @10"},
    {"EXPLAIN (FORMAT csv) SELECT 1", "22023 unrecognized value for EXPLAIN option \"format\": \"csv\" @10"},
    {"EXPLAIN (nosuch) SELECT 1", "42601 unrecognized EXPLAIN option \"nosuch\" @10"},
    {"EXPLAIN DELETE FROM t", "explain 0"},
    {"EXPLAIN CREATE TABLE x AS SELECT 1", "0A000 EXPLAIN CREATE TABLE AS is not supported @1"},
    {"EXPLAIN EXECUTE p", "0A000 EXPLAIN EXECUTE is not supported @1"},
    {"INSERT INTO t VALUES (1)", "query"},
    {" /* a /* b */ c */ -- d\n  UPDATE t SET a = 1", "query"},
    {"DELETE FROM t", "query"},
    {"MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE", "42501 permission denied for MERGE @1"},
    {"TRUNCATE t", "42501 permission denied for TRUNCATE TABLE @1"},
    {"COPY t TO STDOUT", "copy out"},
    {"PREPARE p AS SELECT 1", "prepare"},
    {"EXECUTE p", "execute"},
    {"DECLARE c CURSOR FOR SELECT 1", "declare"},
    {"FETCH ALL FROM c", "fetch|(null)|name c"},
    {"MOVE ALL FROM c", "fetch|(null)|name c"},
    {"CLOSE ALL", "close|CLOSE CURSOR ALL"},
    {"LISTEN x", "0A000 LISTEN is not supported @1"},
    {"UNLISTEN *", "discard|UNLISTEN|notifications"},
    {"NOTIFY x, 'y'", "0A000 NOTIFY is not supported @1"},
    {"LOCK TABLE t", "0A000 LOCK TABLE is not supported @1"},
    {"VACUUM", "0A000 VACUUM is not supported @1"},
    {"ANALYZE t", "0A000 ANALYZE is not supported @1"},
    {"CLUSTER t", "0A000 CLUSTER is not supported @1"},
    {"DO $$BEGIN END$$", "0A000 DO is not supported @1"},
    {"CALL p()", "0A000 CALL is not supported @1"},
    {"LOAD 'x'", "0A000 LOAD is not supported @1"},
    {"SET CONSTRAINTS ALL DEFERRED", "42501 permission denied for SET CONSTRAINTS @1"},
    {"CREATE TABLE x (a int)", "0A000 CREATE TABLE is not supported @1"},
    {"CREATE TABLE x AS SELECT 1", "0A000 CREATE TABLE AS is not supported @1"},
    {"CREATE MATERIALIZED VIEW x AS SELECT 1", "0A000 CREATE MATERIALIZED VIEW is not supported @1"},
    {"CREATE PROCEDURE p() LANGUAGE sql AS ''", "0A000 CREATE PROCEDURE is not supported @1"},
    {"CREATE AGGREGATE a (int) (sfunc = f, stype = int)", "0A000 CREATE AGGREGATE is not supported @1"},
    {"DROP FOREIGN TABLE x", "0A000 DROP FOREIGN TABLE is not supported @1"},
    {"DROP MATERIALIZED VIEW x", "0A000 DROP MATERIALIZED VIEW is not supported @1"},
    {"ALTER TABLE t RENAME TO u", "42P01 relation \"t\" does not exist @0"},
    {"ALTER TABLE t RENAME COLUMN a TO b", "42P01 relation \"t\" does not exist @0"},
    {"ALTER VIEW v OWNER TO x", "0A000 ALTER VIEW is not supported @1"},
    {"ALTER SYSTEM SET a = 1", "0A000 ALTER SYSTEM is not supported @1"},
    {"ALTER TEXT SEARCH PARSER p RENAME TO q", "0A000 ALTER TEXT SEARCH PARSER is not supported @1"},
    {"GRANT SELECT ON t TO x", "0A000 GRANT is not supported @1"},
    {"REVOKE SELECT ON t FROM x", "0A000 REVOKE is not supported @1"},
    {"COMMENT ON TABLE t IS 'x'", "42P01 relation \"t\" does not exist @0"},
    {"REINDEX TABLE t", "0A000 REINDEX is not supported @1"},
};

static void classification(void)
{
    for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
        struct hg_arena arena;
        struct hg_tree tree;
        hg_arena_init(&arena, 0);
        if (parse(&tree, statements[i].sql, &arena)) {
            struct hg_slice text = hg_slice_cstr(statements[i].sql);
            struct hg_verdict verdict = {.source = text};
            struct hg_carrier carrier;
            PgQuery__Node *query;
            PgQuery__Node *statement = tree.result->stmts[0]->stmt;
            bool accepted = hg_classify(statement, text, &context, &arena, &verdict, &query, &carrier);
            check_text(describe(&verdict, accepted, &carrier, statement, query, &arena),
                       statements[i].expected, statements[i].sql, __FILE__, __LINE__);
            CHECK(accepted ? !hg_fault_is_set(&verdict.fault)
                           : verdict.kind == HG_REFUSE && hg_fault_is_set(&verdict.fault));
            hg_tree_close(&tree);
        }
        hg_arena_free(&arena);
    }
}

static void classify_second(void)
{
    static const char sql[] = "SELECT 'ä';  -- x\n TRUNCATE t";
    struct hg_arena arena;
    struct hg_tree tree;
    hg_arena_init(&arena, 0);
    if (parse(&tree, sql, &arena)) {
        struct hg_carrier carrier;
        PgQuery__Node *query;
        const PgQuery__RawStmt *raw = tree.result->stmts[1];
        struct hg_verdict verdict = {
            .source = hg_slice_of(sql + raw->stmt_location, strlen(sql + raw->stmt_location))};
        CHECK(!hg_classify(raw->stmt, hg_slice_cstr(sql), &context, &arena, &verdict, &query, &carrier));
        CHECK_INT(verdict.fault.position, 20);
        CHECK(verdict.fault.hint.len > 0);
        role.grants = 0;
        verdict = (struct hg_verdict){.source = hg_slice_cstr(sql)};
        hg_tree_close(&tree);
    }
    if (parse(&tree, "EXPLAIN SELECT 1", &arena)) {
        struct hg_carrier carrier;
        PgQuery__Node *query;
        struct hg_verdict verdict = {0};
        CHECK(!hg_classify(tree.result->stmts[0]->stmt, HG_LIT("EXPLAIN SELECT 1"), &context, &arena,
                           &verdict, &query, &carrier));
        CHECK_TEXT(verdict.fault.message, "permission denied for EXPLAIN");
        hg_tree_close(&tree);
    }
    role.grants = ~0u;
    hg_arena_free(&arena);
}

static void settings(void)
{
    struct hg_arena arena;
    struct hg_fault fault = {0};
    struct hg_slice value = HG_LIT("'utf-8'");
    hg_arena_init(&arena, 0);
    CHECK(hg_setting_accept(HG_LIT("acme_bi"), HG_LIT("CLIENT_ENCODING"), &value, &arena, &fault));
    CHECK_TEXT(value, "UTF8");
    value = HG_LIT("Xyz");
    CHECK(hg_setting_accept(HG_LIT("acme_bi"), HG_LIT("application_name"), &value, &arena, &fault));
    CHECK_TEXT(value, "Xyz");
    value = HG_LIT("x");
    CHECK(!hg_setting_accept(HG_LIT("acme_bi"), HG_LIT("is_superuser"), &value, &arena, &fault));
    CHECK(strcmp(fault.sqlstate, "55P02") == 0);
    hg_arena_free(&arena);
}

static void run(void *argument)
{
    (void)argument;
    guard_passes();
    guard_refuses();
    guard_parameters();
    guard_odd_trees();
    classification();
    classify_second();
    settings();
}

int main(void)
{
    CHECK(hg_tree_run_with_stack(hg_tree_stack_bytes(limits.max_bytes), run, NULL));
    return check_end();
}
