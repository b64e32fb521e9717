-- @@ threat D2
-- Statements by which a tenant would learn of other tenants' rows. In the shared tables stand rows (poison.sql) on which these
-- expressions fail; an answer that differs from the private database's, or an error that it does not raise, tells of them.
SELECT count(*) FROM audit WHERE 'x' ~ actor;
SELECT count(*) FROM audit WHERE 'x' ~ ANY (ARRAY[actor]);
SELECT count(*) FROM audit WHERE 'x' ~ ANY (ARRAY[actor,note]);
SELECT count(*) FROM audit WHERE NOT ('x' !~ ALL (ARRAY[actor]));
SELECT count(*) FROM audit WHERE note LIKE note;
SELECT count(*) FROM audit WHERE 'xyz' LIKE note;
SELECT count(*) FROM audit WHERE actor LIKE ANY (ARRAY[note]);
SELECT count(*) FROM audit WHERE (1/id) IS NULL;
SELECT count(*) FROM audit WHERE (1/id) IS NOT NULL;
SELECT count(*) FROM audit WHERE 1/id = ANY ('{}');
SELECT count(*) FROM audit WHERE 1/id <> ALL ('{}');
SELECT count(*) FROM audit WHERE coalesce(1/id,0) IS NULL;
SELECT count(*) FROM audit WHERE CASE 1/id WHEN 1 THEN TRUE END;
SELECT count(*) FROM audit WHERE (ARRAY[TRUE,false])[1/id];
SELECT count(*) FROM audit WHERE row(1/id) IS NULL;
SELECT count(*) FROM audit WHERE (1/id) IS DISTINCT FROM NULL;
SELECT count(*) FROM audit WHERE (SELECT TRUE FROM audit b WHERE 1/b.id = 3 LIMIT 1);
SELECT count(*) FROM audit WHERE EXISTS (SELECT 1 FROM contacts c WHERE 1/c.contact_no IS NULL);
SELECT count(*) FROM audit a WHERE EXISTS (SELECT 1 FROM contacts c WHERE 1/c.contact_no = a.id);
SELECT count(*) FROM audit WHERE id IN (SELECT 1/contact_no FROM contacts);
SELECT count(*) FROM audit WHERE id NOT IN (SELECT 1/contact_no FROM contacts);
SELECT count(*) FROM (SELECT 1/id x FROM audit) s WHERE x IS NULL;
SELECT count(*) FROM (SELECT 'a' ~ actor x FROM audit) s WHERE x;
SELECT count(*) FROM (SELECT 'a' ~ actor x FROM audit) s WHERE x = TRUE;
SELECT count(*) FROM (SELECT 'a' ~ actor x FROM audit OFFSET 0) s WHERE x;
WITH s AS (SELECT 'a' ~ actor x FROM audit) SELECT count(*) FROM s WHERE x;
WITH s AS MATERIALIZED (SELECT 'a' ~ actor x FROM audit) SELECT count(*) FROM s WHERE x;
WITH s AS (SELECT 1/id x, count(*) FROM audit GROUP BY 1) SELECT * FROM s WHERE x IS NULL;
SELECT * FROM (SELECT 1/id x, count(*) FROM audit GROUP BY 1) s WHERE x IS NULL;
SELECT 1/id, count(*) FROM audit GROUP BY 1 HAVING (1/id) IS NULL;
SELECT id, count(*) FROM audit GROUP BY id HAVING (1/id) IS NULL;
SELECT id, count(*) FROM audit GROUP BY 1 HAVING 'x' ~ min(actor);
SELECT count(*) FROM (SELECT id FROM audit UNION ALL SELECT contact_no FROM contacts) u WHERE (1/id) IS NULL;
SELECT count(*) FROM (SELECT 1/id x FROM audit UNION ALL SELECT 1/contact_no FROM contacts) u WHERE x IS NULL;
SELECT count(*) FROM (SELECT id FROM audit UNION SELECT contact_no FROM contacts) u WHERE (1/id) IS NULL;
SELECT count(*) FROM audit a JOIN contacts c ON a.id = c.contact_no AND (1/a.id) IS NULL;
SELECT count(*) FROM audit a JOIN contacts c ON 1/a.id = 1/c.contact_no;
SELECT count(*) FROM audit a LEFT JOIN contacts c ON a.id = c.contact_no AND (1/c.contact_no) IS NULL;
SELECT count(*) FROM audit a LEFT JOIN contacts c ON a.id = c.contact_no WHERE (1/c.contact_no) IS NULL;
SELECT count(*) FROM audit a RIGHT JOIN contacts c ON a.id = c.contact_no WHERE (1/a.id) IS NULL;
SELECT count(*) FROM audit a FULL JOIN contacts c ON a.id = c.contact_no WHERE (1/a.id) IS NULL;
SELECT count(*) FROM contacts c LEFT JOIN audit a ON (1/a.id) IS NULL;
SELECT count(*) FROM audit a, LATERAL (SELECT 1/a.id x) s WHERE s.x IS NULL;
SELECT count(*) FROM audit a, LATERAL (SELECT 1/a.id x) s, contacts c WHERE s.x IS NULL AND c.contact_no=s.x;
SELECT count(*) FROM audit a CROSS JOIN LATERAL UNNEST(ARRAY[1/a.id]) u WHERE u IS NULL;
SELECT count(*) FROM campaigns WHERE ARRAY[tags, ARRAY['a','b']] IS NULL;
SELECT count(*) FROM campaigns WHERE ARRAY[tags] IS NULL;
SELECT count(*) FROM campaigns WHERE tags IS NULL AND ARRAY[tags, ARRAY['q']] IS NULL;
SELECT count(*) FROM (SELECT ARRAY[tags, ARRAY['a','b']] x FROM campaigns) s WHERE x IS NULL;
SELECT count(*) FROM campaigns WHERE id::int IS NULL;
SELECT count(*) FROM campaigns WHERE id::int4 = 5;
SELECT count(*) FROM campaigns WHERE (id - 1) IS NULL;
SELECT count(*) FROM campaigns WHERE parent_id + 1 IS NULL;
SELECT count(*) FROM campaigns WHERE abs(id) IS NULL;
SELECT count(*) FROM campaigns WHERE -id IS NULL;
SELECT count(*) FROM campaigns WHERE sqrt(budget) IS NULL;
SELECT count(*) FROM campaigns WHERE ln(budget) IS NULL;
SELECT count(*) FROM campaigns WHERE 1/budget IS NULL;
SELECT count(*) FROM campaigns WHERE starts_on::timestamptz IS NULL;
SELECT count(*) FROM campaigns WHERE extract(epoch FROM starts_on) IS NULL;
SELECT count(*) FROM campaigns c WHERE EXISTS (SELECT 1 FROM jsonb_each(c.settings));
SELECT count(*) FROM campaigns c, jsonb_each(c.settings);
SELECT count(*) FROM campaigns c, jsonb_array_elements(c.settings->'nested'->'b');
SELECT count(*) FROM campaigns WHERE name::int IS NULL AND id > 9000000000;
SELECT count(*) FROM campaigns WHERE regexp_like('x', name);
SELECT count(*) FROM campaigns WHERE 'x' SIMILAR TO name;
SELECT count(*) FROM campaigns WHERE regexp_match('x', name) IS NULL;
SELECT count(*) FROM campaigns WHERE name::xml IS DOCUMENT;
SELECT count(*) FROM campaigns WHERE chr(channel_id) IS NULL;
SELECT count(*) FROM campaigns WHERE repeat('x', channel_id-1) IS NULL;
SELECT count(*) FROM campaigns WHERE make_date(channel_id,1,1) IS NULL;
SELECT count(*) FROM contacts WHERE credit*10 IS NULL;
SELECT count(*) FROM contacts WHERE exp(credit) IS NULL;
SELECT count(*) FROM contacts WHERE credit::real IS NULL;
SELECT count(*) FROM contacts WHERE credit::numeric::int IS NULL;
SELECT count(*) FROM contacts WHERE contact_no+1 IS NULL;
SELECT count(*) FROM contacts WHERE 1/credit IS NULL;
SELECT count(*) FROM contacts WHERE contact_no::smallint IS NULL;
SELECT count(*) FROM messages WHERE metadata->>'n' IS NULL;
SELECT count(*) FROM messages WHERE metadata::jsonb IS NULL;
SELECT count(*) FROM messages WHERE json_typeof(metadata) IS NULL;
SELECT count(*) FROM messages WHERE cost/segments IS NULL;
SELECT count(*) FROM messages WHERE sent_at - scheduled_for IS NULL;
SELECT count(*) FROM messages WHERE date_trunc('day',sent_at) IS NULL;
SELECT count(*) FROM messages WHERE sent_at::date IS NULL;
SELECT count(*) FROM messages WHERE sent_at + interval '1 day' IS NULL;
SELECT count(*) FROM messages m WHERE m.campaign_id IN (SELECT id FROM campaigns WHERE (1/channel_id) IS NULL);
SELECT max(id) FROM audit WHERE (1/id) IS NOT NULL;
SELECT min(1/id) FROM audit;
SELECT id FROM audit WHERE (1/id) IS NOT NULL ORDER BY id LIMIT 1;
SELECT DISTINCT 1/id FROM audit ORDER BY 1;
SELECT id, 1/id FROM audit ORDER BY 1/id, id;
SELECT sum(1/id) OVER (ORDER BY id) FROM audit ORDER BY 1;
SELECT count(*) FILTER (WHERE (1/id) IS NULL) FROM audit;
SELECT 1 FROM audit WHERE (1/id) IS NOT NULL AND (tenant_id = 'poison' OR id > 3) LIMIT 1;
SELECT count(*) FROM audit WHERE tenant_id = 'poison' AND 'x' ~ actor;
SELECT count(*) FROM audit WHERE tenant_id <> 'acme' AND 'x' ~ actor;
SELECT count(*) FROM contacts NATURAL JOIN audit WHERE (1/id) IS NULL;
SELECT count(*) FROM contacts JOIN audit USING (tenant_id) WHERE (1/id) IS NULL AND (1/contact_no) IS NULL;
SELECT count(*) FROM audit a JOIN audit b USING (tenant_id, id) WHERE (1/a.id) IS NULL;

