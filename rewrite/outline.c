/* See outline.h. The scanner knows next to nothing of SQL: whether what it finds is a constant is seen in the
 * tree. What it does not know how to find is not cut out, which costs nothing but time. */
#include "outline.h"

#include "reflect.h"

#define MOST_DIGITS  10u /* of a number that fits into an integer */
#define MOST_QUOTED  40u
#define MOST_NESTING 100u /* of AND, OR, NOT */

/* What stands for a literal in a skeleton; a text that holds such bytes has no outline. */
#define NUMBER '\x01'
#define QUOTED '\x02'

/* ---- the scanner ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* What would make one token of it and the number beside it. */
static bool sticks(char c)
{
    return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' || c == '$' || c == '.' ||
           (c & 0x80) != 0;
}

/* The whole number at `at`, as it would be printed, of an integer's size: its length, or 0. */
static size_t number_length(struct hg_slice text, size_t at)
{
    size_t len = 0;
    int64_t value = 0;

    while (len <= MOST_DIGITS && at + len < text.len && is_digit(text.ptr[at + len]))
        value = value * 10 + (text.ptr[at + len++] - '0');
    bool alone =
        (at == 0 || !sticks(text.ptr[at - 1])) && (at + len == text.len || !sticks(text.ptr[at + len]));
    return alone && value <= INT32_MAX && (len == 1 || text.ptr[at] != '0') ? len : 0;
}

/* Dates, times and numbers in quotes: length with the quotes, or 0. */
static size_t quoted_length(struct hg_slice text, size_t at)
{
    size_t end = at + 1;

    while (end < text.len && end - at <= MOST_QUOTED &&
           (is_digit(text.ptr[end]) || (text.ptr[end] && strchr("-:. +TZ", text.ptr[end]))))
        end++;
    bool begins = end > at + 1 && is_digit(text.ptr[at + 1]);
    return begins && end < text.len && text.ptr[end] == '\'' ? end + 1 - at : 0;
}

static size_t literal_length(struct hg_slice text, size_t at)
{
    if (is_digit(text.ptr[at]))
        return number_length(text, at);
    return text.ptr[at] == '\'' ? quoted_length(text, at) : 0;
}

static void find_literals(struct hg_outline *outline)
{
    struct hg_slice text = outline->text;

    for (size_t at = 0; at < text.len && outline->count < HG_MOST_LITERALS;) {
        size_t len = literal_length(text, at);
        if (len)
            outline->literals[outline->count++] = hg_slice_of(text.ptr + at, len);
        at += len ? len : 1;
    }
}

static bool has_marks(struct hg_slice text)
{
    return memchr(text.ptr, NUMBER, text.len) || memchr(text.ptr, QUOTED, text.len);
}

void hg_outline_make(struct hg_outline *outline, struct hg_slice text, struct hg_arena *arena)
{
    *outline = (struct hg_outline){.text = text, .skeleton = text};
    if (text.len == 0 || has_marks(text))
        return;
    find_literals(outline);
    if (outline->count == 0)
        return;
    char *skeleton = hg_arena_alloc(arena, text.len);
    const char *from = text.ptr;
    size_t len = 0;
    for (size_t i = 0; i < outline->count; i++) {
        struct hg_slice literal = outline->literals[i];
        memcpy(skeleton + len, from, (size_t)(literal.ptr - from));
        len += (size_t)(literal.ptr - from);
        skeleton[len++] = literal.ptr[0] == '\'' ? QUOTED : NUMBER;
        from = literal.ptr + literal.len;
    }
    size_t rest = text.len - (size_t)(from - text.ptr);
    memcpy(skeleton + len, from, rest);
    outline->skeleton = hg_slice_of(skeleton, len + rest);
}

static size_t place_of(const struct hg_outline *outline, size_t i)
{
    return (size_t)(outline->literals[i].ptr - outline->text.ptr);
}

size_t hg_outline_to_skeleton(const struct hg_outline *outline, size_t at)
{
    size_t cut = 0;

    for (size_t i = 0; i < outline->count && place_of(outline, i) < at; i++)
        cut += outline->literals[i].len - 1;
    return at - cut;
}

size_t hg_outline_to_text(const struct hg_outline *outline, size_t at)
{
    for (size_t i = 0; i < outline->count && place_of(outline, i) < at; i++)
        at += outline->literals[i].len - 1;
    return at;
}

/* ---- which are free ---- */

static bool is_value_of(const PgQuery__AConst *constant, struct hg_slice literal)
{
    if (literal.ptr[0] == '\'')
        return constant->val_case == PG_QUERY__A__CONST__VAL_SVAL &&
               hg_slice_is(hg_slice_of(literal.ptr + 1, literal.len - 2), constant->sval->sval);
    int64_t value = 0;
    for (size_t i = 0; i < literal.len; i++)
        value = value * 10 + (literal.ptr[i] - '0');
    return constant->val_case == PG_QUERY__A__CONST__VAL_IVAL && constant->ival->ival == value;
}

