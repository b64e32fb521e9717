/* What the rewrite alone costs: microseconds for a text that is seen the first time (miss) and for one that
 * was seen before (hit), on three texts of about 60, 600 and 5,000 bytes.
 *
 *     bench_rewrite [ROUNDS [TEXT]]      best of five runs of so many rounds (default 2000), of one text (0
 * to 2)
 *
 * Instructions per rewrite, which no other load on the machine changes: a fifth of a tenth of what is
 * collected by
 *
 *     valgrind --tool=callgrind --toggle-collect=bench_miss bench_rewrite 10 1         (bench_hit for a hit)
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bytes.h"
#include "rewrite.h"
#include "tree.h"

#define RUNS 5

void bench_miss(struct hg_rewriter *rewriter, const struct hg_context *context, struct hg_slice text,
                struct hg_arena *arena);
void bench_hit(struct hg_rewriter *rewriter, const struct hg_context *context, struct hg_slice text,
               struct hg_arena *arena);

static const char point[] = "SELECT id, name, budget FROM campaigns WHERE id = 5500000007";

static const char report[] =
    "SELECT date_trunc('day', m.sent_at) AS day, c.name AS campaign, ch.name AS channel, count(*) AS "
    "messages,\n"
    "       count(*) FILTER (WHERE m.status = 'delivered') AS delivered, sum(m.price) AS revenue,\n"
    "       round(avg(m.price), 4) AS average_price\n"
    "FROM public.messages AS m JOIN public.campaigns AS c ON c.id = m.campaign_id\n"
    "     LEFT JOIN channels ch ON ch.id = c.channel_id\n"
    "WHERE m.sent_at >= timestamp '2026-01-01 00:00:00' AND m.sent_at < timestamp '2026-02-01 00:00:00'\n"
    "  AND c.name ILIKE '%spring%' AND m.status IN ('sent', 'delivered', 'failed')\n"
    "GROUP BY 1, 2, 3 HAVING count(*) > 10 ORDER BY day DESC, revenue DESC NULLS LAST LIMIT 500";

/* One WITH query of a long report; the number goes in several times. */
static const char step[] =
    "%s step_%d AS (SELECT m.campaign_id, c.name, date_trunc('week', m.sent_at) AS week, count(*) AS sent,\n"
    "  sum(CASE WHEN m.status = 'delivered' THEN 1 ELSE 0 END) AS delivered, coalesce(sum(m.price), 0) AS "
    "spent,\n"
    "  rank() OVER (PARTITION BY date_trunc('week', m.sent_at) ORDER BY count(*) DESC) AS place\n"
    "  FROM public.messages m JOIN public.campaigns c ON c.id = m.campaign_id\n"
    "  WHERE m.sent_at BETWEEN '2026-%02d-01' AND '2026-%02d-28' AND m.price IS NOT NULL\n"
    "    AND EXISTS (SELECT 1 FROM public.contacts k WHERE k.id = m.contact_id AND k.created_at < "
    "m.sent_at)\n"
    "  GROUP BY m.campaign_id, c.name, 3)\n";

static struct hg_slice long_report(struct hg_bytes *out)
{
    hg_bytes_init(out, 0);
    for (int i = 1; i <= 7; i++)
        hg_write_format(out, step, i == 1 ? "WITH" : ",", i, i, i);
    hg_write_text(out, "SELECT a.name, a.week, a.sent, b.delivered, c.spent, d.place FROM step_1 a\n"
                       "JOIN step_2 b USING (campaign_id) LEFT JOIN step_3 c USING (campaign_id)\n"
                       "LEFT JOIN LATERAL (SELECT min(place) AS place FROM step_4 x WHERE x.campaign_id = "
                       "a.campaign_id) d ON true\n"
                       "UNION ALL SELECT name, week, sent, delivered, spent, place FROM step_5\n"
                       "UNION ALL SELECT name, week, sent, delivered, spent, place FROM step_6\n"
                       "UNION ALL SELECT name, week, sent, delivered, spent, place FROM step_7 ORDER BY 2 "
                       "DESC, 1 LIMIT 1000");
    return hg_bytes_slice(out);
}

