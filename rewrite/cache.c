/* A chained hash table with a list by use. The key is the outline of the text, compared byte by byte, and its
 * literals but those that are free, with the generation of the snapshot, the role, the search path, the
 * backends that the transaction is bound to, and whether it came by the extended protocol. An outcome that is not a template (a refusal, a local answer), or
 * that looked at the user's name, is kept for that user alone. Each entry has an arena of its own; hits copy
 * out of it, so an entry can go at any time.
 *
 * An entry does for its own literals alone, until a text with other free ones has become the same template:
 * the two are one entry then, which does for all. If it becomes another one, neither ever does. Entries with
 * free literals have the hash of their skeleton, of which there are only so many: all others, and what comes
 * when there are enough, have that of their text, so that no chain grows with the values that clients send. */
#include "cache.h"

#include <stdlib.h>

#include "map.h"

#define MAX_TEXT           65536
#define ENTRY_MIN          4096 /* what an arena takes at least */
#define BUCKETS_FIRST      64
#define MOST_OF_A_SKELETON 8u

struct key {
    struct hg_slice skeleton, search_path, reset_search_path;
    uint64_t generation;
    const struct hg_role *role;
    const struct hg_user *user; /* NULL: for every user of the role */
    struct hg_binding bound;
    bool extended, settled, told;
};

struct entry {
    struct entry *chain;         /* of its bucket */
    struct entry *newer, *older; /* by use */
    uint64_t hash;
    size_t bytes;
    struct key key;
    struct hg_slice *literals; /* of the text */
    size_t nliterals;
    uint32_t free; /* by bit, those that may be others once it is proved for any */
    bool proved;
    struct hg_outcome *outcomes;
    struct source *sources;
    size_t count;
    struct hg_arena arena; /* holds all of it but this struct */
};

/* Where a statement stands in the skeleton. */
struct source {
    size_t from, to;
};

struct hg_cache {
    struct entry **buckets;
    size_t nbuckets, count, bytes, limit;
    struct entry *newest, *oldest;
    uint64_t hits, misses, evictions;
};

struct hg_cache *hg_cache_new(size_t bytes)
{
    struct hg_cache *cache = hg_calloc(1, sizeof(*cache));
    cache->limit = bytes;
    cache->nbuckets = BUCKETS_FIRST;
    cache->buckets = hg_calloc(cache->nbuckets, sizeof(struct entry *));
    return cache;
}

static void unlink_use(struct hg_cache *cache, struct entry *entry)
{
    *(entry->newer ? &entry->newer->older : &cache->newest) = entry->older;
    *(entry->older ? &entry->older->newer : &cache->oldest) = entry->newer;
}

static void link_newest(struct hg_cache *cache, struct entry *entry)
{
    entry->newer = NULL;
    entry->older = cache->newest;
    *(cache->newest ? &cache->newest->newer : &cache->oldest) = entry;
    cache->newest = entry;
}

static void drop(struct hg_cache *cache, struct entry *entry)
{
    struct entry **at = &cache->buckets[entry->hash & (cache->nbuckets - 1)];
    while (*at != entry)
        at = &(*at)->chain;
    *at = entry->chain;
    unlink_use(cache, entry);
    cache->bytes -= entry->bytes;
    cache->count--;
    hg_arena_free(&entry->arena);
    free(entry);
}

void hg_cache_free(struct hg_cache *cache)
{
    if (!cache)
        return;
    while (cache->newest)
        drop(cache, cache->newest);
    free(cache->buckets);
    free(cache);
}

static struct key key_of(const struct hg_context *context, const struct hg_outline *outline)
{
    return (struct key){.skeleton = outline->skeleton,
                        .search_path = context->search_path,
                        .reset_search_path = context->reset_search_path,
                        .generation = context->snapshot->generation,
                        .role = context->user->role,
                        .user = context->user,
                        .bound = context->bound,
                        .extended = context->extended,
                        .settled = context->search_path_settled,
                        .told = context->time.len > 0};
}

