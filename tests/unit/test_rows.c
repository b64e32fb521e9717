/* What a policy says besides tables: conditions on rows and the attributes that they speak of, statements and
 * functions, where tables are written, what is unique in them, and what the loader warns of. Each case is a
 * few lines of policy.yaml or schema.sql, and everything that loading them says. */
#include "allow.h"
#include "policy_texts.h"
#include "rewrite.h"

static const char config[] = "listen: 127.0.0.1:6432\n"
                             "policy: policy.yaml\n"
                             "backends:\n"
                             "  aurora: {dialect: postgresql, host: a, database: d, user: u}\n"
                             "  redshift: {dialect: redshift, host: b, database: d, user: u}\n"
                             "  catalog: {dialect: postgresql, host: c, database: d, user: u}\n";

/* The places of role, tenant and user are filled in; the role begins in line 11. */
static const char policy[] = "database: analytics\n"
                             "schema: schema.sql\n"
                             "tenant_column: tenant_id\n"
                             "tables:\n"
                             "  public.items: {backends: [aurora]}\n"
                             "  public.raw: {backends: [redshift]}\n"
                             "  public.kinds: {backends: [aurora], shared: true}\n"
                             "materialized: {tables: {daily: {backends: [aurora]}}}\n"
                             "roles:\n"
                             "  r:\n"
                             "    %s\n"
                             "    read: [\"*\"]\n"
                             "tenants:\n"
                             "  acme: {value: acme%s}\n"
                             "users:\n"
                             "  ann: {tenant: acme, role: r%s, password: \"" TEST_VERIFIER "\"}\n";

static const char schema[] =
    "CREATE TABLE public.items (id bigint, region text, amount int, tags text[], ok boolean, secret text);\n"
    "CREATE TABLE public.raw (id bigint);\n"
    "CREATE TABLE public.kinds (id int, name text);\n"
    "CREATE TABLE materialized.daily (day date, sent bigint);\n";

struct trial {
    const char *role, *tenant, *user, *schema;
    struct test_load load;
};

/* What `serve` would make of it: loaded, and what the policy writes in SQL checked. */
static void run(struct trial *trial)
{
    static char text[8192];
    snprintf(text, sizeof text, policy, trial->role, trial->tenant, trial->user);
    const struct hg_source files[] = {
        {.path = "headgate.yaml", .text = hg_slice_cstr(config)},
        {.path = "policy.yaml", .text = hg_slice_cstr(text)},
        {.path = "schema.sql", .text = hg_slice_cstr(trial->schema ? trial->schema : schema)},
    };
    struct hg_diags diags;
    size_t len;
    FILE *out = open_memstream(&trial->load.said, &len);
    hg_diags_init(&diags);
    trial->load.snapshot = hg_snapshot_load_texts(files, 3, "headgate.yaml", &diags);
    if (trial->load.snapshot)
        hg_rewrite_check(trial->load.snapshot, &diags);
    hg_diags_print(&diags, out);
    hg_diags_free(&diags);
    fclose(out);
}

static void check_said(const char *role, const char *tenant, const char *user, const char *with_schema,
                       const char *said)
{
    struct trial trial = {.role = role, .tenant = tenant, .user = user, .schema = with_schema};
    run(&trial);
    if (!CHECK_TEXT(hg_slice_cstr(trial.load.said), said))
        fprintf(stderr, "  of %s %s %s\n", role, tenant, user);
    test_load_free(&trial.load);
}

/* ---- conditions ---- */

