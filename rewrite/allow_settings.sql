-- The settings that PostgreSQL 15 knows, in lower case: one line of allow_settings.def each. What a client may change, and what the
-- session knows by itself, stands in policy/settings.h. Of all others this list says
--   the context   which of PostgreSQL's errors SET gives
--   what is shown HIDDEN   what PostgreSQL shows superusers only: files, libraries, details of TLS
--                 SERVER   the catalog server's own value: it is about the database that a client works with, not about the machine
--                 STOCK    what a PostgreSQL that was just installed shows, which is the text that stands there: the true value
--                          tells of the operator's server. This holds for all that is not listed here
-- The last four are not shown by pg_settings. Run by tests/lint/allow_lists.py.
WITH hidden (name) AS (VALUES
  ('config_file'), ('data_directory'), ('dynamic_library_path'), ('extension_destdir'), ('external_pid_file'), ('hba_file'), ('ident_file'),
  ('jit_provider'), ('krb_server_keyfile'), ('log_directory'), ('log_filename'), ('output_plugin_libraries'), ('primary_conninfo'),
  ('session_preload_libraries'), ('shared_preload_libraries'), ('ssl_ciphers'), ('ssl_dh_params_file'), ('ssl_ecdh_curve'),
  ('ssl_max_protocol_version'), ('ssl_min_protocol_version'), ('ssl_passphrase_command'), ('unix_socket_directories')
),
server (name) AS (VALUES
  ('block_size'), ('debug_assertions'), ('default_text_search_config'), ('lc_collate'), ('lc_ctype'), ('lc_messages'), ('lc_monetary'), ('lc_numeric'),
  ('lc_time'), ('max_function_args'), ('segment_size'), ('server_version'), ('server_version_num'), ('transaction_deferrable'),
  ('transaction_isolation'), ('transaction_read_only'), ('wal_block_size'), ('wal_segment_size')
),
-- Where that is another value than the one that is built in.
stock (name, shown) AS (VALUES
  ('archive_command', '(disabled)'), ('data_directory_mode', '0700'), ('dynamic_shared_memory_type', 'posix'), ('log_file_mode', '0600'),
  ('log_timezone', 'UTC'), ('max_stack_depth', '2MB'), ('shared_memory_size', '143MB'), ('shared_memory_size_in_huge_pages', '72'),
  ('timezone_abbreviations', 'Default'), ('unix_socket_permissions', '0777'), ('wal_buffers', '4MB')
),
-- A number in the largest unit that leaves it whole, as SHOW writes it.
units (base, unit, factor) AS (VALUES
  ('B', 'GB', 1073741824), ('B', 'MB', 1048576), ('B', 'kB', 1024), ('B', 'B', 1),
  ('kB', 'TB', 1073741824), ('kB', 'GB', 1048576), ('kB', 'MB', 1024), ('kB', 'kB', 1),
  ('8kB', 'TB', 134217728), ('8kB', 'GB', 131072), ('8kB', 'MB', 128), ('8kB', 'kB', 0.125),
  ('MB', 'TB', 1048576), ('MB', 'GB', 1024), ('MB', 'MB', 1),
  ('ms', 'd', 86400000), ('ms', 'h', 3600000), ('ms', 'min', 60000), ('ms', 's', 1000), ('ms', 'ms', 1),
  ('s', 'd', 86400), ('s', 'h', 3600), ('s', 'min', 60), ('s', 's', 1), ('min', 'd', 1440), ('min', 'h', 60), ('min', 'min', 1)
),
known AS (
  SELECT lower(s.name) AS name, upper(replace(s.context, '-', '_')) AS context,
         CASE WHEN h.name IS NOT NULL THEN 'HIDDEN' WHEN v.name IS NOT NULL THEN 'SERVER' ELSE 'STOCK' END AS shown,
         coalesce(t.shown, CASE WHEN s.unit IS NULL OR s.boot_val::numeric <= 0 THEN s.boot_val ELSE
           (SELECT trim_scale(s.boot_val::numeric / u.factor) || u.unit FROM units AS u
            WHERE u.base = s.unit AND s.boot_val::numeric / u.factor = trunc(s.boot_val::numeric / u.factor) ORDER BY u.factor DESC LIMIT 1) END, '')
           AS text
  FROM pg_settings AS s LEFT JOIN hidden AS h ON h.name = s.name LEFT JOIN server AS v ON v.name = s.name LEFT JOIN stock AS t ON t.name = s.name
  WHERE s.name !~ '\.'
  UNION ALL VALUES ('is_superuser', 'INTERNAL', 'STOCK', 'off'), ('role', 'USER', 'STOCK', 'none'), ('seed', 'USER', 'STOCK', 'unavailable'),
                   ('session_authorization', 'USER', 'STOCK', '')
)
SELECT format('HG_KNOWN_SETTING("%s", %s, %s, "%s")', name, context, shown, CASE WHEN shown = 'STOCK' THEN replace(text, '"', '\"') ELSE '' END)
FROM known ORDER BY name COLLATE "C";
