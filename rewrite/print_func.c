/* Calls: ordinary ones with all that may follow them, windows, and those that SQL gives a syntax of their
 * own.
 *
 * For `EXTRACT(day FROM x)` the grammar delivers a call of pg_catalog.extract that is marked as SQL syntax,
 * with its arguments rearranged; a table below says how each is spelled. The mark is part of the tree, so the
 * plain call would be another tree, and on other engines another function. */
#include "print_internal.h"

/* SQL syntax. Each form prints from the name on; arguments were counted. */

static void put_timezone(struct hg_printer *p, const PgQuery__FuncCall *call)
{
    hg_put_operand(p, call->args[1]);
    hg_put(p, " ");
    hg_put_mark(p, call->location);
    hg_put(p, "AT TIME ZONE ");
    hg_put_operand(p, call->args[0]);
}

static void put_overlaps(struct hg_printer *p, const PgQuery__FuncCall *call)
{
    hg_put(p, "(");
    hg_put_expressions(p, 2, call->args);
    hg_put(p, ") ");
    hg_put_mark(p, call->location);
    hg_put(p, "OVERLAPS (");
    hg_put_expressions(p, 2, call->args + 2);
    hg_put(p, ")");
}

/* The normal form's name, which the grammar delivers as a string. */
static void put_normal_form(struct hg_printer *p, const PgQuery__Node *node)
{
    static const char *const forms[] = {"NFC", "NFD", "NFKC", "NFKD"};
    bool literal = node->node_case == PG_QUERY__NODE__NODE_A_CONST &&
                   node->a_const->val_case == PG_QUERY__A__CONST__VAL_SVAL;
    for (size_t i = 0; literal && i < sizeof forms / sizeof *forms; i++) {
        if (strcmp(node->a_const->sval->sval, forms[i]) == 0) {
            hg_put_mark(p, node->a_const->location);
            hg_put(p, forms[i]);
            return;
        }
    }
    hg_put_refuse(p, "this Unicode normal form is not supported");
}

static void put_is_normalized(struct hg_printer *p, const PgQuery__FuncCall *call)
{
    hg_put_operand(p, call->args[0]);
    hg_put(p, " ");
    hg_put_mark(p, call->location);
    hg_put(p, "IS ");
    if (call->n_args == 2) {
        put_normal_form(p, call->args[1]);
        hg_put(p, " ");
    }
    hg_put(p, "NORMALIZED");
}

static void put_normalize(struct hg_printer *p, const PgQuery__FuncCall *call)
{
    hg_put(p, "NORMALIZE(");
    hg_put_expression(p, call->args[0]);
    if (call->n_args == 2) {
        hg_put(p, ", ");
        put_normal_form(p, call->args[1]);
    }
    hg_put(p, ")");
}

static void put_collation_for(struct hg_printer *p, const PgQuery__FuncCall *call)
{
    hg_put(p, "COLLATION FOR (");
    hg_put_expression(p, call->args[0]);
    hg_put(p, ")");
}

/* The field's name comes as a string; those that both engines take as words are printed as such. */
static void put_extract(struct hg_printer *p, const PgQuery__FuncCall *call)
{
    static const char *const words[] = {
        "century", "day",     "decade", "dow",          "doy",           "epoch",           "hour",
        "isodow",  "isoyear", "julian", "microseconds", "millennium",    "milliseconds",    "minute",
        "month",   "quarter", "second", "timezone",     "timezone_hour", "timezone_minute", "week",
        "year",
    };
    const PgQuery__Node *field = call->args[0];
    if (field->node_case != PG_QUERY__NODE__NODE_A_CONST ||
        field->a_const->val_case != PG_QUERY__A__CONST__VAL_SVAL) {
        hg_put_refuse_node(p, field);
        return;
    }
    const char *word = NULL;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i], field->a_const->sval->sval) == 0)
            word = words[i];
    hg_put(p, "EXTRACT(");
    if (word) {
        hg_put_mark(p, field->a_const->location);
        hg_put(p, word);
    } else {
        hg_put_constant(p, field->a_const);
    }
    hg_put(p, " FROM ");
    hg_put_expression(p, call->args[1]);
    hg_put(p, ")");
}

/* `NAME(a K1 b K2 c …)`. */
static void put_worded(struct hg_printer *p, const PgQuery__FuncCall *call, const char *const *words)
{
    for (size_t i = 0; i < call->n_args; i++) {
        hg_put(p, words[i]);
        hg_put_operand(p, call->args[i]);
    }
    hg_put(p, ")");
}

