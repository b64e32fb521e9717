/* What `headgate check --live` asks a PostgreSQL backend: one row, one question. Its query gives a row for
 * each finding: what it is about, and what is wrong with it.
 *
 * All of them are asked as Headgate's own user, on a read-only connection, and read nothing but system
 * catalogs. What the policy wants they find in the setting headgate.wanted, as JSON; the prelude puts that
 * beside what is there. Privileges are asked of the has_…_privilege functions, so that what came by PUBLIC or
 * by another role counts too. */
#include "live.h"

#define PRINTS "headgate walls prints the SQL that sets it right"

/* clang-format off */

const char hg_live_prelude[] =
    "WITH given AS (SELECT current_setting('headgate.wanted')::json AS j),\n"
    "wanted AS MATERIALIZED (\n"
    "  SELECT w.*, inserts OR updates OR deletes AS written, n.oid AS nsp, c.oid AS rel, c.relkind AS\n"
    "    kind,\n"
    "         format('%I.%I', w.schema, w.name) AS label\n"
    "  FROM given, json_to_recordset(j -> 'tables') AS w(t int, schema name, name name, tenant name,\n"
    "    walled bool,\n"
    "         inserts bool, updates bool, deletes bool, global_key bool)\n"
    "  LEFT JOIN pg_namespace n ON n.nspname = w.schema\n"
    "  LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name\n"
    "                       AND c.relkind IN ('r', 'p', 'v', 'm', 'f')),\n"
    "cols AS (\n"
    "  SELECT k.*, w.rel, w.label, w.tenant, a.attnum, a.atttypid, a.atttypmod, a.attnotnull,\n"
    "         a.attidentity, a.attnum IS NOT NULL AS there\n"
    "  FROM given, json_to_recordset(j -> 'columns') AS k(t int, col name, type text, type_schema name,\n"
    "         type_name name, is_array bool, not_null bool, declared bool, need int)\n"
    "  JOIN wanted w USING (t)\n"
    "  LEFT JOIN pg_attribute a ON a.attrelid = w.rel AND a.attname = k.col AND a.attnum > 0\n"
    "                           AND NOT a.attisdropped\n"
    "  WHERE w.rel IS NOT NULL),\n"
    "me AS (SELECT * FROM pg_roles WHERE rolname = current_user),\n"
    "roles AS (\n"
    "  WITH RECURSIVE r AS (\n"
    "    SELECT roleid FROM pg_auth_members WHERE member = (SELECT oid FROM me)\n"
    "    UNION SELECT m.roleid FROM pg_auth_members m JOIN r ON m.member = r.roleid)\n"
    "  SELECT roleid FROM r),\n"
    "schemas AS (\n"
    "  SELECT oid, nspname, nspowner FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <>\n"
    "    'information_schema'),\n"
    "of_extensions AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e'),\n"
    "below AS (\n"
    "  WITH RECURSIVE b AS (\n"
    "    SELECT w.t, i.inhrelid AS rel FROM wanted w JOIN pg_inherits i ON i.inhparent = w.rel\n"
    "    UNION SELECT b.t, i.inhrelid FROM b JOIN pg_inherits i ON i.inhparent = b.rel)\n"
    "  SELECT t, rel FROM b),\n"
    "sequences AS MATERIALIZED (\n"
    "  SELECT DISTINCT w.t, w.label, c.oid AS seq, a.adnum\n"
    "  FROM wanted w JOIN pg_attrdef a ON a.adrelid = w.rel\n"
    "  JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = a.oid\n"
    "  JOIN pg_class c ON d.refclassid = 'pg_class'::regclass AND c.oid = d.refobjid AND c.relkind = 'S'\n"
    "  WHERE w.inserts),\n"
    "walls AS (\n"
    "  WITH RECURSIVE types AS (\n"
    "    SELECT w.t, a.atttypid AS type, a.atttypid AS base FROM wanted w\n"
    "    JOIN pg_attribute a ON a.attrelid = w.rel AND a.attname = w.tenant AND NOT a.attisdropped\n"
    "    UNION SELECT types.t, types.type, p.typbasetype FROM types JOIN pg_type p ON p.oid = types.base\n"
    "    WHERE p.typtype = 'd')\n"
    "  SELECT w.*, y.type, y.base,\n"
    "         format('(%s = %s)',\n"
    "           CASE WHEN y.base = 'varchar'::regtype THEN format('(%I)::text', w.tenant)\n"
    "                WHEN y.type <> y.base THEN format('(%I)::%s', w.tenant, format_type(y.base, -1))\n"
    "                ELSE quote_ident(w.tenant) END,\n"
    "           CASE WHEN y.base IN ('varchar'::regtype, 'text'::regtype) THEN s\n"
    "                ELSE format('(%s)::%s', s, format_type(y.base, -1)) END) AS condition\n"
    "  FROM wanted w JOIN types y ON y.t = w.t JOIN pg_type p ON p.oid = y.base AND p.typtype <> 'd',\n"
    "       (VALUES ('NULLIF(current_setting(''headgate.tenant''::text, true), ''''::text)')) v(s)\n"
    "  WHERE w.tenant IS NOT NULL AND w.rel IS NOT NULL)\n";

