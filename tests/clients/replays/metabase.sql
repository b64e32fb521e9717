-- Metabase: pgjdbc underneath; names in three parts, remarks in front, privileges asked for by computed names, regclass of computed text.
-- @ startup client_encoding=UTF8
-- @ startup DateStyle=ISO
-- @ startup TimeZone=UTC
-- @ startup extra_float_digits=2
-- @ mode extended
-- == first words
SET extra_float_digits = 3
-- == its name
SET application_name = 'Metabase v0.55.1 [0b1c2d3e-0000-4000-8000-000000000001]'
-- == isolation
SHOW TRANSACTION ISOLATION LEVEL
-- == least isolation
SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ UNCOMMITTED
-- == schemas
SELECT nspname AS "TABLE_SCHEM", current_database() AS "TABLE_CATALOG" FROM pg_catalog.pg_namespace
WHERE nspname <> 'pg_toast' AND (nspname !~ '^pg_temp_' OR nspname = (pg_catalog.current_schemas(true))[1])
  AND (nspname !~ '^pg_toast_temp_' OR nspname = replace((pg_catalog.current_schemas(true))[1], 'pg_temp_', 'pg_toast_temp_'))
ORDER BY "TABLE_SCHEM"
-- == privileges by computed names
-- @ differs update,insert,delete: the policy says what may be written
with rights as (
 select NULL as role, x.schemaname as schema, x.objectname as table,
   pg_catalog.has_any_column_privilege(current_user, '"' || replace(x.schemaname, '"', '""') || '"' || '.' || '"' || replace(x.objectname, '"', '""') || '"', 'update') as update,
   pg_catalog.has_any_column_privilege(current_user, '"' || replace(x.schemaname, '"', '""') || '"' || '.' || '"' || replace(x.objectname, '"', '""') || '"', 'select') as select,
   pg_catalog.has_any_column_privilege(current_user, '"' || replace(x.schemaname, '"', '""') || '"' || '.' || '"' || replace(x.objectname, '"', '""') || '"', 'insert') as insert,
   pg_catalog.has_table_privilege(current_user, '"' || replace(x.schemaname, '"', '""') || '"' || '.' || '"' || replace(x.objectname, '"', '""') || '"', 'delete') as delete
 from (select schemaname, tablename as objectname from pg_catalog.pg_tables union select schemaname, viewname from pg_catalog.pg_views
       union select schemaname, matviewname from pg_catalog.pg_matviews) x
 where x.schemaname !~ '^pg_' and x.schemaname <> 'information_schema' and pg_catalog.has_schema_privilege(current_user, x.schemaname, 'usage')
)
select r.* from rights r order by 2, 3
-- == tables
-- @ differs estimated_row_count: rows are not counted
SELECT "ns"."nspname" AS "schema", "c"."relname" AS "name", CASE "c"."relkind" WHEN 'r' THEN 'TABLE' WHEN 'p' THEN 'PARTITIONED TABLE' WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE NULL END AS "type",
       "d"."description" AS "description", "st"."n_live_tup" AS "estimated_row_count"
FROM "pg_catalog"."pg_class" AS "c" INNER JOIN "pg_catalog"."pg_namespace" AS "ns" ON "c"."relnamespace" = "ns"."oid"
     LEFT JOIN "pg_catalog"."pg_description" AS "d" ON ("c"."oid" = "d"."objoid") AND ("d"."objsubid" = '0') AND ("d"."classoid" = 'pg_class'::regclass)
     LEFT JOIN "pg_stat_user_tables" AS "st" ON ("ns"."nspname" = "st"."schemaname") AND ("c"."relname" = "st"."relname")
