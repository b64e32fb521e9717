/* The rows of headgate.yaml. A new setting is a field in config.h and a row here; conf/README.md must name
 * it, which a test sees to. */
#include "config_keys.h"

static const char *const dialects[] = {
    [HG_DIALECT_POSTGRESQL] = "postgresql", [HG_DIALECT_REDSHIFT] = "redshift", NULL};

static const char *const client_tls_modes[] = {
    [HG_TLS_DISABLE] = "disable", [HG_TLS_PREFER] = "prefer", [HG_TLS_REQUIRE] = "require", NULL};

static const char *const backend_tls_modes[] = {[HG_TLS_DISABLE] = "disable",
                                                [HG_TLS_PREFER] = "prefer",
                                                [HG_TLS_REQUIRE] = "require",
                                                [HG_TLS_VERIFY_FULL] = "verify-full",
                                                NULL};
static const char *const channel_bindings[] = {
    [HG_BINDING_DISABLE] = "disable", [HG_BINDING_PREFER] = "prefer", [HG_BINDING_REQUIRE] = "require", NULL};

static const char *const targets[] = {
    [HG_TARGET_ANY] = "any", [HG_TARGET_PRIMARY] = "primary", [HG_TARGET_STANDBY] = "standby", NULL};

const char *const hg_admin_role_names[] = {
    [HG_ADMIN_VIEWER] = "viewer", [HG_ADMIN_OPERATOR] = "operator", [HG_ADMIN_ADMIN] = "admin", NULL};

static const char *const reload_words[] = {
    [HG_RELOAD_ON_REQUEST] = "on-request", [HG_RELOAD_ON_CHANGE] = "on-change", NULL};

static const char *const off_or_on[] = {"off", "on", NULL};

static const char *const backend_walls[] = {
    [HG_WALLS_INHERIT] = "inherit", [HG_WALLS_OFF] = "off", [HG_WALLS_ON] = "on", NULL};

static const char *const log_formats[] = {"text", "json", NULL};
static const char *const log_levels[] = {"info", "warning", "error", NULL};
static const char *const redactions[] = {[HG_REDACT_NONE] = "none", [HG_REDACT_LITERALS] = "literals", NULL};
static const char *const ids_in_errors[] = {
    [HG_IDS_OFF] = "off", [HG_IDS_OWN] = "own", [HG_IDS_ALL] = "all", NULL};
static const char *const on_full[] = {"refuse", "drop", NULL};
static const char *const rewritten[] = {"hash", "text", NULL};
static const char *const audited[] = {
    [HG_AUDIT_ALL] = "all", [HG_AUDIT_WRITES] = "writes", [HG_AUDIT_REFUSED] = "refused", NULL};

#define KB (UINT64_C(1) << 10)
#define MB (UINT64_C(1) << 20)
#define GB (UINT64_C(1) << 30)

#define HOUR UINT64_C(3600000)

#define AT(field) .offset = offsetof(struct hg_config_draft, field)
static const struct hg_key top_keys[] = {
    {"listen", HG_KEY_NODE, AT(listen), .required = true, .help = "address and port, or a list of them",
     .restart = true},
    {"tls", HG_KEY_NODE, AT(tls), .help = "TLS towards clients; without it clients talk in clear text"},
    {"policy", HG_KEY_NODE, AT(policy), .required = true, .help = "file of tables, roles, tenants and users"},
    {"reload", HG_KEY_WORD, AT(config.reload), .initial = "on-request", .words = reload_words,
     .help = "on-change: the files are loaded again when they have changed; on-request: when somebody asks"},
    {"workers", HG_KEY_NUMBER, AT(config.workers), .initial = "2", .least = 1, .most = 64,
     .help = "threads that serve clients", .restart = true},
    {"instance", HG_KEY_NUMBER, AT(config.instance), .initial = "0", .most = HG_MOST_INSTANCES - 1,
     .help = "number of this Headgate among several behind one load balancer", .restart = true},
    {"peers", HG_KEY_NODE, AT(peers),
     .help = "all of them by number, {1: host:port, …}: cancel requests are sent on to the right one"},
    {"run_as", HG_KEY_TEXT, AT(config.run_as),
     .help = "the system's user to become, once it listens, when started as root", .restart = true},
    {"core_dumps", HG_KEY_BOOL, AT(config.core_dumps), .initial = "false",
     .help = "true: the process may be traced and leave core files, which hold passwords and tenants' rows",
     .restart = true},
    {"backends", HG_KEY_NODE, AT(backends), .required = true,
     .help = "the databases, by name; one is named catalog"},
    {"walls", HG_KEY_WORD, AT(walls), .initial = "off", .words = off_or_on,
     .help = "on: data backends are told whose rows a statement may touch, for the row security that "
             "`headgate walls` sets up"},
    {"keepalive", HG_KEY_NODE, AT(keepalive), .help = "how vanished clients are noticed"},
    {"admin", HG_KEY_NODE, AT(admin), .help = "who may log in to the console, the database headgate"},
    {"limits", HG_KEY_NODE, AT(limits), .help = "bounds on what clients may ask for"},
    {"http", HG_KEY_NODE, AT(http),
     .help = "address and port of /metrics, /healthz and /readyz; without it there are none",
     .restart = true},
    {"metrics", HG_KEY_NODE, AT(metrics), .help = "what /metrics shows"},
    {"log", HG_KEY_NODE, AT(log), .help = "lines for the administrator on standard error"},
    {"audit", HG_KEY_NODE, AT(audit),
     .help = "a file with one line per statement, login, command of an administrator and reload; without it "
             "there is none"},
};