static bool matches(const struct key *kept, const struct key *asked)
{
    return kept->generation == asked->generation && kept->role == asked->role &&
           (!kept->user || kept->user == asked->user) && hg_binding_equal(kept->bound, asked->bound) &&
           kept->extended == asked->extended && kept->settled == asked->settled &&
           kept->told == asked->told && hg_slice_equal(kept->skeleton, asked->skeleton) &&
           hg_slice_equal(kept->search_path, asked->search_path) &&
           !kept->reset_search_path.ptr == !asked->reset_search_path.ptr &&
           hg_slice_equal(kept->reset_search_path, asked->reset_search_path);
}

/* Are the literals those of the entry, but for some, by bit? A text that holds the bytes of a skeleton itself
 * has none, and is no other's. */
static bool has_literals(const struct entry *entry, const struct hg_outline *outline, uint32_t but)
{
    if (entry->nliterals != outline->count)
        return false;
    for (size_t i = 0; i < entry->nliterals; i++)
        if (!(but >> i & 1) && !hg_slice_equal(entry->literals[i], outline->literals[i]))
            return false;
    return true;
}

/* A text that is too long because of its literals has to be refused. */
static bool does_for(const struct entry *entry, const struct hg_context *context,
                     const struct hg_outline *outline)
{
    bool any = entry->proved && outline->text.len <= context->snapshot->config->max_statement_bytes;

    return has_literals(entry, outline, any ? entry->free : 0);
}

static struct hg_slice *copy_slices(const struct hg_slice *from, size_t count, struct hg_arena *arena)
{
    struct hg_slice *copy = HG_NEW_ARRAY(arena, struct hg_slice, count);
    for (size_t i = 0; i < count; i++)
        copy[i] = hg_arena_slice(arena, from[i]);
    return copy;
}

/* A slice without bytes may still mean something by not being NULL. */
static void move_slice(struct hg_slice *slice, struct hg_arena *arena)
{
    if (slice->ptr)
        *slice = hg_arena_slice(arena, *slice);
}

static struct hg_setting_value *copy_settings(const struct hg_setting_value *from, size_t count,
                                              struct hg_arena *arena)
{
    struct hg_setting_value *copy = HG_NEW_ARRAY(arena, struct hg_setting_value, count);
    for (size_t i = 0; i < count; i++) {
        copy[i] = from[i];
        move_slice(&copy[i].setting, arena);
        move_slice(&copy[i].value, arena);
    }
    return copy;
}

static const struct hg_copy_in *copy_copy_in(const struct hg_copy_in *from, struct hg_arena *arena)
{
    if (!from)
        return NULL;
    struct hg_copy_in *copy = HG_NEW(arena, struct hg_copy_in);
    *copy = *from;
    move_slice(&copy->null, arena);
    move_slice(&copy->tenant_column, arena);
    return copy;
}

/* A copy but for `sql` and `positions` of a template, and `source`. */
static struct hg_verdict copy_verdict(const struct hg_verdict *from, struct hg_arena *arena)
{
    struct hg_verdict verdict = *from;
    verdict.positions = NULL;
    verdict.source = (struct hg_slice){0};
    if (verdict.kind == HG_FORWARD)
        verdict.sql = (struct hg_slice){0};
    move_slice(&verdict.sql, arena);
    move_slice(&verdict.name, arena);
    move_slice(&verdict.setting, arena);
    move_slice(&verdict.value, arena);
    move_slice(&verdict.types, arena);
    verdict.also = copy_settings(from->also, from->nalso, arena);
    verdict.reasons = copy_slices(from->reasons, from->nreasons, arena);
    verdict.rows = copy_slices(from->rows, from->nrows, arena);
    verdict.internal_names = copy_slices(from->internal_names, 2 * from->ninternal, arena);
    verdict.copy_in = copy_copy_in(from->copy_in, arena);
    move_slice(&verdict.fault.message, arena);
    move_slice(&verdict.fault.detail, arena);
    move_slice(&verdict.fault.hint, arena);
    return verdict;
}

static enum hg_dialect dialect_of(const struct hg_context *context, const struct hg_verdict *verdict)
{
    return context->snapshot->config->backends[verdict->backend].dialect;
}

static struct hg_slice source_in(const struct hg_outline *outline, const struct source *source)
{
    size_t from = hg_outline_to_text(outline, source->from), to = hg_outline_to_text(outline, source->to);

