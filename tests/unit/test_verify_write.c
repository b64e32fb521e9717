/* rewrite/verify_write, verify_reference, verify_lock: statements that write or lock, as a broken or tricked
 * rewriter might make them. Each must fail for its own reason, beside those that must pass. */
#include "policy_texts.h"
#include "verify.h"

static const char config[] = "listen: 127.0.0.1:6432\n"
                             "policy: policy.yaml\n"
                             "backends:\n"
                             "  aurora: {dialect: postgresql, host: a, database: d, user: u}\n"
                             "  second: {dialect: postgresql, host: b, database: d, user: u}\n"
                             "  catalog: {dialect: postgresql, host: c, database: d, user: u}\n";

static const char policy[] =
    "database: analytics\n"
    "schema: schema.sql\n"
    "tenant_column: tenant_id\n"
    "tables:\n"
    "  public.messages: {backends: [aurora, second]}\n"
    "  public.contacts: {backends: [aurora]}\n"
    "  public.orders: {backends: [aurora], tenant_column: customer, physical: shop.orders_v2}\n"
    "  public.channels: {backends: [aurora], shared: true}\n"
    "  public.logs: {backends: [aurora]}\n"
    "roles:\n"
    "  editor:\n"
    "    read: [public.*]\n"
    "    write: [public.messages, public.contacts, public.orders]\n"
    "    columns:\n"
    "      public.contacts.phone: {mask: \"'***' || right(phone, 4)\"}\n"
    "      public.contacts.email: {hide: true}\n"
    "  local:\n"
    "    read: [public.*]\n"
    "    write: [public.messages]\n"
    "    statements: [select, insert, update, delete]\n"
    "    rows: {public.messages: \"region = {user.region}\"}\n"
    "tenants:\n"
    "  acme: {value: acme}\n"
    "  globex: {value: globex}\n"
    "users:\n"
    "  ann: {tenant: acme, role: editor, password: \"" TEST_VERIFIER "\"}\n"
    "  bob: {tenant: acme, role: local, password: \"" TEST_VERIFIER "\", attributes: {region: north}}\n";

static const char schema[] =
    "CREATE TABLE public.messages (id bigint, tenant_id text, body text, region text, tags text[], "
    "PRIMARY KEY (tenant_id, id));\n"
    "CREATE TABLE public.contacts (id bigint PRIMARY KEY, phone text, email text, note text);\n"
    "CREATE TABLE public.orders (id bigint, customer text, total numeric, UNIQUE (customer, id));\n"
    "CREATE TABLE public.channels (id integer, name text);\n"
    "CREATE TABLE public.logs (id bigint, line text);\n";

#define OWN      "m.tenant_id = 'acme'"
#define OWN_C    "c.tenant_id = 'acme' AND CASE WHEN c.tenant_id = 'acme' THEN 1 END IS NOT NULL"
#define GUARD    "CASE WHEN " OWN " THEN 1 END IS NOT NULL"
#define FAILS    "CAST(pg_catalog.current_setting('headgate.foreign_tenant') AS text)"
#define OR_FAIL  "CASE WHEN CAST($1 AS text) = 'acme' THEN 'acme' ELSE " FAILS " END"
#define INTO     "INSERT INTO public.messages AS m (id, tenant_id) "
#define INTO_C   "INSERT INTO public.contacts AS c (id, tenant_id) "
#define MESSAGES "(SELECT id, body FROM public.messages WHERE messages.tenant_id = 'acme')"
#define CONTACTS                                                                                             \
    "(SELECT id, '***' || right(phone, 4) AS phone, note FROM public.contacts WHERE contacts.tenant_id = "   \
    "'acme' AND CASE WHEN contacts.tenant_id = 'acme' THEN 1 END IS NOT NULL)"
#define MASK "'***' || right(c.phone, 4)"
#define ROWS "region = 'north'"

