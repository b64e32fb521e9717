/* What the files of naming share: how PostgreSQL's words are read, and what the names in them are. */
#ifndef HG_NAMING_PRIVATE_H
#define HG_NAMING_PRIVATE_H

#include "naming.h"

#define ELLIPSIS "\xe2\x80\xa6" /* in the place of a name that tenants do not know */

static const struct hg_slice none = {NULL, 0};

static inline bool begins(struct hg_slice text, struct hg_slice with)
{
    return text.len >= with.len && memcmp(text.ptr, with.ptr, with.len) == 0;
}

static inline bool ends(struct hg_slice text, struct hg_slice with)
{
    return text.len >= with.len && memcmp(text.ptr + text.len - with.len, with.ptr, with.len) == 0;
}

static inline const char *find(struct hg_slice text, struct hg_slice what)
{
    return text.len ? memmem(text.ptr, text.len, what.ptr, what.len) : NULL;
}

/* From `from` on. */
static inline struct hg_slice rest_of(struct hg_slice text, const char *from)
{
    return hg_slice_of(from, (size_t)(text.ptr + text.len - from));
}

/* The first name between double quotes, and the last, of `referenced from table "t".`; ptr NULL: there is none. */
struct hg_slice naming_first_quoted(struct hg_slice text);
struct hg_slice naming_last_quoted(struct hg_slice text);

/* The text with each name between double quotes as `called` gives it. */
struct hg_slice naming_renamed(const struct hg_naming *naming, struct hg_slice text,
                               struct hg_slice (*called)(const void *about, struct hg_slice name),
                               const void *about);

/* Did the client say it itself? */
bool naming_said(const struct hg_naming *naming, struct hg_slice what);

/* By its physical name; without a schema only when that says enough. */
const struct hg_table *naming_table(const struct hg_naming *naming, struct hg_slice schema,
                                    struct hg_slice name);
bool naming_is_readable(const struct hg_naming *naming, const struct hg_table *table); /* NULL is not */
/* `values`: not only its name, what stands in it, too. */
bool naming_is_visible(const struct hg_naming *naming, const struct hg_table *table, struct hg_slice column,
                       bool values);

#endif
