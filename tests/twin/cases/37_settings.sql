-- Settings: all that an ordinary user of a private server sees, and sets.
-- What is about the shared server's machine is shown as a server has it that was just installed; here what any PostgreSQL has.
SHOW block_size;
SHOW segment_size;
SHOW wal_block_size;
SHOW wal_segment_size;
SHOW max_function_args;
SHOW server_version_num;
SHOW max_identifier_length;
SHOW max_index_keys;
SHOW integer_datetimes;
SHOW in_hot_standby;
SHOW data_checksums;
SHOW max_wal_senders;
SHOW timezone_abbreviations;
SHOW server_encoding;
SHOW lc_collate;
SHOW log_rotation_age;
SHOW checkpoint_timeout;
SHOW autovacuum_naptime;
SHOW archive_command;
SHOW wal_level;
SHOW TRANSACTION_isolation;
SELECT current_setting('server_version_num'), current_setting('block_size'), current_setting('max_wal_senders'), current_setting('Work_Mem');
SELECT current_setting('max_wal_senders'), count(*) FROM campaigns;
SELECT current_setting('no_such', true), count(*) FROM campaigns;
-- @ error 42704
SHOW no_such;
-- @ error 42704
SELECT current_setting('no_such');
-- @ error 42501
SHOW data_directory;
-- @ error 42501
SHOW shared_preload_libraries;
-- @ error 42501
SELECT current_setting('config_file');
-- @ error 42501
SELECT current_setting('hba_file', true);

-- pg_settings; cases that only the private database answers may have left settings there
RESET ALL;
SELECT name FROM pg_settings WHERE name !~ '\.' ORDER BY name COLLATE "C";
SELECT count(*) FROM pg_show_all_settings() WHERE name = 'work_mem';
SELECT name, setting, unit, context, vartype, min_val, max_val, boot_val, reset_val FROM pg_settings WHERE context = 'user'
  AND name !~ '^(plpgsql\..*|max_parallel_workers|synchronous_commit|jit|search_path|default_transaction_isolation|application_name|TimeZone|tcp_keepalives.*|lc_.*|client_encoding|default_text_search_config)$' ORDER BY name COLLATE "C";
SELECT name, setting, unit, boot_val FROM pg_settings WHERE name IN ('autovacuum_naptime', 'checkpoint_timeout', 'log_rotation_age', 'log_rotation_size',
  'max_wal_size', 'track_activity_query_size', 'wal_writer_flush_after', 'archive_timeout', 'autovacuum_vacuum_cost_delay', 'bgwriter_delay')
  ORDER BY name COLLATE "C";
SELECT name, setting, source FROM pg_settings WHERE name IN ('work_mem', 'DateStyle', 'search_path', 'block_size') ORDER BY 1;
SET work_mem = '64MB';
SELECT name, setting, unit, source, reset_val FROM pg_settings WHERE name = 'work_mem';
RESET work_mem;
SET statement_timeout = '5s';
SELECT name, setting, unit, source, reset_val FROM pg_settings WHERE name = 'statement_timeout';
RESET statement_timeout;
SET vacuum_cost_delay = 0.5;
SELECT setting, unit FROM pg_settings WHERE name = 'vacuum_cost_delay';
SHOW vacuum_cost_delay;
RESET vacuum_cost_delay;
SET application_name = 'my tool';
SELECT setting, source FROM pg_settings WHERE name = 'application_name';
RESET application_name;
SELECT name FROM pg_settings WHERE name LIKE 'headgate%';
-- psql's \dconfig and \dconfig+
SELECT s.name AS "Parameter", pg_catalog.current_setting(s.name) AS "Value" FROM pg_catalog.pg_settings s
  WHERE pg_catalog.lower(s.name) OPERATOR(pg_catalog.~) '^(.*timeout|work_mem|block_size|datestyle)$' COLLATE pg_catalog.default ORDER BY 1;
SELECT s.name AS "Parameter", pg_catalog.current_setting(s.name) AS "Value", s.vartype AS "Type", s.context AS "Context",
  pg_catalog.array_to_string(p.paracl, E'\n') AS "Access privileges" FROM pg_catalog.pg_settings s
  LEFT JOIN pg_catalog.pg_parameter_acl p ON pg_catalog.lower(s.name) = p.parname
  WHERE pg_catalog.lower(s.name) OPERATOR(pg_catalog.~) '^(work_mem)$' COLLATE pg_catalog.default ORDER BY 1;
SELECT current_setting(lower('WORK_MEM')), current_setting('no_' || 'such', true), current_setting(null || 'x');
SELECT current_setting(CASE WHEN true THEN 'headgate.settings' END, true);
-- @ params work_mem|true
SELECT current_setting($1, $2);

