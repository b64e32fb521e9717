/* tests/fuzz/checker: can the eyes see? Texts that a rewriter with a bug might send: each must be found out,
 * in whatever odd place of a statement the bug is; and what is as it should be must pass. The letters are
 * those of the threats: a reference that was missed (A1), a WITH query by another name (A2), and so on. */
#include "check.h"
#include "text_checker.h"
#include "tree.h"

#define CAMPAIGNS "(SELECT id, name FROM public.campaigns WHERE campaigns.tenant_id = 'acme') AS c"
#define NAKED     "(SELECT id, name FROM public.campaigns) AS c"
#define OWN       "c.tenant_id = 'acme'"

static const struct {
    const char *user, *sql;
    const char *why; /* NULL: nothing is wrong */
} on_data[] =
    {
        {"acme_bi", "SELECT 1", NULL},
        {"acme_bi", "SELECT * FROM " CAMPAIGNS, NULL},
        {"acme_bi", "SELECT * FROM " NAKED, "without its predicate"},
        {"acme_bi", "SELECT id, name FROM public.campaigns AS c WHERE " OWN " AND id = 1", NULL},
        {"acme_bi", "SELECT id FROM public.campaigns AS c WHERE id = 1 AND (name = 'x' AND " OWN ")", NULL},
        {"acme_bi", "SELECT id FROM public.campaigns AS c WHERE (" OWN " AND id = 1) OR (id = 2 AND " OWN ")",
         NULL},
        {"acme_bi", "SELECT id FROM public.campaigns AS c WHERE " OWN " OR id = 1", "without its predicate"},
        {"acme_bi", "SELECT id FROM public.campaigns AS c WHERE NOT " OWN, "without its predicate"},
        {"acme_bi", "SELECT id FROM public.campaigns AS c WHERE (" OWN ") IS NOT NULL",
         "without its predicate"},
        {"acme_bi", "SELECT id FROM public.campaigns AS c WHERE c.tenant_id = 'globex'",
         "without its predicate"},
        {"acme_bi", "SELECT id FROM public.campaigns AS c WHERE c.tenant_id >= 'acme'",
         "without its predicate"},
        {"acme_bi", "SELECT id FROM public.campaigns AS c WHERE c.tenant_id OPERATOR(pg_catalog.=) 'acme'",
         "without its predicate"},
        {"acme_bi", "SELECT id FROM public.campaigns AS c WHERE c.tenant_id = ANY ('{acme}')",
         "without its predicate"},
        {"acme_bi", "SELECT id FROM public.campaigns AS c WHERE c.tenant_id = $1", "without its predicate"},
        {"acme_bi", "SELECT id FROM public.campaigns AS c WHERE tenant_id = 'acme'", "without its predicate"},
        {"acme_bi", "SELECT id FROM public.campaigns AS c WHERE d.tenant_id = 'acme'",
         "without its predicate"},
        {"acme_bi", "SELECT id FROM public.campaigns AS c HAVING " OWN, "without its predicate"},
        /* a role's rows */
        {"acme_eu", "SELECT id FROM public.orders AS c WHERE c.customer_id = 'acme'",
         "relation public.orders"},
        {"acme_eu", "SELECT id FROM shop.orders_v2 AS c WHERE c.customer_id = 'acme'",
         "condition on its rows"},
        {"acme_eu", "SELECT id FROM shop.orders_v2 AS c WHERE c.customer_id = 'acme' AND c.total IS NOT NULL",
         NULL},
        {"acme_eu",
         "SELECT id FROM shop.orders_v2 AS c WHERE c.customer_id = 'acme' AND (c.total IS NOT NULL OR true)",
         "condition on its rows"},
        {"acme_eu",
         "SELECT id FROM public.messages AS c WHERE " OWN " AND (status = 'sent' AND campaign_id > 7)", NULL},
        {"acme_eu",
         "SELECT id FROM public.messages AS c WHERE " OWN " AND (status = 'failed' AND campaign_id > 7)",
         "condition on its rows"},
        {"masked_rw", "DELETE FROM public.campaigns AS c WHERE " OWN, "condition on its rows"},
        {"masked_rw", "DELETE FROM public.campaigns AS c WHERE " OWN " AND c.name <> 'secret'", NULL},
        /* A1: odd places */
        {"acme_bi", "SELECT (SELECT 1 FROM " NAKED ")", "without its predicate"},
        {"acme_bi", "SELECT 1 ORDER BY (SELECT 1 FROM " NAKED ")", "without its predicate"},
        {"acme_bi", "SELECT 1 GROUP BY (SELECT 1 FROM " NAKED ")", "without its predicate"},
        {"acme_bi", "SELECT 1 HAVING EXISTS (SELECT 1 FROM " NAKED ")", "without its predicate"},
        {"acme_bi", "SELECT 1 LIMIT (SELECT 1 FROM " NAKED ")", "without its predicate"},
        {"acme_bi", "SELECT 1 OFFSET (SELECT 1 FROM " NAKED ")", "without its predicate"},
        {"acme_bi", "VALUES (1), ((SELECT 1 FROM " NAKED "))", "without its predicate"},
        {"acme_bi", "SELECT abs((SELECT 1 FROM " NAKED "))", "without its predicate"},
        {"acme_bi", "SELECT 1 FROM " CAMPAIGNS " JOIN (SELECT 1) AS x ON EXISTS (SELECT 1 FROM " NAKED ")",
         "without its predicate"},
        {"acme_bi", "SELECT count(*) FILTER (WHERE EXISTS (SELECT 1 FROM " NAKED "))",
         "without its predicate"},
        {"acme_bi", "SELECT sum(1) OVER (ORDER BY (SELECT 1 FROM " NAKED "))", "without its predicate"},
        {"acme_bi", "SELECT 1 WINDOW w AS (PARTITION BY (SELECT 1 FROM " NAKED "))", "without its predicate"},
        {"acme_bi", "SELECT 1 IN (SELECT id FROM " NAKED ")", "without its predicate"},
        {"acme_bi", "SELECT 1 = ALL (SELECT id FROM " NAKED ")", "without its predicate"},
        {"acme_bi", "SELECT ARRAY(SELECT id FROM " NAKED ")", "without its predicate"},
        {"acme_bi", "SELECT CASE WHEN true THEN (SELECT 1 FROM " NAKED ") END", "without its predicate"},
        {"acme_bi", "SELECT 1 FROM (SELECT 1) AS x, LATERAL (SELECT id FROM " NAKED ") AS y",
         "without its predicate"},
        {"acme_bi", "SELECT 1 FROM generate_series(1, (SELECT 1 FROM " NAKED ")) AS x",
         "without its predicate"},
        {"acme_bi", "SELECT 1 FROM public.campaigns TABLESAMPLE bernoulli (50)", "without its predicate"},
        {"acme_bi", "SELECT (ARRAY[1])[(SELECT 1 FROM " NAKED ")]", "without its predicate"},
        {"acme_bi", "SELECT DISTINCT ON ((SELECT 1 FROM " NAKED ")) 1", "without its predicate"},
        /* A2: WITH */
        {"acme_bi", "WITH x AS (SELECT * FROM " CAMPAIGNS ") SELECT * FROM x", NULL},
        {"acme_bi", "WITH x AS (SELECT * FROM " NAKED ") SELECT 1", "without its predicate"},
        {"acme_bi", "WITH x AS (SELECT * FROM y), y AS (SELECT 1) SELECT 1", "without a schema"},
        {"acme_bi", "WITH RECURSIVE x AS (SELECT * FROM y), y AS (SELECT 1) SELECT 1", NULL},
        {"acme_bi", "SELECT 1 FROM campaigns", "without a schema"},
        {"acme_bi", "SELECT (WITH campaigns AS (SELECT 1) SELECT 1), (SELECT 1 FROM campaigns)",
         "without a schema"},
        /* A3, A4, A5 */
        {"acme_bi", "SELECT 1 FROM pg_temp.campaigns", "relation pg_temp"},
        {"acme_bi", "SELECT 1 FROM analytics.public.campaigns", "another database"},
        {"acme_bi", "SELECT 1 FROM pg_catalog.pg_class", "relation pg_catalog"},
        {"acme_bi", "SELECT * FROM public.campaigns AS c WHERE " OWN, "column *"},
        {"acme_bi", "SELECT c FROM public.campaigns AS c WHERE " OWN, "column c"},
        {"acme_bi", "SELECT c.tenant_id FROM public.campaigns AS c WHERE " OWN, "column c.tenant_id"},
        {"acme_bi", "SELECT xmin FROM public.campaigns AS c WHERE " OWN, "column xmin"},
        {"acme_masked", "SELECT phone FROM public.contacts AS c WHERE " OWN, "column phone"},
        {"acme_masked", "SELECT '***' || right(phone, 4) AS phone FROM public.contacts AS c WHERE " OWN,
         NULL},
        {"acme_masked", "SELECT '***' || right(phone, 5) AS phone FROM public.contacts AS c WHERE " OWN,
         "column phone"},
        {"acme_narrow",
         "SELECT 1 FROM (SELECT id FROM public.contacts WHERE contacts.tenant_id = 'acme') AS x",
         "relation public.contacts"},
        {"acme_bi", "SELECT 'campaigns'::regclass", "type regclass"},
        /* A6, A7, A9 */
        {"acme_bi", "SELECT query_to_xml('SELECT 1', true, true, '')", "function query_to_xml"},
        {"acme_bi", "SELECT pg_catalog.set_config('a', 'b', true)", "function set_config"},
        {"acme_bi", "SELECT current_setting('headgate.tenant')", "function current_setting"},
        {"acme_bi", "SELECT public.steal()", "function public.steal"},
        {"acme_bi", "SELECT current_user", "SVFOP_CURRENT_USER"},
        {"acme_bi", "SELECT 1 INTO x", "SELECT INTO"},
        {"acme_bi", "EXPLAIN SELECT 1", "EXPLAIN over data"},
        {"acme_bi", "SET role TO x", "a statement of kind"},
        {"acme_bi", "SELECT 1; SELECT 2", "2 statements"},
        {"acme_bi", "COPY (SELECT * FROM " CAMPAIGNS ") TO STDOUT", NULL},
        {"acme_bi", "COPY (SELECT * FROM " NAKED ") TO STDOUT", "without its predicate"},
        {"acme_bi", "COPY (SELECT 1) TO '/tmp/x'", "with a file"},
        {"acme_bi", "COPY (SELECT 1) TO PROGRAM 'x'", "with a file"},
        {"acme_bi", "COPY public.campaigns (id) TO STDOUT", "COPY of a table"},
        {"acme_rw", "COPY public.campaigns (tenant_id, id) FROM STDIN", NULL},
        {"acme_rw", "COPY public.campaigns (id) FROM STDIN", "COPY of a table"},
        {"acme_bi", "COPY public.campaigns (tenant_id, id) FROM STDIN", "COPY of a table"},
        {"acme_bi", "DECLARE x CURSOR FOR SELECT * FROM " CAMPAIGNS, NULL},
        {"acme_bi", "DECLARE x CURSOR FOR SELECT * FROM " NAKED, "without its predicate"},
        {"acme_bi", "EXECUTE hg(1, (SELECT 1 FROM " NAKED "))", "without its predicate"},
        /* A8: joins */
        {"acme_bi", "SELECT 1 FROM public.campaigns AS c JOIN (SELECT 1 AS a) AS x ON true WHERE " OWN, NULL},
        {"acme_bi", "SELECT 1 FROM public.campaigns AS c LEFT JOIN (SELECT 1 AS a) AS x ON true WHERE " OWN,
         NULL},
        {"acme_bi", "SELECT 1 FROM (SELECT 1 AS a) AS x LEFT JOIN public.campaigns AS c ON " OWN,
         "without its predicate"},
        {"acme_bi", "SELECT 1 FROM public.campaigns AS c FULL JOIN (SELECT 1 AS a) AS x ON true WHERE " OWN,
         "without its predicate"},
        {"acme_bi", "SELECT 1 FROM " CAMPAIGNS " UNION SELECT 1 FROM " NAKED, "without its predicate"},
        {"acme_bi", "(SELECT id FROM public.campaigns AS c) UNION SELECT 1 ORDER BY 1",
         "without its predicate"},

        /* E: writing */
        {"acme_rw", "DELETE FROM public.campaigns AS c WHERE " OWN " RETURNING c.id", NULL},
        {"acme_rw", "DELETE FROM public.campaigns AS c", "without its predicate"},
        {"acme_rw", "DELETE FROM public.campaigns AS c WHERE " OWN " OR c.id = 1", "without its predicate"},
        {"acme_rw", "DELETE FROM public.campaigns AS c WHERE " OWN " RETURNING *", "column *"},
        {"acme_rw", "DELETE FROM public.campaigns AS c WHERE " OWN " RETURNING (SELECT c.tenant_id)",
         "column c.tenant_id"},
        {"acme_rw", "DELETE FROM public.campaigns AS c USING public.contacts AS d WHERE " OWN,
         "without its predicate"},
        {"acme_rw", "DELETE FROM public.channels AS c", "is written"},
        {"acme_bi", "DELETE FROM public.campaigns AS c WHERE " OWN, "is written"},
        {"acme_rw", "WITH x AS (DELETE FROM public.campaigns AS c RETURNING c.id) SELECT * FROM x",
         "without its predicate"},
        {"acme_rw", "UPDATE public.campaigns AS c SET name = 'x' WHERE " OWN, NULL},
        {"acme_rw", "UPDATE public.campaigns AS c SET tenant_id = 'acme' WHERE " OWN,
         "column tenant_id is assigned"},
        {"acme_rw", "UPDATE public.audit AS c SET tenant_id = 'acme' WHERE " OWN, NULL},
        {"acme_rw", "UPDATE public.audit AS c SET tenant_id = 'globex' WHERE " OWN,
         "the tenant column is assigned"},
        {"acme_rw", "UPDATE public.audit AS c SET (note, tenant_id) = ('x', 'acme') WHERE " OWN, NULL},
        {"acme_rw", "UPDATE public.audit AS c SET (tenant_id, note) = ('x', 'acme') WHERE " OWN,
         "the tenant column"},
        {"acme_rw", "UPDATE public.audit AS c SET (note, tenant_id) = (SELECT 'x', 'acme') WHERE " OWN,
         "the tenant column"},
        {"masked_rw", "UPDATE public.contacts AS c SET phone = 'x' WHERE " OWN, "column phone is assigned"},
        {"masked_rw", "UPDATE public.contacts AS c SET id = 1 WHERE " OWN " AND c.email = 'x'",
         "column c.email"},
        {"masked_rw", "UPDATE public.contacts AS c SET id = 1 WHERE " OWN " AND email = 'x'", "column email"},
        {"masked_rw",
         "UPDATE public.contacts AS c SET id = 1 WHERE " OWN " AND '***' || right(c.phone, 4) = 'x'", NULL},
        {"masked_rw", "DELETE FROM public.contacts AS c WHERE " OWN " RETURNING upper(c.phone)",
         "column c.phone"},
        {"acme_rw", "INSERT INTO public.campaigns AS c (id, tenant_id) VALUES (1, 'acme')", NULL},
        {"acme_rw", "INSERT INTO public.campaigns AS c (id, tenant_id) VALUES (1, 'acme'), (2, 'globex')",
         "a row without"},
        {"acme_rw", "INSERT INTO public.campaigns AS c (id, tenant_id) VALUES (1, NULL)", "a row without"},
        {"acme_rw", "INSERT INTO public.campaigns AS c (id) VALUES (1)", "a row without"},
        {"acme_rw", "INSERT INTO public.campaigns AS c (id, tenant_id) SELECT 1, 'acme' UNION SELECT 1, 'x'",
         "a row without"},
        {"acme_rw",
         "INSERT INTO public.campaigns AS c (id, tenant_id) SELECT x.*, 'acme' FROM (SELECT 1) AS x", NULL},
        {"acme_rw",
         "INSERT INTO public.campaigns AS c (tenant_id, id) SELECT x.*, 'acme' FROM (SELECT 1) AS x",
         "a row without"},
        {"acme_rw", "INSERT INTO public.campaigns AS c (id, tenant_id) SELECT 1, 'acme' GROUP BY ROLLUP (2)",
         "a row without"},
        {"acme_rw",
         "INSERT INTO public.campaigns AS c (id, tenant_id) VALUES (1, 'acme') ON CONFLICT DO NOTHING",
         "ON CONFLICT with rows of others"},
        {"acme_rw",
         "INSERT INTO public.campaigns AS c (id, tenant_id) VALUES (1, 'acme') ON CONFLICT (id) DO NOTHING",
         "ON CONFLICT with rows of others"},
        {"acme_rw",
         "INSERT INTO public.audit AS c (id, tenant_id) VALUES (1, 'acme') ON CONFLICT (tenant_id, id) DO "
         "UPDATE SET "
         "note = 'x'",
         "DO UPDATE without a predicate"},
        {"acme_rw",
         "INSERT INTO public.audit AS c (id, tenant_id) VALUES (1, 'acme') ON CONFLICT (tenant_id, id) DO "
         "UPDATE SET "
         "note = excluded.note WHERE " OWN,
         NULL},
        {"acme_rw", "SELECT id FROM " CAMPAIGNS " FOR UPDATE", NULL},
        {"acme_bi", "SELECT id FROM " CAMPAIGNS " FOR UPDATE", "is locked"},
        {"acme_rw", "SELECT c.id FROM (SELECT id FROM public.channels) AS x, " CAMPAIGNS " FOR UPDATE",
         "is locked"},
        {"acme_rw", "SELECT c.id FROM (SELECT id FROM public.channels) AS x, " CAMPAIGNS " FOR UPDATE OF c",
         NULL},
},
  on_catalog[] = {
      {"acme_bi", "SELECT relname FROM pg_catalog.pg_class", NULL},
      {"acme_bi", "SELECT * FROM pg_catalog.pg_authid", "relation pg_authid"},
      {"acme_bi", "SELECT * FROM other.pg_class", "relation other"},
      {"acme_bi", "EXPLAIN SELECT * FROM public.campaigns", NULL},
      {"acme_bi", "EXPLAIN (ANALYZE) SELECT * FROM public.campaigns", "EXPLAIN ANALYZE"},
      {"acme_bi", "EXPLAIN DELETE FROM public.campaigns", "is written"},
      {"acme_rw", "EXPLAIN DELETE FROM public.campaigns", NULL},
      {"acme_bi", "SELECT pg_read_file('x')", "function pg_read_file"},
};

