/* What the loader says about broken configurations, word for word and place for place, and what it makes of a
 * good one. Each case is one change of a good configuration: a text in one of its files is replaced by
 * another. */
#include <unistd.h>

#include "config_keys.h"
#include "policy_texts.h"
#include "settings.h"
#include "verifier.h"

enum file { CONFIG, POLICY, SCHEMA };

static const struct change {
    enum file file;
    const char *from, *to; /* from NULL: the whole file */
    const char *said;      /* everything that is printed */
} changes[] = {
#include "policy_changes.inc"
};

/* The text with the first `from` replaced. */
static char *replace(const char *text, const char *from, const char *to)
{
    const char *at = from ? strstr(text, from) : text;
    if (!at)
        return NULL;
    size_t tail = from ? strlen(at) - strlen(from) : 0;
    size_t size = (size_t)(at - text) + strlen(to) + tail + 1;
    char *out = malloc(size);
    snprintf(out, size, "%.*s%s%s", (int)(at - text), text, to, from ? at + strlen(from) : "");
    return out;
}

static void check_change(const struct change *change)
{
    const char *texts[] = {[CONFIG] = test_config, [POLICY] = test_policy, [SCHEMA] = test_schema};
    char *changed = replace(texts[change->file], change->from, change->to);
    if (!CHECK(changed != NULL)) {
        fprintf(stderr, "  \"%s\" does not stand there\n", change->from);
        return;
    }
    texts[change->file] = changed;
    struct test_load load = {.config = texts[CONFIG], .policy = texts[POLICY], .schema = texts[SCHEMA]};
    test_load_run(&load);
    check_text(hg_slice_cstr(load.said), change->said, change->to, __FILE__, __LINE__);
    CHECK((load.snapshot == NULL) == (strstr(change->said, ": error: ") != NULL));
    test_load_free(&load);
    free(changed);
}

/* ---- a good one ---- */

static void check_config(const struct hg_config *config)
{
    CHECK_INT(config->nlisten, 1);
    CHECK_TEXT(hg_slice_cstr(config->listen[0].host), "127.0.0.1");
    CHECK_INT(config->listen[0].port, 6432);
    CHECK_INT(config->tls, HG_TLS_DISABLE);
    CHECK_INT(config->workers, 4);
    CHECK_INT(config->nbackends, 3);
    CHECK(config->catalog == &config->backends[2]);
    CHECK_INT(config->backends[1].dialect, HG_DIALECT_REDSHIFT);
    CHECK_INT(config->backends[1].index, 1);
    CHECK_INT(config->backends[0].port, 5432);
    CHECK_INT(config->backends[0].tls, HG_TLS_PREFER);
    CHECK_INT(config->backends[0].queue_timeout_ms, 10000);
    CHECK_INT(config->backends[0].idle_timeout_ms, 600000);
    CHECK_INT(config->max_prepared, 10);
    CHECK_INT(config->max_statement_bytes, 1 << 20);
    CHECK_INT(config->login_timeout_ms, 15000);
    CHECK_INT(config->rewrite_cache_bytes, 16 << 20);
}

static void check_tables(const struct hg_snapshot *snapshot)
{
    const struct hg_table *messages = hg_snapshot_table(snapshot, HG_LIT("public"), HG_LIT("messages"));
    const struct hg_table *channels = hg_snapshot_table(snapshot, HG_LIT("public"), HG_LIT("channels"));
    const struct hg_table *daily = hg_snapshot_table(snapshot, HG_LIT("materialized"), HG_LIT("daily"));
    if (!CHECK(messages && channels && daily))
        return;
    CHECK(!hg_snapshot_table(snapshot, HG_LIT("public"), HG_LIT("Messages")));
    CHECK_INT(messages->backends, 2);
    CHECK_INT(channels->backends, 3);
    CHECK_TEXT(messages->tenant_column, "tenant_id");
    CHECK_INT(messages->tenant_column_index, -1);
    CHECK(!messages->shared && channels->shared);
    CHECK_INT(channels->tenant_column.len, 0);
    CHECK_INT(messages->ncolumns, 2);
    CHECK_INT(hg_table_column(messages, HG_LIT("phone")), 1);
    CHECK_INT(hg_table_column(messages, HG_LIT("tenant_id")), -1);
    CHECK_INT(messages->nprimary_key, 1);
    CHECK(messages->columns[0].not_null);
    CHECK_INT(daily->kind, HG_TABLE_MATERIALIZED);
    CHECK_TEXT(daily->physical_schema, "public");
    CHECK_TEXT(daily->physical_name, "_m_daily");
    CHECK_INT(daily->place.line, 10);
    CHECK_INT(snapshot->nschemas, 2);
    CHECK(hg_snapshot_has_schema(snapshot, HG_LIT("materialized")));
    CHECK(!hg_snapshot_has_schema(snapshot, HG_LIT("continuous")));
}

