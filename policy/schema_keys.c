/* Keys, checks and indexes, as schema.sql writes them: what is remembered of each. What becomes of them is
 * decided when it is known what tenants see, in schema_finish.c. */
#include "schema.h"

#include "reflect.h"

static bool add_names(struct hg_schema_reader *reader, PgQuery__Node *const *nodes, size_t count,
                      struct hg_slice **names)
{
    *names = HG_NEW_ARRAY(&reader->load->scratch, struct hg_slice, count ? count : 1);
    for (size_t i = 0; i < count; i++) {
        (*names)[i] = hg_arena_slice(&reader->load->scratch, hg_schema_string(nodes[i]));
        if ((*names)[i].len == 0)
            return false;
    }
    return true;
}

static struct hg_schema_key *new_key(struct hg_schema_reader *reader, enum hg_schema_key_kind kind,
                                     const char *name, size_t ncolumns, int32_t location)
{
    struct hg_schema_key *key = HG_NEW(&reader->load->scratch, struct hg_schema_key);
    key->kind = kind;
    key->name = hg_arena_slice(reader->load->arena, hg_slice_cstr(name));
    key->place = hg_schema_place(reader, location);
    key->columns = HG_NEW_ARRAY(&reader->load->scratch, struct hg_key_column, ncolumns);
    key->ncolumns = ncolumns;
    key->actions = "";
    for (size_t i = 0; i < ncolumns; i++)
        key->columns[i].order = "";
    return key;
}

static void keep_key(struct hg_schema_table *table, struct hg_schema_key *key)
{
    *table->keys_end = key;
    table->keys_end = &key->next;
}

/* The columns of a key: those named, or the one column that an inline constraint stands at. */
static void set_columns(struct hg_schema_key *key, const struct hg_slice *names, struct hg_slice column)
{
    for (size_t i = 0; i < key->ncolumns; i++)
        key->columns[i].name = column.len ? column : names[i];
}

static void add_unique(struct hg_schema_reader *reader, struct hg_schema_table *table,
                       const PgQuery__Constraint *from, struct hg_slice column)
{
    bool primary = from->contype == PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY;
    struct hg_slice *names, *include;
    if (from->indexname && *from->indexname) {
        hg_schema_skip(reader, "a key USING INDEX", from->location);
        return;
    }
    if (!add_names(reader, from->keys, from->n_keys, &names) ||
        !add_names(reader, from->including, from->n_including, &include))
        return;
    struct hg_schema_key *key = new_key(reader, primary ? HG_SCHEMA_PRIMARY : HG_SCHEMA_UNIQUE, from->conname,
                                        column.len ? 1 : from->n_keys, from->location);
    set_columns(key, names, column);
    key->include = include;
    key->ninclude = from->n_including;
    key->nulls_not_distinct = from->nulls_not_distinct;
    key->deferrable = from->deferrable;
    key->deferred = from->initdeferred;
    keep_key(table, key);
}

static const char *action_text(const char *action)
{
    switch (action && *action ? *action : 'a') {
    case 'r':
        return "RESTRICT";
    case 'c':
        return "CASCADE";
    case 'n':
        return "SET NULL";
    case 'd':
        return "SET DEFAULT";
    default:
        return NULL;
    }
}

static const char *foreign_actions(struct hg_load *load, const PgQuery__Constraint *from)
{
    const char *update = action_text(from->fk_upd_action), *delete = action_text(from->fk_del_action);
    bool full = from->fk_matchtype && *from->fk_matchtype == 'f';
    return hg_load_text(load, "%s%s%s%s%s", full ? " MATCH FULL" : "", update ? " ON UPDATE " : "",
                        update ? update : "", delete ? " ON DELETE " : "", delete ? delete : "");
}

