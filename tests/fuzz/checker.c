/* The semantic property of the rewriter, checked by a reader of its own.
 *
 * It knows nothing of restrict and verify, of their trees or of the forms that they agree upon: it takes the
 * text alone, has the library parse it to JSON, and asks of that what matters.
 *   - Each relation that is named with a schema is one of the policy's. On a data backend its rows are
 *     restricted: the WHERE of the SELECT that reads it implies (by AND and OR) that the tenant column equals
 *     the own value, and no outer join brings rows around that. So does the WHERE of what is updated, deleted
 *     or changed on conflict.
 *   - The role's own condition on the rows stands beside that.
 *   - Each row that is inserted, and each assignment to the tenant column, has the own value in it, as a
 *     constant or as a CASE that otherwise fails.
 *   - Of a physical table only columns are used that the role sees as they are, and masks.
 *   - Each other relation is a WITH query that is visible there.
 *   - Nothing else is a statement, is written to, is locked, or goes to a file; nothing of a short list of
 *     functions and types by which databases have been left before, a tripwire beside the allow-lists. */
#include "text_checker.h"

#include <pg_query.h>
#include <stdarg.h>

#include "json.h"

struct walk {
    const struct checked *checked;
    struct hg_arena *arena;
    const char *why; /* the first thing that is wrong */
};

/* WITH queries that are visible, innermost first. */
struct frame {
    const struct frame *outer;
    const struct json *with;
    size_t count;
};

static void check_node(struct walk *walk, const struct json *node, const struct frame *frame);
static void check_select(struct walk *walk, const struct json *select, const struct frame *outer);

static void wrong(struct walk *walk, const char *format, ...) HG_PRINTF(2, 3);
static void wrong(struct walk *walk, const char *format, ...)
{
    va_list args;
    if (walk->why)
        return;
    va_start(args, format);
    walk->why = hg_arena_vprintf(walk->arena, format, args).ptr;
    va_end(args);
}

static struct hg_slice string_at(const struct json *list, const char *name, size_t index)
{
    return json_text(json_at(json_item(list, name, index), "String"), "sval");
}

/* The one member of a node: what it is. */
static const struct json *is_a(const struct json *node, const char *type)
{
    return node && node->kind == JSON_OBJECT && node->count == 1 ? json_at(node, type) : NULL;
}

/* ---- tables ---- */

static const struct hg_table_view *view_of(const struct walk *walk, const struct json *relation)
{
    const struct hg_snapshot *snapshot = walk->checked->snapshot;
    struct hg_slice schema = json_text(relation, "schemaname"), name = json_text(relation, "relname");
    for (size_t i = 0; i < snapshot->ntables; i++) {
        const struct hg_table *table = &snapshot->tables[i];
        bool catalog = walk->checked->catalog;
        if (hg_slice_equal(catalog ? table->schema : table->physical_schema, schema) &&
            hg_slice_equal(catalog ? table->name : table->physical_name, name))
            return &walk->checked->user->role->views[i];
    }
    return NULL;
}

static struct hg_slice name_of(const struct json *relation)
{
    struct hg_slice alias = json_text(json_at(relation, "alias"), "aliasname");
    return alias.len ? alias : json_text(relation, "relname");
}

static bool is_shown(const struct hg_table_view *view, struct hg_slice name)
{
    for (size_t i = 0; i < view->table->ncolumns; i++)
        if (hg_slice_equal(view->table->columns[i].name, name))
            return !view->columns[i].hidden && !view->columns[i].mask;
    return false;
}

static bool is_kept_back(const struct hg_table_view *view, struct hg_slice name)
{
    static const char *const system[] = {"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"};
    bool declared = false;
    for (size_t i = 0; i < view->table->ncolumns; i++)
        declared |= hg_slice_equal(view->table->columns[i].name, name);
    for (size_t i = 0; i < sizeof system / sizeof *system; i++)
        if (!declared && hg_slice_is(name, system[i]))
            return true;
    return !is_shown(view, name) && (declared || hg_slice_equal(view->table->tenant_column, name));
}

/* ---- conditions and values ---- */

static bool is_own_constant(const struct walk *walk, const struct json *node)
{
    const struct json *constant = is_a(node, "A_Const");
    const struct json *text = json_at(constant, "sval");
    return text && hg_slice_equal(json_text(text, "sval"), walk->checked->user->tenant->value);
}

static bool is_column(const struct json *node, struct hg_slice qualifier, struct hg_slice name)
{
    const struct json *column = is_a(node, "ColumnRef");
    return json_count(column, "fields") == 2 && hg_slice_equal(string_at(column, "fields", 0), qualifier) &&
           hg_slice_equal(string_at(column, "fields", 1), name);
}

static bool is_own_tenant(const struct walk *walk, const struct json *equal, struct hg_slice qualifier,
                          struct hg_slice tenant)
{
    const struct json *left = json_at(equal, "lexpr"), *right = json_at(equal, "rexpr");
    return hg_slice_is(json_text(equal, "kind"), "AEXPR_OP") && json_count(equal, "name") == 1 &&
           hg_slice_is(string_at(equal, "name", 0), "=") &&
           ((is_column(left, qualifier, tenant) && is_own_constant(walk, right)) ||
            (is_column(right, qualifier, tenant) && is_own_constant(walk, left)));
}

