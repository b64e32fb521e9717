/* The proof of the text that is about to be sent, from that text alone.
 *
 * It is parsed again. First its tree must be the tree that was meant: no printer's mistake survives that.
 * Then one walk over all of it, by descriptors, proves what the rewriter should have made true, in its own
 * words and with none of its code:
 * - every message is of a known kind;
 * - a relation without a schema is a CTE that SQL's rules put in scope there;
 * - a relation with a schema is, on a data backend, the one FROM item of a SELECT of exactly the form that
 *   verify_table.c allows; on the catalog backend, a system relation from the list, the replacement of one,
 *   or a logical table;
 * - every function, operator, type, collation and sampling method is one that may be named.
 *
 * Scopes of WITH are a chain on the stack. The trees are bounded in depth by the parse. */
#include "verify_internal.h"

#include <stdarg.h>

#include "reflect.h"

/* The printed text nests deeper than the client's: brackets around operands, sub-selects around tables. */
#define NESTING_FACTOR 4
#define NESTING_MORE   200

/* How a message is treated; kinds that are not listed may not occur at all. */
enum kind {
    FORBIDDEN,
    PLAIN,
    SELECT,
    RELATION,
    SUBSELECT,
    SAMPLE,
    CALL,
    VALUE_FUNCTION,
    COLUMN,
    INDIRECTION,
    TYPE,
    EXPRESSION,
    COLLATION,
    SUBLINK,
    SORT
};

static bool prove_message(struct hg_proof *proof, ProtobufCMessage *message, enum kind kind,
                          const struct hg_proof_scope *scope, const ProtobufCMessage *parent);

bool hg_unproved(struct hg_proof *proof, const char *format, ...)
{
    char detail[512];
    va_list args;
    if (hg_fault_is_set(proof->fault))
        return false; /* the first reason is the reason */
    va_start(args, format);
    vsnprintf(detail, sizeof detail, format, args);
    va_end(args);
    hg_fault_set(proof->fault, proof->arena, HG_INTERNAL_ERROR,
                 "the rewritten statement could not be proved");
    hg_fault_detail(proof->fault, proof->arena, "%s", detail);
    return false;
}

struct hg_slice hg_proof_text(const PgQuery__Node *node)
{
    if (node && node->node_case == PG_QUERY__NODE__NODE_STRING)
        return hg_slice_cstr(node->string->sval);
    return HG_LIT("");
}

/* Kinds. */

