/* The rewriter around the pipeline: what is kept and for whom, where a backend's error is in the client's
 * text, names that must not reach a client, and masks that a policy may not have. */
#include "policy_texts.h"
#include "rewrite.h"

static const char config[] = "listen: 127.0.0.1:6432\n"
                             "policy: policy.yaml\n"
                             "backends:\n"
                             "  aurora: {dialect: postgresql, host: a, database: d, user: u}\n"
                             "  catalog: {dialect: postgresql, host: c, database: d, user: u}\n";

static const char policy[] =
    "database: analytics\n"
    "schema: schema.sql\n"
    "tenant_column: tenant_id\n"
    "tables:\n"
    "  public.contacts: {backends: [aurora]}\n"
    "materialized: {prefix: _m_, tables: {daily: {backends: [aurora]}}}\n"
    "roles:\n"
    "  analyst: {read: [\"*\"], explain_rewrite: true, columns: {public.contacts.phone: {mask: \"%s\"}}}\n"
    "  other: {read: [\"*\"]}\n"
    "  some: {read: [\"*\"], rows: {public.contacts: \"phone = {user.p} OR phone = "
    "{tenant.q} OR phone = {user.p}\"}}\n"
    "tenants: {acme: {value: acme, attributes: {q: short}}, globex: {value: globex, "
    "attributes: {q: the longer one}}}\n"
    "users:\n"
    "  ann: {tenant: acme, role: analyst, password: \"" TEST_VERIFIER "\"}\n"
    "  bob: {tenant: globex, role: analyst, password: \"" TEST_VERIFIER "\"}\n"
    "  cat: {tenant: acme, role: other, password: \"" TEST_VERIFIER "\"}\n"
    "  dan: {tenant: acme, role: some, attributes: {p: x}, password: \"" TEST_VERIFIER "\"}\n"
    "  eve: {tenant: globex, role: some, attributes: {p: ünlike x}, password: \"" TEST_VERIFIER "\"}\n";

static const char schema[] = "CREATE TABLE public.contacts (id bigint PRIMARY KEY, phone text);\n"
                             "CREATE TABLE materialized.daily (day date, sent bigint);\n";

static struct hg_snapshot *load(const char *mask, size_t *errors)
{
    char with_mask[4096];
    struct hg_diags diags;
    hg_diags_init(&diags);
    snprintf(with_mask, sizeof with_mask, policy, mask);
    const struct hg_source files[] = {{"h.yaml", hg_slice_cstr(config), false},
                                      {"policy.yaml", hg_slice_cstr(with_mask), false},
                                      {"schema.sql", hg_slice_cstr(schema), false}};
    struct hg_snapshot *snapshot = hg_snapshot_load_texts(files, 3, "h.yaml", &diags);
    if (snapshot)
        hg_rewrite_check(snapshot, &diags);
    *errors = diags.errors;
    hg_diags_free(&diags);
    return snapshot;
}

/* Masks. */

static void test_masks(void)
{
    static const struct {
        const char *mask;
        bool good;
    } masks[] = {
        {"'***' || right(phone, 4)", true},
        {"NULL", true},
        {"CASE WHEN id > 7 THEN phone ELSE md5(phone) END", true},
        {"phone::varchar(3)", true},
        {"left(coalesce(phone, ''), 2) || repeat('*', 3)", true},
        {"(SELECT max(phone) FROM public.contacts)", false},
        {"EXISTS (SELECT 1)", false},
        {"pg_read_file('x')", false},
        {"version()", false},
        {"current_user", false},
        {"current_setting('x')", false},
        {"query_to_xml('SELECT 1', true, true, '')", false},
        {"max(phone)", false},
        {"count(*)", false},
        {"row_number() OVER ()", false},
        {"tenant_id", false},
        {"contacts.phone", false},
        {"other", false},
        {"$1", false},
        {"(phone).lower", false},
        {"public.mask(phone)", false},
        {"age(current_date, phone::date)::text", true},
        {"age(phone::date)::text", false},
        {"phone::regclass::text", false},
        {"phone OPERATOR(public.||) 'x'", false},
        {"pg_sleep(10)::text", false},
    };
    for (size_t i = 0; i < sizeof masks / sizeof masks[0]; i++) {
        size_t errors;
        struct hg_snapshot *snapshot = load(masks[i].mask, &errors);
        if (!CHECK((errors == 0) == masks[i].good))
            fprintf(stderr, "  mask %s: %zu errors\n", masks[i].mask, errors);
        hg_snapshot_drop(snapshot);
    }
}

