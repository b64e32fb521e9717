-- Queries and what psql does with them.
\echo '== formats'
SELECT id, name, status, budget, starts_on, tags FROM campaigns ORDER BY id LIMIT 3;
\x
SELECT * FROM messages ORDER BY id LIMIT 2;
\x auto
SELECT id, settings FROM campaigns ORDER BY id LIMIT 2;
\x off
\a
SELECT * FROM channels ORDER BY id;
\a
\pset format csv
SELECT id, name FROM campaigns ORDER BY id LIMIT 2;
\pset format html
SELECT id, name FROM campaigns ORDER BY id LIMIT 2;
\pset format aligned
\pset null (null)
SELECT NULL, '' AS empty;
\pset null ''
\echo '== \\gdesc'
SELECT id, name, budget, tags, settings, created_at FROM campaigns \gdesc
SELECT status, cost, took, payload, metadata, trace, subject, segments FROM messages \gdesc
SELECT 1 AS a, 'x', now(), NULL, ARRAY[1], ROW(1, 2), 1.5::numeric(5,2) \gdesc
SELECT email FROM contacts \gdesc
SELECT nothing FROM campaigns \gdesc
\echo '== both ends of the connection'
SELECT inet_client_addr(), inet_server_addr(), host(inet_client_addr()) AS host, inet_server_port();
SELECT inet_client_port() BETWEEN 1 AND 65535 AS client_port, pg_typeof(inet_client_addr()), pg_typeof(inet_server_port());
SELECT c.client_addr = inet_client_addr() AS address, c.client_port = inet_client_port() AS port FROM pg_stat_activity c WHERE pid = pg_backend_pid();
\echo '== \\gset and variables'
SELECT id AS first, name FROM campaigns ORDER BY id LIMIT 1 \gset c_
\echo :c_first :c_name
SELECT name FROM campaigns WHERE id = :c_first AND name = :'c_name';
\set tablename contacts
\set quoted Mixed Case
SELECT count(*) FROM :tablename;
SELECT count(*) FROM :"quoted";
SELECT 1 AS one, 2 AS two \gset
\echo :one :two :ROW_COUNT :SQLSTATE :ERROR
SELECT 1 WHERE false \gset
\echo '== \\gexec'
SELECT format('SELECT count(*) AS %I FROM %I', t, t) FROM (VALUES ('campaigns'), ('contacts'), ('Mixed Case')) v(t) \gexec
\echo '== \\crosstabview'
SELECT channel_id, status, count(*) FROM messages WHERE status < 'delivered' GROUP BY 1, 2 ORDER BY 1, 2 \crosstabview
\echo '== \\if and \\g to a pipe'
\if :one
SELECT 'yes' AS "if" \g | cat
\else
SELECT 'no' AS "if";
\endif
\echo '== several statements on one line'
SELECT 1 AS a; SELECT 2 AS b \; SELECT 3 AS c; SELECT 4 AS d;
SELECT 5 AS e \; SELECT 1/0 \; SELECT 6 AS f;
\echo '== error positions'
SELECT id, nothing FROM campaigns;
SELECT id
  FROM campaigns
 WHERE name = 'x' AND statuss = 'y';
