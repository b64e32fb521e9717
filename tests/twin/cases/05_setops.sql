-- @@ threat A8
SELECT id FROM campaigns UNION SELECT campaign_id FROM messages ORDER BY 1;
SELECT id FROM campaigns UNION ALL SELECT id FROM campaigns ORDER BY 1;
SELECT id FROM campaigns INTERSECT SELECT campaign_id FROM messages ORDER BY 1;
SELECT id FROM campaigns EXCEPT SELECT campaign_id FROM messages WHERE status = 'failed' ORDER BY 1;
SELECT channel_id FROM campaigns INTERSECT ALL SELECT channel_id FROM messages ORDER BY 1;
SELECT channel_id FROM messages EXCEPT ALL SELECT channel_id FROM campaigns ORDER BY 1;
SELECT 1 UNION SELECT 2 EXCEPT SELECT 1 ORDER BY 1;
SELECT 1 UNION (SELECT 2 EXCEPT SELECT 2) ORDER BY 1;
(SELECT id FROM campaigns ORDER BY id LIMIT 2) UNION ALL (SELECT id FROM campaigns ORDER BY id DESC LIMIT 2) ORDER BY 1;
SELECT 'campaign' AS kind, count(*) FROM campaigns UNION ALL SELECT 'message', count(*) FROM messages UNION ALL SELECT 'event', count(*) FROM events ORDER BY 1;
SELECT * FROM (SELECT id FROM campaigns UNION SELECT id FROM messages) u ORDER BY id LIMIT 5;
SELECT tenant_id FROM contacts UNION SELECT tenant_id FROM audit;
SELECT id, name FROM campaigns UNION SELECT id, name FROM channels ORDER BY id, name;
VALUES (1) UNION ALL SELECT count(*) FROM campaigns ORDER BY 1;
SELECT id FROM campaigns WHERE id IN (SELECT id FROM campaigns INTERSECT SELECT campaign_id FROM messages) ORDER BY 1;
TABLE channels UNION TABLE channels ORDER BY id;
SELECT NULL UNION SELECT 1 UNION SELECT NULL ORDER BY 1;
SELECT id AS a FROM campaigns UNION SELECT id AS b FROM messages ORDER BY a LIMIT 3;
(SELECT 1 AS x) UNION (SELECT 2) ORDER BY x DESC;
((SELECT 1) UNION ALL (SELECT 2)) INTERSECT (SELECT 2);
-- @ error 42601
SELECT id, name FROM campaigns UNION SELECT id FROM messages;
