/* When did the transaction begin? now(), CURRENT_DATE and the like say so, and all statements of a
 * transaction hear the same. Servers answer for themselves; where several work in one transaction the session
 * asks the one that told first, and its answer is a literal in what is sent from then on: of CURRENT_DATE and
 * its like what PostgreSQL makes of them, a cast of now().
 *
 * 'today'::date and defaults of columns are a server's own affair: they are only noted. */
#include <string.h>
#include <strings.h>

#include "build.h"
#include "resolver.h"

static PgQuery__Node *cast_to(struct hg_resolver *r, PgQuery__Node *value, const char *type,
                              int32_t precision)
{
    PgQuery__Node *cast = hg_build_cast(r->arena, value, hg_slice_cstr(type));
    if (precision < 0)
        return cast;
    PgQuery__TypeName *name = cast->type_cast->type_name;
    name->typmods = HG_NEW_ARRAY(r->arena, PgQuery__Node *, 1);
    name->typmods[0] = hg_build_integer(r->arena, precision, HG_LOCATION_NONE);
    name->n_typmods = 1;
    return cast;
}

/* NULL when the server's own answer will do. */
static PgQuery__Node *time_as(struct hg_resolver *r, const char *type, int32_t precision)
{
    r->out->timed = true;
    if (!r->context->time.len)
        return NULL;
    PgQuery__Node *text = hg_build_text(r->arena, r->context->time, HG_LOCATION_TIME);
    PgQuery__Node *time = cast_to(r, text, "timestamptz", -1);
    return strcmp(type, "timestamptz") == 0 && precision < 0 ? time : cast_to(r, time, type, precision);
}

PgQuery__Node *hg_time_of_call(struct hg_resolver *r, const PgQuery__FuncCall *call)
{
    struct hg_slice schema, name = hg_function_name(call, &schema);
    if (call->n_args || !hg_is_plain_call(call) ||
        !(hg_slice_is(name, "now") || hg_slice_is(name, "transaction_timestamp")))
        return NULL;
    return time_as(r, "timestamptz", -1);
}

PgQuery__Node *hg_time_of_transaction(struct hg_resolver *r)
{
    PgQuery__Node *time = time_as(r, "timestamptz", -1);
    return time ? time : hg_build_call(r->arena, HG_LIT("now"));
}

PgQuery__Node *hg_time_of_word(struct hg_resolver *r, const PgQuery__SQLValueFunction *function)
{
    switch (function->op) {
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_DATE:
        return time_as(r, "date", -1);
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME:
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME_N:
        return time_as(r, "timetz", function->typmod);
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP:
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP_N:
        return time_as(r, "timestamptz", function->typmod);
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME:
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME_N:
        return time_as(r, "time", function->typmod);
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP:
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP_N:
        return time_as(r, "timestamp", function->typmod);
    default:
        return NULL;
    }
}

/* ---- what only a server can tell ---- */

static bool is_word_at(const char *text, size_t at, const char *word)
{
    size_t len = strlen(word);
    const char *letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    return strncasecmp(text + at, word, len) == 0 &&
           (text[at + len] == '\0' || !strchr(letters, text[at + len])) &&
           (at == 0 || !strchr(letters, text[at - 1]));
}

static bool has_word(const char *text, const char *const *words, size_t count)
{
    for (size_t at = 0; text[at]; at++)
        for (size_t i = 0; i < count; i++)
            if (is_word_at(text, at, words[i]))
                return true;
    return false;
}

/* Whether it is read as a date is for PostgreSQL to know: what could be one is short, and has few words. */
void hg_note_time_in_constant(struct hg_resolver *r, const PgQuery__AConst *constant)
{
    static const char *const words[] = {"now", "today", "tomorrow", "yesterday"};
    if (constant->val_case != PG_QUERY__A__CONST__VAL_SVAL || strlen(constant->sval->sval) > 40 ||
        !has_word(constant->sval->sval, words, sizeof words / sizeof words[0]))
        return;
    r->out->timed = r->out->own_time = r->out->dated = true;
}

static bool has_timed_default(const struct hg_table *table, struct hg_arena *arena)
{
    static const char *const words[] = {
        "now",          "today",     "tomorrow",          "yesterday",      "current_date",
        "current_time", "localtime", "current_timestamp", "localtimestamp", "transaction_timestamp"};
    for (size_t i = 0; i < table->ncolumns; i++)
        if (table->columns[i].default_sql.len && has_word(hg_arena_cstr(arena, table->columns[i].default_sql),
                                                          words, sizeof words / sizeof words[0]))
            return true;
    return false;
}

void hg_note_time_in_defaults(struct hg_resolver *r)
{
    for (const struct hg_write *one = r->out->writes; one; one = one->next)
        if (has_timed_default(one->view->table, r->arena))
            r->out->timed = r->out->own_time = true;
}
