/* Credentials that change.
 *
 *              asked                      came
 *   NOTHING ----------> FETCHING ----------------------> KEPT --+ asked: given at once
 *      ^                   | failed: everybody is told    |  <--+
 *      +-------------------+                              |
 *      +--------------------------------------------------+  a minute before it expires, or refused
 *
 * One fetch runs at a time, on a thread of its own that holds a reference; it waits for a process or a file,
 * so it is no work for a loop. Whoever asks meanwhile is put in the list. All of it is under one mutex, which
 * is never held while something is waited for.
 *
 * A static password is KEPT for ever: refusing it changes nothing. */
#define _GNU_SOURCE
#include "credentials.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "arena.h"
#include "source.h"
#include "thread.h"
#include "yaml_tree.h"

#define COMMAND_MS   30000u
#define OUTPUT_BYTES 65536u
#define EARLY_S      60    /* before it expires */
#define AGAIN_MS     1000u /* between two fetches of what is refused every time */

struct secret {
    char *user, *password;
};

struct credentials {
    pthread_mutex_t mutex;
    unsigned references;
    char *user;     /* of the configuration */
    char *file;     /* or NULL */
    char **command; /* or NULL */
    size_t nwords;
    struct secret kept; /* password NULL = none */
    uint64_t version;
    time_t expires_at; /* 0 = never */
    uint64_t fetched_ms;
    bool fetching;
    struct credentials_wish *wishes;
    struct keyring *keyring;
};

struct credentials_wish {
    struct hg_letter letter; /* first member */
    struct credentials *credentials;
    struct credentials_wish *next; /* [mutex] while in the list */
    struct hg_loop *loop;
    bool listed; /* [mutex] */
    void (*done)(void *owner, const struct credential *credential, const char *why);
    void *owner; /* NULL: cancelled */
    struct secret secret;
    uint64_t version;
    char why[256];
};

/* ---- secrets ---- */

static void wipe(char *text)
{
    if (text)
        explicit_bzero(text, strlen(text));
    free(text);
}

static void secret_free(struct secret *secret)
{
    wipe(secret->user);
    wipe(secret->password);
    *secret = (struct secret){0};
}

static char *copy(const char *text)
{
    return hg_strdup(hg_slice_cstr(text));
}

static struct secret secret_copy(const struct secret *secret)
{
    return (struct secret){.user = copy(secret->user), .password = copy(secret->password)};
}

/* ---- life ---- */

static void copy_command(struct credentials *credentials, char *const *command)
{
    while (command[credentials->nwords])
        credentials->nwords++;
    credentials->command = hg_calloc(credentials->nwords + 1, sizeof(char *));
    for (size_t i = 0; i < credentials->nwords; i++)
        credentials->command[i] = copy(command[i]);
}

struct credentials *credentials_new(const struct hg_backend_config *config)
{
    struct credentials *credentials = hg_calloc(1, sizeof *credentials);

    pthread_mutex_init(&credentials->mutex, NULL);
    credentials->references = 1;
    credentials->user = copy(config->user);
    credentials->keyring = keyring_new();
    if (config->credential_command) {
        copy_command(credentials, config->credential_command);
    } else {
        credentials->file = config->password_file ? copy(config->password_file) : NULL;
        credentials->kept =
            (struct secret){copy(config->user), copy(config->password ? config->password : "")};
        credentials->version = 1;
    }
    return credentials;
}

struct credentials *credentials_hold(struct credentials *credentials)
{
    pthread_mutex_lock(&credentials->mutex);
    credentials->references++;
    pthread_mutex_unlock(&credentials->mutex);
    return credentials;
}

void credentials_drop(struct credentials *credentials)
{
    if (!credentials)
        return;
    pthread_mutex_lock(&credentials->mutex);
    bool last = --credentials->references == 0;
    pthread_mutex_unlock(&credentials->mutex);
    if (!last)
        return;
    secret_free(&credentials->kept);
    keyring_drop(credentials->keyring);
    for (size_t i = 0; i < credentials->nwords; i++)
        free(credentials->command[i]);
    free(credentials->command);
    free(credentials->file);
    free(credentials->user);
    pthread_mutex_destroy(&credentials->mutex);
    free(credentials);
}

/* ---- what a command prints ---- */

