/* Masks and conditions on rows are proved offline to be expressions over what may be used; whether they fit
 * the types of the columns, and of the values that users have as attributes, only a database can say. So for
 * each role that has any on a table of this backend, what Headgate would send for SELECT * FROM the table is
 * planned there, and not run. */
#include "ddl.h"
#include "live.h"
#include "rewrite.h"

#define USERS_MOST 100 /* of a role whose attributes are tried */

static bool has_expressions(const struct hg_table_view *view)
{
    for (size_t i = 0; i < view->table->ncolumns; i++)
        if (view->columns[i].mask && !view->columns[i].hidden)
            return true;
    return view->rows != NULL;
}

/* What is sent for all rows of the table; empty when nothing is, or not to this backend. */
static struct hg_slice sent_for(struct hg_live *live, struct hg_rewriter *rewriter,
                                const struct hg_user *user, const struct hg_table *table)
{
    int backend = (int)(live->backend - live->snapshot->config->backends);
    struct hg_context context = {.snapshot = live->snapshot,
                                 .user = user,
                                 .search_path = HG_LIT("public"),
                                 .pid = 1,
                                 .bound.first = backend};
    struct hg_verdicts verdicts;
    struct hg_bytes text;

    hg_bytes_init(&text, 0);
    hg_write_text(&text, "SELECT * FROM ");
    hg_ddl_qualified(&text, table->schema, table->name);
    struct hg_slice whole = hg_arena_slice(&live->arena, hg_bytes_slice(&text));
    hg_bytes_free(&text);
    hg_rewrite(rewriter, &context, whole, &live->arena, &verdicts);
    const struct hg_verdict *verdict = &verdicts.list[0];
    return verdict->kind == HG_FORWARD && verdict->backend == backend ? verdict->sql : HG_LIT("");
}

/* False when the backend does not take it, which is said. */
static bool plans(struct hg_live *live, const struct hg_user *user, const struct hg_table *table,
                  struct hg_slice sent)
{
    struct hg_result unused;
    struct hg_fault fault;
    struct hg_slice sql = hg_arena_printf(&live->arena, "EXPLAIN %.*s", HG_SLICE_FMT(sent));

    if (!sent.len || hg_blocking_query(live->blocking, sql, &live->arena, &unused, &fault))
        return true;
    hg_live_report(live, HG_ERROR,
                   hg_arena_printf(&live->arena, "table %.*s.%.*s", HG_SLICE_FMT(table->schema),
                                   HG_SLICE_FMT(table->name)),
                   hg_arena_printf(&live->arena, "role %.*s cannot read it, as user %.*s: %.*s",
                                   HG_SLICE_FMT(user->role->name), HG_SLICE_FMT(user->name),
                                   HG_SLICE_FMT(fault.message)),
                   "do the role's masks and conditions, and the user's attributes, fit the columns?");
    return false;
}

static void check_view(struct hg_live *live, struct hg_rewriter *rewriter, const struct hg_role *role,
                       const struct hg_table_view *view)
{
    size_t most = role->nattributes && view->rows ? USERS_MOST : 1;

    for (size_t i = 0; i < live->snapshot->nusers && most; i++) {
        const struct hg_user *user = &live->snapshot->users[i];
        if (user->role != role)
            continue;
        most--;
        if (!plans(live, user, view->table, sent_for(live, rewriter, user, view->table)))
            return;
    }
}

void hg_live_policy(struct hg_live *live)
{
    struct hg_rewriter *rewriter = hg_rewriter_new(0);
    size_t backend = (size_t)(live->backend - live->snapshot->config->backends);

    hg_live_progress(live, "masks and conditions");
    for (size_t i = 0; i < live->snapshot->nroles; i++)
        for (size_t k = 0; k < live->snapshot->ntables; k++) {
            const struct hg_table_view *view = &live->snapshot->roles[i].views[k];
            if (view->readable && (view->table->backends >> backend & 1) && has_expressions(view))
                check_view(live, rewriter, &live->snapshot->roles[i], view);
        }
    hg_rewriter_free(rewriter);
}
