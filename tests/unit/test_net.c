/* The net floor: loops and mailboxes, timers, connections plain and over TLS, dialling, listening, buffers.
 * Each test runs a loop until it stops itself; a guard timer stops one that hangs, which its checks then
 * notice. */
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "arena.h"
#include "check.h"
#include "conn.h"

static char directory[] = "/tmp/headgate-net-XXXXXX";

/* ---- a loop with a guard ---- */

struct run {
    struct hg_loop *loop;
    struct hg_timer guard;
    bool hung;
};

static void on_guard(void *argument)
{
    struct run *run = argument;

    run->hung = true;
    hg_loop_stop(run->loop);
}

static void run_init(struct run *run)
{
    run->loop = hg_loop_new();
    run->hung = false;
    hg_timer_init(&run->guard, run->loop, on_guard, run);
    hg_timer_start(&run->guard, 20000);
}

static void run_end(struct run *run)
{
    CHECK(!run->hung);
    hg_timer_free(&run->guard);
    hg_loop_free(run->loop);
}

static void make_pair(int fds[2])
{
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
}

/* ---- timers and deferred calls ---- */

struct ticks {
    struct run run;
    struct hg_timer late, early, stopped;
    struct hg_later later;
    char order[8];
    size_t count;
    unsigned laters;
};

static void tick_early(void *argument)
{
    struct ticks *ticks = argument;

    ticks->order[ticks->count++] = 'e';
    hg_timer_stop(&ticks->stopped);
    hg_timer_free(&ticks->early); /* a timer may be freed while it fires */
}

static void tick_late(void *argument)
{
    struct ticks *ticks = argument;

    ticks->order[ticks->count++] = 'l';
    hg_loop_stop(ticks->run.loop);
}

static void tick_stopped(void *argument)
{
    struct ticks *ticks = argument;

    ticks->order[ticks->count++] = 'x';
}

static void run_later(void *argument)
{
    struct ticks *ticks = argument;

    if (++ticks->laters < 3) {
        hg_later_ask(&ticks->later, ticks->run.loop);
        hg_later_ask(&ticks->later, ticks->run.loop); /* asking twice is one call */
    }
}

static void test_timers(void)
{
    struct ticks ticks = {0};
    uint64_t begun;

    run_init(&ticks.run);
    begun = hg_clock_us();
    hg_timer_init(&ticks.early, ticks.run.loop, tick_early, &ticks);
    hg_timer_init(&ticks.late, ticks.run.loop, tick_late, &ticks);
    hg_timer_init(&ticks.stopped, ticks.run.loop, tick_stopped, &ticks);
    hg_timer_start(&ticks.late, 5);
    hg_timer_start(&ticks.early, 20);
    hg_timer_start(&ticks.stopped, 30);
    hg_timer_start(&ticks.late, 60); /* started anew: the first time no longer counts */
    hg_later_init(&ticks.later, run_later, &ticks);
    hg_later_ask(&ticks.later, ticks.run.loop);
    hg_loop_run(ticks.run.loop);
    CHECK_TEXT(hg_slice_cstr(ticks.order), "el");
    CHECK_INT(ticks.laters, 3);
    CHECK(hg_clock_us() - begun >= 55000);
    CHECK(hg_loop_now_ms(ticks.run.loop) > 0);
    hg_timer_free(&ticks.late);
    hg_timer_free(&ticks.stopped);
    run_end(&ticks.run);
}

/* ---- mailbox ---- */

#define THREADS 4
#define LETTERS 2000

struct mail {
    struct run run;
    unsigned opened, disordered;
    unsigned last[THREADS];
};

struct counted_letter {
    struct hg_letter letter;
    struct mail *mail;
    unsigned thread, number;
};

struct sender {
    struct mail *mail;
    unsigned thread;
};

static void open_counted(struct hg_letter *letter)
{
    struct counted_letter *counted = (struct counted_letter *)letter;
    struct mail *mail = counted->mail;

    if (counted->number != ++mail->last[counted->thread])
        mail->disordered++;
    if (++mail->opened == THREADS * LETTERS)
        hg_loop_stop(mail->run.loop);
    free(counted);
}

