/* Lines for the administrator on stderr, as text, `2026-02-03 04:05:06.789 UTC [pid] WARNING: text`, or as
 * JSON, one object a line with time, pid, level, event, what is known of the session, further fields,
 * message. One line is one write(2), one after the other, so that lines of several threads do not mix.
 * Control characters are escaped: a peer's words cannot forge a line. A message is cut at 2 kB, a field at 64
 * kB; never passwords.
 *
 * Whatever clients do, they do not fill the disk: of each kind of line so many are written in a second, and
 * then one that says how many were left out. Kinds are the formats and events of the callers: none can be
 * forgotten. */
#ifndef HG_LOG_H
#define HG_LOG_H

#include "slice.h"

enum hg_log_level { HG_LOG_INFO, HG_LOG_WARNING, HG_LOG_ERROR };
enum hg_log_format { HG_LOG_TEXT, HG_LOG_JSON };

/* Of the process, from now on; any thread. At first text, all levels, and no bound: `most` lines of a kind in
 * a second, 0 = any number. */
void hg_log_configure(enum hg_log_format format, enum hg_log_level least, unsigned most);
/* Says how many lines were left out in the seconds before; to be called now and then, and at the end. */
void hg_log_settle(bool end);

/* A line, without its end; any thread. */
void hg_log(enum hg_log_level level, const char *format, ...) HG_PRINTF(2, 3);

struct hg_log_field {
    const char *name;
    struct hg_slice text; /* ptr NULL: the number counts */
    uint64_t number;
};

/* The same with a name for the kind of event, and fields; text shows them behind the message. */
void hg_log_event(enum hg_log_level level, const char *event, const struct hg_log_field *fields, size_t count,
                  const char *format, ...) HG_PRINTF(5, 6);

/* The same, however many there are: for what no client causes. */
void hg_log_each(enum hg_log_level level, const char *event, const struct hg_log_field *fields, size_t count,
                 const char *format, ...) HG_PRINTF(5, 6);
enum hg_log_format hg_log_format(void);

/* What is said at the start and the end: `headgate: …`, where the log is text. */
void hg_log_plainly(enum hg_log_level level, const char *format, ...) HG_PRINTF(2, 3);

/* Whom lines of this thread are about, until the next call; borrowed. NULL: nobody. */
struct hg_log_subject {
    const char *session;
    const char *user;
    const char *tenant;
};
void hg_log_about(const struct hg_log_subject *subject);

#endif
