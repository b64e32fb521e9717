-- COPY: out of own rows, in with the own value.
-- @@ threat A6 E1
COPY shop.customers TO STDOUT;
COPY shop.customers (id, name) TO STDOUT;
COPY shop.customers (name, id, tier) TO STDOUT;
COPY shop.customers TO STDOUT (FORMAT csv);
COPY shop.customers TO STDOUT (FORMAT csv, HEADER);
COPY shop.customers TO STDOUT (FORMAT csv, HEADER true, DELIMITER ';', QUOTE '|', NULL 'nil', FORCE_QUOTE *);
COPY shop.customers TO STDOUT WITH (FORMAT csv, FORCE_QUOTE (name, note));
COPY shop.customers TO STDOUT WITH CSV HEADER;
COPY shop.customers TO STDOUT CSV QUOTE AS '"' ESCAPE AS '\';
COPY shop.customers TO STDOUT WITH DELIMITER '|' NULL 'x';
COPY shop.customers TO STDOUT WITH DELIMITER AS ',' NULL AS '';
COPY shop.customers TO STDOUT (FORMAT text, DELIMITER '~', NULL '');
COPY shop.customers TO STDOUT (ENCODING 'UTF8');
COPY shop.lines TO STDOUT;
COPY shop.lines (order_id, sku) TO STDOUT (FORMAT csv);
COPY shop.tickets TO STDOUT;
COPY shop.tickets (no, tenant_id) TO STDOUT (FORMAT csv, HEADER);
COPY shop.stock TO STDOUT;
COPY shop.items TO STDOUT;
COPY shop.payments TO STDOUT;
COPY shop.queue TO STDOUT (FORMAT csv);
-- the rows of a partitioned table cannot be copied by its name, and a private table has no partitions
COPY shop.ledger TO STDOUT;
COPY shop.visits (day, n) TO STDOUT (FORMAT csv);
-- rows of children are not copied with a table, and a private table has no children
COPY shop.notes TO STDOUT;
COPY shop.rates TO STDOUT;
-- @ user acme_bi,globex_bi
COPY channels TO STDOUT;
-- @ user acme_bi,globex_bi
COPY campaigns TO STDOUT;
-- @ user acme_bi,globex_bi
COPY public.campaigns (id, name, tags, settings) TO STDOUT (FORMAT csv, HEADER);
-- @ user acme_bi,globex_bi
COPY messages (id, subject, body, status, payload, metadata) TO STDOUT;
-- @ user acme_bi,globex_bi
COPY messages TO STDOUT (FORMAT csv);
-- @ user acme_bi,globex_bi
COPY contacts TO STDOUT;
-- @ user acme_bi,globex_bi
COPY "Mixed Case" ("select", "ünïcode") TO STDOUT (FORMAT csv, HEADER);
-- @ user acme_bi,globex_bi
COPY "Mixed Case" TO STDOUT WITH CSV HEADER;
-- @ user acme_bi,globex_bi
COPY crm.contacts TO STDOUT;
-- @ user acme_bi,globex_bi
COPY materialized.daily_metrics TO STDOUT (FORMAT csv);
COPY (SELECT * FROM materialized.daily_metrics ORDER BY day, campaign_id LIMIT 3) TO STDOUT;
COPY (SELECT 1, 'a', NULL) TO STDOUT;
COPY (SELECT id, name FROM shop.customers ORDER BY id) TO STDOUT;
COPY (SELECT id, name FROM shop.customers WHERE id > 5 OR true) TO STDOUT (FORMAT csv);
COPY (SELECT c.name, o.id FROM shop.customers c JOIN shop.orders o ON o.customer_id = c.id) TO STDOUT (FORMAT csv, HEADER);
COPY (SELECT count(*) FROM messages) TO STDOUT;
COPY (WITH customers AS (SELECT 1 AS one) SELECT * FROM customers) TO STDOUT;
COPY (WITH x AS (SELECT id FROM shop.customers) SELECT max(id) FROM x) TO STDOUT;
COPY (TABLE shop.rates) TO STDOUT;
COPY (VALUES (1, 'a'), (2, E'tab\tnew\nline')) TO STDOUT;
COPY (SELECT id FROM shop.customers UNION SELECT no FROM shop.tickets) TO STDOUT;
COPY (SELECT customers FROM shop.customers WHERE id = 1) TO STDOUT;
COPY (SELECT row_to_json(c) FROM shop.customers c WHERE c.id < 3) TO STDOUT;
COPY (SELECT relname FROM pg_class WHERE relname = 'customers' AND relkind = 'r') TO STDOUT;
COPY (SELECT current_user, current_database()) TO STDOUT (FORMAT csv, HEADER);
COPY (SELECT 1 / id FROM shop.customers) TO STDOUT;
COPY (SELECT id FROM shop.customers WHERE 'x' ~ name) TO STDOUT;
COPY (SELECT FROM shop.customers) TO STDOUT;
COPY (SELECT '\.' AS a, '\N' AS b, '' AS c, 'a,"b"' AS d) TO STDOUT;
COPY (SELECT '\.' AS a, '\N' AS b, '' AS c, 'a,"b"' AS d) TO STDOUT (FORMAT csv);
COPY (INSERT INTO shop.queue (job) VALUES (101) RETURNING job) TO STDOUT;
COPY (UPDATE shop.queue SET done = true RETURNING job) TO STDOUT;
COPY (DELETE FROM shop.queue RETURNING job, payload) TO STDOUT (FORMAT csv);
-- @ user acme_masked
COPY contacts TO STDOUT;
-- @ user acme_masked
COPY contacts (contact_no, phone) TO STDOUT (FORMAT csv, HEADER);
-- @ user acme_masked
COPY (SELECT phone FROM contacts ORDER BY 1) TO STDOUT;
-- @ user acme_masked
-- @ error 42703
-- @ text
COPY contacts (email) TO STDOUT;
-- @ user acme_masked
-- @ error 42703
COPY (SELECT email FROM contacts) TO STDOUT;
-- @ error 42703
-- @ text
COPY shop.customers (id, tenant_id) TO STDOUT;
-- @ error 42703
-- @ text
COPY shop.customers (nothing) TO STDOUT;
-- @ error 42701
COPY shop.customers (id, id) TO STDOUT;
-- @ error 42P01
COPY shop.ledger_globex TO STDOUT;
-- @ refused 42P01 3F000
COPY store.stock_levels TO STDOUT;
-- @ error 42P01
COPY customers TO STDOUT;
-- @ error 42P01
COPY (SELECT * FROM shop.nothing) TO STDOUT;
-- @ error 42703
COPY (SELECT tenant_id FROM shop.customers) TO STDOUT;
-- @ error 22012
COPY (SELECT 1 / (id - id) FROM shop.customers) TO STDOUT;
-- @ error 0A000
COPY (INSERT INTO shop.queue (job) VALUES (101)) TO STDOUT;
-- @ error 0A000
COPY shop.customers TO STDOUT (FORMAT csv, FORCE_NULL (name));
-- @ error 22023
COPY shop.customers TO STDOUT (FORMAT nothing);
-- @ error 42601
COPY shop.customers TO STDOUT (FORMAT csv, FORMAT text);
-- @ error 0A000
COPY shop.customers TO STDOUT (DELIMITER 'ab');
-- @ error 42P10
COPY shop.lines (total) TO STDOUT;
COPY (SELECT id, name FROM shop.customers ORDER BY id) TO STDOUT (FORMAT binary);
-- @ error 42501
-- @ threat A7
-- @ text
COPY shop.customers TO '/tmp/headgate-never';
-- @ error 42501
-- @ threat A7
-- @ text
COPY shop.customers FROM '/etc/passwd';
-- @ error 42501
-- @ threat A7
-- @ text
COPY shop.customers TO PROGRAM 'cat';
-- @ error 42501
-- @ threat A7
-- @ text
COPY shop.customers FROM PROGRAM 'true';
-- @ error 42501
-- @ threat A7
-- @ text
COPY (SELECT * FROM shop.customers) TO PROGRAM 'cat';

