/* The thread that writes the audit.
 *
 * It takes the workers' queues, each as a whole, puts what it got in order by number, and writes lines as
 * long as the next number is there: one that is not will come in a moment. A batch of lines is made in memory
 * and written at once. When that fails, what is left of it is tried again each second, and nothing else is
 * looked at meanwhile: the queues fill, and say so to the workers. */
#include <errno.h>
#include <openssl/sha.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "audit_private.h"
#include "json.h"
#include "log.h"
#include "redact.h"
#include "socket.h"

#define BATCH_BYTES ((size_t)1 << 20)
#define RETRY_MS    1000
#define LOCK_MS     100
#define IDLE_MS     1000

/* ---- lines ---- */

static void write_time(struct hg_bytes *out, uint64_t us)
{
    time_t seconds = (time_t)(us / 1000000);
    struct tm parts;
    char text[32];

    gmtime_r(&seconds, &parts);
    hg_write_text(out, ",\"time\":\"");
    hg_write(out, text, strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts));
    hg_write_format(out, ".%06uZ\"", (unsigned)(us % 1000000));
}

static void write_digest(struct hg_bytes *out, struct hg_slice text)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];

    SHA256((const unsigned char *)text.ptr, text.len, digest);
    hg_write_text(out, ",\"rewritten_sha256\":\"");
    for (size_t i = 0; i < sizeof digest; i++)
        hg_write_format(out, "%02x", digest[i]);
    hg_write_u8(out, '"');
}

/* A text, or what may be shown of it. */
static void write_texts(struct hg_audit *audit, const struct hg_record *record, struct hg_bytes *out)
{
    bool redacts = atomic_load(&audit->redact) == HG_REDACT_LITERALS;
    struct hg_slice text = record->text, rewritten = record->rewritten;
    struct hg_bytes plain, sent;
    char fingerprint[17];

    hg_bytes_init(&plain, 0);
    hg_bytes_init(&sent, 0);
    hg_fingerprint(text, fingerprint);
    if (redacts) {
        hg_redact(text, &plain);
        hg_redact(rewritten, &sent);
        text = hg_bytes_slice(&plain);
        rewritten = hg_bytes_slice(&sent);
    }
    audit_member(out, "sql", text);
    audit_member(out, "fingerprint", hg_slice_cstr(fingerprint));
    if (rewritten.len && atomic_load(&audit->rewritten))
        audit_member(out, "rewritten", rewritten);
    else if (rewritten.len)
        write_digest(out, rewritten);
    if (record->parameters.len)
        audit_write_parameters(out, record->parameters, redacts);
    hg_bytes_free(&plain);
    hg_bytes_free(&sent);
}

static void write_who(const struct entry *entry, struct hg_bytes *out)
{
    const struct hg_record *record = &entry->record;
    char id[HG_IDENT_BYTES];

    audit_member(out, "statement", hg_ident_write(&record->session, record->statement, id));
    audit_member(out, "session", hg_ident_write(&record->session, 0, id));
    audit_member(out, "user", record->user);
    audit_member(out, "tenant", record->tenant);
    audit_member(out, "role", record->role);
    audit_member(out, "client", hg_slice_cstr(record->peer));
    audit_member(out, "application", record->application);
    audit_member(out, "database", record->database);
    if (!entry->trace.trace_id[0])
        return;
    audit_member(out, "trace_id", hg_slice_cstr(entry->trace.trace_id));
    audit_member(out, "span_id", hg_slice_cstr(entry->trace.span_id));
}

static void write_outcome(const struct hg_record *record, struct hg_bytes *out)
{
    static const char *const words[] = {[HG_OUTCOME_OK] = "ok",
                                        [HG_OUTCOME_ERROR] = "error",
                                        [HG_OUTCOME_REFUSED] = "refused",
                                        [HG_OUTCOME_ABANDONED] = "abandoned",
                                        [HG_OUTCOME_SKIPPED] = "skipped"};

    if (record->backend[0])
        audit_member(out, "backend", hg_slice_cstr(record->backend));
    audit_number(out, "generation", record->generation);
    audit_number(out, "rows", record->rows);
    audit_number(out, "bytes", record->bytes);
    if (record->received)
        audit_number(out, "received", record->received);
    audit_number(out, "queued_us", record->queued_us);
    audit_number(out, "total_us", record->total_us);
    audit_member(out, "outcome", hg_slice_cstr(words[record->outcome]));
    audit_member(out, "sqlstate", hg_slice_cstr(record->sqlstate));
}

