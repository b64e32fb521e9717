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
};

/* X(name as PostgreSQL spells it, initial value canonical, flags), in the order in which PostgreSQL reports
 * them */
#define HG_SETTINGS(X)                                                                                       \
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
    X(lock_timeout, "lock_timeout", "0", HG_SETTING_SYNC)                                                    \
    X(max_identifier_length, "max_identifier_length", "63", HG_SETTING_READONLY)                             \
    X(max_index_keys, "max_index_keys", "32", HG_SETTING_READONLY)                                           \
    X(password_encryption, "password_encryption", "scram-sha-256", HG_SETTING_READONLY)                      \
    X(role, "role", "none", HG_SETTING_READONLY)                                                             \
    X(row_security, "row_security", "on", HG_SETTING_FIXED)                                                  \
    X(search_path, "search_path", "\"$user\", public", HG_SETTING_VIRTUAL | HG_SETTING_LIST)                 \
    X(server_encoding, "server_encoding", "UTF8", HG_SETTING_REPORT | HG_SETTING_READONLY)                   \
    X(server_version, "server_version", NULL, HG_SETTING_REPORT | HG_SETTING_READONLY)                       \
    X(server_version_num, "server_version_num", NULL, HG_SETTING_READONLY)                                   \
    X(session_authorization, "session_authorization", NULL, HG_SETTING_REPORT | HG_SETTING_READONLY)         \
    X(standard_conforming_strings, "standard_conforming_strings", "on",                                      \
      HG_SETTING_REPORT | HG_SETTING_FIXED)                                                                  \
    X(statement_timeout, "statement_timeout", "0", HG_SETTING_SYNC)                                          \
    X(synchronize_seqscans, "synchronize_seqscans", "on", HG_SETTING_SYNC)                                   \
    X(timezone, "TimeZone", "UTC", HG_SETTING_REPORT | HG_SETTING_SYNC)                                      \
    X(transaction_deferrable, "transaction_deferrable", NULL, HG_SETTING_READONLY)                           \
    X(transaction_isolation, "transaction_isolation", NULL, HG_SETTING_READONLY)                             \
    X(transaction_read_only, "transaction_read_only", NULL, HG_SETTING_READONLY)                             \
    X(xmloption, "xmloption", "content", HG_SETTING_SYNC)

enum hg_setting_id {
#define HG_SETTING_ENUM(id, name, initial, flags) HG_SET_##id,
    HG_SETTINGS(HG_SETTING_ENUM)
#undef HG_SETTING_ENUM
        HG_NSETTINGS
};

struct hg_setting {
    const char *name;    /* canonical spelling */
    const char *initial; /* NULL: not known without asking */
    unsigned flags;
};

extern const struct hg_setting hg_settings[HG_NSETTINGS];

/* Id of a name in any case, or -1. */
int hg_setting_find(struct hg_slice name);

#endif
