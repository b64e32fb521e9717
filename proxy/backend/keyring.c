/* The keyring.
 *
 *   asked --> kept for that password, salt and count: given at once
 *         --> else put in the list; one thread makes keys, for whoever has waited longest and for all who
 *             wait for the same; it ends when nobody is left
 *
 * A server keeps one salt for a user, so a pool makes its keys once for each host with accounts of its own.
 * PBKDF2 takes milliseconds with the usual 4096 iterations, and half a second with the most that a server may
 * ask for (HG_SCRAM_MOST_ITERATIONS): one that wants a new salt each time keeps that one thread busy, nice, and
 * nobody waits longer than its connect_timeout. Who waits is a connection that is being opened, so pool_size
 * bounds the list.
 *
 * The thread is nobody's to wait for; main.c sees to it that a process can end while it works.
 *
 * Keys are as good as the password: they are wiped when another takes their place, or a newer version of the
 * password is asked about. All of it is under one mutex, which is not held while keys are made. */
#define _GNU_SOURCE
#include "keyring.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "arena.h"
#include "thread.h"

#define KEPT 8u /* as many as a backend may have hosts */
#define NICE 5

struct keyring {
    pthread_mutex_t mutex;
    unsigned references;
    struct kept {
        struct keyring_origin origin; /* iterations 0 = none */
        struct hg_scram_keys keys;
    } kept[KEPT];
    unsigned next; /* to be replaced */
    struct keyring_wish *first, *last;
    bool working;
};

struct keyring_wish {
    struct hg_letter letter; /* first member */
    struct keyring *keyring;
    struct keyring_wish *next; /* [mutex] while in the list */
    struct hg_loop *loop;
    struct keyring_origin origin;
    char *password;
    size_t password_len;
    bool listed; /* [mutex] */
    bool made;
    struct hg_scram_keys keys;
    void (*done)(void *owner, const struct hg_scram_keys *keys);
    void *owner; /* NULL: cancelled */
};

/* ---- life ---- */

struct keyring *keyring_new(void)
{
    struct keyring *keyring = hg_calloc(1, sizeof *keyring);

    pthread_mutex_init(&keyring->mutex, NULL);
    keyring->references = 1;
    return keyring;
}

void keyring_drop(struct keyring *keyring)
{
    if (!keyring)
        return;
    pthread_mutex_lock(&keyring->mutex);
    bool last = --keyring->references == 0;
    pthread_mutex_unlock(&keyring->mutex);
    if (!last)
        return;
    explicit_bzero(keyring->kept, sizeof keyring->kept);
    pthread_mutex_destroy(&keyring->mutex);
    free(keyring);
}

static void wish_free(struct keyring_wish *wish)
{
    struct keyring *keyring = wish->keyring;

    explicit_bzero(wish->password, wish->password_len);
    free(wish->password);
    explicit_bzero(&wish->keys, sizeof wish->keys);
    free(wish);
    keyring_drop(keyring);
}

/* ---- what is kept: each with the mutex held ---- */

static bool is_same(const struct keyring_origin *a, const struct keyring_origin *b)
{
    return a->version == b->version && a->iterations == b->iterations && a->salt_len == b->salt_len &&
           memcmp(a->salt, b->salt, a->salt_len) == 0;
}

static const struct hg_scram_keys *find(const struct keyring *keyring, const struct keyring_origin *origin)
{
    for (unsigned i = 0; i < KEPT; i++)
        if (is_same(&keyring->kept[i].origin, origin))
            return &keyring->kept[i].keys;
    return NULL;
}

static void forget_older(struct keyring *keyring, uint64_t version)
{
    for (unsigned i = 0; i < KEPT; i++)
        if (keyring->kept[i].origin.version < version)
            explicit_bzero(&keyring->kept[i], sizeof keyring->kept[i]);
}

static void keep(struct keyring *keyring, const struct keyring_origin *origin,
                 const struct hg_scram_keys *keys)
{
    keyring->kept[keyring->next++ % KEPT] = (struct kept){*origin, *keys};
}

/* ---- telling ---- */

static void on_letter(struct hg_letter *letter)
{
    struct keyring_wish *wish = (struct keyring_wish *)letter;

    if (wish->owner)
        wish->done(wish->owner, wish->made ? &wish->keys : NULL);
    wish_free(wish);
}