static const struct hg_key tls_keys[] = {
    {"mode", HG_KEY_WORD, AT(config.tls), .initial = "prefer", .words = client_tls_modes,
     .help = "disable, prefer (TLS or clear text) or require"},
    {"certificate", HG_KEY_PATH, AT(config.tls_certificate), .help = "PEM file: certificate and its chain"},
    {"key", HG_KEY_PATH, AT(config.tls_key), .help = "PEM file: private key"},
    {"client_ca", HG_KEY_PATH, AT(config.tls_client_ca),
     .help = "PEM file: trusted roots of clients' certificates; without it clients are asked for none"},
    {"client_crl", HG_KEY_PATH, AT(config.tls_client_crl),
     .help = "PEM file: lists of those of them that were revoked"},
};

static const struct hg_key keepalive_keys[] = {
    {"idle", HG_KEY_DURATION, AT(config.keepalive_idle_ms), .initial = "60s", .most = 9 * HOUR,
     .help = "a silent client is asked whether it is still there after this; 0 = never"},
    {"interval", HG_KEY_DURATION, AT(config.keepalive_interval_ms), .initial = "10s", .least = 1000,
     .most = 9 * HOUR, .help = "from question to question while none is answered"},
    {"count", HG_KEY_NUMBER, AT(config.keepalive_count), .initial = "6", .least = 1, .most = 127,
     .help = "unanswered questions until the client is given up"},
    {"user_timeout", HG_KEY_DURATION, AT(config.tcp_user_timeout_ms), .initial = "0",
     .help = "a client that does not acknowledge what it was sent for this long is given up; 0 = as the "
             "system does"},
};

static const struct hg_key admin_keys[] = {
    {"socket", HG_KEY_PATH, AT(config.admin_socket),
     .help = "directory of a Unix socket of the console, for root and the user that Headgate runs as; they "
             "need no password there",
     .restart = true},
    {"max_connections", HG_KEY_NUMBER, AT(config.max_consoles), .initial = "100", .least = 1, .most = 1000,
     .help = "connections to the console at the same time"},
    {"users", HG_KEY_NODE, AT(admin_users), .help = "administrators by name"},
};

static const struct hg_key limit_keys[] = {
    {"max_statement_bytes", HG_KEY_BYTES, AT(config.max_statement_bytes), .initial = "1MiB", .least = KB,
     .most = 16 * MB, .help = "longest SQL text"},
    {"max_nesting", HG_KEY_NUMBER, AT(config.max_nesting), .initial = "500", .least = 10, .most = 5000,
     .help = "deepest nesting of brackets, subqueries and expressions"},
    {"max_message_bytes", HG_KEY_BYTES, AT(config.max_message_bytes), .initial = "64MiB", .least = 64 * KB,
     .most = GB - 1, .help = "longest message of a client, parameters included"},
    {"max_prepared", HG_KEY_NUMBER, AT(config.max_prepared), .initial = "5000", .least = 1, .most = 1000000,
     .help = "named prepared statements of one client"},
    {"max_server_prepared", HG_KEY_NUMBER, AT(config.max_server_prepared), .initial = "500", .least = 1,
     .most = 100000, .help = "statements kept prepared on one server connection"},
    {"max_clients", HG_KEY_NUMBER, AT(config.max_clients), .initial = "10000", .least = 1, .most = 1000000,
     .help = "client connections at the same time"},
    {"login_timeout", HG_KEY_DURATION, AT(config.login_timeout_ms), .initial = "15s", .least = 100,
     .help = "from connecting to being logged in"},
    {"client_idle_timeout", HG_KEY_DURATION, AT(config.client_idle_timeout_ms), .initial = "0",
     .help = "an idle client is disconnected after this; 0 = never"},
    {"idle_transaction_timeout", HG_KEY_DURATION, AT(config.idle_transaction_timeout_ms), .initial = "0",
     .help = "a client idle inside a transaction is disconnected after this; 0 = never"},
    {"drain_timeout", HG_KEY_DURATION, AT(config.drain_timeout_ms), .initial = "30s",
     .help = "how long running transactions may go on when Headgate stops"},
    {"rewrite_cache", HG_KEY_SIZE, AT(config.rewrite_cache_bytes), .initial = "16MiB", .most = 16 * GB,
     .help = "memory of each worker for rewritten statements"},
};
#undef AT

