/* Expressions of columns, printed from the tree: defaults, what a column is generated from, conditions of
 * CHECK.
 *
 * The catalog database only shows them (`\d`). What is printed may name nothing but columns, PostgreSQL's own
 * operators and the functions listed here, all of which the catalog's PostgreSQL knows and which do no harm;
 * what is more is left out rather than shown in part. Every operation stands in brackets of its own:
 * PostgreSQL parses the text again, and shows it in its own form. */
#include <stdlib.h>

#include "ddl.h"
#include "schema.h"

#define DEPTH_MOST   64
#define COLUMNS_MOST 100

struct printer {
    const struct hg_schema_reader *reader;
    enum hg_schema_scope scope;
    struct hg_slice table; /* whose columns may be named */
    struct hg_bytes out;
    struct hg_slice columns[COLUMNS_MOST]; /* those that were named */
    size_t ncolumns;
    int depth;
};

static bool write_expression(struct printer *printer, const PgQuery__Node *node);

static bool write_list(struct printer *printer, PgQuery__Node *const *items, size_t count,
                       const char *between)
{
    for (size_t i = 0; i < count; i++) {
        if (i)
            hg_write_text(&printer->out, between);
        if (!write_expression(printer, items[i]))
            return false;
    }
    return true;
}

/* An expression between two texts. */
static bool write_between(struct printer *printer, const char *before, const PgQuery__Node *node,
                          const char *after)
{
    hg_write_text(&printer->out, before);
    if (!write_expression(printer, node))
        return false;
    hg_write_text(&printer->out, after);
    return true;
}

/* ---- leaves ---- */

static bool write_constant(const PgQuery__AConst *constant, struct hg_bytes *out)
{
    if (constant->isnull) {
        hg_write_text(out, "NULL");
        return true;
    }
    switch (constant->val_case) {
    case PG_QUERY__A__CONST__VAL_IVAL:
        hg_write_format(out, "%d", constant->ival->ival);
        return true;
    case PG_QUERY__A__CONST__VAL_FVAL:
        hg_write_text(out, constant->fval->fval);
        return strspn(constant->fval->fval, "0123456789.eE+-") == strlen(constant->fval->fval);
    case PG_QUERY__A__CONST__VAL_BOOLVAL:
        hg_write_text(out, constant->boolval->boolval ? "true" : "false");
        return true;
    case PG_QUERY__A__CONST__VAL_SVAL:
        hg_ddl_literal(out, hg_slice_cstr(constant->sval->sval));
        return true;
    default:
        return false;
    }
}

static bool write_current(const PgQuery__SQLValueFunction *function, struct hg_bytes *out)
{
    switch (function->op) {
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_DATE:
        hg_write_text(out, "CURRENT_DATE");
        return true;
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME:
        hg_write_text(out, "CURRENT_TIME");
        return true;
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP:
        hg_write_text(out, "CURRENT_TIMESTAMP");
        return true;
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP:
        hg_write_text(out, "LOCALTIMESTAMP");
        return true;
    default:
        return false;
    }
}

static bool write_cast(struct printer *printer, const PgQuery__TypeCast *cast)
{
    struct hg_type type;
    if (!hg_schema_type(printer->reader, cast->type_name, &type) ||
        !write_between(printer, "CAST(", cast->arg, " AS "))
        return false;
    hg_write_format(&printer->out, "%.*s)", HG_SLICE_FMT(type.text));
    return true;
}

static bool keep_column(struct printer *printer, struct hg_slice name)
{
    for (size_t i = 0; i < printer->ncolumns; i++)
        if (hg_slice_equal(printer->columns[i], name))
            return true;
    if (printer->ncolumns == COLUMNS_MOST)
        return false;
    printer->columns[printer->ncolumns++] = hg_arena_slice(printer->reader->load->arena, name);
    return true;
}

/* A column of the table, by its name alone or behind the table's; or what a domain calls VALUE. */
static bool write_column(struct printer *printer, const PgQuery__ColumnRef *column)
{
    bool bare = column->n_fields == 1,
         ours = column->n_fields == 2 && hg_slice_equal(hg_schema_string(column->fields[0]), printer->table);
    struct hg_slice name =
        bare || ours ? hg_schema_string(column->fields[column->n_fields - 1]) : (struct hg_slice){0};
    if (printer->scope == HG_SCHEMA_SCOPE_DOMAIN && bare && hg_slice_is(name, "value")) {
        hg_write_text(&printer->out, "VALUE");
        return true;
    }
    if (printer->scope != HG_SCHEMA_SCOPE_TABLE || !name.len || !keep_column(printer, name))
        return false;
    hg_ddl_name(&printer->out, name);
    return true;
}

