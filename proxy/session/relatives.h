/* Cancel requests between the processes of one handing over (SIGUSR2): clients of an old one stay there while
 * their statements run, but what they send to cancel them comes in at the new one. */
#ifndef HG_RELATIVES_H
#define HG_RELATIVES_H

#include "cancel.h"
#include "loop.h"

#define HG_MOST_ELDERS 8

struct hg_relatives;

struct hg_relatives *hg_relatives_new(struct hg_loop *loop, struct hg_cancel_keys *keys);
/* Asks nobody and answers nobody any more; on the main thread, while the workers still run. */
void hg_relatives_leave(struct hg_relatives *relatives);
void hg_relatives_free(struct hg_relatives *relatives);

/* The sockets to elders that a predecessor left, the oldest first, its own last; taken over. */
void hg_relatives_inherit(struct hg_relatives *relatives, const int *elders, size_t count);
/* For a successor that is about to be started: sockets to those elders that still live and, as the last one,
 * to this process, which the caller closes when they have been passed on. Their number, at most
 * HG_MOST_ELDERS; 0 when there can be none. */
size_t hg_relatives_bequeath(struct hg_relatives *relatives, int elders[HG_MOST_ELDERS]);

/* Asks them all for the session with that key. The client's connection is lent to them: it is to be closed
 * here, but its end is seen by the client when the last of them has dealt with the request. Never waits; a
 * request is lost where one is too busy to take it. From any thread. */
void hg_relatives_ask(struct hg_relatives *relatives, int32_t pid, struct hg_slice secret, int client);

#endif