/* What is kept. */

struct caller {
    struct hg_rewriter *rewriter;
    const struct hg_snapshot *snapshot;
    struct hg_arena arena;
};

static struct hg_context context_of(const struct caller *caller, const char *user)
{
    struct hg_context context = {.snapshot = caller->snapshot, .pid = 42, .bound.first = -1};
    context.user = hg_snapshot_user(caller->snapshot, hg_slice_cstr(user));
    context.search_path = HG_LIT("public");
    return context;
}

static const struct hg_verdict *rewrite(struct caller *caller, const struct hg_context *context,
                                        const char *text)
{
    struct hg_verdicts verdicts;
    hg_rewrite(caller->rewriter, context, hg_slice_cstr(text), &caller->arena, &verdicts);
    return verdicts.list;
}

static void check_hits(struct caller *caller, uint64_t hits, uint64_t misses)
{
    struct hg_rewriter_stats stats = hg_rewriter_stats(caller->rewriter);
    CHECK_INT(stats.hits, hits);
    CHECK_INT(stats.misses, misses);
}

static void test_sharing(struct caller *caller)
{
    /* Two users of a role without masks, of two tenants. */
    struct hg_context ann = context_of(caller, "cat"), bob = ann;
    struct hg_user first = *ann.user, second = *ann.user;
    first.name = HG_LIT("ann");
    second.name = HG_LIT("bob");
    second.tenant = context_of(caller, "bob").user->tenant;
    ann.user = &first;
    bob.user = &second;
    bob.pid = 7;
    const char *text = "SELECT id, current_user, pg_backend_pid() FROM contacts";
    const char *anns =
        "SELECT id, 'ann'::pg_catalog.name AS \"current_user\", 42::integer AS pg_backend_pid FROM "
        "(SELECT id, phone FROM public.contacts WHERE contacts.tenant_id = 'acme') AS contacts";
    const char *bobs =
        "SELECT id, 'bob'::pg_catalog.name AS \"current_user\", 7::integer AS pg_backend_pid FROM "
        "(SELECT id, phone FROM public.contacts WHERE contacts.tenant_id = 'globex') AS contacts";
    CHECK_TEXT(rewrite(caller, &ann, text)->sql, anns);
    check_hits(caller, 0, 1);
    CHECK_TEXT(rewrite(caller, &bob, text)->sql, bobs);
    check_hits(caller, 1, 1);
    CHECK_TEXT(rewrite(caller, &ann, text)->sql, anns);
    check_hits(caller, 2, 1);

    /* Whatever changes the meaning makes it another entry. */
    struct hg_context changed = ann;
    changed.search_path = HG_LIT("public, materialized");
    rewrite(caller, &changed, text);
    check_hits(caller, 2, 2);
    changed = ann;
    changed.extended = true;
    rewrite(caller, &changed, text);
    check_hits(caller, 2, 3);
    changed = ann;
    changed.bound.first = 0;
    rewrite(caller, &changed, text);
    check_hits(caller, 2, 4);
    changed.bound.written = 1;
    rewrite(caller, &changed, text);
    check_hits(caller, 2, 5);
    changed = ann;
    changed.search_path_settled = true;
    rewrite(caller, &changed, text);
    check_hits(caller, 2, 6);
    changed = ann;
    changed.reset_search_path = HG_LIT("");
    rewrite(caller, &changed, text);
    check_hits(caller, 2, 7);
    rewrite(caller, &ann, "SELECT id, current_user, pg_backend_pid() FROM contacts ");
    check_hits(caller, 2, 8);
}

