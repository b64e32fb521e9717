-- Statements that are not run here, each by its name. Most would change what all tenants share, or run text that nobody read.
-- @@ user acme_rw
-- @@ refused 0A000
-- @@ undone
-- @ threat A6 A4
-- @ refused 42501
CREATE TABLE x (a int);
-- @ threat A4
-- @ refused 42501
CREATE TEMP TABLE campaigns (id int);
-- @ threat A4
-- @ refused 42501
CREATE TEMPORARY TABLE x (a int) ON COMMIT DROP;
-- @ threat A4
-- @ refused 42501
CREATE TABLE pg_temp.x (a int);
-- @ threat A6
-- @ refused 42501
CREATE UNLOGGED TABLE x (a int);
-- @ threat A6
-- @ refused 42501
CREATE TABLE x (LIKE campaigns);
-- @ threat A6
-- @ refused 42501
CREATE TABLE x () INHERITS (campaigns);
-- @ threat A6
-- @ refused 42501
CREATE TABLE IF NOT EXISTS campaigns (a int);
-- @ threat A6
-- @ refused 42501
CREATE TABLE x AS SELECT * FROM campaigns;
-- @ threat A6
-- @ refused 42501
CREATE TEMP TABLE x AS SELECT * FROM campaigns;
-- @ threat A6
-- @ refused 42501
CREATE TABLE x AS TABLE campaigns WITH NO DATA;
-- @ threat A6
-- @ refused 42501
SELECT * INTO x FROM campaigns;
-- @ threat A6
-- @ refused 42501
SELECT * INTO TEMP x FROM campaigns;
-- @ threat A6
-- @ refused 42501
CREATE VIEW x AS SELECT * FROM campaigns;
-- @ threat A6
-- @ refused 42501
CREATE OR REPLACE TEMP VIEW x AS SELECT * FROM campaigns;
-- @ threat A6
-- @ refused 42501
CREATE MATERIALIZED VIEW x AS SELECT * FROM campaigns;
-- @ threat A6
-- @ refused 42501
CREATE INDEX ON campaigns (name);
-- @ threat A6
-- @ refused 42501 25001
CREATE UNIQUE INDEX CONCURRENTLY i ON shop.queue (job);
-- @ threat A6
-- @ refused 42501
CREATE SEQUENCE s;
-- @ threat A6
-- @ refused 42501
CREATE SCHEMA s;
-- @ threat A9
-- @ refused 42501
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
-- @ threat A9
-- @ refused 42501
CREATE FUNCTION f() RETURNS bigint LANGUAGE sql SECURITY DEFINER RETURN (SELECT count(*) FROM public.campaigns);
-- @ threat A9
-- @ refused 42501
CREATE PROCEDURE f() LANGUAGE sql AS 'SELECT 1';
-- @ threat A9
CREATE AGGREGATE a (int) (SFUNC = int4pl, STYPE = int);
-- @ threat A9 A4
CREATE OPERATOR public.=== (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq);
-- @ threat A9
-- @ refused 42501
CREATE DOMAIN d AS int CHECK (VALUE > 0);
-- @ threat A9
-- @ refused 42501
CREATE TYPE t AS (a int);
-- @ threat A9
-- @ refused 42501
CREATE TYPE t AS ENUM ('a');
-- @ threat A9
CREATE RULE r AS ON INSERT TO shop.queue DO NOTHING;
-- @ threat A9
CREATE TRIGGER t AFTER INSERT ON shop.queue EXECUTE FUNCTION shop.note_change();
-- @ threat A6
CREATE POLICY p ON shop.queue;
-- @ threat A6
CREATE STATISTICS st ON job, done FROM shop.queue;
-- @ threat A6
CREATE COLLATION c FROM "C";
-- @ threat A6
-- @ refused 42501
ALTER TABLE campaigns ADD COLUMN x int;
-- @ threat A6
-- @ refused 42501
ALTER TABLE shop.queue DISABLE ROW LEVEL SECURITY;
-- @ threat A6
-- @ refused 42501
ALTER TABLE shop.queue RENAME TO q;
-- @ threat A6
ALTER TABLE shop.queue SET SCHEMA public;
-- @ threat A6
-- @ refused 42501
ALTER TABLE shop.queue OWNER TO CURRENT_USER;
-- @ threat A6
ALTER TYPE shop.tier ADD VALUE 'x';
-- @ threat A6
ALTER DOMAIN shop.sku DROP CONSTRAINT sku_check;
-- @ threat A6
ALTER SEQUENCE shop.items_id_seq RESTART;
-- @ threat A6
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO public;
-- @ threat A6
-- @ refused 42501
DROP TABLE shop.queue;
-- @ threat A6
-- @ allowed
DROP TABLE IF EXISTS nothing;
-- @ threat A6
-- @ refused 42501
DROP SCHEMA crm CASCADE;
-- @ threat A6
DROP FUNCTION IF EXISTS f();
-- @ threat A6
DROP OWNED BY CURRENT_USER;
-- @ threat A6
-- @ refused 42501
COMMENT ON TABLE campaigns IS 'x';
-- @ threat A6
GRANT SELECT ON campaigns TO public;
-- @ threat A6
REVOKE ALL ON campaigns FROM public;
-- @ threat A6
DO 'BEGIN NULL; END';
-- @ threat A6
DO LANGUAGE plpgsql $x$ BEGIN PERFORM count(*) FROM public.campaigns; END $x$;
-- @ refused 0A000 42883
-- @ threat A6
CALL nothing();
-- @ refused 0A000
-- @ threat E3 A6
MERGE INTO shop.queue q USING shop.orders o ON o.id = q.job WHEN MATCHED THEN DELETE;
-- @ threat E3
MERGE INTO shop.customers c USING (VALUES (1, 'x')) v(i, n) ON c.id = v.i WHEN MATCHED THEN UPDATE SET name = v.n WHEN NOT MATCHED THEN INSERT (id, name) VALUES (v.i, v.n);
-- @ threat E3
-- @ refused 42501
TRUNCATE shop.queue;
-- @ threat E3
-- @ refused 42501
TRUNCATE TABLE ONLY shop.queue RESTART IDENTITY;
-- @ threat E3
-- @ refused 42501
TRUNCATE shop.orders, shop.lines CASCADE;
-- @ threat H3
BEGIN\;
LOCK TABLE shop.queue\;
COMMIT;
-- @ threat H3
-- @ allowed
BEGIN\;
LOCK TABLE shop.queue IN ACCESS SHARE MODE NOWAIT\;
COMMIT;
-- @ threat C5
LISTEN x;
-- @ threat C5
NOTIFY x;
-- @ threat C5
NOTIFY x, 'payload';
-- @ threat D3
ANALYZE;
-- @ threat D3
ANALYZE campaigns;
-- @ threat D3
ANALYZE VERBOSE shop.queue (job);
-- @ threat D3 H4
-- @ refused 0A000 25001
VACUUM shop.queue;
-- @ threat D3 H4
-- @ refused 0A000 25001
VACUUM (FULL, ANALYZE) shop.queue;
-- @ threat H4
-- @ refused 0A000 42704
CLUSTER shop.queue USING nothing;
-- @ threat H4
REINDEX TABLE shop.customers;
-- @ threat A6
-- @ refused 0A000 42P01
REFRESH MATERIALIZED VIEW nothing;
-- @ threat C5
-- @ refused 0A000 55000
PREPARE TRANSACTION 'x';
-- @ threat C5
-- @ refused 0A000 25001
COMMIT PREPARED 'x';
-- @ threat C5
-- @ refused 0A000 25001
ROLLBACK PREPARED 'x';
-- @ threat A7
-- @ refused 0A000 42501
LOAD 'plpgsql';
-- @ threat A7
-- @ refused 42501 42710
CREATE EXTENSION plpgsql;
-- @ threat A7
-- @ refused 42501
CREATE EXTENSION IF NOT EXISTS plpgsql;
-- @ threat A7
-- @ refused 0A000 42704
CREATE SERVER s FOREIGN DATA WRAPPER w;
-- @ threat A7
-- @ refused 0A000 42704
IMPORT FOREIGN SCHEMA s FROM SERVER w INTO public;
-- @ threat C4
-- @ refused 0A000 25001
ALTER SYSTEM SET work_mem = '1GB';
-- @ threat C4
ALTER DATABASE analytics SET row_security = off;
-- @ threat C4
ALTER ROLE CURRENT_USER SET search_path = crm;
-- @ threat C4
ALTER USER acme_rw PASSWORD 'x';
-- @ threat D4
-- @ refused 42501 42501
CREATE ROLE x;
-- @ threat D4
-- @ refused 42501 42501
DROP ROLE x;
-- @ threat D4
-- @ refused 42501 25001
CREATE DATABASE x;
-- @ threat D4
-- @ refused 0A000 25001
DROP DATABASE IF EXISTS nothing;
-- @ threat H4
-- @ refused 0A000 42501
CHECKPOINT;
-- @ threat C4
SET CONSTRAINTS ALL DEFERRED;
-- @ threat A6
-- @ refused 0A000 22023
SECURITY LABEL ON TABLE shop.queue IS 'x';
-- @ threat C7
CREATE PUBLICATION p;
-- @ threat C7
-- @ refused 0A000 25001
CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1' PUBLICATION p;
-- @ threat C4
-- @ error 42501
SET SESSION AUTHORIZATION postgres;
-- @ threat C4
-- @ error 42501
SET ROLE postgres;
-- @ threat C4
SET row_security = off;
-- @ threat C4
SET headgate.tenant = 'initech';
-- @ threat C4
-- @ allowed
SET search_path = pg_temp\;
SHOW search_path\;
RESET search_path;
-- @ threat C4
-- @ error 42501
-- @ text
SET session_replication_role = replica;
-- @ threat C4
SET client_encoding = 'GBK';
-- @ threat B2
SET standard_conforming_strings = off;
-- @ threat C4
-- @ refused 42501
SET client_min_messages = debug5;
-- @ threat C4
-- @ error 42501
-- @ text
SET log_statement = 'none';
-- @ threat C4
SET transaction_read_only = off;
-- @ threat C4
-- @ error 42501
-- @ steps
BEGIN\;
SET LOCAL role = 'postgres'\;
ROLLBACK;
-- @ threat C4
-- @ allowed
RESET row_security;