-- these fail on the own rows, too
-- @ error 22P02
SELECT count(*) FROM campaigns WHERE (ARRAY[tags, tags||'x'])[1][1] IS NULL;
-- @ error 22023
SELECT count(*) FROM campaigns WHERE settings::bool;
-- @ error 22023
SELECT count(*) FROM campaigns WHERE settings::bool IS NULL;
-- @ error 0A000
SELECT count(*) FROM campaigns WHERE jsonb_array_elements_text(settings) IS NULL;
-- @ error 22023
SELECT count(*) FROM campaigns WHERE jsonb_array_length(settings) IS NULL;
-- @ error 42601
SELECT count(*) FROM campaigns WHERE to_tsquery(name) IS NULL;
-- @ error 42601
SELECT count(*) FROM campaigns WHERE name::tsquery @@ to_tsvector('x');
-- @ error 22007
SELECT count(*) FROM campaigns WHERE to_timestamp(name,'YYYY') IS NULL;
-- @ error 2200M
SELECT count(*) FROM campaigns WHERE xmlparse(DOCUMENT name) IS NULL;
-- @ error 22023
SELECT count(*) FROM messages WHERE json_array_length(metadata) IS NULL;
-- @ error 22P02
SELECT count(*) FROM messages WHERE body::bytea IS NULL;
-- @ error 22023
SELECT count(*) FROM messages WHERE decode(body,'hex') IS NULL;
-- @ error 22021
SELECT count(*) FROM messages WHERE convert_from(payload,'utf8') IS NULL;
-- @ error 22P02
SELECT count(*) FROM messages WHERE payload::text::uuid IS NULL;
-- @ error 2202E
-- @ no-walls behind row security the comparison comes first, and no row with 5 segments is that short
SELECT count(*) FROM messages WHERE set_byte(payload,20,1) IS NULL AND segments = 5;

