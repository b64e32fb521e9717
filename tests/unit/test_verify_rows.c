/* The proof of conditions on rows, by hand-written texts: what a rewriter with a mistake could have made of
 * them. Policy and schema are those of the golden cases; the caller is acme_eu, whose role has a condition of
 * every kind. */
#include "check.h"
#include "tree.h"
#include "verify.h"

#define MESSAGES  "SELECT id FROM public.messages WHERE "
#define TENANT    "messages.tenant_id = 'acme'"
#define OWN       "CASE WHEN messages.tenant_id = 'acme' THEN 1 END IS NOT NULL"
#define STATUS    "messages.status = 'sent'"
#define ABOVE     "messages.campaign_id > 7"
#define ROWS      "(" STATUS " AND " ABOVE ")"
#define GUARDS    "CASE WHEN " STATUS " THEN 1 END IS NOT NULL AND CASE WHEN " ABOVE " THEN 1 END IS NOT NULL"
#define CAMPAIGNS "SELECT id, name FROM public.campaigns WHERE campaigns.tenant_id = 'acme' AND "
#define EITHER    "(campaigns.id = ANY ('{1,2}') OR campaigns.name = 'acme')"
#define CONTACTS  "SELECT id FROM public.contacts WHERE contacts.tenant_id = 'acme' AND "
#define FAILING   "\"right\"(contacts.phone, 2)::integer < '50'"

static const struct {
    const char *sql;
    bool proved;
} texts[] = {
    {MESSAGES TENANT " AND " ROWS, true},
    {MESSAGES TENANT " AND " OWN " AND " GUARDS " AND " ROWS, true},
    {"SELECT id FROM (" MESSAGES TENANT " AND " OWN " AND " GUARDS " AND " ROWS ") AS m WHERE 1 / id = 1",
     true},
    {"SELECT id FROM (" MESSAGES TENANT " AND " ROWS " OFFSET 0) AS m WHERE 1 / id = 1", true},
    {"SELECT id, name FROM public.channels WHERE channels.name = 'mail' AND channels.id < 100", true},
    {CAMPAIGNS EITHER, true},
    {"SELECT id FROM (" CAMPAIGNS EITHER " OFFSET 0) AS c WHERE name::integer = 1", true},
    {CONTACTS "CASE WHEN contacts.tenant_id = 'acme' THEN " FAILING " END OFFSET 0", true},
    /* missing, in another place, widened */
    {MESSAGES TENANT, false},
    {MESSAGES ROWS, false},
    {MESSAGES TENANT " AND " STATUS, false},
    {MESSAGES TENANT " AND " ABOVE, false},
    {MESSAGES TENANT " AND " STATUS " AND " ABOVE, false},
    {MESSAGES ROWS " AND " TENANT, false},
    {MESSAGES TENANT " OR " ROWS, false},
    {MESSAGES TENANT " AND (" STATUS " OR " ABOVE ")", false},
    {MESSAGES TENANT " AND (" ROWS " OR true)", false},
    {MESSAGES TENANT " AND NOT " ROWS, false},
    {MESSAGES TENANT " AND " ROWS " AND id = 1", false},
    {MESSAGES TENANT " AND " OWN " AND " GUARDS, false},
    {MESSAGES TENANT " AND CASE WHEN " TENANT " THEN true END", false},
    {MESSAGES TENANT " AND CASE WHEN messages.tenant_id = 'globex' THEN " ROWS " END", false},
    {MESSAGES TENANT " AND CASE WHEN " TENANT " THEN " ROWS " ELSE true END", false},
    {"SELECT id, name FROM public.channels", false},
    {"SELECT id, name FROM public.channels WHERE channels.name = 'mail'", false},
    {"SELECT id, name FROM public.channels WHERE channels.name = 'mail' OR channels.id < 100", false},
    /* another value, another column, a name that might mean another table's */
    {MESSAGES TENANT " AND (messages.status = 'failed' AND " ABOVE ")", false},
    {MESSAGES TENANT " AND (messages.status = 'sent ' AND " ABOVE ")", false},
    {MESSAGES TENANT " AND (messages.status = NULL AND " ABOVE ")", false},
    {MESSAGES TENANT " AND (" STATUS " AND messages.campaign_id > 6)", false},
    {MESSAGES TENANT " AND (" STATUS " AND messages.campaign_id >= 7)", false},
    {MESSAGES TENANT " AND (" STATUS " AND messages.contact_id > 7)", false},
    {MESSAGES TENANT " AND (status = 'sent' AND " ABOVE ")", false},
    {MESSAGES TENANT " AND (" STATUS " AND campaign_id > 7)", false},
    {MESSAGES TENANT " AND (campaigns.status = 'sent' AND " ABOVE ")", false},
    {MESSAGES TENANT " AND (messages.status = $1 AND " ABOVE ")", false},
    {CAMPAIGNS "(campaigns.id = ANY ('{1,2,3}') OR campaigns.name = 'acme')", false},
    {CAMPAIGNS "(campaigns.id = ANY ('{1,2}') OR campaigns.name = 'globex')", false},
    /* what may fail comes too early */
    {"SELECT id FROM (" MESSAGES TENANT " AND " ROWS ") AS m WHERE 1 / id = 1", false},
    {"SELECT id FROM (" MESSAGES TENANT " AND " OWN " AND " ROWS ") AS m WHERE 1 / id = 1", false},
    {"SELECT id FROM (" MESSAGES TENANT " AND " OWN " AND CASE WHEN " STATUS
     " THEN 1 END IS NOT NULL AND " ROWS ") AS m WHERE 1 / id = 1",
     false},
    {"SELECT id FROM (" CAMPAIGNS EITHER ") AS c WHERE name::integer = 1", false},
    {"SELECT id FROM (" CAMPAIGNS
     "CASE WHEN campaigns.tenant_id = 'acme' THEN 1 END IS NOT NULL AND CASE WHEN " EITHER
     " THEN 1 END IS NOT NULL AND " EITHER ") AS c WHERE name::integer = 1",
     false},
    {CONTACTS FAILING " OFFSET 0", false},
    {"SELECT id FROM (SELECT id, name FROM public.channels WHERE channels.name = 'mail' AND channels.id < "
     "100) AS c "
     "WHERE name::integer = 1",
     false},
};