static void check_conditions(void)
{
    static const struct {
        const char *condition, *said; /* behind policy.yaml:11:26: error: */
    } conditions[] = {
        {"id = 7", NULL},
        {"ok", NULL},
        {"NOT ok AND (region IS NULL OR secret LIKE 'x%')", NULL},
        {"region IN ('a', 'b') AND amount BETWEEN 1 AND 2", NULL},
        {"lower(region) = 'x' AND tags && '{a}'", NULL},
        {"coalesce(ok, false)", NULL},
        {"amount::text ~ '^1' AND '1'::boolean", NULL},
        {"region = {user.region}", NULL},
        {"region = ANY ({user.regions}) AND amount > {tenant.least}::int", NULL},
        {"region = {user.name} OR region = {tenant.name}", NULL},
        {"region <> '{not}' AND secret <> 'it''s {x}'", NULL},
        {"id =", "the condition is no SQL expression: syntax error at end of input (hint: "
                 "character 6 of the condition)"},
        {"id = 7; DROP TABLE x", "the condition must be one SQL expression"},
        {"id = 7 FROM items", "the condition must be one SQL expression"},
        {"id = 7, true", "the condition must be one SQL expression"},
        {"id = 7 AS x", "the condition must be one SQL expression"},
        {"id = 7 ORDER BY 1", "the condition must be one SQL expression"},
        {"id", "the condition is neither true nor false (hint: for example region = {user.region})"},
        {"7", "the condition is neither true nor false (hint: for example region = {user.region})"},
        {"'x'", "the condition is neither true nor false (hint: for example region = {user.region})"},
        {"amount + 1", "the condition is neither true nor false (hint: for example region = {user.region})"},
        {"ok AND tags", "the condition is neither true nor false (hint: for example region = {user.region})"},
        {"{user.region}",
         "the condition is neither true nor false (hint: for example region = {user.region})"},
        {"other = 7",
         "the condition names something else than a column of the table: \\\"other\\\" (hint: write "
         "it bare, as it stands in the schema)"},
        {"tenant_id = 'x'",
         "the condition names something else than a column of the table: \\\"tenant_id\\\" "
         "(hint: write it bare, as it stands in the schema)"},
        {"items.id = 7",
         "the condition names something else than a column of the table: \\\"id\\\" (hint: write "
         "it bare, as it stands in the schema)"},
        {"region = {region}",
         "what stands in braces must be {user.name} or {tenant.name}, not \\\"{region}\\\" "
         "(hint: for example region = {user.region})"},
        {"region = {user.}",
         "what stands in braces must be {user.name} or {tenant.name}, not \\\"{user.}\\\" "
         "(hint: for example region = {user.region})"},
        {"region = {user.region", "what stands in braces must be {user.name} or {tenant.name}, not "
                                  "\\\"{user.region\\\" (hint: for example region = {user.region})"},
        {"region = '{user.region}'",
         "an attribute stands in quotes: '{user.region}' (hint: leave the quotes out: "
         "it becomes a literal by itself)"},
        {"region = $1",
         "not every attribute of the condition can be told (hint: write {user.name} outside of "
         "quotes and comments, and no $1)"},
        {"region = {user.region} AND id > $1",
         "not every attribute of the condition can be told (hint: write "
         "{user.name} outside of quotes and comments, and no $1)"},
        {"ok /* {user.region} */",
         "not every attribute of the condition can be told (hint: write {user.name} "
         "outside of quotes and comments, and no $1)"},
        {"id = (SELECT max(id) FROM public.raw)", "rows of public.items: no sub-select may stand in it"},
        {"EXISTS (SELECT 1)", "rows of public.items: no sub-select may stand in it"},
        {"max(id) > 7", "rows of public.items: no aggregate or window function may be called, as max"},
        {"row_number() OVER () > 7",
         "rows of public.items: no aggregate or window function may be called, as row_number"},
        {"unnest(tags) = 'x'",
         "rows of public.items: no function that returns a set may be called, as unnest"},
        {"pg_sleep(9) IS NULL",
         "rows of public.items: only functions that read nothing but their arguments may "
         "be called, not pg_sleep"},
        {"region = current_setting('x')", "rows of public.items: only functions that read nothing but their "
                                          "arguments may be called, not current_setting"},
        {"public.f(id)", "rows of public.items: only functions that read nothing but their arguments may be "
                         "called, not f"},
        {"region = current_user",
         "rows of public.items: the current user, database or schema may not be asked "
         "for"},
        {"region::regclass IS NULL", "rows of public.items: only built-in types may be named, not regclass"},
        {"id OPERATOR(public.=) 7", "rows of public.items: unknown operator ="},
    };
    char role[512], said[1024];
    for (size_t i = 0; i < sizeof conditions / sizeof conditions[0]; i++) {
        snprintf(role, sizeof role, "rows: {public.items: \"%s\"}", conditions[i].condition);
        said[0] = '\0';
        if (conditions[i].said)
            snprintf(said, sizeof said, "policy.yaml:11:26: error: %s\n", conditions[i].said);
        for (char *at = said; (at = strstr(at, "\\\"")); at++) /* as in the other table */
            memmove(at, at + 1, strlen(at));
        check_said(role, ", attributes: {least: 5}", ", attributes: {region: x, regions: [x]}", NULL, said);
    }
}