static enum kind kind_of_node(PgQuery__Node__NodeCase node_case)
{
    switch (node_case) {
    case PG_QUERY__NODE__NODE_SELECT_STMT:
        return SELECT;
    case PG_QUERY__NODE__NODE_RANGE_VAR:
        return RELATION;
    case PG_QUERY__NODE__NODE_RANGE_SUBSELECT:
        return SUBSELECT;
    case PG_QUERY__NODE__NODE_RANGE_TABLE_SAMPLE:
        return SAMPLE;
    case PG_QUERY__NODE__NODE_FUNC_CALL:
        return CALL;
    case PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION:
        return VALUE_FUNCTION;
    case PG_QUERY__NODE__NODE_COLUMN_REF:
        return COLUMN;
    case PG_QUERY__NODE__NODE_A_INDIRECTION:
        return INDIRECTION;
    case PG_QUERY__NODE__NODE_A_EXPR:
        return EXPRESSION;
    case PG_QUERY__NODE__NODE_COLLATE_CLAUSE:
        return COLLATION;
    case PG_QUERY__NODE__NODE_SUB_LINK:
        return SUBLINK;
    case PG_QUERY__NODE__NODE_SORT_BY:
        return SORT;
    case PG_QUERY__NODE__NODE_COMMON_TABLE_EXPR:
    case PG_QUERY__NODE__NODE_RES_TARGET:
    case PG_QUERY__NODE__NODE_GROUPING_SET:
    case PG_QUERY__NODE__NODE_WINDOW_DEF:
    case PG_QUERY__NODE__NODE_RANGE_FUNCTION:
    case PG_QUERY__NODE__NODE_JOIN_EXPR:
    case PG_QUERY__NODE__NODE_COLUMN_DEF:
    case PG_QUERY__NODE__NODE_A_STAR:
    case PG_QUERY__NODE__NODE_PARAM_REF:
    case PG_QUERY__NODE__NODE_A_CONST:
    case PG_QUERY__NODE__NODE_BOOL_EXPR:
    case PG_QUERY__NODE__NODE_NAMED_ARG_EXPR:
    case PG_QUERY__NODE__NODE_GROUPING_FUNC:
    case PG_QUERY__NODE__NODE_CASE_EXPR:
    case PG_QUERY__NODE__NODE_CASE_WHEN:
    case PG_QUERY__NODE__NODE_COALESCE_EXPR:
    case PG_QUERY__NODE__NODE_MIN_MAX_EXPR:
    case PG_QUERY__NODE__NODE_NULL_TEST:
    case PG_QUERY__NODE__NODE_BOOLEAN_TEST:
    case PG_QUERY__NODE__NODE_ROW_EXPR:
    case PG_QUERY__NODE__NODE_A_ARRAY_EXPR:
    case PG_QUERY__NODE__NODE_A_INDICES:
    case PG_QUERY__NODE__NODE_TYPE_CAST:
    case PG_QUERY__NODE__NODE_XML_EXPR:
    case PG_QUERY__NODE__NODE_XML_SERIALIZE:
    case PG_QUERY__NODE__NODE_INTEGER:
    case PG_QUERY__NODE__NODE_FLOAT:
    case PG_QUERY__NODE__NODE_BOOLEAN:
    case PG_QUERY__NODE__NODE_STRING:
    case PG_QUERY__NODE__NODE_BIT_STRING:
    case PG_QUERY__NODE__NODE_LIST:
        return PLAIN;
    default:
        return FORBIDDEN;
    }
}

/* Messages that a field holds directly, without a Node around them. */
static enum kind kind_of_field(const ProtobufCMessageDescriptor *type)
{
    static const struct {
        const ProtobufCMessageDescriptor *type;
        enum kind kind;
    } kinds[] = {
        {&pg_query__type_name__descriptor, TYPE},        {&pg_query__integer__descriptor, PLAIN},
        {&pg_query__string__descriptor, PLAIN},          {&pg_query__alias__descriptor, PLAIN},
        {&pg_query__select_stmt__descriptor, SELECT},    {&pg_query__with_clause__descriptor, PLAIN},
        {&pg_query__window_def__descriptor, PLAIN},      {&pg_query__collate_clause__descriptor, COLLATION},
        {&pg_query__float__descriptor, PLAIN},           {&pg_query__boolean__descriptor, PLAIN},
        {&pg_query__bit_string__descriptor, PLAIN},      {&pg_query__ctesearch_clause__descriptor, PLAIN},
        {&pg_query__ctecycle_clause__descriptor, PLAIN},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].type == type)
            return kinds[i].kind;
    return FORBIDDEN;
}

/* The walk. */

static bool writes(const PgQuery__Node *node)
{
    return node->node_case == PG_QUERY__NODE__NODE_INSERT_STMT ||
           node->node_case == PG_QUERY__NODE__NODE_UPDATE_STMT ||
           node->node_case == PG_QUERY__NODE__NODE_DELETE_STMT;
}

static bool prove_child(struct hg_proof *proof, ProtobufCMessage *child, const struct hg_proof_scope *scope,
                        const ProtobufCMessage *parent)
{
    if (child->descriptor != &pg_query__node__descriptor)
        return prove_message(proof, child, kind_of_field(child->descriptor), scope, parent);
    PgQuery__Node *node = (PgQuery__Node *)child;
    if (writes(node))
        return parent->descriptor == &pg_query__common_table_expr__descriptor
                   ? hg_prove_write(proof, node, scope)
                   : hg_unproved(proof, "a statement that writes in %s", parent->descriptor->short_name);
    if (hg_is_written_mask(proof, scope, node))
        return true;
    ProtobufCMessage *inner = hg_node_message(node);
    if (inner)
        return prove_message(proof, inner, kind_of_node(node->node_case), scope, parent);
    /* Plain DISTINCT, and a function in FROM without a list of columns, are empty nodes. */
    return parent->descriptor == &pg_query__select_stmt__descriptor ||
           parent->descriptor == &pg_query__list__descriptor ||
           hg_unproved(proof, "an empty node in %s", parent->descriptor->short_name);
}

