/* The backend floor without a server: what is recorded of a connection, when a pool is kept over a reload,
 * and openings that fail before any byte. Everything else of it needs a server: tests/backend. */
#include <stdlib.h>

#include "arena.h"
#include "blocking.h"
#include "check.h"
#include "pool.h"

static struct hg_host nobody = {"127.0.0.1", 1};

static const struct hg_backend_config sample = {.name = "aurora",
                                                .hosts = &nobody,
                                                .nhosts = 1,
                                                .database = "metrics",
                                                .user = "headgate",
                                                .password = "secret",
                                                .pool_size = 2,
                                                .connect_timeout_ms = 2000,
                                                .queue_timeout_ms = 1000};

static const struct hg_claim claim = {.tenant = HG_LIT("acme"),
                                      .user = HG_LIT("acme_bi"),
                                      .tenant_limits = &hg_no_limits,
                                      .user_limits = &hg_no_limits};

/* ---- what is recorded ---- */

static void test_prepared(void)
{
    struct hg_server server = {0};

    hg_map_init(&server.prepared);
    CHECK(!hg_server_has_prepared(&server, 7));
    for (uint64_t id = 1; id <= 3; id++)
        CHECK_INT(hg_server_add_prepared(&server, id, 3), 0);
    CHECK(hg_server_has_prepared(&server, 1)); /* used: 2 is the oldest now */
    CHECK_INT(hg_server_add_prepared(&server, 3, 3), 0);
    CHECK_INT(hg_server_add_prepared(&server, 4, 3), 2);
    CHECK_INT(server.nprepared, 3);
    CHECK(!hg_server_has_prepared(&server, 2));
    hg_server_forget_prepared(&server, 3);
    hg_server_forget_prepared(&server, 3);
    CHECK_INT(server.nprepared, 2);
    CHECK(hg_server_has_prepared(&server, 1) && hg_server_has_prepared(&server, 4));
    for (uint64_t id = 100; id < 1100; id++)
        (void)hg_server_add_prepared(&server, id, 10);
    CHECK_INT(server.nprepared, 10);
    CHECK(hg_server_has_prepared(&server, 1090) && !hg_server_has_prepared(&server, 1089));
    CHECK_INT(hg_server_add_prepared(&server, 5000, 0), 1091); /* the newest one always stays */
    for (uint64_t id = 1; id <= 5000; id++)
        hg_server_forget_prepared(&server, id);
    CHECK_INT(server.nprepared, 0);
    CHECK(!server.prepared_first && !server.prepared_last);
    hg_map_free(&server.prepared);
}

static void test_settings(void)
{
    struct hg_server server = {0};

    hg_server_set(&server, HG_SET_timezone, HG_LIT("UTC"));
    hg_server_set(&server, HG_SET_timezone, HG_LIT("Europe/Berlin"));
    hg_server_set(&server, HG_SET_application_name, HG_LIT(""));
    hg_server_set(&server, HG_SET_server_version, HG_LIT("15.1"));
    CHECK_TEXT(hg_slice_cstr(server.settings[HG_SET_timezone]), "Europe/Berlin");
    CHECK_TEXT(hg_slice_cstr(server.settings[HG_SET_application_name]), "");
    hg_server_forget_settings(&server);
    CHECK(!server.settings[HG_SET_timezone] && !server.settings[HG_SET_application_name]);
    CHECK_TEXT(hg_slice_cstr(server.settings[HG_SET_server_version]), "15.1");
    free(server.settings[HG_SET_server_version]);
}

/* ---- pools over a reload ---- */

