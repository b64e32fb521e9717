/* PostgreSQL's words for a violated constraint are few and known, and quote names, never data; the values
 * stand in the detail:
 *
 *     Key (a, b)=(1, 2) already exists.
 *     Key (a)=(1) is not present in table "t".
 *     Key (a)=(1) is still referenced from table "t".
 *
 * Names are looked up in the fields of the error and in the policy. A name that tenants do not know becomes
 * `…`; so does one that is not understood, in whatever language. A constraint of the physical table is that
 * one of schema.sql which has its name or, but for the tenant column, its columns.
 *
 * A value is the client's own when its row is one that the statement itself writes, or else when the client
 * said it. All other details go: whole rows, keys of rows in conflict, keys that triggers and cascades made.
 */
#define _GNU_SOURCE 1 /* memmem */
#include "naming_private.h"

#include "bytes.h"

#define KEY_MOST 32 /* columns of an index */

static bool is_hidden_tenant(const struct hg_table *table, struct hg_slice column)
{
    return table->tenant_column_index < 0 && hg_slice_equal(table->tenant_column, column);
}

/* ---- the key of a detail ---- */

struct key {
    size_t count;
    struct hg_slice columns[KEY_MOST], values[KEY_MOST];
    bool split;           /* values[] are known one by one */
    struct hg_slice rest; /* behind the values */
};

static struct hg_slice unquoted(struct hg_slice name)
{
    bool quoted = name.len >= 2 && name.ptr[0] == '"' && name.ptr[name.len - 1] == '"';
    return quoted ? hg_slice_of(name.ptr + 1, name.len - 2) : name;
}

/* How many parts there are between ", "; the first `most` of them are stored. */
static size_t split(struct hg_slice list, struct hg_slice *parts, size_t most)
{
    size_t count = 0;
    for (;;) {
        const char *comma = find(list, HG_LIT(", "));
        struct hg_slice part = comma ? hg_slice_of(list.ptr, (size_t)(comma - list.ptr)) : list;
        if (count < most)
            parts[count] = part;
        count++;
        if (!comma)
            return count;
        list = rest_of(list, comma + 2);
    }
}

/* Where the values end: the last of PostgreSQL's own words, since a value may say the same. */
static const char *end_of_values(struct hg_slice text)
{
    static const char *const ends_with[] = {") already exists.", ") is not present in table \"",
                                            ") is still referenced from table \""};
    const char *last = NULL;
    for (size_t i = 0; i < sizeof ends_with / sizeof ends_with[0]; i++)
        for (const char *hit; (hit = find(text, hg_slice_cstr(ends_with[i]))); text = rest_of(text, hit + 1))
            last = hit;
    return last;
}

static bool read_key(struct hg_slice detail, struct key *key)
{
    const struct hg_slice open = HG_LIT("Key ("), between = HG_LIT(")=(");
    const char *values = begins(detail, open) ? find(detail, between) : NULL;
    if (!values)
        return false;
    struct hg_slice columns = hg_slice_of(detail.ptr + open.len, (size_t)(values - detail.ptr) - open.len);
    struct hg_slice text = rest_of(detail, values + between.len);
    const char *end = end_of_values(text);
    key->count = split(columns, key->columns, KEY_MOST);
    if (!end || key->count > KEY_MOST)
        return false;
    for (size_t i = 0; i < key->count; i++)
        key->columns[i] = unquoted(key->columns[i]);
    key->rest = rest_of(text, end + 1);
    key->split = split(hg_slice_of(text.ptr, (size_t)(end - text.ptr)), key->values, KEY_MOST) == key->count;
    return true;
}

/* Takes the tenant column out if tenants do not know it. */
static void reduce_key(const struct hg_table *table, struct key *key)
{
    size_t kept = 0;
    for (size_t i = 0; i < key->count; i++) {
        if (is_hidden_tenant(table, key->columns[i]))
            continue;
        key->columns[kept] = key->columns[i];
        key->values[kept++] = key->values[i];
    }
    key->count = kept;
}

static bool has_column(const struct key *key, struct hg_slice column)
{
    for (size_t i = 0; i < key->count; i++)
        if (hg_slice_equal(key->columns[i], column))
            return true;
    return false;
}

/* ---- constraints ---- */