static bool prove_field(struct hg_proof *proof, const ProtobufCMessage *message,
                        const ProtobufCFieldDescriptor *field, const struct hg_proof_scope *scope)
{
    const char *base = (const char *)message;
    if (field->type != PROTOBUF_C_TYPE_MESSAGE)
        return true;
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        size_t count = *(const size_t *)(base + field->quantifier_offset);
        ProtobufCMessage *const *list = *(ProtobufCMessage *const *const *)(base + field->offset);
        for (size_t i = 0; i < count; i++)
            if (!prove_child(proof, list[i], scope, message))
                return false;
        return true;
    }
    if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) &&
        *(const uint32_t *)(base + field->quantifier_offset) != field->id)
        return true;
    ProtobufCMessage *child = *(ProtobufCMessage *const *)(base + field->offset);
    return !child || prove_child(proof, child, scope, message);
}

static bool prove_children(struct hg_proof *proof, const ProtobufCMessage *message,
                           const struct hg_proof_scope *scope)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;
    for (unsigned i = 0; i < type->n_fields; i++)
        if (!prove_field(proof, message, &type->fields[i], scope))
            return false;
    return true;
}

bool hg_prove_node(struct hg_proof *proof, const PgQuery__Node *node, const struct hg_proof_scope *scope,
                   const ProtobufCMessage *parent)
{
    return !node || prove_child(proof, (ProtobufCMessage *)&node->base, scope, parent);
}

bool hg_prove_nodes(struct hg_proof *proof, size_t count, PgQuery__Node *const *nodes,
                    const struct hg_proof_scope *scope, const ProtobufCMessage *parent)
{
    for (size_t i = 0; i < count; i++)
        if (!prove_child(proof, &nodes[i]->base, scope, parent))
            return false;
    return true;
}

/* Scopes. Without RECURSIVE a CTE sees those before it, with RECURSIVE all of its list; the body sees all. */

bool hg_prove_with(struct hg_proof *proof, const PgQuery__WithClause *with, struct hg_proof_scope *scope)
{
    if (!with)
        return true;
    scope->ctes = with->ctes;
    for (size_t i = 0; i < with->n_ctes; i++) {
        scope->count = with->recursive ? with->n_ctes : i;
        if (!prove_child(proof, &with->ctes[i]->base, scope, &with->base))
            return false;
    }
    scope->count = with->n_ctes;
    return true;
}

const PgQuery__CommonTableExpr *hg_visible_cte(const struct hg_proof_scope *scope, const char *name)
{
    for (; scope; scope = scope->outer)
        for (size_t i = 0; i < scope->count; i++)
            if (scope->ctes[i]->node_case == PG_QUERY__NODE__NODE_COMMON_TABLE_EXPR &&
                strcmp(scope->ctes[i]->common_table_expr->ctename, name) == 0)
                return scope->ctes[i]->common_table_expr;
    return NULL;
}

static bool prove_relation(struct hg_proof *proof, const PgQuery__RangeVar *relation,
                           const struct hg_proof_scope *scope)
{
    if (*relation->catalogname)
        return hg_unproved(proof, "relation %s.%s.%s names a database", relation->catalogname,
                           relation->schemaname, relation->relname);
    if (!*relation->schemaname)
        return hg_visible_cte(scope, relation->relname) ||
               hg_unproved(proof, "relation %s has no schema and is no WITH item in scope",
                           relation->relname);
    if (!proof->catalog)
        return hg_unproved(proof, "relation %s.%s stands outside of its wrapper", relation->schemaname,
                           relation->relname);
    return hg_prove_catalog_relation(proof, relation);
}

static bool prove_sample(struct hg_proof *proof, const PgQuery__RangeTableSample *sample,
                         const struct hg_proof_scope *scope)
{
    return hg_prove_sample(proof, sample) && prove_children(proof, &sample->base, scope);
}