static void rewrite_once(struct hg_rewriter *rewriter, const struct hg_context *context, struct hg_slice text,
                         struct hg_arena *arena)
{
    struct hg_verdicts verdicts;
    hg_rewrite(rewriter, context, text, arena, &verdicts);
    if (verdicts.refused) {
        fprintf(stderr, "bench_rewrite: refused: %.*s\n", HG_SLICE_FMT(verdicts.list[0].fault.message));
        exit(1);
    }
    hg_arena_reset(arena);
}

/* Two functions with names of their own, for callgrind to switch on at. */
__attribute__((noinline)) void bench_miss(struct hg_rewriter *rewriter, const struct hg_context *context,
                                          struct hg_slice text, struct hg_arena *arena)
{
    rewrite_once(rewriter, context, text, arena);
}

__attribute__((noinline)) void bench_hit(struct hg_rewriter *rewriter, const struct hg_context *context,
                                         struct hg_slice text, struct hg_arena *arena)
{
    rewrite_once(rewriter, context, text, arena);
}

static double now_us(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

struct bench {
    long rounds;
    long only; /* one text, or -1 */
    struct hg_snapshot *snapshot;
};

typedef void one_rewrite(struct hg_rewriter *rewriter, const struct hg_context *context, struct hg_slice text,
                         struct hg_arena *arena);

/* The best run's microseconds per rewrite. */
static double measure(const struct bench *bench, one_rewrite *rewrite, size_t cache,
                      const struct hg_context *context, struct hg_slice text)
{
    struct hg_rewriter *rewriter = hg_rewriter_new(cache);
    struct hg_arena arena;
    double best = 0;
    hg_arena_init(&arena, 0);
    if (cache)
        rewrite_once(rewriter, context, text, &arena);
    for (int run = 0; run < RUNS; run++) {
        double begin = now_us();
        for (long i = 0; i < bench->rounds; i++)
            rewrite(rewriter, context, text, &arena);
        double each = (now_us() - begin) / (double)bench->rounds;
        if (run == 0 || each < best)
            best = each;
    }
    hg_arena_free(&arena);
    hg_rewriter_free(rewriter);
    return best;
}

static void run(void *argument)
{
    struct bench *bench = argument;
    struct hg_diags diags;
    struct hg_bytes text;
    hg_diags_init(&diags);
    bench->snapshot = hg_snapshot_load(HG_SOURCE_DIR "/tests/bench/policy/headgate.yaml", &diags);
    hg_diags_print(&diags, stderr);
    if (bench->snapshot) {
        struct hg_context context = {.snapshot = bench->snapshot, .user = &bench->snapshot->users[0]};
        context.search_path = HG_LIT("\"$user\", public");
        context.pid = 12345;
        context.bound.first = -1;
        struct hg_slice texts[] = {hg_slice_cstr(point), hg_slice_cstr(report), long_report(&text)};
        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
            if (bench->only >= 0 && (size_t)bench->only != i)
                continue;
            printf("  %5zu bytes: %8.2f us when seen first, %6.2f us when seen before\n", texts[i].len,
                   measure(bench, bench_miss, 0, &context, texts[i]),
                   measure(bench, bench_hit, 1 << 20, &context, texts[i]));
        }
        hg_bytes_free(&text);
        hg_snapshot_drop(bench->snapshot);
    }
    hg_diags_free(&diags);
}

int main(int argc, char **argv)
{
    struct bench bench = {.rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 2000,
                          .only = argc > 2 ? strtol(argv[2], NULL, 10) : -1};
    if (bench.rounds < 1 || !hg_tree_run_with_stack(hg_tree_stack_bytes(1 << 20), run, &bench))
        return 1;
    return bench.snapshot ? 0 : 1;
}
