-- Tenants whose value is a number or a uuid, in columns of those types.
-- @@ threat E1 E2
-- @@ user number_rw
SELECT * FROM books.counters ORDER BY name;
SELECT * FROM books.meters ORDER BY meter;
SELECT count(*), sum(value), max(name) FROM books.counters;
SELECT m.meter, c.value FROM books.meters m JOIN books.counters c ON c.name = 'counter ' || m.meter ORDER BY 1;
SELECT account, count(*) FROM books.meters GROUP BY account;
SELECT count(*) FROM books.meters WHERE account = 41 OR account > 0;
SELECT 1 / account FROM books.meters WHERE 1 / (account - 41) > 0 ORDER BY 1;
INSERT INTO books.counters (name) VALUES ('new') RETURNING *;
INSERT INTO books.counters VALUES ('a', 1), ('b', 2) RETURNING *;
INSERT INTO books.counters SELECT name || '!', value FROM books.counters RETURNING name, value;
INSERT INTO books.counters (name, value) VALUES ('counter 1', 5) ON CONFLICT (name) DO UPDATE SET value = counters.value + excluded.value RETURNING *;
INSERT INTO books.counters (name) VALUES ('counter 1') ON CONFLICT ON CONSTRAINT counters_pkey DO NOTHING;
UPDATE books.counters SET value = value + 1 RETURNING *;
UPDATE books.counters SET name = upper(name) WHERE value % 2 = 0 RETURNING name;
DELETE FROM books.counters WHERE value > 0 RETURNING *;
INSERT INTO books.meters (meter, reading) VALUES (101, 1.5) RETURNING *;
INSERT INTO books.meters (meter, account) VALUES (101, DEFAULT) RETURNING *;
INSERT INTO books.meters (meter, account) VALUES (101, 42) RETURNING *;
INSERT INTO books.meters (meter, account) VALUES (101, '42') RETURNING *;
INSERT INTO books.meters (meter, account) VALUES (101, 40 + 2) RETURNING *;
INSERT INTO books.meters (account, meter) SELECT account, meter + 100 FROM books.meters RETURNING *;
INSERT INTO books.meters SELECT account, meter + 100, reading FROM books.meters RETURNING meter;
UPDATE books.meters SET account = account, reading = 0 RETURNING *;
UPDATE books.meters SET account = 42, reading = reading * 2 RETURNING *;
UPDATE books.meters SET reading = account WHERE account IN (41, 42, 43) RETURNING *;
DELETE FROM books.meters WHERE account <> 42 RETURNING *;
DELETE FROM books.meters USING books.counters c WHERE c.name = 'counter ' || meter RETURNING meter, account;
-- @ params 101|42
INSERT INTO books.meters (meter, account) VALUES ($1, $2) RETURNING *;
-- @ data 101,5
COPY books.counters FROM STDIN (FORMAT csv);
-- @ data 42<TAB>101<TAB>5
COPY books.meters FROM STDIN;
-- @ data 101<TAB>5
COPY books.meters (meter, reading) FROM STDIN;
COPY books.meters TO STDOUT;
COPY books.counters TO STDOUT (FORMAT csv, HEADER);
-- @ refused 42501 23514
INSERT INTO books.meters (meter, account) VALUES (101, 41);
-- @ refused 42501 23514
INSERT INTO books.meters (meter, account) VALUES (101, 40 + 1);
-- @ refused 42501 23514
INSERT INTO books.meters (meter, account) VALUES (101, -42);
-- @ refused 42501 23514
INSERT INTO books.meters SELECT account + 1, meter FROM books.meters;
-- @ refused 42501 23514
UPDATE books.meters SET account = 43;
-- @ refused 42501 23514
UPDATE books.meters SET account = account + 1;
-- @ refused 42501 23514
-- @ params 41
UPDATE books.meters SET account = $1;
-- @ refused 42501 23514
-- @ data 41<TAB>101<TAB>5
COPY books.meters FROM STDIN;
-- @ error 42703
SELECT account FROM books.counters;
-- @ error 42703
INSERT INTO books.counters (name, account) VALUES ('x', 41);
-- @ error 23505
INSERT INTO books.counters (name) VALUES ('counter 1');
-- @@ user uuid_rw
SELECT * FROM books.devices ORDER BY serial;
SELECT owner, count(*) FROM books.devices GROUP BY owner;
SELECT count(*) FROM books.devices WHERE owner::text LIKE '%42';
INSERT INTO books.devices (serial) VALUES ('S99') RETURNING *;
INSERT INTO books.devices (serial, owner) VALUES ('S99', DEFAULT) RETURNING *;
INSERT INTO books.devices (serial, owner) VALUES ('S99', '0e8400e2-0000-4000-8000-000000000043') RETURNING *;
INSERT INTO books.devices (serial, owner) VALUES ('S99', '0E8400E2-0000-4000-8000-000000000043'::uuid) RETURNING *;
INSERT INTO books.devices SELECT owner, serial || '!', model FROM books.devices RETURNING *;
INSERT INTO books.devices (serial, model) VALUES ('S1', 'm') ON CONFLICT (owner, serial) DO UPDATE SET model = excluded.model RETURNING *;
UPDATE books.devices SET model = 'x', owner = owner RETURNING *;
DELETE FROM books.devices WHERE serial > 'S2' RETURNING *;
-- @ data 0e8400e2-0000-4000-8000-000000000043<TAB>S99<TAB>m
COPY books.devices FROM STDIN;
-- @ data S99<TAB>m
COPY books.devices (serial, model) FROM STDIN;
-- @ params 0e8400e2-0000-4000-8000-000000000043
INSERT INTO books.devices (serial, owner) VALUES ('S99', $1) RETURNING *;
-- @ refused 42501 23514
INSERT INTO books.devices (serial, owner) VALUES ('S99', '0e8400e2-0000-4000-8000-000000000042');
-- @ refused 42501 23514
INSERT INTO books.devices (serial, owner) VALUES ('S99', md5('x')::uuid);
-- @ refused 42501 23514
UPDATE books.devices SET owner = '0e8400e2-0000-4000-8000-000000000042';
-- @ refused 42501 23514
-- @ data 0e8400e2-0000-4000-8000-000000000042<TAB>S99<TAB>m
COPY books.devices FROM STDIN;
-- @ error 23505
INSERT INTO books.devices (serial) VALUES ('S1');
