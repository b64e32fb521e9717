/* What Headgate's users need in the databases, and the scripts that give it to them: grants are made of what
 * roles, masks and conditions read, and nothing that a policy names can leave its quotes or its comment. */
#include "policy_texts.h"
#include "tree.h"
#include "walls.h"

static const char config_text[] =
    "listen: 127.0.0.1:6432\n"
    "policy: policy.yaml\n"
    "walls: on\n"
    "backends:\n"
    "  a: {dialect: postgresql, host: h, database: d, user: u, pool_size: 3}\n"
    "  b: {dialect: postgresql, host: h, database: e, user: u, pool_size: 4, walls: off}\n"
    "  r: {dialect: redshift, host: h2, database: d, user: \"o'dd \\\"u\\nDROP\"}\n"
    "  catalog: {dialect: postgresql, host: h, database: analytics, user: c, walls: on}\n";

static const char policy_text[] =
    "database: analytics\n"
    "schema: schema.sql\n"
    "tenant_column: tid\n"
    "tables:\n"
    "  public.items: {backends: [a, r]}\n"
    "  'public.\"we\"\"ird\"': {backends: [a, b], tenant_column: own, physical: \"shop.we'ird\"}\n"
    "  public.kinds: {backends: [a, r], shared: true}\n"
    "  public.logs: {backends: [a, r], wall: off}\n"
    "  public.unused: {backends: [a]}\n"
    "roles:\n"
    "  reader:\n"
    "    read: [public.items, public.kinds, public.logs]\n"
    "    columns: {public.items.phone: {mask: \"left(hidden, 2)\"}, public.items.hidden: {hide: true},"
    " public.items.secret: {hide: true}}\n"
    "    rows: {public.items: \"region = 'eu'\"}\n"
    "  writer:\n"
    "    read: ['public.\"we\"\"ird\"']\n"
    "    write: ['public.\"we\"\"ird\"']\n"
    "    statements: [select, insert, lock]\n"
    "tenants: {acme: {value: acme}}\n"
    "users: {ann: {tenant: acme, role: reader, password: \"" TEST_VERIFIER "\"}}\n";

static const char schema_text[] =
    "CREATE TYPE public.state AS ENUM ('x');\n"
    "CREATE TABLE public.items (id bigint, phone text, hidden text, secret text, region text);\n"
    "CREATE TABLE public.\"we\"\"ird\" (own bigint NOT NULL, \"a\"\"b\" public.state, PRIMARY KEY (own));\n"
    "CREATE TABLE public.kinds (id int);\n"
    "CREATE TABLE public.logs (id int);\n"
    "CREATE TABLE public.unused (id int);\n";

static struct hg_snapshot *snapshot;

static void load(void *unused)
{
    (void)unused;
    snapshot = test_snapshot(config_text, policy_text, schema_text);
}

static const struct hg_backend_config *backend(const char *name)
{
    for (size_t i = 0; i < snapshot->config->nbackends; i++)
        if (strcmp(snapshot->config->backends[i].name, name) == 0)
            return &snapshot->config->backends[i];
    return NULL;
}

static char *script(const char *name)
{
    struct hg_bytes out;

    hg_bytes_init(&out, 0);
    hg_walls_write(snapshot, backend(name), &out);
    hg_write_u8(&out, '\0');
    return (char *)out.data;
}

static void test_keys(void)
{
    CHECK(backend("a")->walls);
    CHECK(!backend("b")->walls);
    CHECK(backend("r")->walls);
    CHECK(!backend("catalog")->walls);
    CHECK(snapshot->tables[0].walled);
    CHECK(snapshot->tables[1].walled);
    CHECK(!snapshot->tables[2].walled);
    CHECK(!snapshot->tables[3].walled);
    CHECK(hg_walls_pool_sizes(snapshot->config, backend("a")) == 7);
    CHECK(hg_walls_connections(snapshot->config, backend("b")) == 16);
}

static void test_needs(void)
{
    struct hg_arena arena;

    hg_arena_init(&arena, 0);
    struct hg_needs needs = hg_needs_of(snapshot, backend("a"), &arena);
    CHECK(needs.count == 4); /* nobody reads public.unused */
    CHECK(needs.nschemas == 2);
    const struct hg_need *items = &needs.list[0], *weird = &needs.list[1];
    static const uint8_t read[] = {HG_NEED_SELECT, 0, HG_NEED_SELECT, 0, HG_NEED_SELECT};
    CHECK(memcmp(items->columns, read, sizeof read) == 0); /* the mask reads hidden, not phone */
    CHECK(items->tenant == HG_NEED_SELECT);
    CHECK(weird->columns[0] == (HG_NEED_SELECT | HG_NEED_INSERT | HG_NEED_UPDATE)); /* FOR UPDATE */
    CHECK(weird->columns[1] == (HG_NEED_SELECT | HG_NEED_INSERT));
    CHECK(weird->tenant == 0);
    CHECK(!weird->deletes);
    needs = hg_needs_of(snapshot, backend("b"), &arena);
    CHECK(needs.count == 1);
    CHECK(hg_need_any(&needs.list[0]) == HG_NEED_SELECT); /* it is written on a alone */
    hg_arena_free(&arena);
}

static void test_postgresql(void)
{
    char *text = script("a");

    CHECK(strstr(text,
                 "GRANT SELECT (\"tid\", \"id\", \"hidden\", \"region\") ON \"public\".\"items\" TO \"u\";"));
    CHECK(strstr(text, "GRANT INSERT (\"own\", \"a\"\"b\") ON \"shop\".\"we'ird\" TO \"u\";"));
    CHECK(strstr(text, "GRANT UPDATE (\"own\") ON \"shop\".\"we'ird\" TO \"u\";"));
    CHECK(strstr(text, "SELECT pg_temp.headgate_wall('\"shop\".\"we''ird\"', 'own');"));
    CHECK(strstr(text, "SELECT pg_temp.headgate_no_wall('\"public\".\"logs\"'); -- wall: off"));
    CHECK(strstr(text, "CONNECTION LIMIT 16;"));
    CHECK(!strstr(text, "unused"));
    CHECK(!strstr(text, "GRANT DELETE"));
    CHECK(!strstr(text, "turn that on first"));
    free(text);
    text = script("b");
    CHECK(strstr(text, "turn that on first"));
    CHECK(!strstr(text, "headgate_sequences"));
    free(text);
}

static void test_redshift(void)
{
    char *text = script("r");

    CHECK(strstr(text, "where Headgate is \"o'dd \"u?DROP\".\n")); /* in a comment: on one line */
    CHECK(strstr(text, "ALTER USER \"o'dd \"\"u\nDROP\" "));
    CHECK(strstr(text, "ATTACH RLS POLICY headgate_tenant_1 ON \"public\".\"items\""));
    CHECK(!strstr(text, "headgate_tenant_2"));
    CHECK(!strstr(text, "ON \"public\".\"logs\" ROW"));
    free(text);
}

int main(void)
{
    CHECK(hg_tree_run_with_stack(hg_snapshot_stack_bytes(), load, NULL));
    if (snapshot) {
        test_keys();
        test_needs();
        test_postgresql();
        test_redshift();
        hg_snapshot_drop(snapshot);
    }
    return check_end();
}
