/* `rows:` of a role: for a table, a condition beside the tenant's, such as `region = {user.region}`.
 *
 * {user.x} and {tenant.x} stand for attributes. Outside of quotes each becomes a parameter, `$n` for the n-th
 * attribute that the role speaks of, in as many characters as were written, so that what the parser says
 * about a place is true of the text; what comes out must be one expression (policy_mask.c) over columns of
 * the table, and boolean as far as can be told. That it calls nothing but what reads its arguments, the floor
 * above checks: it has the list.
 *
 * How an attribute is used tells whether it must be one value or a list, so that a user with the other kind
 * is found while loading, and not by an error in each of his statements. */
#include <stdarg.h>
#include <stdio.h>

#include "policy.h"
#include "reflect.h"

#define ATTRIBUTES_MOST 100 /* that one role speaks of */

struct rows {
    struct hg_policy *policy;
    struct hg_role *role;
    const struct hg_table *table;
    const struct hg_yaml *node;
    size_t parameters;
    bool arrays; /* it compares with the elements of one */
    bool good;
};

static void complain(struct rows *rows, const char *hint, const char *format, ...) HG_PRINTF(3, 4);

static void complain(struct rows *rows, const char *hint, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct hg_slice message = hg_arena_vprintf(&rows->policy->load->scratch, format, args);
    va_end(args);
    rows->good = false;
    hg_load_error(rows->policy->load, rows->node->place, hint, "%s", message.ptr);
}

/* ---- attributes ---- */

/* The number of the attribute among those that the role speaks of, from 1; 0 after an error. */
static unsigned number_of(struct rows *rows, bool of_tenant, struct hg_slice name)
{
    struct hg_arena *arena = rows->policy->load->arena;
    struct hg_role *role = rows->role;
    for (size_t i = 0; i < role->nattributes; i++)
        if (role->attributes[i].of_tenant == of_tenant && hg_slice_equal(role->attributes[i].name, name))
            return (unsigned)i + 1;
    if (role->nattributes == ATTRIBUTES_MOST) {
        complain(rows, NULL, "role \"%.*s\" speaks of too many attributes", HG_SHORT(role->name));
        return 0;
    }
    if (!role->attributes)
        role->attributes = HG_NEW_ARRAY(arena, struct hg_attribute, ATTRIBUTES_MOST);
    role->attributes[role->nattributes++] = (struct hg_attribute){
        .of_tenant = of_tenant, .name = hg_arena_slice(arena, name), .place = rows->node->place};
    return (unsigned)role->nattributes;
}

/* `{user.name}` at the front of the text; its length, or 0. */
static size_t take_attribute(struct hg_slice text, bool *of_tenant, struct hg_slice *name)
{
    static const char *const owners[] = {"{user.", "{tenant."};
    for (int i = 0; i < 2; i++) {
        size_t at = strlen(owners[i]);
        if (text.len <= at || memcmp(text.ptr, owners[i], at) != 0)
            continue;
        const char *end = memchr(text.ptr + at, '}', text.len - at);
        *of_tenant = i == 1;
        *name = hg_slice_of(text.ptr + at, end ? (size_t)(end - text.ptr) - at : 0);
        return end && name->len ? (size_t)(end - text.ptr) + 1 : 0;
    }
    return 0;
}

/* Replaces the attribute at `at`; how long it is, 0 after an error. */
static size_t replace_attribute(struct rows *rows, char *text, size_t len, size_t at)
{
    bool of_tenant;
    struct hg_slice name;
    char parameter[16];
    size_t length = take_attribute(hg_slice_of(text + at, len - at), &of_tenant, &name);
    if (!length) {
        complain(rows, "for example region = {user.region}",
                 "what stands in braces must be {user.name} or {tenant.name}, not \"%.*s\"",
                 HG_SHORT(hg_slice_of(text + at, len - at)));
        return 0;
    }
    unsigned number = number_of(rows, of_tenant, name);
    if (!number)
        return 0;
    snprintf(parameter, sizeof parameter, "$%u", number);
    memset(text + at, ' ', length);
    memcpy(text + at, parameter, strlen(parameter));
    rows->parameters++;
    return length;
}

