-- DataGrip, Postico, TablePlus: transaction ids of catalog rows as their state, temporary schemas, the address of the server.
-- @ startup client_encoding=UTF8
-- @ startup DateStyle=ISO
-- @ mode extended
-- == first words
SET extra_float_digits = 3
-- == no name
SET application_name = ''
-- == version
select version()
-- == name
SET application_name = 'DataGrip 2025.2.3'
-- == where
select current_database() as a, current_schemas(false) as b
-- == isolation
SHOW TRANSACTION ISOLATION LEVEL
-- == who
select current_database(), current_schema(), current_user
-- == schemas with their state
-- @ differs state_number: transactions have numbers of their own
-- @ unordered
select N.oid::bigint as id, N.xmin as state_number, nspname as name, D.description, pg_catalog.pg_get_userbyid(N.nspowner) as "owner"
from pg_catalog.pg_namespace N left join pg_catalog.pg_description D on N.oid = D.objoid
order by case when nspname = pg_catalog.current_schema() then -1::bigint else N.oid::bigint end
-- == is there something new?
-- @ differs max: transactions have numbers of their own
select max(xmin::text::bigint) from pg_catalog.pg_class where relnamespace = 'public'::regnamespace
-- == tables with their state
-- @ differs state_number: transactions have numbers of their own
-- @ unordered
select T.relkind as table_kind, T.relname as table_name, T.oid as table_id, T.xmin as state_number, false as table_with_oids, T.relnamespace as tablespace_id, T.reloptions as options,
       T.relpersistence as persistence, (select pg_catalog.array_agg(inhparent::bigint order by inhseqno)::varchar from pg_catalog.pg_inherits where T.oid = inhrelid) as ancestors,
       T.relispartition as is_partition, pg_catalog.pg_get_partkeydef(T.oid) as partition_key, T.relam as am_id, pg_catalog.pg_get_userbyid(T.relowner) as "owner"
from pg_catalog.pg_class T where relnamespace = 'shop'::regnamespace::oid and relkind in ('r', 'm', 'v', 'f', 'p') order by table_kind, table_id
-- == columns since
-- @ unordered
with T as (select distinct T.oid as table_id, T.relname as table_name from pg_catalog.pg_class T, pg_catalog.pg_attribute A
           where T.relnamespace = 'public'::regnamespace::oid and T.relkind in ('r', 'm', 'v', 'f', 'p') and A.attrelid = T.oid and pg_catalog.age(A.xmin) >= 0)
select T.table_id, C.attnum as column_position, C.attname as column_name, C.atttypmod as type_mod, C.attndims as dimensions_number, pg_catalog.format_type(C.atttypid, C.atttypmod) as type_spec,
       C.atttypid as type_id, C.attnotnull as mandatory, pg_catalog.pg_get_expr(D.adbin, T.table_id) as column_default_expression, not C.attislocal as column_is_inherited, C.attidentity as identity_kind
from T inner join pg_catalog.pg_attribute C on T.table_id = C.attrelid left outer join pg_catalog.pg_attrdef D on (C.attrelid, C.attnum) = (D.adrelid, D.adnum)
where attnum > 0 and not attisdropped order by table_id, attnum
-- == temporary schemas
-- @ differs is_on_search_path: none
SELECT oid, nspname, nspname = ANY (current_schemas(true)) AS is_on_search_path, oid = pg_my_temp_schema() AS is_my_temp_schema, pg_is_other_temp_schema(oid) AS is_other_temp_schema FROM pg_namespace
-- == address
-- @ differs pg_backend_pid,addr: of the proxy
select pg_backend_pid(), coalesce(cast(inet_server_addr() as text), 'addr') as addr, current_database()
-- == a page of rows
select t.* from public.campaigns t order by id limit 501
-- == without a limit of its own
-- @ send P B:C_7 D:P:C_7 E:C_7:2 S
select id, subject, status from messages order by id
-- == a count beside it
SELECT COUNT(*) FROM (select id, subject, status from messages) as "_rows"