/* The ends of a connection, there or not, are filled in for each session. */
static void test_ends(struct caller *caller)
{
    const char *text =
        "SELECT inet_client_addr(), inet_client_port(), inet_server_addr(), inet_server_port()";
    struct hg_context far = context_of(caller, "ann"), near = context_of(caller, "bob");
    far.ends[HG_END_CLIENT_ADDRESS] = HG_LIT("10.0.0.7");
    far.ends[HG_END_CLIENT_PORT] = HG_LIT("51234");
    far.ends[HG_END_SERVER_ADDRESS] = HG_LIT("2001:db8::1");
    far.ends[HG_END_SERVER_PORT] = HG_LIT("6432");
    const char *fars = "SELECT '10.0.0.7'::pg_catalog.inet AS inet_client_addr, '51234'::integer AS "
                       "inet_client_port, '2001:db8::1'::pg_catalog.inet AS inet_server_addr, "
                       "'6432'::integer AS inet_server_port";
    const char *nears =
        "SELECT NULL::pg_catalog.inet AS inet_client_addr, NULL::integer AS inet_client_port, "
        "NULL::pg_catalog.inet AS inet_server_addr, NULL::integer AS inet_server_port";
    struct hg_rewriter_stats before = hg_rewriter_stats(caller->rewriter);
    CHECK_TEXT(rewrite(caller, &far, text)->sql, fars);
    CHECK_TEXT(rewrite(caller, &near, text)->sql, nears);
    CHECK_TEXT(rewrite(caller, &far, text)->sql, fars);
    CHECK_INT(hg_rewriter_stats(caller->rewriter).misses, before.misses + 1);
}

/* What another user of the role would be told otherwise is not shared with him. */
static void test_personal(struct caller *caller)
{
    struct hg_context ann = context_of(caller, "ann"), bob = context_of(caller, "bob");
    const char *privilege = "SELECT has_table_privilege('ann', 'contacts', 'SELECT')";
    for (int i = 0; i < 2; i++) {
        CHECK_INT(rewrite(caller, &ann, privilege)->kind, HG_FORWARD);
        CHECK_INT(rewrite(caller, &bob, privilege)->kind, HG_REFUSE);
        CHECK_INT(rewrite(caller, &bob, "SET SESSION AUTHORIZATION ann")->kind, HG_REFUSE);
        CHECK_INT(rewrite(caller, &ann, "SET SESSION AUTHORIZATION ann")->kind, HG_LOCAL);
    }
    struct hg_rewriter_stats before = hg_rewriter_stats(caller->rewriter);
    for (int i = 0; i < 3; i++)
        CHECK_INT(rewrite(caller, &ann, "EXPLAIN (REWRITE) SELECT 1 FROM contacts")->kind, HG_LOCAL);
    CHECK_INT(hg_rewriter_stats(caller->rewriter).misses, before.misses + 3); /* holds the tenant's value */
}

static void test_bounds(const struct hg_snapshot *snapshot)
{
    struct caller caller = {.rewriter = hg_rewriter_new(200000), .snapshot = snapshot};
    hg_arena_init(&caller.arena, 0);
    struct hg_context cat = context_of(&caller, "cat");
    char text[200];
    for (int i = 0; i < 500; i++) {
        snprintf(text, sizeof text, "SELECT %d FROM contacts", i);
        rewrite(&caller, &cat, text);
    }
    struct hg_rewriter_stats stats = hg_rewriter_stats(caller.rewriter);
    CHECK(stats.cached_bytes <= 200000 && stats.cached_texts >= 10 && stats.cached_texts < 200);
    CHECK_INT(stats.evictions + stats.cached_texts, 500);
    rewrite(&caller, &cat, "SELECT 499 FROM contacts"); /* the last one is there, the first is not */
    rewrite(&caller, &cat, "SELECT 0 FROM contacts");
    CHECK_INT(hg_rewriter_stats(caller.rewriter).hits, 1);

    /* Too long to be kept. */
    char *text_of_70k = hg_arena_alloc(&caller.arena, 70001);
    memset(text_of_70k, ' ', 70000);
    memcpy(text_of_70k, "SELECT 1", 8);
    for (int i = 0; i < 2; i++)
        CHECK_TEXT(rewrite(&caller, &cat, text_of_70k)->sql, "SELECT 1");
    CHECK_INT(hg_rewriter_stats(caller.rewriter).hits, 1);
    hg_rewriter_free(caller.rewriter);
    hg_arena_free(&caller.arena);
}

