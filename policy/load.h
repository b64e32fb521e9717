/* What the loaders of the three files share while a snapshot is being built: where things live, and how
 * errors are said. */
#ifndef HG_LOAD_H
#define HG_LOAD_H

#include "snapshot.h"
#include "source.h"
#include "yaml_tree.h"

#define HG_NAME_BYTES 63 /* the longest name that PostgreSQL keeps */

/* For "%.*s" of text out of a file, which may be any length. */
#define HG_SHORT(s) (int)((s).len > 80 ? 80 : (s).len), (s).ptr

struct hg_load {
    struct hg_snapshot *snapshot; /* under construction */
    struct hg_arena *arena;       /* the snapshot's */
    struct hg_arena scratch;      /* lives as long as loading does */
    struct hg_diags *diags;
    struct hg_sources from;
    struct hg_place policy_place; /* where the configuration names the policy */
    bool offline;                 /* nobody will connect: passwords need not be at hand */
};

void hg_load_error(struct hg_load *load, struct hg_place place, const char *hint, const char *format, ...)
    HG_PRINTF(4, 5);
void hg_load_warning(struct hg_load *load, struct hg_place place, const char *hint, const char *format, ...)
    HG_PRINTF(4, 5);
void hg_load_note(struct hg_load *load, struct hg_place place, const char *format, ...) HG_PRINTF(3, 4);

/* A text made for a hint. */
const char *hg_load_text(struct hg_load *load, const char *format, ...) HG_PRINTF(2, 3);

/* Whether it is still worth looking for nearest names: after many errors it is not, since candidates may be
 * thousands. */
HG_MUST_USE bool hg_load_hints(const struct hg_load *load);

/* `did you mean "…"?` for a hint, or NULL when no candidate is near. */
const char *hg_load_nearest(struct hg_load *load, struct hg_slice name, const char *const *candidates,
                            size_t count);

/* Reads a file that `named_at` names; says so when it cannot be read. */
HG_MUST_USE bool hg_load_read(struct hg_load *load, struct hg_place named_at, const char *path, size_t limit,
                              struct hg_source *source);

/* A scalar's text, not empty, without NULs. `what` names it in the error. */
HG_MUST_USE bool hg_load_scalar(struct hg_load *load, const struct hg_yaml *node, const char *what,
                                struct hg_slice *text);

/* The node's entries if it is a map (list), nothing if it is null or absent. False, and an error, if it is
 * anything else. */
HG_MUST_USE bool hg_load_map(struct hg_load *load, const struct hg_yaml *node, const char *what);
HG_MUST_USE bool hg_load_list(struct hg_load *load, const struct hg_yaml *node, const char *what);

/* Whether a key of a map can be a name in PostgreSQL: 1 to 63 bytes, no NUL. Says so when not. */
HG_MUST_USE bool hg_load_name(struct hg_load *load, struct hg_slice name, struct hg_place place,
                              const char *what);

/* Splits `schema.table` or `schema.table.column` into exactly `count` names. A name is taken as it is
 * written, without folding; one that holds a dot stands in double quotes, as in SQL. False when the text has
 * another number of names. */
HG_MUST_USE bool hg_load_split(struct hg_load *load, struct hg_slice text, struct hg_slice *names,
                               size_t count);

/* Key of maps from schema and name: `schema NUL name`. */
struct hg_slice hg_load_pair(struct hg_arena *arena, struct hg_slice schema, struct hg_slice name);

/* The parts of loading, in their order. Each reports all that it finds and goes on as far as it can. */
void hg_load_config(struct hg_load *load, const char *path);
void hg_load_policy(struct hg_load *load, const char *path);

#endif
