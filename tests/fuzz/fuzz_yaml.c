/* Bytes as policy.yaml and as headgate.yaml, beside good other files: the YAML layer and everything that
 * reads its tree. Nothing is read from disk. */
#include "../unit/policy_texts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void load(struct hg_slice config, struct hg_slice policy)
{
    const struct hg_source files[] = {
        {.path = "headgate.yaml", .text = config},
        {.path = "policy.yaml", .text = policy},
        {.path = "schema.sql", .text = HG_LIT(test_schema)},
    };
    struct hg_diags diags;
    hg_diags_init(&diags);
    hg_snapshot_drop(hg_snapshot_load_texts(files, sizeof files / sizeof files[0], "headgate.yaml", &diags));
    hg_diags_free(&diags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hg_slice input = hg_slice_of((const char *)data, size);
    load(HG_LIT(test_config), input);
    load(input, HG_LIT(test_policy));
    return 0;
}
