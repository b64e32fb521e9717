-- What a name means: spellings, scopes, the tenant column by other ways, and tables by other names.
-- @@ threat A3 A5
SELECT "id" FROM "public"."campaigns" ORDER BY 1;
SELECT ID, NaMe FROM PUBLIC.CAMPAIGNS ORDER BY 1;
SELECT U&"\0069d" FROM U&"\0063ampaigns" ORDER BY 1;
SELECT U&"!0069d" UESCAPE '!' FROM campaigns ORDER BY 1;
SELECT id FROM campaigns AS messages ORDER BY 1;
SELECT messages.id FROM campaigns AS messages ORDER BY 1;
SELECT a.id, b.id FROM campaigns AS a JOIN messages AS b ON b.campaign_id = a.id JOIN campaigns AS messages ON messages.id = a.id ORDER BY 1, 2;
SELECT audit.x FROM audit AS audit (x) ORDER BY 1;
SELECT a.tenant_id, a.id FROM audit AS a (id, tenant_id) ORDER BY 2, 1;
SELECT tenant_id FROM campaigns AS c (tenant_id) ORDER BY 1;
SELECT tenant_id, count(*) FROM campaigns AS c (x, tenant_id) WHERE tenant_id <> 'acme' GROUP BY 1 ORDER BY 1;
SELECT campaigns FROM (SELECT 1 AS campaigns) x;
SELECT campaigns.campaigns FROM (SELECT 1 AS campaigns) campaigns;
SELECT name FROM campaigns name ORDER BY name.id;
SELECT "select"."order" FROM (SELECT 1 AS "order") "select";
SELECT "a""b"."c d" FROM (SELECT 1 AS "c d") "a""b";
SELECT "; DROP TABLE campaigns; --" FROM (SELECT 1 AS "; DROP TABLE campaigns; --") x;
SELECT x."tenant_id'" FROM (SELECT 'q' AS "tenant_id'") x;
SELECT 1 AS "/* comment */", 2 AS "$1", 3 AS "\", 4 AS "'";
SELECT id /* inside /* nested */ */ FROM campaigns -- at the end
 ORDER BY 1;
