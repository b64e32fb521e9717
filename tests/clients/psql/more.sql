-- psql's own ways with a query: fetching in pieces, variables, conditions, output, prepared statements, parameters.
\echo '== FETCH_COUNT'
\set FETCH_COUNT 7
SELECT id, subject FROM messages ORDER BY id LIMIT 30;
SELECT 1 WHERE false;
SELECT nothing FROM campaigns;
SELECT 1 / (12 - g) FROM generate_series(1, 20) g;
BEGIN;
SELECT id FROM messages ORDER BY id LIMIT 10;
SELECT 1/0;
SELECT id FROM messages;
ROLLBACK;
\x
SELECT id, name FROM campaigns ORDER BY id;
\x
SELECT count(*) FROM campaigns \g | cat
VALUES (1), (2);
SHOW timezone;
\set FETCH_COUNT 0
\echo '== \\gx and \\g with options'
SELECT id, name FROM campaigns ORDER BY id LIMIT 2 \gx
SELECT id, name FROM campaigns ORDER BY id LIMIT 2 \g (format=csv tuples_only=on)
SELECT id, name FROM campaigns ORDER BY id LIMIT 2 \g (format=latex)
SELECT 1 \gx (border=2)
\echo '== formats'
\pset format wrapped
\pset columns 60
SELECT id, subject, body FROM messages ORDER BY id LIMIT 3;
\pset format asciidoc
SELECT id, name FROM campaigns ORDER BY id LIMIT 2;
\pset format troff-ms
SELECT id, name FROM campaigns ORDER BY id LIMIT 1;
\pset format aligned
\pset linestyle unicode
\pset border 2
\pset title 'a title'
SELECT id, name, tags FROM campaigns ORDER BY id LIMIT 2;
\pset title
\pset linestyle ascii
\pset border 1
\pset footer off
\pset numericlocale on
SELECT id, budget FROM campaigns ORDER BY id LIMIT 2;
\pset numericlocale off
\pset footer on
\t
SELECT id FROM campaigns ORDER BY id LIMIT 2;
\t
\echo '== \\crosstabview'
SELECT status, channel_id, count(*) FROM messages GROUP BY 1, 2 ORDER BY 1, 2 \crosstabview status channel_id count channel_id
SELECT 1 \crosstabview
SELECT 1 AS a, 2 AS b, 3 AS c UNION ALL SELECT 1, 2, 4 \crosstabview
\echo '== \\gdesc'
SELECT * FROM shop.customers \gdesc
SELECT total, placed_at, state FROM shop.orders \gdesc
SELECT sku, qty, price, total FROM shop.lines \gdesc
TABLE materialized.daily_metrics \gdesc
VALUES (1, 'x', NULL::date) \gdesc
SELECT array_agg(status), min(took), avg(cost), count(*) FROM messages \gdesc
SELECT WHERE false \gdesc
SHOW timezone \gdesc
BEGIN \gdesc
SELECT FROM campaigns WHERE nothing \gdesc
\echo '== \\gset'
SELECT * FROM channels WHERE id = 1 \gset
\echo :id :name :unit_cost
SELECT id FROM channels \gset
SELECT NULL AS id \gset
\echo :id
SELECT 1 AS "HOST" \gset
SELECT id, name FROM campaigns ORDER BY id LIMIT 1 \gset pre_
\echo :pre_id :'pre_name' :"pre_name"
\echo '== \\gexec'
SELECT 'SELECT ' || id || ' AS n' FROM channels ORDER BY id \gexec
SELECT 'SELECT 1/0', 'SELECT nothing', 'SELECT 3 AS three' \gexec
\echo '== \\if'
SELECT count(*) > 0 AS some, count(*) > 1000 AS many FROM campaigns \gset
\if :many
  \echo many
\elif :some
  \echo some
\else
  \echo none
\endif
\if :{?nothing}
  SELECT 1/0;
