-- @@ threat A1
SELECT id, (SELECT count(*) FROM messages m WHERE m.campaign_id = c.id) AS n FROM campaigns c ORDER BY id;
SELECT (SELECT count(*) FROM messages);
SELECT id FROM campaigns WHERE id IN (SELECT campaign_id FROM messages WHERE status = 'failed') ORDER BY id;
SELECT id FROM campaigns WHERE id NOT IN (SELECT campaign_id FROM messages WHERE campaign_id IS NOT NULL AND status = 'failed') ORDER BY id;
SELECT id FROM campaigns WHERE id = ANY (SELECT campaign_id FROM messages) ORDER BY id;
SELECT id FROM campaigns WHERE id <> ALL (SELECT campaign_id FROM messages WHERE campaign_id IS NOT NULL) ORDER BY id;
SELECT id FROM campaigns WHERE budget > SOME (SELECT budget FROM campaigns) ORDER BY id;
SELECT id FROM campaigns c WHERE EXISTS (SELECT FROM messages WHERE campaign_id = c.id AND urgent) ORDER BY id;
SELECT id FROM campaigns WHERE (channel_id, status) IN (SELECT channel_id, 'active' FROM messages) ORDER BY id;
SELECT id FROM campaigns WHERE (channel_id, id) = (SELECT channel_id, max(id) FROM campaigns GROUP BY channel_id ORDER BY 1 LIMIT 1) ORDER BY id;
SELECT ARRAY(SELECT id FROM campaigns ORDER BY id);
SELECT ARRAY(SELECT DISTINCT tenant_id FROM contacts);
SELECT id, ARRAY(SELECT m.id FROM messages m WHERE m.campaign_id = c.id ORDER BY 1) FROM campaigns c ORDER BY id;
SELECT id FROM campaigns ORDER BY (SELECT count(*) FROM messages m WHERE m.campaign_id = campaigns.id), id;
SELECT (SELECT max(id) FROM messages) - id AS d FROM campaigns GROUP BY id, (SELECT 1) ORDER BY d;
SELECT channel_id, count(*) FROM campaigns GROUP BY channel_id HAVING count(*) >= (SELECT min(n) FROM (SELECT count(*) AS n FROM campaigns GROUP BY channel_id) x) ORDER BY 1;
SELECT CASE WHEN EXISTS (SELECT 1 FROM messages WHERE status = 'bounced') THEN 'yes' ELSE 'no' END;
SELECT coalesce((SELECT name FROM campaigns WHERE id = 7700001), 'not mine');
SELECT coalesce((SELECT name FROM campaigns WHERE id = 5500001), 'not mine');
SELECT sum(cost) FILTER (WHERE campaign_id IN (SELECT id FROM campaigns WHERE status = 'active')) FROM messages;
SELECT x.n FROM (SELECT count(*) AS n FROM (SELECT DISTINCT contact_no FROM messages) y) x;
SELECT * FROM (SELECT id, name FROM campaigns) AS s(a, b) ORDER BY a;
SELECT s.* FROM (SELECT * FROM campaigns) s ORDER BY id;
SELECT a.id FROM (SELECT campaigns.id FROM campaigns) a WHERE a.id IN (SELECT b.id FROM (SELECT * FROM campaigns) b) ORDER BY 1;
VALUES ((SELECT count(*) FROM messages), (SELECT min(name) FROM campaigns));
SELECT * FROM (VALUES ((SELECT count(*) FROM messages)), (0)) v(n) ORDER BY n;
SELECT greatest((SELECT max(id) FROM campaigns), 0), least((SELECT min(id) FROM campaigns), 99999999);
SELECT g FROM generate_series(1, 1000) g LIMIT (SELECT count(*) FROM messages);
SELECT g FROM generate_series(1, 200) g OFFSET (SELECT count(*) FROM messages);
SELECT g FROM generate_series(1, (SELECT count(*) FROM campaigns)) g;
SELECT id, row_number() OVER (ORDER BY (SELECT count(*) FROM messages m WHERE m.campaign_id = c.id), id) FROM campaigns c ORDER BY id;
SELECT id FROM messages m WHERE EXISTS (SELECT 1 FROM campaigns c WHERE c.id = m.campaign_id AND EXISTS (SELECT 1 FROM channels h WHERE h.id = c.channel_id AND h.name = 'sms')) ORDER BY id;
SELECT (SELECT (SELECT (SELECT count(*) FROM events)));
SELECT string_agg(x, ',') FROM (SELECT name || '/' || (SELECT count(*) FROM messages WHERE campaign_id = campaigns.id) AS x FROM campaigns ORDER BY id) y;
SELECT (SELECT ROW(id, name) FROM campaigns ORDER BY id LIMIT 1);
SELECT id IN (SELECT campaign_id FROM messages) AS used FROM campaigns ORDER BY id;
SELECT 5500001 IN (SELECT id FROM campaigns), 7700001 IN (SELECT id FROM campaigns);
SELECT NOT EXISTS (SELECT 1 FROM campaigns WHERE name LIKE 'INTC%');
-- outer column where the inner table has none of the name
SELECT id FROM campaigns WHERE EXISTS (SELECT 1 FROM channels WHERE budget > 3000 AND channels.id = channel_id) ORDER BY id;
-- @ error 21000
SELECT (SELECT id FROM campaigns);
-- @ error 42601
SELECT (SELECT id, name FROM campaigns LIMIT 1);
