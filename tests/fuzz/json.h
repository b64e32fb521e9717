/* A small JSON reader: the form in which the parser library gives trees to the world. */
#ifndef HG_TEST_JSON_H
#define HG_TEST_JSON_H

#include "arena.h"

enum json_kind { JSON_NULL, JSON_BOOLEAN, JSON_NUMBER, JSON_STRING, JSON_LIST, JSON_OBJECT };

struct json {
    enum json_kind kind;
    struct hg_slice text; /* of a string, decoded; of a number, as written; true: "true" */
    size_t count;         /* of a list or an object */
    struct json *items;
    struct hg_slice *names; /* of an object's items */
};

/* NULL when the text is no JSON, or deeper than a few thousand levels. */
const struct json *json_parse(struct hg_slice text, struct hg_arena *arena);

/* The object's item; NULL when there is none, or it is no object, or is NULL itself. */
const struct json *json_at(const struct json *object, const char *name);
/* The same, when the item is a string; else an empty text. */
struct hg_slice json_text(const struct json *object, const char *name);
/* How many items the list has that the object's item is. */
size_t json_count(const struct json *object, const char *name);
const struct json *json_item(const struct json *object, const char *name, size_t index);

#endif
