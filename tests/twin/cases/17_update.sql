-- UPDATE: own rows only, and they stay own.
-- @@ threat E2
UPDATE shop.customers SET name = 'everybody';
UPDATE shop.customers SET name = 'everybody' RETURNING id;
UPDATE shop.customers SET name = 'x' WHERE id = 3;
UPDATE shop.customers SET name = 'x' WHERE id = 3 RETURNING *;
UPDATE shop.customers SET name = 'x' WHERE id = 3 OR true RETURNING id;
UPDATE shop.customers SET name = 'x' WHERE id = 14 RETURNING id;
UPDATE shop.customers SET name = 'x' WHERE false;
UPDATE shop.customers SET name = 'x' WHERE id < 0 RETURNING id;
UPDATE shop.customers c SET name = c.name || '!' RETURNING c.id, c.name;
UPDATE shop.customers AS c SET name = name || '!' WHERE c.id > 5 RETURNING id, name;
-- @ error 42601
UPDATE shop.customers AS x(a, b) SET name = 'x';
UPDATE ONLY shop.customers SET note = 'only' RETURNING id;
UPDATE shop.customers * SET note = 'star' RETURNING id;
UPDATE ONLY shop.notes SET body = 'only' RETURNING id;
UPDATE shop.notes SET body = body || '!' WHERE id > 3 RETURNING id, body;
UPDATE ONLY shop.ledger SET amount = 0 RETURNING entry;
UPDATE analytics.shop.customers SET note = 'db' WHERE analytics.shop.customers.id = 1 RETURNING shop.customers.note;
UPDATE shop.customers SET credit = credit + 1 RETURNING id, credit;
UPDATE shop.customers SET credit = credit * -0.5, born = born + 1, active = NOT active RETURNING id, credit, born, active;
UPDATE shop.customers SET tier = DEFAULT, credit = DEFAULT, note = NULL RETURNING id, tier, credit, note;
UPDATE shop.customers SET tier = 'gold' WHERE tier = 'basic' RETURNING id, tier;
UPDATE shop.customers SET (name, note) = ('a', 'b') WHERE id = 1 RETURNING name, note;
UPDATE shop.customers SET (name, note) = ROW ('a', 'b') WHERE id = 1 RETURNING name, note;
UPDATE shop.customers SET (name, note) = (DEFAULT, 'b') WHERE false;
-- @ error 0A000
UPDATE shop.customers SET (note) = ('single') WHERE id = 1 RETURNING note;
UPDATE shop.customers SET (note) = ROW ('single') WHERE id = 1 RETURNING note;
UPDATE shop.customers SET (name, note) = (SELECT 'from', 'select') WHERE id = 1 RETURNING name, note;
UPDATE shop.customers c SET (name, credit) = (SELECT max(o.state), sum(o.total) FROM shop.orders o WHERE o.customer_id = c.id) WHERE EXISTS (SELECT 1 FROM shop.orders o WHERE o.customer_id = c.id) RETURNING id, name, credit;
UPDATE shop.customers c SET (name, credit) = (SELECT title, hours FROM shop.tickets t WHERE t.no = c.id), note = 'both' WHERE id < 9 RETURNING id, name, credit, note;
UPDATE shop.customers SET name = (SELECT max(name) FROM shop.customers) RETURNING name;
UPDATE shop.customers c SET name = (SELECT state FROM shop.orders o WHERE o.customer_id = c.id ORDER BY o.id LIMIT 1) WHERE id = 2 RETURNING name;
UPDATE shop.customers SET name = name WHERE id IN (SELECT customer_id FROM shop.orders WHERE state = 'paid') RETURNING id;
UPDATE shop.customers SET name = 'x' WHERE EXISTS (SELECT 1 FROM shop.orders o WHERE o.customer_id = customers.id AND o.total > 100) RETURNING id;
UPDATE shop.customers SET name = 'x' WHERE NOT EXISTS (SELECT 1 FROM shop.orders o WHERE o.customer_id = customers.id) RETURNING id;
UPDATE shop.customers SET tags[1] = 'first', tags[2:3] = ARRAY['second', 'third'] WHERE id = 1 RETURNING tags;
UPDATE shop.customers SET tags = tags || ARRAY['more'], profile['n'] = '99' RETURNING id, tags, profile;
UPDATE shop.customers SET profile = jsonb_set(profile, '{who}', '"me"') RETURNING profile;
UPDATE shop.customers SET profile = profile - 'n' || '{"z": true}' WHERE (profile ->> 'n')::int > 3 RETURNING id, profile;
UPDATE shop.customers SET note = CASE WHEN credit > 0 THEN 'rich' WHEN credit < 0 THEN 'poor' END RETURNING id, note;
UPDATE shop.customers SET email = coalesce(email, id || '@none') RETURNING email;
UPDATE shop.customers SET email = NULL WHERE email LIKE 'c1%' RETURNING id, email;
-- @ error 23503
UPDATE shop.customers SET id = id + 1000 WHERE id = 7 RETURNING id;
UPDATE shop.tickets SET no = no + 1000 WHERE no < 7 RETURNING no;
UPDATE shop.customers SET note = left(md5(name), 8) RETURNING note;
UPDATE shop.customers SET name = 'x' RETURNING id, (SELECT count(*) FROM shop.customers), (SELECT max(name) FROM shop.customers);
UPDATE shop.customers SET name = 'x' WHERE id = 1 RETURNING customers;
UPDATE shop.customers SET name = 'x' WHERE id = 1 RETURNING customers.*, 1;
UPDATE shop.customers SET name = 'x' WHERE id = 1 RETURNING shop.customers.id AS a, tier::text AS b;
UPDATE shop.orders o SET total = total * 2 FROM shop.customers c WHERE c.id = o.customer_id AND c.tier = 'gold' RETURNING o.id, o.total, c.name;
UPDATE shop.orders o SET state = 'void' FROM shop.customers c WHERE c.id = o.customer_id RETURNING *;
UPDATE shop.orders SET state = 'void' FROM shop.customers WHERE customers.id = orders.customer_id AND customers.id = 2 RETURNING orders.*;
UPDATE shop.orders SET state = 'void' FROM shop.customers RETURNING orders.id;
UPDATE shop.orders o SET total = s.total FROM (SELECT order_id, sum(l.total) AS total FROM shop.lines l GROUP BY order_id) s WHERE s.order_id = o.id RETURNING o.id, o.total;
UPDATE shop.orders o SET total = p.total FROM shop.orders p WHERE p.id = o.id + 1 RETURNING o.id, o.total, p.id;
UPDATE shop.orders o SET state = 'sent' FROM shop.customers c JOIN shop.tickets t ON t.no = c.id WHERE c.id = o.customer_id AND t.state = 'done' RETURNING o.id, t.title;
UPDATE shop.orders o SET state = 'sent' FROM shop.customers c LEFT JOIN shop.tickets t ON t.no = c.id + 5 WHERE c.id = o.customer_id RETURNING o.id, t.no;
UPDATE shop.orders o SET total = v.t FROM (VALUES (1, 11.5), (2, 22.5)) AS v(i, t) WHERE v.i = o.id RETURNING o.id, o.total;
UPDATE shop.orders o SET total = g FROM generate_series(1, 3) g WHERE g = o.id RETURNING o.id, o.total, g;
UPDATE shop.orders o SET total = x.n FROM LATERAL (SELECT count(*) AS n FROM shop.lines) x WHERE o.id = 1 RETURNING o.total;
UPDATE shop.orders o SET total = r.percent FROM shop.rates r WHERE r.country = 'DE' AND o.id < 4 RETURNING o.id, o.total, r.percent;
UPDATE shop.lines SET qty = qty + 1 RETURNING order_id, line_no, qty, total;
UPDATE shop.lines SET price = price * 2, total = DEFAULT WHERE order_id = 1 RETURNING total;
UPDATE shop.lines l SET sku = 'ZZ-' || l.order_id FROM shop.orders o WHERE o.id = l.order_id AND o.state = 'open' RETURNING l.order_id, l.sku;
UPDATE shop.stock SET qty = qty - 1 WHERE warehouse = 'north' RETURNING sku, qty;
UPDATE shop.stock s SET qty = (SELECT sum(qty) FROM shop.lines l WHERE l.sku = s.sku) WHERE sku IN (SELECT sku FROM shop.lines) RETURNING warehouse, sku, qty;
UPDATE shop.stock SET warehouse = warehouse || '2' RETURNING *;
UPDATE shop.ledger SET amount = amount + 1 RETURNING entry, amount;
UPDATE shop.ledger SET entry = entry + 500, booked = booked + 31 RETURNING entry, booked;
UPDATE shop.visits SET day = day + 30 RETURNING day, page, n;
UPDATE shop.visits SET n = n + 1 WHERE day BETWEEN '2026-01-25' AND '2026-02-03' RETURNING day, n;
UPDATE shop.notes SET at = at + interval '1 hour' RETURNING id, at;
UPDATE shop.queue SET done = true WHERE job = (SELECT min(job) FROM shop.queue WHERE NOT done) RETURNING job, payload;
UPDATE shop.queue SET payload = payload || ' (' || job || ')' WHERE done IS NOT TRUE RETURNING payload;
UPDATE shop.payments SET amount = amount * 2 RETURNING id, amount;
UPDATE shop.payments SET method = 'none' WHERE id IN (7700001, 5500001, 9900001) RETURNING id;
UPDATE campaigns SET status = 'done' WHERE status IS NULL RETURNING id;
UPDATE campaigns c SET budget = d.spend FROM (SELECT campaign_id, sum(spend) AS spend FROM materialized.daily_metrics GROUP BY 1) d WHERE d.campaign_id = c.id RETURNING c.id, c.budget;
UPDATE campaigns c SET parent_id = p.id FROM campaigns p WHERE p.id = c.id - 1 RETURNING c.id, c.parent_id;
UPDATE messages m SET status = 'failed', took = took * 2, urgent = NULL WHERE m.status = 'queued' RETURNING id, status, took;
UPDATE messages m SET subject = e.kind FROM events e WHERE e.message_id = m.id AND e.kind = 'click' AND e.id % 3 = 0 RETURNING m.id;
UPDATE audit SET note = note || '!' WHERE tenant_id IN ('acme', 'globex', 'initech') RETURNING *;
UPDATE audit SET note = 'x' WHERE tenant_id <> 'acme' AND tenant_id <> 'globex' RETURNING id;
UPDATE audit SET note = 'x' WHERE tenant_id = 'initech' OR id = 3 RETURNING id;
UPDATE contacts SET credit = credit * 1.5, country = 'IT' WHERE birthday > '1983-01-01' RETURNING contact_no, credit, country;
UPDATE "Mixed Case" SET "select" = "ünïcode", "order" = "order" + 1 WHERE "Draft No" > 3 RETURNING "Draft No", "select", "order";
UPDATE "Mixed Case" AS "a b" SET "order" = "a b"."Draft No" RETURNING "a b".*;
UPDATE crm.contacts SET owner = c.full_name FROM public.contacts c WHERE c.contact_no = crm.contacts.contact_no RETURNING crm.contacts.contact_no, owner;
UPDATE crm.contacts c SET owner = p.full_name FROM contacts p WHERE p.contact_no = c.contact_no AND p.country = 'DE' RETURNING c.owner;
WITH best AS (SELECT id FROM shop.customers ORDER BY credit DESC LIMIT 3) UPDATE shop.customers SET note = 'best' WHERE id IN (SELECT id FROM best) RETURNING id;
WITH customers AS (SELECT 2 AS id) UPDATE shop.customers c SET note = 'by cte' FROM customers x WHERE c.id = x.id RETURNING c.id, c.note;
-- the target is the table though a CTE has its name; the CTE is read in FROM
WITH queue AS (SELECT 3 AS j) UPDATE shop.queue SET done = true WHERE job IN (SELECT j FROM queue) RETURNING job;
WITH RECURSIVE up AS (SELECT no, parent FROM shop.tickets WHERE no = 5 UNION ALL SELECT t.no, t.parent FROM shop.tickets t JOIN up ON up.parent = t.no) UPDATE shop.tickets SET state = 'seen' WHERE no IN (SELECT no FROM up) RETURNING no;
SET search_path TO shop, public\;
UPDATE customers SET note = 'path' WHERE id = 1 RETURNING note\;
UPDATE orders o SET state = 'void' FROM customers c WHERE c.id = o.customer_id AND c.id = 1 RETURNING o.id\;
RESET search_path;
-- @ params 3|new
UPDATE shop.customers SET name = $2 WHERE id = $1 RETURNING id, name;
-- @ params 1.5
UPDATE shop.customers SET credit = credit + $1 WHERE credit > $1 RETURNING id, credit;
-- @ params \N
UPDATE shop.customers SET note = $1 WHERE id < 3 RETURNING id, note;
-- @ params gold
UPDATE shop.customers SET tier = $1 RETURNING tier;
-- @ params {1,2,14}
UPDATE shop.customers SET note = 'any' WHERE id = ANY ($1::bigint[]) RETURNING id;