/* Is the condition true only of the tenant's own rows? */
static bool implies_own(const struct walk *walk, const struct json *condition, struct hg_slice qualifier,
                        struct hg_slice tenant)
{
    const struct json *combined = is_a(condition, "BoolExpr");
    bool and = hg_slice_is(json_text(combined, "boolop"), "AND_EXPR");
    size_t count = json_count(combined, "args"), own = 0;
    if (!combined)
        return is_own_tenant(walk, is_a(condition, "A_Expr"), qualifier, tenant);
    if (!and&&!hg_slice_is(json_text(combined, "boolop"), "OR_EXPR"))
        return false;
    for (size_t i = 0; i < count; i++)
        own += implies_own(walk, json_item(combined, "args", i), qualifier, tenant);
    return and? own > 0 : own == count;
}

static bool always_fails(const struct json *node)
{
    const struct json *cast = is_a(node, "TypeCast");
    const struct json *call = is_a(cast ? json_at(cast, "arg") : node, "FuncCall");
    const struct json *argument = json_at(is_a(json_item(call, "args", 0), "A_Const"), "sval");
    return json_count(call, "funcname") == 2 && hg_slice_is(string_at(call, "funcname", 0), "pg_catalog") &&
           hg_slice_is(string_at(call, "funcname", 1), "current_setting") && json_count(call, "args") == 1 &&
           hg_slice_is(json_text(argument, "sval"), "headgate.foreign_tenant");
}

/* Is the value the tenant's own, or an error? */
static bool is_own_value(const struct walk *walk, const struct json *node)
{
    const struct json *choice = is_a(node, "CaseExpr"), *cast = is_a(node, "TypeCast");
    if (is_own_constant(walk, node) || always_fails(node))
        return true;
    if (cast)
        return !json_count(json_at(cast, "typeName"), "typmods") &&
               is_own_constant(walk, json_at(cast, "arg"));
    for (size_t i = 0; i < json_count(choice, "args"); i++)
        if (!is_own_value(walk, json_at(is_a(json_item(choice, "args", i), "CaseWhen"), "result")))
            return false;
    return choice && is_own_value(walk, json_at(choice, "defresult"));
}

/* ---- columns of physical tables ---- */

static bool same(const struct json *a, const struct json *b);

/* The same but for locations, and for the qualifiers of columns. */
static bool same_members(const struct json *a, const struct json *b)
{
    size_t i = 0, k = 0;
    for (;; i++, k++) {
        while (i < a->count && hg_slice_is(a->names[i], "location"))
            i++;
        while (k < b->count && hg_slice_is(b->names[k], "location"))
            k++;
        if (i >= a->count || k >= b->count)
            return i >= a->count && k >= b->count;
        if (!hg_slice_equal(a->names[i], b->names[k]))
            return false;
        size_t na = a->items[i].count, nb = b->items[k].count;
        bool fields = hg_slice_is(a->names[i], "fields") && na && nb;
        if (fields ? !same(&a->items[i].items[na - 1], &b->items[k].items[nb - 1])
                   : !same(&a->items[i], &b->items[k]))
            return false;
    }
}

static bool same(const struct json *a, const struct json *b)
{
    if (!a || !b || a->kind != b->kind)
        return a == b;
    if (a->kind == JSON_OBJECT)
        return same_members(a, b);
    if (a->kind != JSON_LIST)
        return hg_slice_equal(a->text, b->text);
    bool equal = a->count == b->count;
    for (size_t i = 0; equal && i < a->count; i++)
        equal = same(&a->items[i], &b->items[i]);
    return equal;
}

static const struct json *parse(struct walk *walk, struct hg_slice sql)
{
    PgQueryParseResult result = pg_query_parse(hg_arena_cstr(walk->arena, sql));
    const struct json *tree = NULL;
    if (result.error)
        wrong(walk, "it does not parse: %s", result.error->message);
    else
        tree = json_parse(hg_arena_slice(walk->arena, hg_slice_cstr(result.parse_tree)), walk->arena);
    pg_query_free_parse_result(result);
    return tree;
}

static bool binds(const struct json *node, struct hg_slice alias)
{
    if (hg_slice_equal(json_text(node, "aliasname"), alias))
        return true;
    for (size_t i = 0; i < node->count; i++)
        if (binds(&node->items[i], alias))
            return true;
    return false;
}

/* How the columns of a table that is used itself are named: bare or qualified. */
struct use {
    const struct hg_table_view *view;
    struct hg_slice alias;
    bool excluded;
    bool alone; /* there is nothing else that a bare name could mean */
    const struct json **masks;
    size_t nmasks;
};

