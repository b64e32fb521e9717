/* A program that does with a pool what it is told on standard input, for tests/backend/run.py: workers with a
 * loop each, one pool, leases that bear names. One command per line; answers are lines that begin with the
 * name of the lease, in the order in which things happen.
 *
 * A name may say whose lease it is: `acme.ann.1` is of tenant acme's user ann.
 *
 *   acquire WORKER NAME       -> NAME lent PID | NAME fault SQLSTATE MESSAGE
 *   drop NAME                 (a waiter that goes away)              -> NAME dropped
 *   query NAME SQL            -> NAME rows A B C | NAME error SQLSTATE | NAME lost
 *   cancel NAME               -> NAME cancelled      (when the cancel request is over)
 *   setting NAME SETTING      -> NAME setting VALUE  (what is known of the server's)
 *   release NAME [dirty]      -> NAME released
 *   hammer WORKER NAME COUNT  COUNT times acquire, SELECT, release   -> NAME hammered COUNT FAULTS
 *   stats                     -> stats lent idle connecting waiting opened failed
 *   reload same|changed       (a new generation of the pool; the old one retires unless it is the same) ->
 * reload same|new sleep MS
 *
 * usage: pool_driver WORKERS NAME DIALECT HOST PORT DATABASE USER PASSWORD TLS CA SIZE CONNECT_MS QUEUE_MS
 * IDLE_MS [host=PORT] [target=WORD] [min=N] [age=MS] [health=MS] [file=PATH] [concurrent=N]
 * [user_concurrent=N] [queue=N] [wait=MS] [binding=WORD] [command=PROGRAM [command=ARGUMENT]…]
 */
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "arena.h"
#include "encode.h"
#include "frame.h"
#include "pool.h"
#include "protocol.h"

#define MAX_WORKERS 8
#define MAX_LEASES  256

struct worker {
    pthread_t thread;
    struct hg_loop *loop;
    struct hg_pools *pools;
};

struct lease {
    char name[32];
    struct worker *worker;
    struct hg_waiter *waiter;
    struct hg_server *server;
    unsigned hammer, faults, hammered; /* rounds left, and how the others went */
    struct hg_bytes rows;
    char sqlstate[6];
};

/* A command on its way to a worker. */
struct order {
    struct hg_letter letter;
    struct lease *lease;
    char verb[16];
    char rest[512];
};

static struct worker workers[MAX_WORKERS];
static struct lease leases[MAX_LEASES];
static struct hg_pool *pool;
static struct hg_limits tenant_limits, user_limits;
static struct hg_backend_config config;
static pthread_mutex_t output = PTHREAD_MUTEX_INITIALIZER;

static void HG_PRINTF(1, 2) say(const char *format, ...)
{
    va_list arguments;

    pthread_mutex_lock(&output);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    fflush(stdout);
    pthread_mutex_unlock(&output);
}

/* ---- leases ---- */

static void send_query(struct lease *lease, const char *sql);
static void acquire(struct lease *lease);

static void lost(struct lease *lease)
{
    hg_server_release(lease->server, false);
    lease->server = NULL;
    say("%s lost", lease->name);
}

static void hammer_on(struct lease *lease)
{
    if (lease->hammer) {
        lease->hammer--;
        acquire(lease);
    } else {
        say("%s hammered %u %u", lease->name, lease->hammered, lease->faults);
    }
}

static void answered(struct lease *lease)
{
    struct hg_server *server = lease->server;

    if (lease->hammered || lease->hammer) {
        lease->server = NULL;
        lease->hammered++;
        hg_server_release(server, true);
        hammer_on(lease);
    } else if (lease->sqlstate[0]) {
        say("%s error %s", lease->name, lease->sqlstate);
    } else {
        say("%s rows%.*s", lease->name, HG_SLICE_FMT(hg_bytes_slice(&lease->rows)));
    }
}

static void take(struct lease *lease, const struct hg_frame *frame)
{
    struct hg_arena arena;
    struct hg_slice *values;
    struct hg_error_msg error;
    uint16_t count;

    hg_arena_init(&arena, 0);
    if (frame->type == HG_S_DATA_ROW && hg_decode_row(frame->body, &arena, &values, &count) && count)
        hg_write_format(&lease->rows, " %.*s", HG_SLICE_FMT(values[0]));
    if (frame->type == HG_S_ERROR && hg_decode_error(frame->body, &error))
        snprintf(lease->sqlstate, sizeof lease->sqlstate, "%.*s", HG_SLICE_FMT(error.sqlstate));
    hg_arena_free(&arena);
}