static void check_tables(void)
{
    check_said(
        "rows: {public.item: ok}", "", "", NULL,
        "policy.yaml:11:12: error: there is no table \"public.item\" in the policy (hint: did you mean "
        "\"public.items\"?)\n");
    check_said("rows: {items: ok}", "", "", NULL,
               "policy.yaml:11:12: error: there is no table \"items\" in the policy (hint: did you mean "
               "\"public.items\"?)\n");
    check_said("rows: [public.items]", "", "", NULL, "policy.yaml:11:11: error: \"rows\" must be a map\n");
    check_said("rows: {public.items: [ok]}", "", "", NULL,
               "policy.yaml:11:26: error: a condition of \"rows\" must be one value, not a list\n");
    check_said("rows: {public.items: }", "", "", NULL,
               "policy.yaml:11:26: error: a condition of \"rows\" has no value\n");
    check_said(
        "rows: {public.raw: \"id = ANY ('{1,2}')\"}", "", "", NULL,
        "policy.yaml:11:24: warning: this condition is for backend \"redshift\", too, and Redshift has no "
        "arrays to compare with (hint: compare with single values)\n");
    check_said("rows: {public.kinds: \"id < 7\", materialized.daily: \"sent > 7\"}", "", "", NULL, "");
}

/* ---- attributes ---- */

static void check_attributes(void)
{
    static const struct {
        const char *condition, *tenant, *user, *said;
    } cases[] = {
        {"region = {user.region}", "", "",
         "policy.yaml:16:3: error: this user has no attribute \"region\" (hint: its role speaks of it in "
         "policy.yaml:11:26)\n"},
        {"region = {tenant.region}", "", ", attributes: {region: x}",
         "policy.yaml:16:3: error: this user's tenant has no attribute \"region\" (hint: its role speaks of "
         "it in "
         "policy.yaml:11:26)\n"},
        {"region = {user.region}", "", ", attributes: {region: [x]}",
         "policy.yaml:16:3: error: the attribute \"region\" of this user's user must be one value, not a "
         "list "
         "(hint: its role speaks of it in policy.yaml:11:26)\n"},
        {"region = ANY ({user.region})", "", ", attributes: {region: x}",
         "policy.yaml:16:3: error: the attribute \"region\" of this user's user must be a list (hint: its "
         "role "
         "speaks of it in policy.yaml:11:26)\n"},
        {"tags = {user.a}", "", ", attributes: {a: [x]}", ""},
        {"region IN ({user.a}, 'x')", "", ", attributes: {a: [x]}",
         "policy.yaml:16:3: error: the attribute \"a\" of this user's user must be one value, not a list "
         "(hint: its "
         "role speaks of it in policy.yaml:11:26)\n"},
        {"ok", "", ", attributes: {name: x}",
         "policy.yaml:16:45: error: no attribute can be called \"name\" (hint: {user.name} and {tenant.name} "
         "are "
         "what they are called)\n"},
        {"ok", ", attributes: {a-b: x}", "",
         "policy.yaml:14:36: error: \"a-b\" cannot be the name of an attribute (hint: letters, digits and "
         "underscores)\n"},
        {"ok", "", ", attributes: {a: \"it's\"}",
         "policy.yaml:16:48: error: an attribute's value is text of at most 255 bytes without quotes, "
         "backslashes "
         "and control characters\n"},
        {"ok", "", ", attributes: {a: [x, \"a\\\\b\"]}",
         "policy.yaml:16:52: error: an attribute's value is text of at most 255 bytes without quotes, "
         "backslashes "
         "and control characters\n"},
        {"ok", "", ", attributes: {a: {b: c}}",
         "policy.yaml:16:48: error: an attribute must be one value, not a map\n"},
        {"ok", "", ", attributes: {a: [[x]]}",
         "policy.yaml:16:49: error: an attribute must be one value, not a list\n"},
        {"ok", "", ", attributes: {a: }", "policy.yaml:16:48: error: an attribute has no value\n"},
        {"ok", "", ", attributes: [a]", "policy.yaml:16:44: error: \"attributes\" must be a map\n"},
    };
    char role[256];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        snprintf(role, sizeof role, "rows: {public.items: \"%s\"}", cases[i].condition);
        check_said(role, cases[i].tenant, cases[i].user, NULL, cases[i].said);
    }
}

