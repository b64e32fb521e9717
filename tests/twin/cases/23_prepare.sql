-- PREPARE, EXECUTE, DEALLOCATE: statements that carry statements, kept by the session.
-- @@ threat A6 C1
PREPARE p AS SELECT 1\;
EXECUTE p\;
DEALLOCATE p;
PREPARE p AS SELECT id, name FROM campaigns ORDER BY id\;
EXECUTE p\;
EXECUTE p\;
DEALLOCATE p;
PREPARE p (bigint) AS SELECT id FROM campaigns WHERE id = $1\;
EXECUTE p (5500001)\;
EXECUTE p (7700001)\;
DEALLOCATE PREPARE p;
PREPARE p (int, text) AS SELECT count(*) FROM messages WHERE channel_id = $1 AND status::text = $2\;
EXECUTE p (1, 'sent')\;
EXECUTE p (2, NULL)\;
DEALLOCATE p;
PREPARE p AS SELECT id FROM campaigns WHERE status = $1 ORDER BY id\;
EXECUTE p ('active')\;
EXECUTE p ('x' || 'y')\;
DEALLOCATE p;
PREPARE p (text) AS SELECT count(*) FROM audit WHERE tenant_id = $1\;
EXECUTE p ('acme')\;
EXECUTE p ('globex')\;
EXECUTE p ('initech')\;
DEALLOCATE p;
PREPARE p (integer) AS SELECT $1 + 1\;
EXECUTE p (1 + 2 * 3)\;
EXECUTE p ('41')\;
EXECUTE p (CASE WHEN true THEN 5 END)\;
DEALLOCATE p;
PREPARE p (text[]) AS SELECT id FROM campaigns WHERE tags && $1 ORDER BY id\;
EXECUTE p (ARRAY['tag1', 'none'])\;
EXECUTE p ('{tag2}')\;
DEALLOCATE p;
PREPARE p (timestamptz) AS SELECT count(*) FROM messages WHERE sent_at >= $1\;
EXECUTE p ('2026-01-05')\;
EXECUTE p (timestamp '2026-01-05 00:00')\;
DEALLOCATE p;
PREPARE p (delivery_status) AS SELECT count(*) FROM messages WHERE status = $1\;
EXECUTE p ('sent')\;
DEALLOCATE p;
PREPARE "A b" AS SELECT 1\;
EXECUTE "A b"\;
DEALLOCATE "A b";
PREPARE "p""q; DROP TABLE x" AS VALUES (1), (2)\;
EXECUTE "p""q; DROP TABLE x"\;
DEALLOCATE ALL;
PREPARE a AS SELECT 1\;
PREPARE b AS SELECT 2\;
EXECUTE b\;
EXECUTE a\;
DEALLOCATE ALL;
PREPARE p AS WITH campaigns AS (SELECT 1 AS one) SELECT * FROM campaigns\;
EXECUTE p\;
DEALLOCATE p;
PREPARE p AS SELECT count(*) FROM campaigns UNION ALL SELECT count(*) FROM messages ORDER BY 1\;
EXECUTE p\;
DEALLOCATE p;
PREPARE p AS SELECT current_user, current_database()\;
EXECUTE p\;
DEALLOCATE p;
PREPARE p AS SELECT c FROM campaigns c ORDER BY id LIMIT 1\;
EXECUTE p\;
DEALLOCATE p;
-- the search_path of the time of PREPARE counts only until it is planned anew
PREPARE p AS SELECT count(*) FROM public.contacts\;
SET search_path TO crm\;
EXECUTE p\;
RESET search_path\;
DEALLOCATE p;
PREPARE p AS INSERT INTO shop.queue (job) VALUES ($1) RETURNING job\;
EXECUTE p (101)\;
EXECUTE p (102)\;
DEALLOCATE p\;
SELECT count(*) FROM shop.queue;
PREPARE p (bigint, text) AS UPDATE shop.customers SET name = $2 WHERE id = $1 RETURNING id, name\;
EXECUTE p (1, 'one')\;
EXECUTE p (14, 'not mine, or mine')\;
DEALLOCATE p;
PREPARE p (int) AS DELETE FROM shop.queue WHERE job > $1 RETURNING job\;
EXECUTE p (5)\;
DEALLOCATE p;
PREPARE p (text) AS UPDATE shop.tickets SET title = title || $1 WHERE tenant_id = $1 RETURNING no\;
EXECUTE p ('initech')\;
DEALLOCATE p;
-- @ refused 42501 23514
-- @ steps
PREPARE p (text) AS INSERT INTO shop.tickets (no, tenant_id) VALUES (101, $1)\;
EXECUTE p ('initech')\;
DEALLOCATE p;
-- @ refused 42501 23514
-- @ steps
PREPARE p AS UPDATE shop.tickets SET tenant_id = 'initech'\;
EXECUTE p\;
DEALLOCATE p;
PREPARE p AS WITH x AS (DELETE FROM shop.queue RETURNING job) SELECT count(*) FROM x\;
EXECUTE p\;
DEALLOCATE p;
-- @ steps
PREPARE p AS SELECT count(*) FROM shop.queue\;
EXECUTE p\;
BEGIN\;
DELETE FROM shop.queue\;
EXECUTE p\;
ROLLBACK\;
EXECUTE p\;
DEALLOCATE p;
-- prepared statements outlive a transaction that is rolled back
-- @ steps
BEGIN\;
PREPARE p AS SELECT 1\;
ROLLBACK\;
EXECUTE p\;
DEALLOCATE p;
-- @ steps
-- @ error 42P05
PREPARE p AS SELECT 1\;
PREPARE p AS SELECT 2\;
EXECUTE p\;
DEALLOCATE p;
-- @ steps
-- @ error 22012
PREPARE p (int) AS SELECT 1 / $1\;
EXECUTE p (0)\;
EXECUTE p (1)\;
DEALLOCATE p;
-- @ steps
-- @ error 22012 25P02
PREPARE p (int) AS SELECT 1 / $1\;
BEGIN\;
EXECUTE p (0)\;
EXECUTE p (1)\;
ROLLBACK\;
EXECUTE p (1)\;
DEALLOCATE p;
-- @ error 26000
EXECUTE nothing;
-- @ error 26000
DEALLOCATE nothing;
-- @ steps
-- @ error 42601
PREPARE p (int) AS SELECT $1\;
EXECUTE p\;
DEALLOCATE p;
-- @ steps
-- @ error 42601
PREPARE p (int) AS SELECT $1\;
EXECUTE p (1, 2)\;
DEALLOCATE p;
-- @ steps
-- @ error 22P02
PREPARE p (int) AS SELECT $1\;
EXECUTE p ('x')\;
DEALLOCATE p;
-- @ steps
-- @ error 42804
PREPARE p (int) AS SELECT $1\;
EXECUTE p (true)\;
DEALLOCATE p;
PREPARE p (int) AS SELECT $2\;
EXECUTE p (1, 'x')\;
DEALLOCATE p;
-- @ error 42703
PREPARE p AS SELECT tenant_id FROM campaigns;
-- @ error 42P01
PREPARE p AS SELECT * FROM nothing;
-- @ error 42601
PREPARE p AS PREPARE q AS SELECT 1;
-- @ error 42601
PREPARE p AS CREATE TABLE x (a int);
-- @ error 42601
PREPARE p AS DECLARE c CURSOR FOR SELECT 1;
-- @ error 42704
PREPARE p (nothing) AS SELECT $1;
-- @ refused 42501
-- @ user acme_bi,globex_bi
PREPARE p AS DELETE FROM shop.queue\;
DEALLOCATE p;
-- @ refused 42501
PREPARE p AS SELECT pg_sleep(0)\;
DEALLOCATE p;
-- @ refused 0A000
-- @ threat C2
PREPARE p (regclass) AS SELECT $1::oid > 0, count(*) FROM campaigns\;
DEALLOCATE p;
-- @ steps
-- @ refused 0A000
PREPARE p AS SELECT 1\;
EXECUTE p ((SELECT max(id) FROM campaigns))\;
DEALLOCATE p;
-- @ steps
-- @ error 0A000
PREPARE p (bigint) AS SELECT $1\;
EXECUTE p ((SELECT max(id) FROM campaigns))\;
DEALLOCATE p;
DEALLOCATE ALL;
DEALLOCATE PREPARE ALL;
PREPARE p AS SELECT 1\;
DISCARD PLANS\;
EXECUTE p\;
DEALLOCATE p;
-- @ steps
-- @ error 26000
PREPARE p AS SELECT 1\;
DISCARD ALL\;
EXECUTE p;
-- @ steps
PREPARE p (int) AS SELECT $1::text || 'x'\;
SELECT name, parameter_types::text, from_sql FROM pg_prepared_statements\;
DEALLOCATE p;
-- @ steps
-- @ refused 0A000
PREPARE p AS SELECT * FROM campaigns\;
EXPLAIN (COSTS OFF) EXECUTE p\;
DEALLOCATE p;