/* Positions. */

/* Where a backend would point at the n-th `token` of what was sent, in the client's text. */
static uint32_t position_of(const struct hg_verdict *verdict, const char *text, const char *token,
                            size_t into)
{
    const char *at = strstr(verdict->sql.ptr, token);
    if (!CHECK(at != NULL))
        return 0;
    uint32_t position = hg_position_of(verdict->sql, (size_t)(at - verdict->sql.ptr) + into);
    return hg_verdict_position(verdict, hg_slice_cstr(text), position);
}

static void test_positions(struct caller *caller)
{
    struct hg_context cat = context_of(caller, "cat"), ann = context_of(caller, "ann");
    const char *text = "SELECT 'ä', nothing, contacts.missing, 'a' + 1 FROM contacts WHERE nowhere";
    for (int i = 0; i < 2; i++) { /* as it was printed, and from the cache */
        const struct hg_verdict *verdict = rewrite(caller, &cat, text);
        CHECK_INT(position_of(verdict, text, "nothing", 0), 13);
        CHECK_INT(position_of(verdict, text, "nothing", 3), 16);
        CHECK_INT(position_of(verdict, text, "contacts.missing", 0), 22);
        CHECK_INT(position_of(verdict, text, "+ 1", 0), 44);
        CHECK_INT(position_of(verdict, text, "public.contacts", 0), 53); /* the client's own name for it */
        CHECK_INT(position_of(verdict, text, "nowhere", 0), 68);
        CHECK_INT(hg_verdict_position(verdict, hg_slice_cstr(text), 0), 0);
    }
    /* Another tenant's value is longer: what stands behind it moves, what it means does not. */
    struct hg_user twin = *cat.user;
    twin.tenant = context_of(caller, "bob").user->tenant;
    struct hg_context other = cat;
    other.user = &twin;
    const struct hg_verdict *verdict = rewrite(caller, &other, text);
    CHECK(strstr(verdict->sql.ptr, "'globex'") != NULL);
    CHECK_INT(position_of(verdict, text, "nowhere", 2), 70);
    CHECK_INT(position_of(verdict, text, "'globex'", 3), 53);

    const char *second = "SELECT 1; SELECT phone, nothing FROM contacts";
    verdict = rewrite(caller, &ann, second) + 1;
    CHECK_INT(position_of(verdict, second, "nothing", 0), 25);
    CHECK_TEXT(verdict->source, "SELECT phone, nothing FROM contacts");
    CHECK_TEXT(rewrite(caller, &ann, second)[1].source, "SELECT phone, nothing FROM contacts");
}

static bool is_hit(struct caller *caller, const struct hg_context *context, const char *text)
{
    uint64_t hits = hg_rewriter_stats(caller->rewriter).hits;
    return rewrite(caller, context, text)->kind == HG_FORWARD &&
           hg_rewriter_stats(caller->rewriter).hits > hits;
}

/* Texts that differ in literals alone that nothing but the database looks at: one entry does for all, when two
 * of them have become the same. */