    return hg_slice_of(outline->text.ptr + from, to - from);
}

static bool fill_verdicts(const struct entry *entry, const struct hg_context *context,
                          const struct hg_outline *outline, struct hg_arena *arena,
                          struct hg_verdicts *verdicts)
{
    *verdicts = (struct hg_verdicts){.list = HG_NEW_ARRAY(arena, struct hg_verdict, entry->count),
                                     .count = entry->count};
    for (size_t i = 0; i < entry->count; i++) {
        const struct hg_outcome *kept = &entry->outcomes[i];
        struct hg_verdict *verdict = &verdicts->list[i];
        *verdict = copy_verdict(&kept->verdict, arena);
        verdict->source = source_in(outline, &entry->sources[i]);
        if (verdict->kind == HG_REFUSE && !verdicts->refused) {
            verdicts->refused = true;
            verdicts->first_refusal = i;
        }
        if (verdict->kind != HG_FORWARD)
            continue;
        struct hg_template made = hg_template_copy(&kept->made, arena);
        if (!hg_template_fill(&made, context, outline, dialect_of(context, verdict), arena, &verdict->sql,
                              &verdict->positions))
            return false;
    }
    return true;
}

static uint64_t hash_of(struct hg_slice text)
{
    return hg_hash(text.ptr, text.len);
}

static struct entry *find(const struct hg_cache *cache, uint64_t hash, const struct key *key,
                          const struct hg_context *context, const struct hg_outline *outline)
{
    struct entry *entry = cache->buckets[hash & (cache->nbuckets - 1)];
    while (entry && (entry->hash != hash || !matches(&entry->key, key) || !does_for(entry, context, outline)))
        entry = entry->chain;
    return entry;
}

bool hg_cache_get(struct hg_cache *cache, const struct hg_context *context, const struct hg_outline *outline,
                  struct hg_arena *arena, struct hg_verdicts *verdicts)
{
    struct entry *entry = NULL;
    if (outline->text.len <= MAX_TEXT) {
        struct key key = key_of(context, outline);
        entry = find(cache, hash_of(outline->skeleton), &key, context, outline);
        if (!entry && outline->count)
            entry = find(cache, hash_of(outline->text), &key, context, outline);
    }
    if (!entry || !fill_verdicts(entry, context, outline, arena, verdicts)) {
        cache->misses++;
        return false;
    }
    cache->hits++;
    if (entry != cache->newest) {
        unlink_use(cache, entry);
        link_newest(cache, entry);
    }
    return true;
}

static void grow(struct hg_cache *cache)
{
    size_t nbuckets = cache->nbuckets * 2;
    struct entry **buckets = hg_calloc(nbuckets, sizeof(struct entry *));
    for (struct entry *entry = cache->newest; entry; entry = entry->older) {
        struct entry **bucket = &buckets[entry->hash & (nbuckets - 1)];
        entry->chain = *bucket;
        *bucket = entry;
    }
    free(cache->buckets);
    cache->buckets = buckets;
    cache->nbuckets = nbuckets;
}

static void add(struct hg_cache *cache, struct entry *entry)
{
    if (cache->count >= cache->nbuckets)
        grow(cache);
    struct entry **bucket = &cache->buckets[entry->hash & (cache->nbuckets - 1)];
    entry->chain = *bucket;
    *bucket = entry;
    link_newest(cache, entry);
    cache->count++;
    cache->bytes += entry->bytes;
    while (cache->bytes > cache->limit) {
        drop(cache, cache->oldest);
        cache->evictions++;
    }
}

static struct source source_of(const struct hg_outline *outline, struct hg_slice source)
{
    size_t from = source.ptr ? (size_t)(source.ptr - outline->text.ptr) : 0;

    return (struct source){hg_outline_to_skeleton(outline, from),
                           hg_outline_to_skeleton(outline, from + source.len)};
}

