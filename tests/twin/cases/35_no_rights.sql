-- What a user hears who owns nothing and may create nothing: tools try what they may do, and understand these errors.
-- @@ user acme_reader,acme_clerk
-- @@ text
-- @ error 42501
CREATE TEMP TABLE scratch (a int);
-- @ error 42501
CREATE LOCAL TEMPORARY TABLE scratch (a int) ON COMMIT PRESERVE ROWS;
-- @ error 42501
CREATE TEMPORARY TABLE scratch AS SELECT 1 AS x;
-- @ error 42501
CREATE TABLE pg_temp.scratch (a int);
-- @ error 42501
SELECT 1 AS x INTO TEMP scratch;
-- @ error 42501
SELECT * INTO "#Tableau_1_F9139D29_1_Connect_CheckSelectIntoCap" FROM (SELECT 1 AS COL) AS CHECKTEMP;
-- @ error 42501
SELECT 1 INTO t UNION SELECT 2;
-- @ error 42501
CREATE TABLE t (a int);
-- @ error 42501
CREATE TABLE IF NOT EXISTS campaigns (a int);
-- @ error 42501
CREATE TABLE crm.t (a int);
-- @ error 42501
CREATE TABLE pg_catalog.t (a int);
-- @ error 3F000
CREATE TABLE nowhere.t (a int);
-- @ error 42501
CREATE TABLE t AS SELECT * FROM campaigns;
-- @ error 42501
CREATE MATERIALIZED VIEW t AS SELECT * FROM campaigns;
-- @ error 42501
CREATE VIEW v AS SELECT * FROM campaigns;
-- @ error 42501
CREATE OR REPLACE VIEW crm.v AS SELECT 1;
-- @ error 42501
CREATE TEMP VIEW v AS SELECT 1;
-- @ error 42501
CREATE SEQUENCE s;
-- @ error 42501
CREATE TYPE mood AS ENUM ('a', 'b');
-- @ error 42501
CREATE TYPE pair AS (a int, b int);
-- @ error 42501
CREATE DOMAIN positive AS int CHECK (value > 0);
-- @ error 42501
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
-- @ error 42501
CREATE SCHEMA s;
-- @ error 42501
CREATE DATABASE d;
-- @ error 42501
CREATE ROLE r;
-- @ error 42501
CREATE INDEX ON campaigns (name);
-- @ error 42P01
CREATE INDEX ON no_such_table (name);
-- @ error 42501
ALTER TABLE campaigns ADD COLUMN x int;
-- @ error 42501
ALTER TABLE public.campaigns RENAME TO c;
-- @ error 42501
ALTER TABLE campaigns RENAME COLUMN name TO n;
-- @ error 42P01
ALTER TABLE crm.no_such_table ADD COLUMN x int;
-- @ error 42501
COMMENT ON TABLE campaigns IS 'mine';
-- @ error 42501
COMMENT ON COLUMN public.campaigns.name IS 'mine';
-- @ error 42501
COMMENT ON SCHEMA public IS 'mine';
-- @ error 42501
COMMENT ON DATABASE analytics IS 'mine';
-- @ error 42P01
COMMENT ON TABLE no_such_table IS 'mine';
-- @ error 42501
DROP TABLE campaigns;
-- @ error 42P01
DROP TABLE no_such_table;
-- @ error 42P01
DROP TABLE crm.no_such_table;
-- @ error 3F000
DROP TABLE nowhere.t;
DROP TABLE IF EXISTS no_such_table;
DROP TABLE IF EXISTS no_such_table, crm.other, nowhere.t CASCADE;
DROP VIEW IF EXISTS no_such_view;
DROP MATERIALIZED VIEW IF EXISTS no_such_view;
DROP SCHEMA IF EXISTS nowhere;
-- the notice of the first name is left out
-- @ quiet
-- @ error 42501
DROP TABLE IF EXISTS no_such_table, campaigns;
-- @ error 42809
DROP VIEW campaigns;
-- @ error 42P01
DROP VIEW no_such_view;
-- @ error 42501
DROP SCHEMA crm;
-- @ error 3F000
DROP SCHEMA nowhere;
-- @ error 42501
TRUNCATE campaigns;
-- @ error 42P01
TRUNCATE no_such_table;
SET search_path = nowhere;
-- @ error 3F000
CREATE TABLE t (a int);
SET search_path = crm;
-- @ error 42501
CREATE TABLE t (a int);
RESET search_path;
-- LOCK TABLE: pg_dump's
BEGIN\;
LOCK TABLE public.campaigns IN ACCESS SHARE MODE\;
LOCK TABLE ONLY public.campaigns, crm.contacts IN ACCESS SHARE MODE NOWAIT\;
LOCK TABLE pg_catalog.pg_class IN ACCESS SHARE MODE\;
SELECT count(*) FROM campaigns\;
COMMIT;
-- @ error 42P01
BEGIN\;
LOCK TABLE no_such_table IN ACCESS SHARE MODE\;
ROLLBACK;
-- @ error 25P01
LOCK TABLE public.campaigns IN ACCESS SHARE MODE;
-- @ user acme_clerk
BEGIN\;
LOCK TABLE campaigns IN ROW SHARE MODE\;
LOCK campaigns IN ROW EXCLUSIVE MODE\;
ROLLBACK;
-- @ user acme_clerk
-- @ error 42501
BEGIN\;
LOCK channels IN ROW EXCLUSIVE MODE\;
ROLLBACK;
-- @ user acme_clerk
-- @ refused 0A000
BEGIN\;
LOCK campaigns IN SHARE MODE\;
ROLLBACK;
-- @ user acme_clerk
-- @ refused 0A000
BEGIN\;
LOCK campaigns\;
ROLLBACK;
-- @ user acme_reader
-- @ error 42501
BEGIN\;
LOCK campaigns IN ACCESS EXCLUSIVE MODE\;
ROLLBACK;
-- @ user acme_reader
-- @ error 42501
BEGIN\;
LOCK campaigns IN ROW SHARE MODE\;
ROLLBACK;
