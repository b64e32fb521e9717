/* Long texts are rewritten aside: on a thread beside the worker, so that nobody else on the worker waits for
 * what one client gives us to read. */
#ifndef HG_ASIDE_H
#define HG_ASIDE_H

#include "rewrite.h"

struct hg_aside;
struct hg_worker;

/* The thread beside a worker; NULL when it cannot be made. */
struct hg_aside *hg_aside_start(struct hg_worker *worker);
/* When the worker's thread has ended. Errands under way come back as letters to its loop. NULL is harmless.
 */
void hg_aside_stop(struct hg_aside *aside);

struct hg_rewriter_stats hg_aside_stats(struct hg_aside *aside); /* on the worker */

#endif