static void check_texts(const struct hg_snapshot *snapshot)
{
    const struct hg_tree_limits limits = {.max_bytes = 1 << 20, .max_nesting = 500};
    struct hg_context context = {.snapshot = snapshot,
                                 .user = hg_snapshot_user(snapshot, HG_LIT("acme_eu")),
                                 .search_path = HG_LIT("public"),
                                 .pid = 1,
                                 .bound.first = -1,
                                 .extended = true};
    struct hg_arena arena;
    hg_arena_init(&arena, 0);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct hg_slice sql = hg_slice_cstr(texts[i].sql);
        struct hg_fault fault = {0};
        struct hg_tree tree;
        if (!CHECK(hg_tree_open(&tree, sql, &limits, &arena, &fault)))
            continue;
        int backend = strstr(texts[i].sql, "channels") ? 0 : 1; /* aurora, redshift */
        bool proved = hg_verify(sql, tree.result->stmts[0]->stmt, &context, backend, &arena, &fault);
        if (!CHECK(proved == texts[i].proved))
            fprintf(stderr, "  %s: %.*s\n", texts[i].sql, HG_SLICE_FMT(fault.detail));
        hg_tree_close(&tree);
    }
    hg_arena_free(&arena);
}

static void run(void *unused)
{
    struct hg_diags diags;
    (void)unused;
    hg_diags_init(&diags);
    struct hg_snapshot *snapshot =
        hg_snapshot_load_offline(HG_SOURCE_DIR "/tests/cases/policy/headgate.yaml", &diags);
    if (CHECK(snapshot != NULL))
        check_texts(snapshot);
    else
        hg_diags_print(&diags, stderr);
    hg_snapshot_drop(snapshot);
    hg_diags_free(&diags);
}

int main(void)
{
    CHECK(hg_tree_run_with_stack(hg_snapshot_stack_bytes(), run, NULL));
    return check_end();
}
