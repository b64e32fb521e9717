/* Sequences that columns take their numbers from: identity, serial, and nextval() as a default.
 *
 * pg_dump writes the last two as three statements: CREATE SEQUENCE, ALTER SEQUENCE … OWNED BY, and a default.
 * They are put together when the file has been read. What is no column's own sequence is skipped: tenants
 * have nothing to do with it. The catalog database shows sequences, but none of its numbers are anybody's. */
#include "ddl.h"
#include "schema.h"
#include "utf8.h"

struct loose {
    struct hg_slice schema, name, options;
    struct hg_slice table, column; /* its owner, in the same schema; empty while there is none */
    struct hg_place place;
    bool taken;
    struct loose *next;
};

/* A default by nextval(), until its sequence is known. */
struct taker {
    struct hg_schema_table *table;
    struct hg_slice column; /* columns move while the table grows */
    struct hg_slice schema, name;
    int32_t location;
    size_t statement;
    struct taker *next;
};

/* ---- options ---- */

static bool write_number(struct hg_bytes *out, const char *words, const PgQuery__Node *node)
{
    const PgQuery__AConst *constant =
        node && node->node_case == PG_QUERY__NODE__NODE_A_CONST ? node->a_const : NULL;
    if (node && node->node_case == PG_QUERY__NODE__NODE_INTEGER)
        hg_write_format(out, "%s%d", words, node->integer->ival);
    else if (constant && constant->val_case == PG_QUERY__A__CONST__VAL_IVAL)
        hg_write_format(out, "%s%d", words, constant->ival->ival);
    else {
        const char *text = node && node->node_case == PG_QUERY__NODE__NODE_FLOAT ? node->float_->fval
                           : constant && constant->val_case == PG_QUERY__A__CONST__VAL_FVAL
                               ? constant->fval->fval
                               : "x";
        hg_write_format(out, "%s%s", words, text);
        return strspn(text, "+-0123456789") == strlen(text);
    }
    return true;
}

static bool write_option(const struct hg_schema_reader *reader, struct hg_bytes *out,
                         const PgQuery__DefElem *option)
{
    static const char *const numbers[][2] = {{"start", " START WITH "},
                                             {"increment", " INCREMENT BY "},
                                             {"minvalue", " MINVALUE "},
                                             {"maxvalue", " MAXVALUE "},
                                             {"cache", " CACHE "}};
    struct hg_type type;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (strcmp(option->defname, numbers[i][0]) == 0)
            return !option->arg /* NO MINVALUE: as without it */ ||
                   write_number(out, numbers[i][1], option->arg);
    if (strcmp(option->defname, "cycle") == 0 && option->arg &&
        option->arg->node_case == PG_QUERY__NODE__NODE_BOOLEAN)
        hg_write_text(out, option->arg->boolean->boolval ? " CYCLE" : "");
    else if (strcmp(option->defname, "as") == 0 && option->arg &&
             option->arg->node_case == PG_QUERY__NODE__NODE_TYPE_NAME &&
             hg_schema_type(reader, option->arg->type_name, &type))
        hg_write_format(out, " AS %.*s", HG_SLICE_FMT(type.text));
    return true;
}

/* False when an option is not understood. name is set when the options give one. */
static bool read_options(const struct hg_schema_reader *reader, PgQuery__Node *const *options, size_t count,
                         struct hg_slice *text, struct hg_slice *name)
{
    struct hg_bytes out;
    bool known = true;
    hg_bytes_init(&out, 0);
    for (size_t i = 0; i < count && known; i++) {
        const PgQuery__DefElem *option =
            options[i]->node_case == PG_QUERY__NODE__NODE_DEF_ELEM ? options[i]->def_elem : NULL;
        const PgQuery__Node *arg = option ? option->arg : NULL;
        if (option && name && strcmp(option->defname, "sequence_name") == 0 && arg &&
            arg->node_case == PG_QUERY__NODE__NODE_LIST && arg->list->n_items)
            *name = hg_arena_slice(reader->load->arena,
                                   hg_schema_string(arg->list->items[arg->list->n_items - 1]));
        else if (option)
            known = write_option(reader, &out, option);
    }
    *text = hg_arena_slice(reader->load->arena, hg_bytes_slice(&out));
    hg_bytes_free(&out);
    return known;
}

/* ---- names ---- */

/* As PostgreSQL makes one up: of table and column, the longer of which is cut first. */
static struct hg_slice made_up_name(struct hg_load *load, struct hg_slice table, struct hg_slice column)
{
    size_t most = HG_NAME_BYTES - strlen("__seq"), first = table.len, second = column.len;
    while (first + second > most)
        *(first > second ? &first : &second) -= 1;
    return hg_arena_printf(load->arena, "%.*s_%.*s_seq", (int)hg_utf8_cut(table, first), table.ptr,
                           (int)hg_utf8_cut(column, second), column.ptr);
}