-- the tenant's value, and what surrounds it
SELECT count(*) FROM audit WHERE tenant_id = 'poison';
SELECT count(*) FROM audit WHERE tenant_id <> 'acme' AND tenant_id <> 'globex';
SELECT id FROM audit WHERE note = '' OR tenant_id = 'poison' OR true ORDER BY id;
SELECT a.x, a.tenant_id FROM audit AS a (x, tenant_id) ORDER BY tenant_id;
SELECT count(*) FROM audit a RIGHT JOIN contacts c ON a.tenant_id = 'poison';
SELECT count(*) FROM contacts c LEFT JOIN audit a ON a.tenant_id <> c.tenant_id WHERE a.id IS NOT NULL;
SELECT tenant_id, actor, count(*) FROM audit GROUP BY GROUPING SETS ((tenant_id), (actor), ()) ORDER BY 1, 2, 3;

-- names that other schemas and databases of the server have
-- @ refused 0A000
SELECT to_tsvector('pg_catalog.english', name) IS NOT NULL FROM campaigns;
-- @ refused 0A000
SELECT 'pg_catalog.english'::regconfig FROM campaigns;
SELECT count(*) FROM campaigns WHERE to_tsvector('english', name) @@ to_tsquery('english'::regconfig, 'campaign');
-- @ refused 0A000
SELECT has_database_privilege(lower('ANALYTICS'), 'CONNECT');
-- @ refused 0A000
SELECT has_database_privilege(oid::int::oid, 'CONNECT') FROM pg_database WHERE datname = 'analytics';
SELECT has_database_privilege(oid, 'CONNECT') FROM pg_database WHERE datname = 'analytics';