/* Makes parameters of all attributes outside of quotes. */
static bool replace_attributes(struct rows *rows, char *text, size_t len)
{
    char quote = 0;
    for (size_t at = 0; at < len;) {
        size_t taken = 1;
        if (!quote && (text[at] == '\'' || text[at] == '"'))
            quote = text[at];
        else if (text[at] == quote)
            quote = 0;
        else if (!quote && text[at] == '{' && !(taken = replace_attribute(rows, text, len, at)))
            return false;
        at += taken;
    }
    return true;
}

/* ---- the expression ---- */

static const struct hg_column *column_of(const struct rows *rows, const PgQuery__Node *node)
{
    if (!node || node->node_case != PG_QUERY__NODE__NODE_COLUMN_REF || node->column_ref->n_fields != 1)
        return NULL;
    int at = hg_table_column(rows->table, hg_schema_string(node->column_ref->fields[0]));
    return at < 0 ? NULL : &rows->table->columns[at];
}

static void check_column(struct rows *rows, const PgQuery__ColumnRef *column)
{
    PgQuery__Node node = PG_QUERY__NODE__INIT;
    node.node_case = PG_QUERY__NODE__NODE_COLUMN_REF;
    node.column_ref = (PgQuery__ColumnRef *)column;
    if (rows->table->columns && !column_of(rows, &node))
        complain(rows, "write it bare, as it stands in the schema",
                 "the condition names something else than a column of the table: \"%.*s\"",
                 HG_SHORT(hg_schema_string(column->fields[column->n_fields - 1])));
}

static bool is_name_of(struct hg_slice name, const char *const *names)
{
    for (; *names; names++)
        if (hg_slice_is(name, *names))
            return true;
    return false;
}

static struct hg_slice operator_of(const PgQuery__AExpr *expression)
{
    return expression->n_name ? hg_schema_string(expression->name[expression->n_name - 1]) : HG_LIT("");
}

/* The attribute behind casts. */
static struct hg_attribute *attribute_of(struct rows *rows, const PgQuery__Node *node)
{
    while (node && node->node_case == PG_QUERY__NODE__NODE_TYPE_CAST)
        node = node->type_cast->arg;
    if (!node || node->node_case != PG_QUERY__NODE__NODE_PARAM_REF || node->param_ref->number < 1 ||
        (size_t)node->param_ref->number > rows->role->nattributes)
        return NULL;
    return &rows->role->attributes[node->param_ref->number - 1];
}

static void use(struct hg_attribute *attribute, bool list)
{
    if (attribute && list)
        attribute->needs_list = true;
    else if (attribute)
        attribute->needs_one = true;
}

/* Compared with a column that is no array, a value is one value. */
static void use_compared(struct rows *rows, const PgQuery__Node *left, const PgQuery__Node *right)
{
    static const char *const array_types[] = {"int2vector", "oidvector", NULL};
    const struct hg_column *column = column_of(rows, left);
    if (column && !column->type.array && hg_slice_is(column->type.schema, "pg_catalog") &&
        !is_name_of(column->type.name, array_types))
        use(attribute_of(rows, right), false);
}

