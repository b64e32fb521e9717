/* The options of COPY, old syntax and new: the parser makes the same list of both. What PostgreSQL alone can
 * judge (lengths, characters, which options go together) is left to it; here are the names, the kinds of
 * values, and whatever changes where the data goes or how it is read. */
#include <strings.h>

#include "build.h"
#include "copy_statement.h"

enum { MOST_OPTIONS = 16 }; /* more than there are names */

struct reading {
    struct hg_statement *statement;
    struct hg_copy_options *options;
    bool is_from;
    PgQuery__Node *kept[MOST_OPTIONS];
    size_t nkept;
};

static bool needs_value(struct reading *reading, const PgQuery__DefElem *option)
{
    return hg_statement_refuse(reading->statement, option->location, HG_SYNTAX_ERROR,
                               "%s requires a parameter", option->defname);
}

/* A value as text, as PostgreSQL takes numbers for it. */
static bool text_of(struct reading *reading, const PgQuery__DefElem *option, struct hg_slice *text)
{
    const PgQuery__Node *arg = option->arg;
    if (!arg)
        return needs_value(reading, option);
    switch (arg->node_case) {
    case PG_QUERY__NODE__NODE_STRING:
        *text = hg_slice_cstr(arg->string->sval);
        return true;
    case PG_QUERY__NODE__NODE_INTEGER:
        *text = hg_arena_printf(reading->statement->arena, "%d", arg->integer->ival);
        return true;
    case PG_QUERY__NODE__NODE_FLOAT:
        *text = hg_slice_cstr(arg->float_->fval);
        return true;
    case PG_QUERY__NODE__NODE_BOOLEAN: /* the old syntax */
        *text = arg->boolean->boolval ? HG_LIT("true") : HG_LIT("false");
        return true;
    default:
        return hg_statement_refuse(reading->statement, option->location, HG_FEATURE_NOT_SUPPORTED,
                                   "this value of COPY option \"%s\" is not supported", option->defname);
    }
}

static void keep(struct reading *reading, const PgQuery__DefElem *option, PgQuery__Node *value)
{
    struct hg_arena *arena = reading->statement->arena;
    PgQuery__DefElem *kept = HG_NEW(arena, PgQuery__DefElem);
    *kept = (PgQuery__DefElem)PG_QUERY__DEF_ELEM__INIT;
    kept->defname = option->defname;
    kept->location = option->location;
    kept->defaction = PG_QUERY__DEF_ELEM_ACTION__DEFELEM_UNSPEC;
    kept->arg = value;
    reading->kept[reading->nkept++] = hg_build_node(arena, PG_QUERY__NODE__NODE_DEF_ELEM, kept);
}

static bool read_text(struct reading *reading, const PgQuery__DefElem *option, struct hg_slice *text)
{
    if (!text_of(reading, option, text))
        return false;
    keep(reading, option, hg_build_string(reading->statement->arena, *text));
    return true;
}

static bool read_format(struct reading *reading, const PgQuery__DefElem *option)
{
    struct hg_slice format;
    if (!text_of(reading, option, &format))
        return false;
    reading->options->csv = hg_slice_is(format, "csv");
    reading->options->binary = hg_slice_is(format, "binary");
    if (!reading->options->csv && !reading->options->binary && !hg_slice_is(format, "text"))
        return hg_statement_refuse(reading->statement, option->location, HG_INVALID_PARAMETER_VALUE,
                                   "COPY format \"%.*s\" not recognized", HG_SLICE_FMT(hg_clip(format)));
    keep(reading, option, hg_build_string(reading->statement->arena, format));
    return true;
}

/* As PostgreSQL takes switches; -1: it is none. */
static int switch_of(struct hg_slice text)
{
    static const char *const words[] = {"false", "true", "off", "on", "0", "1"};
    for (int i = 0; i < 6; i++)
        if (text.len == strlen(words[i]) && strncasecmp(text.ptr, words[i], text.len) == 0)
            return i % 2;
    return -1;
}

static bool read_header(struct reading *reading, const PgQuery__DefElem *option)
{
    struct hg_slice text = HG_LIT("true");
    if (option->arg && !text_of(reading, option, &text))
        return false;
    int on = switch_of(text);
    bool match = on < 0 && text.len == 5 && strncasecmp(text.ptr, "match", 5) == 0;
    if (on < 0 && !match)
        return hg_statement_refuse(reading->statement, option->location, HG_SYNTAX_ERROR,
                                   "header requires a Boolean value or \"match\"");
    if (match && !reading->is_from)
        return hg_statement_refuse(reading->statement, option->location, HG_FEATURE_NOT_SUPPORTED,
                                   "cannot use \"%.*s\" with HEADER in COPY TO", HG_SLICE_FMT(text));
    reading->options->header = match || on == 1;
    reading->options->match = match;
    if (reading->options->header)
        keep(reading, option,
             hg_build_string(reading->statement->arena, match ? HG_LIT("match") : HG_LIT("true")));
    return true;
}

