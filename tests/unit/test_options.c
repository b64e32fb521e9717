/* The `options` of a startup message, and cancel keys. */
#include "check.h"

#include "cancel.h"
#include "options.h"

static void check_options(const char *text, const char *expected)
{
    struct hg_arena arena;
    struct hg_option *option;
    struct hg_fault fault = {0};
    char got[256] = "";
    size_t len = 0;

    hg_arena_init(&arena, 0);
    if (hg_options_parse(hg_slice_cstr(text), &arena, &option, &fault))
        for (; option; option = option->next)
            len += (size_t)snprintf(got + len, sizeof got - len, "[%.*s|%.*s]", HG_SLICE_FMT(option->name),
                                    HG_SLICE_FMT(option->value));
    else
        len = (size_t)snprintf(got, sizeof got, "%s %.*s", fault.sqlstate, HG_SLICE_FMT(fault.message));
    CHECK_TEXT(hg_slice_of(got, len), expected);
    hg_arena_free(&arena);
}

static void options(void)
{
    check_options("", "");
    check_options("  \t ", "");
    check_options("-c a=b", "[a|b]");
    check_options("-ca=b  --lock-timeout=3s", "[a|b][lock_timeout|3s]");
    check_options("-c search_path=a,\\ b\\\\", "[search_path|a, b\\]");
    check_options("-c a=b=c -c d=", "[a|b=c][d|]");
    check_options("-c", "42601 invalid command-line argument for server process: -c");
    check_options("-c a", "42601 -c a requires a value");
    check_options("-c ", "42601 invalid command-line argument for server process: -c");
    check_options("--a", "42601 --a requires a value");
    check_options("--=x", "[|x]");
    check_options("-c =x", "[|x]");
    check_options("-c -c=x", "[_c|x]");
    check_options("--", "");
    check_options("--a=b --", "[a|b]");
    check_options("-- x", "42601 invalid command-line argument for server process: x");
    check_options("-", "42601 invalid command-line argument for server process: -");
    check_options("-d 5", "42601 invalid command-line argument for server process: -d");
    check_options("x", "42601 invalid command-line argument for server process: x");
    check_options("-c a=b\\", "[a|b\\]");
}

static void keys(void)
{
    struct hg_cancel_keys *table = hg_cancel_keys_new(3);
    struct hg_worker *worker = (struct hg_worker *)table, *other = (struct hg_worker *)"other";
    struct hg_session *session = (struct hg_session *)"session";
    int32_t pids[100];
    uint8_t secrets[100][HG_CANCEL_SECRET_LONG], wrong[HG_CANCEL_SECRET_LONG];

    for (int i = 0; i < 100; i++) {
        struct hg_activity *activity =
            hg_activity_new(i % 2 ? HG_LIT("one") : HG_LIT("two"), HG_LIT("acme"), "[::1]:5");
        CHECK(hg_cancel_keys_add(table, worker, session, activity, &pids[i], secrets[i], sizeof secrets[i]));
        CHECK(pids[i] > 0 && (i == 0 || pids[i] != pids[i - 1]));
    }
    struct hg_slice secret = hg_slice_of((const char *)secrets[7], HG_CANCEL_SECRET_LONG);
    CHECK(hg_cancel_keys_worker(table, pids[7], secret) == worker);
    CHECK(hg_cancel_keys_worker(table, pids[7], hg_slice_of(secret.ptr, 3)) == NULL);
    memcpy(wrong, secrets[7], sizeof wrong);
    wrong[3] ^= 1;
    CHECK(hg_cancel_keys_worker(table, pids[7], hg_slice_of((const char *)wrong, sizeof wrong)) == NULL);
    CHECK(hg_cancel_keys_session(table, pids[7], worker) == session);
    CHECK(hg_cancel_keys_session(table, pids[7], other) == NULL);
    CHECK(hg_cancel_keys_own(table, pids[7], HG_LIT("one"), HG_LIT("acme")) == worker);
    CHECK(hg_cancel_keys_own(table, pids[7], HG_LIT("one"), HG_LIT("globex")) == NULL);
    CHECK(hg_cancel_keys_own(table, pids[8], HG_LIT("one"), HG_LIT("acme")) == NULL);
    hg_cancel_keys_remove(table, pids[7]);
    CHECK(hg_cancel_keys_own(table, pids[7], HG_LIT("one"), HG_LIT("acme")) == NULL);
    CHECK(hg_cancel_keys_worker(table, pids[7], secret) == NULL);
    CHECK(hg_cancel_keys_session(table, pids[7], worker) == NULL);
    hg_cancel_keys_remove(table, pids[7]);
    hg_cancel_keys_free(table);
}

/* Texts of clients, whatever they hold, become JSON. */
static void activities(void)
{
    struct hg_cancel_keys *table = hg_cancel_keys_new(3);
    struct hg_activity *mine = hg_activity_new(HG_LIT("a\"b"), HG_LIT("acme"), "[::1]:77");
    struct hg_activity *other = hg_activity_new(HG_LIT("a\"b"), HG_LIT("globex"), "local");
    uint8_t secret[HG_CANCEL_SECRET_SHORT];
    char longest[1100];
    int32_t pid;
    struct hg_bytes out = {0};

    CHECK(hg_cancel_keys_add(table, NULL, NULL, mine, &pid, secret, sizeof secret));
    CHECK(hg_cancel_keys_add(table, NULL, NULL, other, &pid, secret, sizeof secret));
    hg_activity_begin(mine, HG_LIT("SELECT '\\\xff\xc3\xa9\xed\xa0\x80\x01'"));
    hg_cancel_keys_list(table, HG_LIT("a\"b"), HG_LIT("acme"), &out);
    hg_write_u8(&out, 0);
    const char *json = (const char *)out.data;
    CHECK(strstr(json, "\"usename\":\"a\\\"b\"") &&
          strstr(json, "\"client_addr\":\"::1\",\"client_port\":77"));
    CHECK(strstr(json, "\"state\":\"active\",\"query\":\"SELECT '\\\\?\xc3\xa9???\\u0001'\"}]"));
    CHECK(strchr(json, '{') == strrchr(json, '{'));
    memset(longest, 'x', sizeof longest);
    memcpy(longest + 1022, "\xc3\xa9", 2);
    hg_activity_begin(mine, hg_slice_of(longest, sizeof longest));
    hg_activity_end(mine, 'T', "tool");
    hg_bytes_clear(&out);
    hg_activity_write(mine, 5, &out);
    hg_write_u8(&out, 0);
    json = (const char *)out.data;
    CHECK(strstr(json, "x\"}") && !strstr(json, "\xc3") && strstr(json, "\"state\":\"idle in transaction\""));
    CHECK(strstr(json, "{\"pid\":5,") && strstr(json, "\"application_name\":\"tool\""));
    hg_bytes_free(&out);
    hg_cancel_keys_free(table);
}

int main(void)
{
    options();
    keys();
    activities();
    return check_end();
}
