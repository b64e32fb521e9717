/* Keys, checks and indexes: read while the schema is read, made into DDL for the catalog database once the
 * policy is known.
 *
 * In the physical tables the tenant column stands in most keys. Where schema.sql does not declare it, tenants
 * must not hear of it: it is dropped from each key, which for one tenant's rows says the same. A key of which
 * another column does not exist for tenants is not shown at all. A foreign key is shown only when what it
 * refers to is still a key; a CHECK when all columns that it names exist. */
#include "schema.h"

#include "ddl.h"
#include "reflect.h"
#include "utf8.h"

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

/* ---- once the policy is known ---- */

static bool is_hidden_tenant(const struct hg_table *table, struct hg_slice column)
{
    return !table->shared && table->tenant_column_index < 0 && hg_slice_equal(column, table->tenant_column);
}

/* Does the key tell tenants apart? A foreign key does when it pairs their columns. */
static bool names_tenant(const struct hg_schema *schema, const struct hg_table *table,
                         const struct hg_schema_key *key)
{
    const struct hg_schema_table *other =
        key->kind == HG_SCHEMA_FOREIGN ? hg_schema_find(schema, key->other_schema, key->other_table) : NULL;
    for (size_t i = 0; !table->shared && i < key->ncolumns; i++)
        if (hg_slice_equal(key->columns[i].name, table->tenant_column))
            return !key->columns[i].other.len || !other || !other->table ||
                   hg_slice_equal(key->columns[i].other, other->table->tenant_column);
    return false;
}

/* Drops the undeclared tenant column from a key. False when another column of it does not exist, or none is
 * left. */
static bool reduce_key(const struct hg_table *table, struct hg_schema_key *key)
{
    size_t kept = 0, included = 0;
    for (size_t i = 0; i < key->ncolumns; i++) {
        if (is_hidden_tenant(table, key->columns[i].name))
            continue;
        if (hg_table_column(table, key->columns[i].name) < 0)
            return false;
        key->columns[kept++] = key->columns[i];
    }
    for (size_t i = 0; i < key->ninclude; i++)
        if (hg_table_column(table, key->include[i]) >= 0)
            key->include[included++] = key->include[i];
    key->ncolumns = kept;
    key->ninclude = included;
    return kept != 0;
}

static bool has_columns(const struct hg_table *table, const struct hg_schema_key *check)
{
    for (size_t i = 0; i < check->ncolumns; i++)
        if (hg_table_column(table, check->columns[i].name) < 0)
            return false;
    return true;
}

static void set_primary_key(struct hg_load *load, struct hg_table *table, struct hg_schema_key *key)
{
    for (size_t i = 0; i < key->ncolumns; i++)
        table->primary_key_has_tenant |= is_hidden_tenant(table, key->columns[i].name);
    key->usable = reduce_key(table, key);
    if (!key->usable) {
        table->primary_key_has_tenant &= key->ncolumns == 0; /* nothing but the tenant's column */
        return;
    }
    uint16_t *columns = HG_NEW_ARRAY(load->arena, uint16_t, key->ncolumns);
    for (size_t i = 0; i < key->ncolumns; i++) {
        columns[i] = (uint16_t)hg_table_column(table, key->columns[i].name);
        table->columns[columns[i]].not_null = true;
    }
    table->primary_key = columns;
    table->nprimary_key = key->ncolumns;
    table->primary_key_name = key->name;
}

/* What a duplicate can be of. */
static void add_unique_key(struct hg_load *load, struct hg_table *table, const struct hg_schema_key *from)
{
    struct hg_unique_key *key = &table->unique_keys[table->nunique_keys++];
    uint16_t *columns = HG_NEW_ARRAY(load->arena, uint16_t, from->ncolumns);
    *key = (struct hg_unique_key){.columns = columns,
                                  .primary = from->kind == HG_SCHEMA_PRIMARY,
                                  .has_tenant = from->has_tenant,
                                  .expressions = from->beyond};
    for (size_t i = 0; i < from->ncolumns; i++) {
        int at = hg_table_column(table, from->columns[i].name);
        if (at >= 0)
            columns[key->ncolumns++] = (uint16_t)at;
        else if (!is_hidden_tenant(table, from->columns[i].name))
            key->expressions = true; /* it needs a column that tenants do not have */
    }
    table->global_key |= !key->has_tenant && !table->shared;
}

static bool is_unique(const struct hg_schema_key *key)
{
    return key->kind == HG_SCHEMA_PRIMARY || key->kind == HG_SCHEMA_UNIQUE ||
           (key->kind == HG_SCHEMA_INDEX && key->unique);
}

