/* The script of a Redshift backend. It has neither DO blocks nor CREATE … IF NOT EXISTS for users, so what
 * PostgreSQL's script finds out by itself is left to the administrator here, and says so.
 *
 * From the Amazon Redshift Database Developer Guide: CREATE RLS POLICY, ATTACH RLS POLICY, DROP RLS POLICY,
 * ALTER TABLE (ROW LEVEL SECURITY), "Considerations using RLS policies" (session context variables),
 * CURRENT_SETTING (its second argument says whether an unset variable is an error: the opposite of
 * PostgreSQL's), CREATE USER, GRANT (columns). Row security there filters SELECT, UPDATE and DELETE; Headgate
 * writes nothing on Redshift. Nothing of it was run on a real Redshift, and the script says that too. */
#include "walls.h"

#include <stdlib.h>

#include "ddl.h"

static void write_user(const struct hg_needs *needs, uint32_t connections, struct hg_bytes *out)
{
    struct hg_slice user = hg_slice_cstr(needs->backend->user);

    hg_write_text(out,
                  "-- The user that Headgate logs in as. When it is not there yet, first and by itself:\n"
                  "--     CREATE USER ");
    hg_walls_comment(out, user);
    hg_write_text(out,
                  " PASSWORD DISABLE;     -- then give it a password, or temporary credentials\nALTER USER ");
    hg_ddl_name(out, user);
    hg_write_format(out, " NOCREATEDB NOCREATEUSER SYSLOG ACCESS RESTRICTED CONNECTION LIMIT %u;\n",
                    connections);
}

static void write_user_statement(struct hg_bytes *out, const char *before, struct hg_slice object,
                                 const char *between, struct hg_slice user)
{
    hg_write_text(out, before);
    hg_ddl_name(out, object);
    hg_write_text(out, between);
    hg_ddl_name(out, user);
    hg_write_text(out, ";\n");
}

static void write_grants(const struct hg_needs *needs, struct hg_bytes *out)
{
    struct hg_slice user = hg_slice_cstr(needs->backend->user);
    struct hg_slice database = hg_slice_cstr(needs->backend->database);

    hg_write_text(out, "\n-- For everybody: who needs these is to be granted them by name.\n"
                       "REVOKE CREATE, TEMPORARY ON DATABASE ");
    hg_ddl_name(out, database);
    hg_write_text(out,
                  " FROM PUBLIC;\nREVOKE CREATE ON SCHEMA public FROM PUBLIC;\n"
                  "\n-- What it was given before is taken away; what roles of the policy read follows.\n");
    write_user_statement(out, "REVOKE ALL ON DATABASE ", database, " FROM ", user);
    for (size_t i = 0; i < needs->nschemas; i++) {
        write_user_statement(out, "REVOKE ALL ON ALL TABLES IN SCHEMA ", needs->schemas[i], " FROM ", user);
        write_user_statement(out, "REVOKE ALL ON SCHEMA ", needs->schemas[i], " FROM ", user);
        write_user_statement(out, "GRANT USAGE ON SCHEMA ", needs->schemas[i], " TO ", user);
    }
    for (size_t i = 0; i < needs->count; i++)
        hg_walls_grant(&needs->list[i], HG_NEED_SELECT, user, out);
}

/* ---- row security ---- */

/* A policy is made once for a column's name and type, and attached to many tables. */
struct wall {
    struct hg_slice column, type;
};

static struct wall wall_of(const struct hg_table *table)
{
    struct hg_slice type = table->tenant_column_index >= 0
                               ? table->columns[table->tenant_column_index].type.text
                               : HG_LIT("character varying(256)");

    if (hg_slice_is(type, "text") || hg_slice_is(type, "character varying"))
        type = HG_LIT("character varying(256)");
    return (struct wall){table->tenant_column, type};
}

/* The number of the wall among the distinct ones, from 1; added when it is new. */
static size_t wall_number(struct wall *walls, size_t *count, struct wall wall)
{
    for (size_t i = 0; i < *count; i++)
        if (hg_slice_equal(walls[i].column, wall.column) && hg_slice_equal(walls[i].type, wall.type))
            return i + 1;
    walls[*count] = wall;
    return ++*count;
}

static void write_policy(struct hg_bytes *out, struct wall wall, size_t number)
{
    hg_write_format(out, "DROP RLS POLICY IF EXISTS headgate_tenant_%zu CASCADE;\n", number);
    hg_write_format(out, "CREATE RLS POLICY headgate_tenant_%zu WITH (", number);
    hg_ddl_name(out, wall.column);
    hg_write_format(out, " %.*s) USING (", HG_SLICE_FMT(wall.type));
    hg_ddl_name(out, wall.column);
    hg_write_text(out, " = CAST(nullif(current_setting('" HG_WALL_SETTING "', FALSE), '') AS ");
    hg_write_format(out, "%.*s));\n", HG_SLICE_FMT(wall.type));
}

static void write_table(const struct hg_table *table, size_t number, const char *user, struct hg_bytes *out)
{
    hg_write_format(out, "ATTACH RLS POLICY headgate_tenant_%zu ON ", number);
    hg_ddl_qualified(out, table->physical_schema, table->physical_name);
    hg_write_text(out, " TO ");
    hg_ddl_name(out, hg_slice_cstr(user));
    hg_write_text(out, ";\nALTER TABLE ");
    hg_ddl_qualified(out, table->physical_schema, table->physical_name);
    hg_write_text(out, " ROW LEVEL SECURITY ON;\n");
}

static void write_row_security(const struct hg_needs *needs, struct hg_bytes *out)
{
    struct wall *walls = hg_calloc(needs->count + 1, sizeof *walls);
    size_t count = 0;

    hg_write_text(out, "\n-- Row security. The type of a tenant column must be that of the table: change it "
                       "here where it is not.\n"
                       "-- It holds for every user but superusers and those with the permission IGNORE RLS: "
                       "another user that\n"
                       "-- reads these tables needs a policy of its own, or sees no rows.\n");
    if (!needs->backend->walls)
        hg_write_text(
            out,
            "-- Headgate has `walls: off` for this backend: turn that on first, or tenants see no rows.\n");
    for (size_t i = 0; i < needs->count; i++)
        if (needs->list[i].table->walled)
            (void)wall_number(walls, &count, wall_of(needs->list[i].table));
    for (size_t i = 0; i < count; i++)
        write_policy(out, walls[i], i + 1);
    for (size_t i = 0; i < needs->count; i++) {
        const struct hg_table *table = needs->list[i].table;
        if (table->walled)
            write_table(table, wall_number(walls, &count, wall_of(table)), needs->backend->user, out);
    }
    free(walls);
}

void hg_walls_redshift(const struct hg_needs *needs, uint32_t connections, struct hg_bytes *out)
{
    hg_write_text(out, "-- This script was written after Amazon's documentation and has not been tried on a "
                       "real Redshift: read it first.\n"
                       "-- Grants by groups, roles and to PUBLIC are not looked at.\n"
                       "BEGIN;\n");
    write_user(needs, connections, out);
    write_grants(needs, out);
    write_row_security(needs, out);
    hg_write_text(out, "COMMIT;\n");
}