const struct hg_live_check hg_live_checks[] = {
    {"server version", HG_WARNING, HG_LIVE_ALL | HG_LIVE_ONCE, "PostgreSQL 14 to 17 are known to Headgate",
     "SELECT 'server', format('is PostgreSQL %s', current_setting('server_version'))\n"
     "WHERE current_setting('server_version_num')::int NOT BETWEEN 140000 AND 179999\n"},
    {"encoding", HG_ERROR, HG_LIVE_ALL, "Headgate speaks UTF-8 only",
     "SELECT 'database', format('is encoded in %s', pg_encoding_to_char(encoding)) FROM pg_database\n"
     "WHERE datname = current_database() AND pg_encoding_to_char(encoding) <> 'UTF8'\n"},
    {"standby", HG_ERROR, HG_LIVE_DATA, "tables that roles write need the primary",
     "SELECT 'server', 'is a standby, which takes no writes'\n"
     "WHERE pg_is_in_recovery() AND EXISTS (SELECT FROM wanted WHERE written)\n"},
    {"power", HG_ERROR, HG_LIVE_ALL | HG_LIVE_ONCE, PRINTS,
     "SELECT format('role %I', rolname), what FROM me, LATERAL (VALUES\n"
     "  (rolsuper, 'is a superuser: nothing holds it back'),\n"
     "  (rolbypassrls, 'has BYPASSRLS: row security does not hold it back'),\n"
     "  (rolcreaterole, 'has CREATEROLE: it can give itself more rights'),\n"
     "  (rolcreatedb AND NOT rolsuper, 'has CREATEDB'),\n"
     "  (rolreplication, 'has REPLICATION: it can read the whole server')) v(has, what) WHERE has\n"},
    {"membership", HG_ERROR, HG_LIVE_ALL | HG_LIVE_ONCE, PRINTS,
     "SELECT format('role %I', current_user), format('is a member of %s%s', roleid::regrole,\n"
     "  CASE WHEN roleid::regrole::text IN ('pg_read_all_data', 'pg_write_all_data') THEN\n"
     "    ', which is above grants'\n"
     "       WHEN roleid::regrole::text IN ('pg_read_server_files', 'pg_write_server_files',\n"
     "         'pg_execute_server_program') THEN ', which reaches the server''s own files'\n"
     "       WHEN EXISTS (SELECT FROM wanted w JOIN pg_class c ON c.oid = w.rel WHERE c.relowner = roleid)\n"
     "         THEN ', which owns tables of the policy' END)\n"
     "FROM roles WHERE roleid::regrole::text <> ALL (ARRAY['rds_iam', 'cloudsqliamuser',\n"
     "  'cloudsqliamserviceaccount'])\n"},
    {"connections", HG_WARNING, HG_LIVE_ALL | HG_LIVE_ONCE, PRINTS,
     "SELECT format('role %I', rolname), format('may have %s connections, but the pools need up to %s',\n"
     "  rolconnlimit,\n"
     "  current_setting('headgate.connections'))\n"
     "FROM me WHERE rolconnlimit >= 0 AND rolconnlimit < current_setting('headgate.connections')::int\n"},
    {"row_security setting", HG_ERROR, HG_LIVE_DATA, "ALTER ROLE … RESET row_security",
     "SELECT format('role %I', current_user),\n"
     "  'logs in with row_security = off: its statements fail under row security'\n"
     "WHERE current_setting('row_security') <> 'on'\n"},
    {"ownership", HG_ERROR, HG_LIVE_DATA, "give it to another role: REASSIGN OWNED BY … TO …",
     "SELECT format('role %I', current_user),\n"
     "       format('owns %s: an owner is above grants and row security', pg_describe_object(classid,\n"
     "         objid, 0))\n"
     "FROM pg_shdepend, me WHERE refclassid = 'pg_authid'::regclass AND refobjid = me.oid AND deptype =\n"
     "  'o'\n"
     "  AND (dbid = (SELECT oid FROM pg_database WHERE datname = current_database())\n"
     "       OR (classid = 'pg_database'::regclass\n"
     "           AND objid = (SELECT oid FROM pg_database WHERE datname = current_database())))\n"
     "  AND NOT (classid = 'pg_class'::regclass AND objid IN (SELECT indexrelid FROM pg_index))\n"
     "  AND NOT (classid = 'pg_type'::regclass AND objid IN (SELECT oid FROM pg_type WHERE typrelid <> 0\n"
     "    OR typelem <> 0))\n"
     "ORDER BY classid, objid LIMIT 20\n"},
    {"database create", HG_ERROR, HG_LIVE_DATA, PRINTS,
     "SELECT 'database', 'lets it create schemas' WHERE has_database_privilege(current_database(),\n"
     "  'CREATE')\n"},
    {"database temp", HG_WARNING, HG_LIVE_DATA, PRINTS,
     "SELECT 'database', 'lets it create temporary tables' WHERE\n"
     "  has_database_privilege(current_database(), 'TEMP')\n"},
    {"schema create", HG_ERROR, HG_LIVE_DATA, PRINTS,
     "SELECT format('schema %I', nspname), 'lets it create objects' FROM schemas\n"
     "WHERE has_schema_privilege(oid, 'CREATE')\n"},
    {"schema usage", HG_ERROR, HG_LIVE_DATA, PRINTS,
     "SELECT format('schema %I', s), CASE WHEN n.oid IS NULL THEN 'is not there' ELSE\n"
     "  'may not be used (USAGE)' END\n"
     "FROM given, json_array_elements_text(j -> 'schemas') s LEFT JOIN pg_namespace n ON n.nspname = s\n"
     "WHERE n.oid IS NULL OR NOT has_schema_privilege(n.oid, 'USAGE')\n"},
    {"table missing", HG_ERROR, HG_LIVE_DATA,
     "create it, or take this backend out of its backends in the policy",
     "SELECT format('table %s', label), 'is not there' FROM wanted WHERE rel IS NULL AND nsp IS NOT NULL\n"},
    {"view under the wall", HG_ERROR, HG_LIVE_WALLS, "name the table behind it, or say wall: off",
     "SELECT format('table %s', label), format('is a %s, which can have no row security of its own',\n"
     "  CASE kind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'foreign table' END)\n"
     "FROM wanted WHERE walled AND kind IN ('v', 'm', 'f')\n"},
    {"view", HG_WARNING, HG_LIVE_DATA, "name the table behind it, or make it WITH (security_invoker)",
     "SELECT format('table %s', label),\n"
     "  'is a view, which reads with the rights of its owner, past row security'\n"
     "FROM wanted w JOIN pg_class c ON c.oid = w.rel WHERE kind = 'v'\n"
     "  AND NOT coalesce(c.reloptions && ARRAY['security_invoker=true', 'security_invoker=on',\n"
     "    'security_invoker=1'], false)\n"},
    {"children", HG_ERROR, HG_LIVE_DATA, PRINTS,
     "SELECT format('table %s', w.label),\n"
     "  format('its %s %s can be read by itself, past the row security of its parent',\n"
     "  CASE WHEN c.relispartition THEN 'partition' ELSE 'child' END, b.rel::regclass)\n"
     "FROM below b JOIN wanted w USING (t) JOIN pg_class c ON c.oid = b.rel\n"
     "WHERE has_any_column_privilege(b.rel, 'SELECT, INSERT, UPDATE') AND b.rel NOT IN (SELECT rel FROM\n"
     "  wanted WHERE rel > 0)\n"},
    {"children in the policy", HG_WARNING, HG_LIVE_DATA,
     "keep one of them: the wall of a parent is not that of its children",
     "SELECT format('table %s', w.label), format('its %s %s is a table of the policy, too',\n"
     "  CASE WHEN c.relispartition THEN 'partition' ELSE 'child' END, b.rel::regclass)\n"
     "FROM below b JOIN wanted w USING (t) JOIN pg_class c ON c.oid = b.rel\n"
     "WHERE b.rel IN (SELECT rel FROM wanted WHERE rel > 0)\n"},
    {"column missing", HG_ERROR, HG_LIVE_DATA, "add it, or take it out of schema.sql",
     "SELECT format('table %s', label), format('has no column %I', col) FROM cols\n"
     "WHERE declared AND NOT there AND col IS DISTINCT FROM tenant\n"},
    {"column type", HG_ERROR, HG_LIVE_DATA, "clients are told the type of schema.sql",
     "SELECT format('table %s', label), format('column %I is of type %s, in schema.sql %s', col,\n"
     "  format_type(atttypid, atttypmod), type)\n"
     "FROM cols JOIN pg_type p ON p.oid = atttypid LEFT JOIN pg_type e ON e.oid = p.typelem AND p.typlen\n"
     "  = -1\n"
     "                                                             AND p.typcategory = 'A'\n"
     "JOIN pg_namespace n ON n.oid = coalesce(e.typnamespace, p.typnamespace)\n"
     "WHERE declared AND there AND ((e.oid IS NOT NULL) <> is_array\n"
     "  OR (n.nspname, coalesce(e.typname, p.typname)) IS DISTINCT FROM (type_schema, type_name))\n"},
    {"column modifier", HG_WARNING, HG_LIVE_DATA, "clients are told the type of schema.sql",
     "SELECT format('table %s', label), format('column %I is of type %s, in schema.sql %s', col,\n"
     "  format_type(atttypid, atttypmod), type)\n"
     "FROM cols JOIN pg_type p ON p.oid = atttypid LEFT JOIN pg_type e ON e.oid = p.typelem AND p.typlen\n"
     "  = -1\n"
     "                                                             AND p.typcategory = 'A'\n"
     "WHERE declared AND there AND type_schema = 'pg_catalog' AND (e.oid IS NOT NULL) = is_array\n"
     "  AND coalesce(e.typname, p.typname) = type_name AND format_type(atttypid, atttypmod) <> type\n"},
    {"column null", HG_WARNING, HG_LIVE_DATA, "clients believe schema.sql",
     "SELECT format('table %s', label), format('column %I may be null, in schema.sql it is NOT NULL',\n"
     "  col) FROM cols\n"
     "WHERE declared AND there AND not_null AND NOT attnotnull AND col IS DISTINCT FROM tenant\n"},
    {"tenant column", HG_ERROR, HG_LIVE_DATA, "without it nobody can say whose a row is",
     "SELECT format('table %s', label), format('has no tenant column %I', tenant) FROM wanted w\n"
     "WHERE rel IS NOT NULL AND tenant IS NOT NULL AND NOT EXISTS (SELECT FROM pg_attribute\n"
     "  WHERE attrelid = rel AND attname = tenant AND attnum > 0 AND NOT attisdropped)\n"},
    {"tenant column null", HG_WARNING, HG_LIVE_DATA, "ALTER TABLE … ALTER COLUMN … SET NOT NULL",
     "SELECT format('table %s', label),\n"
     "  format('its tenant column %I may be null: such rows are nobody''s', tenant)\n"
     "FROM wanted JOIN pg_attribute ON attrelid = rel AND attname = tenant\n"
     "WHERE NOT attnotnull AND attnum > 0 AND kind IN ('r', 'p')\n"},
    {"tenant length", HG_ERROR, HG_LIVE_DATA, "a longer value cannot stand there",
     "SELECT format('table %s', label),\n"
     "  format('its tenant column %I is of type %s, too short for tenant value %L', tenant,\n"
     "  format_type(atttypid, atttypmod), v)\n"
     "FROM wanted JOIN pg_attribute ON attrelid = rel AND attname = tenant AND attnum > 0, given,\n"
     "LATERAL (SELECT v FROM json_array_elements_text(j -> 'tenants') v ORDER BY length(v) DESC LIMIT 1) m\n"
     "WHERE atttypid IN ('varchar'::regtype, 'bpchar'::regtype) AND atttypmod > 4 AND length(v) >\n"
     "  atttypmod - 4\n"},
    {"wall off", HG_ERROR, HG_LIVE_WALLS, PRINTS,
     "SELECT format('table %s', label), 'has no wall: row security is off'\n"
     "FROM wanted JOIN pg_class c ON c.oid = rel WHERE walled AND kind IN ('r', 'p') AND NOT\n"
     "  c.relrowsecurity\n"},
    {"wall missing", HG_ERROR, HG_LIVE_WALLS, PRINTS,
     "SELECT format('table %s', label),\n"
     "  'has row security, but not the policy headgate_tenant: tenants see no rows'\n"
     "FROM wanted JOIN pg_class c ON c.oid = rel WHERE walled AND c.relrowsecurity\n"
     "  AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = rel AND p.polname = 'headgate_tenant')\n"},
    {"wall text", HG_ERROR, HG_LIVE_WALLS, PRINTS,
     "SELECT format('table %s', label), format('its policy headgate_tenant %s', what)\n"
     "FROM walls JOIN pg_policy p ON p.polrelid = rel AND p.polname = 'headgate_tenant', LATERAL (VALUES\n"
     "  (pg_get_expr(polqual, rel) IS DISTINCT FROM condition,\n"
     "    format('is not what it must be: USING %s, but it must be %s',\n"
     "     coalesce(pg_get_expr(polqual, rel), '(nothing)'), condition)),\n"
     "  (pg_get_expr(polwithcheck, rel) IS DISTINCT FROM condition,\n"
     "    format('is not what it must be: WITH CHECK %s, but it must be %s',\n"
     "     coalesce(pg_get_expr(polwithcheck, rel), '(nothing)'), condition)),\n"
     "  (polcmd <> '*', 'is not for all commands'),\n"
     "  (NOT polpermissive, 'is restrictive, so that it admits nobody'),\n"
     "  (polroles <> ARRAY[(SELECT oid FROM me)],\n"
     "    'is for other roles than the one that Headgate logs in as')) v(wrong, what)\n"
     "WHERE walled AND wrong\n"},
    {"wall widened", HG_ERROR, HG_LIVE_WALLS, "DROP POLICY, or give it to other roles",
     "SELECT format('table %s', label),\n"
     "  format('its policy %I holds for Headgate''s role, too, and shows more rows', polname)\n"
     "FROM wanted JOIN pg_policy p ON p.polrelid = rel\n"
     "WHERE walled AND polname <> 'headgate_tenant' AND polpermissive\n"
     "  AND polroles && (ARRAY[0::oid, (SELECT oid FROM me)] || ARRAY(SELECT roleid FROM roles))\n"},
    {"wall narrowed", HG_WARNING, HG_LIVE_WALLS, "tenants may miss rows",
     "SELECT format('table %s', label),\n"
     "  format('its restrictive policy %I holds for Headgate''s role, too', polname)\n"
     "FROM wanted JOIN pg_policy p ON p.polrelid = rel\n"
     "WHERE walled AND polname <> 'headgate_tenant' AND NOT polpermissive\n"
     "  AND polroles && (ARRAY[0::oid, (SELECT oid FROM me)] || ARRAY(SELECT roleid FROM roles))\n"},
    {"wall bypassed", HG_ERROR, HG_LIVE_WALLS, "the role is above it: an owner, a superuser, BYPASSRLS",
     "SELECT format('table %s', label), 'row security does not hold for this role'\n"
     "FROM wanted JOIN pg_class c ON c.oid = rel WHERE walled AND c.relrowsecurity AND NOT\n"
     "  row_security_active(rel)\n"},
    {"wall unwanted", HG_ERROR, HG_LIVE_DATA,
     "walls: on in headgate.yaml, or ALTER TABLE … DISABLE ROW LEVEL SECURITY",
     "SELECT format('table %s', label),\n"
     "  'has row security, which Headgate is not told of: tenants may see no rows'\n"
     "FROM wanted WHERE rel IS NOT NULL AND kind IN ('r', 'p') AND row_security_active(rel)\n"
     "  AND NOT (walled AND current_setting('headgate.walls') = 'on')\n"},
    {"grants missing", HG_ERROR, HG_LIVE_DATA, PRINTS,
     "SELECT format('table %s', label), format('may not %s column%s %s', lower(kind), CASE WHEN count(*)\n"
     "  > 1 THEN 's' END,\n"
     "  string_agg(quote_ident(col), ', ' ORDER BY attnum))\n"
     "FROM cols, (VALUES (1, 'SELECT'), (2, 'INSERT'), (4, 'UPDATE')) v(bit, kind)\n"
     "WHERE there AND need & bit > 0 AND NOT has_column_privilege(rel, attnum, kind) GROUP BY label, bit,\n"
     "  kind\n"
     "UNION ALL\n"
     "SELECT format('table %s', label), 'may not delete rows' FROM wanted\n"
     "WHERE rel IS NOT NULL AND deletes AND NOT has_table_privilege(rel, 'DELETE')\n"
     "UNION ALL\n"
     "SELECT format('table %s', label), format('may not use the sequence %s', seq::regclass) FROM\n"
     "  sequences\n"
     "WHERE NOT has_sequence_privilege(seq, 'USAGE')\n"},
    {"grants on tables", HG_ERROR, HG_LIVE_DATA, PRINTS,
     "SELECT format('table %s', label), format('may %s, which no role of the policy does', lower(what))\n"
     "FROM wanted, LATERAL (VALUES (deletes, 'DELETE'), (false, 'TRUNCATE'), (false, 'TRIGGER'))\n"
     "  v(needed, what)\n"
     "WHERE rel IS NOT NULL AND NOT needed AND has_table_privilege(rel, what)\n"
     "UNION ALL\n"
     "SELECT format('table %s', label), format('may %s, which no role of the policy does', lower(what))\n"
     "FROM wanted, LATERAL (VALUES (inserts, 'INSERT'), (updates, 'UPDATE'), (false, 'REFERENCES'))\n"
     "  v(needed, what)\n"
     "WHERE rel IS NOT NULL AND NOT needed AND has_any_column_privilege(rel, what)\n"},
    {"grants on columns", HG_WARNING, HG_LIVE_DATA, PRINTS,
     "SELECT format('table %s', w.label), format('may %s column%s %s, which no role of the policy does',\n"
     "  lower(what),\n"
     "  CASE WHEN count(*) > 1 THEN 's' END, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum))\n"
     "FROM wanted w JOIN pg_attribute a ON a.attrelid = w.rel AND a.attnum > 0 AND NOT a.attisdropped\n"
     "LEFT JOIN cols c ON c.t = w.t AND c.attnum = a.attnum,\n"
     "LATERAL (VALUES (1, true, 'SELECT'), (2, inserts, 'INSERT'), (4, updates, 'UPDATE')) v(bit, kind,\n"
     "  what)\n"
     "WHERE v.kind AND coalesce(c.need, 0) & bit = 0 AND has_column_privilege(a.attrelid, a.attnum, what)\n"
     "GROUP BY w.label, bit, what\n"},
    {"other relations", HG_ERROR, HG_LIVE_DATA, PRINTS,
     "SELECT format('%s %s', CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE\n"
     "  'table' END,\n"
     "              c.oid::regclass),\n"
     "       'is not in the policy, but can be read or written'\n"
     "FROM pg_class c JOIN schemas s ON s.oid = c.relnamespace\n"
     "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.oid NOT IN (SELECT rel FROM wanted WHERE rel > 0)\n"
     "  AND c.oid NOT IN (SELECT rel FROM below)\n"
     "  AND ('pg_class'::regclass, c.oid) NOT IN (SELECT classid, objid FROM of_extensions)\n"
     "  AND (has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE') OR has_table_privilege(c.oid,\n"
     "    'DELETE, TRUNCATE'))\n"
     "ORDER BY 1 LIMIT 100\n"},
    {"other sequences", HG_ERROR, HG_LIVE_DATA, PRINTS,
     "SELECT format('sequence %s', c.oid::regclass), CASE WHEN c.oid IN (SELECT seq FROM sequences)\n"
     "  THEN 'can be read or set, though only new numbers are needed' ELSE\n"
     "    'can be used, though nothing needs it' END\n"
     "FROM pg_class c JOIN schemas s ON s.oid = c.relnamespace WHERE CASE WHEN c.relkind = 'S' THEN\n"
     "  has_sequence_privilege(c.oid, 'SELECT, UPDATE')\n"
     "  OR (c.oid NOT IN (SELECT seq FROM sequences) AND has_sequence_privilege(c.oid, 'USAGE')) END\n"},
    {"system relations", HG_ERROR, HG_LIVE_ALL, "REVOKE it",
     "SELECT format('table pg_catalog.%I', relname),\n"
     "  'can be read: it tells of all tenants'' rows, or of passwords'\n"
     "FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace AND has_table_privilege(oid, 'SELECT')\n"
     "  AND relname IN ('pg_authid', 'pg_statistic', 'pg_statistic_ext_data', 'pg_largeobject',\n"
     "    'pg_user_mapping')\n"
     "  AND NOT (SELECT rolsuper FROM me)\n"},
    {"system functions", HG_ERROR, HG_LIVE_ALL, "REVOKE EXECUTE on it",
     "SELECT format('function %s', oid::regprocedure), 'can be called: it reaches files of the server'\n"
     "FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND has_function_privilege(oid,\n"
     "  'EXECUTE')\n"
     "  AND proname ~ '^(pg_read_file|pg_read_binary_file|pg_ls_dir|pg_stat_file|lo_import|lo_export|pg_file_.*)$'\n"
     "  AND NOT (SELECT rolsuper FROM me)\n"},
    {"added to pg_catalog", HG_ERROR, HG_LIVE_ALL,
     "move it to another schema: Headgate takes what is there for built in",
     "SELECT format('%s', pg_describe_object(classid, oid, 0)), 'was added to the system''s own schema'\n"
     "FROM (SELECT 'pg_proc'::regclass AS classid, oid, pronamespace AS n FROM pg_proc\n"
     "      UNION ALL SELECT 'pg_operator'::regclass, oid, oprnamespace FROM pg_operator\n"
     "      UNION ALL SELECT 'pg_class'::regclass, oid, relnamespace FROM pg_class) o\n"
     "WHERE n = 'pg_catalog'::regnamespace AND oid >= 16384 LIMIT 20\n"},
    {"casts", HG_WARNING, HG_LIVE_DATA, "values may change on their way",
     "SELECT format('%s', pg_describe_object('pg_cast'::regclass, c.oid, 0)),\n"
     "  'was added between types of the system'\n"
     "FROM pg_cast c WHERE c.oid >= 16384 AND castsource < 16384 AND casttarget < 16384 AND castcontext\n"
     "  <> 'e'\n"},
    {"security definer", HG_WARNING, HG_LIVE_DATA, "REVOKE EXECUTE … FROM PUBLIC; Headgate calls none of them",
     "SELECT format('function %s', p.oid::regprocedure),\n"
     "  'runs with the rights of its owner and can be called'\n"
     "FROM pg_proc p JOIN schemas s ON s.oid = p.pronamespace\n"
     "WHERE prosecdef AND prorettype <> 'trigger'::regtype AND has_schema_privilege(s.oid, 'USAGE')\n"
     "  AND has_function_privilege(p.oid, 'EXECUTE') ORDER BY 1 LIMIT 20\n"},
    {"default privileges", HG_WARNING, HG_LIVE_DATA, PRINTS,
     "SELECT format('default privileges of %s', defaclrole::regrole), format('give new %s%s to %s',\n"
     "  CASE defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'n' THEN 'schemas' END,\n"
     "  ' in schema ' || quote_ident(n.nspname), CASE grantee WHEN 0 THEN 'PUBLIC' ELSE\n"
     "    grantee::regrole::text END)\n"
     "FROM pg_default_acl LEFT JOIN pg_namespace n ON n.oid = defaclnamespace, aclexplode(defaclacl), me\n"
     "WHERE defaclobjtype IN ('r', 'S', 'n') AND (grantee IN (0, me.oid) OR grantee IN (SELECT roleid\n"
     "  FROM roles))\n"
     "GROUP BY defaclrole, defaclobjtype, n.nspname, grantee\n"},
    {"keys that the policy does not know", HG_ERROR, HG_LIVE_DATA,
     "make the tenant column part of it, or put the key into schema.sql as it is",
     "SELECT format('table %s', label),\n"
     "  format('unique index %I has no tenant column, against schema.sql: %s', c.relname,\n"
     "  'whether a row can be written tells of others'' rows')\n"
     "FROM wanted w JOIN pg_index i ON i.indrelid = rel JOIN pg_class c ON c.oid = i.indexrelid\n"
     "WHERE written AND NOT global_key AND tenant IS NOT NULL AND indisunique AND NOT EXISTS (SELECT FROM\n"
     "  pg_attribute a\n"
     "  WHERE a.attrelid = rel AND a.attname = tenant AND a.attnum = ANY (i.indkey[0:i.indnkeyatts - 1]))\n"},
    {"keys", HG_WARNING, HG_LIVE_DATA, "make the tenant column part of it",
     "SELECT format('table %s', label), format('unique index %I has no tenant column: %s', c.relname,\n"
     "  'whether a row can be written tells of others'' rows')\n"
     "FROM wanted w JOIN pg_index i ON i.indrelid = rel JOIN pg_class c ON c.oid = i.indexrelid\n"
     "WHERE written AND global_key AND tenant IS NOT NULL AND indisunique AND NOT EXISTS (SELECT FROM\n"
     "  pg_attribute a\n"
     "  WHERE a.attrelid = rel AND a.attname = tenant AND a.attnum = ANY (i.indkey[0:i.indnkeyatts - 1]))\n"},
    {"exclusion constraints", HG_WARNING, HG_LIVE_DATA, "make the tenant column part of it",
     "SELECT format('table %s', label), format('exclusion constraint %I has no tenant column: %s',\n"
     "  conname,\n"
     "  'whether a row can be written tells of others'' rows')\n"
     "FROM wanted w JOIN pg_constraint c ON c.conrelid = rel AND contype = 'x'\n"
     "WHERE written AND tenant IS NOT NULL AND NOT EXISTS (SELECT FROM pg_attribute a\n"
     "  WHERE a.attrelid = rel AND a.attname = tenant AND a.attnum = ANY (c.conkey))\n"},
    {"foreign keys", HG_WARNING, HG_LIVE_DATA, "make the tenant column part of it",
     "SELECT format('table %s', w.label), format('foreign key %I has no tenant column: %s', conname,\n"
     "  'it tells whether another tenant has a row')\n"
     "FROM wanted w JOIN pg_constraint c ON c.conrelid = w.rel AND contype = 'f' AND conparentid = 0\n"
     "JOIN wanted o ON o.rel = c.confrelid AND o.tenant IS NOT NULL\n"
     "WHERE (w.inserts OR w.updates) AND w.tenant IS NOT NULL AND NOT EXISTS (SELECT FROM pg_attribute a\n"
     "  WHERE a.attrelid = w.rel AND a.attname = w.tenant AND a.attnum = ANY (c.conkey))\n"},
    {"cascades", HG_ERROR, HG_LIVE_DATA, "make the tenant column part of it",
     "SELECT format('table %s', w.label),\n"
     "  format('foreign key %I of %s has no tenant column and reaches rows of others: %s',\n"
     "  conname, conrelid::regclass, CASE WHEN confdeltype IN ('c', 'n', 'd') THEN 'ON DELETE' ELSE\n"
     "    'ON UPDATE' END)\n"
     "FROM wanted w JOIN pg_constraint c ON c.confrelid = w.rel AND contype = 'f' AND conparentid = 0\n"
     "WHERE w.tenant IS NOT NULL AND ((w.deletes AND confdeltype IN ('c', 'n', 'd')) OR (w.updates AND\n"
     "  confupdtype IN ('c', 'n', 'd')))\n"
     "  AND NOT EXISTS (SELECT FROM pg_attribute a\n"
     "                  WHERE a.attrelid = w.rel AND a.attname = w.tenant AND a.attnum = ANY (c.confkey))\n"},
    {"triggers", HG_WARNING, HG_LIVE_DATA, "what it does to rows of other tenants is for you to judge",
     "SELECT format('table %s', label), format('trigger %I calls %s%s', tgname, tgfoid::regprocedure,\n"
     "  CASE WHEN prosecdef THEN ', which runs with the rights of its owner, past row security'\n"
     "       ELSE ', which can do no more than this role' END)\n"
     "FROM wanted JOIN pg_trigger g ON g.tgrelid = rel AND NOT tgisinternal JOIN pg_proc p ON p.oid =\n"
     "  tgfoid\n"
     "WHERE written AND tgenabled <> 'D'\n"},
    {"rules", HG_ERROR, HG_LIVE_DATA, "DROP RULE",
     "SELECT format('table %s', label),\n"
     "  format('rule %I makes other statements of those that were checked', rulename)\n"
     "FROM wanted JOIN pg_rewrite r ON r.ev_class = rel WHERE kind IN ('r', 'p') AND ev_enabled <> 'D'\n"},
    {"numbers", HG_NOTE, HG_LIVE_DATA, "a uuid, or a number that the client gives, tells nothing",
     "SELECT format('table %s', label), format('column %I takes numbers that all tenants share: %s', col,\n"
     "  'gaps tell how many rows others add')\n"
     "FROM cols JOIN wanted w USING (t, rel, label) WHERE w.inserts AND there AND declared\n"
     "  AND (attidentity <> '' OR EXISTS (SELECT FROM sequences s WHERE s.t = cols.t AND s.adnum =\n"
     "    cols.attnum))\n"},
    {"extensions", HG_WARNING, HG_LIVE_ALL, "DROP EXTENSION, or keep it out of this database",
     "SELECT format('extension %I', extname),\n"
     "  'is there: it shows, or reaches, more than one tenant''s data'\n"
     "FROM pg_extension WHERE extname IN ('pg_stat_statements', 'pg_buffercache', 'pageinspect',\n"
     "  'pg_visibility',\n"
     "  'pgrowlocks', 'pgstattuple', 'dblink', 'postgres_fdw', 'file_fdw', 'adminpack', 'plpython3u',\n"
     "    'plperlu', 'pltclu',\n"
     "  'pg_cron', 'aws_s3', 'aws_lambda', 'lo')\n"},
    {NULL, HG_NOTE, 0, NULL, NULL},
};
