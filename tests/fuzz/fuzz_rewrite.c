/* Any text through the whole rewriter, under the policy of the golden cases. The first byte chooses the user,
 * the protocol and the transaction, the rest is the text.
 *
 * Whatever is forwarded is checked once more, by eyes of their own: see checker.c. A second time, out of the
 * cache, the verdicts are the same; and for another tenant nothing of the first one's is left. */
#include <stdio.h>
#include <stdlib.h>

#include "text_checker.h"
#include "rewrite.h"
#include "tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

#define MARKED "globex international" /* the tenant's value that no text says by chance */

static struct hg_snapshot *snapshot;
static struct hg_rewriter *rewriter;

static void require(bool held, const char *what, struct hg_slice text)
{
    if (held)
        return;
    fprintf(stderr, "fuzz_rewrite: %s: %.*s\n", what, HG_SLICE_FMT(text));
    abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct hg_diags diags;
    (void)argc;
    (void)argv;
    hg_diags_init(&diags);
    snapshot = hg_snapshot_load(HG_SOURCE_DIR "/tests/cases/policy/headgate.yaml", &diags);
    hg_diags_print(&diags, stderr);
    hg_diags_free(&diags);
    require(snapshot != NULL, "no snapshot", HG_LIT(""));
    snapshot->config->max_statement_bytes = 8192; /* the fuzzer's thread has an ordinary stack */
    snapshot->config->max_nesting = 100;
    rewriter = hg_rewriter_new(1 << 20);
    return 0;
}

static bool contains(struct hg_slice text, const char *what)
{
    size_t len = strlen(what);
    for (size_t i = 0; i + len <= text.len; i++)
        if (memcmp(text.ptr + i, what, len) == 0)
            return true;
    return false;
}

static void prove(const struct hg_context *context, const struct hg_verdict *verdict, struct hg_arena *arena)
{
    const struct checked checked = {snapshot, context->user, verdict->uses_catalog};
    const char *why = check_sent(&checked, verdict->sql, arena);
    require(!why, why, verdict->sql);
    for (uint32_t at = 1; at <= verdict->sql.len; at += 7)
        require(hg_verdict_position(verdict, verdict->source, at) <= 8193, "position", verdict->sql);
}

static bool same(const struct hg_verdict *a, const struct hg_verdict *b)
{
    return a->kind == b->kind && a->statement == b->statement && a->backend == b->backend &&
           hg_slice_equal(a->sql, b->sql) && hg_slice_equal(a->fault.message, b->fault.message) &&
           a->fault.position == b->fault.position && a->nreasons == b->nreasons;
}

static void run(const struct hg_context *context, struct hg_slice text, struct hg_arena *arena)
{
    struct hg_verdicts first, second;
    hg_rewrite(rewriter, context, text, arena, &first);
    hg_rewrite(rewriter, context, text, arena, &second);
    require(first.count >= 1 && first.count == second.count && first.refused == second.refused,
            "not the same again", text);
    for (size_t i = 0; i < first.count; i++) {
        const struct hg_verdict *verdict = &first.list[i];
        require(same(verdict, &second.list[i]), "not the same from the cache", text);
        if (verdict->kind == HG_REFUSE)
            require(strlen(verdict->fault.sqlstate) == 5 && verdict->fault.message.len &&
                        strcmp(verdict->fault.sqlstate, HG_INTERNAL_ERROR) != 0,
                    "a refusal without words, or one of verify's", text);
        if (verdict->kind != HG_FORWARD)
            continue;
        prove(context, verdict, arena);
        prove(context, &second.list[i], arena);
        if (!hg_slice_is(context->user->tenant->value, MARKED) && !contains(text, "globex"))
            require(!contains(verdict->sql, MARKED), "another tenant's value", text);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const paths[] = {"\"$user\", public", "crm, materialized, public",
                                        "public, pg_catalog", ""};
    struct hg_arena arena;
    if (size == 0)
        return 0;
    struct hg_slice text = hg_slice_of((const char *)data + 1, size - 1);
    struct hg_context context = {.snapshot = snapshot, .pid = 4711};
    context.extended = data[0] & 8;
    context.bound.first = data[0] & 16 ? (data[0] >> 5 & 1) : -1;
    context.bound.spreads = size & 1;
    context.bound.written = context.bound.first >= 0 && size & 2 ? UINT32_C(1) << context.bound.first : 0;
    context.search_path = hg_slice_cstr(paths[data[0] >> 6]);
    context.search_path_settled = !(data[0] & 32);
    hg_arena_init(&arena, 0);
    for (size_t i = 0; i < 2; i++) { /* two users, so that the second may find what the first one left */
        context.user = &snapshot->users[(data[0] + i) % snapshot->nusers];
        run(&context, text, &arena);
    }
    hg_arena_free(&arena);
    return 0;
}
