/* A dialog: one administrator's side of the protocol, and simple queries.
 *
 * hg_session_run() comes here by `step` for as long as there is progress. One thing is worked on at a time: a
 * message, or a statement of a simple query; while its job is away nothing else is begun, and the client's
 * next messages wait in the inbox. There are no transactions here, but drivers believe in them, so a dialog
 * keeps the status that ReadyForQuery tells. */
#include "dialog.h"

#include <stdio.h>
#include <stdlib.h>

#include "auditing.h"
#include "cancel.h"
#include "encode.h"
#include "frame.h"
#include "log.h"
#include "settings.h"
#include "words.h"

#define MOST_MESSAGE_BYTES (4u << 20)

/* ---- answers ---- */

struct hg_bytes *dialog_out(struct hg_dialog *dialog)
{
    return &dialog->session->outbox.bytes;
}

void dialog_fault(struct hg_dialog *dialog, const struct hg_fault *fault)
{
    hg_encode_fault(dialog_out(dialog), HG_S_ERROR, "ERROR", fault);
    audit_refusal(dialog, fault);
    if (dialog->status == 'T')
        dialog->status = 'E';
}

void dialog_columns(struct hg_dialog *dialog, const struct plan *plan, const bool *binary)
{
    struct hg_bytes *out = dialog_out(dialog);

    if (!plan->ncolumns) {
        hg_encode_empty(out, HG_S_NO_DATA);
        return;
    }
    size_t begun = hg_frame_begin(out, HG_S_ROW_DESCRIPTION);
    hg_write_u16(out, (uint16_t)plan->ncolumns);
    for (size_t i = 0; i < plan->ncolumns; i++) {
        hg_write_cstr(out, hg_slice_cstr(plan->columns[i].name));
        hg_write_u32(out, 0); /* of no table */
        hg_write_u16(out, 0);
        hg_write_u32(out, column_type_oid(plan->columns[i].type));
        hg_write_u16(out, (uint16_t)column_type_size(plan->columns[i].type));
        hg_write_u32(out, UINT32_MAX);
        hg_write_u16(out, binary && binary[i]);
    }
    hg_frame_end(out, begun);
}

void dialog_complete(struct hg_dialog *dialog, const struct plan *plan, uint64_t count)
{
    char tag[64];

    if (!plan->command) {
        hg_encode_empty(dialog_out(dialog), HG_S_EMPTY_QUERY);
        return;
    }
    if (plan->command->kind == KIND_SELECT)
        snprintf(tag, sizeof tag, "%s %llu", plan->tag, (unsigned long long)count);
    else
        snprintf(tag, sizeof tag, "%s", plan->tag);
    hg_encode_tag(dialog_out(dialog), hg_slice_cstr(tag));
}

void dialog_value(struct hg_dialog *dialog, const struct plan *plan)
{
    hg_encode_text_row(dialog_out(dialog), &plan->value, 1);
}

void dialog_place(struct hg_fault *fault, struct hg_slice whole, struct hg_slice part, int64_t at)
{
    if (at >= 0 && (uint64_t)at <= part.len)
        fault->position = hg_position_of(whole, (size_t)(part.ptr - whole.ptr) + (size_t)at);
}

/* ---- what drivers believe in ---- */

bool dialog_may_run(struct hg_dialog *dialog, const struct plan *plan, struct hg_fault *fault)
{
    enum command_kind kind = plan->command ? plan->command->kind : KIND_ROLLBACK;

    if (plan->command && plan->command->role > dialog->role) /* prepared before its role became another */
        return hg_fault_set(fault, &dialog->arena, HG_INSUFFICIENT_PRIVILEGE,
                            "permission denied for command %s", plan->command->words);
    if (dialog->status != 'E' || kind == KIND_ROLLBACK || kind == KIND_COMMIT ||
        plan->command->id == COMMAND_ROLLBACK_TO)
        return true;
    return hg_fault_set(fault, &dialog->arena, HG_IN_FAILED_TRANSACTION,
                        "current transaction is aborted, commands ignored until end of transaction block");
}