static void check_users(const struct hg_snapshot *snapshot)
{
    const struct hg_user *ann = hg_snapshot_user(snapshot, HG_LIT("ann"));
    const struct hg_table *messages = hg_snapshot_table(snapshot, HG_LIT("public"), HG_LIT("messages"));
    if (!CHECK(ann && messages))
        return;
    CHECK(!hg_snapshot_user(snapshot, HG_LIT("Ann")));
    CHECK_TEXT(ann->tenant->value, "acme");
    CHECK_TEXT(snapshot->tenants[1].value, "42");
    CHECK_TEXT(ann->password, TEST_VERIFIER);
    const struct hg_table_view *view = &ann->role->views[messages->index];
    CHECK(hg_role_may(ann->role, HG_GRANT_EXPLAIN) && view->readable && !view->writable);
    CHECK(!view->columns[0].mask && !view->columns[0].hidden);
    CHECK_TEXT(view->columns[1].mask_sql, "'x' || phone");
    CHECK(view->columns[1].mask && view->columns[1].mask->node_case == PG_QUERY__NODE__NODE_A_EXPR);
    CHECK_INT(view->columns[1].mask_place.line, 15);
    CHECK_INT(view->columns[1].mask_place.column, 37);
}

static void check_catalogs(const struct hg_config *config, const struct hg_snapshot *snapshot)
{
    const struct hg_role *clerk = &snapshot->roles[1], *porter = &snapshot->roles[2];
    const struct hg_table *messages = hg_snapshot_table(snapshot, HG_LIT("public"), HG_LIT("messages"));
    const struct hg_table *daily = hg_snapshot_table(snapshot, HG_LIT("materialized"), HG_LIT("daily"));
    CHECK_INT(config->nbackends, 3);
    CHECK_INT(config->nservers, 5);
    CHECK_INT(snapshot->roles[0].catalog, config->catalog->index);
    CHECK(!hg_snapshot_catalog_role(snapshot, config->catalog->index));
    CHECK_INT(clerk->catalog, 3);
    CHECK(hg_snapshot_catalog_role(snapshot, 3) == clerk && hg_config_is_catalog(config, 3));
    CHECK(hg_config_is_catalog(config, 2) && !hg_config_is_catalog(config, 1));
    CHECK_TEXT(hg_slice_cstr(config->backends[3].database), "d_clerk");
    CHECK_TEXT(hg_slice_cstr(config->backends[3].name), "catalog");
    CHECK_TEXT(hg_slice_cstr(config->backends[3].host), "c");
    CHECK_INT(config->backends[3].index, 3);
    CHECK_TEXT(hg_slice_cstr(config->backends[4].database), "door");
    CHECK(hg_role_sees_table(clerk, messages) && !hg_role_sees_table(porter, messages));
    CHECK(!hg_role_sees_column(clerk, messages, 0) && hg_role_sees_column(clerk, messages, 1));
    CHECK(!hg_role_sees_primary_key(clerk, messages) && hg_role_sees_primary_key(NULL, messages));
    CHECK(hg_role_table(snapshot, porter, daily->schema, daily->name) == daily);
    CHECK(!hg_role_table(snapshot, clerk, daily->schema, daily->name));
    CHECK(hg_role_sees_schema(snapshot, porter, HG_LIT("materialized")));
    CHECK(!hg_role_sees_schema(snapshot, clerk, HG_LIT("materialized")));
    CHECK(hg_role_sees_schema(snapshot, porter, HG_LIT("public")));
    CHECK(!hg_role_sees_schema(snapshot, NULL, HG_LIT("elsewhere")));
    CHECK(hg_role_type(snapshot, clerk, HG_LIT("public"), HG_LIT("mood")) != NULL);
    CHECK(!hg_role_type(snapshot, clerk, HG_LIT("public"), HG_LIT("secret")));
    CHECK(hg_role_type(snapshot, porter, HG_LIT("public"), HG_LIT("spare")) != NULL);
    CHECK(!hg_role_type(snapshot, porter, HG_LIT("public"), HG_LIT("mood")));
    for (size_t i = 0; i < snapshot->nobjects; i++) {
        bool hidden = hg_slice_is(snapshot->objects[i].name, "pair");
        CHECK(hg_role_sees_object(clerk, &snapshot->objects[i]) != hidden);
        CHECK(!hg_role_sees_object(porter, &snapshot->objects[i]));
    }
    CHECK_INT(snapshot->nobjects, 2);
}

