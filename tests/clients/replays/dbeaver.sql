-- DBeaver: pgjdbc underneath; whole rows of catalogs (c.*), a table's number from one statement in the next, sizes, sessions, sequences.
-- @ startup client_encoding=UTF8
-- @ startup DateStyle=ISO
-- @ startup extra_float_digits=2
-- @ mode extended
-- == first words
SET application_name = 'DBeaver 25.1.5 - Main <analytics>'
-- == who and where
SELECT current_schema(),session_user
-- == schemas
-- @ ignores nspacl: other users of the private server have grants
SELECT n.oid,n.*,d.description FROM pg_catalog.pg_namespace n LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid=n.oid AND d.objsubid=0 AND d.classoid='pg_namespace'::regclass ORDER BY nspname
-- == a schema's number
-- @ keep schema=oid
SELECT n.oid FROM pg_catalog.pg_namespace n WHERE nspname = 'shop'
-- == path
SHOW search_path
-- == database
-- @ differs datfrozenxid,datminmxid,datcollversion: of the server
-- @ ignores datacl: other users of the private server have grants
SELECT db.oid,db.* FROM pg_catalog.pg_database db WHERE datname=current_database()
-- == a setting
-- @ differs source: where a value comes from
SELECT name, setting, unit, category, short_desc, context, vartype, source, min_val, max_val, enumvals, boot_val, reset_val FROM pg_catalog.pg_settings where name='standard_conforming_strings'
-- == enums?
SELECT * FROM pg_catalog.pg_enum WHERE 1<>1 LIMIT 1
-- == types of rows?
SELECT reltype FROM pg_catalog.pg_class WHERE 1<>1 LIMIT 1
-- == types
SELECT t.oid,t.*,c.relkind,format_type(nullif(t.typbasetype, 0), t.typtypmod) as base_type_name, d.description FROM pg_catalog.pg_type t
LEFT OUTER JOIN pg_catalog.pg_type et ON et.oid=t.typelem LEFT OUTER JOIN pg_catalog.pg_class c ON c.oid=t.typrelid LEFT OUTER JOIN pg_catalog.pg_description d ON t.oid=d.objoid
WHERE t.typname IS NOT NULL AND (c.relkind IS NULL OR c.relkind = 'c') AND (et.typcategory IS NULL OR et.typcategory <> 'C')
-- == tables with everything
-- @ differs relfilenode,relpages,reltuples,relallvisible,relfrozenxid,relminmxid,relhasindex: how a table is stored
-- @ without \|tickets\|: the private database's own has a CHECK beyond schema.sql
SELECT c.oid,c.*,d.description,pg_catalog.pg_get_expr(c.relpartbound, c.oid) as partition_expr, pg_catalog.pg_get_partkeydef(c.oid) as partition_key
FROM pg_catalog.pg_class c LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid=c.oid AND d.objsubid=0 AND d.classoid='pg_class'::regclass
WHERE c.relnamespace={schema} AND c.relkind not in ('i','I','c')
-- == a table's number
-- @ keep orders=oid
SELECT c.oid FROM pg_catalog.pg_class c WHERE c.relnamespace={schema} AND c.relname='orders'
-- == sizes
-- @ differs total_rel_size,rel_size: files are not measured
select c.oid,pg_catalog.pg_total_relation_size(c.oid) as total_rel_size,pg_catalog.pg_relation_size(c.oid) as rel_size FROM pg_class c WHERE c.relnamespace={schema}
-- == columns with everything
-- @ differs attcacheoff,attoptions,attmissingval,objid: of the server
SELECT c.relname,a.*,pg_catalog.pg_get_expr(ad.adbin, ad.adrelid, true) as def_value,dsc.description,dep.objid FROM pg_catalog.pg_attribute a INNER JOIN pg_catalog.pg_class c ON (a.attrelid=c.oid)
LEFT OUTER JOIN pg_catalog.pg_attrdef ad ON (a.attrelid=ad.adrelid AND a.attnum = ad.adnum) LEFT OUTER JOIN pg_catalog.pg_description dsc ON (c.oid=dsc.objoid AND a.attnum = dsc.objsubid)
LEFT OUTER JOIN pg_depend dep on dep.refobjid = a.attrelid AND dep.deptype = 'i' and dep.refobjsubid = a.attnum and dep.classid = dep.refclassid
WHERE NOT a.attisdropped AND c.relkind not in ('i','I','c') AND c.oid={orders} ORDER BY a.attnum
-- == indexes
-- @ differs index_rel_size,index_num_scans: files are not measured, nor is their use counted
SELECT i.*,i.indkey as keys,c.relname,c.relnamespace,c.relam,c.reltablespace,tc.relname as tabrelname,dsc.description,pg_catalog.pg_get_expr(i.indpred, i.indrelid) as pred_expr,
       pg_catalog.pg_get_expr(i.indexprs, i.indrelid, true) as expr,pg_catalog.pg_relation_size(i.indexrelid) as index_rel_size,pg_catalog.pg_stat_get_numscans(i.indexrelid) as index_num_scans
