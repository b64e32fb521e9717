/* Goes through the statements of schema.sql: each is parsed alone, and either used, or skipped with a note,
 * or, when it would change the shape of a table in a way that is not followed here, an error. A statement
 * that cannot be parsed is an error too, unless its first words say that it is of a kind that would be
 * skipped: a dump may come from a PostgreSQL that is newer than the parser. */
#include "schema.h"

#include <stdlib.h>
#include <strings.h>

/* ---- helpers of the other files ---- */

static void find_lines(struct hg_schema_reader *reader)
{
    const char *at = reader->text.ptr, *end = at + reader->text.len;
    size_t count = 1;
    for (const char *c = at; (c = memchr(c, '\n', (size_t)(end - c))); c++)
        count++;
    reader->lines = HG_NEW_ARRAY(&reader->load->scratch, size_t, count);
    for (const char *c = at; (c = memchr(c, '\n', (size_t)(end - c))); c++)
        reader->lines[++reader->nlines] = (size_t)(c + 1 - at);
    reader->nlines++;
}

static struct hg_place place_of(const struct hg_schema_reader *reader, size_t offset)
{
    size_t low = 0, high = reader->nlines;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (reader->lines[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    return (struct hg_place){reader->file, (uint32_t)low + 1, (uint32_t)(offset - reader->lines[low]) + 1};
}

struct hg_place hg_schema_place(const struct hg_schema_reader *reader, int32_t location)
{
    return place_of(reader, reader->statement + (location > 0 ? (size_t)location : 0));
}

void hg_schema_skip(struct hg_schema_reader *reader, const char *what, int32_t location)
{
    hg_schema_skip_at(reader, what, hg_schema_place(reader, location));
}

void hg_schema_skip_at(struct hg_schema_reader *reader, const char *what, struct hg_place place)
{
    for (size_t i = 0; i < reader->nskips; i++)
        if (strcmp(reader->skips[i].what, what) == 0) {
            reader->skips[i].count++;
            return;
        }
    if (reader->nskips == reader->skips_room) {
        reader->skips_room = reader->skips_room ? reader->skips_room * 2 : 32;
        reader->skips = hg_realloc(reader->skips, reader->skips_room * sizeof *reader->skips);
    }
    reader->skips[reader->nskips++] = (struct hg_schema_skip){what, place, 1};
}

struct hg_slice hg_schema_string(const PgQuery__Node *node)
{
    if (!node || node->node_case != PG_QUERY__NODE__NODE_STRING)
        return HG_LIT("");
    return hg_slice_cstr(node->string->sval);
}

bool hg_schema_qualified(const struct hg_schema_reader *reader, PgQuery__Node *const *names, size_t count,
                         struct hg_slice *schema, struct hg_slice *name)
{
    if (count < 1 || count > 2)
        return false;
    *schema = count == 2 ? hg_schema_string(names[0]) : reader->current;
    *name = hg_schema_string(names[count - 1]);
    return schema->len && name->len;
}

struct hg_schema_table *hg_schema_find(const struct hg_schema *schema, struct hg_slice schema_name,
                                       struct hg_slice name)
{
    struct hg_arena arena;
    hg_arena_init(&arena, 0);
    struct hg_schema_table *table = hg_map_get(&schema->table_map, hg_load_pair(&arena, schema_name, name));
    hg_arena_free(&arena);
    return table;
}

struct hg_schema_table *hg_schema_relation(const struct hg_schema_reader *reader,
                                           const PgQuery__RangeVar *relation)
{
    if (!relation)
        return NULL;
    const char *schema = relation->schemaname;
    return hg_schema_find(reader->schema, schema && *schema ? hg_slice_cstr(schema) : reader->current,
                          hg_slice_cstr(relation->relname));
}

/* ---- comments ---- */

static void comment_on_table(struct hg_schema_reader *reader, const PgQuery__List *names,
                             struct hg_slice comment)
{
    struct hg_slice schema, name;
    struct hg_schema_table *table = NULL;
    if (hg_schema_qualified(reader, names->items, names->n_items, &schema, &name))
        table = hg_schema_find(reader->schema, schema, name);
    if (table)
        table->comment = comment;
}

static void comment_on_column(struct hg_schema_reader *reader, const PgQuery__List *names,
                              struct hg_slice comment)
{
    struct hg_slice schema, name;
    if (names->n_items < 2 || !hg_schema_qualified(reader, names->items, names->n_items - 1, &schema, &name))
        return;
    struct hg_schema_table *table = hg_schema_find(reader->schema, schema, name);
    int column = table ? hg_schema_column(table, hg_schema_string(names->items[names->n_items - 1])) : -1;
    if (column >= 0)
        table->columns[column].comment = comment;
}

static void comment_on_type(struct hg_schema_reader *reader, const PgQuery__TypeName *names,
                            struct hg_slice comment)
{
    struct hg_slice schema, name;
    struct hg_user_type *type = NULL;
    if (hg_schema_qualified(reader, names->names, names->n_names, &schema, &name))
        type = hg_map_get(&reader->schema->type_map, hg_load_pair(&reader->load->scratch, schema, name));
    if (type)
        type->comment = comment;
}

static void read_comment(struct hg_schema_reader *reader, const PgQuery__CommentStmt *stmt)
{
    const PgQuery__Node *object = stmt->object;
    struct hg_slice comment = hg_arena_slice(reader->load->arena, hg_slice_cstr(stmt->comment));
    bool list = object && object->node_case == PG_QUERY__NODE__NODE_LIST;
    if (list && (stmt->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_TABLE ||
                 stmt->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_FOREIGN_TABLE))
        comment_on_table(reader, object->list, comment);
    else if (list && stmt->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN)
        comment_on_column(reader, object->list, comment);
    else if (object && object->node_case == PG_QUERY__NODE__NODE_TYPE_NAME &&
             (stmt->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_TYPE ||
              stmt->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_DOMAIN))
        comment_on_type(reader, object->type_name, comment);
    else
        hg_schema_skip(reader, "COMMENT on what tenants do not see", -1);
}

/* ---- statements that are used only in some cases ---- */

/* `SET search_path = reporting, pg_catalog;` decides where unqualified names belong; other settings mean
 * nothing here. */
static void read_set(struct hg_schema_reader *reader, const PgQuery__VariableSetStmt *stmt)
{
    const PgQuery__Node *first = stmt->n_args ? stmt->args[0] : NULL;
    bool path = stmt->name && strcmp(stmt->name, "search_path") == 0 && first &&
                first->node_case == PG_QUERY__NODE__NODE_A_CONST &&
                first->a_const->val_case == PG_QUERY__A__CONST__VAL_SVAL;
    if (path && *first->a_const->sval->sval && *first->a_const->sval->sval != '$')
        reader->current = hg_arena_slice(reader->load->arena, hg_slice_cstr(first->a_const->sval->sval));
    else
        hg_schema_skip(reader, "SET", -1);
}

static bool drops_known(struct hg_schema_reader *reader, const PgQuery__DropStmt *stmt)
{
    struct hg_slice schema, name;
    for (size_t i = 0; i < stmt->n_objects; i++) {
        const PgQuery__Node *object = stmt->objects[i];
        if (object->node_case == PG_QUERY__NODE__NODE_LIST &&
            hg_schema_qualified(reader, object->list->items, object->list->n_items, &schema, &name) &&
            hg_schema_find(reader->schema, schema, name))
            return true;
        if (object->node_case == PG_QUERY__NODE__NODE_TYPE_NAME &&
            hg_schema_qualified(reader, object->type_name->names, object->type_name->n_names, &schema,
                                &name) &&
            hg_map_get(&reader->schema->type_map, hg_load_pair(&reader->load->scratch, schema, name)))
            return true;
    }
    return false;
}

static void refuse_change(struct hg_schema_reader *reader, const char *what)
{
    hg_load_error(reader->load, hg_schema_place(reader, -1), "apply the change, then dump the schema again",
                  "%s is not followed here", what);
}

/* What `pg_dump --clean` drops before it creates anything is not there yet. */
static void read_drop(struct hg_schema_reader *reader, const PgQuery__DropStmt *stmt)
{
    if (drops_known(reader, stmt))
        refuse_change(reader, "a DROP of what was created above");
    else
        hg_schema_skip(reader, "DROP", -1);
}

static void read_rename(struct hg_schema_reader *reader, const PgQuery__RenameStmt *stmt)
{
    bool shape = stmt->rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_TABLE ||
                 stmt->rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN ||
                 stmt->rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA ||
                 stmt->rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_TYPE ||
                 stmt->rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_DOMAIN;
    if (shape)
        refuse_change(reader, "RENAME");
    else
        hg_schema_skip(reader, "RENAME of what tenants do not see", -1);
}

static void read_create_as(struct hg_schema_reader *reader, const PgQuery__CreateTableAsStmt *stmt)
{
    if (stmt->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW)
        hg_schema_skip(reader, "CREATE MATERIALIZED VIEW", -1);
    else
        refuse_change(reader, "CREATE TABLE AS");
}

/* ---- dispatch ---- */

/* Kinds of statements that are always skipped, as notes name them. A kind that is not here is "another
 * statement". */
static const struct {
    PgQuery__Node__NodeCase kind;
    const char *what;
} skipped[] = {
    {PG_QUERY__NODE__NODE_SELECT_STMT, "SELECT"},
    {PG_QUERY__NODE__NODE_ALTER_OWNER_STMT, "OWNER TO"},
    {PG_QUERY__NODE__NODE_GRANT_STMT, "GRANT and REVOKE"},
    {PG_QUERY__NODE__NODE_GRANT_ROLE_STMT, "GRANT and REVOKE"},
    {PG_QUERY__NODE__NODE_ALTER_DEFAULT_PRIVILEGES_STMT, "ALTER DEFAULT PRIVILEGES"},
    {PG_QUERY__NODE__NODE_CREATE_FUNCTION_STMT, "CREATE FUNCTION"},
    {PG_QUERY__NODE__NODE_ALTER_FUNCTION_STMT, "ALTER FUNCTION"},
    {PG_QUERY__NODE__NODE_CREATE_TRIG_STMT, "CREATE TRIGGER"},
    {PG_QUERY__NODE__NODE_CREATE_EVENT_TRIG_STMT, "CREATE EVENT TRIGGER"},
    {PG_QUERY__NODE__NODE_CREATE_EXTENSION_STMT, "CREATE EXTENSION"},
    {PG_QUERY__NODE__NODE_CREATE_POLICY_STMT, "CREATE POLICY"},
    {PG_QUERY__NODE__NODE_VIEW_STMT, "CREATE VIEW"},
    {PG_QUERY__NODE__NODE_RULE_STMT, "CREATE RULE"},
    {PG_QUERY__NODE__NODE_CREATE_STATS_STMT, "CREATE STATISTICS"},
    {PG_QUERY__NODE__NODE_ALTER_STATS_STMT, "ALTER STATISTICS"},
    {PG_QUERY__NODE__NODE_COMPOSITE_TYPE_STMT, "CREATE TYPE of a composite type"},
    {PG_QUERY__NODE__NODE_CREATE_RANGE_STMT, "CREATE TYPE of a range type"},
    {PG_QUERY__NODE__NODE_DEFINE_STMT, "CREATE AGGREGATE, OPERATOR, TYPE or COLLATION"},
    {PG_QUERY__NODE__NODE_ALTER_DOMAIN_STMT, "ALTER DOMAIN"},
    {PG_QUERY__NODE__NODE_CREATE_PUBLICATION_STMT, "CREATE PUBLICATION"},
    {PG_QUERY__NODE__NODE_CREATE_SUBSCRIPTION_STMT, "CREATE SUBSCRIPTION"},
    {PG_QUERY__NODE__NODE_CREATE_FOREIGN_SERVER_STMT, "CREATE SERVER"},
    {PG_QUERY__NODE__NODE_CREATE_FDW_STMT, "CREATE FOREIGN DATA WRAPPER"},
    {PG_QUERY__NODE__NODE_CREATE_USER_MAPPING_STMT, "CREATE USER MAPPING"},
    {PG_QUERY__NODE__NODE_REFRESH_MAT_VIEW_STMT, "REFRESH MATERIALIZED VIEW"},
    {PG_QUERY__NODE__NODE_TRANSACTION_STMT, "BEGIN and COMMIT"},
    {PG_QUERY__NODE__NODE_COPY_STMT, "COPY"},
    {PG_QUERY__NODE__NODE_INSERT_STMT, "INSERT"},
};

static void skip_statement(struct hg_schema_reader *reader, PgQuery__Node__NodeCase kind)
{
    const char *what = "another statement that creates no table";
    for (size_t i = 0; i < sizeof skipped / sizeof skipped[0]; i++)
        if (skipped[i].kind == kind)
            what = skipped[i].what;
    hg_schema_skip(reader, what, -1);
}

static void read_statement(struct hg_schema_reader *reader, const PgQuery__Node *stmt)
{
    switch (stmt->node_case) {
    case PG_QUERY__NODE__NODE_CREATE_STMT:
        hg_schema_create_table(reader, stmt->create_stmt);
        break;
    case PG_QUERY__NODE__NODE_CREATE_FOREIGN_TABLE_STMT:
        hg_schema_create_table(reader, stmt->create_foreign_table_stmt->base_stmt);
        break;
    case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT:
        hg_schema_alter_table(reader, stmt->alter_table_stmt);
        break;
    case PG_QUERY__NODE__NODE_INDEX_STMT:
        hg_schema_add_index(reader, stmt->index_stmt);
        break;
    case PG_QUERY__NODE__NODE_CREATE_ENUM_STMT:
        hg_schema_create_enum(reader, stmt->create_enum_stmt);
        break;
    case PG_QUERY__NODE__NODE_CREATE_DOMAIN_STMT:
        hg_schema_create_domain(reader, stmt->create_domain_stmt);
        break;
    case PG_QUERY__NODE__NODE_CREATE_SEQ_STMT:
        hg_schema_create_sequence(reader, stmt->create_seq_stmt);
        break;
    case PG_QUERY__NODE__NODE_ALTER_SEQ_STMT:
        hg_schema_alter_sequence(reader, stmt->alter_seq_stmt);
        break;
    case PG_QUERY__NODE__NODE_COMMENT_STMT:
        read_comment(reader, stmt->comment_stmt);
        break;
    case PG_QUERY__NODE__NODE_VARIABLE_SET_STMT:
        read_set(reader, stmt->variable_set_stmt);
        break;
    case PG_QUERY__NODE__NODE_DROP_STMT:
        read_drop(reader, stmt->drop_stmt);
        break;
    case PG_QUERY__NODE__NODE_RENAME_STMT:
        read_rename(reader, stmt->rename_stmt);
        break;
    case PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT:
        read_create_as(reader, stmt->create_table_as_stmt);
        break;
    case PG_QUERY__NODE__NODE_ALTER_OBJECT_SCHEMA_STMT:
        refuse_change(reader, "SET SCHEMA");
        break;
    case PG_QUERY__NODE__NODE_ALTER_ENUM_STMT:
        refuse_change(reader, "ALTER TYPE of an enum");
        break;
    case PG_QUERY__NODE__NODE_CREATE_SCHEMA_STMT: /* tenants see a schema when they see something in it */
        break;
    default:
        skip_statement(reader, stmt->node_case);
        break;
    }
}

/* ---- statements that cannot be parsed ---- */

/* Whether the statement begins with these words. */
static bool begins_with(struct hg_slice text, const char *words)
{
    for (; *words; words++) {
        if (*words == ' ') {
            size_t spaces = 0;
            while (spaces < text.len && strchr(" \t\r\n", text.ptr[spaces]) && text.ptr[spaces])
                spaces++;
            if (!spaces)
                return false;
            text = hg_slice_of(text.ptr + spaces, text.len - spaces);
        } else {
            if (!text.len || strncasecmp(text.ptr, words, 1) != 0)
                return false;
            text = hg_slice_of(text.ptr + 1, text.len - 1);
        }
    }
    return true;
}

static const char *skipped_by_words(struct hg_slice text)
{
    static const char *const words[][2] = {
        {"create function ", "CREATE FUNCTION"},
        {"create or replace function ", "CREATE FUNCTION"},
        {"create procedure ", "CREATE FUNCTION"},
        {"create or replace procedure ", "CREATE FUNCTION"},
        {"create view ", "CREATE VIEW"},
        {"create or replace view ", "CREATE VIEW"},
        {"create trigger ", "CREATE TRIGGER"},
        {"create policy ", "CREATE POLICY"},
        {"create rule ", "CREATE RULE"},
        {"create statistics ", "CREATE STATISTICS"},
        {"create publication ", "CREATE PUBLICATION"},
        {"create subscription ", "CREATE SUBSCRIPTION"},
        {"create materialized view ", "CREATE MATERIALIZED VIEW"},
        {"alter default privileges ", "ALTER DEFAULT PRIVILEGES"},
        {"grant ", "GRANT and REVOKE"},
        {"revoke ", "GRANT and REVOKE"},
        {"set ", "SET"},
        {"select ", "SELECT"},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (begins_with(text, words[i][0]))
            return words[i][1];
    return NULL;
}

/* The byte offset of the nth character, counted from 1. */
static size_t offset_of(struct hg_slice text, uint32_t position)
{
    size_t at = 0;
    for (uint32_t left = position; left > 1 && at < text.len; left--)
        for (at++; at < text.len && ((unsigned char)text.ptr[at] & 0xc0) == 0x80;)
            at++;
    return at;
}

static void refuse_statement(struct hg_schema_reader *reader, struct hg_slice text,
                             const struct hg_fault *fault)
{
    bool ended =
        text.ptr + text.len < reader->text.ptr + reader->text.len; /* else it may have swallowed others */
    const char *what = ended ? skipped_by_words(text) : NULL;
    if (what) {
        hg_schema_skip(reader, what, -1);
        return;
    }
    const char *hint = fault->hint.len ? hg_load_text(reader->load, "%.*s", HG_SLICE_FMT(fault->hint)) : NULL;
    hg_load_error(reader->load, place_of(reader, reader->statement + offset_of(text, fault->position)), hint,
                  "%.*s", HG_SLICE_FMT(fault->message));
}

static void parse_statement(struct hg_schema_reader *reader, struct hg_slice text)
{
    static const struct hg_tree_limits limits = {.max_bytes = HG_SCHEMA_STATEMENT_BYTES,
                                                 .max_nesting = HG_SCHEMA_NESTING,
                                                 .max_memory = (size_t)256 << 20};
    struct hg_tree tree;
    struct hg_fault fault = {0};
    reader->statement = (size_t)(text.ptr - reader->text.ptr);
    if (!hg_tree_open(&tree, text, &limits, &reader->load->scratch, &fault)) {
        refuse_statement(reader, text, &fault);
        return;
    }
    for (size_t i = 0; i < tree.result->n_stmts; i++)
        if (tree.result->stmts[i]->stmt)
            read_statement(reader, tree.result->stmts[i]->stmt);
    hg_tree_close(&tree);
}

static void report_skips(struct hg_schema_reader *reader)
{
    for (size_t i = 0; i < reader->nskips; i++) {
        const struct hg_schema_skip *skip = &reader->skips[i];
        if (skip->count == 1)
            hg_load_note(reader->load, skip->first, "skipped: %s", skip->what);
        else
            hg_load_note(reader->load, skip->first, "skipped: %s (%zu times, first here)", skip->what,
                         skip->count);
    }
    free(reader->skips);
}

void hg_schema_read(struct hg_load *load, const struct hg_source *source, struct hg_schema *schema)
{
    struct hg_schema_reader reader = {.load = load,
                                      .schema = schema,
                                      .file = hg_arena_cstr(load->arena, hg_slice_cstr(source->path)),
                                      .text = source->text,
                                      .current = HG_LIT("public")};
    struct hg_schema_splitter splitter = {.text = source->text};
    struct hg_slice statement;
    hg_map_init(&schema->table_map);
    hg_map_init(&schema->type_map);
    find_lines(&reader);
    while (hg_schema_next(&splitter, &statement))
        parse_statement(&reader, statement);
    hg_schema_settle_sequences(&reader);
    report_skips(&reader);
}

void hg_schema_free(struct hg_schema *schema)
{
    hg_map_free(&schema->table_map);
    hg_map_free(&schema->type_map);
    free(schema->tables);
    free(schema->types);
    *schema = (struct hg_schema){0};
}
