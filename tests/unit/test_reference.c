/* The keys of the configuration and the SQLSTATEs, against their documentation: conf/reference.md is what the
 * tables of the code say, and `test_reference --write` makes it anew. */
#include <stdlib.h>

#include "bytes.h"
#include "check.h"
#include "config_keys.h"
#include "fault.h"
#include "policy_keys.h"

#define REFERENCE HG_SOURCE_DIR "/conf/reference.md"
#define MOST      (1u << 20)

/* What a value looks like. */
static void write_kind(struct hg_bytes *out, const struct hg_key *key)
{
    static const char *const kinds[] = {
        [HG_KEY_TEXT] = "text",     [HG_KEY_PATH] = "path", [HG_KEY_BOOL] = "true or false",
        [HG_KEY_NUMBER] = "number", [HG_KEY_PORT] = "port", [HG_KEY_DURATION] = "duration",
        [HG_KEY_BYTES] = "size",    [HG_KEY_SIZE] = "size", [HG_KEY_NODE] = "see README.md",
    };

    if (key->type != HG_KEY_WORD) {
        hg_write_text(out, kinds[key->type]);
        return;
    }
    for (size_t i = 0; key->words[i]; i++)
        hg_write_format(out, "%s`%s`", i ? ", " : "", key->words[i]);
}

static void write_keys(struct hg_bytes *out, const char *path, const struct hg_key *keys, size_t count,
                       bool effect)
{
    hg_write_format(out, "\n### %s\n\n| key | value | default |%s what |\n|---|---|---|%s---|\n",
                    *path ? path : "at the top", effect ? " a change takes effect |" : "",
                    effect ? "---|" : "");
    for (size_t i = 0; i < count; i++) {
        hg_write_format(out, "| `%s` | ", keys[i].name);
        write_kind(out, &keys[i]);
        hg_write_format(out, " | %s |",
                        keys[i].required  ? "required"
                        : keys[i].initial ? keys[i].initial
                                          : "");
        if (effect)
            hg_write_text(out, keys[i].restart ? " by a restart |" : " by a reload |");
        hg_write_format(out, " %s |\n", keys[i].help);
    }
}

static void write_policy(struct hg_bytes *out)
{
#define SECTION(function)                                                                                    \
    {                                                                                                        \
        struct hg_policy_section section = function();                                                       \
        write_keys(out, section.path, section.keys, section.count, false);                                   \
    }
    HG_POLICY_SECTIONS(SECTION)
#undef SECTION
}

static void write_sqlstates(struct hg_bytes *out)
{
    static const struct {
        const char *code, *meaning;
    } states[] = {
#define STATE(name, code, meaning) {code, meaning},
        HG_SQLSTATES(STATE)
#undef STATE
    };

    hg_write_text(out, "\n## SQLSTATEs\n"
                       "What Headgate itself raises; errors of the databases keep theirs.\n\n"
                       "| SQLSTATE | what it tells |\n|---|---|\n");
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
        hg_write_format(out, "| `%s` | %s |\n", states[i].code, states[i].meaning);
}

static void write_reference(struct hg_bytes *out)
{
    hg_write_text(out,
                  "# Reference\n"
                  "Every key of the two configuration files and every SQLSTATE, from the tables in the code; "
                  "[README.md](README.md) explains them. The\n"
                  "console is in [console.md](console.md), metrics are in [metrics.md](metrics.md).\n\n"
                  "## headgate.yaml\n");
    for (size_t i = 0; i < HG_NSECTIONS; i++)
        write_keys(out, hg_config_keys[i].path, hg_config_keys[i].keys, hg_config_keys[i].count, true);
    hg_write_text(out, "\n## policy.yaml\nTaken up as a whole by a reload.\n");
    write_policy(out);
    write_sqlstates(out);
}

static struct hg_slice read_reference(struct hg_arena *arena)
{
    char *text = hg_arena_alloc(arena, MOST);
    FILE *file = fopen(REFERENCE, "rb");
    size_t len = file ? fread(text, 1, MOST, file) : 0;

    if (file)
        fclose(file);
    return hg_slice_of(text, len);
}

int main(int argc, char **argv)
{
    struct hg_arena arena;
    struct hg_bytes out;

    hg_arena_init(&arena, 0);
    hg_bytes_init(&out, MOST);
    write_reference(&out);
    if (argc == 2 && strcmp(argv[1], "--write") == 0) {
        FILE *file = fopen(REFERENCE, "wb");
        CHECK(file && fwrite(out.data, 1, out.len, file) == out.len && fclose(file) == 0);
    }
    if (!CHECK(hg_slice_equal(read_reference(&arena), hg_bytes_slice(&out))))
        fputs("  conf/reference.md is not what the tables say: test_reference --write makes it anew\n",
              stderr);
    hg_bytes_free(&out);
    hg_arena_free(&arena);
    return check_end();
}
