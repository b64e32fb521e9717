/* libyaml's events to a tree. The parser is an event loop over an explicit stack of open lists and maps, so
 * that depth costs no C stack and one place decides what is refused. libyaml works lazily: nothing behind the
 * first refused event is read. Errors end the parse, except duplicate keys, which are found when their map
 * closes. */
#include "yaml_tree.h"

#include <string.h>
#include <yaml.h>

#include "map.h"

struct frame {
    struct hg_yaml *node; /* an open list or map */
    struct hg_yaml *last; /* its last entry so far */
    struct hg_slice key;  /* of a map: the key whose value comes next */
    struct hg_place key_place;
    bool has_key;
};

struct builder {
    yaml_parser_t parser;
    const struct hg_source *source;
    struct hg_arena *arena;
    struct hg_diags *diags;
    struct frame stack[HG_YAML_MAX_DEPTH];
    size_t depth;
    size_t entries;
    struct hg_yaml *root;
};

static struct hg_place place_of(const struct builder *builder, yaml_mark_t mark)
{
    return (struct hg_place){builder->source->path, (uint32_t)mark.line + 1, (uint32_t)mark.column + 1};
}

static bool refuse(struct builder *builder, yaml_mark_t mark, const char *hint, const char *message)
{
    hg_diag_add(builder->diags, HG_ERROR, place_of(builder, mark), hint, "%s", message);
    return false;
}

/* The place of a byte, for errors that libyaml's reader finds before any mark exists. */
static struct hg_place place_of_byte(const struct hg_source *source, size_t offset)
{
    struct hg_place place = {source->path, 1, 1};
    for (size_t i = 0; i < offset && i < source->text.len; i++) {
        place.column++;
        if (source->text.ptr[i] == '\n')
            place.line++, place.column = 1;
    }
    return place;
}

/* For those of the library's words that do not tell what to do. */
static const char *syntax_hint(const yaml_parser_t *parser, const char *context, const char *problem)
{
    const yaml_mark_t *mark = &parser->problem_mark;
    bool at_tab = parser->error == YAML_SCANNER_ERROR && parser->unread && *parser->buffer.pointer == '\t';
    if (strcmp(context, "while scanning an alias") == 0)
        return "write \"*\" in quotes";
    if (at_tab)
        return "indent with spaces, not with tabs";
    if (strcmp(problem, "did not find expected ',' or '}'") == 0 ||
        strcmp(problem, "did not find expected ',' or ']'") == 0)
        return parser->context_mark.line < mark->line ? "a bracket before this line is not closed" : NULL;
    if (strcmp(problem, "did not find expected key") == 0)
        return "the keys of one map begin in the same column";
    return NULL;
}

static bool refuse_syntax(struct builder *builder)
{
    const yaml_parser_t *parser = &builder->parser;
    struct hg_place place = parser->error == YAML_READER_ERROR
                                ? place_of_byte(builder->source, parser->problem_offset)
                                : place_of(builder, parser->problem_mark);
    const char *problem = parser->problem ? parser->problem : "the YAML parser failed";
    const char *context = parser->context ? parser->context : "";
    hg_diag_add(builder->diags, HG_ERROR, place, syntax_hint(parser, context, problem), "%s%s%s", context,
                *context ? ": " : "", problem);
    return false;
}

/* ---- duplicate keys ---- */

static void report_duplicate(struct builder *builder, const struct hg_yaml *entry,
                             const struct hg_yaml *first)
{
    struct hg_slice hint =
        hg_arena_printf(&builder->diags->arena, "it stands first in line %u", first->key_place.line);
    hg_diag_add(builder->diags, HG_ERROR, entry->key_place, hint.ptr, "key \"%.*s\" stands twice",
                (int)(entry->key.len > 80 ? 80 : entry->key.len), entry->key.ptr);
}

static void check_duplicates(struct builder *builder, const struct hg_yaml *map)
{
    if (map->count < 2)
        return;
    if (map->count > 8) {
        struct hg_map seen;
        hg_map_init(&seen);
        for (struct hg_yaml *entry = map->first; entry; entry = entry->next) {
            const struct hg_yaml *before = hg_map_get(&seen, entry->key);
            if (before)
                report_duplicate(builder, entry, before);
            else
                (void)hg_map_put(&seen, entry->key, entry);
        }
        hg_map_free(&seen);
        return;
    }
    for (const struct hg_yaml *entry = map->first; entry; entry = entry->next)
        for (const struct hg_yaml *before = map->first; before != entry; before = before->next)
            if (hg_slice_equal(entry->key, before->key)) {
                report_duplicate(builder, entry, before);
                break;
            }
}

/* ---- building ---- */

/* A new node under the innermost open one. */
static struct hg_yaml *add_node(struct builder *builder, enum hg_yaml_kind kind, yaml_mark_t mark)
{
    struct hg_yaml *node = HG_NEW(builder->arena, struct hg_yaml);
    node->kind = kind;
    node->place = place_of(builder, mark);
    if (!builder->depth) {
        builder->root = node;
        return node;
    }
    struct frame *frame = &builder->stack[builder->depth - 1];
    node->key = frame->key;
    node->key_place = frame->key_place;
    frame->has_key = false;
    if (frame->last)
        frame->last->next = node;
    else
        frame->node->first = node;
    frame->last = node;
    frame->node->count++;
    return node;
}

