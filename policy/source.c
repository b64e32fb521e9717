/* Reading whole files. The size is checked before and while reading, because a file may grow, and only
 * regular files are read: a pipe or a device named by mistake would block the loader or never end. */
#define _GNU_SOURCE /* strerrordesc_np */
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "map.h"

/* A constant text, unlike strerror()'s. */
static const char *reason_of(int error)
{
    const char *reason = strerrordesc_np(error);
    return reason ? reason : "unknown error";
}

static const struct hg_source *find_given(const struct hg_sources *from, const char *path)
{
    for (size_t i = 0; i < from->ngiven; i++)
        if (strcmp(from->given[i].path, path) == 0)
            return &from->given[i];
    return NULL;
}

static bool read_given(const struct hg_sources *from, const char *path, size_t limit,
                       struct hg_source *source, const char **why)
{
    const struct hg_source *given = find_given(from, path);
    if (!given) {
        *why = reason_of(ENOENT);
        return false;
    }
    if (given->text.len > limit) {
        *why = reason_of(EFBIG);
        return false;
    }
    *source = *given;
    return true;
}

/* Reads until the end of the file; true when it was reached within `room` bytes. */
static bool read_all(int fd, char *into, size_t room, size_t *len, const char **why)
{
    for (*len = 0;;) {
        ssize_t got = read(fd, into + *len, room - *len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            *why = reason_of(errno);
            return false;
        }
        if (got == 0)
            return true;
        *len += (size_t)got;
        if (*len == room) {
            *why = "it grows while it is read";
            return false;
        }
    }
}

static bool read_open(int fd, size_t limit, struct hg_arena *arena, struct hg_source *source,
                      const char **why)
{
    struct stat about, after;
    size_t len;
    if (fstat(fd, &about) != 0) {
        *why = reason_of(errno);
        return false;
    }
    if (!S_ISREG(about.st_mode)) {
        *why = "it is not a regular file";
        return false;
    }
    if ((uint64_t)about.st_size > limit) {
        *why = reason_of(EFBIG);
        return false;
    }
    /* One byte more than the file has, so that its end is seen. */
    char *text = hg_arena_alloc(arena, (size_t)about.st_size + 1);
    if (!read_all(fd, text, (size_t)about.st_size + 1, &len, why))
        return false;
    if (fstat(fd, &after) != 0 || after.st_size != about.st_size ||
        after.st_mtim.tv_sec != about.st_mtim.tv_sec || after.st_mtim.tv_nsec != about.st_mtim.tv_nsec) {
        *why = "it is being written";
        return false;
    }
    source->text = hg_slice_of(text, len);
    source->world_readable = about.st_mode & S_IROTH;
    return true;
}

bool hg_source_read(const struct hg_sources *from, const char *path, size_t limit, struct hg_arena *arena,
                    struct hg_source *source, const char **why)
{
    *source = (struct hg_source){.path = path};
    if (from->given)
        return read_given(from, path, limit, source, why);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        *why = reason_of(errno);
        return false;
    }
    bool done = read_open(fd, limit, arena, source, why);
    close(fd);
    return done;
}

bool hg_source_readable(const struct hg_sources *from, const char *path, const char **why)
{
    if (from->given ? find_given(from, path) != NULL : access(path, R_OK) == 0)
        return true;
    *why = reason_of(from->given ? ENOENT : errno);
    return false;
}

const char *hg_source_beside(struct hg_arena *arena, const char *file, struct hg_slice name)
{
    const char *slash = strrchr(file, '/');
    if (!slash || (name.len && name.ptr[0] == '/'))
        return hg_arena_cstr(arena, name);
    return hg_arena_printf(arena, "%.*s/%.*s", (int)(slash - file), file, HG_SLICE_FMT(name)).ptr;
}

uint64_t hg_source_stamp(const struct hg_sources *from, const char *path)
{
    struct stat about;
    if (from->given || !path || stat(path, &about) != 0)
        return 0;
    const uint64_t told[] = {(uint64_t)about.st_dev,          (uint64_t)about.st_ino,
                             (uint64_t)about.st_size,         (uint64_t)about.st_mtim.tv_sec,
                             (uint64_t)about.st_mtim.tv_nsec, (uint64_t)about.st_ctim.tv_sec,
                             (uint64_t)about.st_ctim.tv_nsec};
    return hg_hash(told, sizeof told);
}
