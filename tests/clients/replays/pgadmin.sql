-- pgAdmin: settings and a query in one message, roles and privileges by number, statistics of tables, a search over comments.
-- @ startup client_encoding=UTF8
-- @ mode simple
-- == first words
SET DateStyle=ISO; SET client_min_messages=notice; SELECT set_config('bytea_output','hex',false) FROM pg_show_all_settings() WHERE name = 'bytea_output'; SET client_encoding='UTF8';
-- == the same, step by step
SET DateStyle=ISO; SET client_min_messages=notice; SET client_encoding='UTF8';
-- == version
SELECT version()
-- == replication
SELECT CASE WHEN (SELECT count(extname) FROM pg_catalog.pg_extension WHERE extname='bdr') > 0 THEN 'pgd' WHEN (SELECT COUNT(*) FROM pg_replication_slots) > 0 THEN 'log' ELSE NULL END as type
-- == cancelling
SELECT pg_cancel_backend(12345);
-- == database
-- @ differs cancreate: through Headgate nobody creates schemas
SELECT db.oid as did, db.datname, db.datallowconn, pg_encoding_to_char(db.encoding) AS serverencoding, has_database_privilege(db.oid, 'CREATE') as cancreate, datistemplate
FROM pg_catalog.pg_database db WHERE db.datname = current_database()
-- == encryption
SELECT gss_authenticated, encrypted FROM pg_catalog.pg_stat_gssapi WHERE pid = pg_backend_pid()
-- == own role
SELECT r.oid as id, r.rolname as name, r.rolsuper as is_superuser, CASE WHEN r.rolsuper THEN true ELSE r.rolcreaterole END as can_create_role,
    CASE WHEN 'pg_signal_backend'=ANY(ARRAY(WITH RECURSIVE up AS (
        SELECT pg_roles.oid,pg_roles.rolname FROM pg_catalog.pg_roles WHERE pg_roles.oid = r.oid
        UNION ALL SELECT m.roleid,g.rolname FROM up u JOIN pg_catalog.pg_auth_members m ON m.member = u.oid JOIN pg_catalog.pg_roles g ON g.oid = m.roleid)
    SELECT rolname FROM up)) THEN True ELSE False END as can_signal_backend
FROM pg_catalog.pg_roles as r WHERE rolname = current_user
-- == databases
-- @ differs cancreate: through Headgate nobody creates schemas
-- @ without \|postgres\||^<?unknown>?: other databases of the server
SELECT db.oid as did, db.datname as name, ta.spcname as spcname, db.datallowconn, db.datistemplate AS is_template, pg_catalog.has_database_privilege(db.oid, 'CREATE') as cancreate, datdba as owner, descr.description
FROM pg_catalog.pg_database db LEFT OUTER JOIN pg_catalog.pg_tablespace ta ON db.dattablespace = ta.oid LEFT OUTER JOIN pg_catalog.pg_shdescription descr ON (db.oid=descr.objoid AND descr.classoid='pg_database'::regclass)
WHERE db.oid > 16383::OID OR db.datname IN ('postgres', 'edb') ORDER BY datname
-- == schemas
SELECT nsp.oid, nsp.nspname as name, pg_catalog.has_schema_privilege(nsp.oid, 'USAGE') as has_usage, des.description
FROM pg_catalog.pg_namespace nsp LEFT OUTER JOIN pg_catalog.pg_description des ON (des.objoid=nsp.oid AND des.classoid='pg_namespace'::regclass)
WHERE nspname NOT LIKE E'pg\\_%' ORDER BY nspname
-- == tables
SELECT rel.oid, rel.relname AS name, (SELECT count(*) FROM pg_catalog.pg_trigger WHERE tgrelid=rel.oid AND tgisinternal = FALSE) AS triggercount,
    (CASE WHEN rel.relkind = 'p' THEN true ELSE false END) AS is_partitioned, (SELECT count(1) FROM pg_catalog.pg_inherits WHERE inhrelid=rel.oid LIMIT 1) as is_inherits, des.description