/* [mutex] Its letter is on the way. keys: NULL = they cannot be made. */
static void grant(struct keyring_wish *wish, const struct hg_scram_keys *keys)
{
    wish->listed = false;
    wish->made = keys != NULL;
    if (keys)
        wish->keys = *keys;
    hg_loop_post(wish->loop, &wish->letter);
}

/* [mutex] All who wait for the same, or, without an origin, all. */
static void grant_all(struct keyring *keyring, const struct keyring_origin *origin,
                      const struct hg_scram_keys *keys)
{
    struct keyring_wish **at = &keyring->first, *last = NULL;

    while (*at) {
        struct keyring_wish *wish = *at;

        if (origin && !is_same(&wish->origin, origin)) {
            last = wish;
            at = &wish->next;
            continue;
        }
        *at = wish->next;
        grant(wish, keys);
    }
    keyring->last = last;
}

/* ---- making ---- */

/* [mutex], which is let go meanwhile. For the first in the list, who may be gone when it is done. */
static void make_next(struct keyring *keyring)
{
    struct keyring_origin origin = keyring->first->origin;
    size_t len = keyring->first->password_len;
    char *password = hg_malloc(len + 1);
    struct hg_scram_keys keys;

    memcpy(password, keyring->first->password, len);
    pthread_mutex_unlock(&keyring->mutex);
    bool made = hg_scram_keys_derive(hg_slice_of(password, len), origin.salt, origin.salt_len,
                                     origin.iterations, &keys);
    explicit_bzero(password, len);
    free(password);
    pthread_mutex_lock(&keyring->mutex);
    if (made)
        keep(keyring, &origin, &keys);
    grant_all(keyring, &origin, made ? &keys : NULL);
    explicit_bzero(&keys, sizeof keys);
}

static void *work(void *argument)
{
    struct keyring *keyring = argument;

    (void)setpriority(PRIO_PROCESS, 0, NICE); /* on Linux: of this thread */
    pthread_mutex_lock(&keyring->mutex);
    while (keyring->first)
        make_next(keyring);
    keyring->working = false;
    pthread_mutex_unlock(&keyring->mutex);
    keyring_drop(keyring);
    return NULL;
}

/* [mutex] */
static void begin_work(struct keyring *keyring)
{
    keyring->working = true;
    keyring->references++;
    if (hg_thread_detach(work, keyring) != 0) {
        keyring->working = false;
        keyring->references--; /* the wishes hold others */
        grant_all(keyring, NULL, NULL);
    }
}

/* ---- asking ---- */

struct keyring_wish *keyring_ask(struct keyring *keyring, struct hg_loop *loop,
                                 const struct keyring_origin *origin, struct hg_slice password,
                                 void (*done)(void *owner, const struct hg_scram_keys *keys), void *owner)
{
    struct keyring_wish *wish = hg_calloc(1, sizeof *wish);

    *wish = (struct keyring_wish){.letter = {.open = on_letter},
                                  .keyring = keyring,
                                  .loop = loop,
                                  .origin = *origin,
                                  .password = hg_strdup(password),
                                  .password_len = password.len,
                                  .done = done,
                                  .owner = owner};
    pthread_mutex_lock(&keyring->mutex);
    keyring->references++;
    forget_older(keyring, origin->version);
    const struct hg_scram_keys *keys = find(keyring, origin);
    if (keys) {
        grant(wish, keys);
    } else {
        wish->listed = true;
        *(keyring->last ? &keyring->last->next : &keyring->first) = wish;
        keyring->last = wish;
        if (!keyring->working)
            begin_work(keyring);
    }
    pthread_mutex_unlock(&keyring->mutex);
    return wish;
}

/* [mutex] */
static void unlist(struct keyring_wish *wish)
{
    struct keyring *keyring = wish->keyring;
    struct keyring_wish **at = &keyring->first, *previous = NULL;

    while (*at != wish) {
        previous = *at;
        at = &previous->next;
    }
    *at = wish->next;
    if (keyring->last == wish)
        keyring->last = previous;
}

void keyring_cancel(struct keyring_wish *wish)
{
    struct keyring *keyring = wish->keyring;

    pthread_mutex_lock(&keyring->mutex);
    bool listed = wish->listed;
    if (listed)
        unlist(wish);
    pthread_mutex_unlock(&keyring->mutex);
    wish->owner = NULL; /* its letter, if it is on the way, frees it */
    if (listed)
        wish_free(wish);
}