static void put_overlay(struct hg_printer *p, const PgQuery__FuncCall *call)
{
    put_worded(p, call, (const char *const[]){"OVERLAY(", " PLACING ", " FROM ", " FOR "});
}

static void put_substring(struct hg_printer *p, const PgQuery__FuncCall *call)
{
    put_worded(p, call, (const char *const[]){"SUBSTRING(", " FROM ", " FOR "});
}

static void put_position(struct hg_printer *p, const PgQuery__FuncCall *call)
{
    hg_put(p, "POSITION(");
    hg_put_operand(p, call->args[1]);
    hg_put(p, " IN ");
    hg_put_operand(p, call->args[0]);
    hg_put(p, ")");
}

/* With two arguments the characters to trim are the second. */
static void put_trim(struct hg_printer *p, const PgQuery__FuncCall *call, const char *side)
{
    hg_put(p, side);
    if (call->n_args == 2) {
        hg_put_operand(p, call->args[1]);
        hg_put(p, " FROM ");
        hg_put_operand(p, call->args[0]);
    } else {
        hg_put_expressions(p, call->n_args, call->args);
    }
    hg_put(p, ")");
}

static void put_btrim(struct hg_printer *p, const PgQuery__FuncCall *call)
{
    put_trim(p, call, "TRIM(BOTH ");
}
static void put_ltrim(struct hg_printer *p, const PgQuery__FuncCall *call)
{
    put_trim(p, call, "TRIM(LEADING ");
}
static void put_rtrim(struct hg_printer *p, const PgQuery__FuncCall *call)
{
    put_trim(p, call, "TRIM(TRAILING ");
}

static void put_xmlexists(struct hg_printer *p, const PgQuery__FuncCall *call)
{
    hg_put(p, "XMLEXISTS(");
    hg_put_primary(p, call->args[0]);
    hg_put(p, " PASSING (");
    hg_put_expression(p, call->args[1]);
    hg_put(p, "))");
}

static const struct sql_form {
    const char *name;
    size_t least, most; /* arguments */
    bool infix;
    void (*put)(struct hg_printer *p, const PgQuery__FuncCall *call);
} sql_forms[] = {
    {"btrim", 1, SIZE_MAX, false, put_btrim},
    {"extract", 2, 2, false, put_extract},
    {"is_normalized", 1, 2, true, put_is_normalized},
    {"ltrim", 1, SIZE_MAX, false, put_ltrim},
    {"normalize", 1, 2, false, put_normalize},
    {"overlaps", 4, 4, true, put_overlaps},
    {"overlay", 3, 4, false, put_overlay},
    {"pg_collation_for", 1, 1, false, put_collation_for},
    {"position", 2, 2, false, put_position},
    {"rtrim", 1, SIZE_MAX, false, put_rtrim},
    {"substring", 2, 3, false, put_substring},
    {"timezone", 2, 2, true, put_timezone},
    {"xmlexists", 2, 2, false, put_xmlexists},
};

static bool is_text(const PgQuery__Node *node, const char *text)
{
    return node->node_case == PG_QUERY__NODE__NODE_STRING && strcmp(node->string->sval, text) == 0;
}

/* NULL for an ordinary call, and for SQL syntax that is not known. */
static const struct sql_form *sql_form_of(const PgQuery__FuncCall *call)
{
    if (call->funcformat != PG_QUERY__COERCION_FORM__COERCE_SQL_SYNTAX || call->n_funcname != 2 ||
        !is_text(call->funcname[0], "pg_catalog"))
        return NULL;
    for (size_t i = 0; i < sizeof sql_forms / sizeof *sql_forms; i++)
        if (is_text(call->funcname[1], sql_forms[i].name))
            return &sql_forms[i];
    return NULL;
}

bool hg_is_infix_call(const PgQuery__FuncCall *call)
{
    const struct sql_form *form = sql_form_of(call);
    return form && form->infix;
}

static void put_sql_form(struct hg_printer *p, const PgQuery__FuncCall *call)
{
    const struct sql_form *form = sql_form_of(call);
    bool decorated = call->n_agg_order || call->agg_filter || call->over || call->agg_within_group ||
                     call->agg_star || call->agg_distinct || call->func_variadic;
    if (!form || decorated || call->n_args < form->least || call->n_args > form->most) {
        hg_put_refuse(p, "this call in SQL syntax is not supported");
        return;
    }
    if (!form->infix)
        hg_put_mark(p, call->location);
    form->put(p, call);
}

/* Ordinary calls. */

