-- Each place of a name in statements that write or lock.
INSERT INTO "%s"."%s" AS "%s" ("%s", "%s"[1]) VALUES ("%s", DEFAULT) RETURNING "%s", "%s" AS "%s", "%s".*
INSERT INTO "%s" DEFAULT VALUES RETURNING "%s"."%s"
INSERT INTO "%s" SELECT "%s" FROM "%s" ON CONFLICT ("%s", "%s") DO UPDATE SET "%s" = "%s", ("%s", "%s") = (DEFAULT, "%s") WHERE "%s"."%s"
INSERT INTO "%s" TABLE "%s" ON CONFLICT ON CONSTRAINT "%s" DO NOTHING
UPDATE ONLY "%s"."%s" AS "%s" SET "%s" = DEFAULT, "%s"["%s"] = "%s", ("%s", "%s") = (SELECT "%s") FROM "%s", "%s" AS "%s" WHERE "%s" RETURNING "%s" AS "%s"
DELETE FROM "%s" AS "%s" USING "%s" AS "%s" ("%s") WHERE "%s"."%s" RETURNING "%s"."%s"
WITH "%s" ("%s") AS (DELETE FROM "%s" RETURNING "%s") UPDATE "%s" SET "%s" = "%s"
SELECT 1 FOR UPDATE OF "%s", "%s" SKIP LOCKED
