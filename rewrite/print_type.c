/* Type names.
 *
 * The grammar turns `integer` into pg_catalog.int4 and `char(3)` into pg_catalog.bpchar with a modifier; the
 * generic spelling `pg_catalog.int4` gives the same tree, always. It is what is printed unless the tree is
 * exactly what the usual spelling gives: people read what is printed, and both engines do. */
#include "print_internal.h"

/* What may follow the usual spelling. */
enum modifiers { NONE, LENGTH, LENGTH_ALWAYS, LIST, LIST_ALWAYS, PRECISION };

static const struct spelling {
    const char *internal, *usual, *after;
    enum modifiers modifiers;
} spellings[] = {
    {"bit", "bit", "", LIST_ALWAYS},
    {"bool", "boolean", "", NONE},
    {"bpchar", "character", "", LENGTH_ALWAYS},
    {"float4", "real", "", NONE},
    {"float8", "double precision", "", NONE},
    {"int2", "smallint", "", NONE},
    {"int4", "integer", "", NONE},
    {"int8", "bigint", "", NONE},
    {"numeric", "numeric", "", LIST},
    {"time", "time", "", PRECISION},
    {"timestamp", "timestamp", "", PRECISION},
    {"timestamptz", "timestamp", " with time zone", PRECISION},
    {"timetz", "time", " with time zone", PRECISION},
    {"varbit", "bit varying", "", LIST},
    {"varchar", "character varying", "", LENGTH},
};

/* The fields of an interval type, as the grammar packs them into its first modifier. */
static const struct interval_fields {
    int32_t mask;
    const char *text;
} interval_fields[] = {
    {4, "year"},
    {2, "month"},
    {8, "day"},
    {1024, "hour"},
    {2048, "minute"},
    {4096, "second"},
    {6, "year to month"},
    {1032, "day to hour"},
    {3080, "day to minute"},
    {7176, "day to second"},
    {3072, "hour to minute"},
    {7168, "hour to second"},
    {6144, "minute to second"},
};
#define INTERVAL_SECOND 4096
#define INTERVAL_FULL   32767

/* A modifier that is a plain number, or -1. */
static int32_t plain_number(const PgQuery__Node *node)
{
    bool plain = node && node->node_case == PG_QUERY__NODE__NODE_A_CONST &&
                 node->a_const->val_case == PG_QUERY__A__CONST__VAL_IVAL && node->a_const->ival->ival >= 0;
    return plain ? node->a_const->ival->ival : -1;
}

static bool fits(const struct spelling *spelling, const PgQuery__TypeName *type)
{
    size_t count = type->n_typmods;
    bool one_number = count == 1 && plain_number(type->typmods[0]) >= 0;
    switch (spelling->modifiers) {
    case NONE:
        return count == 0;
    case LENGTH:
    case PRECISION:
        return count == 0 || one_number;
    case LENGTH_ALWAYS:
        return one_number;
    case LIST:
        return true;
    case LIST_ALWAYS:
        return count > 0;
    }
    return false;
}

static void put_modifiers(struct hg_printer *p, const PgQuery__TypeName *type)
{
    if (type->n_typmods == 0)
        return;
    hg_put(p, "(");
    hg_put_expressions(p, type->n_typmods, type->typmods);
    hg_put(p, ")");
}

static void put_precision(struct hg_printer *p, const PgQuery__Node *number)
{
    hg_put(p, "(");
    hg_put_expression(p, number);
    hg_put(p, ")");
}

static const char *interval_fields_of(int32_t mask)
{
    for (size_t i = 0; i < sizeof interval_fields / sizeof *interval_fields; i++)
        if (interval_fields[i].mask == mask)
            return interval_fields[i].text;
    return NULL;
}

/* False when only the generic spelling gives this tree. */
static bool put_interval(struct hg_printer *p, const PgQuery__TypeName *type)
{
    size_t count = type->n_typmods;
    int32_t mask = count ? plain_number(type->typmods[0]) : 0;
    bool precise = count == 2 && plain_number(type->typmods[1]) >= 0;
    const char *fields = interval_fields_of(mask);
    if (count == 0) {
        hg_put(p, "interval");
    } else if (precise && mask == INTERVAL_FULL) {
        hg_put(p, "interval");
        put_precision(p, type->typmods[1]);
    } else if (fields && (count == 1 || (precise && (mask & INTERVAL_SECOND)))) {
        hg_put(p, "interval ");
        hg_put_mark(p, type->typmods[0]->a_const->location);
        hg_put(p, fields);
        if (precise)
            put_precision(p, type->typmods[1]);
    } else {
        return false;
    }
    return true;
}

static bool put_usual(struct hg_printer *p, const PgQuery__TypeName *type)
{
    if (type->n_names != 2 || strcmp(hg_put_string_of(p, type->names[0]), "pg_catalog") != 0)
        return false;
    const char *name = hg_put_string_of(p, type->names[1]);
    if (strcmp(name, "interval") == 0)
        return put_interval(p, type);
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        const struct spelling *spelling = &spellings[i];
        if (strcmp(name, spelling->internal) != 0 || !fits(spelling, type))
            continue;
        hg_put(p, spelling->usual);
        put_modifiers(p, type);
        hg_put(p, spelling->after);
        return true;
    }
    return false;
}

static void check_type(struct hg_printer *p, const PgQuery__TypeName *type)
{
    if (type->setof)
        hg_put_refuse(p, "SETOF is not supported here");
    if (type->pct_type)
        hg_put_refuse(p, "%%TYPE is not supported here");
    if (type->type_oid != 0 || type->typemod != -1)
        hg_put_refuse(p, "a type given by number is not supported");
}

void hg_put_type(struct hg_printer *p, const PgQuery__TypeName *type)
{
    check_type(p, type);
    hg_put_mark(p, type->location);
    if (!put_usual(p, type)) {
        hg_put_dotted(p, type->n_names, type->names);
        put_modifiers(p, type);
    }
    for (size_t i = 0; i < type->n_array_bounds; i++) {
        const PgQuery__Node *bound = type->array_bounds[i];
        if (!bound || bound->node_case != PG_QUERY__NODE__NODE_INTEGER)
            hg_put_refuse_node(p, bound);
        else if (bound->integer->ival == -1)
            hg_put(p, "[]");
        else
            hg_write_format(&p->out, "[%d]", bound->integer->ival);
    }
}

void hg_put_typed_constant(struct hg_printer *p, const PgQuery__TypeCast *cast)
{
    const PgQuery__TypeName *type = cast->type_name;
    bool literal = cast->arg && cast->arg->node_case == PG_QUERY__NODE__NODE_A_CONST &&
                   cast->arg->a_const->val_case == PG_QUERY__A__CONST__VAL_SVAL;
    if (!literal || !type || type->n_array_bounds) {
        hg_put_refuse(p, "this constant is not supported here");
        return;
    }
    check_type(p, type);
    hg_put_mark(p, type->location);
    hg_put_dotted(p, type->n_names, type->names);
    put_modifiers(p, type);
    hg_put(p, " ");
    hg_put_constant(p, cast->arg->a_const);
}