static void put_argument(struct hg_printer *p, const PgQuery__Node *node)
{
    if (node && node->node_case == PG_QUERY__NODE__NODE_NAMED_ARG_EXPR) {
        hg_put_mark(p, node->named_arg_expr->location);
        hg_put_name(p, node->named_arg_expr->name);
        hg_put(p, " => ");
        node = node->named_arg_expr->arg;
    }
    hg_put_expression(p, node);
}

static void put_arguments(struct hg_printer *p, const PgQuery__FuncCall *call)
{
    if (call->agg_star) {
        if (call->n_args || call->agg_distinct || call->func_variadic)
            hg_put_refuse(p, "arguments beside * are not supported");
        hg_put(p, "*");
        return;
    }
    if (call->n_args == 0 && (call->agg_distinct || call->func_variadic))
        hg_put_refuse(p, "this call without arguments is not supported");
    if (call->agg_distinct)
        hg_put(p, "DISTINCT ");
    for (size_t i = 0; i < call->n_args && !p->failed; i++) {
        if (i)
            hg_put(p, ", ");
        if (call->func_variadic && i + 1 == call->n_args)
            hg_put(p, "VARIADIC ");
        put_argument(p, call->args[i]);
    }
}

static void put_over(struct hg_printer *p, const PgQuery__WindowDef *window)
{
    hg_put(p, " OVER ");
    if (*window->name) {
        if (*window->refname || window->n_partition_clause || window->n_order_clause)
            hg_put_refuse(p, "this form of window is not supported");
        hg_put_mark(p, window->location);
        hg_put_name(p, window->name);
    } else {
        hg_put_window(p, window);
    }
}

void hg_put_call(struct hg_printer *p, const PgQuery__FuncCall *call)
{
    if (call->funcformat == PG_QUERY__COERCION_FORM__COERCE_SQL_SYNTAX) {
        put_sql_form(p, call);
        return;
    }
    if (call->funcformat != PG_QUERY__COERCION_FORM__COERCE_EXPLICIT_CALL)
        hg_put_refuse(p, "a call of kind %d is not supported", (int)call->funcformat);
    hg_put_mark(p, call->location);
    hg_put_dotted(p, call->n_funcname, call->funcname);
    hg_put(p, "(");
    put_arguments(p, call);
    if (call->n_agg_order && !call->agg_within_group) {
        hg_put(p, " ");
        hg_put_order(p, call->n_agg_order, call->agg_order);
    }
    hg_put(p, ")");
    if (call->agg_within_group) {
        hg_put(p, " WITHIN GROUP (");
        hg_put_order(p, call->n_agg_order, call->agg_order);
        hg_put(p, ")");
    }
    if (call->agg_filter) {
        hg_put(p, " FILTER (WHERE ");
        hg_put_expression(p, call->agg_filter);
        hg_put(p, ")");
    }
    if (call->over)
        put_over(p, call->over);
}

/* Windows. The bits of a frame are those of PostgreSQL's parsenodes.h. */

enum {
    FRAME_NONDEFAULT = 0x1,
    FRAME_RANGE = 0x2,
    FRAME_ROWS = 0x4,
    FRAME_GROUPS = 0x8,
    FRAME_BETWEEN = 0x10,
    FRAME_START_UNBOUNDED_PRECEDING = 0x20,
    FRAME_END_UNBOUNDED_FOLLOWING = 0x100,
    FRAME_START_CURRENT_ROW = 0x200,
    FRAME_END_CURRENT_ROW = 0x400,
    FRAME_START_OFFSET_PRECEDING = 0x800,
    FRAME_END_OFFSET_PRECEDING = 0x1000,
    FRAME_START_OFFSET_FOLLOWING = 0x2000,
    FRAME_END_OFFSET_FOLLOWING = 0x4000,
    FRAME_EXCLUDE_CURRENT_ROW = 0x8000,
    FRAME_EXCLUDE_GROUP = 0x10000,
    FRAME_EXCLUDE_TIES = 0x20000,

    FRAME_MODES = FRAME_RANGE | FRAME_ROWS | FRAME_GROUPS,
    FRAME_STARTS = FRAME_START_UNBOUNDED_PRECEDING | FRAME_START_CURRENT_ROW | FRAME_START_OFFSET_PRECEDING |
                   FRAME_START_OFFSET_FOLLOWING,
    FRAME_ENDS = FRAME_END_UNBOUNDED_FOLLOWING | FRAME_END_CURRENT_ROW | FRAME_END_OFFSET_PRECEDING |
                 FRAME_END_OFFSET_FOLLOWING,
    FRAME_EXCLUSIONS = FRAME_EXCLUDE_CURRENT_ROW | FRAME_EXCLUDE_GROUP | FRAME_EXCLUDE_TIES,
    FRAME_DEFAULT = FRAME_RANGE | FRAME_START_UNBOUNDED_PRECEDING | FRAME_END_CURRENT_ROW,
};