/* Whether a table, or a sequence of a column, of the schema has this name. */
static bool is_taken(const struct hg_schema_table *table, struct hg_slice schema, struct hg_slice name)
{
    bool taken = hg_slice_equal(table->name, name);
    for (size_t i = 0; i < table->ncolumns; i++)
        taken |= hg_slice_equal(table->columns[i].sequence_name, name);
    return taken && hg_slice_equal(table->schema, schema);
}

/* A name that is made up gets a number when it is there already, as in PostgreSQL. */
static struct hg_slice free_name(struct hg_schema_reader *reader, const struct hg_schema_table *table,
                                 struct hg_slice column)
{
    struct hg_slice first = made_up_name(reader->load, table->name, column), name = first;
    bool taken = true;
    for (size_t n = 1; taken; n++) {
        taken = is_taken(table, table->schema, name);
        for (size_t i = 0; i < reader->schema->ntables && !taken; i++)
            taken = is_taken(reader->schema->tables[i], table->schema, name);
        if (taken)
            name = hg_arena_printf(reader->load->arena, "%.*s%zu", HG_SLICE_FMT(first), n);
    }
    return name;
}

static void set_sequence(struct hg_schema_reader *reader, const struct hg_schema_table *table,
                         struct hg_column *column, enum hg_numbering numbering, struct hg_slice name,
                         struct hg_slice options)
{
    column->numbering = numbering;
    column->sequence_name = name.len ? name : free_name(reader, table, column->name);
    column->sequence_options = options;
}

void hg_schema_identity(struct hg_schema_reader *reader, const struct hg_schema_table *table,
                        struct hg_column *column, const PgQuery__Constraint *constraint)
{
    struct hg_slice options, name = {0};
    bool always = constraint->generated_when && *constraint->generated_when == 'a';
    if (read_options(reader, constraint->options, constraint->n_options, &options, &name))
        set_sequence(reader, table, column, always ? HG_NUMBERING_ALWAYS : HG_NUMBERING_BY_DEFAULT, name,
                     options);
    else
        hg_schema_skip(reader, "GENERATED AS IDENTITY", constraint->location);
}

void hg_schema_serial_sequence(struct hg_schema_reader *reader, const struct hg_schema_table *table,
                               struct hg_column *column)
{
    set_sequence(reader, table, column, HG_NUMBERING_SERIAL, (struct hg_slice){0},
                 hg_arena_printf(reader->load->arena, " AS %.*s", HG_SLICE_FMT(column->type.text)));
}

/* ---- sequences and defaults that belong together ---- */

static struct loose *find_loose(const struct hg_schema_reader *reader, struct hg_slice schema,
                                struct hg_slice name)
{
    for (struct loose *one = reader->sequences; one; one = one->next)
        if (hg_slice_equal(one->schema, schema) && hg_slice_equal(one->name, name))
            return one;
    return NULL;
}

/* OWNED BY [schema.]table.column among the options. */
static void read_owner(struct hg_schema_reader *reader, struct loose *sequence, PgQuery__Node *const *options,
                       size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const PgQuery__DefElem *option =
            options[i]->node_case == PG_QUERY__NODE__NODE_DEF_ELEM ? options[i]->def_elem : NULL;
        const PgQuery__Node *arg = option && strcmp(option->defname, "owned_by") == 0 ? option->arg : NULL;
        struct hg_slice schema, table;
        if (!arg || arg->node_case != PG_QUERY__NODE__NODE_LIST || arg->list->n_items < 2 ||
            !hg_schema_qualified(reader, arg->list->items, arg->list->n_items - 1, &schema, &table) ||
            !hg_slice_equal(schema, sequence->schema))
            continue;
        sequence->table = hg_arena_slice(&reader->load->scratch, table);
        sequence->column = hg_arena_slice(&reader->load->scratch,
                                          hg_schema_string(arg->list->items[arg->list->n_items - 1]));
    }
}

void hg_schema_create_sequence(struct hg_schema_reader *reader, const PgQuery__CreateSeqStmt *stmt)
{
    struct hg_arena *arena = reader->load->arena;
    const char *schema = stmt->sequence->schemaname;
    struct loose *sequence = HG_NEW(&reader->load->scratch, struct loose);
    *sequence = (struct loose){.schema = schema && *schema ? hg_arena_slice(arena, hg_slice_cstr(schema))
                                                           : reader->current,
                               .name = hg_arena_slice(arena, hg_slice_cstr(stmt->sequence->relname)),
                               .place = hg_schema_place(reader, -1),
                               .next = reader->sequences};
    if (!read_options(reader, stmt->options, stmt->n_options, &sequence->options, NULL)) {
        hg_schema_skip(reader, "CREATE SEQUENCE", -1);
        return;
    }
    read_owner(reader, sequence, stmt->options, stmt->n_options);
    reader->sequences = sequence;
}

