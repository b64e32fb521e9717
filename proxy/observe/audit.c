/* The workers' side of the audit: what a line needs is copied into an entry and put on the worker's queue.
 * The number that orders lines over all workers is drawn in the same breath, so that no number stays without
 * a line. */
#include "audit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "arena.h"
#include "audit_private.h"
#include "log.h"
#include "thread.h"

#define STACK_BYTES ((size_t)512 << 10)

/* ---- life ---- */

void hg_audit_configure(struct hg_audit *audit, const struct hg_audit_config *config)
{
    atomic_store(&audit->on_full, config->on_full);
    atomic_store(&audit->redact, (int)config->redact);
    atomic_store(&audit->statements, (int)config->statements);
    atomic_store(&audit->rewritten, config->rewritten);
    atomic_store(&audit->sync, config->sync);
    atomic_store(&audit->parameters, config->parameters);
}

static void audit_free(struct hg_audit *audit)
{
    audit_file_close(&audit->file);
    hg_bytes_free(&audit->file.unwritten);
    hg_chain_wipe(&audit->chain);
    if (audit->wake_fd >= 0)
        close(audit->wake_fd);
    free(audit->file.path);
    free(audit);
}

static bool start_thread(struct hg_audit *audit, char why[512])
{
    audit->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    bool made = audit->wake_fd >= 0 && hg_thread_start(&audit->thread, STACK_BYTES, audit_writer, audit) == 0;
    if (!made)
        snprintf(why, 512, "audit: cannot make a thread");
    return made;
}

struct hg_audit *hg_audit_open(const struct hg_audit_config *config, unsigned workers, char why[512])
{
    struct hg_audit *audit = hg_calloc(1, sizeof *audit + (workers + 1) * sizeof audit->queues[0]);

    audit->config = *config;
    audit->nqueues = workers + 1;
    audit->wake_fd = audit->file.fd = -1;
    audit->file.path = hg_malloc(strlen(config->file) + 1);
    memcpy(audit->file.path, config->file, strlen(config->file) + 1);
    hg_bytes_init(&audit->file.unwritten, 0);
    hg_audit_configure(audit, config);
    hg_chain_init(&audit->chain);
    if ((!config->key_file || hg_chain_key(&audit->chain, config->key_file, why)) &&
        audit_file_open(&audit->file, &audit->chain, why) && start_thread(audit, why))
        return audit;
    audit_free(audit);
    return NULL;
}

static void wake(struct hg_audit *audit)
{
    uint64_t one = 1;

    if (atomic_exchange(&audit->asleep, false))
        (void)!write(audit->wake_fd, &one, sizeof one);
}

void hg_audit_close(struct hg_audit *audit)
{
    if (!audit)
        return;
    atomic_store(&audit->stopping, true);
    wake(audit);
    pthread_join(audit->thread, NULL);
    audit_free(audit);
}

void hg_audit_reopen(struct hg_audit *audit)
{
    atomic_store(&audit->reopening, true);
    wake(audit);
}

/* ---- queues ---- */

void audit_enqueue(struct hg_audit *audit, struct entry *entry)
{
    struct queue *queue = audit_queue(audit, entry->worker);

    atomic_fetch_add_explicit(&queue->bytes, entry->bytes, memory_order_relaxed);
    entry->sequence = atomic_fetch_add(&audit->sequence, 1);
    entry->next = atomic_load_explicit(&queue->newest, memory_order_relaxed);
    while (!atomic_compare_exchange_weak(&queue->newest, &entry->next, entry))
        ;
    if (atomic_load(&audit->asleep))
        wake(audit);
}

/* ---- statements ---- */

static bool is_full(struct hg_audit *audit, unsigned worker)
{
    return atomic_load_explicit(&audit_queue(audit, worker)->bytes, memory_order_relaxed) >=
           audit->config.buffer;
}

