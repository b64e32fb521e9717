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
#define _GNU_SOURCE 1 /* memmem, memrchr */
#include "naming.h"

#include "bytes.h"

#define ELLIPSIS "\xe2\x80\xa6"
#define KEY_MOST 32 /* columns of an index */
#define RLS      HG_LIT("new row violates row-level security policy")
#define DENIED   HG_LIT("permission denied for table ")
#define SIGN     "unrecognized configuration parameter \"headgate.foreign_tenant\""

static const struct hg_slice none = {NULL, 0};

static bool begins(struct hg_slice text, struct hg_slice with)
{
    return text.len >= with.len && memcmp(text.ptr, with.ptr, with.len) == 0;
}

static bool ends(struct hg_slice text, struct hg_slice with)
{
    return text.len >= with.len && memcmp(text.ptr + text.len - with.len, with.ptr, with.len) == 0;
}

static const char *find(struct hg_slice text, struct hg_slice what)
{
    return text.len ? memmem(text.ptr, text.len, what.ptr, what.len) : NULL;
}

/* From `from` on. */
static struct hg_slice rest_of(struct hg_slice text, const char *from)
{
    return hg_slice_of(from, (size_t)(text.ptr + text.len - from));
}

bool hg_naming_said(const struct hg_naming *naming, struct hg_slice what)
{
    if (what.len == 0)
        return true;
    for (size_t i = 0; i < sizeof naming->said / sizeof naming->said[0]; i++)
        if (find(naming->said[i], what))
            return true;
    return false;
}

/* ---- tables and columns ---- */

static const struct hg_table_view *view_of(const struct hg_naming *naming, const struct hg_table *table)
{
    return &naming->user->role->views[table->index];
}

/* By its physical name; without a schema only when that says enough. */
static const struct hg_table *table_of(const struct hg_naming *naming, struct hg_slice schema,
                                       struct hg_slice name)
{
    const struct hg_table *found = NULL;
    for (size_t i = 0; i < naming->snapshot->ntables; i++) {
        const struct hg_table *table = &naming->snapshot->tables[i];
        if (!hg_slice_equal(table->physical_name, name) ||
            (schema.len && !hg_slice_equal(table->physical_schema, schema)))
            continue;
        if (found && !hg_slice_equal(found->name, table->name))
            return NULL;
        found = table;
    }
    return found;
}

static bool is_readable(const struct hg_naming *naming, const struct hg_table *table)
{
    return table && view_of(naming, table)->readable;
}

/* `values`: not only its name, what stands in it, too. */
static bool is_visible(const struct hg_naming *naming, const struct hg_table *table, struct hg_slice column,
                       bool values)
{
    int at = table ? hg_table_column(table, column) : -1;
    if (at < 0 || !is_readable(naming, table))
        return false;
    const struct hg_column_view *view = &view_of(naming, table)->columns[at];
    return !view->hidden && !(values && view->mask);
}

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

/* What a quoted name of the message is called by tenants; ptr NULL: nothing. */
static struct hg_slice known_name(const struct violation *violation, struct hg_slice name)
{
    const struct hg_error_msg *error = violation->error;
    const struct hg_table *table = table_of(violation->naming, none, name);
    if (error->constraint.len && hg_slice_equal(name, error->constraint))
        return violation->constraint;
    if (error->column.len && hg_slice_equal(name, error->column))
        return is_visible(violation->naming, violation->table, name, false) ? name : none;
    if (!table && error->table.len && hg_slice_equal(name, error->table)) /* a partition, a child */
        table = violation->table;
    return is_readable(violation->naming, table) ? table->name : none;
}

static struct hg_slice named_message(const struct violation *violation, struct hg_slice text)
{
    struct hg_bytes out;
    hg_bytes_init(&out, 0);
    for (const char *open; (open = find(text, HG_LIT("\""))) != NULL;) {
        struct hg_slice inside = rest_of(text, open + 1);
        const char *close = find(inside, HG_LIT("\""));
        if (!close)
            break;
        struct hg_slice name = known_name(violation, hg_slice_of(inside.ptr, (size_t)(close - inside.ptr)));
        hg_write(&out, text.ptr, (size_t)(inside.ptr - text.ptr));
        hg_write_slice(&out, name.len ? name : HG_LIT(ELLIPSIS));
        hg_write_u8(&out, '"');
        text = rest_of(text, close + 1);
    }
    hg_write_slice(&out, text);
    struct hg_slice result = hg_arena_slice(violation->naming->arena, hg_bytes_slice(&out));
    hg_bytes_free(&out);
    return result;
}

