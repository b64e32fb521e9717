/* The golden rewrite cases, the files tests/cases/X.case: SQL in, backend and SQL or refusal out.
 *
 *     @ name of the case [user=NAME] [path=SCHEMA,SCHEMA] [bound=BACKEND] [written] [spreads] [time]
 * [extended] [unsettled] SQL, on one line or several
 *     => BACKEND                      one block per statement: forwarded to that backend as
 *     the text that is sent
 *     => local TAG                    or answered by Headgate itself
 *     => 42P01 @15                    or refused, at that character
 *     the message
 *
 * Each case runs four times: without a cache, on a miss, on a hit, and as another tenant's user of the same
 * role on the entry that the first one left; what the cache gives must be what the pipeline gives. Then with
 * other numbers in its text, where the cache may take one text for another: likewise.
 *
 * `test_rewrite --bless FILE` prints the file with what comes out now; read it before you believe it. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "bytes.h"
#include "check.h"
#include "rewrite.h"
#include "text_checker.h"
#include "tree.h"

#define CASES HG_SOURCE_DIR "/tests/cases"

struct test_case {
    struct hg_slice name, user, path, sql, expected;
    struct hg_binding bound;
    struct hg_slice time;
    bool extended, unsettled;
};

struct bench {
    struct hg_snapshot *snapshot;
    struct hg_rewriter *rewriter; /* with a cache */
    const char *bless;            /* a file to print with new expectations */
};

static struct hg_slice read_file(const char *path, struct hg_arena *arena)
{
    FILE *file = fopen(path, "rb");
    struct hg_bytes bytes;
    char block[4096];
    if (!CHECK(file != NULL))
        return HG_LIT("");
    hg_bytes_init(&bytes, 0);
    for (size_t len; (len = fread(block, 1, sizeof block, file)) > 0;)
        hg_write(&bytes, block, len);
    fclose(file);
    struct hg_slice text = hg_arena_slice(arena, hg_bytes_slice(&bytes));
    hg_bytes_free(&bytes);
    return text;
}

static const char *backend_name(const struct hg_snapshot *snapshot, int backend)
{
    return snapshot->config->backends[backend].name;
}

/* The verdict as a case spells it. */
static void write_verdict(struct hg_bytes *out, const struct hg_snapshot *snapshot,
                          const struct hg_verdict *verdict)
{
    switch (verdict->kind) {
    case HG_FORWARD:
        hg_write_format(out, "=> %s\n%.*s\n", backend_name(snapshot, verdict->backend),
                        HG_SLICE_FMT(verdict->sql));
        break;
    case HG_LOCAL:
        hg_write_format(out, "=> local %s\n", verdict->tag);
        if (verdict->sql.len)
            hg_write_format(out, "%.*s\n", HG_SLICE_FMT(verdict->sql));
        for (size_t i = 0; i < verdict->nrows; i++)
            hg_write_format(out, "%.*s\n", HG_SLICE_FMT(verdict->rows[i]));
        break;
    case HG_REFUSE:
        hg_write_format(out, "=> %s", verdict->fault.sqlstate);
        if (verdict->fault.position)
            hg_write_format(out, " @%u", verdict->fault.position);
        hg_write_format(out, "\n%.*s\n", HG_SLICE_FMT(verdict->fault.message));
        break;
    }
}

/* Whatever is forwarded is safe, by the eyes of the fuzzer's checker. */
static void check_verdicts(const struct hg_context *context, const struct hg_verdicts *verdicts,
                           struct hg_arena *arena)
{
    for (size_t i = 0; i < verdicts->count; i++) {
        const struct hg_verdict *verdict = &verdicts->list[i];
        const struct checked checked = {context->snapshot, context->user, verdict->uses_catalog};
        const char *why = verdict->kind == HG_FORWARD ? check_sent(&checked, verdict->sql, arena) : NULL;
        if (!CHECK(!why))
            fprintf(stderr, "  %s: %.*s\n", why, HG_SLICE_FMT(verdict->sql));
    }
}

static struct hg_slice outcome(struct bench *bench, struct hg_rewriter *rewriter,
                               const struct test_case *test, const struct hg_user *user,
                               struct hg_arena *arena)
{
    struct hg_context context = {.snapshot = bench->snapshot,
                                 .user = user,
                                 .search_path = test->path,
                                 .search_path_settled = !test->unsettled,
                                 .pid = 4711,
                                 .bound = test->bound,
                                 .time = test->time,
                                 .extended = test->extended};
    struct hg_verdicts verdicts;
    struct hg_bytes out;
    hg_bytes_init(&out, 0);
    hg_rewrite(rewriter, &context, test->sql, arena, &verdicts);
    check_verdicts(&context, &verdicts, arena);
    for (size_t i = 0; i < verdicts.count; i++)
        write_verdict(&out, bench->snapshot, &verdicts.list[i]);
    struct hg_slice text = hg_arena_slice(arena, hg_bytes_slice(&out));
    hg_bytes_free(&out);
    return text;
}

