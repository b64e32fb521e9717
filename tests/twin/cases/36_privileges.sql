-- What the client's user may do, as PostgreSQL's own functions say it: what the role reads and writes, and nothing else.
-- @@ user acme_reader,acme_clerk
SELECT has_table_privilege('campaigns', 'SELECT'), has_table_privilege('campaigns', 'INSERT'), has_table_privilege('campaigns', 'update, delete'), has_table_privilege('campaigns', 'SELECT, INSERT');
SELECT has_table_privilege('channels', 'SELECT'), has_table_privilege('channels', 'INSERT'), has_table_privilege('materialized.daily_metrics', 'UPDATE');
SELECT has_table_privilege('public."Mixed Case"', 'DELETE'), has_table_privilege('shop.orders'::regclass, 'INSERT'), has_table_privilege('shop.changes', 'INSERT');
SELECT has_table_privilege('campaigns', 'TRUNCATE'), has_table_privilege('campaigns', 'REFERENCES'), has_table_privilege('campaigns', 'TRIGGER'), has_table_privilege('campaigns', 'SELECT WITH GRANT OPTION');
SELECT has_table_privilege(current_user, 'campaigns', 'INSERT'), has_table_privilege(current_user::name, 'campaigns'::regclass::oid, 'INSERT'), has_table_privilege(session_user, 'campaigns'::text, 'INSERT');
SELECT c.relname, has_table_privilege(c.oid, 'SELECT') AS s, has_table_privilege(c.oid, 'INSERT') AS i, has_any_column_privilege(c.oid, 'UPDATE') AS u, has_table_privilege(c.oid, 'DELETE') AS d, has_table_privilege(c.oid, 'TRUNCATE') AS t FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND n.nspname IN ('public', 'crm', 'shop', 'materialized') ORDER BY c.relname COLLATE "C", n.nspname;
SELECT p, has_table_privilege('campaigns', p) AS one, has_table_privilege('shop.changes', p) AS other FROM unnest(ARRAY['SELECT', 'insert', 'Update ', ' DELETE', 'TRUNCATE', 'INSERT, SELECT', 'DELETE WITH GRANT OPTION', 'TRIGGER,SELECT']) AS p ORDER BY 1;
-- @ params SELECT
SELECT has_table_privilege('campaigns', $1);
-- @ params campaigns|INSERT
SELECT has_table_privilege($1, $2);
SELECT has_column_privilege('campaigns', 'name', 'SELECT'), has_column_privilege('campaigns', 'name', 'UPDATE'), has_column_privilege('channels', 'name', 'INSERT'), has_column_privilege('campaigns', 1::smallint, 'INSERT');
SELECT has_any_column_privilege('campaigns', 'SELECT'), has_any_column_privilege('campaigns', 'INSERT'), has_any_column_privilege('campaigns', 'REFERENCES');
SELECT has_schema_privilege('public', 'USAGE'), has_schema_privilege('public', 'CREATE'), has_schema_privilege('crm', 'CREATE, USAGE'), has_schema_privilege('pg_catalog', 'CREATE');
SELECT nspname, has_schema_privilege(oid, 'USAGE') AS u, has_schema_privilege(nspname, 'CREATE') AS c FROM pg_namespace WHERE nspname IN ('public', 'crm', 'pg_catalog', 'information_schema') ORDER BY 1;
SELECT has_database_privilege('analytics', 'CONNECT'), has_database_privilege('analytics', 'TEMP'), has_database_privilege(current_database(), 'CREATE'), has_database_privilege(current_database(), 'TEMPORARY'), has_database_privilege(current_user, current_database(), 'CREATE');
SELECT datname, has_database_privilege(datname, 'CREATE'), has_database_privilege(oid, 'connect') FROM pg_database WHERE datname = 'analytics';
SELECT has_table_privilege('pg_class', 'SELECT'), has_table_privilege('pg_authid', 'SELECT'), has_table_privilege('pg_class', 'INSERT');
SELECT has_table_privilege(NULL::text, 'INSERT'), has_table_privilege(1::oid, 'INSERT'), has_schema_privilege(1::oid, 'CREATE'), has_table_privilege('campaigns', NULL);
-- @ error 42P01
SELECT has_table_privilege('no_such_table', 'INSERT');
-- @ error 22023
SELECT has_table_privilege('campaigns', 'FLY');
-- @ error 22023
SELECT has_schema_privilege('public', 'CREATE, FLY');
-- @ error 42704
SELECT has_table_privilege('no_such_role', 'campaigns', 'SELECT');
-- @ error 42704
SELECT has_database_privilege('no_such_role', 'analytics', 'CONNECT');
-- of tools: what a user may do with each table (without views of other schemas)
SELECT schemaname, tablename, has_any_column_privilege(current_user, '"' || replace(schemaname, '"', '""') || '"."' || replace(tablename, '"', '""') || '"', 'update') AS u, has_table_privilege(current_user, '"' || schemaname || '"."' || replace(tablename, '"', '""') || '"', 'delete') AS d FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename COLLATE "C";
-- roles
SELECT pg_has_role(current_user, 'MEMBER'), pg_has_role(current_user, current_user, 'USAGE'), pg_has_role('pg_monitor', 'MEMBER'), pg_has_role('postgres', 'USAGE'), pg_has_role(10, 'USAGE');
-- @ error 42704
SELECT pg_has_role('no_such_role', 'USAGE');
-- @ error 42704
SELECT pg_has_role('no_such_role', current_user, 'USAGE');
-- @ error 22023
SELECT pg_has_role(current_user, 'FLY');
SELECT rolname, pg_has_role(oid, 'MEMBER') AS member FROM pg_roles WHERE rolname IN (current_user, 'postgres', 'pg_monitor', 'pg_read_all_data') ORDER BY 1;
SELECT pg_get_userbyid(10), pg_get_userbyid(3373), pg_get_userbyid(6171), pg_get_userbyid(1), pg_get_userbyid(4294967295), pg_get_userbyid(NULL), pg_get_userbyid(999999999);
SELECT pg_get_userbyid(oid) = rolname FROM pg_roles WHERE rolname = current_user;
-- What was granted, as information_schema tells it. Who granted it is another one in the private database.
SELECT table_schema, table_name, grantee, privilege_type, is_grantable, with_hierarchy FROM information_schema.table_privileges WHERE grantee = current_user ORDER BY 1, 2, 4;
SELECT table_schema, table_name, privilege_type FROM information_schema.role_table_grants WHERE grantee = current_user AND table_schema = 'shop' ORDER BY 1, 2, 3;
SELECT table_name, column_name, privilege_type, is_grantable FROM information_schema.column_privileges WHERE grantee = current_user AND table_name IN ('campaigns', 'channels', 'changes', 'Mixed Case') ORDER BY 1, 2, 3;
SELECT table_name, column_name, privilege_type FROM information_schema.role_column_grants WHERE grantee = current_user AND table_schema = 'public' ORDER BY 1, 2, 3;
SELECT table_name, grantor, grantee, privilege_type, is_grantable FROM information_schema.table_privileges WHERE table_schema = 'pg_catalog' AND table_name IN ('pg_class', 'pg_authid', 'pg_settings') ORDER BY 1, 4;
SELECT object_type, privilege_type, count(*) > 0 FROM information_schema.usage_privileges WHERE object_type = 'SEQUENCE' GROUP BY 1, 2;
SELECT privilege_type FROM pg_class, aclexplode(relacl) AS a WHERE oid = 'campaigns'::regclass AND pg_get_userbyid(a.grantee) = current_user ORDER BY 1;
SELECT relname, (SELECT string_agg(privilege_type, ',' ORDER BY privilege_type COLLATE "C") FROM aclexplode(c.relacl) AS a JOIN pg_roles AS r ON r.oid = a.grantee WHERE r.rolname = current_user) FROM pg_class AS c WHERE relnamespace = 'shop'::regnamespace AND relkind = 'r' ORDER BY relname COLLATE "C";
SELECT oid::regclass, relacl::text[], array_to_string(relacl, ' ') FROM pg_class WHERE oid IN ('pg_class'::regclass, 'pg_authid'::regclass, 'pg_settings'::regclass) ORDER BY 1;
SELECT proname, proacl::text FROM pg_proc WHERE proname IN ('pg_ls_waldir', 'upper', 'pg_read_file') ORDER BY 1, 2;
SELECT nspname, nspacl::text FROM pg_namespace WHERE nspname IN ('pg_catalog', 'information_schema') ORDER BY 1;
SELECT count(*) FROM pg_attribute WHERE attacl IS NOT NULL AND attrelid < 16384;
SELECT c.tableoid::regclass, c.xmin IS NOT NULL AS x, c.relacl IS NOT NULL AS acl FROM pg_class AS c WHERE oid = 'campaigns'::regclass;
SELECT c.tableoid::regclass, relname FROM pg_class AS c WHERE oid = 'campaigns'::regclass GROUP BY c.oid;
SELECT relname FROM (SELECT * FROM pg_class) AS c WHERE relacl IS NOT NULL AND relname IN ('campaigns', 'campaigns_pkey') ORDER BY 1;
-- @ refused 0A000
SELECT c.xmin, c.* FROM pg_class AS c WHERE c.relacl IS NULL;
-- @ refused 0A000
SELECT relacl::text, a.privilege_type FROM pg_class, aclexplode(relacl) AS a;
-- @ refused 0A000
SELECT (aclexplode(list)).grantee FROM (SELECT relacl AS list FROM pg_class) AS c;