FROM pg_catalog.pg_index i INNER JOIN pg_catalog.pg_class c ON c.oid=i.indexrelid INNER JOIN pg_catalog.pg_class tc ON tc.oid=i.indrelid
LEFT OUTER JOIN pg_catalog.pg_description dsc ON i.indexrelid=dsc.objoid WHERE i.indrelid={orders} ORDER BY tabrelname, c.relname
-- == constraints
-- @ differs conbin: where each word stood in the statement that made it
SELECT c.oid,c.*,t.relname as tabrelname,rt.relnamespace as refnamespace,d.description, case when c.contype='c' then "substring"(pg_get_constraintdef(c.oid), 7) else null end consrc_copy
FROM pg_catalog.pg_constraint c INNER JOIN pg_catalog.pg_class t ON t.oid=c.conrelid LEFT OUTER JOIN pg_catalog.pg_class rt ON rt.oid=c.confrelid
LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid=c.oid AND d.objsubid=0 AND d.classoid='pg_constraint'::regclass WHERE c.conrelid={orders} ORDER BY c.conname
-- == what refers to it
SELECT i.inhrelid relid, pc.relnamespace parent_ns, pc.oid parent_oid, i.inhseqno FROM pg_catalog.pg_inherits i, pg_catalog.pg_class pc WHERE pc.oid = i.inhparent AND i.inhrelid={orders}
-- == by a parameter, in text
-- @ params {orders}
SELECT conname, pg_catalog.pg_get_constraintdef(oid) FROM pg_catalog.pg_constraint WHERE conrelid = $1 ORDER BY 1
-- == by a parameter, in binary
-- @ send P B D:P E S
-- @ binary-params oid:{orders}
SELECT conname, pg_catalog.pg_get_constraintdef(oid, true) FROM pg_catalog.pg_constraint WHERE conrelid = $1 ORDER BY 1
-- == by a literal of text
SELECT relname, oid::regclass FROM pg_catalog.pg_class WHERE oid = '{orders}'
-- == by a list
-- @ params {{orders},1247}
SELECT relname FROM pg_catalog.pg_class WHERE oid = ANY ($1::oid[]) ORDER BY 1
-- == a view
SELECT pg_get_viewdef('pg_catalog.pg_tables'::regclass, true) IS NOT NULL AS there
-- == sessions
SELECT sa.datname, sa.usename, sa.application_name, sa.backend_type, sa.state FROM pg_catalog.pg_stat_activity sa WHERE sa.pid = pg_backend_pid()
-- == the size of the database
-- @ differs pg_database_size: files are not measured
SELECT db.datname,pg_database_size(db.oid) FROM pg_catalog.pg_database db WHERE db.datname = current_database()
-- == sequences
SELECT schemaname, sequencename, min_value,max_value,increment_by,cache_size,cycle,start_value,data_type,sequenceowner from pg_catalog.pg_sequences order by 1, 2
-- == functions
-- @ without note_change: the private database's own, for tests of triggers
SELECT p.oid as poid,p.proname,p.pronargs,e.name as ename FROM pg_catalog.pg_proc p LEFT OUTER JOIN pg_catalog.pg_available_extensions e ON false WHERE p.pronamespace={schema}
-- == roles
SELECT a.oid,a.rolname,a.rolsuper,a.rolcanlogin FROM pg_catalog.pg_roles a ORDER BY a.rolname
-- == locks
SELECT count(*) >= 0 AS some FROM pg_catalog.pg_locks
-- == the data
SELECT x.* FROM shop.orders x ORDER BY 1 LIMIT 200
-- == and how much of it
SELECT count(*) FROM shop.orders