/* A wrapper has nothing but a select list and, perhaps, a sample and an offset besides what was just proved.
 */
static bool prove_wrapper(struct hg_proof *proof, const PgQuery__SelectStmt *select,
                          const PgQuery__RangeVar *relation, const struct hg_proof_scope *scope)
{
    struct hg_proof_scope own = {.outer = scope, .closed = true};
    if (!hg_prove_wrapper(proof, select, relation) ||
        !hg_prove_nodes(proof, select->n_target_list, select->target_list, &own, &select->base))
        return false;
    const PgQuery__Node *from = select->from_clause[0];
    if (from->node_case != PG_QUERY__NODE__NODE_RANGE_TABLE_SAMPLE)
        return true;
    const PgQuery__RangeTableSample *sample = from->range_table_sample;
    return hg_prove_sample(proof, sample) &&
           hg_prove_nodes(proof, sample->n_args, sample->args, &own, &sample->base);
}

/* LATERAL sub-selects and functions see what stands to their left; a condition of a join sees what it joins.
 */
static bool prove_from_item(struct hg_proof *proof, const PgQuery__Node *item,
                            const struct hg_proof_scope *plain, const struct hg_proof_scope *lateral,
                            const ProtobufCMessage *parent)
{
    const PgQuery__JoinExpr *join =
        item->node_case == PG_QUERY__NODE__NODE_JOIN_EXPR ? item->join_expr : NULL;
    bool looks_left =
        item->node_case == PG_QUERY__NODE__NODE_RANGE_FUNCTION ||
        (item->node_case == PG_QUERY__NODE__NODE_RANGE_SUBSELECT && item->range_subselect->lateral);
    if (!join)
        return hg_prove_node(proof, item, looks_left ? lateral : plain, parent);
    if (!join->larg || !join->rarg)
        return hg_unproved(proof, "a join of nothing");
    PgQuery__Node *sides[] = {join->larg, join->rarg};
    struct hg_proof_scope beside = {.outer = lateral, .from = sides, .nfrom = 1};
    struct hg_proof_scope joined = {.outer = plain, .from = sides, .nfrom = 2};
    return prove_from_item(proof, join->larg, plain, lateral, &join->base) &&
           prove_from_item(proof, join->rarg, plain, &beside, &join->base) &&
           hg_prove_node(proof, join->quals, &joined, &join->base);
}

bool hg_prove_from(struct hg_proof *proof, size_t count, PgQuery__Node *const *items,
                   const struct hg_proof_scope *scope, const ProtobufCMessage *parent)
{
    struct hg_proof_scope left = {.outer = scope, .from = items};
    for (; left.nfrom < count; left.nfrom++)
        if (!prove_from_item(proof, items[left.nfrom], scope, &left, parent))
            return false;
    return true;
}

/* The columns of a set operation are those of its first arm. */
static const PgQuery__SelectStmt *first_arm(const PgQuery__SelectStmt *select)
{
    while (select->larg)
        select = select->larg;
    return select;
}

static bool prove_select(struct hg_proof *proof, const PgQuery__SelectStmt *select,
                         const struct hg_proof_scope *outer)
{
    struct hg_proof_scope with = {.outer = outer};
    const PgQuery__RangeVar *wrapped = proof->catalog ? NULL : hg_wrapped_relation(select);
    if (wrapped)
        return prove_wrapper(proof, select, wrapped, outer);
    if (!hg_prove_with(proof, select->with_clause, &with) || !hg_prove_locks(proof, select) ||
        !hg_prove_from(proof, select->n_from_clause, select->from_clause, &with, &select->base))
        return false;
    struct hg_proof_scope scope = {
        .outer = &with, .from = select->from_clause, .nfrom = select->n_from_clause};
    struct hg_proof_scope outputs = scope;
    outputs.outputs = first_arm(select);
    const ProtobufCMessageDescriptor *type = select->base.descriptor;
    for (unsigned i = 0; i < type->n_fields; i++) {
        size_t field = type->fields[i].offset;
        bool sees_outputs = field == offsetof(PgQuery__SelectStmt, sort_clause) ||
                            field == offsetof(PgQuery__SelectStmt, group_clause) ||
                            field == offsetof(PgQuery__SelectStmt, distinct_clause);
        if (field != offsetof(PgQuery__SelectStmt, with_clause) &&
            field != offsetof(PgQuery__SelectStmt, from_clause) &&
            field != offsetof(PgQuery__SelectStmt, locking_clause) &&
            !prove_field(proof, &select->base, &type->fields[i], sees_outputs ? &outputs : &scope))
            return false;
    }
    return true;
}