static void *send_letters(void *argument)
{
    struct sender *sender = argument;

    for (unsigned i = 1; i <= LETTERS; i++) {
        struct counted_letter *counted = hg_calloc(1, sizeof *counted);

        *counted = (struct counted_letter){{NULL, open_counted}, sender->mail, sender->thread, i};
        hg_loop_post(sender->mail->run.loop, &counted->letter);
    }
    return NULL;
}

static void test_mailbox(void)
{
    struct mail mail = {0};
    struct sender senders[THREADS];
    pthread_t threads[THREADS];
    struct counted_letter *unopened = hg_calloc(1, sizeof *unopened);

    run_init(&mail.run);
    for (unsigned i = 0; i < THREADS; i++) {
        senders[i] = (struct sender){&mail, i};
        CHECK(pthread_create(&threads[i], NULL, send_letters, &senders[i]) == 0);
    }
    hg_loop_run(mail.run.loop);
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    CHECK_INT(mail.opened, THREADS * LETTERS);
    CHECK_INT(mail.disordered, 0);
    /* A letter that nobody waits for is opened, and so freed, with the loop. */
    *unopened = (struct counted_letter){{NULL, open_counted}, &mail, 0, LETTERS + 1};
    hg_loop_post(mail.run.loop, &unopened->letter);
    run_end(&mail.run);
    CHECK_INT(mail.opened, THREADS * LETTERS + 1);
}

/* ---- streams: one side sends TOTAL bytes, the other echoes them, slowly ---- */

#define TOTAL (4u << 20)

struct stream {
    struct run run;
    struct hg_conn *source, *echo;
    unsigned handshakes;
    char why[256];

    size_t sent, received;
    bool wrong, ended;
    uint8_t block[20000];

    struct hg_inbox inbox; /* of the echo; never grows, so the source is held back */
    size_t most_held;
    struct hg_timer resume;
};

static uint8_t byte_at(size_t at)
{
    return (uint8_t)(at * 2654435761u >> 13);
}

static void source_writable(void *owner)
{
    struct stream *stream = owner;

    while (stream->sent < TOTAL) {
        size_t len = TOTAL - stream->sent, put;
        enum hg_io io;

        if (len > sizeof stream->block)
            len = sizeof stream->block;
        for (size_t i = 0; i < len; i++)
            stream->block[i] = byte_at(stream->sent + i);
        io = hg_conn_write(stream->source, stream->block, len, &put);
        if (io != HG_IO_OK) {
            stream->wrong |= io != HG_IO_AGAIN;
            break;
        }
        stream->sent += put;
    }
    hg_conn_want(stream->source, true, stream->sent < TOTAL);
}

static void source_readable(void *owner)
{
    struct stream *stream = owner;
    uint8_t buffer[7001];
    size_t got;
    enum hg_io io = hg_conn_read(stream->source, buffer, sizeof buffer, &got);

    for (size_t i = 0; i < got; i++)
        stream->wrong |= buffer[i] != byte_at(stream->received + i);
    stream->received += got;
    if (stream->received == TOTAL && stream->echo) { /* the source must see the end */
        hg_conn_free(stream->echo);
        stream->echo = NULL;
    } else if (io != HG_IO_OK && io != HG_IO_AGAIN) {
        stream->ended = io == HG_IO_EOF;
        hg_loop_stop(stream->run.loop);
    }
}

static void echo_pump(struct stream *stream)
{
    while (hg_inbox_len(&stream->inbox)) {
        size_t put;

        if (hg_conn_write(stream->echo, hg_inbox_at(&stream->inbox), hg_inbox_len(&stream->inbox), &put) !=
            HG_IO_OK)
            break;
        hg_inbox_consume(&stream->inbox, put);
    }
    hg_conn_want(stream->echo, hg_inbox_len(&stream->inbox) == 0, hg_inbox_len(&stream->inbox) > 0);
}