static struct use use_of(struct walk *walk, const struct hg_table_view *view, struct hg_slice alias)
{
    struct use use = {.view = view, .alias = alias};
    use.masks = HG_NEW_ARRAY(walk->arena, const struct json *, view->table->ncolumns);
    for (size_t i = 0; i < view->table->ncolumns; i++) {
        if (!view->columns[i].mask || view->columns[i].hidden)
            continue;
        struct hg_slice sql =
            hg_arena_printf(walk->arena, "SELECT %.*s", HG_SLICE_FMT(view->columns[i].mask_sql));
        const struct json *tree = parse(walk, sql);
        const struct json *select = is_a(json_at(json_item(tree, "stmts", 0), "stmt"), "SelectStmt");
        use.masks[use.nmasks++] = json_at(is_a(json_item(select, "targetList", 0), "ResTarget"), "val");
    }
    return use;
}

/* The attribute that `{user.x}` or `{tenant.x}` stands for: its value for this user. ptr NULL: none. */
static struct hg_slice attribute_of(const struct walk *walk, struct hg_slice placeholder)
{
    const struct hg_user *user = walk->checked->user;
    for (size_t i = 0; i < user->role->nattributes; i++) {
        const struct hg_attribute *attribute = &user->role->attributes[i];
        if (hg_slice_equal(placeholder,
                           hg_arena_printf(walk->arena, "{%s.%.*s}", attribute->of_tenant ? "tenant" : "user",
                                           HG_SLICE_FMT(attribute->name))))
            return user->attributes[i];
    }
    return (struct hg_slice){0};
}

/* The role's condition on the rows as the policy has it, with the user's values. */
static const struct json *rows_of(struct walk *walk, const struct hg_table_view *view)
{
    struct hg_slice text = view->rows_sql, done = HG_LIT("SELECT ");
    while (text.len) {
        const char *open = memchr(text.ptr, '{', text.len), *end = text.ptr + text.len;
        const char *close = open ? memchr(open, '}', (size_t)(end - open)) : NULL;
        size_t run = close ? (size_t)(open - text.ptr) : text.len;
        struct hg_slice value =
            close ? attribute_of(walk, hg_slice_of(open, (size_t)(close + 1 - open))) : (struct hg_slice){0};
        if (close && !value.ptr) /* a brace of its own */
            run++;
        done = hg_arena_printf(walk->arena, "%.*s%.*s", HG_SLICE_FMT(done), (int)run, text.ptr);
        text = hg_slice_of(text.ptr + run, text.len - run);
        if (!value.ptr)
            continue;
        done = hg_arena_printf(walk->arena, "%.*s'%.*s'", HG_SLICE_FMT(done), HG_SLICE_FMT(value));
        text = hg_slice_of(close + 1, (size_t)(end - close) - 1);
    }
    const struct json *tree = parse(walk, done);
    const struct json *select = is_a(json_at(json_item(tree, "stmts", 0), "stmt"), "SelectStmt");
    return json_at(is_a(json_item(select, "targetList", 0), "ResTarget"), "val");
}

/* Is that condition one of those that are joined by AND, perhaps inside of a CASE that is NULL otherwise? */
static bool implies_rows(const struct json *condition, const struct json *rows)
{
    const struct json *combined = is_a(condition, "BoolExpr"), *choice = is_a(condition, "CaseExpr");
    if (same(condition, rows))
        return true;
    if (choice)
        return json_count(choice, "args") == 1 && !json_at(choice, "defresult") && !json_at(choice, "arg") &&
               same(json_at(is_a(json_item(choice, "args", 0), "CaseWhen"), "result"), rows);
    if (!hg_slice_is(json_text(combined, "boolop"), "AND_EXPR"))
        return false;
    for (size_t i = 0; i < json_count(combined, "args"); i++)
        if (implies_rows(json_item(combined, "args", i), rows))
            return true;
    return false;
}

static bool has_rows(struct walk *walk, const struct hg_table_view *view, const struct json *where)
{
    return !view->rows || (where && implies_rows(where, rows_of(walk, view)));
}

static bool is_mask(const struct use *use, const struct json *node)
{
    for (size_t i = 0; i < use->nmasks; i++)
        if (use->masks[i] && same(use->masks[i], node))
            return true;
    return false;
}

static void check_use_of_column(struct walk *walk, const struct use *use, const struct json *column,
                                bool nested)
{
    size_t count = json_count(column, "fields");
    struct hg_slice name = string_at(column, "fields", count - 1); /* empty: a star */
    struct hg_slice first = string_at(column, "fields", 0);
    bool own = hg_slice_equal(first, use->alias) || (use->excluded && hg_slice_is(first, "excluded"));
    if (count == 1 && nested)
        return;
    if (count == 1 && (!name.len || is_kept_back(use->view, name) || (own && !is_shown(use->view, name)) ||
                       (use->alone && !is_shown(use->view, name))))
        wrong(walk, "column %.*s of %.*s", HG_SLICE_FMT(name.len ? name : HG_LIT("*")),
              HG_SLICE_FMT(use->alias));
    if (count > 1 && own && !is_shown(use->view, name))
        wrong(walk, "column %.*s.%.*s", HG_SLICE_FMT(first), HG_SLICE_FMT(name.len ? name : HG_LIT("*")));
}