static void note_use(struct rows *rows, const PgQuery__AExpr *expression)
{
    static const char *const comparisons[] = {"=", "<>", "<", "<=", ">", ">=", NULL};
    switch (expression->kind) {
    case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY:
    case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ALL:
        use(attribute_of(rows, expression->rexpr), true);
        rows->arrays = true;
        break;
    case PG_QUERY__A__EXPR__KIND__AEXPR_IN:
        for (size_t i = 0; expression->rexpr && expression->rexpr->node_case == PG_QUERY__NODE__NODE_LIST &&
                           i < expression->rexpr->list->n_items;
             i++)
            use_compared(rows, expression->lexpr, expression->rexpr->list->items[i]);
        break;
    case PG_QUERY__A__EXPR__KIND__AEXPR_OP:
        if (!is_name_of(operator_of(expression), comparisons))
            break;
        use_compared(rows, expression->lexpr, expression->rexpr);
        use_compared(rows, expression->rexpr, expression->lexpr);
        break;
    default:
        break;
    }
}

static void check_constant(struct rows *rows, const PgQuery__AConst *constant)
{
    if (constant->val_case == PG_QUERY__A__CONST__VAL_SVAL &&
        (strstr(constant->sval->sval, "{user.") || strstr(constant->sval->sval, "{tenant.")))
        complain(rows, "leave the quotes out: it becomes a literal by itself",
                 "an attribute stands in quotes: '%.*s'", HG_SHORT(hg_slice_cstr(constant->sval->sval)));
}

static enum hg_walk check_message(ProtobufCMessage *message, ProtobufCMessage *parent,
                                  const ProtobufCFieldDescriptor *field, void *argument)
{
    struct rows *rows = argument;
    (void)parent;
    (void)field;
    if (message->descriptor == &pg_query__column_ref__descriptor)
        check_column(rows, (const PgQuery__ColumnRef *)message);
    else if (message->descriptor == &pg_query__a__const__descriptor)
        check_constant(rows, (const PgQuery__AConst *)message);
    else if (message->descriptor == &pg_query__param_ref__descriptor)
        rows->parameters--;
    else if (message->descriptor == &pg_query__a__expr__descriptor)
        note_use(rows, (const PgQuery__AExpr *)message);
    else if (message->descriptor == &pg_query__type_cast__descriptor)
        use(attribute_of(rows, ((const PgQuery__TypeCast *)message)->arg),
            ((const PgQuery__TypeCast *)message)->type_name->n_array_bounds != 0);
    return HG_WALK_INTO;
}

/* False for what is known to be no truth value. */
static bool may_be_boolean(const struct rows *rows, const PgQuery__Node *node)
{
    static const char *const others[] = {"+", "-", "*",  "/",   "%",  "^",   "||", "|",
                                         "&", "#", "->", "->>", "#>", "#>>", "#-", NULL};
    const struct hg_column *column = column_of(rows, node);
    switch (node->node_case) {
    case PG_QUERY__NODE__NODE_COLUMN_REF:
        return !column || (!column->type.array && (hg_slice_is(column->type.name, "bool") ||
                                                   !hg_slice_is(column->type.schema, "pg_catalog")));
    case PG_QUERY__NODE__NODE_A_CONST:
        return node->a_const->val_case == PG_QUERY__A__CONST__VAL_BOOLVAL;
    case PG_QUERY__NODE__NODE_A_EXPR:
        return node->a_expr->kind != PG_QUERY__A__EXPR__KIND__AEXPR_NULLIF &&
               !(node->a_expr->kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP &&
                 is_name_of(operator_of(node->a_expr), others));
    case PG_QUERY__NODE__NODE_TYPE_CAST: {
        const PgQuery__TypeName *type = node->type_cast->type_name;
        return !type->n_array_bounds && type->n_names &&
               hg_slice_is(hg_schema_string(type->names[type->n_names - 1]), "bool");
    }
    case PG_QUERY__NODE__NODE_BOOL_EXPR:
        for (size_t i = 0; i < node->bool_expr->n_args; i++)
            if (!may_be_boolean(rows, node->bool_expr->args[i]))
                return false;
        return true;
    case PG_QUERY__NODE__NODE_NULL_TEST:
    case PG_QUERY__NODE__NODE_BOOLEAN_TEST:
    case PG_QUERY__NODE__NODE_FUNC_CALL:
    case PG_QUERY__NODE__NODE_CASE_EXPR:
    case PG_QUERY__NODE__NODE_COALESCE_EXPR:
    case PG_QUERY__NODE__NODE_SUB_LINK: /* which the floor above refuses by name */
        return true;
    default:
        return false;
    }
}

