/* The log. A line is made in memory and written at once. A failed write is not reported: there is nowhere to
 * report it to.
 *
 * Lines are counted by kind, which is the pointer of their format, or their event: a literal of the program,
 * so there are few. The count is of the second at hand; what went beyond is told by the first who comes
 * later, the next line of that kind or hg_log_settle(). */
#include "log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "json.h"

#define MESSAGE_BYTES 2048
#define FIELD_BYTES   65536u
#define MOST_KINDS    128u /* those behind share one place */

static const char *const words[] = {"INFO", "WARNING", "ERROR"};
static const char *const levels[] = {"info", "warning", "error"};

/* Lines of one kind, in one second. */
struct tally {
    const char *kind; /* NULL: a free place */
    enum hg_log_level level;
    time_t second;
    unsigned count;
};

static atomic_int chosen_format, least_level;
static atomic_uint most_lines;
static pthread_mutex_t lines = PTHREAD_MUTEX_INITIALIZER, counting = PTHREAD_MUTEX_INITIALIZER;
static struct tally tallies[MOST_KINDS]; /* [counting] */
static _Thread_local const struct hg_log_subject *about;

void hg_log_configure(enum hg_log_format format, enum hg_log_level least, unsigned most)
{
    atomic_store(&chosen_format, (int)format);
    atomic_store(&least_level, (int)least);
    atomic_store(&most_lines, most);
}

enum hg_log_format hg_log_format(void)
{
    return (enum hg_log_format)atomic_load_explicit(&chosen_format, memory_order_relaxed);
}

void hg_log_about(const struct hg_log_subject *subject)
{
    about = subject;
}

/* ---- parts ---- */

static void write_time(struct hg_bytes *out, bool json)
{
    struct timespec now;
    struct tm parts;
    char text[32];

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    size_t len = json ? strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts)
                      : strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
    hg_write(out, text, len);
    hg_write_format(out, ".%03ld%s", now.tv_nsec / 1000000, json ? "Z\"" : " UTC");
}

static struct hg_slice cut(struct hg_slice text)
{
    return hg_slice_of(text.ptr, text.len < FIELD_BYTES ? text.len : FIELD_BYTES);
}

static void write_member(struct hg_bytes *out, const char *name, const char *text)
{
    hg_write_format(out, ",\"%s\":", name);
    hg_write_json(out, cut(hg_slice_cstr(text)));
}

static void write_fields(struct hg_bytes *out, const struct hg_log_field *fields, size_t count, bool json)
{
    for (size_t i = 0; i < count; i++) {
        hg_write_format(out, json ? ",\"%s\":" : " %s=", fields[i].name);
        if (fields[i].text.ptr)
            hg_write_json(out, cut(fields[i].text));
        else
            hg_write_format(out, "%llu", (unsigned long long)fields[i].number);
    }
}

/* ---- lines ---- */

static void write_json_line(struct hg_bytes *out, enum hg_log_level level, const char *event,
                            const struct hg_log_field *fields, size_t count, const char *message)
{
    hg_write_text(out, "{\"time\":\"");
    write_time(out, true);
    hg_write_format(out, ",\"pid\":%ld,\"level\":\"%s\",\"event\":\"%s\"", (long)getpid(), levels[level],
                    event);
    if (about && about->session)
        write_member(out, "session", about->session);
    if (about && about->user)
        write_member(out, "user", about->user);
    if (about && about->tenant)
        write_member(out, "tenant", about->tenant);
    write_fields(out, fields, count, true);
    write_member(out, "message", message);
    hg_write_u8(out, '}');
}

static void write_text_line(struct hg_bytes *out, enum hg_log_level level, const struct hg_log_field *fields,
                            size_t count, const char *message)
{
    write_time(out, false);
    hg_write_format(out, " [%ld] %s: ", (long)getpid(), words[level]);
    for (const char *at = message; *at; at++)
        hg_write_u8(out, (unsigned char)*at < ' ' || *at == 0x7f ? '?' : (uint8_t)*at);
    write_fields(out, fields, count, false);
}

