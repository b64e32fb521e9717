/* The tables of the console. A column is a line here and a put_…() in the same order in its table's function;
 * a test compares the two and the documentation. */
#include "tables.h"

#include <ctype.h>
#include <unistd.h>

#include "dialog.h"
#include "words.h"

static const struct column help_columns[] = {
    {"command", COLUMN_TEXT, "as it is written"},
    {"role", COLUMN_TEXT, "the least role that may use it: viewer, operator or admin"},
    {"help", COLUMN_TEXT, "what it does, or what a table holds"},
};

static const struct column version_columns[] = {
    {"version", COLUMN_TEXT, "of Headgate"},
    {"pid", COLUMN_INT8, "of the process"},
    {"started_at", COLUMN_TIMESTAMPTZ, "when it was started"},
    {"workers", COLUMN_INT8, "threads that serve clients"},
    {"generation", COLUMN_INT8, "of the configuration that is current"},
    {"config", COLUMN_TEXT, "path of headgate.yaml"},
    {"policy", COLUMN_TEXT, "path of the policy"},
    {"schema", COLUMN_TEXT, "path of the logical schema"},
};

static const struct column config_columns[] = {
    {"key", COLUMN_TEXT, "as in headgate.yaml, with dots"},
    {"value", COLUMN_TEXT, "what is in force, as it would be written. Secrets are left out"},
    {"takes_effect", COLUMN_TEXT, "how a change does: by a reload, or by a restart only"},
    {"help", COLUMN_TEXT, "what it means"},
};

static const struct column tenants_columns[] = {
    {"tenant", COLUMN_TEXT, "its name in the policy"},
    {"value", COLUMN_TEXT, "what stands in the tenant column of its rows"},
    {"users", COLUMN_INT8, "users of the policy that are its own"},
    {"sessions", COLUMN_INT8, "of these, connected now"},
};

static const struct column users_columns[] = {
    {"user", COLUMN_TEXT, "the name to log in with"},
    {"kind", COLUMN_TEXT, "tenant, or administrator"},
    {"tenant", COLUMN_TEXT, "whose rows the user sees"},
    {"role", COLUMN_TEXT, "of the policy; of administrators: viewer, operator or admin"},
    {"sessions", COLUMN_INT8, "connected now"},
};

static const struct column sessions_columns[] = {
    {"id", COLUMN_INT8, "what KILL takes, and what pg_backend_pid() says; NULL while it logs in"},
    {"worker", COLUMN_INT8, "the thread that it lives on"},
    {"kind", COLUMN_TEXT, "client, or console"},
    {"user", COLUMN_TEXT, "who logged in"},
    {"tenant", COLUMN_TEXT, "of the user"},
    {"role", COLUMN_TEXT, "of the user, or of the administrator"},
    {"application_name", COLUMN_TEXT, "what the client calls itself"},
    {"client", COLUMN_TEXT, "address and port, or local"},
    {"tls", COLUMN_BOOL, "whether the connection is encrypted"},
    {"state", COLUMN_TEXT,
     "login, idle, active, waiting (for a server connection), idle in transaction, idle in transaction "
     "(aborted), closing"},
    {"backend", COLUMN_TEXT, "of the server connections that it has, or waits for"},
    {"connected_at", COLUMN_TIMESTAMPTZ, "when it connected"},
    {"active_at", COLUMN_TIMESTAMPTZ, "when something last happened on it"},
    {"generation", COLUMN_INT8, "of the configuration that it works with"},
    {"prepared", COLUMN_INT8, "its prepared statements"},
    {"pending_bytes", COLUMN_INT8, "of answers that the client has not taken yet"},
    {"transaction_at", COLUMN_TIMESTAMPTZ, "when its transaction began, if one is open"},
    {"statement_at", COLUMN_TIMESTAMPTZ, "when its statement began"},
    {"statement", COLUMN_TEXT,
     "the text that runs or ran last, its first 1023 bytes; for operators and admins, NULL for viewers"},
};

