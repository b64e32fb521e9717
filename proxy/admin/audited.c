/* What administrators do, as lines of the audit: each command that does something or rewrites as somebody, with
 * what came of it, and what they were refused. Queries of the console's tables are none: they change nothing,
 * and drivers ask them all the time. The line is written when the command is over; its administrator may be
 * gone by then, so who that was is kept with the job. */
#include "auditing.h"
#include "dialog.h"

static void tell(struct hg_worker *worker, const struct hg_record *who, const struct hg_log_field *fields,
                 size_t count)
{
    const struct hg_audit_event event = {"console", who, fields, count, false};

    if (!hg_audit_tell(worker->shared->observers.audit, worker->number, &event))
        hg_count(&worker->metrics->counters[HG_M_AUDIT_DROPPED], 1);
}

static bool is_for_the_audit(const struct job *job)
{
    const struct command *command = job->plan->command;
    enum command_kind kind = command ? command->kind : KIND_IGNORED;

    return job->home->shared->observers.audit && job->task == JOB_RUN &&
           (kind == KIND_MAIN || kind == KIND_KILL || kind == KIND_REWRITE);
}

void audit_job_begins(struct job *job)
{
    struct hg_record *who;

    if (!is_for_the_audit(job))
        return;
    who = HG_NEW(&job->arena, struct hg_record);
    hg_auditing_who(job->session, who);
    who->user = hg_arena_slice(&job->arena, who->user);
    who->role = hg_arena_slice(&job->arena, who->role);
    who->application = hg_arena_slice(&job->arena, who->application);
    who->peer = hg_arena_cstr(&job->arena, hg_slice_cstr(who->peer));
    job->who = who;
}

/* A text for REWRITE is not told, only for whom it was rewritten. */
void audit_job_ends(struct job *job)
{
    if (!job->who)
        return;
    bool rewrites = job->plan->command->kind == KIND_REWRITE, failed = hg_fault_is_set(&job->fault);
    struct hg_slice argument =
        plan_argument(job->plan, rewrites, job->parameters, job->nparameters, &job->arena);
    const struct hg_log_field fields[] = {
        {"command", hg_slice_cstr(job->plan->command->words), 0},
        {"argument", hg_slice_of(argument.ptr ? argument.ptr : "", argument.len < 80 ? argument.len : 80), 0},
        {"outcome", hg_slice_cstr(failed ? "error" : "ok"), 0},
        {"sqlstate", hg_slice_cstr(failed ? job->fault.sqlstate : "00000"), 0},
        {"message", failed ? job->fault.message : HG_LIT(""), 0},
    };
    tell(job->home, job->who, fields, sizeof fields / sizeof fields[0]);
}

void audit_refusal(struct hg_dialog *dialog, const struct hg_fault *fault)
{
    static const char words[] = "permission denied for command ";
    size_t len = sizeof words - 1;
    struct hg_record who = {0};

    if (!dialog->session->worker->shared->observers.audit || fault->message.len < len ||
        memcmp(fault->message.ptr, words, len) != 0)
        return;
    hg_auditing_who(dialog->session, &who);
    const struct hg_log_field fields[] = {
        {"command", hg_slice_of(fault->message.ptr + len, fault->message.len - len), 0},
        {"outcome", HG_LIT("refused"), 0},
        {"sqlstate", hg_slice_cstr(fault->sqlstate), 0},
    };
    tell(dialog->session->worker, &who, fields, sizeof fields / sizeof fields[0]);
}
