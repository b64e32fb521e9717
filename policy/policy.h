/* policy.yaml while it becomes a snapshot. policy.c reads its top and the schema, policy_tables.c the
 * relations, policy_roles.c the roles, policy_mask.c their masks, policy_rows.c their conditions on rows,
 * policy_catalog.c their catalogs, policy_grants.c which statements and functions they may use,
 * policy_users.c tenants and users, policy_login.c how users log in, policy_values.c their attributes, in
 * this order: each section names only what stands in sections before it. lint.c looks at all of it at the
 * end. */
#ifndef HG_POLICY_H
#define HG_POLICY_H

#include "policy_keys.h"
#include "schema.h"

#define HG_POLICY_BYTES (64 << 20) /* of the file */

/* An attribute of a user or tenant as a literal's content. */
struct hg_value {
    struct hg_slice name, text;
    bool list; /* the text is that of an array */
};

struct hg_values {
    struct hg_value *list;
    size_t count;
};

struct hg_policy {
    struct hg_load *load;
    struct hg_snapshot *snapshot;
    struct hg_schema schema;
    bool schema_read; /* without an error; else nothing can be said about names of tables and columns */

    const struct hg_yaml *database, *schema_file, *tenant_column, *tables, *materialized, *continuous, *roles,
        *tenants, *login, *users, *limits;
    const struct hg_limits *tenant_limits; /* of tenants that say nothing else */
    int on_removal;                        /* 0: at the end of the transaction, 1: now */
    bool warned_of_md5;

    struct hg_slice default_tenant_column;
    struct hg_map physical_map;            /* "schema\0name" -> struct hg_table */
    struct hg_map role_map;                /* name -> struct hg_role */
    struct hg_map tenant_map;              /* name -> struct hg_tenant */
    struct hg_values *tenant_values;       /* attributes, by the tenant's index */
    struct hg_column_view **plain_columns; /* by table->index: no column hidden or masked; shared by roles */
};

void hg_policy_tables(struct hg_policy *policy);
void hg_policy_roles(struct hg_policy *policy);
void hg_policy_tenants(struct hg_policy *policy);
void hg_policy_users(struct hg_policy *policy);

/* Parses one expression, `what` ("the mask"), into the snapshot's arena; NULL after an error. */
PgQuery__Node *hg_policy_expression(struct hg_policy *policy, const struct hg_yaml *node, struct hg_slice sql,
                                    const char *what);

/* Whether a text is a literal in both dialects as it stands: no quotes, backslashes, control characters. */
bool hg_policy_is_plain(struct hg_slice text);

/* policy_limits.c: `limits:`, over what stands in `base`; NULL is nothing written. Never NULL. */
const struct hg_limits *hg_policy_limits(struct hg_policy *policy, const struct hg_yaml *map,
                                         const struct hg_limits *base);

/* policy_rows.c: `rows:` of a role. */
void hg_policy_rows(struct hg_policy *policy, struct hg_role *role, const struct hg_yaml *map);

/* policy_catalog.c: the database that shows a role what it sees. First room for so many is made. */
void hg_policy_catalogs(struct hg_policy *policy, size_t nroles);
void hg_policy_catalog(struct hg_policy *policy, struct hg_role *role, const struct hg_yaml *named,
                       const struct hg_yaml *entry);

/* policy_grants.c: `statements:`, `functions:` and the switches for EXPLAIN. */
struct hg_grants_draft {
    const struct hg_yaml *statements, *functions;
    bool explain, explain_rewrite;
};
void hg_policy_grants(struct hg_policy *policy, struct hg_role *role, const struct hg_grants_draft *draft);

/* policy_login.c: how a user logs in, and what stands at the top for those that do not say. */
struct hg_login_draft {
    const struct hg_yaml *login, *password, *certificate;
};
void hg_policy_login_default(struct hg_policy *policy);
void hg_policy_login(struct hg_policy *policy, struct hg_user *user, const struct hg_login_draft *draft,
                     const struct hg_yaml *entry);

/* policy_values.c: `attributes:` of a user or tenant; then those that the user's role speaks of. */
struct hg_values hg_policy_values(struct hg_policy *policy, const struct hg_yaml *map);
void hg_policy_attributes(struct hg_policy *policy, struct hg_user *user, const struct hg_values *own,
                          const struct hg_yaml *entry);

/* lint.c: what is allowed, and likely not meant. */
void hg_policy_lint(struct hg_policy *policy);

/* Names of the policy's tables, `schema.name`, for nearest-name hints. */
const char *hg_policy_nearest_table(struct hg_policy *policy, struct hg_slice name);

#endif