/* Each column of the table that stands in there. Inside of another SELECT a bare name may be that one's. */
static void check_use(struct walk *walk, const struct use *use, const struct json *node, bool nested)
{
    if (!node || walk->why)
        return;
    if (node->kind == JSON_OBJECT && is_mask(use, node))
        return;
    for (size_t i = 0; i < node->count; i++) {
        bool object = node->kind == JSON_OBJECT;
        if (object && hg_slice_is(node->names[i], "ColumnRef")) {
            check_use_of_column(walk, use, &node->items[i], nested);
            continue;
        }
        bool select = object && hg_slice_is(node->names[i], "SelectStmt");
        if (!select || !binds(&node->items[i], use->alias))
            check_use(walk, use, &node->items[i], nested || select);
    }
}

/* ---- relations that are read ---- */

static bool is_visible_with(const struct frame *frame, struct hg_slice name)
{
    for (; frame; frame = frame->outer)
        for (size_t i = 0; i < frame->count; i++)
            if (hg_slice_equal(
                    json_text(is_a(json_item(frame->with, "ctes", i), "CommonTableExpr"), "ctename"), name))
                return true;
    return false;
}

static void check_system_relation(struct walk *walk, struct hg_slice schema, struct hg_slice name)
{
    static const char *const never[] = {"pg_authid",           "pg_shadow",        "pg_user_mapping",
                                        "pg_statistic",        "pg_file_settings", "pg_hba_file_rules",
                                        "pg_largeobject",      "pg_locks",         "pg_user_mappings",
                                        "pg_stat_replication", "pg_subscription"};
    if (!hg_slice_is(schema, "pg_catalog") && !hg_slice_is(schema, "information_schema"))
        wrong(walk, "relation %.*s.%.*s", HG_SLICE_FMT(schema), HG_SLICE_FMT(name));
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        if (hg_slice_is(name, never[i]))
            wrong(walk, "relation %s", never[i]);
}

/* `select`: that it stands in the FROM of, with nothing around that could bring other rows; or NULL. */
static void check_relation(struct walk *walk, const struct json *relation, const struct json *select,
                           const struct frame *frame)
{
    struct hg_slice schema = json_text(relation, "schemaname"), name = json_text(relation, "relname");
    const struct hg_table_view *view = schema.len ? view_of(walk, relation) : NULL;
    if (json_text(relation, "catalogname").len)
        wrong(walk, "a relation of another database");
    else if (!schema.len && !is_visible_with(frame, name))
        wrong(walk, "relation %.*s without a schema", HG_SLICE_FMT(name));
    else if (schema.len && walk->checked->catalog && !view)
        check_system_relation(walk, schema, name);
    else if (schema.len && (!view || !view->readable))
        wrong(walk, "relation %.*s.%.*s", HG_SLICE_FMT(schema), HG_SLICE_FMT(name));
    if (walk->why || !view || walk->checked->catalog)
        return;
    struct use use = use_of(walk, view, name_of(relation));
    use.alone = true;
    if (!view->table->shared && (!select || !implies_own(walk, json_at(select, "whereClause"), use.alias,
                                                         view->table->tenant_column)))
        wrong(walk, "relation %.*s without its predicate", HG_SLICE_FMT(name));
    if (!has_rows(walk, view, json_at(select, "whereClause")))
        wrong(walk, "relation %.*s without the role's condition on its rows", HG_SLICE_FMT(name));
    check_use(walk, &use, json_at(select, "targetList"), false);
}

static bool keeps(struct hg_slice jointype, bool left)
{
    return hg_slice_is(jointype, "JOIN_INNER") || hg_slice_is(jointype, left ? "JOIN_LEFT" : "JOIN_RIGHT");
}

static void check_from(struct walk *walk, const struct json *item, const struct json *select,
                       const struct frame *frame)
{
    const struct json *join = is_a(item, "JoinExpr"), *sample = is_a(item, "RangeTableSample");
    if (is_a(item, "RangeVar")) {
        check_relation(walk, is_a(item, "RangeVar"), select, frame);
    } else if (sample) {
        check_from(walk, json_at(sample, "relation"), select, frame);
        check_node(walk, json_at(sample, "args"), frame);
        if (json_at(sample, "repeatable"))
            wrong(walk, "a sample that can be repeated");
    } else if (join) {
        struct hg_slice type = json_text(join, "jointype");
        check_from(walk, json_at(join, "larg"), keeps(type, true) ? select : NULL, frame);
        check_from(walk, json_at(join, "rarg"), keeps(type, false) ? select : NULL, frame);
        check_node(walk, json_at(join, "quals"), frame);
    } else {
        check_node(walk, item, frame);
    }
}

static void check_locked(struct walk *walk, const struct json *node)
{
    const struct json *relation = is_a(node, "RangeVar");
    const struct hg_table_view *view = relation ? view_of(walk, relation) : NULL;
    if (relation && json_text(relation, "schemaname").len &&
        (!view || !view->writable || view->table->shared))
        wrong(walk, "relation %.*s is locked", HG_SLICE_FMT(json_text(relation, "relname")));
    for (size_t i = 0; i < node->count; i++)
        if (node->kind != JSON_OBJECT || hg_slice_is(node->names[i], "fromClause") ||
            !json_at(node, "targetList"))
            check_locked(walk, &node->items[i]);
}