static void write_statement(struct hg_audit *audit, const struct entry *entry, struct hg_bytes *out)
{
    write_who(entry, out);
    write_texts(audit, &entry->record, out);
    write_outcome(&entry->record, out);
}

static void write_entry(struct hg_audit *audit, const struct entry *entry)
{
    struct hg_bytes *out = &audit->file.unwritten;
    size_t begun = out->len;

    hg_chain_begin(&audit->chain, out);
    write_time(out, entry->record.ended_us);
    audit_member(out, "event", hg_slice_cstr(entry->event ? entry->event : "statement"));
    if (entry->event)
        hg_write_slice(out, entry->members);
    else
        write_statement(audit, entry, out);
    hg_chain_end(&audit->chain, out, begun);
}

static void write_event(struct hg_audit *audit, const char *event, const char *name, uint64_t value)
{
    struct hg_bytes *out = &audit->file.unwritten;
    size_t begun = out->len;
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    hg_chain_begin(&audit->chain, out);
    write_time(out, (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
    audit_member(out, "event", hg_slice_cstr(event));
    audit_number(out, name, value);
    hg_chain_end(&audit->chain, out, begun);
}

/* ---- queues ---- */

/* The queue as a whole, oldest first, behind what was taken before. */
static void take(struct queue *queue)
{
    struct entry *newest = atomic_exchange(&queue->newest, NULL), *first = NULL, *last = newest;

    while (newest) {
        struct entry *next = newest->next;
        newest->next = first;
        first = newest;
        newest = next;
    }
    if (!first)
        return;
    *(queue->first ? &queue->last->next : &queue->first) = first;
    queue->last = last;
}

static struct entry *next_entry(struct hg_audit *audit)
{
    for (unsigned i = 0; i < audit->nqueues; i++) {
        struct queue *queue = &audit->queues[i];
        struct entry *entry = queue->first;
        if (!entry || entry->sequence != audit->expected)
            continue;
        audit->expected++;
        queue->first = entry->next;
        return entry;
    }
    return NULL;
}

static void tell_dropped(struct hg_audit *audit)
{
    uint64_t dropped = 0;

    for (unsigned i = 0; i < audit->nqueues; i++)
        dropped += atomic_load_explicit(&audit->queues[i].dropped, memory_order_relaxed);
    if (dropped == audit->dropped)
        return;
    write_event(audit, "dropped", "count", dropped - audit->dropped);
    audit->dropped = dropped;
}

static void tell_left_out(struct hg_audit *audit)
{
    uint64_t left_out = atomic_load(&audit->left_out);

    if (left_out == audit->told_left_out)
        return;
    write_event(audit, "login_failed", "left_out", left_out - audit->told_left_out);
    audit->told_left_out = left_out;
}

/* Makes the next batch. False when there is nothing to write. */
static bool fill(struct hg_audit *audit)
{
    struct entry *entry = NULL;

    for (unsigned i = 0; i < audit->nqueues; i++)
        take(&audit->queues[i]);
    while (audit->file.unwritten.len < BATCH_BYTES && (entry = next_entry(audit)) != NULL) {
        write_entry(audit, entry);
        atomic_fetch_sub_explicit(&audit_queue(audit, entry->worker)->bytes, entry->bytes,
                                  memory_order_relaxed);
        free(entry);
    }
    if (!entry) {
        tell_dropped(audit);
        tell_left_out(audit);
    }
    return audit->file.unwritten.len > 0;
}

/* ---- the file ---- */

static void set_failing(struct hg_audit *audit, int error)
{
    int before = atomic_exchange(&audit->failing, error);

    if (error && !before)
        hg_log(HG_LOG_ERROR, "audit: \"%s\" cannot be written: %s; statements %s", audit->file.path,
               hg_errno_text(error), atomic_load(&audit->on_full) ? "run without a line" : "are refused");
    else if (!error && before)
        hg_log(HG_LOG_WARNING, "audit: \"%s\" is written again", audit->file.path);
}

static void say_end(const struct hg_audit *audit, const char *what)
{
    hg_log(HG_LOG_INFO, "audit: \"%s\" %s with line %llu, %s %s", audit->file.path, what,
           (unsigned long long)audit->chain.lines, audit->chain.keyed ? "MAC" : "hash", audit->chain.last);
}

/* The file was moved away: what is torn of a line there comes whole in the new one. */
static bool reopen(struct hg_audit *audit)
{
    char why[512];

    if (audit->file.fd >= 0 && !audit_file_was_moved(&audit->file))
        return true;
    if (audit->file.fd >= 0) {
        if (audit->file.locked)
            write_event(audit, "rotated", "lines", audit->chain.lines);
        (void)audit_file_write(&audit->file, false);
        if (audit->file.locked)
            say_end(audit, "was moved away, and ends");
        audit_file_close(&audit->file);
    }
    if (audit_file_open(&audit->file, &audit->chain, why))
        return true;
    if (!atomic_load(&audit->failing))
        hg_log(HG_LOG_ERROR, "%s", why);
    audit_file_close(&audit->file);
    return false;
}

/* The file is there, and ours. */
static bool is_ready(struct hg_audit *audit)
{
    char why[512];

    if ((atomic_exchange(&audit->reopening, false) || audit->file.fd < 0) && !reopen(audit)) {
        set_failing(audit, EIO);
        return false;
    }
    if (audit->file.locked)
        return true;
    if (!audit_file_take(&audit->file, &audit->chain, why)) {
        if (!atomic_load(&audit->failing))
            hg_log(HG_LOG_ERROR, "%s", why);
        audit_file_close(&audit->file);
        set_failing(audit, EIO);
        return false;
    }
    if (audit->file.locked)
        write_event(audit, "start", "pid", (uint64_t)getpid());
    return audit->file.locked;
}

/* Writes what there is. False: it has to wait for better times. */
static bool work(struct hg_audit *audit)
{
    while (is_ready(audit) && (audit->file.unwritten.len || fill(audit))) {
        int error = audit_file_write(&audit->file, atomic_load(&audit->sync));

        set_failing(audit, error);
        atomic_store(&audit->lines, audit->chain.lines);
        if (error)
            return false;
    }
    return audit->file.locked;
}

static void wait_ms(struct hg_audit *audit, int ms)
{
    struct pollfd wake = {.fd = audit->wake_fd, .events = POLLIN};
    uint64_t count;

    (void)poll(&wake, 1, ms);
    (void)!read(audit->wake_fd, &count, sizeof count);
}

/* Something came since it was looked at. */
static bool is_waited_for(const struct hg_audit *audit)
{
    for (unsigned i = 0; i < audit->nqueues; i++)
        if (atomic_load(&audit->queues[i].newest) || audit->queues[i].first)
            return true;
    return atomic_load(&audit->stopping) || atomic_load(&audit->reopening);
}

static void last_words(struct hg_audit *audit)
{
    size_t lost = 0;

    if (is_ready(audit))
        write_event(audit, "stop", "pid", (uint64_t)getpid());
    if (work(audit)) {
        say_end(audit, "ends");
        return;
    }
    for (unsigned i = 0; i < audit->nqueues; i++) {
        take(&audit->queues[i]);
        for (struct entry *entry = audit->queues[i].first, *next; entry; entry = next, lost++) {
            next = entry->next;
            free(entry);
        }
    }
    hg_log(HG_LOG_ERROR,
           "audit: \"%s\" could not be written to its end: %zu statements and %zu bytes of lines are lost",
           audit->file.path, lost, audit->file.unwritten.len - audit->file.sent);
}

void *audit_writer(void *argument)
{
    struct hg_audit *audit = argument;

    if (audit->file.locked)
        write_event(audit, "start", "pid", (uint64_t)getpid());
    else
        hg_log(HG_LOG_WARNING, "audit: another process writes \"%s\"; waiting for its end", audit->file.path);
    while (!atomic_load(&audit->stopping)) {
        bool done = work(audit);

        atomic_store(&audit->asleep, done);
        if (done && is_waited_for(audit))
            atomic_store(&audit->asleep, false);
        else
            wait_ms(audit, done ? IDLE_MS : atomic_load(&audit->failing) ? RETRY_MS : LOCK_MS);
    }
    (void)work(audit);
    last_words(audit);
    return NULL;
}