static void readable(void *owner)
{
    struct lease *lease = owner;
    struct hg_server *server = lease->server;
    struct hg_frame frame;
    enum hg_io io = hg_inbox_fill(&server->inbox, server->conn, 0, HG_INBOX_BYTES);

    while (hg_frame_peek(hg_inbox_at(&server->inbox), hg_inbox_len(&server->inbox), 65536, &frame) ==
           HG_FRAME_COMPLETE) {
        uint8_t type = frame.type, status = frame.body.len ? (uint8_t)frame.body.ptr[0] : 0;

        take(lease, &frame);
        hg_inbox_consume(&server->inbox, frame.total);
        if (type == HG_S_READY) {
            server->status = status;
            answered(lease);
            return;
        }
    }
    if (io == HG_IO_EOF || io == HG_IO_ERROR)
        lost(lease);
}

static void writable(void *owner)
{
    struct lease *lease = owner;
    enum hg_io io = hg_outbox_flush(&lease->server->outbox, lease->server->conn);

    if (io == HG_IO_ERROR)
        lost(lease);
    else
        hg_conn_want(lease->server->conn, true, io == HG_IO_AGAIN);
}

static const struct hg_conn_events events = {readable, writable};

static void send_query(struct lease *lease, const char *sql)
{
    hg_bytes_clear(&lease->rows);
    lease->sqlstate[0] = '\0';
    hg_encode_query(&lease->server->outbox.bytes, hg_slice_cstr(sql));
    writable(lease);
}

static void done(void *owner, struct hg_server *server, const struct hg_fault *fault)
{
    struct lease *lease = owner;
    bool hammers = lease->hammered || lease->hammer || lease->faults;

    lease->waiter = NULL;
    lease->server = server;
    if (server) {
        hg_server_events(server, &events, lease);
        if (hammers)
            send_query(lease, "SELECT 1");
        else
            say("%s lent %d", lease->name, server->pid);
    } else if (hammers) {
        lease->faults++;
        hammer_on(lease);
    } else {
        say("%s fault %s %.*s", lease->name, fault->sqlstate, HG_SLICE_FMT(fault->message));
    }
}

static void acquire(struct lease *lease)
{
    /* `acme.ann.1`: of tenant acme and its user ann */
    size_t tenant = strcspn(lease->name, "."), dot = lease->name[tenant] ? 1 : 0;
    const char *user = lease->name + tenant + dot;
    const struct hg_claim claim = {.tenant = hg_slice_of(lease->name, tenant),
                                   .user = hg_slice_of(user, strcspn(user, ".")),
                                   .tenant_limits = &tenant_limits,
                                   .user_limits = &user_limits};
    struct hg_waiter *waiter = hg_pool_acquire(lease->worker->pools, pool, &claim, lease, done);

    if (waiter)
        lease->waiter = waiter;
}

static void cancels_over(void *owner)
{
    struct lease *lease = owner;

    say("%s cancelled", lease->name);
}

/* ---- orders, on the lease's worker ---- */

static void do_drop(struct lease *lease)
{
    hg_waiter_cancel(lease->waiter);
    lease->waiter = NULL;
    say("%s dropped", lease->name);
}

static void do_release(struct lease *lease, bool clean)
{
    struct hg_server *server = lease->server;

    lease->server = NULL;
    hg_server_release(server, clean);
    say("%s released", lease->name);
}

static void do_setting(struct lease *lease, const char *setting)
{
    int id = hg_setting_find(hg_slice_cstr(setting));
    const char *value = id < 0 ? NULL : lease->server->settings[id];

    say("%s setting %s", lease->name, value ? value : "(unknown)");
}

static void carry_out(struct hg_letter *letter)
{
    struct order *order = (struct order *)letter;
    struct lease *lease = order->lease;

    if (strcmp(order->verb, "acquire") == 0) {
        acquire(lease);
    } else if (strcmp(order->verb, "hammer") == 0) {
        lease->hammer = (unsigned)strtoul(order->rest, NULL, 10);
        hammer_on(lease);
    } else if (strcmp(order->verb, "drop") == 0 && lease->waiter) {
        do_drop(lease);
    } else if (!lease->server) {
        say("%s has no server", lease->name);
    } else if (strcmp(order->verb, "query") == 0) {
        send_query(lease, order->rest);
    } else if (strcmp(order->verb, "release") == 0) {
        do_release(lease, strcmp(order->rest, "dirty") != 0);
    } else if (strcmp(order->verb, "setting") == 0) {
        do_setting(lease, order->rest);
    } else if (strcmp(order->verb, "cancel") == 0) {
        lease->server->cancels_over = cancels_over;
        hg_server_cancel(lease->server);
    }
    free(order);
}