WHERE ("c"."relnamespace" = "ns"."oid") AND ("ns"."nspname" !~ '^pg_') AND ("ns"."nspname" <> 'information_schema') AND c.relkind in ('r', 'p', 'v', 'f', 'm')
ORDER BY "type" ASC, "schema" ASC, "name" ASC
-- == fields
-- @ without ^(owner|account|tenant_id)\|: the private database has defaults for what Headgate supplies
select "col"."column_name" as "name", case when "col"."udt_schema" in ('public', 'pg_catalog') then format('%s', "col"."udt_name") else format('"%s"."%s"', "col"."udt_schema", "col"."udt_name") end as "database-type",
    "col"."ordinal_position" - 1 as "database-position", "col"."table_schema" as "table-schema", "col"."table_name" as "table-name", "keys"."column_name" is not null as "pk?",
    col_description(cast(cast(format('%I.%I', cast("col"."table_schema" as text), cast("col"."table_name" as text)) as regclass) as oid), "col"."ordinal_position") as "field-comment",
    ((("column_default" is null) or (lower("column_default") = 'null')) and ("is_nullable" = 'NO') and not ((("column_default" is not null) and ("column_default" like '%nextval(%')) or ("is_identity" <> 'NO'))) as "database-required",
    (("column_default" is not null) and ("column_default" like '%nextval(%')) or ("is_identity" <> 'NO') as "database-is-auto-increment"
from "information_schema"."columns" as "col"
left join (select "tc"."table_schema", "tc"."table_name", "kc"."column_name" from "information_schema"."table_constraints" as "tc"
           inner join "information_schema"."key_column_usage" as "kc" on ("tc"."constraint_name" = "kc"."constraint_name") and ("tc"."table_schema" = "kc"."table_schema") and ("tc"."table_name" = "kc"."table_name")
           where "tc"."constraint_type" = 'PRIMARY KEY') as "keys"
    on ("col"."table_schema" = "keys"."table_schema") and ("col"."table_name" = "keys"."table_name") and ("col"."column_name" = "keys"."column_name")
where col.table_schema !~ '^information_schema|catalog_history|pg_'
union all
select "pa"."attname", case when "ptn"."nspname" in ('public', 'pg_catalog') then format('%s', "pt"."typname") else format('"%s"."%s"', "ptn"."nspname", "pt"."typname") end,
    "pa"."attnum" - 1, "pn"."nspname", "pc"."relname", false, null, false, false
from "pg_catalog"."pg_class" as "pc" inner join "pg_catalog"."pg_namespace" as "pn" on "pn"."oid" = "pc"."relnamespace" inner join "pg_catalog"."pg_attribute" as "pa" on "pa"."attrelid" = "pc"."oid"
     inner join "pg_catalog"."pg_type" as "pt" on "pt"."oid" = "pa"."atttypid" inner join "pg_catalog"."pg_namespace" as "ptn" on "ptn"."oid" = "pt"."typnamespace"
where ("pc"."relkind" = 'm') and ("pa"."attnum" >= 1)
order by "table-schema" asc, "table-name" asc, "database-position" asc
-- == foreign keys
SELECT "fn"."nspname" AS "fk-table-schema", "ft"."relname" AS "fk-table-name", "fa"."attname" AS "fk-column-name", "pn"."nspname" AS "pk-table-schema", "pt"."relname" AS "pk-table-name", "pa"."attname" AS "pk-column-name"
FROM "pg_constraint" AS "c" INNER JOIN "pg_class" AS "ft" ON "c"."conrelid" = "ft"."oid" INNER JOIN "pg_namespace" AS "fn" ON "c"."connamespace" = "fn"."oid" INNER JOIN "pg_attribute" AS "fa" ON "c"."conrelid" = "fa"."attrelid"
     INNER JOIN "pg_class" AS "pt" ON "c"."confrelid" = "pt"."oid" INNER JOIN "pg_namespace" AS "pn" ON "pt"."relnamespace" = "pn"."oid" INNER JOIN "pg_attribute" AS "pa" ON "c"."confrelid" = "pa"."attrelid"