/* `referenced from table "t".`: the table's name at the end of a detail; ptr NULL: there is none. */
static struct hg_slice last_quoted(struct hg_slice text)
{
    if (!ends(text, HG_LIT("\".")))
        return none;
    struct hg_slice before = hg_slice_of(text.ptr, text.len - 2);
    const char *open = before.len ? memrchr(before.ptr, '"', before.len) : NULL;
    return open ? rest_of(before, open + 1) : none;
}

/* The first quoted name of a message. */
static struct hg_slice first_quoted(struct hg_slice text)
{
    const char *open = find(text, HG_LIT("\""));
    if (!open)
        return none;
    struct hg_slice inside = rest_of(text, open + 1);
    const char *close = find(inside, HG_LIT("\""));
    return close ? hg_slice_of(inside.ptr, (size_t)(close - inside.ptr)) : none;
}

/* May the client see these columns' values, and are they its own? */
static bool are_own_values(const struct hg_naming *naming, const struct hg_table *table,
                           const struct key *key)
{
    bool own = table == naming->written;
    for (size_t i = 0; i < key->count; i++)
        if (!is_visible(naming, table, key->columns[i], true) ||
            !(own || hg_naming_said(naming, key->values[i])))
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
    struct hg_slice other = last_quoted(key->rest), rest = key->rest;
    struct hg_bytes out;
    if (!key->split || !are_own_values(naming, table, key))
        return none;
    if (other.ptr) {
        const struct hg_table *named = table_of(naming, none, other);
        if (!is_readable(naming, named))
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
    if (!is_readable(violation->naming, table))
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
        table = table_of(violation->naming, none, first_quoted(violation->error->message));
    if (table)
        reduce_key(table, &key);
    if (is_readable(violation->naming, violation->table))
        violation->constraint =
            foreign_key_of(violation->naming, violation->table, violation->error->constraint,
                           known && !referred ? &key : NULL);
    return known && table ? key_detail(violation, table, &key) : none;
}

static void set_fields(const struct violation *violation)
{
    const struct hg_naming *naming = violation->naming;
    struct hg_error_msg *error = violation->error;
    const struct hg_table *table = is_readable(naming, violation->table) ? violation->table : NULL;
    const struct hg_user_type *type = hg_snapshot_type(naming->snapshot, error->schema, error->datatype);
    if (!is_visible(naming, table, error->column, false))
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
    violation.table = error->table.len ? table_of(naming, error->schema, error->table) : NULL;
    if (!violation.table && error->table.len) /* part of one that is written, as far as is known */
        violation.table = naming->written;
    if (is(&violation, "23505"))
        detail = unique_violation(&violation);
    else if (is(&violation, "23503"))
        detail = foreign_violation(&violation);
    error->message = named_message(&violation, error->message);
    error->detail = detail;
    error->hint = none;
    set_fields(&violation);
}

/* ---- other texts ---- */

static bool is_schema(const struct hg_naming *naming, struct hg_slice name)
{
    for (size_t i = 0; i < naming->snapshot->ntables; i++)
        if (hg_slice_equal(naming->snapshot->tables[i].physical_schema, name))
            return !hg_snapshot_has_schema(naming->snapshot, name);
    return false;
}

/* What the quoted name is called by tenants: itself, if it is nothing of ours. */
static struct hg_slice logical_name(const struct hg_naming *naming, struct hg_slice name)
{
    const char *dot = find(name, HG_LIT("."));
    struct hg_slice schema = dot ? hg_slice_of(name.ptr, (size_t)(dot - name.ptr)) : none;
    const struct hg_table *table = table_of(naming, schema, dot ? rest_of(name, dot + 1) : name);
    if (is_readable(naming, table))
        return dot ? hg_arena_printf(naming->arena, "%.*s.%.*s", HG_SLICE_FMT(table->schema),
                                     HG_SLICE_FMT(table->name))
                   : table->name;
    bool ours = (table && !hg_slice_equal(table->name, table->physical_name)) || is_schema(naming, name);
    return ours && !hg_naming_said(naming, name) ? HG_LIT(ELLIPSIS) : name;
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (unsigned char)c >= 0x80;
}

/* Each time that it stands there as a whole word. */
static struct hg_slice without_word(const struct hg_naming *naming, struct hg_slice text,
                                    struct hg_slice word)
{
    struct hg_bytes out;
    const char *hit, *from = text.ptr;
    if (!word.len || !find(text, word) || hg_naming_said(naming, word))
        return text;
    hg_bytes_init(&out, 0);
    while ((hit = find(rest_of(text, from), word))) {
        const char *behind = hit + word.len, *end = text.ptr + text.len;
        bool whole = (hit == text.ptr || !is_word(hit[-1])) && (behind == end || !is_word(*behind));
        hg_write(&out, from, (size_t)(hit - from));
        hg_write_slice(&out, whole ? HG_LIT(ELLIPSIS) : word);
        from = behind;
    }
    hg_write_slice(&out, rest_of(text, from));
    struct hg_slice result = hg_arena_slice(naming->arena, hg_bytes_slice(&out));
    hg_bytes_free(&out);
    return result;
}

static struct hg_slice with_logical_names(const struct hg_naming *naming, struct hg_slice text)
{
    struct hg_bytes out;
    hg_bytes_init(&out, 0);
    for (const char *open; (open = find(text, HG_LIT("\""))) != NULL;) {
        struct hg_slice inside = rest_of(text, open + 1);
        const char *close = find(inside, HG_LIT("\""));
        if (!close)
            break;
        hg_write(&out, text.ptr, (size_t)(inside.ptr - text.ptr));
        hg_write_slice(&out, logical_name(naming, hg_slice_of(inside.ptr, (size_t)(close - inside.ptr))));
        hg_write_u8(&out, '"');
        text = rest_of(text, close + 1);
    }
    hg_write_slice(&out, text);
    struct hg_slice result = hg_arena_slice(naming->arena, hg_bytes_slice(&out));
    hg_bytes_free(&out);
    return result;
}

struct hg_slice hg_naming_text(const struct hg_naming *naming, struct hg_slice text)
{
    if (!text.len)
        return text;
    if (find(text, HG_LIT("\"")))
        text = with_logical_names(naming, text);
    for (size_t i = 0; i < naming->snapshot->ntables; i++) {
        const struct hg_table *table = &naming->snapshot->tables[i];
        if (table->tenant_column_index < 0)
            text = without_word(naming, text, table->tenant_column);
    }
    return text;
}

/* ---- permissions ---- */

bool hg_naming_foreign_tenant(const struct hg_naming *naming, struct hg_error_msg *error)
{
    const struct hg_table *table = naming->written;
    if (!hg_slice_is(error->sqlstate, "42704") || !hg_slice_is(error->message, SIGN))
        return false;
    error->sqlstate = HG_LIT("42501");
    error->message =
        table && table->tenant_column_index >= 0
            ? hg_arena_printf(naming->arena, "column \"%.*s\" takes only the value of your own tenant",
                              HG_SLICE_FMT(table->tenant_column))
            : HG_LIT("the column of the tenant takes only the value of your own tenant");
    error->detail = error->hint = none;
    return true;
}

bool hg_naming_permission(const struct hg_naming *naming, struct hg_error_msg *error)
{
    bool refused = begins(error->message, RLS), denied = begins(error->message, DENIED);
    struct hg_slice name = none;
    if (denied)
        name = rest_of(error->message, error->message.ptr + DENIED.len);
    else if (refused && ends(error->message, HG_LIT("\"")))
        name = last_quoted(hg_arena_printf(naming->arena, "%.*s.", HG_SLICE_FMT(error->message)));
    const struct hg_table *table = table_of(naming, none, name);
    if (refused && !table)
        table = naming->written;
    struct hg_slice other = refused || denied ? none : first_quoted(error->message);
    error->detail = error->hint = none;
    if (other.len && hg_naming_said(naming, other)) /* a setting, say */
        return true;
    if (!is_readable(naming, table))
        return false;
    error->message =
        refused ? hg_arena_printf(naming->arena, "%.*s for table \"%.*s\"", HG_SLICE_FMT(RLS),
                                  HG_SLICE_FMT(table->name))
                : hg_arena_printf(naming->arena, "%.*s%.*s", HG_SLICE_FMT(DENIED), HG_SLICE_FMT(table->name));
    return true;
}
