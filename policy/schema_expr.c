/* Defaults of columns, printed from the tree: constants, casts of constants, the current time, new uuids. The
 * catalog database only shows them (`\d`); it never computes one, so what is more is left out rather than
 * printed in full. */
#include "ddl.h"
#include "schema.h"

#define DEPTH_MOST 16

static bool write_expression(const struct hg_schema_reader *reader, const PgQuery__Node *node,
                             struct hg_bytes *out, int depth);

static bool write_list(const struct hg_schema_reader *reader, PgQuery__Node *const *items, size_t count,
                       struct hg_bytes *out, int depth)
{
    for (size_t i = 0; i < count; i++) {
        if (i)
            hg_write_text(out, ", ");
        if (!write_expression(reader, items[i], out, depth))
            return false;
    }
    return true;
}

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

static bool write_cast(const struct hg_schema_reader *reader, const PgQuery__TypeCast *cast,
                       struct hg_bytes *out, int depth)
{
    struct hg_type type;
    if (!hg_schema_type(reader, cast->type_name, &type))
        return false;
    hg_write_text(out, "CAST(");
    if (!write_expression(reader, cast->arg, out, depth))
        return false;
    hg_write_format(out, " AS %.*s)", HG_SLICE_FMT(type.text));
    return true;
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

/* Functions that a default may call; all are PostgreSQL's own, and harmless. */
static bool is_plain_function(struct hg_slice name)
{
    static const char *const names[] = {"now",
                                        "clock_timestamp",
                                        "statement_timestamp",
                                        "transaction_timestamp",
                                        "timezone",
                                        "date_trunc",
                                        "gen_random_uuid",
                                        "random",
                                        "lower",
                                        "upper",
                                        "md5"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (hg_slice_is(name, names[i]))
            return true;
    return false;
}

static bool write_call(const struct hg_schema_reader *reader, const PgQuery__FuncCall *call,
                       struct hg_bytes *out, int depth)
{
    bool ours = call->n_funcname == 1 ||
                (call->n_funcname == 2 && hg_slice_is(hg_schema_string(call->funcname[0]), "pg_catalog"));
    if (!ours || call->n_agg_order || call->agg_filter || call->over || call->agg_within_group ||
        call->agg_star || call->agg_distinct || call->func_variadic)
        return false;
    struct hg_slice name = hg_schema_string(call->funcname[call->n_funcname - 1]);
    if (!is_plain_function(name))
        return false;
    hg_write_format(out, "pg_catalog.%.*s(", HG_SLICE_FMT(name));
    if (!write_list(reader, call->args, call->n_args, out, depth))
        return false;
    hg_write_u8(out, ')');
    return true;
}

static bool write_array(const struct hg_schema_reader *reader, const PgQuery__AArrayExpr *array,
                        struct hg_bytes *out, int depth)
{
    hg_write_text(out, "ARRAY[");
    if (!write_list(reader, array->elements, array->n_elements, out, depth))
        return false;
    hg_write_u8(out, ']');
    return true;
}

static bool write_expression(const struct hg_schema_reader *reader, const PgQuery__Node *node,
                             struct hg_bytes *out, int depth)
{
    if (!node || depth > DEPTH_MOST)
        return false;
    switch (node->node_case) {
    case PG_QUERY__NODE__NODE_A_CONST:
        return write_constant(node->a_const, out);
    case PG_QUERY__NODE__NODE_TYPE_CAST:
        return write_cast(reader, node->type_cast, out, depth + 1);
    case PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION:
        return write_current(node->sqlvalue_function, out);
    case PG_QUERY__NODE__NODE_FUNC_CALL:
        return write_call(reader, node->func_call, out, depth + 1);
    case PG_QUERY__NODE__NODE_A_ARRAY_EXPR:
        return write_array(reader, node->a_array_expr, out, depth + 1);
    default:
        return false;
    }
}

bool hg_schema_default(const struct hg_schema_reader *reader, const PgQuery__Node *node, struct hg_slice *sql)
{
    struct hg_bytes out;
    hg_bytes_init(&out, 0);
    bool simple = write_expression(reader, node, &out, 0);
    *sql = simple ? hg_arena_slice(reader->load->arena, hg_bytes_slice(&out)) : (struct hg_slice){0};
    hg_bytes_free(&out);
    return simple;
}