SELEC 1;
SELECT * FROM nothing;
SELECT nothing(1);
SELECT c.nothing FROM campaigns c;
SELECT campaigns.id FROM campaigns c;
SELECT 'a' || ;
SELECT 'größe' AS "größe", nothing FROM campaigns;
SELECT id + 'x' FROM campaigns;
SELECT sum(name) FROM campaigns;
SELECT id, count(*) FROM campaigns;
SELECT 1/0;
SELECT id FROM campaigns UNION SELECT name FROM campaigns;
SELECT upper(id) FROM campaigns;
SELECT * FROM campaigns c JOIN contacts c ON true;
SELECT name FROM campaigns ORDER BY 3;
SELECT id FROM campaigns, messages;
\echo '== \\errverbose'
SELECT nothing;
\set VERBOSITY verbose
SELECT 1/0;
\set VERBOSITY terse
SELECT nothing FROM campaigns;
\set VERBOSITY default
\echo :LAST_ERROR_SQLSTATE :LAST_ERROR_MESSAGE
\echo '== transactions'
BEGIN;
SELECT count(*) FROM campaigns;
SAVEPOINT a;
SELECT 1/0;
SELECT 1;
ROLLBACK TO a;
SELECT count(*) FROM contacts;
RELEASE a;
COMMIT;
COMMIT;
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SHOW transaction_isolation;
SHOW transaction_read_only;
ROLLBACK AND CHAIN;
SHOW transaction_isolation;
ABORT;
SAVEPOINT outside;
\echo '== ON_ERROR_ROLLBACK'
\set ON_ERROR_ROLLBACK on
BEGIN;
SELECT 1/0;
SELECT count(*) FROM campaigns;
COMMIT;
\set ON_ERROR_ROLLBACK off
\echo '== AUTOCOMMIT off'
\set AUTOCOMMIT off
SELECT count(*) FROM campaigns;
SELECT 1/0;
SELECT 1;
ROLLBACK;
SELECT 2;
COMMIT;
\set AUTOCOMMIT on
\echo '== settings'
SET timezone = 'Asia/Tokyo';
SHOW timezone;
SELECT created_at FROM campaigns ORDER BY id LIMIT 1;
SET datestyle = 'German, DMY';
SELECT created_at, starts_on FROM campaigns ORDER BY id LIMIT 1;
SET intervalstyle = 'iso_8601';
SELECT took FROM messages WHERE took IS NOT NULL ORDER BY id LIMIT 1;
SET bytea_output = 'escape';
SELECT payload FROM messages WHERE payload IS NOT NULL ORDER BY id LIMIT 1;
SET extra_float_digits = -10;
SELECT credit FROM contacts WHERE credit IS NOT NULL ORDER BY contact_no LIMIT 1;
BEGIN;
SET LOCAL timezone = 'America/New_York';
SHOW timezone;
ROLLBACK;
SHOW timezone;
RESET ALL;
SHOW timezone;
SHOW datestyle;
SET search_path = crm, public;
SELECT * FROM contacts ORDER BY 1 LIMIT 1;
\dt
RESET search_path;
\set VERBOSITY sqlstate
SET nothing = 1;
SHOW nothing;
\set VERBOSITY default
SET application_name = 'a name';
SHOW application_name;
SHOW server_encoding;
SHOW transaction isolation level;
SELECT current_setting('timezone'), current_setting('application_name');
DISCARD ALL;
SHOW timezone;
\echo '== a setting that is refused'
SET timezone = 'Nowhere/Nothing';
SHOW timezone;
SET application_name = 'a name';
SHOW application_name;
SELECT 1 AS still_there;
\echo '== \\encoding'
\encoding
\echo '== identity'
SELECT current_user, session_user, user, current_database(), current_catalog, current_schema, current_schemas(true);
SELECT current_user = session_user AS same, pg_backend_pid() > 0 AS pid;
\echo '== \\conninfo'
\conninfo
\echo '== \\c again'
\c
SELECT count(*) FROM campaigns;
\c analytics
SELECT count(*) FROM campaigns;
\echo '== big results'
SELECT g, repeat('x', 20) FROM generate_series(1, 2000) g;
SELECT a.id, b.id, a.subject FROM messages a CROSS JOIN messages b ORDER BY 1, 2;
\echo '== notices'
COMMIT;
BEGIN;
BEGIN;
COMMIT;
\echo '== EXPLAIN of no table'
EXPLAIN SELECT 1;
EXPLAIN (COSTS off, FORMAT json) SELECT 1 AS x;
\echo '== \\copy out'
\copy campaigns TO STDOUT
\echo '== \\copy query'
\copy (SELECT id, name FROM campaigns ORDER BY id) TO STDOUT
\echo '== COPY'
COPY (SELECT 1) TO STDOUT;
-- Refused by design.
\set VERBOSITY sqlstate
\echo '== \\copy in !42501'
\copy channels FROM PSTDIN
\echo '== FETCH_COUNT'
\set FETCH_COUNT 5
SELECT id FROM campaigns ORDER BY id;
\set FETCH_COUNT 0
