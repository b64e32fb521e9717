-- Power BI and everything else on Npgsql: types are loaded in one message of several statements (new) or one by one in the extended
-- protocol (old), a pooled connection is reset in the write of the next statement, all results are binary, and numbers of types from
-- the loaded tables are used later: in the types of Parse, and in how values are read.
-- @ startup client_encoding=UTF8
-- @ startup application_name=Mashup Engine
-- @ mode binary
-- == new: version and types in one message
-- @ mode simple
-- @ unordered
-- @ keep status=oid
SELECT version();

SELECT nsp.nspname, loaded.oid, loaded.typname, loaded.kind, loaded.typnotnull, loaded.elem
FROM (
    -- the kind of an array is a, whatever pg_type says
    SELECT outertype.oid, outertype.typnamespace, outertype.typname, outertype.kind, outertype.typrelid, outertype.typnotnull, outertype.relkind,
           e.oid AS elem, e.typname AS elemname, ec.relkind AS elemrelkind,
           CASE WHEN ep.proname = 'array_recv' THEN 'a' ELSE e.typtype END AS elemkind
           , outertype.typcategory
    FROM (
        SELECT ty.oid, typnamespace, typname, typrelid, typnotnull, relkind, typelem AS elemoid, ty.typcategory,
               CASE WHEN p.proname = 'array_recv' THEN 'a' ELSE ty.typtype END AS kind,
               CASE WHEN p.proname = 'array_recv' THEN ty.typelem
                    WHEN ty.typtype = 'r' THEN rngsubtype
                    WHEN ty.typtype = 'm' THEN (SELECT rngtypid FROM pg_range WHERE rngmultitypid = ty.oid)
                    WHEN ty.typtype = 'd' THEN ty.typbasetype END AS elemtypoid
        FROM pg_type AS ty LEFT JOIN pg_class AS rel ON (rel.oid = ty.typrelid)
             LEFT JOIN pg_proc AS p ON p.oid = ty.typreceive LEFT JOIN pg_range ON (pg_range.rngtypid = ty.oid)
    ) AS outertype
    LEFT JOIN pg_type AS e ON e.oid = elemtypoid
    LEFT JOIN pg_class AS ec ON (ec.oid = e.typrelid)
    LEFT JOIN pg_proc AS ep ON ep.oid = e.typreceive
) AS loaded
JOIN pg_namespace AS nsp ON (nsp.oid = typnamespace)
WHERE kind IN ('b', 'r', 'm', 'e', 'd') OR (kind = 'c' AND relkind='c')
   OR (kind = 'p' AND typname IN ('record', 'void', 'unknown')) -- pseudo-types that can be read
   OR (kind = 'a' AND (elemkind IN ('b', 'r', 'm', 'e', 'd') OR (elemkind = 'p' AND elemname IN ('record', 'void')) OR (elemkind = 'c' AND elemrelkind='c')))
ORDER BY CASE WHEN kind IN ('b', 'e', 'p') THEN 0 WHEN kind = 'c' THEN 1 WHEN kind = 'r' THEN 2 WHEN kind = 'm' THEN 3
              WHEN kind = 'd' AND elemkind <> 'a' THEN 4 WHEN kind = 'a' THEN 5 WHEN kind = 'd' AND elemkind = 'a' THEN 6 END;

-- fields of free-standing composite types
SELECT ty.oid, a.attname, a.atttypid FROM pg_type AS ty JOIN pg_namespace AS nsp ON (nsp.oid = ty.typnamespace)
JOIN pg_class AS rel ON (rel.oid = ty.typrelid) JOIN pg_attribute AS a ON (a.attrelid = ty.typrelid)
WHERE (ty.typtype = 'c' AND rel.relkind='c') AND attnum > 0 AND NOT attisdropped
ORDER BY ty.oid, a.attnum;

-- labels
SELECT ty.oid, enumlabel FROM pg_enum JOIN pg_type AS ty ON ty.oid = enumtypid
JOIN pg_namespace AS nsp ON nsp.oid = ty.typnamespace
WHERE ty.typname = 'delivery_status' ORDER BY oid, enumsortorder;
-- == a parameter of the enum that was loaded
-- @ types {status}
-- @ params sent
SELECT id, status, $1 AS wanted FROM messages WHERE status = $1 ORDER BY id
-- == old: types
/*** every type that can be sent ***/
SELECT nsp.nspname, ty.typname, ty.oid, ty.typrelid, ty.typbasetype,
CASE WHEN pg_proc.proname='array_recv' THEN 'a' ELSE ty.typtype END AS type,
CASE WHEN pg_proc.proname='array_recv' THEN ty.typelem WHEN ty.typtype='r' THEN rngsubtype ELSE 0 END AS elemoid,
CASE WHEN pg_proc.proname IN ('array_recv','oidvectorrecv') THEN 3    /* arrays behind the others */
     WHEN ty.typtype='r' THEN 2 WHEN ty.typtype='d' THEN 1 ELSE 0 END AS ord
