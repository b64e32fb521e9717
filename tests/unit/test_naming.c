/* proxy/session/naming: what a server may say about physical tables, and what a client hears of it. Messages
 * as PostgreSQL 15 words them. */
#include "naming.h"
#include "policy_texts.h"

static const char config[] = "listen: 127.0.0.1:6432\n"
                             "policy: policy.yaml\n"
                             "backends:\n"
                             "  aurora: {dialect: postgresql, host: a, database: d, user: svc}\n"
                             "  catalog: {dialect: postgresql, host: c, database: d, user: u}\n";

static const char policy[] = "database: analytics\n"
                             "schema: schema.sql\n"
                             "tenant_column: tenant_id\n"
                             "tables:\n"
                             "  public.customers: {backends: [aurora]}\n"
                             "  public.orders: {backends: [aurora], physical: store.orders_v2}\n"
                             "  public.audit: {backends: [aurora]}\n"
                             "  public.secrets: {backends: [aurora]}\n"
                             "roles:\n"
                             "  editor:\n"
                             "    read: [public.customers, public.orders, public.audit]\n"
                             "    write: [public.customers, public.orders, public.audit]\n"
                             "    columns:\n"
                             "      public.customers.phone: {mask: \"'***' || right(phone, 4)\"}\n"
                             "      public.customers.ssn: {hide: true}\n"
                             "tenants:\n"
                             "  acme: {value: acme}\n"
                             "users:\n"
                             "  ann: {tenant: acme, role: editor, password: \"" TEST_VERIFIER "\"}\n";

static const char schema[] =
    "CREATE TYPE public.mood AS ENUM ('good', 'bad');\n"
    "CREATE DOMAIN public.sku AS text CHECK (VALUE <> '');\n"
    "CREATE TABLE public.customers (id bigint NOT NULL, name text NOT NULL, phone text, ssn text, mood "
    "public.mood, "
    "CONSTRAINT customers_pkey PRIMARY KEY (tenant_id, id), CONSTRAINT customers_phone_key UNIQUE "
    "(tenant_id, phone), "
    "CONSTRAINT customers_ssn_key UNIQUE (tenant_id, ssn), CONSTRAINT customers_name_id UNIQUE (tenant_id, "
    "name, id));\n"
    "CREATE TABLE public.orders (id integer NOT NULL, customer_id bigint, total numeric CHECK (total > 0), "
    "CONSTRAINT orders_pkey PRIMARY KEY (tenant_id, id), CONSTRAINT orders_customer_fkey FOREIGN KEY "
    "(tenant_id, "
    "customer_id) REFERENCES public.customers (tenant_id, id));\n"
    "CREATE TABLE public.audit (tenant_id text NOT NULL, id integer, note text, PRIMARY KEY (tenant_id, "
    "id));\n"
    "CREATE TABLE public.secrets (id bigint, customer_id bigint);\n";

struct said {
    const char *sqlstate, *message, *detail, *schema, *table, *column, *datatype, *constraint;
};

