/* The audit log: a file with one JSON object a line, for each statement of a client, each login, failed login
 * and end of a session, each command of an administrator and each reload; each line is bound to the one
 * before by a hash (chain.h).
 *
 *   worker --hg_audit_push()--> its queue --+
 *   worker --hg_audit_push()--> its queue --+--> writer thread: in order, JSON, hash, write(2) [, fdatasync]
 *
 * A worker only copies what the line needs. The order is that in which statements ended, over all workers.
 * What waits is bounded in bytes; when it is full, because the disk is, statements are refused, or their
 * lines are dropped and counted, as configured. Nothing that was queued is lost but with the process: lines
 * that could not be written are tried again until they are, and a torn one is taken back first.
 *
 * The file is made with mode 0600. hg_audit_reopen() begins a new one when the old one was moved away; the
 * chain goes on. At the start it goes on from the file's last line. */
#ifndef HG_AUDIT_H
#define HG_AUDIT_H

#include "config.h"
#include "log.h"
#include "record.h"

struct hg_audit;

/* Starts the thread. NULL, and why, when the file cannot be used: it cannot be opened, or its last line is
 * none of this log. */
struct hg_audit *hg_audit_open(const struct hg_audit_config *config, unsigned workers, char why[512]);
/* Writes what waits, as far as that is possible now, and the last line. */
void hg_audit_close(struct hg_audit *audit); /* NULL is harmless */

/* Settings that may change while it runs: all but the files and the buffer. */
void hg_audit_configure(struct hg_audit *audit, const struct hg_audit_config *config);
void hg_audit_reopen(struct hg_audit *audit);

/* May a statement begin? False: the fault says why not. */
HG_MUST_USE bool hg_audit_admits(struct hg_audit *audit, unsigned worker, struct hg_fault *fault);
/* A statement's end. False: its line was dropped. */
bool hg_audit_push(struct hg_audit *audit, unsigned worker, const struct hg_record *record);
/* Does a statement's line tell the values of its parameters? */
bool hg_audit_takes_parameters(const struct hg_audit *audit);

/* What happened beside statements. Texts are borrowed. */
#define HG_AUDIT_MAIN UINT_MAX /* in place of a worker: the main thread */
struct hg_audit_event {
    const char *event;                 /* a literal: "login" … */
    const struct hg_record *who;       /* a session, as far as it is known; NULL: the process itself */
    const struct hg_log_field *fields; /* those with an empty text are left out */
    size_t count;
    bool bounded; /* who has not logged in can cause it: many of them in a second are only counted */
};
/* False: its line was dropped. */
bool hg_audit_tell(struct hg_audit *audit, unsigned worker, const struct hg_audit_event *event);

struct hg_audit_reading {
    uint64_t lines, queued_bytes;
    bool failing;
};
struct hg_audit_reading hg_audit_read(const struct hg_audit *audit);

#endif
