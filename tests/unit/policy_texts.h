/* A configuration out of memory: its snapshot, for tests of what reads one; a small one, and what loading it
 * says, for tests of the loader. */
#ifndef HG_TEST_POLICY_TEXTS_H
#define HG_TEST_POLICY_TEXTS_H

#include <stdlib.h>

#include "check.h"
#include "snapshot.h"
#include "source.h"
#include "tree.h"

#define TEST_VERIFIER                                                                                        \
    "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"              \
    "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="

static const char test_config[] = "listen: 127.0.0.1:6432\n"
                                  "policy: policy.yaml\n"
                                  "workers: 4\n"
                                  "backends:\n"
                                  "  aurora: {dialect: postgresql, host: a, database: d, user: u}\n"
                                  "  redshift: {dialect: redshift, host: b, database: d, user: u}\n"
                                  "  catalog: {dialect: postgresql, host: c, database: d, user: u}\n"
                                  "limits:\n"
                                  "  max_prepared: 10\n";

static const char test_policy[] = "database: analytics\n"
                                  "schema: schema.sql\n"
                                  "tenant_column: tenant_id\n"
                                  "tables:\n"
                                  "  public.messages: {backends: [redshift]}\n"
                                  "  public.channels: {backends: [aurora, redshift], shared: true}\n"
                                  "materialized:\n"
                                  "  prefix: _m_\n"
                                  "  tables:\n"
                                  "    daily: {backends: [aurora]}\n"
                                  "roles:\n"
                                  "  analyst:\n"
                                  "    read: [public.*, materialized.daily]\n"
                                  "    columns:\n"
                                  "      public.messages.phone: {mask: \"'x' || phone\"}\n"
                                  "tenants:\n"
                                  "  acme: {value: acme}\n"
                                  "  globex: {value: 42}\n"
                                  "users:\n"
                                  "  ann: {tenant: acme, role: analyst, password: \"" TEST_VERIFIER "\"}\n";

static const char test_schema[] = "CREATE TABLE public.messages (id bigint PRIMARY KEY, phone text);\n"
                                  "CREATE TABLE public.channels (id int, name text);\n"
                                  "CREATE TABLE materialized.daily (day date, sent bigint);\n";

/* The snapshot of three texts, NULL with what is wrong on stderr. Runs where there is stack for the parser. */
static inline struct hg_snapshot *test_snapshot(const char *config, const char *policy, const char *schema)
{
    const struct hg_source files[] = {
        {.path = "headgate.yaml", .text = hg_slice_cstr(config)},
        {.path = "policy.yaml", .text = hg_slice_cstr(policy)},
        {.path = "schema.sql", .text = hg_slice_cstr(schema)},
    };
    struct hg_diags diags;
    hg_diags_init(&diags);
    struct hg_snapshot *snapshot = hg_snapshot_load_texts(files, 3, "headgate.yaml", &diags);
    if (!CHECK(snapshot != NULL))
        hg_diags_print(&diags, stderr);
    hg_diags_free(&diags);
    return snapshot;
}

/* One load: texts in, snapshot or NULL and what was printed out. */
struct test_load {
    const char *config, *policy, *schema;
    struct hg_snapshot *snapshot;
    char *said;
};

static inline void test_load_run(void *argument)
{
    struct test_load *load = argument;
    const struct hg_source files[] = {
        {.path = "headgate.yaml", .text = hg_slice_cstr(load->config)},
        {.path = "policy.yaml", .text = hg_slice_cstr(load->policy)},
        {.path = "schema.sql", .text = hg_slice_cstr(load->schema)},
    };
    struct hg_diags diags;
    size_t len;
    FILE *out = open_memstream(&load->said, &len);
    hg_diags_init(&diags);
    load->snapshot = hg_snapshot_load_texts(files, sizeof files / sizeof files[0], "headgate.yaml", &diags);
    hg_diags_print(&diags, out);
    hg_diags_free(&diags);
    fclose(out);
}

static inline void test_load_free(struct test_load *load)
{
    hg_snapshot_drop(load->snapshot);
    free(load->said);
}

#endif