static bool on_scalar(struct builder *builder, const yaml_event_t *event)
{
    struct hg_slice text = hg_arena_slice(
        builder->arena, hg_slice_of((const char *)event->data.scalar.value, event->data.scalar.length));
    struct frame *frame = builder->depth ? &builder->stack[builder->depth - 1] : NULL;
    if (frame && frame->node->kind == HG_YAML_MAP && !frame->has_key) {
        frame->key = text;
        frame->key_place = place_of(builder, event->start_mark);
        frame->has_key = true;
        return true;
    }
    struct hg_yaml *node = add_node(builder, HG_YAML_SCALAR, event->start_mark);
    node->text = text;
    node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    return true;
}

static bool on_open(struct builder *builder, enum hg_yaml_kind kind, yaml_mark_t mark)
{
    if (builder->depth && builder->stack[builder->depth - 1].node->kind == HG_YAML_MAP &&
        !builder->stack[builder->depth - 1].has_key)
        return refuse(builder, mark, NULL, "a key must be plain text");
    if (builder->depth == HG_YAML_MAX_DEPTH)
        return refuse(builder, mark, NULL, "lists and maps are nested too deep");
    struct hg_yaml *node = add_node(builder, kind, mark);
    builder->stack[builder->depth++] = (struct frame){.node = node};
    return true;
}

static bool on_close(struct builder *builder)
{
    const struct hg_yaml *node = builder->stack[--builder->depth].node;
    if (node->kind == HG_YAML_MAP)
        check_duplicates(builder, node);
    return true;
}

/* Anchors and tags may stand before a scalar, a list and a map. */
static bool has_properties(const yaml_event_t *event, const char **what)
{
    const yaml_char_t *anchor = NULL, *tag = NULL;
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        anchor = event->data.scalar.anchor, tag = event->data.scalar.tag;
        break;
    case YAML_SEQUENCE_START_EVENT:
        anchor = event->data.sequence_start.anchor, tag = event->data.sequence_start.tag;
        break;
    case YAML_MAPPING_START_EVENT:
        anchor = event->data.mapping_start.anchor, tag = event->data.mapping_start.tag;
        break;
    default:
        break;
    }
    *what = anchor ? "anchors are not allowed here" : "tags are not allowed here";
    return anchor || tag;
}

static bool on_event(struct builder *builder, const yaml_event_t *event)
{
    const char *what;
    if (has_properties(event, &what))
        return refuse(builder, event->start_mark, "write every value out; quote text that begins with & or !",
                      what);
    if (++builder->entries > HG_YAML_MAX_ENTRIES)
        return refuse(builder, event->start_mark, NULL, "the file has too many entries");
    switch (event->type) {
    case YAML_ALIAS_EVENT:
        return refuse(builder, event->start_mark, "write every value out; quote text that begins with *",
                      "aliases are not allowed here");
    case YAML_DOCUMENT_START_EVENT:
        return !builder->root || refuse(builder, event->start_mark, NULL, "a second document begins here");
    case YAML_SCALAR_EVENT:
        return on_scalar(builder, event);
    case YAML_SEQUENCE_START_EVENT:
        return on_open(builder, HG_YAML_LIST, event->start_mark);
    case YAML_MAPPING_START_EVENT:
        return on_open(builder, HG_YAML_MAP, event->start_mark);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return on_close(builder);
    default:
        return true;
    }
}

static bool run(struct builder *builder)
{
    for (bool going = true; going;) {
        yaml_event_t event;
        if (!yaml_parser_parse(&builder->parser, &event))
            return refuse_syntax(builder);
        going = event.type != YAML_STREAM_END_EVENT;
        bool good = on_event(builder, &event);
        yaml_event_delete(&event);
        if (!good)
            return false;
    }
    return builder->root || refuse(builder, (yaml_mark_t){0}, NULL, "the file is empty");
}

struct hg_yaml *hg_yaml_parse(const struct hg_source *source, struct hg_arena *arena, struct hg_diags *diags)
{
    struct builder builder = {.source = source, .arena = arena, .diags = diags};
    if (!yaml_parser_initialize(&builder.parser)) {
        hg_diag_add(diags, HG_ERROR, (struct hg_place){source->path, 0, 0}, NULL, "out of memory");
        return NULL;
    }
    yaml_parser_set_encoding(&builder.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&builder.parser, (const unsigned char *)source->text.ptr, source->text.len);
    bool good = run(&builder);
    yaml_parser_delete(&builder.parser);
    return good ? builder.root : NULL;
}

bool hg_yaml_is_null(const struct hg_yaml *node)
{
    return node->kind == HG_YAML_SCALAR && !node->quoted &&
           (node->text.len == 0 || hg_slice_is(node->text, "~") || hg_slice_is(node->text, "null"));
}