FROM pg_type AS ty JOIN pg_namespace AS nsp ON (nsp.oid = ty.typnamespace) JOIN pg_proc ON pg_proc.oid = ty.typreceive
LEFT OUTER JOIN pg_class AS rel ON (rel.oid = ty.typrelid) LEFT OUTER JOIN pg_type AS e ON (e.oid = ty.typelem)
LEFT OUTER JOIN pg_class AS ec ON (ec.oid = e.typrelid) LEFT OUTER JOIN pg_range ON (pg_range.rngtypid = ty.oid)
WHERE ty.typtype IN ('b', 'r', 'e', 'd') OR (ty.typtype = 'c' AND rel.relkind='c') OR
  (pg_proc.proname='array_recv' AND (e.typtype IN ('b', 'r', 'e', 'd') OR (e.typtype = 'p' AND e.typname IN ('record', 'void')) OR (e.typtype = 'c' AND ec.relkind='c'))) OR
  (ty.typtype = 'p' AND ty.typname IN ('record', 'void'))
ORDER BY ord, nspname, typname
-- == old: labels of enums
-- @ unordered
SELECT pg_type.oid, enumlabel, enumsortorder FROM pg_enum JOIN pg_type ON pg_type.oid=enumtypid ORDER BY oid, enumsortorder
-- == the pool gives the connection back
-- @ mode simple
-- @ with-next
DISCARD ALL
-- == and its next user asks at once
select TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE
from INFORMATION_SCHEMA.tables
where TABLE_SCHEMA not in ('information_schema', 'pg_catalog')
order by TABLE_SCHEMA, TABLE_NAME
-- == columns, in upper case
select COLUMN_NAME, ORDINAL_POSITION, IS_NULLABLE, COLUMN_DEFAULT, case when (data_type like '%unsigned%') then DATA_TYPE || ' u' else DATA_TYPE end as DATA_TYPE
from INFORMATION_SCHEMA.columns where TABLE_SCHEMA = 'shop' and TABLE_NAME = 'orders'
order by TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION
-- == foreign keys to a table
select pk.COLUMN_NAME as PK_COLUMN_NAME, fk.TABLE_SCHEMA AS FK_TABLE_SCHEMA, fk.TABLE_NAME AS FK_TABLE_NAME, fk.COLUMN_NAME as FK_COLUMN_NAME,
       fk.ORDINAL_POSITION as ORDINAL, con.CONSTRAINT_SCHEMA || '_' || fk.TABLE_NAME || '_' || 'orders' || '_' || con.CONSTRAINT_NAME as FK_NAME
from (select distinct constraint_catalog, constraint_schema, unique_constraint_schema, constraint_name, unique_constraint_name
      from INFORMATION_SCHEMA.REFERENTIAL_CONSTRAINTS) con
     inner join INFORMATION_SCHEMA.KEY_COLUMN_USAGE fk on con.CONSTRAINT_SCHEMA = fk.CONSTRAINT_SCHEMA and con.CONSTRAINT_NAME = fk.CONSTRAINT_NAME
     inner join INFORMATION_SCHEMA.KEY_COLUMN_USAGE pk on con.UNIQUE_CONSTRAINT_SCHEMA = pk.CONSTRAINT_SCHEMA and con.UNIQUE_CONSTRAINT_NAME = pk.CONSTRAINT_NAME
where pk.TABLE_SCHEMA = 'shop' and pk.ORDINAL_POSITION = fk.ORDINAL_POSITION
order by FK_NAME, fk.ORDINAL_POSITION
-- == keys and unique keys
select tc.CONSTRAINT_SCHEMA || '_' || tc.CONSTRAINT_NAME as INDEX_NAME, kc.COLUMN_NAME, kc.ORDINAL_POSITION,
       case when tc.CONSTRAINT_TYPE = 'PRIMARY KEY' then 'Y' else 'N' end as PRIMARY_KEY
from INFORMATION_SCHEMA.table_constraints tc inner join INFORMATION_SCHEMA.key_column_usage kc on
    tc.CONSTRAINT_SCHEMA = kc.CONSTRAINT_SCHEMA and tc.CONSTRAINT_NAME = kc.CONSTRAINT_NAME and tc.TABLE_SCHEMA = kc.TABLE_SCHEMA and tc.TABLE_NAME = kc.TABLE_NAME
