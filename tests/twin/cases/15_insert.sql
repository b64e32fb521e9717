-- INSERT: the tenant column is supplied, and no other value gets in.
-- @@ threat E1
INSERT INTO shop.customers (id, name) VALUES (101, 'new');
INSERT INTO shop.customers (id, name) VALUES (101, 'new'), (102, 'other'), (103, NULLIF('x', 'y'));
INSERT INTO shop.customers VALUES (101, 'new');
INSERT INTO shop.customers VALUES (101, 'new', 'n@shop.example', 'gold', 5, '{a,b}', '{"k": [1, 2]}', '2000-02-29', false, 'all columns');
INSERT INTO shop.customers VALUES (101, 'a', DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT);
INSERT INTO shop.customers VALUES (101, 'a', DEFAULT), (102, 'b', 'b@x');
INSERT INTO shop.customers (name, id) VALUES ('reversed', 101);
INSERT INTO shop.customers AS c (id, name) VALUES (101, 'aliased') RETURNING c.id, c.name, c.tier;
INSERT INTO shop.customers AS shop (id, name) VALUES (101, 'aliased') RETURNING shop.id;
INSERT INTO shop.customers AS excluded (id, name) VALUES (101, 'aliased') RETURNING excluded.id;
INSERT INTO analytics.shop.customers (id, name) VALUES (101, 'x') RETURNING id;
INSERT INTO "shop"."customers" ("id", "name") VALUES (101, 'quoted') RETURNING "id";
INSERT INTO SHOP.Customers (ID, Name) VALUES (101, 'folded') RETURNING ID;
INSERT INTO U&"\0073hop".U&"cust\006Fmers" (id, name) VALUES (101, 'escaped') RETURNING id;
INSERT INTO shop.customers (id, name) VALUES (101, 'x') RETURNING *;
INSERT INTO shop.customers (id, name) VALUES (101, 'x') RETURNING customers.*;
INSERT INTO shop.customers (id, name) VALUES (101, 'x') RETURNING customers.*, id + 1 AS next, upper(name);
INSERT INTO shop.customers (id, name) VALUES (101, 'x') RETURNING id AS "select", name AS "ünï";
INSERT INTO shop.customers (id, name) VALUES (101, 'x') RETURNING (SELECT count(*) FROM shop.orders);
INSERT INTO shop.customers (id, name) VALUES (101, 'x') RETURNING id, (SELECT count(*) FROM shop.customers c WHERE c.id <= customers.id);
INSERT INTO shop.customers (id, name) VALUES (101, 'x') RETURNING customers;
INSERT INTO shop.customers (id, name) VALUES (101, 'x') RETURNING customers.id, shop.customers.name;
INSERT INTO shop.customers (id, name) VALUES (101, 'x') RETURNING tier, tier = 'basic', tier::text;
INSERT INTO shop.customers (id, name) VALUES (101, 'x') RETURNING CASE WHEN credit = 0 THEN 'zero' ELSE 'other' END AS c, coalesce(email, '-') AS e;
INSERT INTO shop.customers (id, name, tags) VALUES (101, 'x', ARRAY['p', 'q']) RETURNING tags[1], tags;
INSERT INTO shop.customers (id, name, tags[1], tags[2]) VALUES (101, 'x', 'one', 'two') RETURNING tags;
INSERT INTO shop.customers (id, name, profile) VALUES (101, 'x', '{"a": 1}') RETURNING profile ->> 'a', profile['a'];
INSERT INTO shop.customers (id, name, tier) VALUES (101, 'x', 'gold'::shop.tier), (102, 'y', CAST('silver' AS shop.tier)) RETURNING id, tier;
INSERT INTO shop.customers (id, name, born) VALUES (101, 'x', '2001-02-03'), (102, 'y', date '2001-02-04'), (103, 'z', NULL);
INSERT INTO shop.customers (id, name, credit) VALUES (101, 'x', 1.005), (102, 'y', 2), (103, 'z', '3.5');
INSERT INTO shop.customers (id, name, note) VALUES (101, 'it''s', 'back\slash'), (102, E'tab\t', $$dollar 'q'$$), (103, U&'\0441', '');
INSERT INTO shop.customers (id, name) VALUES ((SELECT max(id) + 1 FROM shop.customers), 'next') RETURNING id;
INSERT INTO shop.customers (id, name) VALUES (101, (SELECT name FROM shop.customers WHERE id = 1)) RETURNING name;
INSERT INTO shop.customers (id, name) VALUES (101, (SELECT string_agg(name, ',' ORDER BY id) FROM public.campaigns)) RETURNING name;
INSERT INTO shop.customers (id, name) SELECT id + 100, name FROM shop.customers;
INSERT INTO shop.customers (id, name) SELECT id + 100, name FROM shop.customers RETURNING id, name;
INSERT INTO shop.customers (id, name, note) SELECT id + 100, upper(name), left(note, 3) FROM shop.customers WHERE tier = 'gold' RETURNING id;
INSERT INTO shop.customers SELECT id + 100, name, NULL, tier, credit, tags, profile, born, active, note FROM shop.customers;
INSERT INTO shop.customers SELECT c.id + 100, c.name FROM shop.customers c ORDER BY c.id LIMIT 2;
INSERT INTO shop.customers (id, name) SELECT 100 + g, 'g' || g FROM generate_series(1, 3) g;
INSERT INTO shop.customers (id, name) SELECT 100 + row_number() OVER (ORDER BY id), name FROM shop.orders o JOIN (SELECT id AS cid, name FROM shop.customers) c ON c.cid = o.customer_id WHERE o.id < 5;
INSERT INTO shop.customers (id, name) SELECT 101, 'one' UNION ALL SELECT 102, 'two';
INSERT INTO shop.customers (id, name) SELECT id + 100, name FROM shop.customers WHERE id < 3 UNION ALL SELECT 200 + id, title FROM (SELECT no AS id, title FROM shop.tickets) t;
INSERT INTO shop.customers (id, name) (SELECT id + 100, name FROM shop.customers EXCEPT SELECT 101, 'x') ORDER BY 1 LIMIT 3;
INSERT INTO shop.customers (id, name) VALUES (101, 'a') ORDER BY 1 LIMIT 1;
INSERT INTO shop.customers (id, name) SELECT DISTINCT ON (tier) id + 100, tier::text FROM shop.customers ORDER BY tier, id;
INSERT INTO shop.customers (id, name) SELECT max(id) + 1, 'after ' || count(*) FROM shop.customers HAVING count(*) > 0;
INSERT INTO shop.customers (id, name) SELECT 100 + row_number() OVER (ORDER BY state), state || count(*) FROM shop.orders GROUP BY state;
INSERT INTO shop.customers (id, name) SELECT * FROM (VALUES (101, 'v'), (102, 'w')) AS v;
INSERT INTO shop.customers (id, name) SELECT * FROM (SELECT id + 100, name FROM shop.customers) s;
INSERT INTO shop.customers (id, name) SELECT id + 100, name FROM shop.customers WHERE false RETURNING id;
INSERT INTO shop.customers (id, name) WITH c AS (SELECT 101 AS i) SELECT i, 'cte' FROM c;
WITH c AS (SELECT id + 100 AS i, name AS n FROM shop.customers WHERE id < 4) INSERT INTO shop.customers (id, name) SELECT i, n FROM c RETURNING id, name;
WITH customers AS (SELECT 101 AS id, 'hidden by a cte' AS name) INSERT INTO shop.customers (id, name) SELECT * FROM customers RETURNING id;
WITH RECURSIVE n(i) AS (VALUES (101) UNION ALL SELECT i + 1 FROM n WHERE i < 104) INSERT INTO shop.customers (id, name) SELECT i, 'n' || i FROM n;
-- the target is the table even where a CTE has its name
WITH queue AS (SELECT 1 AS job) INSERT INTO shop.queue (job) SELECT job + 100 FROM queue RETURNING job;
INSERT INTO shop.queue DEFAULT VALUES;
INSERT INTO shop.queue DEFAULT VALUES RETURNING *;
-- @ error 42601
INSERT INTO shop.queue (job) DEFAULT VALUES;
INSERT INTO shop.queue VALUES (DEFAULT, DEFAULT, DEFAULT) RETURNING *;
INSERT INTO shop.queue VALUES (1), (2) RETURNING job, payload, done;
INSERT INTO shop.queue (payload, job) VALUES ('p', 1), ('q', DEFAULT), (DEFAULT, 2) RETURNING job, payload;
INSERT INTO shop.notes VALUES (1, 'n', '2026-05-06 07:08:09+02') RETURNING at, id, body;
INSERT INTO shop.notes (id, at) SELECT id, at + interval '1 day' FROM shop.notes RETURNING id;
INSERT INTO shop.ledger VALUES (100, 'cash', 12.5, '2026-03-04'), (101, 'bank', -3, NULL) RETURNING *;
INSERT INTO shop.ledger (entry, account, amount) SELECT entry + 100, account, -amount FROM shop.ledger;
INSERT INTO shop.visits VALUES ('2026-01-05', '/a'), ('2026-02-05', '/b'), ('2027-01-01', '/c') RETURNING *;
INSERT INTO shop.visits (day, page) SELECT day + 100, page FROM shop.visits RETURNING day, page, n;
INSERT INTO shop.stock VALUES ('east', 'AB-1', 3) RETURNING warehouse, sku, qty, moved;
INSERT INTO shop.stock (warehouse, sku) SELECT 'copy of ' || warehouse, sku FROM shop.stock;
INSERT INTO shop.stock AS s VALUES ('east', 'AB-1') RETURNING s.*, s.qty * 2;
INSERT INTO shop.lines (order_id, line_no, sku, qty, price) VALUES (1, 9, 'CD-1', 3, 2.5) RETURNING total, *;
INSERT INTO shop.lines VALUES (1, 9, 'CD-1', 3, 2.5, DEFAULT) RETURNING total;
INSERT INTO shop.lines VALUES (1, 9, 'CD-1') RETURNING qty, price, total;
INSERT INTO shop.lines SELECT order_id, line_no + 10::smallint, sku, qty, price FROM shop.lines WHERE order_id < 4;
INSERT INTO public.campaigns (id, name, channel_id) VALUES (1, 'c', 1) RETURNING *;
INSERT INTO campaigns (id, name, channel_id, tags, settings) VALUES (1, 'c', 1, '{x}', '{}') RETURNING id, tags, settings;
INSERT INTO campaigns SELECT id + 50, name, status, channel_id FROM campaigns;
INSERT INTO messages (id, subject, status, took, payload, trace) VALUES (1, 's', 'queued', '1 day', '\x01ff', '00000000-0000-0000-0000-000000000001') RETURNING id, status, took, payload, trace;
INSERT INTO messages (id, subject) SELECT id + 1000, subject FROM messages WHERE status = 'sent' RETURNING id;
INSERT INTO "Mixed Case" ("Draft No", "select", "order", "ünïcode") VALUES (99, 's', 1, 'ü') RETURNING "select", "ünïcode";
INSERT INTO "Mixed Case" VALUES (99, 's') RETURNING *;
INSERT INTO "Mixed Case" AS "Q ""q""" ("Draft No") VALUES (99) RETURNING "Q ""q"""."Draft No";
INSERT INTO crm.contacts VALUES (99, 'o') RETURNING contact_no, owner;
INSERT INTO crm.contacts AS contacts SELECT contact_no + 100, full_name FROM public.contacts;
-- @ threat A4
SET search_path TO shop, public\;
INSERT INTO customers (id, name) VALUES (101, 'by path') RETURNING id\;
INSERT INTO queue SELECT id, name FROM customers\;
RESET search_path;

