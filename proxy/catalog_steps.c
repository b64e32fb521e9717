/* How the catalog database is brought from what it is to what schema.sql and the policy want.
 *
 * Comparing DDL as text fails on spelling: PostgreSQL shows `'x'::text` for what was written as 'x'. So what
 * is wanted is built too, in scratch schemas of the same transaction, and the system catalogs of both are
 * compared. The workbench, schema _headgate, holds: `pairs`, the logical schemas and the scratch schemas that
 * hold their wanted form; `ddl`, the statement that makes each wanted thing for real; and views that put what
 * there is beside what is wanted.
 *
 * A step is a query over the workbench. Its rows say what is to be done: words for the administrator, the
 * statement, the table concerned. What equals is in no row, so it is not touched and keeps its OID. Tables
 * are empty, so that any column can change its type. All names in generated statements are quoted by
 * format(). */
#include "catalog_steps.h"

#include <stddef.h>

/* clang-format off: SQL is laid out as SQL. */

const char catalog_workbench[] =
    "CREATE SCHEMA _headgate;"
    "CREATE TABLE _headgate.pairs (have text, want text);"
    "CREATE TABLE _headgate.ddl (kind text, schema text, tab text, name text, sql text);"

    /* Schemas of users: neither PostgreSQL's nor an extension's things belong to what is compared. */
    "CREATE VIEW _headgate.schemas AS"
    "  SELECT n.oid, coalesce(p.have, n.nspname) AS schema, p.want IS NOT NULL AS wanted, n.nspowner"
    "  FROM pg_namespace n LEFT JOIN _headgate.pairs p ON p.want = n.nspname"
    "  WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', '_headgate');"
    "CREATE VIEW _headgate.of_extensions AS"
    "  SELECT classid, objid FROM pg_depend WHERE deptype = 'e';"

    "CREATE VIEW _headgate.relations AS"
    "  SELECT c.oid, s.schema, c.relname::text AS name, s.wanted"
    "  FROM pg_class c JOIN _headgate.schemas s ON s.oid = c.relnamespace"
    "  WHERE c.relkind = 'r'"
    "    AND ('pg_class'::regclass, c.oid) NOT IN (SELECT classid, objid FROM _headgate.of_extensions);"
    "CREATE VIEW _headgate.tables AS"
    "  SELECT schema, name, format('%I.%I', schema, name) AS q, h.oid AS have, w.oid AS want"
    "  FROM (SELECT * FROM _headgate.relations WHERE NOT wanted) h"
    "  FULL JOIN (SELECT * FROM _headgate.relations WHERE wanted) w USING (schema, name);"

    /* Columns of the tables that are both there and wanted. */
    "CREATE VIEW _headgate.attributes AS"
    "  SELECT a.attrelid, a.attname::text AS name, a.attnum AS num, a.atttypid AS type,"
    "         a.atttypmod AS modifier, a.attnotnull AS not_null,"
    "         CASE WHEN a.attgenerated = '' AND pg_get_expr(d.adbin, d.adrelid) !~ '^nextval\\('"
    "           THEN pg_get_expr(d.adbin, d.adrelid) END AS def,"
    "         CASE WHEN a.attgenerated <> '' THEN pg_get_expr(d.adbin, d.adrelid) END AS made_of"
    "  FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
    "  WHERE a.attnum > 0 AND NOT a.attisdropped;"
    "CREATE VIEW _headgate.columns AS"
    "  SELECT q, name, h.num AS have, w.num AS want, format_type(w.type, w.modifier) AS type,"
    "         (h.type, h.modifier) = (w.type, w.modifier) AS same_type,"
    "         h.not_null AS have_not_null, w.not_null AS want_not_null,"
    "         h.def AS have_default, w.def AS want_default,"
    "         h.made_of AS have_made_of, w.made_of AS want_made_of"
    "  FROM (SELECT t.q, a.* FROM _headgate.tables t JOIN _headgate.attributes a ON a.attrelid = t.have"
    "        WHERE t.want IS NOT NULL) h"
    "  FULL JOIN (SELECT t.q, a.* FROM _headgate.tables t JOIN _headgate.attributes a ON a.attrelid = t.want"
    "             WHERE t.have IS NOT NULL) w USING (q, name);"

    /* Sequences that columns own; defaults by nextval() go with them. A sequence itself is not compared by
       its schema, which is the table's. An identity column's is of the column's type. */
    "CREATE VIEW _headgate.sequences AS"
    "  SELECT r.schema, r.wanted, format('%I.%I', r.schema, r.name) AS q, a.attname::text AS col,"
    "         c.relname::text AS name, a.attidentity AS identity,"
    "         format_type(a.atttypid, a.atttypmod) AS type,"
    "         CASE a.attidentity WHEN '' THEN format(' AS %s', format_type(s.seqtypid, NULL)) ELSE '' END"
    "           || format(' START WITH %s INCREMENT BY %s MINVALUE %s MAXVALUE %s CACHE %s%s', s.seqstart,"
    "                     s.seqincrement, s.seqmin, s.seqmax, s.seqcache,"
    "                     CASE WHEN s.seqcycle THEN ' CYCLE' ELSE '' END) AS options"
    "  FROM _headgate.relations r JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = "
    "r.oid"
    "  JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = d.refobjsubid AND a.attnum > 0"
    "  JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid AND c.relkind = 'S'"
    "  JOIN pg_sequence s ON s.seqrelid = c.oid"
    "  WHERE d.deptype IN ('a', 'i');"

    /* An index is described by what stands behind its table's name. */
    "CREATE VIEW _headgate.keys AS"
    "  SELECT r.schema, r.name AS tab, r.wanted, format('%I.%I', r.schema, r.name) AS q, k.*"
    "  FROM _headgate.relations r JOIN ("
    "    SELECT conrelid AS rel, conname::text AS name, pg_get_constraintdef(oid) AS def,"
    "           CASE contype WHEN 'f' THEN 'foreign key' ELSE 'constraint' END AS kind,"
    "           CASE contype WHEN 'c' THEN conkey END AS names"
    "    FROM pg_constraint WHERE contype NOT IN ('n', 't')"
    "    UNION ALL"
    "    SELECT i.indrelid, c.relname,"
    "           i.indisunique::text || substring(pg_get_indexdef(i.indexrelid) FROM ' USING .*'), 'index',"
    "           NULL"
    "    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
    "    WHERE i.indexrelid NOT IN (SELECT conindid FROM pg_constraint WHERE contype IN ('p', 'u', 'x'))"
    "  ) k ON k.rel = r.oid;"

    "CREATE VIEW _headgate.types AS"
    "  SELECT t.oid, s.schema, t.typname::text AS name, s.wanted, format('%I.%I', s.schema, t.typname) AS q,"
    "         CASE t.typtype WHEN 'e'"
    "           THEN (SELECT coalesce(array_agg(enumlabel ORDER BY enumsortorder), '{}')::text"
    "                 FROM pg_enum WHERE enumtypid = t.oid)"
    "           ELSE format('%s %s %s', format_type(t.typbasetype, t.typtypmod), t.typnotnull, t.typdefault)"
    "         END AS form"
    "  FROM pg_type t JOIN _headgate.schemas s ON s.oid = t.typnamespace"
    "  WHERE t.typtype IN ('d', 'e')"
    "    AND ('pg_type'::regclass, t.oid) NOT IN (SELECT classid, objid FROM _headgate.of_extensions);"
    "CREATE VIEW _headgate.checks AS" /* of domains */
    "  SELECT t.schema, t.name AS type, t.wanted, t.q, c.conname::text AS name, pg_get_constraintdef(c.oid) "
    "AS def"
    "  FROM _headgate.types t JOIN pg_constraint c ON c.contypid = t.oid WHERE c.contype = 'c';";

