-- The types that a statement may name, and the numbers by which a parameter may be of them: one line of allow_types.def for
-- each type of pg_catalog and each domain of information_schema of PostgreSQL 15. Run by tests/lint/allow_lists.py before allow_functions.sql, which needs type_class.
--
-- By hand: a type is named here or DENIED. An array has the class of its elements. Row types of the system's relations,
-- pseudo-types but `record`, and the types that only the machinery uses (gtsvector, pg_node_tree, …) are DENIED; further
--   aclitem, regrole             read and show names of roles, which belong to the cluster and not to this database
--   pg_snapshot, txid_snapshot   transaction numbers
--   reg*                         CATALOG: on a data backend they would tell which physical names exist; regconfig too, by the
--                                schema in 'x.y'::regconfig. The rewriter lets a plain word pass: 'english'::regconfig
--   xid                          CATALOG: tools compare xmin of system relations. Of its age, which tells how far the cluster's
--                                transaction counter went, the rewriter makes 0
CREATE TEMP TABLE type_class AS
WITH decision (class, names) AS (VALUES
  ('ANY', 'bit bool box bpchar bytea char cid cidr circle date float4 float8 inet int2 int2vector int4 int8 interval json jsonb '
          'jsonpath line lseg macaddr macaddr8 money name numeric oid oidvector path pg_lsn point polygon record refcursor '
          'text tid time timestamp timestamptz timetz tsquery tsvector uuid varbit varchar xid8 xml '
          'datemultirange daterange int4multirange int4range int8multirange int8range nummultirange numrange tsmultirange tsrange '
          'tstzmultirange tstzrange'),
  ('CATALOG', 'regclass regcollation regconfig regdictionary regnamespace regoper regoperator regproc regprocedure regtype xid')
),
decided AS (
  SELECT name, class FROM decision, unnest(regexp_split_to_array(trim(names), '\s+')) AS name
)
SELECT t.typname::text AS name, t.oid,
       coalesce((SELECT d.class FROM decided AS d
                 WHERE d.name = CASE WHEN t.typcategory = 'A' THEN e.typname ELSE t.typname END), 'DENIED') AS class
FROM pg_type AS t LEFT JOIN pg_type AS e ON e.oid = t.typelem
WHERE t.typnamespace = 'pg_catalog'::regnamespace;

SELECT line FROM (
  SELECT format('HG_TYPE("%s", %s, %s)', name, oid, class) FROM type_class
  UNION ALL
  SELECT format('HG_INFORMATION_TYPE("%s", %s)', typname, CASE typtype WHEN 'd' THEN 'CATALOG' ELSE 'DENIED' END)
  FROM pg_type WHERE typnamespace = 'information_schema'::regnamespace AND typcategory <> 'A'
) AS lines (line) ORDER BY line COLLATE "C";