const char *dialog_transaction(struct hg_dialog *dialog, const struct plan *plan)
{
    const char *tag = plan->tag;

    switch (plan->command->kind) {
    case KIND_BEGIN:
        dialog->status = 'T';
        return tag;
    case KIND_COMMIT:
    case KIND_ROLLBACK:
        if (dialog->status == 'E')
            tag = "ROLLBACK";
        dialog->status = 'I';
        return tag;
    case KIND_IGNORED:
        if (plan->command->id == COMMAND_ROLLBACK_TO && dialog->status == 'E')
            dialog->status = 'T';
        return tag;
    default:
        return NULL;
    }
}

/* ---- simple queries ---- */

static void end_query(struct hg_dialog *dialog)
{
    dialog->doing = DOING_NOTHING;
    hg_bytes_free(&dialog->query);
    hg_encode_ready(dialog_out(dialog), dialog->status);
}

static void fail_query(struct hg_dialog *dialog, struct hg_fault *fault)
{
    dialog_fault(dialog, fault);
    end_query(dialog);
}

/* What needs no job. False: it does. */
static bool answer_here(struct hg_dialog *dialog, const struct plan *plan)
{
    const char *tag = dialog_transaction(dialog, plan);

    if (tag) {
        hg_encode_tag(dialog_out(dialog), hg_slice_cstr(tag));
        return true;
    }
    if (plan->command->kind == KIND_DEALLOCATE) {
        dialog_forget(dialog, plan->arguments[0].text);
    } else if (plan->value.ptr) {
        dialog_columns(dialog, plan, NULL);
        dialog_value(dialog, plan);
    } else {
        return false;
    }
    dialog_complete(dialog, plan, 1);
    return true;
}

static void run_statement(struct hg_dialog *dialog, struct plan *plan)
{
    struct hg_fault fault = {0};

    if (plan->nparameters)
        hg_fault_set(&fault, &dialog->arena, HG_UNDEFINED_PARAMETER, "there is no parameter $1");
    else if (dialog_may_run(dialog, plan, &fault) && !answer_here(dialog, plan))
        job_start(job_new(dialog->session, JOB_RUN, plan));
    if (hg_fault_is_set(&fault))
        fail_query(dialog, &fault);
}

static void next_statement(struct hg_dialog *dialog)
{
    struct hg_slice text = hg_bytes_slice(&dialog->query);
    struct hg_slice rest = hg_slice_of(text.ptr + dialog->query_at, text.len - dialog->query_at);
    struct hg_slice part = hg_slice_of(rest.ptr, statement_length(rest));
    struct hg_fault fault = {0};

    if (rest.len == 0) {
        if (!dialog->query_any)
            hg_encode_empty(dialog_out(dialog), HG_S_EMPTY_QUERY);
        end_query(dialog);
        return;
    }
    dialog->statement_at = dialog->query_at;
    dialog->query_at += part.len + (part.len < rest.len);
    struct plan *plan = plan_new(part, dialog->role, &dialog->arena, &fault);
    if (!plan) {
        fail_query(dialog, &fault);
        return;
    }
    dialog->query_any |= plan->command != NULL;
    if (plan->command)
        run_statement(dialog, plan);
    plan_drop(plan);
}

static void statement_done(struct hg_dialog *dialog, struct job *job)
{
    struct hg_slice text = hg_bytes_slice(&dialog->query);

    if (hg_fault_is_set(&job->fault)) {
        struct hg_slice part = hg_slice_of(text.ptr + dialog->statement_at, job->plan->text.len);
        if (job->plan->from_client)
            dialog_place(&job->fault, text, part, job->fault_at);
        fail_query(dialog, &job->fault);
        return;
    }
    if (job->plan->ncolumns)
        dialog_columns(dialog, job->plan, NULL);
    hg_write_slice(dialog_out(dialog), hg_bytes_slice(&job->out));
    dialog_complete(dialog, job->plan, job->count);
}

static void begin_query(struct hg_dialog *dialog, struct hg_slice body)
{
    struct hg_slice text;

    if (!hg_decode_query(body, &text)) {
        hg_session_fatal_text(dialog->session, HG_PROTOCOL_VIOLATION, "invalid message format");
        return;
    }
    hg_bytes_clear(&dialog->query);
    hg_write_slice(&dialog->query, text);
    dialog->query_at = 0;
    dialog->query_any = false;
    dialog->doing = DOING_QUERY;
}

