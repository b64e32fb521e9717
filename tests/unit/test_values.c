/* A client's settings: what counts after SET, SET LOCAL, savepoints, rollback and reset, and what is
 * reported. */
#include "check.h"

#include "canonical.h"
#include "values.h"

static struct hg_slice now(const struct hg_values *values, int setting)
{
    return hg_slice_cstr(hg_values_get(values, setting));
}

static void set(struct hg_values *values, const char *text)
{
    hg_values_set(values, HG_SET_timezone, hg_slice_cstr(text), false);
}

static void set_local(struct hg_values *values, const char *text)
{
    hg_values_set(values, HG_SET_timezone, hg_slice_cstr(text), true);
}

static void levels(void)
{
    struct hg_values values;

    hg_values_init(&values);
    CHECK_TEXT(now(&values, HG_SET_timezone), "UTC");
    CHECK(hg_values_get(&values, HG_SET_server_version) == NULL);
    CHECK_TEXT(hg_slice_cstr(hg_values_initial(&values, HG_SET_timezone)), "UTC");
    hg_values_startup(&values, HG_SET_timezone, HG_LIT("Europe/Rome"));
    CHECK_TEXT(now(&values, HG_SET_timezone), "Europe/Rome");
    CHECK(!hg_values_unsettled(&values, HG_SET_timezone));
    set(&values, "Asia/Tokyo");
    CHECK_TEXT(hg_slice_cstr(hg_values_initial(&values, HG_SET_timezone)), "Europe/Rome");
    CHECK(hg_values_unsettled(&values, HG_SET_timezone) && !hg_values_unsettled(&values, HG_SET_search_path));
    hg_values_commit(&values);
    CHECK(!hg_values_unsettled(&values, HG_SET_timezone));
    CHECK_TEXT(now(&values, HG_SET_timezone), "Asia/Tokyo");
    hg_values_reset(&values, HG_SET_timezone, false);
    hg_values_commit(&values);
    CHECK_TEXT(now(&values, HG_SET_timezone), "Europe/Rome");
    set(&values, "A");
    hg_values_set(&values, HG_SET_lock_timeout, HG_LIT("1s"), false);
    hg_values_reset_all(&values);
    CHECK_TEXT(now(&values, HG_SET_timezone), "Europe/Rome");
    CHECK_TEXT(now(&values, HG_SET_lock_timeout), "0");
    hg_values_undo(&values, 0);
    CHECK_TEXT(now(&values, HG_SET_lock_timeout), "0");
    CHECK_TEXT(now(&values, HG_SET_timezone), "Europe/Rome");
    hg_values_free(&values);
}

static void transactions(void)
{
    struct hg_values values;

    hg_values_init(&values);
    set(&values, "A");
    hg_values_commit(&values);
    /* SET, then SET LOCAL: after the commit the SET counts */
    set(&values, "B");
    set_local(&values, "C");
    CHECK_TEXT(now(&values, HG_SET_timezone), "C");
    hg_values_commit(&values);
    CHECK_TEXT(now(&values, HG_SET_timezone), "B");
    /* SET LOCAL, then SET: the SET counts at once */
    set_local(&values, "C");
    set(&values, "D");
    CHECK_TEXT(now(&values, HG_SET_timezone), "D");
    hg_values_undo(&values, 0);
    CHECK_TEXT(now(&values, HG_SET_timezone), "B");
    CHECK_INT(hg_values_mark(&values), 0);
    /* a local value alone does not outlive a commit */
    set_local(&values, "C");
    hg_values_commit(&values);
    CHECK_TEXT(now(&values, HG_SET_timezone), "B");
    /* SET LOCAL … TO DEFAULT */
    hg_values_reset(&values, HG_SET_timezone, true);
    CHECK_TEXT(now(&values, HG_SET_timezone), "UTC");
    hg_values_commit(&values);
    CHECK_TEXT(now(&values, HG_SET_timezone), "B");
    hg_values_free(&values);
}

static void savepoints(void)
{
    struct hg_values values;

    hg_values_init(&values);
    set(&values, "A");
    size_t a = hg_values_mark(&values);
    set_local(&values, "B");
    size_t b = hg_values_mark(&values);
    set(&values, "C");
    set(&values, "D");
    hg_values_undo(&values, b);
    CHECK_TEXT(now(&values, HG_SET_timezone), "B");
    set(&values, "E");
    hg_values_undo(&values, a);
    CHECK_TEXT(now(&values, HG_SET_timezone), "A");
    hg_values_undo(&values, 0);
    CHECK_TEXT(now(&values, HG_SET_timezone), "UTC");
    hg_values_free(&values);
}