-- a declared tenant column
UPDATE shop.tickets SET title = 'x' || no WHERE tenant_id = 'initech' RETURNING *;
UPDATE shop.tickets SET title = tenant_id || no RETURNING no, title;
UPDATE shop.tickets SET title = title || '?' WHERE tenant_id = (SELECT min(tenant_id) FROM shop.tickets) RETURNING no;
UPDATE shop.tickets SET tenant_id = tenant_id RETURNING *;
UPDATE shop.tickets SET tenant_id = DEFAULT WHERE no = 2 RETURNING *;
UPDATE shop.tickets SET tenant_id = lower(upper(tenant_id)), state = 'kept' RETURNING *;
UPDATE shop.tickets t SET tenant_id = a.tenant_id FROM audit a WHERE a.id = t.no RETURNING t.no, t.tenant_id;
UPDATE shop.tickets SET (tenant_id, state) = (tenant_id, 'row') WHERE no = 1 RETURNING *;
-- @ user acme_rw
UPDATE shop.tickets SET tenant_id = 'acme', no = no + 100 RETURNING no, tenant_id;
-- @ user globex_rw
UPDATE shop.tickets SET state = 'x', tenant_id = 'globex' WHERE no = 1 RETURNING no, tenant_id;
-- @ user acme_rw
-- @ params acme
UPDATE shop.tickets SET tenant_id = $1 WHERE no = 1 RETURNING no, tenant_id;
-- @ refused 42501
UPDATE shop.tickets SET tenant_id = 'initech' WHERE false;
-- @ refused 42501 23514
UPDATE shop.tickets SET tenant_id = 'initech';
-- @ refused 42501 23514
UPDATE shop.tickets SET tenant_id = 'initech' WHERE no = 1 RETURNING *;
-- @ refused 42501 23514
UPDATE shop.tickets SET title = 'x', tenant_id = 'poison' WHERE tenant_id = 'acme' OR tenant_id = 'globex';
-- @ refused 42501 23502
UPDATE shop.tickets SET tenant_id = NULL WHERE no = 1;
-- @ refused 42501 23514
UPDATE shop.tickets SET tenant_id = tenant_id || 'x' WHERE no = 1;
-- @ refused 42501 23514
UPDATE shop.tickets SET tenant_id = title WHERE no = 1;
-- @ refused 42501 23514
UPDATE shop.tickets SET tenant_id = (SELECT 'initech') WHERE no = 1;
-- @ refused 42501 23514
UPDATE shop.tickets SET tenant_id = CASE WHEN no = 9 THEN 'initech' ELSE tenant_id END;
-- @ refused 42501 23514
UPDATE shop.tickets t SET tenant_id = a.actor FROM audit a WHERE a.id = t.no;
-- @ refused 42501 23514
UPDATE shop.tickets SET (tenant_id, state) = ('initech', 'x') WHERE no = 1;
-- @ refused 42501 23514
-- @ params initech
UPDATE shop.tickets SET tenant_id = $1 WHERE no = 1;
-- @ refused 42501
UPDATE contacts SET tenant_id = 'initech' WHERE contact_no = 1;
-- @ error 42703
UPDATE shop.customers SET tenant_id = 'initech';
-- @ error 42703
UPDATE shop.customers SET tenant_id = 'acme' WHERE id = 1;
-- @ error 42703
UPDATE shop.customers SET name = tenant_id;
-- @ error 42703
UPDATE shop.customers SET name = 'x' WHERE tenant_id = 'initech';
-- @ error 42703
UPDATE shop.customers SET name = 'x' RETURNING tenant_id;
-- @ error 42703
UPDATE shop.customers SET (name, tenant_id) = ('x', 'initech');
-- @ error 42703
UPDATE shop.customers SET internal_score = 0;
-- @ error 42703
UPDATE shop.stock SET owner = 'initech';
-- @ error 42P01
UPDATE store.stock_levels SET qty = 0;
-- @ error 42P01
-- @ threat A5
UPDATE shop.ledger_globex SET amount = 0;
-- @ error 42P01
-- @ threat A5
UPDATE shop.notes_archive SET body = '';