bool audit_drops(struct hg_audit *audit, unsigned worker)
{
    if (!is_full(audit, worker))
        return false;
    atomic_fetch_add_explicit(&audit_queue(audit, worker)->dropped, 1, memory_order_relaxed);
    return true;
}

bool hg_audit_takes_parameters(const struct hg_audit *audit)
{
    return atomic_load_explicit(&audit->parameters, memory_order_relaxed);
}

bool hg_audit_admits(struct hg_audit *audit, unsigned worker, struct hg_fault *fault)
{
    int failing = atomic_load_explicit(&audit->failing, memory_order_relaxed);
    bool full = failing == ENOSPC || failing == EDQUOT;

    if (atomic_load_explicit(&audit->on_full, memory_order_relaxed) || (!failing && !is_full(audit, worker)))
        return true;
    *fault = (struct hg_fault){
        .message = full      ? HG_LIT("the audit log cannot be written: its disk is full")
                   : failing ? HG_LIT("the audit log cannot be written")
                             : HG_LIT("the audit log cannot be written fast enough"),
        .hint = HG_LIT(
            "No statement runs without a line there. Try again when the administrator has seen to it.")};
    memcpy(fault->sqlstate, full ? HG_DISK_FULL : HG_STORAGE_FAILURE, sizeof fault->sqlstate);
    return false;
}

static bool is_wanted(const struct hg_audit *audit, const struct hg_record *record)
{
    switch (atomic_load_explicit(&audit->statements, memory_order_relaxed)) {
    case HG_AUDIT_ALL:
        return true;
    case HG_AUDIT_WRITES:
        return record->writes || record->outcome != HG_OUTCOME_OK;
    default:
        return record->outcome != HG_OUTCOME_OK;
    }
}

/* What ran already must have its line, unless lines may be dropped. */
static bool may_drop(const struct hg_audit *audit, const struct hg_record *record)
{
    return atomic_load_explicit(&audit->on_full, memory_order_relaxed) ||
           record->answered != HG_ANSWERED_FORWARD;
}

static void keep(struct hg_slice *text, char **at)
{
    if (text->len)
        memcpy(*at, text->ptr, text->len);
    text->ptr = *at;
    *at += text->len;
}

static struct entry *entry_of(const struct hg_record *record, unsigned worker)
{
    size_t texts = record->user.len + record->tenant.len + record->role.len + record->database.len +
                   record->application.len + record->text.len + record->rewritten.len +
                   record->parameters.len + (record->backend ? strlen(record->backend) : 0) + 1;
    struct entry *entry = hg_malloc(sizeof *entry + texts);
    char *at = entry->texts;

    *entry = (struct entry){.worker = worker, .bytes = sizeof *entry + texts, .record = *record};
    entry->trace = hg_trace_find(record->context);
    snprintf(entry->peer, sizeof entry->peer, "%s", record->peer);
    struct hg_slice *all[] = {&entry->record.user,      &entry->record.tenant,      &entry->record.role,
                              &entry->record.database,  &entry->record.application, &entry->record.text,
                              &entry->record.rewritten, &entry->record.parameters};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        keep(all[i], &at);
    memcpy(at, record->backend ? record->backend : "", record->backend ? strlen(record->backend) + 1 : 1);
    entry->record.backend = at;
    entry->record.peer = entry->peer;
    return entry;
}

bool hg_audit_push(struct hg_audit *audit, unsigned worker, const struct hg_record *record)
{
    if (!is_wanted(audit, record))
        return true;
    if (may_drop(audit, record) && audit_drops(audit, worker))
        return false;
    audit_enqueue(audit, entry_of(record, worker));
    return true;
}

struct hg_audit_reading hg_audit_read(const struct hg_audit *audit)
{
    struct hg_audit_reading reading = {.lines = atomic_load(&audit->lines),
                                       .failing = atomic_load(&audit->failing) != 0};

    for (unsigned i = 0; i < audit->nqueues; i++)
        reading.queued_bytes += atomic_load_explicit(&audit->queues[i].bytes, memory_order_relaxed);
    return reading;
}
