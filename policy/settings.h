/* The settings (GUCs) that a client may see or change: one table, the truth for SET, SHOW, RESET, startup
 * parameters, ParameterStatus and for what is kept equal between a client and the server connection that
 * works for it. */
#ifndef HG_SETTINGS_H
#define HG_SETTINGS_H

#include "slice.h"

enum hg_setting_flags {
    HG_SETTING_REPORT = 1, /* ParameterStatus at login and on change */
    HG_SETTING_READONLY =
        2, /* SHOW only; `initial` is what it always is, or NULL: the catalog backend is asked */
    HG_SETTING_FIXED =
        4, /* SET is accepted for the initial value only (spelled in any way that PostgreSQL takes) */
    HG_SETTING_SYNC = 8,     /* carried to server connections */
    HG_SETTING_VIRTUAL = 16, /* carried to the catalog backend only: search_path */
    HG_SETTING_HERE = 64,    /* acts in Headgate itself or, as with jit, on nothing that a client could see:
                                carried nowhere */
    HG_SETTING_LIST = 32,    /* a comma-separated list of identifiers (SET takes several values) */
    HG_SETTING_NAMES = 128,  /* its values name what one server may have and another lack: a backend is asked
                                before it is told */
    HG_SETTING_LOCALE = 256, /* a server's own value counts until the client sets one; Redshift has no such
                                setting */
};

/* X(name as PostgreSQL spells it, initial value canonical, flags), in the order in which PostgreSQL reports
 * them */
#define HG_SETTINGS(X)                                                                                       \
    HG_ACTING_SETTINGS(X)                                                                                    \
    HG_KEPT_SETTINGS(X)