/* Rows come and go in UTF-8, as all else. PostgreSQL ignores case and what is no letter or digit. */
static bool read_encoding(struct reading *reading, const PgQuery__DefElem *option)
{
    struct hg_slice text;
    char plain[8];
    size_t len = 0;
    if (!text_of(reading, option, &text))
        return false;
    for (size_t i = 0; i < text.len && len < sizeof(plain) - 1; i++)
        if (strchr("-_ ", text.ptr[i]) == NULL)
            plain[len++] = text.ptr[i];
    plain[len] = '\0';
    if (strcasecmp(plain, "utf8") == 0 || strcasecmp(plain, "unicode") == 0)
        return true;
    hg_statement_refuse(reading->statement, option->location, HG_FEATURE_NOT_SUPPORTED,
                        "COPY in encoding \"%.*s\" is not supported", HG_SLICE_FMT(hg_clip(text)));
    hg_fault_hint(&reading->statement->verdict->fault, reading->statement->arena,
                  "Data is transferred in UTF8; convert it in the client.");
    return false;
}

static bool read_freeze(struct reading *reading, const PgQuery__DefElem *option)
{
    struct hg_slice text = HG_LIT("true");
    if (option->arg && !text_of(reading, option, &text))
        return false;
    int on = switch_of(text);
    if (on < 0)
        return hg_statement_refuse(reading->statement, option->location, HG_SYNTAX_ERROR,
                                   "freeze requires a Boolean value");
    return on == 0 || hg_statement_refuse(reading->statement, option->location, HG_FEATURE_NOT_SUPPORTED,
                                          "COPY (FREEZE) is not supported");
}

static bool read_columns(struct reading *reading, PgQuery__DefElem *option, PgQuery__DefElem **columns)
{
    const PgQuery__Node *arg = option->arg;
    bool star =
        arg && arg->node_case == PG_QUERY__NODE__NODE_A_STAR && columns == &reading->options->force_quote;
    bool list = arg && arg->node_case == PG_QUERY__NODE__NODE_LIST;
    for (size_t i = 0; list && i < arg->list->n_items; i++)
        list = arg->list->items[i]->node_case == PG_QUERY__NODE__NODE_STRING;
    if (!star && !list)
        return hg_statement_refuse(reading->statement, option->location, HG_INVALID_PARAMETER_VALUE,
                                   "argument to option \"%s\" must be a list of column names",
                                   option->defname);
    *columns = option;
    keep(reading, option, option->arg);
    return true;
}

static bool read_option(struct reading *reading, PgQuery__DefElem *option)
{
    struct hg_copy_options *options = reading->options;
    const char *name = option->defname;
    if (strcmp(name, "format") == 0)
        return read_format(reading, option);
    if (strcmp(name, "delimiter") == 0)
        return read_text(reading, option, &options->delimiter);
    if (strcmp(name, "null") == 0)
        return read_text(reading, option, &options->null);
    if (strcmp(name, "quote") == 0)
        return read_text(reading, option, &options->quote);
    if (strcmp(name, "escape") == 0)
        return read_text(reading, option, &options->escape);
    if (strcmp(name, "header") == 0)
        return read_header(reading, option);
    if (strcmp(name, "encoding") == 0)
        return read_encoding(reading, option);
    if (strcmp(name, "freeze") == 0)
        return read_freeze(reading, option);
    if (strcmp(name, "force_quote") == 0)
        return read_columns(reading, option, &options->force_quote);
    if (strcmp(name, "force_not_null") == 0)
        return read_columns(reading, option, &options->force_not_null);
    if (strcmp(name, "force_null") == 0)
        return read_columns(reading, option, &options->force_null);
    return hg_statement_refuse(reading->statement, option->location, HG_SYNTAX_ERROR,
                               "option \"%s\" not recognized", name);
}

static bool is_repeated(PgQuery__Node *const *options, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (strcmp(options[i]->def_elem->defname, options[at]->def_elem->defname) == 0)
            return true;
    return false;
}

bool hg_copy_options_read(struct hg_statement *statement, PgQuery__CopyStmt *copy,
                          struct hg_copy_options *options)
{
    struct reading reading = {.statement = statement, .options = options, .is_from = copy->is_from};
    *options = (struct hg_copy_options){0};
    for (size_t i = 0; i < copy->n_options; i++) {
        if (copy->options[i]->node_case != PG_QUERY__NODE__NODE_DEF_ELEM)
            return hg_statement_refuse(statement, -1, HG_FEATURE_NOT_SUPPORTED,
                                       "this option of COPY is not supported");
        PgQuery__DefElem *option = copy->options[i]->def_elem;
        if (is_repeated(copy->options, i))
            return hg_statement_refuse(statement, option->location, HG_SYNTAX_ERROR,
                                       "conflicting or redundant options");
        if (!read_option(&reading, option))
            return false;
    }
    copy->n_options = reading.nkept;
    copy->options = HG_NEW_ARRAY(statement->arena, PgQuery__Node *, reading.nkept);
    for (size_t i = 0; i < reading.nkept; i++)
        copy->options[i] = reading.kept[i];
    return true;
}
