/* The process's own settings: conf/headgate.yaml, checked. Part of a snapshot; immutable after loading. */
#ifndef HG_CONFIG_H
#define HG_CONFIG_H

#include "diag.h"

#define HG_MAX_BACKENDS 16

/* The setting of a server connection that says for which tenant it works: Headgate's to set, unknown to
 * clients. */
#define HG_WALL_SETTING "headgate.tenant"

enum hg_dialect { HG_DIALECT_POSTGRESQL, HG_DIALECT_REDSHIFT };

/* Towards clients: disable | prefer (plain or TLS) | require. Towards backends: disable | prefer | require |
 * verify-full. */
enum hg_tls_mode { HG_TLS_DISABLE, HG_TLS_PREFER, HG_TLS_REQUIRE, HG_TLS_VERIFY_FULL };

/* Towards backends: is a login to be bound to the TLS connection that it comes over? */
enum hg_channel_binding { HG_BINDING_DISABLE, HG_BINDING_PREFER, HG_BINDING_REQUIRE };

#define HG_MAX_HOSTS 8

struct hg_host {
    const char *name; /* a name, an address, or a directory of a Unix socket (begins with '/') */
    uint16_t port;
};

/* Which of the hosts will do: what the server says of itself at login (in_hot_standby) decides. */
enum hg_target { HG_TARGET_ANY, HG_TARGET_PRIMARY, HG_TARGET_STANDBY };

struct hg_backend_config {
    const char *name;
    unsigned index; /* its bit in `backends` masks */
    enum hg_dialect dialect;
    struct hg_host *hosts; /* tried in this order */
    size_t nhosts;
    const char *host; /* of the first */
    uint16_t port;
    enum hg_target target;
    const char *database;
    const char *user;
    const char *password;            /* "" when none; resolved from password, password_env or password_file */
    const char *password_file;       /* NULL, or where that came from: it is read again when it is refused */
    char *const *credential_command; /* NULL, or what prints user and password; NULL-terminated */
    enum hg_tls_mode tls;
    uint64_t tls_ca_stamp; /* another one when that file has changed */
    const char *tls_ca;    /* file of trusted roots for verify-full; NULL = system's */
    enum hg_channel_binding channel_binding;
    bool walls;         /* each connection is told the tenant it works for: `walls:`. Never on the catalog */
    uint32_t pool_size; /* server connections at most, over all workers */
    uint32_t pool_min;  /* of those, kept open even when nobody uses them */
    uint32_t connect_timeout_ms;
    uint32_t queue_timeout_ms;   /* how long a statement waits for a server connection: then 53300 */
    uint32_t idle_timeout_ms;    /* an unused server connection is closed after this; 0 = never */
    uint32_t max_age_ms;         /* an older server connection is closed when nobody uses it; 0 = never */
    uint32_t health_interval_ms; /* how often unused connections and failed hosts are looked at; 0 = never */
    uint32_t query_timeout_ms; /* a backend silent for this long during a statement is given up; 0 = never */
};

/* What an administrator may do in the console: each may what those before it may. */
enum hg_admin_role { HG_ADMIN_VIEWER, HG_ADMIN_OPERATOR, HG_ADMIN_ADMIN };
extern const char *const hg_admin_role_names[]; /* as the configuration spells them; ends with NULL */

/* Who may log in to the console. Tenants' users are no administrators, whatever they are called. */
struct hg_admin {
    struct hg_slice name;
    enum hg_admin_role role;
    struct hg_slice password; /* SCRAM-SHA-256 verifier, syntax checked at load */
};

/* The database that is the console; no policy may take the name. */
#define HG_CONSOLE_DATABASE "headgate"

struct hg_listen_address {
    const char *host;
    uint16_t port;
};

/* What of a statement's text logs and the audit may hold. */
enum hg_redact { HG_REDACT_NONE, HG_REDACT_LITERALS };

/* Which errors tell the client the statement's id: none; those that only Headgate makes; every one. */
enum hg_ids_in_errors { HG_IDS_OFF, HG_IDS_OWN, HG_IDS_ALL };

struct hg_log_config {
    int format;                 /* enum hg_log_format */
    int level;                  /* enum hg_log_level */
    uint32_t most;              /* lines of one kind in a second; 0 = any number */
    uint32_t slow_statement_ms; /* 0 = none is */
    enum hg_redact redact;
    enum hg_ids_in_errors statement_ids;
};