where tc.CONSTRAINT_TYPE in ('PRIMARY KEY', 'UNIQUE')
order by tc.CONSTRAINT_SCHEMA || '_' || tc.CONSTRAINT_NAME, kc.TABLE_SCHEMA, kc.TABLE_NAME, kc.ORDINAL_POSITION
-- == a preview
select "$Table"."id" as "id", "$Table"."name" as "name", "$Table"."status" as "status", "$Table"."created_at" as "created_at",
       "$Table"."budget" as "budget", "$Table"."tags" as "tags"
from "public"."campaigns" "$Table" order by "$Table"."id" limit 4096
-- == folded steps
select "rows"."channel_id" as "channel_id", count(1) as "n", sum("rows"."budget") as "total"
from (select "_"."id", "_"."channel_id", "_"."budget", "_"."created_at" from (select "$Table".* from "public"."campaigns" "$Table") "_"
      where "_"."created_at" >= timestamptz '2024-01-01 00:00:00+00' and "_"."channel_id" is not null) "rows"
group by "channel_id" order by 1 limit 1000
-- == enums, domains and their arrays in binary
select status, array_agg(status order by id) as statuses, array[status, null] as pair from messages group by status order by status
-- == a domain and its array in binary
select email, array[email, email] as twice from contacts order by contact_no
-- == columns by whole-row helpers
select rel.relname as Table, att.attname AS Name, att.attnum as Position, CASE WHEN att.attnotnull = 'f' THEN 'true' ELSE 'false' END as Nullable,
    CASE WHEN exists(select null from pg_constraint c where c.conrelid = rel.oid and c.contype = 'p' and att.attnum = ANY (c.conkey)) THEN true ELSE false END as IsKey,
    CASE WHEN seq.relname IS NULL THEN 'false' ELSE 'true' END as IsAutoIncrement,
    (information_schema._pg_numeric_precision(information_schema._pg_truetypid(att.*, ty.*), information_schema._pg_truetypmod(att.*, ty.*)))::information_schema.cardinal_number AS Precision,
    (information_schema._pg_numeric_scale(information_schema._pg_truetypid(att.*, ty.*), information_schema._pg_truetypmod(att.*, ty.*)))::information_schema.cardinal_number AS Scale,
    (information_schema._pg_char_max_length(information_schema._pg_truetypid(att.*, ty.*), information_schema._pg_truetypmod(att.*, ty.*)))::information_schema.cardinal_number AS Length
FROM pg_attribute att JOIN pg_type ty ON ty.oid = atttypid JOIN pg_class rel ON rel.oid = attrelid AND rel.relkind IN ('r', 'v', 'm', 'f')
JOIN pg_namespace nsp ON nsp.oid = rel.relnamespace
LEFT OUTER JOIN (pg_depend JOIN pg_class seq ON objid = seq.oid AND seq.relkind = 'S' AND classid = 'pg_class'::regclass::oid) ON refobjid = attrelid AND refobjsubid = attnum
LEFT JOIN pg_database db ON db.datname = current_database()
WHERE attnum > 0 AND attisdropped IS FALSE AND nsp.nspname in ('public', 'shop')
ORDER BY rel.relname, attnum
-- == tables with their keys
-- @ differs rownumber: how many rows a table has is not estimated
SELECT current_database() as Database, nsp.nspname as Schema, relname as Name,
    CASE WHEN nsp.nspname Like E'pg\\_catalog' then 'Catalog' WHEN relkind = 'f' then 'Foreign' ELSE 'User' END as TableType,
    pg_get_userbyid(relowner) AS definer, rel.oid as Oid, relhassubclass as HasSubtables, reltuples as RowNumber, description as Comment,
    relnatts as ColumnNumber, relhastriggers as Triggers, conname as Constraint, conkey as Key
FROM pg_class rel INNER JOIN pg_namespace nsp ON relnamespace = nsp.oid
LEFT OUTER JOIN pg_description des ON des.objoid = rel.oid AND des.objsubid = 0 LEFT OUTER JOIN pg_constraint c ON c.conrelid = rel.oid AND c.contype = 'p'
WHERE relkind in ('r', 's', 'f') AND NOT nsp.nspname LIKE E'pg\\_%' AND NOT nsp.nspname like E'information\\_schema'
  AND relname::varchar like '%' AND pg_get_userbyid(relowner)::varchar like '%'
ORDER BY nsp.nspname, relname
-- == which host is this?
select pg_is_in_recovery()
-- == may it write?
-- @ mode simple
SHOW default_transaction_read_only
-- == a batch that fails in its middle
-- @ send P:s1 B::s1 D:P E P B E S
select 1 / (1 - count(*)) from (select 1) one
-- == and goes on
select 'still here' as said, null::int4 as nothing
-- == another reset
-- @ mode simple
DISCARD ALL
