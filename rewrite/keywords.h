/* Which words a name must not be printed as without quotes. */
#ifndef HG_KEYWORDS_H
#define HG_KEYWORDS_H

#include "config.h"
#include "slice.h"

/* `word` is in lower case. True for every key word of PostgreSQL 15 but the harmless ones among the
 * unreserved; for Redshift also what that engine reserves. */
bool hg_must_quote_word(struct hg_slice word, enum hg_dialect dialect);

#endif
