/* A cancel request that came to the wrong Headgate, sent on to the right one: behind a load balancer it may
 * come in anywhere. */
#ifndef HG_PEER_H
#define HG_PEER_H

#include "config.h"
#include "loop.h"

struct hg_peer_cancel;

/* Sends a CancelRequest to the peer, with one byte behind the secret, which says that it was sent on and is
 * not to be sent on again. TLS when the peer offers it and `tls` is set (its certificate is not looked at:
 * what is sent is of use to the one who has the session alone). done() when the peer has hung up, or it
 * cannot be reached, or `timeout_ms` is over; never from within. */
struct hg_peer_cancel *hg_peer_cancel_start(struct hg_loop *loop, const struct hg_host *peer, bool tls,
                                            int32_t pid, struct hg_slice secret, uint32_t timeout_ms,
                                            void (*done)(void *owner), void *owner);
void hg_peer_cancel_stop(struct hg_peer_cancel *cancel); /* done() is not called; only before it was */

/* Was it sent on by a peer? Then the byte is taken off the secret. */
bool hg_peer_take_mark(struct hg_slice *secret, size_t short_len, size_t long_len);

#endif
