/* Helpers of the loaders: errors with places, and the few shapes of YAML that all of them ask for. */
#include "load.h"

#include <stdarg.h>

#define HINTS_MOST 100 /* errors after which nearest names are no longer looked for */

static void add(struct hg_load *load, enum hg_severity severity, struct hg_place place, const char *hint,
                const char *format, va_list args) HG_PRINTF(5, 0);

static void add(struct hg_load *load, enum hg_severity severity, struct hg_place place, const char *hint,
                const char *format, va_list args)
{
    struct hg_slice message = HG_LIT("");
    if (!load->diags->dropped) /* else this one is only counted */
        message = hg_arena_vprintf(&load->scratch, format, args);
    hg_diag_add(load->diags, severity, place, hint, "%s", message.ptr);
}

void hg_load_error(struct hg_load *load, struct hg_place place, const char *hint, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(load, HG_ERROR, place, hint, format, args);
    va_end(args);
}

void hg_load_warning(struct hg_load *load, struct hg_place place, const char *hint, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(load, HG_WARNING, place, hint, format, args);
    va_end(args);
}

void hg_load_note(struct hg_load *load, struct hg_place place, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(load, HG_NOTE, place, NULL, format, args);
    va_end(args);
}

const char *hg_load_text(struct hg_load *load, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct hg_slice text = hg_arena_vprintf(&load->scratch, format, args);
    va_end(args);
    return text.ptr;
}

bool hg_load_hints(const struct hg_load *load)
{
    return load->diags->errors <= HINTS_MOST;
}

const char *hg_load_nearest(struct hg_load *load, struct hg_slice name, const char *const *candidates,
                            size_t count)
{
    const char *nearest = hg_nearest(name, candidates, count);
    return nearest ? hg_load_text(load, "did you mean \"%s\"?", nearest) : NULL;
}

bool hg_load_read(struct hg_load *load, struct hg_place named_at, const char *path, size_t limit,
                  struct hg_source *source)
{
    const char *why;
    if (hg_source_read(&load->from, path, limit, &load->scratch, source, &why))
        return true;
    hg_load_error(load, named_at, NULL, "cannot read \"%s\": %s", path, why);
    return false;
}

bool hg_load_scalar(struct hg_load *load, const struct hg_yaml *node, const char *what, struct hg_slice *text)
{
    if (node->kind != HG_YAML_SCALAR)
        hg_load_error(load, node->place, NULL, "%s must be one value, not a %s", what,
                      node->kind == HG_YAML_LIST ? "list" : "map");
    else if (hg_yaml_is_null(node) || node->text.len == 0)
        hg_load_error(load, node->place, NULL, "%s has no value", what);
    else if (memchr(node->text.ptr, '\0', node->text.len))
        hg_load_error(load, node->place, NULL, "%s holds a NUL character", what);
    else {
        *text = node->text;
        return true;
    }
    return false;
}

static bool is_kind(struct hg_load *load, const struct hg_yaml *node, enum hg_yaml_kind kind,
                    const char *what)
{
    if (!node || node->kind == kind || hg_yaml_is_null(node))
        return true;
    hg_load_error(load, node->place, kind == HG_YAML_LIST ? "for example [a, b]" : NULL, "%s must be a %s",
                  what, kind == HG_YAML_LIST ? "list" : "map");
    return false;
}

bool hg_load_map(struct hg_load *load, const struct hg_yaml *node, const char *what)
{
    return is_kind(load, node, HG_YAML_MAP, what);
}

bool hg_load_list(struct hg_load *load, const struct hg_yaml *node, const char *what)
{
    return is_kind(load, node, HG_YAML_LIST, what);
}

bool hg_load_name(struct hg_load *load, struct hg_slice name, struct hg_place place, const char *what)
{
    if (name.len == 0)
        hg_load_error(load, place, NULL, "%s is empty", what);
    else if (name.len > HG_NAME_BYTES)
        hg_load_error(load, place, NULL, "%s \"%.*s\" is longer than %d bytes", what, HG_SHORT(name),
                      HG_NAME_BYTES);
    else if (memchr(name.ptr, '\0', name.len))
        hg_load_error(load, place, NULL, "%s holds a NUL character", what);
    else
        return true;
    return false;
}

/* Takes one name, quoted or plain, off the front of the text. */
static bool take_name(struct hg_load *load, struct hg_slice *text, struct hg_slice *name)
{
    const char *at = text->ptr, *end = text->ptr + text->len;
    if (at == end || *at != '"') {
        while (at < end && *at != '.' && *at != '"')
            at++;
        *name = hg_arena_slice(load->arena, hg_slice_of(text->ptr, (size_t)(at - text->ptr)));
    } else {
        char *into = hg_arena_alloc(load->arena, text->len + 1);
        size_t len = 0;
        for (at++; at < end && (*at != '"' || (at + 1 < end && at[1] == '"')); at++) {
            at += *at == '"';
            into[len++] = *at;
        }
        if (at == end)
            return false;
        at++;
        *name = hg_slice_of(into, len);
    }
    *text = hg_slice_of(at, (size_t)(end - at));
    return name->len != 0;
}

bool hg_load_split(struct hg_load *load, struct hg_slice text, struct hg_slice *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i) {
            if (text.len == 0 || text.ptr[0] != '.')
                return false;
            text = hg_slice_of(text.ptr + 1, text.len - 1);
        }
        if (!take_name(load, &text, &names[i]))
            return false;
    }
    return text.len == 0;
}

struct hg_slice hg_load_pair(struct hg_arena *arena, struct hg_slice schema, struct hg_slice name)
{
    char *text = hg_arena_alloc(arena, schema.len + name.len + 2);
    memcpy(text, schema.ptr, schema.len);
    memcpy(text + schema.len + 1, name.ptr, name.len);
    return hg_slice_of(text, schema.len + 1 + name.len);
}