/* ---- functions ---- */

/* Sorted. All are PostgreSQL's own; of those that tell the time, resolving defaults knows
 * (has_timed_default()). */
static const char *const functions[] = {"abs",
                                        "array_append",
                                        "array_cat",
                                        "array_length",
                                        "array_lower",
                                        "array_ndims",
                                        "array_position",
                                        "array_remove",
                                        "array_to_string",
                                        "array_upper",
                                        "ascii",
                                        "bit_length",
                                        "btrim",
                                        "cardinality",
                                        "ceil",
                                        "ceiling",
                                        "char_length",
                                        "character_length",
                                        "chr",
                                        "clock_timestamp",
                                        "concat",
                                        "concat_ws",
                                        "date_part",
                                        "date_trunc",
                                        "daterange",
                                        "decode",
                                        "div",
                                        "encode",
                                        "exp",
                                        "family",
                                        "floor",
                                        "gcd",
                                        "gen_random_uuid",
                                        "host",
                                        "initcap",
                                        "int4range",
                                        "int8range",
                                        "isempty",
                                        "isfinite",
                                        "json_array_length",
                                        "json_extract_path",
                                        "json_extract_path_text",
                                        "json_typeof",
                                        "jsonb_array_length",
                                        "jsonb_build_array",
                                        "jsonb_build_object",
                                        "jsonb_extract_path",
                                        "jsonb_extract_path_text",
                                        "jsonb_strip_nulls",
                                        "jsonb_typeof",
                                        "justify_days",
                                        "justify_hours",
                                        "justify_interval",
                                        "lcm",
                                        "left",
                                        "length",
                                        "ln",
                                        "log",
                                        "lower",
                                        "lower_inc",
                                        "lower_inf",
                                        "lpad",
                                        "ltrim",
                                        "make_date",
                                        "make_interval",
                                        "make_time",
                                        "make_timestamp",
                                        "masklen",
                                        "md5",
                                        "mod",
                                        "network",
                                        "now",
                                        "num_nonnulls",
                                        "num_nulls",
                                        "numrange",
                                        "octet_length",
                                        "power",
                                        "random",
                                        "regexp_count",
                                        "regexp_like",
                                        "regexp_match",
                                        "regexp_replace",
                                        "regexp_substr",
                                        "repeat",
                                        "replace",
                                        "reverse",
                                        "right",
                                        "round",
                                        "rpad",
                                        "rtrim",
                                        "setweight",
                                        "sha224",
                                        "sha256",
                                        "sha384",
                                        "sha512",
                                        "sign",
                                        "split_part",
                                        "sqrt",
                                        "starts_with",
                                        "statement_timestamp",
                                        "string_to_array",
                                        "strpos",
                                        "substr",
                                        "substring",
                                        "timezone",
                                        "to_char",
                                        "to_date",
                                        "to_json",
                                        "to_jsonb",
                                        "to_number",
                                        "to_tsvector",
                                        "transaction_timestamp",
                                        "translate",
                                        "trunc",
                                        "tsrange",
                                        "tstzrange",
                                        "upper",
                                        "upper_inc",
                                        "upper_inf",
                                        "width_bucket"};

static int compare_name(const void *key, const void *row)
{
    const struct hg_slice *name = key;
    const char *other = *(const char *const *)row;
    size_t len = strlen(other);
    int order = memcmp(name->ptr, other, name->len < len ? name->len : len);
    return order ? order : (name->len > len) - (name->len < len);
}

static bool is_plain_function(struct hg_slice name)
{
    return bsearch(&name, functions, sizeof functions / sizeof functions[0], sizeof functions[0],
                   compare_name) != NULL;
}

/* What SQL writes with words between the arguments, and PostgreSQL shows so again. The digits are arguments.
 */
static const struct {
    const char *name;
    size_t count;
    const char *form;
} worded[] = {
    {"extract", 2, "EXTRACT(0 FROM 1)"},
    {"timezone", 2, "(1 AT TIME ZONE 0)"},
    {"position", 2, "POSITION(1 IN 0)"},
    {"substring", 2, "SUBSTRING(0 FROM 1)"},
    {"substring", 3, "SUBSTRING(0 FROM 1 FOR 2)"},
    {"overlay", 3, "OVERLAY(0 PLACING 1 FROM 2)"},
    {"overlay", 4, "OVERLAY(0 PLACING 1 FROM 2 FOR 3)"},
    {"btrim", 1, "TRIM(BOTH FROM 0)"},
    {"btrim", 2, "TRIM(BOTH 1 FROM 0)"},
    {"ltrim", 1, "TRIM(LEADING FROM 0)"},
    {"ltrim", 2, "TRIM(LEADING 1 FROM 0)"},
    {"rtrim", 1, "TRIM(TRAILING FROM 0)"},
    {"rtrim", 2, "TRIM(TRAILING 1 FROM 0)"},
};