/* The item of that name, through joins. */
static const struct json *item_called(const struct json *item, struct hg_slice name)
{
    const struct json *join = is_a(item, "JoinExpr");
    if (join && !json_at(join, "alias")) {
        const struct json *left = item_called(json_at(join, "larg"), name);
        return left ? left : item_called(json_at(join, "rarg"), name);
    }
    const struct json *named = item && item->count == 1 ? &item->items[0] : NULL;
    return named && hg_slice_equal(name_of(named), name) ? item : NULL;
}

static void check_locks(struct walk *walk, const struct json *select)
{
    for (size_t i = 0; i < json_count(select, "lockingClause"); i++) {
        const struct json *lock = is_a(json_item(select, "lockingClause", i), "LockingClause");
        if (!json_count(lock, "lockedRels") && json_at(select, "fromClause"))
            check_locked(walk, json_at(select, "fromClause"));
        for (size_t k = 0; k < json_count(lock, "lockedRels"); k++) {
            struct hg_slice name = json_text(is_a(json_item(lock, "lockedRels", k), "RangeVar"), "relname");
            for (size_t n = 0; n < json_count(select, "fromClause"); n++) {
                const struct json *item = item_called(json_item(select, "fromClause", n), name);
                if (item)
                    check_locked(walk, item);
            }
        }
    }
}

static struct frame check_with(struct walk *walk, const struct json *statement, const struct frame *outer)
{
    struct frame frame = {outer, json_at(statement, "withClause"), 0};
    const struct json *recursive = json_at(frame.with, "recursive");
    size_t count = json_count(frame.with, "ctes");
    for (size_t i = 0; i < count; i++) {
        frame.count = recursive && hg_slice_is(recursive->text, "true") ? count : i;
        check_node(walk, json_item(frame.with, "ctes", i), &frame);
    }
    frame.count = count;
    return frame;
}

static void check_members(struct walk *walk, const struct json *node, const char *const *but,
                          const struct frame *frame)
{
    for (size_t i = 0; i < node->count && !walk->why; i++) {
        bool skipped = false;
        for (const char *const *name = but; *name; name++)
            skipped |= hg_slice_is(node->names[i], *name);
        if (!skipped)
            check_node(walk, &node->items[i], frame);
    }
}

static void check_select(struct walk *walk, const struct json *select, const struct frame *outer)
{
    static const char *const done[] = {"withClause", "fromClause", "lockingClause", "larg", "rarg", NULL};
    struct frame frame = check_with(walk, select, outer);
    if (json_at(select, "intoClause"))
        wrong(walk, "SELECT INTO");
    for (size_t i = 0; i < json_count(select, "fromClause"); i++)
        check_from(walk, json_item(select, "fromClause", i), select, &frame);
    if (json_at(select, "larg"))
        check_select(walk, json_at(select, "larg"), &frame);
    if (json_at(select, "rarg"))
        check_select(walk, json_at(select, "rarg"), &frame);
    check_locks(walk, select);
    check_members(walk, select, done, &frame);
}

/* ---- writing ---- */

static bool is_star(const struct json *target)
{
    const struct json *value = json_at(is_a(target, "ResTarget"), "val");
    const struct json *column = is_a(value, "ColumnRef"), *part = is_a(value, "A_Indirection");
    size_t fields = json_count(column, "fields"), parts = json_count(part, "indirection");
    return (fields && is_a(json_item(column, "fields", fields - 1), "A_Star")) ||
           (parts && is_a(json_item(part, "indirection", parts - 1), "A_Star"));
}

/* Does each row have the own value in column `at` of `width`? With stars only the last place is known. */
static bool gives_own(const struct walk *walk, const struct json *select, size_t at, size_t width)
{
    size_t rows = json_count(select, "valuesLists"), count = json_count(select, "targetList"), stars = 0;
    if (json_at(select, "larg"))
        return gives_own(walk, json_at(select, "larg"), at, width) &&
               gives_own(walk, json_at(select, "rarg"), at, width);
    for (size_t i = 0; i < rows; i++) {
        const struct json *row = is_a(json_item(select, "valuesLists", i), "List");
        if (json_count(row, "items") != width || !is_own_value(walk, json_item(row, "items", at)))
            return false;
    }
    for (size_t i = 0; i < json_count(select, "groupClause"); i++)
        if (is_a(json_item(select, "groupClause", i), "GroupingSet"))
            return false;
    for (size_t i = 0; i < count; i++)
        stars += is_star(json_item(select, "targetList", i));
    if (rows || !count)
        return rows > 0;
    if (stars ? at != width - 1 : count != width)
        return false;
    const struct json *target = json_item(select, "targetList", stars ? count - 1 : at);
    return is_own_value(walk, json_at(is_a(target, "ResTarget"), "val"));
}

/* Assignments leave the tenant column alone, or give it the own value; others are to columns that are shown.
 */
