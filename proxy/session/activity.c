/* A record holds copies only, behind a lock of its own that is hardly ever contended: its session writes it
 * at the beginning of a statement and at the end of a batch. As in PostgreSQL the query stands there cut,
 * whole characters, and after its end, too. Texts are the client's, so they are made valid UTF-8 here. */
#include "activity.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "arena.h"
#include "conn.h"
#include "utf8.h"

#define QUERY_BYTES 1023 /* PostgreSQL's own default */
#define NAME_BYTES  63
#define PEER_BYTES  79

struct hg_activity {
    pthread_mutex_t mutex;
    char *user, *tenant; /* these and the peer never change */
    char address[PEER_BYTES + 1];
    unsigned port;
    bool local; /* there is no address */
    char application_name[NAME_BYTES + 1];
    char query[QUERY_BYTES + 1];
    size_t query_len;
    const char *state;
    struct timespec begun, transaction, statement, changed;
};

static char *copy_of(struct hg_slice text)
{
    char *copy = hg_malloc(text.len + 1);
    if (text.len)
        memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    return copy;
}

static struct timespec now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return time;
}

static void take_peer(struct hg_activity *activity, const char *peer)
{
    struct hg_slice address, port;
    activity->local = !hg_conn_name_parts(peer, &address, &port) || address.len > PEER_BYTES;
    if (activity->local)
        return;
    memcpy(activity->address, address.ptr, address.len);
    activity->port = (unsigned)strtoul(port.ptr, NULL, 10);
}

struct hg_activity *hg_activity_new(struct hg_slice user, struct hg_slice tenant, const char *peer)
{
    struct hg_activity *activity = hg_calloc(1, sizeof *activity);

    pthread_mutex_init(&activity->mutex, NULL);
    activity->user = copy_of(user);
    activity->tenant = copy_of(tenant);
    take_peer(activity, peer);
    activity->state = "idle";
    activity->begun = activity->changed = now();
    return activity;
}

void hg_activity_free(struct hg_activity *activity)
{
    if (!activity)
        return;
    pthread_mutex_destroy(&activity->mutex);
    free(activity->user);
    free(activity->tenant);
    free(activity);
}

void hg_activity_begin(struct hg_activity *activity, struct hg_slice query)
{
    size_t len = hg_utf8_cut(query, QUERY_BYTES);
    struct timespec time = now();

    pthread_mutex_lock(&activity->mutex);
    if (len)
        memcpy(activity->query, query.ptr, len);
    activity->query_len = len;
    if (activity->transaction.tv_sec == 0)
        activity->transaction = time;
    activity->statement = activity->changed = time;
    activity->state = "active";
    pthread_mutex_unlock(&activity->mutex);
}

void hg_activity_end(struct hg_activity *activity, uint8_t status, const char *application_name)
{
    size_t len = strnlen(application_name, NAME_BYTES);

    pthread_mutex_lock(&activity->mutex);
    if (status == 'I')
        activity->transaction = (struct timespec){0};
    activity->state = status == 'I'   ? "idle"
                      : status == 'T' ? "idle in transaction"
                                      : "idle in transaction (aborted)";
    activity->changed = now();
    memcpy(activity->application_name, application_name, len);
    activity->application_name[len] = '\0';
    pthread_mutex_unlock(&activity->mutex);
}

bool hg_activity_is_of(const struct hg_activity *activity, struct hg_slice user, struct hg_slice tenant)
{
    return hg_slice_is(user, activity->user) && hg_slice_is(tenant, activity->tenant);
}

/* ---- JSON ---- */

void hg_activity_string(struct hg_bytes *out, struct hg_slice text)
{
    hg_write_u8(out, '"');
    for (size_t i = 0; i < text.len;) {
        const unsigned char *at = (const unsigned char *)text.ptr + i;
        size_t len = hg_utf8_character(at, text.len - i);
        if (len == 1 && (*at == '"' || *at == '\\'))
            hg_write_format(out, "\\%c", *at);
        else if (len == 1 && *at < 0x20)
            hg_write_format(out, "\\u%04x", *at ? *at : '?');
        else if (len)
            hg_write(out, at, len);
        else
            hg_write_u8(out, '?');
        i += len ? len : 1;
    }
    hg_write_u8(out, '"');
}

static void write_member(struct hg_bytes *out, const char *name, struct hg_slice text)
{
    hg_write_format(out, ",\"%s\":", name);
    hg_activity_string(out, text);
}

static void write_time(struct hg_bytes *out, const char *name, struct timespec time)
{
    struct tm parts;

    if (time.tv_sec == 0 || !gmtime_r(&time.tv_sec, &parts))
        return;
    hg_write_format(out, ",\"%s\":\"%04d-%02d-%02dT%02d:%02d:%02d.%06ldZ\"", name, parts.tm_year + 1900,
                    parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                    time.tv_nsec / 1000);
}

void hg_activity_write(struct hg_activity *activity, int32_t pid, struct hg_bytes *out)
{
    pthread_mutex_lock(&activity->mutex);
    hg_write_format(out, "{\"pid\":%d", pid);
    write_member(out, "usename", hg_slice_cstr(activity->user));
    write_member(out, "application_name", hg_slice_cstr(activity->application_name));
    if (!activity->local) {
        write_member(out, "client_addr", hg_slice_cstr(activity->address));
        hg_write_format(out, ",\"client_port\":%u", activity->port);
    }
    write_time(out, "backend_start", activity->begun);
    write_time(out, "xact_start", activity->transaction);
    write_time(out, "query_start", activity->statement);
    write_time(out, "state_change", activity->changed);
    write_member(out, "state", hg_slice_cstr(activity->state));
    write_member(out, "query", hg_slice_of(activity->query, activity->query_len));
    hg_write_u8(out, '}');
    pthread_mutex_unlock(&activity->mutex);
}

/* ---- for the console ---- */

static uint64_t us_of(struct timespec time)
{
    return (uint64_t)time.tv_sec * 1000000u + (uint64_t)time.tv_nsec / 1000u;
}

void hg_activity_clean(struct hg_slice text, struct hg_bytes *out)
{
    for (size_t i = 0; i < text.len;) {
        const unsigned char *at = (const unsigned char *)text.ptr + i;
        size_t len = hg_utf8_character(at, text.len - i);
        if (len && *at)
            hg_write(out, at, len);
        else
            hg_write_u8(out, '?');
        i += len ? len : 1;
    }
}

struct hg_activity_times hg_activity_read(struct hg_activity *activity, struct hg_bytes *query)
{
    pthread_mutex_lock(&activity->mutex);
    struct hg_activity_times times = {us_of(activity->transaction), us_of(activity->statement)};
    hg_activity_clean(hg_slice_of(activity->query, activity->query_len), query);
    pthread_mutex_unlock(&activity->mutex);
    return times;
}