-- conditions that would fail on rows of others
-- @ threat D2
UPDATE shop.customers SET note = 'x' WHERE 1 / id > 0 RETURNING id;
-- @ threat D2
UPDATE shop.customers SET note = 'x' WHERE 'x' ~ name RETURNING id;
-- @ threat D2
UPDATE shop.customers SET note = 'x' WHERE name LIKE name AND tags[1] LIKE tags[1] RETURNING id;
-- @ threat D2
UPDATE shop.customers SET note = 'x' WHERE (id - 1) IS NULL OR id + 1 > 3 RETURNING id;
-- @ threat D2
UPDATE shop.customers SET note = 1 / id WHERE id > 0 RETURNING note;
-- @ threat D2
UPDATE shop.customers SET note = left(profile ->> 'n', 1) WHERE (profile ->> 'n')::int / id = 1 RETURNING id, note;
-- @ threat D2
UPDATE shop.customers SET note = 'x' WHERE extract(epoch FROM born) > 0 AND born::timestamptz > '1990-01-01' RETURNING id;
-- @ threat D2
UPDATE shop.tickets SET state = 'x' WHERE 100 / no > 20 AND hours / no IS NOT NULL RETURNING no;
-- @ threat D2
UPDATE shop.orders o SET state = 'void' FROM shop.customers c WHERE 1 / c.id >= 0 AND 1 / o.id >= 0 AND c.id = o.customer_id RETURNING o.id;
-- @ threat D2
UPDATE shop.stock SET qty = 1 WHERE 100 / qty > 5 RETURNING sku;
-- @ threat D2
UPDATE shop.ledger SET account = 'x' WHERE 'a' ~ account OR 1 / entry > 0 RETURNING entry;
-- @ threat D2
UPDATE audit SET note = 'x' WHERE 1 / id > 0 RETURNING id;
-- @ threat D2
UPDATE audit SET note = 'x' WHERE 'x' ~ actor AND tenant_id = 'poison' RETURNING id;
-- @ threat D2
UPDATE campaigns SET name = 'x' WHERE id::int > 0 AND parent_id + 1 > 0 RETURNING id;
-- @ threat D2
UPDATE contacts SET full_name = 'x' WHERE 1 / contact_no >= 0 AND credit * 10 > 0 RETURNING contact_no;
-- @ threat D2
UPDATE messages SET subject = 'x' WHERE cost / segments > 0.1 AND sent_at - scheduled_for IS NOT NULL RETURNING id;

