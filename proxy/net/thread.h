/* Starting threads. */
#ifndef HG_THREAD_H
#define HG_THREAD_H

#include <pthread.h>
#include <stddef.h>

#include "arena.h"

/* One that is joined, with a stack of so many bytes. 0, or what errno would be. */
HG_MUST_USE int hg_thread_start(pthread_t *thread, size_t stack_bytes, void *(*run)(void *), void *argument);

/* One that nobody waits for, with the usual stack. Likewise. */
HG_MUST_USE int hg_thread_detach(void *(*run)(void *), void *argument);

#endif