/* Roles that do not see everything have catalogs of their own. */
static void check_role_catalogs(void)
{
    char *policy = replace(test_policy, "tenants:\n",
                           "  clerk: {read: [public.*], columns: {public.messages.id: {hide: true}}}\n"
                           "  porter: {read: [materialized.daily], catalog: door}\n"
                           "tenants:\n");
    struct test_load load = {
        .config = test_config,
        .policy = policy,
        .schema = "CREATE TYPE public.secret AS ENUM ('a');\nCREATE TYPE public.mood AS ENUM ('b');\n"
                  "CREATE TYPE public.spare AS ENUM ('c');\n"
                  "CREATE TABLE public.messages (id public.secret PRIMARY KEY, phone text, m public.mood);\n"
                  "CREATE TABLE public.channels (id int, name text);\n"
                  "CREATE TABLE materialized.daily (day date, sent bigint);\n"
                  "CREATE INDEX pair ON public.messages (phone) INCLUDE (id);\n"
                  "CREATE INDEX one ON public.messages (phone);\n"};
    if (!CHECK(policy != NULL))
        return;
    test_load_run(&load);
    CHECK_TEXT(hg_slice_cstr(load.said), "");
    if (CHECK(load.snapshot != NULL))
        check_catalogs(load.snapshot->config, load.snapshot);
    test_load_free(&load);
    free(policy);
}

static void check_good(void)
{
    struct test_load load = {.config = test_config, .policy = test_policy, .schema = test_schema};
    struct test_load again = load;
    test_load_run(&load);
    CHECK_TEXT(hg_slice_cstr(load.said), "");
    if (CHECK(load.snapshot != NULL)) {
        check_config(load.snapshot->config);
        check_tables(load.snapshot);
        check_users(load.snapshot);
        CHECK_TEXT(load.snapshot->database, "analytics");
    }
    test_load_run(&again);
    if (CHECK(load.snapshot && again.snapshot)) {
        CHECK(again.snapshot->generation > load.snapshot->generation);
        CHECK(memcmp(load.snapshot->mock_secret, again.snapshot->mock_secret, 32) != 0);
        struct hg_snapshot *held = hg_snapshot_hold(load.snapshot);
        hg_snapshot_drop(load.snapshot);
        CHECK_TEXT(held->database, "analytics");
    }
    test_load_free(&load);
    test_load_free(&again);
}

/* ---- passwords ---- */

