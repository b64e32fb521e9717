/* The audit's file: taking it over, appending, leaving it.
 *
 * A write that stops in the middle is gone on with where it stopped, so that no line is ever there twice. A
 * process that died may have left a torn line: whoever takes the file over cuts it off, and goes on from the
 * last whole one. The file is locked: a process that is started while its predecessor still serves its last
 * clients waits for the lock, its lines in memory. */
#define _GNU_SOURCE 1 /* memrchr */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"
#include "audit_private.h"
#include "log.h"
#include "socket.h"

#define CHUNK      65536
#define KEPT_BYTES ((size_t)4 << 20)
#define LINE_BYTES (256 << 20) /* the longest last line that is looked at */

static bool fail(const struct audit_file *file, char why[512], const char *what)
{
    snprintf(why, 512, "audit: \"%s\" %s: %s", file->path, what, hg_errno_text(errno));
    return false;
}

/* Offset of the last newline before `end`, or -1; -2 when the file cannot be read. */
static off_t newline_before(int fd, off_t end)
{
    char chunk[CHUNK];

    while (end > 0) {
        off_t from = end > CHUNK ? end - CHUNK : 0;
        ssize_t got = pread(fd, chunk, (size_t)(end - from), from);
        if (got != end - from)
            return -2;
        const char *at = memrchr(chunk, '\n', (size_t)got);
        if (at)
            return from + (at - chunk);
        end = from;
    }
    return -1;
}

/* The last line, between those two newlines. */
static bool follow(struct audit_file *file, struct hg_chain *chain, off_t from, off_t to, char why[512])
{
    struct hg_chain_line line;
    size_t len = (size_t)(to - from);

    if (to - from > LINE_BYTES) {
        snprintf(why, 512, "audit: the last line of \"%s\" is no line of an audit log", file->path);
        return false;
    }
    char *text = hg_malloc(len + 1);
    bool whole = pread(file->fd, text, len, from) == (ssize_t)len;
    const char *wrong = whole ? hg_chain_read(chain, hg_slice_of(text, len), &line) : "cannot be read";
    free(text);
    if (wrong) {
        snprintf(why, 512, "audit: the last line of \"%s\" %s; move the file away to begin a new log",
                 file->path, wrong);
        return false;
    }
    chain->lines = line.number;
    memcpy(chain->last, line.own, sizeof chain->last);
    return true;
}

static bool go_on(struct audit_file *file, struct hg_chain *chain, char why[512])
{
    struct stat about;

    if (fstat(file->fd, &about) != 0)
        return fail(file, why, "cannot be read");
    off_t last = newline_before(file->fd, about.st_size);
    if (last == -2)
        return fail(file, why, "cannot be read");
    if (about.st_size > last + 1) {
        hg_log(HG_LOG_WARNING,
               "audit: \"%s\" ends with %lld bytes of a line that is not whole; they are cut off", file->path,
               (long long)(about.st_size - last - 1));
        if (ftruncate(file->fd, last + 1) != 0)
            return fail(file, why, "cannot be repaired");
    }
    if (last < 0) /* an empty file: what came before is known to the chain, or there was nothing */
        return true;
    off_t before = newline_before(file->fd, last);
    return before == -2 ? fail(file, why, "cannot be read") : follow(file, chain, before + 1, last, why);
}

bool audit_file_take(struct audit_file *file, struct hg_chain *chain, char why[512])
{
    if (flock(file->fd, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? true : fail(file, why, "cannot be locked");
    if (audit_file_was_moved(file)) { /* while its last owner had it */
        close(file->fd);
        return audit_file_open(file, chain, why);
    }
    file->locked = true;
    return go_on(file, chain, why);
}

bool audit_file_open(struct audit_file *file, struct hg_chain *chain, char why[512])
{
    struct stat about;

    file->locked = false;
    file->fd = open(file->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
    if (file->fd < 0 || fstat(file->fd, &about) != 0)
        return fail(file, why, "cannot be opened");
    if (!S_ISREG(about.st_mode)) {
        snprintf(why, 512, "audit: \"%s\" is no file", file->path);
        return false;
    }
    if (about.st_mode & S_IRWXO)
        hg_log(HG_LOG_WARNING, "audit: everybody on this machine can use \"%s\"", file->path);
    return audit_file_take(file, chain, why);
}

int audit_file_write(struct audit_file *file, bool sync)
{
    while (file->sent < file->unwritten.len) {
        ssize_t put = write(file->fd, file->unwritten.data + file->sent, file->unwritten.len - file->sent);
        if (put > 0)
            file->sent += (size_t)put;
        else if (put == 0 || errno != EINTR)
            return put == 0 ? ENOSPC : errno;
    }
    if (file->unwritten.room > KEPT_BYTES)
        hg_bytes_free(&file->unwritten);
    hg_bytes_clear(&file->unwritten);
    file->sent = 0;
    return sync && fdatasync(file->fd) != 0 ? errno : 0;
}

void audit_file_close(struct audit_file *file)
{
    const uint8_t *newline = file->sent ? memrchr(file->unwritten.data, '\n', file->sent) : NULL;
    size_t whole = newline ? (size_t)(newline + 1 - file->unwritten.data) : 0;
    off_t end = file->fd >= 0 ? lseek(file->fd, 0, SEEK_END) : 0;

    if (file->fd >= 0 && file->sent > whole && ftruncate(file->fd, end - (off_t)(file->sent - whole)) == 0)
        file->sent = whole;
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
    file->locked = false;
}

bool audit_file_was_moved(const struct audit_file *file)
{
    struct stat here, there;

    return stat(file->path, &there) != 0 || fstat(file->fd, &here) != 0 || here.st_ino != there.st_ino ||
           here.st_dev != there.st_dev;
}
