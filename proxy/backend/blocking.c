/* A connection that waits: a loop of its own runs until the answer is there. The opening, TLS and login are
 * the same as the pools', so a command line tool meets the same errors as the proxy will. Simple queries
 * only; a server that answers in any other way (COPY, broken frames) loses the connection. */
#include "blocking.h"

#include <stdlib.h>

#include "encode.h"
#include "frame.h"
#include "opening.h"
#include "protocol.h"

#define MESSAGE_MAX (64u << 20)

struct hg_blocking {
    struct hg_loop *loop;
    struct hg_tls *tls;
    struct credentials *credentials;
    struct opening *opening;
    struct hg_conn *conn; /* NULL once it is lost */
    struct hg_inbox inbox;
    struct hg_outbox outbox;

    /* What the call that runs now fills in. */
    struct hg_arena *arena;
    struct hg_fault *fault;
    struct hg_result *result;
    size_t rows_room;
};

static void lose(struct hg_blocking *blocking, const char *why)
{
    hg_fault_set(blocking->fault, blocking->arena, HG_CONNECTION_FAILURE, "the connection was lost: %s", why);
    if (blocking->conn)
        hg_conn_free(blocking->conn);
    blocking->conn = NULL;
    hg_loop_stop(blocking->loop);
}

/* ---- answers ---- */

static struct hg_slice kept(struct hg_blocking *blocking, struct hg_slice text)
{
    return text.ptr ? hg_arena_slice(blocking->arena, text) : text;
}

static bool take_error(struct hg_blocking *blocking, struct hg_slice body)
{
    struct hg_error_msg error;
    struct hg_fault *fault = blocking->fault;

    if (!hg_decode_error(body, &error) || error.sqlstate.len != 5)
        return false;
    if (hg_fault_is_set(fault))
        return true;
    memcpy(fault->sqlstate, error.sqlstate.ptr, 5);
    fault->sqlstate[5] = '\0';
    fault->message = kept(blocking, error.message);
    fault->detail = kept(blocking, error.detail);
    fault->hint = kept(blocking, error.hint);
    fault->position = 0;
    for (size_t i = 0; i < error.position.len && error.position.ptr[i] >= '0' && error.position.ptr[i] <= '9';
         i++)
        fault->position = fault->position * 10 + (uint32_t)(error.position.ptr[i] - '0');
    return true;
}

static bool take_row(struct hg_blocking *blocking, struct hg_slice body)
{
    struct hg_result *result = blocking->result;
    struct hg_slice *values;

    if (!hg_decode_row(body, blocking->arena, &values, &result->ncolumns))
        return false;
    for (uint16_t i = 0; i < result->ncolumns; i++)
        values[i] = kept(blocking, values[i]);
    if (result->nrows == blocking->rows_room) {
        size_t room = blocking->rows_room ? blocking->rows_room * 2 : 64;
        struct hg_slice **rows = HG_NEW_ARRAY(blocking->arena, struct hg_slice *, room);

        if (result->nrows)
            memcpy(rows, result->rows, result->nrows * sizeof *rows);
        result->rows = rows;
        blocking->rows_room = room;
    }
    result->rows[result->nrows++] = values;
    return true;
}

static void begin_rows(struct hg_blocking *blocking)
{
    *blocking->result = (struct hg_result){0};
    blocking->rows_room = 0;
}

/* False when the message makes no sense here. */
static bool take_message(struct hg_blocking *blocking, const struct hg_frame *frame)
{
    switch (frame->type) {
    case HG_S_ROW_DESCRIPTION:
        begin_rows(blocking);
        return true;
    case HG_S_DATA_ROW:
        return take_row(blocking, frame->body);
    case HG_S_ERROR:
        return take_error(blocking, frame->body);
    case HG_S_READY:
        hg_loop_stop(blocking->loop);
        return true;
    case HG_S_COMMAND_COMPLETE:
    case HG_S_EMPTY_QUERY:
    case HG_S_NOTICE:
    case HG_S_NOTIFICATION:
    case HG_S_PARAMETER_STATUS:
        return true;
    default:
        return false;
    }
}