-- A declared tenant column: the own value, or nothing at all.
INSERT INTO shop.tickets (no, title) VALUES (101, 'given nothing') RETURNING no, tenant_id = current_setting('is_superuser');
INSERT INTO shop.tickets (no, title) VALUES (101, 'given nothing') RETURNING *;
INSERT INTO shop.tickets (no, title, tenant_id) VALUES (101, 'default', DEFAULT) RETURNING *;
INSERT INTO shop.tickets (no, tenant_id) VALUES (101, DEFAULT), (102, DEFAULT) RETURNING no, tenant_id;
-- @ user acme_rw
INSERT INTO shop.tickets (no, tenant_id) VALUES (101, 'acme') RETURNING *;
-- @ user globex_rw
INSERT INTO shop.tickets (no, tenant_id) VALUES (101, 'globex') RETURNING *;
-- @ user acme_rw
INSERT INTO shop.tickets (no, tenant_id) VALUES (101, 'acme'), (102, DEFAULT) RETURNING no, tenant_id;
-- @ user acme_rw
INSERT INTO shop.tickets VALUES (101, 't', 's', 'acme') RETURNING *;
-- @ user acme_rw
INSERT INTO shop.tickets (tenant_id, no) SELECT tenant_id, no + 100 FROM shop.tickets;
-- @ user acme_rw
INSERT INTO shop.tickets SELECT no + 100, title || '!', state, tenant_id, parent, hours FROM shop.tickets RETURNING no, tenant_id;
INSERT INTO shop.tickets SELECT no + 100, title || '!', state, tenant_id FROM shop.tickets ORDER BY no LIMIT 3;
INSERT INTO shop.tickets (no, tenant_id) SELECT no + 100, (SELECT max(tenant_id) FROM shop.tickets) FROM shop.tickets RETURNING tenant_id, no;
INSERT INTO shop.tickets (no, tenant_id) SELECT no + 100, lower(upper(tenant_id)) FROM shop.tickets;
INSERT INTO shop.tickets (no, tenant_id) SELECT 100 + id, split_part(lower(actor), '-', 1) FROM audit;
INSERT INTO shop.tickets (no, tenant_id) SELECT no + 100, tenant_id FROM shop.tickets UNION ALL SELECT 200 + id, tenant_id FROM audit;
INSERT INTO shop.tickets (no, tenant_id) SELECT * FROM (SELECT no + 100, tenant_id FROM shop.tickets) s RETURNING no;
INSERT INTO shop.tickets (no) SELECT no + 100 FROM shop.tickets WHERE tenant_id = 'globex';
INSERT INTO shop.tickets (no, title) SELECT no + 100, tenant_id || no FROM shop.tickets;
-- @ user acme_rw
-- @ params 101|acme
INSERT INTO shop.tickets (no, tenant_id) VALUES ($1, $2) RETURNING *;
-- @ user acme_rw
-- @ params 101|acme
-- @ types 23,25
INSERT INTO shop.tickets (no, tenant_id) VALUES ($1, $2) RETURNING *;
INSERT INTO audit (tenant_id, id, note) SELECT tenant_id, id + 100, 'again' FROM audit RETURNING *;
INSERT INTO contacts (tenant_id, contact_no, email) SELECT tenant_id, contact_no + 100, 'x@' || contact_no FROM contacts RETURNING tenant_id, contact_no, email;