const struct catalog_step catalog_refusals[] = {
    {"looking at the database's encoding",
     "SELECT format('its encoding is %s, not UTF8', pg_encoding_to_char(encoding))"
     "  FROM pg_database WHERE datname = current_database() AND pg_encoding_to_char(encoding) <> 'UTF8'"},
    {"looking for what is not Headgate's",
     "SELECT format('it holds the %s, which Headgate never creates', what) FROM ("
     "  SELECT format('%s %I.%I', k.word, s.schema, c.relname) AS what"
     "    FROM pg_class c JOIN _headgate.schemas s ON s.oid = c.relnamespace"
     "    JOIN (VALUES ('v', 'view'), ('m', 'materialized view'), ('S', 'sequence'), ('f', 'foreign table'),"
     "                 ('p', 'partitioned table'), ('c', 'composite type')) k (kind, word)"
     "      ON k.kind = c.relkind"
     "    WHERE ('pg_class'::regclass, c.oid) NOT IN (SELECT classid, objid FROM _headgate.of_extensions)"
     "      AND NOT (c.relkind = 'S' AND EXISTS (SELECT FROM pg_depend d"
     "        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refobjsubid > 0"
     "          AND d.deptype IN ('a', 'i')))"
     "  UNION ALL"
     "  SELECT format('function %I.%I', s.schema, f.proname)"
     "    FROM pg_proc f JOIN _headgate.schemas s ON s.oid = f.pronamespace"
     "    WHERE ('pg_proc'::regclass, f.oid) NOT IN (SELECT classid, objid FROM _headgate.of_extensions)"
     "  ) things LIMIT 1"},
    {"looking for tables that are known",
     "SELECT format('it holds tables (%s), none of which the policy names', min(q)) FROM _headgate.tables"
     "  WHERE have IS NOT NULL"
     "  HAVING count(*) > 0 AND count(*) FILTER (WHERE (schema, name) IN"
     "         (SELECT d.schema, d.name FROM _headgate.ddl d WHERE kind IN ('table', 'hidden table'))) = 0"},
    {NULL, NULL},
};

