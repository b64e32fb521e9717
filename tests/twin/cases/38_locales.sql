-- Settings about locales and text search, and who one is. The servers of the tests know de_DE.UTF-8 besides C.
SHOW lc_time;
SELECT to_char(date '2024-03-05', 'TMMonth TMDay'), to_char(1234.5, '9G999D9L'), 1234.5::money;
SET lc_time = 'de_DE.UTF-8';
SHOW lc_time;
SELECT current_setting('lc_time'), current_setting('LC_' || 'TIME');
SELECT to_char(date '2024-03-05', 'TMMonth TMDay');
SELECT to_char(starts_on, 'TMMonth'), count(*) FROM campaigns GROUP BY 1 ORDER BY 1;
SELECT to_date('05 März 2024', 'DD TMMonth YYYY');
SELECT name, setting, source, reset_val, context FROM pg_settings WHERE name ~ '^lc_|default_text' ORDER BY name COLLATE "C";
RESET lc_time;
SHOW lc_time;
SELECT to_char(date '2024-03-05', 'TMMonth TMDay');
SELECT to_char(starts_on, 'TMMonth'), count(*) FROM campaigns GROUP BY 1 ORDER BY 1;
SET lc_monetary TO 'de_DE.UTF-8';
SELECT 1234.5::numeric::money, '1.234,50 €'::money, to_char(1.5, 'L9');
SELECT count(*), sum(id)::numeric::money FROM campaigns;
SELECT count(*) FROM campaigns WHERE id::numeric::money > '1.234,50 €'::money;
SET lc_numeric TO 'de_DE.UTF-8';
SELECT to_char(1234567.891, '9G999G999D99'), to_number('1.234,5', '9G999D9');
SELECT to_char(max(id), '9G999G999D99'), to_number('1.234,5', '9G999D9') FROM campaigns;
-- a statement that was prepared under another locale
PREPARE p AS SELECT '1,50'::money, to_char(2.5, '0D0') FROM campaigns ORDER BY id LIMIT 1;
-- @ user acme_bi,globex_bi
EXECUTE p;
SET lc_monetary TO DEFAULT;
SET lc_numeric = DEFAULT;
-- @ user acme_bi,globex_bi
EXECUTE p;
DEALLOCATE p;
SELECT '1,50'::money;
-- transactions
BEGIN;
SET LOCAL lc_time = 'de_DE.UTF-8';
SELECT to_char(date '2024-12-05', 'TMMonth') FROM campaigns LIMIT 1;
SHOW lc_time;
COMMIT;
SHOW lc_time;
SELECT to_char(date '2024-12-05', 'TMMonth') FROM campaigns LIMIT 1;
BEGIN;
SET lc_time = 'de_DE.UTF-8';
SELECT to_char(date '2024-12-05', 'TMMonth') FROM campaigns LIMIT 1;
SAVEPOINT s;
SET LOCAL lc_time TO DEFAULT;
SHOW lc_time;
SELECT to_char(date '2024-12-05', 'TMMonth') FROM campaigns LIMIT 1;
ROLLBACK TO s;
SELECT to_char(date '2024-12-05', 'TMMonth') FROM campaigns LIMIT 1;
ROLLBACK;
SELECT to_char(date '2024-12-05', 'TMMonth') FROM campaigns LIMIT 1;
SELECT set_config('lc_time', 'de_DE.UTF-8', false);
SELECT set_config('lc_time', 'C', true);
SHOW lc_time;
RESET ALL;
SHOW lc_time;
SET lc_time = 'C';
SET lc_numeric = 'POSIX';
SHOW lc_numeric;
RESET ALL;
-- @ error 22023
SET lc_time = 'no_SUCH';
-- @ error 22023
SET lc_monetary TO 'C', 'POSIX';
-- @ error 22023
SELECT set_config('lc_numeric', 'no_SUCH', false);
-- @ error 42501
SET lc_messages = 'C';
-- @ error 42501
RESET lc_messages;
-- @ error 55P02
SET lc_collate = 'C';
-- @ refused 0A000
SET lc_time = '';

-- text search
SHOW default_text_search_config;
SET default_text_search_config = 'german';
SHOW default_text_search_config;
SELECT to_tsvector('Die Häuser standen'), plainto_tsquery('Häuser'), get_current_ts_config();
SELECT to_tsvector(name), to_tsvector(name) @@ to_tsquery('campaigns') FROM campaigns ORDER BY id LIMIT 3;
SET default_text_search_config TO 'pg_catalog.simple';
SELECT to_tsvector('The houses stood');
SELECT to_tsvector('The houses stood ' || name) FROM campaigns ORDER BY id LIMIT 2;
SELECT set_config('default_text_search_config', 'french', false);
SELECT to_tsvector('les maisons');
RESET default_text_search_config;
SELECT to_tsvector('The houses stood ' || name) FROM campaigns ORDER BY id LIMIT 2;
-- @ error 22023
SET default_text_search_config = 'nothing';
-- @ error 42602
SET default_text_search_config = '';

-- Who one is.
SHOW role;
-- @ user acme_bi
SET ROLE acme_bi;
-- @ user acme_bi
SHOW role;
-- @ user acme_bi
SELECT current_setting('role'), current_user, session_user, current_role;
-- @ user acme_bi
SELECT current_setting('ro' || 'le');
-- @ user acme_bi
RESET ALL;
-- @ user acme_bi
SHOW role;
-- @ user acme_bi
SET SESSION AUTHORIZATION acme_bi;
-- @ user acme_bi
SHOW role;
-- @ user acme_bi
SHOW session_authorization;
-- @ user acme_bi
SET ROLE 'acme_bi';
-- @ user acme_bi
BEGIN;
-- @ user acme_bi
SET LOCAL ROLE none;
-- @ user acme_bi
SHOW role;
-- @ user acme_bi
COMMIT;
-- @ user acme_bi
SHOW role;
-- @ user acme_bi
BEGIN;
-- @ user acme_bi
SET SESSION AUTHORIZATION DEFAULT;
-- @ user acme_bi
SHOW role;
-- @ user acme_bi
ROLLBACK;
-- @ user acme_bi
SHOW role;
-- @ user acme_bi
DISCARD ALL;
-- @ user acme_bi
SHOW role;
-- @ user acme_bi
SET role TO acme_bi;
-- @ user acme_bi
RESET SESSION AUTHORIZATION;
-- @ user acme_bi
SHOW role;
-- @ user acme_bi
SELECT set_config('role', 'acme_bi', false), set_config('session_authorization', 'acme_bi', true);
-- @ user acme_bi
SET session_authorization = acme_bi;
RESET ROLE;
SET ROLE NONE;
SET LOCAL ROLE NONE;
SELECT set_config('role', null, false);
SHOW role;
-- @ error 22023
SET ROLE nobody;
-- @ error 22023
SET ROLE pg_nothing;
-- @ error 42501
SET ROLE postgres;
-- @ error 42501
SET ROLE pg_read_all_data;
-- @ error 22023
SET ROLE '';
-- @ error 42501
SET SESSION AUTHORIZATION postgres;
-- @ error 22023
SET SESSION AUTHORIZATION globex_rw2;
-- @ error 22023
SET SESSION AUTHORIZATION none;
-- @ error 22023
SELECT set_config('role', 'nobody', false);