static void on_readable(void *owner)
{
    struct hg_blocking *blocking = owner;
    struct hg_frame frame = {0};
    enum hg_frame_status status;

    (void)hg_frame_peek(hg_inbox_at(&blocking->inbox), hg_inbox_len(&blocking->inbox), MESSAGE_MAX, &frame);
    switch (hg_inbox_fill(&blocking->inbox, blocking->conn, frame.total, MESSAGE_MAX)) {
    case HG_IO_EOF:
        lose(blocking, "the server hung up");
        return;
    case HG_IO_ERROR:
        lose(blocking, hg_conn_last_error(blocking->conn));
        return;
    default:
        break;
    }
    while ((status = hg_frame_peek(hg_inbox_at(&blocking->inbox), hg_inbox_len(&blocking->inbox), MESSAGE_MAX,
                                   &frame)) == HG_FRAME_COMPLETE) {
        if (!take_message(blocking, &frame)) {
            lose(blocking, "the server sent an unexpected message");
            return;
        }
        hg_inbox_consume(&blocking->inbox, frame.total);
    }
    if (status == HG_FRAME_BAD)
        lose(blocking, "the server sent a message with an impossible length");
}

static void flush(struct hg_blocking *blocking)
{
    enum hg_io io = hg_outbox_flush(&blocking->outbox, blocking->conn);

    if (io == HG_IO_OK || io == HG_IO_AGAIN)
        hg_conn_want(blocking->conn, true, io == HG_IO_AGAIN);
    else
        lose(blocking, hg_conn_last_error(blocking->conn));
}

static void on_writable(void *owner)
{
    flush(owner);
}

bool hg_blocking_query(struct hg_blocking *blocking, struct hg_slice sql, struct hg_arena *arena,
                       struct hg_result *result, struct hg_fault *fault)
{
    *fault = (struct hg_fault){0};
    blocking->arena = arena;
    blocking->fault = fault;
    blocking->result = result;
    begin_rows(blocking);
    if (!blocking->conn)
        return hg_fault_set(fault, arena, HG_CONNECTION_FAILURE, "the connection was lost before");
    hg_encode_query(&blocking->outbox.bytes, sql);
    flush(blocking);
    if (blocking->conn)
        hg_loop_run(blocking->loop);
    return !hg_fault_is_set(fault);
}

/* ---- opening and closing ---- */

static void on_status(void *owner, struct hg_slice name, struct hg_slice value)
{
    (void)owner; /* nothing here depends on the server's settings */
    (void)name;
    (void)value;
}

static void on_opened(void *owner, const struct opened *opened)
{
    static const struct hg_conn_events events = {on_readable, on_writable};
    struct hg_blocking *blocking = owner;

    blocking->opening = NULL;
    blocking->conn = opened->conn;
    if (opened->conn)
        hg_conn_owner(opened->conn, &events, blocking);
    else
        hg_fault_set(blocking->fault, blocking->arena,
                     opened->sqlstate[0] ? opened->sqlstate : HG_CANNOT_CONNECT, "%s", opened->why);
    hg_loop_stop(blocking->loop);
}

/* The hosts in their order; the fault is that of the last one. */
static void try_hosts(struct hg_blocking *blocking, const struct hg_backend_config *config,
                      const char *database)
{
    static const struct opening_events events = {on_status, on_opened};
    struct opening_plan plan = {.config = config,
                                .credentials = blocking->credentials,
                                .database = database ? database : config->database,
                                .tls = blocking->tls};

    for (size_t i = 0; i < config->nhosts && !blocking->conn; i++) {
        *blocking->fault = (struct hg_fault){0};
        plan.host = &config->hosts[i];
        blocking->opening = opening_start(blocking->loop, &plan, &events, blocking);
        hg_loop_run(blocking->loop);
    }
}

struct hg_blocking *hg_blocking_open(const struct hg_backend_config *config, const char *database,
                                     struct hg_arena *arena, struct hg_fault *fault)
{
    struct hg_blocking *blocking = hg_calloc(1, sizeof *blocking);
    char why[256];

    *fault = (struct hg_fault){0};
    blocking->loop = hg_loop_new();
    blocking->arena = arena;
    blocking->fault = fault;
    blocking->credentials = credentials_new(config);
    if (opening_tls(config, &blocking->tls, why))
        try_hosts(blocking, config, database);
    else
        hg_fault_set(fault, arena, HG_CANNOT_CONNECT, "%s", why);
    if (blocking->conn)
        return blocking;
    hg_blocking_close(blocking);
    return NULL;
}

void hg_blocking_close(struct hg_blocking *blocking)
{
    if (blocking->conn) {
        size_t put;

        hg_encode_empty(&blocking->outbox.bytes, HG_C_TERMINATE);
        (void)hg_conn_write(blocking->conn, blocking->outbox.bytes.data, blocking->outbox.bytes.len, &put);
        hg_conn_free(blocking->conn);
    }
    hg_inbox_free(&blocking->inbox);
    hg_outbox_free(&blocking->outbox);
    hg_tls_drop(blocking->tls);
    credentials_drop(blocking->credentials);
    hg_loop_free(blocking->loop);
    free(blocking);
}
