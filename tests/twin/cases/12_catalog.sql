-- @@ threat D4
-- What tools ask about the schema: answered by the catalog database.
SELECT n.nspname, c.relname, c.relkind FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2;
SELECT table_schema, table_name, table_type FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2;
SELECT table_name, column_name, ordinal_position, data_type, is_nullable, character_maximum_length, numeric_precision FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 3;
SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attnum FROM pg_catalog.pg_attribute a WHERE a.attrelid = 'public.campaigns'::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum;
SELECT pg_catalog.pg_class.relname FROM pg_catalog.pg_class WHERE pg_catalog.pg_class.relname = 'campaigns';
SELECT 'campaigns'::regclass::text, 'public.messages'::regclass::text, 'int4'::regtype;
SELECT to_regclass('public.nothing') IS NULL, to_regclass('campaigns') IS NOT NULL;
SELECT relname FROM pg_class WHERE oid = 'crm.contacts'::regclass;
SELECT pg_table_is_visible('campaigns'::regclass), pg_table_is_visible('crm.contacts'::regclass);
SELECT conname, contype, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'public.campaigns'::regclass ORDER BY 1;
SELECT indexrelid::regclass::text, indisprimary FROM pg_index WHERE indrelid = 'public.campaigns'::regclass;
SELECT enumlabel FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid WHERE t.typname = 'delivery_status' ORDER BY enumsortorder;
SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY 1;
SELECT typname, typtype FROM pg_type WHERE typname IN ('delivery_status', 'email_address', 'int4') ORDER BY 1;
SELECT schemaname, tablename, tableowner FROM pg_tables WHERE schemaname = 'public' ORDER BY 2;
SELECT has_table_privilege('campaigns', 'SELECT');
SELECT current_schemas(false);
SELECT format_type(23, NULL), format_type('numeric'::regtype, 786438);
SELECT obj_description('campaigns'::regclass);
SELECT datname FROM pg_database WHERE datname = current_database();
SELECT count(*) FROM pg_stat_activity WHERE usename NOT IN (current_user, 'postgres') AND datname = current_database();
SELECT c.relname, pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.relname = 'messages';
SELECT rolname FROM pg_roles WHERE rolname = current_user;
SELECT kcu.column_name FROM information_schema.table_constraints tc JOIN information_schema.key_column_usage kcu USING (constraint_name, table_schema) WHERE tc.constraint_type = 'PRIMARY KEY' AND tc.table_name = 'campaigns';
SELECT name, setting FROM pg_settings WHERE name IN ('standard_conforming_strings', 'max_identifier_length') ORDER BY 1;
SELECT version() LIKE 'PostgreSQL 15%';
SELECT attname FROM pg_attribute WHERE attrelid = '"Mixed Case"'::regclass AND attnum > 0 ORDER BY attnum;
EXPLAIN (COSTS OFF) SELECT 1;

-- What DataGrip asks first of all.
select case when pg_catalog.pg_is_in_recovery() then null else (pg_catalog.txid_current() % 4294967296)::varchar::bigint end > 0 as current_txid;
select round(extract(epoch from pg_postmaster_start_time() at time zone 'UTC')) > 0 as startup_time;
select L.transactionid::varchar::bigint as transaction_id from pg_catalog.pg_locks L where L.transactionid is not null and L.pid <> pg_backend_pid()
  order by pg_catalog.age(L.transactionid) desc limit 1;
select A.amname, A.amtype from pg_am A join pg_proc P on A.amhandler::oid = P.oid
  where pg_catalog.age(A.xmin) <= coalesce(nullif(greatest(pg_catalog.age('0'::varchar::xid), -1), -1), 2147483647) order by 1;
select age('3'::xid) >= 0, '5'::xid::text, '5'::xid = '5', age(null::xid);
select age(transactionid) from (select timestamp '2020-01-01' as transactionid) x where false;
select age(x.transactionid) from (select date '2020-01-01' - current_date + current_date as transactionid) x where false;
-- @ error 42883
-- @ text
select age('{3}'::xid[]);
