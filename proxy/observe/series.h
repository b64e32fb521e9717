/* Names that label values have: each gets a small number when it is first seen, for good, so that counting
 * needs no look-up and a reload that changes the order of backends mixes nothing up. Bounded: what comes when
 * all numbers are given away is counted together under "other", which is number 0. Any thread. */
#ifndef HG_SERIES_H
#define HG_SERIES_H

#include "slice.h"

#define HG_MAX_SERIES      40u /* of backends */
#define HG_SERIES_OTHER    0u
#define HG_MAX_SERIES_NAME 255u

struct hg_series;

struct hg_series *hg_series_new(size_t most); /* names, "other" not counted */
void hg_series_free(struct hg_series *series);
unsigned hg_series_of(struct hg_series *series, struct hg_slice name); /* found or made */
size_t hg_series_count(const struct hg_series *series);                /* numbers given so far, 0 included */
const char *hg_series_name(const struct hg_series *series, size_t number);

#endif