static void check_values(void)
{
    struct trial trial = {
        .role =
            "rows: {public.items: \"region = {user.region} AND region = ANY ({user.many}) AND secret = "
            "{tenant.kind}\", public.kinds: \"name = {user.region} AND name <> ALL ({user.none}) AND name <> "
            "{user.name} AND name <> {tenant.name} AND name <> {user.kind}\"}",
        .tenant = ", attributes: {kind: of tenant}",
        .user =
            ", attributes: {region: north west, many: [eu, a b, \"x,y\", \"{}\", \"NULL\", \"null\", 7, 1.5, "
            "-2], none: [], kind: of user}",
    };
    static const char *const values[] = {
        "north west", "{eu,\"a b\",\"x,y\",\"{}\",\"NULL\",\"null\",7,1.5,-2}",
        "of tenant",  "{}",
        "ann",        "acme",
        "of user"};
    run(&trial);
    CHECK_TEXT(hg_slice_cstr(trial.load.said), "");
    const struct hg_user *ann =
        trial.load.snapshot ? hg_snapshot_user(trial.load.snapshot, HG_LIT("ann")) : NULL;
    if (CHECK(ann != NULL) && CHECK_INT(ann->role->nattributes, sizeof values / sizeof values[0])) {
        for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
            CHECK_TEXT(ann->attributes[i], values[i]);
        CHECK(ann->role->attributes[1].needs_list && ann->role->attributes[0].needs_one);
        CHECK_TEXT(ann->role->views[2].rows_sql,
                   "name = {user.region} AND name <> ALL ({user.none}) AND name <> {user.name} AND name <> "
                   "{tenant.name} AND name <> {user.kind}");
    }
    test_load_free(&trial.load);
}

/* ---- statements, functions ---- */

static uint32_t grants_of(const char *role, bool *rewrite, bool *may_call)
{
    struct trial trial = {.role = role, .tenant = "", .user = ""};
    uint32_t grants = 0;
    run(&trial);
    if (!CHECK_TEXT(hg_slice_cstr(trial.load.said), ""))
        return 0;
    const struct hg_role *r = &trial.load.snapshot->roles[0];
    grants = r->grants;
    *rewrite = r->explain_rewrite;
    *may_call = hg_role_may_call(r, HG_LIT("random"));
    test_load_free(&trial.load);
    return grants;
}

static void check_grants(void)
{
    const uint32_t all = (UINT32_C(1) << HG_NGRANTS) - 1;
    bool rewrite, may_call;
    CHECK_INT(grants_of("write: []", &rewrite, &may_call), all);
    CHECK(!rewrite && may_call);
    CHECK_INT(grants_of("explain: false", &rewrite, &may_call), all & ~(1u << HG_GRANT_EXPLAIN));
    CHECK_INT(grants_of("statements: [select, copy]", &rewrite, &may_call),
              1u << HG_GRANT_SELECT | 1u << HG_GRANT_COPY);
    CHECK_INT(grants_of("statements: []", &rewrite, &may_call), 0);
    CHECK_INT(grants_of("explain_rewrite: true", &rewrite, &may_call), all);
    CHECK(rewrite);
    CHECK_INT(grants_of("functions: {deny: [random, lower]}", &rewrite, &may_call), all);
    CHECK(!may_call);
    check_said("statements: [select, updat]", "", "", NULL,
               "policy.yaml:11:26: error: there is no kind of statement \"updat\" (hint: did you mean "
               "\"update\"?)\n");
    check_said(
        "statements: [vacuum]", "", "", NULL,
        "policy.yaml:11:18: error: there is no kind of statement \"vacuum\" (hint: one of select, insert, "
        "update, delete, lock, copy, cursor, prepare, explain)\n");
    check_said("statements: select", "", "", NULL,
               "policy.yaml:11:17: error: \"statements\" must be a list (hint: for example [a, b])\n");
    check_said(
        "functions: {deny: [rnadom]}", "", "", NULL,
        "policy.yaml:11:24: error: there is no function \"rnadom\" (hint: did you mean \"random\"?)\n");
    check_said("functions: {deny: [LOWER]}", "", "", NULL,
               "policy.yaml:11:24: error: there is no function \"LOWER\" (hint: did you mean \"lower\"?)\n");
    check_said("functions: {deny: [lower, lower]}", "", "", NULL,
               "policy.yaml:11:31: error: function \"lower\" stands twice\n");
    check_said("functions: {allow: [lower]}", "", "", NULL,
               "policy.yaml:11:17: error: unknown key \"allow\" in \"functions\"\n");
    check_said("functions: [lower]", "", "", NULL, "policy.yaml:11:16: error: \"functions\" must be a map\n");
}

