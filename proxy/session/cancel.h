/* The sessions of the whole process by their pid: the keys by which clients cancel their own statements, pid
 * and secret as BackendKeyData gives them, and what the sessions of one user may know of each other. None of
 * them says anything about a backend's pid. */
#ifndef HG_CANCEL_H
#define HG_CANCEL_H

#include "activity.h"

/* Bytes of a secret: protocol 3.0 has room for 4, 3.2 for more. */
#define HG_CANCEL_SECRET_SHORT 4u
#define HG_CANCEL_SECRET_LONG  32u

struct hg_cancel_keys;
struct hg_worker;
struct hg_session;

/* The pids are of that instance (config.h): it is in their upper bits, so that a cancel request which comes
 * to another instance finds its way. */
struct hg_cancel_keys *hg_cancel_keys_new(uint32_t instance);
uint32_t hg_cancel_instance(int32_t pid);
void hg_cancel_keys_free(struct hg_cancel_keys *keys);

/* A fresh pid that no live session has, and a random secret of `len` bytes, at most HG_CANCEL_SECRET_LONG.
 * False when there is no randomness. The session's activity is taken over, and lives as long as the entry;
 * NULL for an administrator, of whom no tenant's session knows. */
HG_MUST_USE bool hg_cancel_keys_add(struct hg_cancel_keys *keys, struct hg_worker *worker,
                                    struct hg_session *session, struct hg_activity *activity, int32_t *pid,
                                    uint8_t *secret, size_t len);
void hg_cancel_keys_remove(struct hg_cancel_keys *keys, int32_t pid);

/* The worker whose session has this key, NULL when there is none or the secret is wrong (compared in constant
 * time). */
struct hg_worker *hg_cancel_keys_worker(struct hg_cancel_keys *keys, int32_t pid, struct hg_slice secret);
/* The session, on its own worker's thread only, where it cannot go away meanwhile. */
struct hg_session *hg_cancel_keys_session(struct hg_cancel_keys *keys, int32_t pid,
                                          const struct hg_worker *worker);

/* The worker of the session with that pid, if it is one of this user and tenant; else NULL. */
struct hg_worker *hg_cancel_keys_own(struct hg_cancel_keys *keys, int32_t pid, struct hg_slice user,
                                     struct hg_slice tenant);
/* What the sessions of this user and tenant do, as a JSON array; not more than fits in some 1 MB. */
void hg_cancel_keys_list(struct hg_cancel_keys *keys, struct hg_slice user, struct hg_slice tenant,
                         struct hg_bytes *out);

#endif
