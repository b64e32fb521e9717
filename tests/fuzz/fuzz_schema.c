/* Bytes as schema.sql: where statements end, and what each one means to the schema. */
#include "../unit/policy_texts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct hg_source files[] = {
        {.path = "headgate.yaml", .text = HG_LIT(test_config)},
        {.path = "policy.yaml", .text = HG_LIT(test_policy)},
        {.path = "schema.sql", .text = hg_slice_of((const char *)data, size)},
    };
    struct hg_diags diags;
    hg_diags_init(&diags);
    hg_snapshot_drop(hg_snapshot_load_texts(files, sizeof files / sizeof files[0], "headgate.yaml", &diags));
    hg_diags_free(&diags);
    return 0;
}