const char catalog_tables_there[] = "SELECT q FROM _headgate.tables WHERE have IS NOT NULL";

const struct catalog_step catalog_schema_steps[] = {
    {"creating schemas",
     "SELECT format('created schema %I', have), format('CREATE SCHEMA %I', have), NULL FROM _headgate.pairs"
     "  WHERE have NOT IN (SELECT nspname FROM pg_namespace)"},
    {"dropping tables",
     "SELECT format('dropped table %s', q), format('DROP TABLE %s CASCADE', q), NULL FROM _headgate.tables"
     "  WHERE have IS NOT NULL"
     "    AND (schema, name) NOT IN (SELECT d.schema, d.name FROM _headgate.ddl d WHERE kind = 'table')"},
    {NULL, NULL},
};

const struct catalog_step catalog_type_steps[] = {
    /* The old one goes to the workbench under another name: columns keep it until they are altered. */
    {"replacing a type",
     "SELECT format('replaced type %s', w.q),"
     "       format('ALTER TYPE %1$s RENAME TO %2$I; ALTER TYPE %3$I.%2$I SET SCHEMA _headgate; %4$s',"
     "              w.q, 'old_' || h.oid, w.schema, d.sql), NULL"
     "  FROM _headgate.types h JOIN _headgate.types w USING (schema, name)"
     "  JOIN _headgate.ddl d ON d.kind = 'type' AND d.schema = w.schema AND d.name = w.name"
     "  WHERE NOT h.wanted AND w.wanted AND h.form <> w.form"},
    {"creating a type",
     "SELECT format('created type %s', w.q), d.sql, NULL FROM _headgate.types w"
     "  JOIN _headgate.ddl d ON d.kind = 'type' AND d.schema = w.schema AND d.name = w.name"
     "  WHERE w.wanted AND NOT EXISTS (SELECT FROM _headgate.types h WHERE NOT h.wanted AND h.q = w.q)"},
    {"dropping checks of a domain",
     "SELECT format('type %s: dropped check %I', h.q, h.name),"
     "       format('ALTER DOMAIN %s DROP CONSTRAINT %I', h.q, h.name), NULL"
     "  FROM _headgate.checks h JOIN _headgate.types t ON t.wanted AND t.q = h.q"
     "  LEFT JOIN _headgate.checks w ON w.wanted AND (w.q, w.name) = (h.q, h.name)"
     "  WHERE NOT h.wanted AND w.def IS DISTINCT FROM h.def ORDER BY h.name"},
    {"creating checks of a domain",
     "SELECT format('type %s: created check %I', w.q, w.name),"
     "       format('ALTER DOMAIN %s ADD CONSTRAINT %I %s', w.q, w.name, w.def), NULL"
     "  FROM _headgate.checks w"
     "  WHERE w.wanted"
     "    AND NOT EXISTS (SELECT FROM _headgate.checks h WHERE NOT h.wanted AND (h.q, h.name) = (w.q, "
     "w.name))"
     "  ORDER BY w.name"},
    {NULL, NULL},
};

