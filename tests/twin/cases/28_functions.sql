-- Functions, types and relations that reach or tell more than their arguments.
-- @@ user acme_bi
-- @@ refused 42501
-- text that is run as SQL
-- @ threat A7
SELECT query_to_xml('SELECT * FROM public.campaigns', true, false, '');
-- @ threat A7
SELECT table_to_xml('campaigns', true, false, '');
-- @ threat A7
SELECT database_to_xml(true, false, '');
-- @ threat A7
SELECT schema_to_xml('public', true, false, '');
-- @ threat A7
SELECT ts_stat('SELECT to_tsvector(name) FROM public.campaigns');
-- @ threat A7
SELECT ts_rewrite('a'::tsquery, 'SELECT ''a''::tsquery, ''b''::tsquery');
-- @ threat A7
SELECT lo_create(0) > 0;
-- @ threat A7
SELECT lo_from_bytea(0, 'x') > 0;
-- @ threat A7
SELECT pg_notify('x', 'y');
-- files and the server
-- @ error 42501
-- @ threat A7
-- @ text
SELECT pg_read_file('/etc/passwd');
-- @ error 42501
-- @ threat A7
-- @ text
SELECT pg_ls_dir('.');
-- @ error 42501
-- @ threat A7
-- @ text
SELECT pg_read_binary_file('PG_VERSION');
-- @ error 42501
-- @ threat A7
-- @ text
SELECT lo_import('/etc/passwd');
-- @ threat C4
-- @ allowed
SELECT set_config('search_path', 'crm', true);
-- @ threat C4
-- @ refused 0A000
SELECT set_config('headgate.tenant', 'globex', false) FROM campaigns;
-- @ threat C5
SELECT pg_advisory_lock(1);
-- @ threat C5
SELECT pg_try_advisory_lock(1);
-- @ threat C5
SELECT pg_advisory_xact_lock(1);
-- @ threat C6
-- @ allowed
SELECT pg_cancel_backend(1);
-- @ threat C6
-- @ allowed
SELECT pg_terminate_backend(1);
-- @ threat D2 H4
SELECT pg_sleep(0);
-- @ threat D2 H4
SELECT pg_sleep_for('0');
-- @ threat D5
-- @ allowed
SELECT txid_current() > 0, txid_current() = txid_current();
-- @ threat D5
-- @ refused 0A000
SELECT txid_current() > 0 FROM campaigns;
-- @ threat D5
SELECT pg_current_xact_id()::text <> '';
-- @ threat D5
SELECT txid_current_snapshot() IS NOT NULL;
-- @ threat D5
SELECT pg_snapshot_xmax(pg_current_snapshot()) IS NOT NULL;
-- @ threat D5
SELECT pg_export_snapshot() IS NOT NULL;
-- @ threat D5
SELECT pg_current_wal_lsn() IS NOT NULL;
-- @ threat D5
-- @ allowed
SELECT pg_postmaster_start_time() < now(), pg_conf_load_time() < now();
-- @ threat D5
-- @ allowed
SELECT pg_postmaster_start_time() < now() FROM campaigns;
-- @ threat D3
SELECT pg_stat_get_live_tuples('campaigns'::regclass) >= 0;
-- @ threat D3
-- @ allowed
SELECT pg_stat_get_numscans('campaigns'::regclass) >= 0;
-- @ threat D3
SELECT pg_stat_get_activity(NULL) IS NOT NULL LIMIT 1;
-- @ threat D5
SELECT nextval('shop.items_id_seq');
-- @ threat D5
SELECT setval('shop.items_id_seq', 5);
-- @ threat D5
-- @ refused 42501
SELECT last_value FROM shop.items_id_seq;
-- @ threat C5 D5
SELECT lastval();
-- @ threat D3
-- @ allowed
SELECT * FROM pg_stats WHERE tablename = 'nothing';
-- @ threat D3
-- @ error 42501
-- @ text
SELECT count(*) FROM pg_statistic;
-- @ threat D3
-- @ allowed
SELECT schemaname, relname FROM pg_stat_user_tables ORDER BY 1, 2;
-- @ threat D3
-- @ allowed
SELECT count(*) FROM pg_locks WHERE relation = 'campaigns'::regclass;
-- @ threat D3
-- @ allowed
SELECT count(*) FROM pg_stat_database WHERE datname = current_database();
-- @ threat D3
-- @ allowed
SELECT schemaname, relname FROM pg_statio_user_tables ORDER BY 1, 2;
-- @ threat D4
-- @ error 42501
-- @ text
SELECT count(*) FROM pg_authid;
-- @ threat D4
-- @ error 42501
-- @ text
SELECT count(*) FROM pg_shadow;
-- @ threat D4
-- @ error 42501
-- @ text
SELECT count(*) FROM pg_hba_file_rules;
-- @ threat D4
-- @ error 42501
-- @ text
SELECT count(*) FROM pg_file_settings;
-- @ threat A7
-- @ allowed
SELECT oid, lomowner FROM pg_largeobject_metadata WHERE oid = 1;
-- @ threat A9
-- @ refused 42883 0A000
SELECT shop.note_change();
-- @ threat A9
-- @ error 42883
-- @ text
SELECT public.nothing(1);
-- @ threat A9
-- @ error 42883
-- @ text
SELECT crm.lower('X');
-- @ refused 0A000
-- @ threat D4 C2
SELECT 'campaigns'::regclass FROM campaigns;
-- @ refused 0A000 42602
-- @ threat D4
SELECT name::regclass FROM campaigns;
-- @ refused 0A000
-- @ threat D4
SELECT id FROM campaigns WHERE 'int4'::regtype IS NOT NULL;
-- @ refused 0A000
-- @ threat D4
SELECT id::oid::regclass FROM campaigns;
-- @ refused 0A000 42602
-- @ threat D4
SELECT to_regclass(name) FROM campaigns;
-- @ refused 0A000
-- @ threat D5
SELECT tableoid FROM campaigns;
-- @ refused 0A000
-- @ threat D5
SELECT c.ctid FROM campaigns c;
-- @ refused 0A000
-- @ threat D5
SELECT id FROM campaigns WHERE xmin::text <> '0';
-- @ refused 0A000
-- @ threat D5
SELECT (c).xmax FROM campaigns c;
-- @ refused 42883
-- @ threat D5
SELECT cmin(c) FROM campaigns c;
-- @ refused 0A000
-- @ threat A5
SELECT c::campaigns FROM campaigns c;
-- @ refused 0A000
-- @ threat A5
SELECT null::shop.customers;
-- @ refused 0A000
-- @ threat A5
SELECT jsonb_populate_record(null::campaigns, '{"id": 1}');
-- @ refused 42501 34000
-- @ threat A7
SELECT cursor_to_xml('c', 1, true, false, '');