static void keep_outcomes(struct entry *entry, const struct hg_outline *outline,
                          const struct hg_outcome *outcomes, size_t count)
{
    entry->outcomes = HG_NEW_ARRAY(&entry->arena, struct hg_outcome, count);
    entry->sources = HG_NEW_ARRAY(&entry->arena, struct source, count);
    entry->count = count;
    for (size_t i = 0; i < count; i++) {
        entry->outcomes[i].verdict = copy_verdict(&outcomes[i].verdict, &entry->arena);
        entry->sources[i] = source_of(outline, outcomes[i].verdict.source);
        if (outcomes[i].verdict.kind == HG_FORWARD)
            entry->outcomes[i].made = hg_template_copy(&outcomes[i].made, &entry->arena);
    }
}

/* One that differs in its free literals alone. When there is none, and no room for one more of this skeleton,
 * the entry has no free ones. */
static struct entry *find_sibling(const struct hg_cache *cache, struct entry *entry,
                                  const struct hg_outline *outline)
{
    uint64_t hash = hash_of(outline->skeleton);
    struct entry *other = cache->buckets[hash & (cache->nbuckets - 1)];
    unsigned count = 0;
    for (; other; other = other->chain) {
        if (other->hash != hash || !matches(&other->key, &entry->key))
            continue;
        if (other->free == entry->free && has_literals(other, outline, entry->free))
            return other;
        count++;
    }
    if (count >= MOST_OF_A_SKELETON)
        entry->free = 0;
    return NULL;
}

static bool is_same(const struct hg_outcome *a, const struct hg_outcome *b)
{
    return a->verdict.kind == b->verdict.kind && a->verdict.backend == b->verdict.backend &&
           hg_template_equal(&a->made, &b->made);
}

/* Does for other literals, too, what another text has become? */
static void prove(struct hg_cache *cache, struct entry *entry, const struct hg_outline *outline)
{
    struct entry *sibling = entry->free ? find_sibling(cache, entry, outline) : NULL;
    if (!sibling)
        return;
    entry->proved = is_same(&entry->outcomes[0], &sibling->outcomes[0]);
    if (entry->proved)
        drop(cache, sibling);
    else
        entry->free = sibling->free = 0;
}

void hg_cache_put(struct hg_cache *cache, const struct hg_context *context, const struct hg_outline *outline,
                  const struct hg_outcome *outcomes, size_t count)
{
    bool shared = true;
    if (outline->text.len > MAX_TEXT || cache->limit < ENTRY_MIN)
        return;
    for (size_t i = 0; i < count; i++) {
        enum hg_statement_kind kind = outcomes[i].verdict.statement;
        if (outcomes[i].fleeting || kind == HG_STMT_EXPLAIN_REWRITE || kind == HG_STMT_SET_CONFIG ||
            kind == HG_STMT_SIGNAL)
            return; /* what they hold is the session's own */
        shared = shared && outcomes[i].verdict.kind == HG_FORWARD && !outcomes[i].personal;
    }
    struct entry *entry = hg_calloc(1, sizeof(*entry));
    hg_arena_init(&entry->arena, 0);
    entry->key = key_of(context, outline);
    move_slice(&entry->key.skeleton, &entry->arena);
    move_slice(&entry->key.search_path, &entry->arena);
    move_slice(&entry->key.reset_search_path, &entry->arena);
    if (shared)
        entry->key.user = NULL;
    entry->literals = copy_slices(outline->literals, outline->count, &entry->arena);
    entry->nliterals = outline->count;
    keep_outcomes(entry, outline, outcomes, count);
    entry->free = count == 1 && outcomes[0].verdict.kind == HG_FORWARD ? outcomes[0].free : 0;
    entry->bytes = sizeof(*entry) + entry->arena.used + ENTRY_MIN;
    if (entry->bytes > cache->limit / 4) { /* one text must not push all others out */
        hg_arena_free(&entry->arena);
        free(entry);
        return;
    }
    prove(cache, entry, outline);
    entry->hash = hash_of(entry->free ? outline->skeleton : outline->text);
    add(cache, entry);
}

void hg_cache_stats(const struct hg_cache *cache, struct hg_rewriter_stats *stats)
{
    stats->hits += cache->hits;
    stats->misses += cache->misses;
    stats->evictions += cache->evictions;
    stats->cached_bytes += cache->bytes;
    stats->cached_texts += cache->count;
}
