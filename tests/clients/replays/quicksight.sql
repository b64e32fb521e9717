-- QuickSight, Sigma, Holistics, MicroStrategy, Looker, Qlik: keys by series over arrays, composite values taken apart, comma joins of many catalogs.
-- @ startup client_encoding=UTF8
-- @ mode extended
-- == schemas that may be used
SELECT nspname AS schema_name FROM pg_namespace
WHERE (has_schema_privilege(current_user, nspname, 'USAGE') = TRUE OR has_schema_privilege(current_user, nspname, 'CREATE') = TRUE)
  AND nspname NOT IN ('pg_catalog', 'information_schema') AND nspname NOT LIKE 'pg_toast%' AND nspname NOT LIKE 'pg_temp_%' ORDER BY 1
-- == foreign keys by a series
SELECT NULL::text AS PKTABLE_CAT, pn.nspname AS PKTABLE_SCHEM, pc.relname AS PKTABLE_NAME, pa.attname AS PKCOLUMN_NAME, fn.nspname AS FKTABLE_SCHEM, fc.relname AS FKTABLE_NAME, fa.attname AS FKCOLUMN_NAME,
       pos.n AS KEY_SEQ, con.conname AS FK_NAME, pi.relname AS PK_NAME
FROM pg_catalog.pg_namespace pn, pg_catalog.pg_class pc, pg_catalog.pg_attribute pa, pg_catalog.pg_namespace fn, pg_catalog.pg_class fc, pg_catalog.pg_attribute fa, pg_catalog.pg_constraint con,
     pg_catalog.generate_series(1, 32) pos(n), pg_catalog.pg_depend dep, pg_catalog.pg_class pi
WHERE pn.oid = pc.relnamespace AND pc.oid = pa.attrelid AND pa.attnum = con.confkey[pos.n] AND con.confrelid = pc.oid AND fn.oid = fc.relnamespace AND fc.oid = fa.attrelid AND fa.attnum = con.conkey[pos.n]
  AND con.conrelid = fc.oid AND con.contype = 'f' AND con.oid = dep.objid AND pi.oid = dep.refobjid AND pi.relkind = 'i' AND dep.classid = 'pg_constraint'::regclass::oid AND dep.refclassid = 'pg_class'::regclass::oid
ORDER BY pn.nspname, pc.relname, con.conname, pos.n
-- == primary keys, expanded
SELECT NULL AS TABLE_CAT, n.nspname AS TABLE_SCHEM, ct.relname AS TABLE_NAME, a.attname AS COLUMN_NAME, (i.keys).n AS KEY_SEQ, ci.relname AS PK_NAME
FROM pg_catalog.pg_class ct JOIN pg_catalog.pg_attribute a ON (ct.oid = a.attrelid) JOIN pg_catalog.pg_namespace n ON (ct.relnamespace = n.oid)
JOIN (SELECT i.indexrelid, i.indrelid, i.indisprimary, information_schema._pg_expandarray(i.indkey) AS keys FROM pg_catalog.pg_index i) i ON (a.attnum = (i.keys).x AND a.attrelid = i.indrelid)
JOIN pg_catalog.pg_class ci ON (ci.oid = i.indexrelid) WHERE true AND i.indisprimary AND n.nspname <> 'pg_toast' AND n.nspname <> 'pg_catalog'
ORDER BY table_schem, table_name, pk_name, key_seq
-- == Sigma: schemas
select distinct table_schema from information_schema.tables where table_type IN ('BASE TABLE', 'VIEW', 'FOREIGN', 'FOREIGN TABLE') and table_schema NOT IN ('pg_catalog', 'information_schema') and table_schema ilike '%'
-- == Sigma: tables
SELECT table_name FROM (select table_name from information_schema.tables where table_schema = 'public' UNION select matviewname as table_name from pg_catalog.pg_matviews where schemaname = 'public') t ORDER BY table_name ASC
-- == Sigma: foreign keys as arrays
select c.relname as "source_table",
    array(select (select attname::text from pg_attribute where attrelid = con.conrelid and attnum = con.conkey[i]) from generate_series(array_lower(con.conkey, 1), array_upper(con.conkey, 1)) i) as "source_keys",
    (select nspname from pg_namespace n2 join pg_class c2 on n2.oid = c2.relnamespace where c2.oid = con.confrelid) as "target_schema", (select relname from pg_class where oid = con.confrelid) as "target_table",
    array(select (select attname::text from pg_attribute where attrelid = con.confrelid and attnum = con.confkey[i]) from generate_series(array_lower(con.confkey, 1), array_upper(con.confkey, 1)) i) as "target_keys"
from pg_class c join pg_namespace n on c.relnamespace = n.oid join pg_constraint con on con.conrelid = c.oid
where c.relname >= 'A' and c.relname <= 'z' and con.contype = 'f' order by "source_table", con.conname
-- == Sigma: columns in steps
with nsp as (select oid from pg_catalog.pg_namespace where nspname = 'public'),
    tbl as (select oid from pg_catalog.pg_class where relname = 'contacts' and relnamespace = (select oid from nsp))
select attname, typname, description from pg_attribute a join pg_type on atttypid = pg_type.oid left join pg_description on attrelid = objoid and attnum = objsubid where attnum > 0 and attrelid = (select oid from tbl) order by attnum
-- == Sigma: keys in steps
with nsp as (select oid as relnamespace from pg_catalog.pg_namespace where nspname = 'public'),
    tbl as (select nsp.relnamespace as connamespace, t.oid as conrelid from pg_catalog.pg_class t inner join nsp using (relnamespace) where relname = 'campaigns'),
    con as (select conrelid, conkey from pg_catalog.pg_constraint inner join tbl using (connamespace, conrelid) where contype = 'p')
