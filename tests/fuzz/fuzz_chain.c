/* The chain of an audit log. The first four bytes say what is done to a log, the rest is what its lines say, one a
 * line. What must hold: the log as it was written is sound and goes on where it was left; with one byte changed, a
 * line left out, or two lines in the other order it is not; whatever else is read is not read beyond its end. */
#include <stdlib.h>

#include "../../policy/base/json.h" /* this folder has another of that name */
#include "arena.h"
#include "chain.h"

#define MOST_LINES 32u

struct log {
    struct hg_bytes text;
    struct hg_slice lines[MOST_LINES]; /* without their newlines */
    size_t count;
};

static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static void write_log(struct log *log, struct hg_chain *chain, struct hg_slice said)
{
    size_t ends[MOST_LINES];

    while (said.len && log->count < MOST_LINES) {
        const char *end = memchr(said.ptr, '\n', said.len);
        size_t len = end ? (size_t)(end - said.ptr) : said.len, begun = log->text.len;
        hg_chain_begin(chain, &log->text);
        hg_write_text(&log->text, ",\"sql\":");
        hg_write_json(&log->text, hg_slice_of(said.ptr, len));
        hg_chain_end(chain, &log->text, begun);
        ends[log->count++] = log->text.len;
        len += end != NULL;
        said = hg_slice_of(said.ptr + len, said.len - len);
    }
    for (size_t i = 0, at = 0; i < log->count; at = ends[i++])
        log->lines[i] = hg_slice_of((const char *)log->text.data + at, ends[i] - at - 1);
}

static bool is_sound(const struct log *log, const struct hg_chain *empty, size_t left_out)
{
    struct hg_chain chain = *empty;

    for (size_t i = 0; i < log->count; i++)
        if (i != left_out && hg_chain_follow(&chain, log->lines[i], false))
            return false;
    return true;
}

/* Of a copy of the line, so that nothing beyond it is read. */
static bool is_sound_changed(struct hg_chain chain, struct hg_slice line, size_t at, uint8_t bits)
{
    char *copy = hg_malloc(line.len);

    memcpy(copy, line.ptr, line.len);
    copy[at] = (char)(copy[at] ^ bits);
    bool sound = !hg_chain_follow(&chain, hg_slice_of(copy, line.len), false);
    free(copy);
    return sound;
}

static void tamper(struct log *log, const struct hg_chain *empty, const uint8_t *how)
{
    size_t which = how[0] % log->count;
    struct hg_chain chain = *empty;

    for (size_t i = 0; i < which; i++)
        must(!hg_chain_follow(&chain, log->lines[i], false));
    must(!is_sound_changed(chain, log->lines[which], (how[1] << 8 | how[2]) % log->lines[which].len,
                           how[3] ? how[3] : 1));
    if (which + 1 == log->count)
        return; /* a last line that is missing shows by what is known of the end only */
    must(!is_sound(log, empty, which));
    struct hg_slice line = log->lines[which];
    log->lines[which] = log->lines[which + 1];
    log->lines[which + 1] = line;
    must(!is_sound(log, empty, log->count));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct log log = {0};
    struct hg_chain empty, end;
    struct hg_chain_line line;

    if (size < 5)
        return 0;
    char *copy = hg_malloc(size);
    memcpy(copy, data, size);
    hg_chain_init(&empty);
    empty.keyed = data[0] & 1;
    (void)hg_chain_read(&empty, hg_slice_of(copy, size), &line);
    free(copy);
    end = empty;
    write_log(&log, &end, hg_slice_of((const char *)data + 4, size - 4));
    must(is_sound(&log, &empty, log.count) && end.lines == log.count);
    tamper(&log, &empty, data);
    hg_bytes_free(&log.text);
    return 0;
}
