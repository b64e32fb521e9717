-- Tableau over ODBC: its probes for temporary tables, cursors in one message with their transaction, queries that return nothing in
-- order to be described, quoted names everywhere.
-- @ mode simple
-- == first words
SET DateStyle = 'ISO';SET extra_float_digits = 2;show transaction_isolation
-- == large objects?
select oid, typbasetype from pg_type where typname = 'lo'
-- == longest name
show max_identifier_length
-- == a transaction for the first probe
BEGIN
-- == can SELECT INTO be used? !42501
SELECT * INTO "#Tableau_1_0A7B33F1-6C19-4B0E-9B1C-2D6E65F5B7AA_1_Connect_Cap" FROM (SELECT 1 AS COL) AS CHECKTEMP
-- == undone
ROLLBACK
-- == it need not be dropped
DROP TABLE IF EXISTS "#Tableau_1_0A7B33F1-6C19-4B0E-9B1C-2D6E65F5B7AA_1_Connect_Cap"
-- == a transaction for the second probe
BEGIN
-- == can temporary tables be made? !42501
CREATE LOCAL TEMPORARY TABLE "#Tableau_7_2_Connect" ( "COL" INTEGER ) ON COMMIT PRESERVE ROWS
-- == undone, too
ROLLBACK
-- == nor need that be dropped
DROP TABLE IF EXISTS "#Tableau_7_2_Connect"
-- == tables
select c.relname, n.nspname, c.relkind from pg_catalog.pg_class c, pg_catalog.pg_namespace n
where c.relkind in ('r', 'v', 'm', 'f') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast', 'pg_temp_1') and n.oid = c.relnamespace
order by n.nspname, c.relname
-- == columns
select n.nspname, c.relname, a.attname, a.atttypid, t.typname, a.attnum, a.attlen, a.atttypmod, a.attnotnull, c.relhasrules, c.relkind, c.oid,
       pg_get_expr(d.adbin, d.adrelid), case t.typtype when 'd' then t.typbasetype else 0 end, t.typtypmod, 'f' as relhasoids, attidentity, c.relhassubclass
from (((pg_catalog.pg_class c inner join pg_catalog.pg_namespace n on n.oid = c.relnamespace and c.relname like 'campaigns' and n.nspname like 'public')
      inner join pg_catalog.pg_attribute a on (not a.attisdropped) and a.attnum > 0 and a.attrelid = c.oid) inner join pg_catalog.pg_type t on t.oid = a.atttypid)
      left outer join pg_attrdef d on a.atthasdef and d.adrelid = a.attrelid and d.adnum = a.attnum order by n.nspname, c.relname, attnum
-- == a cursor with its transaction
BEGIN;declare "SQL_CUR000001F2A0D1C3B0" cursor with hold for SELECT CAST("campaigns"."name" AS TEXT) AS "campaign"
  FROM "public"."campaigns" "campaigns"
  GROUP BY 1
  ORDER BY 1 ASC NULLS FIRST;fetch 2 in "SQL_CUR000001F2A0D1C3B0"
-- == more of it
fetch 2048 in "SQL_CUR000001F2A0D1C3B0"
-- == the end of it
close "SQL_CUR000001F2A0D1C3B0";commit
-- == a query that answers nothing
SELECT "campaigns"."id" AS "id", SUM("campaigns"."budget") AS "sum:budget:ok", DATE_TRUNC('MONTH', CAST("campaigns"."created_at" AS TIMESTAMP WITHOUT TIME ZONE)) AS "tmn:created_at:ok"
FROM "public"."campaigns" "campaigns" WHERE 0 = 1 GROUP BY 1, 3
-- == custom SQL, described
SELECT * FROM (
select id, name, status from campaigns -- a comment of the analyst
) "Custom SQL Query" LIMIT 0
-- == custom SQL
SELECT "Custom SQL Query"."status" AS "status", COUNT(DISTINCT "Custom SQL Query"."id") AS "ctd:id:ok", SUM(1) AS "cnt:one:ok"
FROM (
  select id, name, status from campaigns -- a comment of the analyst
) "Custom SQL Query" GROUP BY 1 HAVING (COUNT(1) > 0) ORDER BY 1
-- == a sheet
SELECT "t0"."channel" AS "channel", SUM("t0"."x_measure__1") / NULLIF(COUNT(1), 0) AS "avg:cost:ok", MIN(CAST("t0"."tdy" AS DATE)) AS "first"
FROM (SELECT "channels"."name" AS "channel", DATE_TRUNC('DAY', "messages"."sent_at") AS "tdy", SUM("messages"."cost") AS "x_measure__1"
      FROM "public"."messages" "messages" INNER JOIN "public"."channels" "channels" ON ("messages"."channel_id" = "channels"."id")
      WHERE (("messages"."sent_at" >= (TIMESTAMP '2024-01-01 00:00:00.000')) AND (NOT ("messages"."subject" IS NULL)))
      GROUP BY 1, 2) "t0"
GROUP BY 1 ORDER BY 1
-- == a filter's values
SELECT "campaigns"."status" AS "status" FROM "public"."campaigns" "campaigns" WHERE (NOT ("campaigns"."status" IS NULL)) GROUP BY 1 ORDER BY 1 ASC
-- == the top of a hierarchy
SELECT "c"."name" AS "name", "p"."name" AS "parent" FROM "public"."campaigns" "c" LEFT JOIN "public"."campaigns" "p" ON ("c"."parent_id" = "p"."id")
WHERE (CASE WHEN ("c"."channel_id" = 1) THEN 'first' WHEN NOT ("c"."channel_id" = 1) THEN 'other' ELSE NULL END) = 'other' ORDER BY 1, 2 LIMIT 5
