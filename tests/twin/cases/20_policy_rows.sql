-- The role `regional`: some rows of each table only, against a private database that has no others.
-- @@ user acme_east
SELECT * FROM campaigns ORDER BY id;
SELECT * FROM contacts ORDER BY contact_no;
SELECT count(*), sum(cost), min(status), max(status) FROM messages;
SELECT id, ip, score FROM events ORDER BY id;
SELECT * FROM channels ORDER BY id;
SELECT * FROM audit ORDER BY id;
SELECT * FROM "Mixed Case" ORDER BY 1;
SELECT count(*), sum(spend) FROM materialized.daily_metrics;
TABLE campaigns;
SELECT count(*) FROM ONLY messages;
-- joins see rows that meet the conditions of both sides only
SELECT c.id, c.name, h.name FROM campaigns c LEFT JOIN channels h ON h.id = c.channel_id ORDER BY c.id;
SELECT h.name, count(c.id) FROM channels h LEFT JOIN campaigns c ON h.id = c.channel_id GROUP BY h.name ORDER BY 1;
SELECT m.id, c.full_name FROM messages m JOIN contacts c USING (contact_no) ORDER BY m.id, c.full_name;
SELECT m.id FROM messages m FULL JOIN events e ON e.message_id = m.id WHERE e.id IS NULL ORDER BY 1;
SELECT a.contact_no, b.contact_no FROM contacts a JOIN contacts b USING (phone) ORDER BY 1, 2;
SELECT x.n FROM channels h, LATERAL (SELECT count(*) AS n FROM campaigns c WHERE c.channel_id = h.id) AS x ORDER BY 1;
-- nothing written around a table widens it
SELECT count(*) FROM campaigns WHERE status = 'paused' OR true;
SELECT count(*) FROM campaigns WHERE status IS NULL OR status <> 'active';
SELECT count(*) FROM contacts WHERE country = 'US';
SELECT EXISTS (SELECT 1 FROM campaigns WHERE status = 'done'), (SELECT max(status) FROM campaigns);
SELECT status, count(*) FROM campaigns GROUP BY status ORDER BY 1;
SELECT status, channel_id, count(*) FROM campaigns GROUP BY GROUPING SETS ((status), (channel_id), ()) ORDER BY 1, 2, 3;
SELECT country, count(*) FROM contacts GROUP BY ROLLUP (country) ORDER BY 1;
SELECT id FROM campaigns UNION SELECT id FROM messages ORDER BY 1;
SELECT id FROM campaigns EXCEPT SELECT campaign_id FROM messages ORDER BY 1;
WITH RECURSIVE up AS (SELECT id, parent_id FROM campaigns UNION SELECT c.id, c.parent_id FROM campaigns c JOIN up ON up.parent_id = c.id) SELECT * FROM up ORDER BY 1;
SELECT id, rank() OVER (ORDER BY budget) FROM campaigns ORDER BY id;
SELECT c FROM campaigns c ORDER BY id;
SELECT (c).status, (c).channel_id FROM campaigns c ORDER BY (c).id;
SELECT row_to_json(c) FROM contacts c ORDER BY contact_no;
SELECT array_agg(status), string_agg(DISTINCT status, ',') FROM campaigns;
-- @ params 5500004
-- @ types 20
SELECT id, status FROM campaigns WHERE id = $1;
-- conditions of the client fail on rows that the role does not see, and on no other
SELECT id FROM campaigns WHERE 1 / (CASE status WHEN 'active' THEN 1 ELSE 0 END) = 1 ORDER BY id;
SELECT count(*) FROM campaigns WHERE 10 / (4 - channel_id) > 0;
SELECT count(*) FROM campaigns WHERE (CASE WHEN channel_id = 4 THEN 'x' ELSE '1' END)::integer = 1;
SELECT count(*) FROM campaigns WHERE replace(status, 'active', 'true')::boolean;
SELECT count(*) FROM messages WHERE 1 / (segments - 1) > 0;
SELECT count(*) FROM messages WHERE (CASE WHEN status = 'bounced' THEN '?' ELSE '5' END)::integer = 5;
SELECT count(*) FROM messages WHERE status::text ~ replace(status::text, 'bounced', '(');
SELECT count(*) FROM contacts WHERE replace(replace(country::text, 'DE', '1'), 'FR', '2')::integer > 0;
SELECT count(*) FROM contacts WHERE 'x' ~ replace(country::text, 'US', '(');
SELECT count(*) FROM channels WHERE 1 / (4 - id) >= 0;
SELECT count(*) FROM channels WHERE (CASE id WHEN 4 THEN 'x' ELSE '4' END)::smallint = 4;
SELECT count(*) FROM audit WHERE (CASE WHEN actor = 'acme-actor-1' THEN 'x' ELSE '1' END)::integer = 1;
SELECT count(*) FROM "Mixed Case" WHERE 1 / ("Draft No" - 3) >= -1;
SELECT count(*) FROM materialized.daily_metrics WHERE 1 / (CASE WHEN spend > 12 THEN 1 ELSE 0 END) = 1;
SELECT count(*) FROM events WHERE (CASE WHEN right(host(ip), 1) < '5' THEN '1' ELSE 'x' END)::integer = 1;
SELECT c.id FROM campaigns c JOIN channels h ON h.id = c.channel_id AND 1 / (CASE c.status WHEN 'active' THEN 1 ELSE 0 END) = 1 ORDER BY 1;
SELECT status FROM campaigns GROUP BY status HAVING 1 / (CASE status WHEN 'active' THEN 1 ELSE 0 END) = 1;
SELECT x.one FROM (SELECT 1 / (CASE status WHEN 'active' THEN 1 ELSE 0 END) AS one, id FROM campaigns) AS x WHERE x.one = 1 ORDER BY x.id;
SELECT count(*) FILTER (WHERE 1 / (CASE status WHEN 'active' THEN 1 ELSE 0 END) = 1) FROM campaigns;
SELECT 1 / (CASE status WHEN 'active' THEN 1 ELSE 0 END) FROM campaigns ORDER BY 1;
-- and those that fail on rows that it sees fail here, too
-- @ error 22012
SELECT count(*) FROM campaigns WHERE 1 / (CASE status WHEN 'active' THEN 0 ELSE 1 END) = 1;
-- @ error 22P02
SELECT count(*) FROM contacts WHERE country::text::integer = 1;
-- the mask cannot be undone beside a condition on the column behind it
SELECT phone, count(*) FROM contacts GROUP BY phone ORDER BY phone;
SELECT contact_no FROM contacts WHERE phone LIKE '+49%' ORDER BY 1;
SELECT contact_no FROM contacts WHERE phone > '***1' ORDER BY phone, contact_no;
-- @ error 42703
SELECT email FROM contacts;
