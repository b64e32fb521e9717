/* Statements that were seen. A statement is known by its fingerprint, which leaves out literals, and its
 * tenant. Making a fingerprint costs several microseconds; so a small table stands before it, by a quick hash
 * that leaves literals out as well and may tell apart what has one fingerprint, but does not take one
 * statement for another, unless its tenant is out for that: what it gets are wrong sums of its own. Of the
 * entries the one that was used least recently goes when there is no room. Texts are kept without literals.
 */
#include "seen.h"

#include <stdlib.h>

#include "arena.h"
#include "columns.h"
#include "map.h"
#include "redact.h"
#include "session.h"
#include "utf8.h"

#define MOST_SEEN     1000u
#define MOST_REFUSALS 200u
#define QUICK         2048u /* a power of two */
#define READ_BYTES    8192u /* of a text; what differs behind that is taken for the same */
#define TEXT_BYTES    1023u
#define NAME_BYTES    63u
#define MESSAGE_BYTES 255u
#define NONE          UINT32_MAX

struct entry {
    char key[17 + NAME_BYTES]; /* fingerprint and tenant: the map's key */
    uint32_t key_len;
    uint32_t newer, older; /* in the order of use */
    uint32_t serial;       /* of the statement that it is for now */
    char backend[NAME_BYTES + 1];
    char *text;
    uint64_t calls, errors, refused, rows, bytes, total_us, most_us, queued_us, first_us, last_us;
};

struct quick {
    uint64_t hash;
    uint32_t entry, serial;
};

struct refusal {
    uint64_t at_us;
    int32_t pid;
    char sqlstate[6];
    char user[NAME_BYTES + 1], tenant[NAME_BYTES + 1];
    char *message, *text;
};

struct seen {
    struct hg_map map;
    struct entry entries[MOST_SEEN];
    uint32_t count, newest, oldest;
    struct quick quick[QUICK];
    struct refusal refusals[MOST_REFUSALS];
    uint64_t nrefusals; /* ever; the latest stand in the ring */
};

struct seen *seen_new(void)
{
    struct seen *seen = hg_calloc(1, sizeof *seen);

    hg_map_init(&seen->map);
    seen->newest = seen->oldest = NONE;
    return seen;
}

void seen_free(struct seen *seen)
{
    if (!seen)
        return;
    for (uint32_t i = 0; i < seen->count; i++)
        free(seen->entries[i].text);
    for (size_t i = 0; i < MOST_REFUSALS; i++) {
        free(seen->refusals[i].message);
        free(seen->refusals[i].text);
    }
    hg_map_free(&seen->map);
    free(seen);
}

/* ---- texts ---- */

/* Whole characters, without what would end a text early. */
static size_t clip(struct hg_slice text, size_t most)
{
    size_t len = hg_utf8_cut(text, most);
    const char *nul = len ? memchr(text.ptr, '\0', len) : NULL;

    return nul ? (size_t)(nul - text.ptr) : len;
}

static char *clipped(struct hg_slice text, size_t most)
{
    size_t len = clip(text, most);
    char *copy = hg_malloc(len + 1);

    if (len)
        memcpy(copy, text.ptr, len);
    copy[len] = '\0';
    return copy;
}

static void set_name(char name[NAME_BYTES + 1], struct hg_slice text)
{
    size_t len = clip(text, NAME_BYTES);

    if (len)
        memcpy(name, text.ptr, len);
    name[len] = '\0';
}

static char *redacted(struct hg_slice text)
{
    struct hg_bytes out;

    hg_bytes_init(&out, 0);
    hg_redact(text, &out);
    char *copy = clipped(hg_bytes_slice(&out), TEXT_BYTES);
    hg_bytes_free(&out);
    return copy;
}

/* ---- entries ---- */

static void unlink_entry(struct seen *seen, uint32_t number)
{
    struct entry *entry = &seen->entries[number];

    *(entry->newer == NONE ? &seen->newest : &seen->entries[entry->newer].older) = entry->older;
    *(entry->older == NONE ? &seen->oldest : &seen->entries[entry->older].newer) = entry->newer;
}

static void link_newest(struct seen *seen, uint32_t number)
{
    struct entry *entry = &seen->entries[number];

    entry->newer = NONE;
    entry->older = seen->newest;
    *(seen->newest == NONE ? &seen->oldest : &seen->entries[seen->newest].newer) = number;
    seen->newest = number;
}

static struct hg_slice key_of(const struct entry *entry)
{
    return hg_slice_of(entry->key, entry->key_len);
}

static uint32_t make_room(struct seen *seen)
{
    if (seen->count < MOST_SEEN)
        return seen->count++;
    uint32_t number = seen->oldest;
    struct entry *entry = &seen->entries[number];
    unlink_entry(seen, number);
    (void)hg_map_remove(&seen->map, key_of(entry));
    free(entry->text);
    *entry = (struct entry){.serial = entry->serial + 1};
    return number;
}

