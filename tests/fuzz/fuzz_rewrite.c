/* Any text through the whole rewriter, under the policy of the golden cases. The first byte chooses the user,
 * the protocol and the transaction, the rest is the text.
 *
 * Whatever is forwarded is proved here once more, by eyes of their own: in the tree of the text that would be
 * sent, each relation with a schema is, on a data backend, the one item of a FROM whose WHERE is the tenant's
 * predicate (or a shared table), and on the catalog backend a system relation or a logical table; each other
 * one is the name of some WITH query. A second time, out of the cache, the verdicts are the same; and for
 * another tenant nothing of the first one's is left. */
#include <stdio.h>
#include <stdlib.h>

#include "reflect.h"
#include "rewrite.h"
#include "tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

#define MARKED "globex international" /* the tenant's value that no text says by chance */

static struct hg_snapshot *snapshot;
static struct hg_rewriter *rewriter;

static void require(bool held, const char *what, struct hg_slice text)
{
    if (held)
        return;
    fprintf(stderr, "fuzz_rewrite: %s: %.*s\n", what, HG_SLICE_FMT(text));
    abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct hg_diags diags;
    (void)argc;
    (void)argv;
    hg_diags_init(&diags);
    snapshot = hg_snapshot_load(HG_SOURCE_DIR "/tests/cases/policy/headgate.yaml", &diags);
    hg_diags_print(&diags, stderr);
    hg_diags_free(&diags);
    require(snapshot != NULL, "no snapshot", HG_LIT(""));
    snapshot->config->max_statement_bytes = 8192; /* the fuzzer's thread has an ordinary stack */
    snapshot->config->max_nesting = 100;
    rewriter = hg_rewriter_new(1 << 20);
    return 0;
}

static bool contains(struct hg_slice text, const char *what)
{
    size_t len = strlen(what);
    for (size_t i = 0; i + len <= text.len; i++)
        if (memcmp(text.ptr + i, what, len) == 0)
            return true;
    return false;
}

struct proof {
    const struct hg_context *context;
    bool catalog;
    struct hg_slice sql;
    ProtobufCMessage *root;
    const char *looked_for; /* a WITH query's name */
    bool found;
    const PgQuery__SelectStmt *select; /* whose FROM is walked */
};

static enum hg_walk look_for_cte(ProtobufCMessage *message, ProtobufCMessage *parent,
                                 const ProtobufCFieldDescriptor *field, void *argument)
{
    struct proof *proof = argument;
    (void)parent;
    (void)field;
    if (message->descriptor == &pg_query__common_table_expr__descriptor &&
        strcmp(((PgQuery__CommonTableExpr *)message)->ctename, proof->looked_for) == 0)
        proof->found = true;
    return HG_WALK_INTO;
}

static const struct hg_table *table_behind(const PgQuery__RangeVar *relation)
{
    for (size_t i = 0; i < snapshot->ntables; i++)
        if (hg_slice_is(snapshot->tables[i].physical_name, relation->relname) &&
            hg_slice_is(snapshot->tables[i].physical_schema, relation->schemaname))
            return &snapshot->tables[i];
    return NULL;
}

static bool is_string(const PgQuery__Node *node, struct hg_slice text)
{
    return node && node->node_case == PG_QUERY__NODE__NODE_STRING && hg_slice_is(text, node->string->sval);
}

/* table.tenant_column = 'value' */
static bool is_predicate(const PgQuery__Node *where, const struct hg_table *table, struct hg_slice value)
{
    const PgQuery__AExpr *equal =
        where && where->node_case == PG_QUERY__NODE__NODE_A_EXPR ? where->a_expr : NULL;
    if (!equal || equal->kind != PG_QUERY__A__EXPR__KIND__AEXPR_OP || equal->n_name != 1 ||
        !is_string(equal->name[0], HG_LIT("=")) ||
        equal->lexpr->node_case != PG_QUERY__NODE__NODE_COLUMN_REF ||
        equal->rexpr->node_case != PG_QUERY__NODE__NODE_A_CONST)
        return false;
    const PgQuery__ColumnRef *column = equal->lexpr->column_ref;
    const PgQuery__AConst *constant = equal->rexpr->a_const;
    return column->n_fields == 2 && is_string(column->fields[0], table->physical_name) &&
           is_string(column->fields[1], table->tenant_column) &&
           constant->val_case == PG_QUERY__A__CONST__VAL_SVAL && hg_slice_is(value, constant->sval->sval);
}

/* The predicate alone, or the predicate AND whatever else: more conditions only take rows away. */
static bool is_behind_predicate(const PgQuery__Node *where, const struct hg_table *table,
                                struct hg_slice value)
{
    if (!where || where->node_case != PG_QUERY__NODE__NODE_BOOL_EXPR ||
        where->bool_expr->boolop != PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR)
        return is_predicate(where, table, value);
    for (size_t i = 0; i < where->bool_expr->n_args; i++)
        if (is_predicate(where->bool_expr->args[i], table, value))
            return true;
    return false;
}

