/* Tables and their columns: CREATE TABLE, and what ALTER TABLE changes about them.
 *
 * Whatever would make a table look different from what is read here (a dropped or retyped column, LIKE, OF)
 * is an error; whatever tenants cannot see of a table (owner, storage, row security) is skipped with
 * a note. A column whose type is not known is left out with a warning: it then does not exist for tenants. */
#include "schema.h"

int hg_schema_column(const struct hg_schema_table *table, struct hg_slice name)
{
    for (size_t i = 0; i < table->ncolumns; i++)
        if (hg_slice_equal(table->columns[i].name, name))
            return (int)i;
    return -1;
}

/* ---- columns ---- */

static struct hg_column *new_column(struct hg_schema_reader *reader, struct hg_schema_table *table)
{
    if (table->ncolumns == table->room) {
        size_t room = table->room ? table->room * 2 : 16;
        struct hg_column *columns = HG_NEW_ARRAY(reader->load->arena, struct hg_column, room);
        if (table->ncolumns)
            memcpy(columns, table->columns, table->ncolumns * sizeof *columns);
        table->columns = columns;
        table->room = room;
    }
    return &table->columns[table->ncolumns++];
}

/* Whether a column of this name can be added; says why not. */
static bool check_column(struct hg_schema_reader *reader, const struct hg_schema_table *table,
                         struct hg_slice name, struct hg_place place)
{
    static const char *const system[] = {"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"};
    for (size_t i = 0; i < sizeof system / sizeof system[0]; i++)
        if (hg_slice_is(name, system[i])) {
            hg_load_error(reader->load, place, NULL, "\"%s\" is the name of a system column", system[i]);
            return false;
        }
    if (hg_schema_column(table, name) >= 0) {
        hg_load_error(reader->load, place, NULL, "column \"%.*s\" stands twice in table \"%.*s.%.*s\"",
                      HG_SHORT(name), HG_SHORT(table->schema), HG_SHORT(table->name));
        return false;
    }
    if (table->ncolumns == HG_SCHEMA_COLUMNS) {
        hg_load_error(reader->load, place, NULL, "table \"%.*s.%.*s\" has more than %d columns",
                      HG_SHORT(table->schema), HG_SHORT(table->name), HG_SCHEMA_COLUMNS);
        return false;
    }
    return true;
}

/* The call of nextval() that a default is; or NULL. */
static const PgQuery__FuncCall *takes_next_number(const PgQuery__Node *node)
{
    while (node && node->node_case == PG_QUERY__NODE__NODE_TYPE_CAST)
        node = node->type_cast->arg;
    bool takes =
        node && node->node_case == PG_QUERY__NODE__NODE_FUNC_CALL && node->func_call->n_funcname &&
        hg_slice_is(hg_schema_string(node->func_call->funcname[node->func_call->n_funcname - 1]), "nextval");
    return takes ? node->func_call : NULL;
}

static void set_default(struct hg_schema_reader *reader, struct hg_schema_table *table,
                        struct hg_column *column, const PgQuery__Node *expression, int32_t location)
{
    const PgQuery__FuncCall *next = takes_next_number(expression);
    column->default_sql = (struct hg_slice){0};
    column->numbering = HG_NUMBERING_NONE;
    column->numbered = next != NULL;
    if (next && hg_schema_next_number(reader, table, column->name, next, location))
        return;
    if (expression && !hg_schema_default(reader, expression, &column->default_sql))
        hg_schema_skip(reader, "a default that is more than a constant", location);
}

static void set_generated(struct hg_schema_reader *reader, const struct hg_schema_table *table,
                          struct hg_column *column, const PgQuery__Constraint *constraint)
{
    struct hg_schema_expression expression;
    column->generated = true;
    if (!hg_schema_expression(reader, constraint->raw_expr, HG_SCHEMA_SCOPE_TABLE, table->name, &expression))
        hg_schema_skip(reader, "GENERATED AS (expression)", constraint->location);
    column->generated_sql = expression.sql;
    column->generated_from = expression.columns;
    column->ngenerated_from = expression.ncolumns;
}

