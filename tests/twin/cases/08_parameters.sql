-- @ params 5500001
-- @ types 20
SELECT id, name FROM campaigns WHERE id = $1;
-- @ params 7700001
SELECT id, name FROM campaigns WHERE id = $1;
-- @ params active|2
SELECT id FROM campaigns WHERE status = $1 AND channel_id >= $2 ORDER BY id;
-- @ params \N
SELECT id FROM campaigns WHERE status IS NOT DISTINCT FROM $1 ORDER BY id;
-- @ params ' OR 1=1 --
SELECT id FROM campaigns WHERE status = $1;
-- @ params 3
SELECT id FROM campaigns ORDER BY id LIMIT $1;
-- @ params 2|1
SELECT id FROM campaigns ORDER BY id LIMIT $1 OFFSET $2;
-- @ params {1,3}
SELECT id FROM campaigns WHERE channel_id = ANY ($1::int[]) ORDER BY id;
-- @ params globex
SELECT count(*) FROM audit WHERE tenant_id = $1;
-- @ params 2026-01-05
SELECT count(*) FROM messages WHERE sent_at >= $1::timestamptz;
-- @ params a|b
SELECT $1::text || $2::text, $2::text, $1::text;
-- @ params 5
SELECT $1::int + 1, $1 * 2 FROM channels ORDER BY id;
-- @ params sent
SELECT count(*) FROM messages WHERE status = $1;
-- @ params x
SELECT (SELECT count(*) FROM messages WHERE subject <> $1), $1;
-- @ params 1 day
SELECT id, scheduled_for + $1::interval FROM messages ORDER BY id LIMIT 3;
-- @ params 5500003|%1%
WITH x AS (SELECT id, name FROM campaigns WHERE id > $1::bigint) SELECT * FROM x WHERE name LIKE $2 ORDER BY id;
