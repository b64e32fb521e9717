-- Rows of one tenant, deterministic. world.py fills in the names in braces: the tenant and its numbers, the tables
-- (they differ between shared and private) and, for shared tables, the tenant column (tid) and its value (tval).
INSERT INTO {messages} (id, campaign_id, contact_no, channel_id, subject, body, status, cost, segments, sent_at, scheduled_for, took, urgent, payload, metadata, trace{tid})
SELECT {base} + i, CASE WHEN i % 11 <> 0 THEN {base} + i % {ncamp} + 1 END, i % {ncont} + 1, i % 4 + 1, '{code} subject ' || i, CASE WHEN i % 7 = 0 THEN NULL ELSE '{code} body ' || i || E' with ''quotes'' and \\ ' END,
       (ARRAY['queued','sent','delivered','bounced','failed'])[i % 5 + 1]::public.delivery_status, i * 0.0125, i % 3 + 1, timestamptz '2026-01-01 00:00:00+00' + i * interval '3 hours 17 minutes',
       timestamp '2026-01-01 09:00:00' + i * interval '1 day', CASE WHEN i % 9 = 0 THEN NULL ELSE i * interval '1 minute 3.5 seconds' END, CASE WHEN i % 5 = 0 THEN NULL ELSE i % 2 = 0 END,
       decode(md5('{code}' || i), 'hex'), json_build_object('n', i, 'tenant', '{code}', 'list', json_build_array(1, i)), md5('{code}' || i)::uuid{tval}
FROM generate_series(1, {nmsg}) i;

INSERT INTO {campaigns} (id, name, status, channel_id, parent_id, budget, starts_on, created_at, tags, settings{tid})
SELECT {base} + i, '{code} campaign ' || i, (ARRAY['active','paused','done',NULL])[i % 4 + 1], i % 4 + 1, CASE WHEN i > 3 THEN {base} + i - 3 END, i * 1000.25, date '2026-01-01' + i,
       timestamptz '2026-01-01 08:00:00+00' + i * interval '26 hours', ARRAY['{code}', 'tag' || i % 3], jsonb_build_object('owner', '{code}-' || i, 'cap', i * 10, 'nested', jsonb_build_object('a', i, 'b', jsonb_build_array(i, i + 1)))
       {tval}
FROM generate_series(1, {ncamp}) i;

INSERT INTO {contacts} (tenant_id, contact_no, email, full_name, phone, country, credit, birthday)
SELECT '{tenant}', i, 'u' || i || '@{tenant}.example', '{code} Person ' || i, '+49 30 ' || 1000 + i, (ARRAY['DE','FR','US'])[i % 3 + 1], i * 1.5, date '1980-02-28' + i * 100
FROM generate_series(1, {ncont}) i;

INSERT INTO {events} (id, message_id, kind, at, latency_ms, ip, score{tid})
SELECT {base} + i, {base} + i % {nmsg} + 1, (ARRAY['open','click','bounce'])[i % 3 + 1], timestamptz '2026-01-02 00:00:00+00' + i * interval '41 minutes', i * 7 % 1000, ('10.0.{octet}.' || i % 250)::inet, i * 0.5 {tval}
FROM generate_series(1, {nev}) i;

INSERT INTO {audit} (tenant_id, id, actor, note) SELECT '{tenant}', i, '{tenant}-actor-' || i % 3, '{code} note ' || i FROM generate_series(1, 12) i;

INSERT INTO {mixed} ("Draft No", "select", "order", "ünïcode"{tid}) SELECT i, '{code} draft ' || i, 100 - i, 'ö{code}' || i {tval} FROM generate_series(1, 6) i;

INSERT INTO {crm_contacts} (contact_no, owner{tid}) SELECT i, '{code} rep ' || i {tval} FROM generate_series(1, {ncont}, 2) i;

INSERT INTO {daily} (day, campaign_id, sent, delivered, spend{tid})
SELECT date '2026-01-10' + d, {base} + i, 10 * i + d, 9 * i + d, i * 2.5 + d {tval} FROM generate_series(1, {ncamp}) i, generate_series(0, 6) d;

