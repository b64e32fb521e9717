/* Replaying: two verdicts on each text, and their difference in words. */
#include "replay.h"

#include "rewrite.h"
#include "utf8.h"

#define LONGEST_TEXT 300u /* of a statement in the report */

enum outcome { SAME, REFUSED, ALLOWED, ELSEWHERE, DIFFERENT, NOBODY, NOUTCOMES };

struct replay {
    const struct hg_snapshot *old, *new;
    struct hg_rewriter *rewriter;
    struct hg_bytes *report;
    unsigned counts[NOUTCOMES];
    unsigned lines;
};

static bool rewrite(struct replay *replay, const struct hg_snapshot *snapshot,
                    const struct hg_recent_statement *statement, struct hg_arena *arena,
                    struct hg_verdicts *verdicts)
{
    struct hg_context context = {.snapshot = snapshot,
                                 .user = hg_snapshot_user(snapshot, statement->user),
                                 .search_path = statement->search_path,
                                 .reset_search_path = statement->search_path,
                                 .search_path_settled = true,
                                 .pid = 1,
                                 .bound = {.first = -1, .spreads = true},
                                 .extended = statement->extended};

    if (!context.user)
        return false;
    hg_rewrite(replay->rewriter, &context, statement->text, arena, verdicts);
    return true;
}

/* The texts come from the templates of both policies and hold the values of both users: what differs is what
 * the policy changed. */
static enum outcome compare(const struct hg_verdict *old, const struct hg_verdict *new,
                            const struct replay *replay)
{
    if (old->kind != HG_REFUSE && new->kind == HG_REFUSE)
        return REFUSED;
    if (old->kind == HG_REFUSE && new->kind != HG_REFUSE)
        return ALLOWED;
    if (old->kind != new->kind)
        return DIFFERENT;
    if (old->kind != HG_FORWARD)
        return SAME;
    const char *was = replay->old->config->backends[old->backend].name;
    const char *is = replay->new->config->backends[new->backend].name;
    if (strcmp(was, is) != 0)
        return ELSEWHERE;
    return hg_slice_equal(old->sql, new->sql) ? SAME : DIFFERENT;
}

/* On one line, not too long, as whole characters. */
static void write_text(struct hg_bytes *report, struct hg_slice text, const char *end)
{
    size_t len = hg_utf8_cut(text, LONGEST_TEXT);

    for (size_t i = 0; i < len; i++)
        hg_write_u8(report, (unsigned char)text.ptr[i] < ' ' ? ' ' : (uint8_t)text.ptr[i]);
    hg_write_format(report, "%s%s", len < text.len ? " …" : "", end);
}

static void tell(struct replay *replay, const struct hg_recent_statement *statement, enum outcome outcome,
                 const struct hg_verdict *old, const struct hg_verdict *new)
{
    struct hg_bytes *report = replay->report;

    replay->counts[outcome]++;
    if (outcome == SAME || replay->lines++ >= HG_REPLAY_LINES)
        return;
    hg_write_format(report, "role \"%.*s\", user \"%.*s\": ", HG_SLICE_FMT(statement->role),
                    HG_SLICE_FMT(statement->user));
    switch (outcome) {
    case REFUSED:
        hg_write_format(report, "would be refused, %s ", new->fault.sqlstate);
        write_text(report, new->fault.message, ": "); /* names in it are the client's */
        break;
    case ALLOWED:
        hg_write_text(report, "would no longer be refused: ");
        break;
    case ELSEWHERE:
        hg_write_format(report, "would go to \"%s\" instead of \"%s\": ",
                        replay->new->config->backends[new->backend].name,
                        replay->old->config->backends[old->backend].name);
        break;
    case NOBODY:
        hg_write_text(report, "the user is gone: ");
        break;
    default:
        hg_write_text(report, "would be rewritten differently: ");
    }
    write_text(report, statement->text, "\n");
}

static void replay_one(struct replay *replay, const struct hg_recent_statement *statement,
                       struct hg_arena *arena)
{
    struct hg_verdicts old, new;
    enum outcome outcome = SAME;

    if (!rewrite(replay, replay->old, statement, arena, &old))
        return; /* the user was gone before */
    if (!rewrite(replay, replay->new, statement, arena, &new)) {
        tell(replay, statement, NOBODY, NULL, NULL);
        return;
    }
    for (size_t i = 0; i < old.count && i < new.count; i++) {
        outcome = compare(&old.list[i], &new.list[i], replay);
        if (outcome != SAME) {
            tell(replay, statement, outcome, &old.list[i], &new.list[i]);
            return;
        }
    }
    tell(replay, statement, SAME, NULL, NULL);
}

void hg_replay(const struct hg_snapshot *old, const struct hg_snapshot *new,
               const struct hg_recent_statement *list, size_t count, struct hg_bytes *report)
{
    struct replay replay = {.old = old, .new = new, .rewriter = hg_rewriter_new(0), .report = report};
    struct hg_arena arena;

    hg_arena_init(&arena, 0);
    for (size_t i = 0; i < count; i++) {
        replay_one(&replay, &list[i], &arena);
        hg_arena_reset(&arena);
    }
    hg_arena_free(&arena);
    hg_rewriter_free(replay.rewriter);
    hg_write_format(
        report,
        "of %zu recent statements %u would be refused, %u no longer, %u would go elsewhere, %u be "
        "rewritten differently; of %u the user is gone\n",
        count, replay.counts[REFUSED], replay.counts[ALLOWED], replay.counts[ELSEWHERE],
        replay.counts[DIFFERENT], replay.counts[NOBODY]);
}