static const struct {
    const char *sql, *detail; /* NULL: proved */
} on_data[] =
    {
        /* INSERT */
        {INTO "VALUES (1, 'acme')", NULL},
        {INTO "VALUES (DEFAULT, 'acme'), ($1, 'acme'::text)", NULL},
        {INTO "VALUES (1, 'acme'), (2, 'globex')", "the tenant column may get another value"},
        {INTO "VALUES (1, DEFAULT)", "the tenant column may get another value"},
        {INTO "VALUES (1, $1)", "the tenant column may get another value"},
        {INTO "VALUES (1, 'acme'::varchar(2))", "the tenant column may get another value"},
        {INTO "VALUES (1, 'acme'::\"char\")", "the tenant column may get another value"},
        {INTO "VALUES (1, " OR_FAIL ")", NULL},
        {INTO "VALUES (1, CASE WHEN $1 = 'acme' THEN 'acme' END)", "the tenant column may get another value"},
        {INTO "VALUES (1, CASE WHEN $1 = 'acme' THEN 'globex' ELSE " FAILS " END)",
         "the tenant column may get another value"},
        {INTO
         "VALUES (1, CASE WHEN $1 = 'acme' THEN 'acme' ELSE pg_catalog.current_setting('search_path') END)",
         "the tenant column may get another value"},
        {INTO "VALUES ('acme', 1)", "the tenant column may get another value"},
        {INTO "VALUES (1)", "the tenant column may get another value"},
        {INTO "DEFAULT VALUES", NULL /* does not parse */},
        {INTO "SELECT id, 'acme' FROM " MESSAGES " AS x", NULL},
        {INTO "SELECT x.*, 'acme' FROM (SELECT 1) AS x", NULL},
        {INTO "SELECT (x.y).*, 'acme' FROM (SELECT 1) AS x", NULL},
        {INTO "SELECT 'acme', x.* FROM (SELECT 1) AS x", "the tenant column may get another value"},
        {INTO "SELECT 1, 'acme', 2", "the tenant column may get another value"},
        {INTO "SELECT 1, 'acme' UNION ALL VALUES (2, 'acme')", NULL},
        {INTO "SELECT 1, 'acme' UNION ALL VALUES (2, 'globex')", "the tenant column may get another value"},
        {INTO "(SELECT 1, 'acme' LIMIT 1) UNION ALL (SELECT 1, 'acme' EXCEPT SELECT 1, 'x')",
         "the tenant column may get another value"},
        {INTO "SELECT 1, 'acme' GROUP BY ROLLUP (2)", "the tenant column may get another value"},
        {INTO "SELECT 1, 'acme' GROUP BY 2", NULL},
        {INTO "SELECT id, 'acme' FROM public.logs", "stands without its predicate"},
        {INTO "VALUES (1, 'acme') ORDER BY 1", NULL},
        {"INSERT INTO public.messages AS m (tenant_id, id) SELECT 'acme', x.* FROM (SELECT 1) AS x", NULL},
        {"INSERT INTO public.messages AS m (tenant_id, id) SELECT x.*, 'acme' FROM (SELECT 1) AS x",
         "the tenant column may get another value"},
        {"INSERT INTO public.messages AS m (id) VALUES (1)", "filled 0 times"},
        {"INSERT INTO public.messages AS m (id, tenant_id, tenant_id) VALUES (1, 'acme', 'acme')",
         "filled 2 times"},
        {"INSERT INTO public.messages AS m VALUES (1, 'acme')", "filled 0 times"},
        {"INSERT INTO public.messages (id, tenant_id) VALUES (1, 'acme')", "by its schema and an alias"},
        {"INSERT INTO messages AS m (id, tenant_id) VALUES (1, 'acme')", "by its schema and an alias"},
        {"INSERT INTO d.public.messages AS m (id, tenant_id) VALUES (1, 'acme')",
         "by its schema and an alias"},
        {"INSERT INTO public.nothing AS m (id, tenant_id) VALUES (1, 'acme')", "is not in the policy"},
        {"INSERT INTO public.logs AS m (id, tenant_id) VALUES (1, 'acme')", "may not be written"},
        {"INSERT INTO public.channels AS m (id, tenant_id) VALUES (1, 'acme')", "may not be written"},
        {"INSERT INTO public.orders AS m (id, customer) VALUES (1, 'acme')", "is not in the policy"},
        {"INSERT INTO shop.orders_v2 AS m (id, customer) VALUES (1, 'acme')", NULL},
        {"INSERT INTO shop.orders_v2 AS m (id, tenant_id) VALUES (1, 'acme')",
         "tenant_id may not be written"},
        {"INSERT INTO public.contacts AS c (id, email, tenant_id) VALUES (1, 'x', 'acme')",
         "email may not be written"},
        {"INSERT INTO public.contacts AS c (id, phone, tenant_id) VALUES (1, 'x', 'acme')",
         "phone may not be written"},
        {"INSERT INTO public.messages AS m (tags[1], tags[2:3], tenant_id) VALUES (1, 2, 'acme')", NULL},
        {"INSERT INTO public.messages AS m (tenant_id[1], id) VALUES ('acme', 1)",
         "tenant_id may not be written"},
        {"INSERT INTO public.messages AS m (body.x, tenant_id) VALUES (1, 'acme')",
         "body may not be written"},
        {INTO "VALUES ((SELECT m.id FROM public.logs AS m), 'acme')", "in another way than by its schema"},
        {INTO "VALUES (1, 'acme') RETURNING m.id, body, id + 1 AS x", NULL},
        {INTO "VALUES (1, 'acme') RETURNING *", "all columns of what is written"},
        {INTO "VALUES (1, 'acme') RETURNING m.*", "is not as the role may see it"},
        {INTO "VALUES (1, 'acme') RETURNING m", "a whole row of what is written"},
        {INTO "VALUES (1, 'acme') RETURNING m.xmin", "is not as the role may see it"},
        {INTO "VALUES (1, 'acme') RETURNING ctid", "may be one of what is written"},
        {INTO "VALUES (1, 'acme') RETURNING unknown", "is nobody's"},
        {INTO "VALUES (1, 'acme') RETURNING (SELECT count(*) FROM " MESSAGES " AS x WHERE x.id = m.id)",
         NULL},
        {INTO_C "VALUES (1, 'acme') RETURNING c.tenant_id", "is not as the role may see it"},
        {INTO_C "VALUES (1, 'acme') RETURNING tenant_id", "may be one of what is written"},
        {INTO_C "VALUES (1, 'acme') RETURNING c.phone", "is not as the role may see it"},
        {INTO_C "VALUES (1, 'acme') RETURNING " MASK " AS phone, " MASK " || 'x', upper(" MASK ")", NULL},
        {INTO_C "VALUES (1, 'acme') RETURNING '***' || right(c.phone, 5) AS phone",
         "is not as the role may see it"},
        {INTO_C "VALUES (1, 'acme') RETURNING '***' || right(phone, 4) AS phone",
         "may be one of what is written"},
        {"WITH x AS (SELECT 1 AS a) " INTO "SELECT a, 'acme' FROM x", NULL},
        {"WITH x AS (" INTO "VALUES (1, 'acme') RETURNING m.id) SELECT * FROM x", NULL},
        {"WITH x AS (" INTO "VALUES (1, 'globex') RETURNING m.id) SELECT * FROM x", "may get another value"},
        {"WITH x AS (DELETE FROM public.messages AS m) SELECT 1", "without its predicate"},

        /* ON CONFLICT */
        {INTO "VALUES (1, 'acme') ON CONFLICT DO NOTHING", NULL},
        {INTO_C "VALUES (1, 'acme') ON CONFLICT DO NOTHING", "by any key"},
        {INTO "VALUES (1, 'acme') ON CONFLICT (id, tenant_id) DO NOTHING", NULL},
        {INTO "VALUES (1, 'acme') ON CONFLICT (id) DO NOTHING", "by a key without the tenant column"},
        {INTO "VALUES (1, 'acme') ON CONFLICT ON CONSTRAINT messages_pkey DO NOTHING",
         "something else than columns"},
        {INTO "VALUES (1, 'acme') ON CONFLICT (id, tenant_id, unknown) DO NOTHING",
         "something else than columns"},
        {INTO
         "VALUES (1, 'acme') ON CONFLICT (id, tenant_id) DO UPDATE SET id = excluded.id + m.id WHERE " OWN,
         NULL},
        {INTO "VALUES (1, 'acme') ON CONFLICT (id, tenant_id) DO UPDATE SET id = 1 WHERE " OWN
              " AND (excluded.id = 1)",
         NULL},
        {INTO "VALUES (1, 'acme') ON CONFLICT (id, tenant_id) DO UPDATE SET id = 1", "without its predicate"},
        {INTO "VALUES (1, 'acme') ON CONFLICT (id, tenant_id) DO UPDATE SET id = 1 WHERE " OWN " OR true",
         "without its predicate"},
        {INTO "VALUES (1, 'acme') ON CONFLICT (id, tenant_id) DO UPDATE SET id = 1 WHERE true AND " OWN,
         "without its predicate"},
        {INTO "VALUES (1, 'acme') ON CONFLICT (id, tenant_id) DO UPDATE SET id = 1 WHERE excluded.tenant_id "
              "= 'acme'",
         "without its predicate"},
        {INTO "VALUES (1, 'acme') ON CONFLICT (id, tenant_id) DO UPDATE SET tenant_id = 'globex' WHERE " OWN,
         "may get another value"},
        {INTO "VALUES (1, 'acme') ON CONFLICT (id, tenant_id) DO UPDATE SET body = excluded::text WHERE " OWN,
         "a whole row of what is written"},
        {INTO_C
         "VALUES (1, 'acme') ON CONFLICT (id, tenant_id) DO UPDATE SET note = excluded.email WHERE " OWN_C,
         "is not as the role may see it"},
        {INTO_C "VALUES (1, 'acme') ON CONFLICT (id, tenant_id) DO UPDATE SET note = '***' || "
                "right(excluded.phone, 4), "
                "phone = 'x' WHERE " OWN_C,
         "phone may not be written"},
        {INTO_C "VALUES (1, 'acme') ON CONFLICT (id, tenant_id) DO UPDATE SET note = '***' || "
                "right(excluded.phone, 4) "
                "WHERE " OWN_C,
         NULL},
        {INTO "VALUES (1, 'acme') ON CONFLICT (id, tenant_id) DO UPDATE SET id = 1 WHERE " OWN
              " RETURNING excluded.id",
         NULL /* PostgreSQL knows none here */},

        /* UPDATE */
        {"UPDATE public.messages AS m SET body = 'x' WHERE " OWN, NULL},
        {"UPDATE ONLY public.messages AS m SET body = DEFAULT, id = m.id + id WHERE " OWN " AND " GUARD
         " AND (m.id = 1 OR body = 'x') RETURNING m.id",
         NULL},
        {"UPDATE public.messages AS m SET body = 'x'", "without its predicate"},
        {"UPDATE public.messages AS m SET body = 'x' WHERE m.tenant_id = 'globex'", "without its predicate"},
        {"UPDATE public.messages AS m SET body = 'x' WHERE tenant_id = 'acme'", "without its predicate"},
        {"UPDATE public.messages AS m SET body = 'x' WHERE m.tenant_id <> 'acme'", "without its predicate"},
        {"UPDATE public.messages AS m SET body = 'x' WHERE m.tenant_id = $1", "without its predicate"},
        {"UPDATE public.messages AS m SET body = 'x' WHERE " OWN " OR m.id = 1", "without its predicate"},
        {"UPDATE public.messages AS m SET body = 'x' WHERE m.id = 1 AND " OWN, "without its predicate"},
        {"UPDATE public.messages AS m SET body = 'x' WHERE NOT (" OWN ")", "without its predicate"},
        {"UPDATE public.messages AS m SET body = 'x' WHERE (" OWN ") IS NULL", "without its predicate"},
        {"UPDATE public.messages AS m SET body = 'x' FROM " MESSAGES " AS x WHERE x.tenant_id = 'acme'",
         "without its predicate"},
        {"UPDATE public.messages AS m SET body = 'x' FROM " MESSAGES " AS x WHERE " OWN " AND x.id = m.id",
         NULL},
        {"UPDATE public.messages AS m SET body = 'x' FROM public.messages AS x WHERE " OWN, "stands outside"},
        {"UPDATE public.messages AS m SET tenant_id = 'acme' WHERE " OWN, NULL},
        {"UPDATE public.messages AS m SET tenant_id = 'globex' WHERE " OWN, "may get another value"},
        {"UPDATE public.messages AS m SET tenant_id = DEFAULT WHERE " OWN, "may get another value"},
        {"UPDATE public.messages AS m SET tenant_id = " OR_FAIL " WHERE " OWN, NULL},
        {"UPDATE public.messages AS m SET (id, tenant_id) = (1, 'acme') WHERE " OWN, NULL},
        {"UPDATE public.messages AS m SET (tenant_id, id) = (1, 'acme') WHERE " OWN, "may get another value"},
        {"UPDATE public.messages AS m SET (id, tenant_id) = (SELECT 1, 'acme') WHERE " OWN,
         "may get another value"},
        {"UPDATE public.messages AS m SET (id, body) = (SELECT x.id, x.body FROM " MESSAGES
         " AS x WHERE x.id = m.id) "
         "WHERE " OWN,
         NULL},
        {"UPDATE public.messages AS m SET (id, body) = (SELECT 1, line FROM public.logs) WHERE " OWN,
         "stands without its predicate"},
        {"UPDATE public.contacts AS c SET tenant_id = 'acme' WHERE " OWN_C, "tenant_id may not be changed"},
        {"UPDATE public.contacts AS c SET email = 'x' WHERE " OWN_C, "email may not be written"},
        {"UPDATE public.contacts AS c SET phone = 'x' WHERE " OWN_C, "phone may not be written"},
        {"UPDATE public.contacts AS c SET note = c.email WHERE " OWN_C, "is not as the role may see it"},
        {"UPDATE public.contacts AS c SET note = " MASK " WHERE " OWN_C " AND (" MASK " = '***1234')", NULL},
        {"UPDATE public.contacts AS c SET note = 'x' WHERE " OWN_C " AND phone LIKE '%'",
         "may be one of what is written"},
        {"UPDATE public.contacts AS c SET note = 'x' WHERE " OWN_C " AND email = 'x'",
         "may be one of what is written"},
        {"UPDATE public.contacts AS c SET note = 'x' WHERE " OWN_C " AND c = ROW(1)", "a whole row"},
        {"UPDATE public.contacts AS c SET note = (c).email WHERE " OWN_C, "a whole row"},
        {"UPDATE public.contacts AS c SET note = row_to_json(c.*) WHERE " OWN_C,
         "is not as the role may see it"},
        {"UPDATE public.contacts AS c SET note = 'x' WHERE " OWN_C " AND EXISTS (SELECT 1 WHERE email = 'x')",
         "may be one of what is written"},
        {"UPDATE public.contacts AS c SET note = 'x' WHERE " OWN_C
         " AND EXISTS (SELECT 1 AS email WHERE email = 'x')",
         "may be one of what is written"},
        {"UPDATE public.contacts AS c SET note = 'x' WHERE " OWN_C
         " AND EXISTS (SELECT 1 AS email ORDER BY email)",
         NULL},
        {"UPDATE public.contacts AS c SET note = 'x' WHERE " OWN_C
         " AND EXISTS (SELECT 1 FROM (SELECT 1 AS email) AS x WHERE email = 1)",
         NULL},
        {"UPDATE public.contacts AS c SET note = 'x' WHERE " OWN_C
         " AND EXISTS (SELECT 1 FROM (SELECT 1 AS email) AS c WHERE c.email = 1)",
         NULL},
        {"UPDATE public.contacts AS c SET note = 'x' WHERE " OWN_C
         " AND EXISTS (SELECT 1 FROM (SELECT c.email AS email) AS c)",
         "is not as the role may see it"},
        {"UPDATE public.contacts AS c SET note = 'x' WHERE " OWN_C
         " AND EXISTS (SELECT 1 FROM (SELECT 1 AS a) AS x JOIN (SELECT 1 AS email) AS c ON x.a = c.email)",
         NULL},
        {"UPDATE public.contacts AS c SET note = 'x' WHERE " OWN_C
         " AND EXISTS (SELECT 1 FROM generate_series(1, 2) AS x WHERE email = 1)",
         "may be one of what is written"},
        {"UPDATE public.contacts AS c SET note = 'x' WHERE " OWN_C " AND c.id IN (SELECT x.id FROM " CONTACTS
         " AS x WHERE phone = 'x')",
         NULL},
        {"WITH x AS (SELECT 1 AS email) UPDATE public.contacts AS c SET note = 'x' WHERE " OWN_C
         " AND EXISTS (SELECT 1 FROM x WHERE email = 1)",
         NULL},
        {"WITH x (email) AS (SELECT 1) UPDATE public.contacts AS c SET note = 'x' WHERE " OWN_C
         " AND EXISTS (SELECT 1 FROM x AS y WHERE email = 1)",
         NULL},
        {"UPDATE public.contacts AS c SET note = 'x' WHERE " OWN_C
         " AND EXISTS (SELECT 1 FROM (SELECT 1 AS email) AS c, LATERAL (SELECT c.email, (c).email, email) AS "
         "y)",
         NULL},
        {"UPDATE public.contacts AS c SET note = 'x' WHERE " OWN_C
         " AND EXISTS (SELECT 1 FROM (SELECT 1 AS email) AS c JOIN LATERAL (SELECT c.email, (c).email, "
         "email) AS y ON "
         "c.email = 1)",
         NULL},
        {"UPDATE public.contacts AS c SET note = 'x' WHERE " OWN_C
         " AND EXISTS (SELECT 1 FROM LATERAL (SELECT c.email) AS y, (SELECT 1 AS email) AS c)",
         "is not as the role may see it"},
        {"UPDATE public.contacts AS c SET note = 'x' WHERE " OWN_C
         " AND EXISTS (SELECT 1 FROM LATERAL (SELECT (c).email) AS y CROSS JOIN (SELECT 1 AS email) AS c)",
         "a whole row"},
        {"UPDATE public.contacts AS c SET note = 'x' WHERE " OWN_C
         " AND EXISTS (SELECT 1 FROM unnest(email) AS y CROSS JOIN (SELECT 1 AS email) AS c)",
         "may be one of what is written"},
        {"UPDATE public.contacts AS c SET note = 'x' WHERE " OWN_C
         " AND EXISTS (SELECT 1 FROM generate_series(1, 3) AS email WHERE email = 1)",
         NULL},
        {"UPDATE public.contacts AS c SET note = 'x' WHERE " OWN_C
         " AND EXISTS (SELECT 1 FROM jsonb_each('{}') AS email WHERE email IS NULL)",
         "may be one of what is written"},
        {"UPDATE public.contacts AS c SET note = (SELECT * FROM (SELECT 1) AS x) WHERE " OWN_C
         " RETURNING c.id",
         NULL},
        {"UPDATE public.contacts AS c SET note = x.secret FROM (SELECT 1 AS a) AS x WHERE " OWN_C
         " AND secret = 1",
         "is nobody's"},
        {"UPDATE public.messages AS m SET tags[(SELECT id FROM public.logs)] = 'x' WHERE " OWN,
         "stands without its predicate"},

        /* DELETE */
        {"DELETE FROM public.messages AS m WHERE " OWN, NULL},
        {"DELETE FROM public.messages AS m USING " CONTACTS " AS c WHERE " OWN
         " AND c.id = m.id RETURNING m.id, c.phone",
         NULL},
        {"DELETE FROM public.messages AS m", "without its predicate"},
        {"DELETE FROM public.messages AS m WHERE true", "without its predicate"},
        {"DELETE FROM public.messages AS m USING public.messages AS m WHERE " OWN, "stands outside"},
        {"DELETE FROM public.contacts AS c WHERE " OWN_C " AND c.email = 'x'",
         "is not as the role may see it"},
        {"DELETE FROM public.contacts AS c WHERE " OWN_C " RETURNING *", "all columns"},
        {"DELETE FROM public.channels AS c", "may not be written"},

        /* guards and fences */
        {"DELETE FROM public.messages AS m WHERE " OWN " AND m.body::integer = 1",
         "rows of messages before its predicate"},
        {"DELETE FROM public.messages AS m WHERE " OWN " AND " GUARD " AND m.body::integer = 1", NULL},
        {"DELETE FROM public.messages AS m WHERE " OWN " AND CASE WHEN " OWN " THEN m.body::integer = 1 END",
         NULL},
        {"DELETE FROM public.messages AS m WHERE " OWN " AND CASE WHEN true THEN m.body::integer = 1 END",
         "rows of messages before its predicate"},
        {"DELETE FROM public.messages AS m WHERE " OWN " AND m.id + 1 = 2",
         "rows of messages before its predicate"},
        {"DELETE FROM public.messages AS m WHERE " OWN " AND m.id = 1 + 2 AND m.body ~ 'x.y'", NULL},
        {"DELETE FROM public.messages AS m WHERE " OWN " AND " GUARD " AND m.body ~ ('x' || 'y')",
         "tried on values of others"},
        {"DELETE FROM public.messages AS m WHERE " OWN " AND " GUARD " AND m.body LIKE 'x\\'",
         "tried on values of others"},
        {"DELETE FROM public.messages AS m WHERE " OWN " AND " GUARD " AND m.body LIKE (SELECT 'x\\')", NULL},
        {"DELETE FROM public.messages AS m WHERE " OWN " AND m.body LIKE (SELECT 'x\\')",
         "rows of messages before its predicate"},
        {"DELETE FROM public.messages AS m WHERE " OWN " AND m.body ~ m.region",
         "rows of messages before its predicate"},
        {"DELETE FROM public.messages AS m WHERE " OWN " AND " GUARD " AND m.body ~ ANY (m.tags)",
         "rows of messages before its predicate"},
        {"DELETE FROM public.messages AS m WHERE " OWN " AND CASE WHEN " OWN
         " THEN m.body ~ ANY (m.tags) END",
         NULL},
        {"DELETE FROM public.messages AS m WHERE " OWN " AND " GUARD " AND ARRAY[m.tags, m.tags] IS NULL",
         "rows of messages before its predicate"},
        {"DELETE FROM public.messages AS m WHERE " OWN " AND m.id IN (SELECT x.id + 1 FROM " MESSAGES
         " AS x)",
         "rows of messages before its predicate"},
        {"DELETE FROM public.messages AS m WHERE " OWN " AND m.id = (SELECT sum(x.id + 1) FROM " MESSAGES
         " AS x)",
         "rows of messages before its predicate"},
        {"DELETE FROM public.messages AS m WHERE " OWN " AND " GUARD " AND m.id = (SELECT 1 / 0)", NULL},
        {"UPDATE public.messages AS m SET body = upper(m.body) || m.id::text WHERE " OWN
         " RETURNING 1 / m.id",
         NULL},
        {"UPDATE public.messages AS m SET body = 'x' FROM " MESSAGES " AS x WHERE " OWN " AND " GUARD
         " AND x.id / m.id = 1",
         "rows of messages before its predicate"},
        {INTO "SELECT x.id + 1, 'acme' FROM " MESSAGES " AS x", NULL},
        {INTO "SELECT x.id, 'acme' FROM " MESSAGES " AS x WHERE x.id + 1 = 2",
         "rows of messages before its predicate"},
        {INTO "SELECT s.*, 'acme' FROM (SELECT x.id + 1 FROM " MESSAGES " AS x) AS s", NULL},
        {INTO "SELECT s.*, 'acme' FROM (SELECT x.id + 1 FROM " MESSAGES " AS x) AS s WHERE true",
         "rows of messages before its predicate"},
        {"SELECT x.id + 1 FROM " MESSAGES " AS x ORDER BY lower(x.body)", NULL},
        {"SELECT 1 FROM " MESSAGES " AS x HAVING count(x.id + 1) > 0", NULL},
        {"SELECT 1 FROM " MESSAGES " AS x JOIN (SELECT 1 AS a) AS y ON y.a = x.id::integer",
         "rows of messages before its predicate"},

        /* elsewhere */
        {"SELECT (SELECT 1 FROM (SELECT 1) AS x), (SELECT 1) FROM (SELECT "
         "pg_catalog.current_setting('headgate.tenant'))"
         " AS x",
         "may not be called"},

        /* locks */
        {"SELECT x.id FROM " MESSAGES " AS x FOR UPDATE", NULL},
        {"SELECT x.id FROM " MESSAGES " AS x JOIN " CONTACTS " AS y ON true FOR SHARE OF x, y NOWAIT", NULL},
        {"SELECT x.id FROM " MESSAGES
         " AS x, (SELECT id FROM public.logs WHERE logs.tenant_id = 'acme') AS y FOR UPDATE",
         "logs may not be locked"},
        {"SELECT x.id FROM " MESSAGES
         " AS x, (SELECT id FROM public.logs WHERE logs.tenant_id = 'acme') AS y FOR UPDATE OF x",
         NULL},
        {"SELECT x.id FROM " MESSAGES
         " AS x JOIN (SELECT id FROM public.logs WHERE logs.tenant_id = 'acme') AS y ON true FOR UPDATE OF y",
         "logs may not be locked"},
        {"SELECT 1 FROM (SELECT y.id FROM (SELECT id FROM public.channels) AS y) AS x FOR KEY SHARE",
         "channels may not be locked"},
        {"SELECT 1 FROM (SELECT id FROM public.messages WHERE messages.tenant_id = 'acme' FOR UPDATE) AS x",
         "has another clause"},
},
  by_local[] =
      {
          {"UPDATE public.messages AS m SET body = 'x' WHERE " OWN " AND m." ROWS, NULL},
          {"UPDATE public.messages AS m SET body = 'x' WHERE " OWN " AND m." ROWS " AND m.id = 1", NULL},
          {"UPDATE public.messages AS m SET body = 'x' WHERE " OWN, "without its predicate"},
          {"UPDATE public.messages AS m SET body = 'x' WHERE " OWN " AND m.region = 'south'",
           "without its predicate"},
          {"UPDATE public.messages AS m SET body = 'x' WHERE " OWN " AND (m." ROWS " OR true)",
           "without its predicate"},
          {"UPDATE public.messages AS m SET region = 'south' WHERE " OWN " AND m." ROWS,
           "region may not be changed"},
          {"DELETE FROM public.messages AS m WHERE " OWN " AND m." ROWS, NULL},
          {"DELETE FROM public.messages AS m WHERE " OWN, "without its predicate"},
          {INTO "VALUES (1, 'acme')", "a part of the rows only"},
          {"DELETE FROM public.contacts AS c WHERE " OWN_C, "may not be written"},
          {"SELECT x.id FROM (SELECT id FROM public.messages WHERE messages.tenant_id = 'acme' AND "
           "messages." ROWS ") AS x FOR UPDATE",
           "may not be locked here"},
},
  on_second[] =
      {
          {"DELETE FROM public.messages AS m WHERE " OWN, "is not written on this backend"},
          {"DELETE FROM public.contacts AS c WHERE " OWN_C, "is not on this backend"},
          {"SELECT id FROM (SELECT id FROM public.contacts WHERE contacts.tenant_id = 'acme') AS x",
           "is not on this backend"},
},
  on_catalog[] = {
      {"EXPLAIN INSERT INTO public.messages AS m (id, body) VALUES (1, DEFAULT) ON CONFLICT (id) DO NOTHING "
       "RETURNING *",
       NULL},
      {"EXPLAIN UPDATE public.orders AS o SET total = 1 FROM public.logs AS l WHERE l.id = o.id", NULL},
      {"EXPLAIN DELETE FROM public.orders AS o WHERE o.id = 1", NULL},
      {"EXPLAIN DELETE FROM public.logs AS o", "may not be written"},
      {"EXPLAIN DELETE FROM pg_catalog.pg_class AS o", "may not be written"},
      {"EXPLAIN UPDATE public.contacts AS c SET phone = 'x'", "phone may not be written"},
};