void hg_schema_alter_sequence(struct hg_schema_reader *reader, const PgQuery__AlterSeqStmt *stmt)
{
    const char *schema = stmt->sequence->schemaname;
    struct loose *sequence = find_loose(reader, schema && *schema ? hg_slice_cstr(schema) : reader->current,
                                        hg_slice_cstr(stmt->sequence->relname));
    if (sequence)
        read_owner(reader, sequence, stmt->options, stmt->n_options);
    else
        hg_schema_skip(reader, "ALTER SEQUENCE", -1);
}

/* One identifier at the begin of a name as text: folded, or quoted with doubled quotes. */
static bool next_identifier(struct hg_slice *text, struct hg_bytes *out)
{
    bool quoted = text->len && text->ptr[0] == '"';
    size_t at = quoted;
    for (; at < text->len; at++) {
        char c = text->ptr[at];
        if (quoted && c == '"') {
            if (at + 1 == text->len || text->ptr[at + 1] != '"')
                break;
            at++;
        } else if (!quoted && c == '.')
            break;
        else if (!quoted && c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        hg_write_u8(out, (uint8_t)c);
    }
    if (quoted && at++ >= text->len)
        return false;
    *text = hg_slice_of(text->ptr + at, text->len - at);
    return out->len != 0;
}

static bool read_name(struct hg_schema_reader *reader, struct hg_slice text, struct taker *taker)
{
    struct hg_bytes first, second;
    hg_bytes_init(&first, 0);
    hg_bytes_init(&second, 0);
    bool good = next_identifier(&text, &first);
    bool two = good && text.len && text.ptr[0] == '.';
    if (two) {
        text = hg_slice_of(text.ptr + 1, text.len - 1);
        good = next_identifier(&text, &second);
    }
    taker->schema = two ? hg_arena_slice(&reader->load->scratch, hg_bytes_slice(&first)) : reader->current;
    taker->name = hg_arena_slice(&reader->load->scratch, hg_bytes_slice(two ? &second : &first));
    hg_bytes_free(&first);
    hg_bytes_free(&second);
    return good && !text.len;
}

bool hg_schema_next_number(struct hg_schema_reader *reader, struct hg_schema_table *table,
                           struct hg_slice column, const PgQuery__FuncCall *call, int32_t location)
{
    const PgQuery__Node *arg = call->n_args == 1 ? call->args[0] : NULL;
    while (arg && arg->node_case == PG_QUERY__NODE__NODE_TYPE_CAST)
        arg = arg->type_cast->arg;
    struct taker *taker = HG_NEW(&reader->load->scratch, struct taker);
    *taker = (struct taker){.table = table,
                            .column = column,
                            .location = location,
                            .statement = reader->statement,
                            .next = reader->takers};
    if (!arg || arg->node_case != PG_QUERY__NODE__NODE_A_CONST ||
        arg->a_const->val_case != PG_QUERY__A__CONST__VAL_SVAL ||
        !read_name(reader, hg_slice_cstr(arg->a_const->sval->sval), taker))
        return false;
    reader->takers = taker;
    return true;
}

/* The column may have been given another default since. */
static void settle(struct hg_schema_reader *reader, const struct taker *taker)
{
    struct loose *sequence = find_loose(reader, taker->schema, taker->name);
    int at = hg_schema_column(taker->table, taker->column);
    struct hg_column *column = at >= 0 ? &taker->table->columns[at] : NULL;
    if (!column || !column->numbered || column->numbering)
        return;
    if (sequence && hg_slice_equal(sequence->schema, taker->table->schema) &&
        hg_slice_equal(sequence->table, taker->table->name) &&
        hg_slice_equal(sequence->column, column->name)) {
        set_sequence(reader, taker->table, column, HG_NUMBERING_SERIAL, sequence->name, sequence->options);
        sequence->taken = true;
        return;
    }
    reader->statement = taker->statement;
    hg_schema_skip(reader, "a default that is more than a constant", taker->location);
}

void hg_schema_settle_sequences(struct hg_schema_reader *reader)
{
    for (const struct taker *taker = reader->takers; taker; taker = taker->next)
        settle(reader, taker);
    for (const struct loose *one = reader->sequences; one; one = one->next)
        if (!one->taken)
            hg_schema_skip_at(reader, "CREATE SEQUENCE", one->place);
}
