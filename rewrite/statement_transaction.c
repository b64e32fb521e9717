/* Transactions and savepoints. The text that a backend is sent for them is printed anew here, from what was
 * understood. */
#include "print.h"
#include "statement.h"

static const PgQuery__AConst *constant_of(const PgQuery__Node *node)
{
    return node && node->node_case == PG_QUERY__NODE__NODE_A_CONST ? node->a_const : NULL;
}

bool hg_transaction_mode(const PgQuery__Node *node, struct hg_setting_value *mode)
{
    static const char *const levels[] = {"serializable", "repeatable read", "read committed",
                                         "read uncommitted"};
    if (!node || node->node_case != PG_QUERY__NODE__NODE_DEF_ELEM)
        return false;
    const PgQuery__AConst *value = constant_of(node->def_elem->arg);
    mode->setting = hg_slice_cstr(node->def_elem->defname);
    if (!value)
        return false;
    if (hg_slice_is(mode->setting, "transaction_isolation") &&
        value->val_case == PG_QUERY__A__CONST__VAL_SVAL) {
        for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
            if (strcmp(value->sval->sval, levels[i]) == 0) {
                mode->value = hg_slice_cstr(levels[i]);
                return true;
            }
        return false;
    }
    if (value->val_case != PG_QUERY__A__CONST__VAL_IVAL)
        return false;
    mode->value = value->ival->ival ? HG_LIT("on") : HG_LIT("off");
    return hg_slice_is(mode->setting, "transaction_read_only") ||
           hg_slice_is(mode->setting, "transaction_deferrable");
}

bool hg_transaction_modes(struct hg_statement *statement, size_t count, PgQuery__Node **modes,
                          struct hg_bytes *out)
{
    for (size_t i = 0; i < count; i++) {
        struct hg_setting_value mode;
        if (!hg_transaction_mode(modes[i], &mode))
            return hg_statement_refuse(statement, -1, HG_FEATURE_NOT_SUPPORTED,
                                       "this transaction mode is not supported");
        bool on = hg_slice_is(mode.value, "on");
        if (i)
            hg_write_text(out, ",");
        if (hg_slice_is(mode.setting, "transaction_read_only"))
            hg_write_text(out, on ? " READ ONLY" : " READ WRITE");
        else if (hg_slice_is(mode.setting, "transaction_deferrable"))
            hg_write_text(out, on ? " DEFERRABLE" : " NOT DEFERRABLE");
        else
            hg_write_format(out, " ISOLATION LEVEL %.*s", HG_SLICE_FMT(mode.value));
    }
    return true;
}

static bool classify_begin(struct hg_statement *statement, const PgQuery__TransactionStmt *transaction,
                           const char *tag)
{
    struct hg_bytes sql;
    hg_bytes_init(&sql, 0);
    hg_write_text(&sql, "BEGIN");
    bool known = hg_transaction_modes(statement, transaction->n_options, transaction->options, &sql);
    statement->verdict->sql = hg_arena_slice(statement->arena, hg_bytes_slice(&sql));
    hg_bytes_free(&sql);
    return known && hg_statement_local(statement, HG_STMT_BEGIN, tag);
}

static bool classify_savepoint(struct hg_statement *statement, const PgQuery__TransactionStmt *transaction,
                               enum hg_statement_kind kind, const char *words, const char *tag)
{
    struct hg_bytes sql;
    struct hg_slice name = hg_slice_cstr(transaction->savepoint_name);
    hg_bytes_init(&sql, 0);
    hg_write_text(&sql, words);
    hg_print_identifier(&sql, name);
    statement->verdict->name = hg_arena_slice(statement->arena, name);
    statement->verdict->sql = hg_arena_slice(statement->arena, hg_bytes_slice(&sql));
    hg_bytes_free(&sql);
    return hg_statement_local(statement, kind, tag);
}

bool hg_classify_transaction(struct hg_statement *statement, const PgQuery__TransactionStmt *transaction)
{
    statement->verdict->chain = transaction->chain;
    switch (transaction->kind) {
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_BEGIN:
        return classify_begin(statement, transaction, "BEGIN");
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_START:
        return classify_begin(statement, transaction, "START TRANSACTION");
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT:
        return hg_statement_local(statement, HG_STMT_COMMIT, "COMMIT");
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK:
        return hg_statement_local(statement, HG_STMT_ROLLBACK, "ROLLBACK");
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_SAVEPOINT:
        return classify_savepoint(statement, transaction, HG_STMT_SAVEPOINT, "SAVEPOINT ", "SAVEPOINT");
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_RELEASE:
        return classify_savepoint(statement, transaction, HG_STMT_RELEASE, "RELEASE SAVEPOINT ", "RELEASE");
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK_TO:
        return classify_savepoint(statement, transaction, HG_STMT_ROLLBACK_TO, "ROLLBACK TO SAVEPOINT ",
                                  "ROLLBACK");
    default:
        return hg_statement_refuse_by_name(statement); /* two-phase commit */
    }
}
