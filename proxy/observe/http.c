/* The server: a connection reads one request's head, answers, shuts its side and waits for the client to
 * close.
 *
 *   READ --head complete--> WRITE --all out--> LINGER --closed--> (freed)
 *     |  too long, malformed: an answer as well        |
 *     +------------- one timer for all of it ----------+
 *
 * Headers are not looked at, and a body is not read: nothing of them matters to a GET. */
#define _GNU_SOURCE 1 /* memmem, memrchr */
#include "http.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "arena.h"
#include "conn.h"

#define HEAD_BYTES       8192u
#define TIME_MS          5000u
#define MOST_CONNECTIONS 32u

struct client {
    struct hg_http *http;
    struct client *next, *previous;
    struct hg_conn *conn;
    struct hg_timer timer;
    struct hg_outbox outbox;
    size_t len;
    bool answered, shut;
    char head[HEAD_BYTES];
};

struct hg_http {
    struct hg_loop *loop;
    struct hg_listener *listener;
    hg_http_handler *handler;
    void *argument;
    struct client *clients;
    unsigned nclients;
};

static void client_free(struct client *client)
{
    struct hg_http *http = client->http;

    *(client->previous ? &client->previous->next : &http->clients) = client->next;
    if (client->next)
        client->next->previous = client->previous;
    http->nclients--;
    hg_timer_free(&client->timer);
    hg_conn_free(client->conn);
    hg_outbox_free(&client->outbox);
    free(client);
}

/* ---- answers ---- */

static const char *words(int status)
{
    switch (status) {
    case 200:
        return "OK";
    case 400:
        return "Bad Request";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 431:
        return "Request Header Fields Too Large";
    default:
        return "Service Unavailable";
    }
}

static void put(struct client *client, int status, const char *type, struct hg_slice body, bool head_only)
{
    struct hg_bytes *out = &client->outbox.bytes;

    hg_write_format(out,
                    "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nCache-Control: no-store\r\n"
                    "X-Content-Type-Options: nosniff\r\n%sConnection: close\r\n\r\n",
                    status, words(status), type, body.len, status == 405 ? "Allow: GET, HEAD\r\n" : "");
    if (!head_only)
        hg_write_slice(out, body);
    client->answered = true;
}

static void put_error(struct client *client, int status)
{
    char text[64];

    snprintf(text, sizeof text, "%d %s\n", status, words(status));
    put(client, status, "text/plain; charset=utf-8", hg_slice_cstr(text), false);
}

/* `GET /path HTTP/1.x`, with a query that means nothing. */
static void answer(struct client *client, struct hg_slice line)
{
    const char *first = memchr(line.ptr, ' ', line.len), *last = memrchr(line.ptr, ' ', line.len);
    size_t method = first ? (size_t)(first - line.ptr) : 0;
    struct hg_slice version = last ? hg_slice_of(last + 1, (size_t)(line.ptr + line.len - last - 1)) : line;

    if (!first || first == last || version.len != 8 || memcmp(version.ptr, "HTTP/1.", 7) != 0 ||
        first[1] != '/') {
        put_error(client, 400);
        return;
    }
    bool head_only = method == 4 && memcmp(line.ptr, "HEAD", 4) == 0;
    if (!head_only && !(method == 3 && memcmp(line.ptr, "GET", 3) == 0)) {
        put_error(client, 405);
        return;
    }
    struct hg_slice path = hg_slice_of(first + 1, (size_t)(last - first - 1));
    const char *query = memchr(path.ptr, '?', path.len);
    if (query)
        path.len = (size_t)(query - path.ptr);
    struct hg_http_answer made = client->http->handler(client->http->argument, path);
    if (made.status == 404)
        put_error(client, 404);
    else
        put(client, made.status, made.type, hg_bytes_slice(&made.body), head_only);
    hg_bytes_free(&made.body);
}

/* ---- events ---- */

static void flush(struct client *client)
{
    enum hg_io io = hg_outbox_flush(&client->outbox, client->conn);

    if (io == HG_IO_ERROR || io == HG_IO_EOF) {
        client_free(client);
        return;
    }
    if (io == HG_IO_OK && !client->shut) { /* its close is waited for, so that it reads all */
        client->shut = true;
        shutdown(hg_conn_fd(client->conn), SHUT_WR);
    }
    hg_conn_want(client->conn, true, io == HG_IO_AGAIN);
}

static void take_head(struct client *client)
{
    const char *end = memmem(client->head, client->len, "\r\n\r\n", 4);
    const char *line = end ? memmem(client->head, client->len, "\r\n", 2) : NULL;

    if (end)
        answer(client, hg_slice_of(client->head, (size_t)(line - client->head)));
    else if (client->len == HEAD_BYTES)
        put_error(client, 431);
    if (client->answered)
        flush(client);
}

static void readable(void *owner)
{
    struct client *client = owner;
    char waste[1024];
    size_t got;
    enum hg_io io = client->answered ? hg_conn_read(client->conn, waste, sizeof waste, &got)
                                     : hg_conn_read(client->conn, client->head + client->len,
                                                    HEAD_BYTES - client->len, &got);

    if (io == HG_IO_EOF || io == HG_IO_ERROR) {
        client_free(client);
    } else if (io == HG_IO_OK && !client->answered) {
        client->len += got;
        take_head(client);
    }
}

static void writable(void *owner)
{
    flush(owner);
}

static void time_is_up(void *argument)
{
    client_free(argument);
}

/* Whoever means well sends the whole request at once and is gone: who has been here longest makes room, so
 * that no number of silent connections keeps a monitor out. */
static struct client *longest_here(struct hg_http *http)
{
    struct client *client = http->clients;

    while (client->next)
        client = client->next;
    return client;
}

static void accepted(void *owner, int fd)
{
    static const struct hg_conn_events events = {readable, writable};
    struct hg_http *http = owner;

    if (http->nclients == MOST_CONNECTIONS)
        client_free(longest_here(http));
    struct client *client = hg_calloc(1, sizeof *client);
    client->http = http;
    client->next = http->clients;
    if (client->next)
        client->next->previous = client;
    http->clients = client;
    http->nclients++;
    client->conn = hg_conn_new(http->loop, fd, &events, client);
    hg_conn_want(client->conn, true, false);
    hg_timer_init(&client->timer, http->loop, time_is_up, client);
    hg_timer_start(&client->timer, TIME_MS);
}

/* ---- life ---- */

struct hg_http *hg_http_new(struct hg_loop *loop, const char *host, uint16_t port, hg_http_handler *handler,
                            void *argument, char why[256])
{
    struct hg_http *http = hg_calloc(1, sizeof *http);

    http->loop = loop;
    http->handler = handler;
    http->argument = argument;
    http->listener = hg_listener_new(loop, host, port, accepted, http, why);
    if (http->listener)
        return http;
    free(http);
    return NULL;
}

void hg_http_free(struct hg_http *http)
{
    if (!http)
        return;
    while (http->clients)
        client_free(http->clients);
    hg_listener_free(http->listener);
    free(http);
}