FROM pg_catalog.pg_class rel LEFT OUTER JOIN pg_catalog.pg_description des ON (des.objoid=rel.oid AND des.objsubid=0 AND des.classoid='pg_class'::regclass)
WHERE rel.relkind IN ('r','s','t','p') AND rel.relnamespace = 2200::oid AND NOT rel.relispartition ORDER BY rel.relname
-- == statistics
-- @ differs Total Size,Tuples inserted,Live tuples: nothing is counted
SELECT st.relname AS "Table name", pg_catalog.pg_relation_size(st.relid) AS "Total Size", n_tup_ins AS "Tuples inserted", n_live_tup AS "Live tuples", last_vacuum AS "Last vacuum"
FROM pg_catalog.pg_stat_all_tables st JOIN pg_catalog.pg_class cl on cl.oid=st.relid and cl.relkind IN ('r','s','t','p') WHERE schemaname = 'public' ORDER BY st.relname
-- == a table's number
-- @ keep lines=oid
SELECT coalesce(to_regclass('shop.lines'), to_regclass('contacts'))::oid AS oid
-- == columns of it
SELECT att.attname as name, att.atttypid, att.attlen, att.attnum, att.attndims, att.atttypmod, att.attacl, att.attnotnull, att.attstattarget, att.attstorage, att.attidentity,
    pg_catalog.pg_get_expr(def.adbin, def.adrelid) AS defval, pg_catalog.format_type(ty.oid,NULL) AS typname, pg_catalog.format_type(ty.oid,att.atttypmod) AS displaytypname,
    CASE WHEN length(coll.collname::text) > 0 AND length(nspc.nspname::text) > 0 THEN pg_catalog.concat(pg_catalog.quote_ident(nspc.nspname),'.',pg_catalog.quote_ident(coll.collname)) ELSE '' END AS collspcname,
    description, pi.indkey, (SELECT count(1) FROM pg_catalog.pg_type t2 WHERE t2.typname=ty.typname) > 1 AS isdup, CASE WHEN att.attgenerated = 's' THEN 'g' ELSE 'n' END AS colconstype
FROM pg_catalog.pg_attribute att JOIN pg_catalog.pg_type ty ON ty.oid=atttypid LEFT OUTER JOIN pg_catalog.pg_attrdef def ON adrelid=att.attrelid AND adnum=att.attnum
LEFT OUTER JOIN pg_catalog.pg_description des ON (des.objoid=att.attrelid AND des.objsubid=att.attnum AND des.classoid='pg_class'::regclass)
LEFT OUTER JOIN pg_catalog.pg_collation coll ON att.attcollation=coll.oid LEFT OUTER JOIN pg_catalog.pg_namespace nspc ON coll.collnamespace=nspc.oid LEFT OUTER JOIN pg_catalog.pg_index pi ON pi.indrelid=att.attrelid AND indisprimary
WHERE att.attrelid = {lines}::oid AND att.attnum > 0 AND att.attisdropped IS FALSE ORDER BY att.attnum
-- == constraints of it
SELECT ct.oid, conname as name, condeferrable, condeferred, confupdtype, confdeltype, CASE confmatchtype WHEN 's' THEN FALSE WHEN 'f' THEN TRUE END AS confmatchtype,
    conkey, confkey, confrelid, nl.nspname as fknsp, cl.relname as fktab, nr.nspname as refnsp, cr.relname as reftab, description as comment, convalidated, conislocal, ct.contype
FROM pg_catalog.pg_constraint ct JOIN pg_catalog.pg_class cl ON cl.oid=conrelid JOIN pg_catalog.pg_namespace nl ON nl.oid=cl.relnamespace LEFT JOIN pg_catalog.pg_class cr ON cr.oid=confrelid
LEFT JOIN pg_catalog.pg_namespace nr ON nr.oid=cr.relnamespace LEFT OUTER JOIN pg_catalog.pg_description des ON (des.objoid=ct.oid AND des.classoid='pg_constraint'::regclass)
WHERE conrelid = {lines}::oid ORDER BY conname
-- == what depends on it
-- @ unordered
SELECT DISTINCT dep.deptype, dep.classid, cl.relkind, ad.adbin IS NOT NULL AS has, ad.adsrc FROM pg_catalog.pg_depend dep LEFT JOIN pg_catalog.pg_class cl ON dep.objid=cl.oid
LEFT JOIN (SELECT oid, adbin, pg_catalog.pg_get_expr(adbin, adrelid) AS adsrc FROM pg_catalog.pg_attrdef) ad ON ad.oid = dep.objid WHERE dep.refobjid={lines}::oid ORDER BY classid
-- == its definition by number
SELECT pg_catalog.pg_get_indexdef(indexrelid) AS def, indisprimary, indisclustered, indisvalid FROM pg_catalog.pg_index WHERE indrelid = {lines} ORDER BY 1
-- == the data in a cursor
BEGIN;DECLARE "CURSOR:7451" NO SCROLL CURSOR WITHOUT HOLD FOR SELECT * FROM shop.lines ORDER BY 1, 2
-- == its rows
FETCH FORWARD 100 FROM "CURSOR:7451"
-- == its end
END
-- == the dashboard
-- @ differs chart_data: nothing is counted
/*pga4dash*/
SELECT 'session_stats' AS chart_name, pg_catalog.row_to_json(t) AS chart_data FROM (SELECT (SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE datname = current_database()) AS "Total") t
UNION ALL SELECT 'tps_stats', pg_catalog.row_to_json(t) FROM (SELECT (SELECT sum(xact_commit) FROM pg_catalog.pg_stat_database) AS "Transactions") t
