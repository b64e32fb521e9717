-- set_config: pg_dump's, pgAdmin's and asyncpg's forms of it, and what may stand around it.
SELECT set_config('timezone', 'Europe/Berlin', false);
SHOW timezone;
RESET timezone;
SELECT pg_catalog.set_config('search_path', '', false);
SHOW search_path;
SELECT count(*) FROM public.campaigns;
-- @ error 42P01
SELECT count(*) FROM campaigns;
SELECT set_config('search_path', 'crm, public', false);
SELECT contact_no FROM contacts ORDER BY 1;
RESET search_path;
SELECT set_config('bytea_output', 'hex', false) FROM pg_show_all_settings() WHERE name = 'bytea_output';
SELECT set_config('bytea_output', 'escape', false) FROM pg_catalog.pg_show_all_settings() AS s WHERE s.name = 'no_such_setting';
SHOW bytea_output;
SELECT set_config('bytea_output', 'escape', false) FROM pg_settings WHERE name = 'bytea_output';
SELECT '\x0102ff'::bytea;
RESET bytea_output;
SELECT current_setting('DateStyle') AS cur, set_config('datestyle', 'German', false) AS new;
SHOW datestyle;
RESET datestyle;
SELECT set_config('extra_float_digits', '0', false) AS a, set_config('IntervalStyle', 'iso_8601', false) b;
SELECT interval '1 day', 0.1::float4 / 3;
SELECT set_config('extra_float_digits', NULL, false), set_config('intervalstyle', NULL, NULL);
SHOW extra_float_digits;
SHOW intervalstyle;
-- @ params timezone|Asia/Tokyo|false
SELECT set_config($1, $2, $3);
SHOW timezone;
-- @ params UTC
-- @ types 25
SELECT set_config('time' || 'zone', upper($1), 1 = 2);
SHOW timezone;
RESET timezone;
-- asyncpg's way to look at the schema without jit
SELECT current_setting('jit') AS cur, set_config('jit', 'off', false) AS new;
SELECT current_setting('jit');
-- @ params on
SELECT set_config('jit', $1, false), current_setting('jit');
RESET jit;
-- local ones end with their transaction
SELECT set_config('timezone', 'Asia/Tokyo', true);
SHOW timezone;
BEGIN;
SELECT set_config('timezone', 'Asia/Tokyo', true);
SHOW timezone;
SELECT current_setting('timezone');
COMMIT;
SHOW timezone;
BEGIN;
SELECT set_config('timezone', 'Asia/Tokyo', false);
ROLLBACK;
SHOW timezone;
BEGIN;
SELECT count(*) FROM messages;
SELECT set_config('search_path', 'crm', true);
SELECT owner FROM contacts ORDER BY 1;
COMMIT;
-- @ error 42703
SELECT owner FROM contacts;
SELECT set_config('search_path', 'crm', false)\;
SELECT count(*) FROM crm.contacts;
RESET search_path;
-- @ error 22023
SELECT set_config('timezone', 'Nowhere/AtAll', false);
-- @ error 22023
SELECT set_config('search_path', 'a,,b', false);
-- @ error 22023
SELECT set_config('timezone', 'UTC', false), set_config('extra_float_digits', 'many', false);
SHOW timezone;
-- @ error 42704
SELECT set_config('no_such_setting', '1', false);
-- @ error 22004
SELECT set_config(NULL, '1', false);
-- @ error 22P02
SELECT set_config('timezone', 'UTC', 'perhaps');
-- @ error 42883
-- @ text
SELECT set_config('timezone', 'UTC');
-- @ error 55P02
SELECT set_config('max_index_keys', '1', false);
-- @ error 55P02
SELECT set_config('server_version', '16', false);
-- @ refused 0A000
SELECT set_config('row_security', 'off', false);
-- @ refused 0A000
SELECT set_config('headgate.tenant', 'globex', false);
-- @ refused 42501 42501
SELECT set_config('session_replication_role', 'replica', false);
-- @ refused 42501
SELECT set_config('timezone', 'UTC', false) || 'x';
-- @ refused 42501
SELECT 1 WHERE set_config('timezone', 'UTC', false) = 'UTC';
-- @ refused 0A000
SELECT set_config('timezone', 'UTC', false), 1;
-- @ refused 0A000
SELECT set_config('timezone', 'UTC', false), current_setting('timezone');
-- @ refused 0A000
SELECT set_config('timezone', 'UTC', false) ORDER BY 1;
-- @ refused 0A000
SELECT set_config('timezone', 'UTC', false) FROM campaigns;
-- @ refused 0A000
SELECT DISTINCT set_config('timezone', 'UTC', false);
-- settings with a dot: what servers are told by them is nobody's to read, and they are not asked
SELECT pid > 0 FROM pg_stat_activity WHERE pid = pg_backend_pid();
-- @ error 42704
-- @ threat C4
SELECT current_setting('headgate.sessions');
-- @ threat C4
SELECT current_setting('headgate.sessions', true);
-- @ threat C4
SELECT current_setting('HeadGate.Walls', true), current_setting('my.own', true);
-- @ error 42704
SELECT current_setting('my.own', false);
-- @ refused 0A000
SELECT current_setting('my.own', 1 = 1);
-- cancelling and ending sessions
-- @ error 57014
SELECT pg_cancel_backend(pg_backend_pid());
SELECT pg_cancel_backend(NULL);
SELECT pg_terminate_backend(NULL::int);
SELECT pg_cancel_backend(2000000000);
SELECT pg_catalog.pg_terminate_backend(-1) AS gone;
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = 2000000000;
SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = current_user AND query LIKE 'nobody%';
-- @ params 2000000000
SELECT pg_terminate_backend($1);
-- @ params 2000000000
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1;
-- @ error 22P02
SELECT pg_cancel_backend('x');
BEGIN;
-- @ error 57014
SELECT pg_cancel_backend(pg_backend_pid());
ROLLBACK;
-- pg_stat_activity: the session itself
SELECT datname, usename, state, query, backend_type, wait_event, pid = pg_backend_pid() AS own FROM pg_stat_activity WHERE pid = pg_backend_pid();
SELECT backend_start <= query_start, xact_start <= now(), state_change <= clock_timestamp(), client_hostname FROM pg_stat_activity WHERE pid = pg_backend_pid();
SET application_name = 'twin';
SELECT application_name FROM pg_stat_activity WHERE pid = pg_backend_pid();
RESET application_name;
-- @ params 1
SELECT state, query, $1::int FROM pg_stat_activity WHERE pid = pg_backend_pid();
SELECT u.usename, a.state FROM pg_stat_activity AS a JOIN pg_user AS u ON u.usesysid = a.usesysid WHERE a.pid = pg_backend_pid();
