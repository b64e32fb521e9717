/* The first process of a container has two duties that no other has: signals do nothing to it unless it asks
 * for them, and orphans become its children, to be reaped by it. */
#ifndef HG_INIT_H
#define HG_INIT_H

#include "slice.h"

/* As process 1: goes on in a child, which gets the signals that this process gets; when that child ends this
 * process ends with its exit status (128 + the number of the signal that ended it). Elsewhere, and in the
 * child, returns at once. While there is one thread. */
void hg_init_if_first(void);

#endif
