/* Requests to the monitoring port, over a real connection. What must hold: who has sent a whole head, or more than
 * fits, is answered, with a status that there is, a length that is true, and no body to HEAD; who has not, is not; and
 * in how many pieces it comes makes no difference. */
#define _GNU_SOURCE 1 /* memmem */
#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "bytes.h"
#include "http.h"

#define HEAD_BYTES 8192u
#define ANSWER     16384u

static struct hg_loop *loop;
static struct sockaddr_in address = {.sin_family = AF_INET};

static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static struct hg_http_answer handle(void *argument, struct hg_slice path)
{
    struct hg_http_answer answer = {.status = 404, .type = "text/plain"};

    (void)argument;
    must(path.len && path.ptr[0] == '/' && !memchr(path.ptr, '?', path.len));
    if (!hg_slice_is(path, "/metrics"))
        return answer;
    answer.status = 200;
    hg_write_text(&answer.body, "a 1\n");
    return answer;
}

/* A port that is free, by the kernel's choice. */
static uint16_t free_port(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    socklen_t len = sizeof address;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    must(bind(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
         getsockname(fd, (struct sockaddr *)&address, &len) == 0);
    close(fd);
    return ntohs(address.sin_port);
}

static void begin(void)
{
    char why[256];

    loop = hg_loop_new();
    must(hg_http_new(loop, "127.0.0.1", free_port(), handle, NULL, why) != NULL);
}

static void turn(void)
{
    for (int i = 0; i < 4; i++)
        event_base_loop(hg_loop_base(loop), EVLOOP_NONBLOCK);
}

/* What the server says to these bytes, in two pieces. */
static size_t ask(const uint8_t *data, size_t size, size_t first, char answer[ANSWER])
{
    const struct linger at_once = {.l_onoff = 1}; /* so that no connection is left in the kernel's books */
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    size_t len = 0;
    ssize_t got;

    (void)connect(fd, (struct sockaddr *)&address, sizeof address);
    turn();
    (void)!write(fd, data, first);
    turn();
    (void)!write(fd, data + first, size - first);
    turn();
    while ((got = read(fd, answer + len, ANSWER - 1 - len)) > 0)
        len += (size_t)got;
    answer[len] = '\0';
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(fd);
    turn();
    return len;
}

static void check(const uint8_t *data, size_t size, const char *answer, size_t len)
{
    static const char *const statuses[] = {"200 OK", "400 Bad", "404 Not", "405 Method", "431 Request"};
    bool whole = memmem(data, size, "\r\n\r\n", 4) != NULL, known = false;
    const char *body = strstr(answer, "\r\n\r\n"), *told = strstr(answer, "Content-Length: ");

    must(whole == (len > 0));
    if (!whole)
        return;
    must(strncmp(answer, "HTTP/1.1 ", 9) == 0 && body && told && told < body);
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
        known |= strncmp(answer + 9, statuses[i], strlen(statuses[i])) == 0;
    must(known);
    size_t here = len - (size_t)(body + 4 - answer), said = (size_t)strtoul(told + 16, NULL, 10);
    must(here == said || (here == 0 && strncmp((const char *)data, "HEAD ", 5) == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char answer[ANSWER], other[ANSWER];

    if (!loop)
        begin();
    if (size == 0 || size >= HEAD_BYTES)
        return 0;
    size_t len = ask(data, size, size, answer);
    check(data, size, answer, len);
    must(ask(data, size, data[size / 2] % size, other) == len && memcmp(answer, other, len) == 0);
    return 0;
}
