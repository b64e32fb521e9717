/* What a server says of rows that a client copies, in the client's terms.
 *
 * PostgreSQL tells where: `COPY <table>, line <n>, column <name>: "<value>"`, or the line itself. Lines are
 * the client's own, since each of its lines is one line of what is sent. Only the table's name may be
 * physical, and the field in front, if there is one, is ours: it is taken away again, from the line and from
 * the numbers of fields in a header. */
#define _GNU_SOURCE 1 /* memmem */
#include "session.h"

#include "log.h"

#define COPY_OF HG_LIT("COPY ")
#define LINE    HG_LIT(", line ")
#define COLUMN  HG_LIT(", column ")
#define TEXT    HG_LIT(": \"")
#define CHECK   HG_LIT("\"headgate.foreign_tenant\"")

#define WRONG_NUMBER HG_LIT("wrong number of fields in header line: got ")
#define EXPECTED     HG_LIT(", expected ")
#define MISMATCH     HG_LIT("column name mismatch in header line field ")

static bool begins(struct hg_slice text, struct hg_slice with)
{
    return text.len >= with.len && memcmp(text.ptr, with.ptr, with.len) == 0;
}

static struct hg_slice behind(struct hg_slice text, size_t len)
{
    return hg_slice_of(text.ptr + len, text.len - len);
}

static struct hg_slice logical_name(const struct hg_verdict *verdict, struct hg_slice name)
{
    for (size_t i = 0; i < verdict->ninternal; i++)
        if (hg_slice_equal(verdict->internal_names[2 * i], name))
            return verdict->internal_names[2 * i + 1];
    return name;
}

/* Behind the number of the line: the column, or the line without the field that is not the client's. What
 * cannot be told apart is left out. */
static struct hg_slice own_part(struct hg_session *session, const struct hg_copy_in *plan,
                                struct hg_slice text)
{
    const struct hg_slice none = HG_LIT("");
    struct hg_copy_rows rows;

    if (!plan->prefixed)
        return text;
    if (begins(text, COLUMN)) {
        struct hg_slice column = behind(text, COLUMN.len);
        bool ours = begins(column, plan->tenant_column) && column.len > plan->tenant_column.len &&
                    strchr(":,", column.ptr[plan->tenant_column.len]);
        return ours ? none : text;
    }
    if (!begins(text, TEXT))
        return none;
    hg_copy_rows_init(&rows, plan, session->user->tenant->value);
    struct hg_slice line = behind(text, TEXT.len), prefix = hg_bytes_slice(&rows.prefix), own = none;
    if (!begins(line, prefix))
        prefix = hg_bytes_slice(&rows.header);
    if (begins(line, prefix))
        own = hg_arena_printf(hg_session_arena(session), ": \"%.*s", HG_SLICE_FMT(behind(line, prefix.len)));
    hg_copy_rows_free(&rows);
    return own;
}

static bool clean_where(struct hg_session *session, const struct hg_verdict *verdict, struct hg_slice *where)
{
    if (!where->ptr || !begins(*where, COPY_OF))
        return false;
    struct hg_slice rest = behind(*where, COPY_OF.len);
    const char *line = memmem(rest.ptr, rest.len, LINE.ptr, LINE.len);
    if (!line)
        return false;
    struct hg_slice name = hg_slice_of(rest.ptr, (size_t)(line - rest.ptr));
    rest = behind(rest, name.len + LINE.len);
    size_t digits = 0;
    while (digits < rest.len && rest.ptr[digits] >= '0' && rest.ptr[digits] <= '9')
        digits++;
    name = logical_name(verdict, name);
    struct hg_slice own = own_part(session, verdict->copy_in, behind(rest, digits));
    *where = hg_arena_printf(hg_session_arena(session), "COPY %.*s, line %.*s%.*s", HG_SLICE_FMT(name),
                             (int)digits, rest.ptr, HG_SLICE_FMT(own));
    return true;
}

/* Takes a number from the front of the text. */
static bool take_number(struct hg_slice *text, uint32_t *number)
{
    size_t digits = 0;

    for (*number = 0; digits < text->len && digits < 9; digits++) {
        if (text->ptr[digits] < '0' || text->ptr[digits] > '9')
            break;
        *number = *number * 10 + (uint32_t)(text->ptr[digits] - '0');
    }
    *text = behind(*text, digits);
    return digits > 0 && *number > 0;
}

/* HEADER MATCH counts fields from 1, ours among them. */
static void clean_header(struct hg_session *session, struct hg_slice *message)
{
    struct hg_slice rest = *message;
    uint32_t got, expected;

    if (begins(rest, WRONG_NUMBER)) {
        rest = behind(rest, WRONG_NUMBER.len);
        if (!take_number(&rest, &got) || !begins(rest, EXPECTED))
            return;
        rest = behind(rest, EXPECTED.len);
        if (take_number(&rest, &expected))
            *message = hg_arena_printf(hg_session_arena(session), "%.*s%u%.*s%u", HG_SLICE_FMT(WRONG_NUMBER),
                                       got - 1, HG_SLICE_FMT(EXPECTED), expected - 1);
    } else if (begins(rest, MISMATCH)) {
        rest = behind(rest, MISMATCH.len);
        if (take_number(&rest, &got))
            *message = hg_arena_printf(hg_session_arena(session), "%.*s%u%.*s", HG_SLICE_FMT(MISMATCH),
                                       got - 1, HG_SLICE_FMT(rest));
    }
}

/* A row that is not the tenant's (rewrite/copy_from.c), although we put its value in front: the server saw a
 * line where there was none, or none where there was one. */
static void tell_alarm(const struct hg_session *session, const struct hg_copy_in *plan,
                       const struct hg_error_msg *error)
{
    if (plan->prefixed && hg_slice_is(error->sqlstate, HG_UNDEFINED_OBJECT) && error->message.len &&
        memmem(error->message.ptr, error->message.len, CHECK.ptr, CHECK.len))
        hg_log(HG_LOG_ERROR, "user \"%s\": rows of COPY were not read as they were meant: %.*s",
               session->user_name, HG_SLICE_FMT(error->where));
}

bool hg_copy_clean_error(struct hg_session *session, const struct hg_verdict *verdict,
                         struct hg_error_msg *error)
{
    if (!clean_where(session, verdict, &error->where))
        return false;
    tell_alarm(session, verdict->copy_in, error);
    if (verdict->copy_in->prefixed && hg_slice_is(error->sqlstate, "22P04"))
        clean_header(session, &error->message);
    return true;
}