/* Seconds since 1970, or 2026-02-03T04:05:06Z, with a fraction and an offset if it likes. 0 when it is
 * neither.
 */
static time_t read_time(const char *text)
{
    struct tm tm = {0};
    char *end;
    long long seconds = strtoll(text, &end, 10);

    if (end != text && (*end == '\0' || *end == '.'))
        return seconds > 0 ? (time_t)seconds : 0;
    end = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
    if (!end)
        return 0;
    if (*end == '.')
        end += 1 + strspn(end + 1, "0123456789");
    struct tm zone = {0};
    if (*end && !strptime(end, "%z", &zone))
        return 0;
    return timegm(&tm) - zone.tm_gmtoff;
}

static const struct hg_yaml *entry_of(const struct hg_yaml *map, const char *key)
{
    for (const struct hg_yaml *entry = map->first; entry; entry = entry->next)
        if (hg_slice_is(entry->key, key))
            return entry->kind == HG_YAML_SCALAR && !memchr(entry->text.ptr, '\0', entry->text.len) ? entry
                                                                                                    : NULL;
    return NULL;
}

/* JSON is YAML, and the configuration's parser is strict and bounded. */
static bool read_answer(struct hg_slice text, const char *default_user, struct secret *secret,
                        time_t *expires_at, char why[256])
{
    struct hg_source source = {.path = "credential_command", .text = text};
    struct hg_diags diags;
    struct hg_arena arena;
    const struct hg_yaml *map, *user, *password, *expires;
    bool good = false;

    hg_diags_init(&diags);
    hg_arena_init(&arena, 0);
    map = hg_yaml_parse(&source, &arena, &diags);
    snprintf(why, 256, "the credential_command printed no JSON object with a \"password\"");
    if (map && map->kind == HG_YAML_MAP && !diags.errors && (password = entry_of(map, "password"))) {
        user = entry_of(map, "user");
        expires = entry_of(map, "expires_at");
        *expires_at = expires ? read_time(expires->text.ptr) : 0;
        good = !expires || *expires_at;
        if (good)
            *secret = (struct secret){copy(user ? user->text.ptr : default_user), copy(password->text.ptr)};
        else
            snprintf(why, 256, "the credential_command printed an \"expires_at\" that is no time");
    }
    hg_arena_wipe(&arena);
    hg_diags_free(&diags);
    return good;
}

/* ---- fetching ---- */

static bool from_command(struct credentials *credentials, struct secret *secret, time_t *expires_at,
                         char why[256])
{
    char *text;
    size_t len;

    if (!command_output(credentials->command, COMMAND_MS, OUTPUT_BYTES, &text, &len, why))
        return false;
    bool good = read_answer(hg_slice_of(text, len), credentials->user, secret, expires_at, why);
    explicit_bzero(text, len);
    free(text);
    return good;
}

static bool from_file(struct credentials *credentials, struct secret *secret, char why[256])
{
    const struct hg_sources disk = {0};
    struct hg_source source;
    struct hg_arena arena;
    const char *reason;
    bool good;

    hg_arena_init(&arena, 0);
    good = hg_source_read(&disk, credentials->file, OUTPUT_BYTES, &arena, &source, &reason);
    if (good) {
        while (source.text.len && strchr("\r\n", source.text.ptr[source.text.len - 1]))
            source.text.len--;
        *secret = (struct secret){copy(credentials->user), hg_strdup(source.text)};
    } else {
        snprintf(why, 256, "cannot read the password_file: %s", reason);
    }
    hg_arena_wipe(&arena);
    return good;
}

static void on_letter(struct hg_letter *letter)
{
    struct credentials_wish *wish = (struct credentials_wish *)letter;
    struct credentials *credentials = wish->credentials;

    if (wish->owner && wish->secret.password) {
        struct credential credential = {.user = hg_slice_cstr(wish->secret.user),
                                        .password = hg_slice_cstr(wish->secret.password),
                                        .version = wish->version};
        wish->done(wish->owner, &credential, NULL);
    } else if (wish->owner) {
        wish->done(wish->owner, NULL, wish->why);
    }
    secret_free(&wish->secret);
    free(wish);
    credentials_drop(credentials);
}