static const struct violation {
    const char *written; /* logical name, or NULL */
    const char *client;  /* what it said */
    struct said server, heard;
} violations[] = {
    /* duplicates */
    {"customers",
     "",
     {"23505", "duplicate key value violates unique constraint \"cust_pk\"",
      "Key (tenant_id, id)=(acme, 7) already exists.", "public", "customers", "", "", "cust_pk"},
     {"23505", "duplicate key value violates unique constraint \"customers_pkey\"",
      "Key (id)=(7) already exists.", "public", "customers", "", "", "customers_pkey"}},
    {"customers",
     "",
     {"23505", "duplicate key value violates unique constraint \"customers_pkey\"",
      "Key (id, tenant_id)=(7, acme) already exists.", "public", "customers", "", "", "customers_pkey"},
     {"23505", "duplicate key value violates unique constraint \"customers_pkey\"",
      "Key (id)=(7) already exists.", "public", "customers", "", "", "customers_pkey"}},
    /* the order of schema.sql */
    {"customers",
     "",
     {"23505", "duplicate key value violates unique constraint \"u\"",
      "Key (id, tenant_id, name)=(7, acme, Ann) already exists.", "public", "customers", "", "", "u"},
     {"23505", "duplicate key value violates unique constraint \"customers_name_id\"",
      "Key (name, id)=(Ann, 7) already exists.", "public", "customers", "", "", "customers_name_id"}},
    /* values that look like more than one */
    {"customers",
     "",
     {"23505", "duplicate key value violates unique constraint \"u\"",
      "Key (id, tenant_id, name)=(7, acme, Ann, Bob) already exists.", "public", "customers", "", "", "u"},
     {"23505", "duplicate key value violates unique constraint \"customers_name_id\"", "", "public",
      "customers", "", "", "customers_name_id"}},
    {"customers",
     "",
     {"23505", "duplicate key value violates unique constraint \"u\"",
      "Key (id, tenant_id, name)=(7, acme, x) already exists.) already exists.", "public", "customers", "",
      "", "u"},
     {"23505", "duplicate key value violates unique constraint \"customers_name_id\"",
      "Key (name, id)=(x) already exists., 7) already exists.", "public", "customers", "", "",
      "customers_name_id"}},
    /* what the role does not see */
    {"customers",
     "'555'",
     {"23505", "duplicate key value violates unique constraint \"p\"",
      "Key (tenant_id, phone)=(acme, 555) already exists.", "public", "customers", "", "", "p"},
     {"23505", "duplicate key value violates unique constraint \"customers_phone_key\"", "", "public",
      "customers", "", "", "customers_phone_key"}},
    {"customers",
     "",
     {"23505", "duplicate key value violates unique constraint \"x\"",
      "Key (lower(name))=(ann) already exists.", "public", "customers", "", "", "x"},
     {"23505", "duplicate key value violates unique constraint \"\xe2\x80\xa6\"", "", "public", "customers",
      "", "", ""}},
    {"customers",
     "",
     {"23505", "duplicate key value violates unique constraint \"secret_key\"",
      "Key (score)=(1) already exists.", "public", "customers", "", "", "secret_key"},
     {"23505", "duplicate key value violates unique constraint \"\xe2\x80\xa6\"", "", "public", "customers",
      "", "", ""}},
    /* physical names */
    {"orders",
     "",
     {"23505", "duplicate key value violates unique constraint \"orders_v2_pkey\"",
      "Key (tenant_id, id)=(acme, 7) already exists.", "store", "orders_v2", "", "", "orders_v2_pkey"},
     {"23505", "duplicate key value violates unique constraint \"orders_pkey\"",
      "Key (id)=(7) already exists.", "public", "orders", "", "", "orders_pkey"}},
    /* a partition of what is written */
    {"customers",
     "",
     {"23505", "duplicate key value violates unique constraint \"customers_acme_pkey\"",
      "Key (tenant_id, id)=(acme, 7) already exists.", "parts", "customers_acme", "", "",
      "customers_acme_pkey"},
     {"23505", "duplicate key value violates unique constraint \"customers_pkey\"",
      "Key (id)=(7) already exists.", "public", "customers", "", "", "customers_pkey"}},
    /* the tenant column is known */
    {"audit",
     "",
     {"23505", "duplicate key value violates unique constraint \"audit_pkey\"",
      "Key (tenant_id, id)=(acme, 7) already exists.", "public", "audit", "", "", "audit_pkey"},
     {"23505", "duplicate key value violates unique constraint \"audit_pkey\"",
      "Key (tenant_id, id)=(acme, 7) already exists.", "public", "audit", "", "", "audit_pkey"}},
    /* not by the statement itself: a trigger, a cascade */
    {"orders",
     "",
     {"23505", "duplicate key value violates unique constraint \"audit_pkey\"",
      "Key (tenant_id, id)=(globex, 7) already exists.", "public", "audit", "", "", "audit_pkey"},
     {"23505", "duplicate key value violates unique constraint \"audit_pkey\"", "", "public", "audit", "", "",
      "audit_pkey"}},
    {NULL,
     "INSERT … VALUES (8)",
     {"23505", "duplicate key value violates unique constraint \"cust_pk\"",
      "Key (tenant_id, id)=(acme, 8) already exists.", "public", "customers", "", "", "cust_pk"},
     {"23505", "duplicate key value violates unique constraint \"customers_pkey\"",
      "Key (id)=(8) already exists.", "public", "customers", "", "", "customers_pkey"}},
    {"orders",
     "",
     {"23505", "duplicate key value violates unique constraint \"secrets_pkey\"",
      "Key (id)=(9) already exists.", "public", "secrets", "", "", "secrets_pkey"},
     {"23505", "duplicate key value violates unique constraint \"\xe2\x80\xa6\"", "", "", "", "", "", ""}},
    /* foreign keys */
    {"orders",
     "",
     {"23503", "insert or update on table \"orders_v2\" violates foreign key constraint \"ord_cust_fk\"",
      "Key (tenant_id, customer_id)=(acme, 99) is not present in table \"customers\".", "store", "orders_v2",
      "", "", "ord_cust_fk"},
     {"23503",
      "insert or update on table \"orders\" violates foreign key constraint \"orders_customer_fkey\"",
      "Key (customer_id)=(99) is not present in table \"customers\".", "public", "orders", "", "",
      "orders_customer_fkey"}},
    {"customers",
     "",
     {"23503",
      "update or delete on table \"customers\" violates foreign key constraint \"ord_cust_fk\" on table "
      "\"orders_v2\"",
      "Key (tenant_id, id)=(acme, 7) is still referenced from table \"orders_v2\".", "store", "orders_v2", "",
      "", "ord_cust_fk"},
     {"23503",
      "update or delete on table \"customers\" violates foreign key constraint \"orders_customer_fkey\" on "
      "table "
      "\"orders\"",
      "Key (id)=(7) is still referenced from table \"orders\".", "public", "orders", "", "",
      "orders_customer_fkey"}},
    {"customers",
     "",
     {"23503",
      "update or delete on table \"customers\" violates foreign key constraint \"secrets_fkey\" on table "
      "\"secrets\"",
      "Key (id)=(7) is still referenced from table \"secrets\".", "public", "secrets", "", "",
      "secrets_fkey"},
     {"23503",
      "update or delete on table \"customers\" violates foreign key constraint \"\xe2\x80\xa6\" on table "
      "\"\xe2\x80\xa6\"",
      "", "", "", "", "", ""}},
    /* rows */
    {"customers",
     "",
     {"23502", "null value in column \"name\" of relation \"customers\" violates not-null constraint",
      "Failing row contains (acme, 1, null, secret).", "public", "customers", "name", "", ""},
     {"23502", "null value in column \"name\" of relation \"customers\" violates not-null constraint", "",
      "public", "customers", "name", "", ""}},
    {"customers",
     "",
     {"23502", "null value in column \"score\" of relation \"customers\" violates not-null constraint",
      "Failing row contains (acme, 1, null, secret).", "public", "customers", "score", "", ""},
     {"23502", "null value in column \"\xe2\x80\xa6\" of relation \"customers\" violates not-null constraint",
      "", "public", "customers", "", "", ""}},
    {"customers",
     "",
     {"23502", "null value in column \"ssn\" of relation \"customers\" violates not-null constraint", "",
      "public", "customers", "ssn", "", ""},
     {"23502", "null value in column \"\xe2\x80\xa6\" of relation \"customers\" violates not-null constraint",
      "", "public", "customers", "", "", ""}},
    {"orders",
     "",
     {"23514", "new row for relation \"orders_v2\" violates check constraint \"orders_v2_total_check\"",
      "Failing row contains (acme, 1, 2, -3).", "store", "orders_v2", "", "", "orders_v2_total_check"},
     {"23514", "new row for relation \"orders\" violates check constraint \"\xe2\x80\xa6\"", "", "public",
      "orders", "", "", ""}},
    {"orders",
     "",
     {"23514", "value for domain sku violates check constraint \"sku_check\"", "", "public", "", "", "sku",
      "sku_check"},
     {"23514", "value for domain sku violates check constraint \"\xe2\x80\xa6\"", "", "public", "", "", "sku",
      ""}},
    {"orders",
     "",
     {"23514", "no partition of relation \"orders_v2\" found for row",
      "Partition key of the failing row contains (tenant_id) = (acme).", "store", "orders_v2", "", "", ""},
     {"23514", "no partition of relation \"orders\" found for row", "", "public", "orders", "", "", ""}},
    {"customers",
     "[1,2)",
     {"23P01", "conflicting key value violates exclusion constraint \"no_overlap\"",
      "Key (room, during)=(1, [1,2)) conflicts with existing key (room, during)=(1, [0,5)).", "public",
      "customers", "", "", "no_overlap"},
     {"23P01", "conflicting key value violates exclusion constraint \"\xe2\x80\xa6\"", "", "public",
      "customers", "", "", ""}},
    /* not PostgreSQL's English */
    {"customers",
     "",
     {"23505", "doppelter Schlüsselwert verletzt Unique-Constraint »cust_pk«",
      "Schlüssel »(tenant_id, id)=(acme, 7)« existiert bereits.", "public", "customers", "", "", "cust_pk"},
     {"23505", "doppelter Schlüsselwert verletzt Unique-Constraint »cust_pk«", "", "public", "customers", "",
      "", ""}},
};

