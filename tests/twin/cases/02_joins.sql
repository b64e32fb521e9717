SELECT c.id, m.id FROM campaigns c JOIN messages m ON m.campaign_id = c.id ORDER BY 1, 2;
SELECT c.id, m.id FROM campaigns c INNER JOIN messages m ON m.campaign_id = c.id WHERE m.status = 'sent' ORDER BY 1, 2;
SELECT c.id, count(m.id) FROM campaigns c LEFT JOIN messages m ON m.campaign_id = c.id AND m.status = 'failed' GROUP BY c.id ORDER BY 1;
SELECT c.id, m.id FROM messages m RIGHT JOIN campaigns c ON m.campaign_id = c.id ORDER BY 1, 2;
SELECT c.id, m.id FROM messages m FULL JOIN campaigns c ON m.campaign_id = c.id ORDER BY 1 NULLS FIRST, 2 NULLS FIRST;
SELECT c.id, m.id FROM messages m FULL OUTER JOIN campaigns c ON m.campaign_id = c.id AND c.status = 'active' ORDER BY 1 NULLS LAST, 2 NULLS LAST;
-- the predicate must not turn the nullable side's rows into missing ones
SELECT m.id, c.name FROM messages m LEFT JOIN campaigns c ON c.id = m.campaign_id WHERE m.campaign_id IS NULL ORDER BY 1;
SELECT count(*) FROM campaigns CROSS JOIN channels;
SELECT count(*) FROM campaigns, messages;
SELECT a.id, b.id FROM campaigns a, campaigns b WHERE a.parent_id = b.id ORDER BY 1, 2;
SELECT a.id, b.id FROM campaigns a JOIN campaigns b ON a.parent_id = b.id OR true ORDER BY 1, 2;
SELECT * FROM contacts JOIN audit USING (tenant_id) ORDER BY contact_no, id;
SELECT tenant_id, count(*) FROM contacts JOIN audit USING (tenant_id) GROUP BY tenant_id;
SELECT contact_no, full_name, owner FROM public.contacts JOIN crm.contacts USING (contact_no) ORDER BY 1;
SELECT contact_no, count(*) FROM contacts LEFT JOIN messages USING (contact_no) GROUP BY contact_no ORDER BY 1;
SELECT * FROM public.contacts NATURAL JOIN crm.contacts AS r ORDER BY contact_no;
SELECT contact_no, j.contact_no FROM public.contacts JOIN crm.contacts r USING (contact_no) AS j ORDER BY 1;
SELECT * FROM contacts NATURAL JOIN audit ORDER BY contact_no, id;
SELECT * FROM channels NATURAL LEFT JOIN (SELECT id, status FROM campaigns) c ORDER BY id;
SELECT * FROM crm.contacts NATURAL FULL JOIN (SELECT contact_no, count(*) AS n FROM messages GROUP BY 1) x ORDER BY contact_no;
-- the same table name from two schemas in one FROM
SELECT public.contacts.full_name, crm.contacts.owner FROM public.contacts, crm.contacts WHERE public.contacts.contact_no = crm.contacts.contact_no ORDER BY 1;
SELECT public.contacts.contact_no, crm.contacts.* FROM public.contacts JOIN crm.contacts ON public.contacts.contact_no = crm.contacts.contact_no ORDER BY 1;
SELECT p.full_name, crm.contacts.owner FROM public.contacts p, crm.contacts WHERE p.contact_no = contacts.contact_no ORDER BY 1;
-- @ error 42P09
SELECT contacts.contact_no FROM public.contacts, crm.contacts;
SELECT c.id, x.n FROM campaigns c, LATERAL (SELECT count(*) AS n FROM messages m WHERE m.campaign_id = c.id) x ORDER BY 1;
SELECT c.id, x.id FROM campaigns c LEFT JOIN LATERAL (SELECT m.id FROM messages m WHERE m.campaign_id = c.id ORDER BY m.id LIMIT 2) x ON true ORDER BY 1, 2;
SELECT c.id, t.tag FROM campaigns c, unnest(c.tags) AS t(tag) ORDER BY 1, 2;
SELECT c.id, t.tag, t.n FROM campaigns c CROSS JOIN LATERAL unnest(c.tags) WITH ORDINALITY AS t(tag, n) ORDER BY 1, 3;
SELECT c.id, k.key, k.value FROM campaigns c, jsonb_each(c.settings) k ORDER BY 1, 2;
SELECT c.id, g FROM campaigns c, generate_series(1, c.channel_id) g ORDER BY 1, 2;
SELECT (c.x).id FROM (SELECT campaigns AS x FROM campaigns) c ORDER BY 1;
SELECT j.a, j.b FROM (campaigns c JOIN channels h ON h.id = c.channel_id) AS j(a, b) ORDER BY 1, 2;
-- @ error 42702
SELECT j.id FROM (campaigns c JOIN channels h ON h.id = c.channel_id) AS j(id, name);
SELECT a.id FROM (campaigns a JOIN (messages b JOIN events e ON e.message_id = b.id) ON a.id = b.campaign_id) ORDER BY 1;
SELECT a.id, h.name FROM campaigns a JOIN messages b ON a.id = b.campaign_id JOIN channels h ON h.id = b.channel_id JOIN events e ON e.message_id = b.id ORDER BY 1, 2 LIMIT 40;
SELECT count(*) FROM campaigns a LEFT JOIN (messages b LEFT JOIN events e ON e.message_id = b.id) ON a.id = b.campaign_id;
SELECT h.name, sum(m.cost) FROM channels h LEFT JOIN messages m ON m.channel_id = h.id GROUP BY h.name ORDER BY 1;
SELECT count(*) FROM messages a JOIN messages b ON a.contact_no = b.contact_no AND a.id < b.id;
SELECT count(*) FROM campaigns c WHERE NOT EXISTS (SELECT 1 FROM messages m WHERE m.campaign_id = c.id AND m.status = 'failed');
SELECT d.day, c.name, d.sent FROM materialized.daily_metrics d JOIN campaigns c ON c.id = d.campaign_id ORDER BY 1, 2;
SELECT materialized.daily_metrics.day, daily_metrics.spend FROM materialized.daily_metrics ORDER BY 1, 2;
SELECT * FROM materialized.daily_metrics ORDER BY day, campaign_id;
SELECT sum(sent), sum(delivered), sum(spend) FROM materialized.daily_metrics;
SELECT m.status, count(*) FROM messages m JOIN materialized.daily_metrics d ON d.campaign_id = m.campaign_id GROUP BY 1 ORDER BY 1;
SELECT * FROM generate_series(1, 3) AS g(n) LEFT JOIN campaigns c ON c.channel_id = g.n ORDER BY n, id;
SELECT * FROM ROWS FROM (generate_series(1, 3), generate_series(10, 11)) AS r(a, b);
SELECT * FROM json_to_recordset('[{"a":1,"b":"x"},{"a":2}]') AS r(a integer, b text);
SELECT * FROM generate_series(timestamp '2026-01-01', timestamp '2026-01-03', interval '1 day') d;
SELECT o.id FROM campaigns o WHERE o.id = (SELECT max(i.id) FROM campaigns i WHERE i.channel_id = o.channel_id) ORDER BY 1;
SELECT campaigns.id, messages.id FROM campaigns LEFT JOIN messages ON campaigns.id = messages.campaign_id WHERE public.messages.segments = 1 ORDER BY 1, 2;
SELECT x.id FROM campaigns x JOIN campaigns campaigns ON campaigns.parent_id = x.id ORDER BY 1;
-- @ error 42P01
-- @ text
SELECT campaigns.id FROM campaigns c;
-- @ error 42P01
SELECT c.id FROM campaigns c, (SELECT c.id AS y) z;
-- @ error 42702
SELECT contact_no FROM public.contacts p, crm.contacts q;
