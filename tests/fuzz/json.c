#include "json.h"

#include <stdlib.h>

#include "bytes.h"

#define DEPTH_MOST 20000

struct reader {
    const char *at, *end;
    struct hg_arena *arena;
    unsigned depth;
};

static bool read_value(struct reader *reader, struct json *value);

static void skip_space(struct reader *reader)
{
    while (reader->at < reader->end && strchr(" \t\r\n", *reader->at))
        reader->at++;
}

static bool take(struct reader *reader, char c)
{
    skip_space(reader);
    if (reader->at == reader->end || *reader->at != c)
        return false;
    reader->at++;
    return true;
}

static void write_code(struct hg_bytes *out, unsigned code)
{
    if (code < 0x80) {
        hg_write_u8(out, (uint8_t)code);
    } else if (code < 0x800) {
        hg_write_u8(out, (uint8_t)(0xc0 | code >> 6));
        hg_write_u8(out, (uint8_t)(0x80 | (code & 0x3f)));
    } else {
        hg_write_u8(out, (uint8_t)(0xe0 | code >> 12));
        hg_write_u8(out, (uint8_t)(0x80 | (code >> 6 & 0x3f)));
        hg_write_u8(out, (uint8_t)(0x80 | (code & 0x3f)));
    }
}

static bool read_escape(struct reader *reader, struct hg_bytes *out)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    char digits[5] = "";
    if (reader->at == reader->end)
        return false;
    char c = *reader->at++;
    const char *found = strchr(from, c);
    if (found && c) {
        hg_write_u8(out, (uint8_t)to[found - from]);
        return true;
    }
    if (c != 'u' || reader->end - reader->at < 4)
        return false;
    memcpy(digits, reader->at, 4);
    reader->at += 4;
    write_code(out, (unsigned)strtoul(digits, NULL, 16));
    return true;
}

static bool read_string(struct reader *reader, struct hg_slice *text)
{
    struct hg_bytes out;
    bool good = take(reader, '"');
    hg_bytes_init(&out, 0);
    while (good && reader->at < reader->end && *reader->at != '"') {
        char c = *reader->at++;
        if (c == '\\')
            good = read_escape(reader, &out);
        else
            hg_write_u8(&out, (uint8_t)c);
    }
    *text = hg_arena_slice(reader->arena, hg_bytes_slice(&out));
    hg_bytes_free(&out);
    return good && take(reader, '"');
}

static void grow(struct reader *reader, struct json *value, size_t *room)
{
    if (value->count < *room)
        return;
    *room = *room ? *room * 2 : 8;
    struct json *items = HG_NEW_ARRAY(reader->arena, struct json, *room);
    struct hg_slice *names = HG_NEW_ARRAY(reader->arena, struct hg_slice, *room);
    for (size_t i = 0; i < value->count; i++) {
        items[i] = value->items[i];
        names[i] = value->names[i];
    }
    value->items = items;
    value->names = names;
}

static bool read_members(struct reader *reader, struct json *value, bool object)
{
    char end = object ? '}' : ']';
    size_t room = 0;
    value->kind = object ? JSON_OBJECT : JSON_LIST;
    if (take(reader, end))
        return true;
    do {
        struct json item = {0};
        struct hg_slice name = HG_LIT("");
        if (object && (!read_string(reader, &name) || !take(reader, ':')))
            return false;
        if (!read_value(reader, &item))
            return false;
        grow(reader, value, &room);
        value->names[value->count] = name;
        value->items[value->count++] = item;
    } while (take(reader, ','));
    return take(reader, end);
}

static bool read_word(struct reader *reader, struct json *value)
{
    const char *from = reader->at;
    while (reader->at < reader->end && !strchr(",:]} \t\r\n", *reader->at))
        reader->at++;
    value->text = hg_slice_of(from, (size_t)(reader->at - from));
    value->kind = JSON_NUMBER;
    if (hg_slice_is(value->text, "true") || hg_slice_is(value->text, "false"))
        value->kind = JSON_BOOLEAN;
    else if (hg_slice_is(value->text, "null"))
        value->kind = JSON_NULL;
    return value->text.len > 0;
}

static bool read_value(struct reader *reader, struct json *value)
{
    if (++reader->depth > DEPTH_MOST)
        return false;
    skip_space(reader);
    bool good = false;
    if (reader->at < reader->end && *reader->at == '"') {
        value->kind = JSON_STRING;
        good = read_string(reader, &value->text);
    } else if (take(reader, '{')) {
        good = read_members(reader, value, true);
    } else if (take(reader, '[')) {
        good = read_members(reader, value, false);
    } else {
        good = read_word(reader, value);
    }
    reader->depth--;
    return good;
}

const struct json *json_parse(struct hg_slice text, struct hg_arena *arena)
{
    struct reader reader = {text.ptr, text.ptr + text.len, arena, 0};
    struct json *value = HG_NEW(arena, struct json);
    if (!read_value(&reader, value))
        return NULL;
    skip_space(&reader);
    return reader.at == reader.end ? value : NULL;
}

const struct json *json_at(const struct json *object, const char *name)
{
    if (!object || object->kind != JSON_OBJECT)
        return NULL;
    for (size_t i = 0; i < object->count; i++)
        if (hg_slice_is(object->names[i], name))
            return object->items[i].kind == JSON_NULL ? NULL : &object->items[i];
    return NULL;
}

struct hg_slice json_text(const struct json *object, const char *name)
{
    const struct json *item = json_at(object, name);
    return item && item->kind == JSON_STRING ? item->text : HG_LIT("");
}

size_t json_count(const struct json *object, const char *name)
{
    const struct json *item = json_at(object, name);
    return item && item->kind == JSON_LIST ? item->count : 0;
}

const struct json *json_item(const struct json *object, const char *name, size_t index)
{
    return index < json_count(object, name) ? &json_at(object, name)->items[index] : NULL;
}