-- errors that both have
-- @ error 22012
UPDATE shop.customers SET credit = 1 / (id - 1);
-- @ error 22012
UPDATE shop.customers SET credit = 1 WHERE 1 / (id - 1) > 0;
-- @ error 22P02
UPDATE shop.customers SET credit = name::numeric;
-- @ error 23502
UPDATE shop.customers SET name = NULL;
-- @ error 23505
UPDATE shop.customers SET id = 1;
-- @ error 23505
UPDATE shop.customers SET email = 'same';
-- @ error 23514
UPDATE shop.customers SET credit = -1000;
-- @ error 23514
UPDATE shop.lines SET sku = 'bad';
-- @ error 23503
UPDATE shop.orders SET customer_id = 999 WHERE id = 1;
-- @ error 23503
UPDATE shop.customers SET id = id + 100 WHERE id = 2;
-- @ error 42703
UPDATE shop.customers SET nothing = 1;
-- @ error 42601
UPDATE shop.customers SET name = 'x', name = 'y';
-- @ error 42703
UPDATE shop.customers c SET c.name = 'x';
-- @ error 42P01
UPDATE shop.customers SET name = o.state WHERE id = 1;
-- @ error 42712
UPDATE shop.orders SET state = 'void' FROM shop.orders WHERE id = 1;
-- @ error 42804
UPDATE shop.customers SET active = 1;
-- @ error 42803
UPDATE shop.customers SET credit = count(*);
-- @ error 428C9
UPDATE shop.lines SET total = 5;
-- @ error 428C9
UPDATE shop.items SET code = 5;
-- @ error 0A000
UPDATE shop.customers SET (name, note) = ('x');
-- @ error 42601
UPDATE shop.customers SET (name, note) = ROW ('x');
-- @ error 22P02
UPDATE shop.customers SET tags = tags || 'more';
-- @ refused 0A000 34000
UPDATE shop.customers SET name = 'x' WHERE CURRENT OF nothing;