static struct hg_slice backend_password(const char *key, const char *value, const struct hg_source *extra,
                                        struct hg_arena *arena, bool world_readable)
{
    struct hg_slice config =
        hg_arena_printf(arena,
                        "listen: [127.0.0.1:1, \"[::1]:2\", \"*:3\"]\n"
                        "policy: policy.yaml\n"
                        "backends:\n"
                        "  aurora: {dialect: postgresql, host: a, database: d, user: u, %s: %s}\n"
                        "  redshift: {dialect: postgresql, host: a, database: d, user: u}\n"
                        "  catalog: {dialect: postgresql, host: a, database: d, user: u}\n",
                        key, value);
    const struct hg_source files[] = {
        {.path = "/etc/headgate/headgate.yaml", .text = config, .world_readable = world_readable},
        {.path = "/etc/headgate/policy.yaml", .text = hg_slice_cstr(test_policy)},
        {.path = "/etc/headgate/schema.sql", .text = hg_slice_cstr(test_schema)},
        *extra,
    };
    struct hg_diags diags;
    hg_diags_init(&diags);
    struct hg_snapshot *snapshot = hg_snapshot_load_texts(files, 4, files[0].path, &diags);
    struct hg_slice found = {0};
    if (snapshot)
        found = hg_arena_printf(arena, "%s %zu %s %s", snapshot->config->backends[0].password, diags.count,
                                snapshot->config->listen[1].host, snapshot->config->listen[2].host);
    else
        hg_diags_print(&diags, stderr);
    hg_snapshot_drop(snapshot);
    hg_diags_free(&diags);
    return found;
}

static void check_passwords(void)
{
    const struct hg_source secret = {.path = "/etc/headgate/secret", .text = HG_LIT("pass word\r\n")};
    const struct hg_source open_secret = {
        .path = "/run/secret", .text = HG_LIT("p\n"), .world_readable = true};
    struct hg_arena arena;
    hg_arena_init(&arena, 0);
    setenv("HG_TEST_PASSWORD", "from env", 1);
    CHECK_TEXT(backend_password("password", "x", &secret, &arena, false), "x 0 ::1 0.0.0.0");
    CHECK_TEXT(backend_password("password", "x", &secret, &arena, true), "x 1 ::1 0.0.0.0");
    CHECK_TEXT(backend_password("password_env", "HG_TEST_PASSWORD", &secret, &arena, true),
               "from env 0 ::1 0.0.0.0");
    CHECK_TEXT(backend_password("password_file", "secret", &secret, &arena, true), "pass word 0 ::1 0.0.0.0");
    CHECK_TEXT(backend_password("password_file", "/run/secret", &open_secret, &arena, true),
               "p 1 ::1 0.0.0.0");
    hg_arena_free(&arena);
}

/* ---- from disk ---- */

static void check_disk(void)
{
    struct hg_diags diags;
    char *said;
    size_t len;
    FILE *out = open_memstream(&said, &len);
    hg_diags_init(&diags);
    CHECK(hg_snapshot_load("/nowhere/headgate.yaml", &diags) == NULL);
    CHECK(hg_snapshot_load("/dev/zero", &diags) == NULL);
    hg_diags_print(&diags, out);
    fclose(out);
    CHECK_TEXT(hg_slice_cstr(said),
               "error: cannot read \"/nowhere/headgate.yaml\": No such file or directory\n"
               "error: cannot read \"/dev/zero\": it is not a regular file\n");
    free(said);
    hg_diags_free(&diags);

    hg_diags_init(&diags);
    setenv("HG_AURORA_PASSWORD", "x", 1);
    setenv("HG_REDSHIFT_PASSWORD", "x", 1);
    setenv("HG_CATALOG_PASSWORD", "x", 1);
    struct hg_snapshot *sample = hg_snapshot_load(HG_SOURCE_DIR "/conf/headgate.yaml", &diags);
    CHECK(sample != NULL && diags.count == 0);
    hg_diags_print(&diags, stderr);
    hg_snapshot_drop(sample);
    hg_diags_free(&diags);
}

static void check_too_large(void)
{
    char *config = malloc((1 << 20) + 1);
    memset(config, '#', 1 << 20);
    config[1 << 20] = '\0';
    memcpy(config, test_config, strlen(test_config));
    struct test_load load = {.config = config, .policy = test_policy, .schema = test_schema};
    test_load_run(&load);
    CHECK_TEXT(hg_slice_cstr(load.said), "");
    test_load_free(&load);
    free(config);
    config = calloc(1, (1 << 20) + 2);
    memset(config, '#', (1 << 20) + 1);
    load.config = config;
    test_load_run(&load);
    CHECK_TEXT(hg_slice_cstr(load.said), "error: cannot read \"headgate.yaml\": File too large\n");
    test_load_free(&load);
    free(config);
}