const struct catalog_step catalog_create_steps[] = {
    /* Columns can be added at the end only: when that does not give the wanted order, a table is made anew.
     */
    {"comparing the order of columns",
     "SELECT format('made table %s anew: its columns stand in another order', q),"
     "       format('DROP TABLE %s CASCADE', q), q"
     "  FROM _headgate.columns WHERE want IS NOT NULL GROUP BY q"
     "  HAVING array_agg(name ORDER BY want) <> array_agg(name ORDER BY have NULLS LAST, want)"},
    /* PostgreSQL changes no column to a generated one, and none that others are generated from. */
    {"comparing what columns are generated from",
     "SELECT format('made table %s anew: what a column is generated from has changed', q),"
     "       format('DROP TABLE %s CASCADE', q), q"
     "  FROM _headgate.columns GROUP BY q"
     "  HAVING bool_or(have_made_of IS DISTINCT FROM want_made_of)"
     "    OR (bool_or(have_made_of IS NOT NULL) AND bool_or(want IS NULL OR NOT same_type))"},
    {"creating tables",
     "SELECT format('created table %s', t.q), d.sql, t.q FROM _headgate.tables t"
     "  JOIN _headgate.ddl d ON d.kind = 'table' AND d.schema = t.schema AND d.name = t.name"
     "  WHERE t.have IS NULL ORDER BY t.q"},
    {NULL, NULL},
};

