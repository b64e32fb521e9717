-- What of pg_catalog and information_schema may be read, on the catalog backend: one line of allow_relations.def for each
-- of their tables and views in PostgreSQL 15. Run by tests/lint/allow_lists.py, which also proves that every replacement
-- gives the same row type as the original.
--
-- The catalog backend is a real PostgreSQL: its database holds the logical schema as empty tables, in a cluster that may
-- hold other databases and roles, and one service account works there for everybody. So a relation is
--   as it is   when it describes this database alone. Owners are OIDs there.
--   rights     likewise, but for an access control list, which names roles. Where a statement reads that (access_list.h), it gets
--              the list changed: for tables of the logical schema it says what the policy gives the client's role, and others are
--              shown if they name nobody but PUBLIC and roles that every PostgreSQL has
--   columns    read with some columns changed, and only the rows that a condition leaves
--   counters   statistics, all zero, as after pg_stat_reset(): the true ones count what others ask about the schema
--   named      read as it is, but that the database has the name that clients know: a role's own catalog has another one.
--              So it is in all of information_schema's columns `catalog_name` and `…_catalog`
--   empty      what a private database of this schema has none of
--   denied     all others: passwords, files, the server's insides, other sessions, statistics that quote values, and what PostgreSQL
--              itself lets no ordinary role read
-- A change is written `column = expression`; $user, $database and $pid stand for literals: the client's user name, its
-- database, and the process id that it was told. $unread, $inserts, $updates and $deletes are arrays of tables as text: those that the
-- client's role may not read, and those to which it may add rows, and so on. $role is who owns and grants in an access control list. $settings is the list of the settings whose true value the catalog server may show. Nothing in a
-- replacement is rewritten again: current_user is the service account there.
WITH decision (schema, names, how, source, changes) AS (VALUES
  ('pg_catalog', 'pg_aggregate pg_am pg_amop pg_amproc pg_attrdef pg_available_extensions '
                 'pg_available_extension_versions pg_cast pg_collation '
                 'pg_constraint pg_conversion pg_depend pg_description pg_enum pg_event_trigger pg_extension pg_index pg_indexes '
                 'pg_inherits pg_opclass pg_operator pg_opfamily pg_partitioned_table pg_policy '
                 'pg_publication pg_publication_namespace pg_publication_rel pg_publication_tables pg_range pg_rewrite pg_rules '
                 'pg_sequence pg_statistic_ext pg_timezone_abbrevs pg_timezone_names pg_transform pg_trigger pg_ts_config '
                 'pg_ts_config_map pg_ts_dict pg_ts_parser pg_ts_template', 'as it is', NULL, NULL),
  -- Tables are the service account's and have no list of their own. Nobody takes numbers of a sequence by himself.
  ('pg_catalog', 'pg_class', 'rights', NULL,
   '{"relacl = CASE WHEN oid >= 16384 AND pg_catalog.pg_has_role(relowner, ''USAGE'') THEN CAST(CASE WHEN relkind = ''S'' THEN ''{}''
       WHEN relkind IN (''r'', ''p'', ''v'', ''m'', ''f'') THEN pg_catalog.concat(''{\"'', $role, ''='',
         CASE WHEN oid = ANY (ARRAY(SELECT pg_catalog.to_regclass(t) FROM pg_catalog.unnest(CAST($inserts AS pg_catalog.text[])) AS t)) THEN ''a'' END,
         CASE WHEN oid = ANY (ARRAY(SELECT pg_catalog.to_regclass(t) FROM pg_catalog.unnest(CAST($unread AS pg_catalog.text[])) AS t)) THEN NULL ELSE ''r'' END,
         CASE WHEN oid = ANY (ARRAY(SELECT pg_catalog.to_regclass(t) FROM pg_catalog.unnest(CAST($updates AS pg_catalog.text[])) AS t)) THEN ''w'' END,
         CASE WHEN oid = ANY (ARRAY(SELECT pg_catalog.to_regclass(t) FROM pg_catalog.unnest(CAST($deletes AS pg_catalog.text[])) AS t)) THEN ''d'' END,
         ''/'', $role, ''\"}'') END AS pg_catalog.aclitem[])
     ELSE $shown(relacl) END"}'),
  ('pg_catalog', 'pg_attribute', 'rights', NULL, '{attacl = $shown(attacl)}'),
  ('pg_catalog', 'pg_language', 'rights', NULL, '{lanacl = $shown(lanacl)}'),
  ('pg_catalog', 'pg_namespace', 'rights', NULL, '{nspacl = $shown(nspacl)}'),
  ('pg_catalog', 'pg_proc', 'rights', NULL, '{proacl = $shown(proacl)}'),
  ('pg_catalog', 'pg_type', 'rights', NULL, '{typacl = $shown(typacl)}'),
  ('pg_catalog', 'pg_tables', 'columns', NULL, '{tableowner = $user}'),
  ('pg_catalog', 'pg_views', 'columns', NULL, '{viewowner = $user}'),
  ('pg_catalog', 'pg_matviews', 'columns', NULL, '{matviewowner = $user}'),
  ('pg_catalog', 'pg_sequences', 'columns', NULL, '{sequenceowner = $user, last_value = NULL}'),
  -- The client's own database. Frozen transaction ids, because age() of the true ones tells how busy the cluster is.
  ('pg_catalog', 'pg_database', 'columns', 'FROM pg_catalog.pg_database WHERE datname = current_database()',
   '{datname = $database, "datdba = (SELECT r.oid FROM pg_catalog.pg_roles AS r WHERE r.rolname = current_user)", datconnlimit = -1,
     datfrozenxid = ''2'', datminmxid = ''1'', dattablespace = 1663, datacl = NULL}'),
  ('pg_catalog', 'pg_tablespace', 'columns', 'FROM pg_catalog.pg_tablespace WHERE oid IN (1663, 1664)',
   '{spcacl = NULL, spcoptions = NULL}'),
  -- The client and the roles that every PostgreSQL has, the first superuser under its usual name.
  ('pg_catalog', 'pg_roles', 'columns',
   'FROM pg_catalog.pg_roles WHERE rolname = current_user OR oid = 10 OR rolname ~ ''^pg_'' AND oid < 16384',
   '{"rolname = CASE WHEN rolname = current_user THEN $user WHEN oid = 10 THEN ''postgres'' ELSE rolname END",
     rolsuper = oid = 10, rolinherit = true, rolcreaterole = oid = 10, rolcreatedb = oid = 10,
     rolcanlogin = rolname = current_user OR oid = 10, rolreplication = oid = 10, rolconnlimit = -1, rolvaliduntil = NULL,
     rolbypassrls = oid = 10, rolconfig = NULL}'),
  ('pg_catalog', 'pg_user', 'columns', 'FROM pg_catalog.pg_user WHERE usename = current_user',
   '{usename = $user, usecreatedb = false, usesuper = false, userepl = false, usebypassrls = false, valuntil = NULL, useconfig = NULL}'),
  -- The session tells what it knows, and what a PostgreSQL shows that was just installed (sights.c of the sessions): texts as SHOW
  -- writes them, out of which numbers in the setting's own unit are made here. Of the few others, $settings, the server's own values
  -- are shown. Settings of which neither is known do not exist.
  ('pg_catalog', 'pg_settings', 'columns',
   'FROM pg_catalog.pg_settings AS p,
      (SELECT CAST(pg_catalog.current_setting(''headgate.settings'', true) AS pg_catalog.jsonb) AS settings OFFSET 0) AS t,
      LATERAL (SELECT pg_catalog.array_agg(CASE
        WHEN e.i > 2 OR p.unit IS NULL OR e.v !~ ''[A-Za-z]$'' THEN e.v
        WHEN p.unit IN (''us'', ''ms'', ''s'', ''min'', ''h'', ''d'') THEN CAST(CAST(EXTRACT(epoch FROM CAST(e.v AS pg_catalog.interval)) /
          EXTRACT(epoch FROM CAST(pg_catalog.concat(1, p.unit) AS pg_catalog.interval)) AS pg_catalog.float8) AS pg_catalog.text)
        ELSE CAST(pg_catalog.pg_size_bytes(pg_catalog.regexp_replace(e.v, ''([0-9])B$'', ''\1'')) / pg_catalog.pg_size_bytes(CASE p.unit
          WHEN ''B'' THEN ''1'' WHEN ''8kB'' THEN ''8kB'' ELSE pg_catalog.concat(1, p.unit) END) AS pg_catalog.text) END ORDER BY e.i) AS told
      FROM pg_catalog.jsonb_array_elements_text(t.settings -> pg_catalog.lower(p.name)) WITH ORDINALITY AS e(v, i)) AS r
    WHERE r.told IS NOT NULL OR p.name IN ($settings)',
   '{"setting = COALESCE(r.told[1], p.setting)", "reset_val = COALESCE(r.told[2], p.reset_val)",
     "source = CASE WHEN r.told[3] <> ''default'' THEN r.told[3] WHEN p.name IN (''DateStyle'', ''TimeZone'', ''default_text_search_config'',
       ''dynamic_shared_memory_type'', ''lc_messages'', ''lc_monetary'', ''lc_numeric'', ''lc_time'', ''log_timezone'', ''max_connections'', ''max_wal_size'',
       ''min_wal_size'', ''shared_buffers'') THEN ''configuration file'' WHEN p.name ~ ''^transaction_'' THEN ''override'' ELSE ''default'' END",
     sourcefile = NULL, sourceline = NULL, pending_restart = false}'),
  -- Those of the session, likewise told.
  ('pg_catalog', 'pg_prepared_statements', 'columns',
   'FROM pg_catalog.pg_roles AS r, pg_catalog.json_to_recordset(CAST(pg_catalog.current_setting(''headgate.statements'', true) AS pg_catalog.json)) AS s(name pg_catalog.text,
    statement pg_catalog.text, made pg_catalog.int8, types pg_catalog.text, by_sql pg_catalog.bool) WHERE r.rolname = current_user',
   '{name = s.name, statement = s.statement, "prepare_time = pg_catalog.to_timestamp(s.made / 1000000.0)",
     "parameter_types = CAST(CAST(s.types AS pg_catalog.oid[]) AS pg_catalog.regtype[])", from_sql = s.by_sql,
     generic_plans = 0, custom_plans = 0}'),
  -- Statistics of shared relations hold names of databases and roles; those of the logical schema's tables are empty.
  ('pg_catalog', 'pg_stats', 'columns', 'FROM pg_catalog.pg_stats WHERE schemaname <> ''pg_catalog''', '{}'),
  -- The sessions of the client's own user, which are told to this server before it is asked (carry.c of the sessions). What an
  -- earlier session was told is nobody else's to see.
  ('pg_catalog', 'pg_stat_activity', 'columns',
   'FROM pg_catalog.pg_roles AS r, pg_catalog.json_to_recordset(CAST(COALESCE(NULLIF(pg_catalog.current_setting(''headgate.sessions'', true), ''''),
    ''[]'') AS pg_catalog.json)) AS s(pid pg_catalog.int4, usename pg_catalog.text, application_name pg_catalog.text, client_addr pg_catalog.inet,
    client_port pg_catalog.int4, backend_start pg_catalog.timestamptz, xact_start pg_catalog.timestamptz, query_start pg_catalog.timestamptz,
    state_change pg_catalog.timestamptz, state pg_catalog.text, query pg_catalog.text) WHERE r.rolname = current_user AND s.usename = $user',
   '{"datid = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = current_database())", datname = $database, pid = s.pid,
     leader_pid = NULL, usesysid = r.oid, usename = $user, application_name = s.application_name, client_addr = s.client_addr,
     client_hostname = NULL, client_port = s.client_port, backend_start = s.backend_start, xact_start = s.xact_start,
     query_start = s.query_start, state_change = s.state_change, wait_event_type = NULL, wait_event = NULL, state = s.state,
     backend_xid = NULL, backend_xmin = NULL, query_id = NULL, query = s.query, backend_type = ''client backend''}'),
  ('pg_catalog', 'pg_stat_gssapi', 'columns', '',
   '{pid = $pid, gss_authenticated = false, principal = NULL, encrypted = false}'),
  -- The client's own database, as if it had just been made.
  ('pg_catalog', 'pg_stat_database', 'columns', 'FROM pg_catalog.pg_database WHERE datname = current_database()',
   '{datid = oid, datname = $database, numbackends = 1, xact_commit = 0, xact_rollback = 0, blks_read = 0, blks_hit = 0, tup_returned = 0,
     tup_fetched = 0, tup_inserted = 0, tup_updated = 0, tup_deleted = 0, conflicts = 0, temp_files = 0, temp_bytes = 0, deadlocks = 0,
     checksum_failures = NULL, checksum_last_failure = NULL, blk_read_time = 0, blk_write_time = 0, session_time = 0, active_time = 0,
     idle_in_transaction_time = 0, sessions = 0, sessions_abandoned = 0, sessions_fatal = 0, sessions_killed = 0, stats_reset = NULL}'),
  ('pg_catalog', 'pg_stat_database_conflicts', 'columns', 'FROM pg_catalog.pg_database WHERE datname = current_database()',
   '{datid = oid, datname = $database, confl_tablespace = 0, confl_lock = 0, confl_snapshot = 0, confl_bufferpin = 0, confl_deadlock = 0}'),
  ('pg_catalog', 'pg_stat_all_indexes pg_stat_all_tables pg_stat_sys_indexes pg_stat_sys_tables pg_stat_user_indexes pg_stat_user_tables '
                 'pg_statio_all_indexes pg_statio_all_sequences pg_statio_all_tables pg_statio_sys_indexes pg_statio_sys_sequences '
                 'pg_statio_sys_tables pg_statio_user_indexes pg_statio_user_sequences pg_statio_user_tables pg_stat_xact_all_tables '
                 'pg_stat_xact_sys_tables pg_stat_xact_user_tables', 'counters', NULL, NULL),
  ('pg_catalog', 'pg_auth_members pg_db_role_setting pg_parameter_acl pg_default_acl pg_foreign_data_wrapper pg_foreign_server pg_foreign_table pg_group '
                 'pg_largeobject_metadata pg_locks pg_policies pg_prepared_xacts pg_replication_slots pg_seclabel pg_seclabels pg_shdescription pg_shseclabel '
                 'pg_stat_progress_analyze pg_stat_progress_basebackup pg_stat_progress_cluster pg_stat_progress_copy '
                 'pg_stat_progress_create_index pg_stat_progress_vacuum pg_stat_replication pg_stat_replication_slots pg_stat_subscription '
                 'pg_stat_subscription_stats pg_stat_user_functions pg_stat_wal_receiver pg_stat_xact_user_functions pg_stats_ext pg_user_mappings',
   'empty', NULL, NULL),
  ('pg_catalog', 'pg_subscription', 'columns', 'FROM pg_catalog.pg_subscription WHERE false', '{subconninfo = NULL}'),

  ('information_schema', 'attributes character_sets check_constraint_routine_usage check_constraints '
                         'collation_character_set_applicability collations column_column_usage column_domain_usage column_options '
                         'column_udt_usage columns constraint_column_usage constraint_table_usage data_type_privileges '
                         'domain_constraints domain_udt_usage domains element_types foreign_tables information_schema_catalog_name '
                         'key_column_usage parameters referential_constraints routine_column_usage routine_routine_usage '
                         'routine_sequence_usage routine_table_usage routines sequences sql_features sql_implementation_info '
                         'sql_sizing table_constraints tables triggered_update_columns triggers '
                         'user_defined_types view_column_usage view_routine_usage view_table_usage views', 'named', NULL, NULL),
  ('information_schema', 'schemata', 'columns', NULL, '{schema_owner = $user}'),
  ('information_schema', 'enabled_roles', 'columns', '', '{role_name = $user}'),
  -- What was granted to the client's user, who passes nothing on; the service account owns the tables and may do all with them.
  ('information_schema', 'column_privileges role_column_grants role_table_grants table_privileges', 'columns',
   'FROM information_schema.$relation WHERE grantee = ''PUBLIC'' OR grantee = current_user AND CASE privilege_type
      WHEN ''SELECT'' THEN pg_catalog.to_regclass(pg_catalog.format(''%I.%I'', table_schema, table_name))
        <> ALL (ARRAY(SELECT pg_catalog.to_regclass(t) FROM pg_catalog.unnest(CAST($unread AS pg_catalog.text[])) AS t))
      WHEN ''INSERT'' THEN pg_catalog.to_regclass(pg_catalog.format(''%I.%I'', table_schema, table_name))
        = ANY (ARRAY(SELECT pg_catalog.to_regclass(t) FROM pg_catalog.unnest(CAST($inserts AS pg_catalog.text[])) AS t))
      WHEN ''UPDATE'' THEN pg_catalog.to_regclass(pg_catalog.format(''%I.%I'', table_schema, table_name))
        = ANY (ARRAY(SELECT pg_catalog.to_regclass(t) FROM pg_catalog.unnest(CAST($updates AS pg_catalog.text[])) AS t))
      WHEN ''DELETE'' THEN pg_catalog.to_regclass(pg_catalog.format(''%I.%I'', table_schema, table_name))
        = ANY (ARRAY(SELECT pg_catalog.to_regclass(t) FROM pg_catalog.unnest(CAST($deletes AS pg_catalog.text[])) AS t))
      END',
   '{"grantor = CASE grantor WHEN current_user THEN $user ELSE ''postgres'' END",
     "grantee = CASE grantee WHEN ''PUBLIC'' THEN ''PUBLIC'' ELSE $user END", "is_grantable = ''NO''"}'),
  ('information_schema', 'role_usage_grants usage_privileges', 'columns',
   'FROM information_schema.$relation WHERE grantee = ''PUBLIC'' OR grantee = current_user AND object_type <> ''SEQUENCE''',
   '{"grantor = CASE grantor WHEN current_user THEN $user ELSE ''postgres'' END",
     "grantee = CASE grantee WHEN ''PUBLIC'' THEN ''PUBLIC'' ELSE $user END", "is_grantable = ''NO''"}'),
  ('information_schema', 'role_routine_grants role_udt_grants routine_privileges udt_privileges', 'columns',
   'FROM information_schema.$relation WHERE grantee IN (''PUBLIC'', current_user)',
   '{"grantor = CASE grantor WHEN current_user THEN $user ELSE ''postgres'' END",
     "grantee = CASE grantee WHEN ''PUBLIC'' THEN ''PUBLIC'' ELSE $user END", "is_grantable = ''NO''"}'),
  ('information_schema', 'administrable_role_authorizations applicable_roles foreign_data_wrapper_options foreign_data_wrappers '
                         'foreign_server_options foreign_servers foreign_table_options user_mapping_options user_mappings',
   'empty', NULL, NULL)
),
decided AS (
  SELECT schema, name, how, regexp_replace(replace(source, '$relation', name), '\s+', ' ', 'g') AS source,
         (SELECT jsonb_object_agg(trim(split_part(change, '=', 1)),
                   regexp_replace(regexp_replace(substr(change, strpos(change, '=') + 1), '\s+', ' ', 'g'), '\$shown\((\w+)\)',
                     'CASE WHEN CAST(\1 AS pg_catalog.text) ~ ''^[{]((postgres|pg_[a-z_]+)?=[a-zA-Z*]*/(postgres|pg_[a-z_]+),?)*[}]$'' THEN \1 END'))
          FROM unnest(changes::text[]) AS change) AS changes
  FROM decision, unnest(regexp_split_to_array(trim(names), '\s+')) AS name
),
relation AS (
  SELECT c.oid, n.nspname::text AS schema, c.relname::text AS name, coalesce(d.how, 'denied') AS how, d.source, d.changes
  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
       LEFT JOIN decided AS d ON d.schema = n.nspname AND d.name = c.relname
  WHERE n.nspname IN ('pg_catalog', 'information_schema') AND c.relkind IN ('r', 'v')
),
columns AS (
  SELECT r.oid, string_agg(
           CASE WHEN r.changes ? a.attname
                THEN format('CAST(%s AS %I.%I%s) AS %I', trim(r.changes ->> a.attname), tn.nspname, coalesce(e.typname, t.typname),
                            CASE WHEN e.oid IS NULL THEN '' ELSE '[]' END, a.attname)
                WHEN r.how = 'counters' AND t.typname = 'int8' THEN format('%I * 0 AS %I', a.attname, a.attname)
                WHEN r.how = 'counters' AND t.typname = 'timestamptz' THEN format('CAST(NULL AS pg_catalog.timestamptz) AS %I', a.attname)
                WHEN n.nspname = 'information_schema' AND r.how <> 'empty' AND a.attname ~ '(^catalog_name|_catalog)$'
                THEN format('CAST(CASE WHEN %I IS NOT NULL THEN $database END AS information_schema.sql_identifier) AS %I', a.attname, a.attname)
                ELSE quote_ident(a.attname) END, ', ' ORDER BY a.attnum) AS list
  FROM relation AS r JOIN pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0
       JOIN pg_namespace AS n ON n.nspname = r.schema
       JOIN pg_type AS t ON t.oid = a.atttypid
       LEFT JOIN pg_type AS e ON e.oid = t.typelem AND t.typcategory = 'A' AND t.typlen = -1 AND t.typname ~ '^_'
       JOIN pg_namespace AS tn ON tn.oid = coalesce(e.typnamespace, t.typnamespace)
  GROUP BY r.oid
),
replaced AS (
  SELECT r.schema, r.name, r.how,
         CASE r.how
           WHEN 'empty' THEN format('SELECT %s FROM %I.%I WHERE false', c.list, r.schema, r.name)
           WHEN 'named' THEN CASE WHEN strpos(c.list, '$database') > 0 THEN format('SELECT %s FROM %I.%I', c.list, r.schema, r.name) END
           WHEN 'counters' THEN format('SELECT %s FROM %I.%I', c.list, r.schema, r.name)
           WHEN 'rights' THEN format('SELECT %s$system FROM %I.%I', c.list, r.schema, r.name)
           WHEN 'columns' THEN trim(format('SELECT %s %s', c.list, coalesce(r.source, format('FROM %I.%I', r.schema, r.name))))
         END AS sql
  FROM relation AS r JOIN columns AS c ON c.oid = r.oid
)
SELECT line FROM (
  SELECT schema, name,
         CASE WHEN how = 'denied' THEN format('HG_RELATION("%s", "%s", false, NULL)', schema, name)
                  WHEN sql IS NULL THEN format('HG_RELATION("%s", "%s", true, NULL)', schema, name)
                  ELSE format(CASE how WHEN 'rights' THEN 'HG_RIGHTS("%s", "%s", "%s")' ELSE 'HG_RELATION("%s", "%s", true, "%s")' END, schema, name,
                              replace(replace(replace(sql, '\', '\\'), '"', '\"'), '$settings', '" HG_SERVER_SETTINGS "'))
         END AS line
  FROM replaced
  UNION ALL
  SELECT schema, name, format('#error "%s.%s does not exist"', schema, name)
  FROM decided AS d WHERE NOT EXISTS (SELECT FROM relation AS r WHERE r.schema = d.schema AND r.name = d.name)
) AS lines ORDER BY schema COLLATE "C", name COLLATE "C";