/* ---- writing ---- */

static void check_writing(void)
{
    check_said("write: [public.items]", "", "", NULL, "");
    check_said("write: [\"*\"]", "", "", NULL, "");
    check_said(
        "write: [public.raw]", "", "", NULL,
        "policy.yaml:11:13: error: table \"public.raw\" is on no backend of dialect postgresql: it cannot "
        "be written\n");
    check_said("write: [public.kinds]", "", "", NULL,
               "policy.yaml:11:13: error: table \"public.kinds\" is shared: tenants cannot write it\n");
    check_said(
        "write: [materialized.daily]", "", "", NULL,
        "policy.yaml:11:13: error: table \"materialized.daily\" is precomputed: tenants cannot write it\n");
    check_said(
        "write: [public.items]\n    rows: {public.items: ok}", "", "", NULL,
        "policy.yaml:12:26: note: role \"r\" cannot insert into \"public.items\", nor change columns of "
        "keys or of this condition\n");
}

static void check_keys(void)
{
    static const char keys[] =
        "CREATE TABLE public.items (id bigint, region text, amount int, CONSTRAINT one PRIMARY KEY "
        "(tenant_id, id), "
        "UNIQUE (region), UNIQUE (amount, tenant_id), EXCLUDE USING gist (region WITH =, amount WITH &&));\n"
        "CREATE UNIQUE INDEX low ON public.items (tenant_id, lower(region));\n"
        "CREATE UNIQUE INDEX part ON public.items (tenant_id, amount) WHERE amount > 0;\n"
        "CREATE UNIQUE INDEX unseen ON public.items (tenant_id, batch);\n"
        "CREATE INDEX plain ON public.items (amount);\n"
        "CREATE TABLE public.raw (id bigint PRIMARY KEY);\n"
        "CREATE TABLE public.kinds (id int PRIMARY KEY, name text);\n"
        "CREATE TABLE materialized.daily (day date, sent bigint);\n";
    static const struct {
        const char *name;
        size_t ncolumns;
        bool primary, has_tenant, expressions;
    } expected[] = {
        {"one", 1, true, true, false},
        {"items_region_key", 1, false, false, false},
        {"items_amount_key", 1, false, true, false},
        {"items_region_idx", 1, false, false, true},
        {"low", 0, false, true, true},
        {"part", 1, false, true, true},
        {"unseen", 0, false, true, true},
    };
    struct trial trial = {.role = "write: []", .tenant = "", .user = "", .schema = keys};
    run(&trial);
    if (!CHECK(trial.load.snapshot != NULL))
        fprintf(stderr, "%s", trial.load.said);
    else {
        const struct hg_table *items =
            hg_snapshot_table(trial.load.snapshot, HG_LIT("public"), HG_LIT("items"));
        const struct hg_table *raw = hg_snapshot_table(trial.load.snapshot, HG_LIT("public"), HG_LIT("raw"));
        const struct hg_table *kinds =
            hg_snapshot_table(trial.load.snapshot, HG_LIT("public"), HG_LIT("kinds"));
        CHECK_INT(items->write_backend, 0);
        CHECK_INT(raw->write_backend, -1);
        CHECK_INT(kinds->write_backend, -1);
        CHECK(items->global_key && raw->global_key && !kinds->global_key);
        if (CHECK_INT(items->nunique_keys, sizeof expected / sizeof expected[0]))
            for (size_t i = 0; i < items->nunique_keys; i++) {
                const struct hg_unique_key *key = &items->unique_keys[i];
                CHECK_TEXT(key->name, expected[i].name);
                CHECK_INT(key->ncolumns, expected[i].ncolumns);
                CHECK(key->primary == expected[i].primary && key->has_tenant == expected[i].has_tenant &&
                      key->expressions == expected[i].expressions);
            }
        CHECK_TEXT(raw->unique_keys[0].name, "raw_pkey");
    }
    test_load_free(&trial.load);
}

