/* The table of contents: a map under a mutex, whose keys are the contents themselves, written one after the
 * other with their lengths in front. An entry lives as long as a statement of some session refers to it. A
 * server connection may still have it prepared after that: its id is not given out again, so that is only a
 * name nobody asks for. */
#include "contents.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "arena.h"
#include "map.h"

struct hg_contents {
    pthread_mutex_t mutex;
    struct hg_map map;
    uint64_t last_id;
};

struct hg_contents *hg_contents_new(void)
{
    struct hg_contents *contents = hg_calloc(1, sizeof *contents);

    pthread_mutex_init(&contents->mutex, NULL);
    hg_map_init(&contents->map);
    return contents;
}

void hg_contents_free(struct hg_contents *contents)
{
    size_t at = 0;
    struct hg_slice name;
    void *value;

    while (hg_map_next(&contents->map, &at, &name, &value))
        free(value);
    hg_map_free(&contents->map);
    pthread_mutex_destroy(&contents->mutex);
    free(contents);
}

static struct hg_slice append(char **at, struct hg_slice part)
{
    struct hg_slice copy = hg_slice_of(*at, part.len);

    if (part.len)
        memcpy(*at, part.ptr, part.len);
    *at += part.len;
    return copy;
}

/* A content with its key behind it: two lengths and the moment, then the three parts. */
static struct hg_content *content_new(struct hg_slice environment, int64_t moment, struct hg_slice types,
                                      struct hg_slice sql)
{
    uint32_t lengths[2] = {(uint32_t)environment.len, (uint32_t)types.len};
    size_t size = sizeof lengths + sizeof moment + environment.len + types.len + sql.len;
    struct hg_content *content = hg_malloc(sizeof *content + size);
    char *at = (char *)(content + 1);

    *content = (struct hg_content){.references = 1, .moment = moment, .key = hg_slice_of(at, size)};
    append(&at, hg_slice_of((const char *)lengths, sizeof lengths));
    append(&at, hg_slice_of((const char *)&moment, sizeof moment));
    content->environment = append(&at, environment);
    content->types = append(&at, types);
    content->sql = append(&at, sql);
    return content;
}

struct hg_slice hg_content_name(uint64_t id, char name[HG_CONTENT_NAME])
{
    return hg_slice_of(name, (size_t)snprintf(name, HG_CONTENT_NAME, "hg_%llu", (unsigned long long)id));
}

struct hg_content *hg_contents_hold(struct hg_contents *contents, struct hg_slice environment, int64_t moment,
                                    struct hg_slice types, struct hg_slice sql)
{
    struct hg_content *made = content_new(environment, moment, types, sql);

    pthread_mutex_lock(&contents->mutex);
    struct hg_content *found = hg_map_get(&contents->map, made->key);
    if (found) {
        found->references++;
    } else {
        made->id = ++contents->last_id;
        (void)hg_content_name(made->id, made->name);
        hg_map_put(&contents->map, made->key, made);
    }
    pthread_mutex_unlock(&contents->mutex);
    if (!found)
        return made;
    free(made);
    return found;
}

void hg_contents_retire(struct hg_contents *contents, struct hg_content *content)
{
    pthread_mutex_lock(&contents->mutex);
    if (!atomic_exchange(&content->retired, true))
        hg_map_remove(&contents->map, content->key);
    pthread_mutex_unlock(&contents->mutex);
}

void hg_contents_drop(struct hg_contents *contents, struct hg_content *content)
{
    if (!content)
        return;
    pthread_mutex_lock(&contents->mutex);
    bool last = --content->references == 0;
    if (last && !atomic_load(&content->retired))
        hg_map_remove(&contents->map, content->key);
    pthread_mutex_unlock(&contents->mutex);
    if (last)
        free(content);
}
