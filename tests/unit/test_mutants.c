/* Every text that the golden cases forward, made wrong: the tenant's predicate of a table with another value,
 * or with an OR behind it. The proof must refuse each such text, and the independent checker must find each
 * out; the texts as they are please both. What the two agree upon is thus no form of words but what it means.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "bytes.h"
#include "check.h"
#include "text_checker.h"
#include "tree.h"
#include "verify.h"

#define CASES HG_SOURCE_DIR "/tests/cases"

static struct hg_snapshot *snapshot;
static unsigned texts, mutants;

static int backend_of(const struct hg_user *user, struct hg_slice name)
{
    if (hg_slice_is(name, "catalog"))
        return (int)user->role->catalog;
    for (size_t i = 0; i < snapshot->config->nbackends; i++)
        if (hg_slice_is(name, snapshot->config->backends[i].name))
            return (int)i;
    return -1;
}

/* Do both say so? */
static bool is_safe(const struct hg_user *user, int backend, struct hg_slice sql, bool *by_checker)
{
    static const struct hg_tree_limits limits = {.max_bytes = 1 << 20, .max_nesting = 1000};
    struct hg_context context = {.snapshot = snapshot, .user = user, .pid = 4711, .bound.first = -1};
    const struct hg_config *config = snapshot->config;
    const struct checked checked = {snapshot, user, hg_config_is_catalog(config, (size_t)backend)};
    struct hg_arena arena;
    struct hg_tree tree;
    struct hg_fault fault = {0};
    bool proved = false;
    hg_arena_init(&arena, 0);
    if (CHECK(hg_tree_open(&tree, sql, &limits, &arena, &fault))) {
        proved = hg_verify(sql, tree.result->stmts[0]->stmt, &context, backend, &arena, &fault);
        hg_tree_close(&tree);
    }
    *by_checker = !check_sent(&checked, sql, &arena);
    hg_arena_free(&arena);
    return proved;
}

static void test_mutant(const struct hg_user *user, int backend, struct hg_slice sql)
{
    bool by_checker;
    bool proved = is_safe(user, backend, sql, &by_checker);
    bool twice = user->role->nattributes > 0; /* a role's rows may say the predicate once more */
    mutants++;
    if (!CHECK(!proved && (!by_checker || twice)))
        fprintf(stderr, "  %s, %s: %.*s\n", proved ? "proved" : "not proved",
                by_checker ? "checked" : "found out", HG_SLICE_FMT(sql));
}

static bool begins(struct hg_slice text, size_t at, const char *with)
{
    size_t len = strlen(with);
    return at + len <= text.len && memcmp(text.ptr + at, with, len) == 0;
}

/* Ends the text before `at` in `FROM schema.table [AS alias] WHERE [(]alias.column = `? */
static bool is_predicate(struct hg_slice sql, size_t at)
{
    size_t where = at, from;
    while (where && !begins(sql, where, " WHERE "))
        where--;
    for (from = where; from && !begins(sql, from, " FROM "); from--)
        if (sql.ptr[from] == '(')
            return false;
    struct hg_slice table = hg_slice_of(sql.ptr + from, where - from);
    struct hg_slice column = hg_slice_of(sql.ptr + where + 7, at - where - 7);
    if (!where || !from || !memchr(table.ptr, '.', table.len) || column.len < 4 ||
        !begins(sql, at - 3, " = "))
        return false;
    for (size_t i = column.ptr[0] == '('; i < column.len - 3; i++)
        if (strchr("( )'", column.ptr[i]))
            return false;
    return true;
}

/* The text with `with` in the place of `len` bytes at `at`. */
static void test_with(const struct hg_user *user, int backend, struct hg_slice sql, size_t at, size_t len,
                      const char *with)
{
    struct hg_bytes text;
    hg_bytes_init(&text, 0);
    hg_write(&text, sql.ptr, at);
    hg_write_text(&text, with);
    hg_write(&text, sql.ptr + at + len, sql.len - at - len);
    test_mutant(user, backend, hg_bytes_slice(&text));
    hg_bytes_free(&text);
}

static void test_text(const struct hg_user *user, int backend, struct hg_slice sql)
{
    bool by_checker;
    char value[300];
    int len = snprintf(value, sizeof value, "'%.*s'", HG_SLICE_FMT(user->tenant->value));
    texts++;
    bool proved = is_safe(user, backend, sql, &by_checker);
    if (!CHECK(proved && by_checker))
        fprintf(stderr, "  as it is: %.*s\n", HG_SLICE_FMT(sql));
    for (size_t at = 0; at < sql.len; at++) {
        if (!begins(sql, at, value) || !is_predicate(sql, at))
            continue;
        size_t behind = at + (size_t)len;
        test_with(user, backend, sql, at, (size_t)len, "'another'");
        if (begins(sql, behind, ") AND "))
            test_with(user, backend, sql, behind + 2, 3, "OR");
        else
            test_with(user, backend, sql, behind, 0, " OR TRUE");
    }
}

static struct hg_slice word_behind(struct hg_slice line, const char *what)
{
    const char *found = strstr(line.ptr, what);
    if (!found || found >= line.ptr + line.len)
        return HG_LIT("");
    found += strlen(what);
    return hg_slice_of(found, strcspn(found, " \n"));
}

/* A case begins with `@ …`; each `=> backend` in it is followed by a text, which may have several lines. */
static void test_file(const char *path)
{
    static char text[1 << 20];
    FILE *file = fopen(path, "rb");
    const struct hg_user *user = NULL;
    if (!CHECK(file != NULL))
        return;
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    for (char *line = text, *next; *line; line = next) {
        size_t len = strcspn(line, "\n");
        next = line + len + (line[len] != '\0');
        struct hg_slice name = word_behind(hg_slice_of(line, len), " user=");
        if (line[0] == '@')
            user = hg_snapshot_user(snapshot, name.len ? name : HG_LIT("acme_bi"));
        bool sent = strncmp(line, "=> ", 3) == 0 && CHECK(user != NULL);
        int backend = sent ? backend_of(user, hg_slice_of(line + 3, len - 3)) : -1;
        if (backend < 0)
            continue;
        size_t sql = 0;
        while (next[sql] && strncmp(next + sql, "\n=> ", 4) != 0 && strncmp(next + sql, "\n@ ", 3) != 0 &&
               strncmp(next + sql, "\n\n", 2) != 0)
            sql++;
        test_text(user, backend, hg_slice_of(next, sql));
    }
}

static void run(void *argument)
{
    struct hg_diags diags;
    (void)argument;
    hg_diags_init(&diags);
    snapshot = hg_snapshot_load_offline(CASES "/policy/headgate.yaml", &diags);
    hg_diags_free(&diags);
    DIR *folder = opendir(CASES);
    if (!CHECK(snapshot != NULL && folder != NULL))
        return;
    for (struct dirent *entry; (entry = readdir(folder));) {
        char path[4096];
        size_t len = strlen(entry->d_name);
        snprintf(path, sizeof path, "%s/%s", CASES, entry->d_name);
        if (len > 5 && strcmp(entry->d_name + len - 5, ".case") == 0)
            test_file(path);
    }
    closedir(folder);
    CHECK(texts > 500);
    CHECK(mutants > 500);
    hg_snapshot_drop(snapshot);
}

int main(void)
{
    CHECK(hg_tree_run_with_stack(hg_snapshot_stack_bytes() + (64u << 20), run, NULL));
    return check_end();
}
