/* What the audit's two sides know of each other: audit.c, on the workers, and audit_writer.c, the thread.
 * audit_file.c is the file alone. Nobody else includes this. */
#ifndef HG_AUDIT_PRIVATE_H
#define HG_AUDIT_PRIVATE_H

#include <pthread.h>

#include "audit.h"
#include "chain.h"
#include "trace.h"

/* A line to be. The record's texts stand behind it; of an event its members. */
struct entry {
    struct entry *next;
    uint64_t sequence;
    const char *event;       /* NULL: a statement */
    struct hg_slice members; /* of an event, as JSON; the record has its time */
    unsigned worker;
    size_t bytes; /* of all of it */
    struct hg_record record;
    struct hg_trace trace;
    char peer[64];
    char texts[];
};

/* One worker's queue: newest first, taken as a whole. */
struct queue {
    _Atomic(struct entry *) newest;
    atomic_size_t bytes; /* of entries that are not written yet */
    _Atomic uint64_t dropped;
    struct entry *first, *last; /* the thread's: taken, in order */
};

/* The file, and how much of it is known to be whole lines. */
struct audit_file {
    char *path;
    int fd;                    /* -1: none */
    bool locked;               /* it is ours: else another process still writes it */
    struct hg_bytes unwritten; /* lines; `sent` bytes of them are in the file */
    size_t sent;
};

struct hg_audit {
    struct hg_audit_config config; /* its file is file.path; what may change is in the atomics */
    atomic_int on_full, redact, statements, rewritten, sync, parameters;
    unsigned nqueues;                                   /* one for each worker, and one for the main thread */
    _Atomic uint64_t bounded_second, bounded, left_out; /* events that anybody can cause */
    _Atomic uint64_t sequence;                          /* of the next entry */
    _Atomic int failing;                                /* an errno, or 0 */
    _Atomic uint64_t lines;
    atomic_bool asleep, stopping, reopening;
    int wake_fd; /* eventfd */
    pthread_t thread;
    /* The thread's: */
    uint64_t expected;               /* sequence of the next line */
    uint64_t dropped, told_left_out; /* told by a line */
    struct audit_file file;
    struct hg_chain chain;
    struct queue queues[];
};

static inline struct queue *audit_queue(struct hg_audit *audit, unsigned worker)
{
    return &audit->queues[worker < audit->nqueues ? worker : audit->nqueues - 1];
}

/* ---- audit_file.c ---- */

/* Opens it and, when no other process has it, takes it over. Not `locked` afterwards: to be tried again.
 * False: it cannot be used. */
HG_MUST_USE bool audit_file_open(struct audit_file *file, struct hg_chain *chain, char why[512]);
/* Tries to take over a file that another process had. */
HG_MUST_USE bool audit_file_take(struct audit_file *file, struct hg_chain *chain, char why[512]);
/* Writes what is unwritten. 0, or an errno: then it may be called again. */
int audit_file_write(struct audit_file *file, bool sync);
/* Closes it; a torn line at its end is taken back, and is unwritten again. */
void audit_file_close(struct audit_file *file);
/* Does the path lead to another file by now? */
bool audit_file_was_moved(const struct audit_file *file);

/* ---- audit.c ---- */
/* Is the queue full, and are lines dropped then? Counts one more that was. */
HG_MUST_USE bool audit_drops(struct hg_audit *audit, unsigned worker);
void audit_enqueue(struct hg_audit *audit, struct entry *entry);

/* ---- audit_event.c ---- */
void audit_member(struct hg_bytes *out, const char *name, struct hg_slice text);
void audit_number(struct hg_bytes *out, const char *name, uint64_t value);

/* ---- audit_parameters.c ---- */
/* `"parameters":[…]`, of what a Bind says: formats, values. */
void audit_write_parameters(struct hg_bytes *out, struct hg_slice bound, bool redacts);

/* ---- audit_writer.c ---- */
void *audit_writer(void *audit);

#endif