-- tables that are not the tenant's to change
-- @ threat E5
-- @ user acme_rw,globex_rw
-- @ refused 42501
UPDATE shop.rates SET percent = 0;
-- @ threat E5
-- @ user acme_rw,globex_rw
-- @ refused 42501
UPDATE channels SET unit_cost = 0 WHERE id = 1;
-- @ threat E5
-- @ user acme_rw,globex_rw
-- @ refused 42501
UPDATE materialized.daily_metrics SET sent = 0;
-- @ user acme_rw,globex_rw
-- @ refused 42501
UPDATE shop.changes SET what = '';
-- @ user acme_rw,globex_rw
-- @ refused 42501
UPDATE pg_settings SET setting = 'off' WHERE name = 'row_security';
-- @ user acme_bi,globex_bi
-- @ refused 42501
UPDATE shop.customers SET name = 'x';
-- @ user acme_bi,globex_bi
-- @ refused 42501
UPDATE campaigns SET name = 'x' WHERE false;
-- @ user acme_masked
-- @ refused 42501
UPDATE contacts SET full_name = 'x';
-- a table of one backend and a table of the other
-- @ user acme_rw,globex_rw
-- @ refused 0A000
UPDATE audit a SET note = m.subject FROM messages m WHERE m.id = a.id;
-- @ user acme_rw,globex_rw
-- @ refused 0A000
UPDATE messages m SET subject = a.note FROM audit a WHERE m.id = a.id;