static int literal_of(const struct hg_outline *outline, const PgQuery__AConst *constant)
{
    for (size_t i = 0; i < outline->count && constant->location >= 0 && !constant->isnull; i++)
        if (place_of(outline, i) == (size_t)constant->location)
            return is_value_of(constant, outline->literals[i]) ? (int)i : -1;
    return -1;
}

int hg_outline_literal_of(const struct hg_outline *outline, const PgQuery__AConst *constant)
{
    int i = outline->free ? literal_of(outline, constant) : -1;

    return i >= 0 && (outline->free >> i & 1) ? i : -1;
}

static bool is_one_of(const PgQuery__Node *name, const char *const *names)
{
    if (!name || name->node_case != PG_QUERY__NODE__NODE_STRING)
        return false;
    while (*names && strcmp(name->string->sval, *names) != 0)
        names++;
    return *names != NULL;
}

/* '…'::date and the like; other types may read more out of a constant than a value. */
static const PgQuery__Node *without_cast(const PgQuery__Node *node)
{
    static const char *const types[] = {"date", "timestamp", "timestamptz", NULL};
    const PgQuery__TypeCast *cast =
        node->node_case == PG_QUERY__NODE__NODE_TYPE_CAST ? node->type_cast : NULL;
    bool known = cast && cast->arg && cast->type_name && cast->type_name->n_names &&
                 is_one_of(cast->type_name->names[cast->type_name->n_names - 1], types);

    return known ? cast->arg : node;
}

static void note(struct hg_outline *outline, const PgQuery__Node *node)
{
    const PgQuery__Node *value = node ? without_cast(node) : NULL;
    int i =
        value && value->node_case == PG_QUERY__NODE__NODE_A_CONST ? literal_of(outline, value->a_const) : -1;

    if (i >= 0)
        outline->free |= UINT32_C(1) << i;
}

static bool is_column(const PgQuery__Node *node)
{
    return node && node->node_case == PG_QUERY__NODE__NODE_COLUMN_REF;
}

static bool is_comparison(const PgQuery__AExpr *expression)
{
    static const char *const names[] = {"=", "<>", "<", "<=", ">", ">=", NULL};

    return expression->n_name == 1 && is_one_of(expression->name[0], names);
}

static void note_operands(struct hg_outline *outline, const PgQuery__AExpr *expression)
{
    const PgQuery__Node *left = expression->lexpr, *right = expression->rexpr;

    switch (expression->kind) {
    case PG_QUERY__A__EXPR__KIND__AEXPR_OP:
        if (is_comparison(expression) && is_column(left))
            note(outline, right);
        else if (is_comparison(expression) && is_column(right))
            note(outline, left);
        break;
    case PG_QUERY__A__EXPR__KIND__AEXPR_IN:
    case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN:
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN:
        if (is_column(left) && right && right->node_case == PG_QUERY__NODE__NODE_LIST)
            for (size_t i = 0; i < right->list->n_items; i++)
                note(outline, right->list->items[i]);
        break;
    default:
        break;
    }
}

static void note_condition(struct hg_outline *outline, const PgQuery__Node *node, unsigned depth)
{
    if (!node || depth > MOST_NESTING)
        return;
    if (node->node_case == PG_QUERY__NODE__NODE_A_EXPR)
        note_operands(outline, node->a_expr);
    if (node->node_case == PG_QUERY__NODE__NODE_BOOL_EXPR)
        for (size_t i = 0; i < node->bool_expr->n_args; i++)
            note_condition(outline, node->bool_expr->args[i], depth + 1);
}

static enum hg_walk find_conditions(ProtobufCMessage *message, ProtobufCMessage *parent,
                                    const ProtobufCFieldDescriptor *field, void *argument)
{
    (void)parent;
    (void)field;
    if (message->descriptor == &pg_query__select_stmt__descriptor)
        note_condition(argument, ((const PgQuery__SelectStmt *)message)->where_clause, 0);
    if (message->descriptor == &pg_query__join_expr__descriptor)
        note_condition(argument, ((const PgQuery__JoinExpr *)message)->quals, 0);
    return HG_WALK_INTO;
}

void hg_outline_find_free(struct hg_outline *outline, PgQuery__Node *query)
{
    outline->free = 0;
    if (outline->count && !hg_tree_walk(hg_node_message(query), HG_TREE_DEPTH_MOST, find_conditions, outline))
        outline->free = 0;
}