select attname from pg_catalog.pg_attribute att inner join con on conrelid = attrelid and attnum = any(con.conkey) order by attnum
-- == Holistics: no filter on the schema of what it finds
SELECT n.nspname || '.' || c.relname AS "table_name", a.attname AS "column_name", format_type(a.atttypid, a.atttypmod) AS "data_type" FROM pg_namespace n, pg_class c, pg_attribute a
WHERE n.oid = c.relnamespace AND c.oid = a.attrelid AND a.attnum > 0 AND NOT a.attisdropped
  AND c.relname IN (SELECT table_name FROM information_schema.tables WHERE (table_type = 'BASE TABLE' OR table_type = 'VIEW') AND table_schema NOT IN ('pg_catalog', 'information_schema') AND has_schema_privilege(table_schema, 'USAGE'::text))
-- == MicroStrategy: a type
SELECT t.oid FROM pg_catalog.pg_type AS t JOIN pg_catalog.pg_namespace AS n ON t.typnamespace = n.oid WHERE t.typname = 'citext' AND (n.nspname = (SELECT current_schema()) OR n.nspname = 'public')
-- == a type by its number
-- @ binary-params oid:25
-- @ send P D:S b D:P E S
SELECT t.typname, t.typtype, t.typelem, r.rngsubtype, t.typbasetype, n.nspname, t.typrelid FROM pg_catalog.pg_type t LEFT OUTER JOIN pg_catalog.pg_range r ON r.rngtypid = t.oid INNER JOIN pg_catalog.pg_namespace n ON t.typnamespace = n.oid WHERE t.oid = $1
-- == the number of an enum
-- @ keep tier=oid
SELECT coalesce(to_regtype('shop.tier'), to_regtype('delivery_status'))::oid AS oid
-- == an enum by its number
-- @ binary-params oid:{tier}
-- @ send P D:S b D:P E S
SELECT enumlabel FROM pg_catalog.pg_enum WHERE enumtypid = $1 ORDER BY enumsortorder
-- == statistics and partitions
-- @ differs row_count: nothing is counted
SELECT current_database() as TABLE_CAT, COALESCE(T.table_schema, MV.schemaname) as TABLE_SCHEM, COALESCE(T.table_name, MV.matviewname) as TABLE_NAME,
 (CASE WHEN c.reltuples < 0 THEN 0 WHEN c.relpages = 0 THEN float8 '0' ELSE c.reltuples / c.relpages END * (pg_relation_size(c.oid) / 8192))::bigint as ROW_COUNT,
 C.relnatts as COLUMN_COUNT, C.relkind as TABLE_KIND, C.relispartition as IS_PARTITION, P.partstrat as PARTITION_STRATEGY, COALESCE(V.definition, MV.definition) as VIEW_DEFINITION, T.*
FROM pg_class C LEFT JOIN pg_namespace N ON (N.oid = C.relnamespace) LEFT JOIN pg_stat_user_tables PSUT ON (C.oid = PSUT.relid) LEFT JOIN information_schema.tables T ON (C.relname = T.table_name AND N.nspname = T.table_schema)
     LEFT JOIN pg_views V ON (T.table_name = V.viewname) LEFT JOIN pg_matviews MV ON (C.relname = MV.matviewname) LEFT JOIN pg_partitioned_table P on C.oid = P.partrelid
WHERE N.nspname in (SELECT schema_name FROM INFORMATION_SCHEMA.SCHEMATA WHERE schema_name not like 'pg_%%' and schema_name != 'information_schema') AND C.relkind != 'i' AND C.relkind != 'I' ORDER BY T.table_schema, T.table_name ASC
-- == Looker: a query with its comment
-- Looker Query Context '{"user_id":1,"history_slug":"a","instance_slug":"b"}'
SELECT
    campaigns.status  AS "campaigns.status",
        (TO_CHAR(DATE_TRUNC('month', campaigns.created_at ), 'YYYY-MM')) AS "campaigns.created_month",
    COUNT(DISTINCT campaigns.id ) AS "campaigns.count"
FROM public.campaigns  AS campaigns
LEFT JOIN public.messages  AS messages ON campaigns.id = messages.campaign_id
GROUP BY
    1,
    2
ORDER BY
    2 DESC, 1
FETCH NEXT 500 ROWS ONLY
-- == Looker: can its queries be ended?
-- @ differs pid,query: processes have numbers of their own; what they run is not told
select pid, usename, coalesce(query, '') as query from pg_stat_activity where usename = current_user and pid = pg_backend_pid()
-- == Qlik: keys of the data by ODBC
select ta.attname, ia.attnum, ic.relname, n.nspname, tc.relname
from pg_catalog.pg_attribute ta, pg_catalog.pg_attribute ia, pg_catalog.pg_class tc, pg_catalog.pg_index i, pg_catalog.pg_namespace n, pg_catalog.pg_class ic
where tc.relname = 'campaigns' AND n.nspname = 'public' AND tc.oid = i.indrelid AND n.oid = tc.relnamespace AND i.indisprimary = 't' AND ia.attrelid = i.indexrelid AND ta.attrelid = i.indrelid
  AND ta.attnum = i.indkey[ia.attnum-1] AND (NOT ta.attisdropped) AND (NOT ia.attisdropped) AND ic.oid = i.indexrelid order by ia.attnum
