/* headgate rewrite: what would Headgate do with this SQL? Reads text on standard input, rewrites it for a
 * user, and prints, per statement, the backend with the text that it would get, or the refusal. Needs no
 * database: for golden tests, for administrators, and for those who want to know. Exit status 1 when
 * something was refused. */
#include <stdio.h>
#include <stdlib.h>

#include "bytes.h"
#include "commands.h"
#include "json.h"
#include "rewrite.h"
#include "settings.h"
#include "tree.h"

struct task {
    const char *config_path, *user_name;
    bool json;
    struct hg_snapshot *snapshot;
    struct hg_diags diags;
    struct hg_bytes input;
    struct hg_bytes out;
    bool refused;
};

/* A member of an object; an absent text is null. */
static void write_json_member(struct hg_bytes *out, const char *name, struct hg_slice text)
{
    hg_write_format(out, "\"%s\": ", name);
    if (text.ptr)
        hg_write_json(out, text);
    else
        hg_write_text(out, "null");
}

static void write_json_list(struct hg_bytes *out, const char *name, const struct hg_slice *list, size_t count)
{
    hg_write_format(out, ", \"%s\": [", name);
    for (size_t i = 0; i < count; i++) {
        hg_write_text(out, i ? ", " : "");
        hg_write_json(out, list[i]);
    }
    hg_write_u8(out, ']');
}

static struct hg_slice or_null(struct hg_slice text)
{
    return text.len ? text : (struct hg_slice){0};
}

static void write_json_fault(struct hg_bytes *out, const struct hg_fault *fault)
{
    hg_write_text(out, ", \"error\": {");
    write_json_member(out, "sqlstate", hg_slice_cstr(fault->sqlstate));
    hg_write_text(out, ", ");
    write_json_member(out, "message", fault->message);
    hg_write_text(out, ", ");
    write_json_member(out, "detail", or_null(fault->detail));
    hg_write_text(out, ", ");
    write_json_member(out, "hint", or_null(fault->hint));
    if (fault->position)
        hg_write_format(out, ", \"position\": %u}", fault->position);
    else
        hg_write_text(out, ", \"position\": null}");
}

static const char *kind_name(enum hg_verdict_kind kind)
{
    return kind == HG_FORWARD ? "forward" : kind == HG_LOCAL ? "local" : "refuse";
}

static struct hg_slice backend_name(const struct task *task, const struct hg_verdict *verdict)
{
    if (verdict->kind != HG_FORWARD)
        return (struct hg_slice){0};
    return hg_slice_cstr(task->snapshot->config->backends[verdict->backend].name);
}

static void write_json(const struct task *task, struct hg_bytes *out, const struct hg_verdict *verdict)
{
    hg_write_format(out, "{\"verdict\": \"%s\", ", kind_name(verdict->kind));
    write_json_member(out, "backend", backend_name(task, verdict));
    hg_write_text(out, ", ");
    write_json_member(out, "sql", or_null(verdict->sql));
    write_json_list(out, "reasons", verdict->reasons, verdict->nreasons);
    if (verdict->kind == HG_LOCAL) {
        hg_write_text(out, ", ");
        write_json_member(out, "tag", hg_slice_cstr(verdict->tag));
    }
    if (verdict->nrows)
        write_json_list(out, "rows", verdict->rows, verdict->nrows);
    if (verdict->kind == HG_REFUSE)
        write_json_fault(out, &verdict->fault);
    hg_write_text(out, "}\n");
}

static void write_part(struct hg_bytes *out, const char *title, struct hg_slice text)
{
    if (text.len)
        hg_write_format(out, "%s: %.*s\n", title, HG_SLICE_FMT(text));
}