static void add_column_constraint(struct hg_schema_reader *reader, struct hg_schema_table *table,
                                  struct hg_column *column, const PgQuery__Constraint *constraint)
{
    switch (constraint->contype) {
    case PG_QUERY__CONSTR_TYPE__CONSTR_NOTNULL:
        column->not_null = true;
        break;
    case PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT:
        set_default(reader, table, column, constraint->raw_expr, constraint->location);
        break;
    case PG_QUERY__CONSTR_TYPE__CONSTR_IDENTITY:
        column->not_null = true;
        column->numbered = true;
        hg_schema_identity(reader, table, column, constraint);
        break;
    case PG_QUERY__CONSTR_TYPE__CONSTR_GENERATED:
        set_generated(reader, table, column, constraint);
        break;
    default:
        hg_schema_add_constraint(reader, table, constraint, column->name);
        break;
    }
}

/* The type of a column, or false. A serial is an integer that is never null. */
static bool read_type(struct hg_schema_reader *reader, const PgQuery__ColumnDef *def, struct hg_type *type,
                      bool *not_null)
{
    const char *serial = hg_schema_serial(def->type_name);
    if (!serial)
        return hg_schema_type(reader, def->type_name, type);
    *not_null = true;
    type->schema = HG_LIT("pg_catalog");
    type->name = hg_slice_cstr(serial);
    type->text = strcmp(serial, "int2") == 0   ? HG_LIT("smallint")
                 : strcmp(serial, "int4") == 0 ? HG_LIT("integer")
                                               : HG_LIT("bigint");
    return true;
}

static struct hg_slice last_name(const PgQuery__TypeName *type)
{
    const PgQuery__Node *name = type && type->n_names ? type->names[type->n_names - 1] : NULL;
    return hg_slice_cstr(name && name->node_case == PG_QUERY__NODE__NODE_STRING ? name->string->sval : "");
}

static void add_column(struct hg_schema_reader *reader, struct hg_schema_table *table,
                       const PgQuery__ColumnDef *def)
{
    struct hg_slice name = hg_slice_cstr(def->colname);
    struct hg_place place = hg_schema_place(reader, def->location);
    struct hg_type type = {0};
    bool not_null = def->is_not_null;
    if (!check_column(reader, table, name, place))
        return;
    if (!read_type(reader, def, &type, &not_null)) {
        struct hg_slice type_name = last_name(def->type_name);
        hg_load_warning(reader->load, place, "built-in types, and enums and domains created before are known",
                        "column \"%.*s\" of \"%.*s.%.*s\" is of an unknown type, \"%.*s\", and does not "
                        "exist for tenants",
                        HG_SHORT(name), HG_SHORT(table->schema), HG_SHORT(table->name), HG_SHORT(type_name));
        return;
    }
    struct hg_column *column = new_column(reader, table);
    *column = (struct hg_column){.name = hg_arena_slice(reader->load->arena, name),
                                 .type = type,
                                 .not_null = not_null,
                                 .numbered = hg_schema_serial(def->type_name) != NULL,
                                 .place = place};
    if (column->numbered)
        hg_schema_serial_sequence(reader, table, column);
    if (def->coll_clause)
        hg_schema_skip(reader, "COLLATE", def->coll_clause->location);
    for (size_t i = 0; i < def->n_constraints; i++)
        if (def->constraints[i]->node_case == PG_QUERY__NODE__NODE_CONSTRAINT)
            add_column_constraint(reader, table, column, def->constraints[i]->constraint);
}

/* ---- CREATE TABLE ---- */

static void inherit(struct hg_schema_reader *reader, struct hg_schema_table *table,
                    const PgQuery__RangeVar *relation)
{
    struct hg_schema_table *parent = hg_schema_relation(reader, relation);
    if (!parent) {
        hg_load_error(reader->load, hg_schema_place(reader, relation->location), NULL,
                      "table \"%.*s.%.*s\" inherits from a table that is not created above",
                      HG_SHORT(table->schema), HG_SHORT(table->name));
        return;
    }
    parent->children = true;
    for (size_t i = 0; i < parent->ncolumns; i++)
        if (hg_schema_column(table, parent->columns[i].name) < 0) {
            struct hg_column *column = new_column(reader, table);
            *column = parent->columns[i];
            column->numbering = HG_NUMBERING_NONE; /* the sequence is the parent's */
            column->sequence_name = (struct hg_slice){0};
        }
}

