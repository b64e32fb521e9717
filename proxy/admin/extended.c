/* The extended protocol: prepared statements and portals. A query is prepared by SQLite when it is parsed, so
 * that it can be described; a portal runs when it is first executed, and keeps its rows, as DataRow messages,
 * for those who take them in parts. After an error everything up to the Sync is skipped. */
#include <stdlib.h>

#include "dialog.h"
#include "encode.h"
#include "frame.h"
#include "words.h"

/* ---- what is kept ---- */

static char *copy_of(struct hg_slice text)
{
    char *copy = hg_malloc(text.len + 1);

    if (text.len)
        memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    return copy;
}

static void free_prepared(struct prepared *prepared)
{
    if (!prepared)
        return;
    plan_drop(prepared->plan);
    free(prepared->name);
    free(prepared);
}

static void free_portal(struct hg_dialog *dialog, struct portal *portal)
{
    if (!portal)
        return;
    atomic_fetch_sub(&dialog->console->result_bytes, portal->charged);
    plan_drop(portal->plan);
    hg_arena_free(&portal->arena);
    hg_bytes_free(&portal->rows);
    free(portal->name);
    free(portal);
}

static void drop_portals(struct hg_dialog *dialog)
{
    struct hg_slice name;
    size_t at = 0;
    void *value;

    while (hg_map_next(&dialog->portals, &at, &name, &value))
        free_portal(dialog, value);
    hg_map_free(&dialog->portals);
    hg_map_init(&dialog->portals);
}

static void drop_statements(struct hg_dialog *dialog)
{
    struct hg_slice name;
    size_t at = 0;
    void *value;

    while (hg_map_next(&dialog->statements, &at, &name, &value))
        free_prepared(value);
    hg_map_free(&dialog->statements);
    hg_map_init(&dialog->statements);
}

void extended_free(struct hg_dialog *dialog)
{
    drop_portals(dialog);
    drop_statements(dialog);
    free_prepared(dialog->parsing);
}

void dialog_forget(struct hg_dialog *dialog, struct hg_slice name)
{
    if (slice_is_word(name, "all"))
        drop_statements(dialog);
    else
        free_prepared(hg_map_remove(&dialog->statements, name));
}

static void keep_prepared(struct hg_dialog *dialog, struct prepared *prepared)
{
    free_prepared(hg_map_put(&dialog->statements, hg_slice_cstr(prepared->name), prepared));
    hg_encode_empty(dialog_out(dialog), HG_S_PARSE_COMPLETE);
}

/* ---- errors ---- */

static void refuse(struct hg_dialog *dialog, const struct hg_fault *fault)
{
    dialog_fault(dialog, fault);
    dialog->skip_to_sync = true;
}

static bool malformed(struct hg_fault *fault, struct hg_arena *arena)
{
    return hg_fault_set(fault, arena, HG_PROTOCOL_VIOLATION, "invalid message format");
}

/* ---- Parse ---- */

static bool read_types(struct plan *plan, const struct hg_parse_msg *message, struct hg_arena *arena,
                       struct hg_fault *fault)
{
    struct hg_reader reader = hg_reader_of(message->types.ptr, message->types.len);

    if (message->ntypes > MOST_PARAMETERS)
        return hg_fault_set(fault, arena, HG_STATEMENT_TOO_COMPLEX, "there are more than %u parameters",
                            MOST_PARAMETERS);
    plan->types = HG_NEW_ARRAY(&plan->arena, uint32_t, MOST_PARAMETERS);
    for (size_t i = 0; i < message->ntypes; i++)
        plan->types[i] = hg_read_u32(&reader);
    if (message->ntypes > plan->nparameters)
        plan->nparameters = message->ntypes;
    return true;
}

static bool is_single(struct hg_slice text, struct hg_arena *arena, struct hg_fault *fault)
{
    struct hg_slice rest = text;

    for (bool ended = false;;) {
        struct word word = word_next(&rest, NULL);
        if (word.kind == WORD_END)
            return true;
        if (ended)
            return hg_fault_set(fault, arena, HG_SYNTAX_ERROR,
                                "cannot insert multiple commands into a prepared statement");
        ended = word.kind == WORD_SYMBOL && word.text.ptr[0] == ';';
    }
}