-- another tenant's value: the private database holds its tenant's rows only, and says so with a check of its own
-- @ refused 42501 23514
INSERT INTO shop.tickets (no, tenant_id) VALUES (101, 'initech');
-- @ refused 42501 23514
INSERT INTO shop.tickets (no, tenant_id) VALUES (101, 'poison') RETURNING *;
-- @ refused 42501 23514
INSERT INTO shop.tickets (no, tenant_id) VALUES (101, DEFAULT), (102, 'initech');
-- @ refused 42501 23514
INSERT INTO shop.tickets (no, tenant_id) VALUES (101, 'ACME');
-- @ refused 42501 23514
INSERT INTO shop.tickets (no, tenant_id) VALUES (101, 'acme ');
-- @ refused 42501 23514
INSERT INTO shop.tickets (no, tenant_id) VALUES (101, '');
-- @ refused 42501 23502
INSERT INTO shop.tickets (no, tenant_id) VALUES (101, NULL);
-- @ refused 42501 23514
INSERT INTO shop.tickets (no, tenant_id) VALUES (101, 'init' || 'ech');
-- @ refused 42501 23514
INSERT INTO shop.tickets (no, tenant_id) VALUES (101, lower('INITECH'));
-- @ refused 42501 23514
INSERT INTO shop.tickets (no, tenant_id) VALUES (101, (SELECT 'initech'));
-- @ refused 42501 23514
INSERT INTO shop.tickets (no, tenant_id) SELECT 101, 'initech';
-- @ refused 42501 23514
INSERT INTO shop.tickets (no, tenant_id) SELECT no + 100, tenant_id || 'x' FROM shop.tickets;
-- @ refused 42501 23514
INSERT INTO shop.tickets (no, tenant_id) SELECT no + 100, CASE WHEN no = 9 THEN 'initech' ELSE tenant_id END FROM shop.tickets;
-- @ refused 42501 23514
INSERT INTO shop.tickets (no, tenant_id) SELECT no + 100, tenant_id FROM shop.tickets UNION ALL SELECT 1, 'initech';
-- @ refused 42501 23514
INSERT INTO shop.tickets (no, tenant_id) SELECT * FROM (VALUES (101, 'initech')) v;
-- @ refused 42501 23514
INSERT INTO shop.tickets VALUES (101, 't', 's', 'initech');
-- @ refused 42501 23514
-- @ params initech
INSERT INTO shop.tickets (no, tenant_id) VALUES (101, $1);
-- @ refused 42501 23502
-- @ params \N
INSERT INTO shop.tickets (no, tenant_id) VALUES (101, $1);
-- @ refused 42501 23514
WITH x AS (SELECT 'initech' AS t) INSERT INTO shop.tickets (no, tenant_id) SELECT 101, t FROM x;
-- @ refused 42501 23514
INSERT INTO shop.tickets (no, "tenant_id") VALUES (101, 'initech');
-- @ refused 42501 23514
INSERT INTO shop.tickets (no, U&"t\0065nant_id") VALUES (101, 'initech');