static bool write_worded(struct printer *printer, const PgQuery__FuncCall *call, struct hg_slice name)
{
    const char *form = NULL;
    for (size_t i = 0; i < sizeof worded / sizeof worded[0]; i++)
        if (worded[i].count == call->n_args && hg_slice_is(name, worded[i].name))
            form = worded[i].form;
    for (const char *at = form; at && *at; at++) {
        if (*at < '0' || *at > '9')
            hg_write_u8(&printer->out, (uint8_t)*at);
        else if (!write_expression(printer, call->args[*at - '0']))
            return false;
    }
    return form != NULL;
}

static bool write_call(struct printer *printer, const PgQuery__FuncCall *call)
{
    bool ours = call->n_funcname == 1 ||
                (call->n_funcname == 2 && hg_slice_is(hg_schema_string(call->funcname[0]), "pg_catalog"));
    if (!ours || call->n_agg_order || call->agg_filter || call->over || call->agg_within_group ||
        call->agg_star || call->agg_distinct || call->func_variadic)
        return false;
    struct hg_slice name = hg_schema_string(call->funcname[call->n_funcname - 1]);
    if (call->funcformat == PG_QUERY__COERCION_FORM__COERCE_SQL_SYNTAX)
        return write_worded(printer, call, name);
    if (!is_plain_function(name))
        return false;
    hg_write_format(&printer->out, "pg_catalog.%.*s(", HG_SLICE_FMT(name));
    if (!write_list(printer, call->args, call->n_args, ", "))
        return false;
    hg_write_u8(&printer->out, ')');
    return true;
}

/* ---- operators ---- */

/* The operator's name; NULL when it is of another schema than PostgreSQL's own. */
static const char *operator_of(const PgQuery__AExpr *expr)
{
    bool ours = expr->n_name == 1 ||
                (expr->n_name == 2 && hg_slice_is(hg_schema_string(expr->name[0]), "pg_catalog"));
    const char *name = ours && expr->name[expr->n_name - 1]->node_case == PG_QUERY__NODE__NODE_STRING
                           ? expr->name[expr->n_name - 1]->string->sval
                           : "";
    return *name && strspn(name, "+-*/<>=~!@#%^&|`?") == strlen(name) ? name : NULL;
}

static bool write_operation(struct printer *printer, const PgQuery__AExpr *expr, const char *before_right,
                            const char *after)
{
    const char *name = operator_of(expr);
    if (!name)
        return false;
    hg_write_u8(&printer->out, '(');
    if (expr->lexpr && !write_between(printer, "", expr->lexpr, " "))
        return false;
    hg_write_text(&printer->out, name);
    return write_between(printer, before_right, expr->rexpr, after);
}

static bool write_words(struct printer *printer, const PgQuery__AExpr *expr, const char *words)
{
    return write_between(printer, "(", expr->lexpr, words) && write_between(printer, "", expr->rexpr, ")");
}

static bool is_negated(const PgQuery__AExpr *expr)
{
    const char *name = operator_of(expr);
    return name && (*name == '!' || strcmp(name, "<>") == 0);
}

/* `IN (…)` and `BETWEEN … AND …`, whose right side is a list. */
static bool write_listed(struct printer *printer, const PgQuery__AExpr *expr, const char *words,
                         const char *between, const char *after)
{
    if (!expr->rexpr || expr->rexpr->node_case != PG_QUERY__NODE__NODE_LIST ||
        !write_between(printer, "(", expr->lexpr, words) ||
        !write_list(printer, expr->rexpr->list->items, expr->rexpr->list->n_items, between))
        return false;
    hg_write_text(&printer->out, after);
    return true;
}

/* The parser has made a call of the pattern. */
static bool write_similar(struct printer *printer, const PgQuery__AExpr *expr)
{
    const PgQuery__FuncCall *call = expr->rexpr && expr->rexpr->node_case == PG_QUERY__NODE__NODE_FUNC_CALL
                                        ? expr->rexpr->func_call
                                        : NULL;
    return call && call->n_args == 1 &&
           write_between(printer, "(", expr->lexpr, is_negated(expr) ? " NOT SIMILAR TO " : " SIMILAR TO ") &&
           write_between(printer, "", call->args[0], ")");
}

