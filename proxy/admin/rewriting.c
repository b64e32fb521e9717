/* REWRITE '<sql>' AS <user>: what becomes of a text when that user sends it now, first in its session. The
 * text goes through the rewriter as any client's does, and nowhere else. */
#include "dialog.h"
#include "settings.h"

static struct hg_slice joined(struct hg_arena *arena, const struct hg_slice *parts, size_t count)
{
    struct hg_bytes all;

    if (!count)
        return hg_slice_of(NULL, 0);
    hg_bytes_init(&all, MOST_RESULT_BYTES);
    for (size_t i = 0; i < count; i++) {
        hg_write_text(&all, i ? "\n" : "");
        hg_write_slice(&all, parts[i]);
    }
    struct hg_slice text = hg_arena_slice(arena, hg_bytes_slice(&all));
    hg_bytes_free(&all);
    return text;
}

static struct value text_value(struct hg_slice text)
{
    return (struct value){.kind = text.len ? VALUE_TEXT : VALUE_NULL, .text = text};
}

static struct value int_value(uint64_t number)
{
    return (struct value){.kind = number ? VALUE_INT : VALUE_NULL, .integer = (int64_t)number};
}

static void add_verdict(struct job *job, const struct hg_snapshot *snapshot, const struct hg_verdict *verdict,
                        size_t number)
{
    static const char *const kinds[] = {
        [HG_REFUSE] = "refused", [HG_FORWARD] = "forwarded", [HG_LOCAL] = "answered by Headgate"};
    bool forwarded = verdict->kind == HG_FORWARD, refused = verdict->kind == HG_REFUSE;
    const char *backend = forwarded ? snapshot->config->backends[verdict->backend].name : NULL;
    const struct hg_fault none = {0}, *fault = refused ? &verdict->fault : &none;
    const struct value row[] = {
        int_value(number),
        text_value(hg_slice_cstr(kinds[verdict->kind])),
        text_value(hg_slice_cstr(backend)),
        text_value(forwarded ? verdict->sql : hg_slice_of(NULL, 0)),
        text_value(joined(&job->arena, verdict->reasons, verdict->nreasons)),
        text_value(hg_slice_cstr(fault->sqlstate)),
        text_value(fault->message),
        text_value(fault->detail),
        text_value(fault->hint),
        int_value(fault->position),
    };

    job_add_row(job, row);
}

void rewrite_run(struct job *job, struct hg_rewriter *rewriter)
{
    const struct hg_snapshot *snapshot = job->generation->snapshot;
    struct hg_slice sql = plan_argument(job->plan, 0, job->parameters, job->nparameters, &job->arena);
    struct hg_slice user = plan_argument(job->plan, 1, job->parameters, job->nparameters, &job->arena);
    struct hg_context context = {.snapshot = snapshot, .pid = 1, .bound = {.first = -1, .spreads = true}};
    struct hg_verdicts verdicts;

    context.user = hg_snapshot_user(snapshot, user);
    context.search_path = context.reset_search_path = hg_slice_cstr(hg_settings[HG_SET_search_path].initial);
    context.search_path_settled = true;
    if (!context.user) {
        hg_fault_set(&job->fault, &job->arena, HG_UNDEFINED_OBJECT, "there is no user \"%.*s\"",
                     (int)(user.len > 63 ? 63 : user.len), user.ptr);
        return;
    }
    hg_rewrite(rewriter, &context, sql, &job->arena, &verdicts);
    for (size_t i = 0; i < verdicts.count && !job_over(job); i++)
        add_verdict(job, snapshot, &verdicts.list[i], i + 1);
    if (job->out.failed)
        hg_fault_set(&job->fault, &job->arena, HG_STATEMENT_TOO_LONG, "the result is larger than %zu MiB",
                     MOST_RESULT_BYTES >> 20);
    else
        job_charge(job);
}
