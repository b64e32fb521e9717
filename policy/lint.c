/* What a policy and a schema may say, and hardly mean: warnings for whoever runs `headgate check`.
 *
 * Most are about tables that some role writes. What is unique, referred to or counted across all tenants
 * answers questions about the others: that a key is taken, that a row exists, how many were added. Headgate
 * cannot change that from outside; the owner of the tables can. */
#include "policy.h"

struct lint {
    struct hg_load *load;
    const struct hg_snapshot *snapshot;
    const struct hg_schema *schema;
    bool *written; /* by table->index */
};

#define TABLE(table) HG_SHORT((table)->schema), HG_SHORT((table)->name)

static bool is_unique(const struct hg_schema_key *key)
{
    return key->kind == HG_SCHEMA_PRIMARY || key->kind == HG_SCHEMA_UNIQUE ||
           (key->kind == HG_SCHEMA_INDEX && key->unique);
}

static void lint_unique(struct lint *lint, const struct hg_table *table, const struct hg_schema_key *key)
{
    if (key->has_tenant)
        return;
    hg_load_warning(
        lint->load, key->place,
        hg_load_text(lint->load, "add \"%.*s\" to it; until then ON CONFLICT on it is refused",
                     HG_SHORT(table->tenant_column)),
        "a unique key of \"%.*s.%.*s\" lacks the tenant column: a duplicate tells of other tenants' rows",
        TABLE(table));
}

static void lint_foreign(struct lint *lint, const struct hg_table *table, const struct hg_schema_key *key)
{
    const struct hg_schema_table *other = hg_schema_find(lint->schema, key->other_schema, key->other_table);
    if (key->has_tenant || !other || !other->table || other->table->shared || table->shared ||
        (!lint->written[table->index] && !lint->written[other->table->index]))
        return;
    hg_load_warning(
        lint->load, key->place,
        table->references_shared ? "let it name the tenant columns of both tables"
                                 : "so its columns cannot be set; let it name the tenant columns of both "
                                   "tables, or say references: shared",
        "a foreign key of \"%.*s.%.*s\" to \"%.*s.%.*s\" lacks the tenant column: writing tells of, or "
        "reaches, other tenants' rows",
        TABLE(table), TABLE(other->table));
}

static void lint_keys(struct lint *lint, const struct hg_schema_table *from)
{
    for (const struct hg_schema_key *key = from->keys; key; key = key->next) {
        if (key->kind == HG_SCHEMA_FOREIGN)
            lint_foreign(lint, from->table, key);
        else if (is_unique(key) && lint->written[from->table->index])
            lint_unique(lint, from->table, key);
    }
}

static void lint_column(struct lint *lint, const struct hg_table *table, const struct hg_column *column)
{
    const struct hg_user_type *type =
        hg_snapshot_type(lint->snapshot, column->type.schema, column->type.name);
    if (column->numbered)
        hg_load_warning(
            lint->load, column->place,
            table->numbers_shared
                ? "for example a uuid by gen_random_uuid()"
                : "so INSERT has to bring it; numbers: shared of the table lets tenants take numbers",
            "column \"%.*s\" of \"%.*s.%.*s\" is numbered for all tenants together: the numbers tell "
            "how many rows others add",
            HG_SHORT(column->name), TABLE(table));
    if (type && type->checked)
        hg_load_warning(lint->load, column->place, "let its CHECK call nothing that reads tables",
                        "column \"%.*s\" of \"%.*s.%.*s\" is of a domain with a CHECK, which runs with what "
                        "Headgate's own user may do",
                        HG_SHORT(column->name), TABLE(table));
    if (column - table->columns == table->tenant_column_index && !column->not_null)
        hg_load_warning(lint->load, column->place, "declare it NOT NULL",
                        "the tenant column \"%.*s\" of \"%.*s.%.*s\" may be null: such rows are nobody's",
                        HG_SHORT(column->name), TABLE(table));
}

/* Rows are written on one backend; a statement that reads may run on another one. */
static void lint_backends(struct lint *lint, const struct hg_table *table)
{
    const struct hg_config *config = lint->snapshot->config;
    if (config && (table->backends & (table->backends - 1)))
        hg_load_warning(lint->load, table->place, "what is written should be read from one backend",
                        "rows of \"%.*s.%.*s\" are written on %s alone, and read on other backends too",
                        TABLE(table), config->backends[table->write_backend].name);
}

/* PostgreSQL's own rule. */
static void lint_wall(struct lint *lint, const struct hg_table *table)
{
    const struct hg_config *config = lint->snapshot->config;
    if (config && table->walled && config->backends[table->write_backend].walls)
        hg_load_note(
            lint->load, table->place,
            "row security takes no COPY FROM into \"%.*s.%.*s\": tenants can INSERT, or the table can "
            "have wall: off",
            TABLE(table));
}

static void lint_written(struct lint *lint, const struct hg_table *table)
{
    lint_backends(lint, table);
    lint_wall(lint, table);
    for (size_t i = 0; i < table->ncolumns; i++)
        lint_column(lint, table, &table->columns[i]);
}

static void lint_role(struct lint *lint, const struct hg_role *role)
{
    for (size_t i = 0; i < lint->snapshot->ntables; i++) {
        const struct hg_table_view *view = &role->views[i];
        lint->written[i] |= view->writable;
        if (view->writable && view->rows)
            hg_load_note(lint->load, view->rows_place,
                         "role \"%.*s\" cannot insert into \"%.*s.%.*s\", nor change columns of keys or of "
                         "this condition",
                         HG_SHORT(role->name), TABLE(view->table));
    }
}

void hg_policy_lint(struct hg_policy *policy)
{
    const struct hg_snapshot *snapshot = policy->snapshot;
    struct lint lint = {policy->load, snapshot, &policy->schema,
                        HG_NEW_ARRAY(&policy->load->scratch, bool, snapshot->ntables + 1)};
    for (size_t i = 0; i < snapshot->nroles; i++)
        lint_role(&lint, &snapshot->roles[i]);
    for (size_t i = 0; i < snapshot->ntables; i++)
        if (lint.written[i])
            lint_written(&lint, &snapshot->tables[i]);
    for (size_t i = 0; i < policy->schema.ntables; i++)
        if (policy->schema.tables[i]->table)
            lint_keys(&lint, policy->schema.tables[i]);
}