static struct hg_snapshot *snapshot;

static bool contains(const char *text, const char *part)
{
    return text && strstr(text, part);
}

static void check_one_sql(const char *user, bool catalog, const char *sql, const char *expected)
{
    struct checked checked = {snapshot, hg_snapshot_user(snapshot, hg_slice_cstr(user)), catalog};
    struct hg_arena arena;
    hg_arena_init(&arena, 0);
    const char *why = check_sent(&checked, hg_slice_cstr(sql), &arena);
    if (!CHECK(expected ? contains(why, expected) : !why))
        fprintf(stderr, "  %s\n  %s\n", sql, why ? why : "nothing is wrong");
    hg_arena_free(&arena);
}

static void run(void *argument)
{
    struct hg_diags diags;
    (void)argument;
    hg_diags_init(&diags);
    snapshot = hg_snapshot_load_offline(HG_SOURCE_DIR "/tests/cases/policy/headgate.yaml", &diags);
    if (!CHECK(snapshot != NULL))
        hg_diags_print(&diags, stderr);
    hg_diags_free(&diags);
    if (!snapshot)
        return;
    for (size_t i = 0; i < sizeof on_data / sizeof *on_data; i++)
        check_one_sql(on_data[i].user, false, on_data[i].sql, on_data[i].why);
    for (size_t i = 0; i < sizeof on_catalog / sizeof *on_catalog; i++)
        check_one_sql(on_catalog[i].user, true, on_catalog[i].sql, on_catalog[i].why);
    hg_snapshot_drop(snapshot);
}

int main(void)
{
    CHECK(hg_tree_run_with_stack(hg_snapshot_stack_bytes(), run, NULL));
    return check_end();
}