static const struct {
    const char *client, *server, *heard;
} texts[] =
    {
        {"", "could not obtain lock on row in relation \"orders_v2\"",
         "could not obtain lock on row in relation \"orders\""},
        {"", "relation \"store.orders_v2\" does not exist", "relation \"public.orders\" does not exist"},
        {"", "schema \"store\" does not exist", "schema \"\xe2\x80\xa6\" does not exist"},
        {"store", "schema \"store\" does not exist", "schema \"store\" does not exist"},
        {"", "column customers.tenant_id does not exist", "column customers.\xe2\x80\xa6 does not exist"},
        {"x.tenant_id", "column x.tenant_id does not exist", "column x.tenant_id does not exist"},
        {"", "column my_tenant_id2 does not exist", "column my_tenant_id2 does not exist"},
        {"", "nothing of ours: \"a\" and \"b", "nothing of ours: \"a\" and \"b"},
        {"", "", ""},
},
  permissions[] = {
      {"", "permission denied for table orders_v2", "permission denied for table orders"},
      {"", "permission denied for table secrets", NULL},
      {"", "permission denied for schema store", NULL},
      {"", "must be owner of table customers", NULL},
      {"", "permission denied to set parameter \"x\"", NULL},
      {"SET x TO 1", "permission denied to set parameter \"x\"", "permission denied to set parameter \"x\""},
      {"", "new row violates row-level security policy for table \"orders_v2\"",
       "new row violates row-level security policy for table \"orders\""},
      {"", "new row violates row-level security policy \"tenant_wall\" for table \"orders_v2\"",
       "new row violates row-level security policy for table \"orders\""},
      {"", "new row violates row-level security policy (USING expression) for table \"orders_p1\"",
       "new row violates row-level security policy for table \"customers\""},
};