static void stop(struct hg_letter *letter)
{
    struct order *order = (struct order *)letter;

    hg_loop_stop(order->lease->worker->loop);
    free(order);
}

/* ---- the main thread ---- */

static void post(struct lease *lease, void (*open)(struct hg_letter *), const char *verb, const char *rest)
{
    struct order *order = hg_calloc(1, sizeof *order);

    order->letter.open = open;
    order->lease = lease;
    snprintf(order->verb, sizeof order->verb, "%s", verb);
    snprintf(order->rest, sizeof order->rest, "%s", rest);
    hg_loop_post(lease->worker->loop, &order->letter);
}

static struct lease *find_lease(const char *name, struct worker *worker)
{
    for (size_t i = 0; i < MAX_LEASES; i++) {
        struct lease *lease = &leases[i];

        if (strcmp(lease->name, name) == 0)
            return lease;
        if (!lease->name[0]) {
            snprintf(lease->name, sizeof lease->name, "%s", name);
            lease->worker = worker;
            return lease;
        }
    }
    fprintf(stderr, "too many leases\n");
    exit(2);
}

/* Workers read `pool` while this writes it: the tests reload only while no acquire is on its way. */
static void reload(bool changed)
{
    struct hg_pool *old = pool;
    char why[256];

    if (changed)
        config.queue_timeout_ms++;
    pool = hg_pool_new(&config, NULL, old, NULL, why);
    if (pool != old)
        hg_pool_retire(old);
    say("reload %s", pool == old ? "same" : "new");
    hg_pool_drop(old);
}

static void obey(char *line)
{
    char *at = line, *verb = strsep(&at, " "), *word;

    if (strcmp(verb, "stats") == 0) {
        struct hg_pool_stats stats = hg_pool_stats(pool);

        say("stats %u %u %u %u %lu %lu", stats.lent, stats.idle, stats.connecting, stats.waiting,
            (unsigned long)stats.opened, (unsigned long)stats.failed);
    } else if (strcmp(verb, "reload") == 0) {
        reload(at && strcmp(at, "changed") == 0);
    } else if (strcmp(verb, "sleep") == 0) {
        usleep((useconds_t)strtoul(at ? at : "0", NULL, 10) * 1000);
    } else if (strcmp(verb, "acquire") == 0 || strcmp(verb, "hammer") == 0) {
        struct worker *worker = &workers[strtoul(strsep(&at, " "), NULL, 10) % MAX_WORKERS];

        word = strsep(&at, " ");
        post(find_lease(word, worker), carry_out, verb, at ? at : "");
    } else {
        word = strsep(&at, " ");
        post(find_lease(word ? word : "", &workers[0]), carry_out, verb, at ? at : "");
    }
}

static void *run_worker(void *argument)
{
    struct worker *worker = argument;

    hg_pool_attend(worker->pools, pool);
    hg_loop_run(worker->loop);
    for (size_t i = 0; i < MAX_LEASES; i++) {
        if (leases[i].worker != worker)
            continue;
        if (leases[i].waiter)
            hg_waiter_cancel(leases[i].waiter);
        if (leases[i].server)
            hg_server_release(leases[i].server, false);
    }
    return NULL;
}

static enum hg_tls_mode tls_of(const char *word)
{
    static const char *const words[] = {"disable", "prefer", "require", "verify-full"};

    for (int i = 0; i < 4; i++)
        if (strcmp(word, words[i]) == 0)
            return (enum hg_tls_mode)i;
    exit(2);
}

#define MOST_WORDS 8

static bool is_option(const char *argument, const char *name, const char **value)
{
    size_t len = strlen(name);

    *value = argument + len + 1;
    return strncmp(argument, name, len) == 0 && argument[len] == '=';
}

static enum hg_target target_of(const char *word)
{
    return strcmp(word, "primary") == 0   ? HG_TARGET_PRIMARY
           : strcmp(word, "standby") == 0 ? HG_TARGET_STANDBY
                                          : HG_TARGET_ANY;
}

static enum hg_channel_binding binding_of(const char *word)
{
    return strcmp(word, "disable") == 0   ? HG_BINDING_DISABLE
           : strcmp(word, "require") == 0 ? HG_BINDING_REQUIRE
                                          : HG_BINDING_PREFER;
}