/* ---- warnings ---- */

#define LINTED                                                                                               \
    "CREATE TABLE public.raw (id bigint);\nCREATE TABLE public.kinds (id int PRIMARY KEY);\n"                \
    "CREATE TABLE materialized.daily (day date, sent bigint);\n"

static void check_lints(void)
{
    const char *writes = "write: [public.items]";
    check_said(writes, "", "", LINTED "CREATE TABLE public.items (id int, PRIMARY KEY (tenant_id, id));\n",
               "");
    check_said(
        writes, "", "", LINTED "CREATE TABLE public.items (\nid int PRIMARY KEY);\n",
        "schema.sql:5:8: warning: a unique key of \"public.items\" lacks the tenant column: a duplicate "
        "tells of other tenants' rows (hint: add \"tenant_id\" to it; until then ON CONFLICT on it is "
        "refused)\n");
    check_said("write: []", "", "", LINTED "CREATE TABLE public.items (\nid serial PRIMARY KEY);\n", "");
    check_said(
        writes, "", "", LINTED "CREATE TABLE public.items (\nid serial);\n",
        "schema.sql:5:1: warning: column \"id\" of \"public.items\" is numbered for all tenants together: "
        "the numbers tell how many rows others add (hint: so INSERT has to bring it; numbers: "
        "shared of the table lets tenants take numbers)\n");
    check_said(writes, "", "",
               LINTED "CREATE TABLE public.items (\nid int REFERENCES public.kinds, k int);\n", "");
    check_said(
        writes, "", "",
        "CREATE TABLE public.raw (id bigint, PRIMARY KEY (tenant_id, id));\n"
        "CREATE TABLE public.kinds (id int PRIMARY KEY);\n"
        "CREATE TABLE materialized.daily (day date, sent bigint);\n"
        "CREATE TABLE public.items (id int, FOREIGN KEY (tenant_id, id) REFERENCES public.raw (tenant_id, "
        "id));\n",
        "");
    check_said(
        writes, "", "",
        "CREATE TABLE public.raw (id bigint PRIMARY KEY);\nCREATE TABLE public.kinds (id int PRIMARY KEY);\n"
        "CREATE TABLE materialized.daily (day date, sent bigint);\n"
        "CREATE TABLE public.items (id int\nREFERENCES public.raw);\n",
        "schema.sql:5:1: warning: a foreign key of \"public.items\" to \"public.raw\" lacks the tenant "
        "column: writing tells of, or reaches, other tenants' rows (hint: so its columns cannot be set; let "
        "it name the tenant columns of "
        "both tables, or say references: shared)\n");
    check_said(
        writes, "", "", LINTED "CREATE TABLE public.items (id int,\ntenant_id text);\n",
        "schema.sql:5:1: warning: the tenant column \"tenant_id\" of \"public.items\" may be null: such "
        "rows are nobody's (hint: declare it NOT NULL)\n");
}

static void run_all(void *unused)
{
    (void)unused;
    check_conditions();
    check_tables();
    check_attributes();
    check_values();
    check_grants();
    check_writing();
    check_keys();
    check_lints();
}

int main(void)
{
    CHECK(hg_tree_run_with_stack(hg_snapshot_stack_bytes(), run_all, NULL));
    return check_end();
}