-- Kept by the session, and carried nowhere.
SET work_mem TO '4096kB';
SHOW work_mem;
RESET work_mem;
BEGIN;
SET LOCAL work_mem = '1GB';
SHOW work_mem;
ROLLBACK;
SHOW work_mem;
BEGIN;
SET work_mem = '1GB';
SELECT count(*) FROM pg_class WHERE relname = 'campaigns';
SHOW work_mem;
COMMIT;
SHOW work_mem;
RESET work_mem;
SET enable_seqscan = off;
SHOW enable_seqscan;
SELECT current_setting('enable_seqscan');
RESET enable_seqscan;
SET geqo TO off;
SET geqo_threshold = 20;
SHOW geqo_threshold;
RESET geqo;
RESET geqo_threshold;
SET random_page_cost = 1.1;
SHOW random_page_cost;
RESET random_page_cost;
SET effective_cache_size = '1GB';
SHOW effective_cache_size;
RESET effective_cache_size;
SET max_parallel_workers_per_gather = 0;
SHOW max_parallel_workers_per_gather;
RESET max_parallel_workers_per_gather;
SET check_function_bodies = false;
SHOW check_function_bodies;
RESET check_function_bodies;
SET synchronous_commit = off;
SHOW synchronous_commit;
RESET synchronous_commit;
SET default_statistics_target = 1000;
RESET default_statistics_target;
SET plan_cache_mode = force_custom_plan;
SHOW plan_cache_mode;
RESET ALL;
SHOW plan_cache_mode;
SET default_tablespace = '';
SET default_table_access_method = heap;
SET temp_tablespaces = '';
SET row_security = on;
SET lock_timeout = 0;
SET restrict_nonsystem_relation_kind = 'view';
RESET restrict_nonsystem_relation_kind;
SET quote_all_identifiers = off;
SET transform_null_equals = off;
SET array_nulls = on;
SET backslash_quote = safe_encoding;
SET timezone_abbreviations = 'Default';
SET xmlbinary = hex;
SELECT xmlelement(name a, '\x01ff'::bytea)::text;
RESET xmlbinary;
SELECT set_config('work_mem', '8MB', false);
SHOW work_mem;
RESET work_mem;
SELECT current_setting('work_mem') AS cur, set_config('work_mem', '9MB', false) AS new;
RESET work_mem;
-- @ error 22023
SET work_mem = '1';
-- @ error 22023
SET work_mem = 'much';
-- @ error 22023
SET enable_sort = 'perhaps';
-- @ error 22023
SET array_nulls = 'perhaps';
-- @ error 22023
SET default_tablespace = 'no_such';
-- @ error 22023
SET default_table_access_method = 'no_such';
-- @ error 42704
SET temp_tablespaces = 'no_such';
-- @ error 55P02
SET max_connections = 5;
-- @ error 55P02
SET block_size = 5;
-- @ error 55P02
SET ssl = on;
-- @ error 55P02
SET ignore_system_indexes = on;
-- @ error 55P02
RESET shared_buffers;
-- @ error 42501
SET log_statement = 'all';
-- @ error 42501
SET session_replication_role = replica;
-- @ error 42501
SELECT set_config('log_min_messages', 'debug5', false);
-- @ error 42704
SET no_such = 1;
-- @ refused 0A000
SET transform_null_equals = on;
-- @ refused 0A000
SET array_nulls = off;
-- @ refused 0A000
SET quote_all_identifiers = on;

-- Settings of one's own naming.
SET my.var = 'x';
SHOW my.var;
SELECT current_setting('my.var');
SELECT current_setting('MY.Var', true);
SELECT current_setting('my.var2', true);
SET "my.var" TO 12;
SHOW "MY.VAR";
RESET my.var;
SHOW my.var;
-- @ error 42704
SHOW my.var3;
-- @ error 42704
SELECT current_setting('my.var3');
-- @ error 42704
SELECT current_setting('my.var3', false);
BEGIN;
SET my.var4 = 'a';
SAVEPOINT s;
SET LOCAL my.var4 = 'b';
SHOW my.var4;
ROLLBACK TO s;
SHOW my.var4;
ROLLBACK;
SHOW my.var4;
BEGIN;
SET LOCAL my.var4 = 'c';
COMMIT;
SHOW my.var4;
SELECT set_config('a.b.c', 'd''e\f', false), current_setting('a.b.c');
SELECT current_setting('a.b.c');
SET my.id = '1';
SELECT id FROM campaigns WHERE id >= current_setting('my.id')::int ORDER BY id;
SET my.id = '2';
SELECT id FROM campaigns WHERE id >= current_setting('my.id')::int ORDER BY id;
SELECT current_setting('my.id'), relname FROM pg_class WHERE relname = 'campaigns';
SELECT current_setting('my.' || 'id'), current_setting('my.' || 'nothing', true);
PREPARE p AS SELECT current_setting('my.id') || count(*)::text FROM campaigns WHERE false;
-- @ user acme_bi,globex_bi
EXECUTE p;
SET my.id = '3';
-- @ user acme_bi,globex_bi
EXECUTE p;
DEALLOCATE p;
RESET my.id;
SELECT name FROM pg_settings WHERE name ~ '^(my|a)\.';
-- @ error 42602
SET "my.1x" = 1;
-- @ error 42602
SELECT set_config('my.a b', 'x', false);
-- @ error 42704
SET "x y" = 1;
-- @ refused 0A000
SET headgate.x = '1';
-- @ refused 0A000
SELECT set_config('HeadGate.settings', '{}', false);
-- @ error 42704
SHOW headgate.sessions;
-- @ error 42704
SELECT current_setting('headgate.sessions');

-- in one message
SET my.id = '4'\;
SELECT current_setting('my.id')\;
SELECT current_setting('my.id', true), current_setting('my.other', true)\;
SHOW my.id\;
RESET my.id;

-- Prepared statements.
SELECT name, from_sql FROM pg_prepared_statements WHERE name <> '' ORDER BY name;
PREPARE q1 (int) AS SELECT id FROM campaigns WHERE id = $1;
SELECT name, parameter_types, from_sql FROM pg_prepared_statements WHERE name = 'q1';
DEALLOCATE q1;
SELECT pg_catalog.quote_ident(name) FROM pg_catalog.pg_prepared_statements WHERE substring(pg_catalog.quote_ident(name),1,1)='q';
