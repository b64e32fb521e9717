/* What the schema becomes once the policy is known: keys, checks and indexes are made into DDL for the catalog
 * database, and told to the tables that they are of; types go into the snapshot.
 *
 * In the physical tables the tenant column stands in most keys. Where schema.sql does not declare it, tenants
 * must not hear of it: it is dropped from each key, which for one tenant's rows says the same. A key of which
 * another column does not exist for tenants is not shown at all. A foreign key is shown only when what it
 * refers to is still a key; a CHECK when all columns that it names exist. */
#include "schema.h"

#include "ddl.h"
#include "utf8.h"

/* ---- what of a key tenants may see ---- */

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
                                        .ddl = hg_arena_slice(load->arena, hg_bytes_slice(&out)),
                                        .place = key->place};
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