static struct hg_snapshot *snapshot;

static struct hg_naming naming_of(const char *written, const char *client, struct hg_arena *arena)
{
    return (struct hg_naming){
        .snapshot = snapshot,
        .user = hg_snapshot_user(snapshot, HG_LIT("ann")),
        .written = written ? hg_snapshot_table(snapshot, HG_LIT("public"), hg_slice_cstr(written)) : NULL,
        .said = {hg_slice_cstr(client)},
        .arena = arena,
    };
}

static void test_types(struct hg_arena *arena)
{
    static const struct {
        const char *path, *server, *heard;
    } names[] = {
        {"\"$user\", public", "operator does not exist: public.mood + integer",
         "operator does not exist: mood + integer"},
        {"public", "cannot cast type public.mood[] to public.sku", "cannot cast type mood[] to sku"},
        {"public", "value \"public.mood\" for public.mood", "value \"public.mood\" for mood"},
        {"public", "function xpublic.mood(public.moody, public.mood.x) is none",
         "function xpublic.mood(public.moody, public.mood.x) is none"},
        {"", "type public.mood", "type public.mood"},
        {"other", "type public.mood", "type public.mood"},
        {"public", "", ""},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct hg_naming naming = naming_of(NULL, "", arena);
        naming.search_path = hg_slice_cstr(names[i].path);
        CHECK_TEXT(hg_naming_types(&naming, hg_slice_cstr(names[i].server)), names[i].heard);
    }
}