static void add_foreign(struct hg_schema_reader *reader, struct hg_schema_table *table,
                        const PgQuery__Constraint *from, struct hg_slice column)
{
    struct hg_slice *names, *others;
    size_t count = column.len ? 1 : from->n_fk_attrs;
    if (!from->pktable || !add_names(reader, from->fk_attrs, from->n_fk_attrs, &names) ||
        !add_names(reader, from->pk_attrs, from->n_pk_attrs, &others) ||
        (from->n_pk_attrs && from->n_pk_attrs != count))
        return;
    struct hg_schema_key *key = new_key(reader, HG_SCHEMA_FOREIGN, from->conname, count, from->location);
    const char *schema = from->pktable->schemaname;
    set_columns(key, names, column);
    for (size_t i = 0; i < from->n_pk_attrs; i++)
        key->columns[i].other = others[i];
    key->other_schema =
        schema && *schema ? hg_arena_slice(&reader->load->scratch, hg_slice_cstr(schema)) : reader->current;
    key->other_table = hg_arena_slice(&reader->load->scratch, hg_slice_cstr(from->pktable->relname));
    key->actions = foreign_actions(reader->load, from);
    key->deferrable = from->deferrable;
    key->deferred = from->initdeferred;
    keep_key(table, key);
}

/* Rows that exclude each other are unique in what is compared by "=", as far as that goes. */
static void add_exclusion(struct hg_schema_reader *reader, struct hg_schema_table *table,
                          const PgQuery__Constraint *from)
{
    struct hg_schema_key *key =
        new_key(reader, HG_SCHEMA_INDEX, from->conname, from->n_exclusions, from->location);
    key->unique = key->beyond = true;
    key->ncolumns = 0;
    for (size_t i = 0; i < from->n_exclusions; i++) {
        const PgQuery__Node *pair = from->exclusions[i];
        if (pair->node_case != PG_QUERY__NODE__NODE_LIST || pair->list->n_items != 2 ||
            pair->list->items[0]->node_case != PG_QUERY__NODE__NODE_INDEX_ELEM ||
            pair->list->items[1]->node_case != PG_QUERY__NODE__NODE_LIST)
            continue;
        const PgQuery__List *operator= pair->list->items[1]->list;
        const char *column = pair->list->items[0]->index_elem->name;
        if (column &&
            *column &&
            operator->n_items && hg_slice_is(hg_schema_string(operator->items[operator->n_items - 1]), "="))
            key->columns[key->ncolumns++].name =
                hg_arena_slice(&reader->load->scratch, hg_slice_cstr(column));
    }
    keep_key(table, key);
}

static void add_check(struct hg_schema_reader *reader, struct hg_schema_table *table,
                      const PgQuery__Constraint *from)
{
    struct hg_schema_expression condition;
    if (!hg_schema_expression(reader, from->raw_expr, HG_SCHEMA_SCOPE_TABLE, table->name, &condition) ||
        !condition.ncolumns) {
        hg_schema_skip(reader, "CHECK", from->location);
        return;
    }
    struct hg_schema_key *key =
        new_key(reader, HG_SCHEMA_CHECK, from->conname, condition.ncolumns, from->location);
    set_columns(key, condition.columns, (struct hg_slice){0});
    key->condition =
        hg_arena_printf(&reader->load->scratch, "(%.*s)%s%s", HG_SLICE_FMT(condition.sql),
                        from->is_no_inherit ? " NO INHERIT" : "", from->skip_validation ? " NOT VALID" : "");
    keep_key(table, key);
}

void hg_schema_add_constraint(struct hg_schema_reader *reader, struct hg_schema_table *table,
                              const PgQuery__Constraint *constraint, struct hg_slice column)
{
    switch (constraint->contype) {
    case PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY:
    case PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE:
        add_unique(reader, table, constraint, column);
        break;
    case PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN:
        add_foreign(reader, table, constraint, column);
        break;
    case PG_QUERY__CONSTR_TYPE__CONSTR_CHECK:
        add_check(reader, table, constraint);
        break;
    case PG_QUERY__CONSTR_TYPE__CONSTR_EXCLUSION:
        hg_schema_skip(reader, "EXCLUDE", constraint->location);
        add_exclusion(reader, table, constraint);
        break;
    default: /* NULL, DEFERRABLE and the like say nothing by themselves */
        break;
    }
}

/* ---- indexes ---- */

static const char *index_order(const PgQuery__IndexElem *element)
{
    static const char *const orders[2][3] = {{"", " NULLS FIRST", " NULLS LAST"},
                                             {" DESC", " DESC NULLS FIRST", " DESC NULLS LAST"}};
    int nulls = element->nulls_ordering == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST  ? 1
                : element->nulls_ordering == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_LAST ? 2
                                                                                        : 0;
    return orders[element->ordering == PG_QUERY__SORT_BY_DIR__SORTBY_DESC][nulls];
}