/* ---- documentation ---- */

/* Every key of headgate.yaml stands in conf/README.md, and so does its default. */
static void check_readme(void)
{
    static char readme[1 << 16];
    FILE *file = fopen(HG_SOURCE_DIR "/conf/README.md", "rb");
    if (!CHECK(file != NULL))
        return;
    size_t len = fread(readme, 1, sizeof readme - 1, file);
    readme[len] = '\0';
    fclose(file);
    for (int section = 0; section < HG_NSECTIONS; section++)
        for (size_t i = 0; i < hg_config_keys[section].count; i++) {
            const struct hg_key *key = &hg_config_keys[section].keys[i];
            char name[64], by_default[96];
            bool bare =
                section == HG_SECTION_TOP || section == HG_SECTION_BACKEND || section == HG_SECTION_LIMITS;
            snprintf(name, sizeof name, "`%s%s%s`", bare ? "" : hg_config_keys[section].path, bare ? "" : ".",
                     key->name);
            snprintf(by_default, sizeof by_default, "%s | %s |", name, key->initial ? key->initial : "");
            check_one(strstr(readme, name) || strcmp(key->name, "backends") == 0, name, __FILE__, __LINE__);
            check_one(!key->initial || strstr(readme, by_default), by_default, __FILE__, __LINE__);
            check_one(key->help != NULL, key->name, __FILE__, __LINE__);
        }
}

/* ---- verifiers and settings ---- */

static void check_verifiers(void)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        {TEST_VERIFIER, NULL},
        {"", "it does not begin with SCRAM-SHA-256$"},
        {"md5aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "it does not begin with SCRAM-SHA-256$"},
        {"SCRAM-SHA-1$4096:AA==$AA==:AA==", "it does not begin with SCRAM-SHA-256$"},
        {"SCRAM-SHA-256$4096:AA==$AA==",
         "it does not have the form SCRAM-SHA-256$iterations:salt$stored:server"},
        {"SCRAM-SHA-256$4095:AA==$AA==:AA==", "its iterations must be 4096 to 1000000"},
        {"SCRAM-SHA-256$1000001:AA==$AA==:AA==", "its iterations must be 4096 to 1000000"},
        {"SCRAM-SHA-256$99999999999:AA==$AA==:AA==", "its iterations must be 4096 to 1000000"},
        {"SCRAM-SHA-256$4096:$AA==:AA==", "its salt is not base64 of 1 to 64 bytes"},
        {"SCRAM-SHA-256$4096:A===$AA==:AA==", "its salt is not base64 of 1 to 64 bytes"},
        {"SCRAM-SHA-256$4096:AA==$AA==:AA==", "its keys are not base64 of 32 bytes"},
        {TEST_VERIFIER "\n", "its keys are not base64 of 32 bytes"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *why = "";
        CHECK_INT(hg_verifier_check(hg_slice_cstr(cases[i].text), &why), cases[i].why == NULL);
        CHECK_TEXT(hg_slice_cstr(why), cases[i].why ? cases[i].why : "");
    }
}

static void check_settings(void)
{
    CHECK_INT(hg_setting_find(HG_LIT("datestyle")), HG_SET_datestyle);
    CHECK_INT(hg_setting_find(HG_LIT("SEARCH_PATH")), HG_SET_search_path);
    CHECK_INT(hg_setting_find(HG_LIT("TimeZon")), -1);
    CHECK_INT(hg_setting_find(HG_LIT("")), -1);
    CHECK_TEXT(hg_slice_cstr(hg_settings[HG_SET_timezone].name), "TimeZone");
}

static void run(void *unused)
{
    (void)unused;
    check_good();
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
        check_change(&changes[i]);
    check_role_catalogs();
    check_passwords();
    check_disk();
    check_too_large();
    check_readme();
    check_verifiers();
    check_settings();
}

int main(void)
{
    CHECK(hg_tree_run_with_stack(hg_snapshot_stack_bytes(), run, NULL));
    return check_end();
}
