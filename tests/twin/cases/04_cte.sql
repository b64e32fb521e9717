-- @@ threat A2
WITH x AS (SELECT id FROM campaigns) SELECT count(*) FROM x;
-- the CTE's name hides the table only outside of its own definition
WITH campaigns AS (SELECT id FROM campaigns WHERE status = 'active') SELECT * FROM campaigns ORDER BY 1;
WITH messages AS (SELECT 1 AS one) SELECT * FROM messages;
WITH messages AS (SELECT 1 AS one) SELECT count(*) FROM public.messages;
WITH messages AS (SELECT 1 AS one) SELECT (SELECT count(*) FROM messages), (SELECT count(*) FROM public.messages);
WITH a AS (SELECT count(*) AS n FROM messages), b AS (SELECT n + 1 AS n FROM a) SELECT a.n, b.n FROM a, b;
-- a CTE is not visible to the ones before it
WITH a AS (SELECT count(*) AS n FROM campaigns), campaigns AS (SELECT 1 AS x) SELECT a.n, (SELECT count(*) FROM campaigns) FROM a;
WITH x(p, q) AS (SELECT id, name FROM campaigns) SELECT q, p FROM x ORDER BY p;
WITH x AS MATERIALIZED (SELECT * FROM campaigns) SELECT count(*) FROM x;
WITH x AS NOT MATERIALIZED (SELECT * FROM campaigns) SELECT count(*) FROM x WHERE id > 0;
WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT sum(n) FROM t;
WITH RECURSIVE tree AS (SELECT id, parent_id, 1 AS depth FROM campaigns WHERE parent_id IS NULL UNION ALL SELECT c.id, c.parent_id, t.depth + 1 FROM campaigns c JOIN tree t ON c.parent_id = t.id) SELECT * FROM tree ORDER BY id;
WITH RECURSIVE campaigns AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM campaigns WHERE n < 3) SELECT * FROM campaigns ORDER BY 1;
WITH RECURSIVE a AS (SELECT * FROM b), b AS (SELECT 1 AS x) SELECT * FROM a;
WITH RECURSIVE t AS (SELECT id, parent_id FROM campaigns WHERE parent_id IS NULL UNION SELECT c.id, c.parent_id FROM campaigns c, t WHERE c.parent_id = t.id) SEARCH DEPTH FIRST BY id SET o SELECT id FROM t ORDER BY o;
WITH RECURSIVE t AS (SELECT id, parent_id FROM campaigns UNION ALL SELECT c.id, c.parent_id FROM campaigns c, t WHERE c.parent_id = t.id) CYCLE id SET looped USING path SELECT id, looped FROM t ORDER BY 1, 2;
WITH x AS (WITH campaigns AS (SELECT 42 AS id) SELECT * FROM campaigns) SELECT x.id, (SELECT count(*) FROM campaigns) FROM x;
SELECT (WITH campaigns AS (SELECT 7 AS k) SELECT k FROM campaigns), count(*) FROM campaigns;
SELECT * FROM (WITH y AS (SELECT id FROM messages) SELECT count(*) FROM y) z;
SELECT id FROM campaigns WHERE id IN (WITH y AS (SELECT campaign_id FROM messages) SELECT campaign_id FROM y) ORDER BY 1;
WITH x AS (SELECT * FROM contacts) SELECT tenant_id, count(*) FROM x GROUP BY 1;
WITH x AS (SELECT count(*) FROM events) TABLE x;
WITH x AS (SELECT 1) SELECT * FROM x UNION ALL SELECT count(*) FROM campaigns ORDER BY 1;
WITH outer_cte AS (SELECT id FROM campaigns) SELECT id FROM messages WHERE campaign_id IN (SELECT id FROM outer_cte) ORDER BY 1 LIMIT 10;
WITH x AS (SELECT 1 AS a), y AS (SELECT 2 AS a) SELECT * FROM x NATURAL JOIN y;
WITH "Weird ""Name""" AS (SELECT id FROM campaigns) SELECT count(*) FROM "Weird ""Name""";
WITH pg_class AS (SELECT 'mine' AS relname) SELECT relname FROM pg_class;
WITH a AS (SELECT status, count(*) AS n FROM messages GROUP BY status), b AS (SELECT max(n) AS most FROM a) SELECT a.status, a.n, a.n = b.most FROM a, b ORDER BY 1;
WITH m AS (SELECT date_trunc('day', sent_at) AS d, count(*) AS n FROM messages GROUP BY 1) SELECT d, n, sum(n) OVER (ORDER BY d) FROM m ORDER BY d;
-- @ error 42P01
WITH x AS (SELECT * FROM y), y AS (SELECT 1) SELECT * FROM x;
-- @ error 42712
WITH x AS (SELECT 1), x AS (SELECT 2) SELECT * FROM x;
-- @ error 42P01
SELECT * FROM (WITH hidden AS (SELECT 1) SELECT * FROM hidden) a, hidden;