WHERE fn.nspname !~ '^information_schema|catalog_history|pg_' AND ("c"."contype" = 'f'::char) AND ("fa"."attnum" = ANY(c.conkey)) AND ("pa"."attnum" = ANY(c.confkey))
ORDER BY "fk-table-schema" ASC, "fk-table-name" ASC, "fk-column-name", "pk-column-name"
-- == indexes
SELECT "tmp"."table-schema", "tmp"."table-name", trim(both '"' from pg_catalog.pg_get_indexdef("tmp"."ci_oid", "tmp"."pos", false)) AS "field-name"
FROM (SELECT "n"."nspname" AS "table-schema", "ct"."relname" AS "table-name", "ci"."oid" AS "ci_oid", (information_schema._pg_expandarray("i"."indkey"))."n" AS "pos"
      FROM "pg_catalog"."pg_index" AS "i" INNER JOIN "pg_catalog"."pg_class" AS "ci" ON "ci"."oid" = "i"."indexrelid" INNER JOIN "pg_catalog"."pg_class" AS "ct" ON "ct"."oid" = "i"."indrelid"
           INNER JOIN "pg_catalog"."pg_namespace" AS "n" ON "n"."oid" = "ct"."relnamespace"
      WHERE (pg_catalog.pg_get_expr("i"."indpred", "i"."indrelid") IS NULL) AND n.nspname !~ '^information_schema|catalog_history|pg_') AS "tmp"
WHERE "tmp"."pos" = 1 ORDER BY 1, 2, 3
-- == enums
SELECT nspname, typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.oid IN (SELECT DISTINCT enumtypid FROM pg_enum e) ORDER BY 1, 2
-- == zone
show timezone;
-- == may it be read?
SELECT TRUE AS "_" FROM "public"."campaigns" WHERE 1 <> 1 LIMIT 0
-- == fingerprint
-- Metabase
SELECT "source"."name" AS "name", "source"."substring17" AS "substring17", "source"."full_name" AS "full_name"
FROM (SELECT "public"."contacts"."full_name" AS "full_name", "public"."contacts"."country" AS "name", SUBSTRING("public"."contacts"."full_name", 1, 1234) AS "substring17" FROM "public"."contacts") AS "source" LIMIT 10000
-- == field values
-- Metabase
SELECT "public"."campaigns"."status" AS "status" FROM "public"."campaigns" GROUP BY "public"."campaigns"."status" ORDER BY "public"."campaigns"."status" ASC LIMIT 1000
-- == a question
-- Metabase:: userID: 1 queryType: MBQL queryHash: 0123456789abcdef
SELECT "public"."campaigns"."status" AS "status", COUNT(*) AS "count", CAST(DATE_TRUNC('month', "public"."campaigns"."created_at") AS DATE) AS "created_at"
FROM "public"."campaigns" WHERE ("public"."campaigns"."created_at" >= timestamp with time zone '2024-01-01 00:00:00.000Z')
GROUP BY "public"."campaigns"."status", CAST(DATE_TRUNC('month', "public"."campaigns"."created_at") AS DATE)
ORDER BY "public"."campaigns"."status" ASC, CAST(DATE_TRUNC('month', "public"."campaigns"."created_at") AS DATE) ASC LIMIT 2000
-- == a question over two tables
-- Metabase:: userID: 1 queryType: MBQL queryHash: 0123456789abcdef
SELECT "Channels"."name" AS "Channels__name", SUM("public"."campaigns"."budget") AS "sum", COUNT(distinct "public"."campaigns"."id") AS "count"
FROM "public"."campaigns" LEFT JOIN "public"."channels" AS "Channels" ON "public"."campaigns"."channel_id" = "Channels"."id"
GROUP BY "Channels"."name" ORDER BY "Channels"."name" ASC LIMIT 2000
-- == native, streamed
-- @ mode simple
BEGIN READ ONLY
-- == its first rows
-- @ send P B:C_1 D:P:C_1 E:C_1:3 S
-- Metabase:: userID: 1 queryType: native queryHash: fedcba9876543210
select id, name, created_at from campaigns order by id
-- == its other rows
-- @ send E:C_1:3000 S
-- Metabase
-- == and its end
-- @ mode simple
COMMIT
-- == a table that is not there
SELECT COUNT(*) FROM "public"."no_such_table"
-- == a column that is not there
SELECT "public"."campaigns"."nothing" FROM "public"."campaigns"
-- == a schema that is not there
SELECT * FROM "nowhere"."campaigns" LIMIT 1
