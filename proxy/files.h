/* The files that a snapshot was made of, as they are on the disk now. */
#ifndef HG_FILES_H
#define HG_FILES_H

#include "snapshot.h"

/* A number that is another one when any of them was written, replaced, made or removed: the three files,
 * certificates, keys and passwords. Looks at names and times, reads nothing. */
uint64_t hg_files_stamp(const struct hg_snapshot *snapshot);

#endif