static void check_assignments(struct walk *walk, const struct json *statement,
                              const struct hg_table_view *view)
{
    for (size_t i = 0; i < json_count(statement, "targetList"); i++) {
        const struct json *target = is_a(json_item(statement, "targetList", i), "ResTarget");
        const struct json *value = json_at(target, "val"), *multiple = is_a(value, "MultiAssignRef");
        struct hg_slice name = json_text(target, "name");
        if (multiple) {
            const struct json *number = json_at(multiple, "colno");
            const struct json *row = is_a(json_at(multiple, "source"), "RowExpr");
            value = number && number->text.len == 1
                        ? json_item(row, "args", (size_t)(number->text.ptr[0] - '1'))
                        : NULL;
        }
        if (!is_shown(view, name))
            wrong(walk, "column %.*s is assigned to", HG_SLICE_FMT(name));
        if (!walk->checked->catalog && hg_slice_equal(name, view->table->tenant_column) &&
            !is_own_value(walk, value))
            wrong(walk, "the tenant column is assigned to");
    }
}

static void check_conflict(struct walk *walk, const struct json *insert, const struct use *use)
{
    const struct json *conflict = json_at(insert, "onConflictClause"), *infer = json_at(conflict, "infer");
    const struct hg_table *table = use->view->table;
    bool own = infer ? false : !table->global_key;
    if (!conflict)
        return;
    for (size_t i = 0; i < json_count(infer, "indexElems"); i++)
        own |= hg_slice_equal(json_text(is_a(json_item(infer, "indexElems", i), "IndexElem"), "name"),
                              table->tenant_column);
    if (!own || json_text(infer, "conname").len)
        wrong(walk, "ON CONFLICT with rows of others");
    if (!hg_slice_is(json_text(conflict, "action"), "ONCONFLICT_UPDATE"))
        return;
    struct use both = *use;
    both.excluded = true;
    if (!infer || !implies_own(walk, json_at(conflict, "whereClause"), use->alias, table->tenant_column))
        wrong(walk, "ON CONFLICT DO UPDATE without a predicate");
    check_assignments(walk, conflict, use->view);
    check_use(walk, &both, json_at(conflict, "targetList"), false);
}

static void check_insert(struct walk *walk, const struct json *insert, const struct use *use)
{
    size_t width = json_count(insert, "cols"), at = 0, found = 0;
    const struct json *select = is_a(json_at(insert, "selectStmt"), "SelectStmt");
    for (size_t i = 0; i < width; i++) {
        struct hg_slice name = json_text(is_a(json_item(insert, "cols", i), "ResTarget"), "name");
        if (hg_slice_equal(name, use->view->table->tenant_column)) {
            at = i;
            found++;
        } else if (!is_shown(use->view, name)) {
            wrong(walk, "column %.*s is inserted", HG_SLICE_FMT(name));
        }
    }
    if (use->view->rows || found != 1 || !select || !gives_own(walk, select, at, width))
        wrong(walk, "a row without the own value of the tenant column");
    check_conflict(walk, insert, use);
}

/* Conditions that were added by us read what the role does not see; those of the client stand behind. */
static void check_client_conditions(struct walk *walk, const struct json *where, const struct use *use)
{
    const struct json *all = is_a(where, "BoolExpr");
    bool and = hg_slice_is(json_text(all, "boolop"), "AND_EXPR");
    for (size_t i = 0; and&&!use->view->rows && i < json_count(all, "args"); i++) {
        const struct json *one = json_item(all, "args", i);
        const struct json *test = is_a(one, "NullTest");
        const struct json *choice = is_a(test ? json_at(test, "arg") : one, "CaseExpr");
        const struct json *when = is_a(json_item(choice, "args", 0), "CaseWhen");
        if (when && json_count(choice, "args") == 1 &&
            implies_own(walk, json_at(when, "expr"), use->alias, use->view->table->tenant_column))
            check_use(walk, use, json_at(when, "result"), false);
        else if (!implies_own(walk, one, use->alias, use->view->table->tenant_column))
            check_use(walk, use, one, false);
    }
}

static void check_write(struct walk *walk, const struct json *write, bool insert, const struct frame *outer)
{
    static const char *const done[] = {"relation", "withClause", "fromClause", "usingClause", NULL};
    static const char *const lists[] = {"fromClause", "usingClause"};
    const struct json *relation = json_at(write, "relation");
    const struct hg_table_view *view = view_of(walk, relation);
    struct frame frame = check_with(walk, write, outer);
    if (json_text(relation, "catalogname").len || !json_text(relation, "schemaname").len || !view ||
        !view->readable || !view->writable || view->table->shared)
        wrong(walk, "relation %.*s is written", HG_SLICE_FMT(json_text(relation, "relname")));
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < json_count(write, lists[k]); i++)
            check_from(walk, json_item(write, lists[k], i), NULL, &frame);
    check_members(walk, write, done, &frame);
    if (walk->why)
        return;
    if (!insert)
        check_assignments(walk, write, view);
    if (walk->checked->catalog)
        return;
    const struct use use = use_of(walk, view, name_of(relation));
    if (insert)
        check_insert(walk, write, &use);
    else if (!implies_own(walk, json_at(write, "whereClause"), use.alias, view->table->tenant_column))
        wrong(walk, "relation %.*s is written without its predicate", HG_SLICE_FMT(use.alias));
    else if (!has_rows(walk, view, json_at(write, "whereClause")))
        wrong(walk, "relation %.*s is written without the role's condition on its rows",
              HG_SLICE_FMT(use.alias));
    check_use(walk, &use, json_at(write, "returningList"), false);
    check_client_conditions(walk, json_at(write, "whereClause"), &use);
    for (size_t i = 0; !insert && i < json_count(write, "targetList"); i++)
        check_use(walk, &use, json_at(is_a(json_item(write, "targetList", i), "ResTarget"), "val"), false);
}