#define AT(field) .offset = offsetof(struct hg_backend_draft, field)
static const struct hg_key backend_keys[] = {
    {"dialect", HG_KEY_WORD, AT(backend.dialect), .required = true, .words = dialects,
     .help = "postgresql or redshift"},
    {"host", HG_KEY_NODE, AT(host), .required = true,
     .help = "name, address, or directory of a Unix socket; or a list of them, name:port, tried in order"},
    {"port", HG_KEY_PORT, AT(backend.port), .initial = "5432", .least = 1,
     .help = "TCP port of hosts that name none"},
    {"target", HG_KEY_WORD, AT(backend.target), .initial = "any", .words = targets,
     .help = "any, primary or standby: which of the hosts will do"},
    {"database", HG_KEY_TEXT, AT(backend.database), .required = true, .help = "database to connect to"},
    {"user", HG_KEY_TEXT, AT(backend.user), .required = true, .help = "role to connect as"},
    {"password", HG_KEY_NODE, AT(password), .help = "its password, in clear text"},
    {"password_env", HG_KEY_NODE, AT(password_env), .help = "environment variable that holds the password"},
    {"password_file", HG_KEY_NODE, AT(password_file), .help = "file that holds the password"},
    {"credential_command", HG_KEY_NODE, AT(credential_command),
     .help = "program and arguments; prints {\"user\": …, \"password\": …, \"expires_at\": …}"},
    {"tls", HG_KEY_WORD, AT(backend.tls), .initial = "prefer", .words = backend_tls_modes,
     .help = "disable, prefer, require or verify-full"},
    {"tls_ca", HG_KEY_NODE, AT(tls_ca),
     .help = "PEM file of trusted roots for verify-full; the system's without it"},
    {"channel_binding", HG_KEY_WORD, AT(backend.channel_binding), .initial = "prefer",
     .words = channel_bindings,
     .help =
         "disable, prefer or require: the login counts for this TLS connection alone (SCRAM-SHA-256-PLUS)"},
    {"walls", HG_KEY_WORD, AT(walls), .initial = "inherit", .words = backend_walls,
     .help = "on or off for this backend; inherit: as at the top"},
    {"pool_size", HG_KEY_NUMBER, AT(backend.pool_size), .initial = "10", .least = 1, .most = 10000,
     .help = "server connections at most"},
    {"pool_min", HG_KEY_NUMBER, AT(backend.pool_min), .initial = "0", .most = 10000,
     .help = "server connections kept open even when nobody uses them"},
    {"connect_timeout", HG_KEY_DURATION, AT(backend.connect_timeout_ms), .initial = "5s", .least = 1,
     .help = "from connecting to being logged in at the server"},
    {"queue_timeout", HG_KEY_DURATION, AT(backend.queue_timeout_ms), .initial = "10s", .least = 1,
     .help = "how long a statement waits for a free server connection"},
    {"idle_timeout", HG_KEY_DURATION, AT(backend.idle_timeout_ms), .initial = "10min",
     .help = "an unused server connection is closed after this; 0 = never"},
    {"max_age", HG_KEY_DURATION, AT(backend.max_age_ms), .initial = "1h",
     .help = "an older server connection is closed when nobody uses it, give or take a tenth; 0 = never"},
    {"health_interval", HG_KEY_DURATION, AT(backend.health_interval_ms), .initial = "10s",
     .help = "how often unused connections and failed hosts are looked at; 0 = never"},
    {"query_timeout", HG_KEY_DURATION, AT(backend.query_timeout_ms), .initial = "0",
     .help = "a server silent for this long during a statement is given up; 0 = never"},
};
#undef AT