/* A foreign key that does not tell tenants apart finds rows of all of them. */
static void mark_references(const struct hg_schema *schema, struct hg_table *table,
                            const struct hg_schema_key *key)
{
    const struct hg_schema_table *other = hg_schema_find(schema, key->other_schema, key->other_table);
    if (key->has_tenant || table->shared || (other && other->table && other->table->shared))
        return;
    for (size_t i = 0; i < key->ncolumns; i++) {
        int at = hg_table_column(table, key->columns[i].name);
        if (at >= 0)
            table->columns[at].refers = true;
    }
}

/* Before tenant columns are dropped from keys. */
static void find_unique_keys(struct hg_load *load, const struct hg_schema *schema,
                             const struct hg_schema_table *from)
{
    struct hg_table *table = &load->snapshot->tables[from->table->index];
    size_t count = 0;
    for (struct hg_schema_key *key = from->keys; key; key = key->next) {
        key->has_tenant = names_tenant(schema, table, key);
        count += is_unique(key);
        if (key->kind == HG_SCHEMA_FOREIGN)
            mark_references(schema, table, key);
    }
    table->unique_keys = HG_NEW_ARRAY(load->arena, struct hg_unique_key, count + 1);
    for (const struct hg_schema_key *key = from->keys; key; key = key->next)
        if (is_unique(key))
            add_unique_key(load, table, key);
}

/* Whether the columns that a foreign key refers to are, in any order, those of this key. */
static bool is_referred(const struct hg_schema_key *foreign, const struct hg_schema_key *key)
{
    if (!key->usable || key->ncolumns != foreign->ncolumns || key->deferrable || !is_unique(key))
        return false;
    for (size_t i = 0; i < foreign->ncolumns; i++) {
        size_t at = 0;
        while (at < key->ncolumns && !hg_slice_equal(key->columns[at].name, foreign->columns[i].other))
            at++;
        if (at == key->ncolumns)
            return false;
    }
    return true;
}

/* Drops the pair of tenant columns from a foreign key and finds the key that it refers to. */
static bool reduce_foreign(const struct hg_schema *schema, const struct hg_table *table,
                           struct hg_schema_key *foreign)
{
    const struct hg_schema_table *other = hg_schema_find(schema, foreign->other_schema, foreign->other_table);
    if (!other || !other->table || !reduce_key(table, foreign))
        return false;
    bool named = foreign->columns[0].other.len != 0;
    foreign->referred_table = other->table;
    for (const struct hg_schema_key *key = other->keys; key && !foreign->referred; key = key->next)
        if (named ? is_referred(foreign, key)
                  : key->kind == HG_SCHEMA_PRIMARY && key->usable && key->ncolumns == foreign->ncolumns)
            foreign->referred = key;
    return foreign->referred != NULL;
}

/* ---- DDL ---- */

static void write_columns(struct hg_bytes *out, const struct hg_schema_key *key, bool others)
{
    for (size_t i = 0; i < key->ncolumns; i++) {
        hg_write_text(out, i ? ", " : " (");
        hg_ddl_name(out, others ? key->columns[i].other : key->columns[i].name);
        hg_write_text(out, key->columns[i].order);
    }
    hg_write_u8(out, ')');
}

static void write_include(struct hg_bytes *out, const struct hg_schema_key *key)
{
    for (size_t i = 0; i < key->ninclude; i++) {
        hg_write_text(out, i ? ", " : " INCLUDE (");
        hg_ddl_name(out, key->include[i]);
    }
    if (key->ninclude)
        hg_write_u8(out, ')');
}

static void write_index(struct hg_bytes *out, const struct hg_table *table, const struct hg_schema_key *key)
{
    hg_write_format(out, "CREATE %sINDEX ", key->unique ? "UNIQUE " : "");
    hg_ddl_name(out, key->name);
    hg_write_text(out, " ON ");
    hg_ddl_qualified(out, table->schema, table->name);
    hg_write_format(out, " USING %s", key->method);
    write_columns(out, key, false);
    write_include(out, key);
    hg_write_text(out, key->nulls_not_distinct ? " NULLS NOT DISTINCT" : "");
}

static void write_constraint(struct hg_bytes *out, const struct hg_table *table,
                             const struct hg_schema_key *key)
{
    hg_write_text(out, "ALTER TABLE ONLY ");
    hg_ddl_qualified(out, table->schema, table->name);
    hg_write_text(out, " ADD CONSTRAINT ");
    hg_ddl_name(out, key->name);
    if (key->kind == HG_SCHEMA_CHECK)
        hg_write_format(out, " CHECK %.*s", HG_SLICE_FMT(key->condition));
    else if (key->kind == HG_SCHEMA_UNIQUE) {
        hg_write_format(out, " UNIQUE%s", key->nulls_not_distinct ? " NULLS NOT DISTINCT" : "");
        write_columns(out, key, false);
        write_include(out, key);
    } else {
        hg_write_text(out, " FOREIGN KEY");
        write_columns(out, key, false);
        hg_write_text(out, " REFERENCES ");
        hg_ddl_qualified(out, key->other_schema, key->other_table);
        if (key->columns[0].other.len)
            write_columns(out, key, true);
        hg_write_text(out, key->actions);
    }
    if (key->deferrable)
        hg_write_format(out, " DEFERRABLE%s", key->deferred ? " INITIALLY DEFERRED" : "");
}