/* ---- what is called and named ---- */

/* A last `*` stands for anything. */
static bool is_among(struct hg_slice name, const char *const *list)
{
    for (; *list; list++) {
        size_t len = strlen(*list);
        bool open = (*list)[len - 1] == '*';
        if (open ? name.len >= len - 1 && memcmp(name.ptr, *list, len - 1) == 0 : hg_slice_is(name, *list))
            return true;
    }
    return false;
}

static void check_call(struct walk *walk, const struct json *call, const struct json *node)
{
    static const char *const nowhere[] = {"pg_read_*",
                                          "pg_ls_*",
                                          "pg_stat_file",
                                          "lo_*",
                                          "loread",
                                          "lowrite",
                                          "query_to_xml*",
                                          "table_to_xml*",
                                          "schema_to_xml*",
                                          "database_to_xml*",
                                          "cursor_to_xml*",
                                          "dblink*",
                                          "crosstab*",
                                          "ts_stat",
                                          "ts_rewrite",
                                          "set_config",
                                          "pg_terminate_backend",
                                          "pg_cancel_backend",
                                          "pg_reload_conf",
                                          "pg_rotate_logfile",
                                          "setval",
                                          "nextval",
                                          "currval",
                                          "lastval",
                                          "pg_advisory_*",
                                          "pg_try_advisory_*",
                                          "pg_notify",
                                          "pg_logical_*",
                                          "pg_create_*",
                                          "pg_drop_*",
                                          "pg_export_snapshot",
                                          "pg_switch_wal",
                                          "pg_promote",
                                          "pg_backup_*",
                                          "pg_import_*",
                                          "pg_start_backup",
                                          "pg_stop_backup",
                                          "pg_replication_*",
                                          "pg_show_all_file_settings",
                                          "pg_hba_file_rules",
                                          NULL};
    static const char *const no_data[] = {"current_setting",
                                          "current_database",
                                          "current_schema",
                                          "current_schemas",
                                          "txid_*",
                                          "pg_current_*",
                                          "pg_relation_*",
                                          "pg_table_size",
                                          "pg_indexes_size",
                                          "pg_total_relation_size",
                                          "pg_database_size",
                                          "inet_server_*",
                                          "inet_client_*",
                                          "pg_get_*",
                                          "to_reg*",
                                          "has_*_privilege",
                                          "obj_description",
                                          "col_description",
                                          "pg_stat_*",
                                          "pg_backend_pid",
                                          "pg_postmaster_start_time",
                                          "pg_conf_load_time",
                                          "version",
                                          "row_security_active",
                                          "pg_my_temp_schema",
                                          "pg_listening_channels",
                                          "pg_blocking_pids",
                                          "pg_lock_status",
                                          "pg_xact_*",
                                          NULL};
    size_t parts = json_count(call, "funcname");
    struct hg_slice schema = parts > 1 ? string_at(call, "funcname", 0) : HG_LIT("pg_catalog");
    struct hg_slice name = string_at(call, "funcname", parts - 1);
    bool data = !walk->checked->catalog;
    if (parts > 2 ||
        (!hg_slice_is(schema, "pg_catalog") && (data || !hg_slice_is(schema, "information_schema"))))
        wrong(walk, "function %.*s.%.*s", HG_SLICE_FMT(schema), HG_SLICE_FMT(name));
    if (is_among(name, nowhere) || (data && is_among(name, no_data) && !always_fails(node)))
        wrong(walk, "function %.*s", HG_SLICE_FMT(name));
}

static void check_type(struct walk *walk, const struct json *type)
{
    static const char *const no_data[] = {
        "regclass",     "regproc",      "regprocedure", "regoper", "regoperator", "regtype", "regrole",
        "regnamespace", "regcollation", "aclitem",      "xid",     "xid8",        NULL};
    size_t parts = json_count(type, "names");
    struct hg_slice schema = parts > 1 ? string_at(type, "names", 0) : HG_LIT("pg_catalog");
    struct hg_slice name = string_at(type, "names", parts - 1);
    bool system = hg_slice_is(schema, "pg_catalog") || hg_slice_is(schema, "information_schema");
    if (!system && !hg_snapshot_type(walk->checked->snapshot, schema, name))
        wrong(walk, "type %.*s.%.*s", HG_SLICE_FMT(schema), HG_SLICE_FMT(name));
    if (system && !walk->checked->catalog && is_among(name, no_data))
        wrong(walk, "type %.*s", HG_SLICE_FMT(name));
}

static void check_value_function(struct walk *walk, const struct json *function)
{
    struct hg_slice op = json_text(function, "op");
    static const char *const identity[] = {
        "SVFOP_CURRENT_ROLE",    "SVFOP_CURRENT_USER",   "SVFOP_USER", "SVFOP_SESSION_USER",
        "SVFOP_CURRENT_CATALOG", "SVFOP_CURRENT_SCHEMA", NULL};
    if (!walk->checked->catalog && is_among(op, identity))
        wrong(walk, "%.*s", HG_SLICE_FMT(op));
}