static void echo_writable(void *owner)
{
    echo_pump(owner);
}

static void echo_resume(void *argument)
{
    echo_pump(argument);
}

/* Now and then the echo does not read for a while, with bytes waiting in the socket and inside OpenSSL. */
static void echo_readable(void *owner)
{
    struct stream *stream = owner;
    enum hg_io io = hg_inbox_fill(&stream->inbox, stream->echo, 0, HG_INBOX_BYTES);

    if (hg_inbox_len(&stream->inbox) > stream->most_held)
        stream->most_held = hg_inbox_len(&stream->inbox);
    if (io == HG_IO_EOF || io == HG_IO_ERROR) {
        stream->wrong = true;
        hg_loop_stop(stream->run.loop);
    } else if (stream->received / 500000 != (stream->received + hg_inbox_len(&stream->inbox)) / 500000) {
        hg_conn_want(stream->echo, false, false);
        hg_timer_start(&stream->resume, 3);
    } else {
        echo_pump(stream);
    }
}

static const struct hg_conn_events source_events = {source_readable, source_writable};
static const struct hg_conn_events echo_events = {echo_readable, echo_writable};

static struct stream *stream_new(void)
{
    struct stream *stream = hg_calloc(1, sizeof *stream);
    int fds[2];

    run_init(&stream->run);
    make_pair(fds);
    stream->source = hg_conn_new(stream->run.loop, fds[0], &source_events, stream);
    stream->echo = hg_conn_new(stream->run.loop, fds[1], &echo_events, stream);
    hg_timer_init(&stream->resume, stream->run.loop, echo_resume, stream);
    return stream;
}

static void stream_free(struct stream *stream)
{
    hg_timer_free(&stream->resume);
    hg_inbox_free(&stream->inbox);
    hg_conn_free(stream->source);
    if (stream->echo)
        hg_conn_free(stream->echo);
    run_end(&stream->run);
    free(stream);
}

static void check_stream(const struct stream *stream)
{
    CHECK_INT(stream->sent, TOTAL);
    CHECK_INT(stream->received, TOTAL);
    CHECK(!stream->wrong);
    CHECK(stream->ended);
    CHECK(stream->most_held <= HG_INBOX_BYTES);
}

static void test_plain_stream(void)
{
    struct stream *stream = stream_new();

    CHECK_TEXT(hg_slice_cstr(hg_conn_peer(stream->source)), "local");
    CHECK(!hg_conn_is_tls(stream->source));
    hg_conn_want(stream->source, true, true);
    hg_conn_want(stream->echo, true, false);
    hg_loop_run(stream->run.loop);
    check_stream(stream);
    stream_free(stream);
}

/* ---- TLS ---- */

static void path_of(char path[128], const char *name)
{
    snprintf(path, 128, "%s/%s", directory, name);
}