static void test_literals(struct caller *caller)
{
    struct hg_context cat = context_of(caller, "cat");
    CHECK(!is_hit(caller, &cat, "SELECT id FROM contacts WHERE id = 7 AND nowhere"));
    CHECK(is_hit(caller, &cat, "SELECT id FROM contacts WHERE id = 7 AND nowhere"));
    CHECK(!is_hit(caller, &cat, "SELECT id FROM contacts WHERE id = 8 AND nowhere"));
    const char *third = "SELECT id FROM contacts WHERE id = 123456 AND nowhere";
    CHECK(is_hit(caller, &cat, third));
    const struct hg_verdict *verdict = rewrite(caller, &cat, third);
    CHECK_TEXT(verdict->sql,
               "SELECT id FROM (SELECT id, phone FROM public.contacts WHERE contacts.tenant_id = 'acme') AS "
               "contacts WHERE (id = 123456) AND nowhere");
    CHECK_TEXT(verdict->source, third);
    CHECK_INT(position_of(verdict, third, "id = 1", 3), 34);
    CHECK_INT(position_of(verdict, third, "123456", 3), 36);
    CHECK_INT(position_of(verdict, third, "nowhere", 2), 49);

    static const struct {
        const char *first, *second, *third;
        bool together; /* the third is what the others are */
    } texts[] = {
        {"SELECT 1 FROM contacts WHERE id IN (1, 2)", "SELECT 1 FROM contacts WHERE id IN (3, 4)",
         "SELECT 1 FROM contacts WHERE id IN (0, 2147483647)", true},
        {"SELECT 1 FROM contacts c JOIN contacts d ON c.id = 1 AND 2 < d.id",
         "SELECT 1 FROM contacts c JOIN contacts d ON c.id = 3 AND 4 < d.id",
         "SELECT 1 FROM contacts c JOIN contacts d ON c.id = 1 AND 4 < d.id", true},
        {"SELECT id FROM contacts WHERE id = 1 LIMIT 10", "SELECT id FROM contacts WHERE id = 2 LIMIT 10",
         "SELECT id FROM contacts WHERE id = 3 LIMIT 11", false},
        {"SELECT 2 FROM contacts WHERE id = 1", "SELECT 2 FROM contacts WHERE id = 2",
         "SELECT 3 FROM contacts WHERE id = 3", false},
        {"SELECT id, phone FROM contacts WHERE id > 1 ORDER BY 1",
         "SELECT id, phone FROM contacts WHERE id > 2 ORDER BY 1",
         "SELECT id, phone FROM contacts WHERE id > 3 ORDER BY 2", false},
        {"SELECT id FROM contacts WHERE phone >= '2026-11-01' AND phone < '2026-12-01T00:00:00Z'",
         "SELECT id FROM contacts WHERE phone >= '2025-11-01' AND phone < '2025-12-01T00:00:00Z'",
         "SELECT id FROM contacts WHERE phone >= '007' AND phone < '1'", true},
        {"SELECT id FROM contacts WHERE '2026-11-01'::date <> phone AND phone > timestamp '2026-11-01 0:00'",
         "SELECT id FROM contacts WHERE '2026-11-02'::date <> phone AND phone > timestamp '2026-11-01 0:01'",
         "SELECT id FROM contacts WHERE '2026-11-03'::date <> phone AND phone > timestamp '9-9-9'", true},
        {"SELECT id FROM contacts WHERE phone = '1'", "SELECT id FROM contacts WHERE phone = '2'",
         "SELECT id FROM contacts WHERE phone = 3", false},
        {"SELECT id FROM contacts WHERE phone < '1'", "SELECT id FROM contacts WHERE phone < '2'",
         "SELECT id FROM contacts WHERE phone < '3 now'", false},
        {"SELECT id FROM contacts WHERE phone > '1'", "SELECT id FROM contacts WHERE phone > '2'",
         "SELECT id FROM contacts WHERE phone > '3''4'", false},
        {"SELECT id FROM contacts WHERE phone = '2'::email_address",
         "SELECT id FROM contacts WHERE phone = '3'::email_address",
         "SELECT id FROM contacts WHERE phone = '4'::email_address", false},
        {"SELECT id FROM contacts WHERE phone LIKE '2' AND id = 4",
         "SELECT id FROM contacts WHERE phone LIKE '2' AND id = 5",
         "SELECT id FROM contacts WHERE phone LIKE '3' AND id = 6", false},
        {"SELECT id FROM contacts WHERE id = 5 AND phone = 'x 1 '",
         "SELECT id FROM contacts WHERE id = 6 AND phone = 'x 1 '",
         "SELECT id FROM contacts WHERE id = 7 AND phone = 'x 2 '", false},
        {"SELECT id FROM contacts WHERE id = 15 /* 1 */", "SELECT id FROM contacts WHERE id = 16 /* 1 */",
         "SELECT id FROM contacts WHERE id = 17 /* 2 */", false},
        {"SELECT id FROM contacts WHERE id = 1 AND true", "SELECT id FROM contacts WHERE id = 2 AND true",
         "SELECT id FROM contacts WHERE id = 2147483648 AND true", false},
        {"SELECT id FROM contacts WHERE id + 1 = 2", "SELECT id FROM contacts WHERE id + 2 = 2",
         "SELECT id FROM contacts WHERE id + 3 = 2", false},
        {"SELECT id FROM contacts WHERE id = 1 AND id = -1",
         "SELECT id FROM contacts WHERE id = 2 AND id = -1",
         "SELECT id FROM contacts WHERE id = 3 AND id = -2", false},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        CHECK(!is_hit(caller, &cat, texts[i].first) && !is_hit(caller, &cat, texts[i].second));
        if (!CHECK(is_hit(caller, &cat, texts[i].third) == texts[i].together))
            fprintf(stderr, "  %s\n", texts[i].third);
    }
}