/* A name as PostgreSQL makes it up: the table's, the columns', what it is; cut to what a name may have. */
static struct hg_slice default_name(struct hg_load *load, const struct hg_table *table,
                                    const struct hg_schema_key *key)
{
    static const char *const suffixes[] = {"_pkey", "_key", "_fkey", "_idx", "_check"};
    struct hg_slice stem = table->name;
    size_t most = HG_NAME_BYTES - strlen(suffixes[key->kind]);
    size_t named = key->kind == HG_SCHEMA_PRIMARY || (key->kind == HG_SCHEMA_CHECK && key->ncolumns > 1)
                       ? 0
                       : key->ncolumns;
    for (size_t i = 0; i < named && stem.len <= most; i++)
        stem = hg_arena_printf(&load->scratch, "%.*s_%.*s", HG_SLICE_FMT(stem),
                               HG_SLICE_FMT(key->columns[i].name));
    stem.len = hg_utf8_cut(stem, most);
    return hg_arena_printf(load->arena, "%.*s%s", HG_SLICE_FMT(stem), suffixes[key->kind]);
}

/* Unique keys in the order of the file, as find_unique_keys() found them. */
static void name_unique_keys(struct hg_load *load, const struct hg_schema_table *from)
{
    struct hg_table *table = &load->snapshot->tables[from->table->index];
    size_t i = 0;
    for (const struct hg_schema_key *key = from->keys; key; key = key->next)
        if (is_unique(key))
            table->unique_keys[i++].name = key->name.len ? key->name : default_name(load, table, key);
}

static void add_part(struct hg_schema_object *object, struct hg_schema_part *parts,
                     const struct hg_table *table, struct hg_slice name)
{
    int column = hg_table_column(table, name);
    if (column >= 0)
        parts[object->nparts++] = (struct hg_schema_part){table, (uint16_t)column};
}

static void add_parts(struct hg_load *load, struct hg_schema_object *object, const struct hg_table *table,
                      const struct hg_schema_key *key)
{
    const struct hg_schema_key *keys[] = {key, key->referred};
    const struct hg_table *tables[] = {table, key->referred_table};
    size_t most = key->ncolumns + key->ninclude +
                  (key->referred ? key->referred->ncolumns + key->referred->ninclude : 0);
    struct hg_schema_part *parts = HG_NEW_ARRAY(load->arena, struct hg_schema_part, most);
    for (size_t k = 0; k < 2 && keys[k]; k++) {
        for (size_t i = 0; i < keys[k]->ncolumns; i++)
            add_part(object, parts, tables[k], keys[k]->columns[i].name);
        for (size_t i = 0; i < keys[k]->ninclude; i++)
            add_part(object, parts, tables[k], keys[k]->include[i]);
    }
    object->parts = parts;
}

static bool is_key_name(const struct hg_schema_table *from, struct hg_slice name)
{
    for (const struct hg_schema_key *key = from->keys; key; key = key->next)
        if (hg_slice_equal(key->name, name))
            return true;
    return false;
}

/* Two checks of one column without names of their own: PostgreSQL counts. */
static struct hg_slice check_name(struct hg_load *load, const struct hg_schema_table *from,
                                  const struct hg_schema_key *check)
{
    struct hg_slice first = default_name(load, from->table, check), name = first;
    for (size_t n = 1; is_key_name(from, name); n++)
        name = hg_arena_printf(load->arena, "%.*s%zu", HG_SLICE_FMT(first), n);
    return name;
}

static void add_object(struct hg_load *load, const struct hg_schema_table *from, struct hg_schema_key *key)
{
    const struct hg_table *table = from->table;
    struct hg_schema_object *object = &load->snapshot->objects[load->snapshot->nobjects++];
    bool index = key->kind == HG_SCHEMA_INDEX, check = key->kind == HG_SCHEMA_CHECK;
    struct hg_bytes out;
    if (!key->name.len)
        key->name = check ? check_name(load, from, key) : default_name(load, table, key);
    hg_bytes_init(&out, 0);
    (index ? write_index : write_constraint)(&out, table, key);
    *object = (struct hg_schema_object){.kind = index   ? HG_LIT("index")
                                                : check ? HG_LIT("check")
                                                        : HG_LIT("constraint"),
                                        .schema = table->schema,
                                        .table = table->name,
                                        .name = key->name,
                                        .ddl = hg_arena_slice(load->arena, hg_bytes_slice(&out))};
    add_parts(load, object, table, key);
    hg_bytes_free(&out);
}