/* [mutex] Its letter is on the way. */
static void grant(struct credentials_wish *wish, const char *why)
{
    const struct credentials *credentials = wish->credentials;

    wish->listed = false;
    wish->version = credentials->version;
    if (why)
        snprintf(wish->why, sizeof wish->why, "%s", why);
    else
        wish->secret = secret_copy(&credentials->kept);
    hg_loop_post(wish->loop, &wish->letter);
}

static void *fetch_thread(void *argument)
{
    struct credentials *credentials = argument;
    struct secret secret = {0};
    time_t expires_at = 0;
    char why[256];
    bool good = credentials->command ? from_command(credentials, &secret, &expires_at, why)
                                     : from_file(credentials, &secret, why);

    pthread_mutex_lock(&credentials->mutex);
    credentials->fetching = false;
    credentials->fetched_ms = hg_clock_us() / 1000;
    if (good) {
        secret_free(&credentials->kept);
        credentials->kept = secret;
        credentials->expires_at = expires_at;
        credentials->version++;
    }
    while (credentials->wishes) {
        struct credentials_wish *wish = credentials->wishes;
        credentials->wishes = wish->next;
        grant(wish, good ? NULL : why);
    }
    pthread_mutex_unlock(&credentials->mutex);
    credentials_drop(credentials);
    return NULL;
}

/* [mutex] */
static void fetch(struct credentials *credentials)
{
    credentials->fetching = true;
    credentials->references++;
    if (hg_thread_detach(fetch_thread, credentials) != 0) {
        credentials->fetching = false;
        credentials->references--; /* the wish holds another */
        while (credentials->wishes) {
            struct credentials_wish *wish = credentials->wishes;
            credentials->wishes = wish->next;
            grant(wish, "cannot start a thread to fetch the password");
        }
    }
}

static bool is_fresh(const struct credentials *credentials)
{
    return credentials->kept.password &&
           (!credentials->expires_at || time(NULL) + EARLY_S < credentials->expires_at);
}

/* Expired, or about to: better than nothing while fetches are held back. */
static bool is_too_soon(const struct credentials *credentials)
{
    return credentials->kept.password && hg_clock_us() / 1000 < credentials->fetched_ms + AGAIN_MS;
}

/* ---- asking ---- */

struct credentials_wish *
credentials_ask(struct credentials *credentials, struct hg_loop *loop,
                void (*done)(void *owner, const struct credential *credential, const char *why), void *owner)
{
    struct credentials_wish *wish = hg_calloc(1, sizeof *wish);

    wish->letter.open = on_letter;
    wish->credentials = credentials_hold(credentials);
    wish->loop = loop;
    wish->done = done;
    wish->owner = owner;
    pthread_mutex_lock(&credentials->mutex);
    if (is_fresh(credentials) || (!credentials->fetching && is_too_soon(credentials))) {
        grant(wish, NULL);
    } else {
        wish->listed = true;
        wish->next = credentials->wishes;
        credentials->wishes = wish;
        if (!credentials->fetching)
            fetch(credentials);
    }
    pthread_mutex_unlock(&credentials->mutex);
    return wish;
}

void credentials_cancel(struct credentials_wish *wish)
{
    struct credentials *credentials = wish->credentials;
    struct credentials_wish **at = &credentials->wishes;
    bool listed;

    pthread_mutex_lock(&credentials->mutex);
    listed = wish->listed;
    if (listed) {
        while (*at != wish)
            at = &(*at)->next;
        *at = wish->next;
    }
    pthread_mutex_unlock(&credentials->mutex);
    wish->owner = NULL; /* its letter, if it is on the way, frees it */
    if (!listed)
        return;
    free(wish);
    credentials_drop(credentials);
}

struct keyring *credentials_keyring(struct credentials *credentials)
{
    return credentials->keyring;
}

bool credentials_refused(struct credentials *credentials, uint64_t version)
{
    bool again = false;

    pthread_mutex_lock(&credentials->mutex);
    if (version != credentials->version) {
        again = true; /* somebody has fetched another one meanwhile */
    } else if ((credentials->command || credentials->file) &&
               hg_clock_us() / 1000 >= credentials->fetched_ms + AGAIN_MS) {
        again = true;
        credentials->expires_at = 1;
    }
    pthread_mutex_unlock(&credentials->mutex);
    return again;
}
