-- Superset, Redash and Lightdash: SQLAlchemy and psycopg2 underneath; a search_path before each query, EXPLAIN to check a query, comments
-- before and behind it, cancelling by SQL.
-- @ mode simple
-- == databases
-- @ without ^postgres$: the server's other database is not the tenant's
SELECT datname FROM pg_database
WHERE datistemplate = false;
-- == version
select pg_catalog.version()
-- == schema
select current_schema()
-- == strings
show standard_conforming_strings
-- == isolation
show transaction isolation level
-- == schemas
SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg_%' ORDER BY nspname
-- == tables of a schema
SELECT pg_catalog.pg_class.relname
FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace
WHERE pg_catalog.pg_class.relkind = ANY (ARRAY['r', 'p']) AND pg_catalog.pg_class.relpersistence != 't' AND pg_catalog.pg_namespace.nspname = 'public' ORDER BY 1
-- == a table's number
-- @ keep campaigns=oid
SELECT c.oid FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE (n.nspname = 'public') AND c.relname = 'campaigns' AND c.relkind in ('r', 'v', 'm', 'f', 'p')
-- == its columns by number
SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
  (SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.atthasdef) AS DEFAULT,
  a.attnotnull, a.attrelid as table_oid, pgd.description as comment, a.attgenerated as generated,
  (SELECT json_build_object('always', a.attidentity = 'a', 'start', s.seqstart, 'increment', s.seqincrement) FROM pg_catalog.pg_sequence s
   JOIN pg_catalog.pg_class c on s.seqrelid = c."oid" WHERE c.relkind = 'S' AND a.attidentity != '' AND s.seqrelid = pg_catalog.pg_get_serial_sequence(a.attrelid::regclass::text, a.attname)::regclass::oid) as identity_options
FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_description pgd ON (pgd.objoid = a.attrelid AND pgd.objsubid = a.attnum)
WHERE a.attrelid = {campaigns} AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
-- == its primary key by number
SELECT a.attname FROM pg_attribute a JOIN (SELECT unnest(ix.indkey) attnum, generate_subscripts(ix.indkey, 1) ord FROM pg_index ix WHERE ix.indrelid = {campaigns} AND ix.indisprimary) k ON a.attnum=k.attnum
WHERE a.attrelid = {campaigns} ORDER BY k.ord
-- == its comment by number
SELECT pgd.description as table_comment FROM pg_catalog.pg_description pgd WHERE pgd.objsubid = 0 AND pgd.objoid = {campaigns}
-- == path
set search_path = "materialized"
-- == a dataset by the path
SELECT day AS day, sum(sent) AS "SUM(sent)" FROM daily_metrics GROUP BY day ORDER BY day LIMIT 1000
-- == path back
set search_path = "public"
-- == is it SQL?
-- @ differs QUERY PLAN: costs of empty tables
-- @ without ^ +->|Filter|Seq Scan|Subquery: plans differ
EXPLAIN select count(*) from campaigns
-- == is it not?
EXPLAIN select count(* from campaigns
-- == a chart
SELECT DATE_TRUNC('day', created_at) AS __timestamp, status AS status, COUNT(*) AS count FROM public.campaigns
WHERE created_at >= TO_TIMESTAMP('2023-06-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') AND created_at < TO_TIMESTAMP('2030-06-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US')
GROUP BY DATE_TRUNC('day', created_at), status ORDER BY 1, 2
LIMIT 10000
-- == a virtual dataset
SELECT virtual_table.kind AS kind, COUNT(*) AS n FROM (
select e.kind, m.channel_id
from events e join messages m on m.id = e.message_id -- the newest ones
) AS virtual_table GROUP BY kind ORDER BY n DESC, kind LIMIT 50000
-- == its own process
-- @ differs pg_backend_pid: processes have numbers of their own
SELECT pg_backend_pid()
-- == ending a process that is not there
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid='12345'
-- == columns
SELECT table_catalog, table_schema, table_name, column_name, data_type FROM information_schema.columns
WHERE table_catalog IN ('analytics') AND table_schema IN ('public') AND table_name IN ('campaigns', 'contacts') ORDER BY table_name, ordinal_position
-- == Lightdash
select * from campaigns order by id
-- {"user_uuid":"0","query_uuid":"1"}
-- == Redash
/* Username: a@b, Query ID: 7, Queue: queries, Job ID: ab, Query Hash: cd, Scheduled: False */ select 1
-- == Redash's schema
SELECT n.nspname AS table_schema, c.relname AS table_name, a.attname AS column_name, NULL AS data_type
FROM pg_class c JOIN pg_namespace n ON c.relnamespace = n.oid AND n.nspname NOT IN ('pg_catalog', 'information_schema') JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind = 'm' AND has_table_privilege(quote_ident(n.nspname) || '.' || quote_ident(c.relname), 'select') AND has_schema_privilege(n.nspname, 'usage')

UNION

SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns
WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
AND has_table_privilege(quote_ident(table_schema) || '.' || quote_ident(table_name), 'select') AND has_schema_privilege(table_schema, 'usage')
-- == an empty text
/* only a comment */
-- == a mistake in the middle
SELECT id,
  nothing
FROM campaigns