static void add_extension(X509 *certificate, int nid, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension;

    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    CHECK(extension && X509_add_ext(certificate, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

/* A self-signed certificate for db.example and 127.0.0.1 in <directory>/<name>.crt and .key. */
static void make_certificate(const char *name)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    X509_NAME *subject = X509_get_subject_name(certificate);
    char file[64], path[128];
    FILE *out;

    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(certificate, subject);
    add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(certificate, NID_subject_alt_name, "DNS:db.example,IP:127.0.0.1");
    CHECK(X509_sign(certificate, key, EVP_sha256()) > 0);

    snprintf(file, sizeof file, "%s.crt", name);
    path_of(path, file);
    out = fopen(path, "w");
    CHECK(out && PEM_write_X509(out, certificate) == 1 && fclose(out) == 0);
    snprintf(file, sizeof file, "%s.key", name);
    path_of(path, file);
    out = fopen(path, "w");
    CHECK(out && PEM_write_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL) == 1 && fclose(out) == 0);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static struct hg_tls *server_context(const char *certificate, const char *key, char why[256])
{
    char certificate_path[128], key_path[128];

    path_of(certificate_path, certificate);
    path_of(key_path, key);
    return hg_tls_server(certificate_path, key_path, why);
}

static struct hg_tls *client_context(bool verify, const char *ca)
{
    char path[128], why[256] = "";
    struct hg_tls *tls;

    path_of(path, ca ? ca : "none");
    tls = hg_tls_client(verify, ca ? path : NULL, why);
    CHECK(tls != NULL);
    return tls;
}

static void handshake_over(struct stream *stream, const char *why)
{
    if (why) {
        snprintf(stream->why, sizeof stream->why, "%s", why);
        hg_loop_stop(stream->run.loop);
    } else if (++stream->handshakes == 2) {
        hg_conn_want(stream->source, true, true);
        hg_conn_want(stream->echo, true, false);
    }
}

static void source_shaken(void *owner, const char *why)
{
    handshake_over(owner, why);
}

static void echo_shaken(void *owner, const char *why)
{
    if (!why) /* why the other side refused is not told to this one in useful words */
        handshake_over(owner, NULL);
}

static struct stream *shake_hands(struct hg_tls *client, const char *host)
{
    struct stream *stream = stream_new();
    char why[256] = "";
    struct hg_tls *server = server_context("good.crt", "good.key", why);

    CHECK_TEXT(hg_slice_cstr(why), "");
    hg_conn_tls(stream->source, client, false, host, source_shaken);
    hg_conn_tls(stream->echo, server, true, NULL, echo_shaken);
    CHECK(hg_conn_is_tls(stream->source));
    hg_tls_drop(server); /* the connections hold what they need */
    hg_tls_drop(client);
    hg_loop_run(stream->run.loop);
    return stream;
}

static void check_refused(struct hg_tls *client, const char *host, const char *words)
{
    struct stream *stream = shake_hands(client, host);

    CHECK_INT(stream->received, 0);
    if (!CHECK(strstr(stream->why, words) != NULL))
        fprintf(stderr, "  got %s\n", stream->why);
    stream_free(stream);
}

static void test_tls(void)
{
    struct stream *stream;
    char why[256];

    make_certificate("good");
    make_certificate("other");
    stream = shake_hands(client_context(false, NULL), NULL);
    check_stream(stream);
    stream_free(stream);
    stream = shake_hands(client_context(true, "good.crt"), "db.example");
    check_stream(stream);
    stream_free(stream);
    stream = shake_hands(client_context(true, "good.crt"), "127.0.0.1");
    check_stream(stream);
    stream_free(stream);

    check_refused(client_context(true, "good.crt"), "evil.example", "hostname mismatch");
    check_refused(client_context(true, "good.crt"), "127.0.0.2", "IP address mismatch");
    check_refused(client_context(true, "other.crt"), "db.example", "certificate verify failed");
    check_refused(client_context(true, "good.crt"), NULL, "no host name to verify");

    CHECK(!server_context("good.crt", "other.key", why));
    CHECK(!server_context("absent.crt", "good.key", why));
    CHECK(!hg_tls_client(true, "/nonexistent/roots", why));
}

/* Junk instead of a ClientHello ends the handshake with a reason, and the owner may free the connection right
 * there. */
struct victim {
    struct run run;
    struct hg_conn *conn;
    char why[256];
    unsigned calls;
};

static void victim_shaken(void *owner, const char *why)
{
    struct victim *victim = owner;

    snprintf(victim->why, sizeof victim->why, "%s", why ? why : "");
    hg_conn_free(victim->conn);
    hg_loop_stop(victim->run.loop);
}

static void test_tls_junk(void)
{
    struct victim victim = {0};
    char why[256];
    struct hg_tls *server = server_context("good.crt", "good.key", why);
    int fds[2];

    run_init(&victim.run);
    make_pair(fds);
    CHECK(write(fds[1], "SELECT 1; -- not a handshake", 28) == 28);
    victim.conn = hg_conn_new(victim.run.loop, fds[0], NULL, &victim);
    hg_conn_tls(victim.conn, server, true, NULL, victim_shaken);
    hg_loop_run(victim.run.loop);
    CHECK(strncmp(victim.why, "TLS: ", 5) == 0);
    close(fds[1]);
    hg_tls_drop(server);
    run_end(&victim.run);
}

/* ---- freeing inside callbacks ---- */

static void free_conn(void *owner)
{
    struct victim *victim = owner;

    victim->calls++;
    hg_conn_free(victim->conn);
    hg_loop_stop(victim->run.loop);
}

static void test_free_in_callback(void)
{
    static const struct hg_conn_events events = {free_conn, free_conn};
    struct victim victim = {0};
    int fds[2];

    run_init(&victim.run);
    make_pair(fds);
    CHECK(write(fds[1], "x", 1) == 1);
    victim.conn = hg_conn_new(victim.run.loop, fds[0], &events, &victim);
    hg_conn_want(victim.conn, true, true); /* both are ready in the same turn: only one is told */
    hg_loop_run(victim.run.loop);
    CHECK_INT(victim.calls, 1);
    close(fds[1]);
    run_end(&victim.run);
}

/* ---- decrypted bytes are announced although the socket is silent ---- */

#define PIECES 100

struct pieces {
    struct run run;
    struct hg_conn *writer, *reader;
    unsigned handshakes, got, ignored;
    struct hg_timer again;
};

static void pieces_readable(void *owner)
{
    struct pieces *pieces = owner;
    char byte;
    size_t got;

    if (++pieces->ignored % 3 == 0)
        return; /* level-triggered: not reading must not lose the announcement */
    if (pieces->ignored % 7 == 0) {
        hg_conn_want(pieces->reader, false, false);
        hg_timer_start(&pieces->again, 1);
        return;
    }
    if (hg_conn_read(pieces->reader, &byte, 1, &got) == HG_IO_OK && ++pieces->got == PIECES)
        hg_loop_stop(pieces->run.loop);
}

static void pieces_again(void *argument)
{
    struct pieces *pieces = argument;

    hg_conn_want(pieces->reader, true, false);
}

static void pieces_shaken(void *owner, const char *why)
{
    struct pieces *pieces = owner;
    char block[PIECES] = "";
    size_t put;

    CHECK(why == NULL);
    if (++pieces->handshakes < 2)
        return;
    CHECK(hg_conn_is_quiet(pieces->reader));
    CHECK(hg_conn_write(pieces->writer, block, sizeof block, &put) == HG_IO_OK && put == sizeof block);
    hg_conn_want(pieces->reader, true, false);
}

static void test_tls_announce(void)
{
    static const struct hg_conn_events events = {pieces_readable, NULL};
    struct pieces pieces = {0};
    char why[256];
    struct hg_tls *server = server_context("good.crt", "good.key", why),
                  *client = client_context(false, NULL);
    int fds[2];

    run_init(&pieces.run);
    make_pair(fds);
    hg_timer_init(&pieces.again, pieces.run.loop, pieces_again, &pieces);
    pieces.reader = hg_conn_new(pieces.run.loop, fds[0], &events, &pieces);
    pieces.writer = hg_conn_new(pieces.run.loop, fds[1], &events, &pieces);
    hg_conn_tls(pieces.reader, server, true, NULL, pieces_shaken);
    hg_conn_tls(pieces.writer, client, false, NULL, pieces_shaken);
    hg_loop_run(pieces.run.loop);
    CHECK_INT(pieces.got, PIECES);
    hg_conn_free(pieces.writer);
    CHECK(!hg_conn_is_quiet(pieces.reader));
    hg_conn_free(pieces.reader);
    hg_timer_free(&pieces.again);
    hg_tls_drop(server);
    hg_tls_drop(client);
    run_end(&pieces.run);
}

/* ---- a connection moves to another thread's loop ---- */

struct mover {
    struct run here, there;
    struct hg_conn *conn;
    struct hg_letter letter;
    char got[8];
    int peer;
};

static struct mover *mover_of(struct hg_letter *letter)
{
    return (struct mover *)((char *)letter - offsetof(struct mover, letter));
}

static void there_readable(void *owner)
{
    struct mover *mover = owner;
    size_t got;

    if (hg_conn_read(mover->conn, mover->got + 1, 1, &got) == HG_IO_OK)
        hg_loop_stop(mover->there.loop);
}

static void arrive(struct hg_letter *letter)
{
    static const struct hg_conn_events events = {there_readable, NULL};
    struct mover *mover = mover_of(letter);

    CHECK(hg_conn_is_quiet(mover->conn));
    hg_conn_attach(mover->conn, mover->there.loop, &events, mover);
    hg_conn_want(mover->conn, true, false);
    CHECK(write(mover->peer, "b", 1) == 1);
}

static void here_readable(void *owner)
{
    struct mover *mover = owner;
    struct hg_loop *here = mover->here.loop;
    size_t got;

    CHECK(hg_conn_read(mover->conn, mover->got, 1, &got) == HG_IO_OK);
    hg_conn_detach(mover->conn);
    mover->letter.open = arrive;
    hg_loop_post(mover->there.loop, &mover->letter);
    hg_loop_stop(here);
}

static void *run_there(void *argument)
{
    struct mover *mover = argument;

    hg_loop_run(mover->there.loop);
    hg_conn_free(mover->conn);
    return NULL;
}

static void test_move(void)
{
    static const struct hg_conn_events events = {here_readable, here_readable};
    struct mover mover = {0};
    pthread_t thread;
    int fds[2];

    run_init(&mover.here);
    run_init(&mover.there);
    make_pair(fds);
    mover.peer = fds[1];
    mover.conn = hg_conn_new(mover.here.loop, fds[0], &events, &mover);
    hg_conn_want(mover.conn, true, false);
    CHECK(write(fds[1], "a", 1) == 1);
    CHECK(pthread_create(&thread, NULL, run_there, &mover) == 0);
    hg_loop_run(mover.here.loop);
    pthread_join(thread, NULL);
    CHECK_TEXT(hg_slice_cstr(mover.got), "ab");
    close(fds[1]);
    run_end(&mover.here);
    run_end(&mover.there);
}

/* ---- dialling and listening ---- */

struct call {
    struct run run;
    int dialled, accepted;
    unsigned expect; /* events until the loop stops */
    char why[256];
};

static void call_event(struct call *call)
{
    if (--call->expect == 0)
        hg_loop_stop(call->run.loop);
}

static void call_dialled(void *owner, int fd, const char *why)
{
    struct call *call = owner;

    call->dialled = fd;
    snprintf(call->why, sizeof call->why, "%s", why ? why : "");
    call_event(call);
}

static void call_accepted(void *owner, int fd)
{
    struct call *call = owner;

    call->accepted = fd;
    call_event(call);
}

static void dial(struct call *call, const char *host, uint16_t port, uint32_t timeout_ms, unsigned expect)
{
    call->dialled = call->accepted = -1;
    call->expect = expect;
    CHECK(hg_dial_start(call->run.loop, host, port, timeout_ms, call_dialled, call) != NULL);
    CHECK_INT(call->expect, expect); /* never told from within */
    hg_loop_run(call->run.loop);
}

static void test_dial_tcp(struct call *call)
{
    struct hg_listener *listener, *second;
    char why[256] = "";
    uint16_t port;
    struct hg_conn *conn;

    listener = hg_listener_new(call->run.loop, "127.0.0.1", 0, call_accepted, call, why);
    if (!CHECK(listener != NULL))
        return;
    port = hg_listener_port(listener);
    CHECK(port != 0);
    dial(call, "127.0.0.1", port, 5000, 2);
    CHECK(call->dialled >= 0 && call->accepted >= 0);
    CHECK(fcntl(call->accepted, F_GETFL) & O_NONBLOCK);
    conn = hg_conn_new(call->run.loop, call->dialled, NULL, NULL);
    CHECK(strncmp(hg_conn_peer(conn), "127.0.0.1:", 10) == 0);
    hg_conn_free(conn);
    close(call->accepted);
    dial(call, "localhost", port, 5000, 2); /* a name: looked up on another thread */
    CHECK(call->dialled >= 0 && call->accepted >= 0);
    close(call->dialled);
    close(call->accepted);

    second = hg_listener_new(call->run.loop, "127.0.0.1", port, call_accepted, call, why);
    CHECK(!second && strstr(why, "cannot listen on 127.0.0.1:") != NULL);
    second = hg_listener_new(call->run.loop, "*", 0, call_accepted, call, why);
    CHECK(second != NULL);
    hg_listener_free(second);
    hg_listener_free(listener);
    dial(call, "127.0.0.1", port, 5000, 1);
    CHECK(call->dialled < 0);
    CHECK_TEXT(hg_slice_cstr(call->why), "Connection refused");
}

static void test_dial_unix(struct call *call)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(address.sun_path, sizeof address.sun_path, "%s/.s.PGSQL.5432", directory);
    CHECK(bind(fd, (const struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 1) == 0);
    dial(call, directory, 5432, 5000, 1);
    CHECK(call->dialled >= 0);
    close(call->dialled);
    close(fd);
    dial(call, directory, 5433, 5000, 1);
    CHECK_TEXT(hg_slice_cstr(call->why), "No such file or directory");
}

/* A socket whose queue of connections is full swallows further ones, as a silent host does. */
static void test_dial_timeout(struct call *call)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0), fillers[4];
    uint64_t begun;

    CHECK(bind(fd, (const struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 0) == 0);
    CHECK(getsockname(fd, (struct sockaddr *)&address, &len) == 0);
    for (int i = 0; i < 4; i++) {
        fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)!connect(fillers[i], (const struct sockaddr *)&address, sizeof address);
    }
    begun = hg_clock_us();
    dial(call, "127.0.0.1", ntohs(address.sin_port), 150, 1);
    CHECK_TEXT(hg_slice_cstr(call->why), "Connection timed out");
    CHECK(hg_clock_us() - begun >= 140000);
    for (int i = 0; i < 4; i++)
        close(fillers[i]);
    close(fd);
}

