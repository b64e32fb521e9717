-- INSERT … ON CONFLICT: a conflict is one with an own row, and only an own row is touched.
-- @@ threat E1 D2
INSERT INTO shop.customers (id, name) VALUES (1, 'again') ON CONFLICT DO NOTHING;
INSERT INTO shop.customers (id, name) VALUES (1, 'again'), (101, 'new') ON CONFLICT DO NOTHING RETURNING id;
INSERT INTO shop.customers (id, name) VALUES (1, 'again') ON CONFLICT (id) DO NOTHING;
INSERT INTO shop.customers (id, name) VALUES (1, 'again') ON CONFLICT (id) DO UPDATE SET name = 'updated';
INSERT INTO shop.customers (id, name) VALUES (1, 'again') ON CONFLICT (id) DO UPDATE SET name = excluded.name RETURNING id, name;
INSERT INTO shop.customers (id, name) VALUES (1, 'again'), (101, 'new') ON CONFLICT (id) DO UPDATE SET name = excluded.name || ' was ' || customers.name RETURNING id, name;
INSERT INTO shop.customers AS c (id, name) VALUES (1, 'again') ON CONFLICT (id) DO UPDATE SET name = c.name || excluded.name RETURNING c.*;
INSERT INTO shop.customers AS c (id, name) VALUES (1, 'again') ON CONFLICT (id) DO UPDATE SET name = c.name WHERE c.tier = 'gold' RETURNING c.id;
INSERT INTO shop.customers AS c (id, name) VALUES (1, 'again'), (2, 'again') ON CONFLICT (id) DO UPDATE SET note = 'upserted' WHERE c.id = 1 RETURNING c.id, c.note;
INSERT INTO shop.customers AS c (id, name) VALUES (1, 'a') ON CONFLICT (id) DO UPDATE SET note = excluded.note WHERE excluded.name <> c.name OR true RETURNING id;
INSERT INTO shop.customers (id, name) VALUES (1, 'again') ON CONFLICT (id) DO UPDATE SET (name, note) = (excluded.name, 'row') RETURNING name, note;
INSERT INTO shop.customers (id, name) VALUES (1, 'again') ON CONFLICT (id) DO UPDATE SET (name, note) = ROW (excluded.name, 'row') RETURNING name, note;
INSERT INTO shop.customers (id, name) VALUES (1, 'again') ON CONFLICT (id) DO UPDATE SET (name, note) = (SELECT 'from', 'select') RETURNING name, note;
INSERT INTO shop.customers (id, name) VALUES (1, 'again') ON CONFLICT (id) DO UPDATE SET name = DEFAULT, note = DEFAULT, tier = DEFAULT WHERE false;
INSERT INTO shop.customers (id, name) VALUES (1, 'again') ON CONFLICT (id) DO UPDATE SET tier = DEFAULT, credit = DEFAULT, note = DEFAULT RETURNING tier, credit, note;
INSERT INTO shop.customers (id, name) VALUES (1, 'again') ON CONFLICT (id) DO UPDATE SET credit = (SELECT count(*) FROM shop.customers) RETURNING credit;
INSERT INTO shop.customers (id, name) VALUES (1, 'again') ON CONFLICT (id) DO UPDATE SET tags[1] = 'first' RETURNING tags;
INSERT INTO shop.customers (id, name, email) VALUES (101, 'x', 'c1@shop.example') ON CONFLICT (email) DO UPDATE SET note = 'same mail' RETURNING id, note;
INSERT INTO shop.customers (id, name, email) VALUES (101, 'x', 'c1@shop.example') ON CONFLICT (email) DO NOTHING RETURNING id;
INSERT INTO shop.customers (id, name, email) VALUES (101, 'x', 'c1@shop.example') ON CONFLICT DO NOTHING;
INSERT INTO shop.customers (id, name, email) VALUES (101, 'x', NULL), (102, 'y', NULL) ON CONFLICT (email) DO NOTHING RETURNING id;
INSERT INTO shop.customers (id, name) VALUES (1, 'again') ON CONFLICT ON CONSTRAINT customers_pkey DO NOTHING;
INSERT INTO shop.customers (id, name) VALUES (1, 'again') ON CONFLICT ON CONSTRAINT customers_pkey DO UPDATE SET name = 'by constraint' RETURNING name;
INSERT INTO shop.customers (id, name, email) VALUES (101, 'x', 'c2@shop.example') ON CONFLICT ON CONSTRAINT customers_email_key DO UPDATE SET name = excluded.name RETURNING id, name;
INSERT INTO shop.customers (id, name) SELECT id, 'all of them' FROM shop.customers ON CONFLICT (id) DO UPDATE SET name = excluded.name RETURNING id, name;
INSERT INTO shop.customers (id, name) SELECT id * 2, 'half' FROM shop.customers ON CONFLICT (id) DO NOTHING RETURNING id;
INSERT INTO shop.customers SELECT * FROM shop.customers ON CONFLICT DO NOTHING;
INSERT INTO shop.customers SELECT * FROM shop.customers ON CONFLICT (id) DO UPDATE SET credit = customers.credit + excluded.credit RETURNING id, credit;
-- a number that others have and this tenant does not
INSERT INTO shop.customers (id, name) VALUES (14, 'fourteen') ON CONFLICT (id) DO UPDATE SET name = 'touched' RETURNING name;
INSERT INTO shop.customers (id, name) VALUES (0, 'nobody has poison') ON CONFLICT (id) DO UPDATE SET name = 'touched' || customers.name RETURNING name;
INSERT INTO shop.customers (id, name, email) VALUES (101, 'x', '\') ON CONFLICT (email) DO UPDATE SET name = 'touched' RETURNING name;
INSERT INTO shop.orders (id) VALUES (1), (101) ON CONFLICT (id) DO UPDATE SET state = 'paid', total = orders.total + 1 RETURNING id, state, total;
INSERT INTO shop.lines (order_id, line_no, sku) VALUES (1, 1, 'CD-1'), (1, 9, 'CD-2') ON CONFLICT (order_id, line_no) DO UPDATE SET qty = lines.qty + excluded.qty RETURNING line_no, qty, total;
INSERT INTO shop.lines (order_id, line_no, sku) VALUES (1, 1, 'CD-1') ON CONFLICT (line_no, order_id) DO UPDATE SET sku = excluded.sku RETURNING sku;
INSERT INTO shop.stock VALUES ('north', 'AB-1', 7), ('east', 'AB-1', 7) ON CONFLICT (warehouse, sku) DO UPDATE SET qty = stock.qty + excluded.qty RETURNING warehouse, qty;
INSERT INTO shop.stock AS s VALUES ('north', 'AB-1', 7) ON CONFLICT ON CONSTRAINT stock_pkey DO UPDATE SET qty = s.qty * 10 RETURNING s.qty;
INSERT INTO shop.ledger VALUES (1, 'cash', 1), (101, 'cash', 1) ON CONFLICT (entry) DO UPDATE SET amount = ledger.amount + excluded.amount RETURNING entry, amount;
INSERT INTO shop.ledger VALUES (1, 'cash', 1) ON CONFLICT DO NOTHING;
INSERT INTO shop.visits VALUES ('2026-01-23', '/home', 5), ('2026-02-01', '/new', 1) ON CONFLICT (day, page) DO UPDATE SET n = visits.n + excluded.n RETURNING day, page, n;
INSERT INTO shop.tickets (no, title) VALUES (1, 'again') ON CONFLICT DO NOTHING RETURNING no;
INSERT INTO shop.tickets (no, title) VALUES (1, 'again') ON CONFLICT (tenant_id, no) DO UPDATE SET title = excluded.title RETURNING *;
INSERT INTO shop.tickets (no, title) VALUES (1, 'again') ON CONFLICT (no, tenant_id) DO UPDATE SET title = excluded.title RETURNING no, title;
INSERT INTO shop.tickets (no, title) VALUES (101, 'x') ON CONFLICT (tenant_id, title) DO NOTHING RETURNING no;
INSERT INTO shop.tickets (no, title) VALUES (1, 'again') ON CONFLICT ON CONSTRAINT tickets_pkey DO UPDATE SET hours = 1.5 WHERE tickets.tenant_id = excluded.tenant_id RETURNING no, hours;
INSERT INTO shop.tickets (no, title) VALUES (1, 'again') ON CONFLICT (tenant_id, no) DO UPDATE SET title = excluded.tenant_id || '!' RETURNING title;
INSERT INTO contacts (tenant_id, contact_no, full_name) SELECT tenant_id, contact_no, 'x' FROM contacts ON CONFLICT (tenant_id, contact_no) DO UPDATE SET full_name = contacts.full_name || excluded.full_name RETURNING contact_no, full_name;
INSERT INTO campaigns (id, name, channel_id) SELECT id, 'x', 1 FROM campaigns ON CONFLICT (id) DO UPDATE SET name = excluded.name, budget = campaigns.budget * 2 RETURNING id, budget;
INSERT INTO messages (id, subject) SELECT id, 'x' FROM messages WHERE id % 10 = 0 ON CONFLICT (id) DO UPDATE SET subject = messages.subject || excluded.subject RETURNING id, subject;
INSERT INTO shop.queue (job) VALUES (1) ON CONFLICT DO NOTHING RETURNING job;
WITH s AS (SELECT id, name FROM shop.customers) INSERT INTO shop.customers (id, name) SELECT id + 10, name FROM s ON CONFLICT (id) DO UPDATE SET name = excluded.name RETURNING id;
INSERT INTO shop.customers (id, name) VALUES (1, 'again') ON CONFLICT (id) DO UPDATE SET name = 'x' WHERE EXISTS (SELECT 1 FROM shop.orders o WHERE o.customer_id = customers.id) RETURNING id;
INSERT INTO shop.customers (id, name) VALUES (5, 'again') ON CONFLICT (id) DO UPDATE SET name = 'x' WHERE customers.email IS NULL AND 1 / customers.id >= 0 RETURNING id;
-- @ params 1|again
INSERT INTO shop.customers (id, name) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET name = excluded.name || $2 RETURNING id, name;
-- @ error 21000
INSERT INTO shop.customers (id, name) VALUES (101, 'a'), (101, 'b') ON CONFLICT (id) DO UPDATE SET name = 'x';
-- @ error 23505
INSERT INTO shop.customers (id, name, email) VALUES (101, 'x', 'c1@shop.example') ON CONFLICT (id) DO NOTHING;
-- @ error 23505
INSERT INTO shop.customers (id, name, email) VALUES (1, 'x', 'x@x') ON CONFLICT (id) DO UPDATE SET id = 2;
-- @ error 23514
INSERT INTO shop.customers (id, name) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET credit = -1000;
-- @ error 42P10
INSERT INTO shop.customers (id, name) VALUES (1, 'x') ON CONFLICT (name) DO NOTHING;
-- @ error 42P10
INSERT INTO shop.customers (id, name) VALUES (1, 'x') ON CONFLICT (id, name) DO NOTHING;
-- @ refused 0A000 42P10
INSERT INTO shop.customers (id, name) VALUES (1, 'x') ON CONFLICT (lower(name)) DO NOTHING;
-- @ error 42P10
INSERT INTO shop.queue (job) VALUES (1) ON CONFLICT (job) DO NOTHING;
-- @ error 42P10
INSERT INTO shop.tickets (no) VALUES (1) ON CONFLICT (no) DO NOTHING;
-- @ error 42703
INSERT INTO shop.customers (id, name) VALUES (1, 'x') ON CONFLICT (tenant_id, id) DO NOTHING;
-- @ error 42703
INSERT INTO shop.customers (id, name) VALUES (1, 'x') ON CONFLICT (nothing) DO NOTHING;
-- @ error 42704
INSERT INTO shop.customers (id, name) VALUES (1, 'x') ON CONFLICT ON CONSTRAINT cust_pk DO NOTHING;
-- @ error 42704
INSERT INTO shop.customers (id, name) VALUES (1, 'x') ON CONFLICT ON CONSTRAINT nothing DO NOTHING;
-- @ error 42703
INSERT INTO shop.customers (id, name) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET name = excluded.tenant_id;
-- @ error 42703
INSERT INTO shop.customers (id, name) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET tenant_id = 'initech';
-- @ error 42703
INSERT INTO shop.customers (id, name) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET name = 'x' WHERE customers.tenant_id = 'initech';
-- @ error 42702
INSERT INTO shop.customers (id, name) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET name = name || 'x';
-- @ error 42P01
INSERT INTO shop.customers AS c (id, name) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET name = customers.name;
-- @ error 42601
INSERT INTO shop.customers (id, name) VALUES (1, 'x') ON CONFLICT DO UPDATE SET name = 'x';
-- moving the row away by DO UPDATE
-- @ refused 42501 23514
INSERT INTO shop.tickets (no, title) VALUES (1, 'again') ON CONFLICT (tenant_id, no) DO UPDATE SET tenant_id = 'initech';
-- @ refused 42501 23514
INSERT INTO shop.tickets (no, title) VALUES (1, 'again') ON CONFLICT (tenant_id, no) DO UPDATE SET tenant_id = excluded.tenant_id || 'x';
-- @ refused 42501 23514
INSERT INTO shop.tickets (no, title, tenant_id) VALUES (1, 'again', 'initech') ON CONFLICT DO NOTHING;
-- @ user acme_rw
INSERT INTO shop.tickets (no, title) VALUES (1, 'again') ON CONFLICT (tenant_id, no) DO UPDATE SET tenant_id = 'acme', title = 'kept' RETURNING *;
INSERT INTO shop.tickets (no, title) VALUES (1, 'again') ON CONFLICT (tenant_id, no) DO UPDATE SET tenant_id = excluded.tenant_id, title = 'kept' RETURNING *;

-- Keys without the tenant column: whether there is a conflict could depend on rows of others.
INSERT INTO shop.payments (id, ref, amount) VALUES (42, 'nobody has this', 1) RETURNING id, method;
-- @ error 23505
-- @ user acme_rw
INSERT INTO shop.payments (id, ref, amount) VALUES (5500001, 'x', 1);
-- @ refused 0A000
-- @ user acme_rw,globex_rw
INSERT INTO shop.payments (id, ref, amount) VALUES (42, 'x', 1) ON CONFLICT DO NOTHING;
-- @ refused 0A000
-- @ user acme_rw,globex_rw
INSERT INTO shop.payments (id, ref, amount) VALUES (42, 'x', 1) ON CONFLICT (id) DO NOTHING;
-- @ refused 0A000
-- @ user acme_rw,globex_rw
INSERT INTO shop.payments (id, ref, amount) VALUES (9900001, 'x', 1) ON CONFLICT (id) DO UPDATE SET amount = payments.amount + 1 RETURNING amount;
-- @ refused 0A000
-- @ user acme_rw,globex_rw
INSERT INTO shop.payments (id, ref, amount) VALUES (42, 'INTC-1', 1) ON CONFLICT (ref) DO UPDATE SET amount = 0 RETURNING id;
-- @ refused 0A000
-- @ user acme_rw,globex_rw
INSERT INTO shop.payments (id, ref, amount) VALUES (42, 'x', 1) ON CONFLICT ON CONSTRAINT payments_ref_key DO NOTHING;
-- a duplicate of a row of somebody else is told as any duplicate is; no rewriting hides it, and `headgate check` says so
-- @ refused 23505
-- @ user acme_rw,globex_rw
INSERT INTO shop.payments (id, ref, amount) VALUES (9900001, 'x', 1);
-- @ refused 23505
-- @ user acme_rw,globex_rw
INSERT INTO shop.payments (id, ref, amount) VALUES (42, 'INTC-1', 1);
-- what rows of others could be asked for by a foreign key without the tenant column, or be in the way of
-- @ threat E4 D2
-- @ refused 42501
-- @ user acme_rw
INSERT INTO shop.refunds (id, payment_id) SELECT 100 + id % 10, id FROM shop.payments RETURNING id;
-- @ threat E4 D2
-- @ refused 42501
-- @ user acme_rw
INSERT INTO shop.refunds (id, payment_id) VALUES (101, 5500001);
-- @ threat E4 D2
-- @ refused 42501
-- @ user acme_rw
INSERT INTO shop.refunds (id, payment_id) VALUES (101, 5500002);
-- @ threat E4 D2
-- @ refused 42501
-- @ user acme_rw
INSERT INTO shop.refunds VALUES (101, NULL), (102, 5500001);
-- @ threat E4 D2
-- @ refused 42501
-- @ user acme_rw
UPDATE shop.refunds SET payment_id = 5500003;
-- @ threat E4 D2
-- @ refused 42501
-- @ user acme_rw
UPDATE shop.refunds SET (amount, payment_id) = (SELECT 1.5, 5500001) WHERE id = 1;
INSERT INTO shop.refunds (id, payment_id) VALUES (101, NULL), (102, DEFAULT) RETURNING id, payment_id;
UPDATE shop.refunds SET payment_id = NULL;
-- @ threat D2
-- @ refused 42501
-- @ user acme_rw,globex_rw
UPDATE shop.payments SET id = 9900001 WHERE ref LIKE '%-7';
