/* What was seen of statements: sums per fingerprint and tenant, and the latest refusals. Each worker keeps
 * its own, bounded, and only its thread touches it. */
#ifndef HG_CONSOLE_SEEN_H
#define HG_CONSOLE_SEEN_H

#include "observing.h"

struct seen;

struct seen *seen_new(void);
void seen_free(struct seen *seen);
void seen_statement(struct seen *seen, const struct hg_session *session, const struct hg_record *record);

/* As rows of the tables; `texts`: with what is the tenants' own. */
void seen_put_statements(const struct seen *seen, struct hg_bytes *rows, bool texts);
void seen_put_refusals(const struct seen *seen, struct hg_bytes *rows, bool texts);

#endif