static const struct column statements_columns[] = {
    {"fingerprint", COLUMN_TEXT, "equal for statements that differ in literals and layout only"},
    {"tenant", COLUMN_TEXT, "who sends it"},
    {"backend", COLUMN_TEXT, "where it ran last"},
    {"calls", COLUMN_INT8, "how often it came to an end"},
    {"errors", COLUMN_INT8, "of these, answered by a database with an error"},
    {"refused", COLUMN_INT8, "of these, refused by Headgate"},
    {"rows", COLUMN_INT8, "that were returned"},
    {"bytes", COLUMN_INT8, "that were returned"},
    {"total_ms", COLUMN_FLOAT8, "that all of them took"},
    {"mean_ms", COLUMN_FLOAT8, "that one took"},
    {"max_ms", COLUMN_FLOAT8, "that the slowest took"},
    {"queued_ms", COLUMN_FLOAT8, "of the total, waiting for a server connection"},
    {"first_at", COLUMN_TIMESTAMPTZ, "when it was first seen"},
    {"last_at", COLUMN_TIMESTAMPTZ, "when it was last seen"},
    {"statement", COLUMN_TEXT, "without literals; for operators and admins, NULL for viewers"},
};

static const struct column refusals_columns[] = {
    {"at", COLUMN_TIMESTAMPTZ, "when"},
    {"session", COLUMN_INT8, "whose statement it was, by its id"},
    {"user", COLUMN_TEXT, "of the session"},
    {"tenant", COLUMN_TEXT, "of the session"},
    {"sqlstate", COLUMN_TEXT, "that the client was told"},
    {"message", COLUMN_TEXT, "that the client was told; for operators and admins, NULL for viewers"},
    {"statement", COLUMN_TEXT, "without literals; for operators and admins, NULL for viewers"},
};

static const struct column pools_columns[] = {
    {"backend", COLUMN_TEXT, "its name"},
    {"database", COLUMN_TEXT, "there; roles with a catalog of their own have a pool each"},
    {"user", COLUMN_TEXT, "whom Headgate connects as"},
    {"size", COLUMN_INT8, "server connections at most"},
    {"lent", COLUMN_INT8, "connections that sessions work with"},
    {"idle", COLUMN_INT8, "connections that wait for work"},
    {"connecting", COLUMN_INT8, "connections that are being opened"},
    {"waiting", COLUMN_INT8, "sessions that wait for a connection"},
    {"opened", COLUMN_INT8, "connections that were opened so far"},
    {"failed", COLUMN_INT8, "attempts that failed so far"},
    {"paused", COLUMN_BOOL, "by PAUSE"},
};

static const struct column backends_columns[] = {
    {"backend", COLUMN_TEXT, "its name"},
    {"dialect", COLUMN_TEXT, "postgresql or redshift"},
    {"hosts", COLUMN_TEXT, "where it is, with ports, in the order in which they are tried"},
    {"failed_hosts", COLUMN_INT8, "how many of them are known to have failed"},
    {"database", COLUMN_TEXT, "there"},
    {"user", COLUMN_TEXT, "whom Headgate connects as"},
    {"tls", COLUMN_TEXT, "disable, prefer, require or verify-full"},
    {"catalog", COLUMN_BOOL, "it holds the schema and no rows"},
    {"walls", COLUMN_BOOL, "whether connections are told the tenant"},
    {"tables", COLUMN_INT8, "logical tables that it holds"},
    {"paused", COLUMN_BOOL, "by PAUSE"},
};

static const struct column caches_columns[] = {
    {"worker", COLUMN_INT8, "the thread whose cache it is"},
    {"cache", COLUMN_TEXT, "rewrite: rewritten texts"},
    {"hits", COLUMN_INT8, "found there"},
    {"misses", COLUMN_INT8, "not found there"},
    {"evictions", COLUMN_INT8, "thrown out for others"},
    {"texts", COLUMN_INT8, "in it now"},
    {"bytes", COLUMN_INT8, "of memory that they take"},
    {"verify_failures", COLUMN_INT8, "texts that could not be proved: always 0, else tell the authors"},
};