-- in
-- @ data 101<TAB>new
COPY shop.customers (id, name) FROM STDIN;
-- @ data 101<TAB>new
-- @ data 102<TAB>next
-- @ data \.
COPY shop.customers (id, name) FROM STDIN;
COPY shop.customers (id, name) FROM STDIN;
-- @ data 101,new
-- @ data 102,"with ""quotes"", and comma"
-- @ data 103,"two
-- @ data lines"
COPY shop.customers (id, name) FROM STDIN (FORMAT csv);
-- @ data id,name
-- @ data 101,new
COPY shop.customers (id, name) FROM STDIN (FORMAT csv, HEADER);
-- @ data id,name
-- @ data 101,new
COPY shop.customers (id, name) FROM STDIN (FORMAT csv, HEADER MATCH);
-- @ data 101;|new; one|
-- @ data 102;nil
-- @ error 23502
COPY shop.customers (id, name) FROM STDIN (FORMAT csv, DELIMITER ';', QUOTE '|', NULL 'nil');
-- @ data 101~new~nil
COPY shop.customers (id, name, email) FROM STDIN (DELIMITER '~', NULL 'nil');
-- @ data 101<TAB>tab\there<TAB>\N
-- @ data 102<TAB>back\\slash<TAB>
-- @ data 103<TAB>new\nline \x41 \101<TAB>\N
COPY shop.customers (id, name, email) FROM STDIN;
-- @ data 101<TAB>all<TAB>a@x<TAB>gold<TAB>1.5<TAB>{a,b}<TAB>{"k": 1}<TAB>2000-02-29<TAB>f<TAB>note
COPY shop.customers FROM STDIN;
-- @ data 101,all,a@x,gold,1.5,"{a,b}","{""k"": 1}",2000-02-29,f,note
-- @ data 102,none,,basic,,,,,t,
COPY shop.customers FROM STDIN WITH CSV;
-- @ data 101
-- @ data 102
COPY shop.queue (job) FROM STDIN;
-- @ data p<TAB>101
COPY shop.queue (payload, job) FROM STDIN\;
SELECT job, payload FROM shop.queue WHERE job > 100;
-- @ data 1<TAB>8<TAB>AB-1<TAB>2<TAB>1.5
COPY shop.lines (order_id, line_no, sku, qty, price) FROM STDIN;
-- @ data 1<TAB>8<TAB>AB-1<TAB>2<TAB>1.5
COPY shop.lines FROM STDIN\;
SELECT total FROM shop.lines WHERE order_id = 1 AND line_no = 8;
-- @ data 101<TAB>cash<TAB>5<TAB>2026-05-05
COPY shop.ledger FROM STDIN;
-- @ data 2026-01-05,/x,1
-- @ data 2026-02-05,/x,2
-- @ data 2027-01-05,/x,3
COPY shop.visits FROM STDIN (FORMAT csv);
-- @ data east<TAB>AB-1<TAB>5<TAB>\N
COPY shop.stock FROM STDIN;
-- @ data 9<TAB>n<TAB>2026-05-06 07:08:09+02
COPY shop.notes FROM STDIN;
-- @ data 77<TAB>lbl
COPY shop.items (id, label) FROM STDIN;
-- @ data 99<TAB>o
COPY crm.contacts FROM STDIN;
-- @ data 99<TAB>s<TAB>1<TAB>ü
COPY "Mixed Case" FROM STDIN;
-- @ data 1,c,active,1
COPY campaigns (id, name, status, channel_id) FROM STDIN (FORMAT csv);
-- @ data 1,s,queued,\x0102
COPY messages (id, subject, status, payload) FROM STDIN (FORMAT csv);
-- @ data 101<TAB>t
COPY shop.tickets (no, title) FROM STDIN\;
SELECT * FROM shop.tickets WHERE no > 100;
-- @ user acme_rw
-- @ data 101<TAB>acme
COPY shop.tickets (no, tenant_id) FROM STDIN;
-- @ user acme_rw
-- @ data acme,101
-- @ data "acme",102
COPY shop.tickets (tenant_id, no) FROM STDIN (FORMAT csv);
-- @ user acme_rw
-- @ data 101<TAB>t<TAB>new<TAB>acme<TAB>\N<TAB>0.5
COPY shop.tickets FROM STDIN;
-- @ user acme_rw
-- @ data no,tenant_id
-- @ data 101,acme
COPY shop.tickets (no, tenant_id) FROM STDIN (FORMAT csv, HEADER);
-- @ user acme_rw
-- @ data 101<TAB>\x61cme
COPY shop.tickets (no, tenant_id) FROM STDIN;
-- @ refused 42501 23514
-- @ data 101<TAB>initech
COPY shop.tickets (no, tenant_id) FROM STDIN;
-- @ user acme_rw
-- @ refused 42501 23514
-- @ data 101<TAB>acme
-- @ data 102<TAB>initech
COPY shop.tickets (no, tenant_id) FROM STDIN;
-- @ refused 42501 23502
-- @ data 101<TAB>\N
COPY shop.tickets (no, tenant_id) FROM STDIN;
-- @ refused 42501 23514
-- @ data 101,"init"ech
COPY shop.tickets (no, tenant_id) FROM STDIN (FORMAT csv);
-- @ refused 42501 23514
-- @ data 101<TAB>i\x6eitech
COPY shop.tickets (no, tenant_id) FROM STDIN;
-- @ refused 42501 23502
-- @ data 101,
COPY shop.tickets (no, tenant_id) FROM STDIN (FORMAT csv);
-- @ refused 42501 23514
-- @ data 101,""
COPY shop.tickets (no, tenant_id) FROM STDIN (FORMAT csv);
-- @ error 22P04
-- @ data 101
COPY shop.customers (id, name) FROM STDIN;
-- @ error 22P04
-- @ data 101<TAB>a<TAB>extra
COPY shop.customers (id, name) FROM STDIN;
-- @ error 22P04
-- @ data 101,a,extra
COPY shop.customers (id, name) FROM STDIN (FORMAT csv);
-- @ error 22P04
-- @ data 101,"open
COPY shop.customers (id, name) FROM STDIN (FORMAT csv);
-- @ error 22P02
-- @ data abc<TAB>x
COPY shop.customers (id, name) FROM STDIN;
-- @ error 23505
-- @ threat D1
-- @ data 101<TAB>x
-- @ data 1<TAB>twice
COPY shop.customers (id, name) FROM STDIN;
-- @ error 23514
-- @ data 101<TAB>x<TAB>-500
COPY shop.customers (id, name, credit) FROM STDIN;
-- @ error 23503
-- @ data 101<TAB>999
COPY shop.orders (id, customer_id) FROM STDIN;
-- @ error 42703
-- @ data 101<TAB>initech
COPY shop.customers (id, tenant_id) FROM STDIN;
-- @ error 42P10
-- @ data 1<TAB>8<TAB>AB-1<TAB>5
COPY shop.lines (order_id, line_no, sku, total) FROM STDIN;
-- @ error 42P01
COPY shop.ledger_globex FROM STDIN;
-- @ error 42P01
COPY shop.nothing FROM STDIN;
-- @ error 57014
-- @ copyfail
COPY shop.queue (job) FROM STDIN;
-- @ steps
-- @ error 57014 25P02
-- @ copyfail
BEGIN\;
INSERT INTO shop.queue (job) VALUES (1)\;
COPY shop.queue (job) FROM STDIN\;
SELECT 1\;
ROLLBACK;
BEGIN\;
COPY shop.queue (job) FROM STDIN;
-- @ refused 42501
-- @ user acme_rw,globex_rw
-- @ threat E5
-- @ data IT<TAB>22
COPY shop.rates FROM STDIN;
-- @ refused 42501
-- @ user acme_bi,globex_bi
-- @ data 1
COPY shop.queue (job) FROM STDIN;
-- @ refused 42501
-- @ user acme_rw,globex_rw
-- @ data 1<TAB>x
COPY shop.changes FROM STDIN;
-- @ refused 0A000
-- @ data 101<TAB>x
COPY shop.customers (id, name) FROM STDIN WHERE id > 100;
-- @ data 101,x,
COPY shop.customers (id, name, email) FROM STDIN (FORMAT csv, FORCE_NOT_NULL (email));
-- @ data 101,x,""
COPY shop.customers (id, name, email) FROM STDIN (FORMAT csv, FORCE_NULL (email));
-- @ error 0A000
COPY shop.queue (job) FROM STDIN (FORMAT csv, FORCE_QUOTE (job));
-- @ steps
-- @ data 101
BEGIN\;
COPY shop.queue (job) FROM STDIN\;
SELECT count(*) FROM shop.queue\;
ROLLBACK\;
SELECT count(*) FROM shop.queue;
-- @ steps
-- @ data 101
-- @ data --
-- @ data 102
COPY shop.queue (job) FROM STDIN\;
COPY shop.queue (job) FROM STDIN\;
SELECT job FROM shop.queue WHERE job > 100;
-- @ steps
-- @ error 22P02 25P02
-- @ data x
BEGIN\;
COPY shop.queue (job) FROM STDIN\;
SELECT 1\;
ROLLBACK;
SET search_path TO shop\;
COPY queue TO STDOUT\;
RESET search_path;
-- @ params 1
-- @ error 08P01
COPY (SELECT $1) TO STDOUT;