#define HG_ACTING_SETTINGS(X)                                                                                \
    X(application_name, "application_name", "", HG_SETTING_REPORT | HG_SETTING_SYNC)                         \
    X(bytea_output, "bytea_output", "hex", HG_SETTING_SYNC)                                                  \
    X(client_connection_check_interval, "client_connection_check_interval", "0", HG_SETTING_HERE)            \
    X(client_encoding, "client_encoding", "UTF8", HG_SETTING_REPORT | HG_SETTING_FIXED)                      \
    X(client_min_messages, "client_min_messages", "notice", HG_SETTING_SYNC)                                 \
    X(datestyle, "DateStyle", "ISO, MDY", HG_SETTING_REPORT | HG_SETTING_SYNC | HG_SETTING_LIST)             \
    X(default_transaction_deferrable, "default_transaction_deferrable", "off", HG_SETTING_SYNC)              \
    X(default_transaction_isolation, "default_transaction_isolation", "read committed", HG_SETTING_SYNC)     \
    X(default_transaction_read_only, "default_transaction_read_only", "off",                                 \
      HG_SETTING_REPORT | HG_SETTING_SYNC)                                                                   \
    X(default_text_search_config, "default_text_search_config", NULL,                                        \
      HG_SETTING_SYNC | HG_SETTING_NAMES | HG_SETTING_LOCALE)                                                \
    X(escape_string_warning, "escape_string_warning", "on", HG_SETTING_SYNC)                                 \
    X(extra_float_digits, "extra_float_digits", "1", HG_SETTING_SYNC)                                        \
    X(idle_in_transaction_session_timeout, "idle_in_transaction_session_timeout", "0", HG_SETTING_SYNC)      \
    X(idle_session_timeout, "idle_session_timeout", "0", HG_SETTING_HERE)                                    \
    X(in_hot_standby, "in_hot_standby", "off", HG_SETTING_REPORT | HG_SETTING_READONLY)                      \
    X(integer_datetimes, "integer_datetimes", "on", HG_SETTING_REPORT | HG_SETTING_READONLY)                 \
    X(intervalstyle, "IntervalStyle", "postgres", HG_SETTING_REPORT | HG_SETTING_SYNC)                       \
    X(is_superuser, "is_superuser", "off", HG_SETTING_REPORT | HG_SETTING_READONLY)                          \
    X(jit, "jit", "on", HG_SETTING_HERE)                                                                     \
    X(lc_collate, "lc_collate", NULL, HG_SETTING_READONLY)                                                   \
    X(lc_ctype, "lc_ctype", NULL, HG_SETTING_READONLY)                                                       \
    X(lc_monetary, "lc_monetary", NULL, HG_SETTING_SYNC | HG_SETTING_NAMES | HG_SETTING_LOCALE)              \
    X(lc_numeric, "lc_numeric", NULL, HG_SETTING_SYNC | HG_SETTING_NAMES | HG_SETTING_LOCALE)                \
    X(lc_time, "lc_time", NULL, HG_SETTING_SYNC | HG_SETTING_NAMES | HG_SETTING_LOCALE)                      \
    X(lock_timeout, "lock_timeout", "0", HG_SETTING_SYNC)                                                    \
    X(max_identifier_length, "max_identifier_length", "63", HG_SETTING_READONLY)                             \
    X(max_index_keys, "max_index_keys", "32", HG_SETTING_READONLY)                                           \
    X(role, "role", "none", HG_SETTING_HERE)                                                                 \
    X(row_security, "row_security", "on", HG_SETTING_FIXED)                                                  \
    X(search_path, "search_path", "\"$user\", public", HG_SETTING_VIRTUAL | HG_SETTING_LIST)                 \
    X(server_encoding, "server_encoding", "UTF8", HG_SETTING_REPORT | HG_SETTING_READONLY)                   \
    X(server_version, "server_version", NULL, HG_SETTING_REPORT | HG_SETTING_READONLY)                       \
    X(server_version_num, "server_version_num", NULL, HG_SETTING_READONLY)                                   \
    X(session_authorization, "session_authorization", NULL, HG_SETTING_REPORT)                               \
    X(standard_conforming_strings, "standard_conforming_strings", "on",                                      \
      HG_SETTING_REPORT | HG_SETTING_FIXED)                                                                  \
    X(statement_timeout, "statement_timeout", "0", HG_SETTING_SYNC)                                          \
    X(synchronize_seqscans, "synchronize_seqscans", "on", HG_SETTING_SYNC)                                   \
    X(timezone, "TimeZone", "UTC", HG_SETTING_REPORT | HG_SETTING_SYNC | HG_SETTING_NAMES)                   \
    X(transaction_deferrable, "transaction_deferrable", NULL, HG_SETTING_READONLY)                           \
    X(transaction_isolation, "transaction_isolation", NULL, HG_SETTING_READONLY)                             \
    X(transaction_read_only, "transaction_read_only", NULL, HG_SETTING_READONLY)                             \
    X(xmlbinary, "xmlbinary", "base64", HG_SETTING_SYNC)                                                     \
    X(xmloption, "xmloption", "content", HG_SETTING_SYNC)

/* Settings that a session keeps and shows, and that go nowhere: what they are about (memory, plans,
 * durability) belongs to all tenants of a server. Those that would give a text or a value another meaning are
 * fixed. */