static void test_violation(const struct violation *test, struct hg_arena *arena)
{
    struct hg_naming naming = naming_of(test->written, test->client, arena);
    struct hg_error_msg error = {
        .sqlstate = hg_slice_cstr(test->server.sqlstate),
        .message = hg_slice_cstr(test->server.message),
        .detail = hg_slice_cstr(test->server.detail),
        .schema = hg_slice_cstr(test->server.schema),
        .table = hg_slice_cstr(test->server.table),
        .column = hg_slice_cstr(test->server.column),
        .datatype = hg_slice_cstr(test->server.datatype),
        .constraint = hg_slice_cstr(test->server.constraint),
    };
    hg_naming_violation(&naming, &error);
    CHECK_TEXT(error.sqlstate, test->heard.sqlstate);
    CHECK_TEXT(error.message, test->heard.message);
    CHECK_TEXT(error.detail, test->heard.detail);
    CHECK_TEXT(error.schema, test->heard.schema);
    CHECK_TEXT(error.table, test->heard.table);
    CHECK_TEXT(error.column, test->heard.column);
    CHECK_TEXT(error.datatype, test->heard.datatype);
    CHECK_TEXT(error.constraint, test->heard.constraint);
}

static void test_foreign_tenant(struct hg_arena *arena)
{
    struct hg_naming audit = naming_of("audit", "", arena), unknown = naming_of(NULL, "", arena);
    struct hg_error_msg sign = {
        .sqlstate = HG_LIT("42704"),
        .message = HG_LIT("unrecognized configuration parameter \"headgate.foreign_tenant\"")};
    struct hg_error_msg error = sign;
    CHECK(hg_naming_foreign_tenant(&audit, &error));
    CHECK_TEXT(error.sqlstate, "42501");
    CHECK_TEXT(error.message, "column \"tenant_id\" takes only the value of your own tenant");
    error = sign;
    CHECK(hg_naming_foreign_tenant(&unknown, &error));
    CHECK_TEXT(error.message, "the column of the tenant takes only the value of your own tenant");
    error.sqlstate = HG_LIT("42704");
    error.message = HG_LIT("unrecognized configuration parameter \"headgate.foreign_tenant2\"");
    CHECK(!hg_naming_foreign_tenant(&audit, &error));
}

static void test_texts(struct hg_arena *arena)
{
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct hg_naming naming = naming_of(NULL, texts[i].client, arena);
        CHECK_TEXT(hg_naming_text(&naming, hg_slice_cstr(texts[i].server)), texts[i].heard);
    }
    for (size_t i = 0; i < sizeof permissions / sizeof *permissions; i++) {
        struct hg_naming naming = naming_of("customers", permissions[i].client, arena);
        struct hg_error_msg error = {.sqlstate = HG_LIT("42501"),
                                     .message = hg_slice_cstr(permissions[i].server)};
        bool meant = hg_naming_permission(&naming, &error);
        if (CHECK(meant == (permissions[i].heard != NULL)) && meant)
            CHECK_TEXT(error.message, permissions[i].heard);
    }
}

static void run(void *argument)
{
    struct hg_arena arena;
    (void)argument;
    snapshot = test_snapshot(config, policy, schema);
    if (!snapshot)
        return;
    hg_arena_init(&arena, 0);
    for (size_t i = 0; i < sizeof violations / sizeof *violations; i++)
        test_violation(&violations[i], &arena);
    test_foreign_tenant(&arena);
    test_texts(&arena);
    test_types(&arena);
    hg_arena_free(&arena);
    hg_snapshot_drop(snapshot);
}

int main(void)
{
    CHECK(hg_tree_run_with_stack(hg_snapshot_stack_bytes(), run, NULL));
    return check_end();
}
