SELECT * FROM campaigns ORDER BY id;
SELECT * FROM public.campaigns ORDER BY id;
SELECT * FROM analytics.public.campaigns ORDER BY id;
SELECT id, name FROM campaigns WHERE status = 'active' ORDER BY id;
-- the OR must not escape from the tenant's predicate
SELECT id FROM campaigns WHERE status = 'active' OR status = 'paused' OR true ORDER BY id;
SELECT count(*) FROM messages;
SELECT count(*) FROM messages WHERE false;
SELECT FROM channels;
SELECT 1;
SELECT 1 AS one, 'x' AS two, NULL AS three;
SELECT name AS "Quoted Name", id AS "select" FROM campaigns ORDER BY id LIMIT 2;
SELECT campaigns.id, campaigns.name FROM campaigns ORDER BY campaigns.id;
SELECT c.id, c.name FROM campaigns c ORDER BY c.id;
SELECT c.id, c.name FROM campaigns AS c ORDER BY 1;
SELECT public.campaigns.id, public.campaigns.name FROM public.campaigns ORDER BY public.campaigns.id;
SELECT analytics.public.campaigns.id FROM public.campaigns ORDER BY 1;
SELECT public.campaigns.* FROM public.campaigns ORDER BY id;
SELECT campaigns.* FROM campaigns ORDER BY id;
SELECT x.a, x.b FROM campaigns AS x(a, b) ORDER BY a;
SELECT a, b, status FROM campaigns AS x(a, b) ORDER BY a;
SELECT id, id, name, id FROM campaigns ORDER BY id LIMIT 3;
SELECT *, id + 1 AS next FROM channels ORDER BY id;
TABLE channels ORDER BY id;
TABLE campaigns ORDER BY id LIMIT 2;
SELECT DISTINCT status FROM campaigns ORDER BY status;
SELECT DISTINCT status, channel_id FROM campaigns ORDER BY 1, 2;
SELECT DISTINCT ON (status) status, id FROM campaigns ORDER BY status, id DESC;
SELECT DISTINCT ON (channel_id, status) channel_id, status, id FROM campaigns ORDER BY channel_id, status, id;
SELECT ALL status FROM campaigns ORDER BY status;
SELECT id FROM campaigns ORDER BY id DESC LIMIT 3 OFFSET 2;
SELECT id FROM campaigns ORDER BY id OFFSET 2 ROWS FETCH FIRST 3 ROWS ONLY;
SELECT channel_id FROM campaigns ORDER BY channel_id FETCH FIRST 2 ROWS WITH TIES;
SELECT id FROM campaigns ORDER BY id LIMIT ALL;
SELECT id FROM campaigns ORDER BY id LIMIT NULL OFFSET 1;
SELECT id FROM campaigns ORDER BY id LIMIT (SELECT count(*) / 2 FROM campaigns);
SELECT id, status FROM campaigns ORDER BY status NULLS FIRST, id;
SELECT id, status FROM campaigns ORDER BY status DESC NULLS LAST, id;
SELECT id, budget FROM campaigns ORDER BY budget USING >, id;
SELECT id, name || '!' AS shout FROM campaigns ORDER BY shout;
SELECT id FROM campaigns ORDER BY length(name), id;
SELECT id FROM campaigns WHERE name LIKE '%campaign 1%' ORDER BY id;
SELECT id FROM campaigns WHERE name ILIKE 'ACME%' OR name NOT LIKE 'A!_%' ESCAPE '!' ORDER BY id;
SELECT id FROM campaigns WHERE name SIMILAR TO '%(1|2)' ORDER BY id;
SELECT id FROM campaigns WHERE name ~ '[0-9]$' AND name !~* 'zzz' ORDER BY id;
SELECT id FROM campaigns WHERE id BETWEEN 5500002 AND 7700003 ORDER BY id;
SELECT id FROM campaigns WHERE id NOT BETWEEN 5500002 AND 7700003 ORDER BY id;
SELECT id FROM campaigns WHERE channel_id BETWEEN SYMMETRIC 3 AND 1 ORDER BY id;
SELECT id FROM campaigns WHERE channel_id IN (1, 3) ORDER BY id;
SELECT id FROM campaigns WHERE channel_id NOT IN (1, 3) ORDER BY id;
SELECT id FROM campaigns WHERE status IS NULL ORDER BY id;
SELECT id FROM campaigns WHERE status IS NOT NULL ORDER BY id;
SELECT id FROM campaigns WHERE status IS DISTINCT FROM 'active' ORDER BY id;
SELECT id FROM campaigns WHERE status IS NOT DISTINCT FROM NULL ORDER BY id;
SELECT id FROM messages WHERE urgent IS TRUE ORDER BY id LIMIT 5;
SELECT id FROM messages WHERE urgent IS NOT TRUE ORDER BY id LIMIT 5;
SELECT id FROM messages WHERE urgent IS UNKNOWN ORDER BY id;
SELECT id FROM messages WHERE (urgent IS FALSE) IS NOT UNKNOWN AND NOT urgent ORDER BY id LIMIT 5;
SELECT (channel_id, status) = (1, 'active') FROM campaigns ORDER BY id;
SELECT id FROM campaigns WHERE (channel_id, id) > (2, 5500001) ORDER BY id;
SELECT id FROM campaigns WHERE ROW(channel_id, status) IS NOT NULL ORDER BY id;
SELECT id FROM campaigns WHERE (channel_id, status) IN ((1, 'active'), (2, 'paused')) ORDER BY id;
SELECT max(id), min(id), count(DISTINCT status) FROM campaigns;
VALUES (1, 'a'), (2, 'b');
VALUES (1, 'a'), (2, NULL) ORDER BY 1 DESC LIMIT 1;
SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS v(n, t) ORDER BY n;
SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS v WHERE column1 = 2;
SELECT id FROM ONLY campaigns ORDER BY id;
SELECT id FROM campaigns * ORDER BY id;
SELECT count(*) FROM "Mixed Case";
SELECT "Draft No", "select", "order", "ünïcode" FROM "Mixed Case" ORDER BY "Draft No";
SELECT "Mixed Case"."select" FROM public."Mixed Case" ORDER BY 1;
SELECT U&"\00FCn\00EFcode" FROM "Mixed Case" ORDER BY 1;
SELECT d."order" FROM U&"Mi\0078ed Case" d ORDER BY 1;
SELECT "C".ID, "C".NAME FROM CAMPAIGNS "C" ORDER BY 1;
SELECT tenant_id, id, note FROM audit ORDER BY id;
SELECT * FROM audit ORDER BY id;
SELECT count(*) FROM audit WHERE tenant_id = 'globex';
SELECT count(*) FROM audit WHERE tenant_id <> 'acme' OR tenant_id IS NULL OR 1 = 1;
SELECT tenant_id, count(*) FROM contacts WHERE tenant_id IN ('acme', 'globex', 'initech') GROUP BY tenant_id;
SELECT DISTINCT tenant_id FROM contacts;
SELECT max(tenant_id), min(tenant_id) FROM contacts;
-- an unwritten tenant column does not exist
-- @ error 42703
SELECT tenant_id FROM campaigns;
-- @ error 42703
SELECT count(*) FROM messages WHERE tenant_id = 'globex';
-- @ error 42703
SELECT messages.tenant_id FROM messages;
-- @ error 42P01
SELECT * FROM nothing_of_the_kind;
-- @ error 42P01
SELECT * FROM public._materialized_daily_metrics;
-- @ error 42P01
SELECT * FROM _materialized_daily_metrics;
-- @ error 42P01
SELECT * FROM nowhere.campaigns;
-- @ error 0A000
SELECT * FROM otherdb.public.campaigns;
-- @ error 42703
SELECT no_such_column FROM campaigns;
-- @ error 42P01
SELECT x.id FROM campaigns;
-- @ error 42601
SELECT FROM WHERE;
-- @ error 42883
-- @ text
SELECT no_such_function(1);
-- @ error 42702
SELECT id FROM campaigns a, campaigns b;
-- @ error 42712
SELECT 1 FROM campaigns, campaigns;
-- @ error 42803
SELECT id, count(*) FROM campaigns GROUP BY status;
-- @ error 22012
SELECT 1 / (channel_id - channel_id) FROM campaigns;
-- @ error 22P02
SELECT 'abc'::integer;
-- @ error 22P02
SELECT name::integer FROM campaigns;