static void write_text(const struct task *task, struct hg_bytes *out, const struct hg_verdict *verdict)
{
    const struct hg_fault *fault = &verdict->fault;
    switch (verdict->kind) {
    case HG_FORWARD:
        hg_write_format(out, "-- %.*s\n%.*s\n", HG_SLICE_FMT(backend_name(task, verdict)),
                        HG_SLICE_FMT(verdict->sql));
        break;
    case HG_LOCAL:
        hg_write_format(out, "-- answered by Headgate: %s\n", verdict->tag ? verdict->tag : "");
        break;
    case HG_REFUSE:
        hg_write_format(out, "-- refused\nERROR %s: %.*s\n", fault->sqlstate, HG_SLICE_FMT(fault->message));
        write_part(out, "DETAIL", fault->detail);
        write_part(out, "HINT", fault->hint);
        if (fault->position)
            hg_write_format(out, "POSITION: %u\n", fault->position);
        break;
    }
    for (size_t i = 0; i < verdict->nreasons; i++)
        hg_write_format(out, "--   %.*s\n", HG_SLICE_FMT(verdict->reasons[i]));
    for (size_t i = 0; i < verdict->nrows; i++)
        hg_write_format(out, "%.*s\n", HG_SLICE_FMT(verdict->rows[i]));
}

static void load(void *argument)
{
    struct task *task = argument;
    task->snapshot = hg_snapshot_load_offline(task->config_path, &task->diags);
    if (!task->snapshot)
        return;
    hg_rewrite_check(task->snapshot, &task->diags);
    if (!task->diags.errors)
        return;
    hg_snapshot_drop(task->snapshot);
    task->snapshot = NULL;
}

static void rewrite(void *argument)
{
    struct task *task = argument;
    struct hg_rewriter *rewriter = hg_rewriter_new(0);
    struct hg_context context = {
        .snapshot = task->snapshot, .pid = 1, .bound = {.first = -1, .spreads = true}};
    struct hg_verdicts verdicts;
    struct hg_arena arena;
    context.user = hg_snapshot_user(task->snapshot, hg_slice_cstr(task->user_name));
    context.search_path = context.reset_search_path = hg_slice_cstr(hg_settings[HG_SET_search_path].initial);
    context.search_path_settled = true;
    hg_arena_init(&arena, 0);
    hg_rewrite(rewriter, &context, hg_bytes_slice(&task->input), &arena, &verdicts);
    for (size_t i = 0; i < verdicts.count; i++) {
        if (task->json)
            write_json(task, &task->out, &verdicts.list[i]);
        else
            write_text(task, &task->out, &verdicts.list[i]);
    }
    task->refused = verdicts.refused;
    hg_arena_free(&arena);
    hg_rewriter_free(rewriter);
}

static void read_input(struct hg_bytes *input)
{
    char block[65536];
    for (size_t len; (len = fread(block, 1, sizeof block, stdin)) > 0;)
        hg_write(input, block, len);
    hg_write(input, "", 1); /* never an empty buffer */
    input->len--;
}

static int run_task(struct task *task)
{
    bool ran = hg_tree_run_with_stack(hg_snapshot_stack_bytes(), load, task);
    hg_diags_print(&task->diags, stderr);
    if (!ran || !task->snapshot)
        return HG_EXIT_INVALID;
    if (!hg_snapshot_user(task->snapshot, hg_slice_cstr(task->user_name))) {
        fprintf(stderr, "headgate rewrite: there is no user \"%s\" in %s\n", task->user_name,
                task->snapshot->policy_path);
        return HG_EXIT_INVALID;
    }
    read_input(&task->input);
    size_t stack = hg_tree_stack_bytes(task->snapshot->config->max_statement_bytes);
    if (!hg_tree_run_with_stack(stack, rewrite, task)) {
        fputs("headgate rewrite: cannot make a thread\n", stderr);
        return HG_EXIT_INVALID;
    }
    fwrite(task->out.data, 1, task->out.len, stdout);
    return task->refused ? HG_EXIT_INVALID : HG_EXIT_DONE;
}

int hg_cmd_rewrite(int argc, char **argv)
{
    struct task task = {0};
    const struct hg_option options[] = {HG_OPTION_CONFIG(task.config_path),
                                        {"--user", "-u", &task.user_name, NULL, true},
                                        {.name = "--json", .flag = &task.json}};
    if (!hg_options("rewrite", argc, argv, options, 3))
        return HG_EXIT_USAGE;
    hg_diags_init(&task.diags);
    hg_bytes_init(&task.input, 0);
    hg_bytes_init(&task.out, 0);
    int status = run_task(&task);
    hg_snapshot_drop(task.snapshot);
    hg_diags_free(&task.diags);
    hg_bytes_free(&task.input);
    hg_bytes_free(&task.out);
    return status;
}