/* An element between the brackets of CREATE TABLE. */
static void add_element(struct hg_schema_reader *reader, struct hg_schema_table *table,
                        const PgQuery__Node *element)
{
    switch (element->node_case) {
    case PG_QUERY__NODE__NODE_COLUMN_DEF:
        add_column(reader, table, element->column_def);
        break;
    case PG_QUERY__NODE__NODE_CONSTRAINT:
        hg_schema_add_constraint(reader, table, element->constraint, (struct hg_slice){0});
        break;
    default:
        hg_load_error(reader->load, table->place, "write its columns out, as pg_dump does",
                      "table \"%.*s.%.*s\" takes columns from elsewhere", HG_SHORT(table->schema),
                      HG_SHORT(table->name));
        break;
    }
}

/* Whether a table of this schema and name can be created; says why not. */
static bool check_table(struct hg_schema_reader *reader, const struct hg_schema_table *table)
{
    struct hg_load *load = reader->load;
    if (hg_slice_is(table->schema, "information_schema") ||
        (table->schema.len >= 3 && memcmp(table->schema.ptr, "pg_", 3) == 0))
        hg_load_error(load, table->place, NULL, "schema \"%.*s\" is PostgreSQL's own",
                      HG_SHORT(table->schema));
    else if (hg_schema_find(reader->schema, table->schema, table->name))
        hg_load_error(load, table->place, NULL, "table \"%.*s.%.*s\" is created twice",
                      HG_SHORT(table->schema), HG_SHORT(table->name));
    else
        return true;
    return false;
}

static void keep_table(struct hg_schema_reader *reader, struct hg_schema_table *table)
{
    struct hg_schema *schema = reader->schema;
    if (schema->ntables == schema->tables_room) {
        schema->tables_room = schema->tables_room ? schema->tables_room * 2 : 64;
        schema->tables = hg_realloc(schema->tables, schema->tables_room * sizeof(struct hg_schema_table *));
    }
    schema->tables[schema->ntables++] = table;
    (void)hg_map_put(&schema->table_map, hg_load_pair(&reader->load->scratch, table->schema, table->name),
                     table);
}

void hg_schema_create_table(struct hg_schema_reader *reader, const PgQuery__CreateStmt *stmt)
{
    struct hg_load *load = reader->load;
    const PgQuery__RangeVar *relation = stmt->relation;
    if (stmt->partbound) {
        hg_schema_skip(reader, "PARTITION OF", -1);
        return;
    }
    if (relation->relpersistence && relation->relpersistence[0] == 't') {
        hg_schema_skip(reader, "CREATE TEMPORARY TABLE", -1);
        return;
    }
    struct hg_schema_table *table = HG_NEW(&load->scratch, struct hg_schema_table);
    const char *schema = relation->schemaname;
    table->schema = schema && *schema ? hg_arena_slice(load->arena, hg_slice_cstr(schema)) : reader->current;
    table->name = hg_arena_slice(load->arena, hg_slice_cstr(relation->relname));
    table->place = hg_schema_place(reader, relation->location);
    table->keys_end = &table->keys;
    table->children = table->partitioned = stmt->partspec != NULL;
    if (!check_table(reader, table))
        return;
    if (stmt->of_typename)
        hg_load_error(load, table->place, "write its columns out",
                      "table \"%.*s.%.*s\" takes columns from elsewhere", HG_SHORT(table->schema),
                      HG_SHORT(table->name));
    for (size_t i = 0; i < stmt->n_inh_relations; i++)
        if (stmt->inh_relations[i]->node_case == PG_QUERY__NODE__NODE_RANGE_VAR)
            inherit(reader, table, stmt->inh_relations[i]->range_var);
    for (size_t i = 0; i < stmt->n_table_elts; i++)
        add_element(reader, table, stmt->table_elts[i]);
    keep_table(reader, table);
}

