/* The files that a snapshot is loaded from: read whole, bounded, from disk or from memory.
 *
 * A loader that is given texts reads nothing from disk: tests and fuzzing need no files, and whatever a
 * configuration names is either among the texts or does not exist. */
#ifndef HG_SOURCE_H
#define HG_SOURCE_H

#include "arena.h"

/* A file by its path as diagnostics print it. */
struct hg_source {
    const char *path;
    struct hg_slice text;
    bool world_readable;
};

/* Where files come from: `given`, or the disk when given is NULL. */
struct hg_sources {
    const struct hg_source *given;
    size_t ngiven;
};

/* Reads a regular file of at most `limit` bytes; the text lives in the arena. On failure false, *why says
 * why. */
HG_MUST_USE bool hg_source_read(const struct hg_sources *from, const char *path, size_t limit,
                                struct hg_arena *arena, struct hg_source *source, const char **why);

/* Whether this process may read the file. */
HG_MUST_USE bool hg_source_readable(const struct hg_sources *from, const char *path, const char **why);

/* Another number when the file was written, replaced, made or removed: from its inode, size and times,
 * without reading it. 0 when it is not there, and for texts from memory. Of this process only: hg_hash(). */
uint64_t hg_source_stamp(const struct hg_sources *from, const char *path);

/* The path of `name` as written in `file`: relative to the directory of that file unless it is absolute. */
const char *hg_source_beside(struct hg_arena *arena, const char *file, struct hg_slice name);

#endif
