/* The table of cancel keys. A cancel request may come in on any worker; it is looked up here and sent on, as
 * a letter that names the pid, to the worker that owns the session. Only that worker removes the entry, so
 * when it opens the letter and finds the pid still there, the session is alive.
 *
 * Pids are drawn at random: in a row they would tell a client how many others have come since. */
#include "cancel.h"

#include <openssl/crypto.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>

#include "arena.h"
#include "map.h"

struct key {
    int32_t pid; /* its bytes are the map's key */
    uint8_t secret[HG_CANCEL_SECRET_LONG];
    size_t secret_len;
    struct hg_worker *worker;
    struct hg_session *session;
    struct hg_activity *activity; /* owned */
};

#define LIST_BYTES (1u << 20)
#define PID_BITS   24 /* below those of the instance */

struct hg_cancel_keys {
    pthread_mutex_t mutex;
    struct hg_map map;
    uint32_t instance;
};

uint32_t hg_cancel_instance(int32_t pid)
{
    return (uint32_t)pid >> PID_BITS;
}

struct hg_cancel_keys *hg_cancel_keys_new(uint32_t instance)
{
    struct hg_cancel_keys *keys = hg_calloc(1, sizeof *keys);

    keys->instance = instance;
    pthread_mutex_init(&keys->mutex, NULL);
    hg_map_init(&keys->map);
    return keys;
}

void hg_cancel_keys_free(struct hg_cancel_keys *keys)
{
    size_t at = 0;
    struct hg_slice name;
    void *value;

    while (hg_map_next(&keys->map, &at, &name, &value)) {
        hg_activity_free(((struct key *)value)->activity);
        free(value);
    }
    hg_map_free(&keys->map);
    pthread_mutex_destroy(&keys->mutex);
    free(keys);
}

static struct hg_slice pid_key(const int32_t *pid)
{
    return hg_slice_of((const char *)pid, sizeof *pid);
}

bool hg_cancel_keys_add(struct hg_cancel_keys *keys, struct hg_worker *worker, struct hg_session *session,
                        struct hg_activity *activity, int32_t *pid, uint8_t *secret, size_t len)
{
    uint32_t number;

    if (len > HG_CANCEL_SECRET_LONG || getrandom(secret, len, 0) != (ssize_t)len ||
        getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number)
        return false;
    struct key *key = hg_malloc(sizeof *key);
    *key = (struct key){.worker = worker, .session = session, .activity = activity, .secret_len = len};
    memcpy(key->secret, secret, len);
    pthread_mutex_lock(&keys->mutex);
    do
        key->pid = (int32_t)(keys->instance << PID_BITS | (number++ & ((1u << PID_BITS) - 1)));
    while (key->pid == 0 || hg_map_get(&keys->map, pid_key(&key->pid)));
    hg_map_put(&keys->map, pid_key(&key->pid), key);
    pthread_mutex_unlock(&keys->mutex);
    *pid = key->pid;
    return true;
}

void hg_cancel_keys_remove(struct hg_cancel_keys *keys, int32_t pid)
{
    pthread_mutex_lock(&keys->mutex);
    struct key *key = hg_map_remove(&keys->map, pid_key(&pid));
    pthread_mutex_unlock(&keys->mutex);
    if (key)
        hg_activity_free(key->activity);
    free(key);
}

static bool has_secret(const struct key *key, struct hg_slice secret)
{
    return secret.len == key->secret_len && CRYPTO_memcmp(key->secret, secret.ptr, secret.len) == 0;
}

struct hg_worker *hg_cancel_keys_worker(struct hg_cancel_keys *keys, int32_t pid, struct hg_slice secret)
{
    struct hg_worker *worker = NULL;

    pthread_mutex_lock(&keys->mutex);
    const struct key *key = hg_map_get(&keys->map, pid_key(&pid));
    if (key && has_secret(key, secret))
        worker = key->worker;
    pthread_mutex_unlock(&keys->mutex);
    return worker;
}

struct hg_session *hg_cancel_keys_session(struct hg_cancel_keys *keys, int32_t pid,
                                          const struct hg_worker *worker)
{
    struct hg_session *session = NULL;

    pthread_mutex_lock(&keys->mutex);
    const struct key *key = hg_map_get(&keys->map, pid_key(&pid));
    if (key && key->worker == worker)
        session = key->session;
    pthread_mutex_unlock(&keys->mutex);
    return session;
}

struct hg_worker *hg_cancel_keys_own(struct hg_cancel_keys *keys, int32_t pid, struct hg_slice user,
                                     struct hg_slice tenant)
{
    struct hg_worker *worker = NULL;

    pthread_mutex_lock(&keys->mutex);
    const struct key *key = hg_map_get(&keys->map, pid_key(&pid));
    if (key && key->activity && hg_activity_is_of(key->activity, user, tenant))
        worker = key->worker;
    pthread_mutex_unlock(&keys->mutex);
    return worker;
}

void hg_cancel_keys_list(struct hg_cancel_keys *keys, struct hg_slice user, struct hg_slice tenant,
                         struct hg_bytes *out)
{
    size_t at = 0, count = 0;
    struct hg_slice name;
    void *value;

    hg_write_u8(out, '[');
    pthread_mutex_lock(&keys->mutex);
    while (out->len < LIST_BYTES && hg_map_next(&keys->map, &at, &name, &value)) {
        struct key *key = value;
        if (!key->activity || !hg_activity_is_of(key->activity, user, tenant))
            continue;
        if (count++)
            hg_write_u8(out, ',');
        hg_activity_write(key->activity, key->pid, out);
    }
    pthread_mutex_unlock(&keys->mutex);
    hg_write_u8(out, ']');
}