static bool name_is_free(const struct hg_map *map, struct hg_slice name, const char *sqlstate,
                         const char *what, struct hg_arena *arena, struct hg_fault *fault)
{
    if (map->count >= MOST_PREPARED)
        return hg_fault_set(fault, arena, HG_CONFIGURATION_LIMIT, "there are %u %ss already", MOST_PREPARED,
                            what);
    if (name.len && hg_map_get(map, name))
        return hg_fault_set(fault, arena, sqlstate, "%s \"%.*s\" already exists", what, HG_SLICE_FMT(name));
    return true;
}

static bool parse(struct hg_dialog *dialog, struct hg_slice body, struct hg_fault *fault)
{
    struct hg_arena *arena = &dialog->arena;
    struct hg_parse_msg message;

    if (!hg_decode_parse(body, &message))
        return malformed(fault, arena);
    if (!name_is_free(&dialog->statements, message.name, HG_DUPLICATE_STATEMENT, "prepared statement", arena,
                      fault) ||
        !is_single(message.sql, arena, fault))
        return false;
    struct hg_slice text = hg_slice_of(message.sql.ptr, statement_length(message.sql));
    struct plan *plan = plan_new(text, dialog->role, arena, fault);
    if (!plan || !read_types(plan, &message, arena, fault) || !dialog_may_run(dialog, plan, fault)) {
        plan_drop(plan);
        return false;
    }
    struct prepared *prepared = hg_calloc(1, sizeof *prepared);
    prepared->name = copy_of(message.name);
    prepared->plan = plan;
    if (!plan_is_query(plan)) {
        keep_prepared(dialog, prepared);
        return true;
    }
    dialog->parsing = prepared;
    dialog->doing = DOING_PARSE;
    job_start(job_new(dialog->session, JOB_PREPARE, plan));
    return true;
}

static void parse_done(struct hg_dialog *dialog, struct job *job)
{
    struct prepared *prepared = dialog->parsing;

    dialog->parsing = NULL;
    if (hg_fault_is_set(&job->fault)) {
        if (job->plan->from_client)
            dialog_place(&job->fault, job->plan->text, job->plan->text, job->fault_at);
        free_prepared(prepared);
        refuse(dialog, &job->fault);
        return;
    }
    keep_prepared(dialog, prepared);
}

/* ---- Bind ---- */

/* None, one for all, or one for each. */
static bool read_formats(struct hg_reader *reader, size_t count, bool *binary)
{
    uint16_t given = hg_read_u16(reader), first = 0;

    if (given > 1 && given != count)
        return false;
    for (size_t i = 0; i < given; i++) {
        uint16_t format = hg_read_u16(reader);
        if (format > 1)
            return false;
        if (i < count)
            binary[i] = format;
        first = i ? first : format;
    }
    for (size_t i = given; given == 1 && i < count; i++)
        binary[i] = first;
    return true;
}

static bool read_values(struct portal *portal, struct hg_reader *reader, struct hg_arena *arena,
                        struct hg_fault *fault)
{
    struct plan *plan = portal->plan;
    bool *binary = HG_NEW_ARRAY(&portal->arena, bool, plan->nparameters + 1);

    portal->parameters = HG_NEW_ARRAY(&portal->arena, struct value, plan->nparameters + 1);
    portal->nparameters = plan->nparameters;
    portal->binary = HG_NEW_ARRAY(&portal->arena, bool, plan->ncolumns + 1);
    if (!read_formats(reader, plan->nparameters, binary))
        return malformed(fault, arena);
    uint16_t count = hg_read_u16(reader);
    if (count != plan->nparameters)
        return hg_fault_set(fault, arena, HG_PROTOCOL_VIOLATION,
                            "bind message supplies %u parameters, but the statement requires %zu", count,
                            plan->nparameters);
    for (size_t i = 0; i < count; i++) {
        uint32_t len = hg_read_u32(reader);
        struct hg_slice raw = {0};
        if (len != UINT32_MAX) {
            raw = hg_read_bytes(reader, len);
            raw.ptr = raw.ptr ? raw.ptr : "";
        }
        if (reader->failed)
            return malformed(fault, arena);
        if (!decode_parameter(raw, plan->types ? plan->types[i] : 0, binary[i], &portal->arena,
                              &portal->parameters[i], arena, fault))
            return false;
    }
    return read_formats(reader, plan->ncolumns, portal->binary) || malformed(fault, arena);
}

