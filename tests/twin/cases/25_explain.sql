-- EXPLAIN: planned over the empty logical tables, so that no estimate stems from anybody's rows.
-- @@ threat D3 A6
-- the same plan needs the same statistics: these have none in either database
EXPLAIN (COSTS OFF) SELECT 1;
EXPLAIN (COSTS OFF) VALUES (1), (2);
EXPLAIN (COSTS OFF) SELECT * FROM generate_series(1, 3) g WHERE g > 1;
EXPLAIN (COSTS OFF, FORMAT json) SELECT 1;
EXPLAIN (COSTS OFF, FORMAT yaml) SELECT 1;
EXPLAIN (COSTS OFF, FORMAT xml) SELECT 1;
EXPLAIN (COSTS OFF, VERBOSE) SELECT 1 AS a, 'x' AS b;
EXPLAIN (COSTS OFF) SELECT count(*) FROM campaigns;
EXPLAIN (COSTS OFF) SELECT id FROM messages WHERE subject = 'x';
EXPLAIN (COSTS OFF) SELECT * FROM "Mixed Case";
EXPLAIN (COSTS OFF) SELECT * FROM audit WHERE tenant_id = 'initech';
EXPLAIN (COSTS OFF) DELETE FROM shop.queue;
EXPLAIN (COSTS OFF) UPDATE shop.queue SET done = true;
EXPLAIN (COSTS OFF) INSERT INTO shop.queue (job) VALUES (1);
EXPLAIN (COSTS OFF) INSERT INTO shop.queue (job) SELECT 1;
-- @ refused 0A000
EXPLAIN (COSTS OFF) DECLARE c CURSOR FOR SELECT 1;
-- @ error 42P01
EXPLAIN SELECT * FROM nothing;
-- @ error 42703
EXPLAIN SELECT tenant_id FROM campaigns;
-- @ error 42P01
EXPLAIN SELECT * FROM shop.ledger_globex;
-- @ error 42P01
EXPLAIN SELECT * FROM _materialized_daily_metrics;
-- @ error 42601
EXPLAIN EXPLAIN SELECT 1;
-- @ error 42601
EXPLAIN (NOTHING) SELECT 1;
-- @ error 42601
EXPLAIN CREATE VIEW v AS SELECT 1;
-- @ error 22023
EXPLAIN (FORMAT nothing) SELECT 1;
-- @ refused 0A000
EXPLAIN ANALYZE SELECT count(*) FROM campaigns;
-- @ refused 0A000
EXPLAIN (ANALYZE) SELECT count(*) FROM campaigns;
-- @ refused 0A000
EXPLAIN (ANALYZE true, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT count(*) FROM campaigns;
EXPLAIN (ANALYZE false, COSTS OFF) SELECT 1;
-- @ refused 0A000
EXPLAIN ANALYZE VERBOSE DELETE FROM shop.queue WHERE false;
-- @ refused 0A000
EXPLAIN (BUFFERS) SELECT 1;
-- @ refused 0A000
EXPLAIN (SETTINGS) SELECT 1;
-- @ refused 0A000 22023
EXPLAIN (WAL) SELECT 1;
-- @ refused 0A000
EXPLAIN CREATE TABLE x AS SELECT 1;
-- @ refused 0A000 26000
EXPLAIN EXECUTE nothing;
-- @ refused 42501 42601
-- @ threat D4
EXPLAIN (REWRITE) SELECT * FROM campaigns;
