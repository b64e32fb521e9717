-- What a private database would do and Headgate refuses, each with its SQLSTATE.
-- @ refused 42501
-- statements of other kinds that succeed on the private database
CREATE TEMP TABLE scratch (a int) ON COMMIT DROP;
-- @ refused 0A000
DO $$ BEGIN NULL; END $$;
-- @ refused 0A000
LISTEN something;
UNLISTEN *;
-- @ refused 0A000
NOTIFY something;
SELECT set_config('timezone', 'UTC', false);
-- @ refused 42501
SELECT pg_sleep(0);
-- @ refused 42501
SELECT query_to_xml('SELECT 1', true, true, '');
SELECT pg_advisory_unlock_all();
SELECT txid_current() > 0;
SELECT pg_relation_size('campaigns') >= 0, pg_total_relation_size(NULL), pg_table_size('campaigns'::regclass) >= 0, pg_database_size(current_database()) >= 0;
SELECT pg_typeof(pg_relation_size('campaigns')), pg_typeof(pg_tablespace_location(1663));
-- @ refused 0A000
SELECT ctid FROM campaigns;
-- @ refused 0A000
SELECT c.xmin, c.tableoid FROM campaigns c;
-- what pg_typeof answers can be compared with names: it would tell which types exist in the shared database
-- @ refused 0A000
SELECT pg_typeof(id) FROM campaigns LIMIT 1;
-- @ refused 0A000
SELECT 'campaigns'::regclass, count(*) FROM campaigns;
-- @ refused 0A000
SELECT relname, count(*) FROM pg_class, campaigns GROUP BY relname;
-- @ user acme_bi,globex_bi
-- @ refused 42501
SELECT id FROM campaigns FOR UPDATE;
-- @ refused 0A000
SELECT null::campaigns;
-- @ refused 0A000
EXPLAIN ANALYZE SELECT 1;