static bool check_condition(struct rows *rows, PgQuery__Node *condition)
{
    if (!hg_tree_walk(&condition->base, HG_TREE_DEPTH_MOST, check_message, rows))
        complain(rows, NULL, "the condition is too deeply nested");
    if (rows->good && rows->parameters)
        complain(rows, "write {user.name} outside of quotes and comments, and no $1",
                 "not every attribute of the condition can be told");
    if (rows->good && !may_be_boolean(rows, condition))
        complain(rows, "for example region = {user.region}", "the condition is neither true nor false");
    return rows->good;
}

/* ---- one table ---- */

/* Redshift knows ANY and ALL of sub-selects only. */
static void warn_of_arrays(struct rows *rows)
{
    const struct hg_config *config = rows->policy->snapshot->config;
    for (size_t i = 0; rows->arrays && config && i < config->nbackends; i++)
        if ((rows->table->backends >> i & 1) && config->backends[i].dialect == HG_DIALECT_REDSHIFT) {
            hg_load_warning(
                rows->policy->load, rows->node->place, "compare with single values",
                "this condition is for backend \"%s\", too, and Redshift has no arrays to compare "
                "with",
                config->backends[i].name);
            return;
        }
}

static void read_condition(struct rows *rows, struct hg_table_view *view)
{
    struct hg_load *load = rows->policy->load;
    struct hg_slice sql;
    if (!hg_load_scalar(load, rows->node, "a condition of \"rows\"", &sql))
        return;
    struct hg_slice text = hg_arena_slice(&load->scratch, sql);
    if (!replace_attributes(rows, (char *)text.ptr, text.len))
        return;
    PgQuery__Node *condition = hg_policy_expression(rows->policy, rows->node, text, "the condition");
    if (!condition || !check_condition(rows, condition))
        return;
    view->rows_sql = hg_arena_slice(load->arena, sql);
    view->rows_place = rows->node->place;
    view->rows = condition;
    warn_of_arrays(rows);
}

static struct hg_table_view *find_view(struct hg_policy *policy, struct hg_role *role,
                                       const struct hg_yaml *entry)
{
    struct hg_load *load = policy->load;
    struct hg_slice names[2];
    const struct hg_table *table = hg_load_split(load, entry->key, names, 2)
                                       ? hg_snapshot_table(policy->snapshot, names[0], names[1])
                                       : NULL;
    if (!table) {
        hg_load_error(load, entry->key_place, hg_policy_nearest_table(policy, entry->key),
                      "there is no table \"%.*s\" in the policy", HG_SHORT(entry->key));
        return NULL;
    }
    struct hg_table_view *view = &role->views[table->index];
    if (!view->readable && !view->writable)
        hg_load_warning(load, entry->key_place, NULL,
                        "role \"%.*s\" cannot read this table, so that the condition has no effect",
                        HG_SHORT(role->name));
    return view;
}

void hg_policy_rows(struct hg_policy *policy, struct hg_role *role, const struct hg_yaml *map)
{
    if (!map || !hg_load_map(policy->load, map, "\"rows\""))
        return;
    for (const struct hg_yaml *entry = map->first; entry; entry = entry->next) {
        struct hg_table_view *view = find_view(policy, role, entry);
        if (!view)
            continue;
        struct rows rows = {
            .policy = policy, .role = role, .table = view->table, .node = entry, .good = true};
        if (view->rows)
            hg_load_error(policy->load, entry->key_place, NULL, "table \"%.*s\" stands twice",
                          HG_SHORT(entry->key));
        read_condition(&rows, view);
    }
}