-- Schema shop. Numbers that a key holds beside the tenant are the same for every tenant.
INSERT INTO shop.customers (id, name, email, tier, credit, tags, profile, born, active, note{tid})
SELECT i, '{code} customer ' || i, CASE WHEN i % 5 <> 0 THEN 'c' || i || '@shop.example' END, (ARRAY['basic','silver','gold'])[i % 3 + 1]::shop.tier, i * 10.5 - 20, ARRAY['{code}', 't' || i % 2],
       jsonb_build_object('n', i, 'who', '{code}'), date '1990-01-31' + i * 31, i % 4 <> 0, CASE WHEN i % 2 = 0 THEN 'note of {code}' END {tval}
FROM generate_series(1, {ncust}) i;

INSERT INTO shop.orders (id, customer_id, state, total, placed_at{tid})
SELECT i, CASE WHEN i % 7 <> 0 THEN i % {ncust} + 1 END, (ARRAY['open','paid','sent','void'])[i % 4 + 1], i * 12.25, timestamptz '2026-01-05 10:00:00+00' + i * interval '7 hours' {tval}
FROM generate_series(1, 2 * {ncust}) i;

INSERT INTO shop.lines (order_id, line_no, sku, qty, price{tid})
SELECT o, l, 'AB-' || (o * l % 9), l + 1, o * 1.25 {tval} FROM generate_series(1, 2 * {ncust}) o, generate_series(1, 2) l;

INSERT INTO shop.tickets (no, title, state, tenant_id, parent, hours)
SELECT i, '{code} ticket ' || i, (ARRAY['new','open','done'])[i % 3 + 1], '{tenant}', nullif(i - 1, 0), i * 0.25 FROM generate_series(1, 9) i;

INSERT INTO shop.items (id, code, label{tid}) OVERRIDING SYSTEM VALUE SELECT i, 100 + i, '{code} item ' || i {tval} FROM generate_series(1, 6) i;

INSERT INTO {stock} (warehouse, sku, qty, moved{owner}) SELECT w, 'AB-' || i, i * 5, timestamp '2026-01-01 06:00:00' + i * interval '1 day' {tval}
FROM generate_series(1, 5) i, unnest(ARRAY['north', 'south']) w;

INSERT INTO shop.payments (id, ref, amount, method{tid}) SELECT {base} + i, '{code}-' || i, i * 3.5, CASE WHEN i % 2 = 0 THEN 'cash' ELSE 'card' END {tval} FROM generate_series(1, 7) i;

INSERT INTO shop.refunds (id, payment_id, amount{tid}) SELECT i, {base} + i, i {tval} FROM generate_series(1, 3) i;

INSERT INTO shop.ledger (entry, account, amount, booked{tid}) SELECT i, (ARRAY['cash','bank','debt'])[i % 3 + 1], i * 100 - 350, date '2026-01-15' + i * 5 {tval} FROM generate_series(1, 10) i;

INSERT INTO shop.visits (day, page, n{tid}) SELECT date '2026-01-20' + i * 3, '/' || p, i {tval} FROM generate_series(1, 8) i, unnest(ARRAY['home', 'shop']) p;

INSERT INTO shop.notes (id, body, at{tid}) SELECT i, '{code} note ' || i, timestamptz '2026-01-01 12:00:00+00' + i * interval '1 day' {tval} FROM generate_series(1, 4) i;
INSERT INTO {old_notes} (id, body, at{tid}) SELECT i, '{code} old note ' || i, timestamptz '2025-01-01 12:00:00+00' + i * interval '1 day' {tval} FROM generate_series(5, 7) i;

INSERT INTO shop.changes (customer_id, what{tid}) SELECT i, 'first {code}' {tval} FROM generate_series(1, 2) i;

INSERT INTO shop.queue (job, payload, done{tid}) SELECT i, '{code} job ' || i, i % 3 = 0 {tval} FROM generate_series(1, 9) i;