static const struct column limits_columns[] = {
    {"name", COLUMN_TEXT, "as in headgate.yaml or the policy"},
    {"scope", COLUMN_TEXT, "what it bounds: process, session, statement, backend x; tenant x, user x"},
    {"value", COLUMN_INT8, "the bound; durations in ms, sizes in bytes; 0 where that means none"},
    {"used", COLUMN_INT8, "of it now, where that is counted"},
};

static const struct column generations_columns[] = {
    {"generation", COLUMN_INT8, "its number"},
    {"current", COLUMN_BOOL, "new sessions and statements work with it"},
    {"kept", COLUMN_BOOL, "ROLLBACK TO GENERATION can go back to it"},
    {"loaded_at", COLUMN_TIMESTAMPTZ, "when it was loaded"},
    {"tenants", COLUMN_INT8, "in its policy"},
    {"users", COLUMN_INT8, "in its policy"},
    {"roles", COLUMN_INT8, "in its policy"},
    {"tables", COLUMN_INT8, "in its policy"},
    {"sessions", COLUMN_INT8, "that work with it now"},
};

/* ---- help, version, generations ---- */

static void fill_help(struct job *job, struct hg_worker *worker, struct hg_bytes *rows)
{
    (void)worker;
    for (size_t i = 0; i < NCOMMANDS; i++) {
        const struct command *command = &hg_console_commands[i];
        put_text(rows, hg_arena_printf(&job->arena, "%s%s%s", command->words,
                                       command->arguments[0] ? " " : "", command->arguments));
        put_cstr(rows, hg_admin_role_names[command->role]);
        put_cstr(rows, command->help);
    }
    for (size_t i = 0; i < hg_console_ntables; i++) {
        put_text(rows, hg_arena_printf(&job->arena, "SHOW %s", hg_console_tables[i].name));
        put_cstr(rows, hg_admin_role_names[HG_ADMIN_VIEWER]);
        put_cstr(rows, hg_console_tables[i].help);
    }
}

static void fill_version(struct job *job, struct hg_worker *worker, struct hg_bytes *rows)
{
    const struct hg_snapshot *snapshot = job->generation->snapshot;

    (void)worker;
    put_cstr(rows, HG_VERSION);
    put_int(rows, getpid());
    put_time(rows, job->console->started_us);
    put_int(rows, job->console->nworkers);
    put_int(rows, (int64_t)snapshot->generation);
    put_cstr(rows, snapshot->config_path);
    put_cstr(rows, snapshot->policy_path);
    put_cstr(rows, snapshot->schema_path);
}

static void fill_generations(struct job *job, struct hg_worker *worker, struct hg_bytes *rows)
{
    const struct hg_console_host *host = &job->console->host;
    struct hg_console_generation generation;

    (void)worker;
    for (size_t i = 0; host->generation(host->process, i, &generation); i++) {
        put_int(rows, (int64_t)generation.number);
        put_bool(rows, generation.current);
        put_bool(rows, generation.kept);
        put_time(rows, generation.loaded_us);
        put_int(rows, (int64_t)generation.tenants);
        put_int(rows, (int64_t)generation.users);
        put_int(rows, (int64_t)generation.roles);
        put_int(rows, (int64_t)generation.tables);
        put_int(rows, 0);
    }
}

/* ---- the table of tables ---- */

#define COLUMNS(name) name##_columns, sizeof name##_columns / sizeof name##_columns[0]
#define COUNT_SESSIONS(table, column, condition)                                                             \
    "UPDATE headgate." table " SET sessions = s.n FROM (SELECT \"" column "\" AS c, count(*) AS n FROM "     \
    "headgate.sessions WHERE " condition " GROUP BY 1) s WHERE s.c = \"" column "\""

#define COUNT_CONNECTIONS(kind)                                                                              \
    "UPDATE headgate.limits SET used = s.n FROM (SELECT '" kind " ' || \"" kind                              \
    "\" AS c, count(*) AS n FROM "                                                                           \
    "headgate.sessions WHERE kind = 'client' AND tenant IS NOT NULL GROUP BY 1) s WHERE s.c = scope AND "    \
    "name = "                                                                                                \
    "'connections'"

