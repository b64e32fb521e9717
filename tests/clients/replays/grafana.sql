-- Grafana: a Go driver; the path is taken apart in SQL, names are quoted in SQL, TimescaleDB is looked for, times are epochs.
-- @ startup client_encoding=UTF8
-- @ startup datestyle=ISO, MDY
-- @ startup extra_float_digits=2
-- @ mode extended
-- == ping
-- @ mode simple
;
-- == version
SELECT current_setting('server_version_num')::int/100 as version
-- == extension
SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'
-- == schemas
SELECT schema_name AS "name" FROM information_schema.schemata
WHERE schema_name NOT IN ('information_schema', 'pg_catalog', 'pg_toast', '_timescaledb_cache', '_timescaledb_catalog', 'timescaledb_information') ORDER BY schema_name
-- == tables
SELECT CASE WHEN quote_ident(table_schema) IN (
         SELECT CASE WHEN trim(p[i]) = '"$user"' THEN user ELSE trim(p[i]) END
         FROM generate_series(array_lower(string_to_array(current_setting('search_path'),','),1), array_upper(string_to_array(current_setting('search_path'),','),1)) as i,
              string_to_array(current_setting('search_path'),',') p)
       THEN quote_ident(table_name) ELSE quote_ident(table_schema) || '.' || quote_ident(table_name) END AS "table"
FROM information_schema.tables WHERE quote_ident(table_schema) NOT IN ('information_schema', 'pg_catalog', '_timescaledb_cache') ORDER BY 1
-- == columns
SELECT quote_ident(column_name) AS "column", data_type AS "type" FROM information_schema.columns
WHERE CASE WHEN array_length(parse_ident('public.messages'),1) = 2
           THEN quote_ident(table_schema) = (parse_ident('public.messages'))[1] AND quote_ident(table_name) = (parse_ident('public.messages'))[2]
           ELSE quote_ident(table_name) = 'public.messages' AND quote_ident(table_schema) IN (SELECT CASE WHEN trim(p[i]) = '"$user"' THEN user ELSE trim(p[i]) END
                FROM generate_series(array_lower(string_to_array(current_setting('search_path'),','),1), array_upper(string_to_array(current_setting('search_path'),','),1)) as i,
                     string_to_array(current_setting('search_path'),',') p) END
-- == time series
SELECT floor(extract(epoch from "at")/3600)*3600 AS "time", kind AS metric, count(*) AS n FROM events
WHERE "at" BETWEEN '2024-01-03T00:00:00Z' AND '2027-06-03T06:00:00.123Z' GROUP BY 1, 2 ORDER BY 1, 2
-- == a variable
SELECT DISTINCT name FROM campaigns WHERE status IN ('active','paused') ORDER BY name
-- == a table panel
SELECT "at" AS "time", latency_ms AS "latency", host(ip) AS host FROM events WHERE extract(epoch from "at") >= 1704240000 and latency_ms is not null ORDER BY 1, 2, 3 LIMIT 20
-- == a prepared panel
-- @ types 23
-- @ params 3
SELECT id, name FROM campaigns WHERE channel_id <= $1 ORDER BY id LIMIT 5
-- == described first, then run
-- @ send P:lrupsc_1_0 D:S:lrupsc_1_0 S
SELECT id, budget, created_at FROM campaigns WHERE created_at > $1 AND id > $2 ORDER BY id
-- == run
-- @ send b::lrupsc_1_0 E S
-- @ params 2020-01-01 00:00:00+00|0
-- == dropped
-- @ mode simple
DEALLOCATE lrupsc_1_0
-- == alerting's health
SELECT 1
