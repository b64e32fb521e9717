-- Statements about the session itself: settings and transactions.
SHOW search_path;
SHOW timezone;
SHOW TIME ZONE;
SHOW DateStyle;
SHOW standard_conforming_strings;
SHOW transaction_isolation;
SHOW TRANSACTION ISOLATION LEVEL;
SHOW client_encoding;
SHOW server_encoding;
SHOW max_identifier_length;
SHOW extra_float_digits;
SHOW is_superuser;
SHOW session_authorization;
SHOW integer_datetimes;
SHOW intervalstyle;
SHOW default_transaction_isolation;
SHOW statement_timeout;
SET extra_float_digits = 3;
SHOW extra_float_digits;
SELECT 0.1::float4, 1.0::float8 / 3;
RESET extra_float_digits;
SHOW extra_float_digits;
SET timezone = 'Europe/Berlin';
SELECT timestamptz '2026-01-01 00:00:00+00', sent_at FROM messages ORDER BY id LIMIT 3;
SHOW timezone;
SET TIME ZONE 'America/New_York';
SELECT timestamptz '2026-01-01 00:00:00+00';
SET TIME ZONE DEFAULT;
SHOW timezone;
SET SESSION timezone TO 'UTC';
SET datestyle = 'German, DMY';
SELECT date '2026-12-31', (SELECT min(sent_at) FROM messages);
SHOW datestyle;
RESET datestyle;
SET intervalstyle TO iso_8601;
SELECT interval '1 day 02:03:04';
RESET intervalstyle;
SET bytea_output = 'escape';
SELECT '\x0102ff'::bytea;
RESET bytea_output;
SET application_name = 'twin test';
SHOW application_name;
RESET application_name;
SET search_path TO crm, public;
SHOW search_path;
SELECT * FROM contacts ORDER BY contact_no;
SELECT current_schema();
SET search_path = public;
SELECT tenant_id, contact_no FROM contacts ORDER BY contact_no;
SET search_path TO 'crm';
-- @ error 42P01
SELECT count(*) FROM campaigns;
RESET search_path;
SHOW search_path;
SET statement_timeout = '5s';
SHOW statement_timeout;
SET statement_timeout TO DEFAULT;
SHOW statement_timeout;
SET client_min_messages TO warning;
RESET client_min_messages;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
-- @ error 22023
SET timezone = 'Nowhere/AtAll';
-- @ error 22023
SET extra_float_digits = 99;
-- @ error 42704
SET no_such_setting = 1;
-- @ error 42704
SHOW no_such_setting;
-- @ refused 0A000
SET client_encoding = 'LATIN1';
-- @ refused 0A000
SET standard_conforming_strings = off;
BEGIN;
SELECT count(*) FROM campaigns;
COMMIT;
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT count(*) FROM messages;
SHOW transaction_isolation;
SHOW transaction_read_only;
COMMIT;
START TRANSACTION;
SET LOCAL timezone = 'Asia/Tokyo';
SELECT timestamptz '2026-01-01 00:00:00+00';
ROLLBACK;
SHOW timezone;
BEGIN;
SET timezone = 'Asia/Tokyo';
ROLLBACK;
SHOW timezone;
BEGIN;
SAVEPOINT a;
SET timezone = 'Asia/Tokyo';
SAVEPOINT b;
SELECT count(*) FROM messages;
ROLLBACK TO SAVEPOINT a;
SHOW timezone;
RELEASE SAVEPOINT a;
SELECT count(*) FROM events;
END;
BEGIN;
-- @ error 42703
SELECT nope FROM campaigns;
-- @ error 25P02
SELECT 1;
-- @ error 25P02
SHOW timezone;
ROLLBACK;
BEGIN;
-- @ error 22012
SELECT 1 / 0;
COMMIT;
SELECT 1;
BEGIN;
SAVEPOINT s1;
-- @ error 22012
SELECT 1 / 0;
ROLLBACK TO s1;
SELECT 'alive';
COMMIT;
-- @ error 25P01
SAVEPOINT outside;
BEGIN;
-- @ error 3B001
ROLLBACK TO SAVEPOINT never_made;
ROLLBACK;
ABORT;
COMMIT;
BEGIN TRANSACTION READ ONLY;
SELECT count(*) FROM campaigns;
COMMIT AND CHAIN;
SELECT 1;
ROLLBACK;
SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED;
SET default_transaction_read_only = on;
SHOW default_transaction_read_only;
SHOW transaction_read_only;
RESET default_transaction_read_only;
DISCARD ALL;
DEALLOCATE ALL;