-- scripts
UPDATE shop.customers SET note = 'one' WHERE id = 1\;
UPDATE shop.customers SET note = 'two' WHERE note = 'one'\;
SELECT id, note FROM shop.customers WHERE id = 1;
BEGIN\;
UPDATE shop.customers SET note = 'gone'\;
SELECT count(*) FROM shop.customers WHERE note = 'gone'\;
ROLLBACK\;
SELECT count(*) FROM shop.customers WHERE note = 'gone';
BEGIN\;
SAVEPOINT a\;
UPDATE shop.orders SET state = 'void'\;
ROLLBACK TO a\;
UPDATE shop.orders SET state = 'paid' WHERE id = 1\;
RELEASE a\;
COMMIT\;
SELECT id, state FROM shop.orders WHERE id < 4 ORDER BY id;
-- @ error 25006
BEGIN READ ONLY\;
UPDATE shop.customers SET note = 'x';
BEGIN ISOLATION LEVEL SERIALIZABLE\;
UPDATE shop.customers SET note = 'x' WHERE id = 1\;
COMMIT;
-- @ threat A6
UPDATE shop.customers SET tier = 'gold' WHERE id = 1\;
SELECT customer_id, what FROM shop.changes ORDER BY 1, 2;
-- @ refused 0A000
BEGIN\;
DECLARE c CURSOR FOR SELECT * FROM shop.customers WHERE id = 1 FOR UPDATE\;
FETCH 1 FROM c\;
UPDATE shop.customers SET note = 'current' WHERE CURRENT OF c\;
COMMIT;
