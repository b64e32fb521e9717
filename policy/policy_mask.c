/* A mask, and a condition of `rows:`, is one expression, and is proved to be no more: `SELECT <mask>` is
 * parsed, its one expression is replaced by a constant, and what is left must equal the tree of `SELECT
 * NULL`. Nothing but an expression leaves that behind, whatever the text holds: more columns, an alias, FROM,
 * a second statement. */
#include "policy.h"

#include "reflect.h"

#define MASK_BYTES   (64 << 10)
#define MASK_NESTING 100

static const struct hg_tree_limits limits = {.max_bytes = MASK_BYTES, .max_nesting = MASK_NESTING};

/* Where the expression of `SELECT <expression>` hangs; NULL when there is no such place. */
static PgQuery__Node **find_expression(struct hg_tree *tree)
{
    PgQuery__ParseResult *result = tree->result;
    if (result->n_stmts != 1 || !result->stmts[0]->stmt ||
        result->stmts[0]->stmt->node_case != PG_QUERY__NODE__NODE_SELECT_STMT)
        return NULL;
    PgQuery__SelectStmt *select = result->stmts[0]->stmt->select_stmt;
    if (select->n_target_list != 1 || select->target_list[0]->node_case != PG_QUERY__NODE__NODE_RES_TARGET)
        return NULL;
    return &select->target_list[0]->res_target->val;
}

static bool is_star(const PgQuery__Node *node)
{
    if (!node || node->node_case != PG_QUERY__NODE__NODE_COLUMN_REF)
        return !node;
    const PgQuery__ColumnRef *ref = node->column_ref;
    return ref->n_fields == 0 || ref->fields[ref->n_fields - 1]->node_case == PG_QUERY__NODE__NODE_A_STAR;
}

/* The expression of the tree, if there is nothing else in it; NULL otherwise. */
static const PgQuery__Node *single_expression(struct hg_load *load, struct hg_tree *tree)
{
    struct hg_tree plain;
    struct hg_fault fault = {0};
    struct hg_slice why;
    PgQuery__Node **expression = find_expression(tree);
    if (!expression || is_star(*expression) ||
        !hg_tree_open(&plain, HG_LIT("SELECT NULL"), &limits, &load->scratch, &fault))
        return NULL;
    const PgQuery__Node *found = *expression;
    PgQuery__Node **constant = find_expression(&plain);
    bool single = false;
    if (constant) {
        *expression = *constant;
        single = hg_tree_equal(&tree->result->base, &plain.result->base, &load->scratch, &why);
        *expression = (PgQuery__Node *)found;
    }
    hg_tree_close(&plain);
    return single ? found : NULL;
}

PgQuery__Node *hg_policy_expression(struct hg_policy *policy, const struct hg_yaml *node, struct hg_slice sql,
                                    const char *what)
{
    struct hg_load *load = policy->load;
    struct hg_slice text = hg_arena_printf(&load->scratch, "SELECT %.*s\n", HG_SLICE_FMT(sql));
    struct hg_tree tree;
    struct hg_fault fault = {0};
    if (!hg_tree_open(&tree, text, &limits, &load->scratch, &fault)) {
        uint32_t at = fault.position > 7 ? fault.position - 7 : 0;
        hg_load_error(load, node->place, at ? hg_load_text(load, "character %u of %s", at, what) : NULL,
                      "%s is no SQL expression: %.*s", what, HG_SLICE_FMT(fault.message));
        return NULL;
    }
    const PgQuery__Node *found = single_expression(load, &tree);
    ProtobufCMessage *copy = found ? hg_tree_copy(&found->base, load->arena) : NULL;
    if (copy)
        hg_tree_forget_locations(copy); /* no client's text has it */
    else
        hg_load_error(load, node->place, NULL, "%s must be one SQL expression", what);
    hg_tree_close(&tree);
    return (PgQuery__Node *)copy;
}