/* Of one skeleton some have free literals, the others are known by their whole text. */
static void test_many_of_a_skeleton(struct caller *caller)
{
    struct hg_context cat = context_of(caller, "cat");
    char text[80];
    for (int round = 0; round < 2; round++)
        for (int i = 1; i <= 40; i++) {
            snprintf(text, sizeof text, "SELECT %d, phone FROM contacts WHERE id = %d", i, i);
            CHECK(is_hit(caller, &cat, text) == (round > 0));
        }
    CHECK(!is_hit(caller, &cat, "SELECT 1, phone FROM contacts WHERE id = 50"));
    CHECK(is_hit(caller, &cat, "SELECT 1, phone FROM contacts WHERE id = 51"));
    CHECK(!is_hit(caller, &cat, "SELECT 40, phone FROM contacts WHERE id = 50"));
    CHECK(!is_hit(caller, &cat, "SELECT 40, phone FROM contacts WHERE id = 51"));
}

/* The bytes that stand for literals are nothing that a client could say. */
static void test_text_like_a_skeleton(struct caller *caller)
{
    static const struct {
        const char *first, *second, *third, *skeleton;
    } texts[] = {
        {"SELECT phone FROM contacts WHERE id < 1", "SELECT phone FROM contacts WHERE id < 2",
         "SELECT phone FROM contacts WHERE id < 3", "SELECT phone FROM contacts WHERE id < \x01"},
        {"SELECT id FROM contacts WHERE phone <> '1'", "SELECT id FROM contacts WHERE phone <> '2'",
         "SELECT id FROM contacts WHERE phone <> '3'", "SELECT id FROM contacts WHERE phone <> \x02"},
    };
    struct hg_context cat = context_of(caller, "cat");
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        CHECK_INT(rewrite(caller, &cat, texts[i].skeleton)->kind, HG_REFUSE);
        CHECK_INT(rewrite(caller, &cat, texts[i].first)->kind, HG_FORWARD);
        CHECK(!is_hit(caller, &cat, texts[i].second));
        CHECK(is_hit(caller, &cat, texts[i].third));
        CHECK_INT(rewrite(caller, &cat, texts[i].skeleton)->kind, HG_REFUSE);
    }
}