/* One row for what several workers have seen. */
#define MERGE_STATEMENTS                                                                                     \
    "CREATE TEMP TABLE merged AS SELECT fingerprint, tenant, max(backend), sum(calls), sum(errors), "        \
    "sum(refused), sum(rows), sum(bytes), sum(total_ms), sum(total_ms) / sum(calls), max(max_ms), "          \
    "sum(queued_ms), min(first_at), max(last_at), max(statement) FROM headgate.statements GROUP BY 1, 2; "   \
    "DELETE FROM headgate.statements; INSERT INTO headgate.statements SELECT * FROM merged; "                \
    "DROP TABLE merged"

const struct table hg_console_tables[] = {
    {"help", "this list", TABLE_AT_HAND, fill_help, NULL, NULL, COLUMNS(help)},
    {"version", "one row about the process", TABLE_AT_HAND, fill_version, NULL, NULL, COLUMNS(version)},
    {"config", "the settings of headgate.yaml that are in force", TABLE_AT_HAND, fill_config, NULL, NULL,
     COLUMNS(config)},
    {"tenants", "the tenants of the policy", TABLE_AT_HAND, fill_tenants, "sessions",
     COUNT_SESSIONS("tenants", "tenant", "tenant IS NOT NULL"), COLUMNS(tenants)},
    {"users", "who may log in: tenants' users and administrators", TABLE_AT_HAND, fill_users, "sessions",
     COUNT_SESSIONS("users", "user", "kind = 'client'") " AND kind = 'tenant'; " COUNT_SESSIONS(
         "users", "user", "kind = 'console'") " AND kind = 'administrator'",
     COLUMNS(users)},
    {"sessions", "the connections of clients and administrators", TABLE_WORKERS, fill_sessions, NULL, NULL,
     COLUMNS(sessions)},
    {"statements", "what was sent, summed up by fingerprint and tenant: the latest thousand of each worker",
     TABLE_WORKERS, fill_statements, NULL, MERGE_STATEMENTS, COLUMNS(statements)},
    {"refusals", "what was refused: the latest two hundred of each worker", TABLE_WORKERS, fill_refusals,
     NULL, NULL, COLUMNS(refusals)},
    {"pools", "the pools of server connections", TABLE_AT_HAND, fill_pools, NULL, NULL, COLUMNS(pools)},
    {"backends", "the databases behind", TABLE_AT_HAND, fill_backends, NULL, NULL, COLUMNS(backends)},
    {"caches", "the caches of each worker", TABLE_WORKERS, fill_caches, NULL, NULL, COLUMNS(caches)},
    {"limits", "the bounds on what clients may ask for", TABLE_AT_HAND, fill_limits, "sessions",
     COUNT_CONNECTIONS("tenant") "; " COUNT_CONNECTIONS("user"), COLUMNS(limits)},
    {"generations", "the configurations that were loaded, from the latest", TABLE_MAIN, fill_generations,
     "sessions", COUNT_SESSIONS("generations", "generation", "generation IS NOT NULL"), COLUMNS(generations)},
};
const size_t hg_console_ntables = sizeof hg_console_tables / sizeof hg_console_tables[0];

const struct table *table_find(struct hg_slice name)
{
    for (size_t i = 0; i < hg_console_ntables; i++)
        if (slice_is_word(name, hg_console_tables[i].name))
            return &hg_console_tables[i];
    return NULL;
}

static bool holds(struct hg_slice text, const char *name)
{
    size_t len = strlen(name);

    for (size_t at = 0; at + len <= text.len; at++) {
        size_t same = 0;
        while (same < len && tolower((unsigned char)text.ptr[at + same]) == name[same])
            same++;
        if (same == len)
            return true;
    }
    return false;
}

uint32_t tables_named(struct hg_slice text)
{
    uint32_t named = 0;

    for (size_t i = 0; i < hg_console_ntables; i++) {
        const struct table *table = &hg_console_tables[i];
        if (!holds(text, table->name))
            continue;
        named |= UINT32_C(1) << i;
        if (table->needs)
            named |= UINT32_C(1) << (table_find(hg_slice_cstr(table->needs)) - hg_console_tables);
    }
    return named;
}