/* Names what it needs and tenants do not have: a column, or else the key that it refers to. */
static void note_left_out(struct hg_load *load, const struct hg_table *table, const struct hg_schema_key *key)
{
    struct hg_slice column = {0}, other = key->other_table;
    for (size_t i = 0; i < key->ncolumns && !column.len; i++)
        if (!is_hidden_tenant(table, key->columns[i].name) &&
            hg_table_column(table, key->columns[i].name) < 0)
            column = key->columns[i].name;
    const char *what = column.len  ? hg_load_text(load, "\"%.*s\", which", HG_SHORT(column))
                       : other.len ? hg_load_text(load, "a key of \"%.*s\", which", HG_SHORT(other))
                                   : "what";
    hg_load_note(load, key->place,
                 "a key, check or index of \"%.*s.%.*s\" is left out: it needs %s tenants do not have",
                 HG_SHORT(table->schema), HG_SHORT(table->name), what);
}

/* One round over the keys of visible tables; foreign keys come last, because they refer to the others. */
static void finish_keys(struct hg_load *load, struct hg_schema *schema, bool foreign)
{
    for (size_t i = 0; i < schema->ntables; i++) {
        const struct hg_table *table = schema->tables[i]->table;
        if (!table)
            continue;
        for (struct hg_schema_key *key = schema->tables[i]->keys; key; key = key->next) {
            if ((key->kind == HG_SCHEMA_FOREIGN) != foreign || key->beyond)
                continue;
            if (key->kind == HG_SCHEMA_PRIMARY)
                set_primary_key(load, &load->snapshot->tables[table->index], key);
            else if (key->kind == HG_SCHEMA_CHECK ? has_columns(table, key)
                     : foreign                    ? reduce_foreign(schema, table, key)
                                                  : reduce_key(table, key)) {
                key->usable = true;
                add_object(load, schema->tables[i], key);
            }
            if (!key->usable && !(key->kind == HG_SCHEMA_PRIMARY && table->primary_key_has_tenant))
                note_left_out(load, table, key);
        }
    }
}

static size_t count_keys(const struct hg_schema *schema)
{
    size_t count = 0;
    for (size_t i = 0; i < schema->ntables; i++)
        for (const struct hg_schema_key *key = schema->tables[i]->keys; key; key = key->next)
            count++;
    return count;
}

static void finish_types(struct hg_load *load, const struct hg_schema *schema)
{
    struct hg_snapshot *snapshot = load->snapshot;
    snapshot->types = HG_NEW_ARRAY(load->arena, struct hg_user_type, schema->ntypes ? schema->ntypes : 1);
    for (size_t i = 0; i < schema->ntypes; i++) {
        struct hg_user_type *type = &snapshot->types[snapshot->ntypes++];
        *type = *schema->types[i];
        (void)hg_map_put(&snapshot->type_map, hg_load_pair(load->arena, type->schema, type->name), type);
    }
}

/* A column that is generated from what tenants do not have is shown as a plain one. */
static void finish_generated(struct hg_load *load, const struct hg_table *table)
{
    for (size_t i = 0; i < table->ncolumns; i++) {
        struct hg_column *column = &table->columns[i];
        for (size_t from = 0; from < column->ngenerated_from && column->generated_sql.len; from++)
            if (hg_table_column(table, column->generated_from[from]) < 0) {
                column->generated_sql = (struct hg_slice){0};
                hg_load_note(
                    load, column->place,
                    "what \"%.*s\" of \"%.*s.%.*s\" is generated from needs what tenants do not have: "
                    "it is left out",
                    HG_SHORT(column->name), HG_SHORT(table->schema), HG_SHORT(table->name));
            }
    }
}

void hg_schema_finish(struct hg_load *load, struct hg_schema *schema)
{
    load->snapshot->objects = HG_NEW_ARRAY(load->arena, struct hg_schema_object, count_keys(schema) + 1);
    for (size_t i = 0; i < schema->ntables; i++)
        if (schema->tables[i]->table) {
            find_unique_keys(load, schema, schema->tables[i]);
            finish_generated(load, schema->tables[i]->table);
        }
    finish_keys(load, schema, false);
    finish_keys(load, schema, true);
    for (size_t i = 0; i < schema->ntables; i++)
        if (schema->tables[i]->table)
            name_unique_keys(load, schema->tables[i]);
    finish_types(load, schema);
}
