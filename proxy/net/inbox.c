/* Read buffers. One exists only while it holds bytes: a thousand idle connections own none, and the thread's
 * next reader gets the buffer that the last one gave back. Only buffers of the ordinary size are kept, few
 * per thread. A buffer that a long message made grow is freed as soon as it is empty. */
#include <pthread.h>
#include <stdlib.h>

#include "arena.h"
#include "conn.h"

#define MAX_SPARES 16
#define TRIM_BELOW (HG_INBOX_BYTES / 8)

static _Thread_local struct {
    void *buffers[MAX_SPARES];
    size_t count;
} spares;

static pthread_once_t spares_once = PTHREAD_ONCE_INIT;
static pthread_key_t spares_key;

static void free_spares(void *unused)
{
    (void)unused;
    while (spares.count)
        free(spares.buffers[--spares.count]);
}

static void make_key(void)
{
    (void)pthread_key_create(&spares_key, free_spares);
}

static uint8_t *take_buffer(void)
{
    return spares.count ? spares.buffers[--spares.count] : hg_malloc(HG_INBOX_BYTES);
}

static void give_buffer(uint8_t *buffer, size_t room)
{
    if (room != HG_INBOX_BYTES || spares.count == MAX_SPARES) {
        free(buffer);
        return;
    }
    pthread_once(&spares_once, make_key);
    (void)pthread_setspecific(spares_key,
                              &spares); /* any value: it makes the thread free its spares when it ends */
    spares.buffers[spares.count++] = buffer;
}

/* Moves what is held to another buffer of `room` bytes. */
static void move_to(struct hg_inbox *inbox, uint8_t *buffer, size_t room)
{
    size_t len = hg_inbox_len(inbox);

    if (len)
        memcpy(buffer, inbox->data + inbox->start, len);
    if (inbox->data)
        give_buffer(inbox->data, inbox->room);
    *inbox = (struct hg_inbox){.data = buffer, .end = len, .room = room};
}

static void compact(struct hg_inbox *inbox)
{
    size_t len = hg_inbox_len(inbox);

    memmove(inbox->data, inbox->data + inbox->start, len);
    inbox->start = 0;
    inbox->end = len;
}

/* Makes room behind the bytes that are held. False at the cap. */
static bool make_room(struct hg_inbox *inbox, size_t want, size_t cap)
{
    size_t len = hg_inbox_len(inbox), tail = inbox->room - inbox->end;

    if (!inbox->data || inbox->room < HG_INBOX_BYTES)
        move_to(inbox, take_buffer(), HG_INBOX_BYTES);
    else if (inbox->start && (tail == 0 || (tail < inbox->room / 4 && len < inbox->room / 4)))
        compact(inbox);
    if (inbox->end < inbox->room)
        return true;
    if (want && len >= want)
        return true; /* the message is whole already: nothing needs to be read */
    if (inbox->room >= cap)
        return false;
    inbox->room = inbox->room > cap / 2 ? cap : inbox->room * 2;
    inbox->data = hg_realloc(inbox->data, inbox->room);
    return true;
}

enum hg_io hg_inbox_fill(struct hg_inbox *inbox, struct hg_conn *conn, size_t want, size_t cap)
{
    enum hg_io io;
    size_t got;

    if (!make_room(inbox, want, cap))
        return HG_IO_ERROR;
    if (inbox->end == inbox->room)
        return HG_IO_OK;
    io = hg_conn_read(conn, inbox->data + inbox->end, inbox->room - inbox->end, &got);
    inbox->end += got;
    if (hg_inbox_len(inbox) == 0)
        hg_inbox_free(inbox);
    return io;
}

void hg_inbox_consume(struct hg_inbox *inbox, size_t len)
{
    inbox->start += len;
    if (inbox->start == inbox->end)
        hg_inbox_free(inbox);
}

bool hg_inbox_unread(struct hg_inbox *inbox, const uint8_t *bytes, size_t len)
{
    size_t held = hg_inbox_len(inbox);

    if (held + len > HG_INBOX_BYTES)
        return false;
    if (inbox->start < len) {
        uint8_t *data = take_buffer();
        if (held)
            memcpy(data + len, hg_inbox_at(inbox), held);
        if (inbox->data)
            give_buffer(inbox->data, inbox->room);
        *inbox = (struct hg_inbox){data, len, len + held, HG_INBOX_BYTES};
    }
    inbox->start -= len;
    memcpy(inbox->data + inbox->start, bytes, len);
    return true;
}

void hg_inbox_trim(struct hg_inbox *inbox)
{
    size_t len = hg_inbox_len(inbox);

    if (inbox->data && inbox->room >= HG_INBOX_BYTES && len <= TRIM_BELOW)
        move_to(inbox, hg_malloc(len), len);
}

void hg_inbox_free(struct hg_inbox *inbox)
{
    if (inbox->data)
        give_buffer(inbox->data, inbox->room);
    *inbox = (struct hg_inbox){0};
}
