-- \copy and COPY of a user who may write, both ways.
\set VERBOSITY default
\echo '== COPY FROM STDIN within the script'
COPY shop.notes (id, body) FROM STDIN;
1001	a tab\there
1002	\N
1003	a newline\
within
1004	a backslash \\.
\.
SELECT * FROM shop.notes WHERE id > 1000 ORDER BY id;
\echo '== CSV'
COPY shop.notes (body, id, at) FROM STDIN WITH CSV HEADER DELIMITER ';' NULL 'none' QUOTE '|';
body;id;at
|several;fields|;1005;2026-01-01
|lines
in one|;1006;none
none;1007;none
\.
SELECT * FROM shop.notes WHERE id > 1004 ORDER BY id;
\echo '== out again'
\copy (SELECT * FROM shop.notes WHERE id > 1000 ORDER BY id) TO STDOUT
\copy (SELECT * FROM shop.notes WHERE id > 1000 ORDER BY id) TO STDOUT WITH CSV HEADER FORCE QUOTE *
COPY (SELECT id, body FROM shop.notes WHERE id > 1000 ORDER BY id) TO STDOUT (FORMAT csv, NULL 'no');
\echo '== through a file'
\! mktemp > /tmp/headgate-copy-$PPID
\set file `cat /tmp/headgate-copy-$PPID`
\set copy '\\copy (SELECT * FROM shop.notes WHERE id > 1000 ORDER BY id) TO ' :'file'
:copy
\set copy '\\copy shop.notes FROM ' :'file'
DELETE FROM shop.notes WHERE id > 1000;
:copy
SELECT count(*) FROM shop.notes WHERE id > 1000;
\! rm $(cat /tmp/headgate-copy-$PPID) /tmp/headgate-copy-$PPID
\echo '== a line that is too short'
COPY shop.notes (id, body) FROM STDIN;
1010	x
1011
\.
\echo '== no number'
COPY shop.notes (id, body) FROM STDIN;
1010	x
ten	y
\.
\echo '== a constraint'
\set VERBOSITY sqlstate
COPY shop.customers (id, name, credit) FROM STDIN;
1	taken	0
\.
COPY shop.customers (id, name, credit) FROM STDIN;
1001	poor	-1000
\.
\set VERBOSITY default
\echo '== a column that is not there'
COPY shop.notes (id, nothing) FROM STDIN;
\echo '== options that do not go together'
COPY shop.notes FROM STDIN (FORMAT text, QUOTE '"');
COPY shop.notes FROM STDIN (FORMAT csv, DELIMITER 'ab');
COPY shop.notes TO STDOUT (FORMAT csv, FORCE_NULL (id));
\echo '== in a transaction'
BEGIN;
COPY shop.notes (id) FROM STDIN;
1020
\.
SELECT count(*) FROM shop.notes WHERE id = 1020;
ROLLBACK;
SELECT count(*) FROM shop.notes WHERE id = 1020;
\echo '== types'
COPY shop.customers (id, name, email, tier, credit, tags, profile, born, active, note) FROM STDIN;
2001	ä	\N	gold	1.50	{a,"b c"}	{"n": [1, 2]}	2001-02-03	f	\N
2002	ö	x@y.example	\N	\N	{}	null	\N	t	note
\.
SELECT * FROM shop.customers WHERE id > 2000 ORDER BY id;
COPY (SELECT * FROM shop.customers WHERE id > 2000 ORDER BY id) TO STDOUT (FORMAT csv, HEADER);
\echo '== a statement that writes'
COPY (DELETE FROM shop.customers WHERE id > 2000 RETURNING id) TO STDOUT;
DELETE FROM shop.notes WHERE id > 1000;