static const char *index_method(const char *method)
{
    static const char *const methods[] = {"btree", "hash", "gin", "gist", "brin", "spgist"};
    if (!method || !*method)
        return methods[0];
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (strcmp(method, methods[i]) == 0)
            return methods[i];
    return NULL;
}

/* A plain column of an index, without an operator class or collation of its own. */
static bool read_element(struct hg_schema_reader *reader, const PgQuery__Node *node,
                         struct hg_key_column *column)
{
    if (node->node_case != PG_QUERY__NODE__NODE_INDEX_ELEM)
        return false;
    const PgQuery__IndexElem *element = node->index_elem;
    if (!element->name || !*element->name || element->expr || element->n_opclass || element->n_opclassopts ||
        element->n_collation)
        return false;
    column->name = hg_arena_slice(&reader->load->scratch, hg_slice_cstr(element->name));
    column->order = index_order(element);
    return true;
}

static bool read_elements(struct hg_schema_reader *reader, const PgQuery__IndexStmt *stmt,
                          struct hg_schema_key *key)
{
    struct hg_key_column included;
    for (size_t i = 0; i < stmt->n_index_params; i++)
        if (!read_element(reader, stmt->index_params[i], &key->columns[i]))
            return false;
    key->include = HG_NEW_ARRAY(&reader->load->scratch, struct hg_slice, stmt->n_index_including_params + 1);
    key->ninclude = stmt->n_index_including_params;
    for (size_t i = 0; i < key->ninclude; i++) {
        if (!read_element(reader, stmt->index_including_params[i], &included))
            return false;
        key->include[i] = included.name;
    }
    return true;
}

/* Of an index that the catalog database does not get: what is known of its columns. */
static void keep_plain_elements(struct hg_schema_reader *reader, const PgQuery__IndexStmt *stmt,
                                struct hg_schema_key *key)
{
    key->beyond = true;
    key->ncolumns = key->ninclude = 0;
    for (size_t i = 0; i < stmt->n_index_params; i++)
        if (read_element(reader, stmt->index_params[i], &key->columns[key->ncolumns]))
            key->ncolumns++;
}

/* Marks the columns of a table that an expression reads. */
static enum hg_walk mark_column(ProtobufCMessage *message, ProtobufCMessage *parent,
                                const ProtobufCFieldDescriptor *field, void *argument)
{
    const struct hg_schema_table *table = argument;
    const PgQuery__ColumnRef *column = (const PgQuery__ColumnRef *)message;
    (void)parent;
    (void)field;
    if (message->descriptor != &pg_query__column_ref__descriptor || !column->n_fields)
        return HG_WALK_INTO;
    int at = hg_schema_column(table, hg_schema_string(column->fields[column->n_fields - 1]));
    if (at >= 0)
        table->columns[at].in_expression = true;
    return HG_WALK_OVER;
}

static void mark_columns(const struct hg_schema_table *table, const PgQuery__IndexStmt *stmt)
{
    if (!hg_tree_walk((ProtobufCMessage *)&stmt->base, HG_TREE_DEPTH_MOST, mark_column, (void *)table))
        for (size_t i = 0; i < table->ncolumns; i++) /* too deep to know */
            table->columns[i].in_expression = true;
}

void hg_schema_add_index(struct hg_schema_reader *reader, const PgQuery__IndexStmt *stmt)
{
    struct hg_schema_table *table = hg_schema_relation(reader, stmt->relation);
    if (!table) {
        hg_schema_skip(reader, "an index of what is no table here", -1);
        return;
    }
    struct hg_schema_key *key = new_key(reader, HG_SCHEMA_INDEX, stmt->idxname, stmt->n_index_params, -1);
    key->method = index_method(stmt->access_method);
    key->unique = stmt->unique;
    key->nulls_not_distinct = stmt->nulls_not_distinct;
    bool plain = !stmt->where_clause && key->method && read_elements(reader, stmt, key);
    if (!plain)
        hg_schema_skip(reader, "an index on more than plain columns", -1);
    if (!plain && key->unique) {
        keep_plain_elements(reader, stmt, key);
        mark_columns(table, stmt);
    }
    if (plain || key->unique)
        keep_key(table, key);
}