-- an undeclared tenant column does not exist
-- @ error 42703
INSERT INTO shop.customers (id, name, tenant_id) VALUES (101, 'x', 'acme');
-- @ error 42703
INSERT INTO shop.customers (id, name, tenant_id) VALUES (101, 'x', 'initech');
-- @ error 42703
INSERT INTO shop.customers (id, name, tenant_id) SELECT id + 100, name, 'initech' FROM shop.customers;
-- @ error 42703
INSERT INTO shop.customers (id, name) VALUES (101, 'x') RETURNING tenant_id;
-- @ error 42703
INSERT INTO shop.customers (id, name) VALUES (101, 'x') RETURNING customers.tenant_id;
-- @ error 42703
INSERT INTO shop.customers (id, name) VALUES (101, 'x') RETURNING internal_score;
-- @ error 42703
INSERT INTO shop.customers (id, name, internal_score) VALUES (101, 'x', 1);
-- @ error 42703
INSERT INTO shop.stock (owner, warehouse, sku) VALUES ('initech', 'w', 'AB-1');

-- errors that both have
-- @ error 42601
INSERT INTO shop.customers (id, name) VALUES (101);
-- @ error 42601
INSERT INTO shop.customers (id) VALUES (101, 'x');
-- @ error 42601
INSERT INTO shop.customers VALUES (101, 'a', 'b', 'basic', 1, '{}', '{}', NULL, true, 'n', 'too many');
-- @ error 42701
INSERT INTO shop.customers (id, id) VALUES (101, 102);
-- @ error 42703
INSERT INTO shop.customers (id, nothing) VALUES (101, 102);
-- @ error 42P01
INSERT INTO shop.nothing (id) VALUES (101);
-- @ error 42P01
INSERT INTO customers (id) VALUES (101);
-- @ error 42P01
INSERT INTO store.stock_levels (warehouse, sku) VALUES ('w', 'AB-1');
-- @ error 42P01
-- @ threat A5
INSERT INTO shop.ledger_globex (entry, account, amount) VALUES (101, 'x', 1);
-- @ error 42P01
-- @ threat A5
INSERT INTO shop.notes_archive (id) VALUES (1);
-- @ error 42P01
INSERT INTO shop.customers (id, name) VALUES (101, nothing.x);
-- @ error 42703
INSERT INTO shop.customers (id, name) VALUES (101, name);
-- @ error 42804
INSERT INTO shop.customers (id, name) VALUES (true, 'x');
-- @ error 42804
INSERT INTO shop.customers (id, name, born) SELECT id, name, id FROM shop.customers;
-- @ error 22P02
INSERT INTO shop.customers (id, name) VALUES ('abc', 'x');
-- @ error 22P02
INSERT INTO shop.customers (id, name, tier) VALUES (101, 'x', 'platinum');
-- @ error 22001
INSERT INTO shop.customers (id, name, note) VALUES (101, 'x', repeat('long', 20));
-- @ error 22003
INSERT INTO shop.customers (id, name, credit) VALUES (101, 'x', 1e9);
-- @ error 22012
INSERT INTO shop.customers (id, name) VALUES (1 / 0, 'x');
-- @ error 23502
INSERT INTO shop.customers (id) VALUES (101);
-- @ error 23502
INSERT INTO shop.customers (name) VALUES ('no id');
-- @ error 23502
INSERT INTO shop.customers (id, name) SELECT id + 100, note FROM shop.customers;
-- @ error 23514
-- @ threat D1
INSERT INTO shop.customers (id, name, credit) VALUES (101, 'x', -101);
-- @ error 23514
INSERT INTO shop.lines (order_id, line_no, sku) VALUES (1, 9, 'bad sku');
-- @ error 23514
INSERT INTO shop.lines (order_id, line_no, sku, qty) VALUES (1, 9, 'AB-1', 0);
-- @ error 23505
-- @ threat D1
INSERT INTO shop.customers (id, name) VALUES (1, 'twice');
-- @ error 23505
INSERT INTO shop.customers (id, name, email) VALUES (101, 'x', 'c1@shop.example');
-- @ error 23505
INSERT INTO shop.customers (id, name) VALUES (101, 'x'), (101, 'y');
-- @ error 23505
INSERT INTO shop.ledger (entry, account, amount) VALUES (1, 'x', 1);
-- @ error 23505
INSERT INTO shop.visits (day, page) VALUES ('2026-01-23', '/home');
-- @ error 23503
-- @ threat E4
INSERT INTO shop.orders (id, customer_id) VALUES (101, 999);
-- a customer that other tenants have, and acme has not
-- @ error 23503
-- @ user acme_rw
-- @ threat E4 D2
INSERT INTO shop.orders (id, customer_id) VALUES (101, 14);
-- @ error 428C9
INSERT INTO shop.lines (order_id, line_no, sku, total) VALUES (1, 9, 'AB-1', 5);
-- @ error 428C9
INSERT INTO shop.items (code) VALUES (5);
-- @ error 42803
INSERT INTO shop.queue (job) VALUES (count(*));
-- @ error 42P20
INSERT INTO shop.queue (job) VALUES (1) RETURNING rank() OVER ();
-- @ error 42601
INSERT INTO shop.queue (job) VALUES (1), (2, 3);
-- @ error 42712
WITH a AS (SELECT 1), a AS (SELECT 2) INSERT INTO shop.queue (job) SELECT 1;
-- @ error 0A000
INSERT INTO other.shop.customers (id, name) VALUES (101, 'x');