static struct hg_snapshot *snapshot;

static int backend_of(const struct hg_user *user, const char *name)
{
    if (strcmp(name, "catalog") == 0)
        return (int)user->role->catalog;
    for (size_t i = 0; i < snapshot->config->nbackends; i++)
        if (strcmp(snapshot->config->backends[i].name, name) == 0)
            return (int)i;
    return -1;
}

static bool contains(struct hg_slice text, const char *part)
{
    size_t len = strlen(part);
    for (size_t i = 0; i + len <= text.len; i++)
        if (memcmp(text.ptr + i, part, len) == 0)
            return true;
    return false;
}

static void check_sql(const char *user, const char *backend, const char *sql, const char *detail)
{
    static const struct hg_tree_limits limits = {.max_bytes = 1 << 20, .max_nesting = 500};
    struct hg_context context = {
        .snapshot = snapshot, .user = hg_snapshot_user(snapshot, hg_slice_cstr(user)), .bound.first = -1};
    struct hg_arena arena;
    struct hg_tree tree;
    struct hg_fault fault = {0};
    hg_arena_init(&arena, 0);
    if (!hg_tree_open(&tree, hg_slice_cstr(sql), &limits, &arena, &fault)) {
        if (!CHECK(strcmp(sql, INTO "DEFAULT VALUES") == 0))
            fprintf(stderr, "  %s\n  %.*s\n", sql, HG_SLICE_FMT(fault.message));
    } else {
        bool proved = hg_verify(hg_slice_cstr(sql), tree.result->stmts[0]->stmt, &context,
                                backend_of(context.user, backend), &arena, &fault);
        bool right = detail ? !proved && contains(fault.detail, detail) : proved;
        if (!CHECK(right && hg_fault_is_set(&fault) != proved))
            fprintf(stderr, "  %s\n  %s: %.*s\n", sql, proved ? "proved" : "not proved",
                    HG_SLICE_FMT(fault.detail));
        hg_tree_close(&tree);
    }
    hg_arena_free(&arena);
}

#define CHECK_ALL(user, backend, list)                                                                       \
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)                                                  \
    check_sql(user, backend, list[i].sql, list[i].detail)

static void run(void *argument)
{
    (void)argument;
    snapshot = test_snapshot(config, policy, schema);
    if (!snapshot)
        return;
    CHECK_ALL("ann", "aurora", on_data);
    CHECK_ALL("bob", "aurora", by_local);
    CHECK_ALL("ann", "second", on_second);
    CHECK_ALL("ann", "catalog", on_catalog);
    hg_snapshot_drop(snapshot);
}

int main(void)
{
    CHECK(hg_tree_run_with_stack(hg_snapshot_stack_bytes(), run, NULL));
    return check_end();
}