/* The log stays short however often a setting is set. */
static void long_transactions(void)
{
    struct hg_values values;

    hg_values_init(&values);
    set(&values, "A");
    hg_values_commit(&values);
    for (int i = 0; i < 100; i++) {
        set(&values, "B");
        set_local(&values, "C");
        size_t mark = hg_values_mark(&values);
        set(&values, "D");
        hg_values_set(&values, HG_SET_lock_timeout, HG_LIT("1s"), true);
        CHECK(mark <= 2 && values.logged <= mark + 2);
        hg_values_release(&values, 0);
        CHECK_INT(values.logged, 2);
    }
    CHECK_TEXT(now(&values, HG_SET_timezone), "D");
    hg_values_undo(&values, 0);
    CHECK_TEXT(now(&values, HG_SET_timezone), "A");
    CHECK_TEXT(now(&values, HG_SET_lock_timeout), "0");
    hg_values_free(&values);
}

static void reports(void)
{
    struct hg_values values;

    hg_values_init(&values);
    hg_values_startup(&values, HG_SET_timezone, HG_LIT("Europe/Rome"));
    hg_values_reported_all(&values);
    CHECK_INT(hg_values_next_report(&values), -1);
    set(&values, "A");
    hg_values_set(&values, HG_SET_lock_timeout, HG_LIT("1s"), false); /* not a reported one */
    CHECK_INT(hg_values_next_report(&values), HG_SET_timezone);
    CHECK_INT(hg_values_next_report(&values), -1);
    set(&values, "A");
    CHECK_INT(hg_values_next_report(&values), -1);
    set(&values, "B");
    hg_values_undo(&values, 0);
    CHECK_INT(hg_values_next_report(&values), HG_SET_timezone);
    CHECK_TEXT(now(&values, HG_SET_timezone), "Europe/Rome");
    hg_values_free(&values);
}

static void versions(void)
{
    struct hg_values values;

    hg_values_init(&values);
    uint64_t version = values.version, path = values.path_version;
    set(&values, "A");
    CHECK(values.version != version && values.path_version == path);
    hg_values_set(&values, HG_SET_search_path, HG_LIT("x"), true);
    CHECK(values.path_version != path);
    path = values.path_version;
    hg_values_commit(&values);
    CHECK(values.path_version != path);
    CHECK_TEXT(now(&values, HG_SET_search_path), "\"$user\", public");
    hg_values_free(&values);
}

static void canonical(void)
{
    struct hg_canonical cache;
    char text[300];

    hg_canonical_init(&cache);
    CHECK(hg_canonical_get(&cache, 1, HG_LIT(""), HG_LIT("utc")).ptr == NULL);
    hg_canonical_put(&cache, 1, HG_LIT(""), HG_LIT("utc"), HG_LIT("UTC"));
    hg_canonical_put(&cache, 1, HG_LIT("ut"), HG_LIT("c"), HG_LIT("other"));
    hg_canonical_put(&cache, 2, HG_LIT(""), HG_LIT("utc"), HG_LIT(""));
    CHECK_TEXT(hg_canonical_get(&cache, 1, HG_LIT(""), HG_LIT("utc")), "UTC");
    CHECK_TEXT(hg_canonical_get(&cache, 1, HG_LIT("ut"), HG_LIT("c")), "other");
    CHECK(hg_canonical_get(&cache, 2, HG_LIT(""), HG_LIT("utc")).ptr != NULL);
    hg_canonical_put(&cache, 1, HG_LIT(""), HG_LIT("utc"), HG_LIT("Etc/UTC"));
    CHECK_TEXT(hg_canonical_get(&cache, 1, HG_LIT(""), HG_LIT("utc")), "Etc/UTC");
    memset(text, 'x', sizeof text);
    hg_canonical_put(&cache, 1, HG_LIT(""), hg_slice_of(text, sizeof text), HG_LIT("x"));
    CHECK(hg_canonical_get(&cache, 1, HG_LIT(""), hg_slice_of(text, sizeof text)).ptr == NULL);
    for (int i = 0; i < 3000; i++) {
        int len = snprintf(text, sizeof text, "%d", i);
        hg_canonical_put(&cache, 1, HG_LIT(""), hg_slice_of(text, (size_t)len), HG_LIT("x"));
        CHECK(cache.map.count <= HG_CANONICAL_MOST);
    }
    hg_canonical_free(&cache);
}

int main(void)
{
    levels();
    transactions();
    savepoints();
    long_transactions();
    reports();
    versions();
    canonical();
    return check_end();
}