/* ---- ALTER TABLE ---- */

static void alter_column(struct hg_schema_reader *reader, struct hg_schema_table *table,
                         const PgQuery__AlterTableCmd *cmd)
{
    int at = hg_schema_column(table, hg_slice_cstr(cmd->name));
    if (at < 0) {
        hg_schema_skip(reader, "ALTER COLUMN of a column that tenants do not have", -1);
        return;
    }
    struct hg_column *column = &table->columns[at];
    if (cmd->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_SetNotNull)
        column->not_null = true;
    else if (cmd->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_DropNotNull)
        column->not_null = false;
    else if (cmd->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_AddIdentity) {
        column->numbered = true;
        if (cmd->def && cmd->def->node_case == PG_QUERY__NODE__NODE_CONSTRAINT)
            hg_schema_identity(reader, table, column, cmd->def->constraint);
    } else
        set_default(reader, table, column, cmd->def, -1);
}

static void attach_partition(struct hg_schema_reader *reader, const PgQuery__AlterTableCmd *cmd)
{
    const PgQuery__Node *def = cmd->def;
    struct hg_schema_table *child = def && def->node_case == PG_QUERY__NODE__NODE_PARTITION_CMD
                                        ? hg_schema_relation(reader, def->partition_cmd->name)
                                        : NULL;
    if (child)
        child->partition = true;
    hg_schema_skip(reader, "ATTACH PARTITION", -1);
}

static void refuse_change(struct hg_schema_reader *reader, const struct hg_schema_table *table)
{
    hg_load_error(reader->load, hg_schema_place(reader, -1), "apply the change, then dump the schema again",
                  "this ALTER TABLE changes \"%.*s.%.*s\" in a way that is not followed here",
                  HG_SHORT(table->schema), HG_SHORT(table->name));
}

static void alter_table(struct hg_schema_reader *reader, struct hg_schema_table *table,
                        const PgQuery__AlterTableCmd *cmd)
{
    const PgQuery__Node *def = cmd->def;
    switch (cmd->subtype) {
    case PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint:
        if (def && def->node_case == PG_QUERY__NODE__NODE_CONSTRAINT)
            hg_schema_add_constraint(reader, table, def->constraint, (struct hg_slice){0});
        break;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn:
        if (def && def->node_case == PG_QUERY__NODE__NODE_COLUMN_DEF)
            add_column(reader, table, def->column_def);
        break;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_ColumnDefault:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_SetNotNull:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_DropNotNull:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_AddIdentity:
        alter_column(reader, table, cmd);
        break;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_AttachPartition:
        attach_partition(reader, cmd);
        break;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnType:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_AddInherit:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_AddOf:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_DropConstraint:
        refuse_change(reader, table);
        break;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_ChangeOwner:
        hg_schema_skip(reader, "OWNER TO", -1);
        break;
    default:
        hg_schema_skip(reader, "ALTER TABLE of what tenants do not see", -1);
        break;
    }
}

void hg_schema_alter_table(struct hg_schema_reader *reader, const PgQuery__AlterTableStmt *stmt)
{
    struct hg_schema_table *table = hg_schema_relation(reader, stmt->relation);
    bool is_table = stmt->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_TABLE ||
                    stmt->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_FOREIGN_TABLE;
    for (size_t i = 0; i < stmt->n_cmds; i++) {
        const PgQuery__Node *node = stmt->cmds[i];
        if (node->node_case != PG_QUERY__NODE__NODE_ALTER_TABLE_CMD)
            continue;
        if (table && is_table)
            alter_table(reader, table, node->alter_table_cmd);
        else if (node->alter_table_cmd->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_ChangeOwner)
            hg_schema_skip(reader, "OWNER TO", -1);
        else
            hg_schema_skip(reader, "ALTER of what is no table here", -1);
    }
}