static bool bind(struct hg_dialog *dialog, struct hg_slice body, struct hg_fault *fault)
{
    struct hg_arena *arena = &dialog->arena;
    struct hg_bind_msg message;

    if (!hg_decode_bind(body, &message))
        return malformed(fault, arena);
    struct prepared *prepared = hg_map_get(&dialog->statements, message.statement);
    if (!prepared)
        return hg_fault_set(fault, arena, HG_UNDEFINED_STATEMENT,
                            "prepared statement \"%.*s\" does not exist", HG_SLICE_FMT(message.statement));
    if (!name_is_free(&dialog->portals, message.portal, HG_DUPLICATE_CURSOR, "portal", arena, fault))
        return false;
    struct portal *portal = hg_calloc(1, sizeof *portal);
    portal->name = copy_of(message.portal);
    portal->plan = plan_hold(prepared->plan);
    hg_arena_init(&portal->arena, 0);
    struct hg_reader reader = hg_reader_of(message.rest.ptr, message.rest.len);
    if (!read_values(portal, &reader, arena, fault)) {
        free_portal(dialog, portal);
        return false;
    }
    free_portal(dialog, hg_map_put(&dialog->portals, hg_slice_cstr(portal->name), portal));
    hg_encode_empty(dialog_out(dialog), HG_S_BIND_COMPLETE);
    return true;
}

/* ---- Describe, Close ---- */

static struct portal *find_portal(struct hg_dialog *dialog, struct hg_slice name, struct hg_fault *fault)
{
    struct portal *portal = hg_map_get(&dialog->portals, name);

    if (!portal)
        hg_fault_set(fault, &dialog->arena, HG_UNDEFINED_CURSOR, "portal \"%.*s\" does not exist",
                     HG_SLICE_FMT(name));
    return portal;
}

static void describe_parameters(struct hg_dialog *dialog, const struct plan *plan)
{
    struct hg_bytes *out = dialog_out(dialog);
    size_t begun = hg_frame_begin(out, HG_S_PARAMETER_DESCRIPTION);

    hg_write_u16(out, (uint16_t)plan->nparameters);
    for (size_t i = 0; i < plan->nparameters; i++)
        hg_write_u32(out, plan->types && plan->types[i] ? plan->types[i] : column_type_oid(COLUMN_TEXT));
    hg_frame_end(out, begun);
}

static bool describe(struct hg_dialog *dialog, struct hg_slice body, struct hg_fault *fault)
{
    struct hg_target_msg message;

    if (!hg_decode_target(body, &message))
        return malformed(fault, &dialog->arena);
    if (message.kind == 'P') {
        const struct portal *portal = find_portal(dialog, message.name, fault);
        if (portal)
            dialog_columns(dialog, portal->plan, portal->binary);
        return portal != NULL;
    }
    const struct prepared *prepared = hg_map_get(&dialog->statements, message.name);
    if (!prepared)
        return hg_fault_set(fault, &dialog->arena, HG_UNDEFINED_STATEMENT,
                            "prepared statement \"%.*s\" does not exist", HG_SLICE_FMT(message.name));
    describe_parameters(dialog, prepared->plan);
    dialog_columns(dialog, prepared->plan, NULL);
    return true;
}

static bool close_one(struct hg_dialog *dialog, struct hg_slice body, struct hg_fault *fault)
{
    struct hg_target_msg message;

    if (!hg_decode_target(body, &message))
        return malformed(fault, &dialog->arena);
    if (message.kind == 'P')
        free_portal(dialog, hg_map_remove(&dialog->portals, message.name));
    else
        free_prepared(hg_map_remove(&dialog->statements, message.name));
    hg_encode_empty(dialog_out(dialog), HG_S_CLOSE_COMPLETE);
    return true;
}

/* ---- Execute ---- */

/* As many rows as were asked for, then what follows them. */
static void send_rows(struct hg_dialog *dialog, struct portal *portal, int32_t most)
{
    uint64_t count = portal->left;
    size_t end = portal->at;
    struct hg_frame frame;

    if (most > 0 && (uint64_t)most < count)
        count = (uint64_t)most;
    for (uint64_t i = 0; i < count; i++) {
        if (hg_frame_peek(portal->rows.data + end, portal->rows.len - end, UINT32_MAX, &frame) !=
            HG_FRAME_COMPLETE)
            break;
        end += frame.total;
    }
    hg_write(dialog_out(dialog), portal->rows.data + portal->at, end - portal->at);
    portal->at = end;
    portal->left -= count;
    if (portal->left)
        hg_encode_empty(dialog_out(dialog), HG_S_PORTAL_SUSPENDED);
    else
        dialog_complete(dialog, portal->plan, count);
}

