-- Every place where the printer puts a name: %s is replaced by each key word and by hostile names (tests/unit/test_print.c).
SELECT "%s", "%s" AS "%s"
SELECT DISTINCT "%s"
SELECT DISTINCT ON ("%s", "%s") "%s"
SELECT "%s".x, x."%s", x."%s".y, "%s".*, x."%s".*, ("%s").x, (x)."%s", (x).a."%s", ("%s").*
SELECT "%s"(1), x."%s"(1), "%s".f(1), "%s"(), "%s"(*), "%s"("%s" => 1), "%s"(DISTINCT "%s" ORDER BY "%s"), "%s"(VARIADIC "%s")
SELECT f("%s") FILTER (WHERE "%s") OVER "%s", f("%s") WITHIN GROUP (ORDER BY "%s")
SELECT f(1) OVER ("%s"), f(1) OVER ("%s" ORDER BY "%s"), f(1) OVER ("%s" ROWS CURRENT ROW), f(1) OVER (PARTITION BY "%s" ORDER BY "%s")
SELECT f(1) OVER (ROWS "%s" PRECEDING), f(1) OVER (RANGE BETWEEN "%s" PRECEDING AND "%s" FOLLOWING), f(1) OVER (GROUPS BETWEEN CURRENT ROW AND "%s" FOLLOWING)
SELECT f(1) OVER w FROM t WINDOW "%s" AS ("%s"), w AS ("%s" RANGE UNBOUNDED PRECEDING), v AS (PARTITION BY "%s")
SELECT 1::"%s", 1::x."%s", 1::"%s".x, 1::"%s"(3), 1::"%s"[], 1::"%s"("%s"), '1'::"%s", "%s"::int, "%s"::"%s"
SELECT x COLLATE "%s", x COLLATE "%s"."%s", "%s" COLLATE "C"
SELECT 1 FROM "%s", x."%s", "%s".x, x.y."%s", t AS "%s", t AS a ("%s", b, "%s"), ONLY "%s"
SELECT 1 FROM (SELECT 1) AS "%s", LATERAL (SELECT 1) AS "%s" ("%s")
SELECT 1 FROM "%s" JOIN "%s" AS b ON "%s" LEFT JOIN c AS "%s" USING ("%s", "%s") NATURAL JOIN "%s" CROSS JOIN "%s"
SELECT 1 FROM a JOIN b USING ("%s") AS "%s", (c JOIN d ON "%s") AS "%s" ("%s")
SELECT 1 FROM "%s"(1), x."%s"("%s") WITH ORDINALITY AS "%s" ("%s"), f() AS ("%s" "%s"), f() AS "%s" ("%s" int COLLATE "%s")
SELECT 1 FROM ROWS FROM ("%s"(1), f("%s") AS ("%s" "%s", b int)) AS "%s", LATERAL "%s"() AS c
SELECT 1 FROM "%s" TABLESAMPLE "%s" ("%s") REPEATABLE ("%s"), t AS "%s" TABLESAMPLE x."%s" (1)
SELECT 1 FROM CAST("%s" AS "%s") AS "%s"
WITH "%s" AS (SELECT 1), b ("%s", c, "%s") AS MATERIALIZED (SELECT 1) SELECT 1 FROM "%s"
WITH RECURSIVE "%s" AS (SELECT "%s" UNION SELECT 1) SEARCH DEPTH FIRST BY "%s", b SET "%s" CYCLE "%s" SET "%s" USING "%s" SELECT 1
WITH RECURSIVE a AS (SELECT 1) CYCLE b SET c TO "%s" 'x' DEFAULT "%s".y 'z' USING p SELECT 1
SELECT 1 WHERE "%s"
SELECT 1 GROUP BY "%s", "%s"(a), ("%s", b), ("%s"(a)), ROLLUP ("%s", ("%s", c)), CUBE ("%s"(a), b), GROUPING SETS ("%s", "%s"(a), ()) HAVING "%s"
SELECT 1 GROUP BY DISTINCT "%s"
SELECT 1 ORDER BY "%s", "%s" ASC, "%s" NULLS FIRST, "%s" USING <, "%s" DESC NULLS LAST LIMIT "%s" OFFSET "%s"
SELECT 1 ORDER BY "%s" FETCH FIRST ("%s") ROWS WITH TIES OFFSET "%s"
SELECT CASE "%s" WHEN "%s" THEN "%s" ELSE "%s" END, CASE WHEN "%s" THEN "%s" END
SELECT a + "%s", "%s" + a, - "%s", @ "%s", NOT "%s", "%s" IS NULL, "%s" IS NOT TRUE, a OPERATOR("%s".+) b, OPERATOR("%s".-) "%s"
SELECT "%s" LIKE "%s" ESCAPE "%s", "%s" NOT ILIKE "%s", "%s" SIMILAR TO "%s" ESCAPE "%s", "%s" BETWEEN "%s" AND "%s", "%s" NOT BETWEEN SYMMETRIC "%s" AND "%s"
SELECT "%s" IN ("%s", "%s"), "%s" IN (SELECT "%s"), "%s" = ANY ("%s"), "%s" < ALL (SELECT "%s"), "%s" IS DISTINCT FROM "%s", "%s" AND "%s" OR "%s"
SELECT "%s" AT TIME ZONE "%s", ("%s", "%s") OVERLAPS ("%s", "%s"), "%s" IS NORMALIZED, "%s" IS NFC NORMALIZED, NORMALIZE("%s", NFD), COLLATION FOR ("%s")
SELECT EXTRACT("%s" FROM "%s"), EXTRACT(day FROM "%s"), OVERLAY("%s" PLACING "%s" FROM "%s" FOR "%s"), POSITION("%s" IN "%s"), SUBSTRING("%s" FROM "%s" FOR "%s"), TRIM(BOTH "%s" FROM "%s"), TRIM("%s"), TRIM(LEADING "%s", "%s"), XMLEXISTS("%s" PASSING "%s")
SELECT NULLIF("%s", "%s"), COALESCE("%s", "%s"), GREATEST("%s"), LEAST("%s", "%s"), GROUPING("%s"), ROW("%s"), ROW("%s", "%s"), ("%s", "%s"), ARRAY["%s", "%s"], ARRAY["%s"], ARRAY(SELECT "%s"), EXISTS (SELECT "%s")
SELECT x["%s"], x["%s" : "%s"], x[ : "%s"], "%s"[1], ("%s"[1])."%s"
VALUES ("%s", 1), (2, "%s")
SELECT "%s" UNION SELECT "%s" EXCEPT VALUES ("%s")
EXPLAIN ("%s", b "%s") SELECT "%s"
SELECT (SELECT "%s" FROM "%s" WHERE "%s" LIMIT "%s")
SELECT XMLELEMENT(NAME "%s", XMLATTRIBUTES("%s", "%s" AS "%s"), "%s"), XMLFOREST("%s" AS "%s", "%s"), XMLPI(NAME "%s", "%s"), XMLROOT("%s", VERSION "%s"), XMLPARSE(CONTENT "%s"), XMLPARSE(DOCUMENT "%s" PRESERVE WHITESPACE), XMLSERIALIZE(CONTENT "%s" AS "%s"), "%s" IS DOCUMENT
