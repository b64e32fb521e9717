/* EXPLAIN. What remains of its options is plain: those that only tell about a plan over the empty logical
 * tables. What runs the statement (ANALYZE), or tells about the server (BUFFERS, WAL, SETTINGS), is refused;
 * switched off it is dropped. REWRITE is Headgate's own. */
#include <strings.h>

#include "statement.h"

enum meaning { PLAIN, FORMAT, REFUSED, REWRITE };

static const struct {
    const char *name;
    enum meaning meaning;
} options[] = {
    {"costs", PLAIN},     {"summary", PLAIN},   {"verbose", PLAIN}, {"format", FORMAT},
    {"analyze", REFUSED}, {"buffers", REFUSED}, {"wal", REFUSED},   {"settings", REFUSED},
    {"timing", REFUSED},  {"rewrite", REWRITE},
};

static const char *text_of(const PgQuery__Node *node)
{
    if (!node)
        return "true";
    if (node->node_case == PG_QUERY__NODE__NODE_STRING)
        return node->string->sval;
    return "";
}

/* As PostgreSQL takes options: a word, or 0 and 1. -1: neither. */
static int switch_of(const PgQuery__Node *node)
{
    static const char *const words[] = {"false", "true", "off", "on"};
    if (node && node->node_case == PG_QUERY__NODE__NODE_INTEGER)
        return node->integer->ival == 0 || node->integer->ival == 1 ? node->integer->ival : -1;
    const char *text = text_of(node);
    for (int i = 0; i < 4; i++)
        if (strcasecmp(text, words[i]) == 0)
            return i % 2;
    return -1;
}

static bool is_format(const PgQuery__Node *node)
{
    static const char *const formats[] = {"text", "xml", "json", "yaml"};
    if (!node)
        return false;
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (strcmp(text_of(node), formats[i]) == 0)
            return true;
    return false;
}

static bool refuse_option(struct hg_statement *statement, const PgQuery__DefElem *option)
{
    char upper[16] = "";
    for (size_t i = 0; option->defname[i] && i < sizeof(upper) - 1; i++)
        upper[i] = (char)(option->defname[i] - ('a' - 'A'));
    hg_statement_refuse(statement, option->location, HG_FEATURE_NOT_SUPPORTED,
                        "EXPLAIN (%s) is not supported", upper);
    hg_fault_hint(&statement->verdict->fault, statement->arena,
                  statement->context->user->role->explain_rewrite
                      ? "Plain EXPLAIN shows the plan; EXPLAIN (REWRITE) shows what is sent, and where."
                      : "Plain EXPLAIN shows the plan.");
    return false;
}

static bool refuse_rewrite(struct hg_statement *statement, const PgQuery__DefElem *option)
{
    hg_statement_refuse(statement, option->location, HG_INSUFFICIENT_PRIVILEGE,
                        "permission denied for EXPLAIN (REWRITE)");
    hg_fault_hint(&statement->verdict->fault, statement->arena,
                  "An administrator can allow it, by \"explain_rewrite: true\" of the role.");
    return false;
}

/* Checks one option; *keep says whether it is to be sent. */
static bool check_option(struct hg_statement *statement, const PgQuery__DefElem *option,
                         struct hg_carrier *carrier, bool *keep)
{
    size_t i = 0, count = sizeof(options) / sizeof(options[0]);
    while (i < count && strcmp(options[i].name, option->defname) != 0)
        i++;
    if (i == count)
        return hg_statement_refuse(statement, option->location, HG_SYNTAX_ERROR,
                                   "unrecognized EXPLAIN option \"%s\"", option->defname);
    if (options[i].meaning == FORMAT) {
        *keep = is_format(option->arg);
        return *keep || hg_statement_refuse(statement, option->location, HG_INVALID_PARAMETER_VALUE,
                                            "unrecognized value for EXPLAIN option \"format\": \"%.*s\"",
                                            HG_SLICE_FMT(hg_clip(hg_slice_cstr(text_of(option->arg)))));
    }
    int on = switch_of(option->arg);
    if (on < 0)
        return hg_statement_refuse(statement, option->location, HG_SYNTAX_ERROR,
                                   "%s requires a Boolean value", option->defname);
    if (options[i].meaning == REFUSED && on)
        return refuse_option(statement, option);
    if (options[i].meaning == REWRITE && on && !statement->context->user->role->explain_rewrite)
        return refuse_rewrite(statement, option);
    if (options[i].meaning == REWRITE && on)
        carrier->kind = HG_CARRIER_REWRITE;
    *keep = options[i].meaning == PLAIN;
    return true;
}

static bool check_options(struct hg_statement *statement, PgQuery__ExplainStmt *node,
                          struct hg_carrier *carrier)
{
    size_t kept = 0;
    for (size_t i = 0; i < node->n_options; i++) {
        bool keep = false;
        if (node->options[i]->node_case != PG_QUERY__NODE__NODE_DEF_ELEM)
            return hg_statement_refuse(statement, -1, HG_FEATURE_NOT_SUPPORTED,
                                       "this EXPLAIN option is not supported");
        if (!check_option(statement, node->options[i]->def_elem, carrier, &keep))
            return false;
        if (keep)
            node->options[kept++] = node->options[i];
    }
    node->n_options = kept;
    return true;
}

static bool refuse_query(struct hg_statement *statement, const PgQuery__Node *query)
{
    struct hg_slice name = HG_LIT("this statement");
    if (query)
        name = hg_statement_name_of(query, statement->arena).name;
    hg_statement_refuse(statement, -1, HG_FEATURE_NOT_SUPPORTED, "EXPLAIN %.*s is not supported",
                        HG_SLICE_FMT(name));
    hg_fault_hint(&statement->verdict->fault, statement->arena,
                  "Only SELECT, INSERT, UPDATE and DELETE can be explained.");
    return false;
}

bool hg_classify_explain(struct hg_statement *statement, PgQuery__ExplainStmt *node, PgQuery__Node **query,
                         struct hg_carrier *carrier)
{
    if (!hg_statement_may(statement, HG_GRANT_EXPLAIN))
        return false;
    carrier->kind = HG_CARRIER_EXPLAIN;
    if (!check_options(statement, node, carrier))
        return false;
    if (!hg_statement_is_query(node->query))
        return refuse_query(statement, node->query);
    *query = node->query;
    statement->verdict->statement =
        carrier->kind == HG_CARRIER_REWRITE ? HG_STMT_EXPLAIN_REWRITE : HG_STMT_QUERY;
    return true;
}
