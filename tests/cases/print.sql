-- One statement per line; each is parsed, printed, parsed again, and the two trees must be equal (tests/unit/test_print.c).
-- A line of which the tests know the exact text is in test_print.c itself.
-- Signs, rows, references, sub-selects, typed literals.
select -1
select - 1
select -1.5
select -(-1)
select - -1
select 2 - -1
select 2 -1
select -(1)
select +1
select -x
select -1::int
select (-1)::int
select -'1'
select 2147483648
select -2147483648
select (a and b) and c
select a and (b and c)
select (a or b) or c
select a or (b or c)
select a and b and c
select not (a and b)
select (a,b)
select row(a)
select row()
select (a)
select (a).b
select a.b
select (a.b).c
select $1.x
select ($1).x
select (f(x)).y
select a[1]
select a.b[1]
select (a)[1]
select (a[1])[2]
select a[1:2]
select a[:2]
select a[1:]
select a[:]
select (a).*
select a.*
select (a.b).*
select (select 1)
select ((select 1))
select ((select 1) union (select 2))
select (select x)[1]
select ((select x))[1]
select (select x).y
select ((select x)).y
select (array[1])[1]
select '1'::int
select cast('1' as int)
select int '1'
select date '2020-01-01'
select interval '1' day
select interval '1 day'
select interval(3) '1 day'
select interval '1' day to second(3)
select true
select 't'::bool
select false
select null
select x is null
select (x is null) is null
select x is true
select x is unknown
select x isnull
select x notnull
-- Operators with keywords, calls in SQL syntax, constants.
select a like b
select a like b escape 'x'
select a not like b
select a not like b escape 'x'
select a ilike b
select a not ilike b escape 'x'
select a similar to b
select a similar to b escape 'x'
select a not similar to b
select a ~~ b
select a between 1 and 2
select a not between symmetric 1 and 2
select a in (1,2)
select a in (1)
select a not in (1,2)
select (a,b) in ((1,2),(3,4))
select a in (select 1)
select a not in (select 1)
select (a,b) in (select 1,2)
select a = any (select 1)
select a <> all (select 1)
select a = any (array[1])
select a = any (b)
select a = some (b)
select a operator(pg_catalog.=) any (b)
select a operator(pg_catalog.+) b
select operator(pg_catalog.-) b
select operator(pg_catalog.-) 1
select a like any (b)
select a not like any (b)
select a not ilike all (select 1)
select a ~~ any(select 1)
select a is distinct from b
select a is not distinct from b
select nullif(a,b)
select a at time zone 'x'
select timezone('x', a)
select extract(epoch from a)
select extract('epoch' from a)
select extract(foo from a)
select extract("Foo Bar" from a)
select overlay(a placing b from 1)
select overlay(a placing b from 1 for 2)
select overlay(a, b, 1)
select position(a in b)
select substring(a from 1 for 2)
select substring(a from 1)
select substring(a for 2)
select substring(a similar b escape c)
select substring(a, 1)
select substring(a from b for c)
select trim(a)
select trim(both from a)
select trim(both a from b)
select trim(leading 'x' from b)
select trim(trailing b)
select trim(trailing b, c)
select trim(from b)
select trim(a, b)
select trim(a from b, c)
select (a,b) overlaps (c,d)
select normalize(a)
select normalize(a, nfc)
select a is normalized
select a is nfc normalized
select a is not nfkd normalized
select collation for (a)
select xmlexists('x' passing by ref y)
select xmlexists('x' passing y)
select xmlexists('x' passing y by value)
select xmlexists('x' passing by ref y by ref)
select treat(a as int)
select exists (select 1)
select array(select 1)
select (a,b) = (select 1,2)
select row(a,b) < row(c,d)
select current_date, current_time, current_time(3), current_timestamp(2), localtime, localtime(1), localtimestamp, localtimestamp(4), current_role, current_user, user, session_user, current_catalog, current_schema, current_timestamp(0)
select a collate "C"
select a collate pg_catalog."C"
select a collate "C" collate "D"
select grouping(a,b)
select greatest(a,b), least(a)
select coalesce(a)
select case a when 1 then 2 end, case when a then b else c end
select b'101', x'1F', 1e10, .5, 1., 99999999999, E'a\nb', U&'d\0061t', $$x'y$$, n'abc', 1.5e-7
-- Type names.
select 1::int
select 1::integer
select 1::int4
select 1::pg_catalog.int4
select 1::"int4"
select 1::smallint, 1::bigint, 1::real, 1::float, 1::float(10), 1::float(30), 1::double precision, 1::decimal, 1::decimal(3), 1::dec(3,2), 1::numeric, 1::numeric(10,2), 1::boolean, 1::bool
select 1::bit
select 1::bit(3)
select 1::bit varying
select 1::bit varying(3)
select 1::varbit(3)
select 1::char
select 1::char(5)
select 1::character varying
select 1::varchar(5)
select 1::varchar
select 1::national character varying(5), 1::nchar(3)
select 1::bpchar
select 1::bpchar(3)
select 1::pg_catalog.bpchar
select 1::pg_catalog.bpchar(3)
select 1::pg_catalog.varchar(3)
select 1::"char"
select 1::pg_catalog.char
select 1::pg_catalog."char"
select 1::text
select 1::timestamp
select 1::timestamp(3)
select 1::timestamp with time zone
select 1::timestamp(3) with time zone
select 1::timestamptz
select 1::timestamptz(3)
select 1::time
select 1::time(2) with time zone
select 1::pg_catalog.timestamptz(3)
select 1::interval
select 1::interval(3)
select 1::interval day
select 1::interval day to second
select 1::interval day to second(3)
select 1::interval second(3)
select 1::interval second
select 1::interval year to month
select 1::pg_catalog.interval
select 1::pg_catalog.interval(3)
select 1::pg_catalog.interval(3,4)
select 1::int[]
select 1::int[3][]
select 1::int array
select 1::int array[4]
select 1::x.y%type
select 1::foo
select 1::foo(1,2)
select 1::foo('a')
select 1::foo(a,b)
select 1::a.b.c
select 1::a.b(1)[]
select 1::pg_catalog.bit(3)
select 1::pg_catalog.bit
select bit '101'
select bit(3) '101'
select char '1'
select char(3) 'abc'
select varchar(3) 'abc'
select foo 'x'
select a.b 'x'
select foo(3) 'x'
select pg_catalog.int4 'x'
select timestamp(3) with time zone 'x'
select interval '1' hour to minute
select 1::numeric(10,-2)
select 1::json, 1::jsonb, 1::xml, 1::"time", 1::"interval", 1::"timestamp", 1::"numeric"
select 1::pg_catalog.numeric(1,2)
-- Clauses and FROM items.
select 1 limit 1
select 1 offset 2
select 1 limit all
select 1 limit null offset 3 rows
select 1 fetch first 3 rows only
select 1 fetch first row only
select 1 order by 1 fetch first 3 rows with ties
select 1 order by 1 fetch first row with ties
select 1 order by 1 fetch first -3 rows with ties
select distinct a
select distinct on (a, b) a
with recursive t(n) as (select 1 union all select 2) search depth first by n set o cycle n set c using p select 1
with recursive t(n) as (select 1) cycle n, m set c to text 'x' default interval '1' day using p select 1
select * from f(x) with ordinality as a(b,c)
select * from rows from (f(x) as (a int, b text collate "C"), g(y)) with ordinality as z
select * from f(x) as (a int)
select * from f(x) as q(a int)
select * from f(x) q
select * from t tablesample bernoulli (10) repeatable (3)
select * from t a tablesample foo.system (10, 2)
select * from a join b using (x,y) as j
select * from (a cross join b) as z(p,q)
select * from a natural full outer join b
select sum(x) over w, sum(x) over (w), sum(x) over (), f(x) over (partition by a order by b desc nulls last rows between 1 preceding and unbounded following exclude ties) from t window w as (order by q), v as (w rows unbounded preceding)
select f(distinct a, b order by c) filter (where d), percentile_cont(0.5) within group (order by a), f(variadic x), f(a, variadic b), f(x => 1, y := 2), count(*), f()
select 1 group by (), a, (b,c), rollup(a,(b,c)), cube(a), grouping sets((a),(b,c),rollup(d),())
select 1 group by distinct a
table t
select from t
explain (verbose, format json, costs off, wal 3) select 1
explain verbose select 1
select * from cast(1 as int) as x
select * from a.b.c
select * from only t, only (t), t *
select a order by b using <, c using operator(pg_catalog.>) nulls first
select a.* as x
select x.y.z.w.v
-- Statements as tools and people write them.
SELECT id, name FROM public.campaigns WHERE status = 'active' ORDER BY created_at DESC LIMIT 20
SELECT count(*) FROM messages m WHERE m.sent_at >= now() - interval '7 days' AND m.status <> 'failed'
SELECT date_trunc('day', sent_at) AS day, count(*), count(*) FILTER (WHERE status = 'delivered') AS delivered FROM messages GROUP BY 1 ORDER BY 1
SELECT c.id, c.name, sum(m.cost)::numeric(12,2) AS cost FROM campaigns AS c LEFT JOIN messages AS m ON m.campaign_id = c.id AND m.status IN ('sent', 'delivered') GROUP BY c.id, c.name HAVING sum(m.cost) > 100.0 ORDER BY cost DESC NULLS LAST LIMIT 10 OFFSET 5
SELECT "Custom SQL Query"."status" AS "status", SUM("Custom SQL Query"."n") AS "sum:n:ok" FROM (SELECT status, 1 AS n FROM messages) "Custom SQL Query" GROUP BY 1
SELECT CAST("public"."messages"."sent_at" AS date) AS "sent_at", COUNT(*) AS "count" FROM "public"."messages" WHERE ("public"."messages"."sent_at" >= CAST((NOW() + INTERVAL '-30 day') AS timestamp)) GROUP BY CAST("public"."messages"."sent_at" AS date) ORDER BY CAST("public"."messages"."sent_at" AS date) ASC
SELECT payload->>'country' AS country, (payload->'price')::numeric * 2 FROM events WHERE payload @> '{"kind": "click"}' AND payload ? 'country'
SELECT x.*, row_number() OVER (PARTITION BY x.campaign_id ORDER BY x.sent_at DESC) AS rn FROM messages x WHERE x.id = ANY ($1::bigint[])
SELECT * FROM generate_series('2024-01-01'::timestamptz, now(), '1 day') AS g(day) LEFT JOIN LATERAL (SELECT count(*) AS n FROM messages m WHERE m.sent_at >= g.day AND m.sent_at < g.day + '1 day'::interval) AS q ON TRUE
WITH d AS (SELECT * FROM m WHERE a), e AS (SELECT * FROM d), d2 AS NOT MATERIALIZED (WITH d AS (SELECT 1) SELECT * FROM d) SELECT * FROM e JOIN d2 USING (id)
WITH RECURSIVE tree (id, parent, depth) AS (SELECT id, parent, 0 FROM nodes WHERE parent IS NULL UNION ALL SELECT n.id, n.parent, t.depth + 1 FROM nodes n, tree t WHERE n.parent = t.id) SELECT * FROM tree
SELECT lag(v, 1, 0) OVER w, first_value(v) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW), sum(v) OVER (w RANGE BETWEEN '1 day'::interval PRECEDING AND '1 day' FOLLOWING) FROM t WINDOW w AS (PARTITION BY a, b ORDER BY c)
SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY v DESC), string_agg(DISTINCT name, ', ' ORDER BY name), array_agg(v ORDER BY v) FILTER (WHERE v IS NOT NULL), mode() WITHIN GROUP (ORDER BY a) FILTER (WHERE b) FROM t
SELECT coalesce(a, b, 'none'), nullif(a, ''), greatest(1, 2, 3), least(a), CASE WHEN a > 1 THEN 'x' WHEN a IS NULL THEN NULL ELSE 'y' END, CASE a WHEN 1 THEN 2 END FROM t
SELECT DISTINCT ON (campaign_id) campaign_id, sent_at FROM messages ORDER BY campaign_id, sent_at DESC
SELECT brand, size, sum(sales) FROM items GROUP BY GROUPING SETS ((brand), (size), ()), ROLLUP (a, (b, c)), CUBE (d) ORDER BY GROUPING(brand, size)
(SELECT a FROM t ORDER BY a LIMIT 1) UNION ALL (SELECT b FROM u ORDER BY b LIMIT 1) ORDER BY 1
SELECT a FROM t EXCEPT (SELECT b FROM u UNION SELECT c FROM v) INTERSECT SELECT d FROM w
((SELECT 1 UNION SELECT 2) INTERSECT SELECT 2) EXCEPT ALL SELECT 3
SELECT 1 UNION SELECT 2 UNION ALL SELECT 3 INTERSECT SELECT 4 EXCEPT SELECT 5
SELECT 1 UNION (SELECT 2 UNION SELECT 3)
(WITH a AS (SELECT 1) SELECT * FROM a) UNION (WITH a AS (SELECT 2) SELECT * FROM a LIMIT 1)
SELECT * FROM (VALUES (1, 'one'), (2, 'two')) AS v (n, word) WHERE v IS NOT NULL
VALUES (1), (2), (3) ORDER BY 1 LIMIT 2
TABLE ONLY public.t
SELECT t FROM t
SELECT t.*::text FROM t
SELECT (t).a, (t.b).c, ((t).d)[1], (t).* FROM t
SELECT * FROM a, b CROSS JOIN c NATURAL LEFT JOIN d JOIN (e JOIN f ON e.x = f.x) ON TRUE
SELECT * FROM a JOIN b JOIN c ON b.x = c.x ON a.x = b.x
SELECT * FROM ((a JOIN b USING (x)) AS j (x, y) RIGHT JOIN c ON j.x = c.x) FULL JOIN d USING (x, y) AS m
SELECT * FROM ((a NATURAL JOIN b)) , (((c CROSS JOIN d))) AS z
SELECT * FROM t AS "t 1" ("a b", "c""d") TABLESAMPLE system (1.5) REPEATABLE (42)
SELECT * FROM unnest(ARRAY[1,2], ARRAY['a','b']) WITH ORDINALITY AS u (n, s, i)
SELECT * FROM ROWS FROM (generate_series(1, 3), json_to_recordset('[]') AS (a int, b text)) WITH ORDINALITY
SELECT * FROM json_to_record('{}') AS r (a int, "B" text COLLATE "de_DE", c numeric(10,2)[])
SELECT now() AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Berlin', (now() AT TIME ZONE 'UTC')::date, date '2020-01-01' + 1
SELECT timestamp '2020-01-01 00:00' AT TIME ZONE 'utc', timestamptz '2020-01-01', time with time zone '10:00', timestamp(3) without time zone '2020-01-01'
SELECT a || b || c, a -> 'x' ->> 'y', a #>> '{b,c}', a @@ b, a <-> b, a ^ b ^ c, a % b, |/ 25, ||/ 27, @ -5, !! 'x'
SELECT a < b, a > b, a = b, a <= b, a >= b, a <> b, a != b, NOT a = b, (NOT a) = b
SELECT a + b * c - d / e % f ^ g, (a + b) * c, a - (b - c), a - b - c, -a ^ 2, (-a) ^ 2, - (a ^ 2), -(-a), +(+a), - + - a
SELECT a IS NULL = b, (a IS NULL) = b, a IS NOT NULL AND b IS NULL OR NOT c, (a OR b)::bool AND c, (true OR x)::bool AND tenant_id = 42
SELECT (a OR b) IS TRUE, (a AND b) IS NULL, (a OR b) COLLATE "C", (a = b) = c, a = (b = c), (a, b) = (c, d), (a OR b) BETWEEN x AND y, (a LIKE b) LIKE c
SELECT a BETWEEN b AND c AND d, a BETWEEN (b AND c) AND d, a BETWEEN b + 1 AND c - 1, NOT a BETWEEN b AND c, (a BETWEEN b AND c) IS TRUE
SELECT a IN (1), a IN ((1)), a NOT IN (1, 2), (a IN (1)) = b, a IN ((SELECT 1)), a IN ((SELECT 1), 2), a = ANY ((SELECT 1)), a = ANY ((SELECT b)::int[]), a = ANY (ARRAY(SELECT 1))
SELECT a LIKE b || '%', a LIKE 'x!%' ESCAPE '!', a LIKE '\%', a NOT ILIKE '%x%', a SIMILAR TO '(a|b)%', a NOT SIMILAR TO 'x' ESCAPE '', a LIKE like_escape(b, 'x'), a LIKE pg_catalog.like_escape(b, 'x'), a LIKE pg_catalog.like_escape(b), a ~ pg_catalog.similar_to_escape(b)
SELECT a OPERATOR(pg_catalog.=) b, OPERATOR(pg_catalog.-) a, a OPERATOR(=) b, OPERATOR(-) 1, OPERATOR(=) a, OPERATOR("S".@@) a, a OPERATOR("x y"."z".@>) b
SELECT -1, - 1, -1.0, -(1), -(-1), - - 1, 2 - -1, 2 -1, 2+-1, -1::int, (-1)::int, -(1::int), -'1', -99999999999, - -99999999999, -2147483648, -(-2147483648), -0, -0.0
SELECT 1::int::text, (1::int)::text, CAST(CAST(1 AS int) AS text), (a::b).c, (a::b[])[1], a::b[1], '{1,2}'::int[], ARRAY[]::int[], ARRAY[[1,2],[3,4]], ARRAY[ARRAY[1]], ARRAY[NULL], (ARRAY[1,2,3])[2:3]
SELECT a[1], a[1][2], a[1:2], a[:], a[1:], a[:2], a[b[1]], (a[1]).b, a.b[1].c[2], (f(x))[1], ($1)[1], $1[1], $1.a, ($1).a.b, (a).b[1]
SELECT EXISTS (SELECT 1), NOT EXISTS (SELECT FROM t), ARRAY(SELECT a FROM t ORDER BY a), (SELECT max(a) FROM t), (SELECT a, b FROM t LIMIT 1) = (1, 2), a > ALL (SELECT b FROM u), a LIKE ANY (SELECT b FROM u), a IN (VALUES (1), (2)), a IN (TABLE t)
SELECT ROW(), ROW(1), ROW(1, 2), (1, 2), ROW(a.*), ROW(a.*, b), (a, b) < (c, d), ROW(a, b) IS NULL, (a, b) IS NOT NULL, ((1, 2)).f1
SELECT extract(year FROM d), extract('year' FROM d), extract("Year" FROM d), EXTRACT(TIMEZONE_HOUR FROM d), date_part('year', d), extract(isodow FROM a - b)
SELECT substring(a FROM 1 FOR 2), substring(a FROM 2), substring(a FOR 2), substring(a, 1, 2), substring(a FROM '#"%#"' FOR '#'), substring(a SIMILAR 'x' ESCAPE '#'), overlay(a PLACING 'x' FROM 1), position('x' IN a || b), position((a = b)::text IN c)
SELECT trim(a), trim(BOTH FROM a), trim(BOTH 'x' FROM a), trim(LEADING FROM a), trim(TRAILING 'x' FROM a), trim('x' FROM a), trim(a, 'x'), btrim(a), ltrim(a, 'x'), pg_catalog.btrim(a), trim(a, b, c), trim(BOTH a FROM b, c)
SELECT a IS NORMALIZED, a IS NOT NFC NORMALIZED, normalize(a), normalize(a, NFKC), "normalize"(a), (a, b) OVERLAPS (c, d), ROW(a, b) OVERLAPS (c, d), collation for (a), COLLATION FOR ((a COLLATE "C")), xmlexists('//x' PASSING a), xmlexists('//x' PASSING BY VALUE (a || b))
SELECT current_date, current_time, current_time(0), current_timestamp, current_timestamp(6), localtime, localtime(1), localtimestamp, localtimestamp(2), current_user, session_user, user, current_role, current_catalog, current_schema, current_schema(), "current_user"(), "user", t."user"
SELECT f(), f(a), f(DISTINCT a), f(ALL a), f(*), f(a, VARIADIC b), f(VARIADIC a => b), f(a => 1, b := 2), f(1, c => 3), s.f(a), d.s.f(a), "F"(a), "coalesce"(a), "left"(a, 1), left(a, 1), right(a, 2), "select"(a), "f""g"(a), "current_date"()
SELECT 'a', '', 'it''s', 'a\b', 'a\', E'a\\b', E'\'', E'\n\t\x41\101\u0041\U00000041', U&'\0041\+000042', U&'!0041' UESCAPE '!', $$a'b$$, $t$a$$b$t$, 'a"b', 'line -- x', '/* x */', N'n', ''''
SELECT b'', b'0101', x'', x'DEADbeef', B'1', X'f', 1, 0, 007, 1., .1, 1.0, 1e5, 1E-5, 1.e5, 123456789012345678901234567890.5, 2147483647, 2147483648, 9223372036854775808
SELECT true, false, TRUE IS FALSE, null, NULL::int, unknown, 't'::boolean
SELECT interval '1 day', interval '1' day, interval '1' year to month, interval '1:2' hour to minute, interval '1' second(3), interval(3) '1.2345', interval '1 2:3:4.5' day to second(2), '1'::interval(0), '1'::interval second(1), interval '-1' month, -interval '1' day
SELECT 1::bit, 1::bit(1), 1::bit(8), 1::bit varying, 1::varbit(3), 'a'::char, 'a'::char(1), 'a'::bpchar, 'a'::"char", 'a'::character(5), 'a'::varchar, 'a'::varchar(5), 'a'::text, 'a'::name, 1::dec(5), 1::float(24), 1::float(25), 1::numeric(5, -2)
SELECT 1::pg_catalog.bit, 1::pg_catalog.bit(3), 1::pg_catalog.interval(4), '1'::pg_catalog.interval(32767), '1'::pg_catalog.interval(32767, 3), '1'::pg_catalog.interval(7176, 2), '1'::pg_catalog.interval(8, 2), '1'::pg_catalog.interval(-1), '1'::pg_catalog.timestamp(3), 'x'::pg_catalog.varchar(-1), 1::pg_catalog.bpchar(1, 2), 1::pg_catalog.int4(3), 'x'::pg_catalog.varchar('3'), 1::pg_catalog.bool[]
SELECT int '1', int4 '1', "int4" '1', pg_catalog.int4 '1', bool 't', float8 '1', numeric(5,2) '1', char(3) 'x', s.t 'x', "S"."T" 'x', bit '101', bit(3) '101', varchar 'x'
SELECT a AS "select", b AS from, c "d e", d AS "D", e AS "é", f AS "a""b", g AS a$b, h AS "1a", i AS _a, j AS "a-b", k AS "--", l AS "/*", n AS "'" FROM t
SELECT U&"d\0061t\+000061" AS U&"!0041" UESCAPE '!', U&"\0022; DROP TABLE x --" FROM "t;DROP TABLE u" AS "x"" y"
SELECT aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa FROM "éééééééééééééééééééééééééééééééééééééééé"
SELECT * FROM public.t, "Public"."T", d.public.t, pg_catalog.pg_class, "a.b"."c.d", information_schema.tables
SELECT f("x := 1), s.* FROM other.secret s -- " := 2)
SELECT * FROM a JOIN b USING (x) AS "j, other.secret"
SELECT sum(a) OVER "w) FROM other.secret --" FROM t WINDOW "w) FROM other.secret --" AS (PARTITION BY b)
SELECT a FROM t ORDER BY b USING OPERATOR("x.<) FROM other.secret --".<)
SELECT a COLLATE "C""; SELECT", a::"int4) FROM other.secret --", (a)."b FROM c", f(a) OVER ("w ORDER BY x" ORDER BY a)
SELECT 1 LIMIT (SELECT 1) OFFSET (1 + 1)
SELECT 1 LIMIT 1 + 1 OFFSET a + b
SELECT 1 LIMIT NULL OFFSET 0
SELECT a FROM t ORDER BY a OFFSET 2 ROWS FETCH NEXT (1 + 1) ROWS WITH TIES
SELECT a FROM t ORDER BY a FETCH FIRST -1 ROWS ONLY
SELECT a FROM t FETCH FIRST $1 ROWS ONLY
SELECT a FROM t ORDER BY a ASC NULLS FIRST, b DESC NULLS LAST, c USING >, d NULLS FIRST, e + 1, -f, (g), NULL, 1
SELECT a FROM t GROUP BY (), (a), (a, b), ((a, b)), ROW(a, b), cube (a), rollup (a, b), (cube(a)), "cube"(a), grouping sets (a, (), (b, c), cube (d), grouping sets (e)), f(a), a + 1, 1
SELECT a FROM t GROUP BY ROLLUP ((a, b), c), CUBE ((a), (b)), GROUPING SETS ((), ()) HAVING GROUPING(a) = 0
WITH RECURSIVE a (x, y) AS MATERIALIZED (SELECT 1, 2) SEARCH BREADTH FIRST BY x, y SET o CYCLE x, y SET c TO 'Y' DEFAULT 'N' USING p, b AS (SELECT 1) SELECT * FROM a, b
WITH RECURSIVE a AS (SELECT 1) CYCLE x SET c TO 1 DEFAULT 0 USING p SELECT 1
WITH RECURSIVE a AS (SELECT 1) CYCLE x SET c TO 1.5 DEFAULT b'1' USING p SELECT 1
WITH RECURSIVE a AS (SELECT 1) CYCLE x SET c TO numeric(3,1) '1' DEFAULT s.f(1) '0' USING p SELECT 1
WITH RECURSIVE a AS (SELECT 1) CYCLE x SET c TO NULL DEFAULT timestamp with time zone '2020-01-01' USING p SELECT 1
WITH a AS (SELECT 1), a2 AS (VALUES (1)), a3 AS (TABLE t), a4 AS ((SELECT 1) UNION (SELECT 2) LIMIT 1) SELECT 1
EXPLAIN SELECT 1
EXPLAIN VERBOSE SELECT a FROM t
EXPLAIN (COSTS OFF, FORMAT JSON, VERBOSE TRUE, SUMMARY 0, "weird option" 'x y', buffers 1.5) WITH a AS (SELECT 1) SELECT * FROM a
EXPLAIN (ANALYZE FALSE) (SELECT 1 UNION SELECT 2)
SELECT /* a /* nested */ comment */ 1 -- and a line
SELECT a.b.c.d.e, a.b.c.*, a.*, *, t.* AS x
SELECT FROM t WHERE a
SELECT WHERE 1 = 1
SELECT
SELECT ALL a FROM t
SELECT a FROM t WHERE (((((a))))) = ((((1))))
SELECT CASE CASE a WHEN 1 THEN 2 END WHEN CASE WHEN b THEN 1 END THEN CASE WHEN c THEN 3 ELSE 4 END ELSE CASE d WHEN 5 THEN 6 END END
SELECT (CASE WHEN a THEN b END).c, (CASE WHEN a THEN b END)[1], CASE WHEN a THEN b END + 1, CASE WHEN a THEN b END::int, (a).b::int, a.b::int
SELECT NOT NOT a, NOT (NOT a), NOT a IS NULL, (NOT a) IS NULL, NOT (a AND b) OR c, a AND NOT b
SELECT x IS DISTINCT FROM y, x IS NOT DISTINCT FROM (y IS NULL), (x IS DISTINCT FROM y) IS DISTINCT FROM z, x IS DISTINCT FROM y AND z
SELECT a::timestamp AT TIME ZONE 'utc' AS x, a::interval second, a::interval AS second, a::"interval" FROM t
SELECT nulls FROM t ORDER BY nulls NULLS FIRST
SELECT over, filter, within, recursive, escape, value, name, type, day, year, at, zone, by, first, last, next, "only", "lateral", unbounded, rows, range, groups, partition, operator FROM rows, groups AS range, partition
-- XML.
SELECT xmlelement(NAME a), xmlelement(NAME "A b", b, c), xmlelement(NAME a, xmlattributes(b, c AS d, e.f AS "G")), xmlelement(NAME a, xmlattributes(b), c, d), xmlelement(NAME select)
SELECT xmlforest(a, b AS c, d.e), xmlconcat(a, b), xmlpi(NAME php), xmlpi(NAME "x y", 'z'), xmlparse(DOCUMENT a), xmlparse(CONTENT a || b STRIP WHITESPACE), xmlparse(CONTENT a PRESERVE WHITESPACE)
SELECT xmlroot(a, VERSION '1.0'), xmlroot(a, VERSION NO VALUE), xmlroot(a, VERSION NULL, STANDALONE YES), xmlroot(a, VERSION b, STANDALONE NO), xmlroot(a, VERSION b || c, STANDALONE NO VALUE)
SELECT xmlserialize(DOCUMENT a AS text), xmlserialize(CONTENT a || b AS varchar(10)), xmlserialize(CONTENT a AS "T".u), a IS DOCUMENT, a IS NOT DOCUMENT, (a IS DOCUMENT) IS DOCUMENT
SELECT * FROM xmlconcat(a) AS x, xmlserialize(CONTENT a AS text) AS y
