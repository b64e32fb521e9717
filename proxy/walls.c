/* The script of a PostgreSQL backend.
 *
 * Whoever runs it should be able to read it: the names that are particular to a policy stand in plain GRANT
 * statements and in one call a table; what must look at the database first (is the user there? what was it
 * given in former times? of what type is the tenant column?) are the fixed texts of walls_sql.c.
 *
 * It is one transaction, which either ends with exactly what is needed or changes nothing, and it can be run
 * again after every change of the policy. What belongs to others is left alone, with two exceptions that
 * PUBLIC has and no single user can be denied: TEMPORARY on the database and CREATE in schemas.
 *
 * The comparison is written with the column's own type, so that an index is used, and an absent or empty
 * setting is NULL, which equals nothing. */
#include "walls.h"

#include "ddl.h"

/* ---- small parts ---- */

void hg_walls_comment(struct hg_bytes *out, struct hg_slice text)
{
    for (size_t i = 0; i < text.len; i++)
        hg_write_u8(out, (unsigned char)text.ptr[i] < ' ' ? '?' : (uint8_t)text.ptr[i]);
}

static void write_comment(struct hg_bytes *out, const char *text)
{
    hg_walls_comment(out, hg_slice_cstr(text));
}

static void write_setting(struct hg_bytes *out, const char *name, const char *value)
{
    hg_write_format(out, "SET LOCAL %s = ", name);
    hg_ddl_literal(out, hg_slice_cstr(value));
    hg_write_text(out, ";\n");
}

/* 'schema.table' as a literal that regclass reads. */
static void write_regclass(struct hg_bytes *out, const struct hg_table *table)
{
    struct hg_bytes name;

    hg_bytes_init(&name, 0);
    hg_ddl_qualified(&name, table->physical_schema, table->physical_name);
    hg_ddl_literal(out, hg_bytes_slice(&name));
    hg_bytes_free(&name);
}

static void write_column(struct hg_bytes *out, struct hg_slice name, bool *first)
{
    hg_write_text(out, *first ? "" : ", ");
    hg_ddl_name(out, name);
    *first = false;
}

void hg_walls_grant(const struct hg_need *need, unsigned kind, struct hg_slice user, struct hg_bytes *out)
{
    const struct hg_table *table = need->table;
    const char *word = kind == HG_NEED_SELECT ? "SELECT" : kind == HG_NEED_INSERT ? "INSERT" : "UPDATE";
    bool first = true;

    if (!(hg_need_any(need) & kind))
        return;
    hg_write_format(out, "GRANT %s (", word);
    if (need->tenant & kind)
        write_column(out, table->tenant_column, &first);
    for (size_t i = 0; i < table->ncolumns; i++)
        if (need->columns[i] & kind)
            write_column(out, table->columns[i].name, &first);
    hg_write_text(out, ") ON ");
    hg_ddl_qualified(out, table->physical_schema, table->physical_name);
    hg_write_text(out, " TO ");
    hg_ddl_name(out, user);
    hg_write_text(out, ";\n");
}

static bool same_login(const struct hg_backend_config *a, const struct hg_backend_config *b)
{
    return strcmp(a->host, b->host) == 0 && a->port == b->port && strcmp(a->user, b->user) == 0;
}

uint32_t hg_walls_pool_sizes(const struct hg_config *config, const struct hg_backend_config *backend)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < config->nservers; i++)
        if (same_login(&config->backends[i], backend))
            sum += config->backends[i].pool_size;
    return sum;
}

uint32_t hg_walls_connections(const struct hg_config *config, const struct hg_backend_config *backend)
{
    return hg_walls_pool_sizes(config, backend) * 2 + 2;
}

/* ---- sections ---- */

static void write_head(const struct hg_backend_config *backend, bool of_role, struct hg_bytes *out)
{
    const char *server = backend->dialect == HG_DIALECT_REDSHIFT ? "Redshift" : "PostgreSQL";

    hg_write_text(out, "-- The second wall of backend \"");
    write_comment(out, backend->name);
    hg_write_format(out, "\": %s, database \"", server);
    write_comment(out, backend->database);
    hg_write_text(out, "\" at ");
    write_comment(out, backend->host);
    hg_write_format(out, ":%u, where Headgate is \"", backend->port);
    write_comment(out, backend->user);
    hg_write_text(out, "\".\n-- To be run there by an administrator who owns the tables, as often as you "
                       "like, for example:\n"
                       "--     headgate walls -c FILE --backend ");
    write_comment(out, backend->name);
    if (of_role) {
        hg_write_text(out, ":");
        write_comment(out, backend->database);
    }
    hg_write_text(out, " | psql -qAt -v ON_ERROR_STOP=1 -d ");
    write_comment(out, backend->database);
    hg_write_text(out, "\n-- Afterwards `headgate check -c FILE --live` should find nothing.\n");
}

static void write_tail(struct hg_bytes *out)
{
    hg_write_text(out, "COMMIT;\n");
}

static void write_begin(const struct hg_backend_config *backend, struct hg_bytes *out)
{
    hg_write_text(out,
                  "BEGIN;\n"
                  "SET LOCAL standard_conforming_strings = on;\n"
                  "SET LOCAL search_path = pg_catalog;\n"
                  "SET LOCAL lock_timeout = '10s'; -- rather than stand in the way of the tables' users\n");
    write_setting(out, "headgate.database", backend->database);
    write_setting(out, "headgate.service", backend->user);
}