/* ---- messages ---- */

static void goodbye(struct hg_dialog *dialog)
{
    dialog->session->input_ended = true;
    hg_session_close(dialog->session);
}

static void refuse_call(struct hg_dialog *dialog)
{
    struct hg_fault fault = {0};

    hg_fault_set(&fault, &dialog->arena, HG_FEATURE_NOT_SUPPORTED, "the console has no function calls");
    dialog_fault(dialog, &fault);
}

static void work_on(struct hg_dialog *dialog, uint8_t type, struct hg_slice body)
{
    char text[64];

    switch (type) {
    case HG_C_TERMINATE:
        dialog->session->observing.goodbye = true;
        goodbye(dialog);
        break;
    case HG_C_QUERY:
        if (!dialog->skip_to_sync)
            begin_query(dialog, body);
        break;
    case HG_C_PARSE:
    case HG_C_BIND:
    case HG_C_DESCRIBE:
    case HG_C_EXECUTE:
    case HG_C_CLOSE:
    case HG_C_SYNC:
        extended_message(dialog, type, body);
        break;
    case HG_C_FUNCTION_CALL:
        refuse_call(dialog);
        hg_encode_ready(dialog_out(dialog), dialog->status);
        break;
    case HG_C_FLUSH: /* answers never wait */
    case HG_C_COPY_DATA:
    case HG_C_COPY_DONE:
    case HG_C_COPY_FAIL:
        break;
    default:
        snprintf(text, sizeof text, "invalid frontend message type %u", type);
        hg_session_fatal_text(dialog->session, HG_PROTOCOL_VIOLATION, text);
    }
}

static void dialog_renew(struct hg_session *session);

static bool next_message(struct hg_dialog *dialog)
{
    struct hg_session *session = dialog->session;
    size_t len = hg_inbox_len(&session->inbox);
    enum hg_frame_status status = HG_FRAME_SHORT;
    struct hg_frame frame;

    if (session->generation != session->worker->generation) {
        dialog_renew(session);
        return true;
    }
    if (len)
        status = hg_frame_peek(hg_inbox_at(&session->inbox), len, MOST_MESSAGE_BYTES, &frame);
    session->want = status == HG_FRAME_PARTIAL ? frame.total : 0;
    if (status == HG_FRAME_BAD) {
        hg_session_fatal_text(session, HG_PROTOCOL_VIOLATION, "invalid message length");
        return false;
    }
    if (status != HG_FRAME_COMPLETE) {
        if (session->input_ended)
            goodbye(dialog);
        return false;
    }
    session->active_ms = hg_loop_now_ms(session->worker->loop);
    hg_arena_reset(&dialog->arena);
    struct hg_slice body = hg_arena_slice(&dialog->arena, frame.body);
    hg_inbox_consume(&session->inbox, frame.total);
    work_on(dialog, frame.type, body);
    return true;
}

static void job_came_back(struct hg_dialog *dialog)
{
    struct job *job = dialog->done;

    dialog->done = NULL;
    if (dialog->doing == DOING_QUERY)
        statement_done(dialog, job);
    else
        extended_done(dialog, job);
    job_free(job);
}

static bool dialog_step(struct hg_session *session)
{
    struct hg_dialog *dialog = session->dialog;

    if (dialog->job || hg_outbox_pending(&session->outbox) > HG_MOST_UNSENT)
        return false;
    if (dialog->done) {
        job_came_back(dialog);
        return session->phase == HG_PHASE_CONSOLE;
    }
    if (dialog->doing == DOING_QUERY) {
        next_statement(dialog);
        return true;
    }
    return next_message(dialog) && session->phase == HG_PHASE_CONSOLE;
}

/* ---- life ---- */

