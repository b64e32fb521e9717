-- Statements that change rows inside of WITH.
-- @@ threat A2 E6
WITH x AS (INSERT INTO shop.queue (job) VALUES (101), (102) RETURNING job) SELECT * FROM x ORDER BY 1;
WITH x AS (INSERT INTO shop.queue (job) VALUES (101)) SELECT count(*) FROM shop.queue;
WITH x AS (UPDATE shop.queue SET done = true RETURNING job, done) SELECT count(*), bool_and(done) FROM x;
WITH x AS (DELETE FROM shop.queue RETURNING *) SELECT * FROM x ORDER BY job;
WITH x AS (DELETE FROM shop.queue WHERE job < 3 RETURNING job) SELECT (SELECT count(*) FROM shop.queue), (SELECT count(*) FROM x);
WITH x AS (DELETE FROM shop.queue WHERE done RETURNING job, payload) INSERT INTO shop.notes (id, body) SELECT job, payload FROM x RETURNING id, body;
WITH x AS (DELETE FROM shop.queue WHERE done RETURNING job), y AS (INSERT INTO shop.queue (job) SELECT job + 100 FROM x RETURNING job) SELECT * FROM x UNION ALL SELECT * FROM y ORDER BY 1;
WITH o AS (INSERT INTO shop.orders (id, customer_id) VALUES (101, 1) RETURNING id), l AS (INSERT INTO shop.lines (order_id, line_no, sku) SELECT id, 1, 'AB-1' FROM o RETURNING order_id, total) SELECT * FROM o, l;
WITH x AS (UPDATE shop.customers SET credit = credit + 1 WHERE id < 4 RETURNING id, credit) UPDATE shop.orders o SET total = x.credit + 100 FROM x WHERE x.id = o.customer_id RETURNING o.id, o.total;
WITH x AS (UPDATE shop.customers SET note = 'seen' RETURNING id) DELETE FROM shop.queue q USING x WHERE x.id = q.job RETURNING q.job;
WITH x AS (INSERT INTO shop.customers (id, name) VALUES (1, 'a'), (101, 'b') ON CONFLICT (id) DO UPDATE SET name = excluded.name RETURNING id, name) SELECT * FROM x ORDER BY id;
WITH queue AS (DELETE FROM shop.queue RETURNING job) SELECT max(job) FROM queue;
WITH queue AS (DELETE FROM shop.queue RETURNING job) SELECT (SELECT count(*) FROM queue), (SELECT count(*) FROM shop.queue);
WITH a AS (SELECT job FROM shop.queue WHERE done), b AS (DELETE FROM shop.queue q USING a WHERE a.job = q.job RETURNING q.*) SELECT job, payload FROM b ORDER BY job;
WITH a(x, y) AS (DELETE FROM shop.queue RETURNING job, payload) SELECT y, x FROM a ORDER BY x;
WITH a AS (UPDATE shop.customers SET note = 'x' RETURNING *) SELECT id, name, note FROM a ORDER BY id;
WITH a AS (UPDATE shop.customers SET note = 'x' RETURNING customers.*) SELECT a FROM a ORDER BY a.id;
-- @ refused 0A000
WITH a AS (UPDATE shop.customers SET note = 'x' RETURNING customers) SELECT (customers).note, (customers).name FROM a ORDER BY 2;
WITH RECURSIVE t AS (SELECT no, parent FROM shop.tickets WHERE no = 4 UNION ALL SELECT s.no, s.parent FROM shop.tickets s JOIN t ON s.no = t.parent), d AS (DELETE FROM shop.tickets USING t WHERE tickets.no = t.no RETURNING tickets.no, tickets.tenant_id) SELECT * FROM d ORDER BY no;
WITH d AS (DELETE FROM shop.tickets RETURNING no, title, state, parent, hours) INSERT INTO shop.tickets (no, title, state, parent, hours) SELECT no + 100, title || '!', state, parent, hours FROM d RETURNING no, title;
WITH d AS (DELETE FROM audit WHERE id < 4 RETURNING *) INSERT INTO audit SELECT tenant_id, id + 1000, actor, note FROM d RETURNING *;
WITH i AS (INSERT INTO audit (tenant_id, id) SELECT tenant_id, 500 FROM audit LIMIT 1 RETURNING tenant_id) SELECT count(*) FROM i;
WITH i AS (INSERT INTO messages (id, subject) VALUES (1, 'x') RETURNING id), u AS (UPDATE messages SET subject = 'y' WHERE id % 10 = 0 RETURNING id) SELECT * FROM i UNION SELECT * FROM u ORDER BY 1;
WITH x AS MATERIALIZED (SELECT id FROM shop.customers), y AS (UPDATE shop.customers c SET note = 'm' FROM x WHERE x.id = c.id RETURNING c.id) SELECT count(*) FROM y;
WITH x AS (SELECT 1), y AS (INSERT INTO shop.queue DEFAULT VALUES RETURNING done) TABLE y;
WITH x AS (INSERT INTO shop.customers (id, name) SELECT id + 100, name FROM shop.customers RETURNING id) SELECT x.id, c.id FROM x LEFT JOIN shop.customers c ON c.id = x.id ORDER BY 1;
WITH x AS (DELETE FROM shop.queue RETURNING job) VALUES ((SELECT count(*) FROM x), (SELECT max(job) FROM x));
WITH x AS (UPDATE shop.orders SET state = 'void' WHERE id = 1 RETURNING id) SELECT id FROM x WHERE EXISTS (SELECT 1 FROM shop.lines l WHERE l.order_id = x.id);
-- @ params 3
WITH x AS (DELETE FROM shop.queue WHERE job > $1 RETURNING job) SELECT count(*), $1 FROM x;
-- @ refused 42501 23514
WITH x AS (INSERT INTO shop.tickets (no, tenant_id) VALUES (101, 'initech') RETURNING no) SELECT * FROM x;
-- @ refused 42501 23514
WITH x AS (UPDATE shop.tickets SET tenant_id = 'initech' RETURNING no) SELECT * FROM x;
-- @ refused 42501 23514
WITH d AS (DELETE FROM shop.tickets RETURNING *) INSERT INTO shop.tickets SELECT no, title, state, tenant_id || 'x', parent, hours FROM d;
-- @ user acme_rw,globex_rw
-- @ refused 42501
WITH x AS (DELETE FROM shop.rates RETURNING country) SELECT count(*) FROM x;
-- @ user acme_rw,globex_rw
-- @ refused 42501
WITH x AS (UPDATE shop.changes SET what = '' RETURNING 1) DELETE FROM shop.queue;
-- @ refused 0A000
WITH x AS (DELETE FROM messages RETURNING id) INSERT INTO audit (tenant_id, id) SELECT a.tenant_id, 1 FROM x, audit a WHERE false;
-- @ error 42703
WITH x AS (DELETE FROM shop.queue RETURNING tenant_id) SELECT * FROM x;
-- @ error 42P01
WITH x AS (DELETE FROM shop.ledger_globex RETURNING *) SELECT * FROM x;
-- @ error 0A000
SELECT * FROM (WITH x AS (DELETE FROM shop.queue RETURNING job) SELECT * FROM x) s;
-- @ error 0A000
WITH x AS (DELETE FROM shop.queue) SELECT * FROM x;
-- @ error 42601
SELECT * FROM (DELETE FROM shop.queue RETURNING job) x;
-- @ error 42601
SELECT (DELETE FROM shop.queue RETURNING job);
-- @ error 23505
WITH x AS (INSERT INTO shop.customers (id, name) VALUES (1, 'twice') RETURNING id) SELECT * FROM x;
-- all columns of the target, in brackets; names of output columns beside a target
-- @ user acme_rw,globex_rw
UPDATE crm.contacts AS m SET owner = 'x' WHERE contact_no < 3 RETURNING (m).*;
-- @ user acme_rw
DELETE FROM crm.contacts "select" WHERE contact_no = 3 RETURNING ("select").*, ("select").owner;
-- @ user acme_rw
DELETE FROM crm.contacts WHERE contact_no = (SELECT 3 AS "K" FROM unnest('{1}'::bigint[]) AS u (contact_no) ORDER BY "K" USING <) RETURNING contact_no;
