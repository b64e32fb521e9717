-- What roles that do not see everything find in the catalog: their own, in which nothing is that is hidden from them. A private
-- database from which columns were dropped numbers those behind them as before, so that numbers of columns are not compared.
-- @@ user acme_masked,acme_east
SELECT table_catalog, table_schema, table_name, column_name, data_type, udt_schema, udt_name, is_nullable, column_default FROM information_schema.columns WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 2, 3, 4;
SELECT table_catalog, table_schema, table_name, table_type FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 2, 3;
SELECT table_name FROM information_schema.tables WHERE table_catalog = current_database() AND table_schema = 'public' ORDER BY 1;
SELECT catalog_name, schema_name FROM information_schema.schemata WHERE schema_name !~ '^pg_' ORDER BY 2;
SELECT * FROM information_schema.information_schema_catalog_name;
SELECT domain_catalog, domain_schema, domain_name FROM information_schema.domains WHERE domain_schema <> 'information_schema' ORDER BY 3;
SELECT constraint_catalog, table_name, constraint_type FROM information_schema.table_constraints WHERE table_schema = 'public' AND constraint_type <> 'CHECK' ORDER BY 2, 3;
SELECT table_name, column_name FROM information_schema.key_column_usage WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, ordinal_position;
SELECT table_name, column_name, grantee, privilege_type FROM information_schema.column_privileges WHERE table_schema = 'public' AND table_name = 'contacts' AND privilege_type = 'SELECT' ORDER BY 1, 2, 4;
SELECT n.nspname, c.relname, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1, 2;
SELECT attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute WHERE attrelid = 'contacts'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum;
SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE a.attname IN ('email', 'phone', 'owner', 'account') ORDER BY 1, 2;
SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' ORDER BY 1;
SELECT t.typname, t.typtype FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1;
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid <> 0 AND contype <> 'c' ORDER BY 1, 2;
SELECT indexrelid::regclass::text, indrelid::regclass::text, indisprimary FROM pg_index WHERE indexrelid >= 16384 AND indrelid IN (SELECT oid FROM pg_class WHERE relkind = 'r') ORDER BY 1;
SELECT schemaname, tablename, indexname FROM pg_indexes WHERE schemaname !~ '^pg_' ORDER BY 1, 2, 3;
SELECT schemaname, tablename, tableowner FROM pg_tables WHERE schemaname !~ '^pg_' AND schemaname <> 'information_schema' ORDER BY 1, 2;
SELECT objoid::regclass::text, objsubid, description FROM pg_description WHERE classoid = 'pg_class'::regclass AND objoid >= 16384 ORDER BY 1, 2;
SELECT to_regclass('contacts') IS NULL, to_regclass('crm.contacts'), to_regclass('shop.orders'), to_regclass('books.meters'), to_regtype('email_address'), to_regnamespace('crm'), to_regnamespace('shop');
SELECT 'contacts'::regclass::text, 'materialized.daily_metrics'::regclass::text;
-- @ error 3F000
SELECT 'crm.contacts'::regclass;
-- @ error 42P01
SELECT 'orders'::regclass;
-- @ error 42704
SELECT 'email_address'::regtype;
-- @ error 3F000
SELECT has_table_privilege('shop.orders', 'SELECT');
-- @ error 42P01
SELECT has_table_privilege('orders', 'SELECT');
-- @ error 42703
SELECT has_column_privilege('contacts', 'email', 'SELECT');
SELECT has_table_privilege('contacts', 'SELECT'), has_column_privilege('contacts', 'phone', 'SELECT'), has_schema_privilege('public', 'USAGE'), has_database_privilege(current_database(), 'CONNECT');
SELECT obj_description('contacts'::regclass), obj_description('campaigns'::regclass, 'pg_class');
-- @ error 42P01
SELECT * FROM crm.contacts;
-- @ error 42P01
SELECT * FROM shop.orders;
-- @ error 42P01
SELECT count(*) FROM orders;
-- @ error 42P01
INSERT INTO shop.orders DEFAULT VALUES;
-- @ error 42703
SELECT email FROM contacts;
-- @ error 42704
SELECT 'a@b'::email_address;
-- @ error 42704
SELECT full_name::email_address FROM contacts;
SELECT 'sent'::delivery_status, status FROM messages ORDER BY id LIMIT 3;
SET search_path = shop, crm, public\;
SELECT current_schemas(false), current_schema, 'contacts'::regclass::text;
SELECT current_database(), current_catalog, datname FROM pg_database WHERE datname = current_database();
EXPLAIN (COSTS OFF) SELECT contact_no FROM contacts;
-- @ error 42703
EXPLAIN SELECT email FROM contacts;
-- @ error 42P01
EXPLAIN SELECT * FROM crm.contacts;