static void write_user(const struct hg_snapshot *snapshot, const struct hg_backend_config *backend,
                       struct hg_bytes *out)
{
    hg_write_text(out, "\n-- The user that Headgate logs in as. Its password is yours to give: \\password ");
    write_comment(out, backend->user);
    hg_write_u8(out, '\n');
    hg_write_text(out, hg_walls_user);
    hg_write_text(out, "ALTER ROLE ");
    hg_ddl_name(out, hg_slice_cstr(backend->user));
    hg_write_format(out, " LOGIN NOCREATEDB NOCREATEROLE CONNECTION LIMIT %u;\n",
                    hg_walls_connections(snapshot->config, backend));
}

static void write_grants(const struct hg_needs *needs, struct hg_bytes *out)
{
    struct hg_slice user = hg_slice_cstr(needs->backend->user);

    hg_write_text(out, "\n-- What roles of the policy read and write, and what masks and conditions read.\n");
    for (size_t i = 0; i < needs->nschemas; i++) {
        hg_write_text(out, "GRANT USAGE ON SCHEMA ");
        hg_ddl_name(out, needs->schemas[i]);
        hg_write_text(out, " TO ");
        hg_ddl_name(out, user);
        hg_write_text(out, ";\n");
    }
    for (size_t i = 0; i < needs->count; i++) {
        const struct hg_need *need = &needs->list[i];
        hg_walls_grant(need, HG_NEED_SELECT, user, out);
        hg_walls_grant(need, HG_NEED_INSERT, user, out);
        hg_walls_grant(need, HG_NEED_UPDATE, user, out);
        if (!need->deletes)
            continue;
        hg_write_text(out, "GRANT DELETE ON ");
        hg_ddl_qualified(out, need->table->physical_schema, need->table->physical_name);
        hg_write_text(out, " TO ");
        hg_ddl_name(out, user);
        hg_write_text(out, ";\n");
    }
}

static bool any_inserts(const struct hg_needs *needs)
{
    for (size_t i = 0; i < needs->count; i++)
        if (hg_need_any(&needs->list[i]) & HG_NEED_INSERT)
            return true;
    return false;
}

static void write_sequences(const struct hg_needs *needs, struct hg_bytes *out)
{
    if (!any_inserts(needs))
        return;
    hg_write_u8(out, '\n');
    hg_write_text(out, hg_walls_sequences);
    for (size_t i = 0; i < needs->count; i++) {
        if (!(hg_need_any(&needs->list[i]) & HG_NEED_INSERT))
            continue;
        hg_write_text(out, "SELECT pg_temp.headgate_sequences(");
        write_regclass(out, needs->list[i].table);
        hg_write_text(out, ");\n");
    }
}

static void write_wall(const struct hg_table *table, struct hg_bytes *out)
{
    if (table->walled) {
        hg_write_text(out, "SELECT pg_temp.headgate_wall(");
        write_regclass(out, table);
        hg_write_text(out, ", ");
        hg_ddl_literal(out, table->tenant_column);
        hg_write_text(out, ");\n");
    } else {
        hg_write_text(out, "SELECT pg_temp.headgate_no_wall(");
        write_regclass(out, table);
        hg_write_format(out, "); -- %s\n", table->shared ? "the same rows for every tenant" : "wall: off");
    }
}

static void write_row_security(const struct hg_needs *needs, struct hg_bytes *out)
{
    hg_write_text(out,
                  "\n-- Row security. It holds for every user but the tables' owners, superusers and those "
                  "with BYPASSRLS:\n"
                  "-- another user that reads these tables needs a policy of its own, or sees no rows.\n");
    if (!needs->backend->walls)
        hg_write_text(
            out,
            "-- Headgate has `walls: off` for this backend: turn that on first, or tenants see no rows.\n");
    hg_write_text(out, hg_walls_functions);
    for (size_t i = 0; i < needs->count; i++)
        write_wall(needs->list[i].table, out);
}

/* ---- the catalog ---- */

static void write_catalog(const struct hg_snapshot *snapshot, const struct hg_backend_config *backend,
                          struct hg_bytes *out)
{
    hg_write_text(out,
                  "-- When the database is not there yet, first and by itself:\n--     CREATE DATABASE ");
    write_comment(out, backend->database);
    hg_write_text(out, " ENCODING 'UTF8' TEMPLATE template0;\n"
                       "-- Afterwards `headgate catalog -c FILE` fills it.\n");
    write_begin(backend, out);
    write_user(snapshot, backend, out);
    hg_write_u8(out, '\n');
    hg_write_text(out, hg_walls_catalog);
    write_tail(out);
}

/* ---- the whole ---- */

static void write_data(const struct hg_snapshot *snapshot, const struct hg_backend_config *backend,
                       struct hg_bytes *out)
{
    struct hg_arena arena;

    hg_arena_init(&arena, 0);
    struct hg_needs needs = hg_needs_of(snapshot, backend, &arena);
    if (backend->dialect == HG_DIALECT_REDSHIFT) {
        hg_walls_redshift(&needs, hg_walls_connections(snapshot->config, backend), out);
    } else {
        write_begin(backend, out);
        write_user(snapshot, backend, out);
        hg_write_text(out, hg_walls_owner);
        hg_write_text(out, "\n-- What it was given before is taken away; what it needs follows.\n");
        hg_write_text(out, hg_walls_revoke);
        write_grants(&needs, out);
        write_sequences(&needs, out);
        write_row_security(&needs, out);
        write_tail(out);
    }
    hg_arena_free(&arena);
}

void hg_walls_write(const struct hg_snapshot *snapshot, const struct hg_backend_config *backend,
                    struct hg_bytes *out)
{
    write_head(backend, backend->index >= snapshot->config->nbackends, out);
    if (hg_config_is_catalog(snapshot->config, backend->index))
        write_catalog(snapshot, backend, out);
    else
        write_data(snapshot, backend, out);
}
