-- The settings that PostgreSQL 15 knows, in lower case: one line of allow_settings.def each, so that SET can tell a setting that
-- is not the client's to change from one that does not exist. Run by tests/lint/allow_lists.py. What a client may see
-- and change stands in policy/settings.h. The last four are not shown by pg_settings.
SELECT line FROM (
  SELECT format('HG_KNOWN_SETTING("%s")', lower(name))
  FROM (SELECT name FROM pg_settings
        UNION VALUES ('is_superuser'), ('role'), ('seed'), ('session_authorization')) AS known (name)
  WHERE name !~ '\.'
) AS lines (line) ORDER BY line COLLATE "C";
