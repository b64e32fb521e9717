-- Statements and functions that the policy takes away from the role `limited`.
-- @@ user acme_limited
-- @ refused 42501
SELECT lower(name) FROM channels ORDER BY 1;
-- @ refused 42501
SELECT pg_catalog.lower('X');
-- @ refused 42501
SELECT (c.name).lower FROM channels c;
-- @ refused 42501
SELECT count(*) FROM channels WHERE random() < 2;
SELECT upper(name), name || 'x' FROM channels ORDER BY 1;
SELECT x.lower FROM (SELECT 1 AS lower) AS x;
-- @ refused 42501
COPY channels TO STDOUT;
-- @ refused 42501
PREPARE p AS SELECT 1;
-- @ refused 42501
UPDATE channels SET id = id WHERE false;
-- @ refused 42501
DELETE FROM channels WHERE false;
-- @ refused 42501
SELECT id FROM channels ORDER BY 1 FOR UPDATE;
-- @ refused 42501
WITH x AS (DELETE FROM channels WHERE false RETURNING id) SELECT id FROM x;
