/* Servers whose client left in the middle of a transaction. Many clients do: they read, and close without a
 * COMMIT. Such a server has nothing outstanding, so one ROLLBACK makes it as good as before, which is far
 * cheaper than a new connection. Likewise CLOSE ALL for one that had cursors WITH HOLD, and SET for one whose
 * timeout is too short for what makes it ready for the next client.
 *
 *     begin: that is sent -----> ReadyForQuery, idle, nothing behind it ----> released
 *                 |
 *                 +---- anything else, or no answer for PATIENCE_MS --------> closed
 */
#include <stdlib.h>

#include "frame.h"
#include "session.h"

#define PATIENCE_MS 5000u
#define MOST_BYTES  65536u

struct hg_parting {
    struct hg_worker *worker;
    struct hg_server *server;
    struct hg_timer timer;
    struct hg_parting *next, *previous;
};

static void end(struct hg_parting *parting, bool clean)
{
    if (parting->previous)
        parting->previous->next = parting->next;
    else
        parting->worker->partings = parting->next;
    if (parting->next)
        parting->next->previous = parting->previous;
    hg_timer_free(&parting->timer);
    hg_server_release(parting->server, clean);
    free(parting);
}

static void too_late(void *argument)
{
    end(argument, false);
}

/* What stands at the front of the inbox: a whole ReadyForQuery ends it one way or the other. */
static void look(struct hg_parting *parting)
{
    struct hg_server *server = parting->server;
    struct hg_frame frame;

    while (hg_inbox_len(&server->inbox)) {
        enum hg_frame_status status =
            hg_frame_peek(hg_inbox_at(&server->inbox), hg_inbox_len(&server->inbox), MOST_BYTES, &frame);
        if (status == HG_FRAME_BAD || (status == HG_FRAME_COMPLETE && !strchr("CNSZ", frame.type))) {
            end(parting, false);
            return;
        }
        if (status != HG_FRAME_COMPLETE)
            return;
        bool over = frame.type == HG_S_READY;
        if (over && !hg_decode_ready(frame.body, &server->status))
            server->status = 'E';
        hg_inbox_consume(&server->inbox, frame.total);
        if (over) {
            end(parting, server->status == 'I' && hg_inbox_len(&server->inbox) == 0);
            return;
        }
    }
}

static void readable(void *owner)
{
    struct hg_parting *parting = owner;
    struct hg_server *server = parting->server;

    switch (hg_inbox_fill(&server->inbox, server->conn, 0, HG_INBOX_BYTES)) {
    case HG_IO_OK:
        look(parting);
        break;
    case HG_IO_AGAIN:
        break;
    default:
        end(parting, false);
    }
}

static void writable(void *owner)
{
    struct hg_parting *parting = owner;
    struct hg_server *server = parting->server;

    enum hg_io io = hg_outbox_flush(&server->outbox, server->conn);
    if (io == HG_IO_ERROR || io == HG_IO_EOF)
        end(parting, false);
    else
        hg_conn_want(server->conn, true, io == HG_IO_AGAIN);
}

void hg_parting_begin(struct hg_worker *worker, struct hg_server *server, struct hg_slice sql)
{
    static const struct hg_conn_events events = {readable, writable};
    struct hg_parting *parting = hg_calloc(1, sizeof *parting);

    *parting = (struct hg_parting){.worker = worker, .server = server, .next = worker->partings};
    if (parting->next)
        parting->next->previous = parting;
    worker->partings = parting;
    server->lent_to = parting;
    server->cancels_over = NULL;
    server->unnamed = 0;
    hg_timer_init(&parting->timer, worker->loop, too_late, parting);
    hg_timer_start(&parting->timer, PATIENCE_MS);
    hg_server_events(server, &events, parting);
    hg_encode_query(&server->outbox.bytes, sql);
    writable(parting);
}

void hg_parting_end_all(struct hg_worker *worker)
{
    while (worker->partings)
        end(worker->partings, false);
}
