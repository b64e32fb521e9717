/* The ring of recent statements.
 *
 * Each worker has a table of the shapes that it has seen, by hash: most statements end there. What is not in it goes into the ring, under a mutex, a few times in a second
 * at most. Two shapes with one hash hide each other, which is no harm here. */
#include "recent.h"

#include <pthread.h>
#include <stdlib.h>

#include "map.h"
#include "session.h"

#define SEEN          4096u /* per worker; a power of two */
#define MOST_OF_ROLE  100u
#define MOST_BYTES    (8u << 20)
#define MOST_A_SECOND 50u /* per worker */

struct entry {
    struct entry *next;
    uint64_t hash;
    bool extended;
    size_t bytes;
    char *role, *user, *search_path, *text;
};

struct seen {
    uint64_t hashes[SEEN];
    uint64_t second;
    unsigned taken;
};

struct hg_recent {
    pthread_mutex_t mutex;
    struct entry *oldest, *newest;
    size_t bytes;
    uint32_t nworkers;
    struct seen *seen; /* by worker; each its own */
};

struct hg_recent *hg_recent_new(uint32_t nworkers)
{
    struct hg_recent *recent = hg_calloc(1, sizeof *recent);

    pthread_mutex_init(&recent->mutex, NULL);
    recent->nworkers = nworkers;
    recent->seen = hg_calloc(nworkers, sizeof *recent->seen);
    return recent;
}

static void entry_free(struct entry *entry)
{
    free(entry->role);
    free(entry->user);
    free(entry->search_path);
    free(entry->text);
    free(entry);
}

void hg_recent_free(struct hg_recent *recent)
{
    if (!recent)
        return;
    while (recent->oldest) {
        struct entry *entry = recent->oldest;
        recent->oldest = entry->next;
        entry_free(entry);
    }
    pthread_mutex_destroy(&recent->mutex);
    free(recent->seen);
    free(recent);
}

static uint64_t hash_of(const struct hg_record *record, bool extended)
{
    return (record->shape ^ hg_hash(record->role.ptr, record->role.len)) << 2 | (uint64_t)extended << 1 |
           1; /* 0 is an empty place */
}

/* ---- the ring ---- */

static void remove_entry(struct hg_recent *recent, struct entry **at, struct entry *before)
{
    struct entry *entry = *at;

    *at = entry->next;
    if (recent->newest == entry)
        recent->newest = before;
    recent->bytes -= entry->bytes;
    entry_free(entry);
}

/* Makes room, and says whether the shape is there already. */
static bool make_room(struct hg_recent *recent, const struct entry *entry)
{
    struct entry **at = &recent->oldest, **oldest_of_role = NULL, *before = NULL, *before_oldest = NULL;
    unsigned of_role = 0;

    for (; *at; before = *at, at = &(*at)->next) {
        if ((*at)->hash == entry->hash)
            return false;
        if (strcmp((*at)->role, entry->role) != 0)
            continue;
        if (of_role++ == 0) {
            oldest_of_role = at;
            before_oldest = before;
        }
    }
    if (of_role >= MOST_OF_ROLE)
        remove_entry(recent, oldest_of_role, before_oldest);
    while (recent->oldest && recent->bytes + entry->bytes > MOST_BYTES)
        remove_entry(recent, &recent->oldest, NULL);
    return true;
}

static void add(struct hg_recent *recent, struct entry *entry)
{
    pthread_mutex_lock(&recent->mutex);
    bool taken = make_room(recent, entry);
    if (taken) {
        *(recent->newest ? &recent->newest->next : &recent->oldest) = entry;
        recent->newest = entry;
        recent->bytes += entry->bytes;
    }
    pthread_mutex_unlock(&recent->mutex);
    if (!taken)
        entry_free(entry);
}

static bool is_too_many(struct seen *seen)
{
    uint64_t second = hg_clock_us() / 1000000;

    if (seen->second != second) {
        seen->second = second;
        seen->taken = 0;
    }
    return seen->taken++ >= MOST_A_SECOND;
}

static void ended(void *argument, struct hg_session *session, const struct hg_record *record,
                  const struct hg_ending *ending)
{
    struct hg_recent *recent = argument;
    struct seen *seen = &recent->seen[session->worker->number];
    struct hg_record whole = *record;

    (void)ending;
    if (!session->user || !record->text.len || record->text.len > HG_RECENT_LONGEST)
        return;
    hg_observe_who(session, &whole);
    bool extended = session->message.type != HG_C_QUERY;
    uint64_t hash = hash_of(&whole, extended), *place = &seen->hashes[hash >> 20 & (SEEN - 1)];
    if (*place == hash || is_too_many(seen))
        return;
    *place = hash;
    struct entry *entry = hg_calloc(1, sizeof *entry);
    entry->hash = hash;
    entry->extended = extended;
    entry->role = hg_strdup(whole.role);
    entry->user = hg_strdup(whole.user);
    entry->search_path = hg_strdup(hg_slice_cstr(hg_values_get(&session->values, HG_SET_search_path)));
    entry->text = hg_strdup(whole.text);
    entry->bytes = sizeof *entry + whole.text.len + whole.role.len + whole.user.len;
    add(recent, entry);
}

struct hg_watcher hg_recent_watcher(struct hg_recent *recent)
{
    return (struct hg_watcher){.argument = recent, .end = ended};
}

static struct hg_slice copied(struct hg_arena *arena, const char *text)
{
    return hg_arena_slice(arena, hg_slice_cstr(text));
}

size_t hg_recent_list(struct hg_recent *recent, struct hg_arena *arena, struct hg_recent_statement **list)
{
    size_t count = 0;

    pthread_mutex_lock(&recent->mutex);
    for (const struct entry *entry = recent->oldest; entry; entry = entry->next)
        count++;
    *list = HG_NEW_ARRAY(arena, struct hg_recent_statement, count + 1);
    count = 0;
    for (const struct entry *entry = recent->oldest; entry; entry = entry->next)
        (*list)[count++] = (struct hg_recent_statement){.role = copied(arena, entry->role),
                                                        .user = copied(arena, entry->user),
                                                        .search_path = copied(arena, entry->search_path),
                                                        .text = copied(arena, entry->text),
                                                        .extended = entry->extended};
    pthread_mutex_unlock(&recent->mutex);
    return count;
}