#define HG_KEPT_SETTINGS(X)                                                                                  \
    X(array_nulls, "array_nulls", "on", HG_SETTING_FIXED)                                                    \
    X(backend_flush_after, "backend_flush_after", "0", HG_SETTING_HERE)                                      \
    X(backslash_quote, "backslash_quote", "safe_encoding", HG_SETTING_FIXED)                                 \
    X(check_function_bodies, "check_function_bodies", "on", HG_SETTING_HERE)                                 \
    X(commit_siblings, "commit_siblings", "5", HG_SETTING_HERE)                                              \
    X(constraint_exclusion, "constraint_exclusion", "partition", HG_SETTING_HERE)                            \
    X(cpu_index_tuple_cost, "cpu_index_tuple_cost", "0.005", HG_SETTING_HERE)                                \
    X(cpu_operator_cost, "cpu_operator_cost", "0.0025", HG_SETTING_HERE)                                     \
    X(cpu_tuple_cost, "cpu_tuple_cost", "0.01", HG_SETTING_HERE)                                             \
    X(cursor_tuple_fraction, "cursor_tuple_fraction", "0.1", HG_SETTING_HERE)                                \
    X(debug_pretty_print, "debug_pretty_print", "on", HG_SETTING_HERE)                                       \
    X(debug_print_parse, "debug_print_parse", "off", HG_SETTING_HERE)                                        \
    X(debug_print_plan, "debug_print_plan", "off", HG_SETTING_HERE)                                          \
    X(debug_print_rewritten, "debug_print_rewritten", "off", HG_SETTING_HERE)                                \
    X(default_statistics_target, "default_statistics_target", "100", HG_SETTING_HERE)                        \
    X(default_table_access_method, "default_table_access_method", "heap", HG_SETTING_FIXED)                  \
    X(default_tablespace, "default_tablespace", "", HG_SETTING_FIXED)                                        \
    X(default_toast_compression, "default_toast_compression", "pglz", HG_SETTING_HERE)                       \
    X(effective_cache_size, "effective_cache_size", "4GB", HG_SETTING_HERE)                                  \
    X(effective_io_concurrency, "effective_io_concurrency", "1", HG_SETTING_HERE)                            \
    X(enable_async_append, "enable_async_append", "on", HG_SETTING_HERE)                                     \
    X(enable_bitmapscan, "enable_bitmapscan", "on", HG_SETTING_HERE)                                         \
    X(enable_gathermerge, "enable_gathermerge", "on", HG_SETTING_HERE)                                       \
    X(enable_hashagg, "enable_hashagg", "on", HG_SETTING_HERE)                                               \
    X(enable_hashjoin, "enable_hashjoin", "on", HG_SETTING_HERE)                                             \
    X(enable_incremental_sort, "enable_incremental_sort", "on", HG_SETTING_HERE)                             \
    X(enable_indexonlyscan, "enable_indexonlyscan", "on", HG_SETTING_HERE)                                   \
    X(enable_indexscan, "enable_indexscan", "on", HG_SETTING_HERE)                                           \
    X(enable_material, "enable_material", "on", HG_SETTING_HERE)                                             \
    X(enable_memoize, "enable_memoize", "on", HG_SETTING_HERE)                                               \
    X(enable_mergejoin, "enable_mergejoin", "on", HG_SETTING_HERE)                                           \
    X(enable_nestloop, "enable_nestloop", "on", HG_SETTING_HERE)                                             \
    X(enable_parallel_append, "enable_parallel_append", "on", HG_SETTING_HERE)                               \
    X(enable_parallel_hash, "enable_parallel_hash", "on", HG_SETTING_HERE)                                   \
    X(enable_partition_pruning, "enable_partition_pruning", "on", HG_SETTING_HERE)                           \
    X(enable_partitionwise_aggregate, "enable_partitionwise_aggregate", "off", HG_SETTING_HERE)              \
    X(enable_partitionwise_join, "enable_partitionwise_join", "off", HG_SETTING_HERE)                        \
    X(enable_seqscan, "enable_seqscan", "on", HG_SETTING_HERE)                                               \
    X(enable_sort, "enable_sort", "on", HG_SETTING_HERE)                                                     \
    X(enable_tidscan, "enable_tidscan", "on", HG_SETTING_HERE)                                               \
    X(exit_on_error, "exit_on_error", "off", HG_SETTING_FIXED)                                               \
    X(force_parallel_mode, "force_parallel_mode", "off", HG_SETTING_HERE)                                    \
    X(from_collapse_limit, "from_collapse_limit", "8", HG_SETTING_HERE)                                      \
    X(geqo, "geqo", "on", HG_SETTING_HERE)                                                                   \
    X(geqo_effort, "geqo_effort", "5", HG_SETTING_HERE)                                                      \
    X(geqo_generations, "geqo_generations", "0", HG_SETTING_HERE)                                            \
    X(geqo_pool_size, "geqo_pool_size", "0", HG_SETTING_HERE)                                                \
    X(geqo_seed, "geqo_seed", "0", HG_SETTING_HERE)                                                          \
    X(geqo_selection_bias, "geqo_selection_bias", "2", HG_SETTING_HERE)                                      \
    X(geqo_threshold, "geqo_threshold", "12", HG_SETTING_HERE)                                               \
    X(gin_fuzzy_search_limit, "gin_fuzzy_search_limit", "0", HG_SETTING_HERE)                                \
    X(gin_pending_list_limit, "gin_pending_list_limit", "4MB", HG_SETTING_HERE)                              \
    X(hash_mem_multiplier, "hash_mem_multiplier", "2", HG_SETTING_HERE)                                      \
    X(jit_above_cost, "jit_above_cost", "100000", HG_SETTING_HERE)                                           \
    X(jit_expressions, "jit_expressions", "on", HG_SETTING_HERE)                                             \
    X(jit_inline_above_cost, "jit_inline_above_cost", "500000", HG_SETTING_HERE)                             \
    X(jit_optimize_above_cost, "jit_optimize_above_cost", "500000", HG_SETTING_HERE)                         \
    X(jit_tuple_deforming, "jit_tuple_deforming", "on", HG_SETTING_HERE)                                     \
    X(join_collapse_limit, "join_collapse_limit", "8", HG_SETTING_HERE)                                      \
    X(local_preload_libraries, "local_preload_libraries", "", HG_SETTING_FIXED | HG_SETTING_LIST)            \
    X(log_parameter_max_length_on_error, "log_parameter_max_length_on_error", "0", HG_SETTING_FIXED)         \
    X(logical_decoding_work_mem, "logical_decoding_work_mem", "64MB", HG_SETTING_HERE)                       \
    X(maintenance_io_concurrency, "maintenance_io_concurrency", "10", HG_SETTING_HERE)                       \
    X(maintenance_work_mem, "maintenance_work_mem", "64MB", HG_SETTING_HERE)                                 \
    X(max_parallel_maintenance_workers, "max_parallel_maintenance_workers", "2", HG_SETTING_HERE)            \
    X(max_parallel_workers, "max_parallel_workers", "8", HG_SETTING_HERE)                                    \
    X(max_parallel_workers_per_gather, "max_parallel_workers_per_gather", "2", HG_SETTING_HERE)              \
    X(min_parallel_index_scan_size, "min_parallel_index_scan_size", "512kB", HG_SETTING_HERE)                \
    X(min_parallel_table_scan_size, "min_parallel_table_scan_size", "8MB", HG_SETTING_HERE)                  \
    X(parallel_leader_participation, "parallel_leader_participation", "on", HG_SETTING_HERE)                 \
    X(parallel_setup_cost, "parallel_setup_cost", "1000", HG_SETTING_HERE)                                   \
    X(parallel_tuple_cost, "parallel_tuple_cost", "0.1", HG_SETTING_HERE)                                    \
    X(password_encryption, "password_encryption", "scram-sha-256", HG_SETTING_HERE)                          \
    X(plan_cache_mode, "plan_cache_mode", "auto", HG_SETTING_HERE)                                           \
    X(quote_all_identifiers, "quote_all_identifiers", "off", HG_SETTING_FIXED)                               \
    X(random_page_cost, "random_page_cost", "4", HG_SETTING_HERE)                                            \
    X(recursive_worktable_factor, "recursive_worktable_factor", "10", HG_SETTING_HERE)                       \
    X(restrict_nonsystem_relation_kind, "restrict_nonsystem_relation_kind", "",                              \
      HG_SETTING_HERE | HG_SETTING_LIST)                                                                     \
    X(seq_page_cost, "seq_page_cost", "1", HG_SETTING_HERE)                                                  \
    X(stats_fetch_consistency, "stats_fetch_consistency", "cache", HG_SETTING_HERE)                          \
    X(synchronous_commit, "synchronous_commit", "on", HG_SETTING_HERE)                                       \
    X(tcp_keepalives_count, "tcp_keepalives_count", "9", HG_SETTING_HERE)                                    \
    X(tcp_keepalives_idle, "tcp_keepalives_idle", "7200", HG_SETTING_HERE)                                   \
    X(tcp_keepalives_interval, "tcp_keepalives_interval", "75", HG_SETTING_HERE)                             \
    X(tcp_user_timeout, "tcp_user_timeout", "0", HG_SETTING_HERE)                                            \
    X(temp_buffers, "temp_buffers", "8MB", HG_SETTING_HERE)                                                  \
    X(temp_tablespaces, "temp_tablespaces", "", HG_SETTING_FIXED | HG_SETTING_LIST)                          \
    X(timezone_abbreviations, "timezone_abbreviations", "Default", HG_SETTING_FIXED)                         \
    X(trace_notify, "trace_notify", "off", HG_SETTING_HERE)                                                  \
    X(trace_sort, "trace_sort", "off", HG_SETTING_HERE)                                                      \
    X(transform_null_equals, "transform_null_equals", "off", HG_SETTING_FIXED)                               \
    X(vacuum_cost_delay, "vacuum_cost_delay", "0", HG_SETTING_HERE)                                          \
    X(vacuum_cost_limit, "vacuum_cost_limit", "200", HG_SETTING_HERE)                                        \
    X(vacuum_cost_page_dirty, "vacuum_cost_page_dirty", "20", HG_SETTING_HERE)                               \
    X(vacuum_cost_page_hit, "vacuum_cost_page_hit", "1", HG_SETTING_HERE)                                    \
    X(vacuum_cost_page_miss, "vacuum_cost_page_miss", "2", HG_SETTING_HERE)                                  \
    X(vacuum_failsafe_age, "vacuum_failsafe_age", "1600000000", HG_SETTING_HERE)                             \
    X(vacuum_freeze_min_age, "vacuum_freeze_min_age", "50000000", HG_SETTING_HERE)                           \
    X(vacuum_freeze_table_age, "vacuum_freeze_table_age", "150000000", HG_SETTING_HERE)                      \
    X(vacuum_multixact_failsafe_age, "vacuum_multixact_failsafe_age", "1600000000", HG_SETTING_HERE)         \
    X(vacuum_multixact_freeze_min_age, "vacuum_multixact_freeze_min_age", "5000000", HG_SETTING_HERE)        \
    X(vacuum_multixact_freeze_table_age, "vacuum_multixact_freeze_table_age", "150000000", HG_SETTING_HERE)  \
    X(wal_sender_timeout, "wal_sender_timeout", "1min", HG_SETTING_HERE)                                     \
    X(wal_skip_threshold, "wal_skip_threshold", "2MB", HG_SETTING_HERE)                                      \
    X(work_mem, "work_mem", "4MB", HG_SETTING_HERE)

enum hg_setting_id {
#define HG_SETTING_ENUM(id, name, initial, flags) HG_SET_##id,
    HG_SETTINGS(HG_SETTING_ENUM)
#undef HG_SETTING_ENUM
        HG_NSETTINGS,
    HG_NCARRIED = HG_SET_xmloption + 1 /* of these some are carried to servers; none of those behind them */
};

struct hg_setting {
    const char *name;    /* canonical spelling */
    const char *initial; /* NULL: not known without asking; then an empty value stands for it, too */
    unsigned flags;
};

extern const struct hg_setting hg_settings[HG_NSETTINGS];

/* Id of a name in any case, or -1. */
int hg_setting_find(struct hg_slice name);

#endif