static void put(struct hg_bytes *line)
{
    hg_write_u8(line, '\n');
    pthread_mutex_lock(&lines);
    (void)!write(STDERR_FILENO, line->data, line->len);
    pthread_mutex_unlock(&lines);
    hg_bytes_free(line);
}

static void say(enum hg_log_level level, const char *event, const struct hg_log_field *fields, size_t count,
                const char *format, va_list arguments)
{
    char message[MESSAGE_BYTES];
    struct hg_bytes line;

    (void)vsnprintf(message, sizeof message, format, arguments);
    hg_bytes_init(&line, 0);
    if (hg_log_format() == HG_LOG_JSON)
        write_json_line(&line, level, event, fields, count, message);
    else
        write_text_line(&line, level, fields, count, message);
    put(&line);
}

/* ---- so many of each kind ---- */

static void tell_left_out(const struct tally *tally, unsigned most)
{
    const struct hg_log_subject *subject = about;
    const struct hg_log_field fields[] = {{"kind", hg_slice_cstr(tally->kind), 0},
                                          {"count", {0}, tally->count - most}};

    about = NULL; /* they were about many */
    hg_log_each(tally->level, "left_out", fields, 2, "lines were left out");
    about = subject;
}

/* [counting] */
static struct tally *tally_of(const char *kind)
{
    size_t i = 0;

    while (i < MOST_KINDS - 1 && tallies[i].kind && tallies[i].kind != kind)
        i++;
    return &tallies[i];
}

/* One more of that kind: is there room for it in this second? */
static bool is_admitted(enum hg_log_level level, const char *kind)
{
    unsigned most = atomic_load_explicit(&most_lines, memory_order_relaxed);
    time_t now = time(NULL);

    if (!most)
        return true;
    pthread_mutex_lock(&counting);
    struct tally *tally = tally_of(kind), before = *tally;
    if (tally->second != now || !tally->kind)
        *tally = (struct tally){.kind = kind, .level = level, .second = now};
    bool admitted = ++tally->count <= most;
    pthread_mutex_unlock(&counting);
    if (before.count > most && before.second != now)
        tell_left_out(&before, most);
    return admitted;
}

void hg_log_settle(bool end)
{
    unsigned most = atomic_load_explicit(&most_lines, memory_order_relaxed);
    time_t now = time(NULL);

    for (size_t i = 0; most && i < MOST_KINDS; i++) {
        pthread_mutex_lock(&counting);
        struct tally before = tallies[i];
        bool over = before.count > most && (end || before.second != now);
        if (over)
            tallies[i].count = most;
        pthread_mutex_unlock(&counting);
        if (over)
            tell_left_out(&before, most);
    }
}

static bool is_wanted(enum hg_log_level level)
{
    return (int)level >= atomic_load_explicit(&least_level, memory_order_relaxed);
}

void hg_log(enum hg_log_level level, const char *format, ...)
{
    va_list arguments;

    if (!is_wanted(level) || !is_admitted(level, format))
        return;
    va_start(arguments, format);
    say(level, "message", NULL, 0, format, arguments);
    va_end(arguments);
}

void hg_log_event(enum hg_log_level level, const char *event, const struct hg_log_field *fields, size_t count,
                  const char *format, ...)
{
    va_list arguments;

    if (!is_wanted(level) || !is_admitted(level, event))
        return;
    va_start(arguments, format);
    say(level, event, fields, count, format, arguments);
    va_end(arguments);
}

void hg_log_each(enum hg_log_level level, const char *event, const struct hg_log_field *fields, size_t count,
                 const char *format, ...)
{
    va_list arguments;

    if (!is_wanted(level))
        return;
    va_start(arguments, format);
    say(level, event, fields, count, format, arguments);
    va_end(arguments);
}

void hg_log_plainly(enum hg_log_level level, const char *format, ...)
{
    char message[MESSAGE_BYTES];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    if (hg_log_format() == HG_LOG_JSON)
        hg_log_each(level, "message", NULL, 0, "%s", message);
    else
        fprintf(stderr, "headgate: %s\n", message);
}
