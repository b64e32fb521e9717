-- Rows of a tenant that nobody works for, in the shared tables only: each value breaks something as soon as an expression of
-- somebody else's statement is evaluated on it (cases/14_attacks.sql).
INSERT INTO public.audit (tenant_id, id, actor, note) VALUES ('poison', 0, '(', 'x\'), ('poison', -1, '[', '{bad json'), ('poison', 0, '\', '<x');
INSERT INTO public.campaigns (tenant_id, id, name, status, channel_id, parent_id, budget, starts_on, tags, settings) VALUES
  ('poison', 0, '(', '\', 0, 9223372036854775807, 0, 'infinity', '{{a,b},{c,d}}', '"x"'),
  ('poison', -9223372036854775808, '[', '\', -1, 0, -1, '-infinity', '{a,b,c,d}', '[1]');
INSERT INTO public.contacts (tenant_id, contact_no, email, full_name, phone, credit) VALUES
  ('poison', 0, '(', '\', '[', 1e308), ('poison', 2147483647, '(', '\', '[', 0);
INSERT INTO public.messages (tenant_id, id, contact_no, channel_id, subject, body, cost, segments, metadata, sent_at) VALUES
  ('poison', 0, 0, 0, '(', '\', 0, 0, '"x"', 'infinity'), ('poison', 1, 0, 0, '(', '\', 0, 0, '{"a": 1, "a": 2}', '-infinity');
INSERT INTO shop.customers (tenant_id, id, name, email, credit, tags, profile, born, note) VALUES
  ('poison', 0, '(', '\', -100, '{{a,b},{c,d}}', '"x"', 'infinity', '['), ('poison', 9223372036854775807, '[', '(', 99999999.99, '{}', '[1]', '-infinity', '\');
INSERT INTO shop.orders (tenant_id, id, customer_id, state, total, placed_at) VALUES ('poison', 0, 0, 'void', 0, 'infinity'), ('poison', 2147483647, NULL, 'void', 99999999.99, '-infinity');
INSERT INTO shop.lines (tenant_id, order_id, line_no, sku, qty, price) VALUES ('poison', 0, 0, 'ZZ-0', 1, 0), ('poison', 0, 32767, 'ZZ-99999999999', 100, 99999999.99);
INSERT INTO shop.tickets (tenant_id, no, title, state, parent, hours) VALUES ('poison', 0, '(', '\', 0, 0), ('poison', 2147483647, '[', '\', 2147483647, 9999.99);
INSERT INTO store.stock_levels (owner, warehouse, sku, qty) VALUES ('poison', '(', 'ZZ-0', 0), ('poison', '\', 'ZZ-1', 2147483647);
INSERT INTO shop.ledger (tenant_id, entry, account, amount) VALUES ('poison', 0, '(', 0), ('poison', 9223372036854775807, '\', 9999999999.99);
INSERT INTO shop.queue (tenant_id, job, payload) VALUES ('poison', 0, '('), (NULL, 0, '(');