static bool write_operator(struct printer *printer, const PgQuery__AExpr *expr)
{
    switch (expr->kind) {
    case PG_QUERY__A__EXPR__KIND__AEXPR_OP:
        return write_operation(printer, expr, " ", ")");
    case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY:
        return write_operation(printer, expr, " ANY (", "))");
    case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ALL:
        return write_operation(printer, expr, " ALL (", "))");
    case PG_QUERY__A__EXPR__KIND__AEXPR_DISTINCT:
        return write_words(printer, expr, " IS DISTINCT FROM ");
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_DISTINCT:
        return write_words(printer, expr, " IS NOT DISTINCT FROM ");
    case PG_QUERY__A__EXPR__KIND__AEXPR_NULLIF:
        return write_between(printer, "NULLIF(", expr->lexpr, ", ") &&
               write_between(printer, "", expr->rexpr, ")");
    case PG_QUERY__A__EXPR__KIND__AEXPR_IN:
        return write_listed(printer, expr, is_negated(expr) ? " NOT IN (" : " IN (", ", ", "))");
    case PG_QUERY__A__EXPR__KIND__AEXPR_LIKE:
        return write_words(printer, expr, is_negated(expr) ? " NOT LIKE " : " LIKE ");
    case PG_QUERY__A__EXPR__KIND__AEXPR_ILIKE:
        return write_words(printer, expr, is_negated(expr) ? " NOT ILIKE " : " ILIKE ");
    case PG_QUERY__A__EXPR__KIND__AEXPR_SIMILAR:
        return write_similar(printer, expr);
    case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN:
        return write_listed(printer, expr, " BETWEEN ", " AND ", ")");
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN:
        return write_listed(printer, expr, " NOT BETWEEN ", " AND ", ")");
    case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN_SYM:
        return write_listed(printer, expr, " BETWEEN SYMMETRIC ", " AND ", ")");
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN_SYM:
        return write_listed(printer, expr, " NOT BETWEEN SYMMETRIC ", " AND ", ")");
    default:
        return false;
    }
}

static bool write_logic(struct printer *printer, const PgQuery__BoolExpr *expr)
{
    bool not = expr->boolop == PG_QUERY__BOOL_EXPR_TYPE__NOT_EXPR;
    hg_write_text(&printer->out, not ? "(NOT " : "(");
    if (!write_list(printer, expr->args, expr->n_args,
                    expr->boolop == PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR ? " AND " : " OR "))
        return false;
    hg_write_u8(&printer->out, ')');
    return true;
}

static bool write_truth(struct printer *printer, const PgQuery__BooleanTest *test)
{
    static const char *const words[] = {[PG_QUERY__BOOL_TEST_TYPE__IS_TRUE] = " IS TRUE)",
                                        [PG_QUERY__BOOL_TEST_TYPE__IS_NOT_TRUE] = " IS NOT TRUE)",
                                        [PG_QUERY__BOOL_TEST_TYPE__IS_FALSE] = " IS FALSE)",
                                        [PG_QUERY__BOOL_TEST_TYPE__IS_NOT_FALSE] = " IS NOT FALSE)",
                                        [PG_QUERY__BOOL_TEST_TYPE__IS_UNKNOWN] = " IS UNKNOWN)",
                                        [PG_QUERY__BOOL_TEST_TYPE__IS_NOT_UNKNOWN] = " IS NOT UNKNOWN)"};
    size_t at = (size_t)test->booltesttype;
    return at < sizeof words / sizeof words[0] && words[at] &&
           write_between(printer, "(", test->arg, words[at]);
}

/* ---- forms of several arguments ---- */

static bool write_named(struct printer *printer, const char *name, PgQuery__Node *const *items, size_t count,
                        char end)
{
    hg_write_text(&printer->out, name);
    if (!write_list(printer, items, count, ", "))
        return false;
    hg_write_u8(&printer->out, (uint8_t)end);
    return true;
}

static bool write_case(struct printer *printer, const PgQuery__CaseExpr *expr)
{
    hg_write_text(&printer->out, "(CASE");
    if (expr->arg && !write_between(printer, " ", expr->arg, ""))
        return false;
    for (size_t i = 0; i < expr->n_args; i++) {
        const PgQuery__CaseWhen *when =
            expr->args[i]->node_case == PG_QUERY__NODE__NODE_CASE_WHEN ? expr->args[i]->case_when : NULL;
        if (!when || !write_between(printer, " WHEN ", when->expr, " THEN ") ||
            !write_expression(printer, when->result))
            return false;
    }
    if (expr->defresult && !write_between(printer, " ELSE ", expr->defresult, ""))
        return false;
    hg_write_text(&printer->out, " END)");
    return true;
}