-- how busy the server is
-- @ refused 42501
SELECT (relfrozenxid).age > 0 FROM pg_class WHERE relname = 'pg_class';
SELECT age(starts_on), age(created_at), age(date '2026-03-01', starts_on) FROM campaigns ORDER BY id;
-- @ refused 0A000
EXPLAIN SELECT datname FROM pg_database;

-- patterns that fail, or take their time, on some values only, also when a planner tries them on statistics
-- @@ user acme_bi,acme_rw
-- @ threat A8 D2
SELECT count(*) FROM audit WHERE note LIKE 'x\' OR actor LIKE 'globex%\' OR actor LIKE 'acme%\x';
SELECT count(*) FROM contacts WHERE full_name LIKE 'GLBX%\' OR full_name LIKE 'ACME%\x';
SELECT count(*) FROM contacts WHERE full_name NOT ILIKE 'glbx%!' ESCAPE '!' AND phone NOT LIKE ALL ('{"[\\","x\\"}');
SELECT count(*) FROM contacts WHERE full_name LIKE ANY (ARRAY['ACME%', 'GLBX%' || '\']) AND full_name OPERATOR(pg_catalog.!~~) concat('GLBX', '%\');
SELECT count(*) FROM messages WHERE payload LIKE '\x5c'::bytea || '%'::bytea;
-- @ params GLBX%\|ACME%
SELECT count(*) FROM contacts WHERE full_name NOT LIKE $1 AND full_name LIKE $2;
-- @ params {"GLBX%\\\\","ACME%"}|^A
SELECT count(*) FROM contacts WHERE full_name LIKE ANY ($1) AND full_name ~ $2;
SELECT full_name LIKE lower('A%') AS a, count(*) FROM contacts GROUP BY full_name LIKE lower('A%');
SELECT count(*) FROM campaigns WHERE name ~ '^GLBX (.+)(.+)\1\2$' OR name ~ '^ACME (.)(.*)\1';
-- @ error 22025
SELECT count(*) FROM contacts WHERE full_name LIKE 'ACME\';
-- @ refused 42501 22025
SELECT pg_catalog.textlike(full_name, 'ACME\') FROM contacts;

-- sub-selects that fail, or take their time, when a row of others asks for them
-- @ threat A8 D2
SELECT count(*) FROM audit WHERE note LIKE 'x%' AND id < (SELECT 1 / (random() * 0)::int);
SELECT count(*) FROM audit WHERE actor LIKE 'globex%' AND id > (SELECT id FROM channels);
SELECT count(*) FROM audit WHERE actor > 'globex' AND id NOT IN (SELECT 1 / (id - id) FROM channels);
SELECT count(*) FROM contacts WHERE credit = 1e308 AND (contact_no, 1) < (SELECT 1 / (random() * 0)::int, 1);
SELECT count(*) FROM contacts WHERE contact_no IS NULL OR (full_name IS NULL AND EXISTS (SELECT 1 FROM channels WHERE 1 / (id - id) = 1));
SELECT count(*) FROM (SELECT contact_no, (SELECT 1 / (count(*) - count(*)) = 1 FROM channels) AS x FROM contacts) s WHERE CASE WHEN contact_no IS NULL THEN x END;
SELECT count(*) FROM campaigns c WHERE name IS NULL OR EXISTS (SELECT 1 FROM messages m WHERE m.campaign_id = c.id);

-- whole rows, compared up to a column of another type
-- @ threat A5 D2
SELECT count(*) FROM audit a WHERE a <> ROW('globex'::text, 'x'::text) AND a.* <> ROW('poison'::text, 'x'::text);
SELECT count(*) FROM audit a, (SELECT 'globex'::text, 'x'::text) s WHERE a <> s;
SELECT count(*) FROM (SELECT ROW(tenant_id, id) AS r FROM audit) a, (VALUES (ROW('globex'::text, 'x'::text))) v (r) WHERE a.r IS DISTINCT FROM v.r;
SELECT count(*) FROM audit a WHERE a = ANY (ARRAY[ROW('globex'::text, 'x'::text)]) OR NULLIF(a, ROW('globex'::text, 'x'::text)) IS NULL;
-- @ error 42804
SELECT count(*) FROM audit a WHERE a.tenant_id <> '' AND a <> ROW(a.tenant_id, 'x'::text);
SELECT count(*) FROM audit WHERE (tenant_id, id) <> ('globex', 1) AND (id, actor) IN ((1, 'acme-actor-1'), (2, 'x'));