static void welcome(struct hg_session *session, size_t secret_bytes)
{
    struct hg_bytes *out = &session->outbox.bytes;

    for (int i = 0; i < HG_NSETTINGS; i++)
        if (hg_settings[i].flags & HG_SETTING_REPORT && hg_settings[i].initial)
            hg_encode_parameter_status(out, hg_slice_cstr(hg_settings[i].name),
                                       hg_slice_cstr(hg_settings[i].initial));
    hg_encode_parameter_status(out, HG_LIT("server_version"), HG_LIT(HG_CONSOLE_SERVER_VERSION));
    hg_encode_parameter_status(out, HG_LIT("session_authorization"), hg_slice_cstr(session->user_name));
    hg_encode_backend_key(out, session->pid, hg_slice_of((const char *)session->secret, secret_bytes));
    hg_encode_ready(out, 'I');
}

static void dialog_open(struct hg_session *session, const struct hg_admin *admin)
{
    struct hg_console *console = session->worker->shared->console;
    size_t secret_bytes = session->minor >= 2 ? HG_CANCEL_SECRET_LONG : HG_CANCEL_SECRET_SHORT;

    if (atomic_fetch_add(&console->dialogs, 1) >= hg_generation_config(session->generation)->max_consoles) {
        atomic_fetch_sub(&console->dialogs, 1);
        hg_session_fatal_text(session, HG_TOO_MANY_CONNECTIONS, "too many administrators are connected");
        return;
    }
    struct hg_dialog *dialog = session->dialog = hg_calloc(1, sizeof *dialog);
    dialog->session = session;
    dialog->console = console;
    dialog->local = !admin;
    dialog->role = admin ? admin->role : HG_ADMIN_ADMIN;
    dialog->status = 'I';
    hg_arena_init(&dialog->arena, 0);
    hg_bytes_init(&dialog->query, MOST_MESSAGE_BYTES);
    hg_map_init(&dialog->statements);
    hg_map_init(&dialog->portals);
    session->worker->nconsoles++;
    if (!hg_cancel_keys_add(session->worker->shared->keys, session->worker, session, NULL, &session->pid,
                            session->secret, secret_bytes)) {
        hg_session_fatal_text(session, HG_INTERNAL_ERROR, "could not make a cancel key");
        return;
    }
    hg_log(HG_LOG_INFO, "console: %s logged in from %s as %s", session->user_name,
           hg_conn_peer(session->conn), hg_admin_role_names[dialog->role]);
    welcome(session, secret_bytes);
    hg_auditing_login(session);
    hg_login_free_state(session);
    session->phase = HG_PHASE_CONSOLE;
}

/* A job that is away comes home to nobody. */
static void dialog_close(struct hg_session *session)
{
    struct hg_dialog *dialog = session->dialog;

    if (dialog->job) {
        atomic_store(&dialog->job->cancelled, true);
        dialog->job->session = NULL;
    }
    if (dialog->done)
        job_free(dialog->done);
    extended_free(dialog);
    hg_map_free(&dialog->statements);
    hg_map_free(&dialog->portals);
    hg_bytes_free(&dialog->query);
    hg_arena_free(&dialog->arena);
    atomic_fetch_sub(&dialog->console->dialogs, 1);
    session->worker->nconsoles--;
    session->dialog = NULL;
    free(dialog);
}

static void dialog_cancel(struct hg_session *session)
{
    if (session->dialog->job)
        atomic_store(&session->dialog->job->cancelled, true);
}

/* What an administrator may do is what the configuration says now, as soon as what is under way is answered.
 */
static void dialog_renew(struct hg_session *session)
{
    struct hg_generation *current = session->worker->generation;
    struct hg_dialog *dialog = session->dialog;

    if (session->generation == current || dialog->job || dialog->done || dialog->doing != DOING_NOTHING)
        return;
    session->admin = dialog->local
                         ? NULL
                         : hg_config_admin(hg_generation_config(current), hg_slice_cstr(session->user_name));
    if (!session->admin && !dialog->local) {
        hg_session_fatal_text(session, HG_ADMIN_SHUTDOWN,
                              "terminating connection because this is no administrator any more");
        return;
    }
    hg_generation_drop(session->generation);
    session->generation = hg_generation_hold(current);
    if (session->admin)
        dialog->role = session->admin->role;
}

const struct hg_console_ops dialog_ops = {dialog_open, dialog_step, dialog_cancel, dialog_renew,
                                          dialog_close};