static bool prove_subselect(struct hg_proof *proof, const PgQuery__RangeSubselect *range,
                            const struct hg_proof_scope *scope)
{
    bool replaced = proof->catalog && !range->lateral && range->subquery &&
                    range->subquery->node_case == PG_QUERY__NODE__NODE_SELECT_STMT &&
                    hg_is_replacement(proof, range->subquery->select_stmt);
    return replaced || prove_children(proof, &range->base, scope);
}

static bool prove_itself(struct hg_proof *proof, ProtobufCMessage *message, enum kind kind,
                         const struct hg_proof_scope *scope, const ProtobufCMessage *parent)
{
    switch (kind) {
    case CALL:
        return hg_prove_call(proof, (PgQuery__FuncCall *)message, parent);
    case VALUE_FUNCTION:
        return hg_prove_value_function(proof, (PgQuery__SQLValueFunction *)message);
    case COLUMN:
        return hg_prove_column(proof, (PgQuery__ColumnRef *)message) &&
               hg_prove_reference(proof, scope, (PgQuery__ColumnRef *)message);
    case INDIRECTION:
        return hg_prove_indirection(proof, (PgQuery__AIndirection *)message);
    case TYPE:
        return hg_prove_type(proof, (PgQuery__TypeName *)message, parent);
    case EXPRESSION:
        return hg_prove_expression(proof, (PgQuery__AExpr *)message);
    case COLLATION:
        return hg_prove_collation(proof, (PgQuery__CollateClause *)message);
    case SUBLINK: {
        const PgQuery__SubLink *link = (PgQuery__SubLink *)message;
        return link->n_oper_name == 0 || hg_prove_operator(proof, link->n_oper_name, link->oper_name);
    }
    case SORT: {
        const PgQuery__SortBy *sort = (PgQuery__SortBy *)message;
        return sort->n_use_op == 0 || hg_prove_operator(proof, sort->n_use_op, sort->use_op);
    }
    case PLAIN:
        return true;
    default:
        return hg_unproved(proof, "a %s in %s", message->descriptor->short_name,
                           parent->descriptor->short_name);
    }
}

static bool prove_message(struct hg_proof *proof, ProtobufCMessage *message, enum kind kind,
                          const struct hg_proof_scope *scope, const ProtobufCMessage *parent)
{
    switch (kind) {
    case SELECT:
        return prove_select(proof, (PgQuery__SelectStmt *)message, scope);
    case RELATION:
        return prove_relation(proof, (PgQuery__RangeVar *)message, scope);
    case SUBSELECT:
        return prove_subselect(proof, (PgQuery__RangeSubselect *)message, scope);
    case SAMPLE:
        return prove_sample(proof, (PgQuery__RangeTableSample *)message, scope);
    default:
        return prove_itself(proof, message, kind, scope, parent) && prove_children(proof, message, scope);
    }
}

static bool prove_query(struct hg_proof *proof, PgQuery__Node *query)
{
    proof->query = query;
    if (query && writes(query))
        return hg_prove_write(proof, query, NULL);
    return query && query->node_case == PG_QUERY__NODE__NODE_SELECT_STMT
               ? prove_select(proof, query->select_stmt, NULL)
               : hg_unproved(proof, "a statement of a kind that is not known");
}

/* EXPLAIN plans; it runs only on the catalog backend, whose tables are empty, and must not run what it
 * explains. */