/* Another user of the same role, of another tenant if there is one. */
static const struct hg_user *neighbour(const struct bench *bench, const struct hg_user *user)
{
    for (size_t i = 0; i < bench->snapshot->nusers; i++) {
        const struct hg_user *other = &bench->snapshot->users[i];
        if (other != user && other->role == user->role)
            return other;
    }
    return user;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The text with other digits at the end of each number, and one more in front of every `longer`th. */
static struct hg_slice other_numbers(struct hg_slice text, int step, int longer, struct hg_arena *arena)
{
    struct hg_bytes out;
    int numbers = 0;
    hg_bytes_init(&out, 0);
    for (size_t i = 0; i < text.len; i++) {
        bool first = is_digit(text.ptr[i]) && (i == 0 || !is_digit(text.ptr[i - 1]));
        bool last = is_digit(text.ptr[i]) && (i + 1 == text.len || !is_digit(text.ptr[i + 1]));
        if (first && longer && ++numbers % longer == 0)
            hg_write_u8(&out, '1');
        hg_write_u8(&out, (uint8_t)(last ? '0' + (text.ptr[i] - '0' + step) % 10 : text.ptr[i]));
    }
    struct hg_slice made = hg_arena_slice(arena, hg_bytes_slice(&out));
    hg_bytes_free(&out);
    return made;
}

static void run_with_other_numbers(struct bench *bench, struct hg_rewriter *uncached,
                                   const struct test_case *test, const struct hg_user *user,
                                   struct hg_arena *arena)
{
    for (int step = 1; step <= 5; step++) {
        struct test_case other = *test;
        other.sql = other_numbers(test->sql, step, step % 3, arena);
        struct hg_slice plain = outcome(bench, uncached, &other, user, arena);
        if (!CHECK(hg_slice_equal(plain, outcome(bench, bench->rewriter, &other, user, arena))))
            fprintf(stderr, "  in case %.*s: %.*s\n", HG_SLICE_FMT(test->name), HG_SLICE_FMT(other.sql));
    }
}

static void run_case(struct bench *bench, const struct test_case *test)
{
    struct hg_arena arena;
    hg_arena_init(&arena, 0);
    char *expected = hg_arena_cstr(&arena, test->expected);
    const struct hg_user *user = hg_snapshot_user(bench->snapshot, test->user);
    if (CHECK(user != NULL)) {
        const struct hg_user *other = neighbour(bench, user);
        struct hg_rewriter *uncached = hg_rewriter_new(0);
        struct hg_slice plain = outcome(bench, uncached, test, user, &arena);
        if (bench->bless)
            printf("%.*s", HG_SLICE_FMT(plain));
        else if (!CHECK_TEXT(plain, expected))
            fprintf(stderr, "  in case %.*s\n", HG_SLICE_FMT(test->name));
        for (int i = 0; i < 2; i++)
            CHECK(hg_slice_equal(plain, outcome(bench, bench->rewriter, test, user, &arena)));
        CHECK(hg_slice_equal(outcome(bench, uncached, test, other, &arena),
                             outcome(bench, bench->rewriter, test, other, &arena)));
        run_with_other_numbers(bench, uncached, test, user, &arena);
        hg_rewriter_free(uncached);
    }
    hg_arena_free(&arena);
}

/* The word behind `key=` in the head of a case, or the default. */
static struct hg_slice option(struct hg_slice head, const char *key, const char *otherwise)
{
    size_t len = strlen(key);
    for (size_t i = 1; i + len <= head.len; i++) {
        if (head.ptr[i - 1] != ' ' || memcmp(head.ptr + i, key, len) != 0)
            continue;
        size_t end = i + len;
        while (end < head.len && head.ptr[end] != ' ')
            end++;
        return hg_slice_of(head.ptr + i + len, end - i - len);
    }
    return hg_slice_cstr(otherwise);
}

static struct test_case head_of(const struct bench *bench, struct hg_slice head)
{
    struct test_case test = {.name = head, .bound.first = -1};
    struct hg_slice bound = option(head, "bound=", "");
    test.user = option(head, "user=", "acme_bi");
    test.path = option(head, "path=", "\"$user\", public");
    test.extended = option(head, "extended", "no").len == 0;
    test.unsettled = option(head, "unsettled", "no").len == 0;
    for (size_t i = 0; i < bench->snapshot->config->nbackends; i++)
        if (hg_slice_is(bound, bench->snapshot->config->backends[i].name))
            test.bound.first = (int)i;
    CHECK(!bound.len || test.bound.first >= 0);
    if (option(head, "time", "no").len == 0)
        test.time = HG_LIT("2026-11-21T17:00:00.123456+00");
    test.bound.spreads = option(head, "spreads", "no").len == 0;
    if (test.bound.first >= 0 && option(head, "written", "no").len == 0)
        test.bound.written = UINT32_C(1) << test.bound.first;
    return test;
}

static struct hg_slice next_line(struct hg_slice *rest)
{
    const char *end = memchr(rest->ptr, '\n', rest->len);
    struct hg_slice line = hg_slice_of(rest->ptr, end ? (size_t)(end - rest->ptr) + 1 : rest->len);
    *rest = hg_slice_of(rest->ptr + line.len, rest->len - line.len);
    return line;
}

static bool begins(struct hg_slice line, const char *with)
{
    size_t len = strlen(with);
    return line.len >= len && memcmp(line.ptr, with, len) == 0;
}

static struct hg_slice without_end(struct hg_slice text)
{
    while (text.len && text.ptr[text.len - 1] == '\n')
        text.len--;
    return text;
}

static void run_file(struct bench *bench, struct hg_slice text)
{
    struct hg_slice rest = text;
    while (rest.len) {
        struct hg_slice line = next_line(&rest);
        if (bench->bless)
            printf("%.*s", HG_SLICE_FMT(line));
        if (!begins(line, "@ "))
            continue;
        struct test_case test = head_of(bench, without_end(line));
        test.sql = hg_slice_of(rest.ptr, 0);
        while (rest.len && !begins(rest, "=> ") && !begins(rest, "@ "))
            test.sql.len += next_line(&rest).len;
        test.expected = hg_slice_of(rest.ptr, 0);
        while (rest.len && !begins(rest, "@ ") && !begins(rest, "\n"))
            test.expected.len += next_line(&rest).len;
        test.sql = without_end(test.sql);
        if (bench->bless)
            printf("%.*s\n", HG_SLICE_FMT(test.sql));
        run_case(bench, &test);
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void run_all(struct bench *bench, struct hg_arena *arena)
{
    char *names[100];
    size_t count = 0;
    DIR *folder = opendir(CASES);
    if (!CHECK(folder != NULL))
        return;
    for (struct dirent *entry; (entry = readdir(folder)) && count < 100;) {
        size_t len = strlen(entry->d_name);
        if (len > 5 && strcmp(entry->d_name + len - 5, ".case") == 0)
            names[count++] = hg_arena_cstr(arena, hg_arena_printf(arena, CASES "/%s", entry->d_name));
    }
    closedir(folder);
    qsort(names, count, sizeof names[0], by_name);
    CHECK(count > 0);
    for (size_t i = 0; i < count; i++)
        run_file(bench, read_file(names[i], arena));
}

static void run(void *argument)
{
    struct bench *bench = argument;
    struct hg_diags diags;
    struct hg_arena arena;
    hg_arena_init(&arena, 0);
    hg_diags_init(&diags);
    bench->snapshot = hg_snapshot_load(CASES "/policy/headgate.yaml", &diags);
    if (CHECK(bench->snapshot != NULL)) {
        hg_rewrite_check(bench->snapshot, &diags);
        CHECK_INT(diags.errors, 0);
        bench->rewriter = hg_rewriter_new(1 << 20);
        if (bench->bless)
            run_file(bench, read_file(bench->bless, &arena));
        else
            run_all(bench, &arena);
        CHECK_INT(hg_rewriter_stats(bench->rewriter).verify_failures, 0);
        hg_rewriter_free(bench->rewriter);
        hg_snapshot_drop(bench->snapshot);
    }
    hg_diags_print(&diags, stderr);
    hg_diags_free(&diags);
    hg_arena_free(&arena);
}

int main(int argc, char **argv)
{
    struct bench bench = {.bless = argc == 3 && strcmp(argv[1], "--bless") == 0 ? argv[2] : NULL};
    CHECK(hg_tree_run_with_stack(hg_tree_stack_bytes(1 << 20), run, &bench));
    return bench.bless ? check_failed != 0 : check_end();
}
