-- dbt: a JSON comment in front of every statement, transactions around each, names with the database in front.
-- @ startup application_name=dbt
-- @ mode simple
-- == begin
/* {"app": "dbt", "dbt_version": "1.9.0", "profile_name": "p", "target_name": "dev", "connection_name": "list_analytics"} */
begin
-- == schemas
/* {"app": "dbt", "connection_name": "list_analytics"} */
select distinct nspname from pg_namespace
-- == relations
/* {"app": "dbt", "connection_name": "list_analytics_public"} */
select 'analytics' as database, tablename as name, schemaname as schema, 'table' as type from pg_tables where schemaname ilike 'public'
union all
select 'analytics' as database, viewname as name, schemaname as schema, 'view' as type from pg_views where schemaname ilike 'public'
union all
select 'analytics' as database, matviewname as name, schemaname as schema, 'materialized_view' as type from pg_matviews where schemaname ilike 'public'
-- == is the schema there?
select count(*) from pg_namespace where nspname = 'public'
-- == columns, the database in front
select column_name, data_type, character_maximum_length, numeric_precision, numeric_scale
from "analytics".INFORMATION_SCHEMA.columns where table_name = 'messages' and table_schema = 'public' order by ordinal_position
-- == the catalog
select 'analytics' as table_database, n.nspname as table_schema, t.relname as table_name,
    case t.relkind when 'v' then 'VIEW' when 'm' then 'MATERIALIZED VIEW' else 'BASE TABLE' end as table_type, td.description as table_comment,
    a.attname as column_name, a.attnum as column_index, pg_catalog.format_type(a.atttypid, a.atttypmod) as column_type, cd.description as column_comment,
    pg_get_userbyid(t.relowner) as table_owner
from pg_catalog.pg_namespace n join pg_catalog.pg_class t on t.relnamespace = n.oid join pg_catalog.pg_attribute a on a.attrelid = t.oid
left outer join pg_catalog.pg_description td on (td.objoid = t.oid and td.objsubid = 0) left outer join pg_catalog.pg_description cd on (cd.objoid = t.oid and cd.objsubid = a.attnum)
where upper(n.nspname) in (upper('public'), upper('materialized'))
  and not pg_is_other_temp_schema(n.oid) -- of other sessions
  and t.relpersistence in ('p', 'u') and t.relkind in ('r', 'v', 'f', 'p', 'm') and a.attnum > 0 and not a.attisdropped
order by n.nspname, t.relname, a.attnum
-- == grants to others
select grantee, privilege_type from "analytics".INFORMATION_SCHEMA.role_table_grants
where grantor = current_role and grantee != current_role and table_schema = 'public' and table_name = 'campaigns'
-- == own grants
-- @ differs is_grantable: who owns the private tables may pass rights on
select grantor, grantee, privilege_type, is_grantable, with_hierarchy from "analytics".INFORMATION_SCHEMA.role_table_grants where table_schema = 'public' and table_name = 'campaigns' order by privilege_type
-- == indexes
select i.relname as name, am.amname as method, ix.indisunique as "unique", array_to_string(array_agg(a.attname order by a.attnum), ',') as column_names
from pg_index ix join pg_class i on i.oid = ix.indexrelid join pg_am am on am.oid=i.relam join pg_class t on t.oid = ix.indrelid join pg_namespace n on n.oid = t.relnamespace
     join pg_attribute a on a.attrelid = t.oid and a.attnum = ANY(ix.indkey)
where n.nspname = 'shop' and t.relkind in ('r', 'm') group by 1, 2, 3 order by 1, 2, 3
-- == the data, in the same transaction
/* {"app": "dbt", "node_id": "model.p.m"} */
select count(*) from "analytics"."public"."campaigns" where "campaigns"."id" > 0
-- == the data by four names
select "analytics"."public"."campaigns"."name" from "analytics"."public"."campaigns" order by 1
-- == commit
/* {"app": "dbt"} */
commit
-- == a test of the data
select count(*) as failures, count(*) != 0 as should_warn, count(*) != 0 as should_error
from (
    select id as unique_field, count(*) as n_records from "analytics"."public"."campaigns" where id is not null group by id having count(*) > 1
) dbt_internal_test
-- == cancelling
select pg_terminate_backend(12345)
-- == begin to write
begin
-- == writing !42501
create table "analytics"."public"."m__dbt_tmp" as (select 1 as a)
-- == give up
rollback
-- == begin to write again
begin
-- == a temporary model !42501
create temporary table "m__dbt_tmp123" as (select 1 as a)
-- == give up again
rollback
-- == begin to describe
begin
-- == comments !42501
comment on table campaigns is $dbt_comment_literal_block$it's$dbt_comment_literal_block$
-- == give up describing
rollback
-- == rollback where there is nothing
ROLLBACK