/* What is not always said. */
static void configure_more(char **options)
{
    static struct hg_host hosts[HG_MAX_HOSTS];
    static char *command[MOST_WORDS + 1];
    size_t nwords = 0;
    const char *value;

    hosts[0] = (struct hg_host){config.host, config.port};
    config.hosts = hosts;
    config.nhosts = 1;
    for (; *options; options++) {
        if (is_option(*options, "host", &value) && config.nhosts < HG_MAX_HOSTS)
            hosts[config.nhosts++] = (struct hg_host){config.host, (uint16_t)strtoul(value, NULL, 10)};
        else if (is_option(*options, "target", &value))
            config.target = target_of(value);
        else if (is_option(*options, "binding", &value))
            config.channel_binding = binding_of(value);
        else if (is_option(*options, "concurrent", &value))
            tenant_limits.concurrent = (uint32_t)strtoul(value, NULL, 10);
        else if (is_option(*options, "user_concurrent", &value))
            user_limits.concurrent = (uint32_t)strtoul(value, NULL, 10);
        else if (is_option(*options, "queue", &value))
            tenant_limits.queue = (uint32_t)strtoul(value, NULL, 10);
        else if (is_option(*options, "wait", &value))
            tenant_limits.queue_wait = (uint32_t)strtoul(value, NULL, 10);
        else if (is_option(*options, "min", &value))
            config.pool_min = (uint32_t)strtoul(value, NULL, 10);
        else if (is_option(*options, "age", &value))
            config.max_age_ms = (uint32_t)strtoul(value, NULL, 10);
        else if (is_option(*options, "health", &value))
            config.health_interval_ms = (uint32_t)strtoul(value, NULL, 10);
        else if (is_option(*options, "file", &value))
            config.password_file = value;
        else if (is_option(*options, "command", &value) && nwords < MOST_WORDS)
            command[nwords++] = (char *)value;
        else
            exit(2);
    }
    if (nwords)
        config.credential_command = command;
}

static void configure(char **argv)
{
    config = (struct hg_backend_config){
        .name = argv[2],
        .dialect = strcmp(argv[3], "redshift") == 0 ? HG_DIALECT_REDSHIFT : HG_DIALECT_POSTGRESQL,
        .host = argv[4],
        .port = (uint16_t)strtoul(argv[5], NULL, 10),
        .database = argv[6],
        .user = argv[7],
        .password = argv[8],
        .tls = tls_of(argv[9]),
        .channel_binding = HG_BINDING_PREFER,
        .tls_ca = argv[10][0] ? argv[10] : NULL,
        .pool_size = (uint32_t)strtoul(argv[11], NULL, 10),
        .connect_timeout_ms = (uint32_t)strtoul(argv[12], NULL, 10),
        .queue_timeout_ms = (uint32_t)strtoul(argv[13], NULL, 10),
        .idle_timeout_ms = (uint32_t)strtoul(argv[14], NULL, 10),
    };
}

int main(int argc, char **argv)
{
    unsigned long count = argc >= 15 ? strtoul(argv[1], NULL, 10) : 0;
    char line[1024], why[256];
    struct lease stops[MAX_WORKERS];

    if (count < 1 || count > MAX_WORKERS)
        return 2;
    (void)OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL); /* as the program does */
    configure(argv);
    configure_more(argv + 15);
    pool = hg_pool_new(&config, NULL, NULL, NULL, why);
    if (!pool) {
        fprintf(stderr, "%s\n", why);
        return 1;
    }
    for (unsigned long i = 0; i < count; i++) {
        workers[i].loop = hg_loop_new();
        workers[i].pools = hg_pools_new(workers[i].loop);
        pthread_create(&workers[i].thread, NULL, run_worker, &workers[i]);
    }
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        obey(line);
    }
    for (unsigned long i = 0; i < count; i++) {
        stops[i] = (struct lease){.worker = &workers[i]};
        post(&stops[i], stop, "", "");
    }
    for (unsigned long i = 0; i < count; i++)
        pthread_join(workers[i].thread, NULL);
    for (unsigned long i = 0; i < count; i++)
        hg_pools_free(workers[i].pools);
    hg_pool_drop(pool);
    for (unsigned long i = 0; i < count; i++)
        hg_loop_free(workers[i].loop);
    for (size_t i = 0; i < MAX_LEASES; i++)
        hg_bytes_free(&leases[i].rows);
    return 0;
}