static uint32_t find_by_fingerprint(struct seen *seen, struct hg_slice text, struct hg_slice tenant)
{
    char key[17 + NAME_BYTES];
    size_t len = clip(tenant, NAME_BYTES);

    hg_fingerprint(text, key);
    if (len)
        memcpy(key + 17, tenant.ptr, len);
    struct entry *entry = hg_map_get(&seen->map, hg_slice_of(key, 17 + len));
    if (entry)
        return (uint32_t)(entry - seen->entries);
    uint32_t number = make_room(seen);
    entry = &seen->entries[number];
    memcpy(entry->key, key, 17 + len);
    entry->key_len = (uint32_t)(17 + len);
    entry->text = redacted(text);
    (void)hg_map_put(&seen->map, key_of(entry), entry);
    link_newest(seen, number);
    return number;
}

/* `shape`: of the record. */
static struct entry *find(struct seen *seen, uint64_t shape, struct hg_slice text, struct hg_slice tenant)
{
    uint64_t hash = shape ^ hg_hash(tenant.ptr, tenant.len);
    struct quick *quick = &seen->quick[hash >> 32 & (QUICK - 1)];
    bool known = quick->hash == hash && quick->entry < seen->count &&
                 seen->entries[quick->entry].serial == quick->serial && seen->entries[quick->entry].calls;

    if (!known) {
        uint32_t number = find_by_fingerprint(seen, text, tenant);
        *quick = (struct quick){hash, number, seen->entries[number].serial};
    }
    if (seen->newest != quick->entry) {
        unlink_entry(seen, quick->entry);
        link_newest(seen, quick->entry);
    }
    return &seen->entries[quick->entry];
}

/* ---- what was seen ---- */

static void remember_refusal(struct seen *seen, const struct hg_session *session,
                             const struct hg_record *record, uint64_t now_us)
{
    struct refusal *refusal = &seen->refusals[seen->nrefusals++ % MOST_REFUSALS];

    free(refusal->message);
    free(refusal->text);
    refusal->at_us = now_us;
    refusal->pid = session->pid;
    memcpy(refusal->sqlstate, record->sqlstate, sizeof refusal->sqlstate);
    set_name(refusal->user, hg_slice_cstr(session->user_name));
    set_name(refusal->tenant, session->user->tenant->name);
    refusal->message = clipped(session->observing.why, MESSAGE_BYTES);
    refusal->text = redacted(hg_slice_of(record->text.ptr, clip(record->text, READ_BYTES)));
}

void seen_statement(struct seen *seen, const struct hg_session *session, const struct hg_record *record)
{
    struct hg_slice text = hg_slice_of(record->text.ptr, clip(record->text, READ_BYTES));
    uint64_t now_us = time_now_us();

    if (!session->user || record->outcome == HG_OUTCOME_SKIPPED || text.len == 0)
        return;
    struct entry *entry = find(seen, record->shape, text, session->user->tenant->name);
    entry->calls++;
    entry->errors += record->outcome == HG_OUTCOME_ERROR;
    entry->refused += record->outcome == HG_OUTCOME_REFUSED;
    entry->rows += record->rows;
    entry->bytes += record->bytes;
    entry->total_us += record->total_us;
    entry->queued_us += record->queued_us;
    if (record->total_us > entry->most_us)
        entry->most_us = record->total_us;
    if (!entry->first_us)
        entry->first_us = now_us;
    entry->last_us = now_us;
    if (record->backend)
        set_name(entry->backend, hg_slice_cstr(record->backend));
    if (record->outcome == HG_OUTCOME_REFUSED)
        remember_refusal(seen, session, record, now_us);
}

/* ---- rows ---- */

static void put_own_text(struct hg_bytes *rows, const char *text, bool texts)
{
    if (texts)
        put_valid(rows, hg_slice_cstr(text));
    else
        put_null(rows);
}

void seen_put_statements(const struct seen *seen, struct hg_bytes *rows, bool texts)
{
    for (uint32_t i = seen->newest; i != NONE; i = seen->entries[i].older) {
        const struct entry *entry = &seen->entries[i];
        put_cstr(rows, entry->key);
        put_text(rows, hg_slice_of(entry->key + 17, entry->key_len - 17));
        put_cstr(rows, entry->backend[0] ? entry->backend : NULL);
        put_int(rows, (int64_t)entry->calls);
        put_int(rows, (int64_t)entry->errors);
        put_int(rows, (int64_t)entry->refused);
        put_int(rows, (int64_t)entry->rows);
        put_int(rows, (int64_t)entry->bytes);
        put_float(rows, (double)entry->total_us / 1000);
        put_float(rows, (double)entry->total_us / 1000 / (double)entry->calls);
        put_float(rows, (double)entry->most_us / 1000);
        put_float(rows, (double)entry->queued_us / 1000);
        put_time(rows, entry->first_us);
        put_time(rows, entry->last_us);
        put_own_text(rows, entry->text, texts);
    }
}

void seen_put_refusals(const struct seen *seen, struct hg_bytes *rows, bool texts)
{
    for (size_t i = 0; i < MOST_REFUSALS && i < seen->nrefusals; i++) {
        const struct refusal *refusal = &seen->refusals[i];
        put_time(rows, refusal->at_us);
        put_int(rows, refusal->pid);
        put_cstr(rows, refusal->user);
        put_cstr(rows, refusal->tenant);
        put_cstr(rows, refusal->sqlstate);
        put_own_text(rows, refusal->message, texts);
        put_own_text(rows, refusal->text, texts);
    }
}
