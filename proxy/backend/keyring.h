/* Keys of SCRAM that a backend's password makes with a salt and a count of iterations: made once, aside, and
 * kept for all connections of all workers. Private to this folder. */
#ifndef HG_KEYRING_H
#define HG_KEYRING_H

#include "loop.h"
#include "scram.h"

struct keyring;
struct keyring_wish;

/* What keys are made from; the password is known by the version of the credentials that it is of. */
struct keyring_origin {
    uint64_t version;
    uint8_t salt[HG_SCRAM_SALT_CAP];
    size_t salt_len;
    uint32_t iterations;
};

struct keyring *keyring_new(void);
void keyring_drop(struct keyring *keyring); /* wiped when nothing is being made for it; NULL is harmless */

/* Asks; copies both. done() is called on that loop, never from within this: with the keys, which live as long
 * as it runs, or with NULL when they cannot be made. */
struct keyring_wish *keyring_ask(struct keyring *keyring, struct hg_loop *loop,
                                 const struct keyring_origin *origin, struct hg_slice password,
                                 void (*done)(void *owner, const struct hg_scram_keys *keys), void *owner);
void keyring_cancel(struct keyring_wish *wish); /* done() is not called; only before it was */

#endif
