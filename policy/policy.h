/* policy.yaml while it becomes a snapshot. policy.c reads its top and the schema, policy_tables.c the
 * relations, policy_roles.c the roles, policy_mask.c their masks, policy_users.c tenants and users, in this
 * order: each section names only what stands in sections before it. */
#ifndef HG_POLICY_H
#define HG_POLICY_H

#include "schema.h"

#define HG_POLICY_BYTES (64 << 20) /* of the file */

struct hg_policy {
    struct hg_load *load;
    struct hg_snapshot *snapshot;
    struct hg_schema schema;
    bool schema_read; /* else nothing can be said about names of tables and columns */

    const struct hg_yaml *database, *schema_file, *tenant_column, *tables, *materialized, *continuous, *roles,
        *tenants, *users;

    struct hg_slice default_tenant_column;
    struct hg_map physical_map;            /* "schema\0name" -> struct hg_table */
    struct hg_map role_map;                /* name -> struct hg_role */
    struct hg_map tenant_map;              /* name -> struct hg_tenant */
    struct hg_column_view **plain_columns; /* by table->index: no column hidden or masked; shared by roles */
};

void hg_policy_tables(struct hg_policy *policy);
void hg_policy_roles(struct hg_policy *policy);
void hg_policy_tenants(struct hg_policy *policy);
void hg_policy_users(struct hg_policy *policy);

/* Parses the expression of a mask into the snapshot's arena; NULL after an error. */
const PgQuery__Node *hg_policy_mask(struct hg_policy *policy, const struct hg_yaml *node,
                                    struct hg_slice sql);

/* Names of the policy's tables, `schema.name`, for nearest-name hints. */
const char *hg_policy_nearest_table(struct hg_policy *policy, struct hg_slice name);

#endif