/* The unique key of the table with that name, or those columns. */
static const struct hg_unique_key *unique_key_of(const struct hg_table *table, struct hg_slice name,
                                                 const struct key *key)
{
    for (size_t i = 0; i < table->nunique_keys; i++)
        if (name.len && hg_slice_equal(table->unique_keys[i].name, name))
            return &table->unique_keys[i];
    for (size_t i = 0; key && i < table->nunique_keys; i++) {
        const struct hg_unique_key *unique = &table->unique_keys[i];
        bool equal = !unique->expressions && unique->ncolumns == key->count;
        for (size_t k = 0; equal && k < unique->ncolumns; k++)
            equal = has_column(key, table->columns[unique->columns[k]].name);
        if (equal)
            return unique;
    }
    return NULL;
}

/* A foreign key of the table: by its name, else the only one, or the one with those columns. */
static struct hg_slice foreign_key_of(const struct hg_naming *naming, const struct hg_table *table,
                                      struct hg_slice name, const struct key *key)
{
    struct hg_bytes columns;
    struct hg_slice found = none;
    size_t count = 0;
    hg_bytes_init(&columns, 0);
    hg_write_text(&columns, " FOREIGN KEY (");
    for (size_t i = 0; key && i < key->count; i++)
        hg_write_format(&columns, "%s\"%.*s\"", i ? ", " : "", HG_SLICE_FMT(key->columns[i]));
    hg_write_u8(&columns, ')');
    for (size_t i = 0; i < naming->snapshot->nobjects; i++) {
        const struct hg_schema_object *object = &naming->snapshot->objects[i];
        if (!hg_slice_equal(object->table, table->name) || !hg_slice_equal(object->schema, table->schema) ||
            hg_slice_is(object->kind, "check") || !find(object->ddl, HG_LIT(" FOREIGN KEY (")))
            continue;
        if (hg_slice_equal(object->name, name) || (key && find(object->ddl, hg_bytes_slice(&columns)))) {
            hg_bytes_free(&columns);
            return object->name;
        }
        found = object->name;
        count++;
    }
    hg_bytes_free(&columns);
    return count == 1 ? found : none;
}

/* ---- violations ---- */

struct violation {
    const struct hg_naming *naming;
    struct hg_error_msg *error;
    const struct hg_table *table; /* that the constraint belongs to, as far as tenants know it; or NULL */
    struct hg_slice constraint;   /* its logical name; or empty */
};

static bool is(const struct violation *violation, const char *sqlstate)
{
    return hg_slice_is(violation->error->sqlstate, sqlstate);
}

/* What a quoted name of the message is called by tenants. */
static struct hg_slice known_name(const void *about, struct hg_slice name)
{
    const struct violation *violation = about;
    const struct hg_error_msg *error = violation->error;
    const struct hg_table *table = naming_table(violation->naming, none, name);
    if (error->constraint.len && hg_slice_equal(name, error->constraint))
        return violation->constraint.len ? violation->constraint : HG_LIT(ELLIPSIS);
    if (error->column.len && hg_slice_equal(name, error->column))
        return naming_is_visible(violation->naming, violation->table, name, false) ? name : HG_LIT(ELLIPSIS);
    if (!table && error->table.len && hg_slice_equal(name, error->table)) /* a partition, a child */
        table = violation->table;
    return naming_is_readable(violation->naming, table) ? table->name : HG_LIT(ELLIPSIS);
}

/* May the client see these columns' values, and are they its own? */
static bool are_own_values(const struct hg_naming *naming, const struct hg_table *table,
                           const struct key *key)
{
    bool own = table == naming->written;
    for (size_t i = 0; i < key->count; i++)
        if (!naming_is_visible(naming, table, key->columns[i], true) ||
            !(own || naming_said(naming, key->values[i])))
            return false;
    return key->count > 0;
}

static void write_names(struct hg_bytes *out, const struct key *key, bool values)
{
    for (size_t i = 0; i < key->count; i++) {
        hg_write_text(out, i ? ", " : "");
        hg_write_slice(out, values ? key->values[i] : key->columns[i]);
    }
}