const struct catalog_step catalog_table_steps[] = {
    {"dropping sequences",
     "SELECT format('table %s: dropped sequence %I of column %I', h.q, h.name, h.col),"
     "       CASE h.identity WHEN '' THEN format('DROP SEQUENCE %I.%I CASCADE', h.schema, h.name)"
     "         ELSE format('ALTER TABLE %s ALTER COLUMN %I DROP IDENTITY', h.q, h.col) END, h.q"
     "  FROM _headgate.sequences h"
     "  LEFT JOIN _headgate.sequences w ON w.wanted AND (w.q, w.col) = (h.q, h.col)"
     "  WHERE NOT h.wanted"
     "    AND (w.name, w.identity, w.type, w.options) IS DISTINCT FROM (h.name, h.identity, h.type, "
     "h.options)"
     "  ORDER BY h.q, h.name"},
    {"dropping keys and indexes",
     "SELECT format('table %s: dropped %s %I', h.q, h.kind, h.name),"
     "       CASE h.kind WHEN 'index' THEN format('DROP INDEX %I.%I', h.schema, h.name)"
     "         ELSE format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE', h.q, h.name) END, h.q"
     "  FROM _headgate.keys h"
     "  LEFT JOIN _headgate.keys w ON w.wanted AND (w.q, w.kind, w.name) = (h.q, h.kind, h.name)"
     "  WHERE NOT h.wanted AND h.kind <> 'foreign key' AND (w.def IS DISTINCT FROM h.def"
     /* a check's operators may be others, though written the same; first by table, which is asked once */
     "    OR h.q IN (SELECT c.q FROM _headgate.columns c WHERE NOT c.same_type) AND EXISTS (SELECT FROM "
     "_headgate.columns c"
     "               WHERE c.q = h.q AND c.have = ANY (h.names) AND NOT c.same_type))"
     "  ORDER BY h.q, h.name"},
    /* They may not fit while only one side has changed; they are created again at the end. */
    {"dropping foreign keys of columns that change",
     "SELECT format('table %s: dropped foreign key %I', t.q, f.conname),"
     "       format('ALTER TABLE %s DROP CONSTRAINT %I', t.q, f.conname), t.q"
     "  FROM pg_constraint f JOIN _headgate.tables t ON t.have = f.conrelid"
     "  WHERE f.contype = 'f' AND f.oid IN ("
     "    SELECT g.oid FROM _headgate.columns c JOIN _headgate.tables o USING (q) JOIN pg_constraint g"
     "      ON (o.have = g.conrelid AND c.have = ANY (g.conkey))"
     "        OR (o.have = g.confrelid AND c.have = ANY (g.confkey))"
     "    WHERE NOT c.same_type AND g.contype = 'f')"},
    {"dropping columns", "SELECT format('table %s: dropped column %I', q, name),"
                         "       format('ALTER TABLE %s DROP COLUMN %I CASCADE', q, name), q"
                         "  FROM _headgate.columns WHERE want IS NULL ORDER BY q, have"},
    {"changing types of columns", "SELECT format('table %s: column %I is now of type %s', q, name, type),"
                                  "       format('ALTER TABLE %1$s ALTER COLUMN %2$I DROP DEFAULT,"
                                  "               ALTER COLUMN %2$I TYPE %3$s USING NULL', q, name, type), q"
                                  "  FROM _headgate.columns WHERE NOT same_type ORDER BY q, want"},
    {"adding columns", "SELECT format('table %s: added column %I', q, name),"
                       "       format('ALTER TABLE %s ADD COLUMN %I %s', q, name, type), q"
                       "  FROM _headgate.columns WHERE have IS NULL ORDER BY q, want"},
    /* From here on every column is there; the view knows what was done. */
    {"changing defaults",
     "SELECT format('table %s: default of %I is now %s', q, name, coalesce(want_default, 'none')),"
     "       format('ALTER TABLE %s ALTER COLUMN %I %s', q, name,"
     "              coalesce('SET DEFAULT ' || want_default, 'DROP DEFAULT')), q"
     "  FROM _headgate.columns WHERE have_default IS DISTINCT FROM want_default ORDER BY q, want"},
    {"changing NOT NULL", "SELECT format('table %s: column %I is now %s', q, name,"
                          "              CASE WHEN want_not_null THEN 'NOT NULL' ELSE 'nullable' END),"
                          "       format('ALTER TABLE %s ALTER COLUMN %I %s NOT NULL', q, name,"
                          "              CASE WHEN want_not_null THEN 'SET' ELSE 'DROP' END), q"
                          "  FROM _headgate.columns WHERE have_not_null <> want_not_null ORDER BY q, want"},
    {"creating sequences",
     "SELECT format('table %s: column %I is now numbered by sequence %I', w.q, w.col, w.name),"
     "       CASE w.identity WHEN ''"
     "         THEN format('CREATE SEQUENCE %1$I.%2$I%3$s OWNED BY %4$s.%5$I;"
     "                      ALTER TABLE %4$s ALTER COLUMN %5$I SET DEFAULT nextval(%6$L)',"
     "                     w.schema, w.name, w.options, w.q, w.col, format('%I.%I', w.schema, w.name))"
     "         ELSE format('ALTER TABLE %s ALTER COLUMN %I ADD GENERATED %s AS IDENTITY (SEQUENCE NAME "
     "%I.%I%s)',"
     "                     w.q, w.col, CASE w.identity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END,"
     "                     w.schema, w.name, w.options) END, w.q"
     "  FROM _headgate.sequences w"
     "  WHERE w.wanted"
     "    AND NOT EXISTS (SELECT FROM _headgate.sequences h WHERE NOT h.wanted AND (h.q, h.col) = (w.q, "
     "w.col))"
     "  ORDER BY w.q, w.name"},
    {"creating keys and indexes",
     "SELECT format('table %s: created %s %I', w.q, w.kind, w.name), d.sql, w.q FROM _headgate.keys w"
     "  JOIN _headgate.ddl d ON d.kind = 'key' AND (d.schema, d.tab, d.name) = (w.schema, w.tab, w.name)"
     "  WHERE w.wanted AND w.kind <> 'foreign key'"
     "    AND NOT EXISTS (SELECT FROM _headgate.keys h WHERE NOT h.wanted AND (h.q, h.name) = (w.q, w.name))"
     "  ORDER BY w.q, w.name"},
    {NULL, NULL},
};