#define AT(field) .offset = offsetof(struct hg_admin_draft, field)
static const struct hg_key admin_user_keys[] = {
    {"role", HG_KEY_WORD, AT(admin.role), .required = true, .words = hg_admin_role_names,
     .help = "viewer, operator or admin"},
    {"password", HG_KEY_NODE, AT(password), .required = true,
     .help = "SCRAM-SHA-256 verifier; `headgate password` makes one"},
};
#undef AT

#define AT(field) .offset = offsetof(struct hg_log_config, field)
static const struct hg_key log_keys[] = {
    {"format", HG_KEY_WORD, AT(format), .initial = "text", .words = log_formats, .help = "text or json"},
    {"level", HG_KEY_WORD, AT(level), .initial = "info", .words = log_levels,
     .help = "the least that is logged: info, warning or error"},
    {"most_per_second", HG_KEY_NUMBER, AT(most), .initial = "20", .most = 1000000,
     .help = "lines of one kind in a second; those beyond are left out, and counted by a line; 0 = none are"},
    {"slow_statement", HG_KEY_DURATION, AT(slow_statement_ms), .initial = "0",
     .help = "statements that take this long are logged; 0 = none"},
    {"redact", HG_KEY_WORD, AT(redact), .initial = "literals", .words = redactions,
     .help = "what statements in the log lack: none or literals"},
    {"statement_id_in_errors", HG_KEY_WORD, AT(statement_ids), .initial = "own", .words = ids_in_errors,
     .help = "which errors tell the client the statement's id: off, own (those that only Headgate makes) or "
             "all"},
};
#undef AT

#define AT(field) .offset = offsetof(struct hg_audit_config, field)
static const struct hg_key audit_keys[] = {
    {"file", HG_KEY_PATH, AT(file), .required = true, .help = "where lines are appended; mode 0600",
     .restart = true},
    {"key_file", HG_KEY_PATH, AT(key_file), .help = "file of a secret: lines bear a MAC in place of a hash",
     .restart = true},
    {"on_full", HG_KEY_WORD, AT(on_full), .initial = "refuse", .words = on_full,
     .help = "when it cannot be written: refuse statements, or drop lines and count them"},
    {"redact", HG_KEY_WORD, AT(redact), .initial = "none", .words = redactions,
     .help = "what statements lack: none or literals"},
    {"statements", HG_KEY_WORD, AT(statements), .initial = "all", .words = audited,
     .help = "all; writes: those that write, and those that fail; refused: those that fail"},
    {"rewritten", HG_KEY_WORD, AT(rewritten), .initial = "hash", .words = rewritten,
     .help = "what stands for the rewritten statement: its hash, or its text"},
    {"parameters", HG_KEY_BOOL, AT(parameters), .initial = "false",
     .help = "true: values of the parameters of prepared statements, too, from the first 8 kB of each Bind"},
    {"sync", HG_KEY_WORD, AT(sync), .initial = "off", .words = off_or_on,
     .help = "on: each batch of lines is forced to the disk"},
    {"buffer", HG_KEY_SIZE, AT(buffer), .initial = "16MiB", .least = 64 * KB, .most = GB,
     .help = "memory of each worker for lines that wait to be written", .restart = true},
};
#undef AT

#define AT(field) .offset = offsetof(struct hg_config, field)
static const struct hg_key metrics_keys[] = {
    {"tenants", HG_KEY_NUMBER, AT(metrics_tenants), .initial = "100", .most = 10000,
     .help = "tenants with series of their own, in the order of their first login; the others are one",
     .restart = true},
};
#undef AT

#define ROWS(keys) keys, sizeof keys / sizeof keys[0]
const struct hg_config_keys hg_config_keys[HG_NSECTIONS] = {
    [HG_SECTION_TOP] = {"", ROWS(top_keys)},
    [HG_SECTION_TLS] = {"tls", ROWS(tls_keys)},
    [HG_SECTION_BACKEND] = {"backends.<name>", ROWS(backend_keys)},
    [HG_SECTION_KEEPALIVE] = {"keepalive", ROWS(keepalive_keys)},
    [HG_SECTION_ADMIN] = {"admin", ROWS(admin_keys)},
    [HG_SECTION_ADMIN_USER] = {"admin.users.<name>", ROWS(admin_user_keys)},
    [HG_SECTION_LIMITS] = {"limits", ROWS(limit_keys)},
    [HG_SECTION_LOG] = {"log", ROWS(log_keys)},
    [HG_SECTION_AUDIT] = {"audit", ROWS(audit_keys)},
    [HG_SECTION_METRICS] = {"metrics", ROWS(metrics_keys)},
};