/* One more digit, and the text is longer than may be. */
static void test_long_number(struct caller *caller)
{
    struct hg_context cat = context_of(caller, "cat");
    struct hg_snapshot snapshot = *cat.snapshot;
    struct hg_config narrow = *snapshot.config;
    narrow.max_statement_bytes = strlen("SELECT phone FROM contacts WHERE id = 1");
    snapshot.config = &narrow;
    cat.snapshot = &snapshot;
    CHECK(!is_hit(caller, &cat, "SELECT phone FROM contacts WHERE id = 1"));
    CHECK(!is_hit(caller, &cat, "SELECT phone FROM contacts WHERE id = 2"));
    CHECK(is_hit(caller, &cat, "SELECT phone FROM contacts WHERE id = 3"));
    CHECK_INT(rewrite(caller, &cat, "SELECT phone FROM contacts WHERE id = 33")->kind, HG_REFUSE);
}

/* One entry for all users of a role; each gets its own attributes, which are as long as they are. */
static void test_attributes(struct caller *caller)
{
    static const struct {
        const char *user, *condition;
    } users[] = {
        {"dan", "(contacts.phone = 'x') OR (contacts.phone = 'short') OR (contacts.phone = 'x')"},
        {"eve",
         "(contacts.phone = 'ünlike x') OR (contacts.phone = 'the longer one') OR (contacts.phone = 'ünlike "
         "x')"},
        {"dan", "(contacts.phone = 'x') OR (contacts.phone = 'short') OR (contacts.phone = 'x')"},
    };
    const char *text = "SELECT nothing FROM contacts WHERE 'ä' <> nowhere";
    struct hg_rewriter_stats before = hg_rewriter_stats(caller->rewriter);
    for (size_t i = 0; i < sizeof users / sizeof users[0]; i++) {
        struct hg_context context = context_of(caller, users[i].user);
        const struct hg_verdict *verdict = rewrite(caller, &context, text);
        CHECK(strstr(verdict->sql.ptr, users[i].condition) != NULL);
        CHECK_INT(position_of(verdict, text, "nothing", 0), 8);
        CHECK_INT(position_of(verdict, text, "nowhere", 2), 45);
        CHECK_INT(position_of(verdict, text, "contacts.phone", 0), 21);
    }
    CHECK_INT(hg_rewriter_stats(caller->rewriter).misses, before.misses + 1);
    CHECK_INT(hg_rewriter_stats(caller->rewriter).hits, before.hits + 2);
}

static void test_internal_names(struct caller *caller)
{
    struct hg_context cat = context_of(caller, "cat");
    for (int i = 0; i < 2; i++) {
        const struct hg_verdict *verdict =
            rewrite(caller, &cat, "SELECT 1 FROM materialized.daily a, materialized.daily b, contacts");
        CHECK_INT(verdict->ninternal, 1);
        CHECK_TEXT(verdict->internal_names[0], "_m_daily");
        CHECK_TEXT(verdict->internal_names[1], "daily");
    }
}

static void run(void *argument)
{
    (void)argument;
    size_t errors;
    test_masks();
    struct hg_snapshot *snapshot = load("'***' || right(phone, 2)", &errors);
    if (!CHECK(snapshot != NULL))
        return;
    struct caller caller = {.rewriter = hg_rewriter_new(1 << 20), .snapshot = snapshot};
    hg_arena_init(&caller.arena, 0);
    test_sharing(&caller);
    test_ends(&caller);
    test_personal(&caller);
    test_positions(&caller);
    test_literals(&caller);
    test_many_of_a_skeleton(&caller);
    test_text_like_a_skeleton(&caller);
    test_long_number(&caller);
    test_attributes(&caller);
    test_internal_names(&caller);
    test_bounds(snapshot);
    CHECK_INT(hg_rewriter_stats(caller.rewriter).verify_failures, 0);
    hg_arena_free(&caller.arena);
    hg_rewriter_free(caller.rewriter);
    hg_snapshot_drop(snapshot);
}

int main(void)
{
    CHECK(hg_tree_run_with_stack(hg_tree_stack_bytes(1 << 20), run, NULL));
    return check_end();
}