static struct job *make_job(struct hg_dialog *dialog, const struct portal *portal)
{
    struct job *job = job_new(dialog->session, JOB_RUN, portal->plan);
    struct value *parameters = HG_NEW_ARRAY(&job->arena, struct value, portal->nparameters + 1);

    for (size_t i = 0; i < portal->nparameters; i++) {
        parameters[i] = portal->parameters[i];
        parameters[i].text = hg_arena_slice(&job->arena, parameters[i].text);
    }
    job->parameters = parameters;
    job->nparameters = portal->nparameters;
    job->binary = HG_NEW_ARRAY(&job->arena, bool, portal->plan->ncolumns + 1);
    memcpy(job->binary, portal->binary, portal->plan->ncolumns * sizeof *job->binary);
    return job;
}

/* What needs no job. False: it does. */
static bool answer_here(struct hg_dialog *dialog, struct portal *portal)
{
    const struct plan *plan = portal->plan;
    const char *tag = plan->command ? dialog_transaction(dialog, plan) : NULL;

    if (tag) {
        hg_encode_tag(dialog_out(dialog), hg_slice_cstr(tag));
        return true;
    }
    if (plan->command && plan->command->kind == KIND_DEALLOCATE)
        dialog_forget(dialog,
                      plan_argument(plan, 0, portal->parameters, portal->nparameters, &portal->arena));
    else if (plan->value.ptr)
        dialog_value(dialog, plan);
    else if (plan->command)
        return false;
    dialog_complete(dialog, plan, 1);
    return true;
}

static bool execute(struct hg_dialog *dialog, struct hg_slice body, struct hg_fault *fault)
{
    struct hg_execute_msg message;

    if (!hg_decode_execute(body, &message))
        return malformed(fault, &dialog->arena);
    struct portal *portal = find_portal(dialog, message.portal, fault);
    if (!portal || !dialog_may_run(dialog, portal->plan, fault))
        return false;
    if (portal->ran) {
        send_rows(dialog, portal, message.max_rows);
        return true;
    }
    if (answer_here(dialog, portal))
        return true;
    dialog->executing = portal;
    dialog->most_rows = message.max_rows;
    dialog->doing = DOING_EXECUTE;
    job_start(make_job(dialog, portal));
    return true;
}

static void execute_done(struct hg_dialog *dialog, struct job *job)
{
    struct portal *portal = dialog->executing;

    dialog->executing = NULL;
    if (hg_fault_is_set(&job->fault)) {
        refuse(dialog, &job->fault);
        return;
    }
    portal->ran = true;
    portal->rows = job->out;
    job->out = (struct hg_bytes){0};
    portal->charged = job->charged;
    job->charged = 0;
    portal->left = job->count;
    send_rows(dialog, portal, dialog->most_rows);
}

void extended_done(struct hg_dialog *dialog, struct job *job)
{
    enum doing doing = dialog->doing;

    dialog->doing = DOING_NOTHING;
    if (doing == DOING_PARSE)
        parse_done(dialog, job);
    else
        execute_done(dialog, job);
}

/* ---- messages ---- */

void extended_message(struct hg_dialog *dialog, uint8_t type, struct hg_slice body)
{
    struct hg_fault fault = {0};
    bool good = true;

    if (type == HG_C_SYNC) {
        dialog->skip_to_sync = false;
        if (dialog->status == 'I')
            drop_portals(dialog);
        hg_encode_ready(dialog_out(dialog), dialog->status);
        return;
    }
    if (dialog->skip_to_sync)
        return;
    switch (type) {
    case HG_C_PARSE:
        good = parse(dialog, body, &fault);
        break;
    case HG_C_BIND:
        good = bind(dialog, body, &fault);
        break;
    case HG_C_DESCRIBE:
        good = describe(dialog, body, &fault);
        break;
    case HG_C_EXECUTE:
        good = execute(dialog, body, &fault);
        break;
    default:
        good = close_one(dialog, body, &fault);
    }
    if (!good)
        refuse(dialog, &fault);
}