enum hg_audited { HG_AUDIT_ALL, HG_AUDIT_WRITES, HG_AUDIT_REFUSED };

struct hg_audit_config {
    const char *file;     /* NULL = no audit */
    const char *key_file; /* NULL = hashes without a key */
    int on_full;          /* 0: statements are refused, 1: they run without a line */
    int rewritten;        /* 0: its hash, 1: its text */
    bool parameters;      /* values of parameters, too */
    int sync;             /* 1: to the disk, after each batch of lines */
    enum hg_redact redact;
    enum hg_audited statements; /* all; those that write or fail; those that fail */
    size_t buffer;              /* per worker: memory of lines that wait */
};

/* An instance's number is part of the pids that it gives to its clients. */
#define HG_MOST_INSTANCES 128

/* When the files are loaded again: when somebody asks; or also when they have changed. */
enum hg_reload { HG_RELOAD_ON_REQUEST, HG_RELOAD_ON_CHANGE };

struct hg_config {
    enum hg_reload reload;
    struct hg_listen_address *listen; /* `listen:` takes one "host:port" or a list */
    size_t nlisten;
    enum hg_tls_mode tls;
    const char *tls_certificate; /* NULL when tls is disable; absolute or relative to the working directory */
    const char *tls_key;
    const char *tls_client_ca;  /* roots of clients' certificates; NULL: none is asked for */
    const char *tls_client_crl; /* those that were revoked; NULL = none */

    /* keepalive: of clients' sockets */
    uint32_t keepalive_idle_ms; /* 0 = never */
    uint32_t keepalive_interval_ms;
    uint32_t keepalive_count;
    uint32_t
        tcp_user_timeout_ms; /* bytes unacknowledged for this long: the client is gone; 0 = the system's */

    const char *policy_path; /* resolved against the directory of headgate.yaml */
    uint32_t workers;        /* 1 to 64 */
    const char *run_as;      /* the system's user to become once it listens; NULL = stays who it is */
    bool core_dumps;         /* may be traced and leave core files, with all secrets in them */
    uint32_t instance;       /* of several Headgates that share their clients: 0 to HG_MOST_INSTANCES - 1 */
    struct hg_host peers[HG_MOST_INSTANCES]; /* by instance; name NULL = none */
    struct hg_backend_config *backends;
    size_t nbackends;                        /* of `backends:` */
    size_t nservers;                         /* behind those stand the catalogs of roles, copies of `catalog`
                                                with another database each: no bit in masks is theirs */
    const struct hg_backend_config *catalog; /* the backend named "catalog" */

    /* admin: */
    struct hg_admin *admins;
    size_t nadmins;
    const char *admin_socket; /* directory of the console's Unix socket; NULL = none */
    uint32_t max_consoles;    /* connections to the console at once; default 100 */

    /* limits: */
    uint32_t max_statement_bytes;         /* default 1 MiB; at most 16 MiB */
    uint32_t max_nesting;                 /* default 500 */
    uint32_t max_message_bytes;           /* of any client message; default 64 MiB */
    uint32_t max_prepared;                /* named statements per client; default 5000 */
    uint32_t max_server_prepared;         /* statements kept prepared per server connection; default 500 */
    uint32_t max_clients;                 /* default 10000 */
    uint32_t login_timeout_ms;            /* default 15 s: from accept to ReadyForQuery */
    uint32_t client_idle_timeout_ms;      /* 0 = never */
    uint32_t idle_transaction_timeout_ms; /* 0 = never */
    uint32_t drain_timeout_ms;            /* how long SIGTERM waits for running transactions; default 30 s */
    size_t rewrite_cache_bytes;           /* per worker; default 16 MiB */

    const struct hg_listen_address *http; /* of metrics and health; NULL = off */
    uint32_t metrics_tenants;             /* that have series of their own */
    struct hg_log_config log;
    struct hg_audit_config audit;
};

/* How that file wants the log to be, whatever else is wrong with it; false when that cannot be known. */
HG_MUST_USE bool hg_config_read_log(const char *path, struct hg_log_config *log);

/* Does it hold the schema, for all roles or for one, and no rows? */
static inline bool hg_config_is_catalog(const struct hg_config *config, size_t backend)
{
    return backend >= config->nbackends || &config->backends[backend] == config->catalog;
}

/* NULL when there is no such administrator. */
const struct hg_admin *hg_config_admin(const struct hg_config *config, struct hg_slice name);

#endif