static void test_dial(void)
{
    struct call call = {0};
    struct hg_dial *cancelled;

    run_init(&call.run);
    test_dial_tcp(&call);
    test_dial_unix(&call);
    test_dial_timeout(&call);
    dial(&call, "no-such-host.invalid", 1, 10000, 1);
    CHECK(strstr(call.why, "cannot resolve \"no-such-host.invalid\"") || strstr(call.why, "took too long"));
    call.expect = 1;
    cancelled = hg_dial_start(call.run.loop, "localhost", 1, 5000, call_dialled, &call);
    hg_dial_cancel(cancelled); /* its thread is still at work, or its letter on the way */
    cancelled = hg_dial_start(call.run.loop, "127.0.0.1", 1, 5000, call_dialled, &call);
    hg_dial_cancel(cancelled);
    CHECK_INT(call.expect, 1);
    run_end(&call.run);
}

/* ---- buffers ---- */

static void test_inbox(void)
{
    struct hg_inbox inbox = {0};
    struct run run;
    struct hg_conn *conn;
    static char block[HG_INBOX_BYTES];
    int fds[2], sent = 0;

    run_init(&run);
    make_pair(fds);
    conn = hg_conn_new(run.loop, fds[0], NULL, NULL);
    CHECK(hg_inbox_fill(&inbox, conn, 0, 2 * HG_INBOX_BYTES) == HG_IO_AGAIN && !inbox.data);
    CHECK(write(fds[1], "hello", 5) == 5);
    CHECK(hg_inbox_fill(&inbox, conn, 0, 2 * HG_INBOX_BYTES) == HG_IO_OK);
    CHECK_INT(hg_inbox_len(&inbox), 5);
    CHECK_INT(inbox.room, HG_INBOX_BYTES);
    hg_inbox_consume(&inbox, 2);
    hg_inbox_trim(&inbox);
    CHECK_INT(inbox.room, 3);
    CHECK(memcmp(hg_inbox_at(&inbox), "llo", 3) == 0);
    CHECK(write(fds[1], " there", 6) == 6);
    CHECK(hg_inbox_fill(&inbox, conn, 0, 2 * HG_INBOX_BYTES) == HG_IO_OK);
    CHECK(hg_inbox_len(&inbox) == 9 && memcmp(hg_inbox_at(&inbox), "llo there", 9) == 0);
    hg_inbox_consume(&inbox, 9);
    CHECK(!inbox.data && !hg_inbox_at(&inbox));

    /* One message longer than the cap: grows to the cap as bytes come, then fails. */
    for (int i = 0; i < 40; i++) {
        enum hg_io io;

        sent += (int)write(fds[1], block, sizeof block / 8);
        io = hg_inbox_fill(&inbox, conn, 1u << 30, 3 * HG_INBOX_BYTES);
        if (io == HG_IO_ERROR)
            break;
        CHECK(inbox.room <= 3 * HG_INBOX_BYTES);
    }
    CHECK_INT(hg_inbox_len(&inbox), 3 * HG_INBOX_BYTES);
    CHECK(sent > 3 * (int)HG_INBOX_BYTES);
    hg_inbox_free(&inbox);
    close(fds[1]);
    while (hg_inbox_fill(&inbox, conn, 0, HG_INBOX_BYTES) == HG_IO_OK)
        hg_inbox_free(&inbox);
    CHECK(hg_inbox_fill(&inbox, conn, 0, HG_INBOX_BYTES) == HG_IO_EOF);
    hg_conn_free(conn);
    run_end(&run);
}