static void prove_relation(struct proof *proof, const PgQuery__RangeVar *relation,
                           const PgQuery__SelectStmt *select)
{
    if (!relation->schemaname[0]) {
        proof->looked_for = relation->relname;
        proof->found = false;
        require(hg_tree_walk(proof->root, HG_TREE_DEPTH_MOST, look_for_cte, proof) && proof->found,
                "a relation without a schema", proof->sql);
        return;
    }
    if (proof->catalog) {
        require(strcmp(relation->schemaname, "pg_catalog") == 0 ||
                    strcmp(relation->schemaname, "information_schema") == 0 ||
                    hg_snapshot_table(snapshot, hg_slice_cstr(relation->schemaname),
                                      hg_slice_cstr(relation->relname)),
                "a relation that the catalog backend has not", proof->sql);
        return;
    }
    const struct hg_table *table = table_behind(relation);
    require(table && proof->context->user->role->views[table->index].readable, "an unknown relation",
            proof->sql);
    require(select && select->n_from_clause == 1, "not alone in its FROM", proof->sql);
    require(table->shared
                ? !select->where_clause
                : is_behind_predicate(select->where_clause, table, proof->context->user->tenant->value),
            "without its predicate", proof->sql);
}

/* Every SELECT, with the relations that stand directly in its FROM (or in a sample there); relations in joins
 * have none. */
static enum hg_walk prove_message(ProtobufCMessage *message, ProtobufCMessage *parent,
                                  const ProtobufCFieldDescriptor *field, void *argument)
{
    struct proof *proof = argument;
    (void)field;
    if (message->descriptor == &pg_query__select_stmt__descriptor)
        proof->select = (const PgQuery__SelectStmt *)message;
    if (message->descriptor != &pg_query__range_var__descriptor)
        return HG_WALK_INTO;
    bool direct = parent->descriptor == &pg_query__select_stmt__descriptor ||
                  parent->descriptor == &pg_query__range_table_sample__descriptor;
    const PgQuery__SelectStmt *select = direct ? proof->select : NULL;
    if (parent->descriptor == &pg_query__select_stmt__descriptor)
        select = (const PgQuery__SelectStmt *)parent;
    prove_relation(proof, (const PgQuery__RangeVar *)message, select);
    return HG_WALK_INTO;
}

static void prove(const struct hg_context *context, const struct hg_verdict *verdict, struct hg_arena *arena)
{
    const struct hg_tree_limits limits = {.max_bytes = 16 << 20, .max_nesting = 2000};
    struct hg_fault fault = {0};
    struct hg_tree tree;
    require(hg_tree_open(&tree, verdict->sql, &limits, arena, &fault) && tree.result->n_stmts == 1,
            "no single statement", verdict->sql);
    struct proof proof = {.context = context, .catalog = verdict->uses_catalog, .sql = verdict->sql};
    proof.root = &tree.result->base;
    require(hg_tree_walk(proof.root, HG_TREE_DEPTH_MOST, prove_message, &proof), "too deep", verdict->sql);
    hg_tree_close(&tree);
    for (uint32_t at = 1; at <= verdict->sql.len; at += 7)
        require(hg_verdict_position(verdict, verdict->source, at) <= 8193, "position", verdict->sql);
}

static bool same(const struct hg_verdict *a, const struct hg_verdict *b)
{
    return a->kind == b->kind && a->statement == b->statement && a->backend == b->backend &&
           hg_slice_equal(a->sql, b->sql) && hg_slice_equal(a->fault.message, b->fault.message) &&
           a->fault.position == b->fault.position && a->nreasons == b->nreasons;
}

static void run(const struct hg_context *context, struct hg_slice text, struct hg_arena *arena)
{
    struct hg_verdicts first, second;
    hg_rewrite(rewriter, context, text, arena, &first);
    hg_rewrite(rewriter, context, text, arena, &second);
    require(first.count >= 1 && first.count == second.count && first.refused == second.refused,
            "not the same again", text);
    for (size_t i = 0; i < first.count; i++) {
        const struct hg_verdict *verdict = &first.list[i];
        require(same(verdict, &second.list[i]), "not the same from the cache", text);
        if (verdict->kind == HG_REFUSE)
            require(strlen(verdict->fault.sqlstate) == 5 && verdict->fault.message.len &&
                        strcmp(verdict->fault.sqlstate, HG_INTERNAL_ERROR) != 0,
                    "a refusal without words, or one of verify's", text);
        if (verdict->kind != HG_FORWARD)
            continue;
        prove(context, verdict, arena);
        prove(context, &second.list[i], arena);
        if (!hg_slice_is(context->user->tenant->value, MARKED) && !contains(text, "globex"))
            require(!contains(verdict->sql, MARKED), "another tenant's value", text);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const paths[] = {"\"$user\", public", "crm, materialized, public",
                                        "public, pg_catalog", ""};
    struct hg_arena arena;
    if (size == 0)
        return 0;
    struct hg_slice text = hg_slice_of((const char *)data + 1, size - 1);
    struct hg_context context = {.snapshot = snapshot, .pid = 4711};
    context.extended = data[0] & 8;
    context.bound_backend = data[0] & 16 ? (data[0] >> 5 & 1) : -1;
    context.search_path = hg_slice_cstr(paths[data[0] >> 6]);
    context.search_path_settled = !(data[0] & 32);
    hg_arena_init(&arena, 0);
    for (size_t i = 0; i < 2; i++) { /* two users, so that the second may find what the first one left */
        context.user = &snapshot->users[(data[0] + i) % snapshot->nusers];
        run(&context, text, &arena);
    }
    hg_arena_free(&arena);
    return 0;
}
