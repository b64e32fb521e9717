-- DELETE: own rows only, whatever USING reads.
-- @@ threat E3
DELETE FROM shop.queue;
DELETE FROM shop.queue RETURNING job;
DELETE FROM shop.queue RETURNING *;
DELETE FROM shop.queue WHERE job = 3;
DELETE FROM shop.queue WHERE job = 3 RETURNING job, payload, done;
DELETE FROM shop.queue WHERE job = 3 OR true;
DELETE FROM shop.queue WHERE false RETURNING job;
DELETE FROM shop.queue WHERE NULL;
DELETE FROM shop.queue q WHERE q.done RETURNING q.job;
DELETE FROM shop.queue AS q WHERE done IS NOT TRUE RETURNING q.*, job * 2;
DELETE FROM ONLY shop.queue RETURNING job;
DELETE FROM ONLY shop.notes RETURNING id;
DELETE FROM ONLY shop.ledger RETURNING entry;
DELETE FROM shop.notes RETURNING id;
DELETE FROM shop.notes * WHERE id > 2 RETURNING id, body;
DELETE FROM analytics.shop.queue WHERE analytics.shop.queue.job < 3 RETURNING shop.queue.job;
DELETE FROM shop.queue RETURNING queue;
DELETE FROM shop.queue RETURNING job AS "select", (SELECT count(*) FROM shop.queue) AS n;
DELETE FROM shop.queue WHERE job IN (SELECT id FROM shop.orders WHERE state = 'paid') RETURNING job;
DELETE FROM shop.queue WHERE job NOT IN (SELECT no FROM shop.tickets WHERE state = 'new') RETURNING job;
DELETE FROM shop.queue WHERE EXISTS (SELECT 1 FROM shop.queue q WHERE q.job > queue.job AND q.done) RETURNING job;
DELETE FROM shop.queue WHERE job = (SELECT max(job) FROM shop.queue) RETURNING job;
DELETE FROM shop.queue WHERE job > ALL (SELECT id FROM shop.items) RETURNING job;
DELETE FROM shop.queue q USING shop.orders o WHERE o.id = q.job AND o.state = 'open' RETURNING q.job, o.state;
DELETE FROM shop.queue q USING shop.orders o WHERE o.id = q.job RETURNING *;
DELETE FROM shop.queue USING shop.orders, shop.customers WHERE orders.id = queue.job AND customers.id = orders.customer_id RETURNING queue.job, customers.name;
DELETE FROM shop.queue q USING shop.queue r WHERE r.job = q.job + 1 AND r.done RETURNING q.job;
DELETE FROM shop.queue q USING shop.orders o LEFT JOIN shop.customers c ON c.id = o.customer_id AND c.tier = 'gold' WHERE o.id = q.job RETURNING q.job, c.name;
DELETE FROM shop.queue q USING (SELECT max(job) AS m FROM shop.queue) s WHERE q.job = s.m RETURNING q.job;
DELETE FROM shop.queue q USING (VALUES (1), (2), (99)) v(j) WHERE q.job = v.j RETURNING q.job;
DELETE FROM shop.queue q USING generate_series(2, 4) g WHERE q.job = g RETURNING q.job, g;
DELETE FROM shop.queue q USING shop.rates r WHERE r.country = 'DE' AND q.job < 3 RETURNING q.job, r.percent;
DELETE FROM shop.queue USING shop.orders RETURNING queue.job;
DELETE FROM shop.lines WHERE qty > 2 RETURNING order_id, line_no, total;
DELETE FROM shop.lines l USING shop.orders o WHERE o.id = l.order_id AND o.total > 100 RETURNING l.order_id, l.sku;
-- rows that go with it
-- @ threat E4
DELETE FROM shop.orders WHERE id = 1 RETURNING id;
-- @ threat E4
DELETE FROM shop.orders;
-- @ threat E4
DELETE FROM shop.orders o USING shop.customers c WHERE c.id = o.customer_id AND c.id < 3 RETURNING o.id\;
SELECT count(*) FROM shop.lines;
DELETE FROM shop.stock WHERE warehouse = 'north' RETURNING sku;
DELETE FROM shop.stock s WHERE EXISTS (SELECT 1 FROM shop.lines l WHERE l.sku = s.sku) RETURNING s.*;
DELETE FROM shop.ledger WHERE amount < 0 RETURNING entry, amount;
DELETE FROM shop.ledger RETURNING *;
DELETE FROM shop.visits WHERE day < '2026-02-01' RETURNING day, page;
DELETE FROM shop.visits RETURNING n;
DELETE FROM shop.tickets WHERE tenant_id = 'initech' RETURNING *;
DELETE FROM shop.tickets WHERE tenant_id <> 'acme' RETURNING no;
DELETE FROM shop.tickets WHERE tenant_id IS NOT NULL RETURNING *;
DELETE FROM shop.tickets t USING audit a WHERE a.tenant_id = t.tenant_id AND a.id = t.no RETURNING t.no, t.tenant_id, a.actor;
DELETE FROM shop.items WHERE label LIKE '%item 2%' RETURNING id, code, label;
DELETE FROM shop.payments WHERE id NOT IN (SELECT payment_id FROM shop.refunds) RETURNING id;
DELETE FROM shop.payments WHERE ref LIKE 'INTC%' RETURNING id;
DELETE FROM shop.refunds RETURNING id, payment_id;
DELETE FROM campaigns WHERE id % 2 = 0 RETURNING id, tags;
DELETE FROM campaigns c USING channels h WHERE h.id = c.channel_id AND h.name = 'sms' RETURNING c.id, h.name;
DELETE FROM messages WHERE status IN ('failed', 'bounced') RETURNING id, status;
DELETE FROM messages m USING events e WHERE e.message_id = m.id AND e.kind = 'bounce' RETURNING m.id;
DELETE FROM audit WHERE id > 6 RETURNING *;
DELETE FROM audit WHERE tenant_id = 'poison' OR note IS NULL RETURNING id;
DELETE FROM contacts WHERE country = 'DE' RETURNING contact_no, email;
DELETE FROM "Mixed Case" WHERE "order" > 96 RETURNING "Draft No", "ünïcode";
DELETE FROM "Mixed Case" "X" WHERE "X"."Draft No" = 1 RETURNING "X".*;
DELETE FROM crm.contacts USING public.contacts p WHERE p.contact_no = crm.contacts.contact_no AND p.country = 'FR' RETURNING crm.contacts.owner;
WITH old AS (SELECT job FROM shop.queue ORDER BY job LIMIT 2) DELETE FROM shop.queue WHERE job IN (SELECT job FROM old) RETURNING job;
WITH queue AS (SELECT 5 AS job) DELETE FROM shop.queue q USING queue WHERE q.job = queue.job RETURNING q.job;
WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i * 2 FROM n WHERE i < 8) DELETE FROM shop.queue q USING n WHERE q.job = n.i RETURNING q.job;
SET search_path TO shop\;
DELETE FROM queue q USING orders o WHERE o.id = q.job RETURNING q.job\;
RESET search_path;
-- @ params 3
DELETE FROM shop.queue WHERE job > $1 RETURNING job;
-- @ params initech
DELETE FROM shop.tickets WHERE tenant_id = $1 RETURNING no;
-- @ params ACME job 1
DELETE FROM shop.queue WHERE payload = $1 OR payload LIKE '%2' RETURNING job;

