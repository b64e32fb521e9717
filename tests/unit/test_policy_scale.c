/* 10,000 tenants and 50,000 users: how long they take to load, and that looking one up costs the same among
 * many as among few. Prints the figures. The bounds are those of the build: a second as shipped, more under
 * sanitizers. */
#define _GNU_SOURCE /* memmem */
#include <time.h>

#include "policy_texts.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__OPTIMIZE__)
#define LOAD_MS_MOST 5000.0
#else
#define LOAD_MS_MOST 1000.0
#endif

#define TENANTS 10000
#define USERS   50000
#define LOOKUPS 1000000

/* Of the processor's time: what else the machine does counts not. */
static double now_ms(void)
{
    struct timespec at;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
    return (double)at.tv_sec * 1e3 + (double)at.tv_nsec / 1e6;
}

static char *write_policy(int tenants, int users)
{
    char *text;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    fwrite(test_policy, 1, (size_t)(strstr(test_policy, "tenants:") - test_policy), out);
    fputs("tenants:\n", out);
    for (int i = 0; i < tenants; i++)
        fprintf(out, "  tenant_%d: {value: value-%d}\n", i, i);
    fputs("users:\n", out);
    for (int i = 0; i < users; i++)
        fprintf(out, "  user_%d: {tenant: tenant_%d, role: analyst, password: \"%s\"}\n", i, i % tenants,
                TEST_VERIFIER);
    fclose(out);
    return text;
}

/* Nanoseconds for one lookup of a user, hit and miss in turn. */
static double lookup_ns(const struct hg_snapshot *snapshot, int users)
{
    static char names[4096][24];
    size_t found = 0;
    for (int i = 0; i < 4096; i++)
        snprintf(names[i], sizeof names[i], "user_%d",
                 (int)((unsigned)i * 2654435761u % (unsigned)(2 * users)));
    double begin = now_ms();
    for (int i = 0; i < LOOKUPS; i++)
        found += hg_snapshot_user(snapshot, hg_slice_cstr(names[i & 4095])) != NULL;
    CHECK(found > LOOKUPS / 4 && found < LOOKUPS / 4 * 3);
    return (now_ms() - begin) * 1e6 / LOOKUPS;
}

static double measure(int tenants, int users, double *load_ms)
{
    char *policy = write_policy(tenants, users);
    struct test_load load = {.config = test_config, .policy = policy, .schema = test_schema};
    double begin = now_ms(), lookup = 0;
    test_load_run(&load);
    *load_ms = now_ms() - begin;
    CHECK_TEXT(hg_slice_cstr(load.said), "");
    if (CHECK(load.snapshot != NULL)) {
        CHECK_INT(load.snapshot->nusers, users);
        CHECK_INT(load.snapshot->ntenants, tenants);
        CHECK_TEXT(hg_snapshot_user(load.snapshot, HG_LIT("user_77"))->tenant->name,
                   tenants > 77 ? "tenant_77" : "tenant_7");
        lookup = lookup_ns(load.snapshot, users);
    }
    test_load_free(&load);
    free(policy);
    return lookup;
}

/* Every user names a tenant that does not exist: errors must cost no more than their number. */
static void measure_errors(void)
{
    char *policy = write_policy(TENANTS, USERS);
    const char *end = policy + strlen(policy);
    for (char *at = strstr(policy, "users:"); (at = memmem(at, (size_t)(end - at), "{tenant: t", 10));)
        at[strlen("{tenant: ")] = 'x'; /* memmem: a sanitizer's strstr measures the rest of the text each time */
    struct test_load load = {.config = test_config, .policy = policy, .schema = test_schema};
    double begin = now_ms();
    test_load_run(&load);
    double took = now_ms() - begin;
    printf("%d users with errors: %.0f ms\n", USERS, took);
    CHECK(load.snapshot == NULL);
    CHECK(took < 2 * LOAD_MS_MOST);
    test_load_free(&load);
    free(policy);
}

static void run(void *unused)
{
    (void)unused;
    double few_ms, many_ms;
    double few = measure(10, 100, &few_ms), many = measure(TENANTS, USERS, &many_ms);
    printf("%d tenants, %d users: loaded in %.0f ms; a lookup takes %.0f ns (%.0f ns among 100 users)\n",
           TENANTS, USERS, many_ms, many, few);
    CHECK(many_ms < LOAD_MS_MOST);
    CHECK(many <
          20 * few +
              200); /* memory is slower than cache; anything linear would be thousands of times slower */
    measure_errors();
}

int main(void)
{
    CHECK(hg_tree_run_with_stack(hg_snapshot_stack_bytes(), run, NULL));
    return check_end();
}