-- numbers that the database gives: the same on both sides when nobody else has taken one
-- @ threat D2 D5
INSERT INTO shop.items (label) VALUES ('a') RETURNING label;
INSERT INTO shop.items (id, label) VALUES (77, 'a') RETURNING id, label;
INSERT INTO shop.items (id, code, label) OVERRIDING SYSTEM VALUE VALUES (77, 5, 'a') RETURNING *;
INSERT INTO shop.items (id, label) OVERRIDING SYSTEM VALUE VALUES (77, 'a') RETURNING id;

-- shared and computed tables are not the tenant's
-- @ threat E5
-- @ user acme_rw,globex_rw
-- @ refused 42501
INSERT INTO shop.rates VALUES ('IT', 22);
-- @ user acme_rw,globex_rw
-- @ threat E5
-- @ refused 42501
INSERT INTO channels VALUES (9, 'fax', 1);
-- @ user acme_rw,globex_rw
-- @ threat E5
-- @ refused 42501
INSERT INTO materialized.daily_metrics VALUES ('2026-01-01', 1, 1, 1, 1);
-- @ user acme_rw,globex_rw
-- @ refused 42501
INSERT INTO shop.changes VALUES (1, 'not in the list of what the role writes');
-- @ user acme_bi,globex_bi
-- @ refused 42501
INSERT INTO shop.customers (id, name) VALUES (101, 'x');
-- @ user acme_bi,globex_bi
-- @ refused 42501
WITH x AS (INSERT INTO shop.queue (job) VALUES (1) RETURNING job) SELECT * FROM x;
-- @ user acme_masked
-- @ refused 42501
INSERT INTO contacts (tenant_id, contact_no) VALUES ('acme', 99);