\endif
\echo '== \\watch'
SELECT count(*) FROM campaigns;
\set ON_ERROR_STOP off
SELECT 1 / (count(*) - count(*)) FROM campaigns \watch 0.01
\echo '== \\copy'
\copy channels TO STDOUT
\copy channels (name, id) TO STDOUT WITH (FORMAT csv, HEADER, DELIMITER ';')
\copy (SELECT * FROM messages ORDER BY id LIMIT 3) TO PROGRAM 'cat'
\copy materialized.daily_metrics TO '/dev/null'
\copy nothing TO STDOUT
\copy (SELECT nothing FROM campaigns) TO STDOUT
\copy (SELECT 1/0) TO STDOUT
\copy campaigns TO '/nowhere/nothing'
\echo '== \\o and \\w, \\e'
\o /dev/null
SELECT count(*) FROM campaigns;
\o
\w /dev/null
\p
\r
\p
\echo '== \\timing is there'
\timing on
\timing off
\echo '== \\i'
\! printf 'SELECT count(*) AS included FROM campaigns;\\echo here\n' > /tmp/headgate-include-$PPID
\set file `echo /tmp/headgate-include-$PPID`
\i :file
\! rm /tmp/headgate-include-$PPID
\i /nowhere/nothing
\echo '== SINGLELINE, ON_ERROR_STOP off, SHOW_ALL_RESULTS'
SELECT 1 AS a \; SELECT 2 AS b;
\set SHOW_ALL_RESULTS off
SELECT 1 AS a \; SELECT 2 AS b;
\set SHOW_ALL_RESULTS on
\echo '== SHOW_CONTEXT, VERBOSITY'
\set SHOW_CONTEXT never
SELECT 1/0;
\set SHOW_CONTEXT errors
\set VERBOSITY sqlstate
SELECT 1/0;
SELECT nothing FROM campaigns;
SELECT * FROM nothing;
SELECT nothing(1);
\set VERBOSITY default
\echo '== ON_ERROR_ROLLBACK interactive and on'
\set ON_ERROR_ROLLBACK on
BEGIN;
SELECT nothing FROM campaigns;
SELECT count(*) FROM campaigns;
SAVEPOINT own;
SELECT 1/0;
RELEASE own;
ROLLBACK TO own;
COMMIT;
BEGIN;
PREPARE p AS SELECT count(*) FROM campaigns;
EXECUTE p;
EXECUTE nothing;
EXECUTE p;
DEALLOCATE p;
COMMIT;
\set ON_ERROR_ROLLBACK off
\echo '== AUTOCOMMIT off'
\set AUTOCOMMIT off
SELECT count(*) FROM channels;
BEGIN;
SAVEPOINT a;
SELECT nothing;
ROLLBACK TO a;
SELECT count(*) FROM contacts;
COMMIT;
SHOW transaction_isolation;
ROLLBACK;
\dt crm.*
ROLLBACK;
\set AUTOCOMMIT on
\echo '== PREPARE'
PREPARE one (bigint) AS SELECT id, name FROM campaigns WHERE id = $1;
EXECUTE one (5500001);
EXECUTE one (5500002);
EXECUTE one ('x');
EXECUTE one;
PREPARE one AS SELECT 1;
DEALLOCATE one;
EXECUTE one (1);
DEALLOCATE ALL;
\echo '== cursors'
BEGIN;
DECLARE c SCROLL CURSOR FOR SELECT id FROM campaigns ORDER BY id;
FETCH 2 FROM c;
FETCH BACKWARD 1 FROM c;
FETCH LAST FROM c;
FETCH ABSOLUTE 3 FROM c;
MOVE FORWARD 2 IN c;
FETCH c;
CLOSE c;
FETCH c;
ROLLBACK;
\echo '== EXPLAIN of no table, settings of plans'
EXPLAIN (COSTS off) SELECT g FROM generate_series(1, 3) g ORDER BY 1 DESC;
EXPLAIN (COSTS off, VERBOSE) SELECT 1 AS a;
\echo '== conninfo, password, encoding'
\encoding UTF8
\encoding nothing
\encoding
\c - - 127.0.0.1
SELECT 1 AS still;
\echo '== multibyte and long texts'
SELECT 'größe €😀' AS "größe", length('größe €😀'), upper('größe');
SELECT length(repeat('x', 300000));
SELECT repeat('ab', 5000) = repeat('ab', 5000) AS same;
\echo '== quotes, dollars, comments'
SELECT 'a''b', E'a\'b\n', $$dollar$$, $t$tagged $$ one$t$, U&'d\0061ta', "name" FROM channels /* a /* nested */ comment */ WHERE id = 1 -- behind
;
SELECT 1 /* ; */ + 1;
SELECT '\';
