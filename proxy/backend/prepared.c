/* Statements kept prepared on a server connection: a map by id, and a list in the order of their last use,
 * least recent first. What is recorded here has to be true on the server: the session records a statement
 * when it sends the Parse and forgets it when that fails; the one that has to make room is forgotten here and
 * closed by the session. */
#include <stdlib.h>

#include "arena.h"
#include "pool_private.h"

struct hg_server_prepared {
    uint64_t id;
    struct hg_server_prepared *next, *previous;
};

static struct hg_slice key_of(const uint64_t *id)
{
    return hg_slice_of((const char *)id, sizeof *id);
}

static void link_last(struct hg_server *server, struct hg_server_prepared *entry)
{
    entry->next = NULL;
    entry->previous = server->prepared_last;
    *(entry->previous ? &entry->previous->next : &server->prepared_first) = entry;
    server->prepared_last = entry;
}

static void unlink_entry(struct hg_server *server, struct hg_server_prepared *entry)
{
    *(entry->previous ? &entry->previous->next : &server->prepared_first) = entry->next;
    *(entry->next ? &entry->next->previous : &server->prepared_last) = entry->previous;
}

bool hg_server_has_prepared(struct hg_server *server, uint64_t id)
{
    struct hg_server_prepared *entry = hg_map_get(&server->prepared, key_of(&id));

    if (!entry)
        return false;
    unlink_entry(server, entry);
    link_last(server, entry);
    return true;
}

void hg_server_forget_prepared(struct hg_server *server, uint64_t id)
{
    struct hg_server_prepared *entry = hg_map_remove(&server->prepared, key_of(&id));

    if (!entry)
        return;
    unlink_entry(server, entry);
    free(entry);
    server->nprepared--;
}

uint64_t hg_server_add_prepared(struct hg_server *server, uint64_t id, size_t most)
{
    struct hg_server_prepared *entry;
    uint64_t oldest;

    if (hg_server_has_prepared(server, id))
        return 0;
    entry = hg_calloc(1, sizeof *entry);
    entry->id = id;
    link_last(server, entry);
    (void)hg_map_put(&server->prepared, key_of(&entry->id), entry);
    server->nprepared++;
    if (server->nprepared <= most || server->prepared_first == entry)
        return 0;
    oldest = server->prepared_first->id;
    hg_server_forget_prepared(server, oldest);
    return oldest;
}

void prepared_forget_all(struct hg_server *server)
{
    while (server->prepared_first)
        hg_server_forget_prepared(server, server->prepared_first->id);
    hg_map_free(&server->prepared);
}
