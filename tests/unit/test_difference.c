/* What a reload would change, in words: one text replaced in the files, and what is said of it. */
#include <stdlib.h>

#include "check.h"
#include "difference.h"
#include "policy_texts.h"
#include "tree.h"

/* The text with the first `what` replaced. */
static char *replaced(const char *text, const char *what, const char *with)
{
    const char *at = strstr(text, what);
    size_t room = strlen(text) + strlen(with) + 1;
    char *out = calloc(1, room);

    CHECK(at != NULL);
    if (at)
        snprintf(out, room, "%.*s%s%s", (int)(at - text), text, with, at + strlen(what));
    return out;
}

enum file { CONFIG, POLICY };

static const struct {
    enum file file;
    const char *what, *with, *said;
} changes[] = {
    {CONFIG, "workers: 4", "workers: 4", ""},
    {CONFIG, "workers: 4", "workers: 5", "setting \"workers\": changed from \"4\" to \"5\"\n"},
    {CONFIG, "max_prepared: 10", "login_timeout: 90s",
     "setting \"limits.max_prepared\": changed from \"10\" to \"5000\"\n"
     "setting \"limits.login_timeout\": changed from \"15s\" to \"90s\"\n"},
    {CONFIG, "host: a,", "host: [a, \"a2:1\"], pool_size: 20,",
     "setting \"backends.aurora.host\": changed from \"a:5432\" to \"a:5432, a2:1\"\n"
     "setting \"backends.aurora.pool_size\": changed from \"10\" to \"20\"\n"},
    {CONFIG, "host: a,", "host: a, password: geheim,", "setting \"backends.aurora\": another password\n"},
    {POLICY, "public.messages: {backends: [redshift]}", "public.messages: {backends: [aurora, redshift]}",
     "table \"public.messages\": backends from \"redshift\" to \"aurora, redshift\"\n"},
    {POLICY, "  public.channels: {backends: [aurora, redshift], shared: true}\n", "",
     "table \"public.channels\": removed\n"},
    {POLICY, "tenants:\n", "tenants:\n  initech: {value: initech}\n", "tenant \"initech\": added\n"},
    {POLICY, "tenants:\n", "limits: {rate: 5}\ntenants:\n",
     "tenant \"acme\": limit \"rate\" from 0 to 5 (0 is none)\n"
     "tenant \"globex\": limit \"rate\" from 0 to 5 (0 is none)\n"},
    {POLICY, "value: 42", "value: 43", "tenant \"globex\": value from \"42\" to \"43\"\n"},
    {POLICY, "{mask: \"'x' || phone\"}", "{hide: true}",
     "role \"analyst\": column \"public.messages.phone\" from masked as 'x' || phone to hidden\n"},
    {POLICY, "    read: [public.*, materialized.daily]", "    read: [public.messages]\n    explain: false",
     "role \"analyst\": table \"public.channels\" from read to nothing\n"
     "role \"analyst\": table \"materialized.daily\" from read to nothing\n"
     "role \"analyst\": statement \"explain\" taken away\n"},
    {POLICY, "  ann: {tenant: acme", "  bob: {tenant: globex",
     "user \"ann\": removed\nuser \"bob\": added\n"},
    {POLICY, "ann: {tenant: acme", "ann: {tenant: globex",
     "user \"ann\": tenant from \"acme\" to \"globex\"\n"},
};

static void one_change(size_t i)
{
    char *config = replaced(test_config, changes[i].file == CONFIG ? changes[i].what : "",
                            changes[i].file == CONFIG ? changes[i].with : "");
    char *policy = replaced(test_policy, changes[i].file == POLICY ? changes[i].what : "",
                            changes[i].file == POLICY ? changes[i].with : "");
    struct test_load old = {.config = test_config, .policy = test_policy, .schema = test_schema};
    struct test_load new = {.config = config, .policy = policy, .schema = test_schema};
    struct hg_difference difference;
    struct hg_arena arena;
    struct hg_slice said = HG_LIT("");

    hg_arena_init(&arena, 0);
    test_load_run(&old);
    test_load_run(&new);
    if (CHECK(old.snapshot && new.snapshot)) {
        hg_snapshot_difference(old.snapshot, new.snapshot, &arena, &difference);
        for (const struct hg_change *change = difference.first; change; change = change->next)
            said = hg_arena_printf(&arena, "%.*s%.*s\n", HG_SLICE_FMT(said), HG_SLICE_FMT(change->text));
        CHECK_TEXT(said, changes[i].said);
    } else {
        fputs(new.said, stderr);
    }
    hg_arena_free(&arena);
    test_load_free(&old);
    test_load_free(&new);
    free(config);
    free(policy);
}

static void run(void *unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
        one_change(i);
}

int main(void)
{
    CHECK(hg_tree_run_with_stack(hg_snapshot_stack_bytes(), run, NULL));
    return check_end();
}