/* In the order of schema.sql's key. */
static void order_key(const struct hg_table *table, const struct hg_unique_key *unique, struct key *key)
{
    struct key ordered = *key;
    if (!unique || unique->ncolumns != key->count)
        return;
    for (size_t i = 0; i < unique->ncolumns; i++)
        for (size_t k = 0; k < key->count; k++)
            if (hg_slice_equal(key->columns[k], table->columns[unique->columns[i]].name)) {
                ordered.columns[i] = key->columns[k];
                ordered.values[i] = key->values[k];
            }
    *key = ordered;
}

/* The detail once more, of what the client may see of it; empty otherwise. */
static struct hg_slice key_detail(const struct violation *violation, const struct hg_table *table,
                                  const struct key *key)
{
    const struct hg_naming *naming = violation->naming;
    struct hg_slice other = naming_last_quoted(key->rest), rest = key->rest;
    struct hg_bytes out;
    if (!key->split || !are_own_values(naming, table, key))
        return none;
    if (other.ptr) {
        const struct hg_table *named = naming_table(naming, none, other);
        if (!naming_is_readable(naming, named))
            return none;
        rest = hg_arena_printf(naming->arena, "%.*s%.*s\".", (int)(other.ptr - rest.ptr), rest.ptr,
                               HG_SLICE_FMT(named->name));
    }
    hg_bytes_init(&out, 0);
    hg_write_text(&out, "Key (");
    write_names(&out, key, false);
    hg_write_text(&out, ")=(");
    write_names(&out, key, true);
    hg_write_u8(&out, ')');
    hg_write_slice(&out, rest);
    struct hg_slice detail = hg_arena_slice(naming->arena, hg_bytes_slice(&out));
    hg_bytes_free(&out);
    return detail;
}

/* A duplicate: the key is of the table itself. */
static struct hg_slice unique_violation(struct violation *violation)
{
    const struct hg_table *table = violation->table;
    struct key key = {0};
    bool known = read_key(violation->error->detail, &key);
    if (!naming_is_readable(violation->naming, table))
        return none;
    reduce_key(table, &key);
    const struct hg_unique_key *unique =
        unique_key_of(table, violation->error->constraint, known ? &key : NULL);
    violation->constraint = unique ? unique->name : none;
    order_key(table, unique, &key);
    return known ? key_detail(violation, table, &key) : none;
}

/* A foreign key: its columns are of the table that refers, or, when rows of the other are still needed, of
 * that one, which the message names first. */
static struct hg_slice foreign_violation(struct violation *violation)
{
    const struct hg_table *table = violation->table;
    struct key key = {0};
    bool known = read_key(violation->error->detail, &key);
    bool referred = known && begins(key.rest, HG_LIT(" is still"));
    if (referred)
        table = naming_table(violation->naming, none, naming_first_quoted(violation->error->message));
    if (table)
        reduce_key(table, &key);
    if (naming_is_readable(violation->naming, violation->table))
        violation->constraint =
            foreign_key_of(violation->naming, violation->table, violation->error->constraint,
                           known && !referred ? &key : NULL);
    return known && table ? key_detail(violation, table, &key) : none;
}

static void set_fields(const struct violation *violation)
{
    const struct hg_naming *naming = violation->naming;
    struct hg_error_msg *error = violation->error;
    const struct hg_table *table = naming_is_readable(naming, violation->table) ? violation->table : NULL;
    const struct hg_user_type *type = hg_snapshot_type(naming->snapshot, error->schema, error->datatype);
    if (!naming_is_visible(naming, table, error->column, false))
        error->column = none;
    if (!type)
        error->datatype = none;
    error->schema = table ? table->schema : type ? type->schema : none;
    error->table = table ? table->name : none;
    error->constraint = violation->constraint;
}

void hg_naming_violation(const struct hg_naming *naming, struct hg_error_msg *error)
{
    struct violation violation = {.naming = naming, .error = error};
    struct hg_slice detail = none;
    violation.table = error->table.len ? naming_table(naming, error->schema, error->table) : NULL;
    if (!violation.table && error->table.len) /* part of one that is written, as far as is known */
        violation.table = naming->written;
    if (is(&violation, "23505"))
        detail = unique_violation(&violation);
    else if (is(&violation, "23503"))
        detail = foreign_violation(&violation);
    error->message = naming_renamed(naming, error->message, known_name, &violation);
    error->detail = detail;
    error->hint = none;
    set_fields(&violation);
}
