/* Verdicts that were reached before, by the text, but for its free literals (outline.h), and whatever else
 * changes them. Kept are templates, not trees; texts above 64 kB are not kept; the whole is bounded in bytes,
 * the least recently used goes first. One thread's own. */
#ifndef HG_CACHE_H
#define HG_CACHE_H

#include "template.h"

struct hg_cache;

/* What the pipeline made of one statement. */
struct hg_outcome {
    struct hg_verdict verdict;
    struct hg_template made; /* HG_FORWARD: of verdict.sql */
    uint32_t free;           /* literals of the text's outline, by bit, that are holes of the template */
    bool personal;           /* would not do for another user of the same role */
    bool fleeting;           /* would not do when the session has other settings */
};

/* Keeps at most that many bytes; those used least of late go first. */
struct hg_cache *hg_cache_new(size_t bytes);
void hg_cache_free(struct hg_cache *cache);

/* True: `verdicts` is what rewriting the text would give, in the arena. */
HG_MUST_USE bool hg_cache_get(struct hg_cache *cache, const struct hg_context *context,
                              const struct hg_outline *outline, struct hg_arena *arena,
                              struct hg_verdicts *verdicts);
void hg_cache_put(struct hg_cache *cache, const struct hg_context *context, const struct hg_outline *outline,
                  const struct hg_outcome *outcomes, size_t count);

/* Adds the cache's figures. */
void hg_cache_stats(const struct hg_cache *cache, struct hg_rewriter_stats *stats);

#endif
