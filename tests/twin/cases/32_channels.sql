-- What errors, notices and successes tell.
-- @@ threat D1 D2
-- @ error 22P02
SELECT 'abc'::int FROM campaigns;
-- @ error 22P02
SELECT name::numeric FROM campaigns ORDER BY id;
-- @ error 22007
SELECT name::date FROM campaigns;
-- @ error 22008
SELECT (id || '-13-45')::date FROM campaigns;
-- @ error 22003
SELECT (id * 1000)::int FROM campaigns;
-- @ error 22003
SELECT (budget * 1e30)::numeric(10,2) FROM campaigns;
-- @ error 22012
SELECT 1 % (id - id) FROM campaigns;
-- @ error 2201B
SELECT 'x' ~ '(' FROM campaigns;
-- @ error 2201B
SELECT regexp_replace(name, '(', '') FROM campaigns;
-- @ error 22P02
SELECT tags::int[] FROM campaigns;
-- @ error 22P02
SELECT (name || '}')::jsonb FROM campaigns;
-- @ error 22P02
-- @ text
SELECT name::delivery_status FROM campaigns;
-- @ error 22P02
SELECT trace::text::inet FROM messages;
-- @ error 22026
SELECT B'101' & B'1' FROM campaigns;
-- @ error 22011
SELECT substring(name FROM 1 FOR -1) FROM campaigns;
-- @ error 21000
SELECT (SELECT id FROM campaigns);
-- @ error 21000
SELECT id = (SELECT id FROM messages) FROM campaigns;
-- @ error 2202E
SELECT ARRAY[ARRAY[1], ARRAY[1, 2]];
-- @ error 42883
SELECT settings -> 'x' || jsonb_array_length(settings) FROM campaigns;
-- @ error 22014
SELECT ntile(0) OVER () FROM campaigns;
-- @ error 2201W
SELECT id FROM campaigns LIMIT -1;
-- @ error 2201X
SELECT id FROM campaigns OFFSET -1;
-- @ error 2201E
SELECT ln(-1) FROM campaigns;
-- @ error 2201F
SELECT power(-1, 0.5) FROM campaigns;
-- @ error 54000
SELECT chr(0) FROM campaigns;
-- @ error 54000
SELECT repeat('x', 2000000000) FROM campaigns;
-- @ error 42883
SELECT name + 1 FROM campaigns;
-- @ error 42883
SELECT name = id FROM campaigns;
-- @ error 42804
SELECT CASE WHEN true THEN id ELSE name END FROM campaigns;
-- @ error 42804
SELECT id FROM campaigns WHERE name;
-- @ error 42846
SELECT id::date FROM campaigns;
-- @ error 42P18
-- @ params x
SELECT $1 IS NULL FROM campaigns;
-- @ error 42725
SELECT '1' + '2' FROM campaigns;
-- @ error 42P10
SELECT DISTINCT ON (id) name FROM campaigns ORDER BY name;
-- @ error 42P10
SELECT id FROM campaigns ORDER BY 5;
-- @ error 42P10
SELECT id FROM campaigns GROUP BY 2;
-- @ error 42601
SELECT DISTINCT id, FROM campaigns;
-- @ error 42803
SELECT id FROM campaigns WHERE count(*) > 1;
-- @ error 42803
SELECT sum(sum(id)) FROM campaigns;
-- @ error 42P20
SELECT id FROM campaigns WHERE rank() OVER () = 1;
-- @ error 42P19
WITH RECURSIVE x AS (SELECT id FROM campaigns WHERE id IN (SELECT id FROM x)) SELECT * FROM x;
-- @ error 42601
WITH x AS (SELECT 1;
-- @ error 42601
SELECT 'open;
-- @ error 42601
SELECT $tag$ open;
-- @ error 42601
SELECT 1 1;
-- an error in the middle of many rows
-- @ error 22012
SELECT 1 / (id - 5500004) FROM campaigns UNION ALL SELECT 1 / (id - 7700004) FROM campaigns;
-- what does not fail, though it would on rows of others
SELECT sum(1 / id) FROM audit;
SELECT id FROM audit WHERE 10 / id > 2 ORDER BY id;
SELECT id, 10 / id FROM audit WHERE id <> 0 ORDER BY id;
SELECT count(*) FROM audit WHERE actor ~ actor;
SELECT count(*) FROM campaigns WHERE name ~ ('^' || name);
SELECT count(*) FROM campaigns WHERE id::int % 7 = 1;
SELECT id FROM campaigns WHERE id::int4 > 5500003 AND name <> '' ORDER BY 1;
SELECT contact_no FROM contacts WHERE 100 / contact_no > 20 AND full_name ~ full_name ORDER BY 1;
SELECT count(*) FROM shop.customers WHERE 1 / id >= 0;
SELECT count(*) FROM shop.customers WHERE name ~ name AND tags[1] ~ tags[1];
SELECT count(*) FROM shop.customers WHERE born::timestamp > '1990-01-01' AND (profile ->> 'n')::int > 0;
SELECT count(*) FROM shop.lines WHERE price / line_no > 0 AND split_part(sku, '-', 2)::int < 100;
SELECT count(*) FROM shop.lines WHERE split_part(sku, '-', 2)::smallint >= 0;
SELECT count(*) FROM shop.tickets WHERE hours / no > 0 OR title ~ title;
SELECT count(*) FROM shop.stock WHERE 100 / qty > 0 AND warehouse ~ warehouse;
SELECT count(*) FROM shop.ledger WHERE 1 / entry >= 0 AND account ~ account AND entry::int > 0;
SELECT count(*) FROM shop.orders o JOIN shop.customers c ON 10 / c.id = 10 / o.id;
SELECT count(*) FROM shop.orders o LEFT JOIN shop.customers c ON c.id = o.customer_id AND 10 / c.id > 0 AND 10 / o.id > 0;
SELECT state, count(*) FROM shop.orders WHERE total / id > 0 GROUP BY state HAVING sum(1 / id) >= 0 ORDER BY 1;
SELECT * FROM (SELECT job, 10 / job AS d FROM shop.queue) x WHERE d > 2 ORDER BY job;
WITH x AS (SELECT job, 10 / job AS d FROM shop.queue) SELECT job FROM x WHERE d > 2 ORDER BY job;
SELECT job FROM shop.queue WHERE job IN (SELECT 10 / no FROM shop.tickets) ORDER BY 1;
SELECT DISTINCT 10 / job FROM shop.queue ORDER BY 1;
SELECT max(10 / job) FROM shop.queue;
SELECT min(payload::text) FILTER (WHERE 10 / job > 1) FROM shop.queue;
-- @ error 22012
SELECT job FROM shop.queue WHERE CASE WHEN job = 0 THEN 1 / 0 ELSE 1 END = 1 ORDER BY 1;
SELECT job FROM shop.queue WHERE job > 0 AND 9 / job = 3 ORDER BY 1;
-- @ params 2
SELECT job FROM shop.queue WHERE 10 / job > $1 ORDER BY 1;
-- @ params (
-- @ error 2201B
SELECT count(*) FROM shop.queue WHERE payload ~ $1;
-- notices
-- @ threat D1
SELECT 'a\' || 'b';
COMMIT;
ROLLBACK;
BEGIN\;
BEGIN\;
COMMIT;
-- @ threat B3
SELECT 1\;
SELECT count(*) FROM campaigns\;
SELECT count(*) FROM messages;
-- @ error 22012
-- @ threat B3
SELECT 1\;
SELECT 1 / 0\;
SELECT count(*) FROM campaigns;
-- @ error 42703
-- @ threat B3
SELECT count(*) FROM campaigns\;
SELECT nothing FROM campaigns\;
SELECT 3;
-- @ steps
-- @ threat B3
-- @ error 42P01 25P02 25P02
BEGIN\;
SELECT * FROM nothing\;
SELECT count(*) FROM campaigns\;
SAVEPOINT s\;
ROLLBACK\;
SELECT count(*) FROM campaigns;
-- literals
-- @@ threat B1 B2
SELECT 'a''b', E'a\'b', E'\\', '\', $$'$$, $x$$$ $x$, U&'\\', '''', '--', '/*', '*/';
-- @ error 42601
SELECT 'x' 'y';
SELECT 'x'
'y';
SELECT E'\x27 OR 1=1 --', E'\047', E'\u0027', U&'\0027';
SELECT N'national', B'1', X'F';
SELECT count(*) FROM audit WHERE note = 'x\' OR true OR note = '\';
SELECT count(*) FROM audit WHERE note = E'x\' OR true OR note = \'';
SELECT count(*) FROM audit WHERE actor = ''' OR tenant_id = ''initech';
SELECT count(*) FROM audit WHERE tenant_id = 'initech''--' OR id = 1;
SELECT '${jndi}', '%s', '$1', ':x', '?', '@x', '{tenant}';
SELECT - - 1, + + 1, NOT NOT true, - (- 1), 1 - -1, 2 * -3;
SELECT 1::int::text::varchar(5), (1 + 2)::text, (- 1)::text, -1::text::int;
SELECT (true OR false) AND false, true OR (false AND false), NOT (true AND false), (NOT true) AND false;
SELECT (1 IS NULL) IS NULL, (1 = 1) = true, (1 < 2) = true;
SELECT (SELECT 1) + (SELECT 2), ((SELECT 1)), (((1)));
