/* A YAML file as a tree in which every key and value knows its place.
 *
 * The YAML that configuration needs, no more: maps, lists and scalars, one document, keys that are scalars
 * and stand once. Anchors, aliases and tags are refused (a few lines of them can stand for gigabytes), and
 * depth and the number of entries are bounded. Scalars stay text: what a scalar means is said by whoever asks
 * for it. Columns of places count characters. */
#ifndef HG_YAML_TREE_H
#define HG_YAML_TREE_H

#include "diag.h"
#include "source.h"

#define HG_YAML_MAX_DEPTH   32
#define HG_YAML_MAX_ENTRIES 4000000

enum hg_yaml_kind { HG_YAML_SCALAR, HG_YAML_LIST, HG_YAML_MAP };

struct hg_yaml {
    enum hg_yaml_kind kind;
    bool quoted; /* a scalar in quotes or as a block: never null, true or false */
    struct hg_place place;
    struct hg_slice text; /* of a scalar; terminated, but may hold NULs */
    struct hg_slice key;  /* of an entry of a map */
    struct hg_place key_place;
    size_t count;          /* entries of a list or map */
    struct hg_yaml *first; /* its first entry */
    struct hg_yaml *next;  /* the entry behind this one in the same list or map */
};

/* The tree of the file, in the arena. NULL, and an error in diags, when it is no such YAML; duplicate keys
 * are reported too, but leave a tree. `source->path` must live as long as the tree. */
HG_MUST_USE struct hg_yaml *hg_yaml_parse(const struct hg_source *source, struct hg_arena *arena,
                                          struct hg_diags *diags);

/* Nothing was written: `key:`, `~` or `null`. */
bool hg_yaml_is_null(const struct hg_yaml *node);

#endif