const struct catalog_step catalog_foreign_steps[] = {
    {"dropping foreign keys",
     "SELECT format('table %s: dropped foreign key %I', h.q, h.name),"
     "       format('ALTER TABLE %s DROP CONSTRAINT %I', h.q, h.name), h.q"
     "  FROM _headgate.keys h"
     "  LEFT JOIN _headgate.keys w ON w.wanted AND (w.q, w.kind, w.name) = (h.q, h.kind, h.name)"
     "  WHERE NOT h.wanted AND h.kind = 'foreign key' AND w.def IS DISTINCT FROM h.def"
     "  ORDER BY h.q, h.name"},
    {"creating foreign keys",
     "SELECT format('table %s: created foreign key %I', w.q, w.name), d.sql, w.q FROM _headgate.keys w"
     "  JOIN _headgate.ddl d"
     "    ON d.kind = 'foreign key' AND (d.schema, d.tab, d.name) = (w.schema, w.tab, w.name)"
     "  WHERE w.wanted AND w.kind = 'foreign key'"
     "    AND NOT EXISTS (SELECT FROM _headgate.keys h WHERE NOT h.wanted AND (h.q, h.name) = (w.q, w.name))"
     "  ORDER BY w.q, w.name"},
    {NULL, NULL},
};

const struct catalog_step catalog_last_steps[] = {
    {"writing comments on tables",
     "SELECT format('table %s: comment', q),"
     "       format('COMMENT ON TABLE %s IS %L', q, obj_description(want, 'pg_class')), q"
     "  FROM _headgate.tables"
     "  WHERE obj_description(have, 'pg_class') IS DISTINCT FROM obj_description(want, 'pg_class')"},
    {"writing comments on columns",
     "SELECT format('table %s: comment on column %I', c.q, c.name),"
     "       format('COMMENT ON COLUMN %s.%I IS %L', c.q, c.name, col_description(t.want, c.want)), c.q"
     "  FROM _headgate.columns c JOIN _headgate.tables t USING (q)"
     "  WHERE col_description(t.have, c.have) IS DISTINCT FROM col_description(t.want, c.want)"
     "  ORDER BY c.q, c.want"},
    /* Not worth a word when the type is of this transaction. */
    {"writing comments on types",
     "SELECT CASE WHEN (SELECT xmin FROM pg_type WHERE oid = h.oid) = pg_current_xact_id()::xid THEN NULL"
     "            ELSE format('type %s: comment', w.q) END,"
     "       format('COMMENT ON TYPE %s IS %L', w.q, obj_description(w.oid, 'pg_type')), NULL"
     "  FROM _headgate.types h JOIN _headgate.types w USING (schema, name) WHERE NOT h.wanted AND w.wanted"
     "    AND obj_description(h.oid, 'pg_type') IS DISTINCT FROM obj_description(w.oid, 'pg_type')"},
    {"clearing the workbench",
     "SELECT NULL, 'DROP SCHEMA ' || string_agg(quote_ident(want), ', ') || ' CASCADE', NULL"
     "  FROM _headgate.pairs"},
    /* All in one statement, since they may depend on each other. Nothing else may: no CASCADE. */
    {"dropping types",
     "SELECT string_agg(format('dropped type %s', q), E'\\n'), 'DROP TYPE ' || string_agg(q, ', '), NULL"
     "  FROM _headgate.types t WHERE NOT EXISTS (SELECT FROM _headgate.ddl d"
     "    WHERE d.kind = 'type' AND (d.schema, d.name) = (t.schema, t.name)) HAVING count(*) > 0"},
    {"dropping replaced types",
     "SELECT NULL, 'DROP TYPE ' || string_agg(format('_headgate.%I', typname), ', '), NULL FROM pg_type"
     "  WHERE typnamespace = '_headgate'::regnamespace AND typtype IN ('d', 'e') HAVING count(*) > 0"},
    {"dropping schemas",
     "SELECT format('dropped schema %I', schema), format('DROP SCHEMA %I', schema), NULL"
     "  FROM _headgate.schemas WHERE schema NOT IN (SELECT have FROM _headgate.pairs)"
     "    AND pg_has_role(nspowner, 'USAGE') AND oid NOT IN (SELECT extnamespace FROM pg_extension)"},
    {"removing the workbench", "SELECT NULL, 'DROP SCHEMA _headgate CASCADE', NULL"},
    {NULL, NULL},
};
