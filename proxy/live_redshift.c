/* The questions to a Redshift backend: few, table by table, and only of what both Redshift and PostgreSQL
 * have: information_schema, pg_user, pg_tables, the has_…_privilege functions. What only an administrator
 * may see there (SVV_RLS_RELATION, SVV_RLS_ATTACHED_POLICY: "Only users with the sys:secadmin role can query
 * this view") is tried out instead: without a tenant, a table behind its wall shows no row.
 *
 * None of it was tried on a real Redshift, and the first line of the report says so. */
#include "ddl.h"
#include "live.h"

#define PRINTS "headgate walls prints the SQL that sets it right"

static const struct hg_live_check power = {
    "power", HG_ERROR, HG_LIVE_DATA, PRINTS,
    "SELECT 'user ' || usename, 'is a superuser: nothing holds it back' FROM pg_user"
    " WHERE usename = current_user AND usesuper"
    " UNION ALL SELECT 'user ' || usename, 'may create databases' FROM pg_user"
    " WHERE usename = current_user AND usecreatedb AND NOT usesuper"
    " UNION ALL SELECT 'database', 'lets it create schemas'"
    " WHERE has_database_privilege(current_database(), 'CREATE')"
    " UNION ALL SELECT 'database', 'lets it create temporary tables'"
    " WHERE has_database_privilege(current_database(), 'TEMP')"};

/* ---- SQL for one table ---- */

static void write_where(struct hg_bytes *sql, const struct hg_table *table, const char *schema,
                        const char *name)
{
    hg_write_format(sql, " WHERE %s = ", schema);
    hg_ddl_literal(sql, table->physical_schema);
    hg_write_format(sql, " AND %s = ", name);
    hg_ddl_literal(sql, table->physical_name);
}

static void write_label(struct hg_bytes *sql, const struct hg_table *table)
{
    struct hg_bytes name;

    hg_bytes_init(&name, 0);
    hg_ddl_qualified(&name, table->physical_schema, table->physical_name);
    hg_ddl_literal(sql, hg_bytes_slice(&name));
    hg_bytes_free(&name);
}

/* SELECT 'table …', '<text>' */
static void write_finding(struct hg_bytes *sql, const struct hg_table *table, const char *text)
{
    hg_write_text(sql, "SELECT 'table ' || ");
    write_label(sql, table);
    hg_write_text(sql, ", ");
    hg_ddl_literal(sql, hg_slice_cstr(text));
}

static void write_column_list(struct hg_bytes *sql, const struct hg_need *need)
{
    const struct hg_table *table = need->table;
    bool first = true;

    for (size_t i = 0; i <= table->ncolumns; i++) {
        bool tenant = i == table->ncolumns;
        if (!((tenant ? need->tenant : need->columns[i]) & HG_NEED_SELECT))
            continue;
        hg_write_text(sql, first ? "SELECT " : " UNION ALL SELECT ");
        hg_ddl_literal(sql, tenant ? table->tenant_column : table->columns[i].name);
        hg_write_text(sql, first ? " AS col" : "");
        first = false;
    }
}

/* ---- questions ---- */

static void ask(struct hg_live *live, const char *id, const char *hint, struct hg_bytes *sql)
{
    struct hg_live_check check = {id, HG_ERROR, HG_LIVE_DATA, hint, NULL};

    hg_live_ask(live, &check, hg_arena_slice(&live->arena, hg_bytes_slice(sql)));
    hg_bytes_clear(sql);
}

static void ask_columns(struct hg_live *live, const struct hg_need *need, struct hg_bytes *sql)
{
    hg_write_text(sql, "SELECT 'table ' || ");
    write_label(sql, need->table);
    hg_write_text(sql, ", 'has no column ' || col || ' that may be read' FROM (");
    write_column_list(sql, need);
    hg_write_text(sql, ") w WHERE col NOT IN (SELECT column_name FROM information_schema.columns");
    write_where(sql, need->table, "table_schema", "table_name");
    hg_write_u8(sql, ')');
    ask(live, "columns", PRINTS, sql);
}

static void ask_rights(struct hg_live *live, const struct hg_table *table, struct hg_bytes *sql)
{
    static const struct {
        const char *privilege, *text;
    } rights[] = {{"INSERT", "may be inserted into, which nobody needs"},
                  {"UPDATE", "may be updated, which nobody needs"},
                  {"DELETE", "may be deleted from, which nobody needs"}};

    write_finding(sql, table, "is owned by Headgate's user: an owner is above grants");
    hg_write_text(sql, " FROM pg_tables");
    write_where(sql, table, "schemaname", "tablename");
    hg_write_text(sql, " AND tableowner = current_user");
    for (size_t i = 0; i < sizeof rights / sizeof rights[0]; i++) {
        hg_write_text(sql, " UNION ALL ");
        write_finding(sql, table, rights[i].text);
        hg_write_text(sql, " WHERE has_table_privilege(");
        write_label(sql, table);
        hg_write_format(sql, ", '%s')", rights[i].privilege);
    }
    ask(live, "rights", PRINTS, sql);
}

static void ask_wall(struct hg_live *live, const struct hg_table *table, struct hg_bytes *sql)
{
    write_finding(sql, table, "has no wall: it shows a row when no tenant is set");
    hg_write_text(sql, " FROM (SELECT ");
    hg_ddl_name(sql, table->tenant_column);
    hg_write_text(sql, " FROM ");
    hg_ddl_qualified(sql, table->physical_schema, table->physical_name);
    hg_write_text(sql, " LIMIT 1) one");
    ask(live, "walls", PRINTS, sql);
}

static bool is_there(struct hg_live *live, const struct hg_table *table, struct hg_bytes *sql)
{
    size_t errors = live->errors;

    write_finding(sql, table, "is not there, or may not be used");
    hg_write_text(sql, " WHERE NOT EXISTS (SELECT 1 FROM information_schema.tables");
    write_where(sql, table, "table_schema", "table_name");
    hg_write_u8(sql, ')');
    ask(live, "tables", PRINTS, sql);
    return live->errors == errors;
}

void hg_live_redshift(struct hg_live *live)
{
    struct hg_bytes sql;

    hg_live_report(
        live, HG_NOTE, HG_LIT(""),
        HG_LIT("what is asked of Redshift follows its documentation and has not been tried on a real one"),
        NULL);
    hg_bytes_init(&sql, 0);
    hg_live_ask(live, &power, hg_slice_cstr(power.query));
    for (size_t i = 0; i < live->needs.count; i++) {
        const struct hg_need *need = &live->needs.list[i];
        if (!is_there(live, need->table, &sql))
            continue;
        ask_columns(live, need, &sql);
        ask_rights(live, need->table, &sql);
        if (live->backend->walls && need->table->walled)
            ask_wall(live, need->table, &sql);
    }
    hg_bytes_free(&sql);
}