-- PostgreSQL's NOTICE about the cut is not given
-- @ quiet
SELECT very_long_name_that_is_cut_at_sixty_three_bytes_by_postgresql_and_goes_on FROM (SELECT 1 AS very_long_name_that_is_cut_at_sixty_three_bytes_by_postgresql_and_goes_elsewhere) x;
SELECT 1 AS "ſ", 2 AS "ı", 3 AS "К", 4 AS "ａ";
-- @ error 42P01
SELECT * FROM "Campaigns";
-- @ error 42P01
SELECT * FROM "PUBLIC".campaigns;
-- @ error 42P01
SELECT * FROM "campaigns ";
-- @ error 42P01
SELECT * FROM "public.campaigns";
-- @ error 42P01
SELECT * FROM "сampaigns";
-- @ error 42P01
SELECT * FROM campaignſ;
-- @ error 42P01
SELECT * FROM pg_temp.campaigns;
-- @ error 42P01
SELECT * FROM pg_catalog.campaigns;
-- @ error 42P01
SELECT * FROM information_schema.campaigns;
-- @ error 42P01
SELECT * FROM public.pg_class;
-- @ error 42P01
SELECT * FROM public.daily_metrics;
-- @ error 42P01
SELECT * FROM shop.ledger_acme;
-- @ error 42P01
SELECT * FROM shop.ledger_rest;
-- @ error 42P01
SELECT * FROM shop.visits_january;
-- @ error 42P01
SELECT * FROM ONLY shop.notes_archive;
-- @ error 42P01
SELECT * FROM store.stock_levels;
-- @ error 42P01
SELECT * FROM stock_levels;
-- @ error 42P01
SELECT * FROM _headgate.pairs;
-- @ error 42703
SELECT owner FROM shop.stock;
-- @ error 42703
SELECT s.owner FROM shop.stock s;
-- @ error 42703
SELECT (s).owner FROM shop.stock s;
-- @ error 42703
SELECT (campaigns).tenant_id FROM campaigns;
-- @ error 42703
-- @ text
SELECT (c.x).tenant_id FROM (SELECT campaigns AS x FROM campaigns) c;
-- @ error 42883
-- @ text
SELECT tenant_id(c) FROM campaigns c;
-- @ error 42703
SELECT campaigns.tenant_id FROM campaigns ORDER BY 1;
-- @ error 42703
SELECT id FROM campaigns ORDER BY tenant_id;
-- @ error 42703
SELECT count(*) FROM campaigns GROUP BY tenant_id;
-- @ error 42703
SELECT count(*) FROM campaigns HAVING max(tenant_id) = 'x';
-- @ error 42703
SELECT a.id FROM campaigns a JOIN messages b USING (tenant_id);
-- @ error 42703
SELECT a.id FROM campaigns a JOIN messages b ON a.tenant_id = b.tenant_id;
-- @ error 42703
SELECT id FROM campaigns WHERE tenant_id IS NULL;
-- @ error 42703
SELECT internal_score FROM shop.customers;
-- @ error 42703
SELECT sum(internal_score) OVER () FROM shop.customers;
-- @ error 42703
SELECT archived_on FROM shop.notes;
SELECT name(c) FROM campaigns c ORDER BY 1;
SELECT c.name, (c).name, (c.*).name, name FROM campaigns c ORDER BY 1;
SELECT (c.*).id FROM campaigns c ORDER BY 1;
SELECT ((c)).id FROM campaigns c ORDER BY 1;
SELECT (SELECT c.id) FROM campaigns c ORDER BY 1;
SELECT (SELECT (c).id) FROM campaigns c ORDER BY 1;
SELECT (ROW(c.*)).f1 FROM campaigns c ORDER BY 1;
SELECT c.*::text FROM campaigns c ORDER BY 1;
SELECT (c.*)::text FROM campaigns c ORDER BY c.id;
SELECT c || '' FROM campaigns c ORDER BY c.id LIMIT 2;
SELECT format('%s', c) FROM shop.queue c ORDER BY c.job;
SELECT concat(c), concat_ws('-', c.job, c.payload) FROM shop.queue c ORDER BY c.job;
SELECT md5(c::text) FROM shop.customers c ORDER BY c.id;
SELECT length(t::text) FROM shop.stock t ORDER BY 1;
SELECT json_agg(t ORDER BY t.entry) FROM shop.ledger t;
SELECT jsonb_agg(to_jsonb(t) ORDER BY t.id) FROM shop.notes t;
SELECT array_agg(t ORDER BY t.job) FROM shop.queue t;
SELECT row_to_json(t, true) FROM shop.rates t ORDER BY t.country;
SELECT hstore FROM (SELECT 1 AS hstore) x;
SELECT jsonb_object_keys(to_jsonb(t)) FROM shop.stock t WHERE warehouse = 'north' AND sku = 'AB-1' ORDER BY 1;
SELECT key FROM shop.customers t, jsonb_each(to_jsonb(t)) WHERE t.id = 1 ORDER BY 1;
SELECT count(*) FROM shop.customers a, shop.customers b WHERE a = b;
SELECT a.id FROM shop.queue q JOIN shop.orders a ON a.id = q.job WHERE (q, a) IS NOT NULL ORDER BY 1;
SELECT q FROM shop.queue q WHERE q IS NOT DISTINCT FROM q ORDER BY q.job;
SELECT q.job FROM shop.queue q WHERE q::text LIKE '%t)' ORDER BY 1;
SELECT count(DISTINCT q) FROM shop.queue q;
SELECT max(q::text) FROM shop.queue q;
SELECT t.* FROM shop.tickets t WHERE t.* IS NOT NULL ORDER BY no;
SELECT * FROM shop.stock ORDER BY warehouse, sku;
SELECT * FROM shop.customers ORDER BY id;
SELECT * FROM shop.orders ORDER BY id;
SELECT * FROM shop.lines ORDER BY order_id, line_no;
SELECT * FROM shop.tickets ORDER BY no;
SELECT * FROM shop.items ORDER BY id;
SELECT * FROM shop.payments ORDER BY id;
SELECT * FROM shop.refunds ORDER BY id;
SELECT * FROM shop.ledger ORDER BY entry;
SELECT * FROM shop.visits ORDER BY day, page;
SELECT * FROM shop.notes ORDER BY id;
SELECT * FROM shop.changes ORDER BY customer_id;
SELECT * FROM shop.queue ORDER BY job;
SELECT * FROM ONLY shop.ledger ORDER BY entry;
SELECT * FROM ONLY shop.visits ORDER BY day, page;
SELECT * FROM ONLY shop.notes ORDER BY id;
SELECT count(*) FROM shop.notes *;
SELECT count(*) FROM shop.ledger WHERE entry = 1;
SELECT count(*) FROM shop.visits WHERE day < '2026-02-01';
SELECT * FROM shop.orders NATURAL JOIN shop.lines AS l (id, n, s, q, p, t) ORDER BY id, n;
SELECT * FROM shop.orders o NATURAL JOIN (SELECT id AS customer_id, name FROM shop.customers) c ORDER BY o.id;
SELECT * FROM shop.customers c JOIN shop.orders o USING (id) ORDER BY id;
SELECT id, c.id, o.id FROM shop.customers c LEFT JOIN shop.orders o USING (id) ORDER BY 1;
SELECT count(*) FROM shop.customers NATURAL JOIN shop.queue;
SELECT count(*) FROM shop.ledger NATURAL JOIN shop.tickets;
SELECT count(*) FROM shop.customers c NATURAL FULL JOIN shop.items;
-- scopes of WITH
-- @@ threat A2
WITH orders AS (SELECT id FROM shop.customers) SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM shop.orders);
WITH x AS (SELECT (SELECT count(*) FROM campaigns) AS n), campaigns AS (SELECT 1) SELECT n, (SELECT count(*) FROM campaigns) FROM x;
WITH campaigns AS (SELECT * FROM campaigns WHERE id % 2 = 0), more AS (SELECT count(*) AS n FROM campaigns) SELECT n, (SELECT count(*) FROM public.campaigns) FROM more;
WITH RECURSIVE campaigns AS (SELECT 1 AS id UNION SELECT id + 1 FROM campaigns WHERE id < 4), other AS (SELECT max(id) FROM campaigns) TABLE other;
SELECT * FROM (WITH messages AS (SELECT 1 AS a) SELECT * FROM messages) x, (SELECT count(*) AS n FROM messages) y;
SELECT (WITH messages AS (SELECT 1 AS a) SELECT count(*) FROM messages) + count(*) FROM messages;
WITH a AS (WITH campaigns AS (SELECT 5 AS id) SELECT id FROM campaigns) SELECT a.id, c.id FROM a, campaigns c ORDER BY 2;
SELECT id FROM campaigns WHERE EXISTS (WITH campaigns AS (SELECT 1 AS z) SELECT FROM campaigns WHERE z = 1) ORDER BY 1;
WITH "Campaigns" AS (SELECT 1 AS x) SELECT (SELECT count(*) FROM "Campaigns"), count(*) FROM campaigns;
WITH pg_tables AS (SELECT 'mine' AS tablename) SELECT tablename FROM pg_tables;
-- subqueries wherever one can stand
-- @@ threat A1
SELECT id FROM campaigns ORDER BY (SELECT max(m.id) FROM messages m WHERE m.campaign_id = campaigns.id) NULLS FIRST, id;
SELECT (SELECT count(*) FROM messages) FROM campaigns GROUP BY (SELECT count(*) FROM messages);
SELECT status, count(*) FROM messages GROUP BY status, (SELECT 1 FROM campaigns LIMIT 1) HAVING (SELECT count(*) FROM campaigns) > 0 ORDER BY 1;
SELECT id FROM messages ORDER BY id LIMIT (SELECT min(channel_id) FROM campaigns) OFFSET (SELECT count(*) FROM campaigns);
SELECT id FROM messages ORDER BY id FETCH FIRST (SELECT min(channel_id) FROM campaigns) ROWS ONLY;
SELECT sum(cost) FILTER (WHERE EXISTS (SELECT 1 FROM campaigns c WHERE c.id = m.campaign_id AND c.status = 'done')) FROM messages m;
SELECT id, sum(cost) OVER (PARTITION BY (SELECT c.status FROM campaigns c WHERE c.id = m.campaign_id) ORDER BY m.id) FROM messages m ORDER BY id;
SELECT id, count(*) OVER w FROM messages WINDOW w AS (ORDER BY (SELECT max(id) FROM campaigns), id ROWS 2 PRECEDING) ORDER BY id;
SELECT string_agg((SELECT c.name FROM campaigns c WHERE c.id = m.campaign_id), ',' ORDER BY m.id) FROM messages m;
SELECT array_agg(DISTINCT (SELECT max(c.channel_id) FROM campaigns c WHERE c.id = m.campaign_id)) FROM messages m;
SELECT ARRAY(SELECT ARRAY(SELECT c.id FROM campaigns c ORDER BY 1)) FROM channels LIMIT 1;
SELECT CASE (SELECT count(*) FROM audit) WHEN 12 THEN 'twelve' ELSE 'other' END;
SELECT coalesce((SELECT name FROM campaigns WHERE false), (SELECT min(name) FROM campaigns));
SELECT ROW ((SELECT count(*) FROM campaigns), (SELECT count(*) FROM messages));
SELECT (SELECT ROW (count(*), min(id)) FROM campaigns);
SELECT (ARRAY['a', 'b', 'c'])[(SELECT min(channel_id) FROM campaigns)];
SELECT (ARRAY['a', 'b', 'c'])[(SELECT min(channel_id) FROM campaigns):(SELECT max(channel_id) FROM campaigns)];
SELECT x FROM unnest(ARRAY(SELECT id FROM campaigns)) x ORDER BY 1;
SELECT g FROM generate_series((SELECT min(channel_id) FROM campaigns), (SELECT max(channel_id) FROM campaigns)) g;
SELECT * FROM ROWS FROM (generate_series(1, (SELECT count(*) FROM campaigns)::int), unnest(ARRAY(SELECT name FROM campaigns ORDER BY id))) AS r(n, t) ORDER BY 1;
SELECT c.id FROM campaigns c JOIN channels h ON h.id = (SELECT max(channel_id) FROM campaigns) AND c.channel_id = h.id ORDER BY 1;
SELECT c.id FROM campaigns c LEFT JOIN channels h ON h.id IN (SELECT channel_id FROM messages) AND c.channel_id = h.id WHERE h.id IS NULL ORDER BY 1;
SELECT id IN (SELECT campaign_id FROM messages), id = ANY (ARRAY(SELECT campaign_id FROM messages)) FROM campaigns ORDER BY id;
SELECT (id, channel_id) = ANY (SELECT id, channel_id FROM campaigns) FROM campaigns ORDER BY id;
SELECT (SELECT (SELECT (SELECT count(*) FROM campaigns)));
SELECT * FROM (SELECT * FROM (SELECT * FROM (SELECT count(*) FROM campaigns) a) b) c;
SELECT extract(day FROM (SELECT min(starts_on) FROM campaigns)), (SELECT min(starts_on) FROM campaigns) + 1;
SELECT overlay((SELECT min(name) FROM campaigns) PLACING 'X' FROM 1), position('a' IN (SELECT min(name) FROM campaigns));
SELECT xmlelement(name x, (SELECT count(*) FROM campaigns));
SELECT (SELECT max(created_at) FROM campaigns) AT TIME ZONE 'UTC';
SELECT (SELECT min(name) FROM campaigns) COLLATE "C" < 'z';
SELECT id FROM campaigns TABLESAMPLE BERNOULLI (100) ORDER BY id;
-- @ refused 0A000
SELECT count(*) FROM messages TABLESAMPLE SYSTEM (100) REPEATABLE (7);
SELECT count(*) FROM campaigns TABLESAMPLE BERNOULLI (0);
SELECT NOT EXISTS (SELECT FROM campaigns WHERE id = 9900001), EXISTS (SELECT FROM messages WHERE id = 9900001);
-- predicates that would be defeated
-- @@ threat A8
SELECT count(*) FROM campaigns WHERE true OR id = 0;
SELECT count(*) FROM campaigns WHERE NOT false AND (id > 0 OR id <= 0) IS TRUE;
SELECT count(*) FROM audit WHERE tenant_id = 'initech' OR tenant_id = tenant_id;
SELECT count(*) FROM audit WHERE (tenant_id = 'initech') IS NOT TRUE;
SELECT count(*) FROM audit WHERE tenant_id IN (SELECT 'initech' UNION SELECT 'poison');
SELECT count(*) FROM audit WHERE tenant_id IS DISTINCT FROM 'x';
SELECT count(*) FROM audit a WHERE tenant_id = (SELECT max(tenant_id) FROM audit b);
SELECT count(*) FROM audit a RIGHT JOIN audit b ON a.tenant_id <> b.tenant_id;
SELECT count(*) FROM audit a FULL JOIN contacts b ON a.tenant_id = b.tenant_id AND false;
SELECT count(*) FROM shop.tickets t LEFT JOIN audit a ON a.tenant_id = 'initech' WHERE a.id IS NOT NULL;
SELECT count(*) FROM shop.queue q WHERE (SELECT count(*) FROM shop.queue r WHERE r.job >= q.job OR true) > 0;
SELECT max(n) FROM (SELECT count(*) AS n FROM audit GROUP BY tenant_id) x;
SELECT tenant_id FROM audit UNION SELECT tenant_id FROM shop.tickets UNION SELECT tenant_id FROM contacts;
SELECT tenant_id FROM audit EXCEPT SELECT 'acme' EXCEPT SELECT 'globex';
SELECT min(tenant_id), max(tenant_id), count(DISTINCT tenant_id) FROM shop.tickets;
SELECT generate_series(1, count(*)) FROM shop.queue;
SELECT unnest(array_agg(tenant_id)) FROM shop.tickets WHERE no < 3;