/* Elements of arrays. */
static bool write_subscripts(struct printer *printer, const PgQuery__AIndirection *expr)
{
    if (!write_between(printer, "(", expr->arg, ")"))
        return false;
    for (size_t i = 0; i < expr->n_indirection; i++) {
        const PgQuery__Node *one = expr->indirection[i];
        if (one->node_case != PG_QUERY__NODE__NODE_A_INDICES || one->a_indices->is_slice ||
            !write_between(printer, "[", one->a_indices->uidx, "]"))
            return false;
    }
    return true;
}

static bool write_form(struct printer *printer, const PgQuery__Node *node)
{
    switch (node->node_case) {
    case PG_QUERY__NODE__NODE_A_CONST:
        return write_constant(node->a_const, &printer->out);
    case PG_QUERY__NODE__NODE_TYPE_CAST:
        return write_cast(printer, node->type_cast);
    case PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION:
        return write_current(node->sqlvalue_function, &printer->out);
    case PG_QUERY__NODE__NODE_FUNC_CALL:
        return write_call(printer, node->func_call);
    case PG_QUERY__NODE__NODE_A_ARRAY_EXPR:
        return write_named(printer, "ARRAY[", node->a_array_expr->elements, node->a_array_expr->n_elements,
                           ']');
    case PG_QUERY__NODE__NODE_COLUMN_REF:
        return write_column(printer, node->column_ref);
    case PG_QUERY__NODE__NODE_A_EXPR:
        return write_operator(printer, node->a_expr);
    case PG_QUERY__NODE__NODE_BOOL_EXPR:
        return write_logic(printer, node->bool_expr);
    case PG_QUERY__NODE__NODE_NULL_TEST:
        return write_between(printer, "(", node->null_test->arg,
                             node->null_test->nulltesttype == PG_QUERY__NULL_TEST_TYPE__IS_NULL
                                 ? " IS NULL)"
                                 : " IS NOT NULL)");
    case PG_QUERY__NODE__NODE_BOOLEAN_TEST:
        return write_truth(printer, node->boolean_test);
    case PG_QUERY__NODE__NODE_COALESCE_EXPR:
        return write_named(printer, "COALESCE(", node->coalesce_expr->args, node->coalesce_expr->n_args, ')');
    case PG_QUERY__NODE__NODE_MIN_MAX_EXPR:
        return write_named(printer,
                           node->min_max_expr->op == PG_QUERY__MIN_MAX_OP__IS_LEAST ? "LEAST(" : "GREATEST(",
                           node->min_max_expr->args, node->min_max_expr->n_args, ')');
    case PG_QUERY__NODE__NODE_CASE_EXPR:
        return write_case(printer, node->case_expr);
    case PG_QUERY__NODE__NODE_A_INDIRECTION:
        return write_subscripts(printer, node->a_indirection);
    default:
        return false;
    }
}

static bool write_expression(struct printer *printer, const PgQuery__Node *node)
{
    if (!node || printer->depth == DEPTH_MOST)
        return false;
    printer->depth++;
    bool written = write_form(printer, node);
    printer->depth--;
    return written;
}

/* ---- for the other files ---- */

bool hg_schema_expression(const struct hg_schema_reader *reader, const PgQuery__Node *node,
                          enum hg_schema_scope scope, struct hg_slice table,
                          struct hg_schema_expression *expression)
{
    struct hg_arena *arena = reader->load->arena;
    struct printer printer = {.reader = reader, .scope = scope, .table = table};
    *expression = (struct hg_schema_expression){0};
    hg_bytes_init(&printer.out, 0);
    bool simple = write_expression(&printer, node);
    if (simple) {
        expression->sql = hg_arena_slice(arena, hg_bytes_slice(&printer.out));
        expression->columns = HG_NEW_ARRAY(arena, struct hg_slice, printer.ncolumns + 1);
        expression->ncolumns = printer.ncolumns;
        memcpy(expression->columns, printer.columns, printer.ncolumns * sizeof printer.columns[0]);
    }
    hg_bytes_free(&printer.out);
    return simple;
}

bool hg_schema_default(const struct hg_schema_reader *reader, const PgQuery__Node *node, struct hg_slice *sql)
{
    struct hg_schema_expression expression;
    bool simple =
        hg_schema_expression(reader, node, HG_SCHEMA_SCOPE_NOTHING, (struct hg_slice){0}, &expression);
    *sql = expression.sql;
    return simple;
}
