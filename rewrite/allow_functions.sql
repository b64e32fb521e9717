-- The functions that a statement may call: one line of allow_functions.def for each name in pg_catalog and
-- information_schema of PostgreSQL 15. Run by tests/lint/allow_lists.py, after allow_types.sql.
--
-- Classes, as in allow.h:  ANY, CATALOG, IDENTITY, DENIED. All overloads of a name share the strictest one.
--
-- By rule, and only then by hand:
--   immutable functions are ANY: they read nothing but their arguments. Not so when they belong to the machinery
--   (input, output and modifier functions of types, support functions of access methods, triggers, handlers, whatever
--   takes or gives a pseudo-type that SQL cannot hold), or take or give a reg* type, whose text form reads catalogs:
--   those are DENIED.
--   stable and volatile functions are DENIED, unless a line below says otherwise: each was looked at.
--   functions of information_schema (_pg_*) are CATALOG: its views' helpers, which tools call with rows of pg_attribute.
--   names of types are functions too: type(x) and (x).type are casts. A type's name has the class of the type
--   (allow_types.sql), or of the functions of that name, whichever is stricter.
CREATE TEMP TABLE function_class AS
WITH decision (class, names, why) AS (VALUES
  -- ANY, though not immutable or not by rule
  ('ANY', 'clock_timestamp now statement_timestamp transaction_timestamp timeofday random gen_random_uuid',
   'the clock and random numbers (setseed is DENIED: it would stay on a pooled connection)'),
  ('ANY', 'age',
   'age(timestamp…). The overload age(xid) tells how far the transaction counter went: xid is no type that a statement '
   'may name (nor xid(x)), data backends give no xid columns away, and only pg_class.relfrozenxid remains'),
  ('ANY', 'date date_part date_trunc extract generate_series make_timestamptz overlaps time timestamp timestamptz timetz '
          'timezone to_char to_date to_number to_timestamp in_range',
   'stable because of TimeZone, DateStyle and lc_*, which are the client''s own or the same for all'),
  ('ANY', 'date_cmp_timestamptz date_eq_timestamptz date_ge_timestamptz date_gt_timestamptz date_le_timestamptz '
          'date_lt_timestamptz date_ne_timestamptz timestamp_cmp_timestamptz timestamp_eq_timestamptz timestamp_ge_timestamptz '
          'timestamp_gt_timestamptz timestamp_le_timestamptz timestamp_lt_timestamptz timestamp_ne_timestamptz '
          'timestamptz_cmp_date timestamptz_cmp_timestamp timestamptz_eq_date timestamptz_eq_timestamp timestamptz_ge_date '
          'timestamptz_ge_timestamp timestamptz_gt_date timestamptz_gt_timestamp timestamptz_le_date '
          'timestamptz_le_timestamp timestamptz_lt_date timestamptz_lt_timestamp timestamptz_mi_interval timestamptz_ne_date '
          'timestamptz_ne_timestamp timestamptz_pl_interval interval_pl_timestamptz ts_match_tq ts_match_tt anytextcat textanycat',
   'what operators call'),
  ('ANY', 'array_to_string concat concat_ws format quote_literal quote_nullable length money numeric convert convert_from convert_to '
          'enum_first enum_last enum_range',
   'stable because of output functions, encodings and enum labels of the argument''s own type'),
  ('ANY', 'array_to_json json_agg json_build_array json_build_object json_object_agg json_populate_record json_populate_recordset '
          'json_to_record json_to_recordset row_to_json to_json to_jsonb jsonb_agg jsonb_build_array jsonb_build_object '
          'jsonb_populate_record jsonb_populate_recordset jsonb_to_record jsonb_to_recordset jsonb_object_agg jsonb_path_exists_tz '
          'jsonb_path_match_tz jsonb_path_query_array_tz jsonb_path_query_first_tz jsonb_path_query_tz',
   'JSON: output functions and the time zone'),
  ('ANY', 'to_tsvector to_tsquery plainto_tsquery phraseto_tsquery websearch_to_tsquery ts_headline json_to_tsvector '
          'jsonb_to_tsvector',
   'text search: reads the configuration and its dictionaries, which a private database has too. On a data backend the
   rewriter demands that the configuration, if there is one, is a plain word'),
  ('ANY', 'inet_merge inet_same_family isempty range_merge bound_box',
   'documented functions that happen to be support functions too'),
  ('ANY', 'xml xml_is_well_formed',
   'stable because of xmloption. PostgreSQL''s XML parser loads no external entity, neither file nor network'),
  ('ANY', 'pg_client_encoding getdatabaseencoding pg_encoding_to_char pg_char_to_encoding pg_collation_for',
   'constants, and the collation of the argument'),

  -- CATALOG: reads the catalogs of the database that it runs in; there, the logical schema
  ('CATALOG', 'pg_advisory_unlock_all',
   'pools of clients call it when they get a connection back. Nobody can have taken such a lock; the catalog backend says so'),
  ('CATALOG', 'format_type oidvectortypes col_description obj_description aclexplode pg_typeof',
   'names by OID and comments. pg_typeof gives regtype, and what is compared with it is read as a type''s name'),
  ('CATALOG', 'pg_get_constraintdef pg_get_expr pg_get_function_arg_default pg_get_function_arguments '
              'pg_get_function_identity_arguments pg_get_function_result pg_get_function_sqlbody pg_get_functiondef '
              'pg_get_indexdef pg_get_keywords pg_get_partition_constraintdef pg_get_partkeydef pg_get_replica_identity_index '
              'pg_get_ruledef pg_get_serial_sequence pg_get_statisticsobjdef pg_get_statisticsobjdef_columns '
              'pg_get_statisticsobjdef_expressions pg_get_triggerdef pg_get_viewdef',
   'definitions of objects of this database'),
  ('CATALOG', 'pg_collation_is_visible pg_conversion_is_visible pg_function_is_visible pg_opclass_is_visible '
              'pg_operator_is_visible pg_opfamily_is_visible pg_statistics_obj_is_visible pg_table_is_visible '
              'pg_ts_config_is_visible pg_ts_dict_is_visible pg_ts_parser_is_visible pg_ts_template_is_visible pg_type_is_visible',
   'search_path, which is the client''s there'),
  ('CATALOG', 'pg_my_temp_schema pg_is_other_temp_schema pg_column_is_updatable pg_relation_is_updatable '
              'pg_relation_is_publishable pg_index_column_has_property pg_index_has_property pg_indexam_has_property '
              'pg_options_to_table pg_sequence_parameters pg_partition_ancestors pg_partition_tree pg_partition_root',
   'what drivers'' and tools'' catalog queries call'),
  ('CATALOG', 'to_regclass to_regcollation to_regnamespace to_regoper to_regoperator to_regproc to_regprocedure to_regtype regclass',
   'names to OIDs; not to_regrole: roles belong to the cluster'),
  ('CATALOG', 'get_current_ts_config ts_debug ts_lexize ts_parse ts_token_type', 'text search configurations and their parts, by name'),
  ('CATALOG', 'version pg_is_in_recovery', 'of the server that plays the private database'),

  -- IDENTITY: the rewriter puts the client's own name, database, process id … in their place (allow.c says which)
  ('IDENTITY', 'current_database current_schema current_schemas current_user session_user getpgusername pg_backend_pid '
               'pg_get_userbyid pg_has_role current_setting shobj_description has_any_column_privilege has_column_privilege '
               'has_database_privilege has_function_privilege has_language_privilege has_schema_privilege '
               'has_sequence_privilege has_table_privilege has_type_privilege',
   'tell of, or take names of, the account that works for the client'),
  ('IDENTITY', 'pg_relation_size pg_table_size pg_indexes_size pg_total_relation_size pg_database_size pg_tablespace_size '
               'pg_tablespace_location pg_stat_get_numscans',
   'tools show them beside the names of tables; real ones would tell of everybody''s rows, so they are zero and empty'),
  ('IDENTITY', 'txid_current pg_postmaster_start_time pg_conf_load_time',
   'tools note them to see what has changed since. The true ones count what others do, and tell of the server'),
  ('IDENTITY', 'inet_client_addr inet_client_port inet_server_addr inet_server_port',
   'those of the client''s connection to Headgate, not of Headgate''s to a server'),

  -- DENIED, though the rule would let them pass
  ('DENIED', 'aclcontains acldefault aclinsert aclitemeq aclremove makeaclitem hash_aclitem hash_aclitem_extended',
   'access control lists are read and shown with the names of roles, of which acldefault makes any by OID; those of relations are replaced (access_list.h)'),
  ('DENIED', 'satisfies_hash_partition pg_walfile_name pg_walfile_name_offset pg_wal_lsn_diff pg_indexam_progress_phasename '
             'postgresql_fdw_validator',
   'called immutable, but they open relations, read the timeline, or serve the machinery'),
  ('DENIED', 'pg_snapshot_xip pg_snapshot_xmax pg_snapshot_xmin pg_visible_in_snapshot txid_snapshot_xip txid_snapshot_xmax '
             'txid_snapshot_xmin txid_visible_in_snapshot xid mxid_age',
   'transaction numbers, which count what others do')
),
decided AS (
  SELECT name, class FROM decision, unnest(regexp_split_to_array(trim(names), '\s+')) AS name
),
machinery AS ( -- functions that types, access methods and aggregates are made of
  SELECT unnest(ARRAY[typinput, typoutput, typreceive, typsend, typmodin, typmodout, typanalyze, typsubscript])::oid AS oid FROM pg_type
  UNION SELECT unnest(ARRAY[aggtransfn, aggfinalfn, aggcombinefn, aggserialfn, aggdeserialfn, aggmtransfn, aggminvtransfn, aggmfinalfn])::oid
        FROM pg_aggregate
  UNION SELECT amproc FROM pg_amproc
  EXCEPT SELECT oprcode FROM pg_operator
  EXCEPT SELECT castfunc FROM pg_cast
  EXCEPT SELECT oid FROM pg_proc WHERE proname ~ '^hash'
),
overload AS (
  SELECT p.proname::text AS name, n.nspname,
         p.provolatile = 'i' AND p.oid NOT IN (SELECT oid FROM machinery)
           AND NOT EXISTS (
             SELECT FROM unnest(p.proargtypes || p.prorettype) AS used JOIN pg_type AS t ON t.oid = used
             WHERE t.typtype = 'p' AND t.typname !~ '^(_?any.*|_?record)$'
                OR t.typname ~ '^_?reg' AND t.typname <> 'regconfig'
                OR t.typname IN ('_cstring', '_aclitem', 'aclitem')) AS harmless
  FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
  WHERE n.nspname IN ('pg_catalog', 'information_schema')
),
by_function AS (
  SELECT o.nspname, o.name,
         CASE WHEN o.nspname = 'information_schema' THEN 'CATALOG'
              ELSE coalesce(min(d.class), CASE WHEN bool_and(o.harmless) THEN 'ANY' ELSE 'DENIED' END) END AS class
  FROM overload AS o LEFT JOIN decided AS d ON d.name = o.name
  GROUP BY o.nspname, o.name
),
by_type AS (
  SELECT 'pg_catalog' AS nspname, t.name, t.class FROM type_class AS t
),
strictest AS (
  SELECT nspname, name, (array_agg(class ORDER BY array_position(ARRAY['DENIED', 'IDENTITY', 'CATALOG', 'ANY'], class)))[1] AS class
  FROM (SELECT * FROM by_function UNION ALL SELECT * FROM by_type) AS both_ways
  GROUP BY nspname, name
)
SELECT nspname::text, name, class FROM strictest
UNION ALL
SELECT NULL, name, NULL FROM decided WHERE name NOT IN (SELECT name FROM overload);

SELECT line FROM (
  SELECT CASE nspname WHEN 'pg_catalog' THEN format('HG_FUNCTION("%s", %s)', name, class)
                      WHEN 'information_schema' THEN format('HG_INFORMATION_FUNCTION("%s", %s)', name, class)
                      ELSE format('#error "%s does not exist"', name) END
  FROM function_class
) AS lines (line) ORDER BY line COLLATE "C";
