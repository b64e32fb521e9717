/* Lines for the administrator on stderr: `2026-02-03 04:05:06.789 UTC [pid] WARNING: text`. One line is one
 * write(2), so that lines of several threads do not mix. Control characters become '?': a peer's words cannot
 * forge a line. At most 2 kB; never passwords. */
#ifndef HG_LOG_H
#define HG_LOG_H

#include "slice.h"

enum hg_log_level { HG_LOG_INFO, HG_LOG_WARNING, HG_LOG_ERROR };

void hg_log(enum hg_log_level level, const char *format, ...) HG_PRINTF(2, 3);

#endif