static void test_outbox(void)
{
    struct hg_outbox outbox = {0};
    struct run run;
    struct hg_conn *conn;
    static char block[100000];
    size_t received = 0;
    int fds[2];

    run_init(&run);
    make_pair(fds);
    conn = hg_conn_new(run.loop, fds[0], NULL, NULL);
    CHECK(hg_outbox_flush(&outbox, conn) == HG_IO_OK);
    for (int i = 0; i < 20; i++)
        hg_write(&outbox.bytes, block, sizeof block);
    CHECK(hg_outbox_flush(&outbox, conn) == HG_IO_AGAIN);
    while (received < 20 * sizeof block) {
        ssize_t n = read(fds[1], block, sizeof block);

        received += n > 0 ? (size_t)n : 0;
        CHECK(hg_outbox_flush(&outbox, conn) != HG_IO_ERROR);
    }
    CHECK_INT(hg_outbox_pending(&outbox), 0);
    CHECK(!outbox.bytes.data);
    close(fds[1]);
    hg_write(&outbox.bytes, "x", 1);
    CHECK(hg_outbox_flush(&outbox, conn) == HG_IO_ERROR); /* and no SIGPIPE */
    CHECK_TEXT(hg_slice_cstr(hg_conn_last_error(conn)), "Broken pipe");
    hg_outbox_free(&outbox);
    hg_conn_free(conn);
    run_end(&run);
}

static void remove_files(void)
{
    static const char *const names[] = {"good.crt", "good.key", "other.crt", "other.key", ".s.PGSQL.5432"};
    char path[128];

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        path_of(path, names[i]);
        unlink(path);
    }
    rmdir(directory);
}

int main(void)
{
    if (!CHECK(mkdtemp(directory) != NULL))
        return check_end();
    test_timers();
    test_mailbox();
    test_plain_stream();
    test_tls();
    test_tls_junk();
    test_free_in_callback();
    test_tls_announce();
    test_move();
    test_dial();
    test_inbox();
    test_outbox();
    remove_files();
    return check_end();
}