static void test_same_pool(void)
{
    struct hg_backend_config config = sample;
    char why[256] = "", name[] = "127.0.0.1";
    struct hg_host host = {name, 1};
    struct hg_pool *pool = hg_pool_new(&config, NULL, NULL, NULL, why), *same, *other;

    config.hosts = &host; /* equal text elsewhere */
    same = hg_pool_new(&config, NULL, pool, NULL, why);
    CHECK(same == pool);
    config.password = "changed";
    other = hg_pool_new(&config, NULL, pool, NULL, why);
    CHECK(other && other != pool);
    CHECK_TEXT(hg_slice_cstr(hg_pool_config(pool)->password), "secret");
    hg_pool_drop(other);
    config = sample;
    host.port = 2;
    config.hosts = &host;
    other = hg_pool_new(&config, NULL, pool, NULL, why);
    CHECK(other && other != pool);
    hg_pool_drop(other);
    config = sample;
    config.database = NULL;
    other = hg_pool_new(&config, "metrics", pool, NULL, why);
    CHECK(other == pool); /* the default is the same database */
    hg_pool_drop(other);
    config.tls = HG_TLS_VERIFY_FULL;
    config.tls_ca = "/nonexistent/roots";
    CHECK(!hg_pool_new(&config, "metrics", pool, NULL, why) && strstr(why, "/nonexistent/roots"));
    hg_pool_drop(same);
    hg_pool_drop(pool);
    hg_pool_drop(NULL);
}

/* ---- nobody there ---- */

struct caller {
    struct hg_loop *loop;
    struct hg_fault fault;
    char message[128];
    unsigned calls;
};

static void told(void *owner, struct hg_server *server, const struct hg_fault *fault)
{
    struct caller *caller = owner;

    CHECK(server == NULL);
    caller->calls++;
    caller->fault = *fault;
    snprintf(caller->message, sizeof caller->message, "%.*s", HG_SLICE_FMT(fault->message));
    hg_loop_stop(caller->loop);
}

static void test_unreachable(void)
{
    struct caller caller = {.loop = hg_loop_new()};
    struct hg_pools *pools = hg_pools_new(caller.loop);
    char why[256];
    struct hg_pool *pool = hg_pool_new(&sample, NULL, NULL, NULL, why);

    CHECK(hg_pool_acquire(pools, pool, &claim, &caller, told) != NULL); /* later */
    hg_loop_run(caller.loop);
    CHECK_INT(caller.calls, 1);
    CHECK_TEXT(hg_slice_cstr(caller.fault.sqlstate), "08001");
    CHECK_TEXT(hg_slice_cstr(caller.message), "cannot connect to backend \"aurora\"");
    CHECK(hg_pool_acquire(pools, pool, &claim, &caller, told) == NULL); /* at once: no new attempt so soon */
    CHECK_INT(caller.calls, 2);
    CHECK_INT(hg_pool_stats(pool).failed, 1);
    hg_pool_retire(pool);
    hg_pools_free(pools);
    hg_loop_free(caller.loop);
    hg_pool_drop(pool);
}

static void test_cancelled_waiter(void)
{
    struct caller caller = {.loop = hg_loop_new()};
    struct hg_pools *pools = hg_pools_new(caller.loop);
    char why[256];
    struct hg_pool *pool = hg_pool_new(&sample, NULL, NULL, NULL, why);
    struct hg_waiter *waiter = hg_pool_acquire(pools, pool, &claim, &caller, told);

    CHECK(waiter != NULL);
    CHECK_INT(hg_pool_stats(pool).connecting, 1);
    hg_waiter_cancel(waiter);
    CHECK_INT(hg_pool_stats(pool).waiting, 0);
    hg_pool_drop(pool); /* while it connects */
    hg_pools_free(pools);
    hg_loop_free(caller.loop);
    CHECK_INT(caller.calls, 0);
}

static void test_blocking_unreachable(void)
{
    struct hg_arena arena;
    struct hg_fault fault;

    hg_arena_init(&arena, 0);
    CHECK(hg_blocking_open(&sample, NULL, &arena, &fault) == NULL);
    CHECK_TEXT(hg_slice_cstr(fault.sqlstate), "08001");
    CHECK_TEXT(fault.message, "Connection refused");
    hg_arena_free(&arena);
}

int main(void)
{
    test_prepared();
    test_settings();
    test_same_pool();
    test_unreachable();
    test_cancelled_waiter();
    test_blocking_unreachable();
    return check_end();
}