-- conditions that would fail on rows of others
-- @ threat D2
DELETE FROM shop.queue WHERE 1 / job > 0 RETURNING job;
-- @ threat D2
DELETE FROM shop.queue WHERE 'x' ~ payload RETURNING job;
-- @ threat D2
DELETE FROM shop.tickets WHERE 10 / no > 2 OR 'x' ~ title RETURNING no;
-- @ threat D2
DELETE FROM shop.lines WHERE price / qty > 1 AND total / line_no > 1 AND order_id > 20 RETURNING order_id;
-- @ threat D2
DELETE FROM shop.lines WHERE split_part(sku, '-', 2)::smallint > 4 RETURNING order_id, line_no;
-- @ threat D2
DELETE FROM shop.stock WHERE 100 / qty > 9 RETURNING warehouse, sku;
-- @ threat D2
DELETE FROM shop.ledger WHERE 1 / entry = 1 OR entry + 1 = 3 RETURNING entry;
-- @ threat D2
DELETE FROM shop.queue q USING shop.orders o WHERE 1 / o.id >= 0 AND 1 / q.job >= 0 AND o.id = q.job RETURNING q.job;
-- @ threat D2
DELETE FROM shop.queue WHERE EXISTS (SELECT 1 FROM shop.tickets t WHERE 1 / t.no = queue.job) RETURNING job;
-- @ threat D2
DELETE FROM audit WHERE (1 / id) IS NOT NULL AND actor ~ actor RETURNING id;
-- @ threat D2
DELETE FROM contacts WHERE exp(credit) > 1e6 RETURNING contact_no;

