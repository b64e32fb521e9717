/* The proof of COPY: to or from the client and nowhere else, with options that only say how rows are
 * written. The query of COPY TO is proved like any other, by verify.c. */
#include "verify_internal.h"

static bool prove_option(struct hg_proof *proof, const PgQuery__Node *node)
{
    static const char *const names[] = {"format", "delimiter",   "null",           "header",    "quote",
                                        "escape", "force_quote", "force_not_null", "force_null"};
    if (node->node_case != PG_QUERY__NODE__NODE_DEF_ELEM)
        return hg_unproved(proof, "an option of COPY that is none");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(node->def_elem->defname, names[i]) == 0)
            return true;
    return hg_unproved(proof, "option %s of COPY", node->def_elem->defname);
}

static bool prove_to(struct hg_proof *proof, const PgQuery__CopyStmt *copy)
{
    return (copy->query && !copy->relation && copy->n_attlist == 0 && !copy->where_clause) ||
           hg_unproved(proof, "COPY TO of something else than a query");
}

bool hg_prove_copy(struct hg_proof *proof, const PgQuery__CopyStmt *copy)
{
    if (copy->is_program || *copy->filename)
        return hg_unproved(proof, "COPY with a file or a program");
    for (size_t i = 0; i < copy->n_options; i++)
        if (!prove_option(proof, copy->options[i]))
            return false;
    return copy->is_from ? hg_unproved(proof, "COPY FROM") : prove_to(proof, copy);
}
