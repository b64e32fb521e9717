/* COPY. Its options are written in one form, whatever the client's was: every name from the list below, every
 * value as a string, names of columns as strings, too, which the grammar takes for both. */
#include "print_internal.h"

static const struct {
    const char *name, *keyword;
} options[] = {
    {"format", "FORMAT"},
    {"delimiter", "DELIMITER"},
    {"null", "NULL"},
    {"header", "HEADER"},
    {"quote", "QUOTE"},
    {"escape", "ESCAPE"},
    {"force_quote", "FORCE_QUOTE"},
    {"force_not_null", "FORCE_NOT_NULL"},
    {"force_null", "FORCE_NULL"},
};

static const char *keyword_of(const char *name)
{
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        if (strcmp(options[i].name, name) == 0)
            return options[i].keyword;
    return NULL;
}

static void put_columns(struct hg_printer *p, const PgQuery__List *list)
{
    hg_put(p, "(");
    for (size_t i = 0; i < list->n_items && !p->failed; i++) {
        if (i)
            hg_put(p, ", ");
        hg_put_literal(p, hg_put_string_of(p, list->items[i]));
    }
    hg_put(p, ")");
}

static void put_option(struct hg_printer *p, const PgQuery__Node *node)
{
    const PgQuery__DefElem *option =
        node && node->node_case == PG_QUERY__NODE__NODE_DEF_ELEM ? node->def_elem : NULL;
    const char *keyword = option ? keyword_of(option->defname) : NULL;
    if (!keyword || *option->defnamespace || !option->arg ||
        option->defaction != PG_QUERY__DEF_ELEM_ACTION__DEFELEM_UNSPEC) {
        hg_put_refuse(p, "this option of COPY is not supported");
        return;
    }
    hg_put_mark(p, option->location);
    hg_put(p, keyword);
    hg_put(p, " ");
    if (option->arg->node_case == PG_QUERY__NODE__NODE_LIST)
        put_columns(p, option->arg->list);
    else if (option->arg->node_case == PG_QUERY__NODE__NODE_A_STAR)
        hg_put(p, "*");
    else
        hg_put_literal(p, hg_put_string_of(p, option->arg));
}

static void put_options(struct hg_printer *p, const PgQuery__CopyStmt *copy)
{
    if (copy->n_options == 0)
        return;
    hg_put(p, " WITH (");
    for (size_t i = 0; i < copy->n_options && !p->failed; i++) {
        if (i)
            hg_put(p, ", ");
        put_option(p, copy->options[i]);
    }
    hg_put(p, ")");
}

static void put_target(struct hg_printer *p, const PgQuery__CopyStmt *copy)
{
    hg_put_relation(p, copy->relation);
    if (copy->n_attlist == 0) /* which would mean the physical table's own columns, in its own order */
        hg_put_refuse(p, "COPY without columns is not supported");
    hg_put(p, " (");
    hg_put_names(p, copy->n_attlist, copy->attlist);
    hg_put(p, ")");
}

void hg_put_copy(struct hg_printer *p, const PgQuery__CopyStmt *copy)
{
    if (p->dialect != HG_DIALECT_POSTGRESQL || copy->is_program || *copy->filename ||
        copy->is_from == (copy->query != NULL) || copy->is_from == (copy->relation == NULL)) {
        hg_put_refuse(p, "this form of COPY is not supported");
        return;
    }
    hg_put(p, "COPY ");
    if (copy->is_from) {
        put_target(p, copy);
        hg_put(p, " FROM STDIN");
    } else {
        hg_put(p, "(");
        hg_put_query(p, copy->query);
        hg_put(p, ") TO STDOUT");
    }
    put_options(p, copy);
    if (!copy->where_clause)
        return;
    hg_put(p, " WHERE ");
    hg_put_expression(p, copy->where_clause);
}