-- errors that both have
-- @ error 42703
DELETE FROM shop.queue WHERE tenant_id = 'initech';
-- @ error 42703
DELETE FROM shop.queue RETURNING tenant_id;
-- @ error 42703
DELETE FROM shop.queue q USING shop.orders o WHERE q.tenant_id = o.tenant_id;
-- @ error 42703
DELETE FROM shop.stock WHERE owner = 'acme';
-- @ error 42P01
-- @ threat A5
DELETE FROM shop.ledger_globex;
-- @ error 42P01
-- @ threat A5
DELETE FROM shop.visits_january;
-- @ error 42P01
DELETE FROM store.stock_levels;
-- @ error 42P01
DELETE FROM shop.queue q WHERE queue.job = 1;
-- @ error 42P01
DELETE FROM shop.nothing;
-- @ error 42712
DELETE FROM shop.queue USING shop.queue WHERE true;
-- @ error 42803
DELETE FROM shop.queue WHERE max(job) = 1;
-- @ error 22012
DELETE FROM shop.queue WHERE 1 / (job - 1) > 0;
-- @ error 23503
-- @ threat E4 D1
DELETE FROM shop.customers WHERE id = 2;
-- @ error 23503
DELETE FROM shop.payments;
-- @ error 42601
DELETE shop.queue;
-- @ refused 0A000 34000
DELETE FROM shop.queue WHERE CURRENT OF nothing;

-- tables that are not the tenant's to change
-- @ threat E5
-- @ user acme_rw,globex_rw
-- @ refused 42501
DELETE FROM shop.rates;
-- @ threat E5
-- @ user acme_rw,globex_rw
-- @ refused 42501
DELETE FROM channels WHERE id = 99;
-- @ threat E5
-- @ user acme_rw,globex_rw
-- @ refused 42501
DELETE FROM materialized.daily_metrics;
-- @ user acme_rw,globex_rw
-- @ refused 42501
DELETE FROM shop.changes;
-- @ user acme_bi,globex_bi
-- @ refused 42501
DELETE FROM shop.queue;
-- @ user acme_masked
-- @ refused 42501
DELETE FROM contacts;
-- @ user acme_rw,globex_rw
-- @ refused 0A000
DELETE FROM audit a USING messages m WHERE m.id = a.id;

BEGIN\;
DELETE FROM shop.queue\;
SELECT count(*) FROM shop.queue\;
ROLLBACK\;
SELECT count(*) FROM shop.queue;
DELETE FROM shop.queue WHERE job = 1\;
DELETE FROM shop.queue WHERE job = 1\;
SELECT count(*) FROM shop.queue;