/* Exactly one of each group is set; a bit that is not known falls through to the fault. */
static const struct frame_word {
    int32_t bit;
    const char *text;
    bool offset;
} frame_words[] = {
    {FRAME_RANGE, "RANGE", false},
    {FRAME_ROWS, "ROWS", false},
    {FRAME_GROUPS, "GROUPS", false},
    {FRAME_START_UNBOUNDED_PRECEDING, "UNBOUNDED PRECEDING", false},
    {FRAME_START_CURRENT_ROW, "CURRENT ROW", false},
    {FRAME_START_OFFSET_PRECEDING, "PRECEDING", true},
    {FRAME_START_OFFSET_FOLLOWING, "FOLLOWING", true},
    {FRAME_END_UNBOUNDED_FOLLOWING, "UNBOUNDED FOLLOWING", false},
    {FRAME_END_CURRENT_ROW, "CURRENT ROW", false},
    {FRAME_END_OFFSET_PRECEDING, "PRECEDING", true},
    {FRAME_END_OFFSET_FOLLOWING, "FOLLOWING", true},
    {FRAME_EXCLUDE_CURRENT_ROW, "EXCLUDE CURRENT ROW", false},
    {FRAME_EXCLUDE_GROUP, "EXCLUDE GROUP", false},
    {FRAME_EXCLUDE_TIES, "EXCLUDE TIES", false},
};

static void put_frame_word(struct hg_printer *p, int32_t bit, const PgQuery__Node *offset)
{
    for (size_t i = 0; i < sizeof frame_words / sizeof *frame_words; i++) {
        const struct frame_word *word = &frame_words[i];
        if (word->bit != bit)
            continue;
        if (word->offset != (offset != NULL))
            break;
        if (offset) {
            hg_put_operand(p, offset);
            hg_put(p, " ");
        }
        hg_put(p, word->text);
        return;
    }
    hg_put_refuse(p, "this window frame is not supported");
}

static void put_frame(struct hg_printer *p, const PgQuery__WindowDef *window)
{
    int32_t options = window->frame_options;
    if (options &
        ~(FRAME_NONDEFAULT | FRAME_MODES | FRAME_BETWEEN | FRAME_STARTS | FRAME_ENDS | FRAME_EXCLUSIONS))
        hg_put_refuse(p, "this window frame is not supported");
    put_frame_word(p, options & FRAME_MODES, NULL);
    if (options & FRAME_BETWEEN) {
        hg_put(p, " BETWEEN ");
        put_frame_word(p, options & FRAME_STARTS, window->start_offset);
        hg_put(p, " AND ");
        put_frame_word(p, options & FRAME_ENDS, window->end_offset);
    } else {
        hg_put(p, " ");
        put_frame_word(p, options & FRAME_STARTS, window->start_offset);
        if ((options & FRAME_ENDS) != FRAME_END_CURRENT_ROW || window->end_offset)
            hg_put_refuse(p, "this window frame is not supported");
    }
    if (options & FRAME_EXCLUSIONS) {
        hg_put(p, " ");
        put_frame_word(p, options & FRAME_EXCLUSIONS, NULL);
    }
}

void hg_put_window(struct hg_printer *p, const PgQuery__WindowDef *window)
{
    const char *between = "";
    hg_put_mark(p, window->location);
    hg_put(p, "(");
    if (*window->refname) {
        hg_put_name(p, window->refname);
        between = " ";
    }
    if (window->n_partition_clause) {
        hg_put(p, between);
        hg_put(p, "PARTITION BY ");
        hg_put_expressions(p, window->n_partition_clause, window->partition_clause);
        between = " ";
    }
    if (window->n_order_clause) {
        hg_put(p, between);
        hg_put_order(p, window->n_order_clause, window->order_clause);
        between = " ";
    }
    if (window->frame_options & FRAME_NONDEFAULT) {
        hg_put(p, between);
        put_frame(p, window);
    } else if (window->frame_options != FRAME_DEFAULT || window->start_offset || window->end_offset) {
        hg_put_refuse(p, "this window frame is not supported");
    }
    hg_put(p, ")");
}