-- scripts
INSERT INTO shop.customers (id, name) VALUES (101, 'x')\;
SELECT count(*), max(id) FROM shop.customers;
BEGIN\;
INSERT INTO shop.customers (id, name) VALUES (101, 'x')\;
SELECT id, name FROM shop.customers WHERE id > 10 ORDER BY id\;
ROLLBACK\;
SELECT count(*) FROM shop.customers;
-- @ steps
BEGIN\;
INSERT INTO shop.customers (id, name) VALUES (101, 'x')\;
SAVEPOINT s\;
INSERT INTO shop.customers (id, name) VALUES (102, 'y')\;
ROLLBACK TO s\;
INSERT INTO shop.customers (id, name) VALUES (103, 'z')\;
COMMIT\;
SELECT id FROM shop.customers WHERE id > 100 ORDER BY id;
-- @ steps
-- @ error 23505 25P02
BEGIN\;
INSERT INTO shop.customers (id, name) VALUES (101, 'x')\;
INSERT INTO shop.customers (id, name) VALUES (101, 'y')\;
SELECT 1\;
ROLLBACK\;
SELECT count(*) FROM shop.customers WHERE id > 100;
-- in one message, what stands before an error is undone with it
-- @ error 23505
INSERT INTO shop.queue (job) VALUES (101)\;
INSERT INTO shop.customers (id, name) VALUES (1, 'twice')\;
INSERT INTO shop.queue (job) VALUES (102);
-- a constraint that is checked at the end
INSERT INTO shop.orders (id, customer_id) VALUES (101, 1)\;
INSERT INTO shop.lines (order_id, line_no, sku) VALUES (101, 1, 'AB-1'), (101, 2, 'AB-2')\;
SELECT o.id, count(*) FROM shop.orders o JOIN shop.lines l ON l.order_id = o.id WHERE o.id > 100 GROUP BY o.id;
