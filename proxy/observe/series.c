/* A table that only grows: entries are written under a mutex, once, and published by the count, so that
 * readers need no lock. Names are searched for one after the other, at a login or a reload. */
#include "series.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "arena.h"

struct hg_series {
    pthread_mutex_t mutex;
    size_t most;
    atomic_size_t count;
    char *names[]; /* most + 1 */
};

static char *copy_of(struct hg_slice name)
{
    size_t len = name.len < HG_MAX_SERIES_NAME ? name.len : HG_MAX_SERIES_NAME;
    char *copy = hg_malloc(len + 1);

    memcpy(copy, name.ptr, len);
    copy[len] = '\0';
    return copy;
}

struct hg_series *hg_series_new(size_t most)
{
    struct hg_series *series = hg_calloc(1, sizeof *series + (most + 1) * sizeof series->names[0]);

    pthread_mutex_init(&series->mutex, NULL);
    series->most = most;
    series->names[HG_SERIES_OTHER] = copy_of(HG_LIT("other"));
    atomic_init(&series->count, 1);
    return series;
}

void hg_series_free(struct hg_series *series)
{
    if (!series)
        return;
    for (size_t i = 0; i < hg_series_count(series); i++)
        free(series->names[i]);
    pthread_mutex_destroy(&series->mutex);
    free(series);
}

unsigned hg_series_of(struct hg_series *series, struct hg_slice name)
{
    size_t at, count;

    if (name.len == 0)
        return HG_SERIES_OTHER;
    pthread_mutex_lock(&series->mutex);
    count = atomic_load_explicit(&series->count, memory_order_relaxed);
    for (at = 0; at < count; at++)
        if (strlen(series->names[at]) == name.len && memcmp(series->names[at], name.ptr, name.len) == 0)
            break;
    if (at == count && (count > series->most || name.len > HG_MAX_SERIES_NAME)) {
        at = HG_SERIES_OTHER;
    } else if (at == count) {
        series->names[at] = copy_of(name);
        atomic_store_explicit(&series->count, count + 1, memory_order_release);
    }
    pthread_mutex_unlock(&series->mutex);
    return (unsigned)at;
}

size_t hg_series_count(const struct hg_series *series)
{
    return atomic_load_explicit(&series->count, memory_order_acquire);
}

const char *hg_series_name(const struct hg_series *series, size_t number)
{
    return series->names[number];
}
