-- FOR UPDATE, FOR SHARE: own rows of tables that the role writes to.
-- @@ user acme_rw,globex_rw
-- @@ threat E2 D2
SELECT id FROM shop.customers FOR UPDATE;
SELECT id FROM shop.customers ORDER BY id FOR UPDATE;
SELECT * FROM shop.customers WHERE id = 1 FOR UPDATE;
SELECT id FROM shop.customers FOR NO KEY UPDATE;
SELECT id FROM shop.customers FOR SHARE;
SELECT id FROM shop.customers FOR KEY SHARE;
SELECT id FROM shop.customers FOR UPDATE NOWAIT;
SELECT id FROM shop.customers ORDER BY id LIMIT 2 FOR UPDATE SKIP LOCKED;
SELECT id FROM shop.customers FOR READ ONLY;
SELECT c.id, o.id FROM shop.customers c JOIN shop.orders o ON o.customer_id = c.id FOR UPDATE;
SELECT c.id, o.id FROM shop.customers c JOIN shop.orders o ON o.customer_id = c.id FOR UPDATE OF c;
SELECT c.id, o.id FROM shop.customers c JOIN shop.orders o ON o.customer_id = c.id FOR UPDATE OF o FOR SHARE OF c;
SELECT c.id, o.id FROM shop.customers c JOIN shop.orders o ON o.customer_id = c.id FOR SHARE OF c, o SKIP LOCKED;
SELECT c.id, o.id FROM shop.customers c LEFT JOIN shop.orders o ON o.customer_id = c.id FOR UPDATE OF c;
SELECT c.id FROM shop.customers c, shop.rates r FOR UPDATE OF c;
SELECT id FROM (SELECT * FROM shop.customers) s FOR UPDATE;
SELECT id FROM (SELECT * FROM shop.customers FOR UPDATE) s;
SELECT count(*) FROM (SELECT id FROM shop.customers FOR SHARE) s;
SELECT (SELECT name FROM shop.customers WHERE id = 1 FOR SHARE);
SELECT id FROM shop.customers WHERE id IN (SELECT customer_id FROM shop.orders FOR SHARE) FOR UPDATE;
WITH x AS (SELECT id FROM shop.customers FOR UPDATE) SELECT count(*) FROM x;
SELECT tenant_id, no FROM shop.tickets WHERE tenant_id = 'initech' FOR UPDATE;
SELECT tenant_id, no FROM shop.tickets WHERE tenant_id = 'initech' OR true FOR UPDATE;
SELECT entry FROM shop.ledger FOR UPDATE;
SELECT id FROM shop.notes FOR UPDATE;
SELECT warehouse, sku FROM shop.stock FOR NO KEY UPDATE;
SELECT id FROM messages WHERE status = 'failed' FOR UPDATE;
SELECT id FROM campaigns WHERE 1 / id >= 0 FOR UPDATE;
SELECT job FROM shop.queue WHERE 1 / job = 1 FOR UPDATE SKIP LOCKED;
-- @ unordered
SELECT job FROM shop.queue ORDER BY job FOR UPDATE;
SELECT "Draft No" FROM "Mixed Case" "M" FOR UPDATE OF "M";
-- @ params 3
SELECT id FROM shop.customers WHERE id = $1 FOR UPDATE;
UPDATE shop.queue SET done = true WHERE job = (SELECT job FROM shop.queue WHERE NOT done ORDER BY job LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING job;
DELETE FROM shop.queue USING (SELECT job FROM shop.queue ORDER BY job LIMIT 2 FOR UPDATE) j WHERE queue.job = j.job RETURNING queue.job;
WITH next AS (SELECT job FROM shop.queue WHERE NOT done ORDER BY job LIMIT 3 FOR UPDATE SKIP LOCKED) UPDATE shop.queue q SET done = true FROM next WHERE next.job = q.job RETURNING q.job;
BEGIN\;
SELECT id FROM shop.customers WHERE id = 1 FOR UPDATE\;
UPDATE shop.customers SET note = 'locked' WHERE id = 1\;
COMMIT;
TABLE shop.rates ORDER BY country;
-- @ error 0A000
SELECT count(*) FROM shop.customers FOR UPDATE;
-- @ error 0A000
SELECT DISTINCT id FROM shop.customers FOR UPDATE;
-- @ error 0A000
SELECT tier FROM shop.customers GROUP BY tier FOR UPDATE;
-- @ error 0A000
SELECT id FROM shop.customers UNION SELECT no FROM shop.tickets FOR UPDATE;
-- @ error 0A000
SELECT rank() OVER () FROM shop.customers FOR UPDATE;
-- @ error 0A000
VALUES (1) FOR UPDATE;
-- @ error 0A000
SELECT c.id, o.id FROM shop.customers c LEFT JOIN shop.orders o ON o.customer_id = c.id FOR UPDATE;
-- @ error 42P01
SELECT id FROM shop.customers FOR UPDATE OF nothing;
-- @ error 42P01
SELECT id FROM shop.customers c FOR UPDATE OF customers;
-- @ error 42601
SELECT id FROM shop.customers FOR UPDATE OF shop.customers;
-- @ error 0A000
WITH x AS (SELECT 1 AS a) SELECT * FROM x FOR UPDATE OF x;
-- @ error 25006
BEGIN READ ONLY\;
SELECT id FROM shop.customers FOR UPDATE;
-- @ threat E5
-- @ refused 42501
SELECT country FROM shop.rates FOR UPDATE;
-- @ refused 42501
SELECT c.id FROM shop.customers c, shop.rates r FOR UPDATE;
-- @ refused 42501
SELECT * FROM shop.changes FOR SHARE;
-- @ refused 42501
SELECT * FROM materialized.daily_metrics FOR SHARE;
-- @ user acme_bi,globex_bi
-- @ refused 42501
SELECT id FROM campaigns FOR SHARE;
-- @ user acme_bi,globex_bi
-- @ refused 42501
SELECT id FROM campaigns FOR KEY SHARE NOWAIT;
