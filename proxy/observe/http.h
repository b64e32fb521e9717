/* A small HTTP/1.1 server for monitoring: GET and HEAD of few fixed paths, one request per connection.
 * Requests are bounded (8 kB, 5 s), connections too (32: for one more, the oldest is closed), answers are made in
 * memory, and a client that reads slowly holds nothing but its own answer for as long as that. Lives on one
 * loop. */
#ifndef HG_HTTP_H
#define HG_HTTP_H

#include "bytes.h"
#include "loop.h"

struct hg_http;

struct hg_http_answer {
    int status; /* 200, 503; 404: there is no such path */
    const char *type;
    struct hg_bytes body; /* taken over */
};

/* Called on the loop for each request that is one. */
typedef struct hg_http_answer hg_http_handler(void *argument, struct hg_slice path);

/* NULL, and why, when it cannot listen there. */
struct hg_http *hg_http_new(struct hg_loop *loop, const char *host, uint16_t port, hg_http_handler *handler,
                            void *argument, char why[256]);
void hg_http_free(struct hg_http *http); /* NULL is harmless */

#endif
