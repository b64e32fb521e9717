-- What random statements (at_random.py) found, made small.
-- a function in FROM has columns that are known, so a bare name beside it can be the key's, or a row's
SELECT c.id, c.budget FROM (campaigns c JOIN LATERAL unnest(c.tags) t ON true) GROUP BY id ORDER BY 1;
SELECT channels.name FROM (generate_series(1, 2) AS b(b) RIGHT JOIN channels ON b = id) GROUP BY id ORDER BY 1;
SELECT 1 FROM generate_series(1, 3) m(d) JOIN materialized.daily_metrics ON sent = m.d GROUP BY day, daily_metrics.campaign_id HAVING 1 < daily_metrics.delivered;
SELECT (SELECT n FROM string_to_table('x y', ' ') m(n) WHERE n < (t1).name LIMIT 1) FROM campaigns t1 GROUP BY t1.id ORDER BY t1.id;
SELECT status, count(*) FROM campaigns, ROWS FROM (generate_series(1, 2), unnest((tags)[1:1])) r(k, name_) GROUP BY campaigns.id ORDER BY 1, 2;
SELECT pg_class FROM generate_series(1, 2) AS pg_class ORDER BY 1;
SELECT x.lexeme, t.contact_no FROM contacts t, unnest(to_tsvector('simple', t.country)) x ORDER BY 2;
SELECT weights FROM unnest(to_tsvector('simple', 'a b')) x(a) ORDER BY a;
-- a path column of a recursive query is one that it has
WITH RECURSIVE s(id, up) AS (SELECT id, parent_id FROM campaigns WHERE parent_id IS NULL UNION ALL SELECT c.id, c.parent_id FROM campaigns c JOIN s ON c.parent_id = s.id) SEARCH DEPTH FIRST BY id SET seq SELECT s.id FROM s WHERE EXISTS (SELECT (campaigns).tags FROM campaigns GROUP BY public.campaigns.id) ORDER BY seq;
WITH RECURSIVE s(id, up) AS (SELECT id, parent_id FROM campaigns WHERE parent_id IS NULL UNION ALL SELECT c.id, c.parent_id FROM campaigns c JOIN s ON c.parent_id = s.id) CYCLE id SET looped USING way SELECT (messages).cost, looped, up FROM s JOIN messages ON s.id = campaign_id GROUP BY messages.id, looped, up ORDER BY 1;
-- the key written as a field of the row
SELECT q.credit FROM contacts AS q GROUP BY (q).tenant_id, q.contact_no ORDER BY 1;
SELECT (channels).name FROM channels GROUP BY (channels).id HAVING 'a' <= ANY (SELECT channels.name FROM campaigns) ORDER BY 1;
-- dependent columns have the alias's names
SELECT b.n, d FROM contacts AS b(t, k, n, d) GROUP BY t, k ORDER BY k;
SELECT t1.n FROM channels t1(k, n) GROUP BY k ORDER BY k;
-- the row of a table whose name stands twice, beside a function
SELECT count(*) FROM crm.contacts WHERE EXISTS (SELECT FROM contacts RIGHT JOIN jsonb_each_text('{"a": "DE"}') AS q(d, v) ON (contacts).country = q.v);
SELECT count(*) FROM contacts, (generate_series(1, 3) AS s(n) FULL JOIN crm.contacts ON s.n = (contacts).contact_no);
SELECT count(*) FROM crm.contacts FULL JOIN LATERAL jsonb_each_text((SELECT to_jsonb((contacts).full_name) - 'x' FROM contacts LEFT JOIN string_to_table('x', ' ') AS h(n) ON true WHERE false)) p ON true;
-- the columns of (row).* are those of the row
SELECT (y).settings FROM (SELECT (u).* FROM (SELECT 1 AS a, 'x'::text AS b) AS u(k, d)) AS b JOIN campaigns y ON true GROUP BY (y).id ORDER BY (y).id;
SELECT (campaigns).b FROM contacts AS campaigns(a, e, status, name, id, oid_, b, d) FULL OUTER JOIN (SELECT (m).* FROM "Mixed Case" m) AS p ON true GROUP BY campaigns.a, e ORDER BY 1;
SELECT (SELECT full_name FROM (SELECT m.* FROM unnest(CASE WHEN true THEN '{a,b}'::text[] END) AS m LIMIT 1) AS q(contact_no)) FROM contacts GROUP BY (contacts).tenant_id, contacts.contact_no ORDER BY 1;
-- an expression of GROUP BY and its repetition stay equal though a table in it needs another name
SELECT (SELECT 'x' WHERE contact_no IN (SELECT 1 FROM crm.contacts)) FROM contacts GROUP BY (SELECT 'x' WHERE contact_no IN (SELECT 1 FROM crm.contacts)) ORDER BY 1;