/* One member of an object, by its name. */
static void check_named(struct walk *walk, struct hg_slice name, const struct json *value,
                        const struct json *node, const struct frame *frame)
{
    if (hg_slice_is(name, "SelectStmt")) {
        check_select(walk, value, frame);
    } else if (hg_slice_is(name, "InsertStmt")) {
        check_write(walk, value, true, frame);
    } else if (hg_slice_is(name, "UpdateStmt") || hg_slice_is(name, "DeleteStmt")) {
        check_write(walk, value, false, frame);
    } else if (hg_slice_is(name, "RangeVar")) {
        check_relation(walk, value, NULL, frame);
    } else {
        if (hg_slice_is(name, "FuncCall"))
            check_call(walk, value, node);
        else if (hg_slice_is(name, "TypeName") || hg_slice_is(name, "typeName"))
            check_type(walk, value);
        else if (hg_slice_is(name, "SQLValueFunction"))
            check_value_function(walk, value);
        else if (name.len > 4 && memcmp(name.ptr + name.len - 4, "Stmt", 4) == 0 && name.ptr[0] <= 'Z')
            wrong(walk, "a %.*s inside of a statement", HG_SLICE_FMT(name));
        else if (hg_slice_is(name, "CurrentOfExpr") || hg_slice_is(name, "RangeTableFunc"))
            wrong(walk, "%.*s", HG_SLICE_FMT(name));
        check_node(walk, value, frame);
    }
}

static void check_node(struct walk *walk, const struct json *node, const struct frame *frame)
{
    for (size_t i = 0; node && i < node->count && !walk->why; i++) {
        if (node->kind == JSON_OBJECT)
            check_named(walk, node->names[i], &node->items[i], node, frame);
        else
            check_node(walk, &node->items[i], frame);
    }
}

/* ---- statements ---- */

static void check_copy(struct walk *walk, const struct json *copy)
{
    const struct json *relation = json_at(copy, "relation"), *from = json_at(copy, "is_from");
    const struct hg_table_view *view = relation ? view_of(walk, relation) : NULL;
    size_t tenant = 0;
    if (json_text(copy, "filename").len || json_at(copy, "is_program"))
        wrong(walk, "COPY with a file");
    if (!relation) {
        check_node(walk, json_at(copy, "query"), NULL);
        return;
    }
    for (size_t i = 0; i < json_count(copy, "attlist"); i++) {
        struct hg_slice name = string_at(copy, "attlist", i);
        tenant += view && hg_slice_equal(name, view->table->tenant_column);
        if (view && !is_shown(view, name) && !hg_slice_equal(name, view->table->tenant_column))
            wrong(walk, "column %.*s is copied", HG_SLICE_FMT(name));
    }
    if (!from || walk->checked->catalog || !view || !view->writable || view->table->shared || view->rows ||
        tenant != 1)
        wrong(walk, "COPY of a table");
}

static void check_explain(struct walk *walk, const struct json *explain)
{
    if (!walk->checked->catalog)
        wrong(walk, "EXPLAIN over data");
    for (size_t i = 0; i < json_count(explain, "options"); i++)
        if (hg_slice_is(json_text(is_a(json_item(explain, "options", i), "DefElem"), "defname"), "analyze"))
            wrong(walk, "EXPLAIN ANALYZE");
    check_node(walk, json_at(explain, "query"), NULL);
}

static void check_statement(struct walk *walk, const struct json *statement)
{
    static const char *const queries[] = {"SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", NULL};
    static const char *const harmless[] = {"FetchStmt", "ClosePortalStmt", NULL};
    struct hg_slice kind = statement && statement->count == 1 ? statement->names[0] : HG_LIT("");
    if (is_among(kind, queries))
        check_node(walk, statement, NULL);
    else if (hg_slice_is(kind, "CopyStmt"))
        check_copy(walk, &statement->items[0]);
    else if (hg_slice_is(kind, "ExplainStmt"))
        check_explain(walk, &statement->items[0]);
    else if (hg_slice_is(kind, "DeclareCursorStmt"))
        check_node(walk, json_at(&statement->items[0], "query"), NULL);
    else if (hg_slice_is(kind, "ExecuteStmt"))
        check_node(walk, json_at(&statement->items[0], "params"), NULL);
    else if (!is_among(kind, harmless))
        wrong(walk, "a statement of kind %.*s", HG_SLICE_FMT(kind));
}

const char *check_sent(const struct checked *checked, struct hg_slice sql, struct hg_arena *arena)
{
    struct walk walk = {checked, arena, NULL};
    const struct json *tree = parse(&walk, sql);
    if (!tree && !walk.why)
        wrong(&walk, "its tree cannot be read");
    else if (json_count(tree, "stmts") != 1)
        wrong(&walk, "%zu statements", json_count(tree, "stmts"));
    else
        check_statement(&walk, json_at(json_item(tree, "stmts", 0), "stmt"));
    return walk.why;
}