static bool prove_explain(struct hg_proof *proof, const PgQuery__ExplainStmt *explain)
{
    static const char *const options[] = {"verbose", "costs",  "settings", "summary",
                                          "format",  "timing", "buffers",  "wal"};
    if (!proof->catalog)
        return hg_unproved(proof, "EXPLAIN on a data backend");
    for (size_t i = 0; i < explain->n_options; i++) {
        const PgQuery__Node *option = explain->options[i];
        bool known = false;
        for (size_t k = 0; k < sizeof options / sizeof *options; k++)
            known = known || (option->node_case == PG_QUERY__NODE__NODE_DEF_ELEM &&
                              strcmp(option->def_elem->defname, options[k]) == 0);
        if (!known)
            return hg_unproved(proof, "an option of EXPLAIN that is not known");
    }
    return prove_query(proof, explain->query);
}

/* The name is put in its place when it is sent. */
static bool prove_execute(struct hg_proof *proof, const PgQuery__ExecuteStmt *execute)
{
    return (hg_slice_is(HG_EXECUTE_NAME, execute->name) ||
            hg_unproved(proof, "EXECUTE of a client's name")) &&
           prove_children(proof, &execute->base, NULL);
}

static bool prove_statement(struct hg_proof *proof)
{
    PgQuery__Node *const statement = proof->statement;
    switch (statement->node_case) {
    case PG_QUERY__NODE__NODE_EXPLAIN_STMT:
        return prove_explain(proof, statement->explain_stmt);
    case PG_QUERY__NODE__NODE_COPY_STMT:
        return hg_prove_copy(proof, statement->copy_stmt) &&
               (statement->copy_stmt->is_from || prove_query(proof, statement->copy_stmt->query));
    case PG_QUERY__NODE__NODE_DECLARE_CURSOR_STMT:
        return prove_query(proof, statement->declare_cursor_stmt->query);
    case PG_QUERY__NODE__NODE_EXECUTE_STMT:
        return prove_execute(proof, statement->execute_stmt);
    case PG_QUERY__NODE__NODE_FETCH_STMT: /* names and numbers */
    case PG_QUERY__NODE__NODE_CLOSE_PORTAL_STMT:
        return true;
    default:
        return prove_query(proof, statement);
    }
}

static bool prove_tree(struct hg_proof *proof, const PgQuery__ParseResult *result, const PgQuery__Node *meant)
{
    struct hg_slice why = {0};
    if (result->n_stmts != 1 || !result->stmts[0]->stmt)
        return hg_unproved(proof, "not exactly one statement");
    proof->statement = result->stmts[0]->stmt;
    if (!hg_tree_equal(&meant->base, &proof->statement->base, proof->arena, &why))
        return hg_unproved(proof, "the text says something else than was meant: %.*s", HG_SLICE_FMT(why));
    return prove_statement(proof) && hg_prove_fences(proof);
}

bool hg_verify(struct hg_slice sql, const PgQuery__Node *meant, const struct hg_context *context, int backend,
               struct hg_arena *arena, struct hg_fault *fault)
{
    struct hg_proof proof = {.context = context, .backend = backend, .arena = arena, .fault = fault};
    proof.catalog = backend == hg_context_catalog(context);
    if (!proof.catalog && hg_config_is_catalog(context->snapshot->config, (size_t)backend))
        return hg_unproved(&proof, "the catalog is another role's");
    struct hg_tree_limits limits = {
        .max_bytes = SIZE_MAX,
        .max_nesting = (size_t)context->snapshot->config->max_nesting * NESTING_FACTOR + NESTING_MORE,
    };
    struct hg_fault parse_fault = {0};
    struct hg_tree tree;
    if (!hg_tree_open(&tree, sql, &limits, arena, &parse_fault)) {
        /* A limit is a limit, not a mistake. */
        if (strncmp(parse_fault.sqlstate, "54", 2) == 0)
            return hg_fault_set(fault, arena, parse_fault.sqlstate, "%.*s",
                                HG_SLICE_FMT(parse_fault.message));
        return hg_unproved(&proof, "the text does not parse: %.*s", HG_SLICE_FMT(parse_fault.message));
    }
    hg_map_init(&proof.columns);
    bool proved = prove_tree(&proof, tree.result, meant);
    hg_map_free(&proof.columns);
    hg_tree_close(&tree);
    return proved;
}
